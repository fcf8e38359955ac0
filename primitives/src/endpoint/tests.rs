//! Which addresses of agents are accepted.

use super::{EndpointError, EndpointUrl};
use alloc::format;
use core::net::IpAddr;
use proptest::prelude::*;

/// What is wrong with an address.
fn read(endpoint: &str) -> Option<EndpointError> {
    EndpointUrl::parse(endpoint.as_bytes()).err()
}

#[test]
fn an_address_is_read_in_parts() {
    let text = "https://GPU-7.example.org:8443/agent";
    let named = EndpointUrl {
        text,
        is_https: true,
        host: "GPU-7.example.org",
        address: None,
    };
    assert_eq!(EndpointUrl::parse(text.as_bytes()), Ok(named));
    for (text, host) in [("http://10.0.0.7:80", "10.0.0.7"), ("http://[::1]:80/a", "::1")] {
        let numbered = EndpointUrl {
            text,
            is_https: false,
            host,
            address: Some(host.parse::<IpAddr>().unwrap()),
        };
        assert_eq!(EndpointUrl::parse(text.as_bytes()), Ok(numbered));
    }
}

#[test]
fn plain_addresses_are_accepted() {
    for endpoint in [
        "http://a",
        "http://10.0.0.7",
        "http://127.0.0.1:8000",
        "http://localhost:9944/",
        "https://gpu-7.example.org",
        "https://gpu-7.example.org:8443/agent/v1",
        "https://GPU.Example.ORG",
        "http://7.example.org",
        "http://xn--bcher-kva.example",
        "http://[::1]",
        "http://[2001:db8::7]:65535/a",
        "http://[::ffff:10.0.0.7]/",
        "http://a:1",
        "http://a/-._~!$&'()*+,;=:@//",
    ] {
        assert_eq!(read(endpoint), None, "{endpoint}");
    }
}

fn all_are(error: EndpointError, endpoints: &[&str]) {
    for endpoint in endpoints {
        assert_eq!(read(endpoint), Some(error), "{endpoint}");
    }
}

#[test]
fn another_scheme_is_refused() {
    all_are(
        EndpointError::Scheme,
        &[
            "",
            "a",
            "http",
            "http:",
            "http:/",
            "http:/a",
            "http:a",
            "//a",
            "ftp://a",
            "HTTP://a",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "xhttp://a",
        ],
    );
}

#[test]
fn characters_that_an_address_cannot_have_are_refused() {
    all_are(
        EndpointError::Character,
        &[
            " http://a",
            "http://a ",
            "http://a b",
            "http://a\n",
            "http://a\r\nHost: b",
            "http://a/\t",
            "http://a/\0",
            "http://a/\u{7f}",
            "http://b\u{fc}cher.example",
            "http://a/\u{202e}",
            "http://a/\\b",
            "http://a/%00",
            "http://a/%2e%2e",
            "http://a/\"",
            "http://a/<script>",
            "http://a/[b]",
        ],
    );
    let not_text = EndpointUrl::parse(&[0xff; 20]);
    assert_eq!(not_text, Err(EndpointError::Character));
}

#[test]
fn user_info_is_refused() {
    all_are(
        EndpointError::UserInfo,
        &[
            "http://user@a",
            "http://user:password@a",
            "http://@a",
            "http://example.org:80@evil.example",
            "http://example.org:80@evil.example/path",
        ],
    );
}

#[test]
fn queries_and_fragments_are_refused() {
    all_are(
        EndpointError::Query,
        &[
            "http://a?b",
            "http://a/?",
            "http://a#",
            "http://a/b#c",
            "http://a/#@b",
        ],
    );
}

#[test]
fn what_is_no_host_is_refused() {
    let long_label = format!("http://{}", "a".repeat(64));
    let long_name = format!("http://{}a", "a.".repeat(127));
    all_are(
        EndpointError::Host,
        &[
            "http://",
            "http:///",
            "http:///path",
            "http://:80",
            "http://.",
            "http://a.",
            "http://.a",
            "http://a..b",
            "http://-a",
            "http://a-",
            "http://a_b",
            "http://a\\b",
            "http://a%2fb",
            "http://256.1.1.1",
            "http://1.2.3",
            "http://2130706433",
            "http://0x7f000001",
            "http://127.0.0.0x1",
            "http://010.0.0.1",
            "http://[",
            "http://[]",
            "http://[::1",
            "http://[::1]a",
            "http://[::1]]",
            "http://[10.0.0.7]",
            "http://[fe80::1%25eth0]",
            "http://[::g]",
            long_label.as_str(),
            long_name.as_str(),
        ],
    );
}

#[test]
fn what_is_no_port_is_refused() {
    all_are(
        EndpointError::Port,
        &[
            "http://a:",
            "http://a:/",
            "http://a:0",
            "http://a:65536",
            "http://a:99999999999999999999",
            "http://a:+80",
            "http://a:-1",
            "http://a:80:80",
            "http://a:b",
            "http://[::1]:",
            "http://[::1]:0",
        ],
    );
}

proptest! {
    #[test]
    fn any_bytes_can_be_checked(endpoint in prop::collection::vec(any::<u8>(), 0..256)) {
        let _ = EndpointUrl::parse(&endpoint);
    }

    #[test]
    fn any_text_after_the_scheme_can_be_checked(rest in "[ -~]{0,40}") {
        if read(&format!("http://{rest}")).is_none() {
            prop_assert!(!rest.contains([' ', '?', '#', '\\', '%']));
            let authority = rest.split('/').next().unwrap_or_default();
            prop_assert!(!authority.is_empty() && !authority.contains('@'));
        }
    }
}

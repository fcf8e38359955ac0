//! Which addresses a verifier calls.
//!
//! A provider writes down where its agent answers, and every verifier of a committee then sends requests there,
//! from inside whatever network it stands in. So the address must not be one that means something else to the
//! verifier than to the rest of the world:
//!
//! - An **IP address** must be a public one. Loopback, private, link-local, shared (CGNAT), documentation,
//!   benchmarking, reserved and multicast ranges are refused, and so are IPv6 addresses that contain an IPv4
//!   address (mapped, compatible, NAT64, 6to4, Teredo), since a gateway would unpack them.
//! - A **host name** is resolved only when the connection is made, and whoever owns the name decides to what. By
//!   then nobody can look at the address any more, so a name is accepted with `https` only: what answers has to
//!   show a certificate for that very name before it is sent anything. A plain service of the verifier's own
//!   network, a router's page or a cloud's metadata service, has none, and receives no request.
//!
//! Networks on one machine or in one building (development, local presets) allow all addresses.
//!
//! The address is read as the chain has read it when the device was registered: what is judged here has to be what is
//! called. Nothing is accepted that two parsers could read differently.

use alloc::string::String;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an endpoint is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForbiddenEndpoint {
    /// It is not the plain address of a web server.
    #[error("it is not a plain http or https address ({0:?})")]
    Syntax(loopin_primitives::EndpointError),
    /// It is an IP address that is not public.
    #[error("it is not a public IP address")]
    NotPublic,
    /// It is a host name, and the scheme is not `https`.
    #[error("a host name needs https")]
    NameWithoutHttps,
}

/// An address that may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address without a slash at its end. Paths are appended to it.
    pub base: String,
    /// Host name or IP address, in small letters.
    pub host: String,
}

/// Whether the agent at `endpoint` may be called.
///
/// # Errors
/// Why not.
pub fn check(endpoint: &[u8], allow_private_addresses: bool) -> Result<Endpoint, ForbiddenEndpoint> {
    let read = loopin_primitives::EndpointUrl::parse(endpoint).map_err(ForbiddenEndpoint::Syntax)?;
    if !allow_private_addresses {
        match read.address {
            Some(address) if !is_public(address) => return Err(ForbiddenEndpoint::NotPublic),
            None if !read.is_https => return Err(ForbiddenEndpoint::NameWithoutHttps),
            _ => (),
        }
    }
    Ok(Endpoint {
        base: read.text.trim_end_matches('/').into(),
        host: read.host.to_ascii_lowercase(),
    })
}

/// Whether the whole world means the same by an IP address.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether the whole world means the same by an IPv4 address: the IANA special-purpose registry, and multicast.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        // This network, private, loopback.
        (0 | 10 | 127, _, _) => false,
        // Shared by the customers of a provider (CGNAT).
        (100, 64..=127, _) => false,
        // Link-local. Clouds have their metadata services here.
        (169, 254, _) => false,
        // Private.
        (172, 16..=31, _) | (192, 168, _) => false,
        // Protocol assignments, documentation.
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) => false,
        // Relays of 6to4 and AMT, AS112.
        (192, 88, 99) | (192, 52, 193) | (192, 31, 196) | (192, 175, 48) => false,
        // Benchmarks.
        (198, 18..=19, _) => false,
        // Multicast, reserved, broadcast.
        (224.., _, _) => false,
        _ => true,
    }
}

/// Whether the whole world means the same by an IPv6 address, and no gateway takes it for an IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    match (a, b) {
        // Protocol assignments: Teredo, ORCHID, AMT and the like.
        (0x2001, 0x0000..=0x01ff) => false,
        // Documentation.
        (0x2001, 0x0db8) | (0x3fff, 0x0000..=0x0fff) => false,
        // 6to4, which contains an IPv4 address.
        (0x2002, _) => false,
        // Global unicast addresses are given out from 2000::/3. Outside of it are loopback, unspecified, mapped,
        // compatible, NAT64, discard, local, link-local, site-local and multicast addresses.
        (0x2000..=0x3fff, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn public(endpoint: &str) -> Result<(), ForbiddenEndpoint> {
        check(endpoint.as_bytes(), false).map(drop)
    }

    fn anywhere(endpoint: &str) -> Result<(), ForbiddenEndpoint> {
        check(endpoint.as_bytes(), true).map(drop)
    }

    #[test]
    fn public_addresses_and_names_with_https_are_called() {
        for endpoint in [
            "http://8.8.8.8",
            "http://1.1.1.1:9090/agent",
            "http://100.63.255.255",
            "http://100.128.0.1",
            "http://172.15.0.1",
            "http://172.32.0.1",
            "http://192.0.1.1",
            "http://198.17.255.255",
            "http://198.20.0.1",
            "http://223.255.255.255",
            "https://9.9.9.9:8443",
            "http://[2606:4700:4700::1111]:80/",
            "https://[2a00:1450:4001::1]",
            "http://[2001:4860:4860::8888]",
            "http://[2001:200::1]",
            "https://gpu-7.example.org:8443/agent",
            "https://localhost",
            "https://a.b.c.d.example",
            "https://0x7f.example",
        ] {
            assert_eq!(public(endpoint), Ok(()), "{endpoint}");
        }
    }

    #[test]
    fn addresses_of_the_verifiers_own_network_are_not_called() {
        for host in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.1.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[::8.8.8.8]",
            "[::ffff:8.8.8.8]",
            "[::ffff:127.0.0.1]",
            "[::ffff:0:7f00:1]",
            "[64:ff9b::8.8.8.8]",
            "[64:ff9b::a00:1]",
            "[64:ff9b:1::1]",
            "[100::1]",
            "[2001::1]",
            "[2001:0:4136:e378::1]",
            "[2001:10::1]",
            "[2001:20::1]",
            "[2001:1ff::1]",
            "[2001:db8::1]",
            "[2002:a00:1::1]",
            "[2002:808:808::1]",
            "[3fff::1]",
            "[3fff:fff::1]",
            "[4000::1]",
            "[5f00::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[fe80::1]",
            "[febf::1]",
            "[fec0::1]",
            "[ff02::1]",
        ] {
            for scheme in ["http", "https"] {
                for port in ["", ":80"] {
                    let endpoint = alloc::format!("{scheme}://{host}{port}/x");
                    assert_eq!(public(&endpoint), Err(ForbiddenEndpoint::NotPublic), "{endpoint}");
                    assert_eq!(anywhere(&endpoint), Ok(()), "{endpoint}");
                }
            }
        }
    }

    #[test]
    fn a_name_is_called_with_https_only_unless_all_is_allowed() {
        for host in [
            "example.org",
            "localhost",
            "metadata.google.internal",
            "127.0.0.1.nip.io",
        ] {
            let endpoint = alloc::format!("http://{host}:8080");
            assert_eq!(
                public(&endpoint),
                Err(ForbiddenEndpoint::NameWithoutHttps),
                "{endpoint}"
            );
            assert_eq!(anywhere(&endpoint), Ok(()), "{endpoint}");
            assert_eq!(public(&endpoint.replace("http", "https")), Ok(()), "{endpoint}");
        }
    }

    #[test]
    fn what_two_parsers_could_read_differently_is_called_by_nobody() {
        for endpoint in [
            "",
            "8.8.8.8",
            "ftp://8.8.8.8",
            "HTTP://8.8.8.8",
            "http:8.8.8.8",
            "http:/8.8.8.8",
            "http:///8.8.8.8",
            "http://",
            "http://:80",
            "http:// 8.8.8.8",
            "http://8.8.8.8 ",
            "http://8.8.8.8\n",
            "http://8.8.8.8/a b",
            "http://8.8.8.8/a\r\nHost: x",
            "http://user@8.8.8.8",
            "http://user:password@8.8.8.8",
            "http://8.8.8.8@127.0.0.1",
            "http://8.8.8.8\\@127.0.0.1",
            "http://127.0.0.1#@8.8.8.8/",
            "http://8.8.8.8?x",
            "http://8.8.8.8/?x",
            "http://8.8.8.8/#x",
            "http://8.8.8.8/%2e",
            "http://8.8.8.8:0",
            "http://8.8.8.8:65536",
            "http://8.8.8.8:+80",
            "http://8.8.8.8:",
            "http://8.8.8.8:80:80",
            "http://8.8.8",
            "http://8.8.8.8.8",
            "http://134744072",
            "http://0x08080808",
            "http://0x7f.0.0.1",
            "http://010.0.0.1",
            "http://08.8.8.8",
            "http://1.2.3.0X4",
            "http://1.2.3.0x",
            "http://8.8.8.8.",
            "https://example.org.",
            "https://.example.org",
            "https://a..b",
            "https://-a.b",
            "https://a-.b",
            "https://ex_ample.org",
            "https://exämple.org",
            "http://[::1",
            "http://::1",
            "http://[::1]80",
            "http://[::1]:",
            "http://[fe80::1%eth0]",
            "http://[8.8.8.8]",
            "http://[v1.x]",
            "http://[]",
        ] {
            for verdict in [public(endpoint), anywhere(endpoint)] {
                assert!(matches!(verdict, Err(ForbiddenEndpoint::Syntax(_))), "{endpoint}");
            }
        }
    }

    #[test]
    fn paths_are_appended_to_the_address_without_its_last_slashes() {
        let endpoint = check(b"https://GPU.Example.org:1/agent//", false).expect("public");
        assert_eq!(endpoint.base, "https://GPU.Example.org:1/agent");
        assert_eq!(endpoint.host, "gpu.example.org");
        let endpoint = check(b"http://[2606:4700::1]/", false).expect("public");
        assert_eq!(endpoint.base, "http://[2606:4700::1]");
        assert_eq!(endpoint.host, "2606:4700::1");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_what_is_public_is_also_allowed_at_home(bytes: Vec<u8>, text in "https?://[0-9a-fx.:\\[\\]/@-]{0,40}") {
            for endpoint in [&bytes[..], text.as_bytes()] {
                let strict = check(endpoint, false);
                prop_assert!(strict.is_err() || strict == check(endpoint, true));
            }
        }

        #[test]
        fn an_ipv4_address_inside_an_ipv6_address_is_never_called(v4: u32) {
            let v4 = Ipv4Addr::from(v4);
            for host in [alloc::format!("::ffff:{v4}"), alloc::format!("::{v4}"), alloc::format!("64:ff9b::{v4}")] {
                prop_assert_eq!(public(&alloc::format!("http://[{host}]")), Err(ForbiddenEndpoint::NotPublic));
            }
        }

        #[test]
        fn the_standard_librarys_opinion_is_shared(v4: u32) {
            let address = Ipv4Addr::from(v4);
            if address.is_private() || address.is_loopback() || address.is_link_local() || address.is_broadcast()
                || address.is_documentation() || address.is_multicast() || address.is_unspecified()
            {
                prop_assert!(!is_public_v4(address));
            }
        }
    }
}

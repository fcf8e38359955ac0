//! Where the agent of a device answers: which addresses are accepted.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};
use frame_support::PalletError;
use scale_info::TypeInfo;

/// The longest part between two dots of a host name.
const MAX_LABEL_BYTES: usize = 63;

/// Why an address of an agent is not accepted.
#[derive(
    Clone,
    Copy,
    Debug,
    Decode,
    DecodeWithMemTracking,
    Encode,
    Eq,
    MaxEncodedLen,
    PalletError,
    PartialEq,
    TypeInfo,
)]
pub enum EndpointError {
    /// It does not begin with `http://` or `https://`, in small letters.
    #[codec(index = 0)]
    Scheme,
    /// It has a character that such an address cannot have: a space, a control character, one beyond ASCII, or
    /// one of `\ % " < > ^ { | } [ ]` and the backtick. Brackets may only enclose an IPv6 address.
    #[codec(index = 1)]
    Character,
    /// It names a user or password, as in `http://user@host`.
    #[codec(index = 2)]
    UserInfo,
    /// It has a query, after `?`, or a fragment, after `#`. Verifiers append paths to the address.
    #[codec(index = 3)]
    Query,
    /// The host is missing, or neither a host name of letters, digits, hyphens and dots, nor an IPv4 address, nor
    /// an IPv6 address in brackets.
    #[codec(index = 4)]
    Host,
    /// The port is not a number from 1 to 65535.
    #[codec(index = 5)]
    Port,
}

/// Checks that `endpoint` is a plain address of a web server, as `https://gpu-7.example.org:8443/agent`. The one
/// whom it is for may read it in any way: it means the same to every URL parser.
///
/// Whether it may be called is for the caller to decide. Addresses of the caller's own network are accepted here.
pub fn check_endpoint(endpoint: &[u8]) -> Result<(), EndpointError> {
    if !endpoint.iter().all(u8::is_ascii_graphic) {
        return Err(EndpointError::Character);
    }
    let text = core::str::from_utf8(endpoint).map_err(|_| EndpointError::Character)?;
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or(EndpointError::Scheme)?;
    if rest.contains(['?', '#']) {
        return Err(EndpointError::Query);
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains('@') {
        return Err(EndpointError::UserInfo);
    }
    if !path.chars().all(is_path_character) {
        return Err(EndpointError::Character);
    }
    check_authority(authority)
}

/// What may stand in a path, according to RFC 3986, without escapes.
fn is_path_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/".contains(character)
}

fn check_authority(authority: &str) -> Result<(), EndpointError> {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']').ok_or(EndpointError::Host)?;
        Ipv6Addr::from_str(host).map_err(|_| EndpointError::Host)?;
        return match after.strip_prefix(':') {
            Some(port) => check_port(port),
            None if after.is_empty() => Ok(()),
            None => Err(EndpointError::Host),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) => {
            check_host(host)?;
            check_port(port)
        }
        None => check_host(authority),
    }
}

fn check_host(host: &str) -> Result<(), EndpointError> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= MAX_LABEL_BYTES
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !host.split('.').all(is_label) {
        return Err(EndpointError::Host);
    }
    // A name that ends in a number is read as an IPv4 address by some, in various ways where it is none.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .or_else(|| last.strip_prefix("0X"))
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_number && Ipv4Addr::from_str(host).is_err() {
        return Err(EndpointError::Host);
    }
    Ok(())
}

fn check_port(port: &str) -> Result<(), EndpointError> {
    let is_port =
        port.bytes().all(|byte| byte.is_ascii_digit()) && u16::from_str(port).is_ok_and(|number| number > 0);
    is_port.then_some(()).ok_or(EndpointError::Port)
}

//! Where the agent of a device answers: which addresses are accepted, and how they are read.
//!
//! The chain reads an address when a device is registered, verifiers before they call it. There is only one parser, so
//! what is called is what was accepted.

#[cfg(test)]
mod tests;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};
use frame_support::PalletError;
use scale_info::TypeInfo;

/// The longest part of a host name between two dots.
const MAX_LABEL_BYTES: usize = 63;
/// The longest host name.
const MAX_NAME_BYTES: usize = 253;

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
    /// It does not begin with `http://` or `https://`, in lower case.
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

/// The address of a device's agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointUrl<'a> {
    /// All of it.
    pub text: &'a str,
    /// Whether its scheme is `https`, and not `http`.
    pub is_https: bool,
    /// Host name or IP address as it is written, without brackets.
    pub host: &'a str,
    /// The IP address, if the host is not a name.
    pub address: Option<IpAddr>,
}

impl<'a> EndpointUrl<'a> {
    /// Reads a plain address of a web server, such as `https://gpu-7.example.org:8443/agent`. Whatever is accepted means
    /// the same to every URL parser.
    ///
    /// Whether it may be called is for the caller to decide. Addresses in the caller's own network are accepted here.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(endpoint: &'a [u8]) -> Result<Self, EndpointError> {
        if !endpoint.iter().all(u8::is_ascii_graphic) {
            return Err(EndpointError::Character);
        }
        let text = core::str::from_utf8(endpoint).map_err(|_| EndpointError::Character)?;
        let (is_https, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://").ok_or(EndpointError::Scheme)?),
        };
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
        let (host, address) = parse_authority(authority)?;
        Ok(Self {
            text,
            is_https,
            host,
            address,
        })
    }
}

/// What may be in a path, according to RFC 3986, apart from escapes.
fn is_path_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/".contains(character)
}

fn parse_authority(authority: &str) -> Result<(&str, Option<IpAddr>), EndpointError> {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']').ok_or(EndpointError::Host)?;
        let address = Ipv6Addr::from_str(host).map_err(|_| EndpointError::Host)?;
        if !after.is_empty() {
            check_port(after.strip_prefix(':').ok_or(EndpointError::Host)?)?;
        }
        return Ok((host, Some(address.into())));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let address = parse_host(host)?;
    port.map_or(Ok(()), check_port)?;
    Ok((host, address.map(IpAddr::from)))
}

/// An IPv4 address of four decimal numbers, or a name that no program reads as an address.
fn parse_host(host: &str) -> Result<Option<Ipv4Addr>, EndpointError> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= MAX_LABEL_BYTES
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if host.len() > MAX_NAME_BYTES || !host.split('.').all(is_label) {
        return Err(EndpointError::Host);
    }
    if let Ok(address) = Ipv4Addr::from_str(host) {
        return Ok(Some(address));
    }
    // Some systems read names that end in a number as IPv4 addresses, in octal, hexadecimal or with fewer parts.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = match last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => last.bytes().all(|byte| byte.is_ascii_digit()),
    };
    if is_number {
        Err(EndpointError::Host)
    } else {
        Ok(None)
    }
}

fn check_port(port: &str) -> Result<(), EndpointError> {
    let is_port =
        port.bytes().all(|byte| byte.is_ascii_digit()) && u16::from_str(port).is_ok_and(|number| number > 0);
    is_port.then_some(()).ok_or(EndpointError::Port)
}

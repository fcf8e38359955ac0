//! The key with which a client logs in to the devices it rents: which ones are accepted.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::PalletError;
use scale_info::TypeInfo;

/// Why an access key is not accepted.
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
pub enum AccessKeyError {
    /// It has a character that is not printable ASCII, such as a line break.
    #[codec(index = 0)]
    Character,
    /// It does not begin with a known type of key, followed by a space: `ssh-ed25519`, `ssh-rsa`,
    /// `ecdsa-sha2-nistp256`, `-nistp384` or `-nistp521`, `sk-ssh-ed25519@openssh.com` or
    /// `sk-ecdsa-sha2-nistp256@openssh.com`.
    #[codec(index = 1)]
    Type,
    /// What follows is not the base64 form of a key of that type, up to the end or a space.
    #[codec(index = 2)]
    Key,
}

/// The types of keys, and the letters with which the base64 form of every key of that type begins: it repeats its
/// type.
const TYPES: [(&str, &str); 7] = [
    ("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5"),
    (
        "sk-ssh-ed25519@openssh.com",
        "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t",
    ),
    ("ecdsa-sha2-nistp256", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNT"),
    ("ecdsa-sha2-nistp384", "AAAAE2VjZHNhLXNoYTItbmlzdHAzOD"),
    ("ecdsa-sha2-nistp521", "AAAAE2VjZHNhLXNoYTItbmlzdHA1Mj"),
    (
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb2",
    ),
    ("ssh-rsa", "AAAAB3NzaC1yc2"),
];

/// Letters of base64 that stand for three bytes.
const BASE64_GROUP: usize = 4;

/// Checks that `access_key` is one line as in OpenSSH's `authorized_keys`, without options: a type, a key and optionally
/// a comment.
pub fn check_access_key(access_key: &[u8]) -> Result<(), AccessKeyError> {
    if !access_key.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return Err(AccessKeyError::Character);
    }
    let line = core::str::from_utf8(access_key).map_err(|_| AccessKeyError::Character)?;
    let (name, rest) = line.split_once(' ').ok_or(AccessKeyError::Type)?;
    let (_, beginning) = TYPES
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or(AccessKeyError::Type)?;
    let key = rest.split(' ').next().unwrap_or_default();
    let is_key = key.starts_with(beginning) && key.len() > beginning.len() && is_base64(key);
    is_key.then_some(()).ok_or(AccessKeyError::Key)
}

fn is_base64(text: &str) -> bool {
    let unpadded = text
        .strip_suffix("==")
        .or_else(|| text.strip_suffix('='))
        .unwrap_or(text);
    text.len().is_multiple_of(BASE64_GROUP)
        && unpadded
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}

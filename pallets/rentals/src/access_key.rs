//! The key with which a client logs in to the devices it rents: which ones are accepted.

use crate::MAX_ACCESS_KEY_BYTES;
use base64ct::{Base64, Encoding};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{PalletError, ensure};
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
    /// The line has a character that is not printable ASCII, such as a line break. Give one line, and a comment
    /// without accents or none.
    #[codec(index = 0)]
    Character,
    /// The line does not begin with a type of key that is known, followed by a space: `ssh-ed25519`, `ssh-rsa`,
    /// `ecdsa-sha2-nistp256`, `-nistp384` or `-nistp521`, `sk-ssh-ed25519@openssh.com` or
    /// `sk-ecdsa-sha2-nistp256@openssh.com`. Leave out options, or make a key with `ssh-keygen -t ed25519`.
    #[codec(index = 1)]
    Type,
    /// What follows the type is not base64 up to the end or a space, or is too long. Copy the line of the `.pub`
    /// file once more.
    #[codec(index = 2)]
    NotBase64,
    /// The key ends too soon. Copy the whole line of the `.pub` file.
    #[codec(index = 3)]
    Incomplete,
    /// Something follows the key, without a space. Copy the line of the `.pub` file and nothing else.
    #[codec(index = 4)]
    Surplus,
    /// The key says that it is of another type than the line does. Copy the line of the `.pub` file unchanged.
    #[codec(index = 5)]
    OtherType,
    /// The key is of another curve than its type. Make a new key.
    #[codec(index = 6)]
    Curve,
    /// The key is not 32 bytes of Ed25519, or not an uncompressed point of its curve. Make a new key.
    #[codec(index = 7)]
    Point,
    /// The application of the security key contains a zero byte. Make a new key.
    #[codec(index = 8)]
    Application,
    /// The exponent or the modulus of the RSA key is not an odd positive number in its shortest form, or the exponent
    /// is 1 or has more than 64 bits. Make a new key.
    #[codec(index = 9)]
    Number,
    /// The RSA key has fewer than 2,048 bits. Make a longer one, or one with `ssh-keygen -t ed25519`.
    #[codec(index = 10)]
    Weak,
}

/// The fewest bits of an RSA key. OpenSSH takes 1,024 by default, but numbers of that size are no longer safe from
/// being factored, and this chain shows everybody the key together with what it opens. Some distributions' servers
/// refuse it as well, which the client would learn only after having paid.
const MIN_RSA_BITS: u32 = 2_048;
/// The most bits of its exponent: OpenSSL refuses more with long keys.
const MAX_EXPONENT_BITS: u32 = 64;

/// The most bytes that a key can have: four letters of base64 stand for three.
const MAX_KEY_BYTES: usize = MAX_ACCESS_KEY_BYTES as usize / 4 * 3;

/// The types of keys, and the fields that a key of each has after the name of its type.
const TYPES: [(&str, &[Field]); 7] = [
    ("ssh-ed25519", &[Field::Ed25519]),
    (
        "sk-ssh-ed25519@openssh.com",
        &[Field::Ed25519, Field::Application],
    ),
    (
        "ecdsa-sha2-nistp256",
        &[Field::Curve("nistp256"), Field::Point(65)],
    ),
    (
        "ecdsa-sha2-nistp384",
        &[Field::Curve("nistp384"), Field::Point(97)],
    ),
    (
        "ecdsa-sha2-nistp521",
        &[Field::Curve("nistp521"), Field::Point(133)],
    ),
    (
        "sk-ecdsa-sha2-nistp256@openssh.com",
        &[Field::Curve("nistp256"), Field::Point(65), Field::Application],
    ),
    ("ssh-rsa", &[Field::Exponent, Field::Modulus]),
];

/// A part of a key.
enum Field {
    /// A public key of Ed25519.
    Ed25519,
    /// The name of a curve.
    Curve(&'static str),
    /// A point of a curve, uncompressed, in so many bytes.
    Point(usize),
    /// For what a security key signs, such as `ssh:`.
    Application,
    /// The exponent of RSA.
    Exponent,
    /// The modulus of RSA. What fits into an access key is shorter than the 16,384 bits that OpenSSL takes.
    Modulus,
}

impl Field {
    /// Checks the bytes of the field, at least as strictly as OpenSSH but for one thing: whether a point lies on its
    /// curve. That would take the arithmetic of three curves, in the runtime's code and in the weight of each rental,
    /// and a point that does not harms nobody but the client who gives it: no server accepts such a key.
    fn check(&self, bytes: &[u8]) -> Result<(), AccessKeyError> {
        match self {
            Self::Ed25519 => ensure!(bytes.len() == 32, AccessKeyError::Point),
            Self::Curve(name) => ensure!(bytes == name.as_bytes(), AccessKeyError::Curve),
            Self::Point(length) => ensure!(
                bytes.len() == *length && bytes.starts_with(&[4]),
                AccessKeyError::Point
            ),
            Self::Application => ensure!(!bytes.contains(&0), AccessKeyError::Application),
            Self::Exponent => {
                let bits = bits_of_odd_number(bytes)?;
                ensure!((2..=MAX_EXPONENT_BITS).contains(&bits), AccessKeyError::Number);
            }
            Self::Modulus => ensure!(bits_of_odd_number(bytes)? >= MIN_RSA_BITS, AccessKeyError::Weak),
        }
        Ok(())
    }
}

/// Checks that `access_key` is one line as in OpenSSH's `authorized_keys`, without options: a type, a key and, if
/// one likes, a comment. The key is decoded, so that a damaged one is refused before anything is paid.
pub fn check_access_key(access_key: &[u8]) -> Result<(), AccessKeyError> {
    if !access_key.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return Err(AccessKeyError::Character);
    }
    let line = core::str::from_utf8(access_key).map_err(|_| AccessKeyError::Character)?;
    let (name, rest) = line.split_once(' ').ok_or(AccessKeyError::Type)?;
    let (_, fields) = TYPES
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or(AccessKeyError::Type)?;
    let text = rest.split(' ').next().unwrap_or_default();
    let mut buffer = [0; MAX_KEY_BYTES];
    let key = Base64::decode(text, &mut buffer).map_err(|_| AccessKeyError::NotBase64)?;

    let (named, mut key) = split_field(key)?;
    ensure!(named == name.as_bytes(), AccessKeyError::OtherType);
    for field in *fields {
        let (bytes, rest) = split_field(key)?;
        field.check(bytes)?;
        key = rest;
    }
    ensure!(key.is_empty(), AccessKeyError::Surplus);
    Ok(())
}

/// The first field of `key`, and what follows it. A field has its length before it.
fn split_field(key: &[u8]) -> Result<(&[u8], &[u8]), AccessKeyError> {
    let (length, rest) = key.split_first_chunk().ok_or(AccessKeyError::Incomplete)?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
        .ok_or(AccessKeyError::Incomplete)
}

/// How many bits an odd positive number has. It must be in its shortest form, most significant byte first, where the
/// first bit is the sign.
fn bits_of_odd_number(bytes: &[u8]) -> Result<u32, AccessKeyError> {
    let is_shortest = matches!(bytes, [0, 0x80..=0xff, ..] | [1..=0x7f, ..]);
    let is_odd = bytes.last().is_some_and(|last| last % 2 == 1);
    ensure!(is_shortest && is_odd, AccessKeyError::Number);
    let leading_zeros = bytes.first().map_or(0, |first| first.leading_zeros());
    Ok((bytes.len() as u32)
        .saturating_mul(u8::BITS)
        .saturating_sub(leading_zeros))
}

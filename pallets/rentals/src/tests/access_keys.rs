//! `check_access_key`.

use crate::{
    AccessKeyError::{self, *},
    MAX_ACCESS_KEY_BYTES, check_access_key,
    mock::{KEY, access_key},
};
use base64ct::{Base64, Encoding};
use proptest::prelude::*;

/// A key of each type, with RSA of 2,048 and 4,096 bits and of the 5,912 that fit at most. `ssh-keygen` made them but
/// for those of security keys, which need the device: these are the others with an application.
const KEYS: &str = include_str!("authorized_keys");
/// RSA of 1,024 bits, made by `ssh-keygen`.
const WEAK_KEY: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDW1SUjIQxVapY0gwvppOHnKwteqixiqCs/LxnGUESOXEjOfXtW2q0gug86ZomO\
    CfsdskRvc/cFCSWVaSNtTNadjDJSNhqudg6WTSWJ3ax+973C8T5w2a029GulzRDr0DDmff4hkcto+krQxTj0IJT9lDfNPmGnf7W8KG1iDMqAVQ==";
const ED25519: &[u8] = &[7; 32];
/// The exponent that all keys have.
const EXPONENT: &[u8] = &[1, 0, 1];

fn check(line: &str) -> Result<(), AccessKeyError> {
    check_access_key(line.as_bytes())
}

/// Checks a line with a key of these bytes.
fn check_key(name: &str, key: &[u8]) -> Result<(), AccessKeyError> {
    check(&format!("{name} {}", Base64::encode_string(key)))
}

/// The field as it is within a key: after its length.
fn field(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

/// Checks a line with a key of its type and these fields.
fn check_fields(name: &str, fields: &[&[u8]]) -> Result<(), AccessKeyError> {
    let fields = fields.iter().flat_map(|bytes| field(bytes));
    check_key(
        name,
        &field(name.as_bytes())
            .into_iter()
            .chain(fields)
            .collect::<Vec<_>>(),
    )
}

/// The type and the bytes of each of `KEYS`.
fn keys() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    KEYS.lines().map(|line| {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        (name, Base64::decode_vec(words.next().unwrap()).unwrap())
    })
}

/// A modulus of RSA with so many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] >>= bytes.len() * 8 - bits;
    if bits.is_multiple_of(8) {
        bytes.insert(0, 0);
    }
    bytes
}

#[test]
fn the_line_of_a_pub_file_is_accepted() {
    assert_eq!(check(KEY), Ok(()));
}

#[test]
fn every_type_of_key_is_accepted() {
    for line in KEYS.lines() {
        assert_eq!(check(line), Ok(()), "{line}");
    }
}

#[test]
fn a_comment_may_be_any_printable_text() {
    for comment in ["", " ", " me@home", " my key, at \"home\" #1 ~"] {
        let key = KEY.trim_end_matches(" me@home");
        assert_eq!(check(&format!("{key}{comment}")), Ok(()));
    }
}

#[test]
fn a_key_may_have_the_most_bytes_that_there_can_be() {
    let mut line = String::from(KEY);
    line.extend(core::iter::repeat_n(
        'x',
        MAX_ACCESS_KEY_BYTES as usize - KEY.len(),
    ));
    assert_eq!(check_access_key(&access_key(&line)), Ok(()));
    let longest = KEYS.lines().last().unwrap();
    assert_eq!(longest.len(), MAX_ACCESS_KEY_BYTES as usize);
    assert_eq!(check_access_key(&access_key(longest)), Ok(()));
}

#[test]
fn a_second_line_is_refused() {
    for end in ["\n", "\r\n", "\nssh-rsa AAAA", "\0", "\t"] {
        assert_eq!(check(&format!("{KEY}{end}")), Err(Character));
    }
}

#[test]
fn what_is_not_ascii_is_refused() {
    assert_eq!(check(&format!("{KEY} zu Hause bei Jürgen")), Err(Character));
    assert_eq!(check_access_key(&[0xff; 80]), Err(Character));
    assert_eq!(check("\u{7f}"), Err(Character));
}

#[test]
fn a_line_without_a_known_type_is_refused() {
    for line in [
        "",
        " ",
        "ssh-ed25519",
        "ssh-dss AAAAB3NzaC1kc3MAAACB",
        "SSH-ED25519 AAAAC3NzaC1lZDI1NTE5AAAA",
        " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA",
        "AAAAC3NzaC1lZDI1NTE5AAAA ssh-ed25519",
    ] {
        assert_eq!(check(line), Err(Type), "{line}");
    }
}

#[test]
fn options_before_the_key_are_refused() {
    assert_eq!(check(&format!("command=\"reboot\" {KEY}")), Err(Type));
    assert_eq!(check(&format!("no-pty,{KEY}")), Err(Type));
}

#[test]
fn what_is_no_base64_is_refused() {
    for key in [
        // A group that is not full, letters that base64 does not have, and padding where there can be none.
        "AAAAC3NzaC1lZDI1NTE5AAA",
        "AAAAC3NzaC1lZDI1NTE5AA-_",
        "AAAAC3NzaC1lZDI1NTE5AAA,",
        "AAAAC3NzaC1lZDI1NTE5=AAA",
        "AAAAC3NzaC1lZDI1NTE5A===",
        "AAAAC3NzaC1lZDI1NTE5====",
        // Bits that belong to no byte.
        "AAAAC3NzaC1lZDI1NTE5AB==",
    ] {
        assert_eq!(check(&format!("ssh-ed25519 {key}")), Err(NotBase64), "{key}");
    }
}

#[test]
fn a_key_that_is_cut_off_anywhere_is_refused() {
    for (name, key) in keys() {
        for end in 0..key.len() {
            assert_eq!(check_key(name, &key[..end]), Err(Incomplete), "{name}, {end}");
        }
    }
    assert_eq!(check("ssh-ed25519  AAAA"), Err(Incomplete));
}

#[test]
fn what_follows_a_key_is_refused() {
    for (name, key) in keys() {
        for more in [&[0][..], &field(b""), &field(b"ssh:"), &key] {
            let Err(error) = check_key(name, &[&key, more].concat()) else {
                panic!("{name} with {more:?} is accepted");
            };
            // The longest key leaves no room for more.
            assert!([Surplus, NotBase64].contains(&error), "{name}: {error:?}");
        }
    }
}

#[test]
fn a_key_of_another_type_than_named_is_refused() {
    for (name, _) in keys() {
        for (_, key) in keys().filter(|(other, _)| *other != name) {
            assert_eq!(check_key(name, &key), Err(OtherType), "{name}");
        }
    }
}

#[test]
fn a_wrong_bit_in_a_type_a_curve_or_a_length_is_refused() {
    for (name, key) in keys() {
        let mut start = 0;
        while start < key.len() {
            let length = u32::from_be_bytes(key[start..start + 4].try_into().unwrap()) as usize;
            let field = start + 4;
            let is_name = start == 0 || key[field..].starts_with(b"nistp");
            let end = if is_name { field + length } else { field };
            for bit in start * 8..end * 8 {
                let mut wrong = key.clone();
                wrong[bit / 8] ^= 1 << (bit % 8);
                assert!(check_key(name, &wrong).is_err(), "{name}, bit {bit}");
            }
            start = field + length;
        }
    }
}

#[test]
fn a_key_of_ed25519_has_32_bytes() {
    for length in [0, 31, 33, 64] {
        let key: &[u8] = &vec![7; length];
        assert_eq!(check_fields("ssh-ed25519", &[key]), Err(Point));
        assert_eq!(
            check_fields("sk-ssh-ed25519@openssh.com", &[key, b"ssh:"]),
            Err(Point)
        );
    }
}

#[test]
fn a_point_of_a_curve_is_whole_and_of_the_curve_that_the_type_names() {
    for (curve, length) in [("nistp256", 65), ("nistp384", 97), ("nistp521", 133)] {
        let name = format!("ecdsa-sha2-{curve}");
        let with = |curve: &str, beginning: u8, length: usize| {
            let mut point = vec![7; length];
            if let Some(first) = point.first_mut() {
                *first = beginning;
            }
            check_fields(&name, &[curve.as_bytes(), &point])
        };
        assert_eq!(with(curve, 4, length), Ok(()));
        for other in ["nistp256", "nistp384", "nistp521", "secp256k1", ""] {
            if other != curve {
                assert_eq!(with(other, 4, length), Err(Curve), "{name}, {other}");
            }
        }
        for wrong in [0, 1, 33, length - 1, length + 1] {
            assert_eq!(with(curve, 4, wrong), Err(Point), "{name}, {wrong} bytes");
        }
        // At infinity, compressed, hybrid.
        for beginning in [0, 2, 3, 6, 7] {
            assert_eq!(with(curve, beginning, length), Err(Point), "{name}, {beginning}");
        }
    }
}

#[test]
fn the_application_of_a_security_key_may_be_any_text() {
    let with = |application: &[u8]| check_fields("sk-ssh-ed25519@openssh.com", &[ED25519, application]);
    for application in [&b"ssh:"[..], b"ssh:work", b""] {
        assert_eq!(with(application), Ok(()));
    }
    for application in [&b"\0"[..], b"ssh:\0", b"ssh:\0work"] {
        assert_eq!(with(application), Err(Application));
    }
}

#[test]
fn numbers_of_rsa_are_odd_positive_and_as_short_as_can_be() {
    let modulus = &modulus(2_048)[..];
    for exponent in [&[3][..], EXPONENT, &[0, 0x81], &[0, 0xff, 0, 0, 0, 0, 0, 0, 1]] {
        assert_eq!(check_fields("ssh-rsa", &[exponent, modulus]), Ok(()));
    }
    for exponent in [
        // Nothing, 0, 1 and an even one.
        &[][..],
        &[0],
        &[1],
        &[2],
        &[1, 0, 0],
        // Negative, or longer than it must be.
        &[0x81],
        &[0, 3],
        &[0, 0, 0x81],
        // Of 65 bits.
        &[1, 0, 0, 0, 0, 0, 0, 0, 1],
    ] {
        assert_eq!(
            check_fields("ssh-rsa", &[exponent, modulus]),
            Err(Number),
            "{exponent:?}"
        );
    }
    let mut even = modulus.to_vec();
    *even.last_mut().unwrap() = 0xfe;
    for modulus in [&even[..], &[], &[0], &modulus[1..], &[&[0], modulus].concat()] {
        assert_eq!(check_fields("ssh-rsa", &[EXPONENT, modulus]), Err(Number));
    }
}

#[test]
fn rsa_has_at_least_2048_bits() {
    assert_eq!(check(WEAK_KEY), Err(Weak));
    for (bits, expected) in [
        (1_024, Err(Weak)),
        (2_047, Err(Weak)),
        (2_048, Ok(())),
        (2_049, Ok(())),
        (5_912, Ok(())),
    ] {
        assert_eq!(
            check_fields("ssh-rsa", &[EXPONENT, &modulus(bits)]),
            expected,
            "{bits}"
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_can_be_checked(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = check_access_key(&bytes);
    }

    #[test]
    fn any_key_can_be_checked(
        (name, key) in prop::sample::select(keys().collect::<Vec<_>>()),
        start in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..760),
    ) {
        let start = start.index(key.len());
        let _ = check_key(name, &[&key[..start], &bytes].concat());
    }

    #[test]
    fn whatever_is_accepted_is_one_printable_line(
        comment in "[ -~\n\t]{0,40}",
    ) {
        let line = format!("{KEY}{comment}");
        prop_assert_eq!(check(&line).is_ok(), !comment.contains(['\n', '\t']));
    }
}

//! `check_access_key`.

use crate::{
    AccessKeyError::{self, Character, Key, Type},
    MAX_ACCESS_KEY_BYTES, check_access_key,
    mock::{KEY, access_key},
};
use proptest::prelude::*;

fn check(line: &str) -> Result<(), AccessKeyError> {
    check_access_key(line.as_bytes())
}

#[test]
fn the_line_of_a_pub_file_is_accepted() {
    assert_eq!(check(KEY), Ok(()));
}

#[test]
fn every_type_of_key_is_accepted() {
    for line in [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvZ0cYp7oLZbE8k1nRrD3S4nW1cXq5y0m2b4c6d8e0f",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ==",
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTY=",
        "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQ=",
        "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjE=",
        "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIA==",
        "sk-ecdsa-sha2-nistp256@openssh.com \
         AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTY=",
    ] {
        assert_eq!(check(line), Ok(()), "{line}");
    }
}

#[test]
fn a_comment_may_be_any_printable_text() {
    for comment in ["", " ", " me@home", " my key, at \"home\" #1 ~"] {
        assert_eq!(
            check(&format!("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ=={comment}")),
            Ok(())
        );
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
fn a_key_of_another_type_than_named_is_refused() {
    assert_eq!(check("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAA"), Err(Key));
    assert_eq!(
        check("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAI"),
        Err(Key)
    );
}

#[test]
fn what_is_no_base64_is_refused() {
    for key in [
        "",
        " AAAAC3NzaC1lZDI1NTE5AAAA",
        // Nothing but the type, a group that is not full, and letters that base64 does not have.
        "AAAAC3NzaC1lZDI1NTE5",
        "AAAAC3NzaC1lZDI1NTE5AAA",
        "AAAAC3NzaC1lZDI1NTE5AA-_",
        "AAAAC3NzaC1lZDI1NTE5AAA,",
        "AAAAC3NzaC1lZDI1NTE5=AAA",
        "AAAAC3NzaC1lZDI1NTE5A===",
        "AAAAC3NzaC1lZDI1NTE5====",
    ] {
        assert_eq!(check(&format!("ssh-ed25519 {key}")), Err(Key), "{key}");
    }
}

proptest! {
    #[test]
    fn any_bytes_can_be_checked(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = check_access_key(&bytes);
    }

    #[test]
    fn whatever_is_accepted_is_one_printable_line(
        comment in "[ -~\n\t]{0,40}",
    ) {
        let line = format!("{KEY}{comment}");
        prop_assert_eq!(check(&line).is_ok(), !comment.contains(['\n', '\t']));
    }
}

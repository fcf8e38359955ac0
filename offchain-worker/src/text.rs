//! Bytes from strangers, for the log.

use core::fmt::{self, Write};

/// Most characters that are shown.
const MAX_CHARACTERS: usize = 80;

/// The first of these bytes that are printable ASCII; other bytes are shown as dots. Nothing in it can move a
/// terminal's cursor or begin a new line.
pub struct Printable<'a>(pub &'a [u8]);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0.iter().take(MAX_CHARACTERS) {
            let is_printable = byte.is_ascii_graphic() || byte == b' ';
            f.write_char(if is_printable { char::from(byte) } else { '.' })?;
        }
        if self.0.len() > MAX_CHARACTERS {
            f.write_str(" ..")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn what_is_shown_is_short_and_harmless() {
        assert_eq!(Printable(b"busy\n\x1b[2J\xff~").to_string(), "busy..[2J.~");
        assert_eq!(Printable(b"").to_string(), "");
        assert_eq!(Printable(&[b'a'; 80]).to_string(), "a".repeat(80));
        assert_eq!(Printable(&[b'a'; 81]).to_string(), "a".repeat(80) + " ..");
    }
}

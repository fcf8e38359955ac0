//! Openings on their way: checked part by part, as they arrive.
//!
//! Of an answer of a megabyte only the part that is checked next is in memory, one entry's two rows and a chunk
//! (36 KB at n = 16,384). Nothing is waited for, so that many devices can send at once.

use crate::{
    clock::Millis,
    exchange::{Exchange, Read, Trouble},
};
use alloc::{vec, vec::Vec};
use loopin_challenge::{
    Checker, Claim, Geometry, Hash, Openings, Rejection,
    messages::{OpenRequest, OpeningsDigest, Signature},
};
use sp_io::hashing;

/// Most bytes that are read at once. The host copies the whole buffer, however little there is to read.
const READ_BYTES: usize = 8_192;
/// The agent's last signature.
const SIGNATURE_BYTES: usize = 64;

/// Openings on their way.
pub struct Opening {
    /// The request under way.
    pub exchange: Exchange,
    checker: Checker,
    digest: OpeningsDigest,
    /// What has arrived of the part that is checked next.
    part: Vec<u8>,
    /// How many bytes may still arrive.
    bytes_left: usize,
}

/// Why there are no openings as they must be.
#[derive(Debug)]
pub enum Unopened {
    /// They did not arrive.
    Trouble(Trouble),
    /// They are wrong.
    Rejected(Rejection),
    /// What follows them is not a signature.
    Unsigned,
}

/// Openings that are right, with what follows them.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    /// Their digest.
    pub digest: Hash,
    /// What has to be the agent's signature over the end of the conversation.
    pub signature: Signature,
}

impl Opening {
    /// Waits for the openings that a request asks for.
    pub fn new(exchange: Exchange, geometry: &Geometry, claim: &Claim, request: &OpenRequest) -> Self {
        let sample_seed = request.sample_seed();
        Self {
            exchange,
            checker: Checker::new(geometry, claim, &sample_seed),
            digest: OpeningsDigest::new(&sample_seed),
            part: vec![],
            bytes_left: Openings::max_encoded_len_for(geometry) + SIGNATURE_BYTES,
        }
    }

    /// Checks what has arrived, at most as many parts as `parts` says, and counts them off. If that was all, what has
    /// been opened.
    ///
    /// # Errors
    /// The openings are not as they must be, or not there in time.
    pub fn check(&mut self, now: Millis, parts: &mut u32) -> Result<Option<Opened>, Unopened> {
        if !self.exchange.is_accepted(now).map_err(Unopened::Trouble)? {
            return Ok(None);
        }
        while *parts > 0 {
            // After the last part, one byte more than there may be, so that there is room to see it.
            let wanted = if self.checker.is_done() {
                SIGNATURE_BYTES + 1
            } else {
                self.checker.next_len()
            };
            let has_ended = match self.receive(wanted).map_err(Unopened::Trouble)? {
                Read::Nothing => return Ok(None),
                Read::Bytes(_) => false,
                Read::End { .. } => true,
            };
            if self.checker.is_done() {
                if self.part.len() > SIGNATURE_BYTES {
                    return Err(Unopened::Trouble(Trouble::TooLong));
                }
                if has_ended {
                    let signature = self.part[..].try_into().map_err(|_| Unopened::Unsigned)?;
                    let digest = self.digest.finish();
                    return Ok(Some(Opened { digest, signature }));
                }
            } else if has_ended || self.part.len() >= wanted {
                let mut rest = &self.part[..];
                self.checker.check_next(&mut rest).map_err(Unopened::Rejected)?;
                let (checked, _) = self.part.split_at(self.part.len() - rest.len());
                self.digest.add_with(checked, hashing::sha2_256);
                let checked = checked.len();
                self.part.drain(..checked);
                *parts -= 1;
            }
        }
        Ok(None)
    }

    /// Reads more of the part, unless as much as is wanted is there.
    fn receive(&mut self, wanted: usize) -> Result<Read, Trouble> {
        let arrived = self.part.len();
        if arrived >= wanted {
            return Ok(Read::Bytes(0));
        }
        self.part.resize(wanted.min(arrived + READ_BYTES), 0);
        let read = self.exchange.read(&mut self.part[arrived..])?;
        let bytes = if let Read::Bytes(bytes) = read { bytes } else { 0 };
        self.part.truncate(arrived + bytes);
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or(Trouble::TooLong)?;
        Ok(read)
    }
}

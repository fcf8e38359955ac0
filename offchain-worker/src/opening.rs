//! Openings on their way: checked part by part, as they arrive.
//!
//! Of an answer of a megabyte only the part that is checked next is in memory, one entry's two rows and a chunk
//! (36 KB at n = 16,384). Nothing is waited for, so that many devices can send at once.

use crate::{
    Evidence,
    clock::Millis,
    ending::Ending,
    exchange::{Exchange, Read, Trouble},
};
use alloc::{boxed::Box, format, vec, vec::Vec};
use loopin_challenge::{
    Checker, Claim, Flaw, Geometry, Openings, Rejection, Seed,
    messages::{Signature, Step},
};
use loopin_primitives::{FailReason, Vote};

/// Most bytes that are read at once. The host copies the whole buffer, however little there is to read.
const READ_BYTES: usize = 8_192;

/// Openings on their way.
pub struct Opening {
    /// The request to open.
    pub exchange: Exchange,
    /// What the device is bound to.
    pub claim: Claim,
    /// The agent's key.
    pub agent_key: [u8; 32],
    /// Its signature of the answer to the walk, which binds the device.
    pub signature: Signature,
    checker: Checker,
    /// What has arrived of the part that is checked next.
    part: Vec<u8>,
    /// How many bytes may still arrive.
    bytes_left: usize,
}

impl Opening {
    /// Waits for the openings that the seed of a sample asks for.
    pub fn new(
        exchange: Exchange,
        geometry: &Geometry,
        claim: Claim,
        agent_key: [u8; 32],
        signature: Signature,
        sample_seed: &Seed,
    ) -> Self {
        Self {
            exchange,
            claim,
            agent_key,
            signature,
            checker: Checker::new(geometry, &claim, sample_seed),
            part: vec![],
            bytes_left: Openings::max_encoded_len_for(geometry),
        }
    }

    /// Checks what has arrived, at most as many parts as `parts` says, and counts them off. Whether that was all.
    ///
    /// # Errors
    /// The openings are not as they must be, or not there in time.
    pub fn check(&mut self, now: Millis, parts: &mut u32) -> Result<bool, Box<Ending>> {
        let trouble = |trouble: Trouble| Ending::trouble(Step::Open, &trouble);
        if !self.exchange.is_accepted(now).map_err(trouble)? {
            return Ok(false);
        }
        while *parts > 0 {
            // After the last part, one byte more than there may be, so that there is room to see it.
            let wanted = if self.checker.is_done() {
                1
            } else {
                self.checker.next_len()
            };
            let arrived = self.part.len();
            let has_ended = if arrived < wanted {
                self.part.resize(wanted.min(arrived + READ_BYTES), 0);
                let read = self.exchange.read(&mut self.part[arrived..]).map_err(trouble)?;
                let bytes = if let Read::Bytes(bytes) = read { bytes } else { 0 };
                self.part.truncate(arrived + bytes);
                if read == Read::Nothing {
                    return Ok(false);
                }
                self.bytes_left = self
                    .bytes_left
                    .checked_sub(bytes)
                    .ok_or_else(|| trouble(Trouble::TooLong))?;
                matches!(read, Read::End { .. })
            } else {
                false
            };
            if self.checker.is_done() {
                return if has_ended {
                    Ok(true)
                } else {
                    Err(trouble(Trouble::TooLong))
                };
            }
            if has_ended || self.part.len() >= wanted {
                let mut part = &self.part[..];
                let checked = self.checker.check_next(&mut part);
                let rest = part.len();
                checked.map_err(|rejection| self.rejected(rejection))?;
                self.part.drain(..self.part.len() - rest);
                *parts -= 1;
            }
        }
        Ok(false)
    }

    fn rejected(&self, rejection: Rejection) -> Box<Ending> {
        let why = format!("open: {rejection}");
        let reason = match rejection.flaw {
            Flaw::FalseEntry { .. } | Flaw::FalseRead { .. } => FailReason::Fraud,
            Flaw::NotCommitted(_) => FailReason::WrongOpenings,
            Flaw::Unreadable
            | Flaw::TrailingBytes
            | Flaw::Count { .. }
            | Flaw::Length { .. }
            | Flaw::Missing(_)
            | Flaw::Superfluous(_) => FailReason::Malformed,
        };
        Box::new(Ending {
            vote: Vote::Fail(reason),
            evidence: rejection.proof.map(|proof| Evidence {
                claim: self.claim,
                agent_key: self.agent_key,
                signature: self.signature,
                proof: *proof,
            }),
            why,
        })
    }
}

//! Proofs that a device committed to something false: one entry or one read, checked in O(n).
//!
//! A proof needs the device's signed [`Claim`] and nothing else: not the sample it was found with, nor the
//! verifier's word. So the chain can check it, and anyone can bring it.

use crate::{
    Claim,
    openings::{ChunkOpening, EntryOpening, Path},
    profile::{FIRST_MATRIX, Geometry, WALK_READS},
    sampling::Entry,
    verifier::{Flaw, check_entry, check_read, check_trace},
    walk::{Trace, Walker},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A proof that the device committed to something false.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum FraudProof {
    /// An entry of the state does not follow from its operands.
    Entry {
        /// The entry.
        entry: Entry,
        /// Its operands and the chunk that holds it.
        opening: EntryOpening,
    },
    /// A state of a lane does not follow from the state before it and the chunk read.
    Read {
        /// The lane.
        lane: u32,
        /// The read, from 0 to 31.
        read: u8,
        /// The lane's committed states.
        trace: Trace,
        /// Path from the lane to the walk's root.
        path: Path,
        /// The chunk that the read had to fetch.
        chunk: ChunkOpening,
    },
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FraudError {
    /// There is no such entry or read in the profile's state or walk.
    #[error("the profile has no such entry, lane or read")]
    OutOfRange,
    /// The opening does not lead to the roots in the claim.
    #[error("the proof is not about this claim: {0}")]
    Unfounded(Flaw),
    /// What was opened is right.
    #[error("the opened entry or read follows, as it must")]
    Honest,
}

impl FraudProof {
    /// Whether the proof holds against what the device claimed. Costs O(n): at most two rows, a
    /// chunk and three paths are hashed.
    ///
    /// # Errors
    /// Why the proof proves nothing.
    pub fn check(&self, geometry: &Geometry, claim: &Claim) -> Result<(), FraudError> {
        let outcome = match self {
            Self::Entry { entry, opening } => {
                let Entry { matrix, row, column } = *entry;
                let in_range = (FIRST_MATRIX..=geometry.last_matrix()).contains(&matrix)
                    && row < geometry.n()
                    && column < geometry.n();
                if !in_range {
                    return Err(FraudError::OutOfRange);
                }
                check_entry(geometry, claim, *entry, opening)
            }
            Self::Read {
                lane,
                read,
                trace,
                path,
                chunk,
            } => {
                let (lane, read) = (*lane, usize::from(*read));
                if lane >= geometry.profile().lanes || read >= WALK_READS {
                    return Err(FraudError::OutOfRange);
                }
                let walker = Walker::new(geometry, &claim.walk_seed);
                check_trace(geometry, claim, lane, trace, path)
                    .and_then(|()| check_read(geometry, &walker, claim, lane, trace, read, chunk))
            }
        };
        match outcome {
            Err(flaw) if flaw.is_fraud() => Ok(()),
            Err(flaw) => Err(FraudError::Unfounded(flaw)),
            Ok(()) => Err(FraudError::Honest),
        }
    }
}

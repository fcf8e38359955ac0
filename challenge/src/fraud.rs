//! Proofs that a device committed to something false: one entry or one read, checked in O(n).
//!
//! A proof needs the device's signed [`Claim`] and nothing else: not the sample it was found with, nor the
//! verifier's word. So the chain can check it, and anyone can bring it.

use crate::{
    Claim,
    openings::{ChunkOpening, EntryOpening, Openings, Path},
    profile::{FIRST_MATRIX, Geometry, WALK_READS},
    sampling::Entry,
    verifier::{Fault, Place, Refusal, check_entry, check_read, check_trace},
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
    Unfounded(Fault),
    /// What was opened is right.
    #[error("the opened entry or read follows, as it must")]
    Honest,
}

impl FraudProof {
    /// Takes the proof out of the openings that a verifier refused, if the refusal is one that can be proven.
    pub fn from_refusal(refusal: &Refusal, openings: &Openings) -> Option<Self> {
        match *refusal {
            Refusal {
                place: Place::Entry { index, entry },
                fault: Fault::FalseEntry { .. },
            } => {
                let opening = openings.entries.get(index)?.clone();
                Some(Self::Entry { entry, opening })
            }
            Refusal {
                place: Place::Lane { index, lane },
                fault: Fault::FalseRead { read, .. },
            } => {
                let opening = openings.lanes.get(index)?;
                Some(Self::Read {
                    lane,
                    read: u8::try_from(read).ok()?,
                    trace: opening.trace,
                    path: opening.path.clone(),
                    chunk: opening.reads.get(read)?.clone(),
                })
            }
            _ => None,
        }
    }

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
            Err(fault) if fault.is_fraud() => Ok(()),
            Err(fault) => Err(FraudError::Unfounded(fault)),
            Ok(()) => Err(FraudError::Honest),
        }
    }
}

//! The openings: the parts of the state and of the walk that a verifier asked for, with their Merkle paths.
//!
//! [`Openings`] is what the device sends in the last step, SCALE-encoded; the crate's README.md has it to the byte. All
//! lengths follow from the profile, and only the right ones are accepted.

use crate::{
    Hash,
    profile::{Geometry, MAX_CHUNK, MAX_ENTRIES, MAX_N, MAX_OPENED_LANES, MAX_PATH, WALK_READS},
    walk::Trace,
};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Compact, CompactLen, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Sibling digests from the bottom up.
pub type Path = BoundedVec<Hash, ConstU32<MAX_PATH>>;

/// A row of the state and its path to the state's root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RowOpening {
    /// The row: `n` entries of one byte.
    pub row: BoundedVec<u8, ConstU32<MAX_N>>,
    /// Path from the row's node to the state's root.
    pub path: Path,
}

/// A chunk of the state and its path to the state's root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ChunkOpening {
    /// The chunk: 1,024 entries of one byte, or a whole row where rows are shorter.
    pub chunk: BoundedVec<u8, ConstU32<MAX_CHUNK>>,
    /// Path from the chunk's leaf to the state's root.
    pub path: Path,
}

/// What shows whether one entry follows from its operands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EntryOpening {
    /// The entry's row of `X_{i-1}`; absent where that is `X_1`.
    pub left: Option<RowOpening>,
    /// The row of `X_{i-2}` with the number of the entry's column; absent where that is `X_0` or `X_1`.
    pub right: Option<RowOpening>,
    /// The chunk of `X_i` that holds the entry.
    pub chunk: ChunkOpening,
}

/// What shows whether one lane was walked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct LaneOpening {
    /// The lane's states after each of its reads.
    pub trace: Trace,
    /// Path from the lane to the walk's root.
    pub path: Path,
    /// The chunks read, in the order of the reads.
    pub reads: [ChunkOpening; WALK_READS],
}

/// All that a verifier asked for, in the order of its [`Sample`](crate::Sample).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Openings {
    /// The entries.
    pub entries: BoundedVec<EntryOpening, ConstU32<MAX_ENTRIES>>,
    /// The lanes.
    pub lanes: BoundedVec<LaneOpening, ConstU32<MAX_OPENED_LANES>>,
}

impl Openings {
    /// The longest encoding that a geometry allows, in bytes: the bound for the device's last answer. The
    /// real one is shorter by the rows that the verifier makes itself.
    pub fn max_encoded_len_for(geometry: &Geometry) -> usize {
        let chunk = chunk_opening_len(geometry);
        let row = row_opening_len(geometry);
        let lane = trace_len(geometry) + WALK_READS * chunk;
        let (entries, lanes) = (
            geometry.profile().entries as usize,
            geometry.profile().opened_lanes as usize,
        );
        compact_len(entries) + entries * (2 * (1 + row) + chunk) + compact_len(lanes) + lanes * lane
    }
}

/// Bytes of the encoded [`RowOpening`].
pub(crate) fn row_opening_len(geometry: &Geometry) -> usize {
    compact_len(geometry.row_len()) + geometry.row_len() + path_len(geometry.row_path_len())
}

/// Bytes of the encoded [`ChunkOpening`].
pub(crate) fn chunk_opening_len(geometry: &Geometry) -> usize {
    compact_len(geometry.chunk_len()) + geometry.chunk_len() + path_len(geometry.chunk_path_len())
}

/// Bytes of a lane's trace and its path, encoded.
pub(crate) fn trace_len(geometry: &Geometry) -> usize {
    WALK_READS * 8 + path_len(geometry.lane_path_len())
}

/// Bytes of a list's length, encoded.
pub(crate) fn compact_len(len: usize) -> usize {
    Compact::<u64>::compact_len(&(len as u64))
}

/// Bytes of an encoded path of that many digests.
fn path_len(digests: usize) -> usize {
    compact_len(digests) + digests * 32
}

//! The reference: filling, committing and walking on one CPU core, straight from the definitions.
//!
//! It is the oracle that every faster implementation is held against, bit for bit. It keeps the whole state
//! in memory and is not fast: use it for small profiles.

use crate::{
    Claim, Hash, Openings, Seed, merkle,
    opener::{self, Source, Tree},
    profile::{FIRST_MATRIX, Geometry},
    recurrence,
    walk::{Trace, Walker},
};
use alloc::{vec, vec::Vec};
use core::convert::Infallible;

/// Why a state is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state has {found} bytes, where the profile asks for {expected}")]
pub struct StateLengthError {
    /// Bytes that the profile asks for.
    pub expected: u64,
    /// Bytes found.
    pub found: u64,
}

/// The matrices `X_2 .. X_{N+1}`, one after the other, rows one after the other, and the tree above the rows.
#[derive(Clone, Debug)]
pub struct State {
    geometry: Geometry,
    seed: Seed,
    bytes: Vec<u8>,
    rows: Tree,
}

impl State {
    /// Computes the state that follows from a seed, and commits to it.
    pub fn fill(geometry: &Geometry, seed: &Seed) -> Self {
        let (n, row_len) = (geometry.n(), geometry.row_len());
        let matrix_len = row_len * row_len;
        // The two operands stand before the state, so that each matrix is made of the two before it.
        let mut bytes = vec![0; matrix_len * (2 + geometry.profile().matrices as usize)];
        for (number, row) in (0..2 * n).zip(bytes.chunks_exact_mut(row_len)) {
            recurrence::operand_row(seed, number / n, number % n, row);
        }
        for matrix in FIRST_MATRIX..=geometry.last_matrix() {
            let (before, rest) = bytes.split_at_mut(matrix_len * matrix as usize);
            let (right, left) = before[before.len() - 2 * matrix_len..].split_at(matrix_len);
            let row_keys = recurrence::row_keys(seed, matrix, n);
            let column_keys = recurrence::column_keys(seed, matrix, n);
            let rows = left
                .chunks_exact(row_len)
                .zip(&row_keys)
                .zip(rest.chunks_exact_mut(row_len));
            for ((left_row, row_key), made) in rows {
                let columns = right.chunks_exact(row_len).zip(&column_keys).zip(made);
                for ((right_row, column_key), entry) in columns {
                    *entry = recurrence::masked(recurrence::dot(left_row, right_row), *row_key, *column_key);
                }
            }
        }
        bytes.drain(..2 * matrix_len);
        Self::commit(geometry, seed, bytes)
    }

    /// Commits to a state that was computed elsewhere.
    ///
    /// # Errors
    /// The number of bytes is not the geometry's.
    pub fn from_bytes(geometry: &Geometry, seed: &Seed, bytes: Vec<u8>) -> Result<Self, StateLengthError> {
        let (expected, found) = (geometry.state_bytes(), bytes.len() as u64);
        if found == expected {
            Ok(Self::commit(geometry, seed, bytes))
        } else {
            Err(StateLengthError { expected, found })
        }
    }

    fn commit(geometry: &Geometry, seed: &Seed, bytes: Vec<u8>) -> Self {
        let rows = bytes.chunks_exact(geometry.row_len());
        let rows = Tree::new(
            rows.map(|row| merkle::row_node(row, geometry.chunk_len()))
                .collect(),
        );
        Self {
            geometry: *geometry,
            seed: *seed,
            bytes,
            rows,
        }
    }

    /// The state's root.
    pub fn root(&self) -> Hash {
        self.rows.root()
    }

    /// The bytes of all matrices.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Piece number `index` of the state, where it is cut into pieces of `len` bytes.
    fn piece(&self, index: u64, len: usize) -> &[u8] {
        let start = index as usize * len;
        &self.bytes[start..start + len]
    }

    /// Walks all lanes.
    pub fn walk(&self, walk_seed: &Seed) -> Walk<'_> {
        let walker = Walker::new(&self.geometry, walk_seed);
        let traces: Vec<Trace> = (0..self.geometry.profile().lanes)
            .map(|lane| {
                let chunk = |index| Ok(self.piece(index, self.geometry.chunk_len()));
                let Ok::<_, Infallible>(trace) = walker.trace(lane, chunk);
                trace
            })
            .collect();
        let lanes = Tree::new(traces.iter().map(merkle::lane_leaf).collect());
        Walk {
            state: self,
            seed: *walk_seed,
            traces,
            lanes,
        }
    }
}

/// A walk over a state.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    state: &'a State,
    seed: Seed,
    traces: Vec<Trace>,
    lanes: Tree,
}

impl Walk<'_> {
    /// What the device is bound to after the walk.
    pub fn claim(&self) -> Claim {
        Claim {
            seed: self.state.seed,
            state_root: self.state.root(),
            walk_seed: self.seed,
            walk_root: self.lanes.root(),
        }
    }

    /// Opens what the seed of a sample asks for.
    pub fn open(&self, sample_seed: &Seed) -> Openings {
        let Ok(openings) = opener::open(&self.state.geometry, &self.seed, sample_seed, self);
        openings
    }
}

impl Source for Walk<'_> {
    type Error = Infallible;

    fn row(&self, index: u64) -> Result<Vec<u8>, Infallible> {
        Ok(self.state.piece(index, self.state.geometry.row_len()).to_vec())
    }

    fn row_path(&self, index: u64) -> Result<Vec<Hash>, Infallible> {
        Ok(self.state.rows.path(index))
    }

    fn trace(&self, lane: u32) -> Result<Trace, Infallible> {
        Ok(self.traces[lane as usize])
    }

    fn lane_path(&self, lane: u32) -> Result<Vec<Hash>, Infallible> {
        Ok(self.lanes.path(u64::from(lane)))
    }
}

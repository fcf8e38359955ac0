//! Builds openings from whatever holds the state: the reference, a GPU, or a synthetic proof.

use crate::{
    ChunkOpening, Entry, EntryOpening, Hash, LaneOpening, Openings, RowOpening, Sample, Seed,
    merkle::{self, MISSING},
    profile::{FIRST_MATRIX, Geometry, WALK_READS},
    walk::{Trace, Walker},
};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, Get};
use core::fmt::Debug;

/// What holds a state and a walk. Rows are counted over the whole state, as by [`Geometry::row_index`].
pub trait Source {
    /// Why a part is not available.
    type Error;

    /// A row of the state: `n` bytes.
    ///
    /// # Errors
    /// The row is not available.
    fn row(&self, index: u64) -> Result<Vec<u8>, Self::Error>;

    /// The siblings from a row's node up to the state's root.
    ///
    /// # Errors
    /// The path is not available.
    fn row_path(&self, index: u64) -> Result<Vec<Hash>, Self::Error>;

    /// A lane's states after each of its reads.
    ///
    /// # Errors
    /// The trace is not available.
    fn trace(&self, lane: u32) -> Result<Trace, Self::Error>;

    /// The siblings from a lane's leaf up to the walk's root.
    ///
    /// # Errors
    /// The path is not available.
    fn lane_path(&self, lane: u32) -> Result<Vec<Hash>, Self::Error>;
}

/// Opens what the seed of a sample asks for.
///
/// # Errors
/// The first error of the source.
///
/// # Panics
/// Where the source gives more bytes than any profile allows.
pub fn open<S: Source>(
    geometry: &Geometry,
    walk_seed: &Seed,
    sample_seed: &Seed,
    source: &S,
) -> Result<Openings, S::Error> {
    let opener = Opener {
        geometry,
        walker: Walker::new(geometry, walk_seed),
        source,
    };
    let Sample { entries, lanes } = Sample::draw(geometry, sample_seed);
    let entries = entries
        .iter()
        .map(|&entry| opener.entry(entry))
        .collect::<Result<_, _>>()?;
    let lanes = lanes
        .iter()
        .map(|&lane| opener.lane(lane))
        .collect::<Result<_, _>>()?;
    Ok(Openings {
        entries: bounded(entries),
        lanes: bounded(lanes),
    })
}

struct Opener<'a, S> {
    geometry: &'a Geometry,
    walker: Walker,
    source: &'a S,
}

impl<S: Source> Opener<'_, S> {
    fn entry(&self, Entry { matrix, row, column }: Entry) -> Result<EntryOpening, S::Error> {
        Ok(EntryOpening {
            left: self.operand(matrix - 1, row)?,
            right: self.operand(matrix - 2, column)?,
            chunk: self.chunk(self.geometry.chunk_index(matrix, row, column))?,
        })
    }

    fn operand(&self, matrix: u32, row: u32) -> Result<Option<RowOpening>, S::Error> {
        if matrix < FIRST_MATRIX {
            return Ok(None);
        }
        let index = self.geometry.row_index(matrix, row);
        let (row, path) = (self.source.row(index)?, self.source.row_path(index)?);
        Ok(Some(RowOpening {
            row: bounded(row),
            path: bounded(path),
        }))
    }

    /// Opens a chunk. The leaves of its row are made again: a source keeps no tree below the rows.
    fn chunk(&self, index: u64) -> Result<ChunkOpening, S::Error> {
        let per_row = u64::from(self.geometry.chunks_per_row());
        let (row_index, within) = (index / per_row, (index % per_row) as usize);
        let row = self.source.row(row_index)?;
        let chunks: Vec<&[u8]> = row.chunks(self.geometry.chunk_len()).collect();
        let leaves = Tree::new(chunks.iter().map(|chunk| merkle::chunk_leaf(chunk)).collect());
        let mut path = leaves.path(within as u64);
        path.extend(self.source.row_path(row_index)?);
        Ok(ChunkOpening {
            chunk: bounded(chunks[within].to_vec()),
            path: bounded(path),
        })
    }

    fn lane(&self, lane: u32) -> Result<LaneOpening, S::Error> {
        let (trace, path) = (self.source.trace(lane)?, self.source.lane_path(lane)?);
        let reads = (0..WALK_READS)
            .map(|read| self.chunk(self.walker.address(self.walker.before(lane, &trace, read))))
            .collect::<Result<Vec<_>, _>>()?;
        let reads = reads
            .try_into()
            .expect("one chunk was collected for each of the reads; qed");
        Ok(LaneOpening {
            trace,
            path: bounded(path),
            reads,
        })
    }
}

/// Puts what a geometry bounds into the bounded type of an opening.
fn bounded<T: Debug, Bound: Get<u32>>(items: Vec<T>) -> BoundedVec<T, Bound> {
    items
        .try_into()
        .expect("a checked profile stays within the bounds of every opening; qed")
}

/// A Merkle tree with all its nodes, from the level it was made of up to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
    root: Hash,
}

impl Tree {
    /// Builds the tree above a level of digests.
    pub fn new(mut level: Vec<Hash>) -> Self {
        let mut levels = Vec::new();
        while level.len() > 1 {
            let parents = level
                .chunks(2)
                .map(|pair| merkle::node(&pair[0], pair.get(1).unwrap_or(&MISSING)))
                .collect();
            levels.push(level);
            level = parents;
        }
        let root = level.first().copied().unwrap_or(MISSING);
        Self { levels, root }
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// Siblings of digest number `index`, from the bottom up.
    pub fn path(&self, index: u64) -> Vec<Hash> {
        let siblings = self.levels.iter().enumerate().map(|(height, level)| {
            let sibling = (index as usize >> height) ^ 1;
            level.get(sibling).copied().unwrap_or(MISSING)
        });
        siblings.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_path_of_a_tree_leads_to_its_root(count in 1u64..70) {
            let leaves: Vec<Hash> = (0..count).map(|leaf| [leaf as u8 + 1; 32]).collect();
            let tree = Tree::new(leaves.clone());
            for (index, leaf) in (0..).zip(leaves) {
                let path = tree.path(index);
                prop_assert_eq!(path.len(), merkle::depth(count));
                prop_assert_eq!(merkle::root(leaf, index, &path), tree.root());
            }
        }
    }

    #[test]
    fn an_odd_level_is_completed_with_zeros() {
        let leaves = [[1; 32], [2; 32], [3; 32]];
        let pair = merkle::node(&leaves[0], &leaves[1]);
        let single = merkle::node(&leaves[2], &MISSING);
        assert_eq!(Tree::new(leaves.to_vec()).root(), merkle::node(&pair, &single));
        assert_eq!(Tree::new(leaves[..1].to_vec()).root(), leaves[0]);
    }
}

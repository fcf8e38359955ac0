//! Valid openings for profiles of any size, without the work: they measure the verifier and the dispute.
//!
//! An honest device fixes its state before it learns what will be opened. Here the sample is known first, so
//! only what is opened has to exist: rows are random bytes, the opened entries are set to what follows from
//! them, and every Merkle node that nobody sees is zero. The verifier cannot tell, which is why a seed must
//! come after the commitment.

use crate::{
    Claim, Entry, Hash, Openings, Sample, Seed,
    merkle::{self, MISSING},
    opener::{self, Source},
    profile::{FIRST_MATRIX, Geometry},
    recurrence,
    walk::{Trace, Walker},
};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use core::convert::Infallible;

/// A claim together with the openings that a sample asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntheticProof {
    /// What the device would have signed.
    pub claim: Claim,
    /// What it would have sent last.
    pub openings: Openings,
}

impl SyntheticProof {
    /// Makes a proof that passes for the sample drawn from `sample_seed`.
    pub fn new(geometry: &Geometry, seed: Seed, walk_seed: Seed, sample_seed: &Seed) -> Self {
        let Sample { mut entries, lanes } = Sample::draw(geometry, sample_seed);
        let mut rows = Rows {
            geometry,
            seed,
            bytes: BTreeMap::new(),
        };
        // Ascending, so that an entry is set before a later one uses its row.
        entries.sort_unstable();
        entries.into_iter().for_each(|entry| rows.set(entry));

        let walker = Walker::new(geometry, &walk_seed);
        let traces: BTreeMap<u32, Trace> = lanes
            .into_iter()
            .map(|lane| (lane, rows.walk(&walker, lane)))
            .collect();

        let nodes = rows
            .bytes
            .iter()
            .map(|(&index, row)| (index, merkle::row_node(row, geometry.chunk_len())));
        let leaves = traces
            .iter()
            .map(|(&lane, trace)| (u64::from(lane), merkle::lane_leaf(trace)));
        let sparse = Sparse {
            row_tree: SparseTree::new(geometry.row_path_len(), nodes.collect()),
            lane_tree: SparseTree::new(geometry.lane_path_len(), leaves.collect()),
            rows: rows.bytes,
            traces,
        };
        let Ok(openings) = opener::open(geometry, &walk_seed, sample_seed, &sparse);
        let (state_root, walk_root) = (sparse.row_tree.root(), sparse.lane_tree.root());
        Self {
            claim: Claim {
                seed,
                state_root,
                walk_seed,
                walk_root,
            },
            openings,
        }
    }
}

/// The rows of a state that someone looked at.
struct Rows<'a> {
    geometry: &'a Geometry,
    seed: Seed,
    bytes: BTreeMap<u64, Vec<u8>>,
}

impl Rows<'_> {
    /// A row, which is random bytes until an entry in it is set.
    fn row(&mut self, matrix: u32, row: u32) -> &mut Vec<u8> {
        let (seed, row_len) = (self.seed, self.geometry.row_len());
        self.bytes
            .entry(self.geometry.row_index(matrix, row))
            .or_insert_with(|| random_row(&seed, matrix, row, row_len))
    }

    /// A row of an operand.
    fn operand(&mut self, matrix: u32, row: u32) -> Vec<u8> {
        if matrix < FIRST_MATRIX {
            random_row(&self.seed, matrix, row, self.geometry.row_len())
        } else {
            self.row(matrix, row).clone()
        }
    }

    /// Sets an entry to what follows from its operands.
    fn set(&mut self, Entry { matrix, row, column }: Entry) {
        let product = recurrence::dot(&self.operand(matrix - 1, row), &self.operand(matrix - 2, column));
        let row_key = recurrence::row_key(&self.seed, matrix, row);
        let column_key = recurrence::column_key(&self.seed, matrix, column);
        self.row(matrix, row)[column as usize] = recurrence::masked(product, row_key, column_key);
    }

    /// Walks one lane.
    fn walk(&mut self, walker: &Walker, lane: u32) -> Trace {
        let (n, chunk_len) = (u64::from(self.geometry.n()), self.geometry.chunk_len());
        let per_row = u64::from(self.geometry.chunks_per_row());
        let Ok::<_, Infallible>(trace) = walker.trace(lane, |index| {
            let (row, within) = (index / per_row, (index % per_row) as usize);
            let row = self.row(FIRST_MATRIX + (row / n) as u32, (row % n) as u32);
            Ok(row[within * chunk_len..][..chunk_len].to_vec())
        });
        trace
    }
}

/// A row of an operand, and just as well a row of random bytes of any other matrix.
fn random_row(seed: &Seed, matrix: u32, row: u32, row_len: usize) -> Vec<u8> {
    let mut bytes = vec![0; row_len];
    recurrence::operand_row(seed, matrix, row, &mut bytes);
    bytes
}

/// The known rows and lanes with the trees above them.
struct Sparse {
    rows: BTreeMap<u64, Vec<u8>>,
    row_tree: SparseTree,
    traces: BTreeMap<u32, Trace>,
    lane_tree: SparseTree,
}

impl Source for Sparse {
    type Error = Infallible;

    fn row(&self, index: u64) -> Result<Vec<u8>, Infallible> {
        Ok(self.rows[&index].clone())
    }

    fn row_path(&self, index: u64) -> Result<Vec<Hash>, Infallible> {
        Ok(self.row_tree.path(index))
    }

    fn trace(&self, lane: u32) -> Result<Trace, Infallible> {
        Ok(self.traces[&lane])
    }

    fn lane_path(&self, lane: u32) -> Result<Vec<Hash>, Infallible> {
        Ok(self.lane_tree.path(u64::from(lane)))
    }
}

/// A Merkle tree of which only some leaves exist. The nodes above nothing are zero.
struct SparseTree {
    /// From the leaves up to the root, each by its number in its level.
    levels: Vec<BTreeMap<u64, Hash>>,
}

impl SparseTree {
    fn new(depth: usize, leaves: BTreeMap<u64, Hash>) -> Self {
        let mut levels = vec![leaves];
        for height in 0..depth {
            let level = &levels[height];
            let digest = |index: u64| level.get(&index).unwrap_or(&MISSING);
            let parents = level.keys().map(|index| index & !1);
            let parents = parents.map(|left| (left / 2, merkle::node(digest(left), digest(left + 1))));
            let parents = parents.collect();
            levels.push(parents);
        }
        Self { levels }
    }

    fn root(&self) -> Hash {
        self.levels
            .last()
            .and_then(|level| level.get(&0))
            .copied()
            .unwrap_or(MISSING)
    }

    fn path(&self, index: u64) -> Vec<Hash> {
        let (_, below_root) = self
            .levels
            .split_last()
            .expect("a tree has the level of its leaves; qed");
        let siblings = below_root.iter().enumerate().map(|(height, level)| {
            let sibling = (index >> height) ^ 1;
            level.get(&sibling).copied().unwrap_or(MISSING)
        });
        siblings.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{classes::CLASSES, verifier};
    use codec::Encode;

    #[test]
    fn a_synthetic_proof_passes_for_every_known_class() {
        for class in CLASSES {
            let geometry = Geometry::new(class.profile).expect("known classes are usable");
            let proof = SyntheticProof::new(&geometry, [1; 32], [2; 32], &[3; 32]);
            let encoded = proof.openings.encode();
            assert_eq!(
                verifier::verify(&geometry, &proof.claim, &[3; 32], &mut &encoded[..]),
                Ok(()),
                "{}",
                class.name
            );
            assert!(
                encoded.len() <= Openings::max_encoded_len_for(&geometry),
                "{}",
                class.name
            );
        }
    }

    #[test]
    fn a_synthetic_proof_fails_for_any_other_sample() {
        let geometry = Geometry::new(CLASSES[0].profile).expect("known classes are usable");
        let proof = SyntheticProof::new(&geometry, [1; 32], [2; 32], &[3; 32]);
        let encoded = proof.openings.encode();
        assert!(verifier::verify(&geometry, &proof.claim, &[4; 32], &mut &encoded[..]).is_err());
    }
}

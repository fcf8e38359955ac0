//! The commitment: binary SHA-256 Merkle trees.
//!
//! The leaves of a *state* tree are the chunks of `X_2, X_3, .. X_{N+1}`, matrix after matrix, row after row.
//! Chunks a row and rows a matrix are powers of two, so each row and each run of rows that is a power of two
//! has a node of its own. The leaves of a *walk* tree are the lanes.
//!
//! ```text
//! chunk leaf = SHA-256(chunk || 00)               chunk: 1,024 bytes, or the whole row where n < 1,024
//! lane leaf  = SHA-256(the 32 states, u64 little-endian || 02)
//! node       = SHA-256(left || right || 01)
//! ```
//!
//! The domain byte comes last, so that the data stays aligned to words, and the last SHA-256 block of every
//! leaf and node is a constant. A level with an odd number of digests, unless it is the root, is completed
//! with 32 zero bytes. A path lists the siblings from the leaf up.

use crate::{Hash, profile::WALK_READS};
use sha2::{Digest, Sha256};

/// What stands in for a sibling beyond the end of a level.
pub const MISSING: Hash = [0; 32];

const CHUNK_LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];
const LANE_LEAF: [u8; 1] = [2];

/// Leaf of a chunk of the state.
pub fn chunk_leaf(chunk: &[u8]) -> Hash {
    Sha256::new()
        .chain_update(chunk)
        .chain_update(CHUNK_LEAF)
        .finalize()
        .into()
}

/// Leaf of a lane: the states after each of its reads.
pub fn lane_leaf(trace: &[u64; WALK_READS]) -> Hash {
    let mut hasher = Sha256::new();
    for state in trace {
        hasher.update(state.to_le_bytes());
    }
    hasher.chain_update(LANE_LEAF).finalize().into()
}

/// Parent of two digests.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update(left)
        .chain_update(right)
        .chain_update(NODE)
        .finalize()
        .into()
}

/// Node of a row: the root over its chunks. The row's length is a power of two times `chunk_len`.
pub fn row_node(row: &[u8], chunk_len: usize) -> Hash {
    if row.len() <= chunk_len {
        return chunk_leaf(row);
    }
    let (left, right) = row.split_at(row.len() / 2);
    node(&row_node(left, chunk_len), &row_node(right, chunk_len))
}

/// The root that `path` leads to from the digest number `index` of its level.
pub fn root(digest: Hash, index: u64, path: &[Hash]) -> Hash {
    let mut index = index;
    path.iter().fold(digest, |digest, sibling| {
        let (left, right) = if index & 1 == 0 {
            (&digest, sibling)
        } else {
            (sibling, &digest)
        };
        index >>= 1;
        node(left, right)
    })
}

/// Length of the paths in a tree with that many leaves: the logarithm, rounded up.
pub fn depth(leaves: u64) -> usize {
    leaves.max(1).next_power_of_two().ilog2() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_the_logarithm_rounded_up() {
        let depths = [
            (0, 0),
            (1, 0),
            (2, 1),
            (3, 2),
            (4, 2),
            (5, 3),
            (1 << 36, 36),
            ((1 << 35) + 1, 36),
        ];
        for (leaves, expected) in depths {
            assert_eq!(depth(leaves), expected, "{leaves} leaves");
        }
    }

    #[test]
    fn a_chunk_that_looks_like_a_node_has_another_digest() {
        let (left, right) = ([3; 32], [4; 32]);
        assert_ne!(chunk_leaf(&[left, right].concat()), node(&left, &right));
    }

    #[test]
    fn a_row_node_is_the_root_over_its_chunks() {
        let row: Vec<u8> = (0..4_096u32).map(|i| ((i * i) >> 3) as u8).collect();
        let leaves: Vec<Hash> = row.chunks(1_024).map(chunk_leaf).collect();
        let (left, right) = (node(&leaves[0], &leaves[1]), node(&leaves[2], &leaves[3]));
        assert_eq!(row_node(&row, 1_024), node(&left, &right));
        assert_eq!(root(leaves[2], 2, &[leaves[3], left]), node(&left, &right));
        assert_eq!(row_node(&row[..64], 1_024), chunk_leaf(&row[..64]));
    }
}

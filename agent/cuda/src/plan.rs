//! How much memory a profile needs, and for what.

use crate::tree::tree_bytes;
use loopin_challenge::Geometry;

/// Unit in which the driver gives memory.
pub(crate) const PAGE_BYTES: u64 = 2 << 20;
/// `X_0` and `X_1` are needed for the first two steps only. They lie where the last two matrices will be, which
/// takes four matrices' room.
const LEAST_MATRICES: u64 = 4;
/// Most bytes of int32 products that a library leaves before they are masked.
const PANEL_BYTES: u64 = 128 << 20;
/// Scratch memory of the library: what its maker advises for Hopper.
pub(crate) const WORKSPACE_BYTES: u64 = 32 << 20;

/// Bytes of each part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryPlan {
    /// The matrices.
    pub(crate) state: u64,
    /// Nodes of the rows and all above.
    pub(crate) row_tree: u64,
    /// Leaves of the lanes and all above.
    pub(crate) lane_tree: u64,
    /// Row and column keys of all steps.
    pub(crate) keys: u64,
    /// Keys of the walk.
    pub(crate) walk_keys: u64,
}

impl MemoryPlan {
    /// What a geometry needs.
    pub(crate) fn new(geometry: &Geometry) -> Self {
        let profile = geometry.profile();
        let (n, matrices) = (u64::from(profile.n), u64::from(profile.matrices));
        Self {
            state: matrices.max(LEAST_MATRICES) * n * n,
            row_tree: tree_bytes(geometry.rows()),
            lane_tree: tree_bytes(u64::from(profile.lanes)),
            keys: matrices * 2 * n * 4,
            walk_keys: walk_key_bytes(geometry) as u64,
        }
    }

    /// All of it, each part rounded up to what the driver gives, and a page for what is small.
    pub(crate) fn bytes(&self) -> u64 {
        let parts = [self.state, self.row_tree, self.lane_tree, self.keys];
        parts
            .iter()
            .map(|part| part.next_multiple_of(PAGE_BYTES))
            .sum::<u64>()
            + PAGE_BYTES
    }
}

/// Bytes of the walk's table of keys.
pub(crate) fn walk_key_bytes(geometry: &Geometry) -> usize {
    geometry.chunk_len() + 1_020 * 4
}

/// Rows that the library multiplies at once: as many as leave [`PANEL_BYTES`] of products, a divisor of `n`.
pub(crate) fn panel_rows(n: u32) -> u32 {
    let rows = PANEL_BYTES / (4 * u64::from(n));
    n.min(rows as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use loopin_challenge::{classes::CLASSES, profile::MAX_N};

    #[test]
    fn every_known_class_fits_its_card_with_a_gigabyte_to_spare() {
        for class in CLASSES {
            let geometry = Geometry::new(class.profile).expect("known classes are usable");
            let plan = MemoryPlan::new(&geometry);
            // The driver shows some percent less than the card's name says.
            assert!(
                plan.bytes() + (1 << 30) <= (class.memory_gib << 30) / 100 * 96,
                "{}: {}",
                class.name,
                plan.bytes()
            );
            // What is not the state is small beside it.
            assert!(
                plan.bytes() - plan.state <= plan.state / 25 + (16 << 20),
                "{}",
                class.name
            );
        }
    }

    #[test]
    fn panels_divide_the_matrix() {
        for power in 7..=MAX_N.ilog2() {
            let n = 1 << power;
            assert_eq!(n % panel_rows(n), 0, "{n}");
            assert!(u64::from(panel_rows(n)) * u64::from(n) * 4 <= PANEL_BYTES);
        }
        assert_eq!(panel_rows(16_384), 2_048);
    }
}

//! Roots that the agent's backend for the processor computed beforehand, so that a device can be held against sizes
//! for which a processor takes minutes.
//!
//! `agent/tests/known_roots.rs` makes the table, and computes the smaller ones again in every run of the tests.

use loopin_challenge::{Claim, Geometry, Hash, Profile, Seed, classes::CPU_REFERENCE};

/// Kinds of seeds: in each of their bytes but the first four.
const FILL: u8 = 0x11;
const WALK: u8 = 0x22;
const SAMPLE: u8 = 0x33;

/// Most entry checks of one challenge.
const MOST_ENTRIES: u32 = 24;
/// Lanes that are opened.
const OPENED_LANES: u32 = 4;
/// Largest side of a matrix in the check of a device that is opened: 192 MiB of state.
const START_UP_SIDE: u32 = 8_192;

/// A small challenge of known result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRoots {
    /// Side of its matrices.
    pub n: u32,
    /// How many of them are computed.
    pub matrices: u32,
    /// What its seeds are made from.
    pub number: u32,
    /// Root of the state.
    pub state_root: Hash,
    /// Root of the walk.
    pub walk_root: Hash,
}

impl KnownRoots {
    /// The challenge, which reads its state eight times over.
    ///
    /// # Panics
    /// Where side or number of matrices are of no profile.
    pub fn geometry(&self) -> Geometry {
        let Self { n, matrices, .. } = *self;
        let chunks = u64::from(matrices) * u64::from(n).pow(2) / u64::from(n.min(1_024));
        Geometry::new(Profile {
            n,
            matrices,
            lanes: (chunks / 4) as u32,
            entries: MOST_ENTRIES.min(matrices + 1),
            opened_lanes: OPENED_LANES,
            ..CPU_REFERENCE.profile
        })
        .expect("the table has usable challenges alone: its test makes all of them; qed")
    }

    /// The seed to fill with.
    pub fn seed(&self) -> Seed {
        self.seed_of(FILL)
    }

    /// The seed to walk with.
    pub fn walk_seed(&self) -> Seed {
        self.seed_of(WALK)
    }

    /// A seed to open with.
    pub fn sample_seed(&self) -> Seed {
        self.seed_of(SAMPLE)
    }

    fn seed_of(&self, kind: u8) -> Seed {
        let mut seed = [kind; 32];
        seed[..4].copy_from_slice(&self.number.to_le_bytes());
        seed
    }

    /// What a device has to commit to.
    pub fn claim(&self) -> Claim {
        Claim {
            seed: self.seed(),
            state_root: self.state_root,
            walk_seed: self.walk_seed(),
            walk_root: self.walk_root,
        }
    }
}

/// An entry of the table.
const fn known(n: u32, matrices: u32, number: u32, state_root: &str, walk_root: &str) -> KnownRoots {
    KnownRoots {
        n,
        matrices,
        number,
        state_root: hash(state_root),
        walk_root: hash(walk_root),
    }
}

const fn hash(text: &str) -> Hash {
    let digits = text.as_bytes();
    assert!(digits.len() == 64, "a hash has 64 digits");
    let mut hash = [0; 32];
    let mut at = 0;
    while at < 32 {
        hash[at] = digit(digits[2 * at]) << 4 | digit(digits[2 * at + 1]);
        at += 1;
    }
    hash
}

const fn digit(letter: u8) -> u8 {
    match letter {
        b'0'..=b'9' => letter - b'0',
        b'a'..=b'f' => letter - b'a' + 10,
        _ => panic!("not a hexadecimal digit"),
    }
}

/// All of them, the smaller sizes first.
pub const KNOWN_ROOTS: &[KnownRoots] = &include!("known_roots.in");

/// Those that a device has to give when it is opened: every kernel and every way through them, with short chunks and
/// full ones, with tiles in one group and in several.
pub fn start_up() -> Vec<KnownRoots> {
    let is_first = |known: &&KnownRoots| known.number == 0 && known.n <= START_UP_SIDE;
    KNOWN_ROOTS.iter().filter(is_first).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_of_a_device_has_every_size_that_takes_another_way() {
        let sides: Vec<u32> = start_up().iter().map(|known| known.n).collect();
        assert_eq!(sides, [64, 256, 1_024, 2_048, 8_192]);
    }

    #[test]
    fn there_are_many_seeds_of_small_sizes_and_some_of_large_ones() {
        let count = |n| KNOWN_ROOTS.iter().filter(|known| known.n == n).count();
        assert_eq!([1_024, 2_048, 8_192, 16_384].map(count), [20, 20, 3, 3]);
    }
}

//! What a verifier looks at: entries and lanes drawn from a seed that exists only after the device has
//! committed.
//!
//! Draws are the consecutive `u64` of [`Domain::Sample`] under the sample's seed; "below `m`" is the high
//! half of the product with `m` ([`prng::below`]). In this order:
//!
//! 1. two entries of `X_2`: for each a row below `n`, then a column below `n`;
//! 2. `k = entries - 2` distinct matrices of the `m = N - 1` matrices `X_3 .. X_{N+1}`, by Floyd's algorithm:
//!    for `j = m - k, .. m - 1`: `t` below `j + 1`; if `t` was already chosen then `t = j`; the matrix is `3
//!    + t`;
//! 3. in each of these, in the order chosen, one entry: a row below `n`, then a column below `n`;
//! 4. `opened_lanes` distinct lanes, by Floyd's algorithm with `m = lanes` and `k = opened_lanes`.

use crate::{
    Seed,
    prng::{self, Domain},
    profile::{BASE_ENTRIES, FIRST_MATRIX, Geometry},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Place of one entry in the state.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Entry {
    /// The matrix `X_matrix`, from 2 to `N + 1`.
    pub matrix: u32,
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
}

/// What to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Entries, in the order in which they are opened.
    pub entries: Vec<Entry>,
    /// Lanes, in the order in which they are opened.
    pub lanes: Vec<u32>,
}

impl Sample {
    /// Draws what to open in a state of that geometry.
    pub fn draw(geometry: &Geometry, seed: &Seed) -> Self {
        let mut draws = Draws { seed, next: 0 };
        let profile = geometry.profile();
        let mut entries = Vec::with_capacity(profile.entries as usize);
        for _ in 0..BASE_ENTRIES {
            entries.push(draws.entry(geometry, FIRST_MATRIX));
        }
        for other in draws.distinct(profile.entries - BASE_ENTRIES, profile.matrices - 1) {
            entries.push(draws.entry(geometry, FIRST_MATRIX + 1 + other));
        }
        let lanes = draws.distinct(profile.opened_lanes, profile.lanes);
        Self { entries, lanes }
    }
}

struct Draws<'a> {
    seed: &'a Seed,
    next: u32,
}

impl Draws<'_> {
    fn below(&mut self, bound: u32) -> u32 {
        let draw = prng::long_word(self.seed, Domain::Sample, self.next);
        self.next += 1;
        prng::below(draw, u64::from(bound)) as u32
    }

    fn entry(&mut self, geometry: &Geometry, matrix: u32) -> Entry {
        let row = self.below(geometry.n());
        Entry {
            matrix,
            row,
            column: self.below(geometry.n()),
        }
    }

    /// Chooses `count` distinct numbers below `bound` by Floyd's algorithm: as many draws as numbers, always.
    fn distinct(&mut self, count: u32, bound: u32) -> Vec<u32> {
        let mut chosen = Vec::with_capacity(count as usize);
        for last in bound - count..bound {
            let draw = self.below(last + 1);
            chosen.push(if chosen.contains(&draw) { last } else { draw });
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        classes::{CLASSES, CPU_REFERENCE},
        profile::Profile,
    };
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_sample_has_the_base_twice_and_distinct_matrices_and_lanes(seed: Seed, class in 0..CLASSES.len()) {
            let profile = CLASSES[class].profile;
            let geometry = Geometry::new(profile).expect("known classes are usable");
            let Sample { entries, lanes } = Sample::draw(&geometry, &seed);
            prop_assert_eq!(entries.len(), 24);
            prop_assert_eq!(lanes.len(), 4);
            prop_assert!(entries[..2].iter().all(|entry| entry.matrix == 2));
            let matrices: BTreeSet<u32> = entries[2..].iter().map(|entry| entry.matrix).collect();
            prop_assert_eq!(matrices.len(), 22);
            prop_assert!(matrices.iter().all(|&matrix| (3..=profile.matrices + 1).contains(&matrix)));
            prop_assert!(entries.iter().all(|entry| entry.row < profile.n && entry.column < profile.n));
            prop_assert_eq!(lanes.iter().collect::<BTreeSet<_>>().len(), 4);
            prop_assert!(lanes.iter().all(|&lane| lane < profile.lanes));
        }
    }

    #[test]
    fn a_sample_as_large_as_the_state_takes_every_matrix_and_lane() {
        let profile = Profile {
            matrices: 8,
            entries: 9,
            lanes: 4,
            opened_lanes: 4,
            ..CPU_REFERENCE.profile
        };
        let geometry = Geometry::new(profile).expect("every field is at its bound");
        let Sample { entries, mut lanes } = Sample::draw(&geometry, &[9; 32]);
        let mut matrices: Vec<u32> = entries.iter().map(|entry| entry.matrix).collect();
        matrices.sort_unstable();
        assert_eq!(matrices, [2, 2, 3, 4, 5, 6, 7, 8, 9]);
        lanes.sort_unstable();
        assert_eq!(lanes, [0, 1, 2, 3]);
    }

    #[test]
    fn every_matrix_and_every_lane_is_equally_likely() {
        let profile = Profile {
            matrices: 11,
            entries: 5,
            lanes: 10,
            opened_lanes: 3,
            ..CPU_REFERENCE.profile
        };
        let geometry = Geometry::new(profile).expect("the profile is usable");
        let (mut matrices, mut lanes) = ([0u32; 10], [0u32; 10]);
        for trial in 0..10_000u32 {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&trial.to_le_bytes());
            let sample = Sample::draw(&geometry, &seed);
            sample.entries[2..]
                .iter()
                .for_each(|entry| matrices[entry.matrix as usize - 3] += 1);
            sample.lanes.iter().for_each(|&lane| lanes[lane as usize] += 1);
        }
        // 3 of 10 in each of 10,000 trials: 3,000 expected, standard deviation 46.
        for count in matrices.iter().chain(&lanes) {
            assert!((2_800..=3_200).contains(count), "{matrices:?} {lanes:?}");
        }
    }
}

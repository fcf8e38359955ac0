//! The size of a challenge: what a pool asks of its devices, checked once and then turned into numbers.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Entry checks whose operands both come from the pseudo-random generator: they bind the base of the
/// recurrence.
pub const BASE_ENTRIES: u32 = 2;
/// Index of the first matrix that is computed; `X_0` and `X_1` come from the generator.
pub const FIRST_MATRIX: u32 = 2;
/// Longest chunk in bytes: what one leaf of the commitment covers and one read of the walk fetches.
pub const MAX_CHUNK: u32 = 1_024;
/// Smallest side of a matrix.
pub const MIN_N: u32 = 32;
/// Largest side of a matrix, and so the longest row in bytes.
pub const MAX_N: u32 = 32_768;
/// Most matrices in a state.
pub const MAX_MATRICES: u32 = 65_535;
/// Most entry checks in one round.
pub const MAX_ENTRIES: u32 = 64;
/// Most lanes of the walk.
pub const MAX_LANES: u32 = 1 << 28;
/// Most lanes opened in one round.
pub const MAX_OPENED_LANES: u32 = 16;
/// Longest time limit of any step, in milliseconds.
pub const MAX_LIMIT_MS: u32 = 600_000;
/// Longest Merkle path: `MAX_MATRICES * MAX_N * (MAX_N / MAX_CHUNK)` leaves are `2^36` or fewer.
pub const MAX_PATH: u32 = 36;
/// Dependent reads of one lane of the walk.
pub const WALK_READS: usize = 32;

/// What a pool asks of its devices. It is plain data: a new class of device needs a new profile and no new
/// code.
///
/// A profile that someone wrote may be nonsense; [`Geometry::new`] says whether it is usable.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct Profile {
    /// Side of the square matrices, in entries of one byte. A power of two from [`MIN_N`] to [`MAX_N`].
    pub n: u32,
    /// Number of matrices computed and kept, `N`: the state takes `N * n * n` bytes.
    pub matrices: u32,
    /// Lanes of the walk. `N * n * n / (4 * chunk)` lanes read the state eight times over.
    pub lanes: u32,
    /// Entries checked in one round, the two at the base included.
    pub entries: u32,
    /// Lanes of the walk checked in one round.
    pub opened_lanes: u32,
    /// How long the device may take for each step.
    pub limits: Limits,
}

/// How long a device may take for each step, in milliseconds on the verifier's clock, from sending the
/// request to having the whole answer. A device that takes longer fails.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct Limits {
    /// Taking the memory and warming up, in milliseconds.
    pub prepare_ms: u32,
    /// Computing and committing to the state, in milliseconds. The time taken is also the device's
    /// throughput.
    pub fill_ms: u32,
    /// Walking the state, in milliseconds: the gate for memory size and bandwidth.
    pub walk_ms: u32,
    /// Sending the openings, in milliseconds: a deadline only.
    pub open_ms: u32,
}

/// Why a [`Profile`] cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The side of the matrices is unusable.
    #[error("n is {0}: it must be a power of two from {MIN_N} to {MAX_N}")]
    Side(u32),
    /// The number of matrices is unusable.
    #[error("matrices is {0}: it must be from 2 to {MAX_MATRICES}")]
    Matrices(u32),
    /// The number of entry checks is unusable.
    #[error("entries is {0}: it must be from 3 to {max} for this number of matrices", max = .1)]
    Entries(u32, u32),
    /// The number of lanes is unusable.
    #[error("lanes is {0}: it must be from 1 to {MAX_LANES}")]
    Lanes(u32),
    /// The number of opened lanes is unusable.
    #[error("opened_lanes is {0}: it must be from 1 to {MAX_OPENED_LANES}, and at most the number of lanes")]
    OpenedLanes(u32),
    /// A time limit is unusable.
    #[error("a time limit is {0} ms: every limit must be from 1 to {MAX_LIMIT_MS} ms")]
    Limit(u32),
}

/// A checked [`Profile`] and what follows from it. All arithmetic on it is free of overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    profile: Profile,
}

impl Geometry {
    /// Checks a profile.
    ///
    /// # Errors
    /// The first field that is out of its range.
    pub fn new(profile: Profile) -> Result<Self, ProfileError> {
        let Profile {
            n,
            matrices,
            lanes,
            entries,
            opened_lanes,
            limits,
        } = profile;
        if !n.is_power_of_two() || !(MIN_N..=MAX_N).contains(&n) {
            return Err(ProfileError::Side(n));
        }
        if !(2..=MAX_MATRICES).contains(&matrices) {
            return Err(ProfileError::Matrices(matrices));
        }
        // Beyond the base, each entry is in another matrix, and the base is one matrix.
        let most_entries = MAX_ENTRIES.min(matrices - 1 + BASE_ENTRIES);
        if !(BASE_ENTRIES + 1..=most_entries).contains(&entries) {
            return Err(ProfileError::Entries(entries, most_entries));
        }
        if !(1..=MAX_LANES).contains(&lanes) {
            return Err(ProfileError::Lanes(lanes));
        }
        if !(1..=MAX_OPENED_LANES.min(lanes)).contains(&opened_lanes) {
            return Err(ProfileError::OpenedLanes(opened_lanes));
        }
        for limit in [limits.prepare_ms, limits.fill_ms, limits.walk_ms, limits.open_ms] {
            if !(1..=MAX_LIMIT_MS).contains(&limit) {
                return Err(ProfileError::Limit(limit));
            }
        }
        Ok(Self { profile })
    }

    /// The profile this came from.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Side of the matrices, and length of a row in bytes.
    pub fn n(&self) -> u32 {
        self.profile.n
    }

    /// Length of a row in bytes, as an index.
    pub fn row_len(&self) -> usize {
        self.profile.n as usize
    }

    /// Index of the last matrix, `N + 1`.
    pub fn last_matrix(&self) -> u32 {
        self.profile.matrices + 1
    }

    /// Bytes of a chunk: a leaf of the commitment, and one read of the walk. A whole row where rows are
    /// short.
    pub fn chunk_len(&self) -> usize {
        self.profile.n.min(MAX_CHUNK) as usize
    }

    /// Chunks in one row: a power of two.
    pub fn chunks_per_row(&self) -> u32 {
        self.profile.n / self.profile.n.min(MAX_CHUNK)
    }

    /// Rows of the whole state.
    pub fn rows(&self) -> u64 {
        u64::from(self.profile.matrices) * u64::from(self.profile.n)
    }

    /// Chunks of the whole state: the leaves of the state's Merkle tree.
    pub fn chunks(&self) -> u64 {
        self.rows() * u64::from(self.chunks_per_row())
    }

    /// Bytes of the whole state.
    pub fn state_bytes(&self) -> u64 {
        self.rows() * u64::from(self.profile.n)
    }

    /// Bytes of the whole state and of the two operands before it: what computing it takes at once, at most.
    pub fn bytes_with_operands(&self) -> u64 {
        self.state_bytes() + 2 * u64::from(self.profile.n).pow(2)
    }

    /// Number of the row `row` of `X_matrix` among all rows of the state, which begin with those of `X_2`.
    pub fn row_index(&self, matrix: u32, row: u32) -> u64 {
        u64::from(matrix.saturating_sub(FIRST_MATRIX)) * u64::from(self.profile.n) + u64::from(row)
    }

    /// Number of the chunk that holds column `column` of row `row` of `X_matrix` among all chunks of the
    /// state.
    pub fn chunk_index(&self, matrix: u32, row: u32, column: u32) -> u64 {
        let within_row = column / self.profile.n.min(MAX_CHUNK);
        self.row_index(matrix, row) * u64::from(self.chunks_per_row()) + u64::from(within_row)
    }

    /// Digests in the path from a chunk to the state's root.
    pub fn chunk_path_len(&self) -> usize {
        crate::merkle::depth(self.chunks())
    }

    /// Digests in the path from a row's node to the state's root.
    pub fn row_path_len(&self) -> usize {
        crate::merkle::depth(self.rows())
    }

    /// Digests in the path from a lane to the walk's root.
    pub fn lane_path_len(&self) -> usize {
        crate::merkle::depth(u64::from(self.profile.lanes))
    }

    /// Operations of filling the state: `2 * n^3 * N`, multiplications and additions counted separately.
    pub fn operations(&self) -> u64 {
        // At most 2 * 2^45 * (2^16 - 1) < 2^62.
        2 * u64::from(self.profile.n).pow(3) * u64::from(self.profile.matrices)
    }

    /// Throughput of a device that filled the state in `elapsed_ms` milliseconds, in Gop/s (1e9 operations
    /// per second), rounded down. An interval below the clock's resolution counts as 1 ms.
    pub fn gops(&self, elapsed_ms: u64) -> u64 {
        self.operations() / elapsed_ms.max(1).saturating_mul(1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classes::CLASSES;
    use proptest::prelude::*;

    fn small() -> Profile {
        Profile {
            n: 64,
            matrices: 30,
            lanes: 120,
            entries: 24,
            opened_lanes: 4,
            limits: CLASSES[0].profile.limits,
        }
    }

    #[test]
    fn every_field_out_of_range_is_refused_by_name() {
        let refused = |change: fn(&mut Profile)| {
            let mut profile = small();
            change(&mut profile);
            Geometry::new(profile).expect_err("the profile is out of range")
        };
        assert_eq!(refused(|p| p.n = 0), ProfileError::Side(0));
        assert_eq!(refused(|p| p.n = 16), ProfileError::Side(16));
        assert_eq!(refused(|p| p.n = 96), ProfileError::Side(96));
        assert_eq!(refused(|p| p.n = 65_536), ProfileError::Side(65_536));
        assert_eq!(refused(|p| p.matrices = 1), ProfileError::Matrices(1));
        assert_eq!(refused(|p| p.matrices = 65_536), ProfileError::Matrices(65_536));
        assert_eq!(refused(|p| p.entries = 2), ProfileError::Entries(2, 31));
        assert_eq!(refused(|p| p.entries = 32), ProfileError::Entries(32, 31));
        assert_eq!(
            refused(|p| (p.matrices, p.entries) = (1_000, 65)),
            ProfileError::Entries(65, MAX_ENTRIES)
        );
        assert_eq!(refused(|p| p.lanes = 0), ProfileError::Lanes(0));
        assert_eq!(
            refused(|p| p.lanes = MAX_LANES + 1),
            ProfileError::Lanes(MAX_LANES + 1)
        );
        assert_eq!(refused(|p| p.opened_lanes = 0), ProfileError::OpenedLanes(0));
        assert_eq!(refused(|p| p.opened_lanes = 17), ProfileError::OpenedLanes(17));
        assert_eq!(
            refused(|p| (p.lanes, p.opened_lanes) = (3, 4)),
            ProfileError::OpenedLanes(4)
        );
        assert_eq!(refused(|p| p.limits.prepare_ms = 0), ProfileError::Limit(0));
        assert_eq!(refused(|p| p.limits.fill_ms = 0), ProfileError::Limit(0));
        assert_eq!(
            refused(|p| p.limits.walk_ms = 600_001),
            ProfileError::Limit(600_001)
        );
        assert_eq!(refused(|p| p.limits.open_ms = 0), ProfileError::Limit(0));
    }

    #[test]
    fn the_largest_profile_stays_within_every_bound() {
        let mut profile = small();
        (profile.n, profile.matrices) = (MAX_N, MAX_MATRICES);
        (profile.lanes, profile.entries, profile.opened_lanes) = (MAX_LANES, MAX_ENTRIES, MAX_OPENED_LANES);
        let geometry = Geometry::new(profile).expect("every field is at its bound");
        assert_eq!(geometry.chunks(), 65_535 << 20);
        assert_eq!(geometry.chunk_path_len(), MAX_PATH as usize);
        assert_eq!(geometry.row_path_len(), 31);
        assert_eq!(geometry.lane_path_len(), 28);
        assert_eq!(geometry.state_bytes(), 65_535 << 30);
        assert_eq!(geometry.operations(), 65_535 << 46);
        let last = geometry.chunk_index(geometry.last_matrix(), MAX_N - 1, MAX_N - 1);
        assert_eq!(last, geometry.chunks() - 1);
    }

    #[test]
    fn throughput_is_operations_over_time_rounded_down() {
        let mut profile = small();
        (profile.n, profile.matrices) = (16_384, 80);
        let geometry = Geometry::new(profile).expect("the profile of an RTX 4090");
        // 2 * 16384^3 * 80 = 703,687,441,776,640 operations.
        assert_eq!(geometry.operations(), 703_687_441_776_640);
        assert_eq!(geometry.gops(1_600), 439_804);
        assert_eq!(geometry.gops(0), geometry.gops(1));
        assert_eq!(geometry.gops(u64::MAX), 0);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_profile_is_read_from_json_and_unknown_fields_are_refused() {
        let json = serde_json::to_string(&small()).expect("numbers only");
        assert!(
            json.contains(r#""openedLanes":4"#) && json.contains(r#""fillMs":4638"#),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Profile>(&json).ok(), Some(small()));
        let misspelt = json.replace("openedLanes", "opened_lanes");
        assert!(serde_json::from_str::<Profile>(&misspelt).is_err());
    }

    proptest! {
        #[test]
        fn any_profile_is_either_refused_or_has_sound_arithmetic(
            n in prop_oneof![any::<u32>(), (0u32..17).prop_map(|power| 1 << power)],
            matrices in prop_oneof![any::<u32>(), 0u32..70_000],
            lanes in any::<u32>(),
            entries in 0u32..70,
            opened_lanes in 0u32..20,
            limit in any::<u32>(),
        ) {
            let limits = Limits { prepare_ms: limit, fill_ms: 1, walk_ms: 1, open_ms: 1 };
            let profile = Profile { n, matrices, lanes, entries, opened_lanes, limits };
            if let Ok(geometry) = Geometry::new(profile) {
                prop_assert!(geometry.chunk_path_len() <= MAX_PATH as usize);
                prop_assert!(geometry.lane_path_len() <= MAX_PATH as usize);
                let chunks_len = geometry.chunk_len() * geometry.chunks_per_row() as usize;
                prop_assert_eq!(chunks_len, geometry.row_len());
                prop_assert_eq!(geometry.chunks() * geometry.chunk_len() as u64, geometry.state_bytes());
                prop_assert_eq!(geometry.operations(), geometry.state_bytes() * u64::from(n) * 2);
            }
        }
    }
}

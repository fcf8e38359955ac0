//! What the creator of a pool lays down for it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use loopin_challenge::Profile;
use loopin_math::time::MINUTE;
use scale_info::TypeInfo;

/// The terms of a pool. They never change: whoever wants others creates another pool.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoolTerms {
    /// For how long a device that provides to the pool is staked, in seconds; whole minutes.
    pub provide_seconds: u64,
    /// A device whose time is sold is staked for a multiple of this many seconds; whole minutes.
    pub sell_unit_seconds: u64,
    /// The longest stake of a device whose time is sold, in seconds; a multiple of the unit.
    pub sell_max_seconds: u64,
    /// The shortest rental, in seconds.
    pub rental_min_seconds: u64,
    /// The longest rental, in seconds, extensions included.
    pub rental_max_seconds: u64,
    /// The challenge that a device of this pool must pass.
    pub challenge: Profile,
    /// The work that a device of this pool is expected to do, in 10⁹ operations per second.
    pub benchmark_gops: u64,
    /// The privacy, from 0 to 100, that a device of this pool is expected to offer: 0 for a process, 25 for a
    /// container, 50 for a virtual machine, 100 for confidential computing.
    pub privacy_limit: u8,
}

/// Which of a pool's terms is unusable.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum TermsError {
    /// `provide_seconds` is zero, not a whole number of minutes, or above the chain's longest stake.
    ProvideSeconds,
    /// `sell_unit_seconds` or `sell_max_seconds` is zero or not a whole number of minutes, or the maximum is not a
    /// multiple of the unit, or above the chain's longest stake.
    SellSeconds,
    /// `rental_min_seconds` is zero or above `rental_max_seconds`, or the latter is above the longest stake.
    RentalSeconds,
    /// The challenge profile cannot be used.
    Challenge,
    /// `benchmark_gops` is zero.
    Benchmark,
    /// `privacy_limit` is above 100.
    Privacy,
}

impl PoolTerms {
    /// Whether the terms make sense if no stake may be longer than `longest_stake` seconds.
    pub fn check(&self, longest_stake: u64) -> Result<(), TermsError> {
        let is_stake =
            |seconds: u64| seconds > 0 && seconds <= longest_stake && seconds.is_multiple_of(MINUTE);
        if !is_stake(self.provide_seconds) {
            return Err(TermsError::ProvideSeconds);
        }
        if !is_stake(self.sell_unit_seconds)
            || !is_stake(self.sell_max_seconds)
            || !self.sell_max_seconds.is_multiple_of(self.sell_unit_seconds)
        {
            return Err(TermsError::SellSeconds);
        }
        if self.rental_min_seconds == 0
            || self.rental_min_seconds > self.rental_max_seconds
            || self.rental_max_seconds > longest_stake
        {
            return Err(TermsError::RentalSeconds);
        }
        if loopin_challenge::Geometry::new(self.challenge).is_err() {
            return Err(TermsError::Challenge);
        }
        if self.benchmark_gops == 0 {
            return Err(TermsError::Benchmark);
        }
        if self.privacy_limit > 100 {
            return Err(TermsError::Privacy);
        }
        Ok(())
    }
}

//! What part of an epoch's standard reward a device has earned by the rounds in which it was challenged.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Perquintill;

/// A round that is passed without a dissenting vote, in the unit of [`RoundCount::passed`].
const WHOLE_ROUND: u64 = 1_000_000_000;

/// The rounds of an epoch in which a device was judged.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RoundCount {
    /// In how many of them it passed or failed.
    pub judged: u32,
    /// The rounds that it passed, each by the part that passes are among passes and fails, in billionths.
    pub passed: u64,
}

impl RoundCount {
    /// The device has passed a round in which it got that many passes and fails. A round without any vote proves nothing.
    pub fn pass(&mut self, passes: u32, fails: u32) {
        let votes = u64::from(passes).saturating_add(fails.into());
        let part = u64::from(passes)
            .saturating_mul(WHOLE_ROUND)
            .checked_div(votes)
            .unwrap_or(0);
        self.passed = self.passed.saturating_add(part);
        self.judged = self.judged.saturating_add((votes > 0).into());
    }

    /// The device has failed a round.
    pub fn fail(&mut self) {
        self.judged = self.judged.saturating_add(1);
    }

    /// The part of the epoch's standard reward that counts, rounded down, if the epoch had that many rounds: what was
    /// passed, of the rounds that judged the device, or of half of the epoch's rounds if these are more. So nobody gains
    /// by being challenged seldom. If there is neither, nothing was proven.
    pub fn proven(&self, rounds_of_epoch: u32) -> Perquintill {
        let judged_doubled = u64::from(self.judged).saturating_mul(2);
        let rounds_doubled = u128::from(judged_doubled.max(rounds_of_epoch.into()));
        // A billionth is 10⁹ parts of 10¹⁸; the product is below 2^64·2^31.
        let parts = u128::from(self.passed)
            .saturating_mul(2 * u128::from(WHOLE_ROUND))
            .checked_div(rounds_doubled)
            .unwrap_or(0);
        Perquintill::from_parts(u64::try_from(parts).unwrap_or(u64::MAX))
    }
}

//! What bounds the standard reward of a position: the reference price of its pool, and what its time was used for.
//!
//! Everything is rounded down.

use crate::{arithmetic::multiply_divide_down, parts::RATE_BITS, reward_at_rate, time::HOUR};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::U256;
use scale_info::TypeInfo;
use sp_arithmetic::{FixedPointNumber, FixedU128};

/// What governance sets for it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RewardCaps {
    /// Idle time is rewarded with at most so many times the reference price.
    pub idle: FixedU128,
    /// Rented time is rewarded with at most so many times the reference price, and with at most so many times what was
    /// paid for it.
    pub rented: FixedU128,
}

/// What a position's time in its pool was used for, as far as it is rewarded at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RewardedTime {
    /// Seconds for which the device waited in the pool for a client.
    pub idle_seconds: u64,
    /// Seconds for which it was rented.
    pub rented_seconds: u64,
    /// What was paid to the pool for these, in planck.
    pub paid: u128,
}

impl RewardCaps {
    /// What an idle second earns, in planck times 2^64, at a rate in the same unit and at a reference price in planck for
    /// a GPU-hour.
    pub fn idle_rate(&self, rate: u128, reference_price: u128) -> u128 {
        rate.min(rate_of(self.idle, reference_price))
    }

    /// What a rented second earns at most, likewise.
    pub fn rented_rate(&self, rate: u128, reference_price: u128) -> u128 {
        rate.min(rate_of(self.rented, reference_price))
    }

    /// The standard reward for that time, in planck. It is never more than [`reward_at_rate`] for all of the time, so all
    /// positions together get no more than their pool's part.
    pub fn standard_reward(&self, rate: u128, reference_price: u128, time: &RewardedTime) -> u128 {
        let idle = reward_at_rate(self.idle_rate(rate, reference_price), time.idle_seconds);
        // If that does not fit in the type, it bounds nothing.
        let most_for_rented =
            multiply_divide_down(self.rented.into_inner(), time.paid, FixedU128::DIV).unwrap_or(u128::MAX);
        let rented = reward_at_rate(self.rented_rate(rate, reference_price), time.rented_seconds);
        idle.saturating_add(rented.min(most_for_rented))
    }
}

/// So many times a price of a GPU-hour for a second, in planck times 2^64. If that does not fit in the type, it is the
/// largest number that does, which bounds nothing.
fn rate_of(times: FixedU128, price_per_gpu_hour: u128) -> u128 {
    // Two factors of 128 bits fit in 256.
    (U256::from(times.into_inner()) * U256::from(price_per_gpu_hour))
        .checked_mul(U256::one() << RATE_BITS)
        .and_then(|rate| rate.checked_div(U256::from(FixedU128::DIV) * U256::from(HOUR)))
        .map_or(u128::MAX, |rate| u128::try_from(rate).unwrap_or(u128::MAX))
}

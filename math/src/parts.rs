//! How a budget is divided: among pools, among the positions of a pool, and among those who share it pro rata.
//!
//! Everything is rounded down, so that the parts are never more than the whole. What remains is not paid to anybody.

use crate::arithmetic::multiply_divide_down;
use primitive_types::U256;

/// Bits after the binary point of [`rate_per_second`].
pub(crate) const RATE_BITS: u32 = 64;

/// The provider-seconds of a pool that count when the miners' budget is divided. If the pool's own epoch lasted longer
/// than the chain's, they are as many as it had on average in a time as long as the chain's epoch, rounded down: nobody
/// shall get more of a budget for having ended an epoch late.
pub fn seconds_that_count(provider_seconds: u128, lasted_seconds: u64, epoch_seconds: u64) -> u128 {
    if lasted_seconds <= epoch_seconds {
        return provider_seconds;
    }
    // It is less than what there was, so it fits.
    multiply_divide_down(provider_seconds, epoch_seconds.into(), lasted_seconds.into())
        .unwrap_or(provider_seconds)
}

/// What a pool weighs when the miners' budget is divided: reference price times provider-seconds. If that is too large for
/// the type, it is the largest number.
pub fn pool_weight(reference_price: u128, provider_seconds: u128) -> u128 {
    reference_price.saturating_mul(provider_seconds)
}

/// The parts of a budget by weight, each rounded down. All are zero if all weights are.
pub fn parts_by_weight(budget: u128, weights: &[u128]) -> impl Iterator<Item = u128> + '_ {
    let total: U256 = weights.iter().fold(U256::zero(), |total, weight| {
        total.saturating_add((*weight).into())
    });
    weights.iter().map(move |weight| {
        // The product of two numbers of 128 bits fits, and the part is at most the budget.
        (U256::from(budget) * U256::from(*weight))
            .checked_div(total)
            .and_then(|part| u128::try_from(part).ok())
            .unwrap_or(0)
    })
}

/// What a pool's part comes to for each provider-second: planck times 2^64, rounded down. Zero if nothing was provided.
///
/// If that does not fit in the type, it is the largest number that does, which is less.
pub fn rate_per_second(part: u128, provider_seconds: u128) -> u128 {
    (U256::from(part) << RATE_BITS)
        .checked_div(provider_seconds.into())
        .map_or(0, |rate| u128::try_from(rate).unwrap_or(u128::MAX))
}

/// What that many provider-seconds bring at a rate, in planck, rounded down. As long as those of all positions are no
/// more than the rate was made for, all positions together get no more than the pool's part.
pub fn reward_at_rate(rate: u128, provider_seconds: u64) -> u128 {
    // At most 192 bits, and 128 after the shift.
    let reward = (U256::from(rate) * U256::from(provider_seconds)) >> RATE_BITS;
    u128::try_from(reward).unwrap_or(u128::MAX)
}

/// The part of a budget that falls to `share` of `total`, rounded down, but no more than `most`. Nobody gets more than the
/// whole, and if the total is zero nobody gets anything.
pub fn capped_part(budget: u128, share: u128, total: u128, most: u128) -> u128 {
    multiply_divide_down(budget, share.min(total), total)
        .unwrap_or(0)
        .min(most)
}

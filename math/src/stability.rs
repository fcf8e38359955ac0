//! Whether a pool is in balance: the check of the project's second paper.
//!
//! A pool has the price `a` for time that costs `b` elsewhere. Whoever sells time to the pool loses `q` if the device
//! fails, which it does with probability `p`, so a seller's time costs `c = b + p·q`. Providers are rewarded with
//! `y`. Genuine buyers pay up to `d`. All these are amounts for the same time, in the same unit.
//!
//! The paper normalises by `c`: `x = a/c`, `y/c`, `s = b/c`, `g = d/c`. Nothing here has to be divided for that: regions
//! are told apart by comparing amounts, so they are exact, but for the one curve between the regions of sellers and those
//! of providers, `y*(x) = (x - 1)/ln x - (1 - s)`. It is the logarithmic mean of `a` and `c`, less `p·q`: see
//! [`logarithmic_mean`].

use crate::exponential::{LOGARITHM_BITS, natural_logarithm};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::U256;
use scale_info::TypeInfo;
use sp_arithmetic::Permill;

/// Quotients above 2^32 count as 2^32 in [`logarithmic_mean`].
const LARGEST_QUOTIENT_BITS: u32 = 32;
/// With this many terms of its series, what is left out is less than its last bit.
const MEAN_TERMS: u32 = 108;

/// What is known of a pool, in planck for the same amount of GPU time.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Conditions {
    /// `a`: the price in the pool.
    pub pool_price: u128,
    /// `b`: the price outside.
    pub external_price: u128,
    /// `p`: the probability that a seller's device fails.
    pub failure_probability: Permill,
    /// `q`: the collateral that a seller then loses.
    pub collateral: u128,
    /// `d`: the highest price that genuine buyers pay.
    pub buyers_limit: u128,
    /// `y`: the reward of a provider.
    pub reward: u128,
}

/// The regions of the paper's phase diagram.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Region {
    /// A: the price is low and the reward sufficient. There are providers and genuine buyers, but no sellers.
    #[codec(index = 0)]
    ProvidersAndBuyers,
    /// B: both the price and the reward are below the price outside. Speculating buyers drain the pool.
    #[codec(index = 1)]
    Drained,
    /// C: the price is low but not below the price outside, while the reward is below it. There are providers and
    /// buyers, and there is nothing to be gained by buying here and selling there.
    #[codec(index = 2)]
    NoArbitrage,
    /// D: sellers and buyers; providers would rather sell.
    #[codec(index = 3)]
    SellersAndBuyers,
    /// E: the price is above what genuine buyers pay, and the reward is low. There are only sellers.
    #[codec(index = 4)]
    SellersOnly,
    /// F: the price is above what genuine buyers pay, and the reward sufficient. There are only providers.
    #[codec(index = 5)]
    ProvidersOnly,
    /// G: balanced. Providing pays more than selling, and genuine buyers buy.
    #[codec(index = 6)]
    Balanced,
}

impl Conditions {
    /// `p·q`: what a seller loses on average, rounded up.
    pub fn expected_loss(&self) -> u128 {
        self.failure_probability.mul_ceil(self.collateral)
    }

    /// `c = b + p·q`: what a seller's time costs.
    pub fn sellers_cost(&self) -> u128 {
        self.external_price.saturating_add(self.expected_loss())
    }

    /// The least reward with which providing is better than selling: `(a - c)/ln(a/c) - p·q` if the price is above the
    /// seller's cost, and `b` if it is not. Rounded down.
    pub fn least_reward(&self) -> u128 {
        self.rewarding_at(self.pool_price)
    }

    /// The largest reward with which the pool can be in balance, `(d - c)/ln(d/c) - p·q`, rounded down: with more,
    /// providers come until the price is above what genuine buyers pay. None if these do not even pay the seller's
    /// cost, so that no reward brings a balance.
    pub fn largest_reward(&self) -> Option<u128> {
        (self.buyers_limit >= self.sellers_cost()).then(|| self.rewarding_at(self.buyers_limit))
    }

    /// Whether the whole system is in balance: `c <= a <= d`, and the reward is from `b` to the largest.
    pub fn is_balanced(&self) -> bool {
        self.sellers_cost() <= self.pool_price
            && self.pool_price <= self.buyers_limit
            && self.external_price <= self.reward
            && self
                .largest_reward()
                .is_some_and(|largest| self.reward <= largest)
    }

    /// The region of the phase diagram that the pool is in.
    pub fn region(&self) -> Region {
        let is_rewarded = self.reward >= self.least_reward();
        if self.pool_price < self.sellers_cost() {
            return match (is_rewarded, self.pool_price < self.external_price) {
                (true, _) => Region::ProvidersAndBuyers,
                (false, true) => Region::Drained,
                (false, false) => Region::NoArbitrage,
            };
        }
        match (self.pool_price > self.buyers_limit, is_rewarded) {
            (false, false) => Region::SellersAndBuyers,
            (true, false) => Region::SellersOnly,
            (true, true) => Region::ProvidersOnly,
            (false, true) => Region::Balanced,
        }
    }

    /// What a provider must be rewarded with, to earn as much as a seller at that price.
    fn rewarding_at(&self, price: u128) -> u128 {
        let cost = self.sellers_cost();
        if price <= cost {
            return self.external_price;
        }
        // The mean is at least the cost, but for a rounding.
        logarithmic_mean(price, cost)
            .saturating_sub(self.expected_loss())
            .max(self.external_price)
    }
}

/// `(a - b)/ln(a/b)`, rounded down; `b` if `a` is not above `b`.
///
/// With `u = ln(a/b)` this is `b·(exp(u) - 1)/u`, whose series `b·(1 + u/2! + u²/3! + ...)` needs no special case for `a`
/// and `b` close together, and each step of which grows with `u` although it is rounded. So the mean never falls when `a`
/// grows, and it goes over into `b` without a jump. It is exact to 10⁻²⁴ of itself, and at least `b` and at most `a`.
///
/// If `a` is more than 2^32 times `b`, it is reckoned with 2^32 times `b`. The mean of anything and zero is zero.
pub fn logarithmic_mean(a: u128, b: u128) -> u128 {
    let largest = b.saturating_mul(1 << LARGEST_QUOTIENT_BITS);
    // At most 32·ln 2, with 96 bits after the point: 101 bits.
    let logarithm = natural_logarithm(a.min(largest), b);
    let unit = U256::one() << LOGARITHM_BITS;
    // At most 2^32 with as many bits after the point, so no product is near 256 bits.
    let series = (2..=MEAN_TERMS).rev().fold(unit, |sum, n| {
        unit + ((logarithm * sum) >> LOGARITHM_BITS) / U256::from(n)
    });
    // The series is at most a/b, so this has at most 224 bits, and what remains is at most `a`.
    let mean = (U256::from(b) * series) >> LOGARITHM_BITS;
    u128::try_from(mean).unwrap_or(u128::MAX)
}

//! The multiplier of Proof-of-Computing-Power-Staking: what part of its standard reward a position is paid.
//!
//! Each factor is `exp(k·min(0, (v - ref)/ref))`: one if a value reaches its reference, and the less the further it falls
//! short. It is rounded down throughout, so that nobody is paid a planck too much.
//!
//! A reference of zero asks for nothing, so any value reaches it: an owner to whom no LOOPIN was ever minted is loyal, and
//! a pool without a benchmark takes any work.

use crate::{
    arithmetic::{multiply_divide_down, multiply_divide_up},
    exponential::exponential_of_minus,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::{FixedPointNumber, FixedU128, Permill, Perquintill};

/// What governance sets for the multiplier.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct MultiplierTerms {
    /// `k` of the factor of time.
    pub time_steepness: FixedU128,
    /// `k` of the factor of loyalty.
    pub loyalty_steepness: FixedU128,
    /// `k` of the factor of privacy.
    pub privacy_steepness: FixedU128,
    /// `k` of the factor of work.
    pub work_steepness: FixedU128,
    /// The age at which a device is fully trusted, in seconds.
    pub full_age_seconds: u64,
    /// Work that falls short of the benchmark by this part of it or less counts as reaching it. Work that falls further
    /// short counts as it is.
    pub work_dead_band: Permill,
}

/// What the multiplier is made of: values, and the references by which they are measured.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Record {
    /// Seconds since the device passed verification for the first time.
    pub age_seconds: u64,
    /// The mean of what the owner has kept of its LOOPIN where it cannot leave in a moment, in planck.
    pub kept: u128,
    /// The mean of what had been minted to the owner over its life, over the same time, in planck.
    pub minted: u128,
    /// The privacy that the device was found to offer, 0 to 100.
    pub privacy: u8,
    /// The privacy that the pool expects, 0 to 100.
    pub privacy_limit: u8,
    /// The work that the device was found to do, 10⁹ operations per second.
    pub work_gops: u64,
    /// The work that the pool expects, 10⁹ operations per second.
    pub benchmark_gops: u64,
}

/// The factors of the multiplier, each from 0 to 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Factors {
    /// Proof of time: how long the device has been known.
    pub time: Perquintill,
    /// Proof of loyalty: how much of what was minted to the owner is still there.
    pub loyalty: Perquintill,
    /// Proof of privacy: how well the client's data are protected.
    pub privacy: Perquintill,
    /// Proof of work: how fast the device computes.
    pub work: Perquintill,
}

/// What becomes of a standard reward.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reward {
    /// What is paid, in planck, rounded down.
    pub paid: u128,
    /// The rest, in planck: together with what is paid it is the standard reward.
    pub burned: u128,
}

impl MultiplierTerms {
    /// The factors for that record.
    pub fn factors(&self, record: &Record) -> Factors {
        let benchmark = u128::from(record.benchmark_gops);
        let shortfall = benchmark.saturating_sub(record.work_gops.into());
        let work = if shortfall <= self.work_dead_band.mul_floor(benchmark) {
            Perquintill::one()
        } else {
            factor(record.work_gops.into(), benchmark, self.work_steepness)
        };
        Factors {
            time: factor(
                record.age_seconds.into(),
                self.full_age_seconds.into(),
                self.time_steepness,
            ),
            loyalty: factor(record.kept, record.minted, self.loyalty_steepness),
            privacy: factor(
                record.privacy.into(),
                record.privacy_limit.into(),
                self.privacy_steepness,
            ),
            work,
        }
    }
}

/// `exp(k·min(0, (value - reference)/reference))`, rounded down.
fn factor(value: u128, reference: u128, steepness: FixedU128) -> Perquintill {
    if value >= reference {
        return Perquintill::one();
    }
    let one = FixedU128::DIV;
    // Both are rounded up, so that the factor is rounded down. The first is at most one, so the second fits.
    let exponent = multiply_divide_up(reference.saturating_sub(value), one, reference)
        .and_then(|shortfall| multiply_divide_up(shortfall, steepness.into_inner(), one));
    match exponent {
        Ok(exponent) => exponential_of_minus(FixedU128::from_inner(exponent)),
        Err(_) => Perquintill::zero(),
    }
}

impl Factors {
    /// All factors one.
    pub const FULL: Self = Self {
        time: Perquintill::one(),
        loyalty: Perquintill::one(),
        privacy: Perquintill::one(),
        work: Perquintill::one(),
    };

    /// The multiplier: their product, rounded down after each factor.
    pub fn product(&self) -> Perquintill {
        [self.loyalty, self.privacy, self.work]
            .iter()
            .fold(self.time, |product, factor| {
                Perquintill::from_parts(factor.mul_floor(product.deconstruct()))
            })
    }

    /// What is paid of a standard reward, and what is not.
    pub fn apply(&self, standard_reward: u128) -> Reward {
        let multiplier = self.product().deconstruct();
        let one = Perquintill::one().deconstruct();
        // At most the reward, so it fits.
        let paid = multiply_divide_down(standard_reward, multiplier.into(), one.into()).unwrap_or(0);
        Reward {
            paid,
            burned: standard_reward.saturating_sub(paid),
        }
    }
}

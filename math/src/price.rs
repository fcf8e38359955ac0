//! Prices.

use crate::{
    MathError, Pool,
    arithmetic::{multiply_divide_down, multiply_divide_up},
    time::HOUR,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A moment in the life of a pool from which a mean price can be taken later. The default is the moment at which the
/// pool was created.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PriceMark {
    /// Twice the integral of `B` until then, in planck seconds.
    pub reserve_integral_doubled: u128,
    /// Twice the integral of `A` until then, in GPU-seconds times seconds.
    pub gpu_seconds_integral_doubled: u128,
}

impl Pool {
    /// `B/A` per hour: planck for a GPU-hour, rounded down.
    pub fn price_per_gpu_hour(&self) -> u128 {
        multiply_divide_down(self.reserve, HOUR.into(), self.gpu_seconds).unwrap_or(u128::MAX)
    }

    /// The value of GPU time at the pool's price, `B·n/A` planck, rounded up.
    pub fn value(&self, gpu_seconds: u128) -> Result<u128, MathError> {
        multiply_divide_up(self.reserve, gpu_seconds, self.gpu_seconds)
    }

    /// The present moment, for [`mean_price_per_gpu_hour`](Self::mean_price_per_gpu_hour).
    pub fn price_mark(&self) -> PriceMark {
        PriceMark {
            reserve_integral_doubled: self.reserve_integral_doubled,
            gpu_seconds_integral_doubled: self.gpu_seconds_integral_doubled,
        }
    }

    /// The mean price since a mark, in planck for a GPU-hour, rounded down: the mean of `B` divided by the mean of
    /// `A`. Both are integrals over time, so it does not depend on when the pool is synced, but for the planck second of
    /// the integral of `B` that each sync may lose; and nobody moves it by trading back and forth in one moment.
    ///
    /// If no time has passed this is the present price.
    pub fn mean_price_per_gpu_hour(&self, since: &PriceMark) -> Result<u128, MathError> {
        let difference = |now: u128, then: u128| now.checked_sub(then).ok_or(MathError::Inconsistent);
        let reserve = difference(self.reserve_integral_doubled, since.reserve_integral_doubled)?;
        let gpu_seconds = difference(
            self.gpu_seconds_integral_doubled,
            since.gpu_seconds_integral_doubled,
        )?;
        if gpu_seconds == 0 {
            return Ok(self.price_per_gpu_hour());
        }
        multiply_divide_down(reserve, HOUR.into(), gpu_seconds)
    }
}

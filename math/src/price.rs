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

/// A whole hour in the life of a pool.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct HourMark {
    /// The hour that began then, counted from 1970.
    pub hour: u32,
    /// What mean prices from or until then are computed from.
    pub mark: PriceMark,
}

impl PriceMark {
    /// The mean price between an earlier mark and this one, in planck for a GPU-hour, rounded down, if any time lies
    /// between them.
    pub fn mean_price_per_gpu_hour(&self, since: &Self) -> Result<Option<u128>, MathError> {
        let (reserve, gpu_seconds) = self.difference(since)?;
        if gpu_seconds == 0 {
            return Ok(None);
        }
        multiply_divide_down(reserve, HOUR.into(), gpu_seconds).map(Some)
    }

    /// By how much the integrals of `B` and `A`, both doubled, have grown since an earlier mark.
    pub(crate) fn difference(&self, since: &Self) -> Result<(u128, u128), MathError> {
        let difference = |now: u128, then: u128| now.checked_sub(then).ok_or(MathError::Inconsistent);
        Ok((
            difference(self.reserve_integral_doubled, since.reserve_integral_doubled)?,
            difference(
                self.gpu_seconds_integral_doubled,
                since.gpu_seconds_integral_doubled,
            )?,
        ))
    }
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
        let mean = self.price_mark().mean_price_per_gpu_hour(since)?;
        Ok(mean.unwrap_or_else(|| self.price_per_gpu_hour()))
    }
}

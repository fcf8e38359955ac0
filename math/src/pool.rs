//! The state of a pool.

use crate::{
    Agenda, Change, MathError, PriceMark, Retention, agenda::schedule, arithmetic::multiply_divide_down,
    time::HOUR,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::U256;
use scale_info::TypeInfo;

/// Shares that the anchor has for each of its virtual GPU-seconds: so many that the share rate of a position, an
/// integer, is exact to better than a millionth as long as fewer GPU-seconds have been sold to the pool than a
/// million times the anchor's.
pub const SHARES_PER_ANCHOR_GPU_SECOND: u128 = 1 << 40;

/// A dissipative pool at the moment [`updated_at`](Self::updated_at).
///
/// Letters in the documentation of the fields are those of the protocol's formulas.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Pool {
    /// `B`: LOOPIN in reserve, in planck. What has streamed to providers is no longer part of it, but for the fraction
    /// of a planck in [`streamed_fraction`](Self::streamed_fraction). At least 1.
    pub reserve: u128,
    /// `A`: GPU-seconds, the anchor's virtual ones included.
    pub gpu_seconds: u128,
    /// `L`: all shares, the anchor's included.
    pub shares: u128,
    /// `A0`: the anchor's virtual GPU-seconds. They do not run off and nobody can rent them.
    pub anchor_gpu_seconds: u128,
    /// `L0`: the anchor's shares. They do not run off.
    pub anchor_shares: u128,
    /// `I`: devices whose time runs off in the pool because nobody rents them.
    pub idle_devices: u32,
    /// Positions of providers that have not ended.
    pub provider_devices: u32,
    /// `R`: the sum of the share rates of these positions, shares per second.
    pub share_rate: u128,
    /// `t`: the moment that all this describes, in seconds since 1970.
    pub updated_at: u64,
    /// No change is scheduled after this moment.
    pub agenda_end: u64,
    /// What has streamed per share given up, since the pool began: the integral of `B/L` over time, in planck
    /// seconds per share, times 2^128. A position of share rate `r` is owed `r` times what this grows by.
    pub stream_index: U256,
    /// The fraction of a planck that has streamed to providers but not yet left the reserve, times 2^128.
    pub streamed_fraction: u128,
    /// `s`: the part of what was in the reserve when the pool began that has not streamed to providers since.
    pub retention: Retention,
    /// Twice the integral of `B` over time, in planck seconds, for mean prices.
    pub reserve_integral_doubled: u128,
    /// Twice the integral of `A` over time, in GPU-seconds times seconds, for mean prices.
    pub gpu_seconds_integral_doubled: u128,
    /// The integral of the number of providers' positions over time, in device-seconds, for rewards.
    pub provider_seconds: u128,
}

/// What deepening a pool came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deepened {
    /// Virtual GPU-seconds that the anchor has got.
    pub gpu_seconds: u128,
    /// Shares that it has got.
    pub shares: u128,
}

impl Pool {
    /// A pool that has its creator's anchor: `reserve` planck, for ever, against as many virtual GPU-seconds as
    /// they buy at `price_per_gpu_hour` planck, rounded down.
    pub fn new(reserve: u128, price_per_gpu_hour: u128, now: u64) -> Result<Self, MathError> {
        if price_per_gpu_hour == 0 {
            return Err(MathError::Zero);
        }
        let anchor_gpu_seconds = multiply_divide_down(reserve, HOUR.into(), price_per_gpu_hour)?;
        if anchor_gpu_seconds == 0 {
            return Err(MathError::Zero);
        }
        let shares = anchor_gpu_seconds
            .checked_mul(SHARES_PER_ANCHOR_GPU_SECOND)
            .ok_or(MathError::Overflow)?;
        Ok(Self {
            reserve,
            gpu_seconds: anchor_gpu_seconds,
            shares,
            anchor_gpu_seconds,
            anchor_shares: shares,
            idle_devices: 0,
            provider_devices: 0,
            share_rate: 0,
            updated_at: now,
            agenda_end: now,
            stream_index: U256::zero(),
            streamed_fraction: 0,
            retention: Retention::ONE,
            reserve_integral_doubled: 0,
            gpu_seconds_integral_doubled: 0,
            provider_seconds: 0,
        })
    }

    /// `A - A0`: GPU-seconds that devices really have left to spend in the pool.
    pub fn idle_gpu_seconds(&self) -> u128 {
        self.gpu_seconds.saturating_sub(self.anchor_gpu_seconds)
    }

    /// The pool, which was made before there was a time, begins at `now`. Nothing can have happened to it before.
    pub fn begin(&mut self, now: u64) {
        self.updated_at = now;
        self.agenda_end = now;
    }

    /// `amount` planck are locked in the pool for ever, with virtual GPU-seconds and shares for them: the anchor grows at
    /// the present price, or at the mean price since the mark, if that is higher. Both are rounded down, so that everybody
    /// else's share is worth no less than before.
    ///
    /// The present price alone would not do. The virtual time comes from nowhere: somebody could sell more time than the
    /// pool has, make the pool deep at the price that this has brought down, and buy the time back for less than it got,
    /// as the price now hardly rises again. What the pool has lost would be missing to all others.
    pub fn deepen(&mut self, amount: u128, since: &PriceMark) -> Result<Deepened, MathError> {
        let at_present = multiply_divide_down(amount, self.gpu_seconds, self.reserve)?;
        let (reserve, gpu_seconds) = self.price_mark().difference(since)?;
        if reserve == 0 || gpu_seconds == 0 {
            return Err(MathError::TooYoung);
        }
        // Where so much does not fit, the present price is the higher one.
        let at_mean = multiply_divide_down(amount, gpu_seconds, reserve).unwrap_or(u128::MAX);
        let gpu_seconds = at_present.min(at_mean);
        // Of the GPU-seconds, not of the amount, so that `B·A/L²` does not fall either.
        let shares = multiply_divide_down(gpu_seconds, self.shares, self.gpu_seconds)?;
        if gpu_seconds == 0 || shares == 0 {
            return Err(MathError::Zero);
        }
        let grown = |before: u128, by: u128| before.checked_add(by).ok_or(MathError::Overflow);
        self.reserve = grown(self.reserve, amount)?;
        self.gpu_seconds = grown(self.gpu_seconds, gpu_seconds)?;
        self.anchor_gpu_seconds = grown(self.anchor_gpu_seconds, gpu_seconds)?;
        self.shares = grown(self.shares, shares)?;
        self.anchor_shares = grown(self.anchor_shares, shares)?;
        Ok(Deepened { gpu_seconds, shares })
    }

    /// Schedules a change at a whole minute after [`updated_at`](Self::updated_at).
    pub(crate) fn schedule(
        &mut self,
        at: u64,
        change: &Change,
        agenda: &mut impl Agenda,
    ) -> Result<(), MathError> {
        if at <= self.updated_at {
            return Err(MathError::InvalidTime);
        }
        schedule(agenda, at, change)?;
        self.agenda_end = self.agenda_end.max(at);
        Ok(())
    }
}

//! Trades with a pool: renting, extending, giving back, selling. `B·A` stays constant but for rounding, and a fee
//! comes on top that is burned: the part `swap_fee` of the amount, on top of what is paid or off what is received.
//!
//! Every trade first needs [`Pool::sync`] to the moment at which it happens.

use crate::{
    Agenda, Change, Contribution, MathError, Pool,
    agenda::cancel,
    arithmetic::{multiply_divide_down, multiply_divide_up},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Permill;

/// The terms of a trade.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Trade {
    /// GPU-seconds that change hands.
    pub gpu_seconds: u128,
    /// What the pool receives or pays, in planck.
    pub amount: u128,
    /// What is burned, in planck.
    pub fee: u128,
}

impl Trade {
    /// What whoever takes time from the pool pays: the amount and the fee.
    pub fn cost(&self) -> u128 {
        self.amount.saturating_add(self.fee)
    }

    /// What whoever brings time to the pool gets: the amount without the fee.
    pub fn proceeds(&self) -> u128 {
        self.amount.saturating_sub(self.fee)
    }

    fn new(gpu_seconds: u128, amount: u128, swap_fee: Permill) -> Result<Self, MathError> {
        let fee = swap_fee.mul_ceil(amount);
        amount.checked_add(fee).ok_or(MathError::Overflow)?;
        Ok(Self {
            gpu_seconds,
            amount,
            fee,
        })
    }
}

impl Pool {
    /// What taking `gpu_seconds` from the pool costs: `B·h/(A-h)`, rounded up, and the fee, rounded up.
    pub fn quote_rent(&self, gpu_seconds: u128, swap_fee: Permill) -> Result<Trade, MathError> {
        if gpu_seconds == 0 {
            return Err(MathError::Zero);
        }
        if gpu_seconds > self.idle_gpu_seconds() {
            return Err(MathError::NotEnoughIdleTime);
        }
        let remaining = self
            .gpu_seconds
            .checked_sub(gpu_seconds)
            .ok_or(MathError::Inconsistent)?;
        Trade::new(
            gpu_seconds,
            multiply_divide_up(self.reserve, gpu_seconds, remaining)?,
            swap_fee,
        )
    }

    /// What selling `gpu_seconds` to the pool brings: `B·h/(A+h)`, rounded down, less the fee, rounded up.
    pub fn quote_sell(&self, gpu_seconds: u128, swap_fee: Permill) -> Result<Trade, MathError> {
        self.quote_time(gpu_seconds, u128::MAX, swap_fee)
    }

    /// What giving back `gpu_seconds` brings that came from the pool, for `contribution`. As for a sale, but no more than what is left of the contribution in the reserve.
    pub fn quote_give_back(
        &self,
        gpu_seconds: u128,
        contribution: &Contribution,
        swap_fee: Permill,
    ) -> Result<Trade, MathError> {
        self.quote_time(gpu_seconds, self.left_of(contribution), swap_fee)
    }

    /// What the pool pays for `gpu_seconds`, at most `most`.
    fn quote_time(&self, gpu_seconds: u128, most: u128, swap_fee: Permill) -> Result<Trade, MathError> {
        if gpu_seconds == 0 {
            return Err(MathError::Zero);
        }
        let after = self
            .gpu_seconds
            .checked_add(gpu_seconds)
            .ok_or(MathError::Overflow)?;
        Trade::new(
            gpu_seconds,
            multiply_divide_down(self.reserve, gpu_seconds, after)?.min(most),
            swap_fee,
        )
    }

    /// `devices` idle devices are rented until `until`. The pool must have the time of each of them until then.
    pub fn rent(
        &mut self,
        devices: u32,
        until: u64,
        swap_fee: Permill,
        agenda: &mut impl Agenda,
    ) -> Result<Trade, MathError> {
        let trade = self.take(devices, self.seconds_until(until)?, swap_fee)?;
        self.idle_devices = self
            .idle_devices
            .checked_sub(devices)
            .ok_or(MathError::NotEnoughIdleTime)?;
        self.schedule(until, &Change::rental_ends(devices), agenda)?;
        Ok(trade)
    }

    /// The rental of `devices` devices that would end at `from` ends later, at `until`. The pool must have the time of
    /// each of them until then.
    pub fn extend_rental(
        &mut self,
        devices: u32,
        from: u64,
        until: u64,
        swap_fee: Permill,
        agenda: &mut impl Agenda,
    ) -> Result<Trade, MathError> {
        self.seconds_until(from)?;
        let more = until.checked_sub(from).ok_or(MathError::InvalidTime)?;
        let trade = self.take(devices, more, swap_fee)?;
        cancel(agenda, from, &Change::rental_ends(devices))?;
        self.schedule(until, &Change::rental_ends(devices), agenda)?;
        Ok(trade)
    }

    /// The rental of `devices` devices, which would end at `until` and has contributed that much for them, ends now.
    pub fn give_back(
        &mut self,
        devices: u32,
        until: u64,
        contribution: &Contribution,
        swap_fee: Permill,
        agenda: &mut impl Agenda,
    ) -> Result<Trade, MathError> {
        let gpu_seconds = gpu_seconds(devices, self.seconds_until(until)?)?;
        let trade = self.quote_give_back(gpu_seconds, contribution, swap_fee)?;
        self.apply_sale(&trade)?;
        self.idle_devices = self
            .idle_devices
            .checked_add(devices)
            .ok_or(MathError::Overflow)?;
        cancel(agenda, until, &Change::rental_ends(devices))?;
        Ok(trade)
    }

    /// The time of one device, from now until `until`, is sold to the pool.
    pub fn sell(
        &mut self,
        until: u64,
        swap_fee: Permill,
        agenda: &mut impl Agenda,
    ) -> Result<Trade, MathError> {
        let trade = self.quote_sell(self.seconds_until(until)?.into(), swap_fee)?;
        self.apply_sale(&trade)?;
        self.idle_devices = self.idle_devices.checked_add(1).ok_or(MathError::Overflow)?;
        self.schedule(until, &Change::sale_ends(), agenda)?;
        Ok(trade)
    }

    /// More time of a device that the pool already has until `from` is sold to it: until `until`.
    pub fn extend_sale(
        &mut self,
        from: u64,
        until: u64,
        swap_fee: Permill,
        agenda: &mut impl Agenda,
    ) -> Result<Trade, MathError> {
        self.seconds_until(from)?;
        let more = until.checked_sub(from).ok_or(MathError::InvalidTime)?;
        let trade = self.quote_sell(more.into(), swap_fee)?;
        self.apply_sale(&trade)?;
        cancel(agenda, from, &Change::sale_ends())?;
        self.schedule(until, &Change::sale_ends(), agenda)?;
        Ok(trade)
    }

    /// Seconds from the pool's moment to a later one.
    pub(crate) fn seconds_until(&self, until: u64) -> Result<u64, MathError> {
        match until.checked_sub(self.updated_at) {
            None | Some(0) => Err(MathError::InvalidTime),
            Some(seconds) => Ok(seconds),
        }
    }

    fn take(&mut self, devices: u32, seconds: u64, swap_fee: Permill) -> Result<Trade, MathError> {
        let trade = self.quote_rent(gpu_seconds(devices, seconds)?, swap_fee)?;
        self.apply_purchase(&trade)?;
        Ok(trade)
    }

    /// Changes the reserves as a trade does that takes time from the pool.
    pub fn apply_purchase(&mut self, trade: &Trade) -> Result<(), MathError> {
        self.reserve = self
            .reserve
            .checked_add(trade.amount)
            .ok_or(MathError::Overflow)?;
        self.gpu_seconds = self
            .gpu_seconds
            .checked_sub(trade.gpu_seconds)
            .ok_or(MathError::Inconsistent)?;
        Ok(())
    }

    /// Changes the reserves as a trade does that brings time to the pool.
    pub fn apply_sale(&mut self, trade: &Trade) -> Result<(), MathError> {
        self.reserve = self
            .reserve
            .checked_sub(trade.amount)
            .ok_or(MathError::Inconsistent)?;
        self.gpu_seconds = self
            .gpu_seconds
            .checked_add(trade.gpu_seconds)
            .ok_or(MathError::Overflow)?;
        Ok(())
    }
}

fn gpu_seconds(devices: u32, seconds: u64) -> Result<u128, MathError> {
    u128::from(devices)
        .checked_mul(seconds.into())
        .ok_or(MathError::Overflow)
}

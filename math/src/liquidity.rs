//! Liquidity: added by providers, and removed before its end, by them or against their will. A position that simply ends
//! needs nothing but [`Pool::sync`].

use crate::{
    Agenda, Change, Contribution, MathError, Pool, agenda::cancel, arithmetic::multiply_divide_down,
};
use primitive_types::{U256, U512};

/// A provider's place in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidityPosition {
    /// `r`: shares that the position gives up per second.
    pub share_rate: u128,
    /// When it ends.
    pub until: u64,
}

/// What adding liquidity came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddedLiquidity {
    /// GPU-seconds added to the pool.
    pub gpu_seconds: u128,
    /// LOOPIN added to the reserve, in planck.
    pub paid: u128,
    /// The same, as what is left of it is followed.
    pub contribution: Contribution,
    /// `r`: shares that the position gives up per second.
    pub share_rate: u128,
    /// The pool's stream index at that moment.
    pub stream_index: U256,
}

/// What removing liquidity before its end came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedLiquidity {
    /// GPU-seconds that left the pool with the device.
    pub gpu_seconds: u128,
    /// LOOPIN that left the reserve, in planck.
    pub returned: u128,
}

impl Pool {
    /// What adding `gpu_seconds` costs: `B·n/A`, rounded up.
    pub fn quote_add_liquidity(&self, gpu_seconds: u128) -> Result<u128, MathError> {
        if gpu_seconds == 0 {
            return Err(MathError::Zero);
        }
        self.value(gpu_seconds)
    }

    /// One device is provided from now until `until`, with LOOPIN of the same value. The price stays the same.
    pub fn add_liquidity(
        &mut self,
        until: u64,
        agenda: &mut impl Agenda,
    ) -> Result<AddedLiquidity, MathError> {
        let gpu_seconds = u128::from(self.seconds_until(until)?);
        let paid = self.quote_add_liquidity(gpu_seconds)?;
        // Rounded down, so the shares of the new position are worth no more than it pays.
        let share_rate = self
            .shares
            .checked_div(self.gpu_seconds)
            .ok_or(MathError::Inconsistent)?;
        if paid == 0 || share_rate == 0 {
            return Err(MathError::Zero);
        }
        let shares = share_rate.checked_mul(gpu_seconds).ok_or(MathError::Overflow)?;

        self.reserve = self.reserve.checked_add(paid).ok_or(MathError::Overflow)?;
        self.gpu_seconds = self
            .gpu_seconds
            .checked_add(gpu_seconds)
            .ok_or(MathError::Overflow)?;
        self.shares = self.shares.checked_add(shares).ok_or(MathError::Overflow)?;
        self.share_rate = self
            .share_rate
            .checked_add(share_rate)
            .ok_or(MathError::Overflow)?;
        self.idle_devices = self.idle_devices.checked_add(1).ok_or(MathError::Overflow)?;
        self.provider_devices = self.provider_devices.checked_add(1).ok_or(MathError::Overflow)?;
        self.schedule(until, &Change::liquidity_ends(share_rate), agenda)?;
        Ok(AddedLiquidity {
            gpu_seconds,
            paid,
            contribution: self.contribution(paid),
            share_rate,
            stream_index: self.stream_index,
        })
    }

    /// What an early end of the position brings now, the least of four sums, all rounded down: its shares' part of
    /// the reserve, `B·l/L`; the same part of what it paid as its remaining time is of all its time; what is left in the
    /// reserve of what it paid; and what leaves `B·A/L²` as it is. So liquidity that comes for one rental and goes again
    /// gains nothing.
    ///
    /// The fourth is the least if the price has risen: the device takes more of `A` along than its shares' part, and pays
    /// for the difference as a rental would. Otherwise whoever brings liquidity before a trade and takes it away before
    /// the opposite trade would gain at the cost of all others. If the shares' part does not even pay for that
    /// difference, the sum is zero, and nobody should be let go who does not have to.
    ///
    /// `contribution` was paid for `gpu_seconds` in all. `rented_until` is as for
    /// [`remove_liquidity`](Self::remove_liquidity).
    pub fn quote_remove_liquidity(
        &self,
        position: &LiquidityPosition,
        contribution: &Contribution,
        gpu_seconds: u128,
        rented_until: Option<u64>,
    ) -> Result<u128, MathError> {
        let remaining = u128::from(self.seconds_until(position.until)?);
        if remaining > gpu_seconds {
            return Err(MathError::Inconsistent);
        }
        let shares = self.shares_of(position)?;
        let part = multiply_divide_down(self.reserve, shares, self.shares)?;
        let unspent = multiply_divide_down(contribution.kept, remaining, gpu_seconds)?;

        let shares_after = self.shares.checked_sub(shares).ok_or(MathError::Inconsistent)?;
        let gpu_seconds_after = self.gpu_seconds_without(position.until, rented_until)?;
        let kept = reserve_to_keep(self, shares_after, gpu_seconds_after)?;
        Ok(part
            .min(unspent)
            .min(self.left_of(contribution))
            .min(self.reserve.saturating_sub(kept)))
    }

    /// The position ends now. `rented_until` says until when its device is rented, if it is: then that rental must
    /// end too, and the time it would have taken is not in the pool.
    pub fn remove_liquidity(
        &mut self,
        position: &LiquidityPosition,
        contribution: &Contribution,
        gpu_seconds: u128,
        rented_until: Option<u64>,
        agenda: &mut impl Agenda,
    ) -> Result<RemovedLiquidity, MathError> {
        let returned = self.quote_remove_liquidity(position, contribution, gpu_seconds, rented_until)?;
        let shares = self.shares_of(position)?;
        self.reserve = self
            .reserve
            .checked_sub(returned)
            .ok_or(MathError::Inconsistent)?;
        self.shares = self.shares.checked_sub(shares).ok_or(MathError::Inconsistent)?;
        if self.shares < self.anchor_shares {
            return Err(MathError::Inconsistent);
        }
        self.share_rate = self
            .share_rate
            .checked_sub(position.share_rate)
            .ok_or(MathError::Inconsistent)?;
        self.provider_devices = self
            .provider_devices
            .checked_sub(1)
            .ok_or(MathError::Inconsistent)?;
        let idle = self.withdraw_device(position.until, rented_until, agenda)?;
        cancel(
            agenda,
            position.until,
            &Change::liquidity_ends(position.share_rate),
        )?;
        Ok(RemovedLiquidity {
            gpu_seconds: idle,
            returned,
        })
    }

    /// A device whose time until `until` was sold to the pool leaves it now. Returns the GPU-seconds that the pool
    /// thereby loses; it has already sold the time for which the device is rented.
    pub fn remove_sold(
        &mut self,
        until: u64,
        rented_until: Option<u64>,
        agenda: &mut impl Agenda,
    ) -> Result<u128, MathError> {
        self.seconds_until(until)?;
        let idle = self.withdraw_device(until, rented_until, agenda)?;
        cancel(agenda, until, &Change::sale_ends())?;
        Ok(idle)
    }

    /// A rented device did not serve, but remains in the pool: its time until `until`, at which the rental was to
    /// end, comes back without a trade. Returns the GPU-seconds.
    pub fn return_unserved(&mut self, until: u64, agenda: &mut impl Agenda) -> Result<u128, MathError> {
        let gpu_seconds = u128::from(self.seconds_until(until)?);
        self.gpu_seconds = self
            .gpu_seconds
            .checked_add(gpu_seconds)
            .ok_or(MathError::Overflow)?;
        self.idle_devices = self.idle_devices.checked_add(1).ok_or(MathError::Overflow)?;
        cancel(agenda, until, &Change::rental_ends(1))?;
        Ok(gpu_seconds)
    }

    /// LOOPIN comes to the reserve without anything in return, as compensation.
    pub fn compensate(&mut self, amount: u128) -> Result<(), MathError> {
        self.reserve = self.reserve.checked_add(amount).ok_or(MathError::Overflow)?;
        Ok(())
    }

    /// LOOPIN leaves the reserve to refund a client: as much of `amount` as the pool can pay and still have a
    /// price. Returns what it pays. It is for the caller to ask for no more than what is left of the client's contribution.
    pub fn refund(&mut self, amount: u128) -> u128 {
        let paid = amount.min(self.reserve.saturating_sub(1));
        self.reserve = self.reserve.saturating_sub(paid);
        paid
    }

    /// `l`: the shares that a position still has.
    fn shares_of(&self, position: &LiquidityPosition) -> Result<u128, MathError> {
        position
            .share_rate
            .checked_mul(self.seconds_until(position.until)?.into())
            .ok_or(MathError::Overflow)
    }

    /// Takes a device's idle time off the pool: all its time until `until`, or what a rental leaves of it.
    fn withdraw_device(
        &mut self,
        until: u64,
        rented_until: Option<u64>,
        agenda: &mut impl Agenda,
    ) -> Result<u128, MathError> {
        let remaining = self.gpu_seconds_without(until, rented_until)?;
        match rented_until {
            Some(end) => {
                self.seconds_until(end)?;
                cancel(agenda, end, &Change::rental_ends(1))?;
            }
            None => {
                self.idle_devices = self.idle_devices.checked_sub(1).ok_or(MathError::Inconsistent)?;
            }
        }
        let idle = self
            .gpu_seconds
            .checked_sub(remaining)
            .ok_or(MathError::Inconsistent)?;
        self.gpu_seconds = remaining;
        Ok(idle)
    }

    /// `A` without a device's idle time: all its time until `until`, or what a rental leaves of it.
    fn gpu_seconds_without(&self, until: u64, rented_until: Option<u64>) -> Result<u128, MathError> {
        let idle_from = rented_until.unwrap_or(self.updated_at);
        let idle = u128::from(until.checked_sub(idle_from).ok_or(MathError::InvalidTime)?);
        if idle > self.idle_gpu_seconds() {
            return Err(MathError::Inconsistent);
        }
        self.gpu_seconds.checked_sub(idle).ok_or(MathError::Inconsistent)
    }
}

/// The reserve that a pool must keep for `B·A/L²` to stay the same with fewer shares and GPU-seconds, rounded up.
fn reserve_to_keep(pool: &Pool, shares_after: u128, gpu_seconds_after: u128) -> Result<u128, MathError> {
    // Four factors of 128 bits fit in 512, and so does a quotient plus one.
    let factors = [pool.reserve, pool.gpu_seconds, shares_after, shares_after];
    let product = factors
        .into_iter()
        .fold(U512::one(), |product, factor| product * U512::from(factor));
    let divisor = U512::from(pool.shares) * U512::from(pool.shares) * U512::from(gpu_seconds_after);
    let quotient = product.checked_div(divisor).ok_or(MathError::Inconsistent)?;
    let is_exact = quotient * divisor == product;
    let rounded = if is_exact {
        quotient
    } else {
        quotient + U512::one()
    };
    // More than any reserve is the same as too much.
    Ok(u128::try_from(rounded).unwrap_or(u128::MAX))
}

//! Liquidity: what providers add, what streams back to them, and what is removed before its end.

use crate::{Config, Endings, Error, Pallet, hours::HoursChange, stored_agenda::key};
use frame_support::{
    ensure,
    traits::{fungible::Mutate, tokens::Preservation},
};
use loopin_math::{
    AddedLiquidity, Contribution, LiquidityPosition, MathError, RemovedLiquidity, U256,
    time::{hour_of, minute_of},
};
use loopin_primitives::{Balance, Moment, PoolId};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// `provider` puts the time of one device until `until` into the pool, with LOOPIN of the same value, at most
    /// `max_cost`. The pool gets hour tokens for it.
    pub fn add_liquidity(
        pool: PoolId,
        provider: &T::AccountId,
        until: Moment,
        max_cost: Balance,
    ) -> Result<AddedLiquidity, DispatchError> {
        let added = Self::change(
            pool,
            |state, agenda| state.pool.add_liquidity(until, agenda),
            |added| HoursChange::In(added.gpu_seconds),
        )?;
        ensure!(added.paid <= max_cost, Error::<T>::CostAboveMaximum);
        T::Currency::transfer(
            provider,
            &Self::account_of(pool),
            added.paid,
            Preservation::Preserve,
        )?;
        Ok(added)
    }

    /// What the stream index of the pool was at the moment `until`, at which a position ended, or is now, if it has not
    /// ended. Multiplied by the share rate of the position, its growth is what the position is owed: see
    /// [`loopin_math::Pool::streamed_to`].
    pub fn stream_index(pool: PoolId, until: Moment) -> Result<U256, DispatchError> {
        let state = Self::sync_now(pool)?;
        if until > state.pool.updated_at {
            return Ok(state.pool.stream_index);
        }
        let minute = minute_of(until);
        Endings::<T>::get(pool, key(hour_of(until)))
            .iter()
            .find(|ending| ending.minute == minute)
            .map(|ending| ending.stream_index)
            .ok_or(Error::<T>::InconsistentPool.into())
    }

    /// A position that ended at `until` has been paid out, so its stream index need not be kept.
    pub fn forget_ending(pool: PoolId, until: Moment) -> DispatchResult {
        let minute = minute_of(until);
        Endings::<T>::try_mutate_exists(pool, key(hour_of(until)), |kept| {
            let mut endings = kept.take().ok_or(Error::<T>::InconsistentPool)?;
            let ending = endings
                .iter_mut()
                .find(|ending| ending.minute == minute)
                .ok_or(Error::<T>::InconsistentPool)?;
            ending.positions = ending
                .positions
                .checked_sub(1)
                .ok_or(Error::<T>::InconsistentPool)?;
            endings.retain(|ending| ending.positions > 0);
            *kept = (!endings.is_empty()).then_some(endings);
            Ok(())
        })
    }

    /// A position ends before its time. What it returns is owed from now on, and the hour tokens of the idle
    /// time are destroyed. If the device is rented, the rental must have been ended first, and `rented_until` says until
    /// when it was to last.
    pub fn remove_liquidity(
        pool: PoolId,
        position: &LiquidityPosition,
        contribution: &Contribution,
        gpu_seconds: u128,
        rented_until: Option<Moment>,
    ) -> Result<RemovedLiquidity, DispatchError> {
        Self::change(
            pool,
            |state, agenda| {
                let removed =
                    state
                        .pool
                        .remove_liquidity(position, contribution, gpu_seconds, rented_until, agenda)?;
                state.owed = state
                    .owed
                    .checked_add(removed.returned)
                    .ok_or(MathError::Overflow)?;
                Ok(removed)
            },
            |removed| HoursChange::Out(removed.gpu_seconds),
        )
    }

    /// A device whose time until `until` was sold leaves the pool. Returns the idle GPU-seconds that the pool
    /// loses. `rented_until` as for [`remove_liquidity`](Self::remove_liquidity).
    pub fn remove_sold(
        pool: PoolId,
        until: Moment,
        rented_until: Option<Moment>,
    ) -> Result<u128, DispatchError> {
        Self::change(
            pool,
            |state, agenda| state.pool.remove_sold(until, rented_until, agenda),
            |gpu_seconds| HoursChange::Out(*gpu_seconds),
        )
    }
}

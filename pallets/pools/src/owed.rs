//! What a pool owes. LOOPIN that has left the reserve for somebody, but is not yet paid out, stays in the pool's account
//! as *owed* until [`Pallet::pay`] or [`Pallet::burn_owed`].

use crate::{Config, Error, Pallet, Pools, hours::HoursChange};
use frame_support::traits::{
    fungible::{Balanced, Mutate},
    tokens::{Fortitude, Precision, Preservation},
};
use loopin_math::MathError;
use loopin_primitives::{Balance, Moment, PoolId};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// One rented device did not serve, but remains in the pool: its time until `until` returns to the pool,
    /// without a trade. The hour tokens of `client` go with it.
    pub fn return_unserved(pool: PoolId, client: &T::AccountId, until: Moment) -> DispatchResult {
        let gpu_seconds = Self::change(
            pool,
            |state, agenda| state.pool.return_unserved(until, agenda),
            |gpu_seconds| HoursChange::In(*gpu_seconds),
        )?;
        Self::retire_hours(pool, client, gpu_seconds)
    }

    /// LOOPIN leaves the reserve, to be owed to a client whose device failed: as much of `amount` as the pool
    /// can pay. Returns what that is. `amount` must be no more than what is left of the client's contribution, as
    /// [`quote_give_back`](Self::quote_give_back) has it.
    pub fn refund(pool: PoolId, amount: Balance) -> Result<Balance, DispatchError> {
        Self::change(
            pool,
            |state, _| {
                let refunded = state.pool.refund(amount);
                state.owed = state.owed.checked_add(refunded).ok_or(MathError::Overflow)?;
                Ok(refunded)
            },
            |_| HoursChange::None,
        )
    }

    /// LOOPIN that is owed becomes part of the reserve.
    pub fn compensate(pool: PoolId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::change(
            pool,
            |state, _| {
                state.owed = state.owed.checked_sub(amount).ok_or(MathError::Inconsistent)?;
                state.pool.compensate(amount)
            },
            |_| HoursChange::None,
        )
    }

    /// LOOPIN from the free balance of `from` becomes owed, locked or frozen or not: this is for what has been forfeited,
    /// which nobody may escape by voting or vesting.
    pub fn deposit_owed(pool: PoolId, from: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        // Neither locks nor freezes keep what was forfeited.
        let credit = T::Currency::withdraw(
            from,
            amount,
            Precision::Exact,
            Preservation::Expendable,
            Fortitude::Force,
        )?;
        T::Currency::resolve(&Self::account_of(pool), credit).map_err(|_| Error::<T>::InconsistentPool)?;
        Pools::<T>::try_mutate(pool, |state| {
            let state = state.as_mut().ok_or(Error::<T>::UnknownPool)?;
            state.owed = state.owed.checked_add(amount).ok_or(Error::<T>::Overflow)?;
            Ok(())
        })
    }

    /// Pays out what is owed.
    pub fn pay(pool: PoolId, to: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::owe_less(pool, amount)?;
        T::Currency::transfer(&Self::account_of(pool), to, amount, Preservation::Preserve)?;
        Ok(())
    }

    /// Burns what is owed.
    pub fn burn_owed(pool: PoolId, amount: Balance) -> DispatchResult {
        Self::owe_less(pool, amount)?;
        Self::burn_from(pool, &Self::account_of(pool), amount, Preservation::Preserve)
    }

    fn owe_less(id: PoolId, amount: Balance) -> DispatchResult {
        Pools::<T>::try_mutate(id, |state| {
            let state = state.as_mut().ok_or(Error::<T>::UnknownPool)?;
            state.owed = state
                .owed
                .checked_sub(amount)
                .ok_or(Error::<T>::InconsistentPool)?;
            Ok(())
        })
    }
}

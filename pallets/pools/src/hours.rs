//! Hour tokens: made, burned, and frozen wherever they are outside the pool's account.

use crate::{Config, Error, FreezeReason, Pallet};
use frame_support::traits::{
    fungibles::{
        Mutate,
        freeze::{Inspect, Mutate as _},
    },
    tokens::{Fortitude, Precision, Preservation},
};
use loopin_primitives::PoolId;
use sp_runtime::DispatchResult;

/// What a change of a pool does to the hour tokens in its account.
pub(crate) enum HoursChange {
    /// Nothing.
    None,
    /// This many GPU-seconds come in.
    In(u128),
    /// This many GPU-seconds go out.
    Out(u128),
}

impl<T: Config> Pallet<T> {
    /// Makes hour tokens in the account of a stake's or rental's owner, who cannot move them.
    pub fn issue_hours(pool: PoolId, who: &T::AccountId, gpu_seconds: u128) -> DispatchResult {
        if gpu_seconds == 0 {
            return Ok(());
        }
        let frozen = Self::frozen(pool, who)
            .checked_add(gpu_seconds)
            .ok_or(Error::<T>::Overflow)?;
        T::Assets::mint_into(pool, who, gpu_seconds)?;
        T::Freezer::set_freeze(pool, &FreezeReason::HourTokens.into(), who, frozen)
    }

    /// Burns hour tokens in the account of a stake's or rental's owner.
    pub fn retire_hours(pool: PoolId, who: &T::AccountId, gpu_seconds: u128) -> DispatchResult {
        if gpu_seconds == 0 {
            return Ok(());
        }
        let frozen = Self::frozen(pool, who)
            .checked_sub(gpu_seconds)
            .ok_or(Error::<T>::InconsistentPool)?;
        T::Freezer::set_freeze(pool, &FreezeReason::HourTokens.into(), who, frozen)?;
        Self::burn_hours(pool, who, gpu_seconds)
    }

    /// Makes hour tokens in the pool's account.
    pub(crate) fn mint_in_pool(pool: PoolId, gpu_seconds: u128) -> DispatchResult {
        if gpu_seconds > 0 {
            T::Assets::mint_into(pool, &Self::account_of(pool), gpu_seconds)?;
        }
        Ok(())
    }

    /// Burns hour tokens in the pool's account.
    pub(crate) fn burn_in_pool(pool: PoolId, gpu_seconds: u128) -> DispatchResult {
        if gpu_seconds > 0 {
            Self::burn_hours(pool, &Self::account_of(pool), gpu_seconds)?;
        }
        Ok(())
    }

    /// Makes or burns hour tokens in the pool's account, for what has run off and for whatever else changes, at once.
    pub(crate) fn change_in_pool(pool: PoolId, dissipated: u128, change: HoursChange) -> DispatchResult {
        let (made, burned) = match change {
            HoursChange::None => (0, Some(dissipated)),
            HoursChange::In(gpu_seconds) => (gpu_seconds, Some(dissipated)),
            HoursChange::Out(gpu_seconds) => (0, dissipated.checked_add(gpu_seconds)),
        };
        let burned = burned.ok_or(Error::<T>::Overflow)?;
        // One of the two is zero.
        Self::mint_in_pool(pool, made.saturating_sub(burned))?;
        Self::burn_in_pool(pool, burned.saturating_sub(made))
    }

    fn frozen(pool: PoolId, who: &T::AccountId) -> u128 {
        T::Freezer::balance_frozen(pool, &FreezeReason::HourTokens.into(), who)
    }

    fn burn_hours(pool: PoolId, who: &T::AccountId, gpu_seconds: u128) -> DispatchResult {
        T::Assets::burn_from(
            pool,
            who,
            gpu_seconds,
            Preservation::Expendable,
            Precision::Exact,
            Fortitude::Polite,
        )?;
        Ok(())
    }
}

//! The team's share: minted in batches, and locked.
//!
//! The lock is a hold. A freeze, as pallet-vesting makes it, is satisfied by whatever else is on hold: an account that
//! has bonded as much as is frozen could send all the rest away.

use crate::{
    Config, Error, Event, HoldReason, LOG_TARGET, Pallet, Stopped, Supply, Team, TeamLock, TeamLocks,
};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{
        Get,
        fungible::{Inspect, MutateHold},
        tokens::Precision,
    },
};
use loopin_primitives::Balance;
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Pays the team what it is due, and locks it, unless emission is stopped or there is no account for it.
    pub(crate) fn pay_team() {
        let amount = Supply::<T>::get().team_due;
        if amount == 0 || Stopped::<T>::get() {
            return;
        }
        let Some(who) = Team::<T>::get() else {
            return;
        };
        let paid = with_storage_layer::<(), DispatchError, _>(|| {
            Self::mint(&who, amount, |supply| {
                supply.team_due = 0;
                supply.minted.team = supply.minted.team.saturating_add(amount);
            })?;
            Self::lock(&who, amount)
        });
        match paid {
            Ok(()) => Self::deposit_event(Event::TeamPaid { who, amount }),
            Err(error) => log::warn!(target: LOG_TARGET, "the team cannot be paid: {error:?}"),
        }
    }

    /// Locks that much of what the team has until `TeamLockSeconds` have passed. Of an account that has nothing else, the
    /// existential deposit stays free, as an account must keep that.
    fn lock(team: &T::AccountId, amount: Balance) -> DispatchResult {
        let others = CurrencyOf::<T>::balance(team).saturating_sub(amount);
        let missing = CurrencyOf::<T>::minimum_balance().saturating_sub(others);
        let amount = amount.saturating_sub(missing);
        let until = Pools::<T>::now().saturating_add(T::TeamLockSeconds::get());
        TeamLocks::<T>::try_mutate(team, |locks| locks.try_push(TeamLock { amount, until }))
            .map_err(|_| Error::<T>::TooManyTeamLocks)?;
        CurrencyOf::<T>::hold(&HoldReason::TeamShare.into(), team, amount)
    }

    /// Unlocks the batches of an account whose time is over.
    pub(crate) fn do_unlock_team(team: &T::AccountId) -> DispatchResult {
        let now = Pools::<T>::now();
        let mut amount: Balance = 0;
        TeamLocks::<T>::mutate_exists(team, |entry| {
            let mut locks = entry.take().unwrap_or_default();
            locks.retain(|lock| {
                let is_due = lock.until <= now;
                if is_due {
                    amount = amount.saturating_add(lock.amount);
                }
                !is_due
            });
            *entry = Some(locks).filter(|locks| !locks.is_empty());
        });
        ensure!(amount > 0, Error::<T>::NothingToUnlock);
        CurrencyOf::<T>::release(&HoldReason::TeamShare.into(), team, amount, Precision::Exact)?;
        Self::deposit_event(Event::TeamUnlocked {
            who: team.clone(),
            amount,
        });
        Ok(())
    }
}

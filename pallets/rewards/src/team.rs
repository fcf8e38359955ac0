//! The team's share: minted in batches, and locked.

use crate::{Config, Event, LOG_TARGET, Pallet, Stopped, Supply, Team};
use frame_support::{
    storage::with_storage_layer,
    traits::{Get, VestingSchedule},
};
use loopin_primitives::Balance;
use sp_runtime::{DispatchError, DispatchResult, traits::Saturating};

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

    /// Locks that much of what the team has: none of it is free before `TeamLockBlocks` blocks have passed, and then all
    /// of it is, in one block.
    fn lock(team: &T::AccountId, amount: Balance) -> DispatchResult {
        let until = frame_system::Pallet::<T>::block_number().saturating_add(T::TeamLockBlocks::get());
        T::TeamVesting::add_vesting_schedule(team, amount, amount, until)
    }
}

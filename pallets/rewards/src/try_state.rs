//! The invariants of the pallet's state, as listed in the crate's documentation.

use crate::{
    Accounts, Budget, Burned, Config, CurrentEpoch, EpochBudgets, HISTORY_EPOCHS, HoldReason, Listings,
    Miner, Miners, Pallet, Party, PoolEpochs, Releases, RewardParameters, ShareTotals, Shares, Supply,
    TeamLocks, TotalShares,
};
use alloc::collections::BTreeMap;
use frame_support::{
    ensure,
    traits::{
        Get,
        fungible::{Inspect, InspectHold},
    },
};
use loopin_primitives::{Balance, EpochId};
use pallet_pools::CurrencyOf;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks every invariant that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_supply()?;
        Self::check_epochs()?;
        Self::check_liquidity()?;
        Self::check_devices()?;
        Self::check_shares()?;
        Self::check_settings()
    }

    /// Invariants 1 to 4.
    fn check_supply() -> Result<(), TryRuntimeError> {
        let supply = Supply::<T>::get();
        let cap = T::SupplyCap::get();
        ensure!(
            supply.emitted <= cap.saturating_sub(supply.endowed),
            "more was emitted than the cap allows"
        );
        let (mut accrued, mut minted) = (0, 0);
        for account in Accounts::<T>::iter_values() {
            accrued += account.accrued.total();
            minted += account.minted;
        }
        ensure!(
            supply.minted.total() + supply.treasury_due + supply.team_due + accrued <= supply.emitted,
            "more is minted or due than was emitted"
        );
        ensure!(
            minted == supply.minted.earned.total(),
            "what was minted to accounts is not what was minted for them"
        );
        if CurrentEpoch::<T>::exists() {
            let issuance = CurrencyOf::<T>::total_issuance();
            let burned: Balance = Burned::<T>::iter_values().sum();
            ensure!(
                issuance + burned <= supply.endowed + supply.minted.total()
                    && issuance <= cap.max(supply.endowed),
                "there is more LOOPIN than there can be"
            );
        }
        Ok(())
    }

    /// Invariant 5.
    fn check_epochs() -> Result<(), TryRuntimeError> {
        let index = Self::epoch_index();
        let is_kept = |epoch: EpochId| epoch < index && index - epoch <= HISTORY_EPOCHS;
        for (epoch, _, pool_epoch) in PoolEpochs::<T>::iter() {
            ensure!(
                is_kept(epoch),
                "a pool has got its part of an epoch too early, or too long ago"
            );
            ensure!(
                pool_epoch.left <= pool_epoch.part && pool_epoch.from <= pool_epoch.until,
                "the epoch of a pool contradicts itself"
            );
        }
        let is_sound = |budget: &Budget| budget.left <= budget.amount;
        for (epoch, budgets) in EpochBudgets::<T>::iter() {
            ensure!(is_kept(epoch), "there are budgets of a wrong epoch");
            ensure!(
                is_sound(&budgets.clients) && is_sound(&budgets.verifiers),
                "more of a budget is settled than there was"
            );
        }
        Ok(())
    }

    /// Invariant 6.
    fn check_liquidity() -> Result<(), TryRuntimeError> {
        let mut liquidity: BTreeMap<T::AccountId, Balance> = BTreeMap::new();
        for miner in Miners::<T>::iter_values() {
            let outstanding: Balance = miner.intervals.iter().map(|interval| interval.outstanding).sum();
            *liquidity.entry(miner.owner).or_default() += outstanding;
        }
        for (who, account) in Accounts::<T>::iter() {
            ensure!(
                account.liquidity == liquidity.remove(&who).unwrap_or_default(),
                "what an account has paid into pools is not what its positions say"
            );
        }
        ensure!(
            liquidity.values().all(|amount| *amount == 0),
            "an account has paid into pools, and does not know it"
        );
        for who in frame_system::Account::<T>::iter_keys() {
            let released: Balance = Releases::<T>::get(&who)
                .iter()
                .map(|release| release.amount)
                .sum();
            let locked: Balance = TeamLocks::<T>::get(&who).iter().map(|lock| lock.amount).sum();
            let account = Accounts::<T>::get(&who);
            let on_hold = |reason: HoldReason| CurrencyOf::<T>::balance_on_hold(&reason.into(), &who);
            ensure!(
                on_hold(HoldReason::Loyalty) == account.held + released && account.lent == 0,
                "what is on hold for loyalty is not what the account knows"
            );
            ensure!(
                on_hold(HoldReason::TeamShare) == locked,
                "what is on hold for the team is not what is locked"
            );
        }
        Ok(())
    }

    /// Invariant 7.
    fn check_devices() -> Result<(), TryRuntimeError> {
        let index = Self::epoch_index();
        for miner in Miners::<T>::iter_values() {
            check_intervals(&miner)?;
            ensure!(
                miner.running().is_some() || (!miner.draining && miner.tenancy.is_none()),
                "a device that is not in its pool is rented or drained"
            );
            ensure!(
                miner
                    .unsettled
                    .as_ref()
                    .is_none_or(|record| record.epoch < miner.performance.epoch)
                    && miner.performance.epoch <= index,
                "the records of a device are of wrong epochs"
            );
        }
        Ok(())
    }

    /// Invariant 8.
    fn check_shares() -> Result<(), TryRuntimeError> {
        let index = Self::epoch_index();
        let mut totals = ShareTotals::default();
        for (party, _, share) in Shares::<T>::iter() {
            ensure!(share.epoch <= index, "a share is of a later epoch");
            if share.epoch == index {
                match party {
                    Party::Client => totals.clients += share.amount,
                    Party::Verifier => totals.verifiers += share.amount,
                }
            }
        }
        ensure!(
            totals == TotalShares::<T>::get(),
            "the shares do not add up to the total"
        );
        Ok(())
    }

    /// Invariant 9.
    fn check_settings() -> Result<(), TryRuntimeError> {
        ensure!(
            Listings::<T>::get()
                .values()
                .all(|listing| Self::check_reference_price(listing.reference_price).is_ok()),
            "a listed pool has no valid reference price"
        );
        ensure!(
            CurrentEpoch::<T>::get().is_none_or(|epoch| epoch.start < epoch.end),
            "the epoch ends before it begins"
        );
        ensure!(
            Self::check_parameters(&RewardParameters::<T>::get()).is_ok(),
            "the parameters are not valid"
        );
        Ok(())
    }

    fn epoch_index() -> EpochId {
        CurrentEpoch::<T>::get().map_or(0, |epoch| epoch.index)
    }
}

fn check_intervals<AccountId>(miner: &Miner<AccountId>) -> Result<(), TryRuntimeError> {
    ensure!(
        miner
            .intervals
            .iter()
            .all(|interval| interval.from <= interval.until),
        "a device was in its pool for less than no time"
    );
    ensure!(
        miner
            .intervals
            .windows(2)
            .all(|pair| pair[0].ended && pair[0].until <= pair[1].from),
        "a device was in its pool twice at the same time"
    );
    ensure!(
        miner
            .intervals
            .iter()
            .all(|interval| !interval.ended || interval.outstanding == 0),
        "a position that is over has something in the pool"
    );
    Ok(())
}

//! What of an owner's LOOPIN counts for its loyalty, and the hold for what is to count.
//!
//! Only what cannot leave in a moment counts, and of that the mean over a whole epoch: else a balance that stays for one
//! transaction would do.

use crate::{
    Accounts, Config, CurrentEpoch, Earnings, Epoch, Error, Event, HoldReason, Loyalty, Pallet, Payout,
    Payouts, Reckoning, Release, Releases, RewardParameters,
};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{
        Get,
        fungible::{Inspect, InspectHold, MutateHold},
        tokens::{Fortitude, Precision, Preservation},
    },
};
use loopin_primitives::{Balance, Moment};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Changes what rewards know of an account, after its time until now has been reckoned.
    pub(crate) fn change_account<R>(who: &T::AccountId, change: impl FnOnce(&mut Earnings) -> R) -> R {
        Accounts::<T>::mutate_exists(who, |entry| {
            let mut account = entry.take().unwrap_or_default();
            Self::reckon(who, &mut account);
            let result = change(&mut account);
            let is_known = account.minted > 0 || account.counted() > 0 || account.lent > 0;
            *entry = Some(account).filter(|_| is_known);
            result
        })
    }

    /// What rewards know of an account, after its time until now has been reckoned.
    pub(crate) fn reckoned(who: &T::AccountId) -> Earnings {
        let mut account = Accounts::<T>::get(who);
        Self::reckon(who, &mut account);
        account
    }

    fn reckon(who: &T::AccountId, account: &mut Earnings) {
        let Some(epoch) = CurrentEpoch::<T>::get() else {
            return;
        };
        let bonded = T::BondReasons::get()
            .iter()
            .map(|reason| CurrencyOf::<T>::balance_on_hold(reason, who))
            .fold(0, Balance::saturating_add);
        // Bonds tell nobody when they change, and leave slowly. What is there now and was there the last time has been
        // there meanwhile, unless it can be bonded by others in turn in less than an epoch.
        account.bonded = account.bonded.min(bonded);
        account.reckon(&epoch, Pools::<T>::now());
        account.bonded = bonded;
    }

    /// What of an account's LOOPIN counts, now and over the last epoch that is over.
    pub fn loyalty(who: &T::AccountId) -> Loyalty {
        let account = Self::reckoned(who);
        Loyalty {
            accrued: account.accrued.total(),
            liquidity: account.liquidity,
            bonded: account.bonded,
            held: account.held,
            counted: account.counted(),
            minted: account.minted,
            last_counted: account.reckoning.last_counted,
            last_minted: account.reckoning.last_minted,
            epoch_end: CurrentEpoch::<T>::get().map_or(0, |epoch| epoch.end),
            payout: Payouts::<T>::get(who),
            releases: Releases::<T>::get(who).into_inner(),
        }
    }

    /// Puts as much as possible of what somebody has just been paid on the loyalty hold, if that is where it has its
    /// earnings paid to. Returns how much that is.
    pub(crate) fn put_on_hold(who: &T::AccountId, paid: Balance) -> Balance {
        if Payouts::<T>::get(who) == Payout::Free {
            return 0;
        }
        // An account has to keep its existential deposit free.
        let free = CurrencyOf::<T>::reducible_balance(who, Preservation::Preserve, Fortitude::Force);
        let amount = paid.min(free);
        // What cannot be held remains free.
        Self::hold(who, amount).map_or(0, |()| amount)
    }

    fn hold(who: &T::AccountId, amount: Balance) -> DispatchResult {
        with_storage_layer::<(), DispatchError, _>(|| {
            CurrencyOf::<T>::hold(&HoldReason::Loyalty.into(), who, amount)?;
            Self::change_account(who, |account| account.held = account.held.saturating_add(amount));
            Ok(())
        })
    }

    pub(crate) fn do_add_to_hold(who: &T::AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::NoAmount);
        Self::hold(who, amount)?;
        Self::deposit_event(Event::HoldIncreased {
            who: who.clone(),
            amount,
        });
        Ok(())
    }

    pub(crate) fn do_release(who: &T::AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::NoAmount);
        ensure!(
            amount <= Accounts::<T>::get(who).held,
            Error::<T>::NotSoMuchOnHold
        );
        let until = Pools::<T>::now().saturating_add(RewardParameters::<T>::get().release_seconds);
        Releases::<T>::try_mutate(who, |releases| releases.try_push(Release { amount, until }))
            .map_err(|_| Error::<T>::TooManyReleases)?;
        Self::change_account(who, |account| account.held = account.held.saturating_sub(amount));
        Self::deposit_event(Event::ReleaseBegan {
            who: who.clone(),
            amount,
            until,
        });
        Ok(())
    }

    /// Pays what has been released and has waited for long enough. Returns how much that is.
    pub(crate) fn pay_released_to(who: &T::AccountId) -> Result<Balance, DispatchError> {
        let now = Pools::<T>::now();
        let mut amount: Balance = 0;
        Releases::<T>::mutate_exists(who, |entry| {
            let mut releases = entry.take().unwrap_or_default();
            releases.retain(|release| {
                let is_due = release.until <= now;
                if is_due {
                    amount = amount.saturating_add(release.amount);
                }
                !is_due
            });
            *entry = Some(releases).filter(|releases| !releases.is_empty());
        });
        if amount > 0 {
            CurrencyOf::<T>::release(&HoldReason::Loyalty.into(), who, amount, Precision::Exact)?;
            Self::deposit_event(Event::Released {
                who: who.clone(),
                amount,
            });
        }
        Ok(amount)
    }

    /// Takes up to that much off the hold, as liquidity is about to be paid with it.
    pub(crate) fn lend(owner: &T::AccountId, cost: Balance) {
        let amount = cost.min(Accounts::<T>::get(owner).held);
        let reason = HoldReason::Loyalty.into();
        // It is on hold, so this succeeds. If it did not, the owner would pay with what is free.
        if amount > 0 && CurrencyOf::<T>::release(&reason, owner, amount, Precision::Exact).is_ok() {
            Self::change_account(owner, |account| {
                account.held = account.held.saturating_sub(amount);
                account.lent = account.lent.saturating_add(amount);
            });
        }
    }

    /// Of that much that the owner has just been paid for its liquidity, what was lent goes back on hold.
    pub(crate) fn take_back(owner: &T::AccountId, paid: Balance) {
        let lent = Self::change_account(owner, |account| core::mem::take(&mut account.lent));
        if lent > 0 {
            Self::put_on_hold(owner, lent.min(paid));
        }
    }
}

impl Earnings {
    /// What counts of it.
    pub fn counted(&self) -> Balance {
        self.accrued
            .total()
            .saturating_add(self.liquidity)
            .saturating_add(self.bonded)
            .saturating_add(self.held)
    }

    /// Reckons the time until now. What comes after an epoch's end and before its closing is part of the next one.
    pub(crate) fn reckon(&mut self, epoch: &Epoch, now: Moment) {
        let (counted, minted) = (self.counted(), self.minted);
        let reckoning = &mut self.reckoning;
        if reckoning.epoch < epoch.index {
            let is_next = reckoning.epoch.saturating_add(1) == epoch.index;
            reckoning.pass(epoch.start, counted, minted);
            (reckoning.last_counted, reckoning.last_minted) = if is_next {
                reckoning.means()
            } else {
                // Nothing has changed in all of the last epoch.
                (counted, minted)
            };
            reckoning.begin(epoch);
        } else if reckoning.began < epoch.start {
            // It was made before the first epoch began.
            reckoning.begin(epoch);
        }
        reckoning.pass(now.min(epoch.end), counted, minted);
    }
}

impl Reckoning {
    fn begin(&mut self, epoch: &Epoch) {
        self.epoch = epoch.index;
        (self.began, self.until) = (epoch.start, epoch.start);
        (self.counted_seconds, self.minted_seconds) = (0, 0);
    }

    /// Both amounts have been the same until then.
    fn pass(&mut self, until: Moment, counted: Balance, minted: Balance) {
        let seconds = until.saturating_sub(self.until).into();
        let after = |before: u128, amount: Balance| before.saturating_add(amount.saturating_mul(seconds));
        self.counted_seconds = after(self.counted_seconds, counted);
        self.minted_seconds = after(self.minted_seconds, minted);
        self.until = self.until.max(until);
    }

    /// The means over the time that has been reckoned, rounded down.
    fn means(&self) -> (Balance, Balance) {
        let seconds = u128::from(self.until.saturating_sub(self.began));
        let mean = |sum: u128| sum.checked_div(seconds).unwrap_or(0);
        (mean(self.counted_seconds), mean(self.minted_seconds))
    }
}

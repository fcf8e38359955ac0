//! How devices stand with verification, and what verdicts make of that.

use crate::{Config, Conviction, Devices, Error, Event, HoldReason, Pallet};
use frame_support::{
    storage::with_storage_layer,
    traits::{
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
    },
};
use loopin_primitives::{Balance, DeviceHooks, DeviceId, Standing, Verdict};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{DispatchError, DispatchResult, Perbill};

impl<T: Config> Pallet<T> {
    /// Records the verdict on a device, and tells [`Config::DeviceHooks`] what follows from it. If that fails, nothing
    /// has happened. It is for the caller to measure and charge what syncing the device's pool has cost.
    pub fn apply_verdict(device: DeviceId, verdict: Verdict) -> DispatchResult {
        with_storage_layer(|| {
            let before = Self::record(device, verdict)?;
            // The registry already has the verdict: whoever is told may ask it.
            match (before, verdict) {
                (_, Verdict::Passed { .. }) => T::DeviceHooks::passed(device),
                (Standing::Verified, Verdict::Failed) => T::DeviceHooks::suspended(device),
                (Standing::Suspended, Verdict::Failed) => T::DeviceHooks::ejected(device),
                (Standing::Unverified | Standing::Ejected, Verdict::Failed) | (_, Verdict::Inconclusive) => {
                    Ok(())
                }
            }
        })
    }

    /// Takes the verdict down, and returns the device's standing before.
    pub(crate) fn record(device: DeviceId, verdict: Verdict) -> Result<Standing, DispatchError> {
        let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
        let before = entry.standing;
        entry.standing = standing_after(before, verdict);
        match entry.standing {
            Standing::Verified => {
                entry.verified_since.get_or_insert_with(Pools::<T>::now);
            }
            Standing::Ejected => entry.verified_since = None,
            Standing::Unverified | Standing::Suspended => (),
        }
        entry.check_requested &= verdict == Verdict::Inconclusive;
        let standing = entry.standing;
        Devices::<T>::insert(device, entry);
        Self::deposit_event(Event::VerdictRecorded {
            device,
            verdict,
            before,
            standing,
        });
        Ok(before)
    }

    /// `reporter` has proven that the device lied. Whatever its standing, it is ejected, and its deposit is forfeited:
    /// `reward` of it, rounded down, goes to `reporter`, and the rest is burned. If this fails, nothing has happened. The
    /// pool is the caller's business as for [`apply_verdict`](Self::apply_verdict).
    pub fn convict(
        device: DeviceId,
        reporter: &T::AccountId,
        reward: Perbill,
    ) -> Result<Conviction, DispatchError> {
        with_storage_layer(|| {
            let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
            let before = entry.standing;
            let conviction = Self::forfeit_deposit(&entry.owner, entry.deposit, reporter, reward)?;
            entry.deposit = 0;
            entry.standing = Standing::Ejected;
            entry.verified_since = None;
            entry.check_requested = false;
            Devices::<T>::insert(device, entry);
            Self::deposit_event(Event::DeviceConvicted {
                device,
                before,
                reporter: reporter.clone(),
                conviction,
            });
            if matches!(before, Standing::Verified | Standing::Suspended) {
                T::DeviceHooks::ejected(device)?;
            }
            Ok(conviction)
        })
    }

    /// Gives `reporter` its part of a deposit, rounded down, and burns the rest. An account that is gone, and cannot
    /// come back for so little, gets nothing.
    fn forfeit_deposit(
        owner: &T::AccountId,
        deposit: Balance,
        reporter: &T::AccountId,
        reward: Perbill,
    ) -> Result<Conviction, DispatchError> {
        let reason = HoldReason::DeviceRegistration.into();
        let due = reward.mul_floor(deposit);
        let paid = with_storage_layer(|| {
            CurrencyOf::<T>::transfer_on_hold(
                &reason,
                owner,
                reporter,
                due,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Force,
            )
        });
        let reward = if paid.is_ok() { due } else { 0 };
        // The reward is a part of the deposit.
        let burned = deposit.saturating_sub(reward);
        if burned > 0 {
            CurrencyOf::<T>::burn_held(&reason, owner, burned, Precision::Exact, Fortitude::Force)?;
        }
        Ok(Conviction { reward, burned })
    }
}

/// The standing of a device after a verdict.
fn standing_after(before: Standing, verdict: Verdict) -> Standing {
    match (before, verdict) {
        (_, Verdict::Inconclusive) => before,
        (_, Verdict::Passed { .. }) => Standing::Verified,
        (Standing::Unverified, Verdict::Failed) => Standing::Unverified,
        (Standing::Verified, Verdict::Failed) => Standing::Suspended,
        (Standing::Suspended | Standing::Ejected, Verdict::Failed) => Standing::Ejected,
    }
}

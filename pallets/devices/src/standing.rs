//! How devices stand with verification, and what verdicts make of that.

use crate::{Config, Devices, Error, Event, Pallet, Verdict};
use frame_support::{ensure, storage::with_storage_layer};
use loopin_primitives::{DeviceEvents, DeviceId, DeviceInfo, Market, Standing};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Records what a verification found out about `device`, and tells [`Config::Events`] what follows from it.
    /// Where that fails, nothing has happened. What bringing the device's pool up to date has cost is for the caller
    /// to take from the [`Market`] and to charge.
    pub fn apply_verdict(device: DeviceId, verdict: Verdict) -> DispatchResult {
        with_storage_layer(|| {
            let before = Self::record(device, verdict)?;
            // The registry is up to date by now: whoever is told may ask it.
            match (before, verdict) {
                (_, Verdict::Passed) => T::Events::passed(device),
                (Standing::Verified, Verdict::Failed) => T::Events::suspended(device),
                (Standing::Suspended, Verdict::Failed) => T::Events::ejected(device),
                (Standing::Unverified | Standing::Ejected, Verdict::Failed) | (_, Verdict::Inconclusive) => {
                    Ok(())
                }
            }
        })
    }

    /// Takes the verdict down, and returns how the device stood before.
    fn record(device: DeviceId, verdict: Verdict) -> Result<Standing, DispatchError> {
        let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
        let before = entry.standing;
        entry.standing = standing_after(before, verdict);
        match entry.standing {
            Standing::Verified => {
                entry.verified_since.get_or_insert_with(T::Market::now);
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
}

/// How a device stands after a verdict.
fn standing_after(before: Standing, verdict: Verdict) -> Standing {
    match (before, verdict) {
        (_, Verdict::Inconclusive) => before,
        (_, Verdict::Passed) => Standing::Verified,
        (Standing::Unverified, Verdict::Failed) => Standing::Unverified,
        (Standing::Verified, Verdict::Failed) => Standing::Suspended,
        (Standing::Suspended | Standing::Ejected, Verdict::Failed) => Standing::Ejected,
    }
}

impl<T: Config> loopin_primitives::Devices<T::AccountId> for Pallet<T> {
    fn device(device: DeviceId) -> Option<DeviceInfo<T::AccountId>> {
        Devices::<T>::get(device).map(|entry| DeviceInfo {
            owner: entry.owner,
            pool: entry.pool,
            standing: entry.standing,
        })
    }

    fn set_staked(device: DeviceId, staked: bool) -> DispatchResult {
        let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
        if staked {
            ensure!(!entry.staked, Error::<T>::DeviceStaked);
        } else {
            ensure!(entry.staked, Error::<T>::DeviceNotStaked);
        }
        entry.staked = staked;
        Devices::<T>::insert(device, entry);
        Self::deposit_event(if staked {
            Event::DeviceStaked { device }
        } else {
            Event::DeviceUnstaked { device }
        });
        Ok(())
    }

    fn request_check(device: DeviceId) -> DispatchResult {
        let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
        if !entry.check_requested {
            entry.check_requested = true;
            Devices::<T>::insert(device, entry);
            Self::deposit_event(Event::CheckRequested { device });
        }
        Ok(())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_verified(
        owner: &T::AccountId,
        pool: loopin_primitives::PoolId,
    ) -> Result<DeviceId, DispatchError> {
        let device = crate::benchmarking::register::<T>(owner, pool)?;
        // Nobody needs to be told of a device that is not staked.
        Self::record(device, Verdict::Passed)?;
        Ok(device)
    }
}

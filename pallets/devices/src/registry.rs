//! What the pallets above ask of the registry, and tell it.

use crate::{
    ChallengeTarget, Config, DeviceInfo, Devices, Error, Event, FormerAgentKeys, NextDeviceId, Pallet,
    WeightInfo,
};
use frame_support::ensure;
use loopin_primitives::{DeviceHooks, DeviceId, Moment};
use sp_runtime::{DispatchResult, Weight};

impl<T: Config> Pallet<T> {
    /// The device, if it is registered.
    pub fn device(device: DeviceId) -> Option<DeviceInfo<T::AccountId>> {
        Devices::<T>::get(device).map(|entry| DeviceInfo {
            owner: entry.owner,
            pool: entry.pool,
            standing: entry.standing,
        })
    }

    /// The number that the next device will have: those of all others are below it.
    pub fn next_device() -> DeviceId {
        NextDeviceId::<T>::get()
    }

    /// When the device passed verification for the first time since it was registered or last ejected, Unix
    /// seconds. Nothing if it has not, or is not registered.
    pub fn verified_since(device: DeviceId) -> Option<Moment> {
        Devices::<T>::get(device)?.verified_since
    }

    /// The device, if it can be challenged: it is registered, and its deposit is on hold.
    pub fn target(device: DeviceId) -> Option<ChallengeTarget> {
        let entry = Devices::<T>::get(device)?;
        if entry.deposit == 0 && Self::deposit_for(&entry.endpoint) != Ok(0) {
            return None;
        }
        Some(ChallengeTarget {
            pool: entry.pool,
            is_staked: entry.staked,
            agent_key: entry.agent_key.0,
            former_key: FormerAgentKeys::<T>::get(device),
            endpoint: entry.endpoint.into_inner(),
            check_requested: entry.check_requested,
        })
    }

    /// Marks a device as staked, so that it cannot be removed from the registry, or as free again.
    pub fn set_staked(device: DeviceId, staked: bool) -> DispatchResult {
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

    /// Asks for the device to be verified out of turn. If that has already been asked for, and no verdict has come since,
    /// nothing changes.
    pub fn request_check(device: DeviceId) -> DispatchResult {
        let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
        if !entry.check_requested {
            entry.check_requested = true;
            Devices::<T>::insert(device, entry);
            Self::deposit_event(Event::CheckRequested { device });
        }
        Ok(())
    }

    /// What [`apply_verdict`](Self::apply_verdict) costs at most, but for syncing the device's pool.
    pub fn verdict_weight() -> Weight {
        <T as Config>::WeightInfo::record_verdict().saturating_add(T::DeviceHooks::weight())
    }

    /// What [`convict`](Self::convict) costs at most, but for syncing the device's pool.
    pub fn conviction_weight() -> Weight {
        <T as Config>::WeightInfo::convict().saturating_add(T::DeviceHooks::weight())
    }
}

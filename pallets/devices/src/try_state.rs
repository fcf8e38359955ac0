//! The invariants of the pallet's state, as listed in the crate's documentation.

use crate::{Config, Devices, FormerAgentKeys, GpuIds, HoldReason, NextDeviceId, Pallet};
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::InspectHold};
use loopin_primitives::{Balance, EndpointUrl, Standing};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks every invariant that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_holds()?;
        Self::check_numbers()?;
        Self::check_devices()
    }

    /// Invariant 1.
    fn check_holds() -> Result<(), TryRuntimeError> {
        let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
        for device in Devices::<T>::iter_values() {
            let deposit = deposits.entry(device.owner).or_default();
            *deposit = deposit.saturating_add(device.deposit);
        }
        for who in frame_system::Account::<T>::iter_keys() {
            let held = CurrencyOf::<T>::balance_on_hold(&HoldReason::DeviceRegistration.into(), &who);
            ensure!(
                held == deposits.remove(&who).unwrap_or_default(),
                "a hold does not match the deposits"
            );
        }
        ensure!(
            deposits.values().all(|deposit| *deposit == 0),
            "a deposit is not on hold"
        );
        Ok(())
    }

    /// Invariants 2 and 3.
    fn check_numbers() -> Result<(), TryRuntimeError> {
        for (number, device) in Devices::<T>::iter() {
            ensure!(
                number < NextDeviceId::<T>::get(),
                "a device has a number that was not given"
            );
            ensure!(
                GpuIds::<T>::get(&device.owner, device.gpu_id) == Some(number),
                "the GPU of a device is not in the index"
            );
        }
        ensure!(
            GpuIds::<T>::iter().count() == Devices::<T>::iter().count(),
            "the index names a GPU that no device has"
        );
        Ok(())
    }

    /// Invariants 4 to 6.
    fn check_devices() -> Result<(), TryRuntimeError> {
        let now = Pools::<T>::now();
        for device in Devices::<T>::iter_values() {
            let has_age = matches!(device.standing, Standing::Verified | Standing::Suspended);
            ensure!(
                device.verified_since.is_some() == has_age,
                "the age of a device does not fit its standing"
            );
            let since = device.verified_since.unwrap_or(now);
            ensure!(
                device.registered_at <= since && since <= now,
                "the moments of a device are not in order"
            );
            ensure!(
                EndpointUrl::parse(&device.endpoint).is_ok() && device.agent_key.0 != [0; 32],
                "a device has an agent that would be refused"
            );
        }
        for (device, former) in FormerAgentKeys::<T>::iter() {
            ensure!(
                Devices::<T>::contains_key(device) && former.until <= now,
                "the former key of an agent is of no device, or of the future"
            );
        }
        Ok(())
    }
}

//! The registry of devices.

use super::{
    AccountId, Test, World,
    world::{Device, Devices as Registry, Error},
};
use frame_support::ensure;
use loopin_primitives::{DeviceId, DeviceInfo, Devices, PoolId, Standing};
use sp_runtime::DispatchResult;

/// Registers a verified device.
pub fn register(device: DeviceId, owner: AccountId, pool: PoolId) {
    Registry::<Test>::insert(
        device,
        Device {
            owner,
            pool,
            standing: Standing::Verified,
            staked: false,
        },
    );
}

/// How the device stands with verification from now on.
pub fn set_standing(device: DeviceId, standing: Standing) {
    Registry::<Test>::mutate(device, |entry| entry.as_mut().unwrap().standing = standing);
}

/// Whether the device is marked as staked.
pub fn is_staked(device: DeviceId) -> bool {
    Registry::<Test>::get(device).unwrap().staked
}

impl Devices<AccountId> for World {
    fn device(device: DeviceId) -> Option<DeviceInfo<AccountId>> {
        Registry::<Test>::get(device).map(Into::into)
    }

    fn set_staked(device: DeviceId, staked: bool) -> DispatchResult {
        Registry::<Test>::try_mutate(device, |entry| {
            let entry = entry.as_mut().ok_or(Error::<Test>::NoSuchDevice)?;
            ensure!(entry.staked != staked, Error::<Test>::Inconsistent);
            entry.staked = staked;
            Ok(())
        })
    }

    fn request_check(_: DeviceId) -> DispatchResult {
        unreachable!("only the rentals request checks")
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_verified(owner: &AccountId, pool: PoolId) -> Result<DeviceId, sp_runtime::DispatchError> {
        let device = Registry::<Test>::iter_keys().max().map_or(1, |last| last + 1);
        register(device, *owner, pool);
        Ok(device)
    }
}

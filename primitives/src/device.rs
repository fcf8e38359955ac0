//! Devices, as the pallets of the market see them.

use crate::{DeviceId, PoolId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult};

/// How a device stands with verification.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Standing {
    /// Registered, and not verified yet: it can do nothing.
    Unverified,
    /// It passed its last verification.
    Verified,
    /// It failed its last verification: it cannot be rented until it passes the next.
    Suspended,
    /// It failed twice in a row: its stake has been ended. It has to be verified anew.
    Ejected,
}

/// What others need to know of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo<AccountId> {
    /// Whose it is.
    pub owner: AccountId,
    /// The pool it was registered for.
    pub pool: PoolId,
    /// How it stands with verification.
    pub standing: Standing,
}

/// The registry of devices.
pub trait Devices<AccountId> {
    /// The device, if it is registered.
    fn device(device: DeviceId) -> Option<DeviceInfo<AccountId>>;

    /// Marks a device as staked, so that it cannot be removed from the registry, or as free again.
    fn set_staked(device: DeviceId, staked: bool) -> DispatchResult;

    /// Asks for the device to be verified out of turn. Where that has been asked for already, and no verdict has
    /// come since, nothing changes.
    fn request_check(device: DeviceId) -> DispatchResult;

    /// A device of that owner and pool that can be staked.
    #[cfg(feature = "runtime-benchmarks")]
    fn create_verified(owner: &AccountId, pool: PoolId) -> Result<DeviceId, DispatchError>;
}

/// What happens to devices: called by the registry or by verification, for those whom it concerns. The calls
/// must not fail for reasons of a user's making.
pub trait DeviceEvents {
    /// The device failed a verification for the first time in a row.
    fn suspended(device: DeviceId) -> DispatchResult;

    /// The device passed a verification.
    fn passed(device: DeviceId) -> DispatchResult;

    /// The device failed again, or was proven to have lied: whatever stake and rental it has ends now.
    fn ejected(device: DeviceId) -> DispatchResult;

    /// The device, which was not staked, is out of the registry. Its number never comes back.
    fn removed(_: DeviceId) {}
}

impl DeviceEvents for () {
    fn suspended(_: DeviceId) -> Result<(), DispatchError> {
        Ok(())
    }
    fn passed(_: DeviceId) -> Result<(), DispatchError> {
        Ok(())
    }
    fn ejected(_: DeviceId) -> Result<(), DispatchError> {
        Ok(())
    }
}

impl<First: DeviceEvents, Second: DeviceEvents> DeviceEvents for (First, Second) {
    fn suspended(device: DeviceId) -> DispatchResult {
        First::suspended(device)?;
        Second::suspended(device)
    }
    fn passed(device: DeviceId) -> DispatchResult {
        First::passed(device)?;
        Second::passed(device)
    }
    fn ejected(device: DeviceId) -> DispatchResult {
        First::ejected(device)?;
        Second::ejected(device)
    }
    fn removed(device: DeviceId) {
        First::removed(device);
        Second::removed(device);
    }
}

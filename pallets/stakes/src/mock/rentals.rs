//! Rentals of one device each.

use super::{AccountId, CLIENT, Pools, Stakes, hours, now};
use codec::{Decode, Encode};
use frame_support::{
    Twox64Concat, dispatch::DispatchResult, ensure, storage::with_storage_layer, storage_alias,
};
use loopin_math::{Contribution, time::scheduled_end};
use loopin_primitives::{Balance, DeviceId, FailedRental, Moment, PoolId, TenancyHooks};
use sp_runtime::DispatchError;

/// A rental.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rental {
    pub client: AccountId,
    pub pool: PoolId,
    pub until: Moment,
    /// GPU-seconds rented.
    pub gpu_seconds: u128,
    /// What was paid for them, the fee included.
    pub cost: Balance,
    /// What was paid into the reserve.
    pub contribution: Contribution,
}

/// The last rental of each device.
#[storage_alias]
type RentalOf = StorageMap<Rentals, Twox64Concat, DeviceId, Rental>;

/// Rents devices, and ends the rentals of those that fail.
pub struct Rentals;

/// The client rents the device. Returns what that came to.
pub fn rent(device: DeviceId, seconds: u64) -> Rental {
    try_rent(device, seconds).unwrap();
    RentalOf::get(device).unwrap()
}

/// The client tries to rent the device.
pub fn try_rent(device: DeviceId, seconds: u64) -> DispatchResult {
    with_storage_layer(|| {
        let pool = super::Devices::device(device)
            .ok_or("there is no such device")?
            .pool;
        let available_until = Stakes::available_until(pool, device)?;
        ensure!(Rentals::rented_until(device).is_none(), "the device is rented");
        let until = scheduled_end(now(), seconds)
            .map_err(|_| "there is no such time")?
            .min(available_until);
        end(device)?;
        let (trade, contribution) = Pools::rent(pool, &CLIENT, 1, until, Balance::MAX)?;
        let rental = Rental {
            client: CLIENT,
            pool,
            until,
            gpu_seconds: trade.gpu_seconds,
            cost: trade.cost(),
            contribution,
        };
        RentalOf::insert(device, rental);
        Ok(())
    })
}

/// Changes the rental of a device.
pub fn change(device: DeviceId, change: impl FnOnce(&mut Rental)) {
    RentalOf::mutate(device, |rental| change(rental.as_mut().unwrap()));
}

/// Forgets the rental of a device, and destroys its hour tokens.
fn end(device: DeviceId) -> DispatchResult {
    match RentalOf::take(device) {
        Some(rental) => {
            let left = hours(rental.pool, rental.client).min(rental.gpu_seconds);
            Pools::retire_hours(rental.pool, &rental.client, left)
        }
        None => Ok(()),
    }
}

impl TenancyHooks<AccountId> for Rentals {
    fn rented_until(device: DeviceId) -> Option<Moment> {
        RentalOf::get(device)
            .map(|rental| rental.until)
            .filter(|until| *until > now())
    }

    fn evict(device: DeviceId) -> Result<Option<FailedRental<AccountId>>, DispatchError> {
        let Some(rental) = RentalOf::get(device).filter(|rental| rental.until > now()) else {
            return Ok(None);
        };
        end(device)?;
        let left = u128::from(rental.until - now());
        let refund = rental.cost * left / rental.gpu_seconds;
        Ok(Some(FailedRental {
            rental: device,
            client: rental.client,
            until: rental.until,
            refund,
            contribution: rental.contribution,
        }))
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for Rentals {
    fn rent(device: DeviceId) -> DispatchResult {
        try_rent(device, super::terms().rental_min_seconds)
    }
}

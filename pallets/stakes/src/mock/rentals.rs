//! Rentals of one device each.

use super::{
    AccountId, Stakes, Test, World, market,
    world::{Devices, Error, Now, Rentals},
};
use codec::{Decode, Encode};
use frame_support::ensure;
use loopin_math::time::scheduled_end;
use loopin_primitives::{Balance, DeviceId, FailedRental, Market, Moment, PoolId, Rented, Supply};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// A rental.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Rental {
    pub client: AccountId,
    pub pool: PoolId,
    pub until: Moment,
    /// GPU-seconds rented.
    pub gpu_seconds: u128,
    /// What was paid for them, the fee included.
    pub cost: Balance,
    /// What the pool got.
    pub amount: Balance,
}

/// `client` rents the device.
pub fn rent(client: AccountId, device: DeviceId, seconds: u64) -> Result<Rental, DispatchError> {
    let pool = Devices::<Test>::get(device)
        .ok_or(Error::<Test>::NoSuchDevice)?
        .pool;
    let available_until = Stakes::available_until(pool, device)?;
    ensure!(World::rented_until(device).is_none(), Error::<Test>::Inconsistent);
    let until = scheduled_end(Now::<Test>::get(), seconds)
        .map_err(Error::<Test>::from)?
        .min(available_until);
    finish_old(device)?;
    let trade = World::rent(pool, &client, 1, until, Balance::MAX)?;
    let rental = Rental {
        client,
        pool,
        until,
        gpu_seconds: trade.gpu_seconds,
        cost: trade.cost(),
        amount: trade.amount,
    };
    Rentals::<Test>::insert(device, &rental);
    Ok(rental)
}

/// Changes the rental of a device.
pub fn change(device: DeviceId, change: impl FnOnce(&mut Rental)) {
    Rentals::<Test>::mutate(device, |rental| change(rental.as_mut().unwrap()));
}

/// Forgets a rental that is over.
fn finish_old(device: DeviceId) -> Result<(), DispatchError> {
    match Rentals::<Test>::take(device) {
        Some(rental) => {
            let left = super::hours(rental.pool, rental.client).min(rental.gpu_seconds);
            market::burn_hours(rental.pool, &rental.client, left)
        }
        None => Ok(()),
    }
}

impl Rented<AccountId> for World {
    fn rented_until(device: DeviceId) -> Option<Moment> {
        Rentals::<Test>::get(device)
            .map(|rental| rental.until)
            .filter(|until| *until > Now::<Test>::get())
    }

    fn fail(device: DeviceId) -> Result<Option<FailedRental<AccountId>>, DispatchError> {
        let Some(until) = Self::rented_until(device) else {
            return Ok(None);
        };
        let rental = Rentals::<Test>::get(device).ok_or(Error::<Test>::Inconsistent)?;
        finish_old(device)?;
        let left = u128::from(until - Now::<Test>::get());
        let refund = rental.cost * left / rental.gpu_seconds;
        Ok(Some(FailedRental {
            rental: device,
            client: rental.client,
            until,
            refund,
            most_from_pool: refund,
        }))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_rental(device: DeviceId) -> sp_runtime::DispatchResult {
        rent(super::CLIENT, device, market::TERMS.rental_min_seconds)?;
        Ok(())
    }
}

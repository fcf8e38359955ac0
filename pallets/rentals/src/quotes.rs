//! What renting would cost, and giving back would bring.
//!
//! These sync pools, which is of no consequence in a runtime API, whose changes are dropped. They do not ask who would
//! call, or whether that account could pay.

use crate::{Config, Error, MAX_DEVICES, Pallet, RentalOf, Rentals, rent::device_count};
use frame_support::ensure;
use loopin_primitives::{Moment, PoolId, RentalId};
use pallet_pools::{Pallet as Pools, TradeQuote};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
    /// What [`rent`](crate::Call::rent) of that many devices for `seconds` would cost now.
    pub fn quote_rent(pool: PoolId, devices: u32, seconds: u64) -> Result<TradeQuote, DispatchError> {
        ensure!(devices > 0, Error::<T>::NoDevices);
        ensure!(devices <= MAX_DEVICES, Error::<T>::TooManyDevices);
        let now = Pools::<T>::now();
        let end = Self::end_of_rent(pool, now, seconds)?;
        Pools::<T>::quote_rent(pool, gpu_seconds(devices, now, end), end)
    }

    /// What [`extend`](crate::Call::extend) by `seconds` would cost now.
    pub fn quote_extend(rental: RentalId, seconds: u64) -> Result<TradeQuote, DispatchError> {
        let entry = Self::running_rental(rental)?;
        let end = Self::end_of_extension(&entry, seconds)?;
        let devices = device_count(&entry.devices);
        Pools::<T>::quote_rent(entry.pool, gpu_seconds(devices, entry.end, end), end)
    }

    /// What [`terminate`](crate::Call::terminate) would bring now.
    pub fn quote_terminate(rental: RentalId) -> Result<TradeQuote, DispatchError> {
        let entry = Self::running_rental(rental)?;
        let now = Pools::<T>::now();
        let devices = device_count(&entry.devices);
        let left = gpu_seconds(devices, now, entry.end);
        Pools::<T>::quote_give_back(entry.pool, left, entry.end, &entry.contribution)
    }

    fn running_rental(rental: RentalId) -> Result<RentalOf<T>, DispatchError> {
        let client = Rentals::<T>::get(rental).ok_or(Error::<T>::UnknownRental)?.client;
        Self::running(&client, rental)
    }
}

/// The time of that many devices. It cannot overflow: the factors have 32 and 64 bits.
fn gpu_seconds(devices: u32, from: Moment, until: Moment) -> u128 {
    u128::from(devices).saturating_mul(until.saturating_sub(from).into())
}

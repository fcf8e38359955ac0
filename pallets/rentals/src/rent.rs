//! How rentals begin and grow.

use crate::{
    AccessKey, Config, DeviceList, Error, Event, HoldReason, NextRentalId, Occupation, Pallet, Rental,
    RentalOf, Rentals, RentedDevices, check_access_key,
};
use alloc::collections::BTreeSet;
use frame_support::{
    ensure,
    traits::{Get, fungible::MutateHold},
};
use loopin_math::time::scheduled_end;
use loopin_primitives::{Balance, DeviceId, Moment, PoolId, PoolTerms, RentalHooks, RentalId};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use pallet_stakes::Pallet as Stakes;
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Rents `devices` to `client`, and returns the number of the rental.
    pub(crate) fn do_rent(
        client: &T::AccountId,
        pool: PoolId,
        devices: DeviceList,
        seconds: u64,
        max_cost: Balance,
        access_key: AccessKey,
    ) -> Result<RentalId, DispatchError> {
        check_access_key(&access_key).map_err(Error::<T>::InvalidAccessKey)?;
        ensure!(!devices.is_empty(), Error::<T>::NoDevices);
        let distinct: BTreeSet<_> = devices.iter().collect();
        ensure!(distinct.len() == devices.len(), Error::<T>::DuplicateDevice);
        let now = Pools::<T>::now();
        let end = Self::end_of_rent(pool, now, seconds)?;
        for device in &devices {
            ensure!(Self::occupation(*device, now).is_none(), Error::<T>::DeviceRented);
            Self::ensure_available(pool, *device, end)?;
        }

        let rental = NextRentalId::<T>::get();
        NextRentalId::<T>::put(rental.checked_add(1).ok_or(Error::<T>::NoNumberLeft)?);
        let deposit = Self::deposit_for(device_count(&devices), &access_key)?;
        CurrencyOf::<T>::hold(&HoldReason::RentalDeposit.into(), client, deposit)?;
        let (trade, contribution) = Pools::<T>::rent(pool, client, device_count(&devices), end, max_cost)?;
        let entry = Rental {
            client: client.clone(),
            pool,
            devices: devices.clone(),
            started_at: now,
            end,
            hours_retired_until: now,
            paid: trade.amount,
            contribution,
            fees: trade.fee,
            deposit,
            access_key,
        };
        Self::occupy(rental, &entry, trade.amount);
        Rentals::<T>::insert(rental, entry);
        Self::deposit_event(Event::Rented {
            rental,
            client: client.clone(),
            pool,
            devices,
            end,
            gpu_seconds: trade.gpu_seconds,
            amount: trade.amount,
            fee: trade.fee,
            deposit,
        });
        Ok(rental)
    }

    /// Lets a rental of `client` go on for `seconds` after its end. Returns how many devices it has.
    pub(crate) fn do_extend(
        client: &T::AccountId,
        rental: RentalId,
        seconds: u64,
        max_cost: Balance,
    ) -> Result<u32, DispatchError> {
        let mut entry = Self::running(client, rental)?;
        let end = Self::end_of_extension(&entry, seconds)?;
        for device in &entry.devices {
            Self::ensure_available(entry.pool, *device, end)?;
        }

        Self::retire_used_hours_until(rental, &mut entry, Pools::<T>::now())?;
        let devices = device_count(&entry.devices);
        let times = (entry.end, end);
        let (trade, contribution) =
            Pools::<T>::extend_rental(entry.pool, client, devices, times, &entry.contribution, max_cost)?;
        entry.end = end;
        entry.contribution = contribution;
        entry.paid = entry
            .paid
            .checked_add(trade.amount)
            .ok_or(Error::<T>::CostTooLarge)?;
        entry.fees = entry
            .fees
            .checked_add(trade.fee)
            .ok_or(Error::<T>::CostTooLarge)?;
        Self::occupy(rental, &entry, trade.amount);
        Rentals::<T>::insert(rental, entry);
        Self::deposit_event(Event::Extended {
            rental,
            end,
            gpu_seconds: trade.gpu_seconds,
            amount: trade.amount,
            fee: trade.fee,
        });
        Ok(devices)
    }

    /// A rental of `client` that is not over.
    pub(crate) fn running(client: &T::AccountId, rental: RentalId) -> Result<RentalOf<T>, DispatchError> {
        let entry = Rentals::<T>::get(rental).ok_or(Error::<T>::UnknownRental)?;
        ensure!(entry.client == *client, Error::<T>::NotRentalClient);
        ensure!(Pools::<T>::now() < entry.end, Error::<T>::RentalOver);
        Ok(entry)
    }

    /// Until when the device is rented, if it is rented now.
    pub fn rented_until(device: DeviceId) -> Option<Moment> {
        Self::occupation(device, Pools::<T>::now()).map(|occupation| occupation.until)
    }

    /// The rental that the device is in now, if it is in one.
    pub(crate) fn occupation(device: DeviceId, now: Moment) -> Option<Occupation> {
        RentedDevices::<T>::get(device).filter(|occupation| now < occupation.until)
    }

    /// When a rental that begins now and is for `seconds` ends, if the pool allows it.
    pub(crate) fn end_of_rent(pool: PoolId, now: Moment, seconds: u64) -> Result<Moment, DispatchError> {
        let terms = Pools::<T>::terms(pool)?;
        ensure!(seconds >= terms.rental_min_seconds, Error::<T>::TooShort);
        Self::checked_end(now, now, seconds, &terms)
    }

    /// When the rental ends if it goes on for `seconds`, if the pool allows it.
    pub(crate) fn end_of_extension(entry: &RentalOf<T>, seconds: u64) -> Result<Moment, DispatchError> {
        ensure!(seconds > 0, Error::<T>::TooShort);
        let terms = Pools::<T>::terms(entry.pool)?;
        Self::checked_end(entry.started_at, entry.end, seconds, &terms)
    }

    /// When a rental that began at `started_at` ends if it goes on for `seconds` after `from`: no later than if it had
    /// been made for the longest time from the start.
    fn checked_end(
        started_at: Moment,
        from: Moment,
        seconds: u64,
        terms: &PoolTerms,
    ) -> Result<Moment, DispatchError> {
        let latest = scheduled_end(started_at, terms.rental_max_seconds).map_err(|_| Error::<T>::TooLong)?;
        let end = scheduled_end(from, seconds).map_err(|_| Error::<T>::TooLong)?;
        ensure!(end <= latest, Error::<T>::TooLong);
        Ok(end)
    }

    fn ensure_available(pool: PoolId, device: DeviceId, end: Moment) -> DispatchResult {
        ensure!(
            Stakes::<T>::available_until(pool, device)? >= end,
            Error::<T>::StakeEndsSooner
        );
        Ok(())
    }

    /// Notes for each device of the rental until when it is rented, and tells whoever rewards its owner. `paid` is what has
    /// just been paid to the pool for all of them.
    fn occupy(rental: RentalId, entry: &RentalOf<T>, paid: Balance) {
        let paid = per_device(entry, paid);
        for device in &entry.devices {
            let until = entry.end;
            RentedDevices::<T>::insert(device, Occupation { rental, until });
            T::RentalHooks::rented(*device, until, paid);
        }
    }

    /// What is put on hold for a rental, in planck.
    fn deposit_for(devices: u32, access_key: &AccessKey) -> Result<Balance, DispatchError> {
        // A bounded vector has no more bytes than a u32 counts.
        let bytes = Balance::from(access_key.len() as u32);
        let for_devices = T::DepositPerDevice::get().checked_mul(devices.into());
        let for_key = T::DepositPerKeyByte::get().checked_mul(bytes);
        for_devices
            .zip(for_key)
            .and_then(|(for_devices, for_key)| for_devices.checked_add(for_key))
            .and_then(|deposit| deposit.checked_add(<T as Config>::DepositBase::get()))
            .ok_or(Error::<T>::DepositTooLarge.into())
    }
}

/// One device's part of an amount for all devices of a rental, rounded down.
pub(crate) fn per_device<AccountId>(entry: &Rental<AccountId>, amount: Balance) -> Balance {
    // A rental has at least one device: it ends with the last.
    amount
        .checked_div(device_count(&entry.devices).into())
        .unwrap_or_default()
}

/// How many devices there are.
pub(crate) fn device_count(devices: &DeviceList) -> u32 {
    // A bounded vector has no more elements than a u32 counts.
    devices.len() as u32
}

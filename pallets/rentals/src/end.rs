//! How rentals run off and end.

use crate::{
    ClientTotals, Config, EndReason, Error, Event, HoldReason, Pallet, RentalOf, Rentals, RentedDevices,
    rent::{device_count, per_device},
};
use frame_support::{
    ensure,
    traits::{fungible::MutateHold, tokens::Precision},
};
use loopin_primitives::{Balance, Moment, RentalHooks, RentalId};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Retires the hour tokens that the rental has used so far.
    pub(crate) fn do_retire_used_hours(rental: RentalId) -> DispatchResult {
        let mut entry = Rentals::<T>::get(rental).ok_or(Error::<T>::UnknownRental)?;
        Self::retire_used_hours_until(rental, &mut entry, Pools::<T>::now())?;
        Rentals::<T>::insert(rental, entry);
        Ok(())
    }

    /// Gives the rest of a rental of `client` back to the pool, for at least `min_refund`. Returns how many devices it
    /// had.
    pub(crate) fn do_terminate(
        client: &T::AccountId,
        rental: RentalId,
        min_refund: Balance,
    ) -> Result<u32, DispatchError> {
        let mut entry = Self::running(client, rental)?;
        Self::retire_used_hours_until(rental, &mut entry, Pools::<T>::now())?;
        // The deposit first: with it, the account can receive any refund, however small.
        Self::release_rental(rental, &entry)?;
        let devices = device_count(&entry.devices);
        let trade = Pools::<T>::give_back(
            entry.pool,
            client,
            devices,
            entry.end,
            &entry.contribution,
            min_refund,
        )?;
        // Never more than was paid.
        let consumed = entry.paid.saturating_sub(trade.amount);
        Self::add_to_totals(&entry, consumed, entry.fees.saturating_add(trade.fee));
        for device in &entry.devices {
            T::RentalHooks::given_back(*device, per_device(&entry, trade.amount));
        }
        Self::deposit_event(Event::RentalEnded {
            rental,
            client: entry.client,
            pool: entry.pool,
            reason: EndReason::Terminated,
            gpu_seconds: trade.gpu_seconds,
            refund: trade.proceeds(),
            fee: trade.fee,
            deposit: entry.deposit,
        });
        Ok(devices)
    }

    /// Ends a rental whose time is over. Returns how many devices it had.
    pub(crate) fn do_complete(rental: RentalId) -> Result<u32, DispatchError> {
        let mut entry = Rentals::<T>::get(rental).ok_or(Error::<T>::UnknownRental)?;
        let now = Pools::<T>::now();
        ensure!(entry.end <= now, Error::<T>::RentalNotOver);
        Self::retire_used_hours_until(rental, &mut entry, now)?;
        let devices = device_count(&entry.devices);
        Self::end_without_refund(rental, entry, EndReason::Completed)?;
        Ok(devices)
    }

    /// Retires the hour tokens that the devices of the rental have used until `now`. The caller stores the rental.
    pub(crate) fn retire_used_hours_until(
        rental: RentalId,
        entry: &mut RentalOf<T>,
        now: Moment,
    ) -> DispatchResult {
        let until = now.min(entry.end);
        let seconds = until.saturating_sub(entry.hours_retired_until);
        if seconds == 0 {
            return Ok(());
        }
        // At most 2^6 devices for less than 2^64 seconds.
        let gpu_seconds = u128::from(seconds).saturating_mul(device_count(&entry.devices).into());
        Pools::<T>::retire_hours(entry.pool, &entry.client, gpu_seconds)?;
        entry.hours_retired_until = until;
        Self::deposit_event(Event::UsedHoursRetired { rental, gpu_seconds });
        Ok(())
    }

    /// Ends a rental that has no time left, and whose used hours are retired.
    pub(crate) fn end_without_refund(
        rental: RentalId,
        entry: RentalOf<T>,
        reason: EndReason,
    ) -> DispatchResult {
        Self::release_rental(rental, &entry)?;
        Self::add_to_totals(&entry, entry.paid, entry.fees);
        Self::deposit_event(Event::RentalEnded {
            rental,
            client: entry.client,
            pool: entry.pool,
            reason,
            gpu_seconds: 0,
            refund: 0,
            fee: 0,
            deposit: entry.deposit,
        });
        Ok(())
    }

    /// Adds to what the client of the rental has spent, and tells whoever rewards it.
    pub(crate) fn add_to_totals(entry: &RentalOf<T>, consumed_amount: Balance, fees_burned: Balance) {
        ClientTotals::<T>::mutate(&entry.client, |totals| {
            totals.consumed_amount = totals.consumed_amount.saturating_add(consumed_amount);
            totals.fees_burned = totals.fees_burned.saturating_add(fees_burned);
        });
        T::RentalHooks::consumed(entry.pool, &entry.client, consumed_amount, fees_burned);
    }

    /// Forgets a rental, and releases its deposit and its devices.
    fn release_rental(rental: RentalId, entry: &RentalOf<T>) -> DispatchResult {
        CurrencyOf::<T>::release(
            &HoldReason::RentalDeposit.into(),
            &entry.client,
            entry.deposit,
            Precision::Exact,
        )?;
        for device in &entry.devices {
            RentedDevices::<T>::mutate_exists(device, |occupation| {
                // Somebody may have rented the device since this rental's end.
                if occupation.is_some_and(|occupation| occupation.rental == rental) {
                    *occupation = None;
                }
            });
        }
        Rentals::<T>::remove(rental);
        Ok(())
    }
}

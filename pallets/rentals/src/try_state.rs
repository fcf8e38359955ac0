//! The invariants of the pallet's state, as listed in the crate's documentation.

use crate::{Config, HoldReason, NextRentalId, Pallet, Rentals, RentedDevices, Reports};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::fungible::InspectHold};
use loopin_math::time::MINUTE;
use loopin_primitives::{Balance, PoolId};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks every invariant that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_holds(
            HoldReason::RentalDeposit,
            Rentals::<T>::iter_values().map(|rental| (rental.client, rental.deposit)),
        )?;
        Self::check_holds(
            HoldReason::FailureReport,
            Reports::<T>::iter_values().map(|report| (report.client, report.deposit)),
        )?;
        Self::check_rentals()?;
        Self::check_devices()?;
        Self::check_reports()
    }

    /// The hour tokens of each client in each pool, in GPU-seconds: what is left of its rentals after the hours that
    /// have been burned.
    pub fn unspent_gpu_seconds() -> BTreeMap<(PoolId, T::AccountId), u128> {
        let mut unspent = BTreeMap::new();
        for rental in Rentals::<T>::iter_values() {
            let seconds = rental.end.saturating_sub(rental.hours_retired_until);
            let gpu_seconds = u128::from(seconds).saturating_mul(rental.devices.len() as u128);
            let sum: &mut u128 = unspent.entry((rental.pool, rental.client)).or_default();
            *sum = sum.saturating_add(gpu_seconds);
        }
        unspent
    }

    /// Invariant 1, for one reason.
    fn check_holds(
        reason: HoldReason,
        deposits: impl Iterator<Item = (T::AccountId, Balance)>,
    ) -> Result<(), TryRuntimeError> {
        let mut expected = BTreeMap::<T::AccountId, Balance>::new();
        for (who, deposit) in deposits {
            let sum = expected.entry(who).or_default();
            *sum = sum.saturating_add(deposit);
        }
        let reason = reason.into();
        for who in frame_system::Account::<T>::iter_keys() {
            ensure!(
                CurrencyOf::<T>::balance_on_hold(&reason, &who) == expected.remove(&who).unwrap_or_default(),
                "a hold does not match the deposits"
            );
        }
        ensure!(
            expected.values().all(|deposit| *deposit == 0),
            "a deposit is not on hold"
        );
        Ok(())
    }

    /// Invariants 2, 3, 4 and 6, as far as rentals go.
    fn check_rentals() -> Result<(), TryRuntimeError> {
        let now = Pools::<T>::now();
        for (number, rental) in Rentals::<T>::iter() {
            ensure!(
                number < NextRentalId::<T>::get(),
                "a rental has a number that was not given"
            );
            let distinct: BTreeSet<_> = rental.devices.iter().collect();
            ensure!(!distinct.is_empty(), "a rental has no device");
            ensure!(
                distinct.len() == rental.devices.len(),
                "a rental has a device twice"
            );
            ensure!(
                rental.contribution.kept <= rental.paid
                    && Pools::<T>::can_have(rental.pool, &rental.contribution),
                "more may be refunded of a rental than is left of what was paid for it"
            );
            ensure!(
                rental.started_at < rental.end && rental.end.is_multiple_of(MINUTE),
                "a rental does not end at a whole minute after its beginning"
            );
            ensure!(
                (rental.started_at..=rental.end.min(now)).contains(&rental.hours_retired_until),
                "the hours of a rental are retired until a moment that it does not have"
            );
            for device in &rental.devices {
                ensure!(
                    rental.end <= now
                        || RentedDevices::<T>::get(device)
                            .is_some_and(|occupation| occupation.rental == number),
                    "a device of a rental does not know of it"
                );
            }
        }
        Ok(())
    }

    /// Invariant 4, as far as devices go.
    fn check_devices() -> Result<(), TryRuntimeError> {
        for (device, occupation) in RentedDevices::<T>::iter() {
            let rental = Rentals::<T>::get(occupation.rental)
                .ok_or("a device is part of a rental that does not exist")?;
            ensure!(
                rental.devices.contains(&device),
                "a device is part of a rental that does not have it"
            );
            ensure!(
                occupation.until == rental.end,
                "a device is rented until another moment than its rental ends"
            );
        }
        Ok(())
    }

    /// Invariants 2 and 5.
    fn check_reports() -> Result<(), TryRuntimeError> {
        for (device, report) in Reports::<T>::iter() {
            ensure!(
                report.rental < NextRentalId::<T>::get(),
                "a report is about a rental whose number was not given"
            );
            ensure!(
                report.reported_at <= Pools::<T>::now(),
                "a report was made in the future"
            );
            if let Some(rental) = Rentals::<T>::get(report.rental) {
                ensure!(
                    rental.client == report.client && rental.devices.contains(&device),
                    "a report does not fit its rental"
                );
            }
        }
        Ok(())
    }
}

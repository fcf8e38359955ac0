//! Devices that fail while they are rented: reports, verdicts and refunds.

use crate::{
    Config, EndReason, Error, Event, HoldReason, Pallet, RentalOf, Rentals, RentedDevices, Report, ReportOf,
    ReportOutcome, Reports, WeightInfo,
    rent::{device_count, per_device},
};
use frame_support::{
    ensure,
    traits::{
        Get,
        fungible::MutateHold,
        tokens::{Fortitude, Precision},
    },
};
use loopin_primitives::{
    Balance, BurnReason, DeviceHooks, DeviceId, FailedRental, Moment, OnBurn, RentalHooks, RentalId,
    TenancyHooks,
};
use pallet_devices::Pallet as Devices;
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{
    DispatchError, DispatchResult, Rounding, Weight, helpers_128bit::multiply_by_rational_with_rounding,
};

impl<T: Config> Pallet<T> {
    /// `client` reports that a device of its rental fails.
    pub(crate) fn do_report_failure(
        client: &T::AccountId,
        rental: RentalId,
        device: DeviceId,
    ) -> DispatchResult {
        let entry = Self::running(client, rental)?;
        ensure!(entry.devices.contains(&device), Error::<T>::NotInRental);
        if let Some(earlier) = Reports::<T>::take(device) {
            ensure!(earlier.rental != rental, Error::<T>::AlreadyReported);
            // The device has been rented anew, so its part of the earlier rental is over.
            Self::release_report(device, earlier, ReportOutcome::Superseded)?;
        }
        let deposit = T::ReportDeposit::get();
        CurrencyOf::<T>::hold(&HoldReason::FailureReport.into(), client, deposit)?;
        Devices::<T>::request_check(device)?;
        Reports::<T>::insert(
            device,
            Report {
                client: client.clone(),
                rental,
                deposit,
                reported_at: Pools::<T>::now(),
            },
        );
        Self::deposit_event(Event::FailureReported {
            device,
            rental,
            client: client.clone(),
            deposit,
        });
        Ok(())
    }

    /// `client` takes back a report for which no verdict has come in time.
    pub(crate) fn do_withdraw_report(client: &T::AccountId, device: DeviceId) -> DispatchResult {
        let report = Reports::<T>::take(device).ok_or(Error::<T>::UnknownReport)?;
        ensure!(report.client == *client, Error::<T>::NotRentalClient);
        let patient_until = report.reported_at.saturating_add(T::ReportPatience::get());
        ensure!(patient_until <= Pools::<T>::now(), Error::<T>::VerdictMayCome);
        Self::release_report(device, report, ReportOutcome::Withdrawn)
    }

    /// Releases the deposit of a report that has been taken out of storage.
    fn release_report(device: DeviceId, report: ReportOf<T>, outcome: ReportOutcome) -> DispatchResult {
        CurrencyOf::<T>::release(
            &HoldReason::FailureReport.into(),
            &report.client,
            report.deposit,
            Precision::Exact,
        )?;
        Self::report_closed(device, report, outcome);
        Ok(())
    }

    fn report_closed(device: DeviceId, report: ReportOf<T>, outcome: ReportOutcome) {
        Self::deposit_event(Event::ReportClosed {
            device,
            rental: report.rental,
            client: report.client,
            outcome,
            deposit: report.deposit,
        });
    }

    /// What the client of a running rental is due for one device that no longer serves it, in planck: the same part of what
    /// was paid as the time that is left is of the whole rental.
    fn unused(entry: &RentalOf<T>, now: Moment) -> Balance {
        let paid = per_device(entry, entry.paid);
        let remaining = entry.end.saturating_sub(now);
        let total = entry.end.saturating_sub(entry.started_at);
        // The remaining time is a part of the whole, so this is defined, and no more than was paid.
        multiply_by_rational_with_rounding(paid, remaining.into(), total.into(), Rounding::Down)
            .unwrap_or_default()
    }

    /// The device's part of a rental ends, as it has failed. The rental is running, and its used hours are retired. It is
    /// for the caller to deal with the hour tokens for the rest, to take the device's part out of the contribution, and to
    /// see that the client gets `refund` planck.
    fn end_part(
        rental: RentalId,
        mut entry: RentalOf<T>,
        device: DeviceId,
        refund: Balance,
        now: Moment,
    ) -> DispatchResult {
        let (paid, fees) = (per_device(&entry, entry.paid), per_device(&entry, entry.fees));
        entry.devices.retain(|other| *other != device);
        entry.paid = entry.paid.saturating_sub(paid);
        entry.fees = entry.fees.saturating_sub(fees);

        RentedDevices::<T>::remove(device);
        T::RentalHooks::given_back(device, refund);
        Self::add_to_totals(&entry, paid.saturating_sub(refund), fees);
        Self::deposit_event(Event::DeviceFailed {
            rental,
            device,
            client: entry.client.clone(),
            gpu_seconds: entry.end.saturating_sub(now).into(),
            refund,
        });
        if entry.devices.is_empty() {
            Self::end_without_refund(rental, entry, EndReason::ProviderFailed)?;
        } else {
            Rentals::<T>::insert(rental, entry);
        }
        Ok(())
    }
}

impl<T: Config> DeviceHooks for Pallet<T> {
    fn suspended(device: DeviceId) -> DispatchResult {
        let Some(report) = Reports::<T>::take(device) else {
            return Ok(());
        };
        let rental = report.rental;
        Self::release_report(device, report, ReportOutcome::Confirmed)?;
        let now = Pools::<T>::now();
        let part =
            Rentals::<T>::get(rental).filter(|entry| now < entry.end && entry.devices.contains(&device));
        let Some(mut entry) = part else {
            // The device's part of the rental was over when the verdict came.
            return Ok(());
        };
        Self::retire_used_hours_until(rental, &mut entry, now)?;
        let (client, pool, end) = (entry.client.clone(), entry.pool, entry.end);
        // Nothing is forfeited yet, so the pool pays all of it: no more than giving the time back would bring now, the fee
        // not deducted, for the reason that the crate's documentation gives.
        let contribution = entry.contribution.take_part(device_count(&entry.devices));
        let remaining = end.saturating_sub(now);
        let quote = Pools::<T>::quote_give_back(pool, remaining.into(), end, &contribution)?;
        let refund = Self::unused(&entry, now).min(quote.amount);
        Self::end_part(rental, entry, device, refund, now)?;
        Pools::<T>::return_unserved(pool, &client, end)?;
        let paid = Pools::<T>::refund(pool, refund)?;
        if paid > 0 {
            Pools::<T>::pay(pool, &client, paid)?;
        }
        Self::deposit_event(Event::Refunded {
            rental,
            device,
            client,
            amount: paid,
        });
        Ok(())
    }

    fn passed(device: DeviceId) -> DispatchResult {
        let Some(report) = Reports::<T>::take(device) else {
            return Ok(());
        };
        CurrencyOf::<T>::burn_held(
            &HoldReason::FailureReport.into(),
            &report.client,
            report.deposit,
            Precision::Exact,
            Fortitude::Force,
        )?;
        T::OnBurn::burned(BurnReason::RefutedReport, report.deposit);
        Self::report_closed(device, report, ReportOutcome::Refuted);
        Ok(())
    }

    fn ejected(device: DeviceId) -> DispatchResult {
        match Reports::<T>::take(device) {
            Some(report) => Self::release_report(device, report, ReportOutcome::Confirmed),
            None => Ok(()),
        }
    }

    fn removed(_: DeviceId) {
        // A device that is rented is staked, and cannot be removed. A report may outlive it, and is withdrawn.
    }

    fn weight() -> Weight {
        let failure = <T as Config>::WeightInfo::suspended().max(<T as Config>::WeightInfo::evict());
        Self::ending(|_| failure, 1).max(<T as Config>::WeightInfo::passed())
    }
}

impl<T: Config> TenancyHooks<T::AccountId> for Pallet<T> {
    fn rented_until(device: DeviceId) -> Option<Moment> {
        Pallet::<T>::rented_until(device)
    }

    fn evict(device: DeviceId) -> Result<Option<FailedRental<T::AccountId>>, DispatchError> {
        // Whoever is told of the ejection first closes the report.
        <Self as DeviceHooks>::ejected(device)?;
        let now = Pools::<T>::now();
        let Some(occupation) = Self::occupation(device, now) else {
            return Ok(None);
        };
        let rental = occupation.rental;
        let mut entry = Rentals::<T>::get(rental).ok_or(Error::<T>::UnknownRental)?;
        Self::retire_used_hours_until(rental, &mut entry, now)?;
        let (client, until) = (entry.client.clone(), entry.end);
        Pools::<T>::retire_hours(entry.pool, &client, until.saturating_sub(now).into())?;
        let contribution = entry.contribution.take_part(device_count(&entry.devices));
        let refund = Self::unused(&entry, now);
        Self::end_part(rental, entry, device, refund, now)?;
        Ok(Some(FailedRental {
            rental,
            client,
            until,
            refund,
            contribution,
        }))
    }
}

//! What the calls and verdicts cost, each measured at its worst, and how other pallets' benchmarks get a rental. What
//! syncing a pool costs is not included: the pools say that.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{
    Get,
    fungible::{Inspect, InspectHold, Mutate, MutateHold},
};
use frame_system::RawOrigin;
use loopin_math::time::MINUTE;
use loopin_primitives::{Balance, DeviceHooks, DeviceId, Moment, PoolId, RentalId, TenancyHooks};
use pallet_devices::Pallet as Devices;
use pallet_pools::{BenchmarkHelper, CurrencyOf, Pallet as Pools, benchmarking::create_pool};
use pallet_stakes::benchmarking::create_available;
use sp_runtime::{DispatchError, DispatchResult};

/// What clients have, in planck: a million LOOPIN.
const FUNDS: Balance = 1_000_000_000_000_000_000;

/// The longest access key, which takes the longest to decode: RSA of 5,912 bits, all of which are ones.
fn longest_access_key() -> AccessKey {
    let mut line = b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAC5AD/".to_vec();
    line.resize(MAX_ACCESS_KEY_BYTES as usize, b'/');
    AccessKey::truncate_from(line)
}

/// An account that can afford anything in these benchmarks.
fn rich_account<T: Config>(name: &'static str) -> Result<T::AccountId, DispatchError> {
    let who = account(name, 0, 0);
    CurrencyOf::<T>::mint_into(&who, FUNDS.max(CurrencyOf::<T>::minimum_balance()))?;
    Ok(who)
}

/// A pool, and that many devices that can be rented there.
fn pool_with_devices<T: Config>(count: u32) -> Result<(PoolId, DeviceList), DispatchError> {
    let pool = create_pool::<T>(&rich_account::<T>("creator")?)?;
    let devices = (0..count)
        .map(|_| create_available::<T>(pool).map(|(device, _)| device))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((pool, DeviceList::truncate_from(devices)))
}

/// Makes `moment` the present, for the pool too, since syncing it is charged separately.
fn move_to<T: Config>(pool: PoolId, moment: Moment) -> DispatchResult {
    <T as pallet_pools::Config>::BenchmarkHelper::set_now(moment);
    Pools::<T>::synced(pool)?;
    Ok(())
}

/// `client` rents devices of a pool for the shortest time. Returns the rental.
fn rent_briefly<T: Config>(
    client: &T::AccountId,
    pool: PoolId,
    devices: DeviceList,
) -> Result<RentalId, DispatchError> {
    let seconds = Pools::<T>::terms(pool)?.rental_min_seconds;
    Pallet::<T>::do_rent(client, pool, devices, seconds, Balance::MAX, longest_access_key())
}

/// Lets `client` rent that many devices for the shortest time, of which one second is then used.
fn rented<T: Config>(client: &T::AccountId, count: u32) -> Result<(RentalId, Vec<DeviceId>), DispatchError> {
    let (pool, devices) = pool_with_devices::<T>(count)?;
    let rental = rent_briefly::<T>(client, pool, devices.clone())?;
    move_to::<T>(pool, Pools::<T>::now().saturating_add(1))?;
    Ok((rental, devices.into_inner()))
}

/// Lets the time of a rental pass.
fn wait_for_end<T: Config>(rental: RentalId) -> DispatchResult {
    let entry = Rentals::<T>::get(rental).ok_or(Error::<T>::UnknownRental)?;
    move_to::<T>(entry.pool, entry.end)
}

/// A report of a device.
fn reported<T: Config>(client: &T::AccountId, rental: RentalId, device: DeviceId) -> DispatchResult {
    let deposit = T::ReportDeposit::get();
    CurrencyOf::<T>::hold(&HoldReason::FailureReport.into(), client, deposit)?;
    Reports::<T>::insert(
        device,
        Report {
            client: client.clone(),
            rental,
            deposit,
            reported_at: Pools::<T>::now(),
        },
    );
    Ok(())
}

/// Rents the device, which can be rented, for the shortest time that its pool admits, and in such a way that its
/// failure costs the most: it is the only device of the rental, and the client has reported it.
pub fn create_rental<T: Config>(device: DeviceId) -> DispatchResult {
    let client = rich_account::<T>("client")?;
    let pool = Devices::<T>::device(device)
        .ok_or("there is no such device")?
        .pool;
    let rental = rent_briefly::<T>(&client, pool, DeviceList::truncate_from(alloc::vec![device]))?;
    reported::<T>(&client, rental, device)
}

impl<T: Config> pallet_stakes::benchmarking::BenchmarkHelper for Pallet<T> {
    fn rent(device: DeviceId) -> DispatchResult {
        create_rental::<T>(device)
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// `d`: devices.
    #[benchmark]
    fn rent(d: Linear<1, MAX_DEVICES>) -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        let (pool, devices) = pool_with_devices::<T>(d)?;
        let seconds = Pools::<T>::terms(pool)?.rental_min_seconds;
        let rental = NextRentalId::<T>::get();

        #[extrinsic_call]
        _(
            RawOrigin::Signed(client),
            pool,
            devices,
            seconds,
            Balance::MAX,
            longest_access_key(),
        );

        assert_eq!(
            Rentals::<T>::get(rental).map(|entry| entry.devices.len()),
            Some(d as usize)
        );
        Ok(())
    }

    /// `d`: devices.
    #[benchmark]
    fn extend(d: Linear<1, MAX_DEVICES>) -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        let (rental, _) = rented::<T>(&client, d)?;
        let end = Rentals::<T>::get(rental).map(|entry| entry.end + MINUTE);

        #[extrinsic_call]
        _(RawOrigin::Signed(client), rental, MINUTE, Balance::MAX);

        assert_eq!(Rentals::<T>::get(rental).map(|entry| entry.end), end);
        Ok(())
    }

    /// `d`: devices.
    #[benchmark]
    fn terminate(d: Linear<1, MAX_DEVICES>) -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        let (rental, _) = rented::<T>(&client, d)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(client), rental, 0);

        assert!(!Rentals::<T>::contains_key(rental));
        Ok(())
    }

    /// `d`: devices.
    #[benchmark]
    fn complete(d: Linear<1, MAX_DEVICES>) -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        let (rental, _) = rented::<T>(&client, d)?;
        wait_for_end::<T>(rental)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(client), rental);

        assert!(!Rentals::<T>::contains_key(rental));
        Ok(())
    }

    #[benchmark]
    fn retire_used_hours() -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        let (rental, _) = rented::<T>(&client, MAX_DEVICES)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(client), rental);

        assert_eq!(
            Rentals::<T>::get(rental).map(|entry| entry.hours_retired_until),
            Some(Pools::<T>::now())
        );
        Ok(())
    }

    /// The report takes the place of another client's.
    #[benchmark]
    fn report_failure() -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        let (rental, devices) = rented::<T>(&client, MAX_DEVICES)?;
        let device = devices[devices.len() - 1];
        let earlier = rich_account::<T>("earlier client")?;
        reported::<T>(&earlier, rental.wrapping_add(1), device)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(client.clone()), rental, device);

        assert_eq!(
            Reports::<T>::get(device).map(|report| report.client),
            Some(client)
        );
        Ok(())
    }

    #[benchmark]
    fn withdraw_report() -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        reported::<T>(&client, 0, 0)?;
        let patient_until = Pools::<T>::now().saturating_add(T::ReportPatience::get());
        <T as pallet_pools::Config>::BenchmarkHelper::set_now(patient_until);

        #[extrinsic_call]
        _(RawOrigin::Signed(client), 0);

        assert!(!Reports::<T>::contains_key(0));
        Ok(())
    }

    /// The device is the last of its rental, which ends.
    #[benchmark]
    fn suspended() -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        let (rental, devices) = rented::<T>(&client, 1)?;
        reported::<T>(&client, rental, devices[0])?;

        #[block]
        {
            <Pallet<T> as DeviceHooks>::suspended(devices[0])?;
        }

        assert!(!Rentals::<T>::contains_key(rental));
        Ok(())
    }

    #[benchmark]
    fn passed() -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        reported::<T>(&client, 0, 0)?;

        #[block]
        {
            <Pallet<T> as DeviceHooks>::passed(0)?;
        }

        assert_eq!(
            CurrencyOf::<T>::balance_on_hold(&HoldReason::FailureReport.into(), &client),
            0
        );
        Ok(())
    }

    /// The device is the last of its rental, which ends.
    #[benchmark]
    fn evict() -> Result<(), BenchmarkError> {
        let client = rich_account::<T>("client")?;
        let (rental, devices) = rented::<T>(&client, 1)?;
        reported::<T>(&client, rental, devices[0])?;

        #[block]
        {
            <Pallet<T> as TenancyHooks<T::AccountId>>::evict(devices[0])?;
        }

        assert!(!Rentals::<T>::contains_key(rental));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

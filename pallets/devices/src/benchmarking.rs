//! What the calls cost, each measured at its worst, and how the benchmarks of the pallets above get a device.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::traits::{
    EnsureOrigin, Get,
    fungible::{Inspect, InspectHold, Mutate},
};
use frame_system::RawOrigin;
use loopin_primitives::{Balance, DeviceId, PoolId, Standing, Verdict};
use pallet_pools::CurrencyOf;
use sp_core::{H256, sr25519};
use sp_runtime::{
    DispatchError, DispatchResult, Perbill,
    traits::{BlakeTwo256, Hash},
};

/// A verdict that a device passed.
const PASSED: Verdict = Verdict::Passed {
    work_gops: 1,
    privacy: 25,
};

/// The longest endpoint: a host name of which the check skips nothing, and a path.
fn longest_endpoint() -> Endpoint {
    let mut endpoint = b"https://gpu-7.example.org:8443/".to_vec();
    endpoint.resize(MAX_ENDPOINT_BYTES as usize, b'a');
    Endpoint::truncate_from(endpoint)
}

/// The shortest endpoint.
fn shortest_endpoint() -> Endpoint {
    Endpoint::truncate_from(b"http://a".to_vec())
}

fn agent_key(seed: u8) -> sr25519::Public {
    sr25519::Public::from_raw([seed; 32])
}

/// Gives `who` what any deposit of these benchmarks needs.
fn endow<T: Config>(who: &T::AccountId) -> Result<(), DispatchError> {
    let deposit = T::DepositPerByte::get()
        .saturating_mul(MAX_ENDPOINT_BYTES.into())
        .saturating_add(T::DepositBase::get());
    let funds: Balance = CurrencyOf::<T>::minimum_balance()
        .saturating_add(deposit)
        .saturating_mul(2);
    CurrencyOf::<T>::mint_into(who, funds)?;
    Ok(())
}

/// Registers a device with a GPU that has not been registered.
fn register<T: Config>(owner: &T::AccountId, pool: PoolId) -> Result<DeviceId, DispatchError> {
    endow::<T>(owner)?;
    let gpu_id = BlakeTwo256::hash_of(&("benchmark", NextDeviceId::<T>::get()));
    Pallet::<T>::do_register_device(owner, pool, agent_key(1), shortest_endpoint(), gpu_id)
}

/// A device of that owner and pool that can be staked.
pub fn create_verified<T: Config>(owner: &T::AccountId, pool: PoolId) -> Result<DeviceId, DispatchError> {
    let device = register::<T>(owner, pool)?;
    // Nobody needs to be told about a device that is not staked.
    Pallet::<T>::record(device, PASSED)?;
    Ok(device)
}

/// Gives the device's agent another key, and remembers one that it had until the given moment.
pub fn set_agent_keys<T: Config>(device: DeviceId, agent_key: [u8; 32], former: FormerKey) -> DispatchResult {
    FormerAgentKeys::<T>::insert(device, former);
    Devices::<T>::try_mutate(device, |entry| {
        let entry = entry.as_mut().ok_or(Error::<T>::UnknownDevice)?;
        entry.agent_key = sr25519::Public::from_raw(agent_key);
        Ok(())
    })
}

fn pool<T: Config>() -> Result<PoolId, DispatchError> {
    let creator: T::AccountId = account("creator", 0, 0);
    pallet_pools::benchmarking::create_pool::<T>(&creator)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register_device() -> Result<(), BenchmarkError> {
        let pool = pool::<T>()?;
        let owner: T::AccountId = account("owner", 0, 0);
        endow::<T>(&owner)?;
        let device = NextDeviceId::<T>::get();
        let gpu_id = H256::repeat_byte(7);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(owner.clone()),
            pool,
            agent_key(1),
            longest_endpoint(),
            gpu_id,
        );

        assert_eq!(GpuIds::<T>::get(&owner, gpu_id), Some(device));
        assert_eq!(Devices::<T>::get(device).map(|entry| entry.owner), Some(owner));
        Ok(())
    }

    #[benchmark]
    fn update_device() -> Result<(), BenchmarkError> {
        let owner: T::AccountId = account("owner", 0, 0);
        let device = register::<T>(&owner, pool::<T>()?)?;
        endow::<T>(&owner)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), device, agent_key(2), longest_endpoint());

        assert_eq!(
            Devices::<T>::get(device).map(|entry| entry.endpoint),
            Some(longest_endpoint())
        );
        Ok(())
    }

    #[benchmark]
    fn remove_device() -> Result<(), BenchmarkError> {
        let owner: T::AccountId = account("owner", 0, 0);
        let device = register::<T>(&owner, pool::<T>()?)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), device);

        assert!(!Devices::<T>::contains_key(device));
        assert_eq!(
            CurrencyOf::<T>::balance_on_hold(&HoldReason::DeviceRegistration.into(), &owner),
            0
        );
        Ok(())
    }

    /// What `Config::DeviceHooks` do is not included: they say what they cost.
    #[benchmark]
    fn record_verdict() -> Result<(), BenchmarkError> {
        let origin = T::VerdictOrigin::try_successful_origin()
            .or_else(|_| Ok::<_, BenchmarkError>(RawOrigin::Root.into()))?;
        let owner: T::AccountId = account("owner", 0, 0);
        let device = register::<T>(&owner, pool::<T>()?)?;
        Pallet::<T>::request_check(device)?;

        #[block]
        {
            // An origin that nobody has cannot be used here either; asking for one costs nothing.
            let _ = T::VerdictOrigin::ensure_origin(origin);
            Pallet::<T>::apply_verdict(device, PASSED)?;
        }

        assert_eq!(
            Devices::<T>::get(device).map(|entry| entry.standing),
            Some(Standing::Verified)
        );
        Ok(())
    }

    /// As for `record_verdict`.
    #[benchmark]
    fn convict() -> Result<(), BenchmarkError> {
        let owner: T::AccountId = account("owner", 0, 0);
        let reporter: T::AccountId = account("reporter", 0, 0);
        let device = register::<T>(&owner, pool::<T>()?)?;
        let deposit = CurrencyOf::<T>::balance_on_hold(&HoldReason::DeviceRegistration.into(), &owner);
        let conviction;

        #[block]
        {
            conviction = Pallet::<T>::convict(device, &reporter, Perbill::from_percent(50))?;
        }

        assert_eq!(conviction.reward.saturating_add(conviction.burned), deposit);
        assert_eq!(
            Devices::<T>::get(device).map(|entry| entry.standing),
            Some(Standing::Ejected)
        );
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

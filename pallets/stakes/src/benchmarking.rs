//! What the calls and ejections cost, each measured at its worst, on a pool that is synced.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_system::RawOrigin;
use loopin_primitives::{
    Balance, CertificateId, DeviceHooks, DeviceId, Moment, PoolId, PositionId, TenancyHooks,
};
use pallet_devices::benchmarking::create_verified;
use pallet_pools::{BenchmarkHelper as _, CurrencyOf, Pallet as Pools};
use sp_runtime::{DispatchError, DispatchResult};

/// What these benchmarks need of the pallets above.
pub trait BenchmarkHelper {
    /// Rents the device, which is available, for the shortest time that its pool admits, and in such a way that its
    /// ejection costs the most: it is the only device of the rental, and the client has reported it.
    fn rent(device: DeviceId) -> DispatchResult;
}

/// What accounts have, in planck: a million LOOPIN.
const FUNDS: Balance = 1_000_000_000_000_000_000;

/// An account that can afford anything in these benchmarks.
fn rich_account<T: Config>(name: &'static str) -> Result<T::AccountId, DispatchError> {
    let who = account(name, 0, 0);
    CurrencyOf::<T>::mint_into(&who, FUNDS.max(CurrencyOf::<T>::minimum_balance()))?;
    Ok(who)
}

/// A pool in which nothing has been staked.
fn new_pool<T: Config>() -> Result<PoolId, DispatchError> {
    pallet_pools::benchmarking::create_pool::<T>(&rich_account::<T>("creator")?)
}

/// The longest that a device can be staked for in the pool, in seconds.
fn longest_stake<T: Config>(pool: PoolId, intent: Intent) -> Result<u64, DispatchError> {
    let terms = Pools::<T>::terms(pool)?;
    Ok(match intent {
        Intent::Provide => terms.provide_seconds,
        Intent::Sell => terms.sell_max_seconds,
    })
}

/// A certificate for a stake of that length.
fn certified<T: Config>(
    owner: &T::AccountId,
    pool: PoolId,
    seconds: u64,
) -> Result<CertificateId, DispatchError> {
    let certificate = NextCertificateId::<T>::get();
    Pallet::<T>::do_burn_for_certificate(owner, pool, seconds.into(), Balance::MAX)?;
    Ok(certificate)
}

/// A device that is staked for as long as it can be.
fn staked<T: Config>(
    owner: &T::AccountId,
    pool: PoolId,
    intent: Intent,
) -> Result<(DeviceId, PositionId), DispatchError> {
    let seconds = longest_stake::<T>(pool, intent)?;
    let certificate = certified::<T>(owner, pool, seconds)?;
    let device = create_verified::<T>(owner, pool)?;
    let position = NextPositionId::<T>::get();
    Pallet::<T>::do_stake(owner, device, certificate, seconds, intent)?;
    Ok((device, position))
}

/// A device with liquidity.
fn with_liquidity<T: Config>(
    owner: &T::AccountId,
    pool: PoolId,
) -> Result<(DeviceId, PositionId), DispatchError> {
    let (device, position) = staked::<T>(owner, pool, Intent::Provide)?;
    Pallet::<T>::do_add_liquidity(owner, position, Balance::MAX)?;
    Ok((device, position))
}

/// A device a part of whose time is sold, so that its owner has some left.
fn sold<T: Config>(owner: &T::AccountId, pool: PoolId) -> Result<(DeviceId, PositionId), DispatchError> {
    let (device, position) = staked::<T>(owner, pool, Intent::Sell)?;
    let part = longest_stake::<T>(pool, Intent::Sell)? / 3;
    Pallet::<T>::do_sell_hours(owner, position, part, 0)?;
    Ok((device, position))
}

/// Lets time pass, and everything happen in the pool that is due by then.
fn pass_until<T: Config>(pool: PoolId, moment: Moment) -> Result<(), DispatchError> {
    <T as pallet_pools::Config>::BenchmarkHelper::set_now(moment);
    Pools::<T>::synced(pool)?;
    Ok(())
}

/// Lets half the time of a position with liquidity pass.
fn pass_half<T: Config>(pool: PoolId) -> Result<(), DispatchError> {
    let half = longest_stake::<T>(pool, Intent::Provide)? / 2;
    pass_until::<T>(pool, Pools::<T>::now().saturating_add(half))
}

/// Lets the stake of the position pass.
fn pass_stake<T: Config>(position: PositionId) -> Result<(), DispatchError> {
    let position = Pallet::<T>::position(position)?;
    pass_until::<T>(position.pool, position.end)
}

/// The device is rented, and serves for a second.
fn rented_for_a_second<T: Config>(pool: PoolId, device: DeviceId) -> Result<(), DispatchError> {
    <T as Config>::BenchmarkHelper::rent(device)?;
    pass_until::<T>(pool, Pools::<T>::now().saturating_add(1))
}

/// Makes a device that can be rented, for the benchmarks of others.
pub fn create_available<T: Config>(pool: PoolId) -> Result<(DeviceId, Moment), DispatchError> {
    let (device, position) = with_liquidity::<T>(&rich_account::<T>("miner")?, pool)?;
    Ok((device, Pallet::<T>::position(position)?.end))
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn burn_for_certificate() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let owner = rich_account::<T>("miner")?;
        let seconds = longest_stake::<T>(pool, Intent::Provide)?;
        let certificate = NextCertificateId::<T>::get();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), pool, seconds.into(), Balance::MAX);

        assert!(Certificates::<T>::contains_key(certificate));
        Ok(())
    }

    /// It has expired, and somebody else removes it.
    #[benchmark]
    fn remove_certificate() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let certificate = certified::<T>(&rich_account::<T>("miner")?, pool, 1)?;
        let expires_at = Certificates::<T>::get(certificate)
            .map(|entry| entry.expires_at)
            .ok_or("there is no certificate")?;
        <T as pallet_pools::Config>::BenchmarkHelper::set_now(expires_at);
        let stranger = rich_account::<T>("stranger")?;

        #[extrinsic_call]
        _(RawOrigin::Signed(stranger), certificate);

        assert!(!Certificates::<T>::contains_key(certificate));
        Ok(())
    }

    /// The pool gets its collection, and the maintenance fee is put on hold.
    #[benchmark]
    fn stake() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let owner = rich_account::<T>("miner")?;
        let seconds = longest_stake::<T>(pool, Intent::Sell)?;
        let certificate = certified::<T>(&owner, pool, seconds)?;
        let device = create_verified::<T>(&owner, pool)?;

        #[extrinsic_call]
        _(
            RawOrigin::Signed(owner),
            device,
            certificate,
            seconds,
            Intent::Sell,
        );

        assert!(StakeOf::<T>::contains_key(device));
        assert!(Collections::<T>::contains_key(pool));
        Ok(())
    }

    #[benchmark]
    fn add_liquidity() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let owner = rich_account::<T>("miner")?;
        let (_, position) = staked::<T>(&owner, pool, Intent::Provide)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), position, Balance::MAX);

        assert!(matches!(
            Pallet::<T>::position(position)?.state,
            PositionState::Providing(_)
        ));
        Ok(())
    }

    /// A sale is extended, from one page of the agenda to another.
    #[benchmark]
    fn sell_hours() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let owner = rich_account::<T>("miner")?;
        let (_, position) = sold::<T>(&owner, pool)?;
        let part = longest_stake::<T>(pool, Intent::Sell)? / 3;
        let collateral = Pallet::<T>::position(position)?.collateral;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), position, part, 0);

        assert!(Pallet::<T>::position(position)?.collateral > collateral);
        Ok(())
    }

    #[benchmark]
    fn claim() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let owner = rich_account::<T>("miner")?;
        let (_, position) = with_liquidity::<T>(&owner, pool)?;
        pass_half::<T>(pool)?;
        let balance = CurrencyOf::<T>::balance(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), position);

        assert!(CurrencyOf::<T>::balance(&owner) > balance);
        Ok(())
    }

    #[benchmark]
    fn drain() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let owner = rich_account::<T>("miner")?;
        let (device, position) = with_liquidity::<T>(&owner, pool)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), device);

        assert!(matches!(
            Pallet::<T>::position(position)?.state,
            PositionState::Providing(Liquidity { draining: true, .. })
        ));
        Ok(())
    }

    #[benchmark]
    fn undrain() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let owner = rich_account::<T>("miner")?;
        let (device, position) = with_liquidity::<T>(&owner, pool)?;
        Pallet::<T>::do_set_draining(&owner, device, true)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), device);

        assert!(matches!(
            Pallet::<T>::position(position)?.state,
            PositionState::Providing(Liquidity { draining: false, .. })
        ));
        Ok(())
    }

    /// Something has streamed that is not claimed yet.
    #[benchmark]
    fn withdraw_liquidity() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let owner = rich_account::<T>("miner")?;
        let (_, position) = with_liquidity::<T>(&owner, pool)?;
        pass_half::<T>(pool)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), position, 0);

        assert!(!Positions::<T>::contains_key(position));
        Ok(())
    }

    #[benchmark]
    fn close_provider() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let (_, position) = with_liquidity::<T>(&rich_account::<T>("miner")?, pool)?;
        pass_stake::<T>(position)?;
        let stranger = rich_account::<T>("stranger")?;

        #[extrinsic_call]
        close(RawOrigin::Signed(stranger), position);

        assert!(!Positions::<T>::contains_key(position));
        Ok(())
    }

    /// There is a fee, collateral, and time that was not sold.
    #[benchmark]
    fn close_seller() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let (_, position) = sold::<T>(&rich_account::<T>("miner")?, pool)?;
        pass_stake::<T>(position)?;
        let stranger = rich_account::<T>("stranger")?;

        #[extrinsic_call]
        close(RawOrigin::Signed(stranger), position);

        assert!(!Positions::<T>::contains_key(position));
        Ok(())
    }

    /// The device is rented, and its client refunded.
    #[benchmark]
    fn eject_provider() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let (device, position) = with_liquidity::<T>(&rich_account::<T>("miner")?, pool)?;
        rented_for_a_second::<T>(pool, device)?;

        #[block]
        {
            <Pallet<T> as DeviceHooks>::ejected(device)?;
        }

        assert!(!Positions::<T>::contains_key(position));
        assert_eq!(T::TenancyHooks::rented_until(device), None);
        Ok(())
    }

    /// The device is rented, its client refunded, and the pool compensated.
    #[benchmark]
    fn eject_seller() -> Result<(), BenchmarkError> {
        let pool = new_pool::<T>()?;
        let (device, position) = sold::<T>(&rich_account::<T>("miner")?, pool)?;
        rented_for_a_second::<T>(pool, device)?;

        #[block]
        {
            <Pallet<T> as DeviceHooks>::ejected(device)?;
        }

        assert!(!Positions::<T>::contains_key(position));
        assert_eq!(T::TenancyHooks::rented_until(device), None);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_externalities(), crate::mock::Test);
}

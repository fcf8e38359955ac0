//! Miners in memory: positions of providers in the pools, with devices of the real registry.

use super::{AccountId, Now, Pools, Registry, Renting, RuntimeOrigin, Test};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{Twox64Concat, ensure, storage_alias};
use loopin_math::Provided;
use loopin_primitives::{
    Balance, DeviceEvents, DeviceId, Devices, Market, Moment, PoolId, Rented, Standing, Supply,
};
use pallet_devices::{Endpoint, Verdict};
use scale_info::TypeInfo;
use sp_core::{H256, sr25519};
use sp_runtime::{DispatchError, DispatchResult};

/// The pool that benchmarks get.
#[cfg(feature = "runtime-benchmarks")]
pub const BENCHMARK_POOL: PoolId = 77;

/// The time of a device, provided to a pool.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen, PartialEq, Eq, TypeInfo)]
pub struct Position {
    pub pool: PoolId,
    pub provider: AccountId,
    pub until: Moment,
    pub share_rate: u128,
    pub paid: Balance,
    pub gpu_seconds: u128,
    /// Whether it takes no rentals and extensions any more.
    pub drained: bool,
}

#[storage_alias]
type Positions = StorageMap<Mock, Twox64Concat, DeviceId, Position>;

/// The miners.
pub struct Miners;

impl Miners {
    /// Registers a device, lets it pass and provides its time until `until`.
    pub fn provide(provider: AccountId, pool: PoolId, until: Moment) -> DeviceId {
        let device = pallet_devices::NextDeviceId::<Test>::get();
        Registry::register_device(
            RuntimeOrigin::signed(provider),
            pool,
            sr25519::Public::from_raw([1; 32]),
            Endpoint::try_from(b"http://10.0.0.7:8000".to_vec()).unwrap(),
            H256::from_low_u64_be(device.into()),
        )
        .unwrap();
        Registry::apply_verdict(device, Verdict::Passed).unwrap();
        Self::stake(device, until).unwrap();
        device
    }

    /// Provides the time of a verified device until `until`.
    pub fn stake(device: DeviceId, until: Moment) -> DispatchResult {
        let info = Registry::device(device).ok_or("no such device")?;
        ensure!(info.standing == Standing::Verified, "the device is not verified");
        ensure!(!Positions::contains_key(device), "the device is staked already");
        let joined = Pools::join(info.pool, &info.owner, until, Balance::MAX)?;
        Pools::take_sync_weight();
        Registry::set_staked(device, true)?;
        Positions::insert(
            device,
            Position {
                pool: info.pool,
                provider: info.owner,
                until,
                share_rate: joined.share_rate,
                paid: joined.paid,
                gpu_seconds: joined.gpu_seconds,
                drained: false,
            },
        );
        Ok(())
    }

    /// Ends the stake of a device whose time is over.
    pub fn close(device: DeviceId) -> DispatchResult {
        let position = Positions::get(device).ok_or("no such position")?;
        ensure!(position.until <= Now::get(), "the position is not over");
        Positions::remove(device);
        Registry::set_staked(device, false)
    }

    /// Lets a device take no rentals and extensions any more.
    pub fn drain(device: DeviceId) {
        Positions::mutate(device, |position| {
            if let Some(position) = position {
                position.drained = true;
            }
        });
    }

    /// All positions.
    pub fn positions() -> Vec<(DeviceId, Position)> {
        Positions::iter().collect()
    }
}

impl Supply for Miners {
    fn available_until(pool: PoolId, device: DeviceId) -> Result<Moment, DispatchError> {
        let position = Positions::get(device).ok_or("the device is not staked")?;
        ensure!(position.pool == pool, "the device is in another pool");
        ensure!(position.until > Now::get(), "the stake is over");
        ensure!(!position.drained, "the device is drained");
        ensure!(
            Registry::device(device).is_some_and(|info| info.standing == Standing::Verified),
            "the device is not verified"
        );
        Ok(position.until)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_available(pool: PoolId) -> Result<(DeviceId, Moment), DispatchError> {
        use frame_support::traits::fungible::Mutate;
        let until = loopin_math::time::scheduled_end(Now::get(), super::STAKE).unwrap();
        let funds = 1_000 * super::UNIT;
        super::Balances::mint_into(&super::MINER, funds)?;
        Ok((Self::provide(super::MINER, pool, until), until))
    }
}

impl DeviceEvents for Miners {
    fn suspended(_device: DeviceId) -> DispatchResult {
        Ok(())
    }

    fn passed(_device: DeviceId) -> DispatchResult {
        Ok(())
    }

    /// The device leaves the pool. What its position returns pays the client first, then the pool does; the miner
    /// gets the rest.
    fn ejected(device: DeviceId) -> DispatchResult {
        let Some(position) = Positions::take(device) else {
            return Ok(());
        };
        Registry::set_staked(device, false)?;
        let failed = Renting::fail(device)?;
        if position.until <= Now::get() {
            return Ok(());
        }
        let provided = Provided {
            share_rate: position.share_rate,
            until: position.until,
        };
        let rented_until = failed.as_ref().map(|failed| failed.until);
        let pool = position.pool;
        let left = Pools::leave(pool, &provided, position.paid, position.gpu_seconds, rented_until)?;
        let mut rest = left.returned;
        if let Some(failed) = failed {
            let forfeited = failed.refund.min(rest);
            rest -= forfeited;
            let refunded = Pools::refund(pool, (failed.refund - forfeited).min(failed.most_from_pool))?;
            Pools::pay(pool, &failed.client, forfeited + refunded)?;
        }
        Pools::pay(pool, &position.provider, rest)
    }
}

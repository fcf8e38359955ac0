//! Pools with real arithmetic, and positions in them. Money in a pool is not looked after.

#[cfg(feature = "runtime-benchmarks")]
use super::LOOPIN;
use super::{AccountId, EXISTENTIAL_DEPOSIT};
use crate::mock::Balances;
use frame_support::{
    Twox64Concat,
    pallet_prelude::{OptionQuery, ValueQuery},
    storage_alias,
    traits::fungible::Mutate,
    weights::Weight,
};
use loopin_challenge::classes::CPU_REFERENCE;
use loopin_math::{
    Agenda, Ending, Page, Pool, Provided,
    time::{DAY, HOUR, scheduled_end},
};
use loopin_primitives::{Balance, DeviceId, Moment, PoolId, PoolMark, PoolTerms, PositionId, RewardedPools};
use sp_runtime::DispatchError;

/// The weight of passing one page of a pool's agenda.
pub const PAGE_WEIGHT: Weight = Weight::from_parts(1_000_000, 100);

/// The pools, and the clock.
pub struct World;

#[storage_alias]
type Now = StorageValue<World, Moment, ValueQuery>;
#[storage_alias]
type Pools = StorageMap<World, Twox64Concat, PoolId, Pool, OptionQuery>;
#[storage_alias]
type Pages = StorageMap<World, Twox64Concat, (PoolId, u64), Page, ValueQuery>;
#[storage_alias]
type SyncWeight = StorageValue<World, Weight, ValueQuery>;
#[storage_alias]
type NextPosition = StorageValue<World, PositionId, ValueQuery>;
/// Pool, position, what the pool knows of it, and what was paid for how many seconds.
type Position = (PoolId, PositionId, (u128, Moment), Balance, u128);
/// The positions of devices.
#[storage_alias]
type Positions = StorageMap<World, Twox64Concat, DeviceId, Position, OptionQuery>;

struct StoredAgenda(PoolId);

impl Agenda for StoredAgenda {
    fn page(&self, hour: u64) -> Page {
        Pages::get((self.0, hour))
    }

    fn set_page(&mut self, hour: u64, page: Page) {
        if page.is_empty() {
            Pages::remove((self.0, hour));
        } else {
            Pages::insert((self.0, hour), page);
        }
    }

    fn record_endings(&mut self, _: u64, _: &[Ending]) {}
}

/// The account of a pool.
pub fn account(pool: PoolId) -> AccountId {
    1_000 + AccountId::from(pool)
}

/// Creates a pool.
pub fn create(pool: PoolId, reserve: Balance, price_per_gpu_hour: Balance) {
    Balances::mint_into(&account(pool), reserve + EXISTENTIAL_DEPOSIT).unwrap();
    Pools::insert(pool, Pool::new(reserve, price_per_gpu_hour, 0).unwrap());
}

/// The present moment.
pub fn now() -> Moment {
    Now::get()
}

/// Makes a moment the present.
pub fn set_now(moment: Moment) {
    assert!(moment >= now(), "time does not go back");
    Now::put(moment);
}

/// The pool at a moment, which it must not have passed.
fn advance(id: PoolId, moment: Moment) -> Result<Pool, DispatchError> {
    let mut pool = Pools::get(id).ok_or(DispatchError::Other("no such pool"))?;
    let synced = pool
        .sync(moment, &mut StoredAgenda(id))
        .map_err(|_| DispatchError::Other("the pool cannot be synchronised"))?;
    SyncWeight::mutate(|weight| *weight += PAGE_WEIGHT * u64::from(synced.pages));
    Pools::insert(id, &pool);
    Ok(pool)
}

/// Somebody touches the pool.
pub fn sync(pool: PoolId) {
    advance(pool, now()).unwrap();
}

/// What the pool knows of its providers at present.
pub fn provider_seconds(pool: PoolId) -> u128 {
    advance(pool, now()).unwrap().provider_seconds
}

/// Somebody pays LOOPIN into the reserve, so that the price rises.
pub fn donate(pool: PoolId, amount: Balance) {
    let mut state = advance(pool, now()).unwrap();
    state.reserve += amount;
    Pools::insert(pool, state);
}

/// A device joins its pool. Returns the position, its end, and what is to be paid.
pub fn join(pool: PoolId, device: DeviceId, seconds: u64) -> (PositionId, Moment, Balance) {
    assert!(!Positions::contains_key(device), "the device is in the pool");
    let mut state = advance(pool, now()).unwrap();
    let until = scheduled_end(now(), seconds).unwrap();
    let joined = state.join(until, &mut StoredAgenda(pool)).unwrap();
    Pools::insert(pool, state);
    let position = NextPosition::get();
    NextPosition::put(position + 1);
    let entry = (
        pool,
        position,
        (joined.share_rate, until),
        joined.paid,
        joined.gpu_seconds,
    );
    Positions::insert(device, entry);
    (position, until, joined.paid)
}

/// A device leaves its pool before its time. Returns the position.
pub fn leave(device: DeviceId) -> PositionId {
    let (pool, position, (share_rate, until), paid, gpu_seconds) = Positions::take(device).unwrap();
    let mut state = advance(pool, now()).unwrap();
    let provided = Provided { share_rate, until };
    state
        .leave(&provided, paid, gpu_seconds, None, &mut StoredAgenda(pool))
        .unwrap();
    Pools::insert(pool, state);
    position
}

/// A position whose time is over is closed. Returns which one.
pub fn close(device: DeviceId) -> PositionId {
    let (_, position, (_, until), _, _) = Positions::take(device).unwrap();
    assert!(until <= now(), "the position is not over");
    position
}

/// The position of a device, and until when it is.
pub fn position(device: DeviceId) -> Option<(PositionId, Moment)> {
    Positions::get(device).map(|(_, position, (_, until), _, _)| (position, until))
}

impl RewardedPools for World {
    fn now() -> Moment {
        now()
    }

    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError> {
        frame_support::ensure!(Pools::contains_key(pool), "no such pool");
        Ok(PoolTerms {
            provide_seconds: 7 * DAY,
            sell_unit_seconds: DAY,
            sell_max_seconds: 7 * DAY,
            rental_min_seconds: HOUR,
            rental_max_seconds: 7 * DAY,
            challenge: CPU_REFERENCE.profile,
            benchmark_gops: 1_000,
            privacy_limit: 25,
        })
    }

    fn mark(id: PoolId, at: Moment, since: Option<&PoolMark>) -> Result<(PoolMark, Balance), DispatchError> {
        let state = Pools::get(id).ok_or(DispatchError::Other("no such pool"))?;
        assert!(at <= now(), "nobody knows the future");
        let state = if state.updated_at < at {
            advance(id, at)?
        } else {
            state
        };
        let mean = since.map_or(state.price_per_gpu_hour(), |since| {
            state.mean_price_per_gpu_hour(&since.price).unwrap()
        });
        let mark = PoolMark {
            moment: state.updated_at,
            provider_seconds: state.provider_seconds,
            price: state.price_mark(),
        };
        Ok((mark, mean))
    }

    fn most_sync_weight() -> Weight {
        PAGE_WEIGHT * 170
    }

    fn take_sync_weight() -> Weight {
        SyncWeight::take()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark() -> Result<PoolId, DispatchError> {
        let pool = (100..).find(|pool| !Pools::contains_key(pool)).unwrap_or(100);
        create(pool, 1_000 * LOOPIN, LOOPIN);
        Ok(pool)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment) {
        Now::put(moment);
    }
}

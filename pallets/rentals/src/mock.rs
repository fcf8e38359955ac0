//! A runtime for the tests: real pools, devices and stakes below the rentals, and above them whoever keeps what it is
//! told.

mod hooks;

pub use hooks::{CONSUMED_WEIGHT, RENTED_WEIGHT, Rewarded, burned, told_paid};

use crate::{self as pallet_rentals, *};
use frame_support::{
    dispatch::{DispatchResult, DispatchResultWithPostInfo},
    ensure,
    traits::fungible::{Inspect, InspectHold},
};
pub use loopin_math::time::{DAY, HOUR};
use loopin_math::{Contribution, Pool, Trade};
use loopin_primitives::{Balance, DeviceId, Moment, PoolId, PoolTerms, RentalId, Verdict};
use pallet_stakes::{Intent, NextCertificateId, NextPositionId, PositionState, Positions, StakeOf};
use sp_runtime::TryRuntimeError;
use std::collections::BTreeMap;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp::Pallet<Test>;
    #[runtime::pallet_index(2)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(3)]
    pub type Assets = pallet_assets::Pallet<Test>;
    #[runtime::pallet_index(4)]
    pub type AssetsFreezer = pallet_assets_freezer::Pallet<Test>;
    #[runtime::pallet_index(5)]
    pub type Nfts = pallet_nfts::Pallet<Test>;
    #[runtime::pallet_index(6)]
    pub type Pools = pallet_pools::Pallet<Test>;
    #[runtime::pallet_index(7)]
    pub type Devices = pallet_devices::Pallet<Test>;
    #[runtime::pallet_index(8)]
    pub type Stakes = pallet_stakes::Pallet<Test>;
    #[runtime::pallet_index(9)]
    pub type Renting = pallet_rentals::Pallet<Test>;
}

pallet_testing::mock_money!(u128);
pallet_testing::mock_pools!(Rewarded);
pallet_testing::mock_devices!((Stakes, Renting));
pallet_testing::mock_stakes!(Renting, Rewarded);
pallet_testing::mock_rentals!(Rewarded);

/// What every account has at the start.
pub const ENDOWMENT: Balance = 100_000 * LOOPIN;
/// Clients that exist.
pub const CLIENTS: core::ops::RangeInclusive<AccountId> = 1..=3;
/// Who has created the pools.
const CREATOR: AccountId = 8;
/// Whose the devices are.
pub const MINER: AccountId = 9;
/// The pool that devices 0 to 5 are in.
pub const POOL: PoolId = 0;
/// The pool that device 6 is in.
pub const OTHER_POOL: PoolId = 1;
/// Devices in `POOL`.
pub const DEVICES: core::ops::Range<DeviceId> = 0..6;
/// The device in `OTHER_POOL`.
pub const FOREIGN_DEVICE: DeviceId = 6;
/// What each pool has as its anchor, and for how much per GPU-hour.
const ANCHOR: Balance = 10_000 * LOOPIN;
const PRICE: Balance = 2 * LOOPIN;
/// The shortest and the longest rental that the pools allow.
pub const RENTAL_MIN: u64 = HOUR;
pub const RENTAL_MAX: u64 = 2 * DAY;
/// How long the devices are staked.
pub const STAKE: u64 = 7 * DAY;
/// The moment at which every test starts: the devices have just been staked. It is a whole hour.
pub const OPENING: Moment = START.next_multiple_of(HOUR);
/// What is put on hold for a report, unless a test changes that.
pub const REPORT_PRICE: Balance = 10 * LOOPIN;
/// How long a client must wait for a verdict before it can take its report back.
pub const PATIENCE: u64 = 2 * HOUR;
/// An access key that is accepted.
pub const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvZ0cYp7oLZbE8k1nRrD3S4nW1cXq5y0m2b4c6d8e0f me@home";

/// The state in which a test starts: six devices in one pool and one in another.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut externalities = chain_with(CLIENTS.chain([CREATOR, MINER]), ENDOWMENT);
    externalities.execute_with(|| {
        // What the tests can change lives longer than the state of one test.
        ReportDeposit::set(REPORT_PRICE);
        ReportPatience::set(PATIENCE);
        DepositPerDevice::set(RENTED_DEVICE_DEPOSIT);
        wait_until(OPENING);
        assert_eq!((create_pool(), create_pool()), (POOL, OTHER_POOL));
        for device in DEVICES {
            assert_eq!(provided_device(MINER, POOL).0, device);
        }
        assert_eq!(provided_device(MINER, OTHER_POOL).0, FOREIGN_DEVICE);
        System::reset_events();
    });
    externalities
}

/// Runs a test, and checks afterwards what must hold at any time.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        assert_eq!(audit(), Ok(()));
    });
}

fn create_pool() -> PoolId {
    let pool = pallet_pools::NextPoolId::<Test>::get();
    let terms = PoolTerms {
        rental_max_seconds: RENTAL_MAX,
        ..terms()
    };
    Pools::create_pool(
        RuntimeOrigin::signed(CREATOR),
        symbol_of(pool),
        symbol_of(pool),
        ANCHOR,
        PRICE,
        terms,
    )
    .unwrap();
    pool
}

/// The miner stakes a device of its own, and provides all of its time, or sells that many seconds.
pub fn stake(device: DeviceId, sold_seconds: Option<u64>) -> DispatchResult {
    let pool = Devices::device(device)
        .ok_or(pallet_devices::Error::<Test>::UnknownDevice)?
        .pool;
    let miner = || RuntimeOrigin::signed(MINER);
    let certificate = NextCertificateId::<Test>::get();
    let position = NextPositionId::<Test>::get();
    let intent = sold_seconds.map_or(Intent::Provide, |_| Intent::Sell);
    let plain = |outcome: DispatchResultWithPostInfo| outcome.map_err(|error| error.error);
    plain(Stakes::burn_for_certificate(
        miner(),
        pool,
        STAKE.into(),
        Balance::MAX,
    ))?;
    plain(Stakes::stake(miner(), device, certificate, STAKE, intent))?;
    plain(match sold_seconds {
        Some(seconds) => Stakes::sell_hours(miner(), position, seconds, 0),
        None => Stakes::add_liquidity(miner(), position, Balance::MAX),
    })?;
    Ok(())
}

/// A device of which `POOL` has bought that many seconds.
pub fn sold_device(seconds: u64) -> DeviceId {
    let device = verified_device(MINER, POOL);
    stake(device, Some(seconds)).unwrap();
    device
}

/// Somebody closes the position of the device.
pub fn close(device: DeviceId) -> DispatchResultWithPostInfo {
    let position = StakeOf::<Test>::get(device).ok_or(pallet_stakes::Error::<Test>::NotInPool)?;
    Stakes::close(RuntimeOrigin::signed(99), position)
}

/// The miner lets a device take no rentals and extensions any more.
pub fn drain(device: DeviceId) -> DispatchResult {
    Stakes::drain(RuntimeOrigin::signed(MINER), device)
}

/// Checks everything that must hold at any time, of this pallet, of those below it, and between them.
pub fn audit() -> Result<(), TryRuntimeError> {
    Renting::do_try_state()?;
    Stakes::do_try_state()?;
    Devices::do_try_state()?;
    ensure!(
        ClientTotals::<Test>::iter().all(|(client, totals)| hooks::told(client) == totals),
        "those who reward clients have been told something else"
    );
    for device in pallet_devices::Devices::<Test>::iter_keys() {
        ensure!(
            hooks::told_rented(device).filter(|until| *until > now()) == Renting::rented_until(device),
            "those who reward miners have been told something else"
        );
    }
    let unspent: BTreeMap<_, _> = Renting::unspent_gpu_seconds()
        .into_iter()
        .filter(|(_, gpu_seconds)| *gpu_seconds > 0)
        .collect();
    ensure!(
        unspent == hours_of_clients(),
        "the hour tokens of clients are not what their rentals have left"
    );
    for pool in [POOL, OTHER_POOL] {
        Pools::synced(pool)?;
        ensure!(
            idle_time(pool) == (state(pool).idle_devices, state(pool).idle_gpu_seconds()),
            "the idle time of a pool is not that of its devices"
        );
        ensure!(
            Balances::free_balance(Pools::account_of(pool))
                == state(pool).reserve + owed(pool) + EXISTENTIAL_DEPOSIT,
            "the LOOPIN of a pool is not its reserve and what it owes"
        );
    }
    Pools::do_try_state()
}

/// How many devices of a pool are idle, and how many GPU-seconds: as positions and rentals say.
fn idle_time(pool: PoolId) -> (u32, u128) {
    let (mut idle_devices, mut idle_gpu_seconds) = (0, 0);
    for position in Positions::<Test>::iter_values().filter(|position| position.pool == pool) {
        let until = match position.state {
            PositionState::Staked => 0,
            PositionState::Providing(_) => position.end,
            PositionState::Selling(sale) => sale.sold_until,
        };
        if until > now() {
            let rented_until = Renting::rented_until(position.device);
            idle_devices += u32::from(rented_until.is_none());
            idle_gpu_seconds += u128::from(until - rented_until.unwrap_or(now()));
        }
    }
    (idle_devices, idle_gpu_seconds)
}

/// The devices of these numbers.
pub fn devices(numbers: &[DeviceId]) -> DeviceList {
    DeviceList::try_from(numbers.to_vec()).unwrap()
}

/// A key that is short enough.
pub fn access_key(line: &str) -> AccessKey {
    AccessKey::try_from(line.as_bytes().to_vec()).unwrap()
}

/// What is put on hold for a rental of that many devices with the key of the tests.
pub fn deposit(device_count: u128) -> Balance {
    RENTAL_DEPOSIT + device_count * RENTED_DEVICE_DEPOSIT + KEY.len() as u128 * KEY_BYTE_DEPOSIT
}

/// `client` tries to rent devices of `POOL`.
pub fn try_rent(
    client: AccountId,
    numbers: &[DeviceId],
    seconds: u64,
    max_cost: Balance,
) -> DispatchResultWithPostInfo {
    Renting::rent(
        RuntimeOrigin::signed(client),
        POOL,
        devices(numbers),
        seconds,
        max_cost,
        access_key(KEY),
    )
}

/// Rents devices of `POOL` at any price.
pub fn rent(client: AccountId, numbers: &[DeviceId], seconds: u64) -> RentalId {
    let rental = NextRentalId::<Test>::get();
    try_rent(client, numbers, seconds, Balance::MAX).unwrap();
    rental
}

/// `who` tries to report a device of its rental.
pub fn try_report(who: AccountId, rental: RentalId, device: DeviceId) -> DispatchResult {
    Renting::report_failure(RuntimeOrigin::signed(who), rental, device)
}

/// `who` reports a device of its rental.
pub fn report(who: AccountId, rental: RentalId, device: DeviceId) {
    try_report(who, rental, device).unwrap();
}

/// The state of a pool when it was last synced.
pub fn state(pool: PoolId) -> Pool {
    pallet_pools::Pools::<Test>::get(pool).unwrap().pool
}

/// What a pool owes.
fn owed(pool: PoolId) -> Balance {
    pallet_pools::Pools::<Test>::get(pool).unwrap().owed
}

/// The state of `POOL` now.
pub fn pool_now() -> Pool {
    Pools::synced(POOL).unwrap()
}

/// What that many GPU-seconds of `POOL` cost now.
pub fn rent_quote(gpu_seconds: u128) -> Trade {
    pool_now().quote_rent(gpu_seconds, SwapFee::get()).unwrap()
}

/// What giving that many GPU-seconds back to `POOL` brings now that were paid for with the rental.
pub fn give_back_quote(rental: RentalId, gpu_seconds: u128) -> Trade {
    pool_now()
        .quote_give_back(gpu_seconds, &entry(rental).contribution, SwapFee::get())
        .unwrap()
}

/// One device's part of what was paid for a rental.
pub fn part_of(rental: RentalId) -> Contribution {
    let mut entry = entry(rental);
    entry.contribution.take_part(entry.devices.len() as u32)
}

/// What the client of a rental gets out of the pool for that many seconds of a device that fails now, where `unused` was
/// paid for them.
pub fn due(rental: RentalId, unused: Balance, seconds: u64) -> Balance {
    let quote = pool_now()
        .quote_give_back(seconds.into(), &part_of(rental), SwapFee::get())
        .unwrap();
    unused.min(quote.amount)
}

/// What is stored about a rental.
pub fn entry(rental: RentalId) -> RentalOf<Test> {
    Rentals::<Test>::get(rental).unwrap()
}

/// The registry records verdicts, one after the other.
pub fn verdicts(device: DeviceId, verdicts: &[Verdict]) {
    for verdict in verdicts {
        Devices::record_verdict(RuntimeOrigin::root(), device, *verdict).unwrap();
    }
}

/// What `who` has on hold for its rentals.
pub fn held_for_rentals(who: AccountId) -> Balance {
    Balances::balance_on_hold(&HoldReason::RentalDeposit.into(), &who)
}

/// What `who` has on hold for its reports.
pub fn held_for_reports(who: AccountId) -> Balance {
    Balances::balance_on_hold(&HoldReason::FailureReport.into(), &who)
}

/// What `who` has, on hold or not.
pub fn balance(who: AccountId) -> Balance {
    Balances::total_balance(&who)
}

/// The hour tokens of `who`.
pub fn hours(pool: PoolId, who: AccountId) -> u128 {
    Assets::balance(pool, who)
}

/// All hour tokens that are neither the pools' nor the miner's.
pub fn hours_of_clients() -> BTreeMap<(PoolId, AccountId), u128> {
    pallet_assets::Account::<Test>::iter_keys()
        .filter(|(pool, who)| *who != MINER && *who != Pools::account_of(*pool))
        .map(|(pool, who)| ((pool, who), hours(pool, who)))
        .collect()
}

/// What `who` has spent on rentals that are over.
pub fn totals(who: AccountId) -> Totals {
    ClientTotals::<Test>::get(who)
}

/// The events of this pallet so far; they are forgotten afterwards.
pub fn take_events() -> Vec<Event<Test>> {
    let events = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    events
}

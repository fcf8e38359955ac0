//! A runtime for the tests: the registry of devices is real, pools and miners are doubles of `mock/`, and the tests
//! set the clock.

mod miners;
mod pools;
mod rewards;

pub use miners::Miners;
pub use pools::*;
pub use rewards::{CONSUMED_WEIGHT, RENTED_WEIGHT, Rewarded, burned_for_reports};

use crate::{self as pallet_rentals, *};
use frame_support::{
    derive_impl,
    dispatch::DispatchResultWithPostInfo,
    parameter_types,
    traits::{ConstU64, ConstU128, VariantCountOf, fungible::InspectHold},
};
use frame_system::EnsureRoot;
use loopin_math::{Pool, Trade};
use loopin_primitives::{Balance, DeviceId, Market, Moment, PoolId, RentalId};
use pallet_devices::Verdict;
use sp_runtime::BuildStorage;

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlock<Test>;

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
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(2)]
    pub type Registry = pallet_devices::Pallet<Test>;
    #[runtime::pallet_index(3)]
    pub type Renting = pallet_rentals::Pallet<Test>;
}

/// One LOOPIN.
pub const UNIT: Balance = 1_000_000_000_000;
/// What must stay free in an account.
pub const EXISTENTIAL_DEPOSIT: Balance = UNIT / 100;
/// What every client and the miner have at the start.
pub const ENDOWMENT: Balance = 100_000 * UNIT;
/// Clients that exist.
pub const CLIENTS: core::ops::RangeInclusive<AccountId> = 1..=3;
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
/// What each pool has in its reserve at the start, and for how much per GPU-hour.
pub const RESERVE: Balance = 10_000 * UNIT;
pub const PRICE: Balance = 2 * UNIT;
/// How long the devices are staked.
pub const STAKE: u64 = 7 * 86_400;
/// The moment at which every test starts: a whole minute.
pub const START: Moment = 1_800_000_000;
pub const HOUR: u64 = 3_600;

pub const BASE_DEPOSIT: Balance = UNIT;
pub const DEVICE_DEPOSIT: Balance = UNIT / 10;
pub const KEY_BYTE_DEPOSIT: Balance = UNIT / 1_000;
pub const REPORT_PRICE: Balance = 5 * UNIT;
pub const PATIENCE: u64 = 2 * HOUR;
/// An access key that is accepted.
pub const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvZ0cYp7oLZbE8k1nRrD3S4nW1cXq5y0m2b4c6d8e0f me@home";

parameter_types! {
    pub static Now: Moment = START;
    pub static ReportDeposit: Balance = REPORT_PRICE;
    pub static DepositPerDevice: Balance = DEVICE_DEPOSIT;
    pub const ReportPatience: u64 = PATIENCE;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

impl pallet_devices::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type VerdictOrigin = EnsureRoot<AccountId>;
    type Events = (Miners, Renting);
    type EventsWeight = VerdictWeight<Test>;
    type DepositBase = ConstU128<UNIT>;
    type DepositPerByte = ConstU128<0>;
    type AgentKeyInterval = ConstU64<86_400>;
    type WeightInfo = ();
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type Supply = Miners;
    type Devices = Registry;
    type DepositBase = ConstU128<BASE_DEPOSIT>;
    type DepositPerDevice = DepositPerDevice;
    type DepositPerKeyByte = ConstU128<KEY_BYTE_DEPOSIT>;
    type ReportDeposit = ReportDeposit;
    type ReportPatience = ReportPatience;
    type Rewards = Rewarded;
    type Burns = Rewarded;
    type WeightInfo = ();
}

/// Builds the state in which a test starts: six devices in one pool and one in another.
#[derive(Default)]
pub struct ExternalityBuilder;

impl ExternalityBuilder {
    pub fn build(self) -> sp_io::TestExternalities {
        let storage = RuntimeGenesisConfig {
            balances: BalancesConfig {
                balances: CLIENTS.chain([MINER]).map(|who| (who, ENDOWMENT)).collect(),
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .unwrap();
        let mut externalities = sp_io::TestExternalities::new(storage);
        externalities.execute_with(|| {
            System::set_block_number(1);
            // What the tests can change lives longer than the state of one test.
            Now::set(START);
            ReportDeposit::set(REPORT_PRICE);
            DepositPerDevice::set(DEVICE_DEPOSIT);
            create(POOL, RESERVE, PRICE);
            create(OTHER_POOL, RESERVE, PRICE);
            for device in DEVICES {
                assert_eq!(Miners::provide(MINER, POOL, START + STAKE), device);
            }
            assert_eq!(Miners::provide(MINER, OTHER_POOL, START + STAKE), FOREIGN_DEVICE);
            System::reset_events();
        });
        externalities
    }

    /// Runs a test, and checks afterwards what must hold at any time.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            assert_eq!(audit(), Ok(()));
        });
    }
}

/// Checks everything that must hold at any time, within this pallet and between it and the pools.
pub fn audit() -> Result<(), sp_runtime::TryRuntimeError> {
    use frame_support::ensure;
    use loopin_primitives::Rented;

    ensure!(!is_sync_weight_left(), "a call has left its sync weight behind");
    Renting::do_try_state()?;
    Registry::do_try_state()?;
    ensure!(
        ClientTotals::<Test>::iter().all(|(client, totals)| rewards::told(client) == totals),
        "those who reward clients have been told something else"
    );
    for (device, _) in Miners::positions() {
        let told = rewards::told_rented(device).filter(|until| *until > Now::get());
        ensure!(
            told == Renting::rented_until(device),
            "those who reward miners have been told something else"
        );
    }
    let unspent: std::collections::BTreeMap<_, _> = Renting::unspent_gpu_seconds()
        .into_iter()
        .filter(|(_, gpu_seconds)| *gpu_seconds > 0)
        .collect();
    ensure!(
        unspent == all_hours().into_iter().collect(),
        "the hour tokens of clients are not what their rentals have left"
    );
    for pool in [POOL, OTHER_POOL] {
        let state = Pools::synced(pool)?;
        let mut idle_gpu_seconds = 0;
        let mut idle_devices = 0;
        for (device, position) in Miners::positions() {
            if position.pool != pool || position.until <= Now::get() {
                continue;
            }
            let rented_until = Renting::rented_until(device);
            idle_devices += u32::from(rented_until.is_none());
            idle_gpu_seconds += u128::from(position.until - rented_until.unwrap_or(Now::get()));
        }
        ensure!(
            state.idle_gpu_seconds() == idle_gpu_seconds && state.idle_devices == idle_devices,
            "the idle time of a pool is not that of its devices"
        );
        ensure!(
            hours(pool, account_of(pool)) == idle_gpu_seconds,
            "the hour tokens of a pool are not its idle time"
        );
        ensure!(
            Balances::free_balance(account_of(pool)) == state.reserve + owed(pool) + EXISTENTIAL_DEPOSIT,
            "the LOOPIN of a pool is not its reserve and what it owes"
        );
    }
    Pools::take_sync_weight();
    Ok(())
}

/// The devices of these numbers.
pub fn devices(numbers: &[DeviceId]) -> DeviceList {
    DeviceList::try_from(numbers.to_vec()).unwrap()
}

/// A key that is short enough.
pub fn access_key(line: &str) -> AccessKey {
    AccessKey::try_from(line.as_bytes().to_vec()).unwrap()
}

/// What is put on hold for a rental of so many devices with the key of the tests.
pub fn deposit(device_count: u128) -> Balance {
    BASE_DEPOSIT + device_count * DEVICE_DEPOSIT + KEY.len() as u128 * KEY_BYTE_DEPOSIT
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

/// The state of `POOL` now.
pub fn pool_now() -> Pool {
    let state = Pools::synced(POOL).unwrap();
    Pools::take_sync_weight();
    state
}

/// What so many GPU-seconds of `POOL` cost now.
pub fn rent_quote(gpu_seconds: u128) -> Trade {
    pool_now().quote_rent(gpu_seconds, &limits()).unwrap()
}

/// What giving so many GPU-seconds back to `POOL` brings now.
pub fn give_back_quote(gpu_seconds: u128) -> Trade {
    pool_now().quote_give_back(gpu_seconds, &limits()).unwrap()
}

/// What a client gets for so many seconds of a device that fails now, where `unused` was paid for them.
pub fn due(unused: Balance, seconds: u64) -> Balance {
    unused.min(give_back_quote(seconds.into()).amount)
}

/// What is stored about a rental.
pub fn entry(rental: RentalId) -> RentalOf<Test> {
    Rentals::<Test>::get(rental).unwrap()
}

/// Lets so many seconds pass.
pub fn pass(seconds: u64) {
    Now::mutate(|now| *now += seconds);
}

/// The registry records verdicts, one after the other.
pub fn verdicts(device: DeviceId, verdicts: &[Verdict]) {
    for verdict in verdicts {
        Registry::record_verdict(RuntimeOrigin::root(), device, *verdict).unwrap();
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
    Balances::free_balance(who) + held_for_rentals(who) + held_for_reports(who)
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

//! A runtime for the tests: two pools that cannot trade, and a clock that the tests set.

use crate::{self as pallet_devices, *};
use frame_support::{
    derive_impl, parameter_types, storage_alias,
    traits::{ConstU64, ConstU128, VariantCountOf, fungible::InspectHold},
};
use frame_system::EnsureRoot;
use loopin_challenge::classes::CPU_REFERENCE;
use loopin_math::{Joined, Left, Pool, Provided, Trade, U256};
use loopin_primitives::{
    Balance, DeviceEvents, DeviceId, Devices as _, Market, Moment, PoolId, PoolTerms, Standing, TradeQuote,
};
use sp_core::{H256, sr25519};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult, Weight};

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
}

/// What every account of the tests has at the start.
pub const ENDOWMENT: Balance = 10_000;
/// Accounts that exist.
pub const ACCOUNTS: core::ops::RangeInclusive<AccountId> = 1..=4;
/// Pools that exist.
pub const POOLS: core::ops::Range<PoolId> = 0..2;
/// What is put on hold for a device.
pub const BASE_DEPOSIT: Balance = 1_000;
/// What is put on hold for a byte of its endpoint, unless a test changes it.
pub const BYTE_DEPOSIT: Balance = 10;
/// For how many seconds an agent's key must stay once it has been changed.
pub const KEY_INTERVAL: u64 = 1_000;
/// The moment at which every test starts.
pub const START: Moment = 1_800_000_000;
/// What bringing a pool up to date costs whoever is told of a verdict, and what it can cost at most.
pub const SYNC_WEIGHT: Weight = Weight::from_parts(11, 13);
pub const MOST_SYNC_WEIGHT: Weight = Weight::from_parts(110, 130);
/// An endpoint, and the deposit for a device that has it.
pub const ENDPOINT: &str = "http://10.0.0.7:8000";
pub const DEPOSIT: Balance = BASE_DEPOSIT + 20 * BYTE_DEPOSIT;

/// What the registry has told others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Suspended(DeviceId),
    Passed(DeviceId),
    Ejected(DeviceId),
    Removed(DeviceId),
}

parameter_types! {
    pub static Now: Moment = START;
    pub static DepositPerByte: Balance = BYTE_DEPOSIT;
    /// Everything told so far.
    pub static Messages: Vec<Told> = Vec::new();
    /// Whether whoever is told anything fails.
    pub static ListenersFail: bool = false;
    pub const EventsWeight: Weight = Weight::from_parts(7, 7);
}

/// What bringing pools up to date has cost in this call.
#[storage_alias]
type SyncWeight = StorageValue<Mock, Weight, frame_support::pallet_prelude::ValueQuery>;

/// Whether a call has left the weight of its work on pools behind.
pub fn is_sync_weight_left() -> bool {
    SyncWeight::exists()
}

/// Keeps what it is told, brings a pool up to date thereby, and ends the stake of a device that is ejected.
pub struct Listener;

impl Listener {
    fn tell(message: Told) -> DispatchResult {
        frame_support::ensure!(!ListenersFail::get(), "the listener fails");
        Messages::mutate(|messages| messages.push(message));
        SyncWeight::mutate(|weight| *weight += SYNC_WEIGHT);
        Ok(())
    }
}

impl DeviceEvents for Listener {
    fn suspended(device: DeviceId) -> DispatchResult {
        assert_eq!(standing(device), Standing::Suspended);
        Self::tell(Told::Suspended(device))
    }

    fn passed(device: DeviceId) -> DispatchResult {
        assert_eq!(standing(device), Standing::Verified);
        Self::tell(Told::Passed(device))
    }

    fn ejected(device: DeviceId) -> DispatchResult {
        assert_eq!(standing(device), Standing::Ejected);
        if entry(device).staked {
            Registry::set_staked(device, false)?;
        }
        Self::tell(Told::Ejected(device))
    }

    fn removed(device: DeviceId) {
        assert!(!crate::Devices::<Test>::contains_key(device));
        Messages::mutate(|messages| messages.push(Told::Removed(device)));
    }
}

/// Pools that exist and do nothing else.
pub struct Pools;

impl Market<AccountId> for Pools {
    fn now() -> Moment {
        Now::get()
    }
    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError> {
        frame_support::ensure!(POOLS.contains(&pool), "no such pool");
        Ok(PoolTerms {
            provide_seconds: 7 * 86_400,
            sell_unit_seconds: 86_400,
            sell_max_seconds: 7 * 86_400,
            rental_min_seconds: 3_600,
            rental_max_seconds: 7 * 86_400,
            challenge: CPU_REFERENCE.profile,
            benchmark_gops: 1,
            privacy_limit: 25,
        })
    }
    fn most_sync_weight() -> Weight {
        MOST_SYNC_WEIGHT
    }
    fn take_sync_weight() -> Weight {
        SyncWeight::take()
    }
    fn synced(_: PoolId) -> Result<Pool, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn issue_hours(_: PoolId, _: &AccountId, _: u128) -> DispatchResult {
        unreachable!("the registry does not trade")
    }
    fn retire_hours(_: PoolId, _: &AccountId, _: u128) -> DispatchResult {
        unreachable!("the registry does not trade")
    }
    fn join(_: PoolId, _: &AccountId, _: Moment, _: Balance) -> Result<Joined, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn stream_index(_: PoolId, _: Moment) -> Result<U256, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn forget_ending(_: PoolId, _: Moment) -> DispatchResult {
        unreachable!("the registry does not trade")
    }
    fn leave(_: PoolId, _: &Provided, _: Balance, _: u128, _: Option<Moment>) -> Result<Left, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn sell(
        _: PoolId,
        _: &AccountId,
        _: Option<Moment>,
        _: Moment,
        _: Balance,
    ) -> Result<Trade, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn remove_sold(_: PoolId, _: Moment, _: Option<Moment>) -> Result<u128, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn rent(_: PoolId, _: &AccountId, _: u32, _: Moment, _: Balance) -> Result<Trade, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn extend_rental(
        _: PoolId,
        _: &AccountId,
        _: u32,
        _: Moment,
        _: Moment,
        _: Balance,
    ) -> Result<Trade, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn give_back(_: PoolId, _: &AccountId, _: u32, _: Moment, _: Balance) -> Result<Trade, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn quote_rent(_: PoolId, _: u128, _: Moment) -> Result<TradeQuote, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn quote_sell(_: PoolId, _: u128, _: Moment) -> Result<TradeQuote, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn quote_give_back(_: PoolId, _: u128, _: Moment) -> Result<TradeQuote, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn return_unserved(_: PoolId, _: &AccountId, _: Moment) -> DispatchResult {
        unreachable!("the registry does not trade")
    }
    fn refund(_: PoolId, _: Balance) -> Result<Balance, DispatchError> {
        unreachable!("the registry does not trade")
    }
    fn compensate(_: PoolId, _: Balance) -> DispatchResult {
        unreachable!("the registry does not trade")
    }
    fn deposit_owed(_: PoolId, _: &AccountId, _: Balance) -> DispatchResult {
        unreachable!("the registry does not trade")
    }
    fn pay(_: PoolId, _: &AccountId, _: Balance) -> DispatchResult {
        unreachable!("the registry does not trade")
    }
    fn burn_owed(_: PoolId, _: Balance) -> DispatchResult {
        unreachable!("the registry does not trade")
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark(_: &AccountId) -> Result<PoolId, DispatchError> {
        Ok(POOLS.start)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment) {
        Now::set(moment);
    }
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
    type ExistentialDeposit = ConstU128<1>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type VerdictOrigin = EnsureRoot<AccountId>;
    type Events = Listener;
    type EventsWeight = EventsWeight;
    type DepositBase = ConstU128<BASE_DEPOSIT>;
    type DepositPerByte = DepositPerByte;
    type AgentKeyInterval = ConstU64<KEY_INTERVAL>;
    type WeightInfo = ();
}

/// Builds the state in which a test starts.
#[derive(Default)]
pub struct ExternalityBuilder;

impl ExternalityBuilder {
    pub fn build(self) -> sp_io::TestExternalities {
        let storage = RuntimeGenesisConfig {
            balances: BalancesConfig {
                balances: ACCOUNTS.map(|who| (who, ENDOWMENT)).collect(),
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
            DepositPerByte::set(BYTE_DEPOSIT);
            Messages::set(Vec::new());
            ListenersFail::set(false);
        });
        externalities
    }

    /// Runs a test, and checks afterwards what must hold at any time.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            assert_eq!(Registry::do_try_state(), Ok(()));
        });
    }
}

/// An agent's key.
pub fn key(seed: u8) -> sr25519::Public {
    sr25519::Public::from_raw([seed; 32])
}

/// The identifier of a GPU.
pub fn gpu(seed: u8) -> H256 {
    H256::repeat_byte(seed)
}

/// An endpoint that is short enough.
pub fn endpoint(text: &str) -> Endpoint {
    Endpoint::try_from(text.as_bytes().to_vec()).unwrap()
}

/// Registers a GPU of `owner` for pool 0.
pub fn register(owner: AccountId, gpu_seed: u8) -> DeviceId {
    let device = NextDeviceId::<Test>::get();
    let origin = RuntimeOrigin::signed(owner);
    Registry::register_device(origin, 0, key(1), endpoint(ENDPOINT), gpu(gpu_seed)).unwrap();
    device
}

/// Records verdicts, one after the other.
pub fn verdicts(device: DeviceId, verdicts: &[Verdict]) {
    for verdict in verdicts {
        Registry::record_verdict(RuntimeOrigin::root(), device, *verdict).unwrap();
    }
}

/// What the registry knows of a device.
pub fn entry(device: DeviceId) -> DeviceOf<Test> {
    crate::Devices::<Test>::get(device).unwrap()
}

/// How a device stands.
pub fn standing(device: DeviceId) -> Standing {
    entry(device).standing
}

/// What `who` has on hold.
pub fn held(who: AccountId) -> Balance {
    Balances::balance_on_hold(&HoldReason::DeviceRegistration.into(), &who)
}

/// The events of this pallet so far; they are forgotten afterwards.
pub fn take_events() -> Vec<Event<Test>> {
    let events = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    events
}

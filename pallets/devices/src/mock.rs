//! A runtime for the tests: real pools below the registry, and a listener above it.

use crate::{self as pallet_devices, *};
use frame_support::{
    parameter_types,
    traits::fungible::{InspectHold, Mutate},
};
use loopin_primitives::{BurnReason, DeviceHooks, DeviceId, OnBurn, PoolId, Standing, Verdict};
use sp_core::{H256, sr25519};
use sp_runtime::{DispatchResult, Weight};

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
    pub type Pools = pallet_pools::Pallet<Test>;
    #[runtime::pallet_index(6)]
    pub type Registry = pallet_devices::Pallet<Test>;
}

pallet_testing::mock_money!(u128);
pallet_testing::mock_pools!(NobodyTrades);
pallet_testing::mock_devices!(Listener);

/// What every account of the tests has at the start.
pub const ENDOWMENT: u128 = 10_000 * LOOPIN;
/// Accounts that exist. The first one has created the pools.
pub const ACCOUNTS: core::ops::RangeInclusive<AccountId> = 1..=4;
/// Pools that exist.
pub const POOLS: core::ops::Range<PoolId> = 0..2;
/// What the hooks say that they cost at most.
pub const HOOKS_WEIGHT: Weight = Weight::from_parts(7, 7);
/// An endpoint, and the deposit for a device that has it.
pub const ENDPOINT: &str = "http://10.0.0.7:8000";
pub const DEPOSIT: u128 = DEVICE_DEPOSIT + 20 * BYTE_DEPOSIT;

/// Devices are only registered, so no trading fee is burned.
pub struct NobodyTrades;

impl OnBurn for NobodyTrades {
    fn burned(reason: BurnReason, amount: u128) {
        panic!("{amount} planck were burned as {reason:?}");
    }
}

/// What the registry has told others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Suspended(DeviceId),
    Passed(DeviceId),
    Ejected(DeviceId),
    Removed(DeviceId),
}

parameter_types! {
    /// Everything told so far.
    pub static Messages: Vec<Told> = Vec::new();
    /// Whether those who are told anything fail.
    pub static ListenersFail: bool = false;
}

/// Keeps what it is told, syncs the device's pool, and ends the stake of a device that is ejected.
pub struct Listener;

impl Listener {
    fn tell(message: Told, device: DeviceId) -> DispatchResult {
        frame_support::ensure!(!ListenersFail::get(), "the listener fails");
        Messages::mutate(|messages| messages.push(message));
        Pools::synced(entry(device).pool).map(|_| ())
    }
}

impl DeviceHooks for Listener {
    fn passed(device: DeviceId) -> DispatchResult {
        assert_eq!(standing(device), Standing::Verified);
        Self::tell(Told::Passed(device), device)
    }

    fn suspended(device: DeviceId) -> DispatchResult {
        assert_eq!(standing(device), Standing::Suspended);
        Self::tell(Told::Suspended(device), device)
    }

    fn ejected(device: DeviceId) -> DispatchResult {
        assert_eq!(standing(device), Standing::Ejected);
        if entry(device).staked {
            Registry::set_staked(device, false)?;
        }
        Self::tell(Told::Ejected(device), device)
    }

    fn removed(device: DeviceId) {
        assert!(!crate::Devices::<Test>::contains_key(device));
        Messages::mutate(|messages| messages.push(Told::Removed(device)));
    }

    fn weight() -> Weight {
        HOOKS_WEIGHT
    }
}

/// The state in which a test starts.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut externalities = chain_with(ACCOUNTS, ENDOWMENT);
    externalities.execute_with(|| {
        for pool in POOLS {
            assert_eq!(create_pool_of(*ACCOUNTS.start(), 100 * LOOPIN), pool);
        }
        // The creator of the pools has as much as the others.
        Balances::set_balance(ACCOUNTS.start(), ENDOWMENT);
        System::reset_events();
        // What the tests can change lives longer than the state of one test.
        DepositPerByte::set(BYTE_DEPOSIT);
        Messages::set(Vec::new());
        ListenersFail::set(false);
    });
    externalities
}

/// Runs a test, and checks afterwards what must hold at any time.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        assert_eq!(Registry::do_try_state(), Ok(()));
        assert_eq!(Pools::do_try_state(), Ok(()));
    });
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

/// The standing of a device.
pub fn standing(device: DeviceId) -> Standing {
    entry(device).standing
}

/// What `who` has on hold.
pub fn held(who: AccountId) -> u128 {
    Balances::balance_on_hold(&HoldReason::DeviceRegistration.into(), &who)
}

/// The events of this pallet so far; they are forgotten afterwards.
pub fn take_events() -> Vec<Event<Test>> {
    let events = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    events
}

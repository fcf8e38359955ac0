//! A runtime for the tests: the real pallets below this one, and above it rentals and rewards that keep what they are
//! told.

mod calls;
mod rentals;
mod rewards;

use crate::{self as pallet_stakes, *};
use frame_support::traits::{
    fungible::{Inspect, InspectHold, Mutate},
    fungibles,
};
use loopin_primitives::{Balance, DeviceId, PoolId, PositionId, Verdict};

pub use calls::*;
pub use loopin_math::time::DAY;
pub use rentals::{change as change_rental, rent, try_rent};
pub use rewards::{CHANGE_WEIGHT, PAY_WEIGHT, Told, free_when_paid, logged, set_due, take_told};

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
    pub type Nfts = pallet_nfts::Pallet<Test>;
    #[runtime::pallet_index(7)]
    pub type Devices = pallet_devices::Pallet<Test>;
    #[runtime::pallet_index(8)]
    pub type Stakes = pallet_stakes::Pallet<Test>;
}

pallet_testing::mock_money!(u128);
pallet_testing::mock_pools!(rewards::Rewards);
pallet_testing::mock_devices!(Stakes);
pallet_testing::mock_stakes!(rentals::Rentals, rewards::Rewards);

/// What every account of the tests has at the start.
pub const ENDOWMENT: Balance = 100_000 * LOOPIN;
/// Accounts that exist.
pub const ACCOUNTS: core::ops::RangeInclusive<AccountId> = 1..=6;
/// Devices that are registered, and have passed a verification.
pub const DEVICES: core::ops::RangeInclusive<DeviceId> = 1..=6;
/// A miner, owner of the devices 1 to 3 and 6.
pub const MINER: AccountId = 1;
/// Another miner, owner of the devices 4 and 5.
pub const OTHER: AccountId = 2;
/// A client. It has staked nothing.
pub const CLIENT: AccountId = 5;
/// Somebody who has nothing to do with anything.
pub const STRANGER: AccountId = 6;
/// Who has created the pools.
const CREATOR: AccountId = 7;
/// The pool that most devices belong to: 10,000 LOOPIN at 1 LOOPIN for a GPU-hour.
pub const POOL: PoolId = 1;
/// The pool that device 6 belongs to: 2,000 LOOPIN at the same price.
pub const OTHER_POOL: PoolId = 2;
/// For how long a device is staked with intent Provide.
pub const PROVIDE_SECONDS: u64 = 7 * DAY;
/// Seconds from the tests' start to the next whole minute.
pub const REST_OF_MINUTE: u64 = 60 - START % 60;

frame_support::parameter_types! {
    static IssuedAtStart: Balance = 0;
}

/// The state in which a test starts.
pub fn new_externalities() -> sp_io::TestExternalities {
    let mut externalities = chain_with(ACCOUNTS.chain([CREATOR]), ENDOWMENT);
    externalities.execute_with(|| {
        pallet_pools::NextPoolId::<Test>::put(POOL);
        create_pool(b"RTX4090", 10_000 * LOOPIN);
        create_pool(b"H100", 2_000 * LOOPIN);
        pallet_devices::NextDeviceId::<Test>::put(1);
        for (owner, pool) in [
            (MINER, POOL),
            (MINER, POOL),
            (MINER, POOL),
            (OTHER, POOL),
            (OTHER, POOL),
            (MINER, OTHER_POOL),
        ] {
            verified_device(owner, pool);
        }
        for who in ACCOUNTS {
            set_free(who, ENDOWMENT);
        }
        System::reset_events();
        // What the tests can change lives longer than the state of one test.
        CertificateBurn::set(sp_runtime::Permill::from_percent(1));
        CertificateValidity::set(DAY);
        MaintenanceFee::set(sp_runtime::Permill::from_percent(5));
        Collateral::set(sp_runtime::FixedU128::from_rational(11, 10));
        ExitFee::set(sp_runtime::Permill::from_percent(1));
        EjectionSlash::set(sp_runtime::Permill::from_percent(20));
        IssuedAtStart::set(Balances::total_issuance());
        set_due(0);
        take_told();
    });
    externalities
}

/// Creates the next pool, at 1 LOOPIN for a GPU-hour.
fn create_pool(symbol: &[u8], anchor: Balance) {
    Pools::create_pool(
        RuntimeOrigin::signed(CREATOR),
        b"a GPU".to_vec().try_into().unwrap(),
        symbol.to_vec().try_into().unwrap(),
        anchor,
        LOOPIN,
        terms(),
    )
    .unwrap();
}

/// Runs a test, and checks afterwards what must hold at any time.
pub fn execute(test: impl FnOnce()) {
    new_externalities().execute_with(|| {
        test();
        check_everything();
    });
}

/// What must hold at any time, of this pallet and of those below.
pub fn check_everything() {
    assert_eq!(Stakes::do_try_state(), Ok(()));
    assert_eq!(Devices::do_try_state(), Ok(()));
    assert_eq!(Pools::do_try_state(), Ok(()));
}

/// The device fails a verification.
pub fn fail(device: DeviceId) {
    Devices::apply_verdict(device, Verdict::Failed).unwrap();
}

/// The device passes a verification.
pub fn pass(device: DeviceId) {
    Devices::apply_verdict(device, PASSED).unwrap();
}

/// The device, which has passed its last verification, fails twice in a row.
pub fn eject(device: DeviceId) {
    fail(device);
    fail(device);
}

/// The pool as it is now.
pub fn pool(pool: PoolId) -> loopin_math::Pool {
    Pools::synced(pool).unwrap()
}

/// Who has registered the device, or whoever.
pub fn owner_of_device(device: DeviceId) -> AccountId {
    Devices::device(device).map_or(STRANGER, |info| info.owner)
}

/// The position, which exists.
pub fn position(id: PositionId) -> PositionOf<Test> {
    Positions::<Test>::get(id).unwrap()
}

/// The liquidity of a position that provides.
pub fn liquidity(id: PositionId) -> Liquidity {
    match position(id).state {
        PositionState::Providing(liquidity) => liquidity,
        state => panic!("{state:?}"),
    }
}

/// The sale of a position that sells.
pub fn sale(id: PositionId) -> Sale {
    match position(id).state {
        PositionState::Selling(sale) => sale,
        state => panic!("{state:?}"),
    }
}

/// What removing the liquidity of the position would return now.
pub fn quote_removal(id: PositionId) -> Balance {
    let liquidity = liquidity(id);
    pool(position(id).pool)
        .quote_remove_liquidity(
            &liquidity.until(position(id).end),
            &liquidity.contribution(),
            liquidity.gpu_seconds,
            Stakes::position_value(id).unwrap().rented_until,
        )
        .unwrap()
}

/// Whether the registry knows the device as staked.
pub fn is_staked(device: DeviceId) -> bool {
    pallet_devices::Devices::<Test>::get(device).unwrap().staked
}

/// What `who` has on hold for that reason.
pub fn held(who: AccountId, reason: HoldReason) -> Balance {
    Balances::balance_on_hold(&reason.into(), &who)
}

/// What `who` can spend.
pub fn free(who: AccountId) -> Balance {
    Balances::balance(&who)
}

/// All that `who` has but for the deposits of its devices, which are of no concern here.
pub fn wealth(who: AccountId) -> Balance {
    let reason = pallet_devices::HoldReason::DeviceRegistration.into();
    Balances::total_balance(&who) - Balances::balance_on_hold(&reason, &who)
}

/// The hour tokens of `who`.
pub fn hours(pool: PoolId, who: AccountId) -> u128 {
    <Assets as fungibles::Inspect<_>>::balance(pool, &who)
}

/// Gives `who` exactly so much to spend.
pub fn set_free(who: AccountId, amount: Balance) {
    Balances::set_balance(&who, amount);
}

/// What has been burned so far of what there was when the test began.
pub fn burned() -> Balance {
    IssuedAtStart::get() - Balances::total_issuance()
}

/// What all pools owe to anybody.
pub fn owed() -> Balance {
    pallet_pools::Pools::<Test>::iter_values()
        .map(|state| state.owed)
        .sum()
}

/// How many hours there are in which positions ended that have not been paid out.
pub fn unpaid_endings() -> usize {
    pallet_pools::Endings::<Test>::iter().count()
}

/// The events of this pallet so far; they are forgotten afterwards.
pub fn take_events() -> Vec<Event<Test>> {
    let events = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    events
}

/// Where the money of the only ejection so far went.
pub fn ejection_account() -> EjectionAccountOf<Test> {
    let mut accounts = take_events().into_iter().filter_map(|event| match event {
        Event::Ejected { account, .. } => Some(account),
        _ => None,
    });
    let account = accounts.next().unwrap();
    assert_eq!(accounts.next(), None);
    account
}

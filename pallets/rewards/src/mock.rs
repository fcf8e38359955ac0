//! A runtime for the tests: real LOOPIN and vesting, and pools with real arithmetic whose providers the tests let come
//! and go.

mod pools;

use crate::{self as pallet_rewards, *};
use frame_support::{
    derive_impl, parameter_types, storage_alias,
    traits::{
        ConstU64, ConstU128, Hooks, VariantCountOf, WithdrawReasons,
        fungible::{Inspect, Mutate},
        tokens::Preservation,
    },
};
use frame_system::EnsureRoot;
use loopin_primitives::{
    Balance, DeviceAges, DeviceId, EpochId, Finding, Moment, OnFinding, PoolId, PositionId, ProviderRewards,
    RentalRewards,
};
use sp_runtime::{BuildStorage, traits::ConvertInto};

pub use loopin_math::time::{DAY, HOUR};
pub use pools::{PAGE_WEIGHT, World, donate, position, provider_seconds, set_now, sync as touch};

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
    pub type Vesting = pallet_vesting::Pallet<Test>;
    #[runtime::pallet_index(3)]
    pub type Rewards = pallet_rewards::Pallet<Test>;
}

/// One LOOPIN in planck.
pub const LOOPIN: Balance = 1_000_000_000_000;
/// The existential deposit.
pub const EXISTENTIAL_DEPOSIT: Balance = LOOPIN / 1_000;
/// What every account of the tests has at the start.
pub const ENDOWMENT: Balance = 1_000_000 * LOOPIN;
/// Accounts that exist.
pub const ACCOUNTS: core::ops::RangeInclusive<AccountId> = 1..=5;
/// A miner, owner of the devices 1, 2 and 5.
pub const MINER: AccountId = 1;
/// Another miner, owner of the devices 3, 4 and 6.
pub const OTHER: AccountId = 2;
/// A client.
pub const CLIENT: AccountId = 3;
/// A verifier.
pub const VERIFIER: AccountId = 4;
/// Somebody who has nothing to do with anything.
pub const STRANGER: AccountId = 5;
/// The treasury, which exists.
pub const TREASURY: AccountId = 90;
/// The team, which has no account at the start.
pub const TEAM: AccountId = 91;
/// The pool of the devices 1 to 4, listed with weight 3.
pub const POOL: PoolId = 1;
/// The pool of the devices 5 and 6, listed with weight 1.
pub const OTHER_POOL: PoolId = 2;
/// A pool that is not listed. Nobody provides to it.
pub const UNLISTED_POOL: PoolId = 3;
/// When the first epoch begins.
pub const START: Moment = 1_800_000_000;
/// Blocks for which the team's share is locked.
pub const LOCK_BLOCKS: u64 = 1_000_000;
/// Epochs whose team's shares are locked together.
pub const TEAM_BATCH: u32 = 3;
/// What the first epochs emit.
pub const EMISSION: Balance = 100_000 * LOOPIN;
/// What an idle device with the pool's benchmark and privacy shows.
pub const GOOD: Finding = Finding::Passed {
    work_gops: 1_000,
    privacy: 25,
};

parameter_types! {
    pub const Treasury: AccountId = TREASURY;
    pub const TeamBatchEpochs: u32 = TEAM_BATCH;
    pub static SupplyCap: Balance = 73_000_000 * LOOPIN;
    pub UnvestedFundsAllowedWithdrawReasons: WithdrawReasons =
        WithdrawReasons::except(WithdrawReasons::TRANSFER | WithdrawReasons::RESERVE);
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

impl pallet_vesting::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    type BlockNumberToBalance = ConvertInto;
    type MinVestedTransfer = ConstU128<LOOPIN>;
    type WeightInfo = ();
    type UnvestedFundsAllowedWithdrawReasons = UnvestedFundsAllowedWithdrawReasons;
    type BlockNumberProvider = System;
    const MAX_VESTING_SCHEDULES: u32 = 28;
}

impl Config for Test {
    type Currency = Balances;
    type Pools = World;
    type DeviceAges = World;
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type EmergencyOrigin = EnsureRoot<AccountId>;
    type Treasury = Treasury;
    type TeamLock = VestingLock<Test, Vesting, ConstU64<LOCK_BLOCKS>>;
    type TeamBatchEpochs = TeamBatchEpochs;
    type SupplyCap = SupplyCap;
    type WeightInfo = ();
}

/// Since when devices are verified. All are, from long before the tests begin, unless a test says otherwise.
#[storage_alias]
type VerifiedSince = StorageMap<
    World,
    frame_support::Twox64Concat,
    DeviceId,
    Moment,
    frame_support::pallet_prelude::OptionQuery,
>;

impl DeviceAges for World {
    fn verified_since(device: DeviceId) -> Option<Moment> {
        Some(VerifiedSince::get(device).unwrap_or(START - 100 * DAY))
    }
}

/// The device is verified since that moment.
pub fn set_verified_since(device: DeviceId, moment: Moment) {
    VerifiedSince::insert(device, moment);
}

/// The state in which a test starts: in the first epoch, at its beginning.
pub fn new_externalities() -> sp_io::TestExternalities {
    let storage = RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: ACCOUNTS.chain([TREASURY]).map(|who| (who, ENDOWMENT)).collect(),
            ..Default::default()
        },
        rewards: RewardsConfig {
            epoch_seconds: None,
            listings: vec![(POOL, 3), (OTHER_POOL, 1)],
            team: Some(TEAM),
        },
        ..Default::default()
    }
    .build_storage()
    .unwrap();
    let mut externalities = sp_io::TestExternalities::new(storage);
    externalities.execute_with(|| {
        System::set_block_number(1);
        SupplyCap::set(73_000_000 * LOOPIN);
        for (pool, price_per_gpu_hour) in [(POOL, LOOPIN), (OTHER_POOL, 2 * LOOPIN), (UNLISTED_POOL, LOOPIN)]
        {
            pools::create(pool, 10_000 * LOOPIN, price_per_gpu_hour);
        }
        set_now(START);
        next_block();
    });
    externalities
}

/// Runs a test, and checks afterwards what must hold at any time.
pub fn execute(test: impl FnOnce()) {
    new_externalities().execute_with(|| {
        test();
        check_everything();
    });
}

/// What must hold at any time.
pub fn check_everything() {
    assert_eq!(Rewards::do_try_state(), Ok(()));
}

/// The pool of a device.
pub fn pool_of(device: DeviceId) -> PoolId {
    if device <= 4 { POOL } else { OTHER_POOL }
}

/// The owner of a device.
pub fn owner_of(device: DeviceId) -> AccountId {
    match device {
        1 | 2 | 5 => MINER,
        _ => OTHER,
    }
}

/// The next block begins. It does not know yet how late it is.
pub fn next_block() -> frame_support::weights::Weight {
    System::set_block_number(System::block_number() + 1);
    Rewards::on_initialize(System::block_number())
}

/// So much time passes within a block, and the next begins.
pub fn wait(seconds: u64) {
    set_now(now() + seconds);
    next_block();
}

/// The running epoch ends, and the next begins.
pub fn end_epoch() {
    let end = CurrentEpoch::<Test>::get().unwrap().end;
    wait(end - now());
}

/// The present moment.
pub fn now() -> Moment {
    pools::now()
}

/// The number of the running epoch.
pub fn index() -> EpochId {
    CurrentEpoch::<Test>::get().unwrap().index
}

/// The time of a device is put into its pool. Returns the position.
pub fn provide(device: DeviceId, seconds: u64) -> PositionId {
    let (position, until, paid) = pools::join(pool_of(device), device, seconds);
    let owner = owner_of(device);
    let account = pools::account(pool_of(device));
    Balances::transfer(&owner, &account, paid, Preservation::Preserve).unwrap();
    Rewards::provision_began(position, &owner, device, pool_of(device), until, paid);
    position
}

/// A position ends before its time.
pub fn withdraw(device: DeviceId) {
    let position = pools::leave(device);
    Rewards::provision_ended(position, device);
    Rewards::pay(&owner_of(device), device);
}

/// A position is closed after its end.
pub fn close(device: DeviceId) {
    let position = pools::close(device);
    Rewards::provision_ended(position, device);
    Rewards::pay(&owner_of(device), device);
}

/// Verification comes to a verdict.
pub fn full(device: DeviceId, finding: Finding) {
    Rewards::on_finding(device, finding, true);
}

/// Verification comes to a verdict on a device that is rented for now.
pub fn light(device: DeviceId, finding: Finding) {
    Rewards::rented(device, now() + 1);
    Rewards::on_finding(device, finding, false);
}

/// What has accrued to somebody for providing devices.
pub fn mined(who: AccountId) -> Balance {
    Accounts::<Test>::get(who).accrued.mining
}

/// What has accrued to somebody.
pub fn accrued(who: AccountId) -> Earned {
    Accounts::<Test>::get(who).accrued
}

/// What somebody has.
pub fn wealth(who: AccountId) -> Balance {
    Balances::total_balance(&who)
}

/// What a pool got in a closed epoch.
pub fn pool_epoch(epoch: EpochId, pool: PoolId) -> PoolEpoch {
    PoolEpochs::<Test>::get(epoch, pool).unwrap()
}

/// A device of a test.
pub fn miner(device: DeviceId) -> MinerOf<Test> {
    Miners::<Test>::get(device).unwrap()
}

/// Somebody asks for the settlement of a device.
pub fn settle(device: DeviceId) {
    Rewards::settle(RuntimeOrigin::signed(STRANGER), device).unwrap();
}

/// Somebody asks for somebody's payment.
pub fn claim(who: AccountId) {
    Rewards::claim(RuntimeOrigin::signed(STRANGER), who).unwrap();
}

/// Governance changes parameters.
pub fn change_parameters(change: impl FnOnce(&mut Parameters)) {
    let mut parameters = RewardParameters::<Test>::get();
    change(&mut parameters);
    Rewards::set_parameters(RuntimeOrigin::root(), parameters).unwrap();
}

/// All minting stops, or goes on.
pub fn set_stopped(stopped: bool) {
    Rewards::set_stopped(RuntimeOrigin::root(), stopped).unwrap();
}

/// The events of this pallet so far; they are forgotten afterwards.
pub fn take_events() -> Vec<Event<Test>> {
    let events = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    events
}

/// What was settled of devices so far: device, epoch, standard reward, paid and burned.
pub fn take_settled() -> Vec<(DeviceId, EpochId, Balance, Balance, Balance)> {
    take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::ProvisionRewarded {
                device,
                epoch,
                standard,
                paid,
                burned,
                ..
            } => Some((device, epoch, standard, paid, burned)),
            _ => None,
        })
        .collect()
}

/// Somebody gives money away.
pub fn give_away(who: AccountId, amount: Balance) {
    Balances::transfer(&who, &STRANGER, amount, Preservation::Expendable).unwrap();
}

/// LOOPIN of somebody is burned.
pub fn burn(who: AccountId, amount: Balance) {
    use frame_support::traits::tokens::{Fortitude, Precision};
    Balances::burn_from(
        &who,
        amount,
        Preservation::Preserve,
        Precision::Exact,
        Fortitude::Polite,
    )
    .unwrap();
}

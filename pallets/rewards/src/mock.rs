//! A runtime for the tests: real LOOPIN, vesting, pools and devices. What the pallets of stakes, rentals and
//! verification would tell rewards, the tests tell them themselves.

use crate::{self as pallet_rewards, *};
use frame_support::{
    parameter_types,
    storage::{TransactionOutcome, with_transaction},
    traits::{
        BuildGenesisConfig, ConstU64, ConstU128, Hooks, WithdrawReasons,
        fungible::{Inspect, InspectHold, Mutate},
        tokens::Preservation,
    },
    weights::Weight,
};
use frame_system::EnsureRoot;
use loopin_math::{AddedLiquidity, LiquidityPosition, Pool, time::scheduled_end};
use loopin_primitives::{
    Balance, ChallengeKind, DeviceHooks, DeviceId, EpochId, LiquidityHooks, Moment, PoolId, PoolTerms,
    PositionId, RentalHooks, Verdict, VerdictHooks,
};
use sp_runtime::{FixedU128, traits::ConvertInto};
use std::collections::BTreeMap;

pub use loopin_math::time::{DAY, HOUR};

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
    pub type Vesting = pallet_vesting::Pallet<Test>;
    #[runtime::pallet_index(6)]
    pub type Pools = pallet_pools::Pallet<Test>;
    #[runtime::pallet_index(7)]
    pub type Devices = pallet_devices::Pallet<Test>;
    #[runtime::pallet_index(8)]
    pub type Rewards = pallet_rewards::Pallet<Test>;
}

pallet_testing::mock_money!(u128);
pallet_testing::mock_pools!(Rewards);
pallet_testing::mock_devices!((NobodyStakes, Rewards));

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
/// Who has created the pools.
pub const CREATOR: AccountId = 92;
/// The pool of the devices 1 to 4, where a GPU-hour costs a LOOPIN, and is worth six.
pub const POOL: PoolId = 0;
/// The pool of the devices 5 and 6, where a GPU-hour costs two LOOPIN, and is worth two.
pub const OTHER_POOL: PoolId = 1;
/// A pool that is not listed, and has no devices.
pub const UNLISTED_POOL: PoolId = 2;
/// When the first epoch begins: a hundred days after the devices have been verified, and a whole hour.
pub const BEGIN: Moment = 1_800_000_000 + 100 * DAY;
/// Seconds for which the team's share is locked.
pub const LOCK_SECONDS: u64 = 1_000 * DAY;
/// Epochs whose team's shares are locked together.
pub const TEAM_BATCH: u32 = 3;
/// What the first epochs emit.
pub const EMISSION: Balance = 100 * LOOPIN;
/// The reference price of [`POOL`].
pub const REFERENCE: Balance = 6 * LOOPIN;
/// What an idle device with the pool's benchmark and privacy shows.
pub const GOOD: Verdict = Verdict::Passed {
    work_gops: 1_000,
    privacy: 25,
};

parameter_types! {
    pub const Treasury: AccountId = TREASURY;
    /// Nobody is bonded here; the deposits for devices stand for bonds.
    pub BondReasons: Vec<RuntimeHoldReason> = vec![pallet_devices::HoldReason::DeviceRegistration.into()];
    pub const TeamBatchEpochs: u32 = TEAM_BATCH;
    pub static SupplyCap: Balance = 73_000_000 * LOOPIN;
    pub UnvestedFundsAllowedWithdrawReasons: WithdrawReasons =
        WithdrawReasons::except(WithdrawReasons::TRANSFER | WithdrawReasons::RESERVE);
    /// The liquidity of devices, by device.
    static Positions: BTreeMap<DeviceId, Position> = BTreeMap::new();
    static NextPosition: PositionId = 0;
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
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type EmergencyOrigin = EnsureRoot<AccountId>;
    type Treasury = Treasury;
    type BondReasons = BondReasons;
    type TeamLockSeconds = ConstU64<LOCK_SECONDS>;
    type TeamBatchEpochs = TeamBatchEpochs;
    type SupplyCap = SupplyCap;
    type WeightInfo = ();
}

/// No device is staked, so nobody need be told of devices.
pub struct NobodyStakes;

impl DeviceHooks for NobodyStakes {
    fn weight() -> Weight {
        Weight::zero()
    }
}

/// What stakes would know of the liquidity of a device.
#[derive(Clone, Copy)]
pub struct Position {
    pub id: PositionId,
    pub until: Moment,
    added: AddedLiquidity,
}

fn create_pool(price_per_gpu_hour: Balance) -> PoolId {
    let pool = pallet_pools::NextPoolId::<Test>::get();
    let terms = PoolTerms {
        benchmark_gops: 1_000,
        ..terms()
    };
    Pools::create_pool(
        RuntimeOrigin::signed(CREATOR),
        b"NVIDIA GeForce RTX 4090".to_vec().try_into().unwrap(),
        symbol_of(pool),
        10_000 * LOOPIN,
        price_per_gpu_hour,
        terms,
    )
    .unwrap();
    pool
}

/// Pools and devices, at [`BEGIN`]. No epoch has begun.
pub fn new_chain() -> sp_io::TestExternalities {
    let mut externalities = chain_with(ACCOUNTS.chain([TREASURY, CREATOR]), ENDOWMENT);
    externalities.execute_with(|| {
        // What the tests can change lives longer than the state of one test.
        SupplyCap::set(73_000_000 * LOOPIN);
        Positions::set(BTreeMap::new());
        for (pool, price_per_gpu_hour) in [(POOL, LOOPIN), (OTHER_POOL, 2 * LOOPIN), (UNLISTED_POOL, LOOPIN)]
        {
            assert_eq!(create_pool(price_per_gpu_hour), pool);
        }
        pallet_devices::NextDeviceId::<Test>::put(1);
        for owner in [MINER, MINER, OTHER, OTHER] {
            verified_device(owner, POOL);
        }
        for owner in [MINER, OTHER] {
            verified_device(owner, OTHER_POOL);
        }
        GenesisConfig::<Test> {
            epoch_seconds: None,
            release_seconds: None,
            listings: vec![(POOL, REFERENCE), (OTHER_POOL, 2 * LOOPIN)],
            team: Some(TEAM),
        }
        .build();
        // So little that no cap bounds what the only device of a pool earns.
        RewardParameters::<Test>::mutate(|parameters| parameters.initial_emission = EMISSION);
        wait_until(BEGIN);
    });
    externalities
}

/// The state in which a test starts: in the first epoch, at its beginning.
pub fn new_externalities() -> sp_io::TestExternalities {
    let mut externalities = new_chain();
    externalities.execute_with(next_block);
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
    assert_eq!(Devices::do_try_state(), Ok(()));
    assert_eq!(Pools::do_try_state(), Ok(()));
}

/// The next block begins. It does not know yet how late it is.
pub fn next_block() -> Weight {
    System::set_block_number(System::block_number() + 1);
    Rewards::on_initialize(System::block_number())
}

/// That much time passes within a block, and the next begins.
pub fn pass(seconds: u64) {
    wait(seconds);
    next_block();
}

/// The running epoch ends, and the next begins.
pub fn end_epoch() {
    let end = CurrentEpoch::<Test>::get().unwrap().end;
    pass(end - now());
}

/// The number of the running epoch.
pub fn index() -> EpochId {
    CurrentEpoch::<Test>::get().unwrap().index
}

/// What it costs to pass that many pages of a pool's agenda.
pub fn weight_of_pages(pages: u32) -> Weight {
    let sync = <() as pallet_pools::WeightInfo>::sync;
    sync(pages) - sync(0)
}

/// Somebody syncs the pool.
pub fn touch(pool: PoolId) {
    Pools::sync(RuntimeOrigin::signed(STRANGER), pool).unwrap();
}

/// The integral of the number of positions in the pool until now. To ask for it changes nothing.
pub fn provider_seconds(pool: PoolId) -> u128 {
    with_transaction(|| TransactionOutcome::Rollback(Pools::synced(pool)))
        .unwrap()
        .provider_seconds
}

/// LOOPIN comes into the reserve, so the price rises.
pub fn donate(pool: PoolId, amount: Balance) {
    Pools::deposit_owed(pool, &CREATOR, amount).unwrap();
    Pools::compensate(pool, amount).unwrap();
}

/// Whose a device is, and its pool.
pub fn owner_and_pool(device: DeviceId) -> (AccountId, PoolId) {
    let info = Devices::device(device).unwrap();
    (info.owner, info.pool)
}

/// The device is ejected and verified anew, so that it has no age.
pub fn verify_anew(device: DeviceId) {
    for verdict in [Verdict::Failed, Verdict::Failed, GOOD] {
        Devices::apply_verdict(device, verdict).unwrap();
    }
}

/// The liquidity of a device, if it is in its pool.
pub fn position(device: DeviceId) -> Option<Position> {
    Positions::get().get(&device).copied()
}

/// The time of a device is put into its pool. Returns the position.
pub fn add_liquidity(device: DeviceId, seconds: u64) -> PositionId {
    assert!(position(device).is_none(), "the device is in its pool");
    let (owner, pool) = owner_and_pool(device);
    let until = scheduled_end(now(), seconds).unwrap();
    let cost = with_transaction(|| TransactionOutcome::Rollback(Pools::synced(pool)))
        .unwrap()
        .quote_add_liquidity((until - now()).into())
        .unwrap();
    Rewards::fund_liquidity(&owner, cost);
    let added = Pools::add_liquidity(pool, &owner, until, Balance::MAX).unwrap();
    let id = NextPosition::mutate(|next| {
        *next += 1;
        *next
    });
    Positions::mutate(|positions| positions.insert(device, Position { id, until, added }));
    Rewards::liquidity_added(id, &owner, device, pool, until, added.paid);
    id
}

/// A position ends before its time.
pub fn withdraw(device: DeviceId) {
    let (_, pool) = owner_and_pool(device);
    let Position { until, added, .. } = position(device).unwrap();
    let streamed = streamed(device);
    let share_rate = added.share_rate;
    let liquidity = LiquidityPosition { share_rate, until };
    let removed =
        Pools::remove_liquidity(pool, &liquidity, &added.contribution, added.gpu_seconds, None).unwrap();
    end_liquidity(device, streamed + removed.returned);
}

/// A position is closed after its end.
pub fn close(device: DeviceId) {
    let (_, pool) = owner_and_pool(device);
    let until = position(device).unwrap().until;
    assert!(until <= now(), "the position is not over");
    let streamed = streamed(device);
    Pools::forget_ending(pool, until).unwrap();
    end_liquidity(device, streamed);
}

/// What has streamed to a device since it came to its pool.
fn streamed(device: DeviceId) -> Balance {
    let (_, pool) = owner_and_pool(device);
    let Position { until, added, .. } = position(device).unwrap();
    let stream_index = Pools::stream_index(pool, until).unwrap();
    Pool::streamed_to(added.share_rate, added.stream_index, stream_index).unwrap()
}

/// The device is no longer in its pool, and its owner gets that much of what the pool owes.
fn end_liquidity(device: DeviceId, amount: Balance) {
    let (owner, pool) = owner_and_pool(device);
    let position = Positions::mutate(|positions| positions.remove(&device)).unwrap();
    Rewards::liquidity_ended(position.id, device);
    Pools::pay(pool, &owner, amount).unwrap();
    Rewards::liquidity_returned(&owner, amount);
    Rewards::pay_rewards(&owner, device);
}

/// A committee of five comes to a verdict without dissent.
pub fn full(device: DeviceId, verdict: Verdict) {
    judge(device, verdict, ChallengeKind::Full);
}

/// A committee of five comes to a verdict on a device that is rented.
pub fn light(device: DeviceId, verdict: Verdict) {
    judge(device, verdict, ChallengeKind::Light);
}

fn judge(device: DeviceId, verdict: Verdict, kind: ChallengeKind) {
    let (passes, fails) = match verdict {
        Verdict::Passed { .. } => (5, 0),
        Verdict::Failed => (0, 5),
        Verdict::Inconclusive => (2, 2),
    };
    Rewards::verdict_reached(device, verdict, kind, passes, fails);
}

/// A device is rented until then, at a price for an hour.
pub fn rent(device: DeviceId, seconds: u64, price_per_gpu_hour: Balance) {
    let paid = price_per_gpu_hour * Balance::from(seconds) / Balance::from(HOUR);
    Rewards::rented(device, now() + seconds, paid);
}

/// What has accrued to somebody for providing liquidity.
pub fn mined(who: AccountId) -> Balance {
    Accounts::<Test>::get(who).accrued.mining
}

/// What has accrued to somebody.
pub fn accrued(who: AccountId) -> Earned {
    Accounts::<Test>::get(who).accrued
}

/// What somebody has on hold for its loyalty.
pub fn on_loyalty_hold(who: AccountId) -> Balance {
    Balances::balance_on_hold(&HoldReason::Loyalty.into(), &who)
}

/// What somebody can spend.
pub fn free(who: AccountId) -> Balance {
    Balances::free_balance(who)
}

/// Somebody has its earnings paid freely.
pub fn pay_freely(who: AccountId) {
    Rewards::set_payout(RuntimeOrigin::signed(who), Payout::Free).unwrap();
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

/// No cap bounds any reward, as if there were none.
pub fn without_caps() {
    // Governance could not.
    RewardParameters::<Test>::mutate(|parameters| {
        let boundless = FixedU128::from_u32(1_000_000);
        (parameters.caps.idle, parameters.caps.rented) = (boundless, boundless);
    });
}

/// What was settled of devices so far: device, epoch, standard reward, paid and burned.
pub fn take_settled() -> Vec<(DeviceId, EpochId, Balance, Balance, Balance)> {
    take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::DeviceRewarded {
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

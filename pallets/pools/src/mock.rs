//! A runtime for the tests: two accounts with LOOPIN, and one pool.

use crate::{self as pallet_pools, *};
use frame_support::{
    BoundedVec, PalletId, derive_impl, parameter_types,
    traits::{AsEnsureOriginWithArg, ConstU32, ConstU64, ConstU128, VariantCountOf},
};
use frame_system::{EnsureNever, EnsureRoot};
use loopin_challenge::{Limits, Profile};
use loopin_math::time::{DAY, HOUR, MINUTE};
use loopin_primitives::{Balance, PoolTerms};
use sp_runtime::{BuildStorage, Permill};

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
    pub type Timestamp = pallet_timestamp::Pallet<Test>;
    #[runtime::pallet_index(2)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(3)]
    pub type Assets = pallet_assets::Pallet<Test>;
    #[runtime::pallet_index(4)]
    pub type AssetsFreezer = pallet_assets_freezer::Pallet<Test>;
    #[runtime::pallet_index(5)]
    pub type DissipativePools = pallet_pools::Pallet<Test>;
}

/// The smallest unit is a planck.
pub const LOOPIN: Balance = 1_000_000_000_000;
/// What the accounts of the tests have.
pub const ENDOWMENT: Balance = 100_000 * LOOPIN;
/// Creator of the pool of the tests.
pub const ALICE: AccountId = 1;
/// Somebody with LOOPIN.
pub const BOB: AccountId = 2;
/// Somebody else with LOOPIN.
pub const CAROL: AccountId = 3;
/// The moment at which every test starts: some way into an hour, and no whole minute.
pub const START: u64 = 1_800_000_000 + 17 * MINUTE + 23;
/// What a new pool's token costs its creator as a deposit.
pub const METADATA_DEPOSIT: Balance = LOOPIN / 10;
pub const EXISTENTIAL_DEPOSIT: Balance = LOOPIN / 1_000;

parameter_types! {
    pub static SwapFee: Permill = Permill::from_parts(3_000);
    pub static LargestTrade: Permill = Permill::from_rational(1u32, 3);
    pub static MinimumAnchor: Balance = 100 * LOOPIN;
    pub const PoolsPalletId: PalletId = PalletId(*b"loopin/p");
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

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

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
    type Balance = Balance;
    type AssetId = u32;
    type AssetIdParameter = u32;
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
    type MetadataDepositBase = ConstU128<METADATA_DEPOSIT>;
    type MetadataDepositPerByte = ConstU128<0>;
    type AssetDeposit = ConstU128<0>;
    type AssetAccountDeposit = ConstU128<0>;
    type ApprovalDeposit = ConstU128<0>;
    type StringLimit = ConstU32<80>;
    type Freezer = AssetsFreezer;
}

impl pallet_assets_freezer::Config for Test {
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type RuntimeEvent = RuntimeEvent;
}

/// What has been told of fees that were burned.
#[frame_support::storage_alias]
type FeesBurned = StorageValue<Burns, Balance, frame_support::pallet_prelude::ValueQuery>;

/// Adds up what it is told.
pub struct Burns;

impl loopin_primitives::BurnLog for Burns {
    fn burned(reason: loopin_primitives::BurnReason, amount: Balance) {
        assert_eq!(reason, loopin_primitives::BurnReason::SwapFee);
        FeesBurned::mutate(|burned| *burned += amount);
    }
}

/// What has been told of fees that were burned.
pub fn fees_burned() -> Balance {
    FeesBurned::get()
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Assets = Assets;
    type Freezer = AssetsFreezer;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type Time = Timestamp;
    type Burns = Burns;
    type SwapFee = SwapFee;
    type LargestTrade = LargestTrade;
    type MinimumAnchor = MinimumAnchor;
    type PoolDeposit = ConstU128<{ 10 * LOOPIN }>;
    type LongestStake = ConstU64<{ 7 * DAY }>;
    type PalletId = PoolsPalletId;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: u64) {
        wait_until(moment);
    }
}

/// Terms that anybody could lay down.
pub fn terms() -> PoolTerms {
    PoolTerms {
        provide_seconds: 7 * DAY,
        sell_unit_seconds: DAY,
        sell_max_seconds: 7 * DAY,
        rental_min_seconds: HOUR,
        rental_max_seconds: 7 * DAY,
        challenge: Profile {
            n: 64,
            matrices: 4,
            lanes: 8,
            entries: 3,
            opened_lanes: 2,
            limits: Limits {
                prepare_ms: 5_000,
                fill_ms: 5_000,
                walk_ms: 5_000,
                open_ms: 5_000,
            },
        },
        benchmark_gops: 1,
        privacy_limit: 25,
    }
}

pub fn text<S: frame_support::traits::Get<u32>>(text: &str) -> BoundedVec<u8, S> {
    BoundedVec::try_from(text.as_bytes().to_vec()).unwrap()
}

/// Creates a pool with an anchor of 1,000 LOOPIN at half a LOOPIN per GPU-hour: 7,200,000 virtual GPU-seconds.
pub fn create_pool() -> PoolId {
    let pool = NextPoolId::<Test>::get();
    DissipativePools::create_pool(
        RuntimeOrigin::signed(ALICE),
        text("NVIDIA GeForce RTX 4090"),
        text("RTX4090"),
        1_000 * LOOPIN,
        LOOPIN / 2,
        terms(),
    )
    .unwrap();
    pool
}
pub use loopin_primitives::PoolId;

pub fn now() -> u64 {
    Timestamp::get() / 1_000
}

/// Lets so many seconds pass.
pub fn wait(seconds: u64) {
    wait_until(now() + seconds);
}

/// Lets time pass until that moment.
pub fn wait_until(moment: u64) {
    assert!(moment >= now(), "time does not go back");
    Timestamp::set_timestamp(moment * 1_000);
    System::set_block_number(System::block_number() + 1);
}

/// The state before a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut storage = frame_system::GenesisConfig::<Test>::default()
        .build_storage()
        .unwrap();
    pallet_balances::GenesisConfig::<Test> {
        balances: [ALICE, BOB, CAROL].map(|who| (who, ENDOWMENT)).to_vec(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .unwrap();
    let mut externalities = sp_io::TestExternalities::new(storage);
    externalities.execute_with(|| {
        System::set_block_number(1);
        Timestamp::set_timestamp(START * 1_000);
    });
    externalities
}

/// Runs a test in a new runtime and checks the invariants afterwards.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        DissipativePools::do_try_state().unwrap();
    });
}

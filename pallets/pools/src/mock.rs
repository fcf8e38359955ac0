//! A runtime for the tests: two accounts with LOOPIN, and one pool.

use crate as pallet_pools;
pub use loopin_primitives::PoolId;
use loopin_primitives::{BurnReason, OnBurn};

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

pallet_testing::mock_money!(u128);
pallet_testing::mock_pools!(Burns);

/// What the accounts of the tests have.
pub const ENDOWMENT: u128 = 100_000 * LOOPIN;
/// Creator of the pool of the tests.
pub const ALICE: AccountId = 1;
/// Somebody with LOOPIN.
pub const BOB: AccountId = 2;
/// Somebody else with LOOPIN.
pub const CAROL: AccountId = 3;

/// What has been told of fees that were burned.
#[frame_support::storage_alias]
type FeesBurned = StorageValue<Burns, u128, frame_support::pallet_prelude::ValueQuery>;

/// Adds up what it is told.
pub struct Burns;

impl OnBurn for Burns {
    fn burned(reason: BurnReason, amount: u128) {
        assert_eq!(reason, BurnReason::SwapFee);
        FeesBurned::mutate(|burned| *burned += amount);
    }
}

/// What has been told of fees that were burned.
pub fn fees_burned() -> u128 {
    FeesBurned::get()
}

pub fn text<S: frame_support::traits::Get<u32>>(text: &str) -> frame_support::BoundedVec<u8, S> {
    text.as_bytes().to_vec().try_into().unwrap()
}

/// Creates a pool with an anchor of 1,000 LOOPIN at half a LOOPIN per GPU-hour: 7,200,000 virtual GPU-seconds.
pub fn create_pool() -> PoolId {
    create_pool_of(ALICE, 1_000 * LOOPIN)
}

/// The state before a test.
pub fn new_test_ext() -> sp_io::TestExternalities {
    chain_with([ALICE, BOB, CAROL], ENDOWMENT)
}

/// Runs a test in a new runtime and checks the invariants afterwards.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        DissipativePools::do_try_state().unwrap();
    });
}

//! A runtime for the tests: the real registry of devices, one pool that cannot trade, rentals and a clock that the
//! tests set.

mod play;
mod pools;

pub use play::*;
pub use pools::Pools;

use crate::{self as pallet_verification, *};
use frame_support::{
    derive_impl, parameter_types, storage_alias,
    traits::{ConstU32, ConstU64, ConstU128, Randomness, VariantCountOf},
};
use frame_system::{
    EnsureRoot,
    offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase},
};
use loopin_primitives::{
    Balance, DeviceEvents, DeviceId, FailedRental, Finding, Moment, OnFinding, PoolId, Rented,
};
use sp_core::{H256, Pair};
use sp_runtime::{
    AccountId32, BuildStorage, DispatchError, DispatchResult, MultiSignature, Perbill, Weight, generic,
    traits::BlakeTwo256,
};

pub type AccountId = AccountId32;
pub type TxExtension = (frame_system::AuthorizeCall<Test>,);
pub type Extrinsic = generic::UncheckedExtrinsic<AccountId, RuntimeCall, MultiSignature, TxExtension>;
type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

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
    pub type Verification = pallet_verification::Pallet<Test>;
}

/// What every account of the tests has at the start.
pub const ENDOWMENT: Balance = 100_000;
/// The least bond, and that of the verifiers at the start.
pub const BOND: Balance = 1_000;
/// The owner of the devices, and somebody who neither owns devices nor verifies.
pub const OWNER: u8 = 100;
pub const BYSTANDER: u8 = 101;
/// The pool that exists.
pub const POOL: PoolId = 0;
/// The deposit for a device.
pub const DEPOSIT: Balance = 500;
/// The moment at which every test starts.
pub const START: Moment = 1_800_000_000;
/// From the beginning of one block to that of the next.
pub const BLOCK_SECONDS: u64 = 6;
/// The times of a round.
pub const LEAD: u64 = 6;
pub const SLOT: u64 = 10;
pub const GRACE: u64 = 4;
/// For how long bonds unbond, and suspensions last.
pub const UNBONDING: u64 = 10_000;
pub const SUSPENSION: u64 = 500;
/// How many verifiers can be active.
pub const MAX_VERIFIERS: u32 = 8;
/// What bringing a pool up to date costs whoever is told of a verdict, and what it can cost at most.
pub const SYNC_WEIGHT: Weight = Weight::from_parts(11, 13);
pub const MOST_SYNC_WEIGHT: Weight = Weight::from_parts(110, 130);
/// The hash of the first block.
pub const GENESIS: H256 = H256::repeat_byte(0x11);

/// What others were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Suspended(DeviceId),
    Passed(DeviceId),
    Ejected(DeviceId),
    Finding(DeviceId, Finding, bool),
    Duty(AccountId),
}

parameter_types! {
    pub static Now: Moment = START;
    /// Randomness of the block before.
    pub static Random: Option<H256> = Some(H256::zero());
    /// Devices that are rented.
    pub static RentedNow: Vec<DeviceId> = Vec::new();
    /// Everything told so far.
    pub static Messages: Vec<Told> = Vec::new();
    /// Whether whoever is told of standings fails.
    pub static ListenersFail: bool = false;
    pub static MinimumBond: Balance = BOND;
    pub static CommitteeSize: u32 = 3;
    pub static MinimumRoundBlocks: u32 = 10;
    pub static MaximumRoundBlocks: u32 = 20;
    pub static StrikeLimit: u32 = 4;
    pub static DisputeRounds: u32 = 3;
    pub const EventsWeight: Weight = Weight::from_parts(7, 7);
    pub const SuspensionSlash: Perbill = Perbill::from_percent(10);
    pub const ReporterShare: Perbill = Perbill::from_percent(50);
}

/// What bringing pools up to date has cost in this call.
#[storage_alias]
type SyncWeight = StorageValue<Mock, Weight, frame_support::pallet_prelude::ValueQuery>;

/// What bringing pools up to date has cost since this was last asked.
pub fn take_sync_weight() -> Weight {
    SyncWeight::take()
}

/// Whether a call has left the weight of its work on pools behind.
pub fn is_sync_weight_left() -> bool {
    SyncWeight::exists()
}

/// Keeps what it is told.
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
        Self::tell(Told::Suspended(device))
    }
    fn passed(device: DeviceId) -> DispatchResult {
        Self::tell(Told::Passed(device))
    }
    fn ejected(device: DeviceId) -> DispatchResult {
        Self::tell(Told::Ejected(device))
    }
}

impl OnFinding<AccountId> for Listener {
    fn on_finding(device: DeviceId, finding: Finding, full: bool) {
        Messages::mutate(|messages| messages.push(Told::Finding(device, finding, full)));
    }
    fn on_duty_done(verifier: &AccountId) {
        Messages::mutate(|messages| messages.push(Told::Duty(verifier.clone())));
    }
}

/// Rentals that the tests make.
pub struct Rentals;

impl Rented<AccountId> for Rentals {
    fn rented_until(device: DeviceId) -> Option<Moment> {
        RentedNow::get().contains(&device).then(|| Now::get() + 3_600)
    }
    fn fail(_: DeviceId) -> Result<Option<FailedRental<AccountId>>, DispatchError> {
        unreachable!("verification ends no rentals")
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn create_rental(device: DeviceId) -> DispatchResult {
        RentedNow::mutate(|devices| devices.push(device));
        Ok(())
    }
}

/// Randomness that the tests set.
pub struct Dice;

impl Randomness<Option<H256>, u64> for Dice {
    fn random(_: &[u8]) -> (Option<H256>, u64) {
        (Random::get(), 0)
    }
}

impl Randomness<H256, u64> for Dice {
    fn random(_: &[u8]) -> (H256, u64) {
        (H256::repeat_byte(0xfa), 0)
    }
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
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

impl pallet_devices::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type VerdictOrigin = EnsureRoot<AccountId>;
    type Events = (Listener, Verification);
    type EventsWeight = EventsWeight;
    type DepositBase = ConstU128<DEPOSIT>;
    type DepositPerByte = ConstU128<0>;
    type AgentKeyInterval = ConstU64<10_000>;
    type WeightInfo = ();
}

impl CreateTransactionBase<Call<Test>> for Test {
    type Extrinsic = Extrinsic;
    type RuntimeCall = RuntimeCall;
}

impl CreateTransaction<Call<Test>> for Test {
    type Extension = TxExtension;

    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> Extrinsic {
        Extrinsic::new_transaction(call, extension)
    }
}

impl CreateAuthorizedTransaction<Call<Test>> for Test {
    fn create_extension() -> TxExtension {
        (frame_system::AuthorizeCall::new(),)
    }
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type Devices = Registry;
    type Rented = Rentals;
    type OnFinding = Listener;
    type Randomness = Dice;
    type FallbackRandomness = Dice;
    type Slash = ();
    type MinimumBond = MinimumBond;
    type UnbondingSeconds = ConstU64<UNBONDING>;
    type StrikeLimit = StrikeLimit;
    type ContradictionStrikes = ConstU32<2>;
    type SuspensionSeconds = ConstU64<SUSPENSION>;
    type SuspensionSlash = SuspensionSlash;
    type MinimumRoundBlocks = MinimumRoundBlocks;
    type MaximumRoundBlocks = MaximumRoundBlocks;
    type CommitteeSize = CommitteeSize;
    type LeadSeconds = ConstU64<LEAD>;
    type SlotSeconds = ConstU64<SLOT>;
    type GraceSeconds = ConstU64<GRACE>;
    type DisputeRounds = DisputeRounds;
    type ReporterShare = ReporterShare;
    type MaxVerifiers = ConstU32<MAX_VERIFIERS>;
    type MaxCommittee = ConstU32<5>;
    type WeightInfo = ();
}

/// Builds the state in which a test starts: so many verifiers, and no device.
pub struct ExternalityBuilder {
    verifiers: u8,
}

impl Default for ExternalityBuilder {
    fn default() -> Self {
        Self { verifiers: 5 }
    }
}

impl ExternalityBuilder {
    /// So many verifiers in place of five.
    pub fn verifiers(mut self, verifiers: u8) -> Self {
        self.verifiers = verifiers;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        // What the tests can change lives longer than the state of one test.
        Now::set(START);
        Random::set(Some(H256::zero()));
        RentedNow::set(Vec::new());
        Messages::set(Vec::new());
        ListenersFail::set(false);
        MinimumBond::set(BOND);
        CommitteeSize::set(3);
        MinimumRoundBlocks::set(10);
        MaximumRoundBlocks::set(20);
        StrikeLimit::set(4);
        DisputeRounds::set(3);
        let storage = RuntimeGenesisConfig {
            balances: BalancesConfig {
                balances: (0..20)
                    .chain([OWNER, BYSTANDER])
                    .map(|seed| (account(seed), ENDOWMENT))
                    .collect(),
                ..Default::default()
            },
            verification: VerificationConfig {
                private_network: true,
                verifiers: (0..self.verifiers)
                    .map(|seed| (account(seed), BOND, pair(seed).public()))
                    .collect(),
            },
            ..Default::default()
        }
        .build_storage()
        .unwrap();
        let mut externalities = sp_io::TestExternalities::new(storage);
        externalities.register_extension(sp_keystore::KeystoreExt::new(
            sp_keystore::testing::MemoryKeystore::new(),
        ));
        externalities.execute_with(|| {
            System::set_block_number(1);
            frame_system::BlockHash::<Test>::insert(0, GENESIS);
        });
        externalities
    }

    /// Runs a test, and checks afterwards what must hold at any time.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            audit();
        });
    }
}

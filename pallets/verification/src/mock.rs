//! A runtime for the tests: the real pallets below this one, and a mock of the rewards above, which records what it is
//! told.

mod play;

pub use play::*;

use crate::{self as pallet_verification, *};
use frame_support::{
    parameter_types,
    traits::{BuildGenesisConfig, ConstU32, ConstU64, Randomness},
};
use frame_system::offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase};
use loopin_primitives::{
    Balance, BurnReason, ChallengeKind, DeviceId, LiquidityHooks, Moment, OnBurn, PoolId, PositionId,
    RentalHooks, Verdict, VerdictHooks,
};
use sp_core::{H256, Pair};
use sp_runtime::{AccountId32, MultiSignature, MultiSigner, Perbill, Weight, generic};

pub type TxExtension = (frame_system::AuthorizeCall<Test>,);
pub type Extrinsic = generic::UncheckedExtrinsic<AccountId, RuntimeCall, MultiSignature, TxExtension>;

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
    #[runtime::pallet_index(9)]
    pub type Rentals = pallet_rentals::Pallet<Test>;
    #[runtime::pallet_index(10)]
    pub type Verification = pallet_verification::Pallet<Test>;
}

pallet_testing::mock_money!(AccountId32);
pallet_testing::mock_pools!(Rewards);
pallet_testing::mock_devices!((Stakes, (Rentals, Verification)));
pallet_testing::mock_stakes!(Rentals, Rewards, MultiSignature, MultiSigner, ());
pallet_testing::mock_rentals!(Rewards);

/// What every account of the tests has at the start.
pub const ENDOWMENT: Balance = 100_000 * LOOPIN;
/// The least bond, and that of the verifiers at the start.
pub const BOND: Balance = 1_000 * LOOPIN;
/// The owner of the devices, their client, the creator of the pool, and somebody who is none of these and no verifier.
pub const OWNER: u8 = 100;
pub const CLIENT: u8 = 101;
pub const CREATOR: u8 = 102;
pub const BYSTANDER: u8 = 103;
/// The pool that exists.
pub const POOL: PoolId = 0;
/// The deposit for a device, whose endpoint has twenty bytes.
pub const DEPOSIT: Balance = DEVICE_DEPOSIT + 20 * BYTE_DEPOSIT;
/// From the beginning of one block to that of the next.
pub const BLOCK_SECONDS: u64 = 6;
/// The times of a round.
pub const WINDOW: u64 = 32;
pub const GRACE: u64 = 4;
/// For how long bonds unbond, and suspensions last.
pub const UNBONDING: u64 = 10_000;
pub const SUSPENSION: u64 = 500;
/// How many verifiers can be active.
pub const MAX_VERIFIERS: u32 = 8;
/// What it costs to tell of a round, of a verdict, and of a duty.
pub const ROUND_WEIGHT: Weight = Weight::from_parts(1_000_033, 3);
pub const VERDICT_WEIGHT: Weight = Weight::from_parts(1_000_003, 5);
pub const DUTY_WEIGHT: Weight = Weight::from_parts(1_000_007, 9);
/// The hash of the first block.
pub const GENESIS: H256 = H256::repeat_byte(0x11);

/// What the rewards were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Verdict(DeviceId, Verdict, ChallengeKind),
    Duty(AccountId, u32),
}

parameter_types! {
    /// Randomness of the block before.
    pub static Random: Option<H256> = Some(H256::zero());
    /// Everything told so far.
    pub static Messages: Vec<Told> = Vec::new();
    /// How many rounds were told.
    pub static RoundsTold: u32 = 0;
    /// The passes and fails that were told with the last verdict.
    pub static VotesTold: (u32, u32) = (0, 0);
    /// What the pallets below have burned.
    pub static Burned: Balance = 0;
    pub static MinimumBond: Balance = BOND;
    pub static CommitteeSize: u32 = 3;
    pub static MinimumRoundBlocks: u32 = 10;
    pub static MaximumRoundBlocks: u32 = 20;
    pub static StrikeLimit: u32 = 4;
    pub static DisputeRounds: u32 = 3;
    pub const SuspensionSlash: Perbill = Perbill::from_percent(10);
    pub const ReporterShare: Perbill = Perbill::from_percent(50);
}

/// Keeps what it is told of verdicts and burns; it ignores liquidity and rentals.
pub struct Rewards;

impl VerdictHooks<AccountId> for Rewards {
    fn round_began() {
        RoundsTold::mutate(|rounds| *rounds += 1);
    }
    fn verdict_reached(device: DeviceId, verdict: Verdict, kind: ChallengeKind, passes: u32, fails: u32) {
        Messages::mutate(|messages| messages.push(Told::Verdict(device, verdict, kind)));
        VotesTold::set((passes, fails));
    }
    fn duty_done(verifier: &AccountId, votes: u32) {
        Messages::mutate(|messages| messages.push(Told::Duty(verifier.clone(), votes)));
    }
    fn round_weight() -> Weight {
        ROUND_WEIGHT
    }
    fn verdict_weight() -> Weight {
        VERDICT_WEIGHT
    }
    fn duty_weight() -> Weight {
        DUTY_WEIGHT
    }
}

impl OnBurn for Rewards {
    fn burned(_: BurnReason, amount: Balance) {
        Burned::mutate(|burned| *burned += amount);
    }
}

impl LiquidityHooks<AccountId> for Rewards {
    fn fund_liquidity(_: &AccountId, _: Balance) {}
    fn liquidity_added(_: PositionId, _: &AccountId, _: DeviceId, _: PoolId, _: Moment, _: Balance) {}
    fn drained(_: PositionId, _: DeviceId, _: bool) {}
    fn liquidity_streamed(_: PositionId, _: DeviceId, _: Balance) {}
    fn liquidity_ended(_: PositionId, _: DeviceId) {}
    fn liquidity_returned(_: &AccountId, _: Balance) {}
    fn pay_rewards(_: &AccountId, _: DeviceId) -> (Balance, Weight) {
        (0, Weight::zero())
    }
    fn change_weight() -> Weight {
        Weight::zero()
    }
    fn pay_weight() -> Weight {
        Weight::zero()
    }
}

impl RentalHooks<AccountId> for Rewards {
    fn rented(_: DeviceId, _: Moment, _: Balance) {}
    fn given_back(_: DeviceId, _: Balance) {}
    fn consumed(_: PoolId, _: &AccountId, _: Balance, _: Balance) {}
    fn rented_weight() -> Weight {
        Weight::zero()
    }
    fn consumed_weight() -> Weight {
        Weight::zero()
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
    type VerdictHooks = Rewards;
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
    type WindowSeconds = ConstU64<WINDOW>;
    type GraceSeconds = ConstU64<GRACE>;
    type DisputeRounds = DisputeRounds;
    type ReporterShare = ReporterShare;
    type MaxVerifiers = ConstU32<MAX_VERIFIERS>;
    type MaxCommittee = ConstU32<5>;
    type WeightInfo = ();
}

/// Builds the state in which a test starts: that many verifiers, a pool, and no device.
pub struct ExternalityBuilder {
    verifiers: u8,
}

impl Default for ExternalityBuilder {
    fn default() -> Self {
        Self { verifiers: 5 }
    }
}

impl ExternalityBuilder {
    /// That many verifiers in place of five.
    pub fn verifiers(mut self, verifiers: u8) -> Self {
        self.verifiers = verifiers;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        // What the tests can change lives longer than the state of one test.
        Random::set(Some(H256::zero()));
        Messages::set(Vec::new());
        RoundsTold::set(0);
        Burned::set(0);
        MinimumBond::set(BOND);
        CommitteeSize::set(3);
        MinimumRoundBlocks::set(10);
        MaximumRoundBlocks::set(20);
        StrikeLimit::set(4);
        DisputeRounds::set(3);
        let accounts = (0..20).chain([OWNER, CLIENT, CREATOR, BYSTANDER]);
        let mut externalities = chain_with(accounts.map(account), ENDOWMENT);
        externalities.register_extension(sp_keystore::KeystoreExt::new(
            sp_keystore::testing::MemoryKeystore::new(),
        ));
        externalities.execute_with(|| {
            frame_system::BlockHash::<Test>::insert(0, GENESIS);
            VerificationConfig {
                private_network: true,
                verifiers: (0..self.verifiers)
                    .map(|seed| (account(seed), BOND, pair(seed).public()))
                    .collect(),
            }
            .build();
            create_pool();
            System::reset_events();
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

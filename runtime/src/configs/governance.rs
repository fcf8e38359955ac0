//! Who decides. A council sets parameters, names invulnerable validators and spends from the treasury;
//! what needs root (an upgrade, the council itself) is proposed by a member of the council and decided by
//! a referendum of the holders of LOOPIN. Sudo exists for development chains: a network whose genesis
//! names no sudo key has none.

use crate::{
    AccountId, Balance, Balances, BlockNumber, OriginCaller, Preimage, Referenda, Runtime, RuntimeCall,
    RuntimeEvent, RuntimeHoldReason, RuntimeOrigin, Scheduler, System, Treasury,
    configs::BlockWeights,
    constants::{
        currency::{LOOPIN, deposit},
        time::{DAYS, HOURS},
    },
};
use alloc::borrow::Cow;
use frame_support::{
    PalletId, parameter_types,
    traits::{
        AsEnsureOriginWithArg, ConstU32, ConstU128, EitherOf, EitherOfDiverse, EqualPrivilegeOnly,
        LinearStoragePrice,
        fungible::HoldConsideration,
        tokens::{
            PayFromAccount, UnityAssetBalanceConversion, currency::ActiveIssuanceOf, imbalance::ResolveTo,
        },
    },
    weights::Weight,
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureWithSuccess};
use pallet_collective::{EnsureMember, EnsureProportionAtLeast, EnsureProportionMoreThan};
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use sp_runtime::{
    Perbill, Permill, str_array,
    traits::{AccountIdConversion, IdentityLookup},
};

/// The council among the collectives that a runtime can have.
pub type CouncilCollective = pallet_collective::Instance1;
/// Root, or at least two thirds of the council.
pub type RootOrTwoThirdsOfCouncil =
    EitherOfDiverse<EnsureRoot<AccountId>, EnsureProportionAtLeast<AccountId, CouncilCollective, 2, 3>>;
/// Root, or more than half of the council.
pub type RootOrMajorityOfCouncil =
    EitherOfDiverse<EnsureRoot<AccountId>, EnsureProportionMoreThan<AccountId, CouncilCollective, 1, 2>>;

parameter_types! {
    /// Identity from which the treasury's account is derived.
    pub const TreasuryPalletId: PalletId = PalletId(*b"lp/trsry");
    /// The account of the treasury.
    pub TreasuryAccount: AccountId = TreasuryPalletId::get().into_account_truncating();
    /// The treasury is spent only by decision; nothing of what it does not spend is burned.
    pub const TreasuryBurn: Permill = Permill::zero();
    /// One decision can spend any amount that the treasury has.
    pub const MaximumSpend: Balance = Balance::MAX;
}

/// Credits what was slashed to the treasury.
pub type ToTreasury = ResolveTo<TreasuryAccount, Balances>;

impl pallet_treasury::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    type RejectOrigin = RootOrMajorityOfCouncil;
    type SpendPeriod = ConstU32<DAYS>;
    type Burn = TreasuryBurn;
    type PalletId = TreasuryPalletId;
    type BurnDestination = ();
    type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
    type SpendFunds = ();
    type MaxApprovals = ConstU32<100>;
    type SpendOrigin = EitherOf<
        EnsureRootWithSuccess<AccountId, MaximumSpend>,
        EnsureWithSuccess<
            EnsureProportionAtLeast<AccountId, CouncilCollective, 2, 3>,
            AccountId,
            MaximumSpend,
        >,
    >;
    type AssetKind = ();
    type Beneficiary = AccountId;
    type BeneficiaryLookup = IdentityLookup<AccountId>;
    type Paymaster = PayFromAccount<Balances, TreasuryAccount>;
    type BalanceConverter = UnityAssetBalanceConversion;
    type PayoutPeriod = ConstU32<{ 30 * DAYS }>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = TreasuryBenchmarkHelper;
    type BlockNumberProvider = System;
}

/// Arguments for the benchmarks of the treasury, which knows one asset: LOOPIN.
#[cfg(feature = "runtime-benchmarks")]
pub struct TreasuryBenchmarkHelper;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_treasury::ArgumentsFactory<(), AccountId> for TreasuryBenchmarkHelper {
    fn create_asset_kind(_seed: u32) {}

    fn create_beneficiary(seed: [u8; 32]) -> AccountId {
        seed.into()
    }
}

parameter_types! {
    /// A proposal of the council may take half a block.
    pub MaxCouncilProposalWeight: Weight = Perbill::from_percent(50) * BlockWeights::get().max_block;
}

impl pallet_collective::Config<CouncilCollective> for Runtime {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type MotionDuration = ConstU32<{ 7 * DAYS }>;
    type MaxProposals = ConstU32<50>;
    type MaxMembers = ConstU32<50>;
    type DefaultVote = pallet_collective::PrimeDefaultVote;
    type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
    type SetMembersOrigin = EnsureRoot<AccountId>;
    type MaxProposalWeight = MaxCouncilProposalWeight;
    type DisapproveOrigin = EnsureRoot<AccountId>;
    type KillOrigin = EnsureRoot<AccountId>;
    type Consideration = ();
}

parameter_types! {
    /// Why the deposit of a preimage is on hold.
    pub const PreimageHoldReason: RuntimeHoldReason =
        RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
    /// Deposit for a preimage of no bytes.
    pub const PreimageBaseDeposit: Balance = deposit(2, 64);
    /// Deposit for each byte of a preimage.
    pub const PreimageByteDeposit: Balance = deposit(0, 1);
}

impl pallet_preimage::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type Consideration = HoldConsideration<
        AccountId,
        Balances,
        PreimageHoldReason,
        LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
    >;
}

parameter_types! {
    /// Scheduled calls may take up to four fifths of a block.
    pub MaximumSchedulerWeight: Weight = Perbill::from_percent(80) * BlockWeights::get().max_block;
}

impl pallet_scheduler::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = MaximumSchedulerWeight;
    type ScheduleOrigin = EnsureRoot<AccountId>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type MaxScheduledPerBlock = ConstU32<50>;
    type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

impl pallet_conviction_voting::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_conviction_voting::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type Polls = Referenda;
    type MaxTurnout = ActiveIssuanceOf<Balances, AccountId>;
    type MaxVotes = ConstU32<512>;
    type VoteLockingPeriod = ConstU32<{ 7 * DAYS }>;
    type BlockNumberProvider = System;
    type VotingHooks = ();
}

/// What can be decided by referendum: calls of root, on one track.
pub struct Tracks;

impl TracksInfo<Balance, BlockNumber> for Tracks {
    type Id = u16;
    type RuntimeOrigin = OriginCaller;

    fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
        static ROOT: Track<u16, Balance, BlockNumber> = Track {
            id: 0,
            info: TrackInfo {
                name: str_array("root"),
                max_deciding: 5,
                decision_deposit: 10_000 * LOOPIN,
                prepare_period: 2 * HOURS,
                decision_period: 14 * DAYS,
                confirm_period: DAYS,
                min_enactment_period: DAYS,
                // From all but unanimous on the first day to a simple majority on the last ...
                min_approval: Curve::LinearDecreasing {
                    length: Perbill::from_percent(100),
                    floor: Perbill::from_percent(50),
                    ceil: Perbill::from_percent(100),
                },
                // ... of a turnout from half to a tenth of what circulates.
                min_support: Curve::LinearDecreasing {
                    length: Perbill::from_percent(100),
                    floor: Perbill::from_percent(10),
                    ceil: Perbill::from_percent(50),
                },
            },
        };
        core::iter::once(Cow::Borrowed(&ROOT))
    }

    fn track_for(origin: &OriginCaller) -> Result<u16, ()> {
        match origin {
            OriginCaller::system(frame_system::RawOrigin::Root) => Ok(0),
            _ => Err(()),
        }
    }
}

impl pallet_referenda::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
    type Scheduler = Scheduler;
    type Currency = Balances;
    // While LOOPIN is in few hands, a referendum needs a sponsor on the council, who submits it through
    // `council.execute`.
    type SubmitOrigin = AsEnsureOriginWithArg<EnsureMember<AccountId, CouncilCollective>>;
    type CancelOrigin = RootOrTwoThirdsOfCouncil;
    type KillOrigin = EnsureRoot<AccountId>;
    type Slash = Treasury;
    type Votes = Balance;
    type Tally = pallet_conviction_voting::TallyOf<Runtime>;
    type SubmissionDeposit = ConstU128<{ 10 * LOOPIN }>;
    type MaxQueued = ConstU32<50>;
    type UndecidingTimeout = ConstU32<{ 14 * DAYS }>;
    type AlarmInterval = ConstU32<1>;
    type Tracks = Tracks;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

impl pallet_sudo::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

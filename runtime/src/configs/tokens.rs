//! LOOPIN, the fungible assets (hour tokens), the stake tokens and vesting.

use crate::{
    AccountId, AssetId, AssetsFreezer, AssetsHolder, Balance, Balances, Runtime, RuntimeEvent,
    RuntimeFreezeReason, RuntimeHoldReason, Signature, System,
    constants::{
        currency::{EXISTENTIAL_DEPOSIT, LOOPIN, deposit},
        time,
    },
};
use codec::Compact;
use frame_support::{
    parameter_types,
    traits::{
        AsEnsureOriginWithArg, ConstU32, ConstU128, VariantCountOf, WithdrawReasons,
        tokens::imbalance::ResolveTo,
    },
};
use frame_system::{EnsureNever, EnsureRoot};
use pallet_nfts::PalletFeatures;
use sp_runtime::traits::{ConvertInto, Verify};

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type Balance = Balance;
    type DustRemoval = ResolveTo<crate::configs::TreasuryAccount, Balances>;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type DoneSlashHandler = ();
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

// Hour tokens. Only the protocol creates assets, so that a name in a wallet can be trusted; governance can
// add one with `force_create`.
impl pallet_assets::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Balance = Balance;
    type RemoveItemsLimit = ConstU32<1_000>;
    type AssetId = AssetId;
    type AssetIdParameter = Compact<AssetId>;
    type ReserveData = ();
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
    type AssetDeposit = ConstU128<{ deposit(1, 210) }>;
    type AssetAccountDeposit = ConstU128<{ deposit(1, 66) }>;
    type MetadataDepositBase = ConstU128<{ deposit(1, 68) }>;
    type MetadataDepositPerByte = ConstU128<{ deposit(0, 1) }>;
    type ApprovalDeposit = ConstU128<{ deposit(1, 132) }>;
    // A pool's hour token is called "LooPIN GPU-seconds ", 19 bytes, followed by the pool's name, up to 50.
    type StringLimit = ConstU32<80>;
    type Freezer = AssetsFreezer;
    type Holder = AssetsHolder;
    type Extra = ();
    type CallbackHandle = ();
    type AssetIdAllocator = ();
    type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
}

impl pallet_assets_holder::Config for Runtime {
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeEvent = RuntimeEvent;
}

impl pallet_assets_freezer::Config for Runtime {
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type RuntimeEvent = RuntimeEvent;
}

parameter_types! {
    /// Every feature of the NFT pallet is on; what a collection allows is its own setting.
    pub NftFeatures: PalletFeatures = PalletFeatures::all_enabled();
}

// Stake tokens. As with assets, only the protocol and governance make collections.
impl pallet_nfts::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type CollectionId = u32;
    type ItemId = u32;
    type Currency = Balances;
    type ForceOrigin = EnsureRoot<AccountId>;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
    type Locker = ();
    type CollectionDeposit = ConstU128<{ deposit(1, 130) }>;
    type ItemDeposit = ConstU128<{ deposit(1, 164) }>;
    type MetadataDepositBase = ConstU128<{ deposit(1, 129) }>;
    type AttributeDepositBase = ConstU128<{ deposit(1, 0) }>;
    type DepositPerByte = ConstU128<{ deposit(0, 1) }>;
    type StringLimit = ConstU32<256>;
    type KeyLimit = ConstU32<64>;
    type ValueLimit = ConstU32<256>;
    type ApprovalsLimit = ConstU32<20>;
    type ItemAttributesApprovalsLimit = ConstU32<20>;
    type MaxTips = ConstU32<10>;
    type MaxDeadlineDuration = ConstU32<{ 365 * time::DAYS }>;
    type MaxAttributesPerCall = ConstU32<10>;
    type Features = NftFeatures;
    type OffchainSignature = Signature;
    type OffchainPublic = <Signature as Verify>::Signer;
    #[cfg(feature = "runtime-benchmarks")]
    type Helper = ();
    type WeightInfo = pallet_nfts::weights::SubstrateWeight<Runtime>;
    type BlockNumberProvider = System;
}

parameter_types! {
    /// What a vesting account can spend although it has not vested: fees only, neither transfers nor reserves.
    pub UnvestedFundsAllowedWithdrawReasons: WithdrawReasons =
        WithdrawReasons::except(WithdrawReasons::TRANSFER | WithdrawReasons::RESERVE);
}

impl pallet_vesting::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    type BlockNumberToBalance = ConvertInto;
    type MinVestedTransfer = ConstU128<LOOPIN>;
    type WeightInfo = pallet_vesting::weights::SubstrateWeight<Runtime>;
    type UnvestedFundsAllowedWithdrawReasons = UnvestedFundsAllowedWithdrawReasons;
    type BlockNumberProvider = System;
    const MAX_VESTING_SCHEDULES: u32 = 28;
}

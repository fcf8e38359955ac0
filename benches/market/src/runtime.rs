//! A runtime with the pallets of the market and of rewards as the chain has them, and pallet-asset-conversion beside
//! them.

use frame_support::{
    PalletId, derive_impl,
    instances::Instance2,
    ord_parameter_types, parameter_types,
    traits::{
        AsEnsureOriginWithArg, ConstU32, ConstU64, ConstU128, VariantCountOf,
        fungible::{NativeFromLeft, NativeOrWithId, UnionOf},
        tokens::imbalance::ResolveAssetTo,
    },
};
use frame_system::{EnsureNever, EnsureRoot, EnsureSignedBy};
use loopin_math::time::DAY;
use loopin_primitives::Balance;
pub use loopin_primitives::LOOPIN;
use pallet_asset_conversion::{AccountIdConverter, Ascending, Chain, WithFirstAsset};
use pallet_nfts::PalletFeatures;
use sp_runtime::{
    AccountId32, FixedU128, MultiSignature, MultiSigner, Permill,
    traits::{AccountIdConversion, AccountIdLookup},
};

/// Accounts as the chain has them.
pub type AccountId = AccountId32;
type Block = frame_system::mocking::MockBlock<Runtime>;

#[frame_support::runtime]
mod composition {
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
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Runtime>;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp::Pallet<Runtime>;
    #[runtime::pallet_index(2)]
    pub type Balances = pallet_balances::Pallet<Runtime>;
    #[runtime::pallet_index(3)]
    pub type Assets = pallet_assets::Pallet<Runtime>;
    #[runtime::pallet_index(4)]
    pub type AssetsFreezer = pallet_assets_freezer::Pallet<Runtime>;
    #[runtime::pallet_index(5)]
    pub type AssetsHolder = pallet_assets_holder::Pallet<Runtime>;
    #[runtime::pallet_index(6)]
    pub type Nfts = pallet_nfts::Pallet<Runtime>;
    #[runtime::pallet_index(7)]
    pub type Pools = pallet_pools::Pallet<Runtime>;
    #[runtime::pallet_index(8)]
    pub type Devices = pallet_devices::Pallet<Runtime>;
    #[runtime::pallet_index(9)]
    pub type Stakes = pallet_stakes::Pallet<Runtime>;
    #[runtime::pallet_index(10)]
    pub type Rentals = pallet_rentals::Pallet<Runtime>;
    #[runtime::pallet_index(11)]
    pub type LiquidityTokens = pallet_assets::Pallet<Runtime, Instance2>;
    #[runtime::pallet_index(12)]
    pub type AssetConversion = pallet_asset_conversion::Pallet<Runtime>;
    #[runtime::pallet_index(13)]
    pub type Rewards = pallet_rewards::Pallet<Runtime>;
}

/// A thousandth of it.
const MILLI: Balance = LOOPIN / 1_000;

parameter_types! {
    pub const PoolsPalletId: PalletId = PalletId(*b"loopin/p");
    pub const StakesPalletId: PalletId = PalletId(*b"loopin/s");
    pub const ConversionPalletId: PalletId = PalletId(*b"py/ascon");
    pub const TreasuryPalletId: PalletId = PalletId(*b"py/trsry");
    pub const Native: NativeOrWithId<u32> = NativeOrWithId::Native;
    pub NftFeatures: PalletFeatures = PalletFeatures::all_enabled();

    // Governance may change these at any time, so that the chain reads them from storage as well.
    pub storage SwapFee: Permill = Permill::from_parts(3_000);
    pub storage MinimumAnchor: Balance = 10_000 * LOOPIN;
    pub storage CertificateBurn: Permill = Permill::from_percent(1);
    pub storage CertificateValidity: u64 = DAY;
    pub storage MaintenanceFee: Permill = Permill::from_percent(5);
    pub storage Collateral: FixedU128 = FixedU128::from_rational(110, 100);
    pub storage ExitFee: Permill = Permill::from_percent(1);
    pub storage EjectionSlash: Permill = Permill::from_percent(20);
    pub storage ReportDeposit: Balance = 10 * LOOPIN;
    pub storage ReportPatience: u64 = DAY;
    pub storage LiquidityWithdrawalFee: Permill = Permill::zero();
    pub const LiquidityProvidersFee: Permill = Permill::from_parts(3_000);
    pub const MaximumSwapFee: Permill = Permill::from_percent(10);
}

ord_parameter_types! {
    pub const ConversionAccount: AccountId =
        AccountIdConversion::<AccountId>::into_account_truncating(&ConversionPalletId::get());
    pub const TreasuryAccount: AccountId =
        AccountIdConversion::<AccountId>::into_account_truncating(&TreasuryPalletId::get());
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = AccountIdLookup<AccountId, ()>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Runtime {}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
    type Balance = Balance;
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<MILLI>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Runtime {
    type Balance = Balance;
    type AssetId = u32;
    type AssetIdParameter = u32;
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
    type StringLimit = ConstU32<50>;
    type Freezer = AssetsFreezer;
    type Holder = AssetsHolder;
}

impl pallet_assets_freezer::Config for Runtime {
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type RuntimeEvent = RuntimeEvent;
}

impl pallet_assets_holder::Config for Runtime {
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeEvent = RuntimeEvent;
}

impl pallet_nfts::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type CollectionId = u32;
    type ItemId = u32;
    type Currency = Balances;
    type ForceOrigin = EnsureRoot<AccountId>;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
    type Locker = ();
    type CollectionDeposit = ConstU128<LOOPIN>;
    type ItemDeposit = ConstU128<LOOPIN>;
    type MetadataDepositBase = ConstU128<LOOPIN>;
    type AttributeDepositBase = ConstU128<LOOPIN>;
    type DepositPerByte = ConstU128<MILLI>;
    type StringLimit = ConstU32<256>;
    type KeyLimit = ConstU32<64>;
    type ValueLimit = ConstU32<256>;
    type ApprovalsLimit = ConstU32<20>;
    type ItemAttributesApprovalsLimit = ConstU32<30>;
    type MaxTips = ConstU32<10>;
    type MaxDeadlineDuration = ConstU64<1_000_000>;
    type MaxAttributesPerCall = ConstU32<10>;
    type Features = NftFeatures;
    type OffchainSignature = MultiSignature;
    type OffchainPublic = MultiSigner;
    type WeightInfo = ();
    type BlockNumberProvider = System;
}

impl pallet_pools::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Assets = Assets;
    type Freezer = AssetsFreezer;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type Time = Timestamp;
    type OnBurn = Rewards;
    type SwapFee = SwapFee;
    type MinimumAnchor = MinimumAnchor;
    type PoolDeposit = ConstU128<{ 100 * LOOPIN }>;
    type LongestStake = ConstU64<{ 7 * DAY }>;
    type PalletId = PoolsPalletId;
    type WeightInfo = ();
}

impl pallet_devices::Config for Runtime {
    type VerdictOrigin = EnsureRoot<AccountId>;
    type DeviceHooks = (Stakes, (Rentals, Rewards));
    type DepositBase = ConstU128<{ 450 * MILLI }>;
    type DepositPerByte = ConstU128<MILLI>;
    type AgentKeyInterval = ConstU64<DAY>;
    type WeightInfo = ();
}

impl pallet_stakes::Config for Runtime {
    type TenancyHooks = Rentals;
    type LiquidityHooks = Rewards;
    type PalletId = StakesPalletId;
    type CertificateBurn = CertificateBurn;
    type CertificateValidity = CertificateValidity;
    type MaintenanceFee = MaintenanceFee;
    type Collateral = Collateral;
    type ExitFee = ExitFee;
    type EjectionSlash = EjectionSlash;
    type CertificateDeposit = ConstU128<{ 190 * MILLI }>;
    type PositionDeposit = ConstU128<{ 900 * MILLI }>;
    type WeightInfo = ();
}

impl pallet_rentals::Config for Runtime {
    type RentalHooks = Rewards;
    type DepositBase = ConstU128<{ 250 * MILLI }>;
    type DepositPerDevice = ConstU128<{ 130 * MILLI }>;
    type DepositPerKeyByte = ConstU128<MILLI>;
    type ReportDeposit = ReportDeposit;
    type ReportPatience = ReportPatience;
    type WeightInfo = ();
}

impl pallet_rewards::Config for Runtime {
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type EmergencyOrigin = EnsureRoot<AccountId>;
    type Treasury = TreasuryAccount;
    type BondReasons = ();
    type TeamLockSeconds = ConstU64<1>;
    type TeamBatchEpochs = ConstU32<91>;
    // Far above the chain's, as all miners of this state own more together than there can be there.
    type SupplyCap = ConstU128<{ 1_000_000_000 * LOOPIN }>;
    type WeightInfo = ();
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config<Instance2> for Runtime {
    type Balance = Balance;
    type AssetId = u32;
    type AssetIdParameter = u32;
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSignedBy<ConversionAccount, AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
}

type ConversionPoolId = (NativeOrWithId<u32>, NativeOrWithId<u32>);
type ConversionPoolAccount = AccountIdConverter<ConversionPalletId, ConversionPoolId>;

impl pallet_asset_conversion::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Balance = Balance;
    type HigherPrecisionBalance = sp_core::U256;
    type AssetKind = NativeOrWithId<u32>;
    type Assets = UnionOf<Balances, Assets, NativeFromLeft, NativeOrWithId<u32>, AccountId>;
    type PoolId = ConversionPoolId;
    type PoolLocator = Chain<
        WithFirstAsset<Native, AccountId, NativeOrWithId<u32>, ConversionPoolAccount>,
        Ascending<AccountId, NativeOrWithId<u32>, ConversionPoolAccount>,
    >;
    type PoolAssetId = u32;
    type PoolAssets = LiquidityTokens;
    type PoolSetupFee = ConstU128<LOOPIN>;
    type PoolSetupFeeAsset = Native;
    type PoolSetupFeeTarget = ResolveAssetTo<ConversionAccount, Self::Assets>;
    type LPFee = LiquidityProvidersFee;
    type LiquidityWithdrawalFee = LiquidityWithdrawalFee;
    type AdminOrigin = EnsureRoot<AccountId>;
    type MaxSwapFee = MaximumSwapFee;
    type MintMinLiquidity = ConstU128<100>;
    type MaxSwapPathLength = ConstU32<3>;
    type PalletId = ConversionPalletId;
    type WeightInfo = ();
}

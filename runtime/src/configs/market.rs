//! The market of GPU time: pools, devices, stakes and rentals.

use crate::{
    Assets, AssetsFreezer, Balances, Devices, Pools, Rentals, Rewards, Runtime, RuntimeFreezeReason,
    RuntimeHoldReason, RuntimeOrigin, Stakes, Timestamp, Verification,
    configs::parameters::dynamic_params::market,
    constants::currency::{LOOPIN, MILLI, deposit},
};
use frame_support::{
    PalletId, parameter_types,
    traits::{ConstU64, ConstU128, EnsureOrigin, Get},
    weights::Weight,
};
use frame_system::EnsureRoot;
use loopin_math::time::DAY;
use pallet_stakes::NftStakeTokens;

parameter_types! {
    /// The accounts of pools are derived from this.
    pub const PoolsPalletId: PalletId = PalletId(*b"loopin/p");
    /// The owner of the collections of stake tokens.
    pub const StakesPalletId: PalletId = PalletId(*b"loopin/s");
    /// What a verdict on a device leads to at its worst: its position and its rental are settled.
    pub VerdictWeight: Weight = Stakes::ejection_weight()
        .saturating_add(pallet_rentals::VerdictWeight::<Runtime>::get());
}

impl pallet_pools::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Assets = Assets;
    type Freezer = AssetsFreezer;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type Time = Timestamp;
    type Burns = Rewards;
    type SwapFee = market::SwapFee;
    type LargestTrade = market::LargestTrade;
    type MinimumAnchor = market::MinimumAnchor;
    type PoolDeposit = ConstU128<{ 100 * LOOPIN }>;
    type LongestStake = ConstU64<{ 7 * DAY }>;
    type PalletId = PoolsPalletId;
    type WeightInfo = pallet_pools::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: loopin_primitives::Moment) {
        // Past BABE, which wants the slot to go with it.
        pallet_timestamp::Now::<Runtime>::put(moment.saturating_mul(1_000));
    }
}

/// Root, on a chain whose genesis has given somebody the sudo key. On others nobody records verdicts by hand.
pub struct EnsureRootOfSudoChain;

impl EnsureOrigin<RuntimeOrigin> for EnsureRootOfSudoChain {
    type Success = ();

    fn try_origin(origin: RuntimeOrigin) -> Result<(), RuntimeOrigin> {
        if pallet_sudo::Key::<Runtime>::exists() {
            EnsureRoot::<crate::AccountId>::try_origin(origin)
        } else {
            Err(origin)
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
        pallet_sudo::Key::<Runtime>::put(crate::AccountId::from([0; 32]));
        Ok(RuntimeOrigin::root())
    }
}

impl pallet_devices::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type VerdictOrigin = EnsureRootOfSudoChain;
    // Stakes come first: they settle an ejected device's rental as well. Verification forgets devices that are gone.
    type Events = (Stakes, (Rentals, Verification));
    type EventsWeight = VerdictWeight;
    type DepositBase = ConstU128<{ deposit(2, 250) }>;
    type DepositPerByte = ConstU128<{ deposit(0, 1) }>;
    // Longer than the rounds of verification in which a lie can be proven.
    type AgentKeyInterval = ConstU64<DAY>;
    type WeightInfo = pallet_devices::weights::SubstrateWeight<Runtime>;
}

impl pallet_stakes::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type Devices = Devices;
    type Rented = Rentals;
    type Rewards = Rewards;
    type Burns = Rewards;
    type StakeTokens = NftStakeTokens<Runtime>;
    type HourTokens = Assets;
    type PalletId = StakesPalletId;
    type CertificateBurn = market::CertificateBurn;
    type CertificateValidity = market::CertificateValidity;
    type MaintenanceFee = market::MaintenanceFee;
    type Collateral = market::Collateral;
    type ExitFee = market::ExitFee;
    type EjectionSlash = market::EjectionSlash;
    type CertificateDeposit = ConstU128<{ deposit(1, 90) }>;
    // The position, its index by device, and its stake token.
    type PositionDeposit = ConstU128<{ deposit(4, 500) }>;
    type WeightInfo = pallet_stakes::weights::SubstrateWeight<Runtime>;
}

impl pallet_rentals::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type Supply = Stakes;
    type Devices = Devices;
    type DepositBase = ConstU128<{ deposit(1, 150) }>;
    type DepositPerDevice = ConstU128<{ deposit(1, 30) }>;
    type DepositPerKeyByte = ConstU128<MILLI>;
    type ReportDeposit = market::ReportDeposit;
    type ReportPatience = market::ReportPatience;
    type Rewards = Rewards;
    type Burns = Rewards;
    type WeightInfo = pallet_rentals::weights::SubstrateWeight<Runtime>;
}

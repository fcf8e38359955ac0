//! The market for GPU time: pools, devices, stakes and rentals.

use crate::{
    Assets, AssetsFreezer, Balances, Rentals, Rewards, Runtime, RuntimeFreezeReason, RuntimeHoldReason,
    RuntimeOrigin, Stakes, Timestamp, Verification,
    configs::parameters::dynamic_params::market,
    constants::currency::{LOOPIN, MILLI, deposit},
};
use frame_support::{
    PalletId, parameter_types,
    traits::{ConstU64, ConstU128, EnsureOrigin},
};
use frame_system::EnsureRoot;
use loopin_math::time::DAY;

parameter_types! {
    /// The accounts of pools are derived from this.
    pub const PoolsPalletId: PalletId = PalletId(*b"loopin/p");
    /// The owner of the collections of stake tokens.
    pub const StakesPalletId: PalletId = PalletId(*b"loopin/s");
}

impl pallet_pools::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Assets = Assets;
    type Freezer = AssetsFreezer;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type Time = Timestamp;
    type OnBurn = Rewards;
    type SwapFee = market::SwapFee;
    type MinimumAnchor = market::MinimumAnchor;
    type PoolDeposit = ConstU128<{ 100 * LOOPIN }>;
    type LongestStake = ConstU64<{ 7 * DAY }>;
    type PalletId = PoolsPalletId;
    type WeightInfo = pallet_pools::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = BenchmarkClock;
}

/// The clock of benchmarks, which bypasses BABE: BABE demands that the slot agrees with the time.
#[cfg(feature = "runtime-benchmarks")]
pub struct BenchmarkClock;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_pools::BenchmarkHelper for BenchmarkClock {
    fn set_now(moment: loopin_primitives::Moment) {
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
    type VerdictOrigin = EnsureRootOfSudoChain;
    // In any order. Verification forgets devices that are gone.
    type DeviceHooks = (Stakes, (Rentals, (Verification, Rewards)));
    type DepositBase = ConstU128<{ deposit(2, 250) }>;
    type DepositPerByte = ConstU128<{ deposit(0, 1) }>;
    // Longer than the rounds of verification in which a lie can be proven.
    type AgentKeyInterval = ConstU64<DAY>;
    type WeightInfo = pallet_devices::weights::SubstrateWeight<Runtime>;
}

impl pallet_stakes::Config for Runtime {
    type TenancyHooks = Rentals;
    type LiquidityHooks = Rewards;
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
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Rentals;
}

impl pallet_rentals::Config for Runtime {
    type RentalHooks = Rewards;
    type DepositBase = ConstU128<{ deposit(1, 150) }>;
    type DepositPerDevice = ConstU128<{ deposit(1, 30) }>;
    type DepositPerKeyByte = ConstU128<MILLI>;
    type ReportDeposit = market::ReportDeposit;
    type ReportPatience = market::ReportPatience;
    type WeightInfo = pallet_rentals::weights::SubstrateWeight<Runtime>;
}

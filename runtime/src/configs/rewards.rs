//! Emission, and who gets it.

use crate::{
    Balance, Runtime, RuntimeHoldReason,
    configs::{
        TreasuryAccount,
        governance::{RootOrMajorityOfCouncil, RootOrTwoThirdsOfCouncil},
    },
    constants::currency::LOOPIN,
};
use alloc::{vec, vec::Vec};
use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU64},
};
use loopin_math::time::DAY;

parameter_types! {
    /// There will never be more LOOPIN than this, in planck.
    pub const SupplyCap: Balance = 73_000_000 * LOOPIN;
    /// The bonds of verifiers and validators count for their owners' loyalty.
    pub BondReasons: Vec<RuntimeHoldReason> = vec![
        pallet_verification::HoldReason::VerifierBond.into(),
        pallet_validators::HoldReason::ValidatorBond.into(),
    ];
}

impl pallet_rewards::Config for Runtime {
    type GovernanceOrigin = RootOrTwoThirdsOfCouncil;
    type EmergencyOrigin = RootOrMajorityOfCouncil;
    type Treasury = TreasuryAccount;
    type BondReasons = BondReasons;
    // Five years.
    type TeamLockSeconds = ConstU64<{ 5 * 365 * DAY }>;
    // A quarter of a year: twenty batches in five years, and an account can have 28.
    type TeamBatchEpochs = ConstU32<91>;
    type SupplyCap = SupplyCap;
    type WeightInfo = pallet_rewards::weights::SubstrateWeight<Runtime>;
}

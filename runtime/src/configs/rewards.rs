//! Emission, and who gets it.

use crate::{
    Balance, BlockNumber, Runtime, Vesting,
    configs::{
        TreasuryAccount,
        governance::{RootOrMajorityOfCouncil, RootOrTwoThirdsOfCouncil},
    },
    constants::{currency::LOOPIN, time::DAYS},
};
use frame_support::{parameter_types, traits::ConstU32};

parameter_types! {
    /// There will never be more LOOPIN than this, in planck.
    pub const SupplyCap: Balance = 73_000_000 * LOOPIN;
    /// Five years, in blocks: for so long the team's share is locked.
    pub const TeamLockBlocks: BlockNumber = 5 * 365 * DAYS;
}

impl pallet_rewards::Config for Runtime {
    type GovernanceOrigin = RootOrTwoThirdsOfCouncil;
    type EmergencyOrigin = RootOrMajorityOfCouncil;
    type Treasury = TreasuryAccount;
    type TeamVesting = Vesting;
    type TeamLockBlocks = TeamLockBlocks;
    // A quarter of a year: twenty batches in five years, and an account can have 28.
    type TeamBatchEpochs = ConstU32<91>;
    type SupplyCap = SupplyCap;
    type WeightInfo = pallet_rewards::weights::SubstrateWeight<Runtime>;
}

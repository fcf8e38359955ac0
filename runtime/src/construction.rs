//! The pallets of the runtime and their indices, which are part of every transaction's encoding: an index is
//! never used twice, and a pallet that goes leaves a gap.

use crate::{Block, UncheckedExtrinsic};
use alloc::vec::Vec;
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::traits::Block as BlockT;

/// The inherent transactions that all pallets make from `data`.
pub(crate) fn create_inherents(data: InherentData) -> Vec<UncheckedExtrinsic> {
    data.create_extrinsics()
}

/// What the pallets have to say against the inherent transactions of `block`.
pub(crate) fn check_inherents(
    block: &<Block as BlockT>::LazyBlock,
    data: InherentData,
) -> CheckInherentsResult {
    data.check_extrinsics(block)
}

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
    pub struct Runtime;

    // Consensus, money and validators.
    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type Babe = pallet_babe;
    #[runtime::pallet_index(3)]
    pub type Grandpa = pallet_grandpa;
    // The genesis of each of these needs the one before: bonds need money, and Session asks for validators.
    #[runtime::pallet_index(4)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(5)]
    pub type Validators = pallet_validators;
    #[runtime::pallet_index(6)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(7)]
    pub type Historical = pallet_session::historical;
    #[runtime::pallet_index(8)]
    pub type Offences = pallet_offences;
    // Authorship comes after Session: the author of a session's first block is one of its own validators.
    #[runtime::pallet_index(9)]
    pub type Authorship = pallet_authorship;

    // Fees and tokens.
    #[runtime::pallet_index(10)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(12)]
    pub type Assets = pallet_assets;
    #[runtime::pallet_index(13)]
    pub type AssetsHolder = pallet_assets_holder;
    #[runtime::pallet_index(14)]
    pub type AssetsFreezer = pallet_assets_freezer;
    #[runtime::pallet_index(15)]
    pub type Nfts = pallet_nfts;
    #[runtime::pallet_index(16)]
    pub type Vesting = pallet_vesting;

    // The market of GPU time. The genesis of Pools needs money and assets.
    #[runtime::pallet_index(40)]
    pub type Pools = pallet_pools;
    #[runtime::pallet_index(41)]
    pub type Devices = pallet_devices;
    #[runtime::pallet_index(42)]
    pub type Stakes = pallet_stakes;
    #[runtime::pallet_index(43)]
    pub type Rentals = pallet_rentals;
    #[runtime::pallet_index(44)]
    pub type Verification = pallet_verification;
    #[runtime::pallet_index(45)]
    pub type Rewards = pallet_rewards;

    // Accounts' conveniences.
    #[runtime::pallet_index(20)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(21)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(22)]
    pub type Proxy = pallet_proxy;

    // Governance.
    #[runtime::pallet_index(30)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(31)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(32)]
    pub type Parameters = pallet_parameters;
    #[runtime::pallet_index(33)]
    pub type Treasury = pallet_treasury;
    #[runtime::pallet_index(34)]
    pub type Council = pallet_collective<Instance1>;
    #[runtime::pallet_index(35)]
    pub type ConvictionVoting = pallet_conviction_voting;
    #[runtime::pallet_index(36)]
    pub type Referenda = pallet_referenda;
    #[runtime::pallet_index(39)]
    pub type Sudo = pallet_sudo;
}

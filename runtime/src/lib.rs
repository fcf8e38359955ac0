//! The LooPIN runtime: the rules of the chain, as the Wasm code that every node executes.
//!
//! This crate wires pallets together and holds no rules of its own. Where to look:
//!
//! - below: which pallets there are, and under which index;
//! - [`configs`]: how each pallet is set up, grouped by what it is for;
//! - [`constants`]: money, time, deposits and fees;
//! - [`genesis_config_presets`]: the first block of the development, local and production-shaped chains;
//! - [`genesis_pools`]: the pools that they begin with;
//! - [`market_api`], [`rewards_api`], [`verification_api`]: what readers of the chain can ask about the market, about
//!   rewards, and about who challenges devices;
//! - `apis`: what nodes and clients can ask the runtime.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]
#![recursion_limit = "256"]
// What `frame_support::runtime` generates in this file has no documentation of its own. The modules deny it instead;
// whoever adds something to this file has to see to its documentation.
#![allow(missing_docs)]

#[cfg(feature = "std")]
#[allow(dead_code)] // Generated; the path of the file is of no use to anybody.
mod wasm_binary {
    include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}
#[cfg(feature = "std")]
pub use wasm_binary::{WASM_BINARY, WASM_BINARY_BLOATY};

extern crate alloc;

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
#[deny(missing_docs)]
pub mod configs;
#[deny(missing_docs)]
pub mod constants;
#[deny(missing_docs)]
pub mod genesis_config_presets;
#[deny(missing_docs)]
pub mod genesis_pools;
pub mod market_api;
pub mod rewards_api;
#[cfg(test)]
mod tests;
pub mod verification_api;

pub use apis::RuntimeApi;

use alloc::{borrow::Cow, vec::Vec};
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
    MultiAddress, MultiSignature, generic, impl_opaque_keys,
    traits::{BlakeTwo256, Block as BlockT, IdentifyAccount, Verify},
};
use sp_version::RuntimeVersion;

/// Number of a block.
pub type BlockNumber = u32;
/// Signature of a transaction: sr25519, ed25519 or ECDSA.
pub type Signature = MultiSignature;
/// Account: the 32 bytes that an address encodes.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// Amount of LOOPIN in planck; also the amount of any other asset in its base unit.
pub type Balance = u128;
/// Count of transactions sent by an account.
pub type Nonce = u32;
/// Hash of blocks, transactions and state.
pub type Hash = sp_core::H256;
/// Number of a fungible asset, such as the hour token of a pool.
pub type AssetId = u32;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// Block header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// Block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// Transaction as it arrives, not yet checked.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What the signature of a transaction covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// What every transaction carries and is checked for, in this order.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// Dispatches blocks and transactions to the pallets.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

impl_opaque_keys! {
    /// The keys with which a validator takes part in consensus. They live on its node; the account that
    /// holds the funds does not have to.
    pub struct SessionKeys {
        /// Makes blocks.
        pub babe: Babe,
        /// Votes on finality.
        pub grandpa: Grandpa,
    }
}

/// Types for the node, which handles transactions without looking into them.
pub mod opaque {
    use super::{BlakeTwo256, BlockNumber, generic};

    /// Transaction as opaque bytes.
    pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;
    /// Block header.
    pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
    /// Block with opaque transactions.
    pub type Block = generic::Block<Header, UncheckedExtrinsic>;
}

// The pallets and their indices. An index is part of every transaction's encoding: it is never used twice, and a pallet
// that goes leaves a gap. This is in the crate's root because some clients look for `loopin_runtime::RuntimeEvent`.
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

    // The market for GPU time. The genesis of Pools needs money and assets.
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

    // Conveniences for accounts.
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

/// The inherent transactions that all pallets make from `data`.
fn create_inherents(data: InherentData) -> Vec<UncheckedExtrinsic> {
    data.create_extrinsics()
}

/// What the pallets object to in the inherent transactions of `block`.
fn check_inherents(block: &<Block as BlockT>::LazyBlock, data: InherentData) -> CheckInherentsResult {
    data.check_extrinsics(block)
}

/// The version of this runtime. `spec_version` rises with every release that changes the rules,
/// `transaction_version` when the encoding of an existing call changes.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("loopin"),
    impl_name: Cow::Borrowed("loopin"),
    authoring_version: 1,
    spec_version: 100,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// How BABE starts: everyone's weight is the same, and secondary slots are VRF-drawn too, which keeps
/// the randomness that the protocol draws from unpredictable.
pub const BABE_GENESIS_EPOCH_CONFIG: sp_consensus_babe::BabeEpochConfiguration =
    sp_consensus_babe::BabeEpochConfiguration {
        c: constants::time::PRIMARY_PROBABILITY,
        allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
    };

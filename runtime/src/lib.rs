//! The LooPIN runtime: the rules of the chain, as the Wasm code that every node executes.
//!
//! This crate wires pallets together and holds no rules of its own. Where to look:
//!
//! - `construction`: which pallets there are, under which index;
//! - [`configs`]: how each pallet is set up, grouped by what it is for;
//! - [`constants`]: money, time, deposits and fees;
//! - [`genesis_config_presets`]: the first block of the development, local and production-shaped chains;
//! - [`genesis_pools`]: the pools that they begin with;
//! - [`market_api`], [`rewards_api`], [`verification_api`]: what readers of the chain can ask about the market, about
//!   rewards, and about who challenges devices;
//! - `apis`: what nodes and clients can ask the runtime.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]

#[cfg(feature = "std")]
#[allow(missing_docs, dead_code)] // Generated; the path of the file is of no use to anybody.
mod wasm_binary {
    include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}
#[cfg(feature = "std")]
pub use wasm_binary::{WASM_BINARY, WASM_BINARY_BLOATY};

extern crate alloc;

#[allow(missing_docs)] // What the macro generates has no documentation of its own.
mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
#[allow(missing_docs)] // As above.
mod construction;
pub mod genesis_config_presets;
pub mod genesis_pools;
#[allow(missing_docs)] // What the macro generates has no documentation of its own.
pub mod market_api;
#[allow(missing_docs)] // As above.
pub mod rewards_api;
#[cfg(test)]
mod tests;
#[allow(missing_docs)] // As above.
pub mod verification_api;

pub use apis::RuntimeApi;
pub use construction::*;

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
    MultiAddress, MultiSignature, generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
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
/// Identity of a fungible asset, such as the hour token of a pool.
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

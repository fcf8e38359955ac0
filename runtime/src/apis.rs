//! What nodes and clients can ask the runtime (`api.call.*` in polkadot-js).

use crate::{
    AccountId, BABE_GENESIS_EPOCH_CONFIG, Babe, Balance, Block, Executive, Grandpa, Historical, Nonce, Pools,
    Rentals, Rewards, Runtime, RuntimeCall, RuntimeGenesisConfig, SessionKeys, Stakes, System,
    TransactionPayment, VERSION, Verification,
    configs::EpochDuration,
    genesis_config_presets,
    market_api::{PoolView, RentQuote},
    rewards_api::{StabilityView, SupplyView},
    verification_api::{DeviceStatus, RoundView},
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
    genesis_builder_helper::{build_state, get_preset},
    traits::{Get, KeyOwnerProofSystem},
    weights::Weight,
};
use loopin_primitives::{DeviceChallenge, DeviceId, EpochId, Moment, PoolId, PositionId, RentalId};
use pallet_pools::{MeanPrice, TradeQuote};
use pallet_rewards::{DeviceRewards, Loyalty};
use pallet_stakes::PositionValue;
use pallet_verification::{AssignmentPage, Verifier};
use sp_api::impl_runtime_apis;
use sp_core::{OpaqueMetadata, crypto::KeyTypeId, sr25519};
use sp_runtime::{
    ApplyExtrinsicResult, DispatchError, Permill, RuntimeAppPublic,
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block);
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
        fn execute_view_function(
            id: frame_support::view_functions::ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
            Runtime::execute_view_function(id, input)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            crate::create_inherents(data)
        }

        fn check_inherents(
            block: <Block as BlockT>::LazyBlock,
            data: sp_inherents::InherentData,
        ) -> sp_inherents::CheckInherentsResult {
            crate::check_inherents(&block, data)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, tx, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_consensus_babe::BabeApi<Block> for Runtime {
        fn configuration() -> sp_consensus_babe::BabeConfiguration {
            let epoch_config = Babe::epoch_config().unwrap_or(BABE_GENESIS_EPOCH_CONFIG);
            sp_consensus_babe::BabeConfiguration {
                slot_duration: Babe::slot_duration(),
                epoch_length: EpochDuration::get(),
                c: epoch_config.c,
                authorities: Babe::authorities().to_vec(),
                randomness: Babe::randomness(),
                allowed_slots: epoch_config.allowed_slots,
            }
        }

        fn current_epoch_start() -> sp_consensus_babe::Slot {
            Babe::current_epoch_start()
        }

        fn current_epoch() -> sp_consensus_babe::Epoch {
            Babe::current_epoch()
        }

        fn next_epoch() -> sp_consensus_babe::Epoch {
            Babe::next_epoch()
        }

        fn generate_key_ownership_proof(
            _slot: sp_consensus_babe::Slot,
            authority_id: sp_consensus_babe::AuthorityId,
        ) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_babe::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
            key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            let key_owner_proof = key_owner_proof.decode()?;
            Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof)
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            Grandpa::current_set_id()
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_grandpa::SetId,
            authority_id: sp_consensus_grandpa::AuthorityId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_grandpa::EquivocationProof<
                <Block as BlockT>::Hash,
                NumberFor<Block>,
            >,
            key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            let key_owner_proof = key_owner_proof.decode()?;
            Grandpa::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof)
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            // A development chain's node, whose keys come from a seed that everybody knows, gets a verifier's key from
            // the same seed. Others make theirs with `loopin-node key`.
            if seed.is_some() {
                <pallet_verification::crypto::Public as RuntimeAppPublic>::generate_pair(seed.clone());
            }
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(uxt, len)
        }

        fn query_fee_details(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_fee_details(uxt, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall>
        for Runtime
    {
        fn query_call_info(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, len)
        }

        fn query_call_fee_details(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl crate::verification_api::VerificationApi<Block> for Runtime {
        fn current_round() -> Option<RoundView> {
            RoundView::current()
        }

        fn challenge_of(device: DeviceId) -> Option<DeviceChallenge> {
            Verification::challenge_of(device)
        }

        fn assignments(verifier: AccountId, from: DeviceId, limit: u32) -> AssignmentPage {
            Verification::assignments(&verifier, from, limit)
        }

        fn ballots(
            round: loopin_primitives::RoundId,
            device: loopin_primitives::DeviceId,
        ) -> Option<Vec<pallet_verification::Ballot<AccountId>>> {
            Verification::ballots(round, device)
        }

        fn verifier(verifier: AccountId) -> Option<Verifier> {
            Verification::verifier(&verifier)
        }

        fn verifier_of(key: sr25519::Public) -> Option<(AccountId, Verifier)> {
            Verification::verifier_of(&key)
        }

        fn device_status(device: DeviceId) -> Option<DeviceStatus> {
            DeviceStatus::of(device)
        }
    }

    impl crate::market_api::MarketApi<Block> for Runtime {
        fn pool(pool: PoolId) -> Option<PoolView> {
            PoolView::of(pool)
        }

        fn mean_price(
            pool: PoolId,
            from: Moment,
            until: Moment,
        ) -> Result<MeanPrice, DispatchError> {
            Pools::mean_price(pool, from, until)
        }

        fn price_chart(
            pool: PoolId,
            from: Moment,
            until: Moment,
        ) -> Result<Vec<MeanPrice>, DispatchError> {
            Pools::price_chart(pool, from, until)
        }

        fn quote_certificate(pool: PoolId, gpu_seconds: u128) -> Result<Balance, DispatchError> {
            Stakes::quote_certificate(pool, gpu_seconds)
        }

        fn quote_add_liquidity(position: PositionId) -> Result<Balance, DispatchError> {
            Stakes::quote_add_liquidity(position)
        }

        fn quote_sell(position: PositionId, gpu_seconds: u64) -> Result<TradeQuote, DispatchError> {
            Stakes::quote_sell(position, gpu_seconds)
        }

        fn quote_rent(pool: PoolId, devices: u32, seconds: u64) -> Result<RentQuote, DispatchError> {
            RentQuote::of(pool, devices, seconds)
        }

        fn quote_extend(rental: RentalId, seconds: u64) -> Result<TradeQuote, DispatchError> {
            Rentals::quote_extend(rental, seconds)
        }

        fn quote_terminate(rental: RentalId) -> Result<TradeQuote, DispatchError> {
            Rentals::quote_terminate(rental)
        }

        fn position_value(position: PositionId) -> Option<PositionValue> {
            Stakes::position_value(position)
        }
    }

    impl crate::rewards_api::RewardsApi<Block> for Runtime {
        fn supply() -> SupplyView {
            SupplyView::now()
        }

        fn emission(epoch: EpochId) -> Balance {
            crate::rewards_api::emission(epoch)
        }

        fn device_rewards(device: DeviceId) -> Option<DeviceRewards> {
            Rewards::device_rewards(device)
        }

        fn loyalty(account: AccountId) -> Loyalty {
            Rewards::loyalty(&account)
        }

        fn stability(
            pool: PoolId,
            external_price: Balance,
            failure_probability: Permill,
            collateral: Balance,
            buyers_limit: Balance,
        ) -> Option<StabilityView> {
            Rewards::conditions(pool, external_price, failure_probability, collateral, buyers_limit)
                .map(StabilityView::of)
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(extra: bool) -> (
            Vec<frame_benchmarking::BenchmarkList>,
            Vec<frame_support::traits::StorageInfo>,
        ) {
            crate::benchmarks::metadata(extra)
        }

        #[allow(non_local_definitions)]
        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            crate::benchmarks::dispatch(config)
        }
    }

    #[cfg(feature = "try-runtime")]
    impl frame_try_runtime::TryRuntime<Block> for Runtime {
        fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
            // A failed check has to stop right here with its reason: this is a tool's call, not a block's.
            let weight = Executive::try_runtime_upgrade(checks).expect("the upgrade passes its checks");
            (weight, crate::configs::BlockWeights::get().max_block)
        }

        fn execute_block(
            block: <Block as BlockT>::LazyBlock,
            state_root_check: bool,
            signature_check: bool,
            select: frame_try_runtime::TryStateSelect,
        ) -> Weight {
            // As above.
            Executive::try_execute_block(block, state_root_check, signature_check, select)
                .expect("the block executes")
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            // Without this, addresses in the chain's own format would be refused. An instance of the runtime
            // lives for one call; in a native process it would change what everybody else prints.
            #[cfg(not(feature = "std"))]
            sp_core::crypto::set_default_ss58_version(crate::configs::SS58Prefix::get().into());
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis_config_presets::get_preset)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            genesis_config_presets::preset_names()
        }
    }
}

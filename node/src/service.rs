//! A node of a network: BABE makes blocks, GRANDPA finalises them.

use crate::{equivocation::EquivocationWatch, rpc, verifier_metrics::VerifierMetrics};
use futures::FutureExt;
use loopin_runtime::{RuntimeApi, opaque::Block};
use sc_client_api::{Backend, HeaderBackend};
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, SlotProportion};
use sc_consensus_grandpa::SharedVoterState;
use sc_executor::WasmExecutor;
use sc_network::NetworkBackend;
use sc_service::{
    BuildGenesisBlock, Configuration, Error, GenesisBlockBuilder, KeystoreContainer, TaskManager,
    WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::{OffchainTransactionPoolFactory, RejectAllTxPool};
use sp_consensus_babe::{SlotDuration, inherents::InherentDataProvider as SlotProvider};
use sp_inherents::CreateInherentDataProviders;
use sp_runtime::traits::Block as BlockT;
use sp_timestamp::InherentDataProvider as TimestampProvider;
use std::{sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;

/// Functions of the host that the runtime can call: the SDK's, so that every tool can run the runtime.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type HostFunctions = sp_io::SubstrateHostFunctions;
/// Functions of the host that the runtime can call: the SDK's and those of its benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub type HostFunctions = (
    sp_io::SubstrateHostFunctions,
    frame_benchmarking::benchmarking::HostFunctions,
);
/// Executes the runtime.
pub type Executor = WasmExecutor<HostFunctions>;
/// The client: blocks, state and the runtime's API.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// The longest chain that contains the last final block is the best.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
/// The transactions waiting for a block.
pub type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
/// Makes a block's time and slot.
pub type InherentProviders = Arc<
    dyn CreateInherentDataProviders<Block, (), InherentDataProviders = (SlotProvider, TimestampProvider)>,
>;
/// BABE's checks around the import of a block.
pub type BabeImport<Inner> = BabeBlockImport<Block, FullClient, Inner, InherentProviders, FullSelectChain>;
type GrandpaImport =
    sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>;

/// A justification is kept for one block in this many, besides those that change the validators.
const JUSTIFICATION_PERIOD: u32 = 512;
/// How often GRANDPA's voters tell each other what they know.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// The base of every kind of node.
pub struct Base {
    pub client: Arc<FullClient>,
    pub backend: Arc<FullBackend>,
    pub keystore: KeystoreContainer,
    pub task_manager: TaskManager,
    pub select_chain: FullSelectChain,
    pub transaction_pool: Arc<FullPool>,
    pub telemetry: Option<Telemetry>,
}

/// What executes the runtime, as the configuration wants it.
pub fn executor(config: &Configuration) -> Executor {
    sc_service::new_wasm_executor(&config.executor)
}

/// Opens the database and checks that it is this chain's.
pub fn new_base(config: &Configuration, executor: Executor) -> Result<Base, Error> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;

    let (client, backend, keystore, task_manager) = sc_service::new_full_parts::<Block, RuntimeApi, _>(
        config,
        telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
        executor.clone(),
        Vec::new(),
    )?;
    let client = Arc::new(client);
    check_genesis(config, &client, backend.clone(), executor)?;

    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });
    let select_chain = sc_consensus::LongestChain::new(backend.clone());
    let transaction_pool = Arc::from(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );
    Ok(Base {
        client,
        backend,
        keystore,
        task_manager,
        select_chain,
        transaction_pool,
        telemetry,
    })
}

/// Refuses a database that was begun with another genesis: the SDK takes the first block that it finds
/// in it, whatever the chain spec says.
fn check_genesis(
    config: &Configuration,
    client: &FullClient,
    backend: Arc<FullBackend>,
    executor: Executor,
) -> Result<(), Error> {
    let builder = GenesisBlockBuilder::<Block, _, _>::new(
        config.chain_spec.as_storage_builder(),
        false,
        backend,
        executor,
    )?;
    let (expected, _) = builder.build_genesis_block()?;
    let (expected, found) = (expected.hash(), client.info().genesis_hash);
    if expected == found {
        return Ok(());
    }
    Err(Error::Other(format!(
        "the database at {} belongs to another chain: its first block is {found:?}, and that of `{}` is \
         {expected:?}. Check --chain, choose another --base-path, or delete the database with purge-chain",
        config
            .database
            .path()
            .unwrap_or(config.base_path.path())
            .display(),
        config.chain_spec.name(),
    )))
}

/// A node that can import blocks: enough for the subcommands.
pub struct Partial {
    pub client: Arc<FullClient>,
    pub backend: Arc<FullBackend>,
    pub keystore: KeystoreContainer,
    pub task_manager: TaskManager,
    pub select_chain: FullSelectChain,
    pub transaction_pool: Arc<FullPool>,
    pub telemetry: Option<Telemetry>,
    pub import_queue: sc_consensus::DefaultImportQueue<Block>,
    pub block_import: EquivocationWatch<BabeImport<GrandpaImport>>,
    pub babe_link: BabeLink<Block>,
    pub babe_worker: BabeWorkerHandle<Block>,
    pub grandpa_link: GrandpaLink,
}

/// Builds the import of blocks on top of [`new_base`].
pub fn new_partial(config: &Configuration, executor: Executor) -> Result<Partial, Error> {
    let Base {
        client,
        backend,
        keystore,
        task_manager,
        select_chain,
        transaction_pool,
        telemetry,
    } = new_base(config, executor)?;

    let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &(client.clone() as Arc<_>),
        select_chain.clone(),
        telemetry.as_ref().map(|telemetry| telemetry.handle()),
    )?;
    let babe_config = sc_consensus_babe::configuration(&*client)?;
    let slot_duration = babe_config.slot_duration();
    let (block_import, babe_link) = sc_consensus_babe::block_import(
        babe_config,
        grandpa_import.clone(),
        client.clone(),
        system_time(slot_duration),
        select_chain.clone(),
        // For its reports of equivocations, which nobody could use: see `equivocation`.
        OffchainTransactionPoolFactory::new(RejectAllTxPool::default()),
    )?;
    let block_import = EquivocationWatch::new(block_import, client.clone(), transaction_pool.clone());
    let (import_queue, babe_worker) =
        sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
            link: babe_link.clone(),
            block_import: block_import.clone(),
            justification_import: Some(Box::new(grandpa_import)),
            client: client.clone(),
            slot_duration,
            spawner: &task_manager.spawn_essential_handle(),
            registry: config.prometheus_registry(),
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
        })?;

    Ok(Partial {
        client,
        backend,
        keystore,
        task_manager,
        select_chain,
        transaction_pool,
        telemetry,
        import_queue,
        block_import,
        babe_link,
        babe_worker,
        grandpa_link,
    })
}

/// Time and slot from the clock of the machine.
fn system_time(slot_duration: SlotDuration) -> InherentProviders {
    Arc::new(move |_parent, ()| async move {
        let timestamp = TimestampProvider::from_system_time();
        let slot = SlotProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration);
        Ok((slot, timestamp))
    })
}

/// Runs a node of a network until the task manager stops.
pub fn run<Network: NetworkBackend<Block, <Block as BlockT>::Hash>>(
    config: Configuration,
    executor: Executor,
) -> Result<TaskManager, Error> {
    let Partial {
        client,
        backend,
        keystore,
        mut task_manager,
        select_chain,
        transaction_pool,
        mut telemetry,
        import_queue,
        block_import,
        babe_link,
        babe_worker,
        grandpa_link,
    } = new_partial(&config, executor)?;
    let role = config.role;
    let name = config.network.node_name.clone();
    let prometheus = config.prometheus_registry().cloned();
    let force_authoring = config.force_authoring;
    let enable_grandpa = !config.disable_grandpa;
    let run_offchain_workers = config.offchain_worker.enabled;

    let metrics = Network::register_notification_metrics(config.prometheus_registry());
    let mut net_config = sc_network::config::FullNetworkConfiguration::<_, _, Network>::new(
        &config.network,
        prometheus.clone(),
    );
    let protocol_name =
        sc_consensus_grandpa::protocol_standard_name(&client.info().genesis_hash, &config.chain_spec);
    let (grandpa_protocol, grandpa_notifications) =
        sc_consensus_grandpa::grandpa_peers_set_config::<_, Network>(
            protocol_name.clone(),
            metrics.clone(),
            net_config.peer_store_handle(),
        );
    net_config.add_notification_protocol(grandpa_protocol);
    let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(sc_service::BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    let voter_state = SharedVoterState::empty();
    let rpc_handles = rpc::ConsensusHandles {
        babe_worker,
        keystore: keystore.keystore(),
        select_chain: select_chain.clone(),
        voter_state: voter_state.clone(),
        authority_set: grandpa_link.shared_authority_set().clone(),
        justifications: grandpa_link.justification_stream(),
        finality_proofs: sc_consensus_grandpa::FinalityProofProvider::new_for_service(
            backend.clone(),
            Some(grandpa_link.shared_authority_set().clone()),
        ),
    };
    let rpc_builder = {
        let (client, pool) = (client.clone(), transaction_pool.clone());
        Box::new(move |executor| {
            let mut module = rpc::basic(client.clone(), pool.clone())?;
            let consensus = rpc::consensus(client.clone(), rpc_handles.clone(), executor)?;
            module
                .merge(consensus)
                .map_err(|error| Error::Application(error.into()))?;
            Ok(module)
        })
    };
    announce(&config);
    sc_service::spawn_tasks(sc_service::SpawnTasksParams {
        config,
        client: client.clone(),
        backend: backend.clone(),
        task_manager: &mut task_manager,
        keystore: keystore.keystore(),
        transaction_pool: transaction_pool.clone(),
        rpc_builder,
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    if run_offchain_workers {
        spawn_offchain_workers(
            &task_manager,
            client.clone(),
            &backend,
            &keystore,
            transaction_pool.clone(),
            network.clone(),
            role.is_authority(),
        )?;
        spawn_verifier_metrics(&task_manager, client.clone(), &keystore, prometheus.as_ref())?;
    }

    if role.is_authority() {
        let proposer = sc_basic_authorship::ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            transaction_pool.clone(),
            prometheus.as_ref(),
            telemetry.as_ref().map(|telemetry| telemetry.handle()),
        );
        let slot_duration = babe_link.config().slot_duration();
        let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
            keystore: keystore.keystore(),
            client,
            select_chain,
            env: proposer,
            block_import,
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service.clone(),
            create_inherent_data_providers: system_time(slot_duration),
            force_authoring,
            // No back-off while finality waits, which may be for days where one of three validators is missing. The
            // SDK's default leaves up to a hundred slots empty after each block: attestations, accepted until 18
            // seconds after their time slot, would be missed and miners not paid; a referendum that replaces the
            // validator, whose time is counted in blocks, would take months; and a validator that did not back off
            // would make nearly all blocks. What it saves is bounded anyway: the database keeps the changes of at most
            // 4,096 blocks in memory.
            backoff_authoring_blocks: None::<()>,
            babe_link,
            block_proposal_slot_portion: SlotProportion::new(0.5),
            max_block_proposal_slot_portion: None,
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
        })?;
        task_manager
            .spawn_essential_handle()
            .spawn_blocking("babe", Some("block-authoring"), babe);
    }

    if enable_grandpa {
        let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: GOSSIP_DURATION,
                justification_generation_period: JUSTIFICATION_PERIOD,
                name: Some(name),
                observer_enabled: false,
                // A node that does not validate follows the votes without keys of its own.
                keystore: role.is_authority().then(|| keystore.keystore()),
                local_role: role,
                telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
                protocol_name,
            },
            link: grandpa_link,
            network,
            sync: Arc::new(sync_service),
            notification_service: grandpa_notifications,
            voting_rule: sc_consensus_grandpa::VotingRulesBuilder::default().build(),
            prometheus_registry: prometheus,
            shared_voter_state: voter_state,
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
        })?;
        task_manager
            .spawn_essential_handle()
            .spawn_blocking("grandpa-voter", None, voter);
    }
    Ok(task_manager)
}

/// Starts the workers that run the runtime's off-chain code after every block.
pub fn spawn_offchain_workers(
    task_manager: &TaskManager,
    client: Arc<FullClient>,
    backend: &FullBackend,
    keystore: &KeystoreContainer,
    transaction_pool: Arc<FullPool>,
    network: Arc<dyn sc_network::service::traits::NetworkService>,
    is_validator: bool,
) -> Result<(), Error> {
    let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
        runtime_api_provider: client.clone(),
        keystore: Some(keystore.keystore()),
        offchain_db: backend.offchain_storage(),
        transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool)),
        network_provider: Arc::new(network),
        is_validator,
        enable_http_requests: true,
        custom_extensions: |_| Vec::new(),
    })?;
    task_manager.spawn_handle().spawn(
        "offchain-workers-runner",
        "offchain-worker",
        workers.run(client, task_manager.spawn_handle()).boxed(),
    );
    Ok(())
}

/// Shows how the verifiers whose keys the node holds are doing, if there is a Prometheus endpoint to show it.
pub fn spawn_verifier_metrics(
    task_manager: &TaskManager,
    client: Arc<FullClient>,
    keystore: &KeystoreContainer,
    prometheus: Option<&Registry>,
) -> Result<(), Error> {
    if let Some(registry) = prometheus {
        let metrics = VerifierMetrics::new(client, keystore.keystore(), registry)
            .map_err(|error| Error::Other(error.to_string()))?;
        task_manager
            .spawn_handle()
            .spawn("verifier-metrics", "offchain-worker", metrics.run());
    }
    Ok(())
}

/// Tells the person at the terminal where to look at the chain.
pub fn announce(config: &Configuration) {
    let endpoint = config.rpc.addr.iter().flatten().next();
    log::info!(
        "🔗 Open https://polkadot.js.org/apps/?rpc=ws%3A%2F%2F127.0.0.1%3A{}#/explorer to look at this chain",
        endpoint.map_or(config.rpc.port, |endpoint| endpoint.listen_addr.port())
    );
}

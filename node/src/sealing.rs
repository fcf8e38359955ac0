//! A development chain that makes blocks on demand and can jump forward in time.
//!
//! Blocks carry BABE's slots as on a real network, so that sessions and randomness go on; they are final
//! at once, without GRANDPA. The chain's clock is the machine's plus what was jumped, and at least one
//! slot after the last block: blocks made faster than one in six seconds run ahead of the clock.

use crate::{
    rpc,
    service::{self, BabeImport, Base, Executor, FullClient, InherentProviders},
};
use codec::Decode;
use futures::{
    SinkExt, Stream, StreamExt,
    channel::{mpsc, oneshot},
    stream,
};
use jsonrpsee::{Extensions, core::RpcResult, core::async_trait, proc_macros::rpc, types::ErrorObjectOwned};
use loopin_runtime::{Hash, opaque::Block};
use sc_client_api::{BlockchainEvents, HeaderBackend, StorageProvider};
use sc_consensus_manual_seal::{
    ManualSealParams,
    consensus::babe::BabeConsensusDataProvider,
    rpc::{EngineCommand, ManualSeal, ManualSealApiServer},
};
use sc_service::{Configuration, Error, TaskManager};
use sc_transaction_pool_api::{OffchainTransactionPoolFactory, TransactionPool};
use sp_consensus_babe::{SlotDuration, inherents::InherentDataProvider as SlotProvider};
use sp_core::storage::StorageKey;
use sp_crypto_hashing::twox_128;
use sp_runtime::traits::Block as BlockT;
use sp_timestamp::{InherentDataProvider as TimestampProvider, Timestamp};
use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

type Network = sc_network::NetworkWorker<Block, <Block as BlockT>::Hash>;

/// How many commands can wait for the sealer; whoever sends more waits.
const COMMAND_QUEUE: usize = 1_000;
/// The furthest jump: ten years.
const MAXIMUM_JUMP_SECONDS: u64 = 10 * 365 * 24 * 60 * 60;

/// When a block is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// As soon as a transaction arrives.
    Instant,
    /// On request.
    Manual,
    /// Regularly.
    Interval(Duration),
}

impl FromStr for Sealing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse::<u64>()) {
            ("instant", _) => Ok(Sealing::Instant),
            ("manual", _) => Ok(Sealing::Manual),
            (_, Ok(milliseconds)) if milliseconds > 0 => {
                Ok(Sealing::Interval(Duration::from_millis(milliseconds)))
            }
            _ => Err("expected `instant`, `manual`, or a number of milliseconds above 0".into()),
        }
    }
}

/// Keeps out of the log what the SDK says about every sealed block: the outcome in Rust's debug format, and that
/// BABE knows no parent of a block that is final on arrival. `--log` comes later, and overrides this.
pub fn quieten(log_filters: &mut Vec<String>) {
    log_filters.insert(0, "sc_consensus_manual_seal=warn,babe=error".into());
}

/// The clock of a chain that can jump forward.
struct ChainClock {
    jumped_milliseconds: AtomicU64,
    slot_duration: SlotDuration,
}

impl ChainClock {
    fn new(slot_duration: SlotDuration) -> Self {
        ChainClock {
            jumped_milliseconds: AtomicU64::new(0),
            slot_duration,
        }
    }

    fn now(&self) -> u64 {
        Timestamp::current()
            .as_millis()
            .saturating_add(self.jumped_milliseconds.load(Ordering::SeqCst))
    }

    /// The time of a block whose parent has the slot `parent_slot`.
    fn time_after(&self, parent_slot: u64) -> Timestamp {
        let next_slot = parent_slot
            .saturating_add(1)
            .saturating_mul(self.slot_duration.as_millis());
        Timestamp::new(self.now().max(next_slot))
    }

    /// Moves the clock to `seconds` after the last block, or after now if that is later.
    fn jump(&self, last_block_milliseconds: u64, seconds: u64) {
        let behind = last_block_milliseconds.saturating_sub(self.now());
        self.jumped_milliseconds.fetch_add(
            behind.saturating_add(seconds.saturating_mul(1_000)),
            Ordering::SeqCst,
        );
    }
}

/// The time of a block, as its own inherent has set it, in Unix milliseconds; 0 at genesis.
fn block_time(client: &FullClient, block: Hash) -> Result<u64, String> {
    let key = StorageKey([twox_128(b"Timestamp"), twox_128(b"Now")].concat());
    let Some(now) = client.storage(block, &key).map_err(|error| error.to_string())? else {
        return Ok(0);
    };
    u64::decode(&mut &*now.0).map_err(|error| error.to_string())
}

/// Time and slot from the chain's clock.
fn chain_time(client: Arc<FullClient>, clock: Arc<ChainClock>) -> InherentProviders {
    Arc::new(move |parent: Hash, ()| {
        let (client, clock) = (client.clone(), clock.clone());
        async move {
            let header = client
                .header(parent)?
                .ok_or("the parent of the block is not in the database")?;
            let parent_slot = *sc_consensus_babe::find_pre_digest::<Block>(&header)?.slot();
            let timestamp = clock.time_after(parent_slot);
            let slot = SlotProvider::from_timestamp_and_slot_duration(timestamp, clock.slot_duration);
            Ok((slot, TimestampProvider::new(timestamp)))
        }
    })
}

/// Calls of a development chain.
#[rpc(server, namespace = "dev")]
trait DevelopmentApi {
    /// Moves the chain's clock `seconds` ahead of the last block and makes a block there. Returns the
    /// time of that block in Unix milliseconds. Unsafe: refused from outside.
    #[method(name = "jumpForward", with_extensions)]
    async fn jump_forward(&self, seconds: u64) -> RpcResult<u64>;
}

struct Development {
    client: Arc<FullClient>,
    clock: Arc<ChainClock>,
    commands: mpsc::Sender<EngineCommand<Hash>>,
}

#[async_trait]
impl DevelopmentApiServer for Development {
    async fn jump_forward(&self, extensions: &Extensions, seconds: u64) -> RpcResult<u64> {
        sc_rpc_api::check_if_safe(extensions)?;
        if seconds > MAXIMUM_JUMP_SECONDS {
            return Err(ErrorObjectOwned::owned(
                jsonrpsee::types::error::INVALID_PARAMS_CODE,
                format!("one jump is at most ten years, {MAXIMUM_JUMP_SECONDS} seconds"),
                None::<()>,
            ));
        }
        let failed = |reason: String| {
            ErrorObjectOwned::owned(
                jsonrpsee::types::error::INTERNAL_ERROR_CODE,
                format!("no block could be made after the jump: {reason}"),
                None::<()>,
            )
        };
        let last_block = block_time(&self.client, self.client.info().best_hash).map_err(failed)?;
        self.clock.jump(last_block, seconds);
        let (sender, result) = oneshot::channel();
        let seal = EngineCommand::SealNewBlock {
            create_empty: true,
            finalize: true,
            parent_hash: None,
            sender: Some(sender),
        };
        self.commands
            .clone()
            .send(seal)
            .await
            .map_err(|error| failed(error.to_string()))?;
        let block = result
            .await
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))?;
        block_time(&self.client, block.hash).map_err(failed)
    }
}

/// Runs a development chain until the task manager stops.
pub fn run(config: Configuration, executor: Executor, sealing: Sealing) -> Result<TaskManager, Error> {
    let Base {
        client,
        backend,
        keystore,
        mut task_manager,
        select_chain,
        transaction_pool,
        mut telemetry,
    } = service::new_base(&config, executor)?;
    let prometheus = config.prometheus_registry().cloned();
    let run_offchain_workers = config.offchain_worker.enabled;

    let babe_config = sc_consensus_babe::configuration(&*client)?;
    let authorities = babe_config.authorities.clone();
    let clock = Arc::new(ChainClock::new(babe_config.slot_duration()));
    let create_inherent_data_providers = chain_time(client.clone(), clock.clone());
    let (block_import, babe_link): (BabeImport<Arc<FullClient>>, _) = sc_consensus_babe::block_import(
        babe_config,
        client.clone(),
        client.clone(),
        create_inherent_data_providers.clone(),
        select_chain.clone(),
        OffchainTransactionPoolFactory::new(transaction_pool.clone()),
    )?;
    let import_queue = sc_consensus_manual_seal::import_queue(
        Box::new(client.clone()),
        &task_manager.spawn_essential_handle(),
        config.prometheus_registry(),
    );

    let metrics = <Network as sc_network::NetworkBackend<_, _>>::register_notification_metrics(
        config.prometheus_registry(),
    );
    let net_config = sc_network::config::FullNetworkConfiguration::<_, _, Network>::new(
        &config.network,
        prometheus.clone(),
    );
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
            warp_sync_config: None,
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    let (commands, requests) = mpsc::channel(COMMAND_QUEUE);
    let rpc_builder = {
        let (client, pool) = (client.clone(), transaction_pool.clone());
        let clock = clock.clone();
        Box::new(move |_| {
            let application = |error: jsonrpsee::core::RegisterMethodError| Error::Application(error.into());
            let mut module = rpc::basic(client.clone(), pool.clone())?;
            let development = Development {
                client: client.clone(),
                clock: clock.clone(),
                commands: commands.clone(),
            };
            module
                .merge(ManualSeal::new(commands.clone()).into_rpc())
                .map_err(application)?;
            module.merge(development.into_rpc()).map_err(application)?;
            Ok(module)
        })
    };
    service::announce(&config);
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
        sync_service,
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    if run_offchain_workers {
        service::spawn_offchain_workers(
            &task_manager,
            client.clone(),
            &backend,
            &keystore,
            transaction_pool.clone(),
            network,
            true,
        )?;
        service::spawn_verifier_metrics(&task_manager, client.clone(), &keystore, prometheus.as_ref())?;
    }

    let proposer = sc_basic_authorship::ProposerFactory::new(
        task_manager.spawn_handle(),
        client.clone(),
        transaction_pool.clone(),
        prometheus.as_ref(),
        telemetry.as_ref().map(|telemetry| telemetry.handle()),
    );
    let slots = BabeConsensusDataProvider::new(
        client.clone(),
        keystore.keystore(),
        babe_link.epoch_changes().clone(),
        authorities,
    )
    .map_err(|error| Error::Other(error.to_string()))?;
    let sealer = sc_consensus_manual_seal::run_manual_seal(ManualSealParams {
        block_import,
        env: proposer,
        client: client.clone(),
        pool: transaction_pool.clone(),
        commands_stream: stream::select(
            requests,
            scheduled(sealing, client.clone(), transaction_pool.clone()),
        ),
        select_chain,
        consensus_data_provider: Some(Box::new(slots)),
        create_inherent_data_providers,
    });
    task_manager
        .spawn_essential_handle()
        .spawn_blocking("sealing", Some("block-authoring"), sealer);
    log::info!("⏱️  Sealing: {sealing:?}; the RPC dev_jumpForward(seconds) moves the chain's clock ahead");
    Ok(task_manager)
}

/// The blocks for which nobody has to ask.
fn scheduled(
    sealing: Sealing,
    client: Arc<FullClient>,
    pool: Arc<service::FullPool>,
) -> impl Stream<Item = EngineCommand<Hash>> + Unpin {
    let seal = || EngineCommand::SealNewBlock {
        create_empty: true,
        finalize: true,
        parent_hash: None,
        sender: None,
    };
    match sealing {
        Sealing::Manual => stream::pending().boxed(),
        // A block when transactions arrive, and another one as long as the last one left any behind: the block of a
        // session change has room for none.
        Sealing::Instant => {
            let arrivals = pool
                .import_notification_stream()
                .ready_chunks(COMMAND_QUEUE)
                .map(|_| ());
            let blocks = client.import_notification_stream().map(|_| ());
            stream::select(arrivals, blocks)
                .filter(move |()| {
                    let (client, pool) = (client.clone(), pool.clone());
                    async move { pool.ready_at(client.info().best_hash).await.next().is_some() }
                })
                .map(move |()| seal())
                .boxed()
        }
        Sealing::Interval(period) => stream::unfold((), move |()| async move {
            futures_timer::Delay::new(period).await;
            Some(((), ()))
        })
        .map(move |()| seal())
        .boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealing_is_read_from_the_command_line() {
        assert_eq!("instant".parse(), Ok(Sealing::Instant));
        assert_eq!("manual".parse(), Ok(Sealing::Manual));
        assert_eq!("250".parse(), Ok(Sealing::Interval(Duration::from_millis(250))));
        for wrong in ["0", "-1", "soon", ""] {
            assert!(wrong.parse::<Sealing>().is_err(), "{wrong:?} is no sealing");
        }
    }

    #[test]
    fn blocks_made_at_once_are_a_slot_apart() {
        let clock = ChainClock::new(SlotDuration::from_millis(6_000));
        let first = clock.time_after(0).as_millis();
        let slot = first / 6_000;
        assert_eq!(clock.time_after(slot).as_millis(), (slot + 1) * 6_000);
    }

    #[test]
    fn a_jump_counts_from_the_last_block() {
        let clock = ChainClock::new(SlotDuration::from_millis(6_000));
        // The last block is an hour ahead of the machine's clock.
        let ahead = Timestamp::current().as_millis() / 6_000 + 600;
        let last = ahead * 6_000;
        clock.jump(last, 604_800);
        let next = clock.time_after(ahead).as_millis();
        assert!(
            (604_800_000..604_860_000).contains(&(next - last)),
            "jumped {} ms",
            next - last
        );
    }

    #[test]
    fn a_jump_counts_from_now_where_the_last_block_is_older() {
        let clock = ChainClock::new(SlotDuration::from_millis(6_000));
        let now = Timestamp::current().as_millis();
        clock.jump(0, 3_600);
        let next = clock.time_after(0).as_millis();
        assert!(
            (3_600_000..3_660_000).contains(&(next - now)),
            "jumped {} ms",
            next - now
        );
    }
}

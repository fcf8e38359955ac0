//! A node's off-chain worker, the SDK's own, without the node: its HTTP client, its threads, its storage. Only the
//! runtime is missing: where the node would call into Wasm, a function of a test is called.

use async_trait::async_trait;
use sc_client_api::{
    BlockImportNotification, BlockchainEvents, FinalityNotifications, ImportNotifications,
    StorageEventStream, StorageKey,
};
use sc_network::{
    Multiaddr, NetworkPeers, NetworkStateInfo, ObservedRole, ProtocolName, ReputationChange,
    config::MultiaddrWithPeerId,
};
use sc_network_types::PeerId;
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_utils::mpsc::{TracingUnboundedReceiver, TracingUnboundedSender, tracing_unbounded};
use sp_api::{
    ApiError, ApiExt, ApiRef, CallContext, Core, ProofRecorder, ProvideRuntimeApi, RuntimeApiInfo,
    StorageChanges, StorageProof, TransactionOutcome,
};
use sp_consensus::BlockOrigin;
use sp_core::offchain::testing::TestPersistentOffchainDB;
use sp_externalities::Extension;
use sp_offchain::OffchainWorkerApi;
use sp_runtime::{
    OpaqueExtrinsic, generic,
    traits::{BlakeTwo256, Block as BlockT, HashingFor, Header as _},
};
use sp_state_machine::{Backend, BasicExternalities, OverlayedChanges};
use sp_version::RuntimeVersion;
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
};

type Header = generic::Header<u32, BlakeTwo256>;
type Block = generic::Block<Header, OpaqueExtrinsic>;
type Hash = <Block as BlockT>::Hash;
type Task = Box<dyn FnOnce() + Send>;

/// A node that runs a function as its off-chain worker for every block.
pub struct Node {
    _runtime: tokio::runtime::Runtime,
    blocks: TracingUnboundedSender<BlockImportNotification<Block>>,
    unpinned: TracingUnboundedSender<sc_client_api::UnpinWorkerMessage<Block>>,
    _unpinned: TracingUnboundedReceiver<sc_client_api::UnpinWorkerMessage<Block>>,
    tasks: Arc<Tasks>,
}

impl Node {
    /// Starts it.
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("threads can be started");
        let tasks = Arc::new(Tasks::default());
        let workers = OffchainWorkers::new(OffchainWorkerOptions {
            runtime_api_provider: Arc::new(Provider(tasks.clone())),
            keystore: None,
            offchain_db: Some(TestPersistentOffchainDB::new()),
            transaction_pool: None,
            network_provider: Arc::new(NoPeers),
            is_validator: false,
            enable_http_requests: true,
            custom_extensions: |_| vec![],
        })
        .expect("the machine has certificates");
        let (blocks, imported) = tracing_unbounded("blocks", 1_000);
        let (unpinned, _unpinned) = tracing_unbounded("unpinned", 1_000);
        let events = Arc::new(Blocks(Mutex::new(Some(imported))));
        let spawner = Spawner(runtime.handle().clone());
        runtime.spawn(async move { workers.run(events, spawner).await });
        Self {
            _runtime: runtime,
            blocks,
            unpinned,
            _unpinned,
            tasks,
        }
    }

    /// Imports a block, and runs `task` as its off-chain worker. What it returns can be waited for.
    pub fn import<R: Send + 'static>(&self, task: impl FnOnce() -> R + Send + 'static) -> mpsc::Receiver<R> {
        let (done, result) = mpsc::channel();
        let task = Box::new(move || {
            // Nobody may be waiting any more.
            let _ = done.send(task());
        });
        self.tasks.lock().insert(0, task);
        let number = self.tasks.next_number();
        let header = Header::new(
            number,
            Default::default(),
            Default::default(),
            Default::default(),
            Default::default(),
        );
        let notification = BlockImportNotification::new(
            header.hash(),
            BlockOrigin::Own,
            header,
            true,
            None,
            self.unpinned.clone(),
        );
        self.blocks.unbounded_send(notification).expect("the workers run");
        result
    }

    /// Imports a block and waits for its off-chain worker.
    pub fn run<R: Send + 'static>(&self, task: impl FnOnce() -> R + Send + 'static) -> R {
        self.import(task).recv().expect("the worker came to its end")
    }
}

/// What is to be run in place of the runtime.
#[derive(Default)]
struct Tasks {
    queue: Mutex<Vec<Task>>,
    number: AtomicU32,
}

impl Tasks {
    fn lock(&self) -> MutexGuard<'_, Vec<Task>> {
        self.queue.lock().expect("nothing panics with it")
    }

    fn next_number(&self) -> u32 {
        self.number.fetch_add(1, SeqCst)
    }
}

/// Gives access to what stands in place of the runtime.
struct Provider(Arc<Tasks>);

/// In place of the runtime.
struct Api {
    tasks: Arc<Tasks>,
    externalities: Mutex<BasicExternalities>,
}

impl ProvideRuntimeApi<Block> for Provider {
    type Api = Api;

    fn runtime_api(&self) -> ApiRef<'_, Api> {
        let api = Api {
            tasks: self.0.clone(),
            externalities: Mutex::new(BasicExternalities::default()),
        };
        api.into()
    }
}

impl Core<Block> for Api {
    fn __runtime_api_internal_call_api_at(
        &self,
        _: Hash,
        _: Vec<u8>,
        _: &dyn Fn(RuntimeVersion) -> &'static str,
    ) -> Result<Vec<u8>, ApiError> {
        unimplemented!()
    }
}

impl OffchainWorkerApi<Block> for Api {
    fn __runtime_api_internal_call_api_at(
        &self,
        _: Hash,
        _: Vec<u8>,
        name: &dyn Fn(RuntimeVersion) -> &'static str,
    ) -> Result<Vec<u8>, ApiError> {
        assert_eq!(
            name(RuntimeVersion::default()),
            "OffchainWorkerApi_offchain_worker"
        );
        let task = self.tasks.lock().pop();
        let mut externalities = self.externalities.lock().expect("used once");
        externalities.execute_with(task.expect("one task for each block"));
        Ok(vec![])
    }
}

impl ApiExt<Block> for Api {
    fn execute_in_transaction<F: FnOnce(&Self) -> TransactionOutcome<R>, R>(&self, _: F) -> R {
        unimplemented!()
    }
    fn has_api<A: RuntimeApiInfo + ?Sized>(&self, _: Hash) -> Result<bool, ApiError> {
        Ok(true)
    }
    fn has_api_with<A: RuntimeApiInfo + ?Sized, P: Fn(u32) -> bool>(
        &self,
        _: Hash,
        is_right: P,
    ) -> Result<bool, ApiError> {
        Ok(is_right(2))
    }
    fn api_version<A: RuntimeApiInfo + ?Sized>(&self, _: Hash) -> Result<Option<u32>, ApiError> {
        Ok(Some(2))
    }
    fn record_proof(&mut self) {
        unimplemented!()
    }
    fn record_proof_with_recorder(&mut self, _: ProofRecorder<Block>) {
        unimplemented!()
    }
    fn extract_proof(&mut self) -> Option<StorageProof> {
        None
    }
    fn proof_recorder(&self) -> Option<ProofRecorder<Block>> {
        None
    }
    fn into_storage_changes<B: Backend<HashingFor<Block>>>(
        &self,
        _: &B,
        _: Hash,
    ) -> Result<StorageChanges<Block>, String> {
        unimplemented!()
    }
    fn set_call_context(&mut self, _: CallContext) {}
    fn register_extension<E: Extension>(&mut self, extension: E) {
        self.externalities
            .lock()
            .expect("used once")
            .register_extension(extension);
    }
    fn set_overlayed_changes(&mut self, _: OverlayedChanges<HashingFor<Block>>) {
        unimplemented!()
    }
}

/// Tells of blocks.
struct Blocks(Mutex<Option<TracingUnboundedReceiver<BlockImportNotification<Block>>>>);

impl BlockchainEvents<Block> for Blocks {
    fn import_notification_stream(&self) -> ImportNotifications<Block> {
        self.0.lock().expect("asked once").take().expect("asked once")
    }
    fn every_import_notification_stream(&self) -> ImportNotifications<Block> {
        unimplemented!()
    }
    fn finality_notification_stream(&self) -> FinalityNotifications<Block> {
        unimplemented!()
    }
    fn storage_changes_notification_stream(
        &self,
        _: Option<&[StorageKey]>,
        _: Option<&[(StorageKey, Option<Vec<StorageKey>>)]>,
    ) -> sp_blockchain::Result<StorageEventStream<Hash>> {
        unimplemented!()
    }
}

#[derive(Clone)]
struct Spawner(tokio::runtime::Handle);

impl sp_core::traits::SpawnNamed for Spawner {
    fn spawn_blocking(
        &self,
        _: &'static str,
        _: Option<&'static str>,
        future: futures::future::BoxFuture<'static, ()>,
    ) {
        self.0.spawn(future);
    }
    fn spawn(
        &self,
        _: &'static str,
        _: Option<&'static str>,
        future: futures::future::BoxFuture<'static, ()>,
    ) {
        self.0.spawn(future);
    }
}

/// Nobody.
struct NoPeers;

impl NetworkStateInfo for NoPeers {
    fn external_addresses(&self) -> Vec<Multiaddr> {
        vec![]
    }
    fn listen_addresses(&self) -> Vec<Multiaddr> {
        vec![]
    }
    fn local_peer_id(&self) -> PeerId {
        PeerId::random()
    }
}

#[async_trait]
impl NetworkPeers for NoPeers {
    fn set_authorized_peers(&self, _: HashSet<PeerId>) {}
    fn set_authorized_only(&self, _: bool) {}
    fn add_known_address(&self, _: PeerId, _: Multiaddr) {}
    fn report_peer(&self, _: PeerId, _: ReputationChange) {}
    fn peer_reputation(&self, _: &PeerId) -> i32 {
        0
    }
    fn disconnect_peer(&self, _: PeerId, _: ProtocolName) {}
    fn accept_unreserved_peers(&self) {}
    fn deny_unreserved_peers(&self) {}
    fn add_reserved_peer(&self, _: MultiaddrWithPeerId) -> Result<(), String> {
        Ok(())
    }
    fn remove_reserved_peer(&self, _: PeerId) {}
    fn set_reserved_peers(&self, _: ProtocolName, _: HashSet<Multiaddr>) -> Result<(), String> {
        Ok(())
    }
    fn add_peers_to_reserved_set(&self, _: ProtocolName, _: HashSet<Multiaddr>) -> Result<(), String> {
        Ok(())
    }
    fn remove_peers_from_reserved_set(&self, _: ProtocolName, _: Vec<PeerId>) -> Result<(), String> {
        Ok(())
    }
    fn sync_num_connected(&self) -> usize {
        0
    }
    fn peer_role(&self, _: PeerId, _: Vec<u8>) -> Option<ObservedRole> {
        None
    }
    async fn reserved_peers(&self) -> Result<Vec<PeerId>, ()> {
        Ok(vec![])
    }
}

//! An honest miner: the agent as the program `loopin-agent run` puts it together, and the node that it asks.

use codec::{Decode, Encode};
use jsonrpsee::{
    RpcModule, SubscriptionMessage,
    server::{ServerBuilder, ServerHandle},
    types::ErrorObjectOwned,
};
use loopin_agent::{
    agent::{Agent, AgentSettings},
    backend::{Backend, cpu::Cpu},
    chain::{Authority, NodeLink, unix_seconds},
    http::{self, ServerLimits},
    metrics::Metrics,
};
use loopin_challenge::{Hash, Profile, joint::Member};
use loopin_primitives::{ChallengeKind, DeviceChallenge, DeviceId, RoundId, Window};
use sp_core::{
    Pair,
    bytes::{from_hex, to_hex},
    sr25519,
};
use sp_io::hashing::twox_128;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};
use tokio::{net::TcpListener, runtime::Runtime, sync::watch};

/// Hash of the chain's first block.
pub const GENESIS: Hash = [1; 32];
/// The number of the device.
pub const DEVICE: DeviceId = 7;

/// What the chain asks of the device.
struct Chain {
    challenge: Mutex<Option<DeviceChallenge>>,
    /// Number of the best block.
    heads: watch::Sender<u64>,
}

/// The processor as a device. One core is left to the verifier, the web server and whatever else runs: nobody uses a GPU
/// while it is challenged.
pub fn processor() -> Cpu {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Cpu::new("CPU-honest".into(), cores.saturating_sub(1).max(1)).expect("the system has threads")
}

/// A running agent with one device.
pub struct Miner {
    address: SocketAddr,
    key: sr25519::Pair,
    chain: Arc<Chain>,
    link: NodeLink,
    _node: ServerHandle,
    _stop: watch::Sender<bool>,
    _runtime: Runtime,
}

impl Miner {
    /// Starts the agent, and what answers it in the name of the chain.
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("threads can be started");
        let key = sr25519::Pair::from_seed(&[9; 32]);
        let chain = Arc::new(Chain {
            challenge: Mutex::default(),
            heads: watch::Sender::new(0),
        });
        let (stop, stopped) = watch::channel(false);
        let (node, address, link) = runtime.block_on(async {
            let (node, node_address) = serve_chain(Arc::clone(&chain)).await;
            let metrics = Metrics::new().expect("all metrics have names of their own");
            let link = NodeLink::start(
                format!("ws://{node_address}"),
                [DEVICE],
                key.public(),
                metrics.clone(),
            );
            while link.connection().is_none() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let settings = AgentSettings {
                privacy: 25,
                backend: "cpu",
            };
            let device: Box<dyn Backend> = Box::new(processor());
            let agent = Agent::new(
                [(DEVICE, 0, device)],
                key.clone(),
                Authority::Node(link.clone()),
                settings,
                metrics.clone(),
            );
            let agent = Arc::new(agent.expect("threads can be started"));
            tokio::spawn(Arc::clone(&agent).expire_challenges());
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
            let address = listener.local_addr().expect("it is bound");
            let connections = metrics.connections().clone();
            tokio::spawn(http::serve(
                listener,
                agent,
                ServerLimits::default(),
                connections,
                stopped,
            ));
            (node, address, link)
        });
        Self {
            address,
            key,
            chain,
            link,
            _node: node,
            _stop: stop,
            _runtime: runtime,
        }
    }

    /// Where the agent answers.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The key with which it signs.
    pub fn key(&self) -> [u8; 32] {
        self.key.public().0
    }

    /// Has the chain ask that committee to challenge the device in that window, and waits until the agent knows.
    pub fn assign(
        &self,
        round: RoundId,
        round_seed: Hash,
        profile: Profile,
        window: Window,
        committee: Vec<Member>,
    ) {
        let challenge = DeviceChallenge {
            now: unix_seconds(),
            round,
            round_seed,
            device: DEVICE,
            profile,
            kind: ChallengeKind::Full,
            agent_key: self.key(),
            endpoint: self.endpoint().into_bytes(),
            window,
            committee,
        };
        *self.chain.challenge.lock().expect("nothing panics with it") = Some(challenge.clone());
        self.chain.heads.send_modify(|number| *number += 1);
        let is_known = || {
            let known = self.link.known(DEVICE);
            known.and_then(|(_, known)| known).as_deref() == Some(&challenge)
        };
        while !is_known() {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A server that answers what agents ask a node.
async fn serve_chain(chain: Arc<Chain>) -> (ServerHandle, SocketAddr) {
    let internal = |error: &str| ErrorObjectOwned::owned(-32_000, error.to_owned(), None::<()>);
    let mut module = RpcModule::new(chain);
    module
        .register_method("chain_getBlockHash", |_, _, _| to_hex(&GENESIS, false))
        .expect("the name is new");
    let current_round = ["Verification", "CurrentRound"].map(|name| twox_128(name.as_bytes()));
    let current_round = to_hex(&current_round.concat(), false);
    module
        .register_method("state_getStorage", move |params, chain, _| {
            let key: String = params.one().ok()?;
            let challenge = chain.challenge.lock().expect("nothing panics with it");
            let round = challenge.as_ref().filter(|_| key == current_round)?.round;
            Some(to_hex(&round.encode(), false))
        })
        .expect("the name is new");
    module
        .register_method("state_call", move |params, chain, _| {
            let (method, data): (String, String) = params.parse()?;
            if method != "VerificationApi_challenge_of" {
                return Err(internal("Exported method is not found"));
            }
            let bytes = from_hex(&data).map_err(|_| internal("no hexadecimal data"))?;
            let device = DeviceId::decode(&mut &bytes[..]).map_err(|_| internal("no device"))?;
            let challenge = chain.challenge.lock().expect("nothing panics with it").clone();
            let asked = challenge.filter(|challenge| challenge.device == device);
            Ok(to_hex(&asked.encode(), false))
        })
        .expect("the name is new");
    module
        .register_subscription(
            "chain_subscribeNewHeads",
            "chain_newHead",
            "chain_unsubscribeNewHeads",
            |_, pending, chain, _| async move {
                let mut heads = chain.heads.subscribe();
                let sink = pending.accept().await?;
                while heads.changed().await.is_ok() {
                    let head = BTreeMap::from([("number", *heads.borrow_and_update())]);
                    sink.send(SubscriptionMessage::from_json(&head)?).await?;
                }
                Ok(())
            },
        )
        .expect("the name is new");
    let server = ServerBuilder::default().build("127.0.0.1:0").await;
    let server = server.expect("a port is free");
    let address = server.local_addr().expect("it is bound");
    (server.start(module), address)
}

//! A chain, verifiers and devices for tests of the whole agent.

use codec::{Decode, Encode};
use jsonrpsee::{
    RpcModule,
    server::{ServerBuilder, ServerHandle},
    types::ErrorObjectOwned,
};
use loopin_agent::{
    agent::{Agent, AgentSettings},
    backend::{Backend, BackendError, Prover, cpu::Cpu},
    chain::{Authority, NodeLink, unix_seconds},
    http::{self, ServerLimits},
    metrics::Metrics,
    session::sign,
};
use loopin_challenge::{
    Geometry, Hash, Openings, Profile, Seed,
    classes::CPU_REFERENCE,
    messages::{
        Assignment, FillAnswer, FillRequest, Message, OpenRequest, PrepareAnswer, PrepareRequest, Signed,
        WalkAnswer, WalkRequest,
    },
};
use loopin_primitives::{ChallengeKind, DeviceChallenge, DeviceId, Seat};
use sp_core::{
    Pair,
    bytes::{from_hex, to_hex},
    sr25519,
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub const GENESIS: Hash = [0xc4; 32];

pub const PROFILE: Profile = Profile {
    n: 32,
    matrices: 6,
    lanes: 40,
    entries: 6,
    opened_lanes: 3,
    ..CPU_REFERENCE.profile
};

pub fn pair(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_string(name, None).unwrap()
}

pub fn agent_pair() -> sr25519::Pair {
    pair("//Agent")
}

/// What the chain asks for.
pub type Challenges = Arc<Mutex<BTreeMap<DeviceId, DeviceChallenge>>>;

/// A node that knows what agents ask.
pub struct Node {
    pub address: SocketAddr,
    pub challenges: Challenges,
    pub handle: ServerHandle,
}

impl Node {
    pub async fn start(address: &str) -> Self {
        let challenges = Challenges::default();
        let mut module = RpcModule::new(Arc::clone(&challenges));
        let internal = |error: &str| ErrorObjectOwned::owned(-32_000, error.to_string(), None::<()>);
        module
            .register_method("chain_getBlockHash", |params, _, _| {
                params
                    .one::<u32>()
                    .ok()
                    .filter(|number| *number == 0)
                    .map(|_| to_hex(&GENESIS, false))
            })
            .unwrap();
        module
            .register_method("state_call", move |params, challenges, _| {
                let (method, data): (String, String) = params.parse()?;
                if method != "VerificationApi_challenge_of" {
                    return Err(internal("Exported method is not found"));
                }
                let bytes = from_hex(&data).unwrap();
                let device = DeviceId::decode(&mut &bytes[..]).unwrap();
                let challenge = challenges.lock().unwrap().get(&device).cloned();
                Ok(to_hex(&challenge.encode(), false))
            })
            .unwrap();
        module
            .register_method("state_getStorage", |_, _, _| None::<String>)
            .unwrap();
        let server = ServerBuilder::default().build(address).await.unwrap();
        let address = server.local_addr().unwrap();
        Self {
            address,
            challenges,
            handle: server.start(module),
        }
    }

    /// Asks for a challenge of the device by these verifiers, now.
    pub fn assign(&self, device: DeviceId, verifiers: &[&Verifier]) {
        let now = unix_seconds();
        self.ask(device, |challenge| {
            challenge.seats = verifiers
                .iter()
                .map(|verifier| verifier.seat(now, now + 60))
                .collect();
        });
    }

    /// Asks for a challenge, as `change` says.
    pub fn ask(&self, device: DeviceId, change: impl FnOnce(&mut DeviceChallenge)) {
        let mut challenge = DeviceChallenge {
            now: unix_seconds(),
            round: 7,
            device,
            profile: PROFILE,
            kind: ChallengeKind::Full,
            agent_key: agent_pair().public().0,
            endpoint: b"https://gpu.example.org".to_vec(),
            seats: Vec::new(),
        };
        change(&mut challenge);
        self.challenges.lock().unwrap().insert(device, challenge);
    }
}

/// A running agent.
pub struct Running {
    pub address: SocketAddr,
    pub agent: Arc<Agent>,
    _stop: watch::Sender<bool>,
}

/// How an agent under test is set up.
pub struct Setup {
    pub idle: Duration,
    pub limits: ServerLimits,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(30),
            limits: ServerLimits::default(),
        }
    }
}

pub fn cpu() -> Box<dyn Backend> {
    Box::new(Cpu::new("CPU-test".into(), 2).unwrap())
}

impl Running {
    pub async fn start(
        node: Option<SocketAddr>,
        devices: Vec<(DeviceId, Box<dyn Backend>)>,
        setup: Setup,
    ) -> Self {
        let metrics = Metrics::new().unwrap();
        let ids: Vec<DeviceId> = devices.iter().map(|(id, _)| *id).collect();
        let authority = match node {
            Some(node) => {
                let link = NodeLink::start(
                    format!("ws://{node}"),
                    ids,
                    agent_pair().public(),
                    metrics.clone(),
                );
                for _ in 0..100 {
                    if link.connection().is_some() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Authority::Node(link)
            }
            None => Authority::Anyone,
        };
        let settings = AgentSettings {
            privacy: 25,
            idle: setup.idle,
            backend: "cpu",
        };
        let devices = (0..)
            .zip(devices)
            .map(|(ordinal, (id, backend))| (id, ordinal, backend));
        let agent = Agent::new(devices, agent_pair(), authority, settings, metrics.clone()).unwrap();
        let agent = Arc::new(agent);
        tokio::spawn(Arc::clone(&agent).expire_challenges());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let gauge = metrics.connections().clone();
        tokio::spawn(http::serve(
            listener,
            Arc::clone(&agent),
            setup.limits,
            gauge,
            stopped,
        ));
        Self {
            address,
            agent,
            _stop: stop,
        }
    }

    /// A node, and an agent of device 7.
    pub async fn with_node(setup: Setup) -> (Node, Self) {
        let node = Node::start("127.0.0.1:0").await;
        let running = Self::start(Some(node.address), vec![(7, cpu())], setup).await;
        (node, running)
    }

    pub async fn post(&self, path: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: agent\r\ncontent-length: {}\r\n",
            body.len()
        );
        self.raw(&[head.as_bytes(), b"connection: close\r\n\r\n", body].concat())
            .await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.raw(format!("GET {path} HTTP/1.1\r\nhost: agent\r\nconnection: close\r\n\r\n").as_bytes())
            .await
    }

    pub async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that refuses may close before it has everything.
        let _ = stream.write_all(request).await;
        Answer::read(&mut stream).await
    }

    /// Whether the memory of a device is taken.
    pub fn holds_memory(&self, device: DeviceId) -> bool {
        let mut devices = self.agent.devices();
        devices
            .find(|known| known.description.id == device)
            .unwrap()
            .thread
            .holds_memory()
    }

    pub async fn wait_until(&self, what: impl Fn(&Self) -> bool) {
        for _ in 0..300 {
            if what(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it did not happen within six seconds");
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        let head_len = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(head_len) = head_len else {
            return Self {
                status: 0,
                body: bytes,
            };
        };
        let status = std::str::from_utf8(&bytes[9..12]).unwrap().parse().unwrap();
        Self {
            status,
            body: bytes[head_len + 4..].to_vec(),
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).trim_end().to_string()
    }

    pub fn message<M: Message + Decode>(&self) -> M {
        assert_eq!(self.status, 200, "{}", self.text());
        let signed = Signed::<M>::decode(&mut &self.body[..]).unwrap();
        assert_eq!(self.body, signed.encode());
        let signature = sr25519::Signature::from_raw(signed.signature);
        assert!(sr25519::Pair::verify(
            &signature,
            signed.message.digest(),
            &agent_pair().public()
        ));
        signed.message
    }
}

/// A verifier.
pub struct Verifier {
    pub pair: sr25519::Pair,
    pub account: [u8; 32],
}

impl Verifier {
    pub fn new(name: &str) -> Self {
        Self {
            pair: pair(name),
            account: pair(&format!("{name}//account")).public().0,
        }
    }

    pub fn seat(&self, opens_at: u64, closes_at: u64) -> Seat {
        Seat {
            verifier: self.account,
            key: self.pair.public().0,
            opens_at,
            closes_at,
        }
    }

    pub fn assignment(&self, device: DeviceId) -> Assignment {
        Assignment {
            genesis: GENESIS,
            round: 7,
            device: device.into(),
            verifier: self.account,
            profile: PROFILE,
        }
    }

    pub fn prepare(&self, assignment: Assignment) -> Vec<u8> {
        sign(PrepareRequest { assignment }, &self.pair).encode()
    }

    pub fn fill(&self, assignment: Assignment, nonce: u8) -> (FillRequest, Vec<u8>) {
        let request = FillRequest {
            assignment,
            block: [1; 32],
            nonce: [nonce; 32],
        };
        (request, sign(request, &self.pair).encode())
    }

    pub fn walk(&self, filled: &FillAnswer, nonce: u8) -> (WalkRequest, Vec<u8>) {
        let request = WalkRequest {
            seed: filled.seed,
            state_root: filled.state_root,
            nonce: [nonce; 32],
        };
        (request, sign(request, &self.pair).encode())
    }

    pub fn open(&self, walked: &WalkAnswer, nonce: u8) -> (OpenRequest, Vec<u8>) {
        let request = OpenRequest {
            walk_seed: walked.claim.walk_seed,
            walk_root: walked.claim.walk_root,
            nonce: [nonce; 32],
        };
        (request, sign(request, &self.pair).encode())
    }

    /// Challenges a device and checks everything, as a verifier does. Returns the claim and the bytes of the
    /// openings.
    pub async fn challenge(
        &self,
        running: &Running,
        device: DeviceId,
        nonce: u8,
    ) -> (WalkAnswer, OpenRequest, Vec<u8>) {
        let assignment = self.assignment(device);
        let path = |step: &str| format!("/device/{device}/{step}");
        let ready: PrepareAnswer = running
            .post(&path("prepare"), &self.prepare(assignment))
            .await
            .message();
        assert_eq!((ready.assignment, ready.privacy), (assignment, 25));
        let (fill, bytes) = self.fill(assignment, nonce);
        let filled: FillAnswer = running.post(&path("fill"), &bytes).await.message();
        assert_eq!((filled.assignment, filled.seed), (assignment, fill.seed()));
        let (walk, bytes) = self.walk(&filled, nonce);
        let walked: WalkAnswer = running.post(&path("walk"), &bytes).await.message();
        assert_eq!((walked.assignment, walked.claim.seed), (assignment, fill.seed()));
        assert_eq!(walked.claim.state_root, filled.state_root);
        assert_eq!(walked.claim.walk_seed, walk.walk_seed());
        let (open, bytes) = self.open(&walked, nonce);
        let opened = running.post(&path("open"), &bytes).await;
        assert_eq!(opened.status, 200, "{}", opened.text());
        let geometry = Geometry::new(PROFILE).unwrap();
        let checked = loopin_challenge::verify(
            &geometry,
            &walked.claim,
            &open.sample_seed(),
            &mut &opened.body[..],
        );
        assert_eq!(checked, Ok(()));
        (walked, open, opened.body)
    }
}

/// What is wrong with a device.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// It takes a second to fill.
    Slow,
    /// Its walk fails.
    Fails,
    /// Its walk panics.
    Panics,
    /// Its memory is taken.
    Full,
}

/// A device with a defect.
pub struct Defective {
    pub cpu: Box<dyn Backend>,
    pub defect: Defect,
}

pub fn defective(defect: Defect) -> Box<dyn Backend> {
    Box::new(Defective { cpu: cpu(), defect })
}

impl Backend for Defective {
    fn name(&self) -> String {
        "defective".into()
    }
    fn uuid(&self) -> String {
        "GPU-defective".into()
    }
    fn free_memory(&self) -> u64 {
        self.cpu.free_memory()
    }
    fn prepare(&self, geometry: &Geometry) -> Result<Box<dyn Prover>, BackendError> {
        if self.defect == Defect::Full {
            return Err(BackendError::Memory { needed: 2, free: 1 });
        }
        let prover = self.cpu.prepare(geometry)?;
        Ok(Box::new(DefectiveProver {
            prover,
            defect: self.defect,
        }))
    }
    fn overwrite_free_memory(&self) -> Result<u64, BackendError> {
        self.cpu.overwrite_free_memory()
    }
}

struct DefectiveProver {
    prover: Box<dyn Prover>,
    defect: Defect,
}

impl Prover for DefectiveProver {
    fn fill(&mut self, seed: &Seed) -> Result<Hash, BackendError> {
        if self.defect == Defect::Slow {
            thread::sleep(Duration::from_secs(1));
        }
        self.prover.fill(seed)
    }
    fn walk(&mut self, seed: &Seed) -> Result<Hash, BackendError> {
        match self.defect {
            Defect::Fails => Err(BackendError::Device("the bus is gone".into())),
            Defect::Panics => panic!("a defect for a test"),
            _ => self.prover.walk(seed),
        }
    }
    fn open(&mut self, sample_seed: &Seed) -> Result<Openings, BackendError> {
        self.prover.open(sample_seed)
    }
}

//! A chain, verifiers and devices for tests of the whole agent.

use codec::{Decode, Encode};
use jsonrpsee::{
    RpcModule, SubscriptionMessage,
    server::{ServerBuilder, ServerHandle},
    types::ErrorObjectOwned,
};
use loopin_agent::{
    agent::{Agent, AgentSettings},
    backend::{Backend, BackendError, Prover, cpu::Cpu},
    chain::{Authority, NodeLink, unix_seconds},
    http::{self, ServerLimits},
    metrics::Metrics,
    opening,
    session::sign,
};
use loopin_challenge::{
    Claim, Geometry, Hash, Openings, Profile, Seed,
    classes::CPU_REFERENCE,
    joint::{self, Member},
    messages::{
        Assignment, Contribution, FillAnswer, FillRequest, JointAnswer, Message, OpenAnswer, OpenRequest,
        PrepareAnswer, PrepareRequest, Signature, Signed, WalkAnswer, WalkRequest,
    },
};
use loopin_primitives::{ChallengeKind, DeviceChallenge, DeviceId, RoundId, Window};
use sp_core::{
    Pair,
    bytes::{from_hex, to_hex},
    sr25519,
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub const GENESIS: Hash = [0xc4; 32];

pub const ROUND: RoundId = 7;
pub const ROUND_SEED: Hash = [0x5e; 32];

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

/// The device is challenged in this way.
pub fn assignment(device: DeviceId) -> Assignment {
    Assignment {
        genesis: GENESIS,
        round: ROUND,
        round_seed: ROUND_SEED,
        device: device.into(),
        profile: PROFILE,
    }
}

/// What the chain says, and how often it was asked.
pub struct Chain {
    pub challenges: Mutex<BTreeMap<DeviceId, DeviceChallenge>>,
    pub round: Mutex<RoundId>,
    pub questions: AtomicUsize,
    heads: watch::Sender<u64>,
}

/// A node that knows what agents ask.
pub struct Node {
    pub address: SocketAddr,
    pub chain: Arc<Chain>,
    pub handle: ServerHandle,
}

impl Node {
    pub async fn start(address: &str) -> Self {
        let chain = Arc::new(Chain {
            challenges: Mutex::default(),
            round: Mutex::new(ROUND),
            questions: AtomicUsize::new(0),
            heads: watch::Sender::new(0),
        });
        let mut module = RpcModule::new(Arc::clone(&chain));
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
            .register_method("state_call", move |params, chain, _| {
                chain.questions.fetch_add(1, Ordering::SeqCst);
                let (method, data): (String, String) = params.parse()?;
                if method != "VerificationApi_challenge_of" {
                    return Err(internal("Exported method is not found"));
                }
                let bytes = from_hex(&data).unwrap();
                let device = DeviceId::decode(&mut &bytes[..]).unwrap();
                let challenge = chain.challenges.lock().unwrap().get(&device).cloned();
                Ok(to_hex(&challenge.encode(), false))
            })
            .unwrap();
        let current_round = to_hex(
            &["Verification", "CurrentRound"]
                .map(|name| sp_crypto_hashing::twox_128(name.as_bytes()))
                .concat(),
            false,
        );
        module
            .register_method("state_getStorage", move |params, chain, _| {
                chain.questions.fetch_add(1, Ordering::SeqCst);
                let key: String = params.one().ok()?;
                (key == current_round).then(|| to_hex(&chain.round.lock().unwrap().encode(), false))
            })
            .unwrap();
        module
            .register_subscription(
                "chain_subscribeNewHeads",
                "chain_newHead",
                "chain_unsubscribeNewHeads",
                |_, pending, chain, _| async move {
                    let mut heads = chain.heads.subscribe();
                    let sink = pending.accept().await?;
                    while heads.changed().await.is_ok() {
                        let head = serde_json::json!({ "number": *heads.borrow_and_update() });
                        sink.send(SubscriptionMessage::from_json(&head)?).await?;
                    }
                    Ok(())
                },
            )
            .unwrap();
        let server = ServerBuilder::default().build(address).await.unwrap();
        let address = server.local_addr().unwrap();
        Self {
            address,
            chain,
            handle: server.start(module),
        }
    }

    /// Asks for a challenge, as `change` says, in a new block.
    pub fn ask(&self, device: DeviceId, change: impl FnOnce(&mut DeviceChallenge)) {
        let now = unix_seconds();
        let mut challenge = DeviceChallenge {
            now,
            round: ROUND,
            round_seed: ROUND_SEED,
            device,
            profile: PROFILE,
            kind: ChallengeKind::Full,
            agent_key: agent_pair().public().0,
            endpoint: b"https://gpu.example.org".to_vec(),
            window: Window::new(now, 120),
            committee: Vec::new(),
        };
        change(&mut challenge);
        self.chain.challenges.lock().unwrap().insert(device, challenge);
        self.make_block();
    }

    pub fn make_block(&self) {
        self.chain.heads.send_modify(|number| *number += 1);
    }

    /// How often the node was asked anything about the chain's state.
    pub fn questions(&self) -> usize {
        self.chain.questions.load(Ordering::SeqCst)
    }
}

/// A running agent.
pub struct Running {
    pub address: SocketAddr,
    pub agent: Arc<Agent>,
    pub link: Option<NodeLink>,
    _stop: watch::Sender<bool>,
}

pub fn cpu() -> Box<dyn Backend> {
    Box::new(Cpu::new("CPU-test".into(), 2).unwrap())
}

impl Running {
    pub async fn start(
        node: Option<SocketAddr>,
        devices: Vec<(DeviceId, Box<dyn Backend>)>,
        limits: ServerLimits,
    ) -> Self {
        let metrics = Metrics::new().unwrap();
        let ids: Vec<DeviceId> = devices.iter().map(|(id, _)| *id).collect();
        let link = match node {
            Some(node) => {
                let link = NodeLink::start(
                    format!("ws://{node}"),
                    ids,
                    agent_pair().public(),
                    metrics.clone(),
                );
                for _ in 0..300 {
                    if link.known(0).is_some() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Some(link)
            }
            None => None,
        };
        let authority = link.clone().map_or(Authority::Anyone, Authority::Node);
        let settings = AgentSettings {
            privacy: 25,
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
        tokio::spawn(http::serve(listener, Arc::clone(&agent), limits, gauge, stopped));
        Self {
            address,
            agent,
            link,
            _stop: stop,
        }
    }

    /// A node, and an agent of device 7.
    pub async fn with_node(limits: ServerLimits) -> (Node, Self) {
        let node = Node::start("127.0.0.1:0").await;
        let running = Self::start(Some(node.address), vec![(7, cpu())], limits).await;
        (node, running)
    }

    /// Has the chain ask for a challenge of the device, as `change` says, and waits until the agent knows.
    pub async fn ask(&self, node: &Node, device: DeviceId, change: impl FnOnce(&mut DeviceChallenge)) {
        node.ask(device, change);
        let asked = node.chain.challenges.lock().unwrap()[&device].clone();
        self.wait_until(|running| {
            let known = running.link.as_ref().unwrap().known(device);
            known.and_then(|(_, challenge)| challenge).as_deref() == Some(&asked)
        })
        .await;
    }

    /// The same by these verifiers, now, each with its seats.
    pub async fn assign(&self, node: &Node, device: DeviceId, verifiers: &[(&Verifier, u32)]) {
        let committee = committee(verifiers);
        self.ask(node, device, |challenge| challenge.committee = committee)
            .await;
    }

    pub async fn post(&self, path: &str, body: &[u8]) -> Answer {
        post(self.address, path, "", body).await
    }

    /// Sends all of them at once.
    pub async fn post_all(&self, path: &str, bodies: Vec<Vec<u8>>) -> Vec<Answer> {
        let address = self.address;
        let posts: Vec<_> = bodies
            .into_iter()
            .map(|body| {
                let path = path.to_string();
                tokio::spawn(async move { post(address, &path, "", &body).await })
            })
            .collect();
        let mut answers = Vec::new();
        for post in posts {
            answers.push(post.await.unwrap());
        }
        answers
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.raw(format!("GET {path} HTTP/1.1\r\nhost: agent\r\nconnection: close\r\n\r\n").as_bytes())
            .await
    }

    pub async fn raw(&self, request: &[u8]) -> Answer {
        raw(self.address, request).await
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

/// Sends a body on a connection of its own, with these headers beside the usual ones.
pub async fn post(address: SocketAddr, path: &str, headers: &str, body: &[u8]) -> Answer {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: agent\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    raw(address, &[head.as_bytes(), body].concat()).await
}

async fn raw(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that refuses may close before it has everything.
    let _ = stream.write_all(request).await;
    Answer::read(&mut stream).await
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

    /// The message that came back. Its signature is the agent's.
    pub fn message<M: Message + Decode>(&self) -> M {
        assert_eq!(self.status, 200, "{}", self.text());
        let signed = Signed::<M>::decode(&mut &self.body[..]).unwrap();
        assert_eq!(self.body, signed.encode());
        assert_signed(&signed);
        signed.message
    }

    /// The joint answer that came back.
    pub fn joint<M: Message + Decode>(&self) -> (M, Vec<Contribution>) {
        assert_eq!(self.status, 200, "{}", self.text());
        let answer = JointAnswer::<M>::decode(&mut &self.body[..]).unwrap();
        assert_eq!(self.body, answer.encode());
        assert_signed(&answer.answer);
        (answer.answer.message, answer.contributions)
    }

    /// What a second nonce is refused with.
    pub fn first_nonce(&self) -> Contribution {
        assert_eq!((self.status, self.body.len()), (409, 128), "{}", self.text());
        Contribution::decode(&mut &self.body[..]).unwrap()
    }
}

fn assert_signed<M: Message>(signed: &Signed<M>) {
    let digest = signed.message.digest();
    assert!(is_signed(&signed.signature, &digest, &agent_pair().public().0));
}

/// Whether a digest is signed with that key.
pub fn is_signed(signature: &Signature, digest: &Hash, key: &[u8; 32]) -> bool {
    let signature = sr25519::Signature::from_raw(*signature);
    sr25519::Pair::verify(&signature, digest, &sr25519::Public::from_raw(*key))
}

/// A verifier.
pub struct Verifier {
    pub pair: sr25519::Pair,
    pub account: [u8; 32],
}

/// Verifiers with their seats, as the chain lists them.
pub fn committee(verifiers: &[(&Verifier, u32)]) -> Vec<Member> {
    let mut members: Vec<Member> = verifiers
        .iter()
        .map(|(verifier, seats)| Member {
            verifier: verifier.account,
            key: verifier.pair.public().0,
            seats: *seats,
        })
        .collect();
    members.sort_by_key(|member| member.verifier);
    members
}

impl Verifier {
    pub fn new(name: &str) -> Self {
        Self {
            pair: pair(name),
            account: pair(&format!("{name}//account")).public().0,
        }
    }

    /// The key with which its node signs.
    pub fn key(&self) -> [u8; 32] {
        self.pair.public().0
    }

    pub fn prepare(&self, assignment: Assignment) -> Vec<u8> {
        let verifier = self.account;
        sign(PrepareRequest { assignment, verifier }, &self.pair).encode()
    }

    pub fn fill(&self, assignment: Assignment, nonce: u8) -> Vec<u8> {
        let request = FillRequest {
            assignment,
            verifier: self.account,
            nonce: [nonce; 32],
        };
        sign(request, &self.pair).encode()
    }

    pub fn walk(&self, filled: &FillAnswer, nonce: u8) -> Vec<u8> {
        let request = WalkRequest {
            assignment: filled.assignment,
            verifier: self.account,
            seed: filled.seed,
            state_root: filled.state_root,
            nonce: [nonce; 32],
        };
        sign(request, &self.pair).encode()
    }

    pub fn open(&self, walked: &WalkAnswer, nonce: u8) -> (OpenRequest, Vec<u8>) {
        let request = OpenRequest {
            assignment: walked.assignment,
            verifier: self.account,
            claim: walked.claim.hash(),
            nonce: [nonce; 32],
        };
        (request, sign(request, &self.pair).encode())
    }
}

/// Has all of them challenge a device together and check everything, as verifiers do. Returns the claim, and of each its
/// request to open and the openings.
pub async fn challenge(
    running: &Running,
    assignment: Assignment,
    verifiers: &[(&Verifier, u32)],
    nonce: u8,
) -> (Claim, Vec<(OpenRequest, Vec<u8>)>) {
    let path = |step: &str| format!("/device/{}/{step}", assignment.device);
    let of_all = |body: &dyn Fn(&Verifier) -> Vec<u8>| {
        let bodies = verifiers.iter().map(|(verifier, _)| body(verifier));
        bodies.collect::<Vec<_>>()
    };
    let committee = committee(verifiers);

    let prepared = of_all(&|verifier| verifier.prepare(assignment));
    for answer in running.post_all(&path("prepare"), prepared).await {
        let ready: PrepareAnswer = answer.message();
        assert_eq!((ready.assignment, ready.privacy), (assignment, 25));
    }

    let fills = of_all(&|verifier| verifier.fill(assignment, nonce));
    let answers = running.post_all(&path("fill"), fills).await;
    let (filled, contributions) = answers[0].joint::<FillAnswer>();
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(filled.assignment, assignment);
    assert_eq!(
        filled.seed,
        joint::seed(&assignment, &joint::contributors(&contributions))
    );
    // Where nobody is assigned, no signature is asked for.
    if running.link.is_some() {
        let checked = joint::check_fill(&assignment, &committee, &contributions, is_signed);
        assert_eq!(checked, Ok(()));
    }

    let walks = of_all(&|verifier| verifier.walk(&filled, nonce));
    let answers = running.post_all(&path("walk"), walks).await;
    let (walked, contributions) = answers[0].joint::<WalkAnswer>();
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    let FillAnswer { seed, state_root, .. } = filled;
    assert_eq!(walked.assignment, assignment);
    assert_eq!((walked.claim.seed, walked.claim.state_root), (seed, state_root));
    assert_eq!(
        walked.claim.walk_seed,
        joint::walk_seed(&seed, &state_root, &joint::contributors(&contributions))
    );
    if running.link.is_some() {
        let checked = joint::check_walk(
            &assignment,
            &seed,
            &state_root,
            &committee,
            &contributions,
            is_signed,
        );
        assert_eq!(checked, Ok(()));
    }

    let mut opened = Vec::new();
    for (verifier, _) in verifiers {
        let (open, body) = verifier.open(&walked, nonce);
        let answer = running.post(&path("open"), &body).await;
        opened.push((open, check_opened(&walked.claim, &open, &answer)));
    }
    (walked.claim, opened)
}

/// Checks what was opened to a verifier, and the last signature. Returns the openings.
pub fn check_opened(claim: &Claim, open: &OpenRequest, answer: &Answer) -> Vec<u8> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let geometry = Geometry::new(PROFILE).unwrap();
    let (openings, signature) = answer.body.split_at(answer.body.len() - 64);
    let checked = loopin_challenge::verify(&geometry, claim, &open.sample_seed(), &mut &openings[..]);
    assert_eq!(checked, Ok(()));
    let message = OpenAnswer {
        assignment: open.assignment,
        verifier: open.verifier,
        claim: claim.hash(),
        openings: opening::check(&geometry, claim, &open.sample_seed(), openings).unwrap(),
    };
    assert_signed(&Signed {
        message,
        signature: signature.try_into().unwrap(),
    });
    openings.to_vec()
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
    /// A bit of what it opens flips.
    Flips,
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
        let mut openings = self.prover.open(sample_seed)?;
        if self.defect == Defect::Flips {
            let mut chunk = openings.entries[0].chunk.chunk.to_vec();
            chunk[0] ^= 1;
            openings.entries[0].chunk.chunk = chunk.try_into().unwrap();
        }
        Ok(openings)
    }
}

//! What an agent answers.

use crate::{
    Fault, Trick,
    http::{Reply, Request},
};
use codec::{DecodeAll, Encode};
use loopin_challenge::{
    Claim, Geometry, Hash, Seed,
    messages::{
        Assignment, FillAnswer, FillRequest, Message, OpenRequest, PrepareAnswer, PrepareRequest, Signed,
        Step, WalkAnswer, WalkRequest,
    },
    opener::{self, Source},
    prover::{State, Walk},
    walk::Trace,
};
use sp_core::{Pair, sr25519};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    io::{self, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// The privacy that an agent states.
const PRIVACY: u8 = 25;

/// What an agent has seen of its verifiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    /// How often each step was asked for.
    pub requests: BTreeMap<Step, u32>,
    /// Requests that were not as they must be, and why.
    pub complaints: Vec<String>,
}

/// An agent for one device, on a port of its own, until it is dropped.
pub struct TestAgent {
    address: SocketAddr,
    device: u64,
    is_stopped: Arc<AtomicBool>,
    mind: Arc<Mutex<Mind>>,
}

impl TestAgent {
    /// Starts an agent on the loopback interface.
    ///
    /// # Panics
    /// There is no port.
    pub fn start(device: u64, tricks: Vec<Trick>) -> Self {
        Self::start_at("127.0.0.1:0", device, tricks)
    }

    /// Starts an agent at an address.
    ///
    /// # Panics
    /// The address is not free.
    pub fn start_at(address: &str, device: u64, tricks: Vec<Trick>) -> Self {
        let listener = TcpListener::bind(address).expect("the address is free");
        let address = listener.local_addr().expect("it is bound");
        let is_stopped = Arc::new(AtomicBool::new(false));
        let mind = Arc::new(Mutex::new(Mind::new(device, tricks)));
        let (stopped, thoughts) = (is_stopped.clone(), mind.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(SeqCst) {
                    break;
                }
                let thoughts = thoughts.clone();
                // A connection that breaks is the verifier's doing, or one of the tricks.
                thread::spawn(move || stream.and_then(|stream| serve(stream, &thoughts)));
            }
        });
        Self {
            address,
            device,
            is_stopped,
            mind,
        }
    }

    /// The key with which the agent of a device signs.
    pub fn key(device: u64) -> sr25519::Pair {
        let mut seed = [0xa9; 32];
        seed[..8].copy_from_slice(&device.to_le_bytes());
        sr25519::Pair::from_seed(&seed)
    }

    /// Complains about requests that are not signed with this key.
    pub fn expect_verifier(&self, key: sr25519::Public) {
        lock(&self.mind).verifier = Some(key);
    }

    /// The device it answers for.
    pub fn device(&self) -> u64 {
        self.device
    }

    /// Where it answers.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has seen so far.
    pub fn witness(&self) -> Witness {
        lock(&self.mind).witness.clone()
    }
}

impl Drop for TestAgent {
    fn drop(&mut self) {
        self.is_stopped.store(true, SeqCst);
        // Wakes it, so that it sees that.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock(mind: &Mutex<Mind>) -> MutexGuard<'_, Mind> {
    mind.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn serve(stream: TcpStream, mind: &Mutex<Mind>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = Request::read(&mut reader)? {
        let (late, reply) = lock(mind).reply(&request);
        thread::sleep(late);
        if !reply.send(&mut writer)? {
            break;
        }
    }
    Ok(())
}

/// What an agent knows and plays.
struct Mind {
    device: u64,
    key: sr25519::Pair,
    verifier: Option<sr25519::Public>,
    tricks: Vec<Trick>,
    witness: Witness,
    assignment: Option<Assignment>,
    /// The state that was committed to, and the one that it should have been.
    states: Option<(State, State)>,
    walk_seed: Seed,
    walk_root: Hash,
    /// The right answers of the last time.
    last: BTreeMap<Step, Vec<u8>>,
}

impl Mind {
    fn new(device: u64, tricks: Vec<Trick>) -> Self {
        Self {
            device,
            key: TestAgent::key(device),
            verifier: None,
            tricks,
            witness: Witness::default(),
            assignment: None,
            states: None,
            walk_seed: [0; 32],
            walk_root: [0; 32],
            last: BTreeMap::new(),
        }
    }

    fn reply(&mut self, request: &Request) -> (Duration, Reply) {
        let path = |step: &Step| format!("POST /device/{}/{}", self.device, step.name());
        let Some(step) = Step::ALL.into_iter().find(|step| path(step) == request.target) else {
            self.complain(format!("unknown target {}", request.target));
            return (Duration::ZERO, Reply::Whole(404, b"no such thing here".to_vec()));
        };
        let count = self.witness.requests.entry(step).or_default();
        *count += 1;
        let is_first = *count == 1;
        let is_binary =
            |(name, value): &(String, String)| name == "content-type" && value == "application/octet-stream";
        if !request.headers.iter().any(is_binary) {
            self.complain("the content type is not application/octet-stream".into());
        }
        let fault = self
            .tricks
            .iter()
            .find(|trick| trick.step == step && (is_first || !trick.only_once))
            .map(|trick| trick.fault.clone());
        let Some(right) = self.answer(step, &request.body, fault.as_ref()) else {
            self.complain(format!("{step:?}: not understood, or out of turn"));
            return (Duration::ZERO, Reply::Whole(400, b"not understood".to_vec()));
        };
        let last = self.last.insert(step, right.clone()).unwrap_or_default();
        deliver(right, last, fault)
    }

    fn complain(&mut self, why: String) {
        self.witness.complaints.push(why);
    }

    /// Decodes a request, and looks who signed it.
    fn read<M: Message + codec::Decode>(&mut self, body: &[u8]) -> Option<M> {
        let Signed { message, signature } = Signed::<M>::decode_all(&mut &body[..]).ok()?;
        let signature = sr25519::Signature::from_raw(signature);
        if let Some(verifier) = self.verifier
            && !sr25519::Pair::verify(&signature, message.digest(), &verifier)
        {
            self.complain("not signed with the verifier's key".into());
        }
        Some(message)
    }

    /// The answer, which only the fault at this step makes wrong.
    fn answer(&mut self, step: Step, body: &[u8], fault: Option<&Fault>) -> Option<Vec<u8>> {
        match step {
            Step::Prepare => {
                let PrepareRequest { assignment } = self.read(body)?;
                if assignment.device != self.device {
                    self.complain(format!("asked for device {}", assignment.device));
                }
                self.assignment = Some(assignment);
                let privacy = match fault {
                    Some(Fault::TooMuchPrivacy) => 101,
                    _ => PRIVACY,
                };
                let assignment = changed(assignment, fault);
                Some(self.sign(PrepareAnswer { assignment, privacy }, fault))
            }
            Step::Fill => {
                let request: FillRequest = self.read(body)?;
                if Some(request.assignment) != self.assignment {
                    self.complain("told to fill for another assignment than to prepare".into());
                }
                let geometry = Geometry::new(request.assignment.profile).ok()?;
                let seed = request.seed();
                let right = State::fill(&geometry, &seed);
                let mut bytes = right.bytes().to_vec();
                match fault {
                    // The first matrix is as it should be, the others are noise.
                    Some(Fault::SkippedWork) => {
                        let first = geometry.row_len() * geometry.row_len();
                        bytes[first..].iter_mut().for_each(|byte| *byte ^= 0x55);
                    }
                    // Committed to something else than what is opened later.
                    Some(Fault::OtherState) => bytes.reverse(),
                    _ => (),
                }
                let state = State::from_bytes(&geometry, &seed, bytes).ok()?;
                let state_root = state.root();
                self.states = Some((state, right));
                let answer = FillAnswer {
                    assignment: changed(request.assignment, fault),
                    seed: changed_seed(seed, fault),
                    state_root,
                };
                Some(self.sign(answer, fault))
            }
            Step::Walk => {
                let request: WalkRequest = self.read(body)?;
                let assignment = self.assignment?;
                let (state, _) = self.states.as_ref()?;
                let walk_seed = request.walk_seed();
                let lost = lost_memory(state, &assignment, fault);
                let claim = Claim {
                    seed: request.seed,
                    state_root: state.root(),
                    ..lost.as_ref().unwrap_or(state).walk(&walk_seed).claim()
                };
                (self.walk_seed, self.walk_root) = (walk_seed, claim.walk_root);
                let (state_root, seed) = (claim.state_root, claim.seed);
                if (request.state_root, request.seed) != (state_root, seed) {
                    self.complain("told to walk another state".into());
                }
                let answer = WalkAnswer {
                    assignment: changed(assignment, fault),
                    claim: Claim {
                        walk_seed: changed_seed(walk_seed, fault),
                        ..claim
                    },
                };
                Some(self.sign(answer, fault))
            }
            Step::Open => {
                let request: OpenRequest = self.read(body)?;
                if (request.walk_seed, request.walk_root) != (self.walk_seed, self.walk_root) {
                    self.complain("told to open another walk".into());
                }
                let assignment = self.assignment?;
                let (committed, right) = self.states.as_ref()?;
                let lost = lost_memory(committed, &assignment, self.trick(Step::Walk).as_ref());
                let opened = match self.trick(Step::Fill) {
                    Some(Fault::OtherState) => right,
                    _ => committed,
                };
                let source = Opened {
                    state: opened.walk(&self.walk_seed),
                    walk: lost.as_ref().unwrap_or(committed).walk(&self.walk_seed),
                };
                let geometry = Geometry::new(assignment.profile).ok()?;
                let Ok(openings) = opener::open(&geometry, &self.walk_seed, &request.sample_seed(), &source);
                Some(openings.encode())
            }
        }
    }

    fn trick(&self, step: Step) -> Option<Fault> {
        let trick = self.tricks.iter().find(|trick| trick.step == step)?;
        Some(trick.fault.clone())
    }

    fn sign<M: Message>(&self, message: M, fault: Option<&Fault>) -> Vec<u8> {
        let other;
        let key = match fault {
            Some(Fault::OtherKey) => {
                other = TestAgent::key(self.device + 1);
                &other
            }
            _ => &self.key,
        };
        let signature = key.sign(&message.digest()).0;
        Signed { message, signature }.encode()
    }
}

/// How a right answer is brought, with a fault or without, and how much later.
fn deliver(right: Vec<u8>, last: Vec<u8>, fault: Option<Fault>) -> (Duration, Reply) {
    let whole = |body: Vec<u8>| Reply::Whole(200, body);
    let reply = match fault {
        None => whole(right),
        Some(fault) => match fault {
            Fault::Late(late) => return (late, whole(right)),
            Fault::Status(status, text) => Reply::Whole(status, text.into()),
            Fault::Redirect(to) => Reply::Raw(
                format!("HTTP/1.1 307 Over There\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
                    .into_bytes(),
            ),
            Fault::Trickle(pause) => Reply::Trickle(right, pause),
            Fault::Endless => Reply::Endless,
            Fault::HugeHeaders => {
                let header = format!("x-{}: {}\r\n", "y".repeat(60), "z".repeat(8_000));
                Reply::Hang(format!("HTTP/1.1 200 OK\r\n{}", header.repeat(125)))
            }
            Fault::HangAfterHeaders => Reply::Hang(format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
                right.len()
            )),
            Fault::HangBeforeEnd => Reply::HangBeforeEnd(right),
            Fault::HangUp => Reply::Raw(vec![]),
            Fault::CloseMidBody => Reply::Half(right),
            Fault::NoHttp => Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
            Fault::Garbage(length) => {
                let noise = right.iter().map(|byte| byte ^ 0xa5).cycle();
                whole(noise.take(length).collect())
            }
            Fault::Empty => whole(vec![]),
            Fault::Truncated => whole(right[..right.len() - 1].to_vec()),
            Fault::TrailingByte => whole([right, vec![0]].concat()),
            Fault::Replay => whole(if last.is_empty() { right } else { last }),
            Fault::FlippedBit(byte) => {
                let mut wrong = right;
                let index = byte % wrong.len();
                wrong[index] ^= 1;
                whole(wrong)
            }
            // These are in the message already, or show later.
            Fault::OtherRound
            | Fault::OtherDevice
            | Fault::OtherVerifier
            | Fault::OtherProfile
            | Fault::OtherSeed
            | Fault::OtherKey
            | Fault::TooMuchPrivacy
            | Fault::SkippedWork
            | Fault::OtherState
            | Fault::LostMemory => whole(right),
        },
    };
    (Duration::ZERO, reply)
}

/// The assignment that an answer speaks of.
fn changed(mut assignment: Assignment, fault: Option<&Fault>) -> Assignment {
    match fault {
        Some(Fault::OtherRound) => assignment.round += 1,
        Some(Fault::OtherDevice) => assignment.device += 1,
        Some(Fault::OtherVerifier) => assignment.verifier[0] ^= 1,
        Some(Fault::OtherProfile) => assignment.profile.matrices /= 2,
        _ => (),
    }
    assignment
}

fn changed_seed(mut seed: Seed, fault: Option<&Fault>) -> Seed {
    if fault == Some(&Fault::OtherSeed) {
        seed[0] ^= 1;
    }
    seed
}

/// Zeros, if the state was not kept.
fn lost_memory(state: &State, assignment: &Assignment, fault: Option<&Fault>) -> Option<State> {
    if fault != Some(&Fault::LostMemory) {
        return None;
    }
    let geometry = Geometry::new(assignment.profile).ok()?;
    State::from_bytes(&geometry, &[0; 32], vec![0; state.bytes().len()]).ok()
}

/// A state, and a walk that may have gone over another one.
struct Opened<'a> {
    state: Walk<'a>,
    walk: Walk<'a>,
}

impl Source for Opened<'_> {
    type Error = Infallible;

    fn row(&self, index: u64) -> Result<Vec<u8>, Infallible> {
        self.state.row(index)
    }

    fn row_path(&self, index: u64) -> Result<Vec<Hash>, Infallible> {
        self.state.row_path(index)
    }

    fn trace(&self, lane: u32) -> Result<Trace, Infallible> {
        self.walk.trace(lane)
    }

    fn lane_path(&self, lane: u32) -> Result<Vec<Hash>, Infallible> {
        self.walk.lane_path(lane)
    }
}

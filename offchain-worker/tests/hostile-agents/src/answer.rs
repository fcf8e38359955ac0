//! What an agent answers.

use crate::{
    Fault, Trick,
    http::{Reply, Request},
};
use codec::{Decode, DecodeAll, Encode};
use loopin_challenge::{
    Checker, Claim, Geometry, Hash, Seed,
    joint::{self, Member},
    messages::{
        Assignment, Contribution, FillAnswer, FillRequest, JointAnswer, Message, OpenAnswer, OpenRequest,
        OpeningsDigest, PrepareAnswer, PrepareRequest, Signed, Step, VerifierAccount, WalkAnswer,
        WalkRequest,
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
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

/// The privacy that an agent states.
const PRIVACY: u8 = 25;
/// How long a verifier is kept waiting for the nonces of others.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an agent has seen of its verifiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    /// How often each step was asked for.
    pub requests: BTreeMap<Step, u32>,
    /// Requests that were not as they must be, and why.
    pub complaints: Vec<String>,
    /// How often the device filled its memory.
    pub fills: u32,
    /// What each verifier contributed, in the order in which it came.
    pub nonces: Vec<(Step, Contribution)>,
}

/// An agent for one device, on a port of its own, until it is dropped.
pub struct TestAgent {
    address: SocketAddr,
    device: u64,
    is_stopped: Arc<AtomicBool>,
    mind: Arc<(Mutex<Mind>, Condvar)>,
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
        let mind = Arc::new((Mutex::new(Mind::new(device, tricks)), Condvar::new()));
        let (stopped, thoughts) = (is_stopped.clone(), mind.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(SeqCst) {
                    break;
                }
                let thoughts = thoughts.clone();
                // A connection that breaks is the verifier's doing, or one of the tricks.
                thread::spawn(move || stream.and_then(|stream| serve(stream, &thoughts.0, &thoughts.1)));
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

    /// Waits for nonces of a majority of these, and complains about requests that none of them has signed.
    pub fn expect_committee(&self, committee: Vec<Member>) {
        lock(&self.mind.0).committee = committee;
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
        lock(&self.mind.0).witness.clone()
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

fn serve(stream: TcpStream, mind: &Mutex<Mind>, changed: &Condvar) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = Request::read(&mut reader)? {
        let begun = Instant::now();
        let mut thoughts = lock(mind);
        let mut answer = thoughts.hear(&request);
        changed.notify_all();
        // Others may still have to contribute.
        let (late, reply) = loop {
            match answer {
                Ok(reply) => break reply,
                Err(heard) if begun.elapsed() < PATIENCE => {
                    let waited = changed.wait_timeout(thoughts, Duration::from_millis(100));
                    thoughts = waited.map_or_else(|poisoned| poisoned.into_inner().0, |(mind, _)| mind);
                    answer = thoughts.answer_to(heard);
                }
                Err(_) => return Ok(()),
            }
        };
        drop(thoughts);
        thread::sleep(late);
        if !reply.send(&mut writer)? {
            break;
        }
    }
    Ok(())
}

/// A request that was understood.
#[derive(Clone)]
struct Heard {
    question: Question,
    verifier: VerifierAccount,
    fault: Option<Fault>,
}

#[derive(Clone)]
enum Question {
    Prepare(Assignment),
    Fill(Contribution),
    Walk(Contribution),
    Open(OpenRequest),
}

impl Question {
    fn step(&self) -> Step {
        match self {
            Self::Prepare(_) => Step::Prepare,
            Self::Fill(_) => Step::Fill,
            Self::Walk(_) => Step::Walk,
            Self::Open(_) => Step::Open,
        }
    }
}

/// What an agent knows of a round, and does in it.
struct Round {
    assignment: Assignment,
    /// What has been contributed to the state's seed, by verifier, and to the walk's.
    contributed: [BTreeMap<VerifierAccount, Contribution>; 2],
    /// The first request to open of each verifier, as its contribution.
    opened: BTreeMap<VerifierAccount, Contribution>,
    filled: Option<Filled>,
    walked: Option<Walked>,
}

/// A state, and to whom it is owed.
struct Filled {
    contributions: Vec<Contribution>,
    seed: Seed,
    /// The state that was committed to.
    committed: State,
    /// The one that it should have been.
    right: State,
}

/// A walk, and to whom it is owed.
struct Walked {
    contributions: Vec<Contribution>,
    claim: Claim,
    /// The state that was walked, if that was another one.
    lost: Option<State>,
}

/// What an agent knows and plays.
struct Mind {
    device: u64,
    key: sr25519::Pair,
    committee: Vec<Member>,
    tricks: Vec<Trick>,
    witness: Witness,
    round: Option<Round>,
    /// The right answers of the last time.
    last: BTreeMap<Step, Vec<u8>>,
    /// What seeds were first made of.
    first_contributions: BTreeMap<Step, Vec<Contribution>>,
}

impl Mind {
    fn new(device: u64, tricks: Vec<Trick>) -> Self {
        Self {
            device,
            key: TestAgent::key(device),
            committee: vec![],
            tricks,
            witness: Witness::default(),
            round: None,
            last: BTreeMap::new(),
            first_contributions: BTreeMap::new(),
        }
    }

    /// Hears a request, and answers it if it does not have to wait for others.
    fn hear(&mut self, request: &Request) -> Result<(Duration, Reply), Box<Heard>> {
        let refuse = |status, text: &str| Ok((Duration::ZERO, Reply::Whole(status, text.into())));
        let path = |step: &Step| format!("POST /device/{}/{}", self.device, step.name());
        let Some(step) = Step::ALL.into_iter().find(|step| path(step) == request.target) else {
            self.complain(format!("unknown target {}", request.target));
            return refuse(404, "no such thing here");
        };
        let count = self.witness.requests.entry(step).or_default();
        *count += 1;
        let count = *count;
        let is_binary =
            |(name, value): &(String, String)| name == "content-type" && value == "application/octet-stream";
        if !request.headers.iter().any(is_binary) {
            self.complain("the content type is not application/octet-stream".into());
        }
        let Some((question, verifier)) = self.understand(step, &request.body) else {
            self.complain(format!("{step:?}: not understood, or out of turn"));
            return refuse(400, "not understood");
        };
        let fault = self.trick(step, verifier, count);
        let heard = Box::new(Heard {
            question,
            verifier,
            fault,
        });
        match self.note(&heard) {
            Ok(()) => self.answer_to(heard),
            Err(earlier) => Ok((Duration::ZERO, Reply::Whole(409, earlier.encode()))),
        }
    }

    fn trick(&self, step: Step, verifier: VerifierAccount, count: u32) -> Option<Fault> {
        let is_played = |trick: &&Trick| {
            trick.step == step && count <= trick.times && trick.verifier.is_none_or(|only| only == verifier)
        };
        let trick = self.tricks.iter().find(is_played)?;
        Some(trick.fault.clone())
    }

    /// Whether a fault of the device's work is played at a step, whoever asks.
    fn plays(&self, step: Step, fault: &Fault) -> bool {
        self.tricks
            .iter()
            .any(|trick| trick.step == step && trick.fault == *fault)
    }

    fn complain(&mut self, why: String) {
        self.witness.complaints.push(why);
    }

    /// Decodes a request, and looks who signed it.
    fn understand(&mut self, step: Step, body: &[u8]) -> Option<(Question, VerifierAccount)> {
        Some(match step {
            Step::Prepare => {
                let PrepareRequest { assignment, verifier } = self
                    .read(body, |request| {
                        let PrepareRequest { verifier, .. } = request;
                        *verifier
                    })?
                    .message;
                if assignment.device != self.device {
                    self.complain(format!("asked for device {}", assignment.device));
                }
                (Question::Prepare(assignment), verifier)
            }
            Step::Fill => {
                let Signed { message, signature } =
                    self.read(body, |request: &FillRequest| request.verifier)?;
                let FillRequest {
                    assignment,
                    verifier,
                    nonce,
                } = message;
                if self.round.as_ref().map(|round| round.assignment) != Some(assignment) {
                    self.complain("told to fill for another assignment than to prepare".into());
                    return None;
                }
                let contribution = Contribution {
                    verifier,
                    nonce,
                    signature,
                };
                (Question::Fill(contribution), verifier)
            }
            Step::Walk => {
                let Signed { message, signature } =
                    self.read(body, |request: &WalkRequest| request.verifier)?;
                let WalkRequest {
                    verifier,
                    seed,
                    state_root,
                    nonce,
                    ..
                } = message;
                let filled = self.round.as_ref()?.filled.as_ref()?;
                if (seed, state_root) != (filled.seed, filled.committed.root()) {
                    self.complain("told to walk another state".into());
                }
                let contribution = Contribution {
                    verifier,
                    nonce,
                    signature,
                };
                (Question::Walk(contribution), verifier)
            }
            Step::Open => {
                let Signed { message, .. } = self.read(body, |request: &OpenRequest| request.verifier)?;
                let claim = self.round.as_ref()?.walked.as_ref()?.claim;
                if message.claim != claim.hash() {
                    self.complain("told to open another walk".into());
                }
                (Question::Open(message), message.verifier)
            }
        })
    }

    fn read<M: Message + Decode>(
        &mut self,
        body: &[u8],
        verifier: impl FnOnce(&M) -> VerifierAccount,
    ) -> Option<Signed<M>> {
        let signed = Signed::<M>::decode_all(&mut &body[..]).ok()?;
        let verifier = verifier(&signed.message);
        if !self.committee.is_empty() {
            let member = self.committee.iter().find(|member| member.verifier == verifier);
            let is_signed = member.is_some_and(|member| {
                let signature = sr25519::Signature::from_raw(signed.signature);
                let key = sr25519::Public::from_raw(member.key);
                sr25519::Pair::verify(&signature, signed.message.digest(), &key)
            });
            if !is_signed {
                self.complain("not signed with the key of a verifier of the committee".into());
            }
        }
        Some(signed)
    }

    /// Notes what a verifier contributes, or says what it contributed before.
    fn note(&mut self, heard: &Heard) -> Result<(), Contribution> {
        let (noted, contribution) = match (&heard.question, &mut self.round) {
            (Question::Prepare(assignment), round) => {
                if round.as_ref().map(|round| round.assignment) != Some(*assignment) {
                    *round = Some(Round {
                        assignment: *assignment,
                        contributed: Default::default(),
                        opened: BTreeMap::new(),
                        filled: None,
                        walked: None,
                    });
                }
                return Ok(());
            }
            (_, None) => return Ok(()),
            (Question::Fill(contribution), Some(round)) => (&mut round.contributed[0], *contribution),
            (Question::Walk(contribution), Some(round)) => (&mut round.contributed[1], *contribution),
            (Question::Open(request), Some(round)) => {
                let contribution = Contribution {
                    verifier: request.verifier,
                    nonce: request.nonce,
                    signature: [0; 64],
                };
                (&mut round.opened, contribution)
            }
        };
        match &heard.fault {
            Some(Fault::ConflictWithItself) => return Err(contribution),
            Some(Fault::Conflict(seed)) => return Err(self.invented(heard, *seed)),
            _ => (),
        }
        let step = heard.question.step();
        self.witness.nonces.push((step, contribution));
        let earlier = noted.entry(contribution.verifier).or_insert(contribution);
        if earlier.nonce == contribution.nonce {
            Ok(())
        } else {
            Err(*earlier)
        }
    }

    /// What the verifier would have contributed if it had drawn another nonce, signed by the key of that seed.
    fn invented(&self, heard: &Heard, seed: [u8; 32]) -> Contribution {
        let nonce = [0xcc; 32];
        let verifier = heard.verifier;
        let assignment = self.round.as_ref().map(|round| round.assignment);
        let digest = match (&heard.question, assignment, &self.round) {
            (Question::Fill(_), Some(assignment), _) => FillRequest {
                assignment,
                verifier,
                nonce,
            }
            .digest(),
            (
                Question::Walk(_),
                Some(assignment),
                Some(Round {
                    filled: Some(filled), ..
                }),
            ) => WalkRequest {
                assignment,
                verifier,
                seed: filled.seed,
                state_root: filled.committed.root(),
                nonce,
            }
            .digest(),
            (Question::Open(request), ..) => OpenRequest { nonce, ..*request }.digest(),
            _ => [0; 32],
        };
        Contribution {
            verifier,
            nonce,
            signature: sr25519::Pair::from_seed(&seed).sign(&digest).0,
        }
    }

    /// The answer, or what was heard if it has to wait for others.
    fn answer_to(&mut self, heard: Box<Heard>) -> Result<(Duration, Reply), Box<Heard>> {
        let right = match &heard.question {
            Question::Prepare(assignment) => self.prepared(assignment, heard.fault.as_ref()),
            Question::Fill(_) => self.filled(heard.fault.as_ref()),
            Question::Walk(_) => self.walked(heard.fault.as_ref()),
            Question::Open(request) => self.opened(request, heard.fault.as_ref()),
        };
        let Some(right) = right else {
            return Err(heard);
        };
        let step = heard.question.step();
        let last = self.last.insert(step, right.clone()).unwrap_or_default();
        Ok(deliver(right, last, heard.fault))
    }

    fn prepared(&self, assignment: &Assignment, fault: Option<&Fault>) -> Option<Vec<u8>> {
        let privacy = match fault {
            Some(Fault::TooMuchPrivacy) => 101,
            _ => PRIVACY,
        };
        let assignment = changed(*assignment, fault);
        Some(self.sign(PrepareAnswer { assignment, privacy }, fault).encode())
    }

    /// What a seed is made of, once a majority has contributed.
    fn contributions(
        &mut self,
        index: usize,
        step: Step,
        fault: Option<&Fault>,
    ) -> Option<Vec<Contribution>> {
        let contributed = &self.round.as_ref()?.contributed[index];
        let of = |member: &&Member| contributed.contains_key(&member.verifier);
        let seats = self.committee.iter().filter(of).map(|member| member.seats).sum();
        let is_enough = if self.committee.is_empty() {
            !contributed.is_empty()
        } else {
            joint::is_majority(seats, &self.committee) || fault == Some(&Fault::TooFewContributions)
        };
        if !is_enough {
            return None;
        }
        let mut contributions: Vec<Contribution> = contributed.values().copied().collect();
        let invented = |verifier| Contribution {
            verifier,
            nonce: [0xdd; 32],
            signature: [0xee; 64],
        };
        let first = self
            .first_contributions
            .entry(step)
            .or_insert_with(|| contributions.clone());
        match fault {
            Some(Fault::ForgedContribution) => {
                let silent = |member: &&Member| !contributed.contains_key(&member.verifier);
                let forged = self.committee.iter().find(silent);
                contributions.extend(forged.map(|member| invented(member.verifier)));
            }
            Some(Fault::StrangersContribution) => contributions.push(invented([0xff; 32])),
            Some(Fault::TooFewContributions) => contributions.truncate(1),
            Some(Fault::NoContributions) => contributions.clear(),
            Some(Fault::UnsortedContributions) => contributions.reverse(),
            Some(Fault::DoubleContribution) => contributions.push(contributions[contributions.len() - 1]),
            Some(Fault::OldContributions) => contributions.clone_from(first),
            _ => (),
        }
        if !matches!(fault, Some(Fault::UnsortedContributions)) {
            contributions.sort_by_key(|contribution| contribution.verifier);
        }
        Some(contributions)
    }

    fn filled(&mut self, fault: Option<&Fault>) -> Option<Vec<u8>> {
        let assignment = self.round.as_ref()?.assignment;
        if self.round.as_ref()?.filled.is_none() {
            let contributions = self.contributions(0, Step::Fill, fault)?;
            let geometry = Geometry::new(assignment.profile).ok()?;
            let seed = joint::seed(&assignment, &joint::contributors(&contributions));
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
            let committed = State::from_bytes(&geometry, &seed, bytes).ok()?;
            self.witness.fills += 1;
            self.round.as_mut()?.filled = Some(Filled {
                contributions,
                seed,
                committed,
                right,
            });
        }
        let filled = self.round.as_ref()?.filled.as_ref()?;
        let answer = FillAnswer {
            assignment: changed(assignment, fault),
            seed: changed_seed(filled.seed, fault),
            state_root: filled.committed.root(),
        };
        let contributions = shown(&filled.contributions, fault);
        Some(self.joint(answer, contributions, fault))
    }

    fn walked(&mut self, fault: Option<&Fault>) -> Option<Vec<u8>> {
        let assignment = self.round.as_ref()?.assignment;
        if self.round.as_ref()?.walked.is_none() {
            let contributions = self.contributions(1, Step::Walk, fault)?;
            let filled = self.round.as_ref()?.filled.as_ref()?;
            let state_root = filled.committed.root();
            let contributors = joint::contributors(&contributions);
            let walk_seed = joint::walk_seed(&filled.seed, &state_root, &contributors);
            let lost = lost_memory(&filled.committed, &assignment, fault);
            let claim = Claim {
                seed: filled.seed,
                state_root,
                ..lost
                    .as_ref()
                    .unwrap_or(&filled.committed)
                    .walk(&walk_seed)
                    .claim()
            };
            self.round.as_mut()?.walked = Some(Walked {
                contributions,
                claim,
                lost,
            });
        }
        let walked = self.round.as_ref()?.walked.as_ref()?;
        let claim = walked.claim;
        let answer = WalkAnswer {
            assignment: changed(assignment, fault),
            claim: Claim {
                walk_seed: changed_seed(claim.walk_seed, fault),
                ..claim
            },
        };
        let contributions = shown(&walked.contributions, fault);
        Some(self.joint(answer, contributions, fault))
    }

    fn opened(&self, request: &OpenRequest, fault: Option<&Fault>) -> Option<Vec<u8>> {
        let round = self.round.as_ref()?;
        let (filled, walked) = (round.filled.as_ref()?, round.walked.as_ref()?);
        let state = if self.plays(Step::Fill, &Fault::OtherState) {
            &filled.right
        } else {
            &filled.committed
        };
        let claim = walked.claim;
        let source = Opened {
            state: state.walk(&claim.walk_seed),
            walk: walked
                .lost
                .as_ref()
                .unwrap_or(&filled.committed)
                .walk(&claim.walk_seed),
        };
        let geometry = Geometry::new(round.assignment.profile).ok()?;
        let sample_seed = request.sample_seed();
        let Ok(openings) = opener::open(&geometry, &claim.walk_seed, &sample_seed, &source);
        let mut answer = openings.encode();
        let mut digest = OpeningsDigest::new(&sample_seed);
        let mut rest = &answer[..];
        let mut checker = Checker::new(&geometry, &claim, &sample_seed);
        while !checker.is_done() {
            let before = rest;
            if checker.check_next(&mut rest).is_err() {
                // They are wrong, and what is signed of them does not matter.
                break;
            }
            digest.add(&before[..before.len() - rest.len()]);
        }
        let mut last = OpenAnswer {
            assignment: round.assignment,
            verifier: request.verifier,
            claim: claim.hash(),
            openings: digest.finish(),
        };
        match fault {
            Some(Fault::NoLastSignature) => return Some(answer),
            Some(Fault::LastSignatureForAnother) => last.verifier[0] ^= 1,
            Some(Fault::LastSignatureOverOthers) => last.openings[0] ^= 1,
            Some(Fault::LastSignatureOfAnotherClaim) => last.claim[0] ^= 1,
            _ => (),
        }
        answer.extend(self.sign(last, fault).signature);
        Some(answer)
    }

    fn joint<M: Message>(
        &self,
        message: M,
        contributions: Vec<Contribution>,
        fault: Option<&Fault>,
    ) -> Vec<u8> {
        let answer = self.sign(message, fault);
        JointAnswer {
            answer,
            contributions,
        }
        .encode()
    }

    fn sign<M: Message>(&self, message: M, fault: Option<&Fault>) -> Signed<M> {
        let other;
        let key = match fault {
            Some(Fault::OtherKey) => {
                other = TestAgent::key(self.device + 1);
                &other
            }
            _ => &self.key,
        };
        let signature = key.sign(&message.digest()).0;
        Signed { message, signature }
    }
}

/// What is said of whom a seed is made of.
fn shown(contributions: &[Contribution], fault: Option<&Fault>) -> Vec<Contribution> {
    let mut shown = contributions.to_vec();
    if fault == Some(&Fault::OtherContributions)
        && let Some(first) = shown.first_mut()
    {
        first.nonce[0] ^= 1;
    }
    shown
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
            | Fault::OtherProfile
            | Fault::OtherSeed
            | Fault::OtherKey
            | Fault::TooMuchPrivacy
            | Fault::SkippedWork
            | Fault::OtherState
            | Fault::LostMemory
            | Fault::ForgedContribution
            | Fault::StrangersContribution
            | Fault::TooFewContributions
            | Fault::NoContributions
            | Fault::UnsortedContributions
            | Fault::DoubleContribution
            | Fault::OldContributions
            | Fault::OtherContributions
            | Fault::Conflict(_)
            | Fault::ConflictWithItself
            | Fault::NoLastSignature
            | Fault::LastSignatureForAnother
            | Fault::LastSignatureOverOthers
            | Fault::LastSignatureOfAnotherClaim => whole(right),
        },
    };
    (Duration::ZERO, reply)
}

/// The assignment that an answer speaks of.
fn changed(mut assignment: Assignment, fault: Option<&Fault>) -> Assignment {
    match fault {
        Some(Fault::OtherRound) => assignment.round += 1,
        Some(Fault::OtherDevice) => assignment.device += 1,
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

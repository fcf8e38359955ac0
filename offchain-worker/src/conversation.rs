//! The conversation with one device: prepare, fill, walk, open. See `loopin_challenge::messages`.

use crate::{
    Device, DeviceReport, Evidence, Signer, Slot,
    clock::{self, Millis},
    endpoint::Endpoint,
    exchange::{Answer, Collector, Exchange, Limit, Trouble},
    opening::Opening,
    text::Printable,
};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};
use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use core::mem;
use loopin_challenge::{
    Claim, Geometry,
    messages::{
        Assignment, FillAnswer, FillRequest, Message, OpenRequest, PrepareAnswer, PrepareRequest, Signed,
        WalkAnswer, WalkRequest,
    },
};
use loopin_primitives::{FailReason, InconclusiveReason, Outcome, Pass};
use sp_core::sr25519;
use sp_io::{crypto, offchain};

/// Most requests that one run sends to one device: prepare, prepare again, fill, walk, open.
pub const MAX_REQUESTS: u32 = 5;
/// How long a device is left alone before it is asked to prepare a second time, in milliseconds.
const RETRY_AFTER_MS: Millis = 500;
/// Highest privacy that an agent can state.
const MAX_PRIVACY: u8 = 100;

/// The end of a conversation: what was found out, and for people why.
#[derive(Debug)]
pub struct Ending {
    /// What goes to the chain.
    pub outcome: Outcome,
    /// What proves fraud to others.
    pub evidence: Option<Evidence>,
    /// For the log.
    pub why: String,
}

impl Ending {
    /// The device did not do what it must.
    pub fn fail(reason: FailReason, why: impl ToString) -> Box<Self> {
        Box::new(Self {
            outcome: Outcome::Fail(reason),
            evidence: None,
            why: why.to_string(),
        })
    }

    /// The verifier could not find out.
    pub fn inconclusive(reason: InconclusiveReason, why: impl ToString) -> Box<Self> {
        Box::new(Self {
            outcome: Outcome::Inconclusive(reason),
            evidence: None,
            why: why.to_string(),
        })
    }

    /// A step without an answer.
    pub fn trouble(step: &str, trouble: &Trouble) -> Box<Self> {
        match trouble {
            Trouble::Connection => Self::fail(
                FailReason::Late,
                format!("{step}: the connection broke before there was an answer"),
            ),
            Trouble::Broken => Self::fail(
                FailReason::Late,
                format!("{step}: the connection broke within the answer"),
            ),
            Trouble::Late { by_slot: false } => Self::fail(
                FailReason::Late,
                format!("{step}: no whole answer within the limit"),
            ),
            Trouble::Late { by_slot: true } => Self::inconclusive(
                InconclusiveReason::Interrupted,
                format!("{step}: no time left in the slot"),
            ),
            Trouble::Refused { status, text } => Self::fail(
                FailReason::Refused,
                format!("{step}: refused with HTTP status {status}: {}", Printable(text)),
            ),
            Trouble::TooLong => Self::fail(FailReason::Malformed, format!("{step}: the answer is too long")),
        }
    }
}

/// Where a conversation stands.
enum State {
    /// The first attempt to reach the device has failed; the next is due then.
    Resting(Millis),
    Preparing {
        collector: Collector,
        is_second: bool,
    },
    /// Waiting for the moment at which all devices are told to fill.
    Ready,
    /// The same, with everything sent ahead that tells nothing.
    Announced {
        exchange: Exchange,
        request: FillRequest,
    },
    Filling {
        collector: Collector,
        request: FillRequest,
    },
    Walking {
        collector: Collector,
        claim: Claim,
    },
    /// Openings are on their way. The agent's signature of its answer to the walk comes with them.
    Opening(Box<Opening>),
    Done(Box<Ending>),
}

/// What all conversations of a slot have in common.
pub struct Context<'a, S> {
    pub slot: &'a Slot,
    pub signer: &'a S,
    /// When all devices are told to fill.
    pub fill_at: Millis,
}

impl<S> Context<'_, S> {
    /// The limit of a step that may take `step_ms`, and ends with the slot.
    fn limit(&self, step_ms: u32) -> Limit {
        Limit {
            step_ms: Millis::from(step_ms),
            ends_at: self.slot.closes_at_ms(),
        }
    }
}

impl<S: Signer> Context<'_, S> {
    /// A message as it is sent.
    fn signed<M: Message>(&self, message: M) -> Result<Vec<u8>, Box<Ending>> {
        let signature = self.signer.sign(&message.digest()).ok_or_else(|| {
            Ending::inconclusive(
                InconclusiveReason::Interrupted,
                "the verifier's key is not in the keystore any more",
            )
        })?;
        Ok(Signed { message, signature }.encode())
    }
}

/// The conversation with one device.
pub struct Conversation<'a> {
    device: &'a Device,
    geometry: Geometry,
    endpoint: Endpoint,
    assignment: Assignment,
    state: State,
    /// Whether anything answered at all.
    is_reached: bool,
    requests: u32,
    privacy: u8,
    fill_ms: Millis,
    walk_ms: Millis,
}

impl<'a> Conversation<'a> {
    /// Begins the conversation: asks the device to prepare.
    pub fn begin<S: Signer>(
        context: &Context<S>,
        device: &'a Device,
        geometry: Geometry,
        endpoint: Endpoint,
    ) -> Self {
        let Slot {
            round,
            verifier,
            genesis,
            ..
        } = *context.slot;
        let assignment = Assignment {
            genesis,
            round,
            device: device.device.into(),
            verifier,
            profile: device.profile,
        };
        let mut conversation = Self {
            device,
            geometry,
            endpoint,
            assignment,
            state: State::Ready,
            is_reached: false,
            requests: 0,
            privacy: 0,
            fill_ms: 0,
            walk_ms: 0,
        };
        let prepared = conversation.prepare(context, false);
        conversation.go_on(prepared);
        conversation
    }

    /// Whether there is nothing more to do.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done(_))
    }

    /// Whether the device is ready, and waits to be told to fill.
    pub fn is_ready(&self) -> bool {
        matches!(self.state, State::Ready | State::Announced { .. })
    }

    /// Whether anything answered at all at this device's address.
    pub fn is_reached(&self) -> bool {
        self.is_reached
    }

    /// Whether nothing answered, be it that no connection came about or that nobody spoke in time.
    pub fn is_silent(&self) -> bool {
        let State::Done(ending) = &self.state else {
            return false;
        };
        let is_silent = matches!(
            ending.outcome,
            Outcome::Fail(FailReason::Unreachable | FailReason::Late)
        );
        is_silent && !self.is_reached
    }

    /// The host that is called.
    pub fn host(&self) -> &str {
        &self.endpoint.host
    }

    /// Ends the conversation, whatever its state.
    pub fn end(&mut self, ending: Box<Ending>) {
        self.state = State::Done(ending);
    }

    /// The request under way.
    pub fn exchange_mut(&mut self) -> Option<&mut Exchange> {
        match &mut self.state {
            State::Preparing { collector, .. }
            | State::Filling { collector, .. }
            | State::Walking { collector, .. } => Some(&mut collector.exchange),
            State::Opening(opening) => Some(&mut opening.exchange),
            // Looking for an answer would end the request that is announced.
            State::Resting(_) | State::Ready | State::Announced { .. } | State::Done(_) => None,
        }
    }

    /// What was found out.
    pub fn into_report(self) -> (DeviceReport, String) {
        let ending = match self.state {
            State::Done(ending) => *ending,
            // The slot's loop ends only when all conversations have.
            _ => *Ending::inconclusive(InconclusiveReason::Interrupted, "not ended"),
        };
        let report = DeviceReport {
            device: self.device.device,
            full: self.device.full,
            outcome: ending.outcome,
            evidence: ending.evidence,
        };
        (report, ending.why)
    }

    /// Goes on as far as it can without waiting, except for checking openings.
    pub fn poll<S: Signer>(&mut self, context: &Context<S>, now: Millis) {
        let next = self.next(context, now);
        self.go_on(next);
    }

    fn go_on(&mut self, next: Result<Option<State>, Box<Ending>>) {
        match next {
            Ok(None) => (),
            Ok(Some(state)) => self.state = state,
            Err(ending) => self.end(ending),
        }
    }

    fn next<S: Signer>(&mut self, context: &Context<S>, now: Millis) -> Result<Option<State>, Box<Ending>> {
        if self.exchange_mut().is_some_and(|exchange| exchange.is_answered()) {
            self.is_reached = true;
        }
        match &mut self.state {
            State::Resting(until) => {
                if now < *until {
                    return Ok(None);
                }
                self.prepare(context, true)
            }
            State::Preparing { collector, is_second } => {
                let is_second = *is_second;
                match collector.poll(now) {
                    Ok(None) => Ok(None),
                    Ok(Some(answer)) => self.prepared(&answer),
                    Err(Trouble::Connection) => self.unreachable(context, is_second, now),
                    Err(trouble) => Err(Ending::trouble("prepare", &trouble)),
                }
            }
            State::Filling { collector, request } => {
                let request = *request;
                match collector.poll(now) {
                    Ok(None) => Ok(None),
                    Ok(Some(answer)) => self.walk(context, &request, &answer),
                    Err(trouble) => Err(Ending::trouble("fill", &trouble)),
                }
            }
            State::Walking { collector, claim } => {
                let claim = *claim;
                match collector.poll(now) {
                    Ok(None) => Ok(None),
                    Ok(Some(answer)) => self.open(context, claim, &answer),
                    Err(trouble) => Err(Ending::trouble("walk", &trouble)),
                }
            }
            State::Ready | State::Announced { .. } | State::Opening(_) | State::Done(_) => Ok(None),
        }
    }

    /// The address for a step. Every request begins here.
    fn url(&mut self, step: &str) -> String {
        self.requests += 1;
        debug_assert!(self.requests <= MAX_REQUESTS, "the bound holds");
        format!("{}/device/{}/{step}", self.endpoint.base, self.device.device)
    }

    fn prepare<S: Signer>(
        &mut self,
        context: &Context<S>,
        is_second: bool,
    ) -> Result<Option<State>, Box<Ending>> {
        let assignment = self.assignment;
        let body = context.signed(PrepareRequest { assignment })?;
        let mut limit = context.limit(self.device.profile.limits.prepare_ms);
        limit.step_ms = limit.step_ms.min(context.fill_at.saturating_sub(clock::now()));
        match Exchange::post(&self.url("prepare"), &body, limit) {
            Ok(exchange) => Ok(Some(State::Preparing {
                collector: Collector::new(exchange, Signed::<PrepareAnswer>::max_encoded_len()),
                is_second,
            })),
            Err(_) => self.unreachable(context, is_second, clock::now()),
        }
    }

    /// There was no connection: try once more, if there is time.
    fn unreachable<S>(
        &self,
        context: &Context<S>,
        is_second: bool,
        now: Millis,
    ) -> Result<Option<State>, Box<Ending>> {
        let again_at = now.saturating_add(RETRY_AFTER_MS);
        if is_second {
            let why = "prepare: no connection, twice";
            Err(Ending::fail(FailReason::Unreachable, why))
        } else if again_at >= context.fill_at {
            let why = "prepare: no connection, and no time to try again";
            Err(Ending::fail(FailReason::Unreachable, why))
        } else {
            Ok(Some(State::Resting(again_at)))
        }
    }

    fn prepared(&mut self, answer: &Answer) -> Result<Option<State>, Box<Ending>> {
        let assignment = self.assignment;
        let prepared = self.accept::<PrepareAnswer>("prepare", answer, |message| {
            message.assignment == assignment && message.privacy <= MAX_PRIVACY
        })?;
        self.privacy = prepared.message.privacy;
        Ok(Some(State::Ready))
    }

    /// Makes the request to fill, if the device is ready, and sends of it what the device knows already.
    pub fn announce_fill<S: Signer>(&mut self, context: &Context<S>) {
        if matches!(self.state, State::Ready) {
            let announced = self.announced(context);
            self.go_on(announced);
        }
    }

    fn announced<S: Signer>(&mut self, context: &Context<S>) -> Result<Option<State>, Box<Ending>> {
        let request = FillRequest {
            assignment: self.assignment,
            block: context.slot.block,
            nonce: offchain::random_seed(),
        };
        let body = context.signed(request)?;
        let limit = context.limit(self.device.profile.limits.fill_ms);
        let known = Assignment::max_encoded_len();
        let exchange = Exchange::announce(&self.url("fill"), &body, known, limit)
            .map_err(|trouble| Ending::trouble("fill", &trouble))?;
        Ok(Some(State::Announced { exchange, request }))
    }

    /// Tells the device to fill, if that is announced.
    pub fn fill<S>(&mut self, context: &Context<S>) {
        self.state = match mem::replace(&mut self.state, State::Ready) {
            State::Announced {
                mut exchange,
                request,
            } => {
                exchange.complete(context.limit(self.device.profile.limits.fill_ms));
                State::Filling {
                    collector: Collector::new(exchange, Signed::<FillAnswer>::max_encoded_len()),
                    request,
                }
            }
            other => other,
        };
    }

    fn walk<S: Signer>(
        &mut self,
        context: &Context<S>,
        request: &FillRequest,
        answer: &Answer,
    ) -> Result<Option<State>, Box<Ending>> {
        let (assignment, seed) = (self.assignment, request.seed());
        let filled = self.accept::<FillAnswer>("fill", answer, |message| {
            message.assignment == assignment && message.seed == seed
        })?;
        self.fill_ms = answer.elapsed_ms;
        let request = WalkRequest {
            seed,
            state_root: filled.message.state_root,
            nonce: offchain::random_seed(),
        };
        let body = context.signed(request)?;
        let limit = context.limit(self.device.profile.limits.walk_ms);
        let exchange = Exchange::post(&self.url("walk"), &body, limit)
            .map_err(|trouble| Ending::trouble("walk", &trouble))?;
        let collector = Collector::new(exchange, Signed::<WalkAnswer>::max_encoded_len());
        let claim = Claim {
            seed,
            state_root: request.state_root,
            walk_seed: request.walk_seed(),
            // What the device answers.
            walk_root: [0; 32],
        };
        Ok(Some(State::Walking { collector, claim }))
    }

    fn open<S: Signer>(
        &mut self,
        context: &Context<S>,
        mut claim: Claim,
        answer: &Answer,
    ) -> Result<Option<State>, Box<Ending>> {
        let assignment = self.assignment;
        let walked = self.accept::<WalkAnswer>("walk", answer, |message| {
            claim.walk_root = message.claim.walk_root;
            message.assignment == assignment && message.claim == claim
        })?;
        self.walk_ms = answer.elapsed_ms;
        let request = OpenRequest {
            walk_seed: claim.walk_seed,
            walk_root: claim.walk_root,
            nonce: offchain::random_seed(),
        };
        let body = context.signed(request)?;
        let limit = context.limit(self.device.profile.limits.open_ms);
        let exchange = Exchange::post(&self.url("open"), &body, limit)
            .map_err(|trouble| Ending::trouble("open", &trouble))?;
        Ok(Some(State::Opening(Box::new(Opening::new(
            exchange,
            &self.geometry,
            claim,
            self.device.agent_key,
            walked.signature,
            &request.sample_seed(),
        )))))
    }

    /// Checks openings as far as they have arrived, at most as many parts as `parts` says, and counts them off.
    pub fn check_openings(&mut self, now: Millis, parts: &mut u32) {
        let State::Opening(opening) = &mut self.state else {
            return;
        };
        let ending = match opening.check(now, parts) {
            Ok(false) => return,
            Ok(true) => Box::new(Ending {
                outcome: Outcome::Pass(Pass {
                    work_gops: self.geometry.gops(self.fill_ms),
                    walk_ms: u32::try_from(self.walk_ms).unwrap_or(u32::MAX),
                    privacy: self.privacy,
                    claim: opening.claim,
                    agent_key: opening.agent_key,
                    signature: opening.signature,
                }),
                evidence: None,
                why: format!("filled in {} ms", self.fill_ms),
            }),
            Err(ending) => ending,
        };
        self.end(ending);
    }

    /// Decodes an answer, and checks what it is about and who signed it.
    fn accept<M: Message + Decode>(
        &self,
        step: &str,
        answer: &Answer,
        is_right: impl FnOnce(&M) -> bool,
    ) -> Result<Signed<M>, Box<Ending>> {
        let signed = Signed::<M>::decode_all(&mut &answer.bytes[..]).map_err(|_| {
            let why = format!(
                "{step}: {} bytes that are not the answer: {}",
                answer.bytes.len(),
                Printable(&answer.bytes)
            );
            Ending::fail(FailReason::Malformed, why)
        })?;
        if !is_right(&signed.message) {
            let why = format!("{step}: the answer is about something else");
            return Err(Ending::fail(FailReason::Malformed, why));
        }
        let signature = sr25519::Signature::from_raw(signed.signature);
        let key = sr25519::Public::from_raw(self.device.agent_key);
        if !crypto::sr25519_verify(&signature, &signed.message.digest(), &key) {
            let why = format!("{step}: not signed with the agent's key");
            return Err(Ending::fail(FailReason::WrongSignature, why));
        }
        Ok(signed)
    }
}

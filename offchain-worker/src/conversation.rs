//! The conversation with one device: prepare, fill, walk, open. See the README.md of `loopin-challenge`.

use crate::{
    Signer, Slot, Target,
    clock::{self, Millis},
    ending::Ending,
    endpoint::Endpoint,
    exchange::{Answer, Collector, Exchange, Limit, Trouble},
    opening::Opening,
    text::Printable,
};
use alloc::{boxed::Box, format, string::String, vec::Vec};
use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use core::mem;
use loopin_challenge::{
    Claim, Geometry,
    messages::{
        Assignment, FillAnswer, FillRequest, Message, OpenRequest, PrepareAnswer, PrepareRequest, Signed,
        Step, WalkAnswer, WalkRequest,
    },
};
use loopin_primitives::{FailReason, InconclusiveReason, Pass, Vote};
use sp_core::sr25519;
use sp_io::{crypto, offchain};

/// Most requests that one run sends to one device: prepare, prepare again, fill, walk, open.
pub const MAX_REQUESTS: u32 = 5;
/// How long a device is left alone before it is asked to prepare a second time, in milliseconds.
const RETRY_AFTER_MS: Millis = 500;
/// Highest privacy that an agent can state.
const MAX_PRIVACY: u8 = 100;

/// Where a conversation stands.
enum Stage {
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

/// The next stage, or none while the present one lasts, or the end.
type Next = Result<Option<Stage>, Box<Ending>>;

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
    target: &'a Target,
    geometry: Geometry,
    endpoint: Endpoint,
    assignment: Assignment,
    stage: Stage,
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
        target: &'a Target,
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
            device: target.device.into(),
            verifier,
            profile: target.profile,
        };
        let mut conversation = Self {
            target,
            geometry,
            endpoint,
            assignment,
            stage: Stage::Ready,
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
        matches!(self.stage, Stage::Done(_))
    }

    /// Whether the device is ready, and waits to be told to fill.
    pub fn is_ready(&self) -> bool {
        matches!(self.stage, Stage::Ready | Stage::Announced { .. })
    }

    /// Whether anything answered at all at this device's address.
    pub fn is_reached(&self) -> bool {
        self.is_reached
    }

    /// Whether nothing answered: no connection came about, or nobody spoke in time.
    pub fn is_silent(&self) -> bool {
        let Stage::Done(ending) = &self.stage else {
            return false;
        };
        let is_silent = matches!(
            ending.vote,
            Vote::Fail(FailReason::Unreachable | FailReason::Late)
        );
        is_silent && !self.is_reached
    }

    /// The host that is called.
    pub fn host(&self) -> &str {
        &self.endpoint.host
    }

    /// Ends the conversation, whatever its stage.
    pub fn end(&mut self, ending: Box<Ending>) {
        self.stage = Stage::Done(ending);
    }

    /// The request under way.
    pub fn exchange_mut(&mut self) -> Option<&mut Exchange> {
        match &mut self.stage {
            Stage::Preparing { collector, .. }
            | Stage::Filling { collector, .. }
            | Stage::Walking { collector, .. } => Some(&mut collector.exchange),
            Stage::Opening(opening) => Some(&mut opening.exchange),
            // Looking for an answer would end the request that is announced.
            Stage::Resting(_) | Stage::Ready | Stage::Announced { .. } | Stage::Done(_) => None,
        }
    }

    /// How it has ended.
    pub fn into_ending(self) -> Box<Ending> {
        match self.stage {
            Stage::Done(ending) => ending,
            // The slot's loop ends only when all conversations have.
            _ => Ending::inconclusive(InconclusiveReason::Interrupted, "not ended"),
        }
    }

    /// Goes on as far as it can without waiting, except for checking openings.
    pub fn poll<S: Signer>(&mut self, context: &Context<S>, now: Millis) {
        let next = self.next(context, now);
        self.go_on(next);
    }

    fn go_on(&mut self, next: Next) {
        match next {
            Ok(None) => (),
            Ok(Some(stage)) => self.stage = stage,
            Err(ending) => self.end(ending),
        }
    }

    fn next<S: Signer>(&mut self, context: &Context<S>, now: Millis) -> Next {
        if self.exchange_mut().is_some_and(|exchange| exchange.is_answered()) {
            self.is_reached = true;
        }
        match &mut self.stage {
            Stage::Resting(until) => {
                if now < *until {
                    return Ok(None);
                }
                self.prepare(context, true)
            }
            Stage::Preparing { collector, is_second } => {
                let is_second = *is_second;
                match collector.poll(now) {
                    Ok(None) => Ok(None),
                    Ok(Some(answer)) => self.prepared(&answer),
                    Err(Trouble::Connection) => self.unreachable(context, is_second, now),
                    Err(trouble) => Err(Ending::trouble(Step::Prepare, &trouble)),
                }
            }
            Stage::Filling { collector, request } => {
                let (polled, request) = (collector.poll(now), *request);
                let answer = polled.map_err(|trouble| Ending::trouble(Step::Fill, &trouble))?;
                answer.map_or(Ok(None), |answer| self.walk(context, &request, &answer))
            }
            Stage::Walking { collector, claim } => {
                let (polled, claim) = (collector.poll(now), *claim);
                let answer = polled.map_err(|trouble| Ending::trouble(Step::Walk, &trouble))?;
                answer.map_or(Ok(None), |answer| self.open(context, claim, &answer))
            }
            Stage::Ready | Stage::Announced { .. } | Stage::Opening(_) | Stage::Done(_) => Ok(None),
        }
    }

    /// The address for a step. Every request begins here.
    fn url(&mut self, step: Step) -> String {
        self.requests += 1;
        debug_assert!(self.requests <= MAX_REQUESTS, "the bound holds");
        format!(
            "{}/device/{}/{}",
            self.endpoint.base,
            self.target.device,
            step.name()
        )
    }

    fn prepare<S: Signer>(&mut self, context: &Context<S>, is_second: bool) -> Next {
        let assignment = self.assignment;
        let body = context.signed(PrepareRequest { assignment })?;
        let mut limit = context.limit(self.target.profile.limits.prepare_ms);
        limit.step_ms = limit.step_ms.min(context.fill_at.saturating_sub(clock::now()));
        match Exchange::post(&self.url(Step::Prepare), &body, limit) {
            Ok(exchange) => Ok(Some(Stage::Preparing {
                collector: Collector::new(exchange, Signed::<PrepareAnswer>::max_encoded_len()),
                is_second,
            })),
            Err(_) => self.unreachable(context, is_second, clock::now()),
        }
    }

    /// There was no connection: try once more, if there is time.
    fn unreachable<S>(&self, context: &Context<S>, is_second: bool, now: Millis) -> Next {
        let again_at = now.saturating_add(RETRY_AFTER_MS);
        if is_second {
            let why = "prepare: no connection, twice";
            Err(Ending::fail(FailReason::Unreachable, why))
        } else if again_at >= context.fill_at {
            let why = "prepare: no connection, and no time to try again";
            Err(Ending::fail(FailReason::Unreachable, why))
        } else {
            Ok(Some(Stage::Resting(again_at)))
        }
    }

    fn prepared(&mut self, answer: &Answer) -> Next {
        let assignment = self.assignment;
        let prepared = self.accept::<PrepareAnswer>(Step::Prepare, answer, |message| {
            message.assignment == assignment && message.privacy <= MAX_PRIVACY
        })?;
        self.privacy = prepared.message.privacy;
        Ok(Some(Stage::Ready))
    }

    /// Makes the request to fill, if the device is ready, and sends of it what the device knows already.
    pub fn announce_fill<S: Signer>(&mut self, context: &Context<S>) {
        if matches!(self.stage, Stage::Ready) {
            let announced = self.announced(context);
            self.go_on(announced);
        }
    }

    fn announced<S: Signer>(&mut self, context: &Context<S>) -> Next {
        let request = FillRequest {
            assignment: self.assignment,
            block: context.slot.block,
            nonce: offchain::random_seed(),
        };
        let body = context.signed(request)?;
        let limit = context.limit(self.target.profile.limits.fill_ms);
        let known = Assignment::max_encoded_len();
        let exchange = Exchange::announce(&self.url(Step::Fill), &body, known, limit)
            .map_err(|trouble| Ending::trouble(Step::Fill, &trouble))?;
        Ok(Some(Stage::Announced { exchange, request }))
    }

    /// Tells the device to fill, if that is announced.
    pub fn fill<S>(&mut self, context: &Context<S>) {
        self.stage = match mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Announced {
                mut exchange,
                request,
            } => {
                exchange.complete(context.limit(self.target.profile.limits.fill_ms));
                Stage::Filling {
                    collector: Collector::new(exchange, Signed::<FillAnswer>::max_encoded_len()),
                    request,
                }
            }
            other => other,
        };
    }

    fn walk<S: Signer>(&mut self, context: &Context<S>, request: &FillRequest, answer: &Answer) -> Next {
        let (assignment, seed) = (self.assignment, request.seed());
        let filled = self.accept::<FillAnswer>(Step::Fill, answer, |message| {
            message.assignment == assignment && message.seed == seed
        })?;
        self.fill_ms = answer.elapsed_ms;
        let request = WalkRequest {
            seed,
            state_root: filled.message.state_root,
            nonce: offchain::random_seed(),
        };
        let body = context.signed(request)?;
        let limit = context.limit(self.target.profile.limits.walk_ms);
        let exchange = Exchange::post(&self.url(Step::Walk), &body, limit)
            .map_err(|trouble| Ending::trouble(Step::Walk, &trouble))?;
        let collector = Collector::new(exchange, Signed::<WalkAnswer>::max_encoded_len());
        let claim = Claim {
            seed,
            state_root: request.state_root,
            walk_seed: request.walk_seed(),
            // What the device answers.
            walk_root: [0; 32],
        };
        Ok(Some(Stage::Walking { collector, claim }))
    }

    fn open<S: Signer>(&mut self, context: &Context<S>, mut claim: Claim, answer: &Answer) -> Next {
        let assignment = self.assignment;
        let walked = self.accept::<WalkAnswer>(Step::Walk, answer, |message| {
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
        let limit = context.limit(self.target.profile.limits.open_ms);
        let exchange = Exchange::post(&self.url(Step::Open), &body, limit)
            .map_err(|trouble| Ending::trouble(Step::Open, &trouble))?;
        Ok(Some(Stage::Opening(Box::new(Opening::new(
            exchange,
            &self.geometry,
            claim,
            self.target.agent_key,
            walked.signature,
            &request.sample_seed(),
        )))))
    }

    /// Checks openings as far as they have arrived, at most as many parts as `parts` says, and counts them off.
    pub fn check_openings(&mut self, now: Millis, parts: &mut u32) {
        let Stage::Opening(opening) = &mut self.stage else {
            return;
        };
        let ending = match opening.check(now, parts) {
            Ok(false) => return,
            Ok(true) => Box::new(Ending {
                vote: Vote::Pass(Pass {
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
        step: Step,
        answer: &Answer,
        is_right: impl FnOnce(&M) -> bool,
    ) -> Result<Signed<M>, Box<Ending>> {
        let step = step.name();
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
        let key = sr25519::Public::from_raw(self.target.agent_key);
        if !crypto::sr25519_verify(&signature, &signed.message.digest(), &key) {
            let why = format!("{step}: not signed with the agent's key");
            return Err(Ending::fail(FailReason::WrongSignature, why));
        }
        Ok(signed)
    }
}

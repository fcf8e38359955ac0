//! The conversation with one device: prepare, fill, walk, open. See the README.md of `loopin-challenge`.

use crate::{
    Evidence, Signer, Target, answer,
    clock::{self, Millis},
    context::{Context, PUNCTUAL_MS, is_signed},
    ending::Ending,
    endpoint::Endpoint,
    exchange::{Answer, Collector, Exchange, Trouble},
    opening::{Opened, Opening, Unopened},
};
use alloc::{boxed::Box, format, string::String, vec::Vec};
use codec::MaxEncodedLen;
use core::mem;
use loopin_challenge::{
    Claim, Flaw, Geometry, Rejection,
    messages::{
        Assignment, FillAnswer, FillRequest, Message, Nonce, OpenAnswer, OpenRequest, PrepareAnswer,
        PrepareRequest, Signature, Signed, Step, VerifierAccount, WalkAnswer, WalkRequest,
    },
};
use loopin_primitives::{Commitment, FailReason, InconclusiveReason, Pass, Vote};

/// How often one run asks one device to prepare, at most: as often as it has to in a minute and a half.
const MAX_PREPARES: u32 = 26;
/// Most requests that one run sends to one device: those to prepare, two each to fill and to walk, and one to open.
pub const MAX_REQUESTS: u32 = MAX_PREPARES + 5;
/// How long a device is left alone after each of the first requests to prepare that were in vain, in milliseconds.
const FIRST_PAUSES_MS: [Millis; 3] = [500, 1_000, 2_000];
/// How long after all others, in milliseconds; longer where the window is so long that there would be too many.
const PAUSE_MS: Millis = 4_000;
/// How long before the moment of filling a device is asked to prepare for the last time, in milliseconds, however long
/// the pause would have been.
const LAST_PREPARE_MS: Millis = 2_000;
/// How long before its moment a request is announced, in milliseconds.
const ANNOUNCE_MS: Millis = 500;
/// With this status a device refuses what another node of the same verifier has asked already.
const STATUS_CONFLICT: u16 = 409;

/// What is sent at a moment that all verifiers have in common.
#[derive(Clone, Copy)]
enum Question {
    Fill(FillRequest),
    Walk(WalkRequest),
}

impl Question {
    fn step(&self) -> Step {
        match self {
            Self::Fill(_) => Step::Fill,
            Self::Walk(_) => Step::Walk,
        }
    }

    /// What the device knows of it already: all but the nonce and the signature.
    fn known_len(&self) -> usize {
        let len = match self {
            Self::Fill(_) => FillRequest::max_encoded_len(),
            Self::Walk(_) => WalkRequest::max_encoded_len(),
        };
        len - mem::size_of::<Nonce>()
    }
}

/// Where a conversation stands.
enum Stage {
    /// Preparing was in vain so far. The device is asked again then.
    Resting(Millis),
    /// Asked to prepare.
    Preparing(Collector),
    /// The answer to that is there, and has to be checked.
    Prepared(Answer),
    /// The next request is made and signed, and waits for its moment.
    Waiting {
        question: Question,
        body: Vec<u8>,
    },
    /// The same, with everything sent ahead that tells nothing.
    Announced {
        question: Question,
        body: Vec<u8>,
        exchange: Exchange,
    },
    /// Told to fill or walk. The body is there while it has been sent only once.
    Working {
        question: Question,
        body: Option<Vec<u8>>,
        collector: Collector,
    },
    /// The answer to that is there, and has to be checked.
    Worked {
        question: Question,
        answer: Answer,
    },
    /// Waiting for a place among those that open.
    Walked(Claim),
    /// Openings are on their way.
    Opening {
        opening: Box<Opening>,
        request: OpenRequest,
        claim: Claim,
    },
    Done(Box<Ending>),
}

/// The next stage, or none while the present one lasts, or the end.
type Next = Result<Option<Stage>, Box<Ending>>;

/// The conversation with one device.
pub struct Conversation<'a> {
    target: &'a Target,
    geometry: Geometry,
    endpoint: Endpoint,
    assignment: Assignment,
    verifier: VerifierAccount,
    stage: Stage,
    /// Whether anything answered at all.
    is_reached: bool,
    /// Whether all its openings were there in time.
    has_opened: bool,
    /// How often the device was asked to prepare.
    prepares: u32,
    /// Why the last of these was in vain.
    trouble: Option<Box<Ending>>,
    privacy: u8,
    fill_ms: Millis,
    walk_ms: Millis,
    /// The agent's signature of its answer to the walk.
    walk_signature: Signature,
}

impl<'a> Conversation<'a> {
    /// Begins the conversation: asks the device to prepare.
    pub fn begin<S: Signer>(
        context: &Context<S>,
        target: &'a Target,
        geometry: Geometry,
        endpoint: Endpoint,
    ) -> Self {
        let appointment = context.appointment;
        let assignment = Assignment {
            genesis: appointment.genesis,
            round: appointment.round,
            round_seed: appointment.round_seed,
            device: target.device.into(),
            profile: target.profile,
        };
        let now = clock::now();
        let mut conversation = Self {
            target,
            geometry,
            endpoint,
            assignment,
            verifier: appointment.verifier,
            stage: Stage::Resting(now),
            is_reached: false,
            has_opened: false,
            prepares: 0,
            trouble: None,
            privacy: 0,
            fill_ms: 0,
            walk_ms: 0,
            walk_signature: [0; 64],
        };
        let prepared = conversation.prepare(context, now);
        conversation.go_on(prepared);
        conversation
    }

    /// Whether there is nothing more to do.
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done(_))
    }

    /// Whether it waits for a place among those that open.
    pub fn is_waiting_to_open(&self) -> bool {
        matches!(self.stage, Stage::Walked(_))
    }

    /// Whether it has such a place.
    pub fn is_opening(&self) -> bool {
        matches!(self.stage, Stage::Opening { .. })
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
            Some(Vote::Fail(failure)) if matches!(failure.reason, FailReason::Unreachable | FailReason::Late)
        );
        is_silent && !self.is_reached
    }

    /// Whether its openings came too late.
    pub fn is_late_to_open(&self) -> bool {
        let Stage::Done(ending) = &self.stage else {
            return false;
        };
        matches!(
            ending.vote,
            Some(Vote::Fail(failure)) if failure.reason == FailReason::Late && failure.commitment.is_some()
        )
    }

    /// Whether all its openings were there in time.
    pub fn has_opened(&self) -> bool {
        self.has_opened
    }

    /// The host that is called.
    pub fn host(&self) -> &str {
        &self.endpoint.host
    }

    /// Ends the conversation, whatever its stage.
    pub fn end(&mut self, ending: Box<Ending>) {
        self.stage = Stage::Done(ending);
    }

    /// The machine stood still, or its clock was set. Where a time was running, nobody knows how much of it was the
    /// device's. Where the device was to prepare, it is asked again.
    pub fn interrupt(&mut self, now: Millis) {
        let why = "this machine was suspended or too busy, or its clock was set";
        let ending = Ending::inconclusive(InconclusiveReason::Interrupted, why);
        match self.stage {
            Stage::Resting(_) | Stage::Preparing(_) => {
                self.trouble = Some(ending);
                self.stage = Stage::Resting(now);
            }
            Stage::Working { .. } | Stage::Opening { .. } => self.end(ending),
            Stage::Prepared(_)
            | Stage::Waiting { .. }
            | Stage::Announced { .. }
            | Stage::Worked { .. }
            | Stage::Walked(_)
            | Stage::Done(_) => (),
        }
    }

    /// The request under way.
    pub fn exchange_mut(&mut self) -> Option<&mut Exchange> {
        match &mut self.stage {
            Stage::Preparing(collector) | Stage::Working { collector, .. } => Some(&mut collector.exchange),
            Stage::Opening { opening, .. } => Some(&mut opening.exchange),
            // Looking for an answer would end the request that is announced.
            Stage::Announced { .. }
            | Stage::Resting(_)
            | Stage::Prepared(_)
            | Stage::Waiting { .. }
            | Stage::Worked { .. }
            | Stage::Walked(_)
            | Stage::Done(_) => None,
        }
    }

    /// How it has ended.
    pub fn into_ending(self) -> Box<Ending> {
        match self.stage {
            Stage::Done(ending) => ending,
            // The round's loop ends only when all conversations have.
            _ => Ending::inconclusive(InconclusiveReason::Interrupted, "not ended"),
        }
    }

    /// Goes on as far as it can without waiting and without checking anything, which takes time.
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
            Stage::Resting(_) if now >= context.moments.fill_at => Err(self.unready(context)),
            Stage::Resting(until) if now >= *until => self.prepare(context, now),
            Stage::Preparing(collector) => match collector.poll(now) {
                Ok(answer) => Ok(answer.map(Stage::Prepared)),
                Err(trouble) => self.rest(context, Ending::trouble(Step::Prepare, &trouble), now),
            },
            Stage::Waiting { question, .. } => {
                let question = *question;
                check_punctual(context, &question, now)?;
                if now.saturating_add(ANNOUNCE_MS) < moment(context, &question) {
                    return Ok(None);
                }
                self.announce(context, question)
            }
            Stage::Announced { question, .. } if now >= moment(context, question) => self.ask(context),
            Stage::Working {
                question,
                body,
                collector,
            } => {
                let question = *question;
                match (collector.poll(now), body.take()) {
                    (Ok(Some(answer)), _) => Ok(Some(Stage::Worked { question, answer })),
                    (Ok(None), unchanged) => {
                        *body = unchanged;
                        Ok(None)
                    }
                    // A connection that was idle may close just then. The device knows the same request again.
                    (Err(Trouble::Connection), Some(body)) => self.ask_again(question, &body),
                    (Err(trouble), _) => Err(self.unanswered(context, &question, &trouble)),
                }
            }
            Stage::Resting(_)
            | Stage::Prepared(_)
            | Stage::Announced { .. }
            | Stage::Worked { .. }
            | Stage::Walked(_)
            | Stage::Opening { .. }
            | Stage::Done(_) => Ok(None),
        }
    }

    /// Checks what has arrived, at most as many parts as `parts` says, and counts them off: a message is one, and so is
    /// a part of openings.
    pub fn check<S: Signer>(&mut self, context: &Context<S>, now: Millis, parts: &mut u32) {
        if *parts == 0 {
            return;
        }
        let next = match mem::replace(&mut self.stage, Stage::Resting(now)) {
            Stage::Prepared(answer) => {
                *parts -= 1;
                self.prepared(context, &answer, now)
            }
            Stage::Worked { question, answer } => {
                *parts -= 1;
                match question {
                    Question::Fill(_) => self.filled(context, &answer),
                    Question::Walk(request) => self.walked(&request, &answer),
                }
            }
            Stage::Opening {
                mut opening,
                request,
                claim,
            } => match opening.check(now, parts) {
                Ok(None) => Ok(Some(Stage::Opening {
                    opening,
                    request,
                    claim,
                })),
                Ok(Some(opened)) => {
                    self.has_opened = true;
                    Err(self.opened(&request, &opened))
                }
                Err(unopened) => Err(self.unopened(context, &request, &claim, unopened)),
            },
            other => Ok(Some(other)),
        };
        self.go_on(next);
    }

    /// The address for a step.
    fn url(&self, step: Step) -> String {
        let Self { endpoint, target, .. } = self;
        format!("{}/device/{}/{}", endpoint.base, target.device, step.name())
    }

    fn prepare<S: Signer>(&mut self, context: &Context<S>, now: Millis) -> Next {
        self.prepares += 1;
        let body = context.signed(PrepareRequest {
            assignment: self.assignment,
            verifier: self.verifier,
        })?;
        let mut limit = context.limit(self.target.profile.limits.prepare_ms);
        let left_ms = context.moments.fill_at.saturating_sub(now);
        limit.step_ms = limit.step_ms.min(left_ms);
        match Exchange::post(&self.url(Step::Prepare), &body, limit) {
            Ok(exchange) => Ok(Some(Stage::Preparing(Collector::new(
                exchange,
                Signed::<PrepareAnswer>::max_encoded_len(),
            )))),
            Err(trouble) => self.rest(context, Ending::trouble(Step::Prepare, &trouble), now),
        }
    }

    /// Preparing was in vain: it is tried again later, while there is time.
    fn rest<S>(&mut self, context: &Context<S>, trouble: Box<Ending>, now: Millis) -> Next {
        self.trouble = Some(trouble);
        let fill_at = context.moments.fill_at;
        let last_at = fill_at.saturating_sub(LAST_PREPARE_MS);
        let until = match MAX_PREPARES.saturating_sub(self.prepares) {
            0 => fill_at,
            left => {
                let first = FIRST_PAUSES_MS.get(self.prepares.saturating_sub(1) as usize);
                let spread_ms = fill_at.saturating_sub(now) / Millis::from(left);
                let pause_ms = first.copied().unwrap_or_else(|| PAUSE_MS.max(spread_ms));
                let until = now.saturating_add(pause_ms);
                if now < last_at { until.min(last_at) } else { until }
            }
        };
        Ok(Some(Stage::Resting(until)))
    }

    /// The device is not ready when it is to be told to fill.
    fn unready<S>(&mut self, context: &Context<S>) -> Box<Ending> {
        match self.trouble.take() {
            Some(trouble) if context.began_in_time => trouble,
            _ => Ending::inconclusive(
                InconclusiveReason::Interrupted,
                "this node began too late for the device to prepare",
            ),
        }
    }

    fn prepared<S: Signer>(&mut self, context: &Context<S>, answer: &Answer, now: Millis) -> Next {
        match answer::prepared(self.target, &self.assignment, answer) {
            Ok(privacy) => self.privacy = privacy,
            Err(ending) => return self.rest(context, ending, now),
        }
        let request = FillRequest {
            assignment: self.assignment,
            verifier: self.verifier,
            nonce: context.nonce(Step::Fill, self.target.device),
        };
        let body = context.signed(request)?;
        let question = Question::Fill(request);
        Ok(Some(Stage::Waiting { question, body }))
    }

    /// Sends of a request what the device knows already.
    fn announce<S>(&mut self, context: &Context<S>, question: Question) -> Next {
        let Stage::Waiting { body, .. } = &self.stage else {
            return Ok(None);
        };
        let limit = context.limit(self.limit_ms(&question));
        let url = self.url(question.step());
        let exchange = Exchange::announce(&url, body, question.known_len(), limit)
            .map_err(|trouble| Ending::trouble(question.step(), &trouble))?;
        let body = body.clone();
        Ok(Some(Stage::Announced {
            question,
            body,
            exchange,
        }))
    }

    /// Sends the rest of it, if it is the moment.
    fn ask<S>(&mut self, context: &Context<S>) -> Next {
        match mem::replace(&mut self.stage, Stage::Resting(0)) {
            Stage::Announced {
                question,
                body,
                mut exchange,
            } => {
                check_punctual(context, &question, clock::now())?;
                exchange.complete(context.limit(self.limit_ms(&question)));
                let collector = Collector::new(exchange, self.max_len(&question));
                Ok(Some(Stage::Working {
                    question,
                    body: Some(body),
                    collector,
                }))
            }
            other => Ok(Some(other)),
        }
    }

    /// Sends the same request once more, whose time has been running since it was first sent.
    fn ask_again(&self, question: Question, body: &[u8]) -> Next {
        let Stage::Working { collector, .. } = &self.stage else {
            return Ok(None);
        };
        let exchange = collector
            .exchange
            .repeat(&self.url(question.step()), body)
            .map_err(|trouble| Ending::trouble(question.step(), &trouble))?;
        Ok(Some(Stage::Working {
            question,
            body: None,
            collector: Collector::new(exchange, self.max_len(&question)),
        }))
    }

    /// Most bytes of its answer.
    fn max_len(&self, question: &Question) -> usize {
        match question {
            Question::Fill(_) => answer::max_joint_len::<FillAnswer>(self.target),
            Question::Walk(_) => answer::max_joint_len::<WalkAnswer>(self.target),
        }
    }

    /// How long the device may take to answer.
    fn limit_ms(&self, question: &Question) -> u32 {
        let limits = &self.target.profile.limits;
        match question {
            Question::Fill(_) => limits.fill_ms,
            Question::Walk(_) => limits.walk_ms,
        }
    }

    fn unanswered<S>(&self, context: &Context<S>, question: &Question, trouble: &Trouble) -> Box<Ending> {
        let is_rivalled = match *question {
            Question::Fill(request) => self.is_rivalled(context, trouble, &request.nonce, |nonce| {
                FillRequest { nonce, ..request }
            }),
            Question::Walk(request) => self.is_rivalled(context, trouble, &request.nonce, |nonce| {
                WalkRequest { nonce, ..request }
            }),
        };
        if is_rivalled {
            Ending::yielded(question.step())
        } else {
            Ending::trouble(question.step(), trouble)
        }
    }

    /// Whether the device refuses because another node speaks for this verifier, and proves it.
    fn is_rivalled<S, M: Message>(
        &self,
        context: &Context<S>,
        trouble: &Trouble,
        own: &Nonce,
        request: impl FnOnce(Nonce) -> M,
    ) -> bool {
        match trouble {
            Trouble::Refused {
                status: STATUS_CONFLICT,
                text,
            } => context.is_rivalled(text, &self.target.committee, own, request),
            _ => false,
        }
    }

    fn filled<S: Signer>(&mut self, context: &Context<S>, answer: &Answer) -> Next {
        let FillAnswer { seed, state_root, .. } = answer::filled(self.target, &self.assignment, answer)?;
        self.fill_ms = answer.elapsed_ms;
        let request = WalkRequest {
            assignment: self.assignment,
            verifier: self.verifier,
            seed,
            state_root,
            nonce: context.nonce(Step::Walk, self.target.device),
        };
        let body = context.signed(request)?;
        let question = Question::Walk(request);
        Ok(Some(Stage::Waiting { question, body }))
    }

    fn walked(&mut self, request: &WalkRequest, answer: &Answer) -> Next {
        let (claim, signature) = answer::walked(self.target, request, answer)?;
        self.walk_ms = answer.elapsed_ms;
        self.walk_signature = signature;
        Ok(Some(Stage::Walked(claim)))
    }

    /// Asks the device to open, if that is what it waits for.
    pub fn open<S: Signer>(&mut self, context: &Context<S>) {
        if let Stage::Walked(claim) = self.stage {
            let opening = self.opening(context, claim);
            self.go_on(opening);
        }
    }

    /// Ends the conversation if it waits to open, and could not have as long for that any more as it may take.
    pub fn give_up_opening<S>(&mut self, context: &Context<S>, now: Millis) {
        let open_ms = self.target.profile.limits.open_ms;
        if self.is_waiting_to_open() && now.saturating_add(open_ms.into()) > context.moments.closes_at {
            self.end(Ending::inconclusive(
                InconclusiveReason::Interrupted,
                "this node had too many openings to look at before the round's window closed",
            ));
        }
    }

    fn opening<S: Signer>(&self, context: &Context<S>, claim: Claim) -> Next {
        let request = OpenRequest {
            assignment: self.assignment,
            verifier: self.verifier,
            claim: claim.hash(),
            nonce: context.nonce(Step::Open, self.target.device),
        };
        let body = context.signed(request)?;
        let limit = context.limit(self.target.profile.limits.open_ms);
        let exchange = Exchange::post(&self.url(Step::Open), &body, limit).map_err(|trouble| {
            Ending::trouble(Step::Open, &trouble).with_commitment(self.commitment(&request))
        })?;
        Ok(Some(Stage::Opening {
            opening: Box::new(Opening::new(exchange, &self.geometry, &claim, &request)),
            request,
            claim,
        }))
    }

    /// What the device has signed after the walk.
    fn commitment(&self, request: &OpenRequest) -> Commitment {
        Commitment {
            claim: request.claim,
            agent_key: self.target.agent_key,
            signature: self.walk_signature,
        }
    }

    fn opened(&self, request: &OpenRequest, opened: &Opened) -> Box<Ending> {
        let agent_key = self.target.agent_key;
        let answer = OpenAnswer {
            assignment: self.assignment,
            verifier: self.verifier,
            claim: request.claim,
            openings: opened.digest,
        };
        if !is_signed(&opened.signature, &answer.digest(), &agent_key) {
            return self.unsigned(request);
        }
        Box::new(Ending {
            vote: Some(Vote::Pass(Pass {
                work_gops: self.geometry.gops(self.fill_ms),
                walk_ms: u32::try_from(self.walk_ms).unwrap_or(u32::MAX),
                privacy: self.privacy,
                claim: request.claim,
                openings: opened.digest,
                agent_key,
                signature: opened.signature,
            })),
            evidence: None,
            why: format!("filled in {} ms", self.fill_ms),
        })
    }

    fn unsigned(&self, request: &OpenRequest) -> Box<Ending> {
        let why = "open: the openings are not followed by the agent's signature of them";
        Ending::fail(FailReason::WrongSignature, why).with_commitment(self.commitment(request))
    }

    fn unopened<S>(
        &self,
        context: &Context<S>,
        request: &OpenRequest,
        claim: &Claim,
        unopened: Unopened,
    ) -> Box<Ending> {
        match unopened {
            Unopened::Trouble(trouble) => {
                let again = |nonce| OpenRequest { nonce, ..*request };
                if self.is_rivalled(context, &trouble, &request.nonce, again) {
                    Ending::yielded(Step::Open)
                } else {
                    Ending::trouble(Step::Open, &trouble).with_commitment(self.commitment(request))
                }
            }
            Unopened::Rejected(rejection) => self.rejected(request, claim, rejection),
            Unopened::Unsigned => self.unsigned(request),
        }
    }

    fn rejected(&self, request: &OpenRequest, claim: &Claim, rejection: Rejection) -> Box<Ending> {
        let why = format!("open: {rejection}");
        let reason = match rejection.flaw {
            Flaw::FalseEntry { .. } | Flaw::FalseRead { .. } => FailReason::Fraud,
            Flaw::NotCommitted(_) => FailReason::WrongOpenings,
            Flaw::Unreadable
            | Flaw::TrailingBytes
            | Flaw::Count { .. }
            | Flaw::Length { .. }
            | Flaw::Missing(_)
            | Flaw::Superfluous(_) => FailReason::Malformed,
        };
        let commitment = self.commitment(request);
        let mut ending = Ending::fail(reason, why).with_commitment(commitment);
        ending.evidence = rejection.proof.map(|proof| Evidence {
            claim: *claim,
            agent_key: commitment.agent_key,
            signature: commitment.signature,
            proof: *proof,
        });
        ending
    }
}

/// When a request is sent.
fn moment<S>(context: &Context<S>, question: &Question) -> Millis {
    match question {
        Question::Fill(_) => context.moments.fill_at,
        Question::Walk(_) => context.moments.walk_at,
    }
}

/// Nothing is sent when its moment has long passed.
fn check_punctual<S>(context: &Context<S>, question: &Question, now: Millis) -> Result<(), Box<Ending>> {
    let late_ms = now.saturating_sub(moment(context, question));
    if late_ms <= PUNCTUAL_MS {
        return Ok(());
    }
    let why = format!(
        "{}: this node came {late_ms} ms after the moment for all verifiers",
        question.step().name()
    );
    Err(Ending::inconclusive(InconclusiveReason::Clock, why))
}

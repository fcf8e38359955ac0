//! A device of the agent: one challenge at a time, by all its verifiers together. Each comes to an end, and a newer one
//! always takes the place of an older.

use crate::{
    chain::Expected,
    device_thread::DeviceThread,
    metrics::End,
    opening,
    refusal::Refusal,
    session::{JointSession, Request, sign},
};
use axum::body::Bytes;
use codec::Encode;
use loopin_challenge::{
    Claim, Geometry, Seed,
    joint::Member,
    messages::{Assignment, Step, VerifierAccount},
};
use loopin_primitives::DeviceId;
use sp_core::sr25519;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Requests of one verifier that may wait for answers at once.
const MAX_WAITING: usize = 4;

/// What is known of a device from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceDescription {
    /// Its number on the chain.
    pub id: DeviceId,
    /// Its number on the machine, from 0.
    pub ordinal: u32,
    /// The model's name.
    pub name: String,
    /// Memory that was free when the agent started, in bytes.
    pub memory_bytes: u64,
    /// The hash of the GPU's UUID, as it is registered.
    pub gpu_id: [u8; 32],
}

/// In whose name devices answer.
pub struct Identity {
    /// The agent's key.
    pub key: sr25519::Pair,
    /// The privacy that it states to offer, 0 to 100.
    pub privacy: u8,
}

/// A device and the challenge that it is in.
pub struct LocalDevice {
    /// What is known of it.
    pub description: DeviceDescription,
    /// Its thread.
    pub thread: DeviceThread,
    identity: Arc<Identity>,
    occupancy: Mutex<Occupancy>,
    /// Held while the device is at a step: what waits for it can still be found to be out of date.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Occupancy {
    active: Option<Active>,
    begun: u64,
}

struct Active {
    number: u64,
    session: JointSession,
    geometry: Geometry,
    ends: Instant,
    /// Whether it has come to its end before its time: the memory is free, and the answers are kept.
    has_ended: bool,
    prepared: Pending,
    filled: Pending,
    walked: Pending,
    opened: BTreeMap<VerifierAccount, Pending>,
    /// Verifiers that have been answered all they asked for.
    answered: usize,
    /// Verifiers whose openings could not be given.
    failed: usize,
    waiting: BTreeMap<VerifierAccount, Arc<Semaphore>>,
    times: BTreeMap<Step, Duration>,
}

type Outcome = Result<Bytes, Refusal>;

/// An answer that all who ask for it get.
struct Pending(watch::Sender<Option<Outcome>>);

impl Pending {
    fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Here it is. A first answer stays.
    fn resolve(&self, outcome: &Outcome) {
        self.0.send_if_modified(|known| {
            let is_first = known.is_none();
            if is_first {
                *known = Some(outcome.clone());
            }
            is_first
        });
    }
}

/// An answer that is there, or will be.
pub struct Answer {
    outcome: watch::Receiver<Option<Outcome>>,
    _place: OwnedSemaphorePermit,
}

impl Answer {
    /// Waits for it.
    ///
    /// # Errors
    /// The device failed, or the challenge ended before.
    pub async fn wait(mut self) -> Result<Bytes, Refusal> {
        let outcome = self.outcome.wait_for(Option::is_some).await;
        match outcome {
            Ok(outcome) => outcome.clone().unwrap_or(Err(Refusal::OutOfTurn)),
            // The challenge is gone, and with it whoever would have answered.
            Err(_) => Err(Refusal::OutOfTurn),
        }
    }
}

/// A request that has been taken up.
pub struct Taken {
    /// What will answer it.
    pub answer: Answer,
    /// What it makes the device do.
    pub work: Option<Work>,
    /// The challenge that it took the place of.
    pub before: Option<Ended>,
}

/// What the device has to do next, for [`LocalDevice::work`].
#[derive(Clone, Debug)]
pub struct Work {
    /// The challenge that it is for.
    number: u64,
    task: Task,
}

#[derive(Clone, Debug)]
enum Task {
    Prepare(Geometry),
    Fill(Seed),
    Walk(Seed),
    Open {
        verifier: VerifierAccount,
        geometry: Geometry,
        claim: Claim,
        sample_seed: Seed,
    },
}

impl Task {
    fn step(&self) -> Step {
        match self {
            Self::Prepare(_) => Step::Prepare,
            Self::Fill(_) => Step::Fill,
            Self::Walk(_) => Step::Walk,
            Self::Open { .. } => Step::Open,
        }
    }
}

impl Work {
    /// Whether a challenge begins with it.
    pub fn is_begin(&self) -> bool {
        matches!(self.task, Task::Prepare(_))
    }
}

/// What came of some work.
#[derive(Debug, Default)]
pub struct Worked {
    /// Why it failed, if it did.
    pub failure: Option<Refusal>,
    /// The challenge, if it has come to its end.
    pub ended: Option<Ended>,
}

/// A challenge that has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How the device was challenged.
    pub assignment: Assignment,
    /// Verifiers that challenged it.
    pub verifiers: usize,
    /// Those that were answered all they asked for.
    pub answered: usize,
    /// How it ended.
    pub end: End,
    /// How long the device took for each step that it did; for the last, the longest.
    pub times: BTreeMap<Step, Duration>,
}

impl LocalDevice {
    /// A device that waits for its first challenge.
    pub fn new(description: DeviceDescription, thread: DeviceThread, identity: Arc<Identity>) -> Self {
        Self {
            description,
            thread,
            identity,
            occupancy: Mutex::default(),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    /// What is expected of a request that belongs to the challenge that has begun, if there is one and it does.
    pub fn begun(&self, request: &Request) -> Option<Expected> {
        let occupancy = self.lock();
        let active = occupancy.active.as_ref()?;
        let remaining = active.ends.checked_duration_since(Instant::now())?;
        let (assignment, committee) = (active.session.assignment(), active.session.committee());
        if assignment != request.assignment() {
            return None;
        }
        let member = committee
            .iter()
            .find(|member| member.verifier == *request.verifier())?;
        Some(Expected {
            assignment: *assignment,
            committee: committee.to_vec(),
            key: Some(member.key),
            remaining,
        })
    }

    /// Takes up a request. It has been found to belong to the present round of the chain, which is what is expected, and
    /// to be signed by a verifier of the committee.
    ///
    /// # Errors
    /// It does not continue the challenge, or is a second one of its verifier, or would begin a challenge and may not.
    pub fn take(&self, request: &Request, expected: &Expected, may_begin: bool) -> Result<Taken, Refusal> {
        let mut occupancy = self.lock();
        let is_present = occupancy
            .active
            .as_ref()
            .is_some_and(|active| active.is_of(expected) && Instant::now() < active.ends);
        let mut before = None;
        let mut work = None;
        if !is_present {
            if !matches!(request, Request::Prepare(_)) {
                return Err(Refusal::OutOfTurn);
            }
            if !may_begin {
                return Err(Refusal::Stopping);
            }
            let geometry = Geometry::new(expected.assignment.profile)?;
            occupancy.begun += 1;
            let active = Active::new(occupancy.begun, expected, geometry);
            work = Some(Work {
                number: active.number,
                task: Task::Prepare(geometry),
            });
            before = occupancy
                .active
                .replace(active)
                .and_then(|active| active.cut_short(End::Replaced));
        }
        // There is one now.
        let active = occupancy.active.as_mut().ok_or(Refusal::OutOfTurn)?;
        let place = active.place_of(request.verifier())?;
        let (outcome, task) = active.take(request)?;
        work = work.or(task.map(|task| Work {
            number: active.number,
            task,
        }));
        let answer = Answer {
            outcome,
            _place: place,
        };
        Ok(Taken { answer, work, before })
    }

    /// Does the work, when the device has finished what it is at, unless another challenge has begun by then.
    pub async fn work(&self, work: Work) -> Worked {
        let turn = self.turn.lock().await;
        if !self.is_at(work.number) {
            return Worked::default();
        }
        let began = Instant::now();
        let (number, step) = (work.number, work.task.step());
        match work.task {
            Task::Prepare(geometry) => {
                let outcome = self.thread.prepare(geometry).await;
                self.note(number, |active| {
                    let outcome = outcome.map_err(Refusal::from).map(|()| {
                        let answer = active.session.prepared(self.identity.privacy);
                        sign(answer, &self.identity.key).encode().into()
                    });
                    active.note(step, began.elapsed(), outcome)
                })
            }
            Task::Fill(seed) => {
                let outcome = self.thread.fill(seed).await;
                self.note(number, |active| {
                    let outcome = outcome.map_err(Refusal::from).and_then(|root| {
                        let answer = active.session.filled(root, &self.identity.key)?;
                        Ok(answer.encode().into())
                    });
                    active.note(step, began.elapsed(), outcome)
                })
            }
            Task::Walk(seed) => {
                let outcome = self.thread.walk(seed).await;
                self.note(number, |active| {
                    let outcome = outcome.map_err(Refusal::from).and_then(|root| {
                        let answer = active.session.walked(root, &self.identity.key)?;
                        Ok(answer.encode().into())
                    });
                    active.note(step, began.elapsed(), outcome)
                })
            }
            Task::Open {
                verifier,
                geometry,
                claim,
                sample_seed,
            } => {
                let opened = self.thread.open(sample_seed).await;
                let time = began.elapsed();
                // The device can go on with the next.
                drop(turn);
                let checked = match opened {
                    Ok(openings) => check(geometry, claim, sample_seed, openings).await,
                    Err(error) => Err(Refusal::from(error)),
                };
                self.note(number, |active| {
                    let outcome = checked.and_then(|(mut openings, digest)| {
                        let signature = active.session.opened(verifier, digest, &self.identity.key)?;
                        openings.extend(signature);
                        Ok(openings.into())
                    });
                    active.note_opened(verifier, time, outcome)
                })
            }
        }
    }

    /// Notes what came of some work, if its challenge is still the present one.
    fn note(&self, number: u64, note: impl FnOnce(&mut Active) -> Option<Refusal>) -> Worked {
        let mut occupancy = self.lock();
        let Some(active) = occupancy.active.as_mut().filter(|active| active.number == number) else {
            return Worked::default();
        };
        let failure = note(active);
        let ended = active.end_if_done();
        if ended.is_some() {
            self.thread.release();
        }
        // Nothing has begun: whoever asks next begins again.
        if failure.is_some() && !active.times.contains_key(&Step::Prepare) {
            occupancy.active = None;
        }
        Worked { failure, ended }
    }

    /// Ends the challenge if its time is over. Returns it if it had not ended before.
    pub fn expire(&self) -> Option<Ended> {
        let now = Instant::now();
        let mut occupancy = self.lock();
        let over = occupancy.active.take_if(|active| now >= active.ends)?;
        let answered = over.answered;
        let ended = over.cut_short(if answered > 0 { End::Partly } else { End::Expired })?;
        self.thread.release();
        Some(ended)
    }

    /// How the device is challenged now.
    pub fn active(&self) -> Option<Assignment> {
        let occupancy = self.lock();
        let active = occupancy.active.as_ref().filter(|active| !active.has_ended);
        active.map(|active| *active.session.assignment())
    }

    fn is_at(&self, number: u64) -> bool {
        self.lock()
            .active
            .as_ref()
            .is_some_and(|active| active.number == number)
    }

    fn lock(&self) -> MutexGuard<'_, Occupancy> {
        // No code that can panic runs while it is held, and a challenge half changed ends by expiry.
        self.occupancy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks openings, on a thread that may take its time.
async fn check(
    geometry: Geometry,
    claim: Claim,
    sample_seed: Seed,
    openings: Vec<u8>,
) -> Result<(Vec<u8>, [u8; 32]), Refusal> {
    let check = move || {
        let digest = opening::check(&geometry, &claim, &sample_seed, &openings);
        digest.map(|digest| (openings, digest))
    };
    match tokio::task::spawn_blocking(check).await {
        Ok(checked) => checked.map_err(|rejection| Refusal::WrongOpenings(rejection.to_string())),
        Err(_) => Err(Refusal::Defect),
    }
}

impl Active {
    fn new(number: u64, expected: &Expected, geometry: Geometry) -> Self {
        let waiting = |member: &Member| (member.verifier, Arc::new(Semaphore::new(MAX_WAITING)));
        Self {
            number,
            session: JointSession::new(expected.assignment, expected.committee.clone()),
            geometry,
            ends: Instant::now() + expected.remaining,
            has_ended: false,
            prepared: Pending::new(),
            filled: Pending::new(),
            walked: Pending::new(),
            opened: BTreeMap::new(),
            answered: 0,
            failed: 0,
            waiting: expected.committee.iter().map(waiting).collect(),
            times: BTreeMap::new(),
        }
    }

    /// Whether this is the challenge that is expected. A verifier that changes its key meanwhile does not end it.
    fn is_of(&self, expected: &Expected) -> bool {
        let seats = |members: &[Member]| -> Vec<_> {
            members
                .iter()
                .map(|member| (member.verifier, member.seats))
                .collect()
        };
        *self.session.assignment() == expected.assignment
            && seats(self.session.committee()) == seats(&expected.committee)
    }

    fn place_of(&self, verifier: &VerifierAccount) -> Result<OwnedSemaphorePermit, Refusal> {
        let places = self.waiting.get(verifier).ok_or(Refusal::NotAssigned)?;
        Arc::clone(places)
            .try_acquire_owned()
            .map_err(|_| Refusal::TooManyRequests)
    }

    /// Takes up a request: where its answer will be, and what the device has to do for it.
    fn take(
        &mut self,
        request: &Request,
    ) -> Result<(watch::Receiver<Option<Outcome>>, Option<Task>), Refusal> {
        Ok(match request {
            Request::Prepare(_) => (self.prepared.0.subscribe(), None),
            Request::Fill(signed) => {
                let seed = self.session.fill(signed)?;
                (self.filled.0.subscribe(), seed.map(Task::Fill))
            }
            Request::Walk(signed) => {
                let seed = self.session.walk(signed)?;
                (self.walked.0.subscribe(), seed.map(Task::Walk))
            }
            Request::Open(signed) => {
                let first = self.session.open(signed)?;
                let verifier = signed.message.verifier;
                let pending = self.opened.entry(verifier).or_insert_with(Pending::new);
                let task = first.map(|(claim, sample_seed)| Task::Open {
                    verifier,
                    geometry: self.geometry,
                    claim,
                    sample_seed,
                });
                (pending.0.subscribe(), task)
            }
        })
    }

    /// A step that is the same for all is done. Returns why it failed, if it did.
    fn note(&mut self, step: Step, time: Duration, outcome: Outcome) -> Option<Refusal> {
        let failure = outcome.as_ref().err().cloned();
        match &failure {
            None => {
                self.times.insert(step, time);
            }
            // Whoever waits for a later step waits in vain.
            Some(_) => {
                for pending in [&self.prepared, &self.filled, &self.walked] {
                    pending.resolve(&outcome);
                }
            }
        }
        match step {
            Step::Prepare => self.prepared.resolve(&outcome),
            Step::Fill => self.filled.resolve(&outcome),
            Step::Walk | Step::Open => self.walked.resolve(&outcome),
        }
        failure
    }

    /// What a verifier asked for is opened. Returns why it failed, if it did.
    fn note_opened(
        &mut self,
        verifier: VerifierAccount,
        time: Duration,
        outcome: Outcome,
    ) -> Option<Refusal> {
        let failure = outcome.as_ref().err().cloned();
        if failure.is_some() {
            self.failed += 1;
        } else {
            self.answered += 1;
            let longest = self.times.entry(Step::Open).or_default();
            *longest = time.max(*longest);
        }
        if let Some(pending) = self.opened.get(&verifier) {
            pending.resolve(&outcome);
        }
        failure
    }

    /// Ends the challenge when nothing more can follow: all have asked, or the device has failed.
    fn end_if_done(&mut self) -> Option<Ended> {
        let has_failed = [&self.prepared, &self.filled, &self.walked]
            .iter()
            .any(|pending| matches!(*pending.0.borrow(), Some(Err(_))));
        let all_have_asked = self.answered + self.failed >= self.session.committee().len();
        if self.has_ended || !(has_failed || all_have_asked) {
            return None;
        }
        self.has_ended = true;
        let end = if has_failed || self.failed > 0 {
            End::Failed
        } else {
            End::Answered
        };
        Some(self.ended(end))
    }

    /// The challenge is no more. Returns it if it had not ended before.
    fn cut_short(self, end: End) -> Option<Ended> {
        (!self.has_ended).then(|| self.ended(end))
    }

    fn ended(&self, end: End) -> Ended {
        Ended {
            assignment: *self.session.assignment(),
            verifiers: self.session.committee().len(),
            answered: self.answered,
            end,
            times: self.times.clone(),
        }
    }
}

//! A device of the agent: one challenge at a time, each of which comes to an end.

use crate::{device_thread::DeviceThread, metrics::End, refusal::Refusal, session::ChallengeSession};
use loopin_challenge::{
    Seed,
    messages::{Assignment, Step},
};
use loopin_primitives::DeviceId;
use sp_core::sr25519;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How often a verifier may begin its challenge in one round.
pub const MAX_ATTEMPTS: u8 = 2;
/// Rounds back from the latest for which attempts are remembered.
const REMEMBERED_ROUNDS: u64 = 2;

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

/// A device and the challenge that it is in.
pub struct LocalDevice {
    /// What is known of it.
    pub description: DeviceDescription,
    /// Its thread.
    pub thread: DeviceThread,
    /// How long a verifier may be silent between its messages.
    idle: Duration,
    occupancy: Mutex<Occupancy>,
}

#[derive(Default)]
struct Occupancy {
    active: Option<Active>,
    attempts: Vec<Attempts>,
    begun: u64,
}

/// How often a verifier has begun in a round, with the signatures of its requests: no stranger who saw one may
/// use it up for the verifier, or end its challenge.
struct Attempts {
    round: u64,
    verifier: [u8; 32],
    signatures: Vec<[u8; 64]>,
}

struct Active {
    number: u64,
    session: ChallengeSession,
    /// The step that is being computed.
    computing: Option<Step>,
    /// The last request and its answer, in case the answer was lost on the way.
    last: Option<(Vec<u8>, Vec<u8>)>,
    slot_ends: Instant,
    expires: Instant,
    times: BTreeMap<Step, Duration>,
}

/// What to do about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn<T> {
    /// It has been answered before: say the same again.
    Repeat(Vec<u8>),
    /// Compute. The number is that of the challenge, for [`LocalDevice::leave`].
    Go(u64, T),
}

/// A challenge that has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Who challenged the device.
    pub assignment: Assignment,
    /// How it ended.
    pub end: End,
    /// How long each step took that was answered.
    pub times: BTreeMap<Step, Duration>,
}

impl LocalDevice {
    /// A device that waits for its first challenge.
    pub fn new(description: DeviceDescription, thread: DeviceThread, idle: Duration) -> Self {
        Self {
            description,
            thread,
            idle,
            occupancy: Mutex::default(),
        }
    }

    /// Begins a challenge. The verifier has been found to be assigned, and the signature to be its own.
    /// Also returns the challenge that this one took the place of.
    ///
    /// # Errors
    /// The device is at another challenge, or the verifier has used up its attempts.
    pub fn begin(
        &self,
        request: &[u8],
        signature: &[u8; 64],
        assignment: Assignment,
        verifier_key: Option<sr25519::Public>,
        remaining: Duration,
    ) -> Result<(Turn<()>, Option<Ended>), Refusal> {
        let now = Instant::now();
        let mut occupancy = self.lock();
        if let Some(active) = &occupancy.active {
            if let Some((last, answer)) = &active.last
                && last == request
            {
                return Ok((Turn::Repeat(answer.clone()), None));
            }
            let is_same = active.session.assignment().verifier == assignment.verifier;
            match active.computing {
                Some(_) if is_same => return Err(Refusal::Computing),
                Some(_) => return Err(Refusal::Busy),
                None if is_same || now >= active.slot_ends || now >= active.expires => {}
                None => return Err(Refusal::Busy),
            }
        }
        occupancy.count_attempt(&assignment, signature)?;
        let before = occupancy.active.take().map(|active| {
            let is_same = active.session.assignment().verifier == assignment.verifier;
            active.ended(if is_same { End::Repeated } else { End::Expired })
        });
        occupancy.begun += 1;
        let number = occupancy.begun;
        occupancy.active = Some(Active {
            number,
            session: ChallengeSession::new(assignment, verifier_key),
            computing: Some(Step::Prepare),
            last: None,
            slot_ends: now + remaining,
            expires: now + self.idle,
            times: BTreeMap::new(),
        });
        Ok((Turn::Go(number, ()), before))
    }

    /// Takes up a message after the first. `check` says whether it belongs to the challenge.
    ///
    /// # Errors
    /// It does not, or the device is still at the step before, or there is no challenge.
    pub fn enter(
        &self,
        step: Step,
        request: &[u8],
        check: impl FnOnce(&ChallengeSession) -> Result<Seed, Refusal>,
    ) -> Result<Turn<Seed>, Refusal> {
        let now = Instant::now();
        let mut occupancy = self.lock();
        let active = occupancy.active.as_mut().ok_or(Refusal::OutOfTurn)?;
        if let Some((last, answer)) = &active.last
            && last == request
        {
            return Ok(Turn::Repeat(answer.clone()));
        }
        let seed = check(&active.session)?;
        if active.computing.is_some() {
            return Err(Refusal::Computing);
        }
        if now >= active.expires.min(active.slot_ends) {
            return Err(Refusal::OutOfTurn);
        }
        active.computing = Some(step);
        Ok(Turn::Go(active.number, seed))
    }

    /// A step is computed: `answer` notes it in the session and says what to answer. Returns the answer, and
    /// the challenge if it has come to its end.
    ///
    /// # Errors
    /// The step failed, or the challenge has ended meanwhile.
    pub fn leave(
        &self,
        number: u64,
        step: Step,
        request: &[u8],
        time: Duration,
        answer: impl FnOnce(&mut ChallengeSession) -> Result<Vec<u8>, Refusal>,
    ) -> (Result<Vec<u8>, Refusal>, Option<Ended>) {
        let mut occupancy = self.lock();
        let Some(active) = occupancy.active.as_mut().filter(|active| active.number == number) else {
            return (Err(Refusal::OutOfTurn), None);
        };
        active.computing = None;
        let outcome = answer(&mut active.session);
        let end = match &outcome {
            Ok(answer) => {
                active.times.insert(step, time);
                active.expires = Instant::now() + self.idle;
                let is_over = active.session.is_over();
                if !is_over {
                    active.last = Some((request.to_vec(), answer.clone()));
                }
                is_over.then_some(End::Answered)
            }
            Err(_) => Some(End::Failed),
        };
        let ended = end.and_then(|end| occupancy.active.take().map(|active| active.ended(end)));
        if ended.is_some() {
            self.thread.release();
        }
        (outcome, ended)
    }

    /// Ends the challenge if its verifier has been silent for too long, or its slot is over.
    pub fn expire(&self) -> Option<Ended> {
        let now = Instant::now();
        let mut occupancy = self.lock();
        let is_due = occupancy
            .active
            .as_ref()
            .is_some_and(|active| active.computing.is_none() && now >= active.expires.min(active.slot_ends));
        let ended = occupancy.active.take_if(|_| is_due)?.ended(End::Expired);
        self.thread.release();
        Some(ended)
    }

    /// Who challenges the device now.
    pub fn active(&self) -> Option<Assignment> {
        let occupancy = self.lock();
        occupancy
            .active
            .as_ref()
            .map(|active| *active.session.assignment())
    }

    fn lock(&self) -> MutexGuard<'_, Occupancy> {
        // No code that can panic runs while it is held, and a challenge half changed ends by expiry.
        self.occupancy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Occupancy {
    fn count_attempt(&mut self, assignment: &Assignment, signature: &[u8; 64]) -> Result<(), Refusal> {
        let Assignment { round, verifier, .. } = *assignment;
        self.attempts
            .retain(|attempts| attempts.round.saturating_add(REMEMBERED_ROUNDS) > round);
        let known = self
            .attempts
            .iter_mut()
            .find(|attempts| (attempts.round, attempts.verifier) == (round, verifier));
        match known {
            Some(attempts) if attempts.signatures.contains(signature) => return Err(Refusal::OutOfTurn),
            Some(attempts) if attempts.signatures.len() >= usize::from(MAX_ATTEMPTS) => {
                return Err(Refusal::TooManyAttempts(MAX_ATTEMPTS));
            }
            Some(attempts) => attempts.signatures.push(*signature),
            None => self.attempts.push(Attempts {
                round,
                verifier,
                signatures: vec![*signature],
            }),
        }
        Ok(())
    }
}

impl Active {
    fn ended(self, end: End) -> Ended {
        Ended {
            assignment: *self.session.assignment(),
            end,
            times: self.times,
        }
    }
}

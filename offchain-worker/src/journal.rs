//! What a verifier remembers of its rounds, in the node's local storage, so that restarts neither challenge devices
//! over and over, nor contradict what was sent before, nor forget what was found out.

use crate::{Appointment, DeviceReport, clock::Millis, context::Moments};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use loopin_challenge::Hash;
use sp_io::offchain;
use sp_runtime::offchain::storage::StorageValueRef;

/// How many rounds are remembered for one verifier. The oldest is forgotten, and what is stored of it cleared.
pub const MAX_ROUNDS: usize = 8;
/// How often a round's challenge is begun: once, and once more after a restart.
pub const MAX_ATTEMPTS: u8 = 2;
/// A worker that starts less than this before its window opens waits for it, in milliseconds: somewhat more than the
/// time between two blocks, so that all verifiers of a round begin at its first moment.
pub const AHEAD_MS: Millis = 8_000;

/// What is remembered of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RoundRecord {
    /// The round.
    pub round: u64,
    /// Its seed: two forks may have rounds of the same number.
    pub round_seed: Hash,
    /// From which all nonces of the round follow, so that a node never sends two for one step.
    pub secret: [u8; 32],
    /// How often its challenge was begun.
    pub attempts: u8,
    /// Whether the votes are known.
    pub is_done: bool,
}

/// What to do for a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// It is too early.
    NotYet,
    /// Challenge the devices, for the first time or once more.
    Run {
        /// Which attempt it is, from 1.
        attempt: u8,
    },
    /// It is too late, or was tried often enough: report that the challenge was interrupted.
    GiveUp,
    /// The votes are known: submit them, until they are seen on the chain.
    Submit,
}

/// What to do for a round, at a time, given what is remembered of it. From the moment of filling on it is not begun any
/// more, as a majority may have made the seed by then.
pub fn plan(appointment: &Appointment, record: Option<&RoundRecord>, now: Millis) -> Plan {
    let Moments {
        opens_at, fill_at, ..
    } = appointment.moments();
    let attempts = record.map_or(0, |record| record.attempts);
    if record.is_some_and(|record| record.is_done) {
        Plan::Submit
    } else if now.saturating_add(AHEAD_MS) < opens_at {
        Plan::NotYet
    } else if attempts >= MAX_ATTEMPTS || now >= fill_at {
        Plan::GiveUp
    } else {
        Plan::Run {
            attempt: attempts + 1,
        }
    }
}

/// The memory of one verifier.
#[derive(Debug)]
pub struct Journal {
    prefix: Vec<u8>,
}

impl Journal {
    /// The journal of an appointment's verifier on its chain.
    pub fn of(appointment: &Appointment) -> Self {
        let prefix = [
            &b"loopin/verifier/"[..],
            &appointment.genesis,
            &appointment.verifier,
        ]
        .concat();
        Self { prefix }
    }

    /// Where the lease is stored.
    pub fn lease_key(&self) -> Vec<u8> {
        self.key(b"/lease", &[])
    }

    /// What is remembered of a round.
    pub fn record(&self, appointment: &Appointment) -> Option<RoundRecord> {
        self.records()
            .into_iter()
            .find(|record| is_of(record, appointment))
    }

    /// What was found out in a round.
    pub fn reports(&self, appointment: &Appointment) -> Option<Vec<DeviceReport>> {
        let key = self.reports_key(appointment.round, &appointment.round_seed);
        StorageValueRef::persistent(&key).get().ok().flatten()
    }

    /// Notes that the challenge of a round begins, and gives the secret from which its nonces follow: the same in every
    /// attempt. Only who has the lease may write.
    pub fn begin(&self, appointment: &Appointment, attempt: u8) -> [u8; 32] {
        self.write(appointment, attempt, false)
    }

    /// Notes what was found out in a round. Only who has the lease may write.
    pub fn finish(&self, appointment: &Appointment, reports: &[DeviceReport]) {
        let attempts = self.record(appointment).map_or(0, |record| record.attempts);
        // The record is there before what belongs to it, so that nothing is ever left over.
        self.write(appointment, attempts, false);
        let key = self.reports_key(appointment.round, &appointment.round_seed);
        StorageValueRef::persistent(&key).set(&reports);
        self.write(appointment, attempts, true);
    }

    fn write(&self, appointment: &Appointment, attempts: u8, is_done: bool) -> [u8; 32] {
        let mut records = self.records();
        let known = records.iter().position(|record| is_of(record, appointment));
        let secret = known.map_or_else(offchain::random_seed, |known| records.remove(known).secret);
        while records.len() >= MAX_ROUNDS {
            let oldest = records.remove(0);
            let key = self.reports_key(oldest.round, &oldest.round_seed);
            StorageValueRef::persistent(&key).clear();
        }
        records.push(RoundRecord {
            round: appointment.round,
            round_seed: appointment.round_seed,
            secret,
            attempts,
            is_done,
        });
        StorageValueRef::persistent(&self.key(b"/rounds", &[])).set(&records);
        secret
    }

    /// All records, the oldest first. What cannot be read counts as forgotten.
    fn records(&self) -> Vec<RoundRecord> {
        let records = StorageValueRef::persistent(&self.key(b"/rounds", &[])).get();
        records.ok().flatten().unwrap_or_default()
    }

    fn reports_key(&self, round: u64, round_seed: &Hash) -> Vec<u8> {
        self.key(b"/reports/", &(round, round_seed).encode())
    }

    fn key(&self, name: &[u8], of: &[u8]) -> Vec<u8> {
        [&self.prefix, name, of].concat()
    }
}

fn is_of(record: &RoundRecord, appointment: &Appointment) -> bool {
    (record.round, &record.round_seed) == (appointment.round, &appointment.round_seed)
}

//! What a verifier remembers of its slots, in the node's local storage, so that restarts neither challenge devices
//! over and over nor forget what was found out.

use crate::{DeviceReport, Slot, Target, clock::Millis};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use loopin_challenge::Profile;
use sp_runtime::offchain::storage::StorageValueRef;

/// How many slots are remembered for one verifier. The oldest is forgotten, and what is stored of it cleared.
pub const MAX_SLOTS: usize = 8;
/// How often a slot's challenge is begun: once, and once more after a restart.
pub const MAX_ATTEMPTS: u8 = 2;
/// A worker that starts less than this before its slot opens waits for it, in milliseconds: somewhat more than the
/// time between two blocks, so that all verifiers of a slot begin at its first moment.
pub const AHEAD_MS: Millis = 8_000;

/// What is remembered of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SlotRecord {
    /// The round.
    pub round: u64,
    /// When the slot opens, in Unix seconds.
    pub opens_at: u64,
    /// How often its challenge was begun.
    pub attempts: u8,
    /// Whether the votes are known.
    pub is_done: bool,
}

/// What to do for a slot.
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

/// What to do for a slot, at a time, given what is remembered of it.
///
/// `shortest_ms` is how long the quickest conversation of the slot may take. With less time than that it is not
/// begun, since no device could be held to its limits.
pub fn plan(slot: &Slot, record: Option<&SlotRecord>, shortest_ms: Millis, now: Millis) -> Plan {
    let (opens_at, closes_at) = (slot.opens_at_ms(), slot.closes_at_ms());
    let attempts = record.map_or(0, |record| record.attempts);
    if record.is_some_and(|record| record.is_done) {
        Plan::Submit
    } else if now.saturating_add(AHEAD_MS) < opens_at {
        Plan::NotYet
    } else if attempts >= MAX_ATTEMPTS || now.max(opens_at).saturating_add(shortest_ms) > closes_at {
        Plan::GiveUp
    } else {
        Plan::Run {
            attempt: attempts + 1,
        }
    }
}

/// How long a conversation by that profile may take from the moment of filling, in milliseconds.
pub fn timed_ms(profile: &Profile) -> Millis {
    let limits = profile.limits;
    [limits.fill_ms, limits.walk_ms, limits.open_ms]
        .into_iter()
        .map(Millis::from)
        .sum()
}

/// How long the quickest conversation may take, in milliseconds, if all begin with `prepare_ms`.
pub fn shortest_ms(devices: &[Target], prepare_ms: u32) -> Millis {
    let timed = devices.iter().map(|device| timed_ms(&device.profile)).min();
    Millis::from(prepare_ms).saturating_add(timed.unwrap_or_default())
}

/// The memory of one verifier.
#[derive(Debug)]
pub struct Journal {
    prefix: Vec<u8>,
}

impl Journal {
    /// The journal of a slot's verifier on its chain.
    pub fn of(slot: &Slot) -> Self {
        let prefix = [&b"loopin/verifier/"[..], &slot.genesis, &slot.verifier].concat();
        Self { prefix }
    }

    /// Where the lease is stored.
    pub fn lease_key(&self) -> Vec<u8> {
        self.key(b"/lease", &[])
    }

    /// What is remembered of a slot.
    pub fn record(&self, slot: &Slot) -> Option<SlotRecord> {
        self.records().into_iter().find(|record| is_of(record, slot))
    }

    /// What was found out in a slot.
    pub fn reports(&self, slot: &Slot) -> Option<Vec<DeviceReport>> {
        let key = self.reports_key(slot.round, slot.opens_at);
        StorageValueRef::persistent(&key).get().ok().flatten()
    }

    /// Notes that the challenge of a slot begins. Only who has the lease may write.
    pub fn begin(&self, slot: &Slot, attempt: u8) {
        self.write(slot, attempt, false);
    }

    /// Notes what was found out in a slot. Only who has the lease may write.
    pub fn finish(&self, slot: &Slot, reports: &[DeviceReport]) {
        let attempts = self.record(slot).map_or(0, |record| record.attempts);
        // The record is there before what belongs to it, so that nothing is ever left over.
        self.write(slot, attempts, false);
        let key = self.reports_key(slot.round, slot.opens_at);
        StorageValueRef::persistent(&key).set(&reports);
        self.write(slot, attempts, true);
    }

    fn write(&self, slot: &Slot, attempts: u8, is_done: bool) {
        let mut records = self.records();
        records.retain(|record| !is_of(record, slot));
        while records.len() >= MAX_SLOTS {
            let oldest = records.remove(0);
            let key = self.reports_key(oldest.round, oldest.opens_at);
            StorageValueRef::persistent(&key).clear();
        }
        records.push(SlotRecord {
            round: slot.round,
            opens_at: slot.opens_at,
            attempts,
            is_done,
        });
        StorageValueRef::persistent(&self.key(b"/slots", &[])).set(&records);
    }

    /// All records, the oldest first. What cannot be read counts as forgotten.
    fn records(&self) -> Vec<SlotRecord> {
        let records = StorageValueRef::persistent(&self.key(b"/slots", &[])).get();
        records.ok().flatten().unwrap_or_default()
    }

    fn reports_key(&self, round: u64, opens_at: u64) -> Vec<u8> {
        self.key(b"/reports/", &(round, opens_at).encode())
    }

    fn key(&self, name: &[u8], of: &[u8]) -> Vec<u8> {
        [&self.prefix, name, of].concat()
    }
}

fn is_of(record: &SlotRecord, slot: &Slot) -> bool {
    (record.round, record.opens_at) == (slot.round, slot.opens_at)
}

//! The verifier: challenges devices over HTTP from the runtime's off-chain worker, and finds out what they can do.
//!
//! It knows no pallet. Whoever knows a verifier's time slots calls [`attend`] for each of them after every block, and
//! submits what it reports. [`loopin_challenge`] has what is asked of a device and how its answer is checked, and its
//! README.md specifies the conversation, down to what an agent has to serve over HTTP. This crate holds the verifier's
//! side of it, with the clock and everything that can go wrong on a network.
//!
//! # Time
//!
//! All devices of a slot are challenged at once. At the slot's first moment all are asked to prepare;
//! [`Policy::prepare_ms`] later, ready or not, all are told to fill, so that this moment is the same for all verifiers
//! of the slot, and one GPU cannot answer for two devices one after the other. Each device walks as soon as it has
//! filled, and opens as soon as it has walked. A time is the verifier's, in milliseconds, from sending the request to
//! having seen the end of the answer; it is looked for every two milliseconds. Openings are checked as they arrive, a
//! few parts between two looks, so that no device waits for another.
//!
//! Every step ends at the profile's limit or with the slot, whichever comes first; a device whose limits do not fit
//! into what is left of the slot is not challenged. If the verifier's own machine stands still for a second, the times
//! taken meanwhile do not count.
//!
//! # What goes wrong
//!
//! | what happens | vote |
//! |---|---|
//! | the endpoint is not one to call ([`endpoint`]) | Fail: ForbiddenEndpoint |
//! | no connection at `prepare`, and none half a second later | Fail: Unreachable |
//! | the same with all devices of the slot, on three or more hosts | Inconclusive: Offline |
//! | a status other than 200, redirects too | Fail: Refused |
//! | no whole answer within the limit; a connection that breaks later than at `prepare` | Fail: Late |
//! | an answer that is too long, too short, undecodable, or about anything else | Fail: Malformed |
//! | an answer not signed with the agent's key | Fail: WrongSignature |
//! | openings that do not lead to the roots | Fail: WrongOpenings |
//! | openings that do, and are false | Fail: Fraud, with the [`Evidence`] |
//! | more devices than [`Policy::devices_at_once`] | Inconclusive: TooManyDevices |
//! | the node was stopped, or stood still, or the slot is too short | Inconclusive: Interrupted |
//!
//! # What it costs
//!
//! Requests: at most five to a device in one run (prepare, prepare again, fill, walk, open), and two runs in a slot,
//! the second only after a restart: **ten requests to a device in a round** from one verifier. The host offers no way
//! to drop a request, so one that hangs lives until the run ends; there are at most five of them for a device.
//!
//! Memory: for each device one part of its openings, 36 KB at `n` = 16,384 and 70 KB at the largest `n`, and the same
//! again while it is decoded. The host holds some network packets of a body that is not read, then lets its sender
//! wait. Time: a device's openings are some 1.5 MB to hash, by estimate ten milliseconds or so in Wasm, in steps of
//! less than one.
//!
//! # Restarts
//!
//! What was begun and found out is kept in the node's local storage, by chain, verifier, round and slot
//! ([`journal`]); [`journal::plan`] says what follows from it. A lease keeps the workers of two blocks from doing
//! the same work, one lease for each verifier. The devices of all verifiers of a node that have the same time slot
//! are challenged together.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod clock;
mod conversation;
mod ending;
pub mod endpoint;
mod exchange;
pub mod journal;
mod lease;
mod opening;
mod run;
#[cfg(test)]
mod tests;
mod text;

use alloc::vec::Vec;
use codec::{Decode, Encode};
use core::iter;
use journal::{Journal, Plan};
use lease::Lease;
use loopin_challenge::{Claim, FraudProof, Hash, Profile, messages::Signature};
use loopin_primitives::{ChallengeKind, DeviceId, Moment, RoundId, Vote};
use scale_info::TypeInfo;

pub use conversation::MAX_REQUESTS;

/// The target of all log lines.
pub const LOG_TARGET: &str = "verifier";

/// A verifier's time slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The round.
    pub round: RoundId,
    /// When it opens, in Unix seconds.
    pub opens_at: Moment,
    /// When it closes, in Unix seconds.
    pub closes_at: Moment,
    /// The verifier's account.
    pub verifier: [u8; 32],
    /// Hash of the chain's first block.
    pub genesis: Hash,
    /// Hash of a recent block.
    pub block: Hash,
    /// How many seconds the machine's clock is ahead of the chain's. Zero wherever the chain's time is the world's: a
    /// chain of one machine can be made to jump ahead.
    pub clock_lead_seconds: i64,
}

impl Slot {
    /// When it opens by the machine's clock, in milliseconds.
    fn opens_at_ms(&self) -> u64 {
        clock::from_seconds(self.opens_at.saturating_add_signed(self.clock_lead_seconds))
    }

    /// When it closes by the machine's clock, in milliseconds.
    fn closes_at_ms(&self) -> u64 {
        clock::from_seconds(self.closes_at.saturating_add_signed(self.clock_lead_seconds))
    }
}

/// A device to challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its number on the chain.
    pub device: DeviceId,
    /// What it is asked to do.
    pub profile: Profile,
    /// Which challenge that is. This is only passed on to the report.
    pub kind: ChallengeKind,
    /// The key, of sr25519, with which its agent signs.
    pub agent_key: [u8; 32],
    /// Where its agent answers.
    pub endpoint: Vec<u8>,
}

/// How a verifier goes about its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether addresses of the verifier's own network are called, and host names without `https`. For networks on
    /// one machine or in one building.
    pub allow_private_addresses: bool,
    /// How many devices are challenged at once. Those beyond are inconclusive.
    pub devices_at_once: u32,
    /// How long after the beginning all devices are told to fill, in milliseconds. No device has longer to prepare,
    /// whatever its profile says. It is to be the same for all verifiers.
    pub prepare_ms: u32,
}

/// The verifier's key.
pub trait Signer {
    /// Signs 32 bytes. `None` if the key is not at hand.
    fn sign(&self, digest: &[u8; 32]) -> Option<Signature>;
}

/// What was found out about a device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DeviceReport {
    /// The device.
    pub device: DeviceId,
    /// Which challenge it was given.
    pub kind: ChallengeKind,
    /// What to tell the chain.
    pub vote: Vote,
    /// What proves the device's fraud to anyone. Only with that vote.
    pub evidence: Option<Evidence>,
}

/// What proves a device's fraud to anyone: `proof` holds against `claim`, to which the agent's signature binds the device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Evidence {
    /// What the device is bound to.
    pub claim: Claim,
    /// The agent's key.
    pub agent_key: [u8; 32],
    /// Its signature of the answer to the walk.
    pub signature: Signature,
    /// What is false in it.
    pub proof: FraudProof,
}

/// Where a verifier stands with a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attendance {
    /// It is too early. To be asked again after the next block.
    NotYet,
    /// Another worker of this node is at it, for this or another slot of the same verifier. To be asked again after
    /// the next block.
    Busy,
    /// This is what was found out, in the order in which the devices were given. The same is reported whenever it is
    /// asked again: whoever submits it stops when the chain has it.
    Done(Vec<DeviceReport>),
}

/// What one verifier has to do in a time slot.
#[derive(Debug)]
pub struct Duty<'a, S> {
    /// The verifier's time slot.
    pub slot: Slot,
    /// The devices to challenge.
    pub devices: Vec<Target>,
    /// The verifier's key.
    pub signer: &'a S,
}

/// Does what is due for several verifiers in the same time slot: their devices are challenged together. Says for each
/// how it stands. This takes as long as the slot, or no time at all.
pub fn attend<S: Signer>(duties: &[Duty<S>], policy: &Policy) -> Vec<Attendance> {
    let mut attendances: Vec<_> = duties.iter().map(|duty| Start::of(duty, policy)).collect();
    let (mut running, mut leases) = (Vec::new(), Vec::new());
    for (duty, start) in iter::zip(duties, &mut attendances) {
        if let Start::Run { lease, attempt } = start {
            log::info!(
                target: LOG_TARGET,
                "round {}: slot {} to {}: challenging {} devices{}",
                duty.slot.round,
                duty.slot.opens_at,
                duty.slot.closes_at,
                duty.devices.len(),
                if *attempt > 1 { ", once more after an interruption" } else { "" },
            );
            Journal::of(&duty.slot).begin(&duty.slot, *attempt);
            running.push(duty);
            leases.extend(lease.take());
        }
    }
    let reports = if running.is_empty() {
        Ok(Vec::new())
    } else {
        run::run(&running, policy, &mut leases)
    };
    let mut reports = match reports {
        Ok(reports) => reports.into_iter(),
        Err(lease::Lost) => {
            log::warn!(target: LOG_TARGET, "this worker stood still for so long that another one took over");
            Vec::new().into_iter()
        }
    };
    // The leases end when this has been noted.
    iter::zip(duties, attendances)
        .map(|(duty, start)| match start {
            Start::Ended(attendance) => attendance,
            Start::Run { .. } => match reports.next() {
                Some(reports) => {
                    Journal::of(&duty.slot).finish(&duty.slot, &reports);
                    Attendance::Done(reports)
                }
                None => Attendance::Busy,
            },
        })
        .collect()
}

/// How a duty begins.
enum Start {
    /// There is nothing to run.
    Ended(Attendance),
    /// The devices have to be challenged.
    Run {
        /// Taken out where the devices are challenged.
        lease: Option<Lease>,
        /// Which attempt it is, from 1.
        attempt: u8,
    },
}

impl Start {
    fn of<S: Signer>(duty: &Duty<S>, policy: &Policy) -> Self {
        let (journal, slot) = (Journal::of(&duty.slot), &duty.slot);
        let shortest_ms = journal::shortest_ms(&duty.devices, policy.prepare_ms);
        let plan = || journal::plan(slot, journal.record(slot).as_ref(), shortest_ms, clock::now());
        match plan() {
            Plan::NotYet => return Self::Ended(Attendance::NotYet),
            Plan::Submit => {
                if let Some(reports) = journal.reports(slot) {
                    return Self::Ended(Attendance::Done(reports));
                }
            }
            Plan::Run { .. } | Plan::GiveUp => (),
        }
        let Some(lease) = Lease::take(journal.lease_key()) else {
            return Self::Ended(Attendance::Busy);
        };
        // Another worker may have come to its end since.
        let reports = match plan() {
            Plan::NotYet => return Self::Ended(Attendance::NotYet),
            Plan::Run { attempt } => {
                let lease = Some(lease);
                return Self::Run { lease, attempt };
            }
            Plan::Submit => match journal.reports(slot) {
                Some(reports) => return Self::Ended(Attendance::Done(reports)),
                // What was stored cannot be read: the slot cannot be repeated.
                None => run::give_up(duty),
            },
            Plan::GiveUp => run::give_up(duty),
        };
        journal.finish(slot, &reports);
        Self::Ended(Attendance::Done(reports))
    }
}

//! The verifier: challenges devices over HTTP from the runtime's off-chain worker, and finds out what they can do.
//!
//! It knows no pallet. Whoever knows what a verifier has to do in a round calls [`attend`] after every block, and
//! submits what it reports. [`loopin_challenge`] has what is asked of a device and how its answer is checked, and its
//! README.md specifies the conversation, down to what an agent has to serve over HTTP. This crate holds the verifier's
//! side of it, with the clock and everything that can go wrong on a network.
//!
//! # Time
//!
//! All verifiers challenge all devices of a round together, at the moments of its window. From `opens_at` on each asks
//! its devices to prepare: again after 0.5, 1, 2, 4, 4, .. seconds, on any trouble, and a last time two seconds before
//! `fill_at`; only what stands then counts. At `fill_at` it tells all that are ready to fill, at `walk_at` all that have
//! filled to walk, each time with a nonce of its own, whose request is announced half a second ahead. It keeps these
//! moments to within half a second, or sends no nonce and says nothing but that its clock was wrong. So no device begins
//! earlier than another, and one GPU cannot answer for two one after the other.
//!
//! A time is the verifier's, in milliseconds, from sending the request to having seen the end of the answer; it is
//! looked for every two milliseconds. Answers are read at once and checked afterwards, a few messages or parts of
//! openings between two looks, so that no device waits for another. Devices open one group after the other,
//! [`Policy::openings_at_once`] at a time, as suits the verifier's network; each has its time from its own request on.
//! Every verifier begins with another device, so that no device opens to all of them at once.
//!
//! Every step ends at the profile's limit or with the window, whichever comes first. If the verifier's own machine
//! stands still for a second, the times taken meanwhile do not count.
//!
//! # What goes wrong
//!
//! At `prepare`, what went wrong the last time before `fill_at` counts. A fail at `open` brings along what the device had
//! signed after the walk, its [`Commitment`](loopin_primitives::Commitment).
//!
//! | what happens | vote |
//! |---|---|
//! | the endpoint is not one to call ([`endpoint`]) | Fail: ForbiddenEndpoint |
//! | no connection at `prepare` | Fail: Unreachable |
//! | the same, or silence, with all devices of the round, on three or more hosts | Inconclusive: Offline |
//! | a status other than 200, redirects too | Fail: Refused |
//! | no whole answer within the limit; a connection that breaks within an answer, at `open`, or twice at `fill` or `walk` | Fail: Late |
//! | an answer that is too long, too short, undecodable, or about anything else | Fail: Malformed |
//! | a seed that is not made of what more than half of the committee's seats have signed | Fail: Malformed |
//! | an answer not signed with the agent's key; openings not followed by its last signature | Fail: WrongSignature |
//! | openings that do not lead to the roots | Fail: WrongOpenings |
//! | openings that do, and are false | Fail: Fraud, with the [`Evidence`] |
//! | status 409 with this verifier's own signature over another nonce: a second node has its key | no vote |
//! | more than [`MAX_DEVICES`] devices | no vote on those beyond |
//! | the node was stopped, or stood still, or began too late for a device to prepare | Inconclusive: Interrupted |
//! | openings that are late on three or more hosts, with none in time: the verifier's own network is too slow | Inconclusive: Interrupted |
//! | the window is too short for the profile, or closes before the device's turn to open | Inconclusive: Interrupted |
//! | this node comes to a moment more than half a second late | Inconclusive: Clock |
//! | its clock is further than that from the chain's ([`Appointment::clock_offset_ms`]) | Inconclusive: Clock, for all devices |
//!
//! # What it costs
//!
//! Requests: one run asks a device to prepare 26 times at most, however long the window, at most twice each to fill and to
//! walk, and once to open: [`MAX_REQUESTS`]. There are at most two runs in a round ([`journal::MAX_ATTEMPTS`]), the second only after a
//! restart. A device that answers gets four. The host offers no way to drop a request, so one that hangs lives until the
//! run ends; each hangs for the profile's `prepare_ms` before the next is sent. It numbers the requests of a run with 16
//! bits, and may begin at 2,000: that, with 31 requests a device, is what bounds [`MAX_DEVICES`].
//!
//! Memory: for each device its conversation, and for each that opens one part of its openings, 36 KB at `n` = 16,384 and
//! 70 KB at the largest `n`, and twice the same again while it is decoded and hashed. The host holds some network packets
//! of a body that is not read, then lets its sender wait. Time: a device's openings are some 1.5 MB to hash, and as much
//! again for their digest, in steps of less than a millisecond; for every device the verifier makes four signatures and
//! checks one for each member of the committee that contributed to a seed, twice, and four of the agent's.
//!
//! # Restarts
//!
//! What was begun and found out is kept in the node's local storage, by chain, verifier and round ([`journal`]);
//! [`journal::plan`] says what follows from it. A run that is interrupted before `fill_at` is begun anew, and later it is
//! given up. All nonces follow from a secret that is stored before the first of them is sent, so no node ever sends two
//! for one step. A lease keeps the workers of two blocks from doing the same work, one lease for each verifier. The
//! devices of all verifiers of a node are challenged together.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answer;
mod clock;
mod context;
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
use context::{Moments, PUNCTUAL_MS};
use core::iter;
use journal::{Journal, Plan};
use lease::Lease;
use loopin_challenge::{Claim, FraudProof, Hash, Profile, joint::Member, messages::Signature};
use loopin_primitives::{ChallengeKind, DeviceId, InconclusiveReason, Moment, RoundId, Vote, Window};
use run::Run;
use scale_info::TypeInfo;

pub use conversation::MAX_REQUESTS;

/// The target of all log lines.
pub const LOG_TARGET: &str = "verifier";

/// Most devices that a node challenges in one round. Nothing is said of those beyond, as they were not looked at.
pub const MAX_DEVICES: usize = 2_048;

/// Numbers that the host has for the requests of one run, at least.
const REQUEST_NUMBERS: usize = 65_535 - 2_000;
const _: () = assert!(MAX_DEVICES * MAX_REQUESTS as usize <= REQUEST_NUMBERS);

/// What a verifier has to do with a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// The round.
    pub round: RoundId,
    /// The round's seed.
    pub round_seed: Hash,
    /// When devices are challenged.
    pub window: Window,
    /// The verifier's account.
    pub verifier: [u8; 32],
    /// Hash of the chain's first block.
    pub genesis: Hash,
    /// How many seconds the machine's clock is ahead of the chain's. Zero wherever the chain's time is the world's: a
    /// chain of one machine can be made to jump ahead.
    pub clock_lead_seconds: i64,
    /// How many milliseconds the machine's clock, less that lead, is ahead of where the last blocks say that it should
    /// be. `None` where nobody can tell. With more than half a second in either direction no device is challenged.
    pub clock_offset_ms: Option<i64>,
}

impl Appointment {
    /// The window by the machine's clock.
    fn moments(&self) -> Moments {
        let lead = self.clock_lead_seconds;
        let by_machine = |moment: Moment| clock::from_seconds(moment.saturating_add_signed(lead));
        Moments {
            opens_at: by_machine(self.window.opens_at),
            fill_at: by_machine(self.window.fill_at),
            walk_at: by_machine(self.window.walk_at),
            closes_at: by_machine(self.window.closes_at),
        }
    }

    /// Whether the machine's clock is known to be too far off.
    fn is_clock_off(&self) -> bool {
        self.clock_offset_ms
            .is_some_and(|offset_ms| offset_ms.unsigned_abs() > PUNCTUAL_MS)
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
    /// Who challenges it, all together: sorted by account, each with its seats.
    pub committee: Vec<Member>,
}

/// How a verifier goes about its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether addresses of the verifier's own network are called, and host names without `https`. For networks on
    /// one machine or in one building.
    pub allow_private_addresses: bool,
    /// How many devices send their openings at once: as many as the verifier's network brings along in time, where each
    /// sends up to a megabyte. The others wait for their turn. At least one.
    pub openings_at_once: u32,
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

/// Where a verifier stands with a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attendance {
    /// It is too early. To be asked again after the next block.
    NotYet,
    /// Another worker of this node is at it, for this or another round of the same verifier. To be asked again after
    /// the next block.
    Busy,
    /// This is what was found out, in the order in which the devices were given, without those of which there is nothing
    /// to say. The same is reported whenever it is asked again: whoever submits it stops when the chain has it.
    Done(Vec<DeviceReport>),
}

/// What one verifier has to do in a round, and with which key.
#[derive(Debug)]
pub struct Duty<'a, S> {
    /// The verifier's round.
    pub appointment: Appointment,
    /// The devices to challenge.
    pub devices: Vec<Target>,
    /// The verifier's key.
    pub signer: &'a S,
}

/// Does what is due for several verifiers in the same window: their devices are challenged together. Says for each how
/// it stands. This takes as long as the window, or no time at all.
pub fn attend<S: Signer>(duties: &[Duty<S>], policy: &Policy) -> Vec<Attendance> {
    let mut attendances: Vec<_> = duties.iter().map(Start::of).collect();
    let (mut running, mut leases) = (Vec::new(), Vec::new());
    for (duty, start) in iter::zip(duties, &mut attendances) {
        if let Start::Run { lease, attempt } = start {
            let appointment = &duty.appointment;
            log::info!(
                target: LOG_TARGET,
                "round {}: window {} to {}: challenging {} devices{}",
                appointment.round,
                appointment.window.opens_at,
                appointment.window.closes_at,
                duty.devices.len().min(MAX_DEVICES),
                if *attempt > 1 { ", once more after an interruption" } else { "" },
            );
            let secret = Journal::of(appointment).begin(appointment, *attempt);
            running.push(Run { duty, secret });
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
                    Journal::of(&duty.appointment).finish(&duty.appointment, &reports);
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
    fn of<S: Signer>(duty: &Duty<S>) -> Self {
        let appointment = &duty.appointment;
        let journal = Journal::of(appointment);
        let plan = || journal::plan(appointment, journal.record(appointment).as_ref(), clock::now());
        match plan() {
            Plan::NotYet => return Self::Ended(Attendance::NotYet),
            Plan::Submit => {
                if let Some(reports) = journal.reports(appointment) {
                    return Self::Ended(Attendance::Done(reports));
                }
            }
            Plan::Run { .. } | Plan::GiveUp => (),
        }
        let Some(lease) = Lease::take(journal.lease_key()) else {
            return Self::Ended(Attendance::Busy);
        };
        let interrupted = || {
            let why = "this node was stopped or too busy while the challenge was due";
            run::give_up(duty, InconclusiveReason::Interrupted, why)
        };
        // Another worker may have come to its end since.
        let reports = match plan() {
            Plan::NotYet => return Self::Ended(Attendance::NotYet),
            Plan::Run { .. } if appointment.is_clock_off() => {
                let why =
                    "this machine's clock is too far from the chain's: synchronise it (see docs/verifier.md)";
                run::give_up(duty, InconclusiveReason::Clock, why)
            }
            Plan::Run { attempt } => {
                let lease = Some(lease);
                return Self::Run { lease, attempt };
            }
            Plan::Submit => match journal.reports(appointment) {
                Some(reports) => return Self::Ended(Attendance::Done(reports)),
                // What was stored cannot be read: the round cannot be repeated.
                None => interrupted(),
            },
            Plan::GiveUp => interrupted(),
        };
        journal.finish(appointment, &reports);
        Self::Ended(Attendance::Done(reports))
    }
}

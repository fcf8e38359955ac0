//! All conversations of a slot at once.

use crate::{
    Device, DeviceReport, Duty, LOG_TARGET, Policy, Signer,
    clock::{self, Millis},
    conversation::{Context, Conversation, Ending},
    endpoint,
    exchange::Exchange,
    journal,
    lease::{Lease, Lost},
};
use alloc::{boxed::Box, collections::BTreeSet, string::String, vec::Vec};
use core::iter;
use loopin_challenge::Geometry;
use loopin_primitives::{FailReason, InconclusiveReason, Outcome};

/// How often answers are looked for, in milliseconds: the resolution of all times.
const LOOK_EVERY_MS: Millis = 2;
/// How long it sleeps at once while it waits for the slot to open, in milliseconds.
const SLEEP_MS: Millis = 1_000;
/// A gap between two looks, in milliseconds, after which the times taken mean nothing: the machine was suspended or
/// overloaded, or its clock was set.
const MAX_GAP_MS: Millis = 1_000;
/// How long before the moment of filling the requests for it are announced, in milliseconds.
const ANNOUNCE_MS: Millis = 500;
/// Most parts of openings that are checked between two looks: some milliseconds of work.
const PARTS_PER_LOOK: u32 = 8;
/// So many hosts have to be silent, and no other may have spoken, before the verifier doubts its own network.
const MIN_SILENT_HOSTS: usize = 3;

/// What stands for a device of the slot.
enum Place<'a> {
    Conversation(Box<Conversation<'a>>),
    /// There was no conversation.
    Ended(&'a Device, Box<Ending>),
}

/// A conversation of a verifier, and what it has in common with the verifier's others.
type Talk<'c, 'a, S> = (&'c Context<'a, S>, &'c mut Conversation<'a>);

/// Challenges the devices of all duties of a time slot, and says for each duty what was found out, in the same order.
///
/// # Errors
/// Another worker took over.
pub fn run<S: Signer>(
    duties: &[&Duty<S>],
    policy: &Policy,
    leases: &mut [Lease],
) -> Result<Vec<Vec<DeviceReport>>, Lost> {
    let opens_at = duties.iter().map(|duty| duty.slot.opens_at_ms()).min();
    wait_until(opens_at.unwrap_or_default(), leases)?;
    let fill_at = clock::now().saturating_add(Millis::from(policy.prepare_ms));
    let contexts: Vec<_> = duties
        .iter()
        .map(|duty| Context {
            slot: &duty.slot,
            signer: duty.signer,
            fill_at,
        })
        .collect();
    let mut begun = 0;
    let mut places: Vec<Vec<Place>> = iter::zip(duties, &contexts)
        .map(|(duty, context)| {
            let place = |device| {
                begun += 1;
                begin(context, device, begun, policy)
            };
            duty.devices.iter().map(place).collect()
        })
        .collect();
    let mut talks: Vec<Talk<S>> = iter::zip(&contexts, &mut places)
        .flat_map(|(context, places)| places.iter_mut().map(move |place| (context, place)))
        .filter_map(|(context, place)| match place {
            Place::Conversation(conversation) => Some((context, &mut **conversation)),
            Place::Ended(..) => None,
        })
        .collect();
    talk(fill_at, &mut talks, leases)?;
    doubt_own_network(&mut talks);
    renew(leases, clock::now())?;
    let reports = iter::zip(duties, places).map(|(duty, places)| {
        let report_of = |place| {
            let (report, why) = match place {
                Place::Conversation(conversation) => conversation.into_report(),
                Place::Ended(device, ending) => ended(device, *ending),
            };
            log_report(duty.slot.round, &report, &why);
            report
        };
        places.into_iter().map(report_of).collect()
    });
    Ok(reports.collect())
}

/// Waits for the slot to open.
fn wait_until(then: Millis, leases: &mut [Lease]) -> Result<(), Lost> {
    loop {
        let now = clock::now();
        renew(leases, now)?;
        if now >= then {
            return Ok(());
        }
        clock::sleep_until(then.min(now.saturating_add(SLEEP_MS)));
    }
}

fn renew(leases: &mut [Lease], now: Millis) -> Result<(), Lost> {
    leases.iter_mut().try_for_each(|lease| lease.renew(now))
}

/// Begins the conversation with a device, if there can be one. It is the one of that number, from 1, in this run.
fn begin<'a, S: Signer>(context: &Context<S>, device: &'a Device, number: u32, policy: &Policy) -> Place<'a> {
    let ended = |ending| Place::Ended(device, ending);
    if number > policy.devices_at_once {
        return ended(Ending::inconclusive(
            InconclusiveReason::TooManyDevices,
            "more devices than this verifier challenges at once",
        ));
    }
    let Ok(geometry) = Geometry::new(device.profile) else {
        return ended(Ending::inconclusive(
            InconclusiveReason::Interrupted,
            "its pool's profile is not usable",
        ));
    };
    let needed_until = context.fill_at.saturating_add(journal::timed_ms(&device.profile));
    if needed_until > context.slot.closes_at_ms() {
        return ended(Ending::inconclusive(
            InconclusiveReason::Interrupted,
            "its profile allows it more time than is left in the slot",
        ));
    }
    match endpoint::check(&device.endpoint, policy.allow_private_addresses) {
        Ok(endpoint) => {
            Place::Conversation(Box::new(Conversation::begin(context, device, geometry, endpoint)))
        }
        Err(error) => ended(Ending::fail(FailReason::ForbiddenEndpoint, error)),
    }
}

/// Holds all conversations until each has ended. It ends, since every step of each has a limit.
fn talk<S: Signer>(fill_at: Millis, talks: &mut [Talk<S>], leases: &mut [Lease]) -> Result<(), Lost> {
    let mut looked_at = clock::now();
    let mut first = 0;
    while talks.iter().any(|(_, conversation)| !conversation.is_done()) {
        let now = clock::now();
        renew(leases, now)?;
        if now < looked_at || now - looked_at > MAX_GAP_MS {
            interrupt(talks);
        }
        looked_at = now;

        Exchange::look(
            talks
                .iter_mut()
                .filter_map(|(_, conversation)| conversation.exchange_mut()),
        );
        for (context, conversation) in talks.iter_mut() {
            conversation.poll(context, now);
        }
        if now.saturating_add(ANNOUNCE_MS) >= fill_at {
            for (context, conversation) in talks.iter_mut() {
                conversation.announce_fill(context);
            }
        }
        if now >= fill_at {
            for (context, conversation) in talks.iter_mut() {
                conversation.fill(context);
            }
        }
        let mut parts = PARTS_PER_LOOK;
        // Each gets to be first in turn.
        first = (first + 1) % talks.len();
        for index in 0..talks.len() {
            let index = (first + index) % talks.len();
            talks[index].1.check_openings(now, &mut parts);
        }
        // Where parts are left to check, nothing is waited for.
        if parts > 0 {
            clock::sleep_until(now.saturating_add(LOOK_EVERY_MS));
        }
    }
    Ok(())
}

/// Ends all conversations in which a time was running, since nobody knows how much of it was the device's.
fn interrupt<S>(talks: &mut [Talk<S>]) {
    log::warn!(
        target: LOG_TARGET,
        "this machine was suspended or too busy, or its clock was set: times taken meanwhile do not count",
    );
    for (_, conversation) in talks.iter_mut().filter(|(_, conversation)| {
        // A device that is ready waits for the verifier, and no time is taken of it.
        !conversation.is_done() && !conversation.is_ready()
    }) {
        conversation.end(Ending::inconclusive(
            InconclusiveReason::Interrupted,
            "this machine was suspended or too busy, or its clock was set",
        ));
    }
}

/// Where several hosts were called and none made a sound, it is the verifier that is cut off.
fn doubt_own_network<S>(talks: &mut [Talk<S>]) {
    let silent: BTreeSet<String> = talks
        .iter()
        .filter(|(_, conversation)| conversation.is_silent())
        .map(|(_, conversation)| conversation.host().into())
        .collect();
    let somebody_spoke = talks.iter().any(|(_, conversation)| conversation.is_reached());
    if somebody_spoke || silent.len() < MIN_SILENT_HOSTS {
        return;
    }
    for (_, conversation) in talks
        .iter_mut()
        .filter(|(_, conversation)| conversation.is_silent())
    {
        conversation.end(Ending::inconclusive(
            InconclusiveReason::Offline,
            "no device of the slot could be reached: this node seems to be offline",
        ));
    }
}

/// Reports that the challenge of a slot was interrupted, for all its devices.
pub fn give_up<S>(duty: &Duty<S>) -> Vec<DeviceReport> {
    let why = "this node was stopped or too busy while the challenge was due";
    duty.devices
        .iter()
        .map(|device| {
            let ending = Ending::inconclusive(InconclusiveReason::Interrupted, why);
            let (report, why) = ended(device, *ending);
            log_report(duty.slot.round, &report, &why);
            report
        })
        .collect()
}

fn ended(device: &Device, ending: Ending) -> (DeviceReport, String) {
    let report = DeviceReport {
        device: device.device,
        full: device.full,
        outcome: ending.outcome,
        evidence: ending.evidence,
    };
    (report, ending.why)
}

/// One line for a person.
fn log_report(round: u64, report: &DeviceReport, why: &str) {
    let device = report.device;
    match &report.outcome {
        Outcome::Pass(pass) => log::info!(
            target: LOG_TARGET,
            "round {round}: device {device} passed: {} Gop/s, {why}, walked in {} ms, privacy {}",
            pass.work_gops, pass.walk_ms, pass.privacy,
        ),
        Outcome::Fail(reason) => {
            let evidence = if report.evidence.is_some() {
                ", which can be proven"
            } else {
                ""
            };
            log::warn!(
                target: LOG_TARGET,
                "round {round}: device {device} failed: {reason:?}{evidence} ({why})",
            );
        }
        Outcome::Inconclusive(reason) => log::warn!(
            target: LOG_TARGET,
            "round {round}: device {device} is inconclusive: {reason:?} ({why})",
        ),
    }
}

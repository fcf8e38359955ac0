//! All conversations of a slot at once.

use crate::{
    Device, DeviceReport, LOG_TARGET, Policy, Signer, Slot,
    clock::{self, Millis},
    conversation::{Context, Conversation, Ending},
    endpoint,
    exchange::Exchange,
    journal,
    lease::{Lease, Lost},
};
use alloc::{boxed::Box, collections::BTreeSet, string::String, vec::Vec};
use loopin_challenge::Geometry;
use loopin_primitives::{DeviceId, FailReason, InconclusiveReason, Outcome};

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
    Ended(DeviceId, Box<Ending>),
}

/// Challenges the devices of a slot, and says what was found out, in the same order.
///
/// # Errors
/// Another worker took over.
pub fn run<S: Signer>(
    slot: &Slot,
    devices: &[Device],
    signer: &S,
    policy: &Policy,
    lease: &mut Lease,
) -> Result<Vec<DeviceReport>, Lost> {
    wait_until(clock::from_seconds(slot.opens_at), lease)?;
    let begun_at = clock::now();
    let context = Context {
        slot,
        signer,
        fill_at: begun_at.saturating_add(Millis::from(policy.prepare_ms)),
    };
    let mut places: Vec<Place> = devices
        .iter()
        .enumerate()
        .map(|(index, device)| begin(&context, device, index, policy))
        .collect();
    let mut conversations: Vec<&mut Conversation> = places
        .iter_mut()
        .filter_map(|place| match place {
            Place::Conversation(conversation) => Some(&mut **conversation),
            Place::Ended(..) => None,
        })
        .collect();
    talk(&context, &mut conversations, lease)?;
    doubt_own_network(&mut conversations);
    Ok(places
        .into_iter()
        .map(|place| {
            let (report, why) = match place {
                Place::Conversation(conversation) => conversation.into_report(),
                Place::Ended(device, ending) => ended(device, *ending),
            };
            log_report(slot.round, &report, &why);
            report
        })
        .collect())
}

/// Waits for the slot to open.
fn wait_until(then: Millis, lease: &mut Lease) -> Result<(), Lost> {
    loop {
        let now = clock::now();
        lease.renew(now)?;
        if now >= then {
            return Ok(());
        }
        clock::sleep_until(then.min(now.saturating_add(SLEEP_MS)));
    }
}

/// Begins the conversation with a device, if there can be one.
fn begin<'a, S: Signer>(
    context: &Context<S>,
    device: &'a Device,
    index: usize,
    policy: &Policy,
) -> Place<'a> {
    let ended = |ending| Place::Ended(device.device, ending);
    if index >= policy.devices_at_once as usize {
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
    if needed_until > clock::from_seconds(context.slot.closes_at) {
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
fn talk<S: Signer>(
    context: &Context<S>,
    conversations: &mut [&mut Conversation],
    lease: &mut Lease,
) -> Result<(), Lost> {
    let mut looked_at = clock::now();
    let mut first = 0;
    while conversations.iter().any(|conversation| !conversation.is_done()) {
        let now = clock::now();
        lease.renew(now)?;
        if now < looked_at || now - looked_at > MAX_GAP_MS {
            interrupt(conversations);
        }
        looked_at = now;

        Exchange::look(
            conversations
                .iter_mut()
                .filter_map(|conversation| conversation.exchange_mut()),
        );
        for conversation in conversations.iter_mut() {
            conversation.poll(context, now);
        }
        if now.saturating_add(ANNOUNCE_MS) >= context.fill_at {
            for conversation in conversations.iter_mut() {
                conversation.announce_fill(context);
            }
        }
        if now >= context.fill_at {
            for conversation in conversations.iter_mut() {
                conversation.fill(context);
            }
        }
        let mut parts = PARTS_PER_LOOK;
        // Each gets to be first in turn.
        first = (first + 1) % conversations.len();
        for index in 0..conversations.len() {
            let index = (first + index) % conversations.len();
            conversations[index].check_openings(now, &mut parts);
        }
        // Where parts are left to check, nothing is waited for.
        if parts > 0 {
            clock::sleep_until(now.saturating_add(LOOK_EVERY_MS));
        }
    }
    Ok(())
}

/// Ends all conversations in which a time was running, since nobody knows how much of it was the device's.
fn interrupt(conversations: &mut [&mut Conversation]) {
    log::warn!(
        target: LOG_TARGET,
        "this machine was suspended or too busy, or its clock was set: times taken meanwhile do not count",
    );
    for conversation in conversations.iter_mut().filter(|conversation| {
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
fn doubt_own_network(conversations: &mut [&mut Conversation]) {
    let silent: BTreeSet<String> = conversations
        .iter()
        .filter(|conversation| conversation.is_silent())
        .map(|conversation| conversation.host().into())
        .collect();
    let somebody_spoke = conversations.iter().any(|conversation| conversation.is_reached());
    if somebody_spoke || silent.len() < MIN_SILENT_HOSTS {
        return;
    }
    for conversation in conversations
        .iter_mut()
        .filter(|conversation| conversation.is_silent())
    {
        conversation.end(Ending::inconclusive(
            InconclusiveReason::Offline,
            "no device of the slot could be reached: this node seems to be offline",
        ));
    }
}

/// Reports that the challenge of a slot was interrupted, for all its devices.
pub fn give_up(slot: &Slot, devices: &[Device]) -> Vec<DeviceReport> {
    let why = "this node was stopped or too busy while the challenge was due";
    devices
        .iter()
        .map(|device| {
            let ending = Ending::inconclusive(InconclusiveReason::Interrupted, why);
            let (report, why) = ended(device.device, *ending);
            log_report(slot.round, &report, &why);
            report
        })
        .collect()
}

fn ended(device: DeviceId, ending: Ending) -> (DeviceReport, String) {
    let report = DeviceReport {
        device,
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

//! Holds all conversations of a slot at once.

use crate::{
    DeviceReport, Duty, LOG_TARGET, Policy, Signer, Target,
    clock::{self, Millis},
    conversation::{Context, Conversation},
    ending::Ending,
    endpoint,
    exchange::Exchange,
    journal,
    lease::{Lease, Lost},
};
use alloc::{boxed::Box, collections::BTreeSet, string::String, vec::Vec};
use core::iter;
use loopin_challenge::Geometry;
use loopin_primitives::{FailReason, InconclusiveReason};

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
/// This many hosts have to be silent, and no other may have spoken, before the verifier doubts its own network.
const MIN_SILENT_HOSTS: usize = 3;

/// The conversation with a device, or what is said of it where there can be none.
type Begun<'a> = Result<Box<Conversation<'a>>, Box<Ending>>;

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
    let mut number = 0;
    let mut begun: Vec<Vec<Begun>> = iter::zip(duties, &contexts)
        .map(|(duty, context)| {
            let begin = |target| {
                number += 1;
                begin(context, target, number, policy)
            };
            duty.devices.iter().map(begin).collect()
        })
        .collect();
    let mut talks: Vec<Talk<S>> = iter::zip(&contexts, &mut begun)
        .flat_map(|(context, begun)| {
            begun
                .iter_mut()
                .flatten()
                .map(move |conversation| (context, &mut **conversation))
        })
        .collect();
    talk(fill_at, &mut talks, leases)?;
    doubt_own_network(&mut talks);
    renew(leases, clock::now())?;
    let reports = iter::zip(duties, begun).map(|(duty, begun)| {
        let report = |(target, begun): (&Target, Begun)| {
            let ending = begun.map_or_else(|ending| ending, |conversation| conversation.into_ending());
            ending.report(duty.slot.round, target)
        };
        iter::zip(&duty.devices, begun).map(report).collect()
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

/// Begins the conversation with a device, if there can be one. It is the one with that number, from 1, in this run.
fn begin<'a, S: Signer>(context: &Context<S>, target: &'a Target, number: u32, policy: &Policy) -> Begun<'a> {
    let inconclusive = |reason, why| Err(Ending::inconclusive(reason, why));
    if number > policy.devices_at_once {
        let why = "more devices than this verifier challenges at once";
        return inconclusive(InconclusiveReason::TooManyDevices, why);
    }
    let Ok(geometry) = Geometry::new(target.profile) else {
        let why = "its pool's profile is not usable";
        return inconclusive(InconclusiveReason::Interrupted, why);
    };
    let needed_until = context.fill_at.saturating_add(journal::timed_ms(&target.profile));
    if needed_until > context.slot.closes_at_ms() {
        let why = "its profile allows it more time than is left in the slot";
        return inconclusive(InconclusiveReason::Interrupted, why);
    }
    let endpoint = endpoint::check(&target.endpoint, policy.allow_private_addresses)
        .map_err(|error| Ending::fail(FailReason::ForbiddenEndpoint, error))?;
    Ok(Box::new(Conversation::begin(context, target, geometry, endpoint)))
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
    let report = |target| {
        let ending = Ending::inconclusive(InconclusiveReason::Interrupted, why);
        ending.report(duty.slot.round, target)
    };
    duty.devices.iter().map(report).collect()
}

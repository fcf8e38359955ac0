//! Holds all conversations of a round at once.

use crate::{
    DeviceReport, Duty, LOG_TARGET, MAX_DEVICES, Policy, Signer, Target,
    clock::{self, Millis},
    context::Context,
    conversation::Conversation,
    ending::Ending,
    endpoint,
    exchange::Exchange,
    lease::{Lease, Lost},
};
use alloc::{boxed::Box, collections::BTreeSet, string::String, vec::Vec};
use core::iter;
use loopin_challenge::Geometry;
use loopin_primitives::{FailReason, InconclusiveReason};

/// How often answers are looked for, in milliseconds: the resolution of all times.
const LOOK_EVERY_MS: Millis = 2;
/// How long it sleeps at once while it waits for the window to open, in milliseconds.
const SLEEP_MS: Millis = 1_000;
/// A gap between two looks, in milliseconds, after which the times taken mean nothing: the machine was suspended or
/// overloaded, or its clock was set.
const MAX_GAP_MS: Millis = 1_000;
/// Most messages and parts of openings that are checked between two looks: some milliseconds of work.
const PARTS_PER_LOOK: u32 = 8;
/// This many hosts have to be silent, or late to open, and none may have done better, before the verifier doubts its own
/// network.
const MIN_HOSTS_IN_DOUBT: usize = 3;

/// What a verifier has to do, with the secret from which its nonces follow.
pub struct Run<'a, S> {
    /// What it has to do.
    pub duty: &'a Duty<'a, S>,
    /// The same in every attempt at that round.
    pub secret: [u8; 32],
}

/// The conversation with a device, or what is said of it where there can be none.
type Begun<'a> = Result<Box<Conversation<'a>>, Box<Ending>>;

/// A conversation of a verifier, and what it has in common with the verifier's others.
type Talk<'c, 'a, S> = (&'c Context<'a, S>, &'c mut Conversation<'a>);

/// Challenges the devices of all duties of a window, and says for each duty what was found out, in the same order.
///
/// # Errors
/// Another worker took over.
pub fn run<S: Signer>(
    runs: &[Run<S>],
    policy: &Policy,
    leases: &mut [Lease],
) -> Result<Vec<Vec<DeviceReport>>, Lost> {
    let opens_at = runs
        .iter()
        .map(|run| run.duty.appointment.moments().opens_at)
        .min();
    wait_until(opens_at.unwrap_or_default(), leases)?;
    let now = clock::now();
    let contexts: Vec<_> = runs
        .iter()
        .map(|Run { duty, secret }| Context::new(&duty.appointment, duty.signer, *secret, now))
        .collect();
    let mut places = MAX_DEVICES;
    let mut begun: Vec<Vec<Begun>> = iter::zip(runs, &contexts)
        .map(|(run, context)| {
            let devices = run.duty.devices.iter().take(places);
            let begun: Vec<_> = devices.map(|target| begin(context, target, policy)).collect();
            places -= begun.len();
            begun
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
    // Verifiers come to the devices in different orders, so that no device opens to all of them at once.
    let first = runs.first().map_or(0, |run| usize::from(run.secret[0]));
    let turn = first * talks.len() / 256;
    talks.rotate_left(turn);
    talk(&mut talks, policy, leases)?;
    doubt_own_network(&mut talks);
    renew(leases, clock::now())?;
    let reports = iter::zip(runs, begun).map(|(Run { duty, .. }, begun)| {
        let report = |(target, begun): (&Target, Begun)| {
            let ending = begun.map_or_else(|ending| ending, |conversation| conversation.into_ending());
            ending.report(duty.appointment.round, target)
        };
        iter::zip(&duty.devices, begun).filter_map(report).collect()
    });
    Ok(reports.collect())
}

/// Waits for the window to open.
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

/// Begins the conversation with a device, if there can be one.
fn begin<'a, S: Signer>(context: &Context<S>, target: &'a Target, policy: &Policy) -> Begun<'a> {
    let inconclusive = |why| Err(Ending::inconclusive(InconclusiveReason::Interrupted, why));
    let Ok(geometry) = Geometry::new(target.profile) else {
        return inconclusive("its pool's profile is not usable");
    };
    if !context.appointment.window.fits(&target.profile) {
        return inconclusive("its profile allows it more time than the round's window has");
    }
    let endpoint = endpoint::check(&target.endpoint, policy.allow_private_addresses)
        .map_err(|error| Ending::fail(FailReason::ForbiddenEndpoint, error))?;
    Ok(Box::new(Conversation::begin(context, target, geometry, endpoint)))
}

/// Holds all conversations until each has ended. It ends, since every step of each has a limit.
fn talk<S: Signer>(talks: &mut [Talk<S>], policy: &Policy, leases: &mut [Lease]) -> Result<(), Lost> {
    let mut looked_at = clock::now();
    let mut first = 0;
    while talks.iter().any(|(_, conversation)| !conversation.is_done()) {
        let now = clock::now();
        renew(leases, now)?;
        if now < looked_at || now - looked_at > MAX_GAP_MS {
            log::warn!(
                target: LOG_TARGET,
                "this machine was suspended or too busy, or its clock was set: times taken meanwhile do not count",
            );
            talks
                .iter_mut()
                .for_each(|(_, conversation)| conversation.interrupt(now));
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
        begin_openings(talks, policy, now);
        let mut parts = PARTS_PER_LOOK;
        // Each gets to be first in turn.
        first = (first + 1) % talks.len();
        let (before, after) = talks.split_at_mut(first);
        for (context, conversation) in after.iter_mut().chain(before) {
            conversation.check(context, now, &mut parts);
        }
        // Where parts are left to check, nothing is waited for.
        if parts > 0 {
            clock::sleep_until(now.saturating_add(LOOK_EVERY_MS));
        }
    }
    Ok(())
}

/// Asks devices to open as far as there are places, in their order.
fn begin_openings<S: Signer>(talks: &mut [Talk<S>], policy: &Policy, now: Millis) {
    let opening = talks.iter().filter(|(_, conversation)| conversation.is_opening());
    let at_once = policy.openings_at_once.max(1) as usize;
    let places = at_once.saturating_sub(opening.count());
    for (context, conversation) in talks.iter_mut() {
        conversation.give_up_opening(context, now);
    }
    talks
        .iter_mut()
        .filter(|(_, conversation)| conversation.is_waiting_to_open())
        .take(places)
        .for_each(|(context, conversation)| conversation.open(context));
}

/// Where several hosts were called and none made a sound, it is the verifier that is cut off; where none of several sent
/// its openings in time, it is the verifier's network that is too slow for as many at once.
fn doubt_own_network<S>(talks: &mut [Talk<S>]) {
    end_if_all(
        talks,
        Conversation::is_silent,
        Conversation::is_reached,
        InconclusiveReason::Offline,
        "no device of the round could be reached: this node seems to be offline",
    );
    end_if_all(
        talks,
        Conversation::is_late_to_open,
        Conversation::has_opened,
        InconclusiveReason::Interrupted,
        "no device could send its openings in time: this node's network is too slow for as many at once",
    );
}

/// Ends the conversations that are in doubt, if those are with several hosts and none went well.
fn end_if_all<'a, S>(
    talks: &mut [Talk<'_, 'a, S>],
    is_in_doubt: impl Fn(&Conversation<'a>) -> bool,
    went_well: impl Fn(&Conversation<'a>) -> bool,
    reason: InconclusiveReason,
    why: &str,
) {
    let hosts: BTreeSet<String> = talks
        .iter()
        .filter(|(_, conversation)| is_in_doubt(conversation))
        .map(|(_, conversation)| conversation.host().into())
        .collect();
    if hosts.len() < MIN_HOSTS_IN_DOUBT || talks.iter().any(|(_, conversation)| went_well(conversation)) {
        return;
    }
    for (_, conversation) in talks.iter_mut() {
        if is_in_doubt(conversation) {
            conversation.end(Ending::inconclusive(reason, why));
        }
    }
}

/// Reports that nothing could be found out of any device of a round.
pub fn give_up<S>(duty: &Duty<S>, reason: InconclusiveReason, why: &str) -> Vec<DeviceReport> {
    let report = |target| Ending::inconclusive(reason, why).report(duty.appointment.round, target);
    duty.devices.iter().take(MAX_DEVICES).filter_map(report).collect()
}

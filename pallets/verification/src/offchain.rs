//! What a verifier's node does after every block: it challenges the devices of the round, sends its votes until the chain
//! has them, and has verdicts reached that are due.

use crate::{
    Accusation, Attestation, Attestations, Config, Convictions, FraudReports, LOG_TARGET, Members, MembersOf,
    Pallet, PrivateNetwork, RoundOf, Rounds, clock, committee::committee, crypto,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::iter;
use loopin_challenge::messages::Signature;
use loopin_offchain_worker::{Appointment, Attendance, DeviceReport, Duty, Policy, Signer, Target, attend};
use loopin_primitives::{DeviceChallenge, DeviceId, Moment, RoundId, USUAL_LAG_SECONDS};
use pallet_pools::Pallet as Pools;
use sp_core::sr25519;
use sp_runtime::RuntimeAppPublic;

/// How many devices open to a verifier at once, at most: each sends up to a megabyte.
const OPENINGS_AT_ONCE: u32 = 16;

/// A verifier of a round whose key this node holds.
struct Local<AccountId> {
    account: AccountId,
    /// Its place among the round's members.
    place: u32,
    key: crypto::Public,
}

/// A device of a round that a verifier of this node has seats for.
struct TakenSeat {
    device: DeviceId,
    /// Which of the node's verifiers has them.
    local: usize,
}

impl<AccountId> Signer for Local<AccountId> {
    fn sign(&self, digest: &[u8; 32]) -> Option<Signature> {
        let signature = self.key.sign(&digest.as_slice())?;
        Some(sr25519::Signature::from(signature).0)
    }
}

impl<T: Config> Pallet<T> {
    /// Works for all verifiers whose keys this node holds. It takes as long as the challenges if there are any.
    pub(crate) fn work_for_local_verifiers() {
        let keys = crypto::Public::all();
        if keys.is_empty() {
            return;
        }
        let clock_offset_ms = Self::clock_offset_ms();
        let Some((number, round)) = Self::current_round() else {
            return;
        };
        // The verdicts of the round before may still be due when the next one begins.
        if let Some((before, last)) = number
            .checked_sub(1)
            .and_then(|before| Some((before, Rounds::<T>::get(before)?)))
        {
            let members = Members::<T>::get(before).unwrap_or_default();
            let locals = Self::locals(&members, &keys);
            Self::conclude_due(before, &Self::taken(&last, &members, &locals));
        }
        let members = Members::<T>::get(number).unwrap_or_default();
        let locals = Self::locals(&members, &keys);
        // Drawing the committees of all devices is most of the work of a block in which nothing is due.
        let taken = Self::taken(&round, &members, &locals);
        Self::conclude_due(number, &taken);
        if Pools::<T>::now() < round.closes_at {
            Self::attend_round(number, &round, &members, &locals, taken, clock_offset_ms);
        }
    }

    /// The members of a round that sign with these keys.
    fn locals(members: &MembersOf<T>, keys: &[crypto::Public]) -> Vec<Local<T::AccountId>> {
        let held: BTreeMap<sr25519::Public, &crypto::Public> =
            keys.iter().map(|key| (key.clone().into(), key)).collect();
        iter::zip(0.., members)
            .filter_map(|(place, member)| {
                let key = *held.get(&member.key)?;
                Some(Local {
                    account: member.account.clone(),
                    place,
                    key: key.clone(),
                })
            })
            .collect()
    }

    /// Has verdicts reached that are due on devices which these verifiers have challenged.
    fn conclude_due(number: RoundId, taken: &[TakenSeat]) {
        let devices: BTreeSet<_> = taken.iter().map(|seat| seat.device).collect();
        let due = devices
            .into_iter()
            .filter(|device| Self::is_conclusion_due(number, *device));
        for device in due {
            // Somebody else's may be in the pool already.
            if Self::submit_conclusion(number, device).is_err() {
                log::debug!(target: LOG_TARGET, "round {number}: the conclusion for device {device} is under way");
            }
        }
    }

    /// Challenges the devices of the round, and submits what the chain does not have yet.
    fn attend_round(
        number: RoundId,
        round: &RoundOf<T>,
        members: &MembersOf<T>,
        locals: &[Local<T::AccountId>],
        taken: Vec<TakenSeat>,
        clock_offset_ms: Option<i64>,
    ) {
        let clock_lead_seconds = Self::clock_lead_seconds();
        let policy = Policy {
            allow_private_addresses: PrivateNetwork::<T>::get(),
            openings_at_once: OPENINGS_AT_ONCE,
        };
        let mut devices = BTreeMap::<usize, Vec<Target>>::new();
        for TakenSeat { device, local } in taken {
            if Attestations::<T>::contains_key((number, device, &locals[local].account)) {
                continue;
            }
            if let Some(challenge) = Self::challenge(number, round, members, device) {
                devices.entry(local).or_default().push(target_of(challenge));
            }
        }
        let duties: Vec<_> = devices
            .into_iter()
            .map(|(local, devices)| Duty {
                appointment: Appointment {
                    round: number,
                    round_seed: round.seed.0,
                    window: round.window,
                    verifier: locals[local].account.clone().into(),
                    genesis: Self::genesis_hash().0,
                    clock_lead_seconds,
                    clock_offset_ms,
                },
                devices,
                signer: &locals[local],
            })
            .collect();
        for (duty, attendance) in iter::zip(&duties, attend(&duties, &policy)) {
            if let Attendance::Done(reports) = attendance {
                for report in reports {
                    Self::submit_report(number, duty.signer, report);
                }
            }
        }
    }

    /// The devices for which these members of a round have seats.
    fn taken(round: &RoundOf<T>, members: &MembersOf<T>, locals: &[Local<T::AccountId>]) -> Vec<TakenSeat> {
        if locals.is_empty() {
            return Vec::new();
        }
        (0..round.device_bound)
            .flat_map(|device| {
                let committee = committee(&round.seed, device, members, round.seats);
                locals.iter().enumerate().filter_map(move |(local, member)| {
                    let has_seat = committee.iter().any(|(place, _)| *place == member.place);
                    has_seat.then_some(TakenSeat { device, local })
                })
            })
            .collect()
    }

    /// Tells the chain how a verifier votes on a device, and what fraud by the device it has found.
    fn submit_report(round: RoundId, local: &Local<T::AccountId>, report: DeviceReport) {
        let DeviceReport {
            device,
            kind,
            vote,
            evidence,
        } = report;
        if Attestations::<T>::contains_key((round, device, &local.account)) {
            return;
        }
        if let Some(evidence) = evidence {
            let accusation = Accusation {
                round,
                device,
                kind,
                claim: evidence.claim,
                agent_key: evidence.agent_key,
                signature: evidence.signature,
            };
            let is_known = Convictions::<T>::contains_key(round, device)
                || FraudReports::<T>::contains_key((round, device, &local.account));
            if !is_known
                && let digest = Self::fraud_report_digest(&local.account, &accusation, &evidence.proof)
                && let Some(signature) = local.sign(&digest)
            {
                let signature = sr25519::Signature::from_raw(signature);
                let verifier = local.account.clone();
                let submitted = Self::submit_fraud_report(verifier, accusation, evidence.proof, signature);
                log_submission(round, device, "the proof of its fraud", submitted.is_ok());
            }
        }
        let attestation = Attestation {
            round,
            device,
            verifier: local.account.clone(),
            kind,
            vote,
        };
        if let Some(signature) = local.sign(&Self::attestation_digest(&attestation)) {
            let signature = sr25519::Signature::from_raw(signature);
            let submitted = Self::submit_attestation(attestation, signature);
            log_submission(round, device, "the attestation", submitted.is_ok());
        }
    }

    /// How far the machine's time is from what the last blocks say. Not on a private network, where all clocks are of one
    /// machine and can be made to jump.
    fn clock_offset_ms() -> Option<i64> {
        if PrivateNetwork::<T>::get() {
            return None;
        }
        let block_ms = Pools::<T>::now().saturating_mul(1_000);
        clock::offset_after_block(sp_io::offchain::timestamp().unix_millis(), block_ms)
    }

    /// How many seconds the machine's time is ahead of the chain's, if that is more than a block can lag behind. Only on a
    /// private network, where the chain can be made to jump ahead; anywhere else the machine's time counts.
    fn clock_lead_seconds() -> i64 {
        if !PrivateNetwork::<T>::get() {
            return 0;
        }
        let chain: Moment = Pools::<T>::now();
        let machine: Moment = sp_io::offchain::timestamp().unix_millis() / 1_000;
        if machine.abs_diff(chain) <= USUAL_LAG_SECONDS {
            return 0;
        }
        machine.cast_signed().saturating_sub(chain.cast_signed())
    }
}

fn target_of(challenge: DeviceChallenge) -> Target {
    Target {
        device: challenge.device,
        profile: challenge.profile,
        kind: challenge.kind,
        agent_key: challenge.agent_key,
        endpoint: challenge.endpoint,
        committee: challenge.committee,
    }
}

fn log_submission(round: RoundId, device: DeviceId, what: &str, is_accepted: bool) {
    if is_accepted {
        log::debug!(target: LOG_TARGET, "round {round}: {what} on device {device} is on its way");
    } else {
        log::debug!(target: LOG_TARGET, "round {round}: {what} on device {device} is not accepted, or on its way already");
    }
}

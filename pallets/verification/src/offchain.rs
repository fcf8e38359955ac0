//! What a verifier's node does after every block: it challenges the devices whose time slots have come, sends its votes
//! until the chain has them, and has verdicts reached that are due.

use crate::{
    Accusation, Attestation, Attestations, Config, Convictions, FraudReports, Keys, LOG_TARGET, Members,
    Pallet, PrivateNetwork, RoundOf, Rounds, crypto, rounds::seat_of,
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::iter;
use loopin_challenge::messages::Signature;
use loopin_offchain_worker::{Attendance, DeviceReport, Duty, Policy, Signer, Slot, Target, attend};
use loopin_primitives::{DeviceChallenge, DeviceId, Moment, RoundId, USUAL_LAG_SECONDS};
use pallet_pools::Pallet as Pools;
use sp_core::sr25519;
use sp_runtime::RuntimeAppPublic;

/// How many devices a verifier challenges in one slot, at most. Each takes some network packets of memory, and some
/// milliseconds to check.
const DEVICES_AT_ONCE: u32 = 256;
/// How long devices get to prepare, in milliseconds.
const PREPARE_MS: u32 = 3_000;

/// A verifier whose key this node holds.
struct Local<AccountId> {
    account: AccountId,
    key: crypto::Public,
}

/// A seat that a verifier of this node has in the committee for a device.
struct TakenSeat {
    device: DeviceId,
    /// Which of the node's verifiers has it.
    local: usize,
    seat: u32,
}

impl<AccountId> Signer for Local<AccountId> {
    fn sign(&self, digest: &[u8; 32]) -> Option<Signature> {
        let signature = self.key.sign(&digest.as_slice())?;
        Some(sr25519::Signature::from(signature).0)
    }
}

impl<T: Config> Pallet<T> {
    /// Works for all verifiers whose keys this node holds. It takes as long as a time slot if one has come.
    pub(crate) fn work_for_local_verifiers() {
        let locals: Vec<_> = crypto::Public::all()
            .into_iter()
            .filter_map(|key| {
                let account = Keys::<T>::get(sr25519::Public::from(key.clone()))?;
                Some(Local { account, key })
            })
            .collect();
        let Some((number, round)) = Self::current_round() else {
            return;
        };
        if locals.is_empty() {
            return;
        }
        // The verdicts of the round before may still be due when the next one begins.
        if let Some((before, last)) = number
            .checked_sub(1)
            .and_then(|before| Some((before, Rounds::<T>::get(before)?)))
        {
            Self::conclude_due(before, &Self::seats_of(before, &last, &locals));
        }
        // Drawing the committees of all devices is most of the work of a block in which no slot has come.
        let taken = Self::seats_of(number, &round, &locals);
        Self::conclude_due(number, &taken);
        if Pools::<T>::now() < round.closes_at() {
            Self::attend_slots(number, &round, &locals, taken);
        }
    }

    /// Has verdicts reached that are due on devices which these verifiers have challenged.
    fn conclude_due(number: RoundId, taken: &[TakenSeat]) {
        let due = taken
            .iter()
            .map(|seat| seat.device)
            .filter(|device| Self::is_conclusion_due(number, *device));
        for device in due {
            // Somebody else's may be in the pool already.
            if Self::submit_conclusion(number, device).is_err() {
                log::debug!(target: LOG_TARGET, "round {number}: the conclusion for device {device} is under way");
            }
        }
    }

    /// Challenges the devices of the time slot that has come, and submits what the chain does not have yet.
    fn attend_slots(
        number: RoundId,
        round: &RoundOf<T>,
        locals: &[Local<T::AccountId>],
        taken: Vec<TakenSeat>,
    ) {
        let members = Members::<T>::get(number).unwrap_or_default();
        let clock_lead_seconds = Self::clock_lead_seconds();
        let policy = Policy {
            allow_private_addresses: PrivateNetwork::<T>::get(),
            devices_at_once: DEVICES_AT_ONCE,
            prepare_ms: PREPARE_MS,
        };
        let mut slots = BTreeMap::<u32, BTreeMap<usize, Vec<Target>>>::new();
        for TakenSeat { device, local, seat } in taken {
            if Attestations::<T>::contains_key((number, device, &locals[local].account)) {
                continue;
            }
            if let Some(challenge) = Self::challenge(number, round, &members, device) {
                let devices = slots.entry(seat).or_default().entry(local).or_default();
                devices.push(target_of(challenge));
            }
        }
        for (seat, devices) in slots {
            let duties: Vec<_> = devices
                .into_iter()
                .map(|(local, devices)| Duty {
                    slot: Slot {
                        round: number,
                        opens_at: round.slot_opens_at(seat),
                        closes_at: round.slot_closes_at(seat),
                        verifier: locals[local].account.clone().into(),
                        genesis: Self::genesis_hash().0,
                        block: frame_system::Pallet::<T>::parent_hash().0,
                        clock_lead_seconds,
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
    }

    /// The seats that these verifiers have in a round.
    fn seats_of(number: RoundId, round: &RoundOf<T>, locals: &[Local<T::AccountId>]) -> Vec<TakenSeat> {
        let members = Members::<T>::get(number).unwrap_or_default();
        let places: Vec<_> = locals
            .iter()
            .enumerate()
            .filter_map(|(index, local)| {
                let place = members.binary_search(&local.account).ok()?;
                Some((index, place as u32))
            })
            .collect();
        (0..round.device_bound)
            .flat_map(|device| {
                places.iter().filter_map(move |(index, place)| {
                    Some(TakenSeat {
                        device,
                        local: *index,
                        seat: seat_of(round, device, *place)?,
                    })
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
                verifier: local.account.clone(),
                kind,
                claim: evidence.claim,
                agent_key: evidence.agent_key,
                signature: evidence.signature,
            };
            let is_known = Convictions::<T>::contains_key(round, device)
                || FraudReports::<T>::contains_key((round, device, &local.account));
            if !is_known
                && let Some(signature) = local.sign(&Self::fraud_report_digest(&accusation, &evidence.proof))
            {
                let signature = sr25519::Signature::from_raw(signature);
                let submitted = Self::submit_fraud_report(accusation, evidence.proof, signature);
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
    }
}

fn log_submission(round: RoundId, device: DeviceId, what: &str, is_accepted: bool) {
    if is_accepted {
        log::debug!(target: LOG_TARGET, "round {round}: {what} on device {device} is on its way");
    } else {
        log::debug!(target: LOG_TARGET, "round {round}: {what} on device {device} is not accepted, or on its way already");
    }
}

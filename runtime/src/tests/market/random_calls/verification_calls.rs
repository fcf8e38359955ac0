//! Calls of verifiers: their bonds and keys, and what they attest of devices in their rounds, signed as on the chain.

use super::{AGENTS, Dice, Proposal, Run};
use crate::{
    AccountId, Devices, Rentals, Runtime, RuntimeOrigin, System, Verification,
    constants::currency::LOOPIN,
    tests::market::{POOL, now},
};
use loopin_challenge::{
    Claim, FraudProof, Geometry, Profile, Sample,
    classes::{CPU_REFERENCE, LIGHT},
    messages::{Assignment, Message, OpenAnswer, WalkAnswer},
    synthetic::SyntheticProof,
};
use loopin_primitives::{ChallengeKind, DeviceId, FailReason, InconclusiveReason, Pass, RoundId, Vote};
use pallet_devices::ChallengeTarget;
use pallet_verification::{Accusation, Attestation, RoundOf, committee::seats};
use sp_core::{Pair, sr25519};
use sp_keyring::Sr25519Keyring;
use std::{collections::BTreeSet, sync::LazyLock};

/// Keys that verifiers' nodes sign with; the last is that of the verifier of the genesis.
static KEYS: LazyLock<Vec<sr25519::Pair>> = LazyLock::new(|| {
    (0..10u8)
        .map(|number| sr25519::Pair::from_seed(&[number + 1; 32]))
        .chain([Sr25519Keyring::Alice.pair()])
        .collect()
});
/// Devices that a committee is asked about in a round that is played.
const DEVICES_OF_A_ROUND: u32 = 12;

/// What a verifier says of a device.
#[derive(Clone, Copy)]
enum Answer {
    Pass,
    Fail,
    Unknown,
    Silence,
}

/// Somebody changes something about a bond, or asks for a verdict.
pub fn verifier_call(dice: &mut Dice) -> Proposal {
    let key = dice.pick(&KEYS).public();
    let verifier = dice.pick(&verifiers());
    match dice.below(24) {
        0..=5 => {
            let amount = 900 * LOOPIN + u128::from(dice.below(1_000)) * LOOPIN;
            (pallet_verification::Call::bond { amount, key }.into(), None)
        }
        6..=9 => {
            let additional = dice.amount();
            let call = pallet_verification::Call::bond_extra { additional };
            (call.into(), Some(verifier))
        }
        10..=11 => (pallet_verification::Call::set_key { key }.into(), Some(verifier)),
        12 if dice.one_in(4) => (pallet_verification::Call::unbond {}.into(), Some(verifier)),
        13..=15 => (pallet_verification::Call::withdraw_bond {}.into(), Some(verifier)),
        16..=19 => (pallet_verification::Call::resume {}.into(), Some(verifier)),
        _ => {
            let device = dice.device();
            let last = pallet_verification::CurrentRound::<Runtime>::get();
            let round = last.saturating_sub(dice.below(3));
            (pallet_verification::Call::conclude { round, device }.into(), None)
        }
    }
}

/// All verifiers, and somebody who may be none.
fn verifiers() -> Vec<AccountId> {
    pallet_verification::Verifiers::<Runtime>::iter_keys()
        .chain([Sr25519Keyring::Bob.to_account_id()])
        .collect()
}

/// Who attests whatever comes to its mind, when it is a verifier.
fn unreliable() -> AccountId {
    Sr25519Keyring::Ferdie.to_account_id()
}

impl Run {
    /// The committees of the present round challenge some devices, and when the round is over somebody concludes.
    pub fn play_round(&mut self) {
        let Some((number, round)) = Verification::current_round() else {
            return;
        };
        let devices: BTreeSet<DeviceId> = (0..DEVICES_OF_A_ROUND).map(|_| self.dice.device()).collect();
        let devices: Vec<DeviceId> = devices.into_iter().collect();
        let truths: Vec<Answer> = devices.iter().map(|_| self.truth()).collect();
        let early = round.window.fill_at.saturating_sub(now());
        if early > 0 {
            self.next_block(early.max(6));
        }
        for seat in 0..round.seats {
            for (device, truth) in devices.iter().zip(&truths) {
                self.attest(number, &round, *device, seat, *truth);
            }
            if self.dice.one_in(3) {
                self.next_block(6);
            }
            if self.dice.one_in(20) {
                let device = self.dice.pick(&devices);
                self.accuse(number, &round, device, seat);
            }
        }
        let left = round.closes_at.saturating_sub(now());
        if !self.dice.one_in(10) {
            self.next_block(left.max(6));
        }
        for device in devices {
            let call = pallet_verification::Call::conclude {
                round: number,
                device,
            };
            if self.dice.one_in(5) {
                let who = self.dice.account();
                self.make(RuntimeOrigin::signed(who), call);
            } else {
                self.make_feeless(call);
            }
        }
    }

    /// What there is to see of a device.
    fn truth(&mut self) -> Answer {
        match self.dice.below(20) {
            0..=1 => Answer::Fail,
            2 => Answer::Unknown,
            3 => Answer::Silence,
            _ => Answer::Pass,
        }
    }

    /// A verifier attests what there is to see, or at times something else.
    fn attest(
        &mut self,
        number: RoundId,
        round: &RoundOf<Runtime>,
        device: DeviceId,
        seat: u32,
        truth: Answer,
    ) {
        let Some((verifier, target)) = case(number, round, device, seat) else {
            return;
        };
        let answer = if verifier == unreliable() {
            self.dice.pick(&[Answer::Pass, Answer::Fail, Answer::Silence])
        } else if self.dice.one_in(15) {
            self.truth()
        } else {
            truth
        };
        let kind = kind_where(Rentals::rented_until(device).is_none());
        // Nobody is to trouble a device that is rented, unless its client has asked for that.
        if kind == ChallengeKind::Light && !target.check_requested && !self.dice.one_in(20) {
            return;
        }
        let vote = match answer {
            Answer::Pass => Vote::Pass(self.pass(number, round, device, &verifier, &target, kind)),
            Answer::Fail => Vote::Fail(FailReason::Late.into()),
            Answer::Unknown => Vote::Inconclusive(InconclusiveReason::Offline),
            Answer::Silence => return,
        };
        let attestation = Attestation {
            round: number,
            device,
            verifier,
            kind,
            vote,
        };
        let Some(signer) = self.signer(&attestation.verifier) else {
            return;
        };
        let signature = signer.sign(&Verification::attestation_digest(&attestation));
        self.make_feeless(pallet_verification::Call::attest {
            attestation,
            signature,
        });
    }

    /// What a device shows when it passes: work below, at and above the benchmark, and any privacy.
    fn pass(
        &mut self,
        number: RoundId,
        round: &RoundOf<Runtime>,
        device: DeviceId,
        verifier: &AccountId,
        target: &ChallengeTarget,
        kind: ChallengeKind,
    ) -> Pass {
        let profile = profile(target, kind);
        let benchmark = crate::Pools::terms(target.pool).map_or(1, |terms| terms.benchmark_gops);
        let geometry = Geometry::new(profile).expect("profiles of genesis pools are usable");
        let least = geometry.gops(profile.limits.fill_ms.into());
        let work_gops = match self.dice.below(60) {
            0 => 0,
            1 => u64::MAX,
            2 => geometry.gops(1),
            3..=15 => least + self.dice.below(benchmark),
            _ => (benchmark * (90 + self.dice.below(20)) / 100).max(least),
        };
        let privacy = self.dice.pick(&[0, 10, 20, 25, 25, 25, 50, 100]) + u8::from(self.dice.one_in(50));
        let answer = OpenAnswer {
            assignment: assignment(number, round, device, profile),
            verifier: verifier.clone().into(),
            claim: if self.dice.one_in(30) { [2; 32] } else { [1; 32] },
            openings: [3; 32],
        };
        Pass {
            work_gops,
            walk_ms: 1,
            privacy,
            claim: answer.claim,
            openings: answer.openings,
            agent_key: target.agent_key,
            signature: agent_signature(target, &answer.digest()),
        }
    }

    /// Somebody reports that a device has lied, which may be true. All lies are those of one class of devices.
    fn accuse(&mut self, number: RoundId, round: &RoundOf<Runtime>, device: DeviceId, seat: u32) {
        let Some((verifier, target)) = case(number, round, device, seat) else {
            return;
        };
        let kind = kind_where(target.pool == *POOL);
        let stories = if self.dice.one_in(2) { &LIES } else { &TRUTHS };
        let (claim, proof) = stories[usize::from(kind == ChallengeKind::Full)].clone();
        let profile = profile(&target, kind);
        let answer = WalkAnswer {
            assignment: assignment(number, round, device, profile),
            claim,
        };
        let signature = agent_signature(&target, &answer.digest());
        let accusation = Accusation {
            round: number,
            device,
            kind,
            claim,
            agent_key: target.agent_key,
            signature,
        };
        let proof = Box::new(proof);
        if self.dice.one_in(2) {
            let who = self.dice.account();
            let call = pallet_verification::Call::dispute { accusation, proof };
            self.make(RuntimeOrigin::signed(who), call);
            return;
        }
        if let Some(signer) = self.signer(&verifier) {
            let signature = signer.sign(&Verification::fraud_report_digest(&verifier, &accusation, &proof));
            self.make_feeless(pallet_verification::Call::report_fraud {
                verifier,
                accusation,
                proof,
                signature,
            });
        }
    }

    /// The key of that verifier; at times that of somebody else.
    fn signer(&mut self, verifier: &AccountId) -> Option<sr25519::Pair> {
        if self.dice.one_in(100) {
            return Some(self.dice.pick(&KEYS));
        }
        let key = Verification::verifier(verifier)?.key;
        KEYS.iter().find(|pair| pair.public() == key).cloned()
    }
}

/// The verifier in that seat for the device, and the device.
fn case(
    number: RoundId,
    round: &RoundOf<Runtime>,
    device: DeviceId,
    seat: u32,
) -> Option<(AccountId, ChallengeTarget)> {
    let target = Devices::target(device)?;
    let members = pallet_verification::Members::<Runtime>::get(number)?;
    let places = seats(&round.seed, device, &members, round.seats);
    let verifier = members.get(*places.get(seat as usize)? as usize)?;
    Some((verifier.account.clone(), target))
}

/// What the device is asked to do.
fn profile(target: &ChallengeTarget, kind: ChallengeKind) -> Profile {
    match kind {
        ChallengeKind::Full => crate::Pools::terms(target.pool).map_or(LIGHT, |terms| terms.challenge),
        ChallengeKind::Light => LIGHT,
    }
}

fn kind_where(full: bool) -> ChallengeKind {
    if full {
        ChallengeKind::Full
    } else {
        ChallengeKind::Light
    }
}

/// What is asked of the device in that round.
fn assignment(number: RoundId, round: &RoundOf<Runtime>, device: DeviceId, profile: Profile) -> Assignment {
    Assignment {
        genesis: System::block_hash(0).0,
        round: number,
        round_seed: round.seed.0,
        device: device.into(),
        profile,
    }
}

/// What the device's agent signs. There are two agents, and owners change them.
fn agent_signature(target: &ChallengeTarget, digest: &[u8; 32]) -> [u8; 64] {
    let is_first = target.agent_key == AGENTS[0].public().0;
    AGENTS[usize::from(!is_first)].sign(digest).0
}

/// A claim and a true opening of it, for the light challenge and for that of the reference pool.
static TRUTHS: LazyLock<[(Claim, FraudProof); 2]> =
    LazyLock::new(|| [LIGHT, CPU_REFERENCE.profile].map(|profile| openings(profile).swap_remove(5)));

/// A claim and an opening that shows it false: from another seed other entries follow.
static LIES: LazyLock<[(Claim, FraudProof); 2]> = LazyLock::new(|| {
    [LIGHT, CPU_REFERENCE.profile].map(|profile| {
        let geometry = Geometry::new(profile).expect("known profiles are usable");
        openings(profile)
            .into_iter()
            .map(|(claim, proof)| {
                (
                    Claim {
                        seed: [9; 32],
                        ..claim
                    },
                    proof,
                )
            })
            .find(|(claim, proof)| proof.check(&geometry, claim).is_ok())
            .expect("nearly all of them")
    })
});

fn openings(profile: Profile) -> Vec<(Claim, FraudProof)> {
    let geometry = Geometry::new(profile).expect("known profiles are usable");
    let sample_seed = [3; 32];
    let proof = SyntheticProof::new(&geometry, [1; 32], [2; 32], &sample_seed);
    let sample = Sample::draw(&geometry, &sample_seed);
    sample
        .entries
        .iter()
        .zip(&proof.openings.entries)
        .map(|(entry, opening)| {
            let proof_of_entry = FraudProof::Entry {
                entry: *entry,
                opening: opening.clone(),
            };
            (proof.claim, proof_of_entry)
        })
        .collect()
}

//! `dispute` and `report_fraud`.

use crate::{mock::*, *};
use codec::{Encode, MaxEncodedLen};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, pallet_prelude::Pays};
use loopin_challenge::{
    Claim, FraudProof, Geometry, Sample,
    profile::{MAX_CHUNK, MAX_N},
    synthetic::SyntheticProof,
};
use loopin_primitives::{
    ChallengeKind::{self, Full, Light},
    Standing, Verdict,
};
use pallet_devices::Conviction;
use sp_core::Pair;
use sp_runtime::DispatchError;
use std::sync::LazyLock;

const CONVICTION: Conviction = Conviction {
    reward: DEPOSIT / 2,
    burned: DEPOSIT / 2,
};

/// A claim, and openings of it all of which are true.
fn honest(kind: ChallengeKind) -> (Claim, Vec<FraudProof>) {
    let geometry = Geometry::new(profile(kind)).unwrap();
    let sample_seed = [3; 32];
    let proof = SyntheticProof::new(&geometry, [1; 32], [2; 32], &sample_seed);
    let sample = Sample::draw(&geometry, &sample_seed);
    let proofs = sample
        .entries
        .iter()
        .zip(&proof.openings.entries)
        .map(|(entry, opening)| FraudProof::Entry {
            entry: *entry,
            opening: opening.clone(),
        })
        .collect();
    (proof.claim, proofs)
}

/// A false claim, and a proof that it is false: another seed leads to other entries.
fn lie(kind: ChallengeKind) -> (Claim, FraudProof) {
    let (mut claim, proofs) = honest(kind);
    claim.seed = [9; 32];
    let geometry = Geometry::new(profile(kind)).unwrap();
    let proof = proofs
        .into_iter()
        .find(|proof| proof.check(&geometry, &claim).is_ok() && proof_side(proof) == geometry.n())
        .expect("nearly all of them");
    (claim, proof)
}

/// What the device's agent has signed after the walk in the present round.
fn accusation(device: u32, kind: ChallengeKind, claim: Claim) -> Accusation {
    Accusation {
        round: CurrentRound::<Test>::get(),
        device,
        kind,
        claim,
        agent_key: pair(AGENT).public().0,
        signature: committed(device, profile(kind), &claim),
    }
}

/// A device that has lied, in a round that has begun.
fn stage() -> (u32, Accusation, FraudProof) {
    let device = register_verified();
    begin_round();
    take_events();
    let (claim, proof) = lie(Full);
    (device, accusation(device, Full, claim), proof)
}

fn dispute(accusation: &Accusation, proof: FraudProof) -> Result<(), DispatchError> {
    Verification::dispute(origin(BYSTANDER), *accusation, Box::new(proof))
        .map(|_| ())
        .map_err(|error| error.error)
}

fn report_call(reporter: u8, accusation: &Accusation, proof: FraudProof) -> Call<Test> {
    let verifier = account(reporter);
    let digest = Verification::fraud_report_digest(&verifier, accusation, &proof);
    Call::report_fraud {
        verifier,
        accusation: *accusation,
        proof: Box::new(proof),
        signature: pair(reporter).sign(&digest),
    }
}

mod disputes {
    use super::*;

    #[test]
    fn a_liar_is_ejected_at_once_and_its_deposit_forfeited() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accusation, proof) = stage();
            let info = Verification::dispute(origin(BYSTANDER), accusation, Box::new(proof)).unwrap();
            assert_eq!(info.pays_fee, Pays::No);
            assert_eq!(standing(device), Standing::Ejected);
            assert_eq!(free(BYSTANDER), ENDOWMENT + DEPOSIT / 2);
            assert_eq!(free(OWNER), ENDOWMENT - DEPOSIT);
            assert_eq!(Convictions::<Test>::get(1, device), Some(CONVICTION));
            assert_eq!(take_messages(), [Told::Verdict(device, Verdict::Failed, Full)]);
            assert_eq!(
                Verification::last_verdict(device).map(|last| (last.round, last.verdict)),
                Some((1, Verdict::Failed))
            );
            assert_eq!(
                take_events(),
                [Event::FraudProven {
                    round: 1,
                    device,
                    reporter: account(BYSTANDER),
                    conviction: CONVICTION,
                }]
            );
        });
    }

    #[test]
    fn standing_protects_nobody_and_only_those_with_a_stake_are_ejected_from_it() {
        for (history, had_stake) in [
            (&[][..], false),
            (&[PASSED, Verdict::Failed][..], true),
            (&[PASSED, Verdict::Failed, Verdict::Failed][..], false),
        ] {
            ExternalityBuilder::default().build_and_execute(|| {
                let device = register();
                for verdict in history {
                    record(device, &[*verdict]);
                    if *verdict == PASSED {
                        provide(device);
                    }
                }
                assert_eq!(is_staked(device), had_stake);
                begin_round();
                let (claim, proof) = lie(Full);
                assert_ok!(dispute(&accusation(device, Full, claim), proof));
                assert_eq!(standing(device), Standing::Ejected);
                assert!(!is_staked(device));
            });
        }
    }

    #[test]
    fn a_lie_in_the_light_challenge_counts_as_well() {
        ExternalityBuilder::default().build_and_execute(|| {
            let device = register_verified();
            begin_round();
            let (claim, proof) = lie(Light);
            let mut accusation = accusation(device, Light, claim);
            accusation.kind = Full;
            assert_noop!(
                dispute(&accusation, proof.clone()),
                Error::<Test>::WrongAgentSignature
            );
            accusation.kind = Light;
            assert_ok!(dispute(&accusation, proof));
        });
    }

    #[test]
    fn a_false_read_of_the_walk_is_a_lie() {
        ExternalityBuilder::default().build_and_execute(|| {
            let device = register_verified();
            begin_round();
            let geometry = Geometry::new(profile(Full)).unwrap();
            let sample_seed = [3; 32];
            let honest = SyntheticProof::new(&geometry, [1; 32], [2; 32], &sample_seed);
            let lane = Sample::draw(&geometry, &sample_seed).lanes[0];
            let opening = &honest.openings.lanes[0];
            // Between two seeds of the walk only the first state differs in where it comes from; the others are
            // read with other keys.
            let claim = Claim {
                walk_seed: [8; 32],
                ..honest.claim
            };
            let proof = FraudProof::Read {
                lane,
                read: 1,
                trace: opening.trace,
                path: opening.path.clone(),
                chunk: opening.reads[1].clone(),
            };
            assert_eq!(proof_side(&proof), MAX_CHUNK);
            assert_ok!(dispute(&accusation(device, Full, claim), proof));
        });
    }

    #[test]
    fn honest_devices_are_not_convicted() {
        ExternalityBuilder::default().build_and_execute(|| {
            let device = register_verified();
            begin_round();
            let (claim, proofs) = honest(Full);
            for proof in proofs {
                assert_noop!(
                    dispute(&accusation(device, Full, claim), proof),
                    Error::<Test>::DeviceHonest
                );
            }
            let other = Claim {
                state_root: [1; 32],
                ..claim
            };
            let (_, proof) = lie(Full);
            assert_noop!(
                dispute(&accusation(device, Full, other), proof),
                Error::<Test>::UnfoundedProof
            );
        });
    }

    #[test]
    fn a_device_answers_only_for_what_its_agent_has_signed() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accusation, proof) = stage();
            // What it has signed for a verifier that it has opened to.
            let other = opened(device, seats(device)[1], profile(Full), &accusation.claim);
            for change in [
                &(|accusation: &mut Accusation| accusation.signature[0] ^= 1) as &dyn Fn(&mut Accusation),
                &|accusation| accusation.claim.walk_root = [0; 32],
                &|accusation| accusation.signature = other,
            ] {
                let mut changed = accusation;
                change(&mut changed);
                assert_noop!(
                    dispute(&changed, proof.clone()),
                    Error::<Test>::WrongAgentSignature
                );
            }
        });
    }

    #[test]
    fn a_liar_is_punished_once_for_a_round() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, first, proof) = stage();
            let second = accusation(device, Full, lie(Full).0);
            assert_ok!(dispute(&first, proof.clone()));
            for again in [first, second] {
                assert_noop!(dispute(&again, proof.clone()), Error::<Test>::AlreadyConvicted);
            }
        });
    }

    #[test]
    fn a_convicted_device_is_out_until_it_has_a_deposit_and_a_round_again() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accused, proof) = stage();
            assert_ok!(vote(device, 0, Answer::Pass(100, 25)));
            assert_ok!(dispute(&accused, proof));
            assert_eq!(vote(device, 1, Answer::Pass(100, 25)), refused(Error::NotInRound));
            assert_eq!(Verification::challenge_of(device), None);
            assert_ok!(Devices::update_device(
                origin(OWNER),
                device,
                pair(AGENT).public(),
                endpoint()
            ));
            end_round();
            assert_eq!(conclude(device), refused(Error::AlreadyConcluded));
            whole_round(device, &[Answer::Pass(100, 25); 3]);
            assert_eq!(standing(device), Standing::Verified);
        });
    }

    #[test]
    fn changing_the_agents_key_does_not_help() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accusation, proof) = stage();
            assert_ok!(Devices::update_device(
                origin(OWNER),
                device,
                pair(1).public(),
                endpoint()
            ));
            assert_ok!(dispute(&accusation, proof));
        });
    }

    #[test]
    fn rounds_can_be_disputed_as_long_as_they_are_remembered() {
        for (rounds_later, outcome) in [
            (3, Ok(())),
            (4, Err(DispatchError::from(Error::<Test>::UnknownRound))),
        ] {
            ExternalityBuilder::default().build_and_execute(|| {
                let (_, accusation, proof) = stage();
                for _ in 0..rounds_later {
                    begin_round();
                }
                assert_eq!(dispute(&accusation, proof), outcome);
            });
        }
    }

    #[test]
    fn an_old_lie_does_not_undo_a_newer_verdict_of_the_record() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accusation, proof) = stage();
            whole_round(device, &[Answer::Pass(100, 25); 3]);
            assert_ok!(dispute(&accusation, proof));
            assert_eq!(standing(device), Standing::Ejected);
            // Round 2 is not concluded a second time.
            assert_eq!(
                Verification::last_verdict(device).map(|last| (last.round, last.verdict)),
                Some((2, Verdict::Failed))
            );
        });
    }

    #[test]
    fn where_the_ejection_fails_nothing_has_happened() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accusation, proof) = stage();
            provide(device);
            without_pool(|| {
                assert_noop!(
                    dispute(&accusation, proof),
                    pallet_pools::Error::<Test>::UnknownPool
                );
            });
        });
    }

    #[test]
    fn a_dispute_is_charged_by_the_length_of_its_rows() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accusation, proof) = stage();
            provide(device);
            wait(2 * 3_600);
            let call = Call::<Test>::dispute {
                accusation,
                proof: Box::new(proof.clone()),
            };
            let weight = <() as WeightInfo>::dispute()
                + <() as WeightInfo>::check_proof(256)
                + Devices::conviction_weight()
                + VERDICT_WEIGHT;
            assert_eq!(
                call.get_dispatch_info().call_weight,
                weight + Pools::most_sync_weight()
            );
            let info = Verification::dispute(origin(BYSTANDER), accusation, Box::new(proof));
            assert_eq!(info.unwrap().actual_weight, Some(weight + sync_weight(3)));

            let (_, proofs) = honest(Full);
            // The base's rows are made by whoever checks.
            assert_eq!(proof_side(&proofs[0]), MAX_N);
        });
    }

    #[test]
    fn proofs_are_bounded_and_calls_are_small_in_memory() {
        assert!(FraudProof::max_encoded_len() < 80_000);
        assert!(size_of::<Call<Test>>() <= 512, "{}", size_of::<Call<Test>>());
        let (_, proof) = lie(Full);
        assert!(proof.encode().len() < FraudProof::max_encoded_len());
    }
}

mod reports {
    use super::*;

    #[test]
    fn a_member_of_the_committee_reports_without_a_fee() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accusation, proof) = stage();
            let reporter = seats(device)[0];
            assert_ok!(submit(report_call(reporter, &accusation, proof)));
            assert_eq!(standing(device), Standing::Ejected);
            assert_eq!(free(reporter), ENDOWMENT - BOND + DEPOSIT / 2);
            assert_eq!(verifier(reporter).strikes, 0);
            assert_eq!(
                take_events(),
                [Event::FraudProven {
                    round: 1,
                    device,
                    reporter: account(reporter),
                    conviction: CONVICTION,
                }]
            );
        });
    }

    #[test]
    fn a_false_report_strikes_and_cannot_be_repeated() {
        ExternalityBuilder::default().build_and_execute(|| {
            let device = register_verified();
            begin_round();
            take_events();
            let (claim, proofs) = honest(Full);
            let accusation = accusation(device, Full, claim);
            let reporter = seats(device)[0];
            assert_ok!(submit(report_call(reporter, &accusation, proofs[0].clone())));
            assert_eq!(verifier(reporter).strikes, 2);
            assert_eq!(standing(device), Standing::Verified);
            assert_eq!(
                take_events(),
                [
                    Event::ReportRefused {
                        round: 1,
                        device,
                        verifier: account(reporter),
                        error: Error::<Test>::DeviceHonest.into(),
                    },
                    Event::Struck {
                        who: account(reporter),
                        misconduct: Misconduct::FalseReport,
                        round: 1,
                        device,
                        strikes: 2,
                    }
                ]
            );
            // Neither the same, nor another.
            for proof in [&proofs[0], &proofs[1]] {
                assert_noop!(
                    submit(report_call(reporter, &accusation, proof.clone())),
                    refused(Error::AlreadyReported).unwrap_err()
                );
            }
        });
    }

    #[test]
    fn what_the_agent_has_not_signed_is_a_false_report() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, mut accusation, proof) = stage();
            accusation.signature = [1; 64];
            let reporter = seats(device)[0];
            assert_ok!(submit(report_call(reporter, &accusation, proof)));
            assert_eq!(verifier(reporter).strikes, 2);
        });
    }

    #[test]
    fn what_cannot_be_carried_out_is_not_the_reporters_fault_and_not_repeated() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accusation, proof) = stage();
            provide(device);
            let reporter = seats(device)[0];
            let call = report_call(reporter, &accusation, proof.clone());
            assert_ok!(without_pool(|| submit(call)));
            assert_eq!(verifier(reporter).strikes, 0);
            assert_eq!(Convictions::<Test>::get(1, device), None);
            assert_noop!(
                submit(report_call(reporter, &accusation, proof.clone())),
                refused(Error::AlreadyReported).unwrap_err()
            );
            // Anybody can still dispute.
            assert_ok!(dispute(&accusation, proof));
        });
    }

    #[test]
    fn who_may_not_report_is_refused() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, accusation, proof) = stage();
            let refusal = |call, error| {
                assert_noop!(submit(call), refused(error).unwrap_err());
            };

            let reporter = seats(device)[0];
            // Signed by another's key, or for another proof.
            let Call::report_fraud { signature, .. } = report_call(reporter, &accusation, proof.clone())
            else {
                panic!("a report")
            };
            let (_, other_proofs) = honest(Full);
            refusal(
                Call::report_fraud {
                    verifier: account(reporter),
                    accusation,
                    proof: Box::new(other_proofs[0].clone()),
                    signature,
                },
                Error::WrongVerifierSignature,
            );
            let outsiders = seats(device);
            let outsider = (0..5).find(|seed| !outsiders.contains(seed)).unwrap();
            refusal(
                report_call(outsider, &accusation, proof.clone()),
                Error::NotInCommittee,
            );

            let mut unknown = accusation;
            unknown.round = 2;
            refusal(
                report_call(reporter, &unknown, proof.clone()),
                Error::UnknownRound,
            );
            unknown = accusation;
            unknown.device = 7;
            refusal(report_call(reporter, &unknown, proof.clone()), Error::NotInRound);

            assert_ok!(dispute(&accusation, proof.clone()));
            refusal(report_call(reporter, &accusation, proof), Error::AlreadyConvicted);
        });
    }

    #[test]
    fn it_needs_the_authorisation_of_what_it_carries() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (_, accusation, proof) = stage();
            for origin in [origin(0), RuntimeOrigin::none(), RuntimeOrigin::root()] {
                assert_noop!(
                    Verification::report_fraud(
                        origin,
                        account(0),
                        accusation,
                        Box::new(proof.clone()),
                        sp_core::sr25519::Signature::from_raw([0; 64])
                    ),
                    DispatchError::BadOrigin
                );
            }
        });
    }
}

/// Accuses a device of what its agent has signed for that seat in the present round: rightly or not.
pub fn accuse(device: u32, seat: usize, is_report: bool, is_true: bool) {
    static LIE: LazyLock<(Claim, FraudProof)> = LazyLock::new(|| lie(Full));
    static TRUTH: LazyLock<(Claim, Vec<FraudProof>)> = LazyLock::new(|| honest(Full));
    let (claim, proof) = if is_true {
        (LIE.0, LIE.1.clone())
    } else {
        (TRUTH.0, TRUTH.1[5].clone())
    };
    let accusation = accusation(device, Full, claim);
    if is_report {
        let _ = submit(report_call(seats(device)[seat], &accusation, proof));
    } else {
        let _ = dispute(&accusation, proof);
    }
}

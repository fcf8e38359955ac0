//! `attest`: what is accepted, and what is refused.

use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    traits::{Authorize, Hooks},
};
use loopin_primitives::{ChallengeKind, Commitment, FailReason, Failure, InconclusiveReason, Pass, Vote};
use sp_core::{Pair, sr25519};
use sp_runtime::{
    DispatchError,
    transaction_validity::{TransactionSource, TransactionValidityError},
};

/// A device in a round, at the time at which it computes, and who has the first seat for it.
fn stage() -> (u32, u8) {
    let device = register_verified();
    begin_round();
    enter_window();
    take_events();
    (device, seats(device)[0])
}

fn pass() -> Answer {
    Answer::Pass(100, 25)
}

mod success {
    use super::*;

    #[test]
    fn every_vote_is_stored_and_nothing_else_happens() {
        let cases = [
            (
                pass(),
                CountedVote::Pass {
                    work_gops: 100,
                    walk_ms: 50,
                    privacy: 25,
                    claim: claim().hash(),
                },
            ),
            (
                Answer::Fail,
                CountedVote::Fail {
                    reason: FailReason::Late,
                    is_committed: false,
                },
            ),
            (
                Answer::FailToOpen,
                CountedVote::Fail {
                    reason: FailReason::WrongOpenings,
                    is_committed: true,
                },
            ),
            (
                Answer::Unknown,
                CountedVote::Inconclusive(InconclusiveReason::Offline),
            ),
        ];
        for (answer, vote) in cases {
            ExternalityBuilder::default().build_and_execute(|| {
                let (device, verifier) = stage();
                let attestation = attestation(device, verifier, answer).unwrap();
                assert_ok!(submit(attest_call(&attestation, verifier)));
                let kind = ChallengeKind::Full;
                assert_eq!(
                    Attestations::<Test>::get((1, device, account(verifier))),
                    Some(CastVote { kind, vote })
                );
                assert_eq!(
                    take_events(),
                    [Event::Attested {
                        round: 1,
                        device,
                        verifier: account(verifier),
                        kind,
                        vote,
                    }]
                );
                assert_eq!(take_messages(), []);
            });
        }
    }

    #[test]
    fn a_transaction_is_known_by_whom_it_is_about_and_lives_until_the_round_is_over() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let authorize = |answer| {
                let attestation = attestation(device, verifier, answer).unwrap();
                RuntimeCall::Verification(attest_call(&attestation, verifier))
                    .authorize(TransactionSource::External)
                    .unwrap()
                    .unwrap()
                    .0
            };
            let (first, second) = (authorize(pass()), authorize(Answer::Fail));
            assert_eq!(first.provides, second.provides);
            assert_eq!(first.provides.len(), 1);
            assert!(first.requires.is_empty());
            assert_eq!(first.longevity, WINDOW - WINDOW / 4 + GRACE);
        });
    }

    #[test]
    fn outside_of_a_block_votes_are_accepted_a_little_earlier_as_the_time_known_is_old() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            set_now(round().window.fill_at - GRACE);
            let call = RuntimeCall::Verification(attest_call(
                attestation(device, verifier, pass()).unwrap(),
                verifier,
            ));
            for source in [TransactionSource::External, TransactionSource::Local] {
                assert!(call.authorize(source).unwrap().is_ok());
            }
            assert_eq!(
                call.authorize(TransactionSource::InBlock).unwrap().map(|_| ()),
                refused(Error::TooEarly)
            );
        });
    }

    #[test]
    fn an_attestation_is_accepted_in_the_grace_after_the_window() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            set_now(round().window.closes_at + GRACE - 1);
            assert_ok!(submit(attest_call(
                attestation(device, verifier, pass()).unwrap(),
                verifier
            )));
        });
    }

    #[test]
    fn what_was_signed_with_the_key_that_the_agent_had_in_the_round_counts() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let call = attest_call(attestation(device, verifier, pass()).unwrap(), verifier);
            assert_ok!(Devices::update_device(
                origin(OWNER),
                device,
                pair(1).public(),
                endpoint()
            ));
            assert_ok!(submit(call));
        });
    }

    #[test]
    fn a_verifier_that_has_left_still_has_its_duty() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            assert_ok!(Verification::unbond(origin(verifier)));
            assert_ok!(submit(attest_call(
                attestation(device, verifier, pass()).unwrap(),
                verifier
            )));
        });
    }

    #[test]
    fn a_rented_device_is_challenged_lightly_when_its_client_asks_for_it() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            provide(device);
            let rental = rent(device);
            report(rental, device);
            assert_ok!(submit(attest_call(
                attestation(device, verifier, Answer::LightPass).unwrap(),
                verifier
            )));
            // The rental may end before the attestation arrives.
            give_back(rental);
            assert_ok!(vote(device, 1, Answer::LightPass));
        });
    }

    #[test]
    fn the_offchain_worker_can_send_it() {
        use sp_core::offchain::{TransactionPoolExt, testing::TestTransactionPoolExt};
        let (pool, state) = TestTransactionPoolExt::new();
        let mut externalities = ExternalityBuilder::default().build();
        externalities.register_extension(TransactionPoolExt::new(pool));
        externalities.execute_with(|| {
            let (device, verifier) = stage();
            let attestation = attestation(device, verifier, pass()).unwrap();
            let signature = pair(verifier).sign(&Verification::attestation_digest(&attestation));
            assert_ok!(Verification::submit_attestation(attestation.clone(), signature));
            assert_ok!(Verification::submit_conclusion(1, device));
            let sent = &state.read().transactions;
            assert_eq!(sent.len(), 2);
            let decode = |bytes: &Vec<u8>| {
                <Extrinsic as codec::Decode>::decode(&mut &bytes[..])
                    .unwrap()
                    .function
            };
            assert_eq!(
                decode(&sent[0]),
                RuntimeCall::Verification(Call::attest {
                    attestation,
                    signature
                })
            );
            assert_eq!(
                decode(&sent[1]),
                RuntimeCall::Verification(Call::conclude { round: 1, device })
            );
        });
    }
}

mod refusals {
    use super::*;

    /// What changes in an attestation that would be accepted, and why it is refused then.
    fn is_refused(change: impl FnOnce(&mut AttestationOf<Test>), error: Error<Test>) {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let mut attestation = attestation(device, verifier, pass()).unwrap();
            change(&mut attestation);
            assert_noop!(
                submit(attest_call(&attestation, verifier)),
                refused(error).unwrap_err()
            );
        });
    }

    fn with_pass(change: impl Fn(&mut Pass)) -> impl FnOnce(&mut AttestationOf<Test>) {
        move |attestation| {
            if let Vote::Pass(pass) = &mut attestation.vote {
                change(pass);
            }
        }
    }

    #[test]
    fn of_a_round_that_has_not_begun() {
        is_refused(|attestation| attestation.round = 2, Error::UnknownRound);
        is_refused(|attestation| attestation.round = 0, Error::UnknownRound);
    }

    #[test]
    fn of_a_device_that_does_not_exist() {
        is_refused(|attestation| attestation.device = 1, Error::NotInRound);
    }

    #[test]
    fn of_a_device_that_was_registered_after_the_round_began() {
        ExternalityBuilder::default().build_and_execute(|| {
            stage();
            let device = register();
            let verifier = seats(device)[0];
            assert_noop!(
                submit(attest_call(
                    attestation(device, verifier, pass()).unwrap(),
                    verifier
                )),
                refused(Error::NotInRound).unwrap_err()
            );
        });
    }

    #[test]
    fn of_a_device_that_has_left_the_registry() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            assert_ok!(Devices::remove_device(origin(OWNER), device));
            assert_noop!(
                submit(attest_call(
                    attestation(device, verifier, Answer::Fail).unwrap(),
                    verifier
                )),
                refused(Error::NotInRound).unwrap_err()
            );
        });
    }

    #[test]
    fn of_somebody_who_is_not_in_the_committee() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, _) = stage();
            let seats = seats(device);
            let outsider = (0..5).find(|seed| !seats.contains(seed)).unwrap();
            for who in [outsider, BYSTANDER] {
                assert_noop!(
                    submit(attest_call(attestation(device, who, pass()).unwrap(), who)),
                    refused(Error::NotInCommittee).unwrap_err()
                );
            }
        });
    }

    #[test]
    fn before_devices_compute_and_after_the_round() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let attempt = || {
                submit(attest_call(
                    attestation(device, verifier, pass()).unwrap(),
                    verifier,
                ))
            };
            set_now(round().window.fill_at - 1);
            assert_noop!(attempt(), refused(Error::TooEarly).unwrap_err());
            end_round();
            assert_noop!(attempt(), refused(Error::TooLate).unwrap_err());
        });
    }

    #[test]
    fn a_second_one_whatever_it_says() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            for (answer, result) in [
                (pass(), Ok(())),
                (pass(), refused(Error::AlreadyAttested)),
                (Answer::Fail, refused(Error::AlreadyAttested)),
            ] {
                let call = attest_call(attestation(device, verifier, answer).unwrap(), verifier);
                assert_eq!(submit(call), result);
            }
        });
    }

    #[test]
    fn one_that_another_key_has_signed() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let attestation = attestation(device, verifier, pass()).unwrap();
            let other = (verifier + 1) % 5;
            assert_noop!(
                submit(attest_call(&attestation, other)),
                refused(Error::WrongVerifierSignature).unwrap_err()
            );
            // In a round counts the key that the verifier had when it began.
            assert_ok!(Verification::set_key(origin(verifier), pair(50).public()));
            assert_noop!(
                submit(attest_call(&attestation, 50)),
                refused(Error::WrongVerifierSignature).unwrap_err()
            );
            assert_ok!(submit(attest_call(&attestation, verifier)));
            begin_round();
            assert_eq!(
                vote(device, 0, Answer::Fail),
                if seats(device)[0] == verifier {
                    refused(Error::WrongVerifierSignature)
                } else {
                    Ok(())
                }
            );
        });
    }

    #[test]
    fn one_whose_signature_is_of_another_chain_or_another_text() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let honest = attestation(device, verifier, pass()).unwrap();
            let mut other = honest.clone();
            other.vote = Vote::Fail(FailReason::Late.into());
            let pair = pair(verifier);
            for signature in [
                pair.sign(&honest.digest(&Default::default(), &round().seed)),
                // In a round that another block has begun.
                pair.sign(&honest.digest(&GENESIS, &Default::default())),
                pair.sign(&Verification::attestation_digest(&other)),
                sr25519::Signature::from_raw([0; 64]),
            ] {
                let call = Call::attest {
                    attestation: honest.clone(),
                    signature,
                };
                assert_noop!(submit(call), refused(Error::WrongVerifierSignature).unwrap_err());
            }
        });
    }

    #[test]
    fn a_pass_that_was_copied_from_another_member() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, first) = stage();
            let mut stolen = attestation(device, first, pass()).unwrap();
            let thief = seats(device)[1];
            stolen.verifier = account(thief);
            assert_noop!(
                submit(attest_call(stolen, thief)),
                refused(Error::WrongAgentSignature).unwrap_err()
            );
        });
    }

    #[test]
    fn a_pass_that_the_agent_has_not_signed_so() {
        is_refused(
            with_pass(|pass| pass.signature = [7; 64]),
            Error::WrongAgentSignature,
        );
        is_refused(with_pass(|pass| pass.claim = [9; 32]), Error::WrongAgentSignature);
        is_refused(
            with_pass(|pass| pass.openings = [9; 32]),
            Error::WrongAgentSignature,
        );
    }

    #[test]
    fn a_pass_that_somebody_else_has_signed() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let mut attestation = attestation(device, verifier, pass()).unwrap();
            let Vote::Pass(pass) = &mut attestation.vote else {
                unreachable!("it is one");
            };
            pass.agent_key = pair(verifier).public().0;
            pass.signature = opened_by(verifier, device, verifier, profile(ChallengeKind::Full), &claim());
            assert_noop!(
                submit(attest_call(attestation, verifier)),
                refused(Error::WrongAgentKey).unwrap_err()
            );
        });
    }

    #[test]
    fn a_pass_of_the_light_challenge_that_says_that_it_is_of_the_full_one() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let mut attestation = attestation(device, verifier, Answer::LightPass).unwrap();
            attestation.kind = ChallengeKind::Full;
            assert_noop!(
                submit(attest_call(&attestation, verifier)),
                refused(Error::WrongAgentSignature).unwrap_err()
            );
        });
    }

    #[test]
    fn a_pass_with_a_key_that_the_agent_had_before_the_round() {
        ExternalityBuilder::default().build_and_execute(|| {
            let device = register();
            assert_ok!(Devices::update_device(
                origin(OWNER),
                device,
                pair(1).public(),
                endpoint()
            ));
            begin_round();
            assert_eq!(vote(device, 0, pass()), refused(Error::WrongAgentKey));
            // Whoever fails needs no signature of the agent.
            assert_ok!(vote(device, 0, Answer::Fail));
        });
    }

    #[test]
    fn measurements_that_no_device_can_have() {
        let fastest = 2_147;
        let changes: [fn(&mut Pass); 4] = [
            |pass| pass.privacy = 101,
            |pass| pass.walk_ms = 10_001,
            |pass| pass.work_gops = 2_148,
            |pass| pass.work_gops = u64::MAX,
        ];
        for change in changes {
            is_refused(with_pass(change), Error::ImpossibleMeasurement);
        }
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            assert_ok!(submit(attest_call(
                attestation(device, verifier, Answer::Pass(fastest, 100)).unwrap(),
                verifier
            )));
        });
    }

    #[test]
    fn of_a_rented_device_for_which_nobody_has_asked() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, _) = stage();
            provide(device);
            let rental = rent(device);
            for answer in [pass(), Answer::Fail, Answer::Unknown] {
                assert_eq!(vote(device, 0, answer), refused(Error::DeviceRented));
            }
            assert_eq!(
                vote(device, 0, Answer::LightPass),
                refused(Error::LightNotAllowed)
            );
            // Nor is it challenged fully where somebody has.
            report(rental, device);
            assert_eq!(vote(device, 0, pass()), refused(Error::DeviceRented));
        });
    }

    #[test]
    fn a_light_challenge_of_a_device_that_is_free() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, _) = stage();
            assert_eq!(
                vote(device, 0, Answer::LightPass),
                refused(Error::LightNotAllowed)
            );
        });
    }

    #[test]
    fn a_failure_to_open_what_the_agent_has_not_committed_to() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let honest = attestation(device, verifier, Answer::FailToOpen).unwrap();
            let changed = |change: fn(&mut Commitment)| {
                let mut attestation = honest.clone();
                if let Vote::Fail(Failure {
                    commitment: Some(commitment),
                    ..
                }) = &mut attestation.vote
                {
                    change(commitment);
                }
                submit(attest_call(attestation, verifier))
            };
            assert_eq!(
                changed(|commitment| commitment.claim = [9; 32]),
                refused(Error::WrongAgentSignature)
            );
            assert_eq!(
                changed(|commitment| commitment.agent_key = [9; 32]),
                refused(Error::WrongAgentKey)
            );
            // What the agent has signed for a verifier that it has opened to is no commitment.
            let signature = opened(device, verifier, profile(ChallengeKind::Full), &claim());
            let mut other = honest.clone();
            other.vote = Vote::Fail(Failure {
                reason: FailReason::Late,
                commitment: Some(Commitment {
                    claim: claim().hash(),
                    agent_key: pair(AGENT).public().0,
                    signature,
                }),
            });
            assert_eq!(
                submit(attest_call(other, verifier)),
                refused(Error::WrongAgentSignature)
            );
            assert_ok!(submit(attest_call(honest, verifier)));
        });
    }

    #[test]
    fn by_an_account_or_by_nobody() {
        ExternalityBuilder::default().build_and_execute(|| {
            let (device, verifier) = stage();
            let attestation = attestation(device, verifier, pass()).unwrap();
            let signature = pair(verifier).sign(&Verification::attestation_digest(&attestation));
            for origin in [origin(verifier), RuntimeOrigin::none(), RuntimeOrigin::root()] {
                assert_noop!(
                    Verification::attest(origin, attestation.clone(), signature),
                    DispatchError::BadOrigin
                );
            }
        });
    }

    #[test]
    fn the_number_of_a_refusal_is_that_of_the_error() {
        ExternalityBuilder::default().build_and_execute(|| {
            let error = DispatchError::from(Error::<Test>::TooLate);
            let DispatchError::Module(module) = error else {
                panic!("{error:?}")
            };
            assert_eq!(
                refused(Error::TooLate),
                Err(TransactionValidityError::Invalid(
                    sp_runtime::transaction_validity::InvalidTransaction::Custom(module.error[0])
                ))
            );
        });
    }
}

#[test]
fn the_pallet_is_fit_for_this_runtime() {
    ExternalityBuilder::default().build_and_execute(<Verification as Hooks<u64>>::integrity_test);
}

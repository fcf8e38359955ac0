//! `conclude`: from attestations to verdicts.

use crate::{
    conclusion::{Decision, Tally, decide},
    mock::{Answer::*, *},
    *,
};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, pallet_prelude::Pays};
use loopin_primitives::{
    ChallengeKind::{self, Full, Light},
    FailReason, InconclusiveReason, Standing, Verdict,
};
use pallet_rentals::ReportOutcome;
use sp_runtime::{DispatchError, Weight};

/// The verdict where the median is a pass with that work and privacy.
const PASS_OF_100: Verdict = Verdict::Passed {
    work_gops: 100,
    privacy: 25,
};

/// A verified device in a round that has begun.
fn stage() -> u32 {
    let device = register_verified();
    begin_round();
    device
}

mod verdicts {
    use super::*;

    fn cast(answer: Answer) -> Option<CastVote> {
        let pass = |work_gops, privacy, claim: u8| CountedVote::Pass {
            work_gops,
            walk_ms: 1,
            privacy,
            claim: [claim; 32],
        };
        let fail = |is_committed| CountedVote::Fail {
            reason: FailReason::Late,
            is_committed,
        };
        let vote = match answer {
            Pass(work_gops, privacy) => pass(work_gops, privacy, 1),
            PassOfOtherClaim(work_gops) => pass(work_gops, 25, 2),
            LightPass => pass(1, 1, 3),
            Fail | LightFail => fail(false),
            FailToOpen => fail(true),
            Unknown => CountedVote::Inconclusive(InconclusiveReason::Offline),
            Silence => return None,
        };
        let kind = answer.kind();
        Some(CastVote { kind, vote })
    }

    /// What members decide of whom each has that many seats.
    fn decided_by_seats(answers: &[(u32, Answer)]) -> Decision {
        let answers: Vec<_> = answers
            .iter()
            .map(|(seats, answer)| crate::Ballot {
                member: (),
                seats: *seats,
                cast: cast(*answer),
            })
            .collect();
        decide(&answers)
    }

    fn decided(answers: &[Answer]) -> Decision {
        let answers: Vec<_> = answers.iter().map(|answer| (1, *answer)).collect();
        decided_by_seats(&answers)
    }

    fn verdict(answers: &[Answer]) -> (Verdict, ChallengeKind) {
        let Decision { verdict, kind, .. } = decided(answers);
        (verdict, kind)
    }

    fn passed(work_gops: u64, privacy: u8, kind: ChallengeKind) -> (Verdict, ChallengeKind) {
        (Verdict::Passed { work_gops, privacy }, kind)
    }

    #[test]
    fn more_than_half_of_the_seats_decide() {
        let pass = Pass(5, 5);
        let nothing = (Verdict::Inconclusive, Light);
        assert_eq!(verdict(&[]), nothing);
        assert_eq!(verdict(&[pass]), passed(5, 5, Full));
        assert_eq!(verdict(&[Fail]), (Verdict::Failed, Full));
        assert_eq!(verdict(&[Unknown]), nothing);
        assert_eq!(verdict(&[Silence]), nothing);
        assert_eq!(verdict(&[pass, Silence]), nothing);
        assert_eq!(verdict(&[pass, Fail]), nothing);
        assert_eq!(verdict(&[pass, pass, Fail]), passed(5, 5, Full));
        assert_eq!(verdict(&[pass, Fail, Fail]), (Verdict::Failed, Full));
        // Seats count, not votes cast.
        assert_eq!(verdict(&[pass, pass, Silence, Silence, Silence]), nothing);
        assert_eq!(verdict(&[Fail, Fail, Unknown, Unknown]), nothing);
        assert_eq!(
            verdict(&[Fail, Fail, Fail, Unknown, pass]),
            (Verdict::Failed, Full)
        );
    }

    #[test]
    fn work_and_privacy_are_what_more_than_half_of_the_seats_have_found_or_exceeded() {
        let answers = [Pass(9, 1), Pass(1, 9), Pass(5, 5)];
        assert_eq!(verdict(&answers), passed(5, 5, Full));
        // Seats without a pass count as none: two of five in league do not decide.
        let answers = [Pass(9, 90), Pass(9, 90), Pass(5, 5), Fail, Silence];
        assert_eq!(verdict(&answers), passed(5, 5, Full));
        let answers = [Pass(9, 100), Pass(1, 0), Pass(5, 25), Pass(7, 50), Silence];
        assert_eq!(verdict(&answers), passed(5, 25, Full));
    }

    #[test]
    fn a_member_counts_as_often_as_it_has_seats() {
        let decided = |answers| decided_by_seats(answers).verdict;
        let pass = |work_gops, privacy| Verdict::Passed { work_gops, privacy };
        assert_eq!(decided(&[(3, Pass(7, 7)), (2, Fail)]), pass(7, 7));
        assert_eq!(decided(&[(2, Pass(7, 7)), (3, Fail)]), Verdict::Failed);
        assert_eq!(
            decided(&[(2, Pass(9, 9)), (2, Pass(1, 1)), (1, Pass(5, 5))]),
            pass(5, 5)
        );
        assert_eq!(decided(&[(3, Pass(9, 9)), (2, Pass(1, 1))]), pass(9, 9));
        assert_eq!(
            decided_by_seats(&[(3, Silence), (2, Pass(1, 1))]).tally,
            Tally {
                passed: 2,
                silent: 3,
                ..Tally::default()
            }
        );
    }

    #[test]
    fn a_device_passes_where_more_than_half_had_it_pass_the_same_claim() {
        let pass = Pass(5, 5);
        let divided = decided(&[pass, pass, PassOfOtherClaim(5), PassOfOtherClaim(5), Silence]);
        assert_eq!(divided.verdict, Verdict::Inconclusive);
        assert_eq!(divided.tally.passed, 4);
        let united = decided(&[pass, pass, pass, PassOfOtherClaim(9), PassOfOtherClaim(9)]);
        assert_eq!(
            (united.verdict, united.claim),
            (passed(5, 5, Full).0, Some([1; 32]))
        );
    }

    #[test]
    fn a_verdict_is_full_where_more_than_half_passed_the_full_challenge() {
        let answers = [Pass(7, 7), Pass(9, 9), Pass(8, 8), LightPass, LightPass];
        assert_eq!(verdict(&answers), passed(7, 7, Full));
        let answers = [LightPass, Pass(9, 9), LightPass, LightPass, Fail];
        assert_eq!(verdict(&answers), passed(1, 1, Light));
        assert_eq!(verdict(&[LightFail, LightFail, Fail]), (Verdict::Failed, Light));
    }

    #[test]
    fn everybody_is_counted() {
        assert_eq!(
            decided(&[Pass(1, 1), Fail, FailToOpen, Unknown, Silence]).tally,
            Tally {
                passed: 1,
                failed: 2,
                inconclusive: 1,
                silent: 1,
            }
        );
    }
}

#[test]
fn a_device_that_passes_is_verified() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register();
        assert_eq!(whole_round(device, &[Pass(100, 25); 3]), PASS_OF_100);
        assert_eq!(standing(device), Standing::Verified);
        // It is not staked: nobody is paid for it.
        assert_eq!(take_messages(), [Told::Verdict(device, PASS_OF_100, Full)]);
    });
}

#[test]
fn a_verdict_is_kept_and_everybody_is_told() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_staked();
        begin_round();
        votes(device, &[Pass(90, 30), Pass(110, 20), Pass(100, 25)]);
        take_events();
        assert_eq!(RoundsTold::get(), 1);
        assert_ok!(conclude(device));
        assert_eq!(standing(device), Standing::Verified);
        assert_eq!(
            Verification::last_verdict(device),
            Some(VerdictRecord {
                round: 1,
                verdict: PASS_OF_100,
                kind: Full,
                at: now(),
            })
        );
        let mut told = vec![Told::Verdict(device, PASS_OF_100, Full)];
        told.extend(
            committee_of(device)
                .into_iter()
                .map(|(who, seats)| Told::Duty(account(who), seats)),
        );
        assert_eq!(take_messages(), told);
        assert_eq!(VotesTold::get(), (3, 0));
        assert_eq!(
            take_events(),
            [Event::Concluded {
                round: 1,
                device,
                verdict: PASS_OF_100,
                kind: Full,
                passed: 3,
                failed: 0,
                inconclusive: 0,
                silent: 0,
            }]
        );
    });
}

#[test]
fn a_device_that_fails_is_suspended_and_then_ejected() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_verified();
        provide(device);
        for (standing_after, stays) in [(Standing::Suspended, true), (Standing::Ejected, false)] {
            assert_eq!(whole_round(device, &[Fail, Fail, Fail]), Verdict::Failed);
            assert_eq!(standing(device), standing_after);
            assert_eq!(is_staked(device), stays);
            assert_eq!(take_messages()[0], Told::Verdict(device, Verdict::Failed, Full));
        }
    });
}

#[test]
fn a_minority_changes_no_verdict() {
    for (answers, verdict) in [
        ([Fail, Pass(100, 25), Pass(100, 25)], PASS_OF_100),
        ([Pass(1, 25), Fail, Fail], Verdict::Failed),
        ([Pass(2_000, 100), Pass(100, 25), Pass(100, 25)], PASS_OF_100),
        ([Fail, Unknown, Silence], Verdict::Inconclusive),
        ([Pass(1, 1), Silence, Silence], Verdict::Inconclusive),
        ([Silence, Silence, Silence], Verdict::Inconclusive),
    ] {
        ExternalityBuilder::default().build_and_execute(|| {
            let device = register_verified();
            assert_eq!(whole_round(device, &answers), verdict);
        });
    }
}

#[test]
fn an_inconclusive_round_leaves_the_device_as_it_is() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_verified();
        record(device, &[Verdict::Failed]);
        whole_round(device, &[Pass(1, 1), Unknown, Silence]);
        assert_eq!(standing(device), Standing::Suspended);
        assert_eq!(
            take_messages()[0],
            Told::Verdict(device, Verdict::Inconclusive, Light)
        );
    });
}

#[test]
fn where_all_have_voted_nobody_waits_for_the_end() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = stage();
        for seat in 0..3 {
            assert_eq!(conclude(device), refused(Error::RoundNotOver));
            assert_ok!(vote(device, seat, Pass(100, 25)));
        }
        assert!(now() < round().closes_at);
        assert_ok!(conclude(device));
    });
}

#[test]
fn anybody_may_conclude_with_an_account_and_pays_nothing() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = stage();
        votes(device, &[Pass(100, 25); 3]);
        assert_noop!(
            Verification::conclude(RuntimeOrigin::none(), 1, device),
            DispatchError::BadOrigin
        );
        let info = Verification::conclude(origin(BYSTANDER), 1, device).unwrap();
        assert_eq!(info.pays_fee, Pays::No);
    });
}

#[test]
fn a_verdict_is_reached_once_and_not_backwards() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = stage();
        let other = register();
        votes(device, &[Pass(100, 25); 3]);
        assert_ok!(conclude(device));
        assert_eq!(conclude(device), refused(Error::AlreadyConcluded));
        assert_noop!(
            Verification::conclude(origin(BYSTANDER), 1, device),
            Error::<Test>::AlreadyConcluded
        );
        begin_round();
        end_round();
        assert_ok!(conclude(other));
        assert_eq!(
            submit(Call::conclude {
                round: 1,
                device: other
            }),
            refused(Error::NotInRound)
        );
        begin_round();
        // Round 2 can still be concluded for the first device, round 1 for nobody.
        assert_ok!(submit(Call::conclude { round: 2, device }));
        assert_eq!(
            submit(Call::conclude { round: 1, device }),
            refused(Error::RoundTooOld)
        );
        assert_eq!(
            submit(Call::conclude { round: 9, device }),
            refused(Error::UnknownRound)
        );
    });
}

#[test]
fn a_device_that_was_rented_all_along_has_nothing_to_conclude() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = stage();
        provide(device);
        let rental = rent(device);
        end_round();
        assert_eq!(conclude(device), refused(Error::NothingToConclude));
        // Should the rental end, nobody is struck for having left it in peace.
        give_back(rental);
        take_events();
        assert_ok!(conclude(device));
        assert_eq!(take_events().len(), 1);
    });
}

#[test]
fn what_was_found_out_before_a_rental_began_counts() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = stage();
        assert_ok!(vote(device, 0, Pass(100, 25)));
        assert_ok!(vote(device, 1, Pass(100, 25)));
        provide(device);
        rent(device);
        assert_eq!(vote(device, 2, Pass(100, 25)), refused(Error::DeviceRented));
        end_round();
        take_events();
        assert_ok!(conclude(device));
        // The last one is not struck.
        assert_eq!(take_events().len(), 1);
        assert_eq!(last_verdict(device), Some(PASS_OF_100));
    });
}

#[test]
fn a_light_check_answers_the_request_whatever_comes_of_it() {
    for (answer, verdict, standing_after, outcome) in [
        (
            LightPass,
            Verdict::Passed {
                work_gops: 1,
                privacy: 0,
            },
            Standing::Verified,
            ReportOutcome::Refuted,
        ),
        (
            LightFail,
            Verdict::Failed,
            Standing::Suspended,
            ReportOutcome::Confirmed,
        ),
    ] {
        ExternalityBuilder::default().build_and_execute(|| {
            let device = stage();
            provide(device);
            let rental = rent(device);
            report(rental, device);
            votes(device, &[answer; 3]);
            assert_ok!(conclude(device));
            assert_eq!(standing(device), standing_after);
            assert_eq!(take_messages()[0], Told::Verdict(device, verdict, Light));
            assert!(!Devices::target(device).unwrap().check_requested);
            System::assert_has_event(
                pallet_rentals::Event::ReportClosed {
                    device,
                    rental,
                    client: account(CLIENT),
                    outcome,
                    deposit: ReportDeposit::get(),
                }
                .into(),
            );
        });
    }
}

#[test]
fn a_verdict_that_cannot_be_carried_out_is_inconclusive_and_not_tried_again() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_verified();
        provide(device);
        record(device, &[Verdict::Failed]);
        begin_round();
        votes(device, &[Fail, Fail, Pass(1, 1)]);
        take_events();
        assert_ok!(without_pool(|| conclude(device)));
        assert_eq!(standing(device), Standing::Suspended);
        assert!(is_staked(device));
        let events = take_events();
        assert_eq!(
            events[0],
            Event::VerdictRefused {
                round: 1,
                device,
                verdict: Verdict::Failed,
                error: pallet_pools::Error::<Test>::UnknownPool.into(),
            }
        );
        // Nobody contradicts a verdict that is none.
        assert_eq!(events.len(), 2);
        assert_eq!(
            take_messages()[0],
            Told::Verdict(device, Verdict::Inconclusive, Full)
        );
        assert_eq!(conclude(device), refused(Error::AlreadyConcluded));
    });
}

#[test]
fn a_verdict_is_forgotten_with_its_device() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_verified();
        whole_round(device, &[Pass(100, 25); 3]);
        assert_ok!(Devices::remove_device(origin(OWNER), device));
        assert_eq!(Verification::last_verdict(device), None);
        assert_eq!(conclude(device), refused(Error::NotInRound));
    });
}

#[test]
fn a_conclusion_is_charged_for_the_most_and_gives_the_rest_back() {
    ExternalityBuilder::default().build_and_execute(|| {
        let weight = |seats: u32| {
            <() as WeightInfo>::conclude(seats)
                + Devices::verdict_weight()
                + VERDICT_WEIGHT
                + DUTY_WEIGHT * u64::from(seats)
        };
        let device = register_verified();
        provide(device);
        // A suspension leaves the pool alone; an ejection three hours later does not.
        for sync_weight in [Weight::zero(), sync_weight(4)] {
            let round = begin_round();
            votes(device, &[Fail; 3]);
            let call = Call::<Test>::conclude { round, device };
            assert_eq!(
                call.get_dispatch_info().call_weight,
                weight(5) + Pools::most_sync_weight()
            );
            assert_eq!(submit_for_weight(call), Ok(Some(weight(3) + sync_weight)));
            wait(3 * 3_600);
        }
    });
}

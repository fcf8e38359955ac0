//! `conclude`: from attestations to verdicts.

use crate::{
    conclusion::{Tally, verdict},
    mock::{Vote::*, *},
    *,
};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, pallet_prelude::Pays};
use loopin_primitives::{
    DeviceRegistry as _, Devices as _, FailReason, Finding, InconclusiveReason, Standing,
};
use pallet_devices::Verdict;
use sp_runtime::{DispatchError, Weight};

const PASSED: Finding = Finding::Passed {
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

    fn seat(full: bool, vote: Vote) -> Option<Observation> {
        let seen = match vote {
            Pass(work_gops, privacy) => Seen::Passed {
                work_gops,
                walk_ms: 1,
                privacy,
            },
            LightPass => Seen::Passed {
                work_gops: 1,
                walk_ms: 1,
                privacy: 1,
            },
            Fail => Seen::Failed(FailReason::Late),
            Unknown => Seen::Inconclusive(InconclusiveReason::Offline),
            Silence => return None,
        };
        Some(Observation { full, seen })
    }

    fn finding(votes: &[Vote]) -> (Finding, bool) {
        let seats: Vec<_> = votes.iter().map(|vote| seat(*vote != LightPass, *vote)).collect();
        let (_, finding, full) = verdict(&seats);
        (finding, full)
    }

    fn passed(work_gops: u64, privacy: u8, full: bool) -> (Finding, bool) {
        (Finding::Passed { work_gops, privacy }, full)
    }

    #[test]
    fn more_than_half_of_the_seats_decide() {
        let pass = Pass(5, 5);
        let nothing = (Finding::Inconclusive, false);
        assert_eq!(finding(&[]), nothing);
        assert_eq!(finding(&[pass]), passed(5, 5, true));
        assert_eq!(finding(&[Fail]), (Finding::Failed, true));
        assert_eq!(finding(&[Unknown]), nothing);
        assert_eq!(finding(&[Silence]), nothing);
        assert_eq!(finding(&[pass, Silence]), nothing);
        assert_eq!(finding(&[pass, Fail]), nothing);
        assert_eq!(finding(&[pass, pass, Fail]), passed(5, 5, true));
        assert_eq!(finding(&[pass, Fail, Fail]), (Finding::Failed, true));
        // Seats count, not attestations.
        assert_eq!(finding(&[pass, pass, Silence, Silence, Silence]), nothing);
        assert_eq!(finding(&[Fail, Fail, Unknown, Unknown]), nothing);
        assert_eq!(
            finding(&[Fail, Fail, Fail, Unknown, pass]),
            (Finding::Failed, true)
        );
    }

    #[test]
    fn work_and_privacy_are_lower_medians_each_by_itself() {
        let votes = [Pass(9, 1), Pass(1, 9), Pass(5, 5), Fail, Silence];
        assert_eq!(finding(&votes), passed(5, 5, true));
        let votes = [Pass(9, 100), Pass(1, 0), Pass(5, 25), Pass(7, 50), Silence];
        assert_eq!(finding(&votes), passed(5, 25, true));
    }

    #[test]
    fn a_verdict_is_full_where_more_than_half_passed_the_full_challenge() {
        let votes = [Pass(7, 7), Pass(9, 9), Pass(8, 8), LightPass, LightPass];
        assert_eq!(finding(&votes), passed(8, 8, true));
        let votes = [Pass(7, 7), Pass(9, 9), LightPass, LightPass, Fail];
        assert_eq!(finding(&votes), passed(1, 1, false));
        let light_fail = seat(false, Fail);
        let (_, finding, full) = verdict(&[light_fail, light_fail, seat(true, Fail)]);
        assert_eq!((finding, full), (Finding::Failed, false));
    }

    #[test]
    fn everybody_is_counted() {
        let votes = [Pass(1, 1), Fail, Unknown, Silence, Silence];
        let seats: Vec<_> = votes.iter().map(|vote| seat(true, *vote)).collect();
        assert_eq!(
            verdict(&seats).0,
            Tally {
                passed: 1,
                failed: 1,
                inconclusive: 1,
                silent: 2,
            }
        );
    }
}

#[test]
fn a_device_that_passes_is_verified_and_everybody_is_told() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register();
        begin_round();
        let seats = seats(device);
        votes(device, &[Pass(90, 30), Pass(110, 20), Pass(100, 25)]);
        take_events();
        assert_ok!(conclude(device));
        assert_eq!(standing(device), Standing::Verified);
        assert_eq!(
            Verification::last_finding(device),
            Some(FindingRecord {
                round: 1,
                finding: PASSED,
                full: true,
                at: Now::get(),
            })
        );
        assert_eq!(
            take_messages(),
            [
                Told::Passed(device),
                Told::Finding(device, PASSED, true),
                Told::Duty(account(seats[0])),
                Told::Duty(account(seats[1])),
                Told::Duty(account(seats[2])),
            ]
        );
        assert_eq!(
            take_events(),
            [Event::Concluded {
                round: 1,
                device,
                finding: PASSED,
                full: true,
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
        for (standing_after, told) in [
            (Standing::Suspended, Told::Suspended(device)),
            (Standing::Ejected, Told::Ejected(device)),
        ] {
            assert_eq!(whole_round(device, &[Fail, Fail, Fail]), Finding::Failed);
            assert_eq!(standing(device), standing_after);
            let messages = take_messages();
            assert_eq!(messages[0], told);
            assert_eq!(messages[1], Told::Finding(device, Finding::Failed, true));
        }
    });
}

#[test]
fn a_minority_changes_no_verdict() {
    for (ballot, finding) in [
        ([Fail, Pass(100, 25), Pass(100, 25)], PASSED),
        ([Pass(1, 25), Fail, Fail], Finding::Failed),
        ([Pass(2_000, 100), Pass(100, 25), Pass(100, 25)], PASSED),
        ([Fail, Unknown, Silence], Finding::Inconclusive),
        ([Pass(1, 1), Silence, Silence], Finding::Inconclusive),
        ([Silence, Silence, Silence], Finding::Inconclusive),
    ] {
        ExternalityBuilder::default().build_and_execute(|| {
            let device = register_verified();
            assert_eq!(whole_round(device, &ballot), finding);
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
            Told::Finding(device, Finding::Inconclusive, false)
        );
    });
}

#[test]
fn where_all_have_attested_nobody_waits_for_the_end() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = stage();
        for seat in 0..3 {
            assert_eq!(conclude(device), refused(Error::RoundNotOver));
            assert_ok!(vote(device, seat, Pass(100, 25)));
        }
        assert!(Now::get() < round().closes_at());
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
        RentedNow::set(vec![device]);
        end_round();
        assert_eq!(conclude(device), refused(Error::NothingToConclude));
        // Should the rental end, nobody is struck for having left it in peace.
        RentedNow::set(vec![]);
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
        RentedNow::set(vec![device]);
        assert_eq!(vote(device, 2, Pass(100, 25)), refused(Error::DeviceRented));
        end_round();
        take_events();
        assert_ok!(conclude(device));
        // The last one is not struck.
        assert_eq!(take_events().len(), 1);
        assert_eq!(
            Verification::last_finding(device).map(|last| last.finding),
            Some(PASSED)
        );
    });
}

#[test]
fn a_light_check_settles_the_request_whatever_comes_of_it() {
    for (ballot, finding, told) in [
        (
            LightPass,
            Finding::Passed {
                work_gops: 1,
                privacy: 0,
            },
            Told::Passed(0),
        ),
        (Fail, Finding::Failed, Told::Suspended(0)),
    ] {
        ExternalityBuilder::default().build_and_execute(|| {
            let device = stage();
            RentedNow::set(vec![device]);
            assert_ok!(Registry::request_check(device));
            for seat in 0..3 {
                enter_slot(seat);
                let verifier = seats(device)[seat as usize];
                let mut attestation = attestation(device, verifier, ballot).unwrap();
                attestation.full = false;
                assert_ok!(submit(attest_call(attestation, verifier)));
            }
            assert_ok!(conclude(device));
            let messages = take_messages();
            assert_eq!(messages[0], told);
            assert_eq!(messages[1], Told::Finding(device, finding, false));
            assert!(!Registry::target(device).unwrap().check_requested);
        });
    }
}

#[test]
fn a_verdict_that_cannot_be_carried_out_is_inconclusive_and_not_tried_again() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = stage();
        votes(device, &[Fail, Fail, Pass(1, 1)]);
        ListenersFail::set(true);
        take_events();
        assert_ok!(conclude(device));
        assert_eq!(standing(device), Standing::Verified);
        let events = take_events();
        assert_eq!(
            events[0],
            Event::VerdictRefused {
                round: 1,
                device,
                finding: Finding::Failed,
                // Events carry no text.
                error: DispatchError::Other(""),
            }
        );
        // Nobody contradicts a verdict that is none.
        assert_eq!(events.len(), 2);
        assert_eq!(
            take_messages()[0],
            Told::Finding(device, Finding::Inconclusive, true)
        );
        ListenersFail::set(false);
        assert_eq!(conclude(device), refused(Error::AlreadyConcluded));
    });
}

#[test]
fn a_finding_is_forgotten_with_its_device() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_verified();
        whole_round(device, &[Pass(100, 25); 3]);
        assert_ok!(Registry::remove_device(origin(OWNER), device));
        assert_eq!(Verification::last_finding(device), None);
        assert_eq!(conclude(device), refused(Error::NotInRound));
    });
}

#[test]
fn a_conclusion_is_charged_for_the_most_and_gives_the_rest_back() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = stage();
        votes(device, &[Pass(100, 25); 3]);
        let call = Call::<Test>::conclude { round: 1, device };
        let verdict: Weight = Registry::finding_weight();
        assert_eq!(
            call.get_dispatch_info().call_weight,
            <() as WeightInfo>::conclude(5) + verdict + MOST_SYNC_WEIGHT
        );
        assert_eq!(
            submit_for_weight(call),
            Ok(Some(<() as WeightInfo>::conclude(3) + verdict + SYNC_WEIGHT))
        );
    });
}

//! What counts for and against verifiers.

use crate::{
    mock::{Answer::*, *},
    *,
};
use frame_support::{assert_noop, assert_ok};
use loopin_primitives::Verdict;

/// The strikes of the committee, by seats, after a round with these answers on a device that is staked, or only verified.
fn strikes_after(is_staked: bool, answers: &[Answer]) -> Vec<u32> {
    let mut strikes = Vec::new();
    ExternalityBuilder::default().build_and_execute(|| {
        let device = if is_staked {
            register_staked()
        } else {
            register_verified()
        };
        CommitteeSize::set(answers.len() as u32);
        whole_round(device, answers);
        strikes = seats(device)
            .into_iter()
            .map(|seat| verifier(seat).strikes)
            .collect();
    });
    strikes
}

const PASS: Answer = Pass(100, 25);

#[test]
fn who_contradicts_the_verdict_is_struck_twice() {
    assert_eq!(strikes_after(true, &[PASS, PASS, Fail]), [0, 0, 2]);
    assert_eq!(strikes_after(true, &[PASS, Fail, Fail]), [2, 0, 0]);
    // Where there is no verdict there is nothing to contradict.
    assert_eq!(strikes_after(true, &[PASS, Unknown, Fail]), [0, 0, 0]);
}

#[test]
fn who_was_not_shown_what_the_device_had_committed_to_is_not_struck_for_having_it_fail() {
    assert_eq!(strikes_after(true, &[PASS, PASS, FailToOpen]), [0, 0, 0]);
    // Who says that it had all of it contradicts the others as ever.
    assert_eq!(strikes_after(true, &[PASS, FailToOpen, FailToOpen]), [2, 0, 0]);
}

#[test]
fn who_was_shown_another_claim_is_not_struck_and_earns_nothing() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_staked();
        whole_round(device, &[PASS, PassOfOtherClaim(2_000), PASS]);
        let seats = seats(device);
        assert_eq!(verifier(seats[1]).strikes, 0);
        let paid = [seats[0], seats[2]].map(|seat| Told::Duty(account(seat), 1));
        let mut told = take_messages();
        assert!(matches!(told.remove(0), Told::Verdict(..)));
        assert_eq!(told.len(), 2);
        assert!(paid.iter().all(|paid| told.contains(paid)), "{told:?}");
    });
}

#[test]
fn nobody_is_struck_over_a_device_that_had_nothing_to_lose() {
    assert_eq!(strikes_after(false, &[PASS, PASS, Fail]), [0, 0, 0]);
    assert_eq!(strikes_after(false, &[PASS, Fail, Fail]), [0, 0, 0]);
}

#[test]
fn who_could_not_find_out_is_not_struck_and_earns_nothing() {
    assert_eq!(strikes_after(true, &[PASS, PASS, Unknown]), [0, 0, 0]);
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_staked();
        whole_round(device, &[Unknown, Unknown, Unknown]);
        assert_eq!(take_messages().len(), 1);
    });
}

#[test]
fn who_is_silent_is_struck_where_more_than_half_could_find_out() {
    assert_eq!(strikes_after(true, &[PASS, Silence, PASS]), [0, 1, 0]);
    assert_eq!(strikes_after(true, &[Silence, Fail, Fail]), [1, 0, 0]);
    // A minority does not show that the device could be challenged.
    assert_eq!(strikes_after(true, &[Fail, Silence, Silence]), [0, 0, 0]);
    assert_eq!(strikes_after(true, &[PASS, Fail, Silence]), [0, 0, 0]);
    assert_eq!(strikes_after(true, &[Unknown, Silence, Silence]), [0, 0, 0]);
    assert_eq!(strikes_after(true, &[Silence, Silence, Silence]), [0, 0, 0]);
    assert_eq!(strikes_after(true, &[Silence]), [0]);
    // Nobody is judged by a device that has nothing to lose.
    assert_eq!(strikes_after(false, &[Fail, Silence, Silence]), [0, 0, 0]);
}

#[test]
fn what_counts_is_told_and_kept() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_staked();
        // One pass and one fail of three: no verdict, and nobody to agree with it.
        whole_round(device, &[PASS, Fail, Silence]);
        assert_eq!(last_verdict(device), Some(Verdict::Inconclusive));
        assert!(seats(device).into_iter().all(|seat| verifier(seat).done == 0));

        whole_round(device, &[PASS, PASS, Silence]);
        let silent = seats(device)[2];
        assert_eq!((verifier(silent).missed, verifier(silent).strikes), (1, 1));
        assert!(take_events().contains(&Event::Struck {
            who: account(silent),
            misconduct: Misconduct::Missed,
            round: 2,
            device,
            strikes: 1,
        }));

        whole_round(device, &[PASS, PASS, Fail]);
        let (right, liar) = (seats(device)[0], seats(device)[2]);
        assert!(verifier(right).done > 0);
        assert_eq!(verifier(liar).contradicted, 1);
    });
}

#[test]
fn who_has_several_seats_has_as_many_votes_and_is_paid_for_them() {
    ExternalityBuilder::default().verifiers(1).build_and_execute(|| {
        let device = register_staked();
        begin_round();
        assert_eq!(committee_of(device), [(0, 3)]);
        assert_ok!(vote(device, 0, PASS));
        assert_ok!(conclude(device));
        assert_eq!(verifier(0).done, 3);
        assert_eq!(take_messages()[1], Told::Duty(account(0), 3));
    });
}

#[test]
fn a_duty_done_forgives_a_strike() {
    ExternalityBuilder::default().verifiers(3).build_and_execute(|| {
        let device = register_staked();
        whole_round(device, &[PASS, PASS, Fail]);
        let liar = seats(device)[2];
        assert_eq!(verifier(liar).strikes, 2);
        for strikes in [1, 0, 0] {
            whole_round(device, &[PASS, PASS, PASS]);
            assert_eq!(verifier(liar).strikes, strikes);
        }
    });
}

/// The first verifier lies until it has too many strikes.
fn suspend_one() -> u8 {
    StrikeLimit::set(2);
    let device = register_staked();
    whole_round(device, &[PASS, PASS, Fail]);
    let liar = seats(device)[2];
    assert!(!verifier(liar).is_active());
    liar
}

#[test]
fn too_many_strikes_suspend_and_slash() {
    ExternalityBuilder::default().build_and_execute(|| {
        let issued = Balances::total_issuance();
        let liar = suspend_one();
        let until = now() + SUSPENSION;
        assert_eq!(held(liar), BOND - BOND / 10);
        assert_eq!(verifier(liar).bond, BOND - BOND / 10);
        assert_eq!(verifier(liar).suspended_until, Some(until));
        assert_eq!(verifier(liar).strikes, 0);
        assert_eq!(Balances::total_issuance(), issued - BOND / 10 - Burned::get());
        assert!(!active().contains(&liar));
        assert!(take_events().contains(&Event::Suspended {
            who: account(liar),
            slashed: BOND / 10,
            bond: BOND - BOND / 10,
            until,
        }));
        begin_round();
        assert_eq!(round().verifiers, 4);
    });
}

#[test]
fn a_suspended_verifier_resumes_when_its_time_is_over_and_its_bond_suffices() {
    ExternalityBuilder::default().build_and_execute(|| {
        let liar = suspend_one();
        assert_noop!(
            Verification::resume(origin(liar)),
            Error::<Test>::SuspensionNotOver
        );
        wait(SUSPENSION);
        assert_noop!(Verification::resume(origin(liar)), Error::<Test>::BondTooLow);
        assert_ok!(Verification::bond_extra(origin(liar), BOND / 10));
        assert_ok!(Verification::resume(origin(liar)));
        assert!(active().contains(&liar));
    });
}

#[test]
fn a_suspension_is_not_escaped_by_leaving_and_coming_back() {
    ExternalityBuilder::default().build_and_execute(|| {
        let liar = suspend_one();
        assert_ok!(Verification::bond_extra(origin(liar), BOND));
        assert_ok!(Verification::unbond(origin(liar)));
        assert_noop!(
            Verification::resume(origin(liar)),
            Error::<Test>::SuspensionNotOver
        );
    });
}

#[test]
fn who_has_left_is_slashed_for_the_round_that_had_begun() {
    ExternalityBuilder::default().build_and_execute(|| {
        StrikeLimit::set(2);
        let device = register_staked();
        begin_round();
        let liar = seats(device)[2];
        assert_ok!(Verification::unbond(origin(liar)));
        votes(device, &[PASS, PASS, Fail]);
        assert_ok!(conclude(device));
        assert_eq!(held(liar), BOND - BOND / 10);
        let record = verifier(liar);
        assert!(record.suspended_until.is_some() && record.unbonding_until.is_some());
        wait(UNBONDING);
        assert_ok!(Verification::withdraw_bond(origin(liar)));
        assert_eq!(free(liar), ENDOWMENT - BOND / 10);
    });
}

#[test]
fn who_has_withdrawn_is_out_of_reach() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_staked();
        begin_round();
        let silent = seats(device)[1];
        votes(device, &[PASS, Silence, PASS]);
        assert_ok!(Verification::unbond(origin(silent)));
        wait(UNBONDING);
        assert_ok!(Verification::withdraw_bond(origin(silent)));
        take_events();
        assert_ok!(conclude(device));
        assert_eq!(take_events().len(), 1);
    });
}

#[test]
fn a_device_frames_nobody_who_does_its_duty_elsewhere() {
    ExternalityBuilder::default().verifiers(3).build_and_execute(|| {
        // One device answers to all but verifier 0, the three others are honest.
        let devices: Vec<_> = (0..4).map(|_| register_staked()).collect();
        for _ in 0..10 {
            begin_round();
            for device in &devices {
                for (seat, who) in seats(*device).into_iter().enumerate() {
                    let framed = *device == devices[0] && who == 0;
                    assert_ok!(vote(*device, seat, if framed { Fail } else { PASS }));
                }
                assert_ok!(conclude(*device));
            }
            assert!(verifier(0).is_active());
        }
        assert_eq!(verifier(0).contradicted, 10);
    });
}

//! `leave` and `withdraw`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};

fn leave(who: AccountId) -> frame_support::dispatch::DispatchResult {
    Validators::leave(RuntimeOrigin::signed(who))
}

fn withdraw(who: AccountId) -> frame_support::dispatch::DispatchResult {
    // By somebody else than its owner.
    Validators::withdraw(RuntimeOrigin::signed(12), who)
}

#[test]
fn leaving_starts_to_unbond_and_keeps_the_bond_on_hold() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            run_to_session(4);
            take_events();
            assert_ok!(leave(3));
            assert_eq!(candidates(), []);
            // Sessions 4 and 5 can still be served; 3 sessions after them are 6, 7 and 8.
            let at_session = 9;
            assert_eq!(
                Unbonding::<Test>::get(3),
                Some(UnbondingBond {
                    value: 100,
                    at_session
                })
            );
            assert_eq!(held(3), 100);
            assert_eq!(
                take_events(),
                [Event::CandidateRemoved {
                    who: 3,
                    reason: RemovalReason::Left,
                    bond: 100,
                    at_session
                }]
            );
        });
}

#[test]
fn who_leaves_validates_until_the_planned_sessions_are_over() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            run_to_session(4);
            assert_ok!(leave(3));
            assert_eq!(Session::validators(), [1, 2, 3]);
            run_to_session(5);
            assert_eq!(Session::validators(), [1, 2, 3]);
            run_to_session(6);
            assert_eq!(Session::validators(), [1, 2]);
            assert!(!LastAuthored::<Test>::contains_key(3));
        });
}

#[test]
fn only_a_candidate_can_leave() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(leave(3), Error::<Test>::NotCandidate);
        assert_noop!(leave(1), Error::<Test>::NotCandidate);
    });
}

#[test]
fn the_last_validator_cannot_leave() {
    ExternalityBuilder::default()
        .invulnerables(&[])
        .candidates(&[(3, 100), (4, 100)])
        .build_and_execute(|| {
            assert_ok!(leave(3));
            assert_noop!(leave(4), Error::<Test>::LastValidator);
        });
}

#[test]
fn a_candidate_without_session_keys_does_not_count_as_a_validator_that_remains() {
    ExternalityBuilder::default()
        .invulnerables(&[])
        .candidates(&[(3, 100), (4, 100)])
        .build_and_execute(|| {
            purge_keys(3);
            assert_noop!(leave(4), Error::<Test>::LastValidator);
            assert_ok!(leave(3));
        });
}

#[test]
fn anybody_can_release_a_bond_when_its_session_has_come_and_not_before() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_ok!(leave(3));
            run_to_session(4);
            assert_noop!(withdraw(3), Error::<Test>::UnbondingNotOver);
            run_to_session(5);
            take_events();
            assert_ok!(withdraw(3));
            assert_eq!(held(3), 0);
            assert_eq!(Balances::free_balance(3), ENDOWMENT);
            assert_eq!(Unbonding::<Test>::get(3), None);
            assert_eq!(take_events(), [Event::Withdrawn { who: 3, value: 100 }]);
            assert_noop!(withdraw(3), Error::<Test>::NotUnbonding);
        });
}

#[test]
fn a_bond_that_unbonds_keeps_its_session_when_the_time_to_unbond_changes() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100), (4, 100)])
        .build_and_execute(|| {
            assert_ok!(leave(3));
            UnbondingSessions::set(0);
            assert_ok!(leave(4));
            assert_eq!(Unbonding::<Test>::get(3).unwrap().at_session, 5);
            assert_eq!(Unbonding::<Test>::get(4).unwrap().at_session, 2);
            UnbondingSessions::set(u32::MAX);
            run_to_session(5);
            assert_ok!(withdraw(3));
            assert_ok!(withdraw(4));
        });
}

#[test]
fn after_withdrawing_an_account_can_bond_anew() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_ok!(leave(3));
            run_to_session(5);
            assert_ok!(withdraw(3));
            assert_ok!(Validators::bond(RuntimeOrigin::signed(3), 150));
            assert_eq!(candidates(), [(3, 150)]);
            assert_eq!(held(3), 150);
        });
}

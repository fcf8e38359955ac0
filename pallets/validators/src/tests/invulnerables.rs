//! `set_invulnerables`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn set(invulnerables: &[AccountId]) -> frame_support::dispatch::DispatchResult {
    Validators::set_invulnerables(RuntimeOrigin::root(), invulnerables.to_vec())
}

#[test]
fn governance_names_the_invulnerables_of_coming_sessions() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_ok!(set(&[3, 2]));
        assert_eq!(
            take_events(),
            [Event::InvulnerablesSet {
                invulnerables: vec![3, 2]
            }]
        );
        run_to_session(1);
        assert_eq!(Session::validators(), [1, 2]);
        run_to_session(2);
        assert_eq!(Session::validators(), [3, 2]);
    });
}

#[test]
fn nobody_but_governance_can_name_them() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(
            Validators::set_invulnerables(RuntimeOrigin::signed(1), vec![1]),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn there_must_be_one_and_there_must_be_room_and_no_repetition() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(set(&[]), Error::<Test>::NoInvulnerables);
        assert_noop!(set(&[1, 2, 3, 4]), Error::<Test>::TooManyInvulnerables);
        assert_noop!(set(&[1, 2, 1]), Error::<Test>::DuplicateInvulnerable);
    });
}

#[test]
fn each_needs_session_keys() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(set(&[1, KEYLESS]), Error::<Test>::SessionKeysMissing);
    });
}

#[test]
fn a_candidate_that_becomes_invulnerable_unbonds() {
    ExternalityBuilder::default()
        .candidates(&[(3, 200), (4, 100)])
        .build_and_execute(|| {
            assert_ok!(set(&[1, 3]));
            assert_eq!(candidates(), [(4, 100)]);
            assert_eq!(
                Unbonding::<Test>::get(3),
                Some(UnbondingBond {
                    value: 200,
                    at_session: 5
                })
            );
            assert_eq!(
                take_events(),
                [
                    Event::CandidateRemoved {
                        who: 3,
                        reason: RemovalReason::BecameInvulnerable,
                        bond: 200,
                        at_session: 5
                    },
                    Event::InvulnerablesSet {
                        invulnerables: vec![1, 3]
                    },
                ]
            );
            run_to_session(5);
            assert_ok!(Validators::withdraw(RuntimeOrigin::signed(3), 3));
            assert_eq!(Session::validators(), [1, 3, 4]);
        });
}

#[test]
fn a_former_invulnerable_can_become_a_candidate() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_ok!(set(&[1]));
        assert_ok!(Validators::bond(RuntimeOrigin::signed(2), 100));
        run_to_session(2);
        assert_eq!(Session::validators(), [1, 2]);
        assert_eq!(Exposures::<Test>::get(2, 2), Some(100));
    });
}

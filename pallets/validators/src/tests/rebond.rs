//! `rebond`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

fn rebond(who: AccountId, additional: Balance) -> frame_support::dispatch::DispatchResult {
    Validators::rebond(RuntimeOrigin::signed(who), additional)
}

#[test]
fn an_unbonding_bond_can_be_put_back_to_work() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
            take_events();
            assert_ok!(rebond(3, 0));
            assert_eq!(candidates(), [(3, 100)]);
            assert_eq!(Unbonding::<Test>::get(3), None);
            assert_eq!(held(3), 100);
            assert_eq!(take_events(), [Event::Rebonded { who: 3, bond: 100 }]);
        });
}

#[test]
fn a_displaced_candidate_can_return_with_more() {
    let full = [(3, 400), (4, 300), (5, 200), (6, 100)];
    ExternalityBuilder::default()
        .candidates(&full)
        .build_and_execute(|| {
            assert_ok!(Validators::bond(RuntimeOrigin::signed(7), 150));
            assert_noop!(rebond(6, 50), Error::<Test>::BondNotAboveLowest);
            assert_ok!(rebond(6, 51));
            assert_eq!(candidates(), [(3, 400), (4, 300), (5, 200), (6, 151)]);
            assert_eq!(held(6), 151);
            assert_eq!(
                Unbonding::<Test>::get(7),
                Some(UnbondingBond {
                    value: 150,
                    at_session: 5
                })
            );
        });
}

#[test]
fn a_bond_below_a_raised_minimum_needs_more_to_return() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
            MinimumBond::set(120);
            assert_noop!(rebond(3, 19), Error::<Test>::BondTooLow);
            assert_ok!(rebond(3, 20));
            assert_eq!(candidates(), [(3, 120)]);
        });
}

#[test]
fn there_must_be_a_bond_that_is_unbonding() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_noop!(rebond(3, 100), Error::<Test>::NotUnbonding);
            assert_noop!(rebond(4, 100), Error::<Test>::NotUnbonding);
        });
}

#[test]
fn session_keys_are_needed_and_the_addition_must_be_there() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
            assert_noop!(rebond(3, Balance::MAX), Error::<Test>::BondTooLarge);
            assert_noop!(rebond(3, ENDOWMENT), TokenError::FundsUnavailable);
            purge_keys(3);
            assert_noop!(rebond(3, 0), Error::<Test>::SessionKeysMissing);
        });
}

#[test]
fn an_account_that_became_invulnerable_cannot_return_to_the_candidates() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_ok!(Validators::set_invulnerables(RuntimeOrigin::root(), vec![3]));
            assert_noop!(rebond(3, 0), Error::<Test>::AlreadyInvulnerable);
        });
}

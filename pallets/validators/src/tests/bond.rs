//! `bond` and `bond_more`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

fn bond(who: AccountId, value: Balance) -> frame_support::dispatch::DispatchResult {
    Validators::bond(RuntimeOrigin::signed(who), value)
}

#[test]
fn a_bond_is_put_on_hold_and_makes_a_candidate() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_ok!(bond(3, 100));
        assert_eq!(candidates(), [(3, 100)]);
        assert_eq!(held(3), 100);
        assert_eq!(Balances::free_balance(3), ENDOWMENT - 100);
        assert_eq!(take_events(), [Event::Bonded { who: 3, bond: 100 }]);
    });
}

#[test]
fn candidates_are_sorted_by_bond_and_the_first_comes_first_among_equals() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_ok!(bond(3, 200));
        assert_ok!(bond(4, 300));
        assert_ok!(bond(5, 200));
        assert_ok!(bond(6, 250));
        assert_eq!(candidates(), [(4, 300), (6, 250), (3, 200), (5, 200)]);
    });
}

#[test]
fn a_candidate_below_the_minimum_bond_is_refused() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(bond(3, 99), Error::<Test>::BondTooLow);
    });
}

#[test]
fn a_bond_of_zero_is_refused_even_if_the_minimum_is_zero() {
    ExternalityBuilder::default().build_and_execute(|| {
        MinimumBond::set(0);
        assert_noop!(bond(3, 0), Error::<Test>::BondTooLow);
        assert_ok!(bond(3, 1));
    });
}

#[test]
fn an_account_without_session_keys_is_refused() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(bond(KEYLESS, 100), Error::<Test>::SessionKeysMissing);
    });
}

#[test]
fn an_invulnerable_is_refused() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(bond(1, 100), Error::<Test>::AlreadyInvulnerable);
    });
}

#[test]
fn a_candidate_cannot_bond_twice() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_noop!(bond(3, 200), Error::<Test>::AlreadyCandidate);
        });
}

#[test]
fn an_account_whose_bond_is_unbonding_cannot_bond_another() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
            assert_noop!(bond(3, 200), Error::<Test>::StillUnbonding);
        });
}

#[test]
fn a_bond_that_the_account_cannot_pay_is_refused() {
    ExternalityBuilder::default().build_and_execute(|| {
        // The existential deposit must stay free.
        assert_noop!(bond(3, ENDOWMENT), TokenError::FundsUnavailable);
        assert_ok!(bond(3, ENDOWMENT - 1));
    });
}

#[test]
fn when_the_list_is_full_a_larger_bond_displaces_the_lowest() {
    let full = [(3, 400), (4, 300), (5, 200), (6, 200)];
    ExternalityBuilder::default()
        .candidates(&full)
        .build_and_execute(|| {
            assert_ok!(bond(7, 201));
            assert_eq!(candidates(), [(3, 400), (4, 300), (7, 201), (5, 200)]);
            // 6 came after 5, so it is the lowest.
            assert_eq!(
                Unbonding::<Test>::get(6),
                Some(UnbondingBond {
                    value: 200,
                    at_session: 5
                })
            );
            assert_eq!(held(6), 200);
            assert_eq!(
                take_events(),
                [
                    Event::CandidateRemoved {
                        who: 6,
                        reason: RemovalReason::Displaced,
                        bond: 200,
                        at_session: 5
                    },
                    Event::Bonded { who: 7, bond: 201 },
                ]
            );
        });
}

#[test]
fn when_the_list_is_full_a_bond_that_only_equals_the_lowest_is_refused() {
    let full = [(3, 400), (4, 300), (5, 200), (6, 200)];
    ExternalityBuilder::default()
        .candidates(&full)
        .build_and_execute(|| {
            assert_noop!(bond(7, 200), Error::<Test>::BondNotAboveLowest);
        });
}

#[test]
fn bonding_more_moves_a_candidate_up() {
    ExternalityBuilder::default()
        .candidates(&[(3, 300), (4, 200), (5, 100)])
        .build_and_execute(|| {
            assert_ok!(Validators::bond_more(RuntimeOrigin::signed(5), 100));
            // 4 has had 200 for longer.
            assert_eq!(candidates(), [(3, 300), (4, 200), (5, 200)]);
            assert_ok!(Validators::bond_more(RuntimeOrigin::signed(5), 101));
            assert_eq!(candidates(), [(5, 301), (3, 300), (4, 200)]);
            assert_eq!(held(5), 301);
            assert_eq!(
                take_events(),
                [
                    Event::BondIncreased { who: 5, bond: 200 },
                    Event::BondIncreased { who: 5, bond: 301 }
                ]
            );
        });
}

#[test]
fn bonding_more_works_on_a_full_list() {
    let full = [(3, 400), (4, 300), (5, 200), (6, 200)];
    ExternalityBuilder::default()
        .candidates(&full)
        .build_and_execute(|| {
            assert_ok!(Validators::bond_more(RuntimeOrigin::signed(6), 1));
            assert_eq!(candidates(), [(3, 400), (4, 300), (6, 201), (5, 200)]);
        });
}

#[test]
fn bonding_nothing_more_is_refused() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_noop!(
                Validators::bond_more(RuntimeOrigin::signed(3), 0),
                Error::<Test>::NothingToAdd
            );
        });
}

#[test]
fn bonding_more_than_the_account_has_is_refused() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_noop!(
                Validators::bond_more(RuntimeOrigin::signed(3), ENDOWMENT),
                TokenError::FundsUnavailable
            );
            assert_noop!(
                Validators::bond_more(RuntimeOrigin::signed(3), Balance::MAX),
                Error::<Test>::BondTooLarge
            );
        });
}

#[test]
fn only_a_candidate_can_bond_more() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(
            Validators::bond_more(RuntimeOrigin::signed(3), 1),
            Error::<Test>::NotCandidate
        );
    });
}

#[test]
fn a_candidate_stays_when_the_minimum_bond_rises() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            MinimumBond::set(1_000);
            run_to_session(2);
            assert_eq!(Session::validators(), [1, 2, 3]);
            assert_ok!(Validators::bond_more(RuntimeOrigin::signed(3), 1));
            assert_eq!(candidates(), [(3, 101)]);
        });
}

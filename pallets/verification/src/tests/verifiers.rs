//! Bonds, keys, leaving and coming back.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use sp_core::{Pair, sr25519};
use sp_runtime::{BuildStorage, TokenError};

/// Somebody who is not a verifier at the start.
const NEW: u8 = 7;

fn bond(who: u8, amount: u128) -> DispatchResult {
    Verification::bond(origin(who), amount, pair(who).public())
}

#[test]
fn a_bond_is_put_on_hold_and_makes_a_verifier() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_ok!(bond(NEW, BOND));
        assert_eq!(held(NEW), BOND);
        assert_eq!(free(NEW), ENDOWMENT - BOND);
        assert_eq!(active(), [0, 1, 2, 3, 4, NEW]);
        assert_eq!(verifier(NEW).key, pair(NEW).public());
        assert_eq!(Keys::<Test>::get(pair(NEW).public()), Some(account(NEW)));
        assert_eq!(
            take_events(),
            [Event::Bonded {
                who: account(NEW),
                bond: BOND,
                key: pair(NEW).public(),
            }]
        );
    });
}

#[test]
fn a_bond_below_the_minimum_or_of_nothing_is_refused() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(bond(NEW, BOND - 1), Error::<Test>::BondTooLow);
        MinimumBond::set(0);
        assert_noop!(bond(NEW, 0), Error::<Test>::BondTooLow);
        assert_ok!(bond(NEW, 1));
    });
}

#[test]
fn a_bond_that_the_account_has_not_is_refused() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(bond(NEW, ENDOWMENT + 1), TokenError::FundsUnavailable);
    });
}

#[test]
fn nobody_is_a_verifier_twice() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(
            Verification::bond(origin(0), BOND, pair(NEW).public()),
            Error::<Test>::AlreadyBonded
        );
    });
}

#[test]
fn a_key_is_one_verifiers_and_not_zero() {
    ExternalityBuilder::default().build_and_execute(|| {
        let zero = sr25519::Public::from_raw([0; 32]);
        assert_noop!(
            Verification::bond(origin(NEW), BOND, zero),
            Error::<Test>::KeyZero
        );
        assert_noop!(
            Verification::bond(origin(NEW), BOND, pair(0).public()),
            Error::<Test>::KeyTaken
        );
        assert_noop!(
            Verification::set_key(origin(1), pair(0).public()),
            Error::<Test>::KeyTaken
        );
        assert_noop!(Verification::set_key(origin(1), zero), Error::<Test>::KeyZero);
    });
}

#[test]
fn another_key_takes_the_place_of_the_first() {
    ExternalityBuilder::default().build_and_execute(|| {
        let key = pair(50).public();
        assert_ok!(Verification::set_key(origin(0), key));
        assert_eq!(verifier(0).key, key);
        assert_eq!(Keys::<Test>::get(pair(0).public()), None);
        assert_eq!(take_events(), [Event::KeySet { who: account(0), key }]);
        assert_noop!(
            Verification::set_key(origin(NEW), pair(NEW).public()),
            Error::<Test>::NotVerifier
        );
    });
}

#[test]
fn a_bond_grows() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_ok!(Verification::bond_extra(origin(0), 500));
        assert_eq!(held(0), BOND + 500);
        assert_eq!(
            take_events(),
            [Event::BondIncreased {
                who: account(0),
                bond: BOND + 500,
            }]
        );
        assert_noop!(
            Verification::bond_extra(origin(0), 0),
            Error::<Test>::NothingToAdd
        );
        assert_noop!(
            Verification::bond_extra(origin(0), u128::MAX),
            Error::<Test>::BondTooLarge
        );
        assert_noop!(
            Verification::bond_extra(origin(NEW), 1),
            Error::<Test>::NotVerifier
        );
    });
}

#[test]
fn there_are_not_more_active_verifiers_than_the_chain_can_bear() {
    ExternalityBuilder::default()
        .verifiers(MAX_VERIFIERS as u8)
        .build_and_execute(|| {
            assert_noop!(bond(9, BOND), Error::<Test>::TooManyVerifiers);
            assert_ok!(Verification::unbond(origin(0)));
            assert_ok!(bond(9, BOND));
            assert_noop!(Verification::resume(origin(0)), Error::<Test>::TooManyVerifiers);
        });
}

#[test]
fn where_no_place_is_left_the_smallest_bond_makes_room_for_a_larger_one() {
    ExternalityBuilder::default()
        .verifiers(MAX_VERIFIERS as u8)
        .build_and_execute(|| {
            for other in (0..MAX_VERIFIERS as u8).filter(|other| *other != 3) {
                assert_ok!(Verification::bond_extra(origin(other), 2));
            }
            take_events();
            assert_ok!(bond(9, BOND + 1));
            assert_eq!(take_events()[0], Event::Displaced { who: account(3) });
            assert_eq!(active(), [0, 1, 2, 4, 5, 6, 7, 9]);
            assert!(verifier(3).is_displaced);
            assert_eq!(held(3), BOND);
            // As large a bond is not a larger one.
            assert_ok!(Verification::bond_extra(origin(3), 1));
            assert_noop!(Verification::resume(origin(3)), Error::<Test>::TooManyVerifiers);
            assert_ok!(Verification::bond_extra(origin(3), 1));
            assert_ok!(Verification::resume(origin(3)));
            assert_eq!(active(), [0, 1, 2, 3, 4, 5, 6, 7]);
            assert!(verifier(9).is_displaced && !verifier(3).is_displaced);
            // Who has no place can leave like anybody else.
            assert_ok!(Verification::unbond(origin(9)));
            wait(UNBONDING);
            assert_ok!(Verification::withdraw_bond(origin(9)));
        });
}

#[test]
fn who_leaves_gets_the_bond_after_the_delay() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_ok!(Verification::unbond(origin(2)));
        assert_eq!(active(), [0, 1, 3, 4]);
        assert_eq!(held(2), BOND);
        assert_eq!(
            take_events(),
            [Event::Unbonded {
                who: account(2),
                bond: BOND,
                until: START + UNBONDING,
            }]
        );
        assert_noop!(Verification::unbond(origin(2)), Error::<Test>::Unbonding);
        assert_noop!(Verification::bond_extra(origin(2), 1), Error::<Test>::Unbonding);
        set_now(START + UNBONDING - 1);
        assert_noop!(
            Verification::withdraw_bond(origin(2)),
            Error::<Test>::UnbondingNotOver
        );
        set_now(START + UNBONDING);
        assert_ok!(Verification::withdraw_bond(origin(2)));
        assert_eq!((held(2), free(2)), (0, ENDOWMENT));
        assert_eq!(Verification::verifier(&account(2)), None);
        assert_eq!(
            take_events(),
            [Event::BondWithdrawn {
                who: account(2),
                bond: BOND,
            }]
        );
        assert_ok!(bond(2, BOND));
    });
}

#[test]
fn who_has_not_left_withdraws_nothing() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_noop!(
            Verification::withdraw_bond(origin(0)),
            Error::<Test>::NotUnbonding
        );
        assert_noop!(
            Verification::withdraw_bond(origin(NEW)),
            Error::<Test>::NotVerifier
        );
        assert_noop!(Verification::unbond(origin(NEW)), Error::<Test>::NotVerifier);
    });
}

#[test]
fn who_has_left_can_come_back_with_the_bond() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_ok!(Verification::unbond(origin(2)));
        take_events();
        assert_ok!(Verification::resume(origin(2)));
        assert_eq!(active(), [0, 1, 2, 3, 4]);
        assert_eq!(verifier(2).unbonding_until, None);
        assert_eq!(
            take_events(),
            [Event::Resumed {
                who: account(2),
                bond: BOND,
            }]
        );
        assert_noop!(Verification::resume(origin(2)), Error::<Test>::AlreadyActive);
        assert_noop!(Verification::resume(origin(NEW)), Error::<Test>::NotVerifier);
    });
}

#[test]
fn calls_need_a_signature() {
    ExternalityBuilder::default().build_and_execute(|| {
        let bad = sp_runtime::DispatchError::BadOrigin;
        let none = RuntimeOrigin::none;
        assert_noop!(Verification::bond(none(), BOND, pair(NEW).public()), bad);
        assert_noop!(Verification::bond_extra(none(), 1), bad);
        assert_noop!(Verification::set_key(none(), pair(NEW).public()), bad);
        assert_noop!(Verification::unbond(none()), bad);
        assert_noop!(Verification::withdraw_bond(none()), bad);
        assert_noop!(Verification::resume(none()), bad);
    });
}

#[test]
#[should_panic(expected = "A genesis verifier is refused: Module")]
fn a_key_that_two_verifiers_have_at_genesis_ends_the_making_of_the_chain() {
    let _ = RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: vec![(account(0), ENDOWMENT), (account(1), ENDOWMENT)],
            ..Default::default()
        },
        verification: VerificationConfig {
            private_network: false,
            verifiers: vec![
                (account(0), BOND, pair(0).public()),
                (account(1), BOND, pair(0).public()),
            ],
        },
        ..Default::default()
    }
    .build_storage();
}

//! The start of the chain.

use crate::{mock::*, *};
use frame_support::{assert_ok, traits::BuildGenesisConfig};
use sp_runtime::BuildStorage;

#[test]
fn genesis_names_the_validators_of_the_first_two_sessions() {
    ExternalityBuilder::default()
        .candidates(&[(3, 200), (4, 300)])
        .build_and_execute(|| {
            assert_eq!(Session::validators(), [1, 2, 4, 3]);
            let planned: Vec<_> = Session::queued_keys().into_iter().map(|(who, _)| who).collect();
            assert_eq!(planned, [1, 2, 4, 3]);
            assert_eq!(candidates(), [(4, 300), (3, 200)]);
            assert_eq!((held(3), held(4)), (200, 300));
            assert_eq!(Balances::free_balance(3), ENDOWMENT - 200);
            assert_eq!(Exposures::<Test>::get(0, 4), Some(300));
            assert_eq!(Exposures::<Test>::get(1, 1), Some(0));
        });
}

#[test]
fn a_genesis_without_validators_leaves_them_to_the_session_keys() {
    ExternalityBuilder::default()
        .invulnerables(&[])
        .build_and_execute(|| {
            assert_eq!(Session::validators(), ACCOUNTS.collect::<Vec<_>>());
            assert_ok!(Validators::bond(RuntimeOrigin::signed(5), 100));
            run_to_session(2);
            assert_eq!(Session::validators(), [5]);
        });
}

#[test]
fn genesis_sets_the_length_of_a_session() {
    ExternalityBuilder::default()
        .session_slots(10)
        .build_and_execute(|| {
            assert_eq!(Validators::session_slots(), 10);
        });
}

#[test]
fn a_session_has_600_slots_unless_genesis_says_otherwise() {
    assert_eq!(GenesisConfig::<Test>::default().session_slots, 600);
    sp_io::TestExternalities::default().execute_with(|| assert_eq!(Validators::session_slots(), 600));
}

#[test]
#[should_panic(expected = "A session must have at least one slot")]
fn genesis_refuses_sessions_without_slots() {
    ExternalityBuilder::default().session_slots(0).build();
}

#[test]
#[should_panic(expected = "Genesis names a validator twice")]
fn genesis_refuses_an_invulnerable_that_is_named_twice() {
    ExternalityBuilder::default().invulnerables(&[1, 1]).build();
}

#[test]
#[should_panic(expected = "Genesis names a validator twice")]
fn genesis_refuses_an_invulnerable_that_is_a_candidate_too() {
    ExternalityBuilder::default().candidates(&[(1, 100)]).build();
}

#[test]
#[should_panic(expected = "The bond of a genesis candidate must not be zero")]
fn genesis_refuses_a_candidate_without_a_bond() {
    ExternalityBuilder::default().candidates(&[(3, 0)]).build();
}

#[test]
#[should_panic(expected = "A genesis candidate must have a free balance of its bond")]
fn genesis_refuses_a_bond_that_its_account_cannot_pay() {
    ExternalityBuilder::default()
        .candidates(&[(3, ENDOWMENT)])
        .build();
}

#[test]
#[should_panic(expected = "Genesis names more candidates than MaxCandidates")]
fn genesis_refuses_more_candidates_than_there_is_room_for() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100), (4, 100), (5, 100), (6, 100), (7, 100)])
        .build();
}

#[test]
#[should_panic(expected = "Genesis names more invulnerables than MaxInvulnerables")]
fn genesis_refuses_more_invulnerables_than_there_is_room_for() {
    ExternalityBuilder::default().invulnerables(&[1, 2, 3, 4]).build();
}

#[test]
#[should_panic(expected = "must list pallet-validators before pallet-session")]
fn genesis_refuses_a_runtime_whose_sessions_begin_before_the_validators_are_known() {
    ExternalityBuilder::default().build().execute_with(|| {
        GenesisConfig::<Test>::default().build();
    });
}

#[test]
fn an_empty_genesis_builds() {
    assert_ok!(RuntimeGenesisConfig::default().build_storage());
}

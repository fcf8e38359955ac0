//! Who validates in a session, and what is known about it.

use crate::{mock::*, *};
use frame_support::{assert_ok, dispatch::DispatchClass, traits::KeyOwnerProofSystem};
use pallet_session::historical::{HistoricalSessions, StoredRange};
use sp_runtime::{key_types::DUMMY, testing::UintAuthorityId, traits::Convert};

#[test]
fn a_new_candidate_validates_in_the_session_after_the_planned_one() {
    ExternalityBuilder::default().build_and_execute(|| {
        assert_ok!(Validators::bond(RuntimeOrigin::signed(3), 100));
        run_to_session(1);
        assert_eq!(Session::validators(), [1, 2]);
        run_to_session(2);
        assert_eq!(Session::validators(), [1, 2, 3]);
    });
}

#[test]
fn the_best_bonded_candidates_fill_the_set_after_the_invulnerables() {
    let candidates = [(3, 100), (4, 400), (5, 300), (6, 200)];
    ExternalityBuilder::default()
        .candidates(&candidates)
        .build_and_execute(|| {
            MaximumValidators::set(4);
            run_to_session(2);
            assert_eq!(Session::validators(), [1, 2, 4, 5]);
        });
}

#[test]
fn invulnerables_are_never_cut() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            MaximumValidators::set(1);
            run_to_session(2);
            assert_eq!(Session::validators(), [1, 2]);
        });
}

#[test]
fn a_maximum_of_zero_still_admits_one_validator() {
    ExternalityBuilder::default()
        .invulnerables(&[])
        .candidates(&[(3, 200), (4, 100)])
        .build_and_execute(|| {
            MaximumValidators::set(0);
            run_to_session(2);
            assert_eq!(Session::validators(), [3]);
        });
}

#[test]
fn accounts_without_session_keys_are_skipped_and_take_no_place() {
    ExternalityBuilder::default()
        .candidates(&[(3, 200), (4, 100)])
        .build_and_execute(|| {
            MaximumValidators::set(2);
            purge_keys(1);
            purge_keys(3);
            run_to_session(2);
            assert_eq!(Session::validators(), [2, 4]);
        });
}

#[test]
fn when_nobody_has_session_keys_the_validators_stay_and_get_theirs_back() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            purge_keys(1);
            purge_keys(2);
            purge_keys(3);
            run_to_session(1);
            assert_eq!(
                take_events(),
                [1, 2, 3].map(|who| Event::SessionKeysRestored { who })
            );
            assert_eq!(Exposures::<Test>::get(2, 3), Some(100));
            run_to_session(4);
            assert_eq!(Session::validators(), [1, 2, 3]);
            assert_eq!(Session::load_keys(&3), Some(keys(3)));
            // Now that others are there, 3 can stop.
            purge_keys(3);
            run_to_session(6);
            assert_eq!(Session::validators(), [1, 2]);
        });
}

#[test]
fn who_must_stay_after_leaving_keeps_its_bond_on_hold_for_longer() {
    ExternalityBuilder::default()
        .invulnerables(&[])
        .candidates(&[(3, 200), (4, 100)])
        .build_and_execute(|| {
            assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
            assert_eq!(
                Unbonding::<Test>::get(3),
                Some(UnbondingBond {
                    value: 200,
                    at_session: 5
                })
            );
            take_events();
            purge_keys(4);
            run_to_session(1);
            assert_eq!(Exposures::<Test>::get(2, 3), Some(200));
            assert_eq!(
                Unbonding::<Test>::get(3),
                Some(UnbondingBond {
                    value: 200,
                    at_session: 6
                })
            );
            assert_eq!(
                take_events(),
                [
                    Event::UnbondingProlonged {
                        who: 3,
                        at_session: 6
                    },
                    Event::SessionKeysRestored { who: 4 },
                ]
            );
            // 4 has its keys back and is still a candidate, so 3 can go.
            run_to_session(3);
            assert_eq!(Session::validators(), [4]);
            run_to_session(6);
            assert_ok!(Validators::withdraw(RuntimeOrigin::signed(3), 3));
        });
}

#[test]
fn keys_that_somebody_else_has_registered_meanwhile_are_not_restored() {
    ExternalityBuilder::default().build_and_execute(|| {
        purge_keys(1);
        purge_keys(2);
        // With the keys of 1, whose signature over its name it needs.
        purge_keys(12);
        register_keys(12, 1);
        run_to_session(2);
        assert_eq!(Session::validators(), [2]);
    });
}

#[test]
fn a_chain_whose_lists_are_empty_keeps_the_validators_of_its_genesis() {
    ExternalityBuilder::default()
        .invulnerables(&[])
        .build_and_execute(|| {
            run_to_session(3);
            assert_eq!(Session::validators(), ACCOUNTS.collect::<Vec<_>>());
        });
}

#[test]
fn the_full_identification_is_the_bond_at_planning() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            assert_ok!(Validators::bond_more(RuntimeOrigin::signed(3), 50));
            assert_eq!(FullIdentificationOf::<Test>::convert(3), Some(100));
            assert_eq!(FullIdentificationOf::<Test>::convert(1), Some(0));
            run_to_session(1);
            assert_eq!(FullIdentificationOf::<Test>::convert(3), Some(100));
            run_to_session(2);
            assert_eq!(FullIdentificationOf::<Test>::convert(3), Some(150));
        });
}

#[test]
fn a_proof_of_who_validates_outlives_the_session_and_changes_of_the_bond() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            run_to_session(2);
            assert_ok!(Validators::bond_more(RuntimeOrigin::signed(3), 50));
            let key = codec::Encode::encode(&UintAuthorityId(3));
            let proof = Historical::prove((DUMMY, &key[..])).unwrap();
            assert_eq!(proof.session, 2);
            assert_eq!(
                Historical::check_proof((DUMMY, &key[..]), proof.clone()),
                Some((3, 100))
            );
            run_to_session(5);
            assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
            assert_eq!(Historical::check_proof((DUMMY, &key[..]), proof), Some((3, 100)));
        });
}

#[test]
fn what_is_too_old_to_be_reported_is_forgotten() {
    ExternalityBuilder::default().build_and_execute(|| {
        run_to_session(10);
        // The last 3 sessions, the running and the planned one.
        assert_eq!(FirstReportable::<Test>::get(), 7);
        assert_eq!(StoredRange::<Test>::get(), Some((7, 12)));
        assert!(!HistoricalSessions::<Test>::contains_key(6));
        assert!(HistoricalSessions::<Test>::contains_key(7));
    });
}

#[test]
fn a_shortened_window_catches_up_two_sessions_at_a_time() {
    ExternalityBuilder::default().build_and_execute(|| {
        UnbondingSessions::set(8);
        run_to_session(10);
        assert_eq!(FirstReportable::<Test>::get(), 2);
        UnbondingSessions::set(2);
        assert_eq!(Validators::first_reportable_session(), 8);
        run_to_session(11);
        assert_eq!(FirstReportable::<Test>::get(), 4);
        run_to_session(17);
        assert_eq!(FirstReportable::<Test>::get(), 15);
    });
}

#[test]
fn a_lengthened_window_brings_back_nothing() {
    ExternalityBuilder::default().build_and_execute(|| {
        run_to_session(10);
        UnbondingSessions::set(9);
        assert_eq!(Validators::first_reportable_session(), 7);
        run_to_session(16);
        assert_eq!(FirstReportable::<Test>::get(), 7);
        run_to_session(17);
        assert_eq!(FirstReportable::<Test>::get(), 8);
    });
}

#[test]
fn the_block_is_charged_for_a_session_change() {
    ExternalityBuilder::default()
        .candidates(&[(3, 100)])
        .build_and_execute(|| {
            System::set_block_number(9);
            let before = System::block_weight().get(DispatchClass::Mandatory).ref_time();
            make_block(Some(1));
            let charged = System::block_weight().get(DispatchClass::Mandatory).ref_time() - before;
            let expected = <() as WeightInfo>::note_author()
                .saturating_add(<() as WeightInfo>::end_session(1))
                .saturating_add(<() as WeightInfo>::start_session(3, 0))
                .saturating_add(<() as WeightInfo>::new_session(2, 1));
            assert_eq!(charged, expected.ref_time());
        });
}

//! Slashes, and what else becomes of offenders.

use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::DispatchClass,
    traits::{DisabledValidators, KeyOwnerProofSystem},
    weights::Weight,
};
use sp_runtime::{Perbill, key_types::DUMMY, testing::UintAuthorityId};
use sp_staking::{
    SessionIndex,
    offence::{OffenceDetails, OnOffenceHandler},
};

const HALF: Perbill = Perbill::from_percent(50);

/// Reports that `who`, with the bond `exposure`, committed an offence in `session`.
pub(super) fn report(who: AccountId, exposure: Balance, fraction: Perbill, session: SessionIndex) -> Weight {
    let details = OffenceDetails {
        offender: (who, exposure),
        reporters: vec![],
    };
    <Validators as OnOffenceHandler<_, _, _>>::on_offence(&[details], &[fraction], session)
}

/// Whether `who` is an active validator and disabled.
fn is_disabled(who: AccountId) -> bool {
    Session::validator_id_to_index(&who).is_some_and(Session::is_disabled)
}

fn with_candidates(test: impl FnOnce()) {
    ExternalityBuilder::default()
        .candidates(&[(3, 1_000), (4, 500)])
        .build_and_execute(test);
}

mod slash {
    use super::*;

    #[test]
    fn the_reported_fraction_of_the_bond_goes_to_the_receiver_of_slashes_and_the_rest_unbonds() {
        with_candidates(|| {
            report(3, 1_000, HALF, 0);
            assert_eq!(TotalSlashed::get(), 500);
            assert_eq!(held(3), 500);
            assert_eq!(Balances::free_balance(3), ENDOWMENT - 1_000);
            assert_eq!(candidates(), [(4, 500)]);
            assert_eq!(
                Unbonding::<Test>::get(3),
                Some(UnbondingBond {
                    value: 500,
                    at_session: 5
                })
            );
            assert_eq!(
                take_events(),
                [
                    Event::Slashed {
                        who: 3,
                        session: 0,
                        fraction: HALF,
                        value: 500
                    },
                    Event::CandidateRemoved {
                        who: 3,
                        reason: RemovalReason::Offence,
                        bond: 500,
                        at_session: 5
                    },
                    Event::OffenderRecorded { who: 3, until: 1 },
                ]
            );
        });
    }

    #[test]
    fn an_offence_costs_at_least_the_minimum() {
        with_candidates(|| {
            report(3, 1_000, Perbill::from_percent(1), 0);
            assert_eq!(TotalSlashed::get(), 100);
            report(4, 500, Perbill::zero(), 0);
            assert_eq!(TotalSlashed::get(), 100 + 50);
        });
    }

    #[test]
    fn a_slash_is_rounded_down() {
        ExternalityBuilder::default()
            .candidates(&[(3, 199)])
            .build_and_execute(|| {
                report(3, 199, HALF, 0);
                assert_eq!(TotalSlashed::get(), 99);
            });
    }

    #[test]
    fn the_bond_of_the_session_counts_and_not_what_was_added_later() {
        with_candidates(|| {
            assert_ok!(Validators::bond_more(RuntimeOrigin::signed(3), 4_000));
            report(3, 1_000, HALF, 0);
            assert_eq!(TotalSlashed::get(), 500);
            assert_eq!(held(3), 4_500);
        });
    }

    #[test]
    fn who_has_left_is_slashed_from_the_unbonding_bond() {
        with_candidates(|| {
            assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
            run_to_session(4);
            take_events();
            report(3, 1_000, HALF, 1);
            assert_eq!(TotalSlashed::get(), 500);
            // The slash does not prolong the unbonding.
            assert_eq!(
                Unbonding::<Test>::get(3),
                Some(UnbondingBond {
                    value: 500,
                    at_session: 5
                })
            );
            assert_eq!(
                take_events(),
                [Event::Slashed {
                    who: 3,
                    session: 1,
                    fraction: HALF,
                    value: 500
                }]
            );
        });
    }

    #[test]
    fn the_bond_cannot_be_withdrawn_while_the_last_session_served_can_be_reported() {
        with_candidates(|| {
            assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
            // Planned when it left, so the last one it serves in.
            let last_served = 1;
            run_to_session(last_served + UnbondingSessions::get());
            assert_noop!(
                Validators::withdraw(RuntimeOrigin::signed(3), 3),
                Error::<Test>::UnbondingNotOver
            );
            assert_eq!(Validators::first_reportable_session(), last_served);
            run_to_session(last_served + UnbondingSessions::get() + 1);
            assert_eq!(Validators::first_reportable_session(), last_served + 1);
            assert_ok!(Validators::withdraw(RuntimeOrigin::signed(3), 3));
        });
    }

    #[test]
    fn a_bond_slashed_to_nothing_leaves_nothing_behind() {
        with_candidates(|| {
            report(3, 1_000, Perbill::one(), 0);
            assert_eq!(TotalSlashed::get(), 1_000);
            assert_eq!(held(3), 0);
            assert_eq!(Unbonding::<Test>::get(3), None);
            report(4, 500, HALF, 0);
            report(4, 500, Perbill::one(), 0);
            assert_eq!(Unbonding::<Test>::get(4), None);
        });
    }

    #[test]
    fn never_more_is_slashed_than_is_on_hold() {
        with_candidates(|| {
            report(3, 1_000, Perbill::from_percent(80), 0);
            run_to_session(1);
            take_events();
            report(3, 1_000, Perbill::from_percent(80), 1);
            assert_eq!(TotalSlashed::get(), 1_000);
            assert_eq!(
                take_events(),
                [Event::Slashed {
                    who: 3,
                    session: 1,
                    fraction: Perbill::from_percent(80),
                    value: 200
                }]
            );
        });
    }

    #[test]
    fn several_offences_in_one_session_cost_as_much_as_the_largest() {
        with_candidates(|| {
            report(3, 1_000, Perbill::from_percent(20), 0);
            assert_eq!(TotalSlashed::get(), 200);
            report(3, 1_000, HALF, 0);
            assert_eq!(TotalSlashed::get(), 500);
            report(3, 1_000, Perbill::from_percent(30), 0);
            report(3, 1_000, HALF, 0);
            assert_eq!(TotalSlashed::get(), 500);
        });
    }

    #[test]
    fn a_repeated_report_says_nothing_new() {
        with_candidates(|| {
            report(3, 1_000, HALF, 0);
            take_events();
            report(3, 1_000, HALF, 0);
            assert_eq!(take_events(), []);
        });
    }

    #[test]
    fn offences_in_two_sessions_are_slashed_each() {
        with_candidates(|| {
            report(3, 1_000, Perbill::from_percent(20), 0);
            run_to_session(1);
            report(3, 1_000, Perbill::from_percent(20), 1);
            assert_eq!(TotalSlashed::get(), 400);
        });
    }

    #[test]
    fn an_offence_before_the_window_changes_nothing() {
        with_candidates(|| {
            run_to_session(5);
            take_events();
            report(3, 1_000, HALF, 1);
            assert_eq!(TotalSlashed::get(), 0);
            assert_eq!(candidates(), [(3, 1_000), (4, 500)]);
            assert!(!is_disabled(3));
            assert_eq!(take_events(), [Event::OffenceTooOld { who: 3, session: 1 }]);
            report(3, 1_000, HALF, 2);
            assert_eq!(TotalSlashed::get(), 500);
        });
    }

    #[test]
    fn several_offenders_of_one_report_are_each_slashed() {
        with_candidates(|| {
            let details = [(3, 1_000), (4, 500)].map(|offender| OffenceDetails {
                offender,
                reporters: vec![],
            });
            <Validators as OnOffenceHandler<_, _, _>>::on_offence(&details, &[HALF, HALF], 0);
            assert_eq!((held(3), held(4)), (500, 250));
            assert_eq!(candidates(), []);
        });
    }

    #[test]
    fn a_proven_offence_of_a_past_session_is_slashed_by_the_bond_of_then() {
        with_candidates(|| {
            let key = codec::Encode::encode(&UintAuthorityId(3));
            let proof = Historical::prove((DUMMY, &key[..])).unwrap();
            assert_ok!(Validators::bond_more(RuntimeOrigin::signed(3), 500));
            run_to_session(3);
            let session = proof.session;
            let (who, exposure) = Historical::check_proof((DUMMY, &key[..]), proof).unwrap();
            assert_eq!((who, exposure, session), (3, 1_000, 0));
            report(who, exposure, HALF, session);
            assert_eq!(TotalSlashed::get(), 500);
            assert_eq!(held(3), 1_000);
        });
    }

    #[test]
    fn the_block_is_charged_for_the_report() {
        with_candidates(|| {
            let before = System::block_weight().get(DispatchClass::Operational).ref_time();
            let weight = report(3, 1_000, HALF, 0);
            assert_eq!(weight, <() as WeightInfo>::on_offence(1));
            let charged = System::block_weight().get(DispatchClass::Operational).ref_time() - before;
            assert_eq!(charged, weight.ref_time());
        });
    }
}

mod exclusion {
    use super::*;

    #[test]
    fn an_offender_is_disabled_in_the_running_and_in_the_planned_session_only() {
        with_candidates(|| {
            run_to_session(2);
            report(3, 1_000, HALF, 2);
            assert!(is_disabled(3));
            // pallet-session enables everybody when a session with newly chosen validators starts.
            assert!(pallet_session::QueuedChanged::<Test>::get());
            run_to_session(3);
            assert!(Session::validators().contains(&3));
            assert!(is_disabled(3));
            run_to_session(4);
            assert_eq!(Session::validators(), [1, 2, 4]);
            assert!(Session::disabled_validators().is_empty());
            assert!(Offenders::<Test>::get().is_empty());
        });
    }

    #[test]
    fn an_offender_that_no_longer_validates_is_only_slashed() {
        with_candidates(|| {
            assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
            run_to_session(3);
            report(3, 1_000, HALF, 1);
            assert_eq!(TotalSlashed::get(), 500);
            assert!(Offenders::<Test>::get().is_empty());
        });
    }

    #[test]
    fn an_offender_can_return_when_it_is_no_longer_a_validator() {
        with_candidates(|| {
            report(3, 1_000, HALF, 0);
            assert_noop!(
                Validators::rebond(RuntimeOrigin::signed(3), 0),
                Error::<Test>::BarredByOffence
            );
            run_to_session(1);
            assert_noop!(
                Validators::rebond(RuntimeOrigin::signed(3), 0),
                Error::<Test>::BarredByOffence
            );
            run_to_session(2);
            assert_ok!(Validators::rebond(RuntimeOrigin::signed(3), 0));
            assert_eq!(
                candidates(),
                [(3, 500), (4, 500)].map(|(who, bond)| (7 - who, bond))
            );
        });
    }

    #[test]
    fn a_later_report_about_the_same_session_only_adds_to_the_slash() {
        with_candidates(|| {
            report(3, 1_000, Perbill::from_percent(20), 0);
            run_to_session(2);
            assert_ok!(Validators::rebond(RuntimeOrigin::signed(3), 0));
            report(3, 1_000, HALF, 0);
            assert_eq!(
                candidates(),
                [(3, 500), (4, 500)].map(|(who, bond)| (7 - who, bond))
            );
            assert!(Offenders::<Test>::get().is_empty());
        });
    }

    #[test]
    fn an_invulnerable_loses_its_place_and_no_money() {
        with_candidates(|| {
            report(1, 0, HALF, 0);
            assert_eq!(Invulnerables::<Test>::get().into_inner(), [2]);
            assert_eq!(TotalSlashed::get(), 0);
            assert!(is_disabled(1));
            assert_eq!(
                take_events(),
                [
                    Event::InvulnerableRemoved { who: 1 },
                    Event::OffenderRecorded { who: 1, until: 1 }
                ]
            );
            assert_noop!(
                Validators::bond(RuntimeOrigin::signed(1), 100),
                Error::<Test>::BarredByOffence
            );
            run_to_session(2);
            assert_eq!(Session::validators(), [2, 3, 4]);
        });
    }

    #[test]
    fn a_candidate_of_then_that_is_invulnerable_now_is_slashed_and_loses_its_place() {
        with_candidates(|| {
            assert_ok!(Validators::set_invulnerables(RuntimeOrigin::root(), vec![1, 3]));
            report(3, 1_000, HALF, 0);
            assert_eq!(held(3), 500);
            assert_eq!(Invulnerables::<Test>::get().into_inner(), [1]);
        });
    }

    #[test]
    fn governance_can_reinstate_an_invulnerable() {
        with_candidates(|| {
            report(1, 0, HALF, 0);
            assert_ok!(Validators::set_invulnerables(RuntimeOrigin::root(), vec![1, 2]));
            run_to_session(2);
            assert_eq!(Session::validators(), [1, 2, 3, 4]);
            assert!(!is_disabled(1));
        });
    }

    #[test]
    fn the_last_invulnerable_stays_when_nobody_else_can_validate() {
        ExternalityBuilder::default()
            .invulnerables(&[1])
            .build_and_execute(|| {
                report(1, 0, HALF, 0);
                assert_eq!(Invulnerables::<Test>::get().into_inner(), [1]);
                assert_eq!(
                    take_events(),
                    [
                        Event::LastValidatorKept {
                            who: 1,
                            reason: RemovalReason::Offence
                        },
                        Event::OffenderRecorded { who: 1, until: 1 },
                    ]
                );
                run_to_session(3);
                assert_eq!(Session::validators(), [1]);
            });
    }

    #[test]
    fn the_last_candidate_is_slashed_and_stays_when_nobody_else_can_validate() {
        ExternalityBuilder::default()
            .invulnerables(&[])
            .candidates(&[(3, 400), (4, 300)])
            .build_and_execute(|| {
                purge_keys(4);
                report(3, 400, HALF, 0);
                // Its place in the list follows its bond.
                assert_eq!(candidates(), [(4, 300), (3, 200)]);
                assert_eq!(held(3), 200);
                // One without session keys can go.
                report(4, 300, HALF, 0);
                assert_eq!(candidates(), [(3, 200)]);
                report(3, 400, Perbill::one(), 0);
                assert_eq!(candidates(), [(3, 0)]);
                run_to_session(2);
                assert_eq!(Session::validators(), [3]);
                // A bond of nothing leaves nothing to unbond.
                assert_ok!(Validators::bond(RuntimeOrigin::signed(5), 100));
                assert_ok!(Validators::leave(RuntimeOrigin::signed(3)));
                assert_eq!(Unbonding::<Test>::get(3), None);
            });
    }

    #[test]
    fn the_limit_on_disabled_validators_holds_when_everybody_offends() {
        with_candidates(|| {
            for who in 1..=4 {
                report(who, 0, HALF, 0);
            }
            // Of four validators the strategy of these tests disables one.
            assert_eq!(Session::disabled_validators().len(), 1);
            assert_eq!(Offenders::<Test>::get().len(), 4);
            // Somebody stays.
            assert_eq!(candidates(), [(4, 500)]);
            run_to_session(1);
            assert_eq!(Session::disabled_validators().len(), 1);
        });
    }

    #[test]
    fn the_severity_on_record_is_the_largest() {
        with_candidates(|| {
            report(3, 1_000, Perbill::from_percent(20), 0);
            report(3, 1_000, HALF, 0);
            report(3, 1_000, Perbill::from_percent(30), 0);
            assert_eq!(
                Offenders::<Test>::get().into_inner(),
                [Offender {
                    who: 3,
                    until: 1,
                    fraction: HALF
                }]
            );
            run_to_session(1);
            report(3, 1_000, Perbill::from_percent(30), 1);
            assert_eq!(
                Offenders::<Test>::get().into_inner(),
                [Offender {
                    who: 3,
                    until: 2,
                    fraction: HALF
                }]
            );
        });
    }

    #[test]
    fn slashes_are_forgotten_with_their_session() {
        with_candidates(|| {
            report(3, 1_000, HALF, 0);
            run_to_session(3);
            assert_eq!(Slashes::<Test>::get(0, 3), Some(500));
            run_to_session(4);
            assert_eq!(Slashes::<Test>::iter().count(), 0);
        });
    }
}

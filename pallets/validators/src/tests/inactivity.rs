//! Candidates that stop making blocks.

use crate::{mock::*, *};
use frame_support::assert_ok;

/// Invulnerables 1 and 2, candidates 3 and 4; with one block per validator allowed to pass, 4 blocks.
fn with_four_validators(test: impl FnOnce()) {
    ExternalityBuilder::default()
        .candidates(&[(3, 200), (4, 100)])
        .build_and_execute(|| {
            InactiveBlocks::set(1);
            test();
        });
}

#[test]
fn the_last_block_of_every_validator_is_known() {
    with_four_validators(|| {
        assert_eq!(LastAuthored::<Test>::get(3), Some(0));
        make_block(Some(3));
        assert_eq!(LastAuthored::<Test>::get(3), Some(2));
        make_block(Some(4));
        assert_eq!(LastAuthored::<Test>::get(3), Some(2));
        assert_eq!(LastAuthored::<Test>::get(4), Some(3));
    });
}

#[test]
fn an_author_that_does_not_validate_is_not_recorded() {
    with_four_validators(|| {
        make_block(Some(9));
        assert_eq!(LastAuthored::<Test>::get(9), None);
    });
}

#[test]
fn a_new_validator_counts_from_the_block_in_which_it_becomes_active() {
    with_four_validators(|| {
        assert_ok!(Validators::bond(RuntimeOrigin::signed(5), 300));
        run_to_session(2);
        assert_eq!(System::block_number(), 20);
        assert_eq!(LastAuthored::<Test>::get(5), Some(20));
    });
}

#[test]
fn an_active_candidate_without_a_block_for_too_long_unbonds_without_a_slash() {
    with_four_validators(|| {
        run_to_session_without(1, &[4]);
        assert_eq!(candidates(), [(3, 200)]);
        assert_eq!(
            Unbonding::<Test>::get(4),
            Some(UnbondingBond {
                value: 100,
                at_session: 5
            })
        );
        assert_eq!(TotalSlashed::get(), 0);
        assert_eq!(
            take_events(),
            [Event::CandidateRemoved {
                who: 4,
                reason: RemovalReason::Inactive,
                bond: 100,
                at_session: 5
            }]
        );
        run_to_session(2);
        assert_eq!(Session::validators(), [1, 2, 3]);
    });
}

#[test]
fn the_allowance_is_the_blocks_per_validator_times_the_validators() {
    with_four_validators(|| {
        // Session 1 begins at block 10, and 4 last made block 6: not more than 4 blocks ago.
        for _ in 2..=5 {
            make_block(Some(3));
        }
        make_block(Some(4));
        run_to_session_without(1, &[4]);
        assert_eq!(System::block_number() - LastAuthored::<Test>::get(4).unwrap(), 4);
        assert_eq!(candidates(), [(3, 200), (4, 100)]);
        // Ten blocks later it is gone.
        run_to_session_without(2, &[4]);
        assert_eq!(candidates(), [(3, 200)]);
    });
}

#[test]
fn a_candidate_that_does_not_validate_is_not_asked_for_blocks() {
    with_four_validators(|| {
        MaximumValidators::set(3);
        run_to_session(2);
        assert_eq!(Session::validators(), [1, 2, 3]);
        run_to_session(6);
        assert_eq!(candidates(), [(3, 200), (4, 100)]);
    });
}

#[test]
fn an_invulnerable_stays_however_long_it_is_gone() {
    with_four_validators(|| {
        run_to_session_without(3, &[1]);
        assert_eq!(Invulnerables::<Test>::get().into_inner(), [1, 2]);
        assert_eq!(Session::validators(), [1, 2, 3, 4]);
    });
}

#[test]
fn zero_switches_the_check_off() {
    with_four_validators(|| {
        InactiveBlocks::set(0);
        run_to_session_without(5, &[3, 4]);
        assert_eq!(candidates(), [(3, 200), (4, 100)]);
    });
}

#[test]
fn an_extreme_allowance_never_ends() {
    with_four_validators(|| {
        InactiveBlocks::set(u32::MAX);
        run_to_session_without(3, &[3, 4]);
        assert_eq!(candidates(), [(3, 200), (4, 100)]);
    });
}

#[test]
fn when_all_are_gone_the_best_bonded_candidate_stays() {
    ExternalityBuilder::default()
        .invulnerables(&[])
        .candidates(&[(3, 200), (4, 100)])
        .build_and_execute(|| {
            InactiveBlocks::set(1);
            run_to_session_without(1, &[3, 4]);
            assert_eq!(candidates(), [(3, 200)]);
            assert_eq!(
                take_events(),
                [
                    Event::CandidateRemoved {
                        who: 4,
                        reason: RemovalReason::Inactive,
                        bond: 100,
                        at_session: 5
                    },
                    Event::LastValidatorKept {
                        who: 3,
                        reason: RemovalReason::Inactive
                    },
                ]
            );
        });
}

#[test]
fn a_candidate_that_was_gone_can_return_at_once() {
    with_four_validators(|| {
        run_to_session_without(1, &[4]);
        assert_ok!(Validators::rebond(RuntimeOrigin::signed(4), 0));
        assert_eq!(candidates(), [(3, 200), (4, 100)]);
    });
}

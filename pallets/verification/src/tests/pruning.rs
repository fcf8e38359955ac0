//! Forgetting rounds.

use crate::{
    mock::{Answer::*, *},
    *,
};
use frame_support::{assert_ok, traits::Hooks};
use sp_runtime::Weight;

fn attestations(round: u64) -> usize {
    Attestations::<Test>::iter_prefix((round,)).count()
}

#[test]
fn rounds_are_remembered_as_long_as_they_can_be_disputed() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_verified();
        whole_round(device, &[Pass(100, 25); 3]);
        for last in 2..=4 {
            assert_eq!(begin_round(), last);
            next_block();
            assert_eq!(FirstRound::<Test>::get(), 1);
            assert_eq!(attestations(1), 3);
        }
        assert_eq!(begin_round(), 5);
        next_block();
        assert_eq!(FirstRound::<Test>::get(), 2);
        assert_eq!(attestations(1), 0);
        assert!(!Rounds::<Test>::contains_key(1) && !Members::<Test>::contains_key(1));
        assert!(Verification::last_verdict(device).is_some());
    });
}

#[test]
fn a_block_forgets_no_more_than_a_page() {
    let mut externalities = ExternalityBuilder::default().verifiers(1).build();
    externalities.execute_with(|| {
        for _ in 0..150 {
            register();
        }
        begin_any_round();
        for device in 0..150 {
            assert_ok!(vote(device, 0, Fail));
        }
        for _ in 0..4 {
            begin_any_round();
        }
        assert_eq!(attestations(1), 150);
    });
    // What is in the database counts.
    externalities.commit_all().unwrap();
    externalities.execute_with(|| {
        let used = <Verification as Hooks<u64>>::on_idle(0, Weight::MAX);
        assert_eq!(used, <() as WeightInfo>::prune(PAGE));
        assert_eq!(attestations(1), 50);
        assert_eq!(FirstRound::<Test>::get(), 1);
        audit();
    });
    externalities.commit_all().unwrap();
    externalities.execute_with(|| {
        let used = <Verification as Hooks<u64>>::on_idle(0, Weight::MAX);
        assert_eq!(used, <() as WeightInfo>::prune(50));
        assert_eq!(attestations(1), 0);
        assert_eq!(FirstRound::<Test>::get(), 2);
        audit();
    });
}

#[test]
fn nothing_is_forgotten_where_there_is_no_weight_left() {
    ExternalityBuilder::default().build_and_execute(|| {
        DisputeRounds::set(0);
        for _ in 0..3 {
            begin_round();
        }
        let needed = <() as WeightInfo>::prune(PAGE);
        let first = FirstRound::<Test>::get();
        let too_little = needed - Weight::from_parts(1, 0);
        assert_eq!(
            <Verification as Hooks<u64>>::on_idle(0, too_little),
            Weight::zero()
        );
        assert_eq!(FirstRound::<Test>::get(), first);
        assert_eq!(
            <Verification as Hooks<u64>>::on_idle(0, needed),
            <() as WeightInfo>::prune(0)
        );
        assert_eq!(FirstRound::<Test>::get(), first + 1);
    });
}

#[test]
fn the_round_before_the_present_one_stays_for_its_verdicts() {
    ExternalityBuilder::default().build_and_execute(|| {
        DisputeRounds::set(0);
        for _ in 0..6 {
            begin_round();
            next_block();
            let kept: Vec<_> = Rounds::<Test>::iter_keys().collect();
            assert!(kept.contains(&CurrentRound::<Test>::get().saturating_sub(1).max(1)));
            assert!(kept.len() <= 2, "{kept:?}");
        }
    });
}

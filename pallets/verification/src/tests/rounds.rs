//! When rounds begin, and whom they concern.

use crate::{mock::*, *};
use frame_support::{assert_ok, traits::Hooks};
use loopin_primitives::Window;
use sp_core::{H256, Pair};
use std::{collections::BTreeSet, iter};

#[test]
fn a_round_has_the_active_verifiers_and_the_devices_there_are() {
    ExternalityBuilder::default().build_and_execute(|| {
        register();
        register();
        assert_ok!(Verification::unbond(origin(3)));
        take_events();
        let number = begin_round();
        register();

        assert_eq!(number, 1);
        let round = round();
        assert_eq!((round.verifiers, round.seats, round.device_bound), (4, 3, 2));
        assert_eq!(round.block, System::block_number());
        assert_eq!(round.started_at, now());
        let members = Members::<Test>::get(number).unwrap();
        let expected: Vec<_> = iter::zip(1.., [0, 1, 2, 4])
            .map(|(number, seed)| RoundMember {
                account: account(seed),
                key: pair(seed).public(),
                bonds_until: number * 1_000,
            })
            .collect();
        assert_eq!(members.into_inner(), expected);
        let window = Window {
            opens_at: now(),
            fill_at: now() + WINDOW / 4,
            walk_at: now() + WINDOW / 2,
            closes_at: now() + WINDOW,
        };
        assert_eq!(round.window, window);
        assert_eq!(round.closes_at, now() + WINDOW + GRACE);
        assert_eq!(
            take_events()[0],
            Event::RoundBegan {
                round: 1,
                window,
                closes_at: round.closes_at,
                verifiers: 4,
                seats: 3,
                device_bound: 2,
            }
        );
    });
}

/// The blocks from one beginning to the next, over some rounds.
fn distances(rounds: usize) -> Vec<u64> {
    let mut began = Vec::new();
    for number in 0..=rounds as u64 {
        for block in 0.. {
            assert!(block < 1_000, "no round begins");
            Random::set(Some(H256::from_low_u64_be(number * 1_000 + block)));
            let last = CurrentRound::<Test>::get();
            next_block();
            if CurrentRound::<Test>::get() > last {
                break;
            }
        }
        began.push(System::block_number());
    }
    began.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn any_block_from_the_minimum_to_the_maximum_is_as_likely_as_any_other() {
    ExternalityBuilder::default().build_and_execute(|| {
        let distances = distances(1_100);
        for distance in 10..=20 {
            let count = distances.iter().filter(|other| **other == distance).count();
            // 100 each, with a standard deviation of 10.
            assert!((60..140).contains(&count), "{distance} blocks: {count} times");
        }
        assert!(distances.iter().all(|distance| (10..=20).contains(distance)));
    });
}

#[test]
fn no_round_begins_without_verifiers() {
    ExternalityBuilder::default().verifiers(0).build_and_execute(|| {
        for _ in 0..100 {
            next_block();
        }
        assert_eq!(CurrentRound::<Test>::get(), 0);
        assert_eq!(Verification::current_round(), None);
        assert_ok!(Verification::bond(
            origin(0),
            BOND,
            sp_core::Pair::public(&pair(0))
        ));
        assert_eq!(begin_round(), 1);
        assert_eq!((round().verifiers, round().seats), (1, 3));
    });
}

#[test]
fn no_round_begins_before_the_last_one_is_over() {
    ExternalityBuilder::default().build_and_execute(|| {
        begin_round();
        let closes_at = round().closes_at;
        MinimumRoundBlocks::set(1);
        MaximumRoundBlocks::set(1);
        while now() < closes_at {
            next_block();
            assert_eq!(CurrentRound::<Test>::get(), 1);
        }
        // Its own time is not known when a block begins, but that of the block before is.
        next_block();
        assert_eq!(CurrentRound::<Test>::get(), 2);
    });
}

#[test]
fn where_the_last_verifier_leaves_in_the_first_block_no_round_begins() {
    ExternalityBuilder::default().verifiers(1).build_and_execute(|| {
        MinimumRoundBlocks::set(1);
        MaximumRoundBlocks::set(1);
        let block = System::block_number() + 1;
        System::set_block_number(block);
        <Verification as Hooks<u64>>::on_initialize(block);
        assert!(NextSeed::<Test>::exists());
        assert_ok!(Verification::unbond(origin(0)));
        <Verification as Hooks<u64>>::on_finalize(block);
        assert_eq!(CurrentRound::<Test>::get(), 0);
    });
}

#[test]
fn the_seed_depends_on_randomness_and_round() {
    let seed_with = |random: Option<H256>, rounds: usize| {
        let mut seed = None;
        ExternalityBuilder::default().build_and_execute(|| {
            MinimumRoundBlocks::set(10);
            MaximumRoundBlocks::set(10);
            Random::set(random);
            for _ in 0..rounds {
                begin_round();
            }
            seed = Some(round().seed);
        });
        seed.unwrap()
    };
    let seeds = BTreeSet::from([
        seed_with(Some(H256::zero()), 1),
        seed_with(Some(H256::zero()), 2),
        seed_with(Some(H256::repeat_byte(1)), 1),
        seed_with(None, 1),
    ]);
    assert_eq!(seeds.len(), 4);
    assert_eq!(seed_with(None, 1), seed_with(None, 1));
}

#[test]
fn without_randomness_the_hash_of_the_block_before_is_mixed_in() {
    let seed_after = |hash: H256| {
        let mut seed = None;
        ExternalityBuilder::default().build_and_execute(|| {
            MinimumRoundBlocks::set(10);
            MaximumRoundBlocks::set(10);
            Random::set(None);
            frame_system::BlockHash::<Test>::insert(9, hash);
            begin_round();
            assert_eq!(System::block_number(), 10);
            seed = Some(round().seed);
        });
        seed.unwrap()
    };
    assert_ne!(seed_after(H256::zero()), seed_after(H256::repeat_byte(1)));
}

#[test]
fn a_committee_has_an_odd_number_of_seats_however_few_verifiers_there_are() {
    for (wanted, verifiers, seats) in [
        (0, 5, 1),
        (1, 5, 1),
        (2, 5, 1),
        (4, 5, 3),
        (5, 1, 5),
        (5, 2, 5),
        (9, 8, 5),
        (u32::MAX, 8, 5),
    ] {
        ExternalityBuilder::default()
            .verifiers(verifiers)
            .build_and_execute(|| {
                CommitteeSize::set(wanted);
                begin_round();
                assert_eq!(round().seats, seats);
            });
    }
}

#[test]
fn bonds_count_in_whole_loopin_as_they_were_when_the_round_began() {
    ExternalityBuilder::default().verifiers(2).build_and_execute(|| {
        assert_ok!(Verification::bond_extra(origin(0), 5 * LOOPIN / 2));
        begin_round();
        let sums = || {
            let members = Members::<Test>::get(CurrentRound::<Test>::get()).unwrap();
            members
                .iter()
                .map(|member| member.bonds_until)
                .collect::<Vec<_>>()
        };
        assert_eq!(sums(), [1_002, 2_002]);
        assert_ok!(Verification::bond_extra(origin(0), 100 * LOOPIN));
        assert_eq!(sums(), [1_002, 2_002]);
        begin_round();
        assert_eq!(sums(), [1_102, 2_102]);
    });
}

#[test]
fn the_round_of_a_block_that_begins_none_is_charged_little() {
    ExternalityBuilder::default().build_and_execute(|| {
        let idle = <() as WeightInfo>::on_initialize();
        assert_eq!(<Verification as Hooks<u64>>::on_initialize(2), idle);
        MaximumRoundBlocks::set(10);
        assert_eq!(
            <Verification as Hooks<u64>>::on_initialize(10),
            idle + <() as WeightInfo>::begin_round(MAX_VERIFIERS) + ROUND_WEIGHT
        );
        <Verification as Hooks<u64>>::on_finalize(10);
    });
}

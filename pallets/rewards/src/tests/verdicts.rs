//! What verdicts make of rewards.

use crate::{mock::*, *};
use loopin_primitives::{ChallengeKind, Verdict, VerdictHooks};
use sp_runtime::Perquintill;

const PART: u128 = 60 * LOOPIN;

/// An epoch passes with what a test lets happen in it.
fn epoch(happens: impl FnOnce()) {
    happens();
    end_epoch();
    take_events();
}

/// What the miner has earned, whether or not it has been minted.
fn mined_and_minted() -> u128 {
    mined(MINER) + Accounts::<Test>::get(MINER).minted
}

/// All of the pool's part but for roundings.
fn is_all(amount: u128) -> bool {
    (PART - 1..=PART).contains(&amount)
}

#[test]
fn without_a_verdict_nothing_is_earned() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| {});
        settle(1);
        assert_eq!(take_settled(), []);
        assert_eq!(accrued(MINER), Earned::default());
    });
}

#[test]
fn an_inconclusive_verdict_neither_pays_nor_punishes() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| full(1, Verdict::Inconclusive));
        epoch(|| {
            full(1, GOOD);
            full(1, Verdict::Inconclusive);
        });
        settle(1);
        let settled = take_settled();
        assert_eq!(settled.len(), 1);
        let (device, epoch, standard, paid, burned) = settled[0];
        assert_eq!((device, epoch, burned), (1, 1, 0));
        assert!(is_all(standard) && paid == standard);
    });
}

#[test]
fn a_device_that_passes_is_paid() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| full(1, GOOD));
        // The first verdict after the epoch settles it.
        full(1, GOOD);
        let settled = take_settled();
        assert_eq!(settled.len(), 1);
        assert!(is_all(mined(MINER)));
        assert_eq!(pool_epoch(0, POOL).left, PART - mined(MINER));
    });
}

#[test]
fn a_fail_costs_its_round_and_a_second_one_the_epoch() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| {
            [GOOD, GOOD, Verdict::Failed, GOOD]
                .iter()
                .for_each(|verdict| full(1, *verdict))
        });
        settle(1);
        let settled = take_settled();
        assert_eq!(settled[0].3, settled[0].2 * 3 / 4);
        assert_eq!(Supply::<Test>::get().withheld.unproven, settled[0].4);

        // Whatever else there is in the epoch.
        let twice = [
            GOOD,
            Verdict::Failed,
            Verdict::Inconclusive,
            Verdict::Failed,
            GOOD,
        ];
        epoch(|| twice.iter().for_each(|verdict| full(1, *verdict)));
        settle(1);
        let settled = take_settled();
        assert!(is_all(settled[0].2));
        assert_eq!(settled[0].3, 0);
    });
}

#[test]
fn a_failure_of_the_next_epoch_confirms_one_of_this_epoch() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| {
            [GOOD, Verdict::Failed]
                .iter()
                .for_each(|verdict| full(1, *verdict))
        });
        epoch(|| {
            [Verdict::Failed, GOOD]
                .iter()
                .for_each(|verdict| full(1, *verdict))
        });
        epoch(|| {
            [Verdict::Failed, GOOD]
                .iter()
                .for_each(|verdict| full(1, *verdict))
        });
        settle(1);
        // The first one was settled by a verdict of the second, and that one by one of the third.
        let withheld = Supply::<Test>::get().withheld.unproven;
        assert!(withheld.abs_diff(PART / 2 + PART + PART / 2) <= 5, "{withheld}");
    });
}

#[test]
fn a_proven_fraud_costs_the_epoch() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| {
            full(1, GOOD);
            pallet_devices::Pallet::<Test>::apply_verdict(1, Verdict::Failed).unwrap();
            pallet_devices::Pallet::<Test>::apply_verdict(1, Verdict::Failed).unwrap();
            Rewards::verdict_reached(1, Verdict::Failed, ChallengeKind::Full, 0, 0);
        });
        settle(1);
        let settled = take_settled();
        assert!(is_all(settled[0].2));
        assert_eq!(settled[0].3, 0);
    });
}

#[test]
fn a_fail_under_a_light_challenge_counts() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| {
            full(1, GOOD);
            light(1, Verdict::Failed);
        });
        settle(1);
        assert!(mined_and_minted().abs_diff(PART / 2) <= 1);
        assert!(Supply::<Test>::get().withheld.unproven.abs_diff(PART / 2) <= 1);
    });
}

#[test]
fn a_pass_counts_by_the_votes_for_it() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| Rewards::verdict_reached(1, GOOD, ChallengeKind::Full, 3, 2));
        settle(1);
        let settled = take_settled();
        assert_eq!(settled[0].3, settled[0].2 * 3 / 5);
    });
}

#[test]
fn who_is_challenged_in_few_rounds_is_paid_little() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| {
            (0..24).for_each(|_| Rewards::round_began());
            (0..3).for_each(|_| full(1, GOOD));
        });
        settle(1);
        let settled = take_settled();
        assert_eq!(settled[0].3, settled[0].2 / 4);
        // Half of the rounds are enough.
        epoch(|| {
            (0..24).for_each(|_| Rewards::round_began());
            (0..12).for_each(|_| full(1, GOOD));
        });
        settle(1);
        assert!(is_all(take_settled()[0].3));
    });
}

#[test]
fn a_pass_of_an_epoch_says_nothing_of_later_ones() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| full(1, GOOD));
        epoch(|| {});
        epoch(|| {});
        full(1, GOOD);
        let epochs: Vec<_> = take_settled().iter().map(|settled| settled.1).collect();
        assert_eq!(epochs, [0]);
    });
}

#[test]
fn an_epoch_that_ended_too_long_ago_is_lost() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| full(1, GOOD));
        (0..HISTORY_EPOCHS).for_each(|_| end_epoch());
        settle(1);
        assert_eq!(take_settled(), []);
        assert_eq!(miner(1).unsettled, None);
    });
}

#[test]
fn what_is_due_and_proven_can_be_asked_for() {
    execute(|| {
        assert_eq!(Rewards::device_rewards(1), None);
        add_liquidity(1, 7 * DAY);
        epoch(|| full(1, GOOD));
        let rewards = Rewards::device_rewards(1).unwrap();
        assert!(is_all(rewards.due));
        assert_eq!(rewards.proven, Perquintill::zero());
        // Now it has accrued.
        assert_eq!(Rewards::device_rewards(1).unwrap().due, 0);
        (0..4).for_each(|_| Rewards::round_began());
        full(1, GOOD);
        let rewards = Rewards::device_rewards(1).unwrap();
        assert_eq!((rewards.due, rewards.proven), (0, Perquintill::from_percent(50)));
        assert_eq!(rewards.factors, Some(loopin_math::Factors::FULL));
        assert_eq!(rewards.multiplier, Perquintill::one());
    });
}

mod rented {
    use super::*;

    #[test]
    fn its_rounds_are_those_that_judge_it_while_it_is_rented() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| {
                full(1, GOOD);
                rent(1, DAY, 20 * LOOPIN);
                (0..10).for_each(|_| Rewards::round_began());
                (0..4).for_each(|_| light(1, GOOD));
            });
            settle(1);
            let settled = take_settled();
            assert_eq!(settled[0].3, settled[0].2);
            // Without them, nothing is proven.
            epoch(|| {
                rent(1, DAY, 20 * LOOPIN);
                (0..10).for_each(|_| Rewards::round_began());
            });
            settle(1);
            assert_eq!(take_settled(), []);
        });
    }

    #[test]
    fn its_work_is_that_of_the_last_full_challenge() {
        execute(|| {
            let poor = Verdict::Passed {
                work_gops: 500,
                privacy: 25,
            };
            // Before it came to its pool.
            full(1, poor);
            add_liquidity(1, 7 * DAY);
            let pulsed = Verdict::Passed {
                work_gops: 1,
                privacy: 1,
            };
            epoch(|| light(1, pulsed));
            settle(1);
            // exp(-7.324/2) of it.
            assert_eq!(take_settled()[0].3 / 1_000_000, 1_540_865);
            epoch(|| {
                full(1, GOOD);
                light(1, pulsed);
            });
            settle(1);
            assert!(is_all(take_settled()[0].3));
        });
    }

    #[test]
    fn a_device_that_is_gone_leaves_nothing() {
        execute(|| {
            full(1, GOOD);
            assert!(LastFullChallenge::<Test>::contains_key(1));
            <Rewards as loopin_primitives::DeviceHooks>::removed(1);
            assert!(!LastFullChallenge::<Test>::contains_key(1));
        });
    }
}

mod multiplier {
    use super::*;

    fn paid_for(prepare: impl FnOnce(), verdicts: &[Verdict]) -> u128 {
        let mut paid = 0;
        execute(|| {
            prepare();
            add_liquidity(1, 7 * DAY);
            epoch(|| verdicts.iter().for_each(|verdict| full(1, *verdict)));
            settle(1);
            let settled = take_settled();
            assert_eq!(settled[0].3 + settled[0].4, settled[0].2);
            assert_eq!(Supply::<Test>::get().withheld.multiplier, settled[0].4);
            paid = settled[0].3;
        });
        paid / (LOOPIN / 1_000)
    }

    #[test]
    fn a_young_device_is_paid_less() {
        let young = || {
            verify_anew(1);
            (0..15).for_each(|_| end_epoch());
        };
        // Fifteen of thirty days: exp(-2.303/2).
        assert_eq!(paid_for(young, &[GOOD]), 18_969);
    }

    #[test]
    fn the_median_of_the_work_counts() {
        let passed = |work_gops| Verdict::Passed {
            work_gops,
            privacy: 25,
        };
        // exp(-7.324·0.1).
        let verdicts = [passed(900), passed(2_000), passed(10)];
        assert_eq!(paid_for(|| {}, &verdicts), 28_845);
        // Of two, the lower one.
        assert_eq!(paid_for(|| {}, &[passed(2_000), passed(900)]), 28_845);
        // Within the dead band.
        assert!(paid_for(|| {}, &[passed(950)]) == 59_999);
    }

    #[test]
    fn the_least_privacy_counts() {
        let passed = |privacy| Verdict::Passed {
            work_gops: 1_000,
            privacy,
        };
        // exp(-2.303).
        assert_eq!(paid_for(|| {}, &[passed(100), passed(0), passed(50)]), 5_997);
    }

    #[test]
    fn who_keeps_what_was_minted_is_loyal() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            for _ in 0..3 {
                epoch(|| full(1, GOOD));
                settle(1);
                assert!(is_all(take_settled()[0].3));
            }
            assert!(is_all(Accounts::<Test>::get(MINER).minted / 3));
        });
    }
}

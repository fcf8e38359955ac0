//! What verdicts make of rewards.

use crate::{mock::*, *};
use loopin_primitives::{ChallengeKind, RentalHooks, Verdict, VerdictHooks};

const PART: u128 = 60_000 * LOOPIN;

/// An epoch passes with what a test lets happen in it.
fn epoch(happens: impl FnOnce()) {
    happens();
    end_epoch();
    take_events();
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
fn a_fail_costs_the_epoch_whatever_else_there_was() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        epoch(|| full(1, GOOD));
        epoch(|| {
            full(1, GOOD);
            full(1, Verdict::Failed);
            full(1, GOOD);
        });
        let before = mined(MINER);
        assert!(is_all(before));
        settle(1);
        let settled = take_settled();
        assert_eq!((settled.len(), settled[0].1, settled[0].3), (1, 1, 0));
        assert_eq!(Supply::<Test>::get().withheld.failed, settled[0].2);
        assert_eq!(
            wealth(MINER),
            ENDOWMENT - Accounts::<Test>::get(MINER).liquidity + before
        );
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
        assert_eq!(mined(MINER), 0);
        assert!(is_all(Supply::<Test>::get().withheld.failed));
    });
}

mod rented {
    use super::*;

    #[test]
    fn its_reward_is_held_until_it_passes_a_full_challenge() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| {
                full(1, GOOD);
                light(1, GOOD);
            });
            epoch(|| light(1, GOOD));
            settle(1);
            assert_eq!(take_settled(), []);
            assert_eq!(miner(1).unsettled.len(), 2);
            light(1, GOOD);
            assert_eq!(take_settled(), []);

            full(1, GOOD);
            full(1, GOOD);
            let settled = take_settled();
            assert_eq!(
                settled.iter().map(|settled| settled.1).collect::<Vec<_>>(),
                [0, 1]
            );
            assert!(settled.iter().all(|settled| is_all(settled.3)));
            assert_eq!(mined(MINER), settled[0].3 + settled[1].3);
        });
    }

    #[test]
    fn what_is_held_and_what_is_due_can_be_asked_for() {
        execute(|| {
            assert_eq!(Rewards::device_rewards(1), None);
            add_liquidity(1, 7 * DAY);
            epoch(|| full(1, GOOD));
            let rewards = Rewards::device_rewards(1).unwrap();
            assert!(is_all(rewards.due));
            assert_eq!(rewards.held, 0);
            // Now it has accrued.
            let rewards = Rewards::device_rewards(1).unwrap();
            assert_eq!((rewards.due, rewards.factors), (0, None));
            epoch(|| light(1, GOOD));
            let rewards = Rewards::device_rewards(1).unwrap();
            assert!(is_all(rewards.held));
            assert_eq!(rewards.due, 0);
            full(1, GOOD);
            let rewards = Rewards::device_rewards(1).unwrap();
            assert_eq!(rewards.held, 0);
            assert_eq!(rewards.factors, Some(loopin_math::Factors::FULL));
            assert_eq!(rewards.multiplier, sp_runtime::Perquintill::one());
        });
    }

    #[test]
    fn it_is_held_without_any_verdict_for_as_long_as_the_device_is_rented() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            let until = now() + 5 * DAY / 2;
            epoch(|| {
                full(1, GOOD);
                Rewards::rented(1, until);
            });
            for _ in 1..4 {
                epoch(|| {});
            }
            let rewards = Rewards::device_rewards(1).unwrap();
            assert_eq!(rewards.due, 0);
            assert!(
                (3 * PART - 3..=3 * PART).contains(&rewards.held),
                "of three epochs"
            );
            full(1, GOOD);
            settle(1);
            // In the fourth one it was free, and nobody knows what it could have done.
            let settled = take_settled();
            let epochs: Vec<_> = settled.iter().map(|settled| settled.1).collect();
            assert_eq!(epochs, [0, 1, 2]);
            assert!(settled.iter().all(|settled| is_all(settled.3)));
        });
    }

    #[test]
    fn a_verdict_on_what_it_did_before_the_rental_does_not_end_it() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            let until = now() + 3 * DAY / 2;
            epoch(|| {
                Rewards::rented(1, until);
                full(1, GOOD);
            });
            epoch(|| {});
            settle(1);
            assert_eq!(take_settled(), []);
            full(1, GOOD);
            settle(1);
            let epochs: Vec<_> = take_settled().iter().map(|settled| settled.1).collect();
            assert_eq!(epochs, [0, 1]);
        });
    }

    #[test]
    fn whoever_rents_its_own_device_to_hide_it_loses_the_reward() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| {
                full(1, GOOD);
                Rewards::rented(1, now() + DAY + 60);
            });
            pass(HOUR);
            full(1, Verdict::Failed);
            settle(1);
            let settled = take_settled();
            assert_eq!((settled.len(), settled[0].1, settled[0].3), (1, 0, 0));
            assert_eq!(mined(MINER), 0);
        });
    }

    #[test]
    fn renting_it_again_before_it_is_challenged_changes_nothing() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| {
                full(1, GOOD);
                Rewards::rented(1, now() + HOUR);
                pass(2 * HOUR);
                Rewards::rented(1, now() + 2 * DAY);
            });
            epoch(|| {});
            full(1, Verdict::Failed);
            settle(1);
            assert_eq!(take_settled().len(), 2);
            assert_eq!(mined(MINER), 0);
        });
    }

    #[test]
    fn a_rental_that_ends_early_covers_no_later_epoch() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| {
                full(1, GOOD);
                Rewards::rented(1, now() + 3 * DAY);
                pass(HOUR);
                Rewards::given_back(1);
            });
            epoch(|| {});
            full(1, GOOD);
            settle(1);
            let settled = take_settled();
            assert_eq!((settled.len(), settled[0].1), (1, 0));
            assert!(is_all(settled[0].3));
        });
    }

    #[test]
    fn a_verdict_that_comes_late_covers_no_epoch_in_which_it_was_free() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| {
                Rewards::rented(1, now() + 3 * DAY);
                pass(HOUR);
                Rewards::given_back(1);
            });
            epoch(|| Rewards::verdict_reached(1, GOOD, ChallengeKind::Light));
            epoch(|| {});
            full(1, GOOD);
            settle(1);
            let epochs: Vec<_> = take_settled().iter().map(|settled| settled.1).collect();
            assert_eq!(epochs, [0]);
        });
    }

    #[test]
    fn its_reward_is_lost_if_it_fails_afterwards() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| light(1, GOOD));
            full(1, Verdict::Failed);
            let settled = take_settled();
            assert_eq!((settled.len(), settled[0].3), (1, 0));
            // A pass comes too late for that.
            full(1, GOOD);
            assert_eq!(mined(MINER), 0);
        });
    }

    #[test]
    fn an_epoch_in_which_it_came_back_is_paid_at_once() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| {
                light(1, GOOD);
                pass(HOUR);
                full(1, GOOD);
            });
            settle(1);
            assert!(is_all(take_settled()[0].3));
        });
    }

    #[test]
    fn what_it_showed_before_counts_and_else_what_it_shows_afterwards() {
        execute(|| {
            let poor = Verdict::Passed {
                work_gops: 500,
                privacy: 25,
            };
            add_liquidity(1, 7 * DAY);
            epoch(|| {
                full(1, poor);
                light(1, GOOD);
            });
            epoch(|| light(1, GOOD));
            full(1, GOOD);
            full(1, GOOD);
            let settled = take_settled();
            // exp(-7.324/2) of it, and all of it.
            assert_eq!(settled[0].3 / 1_000_000_000, 1_540_865);
            assert!(is_all(settled[1].3));
        });
    }

    #[test]
    fn what_was_held_for_too_long_is_lost() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| light(1, GOOD));
            for _ in 0..=HISTORY_EPOCHS {
                end_epoch();
            }
            settle(1);
            assert!(miner(1).unsettled.is_empty());
            full(1, GOOD);
            assert_eq!(mined(MINER), 0);
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
        paid / LOOPIN
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
        assert!(is_all(paid_for(|| {}, &[passed(950)]) * LOOPIN + LOOPIN - 1));
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

    #[test]
    fn who_has_given_it_away_is_not() {
        execute(|| {
            add_liquidity(1, 7 * DAY);
            epoch(|| full(1, GOOD));
            settle(1);
            take_events();
            // Half of what was minted is left, pool and account together.
            let account = Accounts::<Test>::get(MINER);
            let kept = account.minted / 2 - account.liquidity;
            give_away(MINER, wealth(MINER) - kept);
            epoch(|| full(1, GOOD));
            settle(1);
            // exp(-7.324/2).
            assert_eq!(take_settled()[0].3 / LOOPIN, 1_540);
        });
    }
}

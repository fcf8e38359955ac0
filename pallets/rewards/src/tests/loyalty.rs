//! What of an owner's LOOPIN counts for the reward of its devices, and for how long.

use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{Mutate, MutateHold},
        tokens::{Precision, Preservation},
    },
};
use loopin_math::Record;
use loopin_primitives::{Balance, LiquidityHooks, VerdictHooks};
use sp_runtime::{Perquintill, TokenError};

/// What the miner has earned as a verifier at the beginning of a test.
const EARNED: Balance = 5_000 * LOOPIN;

/// The miner provides a device, and earns something in the first epoch, which it is paid at the beginning of the second.
fn earn() {
    change_parameters(|parameters| parameters.initial_emission = 100_000 * LOOPIN);
    add_liquidity(1, 7 * DAY);
    Rewards::duty_done(&MINER, 1);
    end_epoch();
    claim(MINER);
    assert_eq!(Accounts::<Test>::get(MINER).minted, EARNED);
    full(1, GOOD);
    take_events();
}

fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// The factor of loyalty of the miner's device.
fn loyalty() -> Perquintill {
    Rewards::present_factors(1).unwrap().loyalty
}

/// The mean of what counted in the last epoch.
fn last_counted(who: AccountId) -> Balance {
    Rewards::loyalty(&who).last_counted
}

#[test]
fn who_keeps_everything_is_loyal_whenever_it_is_paid() {
    execute(|| {
        earn();
        for epoch in 1..6 {
            pass(HOUR * epoch);
            claim(MINER);
            Rewards::duty_done(&MINER, 1);
            full(1, GOOD);
            settle(1);
            end_epoch();
            assert_eq!(loyalty(), Perquintill::one(), "epoch {epoch}");
        }
        let account = Accounts::<Test>::get(MINER);
        assert!(account.minted > 5 * EARNED - 1);
        assert_eq!(on_loyalty_hold(MINER), account.minted);
    });
}

#[test]
fn who_gives_everything_away_is_not() {
    execute(|| {
        pay_freely(MINER);
        earn();
        assert_eq!(on_loyalty_hold(MINER), 0);
        give_away(MINER, free(MINER) - LOOPIN);
        // In the epoch before, nothing had been minted.
        assert_eq!(loyalty(), Perquintill::one());
        end_epoch();
        assert!(loyalty() < Perquintill::from_rational(2u64, 1_000));
        settle(1);
        let settled = take_settled();
        assert!(settled[0].3 < settled[0].2 / 500 && settled[0].2 > LOOPIN);
    });
}

#[test]
fn a_free_balance_counts_for_nothing() {
    execute(|| {
        pay_freely(MINER);
        earn();
        assert!(free(MINER) > EARNED);
        end_epoch();
        assert!(loyalty() < Perquintill::from_rational(2u64, 1_000));
    });
}

#[test]
fn whoever_borrows_a_balance_for_a_moment_gains_nothing() {
    execute(|| {
        pay_freely(MINER);
        earn();
        give_away(MINER, free(MINER) - LOOPIN);
        end_epoch();
        let before = loyalty();

        // Everything from here on is one batch.
        let borrowed = 2 * EARNED;
        assert_ok!(Balances::transfer(
            &STRANGER,
            &MINER,
            borrowed,
            Preservation::Preserve
        ));
        // If all that an owner has at the moment counted, this would do.
        let record = Record {
            age_seconds: 0,
            kept: wealth(MINER),
            minted: Accounts::<Test>::get(MINER).minted,
            privacy: 0,
            privacy_limit: 0,
            work_gops: 0,
            benchmark_gops: 0,
        };
        let by_the_moment = RewardParameters::<Test>::get().multiplier.factors(&record);
        assert_eq!(by_the_moment.loyalty, Perquintill::one());
        assert_eq!(loyalty(), before);
        // Nor does the hold: it counts from now on, and nothing comes back in the same batch.
        assert_ok!(Rewards::add_to_hold(signed(MINER), borrowed));
        assert_eq!(loyalty(), before);
        settle(1);
        let settled = take_settled();
        assert!(settled[0].3 < settled[0].2 / 500 && settled[0].2 > LOOPIN);
        assert_ok!(Rewards::release(signed(MINER), borrowed));
        assert_noop!(
            Balances::transfer(&MINER, &STRANGER, borrowed, Preservation::Expendable),
            TokenError::FundsUnavailable
        );
        assert_noop!(
            Rewards::pay_released(signed(MINER), MINER),
            Error::<Test>::NothingToPay
        );
        // As it was on the hold for no time at all, it does not count later either.
        let counted = Rewards::loyalty(&MINER).counted;
        end_epoch();
        assert!(last_counted(MINER) <= counted);
        wait_until(now() + 7 * DAY);
        assert_ok!(Rewards::pay_released(signed(MINER), MINER));
    });
}

#[test]
fn the_mean_over_the_whole_epoch_counts() {
    execute(|| {
        pass(DAY / 2);
        assert_ok!(Rewards::add_to_hold(signed(VERIFIER), 4_000 * LOOPIN));
        assert_eq!(Rewards::loyalty(&VERIFIER).counted, 4_000 * LOOPIN);
        assert_eq!(last_counted(VERIFIER), 0);
        end_epoch();
        assert_eq!(last_counted(VERIFIER), 2_000 * LOOPIN);
        pass(DAY * 3 / 4);
        assert_ok!(Rewards::release(signed(VERIFIER), 2_000 * LOOPIN));
        end_epoch();
        assert_eq!(last_counted(VERIFIER), 3_500 * LOOPIN);
        end_epoch();
        assert_eq!(last_counted(VERIFIER), 2_000 * LOOPIN);
    });
}

#[test]
fn epochs_in_which_nobody_asked_count_as_well() {
    execute(|| {
        assert_ok!(Rewards::add_to_hold(signed(VERIFIER), 4_000 * LOOPIN));
        (0..5).for_each(|_| end_epoch());
        assert_eq!(last_counted(VERIFIER), 4_000 * LOOPIN);
        pass(DAY / 2);
        assert_ok!(Rewards::release(signed(VERIFIER), 1_000 * LOOPIN));
        (0..3).for_each(|_| end_epoch());
        assert_eq!(last_counted(VERIFIER), 3_000 * LOOPIN);
    });
}

#[test]
fn what_is_released_is_paid_some_days_later() {
    execute(|| {
        earn();
        let before = free(MINER);
        take_events();
        assert_ok!(Rewards::release(signed(MINER), 2_000 * LOOPIN));
        let until = now() + 7 * DAY;
        assert_eq!(
            take_events(),
            [Event::ReleaseBegan {
                who: MINER,
                amount: 2_000 * LOOPIN,
                until
            }]
        );
        let known = Rewards::loyalty(&MINER);
        assert_eq!(known.held, EARNED - 2_000 * LOOPIN);
        assert_eq!(
            known.releases,
            [Release {
                amount: 2_000 * LOOPIN,
                until
            }]
        );
        assert_noop!(
            Rewards::release(signed(MINER), 3_000 * LOOPIN + 1),
            Error::<Test>::NotSoMuchOnHold
        );
        assert_noop!(Rewards::release(signed(MINER), 0), Error::<Test>::NoAmount);
        wait_until(until - 1);
        assert_noop!(
            Rewards::pay_released(signed(STRANGER), MINER),
            Error::<Test>::NothingToPay
        );
        wait_until(until);
        take_events();
        assert_ok!(Rewards::pay_released(signed(STRANGER), MINER));
        assert_eq!(
            take_events(),
            [Event::Released {
                who: MINER,
                amount: 2_000 * LOOPIN
            }]
        );
        assert_eq!(free(MINER), before + 2_000 * LOOPIN);
    });
}

#[test]
fn releases_that_wait_are_few_and_claiming_pays_those_that_are_due() {
    execute(|| {
        earn();
        for _ in 0..MAX_RELEASES {
            assert_ok!(Rewards::release(signed(MINER), LOOPIN));
        }
        assert_noop!(
            Rewards::release(signed(MINER), LOOPIN),
            Error::<Test>::TooManyReleases
        );
        wait_until(now() + 7 * DAY);
        let before = free(MINER);
        claim(MINER);
        assert_eq!(free(MINER), before + u128::from(MAX_RELEASES) * LOOPIN);
        assert_ok!(Rewards::release(signed(MINER), LOOPIN));
    });
}

#[test]
fn liquidity_is_paid_from_the_hold_and_returns_to_it() {
    execute(|| {
        earn();
        let (before, counted) = (free(MINER), Rewards::loyalty(&MINER).counted);
        let position = add_liquidity(2, 7 * DAY);
        let paid = miner(2).intervals[0].outstanding;
        assert!(paid > 100 * LOOPIN);
        assert_eq!((free(MINER), on_loyalty_hold(MINER)), (before, EARNED - paid));
        assert_eq!(Rewards::loyalty(&MINER).counted, counted);
        // Part of it streams back.
        Rewards::liquidity_streamed(position, 2, 10 * LOOPIN);
        assert_eq!(on_loyalty_hold(MINER), EARNED - paid + 10 * LOOPIN);
        withdraw(2);
        assert!(EARNED - on_loyalty_hold(MINER) <= 10);
    });
}

#[test]
fn who_is_paid_freely_gets_its_liquidity_back_freely() {
    execute(|| {
        earn();
        add_liquidity(2, 7 * DAY);
        let held = on_loyalty_hold(MINER);
        assert!(held < EARNED);
        pay_freely(MINER);
        withdraw(2);
        assert_eq!(on_loyalty_hold(MINER), held);
        assert_ok!(Rewards::set_payout(signed(MINER), Payout::Hold));
        assert!(!Payouts::<Test>::contains_key(MINER));
    });
}

#[test]
fn liquidity_in_a_pool_that_is_not_listed_counts_for_nothing() {
    execute(|| {
        assert_ok!(Rewards::set_listing(RuntimeOrigin::root(), POOL, 0));
        add_liquidity(1, 7 * DAY);
        assert_eq!(Rewards::loyalty(&MINER).liquidity, 0);
        add_liquidity(5, 7 * DAY);
        assert!(Rewards::loyalty(&MINER).liquidity > 0);
    });
}

#[test]
fn a_bond_counts_as_long_as_it_is_seen() {
    execute(|| {
        let reason = || pallet_devices::HoldReason::DeviceRegistration.into();
        assert_ok!(Balances::hold(&reason(), &VERIFIER, 1_000 * LOOPIN));
        // Rewards look at it when something changes, as here.
        assert_ok!(Rewards::add_to_hold(signed(VERIFIER), 1));
        end_epoch();
        assert_eq!(last_counted(VERIFIER), 1_000 * LOOPIN + 1);
        assert_ok!(Rewards::add_to_hold(signed(VERIFIER), 1));
        pass(DAY / 2);
        // A bond that is gone when somebody looks was not there since somebody looked last.
        assert_ok!(Balances::release(
            &reason(),
            &VERIFIER,
            1_000 * LOOPIN,
            Precision::Exact
        ));
        end_epoch();
        assert_eq!(last_counted(VERIFIER), 2);
    });
}

#[test]
fn an_account_that_has_nothing_else_keeps_what_it_must() {
    execute(|| {
        let newcomer = 88;
        Rewards::duty_done(&newcomer, 1);
        end_epoch();
        claim(newcomer);
        assert_eq!(free(newcomer), EXISTENTIAL_DEPOSIT);
        assert_eq!(on_loyalty_hold(newcomer), 5 * LOOPIN - EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn what_knows_nothing_is_forgotten() {
    execute(|| {
        assert_ok!(Rewards::add_to_hold(signed(VERIFIER), LOOPIN));
        assert!(Accounts::<Test>::contains_key(VERIFIER));
        assert_ok!(Rewards::release(signed(VERIFIER), LOOPIN));
        assert!(!Accounts::<Test>::contains_key(VERIFIER));
    });
}

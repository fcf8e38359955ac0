//! What bounds the reward of a device: the reference price, and what its time was used for.

use crate::mock::*;
use loopin_primitives::{LiquidityHooks, RentalHooks};

/// An epoch with a reward far above every cap, in which the device passes, and what it is paid for that.
fn paid_for_a_day(happens: impl FnOnce(u32)) -> u128 {
    let mut paid = 0;
    execute(|| {
        change_parameters(|parameters| parameters.initial_emission = 100_000 * LOOPIN);
        let position = add_liquidity(1, 7 * DAY);
        happens(position);
        full(1, GOOD);
        end_epoch();
        settle(1);
        let settled = take_settled();
        assert_eq!(settled[0].3, settled[0].2);
        // The rest of the pool's part is nobody's.
        assert_eq!(pool_epoch(0, POOL).left, 60_000 * LOOPIN - settled[0].2);
        paid = settled[0].3;
    });
    paid
}

/// But for roundings.
fn is_about(amount: u128, expected: u128) -> bool {
    amount <= expected && expected - amount <= 3
}

#[test]
fn idle_time_earns_five_quarters_of_the_reference_price_at_most() {
    assert!(is_about(paid_for_a_day(|_| ()), 24 * REFERENCE * 5 / 4));
}

#[test]
fn rented_time_earns_half_of_the_reference_price_at_most() {
    assert!(is_about(
        paid_for_a_day(|_| rent(1, DAY, 10 * LOOPIN)),
        24 * REFERENCE / 2
    ));
}

#[test]
fn rented_time_earns_half_of_what_was_paid_for_it_at_most() {
    assert!(is_about(
        paid_for_a_day(|_| rent(1, DAY, LOOPIN)),
        24 * LOOPIN / 2
    ));
}

#[test]
fn each_hour_of_a_day_earns_what_it_was_used_for() {
    let paid = paid_for_a_day(|_| {
        pass(HOUR);
        rent(1, 2 * HOUR, LOOPIN);
        pass(5 * HOUR);
        rent(1, HOUR, LOOPIN);
        pass(2 * HOUR);
    });
    assert!(is_about(paid, 21 * REFERENCE * 5 / 4 + 3 * LOOPIN / 2), "{paid}");
}

#[test]
fn a_drained_device_earns_nothing_whether_it_is_rented_or_not() {
    let paid = paid_for_a_day(|position| {
        rent(1, 8 * HOUR, LOOPIN);
        pass(2 * HOUR);
        Rewards::drained(position, 1, true);
        pass(10 * HOUR);
        Rewards::drained(position, 1, false);
    });
    assert!(is_about(paid, 2 * LOOPIN / 2 + 12 * REFERENCE * 5 / 4), "{paid}");
    // Somebody else's position changes nothing.
    assert_eq!(
        paid_for_a_day(|position| Rewards::drained(position + 1, 1, true)),
        paid_for_a_day(|_| ())
    );
}

#[test]
fn a_longer_rental_is_paid_for_by_all_of_its_parts() {
    let paid = paid_for_a_day(|_| {
        rent(1, 10 * HOUR, LOOPIN);
        pass(5 * HOUR);
        // The extension.
        Rewards::rented(1, now() + 10 * HOUR, 10 * LOOPIN);
    });
    assert!(
        is_about(paid, (5 + 5 + 10) * LOOPIN / 2 + 9 * REFERENCE * 5 / 4),
        "{paid}"
    );
}

#[test]
fn what_comes_back_was_not_paid() {
    let ended_early = |refund| {
        paid_for_a_day(|_| {
            rent(1, 10 * HOUR, 2 * LOOPIN);
            pass(5 * HOUR);
            Rewards::given_back(1, refund);
        })
    };
    let idle = 19 * REFERENCE * 5 / 4;
    assert!(is_about(ended_early(10 * LOOPIN), idle + 10 * LOOPIN / 2));
    // Less comes back than was paid for the rest, or more.
    assert!(is_about(ended_early(7 * LOOPIN), idle + 13 * LOOPIN / 2));
    assert!(is_about(ended_early(16 * LOOPIN), idle + 4 * LOOPIN / 2));
    assert!(is_about(ended_early(50 * LOOPIN), idle));
}

#[test]
fn a_rental_over_several_epochs_is_divided_among_them() {
    execute(|| {
        change_parameters(|parameters| parameters.initial_emission = 100_000 * LOOPIN);
        add_liquidity(1, 7 * DAY);
        pass(DAY / 2);
        rent(1, 2 * DAY, LOOPIN);
        let mut paid = Vec::new();
        for _ in 0..4 {
            full(1, GOOD);
            end_epoch();
            settle(1);
            paid.push(take_settled()[0].3);
        }
        let (idle, rented) = (12 * REFERENCE * 5 / 4, 12 * LOOPIN / 2);
        assert!(is_about(paid[0], idle + rented), "{paid:?}");
        assert!(is_about(paid[1], 2 * rented), "{paid:?}");
        assert!(is_about(paid[2], idle + rented), "{paid:?}");
        assert!(is_about(paid[3], 2 * idle), "{paid:?}");
    });
}

#[test]
fn what_comes_back_after_an_epochs_end_was_not_paid_in_it_either() {
    execute(|| {
        change_parameters(|parameters| parameters.initial_emission = 100_000 * LOOPIN);
        add_liquidity(1, 7 * DAY);
        let paid_for_a_day = |settles_first: bool| {
            rent(1, 4 * DAY, 2 * LOOPIN);
            full(1, GOOD);
            end_epoch();
            if settles_first {
                settle(1);
            }
            // Half of what seemed to have been paid for the day that is over comes back, too.
            Rewards::given_back(1, (3 * 48 + 24) * LOOPIN);
            settle(1);
            take_settled()[0].3
        };
        assert!(is_about(paid_for_a_day(false), 24 * LOOPIN / 2));
        assert_eq!(miner(1).overpaid, 0);
        // If the day is settled already, the next rental makes up for it.
        assert!(is_about(paid_for_a_day(true), 48 * LOOPIN / 2));
        assert_eq!(miner(1).overpaid, 24 * LOOPIN);
        rent(1, DAY, 2 * LOOPIN);
        full(1, GOOD);
        end_epoch();
        settle(1);
        assert!(is_about(take_settled()[0].3, 24 * LOOPIN / 2));
    });
}

#[test]
fn what_an_unseen_epoch_was_used_for_counts_in_no_other() {
    execute(|| {
        change_parameters(|parameters| parameters.initial_emission = 100_000 * LOOPIN);
        add_liquidity(1, 7 * DAY);
        full(1, GOOD);
        rent(1, 3 * DAY, LOOPIN);
        (0..3).for_each(|_| end_epoch());
        full(1, GOOD);
        end_epoch();
        settle(1);
        let paid: Vec<_> = take_settled().iter().map(|settled| settled.3).collect();
        assert!(is_about(paid[0], 24 * LOOPIN / 2), "{paid:?}");
        assert!(is_about(paid[1], 24 * REFERENCE * 5 / 4), "{paid:?}");
    });
}

#[test]
fn the_price_of_sold_time_matters_to_nobody() {
    execute(|| {
        add_liquidity(1, DAY);
        full(1, GOOD);
        pass(12 * HOUR);
        withdraw(1);
        // Its owner sells the afternoon, and somebody rents it.
        rent(1, 6 * HOUR, LOOPIN);
        assert_eq!(miner(1).tenancy, None);
        end_epoch();
        settle(1);
        assert!(is_about(take_settled()[0].2, 60 * LOOPIN));
    });
}

#[test]
fn the_reward_of_an_hour_is_what_an_idle_one_earned() {
    execute(|| {
        change_parameters(|parameters| parameters.initial_emission = 100_000 * LOOPIN);
        add_liquidity(1, 7 * DAY);
        end_epoch();
        assert_eq!(Rewards::reward_per_gpu_hour(POOL), Some(REFERENCE * 5 / 4 - 1));
    });
}

//! Which seconds of which positions count.

use crate::{mock::*, *};
use loopin_math::Region;
use loopin_primitives::LiquidityHooks;
use sp_runtime::Permill;

#[test]
fn positions_share_by_their_seconds() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        pass(DAY / 2);
        add_liquidity(3, 7 * DAY);
        full(1, GOOD);
        full(3, GOOD);
        end_epoch();
        settle(1);
        settle(3);
        let settled = take_settled();
        assert_eq!(settled[0].2, 40 * LOOPIN - 1);
        assert_eq!(settled[1].2, 20 * LOOPIN - 1);
        assert!(pool_epoch(0, POOL).left <= 2);
    });
}

#[test]
fn who_withdraws_early_is_paid_until_then() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        add_liquidity(3, 7 * DAY);
        full(1, GOOD);
        full(3, GOOD);
        pass(DAY / 3);
        withdraw(1);
        // The epoch is not over.
        assert_eq!(take_settled(), []);
        end_epoch();
        settle(1);
        settle(3);
        let settled = take_settled();
        assert!(settled[0].2.abs_diff(15 * LOOPIN) <= 1);
        assert!(settled[1].2.abs_diff(45 * LOOPIN) <= 1);
        // Nothing of it is left to be known.
        assert!(!Miners::<Test>::contains_key(1));
        assert!(Miners::<Test>::contains_key(3));
    });
}

#[test]
fn a_position_that_is_closed_late_is_paid_until_its_end() {
    execute(|| {
        add_liquidity(1, DAY + DAY / 2);
        full(1, GOOD);
        end_epoch();
        full(1, GOOD);
        end_epoch();
        let closed = pool_epoch(1, POOL);
        assert_eq!(closed.provider_seconds, u128::from(DAY) / 2);
        pass(HOUR);
        close(1);
        let settled = take_settled();
        assert_eq!(settled.len(), 2);
        assert!(settled.iter().all(|settled| settled.3.abs_diff(60 * LOOPIN) <= 1));
        assert!(!Miners::<Test>::contains_key(1));
        assert_eq!(Accounts::<Test>::get(MINER).liquidity, 0);
    });
}

#[test]
fn several_positions_of_a_device_in_one_epoch_add_up() {
    execute(|| {
        add_liquidity(3, 7 * DAY);
        full(3, GOOD);
        for _ in 0..3 {
            add_liquidity(1, 7 * DAY);
            full(1, GOOD);
            pass(HOUR);
            withdraw(1);
            pass(HOUR);
        }
        end_epoch();
        settle(1);
        let settled = take_settled();
        assert_eq!((settled[0].0, settled[0].1), (1, 0));
        // 3 of 27 hours.
        assert!((settled[0].2 * 27 / 3).abs_diff(60 * LOOPIN) <= 10);
    });
}

#[test]
fn who_adds_liquidity_too_often_loses_the_first_times() {
    execute(|| {
        for _ in 0..MAX_INTERVALS + 2 {
            add_liquidity(1, 7 * DAY);
            full(1, GOOD);
            pass(HOUR);
            withdraw(1);
        }
        assert_eq!(miner(1).intervals.len(), MAX_INTERVALS as usize);
        end_epoch();
        settle(1);
        let settled = take_settled();
        let expected = 60 * LOOPIN * u128::from(MAX_INTERVALS) / u128::from(MAX_INTERVALS + 2);
        assert!(settled[0].2.abs_diff(expected) <= 1);
    });
}

#[test]
fn a_pass_from_before_a_position_does_not_count_for_it() {
    execute(|| {
        full(1, GOOD);
        add_liquidity(1, 7 * DAY);
        end_epoch();
        settle(1);
        assert_eq!(take_settled(), []);
    });
}

#[test]
fn what_is_paid_into_pools_counts_until_it_is_back() {
    execute(|| {
        let position = add_liquidity(1, 7 * DAY);
        let paid = ENDOWMENT - wealth(MINER);
        assert_eq!(Accounts::<Test>::get(MINER).liquidity, paid);
        Rewards::liquidity_streamed(position, 1, paid / 4);
        assert_eq!(Accounts::<Test>::get(MINER).liquidity, paid - paid / 4);
        // Where more streams back than was paid in, that is all there is.
        Rewards::liquidity_streamed(position, 1, paid);
        assert_eq!(Accounts::<Test>::get(MINER).liquidity, 0);
        // Another position is another matter.
        add_liquidity(2, 7 * DAY);
        let liquidity = Accounts::<Test>::get(MINER).liquidity;
        Rewards::liquidity_streamed(position, 2, 1);
        assert_eq!(Accounts::<Test>::get(MINER).liquidity, liquidity);
        withdraw(2);
        assert_eq!(Accounts::<Test>::get(MINER).liquidity, 0);
    });
}

#[test]
fn a_device_of_a_pool_that_is_not_listed_earns_nothing() {
    execute(|| {
        Rewards::set_listing(RuntimeOrigin::root(), POOL, 0).unwrap();
        add_liquidity(1, 7 * DAY);
        full(1, GOOD);
        end_epoch();
        settle(1);
        assert_eq!(take_settled(), []);
        assert!(miner(1).unsettled.is_none());
    });
}

#[test]
fn a_pool_that_is_listed_later_is_rewarded_from_then_on() {
    execute(|| {
        Rewards::set_listing(RuntimeOrigin::root(), POOL, 0).unwrap();
        add_liquidity(1, 7 * DAY);
        full(1, GOOD);
        pass(DAY / 2);
        Rewards::set_listing(RuntimeOrigin::root(), POOL, REFERENCE).unwrap();
        end_epoch();
        let closed = pool_epoch(0, POOL);
        assert_eq!((closed.from, closed.until), (BEGIN + DAY / 2, BEGIN + DAY));
        assert_eq!(closed.provider_seconds, u128::from(DAY) / 2);
        settle(1);
        assert!(take_settled()[0].2.abs_diff(60 * LOOPIN) <= 1);
    });
}

#[test]
fn nobody_asks_and_verdicts_settle_one_epoch_each() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        for _ in 0..3 {
            full(1, GOOD);
            end_epoch();
        }
        // Those of two epochs have been settled by the verdicts of the next ones.
        assert_eq!(take_settled().len(), 2);
        assert_eq!(miner(1).unsettled, None);
        full(1, GOOD);
        assert_eq!(take_settled().len(), 1);
    });
}

#[test]
fn present_factors_and_rates_can_be_asked_for() {
    execute(|| {
        assert_eq!(Rewards::present_factors(1), None);
        assert_eq!(Rewards::reward_per_gpu_hour(POOL), None);
        add_liquidity(1, 7 * DAY);
        assert_eq!(Rewards::present_factors(1), None);
        full(1, GOOD);
        assert_eq!(Rewards::present_factors(1), Some(loopin_math::Factors::FULL));
        end_epoch();
        settle(1);
        assert_eq!(Rewards::present_factors(1), Some(loopin_math::Factors::FULL));
        assert_eq!(
            Rewards::reward_per_gpu_hour(POOL),
            Some(2_500 * LOOPIN / 1_000 - 1)
        );
        let price = pool_epoch(0, POOL).price;
        let conditions = Rewards::conditions(POOL, price / 2, Permill::zero(), 0, 2 * price).unwrap();
        assert_eq!(
            (conditions.pool_price, conditions.reward),
            (price, 2_500 * LOOPIN / 1_000 - 1)
        );
        assert_eq!(conditions.region(), Region::Balanced);
        assert_eq!(Rewards::conditions(UNLISTED_POOL, 1, Permill::zero(), 0, 1), None);
    });
}

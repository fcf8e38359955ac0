//! What rewards are told of a pool.

use crate::{mock::*, *};
use frame_support::assert_noop;
use loopin_math::time::{DAY, HOUR, scheduled_end};

/// A pool with one device in it for a week.
fn provided() -> PoolId {
    let pool = create_pool();
    let end = scheduled_end(now(), 7 * DAY).unwrap();
    DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX).unwrap();
    pool
}

#[test]
fn a_mark_in_the_past_is_what_it_would_have_been_then() {
    run(|| {
        let pool = provided();
        let (first, _) = DissipativePools::mark(pool, now(), None).unwrap();
        let at = now() + DAY;
        wait(3 * DAY);
        let (mark, mean) = DissipativePools::mark(pool, at, Some(&first)).unwrap();
        assert_eq!(mark.moment, at);
        assert_eq!(mark.provider_seconds - first.provider_seconds, u128::from(DAY));
        assert_eq!(Pools::<Test>::get(pool).unwrap().pool.updated_at, at);
        let (later, _) = DissipativePools::mark(pool, now(), Some(&mark)).unwrap();
        assert_eq!(
            later.provider_seconds - mark.provider_seconds,
            2 * u128::from(DAY)
        );
        // Nothing was traded, so the price has not moved, but for roundings.
        assert!(mean.abs_diff(LOOPIN / 2) <= 1_000_000, "{mean}");
    });
}

#[test]
fn a_pool_that_has_come_further_is_marked_where_it_is() {
    run(|| {
        let pool = provided();
        wait(HOUR);
        DissipativePools::synced(pool).unwrap();
        let (mark, price) = DissipativePools::mark(pool, now() - 600, None).unwrap();
        assert_eq!(mark.moment, now());
        assert_eq!(mark.provider_seconds, HOUR.into());
        let state = Pools::<Test>::get(pool).unwrap().pool;
        assert_eq!(price, state.price_per_gpu_hour());
    });
}

#[test]
fn the_hours_that_run_off_until_a_mark_are_burned() {
    run(|| {
        let pool = provided();
        wait(DAY);
        DissipativePools::mark(pool, now() - HOUR, None).unwrap();
        let idle = Pools::<Test>::get(pool).unwrap().pool.idle_gpu_seconds();
        assert_eq!(Assets::total_supply(pool), idle);
    });
}

#[test]
fn a_pool_that_does_not_exist_cannot_be_marked() {
    run(|| {
        assert_noop!(DissipativePools::mark(7, now(), None), Error::<Test>::UnknownPool);
        assert_noop!(DissipativePools::terms(7), Error::<Test>::UnknownPool);
    });
}

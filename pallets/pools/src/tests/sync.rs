//! How time passes in a pool.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use loopin_math::time::{DAY, HOUR, scheduled_end};

#[test]
fn a_pool_that_does_not_exist_is_refused() {
    run(|| {
        assert_noop!(
            DissipativePools::sync(RuntimeOrigin::signed(BOB), 0),
            Error::<Test>::UnknownPool
        );
        assert_noop!(
            DissipativePools::sync(RuntimeOrigin::signed(BOB), u32::MAX),
            Error::<Test>::UnknownPool
        );
    });
}

#[test]
fn nothing_runs_off_in_a_pool_without_devices() {
    run(|| {
        let pool = create_pool();
        let before = Pools::<Test>::get(pool).unwrap();
        wait(400 * DAY);
        assert_ok!(DissipativePools::sync(RuntimeOrigin::signed(BOB), pool));
        let after = Pools::<Test>::get(pool).unwrap();
        assert_eq!(
            (before.pool.reserve, before.pool.gpu_seconds),
            (after.pool.reserve, after.pool.gpu_seconds)
        );
        assert_eq!(after.pool.updated_at, now());
    });
}

#[test]
fn hour_tokens_of_idle_devices_are_burned_as_time_passes() {
    run(|| {
        let pool = create_pool();
        let end = scheduled_end(now(), 7 * DAY).unwrap();
        DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX).unwrap();
        let start = now();
        assert_eq!(Assets::total_supply(pool), u128::from(end - start));
        wait(HOUR);
        assert_ok!(DissipativePools::sync(RuntimeOrigin::signed(CAROL), pool));
        assert_eq!(Assets::total_supply(pool), u128::from(end - start - HOUR));
        wait(30 * DAY);
        assert_ok!(DissipativePools::sync(RuntimeOrigin::signed(CAROL), pool));
        assert_eq!(Assets::total_supply(pool), 0);
    });
}

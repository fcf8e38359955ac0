//! `deepen`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use loopin_math::time::{DAY, HOUR, scheduled_end};
use sp_runtime::{DispatchError, TokenError};

/// The anchor of the tests' pool.
const ANCHOR: u128 = 1_000 * LOOPIN;

fn deepen(pool: PoolId, amount: u128) -> frame_support::dispatch::DispatchResultWithPostInfo {
    DissipativePools::deepen(RuntimeOrigin::signed(BOB), pool, amount)
}

fn pool_with_time() -> PoolId {
    let pool = create_pool();
    let end = scheduled_end(now(), 7 * DAY).unwrap();
    DissipativePools::add_liquidity(pool, &CAROL, end, u128::MAX).unwrap();
    wait(60);
    pool
}

#[test]
fn the_amount_is_locked_at_the_present_price() {
    run(|| {
        let pool = pool_with_time();
        wait(HOUR);
        let before = DissipativePools::synced(pool).unwrap();
        let had = Balances::free_balance(BOB);
        System::reset_events();
        assert_ok!(deepen(pool, 500 * LOOPIN));
        let state = Pools::<Test>::get(pool).unwrap();
        let gpu_seconds = state.pool.anchor_gpu_seconds - before.anchor_gpu_seconds;
        assert_eq!(gpu_seconds, 500 * LOOPIN * before.gpu_seconds / before.reserve);
        assert_eq!(Balances::free_balance(BOB), had - 500 * LOOPIN);
        assert_eq!(state.anchor, ANCHOR + 500 * LOOPIN);
        assert_eq!(state.pool.reserve, before.reserve + 500 * LOOPIN);
        assert_eq!(state.pool.idle_gpu_seconds(), before.idle_gpu_seconds());
        assert!(
            state
                .pool
                .price_per_gpu_hour()
                .abs_diff(before.price_per_gpu_hour())
                <= 1_000_000
        );
        System::assert_has_event(
            Event::Deepened {
                pool,
                who: BOB,
                amount: 500 * LOOPIN,
                gpu_seconds,
            }
            .into(),
        );
    });
}

#[test]
fn it_never_leaves_and_does_not_run_off() {
    run(|| {
        let pool = pool_with_time();
        assert_ok!(deepen(pool, 500 * LOOPIN));
        wait(30 * DAY);
        let state = DissipativePools::synced(pool).unwrap();
        assert_eq!(state.gpu_seconds, state.anchor_gpu_seconds);
        assert_eq!(state.shares, state.anchor_shares);
        // But for what it was worth beyond whole GPU-seconds, which falls to the other shares.
        assert!(state.reserve + LOOPIN / 2 / 3_600 >= ANCHOR + 500 * LOOPIN);
    });
}

#[test]
fn a_deeper_pool_moves_less() {
    let rise = |deepened: bool| {
        let mut rise = 0;
        run(|| {
            let pool = pool_with_time();
            if deepened {
                assert_ok!(deepen(pool, 20_000 * LOOPIN));
            }
            let before = DissipativePools::synced(pool).unwrap().price_per_gpu_hour();
            let end = scheduled_end(now(), 5 * DAY).unwrap();
            DissipativePools::rent(pool, &BOB, 1, end, u128::MAX).unwrap();
            rise = DissipativePools::synced(pool).unwrap().price_per_gpu_hour() - before;
        });
        rise
    };
    assert!(rise(true) * 2 < rise(false));
}

#[test]
fn below_the_mean_price_of_a_week_it_is_locked_at_that_price() {
    run(|| {
        let pool = pool_with_time();
        wait(DAY);
        let usual = DissipativePools::synced(pool).unwrap().price_per_gpu_hour();
        // Somebody sells twice the time that the pool has.
        for _ in 0..30 {
            let end = scheduled_end(now(), 7 * DAY).unwrap();
            DissipativePools::sell(pool, &CAROL, None, end, 0).unwrap();
        }
        wait(60);
        let before = DissipativePools::synced(pool).unwrap();
        assert!(before.price_per_gpu_hour() < usual / 4);
        assert_ok!(deepen(pool, 100 * LOOPIN));
        let state = Pools::<Test>::get(pool).unwrap().pool;
        let gpu_seconds = state.anchor_gpu_seconds - before.anchor_gpu_seconds;
        let price = 100 * LOOPIN * 3_600 / gpu_seconds;
        assert!(price > usual * 99 / 100 && price <= usual, "{price} of {usual}");
    });
}

#[test]
fn nothing_is_locked_for_nothing() {
    run(|| {
        let pool = create_pool();
        assert_noop!(
            deepen(pool, LOOPIN).map_err(|error| error.error),
            Error::<Test>::PoolTooYoung
        );
        wait(60);
        for amount in [0, 1] {
            assert_noop!(
                deepen(pool, amount).map_err(|error| error.error),
                Error::<Test>::ZeroAmount
            );
        }
        assert_noop!(
            deepen(pool, ENDOWMENT).map_err(|error| error.error),
            TokenError::NotExpendable
        );
        assert_noop!(
            deepen(pool, u128::MAX).map_err(|error| error.error),
            Error::<Test>::Overflow
        );
        assert_noop!(
            deepen(7, LOOPIN).map_err(|error| error.error),
            Error::<Test>::UnknownPool
        );
        assert_noop!(
            DissipativePools::deepen(RuntimeOrigin::root(), pool, LOOPIN).map_err(|error| error.error),
            DispatchError::BadOrigin
        );
    });
}

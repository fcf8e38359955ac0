//! Hourly price marks, and what is read from them.

use crate::{mock::*, *};
use frame_support::assert_noop;
use loopin_math::time::{DAY, HOUR, hour_of, scheduled_end};

/// A pool with a device in it for a week, created at a whole hour.
fn pool_from_a_whole_hour() -> PoolId {
    wait_until(now().next_multiple_of(HOUR));
    let pool = create_pool();
    let end = scheduled_end(now(), 7 * DAY).unwrap();
    DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX).unwrap();
    pool
}

/// A client rents the device until then, which lifts the price.
fn rent_for(pool: PoolId, seconds: u64) {
    let end = scheduled_end(now(), seconds).unwrap();
    DissipativePools::rent(pool, &CAROL, 1, end, u128::MAX).unwrap();
}

fn price(pool: PoolId) -> u128 {
    DissipativePools::synced(pool).unwrap().price_per_gpu_hour()
}

fn marked_hours(pool: PoolId) -> Vec<u64> {
    let mut hours: Vec<u64> = PriceMarks::<Test>::iter_prefix_values(pool)
        .map(|mark| mark.hour.into())
        .collect();
    hours.sort();
    hours
}

#[test]
fn the_first_sync_in_an_hour_marks_its_beginning() {
    run(|| {
        let pool = pool_from_a_whole_hour();
        let start = now();
        wait(HOUR - 1);
        DissipativePools::synced(pool).unwrap();
        assert!(marked_hours(pool).is_empty());
        wait(1);
        DissipativePools::synced(pool).unwrap();
        wait(600);
        DissipativePools::synced(pool).unwrap();
        wait(3 * HOUR);
        DissipativePools::synced(pool).unwrap();
        let hour = hour_of(start);
        assert_eq!(marked_hours(pool), [hour + 1, hour + 4]);
    });
}

#[test]
fn a_mark_is_the_same_however_late_the_pool_is_synced() {
    let mark_after = |late: u64| {
        let mut mark = None;
        run(|| {
            let pool = pool_from_a_whole_hour();
            rent_for(pool, 5 * HOUR);
            let hour = hour_of(now()) + 1;
            wait(HOUR + late);
            DissipativePools::synced(pool).unwrap();
            mark = PriceMarks::<Test>::get(pool, hour as u32 % MARKED_HOURS);
        });
        mark.unwrap()
    };
    assert_eq!(mark_after(0), mark_after(HOUR - 1));
}

#[test]
fn the_mean_over_any_hours_is_that_of_these_hours_alone() {
    run(|| {
        let pool = pool_from_a_whole_hour();
        let (start, cheap) = (now(), price(pool));
        wait(HOUR);
        rent_for(pool, 5 * DAY);
        let dear = price(pool);
        assert!(dear > cheap * 101 / 100);
        wait(HOUR);
        DissipativePools::synced(pool).unwrap();
        let mean = |from, until| DissipativePools::mean_price(pool, from, until).unwrap();
        let first = mean(start, start + HOUR);
        assert_eq!(
            (first.from, first.until, first.has_gap),
            (start, start + HOUR, false)
        );
        assert!(first.price_per_gpu_hour.abs_diff(cheap) < 1_000_000);
        let second = mean(start + HOUR, start + 2 * HOUR);
        assert!(second.price_per_gpu_hour > dear * 99 / 100 && second.price_per_gpu_hour <= dear);
        let both = mean(start, start + 2 * HOUR);
        assert!(both.price_per_gpu_hour > first.price_per_gpu_hour);
        assert!(both.price_per_gpu_hour < second.price_per_gpu_hour);
        // A time that is not over ends now, and one within an hour begins with that hour.
        wait(600);
        let running = mean(start + 2 * HOUR + 300, start + DAY);
        assert_eq!(
            (running.from, running.until, running.has_gap),
            (start + 2 * HOUR, now(), false)
        );
    });
}

#[test]
fn over_a_gap_the_nearest_earlier_mark_is_used_and_said_so() {
    run(|| {
        let pool = pool_from_a_whole_hour();
        let start = now();
        wait(HOUR);
        DissipativePools::synced(pool).unwrap();
        wait(4 * HOUR);
        DissipativePools::synced(pool).unwrap();
        let mean = DissipativePools::mean_price(pool, start + 3 * HOUR, start + 5 * HOUR).unwrap();
        assert_eq!(
            (mean.from, mean.until, mean.has_gap),
            (start + HOUR, start + 5 * HOUR, true)
        );
        // In the gap alone there is nothing to tell.
        assert_noop!(
            DissipativePools::mean_price(pool, start + 2 * HOUR, start + 3 * HOUR),
            Error::<Test>::InvalidTime
        );
        let chart = DissipativePools::price_chart(pool, start, now()).unwrap();
        let shown: Vec<_> = chart
            .iter()
            .map(|mean| {
                (
                    (mean.from - start) / HOUR,
                    (mean.until - start) / HOUR,
                    mean.has_gap,
                )
            })
            .collect();
        assert_eq!(shown, [(0, 1, false), (1, 5, true)]);
    });
}

#[test]
fn marks_of_more_than_ten_days_ago_make_room_for_new_ones() {
    run(|| {
        let pool = pool_from_a_whole_hour();
        let start = now();
        for _ in 0..300 {
            wait(HOUR);
            DissipativePools::synced(pool).unwrap();
        }
        assert_eq!(PriceMarks::<Test>::iter_prefix(pool).count(), 256);
        assert_eq!(marked_hours(pool)[0], hour_of(start) + 45);
        let chart = DissipativePools::price_chart(pool, now() - DAY, now()).unwrap();
        assert_eq!(chart.len(), 24);
        // Older than any mark but the beginning.
        let mean = DissipativePools::mean_price(pool, start + 10 * HOUR, now()).unwrap();
        assert_eq!((mean.from, mean.has_gap), (start, true));
    });
}

#[test]
fn a_pool_of_the_genesis_begins_with_the_first_moment_that_it_sees() {
    run(|| {
        let pool = DissipativePools::do_create_pool(
            ALICE,
            text("A class"),
            text("CLASS"),
            10_000 * LOOPIN,
            LOOPIN,
            terms(),
            0,
        )
        .unwrap();
        wait(DAY);
        let began = now();
        assert_eq!(DissipativePools::synced(pool).unwrap().updated_at, began);
        assert_eq!(PoolInfos::<Test>::get(pool).unwrap().created_at, began);
        assert!(marked_hours(pool).is_empty());
        let end = scheduled_end(now(), 7 * DAY).unwrap();
        DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX).unwrap();
        rent_for(pool, 5 * DAY);
        let dear = price(pool);
        wait(2 * HOUR);
        // Not since 1970.
        let state = DissipativePools::synced(pool).unwrap();
        let mean = state.mean_price_per_gpu_hour(&Default::default()).unwrap();
        assert!(mean > dear * 99 / 100 && mean <= dear, "{mean} of {dear}");
        let mean = DissipativePools::mean_price(pool, 0, now()).unwrap();
        assert_eq!((mean.from, mean.until), (began, now()));
    });
}

#[test]
fn times_that_are_none_and_pools_that_are_not_there_are_refused() {
    run(|| {
        let pool = create_pool();
        let at = now();
        for outcome in [
            DissipativePools::mean_price(pool, at, at).map(|_| ()),
            DissipativePools::mean_price(pool, at - 2, at - 1).map(|_| ()),
            DissipativePools::price_chart(pool, at, at - 1).map(|_| ()),
        ] {
            assert_eq!(outcome, Err(Error::<Test>::InvalidTime.into()));
        }
        assert_eq!(DissipativePools::price_chart(pool, 0, at), Ok(vec![]));
        assert_noop!(DissipativePools::mean_price(7, 0, at), Error::<Test>::UnknownPool);
    });
}

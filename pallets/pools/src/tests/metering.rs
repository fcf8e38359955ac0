//! What syncing is charged for.

use crate::{mock::*, *};
use frame_support::{dispatch::GetDispatchInfo, weights::Weight};
use loopin_math::time::{DAY, HOUR, scheduled_end};
use sp_runtime::DispatchError;

/// What that many pages cost.
fn pages(count: u32) -> Weight {
    <() as WeightInfo>::sync(count) - <() as WeightInfo>::sync(0)
}

/// A pool with one device in it for a week.
fn pool_with_time() -> PoolId {
    let pool = create_pool();
    let end = scheduled_end(now(), 7 * DAY).unwrap();
    DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX).unwrap();
    pool
}

#[test]
fn the_charge_is_for_the_pages_that_were_passed_and_one_for_the_mark_of_an_hour() {
    run(|| {
        let pool = pool_with_time();
        for (seconds, passed) in [(0, 0), (3 * HOUR, 4 + 1), (1_000 * DAY, 166 + 1)] {
            wait(seconds);
            let info = DissipativePools::sync(RuntimeOrigin::signed(CAROL), pool).unwrap();
            assert_eq!(
                info.actual_weight,
                Some(<() as WeightInfo>::sync(0) + pages(passed))
            );
        }
        assert!(!SyncWeight::<Test>::exists());
    });
}

#[test]
fn a_call_is_charged_for_the_most_before_it_runs() {
    let call = Call::<Test>::sync { pool: 0 };
    let most = <() as WeightInfo>::sync(0) + DissipativePools::most_sync_weight();
    assert_eq!(call.get_dispatch_info().call_weight, most);
    assert_eq!(DissipativePools::most_pages(), 171);
}

#[test]
fn what_is_measured_inside_is_not_counted_outside() {
    run(|| {
        let pool = pool_with_time();
        let (inner, outer) = DissipativePools::measured(|| {
            wait(HOUR);
            DissipativePools::synced(pool).unwrap();
            let (_, inner) = DissipativePools::measured(|| {
                wait(2 * HOUR);
                DissipativePools::synced(pool).unwrap();
            });
            wait(HOUR);
            DissipativePools::mark(pool, now(), None).unwrap();
            inner
        });
        assert_eq!((inner, outer), (pages(3 + 1), pages(2 + 1 + 2 + 1)));
        assert!(!SyncWeight::<Test>::exists());
    });
}

#[test]
fn what_a_call_does_not_measure_is_left_for_whoever_measures_around_it() {
    run(|| {
        let pool = pool_with_time();
        let (_, unmetered) = DissipativePools::measured(|| {
            wait(HOUR);
            DissipativePools::synced(pool).unwrap();
        });
        assert_eq!(unmetered, pages(2 + 1));
    });
}

#[test]
fn nothing_is_left_behind_where_a_call_fails() {
    run(|| {
        let pool = pool_with_time();
        wait(HOUR);
        let failed = DissipativePools::metered(|| {
            DissipativePools::synced(pool)?;
            Err(DispatchError::CannotLookup)
        });
        assert_eq!(failed.unwrap_err().error, DispatchError::CannotLookup);
        assert!(!SyncWeight::<Test>::exists());
    });
}

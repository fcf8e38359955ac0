//! What calls are charged.

use crate::{mock::*, *};
use frame_support::{
    dispatch::{DispatchResultWithPostInfo, GetDispatchInfo},
    weights::Weight,
};
use loopin_primitives::{Balance, DeviceHooks};

fn charged(call: crate::Call<Test>) -> Weight {
    call.get_dispatch_info().call_weight
}

#[test]
fn calls_are_charged_for_the_most_that_they_can_cost() {
    let most = Pools::most_sync_weight();
    let rent = crate::Call::rent {
        pool: POOL,
        devices: devices(&[0, 1]),
        seconds: HOUR,
        max_cost: 0,
        access_key: access_key(KEY),
    };
    assert_eq!(
        charged(rent),
        <() as WeightInfo>::rent(2) + RENTED_WEIGHT * 2 + most
    );
    let extend = crate::Call::extend {
        rental: 0,
        seconds: HOUR,
        max_cost: 0,
    };
    assert_eq!(
        charged(extend),
        <() as WeightInfo>::extend(64) + RENTED_WEIGHT * 64 + most
    );
    let terminate = crate::Call::terminate {
        rental: 0,
        min_refund: 0,
    };
    assert_eq!(
        charged(terminate),
        <() as WeightInfo>::terminate(64) + RENTED_WEIGHT * 64 + CONSUMED_WEIGHT + most
    );
    let complete = crate::Call::complete { rental: 0 };
    assert_eq!(
        charged(complete),
        <() as WeightInfo>::complete(64) + RENTED_WEIGHT * 64 + CONSUMED_WEIGHT
    );
}

#[test]
fn calls_that_touch_no_pool_are_not_charged_for_one() {
    let retire = crate::Call::retire_used_hours { rental: 0 };
    assert_eq!(charged(retire), <() as WeightInfo>::retire_used_hours());
    let report = crate::Call::report_failure { rental: 0, device: 0 };
    assert_eq!(charged(report), <() as WeightInfo>::report_failure());
    let withdraw = crate::Call::withdraw_report { device: 0 };
    assert_eq!(charged(withdraw), <() as WeightInfo>::withdraw_report());
}

#[test]
fn what_calls_were_charged_too_much_comes_back() {
    let costs = |outcome: DispatchResultWithPostInfo, weight: Weight, pages: u32| {
        use pallet_pools::WeightInfo;
        let sync_weight = <() as WeightInfo>::sync(pages) - <() as WeightInfo>::sync(0);
        assert_eq!(outcome.unwrap().actual_weight, Some(weight + sync_weight));
    };
    run(|| {
        let client = || RuntimeOrigin::signed(1);
        // The pool is synced at the start.
        costs(
            try_rent(1, &[0, 1, 2], 8 * HOUR, Balance::MAX),
            <() as WeightInfo>::rent(3) + RENTED_WEIGHT * 3,
            0,
        );
        // `OPENING` is a whole hour, so this passes the pages of three hours, and marks one.
        assert!(OPENING.is_multiple_of(HOUR));
        wait(2 * HOUR + 1);
        costs(
            Renting::extend(client(), 0, HOUR, Balance::MAX),
            <() as WeightInfo>::extend(3) + RENTED_WEIGHT * 3,
            3 + 1,
        );
        // Nothing can be due before the next minute begins.
        wait(1);
        costs(
            Renting::terminate(client(), 0, 0),
            <() as WeightInfo>::terminate(3) + RENTED_WEIGHT * 3 + CONSUMED_WEIGHT,
            0,
        );
        // Nobody looks at the pool where nothing is left of a rental.
        let rental = rent(1, &[4], HOUR);
        wait(2 * HOUR);
        costs(
            Renting::complete(client(), rental),
            <() as WeightInfo>::complete(1) + RENTED_WEIGHT + CONSUMED_WEIGHT,
            0,
        );
    });
}

#[test]
fn a_verdict_is_charged_for_the_dearest_that_follows_from_it() {
    let weight = <Renting as DeviceHooks>::weight();
    for part in [
        <() as WeightInfo>::suspended() + RENTED_WEIGHT + CONSUMED_WEIGHT,
        <() as WeightInfo>::passed(),
        <() as WeightInfo>::evict() + RENTED_WEIGHT + CONSUMED_WEIGHT,
    ] {
        assert!(part.all_lte(weight));
    }
}

//! `settle`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo};
use loopin_math::time::DAY;
use loopin_primitives::RentalId;
use sp_runtime::DispatchError;

fn settle(rental: RentalId) -> DispatchResultWithPostInfo {
    // A stranger without an account.
    Renting::settle(RuntimeOrigin::signed(99), rental)
}

#[test]
fn the_hour_tokens_that_have_been_used_are_retired() {
    ExternalityBuilder.build_and_execute(|| {
        let rental = rent(1, &[0, 1], 2 * HOUR);
        let before = entry(rental);
        pass(100);
        assert_eq!(hours(POOL, 1), 2 * 7_200);
        take_events();
        assert_ok!(settle(rental));
        assert_eq!(hours(POOL, 1), 2 * 7_100);
        assert_eq!(
            entry(rental),
            Rental {
                settled_at: START + 100,
                ..before
            }
        );
        assert_eq!(
            take_events(),
            [Event::HoursConsumed {
                rental,
                gpu_seconds: 200
            }]
        );
    });
}

#[test]
fn settling_twice_in_a_moment_does_nothing() {
    ExternalityBuilder.build_and_execute(|| {
        let rental = rent(1, &[0], HOUR);
        pass(100);
        assert_ok!(settle(rental));
        let before = entry(rental);
        take_events();
        assert_ok!(settle(rental));
        assert_eq!(entry(rental), before);
        assert_eq!(take_events(), []);
    });
}

#[test]
fn no_more_is_used_than_was_rented() {
    ExternalityBuilder.build_and_execute(|| {
        let rental = rent(1, &[0], HOUR);
        let other = rent(1, &[1], 2 * HOUR);
        pass(HOUR + 30 * DAY);
        assert_ok!(settle(rental));
        assert_eq!(entry(rental).settled_at, START + HOUR);
        assert_eq!(hours(POOL, 1), 7_200);
        assert_ok!(settle(other));
        assert_eq!(hours(POOL, 1), 0);
    });
}

#[test]
fn a_rental_that_does_not_exist_is_refused() {
    ExternalityBuilder.build_and_execute(|| {
        assert_noop!(settle(0), Error::<Test>::UnknownRental);
    });
}

#[test]
fn nobody_settles_without_a_signature() {
    ExternalityBuilder.build_and_execute(|| {
        assert_noop!(
            Renting::settle(RuntimeOrigin::root(), 0),
            DispatchError::BadOrigin
        );
    });
}

//! `retire_used_hours`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use loopin_primitives::RentalId;
use sp_runtime::DispatchError;

fn burn(rental: RentalId) -> DispatchResult {
    // A stranger without an account.
    Renting::retire_used_hours(RuntimeOrigin::signed(99), rental)
}

#[test]
fn the_hour_tokens_that_have_been_used_are_burned() {
    run(|| {
        let rental = rent(1, &[0, 1], 2 * HOUR);
        let before = entry(rental);
        wait(100);
        assert_eq!(hours(POOL, 1), 2 * 7_200);
        take_events();
        assert_ok!(burn(rental));
        assert_eq!(hours(POOL, 1), 2 * 7_100);
        assert_eq!(
            entry(rental),
            Rental {
                hours_retired_until: OPENING + 100,
                ..before
            }
        );
        assert_eq!(
            take_events(),
            [Event::UsedHoursRetired {
                rental,
                gpu_seconds: 200
            }]
        );
    });
}

#[test]
fn burning_twice_in_a_moment_does_nothing() {
    run(|| {
        let rental = rent(1, &[0], HOUR);
        wait(100);
        assert_ok!(burn(rental));
        let before = entry(rental);
        take_events();
        assert_ok!(burn(rental));
        assert_eq!(entry(rental), before);
        assert_eq!(take_events(), []);
    });
}

#[test]
fn no_more_is_used_than_was_rented() {
    run(|| {
        let rental = rent(1, &[0], HOUR);
        let other = rent(1, &[1], 2 * HOUR);
        wait(HOUR + 30 * DAY);
        assert_ok!(burn(rental));
        assert_eq!(entry(rental).hours_retired_until, OPENING + HOUR);
        assert_eq!(hours(POOL, 1), 7_200);
        assert_ok!(burn(other));
        assert_eq!(hours(POOL, 1), 0);
    });
}

#[test]
fn a_rental_that_does_not_exist_is_refused() {
    run(|| {
        assert_noop!(burn(0), Error::<Test>::UnknownRental);
    });
}

#[test]
fn nobody_burns_without_a_signature() {
    run(|| {
        assert_noop!(
            Renting::retire_used_hours(RuntimeOrigin::root(), 0),
            DispatchError::BadOrigin
        );
    });
}

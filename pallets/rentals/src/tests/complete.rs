//! `complete`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, traits::fungible::Mutate};
use loopin_primitives::RentalId;
use sp_runtime::DispatchError;

fn complete(rental: RentalId) -> DispatchResultWithPostInfo {
    // A stranger without an account.
    Renting::complete(RuntimeOrigin::signed(99), rental)
}

/// A rental that nobody touches is completed so long after its end.
fn completes_after(seconds: u64) {
    run(|| {
        let rental = rent(1, &[0, 1], 2 * HOUR);
        let before = entry(rental);
        let had = balance(1);
        wait(2 * HOUR + seconds);
        take_events();
        assert_ok!(complete(rental));

        assert_eq!(balance(1), had);
        assert_eq!(Balances::free_balance(1), had);
        assert_eq!(hours(POOL, 1), 0);
        assert_eq!(Rentals::<Test>::get(rental), None);
        assert_eq!(RentedDevices::<Test>::iter().count(), 0);
        assert_eq!(
            totals(1),
            Totals {
                consumed_amount: before.paid,
                fees_burned: before.fees,
            }
        );
        assert_eq!(
            take_events(),
            [
                Event::UsedHoursRetired {
                    rental,
                    gpu_seconds: 2 * 7_200
                },
                Event::RentalEnded {
                    rental,
                    client: 1,
                    pool: POOL,
                    reason: EndReason::Completed,
                    gpu_seconds: 0,
                    refund: 0,
                    fee: 0,
                    deposit: deposit(2),
                },
            ]
        );
    });
}

#[test]
fn anybody_clears_a_rental_up_once_its_time_is_over() {
    completes_after(0);
}

#[test]
fn a_rental_that_nobody_touches_for_months_ends_as_one_that_is_completed_in_time() {
    completes_after(200 * DAY);
}

#[test]
fn whenever_a_rental_is_completed_the_pool_is_the_same() {
    let outcome = |completes_in_time: bool| {
        let mut outcome = None;
        run(|| {
            let rental = rent(1, &[0, 1], 2 * HOUR);
            wait(3 * HOUR);
            if completes_in_time {
                assert_ok!(complete(rental));
            }
            wait(60 * DAY);
            let _ = complete(rental);
            outcome = Some((
                balance(1),
                totals(1),
                pool_now().price_per_gpu_hour(),
                hours(POOL, 1),
            ));
        });
        outcome
    };
    assert_eq!(outcome(true), outcome(false));
}

#[test]
fn totals_add_up_over_rentals() {
    run(|| {
        let rentals = [rent(1, &[0], HOUR), rent(1, &[1], 2 * HOUR), rent(2, &[2], HOUR)];
        let paid = |rental: RentalId| entry(rental).paid + entry(rental).fees;
        let expected = paid(rentals[0]) + paid(rentals[1]);
        wait(2 * HOUR);
        for rental in rentals {
            assert_ok!(complete(rental));
        }
        assert_eq!(totals(1).consumed_amount + totals(1).fees_burned, expected);
        assert_eq!(balance(1), ENDOWMENT - expected);
    });
}

#[test]
fn hours_that_have_been_burned_are_not_burned_again() {
    run(|| {
        let rental = rent(1, &[0], HOUR);
        wait(HOUR);
        assert_ok!(Renting::retire_used_hours(RuntimeOrigin::signed(2), rental));
        take_events();
        assert_ok!(complete(rental));
        assert!(matches!(take_events()[..], [Event::RentalEnded { .. }]));
    });
}

#[test]
fn a_client_with_nothing_but_its_deposit_gets_it_back() {
    run(|| {
        let cost = rent_quote(3_600).cost();
        Balances::set_balance(&50, cost + deposit(1) + EXISTENTIAL_DEPOSIT);
        let rental = rent(50, &[0], HOUR);
        wait(HOUR);
        assert_ok!(complete(rental));
        assert_eq!(Balances::free_balance(50), deposit(1) + EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn the_devices_of_a_completed_rental_can_be_staked_and_rented_again() {
    run(|| {
        let rental = rent(1, &[0], HOUR);
        wait(STAKE);
        assert_ok!(close(0));
        assert_ok!(stake(0, None));
        let new = rent(2, &[0], HOUR);
        assert_ok!(complete(rental));
        assert_eq!(RentedDevices::<Test>::get(0).unwrap().rental, new);
    });
}

#[test]
fn a_rental_that_runs_is_refused_even_to_its_client() {
    run(|| {
        let rental = rent(1, &[0], HOUR);
        wait(HOUR - 1);
        assert_noop!(complete(rental), Error::<Test>::RentalNotOver);
        assert_noop!(
            Renting::complete(RuntimeOrigin::signed(1), rental),
            Error::<Test>::RentalNotOver
        );
    });
}

#[test]
fn a_rental_that_does_not_exist_or_is_completed_is_refused() {
    run(|| {
        assert_noop!(complete(7), Error::<Test>::UnknownRental);
        let rental = rent(1, &[0], HOUR);
        wait(HOUR);
        assert_ok!(complete(rental));
        assert_noop!(complete(rental), Error::<Test>::UnknownRental);
    });
}

#[test]
fn nobody_completes_without_a_signature() {
    run(|| {
        assert_noop!(
            Renting::complete(RuntimeOrigin::none(), 0),
            DispatchError::BadOrigin
        );
    });
}

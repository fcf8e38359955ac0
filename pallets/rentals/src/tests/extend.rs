//! `extend`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, assert_storage_noop, dispatch::DispatchResultWithPostInfo};
use loopin_primitives::{Balance, RentalId, Verdict::Failed};
use sp_runtime::{DispatchError, TokenError};

fn extend(who: AccountId, rental: RentalId, seconds: u64) -> DispatchResultWithPostInfo {
    Renting::extend(RuntimeOrigin::signed(who), rental, seconds, Balance::MAX)
}

mod success {
    use super::*;

    #[test]
    fn an_extension_is_paid_at_the_price_of_that_moment_and_moves_the_end() {
        run(|| {
            let rental = rent(1, &[0, 1], 2 * HOUR);
            let before = entry(rental);
            wait(HOUR / 2);
            let quote = rent_quote(2 * 3_600);
            let had = balance(1);
            take_events();
            assert_ok!(extend(1, rental, HOUR));

            assert_eq!(balance(1), had - quote.cost());
            assert_eq!(
                entry(rental),
                Rental {
                    end: OPENING + 3 * HOUR,
                    hours_retired_until: OPENING + HOUR / 2,
                    paid: before.paid + quote.amount,
                    contribution: before
                        .contribution
                        .grown(quote.amount, &state(POOL).retention)
                        .unwrap(),
                    fees: before.fees + quote.fee,
                    ..before
                }
            );
            assert_eq!(told_paid(0), before.paid / 2 + quote.amount / 2);
            assert_eq!(Renting::rented_until(0), Some(OPENING + 3 * HOUR));
            assert_eq!(Renting::rented_until(1), Some(OPENING + 3 * HOUR));
            assert_eq!(hours(POOL, 1), 2 * (2 * 3_600 + 1_800));
            assert_eq!(
                take_events(),
                [
                    Event::UsedHoursRetired {
                        rental,
                        gpu_seconds: 3_600
                    },
                    Event::Extended {
                        rental,
                        end: OPENING + 3 * HOUR,
                        gpu_seconds: 7_200,
                        amount: quote.amount,
                        fee: quote.fee,
                    },
                ]
            );
        });
    }

    #[test]
    fn a_second_more_is_a_minute_more() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            assert_ok!(extend(1, rental, 1));
            assert_eq!(entry(rental).end, OPENING + HOUR + 60);
            assert_eq!(hours(POOL, 1), 3_660);
        });
    }

    #[test]
    fn a_cost_of_exactly_the_maximum_is_paid() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            let cost = rent_quote(3_600).cost();
            let extend = |max_cost| Renting::extend(RuntimeOrigin::signed(1), rental, HOUR, max_cost);
            assert_noop!(extend(cost - 1), pallet_pools::Error::<Test>::CostAboveMaximum);
            assert_ok!(extend(cost));
        });
    }

    #[test]
    fn a_rental_is_extended_in_its_last_second_up_to_the_longest_time() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            wait(HOUR - 1);
            assert_ok!(extend(1, rental, RENTAL_MAX - HOUR));
            assert_eq!(entry(rental).end, OPENING + RENTAL_MAX);
            assert_noop!(extend(1, rental, 1), Error::<Test>::TooLong);
        });
    }

    #[test]
    fn only_the_devices_that_have_not_failed_go_on() {
        run(|| {
            let rental = rent(1, &[0, 1], HOUR);
            verdicts(0, &[Failed, Failed]);
            let quote = rent_quote(3_600);
            let had = balance(1);
            assert_ok!(extend(1, rental, HOUR));
            assert_eq!(balance(1), had - quote.cost());
            assert_eq!(hours(POOL, 1), 7_200);
            assert_eq!(Renting::rented_until(0), None);
        });
    }

    #[test]
    fn a_device_that_passes_again_can_be_extended() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            verdicts(0, &[Failed]);
            assert_noop!(extend(1, rental, HOUR), pallet_stakes::Error::<Test>::NotVerified);
            verdicts(0, &[PASSED]);
            assert_ok!(extend(1, rental, HOUR));
        });
    }
}

mod refusals {
    use super::*;

    #[test]
    fn a_rental_of_another_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            assert_noop!(extend(2, rental, HOUR), Error::<Test>::NotRentalClient);
        });
    }

    #[test]
    fn a_rental_that_does_not_exist_is_refused() {
        run(|| {
            assert_noop!(extend(1, 0, HOUR), Error::<Test>::UnknownRental);
        });
    }

    #[test]
    fn a_rental_whose_time_is_over_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            wait(HOUR);
            assert_noop!(extend(1, rental, HOUR), Error::<Test>::RentalOver);
        });
    }

    #[test]
    fn no_time_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            assert_noop!(extend(1, rental, 0), Error::<Test>::TooShort);
        });
    }

    #[test]
    fn a_rental_that_would_be_too_long_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            wait(HOUR / 2);
            for seconds in [RENTAL_MAX - HOUR + 1, RENTAL_MAX, u64::MAX] {
                assert_noop!(extend(1, rental, seconds), Error::<Test>::TooLong);
            }
        });
    }

    #[test]
    fn a_device_whose_stake_ends_sooner_is_refused() {
        run(|| {
            let device = sold_device(2 * HOUR);
            let rental = rent(1, &[0, device], HOUR);
            assert_noop!(extend(1, rental, HOUR + 1), Error::<Test>::StakeEndsSooner);
            assert_ok!(extend(1, rental, HOUR));
        });
    }

    #[test]
    fn a_draining_device_is_refused() {
        run(|| {
            let rental = rent(1, &[0, 1], HOUR);
            assert_ok!(drain(1));
            assert_noop!(
                extend(1, rental, HOUR),
                pallet_stakes::Error::<Test>::DeviceDraining
            );
        });
    }

    #[test]
    fn a_client_that_cannot_pay_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            let needed = rent_quote(3_600).cost() + EXISTENTIAL_DEPOSIT;
            let leave_free = |free| {
                let surplus = Balances::free_balance(1) - free;
                Balances::transfer_allow_death(RuntimeOrigin::signed(1), 2, surplus)
            };
            assert_ok!(leave_free(needed));
            assert_storage_noop!({
                let _ = frame_support::storage::with_storage_layer(|| {
                    leave_free(needed - 1)?;
                    assert_noop!(extend(1, rental, HOUR), TokenError::FundsUnavailable);
                    Err::<(), _>(DispatchError::Unavailable)
                });
            });
            assert_ok!(extend(1, rental, HOUR));
            assert_eq!(Balances::free_balance(1), EXISTENTIAL_DEPOSIT);
        });
    }

    #[test]
    fn costs_beyond_all_balances_are_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            let before = entry(rental);
            for change in [
                |entry: &mut RentalOf<Test>| entry.paid = Balance::MAX,
                |entry: &mut RentalOf<Test>| entry.fees = Balance::MAX,
            ] {
                let mut changed = before.clone();
                change(&mut changed);
                Rentals::<Test>::insert(rental, changed);
                assert_noop!(extend(1, rental, HOUR), Error::<Test>::CostTooLarge);
            }
            Rentals::<Test>::insert(rental, before);
        });
    }

    #[test]
    fn nobody_extends_without_a_signature() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            assert_noop!(
                Renting::extend(RuntimeOrigin::root(), rental, HOUR, Balance::MAX),
                DispatchError::BadOrigin
            );
        });
    }
}

//! `terminate`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, traits::fungible::Mutate};
use loopin_primitives::{Balance, RentalId, Verdict::Failed};
use sp_runtime::DispatchError;

fn terminate(who: AccountId, rental: RentalId) -> DispatchResultWithPostInfo {
    Renting::terminate(RuntimeOrigin::signed(who), rental, 0)
}

mod success {
    use super::*;

    #[test]
    fn the_rest_of_the_time_is_sold_back_at_the_price_of_that_moment() {
        run(|| {
            let rental = rent(1, &[0, 1], 2 * HOUR);
            let before = entry(rental);
            assert_eq!(told_paid(0), before.paid / 2);
            wait(HOUR / 2);
            let state_before = pool_now();
            let quote = give_back_quote(rental, 2 * 5_400);
            let (had, issuance) = (balance(1), Balances::total_issuance());
            take_events();
            assert_ok!(terminate(1, rental));

            assert_eq!(balance(1), had + quote.proceeds());
            assert_eq!(told_paid(0), before.paid / 2 - quote.amount / 2);
            assert_eq!(Balances::free_balance(1), balance(1));
            assert_eq!(Balances::total_issuance(), issuance - quote.fee);
            assert_eq!(hours(POOL, 1), 0);
            assert_eq!(Rentals::<Test>::get(rental), None);
            assert_eq!(RentedDevices::<Test>::iter().count(), 0);
            let state = state(POOL);
            assert_eq!(state.reserve, state_before.reserve - quote.amount);
            assert_eq!(state.gpu_seconds, state_before.gpu_seconds + 2 * 5_400);
            assert_eq!(state.idle_devices, 6);
            assert_eq!(
                totals(1),
                Totals {
                    consumed_amount: before.paid - quote.amount,
                    fees_burned: before.fees + quote.fee,
                }
            );
            assert_eq!(
                take_events(),
                [
                    Event::UsedHoursRetired {
                        rental,
                        gpu_seconds: 3_600
                    },
                    Event::RentalEnded {
                        rental,
                        client: 1,
                        pool: POOL,
                        reason: EndReason::Terminated,
                        gpu_seconds: 2 * 5_400,
                        refund: quote.proceeds(),
                        fee: quote.fee,
                        deposit: deposit(2),
                    },
                ]
            );
        });
    }

    #[test]
    fn a_refund_of_exactly_the_minimum_is_accepted() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            let refund = give_back_quote(rental, 3_600).proceeds();
            let terminate = |minimum| Renting::terminate(RuntimeOrigin::signed(1), rental, minimum);
            for minimum in [refund + 1, Balance::MAX] {
                assert_noop!(
                    terminate(minimum),
                    pallet_pools::Error::<Test>::ProceedsBelowMinimum
                );
            }
            assert_ok!(terminate(refund));
        });
    }

    #[test]
    fn renting_and_terminating_at_once_costs_the_fees_and_nothing_is_consumed_for_free() {
        run(|| {
            let issuance = Balances::total_issuance();
            let rental = rent(1, &[0, 1, 2], 10 * HOUR);
            assert_ok!(terminate(1, rental));
            let fees = totals(1).fees_burned;
            assert_eq!(Balances::total_issuance(), issuance - fees);
            assert_eq!(balance(1), ENDOWMENT - fees - totals(1).consumed_amount);
            // The pool keeps what roundings bring.
            assert!(totals(1).consumed_amount <= 1);
        });
    }

    #[test]
    fn a_rental_can_be_terminated_in_its_last_second() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            wait(HOUR - 1);
            let quote = give_back_quote(rental, 1);
            let had = balance(1);
            assert_ok!(terminate(1, rental));
            assert_eq!(balance(1), had + quote.proceeds());
        });
    }

    #[test]
    fn nobody_gets_more_back_than_it_has_paid_however_dear_the_time_has_become() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            rent(2, &[1, 2, 3, 4, 5], RENTAL_MAX);
            let paid = entry(rental).paid;
            let worth = pool_now().reserve * 3_600 / (pool_now().gpu_seconds + 3_600);
            assert!(worth > paid);
            assert_eq!(give_back_quote(rental, 3_600).amount, paid);
            assert_ok!(terminate(1, rental));
            assert_eq!(totals(1).consumed_amount, 0);
        });
    }

    #[test]
    fn the_deposit_comes_back_as_it_was_taken() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            DepositPerDevice::set(77 * LOOPIN);
            assert_ok!(terminate(1, rental));
            assert_eq!(held_for_rentals(1), 0);
        });
    }

    #[test]
    fn a_client_with_nothing_but_its_deposit_gets_everything_back() {
        run(|| {
            let cost = rent_quote(3_600).cost();
            Balances::set_balance(&50, cost + deposit(1) + EXISTENTIAL_DEPOSIT);
            let rental = rent(50, &[0], HOUR);
            let refund = give_back_quote(rental, 3_600).proceeds();
            assert_ok!(terminate(50, rental));
            assert_eq!(
                Balances::free_balance(50),
                EXISTENTIAL_DEPOSIT + deposit(1) + refund
            );
        });
    }

    #[test]
    fn suspended_and_draining_devices_can_be_given_back() {
        run(|| {
            let rental = rent(1, &[0, 1], HOUR);
            verdicts(0, &[Failed]);
            assert_ok!(drain(1));
            assert_ok!(terminate(1, rental));
            assert_eq!((Renting::rented_until(0), Renting::rented_until(1)), (None, None));
        });
    }
}

mod refusals {
    use super::*;

    #[test]
    fn a_rental_of_another_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            assert_noop!(terminate(2, rental), Error::<Test>::NotRentalClient);
        });
    }

    #[test]
    fn a_rental_that_does_not_exist_or_has_ended_is_refused() {
        run(|| {
            assert_noop!(terminate(1, 0), Error::<Test>::UnknownRental);
            let rental = rent(1, &[0], HOUR);
            assert_ok!(terminate(1, rental));
            assert_noop!(terminate(1, rental), Error::<Test>::UnknownRental);
        });
    }

    #[test]
    fn a_rental_whose_time_is_over_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            wait(HOUR);
            assert_noop!(terminate(1, rental), Error::<Test>::RentalOver);
        });
    }

    #[test]
    fn nobody_terminates_without_a_signature() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            assert_noop!(
                Renting::terminate(RuntimeOrigin::root(), rental, 0),
                DispatchError::BadOrigin
            );
        });
    }
}

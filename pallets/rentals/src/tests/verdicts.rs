//! What verdicts on rented devices lead to, ejections aside.

use crate::{mock::*, *};
use frame_support::{assert_ok, traits::fungible::Mutate};
use loopin_primitives::{
    Balance, BurnReason, DeviceHooks, DeviceId, RentalId, TenancyHooks,
    Verdict::{Failed, Inconclusive},
};

fn closed(device: DeviceId, rental: RentalId, client: AccountId, outcome: ReportOutcome) -> Event<Test> {
    Event::ReportClosed {
        device,
        rental,
        client,
        outcome,
        deposit: REPORT_PRICE,
    }
}

mod a_pass {
    use super::*;

    #[test]
    fn burns_the_deposit_of_a_report() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            let (before, had, issuance) = (entry(rental), balance(1), Balances::total_issuance());
            take_events();
            verdicts(0, &[PASSED]);
            assert_eq!(balance(1), had - REPORT_PRICE);
            assert_eq!(held_for_reports(1), 0);
            assert_eq!(Balances::total_issuance(), issuance - REPORT_PRICE);
            assert_eq!(burned(BurnReason::RefutedReport), REPORT_PRICE);
            assert_eq!(entry(rental), before);
            assert_eq!(take_events(), [closed(0, rental, 1, ReportOutcome::Refuted)]);
        });
    }

    #[test]
    fn burns_the_deposit_of_a_report_whose_rental_has_ended() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            assert_ok!(Renting::terminate(RuntimeOrigin::signed(1), rental, 0));
            let had = balance(1);
            verdicts(0, &[PASSED]);
            assert_eq!(balance(1), had - REPORT_PRICE);
        });
    }

    #[test]
    fn is_nothing_to_a_device_without_a_report() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            let before = entry(rental);
            take_events();
            verdicts(0, &[PASSED]);
            assert_eq!(take_events(), []);
            assert_eq!(entry(rental), before);
        });
    }

    #[test]
    fn leaves_a_client_with_nothing_else_its_account() {
        run(|| {
            let cost = rent_quote(3_600).cost();
            Balances::set_balance(&50, cost + deposit(1) + REPORT_PRICE + EXISTENTIAL_DEPOSIT);
            let rental = rent(50, &[0], HOUR);
            report(50, rental, 0);
            verdicts(0, &[PASSED]);
            assert_eq!(Balances::free_balance(50), EXISTENTIAL_DEPOSIT);
        });
    }
}

#[test]
fn an_inconclusive_verification_leaves_a_report_open() {
    run(|| {
        let rental = rent(1, &[0], HOUR);
        report(1, rental, 0);
        take_events();
        verdicts(0, &[Inconclusive]);
        assert_eq!(take_events(), []);
        assert_eq!(held_for_reports(1), REPORT_PRICE);
    });
}

mod a_first_failure {
    use super::*;

    #[test]
    fn without_a_report_is_nothing_to_the_rental() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            let before = entry(rental);
            take_events();
            verdicts(0, &[Failed]);
            assert_eq!(take_events(), []);
            assert_eq!(entry(rental), before);
        });
    }

    #[test]
    fn that_was_reported_ends_the_rental_of_a_single_device_with_a_refund_out_of_the_pool() {
        run(|| {
            let rental = rent(1, &[0], 4 * HOUR);
            let before = entry(rental);
            wait(HOUR);
            report(1, rental, 0);
            let (had, state_before) = (balance(1), pool_now());
            let refund = due(rental, before.paid * 3 / 4, 3 * HOUR);
            take_events();
            verdicts(0, &[Failed]);

            assert_eq!(balance(1), had + refund);
            assert_eq!(Balances::free_balance(1), had + refund);
            assert_eq!(hours(POOL, 1), 0);
            assert_eq!(Rentals::<Test>::get(rental), None);
            assert_eq!(Renting::rented_until(0), None);
            let state = state(POOL);
            assert_eq!(state.reserve, state_before.reserve - refund);
            assert_eq!(state.gpu_seconds, state_before.gpu_seconds + 3 * 3_600);
            assert_eq!(state.idle_devices, 6);
            assert_eq!(
                totals(1),
                Totals {
                    consumed_amount: before.paid - refund,
                    fees_burned: before.fees,
                }
            );
            assert_eq!(
                take_events(),
                [
                    closed(0, rental, 1, ReportOutcome::Confirmed),
                    Event::UsedHoursRetired {
                        rental,
                        gpu_seconds: 3_600
                    },
                    Event::DeviceFailed {
                        rental,
                        device: 0,
                        client: 1,
                        gpu_seconds: 3 * 3_600,
                        refund,
                    },
                    Event::RentalEnded {
                        rental,
                        client: 1,
                        pool: POOL,
                        reason: EndReason::ProviderFailed,
                        gpu_seconds: 0,
                        refund: 0,
                        fee: 0,
                        deposit: deposit(1),
                    },
                    Event::Refunded {
                        rental,
                        device: 0,
                        client: 1,
                        amount: refund,
                    },
                ]
            );
        });
    }

    #[test]
    fn that_was_reported_leaves_the_other_devices_rented() {
        run(|| {
            let rental = rent(1, &[0, 1, 2], 3 * HOUR);
            let before = entry(rental);
            wait(HOUR);
            report(1, rental, 1);
            let had = balance(1);
            // Both roundings are down.
            let (paid, fees) = (before.paid / 3, before.fees / 3);
            let refund = due(rental, paid * 2 / 3, 2 * HOUR);
            let mut contribution = before.contribution;
            contribution.take_part(3);
            verdicts(1, &[Failed]);

            assert_eq!(balance(1), had + refund);
            assert_eq!(
                entry(rental),
                Rental {
                    devices: devices(&[0, 2]),
                    hours_retired_until: OPENING + HOUR,
                    paid: before.paid - paid,
                    contribution,
                    fees: before.fees - fees,
                    ..before.clone()
                }
            );
            assert_eq!(hours(POOL, 1), 2 * 7_200);
            assert_eq!(Renting::rented_until(1), None);
            assert_eq!(held_for_rentals(1), deposit(3));
            // In the end everything that was paid has been refunded or consumed.
            wait(2 * HOUR);
            assert_ok!(Renting::complete(RuntimeOrigin::signed(1), rental));
            assert_eq!(
                totals(1),
                Totals {
                    consumed_amount: before.paid - refund,
                    fees_burned: before.fees,
                }
            );
        });
    }

    #[test]
    fn of_an_extended_rental_refunds_a_part_of_the_whole() {
        run(|| {
            let rental = rent(1, &[0], 2 * HOUR);
            wait(HOUR);
            assert_ok!(Renting::extend(
                RuntimeOrigin::signed(1),
                rental,
                2 * HOUR,
                Balance::MAX
            ));
            report(1, rental, 0);
            let had = balance(1);
            let refund = due(rental, entry(rental).paid * 3 / 4, 3 * HOUR);
            verdicts(0, &[Failed]);
            assert_eq!(balance(1), had + refund);
        });
    }

    #[test]
    fn in_the_first_second_refunds_all_but_the_fee() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            let fees = entry(rental).fees;
            report(1, rental, 0);
            verdicts(0, &[Failed]);
            assert_eq!(balance(1), ENDOWMENT - fees - totals(1).consumed_amount);
            // A rounding.
            assert!(totals(1).consumed_amount <= 1);
        });
    }

    #[test]
    fn after_the_end_only_decides_about_the_deposit() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            wait(HOUR);
            let had = balance(1);
            take_events();
            verdicts(0, &[Failed]);
            assert_eq!((balance(1), held_for_reports(1)), (had, 0));
            assert_eq!(take_events(), [closed(0, rental, 1, ReportOutcome::Confirmed)]);
        });
    }

    #[test]
    fn after_a_termination_only_decides_about_the_deposit() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            assert_ok!(Renting::terminate(RuntimeOrigin::signed(1), rental, 0));
            let had = balance(1);
            verdicts(0, &[Failed]);
            assert_eq!((balance(1), held_for_reports(1)), (had, 0));
        });
    }

    #[test]
    fn that_a_former_client_reported_is_nothing_to_the_next_one() {
        run(|| {
            let old = rent(1, &[0], HOUR);
            report(1, old, 0);
            wait(HOUR);
            let new = rent(2, &[0], HOUR);
            let before = entry(new);
            verdicts(0, &[Failed]);
            assert_eq!(held_for_reports(1), 0);
            assert_eq!(entry(new), before);
            // It can report the device itself, and the next failure ejects it.
            report(2, new, 0);
            verdicts(0, &[Failed]);
            assert_eq!(held_for_reports(2), 0);
            assert_eq!(Rentals::<Test>::get(new), None);
        });
    }

    #[test]
    fn refunds_what_was_paid_where_nobody_else_trades() {
        run(|| {
            let rental = rent(1, &[0, 1], 8 * HOUR);
            let paid = entry(rental).paid;
            wait(2 * HOUR);
            report(1, rental, 0);
            let had = balance(1);
            verdicts(0, &[Failed]);
            assert!(balance(1) - had >= paid / 2 * 3 / 4 - 10);
        });
    }

    #[test]
    fn refunds_what_was_paid_where_the_price_has_risen() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            let (had, paid) = (balance(1), entry(rental).paid);
            rent(2, &[1, 2, 3, 4, 5], RENTAL_MAX);
            report(1, rental, 0);
            verdicts(0, &[Failed]);
            assert_eq!(balance(1), had + paid);
        });
    }

    #[test]
    fn refunds_no_more_than_the_time_is_worth_where_the_price_has_fallen() {
        run(|| {
            let others = rent(2, &[1, 2, 3, 4, 5], RENTAL_MAX);
            let rental = rent(1, &[0], HOUR);
            assert_ok!(Renting::terminate(RuntimeOrigin::signed(2), others, 0));
            report(1, rental, 0);
            let (had, paid) = (balance(1), entry(rental).paid);
            let worth = give_back_quote(rental, 3_600).amount;
            assert!(worth < paid);
            verdicts(0, &[Failed]);
            assert_eq!(balance(1), had + worth);
            // For that the client gets another device, but for the fee and a rounding.
            assert_eq!(rent_quote(3_600).amount, worth + 1);
        });
    }

    #[test]
    fn brings_nothing_to_who_drives_the_price_up_for_the_rental_of_its_own_device() {
        run(|| {
            let together = || balance(1) + balance(2) + balance(MINER);
            let had = together();
            let drives_up = rent(1, &[1, 2, 3, 4, 5], RENTAL_MAX);
            let dear = rent(2, &[0], RENTAL_MAX);
            assert_ok!(Renting::terminate(RuntimeOrigin::signed(1), drives_up, 0));
            report(2, dear, 0);
            verdicts(0, &[Failed]);
            assert_eq!(Rentals::<Test>::get(dear), None);
            assert!(together() < had);
        });
    }

    #[test]
    fn of_an_empty_pool_still_ends_the_rental() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            let reserve = Pools::refund(POOL, Balance::MAX).unwrap();
            assert_ok!(Pools::burn_owed(POOL, reserve));
            let had = balance(1);
            take_events();
            verdicts(0, &[Failed]);
            assert_eq!(balance(1), had);
            assert_eq!(Rentals::<Test>::get(rental), None);
            assert_eq!(
                take_events().last(),
                Some(&Event::Refunded {
                    rental,
                    device: 0,
                    client: 1,
                    amount: 0
                })
            );
        });
    }

    #[test]
    fn leaves_the_device_in_its_pool_where_it_is_rented_again_once_it_passes() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            verdicts(0, &[Failed, PASSED]);
            rent(2, &[0], HOUR);
        });
    }

    #[test]
    fn refunds_a_client_with_nothing_but_its_deposits() {
        run(|| {
            let cost = rent_quote(3_600).cost();
            let deposits = deposit(1) + REPORT_PRICE;
            Balances::set_balance(&50, cost + deposits + EXISTENTIAL_DEPOSIT);
            let rental = rent(50, &[0], HOUR);
            report(50, rental, 0);
            let refund = due(rental, entry(rental).paid, HOUR);
            verdicts(0, &[Failed]);
            assert_eq!(
                Balances::free_balance(50),
                deposits + EXISTENTIAL_DEPOSIT + refund
            );
        });
    }
}

#[test]
fn verdicts_on_devices_that_nobody_knows_are_nothing() {
    run(|| {
        for device in [0, u32::MAX] {
            assert_ok!(<Renting as DeviceHooks>::suspended(device));
            assert_ok!(<Renting as DeviceHooks>::passed(device));
            assert_ok!(<Renting as DeviceHooks>::ejected(device));
            assert_eq!(Renting::evict(device), Ok(None));
        }
        assert_eq!(take_events(), []);
    });
}

//! Devices that are ejected while they are rented.

use crate::{mock::*, *};
use frame_support::{assert_ok, traits::fungible::Mutate};
use loopin_primitives::{DeviceHooks, FailedRental, TenancyHooks, Verdict::Failed};

#[test]
fn the_rental_of_a_single_device_ends_and_is_refunded_out_of_what_its_owner_loses() {
    run(|| {
        let rental = rent(1, &[0], 4 * HOUR);
        let before = entry(rental);
        wait(HOUR);
        let had = balance(1);
        let refund = before.paid * 3 / 4;
        take_events();
        verdicts(0, &[Failed, Failed]);

        assert_eq!(balance(1), had + refund);
        assert_eq!(held_for_rentals(1), 0);
        assert_eq!(hours(POOL, 1), 0);
        assert_eq!(Rentals::<Test>::get(rental), None);
        assert_eq!(RentedDevices::<Test>::get(0), None);
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
            ]
        );
    });
}

#[test]
fn what_the_owner_loses_less_than_the_client_is_due_comes_out_of_the_pool() {
    run(|| {
        let rental = rent(1, &[0], RENTAL_MAX);
        let (had, refund) = (balance(1), entry(rental).paid);
        verdicts(0, &[Failed, Failed]);
        assert_eq!(balance(1), had + refund);
        let from_pool = System::read_events_for_pallet::<pallet_stakes::Event<Test>>()
            .into_iter()
            .find_map(|event| match event {
                pallet_stakes::Event::Ejected { account, .. } => Some(account.refund_from_pool),
                _ => None,
            })
            .unwrap();
        assert!(from_pool > 0 && from_pool < refund);
    });
}

#[test]
fn the_other_devices_of_the_rental_go_on_until_the_last_has_failed() {
    run(|| {
        let rental = rent(1, &[0, 1, 2], 3 * HOUR);
        let before = entry(rental);
        wait(HOUR);
        let had = balance(1);
        let mut refunds = 0;
        let mut left = before.paid;
        for (device, count) in [(1, 3), (2, 2), (0, 1)] {
            assert!(entry(rental).devices.contains(&device));
            let part = left / count;
            left -= part;
            refunds += part * 2 / 3;
            verdicts(device, &[Failed, Failed]);
        }
        assert_eq!(Rentals::<Test>::get(rental), None);
        assert_eq!(balance(1), had + refunds);
        assert_eq!(left, 0);
        assert_eq!(totals(1).consumed_amount, before.paid - refunds);
        assert_eq!(totals(1).fees_burned, before.fees);
    });
}

#[test]
fn what_is_told_is_what_the_client_is_due() {
    run(|| {
        let rental = rent(1, &[0, 1], 2 * HOUR);
        let paid = entry(rental).paid;
        wait(HOUR);
        let idle = pool_now().idle_gpu_seconds();
        let refund = paid / 2 / 2;
        let contribution = part_of(rental);
        frame_support::storage::with_transaction(|| {
            assert_eq!(
                Renting::evict(0),
                Ok(Some(FailedRental {
                    rental,
                    client: 1,
                    until: OPENING + 2 * HOUR,
                    refund,
                    contribution,
                }))
            );
            // The tokens for the rest are destroyed, and the pool is not touched.
            assert_eq!(hours(POOL, 1), 3_600);
            assert_eq!(state(POOL).idle_gpu_seconds(), idle);
            // It is told only once.
            assert_eq!(Renting::evict(0), Ok(None));
            sp_runtime::TransactionOutcome::Rollback(Ok::<_, sp_runtime::DispatchError>(()))
        })
        .unwrap();
    });
}

#[test]
fn a_report_is_confirmed_whoever_is_told_first() {
    for renting_is_told_first in [true, false] {
        run(|| {
            let rental = rent(1, &[0, 1], HOUR);
            verdicts(0, &[Failed]);
            report(1, rental, 0);
            let had = balance(1);
            let refund = entry(rental).paid / 2;
            take_events();
            if renting_is_told_first {
                assert_ok!(<Renting as DeviceHooks>::ejected(0));
                assert_ok!(Stakes::ejected(0));
            } else {
                assert_ok!(Stakes::ejected(0));
                assert_ok!(<Renting as DeviceHooks>::ejected(0));
            }
            assert_eq!(balance(1), had + refund);
            assert_eq!(held_for_reports(1), 0);
            assert_eq!(
                take_events(),
                [
                    Event::ReportClosed {
                        device: 0,
                        rental,
                        client: 1,
                        outcome: ReportOutcome::Confirmed,
                        deposit: REPORT_PRICE,
                    },
                    Event::DeviceFailed {
                        rental,
                        device: 0,
                        client: 1,
                        gpu_seconds: 3_600,
                        refund,
                    },
                ]
            );
        });
    }
}

#[test]
fn a_device_whose_rental_is_over_owes_its_client_nothing() {
    run(|| {
        let rental = rent(1, &[0], HOUR);
        wait(HOUR);
        let before = entry(rental);
        assert_eq!(Renting::rented_until(0), None);
        let had = balance(1);
        verdicts(0, &[Failed, Failed]);
        assert_eq!(balance(1), had);
        assert_eq!(entry(rental), before);
        assert_ok!(Renting::complete(RuntimeOrigin::signed(2), rental));
    });
}

#[test]
fn a_device_that_was_never_rented_is_ejected_without_a_word() {
    run(|| {
        verdicts(0, &[Failed, Failed]);
        assert_eq!(take_events(), []);
    });
}

#[test]
fn an_ejected_device_can_begin_anew() {
    run(|| {
        let rental = rent(1, &[0, 1], HOUR);
        verdicts(0, &[Failed, Failed, PASSED]);
        assert_ok!(stake(0, None));
        let new = rent(2, &[0], HOUR);
        wait(HOUR);
        assert_ok!(Renting::complete(RuntimeOrigin::signed(1), rental));
        assert_eq!(RentedDevices::<Test>::get(0).unwrap().rental, new);
    });
}

#[test]
fn a_client_with_nothing_but_its_deposit_is_refunded() {
    run(|| {
        let cost = rent_quote(3_600).cost();
        Balances::set_balance(&50, cost + deposit(1) + EXISTENTIAL_DEPOSIT);
        let rental = rent(50, &[0], HOUR);
        let refund = entry(rental).paid;
        verdicts(0, &[Failed, Failed]);
        assert_eq!(
            Balances::free_balance(50),
            deposit(1) + EXISTENTIAL_DEPOSIT + refund
        );
    });
}

#[test]
fn a_device_is_rented_until_the_end_of_its_rental_and_not_longer() {
    run(|| {
        assert_eq!(Renting::rented_until(0), None);
        rent(1, &[0], HOUR);
        assert_eq!(Renting::rented_until(0), Some(OPENING + HOUR));
        wait(HOUR - 1);
        assert_eq!(Renting::rented_until(0), Some(OPENING + HOUR));
        wait(1);
        assert_eq!(Renting::rented_until(0), None);
    });
}

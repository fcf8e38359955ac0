//! `report_failure` and `withdraw_report`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult, traits::fungible::Mutate};
use loopin_primitives::{
    DeviceId,
    Verdict::{Failed, Inconclusive},
};
use sp_runtime::{DispatchError, TokenError};

fn withdraw(who: AccountId, device: DeviceId) -> DispatchResult {
    Renting::withdraw_report(RuntimeOrigin::signed(who), device)
}

fn is_check_requested(device: DeviceId) -> bool {
    pallet_devices::Devices::<Test>::get(device)
        .unwrap()
        .check_requested
}

mod reporting {
    use super::*;

    #[test]
    fn a_report_asks_for_a_verification_against_a_deposit() {
        run(|| {
            let rental = rent(1, &[0, 1], HOUR);
            let had = balance(1);
            wait(7);
            take_events();
            report(1, rental, 1);
            assert!(is_check_requested(1));
            assert!(!is_check_requested(0));
            assert_eq!(held_for_reports(1), REPORT_PRICE);
            assert_eq!(balance(1), had);
            assert_eq!(
                Reports::<Test>::get(1),
                Some(Report {
                    client: 1,
                    rental,
                    deposit: REPORT_PRICE,
                    reported_at: OPENING + 7,
                })
            );
            assert_eq!(
                take_events(),
                [Event::FailureReported {
                    device: 1,
                    rental,
                    client: 1,
                    deposit: REPORT_PRICE,
                }]
            );
        });
    }

    #[test]
    fn every_device_of_a_rental_can_be_reported() {
        run(|| {
            let rental = rent(1, &[0, 1, 2], HOUR);
            for device in 0..3 {
                report(1, rental, device);
            }
            assert_eq!(held_for_reports(1), 3 * REPORT_PRICE);
        });
    }

    #[test]
    fn a_device_can_be_reported_again_after_a_verdict() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            verdicts(0, &[Inconclusive]);
            assert_noop!(try_report(1, rental, 0), Error::<Test>::AlreadyReported);
            verdicts(0, &[PASSED]);
            report(1, rental, 0);
            assert!(is_check_requested(0));
        });
    }

    #[test]
    fn the_report_of_the_next_client_takes_the_place_of_an_old_one() {
        run(|| {
            let old = rent(1, &[0], HOUR);
            report(1, old, 0);
            wait(HOUR);
            let new = rent(2, &[0], HOUR);
            take_events();
            report(2, new, 0);
            assert_eq!((held_for_reports(1), held_for_reports(2)), (0, REPORT_PRICE));
            assert_eq!(
                take_events(),
                [
                    Event::ReportClosed {
                        device: 0,
                        rental: old,
                        client: 1,
                        outcome: ReportOutcome::Superseded,
                        deposit: REPORT_PRICE,
                    },
                    Event::FailureReported {
                        device: 0,
                        rental: new,
                        client: 2,
                        deposit: REPORT_PRICE,
                    },
                ]
            );
        });
    }

    #[test]
    fn the_next_rental_of_the_same_client_takes_the_place_as_well() {
        run(|| {
            let old = rent(1, &[0], HOUR);
            report(1, old, 0);
            assert_ok!(Renting::terminate(RuntimeOrigin::signed(1), old, 0));
            let new = rent(1, &[0], HOUR);
            ReportDeposit::set(2 * REPORT_PRICE);
            report(1, new, 0);
            assert_eq!(held_for_reports(1), 2 * REPORT_PRICE);
        });
    }

    #[test]
    fn a_device_that_is_not_in_the_rental_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            rent(1, &[1], HOUR);
            for device in [1, FOREIGN_DEVICE, u32::MAX] {
                assert_noop!(try_report(1, rental, device), Error::<Test>::NotInRental);
            }
        });
    }

    #[test]
    fn a_device_that_has_failed_already_is_refused() {
        run(|| {
            let rental = rent(1, &[0, 1], HOUR);
            report(1, rental, 0);
            verdicts(0, &[Failed]);
            assert_noop!(try_report(1, rental, 0), Error::<Test>::NotInRental);
        });
    }

    #[test]
    fn a_rental_of_another_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            assert_noop!(try_report(2, rental, 0), Error::<Test>::NotRentalClient);
            assert_noop!(try_report(MINER, rental, 0), Error::<Test>::NotRentalClient);
        });
    }

    #[test]
    fn a_rental_that_does_not_exist_or_is_over_is_refused() {
        run(|| {
            assert_noop!(try_report(1, 0, 0), Error::<Test>::UnknownRental);
            let rental = rent(1, &[0], HOUR);
            wait(HOUR);
            assert_noop!(try_report(1, rental, 0), Error::<Test>::RentalOver);
        });
    }

    #[test]
    fn a_second_report_in_the_same_rental_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            assert_noop!(try_report(1, rental, 0), Error::<Test>::AlreadyReported);
        });
    }

    #[test]
    fn a_client_that_cannot_pay_the_deposit_is_refused() {
        run(|| {
            let cost = rent_quote(3_600).cost();
            let after = REPORT_PRICE + EXISTENTIAL_DEPOSIT;
            Balances::set_balance(&50, cost + deposit(1) + after - 1);
            let rental = rent(50, &[0], HOUR);
            assert_noop!(try_report(50, rental, 0), TokenError::FundsUnavailable);
            Balances::mint_into(&50, 1).unwrap();
            report(50, rental, 0);
            assert_eq!(Balances::free_balance(50), EXISTENTIAL_DEPOSIT);
        });
    }

    #[test]
    fn nobody_reports_without_a_signature() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            assert_noop!(
                Renting::report_failure(RuntimeOrigin::root(), rental, 0),
                DispatchError::BadOrigin
            );
        });
    }
}

mod withdrawing {
    use super::*;

    #[test]
    fn a_report_comes_back_when_no_verdict_has_come_in_time() {
        run(|| {
            let rental = rent(1, &[0], DAY);
            report(1, rental, 0);
            let had = balance(1);
            verdicts(0, &[Inconclusive]);
            wait(PATIENCE - 1);
            assert_noop!(withdraw(1, 0), Error::<Test>::VerdictMayCome);
            wait(1);
            take_events();
            assert_ok!(withdraw(1, 0));
            assert_eq!((held_for_reports(1), balance(1)), (0, had));
            assert_eq!(
                take_events(),
                [Event::ReportClosed {
                    device: 0,
                    rental,
                    client: 1,
                    outcome: ReportOutcome::Withdrawn,
                    deposit: REPORT_PRICE,
                }]
            );
            // The verdict that comes after all is nothing to the client.
            verdicts(0, &[PASSED]);
            assert_eq!(balance(1), had);
        });
    }

    #[test]
    fn a_report_comes_back_long_after_its_rental() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            wait(HOUR);
            assert_ok!(Renting::complete(RuntimeOrigin::signed(1), rental));
            wait(100 * DAY);
            assert_ok!(withdraw(1, 0));
            assert_eq!(held_for_reports(1), 0);
        });
    }

    #[test]
    fn a_report_keeps_its_deposit_when_governance_changes_the_price() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            ReportDeposit::set(1_000 * REPORT_PRICE);
            wait(PATIENCE);
            assert_ok!(withdraw(1, 0));
            assert_eq!(held_for_reports(1), 0);
        });
    }

    #[test]
    fn a_report_of_another_is_refused() {
        run(|| {
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            wait(PATIENCE);
            assert_noop!(withdraw(2, 0), Error::<Test>::NotRentalClient);
        });
    }

    #[test]
    fn a_report_that_does_not_exist_or_is_closed_is_refused() {
        run(|| {
            assert_noop!(withdraw(1, 0), Error::<Test>::UnknownReport);
            let rental = rent(1, &[0], HOUR);
            report(1, rental, 0);
            verdicts(0, &[PASSED]);
            wait(PATIENCE);
            assert_noop!(withdraw(1, 0), Error::<Test>::UnknownReport);
        });
    }

    #[test]
    fn nobody_withdraws_without_a_signature() {
        run(|| {
            assert_noop!(
                Renting::withdraw_report(RuntimeOrigin::none(), 0),
                DispatchError::BadOrigin
            );
        });
    }
}

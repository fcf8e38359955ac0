//! `rent`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use loopin_primitives::{
    Balance, DeviceId,
    Verdict::{Failed, Inconclusive},
};
use sp_runtime::{DispatchError, TokenError};

/// GPU-seconds of six devices for a week, and of the anchor.
const GPU_SECONDS: u128 = 6 * STAKE as u128 + 18_000_000;
/// What they stand against.
const LIQUIDITY: Balance = 12_016 * LOOPIN;

mod success {
    use super::*;

    #[test]
    fn a_device_is_rented_at_the_price_of_its_pool() {
        run(|| {
            let amount = (LIQUIDITY * 3_600).div_ceil(GPU_SECONDS - 3_600);
            let fee = (amount * 3).div_ceil(1_000);
            let issuance = Balances::total_issuance();
            assert_ok!(try_rent(1, &[3], HOUR, Balance::MAX));

            assert_eq!(Balances::free_balance(1), ENDOWMENT - amount - fee - deposit(1));
            assert_eq!(held_for_rentals(1), deposit(1));
            assert_eq!(Balances::total_issuance(), issuance - fee);
            assert_eq!(hours(POOL, 1), 3_600);
            let state = state(POOL);
            assert_eq!(state.reserve, LIQUIDITY + amount);
            assert_eq!(state.gpu_seconds, GPU_SECONDS - 3_600);
            assert_eq!(state.idle_devices, 5);
            assert_eq!(NextRentalId::<Test>::get(), 1);
            assert_eq!(
                entry(0),
                Rental {
                    client: 1,
                    pool: POOL,
                    devices: devices(&[3]),
                    started_at: OPENING,
                    end: OPENING + HOUR,
                    hours_retired_until: OPENING,
                    paid: amount,
                    contribution: state.contribution(amount),
                    fees: fee,
                    deposit: deposit(1),
                    access_key: access_key(KEY),
                }
            );
            assert_eq!(
                RentedDevices::<Test>::iter().collect::<Vec<_>>(),
                [(
                    3,
                    Occupation {
                        rental: 0,
                        until: OPENING + HOUR
                    }
                )]
            );
            assert_eq!(totals(1), Totals::default());
            assert_eq!(
                take_events(),
                [Event::Rented {
                    rental: 0,
                    client: 1,
                    pool: POOL,
                    devices: devices(&[3]),
                    end: OPENING + HOUR,
                    gpu_seconds: 3_600,
                    amount,
                    fee,
                    deposit: deposit(1),
                }]
            );
        });
    }

    #[test]
    fn devices_that_are_rented_together_cost_what_their_time_costs() {
        run(|| {
            let quote = rent_quote(3 * 7_200);
            let rental = rent(2, &[5, 0, 2], 2 * HOUR);
            let entry = entry(rental);
            assert_eq!((entry.paid, entry.fees), (quote.amount, quote.fee));
            assert_eq!(entry.devices, devices(&[5, 0, 2]));
            assert_eq!(hours(POOL, 2), 3 * 7_200);
            assert_eq!(held_for_rentals(2), deposit(3));
            assert_eq!(balance(2), ENDOWMENT - quote.cost());
        });
    }

    #[test]
    fn the_end_is_rounded_up_to_a_whole_minute() {
        run(|| {
            wait(1);
            let quote = rent_quote(3_659);
            let rental = rent(1, &[0], HOUR);
            assert_eq!(entry(rental).end, OPENING + HOUR + 60);
            assert_eq!(entry(rental).paid, quote.amount);
            assert_eq!(hours(POOL, 1), 3_659);
        });
    }

    #[test]
    fn a_cost_of_exactly_the_maximum_is_paid() {
        run(|| {
            let cost = rent_quote(3_600).cost();
            assert_noop!(
                try_rent(1, &[0], HOUR, cost - 1),
                pallet_pools::Error::<Test>::CostAboveMaximum
            );
            assert_ok!(try_rent(1, &[0], HOUR, cost));
        });
    }

    #[test]
    fn the_shortest_and_the_longest_rental_are_possible() {
        run(|| {
            assert_eq!(entry(rent(1, &[0], RENTAL_MIN)).end, OPENING + RENTAL_MIN);
            assert_eq!(entry(rent(1, &[1], RENTAL_MAX)).end, OPENING + RENTAL_MAX);
        });
    }

    #[test]
    fn the_longest_rental_may_be_rounded_up() {
        run(|| {
            wait(59);
            assert_eq!(entry(rent(1, &[0], RENTAL_MAX)).end, OPENING + RENTAL_MAX + 60);
        });
    }

    #[test]
    fn a_rental_may_last_as_long_as_the_pool_has_the_device() {
        run(|| {
            let device = sold_device(2 * HOUR);
            rent(1, &[device], 2 * HOUR);
        });
    }

    #[test]
    fn up_to_64_devices_are_rented_together() {
        run(|| {
            for _ in DEVICES.end..MAX_DEVICES {
                provided_device(MINER, POOL);
            }
            let numbers: Vec<_> = (0..=MAX_DEVICES)
                .filter(|device| *device != FOREIGN_DEVICE)
                .collect();
            let rental = rent(1, &numbers, HOUR);
            assert_eq!(entry(rental).devices.len(), 64);
            assert_eq!(held_for_rentals(1), deposit(64));
            assert!(DeviceList::try_from(vec![0; 65]).is_err());
            wait(HOUR);
            assert_ok!(Renting::complete(RuntimeOrigin::signed(1), rental));
        });
    }

    #[test]
    fn a_client_can_have_several_rentals() {
        run(|| {
            rent(1, &[0], HOUR);
            rent(1, &[1, 2], 2 * HOUR);
            assert_eq!(held_for_rentals(1), deposit(1) + deposit(2));
            assert_eq!(hours(POOL, 1), 5 * 3_600);
        });
    }

    #[test]
    fn a_device_is_free_when_its_rental_is_over_though_nobody_has_completed_it() {
        run(|| {
            let old = rent(1, &[0], HOUR);
            wait(HOUR - 1);
            assert_noop!(try_rent(2, &[0], HOUR, Balance::MAX), Error::<Test>::DeviceRented);
            wait(1);
            let new = rent(2, &[0], HOUR);
            assert_eq!(RentedDevices::<Test>::get(0).unwrap().rental, new);
            // The end of the old one does not touch it.
            assert_ok!(Renting::complete(RuntimeOrigin::signed(3), old));
            assert_eq!(RentedDevices::<Test>::get(0).unwrap().rental, new);
        });
    }

    #[test]
    fn a_device_that_passes_again_can_be_rented() {
        run(|| {
            verdicts(0, &[Failed, Inconclusive, PASSED]);
            rent(1, &[0], HOUR);
        });
    }

    #[test]
    fn a_client_may_spend_all_but_the_existential_deposit() {
        run(|| {
            let needed = rent_quote(3_600).cost() + deposit(1) + EXISTENTIAL_DEPOSIT;
            Balances::set_balance(&50, needed);
            rent(50, &[0], HOUR);
            assert_eq!(Balances::free_balance(50), EXISTENTIAL_DEPOSIT);
            // The account exists as long as the rental does.
            assert_noop!(
                Balances::transfer_allow_death(RuntimeOrigin::signed(50), 1, 1),
                TokenError::Frozen
            );
        });
    }
}

#[test]
fn all_the_time_that_a_pool_has_can_be_rented_at_once() {
    run(|| {
        // Nothing is left but what is sold now.
        wait(STAKE);
        let numbers = [(); 4].map(|()| sold_device(HOUR));
        rent(1, &numbers, HOUR);
        assert_eq!(pool_now().idle_gpu_seconds(), 0);
    });
}

mod refusals {
    use super::*;

    fn refused(numbers: &[DeviceId], seconds: u64, error: impl Into<DispatchError>) {
        let error: DispatchError = error.into();
        assert_noop!(try_rent(1, numbers, seconds, Balance::MAX), error);
    }

    #[test]
    fn no_device_is_refused() {
        run(|| refused(&[], HOUR, Error::<Test>::NoDevices));
    }

    #[test]
    fn a_device_that_is_named_twice_is_refused() {
        run(|| {
            refused(&[0, 1, 0], HOUR, Error::<Test>::DuplicateDevice);
        });
    }

    #[test]
    fn a_device_of_another_pool_is_refused() {
        run(|| {
            refused(
                &[0, FOREIGN_DEVICE],
                HOUR,
                pallet_stakes::Error::<Test>::WrongPool,
            );
        });
    }

    #[test]
    fn a_pool_or_a_device_that_does_not_exist_is_refused() {
        run(|| {
            refused(&[u32::MAX], HOUR, pallet_stakes::Error::<Test>::NotInPool);
            assert_noop!(
                Renting::rent(
                    RuntimeOrigin::signed(1),
                    u32::MAX,
                    devices(&[0]),
                    HOUR,
                    Balance::MAX,
                    access_key(KEY)
                ),
                pallet_pools::Error::<Test>::UnknownPool
            );
        });
    }

    #[test]
    fn a_device_that_is_rented_is_refused_even_to_its_client() {
        run(|| {
            rent(1, &[0, 1], HOUR);
            refused(&[1], HOUR, Error::<Test>::DeviceRented);
            assert_noop!(
                try_rent(2, &[2, 0], HOUR, Balance::MAX),
                Error::<Test>::DeviceRented
            );
        });
    }

    #[test]
    fn a_device_that_is_not_verified_is_refused() {
        run(|| {
            verdicts(0, &[Failed]);
            refused(&[0], HOUR, pallet_stakes::Error::<Test>::NotVerified);
            // An ejected one has lost its stake as well.
            verdicts(0, &[Failed]);
            refused(&[0], HOUR, pallet_stakes::Error::<Test>::NotInPool);
        });
    }

    #[test]
    fn a_draining_device_is_refused() {
        run(|| {
            assert_ok!(drain(0));
            refused(&[1, 0], HOUR, pallet_stakes::Error::<Test>::DeviceDraining);
        });
    }

    #[test]
    fn a_device_whose_stake_ends_sooner_is_refused() {
        run(|| {
            let device = sold_device(2 * HOUR);
            refused(&[device], 2 * HOUR + 1, Error::<Test>::StakeEndsSooner);
            wait(1);
            refused(&[device], 2 * HOUR, Error::<Test>::StakeEndsSooner);
            wait(2 * HOUR);
            refused(&[device], HOUR, pallet_stakes::Error::<Test>::NotInPool);
        });
    }

    #[test]
    fn a_time_that_the_pool_does_not_allow_is_refused() {
        run(|| {
            refused(&[0], 0, Error::<Test>::TooShort);
            refused(&[0], RENTAL_MIN - 1, Error::<Test>::TooShort);
            refused(&[0], RENTAL_MAX + 1, Error::<Test>::TooLong);
            refused(&[0], u64::MAX, Error::<Test>::TooLong);
        });
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        run(|| {
            for (line, error) in [
                ("", AccessKeyError::Type),
                ("ssh-ed25519 AAAA", AccessKeyError::Incomplete),
                ("ssh-ed25519 AAAA\n", AccessKeyError::Character),
            ] {
                assert_noop!(
                    Renting::rent(
                        RuntimeOrigin::signed(1),
                        POOL,
                        devices(&[0]),
                        HOUR,
                        Balance::MAX,
                        access_key(line)
                    ),
                    Error::<Test>::InvalidAccessKey(error)
                );
            }
            assert!(AccessKey::try_from(vec![b' '; 1_025]).is_err());
        });
    }

    #[test]
    fn a_client_that_would_have_less_than_the_existential_deposit_is_refused() {
        run(|| {
            let needed = rent_quote(3_600).cost() + deposit(1) + EXISTENTIAL_DEPOSIT;
            // The first lacks it for the fee, the second for what the pool gets.
            for (lacking, error) in [
                (1, TokenError::FundsUnavailable),
                (rent_quote(3_600).fee + 1, TokenError::Frozen),
            ] {
                Balances::set_balance(&50, needed - lacking);
                assert_noop!(try_rent(50, &[0], HOUR, Balance::MAX), error);
            }
            assert_eq!(Rentals::<Test>::iter().count(), 0);
        });
    }

    #[test]
    fn a_client_that_cannot_pay_the_deposit_is_refused() {
        run(|| {
            Balances::set_balance(&50, deposit(1) + EXISTENTIAL_DEPOSIT - 1);
            assert_noop!(
                try_rent(50, &[0], HOUR, Balance::MAX),
                TokenError::FundsUnavailable
            );
            // Nobody has ever heard of this one.
            assert_noop!(
                try_rent(51, &[0], HOUR, Balance::MAX),
                TokenError::FundsUnavailable
            );
        });
    }

    #[test]
    fn a_deposit_beyond_all_balances_is_refused() {
        run(|| {
            for rate in [Balance::MAX, Balance::MAX - RENTAL_DEPOSIT] {
                DepositPerDevice::set(rate);
                refused(&[0], HOUR, Error::<Test>::DepositTooLarge);
            }
            DepositPerDevice::set(Balance::MAX / 2 + 1);
            refused(&[0, 1], HOUR, Error::<Test>::DepositTooLarge);
        });
    }

    #[test]
    fn the_last_number_is_not_given_twice() {
        run(|| {
            NextRentalId::<Test>::put(u32::MAX - 1);
            rent(1, &[0], HOUR);
            refused(&[1], HOUR, Error::<Test>::NoNumberLeft);
        });
    }

    #[test]
    fn nobody_rents_without_a_signature() {
        run(|| {
            for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
                assert_noop!(
                    Renting::rent(origin, POOL, devices(&[0]), HOUR, Balance::MAX, access_key(KEY)),
                    DispatchError::BadOrigin
                );
            }
        });
    }
}

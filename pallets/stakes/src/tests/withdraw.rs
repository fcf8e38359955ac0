//! `withdraw_liquidity`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use loopin_math::time::HOUR;
use loopin_primitives::{Balance, PositionId};
use sp_runtime::Permill;

fn withdraw_for(position: PositionId, min_returned: Balance) -> DispatchResult {
    call(
        MINER,
        Call::withdraw_liquidity {
            position,
            min_returned,
        },
    )
}

mod success {
    use super::*;

    #[test]
    fn early_liquidity_comes_back_less_the_exit_fee_which_is_burned() {
        execute(|| {
            let id = provided(1);
            wait(2 * DAY);
            let (before, burned_before) = (wealth(MINER), burned());
            let returned = quote_removal(id);
            let exit_fee = returned.div_ceil(100);
            let streamed = Stakes::position_value(id).unwrap().streamed_unclaimed;
            let gpu_seconds = pool(POOL).idle_gpu_seconds();
            take_events();
            assert_ok!(withdraw(MINER, id));

            assert_eq!(wealth(MINER), before + streamed + returned - exit_fee);
            assert_eq!(burned(), burned_before + exit_fee);
            assert_eq!(held(MINER, HoldReason::PositionDeposit), 0);
            assert_eq!(Positions::<Test>::get(id), None);
            assert_eq!(StakeOf::<Test>::get(1), None);
            assert!(!is_staked(1));
            assert_eq!(Nfts::owner(0, id), None);
            let state = pool(POOL);
            assert_eq!(state.idle_devices, 0);
            assert_eq!(state.idle_gpu_seconds(), 0);
            assert_eq!(state.provider_devices, 0);
            assert_eq!(
                take_events(),
                [Event::LiquidityWithdrawn {
                    position: id,
                    owner: MINER,
                    device: 1,
                    streamed,
                    returned,
                    exit_fee,
                    gpu_seconds,
                    deposit: POSITION_DEPOSIT,
                }]
            );
        });
    }

    #[test]
    fn liquidity_that_comes_and_goes_in_one_block_loses_the_fee_and_little_else() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            let before = wealth(MINER);
            assert_ok!(add_liquidity(MINER, id));
            let paid = liquidity(id).paid;
            assert_ok!(withdraw(MINER, id));
            let lost = before - wealth(MINER);
            assert!(lost >= paid / 100 && lost <= paid / 100 + 2);
        });
    }

    #[test]
    fn no_more_returns_than_is_left_of_what_was_paid() {
        execute(|| {
            let id = provided(1);
            let paid = liquidity(id).paid;
            // As if most of the reserve had streamed away since.
            pallet_pools::Pools::<Test>::mutate(POOL, |state| {
                state.as_mut().unwrap().pool.retention.exponent += 10;
            });
            let before = wealth(MINER);
            assert_eq!(quote_removal(id), paid / 1_024);
            assert_ok!(withdraw(MINER, id));
            let returned = paid / 1_024;
            assert_eq!(wealth(MINER), before + returned - returned.div_ceil(100));
        });
    }

    #[test]
    fn what_was_claimed_before_is_not_paid_again() {
        let outcome = |claims: bool| {
            let mut outcome = 0;
            execute(|| {
                let id = provided(1);
                wait(DAY);
                if claims {
                    assert_ok!(claim(MINER, id));
                }
                assert_ok!(withdraw(MINER, id));
                outcome = wealth(MINER);
            });
            outcome
        };
        assert_eq!(outcome(true), outcome(false));
    }

    #[test]
    fn the_device_can_be_staked_again() {
        execute(|| {
            let id = provided(1);
            assert_ok!(withdraw(MINER, id));
            assert_eq!(provided(1), id + 1);
        });
    }

    #[test]
    fn the_bound_is_exact_to_the_planck_and_counts_after_the_fee() {
        execute(|| {
            let id = provided(1);
            wait(DAY);
            let returned = quote_removal(id);
            let paid_out = returned - returned.div_ceil(100);
            assert_noop!(
                withdraw_for(id, paid_out + 1),
                Error::<Test>::ReturnedBelowMinimum
            );
            assert_noop!(
                withdraw_for(id, Balance::MAX),
                Error::<Test>::ReturnedBelowMinimum
            );
            assert_ok!(withdraw_for(id, paid_out));
        });
    }

    #[test]
    fn the_last_second_can_be_withdrawn() {
        execute(|| {
            let id = provided(1);
            wait_until(position(id).end - 1);
            assert_ok!(withdraw(MINER, id));
        });
    }

    #[test]
    fn after_a_rental_the_liquidity_of_a_drained_device_can_be_withdrawn() {
        execute(|| {
            let id = provided(1);
            provided(2);
            let rental = rent(1, HOUR);
            assert_ok!(drain(MINER, 1));
            wait_until(rental.until - 1);
            assert_noop!(withdraw(MINER, id), Error::<Test>::DeviceRented);
            wait(1);
            assert_ok!(withdraw(MINER, id));
        });
    }

    #[test]
    fn an_owner_with_nothing_but_the_existential_deposit_is_paid() {
        execute(|| {
            let id = provided(1);
            set_free(MINER, EXISTENTIAL_DEPOSIT);
            wait_until(position(id).end - 1);
            assert_ok!(claim(STRANGER, id));
            assert_ok!(withdraw(MINER, id));
        });
    }

    #[test]
    fn an_exit_fee_of_everything_leaves_nothing_to_pay() {
        execute(|| {
            let id = provided(1);
            ExitFee::set(Permill::one());
            let before = wealth(MINER);
            assert_ok!(withdraw(MINER, id));
            assert_eq!(wealth(MINER), before);
        });
    }
}

mod refused {
    use super::*;

    #[test]
    fn the_position_of_another_owner_is_refused() {
        execute(|| {
            let id = provided(1);
            assert_noop!(withdraw(OTHER, id), Error::<Test>::NotPositionOwner);
            assert_noop!(withdraw(MINER, 9), Error::<Test>::UnknownPosition);
        });
    }

    #[test]
    fn a_position_without_liquidity_is_refused() {
        execute(|| {
            let staked = staked(1, PROVIDE_SECONDS, Intent::Provide);
            let sold = sold(2, 1, DAY);
            assert_noop!(withdraw(MINER, staked), Error::<Test>::NoLiquidity);
            assert_noop!(withdraw(MINER, sold), Error::<Test>::NoLiquidity);
        });
    }

    #[test]
    fn a_position_whose_stake_is_over_is_refused() {
        execute(|| {
            let id = provided(1);
            wait_until(position(id).end);
            assert_noop!(withdraw(MINER, id), Error::<Test>::StakeOver);
        });
    }

    #[test]
    fn a_rented_device_is_refused() {
        execute(|| {
            let id = provided(1);
            provided(2);
            rent(1, HOUR);
            assert_noop!(withdraw(MINER, id), Error::<Test>::DeviceRented);
        });
    }

    #[test]
    fn a_suspended_device_does_not_get_away() {
        execute(|| {
            let id = provided(1);
            fail(1);
            assert_noop!(withdraw(MINER, id), Error::<Test>::DeviceSuspended);
            pass(1);
            assert_ok!(withdraw(MINER, id));
        });
    }

    #[test]
    fn liquidity_is_withdrawn_once() {
        execute(|| {
            let id = provided(1);
            assert_ok!(withdraw(MINER, id));
            for _ in 0..2 {
                assert_noop!(withdraw(MINER, id), Error::<Test>::UnknownPosition);
            }
        });
    }
}

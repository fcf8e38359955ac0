//! `sell_hours`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use loopin_math::time::{HOUR, MINUTE};
use loopin_primitives::{Balance, PositionId};
use sp_runtime::{ArithmeticError, FixedU128, TokenError};

fn sell_for(position: PositionId, gpu_seconds: u64, min_proceeds: Balance) -> DispatchResult {
    call(
        MINER,
        Call::sell_hours {
            position,
            gpu_seconds,
            min_proceeds,
        },
    )
}

/// What the pool pays for so much, and the fee of 0.3 %, rounded up.
fn quote(gpu_seconds: u64) -> (Balance, Balance) {
    let state = pool(POOL);
    let gpu_seconds = u128::from(gpu_seconds);
    let amount = state.reserve * gpu_seconds / (state.gpu_seconds + gpu_seconds);
    (amount, (amount * 3).div_ceil(1_000))
}

/// 110 %, rounded up.
fn collateral_for(amount: Balance) -> Balance {
    (amount * 11).div_ceil(10)
}

mod success {
    use super::*;

    #[test]
    fn the_pool_buys_time_and_collateral_is_put_on_hold() {
        execute(|| {
            let id = staked(1, 7 * DAY, Intent::Sell);
            let issued = position(id).uncommitted_gpu_seconds;
            let (before, burned_before) = (free(MINER), burned());
            let sold = 2 * DAY + REST_OF_MINUTE;
            let (amount, fee) = quote(sold);
            let collateral = collateral_for(amount);
            take_events();
            assert_ok!(sell_hours(MINER, id, 2 * DAY));

            let sold_until = START + sold;
            assert_eq!(
                sale(id),
                Sale {
                    sold_until,
                    gpu_seconds: sold.into(),
                    amount,
                }
            );
            assert_eq!(position(id).collateral, collateral);
            assert_eq!(held(MINER, HoldReason::SaleCollateral), collateral);
            assert_eq!(free(MINER), before + amount - fee - collateral);
            assert_eq!(burned(), burned_before + fee);
            assert_eq!(position(id).uncommitted_gpu_seconds, issued - u128::from(sold));
            assert_eq!(hours(POOL, MINER), issued - u128::from(sold));
            let state = pool(POOL);
            assert_eq!(state.idle_devices, 1);
            assert_eq!(state.provider_devices, 0);
            assert_eq!(state.idle_gpu_seconds(), sold.into());
            assert_eq!(
                take_events(),
                [Event::HoursSold {
                    position: id,
                    gpu_seconds: sold.into(),
                    amount,
                    fee,
                    collateral,
                    sold_until,
                    retired_gpu_seconds: sold.into(),
                }]
            );
        });
    }

    #[test]
    fn a_sale_that_runs_is_extended() {
        execute(|| {
            let id = sold(1, 7, DAY);
            let first = sale(id);
            let first_collateral = position(id).collateral;
            wait(HOUR);
            let (amount, _) = quote(DAY);
            assert_ok!(sell_hours(MINER, id, DAY));
            let second = sale(id);
            assert_eq!(second.sold_until, first.sold_until + DAY);
            assert_eq!(second.gpu_seconds, first.gpu_seconds + u128::from(DAY));
            assert_eq!(second.amount, first.amount + amount);
            assert_eq!(position(id).collateral, first_collateral + collateral_for(amount));
            assert_eq!(pool(POOL).idle_devices, 1);
            assert_eq!(
                position(id).uncommitted_gpu_seconds,
                u128::from(position(id).end - second.sold_until)
            );
        });
    }

    #[test]
    fn two_sales_of_one_block_follow_each_other() {
        execute(|| {
            let id = staked(1, 7 * DAY, Intent::Sell);
            assert_ok!(sell_hours(MINER, id, HOUR));
            assert_ok!(sell_hours(MINER, id, HOUR));
            assert_eq!(sale(id).sold_until, START + REST_OF_MINUTE + HOUR + HOUR);
        });
    }

    #[test]
    fn after_a_sale_is_over_another_one_begins() {
        execute(|| {
            let id = sold(1, 7, DAY);
            let first = sale(id);
            let first_collateral = position(id).collateral;
            wait_until(first.sold_until + DAY + 1);
            let stored = position(id).uncommitted_gpu_seconds;
            // Fifty-nine seconds to the next whole minute.
            let (amount, _) = quote(DAY + 59);
            take_events();
            assert_ok!(sell_hours(MINER, id, DAY));
            let second = sale(id);
            assert_eq!(second.gpu_seconds, u128::from(DAY) + 59);
            assert_eq!(second.amount, amount);
            assert_eq!(second.sold_until, first.sold_until + 2 * DAY + MINUTE);
            // That of the first sale is kept.
            assert_eq!(position(id).collateral, first_collateral + collateral_for(amount));
            // The day between the sales has run off.
            let left = u128::from(position(id).end - second.sold_until);
            assert_eq!(position(id).uncommitted_gpu_seconds, left);
            assert_eq!(hours(POOL, MINER), left);
            assert!(matches!(
                take_events()[..],
                [Event::HoursSold { retired_gpu_seconds, .. }] if retired_gpu_seconds == stored - left
            ));
        });
    }

    #[test]
    fn at_the_very_end_of_a_sale_another_one_begins() {
        execute(|| {
            let id = sold(1, 7, DAY);
            let end = sale(id).sold_until;
            wait_until(end);
            assert_ok!(sell_hours(MINER, id, HOUR));
            assert_eq!(sale(id).sold_until, end + HOUR);
            assert_eq!(sale(id).gpu_seconds, HOUR.into());
        });
    }

    #[test]
    fn no_more_is_sold_than_is_left_of_the_stake() {
        execute(|| {
            let id = staked(1, DAY, Intent::Sell);
            wait(HOUR);
            assert_ok!(sell_hours(MINER, id, u64::MAX));
            assert_eq!(sale(id).sold_until, position(id).end);
            assert_eq!(hours(POOL, MINER), 0);
        });
    }

    #[test]
    fn the_bound_is_exact_to_the_planck() {
        execute(|| {
            let id = staked(1, DAY, Intent::Sell);
            let (amount, fee) = quote(DAY + REST_OF_MINUTE);
            assert_noop!(
                sell_for(id, DAY, amount - fee + 1),
                pallet_pools::Error::<Test>::ProceedsBelowMinimum
            );
            assert_noop!(
                sell_for(id, DAY, Balance::MAX),
                pallet_pools::Error::<Test>::ProceedsBelowMinimum
            );
            assert_ok!(sell_for(id, DAY, amount - fee));
        });
    }

    #[test]
    fn collateral_is_rounded_up() {
        execute(|| {
            Collateral::set(FixedU128::from_inner(1_000_000_000_000_000_001));
            let id = staked(1, DAY, Intent::Sell);
            let (amount, _) = quote(DAY + REST_OF_MINUTE);
            assert_ok!(sell_hours(MINER, id, DAY));
            // A planck and less than a planck of every amount that is no multiple of 10¹⁸.
            assert_eq!(position(id).collateral, amount + 1);
        });
    }

    #[test]
    fn the_proceeds_help_to_pay_the_collateral() {
        execute(|| {
            let id = staked(1, DAY, Intent::Sell);
            let (amount, fee) = quote(DAY + REST_OF_MINUTE);
            let own = collateral_for(amount) - (amount - fee);
            set_free(MINER, own + EXISTENTIAL_DEPOSIT - 1);
            assert_noop!(sell_hours(MINER, id, DAY), TokenError::FundsUnavailable);
            set_free(MINER, own + EXISTENTIAL_DEPOSIT);
            assert_ok!(sell_hours(MINER, id, DAY));
            assert_eq!(free(MINER), EXISTENTIAL_DEPOSIT);
        });
    }
}

mod refused {
    use super::*;

    #[test]
    fn nothing_to_sell_is_refused() {
        execute(|| {
            let id = staked(1, DAY, Intent::Sell);
            assert_noop!(sell_hours(MINER, id, 0), Error::<Test>::NoGpuSeconds);
        });
    }

    #[test]
    fn time_that_has_been_sold_is_not_sold_again() {
        execute(|| {
            let id = sold(1, 1, DAY);
            assert_noop!(sell_hours(MINER, id, 1), Error::<Test>::AllTimeSold);
            wait(HOUR);
            assert_noop!(sell_hours(MINER, id, DAY), Error::<Test>::AllTimeSold);
        });
    }

    #[test]
    fn the_position_of_another_owner_is_refused() {
        execute(|| {
            let id = staked(1, DAY, Intent::Sell);
            assert_noop!(sell_hours(OTHER, id, DAY), Error::<Test>::NotPositionOwner);
            assert_noop!(sell_hours(MINER, id + 1, DAY), Error::<Test>::UnknownPosition);
        });
    }

    #[test]
    fn a_device_staked_to_be_provided_is_refused() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            assert_noop!(sell_hours(MINER, id, DAY), Error::<Test>::WrongIntent);
            assert_ok!(add_liquidity(MINER, id));
            assert_noop!(sell_hours(MINER, id, DAY), Error::<Test>::WrongIntent);
        });
    }

    #[test]
    fn a_stake_that_is_over_is_refused() {
        execute(|| {
            let id = staked(1, DAY, Intent::Sell);
            wait_until(position(id).end);
            assert_noop!(sell_hours(MINER, id, DAY), Error::<Test>::StakeOver);
        });
    }

    #[test]
    fn a_suspended_device_is_refused() {
        execute(|| {
            let id = sold(1, 7, DAY);
            fail(1);
            assert_noop!(sell_hours(MINER, id, DAY), Error::<Test>::NotVerified);
        });
    }

    #[test]
    fn collateral_that_the_owner_does_not_have_is_refused() {
        execute(|| {
            let id = staked(1, DAY, Intent::Sell);
            Collateral::set(FixedU128::from_inner(u128::MAX));
            assert_noop!(sell_hours(MINER, id, DAY), TokenError::FundsUnavailable);
        });
    }

    #[test]
    fn more_collateral_than_a_number_holds_is_refused() {
        execute(|| {
            let id = sold(1, 7, DAY);
            // The second sale's collateral added to the first one's is too large.
            Positions::<Test>::mutate(id, |position| {
                position.as_mut().unwrap().collateral = Balance::MAX;
            });
            assert_noop!(sell_hours(MINER, id, DAY), ArithmeticError::Overflow);
            Positions::<Test>::mutate(id, |position| {
                let position = position.as_mut().unwrap();
                position.collateral = held(MINER, HoldReason::SaleCollateral);
            });
        });
    }
}

//! `position_value`.

use crate::{mock::*, *};
use frame_support::assert_ok;
use loopin_math::time::HOUR;

#[test]
fn of_a_provider_it_is_what_claiming_and_withdrawing_then_bring() {
    execute(|| {
        let id = provided(1);
        provided(2);
        rent(2, DAY);
        wait(DAY);
        assert_ok!(claim(MINER, id));
        let claimed = liquidity(id).claimed;
        wait(DAY);
        let value = Stakes::position_value(id).unwrap();
        assert_eq!(value.claimed, claimed);
        assert_eq!(value.deposit, POSITION_DEPOSIT);
        assert_eq!(value.uncommitted_gpu_seconds, 0);
        assert_eq!(value.rented_until, None);
        take_events();
        assert_ok!(withdraw(MINER, id));
        assert!(matches!(
            take_events()[..],
            [Event::LiquidityWithdrawn { streamed, returned, exit_fee, .. }]
                if streamed == value.streamed_unclaimed
                    && exit_fee == value.exit_fee
                    && returned - exit_fee == value.returned_if_withdrawn
        ));
    });
}

#[test]
fn after_the_end_there_is_nothing_to_withdraw() {
    execute(|| {
        let id = provided(1);
        wait(8 * DAY);
        let value = Stakes::position_value(id).unwrap();
        assert_eq!(value.returned_if_withdrawn, 0);
        assert_eq!(value.exit_fee, 0);
        let before = free(MINER);
        assert_ok!(claim(MINER, id));
        assert_eq!(free(MINER), before + value.streamed_unclaimed);
    });
}

#[test]
fn of_a_seller_it_is_what_is_on_hold_and_the_time_that_is_left() {
    execute(|| {
        let id = sold(1, 7, DAY);
        let Position {
            maintenance_fee,
            collateral,
            end,
            ..
        } = position(id);
        let rental = {
            sold(2, 7, 7 * DAY);
            rent(1, HOUR)
        };
        let expected = PositionValue {
            streamed_unclaimed: 0,
            claimed: 0,
            returned_if_withdrawn: 0,
            exit_fee: 0,
            maintenance_fee,
            collateral,
            deposit: POSITION_DEPOSIT,
            uncommitted_gpu_seconds: u128::from(end - sale(id).sold_until),
            rented_until: Some(rental.until),
        };
        assert_eq!(Stakes::position_value(id), Some(expected.clone()));
        // Two days after the sale's end they have run off.
        wait_until(sale(id).sold_until + 2 * DAY);
        let later = PositionValue {
            uncommitted_gpu_seconds: expected.uncommitted_gpu_seconds - 2 * u128::from(DAY),
            rented_until: None,
            ..expected
        };
        assert_eq!(Stakes::position_value(id), Some(later));
        wait_until(end + DAY);
        assert_eq!(Stakes::position_value(id).unwrap().uncommitted_gpu_seconds, 0);
    });
}

#[test]
fn there_is_none_of_a_position_that_does_not_exist() {
    execute(|| assert_eq!(Stakes::position_value(0), None));
}

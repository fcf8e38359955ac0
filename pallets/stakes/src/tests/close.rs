//! `close`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use loopin_math::time::HOUR;

#[test]
fn a_provider_gets_the_rest_of_the_stream_and_the_deposit() {
    execute(|| {
        let id = provided(1);
        let paid = liquidity(id).paid;
        wait(DAY);
        assert_ok!(claim(MINER, id));
        let claimed = liquidity(id).claimed;
        wait_until(position(id).end);
        let (before, burned_before) = (wealth(MINER), burned());
        take_events();
        assert_ok!(close(STRANGER, id));

        let streamed = wealth(MINER) - before;
        assert!(streamed + claimed <= paid && paid - streamed - claimed <= 3);
        assert_eq!(held(MINER, HoldReason::PositionDeposit), 0);
        assert_eq!(burned(), burned_before);
        assert_eq!(Positions::<Test>::get(id), None);
        assert_eq!(StakeOf::<Test>::get(1), None);
        assert!(!is_staked(1));
        assert_eq!(Nfts::owner(0, id), None);
        assert_eq!(
            take_events(),
            [Event::Closed {
                position: id,
                owner: MINER,
                device: 1,
                streamed,
                maintenance_fee: 0,
                collateral: 0,
                deposit: POSITION_DEPOSIT,
                retired_gpu_seconds: 0,
            }]
        );
    });
}

#[test]
fn a_seller_gets_fee_and_collateral_of_all_sales_back() {
    execute(|| {
        let id = sold(1, 7, DAY);
        wait(3 * DAY);
        assert_ok!(sell_hours(MINER, id, DAY));
        let Position {
            maintenance_fee,
            collateral,
            uncommitted_gpu_seconds,
            ..
        } = position(id);
        let before = free(MINER);
        wait_until(position(id).end);
        take_events();
        assert_ok!(close(STRANGER, id));
        assert_eq!(
            free(MINER),
            before + maintenance_fee + collateral + POSITION_DEPOSIT
        );
        assert_eq!(wealth(MINER), free(MINER));
        assert_eq!(hours(POOL, MINER), 0);
        assert_eq!(
            take_events(),
            [Event::Closed {
                position: id,
                owner: MINER,
                device: 1,
                streamed: 0,
                maintenance_fee,
                collateral,
                deposit: POSITION_DEPOSIT,
                retired_gpu_seconds: uncommitted_gpu_seconds,
            }]
        );
    });
}

#[test]
fn a_position_that_never_committed_anything_is_closed_just_the_same() {
    execute(|| {
        for (device, seconds, intent) in [(1, PROVIDE_SECONDS, Intent::Provide), (2, 7 * DAY, Intent::Sell)] {
            staked(device, seconds, intent);
        }
        wait(8 * DAY);
        for id in 0..2 {
            assert_ok!(close(MINER, id));
        }
        assert_eq!(wealth(MINER), free(MINER));
        assert_eq!(hours(POOL, MINER), 0);
    });
}

#[test]
fn nothing_is_lost_when_nobody_closes_for_months() {
    let outcome = |late: u64| {
        let mut outcome = (0, 0);
        execute(|| {
            let ids = [provided(1), sold(2, 7, 2 * DAY), provided(4)];
            rent(1, DAY);
            wait(7 * DAY + REST_OF_MINUTE + late);
            for id in ids {
                assert_ok!(close(STRANGER, id));
            }
            outcome = (wealth(MINER), wealth(OTHER));
        });
        outcome
    };
    let (punctual, late) = (outcome(0), outcome(200 * DAY));
    assert_eq!(punctual, late);
}

#[test]
fn positions_that_end_in_the_same_minute_are_closed_one_by_one() {
    execute(|| {
        let ids = [provided(1), provided(2), provided(4)];
        wait(30 * DAY);
        for id in ids {
            assert_ok!(close(STRANGER, id));
        }
        assert_eq!(pool(POOL).provider_devices, 0);
    });
}

#[test]
fn the_stake_must_be_over() {
    execute(|| {
        let id = provided(1);
        assert_noop!(close(MINER, id), Error::<Test>::StakeNotOver);
        wait_until(position(id).end - 1);
        assert_noop!(close(MINER, id), Error::<Test>::StakeNotOver);
        wait(1);
        assert_ok!(close(MINER, id));
    });
}

#[test]
fn a_position_is_closed_once() {
    execute(|| {
        let id = provided(1);
        wait(8 * DAY);
        assert_ok!(close(MINER, id));
        for _ in 0..2 {
            assert_noop!(close(MINER, id), Error::<Test>::UnknownPosition);
            assert_noop!(claim(MINER, id), Error::<Test>::UnknownPosition);
        }
        assert_noop!(close(MINER, u32::MAX), Error::<Test>::UnknownPosition);
    });
}

#[test]
fn while_the_device_is_suspended_closing_has_to_wait() {
    execute(|| {
        let ids = [provided(1), sold(2, 7, DAY)];
        wait(8 * DAY);
        for (id, device) in ids.into_iter().zip([1, 2]) {
            fail(device);
            assert_noop!(close(MINER, id), Error::<Test>::DeviceSuspended);
            pass(device);
            assert_ok!(close(MINER, id));
        }
    });
}

#[test]
fn the_device_can_be_staked_again_in_the_same_block() {
    execute(|| {
        let id = provided(1);
        wait(8 * DAY);
        assert_ok!(close(MINER, id));
        assert_eq!(provided(1), id + 1);
    });
}

#[test]
fn an_owner_with_nothing_but_the_existential_deposit_is_paid() {
    execute(|| {
        let id = provided(1);
        set_free(MINER, EXISTENTIAL_DEPOSIT);
        wait_until(position(id).end - 1);
        assert_ok!(claim(MINER, id));
        wait(HOUR);
        let before = free(MINER);
        assert_ok!(close(STRANGER, id));
        assert!(free(MINER) > before + POSITION_DEPOSIT);
    });
}

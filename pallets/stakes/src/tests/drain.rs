//! `drain` and `undrain`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use loopin_math::time::HOUR;

#[test]
fn a_draining_device_cannot_be_rented_until_its_owner_says_otherwise() {
    execute(|| {
        let id = provided(1);
        take_events();
        take_told();
        assert_ok!(drain(MINER, 1));
        assert!(liquidity(id).draining);
        assert_eq!(take_told(), [Told::Drained(id, 1, true)]);
        assert_noop!(Stakes::available_until(POOL, 1), Error::<Test>::DeviceDraining);
        assert_ok!(undrain(MINER, 1));
        assert!(!liquidity(id).draining);
        assert_eq!(Stakes::available_until(POOL, 1), Ok(position(id).end));
        assert_eq!(
            take_events(),
            [
                Event::Draining {
                    position: id,
                    device: 1,
                },
                Event::DrainingEnded {
                    position: id,
                    device: 1,
                }
            ]
        );
    });
}

#[test]
fn what_streams_to_a_draining_device_goes_on() {
    execute(|| {
        let id = provided(1);
        assert_ok!(drain(MINER, 1));
        wait(HOUR);
        assert_ok!(claim(MINER, id));
        assert!(liquidity(id).draining);
    });
}

#[test]
fn a_rented_device_can_be_drained() {
    execute(|| {
        provided(1);
        provided(2);
        rent(1, HOUR);
        assert_ok!(drain(MINER, 1));
    });
}

#[test]
fn draining_twice_is_refused() {
    execute(|| {
        provided(1);
        assert_noop!(undrain(MINER, 1), Error::<Test>::NotDraining);
        assert_ok!(drain(MINER, 1));
        assert_noop!(drain(MINER, 1), Error::<Test>::AlreadyDraining);
        assert_ok!(undrain(MINER, 1));
        assert_noop!(undrain(MINER, 1), Error::<Test>::NotDraining);
    });
}

#[test]
fn a_device_of_another_owner_is_refused() {
    execute(|| {
        provided(1);
        assert_noop!(drain(OTHER, 1), Error::<Test>::NotPositionOwner);
        assert_noop!(undrain(STRANGER, 1), Error::<Test>::NotPositionOwner);
    });
}

#[test]
fn time_that_was_sold_belongs_to_the_pool() {
    execute(|| {
        sold(1, 1, DAY);
        assert_noop!(drain(MINER, 1), Error::<Test>::NoLiquidity);
    });
}

#[test]
fn a_device_without_liquidity_is_refused() {
    execute(|| {
        assert_noop!(drain(MINER, 1), Error::<Test>::NotInPool);
        assert_noop!(drain(MINER, 99), Error::<Test>::NotInPool);
        staked(1, PROVIDE_SECONDS, Intent::Provide);
        assert_noop!(drain(MINER, 1), Error::<Test>::NoLiquidity);
        let id = provided(2);
        wait_until(position(id).end);
        assert_noop!(drain(MINER, 2), Error::<Test>::StakeOver);
    });
}

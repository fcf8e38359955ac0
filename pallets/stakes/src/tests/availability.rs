//! Which devices can be rented, and what is told of verification.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, assert_storage_noop};
use loopin_primitives::DeviceHooks;

fn available_until(device: u32) -> Result<u64, sp_runtime::DispatchError> {
    Stakes::available_until(POOL, device)
}

#[test]
fn a_device_with_liquidity_is_available_until_the_end_of_the_stake() {
    execute(|| {
        let id = provided(1);
        let end = position(id).end;
        assert_eq!(available_until(1), Ok(end));
        wait_until(end - 1);
        assert_eq!(available_until(1), Ok(end));
        wait(1);
        assert_noop!(available_until(1), Error::<Test>::NotInPool);
    });
}

#[test]
fn a_sold_device_is_available_as_long_as_it_is_sold() {
    execute(|| {
        let id = sold(1, 7, DAY);
        let sold_until = sale(id).sold_until;
        assert_eq!(available_until(1), Ok(sold_until));
        wait_until(sold_until);
        assert_noop!(available_until(1), Error::<Test>::NotInPool);
        assert_ok!(sell_hours(MINER, id, DAY));
        assert_eq!(available_until(1), Ok(sold_until + DAY));
    });
}

#[test]
fn devices_that_are_in_no_pool_are_not_available() {
    execute(|| {
        assert_noop!(available_until(1), Error::<Test>::NotInPool);
        assert_noop!(available_until(99), Error::<Test>::NotInPool);
        staked(1, PROVIDE_SECONDS, Intent::Provide);
        assert_noop!(available_until(1), Error::<Test>::NotInPool);
    });
}

#[test]
fn a_device_is_available_in_its_own_pool_only() {
    execute(|| {
        provided(1);
        assert_noop!(Stakes::available_until(OTHER_POOL, 1), Error::<Test>::WrongPool);
    });
}

#[test]
fn only_a_verified_device_is_available() {
    execute(|| {
        provided(1);
        fail(1);
        assert_noop!(available_until(1), Error::<Test>::NotVerified);
        pass(1);
        assert_ok!(available_until(1));
        eject(1);
        assert_noop!(available_until(1), Error::<Test>::NotInPool);
    });
}

#[test]
fn verdicts_about_staked_devices_are_reported() {
    execute(|| {
        let id = provided(1);
        take_events();
        fail(1);
        pass(1);
        assert_eq!(
            take_events(),
            [
                Event::Suspended {
                    position: id,
                    device: 1,
                },
                Event::Verified {
                    position: id,
                    device: 1,
                }
            ]
        );
    });
}

#[test]
fn verdicts_about_other_devices_are_of_no_concern() {
    execute(|| {
        assert_storage_noop!({
            assert_ok!(Stakes::suspended(1));
            assert_ok!(Stakes::passed(1));
            assert_ok!(Stakes::ejected(1));
            assert_ok!(Stakes::ejected(99));
            Stakes::removed(1);
        });
    });
}

//! `update_device`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use loopin_primitives::{EndpointError, Standing};
use sp_runtime::{DispatchError, TokenError};

fn update(owner: AccountId, device: u32, key_seed: u8, address: &str) -> DispatchResult {
    Registry::update_device(
        RuntimeOrigin::signed(owner),
        device,
        key(key_seed),
        endpoint(address),
    )
}

#[test]
fn a_longer_endpoint_costs_more_and_a_shorter_one_less() {
    run(|| {
        let device = register(1, 7);
        take_events();
        for address in ["https://gpu-7.example.org:8443", "http://a"] {
            let deposit = DEVICE_DEPOSIT + address.len() as u128 * BYTE_DEPOSIT;
            assert_ok!(update(1, device, 2, address));
            assert_eq!(held(1), deposit);
            assert_eq!(Balances::free_balance(1), ENDOWMENT - deposit);
            assert_eq!(entry(device).deposit, deposit);
            assert_eq!(entry(device).endpoint, endpoint(address));
            assert_eq!(entry(device).agent_key, key(2));
            assert_eq!(
                take_events(),
                [Event::DeviceUpdated {
                    device,
                    agent_key: key(2),
                    endpoint: endpoint(address),
                    deposit,
                }]
            );
        }
    });
}

#[test]
fn the_deposit_follows_the_rates_of_today() {
    run(|| {
        let device = register(1, 7);
        DepositPerByte::set(0);
        assert_ok!(update(1, device, 1, ENDPOINT));
        assert_eq!(held(1), DEVICE_DEPOSIT);
        DepositPerByte::set(2 * BYTE_DEPOSIT);
        assert_ok!(update(1, device, 1, ENDPOINT));
        assert_eq!(held(1), DEVICE_DEPOSIT + 40 * BYTE_DEPOSIT);
    });
}

#[test]
fn a_new_agent_changes_nothing_else() {
    run(|| {
        let device = register(1, 7);
        wait_until(START + 5);
        verdicts(device, &[PASSED]);
        assert_ok!(Registry::set_staked(device, true));
        assert_ok!(Registry::request_check(device));
        let before = entry(device);

        wait_until(START + 9);
        assert_ok!(update(1, device, 2, ENDPOINT));
        assert_eq!(
            entry(device),
            Device {
                agent_key: key(2),
                ..before
            }
        );
        assert_eq!(standing(device), Standing::Verified);
        assert_eq!(GpuIds::<Test>::get(1, gpu(7)), Some(device));
    });
}

#[test]
fn a_device_of_another_is_refused() {
    run(|| {
        let device = register(1, 7);
        assert_noop!(update(2, device, 2, ENDPOINT), Error::<Test>::NotDeviceOwner);
        assert_noop!(
            Registry::update_device(RuntimeOrigin::root(), device, key(2), endpoint(ENDPOINT)),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn a_device_that_does_not_exist_is_refused() {
    run(|| {
        for device in [0, u32::MAX] {
            assert_noop!(update(1, device, 2, ENDPOINT), Error::<Test>::UnknownDevice);
        }
    });
}

#[test]
fn an_agent_that_would_not_be_registered_is_refused() {
    run(|| {
        let device = register(1, 7);
        assert_noop!(update(1, device, 0, ENDPOINT), Error::<Test>::AgentKeyZero);
        assert_noop!(
            update(1, device, 2, "http://a:0"),
            Error::<Test>::InvalidEndpoint(EndpointError::Port)
        );
    });
}

#[test]
fn a_larger_deposit_that_the_account_cannot_pay_is_refused() {
    run(|| {
        let device = register(1, 7);
        DepositPerByte::set(ENDOWMENT);
        assert_noop!(update(1, device, 2, ENDPOINT), TokenError::FundsUnavailable);
        DepositPerByte::set(u128::MAX);
        assert_noop!(update(1, device, 2, ENDPOINT), Error::<Test>::DepositTooLarge);
    });
}

#[test]
fn the_key_of_an_agent_is_changed_once_in_an_interval_and_the_former_one_is_kept() {
    run(|| {
        let device = register(1, 7);
        assert_ok!(update(1, device, 2, ENDPOINT));
        let former = FormerAgentKeys::<Test>::get(device).unwrap();
        assert_eq!((former.key, former.until), ([1; 32], START));

        wait_until(START + KEY_INTERVAL - 1);
        assert_noop!(
            update(1, device, 3, ENDPOINT),
            Error::<Test>::AgentKeyChangedRecently
        );
        // The endpoint alone may change.
        assert_ok!(update(1, device, 2, "http://a"));
        assert_eq!(FormerAgentKeys::<Test>::get(device), Some(former));

        wait_until(START + KEY_INTERVAL);
        assert_ok!(update(1, device, 3, ENDPOINT));
        assert_eq!(FormerAgentKeys::<Test>::get(device).unwrap().key, [2; 32]);
        assert_ok!(Registry::remove_device(RuntimeOrigin::signed(1), device));
        assert_eq!(FormerAgentKeys::<Test>::get(device), None);
    });
}

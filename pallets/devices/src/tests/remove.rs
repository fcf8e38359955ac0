//! `remove_device`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use loopin_primitives::{Standing, Verdict};
use sp_runtime::DispatchError;

#[test]
fn a_removed_device_returns_its_deposit_and_frees_its_gpu() {
    run(|| {
        let device = register(1, 7);
        take_events();
        // What was put on hold is what comes back.
        DepositPerByte::set(0);
        assert_ok!(Registry::remove_device(RuntimeOrigin::signed(1), device));
        assert_eq!(held(1), 0);
        assert_eq!(Balances::free_balance(1), ENDOWMENT);
        assert!(!GpuIds::<Test>::contains_key(1, gpu(7)));
        assert_eq!(
            take_events(),
            [Event::DeviceRemoved {
                device,
                owner: 1,
                gpu_id: gpu(7),
                standing: Standing::Unverified,
                deposit: DEPOSIT,
            }]
        );
        assert_noop!(
            Registry::remove_device(RuntimeOrigin::signed(1), device),
            Error::<Test>::UnknownDevice
        );
        // Somebody who has bought the GPU registers it.
        assert_eq!(register(2, 7), device + 1);
    });
}

#[test]
fn only_its_own_deposit_is_released() {
    run(|| {
        let first = register(1, 7);
        DepositPerByte::set(2 * BYTE_DEPOSIT);
        let second = register(1, 8);
        assert_ok!(Registry::remove_device(RuntimeOrigin::signed(1), first));
        assert_eq!(held(1), DEVICE_DEPOSIT + 40 * BYTE_DEPOSIT);
        assert_ok!(Registry::remove_device(RuntimeOrigin::signed(1), second));
        assert_eq!(held(1), 0);
    });
}

#[test]
fn a_staked_device_stays_until_its_stake_is_over() {
    run(|| {
        let device = register(1, 7);
        verdicts(device, &[PASSED]);
        assert_ok!(Registry::set_staked(device, true));
        assert_noop!(
            Registry::remove_device(RuntimeOrigin::signed(1), device),
            Error::<Test>::DeviceStaked
        );
        assert_ok!(Registry::set_staked(device, false));
        assert_ok!(Registry::remove_device(RuntimeOrigin::signed(1), device));
    });
}

#[test]
fn a_device_of_another_is_refused() {
    run(|| {
        let device = register(1, 7);
        assert_noop!(
            Registry::remove_device(RuntimeOrigin::signed(2), device),
            Error::<Test>::NotDeviceOwner
        );
        assert_noop!(
            Registry::remove_device(RuntimeOrigin::root(), device),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn whoever_registers_an_ejected_device_anew_begins_where_ejection_leaves_it() {
    run(|| {
        let device = register(1, 7);
        verdicts(device, &[PASSED, Verdict::Failed, Verdict::Failed]);
        assert_eq!(standing(device), Standing::Ejected);
        assert_eq!(entry(device).verified_since, None);
        take_events();

        assert_ok!(Registry::remove_device(RuntimeOrigin::signed(1), device));
        assert!(matches!(
            take_events()[..],
            [Event::DeviceRemoved {
                standing: Standing::Ejected,
                ..
            }]
        ));
        let again = register(1, 7);
        assert_ne!(again, device);
        assert_eq!(standing(again), Standing::Unverified);
        assert_eq!(entry(again).verified_since, None);
    });
}

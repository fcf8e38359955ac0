//! What other pallets ask of the registry.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use loopin_primitives::Verdict;

#[test]
fn a_device_is_staked_and_free_again() {
    run(|| {
        let device = register(1, 7);
        take_events();
        assert_ok!(Registry::set_staked(device, true));
        assert!(entry(device).staked);
        assert_ok!(Registry::set_staked(device, false));
        assert!(!entry(device).staked);
        assert_eq!(
            take_events(),
            [Event::DeviceStaked { device }, Event::DeviceUnstaked { device }]
        );
    });
}

#[test]
fn a_device_is_not_staked_twice() {
    run(|| {
        let device = register(1, 7);
        assert_noop!(
            Registry::set_staked(device, false),
            Error::<Test>::DeviceNotStaked
        );
        assert_ok!(Registry::set_staked(device, true));
        assert_noop!(Registry::set_staked(device, true), Error::<Test>::DeviceStaked);
    });
}

#[test]
fn a_check_is_asked_for_once_however_often_somebody_asks() {
    run(|| {
        let device = register(1, 7);
        take_events();
        assert_ok!(Registry::request_check(device));
        assert_ok!(Registry::request_check(device));
        assert!(entry(device).check_requested);
        assert_eq!(take_events(), [Event::CheckRequested { device }]);
    });
}

#[test]
fn a_verdict_answers_the_request_for_a_check_unless_it_is_inconclusive() {
    run(|| {
        let device = register(1, 7);
        for verdict in [PASSED, Verdict::Failed] {
            assert_ok!(Registry::request_check(device));
            verdicts(device, &[Verdict::Inconclusive]);
            assert!(entry(device).check_requested);
            verdicts(device, &[verdict]);
            assert!(!entry(device).check_requested);
        }
    });
}

#[test]
fn nothing_is_known_of_a_device_that_does_not_exist() {
    run(|| {
        assert_eq!(Registry::device(0), None);
        assert_noop!(Registry::set_staked(0, true), Error::<Test>::UnknownDevice);
        assert_noop!(Registry::request_check(0), Error::<Test>::UnknownDevice);
    });
}

//! `record_verdict` and `apply_verdict`.

use super::super::Verdict::{Failed, Inconclusive, Passed};
use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use loopin_primitives::{
    Devices as _,
    Standing::{self, Ejected, Suspended, Unverified, Verified},
};
use sp_runtime::{DispatchError, Weight};

/// A device that got there by verdicts alone.
fn device_that_is(standing_wanted: Standing) -> u32 {
    let device = register(1, 7);
    verdicts(
        device,
        match standing_wanted {
            Unverified => &[],
            Verified => &[Passed],
            Suspended => &[Passed, Failed],
            Ejected => &[Passed, Failed, Failed],
        },
    );
    assert_eq!(standing(device), standing_wanted);
    take_events();
    Messages::set(Vec::new());
    device
}

/// The verdict on a device that stands so leads to that standing, and this is told.
fn leads_to(before: Standing, verdict: Verdict, after: Standing, told: fn(u32) -> Option<Told>) {
    ExternalityBuilder.build_and_execute(|| {
        let device = device_that_is(before);
        assert_ok!(Registry::record_verdict(RuntimeOrigin::root(), device, verdict));
        assert_eq!(standing(device), after);
        assert_eq!(Messages::get(), Vec::from_iter(told(device)));
        assert_eq!(
            take_events(),
            [Event::VerdictRecorded {
                device,
                verdict,
                before,
                standing: after,
            }]
        );
    });
}

#[test]
fn whatever_passes_is_verified() {
    for before in [Unverified, Verified, Suspended, Ejected] {
        leads_to(before, Passed, Verified, |device| Some(Told::Passed(device)));
    }
}

#[test]
fn a_verified_device_that_fails_is_suspended() {
    leads_to(Verified, Failed, Suspended, |device| {
        Some(Told::Suspended(device))
    });
}

#[test]
fn a_suspended_device_that_fails_is_ejected() {
    leads_to(Suspended, Failed, Ejected, |device| Some(Told::Ejected(device)));
}

#[test]
fn a_device_that_has_nothing_to_lose_fails_without_consequences() {
    leads_to(Unverified, Failed, Unverified, |_| None);
    leads_to(Ejected, Failed, Ejected, |_| None);
}

#[test]
fn an_inconclusive_verification_changes_nothing() {
    for before in [Unverified, Verified, Suspended, Ejected] {
        leads_to(before, Inconclusive, before, |_| None);
    }
}

#[test]
fn an_inconclusive_verification_does_not_forgive_a_failure() {
    ExternalityBuilder.build_and_execute(|| {
        let device = register(1, 7);
        verdicts(device, &[Passed, Failed, Inconclusive, Failed]);
        assert_eq!(standing(device), Ejected);
    });
}

#[test]
fn age_counts_from_the_first_pass_and_survives_a_suspension() {
    ExternalityBuilder.build_and_execute(|| {
        let device = register(1, 7);
        Now::set(START + 10);
        verdicts(device, &[Failed, Passed]);
        for verdict in [Passed, Failed, Passed, Inconclusive] {
            Now::set(Now::get() + 10);
            verdicts(device, &[verdict]);
            assert_eq!(entry(device).verified_since, Some(START + 10));
            assert_eq!(
                <Registry as loopin_primitives::DeviceAges>::verified_since(device),
                Some(START + 10)
            );
        }
        assert_eq!(entry(device).registered_at, START);
    });
}

#[test]
fn ejection_begins_the_age_anew() {
    ExternalityBuilder.build_and_execute(|| {
        let device = device_that_is(Ejected);
        assert_eq!(entry(device).verified_since, None);
        Now::set(START + 50);
        verdicts(device, &[Failed]);
        assert_eq!(entry(device).verified_since, None);
        verdicts(device, &[Passed]);
        assert_eq!(entry(device).verified_since, Some(START + 50));
    });
}

#[test]
fn whoever_is_told_of_an_ejection_can_end_the_stake() {
    ExternalityBuilder.build_and_execute(|| {
        let device = device_that_is(Suspended);
        assert_ok!(Registry::set_staked(device, true));
        verdicts(device, &[Failed]);
        assert_eq!(standing(device), Ejected);
        assert!(!entry(device).staked);
        assert_ok!(Registry::remove_device(RuntimeOrigin::signed(1), device));
    });
}

#[test]
fn nothing_happens_where_whoever_is_told_fails() {
    ExternalityBuilder.build_and_execute(|| {
        let device = device_that_is(Verified);
        assert_ok!(Registry::request_check(device));
        let before = entry(device);
        ListenersFail::set(true);
        assert_noop!(
            Registry::apply_verdict(device, Failed),
            DispatchError::Other("the listener fails")
        );
        assert_eq!(entry(device), before);
        // Nobody is told of it.
        assert_ok!(Registry::apply_verdict(device, Inconclusive));
    });
}

#[test]
fn a_device_that_does_not_exist_is_refused() {
    ExternalityBuilder.build_and_execute(|| {
        for verdict in [Passed, Failed, Inconclusive] {
            assert_noop!(
                Registry::record_verdict(RuntimeOrigin::root(), u32::MAX, verdict),
                Error::<Test>::UnknownDevice
            );
        }
    });
}

#[test]
fn only_the_origin_for_verdicts_records_them() {
    ExternalityBuilder.build_and_execute(|| {
        let device = register(1, 7);
        for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
            assert_noop!(
                Registry::record_verdict(origin, device, Passed),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn a_verdict_is_charged_for_the_most_that_follows_from_it() {
    let call = crate::Call::<Test>::record_verdict {
        device: 0,
        verdict: Passed,
    };
    assert_eq!(
        call.get_dispatch_info().call_weight,
        <() as WeightInfo>::record_verdict() + EventsWeight::get() + MOST_SYNC_WEIGHT
    );
}

#[test]
fn what_a_verdict_was_charged_too_much_for_its_pool_comes_back() {
    ExternalityBuilder.build_and_execute(|| {
        let device = register(1, 7);
        let without_pool = <() as WeightInfo>::record_verdict() + EventsWeight::get();
        for (verdict, sync_weight) in [
            (Passed, SYNC_WEIGHT),
            (Failed, SYNC_WEIGHT),
            (Inconclusive, Weight::zero()),
        ] {
            let info = Registry::record_verdict(RuntimeOrigin::root(), device, verdict).unwrap();
            assert_eq!(info.actual_weight, Some(without_pool + sync_weight));
            assert!(!is_sync_weight_left());
        }
    });
}

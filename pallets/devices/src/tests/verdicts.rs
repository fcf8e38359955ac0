//! `record_verdict` and `apply_verdict`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use loopin_primitives::{
    Standing::{self, Ejected, Suspended, Unverified, Verified},
    Verdict::{self, Failed, Inconclusive},
};
use sp_runtime::DispatchError;

/// A device that got there by verdicts alone.
fn device_that_is(standing_wanted: Standing) -> u32 {
    let device = register(1, 7);
    verdicts(
        device,
        match standing_wanted {
            Unverified => &[],
            Verified => &[PASSED],
            Suspended => &[PASSED, Failed],
            Ejected => &[PASSED, Failed, Failed],
        },
    );
    assert_eq!(standing(device), standing_wanted);
    take_events();
    Messages::set(Vec::new());
    device
}

/// The verdict on a device with this standing leads to that standing, and this is told.
fn leads_to(before: Standing, verdict: Verdict, after: Standing, told: fn(u32) -> Option<Told>) {
    run(|| {
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
        leads_to(before, PASSED, Verified, |device| Some(Told::Passed(device)));
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
    run(|| {
        let device = register(1, 7);
        verdicts(device, &[PASSED, Failed, Inconclusive, Failed]);
        assert_eq!(standing(device), Ejected);
    });
}

#[test]
fn age_counts_from_the_first_pass_and_survives_a_suspension() {
    run(|| {
        let device = register(1, 7);
        wait_until(START + 10);
        verdicts(device, &[Failed, PASSED]);
        for verdict in [PASSED, Failed, PASSED, Inconclusive] {
            wait(10);
            verdicts(device, &[verdict]);
            assert_eq!(entry(device).verified_since, Some(START + 10));
            assert_eq!(Registry::verified_since(device), Some(START + 10));
        }
        assert_eq!(entry(device).registered_at, START);
    });
}

#[test]
fn ejection_begins_the_age_anew() {
    run(|| {
        let device = device_that_is(Ejected);
        assert_eq!(entry(device).verified_since, None);
        wait_until(START + 50);
        verdicts(device, &[Failed]);
        assert_eq!(entry(device).verified_since, None);
        verdicts(device, &[PASSED]);
        assert_eq!(entry(device).verified_since, Some(START + 50));
    });
}

#[test]
fn whoever_is_told_of_an_ejection_can_end_the_stake() {
    run(|| {
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
    run(|| {
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
    run(|| {
        for verdict in [PASSED, Failed, Inconclusive] {
            assert_noop!(
                Registry::record_verdict(RuntimeOrigin::root(), u32::MAX, verdict),
                Error::<Test>::UnknownDevice
            );
        }
    });
}

#[test]
fn only_the_origin_for_verdicts_records_them() {
    run(|| {
        let device = register(1, 7);
        for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
            assert_noop!(
                Registry::record_verdict(origin, device, PASSED),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn a_verdict_is_charged_for_the_most_that_follows_from_it() {
    let call = crate::Call::<Test>::record_verdict {
        device: 0,
        verdict: PASSED,
    };
    assert_eq!(
        call.get_dispatch_info().call_weight,
        <() as WeightInfo>::record_verdict() + HOOKS_WEIGHT + Pools::most_sync_weight()
    );
}

#[test]
fn what_a_verdict_was_charged_too_much_for_its_pool_comes_back() {
    run(|| {
        let device = register(1, 7);
        let without_pool = <() as WeightInfo>::record_verdict() + HOOKS_WEIGHT;
        let page = <() as pallet_pools::WeightInfo>::sync(1) - <() as pallet_pools::WeightInfo>::sync(0);
        // A provider's time is in the pool, so that there are pages to pass; marking an hour counts as one.
        Pools::add_liquidity(0, &2, (now() + 7 * 86_400) / 60 * 60, u128::MAX).unwrap();
        for (verdict, pages) in [(PASSED, 4 + 1), (Failed, 4 + 1), (Inconclusive, 0)] {
            wait(3 * 3_600);
            let info = Registry::record_verdict(RuntimeOrigin::root(), device, verdict).unwrap();
            assert_eq!(info.actual_weight, Some(without_pool + page * pages));
        }
    });
}

//! What verification sees of devices, and does to those that lie.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use loopin_primitives::{
    Standing::{self, Ejected, Suspended, Unverified, Verified},
    Verdict::{self, Failed},
};
use sp_runtime::{DispatchError, Perbill};

const REPORTER: AccountId = 2;
const HALF: Perbill = Perbill::from_percent(50);

fn convict(device: u32, reporter: AccountId) -> Result<Conviction, DispatchError> {
    Registry::convict(device, &reporter, HALF)
}

fn target(device: u32) -> Option<ChallengeTarget> {
    Registry::target(device)
}

#[test]
fn however_it_stood_a_convicted_device_is_ejected_and_loses_its_deposit() {
    let cases: [(Standing, &[Verdict], bool); 4] = [
        (Unverified, &[], false),
        (Verified, &[PASSED], true),
        (Suspended, &[PASSED, Failed], true),
        (Ejected, &[PASSED, Failed, Failed], false),
    ];
    for (before, history, is_told) in cases {
        run(|| {
            let device = register(1, 7);
            verdicts(device, history);
            assert_ok!(Registry::request_check(device));
            Messages::set(Vec::new());
            take_events();

            let conviction = Conviction {
                reward: DEPOSIT / 2,
                burned: DEPOSIT / 2,
            };
            assert_eq!(convict(device, REPORTER), Ok(conviction));
            assert_eq!(standing(device), Ejected);
            assert_eq!(entry(device).verified_since, None);
            assert!(!entry(device).check_requested);
            assert_eq!(held(1), 0);
            assert_eq!(Balances::free_balance(1), ENDOWMENT - DEPOSIT);
            assert_eq!(Balances::free_balance(REPORTER), ENDOWMENT + DEPOSIT / 2);
            assert_eq!(
                Messages::get(),
                Vec::from_iter(is_told.then_some(Told::Ejected(device)))
            );
            assert_eq!(
                take_events(),
                [Event::DeviceConvicted {
                    device,
                    before,
                    reporter: REPORTER,
                    conviction,
                }]
            );
        });
    }
}

#[test]
fn where_the_reporter_cannot_be_paid_everything_is_burned() {
    run(|| {
        DepositPerByte::set(0);
        let device = register(1, 7);
        let issuance = Balances::total_issuance();
        // Half of nothing does not open an account.
        let nobody = 99;
        let none = Perbill::zero();
        assert_eq!(
            Registry::convict(device, &nobody, none),
            Ok(Conviction {
                reward: 0,
                burned: DEVICE_DEPOSIT,
            })
        );
        assert_eq!(Balances::total_issuance(), issuance - DEVICE_DEPOSIT);
    });
}

#[test]
fn a_convicted_device_is_not_challenged_before_it_has_a_deposit_again() {
    run(|| {
        let device = register(1, 7);
        assert!(target(device).is_some());
        assert_ok!(convict(device, REPORTER));
        assert_eq!(target(device), None);
        // There is nothing left to forfeit.
        assert_eq!(convict(device, REPORTER), Ok(Conviction { reward: 0, burned: 0 }));
        assert_ok!(Registry::update_device(
            RuntimeOrigin::signed(1),
            device,
            key(1),
            endpoint(ENDPOINT)
        ));
        assert_eq!(held(1), DEPOSIT);
        assert_eq!(
            Registry::device(device).map(|device| device.standing),
            Some(Ejected)
        );
    });
}

#[test]
fn a_convicted_device_can_be_removed() {
    run(|| {
        let device = register(1, 7);
        assert_ok!(convict(device, REPORTER));
        assert_ok!(Registry::remove_device(RuntimeOrigin::signed(1), device));
        assert_eq!(Messages::get(), [Told::Removed(device)]);
    });
}

#[test]
fn nothing_happens_where_whoever_is_told_of_it_fails() {
    run(|| {
        let device = register(1, 7);
        verdicts(device, &[PASSED]);
        ListenersFail::set(true);
        assert_noop!(
            convict(device, REPORTER),
            DispatchError::Other("the listener fails")
        );
        assert_noop!(convict(9, REPORTER), Error::<Test>::UnknownDevice);
    });
}

#[test]
fn verification_sees_the_agent_and_the_key_it_had_before() {
    run(|| {
        let device = register(1, 7);
        wait_until(START + 10);
        assert_ok!(Registry::update_device(
            RuntimeOrigin::signed(1),
            device,
            key(2),
            endpoint("http://a")
        ));
        let seen = target(device).unwrap();
        assert_eq!(seen.agent_key, [2; 32]);
        assert_eq!(
            seen.former_key,
            Some(FormerKey {
                key: [1; 32],
                until: START + 10,
            })
        );
        assert_eq!(seen.endpoint, b"http://a");
        assert_eq!(seen.pool, 0);
        assert_eq!(Registry::next_device(), device + 1);
    });
}

//! Whoever lets a rent stream to its own liquidity, and then wants the rent back out of the reserve.

use crate::{mock::*, *};
use frame_support::assert_ok;
use loopin_primitives::{Balance, DeviceId, PoolId, RentalId, Verdict::Failed};

/// Somebody with devices of its own who also rents those of others.
const LANDLORD_AND_CLIENT: AccountId = 3;

/// How the rental ends.
#[derive(Clone, Copy)]
enum End {
    Terminated,
    AllDevicesReportedAndFailed,
}

fn end_rental(rental: RentalId, how: End) {
    match how {
        End::Terminated => {
            assert_ok!(Renting::terminate(
                RuntimeOrigin::signed(LANDLORD_AND_CLIENT),
                rental,
                0
            ));
        }
        End::AllDevicesReportedAndFailed => {
            for device in entry(rental).devices {
                report(LANDLORD_AND_CLIENT, rental, device);
                verdicts(device, &[Failed]);
            }
        }
    }
}

/// What somebody with most devices of a pool gains that rents others for a week, lets its own liquidity run out half-way,
/// and ends the rental. Without the rule, the rental counts as if nothing of what was paid had streamed.
fn gain(how: End, rule: bool) -> i128 {
    let mut gain = 0;
    run(|| {
        let pool: PoolId = create_pool_of(8, 1_000 * LOOPIN);
        let had = balance(LANDLORD_AND_CLIENT);
        let own: Vec<DeviceId> = (0..200)
            .map(|_| provided_device(LANDLORD_AND_CLIENT, pool).0)
            .collect();
        wait(STAKE / 2);
        let others: Vec<DeviceId> = (0..10).map(|_| provided_device(MINER, pool).0).collect();
        let rental = NextRentalId::<Test>::get();
        assert_ok!(Renting::rent(
            RuntimeOrigin::signed(LANDLORD_AND_CLIENT),
            pool,
            devices(&others),
            STAKE,
            Balance::MAX,
            access_key(KEY),
        ));
        wait(STAKE / 2);
        for device in own {
            assert_ok!(close(device));
        }
        if !rule {
            Rentals::<Test>::mutate(rental, |entry| {
                entry.as_mut().unwrap().contribution.kept = Balance::MAX;
            });
        }
        end_rental(rental, how);
        assert_eq!(Rentals::<Test>::get(rental), None);
        gain = balance(LANDLORD_AND_CLIENT) as i128 - had as i128;
    });
    gain
}

#[test]
fn who_terminates_after_the_rent_has_streamed_to_it_gains_without_the_rule_and_loses_with_it() {
    assert!(gain(End::Terminated, false) > 50 * LOOPIN as i128);
    assert!(gain(End::Terminated, true) < 0);
}

#[test]
fn who_is_refunded_for_failures_after_the_rent_has_streamed_to_it_gains_without_the_rule_and_loses_with_it() {
    assert!(gain(End::AllDevicesReportedAndFailed, false) > 50 * LOOPIN as i128);
    assert!(gain(End::AllDevicesReportedAndFailed, true) < 0);
}

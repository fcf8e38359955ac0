//! Devices, stakes and rentals from their beginning to each of their ends.

use super::*;
use crate::{Assets, Pools, Rentals, Stakes};
use frame_support::{assert_noop, traits::fungibles};

const MINER: usize = 1;
const SELLER: usize = 2;
const CLIENT: usize = 3;
const STRANGER: usize = 4;

fn hour_tokens(who: usize) -> u128 {
    <Assets as fungibles::Inspect<AccountId>>::balance(*POOL, &account(who))
}

fn close(position: PositionId) {
    submit(STRANGER, pallet_stakes::Call::close { position });
}

fn on_hold(who: usize) -> Balance {
    <Balances as frame_support::traits::fungible::InspectHold<AccountId>>::total_balance_on_hold(&account(
        who,
    ))
}

#[test]
fn a_provider_whose_device_nobody_rents_gets_back_what_it_put_in() {
    on_development_chain(|| {
        let before = balance(MINER);
        let (device, position) = provided(MINER);
        let burned = burned_by_events();
        assert!(burned > 0, "the certificate was burned");

        // Nobody comes for a month.
        pass(30 * 24 * 60 * MINUTE);
        close(position);
        submit(MINER, pallet_devices::Call::remove_device { device });
        assert_eq!(hour_tokens(MINER), 0);
        assert_eq!(on_hold(MINER), 0);
        let lost = before - balance(MINER) - burned;
        assert!(
            lost <= 1,
            "the pool rounds in its favour, by one planck; {lost} are lost"
        );
    });
}

#[test]
fn rent_goes_to_the_providers_and_what_sellers_get_comes_from_the_reserve() {
    on_development_chain(|| {
        fill_pool(8);
        let (device, position) = provided(MINER);
        let (sold_device, sale) = sold(SELLER);
        let (miner, seller) = (balance(MINER), balance(SELLER));
        let rental = rented(CLIENT, &[device, sold_device], 3 * MINUTE);
        assert!(Rentals::rented_until(device).is_some());

        pass(STAKE_SECONDS + MINUTE);
        submit(STRANGER, pallet_rentals::Call::complete { rental });
        close(position);
        close(sale);
        assert_eq!([MINER, SELLER, CLIENT].map(hour_tokens), [0, 0, 0]);
        assert_eq!([SELLER, CLIENT].map(on_hold)[1], 0);
        assert!(balance(MINER) > miner, "the provider earns");
        assert_eq!(balance(SELLER), seller, "the seller was paid before");
    });
}

#[test]
fn issuance_changes_by_what_the_events_say_was_burned() {
    on_development_chain(|| {
        let before = Balances::total_issuance();
        fill_pool(3);
        let (device, position) = provided(MINER);
        let (sold_device, _) = sold(SELLER);
        let rental = rented(CLIENT, &[device], 2 * MINUTE);
        pass(30);
        submit(
            CLIENT,
            pallet_rentals::Call::extend {
                rental,
                seconds: MINUTE,
                max_cost: LOOPIN,
            },
        );
        pass(30);
        submit(
            CLIENT,
            pallet_rentals::Call::terminate {
                rental,
                min_refund: 0,
            },
        );
        submit(MINER, pallet_stakes::Call::claim { position });
        rented(CLIENT, &[sold_device], 5 * MINUTE);
        record(sold_device, Verdict::Failed);
        record(sold_device, Verdict::Failed);
        submit(
            MINER,
            pallet_stakes::Call::withdraw_liquidity {
                position,
                min_returned: 0,
            },
        );
        assert_eq!(Balances::total_issuance(), before - burned_by_events());
    });
}

#[test]
fn a_device_that_fails_twice_while_rented_refunds_its_client() {
    for (provides, late) in [(true, false), (true, true), (false, false), (false, true)] {
        on_development_chain(|| {
            fill_pool(8);
            let (device, position) = if provides { provided(MINER) } else { sold(MINER) };
            let rental = rented(CLIENT, &[device], 8 * MINUTE);
            let entry = pallet_rentals::Rentals::<Runtime>::get(rental).expect("it runs");
            let (paid, end) = (entry.paid, entry.end);
            let before = balance(CLIENT);
            pass(if late { 8 * MINUTE - 20 } else { 1 });

            record(device, Verdict::Failed);
            assert_noop!(
                signed(CLIENT, rent_call(&[device], MINUTE, LOOPIN)).map_err(|error| error.error),
                pallet_rentals::Error::<Runtime>::DeviceRented
            );
            record(device, Verdict::Failed);

            assert!(!pallet_stakes::Positions::<Runtime>::contains_key(position));
            assert!(!pallet_rentals::Rentals::<Runtime>::contains_key(rental));
            assert_eq!(Rentals::rented_until(device), None);
            assert_eq!([CLIENT, MINER].map(hour_tokens), [0, 0]);
            assert_eq!(on_hold(CLIENT), 0);
            let refund = balance(CLIENT) - before;
            let due = paid * Balance::from(end - now()) / Balance::from(end - START);
            assert_eq!(refund, due, "of {paid}, late: {late}");
        });
    }
}

#[test]
fn the_pool_refunds_no_more_than_the_time_is_worth_now() {
    on_development_chain(|| {
        let (device, _) = provided(MINER);
        fill_pool(8);
        // Somebody drives the price up, and it falls again after the rental.
        let others = rented(STRANGER, &[device + 1, device + 2], 9 * MINUTE);
        let rental = rented(CLIENT, &[device], 8 * MINUTE);
        let entry = pallet_rentals::Rentals::<Runtime>::get(rental).expect("it runs");
        submit(
            STRANGER,
            pallet_rentals::Call::terminate {
                rental: others,
                min_refund: 0,
            },
        );
        let worth = super::quotes::ask(|| Rentals::quote_terminate(rental))
            .expect("it runs")
            .amount;
        assert!(worth < entry.paid);

        let before = balance(CLIENT);
        record(device, Verdict::Failed);
        record(device, Verdict::Failed);
        let account = System::events()
            .into_iter()
            .find_map(|record| match record.event {
                RuntimeEvent::Stakes(pallet_stakes::Event::Ejected { account, .. }) => Some(account),
                _ => None,
            })
            .expect("it was ejected");
        assert_eq!(account.refund_from_forfeits, account.slash.min(entry.paid));
        let lacking = entry.paid - account.refund_from_forfeits;
        assert_eq!(account.refund_from_pool, lacking.min(worth));
        assert_eq!(
            balance(CLIENT) - before,
            account.refund_from_forfeits + account.refund_from_pool
        );
        assert_eq!(account.shortfall, lacking - account.refund_from_pool);
    });
}

#[test]
fn a_device_that_was_suspended_goes_on_after_a_pass() {
    on_development_chain(|| {
        let (device, position) = provided(MINER);
        record(device, Verdict::Failed);
        assert_noop!(
            signed(CLIENT, rent_call(&[device], MINUTE, LOOPIN)).map_err(|error| error.error),
            pallet_stakes::Error::<Runtime>::NotVerified
        );
        record(device, PASSED);
        rented(CLIENT, &[device], MINUTE);
        pass(STAKE_SECONDS + MINUTE);
        close(position);
    });
}

#[test]
fn verdicts_are_not_recorded_by_hand_where_there_is_no_sudo_key() {
    on_development_chain(|| {
        let device = verified_device(MINER);
        pallet_sudo::Key::<Runtime>::kill();
        let verdict = pallet_devices::Call::record_verdict {
            device,
            verdict: Verdict::Failed,
        };
        assert_noop!(
            dispatch(RuntimeOrigin::root(), verdict.into()).map_err(|error| error.error),
            sp_runtime::DispatchError::BadOrigin
        );
    });
}

#[test]
fn the_value_of_a_position_is_what_its_owner_is_paid() {
    on_development_chain(|| {
        fill_pool(2);
        let (device, position) = provided(MINER);
        rented(CLIENT, &[device], 3 * MINUTE);
        pass(4 * MINUTE);
        let value = Stakes::position_value(position).expect("there is the position");
        let before = balance(MINER);
        submit(
            MINER,
            pallet_stakes::Call::withdraw_liquidity {
                position,
                min_returned: value.returned_if_withdrawn,
            },
        );
        assert_eq!(
            balance(MINER) - before,
            value.streamed_unclaimed + value.returned_if_withdrawn
        );
        assert!(value.exit_fee > 0);
        assert!(Pools::synced(*POOL).is_ok());
    });
}

//! The market as a whole: pools, devices, stakes and rentals of the development chain, wired together.

mod invariants;
mod life_cycle;
mod quotes;
mod random_calls;
mod rewards;

use super::{preset, with_genesis};
use crate::{
    AccountId, Balance, Balances, Pools, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
    constants::currency::LOOPIN,
    genesis_pools::{Durations, genesis_pools},
};
use frame_support::{
    dispatch::{DispatchResultWithPostInfo, GetDispatchInfo},
    traits::fungible::Inspect,
    weights::Weight,
};
use loopin_math::time::MINUTE;
use loopin_primitives::{CertificateId, DeviceId, Moment, PoolId, PositionId, RentalId, Verdict};
use pallet_stakes::Intent;
use sp_core::{H256, sr25519};
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::Dispatchable;
use std::sync::LazyLock;

/// The pool of the class `cpu`, which the development chain begins with.
static POOL: LazyLock<PoolId> = LazyLock::new(|| {
    let pools = genesis_pools(&account(0), Durations::Development);
    let place = pools.iter().position(|pool| pool.symbol == "cpu");
    place.expect("there is a pool for computers") as PoolId
});
/// The longest stake in that pool, and the one for intent Provide.
const STAKE_SECONDS: u64 = 10 * MINUTE;
/// When the tests begin: not at a whole minute.
const START: Moment = 1_800_000_017;

/// What a committee decides about a device that is as good as its pool expects.
const PASSED: Verdict = Verdict::Passed {
    work_gops: u64::MAX,
    privacy: 100,
};

const KEY: &[u8] = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g client";

/// Runs `test` on the development chain some time after its genesis, and checks every invariant afterwards.
fn on_development_chain(test: impl FnOnce()) {
    with_genesis(preset("development"), || {
        set_now(START);
        test();
        invariants::check();
    });
}

fn account(index: usize) -> AccountId {
    [
        Sr25519Keyring::Alice,
        Sr25519Keyring::Bob,
        Sr25519Keyring::Charlie,
        Sr25519Keyring::Dave,
        Sr25519Keyring::Eve,
        Sr25519Keyring::Ferdie,
    ][index]
        .to_account_id()
}

fn now() -> Moment {
    pallet_timestamp::Now::<Runtime>::get() / 1_000
}

fn set_now(moment: Moment) {
    pallet_timestamp::Now::<Runtime>::put(moment * 1_000);
}

fn pass(seconds: u64) {
    set_now(now() + seconds);
}

/// Dispatches a call as the runtime would, and checks that it costs no more than it was charged and syncs no pool that
/// it is not charged for.
fn dispatch(origin: RuntimeOrigin, call: RuntimeCall) -> DispatchResultWithPostInfo {
    let charged = call.get_dispatch_info().call_weight;
    // What a call measures itself is not counted here again: this is what nobody charges.
    let (result, unmetered) = Pools::measured(|| call.clone().dispatch(origin));
    assert_eq!(
        unmetered,
        Weight::zero(),
        "{call:?} syncs a pool outside of `metered`"
    );
    let cost = match &result {
        Ok(info) => info.actual_weight,
        Err(error) => error.post_info.actual_weight,
    };
    if let Some(cost) = cost {
        assert!(
            cost.all_lte(charged),
            "{call:?} cost {cost:?}, {charged:?} were charged"
        );
    }
    result
}

fn signed(who: usize, call: impl Into<RuntimeCall>) -> DispatchResultWithPostInfo {
    dispatch(RuntimeOrigin::signed(account(who)), call.into())
}

/// Dispatches a call that must succeed.
fn submit(who: usize, call: impl Into<RuntimeCall>) {
    signed(who, call).unwrap_or_else(|error| panic!("refused: {error:?}"));
}

fn record(device: DeviceId, verdict: Verdict) {
    dispatch(
        RuntimeOrigin::root(),
        pallet_devices::Call::record_verdict { device, verdict }.into(),
    )
    .expect("root records verdicts on a chain with sudo");
}

/// Registers a device of the account's and lets it pass.
fn verified_device(owner: usize) -> DeviceId {
    let device = pallet_devices::NextDeviceId::<Runtime>::get();
    submit(owner, registration(*POOL, device));
    record(device, PASSED);
    device
}

fn registration(pool: PoolId, number: u32) -> RuntimeCall {
    pallet_devices::Call::register_device {
        pool,
        agent_key: sr25519::Public::from_raw([7; 32]),
        endpoint: b"http://127.0.0.1:7700".to_vec().try_into().expect("it is short"),
        gpu_id: H256::from_low_u64_be(number.into()),
    }
    .into()
}

/// Stakes a device for the longest time, with a certificate for it.
fn staked(owner: usize, device: DeviceId, intent: Intent) -> PositionId {
    let certificate: CertificateId = pallet_stakes::NextCertificateId::<Runtime>::get();
    submit(
        owner,
        pallet_stakes::Call::burn_for_certificate {
            pool: *POOL,
            gpu_seconds: STAKE_SECONDS.into(),
            max_burn: LOOPIN,
        },
    );
    let position = pallet_stakes::NextPositionId::<Runtime>::get();
    submit(
        owner,
        pallet_stakes::Call::stake {
            device,
            certificate,
            duration_seconds: STAKE_SECONDS,
            intent,
        },
    );
    position
}

/// A new device of the account's that is provided to the pool.
fn provided(owner: usize) -> (DeviceId, PositionId) {
    let device = verified_device(owner);
    let position = staked(owner, device, Intent::Provide);
    submit(
        owner,
        pallet_stakes::Call::add_liquidity {
            position,
            max_loopin: LOOPIN,
        },
    );
    (device, position)
}

/// Provides that many devices of Alice's, so that one rental does not move the pool too much.
fn fill_pool(devices: usize) {
    for _ in 0..devices {
        provided(0);
    }
}

/// A new device of the account's, all of whose time is sold to the pool.
fn sold(owner: usize) -> (DeviceId, PositionId) {
    let device = verified_device(owner);
    let position = staked(owner, device, Intent::Sell);
    submit(
        owner,
        pallet_stakes::Call::sell_hours {
            position,
            gpu_seconds: STAKE_SECONDS,
            min_proceeds: 0,
        },
    );
    (device, position)
}

fn rent_call(devices: &[DeviceId], seconds: u64, max_cost: Balance) -> RuntimeCall {
    pallet_rentals::Call::rent {
        pool: *POOL,
        devices: devices.to_vec().try_into().expect("they are few"),
        seconds,
        max_cost,
        access_key: KEY.to_vec().try_into().expect("it is short"),
    }
    .into()
}

fn rented(client: usize, devices: &[DeviceId], seconds: u64) -> RentalId {
    let rental = pallet_rentals::NextRentalId::<Runtime>::get();
    submit(client, rent_call(devices, seconds, LOOPIN));
    rental
}

/// Everything that an account has in LOOPIN, free or on hold.
fn balance(who: usize) -> Balance {
    <Balances as Inspect<AccountId>>::total_balance(&account(who))
}

/// What the events of the current block say was burned.
fn burned_by_events() -> Balance {
    System::events()
        .into_iter()
        .map(|record| match record.event {
            RuntimeEvent::Balances(pallet_balances::Event::Burned { amount, .. }) => amount,
            RuntimeEvent::Balances(pallet_balances::Event::BurnedDebt { amount }) => amount,
            _ => 0,
        })
        .sum()
}

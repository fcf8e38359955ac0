//! Calls of those who provide, sell and rent devices.

use super::{AGENTS, DEVICES, Dice, Proposal};
use crate::{
    AccountId, Runtime,
    constants::currency::LOOPIN,
    genesis_pools::{Durations, genesis_pools},
    tests::market::{KEY, POOL},
};
use loopin_math::time::DAY;
use loopin_primitives::PoolId;
use pallet_stakes::Intent;
use sp_core::{H256, Pair};

/// More than any trade costs here.
const GENEROUS: u128 = 1_000 * LOOPIN;
/// Pools that there are at most, so that most calls concern those in which something happens.
const MOST_POOLS: u32 = 14;

pub fn pool_call(dice: &mut Dice) -> Proposal {
    let next = pallet_pools::NextPoolId::<Runtime>::get();
    if next < MOST_POOLS && dice.one_in(200) {
        let creator = dice.account();
        let like = genesis_pools(&creator, Durations::Production)
            .pop()
            .expect("there are some");
        let call = pallet_pools::Call::create_pool {
            name: like.name.into_bytes().try_into().expect("it was one"),
            // Now and then one that is taken.
            symbol: format!("GPU{}", next - u32::from(dice.one_in(2)).min(next))
                .into_bytes()
                .try_into()
                .expect("it is short"),
            anchor: dice.pick(&[9_999, 10_000, 15_000]) * LOOPIN,
            price_per_gpu_hour: like.price_per_gpu_hour,
            terms: like.terms,
        };
        return (call.into(), None);
    }
    let pool = dice.pool();
    if dice.one_in(4) {
        let amount = dice.amount();
        return (pallet_pools::Call::deepen { pool, amount }.into(), None);
    }
    (pallet_pools::Call::sync { pool }.into(), None)
}

pub fn device_call(dice: &mut Dice) -> Proposal {
    let device = dice.device();
    let owner = owner_of(device);
    match dice.below(20) {
        0..=11 => (registration(dice), None),
        12..=13 => (pallet_devices::Call::remove_device { device }.into(), owner),
        14 => {
            let agent_key = dice.pick(&*AGENTS).public();
            let endpoint = endpoint(dice);
            let call = pallet_devices::Call::update_device {
                device,
                agent_key,
                endpoint,
            };
            (call.into(), owner)
        }
        15..=18 => (pallet_stakes::Call::undrain { device }.into(), owner),
        _ => (pallet_stakes::Call::drain { device }.into(), owner),
    }
}

fn registration(dice: &mut Dice) -> crate::RuntimeCall {
    pallet_devices::Call::register_device {
        pool: dice.pool(),
        agent_key: AGENTS[0].public(),
        endpoint: endpoint(dice),
        gpu_id: H256::from_low_u64_be(dice.below(DEVICES)),
    }
    .into()
}

/// Of different lengths, which deposits depend on.
fn endpoint(dice: &mut Dice) -> pallet_devices::Endpoint {
    let endpoints = [
        "http://127.0.0.1:7700",
        "https://agent.example.org:8443",
        "nowhere",
    ];
    dice.pick(&endpoints)
        .as_bytes()
        .to_vec()
        .try_into()
        .expect("it is short")
}

pub fn stake_call(dice: &mut Dice) -> Proposal {
    let position = dice.position();
    let owner = pallet_stakes::Positions::<Runtime>::get(position).map(|position| position.owner);
    match dice.below(20) {
        0..=3 => {
            let gpu_seconds = if dice.one_in(5) { dice.seconds() } else { 7 * DAY };
            let call = pallet_stakes::Call::burn_for_certificate {
                pool: dice.pool(),
                gpu_seconds: gpu_seconds.into(),
                max_burn: dice.bound(GENEROUS),
            };
            (call.into(), None)
        }
        4..=8 => stake(dice),
        9..=11 => {
            let max_loopin = dice.bound(GENEROUS);
            let call = pallet_stakes::Call::add_liquidity { position, max_loopin };
            (call.into(), owner)
        }
        12..=14 => {
            let call = pallet_stakes::Call::sell_hours {
                position,
                gpu_seconds: dice.seconds(),
                min_proceeds: dice.bound(0),
            };
            (call.into(), owner)
        }
        15..=16 => (pallet_stakes::Call::claim { position }.into(), None),
        17 if dice.one_in(3) => {
            let min_returned = dice.bound(0);
            let call = pallet_stakes::Call::withdraw_liquidity {
                position,
                min_returned,
            };
            (call.into(), owner)
        }
        18 => {
            let certificate = dice.certificate();
            let call = pallet_stakes::Call::remove_certificate { certificate };
            (call.into(), None)
        }
        _ => (pallet_stakes::Call::close { position }.into(), None),
    }
}

/// A stake of some device with some certificate, both of the same owner if there are such.
fn stake(dice: &mut Dice) -> Proposal {
    let device = dice.device();
    let entry = pallet_devices::Devices::<Runtime>::get(device);
    let fits = |number: &u32| {
        let certificate = pallet_stakes::Certificates::<Runtime>::get(number);
        certificate
            .zip(entry.as_ref())
            .is_some_and(|(certificate, device)| {
                certificate.owner == device.owner && certificate.pool == device.pool
            })
    };
    let certificate = dice.certificate_where(fits).unwrap_or_else(|| dice.certificate());
    let intent = dice.pick(&[Intent::Provide, Intent::Provide, Intent::Sell]);
    let days = if intent == Intent::Provide {
        7
    } else {
        1 + dice.below(8)
    };
    let call = pallet_stakes::Call::stake {
        device,
        certificate,
        duration_seconds: days * DAY,
        intent,
    };
    (call.into(), entry.map(|device| device.owner))
}

pub fn rental_call(dice: &mut Dice) -> Proposal {
    let rental = dice.rental();
    let entry = pallet_rentals::Rentals::<Runtime>::get(rental);
    let client = entry.as_ref().map(|entry| entry.client.clone());
    match dice.below(20) {
        0..=9 => (rent(dice), None),
        10..=12 => {
            let call = pallet_rentals::Call::extend {
                rental,
                seconds: dice.seconds(),
                max_cost: dice.bound(GENEROUS),
            };
            (call.into(), client)
        }
        13 => {
            let min_refund = dice.bound(0);
            let call = pallet_rentals::Call::terminate { rental, min_refund };
            (call.into(), client)
        }
        14..=16 => (pallet_rentals::Call::complete { rental }.into(), None),
        17 => (pallet_rentals::Call::retire_used_hours { rental }.into(), None),
        18 => {
            let device = dice.reported();
            let client = pallet_rentals::Reports::<Runtime>::get(device).map(|report| report.client);
            (pallet_rentals::Call::withdraw_report { device }.into(), client)
        }
        _ => {
            let device = entry
                .and_then(|entry| entry.devices.first().copied())
                .unwrap_or_else(|| dice.device());
            let call = pallet_rentals::Call::report_failure { rental, device };
            (call.into(), client)
        }
    }
}

fn rent(dice: &mut Dice) -> crate::RuntimeCall {
    let devices: Vec<_> = (0..1 + dice.below(4) / 2)
        .map(|_| dice.device_in_pool())
        .collect();
    pallet_rentals::Call::rent {
        pool: devices
            .first()
            .and_then(|device| pool_of(*device))
            .unwrap_or(*POOL),
        devices: devices.try_into().expect("they are few"),
        seconds: dice.seconds(),
        max_cost: dice.bound(GENEROUS),
        access_key: KEY.to_vec().try_into().expect("it is short"),
    }
    .into()
}

pub fn owner_of(device: u32) -> Option<AccountId> {
    pallet_devices::Devices::<Runtime>::get(device).map(|device| device.owner)
}

fn pool_of(device: u32) -> Option<PoolId> {
    pallet_devices::Devices::<Runtime>::get(device).map(|device| device.pool)
}

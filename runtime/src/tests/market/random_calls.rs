//! Random calls of several accounts on the real pallets, over a long time.
//!
//! `LOOPIN_RANDOM_CALLS` says how many; the README says how many are made every night.

use super::*;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Calls that `make test` makes.
const CALLS: u64 = 100_000;
/// Calls between two looks at all invariants.
const CALLS_BETWEEN_CHECKS: u64 = 200;
/// Calls after which somebody clears up what is over, so that the state does not grow for ever.
const CALLS_BETWEEN_SWEEPS: u64 = 5_000;
const ACCOUNTS: u64 = 6;
/// Devices that are registered at most, so that most calls concern some that exist.
const DEVICES: u64 = 40;

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound.max(1)
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    /// A number below `next`, mostly one of the last few; sometimes one that does not exist.
    fn recent(&mut self, next: u32) -> u32 {
        if self.one_in(50) {
            return self.0.next_u32();
        }
        let back = self.below(24.min(u64::from(next)) + 1) as u32;
        next.saturating_sub(back)
    }

    /// A bound on a price, mostly one that does not hinder.
    fn bound(&mut self, generous: Balance) -> Balance {
        match self.below(20) {
            0 => 0,
            1 => u128::MAX,
            2 => u128::from(self.0.next_u64()),
            _ => generous,
        }
    }

    fn seconds(&mut self) -> u64 {
        match self.below(30) {
            0 => 0,
            1 => u64::MAX,
            2 => self.0.next_u64(),
            _ => 1 + self.below(STAKE_SECONDS + MINUTE),
        }
    }

    fn pool(&mut self) -> PoolId {
        match self.below(40) {
            0 => self.0.next_u32(),
            1 => self.below(u64::from(POOL)) as u32,
            _ => POOL,
        }
    }
}

/// A call, and the account that should make it, where it matters.
fn random_call(dice: &mut Dice) -> (RuntimeCall, Option<AccountId>) {
    match dice.below(10) {
        0 => device_call(dice),
        1..=5 => stake_call(dice),
        6..=8 => rental_call(dice),
        _ => (pallet_pools::Call::sync { pool: dice.pool() }.into(), None),
    }
}

fn device_call(dice: &mut Dice) -> (RuntimeCall, Option<AccountId>) {
    let device = dice.recent(pallet_devices::NextDeviceId::<Runtime>::get());
    let owner = pallet_devices::Devices::<Runtime>::get(device).map(|device| device.owner);
    match dice.below(10) {
        0..=5 => {
            let number = dice.below(DEVICES) as u32;
            (registration(dice.pool(), number), None)
        }
        6 => (pallet_devices::Call::remove_device { device }.into(), owner),
        7..=8 => (pallet_stakes::Call::undrain { device }.into(), owner),
        _ => (pallet_stakes::Call::drain { device }.into(), owner),
    }
}

fn stake_call(dice: &mut Dice) -> (RuntimeCall, Option<AccountId>) {
    let position = dice.recent(pallet_stakes::NextPositionId::<Runtime>::get());
    let owner = pallet_stakes::Positions::<Runtime>::get(position).map(|position| position.owner);
    match dice.below(20) {
        0..=3 => {
            let call = pallet_stakes::Call::burn_for_certificate {
                pool: dice.pool(),
                gpu_seconds: if dice.one_in(5) {
                    dice.seconds()
                } else {
                    STAKE_SECONDS
                }
                .into(),
                max_burn: dice.bound(LOOPIN),
            };
            (call.into(), None)
        }
        4..=8 => stake(dice),
        9..=11 => {
            let max_loopin = dice.bound(LOOPIN);
            (
                pallet_stakes::Call::add_liquidity { position, max_loopin }.into(),
                owner,
            )
        }
        12..=14 => {
            let call = pallet_stakes::Call::sell_hours {
                position,
                gpu_seconds: dice.seconds(),
                min_proceeds: dice.bound(0),
            };
            (call.into(), owner)
        }
        15 => (pallet_stakes::Call::claim { position }.into(), None),
        16 => {
            let min_returned = dice.bound(0);
            (
                pallet_stakes::Call::withdraw_liquidity {
                    position,
                    min_returned,
                }
                .into(),
                owner,
            )
        }
        17 => {
            let certificate = dice.recent(pallet_stakes::NextCertificateId::<Runtime>::get());
            (
                pallet_stakes::Call::remove_certificate { certificate }.into(),
                None,
            )
        }
        _ => (pallet_stakes::Call::close { position }.into(), None),
    }
}

/// A stake of some device with some certificate, both of the same owner if there are such.
fn stake(dice: &mut Dice) -> (RuntimeCall, Option<AccountId>) {
    let device = dice.recent(pallet_devices::NextDeviceId::<Runtime>::get());
    let owner = pallet_devices::Devices::<Runtime>::get(device).map(|device| device.owner);
    let next = pallet_stakes::NextCertificateId::<Runtime>::get();
    let certificate = (next.saturating_sub(60)..next)
        .find(|number| {
            pallet_stakes::Certificates::<Runtime>::get(number)
                .is_some_and(|certificate| Some(certificate.owner) == owner)
        })
        .unwrap_or_else(|| dice.recent(next));
    let intent = if dice.one_in(2) {
        Intent::Provide
    } else {
        Intent::Sell
    };
    let minutes = if intent == Intent::Provide {
        10
    } else {
        1 + dice.below(11)
    };
    let call = pallet_stakes::Call::stake {
        device,
        certificate,
        duration_seconds: minutes * MINUTE,
        intent,
    };
    (call.into(), owner)
}

fn rental_call(dice: &mut Dice) -> (RuntimeCall, Option<AccountId>) {
    let rental = dice.recent(pallet_rentals::NextRentalId::<Runtime>::get());
    let entry = pallet_rentals::Rentals::<Runtime>::get(rental);
    let client = entry.as_ref().map(|entry| entry.client.clone());
    match dice.below(20) {
        0..=9 => {
            let next = pallet_devices::NextDeviceId::<Runtime>::get();
            let devices: Vec<_> = (0..1 + dice.below(3)).map(|_| dice.recent(next)).collect();
            let seconds = dice.seconds();
            (rent_call(&devices, seconds, dice.bound(LOOPIN)), None)
        }
        10..=12 => {
            let call = pallet_rentals::Call::extend {
                rental,
                seconds: dice.seconds(),
                max_cost: dice.bound(LOOPIN),
            };
            (call.into(), client)
        }
        13 => {
            let min_refund = dice.bound(0);
            (
                pallet_rentals::Call::terminate { rental, min_refund }.into(),
                client,
            )
        }
        14..=16 => (pallet_rentals::Call::complete { rental }.into(), None),
        17 => (pallet_rentals::Call::settle { rental }.into(), None),
        _ => {
            let device = entry
                .and_then(|entry| entry.devices.first().copied())
                .unwrap_or_else(|| dice.recent(pallet_devices::NextDeviceId::<Runtime>::get()));
            if dice.one_in(2) {
                (
                    pallet_rentals::Call::report_failure { rental, device }.into(),
                    client,
                )
            } else {
                (pallet_rentals::Call::withdraw_report { device }.into(), client)
            }
        }
    }
}

/// Closes every stake and rental that is over. Those of suspended devices are refused, and wait.
fn sweep() {
    for position in pallet_stakes::Positions::<Runtime>::iter_keys().collect::<Vec<_>>() {
        let _ = signed(0, pallet_stakes::Call::close { position });
    }
    for rental in pallet_rentals::Rentals::<Runtime>::iter_keys().collect::<Vec<_>>() {
        let _ = signed(0, pallet_rentals::Call::complete { rental });
    }
    let now = now();
    for (certificate, entry) in pallet_stakes::Certificates::<Runtime>::iter().collect::<Vec<_>>() {
        if entry.expires_at <= now {
            submit(0, pallet_stakes::Call::remove_certificate { certificate });
        }
    }
}

#[test]
fn no_sequence_of_calls_breaks_an_invariant() {
    let calls = std::env::var("LOOPIN_RANDOM_CALLS").map_or(CALLS, |calls| {
        calls.parse().expect("LOOPIN_RANDOM_CALLS is a number")
    });
    on_development_chain(|| {
        let mut dice = Dice(ChaCha8Rng::seed_from_u64(2026));
        let mut accepted = std::collections::BTreeMap::<String, u64>::new();
        for number in 0..calls {
            let (call, whose) = random_call(&mut dice);
            let who = match whose {
                Some(owner) if !dice.one_in(10) => owner,
                _ => account(dice.below(ACCOUNTS) as usize),
            };
            let name = format!("{call:?}")
                .split(" {")
                .next()
                .unwrap_or_default()
                .to_owned();
            if dispatch(RuntimeOrigin::signed(who), call).is_ok() {
                *accepted.entry(name).or_default() += 1;
            }
            if dice.one_in(12) {
                let device = dice.recent(pallet_devices::NextDeviceId::<Runtime>::get());
                let verdict = [
                    Verdict::Passed,
                    Verdict::Passed,
                    Verdict::Passed,
                    Verdict::Failed,
                    Verdict::Inconclusive,
                ][dice.below(5) as usize];
                // A number that no device has is refused.
                let _ = dispatch(
                    RuntimeOrigin::root(),
                    pallet_devices::Call::record_verdict { device, verdict }.into(),
                );
            }
            match dice.below(1_000) {
                0 => pass(dice.below(20 * MINUTE)),
                1..=200 => pass(dice.below(4)),
                _ => {}
            }
            if number % CALLS_BETWEEN_SWEEPS == 0 {
                sweep();
            }
            if number % CALLS_BETWEEN_CHECKS == 0 {
                System::reset_events();
                invariants::check();
            }
        }
        // A sequence in which some call never succeeds would show nothing about it.
        for call in [
            "Devices(Call::register_device",
            "Devices(Call::remove_device",
            "Stakes(Call::burn_for_certificate",
            "Stakes(Call::stake",
            "Stakes(Call::add_liquidity",
            "Stakes(Call::sell_hours",
            "Stakes(Call::claim",
            "Stakes(Call::drain",
            "Stakes(Call::withdraw_liquidity",
            "Stakes(Call::close",
            "Rentals(Call::rent",
            "Rentals(Call::extend",
            "Rentals(Call::terminate",
            "Rentals(Call::complete",
            "Rentals(Call::report_failure",
        ] {
            assert!(
                accepted.contains_key(call),
                "{call} never succeeded: {accepted:?}"
            );
        }
    });
}

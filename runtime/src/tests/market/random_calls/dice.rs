//! What is left to chance.

use super::{LONGEST_STAKE, OTHER_POOL, accounts};
use crate::{AccountId, Balance, Runtime, constants::currency::LOOPIN, tests::market::POOL};
use loopin_math::time::{DAY, MINUTE};
use loopin_primitives::{CertificateId, DeviceId, PoolId, PositionId, RentalId};
use pallet_stakes::PositionState;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// All decisions, drawn one after the other from a seed, and what there was to choose from lately.
pub struct Dice {
    numbers: ChaCha8Rng,
    devices: Vec<DeviceId>,
    positions: Vec<PositionId>,
    certificates: Vec<CertificateId>,
    rentals: Vec<RentalId>,
    reported: Vec<DeviceId>,
    in_pools: Vec<DeviceId>,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self {
            numbers: ChaCha8Rng::seed_from_u64(seed),
            devices: Vec::new(),
            positions: Vec::new(),
            certificates: Vec::new(),
            rentals: Vec::new(),
            reported: Vec::new(),
            in_pools: Vec::new(),
        }
    }

    /// Looks at what there is to choose from.
    pub fn look_around(&mut self) {
        self.devices = pallet_devices::Devices::<Runtime>::iter_keys().collect();
        self.positions = pallet_stakes::Positions::<Runtime>::iter_keys().collect();
        self.certificates = pallet_stakes::Certificates::<Runtime>::iter_keys().collect();
        self.rentals = pallet_rentals::Rentals::<Runtime>::iter_keys().collect();
        self.reported = pallet_rentals::Reports::<Runtime>::iter_keys().collect();
        self.in_pools = pallet_stakes::Positions::<Runtime>::iter_values()
            .filter(|position| position.state != PositionState::Staked)
            .map(|position| position.device)
            .collect();
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.any() % bound.max(1)
    }

    pub fn any(&mut self) -> u64 {
        self.numbers.next_u64()
    }

    pub fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize].clone()
    }

    /// One of the accounts that take part.
    pub fn account(&mut self) -> AccountId {
        self.pick(&accounts())
    }

    /// A device; seldom one that there was, or that there is not.
    pub fn device(&mut self) -> DeviceId {
        let next = pallet_devices::NextDeviceId::<Runtime>::get();
        one_of(&mut self.numbers, &self.devices, next)
    }

    /// A position; seldom one that there was, or that there is not.
    pub fn position(&mut self) -> PositionId {
        let next = pallet_stakes::NextPositionId::<Runtime>::get();
        one_of(&mut self.numbers, &self.positions, next)
    }

    /// A certificate; seldom one that there was, or that there is not.
    pub fn certificate(&mut self) -> CertificateId {
        let next = pallet_stakes::NextCertificateId::<Runtime>::get();
        one_of(&mut self.numbers, &self.certificates, next)
    }

    /// A certificate that fits, if there is one.
    pub fn certificate_where(&self, fits: impl Fn(&CertificateId) -> bool) -> Option<CertificateId> {
        self.certificates.iter().copied().find(fits)
    }

    /// A rental; seldom one that there was, or that there is not.
    pub fn rental(&mut self) -> RentalId {
        let next = pallet_rentals::NextRentalId::<Runtime>::get();
        one_of(&mut self.numbers, &self.rentals, next)
    }

    /// A device that a client has reported, if there is one.
    pub fn reported(&mut self) -> DeviceId {
        if self.reported.is_empty() {
            return self.device();
        }
        let next = pallet_devices::NextDeviceId::<Runtime>::get();
        one_of(&mut self.numbers, &self.reported, next)
    }

    /// A device that might be rented, if there is one.
    pub fn device_in_pool(&mut self) -> DeviceId {
        if self.in_pools.is_empty() {
            return self.device();
        }
        let next = pallet_devices::NextDeviceId::<Runtime>::get();
        one_of(&mut self.numbers, &self.in_pools, next)
    }

    /// A bound on a price, mostly one that does not hinder.
    pub fn bound(&mut self, generous: Balance) -> Balance {
        match self.below(20) {
            0 => 0,
            1 => u128::MAX,
            2 => u128::from(self.any()),
            _ => generous,
        }
    }

    /// An amount of LOOPIN, mostly a small one.
    pub fn amount(&mut self) -> Balance {
        match self.below(30) {
            0 => 0,
            1 => 1,
            2 => u128::MAX,
            3 => u128::from(self.below(20_000)) * LOOPIN,
            _ => u128::from(self.below(50_000)) * (LOOPIN / 1_000),
        }
    }

    /// For how long somebody wants to sell, or to rent.
    pub fn seconds(&mut self) -> u64 {
        match self.below(30) {
            0 => 0,
            1 => u64::MAX,
            2 => self.any(),
            3..=12 => 1 + self.below(LONGEST_STAKE + MINUTE),
            _ => 1 + self.below(DAY),
        }
    }

    pub fn pool(&mut self) -> PoolId {
        match self.below(40) {
            0 => self.numbers.next_u32(),
            1 => self.below(u64::from(*POOL) + 8) as u32,
            2..=8 => OTHER_POOL,
            _ => *POOL,
        }
    }

    /// How many seconds after the last block the next one comes. Mostly the chain goes on as it should; at times
    /// nothing happens for hours, and seldom it stands still for days.
    pub fn pause(&mut self) -> u64 {
        let most = match self.below(1_000) {
            0..=449 => return 6,
            450..=749 => 5 * MINUTE,
            750..=949 => 60 * MINUTE,
            950..=996 => 12 * 60 * MINUTE,
            _ => 20 * 24 * 60 * MINUTE,
        };
        6 + self.below(most)
    }
}

/// One of these; seldom one below `next`, or any number.
fn one_of(numbers: &mut ChaCha8Rng, known: &[u32], next: u32) -> u32 {
    match numbers.next_u32() % 32 {
        0 => numbers.next_u32(),
        1..=2 => numbers.next_u32() % next.max(1),
        _ if known.is_empty() => next,
        _ => known[numbers.next_u32() as usize % known.len()],
    }
}

//! The pools that every LooPIN chain begins with.

use crate::{
    AccountId, Balance,
    constants::currency::{LOOPIN, MILLI},
};
use alloc::{string::ToString, vec::Vec};
use loopin_challenge::classes::{CPU_REFERENCE, Class, class};
use loopin_math::time::{DAY, HOUR, MINUTE};
use loopin_primitives::PoolTerms;
use pallet_pools::GenesisPool;

/// LOOPIN locked in each pool.
const ANCHOR: Balance = 10_000 * LOOPIN;
/// The privacy that devices of these pools are expected to offer: a container.
const PRIVACY_LIMIT: u8 = 25;

/// For how long devices can be staked and rented.
#[derive(Clone, Copy)]
pub enum Durations {
    /// Days, as on a public network.
    Production,
    /// Minutes, so that one person can watch a whole stake.
    Development,
}

/// A pool for a class of the challenge.
struct Listing {
    /// The class, by its name in `loopin_challenge::classes`.
    class: &'static str,
    name: &'static str,
    symbol: &'static str,
    price_per_gpu_hour: Balance,
}

const fn listing(
    class: &'static str,
    name: &'static str,
    symbol: &'static str,
    price_per_gpu_hour: Balance,
) -> Listing {
    Listing {
        class,
        name,
        symbol,
        price_per_gpu_hour,
    }
}

/// Prices are those of the original network if it had the class.
const LISTINGS: [Listing; 7] = [
    listing("RTX 5090", "NVIDIA GeForce RTX 5090", "RTX5090", 850 * MILLI),
    listing("RTX 4090", "NVIDIA GeForce RTX 4090", "RTX4090", 547 * MILLI),
    listing("RTX 3090", "NVIDIA GeForce RTX 3090", "RTX3090", 295 * MILLI),
    listing("A100 80 GB", "NVIDIA A100 80 GB", "A100", 1_305 * MILLI),
    listing("RTX A5000", "NVIDIA RTX A5000", "A5000", 293 * MILLI),
    listing("RTX A6000", "NVIDIA RTX A6000", "A6000", 824 * MILLI),
    listing("H100 SXM", "NVIDIA H100 SXM", "H100", 3_998 * MILLI),
];

/// The class of device that any computer can be: for development chains and tests.
const CPU: Listing = listing(CPU_REFERENCE.name, "CPU reference device", "cpu", 100 * MILLI);

impl Listing {
    fn pool(&self, creator: &AccountId, durations: Durations) -> Option<GenesisPool<AccountId>> {
        let Class {
            profile,
            benchmark_gops,
            ..
        } = *class(self.class)?;
        let (stake, unit, shortest_rental) = match durations {
            Durations::Production => (7 * DAY, DAY, HOUR),
            Durations::Development => (10 * MINUTE, MINUTE, MINUTE),
        };
        Some(GenesisPool {
            creator: creator.clone(),
            name: self.name.to_string(),
            symbol: self.symbol.to_string(),
            anchor: ANCHOR,
            price_per_gpu_hour: self.price_per_gpu_hour,
            terms: PoolTerms {
                provide_seconds: stake,
                sell_unit_seconds: unit,
                sell_max_seconds: stake,
                rental_min_seconds: shortest_rental,
                rental_max_seconds: stake,
                challenge: profile,
                benchmark_gops,
                privacy_limit: PRIVACY_LIMIT,
            },
        })
    }
}

/// The pools of a chain; `creator` pays for their anchors. The CPU's pool, only on development chains, is the last.
pub fn genesis_pools(creator: &AccountId, durations: Durations) -> Vec<GenesisPool<AccountId>> {
    let development = match durations {
        Durations::Production => None,
        Durations::Development => Some(&CPU),
    };
    // A test sees to it that every class is known.
    LISTINGS
        .iter()
        .chain(development)
        .filter_map(|listing| listing.pool(creator, durations))
        .collect()
}

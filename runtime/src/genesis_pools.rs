//! The pools that every LooPIN chain begins with.

use crate::{
    AccountId, Balance,
    constants::currency::{LOOPIN, MILLI},
};
use alloc::{string::ToString, vec, vec::Vec};
use loopin_challenge::{Limits, Profile};
use loopin_math::time::{DAY, HOUR, MINUTE};
use loopin_primitives::PoolTerms;
use pallet_pools::GenesisPool;

/// LOOPIN locked in each pool.
const ANCHOR: Balance = 10_000 * LOOPIN;
/// The privacy that devices of these pools are expected to offer: a container.
const PRIVACY_LIMIT: u8 = 25;
/// A device has so long to take its memory and warm up, in milliseconds.
const PREPARE_MS: u32 = 30_000;
/// A device has so long to send a megabyte of openings, in milliseconds.
const OPEN_MS: u32 = 30_000;
/// Entries checked in one round.
const ENTRIES: u32 = 24;
/// Lanes of the walk checked in one round.
const OPENED_LANES: u32 = 4;
/// What the limit of the walk has on top of twice the expected time, in milliseconds.
const WALK_ALLOWANCE_MS: u32 = 100;

/// For how long devices can be staked and rented.
#[derive(Clone, Copy)]
pub enum Durations {
    /// Days, as on a public network.
    Production,
    /// Minutes, so that one person can watch a whole stake.
    Development,
}

/// A class of GPU, as the benchmark of the challenge's description has it.
struct Class {
    name: &'static str,
    symbol: &'static str,
    price_per_gpu_hour: Balance,
    /// Side and number of the matrices that fill its memory to 85 %.
    n: u32,
    matrices: u32,
    /// Time in which a device at the benchmark fills the memory, milliseconds.
    fill_ms: u32,
    /// Expected time of the walk, milliseconds.
    walk_ms: u32,
    benchmark_gops: u64,
}

/// Prices are those of the original network where it had the class. Sizes, times and benchmarks of the A5000 and
/// A6000, which are of the RTX 3090's architecture, follow from its numbers in proportion to peak and memory.
const CLASSES: [Class; 7] = [
    Class {
        name: "NVIDIA GeForce RTX 5090",
        symbol: "RTX5090",
        price_per_gpu_hour: 850 * MILLI,
        n: 16_384,
        matrices: 108,
        fill_ms: 2_050,
        walk_ms: 150,
        benchmark_gops: 463_000,
    },
    Class {
        name: "NVIDIA GeForce RTX 4090",
        symbol: "RTX4090",
        price_per_gpu_hour: 547 * MILLI,
        n: 16_384,
        matrices: 80,
        fill_ms: 2_060,
        walk_ms: 200,
        benchmark_gops: 341_000,
    },
    Class {
        name: "NVIDIA GeForce RTX 3090",
        symbol: "RTX3090",
        price_per_gpu_hour: 295 * MILLI,
        n: 8_192,
        matrices: 320,
        fill_ms: 2_270,
        walk_ms: 220,
        benchmark_gops: 155_000,
    },
    Class {
        name: "NVIDIA A100 80 GB",
        symbol: "A100",
        price_per_gpu_hour: 1_305 * MILLI,
        n: 8_192,
        matrices: 1_008,
        fill_ms: 3_280,
        walk_ms: 310,
        benchmark_gops: 338_000,
    },
    Class {
        name: "NVIDIA RTX A5000",
        symbol: "A5000",
        price_per_gpu_hour: 293 * MILLI,
        n: 8_192,
        matrices: 320,
        fill_ms: 2_910,
        walk_ms: 270,
        benchmark_gops: 121_000,
    },
    Class {
        name: "NVIDIA RTX A6000",
        symbol: "A6000",
        price_per_gpu_hour: 824 * MILLI,
        n: 8_192,
        matrices: 640,
        fill_ms: 4_170,
        walk_ms: 540,
        benchmark_gops: 169_000,
    },
    Class {
        name: "NVIDIA H100 SXM",
        symbol: "H100",
        price_per_gpu_hour: 3_998 * MILLI,
        n: 16_384,
        matrices: 252,
        fill_ms: 2_810,
        walk_ms: 190,
        benchmark_gops: 788_000,
    },
];

/// The class of device that every computer is: for development chains and tests.
const CPU_REFERENCE: Class = Class {
    name: "CPU reference device",
    symbol: "cpu",
    price_per_gpu_hour: 100 * MILLI,
    n: 256,
    matrices: 64,
    fill_ms: 5_000,
    walk_ms: 2_000,
    benchmark_gops: 2,
};

impl Class {
    fn profile(&self) -> Profile {
        let chunk = self.n.min(loopin_challenge::profile::MAX_CHUNK);
        Profile {
            n: self.n,
            matrices: self.matrices,
            // So many lanes read the memory eight times.
            lanes: self.n / 4 * (self.n / chunk) * self.matrices,
            entries: ENTRIES,
            opened_lanes: OPENED_LANES,
            limits: Limits {
                prepare_ms: PREPARE_MS,
                fill_ms: 2 * self.fill_ms,
                walk_ms: WALK_ALLOWANCE_MS + 2 * self.walk_ms,
                open_ms: OPEN_MS,
            },
        }
    }

    fn pool(&self, creator: &AccountId, durations: Durations) -> GenesisPool<AccountId> {
        let (stake, unit, shortest_rental) = match durations {
            Durations::Production => (7 * DAY, DAY, HOUR),
            Durations::Development => (10 * MINUTE, MINUTE, MINUTE),
        };
        GenesisPool {
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
                challenge: self.profile(),
                benchmark_gops: self.benchmark_gops,
                privacy_limit: PRIVACY_LIMIT,
            },
        }
    }
}

/// The pools of a chain; `creator` pays for their anchors. The CPU's pool, of development chains only, is the last.
pub fn genesis_pools(creator: &AccountId, durations: Durations) -> Vec<GenesisPool<AccountId>> {
    let mut pools: Vec<_> = CLASSES
        .iter()
        .map(|class| class.pool(creator, durations))
        .collect();
    match durations {
        Durations::Production => pools,
        Durations::Development => {
            pools.extend(vec![CPU_REFERENCE.pool(creator, durations)]);
            pools
        }
    }
}

//! Weights of `pallet_devices`.
//!
//! What is here are placeholders of the right shape, to develop with. `make bench` puts what it measures in their place,
//! which has to be done before a network of value runs this.

#![allow(missing_docs)]

use frame_support::weights::{Weight, constants::ParityDbWeight};

/// The weights that `pallet_devices` needs to know.
pub trait WeightInfo {
    fn register_device() -> Weight;
    fn update_device() -> Weight;
    fn remove_device() -> Weight;
    fn record_verdict() -> Weight;
    fn convict() -> Weight;
}

// For tests, whose runtimes say nothing about their database.
impl WeightInfo for () {
    fn register_device() -> Weight {
        placeholder(5, 5)
    }
    fn update_device() -> Weight {
        placeholder(4, 4)
    }
    fn remove_device() -> Weight {
        placeholder(3, 6)
    }
    fn record_verdict() -> Weight {
        placeholder(2, 1)
    }
    fn convict() -> Weight {
        placeholder(4, 4)
    }
}

fn placeholder(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(100_000_000, 10_000)
        .saturating_add(ParityDbWeight::get().reads(reads))
        .saturating_add(ParityDbWeight::get().writes(writes))
}

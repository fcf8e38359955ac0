//! Weights of `pallet_rentals`.
//!
//! What is here are placeholders of the right shape, to develop with. `make bench` puts what it measures in their place,
//! which has to be done before a network of value runs this.

#![allow(missing_docs)]

use frame_support::weights::{Weight, constants::ParityDbWeight};

/// The weights that `pallet_rentals` needs to know.
pub trait WeightInfo {
    fn rent(d: u32) -> Weight;
    fn extend(d: u32) -> Weight;
    fn terminate(d: u32) -> Weight;
    fn complete(d: u32) -> Weight;
    fn settle() -> Weight;
    fn report_failure() -> Weight;
    fn withdraw_report() -> Weight;
    fn suspended() -> Weight;
    fn passed() -> Weight;
    fn fail() -> Weight;
}

// For tests, whose runtimes say nothing about their database.
impl WeightInfo for () {
    fn rent(d: u32) -> Weight {
        placeholder(8, 8).saturating_add(placeholder(3, 1).saturating_mul(d.into()))
    }
    fn extend(d: u32) -> Weight {
        placeholder(8, 8).saturating_add(placeholder(2, 1).saturating_mul(d.into()))
    }
    fn terminate(d: u32) -> Weight {
        placeholder(8, 8).saturating_add(placeholder(1, 1).saturating_mul(d.into()))
    }
    fn complete(d: u32) -> Weight {
        placeholder(6, 6).saturating_add(placeholder(1, 1).saturating_mul(d.into()))
    }
    fn settle() -> Weight {
        placeholder(4, 4)
    }
    fn report_failure() -> Weight {
        placeholder(5, 5)
    }
    fn withdraw_report() -> Weight {
        placeholder(3, 3)
    }
    fn suspended() -> Weight {
        placeholder(12, 12)
    }
    fn passed() -> Weight {
        placeholder(3, 3)
    }
    fn fail() -> Weight {
        placeholder(8, 8)
    }
}

fn placeholder(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(100_000_000, 10_000)
        .saturating_add(ParityDbWeight::get().reads(reads))
        .saturating_add(ParityDbWeight::get().writes(writes))
}

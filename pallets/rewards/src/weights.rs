//! Weights of `pallet_rewards`.
//!
//! What is here are placeholders of the right shape, to develop with. `make bench` puts what it measures in their place,
//! which has to be done before a network of value runs this.

#![allow(missing_docs)]

use frame_support::weights::{Weight, constants::ParityDbWeight};

/// The weights that `pallet_rewards` needs to know.
pub trait WeightInfo {
    /// A block in which no epoch ends.
    fn wait() -> Weight;
    /// An epoch ends for so many pools, which have come that far already.
    fn close(pools: u32) -> Weight;
    /// A verdict on a device, whoever reports it.
    fn on_finding() -> Weight;
    /// A client has consumed, or a verifier has done its duty.
    fn credit() -> Weight;
    /// A position ends, and another of the same device begins.
    fn provision() -> Weight;
    /// A device of which so many epochs are settled, and the payment of its owner.
    fn settle(epochs: u32) -> Weight;
    fn claim() -> Weight;
    fn set_parameters() -> Weight;
    fn set_listing() -> Weight;
    fn set_team() -> Weight;
    fn set_stopped() -> Weight;
}

// For tests, whose runtimes say nothing about their database.
impl WeightInfo for () {
    fn wait() -> Weight {
        placeholder(2, 0)
    }
    fn close(pools: u32) -> Weight {
        placeholder(12, 10).saturating_add(placeholder(3, 3).saturating_mul(pools.into()))
    }
    fn on_finding() -> Weight {
        placeholder(48, 4)
    }
    fn credit() -> Weight {
        placeholder(5, 5)
    }
    fn provision() -> Weight {
        placeholder(4, 3)
    }
    fn settle(epochs: u32) -> Weight {
        placeholder(10, 8).saturating_add(placeholder(1, 1).saturating_mul(epochs.into()))
    }
    fn claim() -> Weight {
        placeholder(9, 8)
    }
    fn set_parameters() -> Weight {
        placeholder(0, 1)
    }
    fn set_listing() -> Weight {
        placeholder(4, 2)
    }
    fn set_team() -> Weight {
        placeholder(0, 1)
    }
    fn set_stopped() -> Weight {
        placeholder(1, 1)
    }
}

fn placeholder(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(100_000_000, 10_000)
        .saturating_add(ParityDbWeight::get().reads(reads))
        .saturating_add(ParityDbWeight::get().writes(writes))
}

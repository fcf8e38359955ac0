//! Weights of `pallet_stakes`.
//!
//! What is here are placeholders of the right shape, to develop with. `make bench` puts what it measures in their place,
//! which has to be done before a network of value runs this.

use frame_support::weights::{Weight, constants::ParityDbWeight};

/// What the calls cost, on a pool that is up to date.
pub trait WeightInfo {
    /// `burn_for_certificate`.
    fn burn_for_certificate() -> Weight;
    /// `remove_certificate`.
    fn remove_certificate() -> Weight;
    /// `stake`, the first for its pool.
    fn stake() -> Weight;
    /// `add_liquidity`.
    fn add_liquidity() -> Weight;
    /// `sell_hours`, extending a sale.
    fn sell_hours() -> Weight;
    /// `claim`.
    fn claim() -> Weight;
    /// `drain`.
    fn drain() -> Weight;
    /// `undrain`.
    fn undrain() -> Weight;
    /// `withdraw_liquidity`.
    fn withdraw_liquidity() -> Weight;
    /// `close` of a provider's position.
    fn close_provider() -> Weight;
    /// `close` of a seller's position.
    fn close_seller() -> Weight;
    /// The ejection of a provider's device that is rented, the end of the rental included.
    fn eject_provider() -> Weight;
    /// The ejection of a seller's device that is rented, the end of the rental included.
    fn eject_seller() -> Weight;
}

/// A weight of so many reads and writes.
fn placeholder(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(100_000_000, 10_000).saturating_add(ParityDbWeight::get().reads_writes(reads, writes))
}

impl WeightInfo for () {
    fn burn_for_certificate() -> Weight {
        placeholder(8, 8)
    }
    fn remove_certificate() -> Weight {
        placeholder(4, 3)
    }
    fn stake() -> Weight {
        placeholder(24, 26)
    }
    fn add_liquidity() -> Weight {
        placeholder(14, 12)
    }
    fn sell_hours() -> Weight {
        placeholder(16, 14)
    }
    fn claim() -> Weight {
        placeholder(8, 6)
    }
    fn drain() -> Weight {
        placeholder(3, 1)
    }
    fn undrain() -> Weight {
        placeholder(3, 1)
    }
    fn withdraw_liquidity() -> Weight {
        placeholder(24, 24)
    }
    fn close_provider() -> Weight {
        placeholder(20, 18)
    }
    fn close_seller() -> Weight {
        placeholder(20, 18)
    }
    fn eject_provider() -> Weight {
        placeholder(26, 26)
    }
    fn eject_seller() -> Weight {
        placeholder(26, 26)
    }
}

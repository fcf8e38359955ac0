//! Weights of `pallet_pools`.
//!
//! What is here are placeholders of the right shape, to develop with. `make bench` puts what it measures in their place,
//! which has to be done before a network of value runs this.

use frame_support::weights::Weight;

/// The weights that `pallet_pools` needs to know.
pub trait WeightInfo {
    /// Of `create_pool`.
    fn create_pool() -> Weight;
    /// Of bringing a pool up to date over so many pages of its agenda, each full.
    fn sync(pages: u32) -> Weight;
}

impl WeightInfo for () {
    fn create_pool() -> Weight {
        Weight::from_parts(100_000_000, 10_000)
    }
    fn sync(pages: u32) -> Weight {
        Weight::from_parts(100_000_000, 10_000).saturating_mul(pages.into())
    }
}

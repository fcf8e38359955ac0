//! What syncing costs: a call is charged for the most before it runs, and paid back what it did not need.

use crate::{Config, Pallet, SyncWeight, WeightInfo};
use frame_support::{dispatch::DispatchResultWithPostInfo, traits::Get, weights::Weight};
use loopin_math::{Synced, time::HOUR};
use sp_runtime::{DispatchError, traits::Zero};

impl<T: Config> Pallet<T> {
    /// The most pages that one sync can pass: those of the longest stake, and the two on which its ends fall. Making the
    /// price mark of an hour, which is less work, counts as one more.
    pub fn most_pages() -> u32 {
        u32::try_from(T::LongestStake::get() / HOUR)
            .unwrap_or(u32::MAX)
            .saturating_add(3)
    }

    /// What syncing one pool costs at most, on top of what touching a synced one costs.
    pub fn most_sync_weight() -> Weight {
        Self::weight_of_pages(Self::most_pages())
    }

    /// What a call costs at most that costs `weight` if the pool that it touches is already synced.
    pub fn at_most(weight: Weight) -> Weight {
        weight.saturating_add(Self::most_sync_weight())
    }

    /// Runs a call that touches pools. `call` returns what it costs if these are already synced, and what syncing really
    /// cost is added.
    pub fn metered(call: impl FnOnce() -> Result<Weight, DispatchError>) -> DispatchResultWithPostInfo {
        let (weight, sync_weight) = Self::measured(call);
        Ok(Some(weight?.saturating_add(sync_weight)).into())
    }

    /// Does some work, and says what syncing pools has cost meanwhile, so that the caller can charge it. If the work
    /// measures a part of itself, that part is not counted again. What is rolled back inside counts for nothing, which
    /// no user can bring about.
    pub fn measured<Result>(work: impl FnOnce() -> Result) -> (Result, Weight) {
        let around = SyncWeight::<T>::take();
        let result = work();
        let weight = SyncWeight::<T>::take();
        if !around.is_zero() {
            SyncWeight::<T>::put(around);
        }
        (result, weight)
    }

    /// Counts the pages that a sync has passed, and the price mark that it has made, for whoever measures it.
    pub(crate) fn meter(synced: &Synced) {
        let pages = synced.pages.saturating_add(synced.hour.is_some().into());
        if pages > 0 {
            SyncWeight::<T>::mutate(|weight| *weight = weight.saturating_add(Self::weight_of_pages(pages)));
        }
    }

    /// What it costs to pass that many pages. Reading and storing the pool is measured with each call.
    fn weight_of_pages(pages: u32) -> Weight {
        <T as Config>::WeightInfo::sync(pages).saturating_sub(<T as Config>::WeightInfo::sync(0))
    }
}

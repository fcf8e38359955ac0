//! Forgetting rounds.

use crate::{
    Attestations, Config, Convictions, CurrentRound, FirstRound, FraudReports, Members, Pallet, Rounds,
    WeightInfo,
};
use frame_support::{traits::Get, weights::Weight};
use sp_io::MultiRemovalResults;

/// How many entries are removed in one block, at most.
pub const PAGE: u32 = 100;

impl<T: Config> Pallet<T> {
    /// Removes a page of what belongs to the oldest round, if its time is over and `remaining` allows it. Returns
    /// what that has cost.
    pub(crate) fn prune(remaining: Weight) -> Weight {
        if remaining.any_lt(<T as Config>::WeightInfo::prune(PAGE)) {
            return Weight::zero();
        }
        let first = FirstRound::<T>::get();
        let kept_for = T::DisputeRounds::get().into();
        // Verdicts need the round before the present one.
        let forgotten_with = first.saturating_add(kept_for).max(first.saturating_add(1));
        if CurrentRound::<T>::get() <= forgotten_with {
            return <T as Config>::WeightInfo::prune(0);
        }
        // No cursor is kept: the next block finds the first entry left of the round as fast as with one, since what was
        // removed is out of the database by then.
        let mut left = PAGE;
        let mut is_done = true;
        let mut take = |clear: fn(u64, u32) -> MultiRemovalResults| {
            if is_done && left > 0 {
                let removed = clear(first, left);
                left = left.saturating_sub(removed.loops);
                is_done = removed.maybe_cursor.is_none();
            } else {
                is_done = false;
            }
        };
        take(|round, most| Attestations::<T>::clear_prefix((round,), most, None));
        take(|round, most| FraudReports::<T>::clear_prefix((round,), most, None));
        take(|round, most| Convictions::<T>::clear_prefix(round, most, None));
        if is_done {
            Members::<T>::remove(first);
            Rounds::<T>::remove(first);
            FirstRound::<T>::put(first.saturating_add(1));
        }
        <T as Config>::WeightInfo::prune(PAGE.saturating_sub(left))
    }
}

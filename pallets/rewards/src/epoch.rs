//! How epochs begin and end.

use crate::{
    Budget, Budgets, Config, CurrentEpoch, Epoch, EpochBudgets, EpochRounds, Event, HISTORY_EPOCHS,
    LOG_TARGET, Listing, Listings, MAX_LISTED_POOLS, Pallet, PoolEpoch, PoolEpochs, RewardParameters, Supply,
    TotalShares, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{
    storage::with_storage_layer,
    traits::{Get, fungible::Inspect},
    weights::Weight,
};
use loopin_math::{parts_by_weight, pool_weight, rate_per_second, seconds_that_count};
use loopin_primitives::{Balance, Moment, PoolId};
use pallet_pools::{CurrencyOf, Pallet as Pools, PoolMark};

/// What a pool has done in an epoch.
struct Measured {
    pool: PoolId,
    from: Moment,
    until: Moment,
    price: Balance,
    reference_price: Balance,
    provider_seconds: u128,
    weight: u128,
}

impl<T: Config> Pallet<T> {
    /// What happens at the beginning of a block: at most one epoch ends, the first one that is due.
    ///
    /// The moment is that of the block before, so everything that happened until then is included.
    pub(crate) fn begin_block() -> Weight {
        let now = Pools::<T>::now();
        let epoch = CurrentEpoch::<T>::get();
        // There is no time before the first block.
        if !epoch.map_or(now > 0, |epoch| now >= epoch.end) {
            return <T as Config>::WeightInfo::wait();
        }
        let ((), sync_weight) = Pools::<T>::measured(|| match epoch {
            Some(epoch) => Self::close(&epoch),
            None => Self::begin(now),
        });
        let pools = u32::try_from(Listings::<T>::decode_len().unwrap_or(0)).unwrap_or(u32::MAX);
        <T as Config>::WeightInfo::close(pools).saturating_add(sync_weight)
    }

    /// The first epoch begins.
    fn begin(now: Moment) {
        let epoch_seconds = RewardParameters::<T>::get().epoch_seconds;
        CurrentEpoch::<T>::put(Epoch {
            index: 0,
            start: now,
            end: now.saturating_add(epoch_seconds),
        });
        Supply::<T>::mutate(|supply| supply.endowed = CurrencyOf::<T>::total_issuance());
        Listings::<T>::mutate(|listings| {
            for (pool, listing) in listings.iter_mut() {
                if let Some((mark, _)) = Self::mark(*pool, now, None) {
                    listing.mark = mark;
                }
            }
        });
        Self::deposit_event(Event::EpochBegan { epoch: 0, start: now });
    }

    /// An epoch ends: its emission is split, and its rates are fixed.
    fn close(epoch: &Epoch) {
        let parameters = RewardParameters::<T>::get();
        let mut supply = Supply::<T>::get();
        let taken = supply.endowed.saturating_add(supply.emitted);
        let emission = parameters
            .schedule(T::SupplyCap::get())
            .emission(epoch.index.into(), taken);
        let parts = parameters.split.parts(emission);
        supply.emitted = supply.emitted.saturating_add(emission);
        supply.treasury_due = supply.treasury_due.saturating_add(parts.treasury);
        supply.team_due = supply.team_due.saturating_add(parts.team);
        Supply::<T>::put(supply);

        Self::deposit_event(Event::EpochClosed {
            epoch: epoch.index,
            emission,
            parts,
        });
        Self::reward_pools(epoch, parts.miners);
        let totals = TotalShares::<T>::take();
        let budget = |amount, total| Budget {
            amount,
            total,
            left: amount,
        };
        EpochBudgets::<T>::insert(
            epoch.index,
            Budgets {
                clients: budget(parts.clients, totals.clients),
                verifiers: budget(parts.verifiers, totals.verifiers),
            },
        );
        if let Some(old) = epoch.index.checked_sub(HISTORY_EPOCHS) {
            EpochBudgets::<T>::remove(old);
            // There are no more of one epoch.
            let _ = PoolEpochs::<T>::clear_prefix(old, MAX_LISTED_POOLS, None);
        }
        CurrentEpoch::<T>::put(Epoch {
            index: epoch.index.saturating_add(1),
            start: epoch.end,
            end: epoch.end.saturating_add(parameters.epoch_seconds.max(1)),
        });
        Self::pay_treasury();
        if epoch
            .index
            .saturating_add(1)
            .is_multiple_of(T::TeamBatchEpochs::get().max(1))
        {
            Self::pay_team();
        }
    }

    /// Divides the miners' budget among the pools.
    fn reward_pools(epoch: &Epoch, budget: Balance) {
        let rounds = EpochRounds::<T>::take();
        let measured: Vec<Measured> = Listings::<T>::mutate(|listings| {
            listings
                .iter_mut()
                .map(|(pool, listing)| {
                    let before = listing.mark;
                    let mut price = 0;
                    if let Some((mark, mean)) = Self::mark(*pool, epoch.end, Some(&before)) {
                        listing.mark = mark;
                        price = mean;
                    }
                    measure(*pool, listing, &before, price, epoch)
                })
                .collect()
        });
        let weights: Vec<u128> = measured.iter().map(|measured| measured.weight).collect();
        for (measured, part) in measured.iter().zip(parts_by_weight(budget, &weights)) {
            let rate = rate_per_second(part, measured.provider_seconds);
            PoolEpochs::<T>::insert(
                epoch.index,
                measured.pool,
                PoolEpoch {
                    from: measured.from,
                    until: measured.until,
                    price: measured.price,
                    reference_price: measured.reference_price,
                    provider_seconds: measured.provider_seconds,
                    rounds,
                    part,
                    rate,
                    left: part,
                },
            );
            Self::deposit_event(Event::PoolRewarded {
                pool: measured.pool,
                epoch: epoch.index,
                reference_price: measured.reference_price,
                provider_seconds: measured.provider_seconds,
                part,
            });
        }
    }

    /// Marks a pool. A pool that cannot be synced, which must not happen, keeps its old mark.
    pub(crate) fn mark(pool: PoolId, at: Moment, since: Option<&PoolMark>) -> Option<(PoolMark, Balance)> {
        with_storage_layer(|| Pools::<T>::mark(pool, at, since))
            .inspect_err(|error| log::error!(target: LOG_TARGET, "pool {pool} cannot be marked: {error:?}"))
            .ok()
    }
}

/// What a pool has done since its last mark, at that mean price, in an epoch of the chain.
fn measure(pool: PoolId, listing: &Listing, before: &PoolMark, price: Balance, epoch: &Epoch) -> Measured {
    let provider_seconds = listing
        .mark
        .provider_seconds
        .saturating_sub(before.provider_seconds);
    let counted = seconds_that_count(
        provider_seconds,
        listing.mark.moment.saturating_sub(before.moment),
        epoch.end.saturating_sub(epoch.start),
    );
    Measured {
        pool,
        from: before.moment,
        until: listing.mark.moment,
        price,
        reference_price: listing.reference_price,
        provider_seconds,
        weight: pool_weight(listing.reference_price, counted),
    }
}

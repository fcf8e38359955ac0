//! What governance decides about rewards.

use crate::{
    Config, Error, Event, Listing, Listings, MAX_EPOCH_SECONDS, Pallet, Parameters, RewardParameters,
    Stopped, Supply, SupplyState,
};
use frame_support::{
    ensure,
    traits::{Get, fungible::Inspect},
};
use loopin_math::time::MINUTE;
use loopin_primitives::{Balance, PoolId};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    /// Whether these parameters make sense.
    pub(crate) fn check_parameters(parameters: &Parameters) -> Result<(), Error<T>> {
        ensure!(parameters.split.is_whole(), Error::<T>::SplitNotWhole);
        ensure!(parameters.epoch_seconds >= MINUTE, Error::<T>::EpochTooShort);
        ensure!(
            parameters.epoch_seconds <= MAX_EPOCH_SECONDS,
            Error::<T>::EpochTooLong
        );
        ensure!(parameters.halving_epochs > 0, Error::<T>::NoHalving);
        ensure!(
            parameters.initial_emission <= T::SupplyCap::get(),
            Error::<T>::EmissionAboveCap
        );
        Ok(())
    }

    pub(crate) fn do_set_parameters(parameters: Parameters) -> DispatchResult {
        Self::check_parameters(&parameters)?;
        RewardParameters::<T>::put(parameters);
        Self::deposit_event(Event::ParametersChanged { parameters });
        Ok(())
    }

    /// Lists a pool, or takes it off the list with a weight of zero.
    pub(crate) fn do_set_listing(pool: PoolId, weight: u32) -> DispatchResult {
        let mut listings = Listings::<T>::get();
        match (listings.get_mut(&pool), weight) {
            (None, 0) => return Err(Error::<T>::NotListed.into()),
            (Some(_), 0) => {
                listings.remove(&pool);
            }
            (Some(listing), _) => listing.weight = weight,
            (None, _) => {
                let (mark, _) = Pools::<T>::mark(pool, Pools::<T>::now(), None)?;
                let listing = Listing {
                    weight,
                    mark,
                    price: None,
                };
                listings
                    .try_insert(pool, listing)
                    .map_err(|_| Error::<T>::TooManyPools)?;
            }
        }
        Listings::<T>::put(listings);
        Self::deposit_event(Event::ListingChanged { pool, weight });
        Ok(())
    }

    pub(crate) fn do_set_stopped(stopped: bool) -> DispatchResult {
        ensure!(
            Stopped::<T>::get() != stopped,
            if stopped {
                Error::<T>::AlreadyStopped
            } else {
                Error::<T>::NotStopped
            }
        );
        Stopped::<T>::put(stopped);
        Self::deposit_event(if stopped {
            Event::EmissionStopped
        } else {
            Event::EmissionResumed
        });
        Ok(())
    }

    /// Where all LOOPIN comes from, and what has been burned so far of what there was.
    pub fn supply() -> (SupplyState, Balance) {
        let supply = Supply::<T>::get();
        let made = supply.endowed.saturating_add(supply.minted.total());
        (supply, made.saturating_sub(CurrencyOf::<T>::total_issuance()))
    }
}

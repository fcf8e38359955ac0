//! What governance decides about rewards.

use crate::{
    Config, Error, Event, Listing, Listings, MAX_EPOCH_SECONDS, MAX_REFERENCE_PRICE, MAX_RELEASE_SECONDS,
    MIN_REFERENCE_PRICE, Pallet, Parameters, RewardParameters, Stopped, Supply, SupplyState,
};
use frame_support::{
    ensure,
    traits::{Get, fungible::Inspect},
};
use loopin_math::time::MINUTE;
use loopin_primitives::{Balance, PoolId};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{DispatchResult, FixedU128};

impl<T: Config> Pallet<T> {
    /// Whether these parameters make sense.
    pub(crate) fn check_parameters(parameters: &Parameters) -> Result<(), Error<T>> {
        ensure!(parameters.split.is_whole(), Error::<T>::SplitNotWhole);
        ensure!(parameters.epoch_seconds >= MINUTE, Error::<T>::EpochTooShort);
        ensure!(
            parameters.epoch_seconds <= MAX_EPOCH_SECONDS,
            Error::<T>::EpochTooLong
        );
        ensure!(
            (MINUTE..=MAX_RELEASE_SECONDS).contains(&parameters.release_seconds),
            Error::<T>::ReleaseOutOfRange
        );
        ensure!(parameters.halving_epochs > 0, Error::<T>::NoHalving);
        ensure!(
            parameters.initial_emission <= T::SupplyCap::get(),
            Error::<T>::EmissionAboveCap
        );
        let quarter = FixedU128::from_rational(1, 4);
        ensure!(
            (quarter..=FixedU128::from_u32(2)).contains(&parameters.caps.idle),
            Error::<T>::IdleCapOutOfRange
        );
        ensure!(
            parameters.caps.rented <= FixedU128::from_rational(1, 2),
            Error::<T>::RentedCapOutOfRange
        );
        Ok(())
    }

    pub(crate) fn do_set_parameters(parameters: Parameters) -> DispatchResult {
        Self::check_parameters(&parameters)?;
        RewardParameters::<T>::put(parameters);
        Self::deposit_event(Event::ParametersChanged { parameters });
        Ok(())
    }

    /// Lists a pool, or takes it off the list with a price of zero.
    pub(crate) fn do_set_listing(pool: PoolId, reference_price: Balance) -> DispatchResult {
        let mut listings = Listings::<T>::get();
        match (listings.get_mut(&pool), reference_price) {
            (None, 0) => return Err(Error::<T>::NotListed.into()),
            (Some(_), 0) => {
                listings.remove(&pool);
            }
            (Some(listing), price) => {
                Self::check_reference_price(price)?;
                let before = listing.reference_price;
                ensure!(
                    price <= before.saturating_mul(2) && before <= price.saturating_mul(2),
                    Error::<T>::ReferencePriceMovesTooFar
                );
                listing.reference_price = price;
            }
            (None, price) => {
                Self::check_reference_price(price)?;
                let (mark, _) = Pools::<T>::mark(pool, Pools::<T>::now(), None)?;
                let listing = Listing {
                    reference_price: price,
                    mark,
                };
                listings
                    .try_insert(pool, listing)
                    .map_err(|_| Error::<T>::TooManyPools)?;
            }
        }
        Listings::<T>::put(listings);
        Self::deposit_event(Event::ListingChanged {
            pool,
            reference_price,
        });
        Ok(())
    }

    /// Whether a listed pool may have that reference price.
    pub(crate) fn check_reference_price(price: Balance) -> Result<(), Error<T>> {
        ensure!(
            (MIN_REFERENCE_PRICE..=MAX_REFERENCE_PRICE).contains(&price),
            Error::<T>::ReferencePriceOutOfRange
        );
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

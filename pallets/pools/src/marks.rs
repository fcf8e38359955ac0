//! What rewards ask about pools.

use crate::{Config, Error, Pallet, Pools};
use loopin_primitives::{Balance, Market, Moment, PoolId, PoolMark, PoolTerms, RewardedPools};
use sp_runtime::{DispatchError, Weight};

impl<T: Config> RewardedPools for Pallet<T> {
    fn now() -> Moment {
        <Self as Market<T::AccountId>>::now()
    }

    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError> {
        <Self as Market<T::AccountId>>::terms(pool)
    }

    fn mark(id: PoolId, at: Moment, since: Option<&PoolMark>) -> Result<(PoolMark, Balance), DispatchError> {
        let mut state = Pools::<T>::get(id).ok_or(Error::<T>::UnknownPool)?;
        if state.pool.updated_at < at {
            let (advanced, dissipated) = Self::advance_to(id, state, at)?;
            Self::burn_in_pool(id, dissipated)?;
            Pools::<T>::insert(id, &advanced);
            state = advanced;
        }
        let mean_price = match since {
            Some(since) => state
                .pool
                .mean_price_per_gpu_hour(&since.price)
                .map_err(Error::<T>::from)?,
            None => state.pool.price_per_gpu_hour(),
        };
        let mark = PoolMark {
            moment: state.pool.updated_at,
            provider_seconds: state.pool.provider_seconds,
            price: state.pool.price_mark(),
        };
        Ok((mark, mean_price))
    }

    fn most_sync_weight() -> Weight {
        <Self as Market<T::AccountId>>::most_sync_weight()
    }

    fn take_sync_weight() -> Weight {
        <Self as Market<T::AccountId>>::take_sync_weight()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark() -> Result<PoolId, DispatchError> {
        crate::benchmarking::create_pool_for_benchmark::<T>(&frame_benchmarking::account("creator", 0, 0))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment) {
        T::set_now(moment)
    }
}

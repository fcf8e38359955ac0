//! How time passes in a pool.
//!
//! Every public function of this pallet that depends on the time syncs the pool first: lets everything happen that is
//! due. Those that only move hour tokens or what is owed do not, and need no metering. Whatever
//! fails leaves an undefined state behind, so callers run inside a storage transaction, as every call of a pallet does.
//!
//! A pool of the genesis begins when it is first touched. Nothing can have happened to it before, so that comes to the same
//! as if it had begun with the first block that knows the time, which is the second.

use crate::{
    Config, Error, Event, MARKED_HOURS, Pallet, PoolInfos, PoolMark, PoolState, Pools, PriceMarks,
    hours::HoursChange, stored_agenda::StoredAgenda,
};
use frame_support::traits::UnixTime;
use loopin_math::{MathError, Pool};
use loopin_primitives::{Balance, Moment, PoolId, PoolTerms};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
    /// The present moment. Zero before the chain has begun.
    pub fn now() -> Moment {
        T::Time::now().as_secs()
    }

    /// The terms of a pool, or an error if there is no such pool.
    pub fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError> {
        Ok(PoolInfos::<T>::get(pool).ok_or(Error::<T>::UnknownPool)?.terms)
    }

    /// The pool as it is now, after everything that is due has happened.
    pub fn synced(pool: PoolId) -> Result<Pool, DispatchError> {
        Ok(Self::sync_now(pool)?.pool)
    }

    /// Syncs a pool, and stores it.
    pub(crate) fn sync_now(id: PoolId) -> Result<PoolState, DispatchError> {
        let (state, dissipated) = Self::sync_to_now(id)?;
        Self::burn_in_pool(id, dissipated)?;
        Pools::<T>::insert(id, &state);
        Ok(state)
    }

    /// As [`sync_to`](Self::sync_to), for the present moment.
    fn sync_to_now(id: PoolId) -> Result<(PoolState, u128), DispatchError> {
        let state = Pools::<T>::get(id).ok_or(Error::<T>::UnknownPool)?;
        Self::sync_to(id, state, Self::now())
    }

    /// Syncs a pool up to a moment that it has not passed. The caller burns the hour tokens returned, and stores the pool.
    fn sync_to(id: PoolId, mut state: PoolState, moment: Moment) -> Result<(PoolState, u128), DispatchError> {
        if state.pool.updated_at == 0 {
            state.pool.begin(moment);
            PoolInfos::<T>::mutate(id, |info| {
                if let Some(info) = info {
                    info.created_at = moment;
                }
            });
        }
        let synced = state
            .pool
            .sync(moment, &mut StoredAgenda::<T>::of(id))
            .map_err(Error::<T>::from)?;
        Self::meter(&synced);
        if let Some(mark) = synced.hour {
            PriceMarks::<T>::insert(id, mark.hour % MARKED_HOURS, mark);
        }
        state.owed = state
            .owed
            .checked_add(synced.streamed)
            .ok_or(Error::<T>::Overflow)?;
        if synced.dissipated_gpu_seconds > 0 || synced.streamed > 0 || synced.minutes > 0 {
            Self::deposit_event(Event::Synced {
                pool: id,
                moment: state.pool.updated_at,
                dissipated_gpu_seconds: synced.dissipated_gpu_seconds,
                streamed: synced.streamed,
            });
        }
        Ok((state, synced.dissipated_gpu_seconds))
    }

    /// Syncs a pool, changes its reserves, and adapts the hour tokens in its account to both: `hours`
    /// says what the change does to them.
    pub(crate) fn change<R>(
        id: PoolId,
        change: impl FnOnce(&mut PoolState, &mut StoredAgenda<T>) -> Result<R, MathError>,
        hours: impl FnOnce(&R) -> HoursChange,
    ) -> Result<R, DispatchError> {
        let (mut state, dissipated) = Self::sync_to_now(id)?;
        let result = change(&mut state, &mut StoredAgenda::of(id)).map_err(Error::<T>::from)?;
        Self::change_in_pool(id, dissipated, hours(&result))?;
        Self::deposit_event(Event::ReservesChanged {
            pool: id,
            reserve: state.pool.reserve,
            gpu_seconds: state.pool.gpu_seconds,
            price_per_gpu_hour: state.pool.price_per_gpu_hour(),
        });
        Pools::<T>::insert(id, state);
        Ok(result)
    }

    /// Marks the pool at the moment `at`, or at the moment that it has reached, if that is later. `at` must not lie in
    /// the future. Also returns the mean price since the last mark, in planck for a GPU-hour, which is the present one if
    /// no time has passed.
    pub fn mark(
        id: PoolId,
        at: Moment,
        since: Option<&PoolMark>,
    ) -> Result<(PoolMark, Balance), DispatchError> {
        let mut state = Pools::<T>::get(id).ok_or(Error::<T>::UnknownPool)?;
        if state.pool.updated_at < at {
            let (synced, dissipated) = Self::sync_to(id, state, at)?;
            Self::burn_in_pool(id, dissipated)?;
            Pools::<T>::insert(id, &synced);
            state = synced;
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
}

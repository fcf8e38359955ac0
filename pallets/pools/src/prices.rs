//! Mean prices over any time, from the hourly marks.
//!
//! Those that are asked for sync pools, which is of no consequence in a runtime API, whose changes are dropped.

use crate::{Config, Error, MARKED_HOURS, MeanPrice, Pallet, PoolInfos, PriceMarks, stored_agenda::key};
use alloc::vec::Vec;
use frame_support::ensure;
use loopin_math::{
    PriceMark,
    time::{HOUR, hour_of},
};
use loopin_primitives::{Moment, PoolId};
use sp_runtime::DispatchError;

/// A moment of which a pool knows what mean prices are computed from.
#[derive(Clone, Copy)]
struct Known {
    moment: Moment,
    mark: PriceMark,
}

impl<T: Config> Pallet<T> {
    /// The mean price of the pool between two moments, or an error if no time lies between the marks that there are of them.
    pub fn mean_price(pool: PoolId, from: Moment, until: Moment) -> Result<MeanPrice, DispatchError> {
        ensure!(from < until, Error::<T>::InvalidTime);
        let known = Self::known_moments(pool)?;
        let first = nearest(&known, from).ok_or(Error::<T>::InvalidTime)?;
        let last = nearest(&known, until).ok_or(Error::<T>::InvalidTime)?;
        let now = Self::now();
        mean::<T>(
            first,
            last,
            falls_short(first, from, now) || falls_short(last, until, now),
        )
    }

    /// The mean prices of the pool from one known moment to the next, for all that lie between the two, or are the nearest
    /// to them. Usually that is an hour each; where it is more, nobody has synced the pool.
    pub fn price_chart(pool: PoolId, from: Moment, until: Moment) -> Result<Vec<MeanPrice>, DispatchError> {
        ensure!(from < until, Error::<T>::InvalidTime);
        let known = Self::known_moments(pool)?;
        let first = nearest(&known, from).ok_or(Error::<T>::InvalidTime)?;
        let shown: Vec<Known> = known
            .into_iter()
            .filter(|known| (first.moment..=until).contains(&known.moment))
            .collect();
        shown
            .iter()
            .zip(shown.iter().skip(1))
            .map(|(first, last)| mean::<T>(*first, *last, last.moment.saturating_sub(first.moment) > HOUR))
            .collect()
    }

    /// What a mean price since the beginning of the hour of that moment is computed from; since the beginning of the pool, if
    /// that hour was not marked.
    pub(crate) fn mark_of(pool: PoolId, moment: Moment) -> PriceMark {
        let hour = key(hour_of(moment));
        PriceMarks::<T>::get(pool, hour % MARKED_HOURS)
            .filter(|mark| mark.hour == hour)
            .map(|mark| mark.mark)
            .unwrap_or_default()
    }

    /// Everything that is known of the pool, in order: its beginning, the marks that are kept, and the present.
    fn known_moments(pool: PoolId) -> Result<Vec<Known>, DispatchError> {
        let state = Self::synced(pool)?;
        let began = PoolInfos::<T>::get(pool)
            .ok_or(Error::<T>::UnknownPool)?
            .created_at;
        let mut known: Vec<Known> = (0..MARKED_HOURS)
            .filter_map(|key| PriceMarks::<T>::get(pool, key))
            .map(|mark| Known {
                moment: u64::from(mark.hour).saturating_mul(HOUR),
                mark: mark.mark,
            })
            .collect();
        known.push(Known {
            moment: began,
            mark: PriceMark::default(),
        });
        known.push(Known {
            moment: state.updated_at,
            mark: state.price_mark(),
        });
        known.sort_unstable_by_key(|known| known.moment);
        // Now may be a whole hour.
        known.dedup_by_key(|known| known.moment);
        Ok(known)
    }
}

/// The last known moment that is no later than the one asked for; before the beginning of the pool, that.
fn nearest(known: &[Known], moment: Moment) -> Option<Known> {
    let earlier = known.iter().rev().find(|known| known.moment <= moment);
    earlier.or(known.first()).copied()
}

/// Whether a known moment is of an earlier hour than the one asked for, which may lie in the future.
fn falls_short(known: Known, asked: Moment, now: Moment) -> bool {
    hour_of(known.moment) < hour_of(asked.min(now))
}

fn mean<T: Config>(first: Known, last: Known, has_gap: bool) -> Result<MeanPrice, DispatchError> {
    let price_per_gpu_hour = last
        .mark
        .mean_price_per_gpu_hour(&first.mark)
        .map_err(Error::<T>::from)?
        .ok_or(Error::<T>::InvalidTime)?;
    Ok(MeanPrice {
        from: first.moment,
        until: last.moment,
        price_per_gpu_hour,
        has_gap,
    })
}

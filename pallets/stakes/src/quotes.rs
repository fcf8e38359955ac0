//! What committing time would cost or bring, and which devices fit a rental best.
//!
//! These bring pools up to date, which is of no consequence in a runtime API, whose changes are dropped. They do
//! not ask who would call, or whether that account could pay.

use crate::{Config, Error, Intent, Pallet, PositionOf, Positions};
use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use loopin_primitives::{Balance, DeviceId, Market, Moment, PoolId, PositionId, Rented, Supply, TradeQuote};
use sp_runtime::DispatchError;

/// Positions that the search for devices looks at, at most: a question must not keep a node busy for long.
pub const POSITIONS_SEARCHED: usize = 100_000;

impl<T: Config> Pallet<T> {
    /// What [`burn_for_certificate`](crate::Call::burn_for_certificate) would burn now, planck.
    pub fn quote_certificate(pool: PoolId, gpu_seconds: u128) -> Result<Balance, DispatchError> {
        ensure!(gpu_seconds > 0, Error::<T>::NoGpuSeconds);
        Ok(T::CertificateBurn::get().mul_ceil(Self::value_of(pool, gpu_seconds)?))
    }

    /// What [`add_liquidity`](crate::Call::add_liquidity) would cost now, planck.
    pub fn quote_add_liquidity(position: PositionId) -> Result<Balance, DispatchError> {
        let position = Self::quotable(position, Intent::Provide)?;
        ensure!(
            position.state == crate::PositionState::Staked,
            Error::<T>::AlreadyProviding
        );
        Self::value_of(
            position.pool,
            position.end.saturating_sub(T::Market::now()).into(),
        )
    }

    /// What [`sell_hours`](crate::Call::sell_hours) would bring now.
    pub fn quote_sell(position: PositionId, gpu_seconds: u64) -> Result<TradeQuote, DispatchError> {
        let position = Self::quotable(position, Intent::Sell)?;
        let now = T::Market::now();
        let (from, until) = Self::time_to_sell(&position, now, gpu_seconds)?;
        let start = from.unwrap_or(now);
        T::Market::quote_sell(position.pool, until.saturating_sub(start).into(), until)
    }

    /// Devices of the pool that can be rented until `until`, so many of them at most: those first whose time in
    /// the pool ends soonest, so that the others remain for longer rentals.
    ///
    /// It looks at [`POSITIONS_SEARCHED`] positions at most.
    pub fn best_fitting_devices(pool: PoolId, until: Moment, count: u32) -> Vec<DeviceId> {
        let mut found: Vec<(Moment, DeviceId)> = Positions::<T>::iter_values()
            .take(POSITIONS_SEARCHED)
            .filter(|position| position.pool == pool && position.end >= until)
            .filter(|position| T::Rented::rented_until(position.device).is_none())
            .filter_map(|position| {
                let available_until = Self::available_until(pool, position.device).ok()?;
                (available_until >= until).then_some((available_until, position.device))
            })
            .collect();
        found.sort_unstable();
        found.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        found.into_iter().map(|(_, device)| device).collect()
    }

    fn quotable(position: PositionId, intent: Intent) -> Result<PositionOf<T>, DispatchError> {
        let owner = Self::position(position)?.owner;
        Self::committable(&owner, position, intent)
    }
}

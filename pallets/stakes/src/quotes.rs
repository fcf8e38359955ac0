//! What committing time would cost or bring.
//!
//! These sync pools, which is of no consequence in a runtime API, whose changes are dropped. They do not ask who would
//! call, or whether that account could pay.

use crate::{Config, Error, Intent, Pallet, PositionOf, PositionState};
use frame_support::{ensure, traits::Get};
use loopin_primitives::{Balance, PoolId, PositionId};
use pallet_pools::{Pallet as Pools, TradeQuote};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
    /// What [`burn_for_certificate`](crate::Call::burn_for_certificate) would burn now, in planck.
    pub fn quote_certificate(pool: PoolId, gpu_seconds: u128) -> Result<Balance, DispatchError> {
        ensure!(gpu_seconds > 0, Error::<T>::NoGpuSeconds);
        Ok(T::CertificateBurn::get().mul_ceil(Self::value_of(pool, gpu_seconds)?))
    }

    /// What [`add_liquidity`](crate::Call::add_liquidity) would cost now, in planck.
    pub fn quote_add_liquidity(position: PositionId) -> Result<Balance, DispatchError> {
        let position = Self::quotable(position, Intent::Provide)?;
        ensure!(
            position.state == PositionState::Staked,
            Error::<T>::LiquidityAlreadyAdded
        );
        let gpu_seconds = position.end.saturating_sub(Pools::<T>::now());
        Self::value_of(position.pool, gpu_seconds.into())
    }

    /// What [`sell_hours`](crate::Call::sell_hours) would bring now.
    pub fn quote_sell(position: PositionId, gpu_seconds: u64) -> Result<TradeQuote, DispatchError> {
        let position = Self::quotable(position, Intent::Sell)?;
        let now = Pools::<T>::now();
        let (from, until) = Self::time_to_sell(&position, now, gpu_seconds)?;
        let start = from.unwrap_or(now);
        Pools::<T>::quote_sell(position.pool, until.saturating_sub(start).into(), until)
    }

    fn quotable(position: PositionId, intent: Intent) -> Result<PositionOf<T>, DispatchError> {
        let owner = Self::position(position)?.owner;
        Self::committable(&owner, position, intent)
    }
}

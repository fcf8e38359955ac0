//! What streams from a pool to a provider, and what a position is worth.

use crate::{Config, Error, Event, Liquidity, Pallet, PositionOf, PositionState, PositionValue, Positions};
use frame_support::{ensure, weights::Weight};
use loopin_math::{Pool, U256};
use loopin_primitives::{Balance, LiquidityHooks, Moment, PoolId, PositionId, TenancyHooks};
use pallet_pools::Pallet as Pools;
use sp_runtime::{ArithmeticError, DispatchError};

impl<T: Config> Pallet<T> {
    /// Pays the owner what has streamed since the last time, and the rewards that are due. Returns what the rewards
    /// have cost.
    pub(crate) fn do_claim(id: PositionId) -> Result<Weight, DispatchError> {
        let mut position = Self::position(id)?;
        let PositionState::Providing(liquidity) = &mut position.state else {
            return Err(Error::<T>::NoLiquidity.into());
        };
        let (amount, stream_index) = Self::streamed(position.pool, position.end, liquidity)?;
        let owner = position.owner.clone();
        // Rewards look at all that the owner has, so what is no longer in the pool has to be in the owner's account.
        if amount > 0 {
            Pools::<T>::pay(position.pool, &owner, amount)?;
            T::LiquidityHooks::liquidity_streamed(id, position.device, amount);
        }
        let (rewards, rewards_weight) = T::LiquidityHooks::pay_rewards(&owner, position.device);
        ensure!(amount > 0 || rewards > 0, Error::<T>::NothingToClaim);
        liquidity.stream_index = stream_index;
        liquidity.claimed = liquidity
            .claimed
            .checked_add(amount)
            .ok_or(ArithmeticError::Overflow)?;
        Positions::<T>::insert(id, position);
        Self::deposit_event(Event::Claimed {
            position: id,
            owner,
            amount,
        });
        Ok(rewards_weight.saturating_add(T::LiquidityHooks::change_weight()))
    }

    /// What has streamed to a position that ends or ended at `end` and has not been claimed, and the stream index up to
    /// which that is.
    pub(crate) fn streamed(
        pool: PoolId,
        end: Moment,
        liquidity: &Liquidity,
    ) -> Result<(Balance, U256), DispatchError> {
        let stream_index = Pools::<T>::stream_index(pool, end)?;
        let streamed = Pool::streamed_to(liquidity.share_rate, liquidity.stream_index, stream_index)
            .map_err(|_| ArithmeticError::Overflow)?;
        Ok((streamed, stream_index))
    }

    /// What the position is worth now, or nothing if there is no such position.
    ///
    /// This syncs the pool, which is of no consequence in a runtime API, whose changes are dropped.
    pub fn position_value(id: PositionId) -> Option<PositionValue> {
        let position = Positions::<T>::get(id)?;
        let now = Pools::<T>::now();
        let mut value = PositionValue {
            streamed_unclaimed: 0,
            claimed: 0,
            returned_if_withdrawn: 0,
            exit_fee: 0,
            maintenance_fee: position.maintenance_fee,
            collateral: position.collateral,
            deposit: position.deposit,
            uncommitted_gpu_seconds: uncommitted_at::<T>(&position, now),
            rented_until: T::TenancyHooks::rented_until(position.device),
        };
        if let PositionState::Providing(liquidity) = &position.state {
            value.claimed = liquidity.claimed;
            (value.streamed_unclaimed, _) = Self::streamed(position.pool, position.end, liquidity).ok()?;
            if now < position.end {
                let returned = Pools::<T>::synced(position.pool)
                    .ok()?
                    .quote_remove_liquidity(
                        &liquidity.until(position.end),
                        &liquidity.contribution(),
                        liquidity.gpu_seconds,
                        value.rented_until,
                    )
                    .ok()?;
                (value.returned_if_withdrawn, value.exit_fee) = Self::less_exit_fee(returned);
            }
        }
        Some(value)
    }
}

/// GPU-seconds until the end of the stake that the pool does not have, not including those that have run off.
fn uncommitted_at<T: Config>(position: &PositionOf<T>, now: Moment) -> u128 {
    position
        .uncommitted_gpu_seconds
        .min(u128::from(position.end.saturating_sub(now)))
}

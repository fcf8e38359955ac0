//! What streams from a pool to a provider, and what a position is worth.

use crate::{Config, Error, Event, Pallet, PositionOf, PositionState, PositionValue, Positions, Provision};
use frame_support::{ensure, traits::Get, weights::Weight};
use loopin_math::{Pool, U256};
use loopin_primitives::{Balance, Market, Moment, PoolId, PositionId, ProviderRewards, Rented};
use sp_runtime::{ArithmeticError, DispatchError};

impl<T: Config> Pallet<T> {
    /// Pays the owner what has streamed since the last time, and the rewards that are due. Returns what the rewards
    /// have cost.
    pub(crate) fn do_claim(id: PositionId) -> Result<Weight, DispatchError> {
        let mut position = Self::position(id)?;
        let PositionState::Providing(provision) = &mut position.state else {
            return Err(Error::<T>::NotProviding.into());
        };
        let (amount, stream_index) = Self::streamed(position.pool, position.end, provision)?;
        let owner = position.owner.clone();
        // Rewards look at all that the owner has, so what is not in the pool any more has to be in its account.
        if amount > 0 {
            T::Market::pay(position.pool, &owner, amount)?;
            T::Rewards::streamed_back(id, position.device, amount);
        }
        let (rewards, rewards_weight) = T::Rewards::pay(&owner, position.device);
        ensure!(amount > 0 || rewards > 0, Error::<T>::NothingToClaim);
        provision.stream_index = stream_index;
        provision.claimed = provision
            .claimed
            .checked_add(amount)
            .ok_or(ArithmeticError::Overflow)?;
        Positions::<T>::insert(id, position);
        Self::deposit_event(Event::Claimed {
            position: id,
            owner,
            amount,
        });
        Ok(rewards_weight.saturating_add(T::Rewards::change_weight()))
    }

    /// What has streamed to a position that ends or ended at `end` and is not claimed yet, and the stream index
    /// up to which that is.
    pub(crate) fn streamed(
        pool: PoolId,
        end: Moment,
        provision: &Provision,
    ) -> Result<(Balance, U256), DispatchError> {
        let stream_index = T::Market::stream_index(pool, end)?;
        let streamed = Pool::streamed_to(provision.share_rate, provision.stream_index, stream_index)
            .map_err(|_| ArithmeticError::Overflow)?;
        Ok((streamed, stream_index))
    }

    /// What the position is worth now, or nothing where there is no such position.
    ///
    /// This brings the pool up to date, which is of no consequence in a runtime API, whose changes are dropped.
    pub fn position_value(id: PositionId) -> Option<PositionValue> {
        let position = Positions::<T>::get(id)?;
        let now = T::Market::now();
        let mut value = PositionValue {
            streamed_unclaimed: 0,
            claimed: 0,
            returned_if_withdrawn: 0,
            exit_fee: 0,
            maintenance_fee: position.maintenance_fee,
            collateral: position.collateral,
            deposit: position.deposit,
            uncommitted_gpu_seconds: uncommitted_at::<T>(&position, now),
            rented_until: T::Rented::rented_until(position.device),
        };
        if let PositionState::Providing(provision) = &position.state {
            value.claimed = provision.claimed;
            (value.streamed_unclaimed, _) = Self::streamed(position.pool, position.end, provision).ok()?;
            if now < position.end {
                let returned = T::Market::synced(position.pool)
                    .ok()?
                    .quote_leave(
                        &provision.provided(position.end),
                        provision.paid,
                        provision.gpu_seconds,
                        value.rented_until,
                    )
                    .ok()?;
                value.exit_fee = T::ExitFee::get().mul_ceil(returned);
                value.returned_if_withdrawn = returned.saturating_sub(value.exit_fee);
            }
        }
        Some(value)
    }
}

/// GPU-seconds until the end of the stake that the pool does not have, those that have run off not included.
fn uncommitted_at<T: Config>(position: &PositionOf<T>, now: Moment) -> u128 {
    position
        .uncommitted_gpu_seconds
        .min(u128::from(position.end.saturating_sub(now)))
}

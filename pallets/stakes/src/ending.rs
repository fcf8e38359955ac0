//! How a position ends in good order: withdrawn early, or closed after its end.

use crate::{
    Config, Error, Event, HoldReason, Pallet, PositionOf, PositionState, Positions, StakeOf, StakeTokens,
};
use frame_support::{ensure, traits::Get, weights::Weight};
use loopin_primitives::{
    Balance, BurnLog, BurnReason, DeviceId, Devices, Market, PositionId, ProviderRewards, Rented, Standing,
};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Refuses rentals of the device of `who`, or admits them again.
    pub(crate) fn do_set_draining(who: &T::AccountId, device: DeviceId, draining: bool) -> DispatchResult {
        let id = StakeOf::<T>::get(device).ok_or(Error::<T>::NotInPool)?;
        let mut position = Self::position_of(who, id)?;
        let PositionState::Providing(provision) = &mut position.state else {
            return Err(Error::<T>::NotProviding.into());
        };
        ensure!(T::Market::now() < position.end, Error::<T>::StakeOver);
        let event = if draining {
            ensure!(!provision.draining, Error::<T>::AlreadyDraining);
            Event::Draining { position: id, device }
        } else {
            ensure!(provision.draining, Error::<T>::NotDraining);
            Event::DrainingEnded { position: id, device }
        };
        provision.draining = draining;
        Positions::<T>::insert(id, position);
        Self::deposit_event(event);
        Ok(())
    }

    /// Takes the device and the liquidity of `who` out of the pool. Returns what paying rewards has cost.
    pub(crate) fn do_withdraw_liquidity(
        who: &T::AccountId,
        id: PositionId,
        min_returned: Balance,
    ) -> Result<Weight, DispatchError> {
        let mut position = Self::position_of(who, id)?;
        let PositionState::Providing(provision) = position.state.clone() else {
            return Err(Error::<T>::NotProviding.into());
        };
        ensure!(T::Market::now() < position.end, Error::<T>::StakeOver);
        Self::ensure_not_suspended(position.device)?;
        ensure!(
            T::Rented::rented_until(position.device).is_none(),
            Error::<T>::DeviceRented
        );

        let (streamed, _) = Self::streamed(position.pool, position.end, &provision)?;
        let left = T::Market::leave(
            position.pool,
            &provision.provided(position.end),
            provision.paid,
            provision.gpu_seconds,
            None,
        )?;
        let exit_fee = T::ExitFee::get().mul_ceil(left.returned);
        let paid_out = left.returned.saturating_sub(exit_fee);
        // Nothing comes back where the pool would lose by letting the device go: see `Pool::quote_leave`.
        ensure!(
            left.returned > 0 && paid_out >= min_returned,
            Error::<T>::ReturnedBelowMinimum
        );
        Self::finish(id, &mut position)?;
        Self::burn_owed(&position, BurnReason::ExitFee, exit_fee)?;
        Self::pay_owner(&position, streamed, paid_out)?;
        let rewards_weight = Self::pay_rewards(&position);
        Self::deposit_event(Event::LiquidityWithdrawn {
            position: id,
            owner: position.owner,
            device: position.device,
            streamed,
            returned: left.returned,
            exit_fee,
            gpu_seconds: left.gpu_seconds,
            deposit: position.deposit,
        });
        Ok(rewards_weight)
    }

    /// Closes a position whose stake is over. Returns what had become of its time, and what paying rewards has cost.
    pub(crate) fn do_close(id: PositionId) -> Result<(PositionState, Weight), DispatchError> {
        let mut position = Self::position(id)?;
        ensure!(T::Market::now() >= position.end, Error::<T>::StakeNotOver);
        Self::ensure_not_suspended(position.device)?;

        let streamed = Self::end_stream(&position)?;
        let retired = Self::finish(id, &mut position)?;
        Self::pay_owner(&position, streamed, 0)?;
        let rewards_weight = Self::pay_rewards(&position);
        Self::deposit_event(Event::Closed {
            position: id,
            owner: position.owner,
            device: position.device,
            streamed,
            maintenance_fee: position.maintenance_fee,
            collateral: position.collateral,
            deposit: position.deposit,
            retired_gpu_seconds: retired,
        });
        Ok((position.state, rewards_weight))
    }

    /// What is still owed to a position whose stake is over. The pool need not remember it any more.
    pub(crate) fn end_stream(position: &PositionOf<T>) -> Result<Balance, DispatchError> {
        let PositionState::Providing(provision) = &position.state else {
            return Ok(0);
        };
        let (streamed, _) = Self::streamed(position.pool, position.end, provision)?;
        T::Market::forget_ending(position.pool, position.end)?;
        Ok(streamed)
    }

    /// Removes the position: its stake token, its hour tokens, everything it has on hold, and what binds the
    /// device. Returns how many hour tokens are destroyed.
    ///
    /// Deposit first: it is at least the existential deposit, so whatever else is released or paid to the owner
    /// finds an account.
    pub(crate) fn finish(id: PositionId, position: &mut PositionOf<T>) -> Result<u128, DispatchError> {
        let owner = position.owner.clone();
        Self::release(HoldReason::PositionDeposit, &owner, position.deposit)?;
        Self::release(HoldReason::MaintenanceFee, &owner, position.maintenance_fee)?;
        Self::release(HoldReason::SaleCollateral, &owner, position.collateral)?;
        let retired = Self::retire_down_to(position, 0)?;
        T::StakeTokens::burn(Self::collection_of(position.pool)?, id)?;
        T::Devices::set_staked(position.device, false)?;
        if matches!(position.state, PositionState::Providing(_)) {
            T::Rewards::provision_ended(id, position.device);
        }
        StakeOf::<T>::remove(position.device);
        Positions::<T>::remove(id);
        Ok(retired)
    }

    /// Pays the owner what the pool owes: one part for the stream, the other for the shares.
    pub(crate) fn pay_owner(
        position: &PositionOf<T>,
        streamed: Balance,
        returned: Balance,
    ) -> DispatchResult {
        for amount in [streamed, returned] {
            if amount > 0 {
                T::Market::pay(position.pool, &position.owner, amount)?;
            }
        }
        Ok(())
    }

    /// Pays the owner of a position that is over the rewards that are due. Returns what that has cost.
    fn pay_rewards(position: &PositionOf<T>) -> Weight {
        match position.state {
            PositionState::Providing(_) => {
                let (_, weight) = T::Rewards::pay(&position.owner, position.device);
                weight.saturating_add(T::Rewards::change_weight())
            }
            PositionState::Staked | PositionState::Selling(_) => Weight::zero(),
        }
    }

    /// Burns part of what the pool owes.
    pub(crate) fn burn_owed(position: &PositionOf<T>, reason: BurnReason, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        T::Burns::burned(reason, amount);
        T::Market::burn_owed(position.pool, amount)
    }

    fn ensure_not_suspended(device: DeviceId) -> DispatchResult {
        ensure!(
            Self::standing(device) != Standing::Suspended,
            Error::<T>::DeviceSuspended
        );
        Ok(())
    }
}

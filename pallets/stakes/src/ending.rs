//! How a position ends in good order: withdrawn early, or closed after its end.

use crate::{
    Config, Error, Event, HoldReason, Liquidity, Pallet, PositionOf, PositionState, Positions, StakeOf,
};
use frame_support::{ensure, traits::Get, weights::Weight};
use loopin_math::RemovedLiquidity;
use loopin_primitives::{
    Balance, BurnReason, DeviceId, LiquidityHooks, Moment, OnBurn, PositionId, Standing, TenancyHooks,
};
use pallet_devices::Pallet as Devices;
use pallet_pools::Pallet as Pools;
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Refuses rentals of the device of `who`, or admits them again.
    pub(crate) fn do_set_draining(who: &T::AccountId, device: DeviceId, draining: bool) -> DispatchResult {
        let id = StakeOf::<T>::get(device).ok_or(Error::<T>::NotInPool)?;
        let mut position = Self::position_of(who, id)?;
        let PositionState::Providing(liquidity) = &mut position.state else {
            return Err(Error::<T>::NoLiquidity.into());
        };
        ensure!(Pools::<T>::now() < position.end, Error::<T>::StakeOver);
        let event = if draining {
            ensure!(!liquidity.draining, Error::<T>::AlreadyDraining);
            Event::Draining { position: id, device }
        } else {
            ensure!(liquidity.draining, Error::<T>::NotDraining);
            Event::DrainingEnded { position: id, device }
        };
        liquidity.draining = draining;
        Positions::<T>::insert(id, position);
        T::LiquidityHooks::drained(id, device, draining);
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
        let PositionState::Providing(liquidity) = position.state.clone() else {
            return Err(Error::<T>::NoLiquidity.into());
        };
        ensure!(Pools::<T>::now() < position.end, Error::<T>::StakeOver);
        Self::ensure_not_suspended(position.device)?;
        ensure!(
            T::TenancyHooks::rented_until(position.device).is_none(),
            Error::<T>::DeviceRented
        );

        let (streamed, removed) = Self::remove_liquidity(&position, &liquidity, None)?;
        let (paid_out, exit_fee) = Self::less_exit_fee(removed.returned);
        // Nothing comes back if the pool would lose by letting the device go: see `Pool::quote_remove_liquidity`.
        ensure!(
            removed.returned > 0 && paid_out >= min_returned,
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
            returned: removed.returned,
            exit_fee,
            gpu_seconds: removed.gpu_seconds,
            deposit: position.deposit,
        });
        Ok(rewards_weight)
    }

    /// Takes the liquidity of a position out of its pool before its end. Returns what had streamed to it, and what the
    /// removal comes to. If the device was rented, `rented_until` says until when.
    pub(crate) fn remove_liquidity(
        position: &PositionOf<T>,
        liquidity: &Liquidity,
        rented_until: Option<Moment>,
    ) -> Result<(Balance, RemovedLiquidity), DispatchError> {
        let (streamed, _) = Self::streamed(position.pool, position.end, liquidity)?;
        let removed = Pools::<T>::remove_liquidity(
            position.pool,
            &liquidity.until(position.end),
            &liquidity.contribution(),
            liquidity.gpu_seconds,
            rented_until,
        )?;
        Ok((streamed, removed))
    }

    /// What an early withdrawal pays out of what the liquidity returns, and the rest, the exit fee.
    pub(crate) fn less_exit_fee(returned: Balance) -> (Balance, Balance) {
        let exit_fee = T::ExitFee::get().mul_ceil(returned);
        (returned.saturating_sub(exit_fee), exit_fee)
    }

    /// Closes a position whose stake is over. Returns what had become of its time, and what paying rewards has cost.
    pub(crate) fn do_close(id: PositionId) -> Result<(PositionState, Weight), DispatchError> {
        let mut position = Self::position(id)?;
        ensure!(Pools::<T>::now() >= position.end, Error::<T>::StakeNotOver);
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
        let PositionState::Providing(liquidity) = &position.state else {
            return Ok(0);
        };
        let (streamed, _) = Self::streamed(position.pool, position.end, liquidity)?;
        Pools::<T>::forget_ending(position.pool, position.end)?;
        Ok(streamed)
    }

    /// Removes the position: its stake token, its hour tokens, everything it has on hold, and what binds the
    /// device. Returns how many hour tokens are destroyed.
    ///
    /// The deposit comes first: it is at least the existential deposit, so whatever else is released or paid to the owner
    /// finds an account.
    pub(crate) fn finish(id: PositionId, position: &mut PositionOf<T>) -> Result<u128, DispatchError> {
        let owner = position.owner.clone();
        Self::release(HoldReason::PositionDeposit, &owner, position.deposit)?;
        Self::release(HoldReason::MaintenanceFee, &owner, position.maintenance_fee)?;
        Self::release(HoldReason::SaleCollateral, &owner, position.collateral)?;
        let retired = Self::retire_down_to(position, 0)?;
        Self::burn_stake_token(position.pool, id)?;
        Devices::<T>::set_staked(position.device, false)?;
        if matches!(position.state, PositionState::Providing(_)) {
            T::LiquidityHooks::liquidity_ended(id, position.device);
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
        Pools::<T>::pay(position.pool, &position.owner, streamed)?;
        Pools::<T>::pay(position.pool, &position.owner, returned)?;
        if matches!(position.state, PositionState::Providing(_)) {
            T::LiquidityHooks::liquidity_returned(&position.owner, streamed.saturating_add(returned));
        }
        Ok(())
    }

    /// Pays the owner of a position that is over the rewards that are due. Returns what that has cost.
    fn pay_rewards(position: &PositionOf<T>) -> Weight {
        match position.state {
            PositionState::Providing(_) => {
                let (_, weight) = T::LiquidityHooks::pay_rewards(&position.owner, position.device);
                weight.saturating_add(T::LiquidityHooks::change_weight())
            }
            PositionState::Staked | PositionState::Selling(_) => Weight::zero(),
        }
    }

    /// Burns part of what the pool owes.
    pub(crate) fn burn_owed(position: &PositionOf<T>, reason: BurnReason, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        T::OnBurn::burned(reason, amount);
        Pools::<T>::burn_owed(position.pool, amount)
    }

    fn ensure_not_suspended(device: DeviceId) -> DispatchResult {
        ensure!(
            Self::standing(device) != Standing::Suspended,
            Error::<T>::DeviceSuspended
        );
        Ok(())
    }
}

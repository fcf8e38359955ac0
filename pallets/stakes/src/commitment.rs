//! Committing the time of a staked device: as liquidity, or by selling it.

use crate::{
    Config, Error, Event, HoldReason, Intent, Liquidity, Pallet, PositionOf, PositionState, Positions, Sale,
};
use frame_support::{ensure, traits::Get};
use loopin_math::time::scheduled_end;
use loopin_primitives::{Balance, LiquidityHooks, Moment, PositionId, Standing};
use pallet_pools::Pallet as Pools;
use sp_runtime::{
    ArithmeticError, DispatchError, DispatchResult, FixedPointNumber, FixedU128, Rounding,
    helpers_128bit::multiply_by_rational_with_rounding,
};

impl<T: Config> Pallet<T> {
    /// Adds all the time that is left of the position to its pool, with LOOPIN of its owner, `who`.
    pub(crate) fn do_add_liquidity(
        who: &T::AccountId,
        id: PositionId,
        max_loopin: Balance,
    ) -> DispatchResult {
        let mut position = Self::committable(who, id, Intent::Provide)?;
        ensure!(
            position.state == PositionState::Staked,
            Error::<T>::LiquidityAlreadyAdded
        );

        let retired = Self::retire_down_to(&mut position, 0)?;
        let gpu_seconds = position.end.saturating_sub(Pools::<T>::now());
        let cost = Self::value_of(position.pool, gpu_seconds.into())?;
        T::LiquidityHooks::fund_liquidity(who, cost.min(max_loopin));
        let added = Pools::<T>::add_liquidity(position.pool, who, position.end, max_loopin)?;
        T::LiquidityHooks::liquidity_added(id, who, position.device, position.pool, position.end, added.paid);
        position.state = PositionState::Providing(Liquidity {
            share_rate: added.share_rate,
            paid: added.paid,
            retention: added.contribution.retention,
            gpu_seconds: added.gpu_seconds,
            stream_index: added.stream_index,
            claimed: 0,
            draining: false,
        });
        Positions::<T>::insert(id, position);
        Self::deposit_event(Event::LiquidityAdded {
            position: id,
            gpu_seconds: added.gpu_seconds,
            paid: added.paid,
            share_rate: added.share_rate,
            retired_gpu_seconds: retired,
        });
        Ok(())
    }

    /// Sells time of the position, whose owner `who` is: from now, or after what has been sold already.
    pub(crate) fn do_sell_hours(
        who: &T::AccountId,
        id: PositionId,
        gpu_seconds: u64,
        min_proceeds: Balance,
    ) -> DispatchResult {
        let mut position = Self::committable(who, id, Intent::Sell)?;
        let now = Pools::<T>::now();
        let running = Self::running_sale(&position, now).cloned();
        let (from, until) = Self::time_to_sell(&position, now, gpu_seconds)?;
        let uncommitted = u128::from(position.end.saturating_sub(until));
        let retired = Self::retire_down_to(&mut position, uncommitted)?;
        let trade = Pools::<T>::sell(position.pool, who, from, until, min_proceeds)?;
        let collateral = Self::collateral_for(trade.amount)?;
        Self::hold(HoldReason::SaleCollateral, who, collateral)?;
        position.collateral = add(position.collateral, collateral)?;
        position.state = PositionState::Selling(Self::sale(running, until, trade.gpu_seconds, trade.amount)?);
        Positions::<T>::insert(id, position);
        Self::deposit_event(Event::HoursSold {
            position: id,
            gpu_seconds: trade.gpu_seconds,
            amount: trade.amount,
            fee: trade.fee,
            collateral,
            sold_until: until,
            retired_gpu_seconds: retired,
        });
        Ok(())
    }

    /// What `sell_hours` of that many GPU-seconds sells: from when, if the pool already has the device until then, and
    /// until when.
    pub(crate) fn time_to_sell(
        position: &PositionOf<T>,
        now: Moment,
        gpu_seconds: u64,
    ) -> Result<(Option<Moment>, Moment), DispatchError> {
        ensure!(gpu_seconds > 0, Error::<T>::NoGpuSeconds);
        let from = Self::running_sale(position, now).map(|sale| sale.sold_until);
        let start = from.unwrap_or(now);
        let left = position.end.saturating_sub(start);
        ensure!(left > 0, Error::<T>::AllTimeSold);
        // Not after the end of the stake, which is a whole minute.
        let until = scheduled_end(start, gpu_seconds.min(left)).map_err(|_| ArithmeticError::Overflow)?;
        Ok((from, until))
    }

    /// The sale because of which the pool has the device now.
    fn running_sale(position: &PositionOf<T>, now: Moment) -> Option<&Sale> {
        match &position.state {
            PositionState::Selling(sale) if now < sale.sold_until => Some(sale),
            _ => None,
        }
    }

    /// The position of `who`, if its time may be committed in the way that was intended.
    pub(crate) fn committable(
        who: &T::AccountId,
        id: PositionId,
        intent: Intent,
    ) -> Result<PositionOf<T>, DispatchError> {
        let position = Self::position_of(who, id)?;
        ensure!(position.intent == intent, Error::<T>::WrongIntent);
        ensure!(Pools::<T>::now() < position.end, Error::<T>::StakeOver);
        ensure!(
            Self::standing(position.device) == Standing::Verified,
            Error::<T>::NotVerified
        );
        Ok(position)
    }

    /// Destroys all but `gpu_seconds` of the owner's hour tokens of this position, including those that have run off.
    /// Returns how many are destroyed.
    pub(crate) fn retire_down_to(
        position: &mut PositionOf<T>,
        gpu_seconds: u128,
    ) -> Result<u128, DispatchError> {
        let retired = position
            .uncommitted_gpu_seconds
            .checked_sub(gpu_seconds)
            .ok_or(ArithmeticError::Underflow)?;
        Pools::<T>::retire_hours(position.pool, &position.owner, retired)?;
        position.uncommitted_gpu_seconds = gpu_seconds;
        Ok(retired)
    }

    /// The collateral for a sale for which the pool pays `amount`, rounded up.
    fn collateral_for(amount: Balance) -> Result<Balance, DispatchError> {
        let rate = T::Collateral::get().into_inner();
        multiply_by_rational_with_rounding(amount, rate, FixedU128::DIV, Rounding::Up)
            .ok_or_else(|| ArithmeticError::Overflow.into())
    }

    /// A sale, together with the running one that it extends.
    fn sale(
        running: Option<Sale>,
        sold_until: Moment,
        gpu_seconds: u128,
        amount: Balance,
    ) -> Result<Sale, DispatchError> {
        let (gpu_seconds_before, amount_before) =
            running.map_or((0, 0), |sale| (sale.gpu_seconds, sale.amount));
        Ok(Sale {
            sold_until,
            gpu_seconds: add(gpu_seconds_before, gpu_seconds)?,
            amount: add(amount_before, amount)?,
        })
    }
}

/// The sum, or an error if it is too large.
fn add(a: u128, b: u128) -> Result<u128, ArithmeticError> {
    a.checked_add(b).ok_or(ArithmeticError::Overflow)
}

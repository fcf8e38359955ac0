//! Trades: time is rented, given back and sold at the price of the pool.

use crate::{Config, Error, Event, Pallet, TradeQuote, hours::HoursChange, stored_agenda::StoredAgenda};
use frame_support::{
    ensure,
    traits::{
        Get,
        fungible::Mutate,
        tokens::{Fortitude, Precision, Preservation},
    },
};
use loopin_math::{Contribution, MathError, Pool, Trade};
use loopin_primitives::{Balance, BurnReason, Moment, OnBurn, PoolId};
use sp_runtime::{DispatchError, DispatchResult, Permill};

impl<T: Config> Pallet<T> {
    /// `seller` sells the time of one device until `until`: from now, or from `from` if the pool already has it until
    /// then. The seller gets the proceeds, at least `min_proceeds`, less the fee, which is burned.
    pub fn sell(
        pool: PoolId,
        seller: &T::AccountId,
        from: Option<Moment>,
        until: Moment,
        min_proceeds: Balance,
    ) -> Result<Trade, DispatchError> {
        let swap_fee = T::SwapFee::get();
        let trade = Self::change(
            pool,
            |state, agenda| {
                let trade = match from {
                    Some(from) => state.pool.extend_sale(from, until, swap_fee, agenda)?,
                    None => state.pool.sell(until, swap_fee, agenda)?,
                };
                state.sold_volume = state.sold_volume.saturating_add(trade.amount);
                Ok(trade)
            },
            |trade| HoursChange::In(trade.gpu_seconds),
        )?;
        Self::pay_seller(pool, seller, &trade, min_proceeds)?;
        Ok(trade)
    }

    /// `client` rents `devices` idle devices until `until` for at most `max_cost`, including the fee, which is burned. The
    /// client gets the hour tokens. What it has contributed to the reserve is returned with the trade, and bounds what
    /// the reserve will refund.
    pub fn rent(
        pool: PoolId,
        client: &T::AccountId,
        devices: u32,
        until: Moment,
        max_cost: Balance,
    ) -> Result<(Trade, Contribution), DispatchError> {
        Self::take_time(
            pool,
            client,
            &Contribution::default(),
            max_cost,
            |pool, swap_fee, agenda| pool.rent(devices, until, swap_fee, agenda),
        )
    }

    /// The rental of that many devices, for which `contribution` was paid so far, goes on from `from` until `until`, for
    /// at most `max_cost`. The contribution that it has made then is returned with the trade.
    pub fn extend_rental(
        pool: PoolId,
        client: &T::AccountId,
        devices: u32,
        (from, until): (Moment, Moment),
        contribution: &Contribution,
        max_cost: Balance,
    ) -> Result<(Trade, Contribution), DispatchError> {
        Self::take_time(pool, client, contribution, max_cost, |pool, swap_fee, agenda| {
            pool.extend_rental(devices, from, until, swap_fee, agenda)
        })
    }

    /// `client` gives back the time of that many devices until `until`, and is refunded at the pool's price, but no more
    /// than what is left in the reserve of its contribution: at least `min_refund` after the fee, which is burned. The hour
    /// tokens return to the pool.
    pub fn give_back(
        pool: PoolId,
        client: &T::AccountId,
        devices: u32,
        until: Moment,
        contribution: &Contribution,
        min_refund: Balance,
    ) -> Result<Trade, DispatchError> {
        let swap_fee = T::SwapFee::get();
        let trade = Self::change(
            pool,
            |state, agenda| {
                state
                    .pool
                    .give_back(devices, until, contribution, swap_fee, agenda)
            },
            |trade| HoursChange::In(trade.gpu_seconds),
        )?;
        Self::retire_hours(pool, client, trade.gpu_seconds)?;
        Self::pay_seller(pool, client, &trade, min_refund)?;
        Ok(trade)
    }

    /// What taking that many GPU-seconds out of the pool would cost, for a client to have them until `until`.
    pub fn quote_rent(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let (pool, trade) = Self::quote(pool, |pool, swap_fee| pool.quote_rent(gpu_seconds, swap_fee))?;
        Ok(TradeQuote::of_purchase(&pool, &trade, until).map_err(Error::<T>::from)?)
    }

    /// What selling that many GPU-seconds to the pool would bring, for the pool to have them until `until`.
    pub fn quote_sell(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let (pool, trade) = Self::quote(pool, |pool, swap_fee| pool.quote_sell(gpu_seconds, swap_fee))?;
        Ok(TradeQuote::of_sale(&pool, &trade, until).map_err(Error::<T>::from)?)
    }

    /// What giving that many GPU-seconds back would bring that `contribution` was paid for, for the pool to have them until
    /// `until`.
    pub fn quote_give_back(
        pool: PoolId,
        gpu_seconds: u128,
        until: Moment,
        contribution: &Contribution,
    ) -> Result<TradeQuote, DispatchError> {
        let (pool, trade) = Self::quote(pool, |pool, swap_fee| {
            pool.quote_give_back(gpu_seconds, contribution, swap_fee)
        })?;
        Ok(TradeQuote::of_sale(&pool, &trade, until).map_err(Error::<T>::from)?)
    }

    /// The client takes time out of the pool in a trade, pays for it on top of what it has contributed, and gets it.
    fn take_time(
        id: PoolId,
        client: &T::AccountId,
        contribution: &Contribution,
        max_cost: Balance,
        trade: impl FnOnce(&mut Pool, Permill, &mut StoredAgenda<T>) -> Result<Trade, MathError>,
    ) -> Result<(Trade, Contribution), DispatchError> {
        let (trade, contribution) = Self::change(
            id,
            |state, agenda| {
                let trade = trade(&mut state.pool, T::SwapFee::get(), agenda)?;
                state.rented_volume = state.rented_volume.saturating_add(trade.amount);
                let contribution = contribution.grown(trade.amount, &state.pool.retention)?;
                Ok((trade, contribution))
            },
            |(trade, _)| HoursChange::Out(trade.gpu_seconds),
        )?;
        ensure!(trade.cost() <= max_cost, Error::<T>::CostAboveMaximum);
        T::Currency::transfer(
            client,
            &Self::account_of(id),
            trade.amount,
            Preservation::Preserve,
        )?;
        Self::burn_fee(id, client, trade.fee)?;
        Self::issue_hours(id, client, trade.gpu_seconds)?;
        Ok((trade, contribution))
    }

    /// The synced pool, and what a trade with it would come to, without making it.
    fn quote(
        id: PoolId,
        trade: impl FnOnce(&Pool, Permill) -> Result<Trade, MathError>,
    ) -> Result<(Pool, Trade), DispatchError> {
        let pool = Self::synced(id)?;
        let trade = trade(&pool, T::SwapFee::get()).map_err(Error::<T>::from)?;
        Ok((pool, trade))
    }

    /// Whoever brings time is paid for it.
    fn pay_seller(id: PoolId, seller: &T::AccountId, trade: &Trade, min_proceeds: Balance) -> DispatchResult {
        ensure!(trade.proceeds() >= min_proceeds, Error::<T>::ProceedsBelowMinimum);
        let account = Self::account_of(id);
        T::Currency::transfer(&account, seller, trade.proceeds(), Preservation::Preserve)?;
        // The pool never pays more than its amount: a fee above it would be a fee on nothing.
        Self::burn_fee(id, &account, trade.fee.min(trade.amount))
    }

    fn burn_fee(id: PoolId, who: &T::AccountId, fee: Balance) -> DispatchResult {
        Self::burn_from(id, who, fee, Preservation::Preserve)?;
        T::OnBurn::burned(BurnReason::SwapFee, fee);
        Ok(())
    }

    pub(crate) fn burn_from(
        id: PoolId,
        who: &T::AccountId,
        amount: Balance,
        preservation: Preservation,
    ) -> DispatchResult {
        if amount > 0 {
            T::Currency::burn_from(who, amount, preservation, Precision::Exact, Fortitude::Polite)?;
            Self::deposit_event(Event::Burned { pool: id, amount });
        }
        Ok(())
    }
}

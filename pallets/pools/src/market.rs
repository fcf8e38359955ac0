//! What stakes and rentals do with pools.

use crate::{
    Config, Endings, Error, Event, Pallet, PoolInfos, PoolState, Pools, SyncWeight, WeightInfo,
    hours::HoursChange,
    stored_agenda::{StoredAgenda, key},
};
use frame_support::{
    ensure,
    traits::{
        Get, UnixTime,
        fungible::{Balanced, Mutate},
        tokens::{Fortitude, Precision, Preservation},
    },
    weights::Weight,
};
use loopin_math::{
    Joined, Left, MathError, Pool, Provided, Trade, TradeLimits, U256,
    time::{HOUR, hour_of, minute_of},
};
use loopin_primitives::{Balance, BurnLog, BurnReason, Market, Moment, PoolId, PoolTerms, TradeQuote};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Pages that one synchronisation can pass, at most: those of the longest stake, and the two that its ends
    /// fall on.
    pub fn most_pages() -> u32 {
        u32::try_from(T::LongestStake::get() / HOUR)
            .unwrap_or(u32::MAX)
            .saturating_add(2)
    }

    /// Trades as governance allows them at present.
    pub fn trade_limits() -> TradeLimits {
        TradeLimits {
            swap_fee: T::SwapFee::get(),
            largest_part: T::LargestTrade::get(),
        }
    }

    /// Brings the pool up to date.
    pub(crate) fn synchronise(id: PoolId) -> Result<PoolState, DispatchError> {
        let (state, dissipated) = Self::advance(id)?;
        Self::burn_in_pool(id, dissipated)?;
        Pools::<T>::insert(id, &state);
        Ok(state)
    }

    /// The pool brought up to date, and the hour tokens to burn for that. The caller does so, and stores the pool.
    fn advance(id: PoolId) -> Result<(PoolState, u128), DispatchError> {
        let state = Pools::<T>::get(id).ok_or(Error::<T>::UnknownPool)?;
        Self::advance_to(id, state, <Self as Market<T::AccountId>>::now())
    }

    /// The same for a pool that is brought to a moment, which it has not passed.
    pub(crate) fn advance_to(
        id: PoolId,
        mut state: PoolState,
        moment: Moment,
    ) -> Result<(PoolState, u128), DispatchError> {
        let synced = state
            .pool
            .sync(moment, &mut StoredAgenda::<T>::of(id))
            .map_err(Error::<T>::from)?;
        if synced.pages > 0 {
            SyncWeight::<T>::mutate(|weight| {
                *weight = weight.saturating_add(Self::weight_of_pages(synced.pages))
            });
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

    /// What it costs to pass so many pages. That the pool is looked at and stored is measured with each call.
    pub(crate) fn weight_of_pages(pages: u32) -> Weight {
        T::WeightInfo::sync(pages).saturating_sub(T::WeightInfo::sync(0))
    }

    /// Brings a pool up to date, changes its reserves, and adapts the hour tokens in its account to both: `hours`
    /// says what the change does to them.
    fn change<R>(
        id: PoolId,
        change: impl FnOnce(&mut PoolState, &mut StoredAgenda<T>) -> Result<R, MathError>,
        hours: impl FnOnce(&R) -> HoursChange,
    ) -> Result<R, DispatchError> {
        let (mut state, dissipated) = Self::advance(id)?;
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

    /// The client takes time out of the pool in a trade, pays for it, and gets it.
    fn take_time(
        id: PoolId,
        client: &T::AccountId,
        max_cost: Balance,
        trade: impl FnOnce(&mut Pool, &TradeLimits, &mut StoredAgenda<T>) -> Result<Trade, MathError>,
    ) -> Result<Trade, DispatchError> {
        let trade = Self::change(
            id,
            |state, agenda| {
                let trade = trade(&mut state.pool, &Self::trade_limits(), agenda)?;
                state.rented_volume = state.rented_volume.saturating_add(trade.amount);
                Ok(trade)
            },
            |trade| HoursChange::Out(trade.gpu_seconds),
        )?;
        ensure!(trade.cost() <= max_cost, Error::<T>::CostAboveMaximum);
        T::Currency::transfer(
            client,
            &Self::account_of(id),
            trade.amount,
            Preservation::Preserve,
        )?;
        Self::burn_fee(id, client, trade.fee)?;
        Self::mint_frozen(id, client, trade.gpu_seconds)?;
        Ok(trade)
    }

    /// The pool, brought up to date, and what a trade with it would come to, which is not made.
    fn quote(
        id: PoolId,
        trade: impl FnOnce(&Pool, &TradeLimits) -> Result<Trade, MathError>,
    ) -> Result<(Pool, Trade), DispatchError> {
        let pool = Self::synchronise(id)?.pool;
        let trade = trade(&pool, &Self::trade_limits()).map_err(Error::<T>::from)?;
        Ok((pool, trade))
    }

    /// Whoever brings time is paid for it.
    fn settle_purchase(
        id: PoolId,
        seller: &T::AccountId,
        trade: &Trade,
        min_proceeds: Balance,
    ) -> DispatchResult {
        ensure!(trade.proceeds() >= min_proceeds, Error::<T>::ProceedsBelowMinimum);
        let account = Self::account_of(id);
        T::Currency::transfer(&account, seller, trade.proceeds(), Preservation::Preserve)?;
        // The pool never pays more than its amount: a fee above it would be a fee on nothing.
        Self::burn_fee(id, &account, trade.fee.min(trade.amount))
    }

    fn burn_fee(id: PoolId, who: &T::AccountId, fee: Balance) -> DispatchResult {
        Self::burn_from(id, who, fee, Preservation::Preserve)?;
        T::Burns::burned(BurnReason::SwapFee, fee);
        Ok(())
    }

    fn burn_from(
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

    fn owe_less(id: PoolId, amount: Balance) -> DispatchResult {
        Pools::<T>::try_mutate(id, |state| {
            let state = state.as_mut().ok_or(Error::<T>::UnknownPool)?;
            state.owed = state
                .owed
                .checked_sub(amount)
                .ok_or(Error::<T>::InconsistentPool)?;
            Ok(())
        })
    }
}

impl<T: Config> Market<T::AccountId> for Pallet<T> {
    fn now() -> Moment {
        T::Time::now().as_secs()
    }

    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError> {
        Ok(PoolInfos::<T>::get(pool).ok_or(Error::<T>::UnknownPool)?.terms)
    }

    fn synced(pool: PoolId) -> Result<Pool, DispatchError> {
        Ok(Self::synchronise(pool)?.pool)
    }

    fn most_sync_weight() -> Weight {
        Self::weight_of_pages(Self::most_pages())
    }

    fn take_sync_weight() -> Weight {
        SyncWeight::<T>::take()
    }

    fn issue_hours(pool: PoolId, who: &T::AccountId, gpu_seconds: u128) -> DispatchResult {
        Self::mint_frozen(pool, who, gpu_seconds)
    }

    fn retire_hours(pool: PoolId, who: &T::AccountId, gpu_seconds: u128) -> DispatchResult {
        Self::burn_frozen(pool, who, gpu_seconds)
    }

    fn join(
        pool: PoolId,
        provider: &T::AccountId,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Joined, DispatchError> {
        let joined = Self::change(
            pool,
            |state, agenda| state.pool.join(until, agenda),
            |joined| HoursChange::In(joined.gpu_seconds),
        )?;
        ensure!(joined.paid <= max_cost, Error::<T>::CostAboveMaximum);
        T::Currency::transfer(
            provider,
            &Self::account_of(pool),
            joined.paid,
            Preservation::Preserve,
        )?;
        Ok(joined)
    }

    fn stream_index(pool: PoolId, until: Moment) -> Result<U256, DispatchError> {
        let state = Self::synchronise(pool)?;
        if until > state.pool.updated_at {
            return Ok(state.pool.stream_index);
        }
        let minute = minute_of(until);
        Endings::<T>::get(pool, key(hour_of(until)))
            .iter()
            .find(|ending| ending.minute == minute)
            .map(|ending| ending.stream_index)
            .ok_or(Error::<T>::InconsistentPool.into())
    }

    fn forget_ending(pool: PoolId, until: Moment) -> DispatchResult {
        let minute = minute_of(until);
        Endings::<T>::try_mutate_exists(pool, key(hour_of(until)), |kept| {
            let mut endings = kept.take().ok_or(Error::<T>::InconsistentPool)?;
            let ending = endings
                .iter_mut()
                .find(|ending| ending.minute == minute)
                .ok_or(Error::<T>::InconsistentPool)?;
            ending.positions = ending
                .positions
                .checked_sub(1)
                .ok_or(Error::<T>::InconsistentPool)?;
            endings.retain(|ending| ending.positions > 0);
            *kept = (!endings.is_empty()).then_some(endings);
            Ok(())
        })
    }

    fn leave(
        pool: PoolId,
        position: &Provided,
        paid: Balance,
        gpu_seconds: u128,
        rented_until: Option<Moment>,
    ) -> Result<Left, DispatchError> {
        Self::change(
            pool,
            |state, agenda| {
                let left = state
                    .pool
                    .leave(position, paid, gpu_seconds, rented_until, agenda)?;
                state.owed = state.owed.checked_add(left.returned).ok_or(MathError::Overflow)?;
                Ok(left)
            },
            |left| HoursChange::Out(left.gpu_seconds),
        )
    }

    fn sell(
        pool: PoolId,
        seller: &T::AccountId,
        from: Option<Moment>,
        until: Moment,
        min_proceeds: Balance,
    ) -> Result<Trade, DispatchError> {
        let limits = Self::trade_limits();
        let trade = Self::change(
            pool,
            |state, agenda| {
                let trade = match from {
                    Some(from) => state.pool.extend_sale(from, until, &limits, agenda)?,
                    None => state.pool.sell(until, &limits, agenda)?,
                };
                state.sold_volume = state.sold_volume.saturating_add(trade.amount);
                Ok(trade)
            },
            |trade| HoursChange::In(trade.gpu_seconds),
        )?;
        Self::settle_purchase(pool, seller, &trade, min_proceeds)?;
        Ok(trade)
    }

    fn remove_sold(pool: PoolId, until: Moment, rented_until: Option<Moment>) -> Result<u128, DispatchError> {
        Self::change(
            pool,
            |state, agenda| state.pool.remove_sold(until, rented_until, agenda),
            |gpu_seconds| HoursChange::Out(*gpu_seconds),
        )
    }

    fn rent(
        pool: PoolId,
        client: &T::AccountId,
        devices: u32,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Trade, DispatchError> {
        Self::take_time(pool, client, max_cost, |pool, limits, agenda| {
            pool.rent(devices, until, limits, agenda)
        })
    }

    fn extend_rental(
        pool: PoolId,
        client: &T::AccountId,
        devices: u32,
        from: Moment,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Trade, DispatchError> {
        Self::take_time(pool, client, max_cost, |pool, limits, agenda| {
            pool.extend_rental(devices, from, until, limits, agenda)
        })
    }

    fn give_back(
        pool: PoolId,
        client: &T::AccountId,
        devices: u32,
        until: Moment,
        min_refund: Balance,
    ) -> Result<Trade, DispatchError> {
        let limits = Self::trade_limits();
        let trade = Self::change(
            pool,
            |state, agenda| state.pool.give_back(devices, until, &limits, agenda),
            |trade| HoursChange::In(trade.gpu_seconds),
        )?;
        Self::burn_frozen(pool, client, trade.gpu_seconds)?;
        Self::settle_purchase(pool, client, &trade, min_refund)?;
        Ok(trade)
    }

    fn quote_rent(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let (pool, trade) = Self::quote(pool, |pool, limits| pool.quote_rent(gpu_seconds, limits))?;
        Ok(TradeQuote::of_purchase(&pool, &trade, until))
    }

    fn quote_sell(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let (pool, trade) = Self::quote(pool, |pool, limits| pool.quote_sell(gpu_seconds, limits))?;
        Ok(TradeQuote::of_sale(&pool, &trade, until))
    }

    fn quote_give_back(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let (pool, trade) = Self::quote(pool, |pool, limits| pool.quote_give_back(gpu_seconds, limits))?;
        Ok(TradeQuote::of_sale(&pool, &trade, until))
    }

    fn return_unserved(pool: PoolId, client: &T::AccountId, until: Moment) -> DispatchResult {
        let gpu_seconds = Self::change(
            pool,
            |state, agenda| state.pool.return_unserved(until, agenda),
            |gpu_seconds| HoursChange::In(*gpu_seconds),
        )?;
        Self::burn_frozen(pool, client, gpu_seconds)
    }

    fn refund(pool: PoolId, amount: Balance) -> Result<Balance, DispatchError> {
        Self::change(
            pool,
            |state, _| {
                let refunded = state.pool.refund(amount);
                state.owed = state.owed.checked_add(refunded).ok_or(MathError::Overflow)?;
                Ok(refunded)
            },
            |_| HoursChange::None,
        )
    }

    fn compensate(pool: PoolId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::change(
            pool,
            |state, _| {
                state.owed = state.owed.checked_sub(amount).ok_or(MathError::Inconsistent)?;
                state.pool.compensate(amount)
            },
            |_| HoursChange::None,
        )
    }

    fn deposit_owed(pool: PoolId, from: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        // Neither locks nor freezes keep what was forfeited.
        let credit = T::Currency::withdraw(
            from,
            amount,
            Precision::Exact,
            Preservation::Expendable,
            Fortitude::Force,
        )?;
        T::Currency::resolve(&Self::account_of(pool), credit).map_err(|_| Error::<T>::InconsistentPool)?;
        Pools::<T>::try_mutate(pool, |state| {
            let state = state.as_mut().ok_or(Error::<T>::UnknownPool)?;
            state.owed = state.owed.checked_add(amount).ok_or(Error::<T>::Overflow)?;
            Ok(())
        })
    }

    fn pay(pool: PoolId, to: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::owe_less(pool, amount)?;
        T::Currency::transfer(&Self::account_of(pool), to, amount, Preservation::Preserve)?;
        Ok(())
    }

    fn burn_owed(pool: PoolId, amount: Balance) -> DispatchResult {
        Self::owe_less(pool, amount)?;
        Self::burn_from(pool, &Self::account_of(pool), amount, Preservation::Preserve)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark(creator: &T::AccountId) -> Result<PoolId, DispatchError> {
        crate::benchmarking::create_pool_for_benchmark::<T>(creator)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment) {
        T::set_now(moment)
    }
}

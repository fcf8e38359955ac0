//! Pools with real arithmetic and real money. The account of a pool holds its reserve and what is owed, planck for
//! planck, and the hour tokens of the idle time in it.

use super::{
    AccountId, Assets, Balances, Test, World,
    world::{Endings, Error, Now, Owed, Pages, Pools, SyncWeight},
};
use frame_support::{
    ensure,
    traits::{
        fungible::{Balanced, Inspect, Mutate},
        fungibles::{self, Mutate as _},
        tokens::{Fortitude, Precision, Preservation},
    },
};
use loopin_challenge::{Limits, Profile};
use loopin_math::{
    Agenda, Ending, Joined, Left, MathError, Page, Pool, Provided, Trade, TradeLimits, U256,
    time::{DAY, HOUR, moment_of},
};
use loopin_primitives::{Balance, Market, Moment, PoolId, PoolTerms, TradeQuote};
use sp_runtime::{DispatchError, DispatchResult, Permill, Weight};

/// The terms of every pool.
pub const TERMS: PoolTerms = PoolTerms {
    provide_seconds: super::PROVIDE_SECONDS,
    sell_unit_seconds: DAY,
    sell_max_seconds: 7 * DAY,
    rental_min_seconds: HOUR,
    rental_max_seconds: 7 * DAY,
    challenge: Profile {
        n: 64,
        matrices: 8,
        lanes: 16,
        entries: 3,
        opened_lanes: 2,
        limits: Limits {
            prepare_ms: 1_000,
            fill_ms: 1_000,
            walk_ms: 1_000,
            open_ms: 1_000,
        },
    },
    benchmark_gops: 1_000,
    privacy_limit: 25,
};

const LIMITS: TradeLimits = TradeLimits {
    swap_fee: Permill::from_parts(3_000),
    largest_part: Permill::from_parts(333_333),
};

/// The account of a pool.
pub fn account(pool: PoolId) -> AccountId {
    1_000 + AccountId::from(pool)
}

/// Creates a pool whose reserve is in its account already.
pub fn create(id: PoolId, reserve: Balance, price_per_gpu_hour: Balance) {
    let now = Now::<Test>::get();
    Pools::<Test>::insert(id, Pool::new(reserve, price_per_gpu_hour, now).unwrap());
}

/// What must hold of the pools at any time.
pub fn check() {
    for (id, pool) in Pools::<Test>::iter() {
        assert_eq!(
            Balances::balance(&account(id)),
            pool.reserve + Owed::<Test>::get(id),
            "the money of pool {id}"
        );
        assert_eq!(
            super::hours(id, account(id)),
            pool.idle_gpu_seconds(),
            "the hour tokens of pool {id}"
        );
    }
}

/// The agenda of a pool in storage.
struct StoredAgenda(PoolId);

impl Agenda for StoredAgenda {
    fn page(&self, hour: u64) -> Page {
        Pages::<Test>::get(self.0, hour).unwrap_or_default()
    }

    fn set_page(&mut self, hour: u64, page: Page) {
        if page.is_empty() {
            Pages::<Test>::remove(self.0, hour);
        } else {
            Pages::<Test>::insert(self.0, hour, page);
        }
    }

    fn record_endings(&mut self, hour: u64, endings: &[Ending]) {
        for ending in endings {
            Endings::<Test>::insert(
                self.0,
                moment_of(hour, ending.minute),
                (ending.positions, ending.stream_index),
            );
        }
    }
}

/// Brings the pool up to date.
pub fn synced(id: PoolId) -> Result<Pool, DispatchError> {
    let mut pool = Pools::<Test>::get(id).ok_or(Error::<Test>::NoSuchPool)?;
    let synced = pool
        .sync(Now::<Test>::get(), &mut StoredAgenda(id))
        .map_err(Error::<Test>::from)?;
    let weight = super::PAGE_WEIGHT * u64::from(synced.pages);
    SyncWeight::<Test>::mutate(|so_far| *so_far += weight);
    Pools::<Test>::insert(id, &pool);
    Owed::<Test>::mutate(id, |owed| *owed += synced.streamed);
    burn_hours(id, &account(id), synced.dissipated_gpu_seconds)?;
    Ok(pool)
}

/// Lets something happen to the pool as it is now.
fn mutate<R>(
    id: PoolId,
    action: impl FnOnce(&mut Pool, &mut StoredAgenda) -> Result<R, MathError>,
) -> Result<R, DispatchError> {
    let mut pool = synced(id)?;
    let result = action(&mut pool, &mut StoredAgenda(id)).map_err(Error::<Test>::from)?;
    Pools::<Test>::insert(id, pool);
    Ok(result)
}

fn mint_hours(pool: PoolId, who: &AccountId, gpu_seconds: u128) -> DispatchResult {
    if gpu_seconds > 0 {
        Assets::mint_into(pool, who, gpu_seconds)?;
    }
    Ok(())
}

pub fn burn_hours(pool: PoolId, who: &AccountId, gpu_seconds: u128) -> DispatchResult {
    if gpu_seconds > 0 {
        Assets::burn_from(
            pool,
            who,
            gpu_seconds,
            Preservation::Expendable,
            Precision::Exact,
            Fortitude::Force,
        )?;
    }
    Ok(())
}

fn move_hours(pool: PoolId, from: &AccountId, to: &AccountId, gpu_seconds: u128) -> DispatchResult {
    <Assets as fungibles::Mutate<_>>::transfer(pool, from, to, gpu_seconds, Preservation::Expendable)?;
    Ok(())
}

fn transfer(from: &AccountId, to: &AccountId, amount: Balance) -> DispatchResult {
    <Balances as Mutate<_>>::transfer(from, to, amount, Preservation::Preserve)?;
    Ok(())
}

fn burn(who: &AccountId, amount: Balance) -> DispatchResult {
    Balances::burn_from(
        who,
        amount,
        Preservation::Preserve,
        Precision::Exact,
        Fortitude::Polite,
    )?;
    Ok(())
}

fn take_owed(pool: PoolId, amount: Balance) -> DispatchResult {
    Owed::<Test>::try_mutate(pool, |owed| {
        *owed = owed.checked_sub(amount).ok_or(Error::<Test>::NotOwed)?;
        Ok(())
    })
}

/// The client pays for time that it takes.
fn settle_rental(
    pool: PoolId,
    client: &AccountId,
    trade: Trade,
    max_cost: Balance,
) -> Result<Trade, DispatchError> {
    ensure!(trade.cost() <= max_cost, Error::<Test>::CostAboveMaximum);
    transfer(client, &account(pool), trade.amount)?;
    burn(client, trade.fee)?;
    move_hours(pool, &account(pool), client, trade.gpu_seconds)?;
    Ok(trade)
}

/// The pool pays for time that it gets.
fn settle_purchase(
    pool: PoolId,
    seller: &AccountId,
    trade: Trade,
    min_proceeds: Balance,
) -> Result<Trade, DispatchError> {
    ensure!(
        trade.proceeds() >= min_proceeds,
        Error::<Test>::ProceedsBelowMinimum
    );
    transfer(&account(pool), seller, trade.proceeds())?;
    burn(&account(pool), trade.fee)?;
    Ok(trade)
}

impl Market<AccountId> for World {
    fn now() -> Moment {
        Now::<Test>::get()
    }

    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError> {
        ensure!(Pools::<Test>::contains_key(pool), Error::<Test>::NoSuchPool);
        Ok(TERMS)
    }

    fn synced(pool: PoolId) -> Result<Pool, DispatchError> {
        synced(pool)
    }

    fn most_sync_weight() -> Weight {
        super::PAGE_WEIGHT * super::MOST_PAGES
    }

    fn take_sync_weight() -> Weight {
        SyncWeight::<Test>::take()
    }

    fn issue_hours(pool: PoolId, who: &AccountId, gpu_seconds: u128) -> DispatchResult {
        mint_hours(pool, who, gpu_seconds)
    }

    fn retire_hours(pool: PoolId, who: &AccountId, gpu_seconds: u128) -> DispatchResult {
        burn_hours(pool, who, gpu_seconds)
    }

    fn join(
        pool: PoolId,
        provider: &AccountId,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Joined, DispatchError> {
        let joined = mutate(pool, |pool, agenda| pool.join(until, agenda))?;
        ensure!(joined.paid <= max_cost, Error::<Test>::CostAboveMaximum);
        transfer(provider, &account(pool), joined.paid)?;
        mint_hours(pool, &account(pool), joined.gpu_seconds)?;
        Ok(joined)
    }

    fn stream_index(pool: PoolId, until: Moment) -> Result<U256, DispatchError> {
        let state = synced(pool)?;
        if until > state.updated_at {
            return Ok(state.stream_index);
        }
        let (_, stream_index) = Endings::<Test>::get(pool, until).ok_or(Error::<Test>::NoSuchEnding)?;
        Ok(stream_index)
    }

    fn forget_ending(pool: PoolId, until: Moment) -> DispatchResult {
        let (positions, stream_index) =
            Endings::<Test>::take(pool, until).ok_or(Error::<Test>::NoSuchEnding)?;
        if positions > 1 {
            Endings::<Test>::insert(pool, until, (positions - 1, stream_index));
        }
        Ok(())
    }

    fn leave(
        pool: PoolId,
        position: &Provided,
        paid: Balance,
        gpu_seconds: u128,
        rented_until: Option<Moment>,
    ) -> Result<Left, DispatchError> {
        let left = mutate(pool, |pool, agenda| {
            pool.leave(position, paid, gpu_seconds, rented_until, agenda)
        })?;
        Owed::<Test>::mutate(pool, |owed| *owed += left.returned);
        burn_hours(pool, &account(pool), left.gpu_seconds)?;
        Ok(left)
    }

    fn sell(
        pool: PoolId,
        seller: &AccountId,
        from: Option<Moment>,
        until: Moment,
        min_proceeds: Balance,
    ) -> Result<Trade, DispatchError> {
        let trade = mutate(pool, |pool, agenda| match from {
            Some(from) => pool.extend_sale(from, until, &LIMITS, agenda),
            None => pool.sell(until, &LIMITS, agenda),
        })?;
        mint_hours(pool, &account(pool), trade.gpu_seconds)?;
        settle_purchase(pool, seller, trade, min_proceeds)
    }

    fn remove_sold(pool: PoolId, until: Moment, rented_until: Option<Moment>) -> Result<u128, DispatchError> {
        let lost = mutate(pool, |pool, agenda| pool.remove_sold(until, rented_until, agenda))?;
        burn_hours(pool, &account(pool), lost)?;
        Ok(lost)
    }

    fn rent(
        pool: PoolId,
        client: &AccountId,
        devices: u32,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Trade, DispatchError> {
        let trade = mutate(pool, |pool, agenda| pool.rent(devices, until, &LIMITS, agenda))?;
        settle_rental(pool, client, trade, max_cost)
    }

    fn extend_rental(
        pool: PoolId,
        client: &AccountId,
        devices: u32,
        from: Moment,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Trade, DispatchError> {
        let trade = mutate(pool, |pool, agenda| {
            pool.extend_rental(devices, from, until, &LIMITS, agenda)
        })?;
        settle_rental(pool, client, trade, max_cost)
    }

    fn give_back(
        pool: PoolId,
        client: &AccountId,
        devices: u32,
        until: Moment,
        min_refund: Balance,
    ) -> Result<Trade, DispatchError> {
        let trade = mutate(pool, |pool, agenda| {
            pool.give_back(devices, until, &LIMITS, agenda)
        })?;
        move_hours(pool, client, &account(pool), trade.gpu_seconds)?;
        settle_purchase(pool, client, trade, min_refund)
    }

    fn quote_rent(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let pool = synced(pool)?;
        let trade = pool
            .quote_rent(gpu_seconds, &LIMITS)
            .map_err(Error::<Test>::from)?;
        Ok(TradeQuote::of_purchase(&pool, &trade, until))
    }

    fn quote_sell(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let pool = synced(pool)?;
        let trade = pool
            .quote_sell(gpu_seconds, &LIMITS)
            .map_err(Error::<Test>::from)?;
        Ok(TradeQuote::of_sale(&pool, &trade, until))
    }

    fn quote_give_back(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let pool = synced(pool)?;
        let trade = pool
            .quote_give_back(gpu_seconds, &LIMITS)
            .map_err(Error::<Test>::from)?;
        Ok(TradeQuote::of_sale(&pool, &trade, until))
    }

    fn return_unserved(_: PoolId, _: &AccountId, _: Moment) -> DispatchResult {
        unreachable!("only the rentals return time that was not served")
    }

    fn refund(pool: PoolId, amount: Balance) -> Result<Balance, DispatchError> {
        let paid = mutate(pool, |pool, _| Ok(pool.refund(amount)))?;
        Owed::<Test>::mutate(pool, |owed| *owed += paid);
        Ok(paid)
    }

    fn compensate(pool: PoolId, amount: Balance) -> DispatchResult {
        take_owed(pool, amount)?;
        mutate(pool, |pool, _| pool.compensate(amount))
    }

    fn deposit_owed(pool: PoolId, from: &AccountId, amount: Balance) -> DispatchResult {
        let credit = Balances::withdraw(
            from,
            amount,
            Precision::Exact,
            Preservation::Expendable,
            Fortitude::Force,
        )?;
        Balances::resolve(&account(pool), credit).map_err(|_| Error::<Test>::NoSuchPool)?;
        Owed::<Test>::mutate(pool, |owed| *owed += amount);
        Ok(())
    }

    fn pay(pool: PoolId, to: &AccountId, amount: Balance) -> DispatchResult {
        take_owed(pool, amount)?;
        transfer(&account(pool), to, amount)
    }

    fn burn_owed(pool: PoolId, amount: Balance) -> DispatchResult {
        take_owed(pool, amount)?;
        burn(&account(pool), amount)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark(_: &AccountId) -> Result<PoolId, DispatchError> {
        Ok(super::POOL)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment) {
        super::wait_until(moment);
    }
}

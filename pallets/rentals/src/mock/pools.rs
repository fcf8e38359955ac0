//! Pools in memory: real arithmetic and real money, but hour tokens that are numbers in a map.

use super::{AccountId, Balances, Now};
use frame_support::{
    Twox64Concat, ensure, storage_alias,
    traits::{
        fungible::Mutate,
        tokens::{Fortitude, Precision, Preservation},
    },
};
use loopin_challenge::classes::CPU_REFERENCE;
use loopin_math::{
    Agenda, Ending, Joined, Left, MathError, Page, Pool, Provided, Trade, TradeLimits, U256, time::HOUR,
};
use loopin_primitives::{Balance, Market, Moment, PoolId, PoolTerms, TradeQuote};
use sp_runtime::{DispatchError, DispatchResult, Permill, Weight};

/// The shortest rental that the pools allow.
pub const RENTAL_MIN: u64 = 3_600;
/// The longest.
pub const RENTAL_MAX: u64 = 48 * 3_600;

#[storage_alias]
type PoolStates = StorageMap<Mock, Twox64Concat, PoolId, Pool>;

#[storage_alias]
type Pages = StorageMap<Mock, Twox64Concat, (PoolId, u64), Page>;

/// LOOPIN in a pool's account that somebody is owed.
#[storage_alias]
type Owed = StorageMap<Mock, Twox64Concat, PoolId, Balance, frame_support::pallet_prelude::ValueQuery>;

/// Hour tokens, those of the pools' own accounts included.
#[storage_alias]
type Hours =
    StorageMap<Mock, Twox64Concat, (PoolId, AccountId), u128, frame_support::pallet_prelude::ValueQuery>;

/// What bringing pools up to date has cost in this call.
#[storage_alias]
type SyncWeight = StorageValue<Mock, Weight, frame_support::pallet_prelude::ValueQuery>;

/// The pools.
pub struct Pools;

/// The agenda of one pool.
struct StoredAgenda(PoolId);

impl Agenda for StoredAgenda {
    fn page(&self, hour: u64) -> Page {
        Pages::get((self.0, hour)).unwrap_or_default()
    }

    fn set_page(&mut self, hour: u64, page: Page) {
        if page.is_empty() {
            Pages::remove((self.0, hour));
        } else {
            Pages::insert((self.0, hour), page);
        }
    }

    fn record_endings(&mut self, _hour: u64, _endings: &[Ending]) {
        // Nobody asks this double to pay providers out.
    }
}

/// What bringing a pool up to date costs where it passes so many pages of its agenda.
pub fn sync_weight(pages: u64) -> Weight {
    Weight::from_parts(1_000, 10) * pages
}

/// Whether a call has left the weight of its work on pools behind.
pub fn is_sync_weight_left() -> bool {
    SyncWeight::exists()
}

/// What governs all trades.
pub fn limits() -> TradeLimits {
    TradeLimits {
        swap_fee: Permill::from_parts(3_000),
        largest_part: Permill::from_rational(1u32, 3u32),
    }
}

/// The account of a pool.
pub fn account_of(pool: PoolId) -> AccountId {
    1_000 + AccountId::from(pool)
}

/// The hour tokens of an account.
pub fn hours(pool: PoolId, who: AccountId) -> u128 {
    Hours::get((pool, who))
}

/// All hour tokens of clients.
pub fn all_hours() -> Vec<((PoolId, AccountId), u128)> {
    Hours::iter()
        .filter(|((pool, who), hours)| *who != account_of(*pool) && *hours > 0)
        .collect()
}

/// What a pool owes.
pub fn owed(pool: PoolId) -> Balance {
    Owed::get(pool)
}

/// The state of a pool when it was last touched.
pub fn state(pool: PoolId) -> Pool {
    PoolStates::get(pool).unwrap()
}

/// Everything that is scheduled in a pool.
pub fn pages(pool: PoolId) -> Vec<Page> {
    Pages::iter()
        .filter(|((of, _), _)| *of == pool)
        .map(|(_, page)| page)
        .collect()
}

/// Makes a pool with that much in its reserve, at a price of `price` planck for a GPU-hour.
pub fn create(pool: PoolId, reserve: Balance, price: Balance) {
    Balances::mint_into(&account_of(pool), reserve + super::EXISTENTIAL_DEPOSIT).unwrap();
    PoolStates::insert(pool, Pool::new(reserve, price, Now::get()).unwrap());
}

/// Takes LOOPIN out of the reserve, so that the pool can pay no refunds any more.
pub fn empty_reserve(pool: PoolId) {
    let mut state = Pools::synced(pool).unwrap();
    Pools::take_sync_weight();
    let taken = state.refund(Balance::MAX);
    PoolStates::insert(pool, state);
    Balances::burn_from(
        &account_of(pool),
        taken,
        Preservation::Preserve,
        Precision::Exact,
        Fortitude::Polite,
    )
    .unwrap();
}

fn refused(error: MathError) -> DispatchError {
    DispatchError::Other(match error {
        MathError::TradeTooLarge => "the trade is too large for the pool",
        MathError::NotEnoughIdleTime => "the pool has not that much idle time",
        MathError::Inconsistent => "the request contradicts the state of the pool",
        MathError::Overflow => "the result is too large",
        _ => "the pool refuses",
    })
}

impl Pools {
    /// Does something with a pool that is up to date.
    fn with<R>(
        pool: PoolId,
        action: impl FnOnce(&mut Pool, &mut StoredAgenda) -> Result<R, MathError>,
    ) -> Result<R, DispatchError> {
        let mut state = Self::synced(pool)?;
        let result = action(&mut state, &mut StoredAgenda(pool)).map_err(refused)?;
        PoolStates::insert(pool, state);
        Ok(result)
    }

    fn take_hours(pool: PoolId, who: AccountId, gpu_seconds: u128) -> DispatchResult {
        Hours::try_mutate((pool, who), |hours| {
            *hours = hours
                .checked_sub(gpu_seconds)
                .ok_or("there are not so many hour tokens")?;
            Ok(())
        })
    }

    fn give_hours(pool: PoolId, who: AccountId, gpu_seconds: u128) {
        Hours::mutate((pool, who), |hours| *hours += gpu_seconds);
    }

    fn buy(pool: PoolId, client: AccountId, trade: Trade, max_cost: Balance) -> Result<Trade, DispatchError> {
        ensure!(trade.cost() <= max_cost, "the cost is above the bound");
        Balances::transfer(&client, &account_of(pool), trade.amount, Preservation::Preserve)?;
        burn(client, trade.fee)?;
        Self::take_hours(pool, account_of(pool), trade.gpu_seconds)?;
        Self::give_hours(pool, client, trade.gpu_seconds);
        Ok(trade)
    }

    fn no_longer_owed(pool: PoolId, amount: Balance) -> DispatchResult {
        Owed::try_mutate(pool, |owed| {
            *owed = owed.checked_sub(amount).ok_or("so much is not owed")?;
            Ok(())
        })
    }
}

fn burn(who: AccountId, amount: Balance) -> DispatchResult {
    Balances::burn_from(
        &who,
        amount,
        Preservation::Preserve,
        Precision::Exact,
        Fortitude::Polite,
    )?;
    Ok(())
}

impl Market<AccountId> for Pools {
    fn now() -> Moment {
        Now::get()
    }

    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError> {
        ensure!(PoolStates::contains_key(pool), "no such pool");
        Ok(PoolTerms {
            provide_seconds: 7 * 86_400,
            sell_unit_seconds: 86_400,
            sell_max_seconds: 7 * 86_400,
            rental_min_seconds: RENTAL_MIN,
            rental_max_seconds: RENTAL_MAX,
            challenge: CPU_REFERENCE.profile,
            benchmark_gops: 1,
            privacy_limit: 25,
        })
    }

    fn synced(pool: PoolId) -> Result<Pool, DispatchError> {
        let mut state = PoolStates::get(pool).ok_or("no such pool")?;
        let synced = state.sync(Now::get(), &mut StoredAgenda(pool)).map_err(refused)?;
        SyncWeight::mutate(|weight| *weight += sync_weight(synced.pages.into()));
        PoolStates::insert(pool, &state);
        Owed::mutate(pool, |owed| *owed += synced.streamed);
        Self::take_hours(pool, account_of(pool), synced.dissipated_gpu_seconds)?;
        Ok(state)
    }

    fn most_sync_weight() -> Weight {
        sync_weight(super::STAKE / HOUR + 2)
    }

    fn take_sync_weight() -> Weight {
        SyncWeight::take()
    }

    fn issue_hours(pool: PoolId, who: &AccountId, gpu_seconds: u128) -> DispatchResult {
        Self::synced(pool)?;
        Self::give_hours(pool, *who, gpu_seconds);
        Ok(())
    }

    fn retire_hours(pool: PoolId, who: &AccountId, gpu_seconds: u128) -> DispatchResult {
        Self::synced(pool)?;
        Self::take_hours(pool, *who, gpu_seconds)
    }

    fn join(
        pool: PoolId,
        provider: &AccountId,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Joined, DispatchError> {
        let joined = Self::with(pool, |state, agenda| state.join(until, agenda))?;
        ensure!(joined.paid <= max_cost, "the cost is above the bound");
        Balances::transfer(provider, &account_of(pool), joined.paid, Preservation::Preserve)?;
        Self::give_hours(pool, account_of(pool), joined.gpu_seconds);
        Ok(joined)
    }

    fn stream_index(_: PoolId, _: Moment) -> Result<U256, DispatchError> {
        unreachable!("this double pays no providers out")
    }

    fn forget_ending(_: PoolId, _: Moment) -> DispatchResult {
        unreachable!("this double pays no providers out")
    }

    fn leave(
        pool: PoolId,
        position: &Provided,
        paid: Balance,
        gpu_seconds: u128,
        rented_until: Option<Moment>,
    ) -> Result<Left, DispatchError> {
        let left = Self::with(pool, |state, agenda| {
            state.leave(position, paid, gpu_seconds, rented_until, agenda)
        })?;
        Self::take_hours(pool, account_of(pool), left.gpu_seconds)?;
        Owed::mutate(pool, |owed| *owed += left.returned);
        Ok(left)
    }

    fn sell(
        _: PoolId,
        _: &AccountId,
        _: Option<Moment>,
        _: Moment,
        _: Balance,
    ) -> Result<Trade, DispatchError> {
        unreachable!("this double buys no time")
    }

    fn remove_sold(_: PoolId, _: Moment, _: Option<Moment>) -> Result<u128, DispatchError> {
        unreachable!("this double buys no time")
    }

    fn rent(
        pool: PoolId,
        client: &AccountId,
        devices: u32,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Trade, DispatchError> {
        let trade = Self::with(pool, |state, agenda| {
            state.rent(devices, until, &limits(), agenda)
        })?;
        Self::buy(pool, *client, trade, max_cost)
    }

    fn extend_rental(
        pool: PoolId,
        client: &AccountId,
        devices: u32,
        from: Moment,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Trade, DispatchError> {
        let trade = Self::with(pool, |state, agenda| {
            state.extend_rental(devices, from, until, &limits(), agenda)
        })?;
        Self::buy(pool, *client, trade, max_cost)
    }

    fn give_back(
        pool: PoolId,
        client: &AccountId,
        devices: u32,
        until: Moment,
        min_refund: Balance,
    ) -> Result<Trade, DispatchError> {
        let trade = Self::with(pool, |state, agenda| {
            state.give_back(devices, until, &limits(), agenda)
        })?;
        ensure!(trade.proceeds() >= min_refund, "the refund is below the bound");
        Self::take_hours(pool, *client, trade.gpu_seconds)?;
        Self::give_hours(pool, account_of(pool), trade.gpu_seconds);
        burn(account_of(pool), trade.fee)?;
        Balances::transfer(
            &account_of(pool),
            client,
            trade.proceeds(),
            Preservation::Preserve,
        )?;
        Ok(trade)
    }

    fn quote_rent(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let pool = Self::synced(pool)?;
        let trade = pool.quote_rent(gpu_seconds, &limits()).map_err(refused)?;
        Ok(TradeQuote::of_purchase(&pool, &trade, until))
    }

    fn quote_sell(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let pool = Self::synced(pool)?;
        let trade = pool.quote_sell(gpu_seconds, &limits()).map_err(refused)?;
        Ok(TradeQuote::of_sale(&pool, &trade, until))
    }

    fn quote_give_back(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError> {
        let pool = Self::synced(pool)?;
        let trade = pool.quote_give_back(gpu_seconds, &limits()).map_err(refused)?;
        Ok(TradeQuote::of_sale(&pool, &trade, until))
    }

    fn return_unserved(pool: PoolId, client: &AccountId, until: Moment) -> DispatchResult {
        let gpu_seconds = Self::with(pool, |state, agenda| state.return_unserved(until, agenda))?;
        Self::take_hours(pool, *client, gpu_seconds)?;
        Self::give_hours(pool, account_of(pool), gpu_seconds);
        Ok(())
    }

    fn refund(pool: PoolId, amount: Balance) -> Result<Balance, DispatchError> {
        let paid = Self::with(pool, |state, _| Ok(state.refund(amount)))?;
        Owed::mutate(pool, |owed| *owed += paid);
        Ok(paid)
    }

    fn compensate(pool: PoolId, amount: Balance) -> DispatchResult {
        Self::with(pool, |state, _| state.compensate(amount))?;
        Self::no_longer_owed(pool, amount)
    }

    fn deposit_owed(pool: PoolId, from: &AccountId, amount: Balance) -> DispatchResult {
        Self::synced(pool)?;
        Balances::transfer(from, &account_of(pool), amount, Preservation::Preserve)?;
        Owed::mutate(pool, |owed| *owed += amount);
        Ok(())
    }

    fn pay(pool: PoolId, to: &AccountId, amount: Balance) -> DispatchResult {
        Self::synced(pool)?;
        Self::no_longer_owed(pool, amount)?;
        Balances::transfer(&account_of(pool), to, amount, Preservation::Preserve)?;
        Ok(())
    }

    fn burn_owed(pool: PoolId, amount: Balance) -> DispatchResult {
        Self::synced(pool)?;
        Self::no_longer_owed(pool, amount)?;
        burn(account_of(pool), amount)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark(_creator: &AccountId) -> Result<PoolId, DispatchError> {
        let pool = super::miners::BENCHMARK_POOL;
        create(pool, super::RESERVE, super::PRICE);
        Ok(pool)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment) {
        Now::set(moment);
    }
}

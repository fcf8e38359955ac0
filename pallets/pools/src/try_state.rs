//! The invariants of the pallet's state, as listed in the crate's documentation.

use crate::{
    Agendas, Config, Endings, FreezeReason, MARKED_HOURS, Pallet, PoolInfos, PoolOfSymbol, Pools, PriceMarks,
    create::folded, stored_agenda::key,
};
use alloc::collections::BTreeMap;
use frame_support::{
    ensure,
    traits::{
        fungible::Inspect as _,
        fungibles::{Inspect as _, freeze::Inspect as _},
    },
};
use loopin_math::{Agenda, Contribution, Ending, Page, Pool, time::hour_of};
use loopin_primitives::PoolId;
use sp_runtime::TryRuntimeError;

/// A copy of a pool's agenda, to see what it will do.
struct CopiedAgenda(BTreeMap<u64, Page>);

impl Agenda for CopiedAgenda {
    fn page(&self, hour: u64) -> Page {
        self.0.get(&hour).cloned().unwrap_or_default()
    }
    fn set_page(&mut self, hour: u64, page: Page) {
        self.0.insert(hour, page);
    }
    fn record_endings(&mut self, _: u64, _: &[Ending]) {}
}

impl<T: Config> Pallet<T> {
    /// Checks every invariant that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        for (id, state) in Pools::<T>::iter() {
            let account = Self::account_of(id);

            // 1
            let needed = state
                .pool
                .reserve
                .checked_add(state.owed)
                .and_then(|needed| needed.checked_add(T::Currency::minimum_balance()))
                .ok_or("a pool owes more than can exist")?;
            ensure!(
                T::Currency::balance(&account) >= needed,
                "a pool's account cannot pay what it owes"
            );

            // 2
            ensure!(
                T::Assets::balance(id, &account) == state.pool.idle_gpu_seconds(),
                "a pool's hour tokens are not its idle time"
            );

            Self::check_agenda(id, &state.pool)?;

            // 7
            ensure!(
                state.pool.retention.is_normal(),
                "what is left of a pool's first reserve is no proper number"
            );
        }

        // 3
        for who in frame_system::Account::<T>::iter_keys() {
            for id in Pools::<T>::iter_keys() {
                let is_pool = who == Self::account_of(id);
                ensure!(
                    is_pool
                        || T::Freezer::balance_frozen(id, &FreezeReason::HourTokens.into(), &who)
                            == T::Assets::balance(id, &who),
                    "hour tokens outside of the pool are not frozen"
                );
            }
        }

        Self::check_symbols()?;
        Self::check_price_marks()?;

        // 6
        for (_, _, endings) in Endings::<T>::iter() {
            ensure!(!endings.is_empty(), "an hour without endings is kept");
            ensure!(
                endings.iter().all(|ending| ending.positions > 0),
                "an ending without positions is kept"
            );
        }
        Ok(())
    }

    /// Invariant 8.
    fn check_symbols() -> Result<(), TryRuntimeError> {
        for (pool, info) in PoolInfos::<T>::iter() {
            ensure!(
                PoolOfSymbol::<T>::get(folded(&info.symbol)) == Some(pool),
                "the symbol of a pool does not name it"
            );
        }
        ensure!(
            PoolOfSymbol::<T>::iter().count() == PoolInfos::<T>::iter().count(),
            "a symbol names no pool"
        );
        Ok(())
    }

    /// Invariant 9.
    fn check_price_marks() -> Result<(), TryRuntimeError> {
        for (pool, key, mark) in PriceMarks::<T>::iter() {
            let state = Pools::<T>::get(pool).ok_or("a pool that does not exist has price marks")?;
            ensure!(
                key == mark.hour % MARKED_HOURS && u64::from(mark.hour) <= hour_of(state.pool.updated_at),
                "a price mark is kept under another hour, or was made in the future"
            );
            ensure!(
                mark.mark.reserve_integral_doubled <= state.pool.reserve_integral_doubled
                    && mark.mark.gpu_seconds_integral_doubled <= state.pool.gpu_seconds_integral_doubled,
                "a price mark is ahead of its pool"
            );
        }
        Ok(())
    }

    /// Whether the contribution can be one to that pool: it was made when no less was left of the pool's first reserve
    /// than now. For the invariants of the pallets that keep contributions.
    pub fn can_have(pool: PoolId, contribution: &Contribution) -> bool {
        Pools::<T>::get(pool).is_some_and(|state| {
            contribution.retention.is_normal() && contribution.retention.is_at_least(&state.pool.retention)
        })
    }

    /// Invariants 4 and 5.
    fn check_agenda(id: PoolId, pool: &Pool) -> Result<(), TryRuntimeError> {
        let mut agenda = CopiedAgenda(BTreeMap::new());
        for (hour, page) in Agendas::<T>::iter_prefix(id) {
            ensure!(!page.is_empty(), "an empty page of the agenda is kept");
            ensure!(
                hour >= key(hour_of(pool.updated_at)) && hour <= key(hour_of(pool.agenda_end)),
                "a page of the agenda lies outside of the pool's time"
            );
            agenda.set_page(hour.into(), page);
        }
        let mut future = pool.clone();
        future
            .sync(pool.agenda_end.max(pool.updated_at), &mut agenda)
            .map_err(|_| "the agenda of a pool cannot be worked off")?;
        ensure!(
            agenda.0.values().all(Page::is_empty),
            "something remains on the agenda after its end"
        );
        ensure!(
            future.idle_devices == 0
                && future.provider_devices == 0
                && future.share_rate == 0
                && future.shares == future.anchor_shares
                && future.gpu_seconds == future.anchor_gpu_seconds,
            "the agenda does not add up to the pool"
        );
        Ok(())
    }
}

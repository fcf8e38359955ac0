//! How pools are created.

use crate::{
    Config, Error, Event, GenesisPool, HoldReason, MaxNameLength, MaxSymbolLength, NextPoolId, Pallet,
    PoolInfo, PoolInfos, PoolOfSymbol, PoolState, Pools, hours::HoursChange,
};
use alloc::vec::Vec;
use frame_support::{
    BoundedVec, ensure,
    traits::{
        Get,
        fungible::{Inspect, Mutate, MutateHold},
        fungibles::{
            self, Create,
            metadata::{MetadataDeposit, Mutate as _},
        },
        tokens::Preservation,
    },
};
use loopin_math::{MathError, Pool, time::DAY};
use loopin_primitives::{Balance, Moment, PoolId, PoolTerms};
use sp_runtime::{DispatchError, DispatchResult, traits::AccountIdConversion};

/// How many numbers are tried for a new pool, if governance has created assets with the next ones.
const NUMBERS_TRIED: u32 = 16;
/// How long the mean price is taken that bounds the price at which a pool is deepened: as long as the longest sale.
const WEEK: u64 = 7 * DAY;
/// Hour tokens are whole GPU-seconds.
const HOUR_TOKEN_DECIMALS: u8 = 0;
/// The least balance of hour tokens.
const ONE_GPU_SECOND: u128 = 1;

impl<T: Config> Pallet<T> {
    /// The account of a pool.
    pub fn account_of(pool: PoolId) -> T::AccountId {
        T::PalletId::get().into_sub_account_truncating(pool)
    }

    pub(crate) fn do_create_pool(
        creator: T::AccountId,
        name: BoundedVec<u8, MaxNameLength>,
        symbol: BoundedVec<u8, MaxSymbolLength>,
        anchor: Balance,
        price_per_gpu_hour: Balance,
        terms: PoolTerms,
        created_at: Moment,
    ) -> Result<PoolId, DispatchError> {
        ensure!(
            is_printable(&name) && is_printable(&symbol),
            Error::<T>::InvalidName
        );
        ensure!(
            !PoolOfSymbol::<T>::contains_key(folded(&symbol)),
            Error::<T>::SymbolTaken
        );
        terms.check(T::LongestStake::get()).map_err(Error::<T>::from)?;
        let state =
            Pool::new(anchor, price_per_gpu_hour, created_at).map_err(|_| Error::<T>::PriceOutOfRange)?;

        let next = NextPoolId::<T>::get();
        let pool = (next..next.saturating_add(NUMBERS_TRIED))
            .find(|number| !<T::Assets as fungibles::Inspect<_>>::asset_exists(*number))
            .ok_or(Error::<T>::NoNumberLeft)?;
        NextPoolId::<T>::put(pool.checked_add(1).ok_or(Error::<T>::NoNumberLeft)?);

        let account = Self::account_of(pool);
        let token_name = [b"LooPIN GPU-seconds ", name.as_slice()].concat();
        let metadata_deposit = T::Assets::calc_metadata_deposit(&token_name, &symbol);
        let upkeep = metadata_deposit
            .checked_add(T::Currency::minimum_balance())
            .and_then(|upkeep| upkeep.checked_add(anchor))
            .ok_or(Error::<T>::Overflow)?;
        T::Currency::transfer(&creator, &account, upkeep, Preservation::Preserve)?;
        T::Currency::hold(&HoldReason::PoolDeposit.into(), &creator, T::PoolDeposit::get())?;
        T::Assets::create(pool, account.clone(), true, ONE_GPU_SECOND)?;
        T::Assets::set(pool, &account, token_name, symbol.to_vec(), HOUR_TOKEN_DECIMALS)?;

        Self::deposit_event(Event::PoolCreated {
            pool,
            creator: creator.clone(),
            symbol: symbol.to_vec(),
            anchor,
            anchor_gpu_seconds: state.anchor_gpu_seconds,
            price_per_gpu_hour: state.price_per_gpu_hour(),
        });
        Pools::<T>::insert(
            pool,
            PoolState {
                pool: state,
                anchor,
                owed: 0,
                rented_volume: 0,
                sold_volume: 0,
            },
        );
        PoolOfSymbol::<T>::insert(folded(&symbol), pool);
        PoolInfos::<T>::insert(
            pool,
            PoolInfo {
                creator,
                name,
                symbol,
                created_at,
                terms,
            },
        );
        Ok(pool)
    }

    /// Locks more LOOPIN of `who` in a pool for ever, at its present price or at the mean of a week, if that is higher.
    pub(crate) fn do_deepen(who: &T::AccountId, pool: PoolId, amount: Balance) -> DispatchResult {
        let week_ago = Self::mark_of(pool, Self::now().saturating_sub(WEEK));
        let deepened = Self::change(
            pool,
            |state, _| {
                state.anchor = state.anchor.checked_add(amount).ok_or(MathError::Overflow)?;
                state.pool.deepen(amount, &week_ago)
            },
            // The anchor's time is virtual.
            |_| HoursChange::None,
        )?;
        T::Currency::transfer(who, &Self::account_of(pool), amount, Preservation::Preserve)?;
        Self::deposit_event(Event::Deepened {
            pool,
            who: who.clone(),
            amount,
            gpu_seconds: deepened.gpu_seconds,
        });
        Ok(())
    }

    pub(crate) fn build_genesis_pool(pool: &GenesisPool<T::AccountId>) -> DispatchResult {
        let bytes = |text: &str| -> Vec<u8> { text.as_bytes().to_vec() };
        Self::do_create_pool(
            pool.creator.clone(),
            bytes(&pool.name)
                .try_into()
                .map_err(|_| Error::<T>::InvalidName)?,
            bytes(&pool.symbol)
                .try_into()
                .map_err(|_| Error::<T>::InvalidName)?,
            pool.anchor,
            pool.price_per_gpu_hour,
            pool.terms,
            // There is no time before the first block: see `sync.rs`.
            0,
        )?;
        Ok(())
    }
}

/// A symbol as it must be unique: "rtx4090" would be mistaken for "RTX4090".
pub(crate) fn folded(symbol: &BoundedVec<u8, MaxSymbolLength>) -> BoundedVec<u8, MaxSymbolLength> {
    // As long as the symbol itself.
    BoundedVec::truncate_from(symbol.to_ascii_uppercase())
}

fn is_printable(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
        && text.first() != Some(&b' ')
        && text.last() != Some(&b' ')
}

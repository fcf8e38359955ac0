//! What creating a pool and syncing one cost at worst, and how other pallets' benchmarks get a pool.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::{
    BoundedVec,
    traits::{Get, fungible::Mutate},
};
use frame_system::RawOrigin;
use loopin_challenge::{Limits, Profile};
use loopin_math::time::{HOUR, MINUTE, MINUTES_PER_HOUR};
use loopin_primitives::{Balance, Moment, PoolId, PoolTerms};
use sp_runtime::DispatchError;

/// How the benchmarks of this pallet, and of those that build on it, let time pass.
pub trait BenchmarkHelper {
    /// Makes that moment, in Unix seconds, the present.
    fn set_now(moment: Moment);
}

/// The price of the benchmarks' pools: half a LOOPIN per GPU-hour.
const PRICE_PER_GPU_HOUR: Balance = 500_000_000_000;

fn longest<S: Get<u32>>() -> BoundedVec<u8, S> {
    BoundedVec::truncate_from(alloc::vec![b'x'; S::get() as usize])
}

fn terms<T: Config>() -> PoolTerms {
    let longest = T::LongestStake::get();
    PoolTerms {
        provide_seconds: longest,
        sell_unit_seconds: MINUTE,
        sell_max_seconds: longest,
        rental_min_seconds: MINUTE,
        rental_max_seconds: longest,
        challenge: Profile {
            n: 64,
            matrices: 4,
            lanes: 8,
            entries: 3,
            opened_lanes: 2,
            limits: Limits {
                prepare_ms: 5_000,
                fill_ms: 5_000,
                walk_ms: 5_000,
                open_ms: 5_000,
            },
        },
        benchmark_gops: 1,
        privacy_limit: 25,
    }
}

fn anchor<T: Config>() -> Balance {
    T::MinimumAnchor::get().max(1_000_000 * PRICE_PER_GPU_HOUR)
}

/// A symbol of full length that no pool has yet.
fn unused_symbol<T: Config>() -> BoundedVec<u8, MaxSymbolLength> {
    let number = NextPoolId::<T>::get();
    BoundedVec::truncate_from(alloc::format!("{number:0>12}").into_bytes())
}

/// Creates a pool with enough time to rent one device, and returns its number.
pub fn create_pool<T: Config>(creator: &T::AccountId) -> Result<PoolId, DispatchError> {
    T::Currency::mint_into(creator, anchor::<T>().saturating_mul(10))?;
    Pallet::<T>::do_create_pool(
        creator.clone(),
        longest(),
        unused_symbol::<T>(),
        anchor::<T>(),
        PRICE_PER_GPU_HOUR,
        terms::<T>(),
        Pallet::<T>::now(),
    )
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn create_pool() -> Result<(), BenchmarkError> {
        let creator: T::AccountId = whitelisted_caller();
        T::Currency::mint_into(&creator, anchor::<T>().saturating_mul(10))?;

        #[extrinsic_call]
        _(
            RawOrigin::Signed(creator),
            longest(),
            unused_symbol::<T>(),
            anchor::<T>(),
            PRICE_PER_GPU_HOUR,
            terms::<T>(),
        );

        assert!(Pools::<T>::contains_key(NextPoolId::<T>::get() - 1));
        Ok(())
    }

    /// Each page has a change in each of its minutes: a provider's position ends, which is also recorded.
    #[benchmark]
    fn sync(p: Linear<0, { Pallet::<T>::most_pages() - 3 }>) -> Result<(), BenchmarkError> {
        let provider: T::AccountId = account("provider", 0, 0);
        T::Currency::mint_into(&provider, anchor::<T>().saturating_mul(1_000_000))?;
        let pool = super::create_pool::<T>(&provider)?;
        // Positions can only be added to a pool that is at the present moment, and no pool has begun at the moment zero.
        let whole_hour = (Pallet::<T>::now() + 1).next_multiple_of(HOUR);
        Pools::<T>::mutate(pool, |state| {
            if let Some(state) = state {
                state.pool.updated_at = whole_hour;
            }
        });
        let mut state = Pools::<T>::get(pool).ok_or("there is no pool")?;
        let mut agenda = stored_agenda::StoredAgenda::<T>::of(pool);
        for minute in 1..=p * MINUTES_PER_HOUR {
            let added = state
                .pool
                .add_liquidity(whole_hour + u64::from(minute) * MINUTE, &mut agenda)
                .map_err(|_| "liquidity cannot be added")?;
            Pallet::<T>::mint_in_pool(pool, added.gpu_seconds)?;
            T::Currency::mint_into(&Pallet::<T>::account_of(pool), added.paid)?;
        }
        Pools::<T>::insert(pool, &state);
        let until = whole_hour + u64::from(p) * HOUR + MINUTE;
        T::BenchmarkHelper::set_now(until);

        #[block]
        {
            Pallet::<T>::sync_now(pool)?;
        }

        let state = Pools::<T>::get(pool).ok_or("the pool is gone")?;
        assert_eq!(state.pool.provider_devices, 0);
        Ok(())
    }

    #[benchmark]
    fn deepen() -> Result<(), BenchmarkError> {
        let who: T::AccountId = whitelisted_caller();
        let pool = super::create_pool::<T>(&who)?;
        let before = Pools::<T>::get(pool).ok_or("there is no pool")?.anchor;
        // The pool needs a mean price, and is not to cross an hour, which costs extra.
        T::BenchmarkHelper::set_now(Pallet::<T>::now() + 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(who), pool, anchor::<T>());

        let after = Pools::<T>::get(pool).ok_or("the pool is gone")?.anchor;
        assert_eq!(after, before + anchor::<T>());
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}

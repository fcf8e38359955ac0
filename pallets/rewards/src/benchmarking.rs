//! What epochs, verdicts and calls cost, each measured at its worst.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::{
    BoundedVec,
    traits::{
        EnsureOrigin, Get,
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
    },
};
use frame_system::RawOrigin;
use loopin_math::rate_per_second;
use loopin_primitives::{
    Balance, ChallengeKind, DeviceId, EpochId, LiquidityHooks, Moment, PoolId, RentalHooks, Verdict,
    VerdictHooks,
};
use pallet_devices::benchmarking::create_verified;
use pallet_pools::{BenchmarkHelper, CurrencyOf};
use sp_runtime::DispatchError;

/// When the first epoch of the benchmarks begins.
const START: Moment = 1_900_000_000;
/// What the device of the benchmarks earns in an epoch: one LOOPIN.
const REWARD: Balance = 1_000_000_000_000;

/// The first epoch begins.
fn begin<T: Config>() {
    T::BenchmarkHelper::set_now(START);
    Pallet::<T>::begin_block();
}

/// The running epoch ends.
fn end_epoch<T: Config>() -> Result<(), BenchmarkError> {
    let epoch = CurrentEpoch::<T>::get().ok_or("an epoch runs")?;
    T::BenchmarkHelper::set_now(epoch.end);
    Pallet::<T>::begin_block();
    Ok(())
}

/// A pool. Its creator is endowed with more than it needs, and the rest is burned, as it would be above the cap.
fn pool<T: Config>() -> Result<PoolId, DispatchError> {
    let creator: T::AccountId = account("creator", 0, 0);
    let pool = pallet_pools::benchmarking::create_pool::<T>(&creator)?;
    let left = CurrencyOf::<T>::reducible_balance(&creator, Preservation::Preserve, Fortitude::Polite);
    CurrencyOf::<T>::burn_from(
        &creator,
        left,
        Preservation::Preserve,
        Precision::Exact,
        Fortitude::Polite,
    )?;
    Ok(pool)
}

/// A pool that is listed.
fn listed_pool<T: Config>() -> Result<PoolId, DispatchError> {
    let pool = pool::<T>()?;
    Pallet::<T>::do_set_listing(pool, 1)?;
    Ok(pool)
}

/// An account that exists.
fn owner<T: Config>() -> Result<T::AccountId, DispatchError> {
    let owner: T::AccountId = account("owner", 0, 0);
    CurrencyOf::<T>::mint_into(&owner, CurrencyOf::<T>::minimum_balance())?;
    Ok(owner)
}

/// A device with all that can be kept of it: a reward for each epoch that can be settled, in the given `state`, and as
/// many intervals and verdicts as there is room for.
fn full_miner<T: Config>(
    state: impl Fn(EpochId) -> RewardState,
) -> Result<(DeviceId, T::AccountId), DispatchError> {
    let (pool, owner) = (listed_pool::<T>()?, owner::<T>()?);
    let device = create_verified::<T>(&owner, pool)?;
    let index = HISTORY_EPOCHS;
    let epoch = CurrentEpoch::<T>::get().unwrap_or(Epoch {
        index,
        start: START,
        end: START + 60,
    });
    CurrentEpoch::<T>::put(Epoch { index, ..epoch });
    let mut unsettled = BoundedVec::new();
    for epoch in 0..index {
        let from = START + u64::from(epoch) * 1_000;
        let pool_epoch = PoolEpoch {
            from,
            until: from + 1_000,
            price: REWARD,
            provider_seconds: 1_000,
            part: REWARD,
            rate: rate_per_second(REWARD, 1_000),
            left: REWARD,
        };
        PoolEpochs::<T>::insert(epoch, pool, pool_epoch);
        let state = state(epoch);
        let record = EpochRecord {
            epoch,
            state,
            rented_until: (state == RewardState::Held(None)).then_some(Moment::MAX),
        };
        let _ = unsettled.try_push(record);
    }
    let mut intervals = BoundedVec::new();
    for number in 0..MAX_INTERVALS {
        let from = START + u64::from(number) * 5_000;
        let interval = Interval {
            position: number,
            from,
            until: from + 5_000,
            outstanding: 0,
            ended: number + 1 < MAX_INTERVALS,
        };
        let _ = intervals.try_push(interval);
    }
    let performance = EpochPerformance {
        epoch: index,
        works: BoundedVec::truncate_from(alloc::vec![1; MAX_WORKS as usize]),
        privacy: 100,
        age_seconds: 1,
        failed: false,
        rented_since: false,
    };
    Miners::<T>::insert(
        device,
        Miner {
            owner: owner.clone(),
            pool,
            intervals,
            performance,
            unsettled,
            rented_until: 0,
        },
    );
    Supply::<T>::mutate(|supply| supply.emitted = 1_000 * REWARD);
    Ok((device, owner))
}

/// What is shown by a device that falls short of everything.
const POOR: Performance = Performance {
    work_gops: 0,
    privacy: 0,
    age_seconds: 0,
};

fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
    T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn wait() {
        begin::<T>();

        #[block]
        {
            Pallet::<T>::begin_block();
        }

        assert_eq!(CurrentEpoch::<T>::get().map(|epoch| epoch.index), Some(0));
    }

    /// The team is paid too, and the oldest epoch is forgotten.
    #[benchmark]
    fn close(p: Linear<0, MAX_LISTED_POOLS>) -> Result<(), BenchmarkError> {
        // Those of the genesis.
        Listings::<T>::kill();
        Team::<T>::put(owner::<T>()?);
        CurrencyOf::<T>::mint_into(&T::Treasury::get(), CurrencyOf::<T>::minimum_balance())?;
        for _ in 0..p {
            listed_pool::<T>()?;
        }
        begin::<T>();
        let batch = T::TeamBatchEpochs::get();
        let before = HISTORY_EPOCHS.saturating_add(1).next_multiple_of(batch) - 1;
        for _ in 0..before {
            end_epoch::<T>()?;
        }
        let epoch = CurrentEpoch::<T>::get().ok_or("an epoch runs")?;
        T::BenchmarkHelper::set_now(epoch.end);

        #[block]
        {
            Pallet::<T>::begin_block();
        }

        assert_eq!(PoolEpochs::<T>::iter_prefix(before).count() as u32, p);
        assert_eq!(Supply::<T>::get().treasury_due, 0);
        Ok(())
    }

    /// A pass under a full challenge of a device that was rented for as long as rewards look back.
    #[benchmark]
    fn verdict_reached() -> Result<(), BenchmarkError> {
        let (device, owner) = full_miner::<T>(|_| RewardState::Held(None))?;
        let verdict = Verdict::Passed {
            work_gops: 1,
            privacy: 1,
        };

        #[block]
        {
            Pallet::<T>::verdict_reached(device, verdict, ChallengeKind::Full);
        }

        assert!(Accounts::<T>::get(&owner).accrued.mining > 0);
        Ok(())
    }

    /// Of somebody who has a share of an earlier epoch.
    #[benchmark]
    fn credit() -> Result<(), BenchmarkError> {
        begin::<T>();
        let who = owner::<T>()?;
        Pallet::<T>::consumed(&who, REWARD, REWARD);
        end_epoch::<T>()?;

        #[block]
        {
            Pallet::<T>::consumed(&who, REWARD, REWARD);
        }

        assert_eq!(Accounts::<T>::get(&who).accrued.renting, REWARD);
        Ok(())
    }

    /// A device that has been rented for as long as rewards look back.
    #[benchmark]
    fn rented() -> Result<(), BenchmarkError> {
        let (device, _) = full_miner::<T>(|_| RewardState::Held(None))?;
        let epoch = CurrentEpoch::<T>::get().ok_or("an epoch runs")?;
        Miners::<T>::mutate_extant(device, |miner| {
            miner.performance.epoch = epoch.index.saturating_sub(HISTORY_EPOCHS + 1);
            miner.rent(Moment::MAX);
            miner.unsettled.clear();
        });

        #[block]
        {
            Pallet::<T>::rented(device, Moment::MAX);
        }

        let miner = Miners::<T>::get(device).ok_or("the device is known")?;
        assert!(miner.unsettled.is_full());
        Ok(())
    }

    #[benchmark]
    fn settle(e: Linear<1, HISTORY_EPOCHS>) -> Result<(), BenchmarkError> {
        let (device, owner) = full_miner::<T>(|epoch| {
            if epoch < e {
                RewardState::Earned(POOR)
            } else {
                RewardState::Held(None)
            }
        })?;
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), device);

        assert!(Accounts::<T>::get(&owner).minted > 0);
        Ok(())
    }

    #[benchmark]
    fn claim() -> Result<(), BenchmarkError> {
        begin::<T>();
        let who = owner::<T>()?;
        Pallet::<T>::consumed(&who, REWARD, REWARD);
        Pallet::<T>::duty_done(&who, 1);
        end_epoch::<T>()?;
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), who.clone());

        assert!(Accounts::<T>::get(&who).minted > REWARD);
        Ok(())
    }

    #[benchmark]
    fn set_parameters() -> Result<(), BenchmarkError> {
        let origin = governance::<T>()?;
        let parameters = Parameters {
            epoch_seconds: 777,
            ..Parameters::default()
        };

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, parameters);

        assert_eq!(RewardParameters::<T>::get(), parameters);
        Ok(())
    }

    /// The last pool for which there is room.
    #[benchmark]
    fn set_listing() -> Result<(), BenchmarkError> {
        Listings::<T>::kill();
        for _ in 1..MAX_LISTED_POOLS {
            listed_pool::<T>()?;
        }
        let pool = pool::<T>()?;
        let origin = governance::<T>()?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, pool, 1);

        assert!(Listings::<T>::get().contains_key(&pool));
        Ok(())
    }

    #[benchmark]
    fn set_team() -> Result<(), BenchmarkError> {
        let origin = governance::<T>()?;
        let team: T::AccountId = account("team", 0, 0);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Some(team.clone()));

        assert_eq!(Team::<T>::get(), Some(team));
        Ok(())
    }

    #[benchmark]
    fn set_stopped() -> Result<(), BenchmarkError> {
        let origin = T::EmergencyOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, true);

        assert!(Stopped::<T>::get());
        Ok(())
    }

    /// Liquidity ends, and is added anew.
    #[benchmark]
    fn change_liquidity() -> Result<(), BenchmarkError> {
        let (device, owner) = full_miner::<T>(|_| RewardState::Held(None))?;
        let pool = Miners::<T>::get(device).ok_or("the device is known")?.pool;

        #[block]
        {
            Pallet::<T>::liquidity_ended(MAX_INTERVALS - 1, device);
            Pallet::<T>::liquidity_added(MAX_INTERVALS, &owner, device, pool, Moment::MAX, REWARD);
        }

        assert_eq!(Accounts::<T>::get(&owner).liquidity, REWARD);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}

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
use loopin_math::{RoundCount, rate_per_second};
use loopin_primitives::{
    Balance, ChallengeKind, DeviceId, LiquidityHooks, Moment, PoolId, RentalHooks, Verdict, VerdictHooks,
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
    Pallet::<T>::do_set_listing(pool, REWARD)?;
    Ok(pool)
}

/// An account that exists.
fn owner<T: Config>() -> Result<T::AccountId, DispatchError> {
    let owner: T::AccountId = account("owner", 0, 0);
    CurrencyOf::<T>::mint_into(&owner, CurrencyOf::<T>::minimum_balance())?;
    Ok(owner)
}

/// Gives an account LOOPIN, and puts that much of it on the loyalty hold.
fn hold<T: Config>(who: &T::AccountId, amount: Balance) -> Result<(), DispatchError> {
    CurrencyOf::<T>::mint_into(who, amount.saturating_mul(2))?;
    Pallet::<T>::do_add_to_hold(who, amount)
}

/// A device with all that can be kept of it: an epoch that is over and not settled, a running one, and as many intervals and
/// verdicts as there is room for. It is rented.
fn full_miner<T: Config>() -> Result<(DeviceId, T::AccountId), DispatchError> {
    let (pool, owner) = (listed_pool::<T>()?, owner::<T>()?);
    let device = create_verified::<T>(&owner, pool)?;
    begin::<T>();
    let epoch = Epoch {
        index: 1,
        start: START + 100_000,
        end: START + 200_000,
    };
    CurrentEpoch::<T>::put(epoch);
    T::BenchmarkHelper::set_now(epoch.start + 1_000);
    let pool_epoch = PoolEpoch {
        from: START,
        until: epoch.start,
        price: REWARD,
        reference_price: REWARD,
        provider_seconds: 50_000,
        rounds: 24,
        part: REWARD,
        rate: rate_per_second(REWARD, 50_000),
        left: REWARD,
    };
    PoolEpochs::<T>::insert(0, pool, pool_epoch);
    let mut intervals = BoundedVec::new();
    for number in 0..MAX_INTERVALS {
        let from = START + u64::from(number) * 5_000;
        let is_last = number + 1 == MAX_INTERVALS;
        let interval = Interval {
            position: number,
            from,
            until: if is_last { epoch.end } else { from + 2_000 },
            outstanding: 0,
            from_hold: 0,
            ended: !is_last,
        };
        let _ = intervals.try_push(interval);
    }
    let mut rounds = RoundCount::default();
    rounds.pass(5, 1);
    let time = TimeUsed {
        rented_seconds: 1_000,
        paid: REWARD,
        drained_seconds: 1_000,
    };
    let performance = EpochPerformance {
        epoch: 0,
        works: BoundedVec::truncate_from(alloc::vec![1; MAX_WORKS as usize]),
        privacy: 0,
        age_seconds: 1,
        rounds,
        lost: false,
        time,
    };
    Miners::<T>::insert(
        device,
        Miner {
            owner: owner.clone(),
            pool,
            intervals,
            performance,
            unsettled: None,
            failing: false,
            draining: false,
            tenancy: Some(Tenancy {
                until: epoch.end,
                paid: REWARD,
            }),
            overpaid: 1,
            counted_until: START + 50_000,
        },
    );
    Supply::<T>::mutate(|supply| supply.emitted = 1_000 * REWARD);
    Ok((device, owner))
}

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

    /// The first of an epoch, on a device that is rented.
    #[benchmark]
    fn verdict_reached() -> Result<(), BenchmarkError> {
        let (device, owner) = full_miner::<T>()?;
        let verdict = Verdict::Passed {
            work_gops: 1,
            privacy: 1,
        };

        #[block]
        {
            Pallet::<T>::verdict_reached(device, verdict, ChallengeKind::Full, 5, 0);
        }

        assert!(Accounts::<T>::get(&owner).accrued.mining > 0);
        Ok(())
    }

    #[benchmark]
    fn round_began() {
        #[block]
        {
            Pallet::<T>::round_began();
        }

        assert_eq!(EpochRounds::<T>::get(), 1);
    }

    /// Of somebody who has a share of an earlier epoch.
    #[benchmark]
    fn credit() -> Result<(), BenchmarkError> {
        begin::<T>();
        let (pool, who) = (listed_pool::<T>()?, owner::<T>()?);
        Pallet::<T>::consumed(pool, &who, REWARD, 2 * REWARD);
        end_epoch::<T>()?;

        #[block]
        {
            Pallet::<T>::consumed(pool, &who, REWARD, REWARD);
        }

        assert_eq!(Accounts::<T>::get(&who).accrued.renting, REWARD);
        Ok(())
    }

    /// The first of an epoch that a device hears of.
    #[benchmark]
    fn rented() -> Result<(), BenchmarkError> {
        let (device, _) = full_miner::<T>()?;

        #[block]
        {
            Pallet::<T>::rented(device, START + 200_000, REWARD);
        }

        let miner = Miners::<T>::get(device).ok_or("the device is known")?;
        assert!(miner.unsettled.is_some());
        Ok(())
    }

    #[benchmark]
    fn settle() -> Result<(), BenchmarkError> {
        let (device, owner) = full_miner::<T>()?;
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), device);

        assert!(Accounts::<T>::get(&owner).minted > 0);
        Ok(())
    }

    #[benchmark]
    fn claim() -> Result<(), BenchmarkError> {
        begin::<T>();
        let (pool, who) = (listed_pool::<T>()?, owner::<T>()?);
        Pallet::<T>::consumed(pool, &who, REWARD, 2 * REWARD);
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
        _(origin as T::RuntimeOrigin, pool, REWARD);

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

    /// Liquidity ends, and is added anew, from the loyalty hold and back.
    #[benchmark]
    fn change_liquidity() -> Result<(), BenchmarkError> {
        let (device, owner) = full_miner::<T>()?;
        let pool = Miners::<T>::get(device).ok_or("the device is known")?.pool;
        hold::<T>(&owner, 2 * REWARD)?;
        Miners::<T>::mutate_extant(device, |miner| {
            miner
                .intervals
                .iter_mut()
                .for_each(|interval| interval.from_hold = if interval.ended { 0 } else { REWARD });
        });

        #[block]
        {
            Pallet::<T>::liquidity_ended(MAX_INTERVALS - 1, device);
            Pallet::<T>::liquidity_returned(&owner, REWARD);
            Pallet::<T>::fund_liquidity(&owner, REWARD);
            Pallet::<T>::liquidity_added(MAX_INTERVALS, &owner, device, pool, Moment::MAX, REWARD);
        }

        assert_eq!(Accounts::<T>::get(&owner).liquidity, REWARD);
        Ok(())
    }

    #[benchmark]
    fn set_payout() -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), Payout::Free);

        assert_eq!(Payouts::<T>::get(&caller), Payout::Free);
        Ok(())
    }

    #[benchmark]
    fn add_to_hold() -> Result<(), BenchmarkError> {
        begin::<T>();
        let caller: T::AccountId = whitelisted_caller();
        CurrencyOf::<T>::mint_into(&caller, 2 * REWARD)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), REWARD);

        assert_eq!(Accounts::<T>::get(&caller).held, REWARD);
        Ok(())
    }

    /// As many as anybody can have are waiting.
    #[benchmark]
    fn release() -> Result<(), BenchmarkError> {
        begin::<T>();
        let caller: T::AccountId = whitelisted_caller();
        hold::<T>(&caller, REWARD)?;
        for _ in 1..MAX_RELEASES {
            Pallet::<T>::do_release(&caller, 1)?;
        }

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), 1);

        assert_eq!(Releases::<T>::get(&caller).len() as u32, MAX_RELEASES);
        Ok(())
    }

    #[benchmark]
    fn pay_released() -> Result<(), BenchmarkError> {
        begin::<T>();
        let caller: T::AccountId = whitelisted_caller();
        hold::<T>(&caller, REWARD)?;
        for _ in 0..MAX_RELEASES {
            Pallet::<T>::do_release(&caller, 1)?;
        }
        T::BenchmarkHelper::set_now(START + MAX_RELEASE_SECONDS);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), caller.clone());

        assert!(Releases::<T>::get(&caller).is_empty());
        Ok(())
    }

    #[benchmark]
    fn unlock_team() -> Result<(), BenchmarkError> {
        begin::<T>();
        let team = owner::<T>()?;
        Team::<T>::put(&team);
        for _ in 0..MAX_TEAM_LOCKS {
            Supply::<T>::mutate(|supply| {
                supply.team_due = REWARD;
                supply.emitted = supply.emitted.saturating_add(REWARD);
            });
            Pallet::<T>::pay_team();
        }
        T::BenchmarkHelper::set_now(START + T::TeamLockSeconds::get());
        let caller: T::AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), team.clone());

        assert!(TeamLocks::<T>::get(&team).is_empty());
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}

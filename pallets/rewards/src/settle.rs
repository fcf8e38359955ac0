//! How the rewards of a device are settled, epoch by epoch.

use crate::{
    Accounts, Config, CurrentEpoch, DeviceRewards, Epoch, EpochRecord, Event, Miner, MinerOf, Miners, Pallet,
    Performance, PoolEpochs, RewardParameters, RewardState, Supply,
};
use frame_support::traits::fungible::Inspect;
use loopin_math::{Conditions, Factors, Record, Reward, reward_at_rate};
use loopin_primitives::{Balance, DeviceId, Moment, PoolId};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{Permill, Perquintill};

/// How many epochs are settled at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettlementLimit {
    /// One, so that it costs the same for everybody.
    One,
    /// All that are kept: at most [`HISTORY_EPOCHS`](crate::HISTORY_EPOCHS).
    All,
}

impl<T: Config> Pallet<T> {
    /// Settles what can be settled of a device, and forgets the device if nothing is left. Returns how many epochs were
    /// settled.
    pub(crate) fn settle_device(device: DeviceId, limit: SettlementLimit) -> u32 {
        let (Some(epoch), Some(mut miner)) = (CurrentEpoch::<T>::get(), Miners::<T>::get(device)) else {
            return 0;
        };
        miner.roll(&epoch);
        let settled = Self::settle_epochs(device, &mut miner, limit);
        Self::store(device, miner, &epoch);
        settled
    }

    /// Settles epochs of a device, the oldest first, and returns how many. What is held stays.
    pub(crate) fn settle_epochs(device: DeviceId, miner: &mut MinerOf<T>, limit: SettlementLimit) -> u32 {
        Self::forget_unrented(miner);
        let is_due = |record: &EpochRecord| {
            !matches!(record.state, RewardState::Held(_))
                // What is too old can only be forgotten.
                || !PoolEpochs::<T>::contains_key(record.epoch, miner.pool)
        };
        let mut due: alloc::vec::Vec<EpochRecord> = miner.unsettled.iter().copied().filter(is_due).collect();
        if limit == SettlementLimit::One {
            due.truncate(1);
        }
        for record in &due {
            Self::settle_record(device, miner, record);
        }
        miner.unsettled.retain(|record| !due.contains(record));
        u32::try_from(due.len()).unwrap_or(u32::MAX)
    }

    /// Forgets the epochs in which a device was assumed to be rented but was not.
    fn forget_unrented(miner: &mut MinerOf<T>) {
        let pool = miner.pool;
        miner.unsettled.retain(|record| {
            record.rented_until.is_none_or(|until| {
                PoolEpochs::<T>::get(record.epoch, pool).is_some_and(|epoch| epoch.from < until)
            })
        });
        // The others need not be looked at again.
        miner
            .unsettled
            .iter_mut()
            .for_each(|record| record.rented_until = None);
    }

    /// Stores a device, or forgets it if it can earn nothing more.
    pub(crate) fn store(device: DeviceId, mut miner: MinerOf<T>, epoch: &Epoch) {
        if miner.unsettled.is_empty() {
            // For no pool does the running epoch begin earlier.
            miner
                .intervals
                .retain(|interval| !interval.ended || interval.until > epoch.start);
            if miner.intervals.is_empty() {
                Miners::<T>::remove(device);
                return;
            }
        }
        Miners::<T>::insert(device, miner);
    }

    fn settle_record(device: DeviceId, miner: &MinerOf<T>, record: &EpochRecord) {
        let Some(mut pool_epoch) = PoolEpochs::<T>::get(record.epoch, miner.pool) else {
            // The pool was not listed then, or nobody asked for too long.
            return;
        };
        let provider_seconds = miner.seconds_between(pool_epoch.from, pool_epoch.until);
        // The rate is rounded down, so all positions together never ask for more than there is. This makes sure of it.
        let standard = reward_at_rate(pool_epoch.rate, provider_seconds).min(pool_epoch.left);
        if standard == 0 {
            return;
        }
        pool_epoch.left = pool_epoch.left.saturating_sub(standard);
        PoolEpochs::<T>::insert(record.epoch, miner.pool, pool_epoch);

        let (factors, reward) = match record.state {
            RewardState::Earned(shown) => {
                let factors = Self::factors(miner, &shown);
                (Some(factors), factors.apply(standard))
            }
            RewardState::Held(_) | RewardState::Forfeited => (
                None,
                Reward {
                    paid: 0,
                    burned: standard,
                },
            ),
        };
        Supply::<T>::mutate(|supply| {
            let withheld = match factors {
                Some(_) => &mut supply.withheld.multiplier,
                None => &mut supply.withheld.failed,
            };
            *withheld = withheld.saturating_add(reward.burned);
        });
        if reward.paid > 0 {
            Accounts::<T>::mutate(&miner.owner, |account| {
                account.accrued.mining = account.accrued.mining.saturating_add(reward.paid)
            });
        }
        Self::deposit_event(Event::DeviceRewarded {
            device,
            owner: miner.owner.clone(),
            pool: miner.pool,
            epoch: record.epoch,
            provider_seconds,
            standard,
            factors,
            paid: reward.paid,
            burned: reward.burned,
        });
    }

    /// The factors of the multiplier of a device, for what it has shown, and for what its owner has now.
    fn factors(miner: &MinerOf<T>, shown: &Performance) -> Factors {
        let account = Accounts::<T>::get(&miner.owner);
        // What has accrued but is not paid, and what is in pools, is the owner's too.
        let balance = CurrencyOf::<T>::total_balance(&miner.owner)
            .saturating_add(account.accrued.total())
            .saturating_add(account.liquidity);
        // A device is only ever in a pool that exists.
        let (benchmark_gops, privacy_limit) =
            Pools::<T>::terms(miner.pool).map_or((0, 0), |terms| (terms.benchmark_gops, terms.privacy_limit));
        RewardParameters::<T>::get().multiplier.factors(&Record {
            age_seconds: shown.age_seconds,
            balance,
            minted: account.minted,
            privacy: shown.privacy,
            privacy_limit,
            work_gops: shown.work_gops,
            benchmark_gops,
        })
    }

    /// What a device brings its owner, or nothing if it is not known here.
    ///
    /// This settles it, which is of no consequence in a runtime API, whose changes are dropped.
    pub fn device_rewards(device: DeviceId) -> Option<DeviceRewards> {
        let mut miner = Miners::<T>::get(device)?;
        let factors = Self::present_factors(device);
        miner.roll(&CurrentEpoch::<T>::get()?);
        Self::forget_unrented(&mut miner);
        let held = miner
            .unsettled
            .iter()
            .filter(|record| matches!(record.state, RewardState::Held(_)))
            .filter_map(|record| PoolEpochs::<T>::get(record.epoch, miner.pool))
            .map(|epoch| reward_at_rate(epoch.rate, miner.seconds_between(epoch.from, epoch.until)))
            .fold(0, Balance::saturating_add);
        let before = Accounts::<T>::get(&miner.owner).accrued.mining;
        Self::settle_device(device, SettlementLimit::All);
        let after = Accounts::<T>::get(&miner.owner).accrued.mining;
        Some(DeviceRewards {
            due: after.saturating_sub(before),
            held,
            factors,
            multiplier: factors.map_or(Perquintill::zero(), |factors| factors.product()),
        })
    }

    /// The factors by which a device would be rewarded now, for what it has shown in the running epoch, or in the last
    /// one that is not settled.
    pub fn present_factors(device: DeviceId) -> Option<Factors> {
        let miner = Miners::<T>::get(device)?;
        let shown_in = |record: &EpochRecord| match record.state {
            RewardState::Earned(shown) => Some(shown),
            RewardState::Held(shown) => shown,
            RewardState::Forfeited => None,
        };
        let shown = miner
            .performance
            .shown()
            .or_else(|| miner.unsettled.iter().rev().find_map(shown_in))?;
        Some(Self::factors(&miner, &shown))
    }

    /// The standard reward of a GPU-hour in the last closed epoch of a pool, in planck, rounded down: `y` of the
    /// stability check.
    pub fn reward_per_gpu_hour(pool: PoolId) -> Option<Balance> {
        let last = CurrentEpoch::<T>::get()?.index.checked_sub(1)?;
        Some(reward_at_rate(
            PoolEpochs::<T>::get(last, pool)?.rate,
            loopin_math::time::HOUR,
        ))
    }

    /// What the stability check needs to know of a pool: its price and reward for a GPU-hour are those of its last
    /// closed epoch. The rest is up to whoever asks: the price of a GPU-hour elsewhere, the probability that a seller's
    /// device fails, the collateral for a GPU-hour that is then lost, and what genuine buyers pay.
    pub fn conditions(
        pool: PoolId,
        external_price: Balance,
        failure_probability: Permill,
        collateral: Balance,
        buyers_limit: Balance,
    ) -> Option<Conditions> {
        let last = CurrentEpoch::<T>::get()?.index.checked_sub(1)?;
        Some(Conditions {
            pool_price: PoolEpochs::<T>::get(last, pool)?.price,
            external_price,
            failure_probability,
            collateral,
            buyers_limit,
            reward: Self::reward_per_gpu_hour(pool)?,
        })
    }
}

impl<AccountId> Miner<AccountId> {
    /// For how many seconds of that time the device was in its pool. It is in one position at a time.
    fn seconds_between(&self, from: Moment, until: Moment) -> u64 {
        self.intervals
            .iter()
            .map(|interval| interval.until.min(until).saturating_sub(interval.from.max(from)))
            .fold(0, u64::saturating_add)
    }
}

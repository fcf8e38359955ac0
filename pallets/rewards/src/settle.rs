//! How the rewards of a device are settled, epoch by epoch.

use crate::{
    Accounts, Config, CurrentEpoch, DeviceRewards, Epoch, EpochRounds, Event, LastFullChallenge, MinerOf,
    Miners, Pallet, Performance, PoolEpochs, RewardParameters, Supply,
};
use loopin_math::{Conditions, Factors, Record, reward_at_rate};
use loopin_primitives::{Balance, DeviceId, PoolId};
use pallet_devices::Pallet as Devices;
use pallet_pools::Pallet as Pools;
use sp_runtime::{Permill, Perquintill};

impl<T: Config> Pallet<T> {
    /// Settles what can be settled of a device, and forgets the device if nothing is left.
    pub(crate) fn settle_device(device: DeviceId) {
        let (Some(epoch), Some(mut miner)) = (CurrentEpoch::<T>::get(), Miners::<T>::get(device)) else {
            return;
        };
        Self::roll(device, &mut miner, &epoch);
        Self::settle_record(device, &mut miner);
        Self::store(device, miner, &epoch);
    }

    /// Counts what the device's time until now was used for.
    pub(crate) fn count_until_now(device: DeviceId, miner: &mut MinerOf<T>) {
        if let Some(epoch) = CurrentEpoch::<T>::get() {
            Self::roll(device, miner, &epoch);
        }
        miner.count_time(Pools::<T>::now());
    }

    /// Closes the books on the epochs that are over.
    pub(crate) fn roll(device: DeviceId, miner: &mut MinerOf<T>, current: &Epoch) {
        let last = miner.performance.epoch;
        if last >= current.index {
            return;
        }
        let ended =
            |epoch| PoolEpochs::<T>::get(epoch, miner.pool).map_or(current.start, |epoch| epoch.until);
        let (own, latest) = (ended(last), ended(current.index.saturating_sub(1)));
        miner.close_books(current, own, latest, LastFullChallenge::<T>::get(device));
    }

    /// Stores a device, or forgets it if it can earn nothing more.
    pub(crate) fn store(device: DeviceId, mut miner: MinerOf<T>, epoch: &Epoch) {
        if miner.unsettled.is_none() {
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

    /// Settles the epoch that is over and not settled, if there is one.
    pub(crate) fn settle_record(device: DeviceId, miner: &mut MinerOf<T>) {
        let Some(record) = miner.unsettled.take() else {
            return;
        };
        let Some(mut pool_epoch) = PoolEpochs::<T>::get(record.epoch, miner.pool) else {
            // The pool was not listed then, or nobody asked for too long.
            return;
        };
        let time = miner.rewarded_time(pool_epoch.from, pool_epoch.until, &record.time);
        // All rates are rounded down, so all positions together never ask for more than there is. This makes sure of it.
        let standard = RewardParameters::<T>::get()
            .caps
            .standard_reward(pool_epoch.rate, pool_epoch.reference_price, &time)
            .min(pool_epoch.left);
        if standard == 0 {
            return;
        }
        pool_epoch.left = pool_epoch.left.saturating_sub(standard);
        PoolEpochs::<T>::insert(record.epoch, miner.pool, pool_epoch);

        let proven = match record.lost {
            true => Perquintill::zero(),
            false => record.rounds.proven(pool_epoch.rounds),
        };
        let counted = proven.mul_floor(standard);
        let factors = record
            .shown
            .filter(|_| counted > 0)
            .map(|shown| Self::factors(miner, &shown));
        let paid = factors.map_or(0, |factors| factors.apply(counted).paid);
        Supply::<T>::mutate(|supply| {
            let withheld = &mut supply.withheld;
            withheld.unproven = withheld.unproven.saturating_add(standard.saturating_sub(counted));
            withheld.multiplier = withheld.multiplier.saturating_add(counted.saturating_sub(paid));
        });
        if paid > 0 {
            Self::change_account(&miner.owner, |account| {
                account.accrued.mining = account.accrued.mining.saturating_add(paid)
            });
        }
        Self::deposit_event(Event::DeviceRewarded {
            device,
            owner: miner.owner.clone(),
            pool: miner.pool,
            epoch: record.epoch,
            idle_seconds: time.idle_seconds,
            rented_seconds: time.rented_seconds,
            standard,
            proven,
            factors,
            paid,
            burned: standard.saturating_sub(paid),
        });
    }

    /// The factors of the multiplier of a device, for what it has shown, and for what of its owner's LOOPIN counted in the
    /// last epoch.
    fn factors(miner: &MinerOf<T>, shown: &Performance) -> Factors {
        // Both are means over the last epoch, so no balance that stays for a moment changes anything, and nothing that was
        // minted afterwards is missed.
        let reckoning = Self::reckoned(&miner.owner).reckoning;
        // A device is only ever in a pool that exists.
        let (benchmark_gops, privacy_limit) =
            Pools::<T>::terms(miner.pool).map_or((0, 0), |terms| (terms.benchmark_gops, terms.privacy_limit));
        RewardParameters::<T>::get().multiplier.factors(&Record {
            age_seconds: shown.age_seconds,
            kept: reckoning.last_counted,
            minted: reckoning.last_minted,
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
        let before = Accounts::<T>::get(&miner.owner).accrued.mining;
        Self::settle_device(device);
        let after = Accounts::<T>::get(&miner.owner).accrued.mining;
        Self::roll(device, &mut miner, &CurrentEpoch::<T>::get()?);
        let performance = &miner.performance;
        Some(DeviceRewards {
            due: after.saturating_sub(before),
            proven: match performance.lost {
                true => Perquintill::zero(),
                false => performance.rounds.proven(EpochRounds::<T>::get()),
            },
            factors,
            multiplier: factors.map_or(Perquintill::zero(), |factors| factors.product()),
        })
    }

    /// The factors by which a device would be rewarded now, for what it has shown in the running epoch, or in its last full
    /// challenge.
    pub fn present_factors(device: DeviceId) -> Option<Factors> {
        let miner = Miners::<T>::get(device)?;
        let shown = Performance {
            age_seconds: Self::age(device),
            ..miner.performance.shown(LastFullChallenge::<T>::get(device))?
        };
        Some(Self::factors(&miner, &shown))
    }

    /// For how many seconds the device has been verified.
    pub(crate) fn age(device: DeviceId) -> u64 {
        Devices::<T>::verified_since(device).map_or(0, |since| Pools::<T>::now().saturating_sub(since))
    }

    /// The standard reward of an idle GPU-hour in the last closed epoch of a pool, in planck, rounded down: `y` of the
    /// stability check.
    pub fn reward_per_gpu_hour(pool: PoolId) -> Option<Balance> {
        let last = CurrentEpoch::<T>::get()?.index.checked_sub(1)?;
        let epoch = PoolEpochs::<T>::get(last, pool)?;
        let caps = RewardParameters::<T>::get().caps;
        let rate = caps.idle_rate(epoch.rate, epoch.reference_price);
        Some(reward_at_rate(rate, loopin_math::time::HOUR))
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

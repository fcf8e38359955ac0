//! What stakes tell about liquidity that is added and that ends.

use crate::{Config, CurrentEpoch, EpochPerformance, Interval, Listings, Miner, Miners, Pallet, WeightInfo};
use frame_support::{BoundedVec, weights::Weight};
use loopin_primitives::{Balance, DeviceId, LiquidityHooks, Moment, PoolId, PositionId};
use pallet_pools::Pallet as Pools;

impl<T: Config> LiquidityHooks<T::AccountId> for Pallet<T> {
    fn fund_liquidity(owner: &T::AccountId, cost: Balance) {
        Self::lend(owner, cost);
    }

    fn liquidity_added(
        position: PositionId,
        owner: &T::AccountId,
        device: DeviceId,
        pool: PoolId,
        until: Moment,
        paid: Balance,
    ) {
        let now = Pools::<T>::now();
        let mut miner = Miners::<T>::get(device).unwrap_or_else(|| Miner {
            owner: owner.clone(),
            pool,
            intervals: BoundedVec::new(),
            performance: EpochPerformance::none(CurrentEpoch::<T>::get().map_or(0, |epoch| epoch.index)),
            unsettled: None,
            failing: false,
            draining: false,
            tenancy: None,
            overpaid: 0,
            counted_until: now,
        });
        Self::count_until_now(device, &mut miner);
        // Nobody adds liquidity with a device that is not verified, or that is rented.
        (miner.failing, miner.draining, miner.tenancy) = (false, false, None);
        // A pool that anybody has made is no safe place: its price is as its creator wishes.
        let outstanding = if Listings::<T>::get().contains_key(&pool) {
            paid
        } else {
            0
        };
        let from_hold = Self::change_account(owner, |account| core::mem::take(&mut account.lent)).min(paid);
        if miner.intervals.is_full() {
            // Whoever adds liquidity so often without having anything settled loses the reward for the first time.
            miner.intervals.remove(0);
        }
        // There is room.
        let _ = miner.intervals.try_push(Interval {
            position,
            from: now,
            until,
            outstanding,
            from_hold,
            ended: false,
        });
        Miners::<T>::insert(device, miner);
        Self::change_account(owner, |account| {
            account.liquidity = account.liquidity.saturating_add(outstanding)
        });
    }

    fn drained(position: PositionId, device: DeviceId, draining: bool) {
        Miners::<T>::mutate_extant(device, |miner| {
            Self::count_until_now(device, miner);
            if miner.running_mut(position).is_some() {
                miner.draining = draining;
            }
        });
    }

    fn liquidity_streamed(position: PositionId, device: DeviceId, amount: Balance) {
        Miners::<T>::mutate_extant(device, |miner| {
            Self::return_to_owner(miner, position, amount);
            let owner = miner.owner.clone();
            if let Some(interval) = miner.running_mut(position) {
                let from_hold = amount.min(interval.from_hold);
                interval.from_hold = interval.from_hold.saturating_sub(from_hold);
                if from_hold > 0 {
                    Self::put_on_hold(&owner, from_hold);
                }
            }
        });
    }

    fn liquidity_ended(position: PositionId, device: DeviceId) {
        Miners::<T>::mutate_extant(device, |miner| {
            Self::count_until_now(device, miner);
            Self::return_to_owner(miner, position, Balance::MAX);
            let owner = miner.owner.clone();
            if let Some(interval) = miner.running_mut(position) {
                interval.until = interval.until.min(Pools::<T>::now()).max(interval.from);
                interval.ended = true;
                let lent = core::mem::take(&mut interval.from_hold);
                if lent > 0 {
                    Self::change_account(&owner, |account| account.lent = account.lent.saturating_add(lent));
                }
                (miner.draining, miner.tenancy) = (false, None);
            }
        });
    }

    fn liquidity_returned(owner: &T::AccountId, amount: Balance) {
        Self::take_back(owner, amount);
    }

    fn pay_rewards(owner: &T::AccountId, device: DeviceId) -> (Balance, Weight) {
        Self::settle_device(device);
        (Self::pay_out(owner), <T as Config>::WeightInfo::settle())
    }

    fn change_weight() -> Weight {
        <T as Config>::WeightInfo::change_liquidity()
    }

    fn pay_weight() -> Weight {
        <T as Config>::WeightInfo::settle()
    }
}

impl<T: Config> Pallet<T> {
    /// `amount` of what the owner has paid in for a running position counts as returned, or all of it if that is less.
    fn return_to_owner(miner: &mut Miner<T::AccountId>, position: PositionId, amount: Balance) {
        let owner = miner.owner.clone();
        let Some(interval) = miner.running_mut(position) else {
            return;
        };
        let returned = amount.min(interval.outstanding);
        interval.outstanding = interval.outstanding.saturating_sub(returned);
        Self::change_account(&owner, |account| {
            account.liquidity = account.liquidity.saturating_sub(returned)
        });
    }
}

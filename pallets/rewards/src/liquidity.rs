//! What stakes tell about liquidity that is added and that ends.

use crate::{
    Accounts, Config, CurrentEpoch, EpochPerformance, HISTORY_EPOCHS, Interval, Miner, Miners, Pallet,
    SettlementLimit, WeightInfo,
};
use frame_support::{BoundedVec, weights::Weight};
use loopin_primitives::{Balance, DeviceId, LiquidityHooks, Moment, PoolId, PositionId};
use pallet_pools::Pallet as Pools;

impl<T: Config> LiquidityHooks<T::AccountId> for Pallet<T> {
    fn liquidity_added(
        position: PositionId,
        owner: &T::AccountId,
        device: DeviceId,
        pool: PoolId,
        until: Moment,
        paid: Balance,
    ) {
        let epoch = CurrentEpoch::<T>::get();
        let index = epoch.as_ref().map_or(0, |epoch| epoch.index);
        let mut miner = Miners::<T>::get(device).unwrap_or_else(|| Miner {
            owner: owner.clone(),
            pool,
            intervals: BoundedVec::new(),
            performance: EpochPerformance::none(index),
            unsettled: BoundedVec::new(),
            rented_until: 0,
        });
        if let Some(epoch) = &epoch {
            miner.roll(epoch);
        }
        if miner.intervals.is_full() {
            // Whoever adds liquidity so often without having anything settled loses the reward for the first time.
            miner.intervals.remove(0);
        }
        // There is room.
        let _ = miner.intervals.try_push(Interval {
            position,
            from: Pools::<T>::now(),
            until,
            outstanding: paid,
            ended: false,
        });
        Miners::<T>::insert(device, miner);
        Accounts::<T>::mutate(owner, |account| {
            account.liquidity = account.liquidity.saturating_add(paid)
        });
    }

    fn liquidity_streamed(position: PositionId, device: DeviceId, amount: Balance) {
        Miners::<T>::mutate_extant(device, |miner| Self::return_to_owner(miner, position, amount));
    }

    fn liquidity_ended(position: PositionId, device: DeviceId) {
        Miners::<T>::mutate_extant(device, |miner| {
            Self::return_to_owner(miner, position, Balance::MAX);
            if let Some(interval) = running(miner, position) {
                interval.until = interval.until.min(Pools::<T>::now()).max(interval.from);
                interval.ended = true;
            }
        });
    }

    fn pay_rewards(owner: &T::AccountId, device: DeviceId) -> (Balance, Weight) {
        let settled = Self::settle_device(device, SettlementLimit::All);
        (Self::pay_out(owner), <T as Config>::WeightInfo::settle(settled))
    }

    fn change_weight() -> Weight {
        <T as Config>::WeightInfo::change_liquidity()
    }

    fn pay_weight() -> Weight {
        <T as Config>::WeightInfo::settle(HISTORY_EPOCHS)
    }
}

impl<T: Config> Pallet<T> {
    /// `amount` of what the owner has paid in for a running position counts as returned, or all of it if that is less.
    fn return_to_owner(miner: &mut Miner<T::AccountId>, position: PositionId, amount: Balance) {
        let owner = miner.owner.clone();
        let Some(interval) = running(miner, position) else {
            return;
        };
        let returned = amount.min(interval.outstanding);
        interval.outstanding = interval.outstanding.saturating_sub(returned);
        Accounts::<T>::mutate(owner, |account| {
            account.liquidity = account.liquidity.saturating_sub(returned)
        });
    }
}

fn running<AccountId>(miner: &mut Miner<AccountId>, position: PositionId) -> Option<&mut Interval> {
    miner
        .intervals
        .iter_mut()
        .find(|interval| interval.position == position && !interval.ended)
}

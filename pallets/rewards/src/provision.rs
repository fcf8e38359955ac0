//! What stakes tell of devices that are provided.

use crate::{
    Accounts, Config, CurrentEpoch, Findings, HISTORY_EPOCHS, Interval, Miner, Miners, Pallet,
    SettlementLimit, WeightInfo,
};
use frame_support::{BoundedVec, weights::Weight};
use loopin_primitives::{Balance, DeviceId, Moment, PoolId, PositionId, ProviderRewards, RewardedPools};

impl<T: Config> ProviderRewards<T::AccountId> for Pallet<T> {
    fn provision_began(
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
            findings: Findings::none(index),
            unsettled: BoundedVec::new(),
            rented_until: 0,
        });
        if let Some(epoch) = &epoch {
            miner.roll(epoch);
        }
        if miner.intervals.is_full() {
            // Who provides a device so often without having anything settled loses the reward for the first time.
            miner.intervals.remove(0);
        }
        // There is room.
        let _ = miner.intervals.try_push(Interval {
            position,
            from: T::Pools::now(),
            until,
            outstanding: paid,
            ended: false,
        });
        Miners::<T>::insert(device, miner);
        Accounts::<T>::mutate(owner, |account| {
            account.provided = account.provided.saturating_add(paid)
        });
    }

    fn streamed_back(position: PositionId, device: DeviceId, amount: Balance) {
        Miners::<T>::mutate_extant(device, |miner| Self::return_to_owner(miner, position, amount));
    }

    fn provision_ended(position: PositionId, device: DeviceId) {
        Miners::<T>::mutate_extant(device, |miner| {
            Self::return_to_owner(miner, position, Balance::MAX);
            if let Some(interval) = running(miner, position) {
                interval.until = interval.until.min(T::Pools::now()).max(interval.from);
                interval.ended = true;
            }
        });
    }

    fn pay(owner: &T::AccountId, device: DeviceId) -> (Balance, Weight) {
        let settled = Self::settle_device(device, SettlementLimit::All);
        (Self::pay_out(owner), T::WeightInfo::settle(settled))
    }

    fn change_weight() -> Weight {
        T::WeightInfo::provision()
    }

    fn pay_weight() -> Weight {
        T::WeightInfo::settle(HISTORY_EPOCHS)
    }
}

impl<T: Config> Pallet<T> {
    /// So much of what the owner has paid in for a running position counts as returned, or all of it where it is
    /// less.
    fn return_to_owner(miner: &mut Miner<T::AccountId>, position: PositionId, amount: Balance) {
        let owner = miner.owner.clone();
        let Some(interval) = running(miner, position) else {
            return;
        };
        let returned = amount.min(interval.outstanding);
        interval.outstanding = interval.outstanding.saturating_sub(returned);
        Accounts::<T>::mutate(owner, |account| {
            account.provided = account.provided.saturating_sub(returned)
        });
    }
}

fn running<AccountId>(miner: &mut Miner<AccountId>, position: PositionId) -> Option<&mut Interval> {
    miner
        .intervals
        .iter_mut()
        .find(|interval| interval.position == position && !interval.ended)
}

//! What rentals tell; and what clients and verifiers get: a budget per epoch, pro rata by what each of them has to show.

use crate::{
    Config, CurrentEpoch, EpochBudgets, Event, Listings, Miners, Pallet, Party, Share, Shares, Supply,
    TotalShares, WeightInfo,
};
use frame_support::weights::Weight;
use loopin_math::capped_part;
use loopin_primitives::{Balance, DeviceId, Moment, PoolId, RentalHooks};
use pallet_pools::Pallet as Pools;

impl<T: Config> RentalHooks<T::AccountId> for Pallet<T> {
    fn rented(device: DeviceId, until: Moment, paid: Balance) {
        let now = Pools::<T>::now();
        Miners::<T>::mutate_extant(device, |miner| {
            Self::count_until_now(device, miner);
            // Sold time earns nothing, so it does not matter who has rented it.
            if miner.running().is_some_and(|interval| now < interval.until) {
                miner.rent(until, paid);
            }
        });
    }

    fn given_back(device: DeviceId, refund: Balance) {
        Miners::<T>::mutate_extant(device, |miner| {
            Self::count_until_now(device, miner);
            miner.give_back(refund);
        });
    }

    fn rented_weight() -> Weight {
        <T as Config>::WeightInfo::rented()
    }

    fn consumed(pool: PoolId, client: &T::AccountId, amount: Balance, fees: Balance) {
        // Whoever has made a pool of its own could rent there at a loss of nothing but fees.
        if Listings::<T>::get().contains_key(&pool) {
            Self::credit(Party::Client, client, amount, fees / 2);
        }
    }

    fn consumed_weight() -> Weight {
        <T as Config>::WeightInfo::credit()
    }
}

impl<T: Config> Pallet<T> {
    /// Notes what somebody has to show in the running epoch, and by how much that raises the most that they can get.
    pub(crate) fn credit(party: Party, who: &T::AccountId, amount: u128, most: Balance) {
        let Some(epoch) = CurrentEpoch::<T>::get() else {
            return;
        };
        Self::settle_share(party, who);
        let mut share = Shares::<T>::get(party, who).unwrap_or(Share {
            epoch: epoch.index,
            amount: 0,
            most: 0,
        });
        share.amount = share.amount.saturating_add(amount);
        share.most = share.most.saturating_add(most);
        Shares::<T>::insert(party, who, share);
        TotalShares::<T>::mutate(|totals| {
            let total = match party {
                Party::Client => &mut totals.clients,
                Party::Verifier => &mut totals.verifiers,
            };
            *total = total.saturating_add(amount);
        });
    }

    /// Settles what somebody has to show for an epoch that is over.
    pub(crate) fn settle_share(party: Party, who: &T::AccountId) {
        let current = CurrentEpoch::<T>::get().map_or(0, |epoch| epoch.index);
        let Some(share) = Shares::<T>::get(party, who).filter(|share| share.epoch < current) else {
            return;
        };
        Shares::<T>::remove(party, who);
        let Some(mut budgets) = EpochBudgets::<T>::get(share.epoch) else {
            // Nobody asked for too long.
            return;
        };
        let budget = match party {
            Party::Client => &mut budgets.clients,
            Party::Verifier => &mut budgets.verifiers,
        };
        let standard = capped_part(budget.amount, share.amount, budget.total, Balance::MAX).min(budget.left);
        let paid = standard.min(share.most);
        let burned = standard.saturating_sub(paid);
        budget.left = budget.left.saturating_sub(standard);
        EpochBudgets::<T>::insert(share.epoch, budgets);
        Supply::<T>::mutate(|supply| supply.withheld.capped = supply.withheld.capped.saturating_add(burned));
        Self::change_account(who, |account| {
            let accrued = match party {
                Party::Client => &mut account.accrued.renting,
                Party::Verifier => &mut account.accrued.verifying,
            };
            *accrued = accrued.saturating_add(paid);
        });
        Self::deposit_event(Event::ShareRewarded {
            party,
            who: who.clone(),
            epoch: share.epoch,
            share: share.amount,
            standard,
            paid,
            burned,
        });
    }
}

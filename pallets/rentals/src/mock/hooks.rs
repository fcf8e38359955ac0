//! Whoever is told of rentals, liquidity and burns: it adds up what it is told.

use super::{AccountId, now};
use crate::Totals;
use frame_support::{Twox64Concat, pallet_prelude::ValueQuery, storage_alias, weights::Weight};
use loopin_primitives::{
    Balance, BurnReason, DeviceId, LiquidityHooks, Moment, OnBurn, PoolId, PositionId, RentalHooks,
};

/// What a message about a client costs.
pub const CONSUMED_WEIGHT: Weight = Weight::from_parts(17, 19);

/// What a message about one rented device costs.
pub const RENTED_WEIGHT: Weight = Weight::from_parts(3, 5);

/// Who rewards clients and miners, and keeps account of what is burned.
pub struct Rewarded;

#[storage_alias]
type Told = StorageMap<Rewarded, Twox64Concat, AccountId, Totals, ValueQuery>;

/// What has been told of a client so far.
pub fn told(client: AccountId) -> Totals {
    Told::get(client)
}

#[storage_alias]
type ToldRented = StorageMap<Rewarded, Twox64Concat, DeviceId, Moment>;

/// Until when a device is rented, or was, as far as has been told.
pub fn told_rented(device: DeviceId) -> Option<Moment> {
    ToldRented::get(device)
}

#[storage_alias]
type ToldPaid = StorageMap<Rewarded, Twox64Concat, DeviceId, Balance, ValueQuery>;

/// What was paid for a device and did not come back, as far as has been told.
pub fn told_paid(device: DeviceId) -> Balance {
    ToldPaid::get(device)
}

impl RentalHooks<AccountId> for Rewarded {
    fn rented(device: DeviceId, until: Moment, paid: Balance) {
        ToldRented::insert(device, until);
        ToldPaid::mutate(device, |sum| *sum += paid);
    }

    fn given_back(device: DeviceId, refund: Balance) {
        ToldPaid::mutate(device, |sum| *sum = sum.saturating_sub(refund));
        ToldRented::mutate_extant(device, |until| *until = now().min(*until));
    }

    fn consumed(_: PoolId, client: &AccountId, amount: Balance, fees: Balance) {
        Told::mutate(client, |totals| {
            totals.consumed_amount += amount;
            totals.fees_burned += fees;
        });
    }

    fn rented_weight() -> Weight {
        RENTED_WEIGHT
    }

    fn consumed_weight() -> Weight {
        CONSUMED_WEIGHT
    }
}

#[storage_alias]
type Burned = StorageMap<Rewarded, Twox64Concat, BurnReason, Balance, ValueQuery>;

/// What has been told of LOOPIN that was burned for that reason.
pub fn burned(reason: BurnReason) -> Balance {
    Burned::get(reason)
}

impl OnBurn for Rewarded {
    fn burned(reason: BurnReason, amount: Balance) {
        Burned::mutate(reason, |burned| *burned += amount);
    }
}

/// These tests are not about what miners get.
impl LiquidityHooks<AccountId> for Rewarded {
    fn fund_liquidity(_: &AccountId, _: Balance) {}
    fn liquidity_added(_: PositionId, _: &AccountId, _: DeviceId, _: PoolId, _: Moment, _: Balance) {}
    fn drained(_: PositionId, _: DeviceId, _: bool) {}
    fn liquidity_streamed(_: PositionId, _: DeviceId, _: Balance) {}
    fn liquidity_ended(_: PositionId, _: DeviceId) {}
    fn liquidity_returned(_: &AccountId, _: Balance) {}
    fn pay_rewards(_: &AccountId, _: DeviceId) -> (Balance, Weight) {
        (0, Weight::zero())
    }
    fn change_weight() -> Weight {
        Weight::zero()
    }
    fn pay_weight() -> Weight {
        Weight::zero()
    }
}

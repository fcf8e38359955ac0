//! Rewards that add up what they are told.

use super::{AccountId, Now};
use crate::Totals;
use frame_support::{Twox64Concat, pallet_prelude::ValueQuery, storage_alias, weights::Weight};
use loopin_primitives::{Balance, BurnLog, BurnReason, DeviceId, Moment, RentalRewards};

/// What a message costs.
pub const CONSUMED_WEIGHT: Weight = Weight::from_parts(17, 19);

/// What a message about one rented device costs.
pub const RENTED_WEIGHT: Weight = Weight::from_parts(3, 5);

/// Who rewards clients and miners.
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

impl RentalRewards<AccountId> for Rewarded {
    fn rented(device: DeviceId, until: Moment) {
        ToldRented::insert(device, until);
    }

    fn given_back(device: DeviceId) {
        ToldRented::mutate_extant(device, |until| *until = Now::get().min(*until));
    }

    fn rented_weight() -> Weight {
        RENTED_WEIGHT
    }

    fn consumed(client: &AccountId, amount: Balance, fees: Balance) {
        Told::mutate(client, |totals| {
            totals.consumed_amount += amount;
            totals.fees_burned += fees;
        });
    }

    fn consumed_weight() -> Weight {
        CONSUMED_WEIGHT
    }
}

#[storage_alias]
type BurnedForReports = StorageValue<Rewarded, Balance, ValueQuery>;

/// What has been told of deposits for refuted reports.
pub fn burned_for_reports() -> Balance {
    BurnedForReports::get()
}

impl BurnLog for Rewarded {
    fn burned(reason: BurnReason, amount: Balance) {
        assert_eq!(reason, BurnReason::RefutedReport);
        BurnedForReports::mutate(|burned| *burned += amount);
    }
}

//! Rewards that add up what they are told.

use super::AccountId;
use crate::Totals;
use frame_support::{Twox64Concat, pallet_prelude::ValueQuery, storage_alias, weights::Weight};
use loopin_primitives::{Balance, BurnLog, BurnReason, ClientRewards};

/// What a message costs.
pub const CONSUMED_WEIGHT: Weight = Weight::from_parts(17, 19);

/// Who rewards clients.
pub struct Rewarded;

#[storage_alias]
type Told = StorageMap<Rewarded, Twox64Concat, AccountId, Totals, ValueQuery>;

/// What has been told of a client so far.
pub fn told(client: AccountId) -> Totals {
    Told::get(client)
}

impl ClientRewards<AccountId> for Rewarded {
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

//! Rewards that keep what they are told, and pay what a test says.

use super::{AccountId, Balances};
use frame_support::{
    Twox64Concat, pallet_prelude::ValueQuery, parameter_types, storage_alias, traits::fungible::Mutate,
    weights::Weight,
};
use loopin_primitives::{Balance, BurnReason, DeviceId, LiquidityHooks, Moment, OnBurn, PoolId, PositionId};

/// What the pallet has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Added {
        position: PositionId,
        owner: AccountId,
        device: DeviceId,
        pool: PoolId,
        until: Moment,
        paid: Balance,
    },
    Drained(PositionId, DeviceId, bool),
    Streamed(PositionId, DeviceId, Balance),
    Ended(PositionId, DeviceId),
    Pay(AccountId, DeviceId),
}

/// What a message costs.
pub const CHANGE_WEIGHT: Weight = Weight::from_parts(3, 5);
/// What paying costs at most. What it has cost is half of that.
pub const PAY_WEIGHT: Weight = Weight::from_parts(70, 110);

parameter_types! {
    static Messages: Vec<Told> = Vec::new();
    static Due: Balance = 0;
    static FreeWhenPaid: Balance = 0;
    /// Who was last said to be about to pay, and how much.
    pub static Funded: Option<(AccountId, Balance)> = None;
    /// Who was last said to have been paid for liquidity that ended, and how much.
    pub static Returned: Option<(AccountId, Balance)> = None;
}

/// What is paid the next time.
pub fn set_due(amount: Balance) {
    Due::set(amount);
}

/// What the owner had free when rewards were asked to pay it the last time: they look at what it has.
pub fn free_when_paid() -> Balance {
    FreeWhenPaid::get()
}

/// What the pallet has told so far; it is forgotten afterwards.
pub fn take_told() -> Vec<Told> {
    Messages::take()
}

fn tell(message: Told) {
    Messages::mutate(|messages| messages.push(message));
}

/// Keeps what it is told.
pub struct Rewards;

impl LiquidityHooks<AccountId> for Rewards {
    // What is held back is the business of rewards.
    fn fund_liquidity(owner: &AccountId, cost: Balance) {
        Funded::set(Some((*owner, cost)));
    }

    fn liquidity_returned(owner: &AccountId, amount: Balance) {
        Returned::set(Some((*owner, amount)));
    }

    fn liquidity_added(
        position: PositionId,
        owner: &AccountId,
        device: DeviceId,
        pool: PoolId,
        until: Moment,
        paid: Balance,
    ) {
        tell(Told::Added {
            position,
            owner: *owner,
            device,
            pool,
            until,
            paid,
        });
    }

    fn drained(position: PositionId, device: DeviceId, draining: bool) {
        tell(Told::Drained(position, device, draining));
    }

    fn liquidity_streamed(position: PositionId, device: DeviceId, amount: Balance) {
        tell(Told::Streamed(position, device, amount));
    }

    fn liquidity_ended(position: PositionId, device: DeviceId) {
        tell(Told::Ended(position, device));
    }

    fn pay_rewards(owner: &AccountId, device: DeviceId) -> (Balance, Weight) {
        tell(Told::Pay(*owner, device));
        FreeWhenPaid::set(Balances::free_balance(owner));
        let due = Due::take();
        if due > 0 {
            Balances::mint_into(owner, due).unwrap();
        }
        (due, PAY_WEIGHT / 2)
    }

    fn change_weight() -> Weight {
        CHANGE_WEIGHT
    }

    fn pay_weight() -> Weight {
        PAY_WEIGHT
    }
}

#[storage_alias]
type Burned = StorageMap<Rewards, Twox64Concat, BurnReason, Balance, ValueQuery>;

/// What has been told of burns for that reason.
pub fn logged(reason: BurnReason) -> Balance {
    Burned::get(reason)
}

impl OnBurn for Rewards {
    fn burned(reason: BurnReason, amount: Balance) {
        Burned::mutate(reason, |burned| *burned += amount);
    }
}

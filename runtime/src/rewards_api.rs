//! What a reader of the chain can ask about rewards: in polkadot-js `api.call.rewardsApi.*`.
//!
//! Answers are for the present moment and change nothing. Amounts are in planck, moments are Unix seconds.

use crate::{AccountId, Rewards, Runtime, configs::SupplyCap};
use codec::{Decode, Encode};
use loopin_math::{Conditions, Region};
use loopin_primitives::{Balance, DeviceId, EpochId, PoolId};
use pallet_rewards::{DeviceRewards, Loyalty, RewardParameters, SupplyState};
use scale_info::TypeInfo;
use sp_runtime::Permill;

/// Where LOOPIN comes from, and how much more can come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SupplyView {
    /// There will never be more than this, in planck.
    pub cap: Balance,
    /// What there was at genesis, and what has been emitted and minted since.
    pub state: SupplyState,
    /// What has been burned of what there was, in planck, for whatever reason.
    pub burned: Balance,
}

/// Whether rewards and prices of a pool are in balance.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct StabilityView {
    /// What this is about: amounts for a GPU-hour, in planck.
    pub conditions: Conditions,
    /// The region of the phase diagram.
    pub region: Region,
    /// The least balanced reward, in planck: with less, providers would rather sell.
    pub least_reward: Balance,
    /// The largest balanced reward, in planck: with more, providers come until the price is above what genuine buyers
    /// pay. Nothing if no reward brings a balance.
    pub largest_reward: Option<Balance>,
    /// Whether the whole system is in balance.
    pub is_balanced: bool,
}

sp_api::decl_runtime_apis! {
    /// Rewards, at the present moment.
    pub trait RewardsApi {
        /// Where LOOPIN comes from.
        fn supply() -> SupplyView;
        /// What an epoch emits under the present parameters as long as the cap is far away, in planck.
        fn emission(epoch: EpochId) -> Balance;
        /// What a device brings its owner, and the factors of its multiplier, or nothing if it earns nothing.
        fn device_rewards(device: DeviceId) -> Option<DeviceRewards>;
        /// What of an account's LOOPIN counts for the loyalty of its devices, until when, and what it is measured by.
        fn loyalty(account: AccountId) -> Loyalty;
        /// In which region a pool is, by its last closed epoch and by what the reader believes: the price of a
        /// GPU-hour elsewhere, the probability that a seller's device fails, in millionths, the collateral for a
        /// GPU-hour that is then lost, and what genuine buyers pay for one. Nothing if the pool is not listed.
        fn stability(
            pool: PoolId,
            external_price: Balance,
            failure_probability: Permill,
            collateral: Balance,
            buyers_limit: Balance,
        ) -> Option<StabilityView>;
    }
}

impl SupplyView {
    /// As it is now.
    pub(crate) fn now() -> Self {
        let (state, burned) = Rewards::supply();
        Self {
            cap: SupplyCap::get(),
            state,
            burned,
        }
    }
}

impl StabilityView {
    /// Under these conditions.
    pub(crate) fn of(conditions: Conditions) -> Self {
        Self {
            conditions,
            region: conditions.region(),
            least_reward: conditions.least_reward(),
            largest_reward: conditions.largest_reward(),
            is_balanced: conditions.is_balanced(),
        }
    }
}

/// What an epoch emits under the present parameters.
pub(crate) fn emission(epoch: EpochId) -> Balance {
    RewardParameters::<Runtime>::get()
        .schedule(SupplyCap::get())
        .uncapped_emission(epoch.into())
}

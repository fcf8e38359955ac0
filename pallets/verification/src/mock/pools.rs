//! A pool that cannot trade.

use super::{MOST_SYNC_WEIGHT, Now, POOL, take_sync_weight};
use crate::mock::AccountId;
use loopin_challenge::classes::CPU_REFERENCE;
use loopin_math::{Joined, Left, Pool, Provided, Trade, U256};
use loopin_primitives::{Balance, Market, Moment, PoolId, PoolTerms, TradeQuote};
use sp_runtime::{DispatchError, DispatchResult, Weight};

/// Pools that exist and do nothing else.
pub struct Pools;

impl Market<AccountId> for Pools {
    fn now() -> Moment {
        Now::get()
    }
    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError> {
        frame_support::ensure!(pool == POOL, "no such pool");
        Ok(PoolTerms {
            provide_seconds: 7 * 86_400,
            sell_unit_seconds: 86_400,
            sell_max_seconds: 7 * 86_400,
            rental_min_seconds: 3_600,
            rental_max_seconds: 7 * 86_400,
            challenge: CPU_REFERENCE.profile,
            benchmark_gops: 1,
            privacy_limit: 25,
        })
    }
    fn most_sync_weight() -> Weight {
        MOST_SYNC_WEIGHT
    }
    fn take_sync_weight() -> Weight {
        take_sync_weight()
    }
    fn synced(_: PoolId) -> Result<Pool, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn issue_hours(_: PoolId, _: &AccountId, _: u128) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn retire_hours(_: PoolId, _: &AccountId, _: u128) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn join(_: PoolId, _: &AccountId, _: Moment, _: Balance) -> Result<Joined, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn stream_index(_: PoolId, _: Moment) -> Result<U256, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn forget_ending(_: PoolId, _: Moment) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn leave(_: PoolId, _: &Provided, _: Balance, _: u128, _: Option<Moment>) -> Result<Left, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn sell(
        _: PoolId,
        _: &AccountId,
        _: Option<Moment>,
        _: Moment,
        _: Balance,
    ) -> Result<Trade, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn remove_sold(_: PoolId, _: Moment, _: Option<Moment>) -> Result<u128, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn rent(_: PoolId, _: &AccountId, _: u32, _: Moment, _: Balance) -> Result<Trade, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn extend_rental(
        _: PoolId,
        _: &AccountId,
        _: u32,
        _: Moment,
        _: Moment,
        _: Balance,
    ) -> Result<Trade, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn give_back(_: PoolId, _: &AccountId, _: u32, _: Moment, _: Balance) -> Result<Trade, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn quote_rent(_: PoolId, _: u128, _: Moment) -> Result<TradeQuote, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn quote_sell(_: PoolId, _: u128, _: Moment) -> Result<TradeQuote, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn quote_give_back(_: PoolId, _: u128, _: Moment) -> Result<TradeQuote, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn return_unserved(_: PoolId, _: &AccountId, _: Moment) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn refund(_: PoolId, _: Balance) -> Result<Balance, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn compensate(_: PoolId, _: Balance) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn deposit_owed(_: PoolId, _: &AccountId, _: Balance) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn pay(_: PoolId, _: &AccountId, _: Balance) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn burn_owed(_: PoolId, _: Balance) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark(_: &AccountId) -> Result<PoolId, DispatchError> {
        Ok(POOL)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment) {
        Now::set(moment);
    }
}

//! What must hold for the market as a whole at any moment, on top of what each pallet checks for itself.

use crate::{AccountId, AllPalletsWithSystem, Assets, Pools, Runtime};
use frame_support::{
    storage::{TransactionOutcome, with_transaction},
    traits::{TryState, TryStateSelect, fungibles::Inspect},
};
use loopin_primitives::{Moment, PoolId};
use pallet_stakes::PositionState;
use sp_runtime::DispatchError;

/// Checks the invariants of all pallets, and those of the market as a whole.
pub fn check() {
    AllPalletsWithSystem::try_state(1, TryStateSelect::All).expect("every pallet's invariants hold");
    for pool in pallet_pools::PoolInfos::<Runtime>::iter_keys() {
        // The pool is synced to look at it, and then left as it was.
        let _: Result<(), DispatchError> = with_transaction(|| {
            check_pool(pool);
            TransactionOutcome::Rollback(Ok(()))
        });
    }
}

fn check_pool(pool: PoolId) {
    let state = Pools::synced(pool).expect("the pool can be synced");
    let now = state.updated_at;

    let mut idle_devices = 0;
    let mut idle_gpu_seconds = 0;
    let mut provider_devices = 0;
    let mut share_rate = 0;
    let mut shares = state.anchor_shares;
    let mut uncommitted_gpu_seconds = 0;
    for position in
        pallet_stakes::Positions::<Runtime>::iter_values().filter(|position| position.pool == pool)
    {
        uncommitted_gpu_seconds += position.uncommitted_gpu_seconds;
        let in_pool_until = match &position.state {
            PositionState::Staked => continue,
            PositionState::Providing(liquidity) => {
                if now < position.end {
                    provider_devices += 1;
                    share_rate += liquidity.share_rate;
                    shares += liquidity.share_rate * remaining(now, position.end);
                }
                position.end
            }
            PositionState::Selling(sale) => sale.sold_until,
        };
        let idle_from = crate::Rentals::rented_until(position.device).unwrap_or(now);
        if now < in_pool_until {
            idle_devices += u32::from(idle_from <= now);
            idle_gpu_seconds += remaining(idle_from, in_pool_until);
        }
    }
    let unspent_gpu_seconds: u128 = pallet_rentals::Rentals::<Runtime>::iter_values()
        .filter(|rental| rental.pool == pool)
        .map(|rental| rental.devices.len() as u128 * remaining(rental.hours_retired_until, rental.end))
        .sum();

    assert_eq!(state.idle_devices, idle_devices, "idle devices of pool {pool}");
    assert_eq!(
        state.idle_gpu_seconds(),
        idle_gpu_seconds,
        "idle time of pool {pool}"
    );
    assert_eq!(
        state.provider_devices, provider_devices,
        "providers of pool {pool}"
    );
    assert_eq!(state.share_rate, share_rate, "share rates of pool {pool}");
    assert_eq!(state.shares, shares, "shares of pool {pool}");
    assert_eq!(
        <Assets as Inspect<AccountId>>::total_issuance(pool),
        idle_gpu_seconds + unspent_gpu_seconds + uncommitted_gpu_seconds,
        "hour tokens of pool {pool}"
    );
}

fn remaining(from: Moment, until: Moment) -> u128 {
    until.saturating_sub(from).into()
}

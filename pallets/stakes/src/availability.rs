//! Which devices can be rented, and until when.

use crate::{Config, Error, Pallet, PositionState, Positions, StakeOf};
use alloc::vec::Vec;
use frame_support::ensure;
use loopin_primitives::{DeviceId, Moment, PoolId, Standing, TenancyHooks};
use pallet_pools::Pallet as Pools;
use sp_runtime::DispatchError;

/// The most positions that the search for devices looks at: a question must not keep a node busy for long.
const POSITIONS_SEARCHED: usize = 100_000;

impl<T: Config> Pallet<T> {
    /// Until when the pool has the time of the device, if it can now be rented, or its rental extended. Otherwise an
    /// error that says why not.
    pub fn available_until(pool: PoolId, device: DeviceId) -> Result<Moment, DispatchError> {
        let id = StakeOf::<T>::get(device).ok_or(Error::<T>::NotInPool)?;
        let position = Self::position(id)?;
        ensure!(position.pool == pool, Error::<T>::WrongPool);
        let until = match &position.state {
            PositionState::Staked => return Err(Error::<T>::NotInPool.into()),
            PositionState::Providing(liquidity) => {
                ensure!(!liquidity.draining, Error::<T>::DeviceDraining);
                position.end
            }
            PositionState::Selling(sale) => sale.sold_until,
        };
        ensure!(Pools::<T>::now() < until, Error::<T>::NotInPool);
        ensure!(
            Self::standing(device) == Standing::Verified,
            Error::<T>::NotVerified
        );
        Ok(until)
    }

    /// Devices of the pool that can be rented until `until`, at most `count` of them: those whose time in the pool ends
    /// soonest come first, so that the others remain for longer rentals.
    ///
    /// It looks at no more than 100,000 positions.
    pub fn best_fitting_devices(pool: PoolId, until: Moment, count: u32) -> Vec<DeviceId> {
        let mut found: Vec<(Moment, DeviceId)> = Positions::<T>::iter_values()
            .take(POSITIONS_SEARCHED)
            .filter(|position| position.pool == pool && position.end >= until)
            .filter(|position| T::TenancyHooks::rented_until(position.device).is_none())
            .filter_map(|position| {
                let available_until = Self::available_until(pool, position.device).ok()?;
                (available_until >= until).then_some((available_until, position.device))
            })
            .collect();
        found.sort_unstable();
        found.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        found.into_iter().map(|(_, device)| device).collect()
    }
}

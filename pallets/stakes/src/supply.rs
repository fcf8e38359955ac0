//! What the rentals ask about devices.

use crate::{Config, Error, Pallet, PositionState, StakeOf};
use frame_support::ensure;
use loopin_primitives::{DeviceId, Market, Moment, PoolId, Standing, Supply};
use sp_runtime::DispatchError;

impl<T: Config> Supply for Pallet<T> {
    fn available_until(pool: PoolId, device: DeviceId) -> Result<Moment, DispatchError> {
        let id = StakeOf::<T>::get(device).ok_or(Error::<T>::NotInPool)?;
        let position = Self::position(id)?;
        ensure!(position.pool == pool, Error::<T>::WrongPool);
        let until = match &position.state {
            PositionState::Staked => return Err(Error::<T>::NotInPool.into()),
            PositionState::Providing(provision) => {
                ensure!(!provision.draining, Error::<T>::DeviceDraining);
                position.end
            }
            PositionState::Selling(sale) => sale.sold_until,
        };
        ensure!(T::Market::now() < until, Error::<T>::NotInPool);
        ensure!(
            Self::standing(device) == Standing::Verified,
            Error::<T>::NotVerified
        );
        Ok(until)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_available(pool: PoolId) -> Result<(DeviceId, Moment), DispatchError> {
        crate::benchmarking::create_available::<T>(pool)
    }
}

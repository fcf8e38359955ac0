//! What verification does to positions.

use crate::{
    Config, EjectionAccount, EjectionAccountOf, Event, Pallet, PositionOf, PositionState, Sale, StakeOf,
    WeightInfo,
};
use frame_support::traits::{
    Get,
    fungible::Inspect,
    tokens::{DepositConsequence, Provenance},
};
use loopin_primitives::{
    Balance, BurnReason, DeviceHooks, DeviceId, FailedRental, LiquidityHooks, Moment, PositionId,
    TenancyHooks,
};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{
    ArithmeticError, DispatchError, DispatchResult, Rounding, Weight,
    helpers_128bit::multiply_by_rational_with_rounding,
};

impl<T: Config> DeviceHooks for Pallet<T> {
    fn passed(device: DeviceId) -> DispatchResult {
        if let Some(position) = StakeOf::<T>::get(device) {
            Self::deposit_event(Event::Verified { position, device });
        }
        Ok(())
    }

    fn suspended(device: DeviceId) -> DispatchResult {
        if let Some(position) = StakeOf::<T>::get(device) {
            Self::deposit_event(Event::Suspended { position, device });
        }
        Ok(())
    }

    fn ejected(device: DeviceId) -> DispatchResult {
        match StakeOf::<T>::get(device) {
            Some(position) => Self::eject(position),
            None => Ok(()),
        }
    }

    fn removed(_: DeviceId) {
        // A device that is staked cannot be removed.
    }

    fn weight() -> Weight {
        <T as Config>::WeightInfo::eject_provider()
            .saturating_add(T::LiquidityHooks::change_weight())
            .max(<T as Config>::WeightInfo::eject_seller())
    }
}

/// What the pool owes and has lost because a device is out of it.
#[derive(Default)]
struct Removal {
    /// What had streamed to the owner.
    streamed: Balance,
    /// What the owner's liquidity returned.
    returned: Balance,
    /// GPU-seconds that the pool has lost.
    lost_gpu_seconds: u128,
    /// What the pool had paid for these.
    lost_value: Balance,
}

impl<T: Config> Pallet<T> {
    /// Ends the position of a device that has failed for good.
    fn eject(id: PositionId) -> DispatchResult {
        let mut position = Self::position(id)?;
        let failed = T::TenancyHooks::evict(position.device)?;
        let removal = Self::remove_from_pool(&position, failed.as_ref().map(|rental| rental.until))?;
        Self::finish(id, &mut position)?;

        // The pool already owes the slash; what was on hold comes on top.
        let slash = T::EjectionSlash::get().mul_ceil(removal.returned);
        let on_hold = checked(position.maintenance_fee.checked_add(position.collateral))?;
        Pools::<T>::deposit_owed(position.pool, &position.owner, on_hold)?;
        let forfeits = checked(slash.checked_add(on_hold))?;
        // The slash is a part of what is returned.
        let returned = removal.returned.saturating_sub(slash);
        Self::pay_owner(&position, removal.streamed, returned)?;

        let mut account = EjectionAccount {
            streamed: removal.streamed,
            returned: removal.returned,
            slash,
            maintenance_fee: position.maintenance_fee,
            collateral: position.collateral,
            deposit: position.deposit,
            client: None,
            refund_from_forfeits: 0,
            refund_from_pool: 0,
            shortfall: 0,
            lost_gpu_seconds: removal.lost_gpu_seconds,
            compensation: 0,
            burned: 0,
        };
        if let Some(rental) = failed {
            Self::refund(&position, rental, forfeits, &mut account)?;
        }
        // What the client got is at most the forfeits, and so is what the pool gets on top.
        let left = forfeits.saturating_sub(account.refund_from_forfeits);
        account.compensation = removal.lost_value.min(left);
        Pools::<T>::compensate(position.pool, account.compensation)?;
        account.burned = left.saturating_sub(account.compensation);
        Self::burn_owed(&position, BurnReason::Forfeit, account.burned)?;
        Self::deposit_event(Event::Ejected {
            position: id,
            owner: position.owner,
            device: position.device,
            account,
        });
        Ok(())
    }

    /// Takes the device out of its pool, if it is in one.
    fn remove_from_pool(
        position: &PositionOf<T>,
        rented_until: Option<Moment>,
    ) -> Result<Removal, DispatchError> {
        let now = Pools::<T>::now();
        match &position.state {
            PositionState::Providing(liquidity) if now < position.end => {
                let (streamed, removed) = Self::remove_liquidity(position, liquidity, rented_until)?;
                Ok(Removal {
                    streamed,
                    returned: removed.returned,
                    lost_gpu_seconds: removed.gpu_seconds,
                    lost_value: 0,
                })
            }
            PositionState::Selling(sale) if now < sale.sold_until => {
                let lost = Pools::<T>::remove_sold(position.pool, sale.sold_until, rented_until)?;
                Ok(Removal {
                    lost_gpu_seconds: lost,
                    lost_value: price_paid(sale, lost)?,
                    ..Removal::default()
                })
            }
            _ => Ok(Removal {
                streamed: Self::end_stream(position)?,
                ..Removal::default()
            }),
        }
    }

    /// Refunds the client: out of the forfeits, and out of the pool what these lack, but no more than the time is
    /// worth now that the device has left, and no more than what is left of what was paid for it. A client whose account
    /// is gone, and cannot come back for so little, gets nothing.
    fn refund(
        position: &PositionOf<T>,
        rental: FailedRental<T::AccountId>,
        forfeits: Balance,
        account: &mut EjectionAccountOf<T>,
    ) -> DispatchResult {
        let from_forfeits = rental.refund.min(forfeits);
        let lacking = rental.refund.saturating_sub(from_forfeits);
        let from_pool = if lacking > 0 {
            let seconds = rental.until.saturating_sub(Pools::<T>::now());
            let quote = Pools::<T>::quote_give_back(
                position.pool,
                seconds.into(),
                rental.until,
                &rental.contribution,
            )?;
            Pools::<T>::refund(position.pool, lacking.min(quote.amount))?
        } else {
            0
        };
        let paid = checked(from_forfeits.checked_add(from_pool))?;
        let can_be_paid = CurrencyOf::<T>::can_deposit(&rental.client, paid, Provenance::Extant)
            == DepositConsequence::Success;
        if can_be_paid {
            account.refund_from_forfeits = from_forfeits;
            account.refund_from_pool = from_pool;
            account.shortfall = lacking.saturating_sub(from_pool);
            Pools::<T>::pay(position.pool, &rental.client, paid)?;
        } else {
            account.shortfall = rental.refund;
            Pools::<T>::compensate(position.pool, from_pool)?;
        }
        account.client = Some(rental.client);
        Ok(())
    }
}

/// What the pool paid for that many of the GPU-seconds that it bought, rounded up.
fn price_paid(sale: &Sale, gpu_seconds: u128) -> Result<Balance, ArithmeticError> {
    checked(multiply_by_rational_with_rounding(
        sale.amount,
        gpu_seconds,
        sale.gpu_seconds,
        Rounding::Up,
    ))
}

fn checked(amount: Option<Balance>) -> Result<Balance, ArithmeticError> {
    amount.ok_or(ArithmeticError::Overflow)
}

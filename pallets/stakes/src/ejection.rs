//! What verification does to positions.

use crate::{Config, Event, Pallet, PositionOf, PositionState, Sale, Settlement, SettlementOf, StakeOf};
use frame_support::traits::{
    Get,
    fungible::Inspect,
    tokens::{DepositConsequence, Provenance},
};
use loopin_primitives::{
    Balance, BurnReason, DeviceEvents, DeviceId, FailedRental, Market, Moment, PositionId, Rented,
};
use sp_runtime::{
    ArithmeticError, DispatchError, DispatchResult, Rounding,
    helpers_128bit::multiply_by_rational_with_rounding,
};

impl<T: Config> DeviceEvents for Pallet<T> {
    fn suspended(device: DeviceId) -> DispatchResult {
        if let Some(position) = StakeOf::<T>::get(device) {
            Self::deposit_event(Event::Suspended { position, device });
        }
        Ok(())
    }

    fn passed(device: DeviceId) -> DispatchResult {
        if let Some(position) = StakeOf::<T>::get(device) {
            Self::deposit_event(Event::Verified { position, device });
        }
        Ok(())
    }

    fn ejected(device: DeviceId) -> DispatchResult {
        match StakeOf::<T>::get(device) {
            Some(position) => Self::settle(position),
            None => Ok(()),
        }
    }
}

/// What the pool owes and has lost since a device has left it.
#[derive(Default)]
struct Departure {
    /// What had streamed to the owner.
    streamed: Balance,
    /// What the owner's shares brought.
    returned: Balance,
    /// GPU-seconds that the pool has lost.
    lost_gpu_seconds: u128,
    /// What the pool had paid for these.
    lost_value: Balance,
}

impl<T: Config> Pallet<T> {
    /// Settles the position of a device that has failed for good.
    fn settle(id: PositionId) -> DispatchResult {
        let mut position = Self::position(id)?;
        let failed = T::Rented::fail(position.device)?;
        let departure = Self::depart(&position, failed.as_ref().map(|rental| rental.until))?;
        Self::finish(id, &mut position)?;

        // The slash is owed by the pool already; what was on hold comes to it.
        let slash = T::EjectionSlash::get().mul_ceil(departure.returned);
        let on_hold = checked(position.maintenance_fee.checked_add(position.collateral))?;
        if on_hold > 0 {
            T::Market::deposit_owed(position.pool, &position.owner, on_hold)?;
        }
        let forfeits = checked(slash.checked_add(on_hold))?;
        // The slash is a part of what is returned.
        let returned = departure.returned.saturating_sub(slash);
        Self::pay_owner(&position, departure.streamed, returned)?;

        let mut settlement = Settlement {
            streamed: departure.streamed,
            returned: departure.returned,
            slash,
            maintenance_fee: position.maintenance_fee,
            collateral: position.collateral,
            deposit: position.deposit,
            client: None,
            refund_from_forfeits: 0,
            refund_from_pool: 0,
            shortfall: 0,
            lost_gpu_seconds: departure.lost_gpu_seconds,
            compensation: 0,
            burned: 0,
        };
        if let Some(rental) = failed {
            Self::refund(&position, rental, forfeits, &mut settlement)?;
        }
        // What the client got is at most the forfeits, and so is what the pool gets on top.
        let left = forfeits.saturating_sub(settlement.refund_from_forfeits);
        settlement.compensation = departure.lost_value.min(left);
        if settlement.compensation > 0 {
            T::Market::compensate(position.pool, settlement.compensation)?;
        }
        settlement.burned = left.saturating_sub(settlement.compensation);
        Self::burn_owed(&position, BurnReason::Forfeit, settlement.burned)?;
        Self::deposit_event(Event::Ejected {
            position: id,
            owner: position.owner,
            device: position.device,
            settlement,
        });
        Ok(())
    }

    /// Takes the device out of its pool, where it is in one.
    fn depart(position: &PositionOf<T>, rented_until: Option<Moment>) -> Result<Departure, DispatchError> {
        let now = T::Market::now();
        match &position.state {
            PositionState::Providing(provision) if now < position.end => {
                let (streamed, _) = Self::streamed(position.pool, position.end, provision)?;
                let left = T::Market::leave(
                    position.pool,
                    &provision.provided(position.end),
                    provision.paid,
                    provision.gpu_seconds,
                    rented_until,
                )?;
                Ok(Departure {
                    streamed,
                    returned: left.returned,
                    lost_gpu_seconds: left.gpu_seconds,
                    lost_value: 0,
                })
            }
            PositionState::Selling(sale) if now < sale.sold_until => {
                let lost = T::Market::remove_sold(position.pool, sale.sold_until, rented_until)?;
                Ok(Departure {
                    lost_gpu_seconds: lost,
                    lost_value: price_paid(sale, lost)?,
                    ..Departure::default()
                })
            }
            _ => Ok(Departure {
                streamed: Self::end_stream(position)?,
                ..Departure::default()
            }),
        }
    }

    /// Refunds the client: out of the forfeits, and out of the pool what these lack, but no more than the time is
    /// worth now. A client whose account is
    /// gone, and cannot come back for so little, gets nothing.
    fn refund(
        position: &PositionOf<T>,
        rental: FailedRental<T::AccountId>,
        forfeits: Balance,
        settlement: &mut SettlementOf<T>,
    ) -> DispatchResult {
        let from_forfeits = rental.refund.min(forfeits);
        let lacking = rental.refund.saturating_sub(from_forfeits);
        let due_from_pool = lacking.min(rental.most_from_pool);
        let from_pool = if due_from_pool > 0 {
            T::Market::refund(position.pool, due_from_pool)?
        } else {
            0
        };
        let paid = checked(from_forfeits.checked_add(from_pool))?;
        let can_be_paid =
            T::Currency::can_deposit(&rental.client, paid, Provenance::Extant) == DepositConsequence::Success;
        if can_be_paid {
            settlement.refund_from_forfeits = from_forfeits;
            settlement.refund_from_pool = from_pool;
            settlement.shortfall = lacking.saturating_sub(from_pool);
            if paid > 0 {
                T::Market::pay(position.pool, &rental.client, paid)?;
            }
        } else {
            settlement.shortfall = rental.refund;
            if from_pool > 0 {
                T::Market::compensate(position.pool, from_pool)?;
            }
        }
        settlement.client = Some(rental.client);
        Ok(())
    }
}

/// What the pool paid for so many of the GPU-seconds that it bought, rounded up.
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

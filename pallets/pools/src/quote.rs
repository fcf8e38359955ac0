//! What a trade would come to.

use codec::{Decode, DecodeWithMemTracking, Encode};
use loopin_math::{MathError, Pool, Trade};
use loopin_primitives::{Balance, Moment};
use scale_info::TypeInfo;

/// The terms of a trade that has not been made, at the present moment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct TradeQuote {
    /// GPU-seconds that would change hands.
    pub gpu_seconds: u128,
    /// What the pool would receive or pay, in planck.
    pub amount: Balance,
    /// What would be burned as a fee, in planck.
    pub fee: Balance,
    /// What the caller would pay, the fee included, or get, the fee deducted, in planck: the tightest bound that the
    /// call would accept at this moment.
    pub total: Balance,
    /// The price of a GPU-hour before, in planck, rounded down.
    pub price_before: Balance,
    /// The price of a GPU-hour after, in planck, rounded down.
    pub price_after: Balance,
    /// Until when the buyer would have the time, in Unix seconds.
    pub until: Moment,
}

impl TradeQuote {
    /// Time leaves the pool.
    pub(crate) fn of_purchase(pool: &Pool, trade: &Trade, until: Moment) -> Result<Self, MathError> {
        let mut after = pool.clone();
        after.apply_purchase(trade)?;
        Ok(Self::new(pool, &after, trade, trade.cost(), until))
    }

    /// Time comes into the pool.
    pub(crate) fn of_sale(pool: &Pool, trade: &Trade, until: Moment) -> Result<Self, MathError> {
        let mut after = pool.clone();
        after.apply_sale(trade)?;
        Ok(Self::new(pool, &after, trade, trade.proceeds(), until))
    }

    fn new(before: &Pool, after: &Pool, trade: &Trade, total: Balance, until: Moment) -> Self {
        Self {
            gpu_seconds: trade.gpu_seconds,
            amount: trade.amount,
            fee: trade.fee,
            total,
            price_before: before.price_per_gpu_hour(),
            price_after: after.price_per_gpu_hour(),
            until,
        }
    }
}

//! What a reader of the chain can ask about the market: in polkadot-js `api.call.marketApi.*`.
//!
//! Answers are for the present moment, whether or not anybody has synced the pool in a block, and they
//! change nothing. Amounts are in planck, GPU time is in GPU-seconds, moments are Unix seconds. If a question
//! cannot be answered, the error is the one with which the call in question would be refused; it does not matter who
//! would call, nor whether that account could pay.

use crate::{Pools, Rentals, Stakes};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use loopin_math::PriceMark;
use loopin_primitives::{Balance, DeviceId, Moment, PoolId, PositionId, RentalId};
use pallet_pools::{MeanPrice, TradeQuote};
use pallet_stakes::PositionValue;
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// A pool at the present moment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PoolView {
    /// The moment of this view, in Unix seconds.
    pub moment: Moment,
    /// LOOPIN in reserve, in planck.
    pub reserve: Balance,
    /// GPU-seconds, the anchor's virtual ones included.
    pub gpu_seconds: u128,
    /// GPU-seconds that devices really have left to spend in the pool.
    pub idle_gpu_seconds: u128,
    /// Devices that nobody rents.
    pub idle_devices: u32,
    /// Positions of providers, their devices rented or not.
    pub provider_devices: u32,
    /// LOOPIN locked in it for ever, in planck.
    pub anchor: Balance,
    /// The price of a GPU-hour, in planck, rounded down.
    pub price_per_gpu_hour: Balance,
    /// The mean price of a GPU-hour since the pool began, in planck, rounded down: mean reserve over mean GPU-seconds.
    pub mean_price_per_gpu_hour: Balance,
    /// LOOPIN that has streamed to providers or is due to clients, and is not yet paid out, in planck.
    pub owed: Balance,
    /// What clients have paid for time so far, fees not included, in planck.
    pub rented_volume: Balance,
    /// What miners have been paid for time that they sold, fees not deducted, in planck.
    pub sold_volume: Balance,
}

/// The terms of a rental, and devices for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RentQuote {
    /// What it would cost.
    pub trade: TradeQuote,
    /// Devices to name in `rentals.rent`: of all that have enough time left, those with the least, so that devices with
    /// more time remain for long rentals. Fewer than asked for if there are no more.
    pub devices: Vec<DeviceId>,
}

sp_api::decl_runtime_apis! {
    /// The market for GPU time, at the present moment.
    pub trait MarketApi {
        /// The pool, or nothing if there is none with that number.
        fn pool(pool: PoolId) -> Option<PoolView>;
        /// The mean price between two moments, in Unix seconds: from the last whole hour before the first to the last whole
        /// hour before the second, or to now if that lies in the future. Whole hours of the last ten days are known in
        /// which somebody synced the pool; otherwise it is the nearest earlier one, or the beginning of the pool, and
        /// `has_gap` says so.
        fn mean_price(pool: PoolId, from: Moment, until: Moment) -> Result<MeanPrice, DispatchError>;
        /// The mean prices between all whole hours that are known from the one moment to the other, for a chart.
        fn price_chart(pool: PoolId, from: Moment, until: Moment) -> Result<Vec<MeanPrice>, DispatchError>;
        /// What `stakes.burnForCertificate` would burn for that many GPU-seconds, in planck.
        fn quote_certificate(pool: PoolId, gpu_seconds: u128) -> Result<Balance, DispatchError>;
        /// What `stakes.addLiquidity` would cost, in planck.
        fn quote_add_liquidity(position: PositionId) -> Result<Balance, DispatchError>;
        /// What `stakes.sellHours` would bring.
        fn quote_sell(position: PositionId, gpu_seconds: u64) -> Result<TradeQuote, DispatchError>;
        /// What `rentals.rent` would cost for that many devices and seconds, and which devices to rent.
        fn quote_rent(pool: PoolId, devices: u32, seconds: u64) -> Result<RentQuote, DispatchError>;
        /// What `rentals.extend` would cost for that many seconds.
        fn quote_extend(rental: RentalId, seconds: u64) -> Result<TradeQuote, DispatchError>;
        /// What `rentals.terminate` would bring.
        fn quote_terminate(rental: RentalId) -> Result<TradeQuote, DispatchError>;
        /// What the position is worth, or nothing if there is none with that number.
        fn position_value(position: PositionId) -> Option<PositionValue>;
    }
}

impl PoolView {
    /// The pool, synced.
    pub(crate) fn of(pool: PoolId) -> Option<Self> {
        let state = Pools::synced(pool).ok()?;
        let owed = pallet_pools::Pools::<crate::Runtime>::get(pool)?;
        Some(Self {
            moment: state.updated_at,
            reserve: state.reserve,
            gpu_seconds: state.gpu_seconds,
            idle_gpu_seconds: state.idle_gpu_seconds(),
            idle_devices: state.idle_devices,
            provider_devices: state.provider_devices,
            anchor: owed.anchor,
            price_per_gpu_hour: state.price_per_gpu_hour(),
            mean_price_per_gpu_hour: state.mean_price_per_gpu_hour(&PriceMark::default()).ok()?,
            owed: owed.owed,
            rented_volume: owed.rented_volume,
            sold_volume: owed.sold_volume,
        })
    }
}

impl RentQuote {
    /// What the rental would cost, and devices for it.
    pub(crate) fn of(pool: PoolId, devices: u32, seconds: u64) -> Result<Self, DispatchError> {
        let trade = Rentals::quote_rent(pool, devices, seconds)?;
        let devices = Stakes::best_fitting_devices(pool, trade.until, devices);
        Ok(Self { trade, devices })
    }
}

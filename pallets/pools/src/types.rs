//! What is stored about a pool.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use loopin_math::{Ending, Pool, PriceMark, time::MINUTES_PER_HOUR};
use loopin_primitives::{Balance, Moment, PoolTerms};
use scale_info::TypeInfo;
use scale_info::prelude::string::String;

/// Bytes of a pool's name, at most.
pub type MaxNameLength = ConstU32<50>;
/// Bytes of a pool's symbol, at most.
pub type MaxSymbolLength = ConstU32<12>;

/// At most one ending for each minute of an hour.
pub type EndingsOfHour = BoundedVec<Ending, ConstU32<MINUTES_PER_HOUR>>;

/// The currency that everything is paid and held in.
pub type CurrencyOf<T> = <T as crate::Config>::Currency;

/// What never changes about a pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PoolInfo<AccountId> {
    /// Who created it, and has the deposit for it on hold.
    pub creator: AccountId,
    /// What its class of device is called.
    pub name: BoundedVec<u8, MaxNameLength>,
    /// The same in short.
    pub symbol: BoundedVec<u8, MaxSymbolLength>,
    /// When it was created, in Unix seconds.
    pub created_at: Moment,
    /// LOOPIN locked in it for ever, in planck.
    pub anchor: Balance,
    /// Durations, challenge, and what is expected of a device.
    pub terms: PoolTerms,
}

/// What changes about a pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PoolState {
    /// The pool at the moment of its last sync.
    pub pool: Pool,
    /// LOOPIN in the pool's account that is no longer part of the reserve, but owed to somebody, in planck.
    pub owed: Balance,
    /// What clients have paid for time, fees not included, in planck.
    pub rented_volume: Balance,
    /// What miners have been paid for time that they sold, fees not deducted, in planck.
    pub sold_volume: Balance,
}

/// A moment in the life of a pool from which its next epoch is reckoned.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PoolMark {
    /// The moment, in Unix seconds.
    pub moment: Moment,
    /// The integral of the number of providers' positions until then, in device-seconds.
    pub provider_seconds: u128,
    /// What the mean price since then is computed from.
    pub price: PriceMark,
}

/// A pool of the genesis.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisPool<AccountId> {
    /// Whose account pays for it.
    pub creator: AccountId,
    /// What its class of device is called.
    pub name: String,
    /// The same in short.
    pub symbol: String,
    /// LOOPIN to lock, in planck.
    pub anchor: Balance,
    /// The initial price of a GPU-hour, in planck.
    pub price_per_gpu_hour: Balance,
    /// Durations, challenge, and what is expected of a device.
    pub terms: PoolTerms,
}

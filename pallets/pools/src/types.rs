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

/// Hours of which the price marks of a pool are kept: more than ten days.
pub const MARKED_HOURS: u32 = 256;

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
    /// When it was created, in Unix seconds. A pool of the genesis, which is older than time, begins when anything first
    /// happens to it; until then this is zero.
    pub created_at: Moment,
    /// Durations, challenge, and what is expected of a device.
    pub terms: PoolTerms,
}

/// What changes about a pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PoolState {
    /// The pool at the moment of its last sync.
    pub pool: Pool,
    /// LOOPIN locked in it for ever, by its creator and by those who have deepened it, in planck.
    pub anchor: Balance,
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

/// The mean price of a pool over a time. Both ends are moments of which the chain keeps a mark, no later than those asked
/// for: a whole hour, the beginning of the pool, or now. Where no mark was made in an hour, since nobody synced the pool,
/// or where it is too old to be kept, it is the nearest earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct MeanPrice {
    /// Since when, in Unix seconds.
    pub from: Moment,
    /// Until when, in Unix seconds.
    pub until: Moment,
    /// The mean price of a GPU-hour in that time, in planck, rounded down: mean reserve over mean GPU-seconds.
    pub price_per_gpu_hour: Balance,
    /// Whether an end lies in an earlier hour than was asked for.
    pub has_gap: bool,
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

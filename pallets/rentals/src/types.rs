//! What the pallet stores and reports, as types.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use loopin_math::Contribution;
use loopin_primitives::{Balance, DeviceId, Moment, PoolId, RentalId};
use scale_info::TypeInfo;

/// The most devices that one rental can have.
pub const MAX_DEVICES: u32 = 64;
/// The longest access key, in bytes.
pub const MAX_ACCESS_KEY_BYTES: u32 = 1_024;

/// The devices of a rental.
pub type DeviceList = BoundedVec<DeviceId, ConstU32<MAX_DEVICES>>;
/// The key with which a client logs in to its devices: a line that
/// [`check_access_key`](crate::check_access_key) accepts.
pub type AccessKey = BoundedVec<u8, ConstU32<MAX_ACCESS_KEY_BYTES>>;

/// A rental of this runtime.
pub type RentalOf<T> = Rental<<T as frame_system::Config>::AccountId>;
/// A report of this runtime.
pub type ReportOf<T> = Report<<T as frame_system::Config>::AccountId>;

/// Devices of one pool that one client has rented together.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Rental<AccountId> {
    /// Who has rented them, and in whose account the deposit is on hold.
    pub client: AccountId,
    /// The pool they belong to.
    pub pool: PoolId,
    /// The devices, without those that have failed.
    pub devices: DeviceList,
    /// When the rental began, in seconds since 1970.
    pub started_at: Moment,
    /// When it ends, in seconds since 1970: a whole minute.
    pub end: Moment,
    /// Until when the client's hour tokens have been burned as used, in seconds since 1970.
    pub hours_retired_until: Moment,
    /// What the client paid to the pool for these devices, including extensions but not burned fees, in planck.
    pub paid: Balance,
    /// What of that was still in the pool's reserve when the rental was made or last extended, and the pool's
    /// retention then. What is left of it is the most that the reserve refunds.
    pub contribution: Contribution,
    /// What was burned as fees for these devices, extensions included, in planck.
    pub fees: Balance,
    /// What is on hold for the rental in the client's account, in planck.
    pub deposit: Balance,
    /// The key that gives access to the devices.
    pub access_key: AccessKey,
}

/// The last rental of a device. Once `until` has passed the device is free, whether or not anybody has completed
/// the rental.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Occupation {
    /// The rental.
    pub rental: RentalId,
    /// When it ends, in seconds since 1970.
    pub until: Moment,
}

/// A client's report that a device fails. It may outlive the rental.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Report<AccountId> {
    /// Who reported the device, and in whose account the deposit is on hold.
    pub client: AccountId,
    /// The rental that the device belonged to.
    pub rental: RentalId,
    /// What is on hold for the report, in planck.
    pub deposit: Balance,
    /// When it was made, in seconds since 1970.
    pub reported_at: Moment,
}

/// How a report came to its end.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum ReportOutcome {
    /// The device failed its verification: the deposit was released.
    #[codec(index = 0)]
    Confirmed,
    /// The device passed its verification: the deposit was burned.
    #[codec(index = 1)]
    Refuted,
    /// No verdict came in time, and the client took the report back: the deposit was released.
    #[codec(index = 2)]
    Withdrawn,
    /// The device's part of that rental was over, and its next client reported it: the deposit was released.
    #[codec(index = 3)]
    Superseded,
}

/// Why a rental ended.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum EndReason {
    /// Its time was over.
    #[codec(index = 0)]
    Completed,
    /// The client gave the rest of the time back.
    #[codec(index = 1)]
    Terminated,
    /// None of its devices was left: all had failed.
    #[codec(index = 2)]
    ProviderFailed,
}

/// What a client has spent on rentals that are over, and on devices whose part in a rental is over.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Totals {
    /// What was paid for time that was used, refunds and burned fees not included, in planck.
    pub consumed_amount: Balance,
    /// What was burned as fees, in planck.
    pub fees_burned: Balance,
}

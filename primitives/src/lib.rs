//! # What the market's pallets know of each other
//!
//! Five pallets make the market. Each keeps its own state, and meets the others through the traits in here:
//!
//! | pallet | keeps | gives the others |
//! |---|---|---|
//! | `pallet-pools` | reserves, hour tokens, the agenda of each pool | [`Market`], [`RewardedPools`] |
//! | `pallet-devices` | who owns which device, and how it stands with verification | [`Devices`], [`DeviceRegistry`], [`DeviceAges`] |
//! | `pallet-stakes` | certificates and positions of miners | [`Supply`], [`DeviceEvents`] |
//! | `pallet-rentals` | rentals of clients | [`Rented`], [`DeviceEvents`] |
//! | `pallet-rewards` | reward epochs, what everybody has earned | [`ProviderRewards`], [`RentalRewards`], [`OnFinding`] |
//!
//! `pallet-verification` sits beside them: it challenges what is in the registry, and tells it the verdicts.
//!
//! Amounts of LOOPIN are in planck, 10⁻¹² LOOPIN; GPU time is in GPU-seconds; moments are Unix seconds.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod device;
mod endpoint;
mod market;
mod quote;
mod rewards;
mod terms;
mod verification;

pub use device::{DeviceEvents, DeviceInfo, Devices, Standing};
pub use endpoint::{EndpointError, EndpointUrl};
pub use market::{FailedRental, Market, Rented, Supply};
pub use quote::TradeQuote;
pub use rewards::{
    BurnLog, BurnReason, DeviceAges, EpochId, PaymentLock, PoolMark, ProviderRewards, RentalRewards,
    RewardedPools,
};
pub use terms::{PoolTerms, TermsError};
pub use verification::{
    ChallengeTarget, Conviction, DeviceChallenge, DeviceRegistry, FailReason, Finding, FormerKey,
    InconclusiveReason, OnFinding, Outcome, Pass, RoundId, Seat, USUAL_LAG_SECONDS,
};

/// LOOPIN in planck, 10⁻¹² LOOPIN.
pub type Balance = u128;
/// A moment, in seconds since 1970.
pub type Moment = u64;
/// Number of a pool. Its hour token, an asset of pallet-assets, has the same number.
pub type PoolId = u32;
/// Number of a device.
pub type DeviceId = u32;
/// Number of a burn certificate.
pub type CertificateId = u32;
/// Number of a position; its stake token in the pool's collection has the same number.
pub type PositionId = u32;
/// Number of a rental.
pub type RentalId = u32;

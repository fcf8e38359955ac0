//! # What all pallets share
//!
//! Numbers of things, plain types that several pallets or programs use, and the [hooks](mod@hooks) by which a lower pallet
//! tells a higher one what has happened. ARCHITECTURE.md says which pallet lies above which.
//!
//! Amounts of LOOPIN are in planck, 10⁻¹² LOOPIN; GPU time is in GPU-seconds; moments are Unix seconds.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

mod burn;
mod endpoint;
pub mod hooks;
mod terms;
mod verification;

pub use burn::BurnReason;
pub use endpoint::{EndpointError, EndpointUrl};
pub use hooks::{DeviceHooks, FailedRental, LiquidityHooks, OnBurn, RentalHooks, TenancyHooks, VerdictHooks};
pub use terms::{PoolTerms, TermsError};
pub use verification::{
    ChallengeKind, Commitment, DeviceChallenge, FailReason, Failure, InconclusiveReason, Pass, RoundId,
    Standing, USUAL_LAG_SECONDS, Verdict, Vote, Window,
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
/// Number of a reward epoch, from 0.
pub type EpochId = u32;

//! # The arithmetic of the dissipative market and of rewards
//!
//! A pool trades GPU time of one class of device for LOOPIN. Its hours run off whether or not anybody uses
//! them, and what runs off is paid for out of the reserve. This crate holds the rules for that as plain functions
//! of integers: no storage, no accounts, no floating point, and no panic on any input.
//!
//! ## Units
//!
//! | quantity | type | unit |
//! |---|---|---|
//! | LOOPIN | `u128` | planck, 10⁻¹² LOOPIN |
//! | GPU time | `u128` | GPU-seconds: one device for one second |
//! | moments | `u64` | seconds since 1970 |
//! | shares | `u128` | [`SHARES_PER_ANCHOR_GPU_SECOND`] to a GPU-second of the anchor |
//! | share rate | `u128` | shares that one position gives up per second |
//!
//! ## The pool
//!
//! [`Pool`] has a reserve `B`, GPU-seconds `A` and shares `L`. The anchor, LOOPIN that its creator and whoever deepens the
//! pool lock in it, with `A0` virtual GPU-seconds and `L0` shares, never leaves, so there is always a price, `p = B/A`, and
//! nothing is ever divided by zero.
//! Of `A`, all but `A0` is the time of the `I` devices that wait in the pool.
//!
//! Without events, over `dt` seconds, `A` falls by `I·dt`, `L` falls by `R·dt`, where `R` is the sum of the share
//! rates of the providers' positions, and `B·dL/L` streams from the reserve to them. This leaves `B/L` unchanged, so
//! late and timely processing come to the same: see [`Pool::sync`].
//!
//! What streams away is followed by [`Retention`], so that a refund never takes more out of the reserve than is left
//! there of what the same rental or position has paid in. Why that suffices is said in `retention.rs`, and tested in
//! `tests/properties`.
//!
//! ## Rounding
//!
//! Everything is rounded in the pool's favour: what is paid to it upwards, what it pays downwards. Only what streams is
//! not rounded at once: see [`Pool::streamed_fraction`].
//!
//! ## Rewards
//!
//! [`Schedule`] says how much LOOPIN an epoch emits and [`Split`] for whom; the miners' budget is divided among pools
//! ([`parts_by_weight`]) and among their positions ([`rate_per_second`], bounded by [`RewardCaps`]), and the rounds that a
//! device has passed ([`RoundCount`]) and its [`Factors`] say what part of that is paid. What is not paid is never minted. Here too, what anybody gets is rounded down, and nothing
//! that is divided can be paid out more than once: the parts are never more than the whole.
//! [`Conditions`] tell whether rewards and prices are in balance.
//!
//! ## Errors
//!
//! Functions that change a pool may fail half-way: after an error the pool and its agenda are undefined, and the
//! caller must discard both, as a storage transaction does. Quotes change nothing.
//!
//! ## What the caller must see to
//!
//! A pool knows sums, not devices. It is for the caller to sync it before anything else ([`Pool::sync`]), to rent only
//! devices that are idle and that the pool has until the end of the rental, to pass on unchanged what it was told about a
//! position, and to schedule nothing so far ahead that the agenda until then is too long to be walked. If a contradiction
//! shows, the answer is [`MathError::Inconsistent`].
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

mod agenda;
mod arithmetic;
mod caps;
mod emission;
mod error;
mod exponential;
mod liquidity;
mod median;
mod multiplier;
mod parts;
mod pool;
mod price;
mod retention;
mod rounds;
mod stability;
mod sync;
pub mod time;
mod trade;

pub use agenda::{Agenda, Change, Ending, Page};
pub use caps::{RewardCaps, RewardedTime};
pub use emission::{Parts, Schedule, Split};
pub use error::MathError;
pub use exponential::exponential_of_minus;
pub use liquidity::{AddedLiquidity, LiquidityPosition, RemovedLiquidity};
pub use median::lower_median;
pub use multiplier::{Factors, MultiplierTerms, Record, Reward};
pub use parts::{
    capped_part, parts_by_weight, pool_weight, rate_per_second, reward_at_rate, seconds_that_count,
};
pub use pool::{Deepened, Pool, SHARES_PER_ANCHOR_GPU_SECOND};
pub use price::{HourMark, PriceMark};
pub use primitive_types::U256;
pub use retention::{Contribution, Retention};
pub use rounds::RoundCount;
pub use stability::{Conditions, Region, logarithmic_mean};
pub use sync::Synced;
pub use trade::Trade;

//! What can be wrong with a request to a pool.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Why a pool refuses.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    thiserror::Error,
)]
pub enum MathError {
    /// A result does not fit in its integer type.
    #[error("the result is too large")]
    #[codec(index = 0)]
    Overflow,
    /// The amount of GPU time or LOOPIN is zero, or rounds to zero.
    #[error("the amount is zero")]
    #[codec(index = 1)]
    Zero,
    /// A moment that must lie in the future does not, or does not fall on a whole minute.
    #[error("the moment must be a whole minute in the future")]
    #[codec(index = 2)]
    InvalidTime,
    /// The pool's clock is later than the moment asked for.
    #[error("the pool is already past that moment")]
    #[codec(index = 3)]
    InThePast,
    /// More GPU time is asked for than the pool has idle.
    #[error("the pool has not that much idle time")]
    #[codec(index = 4)]
    NotEnoughIdleTime,
    /// No time has passed in which the pool had a price.
    #[error("no time has passed yet from which a mean price could be taken")]
    #[codec(index = 5)]
    TooYoung,
    /// The pool or its agenda does not hold what is to be taken off it: the request contradicts the pool's state.
    #[error("the request contradicts the state of the pool")]
    #[codec(index = 6)]
    Inconsistent,
}

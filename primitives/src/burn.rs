//! Why LOOPIN ceases to exist.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Why LOOPIN is burned.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum BurnReason {
    /// The fee of a trade with a pool.
    #[codec(index = 0)]
    SwapFee,
    /// A certificate for staking a device.
    #[codec(index = 1)]
    Certificate,
    /// The fee for withdrawing liquidity early.
    #[codec(index = 2)]
    ExitFee,
    /// What is left of what the owner of an ejected device forfeited.
    #[codec(index = 3)]
    Forfeit,
    /// The deposit for a report that a device fails, when it did not.
    #[codec(index = 4)]
    RefutedReport,
}

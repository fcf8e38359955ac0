//! The verifier's clock, and sleeping.

use sp_core::offchain::Timestamp;
use sp_io::offchain;

/// Milliseconds, or Unix time in them.
pub type Millis = u64;

/// The time now.
pub fn now() -> Millis {
    offchain::timestamp().unix_millis()
}

/// Sleeps until then, if that is not past.
pub fn sleep_until(then: Millis) {
    if now() < then {
        offchain::sleep_until(Timestamp::from_unix_millis(then));
    }
}

/// Milliseconds of some seconds.
pub fn from_seconds(seconds: u64) -> Millis {
    seconds.saturating_mul(1_000)
}

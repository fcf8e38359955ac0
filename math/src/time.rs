//! Moments and durations, in whole seconds. What is scheduled ends on a whole minute.

use crate::MathError;

/// Seconds in a minute.
pub const MINUTE: u64 = 60;
/// Seconds in an hour.
pub const HOUR: u64 = 60 * MINUTE;
/// Seconds in a day.
pub const DAY: u64 = 24 * HOUR;
/// Minutes in an hour.
pub const MINUTES_PER_HOUR: u32 = 60;

/// When something that starts at `start` and lasts at least `seconds` ends: at the next whole minute.
pub fn scheduled_end(start: u64, seconds: u64) -> Result<u64, MathError> {
    if seconds == 0 {
        return Err(MathError::Zero);
    }
    start
        .checked_add(seconds)
        .and_then(|end| end.checked_next_multiple_of(MINUTE))
        .ok_or(MathError::Overflow)
}

/// The first whole minute after `moment`.
pub(crate) fn whole_minute_after(moment: u64) -> Result<u64, MathError> {
    moment
        .checked_add(1)
        .and_then(|next| next.checked_next_multiple_of(MINUTE))
        .ok_or(MathError::Overflow)
}

/// The number of the hour that the moment lies in.
pub fn hour_of(moment: u64) -> u64 {
    moment / HOUR
}

/// The minute within its hour, 0 to 59.
pub fn minute_of(moment: u64) -> u8 {
    // The remainder is below 60.
    (moment % HOUR / MINUTE) as u8
}

/// The moment at which that minute of that hour begins.
pub fn moment_of(hour: u64, minute: u8) -> u64 {
    hour.saturating_mul(HOUR)
        .saturating_add(u64::from(minute) * MINUTE)
}

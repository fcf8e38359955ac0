//! How time passes in a pool.

use crate::{
    Agenda, Change, Ending, HourMark, MathError, Pool, PriceMark,
    arithmetic::narrow,
    time::{HOUR, hour_of, moment_of, whole_minute_after},
};
use alloc::vec::Vec;
use primitive_types::U256;

/// Bits after the binary point of [`Pool::stream_index`] and [`Pool::streamed_fraction`].
const FRACTION_BITS: usize = 128;

/// What a sync did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// GPU-seconds that ran off in the pool.
    pub dissipated_gpu_seconds: u128,
    /// LOOPIN that streamed from the reserve to providers, in planck.
    pub streamed: u128,
    /// Pages of the agenda that were read.
    pub pages: u32,
    /// Minutes in which something changed.
    pub minutes: u32,
    /// The last whole hour that was reached or passed, if one was. It does not depend on when the pool is synced.
    pub hour: Option<HourMark>,
}

impl Pool {
    /// Lets time pass until `now`, and everything happen that is due by then.
    ///
    /// Between trades `B/L` is constant, so a share brings the same in every second since the last sync: however many
    /// events lie between, `B/L` is computed once. What streams is reckoned to fractions of a planck, and leaves the
    /// reserve in whole ones: so the pool is, to a planck, what it would be if it were synced every minute, and what has
    /// left the reserve is never less than what all positions together are owed, since each of them is owed whole planck,
    /// rounded down.
    ///
    /// The work is proportional to the pages of the agenda that are passed, and those end with the last scheduled
    /// change, however late this comes.
    pub fn sync(&mut self, now: u64, agenda: &mut impl Agenda) -> Result<Synced, MathError> {
        if now < self.updated_at {
            return Err(MathError::InThePast);
        }
        if now == self.updated_at {
            return Ok(Synced::default());
        }
        let reserve_per_share = self.reserve_per_share()?;
        let mut passage = Passage {
            reserve_per_share,
            last_step: (0, U256::zero()),
            shares_before: self.shares,
            gpu_seconds_before: self.gpu_seconds,
            shares_integral_doubled: U256::zero(),
            reserve_integral_doubled_before: self.reserve_integral_doubled,
            next_mark: Some(hour_of(now)).filter(|hour| *hour > hour_of(self.updated_at)),
            hour: None,
        };

        let mut synced = Synced::default();
        let last_due = now.min(self.agenda_end);
        // Everything happens on a whole minute, and what was due at `updated_at` has happened.
        let first_due = whole_minute_after(self.updated_at)?;
        if first_due <= last_due {
            for hour in hour_of(first_due)..=hour_of(last_due) {
                let mut page = agenda.page(hour);
                synced.pages = synced.pages.saturating_add(1);
                let due = page.take_due(hour, now);
                if due.is_empty() {
                    continue;
                }
                let mut endings = Vec::new();
                for (minute, change) in due.iter() {
                    synced.minutes = synced.minutes.saturating_add(1);
                    self.pass_until(moment_of(hour, *minute), &mut passage)?;
                    self.apply(change)?;
                    if change.providers_leaving > 0 {
                        endings.push(Ending {
                            minute: *minute,
                            positions: change.providers_leaving,
                            stream_index: self.stream_index,
                        });
                    }
                }
                agenda.set_page(hour, page);
                if !endings.is_empty() {
                    agenda.record_endings(hour, &endings);
                }
            }
        }
        self.pass_until(now, &mut passage)?;
        synced.hour = passage.hour;

        let given_up = passage
            .shares_before
            .checked_sub(self.shares)
            .ok_or(MathError::Inconsistent)?;
        let streamed = reserve_per_share
            .checked_mul(given_up.into())
            .and_then(|streamed| streamed.checked_add(self.streamed_fraction.into()))
            .ok_or(MathError::Overflow)?;
        synced.streamed = narrow(streamed >> FRACTION_BITS)?;
        self.streamed_fraction = streamed.low_u128();
        self.retention = self.retention.shrunk(self.shares, passage.shares_before)?;
        synced.dissipated_gpu_seconds = passage
            .gpu_seconds_before
            .checked_sub(self.gpu_seconds)
            .ok_or(MathError::Inconsistent)?;
        self.reserve = self
            .reserve
            .checked_sub(synced.streamed)
            .ok_or(MathError::Inconsistent)?;
        self.reserve_integral_doubled = passage.reserve_integral_doubled()?;
        Ok(synced)
    }

    /// What a position is owed for the time in which the stream index grew from `since` to `until`.
    pub fn streamed_to(share_rate: u128, since: U256, until: U256) -> Result<u128, MathError> {
        scaled_down(
            until.checked_sub(since).ok_or(MathError::Inconsistent)?,
            share_rate.into(),
        )
    }

    /// `B/L` times 2^128, rounded down, where `B` does not include what has streamed of the last planck.
    fn reserve_per_share(&self) -> Result<U256, MathError> {
        // The reserve has at most 128 bits, so this has at most 256.
        (U256::from(self.reserve) << FRACTION_BITS)
            .checked_sub(self.streamed_fraction.into())
            .and_then(|reserve| reserve.checked_div(self.shares.into()))
            .ok_or(MathError::Inconsistent)
    }

    /// Nothing but time happens until `moment`. If the hour to be marked begins on the way, it is marked.
    fn pass_until(&mut self, moment: u64, passage: &mut Passage) -> Result<(), MathError> {
        if let Some(hour) = passage.next_mark {
            let begins = hour.saturating_mul(HOUR);
            if begins <= moment {
                passage.next_mark = None;
                self.pass_straight(begins, passage)?;
                passage.hour = Some(HourMark {
                    hour: u32::try_from(hour).unwrap_or(u32::MAX),
                    mark: PriceMark {
                        reserve_integral_doubled: passage.reserve_integral_doubled()?,
                        gpu_seconds_integral_doubled: self.gpu_seconds_integral_doubled,
                    },
                });
            }
        }
        self.pass_straight(moment, passage)
    }

    /// Reserve, shares and GPU-seconds change on straight lines until `moment`.
    fn pass_straight(&mut self, moment: u64, passage: &mut Passage) -> Result<(), MathError> {
        let seconds = moment
            .checked_sub(self.updated_at)
            .ok_or(MathError::Inconsistent)?;
        let dissipated = u128::from(self.idle_devices) * u128::from(seconds);
        let given_up = self
            .share_rate
            .checked_mul(seconds.into())
            .ok_or(MathError::Overflow)?;
        let gpu_seconds = self
            .gpu_seconds
            .checked_sub(dissipated)
            .ok_or(MathError::Inconsistent)?;
        let shares = self.shares.checked_sub(given_up).ok_or(MathError::Inconsistent)?;
        if gpu_seconds < self.anchor_gpu_seconds || shares < self.anchor_shares {
            return Err(MathError::Inconsistent);
        }
        // Both fall on straight lines, whose integrals are exact.
        passage.shares_integral_doubled = passage
            .shares_integral_doubled
            .checked_add(area_doubled(self.shares, shares, seconds)?)
            .ok_or(MathError::Overflow)?;
        self.gpu_seconds_integral_doubled = self
            .gpu_seconds_integral_doubled
            .checked_add(narrow(area_doubled(self.gpu_seconds, gpu_seconds, seconds)?)?)
            .ok_or(MathError::Overflow)?;
        self.stream_index = self
            .stream_index
            .checked_add(passage.brought_by_share(seconds)?)
            .ok_or(MathError::Overflow)?;
        self.provider_seconds = u128::from(self.provider_devices)
            .checked_mul(seconds.into())
            .and_then(|passed| self.provider_seconds.checked_add(passed))
            .ok_or(MathError::Overflow)?;
        self.gpu_seconds = gpu_seconds;
        self.shares = shares;
        self.updated_at = moment;
        Ok(())
    }

    fn apply(&mut self, change: &Change) -> Result<(), MathError> {
        self.idle_devices = self
            .idle_devices
            .checked_add(change.idle_joining)
            .and_then(|devices| devices.checked_sub(change.idle_leaving))
            .ok_or(MathError::Inconsistent)?;
        self.provider_devices = self
            .provider_devices
            .checked_sub(change.providers_leaving)
            .ok_or(MathError::Inconsistent)?;
        self.share_rate = self
            .share_rate
            .checked_sub(change.share_rate_leaving)
            .ok_or(MathError::Inconsistent)?;
        Ok(())
    }
}

/// What stays the same, or adds up, during one sync.
struct Passage {
    reserve_per_share: U256,
    /// The length of the last step, in seconds, and what a share brought in it, times 2^128. In a full agenda all steps
    /// are a minute long, and the product is worth keeping.
    last_step: (u64, U256),
    shares_before: u128,
    gpu_seconds_before: u128,
    shares_integral_doubled: U256,
    reserve_integral_doubled_before: u128,
    /// The hour that is to be marked when it begins.
    next_mark: Option<u64>,
    hour: Option<HourMark>,
}

impl Passage {
    /// Twice the integral of `B` so far: that of `L`, times `B/L`.
    fn reserve_integral_doubled(&self) -> Result<u128, MathError> {
        scaled_down(self.reserve_per_share, self.shares_integral_doubled)?
            .checked_add(self.reserve_integral_doubled_before)
            .ok_or(MathError::Overflow)
    }

    /// What a share brings in that time, in planck times 2^128.
    fn brought_by_share(&mut self, seconds: u64) -> Result<U256, MathError> {
        if self.last_step.0 != seconds {
            let brought = self
                .reserve_per_share
                .checked_mul(seconds.into())
                .ok_or(MathError::Overflow)?;
            self.last_step = (seconds, brought);
        }
        Ok(self.last_step.1)
    }
}

/// Twice the area under a straight line. Few areas need more than 128 bits, and those that do not are reckoned in a
/// fraction of the time.
fn area_doubled(before: u128, after: u128, seconds: u64) -> Result<U256, MathError> {
    let seconds = u128::from(seconds);
    if let Some(area) = before.checked_add(after).and_then(|sum| sum.checked_mul(seconds)) {
        return Ok(area.into());
    }
    (U256::from(before) + U256::from(after))
        .checked_mul(seconds.into())
        .ok_or(MathError::Overflow)
}

/// A number with [`FRACTION_BITS`] after the point, times an integer, rounded down.
fn scaled_down(scaled: U256, factor: U256) -> Result<u128, MathError> {
    narrow(scaled.checked_mul(factor).ok_or(MathError::Overflow)? >> FRACTION_BITS)
}

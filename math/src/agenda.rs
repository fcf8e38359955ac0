//! What will change about a pool at a known minute.

use crate::{
    MathError,
    time::{MINUTE, MINUTES_PER_HOUR, hour_of, minute_of, moment_of},
};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::U256;
use scale_info::TypeInfo;

/// Everything that changes about a pool in one minute, added up.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Change {
    /// Devices that come back to the pool, since their rental ends.
    pub idle_joining: u32,
    /// Devices whose time in the pool ends.
    pub idle_leaving: u32,
    /// Positions of providers that end.
    pub providers_leaving: u32,
    /// The sum of the share rates of these positions.
    pub share_rate_leaving: u128,
}

impl Change {
    /// `devices` rentals end.
    pub fn rental_ends(devices: u32) -> Self {
        Self {
            idle_joining: devices,
            ..Self::default()
        }
    }

    /// The time of one device that was sold to the pool ends.
    pub fn sale_ends() -> Self {
        Self {
            idle_leaving: 1,
            ..Self::default()
        }
    }

    /// The position of one provider ends.
    pub fn liquidity_ends(share_rate: u128) -> Self {
        Self {
            idle_leaving: 1,
            providers_leaving: 1,
            share_rate_leaving: share_rate,
            ..Self::default()
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Both changes together.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        Some(Self {
            idle_joining: self.idle_joining.checked_add(other.idle_joining)?,
            idle_leaving: self.idle_leaving.checked_add(other.idle_leaving)?,
            providers_leaving: self.providers_leaving.checked_add(other.providers_leaving)?,
            share_rate_leaving: self.share_rate_leaving.checked_add(other.share_rate_leaving)?,
        })
    }

    /// This change without the other, which must be part of it.
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        Some(Self {
            idle_joining: self.idle_joining.checked_sub(other.idle_joining)?,
            idle_leaving: self.idle_leaving.checked_sub(other.idle_leaving)?,
            providers_leaving: self.providers_leaving.checked_sub(other.providers_leaving)?,
            share_rate_leaving: self.share_rate_leaving.checked_sub(other.share_rate_leaving)?,
        })
    }
}

/// One hour of a pool's agenda: by minute, in ascending order, without empty changes.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Page(BoundedVec<(u8, Change), ConstU32<MINUTES_PER_HOUR>>);

impl Page {
    /// Whether nothing is scheduled.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The minutes, 0 to 59, and what changes in each.
    pub fn iter(&self) -> impl Iterator<Item = &(u8, Change)> {
        self.0.iter()
    }

    /// Splits off what is due at `now`, in the hour with that number.
    pub(crate) fn take_due(&mut self, hour: u64, now: u64) -> Self {
        let due = self
            .0
            .iter()
            .take_while(|(minute, _)| moment_of(hour, *minute) <= now)
            .count();
        let mut taken = core::mem::take(&mut self.0).into_inner();
        // Parts of what is within the bound are within it.
        self.0 = BoundedVec::truncate_from(taken.split_off(due));
        Self(BoundedVec::truncate_from(taken))
    }

    fn add(&mut self, minute: u8, change: &Change) -> Result<(), MathError> {
        match self.0.binary_search_by_key(&minute, |(key, _)| *key) {
            Ok(index) => {
                let entry = self.0.get_mut(index).ok_or(MathError::Inconsistent)?;
                entry.1 = entry.1.checked_add(change).ok_or(MathError::Overflow)?;
                Ok(())
            }
            Err(index) => {
                // There are sixty minutes, and each is a key once.
                self.0
                    .try_insert(index, (minute, *change))
                    .map_err(|_| MathError::Inconsistent)
            }
        }
    }

    fn subtract(&mut self, minute: u8, change: &Change) -> Result<(), MathError> {
        let index = self
            .0
            .binary_search_by_key(&minute, |(key, _)| *key)
            .map_err(|_| MathError::Inconsistent)?;
        let entry = self.0.get_mut(index).ok_or(MathError::Inconsistent)?;
        entry.1 = entry.1.checked_sub(change).ok_or(MathError::Inconsistent)?;
        if entry.1.is_empty() {
            self.0.remove(index);
        }
        Ok(())
    }
}

/// Where the agenda of a pool is kept. Pages that were never set are empty.
pub trait Agenda {
    /// The page of that hour.
    fn page(&self, hour: u64) -> Page;

    /// Replaces the page of that hour; an empty one needs no room.
    fn set_page(&mut self, hour: u64, page: Page);

    /// Providers' positions end in that hour: how many at each of these minutes, and what the pool's stream index then
    /// was. They can be paid out at any later time, but only for what streamed until then.
    /// One hour may be reported in several parts, each with later minutes than the one before.
    fn record_endings(&mut self, hour: u64, endings: &[Ending]);
}

/// Positions of providers that ended in the same minute.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Ending {
    /// The minute within the hour, 0 to 59.
    pub minute: u8,
    /// How many positions ended.
    pub positions: u32,
    /// The pool's [`stream_index`](crate::Pool::stream_index) at that minute.
    pub stream_index: U256,
}

/// Adds `change` at the moment `at`, which must be a whole minute.
pub(crate) fn schedule(agenda: &mut impl Agenda, at: u64, change: &Change) -> Result<(), MathError> {
    edit(agenda, at, |page, minute| page.add(minute, change))
}

/// Takes `change` off the moment `at`, at which it must have been scheduled.
pub(crate) fn cancel(agenda: &mut impl Agenda, at: u64, change: &Change) -> Result<(), MathError> {
    edit(agenda, at, |page, minute| page.subtract(minute, change))
}

fn edit(
    agenda: &mut impl Agenda,
    at: u64,
    edit: impl FnOnce(&mut Page, u8) -> Result<(), MathError>,
) -> Result<(), MathError> {
    if !at.is_multiple_of(MINUTE) {
        return Err(MathError::InvalidTime);
    }
    let mut page = agenda.page(hour_of(at));
    edit(&mut page, minute_of(at))?;
    agenda.set_page(hour_of(at), page);
    Ok(())
}

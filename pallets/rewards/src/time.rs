//! What a device's time in its pool was used for: whether it waited for a client, was rented, or was drained.

use crate::{Interval, Miner, Tenancy, TimeUsed};
use loopin_math::RewardedTime;
use loopin_primitives::{Balance, Moment, PositionId};
use sp_runtime::{Rounding, helpers_128bit::multiply_by_rational_with_rounding};

impl<AccountId> Miner<AccountId> {
    /// Counts what the time until `moment` was used for.
    pub(crate) fn count_time(&mut self, moment: Moment) {
        let from = self.counted_until;
        if moment <= from {
            return;
        }
        self.counted_until = moment;
        let (rented_seconds, paid) = self
            .tenancy
            .as_mut()
            .map_or((0, 0), |tenancy| tenancy.pass(from, moment));
        if self.draining {
            let drained_until = self.running().map_or(from, |interval| interval.until.min(moment));
            let seconds = drained_until.saturating_sub(from);
            let time = &mut self.performance.time;
            time.drained_seconds = time.drained_seconds.saturating_add(seconds);
        } else {
            let time = &mut self.performance.time;
            let made_up = paid.min(self.overpaid);
            self.overpaid = self.overpaid.saturating_sub(made_up);
            time.rented_seconds = time.rented_seconds.saturating_add(rented_seconds);
            time.paid = time.paid.saturating_add(paid.saturating_sub(made_up));
        }
        self.tenancy = self.tenancy.filter(|tenancy| tenancy.until > moment);
    }

    /// It is rented, or longer than before, until then, for which that much more has been paid to the pool. All time until
    /// now is counted.
    pub(crate) fn rent(&mut self, until: Moment, paid: Balance) {
        let before = self.tenancy.map_or(0, |tenancy| tenancy.paid);
        self.tenancy = Some(Tenancy {
            until,
            paid: paid.saturating_add(before),
        });
    }

    /// It is no longer rented, and `refund` has come back. All time until now is counted: if less comes back than was paid
    /// for the time that is left, its price was higher than it seemed, and if more comes back it was lower: in this epoch,
    /// or in the one before, or what comes next has to make up for it. Else whoever rents most of a pool, and gives that
    /// back after an epoch's end, would seem to have paid many times its price.
    pub(crate) fn give_back(&mut self, refund: Balance) {
        let Some(tenancy) = self.tenancy.take() else {
            return;
        };
        if self.draining {
            return;
        }
        let paid = self.performance.time.paid.saturating_add(tenancy.paid);
        self.performance.time.paid = paid.saturating_sub(refund);
        let mut beyond = refund.saturating_sub(paid);
        if let Some(record) = &mut self.unsettled {
            let before = record.time.paid;
            record.time.paid = before.saturating_sub(beyond);
            beyond = beyond.saturating_sub(before);
        }
        self.overpaid = self.overpaid.saturating_add(beyond);
    }

    /// What it is rewarded for, of the time between these moments.
    pub(crate) fn rewarded_time(&self, from: Moment, until: Moment, used: &TimeUsed) -> RewardedTime {
        let in_pool = self.seconds_between(from, until);
        let drained = used.drained_seconds.min(in_pool);
        let left = in_pool.saturating_sub(drained);
        let rented_seconds = used.rented_seconds.min(left);
        RewardedTime {
            idle_seconds: left.saturating_sub(rented_seconds),
            rented_seconds,
            paid: used.paid,
        }
    }

    /// For how many seconds of that time the device was in its pool. It is in one position at a time.
    fn seconds_between(&self, from: Moment, until: Moment) -> u64 {
        self.intervals
            .iter()
            .map(|interval| interval.until.min(until).saturating_sub(interval.from.max(from)))
            .fold(0, u64::saturating_add)
    }

    /// Its position, if that is not over.
    pub(crate) fn running(&self) -> Option<&Interval> {
        self.intervals.last().filter(|interval| !interval.ended)
    }

    /// That position, if it is the one that is not over.
    pub(crate) fn running_mut(&mut self, position: PositionId) -> Option<&mut Interval> {
        self.intervals
            .last_mut()
            .filter(|interval| interval.position == position && !interval.ended)
    }
}

impl Tenancy {
    /// Of the time between these moments, for how many seconds the device was rented, and what was paid for these, rounded
    /// down. That much is no longer part of the tenancy.
    fn pass(&mut self, from: Moment, until: Moment) -> (u64, Balance) {
        let all = self.until.saturating_sub(from);
        let seconds = all.min(until.saturating_sub(from));
        // No more than all of it, so it is defined unless no time is left.
        let paid = multiply_by_rational_with_rounding(self.paid, seconds.into(), all.into(), Rounding::Down)
            .unwrap_or(0);
        self.paid = self.paid.saturating_sub(paid);
        (seconds, paid)
    }
}

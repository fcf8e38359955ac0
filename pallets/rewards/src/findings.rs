//! What verification finds out about devices, epoch by epoch, and what that makes of their rewards.

use crate::{
    Config, CurrentEpoch, Epoch, EpochRecord, Evidence, Findings, HISTORY_EPOCHS, Miner, Miners, Outcome,
    Pallet, Party, SettlementLimit, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{BoundedVec, weights::Weight};
use loopin_primitives::{Balance, DeviceAges, DeviceId, EpochId, Finding, Moment, OnFinding, RewardedPools};

impl<T: Config> OnFinding<T::AccountId> for Pallet<T> {
    fn on_finding(device: DeviceId, finding: Finding, full: bool) {
        let Some(epoch) = CurrentEpoch::<T>::get() else {
            return;
        };
        let Some(mut miner) = Miners::<T>::get(device) else {
            return;
        };
        miner.roll(&epoch);
        let now = T::Pools::now();
        let age_seconds = T::DeviceAges::verified_since(device).map_or(0, |since| now.saturating_sub(since));
        miner.note(finding, full, age_seconds);
        // A challenge may have come before the rental that runs now, and its verdict after it.
        miner.findings.rented_since |= now < miner.rented_until;
        // Soon after its end, so that the owner's balance is what it was then.
        Self::settle_epochs(device, &mut miner, SettlementLimit::One);
        Self::store(device, miner, &epoch);
    }

    fn on_duty_done(verifier: &T::AccountId) {
        Self::credit(Party::Verifier, verifier, 1, Balance::MAX);
    }

    fn finding_weight() -> Weight {
        T::WeightInfo::on_finding()
    }

    fn duty_weight() -> Weight {
        T::WeightInfo::credit()
    }
}

impl Findings {
    /// Nothing has been found out.
    pub(crate) fn none(epoch: EpochId) -> Self {
        Self {
            epoch,
            works: BoundedVec::new(),
            privacy: 0,
            age_seconds: 0,
            failed: false,
            rented_since: false,
        }
    }

    /// What the device has shown in full challenges, if it has.
    pub(crate) fn evidence(&self) -> Option<Evidence> {
        let mut works: Vec<u64> = self.works.to_vec();
        works.sort_unstable();
        // Of an even number the lower one in the middle.
        let middle = works.len().checked_sub(1)? / 2;
        Some(Evidence {
            work_gops: *works.get(middle)?,
            privacy: self.privacy,
            age_seconds: self.age_seconds,
        })
    }

    /// What becomes of the reward where the epoch ends so. Nothing, where there is no evidence.
    fn outcome(&self) -> Option<Outcome> {
        match (self.failed, self.rented_since, self.evidence()) {
            (true, _, _) => Some(Outcome::Forfeited),
            (false, true, evidence) => Some(Outcome::Held(evidence)),
            (false, false, evidence) => evidence.map(Outcome::Earned),
        }
    }

    fn passed_full(&mut self, shown: &Evidence) {
        self.privacy = if self.works.is_empty() {
            shown.privacy
        } else {
            self.privacy.min(shown.privacy)
        };
        if self.works.is_full() {
            self.works.remove(0);
        }
        // There is room.
        let _ = self.works.try_push(shown.work_gops);
        self.age_seconds = shown.age_seconds;
        self.rented_since = false;
    }
}

impl<AccountId> Miner<AccountId> {
    /// Closes the books on the epochs that are over. What rented it at the end of one did so in the next ones too, as
    /// far as they began before the rental's end: settling finds that out.
    pub(crate) fn roll(&mut self, current: &Epoch) {
        if self.findings.epoch >= current.index {
            return;
        }
        let over = core::mem::replace(&mut self.findings, Findings::none(current.index));
        if let Some(outcome) = over.outcome() {
            self.push(over.epoch, outcome);
        }
        if over.rented_since {
            let oldest = current.index.saturating_sub(HISTORY_EPOCHS);
            for epoch in over.epoch.saturating_add(1).max(oldest)..current.index {
                self.push(epoch, Outcome::Held(None));
            }
            self.findings.rented_since = current.start < self.rented_until;
        }
    }

    fn push(&mut self, epoch: EpochId, outcome: Outcome) {
        if self.unsettled.is_full() {
            // The oldest one is so old that it could not be settled any more: see `HISTORY_EPOCHS`.
            self.unsettled.remove(0);
        }
        let rented_until = matches!(outcome, Outcome::Held(None)).then_some(self.rented_until);
        // There is room.
        let _ = self.unsettled.try_push(EpochRecord {
            epoch,
            outcome,
            rented_until,
        });
    }

    /// It is rented until then.
    pub(crate) fn rent(&mut self, until: Moment) {
        self.rented_until = until;
        self.findings.rented_since = true;
    }

    /// Takes a verdict of the running epoch down, and decides about what was held.
    pub(crate) fn note(&mut self, finding: Finding, full: bool, age_seconds: u64) {
        match (finding, full) {
            (Finding::Passed { work_gops, privacy }, true) => {
                let shown = Evidence {
                    work_gops,
                    privacy,
                    age_seconds,
                };
                self.findings.passed_full(&shown);
                self.decide(|before| Outcome::Earned(before.unwrap_or(shown)));
            }
            (Finding::Passed { .. }, false) => self.findings.rented_since = true,
            (Finding::Failed, _) => {
                self.findings.failed = true;
                self.decide(|_| Outcome::Forfeited);
            }
            // Neither pays nor punishes.
            (Finding::Inconclusive, _) => {}
        }
    }

    /// Decides about everything that is held.
    fn decide(&mut self, outcome: impl Fn(Option<Evidence>) -> Outcome) {
        for record in self.unsettled.iter_mut() {
            if let Outcome::Held(evidence) = record.outcome {
                record.outcome = outcome(evidence);
            }
        }
    }
}

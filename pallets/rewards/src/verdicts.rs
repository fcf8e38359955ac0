//! What verdicts say of devices, epoch by epoch, and what becomes of their rewards.

use crate::{
    Config, CurrentEpoch, Epoch, EpochPerformance, EpochRecord, HISTORY_EPOCHS, Miner, Miners, Pallet, Party,
    Performance, RewardState, SettlementLimit, WeightInfo,
};
use frame_support::{BoundedVec, weights::Weight};
use loopin_math::lower_median;
use loopin_primitives::{Balance, ChallengeKind, DeviceId, EpochId, Moment, Verdict, VerdictHooks};
use pallet_devices::Pallet as Devices;
use pallet_pools::Pallet as Pools;

impl<T: Config> VerdictHooks<T::AccountId> for Pallet<T> {
    fn verdict_reached(device: DeviceId, verdict: Verdict, kind: ChallengeKind) {
        let (Some(epoch), Some(mut miner)) = (CurrentEpoch::<T>::get(), Miners::<T>::get(device)) else {
            return;
        };
        miner.roll(&epoch);
        let now = Pools::<T>::now();
        let age_seconds = Devices::<T>::verified_since(device).map_or(0, |since| now.saturating_sub(since));
        miner.note(verdict, kind, age_seconds);
        // A challenge may have come before the running rental, and its verdict after the rental began.
        miner.performance.rented_since |= now < miner.rented_until;
        // Soon after its end, so that the owner's balance is what it was then.
        Self::settle_epochs(device, &mut miner, SettlementLimit::One);
        Self::store(device, miner, &epoch);
    }

    fn duty_done(verifier: &T::AccountId, votes: u32) {
        Self::credit(Party::Verifier, verifier, votes.into(), Balance::MAX);
    }

    fn verdict_weight() -> Weight {
        <T as Config>::WeightInfo::verdict_reached()
    }

    fn duty_weight() -> Weight {
        <T as Config>::WeightInfo::credit()
    }
}

impl EpochPerformance {
    /// Nothing is known.
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

    /// What the device has shown in full challenges, if anything.
    pub(crate) fn shown(&self) -> Option<Performance> {
        Some(Performance {
            work_gops: lower_median(self.works.iter().copied())?,
            privacy: self.privacy,
            age_seconds: self.age_seconds,
        })
    }

    /// What becomes of the reward if the epoch ends like this. Nothing if the device has shown nothing.
    fn reward_state(&self) -> Option<RewardState> {
        match (self.failed, self.rented_since, self.shown()) {
            (true, _, _) => Some(RewardState::Forfeited),
            (false, true, shown) => Some(RewardState::Held(shown)),
            (false, false, shown) => shown.map(RewardState::Earned),
        }
    }

    fn passed_full(&mut self, shown: &Performance) {
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
    /// Closes the books on the epochs that are over. Whoever rented the device at the end of one did so in the next ones
    /// too, as far as they began before the rental's end: settling finds that out.
    pub(crate) fn roll(&mut self, current: &Epoch) {
        if self.performance.epoch >= current.index {
            return;
        }
        let over = core::mem::replace(&mut self.performance, EpochPerformance::none(current.index));
        if let Some(state) = over.reward_state() {
            self.push(over.epoch, state);
        }
        if over.rented_since {
            let oldest = current.index.saturating_sub(HISTORY_EPOCHS);
            for epoch in over.epoch.saturating_add(1).max(oldest)..current.index {
                self.push(epoch, RewardState::Held(None));
            }
            self.performance.rented_since = current.start < self.rented_until;
        }
    }

    fn push(&mut self, epoch: EpochId, state: RewardState) {
        if self.unsettled.is_full() {
            // The oldest one is so old that it could no longer be settled: see `HISTORY_EPOCHS`.
            self.unsettled.remove(0);
        }
        let rented_until = matches!(state, RewardState::Held(None)).then_some(self.rented_until);
        // There is room.
        let _ = self.unsettled.try_push(EpochRecord {
            epoch,
            state,
            rented_until,
        });
    }

    /// It is rented until then.
    pub(crate) fn rent(&mut self, until: Moment) {
        self.rented_until = until;
        self.performance.rented_since = true;
    }

    /// Takes a verdict of the running epoch down, and decides about what was held.
    fn note(&mut self, verdict: Verdict, kind: ChallengeKind, age_seconds: u64) {
        match (verdict, kind) {
            (Verdict::Passed { work_gops, privacy }, ChallengeKind::Full) => {
                let shown = Performance {
                    work_gops,
                    privacy,
                    age_seconds,
                };
                self.performance.passed_full(&shown);
                self.decide(|before| RewardState::Earned(before.unwrap_or(shown)));
            }
            (Verdict::Passed { .. }, ChallengeKind::Light) => self.performance.rented_since = true,
            (Verdict::Failed, _) => {
                self.performance.failed = true;
                self.decide(|_| RewardState::Forfeited);
            }
            // Neither pays nor punishes.
            (Verdict::Inconclusive, _) => {}
        }
    }

    /// Decides about everything that is held.
    fn decide(&mut self, state: impl Fn(Option<Performance>) -> RewardState) {
        for record in self.unsettled.iter_mut() {
            if let RewardState::Held(shown) = record.state {
                record.state = state(shown);
            }
        }
    }
}

//! What verdicts say of devices, epoch by epoch.

use crate::{
    Config, CurrentEpoch, Epoch, EpochPerformance, EpochRecord, EpochRounds, FullChallenge,
    LastFullChallenge, Miner, Miners, Pallet, Party, Performance, TimeUsed, WeightInfo,
};
use frame_support::{BoundedVec, weights::Weight};
use loopin_math::{RoundCount, lower_median};
use loopin_primitives::{
    Balance, ChallengeKind, DeviceHooks, DeviceId, EpochId, Moment, Standing, Verdict, VerdictHooks,
};
use pallet_devices::Pallet as Devices;

impl<T: Config> VerdictHooks<T::AccountId> for Pallet<T> {
    fn round_began() {
        EpochRounds::<T>::mutate(|rounds| *rounds = rounds.saturating_add(1));
    }

    fn verdict_reached(device: DeviceId, verdict: Verdict, kind: ChallengeKind, passes: u32, fails: u32) {
        let full = match (verdict, kind) {
            (Verdict::Passed { work_gops, privacy }, ChallengeKind::Full) => {
                Some(FullChallenge { work_gops, privacy })
            }
            _ => None,
        };
        if let (Some(epoch), Some(mut miner)) = (CurrentEpoch::<T>::get(), Miners::<T>::get(device)) {
            Self::roll(device, &mut miner, &epoch);
            if let Some(full) = &full {
                miner.performance.passed_full(full);
            }
            miner.note(verdict, passes, fails);
            miner.performance.age_seconds = Self::age(device);
            let is_ejected =
                Devices::<T>::device(device).is_some_and(|info| info.standing == Standing::Ejected);
            miner.performance.lost |= verdict == Verdict::Failed && is_ejected;
            Self::settle_record(device, &mut miner);
            Self::store(device, miner, &epoch);
        }
        // The books on earlier epochs are closed with what was known then.
        if let Some(full) = full {
            LastFullChallenge::<T>::insert(device, full);
        }
    }

    fn duty_done(verifier: &T::AccountId, votes: u32) {
        Self::credit(Party::Verifier, verifier, votes.into(), Balance::MAX);
    }

    fn round_weight() -> Weight {
        <T as Config>::WeightInfo::round_began()
    }

    fn verdict_weight() -> Weight {
        <T as Config>::WeightInfo::verdict_reached()
    }

    fn duty_weight() -> Weight {
        <T as Config>::WeightInfo::credit()
    }
}

/// All that matters here is that a device is gone: what happens to devices is told with the verdicts.
impl<T: Config> DeviceHooks for Pallet<T> {
    fn removed(device: DeviceId) {
        LastFullChallenge::<T>::remove(device);
    }

    fn weight() -> Weight {
        Weight::zero()
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
            rounds: RoundCount::default(),
            lost: false,
            time: TimeUsed::default(),
        }
    }

    /// What the device has shown in full challenges, if anything: in this epoch, or else in the last one before.
    pub(crate) fn shown(&self, last: Option<FullChallenge>) -> Option<Performance> {
        let (work_gops, privacy) = match lower_median(self.works.iter().copied()) {
            Some(work_gops) => (work_gops, self.privacy),
            None => last.map(|last| (last.work_gops, last.privacy))?,
        };
        Some(Performance {
            work_gops,
            privacy,
            age_seconds: self.age_seconds,
        })
    }

    fn passed_full(&mut self, shown: &FullChallenge) {
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
    }
}

impl<AccountId> Miner<AccountId> {
    /// Closes the books on the epoch in which something was last heard of the device, if that is over. `ended` says when
    /// it was over for the pool, and `until` when all epochs before the running one were.
    pub(crate) fn close_books(
        &mut self,
        current: &Epoch,
        ended: Moment,
        until: Moment,
        last_full: Option<FullChallenge>,
    ) {
        self.count_time(ended);
        let over = core::mem::replace(&mut self.performance, EpochPerformance::none(current.index));
        if over.rounds.judged > 0 || over.lost {
            self.unsettled = Some(EpochRecord {
                epoch: over.epoch,
                shown: over.shown(last_full),
                rounds: over.rounds,
                lost: over.lost,
                time: over.time,
            });
        }
        // Nobody has heard anything of the device in the epochs between, so they bring nothing.
        self.count_time(until);
        self.performance.time = TimeUsed::default();
    }

    /// Takes a verdict of the running epoch down.
    fn note(&mut self, verdict: Verdict, passes: u32, fails: u32) {
        match verdict {
            Verdict::Passed { .. } => {
                self.performance.rounds.pass(passes, fails);
                self.failing = false;
            }
            Verdict::Failed => {
                if fails > 0 {
                    self.performance.rounds.fail();
                }
                // The first time costs the round, and the second time confirms it.
                self.performance.lost |= self.failing;
                self.failing = true;
            }
            // Neither pays nor punishes.
            Verdict::Inconclusive => {}
        }
    }
}

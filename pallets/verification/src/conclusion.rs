//! From attestations to verdicts.

use crate::{
    Attestations, Config, CurrentRound, Error, Event, FindingRecord, LOG_TARGET, LastFindings, Members,
    Misconduct, Observation, Pallet, RoundOf, Seen, WeightInfo, committee::committee,
};
use alloc::vec::Vec;
use frame_support::{
    pallet_prelude::{TransactionSource, TransactionValidityWithRefund},
    traits::Get,
    weights::Weight,
};
use loopin_primitives::{
    ChallengeTarget, DeviceId, DeviceRegistry, Finding, Market, OnFinding, RoundId, Standing,
};
use sp_runtime::DispatchError;

/// What there is to come to a verdict on.
pub(crate) struct Case<AccountId> {
    /// The committee, by seats, and what each has attested.
    seats: Vec<(AccountId, Option<Observation>)>,
    /// The device.
    target: ChallengeTarget,
    /// Whether it is rented now.
    is_rented: bool,
}

/// How a committee has voted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub passed: u32,
    pub failed: u32,
    pub inconclusive: u32,
    pub silent: u32,
}

impl<T: Config> Pallet<T> {
    /// Whether a conclusion goes into a block.
    pub(crate) fn authorize_conclude(
        _source: TransactionSource,
        round: &RoundId,
        device: &DeviceId,
    ) -> TransactionValidityWithRefund {
        Self::case(*round, *device).map_err(Self::invalid)?;
        // What it is to be for is over when the next round is; that lasts a minute at least.
        let until = T::Market::now().saturating_add(60);
        Self::valid("LoopinConclusion", (round, device), until)
    }

    /// What concluding costs at most.
    pub(crate) fn conclude_weight() -> Weight {
        Self::weight_of_conclusion(T::MaxCommittee::get()).saturating_add(T::Market::most_sync_weight())
    }

    /// What concluding costs for a committee of that size, but for bringing the device's pool up to date.
    pub fn weight_of_conclusion(seats: u32) -> Weight {
        T::WeightInfo::conclude(seats)
            .saturating_add(T::Devices::finding_weight())
            .saturating_add(T::OnFinding::finding_weight())
            .saturating_add(T::OnFinding::duty_weight().saturating_mul(seats.into()))
    }

    /// Comes to a verdict on a device, and tells it to whom it concerns. Returns what it has cost.
    pub(crate) fn do_conclude(round: RoundId, device: DeviceId) -> Result<Weight, DispatchError> {
        let case = Self::case(round, device)?;
        let observations: Vec<_> = case.seats.iter().map(|(_, observation)| *observation).collect();
        let (tally, mut finding, full) = verdict(&observations);
        if let Err(error) = T::Devices::apply_finding(device, finding) {
            // Nobody could conclude for this round any more if this were an error.
            log::error!(target: LOG_TARGET, "round {round}, device {device}: the verdict is refused: {error:?}");
            Self::deposit_event(Event::VerdictRefused {
                round,
                device,
                finding,
                error,
            });
            finding = Finding::Inconclusive;
        }
        let sync_weight = T::Market::take_sync_weight();
        LastFindings::<T>::insert(
            device,
            FindingRecord {
                round,
                finding,
                full,
                at: T::Market::now(),
            },
        );
        T::OnFinding::on_finding(device, finding, full);
        Self::deposit_event(Event::Concluded {
            round,
            device,
            finding,
            full,
            passed: tally.passed,
            failed: tally.failed,
            inconclusive: tally.inconclusive,
            silent: tally.silent,
        });
        Self::judge_members(round, device, &case, finding);
        Ok(Self::weight_of_conclusion(case.seats.len() as u32).saturating_add(sync_weight))
    }

    /// Whether a verdict on the device can be reached now.
    pub(crate) fn is_conclusion_due(round: RoundId, device: DeviceId) -> bool {
        Self::case(round, device).is_ok()
    }

    /// What there is to come to a verdict on, if it is time for that.
    fn case(number: RoundId, device: DeviceId) -> Result<Case<T::AccountId>, Error<T>> {
        let round = Self::round_with(number, device)?;
        if number.saturating_add(1) < CurrentRound::<T>::get() {
            return Err(Error::<T>::RoundTooOld);
        }
        if LastFindings::<T>::get(device).is_some_and(|last| number <= last.round) {
            return Err(Error::<T>::AlreadyConcluded);
        }
        let target = T::Devices::target(device).ok_or(Error::<T>::NotInRound)?;
        let seats = Self::seats(number, &round, device);
        let attested = seats
            .iter()
            .filter(|(_, observation)| observation.is_some())
            .count();
        if attested < seats.len() && T::Market::now() < round.closes_at() {
            return Err(Error::<T>::RoundNotOver);
        }
        let is_rented = Self::is_rented(device);
        if is_rented && attested == 0 {
            return Err(Error::<T>::NothingToConclude);
        }
        Ok(Case {
            seats,
            target,
            is_rented,
        })
    }

    /// The committee for a device, and what each member has attested.
    fn seats(
        number: RoundId,
        round: &RoundOf<T>,
        device: DeviceId,
    ) -> Vec<(T::AccountId, Option<Observation>)> {
        let members = Members::<T>::get(number).unwrap_or_default();
        committee(&round.seed, device, round.verifiers, round.committee)
            .into_iter()
            // The members are as many as the round says.
            .filter_map(|place| members.get(place as usize).cloned())
            .map(|member| {
                let observation = Attestations::<T>::get((number, device, &member));
                (member, observation)
            })
            .collect()
    }

    /// Counts for each member of the committee what it did.
    fn judge_members(round: RoundId, device: DeviceId, case: &Case<T::AccountId>, finding: Finding) {
        let has_much_to_lose = matches!(case.target.standing, Standing::Verified | Standing::Suspended);
        let mut could_be_challenged = false;
        for (member, observation) in &case.seats {
            match (observation.map(|observation| observation.seen), finding) {
                (None, _) => {
                    if could_be_challenged && !case.is_rented {
                        Self::strike(member, Misconduct::Missed, round, device);
                    }
                }
                (Some(Seen::Inconclusive(_)), _) => (),
                (Some(Seen::Passed { .. }), Finding::Failed)
                | (Some(Seen::Failed(_)), Finding::Passed { .. }) => {
                    if has_much_to_lose {
                        Self::strike(member, Misconduct::Contradicted, round, device);
                    }
                }
                (Some(Seen::Passed { .. } | Seen::Failed(_)), _) => Self::count_duty(member),
            }
            could_be_challenged |= observation.is_some();
        }
    }
}

/// What the members of a committee, by seats, have seen together, and whether the device had to do all the work of
/// its pool's profile for it.
pub(crate) fn verdict(seats: &[Option<Observation>]) -> (Tally, Finding, bool) {
    let mut tally = Tally::default();
    let (mut passes, mut full_passes, mut full_fails) = (Vec::new(), Vec::new(), 0u32);
    for seat in seats {
        let count = match seat {
            None => &mut tally.silent,
            Some(Observation { full, seen }) => match seen {
                Seen::Passed {
                    work_gops, privacy, ..
                } => {
                    passes.push((*work_gops, *privacy));
                    if *full {
                        full_passes.push((*work_gops, *privacy));
                    }
                    &mut tally.passed
                }
                Seen::Failed(_) => {
                    full_fails = full_fails.saturating_add((*full).into());
                    &mut tally.failed
                }
                Seen::Inconclusive(_) => &mut tally.inconclusive,
            },
        };
        *count = count.saturating_add(1);
    }
    let is_majority = |votes: u32| votes as usize > seats.len() / 2;
    if is_majority(tally.passed) {
        let full = is_majority(full_passes.len() as u32);
        let measured = if full { &full_passes } else { &passes };
        let finding = Finding::Passed {
            work_gops: lower_median(measured.iter().map(|(work_gops, _)| *work_gops)),
            privacy: lower_median(measured.iter().map(|(_, privacy)| *privacy)),
        };
        (tally, finding, full)
    } else if is_majority(tally.failed) {
        (tally, Finding::Failed, is_majority(full_fails))
    } else {
        (tally, Finding::Inconclusive, false)
    }
}

/// The median; of an even number of values the lower of the two in the middle. Zero of none.
fn lower_median<Number: Ord + Copy + Default>(values: impl Iterator<Item = Number>) -> Number {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    let middle = values.len().saturating_sub(1) / 2;
    values.get(middle).copied().unwrap_or_default()
}

//! From votes to verdicts.

use crate::{
    Attestations, CastVote, Config, CountedVote, CurrentRound, Error, Event, LOG_TARGET, LastVerdicts,
    Members, Misconduct, Pallet, RoundOf, VerdictRecord, WeightInfo, committee::committee,
};
use alloc::vec::Vec;
use frame_support::{
    pallet_prelude::{TransactionSource, TransactionValidityWithRefund},
    weights::Weight,
};
use loopin_math::lower_median;
use loopin_primitives::{ChallengeKind, DeviceId, RoundId, Standing, Verdict, VerdictHooks};
use pallet_devices::{ChallengeTarget, Pallet as Devices};
use pallet_pools::Pallet as Pools;
use sp_runtime::DispatchError;

/// What a verdict is reached on.
pub(crate) struct Case<AccountId> {
    /// The committee, by seats, and how each has voted.
    seats: Vec<(AccountId, Option<CastVote>)>,
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
        // It is of use until the next round is over, which lasts a minute at least.
        let until = Pools::<T>::now().saturating_add(60);
        Self::valid("LoopinConclusion", (round, device), until)
    }

    /// What concluding costs for a committee of that size, but for syncing the device's pool.
    pub fn conclusion_weight(seats: u32) -> Weight {
        <T as Config>::WeightInfo::conclude(seats)
            .saturating_add(Devices::<T>::verdict_weight())
            .saturating_add(T::VerdictHooks::verdict_weight())
            .saturating_add(T::VerdictHooks::duty_weight().saturating_mul(seats.into()))
    }

    /// Comes to a verdict on a device, and tells those whom it concerns. Returns what that has cost, but for syncing the
    /// device's pool.
    pub(crate) fn do_conclude(round: RoundId, device: DeviceId) -> Result<Weight, DispatchError> {
        let case = Self::case(round, device)?;
        let votes: Vec<_> = case.seats.iter().map(|(_, vote)| *vote).collect();
        let (tally, mut verdict, kind) = verdict_of(&votes);
        if let Err(error) = Devices::<T>::apply_verdict(device, verdict) {
            // If this were an error, nobody could ever conclude for this round.
            log::error!(target: LOG_TARGET, "round {round}, device {device}: the verdict is refused: {error:?}");
            Self::deposit_event(Event::VerdictRefused {
                round,
                device,
                verdict,
                error,
            });
            verdict = Verdict::Inconclusive;
        }
        LastVerdicts::<T>::insert(
            device,
            VerdictRecord {
                round,
                verdict,
                kind,
                at: Pools::<T>::now(),
            },
        );
        T::VerdictHooks::verdict_reached(device, verdict, kind, tally.passed, tally.failed);
        Self::deposit_event(Event::Concluded {
            round,
            device,
            verdict,
            kind,
            passed: tally.passed,
            failed: tally.failed,
            inconclusive: tally.inconclusive,
            silent: tally.silent,
        });
        Self::judge_members(round, device, &case, verdict);
        Ok(Self::conclusion_weight(case.seats.len() as u32))
    }

    /// Whether a verdict on the device can be reached now.
    pub(crate) fn is_conclusion_due(round: RoundId, device: DeviceId) -> bool {
        Self::case(round, device).is_ok()
    }

    /// What a verdict is to be reached on, if it is time for that.
    fn case(number: RoundId, device: DeviceId) -> Result<Case<T::AccountId>, Error<T>> {
        let round = Self::round_with(number, device)?;
        if number.saturating_add(1) < CurrentRound::<T>::get() {
            return Err(Error::<T>::RoundTooOld);
        }
        if LastVerdicts::<T>::get(device).is_some_and(|last| number <= last.round) {
            return Err(Error::<T>::AlreadyConcluded);
        }
        let target = Devices::<T>::target(device).ok_or(Error::<T>::NotInRound)?;
        let seats = Self::seats(number, &round, device);
        let attested = seats.iter().filter(|(_, vote)| vote.is_some()).count();
        if attested < seats.len() && Pools::<T>::now() < round.closes_at() {
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

    /// The committee for a device, and how each member has voted.
    fn seats(number: RoundId, round: &RoundOf<T>, device: DeviceId) -> Vec<(T::AccountId, Option<CastVote>)> {
        let members = Members::<T>::get(number).unwrap_or_default();
        committee(&round.seed, device, round.verifiers, round.committee)
            .into_iter()
            // The members are as many as the round says.
            .filter_map(|place| members.get(place as usize).cloned())
            .map(|member| {
                let vote = Attestations::<T>::get((number, device, &member));
                (member, vote)
            })
            .collect()
    }

    /// Counts for each member of the committee what it did.
    fn judge_members(round: RoundId, device: DeviceId, case: &Case<T::AccountId>, verdict: Verdict) {
        let has_much_to_lose = matches!(case.target.standing, Standing::Verified | Standing::Suspended);
        let mut could_be_challenged = false;
        for (member, cast) in &case.seats {
            match (cast.map(|cast| cast.vote), verdict) {
                (None, _) => {
                    if could_be_challenged && !case.is_rented {
                        Self::strike(member, Misconduct::Missed, round, device);
                    }
                }
                (Some(CountedVote::Inconclusive(_)), _) => (),
                (Some(CountedVote::Pass { .. }), Verdict::Failed)
                | (Some(CountedVote::Fail(_)), Verdict::Passed { .. }) => {
                    if has_much_to_lose {
                        Self::strike(member, Misconduct::Contradicted, round, device);
                    }
                }
                (Some(CountedVote::Pass { .. } | CountedVote::Fail(_)), _) => Self::count_duty(member),
            }
            could_be_challenged |= cast.is_some();
        }
    }
}

/// What a committee decides by these votes, one for each seat, and which challenge that rests on.
pub(crate) fn verdict_of(seats: &[Option<CastVote>]) -> (Tally, Verdict, ChallengeKind) {
    let mut tally = Tally::default();
    let (mut passes, mut full_passes, mut full_fails) = (Vec::new(), Vec::new(), 0u32);
    for seat in seats {
        let count = match seat {
            None => &mut tally.silent,
            Some(CastVote { kind, vote }) => match vote {
                CountedVote::Pass {
                    work_gops, privacy, ..
                } => {
                    passes.push((*work_gops, *privacy));
                    if *kind == ChallengeKind::Full {
                        full_passes.push((*work_gops, *privacy));
                    }
                    &mut tally.passed
                }
                CountedVote::Fail(_) => {
                    full_fails = full_fails.saturating_add((*kind == ChallengeKind::Full).into());
                    &mut tally.failed
                }
                CountedVote::Inconclusive(_) => &mut tally.inconclusive,
            },
        };
        *count = count.saturating_add(1);
    }
    let is_majority = |votes: u32| votes as usize > seats.len() / 2;
    let (verdict, is_full) = if is_majority(tally.passed) {
        let is_full = is_majority(full_passes.len() as u32);
        let measured = if is_full { full_passes } else { passes };
        let (works, privacies): (Vec<_>, Vec<_>) = measured.into_iter().unzip();
        let verdict = Verdict::Passed {
            // A majority has measured something.
            work_gops: lower_median(works).unwrap_or_default(),
            privacy: lower_median(privacies).unwrap_or_default(),
        };
        (verdict, is_full)
    } else if is_majority(tally.failed) {
        (Verdict::Failed, is_majority(full_fails))
    } else {
        (Verdict::Inconclusive, false)
    };
    let kind = if is_full {
        ChallengeKind::Full
    } else {
        ChallengeKind::Light
    };
    (tally, verdict, kind)
}

//! From votes to verdicts.

use crate::{
    Attestations, Ballot, CastVote, Config, CountedVote, CurrentRound, Error, Event, LOG_TARGET,
    LastVerdicts, Members, Misconduct, Pallet, RoundOf, VerdictRecord, WeightInfo,
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::{cmp::Reverse, iter};
use frame_support::{
    pallet_prelude::{TransactionSource, TransactionValidityWithRefund},
    weights::Weight,
};
use loopin_challenge::Hash;
use loopin_primitives::{ChallengeKind, DeviceId, RoundId, Verdict, VerdictHooks};
use pallet_devices::Pallet as Devices;
use pallet_pools::Pallet as Pools;
use sp_runtime::DispatchError;

/// What a verdict is reached on.
pub(crate) struct Case<AccountId> {
    /// How the committee has voted.
    ballots: Vec<Ballot<AccountId>>,
    /// How many seats it has.
    seats: u32,
    /// Whether the device is staked.
    is_staked: bool,
    /// Whether it is rented now.
    is_rented: bool,
}

/// How a committee has voted, by seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub passed: u32,
    pub failed: u32,
    pub inconclusive: u32,
    pub silent: u32,
}

/// What a committee decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub tally: Tally,
    pub verdict: Verdict,
    /// Which challenge the verdict rests on.
    pub kind: ChallengeKind,
    /// The hash of the claim that passed.
    pub claim: Option<Hash>,
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
        let mut decision = decide(&case.ballots);
        let Decision {
            tally, verdict, kind, ..
        } = decision;
        if let Err(error) = Devices::<T>::apply_verdict(device, verdict) {
            // If this were an error, nobody could ever conclude for this round.
            log::error!(target: LOG_TARGET, "round {round}, device {device}: the verdict is refused: {error:?}");
            Self::deposit_event(Event::VerdictRefused {
                round,
                device,
                verdict,
                error,
            });
            decision.verdict = Verdict::Inconclusive;
        }
        let verdict = decision.verdict;
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
        Self::judge_members(round, device, &case, &decision);
        Ok(Self::conclusion_weight(case.seats))
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
        let ballots = Self::ballots_in(number, &round, device);
        let is_complete = ballots.iter().all(|ballot| ballot.cast.is_some());
        if !is_complete && Pools::<T>::now() < round.closes_at {
            return Err(Error::<T>::RoundNotOver);
        }
        let is_rented = Self::is_rented(device);
        if is_rented && ballots.iter().all(|ballot| ballot.cast.is_none()) {
            return Err(Error::<T>::NothingToConclude);
        }
        Ok(Case {
            ballots,
            seats: round.seats,
            is_staked: target.is_staked,
            is_rented,
        })
    }

    /// The committee for a device, and how each member has voted.
    pub(crate) fn ballots_in(
        number: RoundId,
        round: &RoundOf<T>,
        device: DeviceId,
    ) -> Vec<Ballot<T::AccountId>> {
        let members = Members::<T>::get(number).unwrap_or_default();
        Self::committee(round, device, &members)
            .into_iter()
            .map(|(member, seats)| Ballot {
                cast: Attestations::<T>::get((number, device, &member.account)),
                member: member.account,
                seats,
            })
            .collect()
    }

    /// Counts for each member of the committee what it did, if the device is staked. With others, which have nothing to
    /// lose, anybody could make verifiers look bad, or busy.
    fn judge_members(round: RoundId, device: DeviceId, case: &Case<T::AccountId>, decision: &Decision) {
        if !case.is_staked {
            return;
        }
        // Where more than half could find out, the others could have. A few alone could be in league with the device.
        let could_be_challenged = !matches!(decision.verdict, Verdict::Inconclusive);
        for Ballot { member, seats, cast } in &case.ballots {
            match (cast.map(|cast| cast.vote), decision.verdict) {
                (None, _) => {
                    if could_be_challenged && !case.is_rented {
                        Self::strike(member, Misconduct::Missed, round, device);
                    }
                }
                // A device may refuse to open to some of its verifiers only. These have its word for what it had to open.
                (
                    Some(CountedVote::Fail {
                        is_committed: true, ..
                    }),
                    Verdict::Passed { .. },
                ) => (),
                (Some(CountedVote::Pass { .. }), Verdict::Failed)
                | (Some(CountedVote::Fail { .. }), Verdict::Passed { .. }) => {
                    Self::strike(member, Misconduct::Contradicted, round, device);
                }
                (Some(CountedVote::Fail { .. }), Verdict::Failed) => Self::count_duty(member, *seats),
                (Some(CountedVote::Pass { claim, .. }), Verdict::Passed { .. }) => {
                    // A device that has several claims gains nothing by it, nor do those whom it shows another one.
                    if decision.claim == Some(claim) {
                        Self::count_duty(member, *seats);
                    }
                }
                (Some(CountedVote::Inconclusive(_)), _) | (Some(_), Verdict::Inconclusive) => (),
            }
        }
    }
}

/// What a committee decides that has voted so. A pass counts for what the device is bound to: only where more than half
/// of the seats had it pass the same claim does it pass. Its work is that which more than half of the seats have
/// measured or exceeded, and its privacy likewise, where seats that had it pass nothing count as none.
pub(crate) fn decide<AccountId>(ballots: &[Ballot<AccountId>]) -> Decision {
    let mut tally = Tally::default();
    let mut passes = BTreeMap::<(ChallengeKind, Hash), Vec<(u32, u64, u8)>>::new();
    let (mut all, mut full_fails) = (0u32, 0u32);
    for Ballot { seats, cast, .. } in ballots {
        all = all.saturating_add(*seats);
        let count = match cast {
            None => &mut tally.silent,
            Some(CastVote { kind, vote }) => match vote {
                CountedVote::Pass {
                    work_gops,
                    privacy,
                    claim,
                    ..
                } => {
                    let measured = (*seats, *work_gops, *privacy);
                    passes.entry((*kind, *claim)).or_default().push(measured);
                    &mut tally.passed
                }
                CountedVote::Fail { .. } => {
                    if *kind == ChallengeKind::Full {
                        full_fails = full_fails.saturating_add(*seats);
                    }
                    &mut tally.failed
                }
                CountedVote::Inconclusive(_) => &mut tally.inconclusive,
            },
        };
        *count = count.saturating_add(*seats);
    }
    let half = all / 2;
    let passed = passes.into_iter().find(|(_, measured)| {
        let seats = measured
            .iter()
            .fold(0, |sum, (seats, ..)| u32::saturating_add(sum, *seats));
        seats > half
    });
    let claim = passed.as_ref().map(|((_, claim), _)| *claim);
    let (verdict, kind) = match passed {
        Some(((kind, _), measured)) => {
            // There are more than `half`.
            let middle = |values: Vec<(u32, u64)>| nth_largest(values, half).unwrap_or_default();
            let works = measured.iter().map(|(seats, work_gops, _)| (*seats, *work_gops));
            let privacies = measured
                .iter()
                .map(|(seats, _, privacy)| (*seats, u64::from(*privacy)));
            let verdict = Verdict::Passed {
                work_gops: middle(works.collect()),
                // It was a byte.
                privacy: middle(privacies.collect()) as u8,
            };
            (verdict, kind)
        }
        None if tally.failed > half && full_fails > half => (Verdict::Failed, ChallengeKind::Full),
        None if tally.failed > half => (Verdict::Failed, ChallengeKind::Light),
        None => (Verdict::Inconclusive, ChallengeKind::Light),
    };
    Decision {
        tally,
        verdict,
        kind,
        claim,
    }
}

/// The value with that many before it, where each comes as often as it says and the largest first.
fn nth_largest(mut values: Vec<(u32, u64)>, before: u32) -> Option<u64> {
    values.sort_unstable_by_key(|(_, value)| Reverse(*value));
    values
        .into_iter()
        .flat_map(|(times, value)| iter::repeat_n(value, times as usize))
        .nth(before as usize)
}

//! What runtime APIs and the offchain worker ask.

use crate::{
    Assigned, AssignmentPage, Attestations, Ballot, Config, CurrentRound, Keys, LastVerdicts, Members,
    Pallet, RoundMember, RoundOf, Rounds, VerdictRecord, Verifier, Verifiers, committee::committee,
};
use alloc::vec::Vec;
use loopin_challenge::joint::Member;
use loopin_primitives::{DeviceChallenge, DeviceId, RoundId};
use pallet_devices::Pallet as Devices;
use pallet_pools::Pallet as Pools;
use sp_core::sr25519;

/// How many devices one page of assignments looks at, at most.
const MOST_DEVICES: u32 = 1_000;

impl<T: Config> Pallet<T> {
    /// The last round that has begun, and its number. It may be over.
    pub fn current_round() -> Option<(RoundId, RoundOf<T>)> {
        let number = CurrentRound::<T>::get();
        Rounds::<T>::get(number).map(|round| (number, round))
    }

    /// How the device is challenged in the present round: for its agent, and for whoever wants to check who may
    /// challenge it. `None` if the round is over or the device is not challenged now.
    pub fn challenge_of(device: DeviceId) -> Option<DeviceChallenge> {
        let (number, round) = Self::open_round()?;
        Self::challenge(number, &round, &Members::<T>::get(number)?, device)
    }

    /// What `verifier` has to challenge in the present round, among the `limit` devices, at most 1,000, from `from` on.
    /// The page says where the next one begins.
    pub fn assignments(verifier: &T::AccountId, from: DeviceId, limit: u32) -> AssignmentPage {
        let nothing = AssignmentPage {
            assignments: Vec::new(),
            next: None,
        };
        let Some((number, round)) = Self::open_round() else {
            return nothing;
        };
        let members = Members::<T>::get(number).unwrap_or_default();
        let Ok(place) = members.binary_search_by(|member| member.account.cmp(verifier)) else {
            return nothing;
        };
        let end = from
            .saturating_add(limit.clamp(1, MOST_DEVICES))
            .min(round.device_bound);
        let assignments = (from..end)
            .filter_map(|device| {
                let (_, seats) = committee(&round.seed, device, &members, round.seats)
                    .into_iter()
                    .find(|(member, _)| *member == place as u32)?;
                Some(Assigned {
                    challenge: Self::challenge(number, &round, &members, device)?,
                    seats,
                    attested: Attestations::<T>::contains_key((number, device, verifier)),
                })
            })
            .collect();
        AssignmentPage {
            assignments,
            next: (end < round.device_bound).then_some(end),
        }
    }

    /// The committee for the device in a round that is remembered, sorted by account, and how each member has voted. Whoever
    /// knows the round's seed and members can draw the seats anew.
    pub fn ballots(number: RoundId, device: DeviceId) -> Option<Vec<Ballot<T::AccountId>>> {
        let round = Self::round_with(number, device).ok()?;
        Some(Self::ballots_in(number, &round, device))
    }

    /// The verifier with that account: its key, its bond, and what counts for and against it.
    pub fn verifier(who: &T::AccountId) -> Option<Verifier> {
        Verifiers::<T>::get(who)
    }

    /// The verifier whose node signs with that key, if there is one.
    pub fn verifier_of(key: &sr25519::Public) -> Option<(T::AccountId, Verifier)> {
        let account = Keys::<T>::get(key)?;
        let verifier = Verifiers::<T>::get(&account)?;
        Some((account, verifier))
    }

    /// The last verdict on the device.
    pub fn last_verdict(device: DeviceId) -> Option<VerdictRecord> {
        LastVerdicts::<T>::get(device)
    }

    /// The present round, while it lasts.
    fn open_round() -> Option<(RoundId, RoundOf<T>)> {
        Self::current_round().filter(|(_, round)| Pools::<T>::now() < round.closes_at)
    }

    /// How the device is challenged in that round, if it is challenged now.
    pub(crate) fn challenge(
        number: RoundId,
        round: &RoundOf<T>,
        members: &[RoundMember<T::AccountId>],
        device: DeviceId,
    ) -> Option<DeviceChallenge> {
        if device >= round.device_bound {
            return None;
        }
        let target = Devices::<T>::target(device)?;
        let kind = Self::challenge_kind(device, &target)?;
        let geometry = Self::geometry(target.pool, kind).ok()?;
        let committee = Self::committee(round, device, members)
            .into_iter()
            .map(|(member, seats)| Member {
                verifier: member.account.into(),
                key: member.key.0,
                seats,
            })
            .collect();
        Some(DeviceChallenge {
            now: Pools::<T>::now(),
            round: number,
            round_seed: round.seed.0,
            device,
            profile: *geometry.profile(),
            kind,
            agent_key: target.agent_key,
            endpoint: target.endpoint,
            window: round.window,
            committee,
        })
    }
}

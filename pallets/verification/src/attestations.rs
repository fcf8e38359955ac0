//! The votes of verifiers, and whether they may cast them.

use crate::{AttestationOf, Attestations, CastVote, Config, CountedVote, Error, Event, Pallet, RoundOf};
use codec::Encode;
use frame_support::{
    pallet_prelude::{
        InvalidTransaction, TransactionSource, TransactionValidityError, TransactionValidityWithRefund,
        ValidTransaction,
    },
    weights::Weight,
};
use loopin_challenge::{
    Geometry, Hash, Profile,
    classes::LIGHT,
    messages::{Assignment, Message, OpenAnswer, Signature, WalkAnswer},
};
use loopin_primitives::{ChallengeKind, Commitment, DeviceId, Failure, Moment, Pass, PoolId, RoundId, Vote};
use pallet_devices::{ChallengeTarget, Pallet as Devices};
use pallet_pools::Pallet as Pools;
use pallet_rentals::Pallet as Rentals;
use sp_core::{H256, sr25519};
use sp_io::crypto::sr25519_verify;
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
    /// Whether an attestation goes into a block.
    pub(crate) fn authorize_attest(
        source: TransactionSource,
        attestation: &AttestationOf<T>,
        signature: &sr25519::Signature,
    ) -> TransactionValidityWithRefund {
        let closes_at = Self::check_attestation(source, attestation, signature).map_err(Self::invalid)?;
        let (round, device, verifier) = (attestation.round, attestation.device, &attestation.verifier);
        Self::valid("LoopinAttestation", (round, device, verifier), closes_at)
    }

    /// Checks an attestation, cheap things first. Returns the moment from which on it can no longer be accepted.
    pub(crate) fn check_attestation(
        source: TransactionSource,
        attestation: &AttestationOf<T>,
        signature: &sr25519::Signature,
    ) -> Result<Moment, Error<T>> {
        let (number, device, verifier) = (attestation.round, attestation.device, &attestation.verifier);
        let round = Self::round_with(number, device)?;
        let now = Pools::<T>::now();
        if round.closes_at <= now {
            return Err(Error::<T>::TooLate);
        }
        if Attestations::<T>::contains_key((number, device, verifier)) {
            return Err(Error::<T>::AlreadyAttested);
        }
        // Outside a block, the time known is that of the last block, which may be before the moment.
        let slack = match source {
            TransactionSource::InBlock => 0,
            TransactionSource::Local | TransactionSource::External => {
                round.closes_at.saturating_sub(round.window.closes_at)
            }
        };
        if now.saturating_add(slack) < round.window.fill_at {
            return Err(Error::<T>::TooEarly);
        }
        let member = Self::member(number, &round, device, verifier)?;
        let digest = attestation.digest(&Self::genesis_hash(), &round.seed);
        if !sr25519_verify(signature, &digest, &member.key) {
            return Err(Error::<T>::WrongVerifierSignature);
        }
        let target = Devices::<T>::target(device).ok_or(Error::<T>::NotInRound)?;
        Self::ensure_challengeable(device, &target, attestation.kind)?;
        Self::check_vote(&round, &target, attestation)?;
        Ok(round.closes_at)
    }

    /// Whether the device's agent has signed what the vote brings along, and could have been measured so.
    fn check_vote(
        round: &RoundOf<T>,
        target: &ChallengeTarget,
        attestation: &AttestationOf<T>,
    ) -> Result<(), Error<T>> {
        let asked = |geometry: &Geometry| {
            Self::assignment(attestation.round, round, attestation.device, *geometry.profile())
        };
        match &attestation.vote {
            Vote::Pass(pass) => {
                let geometry = Self::geometry(target.pool, attestation.kind)?;
                ensure_possible(&geometry, pass)?;
                let answer = OpenAnswer {
                    assignment: asked(&geometry),
                    verifier: attestation.verifier.clone().into(),
                    claim: pass.claim,
                    openings: pass.openings,
                };
                let digest = answer.digest();
                Self::ensure_signed_by_agent(round, target, &pass.agent_key, &digest, &pass.signature)
            }
            Vote::Fail(Failure {
                commitment: Some(commitment),
                ..
            }) => {
                let geometry = Self::geometry(target.pool, attestation.kind)?;
                Self::ensure_committed(round, target, &asked(&geometry), commitment)
            }
            Vote::Fail(_) | Vote::Inconclusive(_) => Ok(()),
        }
    }

    /// Keeps an attestation that was checked.
    pub(crate) fn store_attestation(attestation: AttestationOf<T>) {
        let (round, device, verifier) = (attestation.round, attestation.device, attestation.verifier);
        let (kind, vote) = (attestation.kind, CountedVote::from(&attestation.vote));
        Attestations::<T>::insert((round, device, &verifier), CastVote { kind, vote });
        Self::deposit_event(Event::Attested {
            round,
            device,
            verifier,
            kind,
            vote,
        });
    }

    /// Whether the device may be given that challenge now. The crate's documentation says why.
    fn ensure_challengeable(
        device: DeviceId,
        target: &ChallengeTarget,
        kind: ChallengeKind,
    ) -> Result<(), Error<T>> {
        match kind {
            ChallengeKind::Full if Self::is_rented(device) => Err(Error::<T>::DeviceRented),
            ChallengeKind::Light if !target.check_requested => Err(Error::<T>::LightNotAllowed),
            ChallengeKind::Full | ChallengeKind::Light => Ok(()),
        }
    }

    /// Which challenge the device is given now, if any.
    pub(crate) fn challenge_kind(device: DeviceId, target: &ChallengeTarget) -> Option<ChallengeKind> {
        if !Self::is_rented(device) {
            Some(ChallengeKind::Full)
        } else if target.check_requested {
            Some(ChallengeKind::Light)
        } else {
            None
        }
    }

    /// Whether the device is rented now.
    pub(crate) fn is_rented(device: DeviceId) -> bool {
        Rentals::<T>::rented_until(device).is_some()
    }

    /// What a device of that pool is asked to do.
    pub(crate) fn geometry(pool: PoolId, kind: ChallengeKind) -> Result<Geometry, Error<T>> {
        let profile = match kind {
            ChallengeKind::Full => {
                let terms = Pools::<T>::terms(pool).map_err(|_| Error::<T>::UnusableProfile)?;
                terms.challenge
            }
            ChallengeKind::Light => LIGHT,
        };
        Geometry::new(profile).map_err(|_| Error::<T>::UnusableProfile)
    }

    /// What is asked of a device in a round, as its agent signs it.
    pub(crate) fn assignment(
        number: RoundId,
        round: &RoundOf<T>,
        device: DeviceId,
        profile: Profile,
    ) -> Assignment {
        Assignment {
            genesis: Self::genesis_hash().0,
            round: number,
            round_seed: round.seed.0,
            device: device.into(),
            profile,
        }
    }

    /// Whether the device's agent has committed to that claim in that round.
    pub(crate) fn ensure_committed(
        round: &RoundOf<T>,
        target: &ChallengeTarget,
        assignment: &Assignment,
        commitment: &Commitment,
    ) -> Result<(), Error<T>> {
        let digest = WalkAnswer::digest_of(assignment, &commitment.claim);
        Self::ensure_signed_by_agent(
            round,
            target,
            &commitment.agent_key,
            &digest,
            &commitment.signature,
        )
    }

    /// Whether the key was that of the device's agent in that round, and has signed that digest.
    fn ensure_signed_by_agent(
        round: &RoundOf<T>,
        target: &ChallengeTarget,
        agent_key: &[u8; 32],
        digest: &Hash,
        signature: &Signature,
    ) -> Result<(), Error<T>> {
        // A key that has been replaced since the round began was the agent's when it began.
        let is_former = target
            .former_key
            .is_some_and(|former| former.key == *agent_key && round.started_at <= former.until);
        if *agent_key != target.agent_key && !is_former {
            return Err(Error::<T>::WrongAgentKey);
        }
        let signature = sr25519::Signature::from_raw(*signature);
        if sr25519_verify(&signature, digest, &sr25519::Public::from_raw(*agent_key)) {
            Ok(())
        } else {
            Err(Error::<T>::WrongAgentSignature)
        }
    }

    /// The hash of the chain's first block.
    pub(crate) fn genesis_hash() -> H256 {
        frame_system::Pallet::<T>::block_hash(frame_system::pallet_prelude::BlockNumberFor::<T>::zero())
    }

    /// Refuses a transaction with the number of the error.
    pub(crate) fn invalid(error: Error<T>) -> TransactionValidityError {
        // An error without fields is one byte.
        let number = error.encode().first().copied().unwrap_or_default();
        InvalidTransaction::Custom(number).into()
    }

    /// Admits a transaction that nobody can send twice, and that is valid until that moment at most.
    pub(crate) fn valid(
        prefix: &'static str,
        provides: impl Encode,
        until: Moment,
    ) -> TransactionValidityWithRefund {
        // No chain makes more than a block a second, so it takes at most this many blocks until then.
        let longevity = until.saturating_sub(Pools::<T>::now()).max(1);
        ValidTransaction::with_tag_prefix(prefix)
            .priority(frame_support::pallet_prelude::TransactionPriority::MAX / 2)
            .and_provides(provides)
            .longevity(longevity)
            .propagate(true)
            .build()
            .map(|valid| (valid, Weight::zero()))
    }
}

/// Refuses what cannot have been measured of any device that passes.
fn ensure_possible<T>(geometry: &Geometry, pass: &Pass) -> Result<(), Error<T>> {
    let limits = &geometry.profile().limits;
    // As fast as its time limit asks for, and no faster than in a millisecond.
    let possible = geometry.gops(limits.fill_ms.into())..=geometry.gops(1);
    if pass.privacy <= 100 && pass.walk_ms <= limits.walk_ms && possible.contains(&pass.work_gops) {
        Ok(())
    } else {
        Err(Error::<T>::ImpossibleMeasurement)
    }
}

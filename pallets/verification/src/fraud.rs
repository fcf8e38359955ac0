//! Devices that are proven to have committed to something false.

use crate::{
    Accusation, Config, Convictions, CurrentRound, Error, Event, FraudReports, LastVerdicts, Misconduct,
    Pallet, RoundOf, VerdictRecord, WeightInfo,
};
use frame_support::{
    ensure,
    pallet_prelude::{TransactionSource, TransactionValidityWithRefund},
    traits::Get,
    weights::Weight,
};
use loopin_challenge::{EntryOpening, FraudError, FraudProof, Geometry, profile::MAX_N};
use loopin_primitives::{Commitment, Verdict, VerdictHooks};
use pallet_devices::{ChallengeTarget, Pallet as Devices};
use pallet_pools::Pallet as Pools;
use sp_core::sr25519;
use sp_io::crypto::sr25519_verify;
use sp_runtime::DispatchError;

/// The side of the matrices for which checking a proof is charged, before the profile is known: the length of its rows.
/// Rows that the verifier makes itself may be as long as rows can be. A read of the walk has none, and costs no more
/// than a chunk does.
pub fn proof_side(proof: &FraudProof) -> u32 {
    match proof {
        FraudProof::Entry {
            opening:
                EntryOpening {
                    left: Some(left),
                    right: Some(right),
                    ..
                },
            ..
        } => left.row.len().max(right.row.len()) as u32,
        FraudProof::Entry { .. } => MAX_N,
        FraudProof::Read { .. } => loopin_challenge::profile::MAX_CHUNK,
    }
}

impl<T: Config> Pallet<T> {
    /// What a dispute costs if the proof is about matrices of that side, but for syncing the device's pool.
    pub(crate) fn dispute_weight(side: u32) -> Weight {
        <T as Config>::WeightInfo::dispute().saturating_add(Self::conviction_weight(side))
    }

    /// What a report costs at most, but for syncing the device's pool.
    pub(crate) fn report_fraud_weight(proof: &FraudProof) -> Weight {
        <T as Config>::WeightInfo::report_fraud().saturating_add(Self::conviction_weight(proof_side(proof)))
    }

    /// What checking a proof about matrices of that side costs, with what follows from it.
    fn conviction_weight(side: u32) -> Weight {
        <T as Config>::WeightInfo::check_proof(side)
            .saturating_add(Devices::<T>::conviction_weight())
            .saturating_add(T::VerdictHooks::verdict_weight())
    }

    /// `reporter` accuses a device. Returns what that has cost, but for syncing the device's pool.
    pub(crate) fn do_dispute(
        reporter: &T::AccountId,
        accusation: &Accusation,
        proof: &FraudProof,
    ) -> Result<Weight, DispatchError> {
        let (round, target) = Self::accused(accusation)?;
        let geometry = Self::check_evidence(accusation, &round, &target, proof)?;
        Self::convict(reporter, accusation)?;
        Ok(Self::dispute_weight(geometry.n()))
    }

    /// Whether a report of a fraud goes into a block.
    pub(crate) fn authorize_report_fraud(
        _source: TransactionSource,
        verifier: &T::AccountId,
        accusation: &Accusation,
        proof: &FraudProof,
        signature: &sr25519::Signature,
    ) -> TransactionValidityWithRefund {
        Self::check_report(verifier, accusation, proof, signature).map_err(Self::invalid)?;
        // Until the round is forgotten, which takes a minute at least.
        let until = Pools::<T>::now().saturating_add(60);
        let provided = (accusation.round, accusation.device, verifier);
        Self::valid("LoopinFraudReport", provided, until)
    }

    /// Whether a member of the committee may report that. What it reports may be false.
    fn check_report(
        verifier: &T::AccountId,
        accusation: &Accusation,
        proof: &FraudProof,
        signature: &sr25519::Signature,
    ) -> Result<(), Error<T>> {
        let (number, device) = (accusation.round, accusation.device);
        if FraudReports::<T>::contains_key((number, device, verifier)) {
            return Err(Error::<T>::AlreadyReported);
        }
        let (round, _) = Self::accused(accusation)?;
        let member = Self::member(number, &round, device, verifier)?;
        let digest = accusation.digest(verifier, proof, &Self::genesis_hash());
        if sr25519_verify(signature, &digest, &member.key) {
            Ok(())
        } else {
            Err(Error::<T>::WrongVerifierSignature)
        }
    }

    /// A member of the committee, who may, reports a fraud. Returns what that has cost, but for syncing the device's
    /// pool. It leaves a mark whatever comes of it: nobody pays for it, so it must not be repeated.
    pub(crate) fn do_report_fraud(
        verifier: &T::AccountId,
        accusation: &Accusation,
        proof: &FraudProof,
    ) -> Weight {
        let (round, device) = (accusation.round, accusation.device);
        FraudReports::<T>::insert((round, device, verifier), ());
        let evidence = Self::accused(accusation)
            .and_then(|(round, target)| Self::check_evidence(accusation, &round, &target, proof));
        let is_true = evidence.is_ok();
        let convicted = evidence
            .map_err(DispatchError::from)
            .and_then(|_| Self::convict(verifier, accusation));
        if let Err(error) = convicted {
            Self::deposit_event(Event::ReportRefused {
                round,
                device,
                verifier: verifier.clone(),
                error,
            });
        }
        if !is_true {
            Self::strike(verifier, Misconduct::FalseReport, round, device);
        }
        Self::report_fraud_weight(proof)
    }

    /// The accused device with the round, if it can be accused of that.
    fn accused(accusation: &Accusation) -> Result<(RoundOf<T>, ChallengeTarget), Error<T>> {
        let (number, device) = (accusation.round, accusation.device);
        let round = Self::round_with(number, device)?;
        // Older ones are being forgotten.
        let remembered_for = T::DisputeRounds::get().into();
        if number.saturating_add(remembered_for) < CurrentRound::<T>::get() {
            return Err(Error::<T>::UnknownRound);
        }
        if Convictions::<T>::contains_key(number, device) {
            return Err(Error::<T>::AlreadyConvicted);
        }
        let target = Devices::<T>::target(device).ok_or(Error::<T>::NotInRound)?;
        Ok((round, target))
    }

    /// Whether the device's agent has signed the claim, and the proof shows that it is false.
    fn check_evidence(
        accusation: &Accusation,
        round: &RoundOf<T>,
        target: &ChallengeTarget,
        proof: &FraudProof,
    ) -> Result<Geometry, Error<T>> {
        let geometry = Self::geometry(target.pool, accusation.kind)?;
        let (number, device) = (accusation.round, accusation.device);
        let assignment = Self::assignment(number, round, device, *geometry.profile());
        let commitment = Commitment {
            claim: accusation.claim.hash(),
            agent_key: accusation.agent_key,
            signature: accusation.signature,
        };
        Self::ensure_committed(round, target, &assignment, &commitment)?;
        match proof.check(&geometry, &accusation.claim) {
            Ok(()) => Ok(geometry),
            Err(FraudError::Honest) => Err(Error::<T>::DeviceHonest),
            Err(FraudError::OutOfRange | FraudError::Unfounded(_)) => Err(Error::<T>::UnfoundedProof),
        }
    }

    /// The device has lied, as `reporter` has proven. If this fails, nothing has happened.
    fn convict(reporter: &T::AccountId, accusation: &Accusation) -> Result<(), DispatchError> {
        let (round, device) = (accusation.round, accusation.device);
        ensure!(
            !Convictions::<T>::contains_key(round, device),
            Error::<T>::AlreadyConvicted
        );
        let conviction = Devices::<T>::convict(device, reporter, T::ReporterShare::get())?;
        Convictions::<T>::insert(round, device, conviction);
        // The verdict of this round, unless there is one of a later round. It does not reopen what has been concluded.
        let last = LastVerdicts::<T>::get(device).map_or(round, |last| last.round.max(round));
        LastVerdicts::<T>::insert(
            device,
            VerdictRecord {
                round: last,
                verdict: Verdict::Failed,
                kind: accusation.kind,
                at: Pools::<T>::now(),
            },
        );
        T::VerdictHooks::verdict_reached(device, Verdict::Failed, accusation.kind, 0, 0);
        Self::deposit_event(Event::FraudProven {
            round,
            device,
            reporter: reporter.clone(),
            conviction,
        });
        Ok(())
    }
}

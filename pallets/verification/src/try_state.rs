//! The invariants of the pallet's state, as listed in the crate's documentation.

use crate::{
    Active, Attestations, Config, Convictions, CurrentRound, FirstRound, FraudReports, HoldReason, Keys,
    LastVerdicts, Members, NextSeed, Pallet, Rounds, Verifiers,
};
use frame_support::{ensure, traits::fungible::InspectHold};
use loopin_primitives::{DeviceId, RoundId};
use pallet_devices::Pallet as Devices;
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks every invariant that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_holds()?;
        Self::check_verifiers()?;
        Self::check_rounds()?;
        Self::check_evidence_kept()?;
        Self::check_verdicts()?;
        ensure!(
            !NextSeed::<T>::exists(),
            "the seed of a round was not used in its block"
        );
        Ok(())
    }

    /// Invariant 1.
    fn check_holds() -> Result<(), TryRuntimeError> {
        for who in frame_system::Account::<T>::iter_keys() {
            let held = CurrencyOf::<T>::balance_on_hold(&HoldReason::VerifierBond.into(), &who);
            let bond = Verifiers::<T>::get(&who).map(|verifier| verifier.bond);
            ensure!(held == bond.unwrap_or_default(), "a hold does not match the bond");
        }
        for (who, verifier) in Verifiers::<T>::iter() {
            let held = CurrencyOf::<T>::balance_on_hold(&HoldReason::VerifierBond.into(), &who);
            ensure!(held == verifier.bond, "a bond is not on hold");
        }
        Ok(())
    }

    /// Invariants 2 and 3.
    fn check_verifiers() -> Result<(), TryRuntimeError> {
        let active = Active::<T>::get();
        ensure!(
            active.is_sorted_by(|a, b| a.account < b.account),
            "the active verifiers are not sorted"
        );
        for (who, verifier) in Verifiers::<T>::iter() {
            let entry = active.iter().find(|entry| entry.account == who);
            ensure!(
                verifier.is_active() == entry.is_some(),
                "an active verifier is not on the list, or another one is"
            );
            ensure!(
                entry.is_none_or(|entry| (entry.key, entry.bond) == (verifier.key, verifier.bond)),
                "an active verifier has another key or bond on the list"
            );
            ensure!(
                verifier.key.0 != [0; 32] && Keys::<T>::get(verifier.key) == Some(who),
                "the key of a verifier is not in the index, or zero"
            );
        }
        ensure!(
            active
                .iter()
                .all(|entry| Verifiers::<T>::contains_key(&entry.account)),
            "somebody is active who is no verifier"
        );
        ensure!(
            Keys::<T>::iter().count() == Verifiers::<T>::iter().count(),
            "the index names a key that no verifier has"
        );
        Ok(())
    }

    /// Invariants 4 and 5.
    fn check_rounds() -> Result<(), TryRuntimeError> {
        let (first, current) = (FirstRound::<T>::get(), CurrentRound::<T>::get());
        let remembered = current.saturating_add(1).saturating_sub(first) as usize;
        ensure!(
            Rounds::<T>::iter().count() == remembered && Members::<T>::iter().count() == remembered,
            "a round is remembered that should not be"
        );
        let mut last_closes_at = 0;
        for number in first..=current {
            let round = Rounds::<T>::get(number).ok_or("a round is not remembered")?;
            let members = Members::<T>::get(number).ok_or("the members of a round are not remembered")?;
            ensure!(
                last_closes_at <= round.started_at,
                "a round began before the last one was over"
            );
            last_closes_at = round.closes_at;
            ensure!(
                members.is_sorted_by(|a, b| a.account < b.account && a.bonds_until < b.bonds_until)
                    && members.len() as u32 == round.verifiers
                    && members.first().is_some_and(|first| first.bonds_until > 0),
                "the members of a round are not sorted, have no bonds, or are not as many as it says"
            );
            ensure!(
                !round.seats.is_multiple_of(2),
                "a committee has no odd number of seats"
            );
            ensure!(
                round.device_bound <= Devices::<T>::next_device(),
                "a round has devices that do not exist"
            );
        }
        Ok(())
    }

    /// Invariant 6.
    fn check_evidence_kept() -> Result<(), TryRuntimeError> {
        let testimonies = Attestations::<T>::iter_keys().chain(FraudReports::<T>::iter_keys());
        for (number, device, verifier) in testimonies {
            Self::check_in_round(number, device)?;
            if let Some(round) = Rounds::<T>::get(number) {
                ensure!(
                    Self::member(number, &round, device, &verifier).is_ok(),
                    "somebody voted or reported who is not in the committee"
                );
            }
        }
        for (number, device, _) in Convictions::<T>::iter() {
            Self::check_in_round(number, device)?;
        }
        Ok(())
    }

    fn check_in_round(number: RoundId, device: DeviceId) -> Result<(), TryRuntimeError> {
        ensure!(
            Self::round_with(number, device).is_ok(),
            "something is kept of a round that is not remembered, or of a device that was not in it"
        );
        Ok(())
    }

    /// Invariant 7.
    fn check_verdicts() -> Result<(), TryRuntimeError> {
        for (device, last) in LastVerdicts::<T>::iter() {
            ensure!(
                last.round <= CurrentRound::<T>::get() && last.at <= Pools::<T>::now(),
                "a verdict is of the future"
            );
            ensure!(
                Devices::<T>::device(device).is_some(),
                "a verdict is of a device that is not registered"
            );
        }
        Ok(())
    }
}

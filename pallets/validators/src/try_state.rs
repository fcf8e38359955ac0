//! The invariants of the pallet's state, as listed in the crate's documentation.

use crate::{
    Candidates, Config, CurrencyOf, Exposures, FirstReportable, HoldReason, Invulnerables, LastAuthored,
    Offenders, Pallet, SessionSlots, Slashes, Unbonding,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::{TryRuntimeError, traits::Zero};

impl<T: Config> Pallet<T> {
    /// Checks every invariant that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_holds()?;
        Self::check_lists()?;
        Self::check_sessions()?;
        Self::check_offences()
    }

    /// Invariants 1 and 5.
    fn check_holds() -> Result<(), TryRuntimeError> {
        let mut bonds = BTreeMap::new();
        for candidate in Candidates::<T>::get() {
            bonds.insert(candidate.who, candidate.bond);
        }
        for (who, unbonding) in Unbonding::<T>::iter() {
            ensure!(!unbonding.value.is_zero(), "an unbonding bond is zero");
            ensure!(
                bonds.insert(who, unbonding.value).is_none(),
                "an account is both candidate and unbonding"
            );
        }
        for who in frame_system::Account::<T>::iter_keys() {
            let held = CurrencyOf::<T>::balance_on_hold(&HoldReason::ValidatorBond.into(), &who);
            ensure!(
                held == bonds.remove(&who).unwrap_or_default(),
                "a hold does not match the bond"
            );
        }
        ensure!(bonds.values().all(Zero::is_zero), "a bond is not on hold");
        Ok(())
    }

    /// Invariants 2, 3, 4 and 10.
    fn check_lists() -> Result<(), TryRuntimeError> {
        let candidates = Candidates::<T>::get();
        ensure!(
            candidates.windows(2).all(|pair| pair[0].bond >= pair[1].bond),
            "the candidates are not sorted by bond"
        );
        let names: BTreeSet<_> = candidates.iter().map(|candidate| &candidate.who).collect();
        ensure!(names.len() == candidates.len(), "an account is a candidate twice");

        let invulnerables = Invulnerables::<T>::get();
        ensure!(
            invulnerables.iter().collect::<BTreeSet<_>>().len() == invulnerables.len(),
            "an account is invulnerable twice"
        );
        ensure!(
            !invulnerables.iter().any(|who| names.contains(who)),
            "an account is both candidate and invulnerable"
        );
        ensure!(
            !names.into_iter().any(Unbonding::<T>::contains_key),
            "an account is both candidate and unbonding"
        );
        ensure!(SessionSlots::<T>::get() > 0, "a session has no slots");
        Ok(())
    }

    /// Invariants 6 and 7.
    fn check_sessions() -> Result<(), TryRuntimeError> {
        let current = Self::current_session();
        let validators: BTreeSet<_> = pallet_session::Validators::<T>::get().into_iter().collect();

        let now = frame_system::Pallet::<T>::block_number();
        let mut recorded = BTreeSet::new();
        for (who, block) in LastAuthored::<T>::iter() {
            ensure!(block <= now, "a validator made a block in the future");
            recorded.insert(who);
        }
        ensure!(
            recorded == validators,
            "LastAuthored does not match the active validators"
        );

        ensure!(
            Exposures::<T>::iter_keys().all(|(session, _)| session == current || session == current + 1),
            "an exposure belongs to a session that neither runs nor is planned"
        );
        let exposed: BTreeSet<_> = Exposures::<T>::iter_key_prefix(current).collect();
        ensure!(
            exposed.is_empty() || exposed == validators,
            "the exposures do not match the active validators"
        );
        Ok(())
    }

    /// Invariants 3, 8 and 9.
    fn check_offences() -> Result<(), TryRuntimeError> {
        let current = Self::current_session();
        let planned = current + 1;
        let offenders = Offenders::<T>::get();
        ensure!(
            offenders
                .iter()
                .map(|offender| &offender.who)
                .collect::<BTreeSet<_>>()
                .len()
                == offenders.len(),
            "an account is an offender twice"
        );
        for offender in offenders {
            ensure!(
                (current..=planned).contains(&offender.until),
                "an offender is on record for the wrong sessions"
            );
            ensure!(
                Exposures::<T>::contains_key(current, &offender.who)
                    || Exposures::<T>::contains_key(planned, &offender.who),
                "an offender on record does not serve"
            );
        }

        let slashed: Vec<_> = Slashes::<T>::iter_keys().map(|(session, _)| session).collect();
        let first = FirstReportable::<T>::get();
        ensure!(
            slashed.iter().all(|session| (first..=planned).contains(session)),
            "a slash is on record for a session that is too old or not planned yet"
        );
        Ok(())
    }
}

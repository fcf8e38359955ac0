//! How accounts become verifiers and leave, and what counts against them.

use crate::{
    Active, ActiveVerifier, Config, Error, Event, GenesisConfig, HoldReason, Keys, Misconduct, Pallet,
    PrivateNetwork, Verifier, Verifiers,
};
use frame_support::{
    ensure,
    traits::{
        Get, Imbalance, OnUnbalanced,
        fungible::{BalancedHold, MutateHold},
        tokens::Precision,
    },
};
use loopin_primitives::{Balance, DeviceId, RoundId, VerdictHooks};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_core::sr25519;
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Makes `who` a verifier.
    pub(crate) fn do_bond(who: &T::AccountId, bond: Balance, key: sr25519::Public) -> DispatchResult {
        ensure!(bond > 0 && bond >= T::MinimumBond::get(), Error::<T>::BondTooLow);
        Self::admit(who, bond, key)?;
        Self::deposit_event(Event::Bonded {
            who: who.clone(),
            bond,
            key,
        });
        Ok(())
    }

    /// Writes the first verifiers. If there is a mistake, the chain is not made, and a message names the mistake.
    pub(crate) fn build_genesis(genesis: &GenesisConfig<T>) {
        PrivateNetwork::<T>::put(genesis.private_network);
        for (who, bond, key) in &genesis.verifiers {
            assert!(*bond > 0, "The bond of a genesis verifier must not be zero");
            if let Err(error) = Self::admit(who, *bond, *key) {
                panic!(
                    "A genesis verifier is refused: {error:?}. Each needs an account and a key of its own, and a \
                     free balance of its bond and the existential deposit"
                );
            }
        }
    }

    /// Puts the bond on hold, and `who` among the active verifiers.
    fn admit(who: &T::AccountId, bond: Balance, key: sr25519::Public) -> DispatchResult {
        ensure!(!Verifiers::<T>::contains_key(who), Error::<T>::AlreadyBonded);
        Self::ensure_key_free(&key)?;
        CurrencyOf::<T>::hold(&HoldReason::VerifierBond.into(), who, bond)?;
        let verifier = Verifier {
            key,
            bond,
            strikes: 0,
            suspended_until: None,
            unbonding_until: None,
            is_displaced: false,
            done: 0,
            missed: 0,
            contradicted: 0,
        };
        Self::activate(who, &verifier)?;
        Keys::<T>::insert(key, who);
        Verifiers::<T>::insert(who, verifier);
        Ok(())
    }

    /// Adds to the bond of `who`.
    pub(crate) fn do_bond_extra(who: &T::AccountId, additional: Balance) -> DispatchResult {
        ensure!(additional > 0, Error::<T>::NothingToAdd);
        let mut verifier = Self::known(who)?;
        ensure!(verifier.unbonding_until.is_none(), Error::<T>::Unbonding);
        let bond = verifier
            .bond
            .checked_add(additional)
            .ok_or(Error::<T>::BondTooLarge)?;
        CurrencyOf::<T>::hold(&HoldReason::VerifierBond.into(), who, additional)?;
        verifier.bond = bond;
        Self::update(who, verifier);
        Self::deposit_event(Event::BondIncreased {
            who: who.clone(),
            bond,
        });
        Ok(())
    }

    /// Gives the node of `who` another key.
    pub(crate) fn do_set_key(who: &T::AccountId, key: sr25519::Public) -> DispatchResult {
        let mut verifier = Self::known(who)?;
        Self::ensure_key_free(&key)?;
        Keys::<T>::remove(verifier.key);
        Keys::<T>::insert(key, who);
        verifier.key = key;
        Self::update(who, verifier);
        Self::deposit_event(Event::KeySet {
            who: who.clone(),
            key,
        });
        Ok(())
    }

    /// Takes `who` off the active verifiers at its own wish, and starts to unbond its bond.
    pub(crate) fn do_unbond(who: &T::AccountId) -> DispatchResult {
        let mut verifier = Self::known(who)?;
        ensure!(verifier.unbonding_until.is_none(), Error::<T>::Unbonding);
        let until = Pools::<T>::now().saturating_add(T::UnbondingSeconds::get());
        let bond = verifier.bond;
        verifier.unbonding_until = Some(until);
        Verifiers::<T>::insert(who, verifier);
        Self::deactivate(who);
        Self::deposit_event(Event::Unbonded {
            who: who.clone(),
            bond,
            until,
        });
        Ok(())
    }

    /// Releases the bond of `who`, if its time has come.
    pub(crate) fn do_withdraw_bond(who: &T::AccountId) -> DispatchResult {
        let verifier = Self::known(who)?;
        let until = verifier.unbonding_until.ok_or(Error::<T>::NotUnbonding)?;
        ensure!(until <= Pools::<T>::now(), Error::<T>::UnbondingNotOver);
        if verifier.bond > 0 {
            let reason = HoldReason::VerifierBond.into();
            CurrencyOf::<T>::release(&reason, who, verifier.bond, Precision::Exact)?;
        }
        Keys::<T>::remove(verifier.key);
        Verifiers::<T>::remove(who);
        Self::deposit_event(Event::BondWithdrawn {
            who: who.clone(),
            bond: verifier.bond,
        });
        Ok(())
    }

    /// Makes `who` active again.
    pub(crate) fn do_resume(who: &T::AccountId) -> DispatchResult {
        let mut verifier = Self::known(who)?;
        ensure!(!verifier.is_active(), Error::<T>::AlreadyActive);
        let suspended_until = verifier.suspended_until.unwrap_or_default();
        ensure!(
            suspended_until <= Pools::<T>::now(),
            Error::<T>::SuspensionNotOver
        );
        ensure!(
            verifier.bond > 0 && verifier.bond >= T::MinimumBond::get(),
            Error::<T>::BondTooLow
        );
        verifier.suspended_until = None;
        verifier.unbonding_until = None;
        verifier.is_displaced = false;
        Self::activate(who, &verifier)?;
        let bond = verifier.bond;
        Verifiers::<T>::insert(who, verifier);
        Self::deposit_event(Event::Resumed {
            who: who.clone(),
            bond,
        });
        Ok(())
    }

    /// `who` has agreed with the verdict on a device, with that many votes.
    pub(crate) fn count_duty(who: &T::AccountId, votes: u32) {
        Verifiers::<T>::mutate_extant(who, |verifier| {
            verifier.done = verifier.done.saturating_add(votes.into());
            verifier.strikes = verifier.strikes.saturating_sub(1);
        });
        T::VerdictHooks::duty_done(who, votes);
    }

    /// Something counts against `who`. At the limit it is suspended.
    pub(crate) fn strike(who: &T::AccountId, misconduct: Misconduct, round: RoundId, device: DeviceId) {
        // Whoever has withdrawn its bond is out of reach.
        let Some(mut verifier) = Verifiers::<T>::get(who) else {
            return;
        };
        let strikes = match misconduct {
            Misconduct::Missed => {
                verifier.missed = verifier.missed.saturating_add(1);
                1
            }
            Misconduct::Contradicted => {
                verifier.contradicted = verifier.contradicted.saturating_add(1);
                T::ContradictionStrikes::get()
            }
            Misconduct::FalseReport => T::ContradictionStrikes::get(),
        };
        verifier.strikes = verifier.strikes.saturating_add(strikes);
        Self::deposit_event(Event::Struck {
            who: who.clone(),
            misconduct,
            round,
            device,
            strikes: verifier.strikes,
        });
        if verifier.strikes >= T::StrikeLimit::get().max(1) {
            Self::suspend(who, &mut verifier);
        }
        Verifiers::<T>::insert(who, verifier);
    }

    /// Slashes a part of the bond, and takes `who` off the active verifiers.
    fn suspend(who: &T::AccountId, verifier: &mut Verifier) {
        let due = T::SuspensionSlash::get().mul_floor(verifier.bond);
        let (credit, _missing) = CurrencyOf::<T>::slash(&HoldReason::VerifierBond.into(), who, due);
        let slashed = credit.peek();
        T::Slash::on_unbalanced(credit);
        verifier.bond = verifier.bond.saturating_sub(slashed);
        // What it was suspended for has been paid for.
        verifier.strikes = 0;
        let until = Pools::<T>::now().saturating_add(T::SuspensionSeconds::get());
        verifier.suspended_until = Some(until);
        Self::deactivate(who);
        Self::deposit_event(Event::Suspended {
            who: who.clone(),
            slashed,
            bond: verifier.bond,
            until,
        });
    }

    /// The verifier of that account.
    pub(crate) fn known(who: &T::AccountId) -> Result<Verifier, DispatchError> {
        Ok(Verifiers::<T>::get(who).ok_or(Error::<T>::NotVerifier)?)
    }

    /// Refuses a key that proves nothing, or that already belongs to somebody.
    fn ensure_key_free(key: &sr25519::Public) -> DispatchResult {
        // The neutral element of the curve: anybody can sign for it.
        ensure!(key.0.iter().any(|byte| *byte != 0), Error::<T>::KeyZero);
        ensure!(!Keys::<T>::contains_key(key), Error::<T>::KeyTaken);
        Ok(())
    }

    /// Puts `who`, which is not there, among the active verifiers. Where there are as many as there can be, it takes the
    /// place of the one with the smallest bond, if its own is larger.
    fn activate(who: &T::AccountId, verifier: &Verifier) -> DispatchResult {
        let mut active = Active::<T>::get();
        if active.is_full() {
            let smallest = active
                .iter()
                .enumerate()
                .min_by_key(|(_, other)| other.bond)
                .filter(|(_, other)| other.bond < verifier.bond)
                .map(|(place, _)| place)
                .ok_or(Error::<T>::TooManyVerifiers)?;
            let displaced = active.remove(smallest).account;
            Verifiers::<T>::mutate_extant(&displaced, |verifier| verifier.is_displaced = true);
            Self::deposit_event(Event::Displaced { who: displaced });
        }
        let place = active.partition_point(|other| other.account < *who);
        let entry = ActiveVerifier {
            account: who.clone(),
            key: verifier.key,
            bond: verifier.bond,
        };
        active
            .try_insert(place, entry)
            .map_err(|_| Error::<T>::TooManyVerifiers)?;
        Active::<T>::put(active);
        Ok(())
    }

    /// Keeps what has changed of a verifier's key and bond.
    fn update(who: &T::AccountId, verifier: Verifier) {
        Active::<T>::mutate(|active| {
            if let Some(entry) = active.iter_mut().find(|entry| entry.account == *who) {
                entry.key = verifier.key;
                entry.bond = verifier.bond;
            }
        });
        Verifiers::<T>::insert(who, verifier);
    }

    /// Takes `who` off the active verifiers, if it is there.
    fn deactivate(who: &T::AccountId) {
        Active::<T>::mutate(|active| active.retain(|other| other.account != *who));
    }
}

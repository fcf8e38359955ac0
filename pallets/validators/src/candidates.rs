//! The list of candidates, and the bonds on it and on their way out.

use crate::{
    BalanceOf, Candidate, CandidateOf, Candidates, Config, CurrencyOf, Error, Event, HoldReason,
    Invulnerables, Offenders, Pallet, RemovalReason, Unbonding, UnbondingBond,
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{
    BoundedVec, ensure,
    traits::{
        DefensiveResult, Get, Imbalance, OnUnbalanced,
        fungible::{BalancedHold, InspectHold, MutateHold},
        tokens::Precision,
    },
};
use sp_runtime::{
    DispatchError, DispatchResult,
    traits::{CheckedAdd, Saturating, Zero},
};
use sp_staking::SessionIndex;

/// The list of candidates: largest bond first, and among equal bonds the one that came first.
type CandidateList<T> = BoundedVec<CandidateOf<T>, <T as Config>::MaxCandidates>;

impl<T: Config> Pallet<T> {
    /// Puts `bond` on hold and makes `who` a candidate.
    pub(crate) fn do_bond(who: &T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
        ensure!(!Unbonding::<T>::contains_key(who), Error::<T>::StillUnbonding);
        Self::ensure_may_become_candidate(who, bond)?;
        Self::hold(who, bond)?;
        Self::admit(Candidate {
            who: who.clone(),
            bond,
        })?;
        Self::deposit_event(Event::Bonded {
            who: who.clone(),
            bond,
        });
        Ok(())
    }

    /// Makes `who`, whose bond is unbonding, a candidate again with that bond and `additional`.
    pub(crate) fn do_rebond(who: &T::AccountId, additional: BalanceOf<T>) -> DispatchResult {
        let unbonding = Unbonding::<T>::take(who).ok_or(Error::<T>::NotUnbonding)?;
        let bond = unbonding
            .value
            .checked_add(&additional)
            .ok_or(Error::<T>::BondTooLarge)?;
        Self::ensure_may_become_candidate(who, bond)?;
        Self::hold(who, additional)?;
        Self::admit(Candidate {
            who: who.clone(),
            bond,
        })?;
        Self::deposit_event(Event::Rebonded {
            who: who.clone(),
            bond,
        });
        Ok(())
    }

    /// Adds `additional` to the bond of the candidate `who`.
    pub(crate) fn do_bond_more(who: &T::AccountId, additional: BalanceOf<T>) -> DispatchResult {
        ensure!(!additional.is_zero(), Error::<T>::NothingToAdd);
        let bond = Candidates::<T>::try_mutate(|list| {
            let mut candidate = remove::<T>(list, who).ok_or(Error::<T>::NotCandidate)?;
            candidate.bond = candidate
                .bond
                .checked_add(&additional)
                .ok_or(Error::<T>::BondTooLarge)?;
            let bond = candidate.bond;
            insert::<T>(list, candidate)?;
            Ok::<_, DispatchError>(bond)
        })?;
        Self::hold(who, additional)?;
        Self::deposit_event(Event::BondIncreased {
            who: who.clone(),
            bond,
        });
        Ok(())
    }

    /// Takes `who` off the list at its own wish.
    pub(crate) fn do_leave(who: &T::AccountId) -> DispatchResult {
        ensure!(Self::is_candidate(who), Error::<T>::NotCandidate);
        ensure!(!Self::is_last_validator(who), Error::<T>::LastValidator);
        Self::remove_candidate(who, RemovalReason::Left);
        Ok(())
    }

    /// Replaces the invulnerables.
    pub(crate) fn do_set_invulnerables(invulnerables: Vec<T::AccountId>) -> DispatchResult {
        ensure!(!invulnerables.is_empty(), Error::<T>::NoInvulnerables);
        let named =
            BoundedVec::try_from(invulnerables.clone()).map_err(|_| Error::<T>::TooManyInvulnerables)?;
        ensure!(
            named.iter().collect::<BTreeSet<_>>().len() == named.len(),
            Error::<T>::DuplicateInvulnerable
        );
        ensure!(named.iter().all(Self::has_keys), Error::<T>::SessionKeysMissing);

        for who in &named {
            Self::remove_candidate(who, RemovalReason::BecameInvulnerable);
        }
        Invulnerables::<T>::put(named);
        Self::deposit_event(Event::InvulnerablesSet { invulnerables });
        Ok(())
    }

    /// Releases the bond of `who`, if its time has come.
    pub(crate) fn do_withdraw(who: &T::AccountId) -> DispatchResult {
        let unbonding = Unbonding::<T>::get(who).ok_or(Error::<T>::NotUnbonding)?;
        ensure!(
            unbonding.at_session <= Self::current_session(),
            Error::<T>::UnbondingNotOver
        );
        CurrencyOf::<T>::release(
            &HoldReason::ValidatorBond.into(),
            who,
            unbonding.value,
            Precision::Exact,
        )?;
        Unbonding::<T>::remove(who);
        Self::deposit_event(Event::Withdrawn {
            who: who.clone(),
            value: unbonding.value,
        });
        Ok(())
    }

    /// Takes `who` off the list, if it is on it, and starts to unbond its bond.
    pub(crate) fn remove_candidate(who: &T::AccountId, reason: RemovalReason) {
        if let Some(candidate) = Candidates::<T>::mutate(|list| remove::<T>(list, who)) {
            Self::start_unbonding(candidate, reason);
        }
    }

    /// Slashes up to `amount` of the bond of `who`, whether it is a candidate's or unbonding, and returns
    /// what could be slashed.
    pub(crate) fn slash_bond(who: &T::AccountId, amount: BalanceOf<T>) -> BalanceOf<T> {
        let (credit, _missing) = CurrencyOf::<T>::slash(&HoldReason::ValidatorBond.into(), who, amount);
        let slashed = credit.peek();
        if slashed.is_zero() {
            return slashed;
        }
        T::Slash::on_unbalanced(credit);

        Candidates::<T>::mutate(|list| {
            if let Some(mut candidate) = remove::<T>(list, who) {
                candidate.bond = candidate.bond.saturating_sub(slashed);
                // Cannot fail: its place has just been vacated.
                insert::<T>(list, candidate).defensive_ok();
            }
        });
        Unbonding::<T>::mutate_exists(who, |unbonding| {
            if let Some(UnbondingBond { value, at_session }) = unbonding.take() {
                let value = value.saturating_sub(slashed);
                *unbonding = (!value.is_zero()).then_some(UnbondingBond { value, at_session });
            }
        });
        slashed
    }

    /// Whether `who` is on the list.
    pub(crate) fn is_candidate(who: &T::AccountId) -> bool {
        Candidates::<T>::get()
            .iter()
            .any(|candidate| candidate.who == *who)
    }

    /// Whether `who` is an invulnerable validator.
    pub(crate) fn is_invulnerable(who: &T::AccountId) -> bool {
        Invulnerables::<T>::get().contains(who)
    }

    /// Whether `who` has session keys, without which it cannot make blocks.
    pub(crate) fn has_keys(who: &T::AccountId) -> bool {
        pallet_session::NextKeys::<T>::contains_key(who)
    }

    /// Whether `who` has session keys and nobody else among invulnerables and candidates has.
    pub(crate) fn is_last_validator(who: &T::AccountId) -> bool {
        let candidates = Candidates::<T>::get();
        let another = Invulnerables::<T>::get()
            .iter()
            .chain(candidates.iter().map(|candidate| &candidate.who))
            .any(|other| other != who && Self::has_keys(other));
        !another && Self::has_keys(who)
    }

    /// What `who` must satisfy to become a candidate with this bond, besides there being room on the list.
    fn ensure_may_become_candidate(who: &T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
        ensure!(!Self::is_candidate(who), Error::<T>::AlreadyCandidate);
        ensure!(!Self::is_invulnerable(who), Error::<T>::AlreadyInvulnerable);
        ensure!(
            !Offenders::<T>::get().iter().any(|offender| offender.who == *who),
            Error::<T>::BarredByOffence
        );
        ensure!(Self::has_keys(who), Error::<T>::SessionKeysMissing);
        ensure!(
            !bond.is_zero() && bond >= T::MinimumBond::get(),
            Error::<T>::BondTooLow
        );
        Ok(())
    }

    /// Puts a new candidate on the list. If the list is full, the one with the lowest bond makes room.
    pub(crate) fn admit(candidate: CandidateOf<T>) -> DispatchResult {
        let displaced = Candidates::<T>::try_mutate(|list| {
            let displaced = if list.is_full() { list.pop() } else { None };
            if let Some(lowest) = &displaced {
                ensure!(candidate.bond > lowest.bond, Error::<T>::BondNotAboveLowest);
            }
            insert::<T>(list, candidate)?;
            Ok::<_, DispatchError>(displaced)
        })?;
        if let Some(displaced) = displaced {
            Self::start_unbonding(displaced, RemovalReason::Displaced);
        }
        Ok(())
    }

    /// Puts `value` of `who`'s free balance on hold as its bond.
    pub(crate) fn hold(who: &T::AccountId, value: BalanceOf<T>) -> DispatchResult {
        CurrencyOf::<T>::hold(&HoldReason::ValidatorBond.into(), who, value)
    }

    /// What `who` has on hold, as a candidate or unbonding.
    pub(crate) fn bond_of(who: &T::AccountId) -> BalanceOf<T> {
        CurrencyOf::<T>::balance_on_hold(&HoldReason::ValidatorBond.into(), who)
    }

    /// Keeps the bond of a former candidate on hold until every offence it can have committed can no longer
    /// be reported.
    fn start_unbonding(candidate: CandidateOf<T>, reason: RemovalReason) {
        let Candidate { who, bond } = candidate;
        // It may serve in the running session, and in the planned one.
        let at_session = Self::release_session(Self::current_session().saturating_add(1));
        // A bond that was slashed to nothing leaves nothing to wait for.
        if !bond.is_zero() {
            Unbonding::<T>::insert(
                &who,
                UnbondingBond {
                    value: bond,
                    at_session,
                },
            );
        }
        Self::deposit_event(Event::CandidateRemoved {
            who,
            reason,
            bond,
            at_session,
        });
    }

    /// Keeps the bond of `who`, if it is unbonding, on hold for as long as it must when `who` serves in
    /// `session`.
    pub(crate) fn prolong_unbonding(who: &T::AccountId, session: SessionIndex) {
        let at_session = Self::release_session(session);
        if let Some(mut unbonding) = Unbonding::<T>::get(who)
            && unbonding.at_session < at_session
        {
            unbonding.at_session = at_session;
            Unbonding::<T>::insert(who, unbonding);
            Self::deposit_event(Event::UnbondingProlonged {
                who: who.clone(),
                at_session,
            });
        }
    }

    /// The first session in which an offence of session `last_served` is no longer accepted.
    fn release_session(last_served: SessionIndex) -> SessionIndex {
        last_served
            .saturating_add(T::UnbondingSessions::get())
            .saturating_add(1)
    }
}

/// Takes `who` off the list.
fn remove<T: Config>(list: &mut CandidateList<T>, who: &T::AccountId) -> Option<CandidateOf<T>> {
    let position = list.iter().position(|candidate| candidate.who == *who)?;
    Some(list.remove(position))
}

/// Puts a candidate at its place: behind those who have bonded as much.
fn insert<T: Config>(list: &mut CandidateList<T>, candidate: CandidateOf<T>) -> DispatchResult {
    let position = list.partition_point(|other| other.bond >= candidate.bond);
    // A list that is full without a lowest candidate to displace has no room for anybody.
    list.try_insert(position, candidate)
        .map_err(|_| Error::<T>::BondNotAboveLowest)?;
    Ok(())
}

//! Sessions: who validates in the next one, what happens when one starts or ends, and who made a block.
//!
//! At every change pallet-session calls, in this order and in one block, `end_session(n)`, `start_session(n +
//! 1)` and `new_session(n + 2)`. So the validators of two sessions are fixed at any time: of the running one and of the
//! one that follows.

use crate::{
    BalanceOf, Candidates, Config, Event, Exposures, FirstReportable, Invulnerables, LastAuthored,
    MaxValidators, Offenders, Pallet, RemovalReason, Slashes, WeightInfo,
};
use alloc::{collections::BTreeSet, vec::Vec};
use core::marker::PhantomData;
use frame_support::{dispatch::DispatchClass, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_session::{SessionInterface, historical};
use sp_runtime::traits::{Convert, Saturating, Zero};
use sp_staking::{SessionIndex, offence::OffenceSeverity};

/// How many old sessions are forgotten at one session change, at most. One would keep pace; the second lets
/// the window catch up after governance has shortened it.
pub(crate) const SESSIONS_FORGOTTEN_AT_ONCE: u32 = 2;

impl<T: Config> Pallet<T> {
    /// The running session.
    pub(crate) fn current_session() -> SessionIndex {
        pallet_session::Pallet::<T>::current_index()
    }

    /// Charges the block for work that no transaction pays for.
    pub(crate) fn charge(weight: Weight, class: DispatchClass) {
        frame_system::Pallet::<T>::register_extra_weight_unchecked(weight, class);
    }

    /// Chooses the validators of session `index`, with the bond that each answers with. `None` at a genesis
    /// that names none; pallet-session then takes those whose session keys it knows.
    fn plan_session(index: SessionIndex) -> Option<Vec<(T::AccountId, BalanceOf<T>)>> {
        let invulnerables = Invulnerables::<T>::get();
        let candidates = Candidates::<T>::get();
        Self::charge(
            <T as Config>::WeightInfo::new_session(invulnerables.len() as u32, candidates.len() as u32),
            DispatchClass::Mandatory,
        );

        let mut validators: Vec<_> = invulnerables
            .into_iter()
            .filter(Self::has_keys)
            .map(|who| (who, BalanceOf::<T>::zero()))
            .collect();
        // A maximum of zero would stop a chain without invulnerables.
        let maximum = T::MaximumValidators::get().max(1) as usize;
        validators.extend(
            candidates
                .into_iter()
                .filter(|candidate| Self::has_keys(&candidate.who))
                .take(maximum.saturating_sub(validators.len()))
                .map(|candidate| (candidate.who, candidate.bond)),
        );

        if validators.is_empty() {
            validators = Self::validators_that_stay(index);
        }
        for (who, bond) in &validators {
            Exposures::<T>::insert(index, who, bond);
        }
        (!validators.is_empty()).then_some(validators)
    }

    /// The validators of the session before `index`, for want of others, with the bonds they still have.
    ///
    /// Those that have purged their session keys get them back: pallet-session leaves out accounts without
    /// keys, and a chain whose set of validators is empty can never make a block again. Those whose bond is
    /// unbonding have to leave it on hold for longer.
    fn validators_that_stay(index: SessionIndex) -> Vec<(T::AccountId, BalanceOf<T>)> {
        log::error!(
            target: crate::LOG_TARGET,
            "nobody with session keys can validate in session {index}: the validators stay as they are"
        );
        let queued = pallet_session::QueuedKeys::<T>::get();
        Self::charge(
            <T as Config>::WeightInfo::keep_validators(queued.len() as u32),
            DispatchClass::Mandatory,
        );
        let mut validators = Vec::new();
        for (who, keys) in queued {
            if !Self::has_keys(&who) {
                if let Err(error) = <pallet_session::Pallet<T> as SessionInterface>::set_keys(&who, keys) {
                    // Somebody else has registered them since.
                    log::error!(
                        target: crate::LOG_TARGET,
                        "the session keys of {who:?} cannot be restored: {error:?}"
                    );
                    continue;
                }
                Self::deposit_event(Event::SessionKeysRestored { who: who.clone() });
            }
            Self::prolong_unbonding(&who, index);
            let bond = Self::bond_of(&who);
            validators.push((who, bond));
        }
        validators
    }

    /// Prepares session `index`, whose validators pallet-session has just made the active ones.
    fn begin_session(index: SessionIndex) {
        let now = frame_system::Pallet::<T>::block_number();
        let validators: BTreeSet<_> = pallet_session::Validators::<T>::get().into_iter().collect();

        let outgoing: Vec<_> = LastAuthored::<T>::iter_keys()
            .filter(|who| !validators.contains(who))
            .collect();
        outgoing.into_iter().for_each(LastAuthored::<T>::remove);
        for who in &validators {
            if !LastAuthored::<T>::contains_key(who) {
                LastAuthored::<T>::insert(who, now);
            }
        }
        if let Some(ended) = index.checked_sub(1) {
            // Planning never writes more than this, so nothing can remain.
            let _ = Exposures::<T>::clear_prefix(ended, MaxValidators::<T>::get(), None);
        }

        // pallet-session enables everybody when the set of validators changes.
        let offenders = Offenders::<T>::mutate(|offenders| {
            offenders.retain(|offender| offender.until >= index && validators.contains(&offender.who));
            offenders.clone()
        });
        for offender in offenders {
            pallet_session::Pallet::<T>::report_offence(offender.who, OffenceSeverity(offender.fraction));
        }

        let forgotten = Self::forget_old_sessions(index);
        Self::charge(
            <T as Config>::WeightInfo::start_session(validators.len() as u32, forgotten),
            DispatchClass::Mandatory,
        );
    }

    /// Takes candidates that have stopped making blocks off the list when session `index` ends.
    fn finish_session(_index: SessionIndex) {
        let candidates = Candidates::<T>::get();
        Self::charge(
            <T as Config>::WeightInfo::end_session(candidates.len() as u32),
            DispatchClass::Mandatory,
        );

        let now = frame_system::Pallet::<T>::block_number();
        let active = pallet_session::Validators::<T>::decode_len().unwrap_or_default() as u32;
        let allowance = BlockNumberFor::<T>::from(T::InactiveBlocks::get().saturating_mul(active));
        if allowance.is_zero() {
            return;
        }
        let inactive: Vec<_> = candidates
            .iter()
            .map(|candidate| &candidate.who)
            .filter(|who| {
                LastAuthored::<T>::get(who).is_some_and(|block| now.saturating_sub(block) > allowance)
            })
            .collect();
        if inactive.is_empty() {
            return;
        }

        let mut can_validate = Invulnerables::<T>::get()
            .iter()
            .chain(candidates.iter().map(|candidate| &candidate.who))
            .filter(|who| Self::has_keys(who))
            .count();
        // From the lowest bond up, so that the best-bonded one stays if not all can go.
        for who in inactive.into_iter().rev() {
            let counted = Self::has_keys(who);
            if counted && can_validate == 1 {
                Self::deposit_event(Event::LastValidatorKept {
                    who: who.clone(),
                    reason: RemovalReason::Inactive,
                });
                continue;
            }
            can_validate = can_validate.saturating_sub(counted.into());
            Self::remove_candidate(who, RemovalReason::Inactive);
        }
    }

    /// The oldest session whose offences are still accepted.
    pub(crate) fn first_reportable_session() -> SessionIndex {
        // Governance may have lengthened the window, but what is forgotten stays forgotten; or shortened it, and what is
        // to be forgotten is still there.
        FirstReportable::<T>::get().max(Self::current_session().saturating_sub(T::UnbondingSessions::get()))
    }

    /// Forgets, some sessions at a time, what was stored about sessions whose offences are no longer accepted
    /// in session `index`. Returns the number of slashes forgotten.
    fn forget_old_sessions(index: SessionIndex) -> u32 {
        let target = index.saturating_sub(T::UnbondingSessions::get());
        let first = FirstReportable::<T>::get();
        let mut next = first;
        let mut forgotten = 0u32;
        while next < target && next.saturating_sub(first) < SESSIONS_FORGOTTEN_AT_ONCE {
            let result = Slashes::<T>::clear_prefix(next, MaxValidators::<T>::get(), None);
            forgotten = forgotten.saturating_add(result.loops);
            if result.maybe_cursor.is_some() {
                break;
            }
            next = next.saturating_add(1);
        }
        if next > first {
            FirstReportable::<T>::put(next);
            // The proofs of who was a validator, which nobody else would remove.
            historical::Pallet::<T>::prune_up_to(next);
        }
        forgotten
    }
}

impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
    fn new_session(new_index: SessionIndex) -> Option<Vec<T::AccountId>> {
        Self::plan_session(new_index)
            .map(|validators| validators.into_iter().map(|(who, _bond)| who).collect())
    }

    fn start_session(start_index: SessionIndex) {
        Self::begin_session(start_index);
    }

    fn end_session(end_index: SessionIndex) {
        Self::finish_session(end_index);
    }
}

impl<T: Config> historical::SessionManager<T::AccountId, BalanceOf<T>> for Pallet<T> {
    fn new_session(new_index: SessionIndex) -> Option<Vec<(T::AccountId, BalanceOf<T>)>> {
        Self::plan_session(new_index)
    }

    fn start_session(start_index: SessionIndex) {
        Self::begin_session(start_index);
    }

    fn end_session(end_index: SessionIndex) {
        Self::finish_session(end_index);
    }
}

impl<T: Config> pallet_authorship::EventHandler<T::AccountId, BlockNumberFor<T>> for Pallet<T> {
    fn note_author(author: T::AccountId) {
        Self::charge(<T as Config>::WeightInfo::note_author(), DispatchClass::Mandatory);
        // Only of active validators: in the first block of a session the author may be looked up in the set
        // of the session before.
        LastAuthored::<T>::mutate_extant(author, |block| {
            *block = frame_system::Pallet::<T>::block_number();
        });
    }
}

/// The full identification of a validator of the running session: the bond it had when the session was
/// planned, zero for an invulnerable. It does not follow later changes of the bond, so that proofs of who was
/// a validator stay valid.
pub struct FullIdentificationOf<T>(PhantomData<T>);

impl<T: Config> Convert<T::AccountId, Option<BalanceOf<T>>> for FullIdentificationOf<T> {
    fn convert(who: T::AccountId) -> Option<BalanceOf<T>> {
        // Validators that this pallet did not choose, those of a genesis that names none, have no bond.
        Some(Exposures::<T>::get(Pallet::<T>::current_session(), who).unwrap_or_default())
    }
}

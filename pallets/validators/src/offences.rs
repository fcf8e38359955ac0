//! Offences: what a validator loses that signed two blocks, or voted twice, where it may do so only once.

use crate::{
    BalanceOf, Config, Event, Exposures, Invulnerables, Offender, Offenders, Pallet, RemovalReason, Slashes,
    WeightInfo,
};
use frame_support::{
    dispatch::DispatchClass,
    traits::{DefensiveResult, Get},
    weights::Weight,
};
use pallet_session::historical::IdentificationTuple;
use sp_runtime::{
    Perbill,
    traits::{Saturating, Zero},
};
use sp_staking::{
    SessionIndex,
    offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
};

impl<T: Config> OnOffenceHandler<T::AccountId, IdentificationTuple<T>, Weight> for Pallet<T> {
    /// Slashes and excludes the offenders of session `session`. The weight that is returned is already
    /// charged to the block, since pallet-offences drops it.
    fn on_offence(
        offenders: &[OffenceDetails<T::AccountId, IdentificationTuple<T>>],
        slash_fraction: &[Perbill],
        session: SessionIndex,
    ) -> Weight {
        let accepted = session >= Self::first_reportable_session();
        for (details, fraction) in offenders.iter().zip(slash_fraction) {
            let (who, exposure) = &details.offender;
            if accepted {
                let fraction = (*fraction).max(T::MinimumSlash::get());
                Self::punish(who, *exposure, fraction, session);
            } else {
                Self::deposit_event(Event::OffenceTooOld {
                    who: who.clone(),
                    session,
                });
            }
        }

        let weight = <T as Config>::WeightInfo::on_offence(offenders.len() as u32);
        Self::charge(weight, DispatchClass::Operational);
        weight
    }
}

impl<T: Config> Pallet<T> {
    /// Punishes `who` for an offence in `session`, in which it answered with the bond `exposure`.
    ///
    /// Several offences in one session count once, with the largest fraction: only what that fraction demands
    /// beyond what was demanded before is slashed, and the offender is excluded at the first report.
    fn punish(who: &T::AccountId, exposure: BalanceOf<T>, fraction: Perbill, session: SessionIndex) {
        // Rounded down, in favour of the validator.
        let demanded = fraction.mul_floor(exposure);
        let demanded_before = Slashes::<T>::get(session, who);
        let additional = demanded.saturating_sub(demanded_before.unwrap_or_default());
        if demanded_before.is_none() || !additional.is_zero() {
            Slashes::<T>::insert(session, who, demanded);
        }
        if !additional.is_zero() {
            let value = Self::slash_bond(who, additional);
            Self::deposit_event(Event::Slashed {
                who: who.clone(),
                session,
                fraction,
                value,
            });
        }
        if demanded_before.is_none() {
            Self::exclude(who);
        }
        Self::disable(who, fraction, demanded_before.is_none());
    }

    /// Takes `who` off the candidates or the invulnerables, unless nobody else is left to make blocks.
    fn exclude(who: &T::AccountId) {
        let candidate = Self::is_candidate(who);
        if !candidate && !Self::is_invulnerable(who) {
            return;
        }
        if Self::is_last_validator(who) {
            Self::deposit_event(Event::LastValidatorKept {
                who: who.clone(),
                reason: RemovalReason::Offence,
            });
        } else if candidate {
            Self::remove_candidate(who, RemovalReason::Offence);
        } else {
            Invulnerables::<T>::mutate(|invulnerables| invulnerables.retain(|other| other != who));
            Self::deposit_event(Event::InvulnerableRemoved { who: who.clone() });
        }
    }

    /// Disables `who` in the sessions whose validators are fixed. An offender stays on record until they are
    /// over; a report of an offence that was already dealt with (`!new`) can only make it count as more
    /// severe meanwhile.
    fn disable(who: &T::AccountId, fraction: Perbill, new: bool) {
        let current = Self::current_session();
        let planned = current.saturating_add(1);
        let serves = Exposures::<T>::contains_key(current, who) || Exposures::<T>::contains_key(planned, who);
        let severity = Offenders::<T>::mutate(|offenders| {
            if let Some(known) = offenders.iter_mut().find(|offender| offender.who == *who) {
                known.fraction = known.fraction.max(fraction);
                if new {
                    known.until = planned;
                }
                Some(known.fraction)
            } else if new && serves {
                let offender = Offender {
                    who: who.clone(),
                    until: planned,
                    fraction,
                };
                Self::deposit_event(Event::OffenderRecorded {
                    who: who.clone(),
                    until: planned,
                });
                // The list has room for every validator of both sessions, and nobody else is put on it.
                offenders.try_push(offender).defensive_ok();
                Some(fraction)
            } else {
                None
            }
        });
        if let Some(severity) = severity {
            pallet_session::Pallet::<T>::report_offence(who.clone(), OffenceSeverity(severity));
        }
    }
}

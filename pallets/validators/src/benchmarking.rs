//! What the calls and the work at session changes cost, each measured at its worst.

use crate::*;
use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_benchmarking::v2::*;
use frame_support::{
    BoundedVec,
    traits::{
        EnsureOrigin, Get,
        fungible::{Balanced, Inspect},
        tokens::Precision,
    },
};
use frame_system::{RawOrigin, pallet_prelude::BlockNumberFor};
use pallet_authorship::EventHandler;
use pallet_session::{
    SessionManager,
    historical::{HistoricalSessions, IdentificationTuple, StoredRange},
};
use sp_runtime::{
    Perbill,
    traits::{One, Saturating, TrailingZeroInput, Zero},
};
use sp_staking::{
    SessionIndex,
    offence::{OffenceDetails, OnOffenceHandler},
};

/// A session after which two sessions can be forgotten, the first of which is `FIRST_FORGOTTEN`.
fn forgetting_session<T: Config>() -> SessionIndex {
    T::UnbondingSessions::get() + FIRST_FORGOTTEN + session::SESSIONS_FORGOTTEN_AT_ONCE
}
const FIRST_FORGOTTEN: SessionIndex = 1;

/// The bond of the candidate at the end of the list; the others have more.
fn lowest_bond<T: Config>() -> BalanceOf<T> {
    T::MinimumBond::get().max(CurrencyOf::<T>::minimum_balance())
}

/// An account that can afford any bond of these benchmarks.
fn rich_account<T: Config>(name: &'static str, index: u32) -> Result<T::AccountId, BenchmarkError> {
    let who = account(name, index, 0);
    let funds = lowest_bond::<T>().saturating_mul(1_000u32.into());
    // Dropping the debt adds the funds to the total issuance.
    drop(CurrencyOf::<T>::deposit(&who, funds, Precision::Exact)?);
    Ok(who)
}

/// Gives `who` session keys, all of whose bytes are made of `seed`.
fn set_keys<T: Config>(who: &T::AccountId, seed: u32) -> Result<(), BenchmarkError> {
    let bytes = [seed; 256].encode();
    let keys = T::Keys::decode(&mut TrailingZeroInput::new(&bytes))
        .map_err(|_| BenchmarkError::Stop("session keys cannot be made of arbitrary bytes"))?;
    pallet_session::NextKeys::<T>::insert(who, keys);
    Ok(())
}

/// Makes `count` accounts with session keys the invulnerables.
fn fill_invulnerables<T: Config>(count: u32) -> Result<Vec<T::AccountId>, BenchmarkError> {
    let accounts: Vec<T::AccountId> = (0..count)
        .map(|index| account("invulnerable", index, 0))
        .collect();
    for (index, who) in accounts.iter().enumerate() {
        set_keys::<T>(who, 1_000 + index as u32)?;
    }
    let bounded = BoundedVec::try_from(accounts.clone())
        .map_err(|_| BenchmarkError::Stop("more invulnerables than allowed"))?;
    Invulnerables::<T>::put(bounded);
    Ok(accounts)
}

/// Makes `count` accounts with session keys and decreasing bonds the candidates.
fn fill_candidates<T: Config>(count: u32) -> Result<Vec<CandidateOf<T>>, BenchmarkError> {
    Candidates::<T>::kill();
    for index in 0..count {
        let who = rich_account::<T>("candidate", index)?;
        set_keys::<T>(&who, 2_000 + index)?;
        let bond = lowest_bond::<T>().saturating_add((count - 1 - index).into());
        Pallet::<T>::hold(&who, bond)?;
        Pallet::<T>::admit(Candidate { who, bond })?;
    }
    Ok(Candidates::<T>::get().into_inner())
}

/// Takes the session keys from all but the last candidate, so that a search for somebody who can validate
/// goes through everybody.
fn leave_keys_to_the_last<T: Config>(except: &[T::AccountId]) {
    let candidates = Candidates::<T>::get();
    let last = candidates.last().map(|candidate| candidate.who.clone());
    for who in Invulnerables::<T>::get()
        .into_iter()
        .chain(candidates.into_iter().map(|c| c.who))
    {
        if Some(&who) != last.as_ref() && !except.contains(&who) {
            pallet_session::NextKeys::<T>::remove(who);
        }
    }
}

/// Makes `accounts` the validators of session `index`, which is the running one.
fn activate<T: Config>(index: SessionIndex, accounts: &[T::AccountId]) {
    pallet_session::CurrentIndex::<T>::put(index);
    pallet_session::Validators::<T>::put(accounts.to_vec());
    pallet_session::DisabledValidators::<T>::kill();
    for who in accounts {
        Exposures::<T>::insert(index, who, lowest_bond::<T>());
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn bond() -> Result<(), BenchmarkError> {
        let listed = fill_candidates::<T>(T::MaxCandidates::get())?;
        fill_invulnerables::<T>(T::MaxInvulnerables::get())?;
        let caller = rich_account::<T>("caller", 0)?;
        set_keys::<T>(&caller, 3_000)?;
        let value = listed[0].bond.saturating_add(One::one());

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), value);

        assert_eq!(
            Candidates::<T>::get()[0],
            Candidate {
                who: caller,
                bond: value
            }
        );
        let displaced = &listed[listed.len() - 1];
        assert_eq!(
            Unbonding::<T>::get(&displaced.who).map(|unbonding| unbonding.value),
            Some(displaced.bond)
        );
        Ok(())
    }

    #[benchmark]
    fn bond_more() -> Result<(), BenchmarkError> {
        let listed = fill_candidates::<T>(T::MaxCandidates::get())?;
        let Candidate { who, bond: value } = listed[listed.len() - 1].clone();
        let additional = listed[0].bond;

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), additional);

        assert_eq!(
            Candidates::<T>::get()[0],
            Candidate {
                who,
                bond: value.saturating_add(additional)
            }
        );
        Ok(())
    }

    #[benchmark]
    fn leave() -> Result<(), BenchmarkError> {
        let listed = fill_candidates::<T>(T::MaxCandidates::get())?;
        fill_invulnerables::<T>(T::MaxInvulnerables::get())?;
        let Candidate { who, bond: value } = listed[0].clone();
        leave_keys_to_the_last::<T>(core::slice::from_ref(&who));

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert_eq!(
            Unbonding::<T>::get(&who).map(|unbonding| unbonding.value),
            Some(value)
        );
        assert_eq!(Candidates::<T>::get().len(), listed.len() - 1);
        Ok(())
    }

    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let who = rich_account::<T>("candidate", 0)?;
        let value = lowest_bond::<T>();
        Pallet::<T>::hold(&who, value)?;
        Unbonding::<T>::insert(&who, UnbondingBond { value, at_session: 0 });
        let before = CurrencyOf::<T>::balance(&who);

        #[extrinsic_call]
        _(RawOrigin::Signed(account("caller", 0, 0)), who.clone());

        assert!(!Unbonding::<T>::contains_key(&who));
        assert_eq!(CurrencyOf::<T>::balance(&who), before.saturating_add(value));
        Ok(())
    }

    #[benchmark]
    fn set_invulnerables(i: Linear<1, { T::MaxInvulnerables::get() }>) -> Result<(), BenchmarkError> {
        let origin = T::ManagerOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        fill_invulnerables::<T>(T::MaxInvulnerables::get())?;
        let listed = fill_candidates::<T>(T::MaxCandidates::get())?;
        // From the end of the list, where it takes longest to find them.
        let mut named: Vec<_> = listed
            .iter()
            .rev()
            .take(i as usize)
            .map(|c| c.who.clone())
            .collect();
        let unlisted = Invulnerables::<T>::get()
            .into_iter()
            .take(i as usize - named.len());
        named.extend(unlisted);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, named.clone());

        assert_eq!(Invulnerables::<T>::get().into_inner(), named);
        assert!(
            !Candidates::<T>::get()
                .iter()
                .any(|candidate| named.contains(&candidate.who))
        );
        Ok(())
    }

    #[benchmark]
    fn rebond() -> Result<(), BenchmarkError> {
        let listed = fill_candidates::<T>(T::MaxCandidates::get())?;
        fill_invulnerables::<T>(T::MaxInvulnerables::get())?;
        let caller = rich_account::<T>("caller", 0)?;
        set_keys::<T>(&caller, 3_000)?;
        let value = lowest_bond::<T>();
        Pallet::<T>::hold(&caller, value)?;
        Unbonding::<T>::insert(&caller, UnbondingBond { value, at_session: 1 });
        let additional = listed[0].bond;

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), additional);

        assert_eq!(
            Candidates::<T>::get()[0],
            Candidate {
                who: caller.clone(),
                bond: value.saturating_add(additional)
            }
        );
        assert!(!Unbonding::<T>::contains_key(&caller));
        let displaced = &listed[listed.len() - 1];
        assert_eq!(
            Unbonding::<T>::get(&displaced.who).map(|unbonding| unbonding.value),
            Some(displaced.bond)
        );
        Ok(())
    }

    /// `i`: invulnerables, `c`: candidates.
    #[benchmark]
    fn new_session(
        i: Linear<1, { T::MaxInvulnerables::get() }>,
        c: Linear<0, { T::MaxCandidates::get() }>,
    ) -> Result<(), BenchmarkError> {
        fill_invulnerables::<T>(i)?;
        fill_candidates::<T>(c)?;
        let index = Pallet::<T>::current_session() + 2;

        let planned;
        #[block]
        {
            planned = <Pallet<T> as SessionManager<_>>::new_session(index);
        }

        let expected = (i + c).min(T::MaximumValidators::get().max(i));
        assert_eq!(
            planned.map(|validators| validators.len()),
            Some(expected as usize)
        );
        assert_eq!(Exposures::<T>::iter_prefix(index).count(), expected as usize);
        Ok(())
    }

    /// `v`: validators, none of whom has session keys any more, and whose bonds all unbond.
    #[benchmark]
    fn keep_validators(v: Linear<1, { MaxValidators::<T>::get() }>) -> Result<(), BenchmarkError> {
        Invulnerables::<T>::kill();
        Candidates::<T>::kill();
        let accounts: Vec<T::AccountId> = (0..v).map(|number| account("validator", number, 0)).collect();
        activate::<T>(1, &accounts);
        let mut queued = Vec::new();
        for (number, who) in accounts.iter().enumerate() {
            set_keys::<T>(who, 4_000 + number as u32)?;
            let keys = pallet_session::NextKeys::<T>::take(who)
                .ok_or(BenchmarkError::Stop("the keys have just been set"))?;
            queued.push((who.clone(), keys));
            Unbonding::<T>::insert(
                who,
                UnbondingBond {
                    value: lowest_bond::<T>(),
                    at_session: 0,
                },
            );
        }
        pallet_session::QueuedKeys::<T>::put(queued);

        let planned;
        #[block]
        {
            planned = <Pallet<T> as SessionManager<_>>::new_session(2);
        }

        assert!(accounts.iter().all(Pallet::<T>::has_keys));
        assert!(Unbonding::<T>::iter_values().all(|unbonding| unbonding.at_session > 2));
        assert_eq!(planned, Some(accounts));
        Ok(())
    }

    /// `v`: validators, all of them new and all of them offenders; `s`: slashes that are forgotten.
    #[benchmark]
    fn start_session(
        v: Linear<1, { MaxValidators::<T>::get() }>,
        s: Linear<0, { 2 * MaxValidators::<T>::get() }>,
    ) -> Result<(), BenchmarkError> {
        let index = forgetting_session::<T>();
        let _ = LastAuthored::<T>::clear(u32::MAX, None);
        let outgoing: Vec<T::AccountId> = (0..v).map(|number| account("outgoing", number, 0)).collect();
        for who in &outgoing {
            LastAuthored::<T>::insert(who, BlockNumberFor::<T>::zero());
            Exposures::<T>::insert(index - 1, who, lowest_bond::<T>());
        }
        let incoming: Vec<T::AccountId> = (0..v).map(|number| account("incoming", number, 0)).collect();
        activate::<T>(index, &incoming);
        for who in &incoming {
            let offender = Offender {
                who: who.clone(),
                until: index,
                fraction: Perbill::one(),
            };
            Offenders::<T>::mutate(|offenders| offenders.try_push(offender))
                .map_err(|_| BenchmarkError::Stop("more offenders than allowed"))?;
        }
        let first = FIRST_FORGOTTEN;
        let last = first + session::SESSIONS_FORGOTTEN_AT_ONCE - 1;
        for number in 0..s {
            let session = if number < MaxValidators::<T>::get() {
                first
            } else {
                last
            };
            let who: T::AccountId = account("slashed", number, 0);
            Slashes::<T>::insert(session, who, lowest_bond::<T>());
        }
        FirstReportable::<T>::put(first);
        StoredRange::<T>::put((first, index + 1));
        for session in first..=index {
            HistoricalSessions::<T>::insert(session, (T::Hash::default(), v));
        }

        #[block]
        {
            <Pallet<T> as SessionManager<T::AccountId>>::start_session(index);
        }

        assert_eq!(LastAuthored::<T>::iter_keys().count(), v as usize);
        assert!(incoming.iter().all(LastAuthored::<T>::contains_key));
        assert_eq!(Exposures::<T>::iter_prefix(index - 1).count(), 0);
        assert_eq!(Offenders::<T>::get().len(), v as usize);
        assert_eq!(FirstReportable::<T>::get(), last + 1);
        assert_eq!(Slashes::<T>::iter().count(), 0);
        assert_eq!(StoredRange::<T>::get(), Some((last + 1, index + 1)));
        Ok(())
    }

    /// `c`: candidates, all of them active and all of them gone.
    #[benchmark]
    fn end_session(c: Linear<0, { T::MaxCandidates::get() }>) -> Result<(), BenchmarkError> {
        fill_invulnerables::<T>(T::MaxInvulnerables::get())?;
        let listed = fill_candidates::<T>(c)?;
        let active: Vec<_> = listed.iter().map(|candidate| candidate.who.clone()).collect();
        activate::<T>(1, &active);
        for who in &active {
            LastAuthored::<T>::insert(who, BlockNumberFor::<T>::zero());
        }
        let allowance = T::InactiveBlocks::get().saturating_mul(c);
        frame_system::Pallet::<T>::set_block_number(allowance.saturating_add(1).into());

        #[block]
        {
            <Pallet<T> as SessionManager<T::AccountId>>::end_session(1);
        }

        assert!(Candidates::<T>::get().is_empty());
        assert!(active.iter().all(Unbonding::<T>::contains_key));
        Ok(())
    }

    #[benchmark]
    fn note_author() -> Result<(), BenchmarkError> {
        let author: T::AccountId = account("author", 0, 0);
        LastAuthored::<T>::insert(&author, BlockNumberFor::<T>::zero());
        let now = BlockNumberFor::<T>::from(1_000u32);
        frame_system::Pallet::<T>::set_block_number(now);

        #[block]
        {
            <Pallet<T> as EventHandler<_, _>>::note_author(author.clone());
        }

        assert_eq!(LastAuthored::<T>::get(&author), Some(now));
        Ok(())
    }

    /// `n`: offenders, all of them active candidates, while the search for somebody else who can validate
    /// goes through everybody.
    #[benchmark]
    fn on_offence(n: Linear<1, { T::MaxCandidates::get() }>) -> Result<(), BenchmarkError> {
        fill_invulnerables::<T>(T::MaxInvulnerables::get())?;
        let listed = fill_candidates::<T>(T::MaxCandidates::get())?;
        let active: Vec<_> = listed.iter().map(|candidate| candidate.who.clone()).collect();
        activate::<T>(1, &active);
        leave_keys_to_the_last::<T>(&[]);
        let offenders: Vec<OffenceDetails<T::AccountId, IdentificationTuple<T>>> = listed
            .iter()
            .take(n as usize)
            .map(|Candidate { who, bond: value }| OffenceDetails {
                offender: (who.clone(), *value),
                reporters: Vec::new(),
            })
            .collect();
        let fractions: Vec<_> = offenders.iter().map(|_| Perbill::from_percent(50)).collect();

        #[block]
        {
            <Pallet<T> as OnOffenceHandler<_, _, _>>::on_offence(&offenders, &fractions, 1);
        }

        assert_eq!(Slashes::<T>::iter_prefix(1).count(), n as usize);
        assert_eq!(Offenders::<T>::get().len(), n as usize);
        // The last candidate stays even as an offender: nobody else has session keys.
        let remaining = listed.len().saturating_sub(n as usize).max(1);
        assert_eq!(Candidates::<T>::get().len(), remaining);
        Ok(())
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::ExternalityBuilder::default().build(),
        crate::mock::Test
    );
}

//! The first validators, checked when the chain is made.

use crate::{Candidate, Config, GenesisConfig, Invulnerables, Pallet, SessionSlots};
use alloc::collections::BTreeSet;
use frame_support::{BoundedVec, traits::Get};
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
    /// Writes what genesis sets. If there is a mistake in it, the chain is not made, and a message names the mistake.
    pub(crate) fn build_genesis(genesis: &GenesisConfig<T>) {
        assert!(
            pallet_session::Validators::<T>::get().is_empty(),
            "The runtime must list pallet-validators before pallet-session, whose genesis asks it for the \
                 first validators"
        );
        assert!(
            genesis.session_slots > 0,
            "A session must have at least one slot: set sessionSlots"
        );
        let accounts: BTreeSet<_> = genesis
            .invulnerables
            .iter()
            .chain(genesis.candidates.iter().map(|(who, _)| who))
            .collect();
        assert_eq!(
            accounts.len(),
            genesis.invulnerables.len() + genesis.candidates.len(),
            "Genesis names a validator twice: among invulnerables and candidates every account must be \
                 there only once"
        );
        assert!(
            genesis.candidates.len() <= T::MaxCandidates::get() as usize,
            "Genesis names more candidates than MaxCandidates"
        );

        SessionSlots::<T>::put(genesis.session_slots);
        Invulnerables::<T>::put(
            BoundedVec::try_from(genesis.invulnerables.clone())
                .expect("Genesis names more invulnerables than MaxInvulnerables"),
        );
        for (who, bond) in genesis.candidates.iter().cloned() {
            assert!(
                !bond.is_zero(),
                "The bond of a genesis candidate must not be zero"
            );
            Self::hold(&who, bond).expect(
                "A genesis candidate must have a free balance of its bond and the existential deposit",
            );
            Self::admit(Candidate { who, bond })
                .expect("there is room, as the number of candidates has been checked; qed");
        }
    }
}

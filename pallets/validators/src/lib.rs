#![doc = include_str!("../README.md")]
//!
//! # In the runtime
//!
//! - List this pallet after the currency and *before* pallet-session, whose genesis asks it for the first
//!   validators.
//! - Plug it in; here it is called `Validators`:
//!
//!   | in the configuration of | set |
//!   |---|---|
//!   | `pallet_session` | `SessionManager = historical::NoteHistoricalRoot<Runtime, Validators>` |
//!   | `pallet_session::historical` | `FullIdentificationOf = pallet_validators::FullIdentificationOf<Runtime>` |
//!   | `pallet_authorship` | `EventHandler = Validators` |
//!   | `pallet_offences` | `OnOffenceHandler = Validators` |
//!
//! - [`session_slots`](Pallet::session_slots) is the length of a session for BABE.
//! - This pallet removes the old session roots of `pallet_session::historical`; nothing else should.
//!
//! # Invariants
//!
//! `try_state` checks, and so does every test of this pallet after it has run:
//!
//! 1. What is on hold as [`HoldReason::ValidatorBond`] is, for every account of the chain, exactly its bond
//!    as candidate or its unbonding bond; nothing for everybody else.
//! 2. [`Candidates`] is sorted by bond, largest first.
//! 3. Neither [`Candidates`] nor [`Invulnerables`] nor [`Offenders`] names an account twice.
//! 4. No account is both a candidate and an invulnerable, or both a candidate and unbonding.
//! 5. No unbonding bond is zero.
//! 6. [`LastAuthored`] has an entry for every validator of the running session and for nobody else, none of
//!    them in the future.
//! 7. [`Exposures`] holds the running and the planned session only; in the running one the validators of
//!    pallet-session, or nobody where genesis named no validators.
//! 8. [`Offenders`] are validators of the running or of the planned session, on record at most until the
//!    planned one.
//! 9. [`Slashes`] holds no session older than [`FirstReportable`] or later than the planned one.
//! 10. [`SessionSlots`] is not zero.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod candidates;
mod genesis;
#[cfg(test)]
mod mock;
mod offences;
mod session;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use session::FullIdentificationOf;
pub use types::*;
pub use weights::WeightInfo;

/// Target of this pallet's log lines.
const LOG_TARGET: &str = "runtime::validators";

/// Calls, storage, events and errors.
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use frame_support::{
        pallet_prelude::*,
        traits::{
            EnsureOrigin, OnUnbalanced,
            fungible::{BalancedHold, MutateHold},
        },
    };
    use frame_system::pallet_prelude::*;
    use pallet_session::historical;
    use sp_runtime::Perbill;
    use sp_staking::SessionIndex;

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Who makes the blocks: invulnerables and bonded candidates.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime provides and sets.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>>
        + pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
        + historical::Config<FullIdentification = BalanceOf<Self>>
    {
        /// The currency in which bonds are held.
        type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + BalancedHold<Self::AccountId>;

        /// The runtime's reasons for holds.
        type RuntimeHoldReason: From<HoldReason>;

        /// Who may name the invulnerables: governance.
        type ManagerOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The smallest bond of a new candidate. Governance may change it at any time.
        type MinimumBond: Get<BalanceOf<Self>>;

        /// For how many sessions after an offence it can be reported and slashed. Bonds stay on hold for as long after
        /// the last session that their owner can have served in. Governance may change it at any time.
        type UnbondingSessions: Get<u32>;

        /// The most validators that a session has, invulnerables included. Invulnerables are never left out, and one
        /// validator is always admitted. Governance may change it at any time.
        type MaximumValidators: Get<u32>;

        /// The smallest fraction of a bond that an offence costs. Governance may change it at any time.
        type MinimumSlash: Get<Perbill>;

        /// A candidate counts as gone if it is an active validator and has made none of the last
        /// `InactiveBlocks * active validators` blocks. Zero switches the check off. Governance may change it
        /// at any time.
        type InactiveBlocks: Get<u32>;

        /// How many invulnerables there can be, at most. Lowering it needs a migration.
        #[pallet::constant]
        type MaxInvulnerables: Get<u32>;

        /// How many candidates there can be, at most. Lowering it needs a migration.
        #[pallet::constant]
        type MaxCandidates: Get<u32>;

        /// Who receives what is slashed.
        type Slash: OnUnbalanced<CreditOf<Self>>;

        /// Weights of the calls and of the work at session changes.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The bond of a candidate, or of a former candidate until `withdraw` releases it.
        #[codec(index = 0)]
        ValidatorBond,
    }

    /// Validators named by governance. They need no bond, and are part of every session if they have session keys.
    #[pallet::storage]
    pub type Invulnerables<T: Config> =
        StorageValue<_, BoundedVec<T::AccountId, T::MaxInvulnerables>, ValueQuery>;

    /// Accounts with a bond that want to be validators: largest bond first, among equal bonds the one that
    /// has had it longest.
    #[pallet::storage]
    pub type Candidates<T: Config> =
        StorageValue<_, BoundedVec<CandidateOf<T>, T::MaxCandidates>, ValueQuery>;

    /// Bonds of former candidates that are still on hold, and the session from which on each can be
    /// withdrawn.
    #[pallet::storage]
    pub type Unbonding<T: Config> =
        StorageMap<_, Twox64Concat, T::AccountId, UnbondingBond<BalanceOf<T>>, OptionQuery>;

    /// For each validator of the running session the number of the last block it made; until it has made one,
    /// of the block in which it became active.
    #[pallet::storage]
    pub type LastAuthored<T: Config> =
        StorageMap<_, Twox64Concat, T::AccountId, BlockNumberFor<T>, OptionQuery>;

    /// The validators of the running and of the planned session, with the bond that each had when the session
    /// was planned: an offence in that session costs a part of it. Zero for invulnerables.
    #[pallet::storage]
    pub type Exposures<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        SessionIndex,
        Twox64Concat,
        T::AccountId,
        BalanceOf<T>,
        OptionQuery,
    >;

    /// Validators reported for an offence, as long as they serve in the running or in the planned session.
    #[pallet::storage]
    pub type Offenders<T: Config> = StorageValue<_, BoundedVec<OffenderOf<T>, MaxOffenders<T>>, ValueQuery>;

    /// What the offences of a validator in a session have cost it so far: a further report about the same
    /// session costs only what it demands beyond that. An entry of zero marks an offender without a bond.
    #[pallet::storage]
    pub type Slashes<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        SessionIndex,
        Twox64Concat,
        T::AccountId,
        BalanceOf<T>,
        OptionQuery,
    >;

    /// The oldest session about which anything is still stored. Offences of older ones are not accepted.
    #[pallet::storage]
    pub type FirstReportable<T: Config> = StorageValue<_, SessionIndex, ValueQuery>;

    /// The length of a session in slots where genesis does not set it: one hour of slots of six seconds.
    #[pallet::type_value]
    pub fn DefaultSessionSlots() -> u32 {
        600
    }

    /// The length of a session in slots. Genesis sets it, and it never changes.
    #[pallet::storage]
    pub type SessionSlots<T: Config> = StorageValue<_, u32, ValueQuery, DefaultSessionSlots>;

    /// Validators and length of a session at the start of the chain.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Validators that need no bond.
        pub invulnerables: Vec<T::AccountId>,
        /// Candidates and their bonds, which are put on hold in their accounts and need not reach `MinimumBond`.
        pub candidates: Vec<(T::AccountId, BalanceOf<T>)>,
        /// Length of a session in slots, for ever.
        pub session_slots: u32,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                invulnerables: Vec::new(),
                candidates: Vec::new(),
                session_slots: DefaultSessionSlots::get(),
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Pallet::<T>::build_genesis(self);
        }
    }

    /// What happened to validators and their bonds.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Governance named the invulnerables; they validate from the session after the planned one on.
        InvulnerablesSet {
            /// All invulnerables.
            invulnerables: Vec<T::AccountId>,
        },
        /// An invulnerable was reported for an offence and is no longer one.
        InvulnerableRemoved {
            /// The former invulnerable.
            who: T::AccountId,
        },
        /// An account became a candidate.
        Bonded {
            /// The candidate.
            who: T::AccountId,
            /// Its bond, now on hold.
            bond: BalanceOf<T>,
        },
        /// A candidate added to its bond.
        BondIncreased {
            /// The candidate.
            who: T::AccountId,
            /// Its whole bond.
            bond: BalanceOf<T>,
        },
        /// A former candidate became one again with the bond that was unbonding.
        Rebonded {
            /// The candidate.
            who: T::AccountId,
            /// Its whole bond.
            bond: BalanceOf<T>,
        },
        /// An account is no longer a candidate. Its bond stays on hold and can be slashed.
        CandidateRemoved {
            /// The former candidate.
            who: T::AccountId,
            /// Why it was taken off the list.
            reason: RemovalReason,
            /// Its bond.
            bond: BalanceOf<T>,
            /// The session from which on `withdraw` releases the bond.
            at_session: SessionIndex,
        },
        /// A former candidate has to validate in one more session, because nobody else is left to make
        /// blocks, and its bond stays on hold for longer.
        UnbondingProlonged {
            /// The former candidate.
            who: T::AccountId,
            /// The session from which on `withdraw` releases the bond.
            at_session: SessionIndex,
        },
        /// A bond was released.
        Withdrawn {
            /// Whose bond it was.
            who: T::AccountId,
            /// What was released to its free balance.
            value: BalanceOf<T>,
        },
        /// A validator got back the session keys that it had purged, because nobody else is left to make
        /// blocks. It can purge them when an invulnerable or a candidate with session keys has taken over.
        SessionKeysRestored {
            /// The validator.
            who: T::AccountId,
        },
        /// A bond was slashed for an offence.
        Slashed {
            /// The offender.
            who: T::AccountId,
            /// The session of the offence.
            session: SessionIndex,
            /// The fraction of the bond of that session that its offences cost in all.
            fraction: Perbill,
            /// What this report took from the bond: less than it demands if not so much was left on hold.
            value: BalanceOf<T>,
        },
        /// A validator was reported for an offence. It is disabled, unless the limit on disabled validators
        /// is reached, and it cannot become a candidate.
        OffenderRecorded {
            /// The offender.
            who: T::AccountId,
            /// The last session for which this holds.
            until: SessionIndex,
        },
        /// An account should have been taken off the validators, but stays because no other account that can make
        /// blocks has session keys.
        LastValidatorKept {
            /// The last validator.
            who: T::AccountId,
            /// Why it should have been taken off.
            reason: RemovalReason,
        },
        /// The offence reported is older than `UnbondingSessions`. It changes nothing.
        OffenceTooOld {
            /// The offender.
            who: T::AccountId,
            /// The session of the offence.
            session: SessionIndex,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The account has no session keys. Set those of your node with `session.setKeys` first.
        SessionKeysMissing,
        /// The bond is below `MinimumBond`, or zero. Bond more.
        BondTooLow,
        /// The list is full and the bond is not larger than the lowest one on it. Bond more than that.
        BondNotAboveLowest,
        /// The bond would be larger than any balance can be. Choose a smaller amount.
        BondTooLarge,
        /// The account is already a candidate. Add to its bond with `bond_more`.
        AlreadyCandidate,
        /// The account is an invulnerable validator and needs no bond.
        AlreadyInvulnerable,
        /// The account is not a candidate. Become one with `bond`.
        NotCandidate,
        /// An earlier bond of the account is still on hold. Use `rebond`, or `withdraw` it first once its session has
        /// come.
        StillUnbonding,
        /// The account has no bond that is unbonding. There is nothing to withdraw or to bond again.
        NotUnbonding,
        /// The session from which on the bond can be withdrawn has not begun. `unbonding` says which one that is.
        UnbondingNotOver,
        /// The account was reported for an offence and is still a validator. Try again when it no longer is:
        /// two sessions after the report at the latest.
        BarredByOffence,
        /// The account is the only one left that can make blocks. Leave when another one has bonded and set
        /// its session keys.
        LastValidator,
        /// Zero cannot be added to a bond. Give an amount.
        NothingToAdd,
        /// There must be at least one invulnerable. Name one.
        NoInvulnerables,
        /// These are more accounts than `MaxInvulnerables`. Name fewer.
        TooManyInvulnerables,
        /// An account is named twice. Name each only once.
        DuplicateInvulnerable,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(
                T::MaxInvulnerables::get() > 0,
                "MaxInvulnerables must not be zero"
            );
            assert!(T::MaxCandidates::get() > 0, "MaxCandidates must not be zero");
            assert!(
                T::MaxInvulnerables::get()
                    .checked_add(T::MaxCandidates::get())
                    .and_then(|validators| validators.checked_mul(2))
                    .is_some(),
                "twice MaxInvulnerables + MaxCandidates must be a u32"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Become a candidate: put `value` of your free balance on hold as a bond.
        ///
        /// Set the session keys of your node with `session.setKeys` first. You validate from the session after the
        /// planned one on, as long as you are among the first `MaximumValidators`. If the list is full, the bond must
        /// be larger than the lowest one on it, whose owner then leaves the list.
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::bond())]
        pub fn bond(origin: OriginFor<T>, #[pallet::compact] value: BalanceOf<T>) -> DispatchResult {
            Self::do_bond(&ensure_signed(origin)?, value)
        }

        /// Add `additional` of your free balance to your bond as a candidate.
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::bond_more())]
        pub fn bond_more(
            origin: OriginFor<T>,
            #[pallet::compact] additional: BalanceOf<T>,
        ) -> DispatchResult {
            Self::do_bond_more(&ensure_signed(origin)?, additional)
        }

        /// Stop being a candidate.
        ///
        /// Keep your node running in the running and in the planned session: you still validate there if you
        /// were chosen. Your bond stays on hold, and can be slashed, for `UnbondingSessions` after them.
        #[pallet::call_index(2)]
        #[pallet::weight(<T as Config>::WeightInfo::leave())]
        pub fn leave(origin: OriginFor<T>) -> DispatchResult {
            Self::do_leave(&ensure_signed(origin)?)
        }

        /// Release the bond of `who` once its session has come. Anybody may call this for anybody.
        #[pallet::call_index(3)]
        #[pallet::weight(<T as Config>::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_withdraw(&who)
        }

        /// Name all invulnerables, in place of the present ones. For governance.
        ///
        /// Each of them needs session keys. A candidate among them leaves the list, and its bond unbonds.
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::set_invulnerables(invulnerables.len() as u32))]
        pub fn set_invulnerables(origin: OriginFor<T>, invulnerables: Vec<T::AccountId>) -> DispatchResult {
            T::ManagerOrigin::ensure_origin(origin)?;
            Self::do_set_invulnerables(invulnerables)
        }

        /// Become a candidate again with your unbonding bond and `additional` of your free balance, which may
        /// be zero. The conditions of `bond` hold for the sum.
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::rebond())]
        pub fn rebond(origin: OriginFor<T>, #[pallet::compact] additional: BalanceOf<T>) -> DispatchResult {
            Self::do_rebond(&ensure_signed(origin)?, additional)
        }
    }

    impl<T: Config> Pallet<T> {
        /// The length of a session in slots.
        pub fn session_slots() -> u32 {
            SessionSlots::<T>::get()
        }
    }
}

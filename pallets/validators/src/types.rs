//! What the pallet stores and reports, as types.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::traits::{Get, fungible};
use scale_info::TypeInfo;
use sp_runtime::Perbill;
use sp_staking::SessionIndex;

/// The currency in which bonds are held.
pub type CurrencyOf<T> = <T as Config>::Currency;
/// An amount of the chain's native token, in its smallest unit.
pub type BalanceOf<T> =
    <<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// Slashed funds on their way to whoever receives them.
pub type CreditOf<T> = fungible::Credit<<T as frame_system::Config>::AccountId, CurrencyOf<T>>;
/// A bonded candidate of this runtime.
pub type CandidateOf<T> = Candidate<<T as frame_system::Config>::AccountId, BalanceOf<T>>;
/// An offender of this runtime.
pub type OffenderOf<T> = Offender<<T as frame_system::Config>::AccountId>;

/// An account that has put up a bond in order to make blocks.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Candidate<AccountId, Balance> {
    /// The account, whose session keys sign the blocks.
    pub who: AccountId,
    /// What is on hold in the account, and can be slashed.
    pub bond: Balance,
}

/// The bond of an account that is no longer a candidate. It stays on hold, and can be slashed, until
/// `at_session`.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct UnbondingBond<Balance> {
    /// What is on hold in the account.
    pub value: Balance,
    /// The session from which on `withdraw` releases it.
    pub at_session: SessionIndex,
}

/// A validator who was reported for an offence while it served, or was planned to serve.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Offender<AccountId> {
    /// The validator.
    pub who: AccountId,
    /// The last session in which it is disabled and cannot become a candidate again.
    pub until: SessionIndex,
    /// The largest fraction of its bond that was slashed for an offence: how severe the worst one was.
    pub fraction: Perbill,
}

/// Why an account is no longer a candidate.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum RemovalReason {
    /// It called `leave`.
    Left,
    /// The list was full, and a candidate with a larger bond took the place of the lowest one.
    Displaced,
    /// It was a validator and made no block for longer than `InactiveBlocks` allows.
    Inactive,
    /// It was reported for an offence.
    Offence,
    /// Governance made it an invulnerable validator, which needs no bond.
    BecameInvulnerable,
}

/// The most validators a session can have: every invulnerable and every candidate.
pub struct MaxValidators<T>(PhantomData<T>);

impl<T: Config> Get<u32> for MaxValidators<T> {
    fn get() -> u32 {
        T::MaxInvulnerables::get().saturating_add(T::MaxCandidates::get())
    }
}

/// The most offenders that can be known at once: all validators of the running and of the planned session.
pub struct MaxOffenders<T>(PhantomData<T>);

impl<T: Config> Get<u32> for MaxOffenders<T> {
    fn get() -> u32 {
        MaxValidators::<T>::get().saturating_mul(2)
    }
}

//! Who makes and finalises blocks, and what happens to those who cheat.

use crate::{
    AccountId, Babe, Balance, Balances, Historical, Offences, Runtime, RuntimeEvent, RuntimeHoldReason,
    SessionKeys, Validators,
    configs::{RootOrTwoThirdsOfCouncil, governance::ToTreasury, parameters::dynamic_params},
    constants::{currency, time},
};
use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU64, Get, KeyOwnerProofSystem},
};
use sp_consensus_babe::AuthorityId as BabeId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::crypto::KeyTypeId;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

/// Validators that governance names, at most.
pub const MAX_INVULNERABLES: u32 = 16;
/// Bonded candidates, at most.
pub const MAX_CANDIDATES: u32 = 100;
/// Validators of a session, at most.
pub const MAX_AUTHORITIES: u32 = MAX_INVULNERABLES + MAX_CANDIDATES;
/// Sessions for which a GRANDPA vote can still be matched with who was a validator then.
const GRANDPA_SET_ID_SESSIONS: u64 = 1_024;

/// A session in slots. Genesis sets it, and it never changes: one hour on a public network, one minute
/// on the development chains.
pub struct EpochDuration;
impl Get<u64> for EpochDuration {
    fn get() -> u64 {
        Validators::session_slots().into()
    }
}

/// For how many blocks an equivocation can be reported: as long as the bond could be slashed.
pub struct ReportLongevity;
impl Get<u64> for ReportLongevity {
    fn get() -> u64 {
        u64::from(dynamic_params::validators::UnbondingSessions::get()).saturating_mul(EpochDuration::get())
    }
}

impl pallet_babe::Config for Runtime {
    type EpochDuration = EpochDuration;
    type ExpectedBlockTime = ConstU64<{ time::SLOT_MILLISECONDS }>;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type DisabledValidators = crate::Session;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type KeyOwnerProof = <Historical as KeyOwnerProofSystem<(KeyTypeId, BabeId)>>::Proof;
    type EquivocationReportSystem =
        pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<GRANDPA_SET_ID_SESSIONS>;
    type KeyOwnerProof = <Historical as KeyOwnerProofSystem<(KeyTypeId, GrandpaId)>>::Proof;
    type EquivocationReportSystem =
        pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
    type EventHandler = Validators;
}

parameter_types! {
    /// On hold in the account of whoever stores session keys: one entry for the keys, one for the owner
    /// of each of the two.
    pub const SessionKeyDeposit: Balance = currency::deposit(3, 5 * 32);
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = Babe;
    type NextSessionRotation = Babe;
    type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Validators>;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    // Up to half of the validators (rounded down, one less if even) can be disabled at once: with the
    // SDK's default of a third, a network of three could not disable any.
    type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy<2>;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type KeyDeposit = SessionKeyDeposit;
}

impl pallet_session::historical::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = Balance;
    type FullIdentificationOf = pallet_validators::FullIdentificationOf<Runtime>;
}

impl pallet_offences::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
    type OnOffenceHandler = Validators;
}

impl pallet_validators::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ManagerOrigin = RootOrTwoThirdsOfCouncil;
    type MinimumBond = dynamic_params::validators::MinimumBond;
    type UnbondingSessions = dynamic_params::validators::UnbondingSessions;
    type MaximumValidators = dynamic_params::validators::MaximumValidators;
    type MinimumSlash = dynamic_params::validators::MinimumSlash;
    type InactiveBlocks = dynamic_params::validators::InactiveBlocks;
    type MaxInvulnerables = ConstU32<MAX_INVULNERABLES>;
    type MaxCandidates = ConstU32<MAX_CANDIDATES>;
    type Slash = ToTreasury;
    type WeightInfo = pallet_validators::weights::SubstrateWeight<Runtime>;
}

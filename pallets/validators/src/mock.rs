//! A runtime for the tests: sessions of ten blocks, accounts and balances of 64 bits.

use crate::{self as pallet_validators, *};
use codec::Encode;
use frame_support::{
    ConsensusEngineId, derive_impl, parameter_types,
    traits::{
        ConstU32, ConstU64, FindAuthor, Imbalance, OnFinalize, OnInitialize, OnUnbalanced, VariantCountOf,
    },
};
use frame_system::EnsureRoot;
use pallet_session::{PeriodicSessions, disabling::UpToLimitDisablingStrategy, historical};
use sp_runtime::{
    BuildStorage, Perbill, RuntimeAppPublic, impl_opaque_keys, testing::UintAuthorityId, traits::ConvertInto,
};
use sp_staking::SessionIndex;

pub type AccountId = u64;
pub type Balance = u64;
type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(2)]
    pub type Authorship = pallet_authorship::Pallet<Test>;
    #[runtime::pallet_index(3)]
    pub type Validators = pallet_validators::Pallet<Test>;
    #[runtime::pallet_index(4)]
    pub type Session = pallet_session::Pallet<Test>;
    #[runtime::pallet_index(5)]
    pub type Historical = pallet_session::historical::Pallet<Test>;
}

/// Blocks of a session.
pub const SESSION_BLOCKS: u64 = 10;
/// What every account of the tests has at the start, its bond included.
pub const ENDOWMENT: Balance = 10_000;
/// Accounts that exist and have session keys.
pub const ACCOUNTS: core::ops::RangeInclusive<AccountId> = 1..=12;
/// An account that exists and has no session keys.
pub const KEYLESS: AccountId = 13;

parameter_types! {
    pub static MinimumBond: Balance = 100;
    pub static UnbondingSessions: u32 = 3;
    pub static MaximumValidators: u32 = 7;
    pub static MinimumSlash: Perbill = Perbill::from_percent(10);
    pub static InactiveBlocks: u32 = 20;
    /// Who makes the blocks; nobody known if `None`.
    pub static Author: Option<AccountId> = None;
    /// Everything slashed so far.
    pub static TotalSlashed: Balance = 0;
}

/// Counts what it receives, and burns it.
pub struct CountAndBurn;
impl OnUnbalanced<CreditOf<Test>> for CountAndBurn {
    fn on_nonzero_unbalanced(credit: CreditOf<Test>) {
        TotalSlashed::mutate(|total| *total += credit.peek());
    }
}

/// Finds whom the test has made the author.
pub struct AuthorOfTest;
impl FindAuthor<AccountId> for AuthorOfTest {
    fn find_author<'a, I>(_digests: I) -> Option<AccountId>
    where
        I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
    {
        Author::get()
    }
}

impl_opaque_keys! {
    pub struct TestKeys {
        pub dummy: UintAuthorityId,
    }
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU64<1>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

impl pallet_authorship::Config for Test {
    type FindAuthor = AuthorOfTest;
    type EventHandler = Validators;
}

impl pallet_session::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = PeriodicSessions<ConstU64<SESSION_BLOCKS>, ConstU64<SESSION_BLOCKS>>;
    type NextSessionRotation = PeriodicSessions<ConstU64<SESSION_BLOCKS>, ConstU64<SESSION_BLOCKS>>;
    type SessionManager = historical::NoteHistoricalRoot<Test, Validators>;
    type SessionHandler = pallet_session::TestSessionHandler;
    type Keys = TestKeys;
    type DisablingStrategy = UpToLimitDisablingStrategy<2>;
    type WeightInfo = ();
    type Currency = Balances;
    type KeyDeposit = ConstU64<0>;
}

impl historical::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = Balance;
    type FullIdentificationOf = FullIdentificationOf<Test>;
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type MinimumBond = MinimumBond;
    type UnbondingSessions = UnbondingSessions;
    type MaximumValidators = MaximumValidators;
    type MinimumSlash = MinimumSlash;
    type InactiveBlocks = InactiveBlocks;
    type MaxInvulnerables = ConstU32<3>;
    type MaxCandidates = ConstU32<4>;
    type Slash = CountAndBurn;
    type WeightInfo = ();
}

/// Builds the state in which a test starts.
pub struct ExternalityBuilder {
    invulnerables: Vec<AccountId>,
    candidates: Vec<(AccountId, Balance)>,
    session_slots: u32,
}

impl Default for ExternalityBuilder {
    /// Invulnerables 1 and 2, no candidates.
    fn default() -> Self {
        Self {
            invulnerables: vec![1, 2],
            candidates: Vec::new(),
            session_slots: 600,
        }
    }
}

impl ExternalityBuilder {
    pub fn invulnerables(mut self, invulnerables: &[AccountId]) -> Self {
        self.invulnerables = invulnerables.to_vec();
        self
    }

    pub fn candidates(mut self, candidates: &[(AccountId, Balance)]) -> Self {
        self.candidates = candidates.to_vec();
        self
    }

    pub fn session_slots(mut self, session_slots: u32) -> Self {
        self.session_slots = session_slots;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let storage = RuntimeGenesisConfig {
            balances: BalancesConfig {
                balances: ACCOUNTS.chain([KEYLESS]).map(|who| (who, ENDOWMENT)).collect(),
                ..Default::default()
            },
            validators: ValidatorsConfig {
                invulnerables: self.invulnerables,
                candidates: self.candidates,
                session_slots: self.session_slots,
            },
            session: SessionConfig {
                keys: ACCOUNTS.map(|who| (who, who, keys(who))).collect(),
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .unwrap();
        let mut externalities = sp_io::TestExternalities::new(storage);
        externalities.execute_with(|| {
            System::set_block_number(1);
            // What the tests can change lives longer than the state of one test.
            MinimumBond::set(100);
            UnbondingSessions::set(3);
            MaximumValidators::set(7);
            MinimumSlash::set(Perbill::from_percent(10));
            InactiveBlocks::set(20);
            Author::set(None);
            TotalSlashed::set(0);
        });
        externalities
    }

    /// Runs a test, and checks afterwards what must hold at any time.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            assert_eq!(Validators::do_try_state(), Ok(()));
        });
    }
}

/// The session keys of `who`.
pub fn keys(who: AccountId) -> TestKeys {
    TestKeys {
        dummy: UintAuthorityId(who),
    }
}

/// Makes one block, by `author` if it is known.
pub fn make_block(author: Option<AccountId>) {
    Author::set(author);
    AllPalletsWithSystem::on_finalize(System::block_number());
    System::set_block_number(System::block_number() + 1);
    AllPalletsWithSystem::on_initialize(System::block_number());
}

/// Makes blocks, by the active validators in turn, until session `index` has begun.
pub fn run_to_session(index: SessionIndex) {
    run_to_session_without(index, &[]);
}

/// Makes blocks, by the active validators except `absent` in turn, until session `index` has begun.
pub fn run_to_session_without(index: SessionIndex, absent: &[AccountId]) {
    while Session::current_index() < index {
        let present: Vec<_> = Session::validators()
            .into_iter()
            .filter(|who| !absent.contains(who))
            .collect();
        let turn = System::block_number() as usize % present.len().max(1);
        make_block(present.get(turn).copied());
    }
}

/// Takes the session keys of `who` from it.
pub fn purge_keys(who: AccountId) {
    Session::purge_keys(RuntimeOrigin::signed(who)).unwrap();
}

/// The bond of `who` that is on hold.
pub fn held(who: AccountId) -> Balance {
    use frame_support::traits::fungible::InspectHold;
    Balances::balance_on_hold(&HoldReason::ValidatorBond.into(), &who)
}

/// The candidates with their bonds, in order.
pub fn candidates() -> Vec<(AccountId, Balance)> {
    Candidates::<Test>::get()
        .into_iter()
        .map(|candidate| (candidate.who, candidate.bond))
        .collect()
}

/// The events of this pallet so far; they are forgotten afterwards.
pub fn take_events() -> Vec<Event<Test>> {
    let events = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    events
}

/// Registers the session keys of `owner` for `who`, by the call that a user would make.
pub fn register_keys(who: AccountId, owner: AccountId) {
    let signature = UintAuthorityId(owner).sign(&who.encode()).unwrap();
    Session::set_keys(RuntimeOrigin::signed(who), keys(owner), signature.encode()).unwrap();
}

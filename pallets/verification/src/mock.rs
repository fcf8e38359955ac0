//! A runtime for the tests: the real registry of devices, one pool that cannot trade, rentals and a clock that the
//! tests set.

use crate::{self as pallet_verification, *};
use core::borrow::Borrow;
use frame_support::{
    derive_impl, parameter_types, storage_alias,
    traits::{
        Authorize, ConstU32, ConstU64, ConstU128, Hooks, Randomness, VariantCountOf, fungible::InspectHold,
    },
};
use frame_system::{
    EnsureRoot,
    offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase},
};
use loopin_challenge::{
    Claim, Profile,
    classes::{CPU_REFERENCE, LIGHT},
    messages::{Assignment, Message, WalkAnswer},
};
use loopin_math::{Joined, Left, Pool, Provided, Trade, U256};
use loopin_primitives::{
    Balance, DeviceEvents, DeviceId, FailReason, FailedRental, Finding, InconclusiveReason, Market, Moment,
    OnFinding, Outcome, Pass, PoolId, PoolTerms, Rented, RoundId, Standing, TradeQuote,
};
use pallet_devices::Verdict;
use sp_core::{H256, Pair, sr25519};
use sp_runtime::{
    AccountId32, BuildStorage, DispatchError, DispatchResult, MultiSignature, Perbill, Weight, generic,
    traits::{BlakeTwo256, Dispatchable},
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};

pub type AccountId = AccountId32;
pub type TxExtension = (frame_system::AuthorizeCall<Test>,);
pub type Extrinsic = generic::UncheckedExtrinsic<AccountId, RuntimeCall, MultiSignature, TxExtension>;
type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

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
    pub type Registry = pallet_devices::Pallet<Test>;
    #[runtime::pallet_index(3)]
    pub type Verification = pallet_verification::Pallet<Test>;
}

/// What every account of the tests has at the start.
pub const ENDOWMENT: Balance = 100_000;
/// The least bond, and that of the verifiers at the start.
pub const BOND: Balance = 1_000;
/// The owner of the devices, and somebody who neither owns devices nor verifies.
pub const OWNER: u8 = 100;
pub const BYSTANDER: u8 = 101;
/// The pool that exists.
pub const POOL: PoolId = 0;
/// The deposit for a device.
pub const DEPOSIT: Balance = 500;
/// The moment at which every test starts.
pub const START: Moment = 1_800_000_000;
/// From the beginning of one block to that of the next.
pub const BLOCK_SECONDS: u64 = 6;
/// The times of a round.
pub const LEAD: u64 = 6;
pub const SLOT: u64 = 10;
pub const GRACE: u64 = 4;
/// For how long bonds unbond, and suspensions last.
pub const UNBONDING: u64 = 10_000;
pub const SUSPENSION: u64 = 500;
/// How many verifiers can be active.
pub const MAX_VERIFIERS: u32 = 8;
/// What bringing a pool up to date costs whoever is told of a verdict, and what it can cost at most.
pub const SYNC_WEIGHT: Weight = Weight::from_parts(11, 13);
pub const MOST_SYNC_WEIGHT: Weight = Weight::from_parts(110, 130);
/// The hash of the first block.
pub const GENESIS: H256 = H256::repeat_byte(0x11);

/// What others were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Suspended(DeviceId),
    Passed(DeviceId),
    Ejected(DeviceId),
    Finding(DeviceId, Finding, bool),
    Duty(AccountId),
}

parameter_types! {
    pub static Now: Moment = START;
    /// Randomness of the block before.
    pub static Random: Option<H256> = Some(H256::zero());
    /// Devices that are rented.
    pub static RentedNow: Vec<DeviceId> = Vec::new();
    /// Everything told so far.
    pub static Messages: Vec<Told> = Vec::new();
    /// Whether whoever is told of standings fails.
    pub static ListenersFail: bool = false;
    pub static MinimumBond: Balance = BOND;
    pub static CommitteeSize: u32 = 3;
    pub static MinimumRoundBlocks: u32 = 10;
    pub static MaximumRoundBlocks: u32 = 20;
    pub static StrikeLimit: u32 = 4;
    pub static DisputeRounds: u32 = 3;
    pub const EventsWeight: Weight = Weight::from_parts(7, 7);
    pub const SuspensionSlash: Perbill = Perbill::from_percent(10);
    pub const ReporterShare: Perbill = Perbill::from_percent(50);
}

/// What bringing pools up to date has cost in this call.
#[storage_alias]
type SyncWeight = StorageValue<Mock, Weight, frame_support::pallet_prelude::ValueQuery>;

/// What bringing pools up to date has cost since this was last asked.
pub fn take_sync_weight() -> Weight {
    SyncWeight::take()
}

/// Whether a call has left the weight of its work on pools behind.
pub fn is_sync_weight_left() -> bool {
    SyncWeight::exists()
}

/// Keeps what it is told.
pub struct Listener;

impl Listener {
    fn tell(message: Told) -> DispatchResult {
        frame_support::ensure!(!ListenersFail::get(), "the listener fails");
        Messages::mutate(|messages| messages.push(message));
        SyncWeight::mutate(|weight| *weight += SYNC_WEIGHT);
        Ok(())
    }
}

impl DeviceEvents for Listener {
    fn suspended(device: DeviceId) -> DispatchResult {
        Self::tell(Told::Suspended(device))
    }
    fn passed(device: DeviceId) -> DispatchResult {
        Self::tell(Told::Passed(device))
    }
    fn ejected(device: DeviceId) -> DispatchResult {
        Self::tell(Told::Ejected(device))
    }
}

impl OnFinding<AccountId> for Listener {
    fn on_finding(device: DeviceId, finding: Finding, full: bool) {
        Messages::mutate(|messages| messages.push(Told::Finding(device, finding, full)));
    }
    fn on_duty_done(verifier: &AccountId) {
        Messages::mutate(|messages| messages.push(Told::Duty(verifier.clone())));
    }
}

/// Rentals that the tests make.
pub struct Rentals;

impl Rented<AccountId> for Rentals {
    fn rented_until(device: DeviceId) -> Option<Moment> {
        RentedNow::get().contains(&device).then(|| Now::get() + 3_600)
    }
    fn fail(_: DeviceId) -> Result<Option<FailedRental<AccountId>>, DispatchError> {
        unreachable!("verification ends no rentals")
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn create_rental(device: DeviceId) -> DispatchResult {
        RentedNow::mutate(|devices| devices.push(device));
        Ok(())
    }
}

/// Randomness that the tests set.
pub struct Dice;

impl Randomness<Option<H256>, u64> for Dice {
    fn random(_: &[u8]) -> (Option<H256>, u64) {
        (Random::get(), 0)
    }
}

impl Randomness<H256, u64> for Dice {
    fn random(_: &[u8]) -> (H256, u64) {
        (H256::repeat_byte(0xfa), 0)
    }
}

/// Pools that exist and do nothing else.
pub struct Pools;

impl Market<AccountId> for Pools {
    fn now() -> Moment {
        Now::get()
    }
    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError> {
        frame_support::ensure!(pool == POOL, "no such pool");
        Ok(PoolTerms {
            provide_seconds: 7 * 86_400,
            sell_unit_seconds: 86_400,
            sell_max_seconds: 7 * 86_400,
            rental_min_seconds: 3_600,
            rental_max_seconds: 7 * 86_400,
            challenge: CPU_REFERENCE.profile,
            benchmark_gops: 1,
            privacy_limit: 25,
        })
    }
    fn most_sync_weight() -> Weight {
        MOST_SYNC_WEIGHT
    }
    fn take_sync_weight() -> Weight {
        take_sync_weight()
    }
    fn synced(_: PoolId) -> Result<Pool, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn issue_hours(_: PoolId, _: &AccountId, _: u128) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn retire_hours(_: PoolId, _: &AccountId, _: u128) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn join(_: PoolId, _: &AccountId, _: Moment, _: Balance) -> Result<Joined, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn stream_index(_: PoolId, _: Moment) -> Result<U256, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn forget_ending(_: PoolId, _: Moment) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn leave(_: PoolId, _: &Provided, _: Balance, _: u128, _: Option<Moment>) -> Result<Left, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn sell(
        _: PoolId,
        _: &AccountId,
        _: Option<Moment>,
        _: Moment,
        _: Balance,
    ) -> Result<Trade, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn remove_sold(_: PoolId, _: Moment, _: Option<Moment>) -> Result<u128, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn rent(_: PoolId, _: &AccountId, _: u32, _: Moment, _: Balance) -> Result<Trade, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn extend_rental(
        _: PoolId,
        _: &AccountId,
        _: u32,
        _: Moment,
        _: Moment,
        _: Balance,
    ) -> Result<Trade, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn give_back(_: PoolId, _: &AccountId, _: u32, _: Moment, _: Balance) -> Result<Trade, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn quote_rent(_: PoolId, _: u128, _: Moment) -> Result<TradeQuote, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn quote_sell(_: PoolId, _: u128, _: Moment) -> Result<TradeQuote, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn quote_give_back(_: PoolId, _: u128, _: Moment) -> Result<TradeQuote, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn return_unserved(_: PoolId, _: &AccountId, _: Moment) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn refund(_: PoolId, _: Balance) -> Result<Balance, DispatchError> {
        unreachable!("verification does not trade")
    }
    fn compensate(_: PoolId, _: Balance) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn deposit_owed(_: PoolId, _: &AccountId, _: Balance) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn pay(_: PoolId, _: &AccountId, _: Balance) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    fn burn_owed(_: PoolId, _: Balance) -> DispatchResult {
        unreachable!("verification does not trade")
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark(_: &AccountId) -> Result<PoolId, DispatchError> {
        Ok(POOL)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment) {
        Now::set(moment);
    }
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<1>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

impl pallet_devices::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type VerdictOrigin = EnsureRoot<AccountId>;
    type Events = (Listener, Verification);
    type EventsWeight = EventsWeight;
    type DepositBase = ConstU128<DEPOSIT>;
    type DepositPerByte = ConstU128<0>;
    type AgentKeyInterval = ConstU64<10_000>;
    type WeightInfo = ();
}

impl CreateTransactionBase<Call<Test>> for Test {
    type Extrinsic = Extrinsic;
    type RuntimeCall = RuntimeCall;
}

impl CreateTransaction<Call<Test>> for Test {
    type Extension = TxExtension;

    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> Extrinsic {
        Extrinsic::new_transaction(call, extension)
    }
}

impl CreateAuthorizedTransaction<Call<Test>> for Test {
    fn create_extension() -> TxExtension {
        (frame_system::AuthorizeCall::new(),)
    }
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = Pools;
    type Devices = Registry;
    type Rented = Rentals;
    type OnFinding = Listener;
    type Randomness = Dice;
    type FallbackRandomness = Dice;
    type Slash = ();
    type MinimumBond = MinimumBond;
    type UnbondingSeconds = ConstU64<UNBONDING>;
    type StrikeLimit = StrikeLimit;
    type ContradictionStrikes = ConstU32<2>;
    type SuspensionSeconds = ConstU64<SUSPENSION>;
    type SuspensionSlash = SuspensionSlash;
    type MinimumRoundBlocks = MinimumRoundBlocks;
    type MaximumRoundBlocks = MaximumRoundBlocks;
    type CommitteeSize = CommitteeSize;
    type LeadSeconds = ConstU64<LEAD>;
    type SlotSeconds = ConstU64<SLOT>;
    type GraceSeconds = ConstU64<GRACE>;
    type DisputeRounds = DisputeRounds;
    type ReporterShare = ReporterShare;
    type MaxVerifiers = ConstU32<MAX_VERIFIERS>;
    type MaxCommittee = ConstU32<5>;
    type WeightInfo = ();
}

/// Builds the state in which a test starts: so many verifiers, and no device.
pub struct ExternalityBuilder {
    verifiers: u8,
}

impl Default for ExternalityBuilder {
    fn default() -> Self {
        Self { verifiers: 5 }
    }
}

impl ExternalityBuilder {
    /// So many verifiers in place of five.
    pub fn verifiers(mut self, verifiers: u8) -> Self {
        self.verifiers = verifiers;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        // What the tests can change lives longer than the state of one test.
        Now::set(START);
        Random::set(Some(H256::zero()));
        RentedNow::set(Vec::new());
        Messages::set(Vec::new());
        ListenersFail::set(false);
        MinimumBond::set(BOND);
        CommitteeSize::set(3);
        MinimumRoundBlocks::set(10);
        MaximumRoundBlocks::set(20);
        StrikeLimit::set(4);
        DisputeRounds::set(3);
        let storage = RuntimeGenesisConfig {
            balances: BalancesConfig {
                balances: (0..20)
                    .chain([OWNER, BYSTANDER])
                    .map(|seed| (account(seed), ENDOWMENT))
                    .collect(),
                ..Default::default()
            },
            verification: VerificationConfig {
                private_network: true,
                verifiers: (0..self.verifiers)
                    .map(|seed| (account(seed), BOND, pair(seed).public()))
                    .collect(),
            },
            ..Default::default()
        }
        .build_storage()
        .unwrap();
        let mut externalities = sp_io::TestExternalities::new(storage);
        externalities.register_extension(sp_keystore::KeystoreExt::new(
            sp_keystore::testing::MemoryKeystore::new(),
        ));
        externalities.execute_with(|| {
            System::set_block_number(1);
            frame_system::BlockHash::<Test>::insert(0, GENESIS);
        });
        externalities
    }

    /// Runs a test, and checks afterwards what must hold at any time.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            audit();
        });
    }
}

/// Checks what must hold at any time.
pub fn audit() {
    assert_eq!(Verification::do_try_state(), Ok(()));
    assert_eq!(Registry::do_try_state(), Ok(()));
    assert!(!is_sync_weight_left());
}

/// The account of that number.
pub fn account(seed: u8) -> AccountId {
    AccountId::new([seed; 32])
}

/// The number of an account.
pub fn seed_of(who: &AccountId) -> u8 {
    let bytes: &[u8] = who.as_ref();
    bytes[0]
}

/// The key pair of the node of that account, or of an agent.
pub fn pair(seed: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[seed.wrapping_add(1); 32])
}

/// The number of the key pair of the agent of every device.
pub const AGENT: u8 = 200;

/// Signs for somebody.
pub fn origin(seed: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(seed))
}

/// Registers a device.
pub fn register() -> DeviceId {
    let device = pallet_devices::NextDeviceId::<Test>::get();
    Registry::register_device(
        origin(OWNER),
        POOL,
        pair(AGENT).public(),
        endpoint(),
        H256::from_low_u64_be(u64::from(device) + 1),
    )
    .unwrap();
    device
}

pub fn endpoint() -> pallet_devices::Endpoint {
    b"http://10.0.0.7:8000".to_vec().try_into().unwrap()
}

/// Registers a device, and lets it be verified by hand.
pub fn register_verified() -> DeviceId {
    let device = register();
    record(device, &[Verdict::Passed]);
    device
}

/// Records verdicts by hand.
pub fn record(device: DeviceId, verdicts: &[Verdict]) {
    for verdict in verdicts {
        Registry::record_verdict(RuntimeOrigin::root(), device, *verdict).unwrap();
    }
    Messages::set(Vec::new());
}

/// How a device stands.
pub fn standing(device: DeviceId) -> Standing {
    pallet_devices::Devices::<Test>::get(device).unwrap().standing
}

/// A block passes. Whatever a test does afterwards happens in it, at its time.
pub fn next_block() {
    let number = System::block_number() + 1;
    System::set_block_number(number);
    Verification::on_initialize(number);
    Now::mutate(|now| *now += BLOCK_SECONDS);
    Verification::on_idle(number, Weight::MAX);
    Verification::on_finalize(number);
}

/// Blocks pass until a round begins.
pub fn begin_round() -> RoundId {
    let last = CurrentRound::<Test>::get();
    for _ in 0..1_000 {
        next_block();
        if CurrentRound::<Test>::get() > last {
            return last + 1;
        }
    }
    panic!("no round begins");
}

/// The present round.
pub fn round() -> RoundOf<Test> {
    Verification::current_round().unwrap().1
}

/// Makes it the time of that seat's slot.
pub fn enter_slot(seat: u32) {
    Now::set(round().slot_opens_at(seat));
}

/// Makes it the time at which the round is over.
pub fn end_round() {
    Now::set(round().closes_at());
}

/// The numbers of the accounts in the committee for the device in the present round, by seats.
pub fn seats(device: DeviceId) -> Vec<u8> {
    let round = round();
    let members = Members::<Test>::get(CurrentRound::<Test>::get()).unwrap();
    committee::committee(&round.seed, device, round.verifiers, round.committee)
        .into_iter()
        .map(|place| seed_of(&members[place as usize]))
        .collect()
}

/// What the device's agent signs for a verifier in the present round.
pub fn agent_signature(device: DeviceId, verifier: u8, profile: Profile, claim: &Claim) -> [u8; 64] {
    let answer = WalkAnswer {
        assignment: Assignment {
            genesis: GENESIS.0,
            round: CurrentRound::<Test>::get(),
            device: device.into(),
            verifier: [verifier; 32],
            profile,
        },
        claim: *claim,
    };
    pair(AGENT).sign(&answer.digest()).0
}

pub fn claim() -> Claim {
    Claim {
        seed: [1; 32],
        state_root: [2; 32],
        walk_seed: [3; 32],
        walk_root: [4; 32],
    }
}

/// The profile of a challenge.
pub fn profile(full: bool) -> Profile {
    if full { CPU_REFERENCE.profile } else { LIGHT }
}

/// What a verifier says of a device in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// It passes, with that work and privacy.
    Pass(u64, u8),
    /// It passes the light challenge.
    LightPass,
    Fail,
    Unknown,
    Silence,
}

/// The attestation that comes of a vote; none of silence.
pub fn attestation(device: DeviceId, verifier: u8, vote: Vote) -> Option<AttestationOf<Test>> {
    let pass = |work_gops, privacy, full| {
        Outcome::Pass(Pass {
            work_gops,
            walk_ms: 50,
            privacy,
            claim: claim(),
            signature: agent_signature(device, verifier, profile(full), &claim()),
        })
    };
    let full = vote != Vote::LightPass;
    let outcome = match vote {
        Vote::Pass(work_gops, privacy) => pass(work_gops, privacy, true),
        Vote::LightPass => pass(1, 0, false),
        Vote::Fail => Outcome::Fail(FailReason::Late),
        Vote::Unknown => Outcome::Inconclusive(InconclusiveReason::Offline),
        Vote::Silence => return None,
    };
    Some(Attestation {
        round: CurrentRound::<Test>::get(),
        device,
        verifier: account(verifier),
        full,
        outcome,
    })
}

/// The call with which a verifier's node attests.
pub fn attest_call(attestation: impl Borrow<AttestationOf<Test>>, signer: u8) -> Call<Test> {
    let attestation = attestation.borrow().clone();
    let signature = pair(signer).sign(&Verification::attestation_digest(&attestation));
    Call::attest {
        attestation,
        signature,
    }
}

/// Puts a call that needs no account into a block.
pub fn submit(call: Call<Test>) -> Result<(), TransactionValidityError> {
    submit_for_weight(call).map(|_| ())
}

/// Puts a call that needs no account into a block, and returns the weight that it has used.
pub fn submit_for_weight(call: Call<Test>) -> Result<Option<Weight>, TransactionValidityError> {
    let call = RuntimeCall::Verification(call);
    call.authorize(TransactionSource::InBlock)
        .expect("the call can be authorised")?;
    let info = call
        .dispatch(frame_system::RawOrigin::Authorized.into())
        .expect("a feeless call that is authorised succeeds");
    Ok(info.actual_weight)
}

/// How a feeless call is refused with that error.
pub fn refused(error: Error<Test>) -> Result<(), TransactionValidityError> {
    let number = codec::Encode::encode(&error)[0];
    Err(InvalidTransaction::Custom(number).into())
}

/// The verifier in that seat for the device votes in its slot.
pub fn vote(device: DeviceId, seat: usize, vote: Vote) -> Result<(), TransactionValidityError> {
    enter_slot(seat as u32);
    let verifier = seats(device)[seat];
    match attestation(device, verifier, vote) {
        Some(attestation) => submit(attest_call(attestation, verifier)),
        None => Ok(()),
    }
}

/// The committee votes, by seats, and the round comes to its end.
pub fn votes(device: DeviceId, ballot: &[Vote]) {
    for (seat, ballot) in ballot.iter().enumerate() {
        vote(device, seat, *ballot).unwrap();
    }
    end_round();
}

/// Somebody concludes, without a fee.
pub fn conclude(device: DeviceId) -> Result<(), TransactionValidityError> {
    let round = CurrentRound::<Test>::get();
    submit(Call::conclude { round, device })
}

/// A round in which the committee votes so, and the verdict.
pub fn whole_round(device: DeviceId, ballot: &[Vote]) -> Finding {
    begin_round();
    votes(device, ballot);
    conclude(device).unwrap();
    Verification::last_finding(device).unwrap().finding
}

/// The verifier of that number.
pub fn verifier(seed: u8) -> Verifier {
    Verification::verifier(&account(seed)).unwrap()
}

/// The numbers of the active verifiers.
pub fn active() -> Vec<u8> {
    Active::<Test>::get().iter().map(seed_of).collect()
}

/// What `seed` has on hold as a bond.
pub fn held(seed: u8) -> Balance {
    Balances::balance_on_hold(&HoldReason::VerifierBond.into(), &account(seed))
}

/// The free balance of `seed`.
pub fn free(seed: u8) -> Balance {
    Balances::free_balance(account(seed))
}

/// The events of this pallet so far; they are forgotten afterwards.
pub fn take_events() -> Vec<Event<Test>> {
    let events = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    events
}

/// What was told so far; it is forgotten afterwards.
pub fn take_messages() -> Vec<Told> {
    Messages::take()
}

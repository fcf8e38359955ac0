//! What tests do: blocks pass, devices are registered and rented, verifiers vote, and somebody looks.

use super::*;
use core::borrow::Borrow;
use frame_support::traits::{Authorize, Hooks, fungible::InspectHold};
use loopin_challenge::{
    Claim, Profile,
    classes::{CPU_REFERENCE, LIGHT},
    messages::{Message, OpenAnswer, WalkAnswer},
};
use loopin_primitives::{
    Commitment, FailReason, Failure, InconclusiveReason, Pass, PoolTerms, RentalId, RoundId, Standing, Vote,
};
use sp_core::sr25519;
use sp_runtime::{
    traits::Dispatchable,
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};

/// Checks what must hold at any time, here and in the pallets below.
pub fn audit() {
    assert_eq!(Verification::do_try_state(), Ok(()));
    assert_eq!(Pools::do_try_state(), Ok(()));
    assert_eq!(Devices::do_try_state(), Ok(()));
    assert_eq!(Stakes::do_try_state(), Ok(()));
    assert_eq!(Rentals::do_try_state(), Ok(()));
}

/// The account with that number.
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
    Devices::register_device(
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

/// Registers a device, lets it be verified by hand, and gives its time to the pool.
pub fn register_staked() -> DeviceId {
    let device = register_verified();
    provide(device);
    device
}

/// Registers a device, and lets it be verified by hand.
pub fn register_verified() -> DeviceId {
    let device = register();
    record(device, &[PASSED]);
    device
}

/// Creates the pool.
pub fn create_pool() {
    Pools::create_pool(
        origin(CREATOR),
        b"CPU".to_vec().try_into().unwrap(),
        b"CPU".to_vec().try_into().unwrap(),
        10_000 * LOOPIN,
        LOOPIN / 2,
        PoolTerms {
            challenge: CPU_REFERENCE.profile,
            ..terms()
        },
    )
    .unwrap();
}

/// The pool has the time of a verified device for a week from now on.
pub fn provide(device: DeviceId) {
    let certificate = pallet_stakes::NextCertificateId::<Test>::get();
    let position = pallet_stakes::NextPositionId::<Test>::get();
    let seconds = terms().provide_seconds;
    Stakes::burn_for_certificate(origin(OWNER), POOL, seconds.into(), u128::MAX).unwrap();
    Stakes::stake(
        origin(OWNER),
        device,
        certificate,
        seconds,
        pallet_stakes::Intent::Provide,
    )
    .unwrap();
    Stakes::add_liquidity(origin(OWNER), position, u128::MAX).unwrap();
}

/// Whether the device is staked.
pub fn is_staked(device: DeviceId) -> bool {
    pallet_stakes::StakeOf::<Test>::contains_key(device)
}

/// The client rents a device, whose time the pool has, for an hour.
pub fn rent(device: DeviceId) -> RentalId {
    let rental = pallet_rentals::NextRentalId::<Test>::get();
    let access_key =
        b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvZ0cYp7oLZbE8k1nRrD3S4nW1cXq5y0m2b4c6d8e0f me@home";
    Rentals::rent(
        origin(CLIENT),
        POOL,
        vec![device].try_into().unwrap(),
        3_600,
        u128::MAX,
        access_key.to_vec().try_into().unwrap(),
    )
    .unwrap();
    rental
}

/// The client gives the device back.
pub fn give_back(rental: RentalId) {
    Rentals::terminate(origin(CLIENT), rental, 0).unwrap();
}

/// The client of a rental asks for a check of its device.
pub fn report(rental: RentalId, device: DeviceId) {
    Rentals::report_failure(origin(CLIENT), rental, device).unwrap();
}

/// Whatever happens meanwhile finds no pool, as nothing but a mistake in the pallets below could bring about: what
/// an ejection leads to fails.
pub fn without_pool<R>(happen: impl FnOnce() -> R) -> R {
    let pool = pallet_pools::Pools::<Test>::take(POOL);
    let result = happen();
    pallet_pools::Pools::<Test>::set(POOL, pool);
    result
}

/// Records verdicts by hand.
pub fn record(device: DeviceId, verdicts: &[Verdict]) {
    for verdict in verdicts {
        Devices::record_verdict(RuntimeOrigin::root(), device, *verdict).unwrap();
    }
    Messages::set(Vec::new());
}

/// The standing of a device.
pub fn standing(device: DeviceId) -> Standing {
    standing_of(device).unwrap()
}

/// The standing of a device, if it is registered.
pub fn standing_of(device: DeviceId) -> Option<Standing> {
    Devices::device(device).map(|device| device.standing)
}

/// What syncing the pool costs where it looks at that many pages of the agenda, one for each hour that it touches, and marks
/// the price of an hour, which counts as one more.
pub fn sync_weight(pages: u32) -> Weight {
    use pallet_pools::WeightInfo;
    <() as WeightInfo>::sync(pages + 1) - <() as WeightInfo>::sync(0)
}

/// Makes it that moment, in the same block.
pub fn set_now(moment: Moment) {
    Timestamp::set_timestamp(moment * 1_000);
}

/// A block passes. Whatever a test does afterwards happens in it, at its time.
pub fn next_block() {
    let number = System::block_number() + 1;
    System::set_block_number(number);
    Verification::on_initialize(number);
    set_now(now() + BLOCK_SECONDS);
    Verification::on_idle(number, Weight::MAX);
    Verification::on_finalize(number);
}

/// Blocks pass until a round begins in which no verifier has two seats for a device, so that a test can speak of seats as of
/// verifiers. Where that cannot be, it is a round like any other.
pub fn begin_round() -> RoundId {
    let number = begin_any_round();
    let (before, devices) = (round(), pallet_devices::NextDeviceId::<Test>::get());
    for attempt in 0..5_000u64 {
        let is_spread = (0..devices).all(|device| {
            let committee = committee_of(device);
            committee.iter().all(|(_, seats)| *seats == 1)
        });
        if is_spread {
            return number;
        }
        let seed = H256::from_low_u64_be(attempt.wrapping_add(number << 32));
        Rounds::<Test>::mutate_extant(number, |round| round.seed = seed);
    }
    Rounds::<Test>::insert(number, before);
    number
}

/// Blocks pass until a round begins.
pub fn begin_any_round() -> RoundId {
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

/// Makes it the time at which devices compute, unless that has come.
pub fn enter_window() {
    set_now(now().max(round().window.fill_at));
}

/// Makes it the time at which the round is over.
pub fn end_round() {
    set_now(round().closes_at);
}

/// The numbers of the accounts in the committee for the device in the present round, by seats.
pub fn seats(device: DeviceId) -> Vec<u8> {
    let (number, round) = Verification::current_round().unwrap();
    let members = Members::<Test>::get(number).unwrap();
    committee::seats(&round.seed, device, &members, round.seats)
        .into_iter()
        .map(|place| seed_of(&members[place as usize].account))
        .collect()
}

/// The same by members, each with its seats.
pub fn committee_of(device: DeviceId) -> Vec<(u8, u32)> {
    let (number, round) = Verification::current_round().unwrap();
    let members = Members::<Test>::get(number).unwrap();
    Verification::committee(&round, device, &members)
        .into_iter()
        .map(|(member, seats)| (seed_of(&member.account), seats))
        .collect()
}

/// What the device's agent signs after the walk in the present round.
pub fn committed(device: DeviceId, profile: Profile, claim: &Claim) -> [u8; 64] {
    let (number, round) = Verification::current_round().unwrap();
    let answer = WalkAnswer {
        assignment: Verification::assignment(number, &round, device, profile),
        claim: *claim,
    };
    pair(AGENT).sign(&answer.digest()).0
}

/// What the device's agent signs for a verifier after its openings in the present round.
pub fn opened(device: DeviceId, verifier: u8, profile: Profile, claim: &Claim) -> [u8; 64] {
    opened_by(AGENT, device, verifier, profile, claim)
}

/// What somebody else has signed in the agent's place.
pub fn opened_by(signer: u8, device: DeviceId, verifier: u8, profile: Profile, claim: &Claim) -> [u8; 64] {
    let (number, round) = Verification::current_round().unwrap();
    let answer = OpenAnswer {
        assignment: Verification::assignment(number, &round, device, profile),
        verifier: [verifier; 32],
        claim: claim.hash(),
        openings: OPENINGS,
    };
    pair(signer).sign(&answer.digest()).0
}

/// The digest of what devices open.
pub const OPENINGS: [u8; 32] = [5; 32];

pub fn claim() -> Claim {
    Claim {
        seed: [1; 32],
        state_root: [2; 32],
        walk_seed: [3; 32],
        walk_root: [4; 32],
    }
}

pub fn other_claim() -> Claim {
    Claim {
        walk_root: [5; 32],
        ..claim()
    }
}

/// The profile of a challenge.
pub fn profile(kind: ChallengeKind) -> Profile {
    match kind {
        ChallengeKind::Full => CPU_REFERENCE.profile,
        ChallengeKind::Light => LIGHT,
    }
}

/// How a verifier votes on a device in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It passes, with that work and privacy.
    Pass(u64, u8),
    /// It passes the light challenge.
    LightPass,
    /// It passes with that work, and another claim than the others have.
    PassOfOtherClaim(u64),
    Fail,
    /// It fails to open what it has committed to.
    FailToOpen,
    /// It fails the light challenge.
    LightFail,
    Unknown,
    Silence,
}

impl Answer {
    /// Which challenge it is about.
    pub fn kind(self) -> ChallengeKind {
        match self {
            Self::LightPass | Self::LightFail => ChallengeKind::Light,
            Self::Pass(..)
            | Self::PassOfOtherClaim(_)
            | Self::Fail
            | Self::FailToOpen
            | Self::Unknown
            | Self::Silence => ChallengeKind::Full,
        }
    }
}

/// The attestation of that answer; none of silence.
pub fn attestation(device: DeviceId, verifier: u8, answer: Answer) -> Option<AttestationOf<Test>> {
    let kind = answer.kind();
    let pass = |claim: Claim, work_gops, privacy| {
        Vote::Pass(Pass {
            work_gops,
            walk_ms: 50,
            privacy,
            claim: claim.hash(),
            openings: OPENINGS,
            agent_key: pair(AGENT).public().0,
            signature: opened(device, verifier, profile(kind), &claim),
        })
    };
    let vote = match answer {
        Answer::Pass(work_gops, privacy) => pass(claim(), work_gops, privacy),
        Answer::PassOfOtherClaim(work_gops) => pass(other_claim(), work_gops, 25),
        Answer::LightPass => pass(claim(), 1, 0),
        Answer::Fail | Answer::LightFail => Vote::Fail(FailReason::Late.into()),
        Answer::FailToOpen => Vote::Fail(Failure {
            reason: FailReason::WrongOpenings,
            commitment: Some(Commitment {
                claim: claim().hash(),
                agent_key: pair(AGENT).public().0,
                signature: committed(device, profile(kind), &claim()),
            }),
        }),
        Answer::Unknown => Vote::Inconclusive(InconclusiveReason::Offline),
        Answer::Silence => return None,
    };
    Some(Attestation {
        round: CurrentRound::<Test>::get(),
        device,
        verifier: account(verifier),
        kind,
        vote,
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
    // What the call measures itself is not counted here again.
    let (info, unmetered) = Pools::measured(|| call.dispatch(frame_system::RawOrigin::Authorized.into()));
    assert_eq!(unmetered, Weight::zero(), "a pool is synced outside of `metered`");
    Ok(info
        .expect("a feeless call that is authorised succeeds")
        .actual_weight)
}

/// How a feeless call is refused with that error.
pub fn refused(error: Error<Test>) -> Result<(), TransactionValidityError> {
    let number = codec::Encode::encode(&error)[0];
    Err(InvalidTransaction::Custom(number).into())
}

/// The verifier in that seat for the device votes, as soon as the devices compute.
pub fn vote(device: DeviceId, seat: usize, answer: Answer) -> Result<(), TransactionValidityError> {
    enter_window();
    let verifier = seats(device)[seat];
    match attestation(device, verifier, answer) {
        Some(attestation) => submit(attest_call(attestation, verifier)),
        None => Ok(()),
    }
}

/// The committee votes, by seats, and the round comes to its end.
pub fn votes(device: DeviceId, answers: &[Answer]) {
    for (seat, answer) in answers.iter().enumerate() {
        vote(device, seat, *answer).unwrap();
    }
    end_round();
}

/// Somebody concludes, without a fee.
pub fn conclude(device: DeviceId) -> Result<(), TransactionValidityError> {
    let round = CurrentRound::<Test>::get();
    submit(Call::conclude { round, device })
}

/// A round in which the committee votes so, and the verdict.
pub fn whole_round(device: DeviceId, answers: &[Answer]) -> Verdict {
    begin_round();
    votes(device, answers);
    conclude(device).unwrap();
    last_verdict(device).unwrap()
}

/// The last verdict on the device.
pub fn last_verdict(device: DeviceId) -> Option<Verdict> {
    Verification::last_verdict(device).map(|last| last.verdict)
}

/// The verifier with that number.
pub fn verifier(seed: u8) -> Verifier {
    Verification::verifier(&account(seed)).unwrap()
}

/// The numbers of the active verifiers.
pub fn active() -> Vec<u8> {
    Active::<Test>::get()
        .iter()
        .map(|active| seed_of(&active.account))
        .collect()
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

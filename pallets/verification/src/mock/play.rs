//! What tests do: blocks pass, devices are registered, verifiers attest, and somebody looks.

use super::{
    AccountId, BLOCK_SECONDS, Balances, GENESIS, Messages, Now, OWNER, POOL, Registry, RuntimeCall,
    RuntimeOrigin, System, Test, Told, Verification, is_sync_weight_left,
};
use crate::*;
use core::borrow::Borrow;
use frame_support::traits::{Authorize, Hooks, fungible::InspectHold};
use loopin_challenge::{
    Claim, Profile,
    classes::{CPU_REFERENCE, LIGHT},
    messages::{Assignment, Message, WalkAnswer},
};
use loopin_primitives::{
    Balance, DeviceId, FailReason, Finding, InconclusiveReason, Outcome, Pass, RoundId, Standing,
};
use pallet_devices::Verdict;
use sp_core::{H256, Pair, sr25519};
use sp_runtime::{
    Weight,
    traits::Dispatchable,
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};

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
    signature_by(AGENT, device, verifier, profile, claim)
}

/// What somebody else has signed in the agent's place.
pub fn signature_by(signer: u8, device: DeviceId, verifier: u8, profile: Profile, claim: &Claim) -> [u8; 64] {
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
    pair(signer).sign(&answer.digest()).0
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
            agent_key: pair(AGENT).public().0,
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

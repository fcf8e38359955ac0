//! What the pallet stores, is told and reports, as types.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use frame_support::traits::fungible;
use loopin_challenge::{Claim, FraudProof, Hash, messages::Signature};
use loopin_primitives::{
    Balance, ChallengeKind, DeviceChallenge, DeviceId, FailReason, InconclusiveReason, LOOPIN, Moment,
    RoundId, Verdict, Vote, Window,
};
use pallet_pools::CurrencyOf;
use scale_info::TypeInfo;
use sp_core::{H256, sr25519};
use sp_io::hashing::blake2_256;
use sp_runtime::SaturatedConversion;

/// Slashed funds on their way to whoever receives them.
pub type CreditOf<T> = fungible::Credit<<T as frame_system::Config>::AccountId, CurrencyOf<T>>;
/// An attestation of this runtime.
pub type AttestationOf<T> = Attestation<<T as frame_system::Config>::AccountId>;
/// The verifiers that get duties when the next round begins.
pub type ActiveOf<T> =
    BoundedVec<ActiveVerifier<<T as frame_system::Config>::AccountId>, <T as crate::Config>::MaxVerifiers>;
/// The verifiers of a round.
pub type MembersOf<T> =
    BoundedVec<RoundMember<<T as frame_system::Config>::AccountId>, <T as crate::Config>::MaxVerifiers>;
/// A round of this runtime.
pub type RoundOf<T> = Round<frame_system::pallet_prelude::BlockNumberFor<T>>;

/// Somebody who challenges devices, or has done so and still has a bond on hold.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Verifier {
    /// The key with which the verifier's node signs.
    pub key: sr25519::Public,
    /// What is on hold in its account, in planck.
    pub bond: Balance,
    /// What counts against it: at `StrikeLimit` it is suspended. Each duty done takes one off.
    pub strikes: u32,
    /// If it is suspended: when it can resume, in Unix seconds.
    pub suspended_until: Option<Moment>,
    /// If it has left: when its bond can be withdrawn, in Unix seconds.
    pub unbonding_until: Option<Moment>,
    /// Whether others with larger bonds have taken its place. It can resume when its bond is large enough.
    pub is_displaced: bool,
    /// How often it voted, and not against the verdict.
    pub done: u64,
    /// How often it was silent when it should have voted.
    pub missed: u64,
    /// How often it voted against the verdict.
    pub contradicted: u64,
}

impl Verifier {
    /// Whether it gets new duties.
    pub fn is_active(&self) -> bool {
        self.suspended_until.is_none() && self.unbonding_until.is_none() && !self.is_displaced
    }
}

/// A verifier that gets duties when the next round begins.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct ActiveVerifier<AccountId> {
    /// Its account.
    pub account: AccountId,
    /// The key with which its node signs.
    pub key: sr25519::Public,
    /// Its bond, in planck.
    pub bond: Balance,
}

/// A verifier of a round, as it was when the round began. Keys and bonds that change count from the next round on.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct RoundMember<AccountId> {
    /// Its account.
    pub account: AccountId,
    /// The key with which its node signs.
    pub key: sr25519::Public,
    /// The bonds of all members up to and including this one, each in whole LOOPIN, and at least one.
    pub bonds_until: u64,
}

impl<AccountId: Clone> RoundMember<AccountId> {
    /// The members of a round that begins with these verifiers, in their order.
    pub fn all(active: &[ActiveVerifier<AccountId>]) -> impl Iterator<Item = Self> {
        active.iter().scan(0u64, |bonds_until, verifier| {
            let bond: u64 = (verifier.bond / LOOPIN).max(1).saturated_into();
            *bonds_until = bonds_until.saturating_add(bond);
            Some(Self {
                account: verifier.account.clone(),
                key: verifier.key,
                bonds_until: *bonds_until,
            })
        })
    }
}

/// One round of verification.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Round<BlockNumber> {
    /// The block with which it began.
    pub block: BlockNumber,
    /// That block's time, in Unix seconds.
    pub started_at: Moment,
    /// What the committees are drawn from.
    pub seed: H256,
    /// How many verifiers they are drawn from: `members` has them.
    pub verifiers: u32,
    /// How many seats the committee for each device has.
    pub seats: u32,
    /// When all devices are challenged.
    pub window: Window,
    /// From when on nobody can attest any more, in Unix seconds.
    pub closes_at: Moment,
    /// Devices below this number are in the round.
    pub device_bound: DeviceId,
}

/// A verifier's vote on one device in one round, as its node tells it.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Attestation<AccountId> {
    /// The round.
    pub round: RoundId,
    /// The device.
    pub device: DeviceId,
    /// Who attests.
    pub verifier: AccountId,
    /// Which challenge the device was given.
    pub kind: ChallengeKind,
    /// What the verifier says of it.
    pub vote: Vote,
}

impl<AccountId: Encode> Attestation<AccountId> {
    /// What the verifier's node signs, on the chain that begins with the block `genesis`, in a round with that seed: where
    /// another block begins the round, it has another one, and the vote counts for nothing.
    pub fn digest(&self, genesis: &H256, round_seed: &H256) -> [u8; 32] {
        (b"loopin/verification/2/attestation", genesis, round_seed, self).using_encoded(blake2_256)
    }
}

/// What is kept of an attestation.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct CastVote {
    /// Which challenge the device was given.
    pub kind: ChallengeKind,
    /// What the verifier says of it.
    pub vote: CountedVote,
}

/// How a member of the committee for a device has voted.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Ballot<AccountId> {
    /// The member.
    pub member: AccountId,
    /// How many seats it has: so often its vote counts.
    pub seats: u32,
    /// Its vote, if it has voted.
    pub cast: Option<CastVote>,
}

/// What counts of a [`Vote`] once it has been checked: a pass without its proof.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum CountedVote {
    /// The device did what it had to.
    #[codec(index = 0)]
    Pass {
        /// The work it did, in 10⁹ operations per second.
        work_gops: u64,
        /// How long its walk took, in milliseconds.
        walk_ms: u32,
        /// The privacy that its agent states, from 0 to 100.
        privacy: u8,
        /// The hash of what the device is bound to.
        claim: Hash,
    },
    /// It did not.
    #[codec(index = 1)]
    Fail {
        /// Why.
        reason: FailReason,
        /// Whether it had committed to something, as its agent has signed, and failed to open that.
        is_committed: bool,
    },
    /// The verifier could not find out.
    #[codec(index = 2)]
    Inconclusive(InconclusiveReason),
}

impl From<&Vote> for CountedVote {
    fn from(vote: &Vote) -> Self {
        match vote {
            Vote::Pass(pass) => Self::Pass {
                work_gops: pass.work_gops,
                walk_ms: pass.walk_ms,
                privacy: pass.privacy,
                claim: pass.claim,
            },
            Vote::Fail(failure) => Self::Fail {
                reason: failure.reason,
                is_committed: failure.commitment.is_some(),
            },
            Vote::Inconclusive(reason) => Self::Inconclusive(*reason),
        }
    }
}

/// The last verdict on a device.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct VerdictRecord {
    /// The round.
    pub round: RoundId,
    /// The verdict.
    pub verdict: Verdict,
    /// Which challenge it rests on: the full one if votes on the full challenge alone made a majority, or fraud in it
    /// was proven; otherwise the light one.
    pub kind: ChallengeKind,
    /// When it was reached, in Unix seconds.
    pub at: Moment,
}

/// The accusation that a device has committed to something false: what it signed, apart from the proof.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Accusation {
    /// The round of the challenge.
    pub round: RoundId,
    /// The device.
    pub device: DeviceId,
    /// Which challenge the device was given.
    pub kind: ChallengeKind,
    /// What the device committed to.
    pub claim: Claim,
    /// The key of its agent when it was challenged.
    pub agent_key: [u8; 32],
    /// The agent's signature over its answer to the walk.
    pub signature: Signature,
}

impl Accusation {
    /// What the node of `verifier` signs, on the chain that begins with the block `genesis`, to bring the accusation with
    /// that proof.
    pub fn digest(&self, verifier: &impl Encode, proof: &FraudProof, genesis: &H256) -> [u8; 32] {
        let proof_hash = proof.using_encoded(blake2_256);
        (
            b"loopin/verification/1/fraud-report",
            genesis,
            verifier,
            self,
            proof_hash,
        )
            .using_encoded(blake2_256)
    }
}

/// Why something counts against a verifier.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum Misconduct {
    /// It was silent though others had voted.
    #[codec(index = 0)]
    Missed,
    /// It voted against the verdict.
    #[codec(index = 1)]
    Contradicted,
    /// It reported a fraud that was none.
    #[codec(index = 2)]
    FalseReport,
}

/// One of a verifier's duties in a round.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Assigned {
    /// The challenge, with the whole committee.
    pub challenge: DeviceChallenge,
    /// How many of the seats are the verifier's.
    pub seats: u32,
    /// Whether the verifier has attested.
    pub attested: bool,
}

/// A page of a verifier's duties.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct AssignmentPage {
    /// The duties among the devices looked at.
    pub assignments: alloc::vec::Vec<Assigned>,
    /// The device with which the next page begins, if there is one.
    pub next: Option<DeviceId>,
}

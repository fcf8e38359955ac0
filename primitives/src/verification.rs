//! Verification of devices: what verifiers say, what a committee decides, and how a device stands.

use crate::{DeviceId, Moment};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use loopin_challenge::{Hash, Profile, joint::Member, messages::Signature};
use scale_info::TypeInfo;

/// How far apart a machine's time and that of the chain's last block may be, in seconds, before the chain's clock is taken
/// to be a different one: somebody may have made a chain of one machine jump ahead. Verifier and agent must judge alike.
pub const USUAL_LAG_SECONDS: u64 = 60;

/// Number of a verification round, from 1.
pub type RoundId = u64;

/// Which challenge a device is given.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ChallengeKind {
    /// All the work of its pool's profile.
    #[codec(index = 0)]
    Full,
    /// A little of it, which shows that the device answers and computes: for one that its client has reported.
    #[codec(index = 1)]
    Light,
}

/// What one verifier says of one device in one round.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Vote {
    /// The device answered everything in time, and what it opened is right.
    #[codec(index = 0)]
    Pass(Pass),
    /// The device did not do what it had to.
    #[codec(index = 1)]
    Fail(Failure),
    /// The verifier could not find out.
    #[codec(index = 2)]
    Inconclusive(InconclusiveReason),
}

/// How a device failed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Failure {
    /// Why it failed.
    pub reason: FailReason,
    /// What the device had committed to, if it failed to open that. A vote that brings this along does not count against
    /// the verifier: a device may open to some of its verifiers only.
    pub commitment: Option<Commitment>,
}

impl From<FailReason> for Failure {
    fn from(reason: FailReason) -> Self {
        Self {
            reason,
            commitment: None,
        }
    }
}

/// What a device's agent has signed after the walk.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Commitment {
    /// The hash of the claim.
    pub claim: Hash,
    /// The agent's key when it was challenged.
    pub agent_key: [u8; 32],
    /// The agent's signature over its answer to the walk.
    pub signature: Signature,
}

/// What a device has shown.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Pass {
    /// The work it did, in 10⁹ operations per second.
    pub work_gops: u64,
    /// How long its walk took, in milliseconds.
    pub walk_ms: u32,
    /// The privacy that its agent states, from 0 to 100. See [`PoolTerms::privacy_limit`](crate::PoolTerms).
    pub privacy: u8,
    /// The [hash](loopin_challenge::Claim::hash) of what the device is bound to: the same for all its verifiers.
    pub claim: Hash,
    /// The digest of what the device has opened to this verifier.
    pub openings: Hash,
    /// The agent's key when it was challenged. It may have changed before the chain learns of the pass; as the vote says
    /// which one it was, the chain has to check only one signature.
    pub agent_key: [u8; 32],
    /// The agent's signature over the end of the conversation, [`OpenAnswer`](loopin_challenge::messages::OpenAnswer).
    /// Another verifier cannot copy it, as it covers who the verifier is.
    pub signature: Signature,
}

/// Why a device failed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum FailReason {
    /// Nobody answered at its endpoint, however often it was tried.
    #[codec(index = 0)]
    Unreachable,
    /// Its endpoint is not an address that verifiers call: it is not public, or a host name without `https`.
    #[codec(index = 1)]
    ForbiddenEndpoint,
    /// The agent refused to the end, with an HTTP status other than 200.
    #[codec(index = 2)]
    Refused,
    /// An answer came too late, or was not complete.
    #[codec(index = 3)]
    Late,
    /// An answer was not a message of the challenge, too long, or about something else.
    #[codec(index = 4)]
    Malformed,
    /// An answer was not signed with the agent's key.
    #[codec(index = 5)]
    WrongSignature,
    /// The openings do not belong to the roots to which the device had committed.
    #[codec(index = 6)]
    WrongOpenings,
    /// The openings prove that the device committed to something false.
    #[codec(index = 7)]
    Fraud,
}

/// Why a verifier could not find out.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum InconclusiveReason {
    /// The verifier's node was stopped or too busy while the challenge was due.
    #[codec(index = 0)]
    Interrupted,
    /// Nothing at all could be reached from the verifier's node.
    #[codec(index = 1)]
    Offline,
    /// The verifier's clock was too far from that of the network.
    #[codec(index = 2)]
    Clock,
}

/// The challenge of one device in a round, for its agent and for whoever wants to check who challenges it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DeviceChallenge {
    /// The chain's time, that of its last block, in Unix seconds. On a chain of one machine, which can be made to jump
    /// ahead, it may not be the machine's.
    pub now: Moment,
    /// The round.
    pub round: RoundId,
    /// The round's seed.
    pub round_seed: Hash,
    /// The device.
    pub device: DeviceId,
    /// What it is asked to do: the pool's profile, or a light one if the device is rented.
    pub profile: Profile,
    /// Which of the two that is.
    pub kind: ChallengeKind,
    /// The key with which its agent signs.
    pub agent_key: [u8; 32],
    /// Where its agent answers.
    pub endpoint: Vec<u8>,
    /// When it is challenged.
    pub window: Window,
    /// Who challenges it, all together: sorted by account, each with its seats.
    pub committee: Vec<Member>,
}

/// When the devices of a round are challenged, all at the same moments, in Unix seconds.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Window {
    /// From when on verifiers ask the devices to prepare, again and again until `fill_at`.
    pub opens_at: Moment,
    /// When every verifier tells its devices to fill.
    pub fill_at: Moment,
    /// When every verifier tells its devices to walk.
    pub walk_at: Moment,
    /// When it is over, with all openings.
    pub closes_at: Moment,
}

impl Window {
    /// A window of that many seconds: a quarter of it to prepare, a quarter to fill, and the other half to walk and open,
    /// since the openings of all its devices have to go through each verifier's network.
    pub fn new(opens_at: Moment, seconds: u64) -> Self {
        Self {
            opens_at,
            fill_at: opens_at.saturating_add(seconds / 4),
            walk_at: opens_at.saturating_add(seconds / 2),
            closes_at: opens_at.saturating_add(seconds),
        }
    }

    /// Whether a device may take as long for its steps as that profile allows.
    pub fn fits(&self, profile: &Profile) -> bool {
        let milliseconds = |from: Moment, to: Moment| to.saturating_sub(from).saturating_mul(1_000);
        let limits = &profile.limits;
        u64::from(limits.fill_ms) <= milliseconds(self.fill_at, self.walk_at)
            && u64::from(limits.walk_ms).saturating_add(limits.open_ms.into())
                <= milliseconds(self.walk_at, self.closes_at)
    }
}

/// What a committee decides about a device.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Verdict {
    /// More than half of the committee voted that it passed.
    #[codec(index = 0)]
    Passed {
        /// The median of the work that they measured, in 10⁹ operations per second.
        work_gops: u64,
        /// The median of the privacy that its agent stated, from 0 to 100.
        privacy: u8,
    },
    /// More than half of the committee voted that it failed.
    #[codec(index = 1)]
    Failed,
    /// Neither of the two.
    #[codec(index = 2)]
    Inconclusive,
}

/// How a device stands with verification.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Standing {
    /// Registered, but not yet verified: it can do nothing.
    Unverified,
    /// It passed its last verification.
    Verified,
    /// It failed its last verification: it cannot be rented until it passes the next.
    Suspended,
    /// It failed twice in a row, or was proven to have lied: its stake has been ended, and it has to be verified anew.
    Ejected,
}

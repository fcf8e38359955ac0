//! Verification of devices: what verifiers find out, and what others are told of it.

use crate::{Balance, DeviceId, Moment, PoolId, Standing};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use loopin_challenge::{Claim, Profile, messages::Signature};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult, Perbill, Weight};

/// How far apart a machine's time and that of the chain's last block may be, in seconds, before the chain's is taken to be
/// another one: somebody may have made a chain of one machine jump ahead. Verifier and agent must judge alike.
pub const USUAL_LAG_SECONDS: u64 = 60;

/// Number of a verification round, from 1.
pub type RoundId = u64;

/// What one verifier found out about one device in one round.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[expect(clippy::large_enum_variant, reason = "most outcomes are passes")]
pub enum Outcome {
    /// The device answered everything in time, and what it opened is right.
    #[codec(index = 0)]
    Pass(Pass),
    /// The device did not do what it must.
    #[codec(index = 1)]
    Fail(FailReason),
    /// The verifier could not find out.
    #[codec(index = 2)]
    Inconclusive(InconclusiveReason),
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
    /// What the device is bound to.
    pub claim: Claim,
    /// The agent's key when it was challenged. It may have changed before the chain learns of the pass, and whoever
    /// says which one it was has the chain check one signature, and not one for each.
    pub agent_key: [u8; 32],
    /// Its signature of the answer to the walk, which binds it to `claim`. Nobody can copy it, as it covers who the
    /// verifier is.
    pub signature: Signature,
}

/// Why a device failed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum FailReason {
    /// Nobody answered at its endpoint, twice.
    #[codec(index = 0)]
    Unreachable,
    /// Its endpoint is no address that verifiers call: not a public one, or a host name without `https`.
    #[codec(index = 1)]
    ForbiddenEndpoint,
    /// The agent refused, with an HTTP status other than 200.
    #[codec(index = 2)]
    Refused,
    /// An answer came too late, or not to its end.
    #[codec(index = 3)]
    Late,
    /// An answer was no message of the challenge, too long, or about something else.
    #[codec(index = 4)]
    Malformed,
    /// An answer was not signed with the agent's key.
    #[codec(index = 5)]
    WrongSignature,
    /// The openings do not belong to the roots that the device had committed to.
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
    /// The verifier had more devices to challenge at once than it can.
    #[codec(index = 2)]
    TooManyDevices,
}

/// The challenge of one device in a round, for its agent and for whoever wants to check who challenges it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DeviceChallenge {
    /// The chain's time, that of its last block, Unix seconds. On a chain of one machine, which can be made to jump
    /// ahead, it is another one than the machine's.
    pub now: Moment,
    /// The round.
    pub round: RoundId,
    /// The device.
    pub device: DeviceId,
    /// What it is asked to do: the pool's profile, or a light one where the device is rented.
    pub profile: Profile,
    /// Whether that is the pool's profile.
    pub full: bool,
    /// The key with which its agent signs.
    pub agent_key: [u8; 32],
    /// Where its agent answers.
    pub endpoint: Vec<u8>,
    /// Who challenges it, and when.
    pub seats: Vec<Seat>,
}

/// A verifier's place in the committee for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Seat {
    /// The verifier's account.
    pub verifier: [u8; 32],
    /// The key with which the verifier's node signs.
    pub key: [u8; 32],
    /// When the verifier's time slot begins, Unix seconds. In it the verifier challenges all its devices at once.
    pub opens_at: Moment,
    /// When it ends, Unix seconds.
    pub closes_at: Moment,
}

/// The verdict of a committee on a device.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Finding {
    /// More than half of the committee saw it pass.
    #[codec(index = 0)]
    Passed {
        /// The median of the work that they measured, in 10⁹ operations per second.
        work_gops: u64,
        /// The median of the privacy that its agent stated, from 0 to 100.
        privacy: u8,
    },
    /// More than half of the committee saw it fail.
    #[codec(index = 1)]
    Failed,
    /// Neither.
    #[codec(index = 2)]
    Inconclusive,
}

/// Who wants to know what verification found out. The calls must not fail and cost the same for everybody.
pub trait OnFinding<AccountId> {
    /// A committee has come to a verdict. `full` says whether the device had to do all the work of its pool's
    /// profile: a rented device does not.
    fn on_finding(device: DeviceId, finding: Finding, full: bool);

    /// A verifier did its duty on one device: it attested, and not against the verdict.
    fn on_duty_done(verifier: &AccountId);

    /// What [`on_finding`](Self::on_finding) costs at most.
    fn finding_weight() -> Weight {
        Weight::zero()
    }

    /// What [`on_duty_done`](Self::on_duty_done) costs at most.
    fn duty_weight() -> Weight {
        Weight::zero()
    }
}

impl<AccountId> OnFinding<AccountId> for () {
    fn on_finding(_: DeviceId, _: Finding, _: bool) {}
    fn on_duty_done(_: &AccountId) {}
}

/// A device, as those see it who challenge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeTarget {
    /// The pool it was registered for.
    pub pool: PoolId,
    /// How it stands with verification.
    pub standing: Standing,
    /// The key with which its agent signs.
    pub agent_key: [u8; 32],
    /// The key with which its agent signed before.
    pub former_key: Option<FormerKey>,
    /// Where its agent answers.
    pub endpoint: Vec<u8>,
    /// Whether somebody has asked for it to be verified out of turn.
    pub check_requested: bool,
}

/// A key that an agent had.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FormerKey {
    /// The key.
    pub key: [u8; 32],
    /// When another key took its place, Unix seconds.
    pub until: Moment,
}

/// What became of the deposit of a device that was convicted of fraud.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Conviction {
    /// What whoever brought the proof got, planck.
    pub reward: Balance,
    /// What was burned, planck.
    pub burned: Balance,
}

/// The registry of devices, as verification sees it.
pub trait DeviceRegistry<AccountId> {
    /// The number that the next device will have: those of all others are below it.
    fn next_device() -> DeviceId;

    /// The device, if it can be challenged: it is registered, and its deposit is on hold.
    fn target(device: DeviceId) -> Option<ChallengeTarget>;

    /// A committee has come to a verdict. Where this fails, nothing has happened. What bringing the device's pool up
    /// to date has cost is for the caller to take from the [`Market`](crate::Market) and to charge.
    fn apply_finding(device: DeviceId, finding: Finding) -> DispatchResult;

    /// What `apply_finding` costs at most, but for bringing the device's pool up to date.
    fn finding_weight() -> Weight;

    /// The device has been proven to have lied. However it stood, it is ejected, and its deposit is forfeited:
    /// `reward` of it, rounded down, goes to `reporter`, and the rest is burned. Where this fails, nothing has
    /// happened. For the pool the same holds as for `apply_finding`.
    fn convict(device: DeviceId, reporter: &AccountId, reward: Perbill) -> Result<Conviction, DispatchError>;

    /// What `convict` costs at most, but for bringing the device's pool up to date.
    fn conviction_weight() -> Weight;

    /// Gives the device's agent another key, and remembers one that it had until the given moment.
    #[cfg(feature = "runtime-benchmarks")]
    fn set_agent_keys(device: DeviceId, agent_key: [u8; 32], former: FormerKey) -> DispatchResult;
}

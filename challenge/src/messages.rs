//! What verifiers and device say to each other, and what each signs: the conversation that the crate's README.md specifies
//! to the byte.
//!
//! | step | verifier sends, signed | device answers, signed |
//! |---|---|---|
//! | prepare | [`PrepareRequest`] | [`PrepareAnswer`] |
//! | fill | [`FillRequest`] | [`FillAnswer`], with the [`Contribution`]s to its seed |
//! | walk | [`WalkRequest`] | [`WalkAnswer`], with the [`Contribution`]s to its seed |
//! | open | [`OpenRequest`] | the [`Openings`](crate::Openings), then the signature of the [`OpenAnswer`] |
//!
//! Each is sent as a [`Signed`] message, SCALE-encoded. Its signature covers the context of [`Message::CONTEXT`] too, so
//! that no signature stands for anything else.
//!
//! All verifiers of a device challenge it together: one state, one walk and so one [`Claim`] for all of them. What they
//! contribute to its seeds is in [`joint`](crate::joint). Only the openings are each verifier's own.

use crate::{Hash, Seed, profile::Profile};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen, Output};
use scale_info::TypeInfo;
use sha2::{Digest, Sha256};

/// 32 random bytes that a verifier draws for one message.
pub type Nonce = [u8; 32];
/// A signature over a message's digest, by the scheme of the key that signs.
pub type Signature = [u8; 64];
/// The account of a verifier.
pub type VerifierAccount = [u8; 32];

/// The steps of the conversation, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Take the memory.
    Prepare,
    /// Compute the state.
    Fill,
    /// Walk it.
    Walk,
    /// Open what the verifier asks for.
    Open,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Prepare, Self::Fill, Self::Walk, Self::Open];

    /// The last part of the address to which its request is sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Fill => "fill",
            Self::Walk => "walk",
            Self::Open => "open",
        }
    }
}

/// Which device is challenged, when, and with what: the same for all its verifiers. All signatures cover it, so none is
/// valid for another round or device, on another fork, nor after a change of the profile.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Assignment {
    /// Hash of the chain's first block.
    pub genesis: Hash,
    /// Number of the verification round.
    pub round: u64,
    /// The seed of the round, which nobody knew before it began.
    pub round_seed: Hash,
    /// Number of the device on the chain.
    pub device: u64,
    /// What is asked of the device.
    pub profile: Profile,
}

/// What a device is bound to once it signed its answer to the walk.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Claim {
    /// Seed of the operands and keys.
    pub seed: Seed,
    /// Merkle root of the state, `root1`.
    pub state_root: Hash,
    /// Seed of the walk, `seed2`.
    pub walk_seed: Seed,
    /// Merkle root of the walk, `root2`.
    pub walk_root: Hash,
}

impl Claim {
    /// What stands for the claim wherever it need not be known: in signatures and on the chain.
    pub fn hash(&self) -> Hash {
        hash(b"loopin/challenge/2/claim", self)
    }
}

/// "Get ready": take the memory, load what is needed. Sent some seconds before the challenge; its answer is
/// not timed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PrepareRequest {
    /// Which device is challenged, and with what.
    pub assignment: Assignment,
    /// Who challenges it.
    pub verifier: VerifierAccount,
}

/// "Ready": the memory is taken.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PrepareAnswer {
    /// Which device is challenged.
    pub assignment: Assignment,
    /// The privacy that the agent states to offer, from 0 to 100: 0 process, 25 container, 50 virtual machine,
    /// 100 confidential computing. It is the agent's word.
    pub privacy: u8,
}

/// "Fill the memory": the verifier's clock for the throughput starts when this is sent.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FillRequest {
    /// Which device is challenged.
    pub assignment: Assignment,
    /// Who challenges it.
    pub verifier: VerifierAccount,
    /// Fresh random bytes: what the verifier contributes to the seed.
    pub nonce: Nonce,
}

/// "Filled": the clock for the throughput stops when the whole of this has arrived.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FillAnswer {
    /// Which device is challenged.
    pub assignment: Assignment,
    /// The seed, [`joint::seed`](crate::joint::seed).
    pub seed: Seed,
    /// Merkle root of the state.
    pub state_root: Hash,
}

/// "Walk": the verifier's clock for memory and bandwidth starts when this is sent.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct WalkRequest {
    /// Which device is challenged.
    pub assignment: Assignment,
    /// Who challenges it.
    pub verifier: VerifierAccount,
    /// The seed of the state to walk.
    pub seed: Seed,
    /// The root that the device answered.
    pub state_root: Hash,
    /// Fresh random bytes: what the verifier contributes to the seed of the walk.
    pub nonce: Nonce,
}

/// "Walked": the clock stops when the whole of this has arrived. A dispute is held against this signature, and whoever
/// says that the device failed to open brings it along.
///
/// Its signature covers [`Claim::hash`] in place of the claim.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct WalkAnswer {
    /// Which device is challenged.
    pub assignment: Assignment,
    /// Both seeds and both roots.
    pub claim: Claim,
}

impl WalkAnswer {
    /// The 32 bytes to sign, by who knows only the claim's hash.
    pub fn digest_of(assignment: &Assignment, claim: &Hash) -> Hash {
        hash(Self::CONTEXT.as_bytes(), &(assignment, claim))
    }
}

/// "Open": what to open follows from the seed of the sample.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct OpenRequest {
    /// Which device is challenged.
    pub assignment: Assignment,
    /// Who challenges it.
    pub verifier: VerifierAccount,
    /// The [hash](Claim::hash) of the device's claim.
    pub claim: Hash,
    /// Fresh random bytes, drawn after the walk's root arrived.
    pub nonce: Nonce,
}

impl OpenRequest {
    /// Seed of the sample, which is this verifier's alone.
    pub fn sample_seed(&self) -> Seed {
        hash(b"loopin/challenge/2/sample-seed", self)
    }
}

/// "Opened": the signature that makes a pass, so that nobody has a device pass without having had its openings. Of this
/// message only the signature is sent, after the openings: the verifier knows the rest.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct OpenAnswer {
    /// Which device is challenged.
    pub assignment: Assignment,
    /// Who challenges it.
    pub verifier: VerifierAccount,
    /// The [hash](Claim::hash) of the device's claim.
    pub claim: Hash,
    /// Digest of the sample's seed and of the openings sent: [`OpeningsDigest`].
    pub openings: Hash,
}

/// The digest of openings as they go by, which covers the seed of their sample. It begins as that seed, and each part
/// after the other makes it the SHA-256 of itself and the part. The parts are those of
/// [`Checker::check_next`](crate::Checker::check_next).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningsDigest(Hash);

impl OpeningsDigest {
    /// Before the first part.
    pub fn new(sample_seed: &Seed) -> Self {
        Self(*sample_seed)
    }

    /// A part goes by.
    pub fn add(&mut self, part: &[u8]) {
        self.0 = Sha256::new()
            .chain_update(self.0)
            .chain_update(part)
            .finalize()
            .into();
    }

    /// The same, with a SHA-256 of the caller's, for who has a faster one.
    pub fn add_with(&mut self, part: &[u8], sha256: impl FnOnce(&[u8]) -> Hash) {
        self.0 = sha256(&[&self.0, part].concat());
    }

    /// The digest, after the last part.
    pub fn finish(self) -> Hash {
        self.0
    }
}

/// What a verifier has contributed to a seed, as its request showed it. Whoever knows the verifier's key can make the
/// request again, and check it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Contribution {
    /// The verifier.
    pub verifier: VerifierAccount,
    /// The nonce of its request.
    pub nonce: Nonce,
    /// Its signature of that request.
    pub signature: Signature,
}

/// An answer that depends on a seed to which several verifiers have contributed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JointAnswer<M> {
    /// The device's answer, the same for all verifiers.
    pub answer: Signed<M>,
    /// What its seed is made of, sorted by verifier.
    pub contributions: Vec<Contribution>,
}

/// A message that is signed.
pub trait Message: Encode {
    /// Tells signatures over one kind of message from all others.
    const CONTEXT: &'static str;

    /// The 32 bytes to sign.
    fn digest(&self) -> Hash {
        hash(Self::CONTEXT.as_bytes(), self)
    }
}

impl Message for PrepareRequest {
    const CONTEXT: &'static str = "loopin/challenge/2/prepare-request";
}
impl Message for PrepareAnswer {
    const CONTEXT: &'static str = "loopin/challenge/2/prepare-answer";
}
impl Message for FillRequest {
    const CONTEXT: &'static str = "loopin/challenge/2/fill-request";
}
impl Message for FillAnswer {
    const CONTEXT: &'static str = "loopin/challenge/2/fill-answer";
}
impl Message for WalkRequest {
    const CONTEXT: &'static str = "loopin/challenge/2/walk-request";
}
impl Message for WalkAnswer {
    const CONTEXT: &'static str = "loopin/challenge/2/walk-answer";

    fn digest(&self) -> Hash {
        Self::digest_of(&self.assignment, &self.claim.hash())
    }
}
impl Message for OpenRequest {
    const CONTEXT: &'static str = "loopin/challenge/2/open-request";
}
impl Message for OpenAnswer {
    const CONTEXT: &'static str = "loopin/challenge/2/open-answer";
}

/// A message as it is sent.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Signed<M> {
    /// The message.
    pub message: M,
    /// Signature over its [`Message::digest`], to be checked by who receives it.
    pub signature: Signature,
}

/// `SHA-256(context || 00 || SCALE(value))`.
pub(crate) fn hash(context: &[u8], value: &(impl Encode + ?Sized)) -> Hash {
    let mut hasher = Hasher(Sha256::new().chain_update(context).chain_update([0]));
    value.encode_to(&mut hasher);
    hasher.0.finalize().into()
}

struct Hasher(Sha256);

impl Output for Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classes::CPU_REFERENCE;
    use std::collections::BTreeSet;

    fn assignment() -> Assignment {
        Assignment {
            genesis: [1; 32],
            round: 2,
            round_seed: [3; 32],
            device: 4,
            profile: CPU_REFERENCE.profile,
        }
    }

    fn claim() -> Claim {
        Claim {
            seed: [5; 32],
            state_root: [6; 32],
            walk_seed: [7; 32],
            walk_root: [8; 32],
        }
    }

    #[test]
    fn a_digest_is_the_hash_of_context_and_fields() {
        let request = OpenRequest {
            assignment: assignment(),
            verifier: [5; 32],
            claim: [6; 32],
            nonce: [7; 32],
        };
        let mut bytes = b"loopin/challenge/2/open-request\0".to_vec();
        bytes.extend(assignment().encode());
        bytes.extend([[5; 32], [6; 32], [7; 32]].concat());
        assert_eq!(request.digest(), <[u8; 32]>::from(Sha256::digest(&bytes)));
    }

    #[test]
    fn the_answer_to_the_walk_is_checked_by_who_knows_only_the_claims_hash() {
        let answer = WalkAnswer {
            assignment: assignment(),
            claim: claim(),
        };
        let mut bytes = b"loopin/challenge/2/walk-answer\0".to_vec();
        bytes.extend(assignment().encode());
        bytes.extend(claim().hash());
        assert_eq!(answer.digest(), <[u8; 32]>::from(Sha256::digest(&bytes)));
        assert_eq!(
            answer.digest(),
            WalkAnswer::digest_of(&assignment(), &claim().hash())
        );
    }

    #[test]
    fn no_two_kinds_of_hash_agree_even_on_equal_bytes() {
        let (assignment, verifier) = (assignment(), [5; 32]);
        let prepare = PrepareRequest { assignment, verifier };
        let fill = FillRequest {
            assignment,
            verifier,
            nonce: [6; 32],
        };
        let filled = FillAnswer {
            assignment,
            seed: [5; 32],
            state_root: [6; 32],
        };
        let walk = WalkRequest {
            assignment,
            verifier,
            seed: [6; 32],
            state_root: [7; 32],
            nonce: [8; 32],
        };
        let open = OpenRequest {
            assignment,
            verifier,
            claim: [6; 32],
            nonce: [7; 32],
        };
        let opened = OpenAnswer {
            assignment,
            verifier,
            claim: [6; 32],
            openings: [7; 32],
        };
        assert_eq!(fill.encode(), filled.encode());
        assert_eq!(open.encode(), opened.encode());
        let hashes = BTreeSet::from([
            prepare.digest(),
            PrepareAnswer {
                assignment,
                privacy: 25,
            }
            .digest(),
            fill.digest(),
            filled.digest(),
            walk.digest(),
            WalkAnswer {
                assignment,
                claim: claim(),
            }
            .digest(),
            open.digest(),
            open.sample_seed(),
            opened.digest(),
            claim().hash(),
        ]);
        assert_eq!(hashes.len(), 10);
    }

    #[test]
    fn the_digest_of_openings_covers_their_sample_every_part_and_the_order() {
        let of = |seed: u8, parts: &[&[u8]]| {
            let mut digest = OpeningsDigest::new(&[seed; 32]);
            for part in parts {
                digest.add(part);
            }
            digest.finish()
        };
        let digests = BTreeSet::from([
            of(1, &[]),
            of(1, &[b"a", b"b"]),
            of(1, &[b"b", b"a"]),
            of(1, &[b"ab"]),
            of(2, &[b"a", b"b"]),
        ]);
        assert_eq!(digests.len(), 5);
        let mut other = OpeningsDigest::new(&[1; 32]);
        other.add_with(b"a", |bytes| Sha256::digest(bytes).into());
        other.add(b"b");
        assert_eq!(other.finish(), of(1, &[b"a", b"b"]));
    }

    #[test]
    fn messages_have_fixed_sizes_on_the_wire() {
        assert_eq!(Assignment::max_encoded_len(), 116);
        assert_eq!(Signed::<PrepareRequest>::max_encoded_len(), 116 + 32 + 64);
        assert_eq!(Signed::<PrepareAnswer>::max_encoded_len(), 116 + 1 + 64);
        assert_eq!(Signed::<FillRequest>::max_encoded_len(), 116 + 64 + 64);
        assert_eq!(Signed::<FillAnswer>::max_encoded_len(), 116 + 64 + 64);
        assert_eq!(Signed::<WalkRequest>::max_encoded_len(), 116 + 128 + 64);
        assert_eq!(Signed::<WalkAnswer>::max_encoded_len(), 116 + 128 + 64);
        assert_eq!(Signed::<OpenRequest>::max_encoded_len(), 116 + 96 + 64);
        assert_eq!(Contribution::max_encoded_len(), 128);
    }
}

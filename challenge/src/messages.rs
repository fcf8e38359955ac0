//! What verifier and device say to each other, what each signs, and how the seeds come about: the conversation that
//! the crate's README.md specifies to the byte.
//!
//! | step | verifier sends, signed | device answers, signed |
//! |---|---|---|
//! | prepare | [`PrepareRequest`] | [`PrepareAnswer`] |
//! | fill | [`FillRequest`] | [`FillAnswer`] |
//! | walk | [`WalkRequest`] | [`WalkAnswer`] |
//! | open | [`OpenRequest`] | [`Openings`](crate::Openings), not signed: the roots they lead to are |
//!
//! Each is sent as a [`Signed`] message, SCALE-encoded. Its signature covers the context of [`Message::CONTEXT`] too, so
//! that no signature stands for anything else.
//!
//! A seed is a hash of everything said before it and of 32 random bytes (`nonce`) that the verifier draws only then, so
//! neither side can know it earlier, and the device can check that it belongs to its own answers.

use crate::{Hash, Seed, profile::Profile};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen, Output};
use scale_info::TypeInfo;
use sha2::{Digest, Sha256};

/// 32 random bytes that a verifier draws for one message.
pub type Nonce = [u8; 32];
/// A signature over a message's digest, by the scheme of the key that signs.
pub type Signature = [u8; 64];

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

/// Who challenges which device, when, and with what. All signatures cover it, so none is valid for another
/// round, device or verifier, nor after a change of the profile.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Assignment {
    /// Hash of the chain's first block.
    pub genesis: Hash,
    /// Number of the verification round.
    pub round: u64,
    /// Number of the device on the chain.
    pub device: u64,
    /// Account of the verifier.
    pub verifier: [u8; 32],
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

/// "Get ready": take the memory, load what is needed. Sent some seconds before the challenge; its answer is
/// not timed but has a deadline.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PrepareRequest {
    /// Who challenges which device, and with what.
    pub assignment: Assignment,
}

/// "Ready": the memory is taken.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PrepareAnswer {
    /// Who challenges which device.
    pub assignment: Assignment,
    /// The privacy that the agent states to offer, from 0 to 100: 0 process, 25 container, 50 virtual machine,
    /// 100 confidential computing. It is the agent's word.
    pub privacy: u8,
}

/// "Fill the memory": the clock for the throughput starts when this is sent.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FillRequest {
    /// Who challenges which device.
    pub assignment: Assignment,
    /// Hash of a recent block.
    pub block: Hash,
    /// Fresh random bytes.
    pub nonce: Nonce,
}

impl FillRequest {
    /// Seed of the operands and keys.
    pub fn seed(&self) -> Seed {
        hash(b"loopin/challenge/1/seed", self)
    }
}

/// "Filled": the clock for the throughput stops when the whole of this has arrived.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FillAnswer {
    /// Who challenges which device.
    pub assignment: Assignment,
    /// The seed, [`FillRequest::seed`].
    pub seed: Seed,
    /// Merkle root of the state.
    pub state_root: Hash,
}

/// "Walk": the clock for memory and bandwidth starts when this is sent.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct WalkRequest {
    /// The seed of the state to walk.
    pub seed: Seed,
    /// The root that the device answered.
    pub state_root: Hash,
    /// Fresh random bytes.
    pub nonce: Nonce,
}

impl WalkRequest {
    /// Seed of the walk.
    pub fn walk_seed(&self) -> Seed {
        hash(b"loopin/challenge/1/walk-seed", self)
    }
}

/// "Walked": the clock stops when the whole of this has arrived. An attestation carries this signature, and a
/// dispute is held against it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct WalkAnswer {
    /// Who challenges which device.
    pub assignment: Assignment,
    /// Both seeds and both roots.
    pub claim: Claim,
}

/// "Open": what to open follows from the seed of the sample.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct OpenRequest {
    /// The seed of the walk.
    pub walk_seed: Seed,
    /// The root that the device answered.
    pub walk_root: Hash,
    /// Fresh random bytes, drawn after the walk's root arrived.
    pub nonce: Nonce,
}

impl OpenRequest {
    /// Seed of the sample.
    pub fn sample_seed(&self) -> Seed {
        hash(b"loopin/challenge/1/sample-seed", self)
    }
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
    const CONTEXT: &'static str = "loopin/challenge/1/prepare-request";
}
impl Message for PrepareAnswer {
    const CONTEXT: &'static str = "loopin/challenge/1/prepare-answer";
}
impl Message for FillRequest {
    const CONTEXT: &'static str = "loopin/challenge/1/fill-request";
}
impl Message for FillAnswer {
    const CONTEXT: &'static str = "loopin/challenge/1/fill-answer";
}
impl Message for WalkRequest {
    const CONTEXT: &'static str = "loopin/challenge/1/walk-request";
}
impl Message for WalkAnswer {
    const CONTEXT: &'static str = "loopin/challenge/1/walk-answer";
}
impl Message for OpenRequest {
    const CONTEXT: &'static str = "loopin/challenge/1/open-request";
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
fn hash(context: &[u8], value: &(impl Encode + ?Sized)) -> Hash {
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
            device: 3,
            verifier: [4; 32],
            profile: CPU_REFERENCE.profile,
        }
    }

    #[test]
    fn a_digest_is_the_hash_of_context_and_fields() {
        let mut bytes = b"loopin/challenge/1/walk-request\0".to_vec();
        bytes.extend([5; 32]);
        bytes.extend([6; 32]);
        bytes.extend([7; 32]);
        let request = WalkRequest {
            seed: [5; 32],
            state_root: [6; 32],
            nonce: [7; 32],
        };
        assert_eq!(request.digest(), <[u8; 32]>::from(Sha256::digest(&bytes)));
    }

    #[test]
    fn no_two_kinds_of_hash_agree_even_on_equal_bytes() {
        let claim = Claim {
            seed: [5; 32],
            state_root: [6; 32],
            walk_seed: [7; 32],
            walk_root: [8; 32],
        };
        let prepare = PrepareRequest {
            assignment: assignment(),
        };
        let fill = FillRequest {
            assignment: assignment(),
            block: [5; 32],
            nonce: [6; 32],
        };
        let filled = FillAnswer {
            assignment: assignment(),
            seed: [5; 32],
            state_root: [6; 32],
        };
        let walk = WalkRequest {
            seed: [5; 32],
            state_root: [6; 32],
            nonce: [7; 32],
        };
        let open = OpenRequest {
            walk_seed: [5; 32],
            walk_root: [6; 32],
            nonce: [7; 32],
        };
        assert_eq!(fill.encode(), filled.encode());
        assert_eq!(walk.encode(), open.encode());
        let hashes = BTreeSet::from([
            prepare.digest(),
            PrepareAnswer {
                assignment: assignment(),
                privacy: 25,
            }
            .digest(),
            fill.digest(),
            fill.seed(),
            filled.digest(),
            walk.digest(),
            walk.walk_seed(),
            WalkAnswer {
                assignment: assignment(),
                claim,
            }
            .digest(),
            open.digest(),
            open.sample_seed(),
        ]);
        assert_eq!(hashes.len(), 10);
    }

    #[test]
    fn the_seed_depends_on_everything_that_was_said() {
        let request = FillRequest {
            assignment: assignment(),
            block: [5; 32],
            nonce: [6; 32],
        };
        let changed = |change: fn(&mut FillRequest)| {
            let mut other = request;
            change(&mut other);
            other.seed()
        };
        let seeds = BTreeSet::from([
            request.seed(),
            changed(|r| r.assignment.genesis[0] ^= 1),
            changed(|r| r.assignment.round += 1),
            changed(|r| r.assignment.device += 1),
            changed(|r| r.assignment.verifier[31] ^= 1),
            changed(|r| r.assignment.profile.limits.open_ms += 1),
            changed(|r| r.block[0] ^= 1),
            changed(|r| r.nonce[0] ^= 1),
        ]);
        assert_eq!(seeds.len(), 8);
    }

    #[test]
    fn messages_have_fixed_sizes_on_the_wire() {
        assert_eq!(Assignment::max_encoded_len(), 116);
        assert_eq!(Signed::<PrepareRequest>::max_encoded_len(), 116 + 64);
        assert_eq!(Signed::<PrepareAnswer>::max_encoded_len(), 116 + 1 + 64);
        assert_eq!(Signed::<FillRequest>::max_encoded_len(), 116 + 64 + 64);
        assert_eq!(Signed::<FillAnswer>::max_encoded_len(), 116 + 64 + 64);
        assert_eq!(Signed::<WalkRequest>::max_encoded_len(), 96 + 64);
        assert_eq!(Signed::<WalkAnswer>::max_encoded_len(), 116 + 128 + 64);
        assert_eq!(Signed::<OpenRequest>::max_encoded_len(), 96 + 64);
    }
}

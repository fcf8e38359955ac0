//! One challenge as a session: which message may come next, whether it belongs to what was said before, and
//! what is answered. Knows no clock, no chain, no device and no HTTP.

use crate::refusal::Refusal;
use codec::{Decode, MaxEncodedLen};
use loopin_challenge::{
    Claim, Hash, Seed,
    messages::{
        Assignment, FillAnswer, FillRequest, Message, OpenRequest, PrepareAnswer, Signed, WalkAnswer,
        WalkRequest,
    },
};
use sp_core::{Pair, sr25519};

/// Reads a signed message. All of them have a fixed size.
///
/// # Errors
/// The bytes are no such message.
pub fn read<M: Message + Decode + MaxEncodedLen>(bytes: &[u8]) -> Result<Signed<M>, Refusal> {
    let (expected, found) = (Signed::<M>::max_encoded_len(), bytes.len());
    if found != expected {
        return Err(Refusal::Length { expected, found });
    }
    Signed::decode(&mut &bytes[..]).map_err(|_| Refusal::Malformed)
}

/// Whether a message is signed with that key.
///
/// # Errors
/// It is not.
pub fn check_signature<M: Message>(signed: &Signed<M>, key: &sr25519::Public) -> Result<(), Refusal> {
    let signature = sr25519::Signature::from_raw(signed.signature);
    if sr25519::Pair::verify(&signature, signed.message.digest(), key) {
        Ok(())
    } else {
        Err(Refusal::WrongSignature)
    }
}

/// Signs a message.
pub fn sign<M: Message>(message: M, key: &sr25519::Pair) -> Signed<M> {
    let signature = key.sign(&message.digest()).0;
    Signed { message, signature }
}

/// A challenge that has begun.
#[derive(Clone, Debug)]
pub struct ChallengeSession {
    assignment: Assignment,
    verifier_key: Option<sr25519::Public>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Prepared,
    Filled { seed: Seed, state_root: Hash },
    Walked { claim: Claim },
    Opened,
}

impl ChallengeSession {
    /// Begins a challenge. All messages have to be signed with the key of the verifier's node, where there is one.
    pub fn new(assignment: Assignment, verifier_key: Option<sr25519::Public>) -> Self {
        Self {
            assignment,
            verifier_key,
            stage: Stage::Prepared,
        }
    }

    /// Who challenges which device, and with what.
    pub fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// Whether the openings have been asked for: nothing more can follow.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Opened)
    }

    /// The answer to the first message.
    pub fn prepared(&self, privacy: u8) -> PrepareAnswer {
        PrepareAnswer {
            assignment: self.assignment,
            privacy,
        }
    }

    /// Checks the second message. Returns the seed of the state.
    ///
    /// # Errors
    /// It is not its turn, or it does not belong to this challenge.
    pub fn fill(&self, signed: &Signed<FillRequest>) -> Result<Seed, Refusal> {
        if signed.message.assignment != self.assignment {
            return Err(Refusal::OutOfTurn);
        }
        self.check_signature(signed)?;
        match self.stage {
            Stage::Prepared => Ok(signed.message.seed()),
            _ => Err(Refusal::OutOfTurn),
        }
    }

    /// The state is computed. Returns the answer to the second message.
    pub fn filled(&mut self, seed: Seed, state_root: Hash) -> FillAnswer {
        self.stage = Stage::Filled { seed, state_root };
        FillAnswer {
            assignment: self.assignment,
            seed,
            state_root,
        }
    }

    /// Checks the third message. Returns the seed of the walk.
    ///
    /// # Errors
    /// It is not its turn, or it does not belong to this challenge.
    pub fn walk(&self, signed: &Signed<WalkRequest>) -> Result<Seed, Refusal> {
        self.check_signature(signed)?;
        let Stage::Filled { seed, state_root } = self.stage else {
            return Err(Refusal::OutOfTurn);
        };
        if (signed.message.seed, signed.message.state_root) != (seed, state_root) {
            return Err(Refusal::OtherAnswer);
        }
        Ok(signed.message.walk_seed())
    }

    /// The state is walked. Returns the answer to the third message.
    ///
    /// # Errors
    /// There was no state to walk.
    pub fn walked(&mut self, walk_seed: Seed, walk_root: Hash) -> Result<WalkAnswer, Refusal> {
        let Stage::Filled { seed, state_root } = self.stage else {
            return Err(Refusal::OutOfTurn);
        };
        let claim = Claim {
            seed,
            state_root,
            walk_seed,
            walk_root,
        };
        self.stage = Stage::Walked { claim };
        Ok(WalkAnswer {
            assignment: self.assignment,
            claim,
        })
    }

    /// Checks the last message. Returns the seed of the sample.
    ///
    /// # Errors
    /// It is not its turn, or it does not belong to this challenge.
    pub fn open(&self, signed: &Signed<OpenRequest>) -> Result<Seed, Refusal> {
        self.check_signature(signed)?;
        let Stage::Walked { claim } = self.stage else {
            return Err(Refusal::OutOfTurn);
        };
        if (signed.message.walk_seed, signed.message.walk_root) != (claim.walk_seed, claim.walk_root) {
            return Err(Refusal::OtherAnswer);
        }
        Ok(signed.message.sample_seed())
    }

    /// The openings are made. Only one sample is ever opened: the next would be known before the next state.
    pub fn opened(&mut self) {
        self.stage = Stage::Opened;
    }

    fn check_signature<M: Message>(&self, signed: &Signed<M>) -> Result<(), Refusal> {
        match &self.verifier_key {
            Some(key) => check_signature(signed, key),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use loopin_challenge::{classes::CPU_REFERENCE, messages::PrepareRequest};

    fn pair(name: &str) -> sr25519::Pair {
        sr25519::Pair::from_string(name, None).unwrap()
    }

    fn assignment() -> Assignment {
        Assignment {
            genesis: [1; 32],
            round: 2,
            device: 3,
            verifier: [4; 32],
            profile: CPU_REFERENCE.profile,
        }
    }

    fn begun() -> ChallengeSession {
        ChallengeSession::new(assignment(), Some(pair("//Alice").public()))
    }

    fn fill() -> FillRequest {
        FillRequest {
            assignment: assignment(),
            block: [5; 32],
            nonce: [6; 32],
        }
    }

    #[test]
    fn messages_in_their_order_lead_to_the_claim() {
        let alice = pair("//Alice");
        let mut session = begun();
        let seed = session.fill(&sign(fill(), &alice)).unwrap();
        assert_eq!(seed, fill().seed());
        session.filled(seed, [7; 32]);
        let walk = WalkRequest {
            seed,
            state_root: [7; 32],
            nonce: [8; 32],
        };
        let walk_seed = session.walk(&sign(walk, &alice)).unwrap();
        let answer = session.walked(walk_seed, [9; 32]).unwrap();
        assert_eq!((answer.claim.seed, answer.claim.walk_root), (seed, [9; 32]));
        let open = OpenRequest {
            walk_seed,
            walk_root: [9; 32],
            nonce: [10; 32],
        };
        assert_eq!(session.open(&sign(open, &alice)), Ok(open.sample_seed()));
        session.opened();
        assert!(session.is_over());
        let again = OpenRequest {
            nonce: [11; 32],
            ..open
        };
        assert_eq!(session.open(&sign(again, &alice)), Err(Refusal::OutOfTurn));
    }

    #[test]
    fn a_message_out_of_turn_or_of_another_challenge_is_refused() {
        let alice = pair("//Alice");
        let mut session = begun();
        let walk = WalkRequest {
            seed: [1; 32],
            state_root: [7; 32],
            nonce: [8; 32],
        };
        assert_eq!(session.walk(&sign(walk, &alice)), Err(Refusal::OutOfTurn));
        let mut other = fill();
        other.assignment.round += 1;
        assert_eq!(session.fill(&sign(other, &alice)), Err(Refusal::OutOfTurn));
        session.filled([1; 32], [2; 32]);
        assert_eq!(session.fill(&sign(fill(), &alice)), Err(Refusal::OutOfTurn));
        assert_eq!(session.walk(&sign(walk, &alice)), Err(Refusal::OtherAnswer));
        session.walked([3; 32], [4; 32]).unwrap();
        let open = OpenRequest {
            walk_seed: [3; 32],
            walk_root: [5; 32],
            nonce: [10; 32],
        };
        assert_eq!(session.open(&sign(open, &alice)), Err(Refusal::OtherAnswer));
    }

    #[test]
    fn every_later_message_needs_the_key_of_the_seat() {
        let bob = pair("//Bob");
        let session = begun();
        assert_eq!(session.fill(&sign(fill(), &bob)), Err(Refusal::WrongSignature));
        let walk = WalkRequest {
            seed: [1; 32],
            state_root: [7; 32],
            nonce: [8; 32],
        };
        assert_eq!(session.walk(&sign(walk, &bob)), Err(Refusal::WrongSignature));
        assert!(
            ChallengeSession::new(assignment(), None)
                .fill(&sign(fill(), &bob))
                .is_ok()
        );
    }

    #[test]
    fn only_the_exact_bytes_of_a_message_are_read() {
        let request = PrepareRequest {
            assignment: assignment(),
        };
        let bytes = sign(request, &pair("//Alice")).encode();
        assert_eq!(read::<PrepareRequest>(&bytes).unwrap().message, request);
        let error = Refusal::Length {
            expected: 180,
            found: 179,
        };
        assert_eq!(read::<PrepareRequest>(&bytes[..179]), Err(error));
        assert!(read::<PrepareRequest>(&[&bytes[..], &[0]].concat()).is_err());
        assert!(read::<FillRequest>(&bytes).is_err());
    }
}

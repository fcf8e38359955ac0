//! One challenge as a session: which message may come next, whether it belongs to what was said before, and
//! what is answered. It is one session for all verifiers of the device. Knows no clock, no chain, no device and no HTTP.

use crate::refusal::Refusal;
use codec::{Decode, MaxEncodedLen};
use loopin_challenge::{
    Claim, Hash, Seed,
    joint::{self, Member},
    messages::{
        Assignment, Contribution, FillAnswer, FillRequest, JointAnswer, Message, OpenAnswer, OpenRequest,
        PrepareAnswer, PrepareRequest, Signature, Signed, Step, VerifierAccount, WalkAnswer, WalkRequest,
    },
};
use sp_core::{Pair, sr25519};
use std::collections::BTreeMap;

/// What a verifier asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// To take the memory.
    Prepare(Signed<PrepareRequest>),
    /// To compute the state.
    Fill(Signed<FillRequest>),
    /// To walk it.
    Walk(Signed<WalkRequest>),
    /// To open what it asks for.
    Open(Signed<OpenRequest>),
}

impl Request {
    /// Reads the message of a step.
    ///
    /// # Errors
    /// The bytes are no such message.
    pub fn read(step: Step, bytes: &[u8]) -> Result<Self, Refusal> {
        Ok(match step {
            Step::Prepare => Self::Prepare(read(bytes)?),
            Step::Fill => Self::Fill(read(bytes)?),
            Step::Walk => Self::Walk(read(bytes)?),
            Step::Open => Self::Open(read(bytes)?),
        })
    }

    /// Which device is challenged, and with what.
    pub fn assignment(&self) -> &Assignment {
        match self {
            Self::Prepare(signed) => &signed.message.assignment,
            Self::Fill(signed) => &signed.message.assignment,
            Self::Walk(signed) => &signed.message.assignment,
            Self::Open(signed) => &signed.message.assignment,
        }
    }

    /// Who says to have sent it.
    pub fn verifier(&self) -> &VerifierAccount {
        match self {
            Self::Prepare(signed) => &signed.message.verifier,
            Self::Fill(signed) => &signed.message.verifier,
            Self::Walk(signed) => &signed.message.verifier,
            Self::Open(signed) => &signed.message.verifier,
        }
    }

    /// Whether it is signed with that key.
    pub fn is_signed_by(&self, key: &[u8; 32]) -> bool {
        let (digest, signature) = match self {
            Self::Prepare(signed) => (signed.message.digest(), signed.signature),
            Self::Fill(signed) => (signed.message.digest(), signed.signature),
            Self::Walk(signed) => (signed.message.digest(), signed.signature),
            Self::Open(signed) => (signed.message.digest(), signed.signature),
        };
        let (signature, key) = (
            sr25519::Signature::from_raw(signature),
            sr25519::Public::from_raw(*key),
        );
        sr25519::Pair::verify(&signature, digest, &key)
    }
}

/// Reads a signed message. All of them have a fixed size.
fn read<M: Message + Decode + MaxEncodedLen>(bytes: &[u8]) -> Result<Signed<M>, Refusal> {
    let (expected, found) = (Signed::<M>::max_encoded_len(), bytes.len());
    if found != expected {
        return Err(Refusal::Length { expected, found });
    }
    Signed::decode(&mut &bytes[..]).map_err(|_| Refusal::Malformed)
}

/// Signs a message.
pub fn sign<M: Message>(message: M, key: &sr25519::Pair) -> Signed<M> {
    let signature = key.sign(&message.digest()).0;
    Signed { message, signature }
}

/// A challenge that has begun.
#[derive(Clone, Debug)]
pub struct JointSession {
    assignment: Assignment,
    committee: Vec<Member>,
    fill: Nonces,
    walk: Nonces,
    seed: Option<Seed>,
    state_root: Option<Hash>,
    walk_seed: Option<Seed>,
    claim: Option<Claim>,
    /// The requests to open: who, with which nonce and signature. Each verifier's first is its only one.
    opens: BTreeMap<VerifierAccount, Contribution>,
}

/// What verifiers have contributed to a seed.
#[derive(Clone, Debug, Default)]
struct Nonces {
    all: BTreeMap<VerifierAccount, Contribution>,
    /// Those that the seed is made of, once there were enough.
    used: Vec<Contribution>,
}

impl Nonces {
    /// Takes one in. Whether the seed can and has to be made now.
    fn add(&mut self, contribution: Contribution, committee: &[Member]) -> Result<bool, Refusal> {
        keep_first(&mut self.all, contribution)?;
        if !self.used.is_empty() {
            return Ok(false);
        }
        let seats = committee
            .iter()
            .filter(|member| self.all.contains_key(&member.verifier))
            .fold(0, |sum, member| u32::saturating_add(sum, member.seats));
        if !joint::is_majority(seats, committee) {
            return Ok(false);
        }
        self.used = self.all.values().copied().collect();
        Ok(true)
    }
}

/// Keeps what a verifier has sent, if it is the first or the same. Whether it is the first.
fn keep_first(
    all: &mut BTreeMap<VerifierAccount, Contribution>,
    contribution: Contribution,
) -> Result<bool, Refusal> {
    match all.get(&contribution.verifier) {
        Some(first) if first.nonce != contribution.nonce => Err(Refusal::SecondNonce(*first)),
        Some(_) => Ok(false),
        None => {
            all.insert(contribution.verifier, contribution);
            Ok(true)
        }
    }
}

impl JointSession {
    /// Begins a challenge by that committee.
    pub fn new(assignment: Assignment, committee: Vec<Member>) -> Self {
        Self {
            assignment,
            committee,
            fill: Nonces::default(),
            walk: Nonces::default(),
            seed: None,
            state_root: None,
            walk_seed: None,
            claim: None,
            opens: BTreeMap::new(),
        }
    }

    /// Which device is challenged, and with what.
    pub fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// Who challenges it.
    pub fn committee(&self) -> &[Member] {
        &self.committee
    }

    /// The answer to the first message.
    pub fn prepared(&self, privacy: u8) -> PrepareAnswer {
        PrepareAnswer {
            assignment: self.assignment,
            privacy,
        }
    }

    /// Takes in the second message. Returns the seed of the state when this message makes it: the device has to begin.
    ///
    /// # Errors
    /// The verifier has sent another nonce before.
    pub fn fill(&mut self, signed: &Signed<FillRequest>) -> Result<Option<Seed>, Refusal> {
        let FillRequest { verifier, nonce, .. } = signed.message;
        let contribution = Contribution {
            verifier,
            nonce,
            signature: signed.signature,
        };
        if !self.fill.add(contribution, &self.committee)? {
            return Ok(None);
        }
        let seed = joint::seed(&self.assignment, &joint::contributors(&self.fill.used));
        self.seed = Some(seed);
        Ok(Some(seed))
    }

    /// The state is computed. Returns the answer to the second message.
    ///
    /// # Errors
    /// Nobody asked for a state.
    pub fn filled(
        &mut self,
        state_root: Hash,
        key: &sr25519::Pair,
    ) -> Result<JointAnswer<FillAnswer>, Refusal> {
        let seed = self.seed.ok_or(Refusal::OutOfTurn)?;
        self.state_root = Some(state_root);
        let answer = FillAnswer {
            assignment: self.assignment,
            seed,
            state_root,
        };
        Ok(JointAnswer {
            answer: sign(answer, key),
            contributions: self.fill.used.clone(),
        })
    }

    /// Takes in the third message. Returns the seed of the walk when this message makes it: the device has to begin.
    ///
    /// # Errors
    /// It is not its turn, it is about another state, or the verifier has sent another nonce before.
    pub fn walk(&mut self, signed: &Signed<WalkRequest>) -> Result<Option<Seed>, Refusal> {
        let (Some(seed), Some(state_root)) = (self.seed, self.state_root) else {
            return Err(Refusal::OutOfTurn);
        };
        let request = &signed.message;
        if (request.seed, request.state_root) != (seed, state_root) {
            return Err(Refusal::OtherAnswer);
        }
        let contribution = Contribution {
            verifier: request.verifier,
            nonce: request.nonce,
            signature: signed.signature,
        };
        if !self.walk.add(contribution, &self.committee)? {
            return Ok(None);
        }
        let walk_seed = joint::walk_seed(&seed, &state_root, &joint::contributors(&self.walk.used));
        self.walk_seed = Some(walk_seed);
        Ok(Some(walk_seed))
    }

    /// The state is walked. Returns the answer to the third message.
    ///
    /// # Errors
    /// Nobody asked for a walk.
    pub fn walked(
        &mut self,
        walk_root: Hash,
        key: &sr25519::Pair,
    ) -> Result<JointAnswer<WalkAnswer>, Refusal> {
        let (Some(seed), Some(state_root), Some(walk_seed)) = (self.seed, self.state_root, self.walk_seed)
        else {
            return Err(Refusal::OutOfTurn);
        };
        let claim = Claim {
            seed,
            state_root,
            walk_seed,
            walk_root,
        };
        self.claim = Some(claim);
        let answer = WalkAnswer {
            assignment: self.assignment,
            claim,
        };
        Ok(JointAnswer {
            answer: sign(answer, key),
            contributions: self.walk.used.clone(),
        })
    }

    /// Takes in the last message. Returns the claim and the seed of the sample if the verifier has not asked before.
    /// Only one sample is ever opened to each: the next would be known before the next state.
    ///
    /// # Errors
    /// It is not its turn, it is about another claim, or the verifier has asked for another sample before.
    pub fn open(&mut self, signed: &Signed<OpenRequest>) -> Result<Option<(Claim, Seed)>, Refusal> {
        let claim = self.claim.ok_or(Refusal::OutOfTurn)?;
        let request = &signed.message;
        if request.claim != claim.hash() {
            return Err(Refusal::OtherAnswer);
        }
        let contribution = Contribution {
            verifier: request.verifier,
            nonce: request.nonce,
            signature: signed.signature,
        };
        let is_first = keep_first(&mut self.opens, contribution)?;
        Ok(is_first.then(|| (claim, request.sample_seed())))
    }

    /// What is signed when the openings with that digest have been made for a verifier.
    ///
    /// # Errors
    /// There is nothing to open.
    pub fn opened(
        &self,
        verifier: VerifierAccount,
        openings: Hash,
        key: &sr25519::Pair,
    ) -> Result<Signature, Refusal> {
        let answer = OpenAnswer {
            assignment: self.assignment,
            verifier,
            claim: self.claim.ok_or(Refusal::OutOfTurn)?.hash(),
            openings,
        };
        Ok(sign(answer, key).signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use loopin_challenge::classes::CPU_REFERENCE;

    fn pair(name: &str) -> sr25519::Pair {
        sr25519::Pair::from_string(name, None).unwrap()
    }

    fn assignment() -> Assignment {
        Assignment {
            genesis: [1; 32],
            round: 2,
            round_seed: [3; 32],
            device: 3,
            profile: CPU_REFERENCE.profile,
        }
    }

    /// Five seats: Alice has two, Bob two, Carol one.
    fn begun() -> JointSession {
        let member = |verifier, name, seats| Member {
            verifier: [verifier; 32],
            key: pair(name).public().0,
            seats,
        };
        JointSession::new(
            assignment(),
            vec![
                member(1, "//Alice", 2),
                member(2, "//Bob", 2),
                member(3, "//Carol", 1),
            ],
        )
    }

    fn fill(verifier: u8, nonce: u8) -> Signed<FillRequest> {
        let request = FillRequest {
            assignment: assignment(),
            verifier: [verifier; 32],
            nonce: [nonce; 32],
        };
        sign(request, &pair("//Alice"))
    }

    fn walk(verifier: u8, filled: &FillAnswer, nonce: u8) -> Signed<WalkRequest> {
        let request = WalkRequest {
            assignment: assignment(),
            verifier: [verifier; 32],
            seed: filled.seed,
            state_root: filled.state_root,
            nonce: [nonce; 32],
        };
        sign(request, &pair("//Alice"))
    }

    fn open(verifier: u8, claim: &Claim, nonce: u8) -> Signed<OpenRequest> {
        let request = OpenRequest {
            assignment: assignment(),
            verifier: [verifier; 32],
            claim: claim.hash(),
            nonce: [nonce; 32],
        };
        sign(request, &pair("//Alice"))
    }

    fn filled(session: &mut JointSession) -> FillAnswer {
        session.fill(&fill(1, 1)).unwrap();
        session.fill(&fill(2, 2)).unwrap();
        session.filled([7; 32], &pair("//Agent")).unwrap().answer.message
    }

    fn walked(session: &mut JointSession) -> Claim {
        let filled = filled(session);
        session.walk(&walk(1, &filled, 1)).unwrap();
        session.walk(&walk(2, &filled, 2)).unwrap();
        session
            .walked([8; 32], &pair("//Agent"))
            .unwrap()
            .answer
            .message
            .claim
    }

    #[test]
    fn the_seeds_are_made_when_a_majority_has_sent_its_nonces_and_of_these_alone() {
        let mut session = begun();
        assert_eq!(session.fill(&fill(2, 12)), Ok(None));
        let seed = joint::seed(&assignment(), &[([2; 32], [12; 32]), ([3; 32], [13; 32])]);
        assert_eq!(session.fill(&fill(3, 13)), Ok(Some(seed)));
        // Whoever comes later has no part in it.
        assert_eq!(session.fill(&fill(1, 11)), Ok(None));
        let answer = session.filled([7; 32], &pair("//Agent")).unwrap();
        let verifiers: Vec<_> = answer.contributions.iter().map(|one| one.verifier).collect();
        assert_eq!(
            (answer.answer.message.seed, verifiers),
            (seed, vec![[2; 32], [3; 32]])
        );

        let filled = answer.answer.message;
        assert_eq!(session.walk(&walk(1, &filled, 21)), Ok(None));
        let contributors = [([1; 32], [21; 32]), ([2; 32], [22; 32])];
        let walk_seed = joint::walk_seed(&seed, &[7; 32], &contributors);
        assert_eq!(session.walk(&walk(2, &filled, 22)), Ok(Some(walk_seed)));
        let answer = session.walked([8; 32], &pair("//Agent")).unwrap();
        let claim = answer.answer.message.claim;
        assert_eq!((claim.walk_seed, claim.walk_root), (walk_seed, [8; 32]));
        assert_eq!(answer.contributions.len(), 2);
    }

    #[test]
    fn each_verifier_has_one_sample_opened() {
        let mut session = begun();
        let claim = walked(&mut session);
        for verifier in [1, 2, 3] {
            let request = open(verifier, &claim, 30);
            let expected = Some((claim, request.message.sample_seed()));
            assert_eq!(session.open(&request), Ok(expected));
            assert_eq!(session.open(&request), Ok(None));
        }
    }

    #[test]
    fn a_second_nonce_of_a_verifier_is_refused_with_its_first_in_every_step() {
        let mut session = begun();
        session.fill(&fill(1, 1)).unwrap();
        let first = |signature, nonce| {
            Refusal::SecondNonce(Contribution {
                verifier: [1; 32],
                nonce,
                signature,
            })
        };
        let refused = session.fill(&fill(1, 2)).unwrap_err();
        let Refusal::SecondNonce(shown) = refused else {
            panic!("{refused}")
        };
        assert_eq!((shown.verifier, shown.nonce), ([1; 32], [1; 32]));
        let request = Request::Fill(Signed {
            message: fill(1, 1).message,
            signature: shown.signature,
        });
        assert!(request.is_signed_by(&pair("//Alice").public().0));

        let claim = walked(&mut begun());
        let mut session = begun();
        assert_eq!(walked(&mut session), claim);
        let filled = FillAnswer {
            assignment: assignment(),
            seed: claim.seed,
            state_root: claim.state_root,
        };
        assert!(matches!(
            session.walk(&walk(1, &filled, 2)),
            Err(Refusal::SecondNonce(Contribution { nonce, .. })) if nonce == [1; 32]
        ));
        let request = open(1, &claim, 3);
        session.open(&request).unwrap();
        assert_eq!(
            session.open(&open(1, &claim, 4)),
            Err(first(request.signature, [3; 32]))
        );
    }

    #[test]
    fn a_message_out_of_turn_or_about_another_state_or_claim_is_refused() {
        let mut session = begun();
        let other = FillAnswer {
            assignment: assignment(),
            seed: [1; 32],
            state_root: [7; 32],
        };
        assert_eq!(session.walk(&walk(1, &other, 1)), Err(Refusal::OutOfTurn));
        let filled = filled(&mut session);
        assert_eq!(session.walk(&walk(1, &other, 1)), Err(Refusal::OtherAnswer));
        let no_claim = Claim {
            seed: filled.seed,
            state_root: filled.state_root,
            walk_seed: [1; 32],
            walk_root: [1; 32],
        };
        assert_eq!(session.open(&open(1, &no_claim, 1)), Err(Refusal::OutOfTurn));
        let mut session = begun();
        walked(&mut session);
        assert_eq!(session.open(&open(1, &no_claim, 1)), Err(Refusal::OtherAnswer));
    }

    #[test]
    fn only_the_exact_bytes_of_a_message_are_read() {
        let request = fill(1, 1);
        let bytes = request.encode();
        assert_eq!(Request::read(Step::Fill, &bytes), Ok(Request::Fill(request)));
        let error = Refusal::Length {
            expected: bytes.len(),
            found: bytes.len() - 1,
        };
        assert_eq!(Request::read(Step::Fill, &bytes[1..]), Err(error));
        assert!(Request::read(Step::Fill, &[&bytes[..], &[0]].concat()).is_err());
        assert!(Request::read(Step::Walk, &bytes).is_err());
    }

    #[test]
    fn a_request_is_its_verifiers_only_with_the_signature_of_its_key() {
        let request = Request::Fill(fill(1, 1));
        assert!(request.is_signed_by(&pair("//Alice").public().0));
        assert!(!request.is_signed_by(&pair("//Bob").public().0));
    }
}

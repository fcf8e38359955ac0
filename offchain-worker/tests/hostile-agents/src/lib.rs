//! Agents to test verifiers with: an honest one, and many dishonest ones.
//!
//! A [`TestAgent`] is an HTTP server on a port of its own that answers for one device, with the plain CPU prover. What
//! it does wrong is data: a list of [`Trick`]s, each a step of the conversation and a [`Fault`]. Without tricks it is
//! honest. It waits for nonces of a majority of the committee that it was told ([`TestAgent::expect_committee`]), or
//! takes the first that comes.
//!
//! ```
//! use loopin_challenge::messages::Step;
//! use loopin_hostile_agents::{Fault, TestAgent, Trick};
//! use std::time::Duration;
//!
//! let late = TestAgent::start(1, vec![Trick::new(Step::Walk, Fault::Late(Duration::from_secs(9)))]);
//! println!("device 1, which walks too slowly, answers at {}", late.endpoint());
//! ```

mod answer;
mod http;

pub use answer::{TestAgent, Witness};

use loopin_challenge::messages::{Step, VerifierAccount};
use std::time::Duration;

/// Something done wrong at a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trick {
    /// The step.
    pub step: Step,
    /// What is done wrong.
    pub fault: Fault,
    /// Only that many of the first times that this step is asked for.
    pub times: u32,
    /// Only when this verifier asks, if it is of one.
    pub verifier: Option<VerifierAccount>,
}

impl Trick {
    /// That fault at that step, every time.
    pub fn new(step: Step, fault: Fault) -> Self {
        Self {
            step,
            fault,
            times: u32::MAX,
            verifier: None,
        }
    }

    /// That fault the first times only.
    pub fn first(times: u32, step: Step, fault: Fault) -> Self {
        Self {
            times,
            ..Self::new(step, fault)
        }
    }

    /// That fault for one verifier only.
    pub fn against(verifier: VerifierAccount, step: Step, fault: Fault) -> Self {
        Self {
            verifier: Some(verifier),
            ..Self::new(step, fault)
        }
    }
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    // How the answer is brought.
    /// Another status, with that body.
    Status(u16, &'static str),
    /// A redirect to that address.
    Redirect(String),
    /// The answer comes only then.
    Late(Duration),
    /// It comes one byte at a time, with that pause between.
    Trickle(Duration),
    /// It never ends, and comes as fast as it is read.
    Endless,
    /// A megabyte of headers.
    HugeHeaders,
    /// Headers, and then nothing.
    HangAfterHeaders,
    /// All of the answer, whose length was not announced, and then nothing: its end never comes.
    HangBeforeEnd,
    /// The connection is closed instead of an answer.
    HangUp,
    /// The connection is closed in the middle of the answer.
    CloseMidBody,
    /// Something that is not HTTP.
    NoHttp,

    // What it says.
    /// Bytes that mean nothing, as many.
    Garbage(usize),
    /// No bytes.
    Empty,
    /// The last byte is missing.
    Truncated,
    /// One byte more.
    TrailingByte,
    /// The message is about the next round.
    OtherRound,
    /// The message is about another device.
    OtherDevice,
    /// The message is about a smaller task.
    OtherProfile,
    /// The message is about another seed.
    OtherSeed,
    /// The message that was the right one the last time; the first time, the right one.
    Replay,
    /// One bit is flipped, in that byte counted modulo the length.
    FlippedBit(usize),
    /// Signed with another key.
    OtherKey,
    /// Privacy beyond 100.
    TooMuchPrivacy,

    // Whose nonces the seed is made of. These belong to `Fill` and `Walk`; the seed is made of them as they are.
    /// One is of a member that has not sent any.
    ForgedContribution,
    /// One is of somebody who is not in the committee.
    StrangersContribution,
    /// Those of less than a majority.
    TooFewContributions,
    /// None.
    NoContributions,
    /// They are not sorted.
    UnsortedContributions,
    /// One is there twice.
    DoubleContribution,
    /// Those of the first time, on whatever it is asked now.
    OldContributions,
    /// Other ones than those that the seed is made of.
    OtherContributions,

    // What else may be refused, with status 409.
    /// Whatever the verifier has sent, the device claims to have another nonce of it, signed by the key of this seed.
    Conflict([u8; 32]),
    /// The same, with the nonce and signature that the verifier has just sent.
    ConflictWithItself,

    // The last signature. These belong to `Open`.
    /// It is not there.
    NoLastSignature,
    /// It is for another verifier.
    LastSignatureForAnother,
    /// It is over other openings than were sent.
    LastSignatureOverOthers,
    /// It is over another claim.
    LastSignatureOfAnotherClaim,

    // What was not done. These belong to `Fill`, the last to `Walk`.
    /// Nothing was computed after the first matrix.
    SkippedWork,
    /// The openings are those of another state.
    OtherState,
    /// The walk went over zeros, since the state was not kept.
    LostMemory,
}

//! What a verifier, or somebody who poses as one, is told when the agent does not answer.

use crate::backend::BackendError;
use codec::Encode;
use loopin_challenge::{ProfileError, messages::Contribution};

/// Why a message gets no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bytes are not the message of this step.
    #[error("no message of this step: it has {expected} bytes and these are {found}")]
    Length {
        /// Bytes of the message.
        expected: usize,
        /// Bytes received.
        found: usize,
    },
    /// The bytes have the right length and are no message all the same.
    #[error("no message of this step")]
    Malformed,
    /// More bytes than any message has.
    #[error("more than {0} bytes: no message is as long")]
    TooLarge(usize),
    /// The sender took too long.
    #[error("the request did not arrive within {0} seconds")]
    Slow(u64),
    /// No device with that number is here. What was asked for is escaped: it goes into the log.
    #[error("device {0} is not here")]
    UnknownDevice(String),
    /// The message is about a device other than the one it was sent to.
    #[error("the message is about device {0}")]
    OtherDevice(u64),
    /// The signature is not that of the verifier's node.
    #[error("the signature is not the verifier's")]
    WrongSignature,
    /// The message is from another chain.
    #[error("the message is of another chain")]
    OtherChain,
    /// The chain has no challenge of this device at present.
    #[error("the chain asks for no challenge of this device now")]
    NotChallenged,
    /// The chain's challenge of this device is of another round.
    #[error("the chain is in round {0} for this device")]
    OtherRound(u64),
    /// The verifier has no seat in the device's committee.
    #[error("the chain did not assign this verifier to this device")]
    NotAssigned,
    /// The chain's round began with another seed.
    #[error("the chain has another seed for this round: one of the two nodes is on a fork")]
    OtherSeed,
    /// The chain asks something else of the device.
    #[error("the chain asks for another profile")]
    OtherProfile,
    /// The device is registered with the key of another agent.
    #[error("the device is registered with another agent's key")]
    OtherAgent,
    /// The round's window is not open.
    #[error("the window of the round is from {opens_at} to {closes_at} and now is {now}")]
    OutsideWindow {
        /// Begin of the window, in Unix seconds.
        opens_at: u64,
        /// End of the window, in Unix seconds.
        closes_at: u64,
        /// Now, in Unix seconds.
        now: u64,
    },
    /// The chain asks for what nobody can compute.
    #[error("the profile is unusable: {0}")]
    Profile(#[from] ProfileError),
    /// The message does not continue a challenge that is under way.
    #[error("no challenge is at this step")]
    OutOfTurn,
    /// The message does not repeat what the device answered before.
    #[error("the message is about another seed or root than the device's")]
    OtherAnswer,
    /// The verifier has sent another nonce in this step before. It is told which.
    #[error("the verifier has sent another nonce in this step: a second node with its key is at work")]
    SecondNonce(Contribution),
    /// Too many signatures of this sender had to be checked.
    #[error("more than {0} signatures in a second: no more of this sender are checked now")]
    TooManyChecks(u32),
    /// Too many requests of the sender wait already.
    #[error("too many requests at once")]
    TooManyRequests,
    /// Who challenges the device is not known.
    #[error("the agent has no connection to a node of the chain")]
    NoNode,
    /// The agent is about to end.
    #[error("the agent is stopping")]
    Stopping,
    /// The device does not work.
    #[error("the device cannot do it")]
    Device(BackendError),
    /// What the device opened is wrong, and not sent. The text says what, for the agent's own log.
    #[error("the device cannot open it")]
    WrongOpenings(String),
    /// The agent failed.
    #[error("a defect of the agent")]
    Defect,
}

impl Refusal {
    /// The HTTP status that says it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Length { .. } | Self::Malformed | Self::OtherDevice(_) | Self::Profile(_) => 400,
            Self::WrongSignature => 401,
            Self::OtherChain
            | Self::NotChallenged
            | Self::OtherRound(_)
            | Self::NotAssigned
            | Self::OtherSeed
            | Self::OtherProfile
            | Self::OtherAgent
            | Self::OutsideWindow { .. } => 403,
            Self::UnknownDevice(_) => 404,
            Self::Slow(_) => 408,
            Self::OutOfTurn | Self::OtherAnswer | Self::SecondNonce(_) => 409,
            Self::TooLarge(_) => 413,
            Self::TooManyChecks(_) | Self::TooManyRequests => 429,
            Self::Defect => 500,
            Self::NoNode | Self::Stopping | Self::Device(_) | Self::WrongOpenings(_) => 503,
        }
    }

    /// What is sent with it: a text, but for a second nonce, where it is the proof of the first.
    pub fn body(&self) -> (&'static str, Vec<u8>) {
        match self {
            Self::SecondNonce(first) => ("application/octet-stream", first.encode()),
            other => ("text/plain", format!("{other}\n").into_bytes()),
        }
    }

    /// One word for the metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Length { .. } | Self::Malformed => "malformed",
            Self::TooLarge(_) => "too_large",
            Self::Slow(_) => "slow",
            Self::UnknownDevice(_) => "unknown_device",
            Self::OtherDevice(_) => "other_device",
            Self::WrongSignature => "wrong_signature",
            Self::OtherChain => "other_chain",
            Self::NotChallenged => "not_challenged",
            Self::OtherRound(_) => "other_round",
            Self::NotAssigned => "not_assigned",
            Self::OtherSeed => "other_seed",
            Self::OtherProfile => "other_profile",
            Self::OtherAgent => "other_agent",
            Self::OutsideWindow { .. } => "outside_window",
            Self::Profile(_) => "unusable_profile",
            Self::OutOfTurn => "out_of_turn",
            Self::OtherAnswer => "other_answer",
            Self::SecondNonce(_) => "second_nonce",
            Self::TooManyChecks(_) => "too_many_checks",
            Self::TooManyRequests => "too_many_requests",
            Self::NoNode => "no_node",
            Self::Stopping => "stopping",
            Self::Device(_) => "device",
            Self::WrongOpenings(_) => "wrong_openings",
            Self::Defect => "defect",
        }
    }

    /// What to write into the agent's own log: the same, and what is nobody else's business.
    pub fn details(&self) -> String {
        match self {
            Self::Device(error) => error.to_string(),
            Self::WrongOpenings(rejection) => format!(
                "what it opened does not follow from what it committed to, and was withheld ({rejection}): the device's \
                 memory or its driver is at fault"
            ),
            other => other.to_string(),
        }
    }
}

impl From<BackendError> for Refusal {
    fn from(error: BackendError) -> Self {
        Self::Device(error)
    }
}

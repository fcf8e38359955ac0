//! What a verifier, or somebody who poses as one, is told when the agent does not answer.

use crate::backend::BackendError;
use loopin_challenge::ProfileError;

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
    /// No device with that number is here.
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
    /// The chain asks something else of the device.
    #[error("the chain asks for another profile")]
    OtherProfile,
    /// The device is registered with the key of another agent.
    #[error("the device is registered with another agent's key")]
    OtherAgent,
    /// It is not this verifier's turn.
    #[error("the verifier's slot is from {opens_at} to {closes_at} and now is {now}")]
    OutsideSlot {
        /// Begin of its slot, in Unix seconds.
        opens_at: u64,
        /// End of its slot, in Unix seconds.
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
    /// The device is still computing what it was asked before.
    #[error("the device is still at the step before")]
    Computing,
    /// The verifier has used up its attempts in this round.
    #[error("{0} attempts in one round are all that a verifier has")]
    TooManyAttempts(u8),
    /// The device is being challenged by another verifier.
    #[error("the device is being challenged by another verifier")]
    Busy,
    /// Too many requests wait for the same answer of the chain.
    #[error("too many requests at once")]
    TooManyRequests,
    /// Whether the verifier was assigned cannot be found out.
    #[error("the agent has no connection to a node of the chain")]
    NoNode,
    /// The agent is about to end.
    #[error("the agent is stopping")]
    Stopping,
    /// The device does not work.
    #[error("the device cannot do it")]
    Device(BackendError),
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
            | Self::OtherProfile
            | Self::OtherAgent
            | Self::OutsideSlot { .. } => 403,
            Self::UnknownDevice(_) => 404,
            Self::Slow(_) => 408,
            Self::OutOfTurn | Self::OtherAnswer | Self::Computing => 409,
            Self::TooLarge(_) => 413,
            Self::TooManyAttempts(_) | Self::TooManyRequests => 429,
            Self::Busy | Self::NoNode | Self::Stopping | Self::Device(_) => 503,
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
            Self::OtherProfile => "other_profile",
            Self::OtherAgent => "other_agent",
            Self::OutsideSlot { .. } => "outside_slot",
            Self::Profile(_) => "unusable_profile",
            Self::OutOfTurn => "out_of_turn",
            Self::OtherAnswer => "other_answer",
            Self::Computing => "computing",
            Self::TooManyAttempts(_) => "too_many_attempts",
            Self::Busy => "busy",
            Self::TooManyRequests => "too_many_requests",
            Self::NoNode => "no_node",
            Self::Stopping => "stopping",
            Self::Device(_) => "device",
        }
    }

    /// What to write into the agent's own log: the same, and what is nobody else's business.
    pub fn details(&self) -> String {
        match self {
            Self::Device(error) => error.to_string(),
            other => other.to_string(),
        }
    }
}

impl From<BackendError> for Refusal {
    fn from(error: BackendError) -> Self {
        Self::Device(error)
    }
}

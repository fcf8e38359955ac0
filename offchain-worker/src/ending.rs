//! What is said of a device in the end, and why.

use crate::{DeviceReport, Evidence, LOG_TARGET, Target, exchange::Trouble, text::Printable};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
};
use loopin_challenge::messages::Step;
use loopin_primitives::{Commitment, FailReason, InconclusiveReason, RoundId, Vote};

/// What a verifier says of a device, and for people why.
#[derive(Debug)]
pub struct Ending {
    /// What goes to the chain: nothing where another node speaks for this verifier.
    pub vote: Option<Vote>,
    /// What proves fraud to others.
    pub evidence: Option<Evidence>,
    /// For the log.
    pub why: String,
}

impl Ending {
    /// The device did not do what it must.
    pub fn fail(reason: FailReason, why: impl ToString) -> Box<Self> {
        Self::because(Some(Vote::Fail(reason.into())), why)
    }

    /// The verifier could not find out.
    pub fn inconclusive(reason: InconclusiveReason, why: impl ToString) -> Box<Self> {
        Self::because(Some(Vote::Inconclusive(reason)), why)
    }

    /// Another node speaks for this verifier.
    pub fn yielded(step: Step) -> Box<Self> {
        let why = format!("{}: another node speaks for this verifier", step.name());
        Self::because(None, why)
    }

    fn because(vote: Option<Vote>, why: impl ToString) -> Box<Self> {
        Box::new(Self {
            vote,
            evidence: None,
            why: why.to_string(),
        })
    }

    /// A step without an answer.
    pub fn trouble(step: Step, trouble: &Trouble) -> Box<Self> {
        let name = step.name();
        let (reason, why) = match trouble {
            Trouble::Connection if step == Step::Prepare => (FailReason::Unreachable, "no connection"),
            Trouble::Connection => (
                FailReason::Late,
                "the connection broke before there was an answer",
            ),
            Trouble::Broken => (FailReason::Late, "the connection broke within the answer"),
            Trouble::Late { by_window: false } => (FailReason::Late, "no whole answer within the limit"),
            Trouble::Late { by_window: true } => {
                let why = format!("{name}: no time left in the round's window");
                return Self::inconclusive(InconclusiveReason::Interrupted, why);
            }
            Trouble::Refused { status, text } => {
                let why = format!("{name}: refused with HTTP status {status}: {}", Printable(text));
                return Self::fail(FailReason::Refused, why);
            }
            Trouble::TooLong => (FailReason::Malformed, "the answer is too long"),
        };
        Self::fail(reason, format!("{name}: {why}"))
    }

    /// The same, with what the device had committed to when it failed.
    pub fn with_commitment(mut self: Box<Self>, commitment: Commitment) -> Box<Self> {
        if let Some(Vote::Fail(failure)) = &mut self.vote {
            failure.commitment = Some(commitment);
        }
        self
    }

    /// Writes a line for people, and makes the report of it if there is anything to say.
    pub fn report(self, round: RoundId, target: &Target) -> Option<DeviceReport> {
        let Self { vote, evidence, why } = self;
        let device = target.device;
        match &vote {
            Some(Vote::Pass(pass)) => log::info!(
                target: LOG_TARGET,
                "round {round}: device {device} passed: {} Gop/s, {why}, walked in {} ms, privacy {}",
                pass.work_gops, pass.walk_ms, pass.privacy,
            ),
            Some(Vote::Fail(failure)) => {
                let provable = if evidence.is_some() {
                    ", which can be proven"
                } else {
                    ""
                };
                log::warn!(
                    target: LOG_TARGET,
                    "round {round}: device {device} failed: {:?}{provable} ({why})",
                    failure.reason,
                );
            }
            Some(Vote::Inconclusive(reason)) => log::warn!(
                target: LOG_TARGET,
                "round {round}: device {device} is inconclusive: {reason:?} ({why})",
            ),
            None => log::warn!(
                target: LOG_TARGET,
                "round {round}: this node says nothing of device {device} ({why})",
            ),
        }
        vote.map(|vote| DeviceReport {
            device,
            kind: target.kind,
            vote,
            evidence,
        })
    }
}

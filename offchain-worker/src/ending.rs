//! What is said of a device in the end, and why.

use crate::{DeviceReport, Evidence, LOG_TARGET, Target, exchange::Trouble, text::Printable};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
};
use loopin_challenge::messages::Step;
use loopin_primitives::{FailReason, InconclusiveReason, RoundId, Vote};

/// What a verifier says of a device, and for people why.
#[derive(Debug)]
pub struct Ending {
    /// What goes to the chain.
    pub vote: Vote,
    /// What proves fraud to others.
    pub evidence: Option<Evidence>,
    /// For the log.
    pub why: String,
}

impl Ending {
    /// The device did not do what it must.
    pub fn fail(reason: FailReason, why: impl ToString) -> Box<Self> {
        Self::because(Vote::Fail(reason), why)
    }

    /// The verifier could not find out.
    pub fn inconclusive(reason: InconclusiveReason, why: impl ToString) -> Box<Self> {
        Self::because(Vote::Inconclusive(reason), why)
    }

    fn because(vote: Vote, why: impl ToString) -> Box<Self> {
        Box::new(Self {
            vote,
            evidence: None,
            why: why.to_string(),
        })
    }

    /// A step without an answer.
    pub fn trouble(step: Step, trouble: &Trouble) -> Box<Self> {
        let step = step.name();
        let (reason, why) = match trouble {
            Trouble::Connection => (
                FailReason::Late,
                "the connection broke before there was an answer",
            ),
            Trouble::Broken => (FailReason::Late, "the connection broke within the answer"),
            Trouble::Late { by_slot: false } => (FailReason::Late, "no whole answer within the limit"),
            Trouble::Late { by_slot: true } => {
                let why = format!("{step}: no time left in the slot");
                return Self::inconclusive(InconclusiveReason::Interrupted, why);
            }
            Trouble::Refused { status, text } => {
                let why = format!("{step}: refused with HTTP status {status}: {}", Printable(text));
                return Self::fail(FailReason::Refused, why);
            }
            Trouble::TooLong => (FailReason::Malformed, "the answer is too long"),
        };
        Self::fail(reason, format!("{step}: {why}"))
    }

    /// Writes a line for people, and makes the report of it.
    pub fn report(self, round: RoundId, target: &Target) -> DeviceReport {
        let Self { vote, evidence, why } = self;
        let device = target.device;
        match &vote {
            Vote::Pass(pass) => log::info!(
                target: LOG_TARGET,
                "round {round}: device {device} passed: {} Gop/s, {why}, walked in {} ms, privacy {}",
                pass.work_gops, pass.walk_ms, pass.privacy,
            ),
            Vote::Fail(reason) => {
                let provable = if evidence.is_some() {
                    ", which can be proven"
                } else {
                    ""
                };
                log::warn!(
                    target: LOG_TARGET,
                    "round {round}: device {device} failed: {reason:?}{provable} ({why})",
                );
            }
            Vote::Inconclusive(reason) => log::warn!(
                target: LOG_TARGET,
                "round {round}: device {device} is inconclusive: {reason:?} ({why})",
            ),
        }
        DeviceReport {
            device,
            kind: target.kind,
            vote,
            evidence,
        }
    }
}

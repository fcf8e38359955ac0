//! What a device's answers must say, and who must have signed them.

use crate::{Target, context::is_signed, ending::Ending, exchange::Answer, text::Printable};
use alloc::{boxed::Box, format};
use codec::{Compact, CompactLen, Decode, DecodeAll, MaxEncodedLen};
use loopin_challenge::{
    Claim,
    joint::{self, ContributionError},
    messages::{
        Assignment, Contribution, FillAnswer, JointAnswer, Message, PrepareAnswer, Signature, Signed, Step,
        WalkAnswer, WalkRequest,
    },
};
use loopin_primitives::FailReason;

/// Highest privacy that an agent can state.
const MAX_PRIVACY: u8 = 100;

/// Most bytes of an answer to which all members of that device's committee have contributed.
pub fn max_joint_len<M: MaxEncodedLen>(target: &Target) -> usize {
    let members = target.committee.len();
    let count = Compact::<u32>::compact_len(&u32::try_from(members).unwrap_or(u32::MAX));
    Signed::<M>::max_encoded_len() + count + members * Contribution::max_encoded_len()
}

/// The privacy that the device states in its answer to `prepare`.
pub fn prepared(target: &Target, assignment: &Assignment, answer: &Answer) -> Result<u8, Box<Ending>> {
    let signed: Signed<PrepareAnswer> = decode(Step::Prepare, answer)?;
    let PrepareAnswer { privacy, .. } = signed.message;
    check(
        Step::Prepare,
        target,
        &signed,
        signed.message.assignment == *assignment && privacy <= MAX_PRIVACY,
    )?;
    Ok(privacy)
}

/// What the device answers to `fill`, on a seed to which a majority has contributed.
pub fn filled(target: &Target, assignment: &Assignment, answer: &Answer) -> Result<FillAnswer, Box<Ending>> {
    let joint: JointAnswer<FillAnswer> = decode(Step::Fill, answer)?;
    let message = joint.answer.message;
    let seed = joint::seed(assignment, &joint::contributors(&joint.contributions));
    let is_right = message.assignment == *assignment && message.seed == seed;
    check(Step::Fill, target, &joint.answer, is_right)?;
    joint::check_fill(assignment, &target.committee, &joint.contributions, is_signed)
        .map_err(|error| no_seed(Step::Fill, error))?;
    Ok(message)
}

/// The claim that the device answers to `walk`, on a seed to which a majority has contributed, with its signature.
pub fn walked(
    target: &Target,
    request: &WalkRequest,
    answer: &Answer,
) -> Result<(Claim, Signature), Box<Ending>> {
    let joint: JointAnswer<WalkAnswer> = decode(Step::Walk, answer)?;
    let WalkAnswer { assignment, claim } = joint.answer.message;
    let WalkRequest { seed, state_root, .. } = *request;
    let expected = Claim {
        seed,
        state_root,
        walk_seed: joint::walk_seed(&seed, &state_root, &joint::contributors(&joint.contributions)),
        walk_root: claim.walk_root,
    };
    let is_right = assignment == request.assignment && claim == expected;
    check(Step::Walk, target, &joint.answer, is_right)?;
    joint::check_walk(
        &assignment,
        &seed,
        &state_root,
        &target.committee,
        &joint.contributions,
        is_signed,
    )
    .map_err(|error| no_seed(Step::Walk, error))?;
    Ok((claim, joint.answer.signature))
}

fn decode<M: Decode>(step: Step, answer: &Answer) -> Result<M, Box<Ending>> {
    M::decode_all(&mut &answer.bytes[..]).map_err(|_| {
        let why = format!(
            "{}: {} bytes that are not the answer: {}",
            step.name(),
            answer.bytes.len(),
            Printable(&answer.bytes)
        );
        Ending::fail(FailReason::Malformed, why)
    })
}

/// Whether an answer is the right one, and the agent's.
fn check<M: Message>(
    step: Step,
    target: &Target,
    signed: &Signed<M>,
    is_right: bool,
) -> Result<(), Box<Ending>> {
    let step = step.name();
    if !is_right {
        let why = format!("{step}: the answer is about something else");
        return Err(Ending::fail(FailReason::Malformed, why));
    }
    if !is_signed(&signed.signature, &signed.message.digest(), &target.agent_key) {
        let why = format!("{step}: not signed with the agent's key");
        return Err(Ending::fail(FailReason::WrongSignature, why));
    }
    Ok(())
}

fn no_seed(step: Step, error: ContributionError) -> Box<Ending> {
    let why = format!("{}: {error}", step.name());
    Ending::fail(FailReason::Malformed, why)
}

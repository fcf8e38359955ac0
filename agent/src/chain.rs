//! What the agent knows of the chain: who challenges its devices now, and how they are registered. It learns that from the
//! blocks as they come, and never asks because somebody sent something.

mod link;
mod record;

pub use link::{Connection, NodeLink};
pub use record::DeviceRecord;

use crate::{refusal::Refusal, session::Request};
use loopin_challenge::{
    Hash,
    joint::Member,
    messages::{Assignment, VerifierAccount},
};
use loopin_primitives::{DeviceChallenge, DeviceId, Moment, USUAL_LAG_SECONDS, Window};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How far the clocks of a verifier and of this machine may be apart, in seconds.
pub const CLOCK_TOLERANCE_SECONDS: u64 = 5;
/// How long a challenge lasts where no chain says so.
const UNASSIGNED_TIME: Duration = Duration::from_secs(600);

/// Who decides whom a device answers.
#[derive(Clone)]
pub enum Authority {
    /// The chain, through a node.
    Node(NodeLink),
    /// Nobody: everyone is answered, without a signature, as a committee of one. For tests.
    Anyone,
}

/// How the chain has a device challenged now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// What the messages must be about.
    pub assignment: Assignment,
    /// Who challenges the device.
    pub committee: Vec<Member>,
    /// The key with which the request in question must be signed, where there is one.
    pub key: Option<[u8; 32]>,
    /// How long from now the challenge lasts.
    pub remaining: Duration,
}

impl Authority {
    /// How the chain has the device challenged, if the request belongs to that. Asks nobody.
    ///
    /// # Errors
    /// It does not, or nothing is known.
    pub fn expects(
        &self,
        device: DeviceId,
        agent_key: &[u8; 32],
        request: &Request,
    ) -> Result<Expected, Refusal> {
        let Self::Node(link) = self else {
            return Ok(anyone(request));
        };
        let (genesis, challenge) = link.known(device).ok_or(Refusal::NoNode)?;
        if request.assignment().genesis != genesis {
            return Err(Refusal::OtherChain);
        }
        let unknown = || match link.connection() {
            Some(_) => Refusal::NotChallenged,
            None => Refusal::NoNode,
        };
        let challenge = challenge.ok_or_else(unknown)?;
        let now = present(unix_seconds(), challenge.now);
        expected(
            &genesis,
            &challenge,
            agent_key,
            request.assignment(),
            request.verifier(),
            now,
        )
    }
}

/// Whoever asks is a committee of one.
fn anyone(request: &Request) -> Expected {
    Expected {
        assignment: *request.assignment(),
        committee: vec![Member {
            verifier: *request.verifier(),
            key: [0; 32],
            seats: 1,
        }],
        key: None,
        remaining: UNASSIGNED_TIME,
    }
}

/// How the device is challenged, if that verifier may challenge it with this assignment in this moment.
fn expected(
    genesis: &Hash,
    challenge: &DeviceChallenge,
    agent_key: &[u8; 32],
    assignment: &Assignment,
    verifier: &VerifierAccount,
    now: Moment,
) -> Result<Expected, Refusal> {
    if challenge.agent_key != *agent_key {
        return Err(Refusal::OtherAgent);
    }
    if challenge.round != assignment.round {
        return Err(Refusal::OtherRound(challenge.round));
    }
    if challenge.profile != assignment.profile {
        return Err(Refusal::OtherProfile);
    }
    let ours = Assignment {
        genesis: *genesis,
        round: challenge.round,
        round_seed: challenge.round_seed,
        device: challenge.device.into(),
        profile: challenge.profile,
    };
    if ours != *assignment {
        return Err(Refusal::OtherSeed);
    }
    let Window {
        opens_at, closes_at, ..
    } = challenge.window;
    let closes = closes_at.saturating_add(CLOCK_TOLERANCE_SECONDS);
    if now.saturating_add(CLOCK_TOLERANCE_SECONDS) < opens_at || now >= closes {
        return Err(Refusal::OutsideWindow {
            opens_at,
            closes_at,
            now,
        });
    }
    let member = challenge
        .committee
        .iter()
        .find(|member| member.verifier == *verifier);
    Ok(Expected {
        assignment: ours,
        key: Some(member.ok_or(Refusal::NotAssigned)?.key),
        committee: challenge.committee.clone(),
        remaining: Duration::from_secs(closes - now),
    })
}

/// The present moment: by the machine's clock, or by the chain's where it is far away from that. A development chain
/// can be made to jump ahead.
fn present(machine: Moment, chain: Moment) -> Moment {
    if chain.abs_diff(machine) > USUAL_LAG_SECONDS {
        chain
    } else {
        machine
    }
}

/// Seconds since 1970.
pub fn unix_seconds() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use loopin_challenge::classes::{CPU_REFERENCE, LIGHT};
    use loopin_primitives::ChallengeKind;

    const GENESIS: Hash = [1; 32];
    const KEY: [u8; 32] = [2; 32];

    fn assignment() -> Assignment {
        Assignment {
            genesis: GENESIS,
            round: 7,
            round_seed: [9; 32],
            device: 3,
            profile: CPU_REFERENCE.profile,
        }
    }

    fn challenge() -> DeviceChallenge {
        let member = |verifier, seats| Member {
            verifier: [verifier; 32],
            key: [verifier + 100; 32],
            seats,
        };
        DeviceChallenge {
            now: 1_000,
            round: 7,
            round_seed: [9; 32],
            device: 3,
            profile: CPU_REFERENCE.profile,
            kind: ChallengeKind::Full,
            agent_key: KEY,
            endpoint: b"https://gpu.example.org".to_vec(),
            window: Window::new(1_000, 120),
            committee: vec![member(4, 3), member(5, 2)],
        }
    }

    fn decide(
        change: impl Fn(&mut DeviceChallenge, &mut Assignment),
        now: Moment,
    ) -> Result<Expected, Refusal> {
        let (mut challenge, mut assignment) = (challenge(), assignment());
        change(&mut challenge, &mut assignment);
        expected(&GENESIS, &challenge, &KEY, &assignment, &[4; 32], now)
    }

    #[test]
    fn the_clock_is_the_machines_unless_the_chain_has_jumped_ahead() {
        assert_eq!(present(1_000, 940), 1_000);
        assert_eq!(present(1_000, 1_060), 1_000);
        assert_eq!(present(1_000, 1_061), 1_061);
    }

    #[test]
    fn a_verifier_of_the_committee_is_allowed_in_the_window_and_some_seconds_around_it() {
        let expected = decide(|_, _| (), 1_000).unwrap();
        assert_eq!(
            (expected.assignment, expected.key),
            (assignment(), Some([104; 32]))
        );
        assert_eq!(expected.committee, challenge().committee);
        assert_eq!(expected.remaining, Duration::from_secs(125));
        for now in [995, 1_119, 1_124] {
            assert!(decide(|_, _| (), now).is_ok(), "{now}");
        }
        for now in [0, 994, 1_125, u64::MAX] {
            let (opens_at, closes_at) = (1_000, 1_120);
            let refusal = Refusal::OutsideWindow {
                opens_at,
                closes_at,
                now,
            };
            assert_eq!(decide(|_, _| (), now), Err(refusal));
        }
    }

    #[test]
    fn everything_that_the_chain_does_not_ask_for_is_refused() {
        let now = 1_040;
        assert_eq!(decide(|_, ours| ours.round = 6, now), Err(Refusal::OtherRound(7)));
        assert_eq!(
            decide(|_, ours| ours.round_seed = [1; 32], now),
            Err(Refusal::OtherSeed)
        );
        assert_eq!(
            decide(
                |chain, _| chain.committee.retain(|member| member.verifier != [4; 32]),
                now
            ),
            Err(Refusal::NotAssigned)
        );
        assert_eq!(
            decide(|_, ours| ours.profile = LIGHT, now),
            Err(Refusal::OtherProfile)
        );
        assert_eq!(
            decide(|chain, _| chain.agent_key = [9; 32], now),
            Err(Refusal::OtherAgent)
        );
    }
}

//! What the agent reads from the chain: who may challenge a device now, and how the device is registered.

mod link;
mod record;

pub use link::{Connection, NodeLink};
pub use record::DeviceRecord;

use crate::refusal::Refusal;
use loopin_challenge::{Hash, messages::Assignment};
use loopin_primitives::{DeviceChallenge, DeviceId, Moment, Seat, USUAL_LAG_SECONDS};
use sp_core::sr25519;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How far the clocks of a verifier and of this machine may be apart, in seconds.
pub const CLOCK_TOLERANCE_SECONDS: u64 = 5;
/// How long a verifier may take where no chain gives it a slot.
const UNASSIGNED_TIME: Duration = Duration::from_secs(600);

/// Who decides whom a device answers.
#[derive(Clone)]
pub enum Authority {
    /// The chain, through a node.
    Node(NodeLink),
    /// Nobody: everyone is answered, without a signature. For tests.
    Anyone,
}

/// A verifier's permission to challenge a device now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The key with which all its messages must be signed, where there is one.
    pub verifier_key: Option<sr25519::Public>,
    /// How long from now its slot lasts.
    pub remaining: Duration,
}

impl Authority {
    /// Whether the chain has assigned this challenge.
    ///
    /// # Errors
    /// It has not, or that cannot be found out.
    pub async fn allow(
        &self,
        device: DeviceId,
        agent_key: &sr25519::Public,
        assignment: &Assignment,
    ) -> Result<Permission, Refusal> {
        let Self::Node(link) = self else {
            return Ok(Permission {
                verifier_key: None,
                remaining: UNASSIGNED_TIME,
            });
        };
        link.wait_for(device, |genesis, challenge| {
            let now = present(unix_seconds(), challenge.map(|challenge| challenge.now));
            let seat = assigned(genesis, challenge, agent_key, assignment, now)?;
            Ok(Permission {
                verifier_key: Some(sr25519::Public::from_raw(seat.key)),
                remaining: Duration::from_secs(
                    (seat.closes_at.saturating_sub(now)).saturating_add(CLOCK_TOLERANCE_SECONDS),
                ),
            })
        })
        .await
    }
}

/// The verifier's seat, if the chain asks it to challenge the device with this profile in this moment.
fn assigned(
    genesis: &Hash,
    challenge: Option<&DeviceChallenge>,
    agent_key: &sr25519::Public,
    assignment: &Assignment,
    now: Moment,
) -> Result<Seat, Refusal> {
    if assignment.genesis != *genesis {
        return Err(Refusal::OtherChain);
    }
    let challenge = challenge.ok_or(Refusal::NotChallenged)?;
    if challenge.agent_key != agent_key.0 {
        return Err(Refusal::OtherAgent);
    }
    if challenge.round != assignment.round {
        return Err(Refusal::OtherRound(challenge.round));
    }
    let seat = challenge
        .seats
        .iter()
        .find(|seat| seat.verifier == assignment.verifier)
        .ok_or(Refusal::NotAssigned)?;
    if challenge.profile != assignment.profile {
        return Err(Refusal::OtherProfile);
    }
    let Seat {
        opens_at, closes_at, ..
    } = *seat;
    let is_open = now.saturating_add(CLOCK_TOLERANCE_SECONDS) >= opens_at
        && now < closes_at.saturating_add(CLOCK_TOLERANCE_SECONDS);
    if !is_open {
        return Err(Refusal::OutsideSlot {
            opens_at,
            closes_at,
            now,
        });
    }
    Ok(*seat)
}

/// The present moment: by the machine's clock, or by the chain's where it is far away from that. A development chain
/// can be made to jump ahead.
fn present(machine: Moment, chain: Option<Moment>) -> Moment {
    match chain {
        Some(chain) if chain.abs_diff(machine) > USUAL_LAG_SECONDS => chain,
        _ => machine,
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
            device: 3,
            verifier: [4; 32],
            profile: CPU_REFERENCE.profile,
        }
    }

    fn challenge() -> DeviceChallenge {
        let seat = |verifier, opens_at| Seat {
            verifier: [verifier; 32],
            key: [verifier + 100; 32],
            opens_at,
            closes_at: opens_at + 30,
        };
        DeviceChallenge {
            now: 1_000,
            round: 7,
            device: 3,
            profile: CPU_REFERENCE.profile,
            kind: ChallengeKind::Full,
            agent_key: KEY,
            endpoint: b"https://gpu.example.org".to_vec(),
            seats: vec![seat(5, 1_000), seat(4, 1_030)],
        }
    }

    fn decide(change: impl Fn(&mut DeviceChallenge, &mut Assignment), now: Moment) -> Result<Seat, Refusal> {
        let (mut challenge, mut assignment) = (challenge(), assignment());
        change(&mut challenge, &mut assignment);
        assigned(
            &GENESIS,
            Some(&challenge),
            &sr25519::Public::from_raw(KEY),
            &assignment,
            now,
        )
    }

    #[test]
    fn the_clock_is_the_machines_unless_the_chain_has_jumped_ahead() {
        assert_eq!(present(1_000, None), 1_000);
        assert_eq!(present(1_000, Some(940)), 1_000);
        assert_eq!(present(1_000, Some(1_060)), 1_000);
        assert_eq!(present(1_000, Some(1_061)), 1_061);
    }

    #[test]
    fn the_assigned_verifier_is_allowed_in_its_slot_and_some_seconds_around_it() {
        let seat = decide(|_, _| (), 1_030).unwrap();
        assert_eq!((seat.verifier, seat.key), ([4; 32], [104; 32]));
        for now in [1_025, 1_059, 1_064] {
            assert!(decide(|_, _| (), now).is_ok(), "{now}");
        }
        for now in [0, 1_024, 1_065, u64::MAX] {
            let (opens_at, closes_at) = (1_030, 1_060);
            let refusal = Refusal::OutsideSlot {
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
        assert_eq!(
            assigned(
                &GENESIS,
                None,
                &sr25519::Public::from_raw(KEY),
                &assignment(),
                now
            ),
            Err(Refusal::NotChallenged)
        );
        assert_eq!(
            decide(|_, ours| ours.genesis = [9; 32], now),
            Err(Refusal::OtherChain)
        );
        assert_eq!(decide(|_, ours| ours.round = 6, now), Err(Refusal::OtherRound(7)));
        assert_eq!(
            decide(|_, ours| ours.verifier = [6; 32], now),
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

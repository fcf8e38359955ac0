//! What can be tested without a network: the bytes of the conversation, the plan, restarts.

use crate::*;
use codec::Encode;
use journal::{AHEAD_MS, MAX_ATTEMPTS, MAX_SLOTS, SlotRecord, plan};
use loopin_challenge::{
    Geometry, Profile,
    classes::CPU_REFERENCE,
    messages::{
        Assignment, FillAnswer, FillRequest, Message, OpenRequest, PrepareAnswer, PrepareRequest, Signed,
        Step, WalkAnswer, WalkRequest,
    },
    prover::State,
};
use loopin_primitives::{ChallengeKind, FailReason, InconclusiveReason, Pass};
use sp_core::{
    Pair as _,
    offchain::{
        OffchainDbExt, OffchainWorkerExt, Timestamp,
        testing::{OffchainState, PendingRequest, TestOffchainExt},
    },
    sr25519,
};
use sp_io::TestExternalities;
use sp_runtime::offchain::storage::StorageValueRef;
use std::{format, sync::Arc, vec, vec::Vec};

/// The host of an off-chain worker, whose clock only moves when somebody sleeps.
pub struct Host(Arc<parking_lot::RwLock<OffchainState>>);

impl Host {
    pub fn set_time(&self, now: u64) {
        self.0.write().timestamp = Timestamp::from_unix_millis(now);
    }

    pub fn set_seed(&self, seed: [u8; 32]) {
        self.0.write().seed = seed;
    }

    fn now(&self) -> u64 {
        self.0.read().timestamp.unix_millis()
    }

    fn expect(&self, path: &str, body: Vec<u8>, response: Vec<u8>) {
        self.0.write().expect_request(PendingRequest {
            method: "POST".into(),
            uri: format!("http://8.8.8.8:9090/agent/device/5/{path}"),
            headers: vec![
                ("content-type".into(), "application/octet-stream".into()),
                ("content-length".into(), format!("{}", body.len())),
            ],
            body,
            sent: true,
            response: Some(response),
            ..Default::default()
        });
    }
}

pub fn with_host(test: impl FnOnce(&Host)) {
    let (offchain, state) = TestOffchainExt::new();
    let mut externalities = TestExternalities::default();
    externalities.register_extension(OffchainDbExt::new(offchain.clone()));
    externalities.register_extension(OffchainWorkerExt::new(offchain));
    externalities.execute_with(|| test(&Host(state)));
}

struct Seven;

impl Signer for Seven {
    fn sign(&self, _: &[u8; 32]) -> Option<Signature> {
        Some([7; 64])
    }
}

struct NoKey;

impl Signer for NoKey {
    fn sign(&self, _: &[u8; 32]) -> Option<Signature> {
        None
    }
}

const POLICY: Policy = Policy {
    allow_private_addresses: false,
    devices_at_once: 4,
    prepare_ms: 3_000,
};

const SLOT: Slot = Slot {
    round: 3,
    opens_at: 1_000,
    closes_at: 1_060,
    verifier: [4; 32],
    genesis: [1; 32],
    block: [2; 32],
    clock_lead_seconds: 0,
};

fn profile() -> Profile {
    Profile {
        n: 32,
        matrices: 24,
        lanes: 64,
        ..CPU_REFERENCE.profile
    }
}

fn agent() -> sr25519::Pair {
    sr25519::Pair::from_seed(&[9; 32])
}

fn device(device: DeviceId, endpoint: &str) -> Target {
    Target {
        device,
        profile: profile(),
        kind: ChallengeKind::Full,
        agent_key: agent().public().0,
        endpoint: endpoint.into(),
    }
}

fn answer<M: Message>(message: M) -> Vec<u8> {
    let signature = agent().sign(&message.digest()).0;
    Signed { message, signature }.encode()
}

fn question<M: Message>(message: M) -> Vec<u8> {
    let signature = [7; 64];
    Signed { message, signature }.encode()
}

/// What one verifier does in a slot.
fn attend<S: Signer>(slot: &Slot, devices: &[Target], signer: &S, policy: &Policy) -> Attendance {
    let duty = Duty {
        slot: *slot,
        devices: devices.to_vec(),
        signer,
    };
    let [attendance] = <[Attendance; 1]>::try_from(crate::attend(&[duty], policy)).unwrap();
    attendance
}

fn votes(attendance: Attendance) -> Vec<(DeviceId, Vote)> {
    match attendance {
        Attendance::Done(reports) => reports
            .into_iter()
            .map(|report| (report.device, report.vote))
            .collect(),
        other => panic!("{other:?}"),
    }
}

mod wire {
    use super::*;

    /// An honest conversation with device 5 in a run whose nonces are all `nonce`.
    fn expect_conversation(host: &Host, nonce: [u8; 32]) -> WalkAnswer {
        let assignment = Assignment {
            genesis: [1; 32],
            round: 3,
            device: 5,
            verifier: [4; 32],
            profile: profile(),
        };
        let geometry = Geometry::new(profile()).expect("usable");
        let prepared = PrepareAnswer {
            assignment,
            privacy: 50,
        };
        host.expect(
            "prepare",
            question(PrepareRequest { assignment }),
            answer(prepared),
        );
        let fill = FillRequest {
            assignment,
            block: [2; 32],
            nonce,
        };
        let state = State::fill(&geometry, &fill.seed());
        let filled = FillAnswer {
            assignment,
            seed: fill.seed(),
            state_root: state.root(),
        };
        host.expect("fill", question(fill), answer(filled));
        let walk = WalkRequest {
            seed: fill.seed(),
            state_root: state.root(),
            nonce,
        };
        let claim = state.walk(&walk.walk_seed()).claim();
        let walked = WalkAnswer { assignment, claim };
        host.expect("walk", question(walk), answer(walked));
        let open = OpenRequest {
            walk_seed: claim.walk_seed,
            walk_root: claim.walk_root,
            nonce,
        };
        let openings = state.walk(&walk.walk_seed()).open(&open.sample_seed());
        host.expect("open", question(open), openings.encode());
        walked
    }

    #[test]
    fn the_conversation_is_to_the_byte_as_documented() {
        with_host(|host| {
            host.set_time(1_000_000);
            host.set_seed([6; 32]);
            let walked = expect_conversation(host, [6; 32]);
            let devices = [device(5, "http://8.8.8.8:9090/agent/")];
            let reports = votes(attend(&SLOT, &devices, &Seven, &POLICY));
            let [(5, Vote::Pass(pass))] = reports[..] else {
                panic!("{reports:?}");
            };
            assert_eq!((pass.privacy, pass.claim), (50, walked.claim));
            assert!(pass.walk_ms <= 10, "nothing takes time here: {}", pass.walk_ms);
            let signature = sr25519::Signature::from_raw(pass.signature);
            assert!(sr25519::Pair::verify(
                &signature,
                walked.digest(),
                &agent().public()
            ));
            assert!(
                host.now() >= 1_003_000,
                "told to fill three seconds after the beginning"
            );
        });
    }

    #[test]
    fn what_was_found_out_is_reported_again_without_a_request() {
        with_host(|host| {
            host.set_time(1_000_000);
            host.set_seed([6; 32]);
            expect_conversation(host, [6; 32]);
            let devices = [device(5, "http://8.8.8.8:9090/agent")];
            let first = attend(&SLOT, &devices, &Seven, &POLICY);
            host.set_time(1_100_000);
            assert_eq!(attend(&SLOT, &devices, &Seven, &POLICY), first);
            let other = Slot {
                genesis: [2; 32],
                ..SLOT
            };
            assert_eq!(
                votes(attend(&other, &devices, &Seven, &POLICY)),
                [(5, Vote::Inconclusive(InconclusiveReason::Interrupted))],
                "another chain's journal is another one"
            );
        });
    }

    #[test]
    fn without_its_key_a_verifier_says_nothing() {
        with_host(|host| {
            host.set_time(1_000_000);
            let devices = [device(5, "http://8.8.8.8:9090/agent")];
            assert_eq!(
                votes(attend(&SLOT, &devices, &NoKey, &POLICY)),
                [(5, Vote::Inconclusive(InconclusiveReason::Interrupted))]
            );
        });
    }
}

mod without_a_conversation {
    use super::*;

    #[test]
    fn endpoints_that_are_not_to_be_called_fail_without_a_request() {
        with_host(|host| {
            host.set_time(1_000_000);
            let devices = [
                device(1, "http://127.0.0.1:9090"),
                device(2, "http://example.org"),
                device(3, "nonsense"),
            ];
            assert_eq!(
                votes(attend(&SLOT, &devices, &Seven, &POLICY)),
                [1, 2, 3].map(|device| (device, Vote::Fail(FailReason::ForbiddenEndpoint)))
            );
        });
    }

    #[test]
    fn devices_beyond_the_bound_are_inconclusive() {
        with_host(|host| {
            host.set_time(1_000_000);
            let devices: Vec<_> = (0..6).map(|number| device(number, "nonsense")).collect();
            let reports = votes(attend(&SLOT, &devices, &Seven, &POLICY));
            for (device, vote) in reports {
                let expected = if device < 4 {
                    Vote::Fail(FailReason::ForbiddenEndpoint)
                } else {
                    Vote::Inconclusive(InconclusiveReason::TooManyDevices)
                };
                assert_eq!(vote, expected, "device {device}");
            }
        });
    }

    #[test]
    fn a_device_that_would_need_longer_than_the_slot_is_not_blamed() {
        with_host(|host| {
            host.set_time(1_000_000);
            let mut slow = device(1, "http://8.8.8.8");
            slow.profile.limits.fill_ms = 60_000;
            let mut unusable = device(2, "http://8.8.8.8");
            unusable.profile.n = 33;
            let devices = [slow, unusable, device(3, "nonsense")];
            let interrupted = Vote::Inconclusive(InconclusiveReason::Interrupted);
            assert_eq!(
                votes(attend(&SLOT, &devices, &Seven, &POLICY)),
                [
                    (1, interrupted),
                    (2, interrupted),
                    (3, Vote::Fail(FailReason::ForbiddenEndpoint))
                ]
            );
        });
    }

    #[test]
    fn a_slot_without_devices_is_done_at_once() {
        with_host(|host| {
            host.set_time(1_000_000);
            assert_eq!(votes(attend(&SLOT, &[], &Seven, &POLICY)), []);
        });
    }
}

mod plans {
    use super::*;

    const OPENS: u64 = 1_000_000;
    const CLOSES: u64 = 1_060_000;

    fn planned(record: Option<(u8, bool)>, now: u64) -> Plan {
        let record = record.map(|(attempts, is_done)| SlotRecord {
            round: 3,
            opens_at: 1_000,
            attempts,
            is_done,
        });
        plan(&SLOT, record.as_ref(), 33_000, now)
    }

    #[test]
    fn a_slot_is_begun_when_it_is_near_and_there_is_time_enough() {
        assert_eq!(planned(None, 0), Plan::NotYet);
        assert_eq!(planned(None, OPENS - AHEAD_MS - 1), Plan::NotYet);
        for now in [OPENS - AHEAD_MS, OPENS, CLOSES - 33_000] {
            assert_eq!(planned(None, now), Plan::Run { attempt: 1 }, "{now}");
        }
        for now in [CLOSES - 32_999, CLOSES, u64::MAX] {
            assert_eq!(planned(None, now), Plan::GiveUp, "{now}");
        }
    }

    #[test]
    fn an_interrupted_slot_is_begun_once_more_and_no_third_time() {
        assert_eq!(planned(Some((1, false)), OPENS), Plan::Run { attempt: 2 });
        assert_eq!(planned(Some((1, false)), CLOSES - 32_999), Plan::GiveUp);
        assert_eq!(planned(Some((MAX_ATTEMPTS, false)), OPENS), Plan::GiveUp);
        assert_eq!(planned(Some((u8::MAX, false)), OPENS), Plan::GiveUp);
    }

    #[test]
    fn what_is_known_is_submitted_at_any_time() {
        for now in [0, OPENS, CLOSES, u64::MAX] {
            assert_eq!(planned(Some((1, true)), now), Plan::Submit, "{now}");
        }
    }

    #[test]
    fn a_slot_that_can_never_be_long_enough_is_given_up() {
        assert_eq!(plan(&SLOT, None, 60_001, OPENS), Plan::GiveUp);
        assert_eq!(plan(&SLOT, None, u64::MAX, u64::MAX), Plan::GiveUp);
    }
}

mod restarts {
    use super::*;

    fn devices() -> [Target; 1] {
        [device(5, "nonsense")]
    }

    const FORBIDDEN: [(DeviceId, Vote); 1] = [(5, Vote::Fail(FailReason::ForbiddenEndpoint))];
    const INTERRUPTED: [(DeviceId, Vote); 1] = [(5, Vote::Inconclusive(InconclusiveReason::Interrupted))];

    #[test]
    fn a_worker_waits_for_a_slot_that_is_near_and_leaves_one_that_is_not() {
        with_host(|host| {
            host.set_time(1_000_000 - AHEAD_MS - 1);
            assert_eq!(attend(&SLOT, &devices(), &Seven, &POLICY), Attendance::NotYet);
            host.set_time(1_000_000 - AHEAD_MS);
            assert_eq!(votes(attend(&SLOT, &devices(), &Seven, &POLICY)), FORBIDDEN);
            assert_eq!(host.now(), 1_000_000);
        });
    }

    #[test]
    fn an_interrupted_challenge_is_repeated_once_and_then_given_up() {
        for (attempts, expected) in [(1, FORBIDDEN), (2, INTERRUPTED)] {
            with_host(|host| {
                host.set_time(1_010_000);
                Journal::of(&SLOT).begin(&SLOT, attempts);
                assert_eq!(votes(attend(&SLOT, &devices(), &Seven, &POLICY)), expected);
                // It stays so.
                assert_eq!(votes(attend(&SLOT, &devices(), &Seven, &POLICY)), expected);
            });
        }
    }

    #[test]
    fn a_slot_that_was_slept_through_is_reported_as_interrupted() {
        with_host(|host| {
            host.set_time(1_050_000);
            assert_eq!(votes(attend(&SLOT, &devices(), &Seven, &POLICY)), INTERRUPTED);
        });
    }

    #[test]
    fn a_busy_verifier_is_left_alone_and_does_not_keep_another_one_waiting() {
        with_host(|host| {
            host.set_time(1_010_000);
            host.set_seed([1; 32]);
            let _lease = Lease::take(Journal::of(&SLOT).lease_key()).expect("nobody has it");
            host.set_seed([2; 32]);
            assert_eq!(attend(&SLOT, &devices(), &Seven, &POLICY), Attendance::Busy);
            let other = Slot {
                verifier: [5; 32],
                ..SLOT
            };
            assert_eq!(votes(attend(&other, &devices(), &Seven, &POLICY)), FORBIDDEN);
        });
    }

    #[test]
    fn a_worker_that_came_to_its_end_leaves_no_lease() {
        with_host(|host| {
            host.set_time(1_010_000);
            assert_eq!(votes(attend(&SLOT, &devices(), &Seven, &POLICY)), FORBIDDEN);
            let next = Slot { round: 4, ..SLOT };
            assert_eq!(votes(attend(&next, &devices(), &Seven, &POLICY)), FORBIDDEN);
        });
    }

    #[test]
    fn only_the_last_slots_are_remembered_and_nothing_is_left_of_the_others() {
        with_host(|host| {
            host.set_time(1_010_000);
            for round in 1..=30 {
                let slot = Slot { round, ..SLOT };
                assert_eq!(votes(attend(&slot, &devices(), &Seven, &POLICY)), FORBIDDEN);
                let journal = Journal::of(&slot);
                for old in 1..round {
                    let old = Slot { round: old, ..SLOT };
                    let is_remembered = round - old.round < MAX_SLOTS as u64;
                    assert_eq!(journal.record(&old).is_some(), is_remembered);
                    assert_eq!(journal.reports(&old).is_some(), is_remembered);
                }
            }
        });
    }

    #[test]
    fn a_journal_that_cannot_be_read_counts_as_empty() {
        with_host(|host| {
            host.set_time(1_010_000);
            let journal = Journal::of(&SLOT);
            let reports = vec![DeviceReport {
                kind: ChallengeKind::Full,
                device: 5,
                vote: Vote::Pass(Pass {
                    work_gops: 1,
                    walk_ms: 2,
                    privacy: 3,
                    claim: Claim {
                        seed: [1; 32],
                        state_root: [2; 32],
                        walk_seed: [3; 32],
                        walk_root: [4; 32],
                    },
                    agent_key: [6; 32],
                    signature: [5; 64],
                }),
                evidence: None,
            }];
            journal.begin(&SLOT, 1);
            journal.finish(&SLOT, &reports);
            assert_eq!(
                attend(&SLOT, &devices(), &Seven, &POLICY),
                Attendance::Done(reports)
            );
            // The reports are gone, the record is there: nothing is challenged again.
            let prefix = [&b"loopin/verifier/"[..], &SLOT.genesis, &SLOT.verifier].concat();
            let key = [&prefix[..], b"/reports/", &(SLOT.round, SLOT.opens_at).encode()].concat();
            StorageValueRef::persistent(&key).clear();
            assert_eq!(votes(attend(&SLOT, &devices(), &Seven, &POLICY)), INTERRUPTED);
        });
    }
}

#[test]
fn log_lines_of_strangers_are_short() {
    let trouble = exchange::Trouble::Refused {
        status: 500,
        text: b"a\nb".repeat(100),
    };
    let ending = ending::Ending::trouble(Step::Fill, &trouble);
    assert!(
        ending.why.len() < 200 && !ending.why.contains('\n'),
        "{}",
        ending.why
    );
}

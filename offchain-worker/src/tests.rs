//! What can be tested without a network: the bytes of the conversation, the plan, restarts.

use crate::*;
use codec::Encode;
use journal::{AHEAD_MS, MAX_ATTEMPTS, MAX_ROUNDS, RoundRecord, plan};
use loopin_challenge::{
    Checker, Geometry, Profile,
    classes::CPU_REFERENCE,
    joint,
    messages::{
        Assignment, Contribution, FillAnswer, FillRequest, JointAnswer, Message, Nonce, OpenAnswer,
        OpenRequest, OpeningsDigest, PrepareAnswer, PrepareRequest, Signed, Step, WalkAnswer, WalkRequest,
    },
    prover::State,
};
use loopin_primitives::{FailReason, Failure, Pass};
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
use std::{cell::Cell, format, sync::Arc, vec, vec::Vec};

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
    openings_at_once: 4,
};

const APPOINTMENT: Appointment = Appointment {
    round: 3,
    round_seed: [2; 32],
    window: Window {
        opens_at: 1_000,
        fill_at: 1_010,
        walk_at: 1_020,
        closes_at: 1_040,
    },
    verifier: [4; 32],
    genesis: [1; 32],
    clock_lead_seconds: 0,
    clock_offset_ms: None,
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
        committee: committee(),
    }
}

/// Two other verifiers, who have two seats of three.
fn others() -> [(sr25519::Pair, [u8; 32]); 2] {
    [5, 6].map(|number| (sr25519::Pair::from_seed(&[number; 32]), [number; 32]))
}

/// This verifier, whose signatures nobody can check, and the two others.
fn committee() -> Vec<Member> {
    let member = |verifier, key| Member {
        verifier,
        key,
        seats: 1,
    };
    let others = others().map(|(key, verifier)| member(verifier, key.public().0));
    [&[member(APPOINTMENT.verifier, [0; 32])], &others[..]].concat()
}

fn answer<M: Message>(message: M) -> Vec<u8> {
    let signature = agent().sign(&message.digest()).0;
    Signed { message, signature }.encode()
}

fn question<M: Message>(message: M) -> Vec<u8> {
    let signature = [7; 64];
    Signed { message, signature }.encode()
}

/// What one verifier does in a round.
fn attend<S: Signer>(
    appointment: &Appointment,
    devices: &[Target],
    signer: &S,
    policy: &Policy,
) -> Attendance {
    let duty = Duty {
        appointment: *appointment,
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

    fn assignment() -> Assignment {
        Assignment {
            genesis: [1; 32],
            round: 3,
            round_seed: [2; 32],
            device: 5,
            profile: profile(),
        }
    }

    /// What the others contribute.
    fn contributions<M: Message>(request: impl Fn([u8; 32], Nonce) -> M) -> Vec<Contribution> {
        let contribution = |(key, verifier): (sr25519::Pair, [u8; 32])| Contribution {
            verifier,
            nonce: [8; 32],
            signature: key.sign(&request(verifier, [8; 32]).digest()).0,
        };
        others().map(contribution).into()
    }

    /// What this verifier's own nonces are where the secret is `secret`.
    fn nonce(secret: [u8; 32], step: &str) -> Nonce {
        let number = 5u32.to_le_bytes();
        let parts: [&[u8]; 5] = [b"loopin/verifier/nonce/", step.as_bytes(), &[0], &secret, &number];
        sp_io::hashing::sha2_256(&parts.concat())
    }

    /// An honest conversation with device 5 in a run whose secret is `secret`. The device begins with the nonces of the
    /// others, as they are a majority. The digest of what it opens, and its last words.
    fn expect_conversation(host: &Host, secret: [u8; 32]) -> OpenAnswer {
        let (assignment, verifier) = (assignment(), [4; 32]);
        let geometry = Geometry::new(profile()).expect("usable");
        let prepared = PrepareAnswer {
            assignment,
            privacy: 50,
        };
        host.expect(
            "prepare",
            question(PrepareRequest { assignment, verifier }),
            answer(prepared),
        );

        let fill = |verifier, nonce| FillRequest {
            assignment,
            verifier,
            nonce,
        };
        let filled_by = contributions(fill);
        let seed = joint::seed(&assignment, &joint::contributors(&filled_by));
        let state = State::fill(&geometry, &seed);
        let state_root = state.root();
        let filled = FillAnswer {
            assignment,
            seed,
            state_root,
        };
        host.expect(
            "fill",
            question(fill(verifier, nonce(secret, "fill"))),
            [answer(filled), filled_by.encode()].concat(),
        );

        let walk = |verifier, nonce| WalkRequest {
            assignment,
            verifier,
            seed,
            state_root,
            nonce,
        };
        let walked_by = contributions(walk);
        let walk_seed = joint::walk_seed(&seed, &state_root, &joint::contributors(&walked_by));
        let claim = state.walk(&walk_seed).claim();
        let walked = WalkAnswer { assignment, claim };
        let body = JointAnswer {
            answer: Signed {
                message: walked,
                signature: agent().sign(&walked.digest()).0,
            },
            contributions: walked_by,
        };
        host.expect(
            "walk",
            question(walk(verifier, nonce(secret, "walk"))),
            body.encode(),
        );

        let open = OpenRequest {
            assignment,
            verifier,
            claim: claim.hash(),
            nonce: nonce(secret, "open"),
        };
        let openings = state.walk(&walk_seed).open(&open.sample_seed()).encode();
        let mut digest = OpeningsDigest::new(&open.sample_seed());
        let mut checker = Checker::new(&geometry, &claim, &open.sample_seed());
        let mut rest = &openings[..];
        while !checker.is_done() {
            let before = rest;
            checker.check_next(&mut rest).expect("they are right");
            digest.add(&before[..before.len() - rest.len()]);
        }
        let opened = OpenAnswer {
            assignment,
            verifier,
            claim: claim.hash(),
            openings: digest.finish(),
        };
        let signature = agent().sign(&opened.digest()).0;
        host.expect("open", question(open), [&openings[..], &signature].concat());
        opened
    }

    #[test]
    fn the_conversation_is_to_the_byte_as_documented() {
        with_host(|host| {
            host.set_time(1_000_000);
            host.set_seed([6; 32]);
            let opened = expect_conversation(host, [6; 32]);
            let devices = [device(5, "http://8.8.8.8:9090/agent/")];
            let reports = votes(attend(&APPOINTMENT, &devices, &Seven, &POLICY));
            let [(5, Vote::Pass(pass))] = reports[..] else {
                panic!("{reports:?}");
            };
            assert_eq!(pass.privacy, 50);
            assert_eq!((pass.claim, pass.openings), (opened.claim, opened.openings));
            assert!(pass.walk_ms <= 10, "nothing takes time here: {}", pass.walk_ms);
            let signature = sr25519::Signature::from_raw(pass.signature);
            assert!(sr25519::Pair::verify(
                &signature,
                opened.digest(),
                &agent().public()
            ));
            assert!(
                (1_020_000..1_021_000).contains(&host.now()),
                "told to walk at the moment of the window, and done at once: {}",
                host.now()
            );
        });
    }

    #[test]
    fn a_node_that_was_restarted_sends_the_same_nonces() {
        with_host(|host| {
            host.set_time(1_000_000);
            host.set_seed([6; 32]);
            Journal::of(&APPOINTMENT).begin(&APPOINTMENT, 1);
            host.set_time(1_003_000);
            host.set_seed([7; 32]);
            expect_conversation(host, [6; 32]);
            let devices = [device(5, "http://8.8.8.8:9090/agent")];
            let reports = votes(attend(&APPOINTMENT, &devices, &Seven, &POLICY));
            assert!(matches!(reports[..], [(5, Vote::Pass(_))]), "{reports:?}");
        });
    }

    #[test]
    fn what_was_found_out_is_reported_again_without_a_request() {
        with_host(|host| {
            host.set_time(1_000_000);
            host.set_seed([6; 32]);
            expect_conversation(host, [6; 32]);
            let devices = [device(5, "http://8.8.8.8:9090/agent")];
            let first = attend(&APPOINTMENT, &devices, &Seven, &POLICY);
            host.set_time(1_100_000);
            assert_eq!(attend(&APPOINTMENT, &devices, &Seven, &POLICY), first);
            for other in [
                Appointment {
                    genesis: [2; 32],
                    ..APPOINTMENT
                },
                Appointment {
                    round_seed: [3; 32],
                    ..APPOINTMENT
                },
            ] {
                assert_eq!(
                    votes(attend(&other, &devices, &Seven, &POLICY)),
                    [(5, Vote::Inconclusive(InconclusiveReason::Interrupted))],
                    "another chain's journal is another one, and a fork's round is another round"
                );
            }
        });
    }

    /// A verifier whose machine stands still until then while it makes its second signature.
    struct Sleeper<'a> {
        host: &'a Host,
        until: u64,
        signatures: Cell<u32>,
    }

    impl Signer for Sleeper<'_> {
        fn sign(&self, digest: &[u8; 32]) -> Option<Signature> {
            self.signatures.set(self.signatures.get() + 1);
            if self.signatures.get() == 2 {
                self.host.set_time(self.until);
            }
            Seven.sign(digest)
        }
    }

    /// What is said of a device that answers `prepare` with this by a node that then sleeps until that moment.
    fn vote_of_a_sleeper(host: &Host, prepared: Vec<u8>, until: u64) -> Vote {
        let (assignment, verifier) = (assignment(), [4; 32]);
        host.set_time(1_000_000);
        let request = || question(PrepareRequest { assignment, verifier });
        host.expect("prepare", request(), prepared.clone());
        if prepared.is_empty() {
            host.expect("prepare", request(), prepared);
        }
        let devices = [device(5, "http://8.8.8.8:9090/agent")];
        let sleeper = Sleeper {
            host,
            until,
            signatures: Cell::new(0),
        };
        let votes = votes(attend(&APPOINTMENT, &devices, &sleeper, &POLICY));
        votes[0].1
    }

    #[test]
    fn a_node_that_oversleeps_the_moment_sends_no_nonce_and_blames_nobody() {
        with_host(|host| {
            let prepared = answer(PrepareAnswer {
                assignment: assignment(),
                privacy: 50,
            });
            // A request to fill would be one that the host does not expect.
            assert_eq!(
                vote_of_a_sleeper(host, prepared, 1_010_501),
                Vote::Inconclusive(InconclusiveReason::Clock)
            );
        });
    }

    #[test]
    fn a_device_is_not_blamed_for_what_it_could_not_answer_while_the_node_slept() {
        with_host(|host| {
            assert_eq!(
                vote_of_a_sleeper(host, vec![], 1_010_100),
                Vote::Inconclusive(InconclusiveReason::Interrupted)
            );
        });
    }

    #[test]
    fn without_its_key_a_verifier_says_nothing() {
        with_host(|host| {
            host.set_time(1_000_000);
            let devices = [device(5, "http://8.8.8.8:9090/agent")];
            assert_eq!(
                votes(attend(&APPOINTMENT, &devices, &NoKey, &POLICY)),
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
                votes(attend(&APPOINTMENT, &devices, &Seven, &POLICY)),
                [1, 2, 3].map(|device| (device, Vote::Fail(FailReason::ForbiddenEndpoint.into())))
            );
        });
    }

    #[test]
    fn nothing_is_said_of_devices_beyond_the_bound() {
        with_host(|host| {
            host.set_time(1_000_000);
            let number = MAX_DEVICES as u32;
            let devices: Vec<_> = (0..number + 2).map(|number| device(number, "nonsense")).collect();
            let forbidden = |device| (device, Vote::Fail(FailReason::ForbiddenEndpoint.into()));
            assert_eq!(
                votes(attend(&APPOINTMENT, &devices, &Seven, &POLICY)),
                (0..number).map(forbidden).collect::<Vec<_>>()
            );
            // Nor where the round is given up.
            let late = Appointment {
                round: 4,
                ..APPOINTMENT
            };
            host.set_time(1_030_000);
            let reports = votes(attend(&late, &devices, &Seven, &POLICY));
            assert_eq!(reports.len(), MAX_DEVICES);
        });
    }

    #[test]
    fn a_node_whose_clock_is_more_than_half_a_second_off_challenges_nobody() {
        with_host(|host| {
            host.set_time(1_000_000);
            let devices = [device(5, "nonsense")];
            for (round, offset_ms, expected) in [
                (3, 500, Vote::Fail(FailReason::ForbiddenEndpoint.into())),
                (4, -500, Vote::Fail(FailReason::ForbiddenEndpoint.into())),
                (5, 501, Vote::Inconclusive(InconclusiveReason::Clock)),
                (6, -501, Vote::Inconclusive(InconclusiveReason::Clock)),
                (7, i64::MIN, Vote::Inconclusive(InconclusiveReason::Clock)),
            ] {
                let appointment = Appointment {
                    round,
                    clock_offset_ms: Some(offset_ms),
                    ..APPOINTMENT
                };
                assert_eq!(
                    votes(attend(&appointment, &devices, &Seven, &POLICY)),
                    [(5, expected)],
                    "{offset_ms}"
                );
            }
        });
    }

    #[test]
    fn a_device_that_may_take_longer_than_the_window_is_not_blamed() {
        with_host(|host| {
            host.set_time(1_000_000);
            let mut slow = device(1, "http://8.8.8.8");
            slow.profile.limits.fill_ms = 10_001;
            let mut long = device(2, "http://8.8.8.8");
            long.profile.limits.open_ms = 20_000 - long.profile.limits.walk_ms + 1;
            let mut unusable = device(3, "http://8.8.8.8");
            unusable.profile.n = 33;
            let devices = [slow, long, unusable, device(4, "nonsense")];
            let interrupted = Vote::Inconclusive(InconclusiveReason::Interrupted);
            assert_eq!(
                votes(attend(&APPOINTMENT, &devices, &Seven, &POLICY)),
                [
                    (1, interrupted),
                    (2, interrupted),
                    (3, interrupted),
                    (4, Vote::Fail(FailReason::ForbiddenEndpoint.into()))
                ]
            );
        });
    }

    #[test]
    fn a_round_without_devices_is_done_at_once() {
        with_host(|host| {
            host.set_time(1_000_000);
            assert_eq!(votes(attend(&APPOINTMENT, &[], &Seven, &POLICY)), []);
        });
    }
}

mod plans {
    use super::*;

    const OPENS: u64 = 1_000_000;
    const FILLS: u64 = 1_010_000;

    fn planned(record: Option<(u8, bool)>, now: u64) -> Plan {
        let record = record.map(|(attempts, is_done)| RoundRecord {
            round: 3,
            round_seed: [2; 32],
            secret: [0; 32],
            attempts,
            is_done,
        });
        plan(&APPOINTMENT, record.as_ref(), now)
    }

    #[test]
    fn a_round_is_begun_when_it_is_near_and_devices_have_not_been_told_to_fill() {
        assert_eq!(planned(None, 0), Plan::NotYet);
        assert_eq!(planned(None, OPENS - AHEAD_MS - 1), Plan::NotYet);
        for now in [OPENS - AHEAD_MS, OPENS, FILLS - 1] {
            assert_eq!(planned(None, now), Plan::Run { attempt: 1 }, "{now}");
        }
        for now in [FILLS, u64::MAX] {
            assert_eq!(planned(None, now), Plan::GiveUp, "{now}");
        }
    }

    #[test]
    fn an_interrupted_round_is_begun_once_more_and_no_third_time() {
        assert_eq!(planned(Some((1, false)), OPENS), Plan::Run { attempt: 2 });
        assert_eq!(planned(Some((1, false)), FILLS), Plan::GiveUp);
        assert_eq!(planned(Some((MAX_ATTEMPTS, false)), OPENS), Plan::GiveUp);
        assert_eq!(planned(Some((u8::MAX, false)), OPENS), Plan::GiveUp);
    }

    #[test]
    fn what_is_known_is_submitted_at_any_time() {
        for now in [0, OPENS, FILLS, u64::MAX] {
            assert_eq!(planned(Some((1, true)), now), Plan::Submit, "{now}");
        }
    }
}

mod restarts {
    use super::*;

    fn devices() -> [Target; 1] {
        [device(5, "nonsense")]
    }

    const FORBIDDEN: [(DeviceId, Vote); 1] = [(
        5,
        Vote::Fail(Failure {
            reason: FailReason::ForbiddenEndpoint,
            commitment: None,
        }),
    )];
    const INTERRUPTED: [(DeviceId, Vote); 1] = [(5, Vote::Inconclusive(InconclusiveReason::Interrupted))];

    #[test]
    fn a_worker_waits_for_a_window_that_is_near_and_leaves_one_that_is_not() {
        with_host(|host| {
            host.set_time(1_000_000 - AHEAD_MS - 1);
            assert_eq!(
                attend(&APPOINTMENT, &devices(), &Seven, &POLICY),
                Attendance::NotYet
            );
            host.set_time(1_000_000 - AHEAD_MS);
            assert_eq!(
                votes(attend(&APPOINTMENT, &devices(), &Seven, &POLICY)),
                FORBIDDEN
            );
            assert_eq!(host.now(), 1_000_000);
        });
    }

    #[test]
    fn an_interrupted_challenge_is_repeated_once_and_then_given_up() {
        for (attempts, expected) in [(1, FORBIDDEN), (2, INTERRUPTED)] {
            with_host(|host| {
                host.set_time(1_005_000);
                Journal::of(&APPOINTMENT).begin(&APPOINTMENT, attempts);
                assert_eq!(votes(attend(&APPOINTMENT, &devices(), &Seven, &POLICY)), expected);
                // It stays so.
                assert_eq!(votes(attend(&APPOINTMENT, &devices(), &Seven, &POLICY)), expected);
            });
        }
    }

    #[test]
    fn a_round_that_was_slept_through_is_reported_as_interrupted() {
        with_host(|host| {
            host.set_time(1_010_000);
            assert_eq!(
                votes(attend(&APPOINTMENT, &devices(), &Seven, &POLICY)),
                INTERRUPTED
            );
        });
    }

    #[test]
    fn a_busy_verifier_is_left_alone_and_does_not_keep_another_one_waiting() {
        with_host(|host| {
            host.set_time(1_005_000);
            host.set_seed([1; 32]);
            let _lease = Lease::take(Journal::of(&APPOINTMENT).lease_key()).expect("nobody has it");
            host.set_seed([2; 32]);
            assert_eq!(
                attend(&APPOINTMENT, &devices(), &Seven, &POLICY),
                Attendance::Busy
            );
            let other = Appointment {
                verifier: [5; 32],
                ..APPOINTMENT
            };
            assert_eq!(votes(attend(&other, &devices(), &Seven, &POLICY)), FORBIDDEN);
        });
    }

    #[test]
    fn a_worker_that_came_to_its_end_leaves_no_lease() {
        with_host(|host| {
            host.set_time(1_005_000);
            assert_eq!(
                votes(attend(&APPOINTMENT, &devices(), &Seven, &POLICY)),
                FORBIDDEN
            );
            let next = Appointment {
                round: 4,
                ..APPOINTMENT
            };
            assert_eq!(votes(attend(&next, &devices(), &Seven, &POLICY)), FORBIDDEN);
        });
    }

    #[test]
    fn only_the_last_rounds_are_remembered_and_nothing_is_left_of_the_others() {
        with_host(|host| {
            host.set_time(1_005_000);
            for round in 1..=30 {
                let appointment = Appointment { round, ..APPOINTMENT };
                assert_eq!(
                    votes(attend(&appointment, &devices(), &Seven, &POLICY)),
                    FORBIDDEN
                );
                let journal = Journal::of(&appointment);
                for old in 1..round {
                    let old = Appointment {
                        round: old,
                        ..APPOINTMENT
                    };
                    let is_remembered = round - old.round < MAX_ROUNDS as u64;
                    assert_eq!(journal.record(&old).is_some(), is_remembered);
                    assert_eq!(journal.reports(&old).is_some(), is_remembered);
                }
            }
        });
    }

    #[test]
    fn a_journal_that_cannot_be_read_counts_as_empty() {
        with_host(|host| {
            host.set_time(1_005_000);
            let journal = Journal::of(&APPOINTMENT);
            let reports = vec![DeviceReport {
                kind: ChallengeKind::Full,
                device: 5,
                vote: Vote::Pass(Pass {
                    work_gops: 1,
                    walk_ms: 2,
                    privacy: 3,
                    claim: [4; 32],
                    openings: [7; 32],
                    agent_key: [6; 32],
                    signature: [5; 64],
                }),
                evidence: None,
            }];
            journal.begin(&APPOINTMENT, 1);
            journal.finish(&APPOINTMENT, &reports);
            assert_eq!(
                attend(&APPOINTMENT, &devices(), &Seven, &POLICY),
                Attendance::Done(reports)
            );
            // The reports are gone, the record is there: nothing is challenged again.
            let prefix = [
                &b"loopin/verifier/"[..],
                &APPOINTMENT.genesis,
                &APPOINTMENT.verifier,
            ]
            .concat();
            let key = [
                &prefix[..],
                b"/reports/",
                &(APPOINTMENT.round, APPOINTMENT.round_seed).encode(),
            ]
            .concat();
            StorageValueRef::persistent(&key).clear();
            assert_eq!(
                votes(attend(&APPOINTMENT, &devices(), &Seven, &POLICY)),
                INTERRUPTED
            );
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

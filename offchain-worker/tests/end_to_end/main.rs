//! The verifier against real servers, honest and hostile, through the SDK's own off-chain worker and HTTP client.

mod node;

use codec::Encode;
use loopin_challenge::{
    Geometry, Limits, Profile,
    classes::CPU_REFERENCE,
    messages::{Assignment, Message, Signature, Step, WalkAnswer},
};
use loopin_hostile_agents::{Fault, TestAgent, Trick};
use loopin_offchain_worker::{Attendance, DeviceReport, Duty, MAX_REQUESTS, Policy, Signer, Slot, Target};
use loopin_primitives::{ChallengeKind, FailReason, InconclusiveReason, Vote};
use node::Node;
use sp_core::{Pair, sr25519};
use std::{
    net::TcpListener,
    time::{Duration, Instant, SystemTime},
};

/// Long enough for a busy machine.
const LIMIT_MS: u32 = 3_000;
const LATE: Duration = Duration::from_millis(LIMIT_MS as u64 + 500);

const POLICY: Policy = Policy {
    allow_private_addresses: true,
    devices_at_once: 64,
    prepare_ms: LIMIT_MS,
};

struct Key(sr25519::Pair);

impl Signer for Key {
    fn sign(&self, digest: &[u8; 32]) -> Option<Signature> {
        Some(self.0.sign(digest).0)
    }
}

fn verifier(number: u8) -> Key {
    Key(sr25519::Pair::from_seed(&[number; 32]))
}

fn profile() -> Profile {
    Profile {
        n: 32,
        matrices: 24,
        lanes: 64,
        limits: Limits {
            prepare_ms: LIMIT_MS,
            fill_ms: LIMIT_MS,
            walk_ms: LIMIT_MS,
            open_ms: LIMIT_MS,
        },
        ..CPU_REFERENCE.profile
    }
}

fn slot_of(verifier: &Key, round: u64) -> Slot {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    Slot {
        round,
        opens_at: now,
        closes_at: now + 30,
        verifier: verifier.0.public().0,
        genesis: [1; 32],
        block: [2; 32],
        clock_lead_seconds: 0,
    }
}

fn device_of(agent: &TestAgent) -> Target {
    device_at(agent.device(), &agent.endpoint())
}

fn device_at(device: u64, endpoint: &str) -> Target {
    Target {
        device: device as u32,
        profile: profile(),
        kind: ChallengeKind::Full,
        agent_key: TestAgent::key(device).public().0,
        endpoint: endpoint.into(),
    }
}

/// What one verifier does in a slot.
fn attend<S: Signer>(slot: &Slot, devices: &[Target], signer: &S, policy: &Policy) -> Attendance {
    let duty = Duty {
        slot: *slot,
        devices: devices.to_vec(),
        signer,
    };
    let mut attendances = loopin_offchain_worker::attend(&[duty], policy);
    assert_eq!(attendances.len(), 1);
    attendances.remove(0)
}

/// What a verifier finds out about devices in one slot.
fn challenge(node: &Node, round: u64, devices: Vec<Target>) -> Vec<DeviceReport> {
    let slot = slot_of(&verifier(1), round);
    match node.run(move || attend(&slot, &devices, &verifier(1), &POLICY)) {
        Attendance::Done(reports) => reports,
        other => panic!("{other:?}"),
    }
}

fn votes(node: &Node, devices: Vec<Target>) -> Vec<Vote> {
    challenge(node, 1, devices)
        .into_iter()
        .map(|report| report.vote)
        .collect()
}

/// Challenges an honest device and all of these at once. The honest one passes; the others get what they deserve.
fn challenge_hostile_agents(cases: Vec<(Step, Fault, FailReason)>) {
    let node = Node::start();
    let honest = TestAgent::start(0, vec![]);
    honest.expect_verifier(verifier(1).0.public());
    let agents: Vec<TestAgent> = (1..)
        .zip(&cases)
        .map(|(device, (step, fault, _))| TestAgent::start(device, vec![Trick::new(*step, fault.clone())]))
        .collect();
    let devices: Vec<Target> = [&honest].into_iter().chain(&agents).map(device_of).collect();

    let begun = Instant::now();
    let reports = challenge(&node, 7, devices);
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "took {:?}",
        begun.elapsed()
    );

    let mut wrong = vec![];
    for ((report, agent), (step, fault, reason)) in reports[1..].iter().zip(&agents).zip(&cases) {
        let requests = agent.witness().requests;
        if report.vote != Vote::Fail(*reason) {
            wrong.push(format!("{step:?} {fault:?}: {:?}, not {reason:?}", report.vote));
        }
        if requests.values().sum::<u32>() > MAX_REQUESTS {
            wrong.push(format!("{step:?} {fault:?}: {requests:?}"));
        }
        let is_fraud = *reason == FailReason::Fraud;
        if report.evidence.is_some() != is_fraud {
            wrong.push(format!(
                "{step:?} {fault:?}: evidence {}",
                report.evidence.is_some()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    check_pass(&reports[0], 7);
    assert_eq!(honest.witness().complaints, Vec::<String>::new());
    assert_eq!(
        honest.witness().requests,
        Step::ALL.into_iter().map(|step| (step, 1)).collect()
    );
}

fn walk_answer(report: &DeviceReport, round: u64, claim: loopin_challenge::Claim) -> WalkAnswer {
    let assignment = Assignment {
        genesis: [1; 32],
        round,
        device: report.device.into(),
        verifier: verifier(1).0.public().0,
        profile: profile(),
    };
    WalkAnswer { assignment, claim }
}

/// A pass that the chain would accept.
fn check_pass(report: &DeviceReport, round: u64) {
    let Vote::Pass(pass) = report.vote else {
        panic!("an honest device did not pass: {:?}", report.vote);
    };
    let digest = walk_answer(report, round, pass.claim).digest();
    let signature = sr25519::Signature::from_raw(pass.signature);
    let key = TestAgent::key(report.device.into()).public();
    assert!(sr25519::Pair::verify(&signature, digest, &key));
    assert_eq!(pass.privacy, 25);
}

/// What can go wrong with any answer, whatever it says.
fn on_the_way(step: Step) -> Vec<(Step, Fault, FailReason)> {
    use FailReason::{Late, Malformed, Refused, Unreachable};
    // Where there was no connection, the first request is repeated, and no other.
    let broken = if step == Step::Prepare { Unreachable } else { Late };
    [
        (Fault::Status(500, "out of memory"), Refused),
        (Fault::Status(404, ""), Refused),
        (Fault::Status(204, ""), Refused),
        (Fault::Redirect("http://127.0.0.1:1/".into()), Refused),
        (Fault::Late(LATE), Late),
        (Fault::Trickle(Duration::from_millis(40)), Late),
        (Fault::Endless, Malformed),
        (Fault::HugeHeaders, broken),
        (Fault::HangAfterHeaders, Late),
        (Fault::HangBeforeEnd, Late),
        (Fault::HangUp, broken),
        (Fault::CloseMidBody, Late),
        (Fault::NoHttp, broken),
        (Fault::Garbage(7), Malformed),
        (Fault::Garbage(100_000), Malformed),
        (Fault::Empty, Malformed),
        (Fault::Truncated, Malformed),
        (Fault::TrailingByte, Malformed),
        (Fault::FlippedBit(0), Malformed),
    ]
    .map(|(fault, reason)| (step, fault, reason))
    .to_vec()
}

/// What can go wrong with a signed message of that length.
fn in_a_message(step: Step, length: usize) -> Vec<(Step, Fault, FailReason)> {
    use FailReason::{Malformed, WrongSignature};
    [
        (Fault::OtherRound, Malformed),
        (Fault::OtherDevice, Malformed),
        (Fault::OtherVerifier, Malformed),
        (Fault::OtherProfile, Malformed),
        (Fault::OtherKey, WrongSignature),
        (Fault::FlippedBit(length - 1), WrongSignature),
    ]
    .map(|(fault, reason)| (step, fault, reason))
    .to_vec()
}

#[test]
fn what_goes_wrong_at_prepare_is_the_devices_failure_and_nobody_elses() {
    let mut cases = on_the_way(Step::Prepare);
    cases.extend(in_a_message(Step::Prepare, 181));
    cases.push((Step::Prepare, Fault::TooMuchPrivacy, FailReason::Malformed));
    challenge_hostile_agents(cases);
}

#[test]
fn what_goes_wrong_at_fill_is_the_devices_failure_and_nobody_elses() {
    let mut cases = on_the_way(Step::Fill);
    cases.extend(in_a_message(Step::Fill, 244));
    cases.push((Step::Fill, Fault::OtherSeed, FailReason::Malformed));
    challenge_hostile_agents(cases);
}

#[test]
fn what_goes_wrong_at_walk_is_the_devices_failure_and_nobody_elses() {
    let mut cases = on_the_way(Step::Walk);
    cases.extend(in_a_message(Step::Walk, 308));
    cases.push((Step::Walk, Fault::OtherSeed, FailReason::Malformed));
    challenge_hostile_agents(cases);
}

#[test]
fn what_goes_wrong_at_open_is_the_devices_failure_and_nobody_elses() {
    let mut cases = on_the_way(Step::Open);
    // A byte of the first chunk.
    cases.push((Step::Open, Fault::FlippedBit(10), FailReason::WrongOpenings));
    cases.push((Step::Fill, Fault::OtherState, FailReason::WrongOpenings));
    cases.push((Step::Fill, Fault::SkippedWork, FailReason::Fraud));
    cases.push((Step::Walk, Fault::LostMemory, FailReason::Fraud));
    challenge_hostile_agents(cases);
}

#[test]
fn fraud_comes_with_evidence_that_convinces_others() {
    let node = Node::start();
    let agents = [
        TestAgent::start(1, vec![Trick::new(Step::Fill, Fault::SkippedWork)]),
        TestAgent::start(2, vec![Trick::new(Step::Walk, Fault::LostMemory)]),
    ];
    let geometry = Geometry::new(profile()).expect("usable");
    for report in challenge(&node, 3, agents.iter().map(device_of).collect()) {
        assert_eq!(report.vote, Vote::Fail(FailReason::Fraud));
        let evidence = report.evidence.as_ref().expect("fraud can be proven");
        assert_eq!(evidence.proof.check(&geometry, &evidence.claim), Ok(()));
        let digest = walk_answer(&report, 3, evidence.claim).digest();
        let signature = sr25519::Signature::from_raw(evidence.signature);
        let key = TestAgent::key(report.device.into()).public();
        assert!(
            sr25519::Pair::verify(&signature, digest, &key),
            "the agent signed it"
        );
    }
}

#[test]
fn an_answer_of_the_last_round_is_none_in_this_one() {
    let node = Node::start();
    let agents: Vec<TestAgent> = (1..)
        .zip(Step::ALL)
        .map(|(device, step)| TestAgent::start(device, vec![Trick::new(step, Fault::Replay)]))
        .collect();
    let devices: Vec<Target> = agents.iter().map(device_of).collect();
    for report in challenge(&node, 1, devices.clone()) {
        check_pass(&report, 1);
    }
    let reasons: Vec<Vote> = challenge(&node, 2, devices)
        .into_iter()
        .map(|report| report.vote)
        .collect();
    use FailReason::{Malformed, WrongOpenings};
    assert_eq!(
        reasons,
        [Malformed, Malformed, Malformed, WrongOpenings].map(Vote::Fail)
    );
}

#[test]
fn a_connection_that_breaks_once_at_prepare_is_tried_again() {
    let node = Node::start();
    let agent = TestAgent::start(1, vec![Trick::once(Step::Prepare, Fault::HangUp)]);
    let report = &challenge(&node, 1, vec![device_of(&agent)])[0];
    check_pass(report, 1);
    assert_eq!(agent.witness().requests[&Step::Prepare], 2);
}

#[test]
fn times_are_those_of_the_device_however_others_behave() {
    let node = Node::start();
    let walk = |late| vec![Trick::new(Step::Walk, Fault::Late(Duration::from_millis(late)))];
    let agents = [
        TestAgent::start(1, walk(300)),
        TestAgent::start(2, walk(1_200)),
        TestAgent::start(
            3,
            vec![Trick::new(Step::Open, Fault::Trickle(Duration::from_millis(1)))],
        ),
        TestAgent::start(4, vec![Trick::new(Step::Open, Fault::Endless)]),
        TestAgent::start(5, vec![Trick::new(Step::Walk, Fault::HangAfterHeaders)]),
    ];
    let reports = challenge(&node, 1, agents.iter().map(device_of).collect());
    for (report, at_least) in reports.iter().zip([300, 1_200]) {
        let Vote::Pass(pass) = report.vote else {
            panic!("{report:?}");
        };
        println!("walked in {at_least} ms, measured {} ms", pass.walk_ms);
        // Much more only where the machine is busy.
        assert!(
            (at_least..at_least + 500).contains(&pass.walk_ms),
            "{}",
            pass.walk_ms
        );
    }
}

mod unreachable {
    use super::*;

    /// Loopback addresses at which nothing listens.
    fn nobody(hosts: std::ops::Range<u8>) -> Vec<Target> {
        hosts
            .map(|host| device_at(host.into(), &format!("http://127.0.0.{host}:1")))
            .collect()
    }

    #[test]
    fn one_or_two_hosts_that_are_not_there_are_their_own_fault() {
        let node = Node::start();
        assert_eq!(
            votes(&node, nobody(2..4)),
            [Vote::Fail(FailReason::Unreachable); 2]
        );
    }

    #[test]
    fn three_hosts_that_are_not_there_mean_that_the_verifier_is_offline() {
        let node = Node::start();
        assert_eq!(
            votes(&node, nobody(2..5)),
            [Vote::Inconclusive(InconclusiveReason::Offline); 3]
        );
    }

    #[test]
    fn many_devices_on_one_host_are_one_host() {
        let node = Node::start();
        let devices = (1..6).map(|port| device_at(port, &format!("http://127.0.0.2:{port}")));
        assert_eq!(
            votes(&node, devices.collect()),
            [Vote::Fail(FailReason::Unreachable); 5]
        );
    }

    #[test]
    fn who_reaches_one_device_is_not_offline() {
        let node = Node::start();
        let agent = TestAgent::start(1, vec![Trick::new(Step::Prepare, Fault::Status(503, "busy"))]);
        let mut devices = nobody(2..6);
        devices.push(device_of(&agent));
        let votes = votes(&node, devices);
        assert_eq!(votes[..4], [Vote::Fail(FailReason::Unreachable); 4]);
        assert_eq!(votes[4], Vote::Fail(FailReason::Refused));
    }

    #[test]
    fn hosts_that_say_nothing_are_late_and_three_of_them_mean_offline() {
        let node = Node::start();
        let listeners: Vec<TcpListener> = (2..5)
            .map(|host| TcpListener::bind(format!("127.0.0.{host}:0")).expect("the port is free"))
            .collect();
        let device = |listener: &TcpListener| {
            let address = listener.local_addr().expect("it is bound");
            device_at(1, &format!("http://{address}"))
        };
        let devices: Vec<Target> = listeners.iter().map(device).collect();
        assert_eq!(
            votes(&node, devices[..1].to_vec()),
            [Vote::Fail(FailReason::Late)]
        );
        let reports = challenge(&node, 2, devices);
        for report in reports {
            assert_eq!(report.vote, Vote::Inconclusive(InconclusiveReason::Offline));
        }
    }
}

mod workers {
    use super::*;

    #[test]
    fn the_workers_of_two_blocks_never_do_the_same_work() {
        let node = Node::start();
        let agent = TestAgent::start(1, vec![]);
        let (slot, devices) = (slot_of(&verifier(1), 1), vec![device_of(&agent)]);
        let attend_again = || {
            let (slot, devices) = (slot, devices.clone());
            move || attend(&slot, &devices, &verifier(1), &POLICY)
        };
        let first = node.import(attend_again());
        std::thread::sleep(Duration::from_millis(500));
        let begun = Instant::now();
        assert_eq!(node.run(attend_again()), Attendance::Busy);
        assert!(begun.elapsed() < Duration::from_secs(2), "it returns at once");
        let done = first.recv().expect("it comes to its end");
        assert!(matches!(&done, Attendance::Done(reports) if matches!(reports[0].vote, Vote::Pass(_))));
        // Later blocks get the same, without a request.
        assert_eq!(node.run(attend_again()), done);
        assert_eq!(
            agent.witness().requests,
            Step::ALL.into_iter().map(|step| (step, 1)).collect()
        );
    }

    #[test]
    fn two_verifiers_of_a_node_do_not_wait_for_each_other() {
        let node = Node::start();
        let agents = [TestAgent::start(1, vec![]), TestAgent::start(2, vec![])];
        let begun = Instant::now();
        let running: Vec<_> = (1..)
            .zip(&agents)
            .map(|(number, agent)| {
                let (key, devices) = (verifier(number), vec![device_of(agent)]);
                let slot = slot_of(&key, 1);
                node.import(move || attend(&slot, &devices, &key, &POLICY))
            })
            .collect();
        for attendance in running {
            let Attendance::Done(reports) = attendance.recv().expect("it comes to its end") else {
                panic!("one waited for the other");
            };
            assert!(matches!(reports[0].vote, Vote::Pass(_)), "{reports:?}");
        }
        let one = Duration::from_millis(LIMIT_MS.into());
        assert!(begun.elapsed() < 2 * one, "both at once: {:?}", begun.elapsed());
    }

    #[test]
    fn one_worker_attends_to_two_verifiers_at_once() {
        let node = Node::start();
        let agents = [TestAgent::start(1, vec![]), TestAgent::start(2, vec![])];
        let devices = agents.each_ref().map(device_of);
        let begun = Instant::now();
        let attendances = node.run(move || {
            let keys = [verifier(1), verifier(2)];
            let duties: Vec<_> = keys
                .iter()
                .zip(devices)
                .map(|(key, device)| Duty {
                    slot: slot_of(key, 1),
                    devices: vec![device],
                    signer: key,
                })
                .collect();
            loopin_offchain_worker::attend(&duties, &POLICY)
        });
        for (attendance, device) in attendances.into_iter().zip([1, 2]) {
            let Attendance::Done(reports) = attendance else {
                panic!("one waited for the other");
            };
            assert_eq!(reports.len(), 1);
            assert_eq!(reports[0].device, device);
            assert!(matches!(reports[0].vote, Vote::Pass(_)), "{reports:?}");
        }
        let one = Duration::from_millis(LIMIT_MS.into());
        assert!(begun.elapsed() < 2 * one, "both at once: {:?}", begun.elapsed());
    }

    #[test]
    fn reports_survive_in_the_journal_to_the_byte() {
        let node = Node::start();
        let agent = TestAgent::start(1, vec![Trick::new(Step::Fill, Fault::SkippedWork)]);
        let (slot, devices) = (slot_of(&verifier(1), 1), vec![device_of(&agent)]);
        let ask = |node: &Node| {
            let devices = devices.clone();
            match node.run(move || attend(&slot, &devices, &verifier(1), &POLICY)) {
                Attendance::Done(reports) => reports.encode(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(ask(&node), ask(&node));
    }
}

//! The verifier against real servers, honest and hostile, through the SDK's own off-chain worker and HTTP client.

mod node;

mod committees;

use codec::Encode;
use loopin_challenge::{
    Geometry, Hash, Limits, Profile,
    classes::CPU_REFERENCE,
    joint::Member,
    messages::{Assignment, Message, OpenAnswer, Signature, Step, WalkAnswer},
};
use loopin_hostile_agents::{Fault, TestAgent, Trick};
use loopin_offchain_worker::{
    Appointment, Attendance, DeviceReport, Duty, MAX_REQUESTS, Policy, Signer, Target,
};
use loopin_primitives::{ChallengeKind, FailReason, Failure, InconclusiveReason, Vote, Window};
use node::Node;
use sp_core::{Pair, sr25519};
use std::{
    net::TcpListener,
    time::{Duration, Instant, SystemTime},
};

/// Long enough for a busy machine.
const LIMIT_MS: u32 = 3_000;
const LATE: Duration = Duration::from_millis(LIMIT_MS as u64 + 500);
/// From the moment that a window opens.
const WINDOW: Window = Window {
    opens_at: 0,
    fill_at: 4,
    walk_at: 8,
    closes_at: 18,
};

const POLICY: Policy = Policy {
    allow_private_addresses: true,
    openings_at_once: 64,
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

/// What a verifier has to do in a round that begins now.
fn appointment_of(verifier: &Key, round: u64) -> Appointment {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    Appointment {
        round,
        round_seed: [2; 32],
        window: Window {
            opens_at: now,
            fill_at: now + WINDOW.fill_at,
            walk_at: now + WINDOW.walk_at,
            closes_at: now + WINDOW.closes_at,
        },
        verifier: verifier.0.public().0,
        genesis: [1; 32],
        clock_lead_seconds: 0,
        clock_offset_ms: None,
    }
}

/// A committee of one.
fn alone(verifier: &Key) -> Vec<Member> {
    let account = verifier.0.public().0;
    vec![Member {
        verifier: account,
        key: account,
        seats: 1,
    }]
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
        committee: alone(&verifier(1)),
    }
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
    let mut attendances = loopin_offchain_worker::attend(&[duty], policy);
    assert_eq!(attendances.len(), 1);
    attendances.remove(0)
}

/// What a verifier finds out about devices in one round.
fn challenge(node: &Node, round: u64, devices: Vec<Target>) -> Vec<DeviceReport> {
    let appointment = appointment_of(&verifier(1), round);
    match node.run(move || attend(&appointment, &devices, &verifier(1), &POLICY)) {
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
    honest.expect_committee(alone(&verifier(1)));
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
        if !is_fail(&report.vote, *reason) {
            wrong.push(format!("{step:?} {fault:?}: {:?}, not {reason:?}", report.vote));
        }
        // What shows only when it is opened brings along what the device had signed.
        let is_of_opening =
            *step == Step::Open || matches!(reason, FailReason::WrongOpenings | FailReason::Fraud);
        if has_commitment(report, 7) != is_of_opening {
            wrong.push(format!("{step:?} {fault:?}: commitment"));
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

fn is_fail(vote: &Vote, reason: FailReason) -> bool {
    matches!(vote, Vote::Fail(failure) if failure.reason == reason)
}

fn assignment_of(device: u32, round: u64) -> Assignment {
    Assignment {
        genesis: [1; 32],
        round,
        round_seed: [2; 32],
        device: device.into(),
        profile: profile(),
    }
}

/// Whether a device's agent has signed this.
fn is_signed(device: u32, digest: &Hash, signature: &Signature) -> bool {
    let key = TestAgent::key(device.into()).public();
    sr25519::Pair::verify(&sr25519::Signature::from_raw(*signature), digest, &key)
}

/// Whether a vote shows that the device is bound to a claim.
fn has_commitment(report: &DeviceReport, round: u64) -> bool {
    let Vote::Fail(Failure {
        commitment: Some(commitment),
        ..
    }) = report.vote
    else {
        return false;
    };
    let digest = WalkAnswer::digest_of(&assignment_of(report.device, round), &commitment.claim);
    assert_eq!(
        commitment.agent_key,
        TestAgent::key(report.device.into()).public().0
    );
    assert!(is_signed(report.device, &digest, &commitment.signature));
    true
}

/// A pass that the chain would accept.
fn check_pass(report: &DeviceReport, round: u64) {
    check_pass_of(&verifier(1), report, round);
}

/// A pass of that verifier that the chain would accept.
fn check_pass_of(verifier: &Key, report: &DeviceReport, round: u64) {
    let Vote::Pass(pass) = report.vote else {
        panic!("an honest device did not pass: {:?}", report.vote);
    };
    let answer = OpenAnswer {
        assignment: assignment_of(report.device, round),
        verifier: verifier.0.public().0,
        claim: pass.claim,
        openings: pass.openings,
    };
    assert!(is_signed(report.device, &answer.digest(), &pass.signature));
    assert_eq!(pass.privacy, 25);
}

/// What can go wrong with any answer, whatever it says.
fn on_the_way(step: Step) -> Vec<(Step, Fault, FailReason)> {
    use FailReason::{Late, Malformed, Refused, Unreachable};
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
        (Fault::Truncated, Malformed),
        (Fault::OtherProfile, Malformed),
        (Fault::OtherKey, WrongSignature),
        (Fault::FlippedBit(length - 1), WrongSignature),
    ]
    .map(|(fault, reason)| (step, fault, reason))
    .to_vec()
}

/// What can go wrong with a seed and what it is made of.
fn in_a_seed(step: Step) -> Vec<(Step, Fault, FailReason)> {
    [
        Fault::OtherSeed,
        Fault::StrangersContribution,
        Fault::NoContributions,
        Fault::DoubleContribution,
        Fault::OtherContributions,
    ]
    .map(|fault| (step, fault, FailReason::Malformed))
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
    cases.extend(in_a_seed(Step::Fill));
    challenge_hostile_agents(cases);
}

#[test]
fn what_goes_wrong_at_walk_is_the_devices_failure_and_nobody_elses() {
    let mut cases = on_the_way(Step::Walk);
    cases.extend(in_a_message(Step::Walk, 308));
    cases.extend(in_a_seed(Step::Walk));
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
    // The last signature.
    for fault in [
        Fault::NoLastSignature,
        Fault::LastSignatureForAnother,
        Fault::LastSignatureOverOthers,
        Fault::LastSignatureOfAnotherClaim,
        Fault::OtherKey,
        Fault::Truncated,
    ] {
        cases.push((Step::Open, fault, FailReason::WrongSignature));
    }
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
        assert!(is_fail(&report.vote, FailReason::Fraud) && has_commitment(&report, 3));
        let evidence = report.evidence.as_ref().expect("fraud can be proven");
        assert_eq!(evidence.proof.check(&geometry, &evidence.claim), Ok(()));
        let answer = WalkAnswer {
            assignment: assignment_of(report.device, 3),
            claim: evidence.claim,
        };
        assert!(is_signed(report.device, &answer.digest(), &evidence.signature));
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
    let reports = challenge(&node, 2, devices);
    // It is asked to prepare once more, and the last time counts.
    check_pass(&reports[0], 2);
    use FailReason::{Malformed, WrongOpenings};
    for (report, reason) in reports[1..].iter().zip([Malformed, Malformed, WrongOpenings]) {
        assert!(is_fail(&report.vote, reason), "{report:?}");
    }
}

#[test]
fn a_device_that_gets_ready_two_seconds_before_the_moment_is_ready() {
    let node = Node::start();
    // It is asked at once, after half a second, after one more, and two seconds before the moment.
    let troubles = [
        Fault::HangUp,
        Fault::Status(503, "busy"),
        Fault::Status(409, "busy"),
        Fault::CloseMidBody,
        Fault::Garbage(7),
        Fault::OtherKey,
    ];
    let agents: Vec<TestAgent> = (1..)
        .zip(troubles)
        .map(|(device, fault)| TestAgent::start(device, vec![Trick::first(2, Step::Prepare, fault)]))
        .collect();
    for report in challenge(&node, 1, agents.iter().map(device_of).collect()) {
        check_pass(&report, 1);
    }
    for agent in agents {
        assert_eq!(agent.witness().requests[&Step::Prepare], 3);
    }
}

#[test]
fn a_connection_that_closes_just_as_a_device_is_told_to_work_costs_it_nothing_but_time() {
    let node = Node::start();
    let agents: Vec<TestAgent> = (1..)
        .zip([Step::Fill, Step::Walk])
        .map(|(device, step)| TestAgent::start(device, vec![Trick::first(1, step, Fault::HangUp)]))
        .collect();
    for report in challenge(&node, 1, agents.iter().map(device_of).collect()) {
        check_pass(&report, 1);
    }
    for (agent, step) in agents.iter().zip([Step::Fill, Step::Walk]) {
        let witness = agent.witness();
        assert_eq!(witness.requests[&step], 2);
        let nonces: Vec<_> = witness
            .nonces
            .iter()
            .filter(|(of, _)| *of == step)
            .map(|(_, contribution)| contribution.nonce)
            .collect();
        assert_eq!(nonces[0], nonces[1], "the same request again");
    }
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
            [Vote::Fail(FailReason::Unreachable.into()); 2]
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
            [Vote::Fail(FailReason::Unreachable.into()); 5]
        );
    }

    #[test]
    fn who_reaches_one_device_is_not_offline() {
        let node = Node::start();
        let agent = TestAgent::start(1, vec![Trick::new(Step::Prepare, Fault::Status(503, "busy"))]);
        let mut devices = nobody(2..6);
        devices.push(device_of(&agent));
        let votes = votes(&node, devices);
        assert_eq!(votes[..4], [Vote::Fail(FailReason::Unreachable.into()); 4]);
        assert_eq!(votes[4], Vote::Fail(FailReason::Refused.into()));
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
            [Vote::Fail(FailReason::Late.into())]
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
        let (appointment, devices) = (appointment_of(&verifier(1), 1), vec![device_of(&agent)]);
        let attend_again = || {
            let (appointment, devices) = (appointment, devices.clone());
            move || attend(&appointment, &devices, &verifier(1), &POLICY)
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
                let key = verifier(number);
                let devices = vec![Target {
                    committee: alone(&key),
                    ..device_of(agent)
                }];
                let appointment = appointment_of(&key, 1);
                node.import(move || attend(&appointment, &devices, &key, &POLICY))
            })
            .collect();
        for attendance in running {
            let Attendance::Done(reports) = attendance.recv().expect("it comes to its end") else {
                panic!("one waited for the other");
            };
            assert!(matches!(reports[0].vote, Vote::Pass(_)), "{reports:?}");
        }
        let one = Duration::from_secs(WINDOW.walk_at);
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
                    appointment: appointment_of(key, 1),
                    devices: vec![Target {
                        committee: alone(key),
                        ..device
                    }],
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
        let one = Duration::from_secs(WINDOW.walk_at);
        assert!(begun.elapsed() < 2 * one, "both at once: {:?}", begun.elapsed());
    }

    #[test]
    fn reports_survive_in_the_journal_to_the_byte() {
        let node = Node::start();
        let agent = TestAgent::start(1, vec![Trick::new(Step::Fill, Fault::SkippedWork)]);
        let (appointment, devices) = (appointment_of(&verifier(1), 1), vec![device_of(&agent)]);
        let ask = |node: &Node| {
            let devices = devices.clone();
            match node.run(move || attend(&appointment, &devices, &verifier(1), &POLICY)) {
                Attendance::Done(reports) => reports.encode(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(ask(&node), ask(&node));
    }
}

//! Several verifiers of one device, and two nodes of one verifier.

use crate::*;
use loopin_challenge::messages::Contribution;

/// A committee of the verifiers with these numbers, each with so many seats.
fn committee(seats: &[(u8, u32)]) -> Vec<Member> {
    let mut members: Vec<Member> = seats
        .iter()
        .map(|&(number, seats)| {
            let account = verifier(number).0.public().0;
            Member {
                verifier: account,
                key: account,
                seats,
            }
        })
        .collect();
    members.sort_by_key(|member| member.verifier);
    members
}

/// An agent that knows its committee, and the device as its verifiers know it.
fn device_with(device: u64, tricks: Vec<Trick>, committee: &[Member]) -> (TestAgent, Target) {
    let agent = TestAgent::start(device, tricks);
    agent.expect_committee(committee.to_vec());
    let target = Target {
        committee: committee.to_vec(),
        ..device_of(&agent)
    };
    (agent, target)
}

/// What each of these verifiers finds out about all of these devices in one round.
fn challenge_together(
    node: &Node,
    round: u64,
    verifiers: &[u8],
    devices: &[Target],
    policy: Policy,
) -> Vec<Vec<DeviceReport>> {
    let (verifiers, devices) = (verifiers.to_vec(), devices.to_vec());
    let attendances = node.run(move || {
        let keys: Vec<Key> = verifiers.into_iter().map(verifier).collect();
        let duties: Vec<_> = keys
            .iter()
            .map(|key| Duty {
                appointment: appointment_of(key, round),
                devices: devices.clone(),
                signer: key,
            })
            .collect();
        loopin_offchain_worker::attend(&duties, &policy)
    });
    let reports = |attendance| match attendance {
        Attendance::Done(reports) => reports,
        other => panic!("{other:?}"),
    };
    attendances.into_iter().map(reports).collect()
}

fn claim_of(report: &DeviceReport) -> Hash {
    match report.vote {
        Vote::Pass(pass) => pass.claim,
        Vote::Fail(Failure {
            commitment: Some(commitment),
            ..
        }) => commitment.claim,
        other => panic!("{other:?}"),
    }
}

#[test]
fn five_verifiers_challenge_a_device_together_and_it_computes_once() {
    let node = Node::start();
    let verifiers = [1, 2, 3, 4, 5];
    let committee = committee(&verifiers.map(|number| (number, 1)));
    let (agent, target) = device_with(1, vec![], &committee);
    let reports = challenge_together(&node, 1, &verifiers, &[target], POLICY);
    let claim = claim_of(&reports[0][0]);
    for (number, reports) in verifiers.into_iter().zip(&reports) {
        check_pass_of(&verifier(number), &reports[0], 1);
        assert_eq!(claim_of(&reports[0]), claim);
    }
    let witness = agent.witness();
    assert_eq!(witness.complaints, Vec::<String>::new());
    assert_eq!(witness.fills, 1);
    assert_eq!(
        witness.requests,
        Step::ALL.into_iter().map(|step| (step, 5)).collect()
    );
}

#[test]
fn a_verifier_with_most_of_the_seats_is_enough_and_one_with_half_is_not() {
    let node = Node::start();
    // The second verifier is silent.
    let (_majority, one) = device_with(1, vec![], &committee(&[(1, 3), (2, 2)]));
    let (_half, two) = device_with(2, vec![], &committee(&[(1, 2), (2, 2)]));
    let reports = &challenge_together(&node, 1, &[1], &[one, two], POLICY)[0];
    check_pass(&reports[0], 1);
    assert!(is_fail(&reports[1].vote, FailReason::Late), "{:?}", reports[1]);
}

#[test]
fn what_a_seed_was_made_of_without_a_majority_fails_the_device() {
    let node = Node::start();
    let members = committee(&[(1, 1), (2, 1), (3, 1), (4, 1), (5, 1)]);
    let trick = |step, fault| vec![Trick::new(step, fault)];
    let cases: Vec<(Step, Fault)> = [Step::Fill, Step::Walk]
        .into_iter()
        .flat_map(|step| {
            [
                Fault::TooFewContributions,
                Fault::UnsortedContributions,
                Fault::StrangersContribution,
                Fault::DoubleContribution,
                Fault::ForgedContribution,
                Fault::NoContributions,
                Fault::OtherContributions,
                Fault::Late(Duration::ZERO),
            ]
            .map(|fault| (step, fault))
        })
        .collect();
    let (agents, devices): (Vec<_>, Vec<_>) = (1..)
        .zip(&cases)
        .map(|(device, (step, fault))| device_with(device, trick(*step, fault.clone()), &members))
        .unzip();
    for reports in challenge_together(&node, 1, &[1, 2, 3], &devices, POLICY) {
        for (report, case) in reports.iter().zip(&cases) {
            match &case.1 {
                Fault::Late(_) => assert!(matches!(report.vote, Vote::Pass(_)), "{case:?}: {report:?}"),
                _ => assert!(
                    is_fail(&report.vote, FailReason::Malformed),
                    "{case:?}: {report:?}"
                ),
            }
        }
    }
    drop(agents);
}

#[test]
fn what_verifiers_signed_in_another_round_makes_no_seed_in_this_one() {
    let node = Node::start();
    let members = committee(&[(1, 1), (2, 1), (3, 1)]);
    let (agents, devices): (Vec<_>, Vec<_>) = [Step::Fill, Step::Walk]
        .into_iter()
        .zip(1..)
        .map(|(step, device)| device_with(device, vec![Trick::new(step, Fault::OldContributions)], &members))
        .unzip();
    for reports in challenge_together(&node, 1, &[1, 2], &devices, POLICY) {
        assert!(
            reports.iter().all(|report| matches!(report.vote, Vote::Pass(_))),
            "{reports:?}"
        );
    }
    for reports in challenge_together(&node, 2, &[1, 2], &devices, POLICY) {
        assert!(
            reports
                .iter()
                .all(|report| is_fail(&report.vote, FailReason::Malformed)),
            "{reports:?}"
        );
    }
    drop(agents);
}

#[test]
fn a_device_that_opens_to_a_friend_only_passes_with_the_friend_and_is_bound_with_the_others() {
    let node = Node::start();
    let members = committee(&[(1, 1), (2, 1), (3, 1)]);
    let refuse = |number: u8| {
        let account = verifier(number).0.public().0;
        Trick::against(account, Step::Open, Fault::Status(503, "not for you"))
    };
    let (_agent, target) = device_with(1, vec![refuse(2), refuse(3)], &members);
    let reports = challenge_together(&node, 1, &[1, 2, 3], &[target], POLICY);
    check_pass_of(&verifier(1), &reports[0][0], 1);
    for of_others in &reports[1..] {
        assert!(is_fail(&of_others[0].vote, FailReason::Refused));
        assert!(has_commitment(&of_others[0], 1));
        assert_eq!(claim_of(&of_others[0]), claim_of(&reports[0][0]));
    }
}

#[test]
fn a_second_node_with_the_same_key_yields() {
    let nodes = [Node::start(), Node::start()];
    let (agent, target) = device_with(1, vec![], &committee(&[(1, 1)]));
    let running = nodes.each_ref().map(|node| {
        let (appointment, devices) = (appointment_of(&verifier(1), 1), vec![target.clone()]);
        node.import(move || attend(&appointment, &devices, &verifier(1), &POLICY))
    });
    let reports: Vec<Vec<DeviceReport>> = running
        .into_iter()
        .map(
            |attendance| match attendance.recv().expect("it comes to its end") {
                Attendance::Done(reports) => reports,
                other => panic!("{other:?}"),
            },
        )
        .collect();
    let passed: Vec<&DeviceReport> = reports.iter().flatten().collect();
    assert_eq!(passed.len(), 1, "one of them says nothing: {reports:?}");
    check_pass(passed[0], 1);
    let nonces: Vec<Contribution> = agent
        .witness()
        .nonces
        .into_iter()
        .filter(|(step, _)| *step == Step::Fill)
        .map(|(_, contribution)| contribution)
        .collect();
    assert_eq!(nonces.len(), 2);
    assert_ne!(nonces[0].nonce, nonces[1].nonce);
}

#[test]
fn only_a_proof_that_there_is_a_second_node_makes_a_verifier_yield() {
    let node = Node::start();
    let steps = [Step::Fill, Step::Walk, Step::Open];
    let (own, other) = ([1; 32], [2; 32]);
    let faults = [
        Fault::Conflict(own),
        Fault::Conflict(other),
        Fault::ConflictWithItself,
        Fault::Status(409, "conflict"),
        Fault::Garbage(128),
    ];
    let cases: Vec<(Step, &Fault)> = steps
        .into_iter()
        .flat_map(|step| faults.iter().map(move |fault| (step, fault)))
        .collect();
    let (agents, devices): (Vec<_>, Vec<_>) = (1..)
        .zip(&cases)
        .map(|(device, (step, fault))| {
            let tricks = vec![Trick::new(*step, (*fault).clone())];
            device_with(device, tricks, &committee(&[(1, 1)]))
        })
        .unzip();
    let reports = &challenge_together(&node, 1, &[1], &devices, POLICY)[0];
    for (device, (step, fault)) in (1..).zip(&cases) {
        let report = reports.iter().find(|report| report.device == device);
        match (fault, report) {
            (Fault::Conflict(key), None) => assert_eq!(*key, own, "{step:?}"),
            (Fault::Garbage(_), Some(report)) => {
                assert!(
                    is_fail(&report.vote, FailReason::Malformed),
                    "{step:?} {report:?}"
                );
            }
            (_, Some(report)) => {
                assert_ne!(**fault, Fault::Conflict(own), "{step:?} {report:?}");
                assert!(is_fail(&report.vote, FailReason::Refused), "{step:?} {report:?}");
            }
            (_, None) => panic!("{step:?} {fault:?}: yielded without a proof"),
        }
    }
    drop(agents);
}

#[test]
fn devices_open_one_after_the_other_and_what_does_not_fit_is_nobodys_failure() {
    let node = Node::start();
    let members = committee(&[(1, 1)]);
    // Each takes somewhat less than it may, so that three of them are done in the time that there is.
    let slow = || vec![Trick::new(Step::Open, Fault::Late(Duration::from_millis(2_500)))];
    let (agents, devices): (Vec<_>, Vec<_>) =
        (1..6).map(|device| device_with(device, slow(), &members)).unzip();
    let one_by_one = Policy {
        openings_at_once: 1,
        ..POLICY
    };
    let reports = &challenge_together(&node, 1, &[1], &devices, one_by_one)[0];
    let passes = reports
        .iter()
        .filter(|report| matches!(report.vote, Vote::Pass(_)))
        .count();
    let interrupted = Vote::Inconclusive(InconclusiveReason::Interrupted);
    let waited = reports.iter().filter(|report| report.vote == interrupted).count();
    assert_eq!((passes, waited), (3, 2), "{reports:?}");
    let asked: Vec<u32> = agents
        .iter()
        .map(|agent| agent.witness().requests.get(&Step::Open).copied().unwrap_or(0))
        .collect();
    assert_eq!(asked.iter().sum::<u32>(), 3, "the others were not asked to open");
}

#[test]
fn where_no_device_of_three_hosts_opens_in_time_the_verifiers_own_network_is_too_slow() {
    let node = Node::start();
    let members = committee(&[(1, 1)]);
    let slow = |host: u8| {
        let late = Trick::new(Step::Open, Fault::Late(LATE));
        let agent = TestAgent::start_at(&format!("127.0.0.{host}:0"), host.into(), vec![late]);
        agent.expect_committee(members.clone());
        let device = device_of(&agent);
        (agent, device)
    };
    let (agents, devices): (Vec<_>, Vec<_>) = (2..5).map(slow).unzip();
    let votes_on = |devices: &[Target], round| -> Vec<Vote> {
        let reports = challenge_together(&node, round, &[1], devices, POLICY).remove(0);
        reports.into_iter().map(|report| report.vote).collect()
    };
    let interrupted = Vote::Inconclusive(InconclusiveReason::Interrupted);
    assert_eq!(votes_on(&devices, 1), [interrupted; 3]);
    // Two may both be slow, and where one opens in time, the network is quick enough for the others.
    let two = votes_on(&devices[..2], 2);
    assert!(two.iter().all(|vote| is_fail(vote, FailReason::Late)), "{two:?}");
    let (_quick, quick) = device_with(1, vec![], &members);
    let votes = votes_on(&[&devices[..], &[quick]].concat(), 3);
    assert!(
        votes[..3].iter().all(|vote| is_fail(vote, FailReason::Late)),
        "{votes:?}"
    );
    assert!(matches!(votes[3], Vote::Pass(_)), "{votes:?}");
    drop(agents);
}

//! Who is refused, and why.

use crate::{assert_refused, common::*};
use codec::Encode;
use loopin_agent::{chain::unix_seconds, http::ServerLimits, session::sign};
use loopin_challenge::{
    classes::LIGHT,
    messages::{FillAnswer, PrepareAnswer, PrepareRequest, WalkAnswer},
};
use loopin_primitives::{DeviceChallenge, Window};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Asks for a challenge as `change` says and asserts how a request of Alice is refused.
async fn refused(change: impl FnOnce(&mut DeviceChallenge)) -> (u16, String) {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    running
        .ask(&node, 7, |challenge| {
            challenge.committee = committee(&[(&alice, 1)]);
            change(challenge);
        })
        .await;
    let answer = running
        .post("/device/7/prepare", &alice.prepare(assignment(7)))
        .await;
    assert!(!running.holds_memory(7));
    (answer.status, answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_chain_did_not_assign_is_refused() {
    let bob = Verifier::new("//Bob");
    let now = unix_seconds();
    let not_assigned = "the chain did not assign this verifier to this device";
    assert_eq!(refused(|c| c.committee.clear()).await, (403, not_assigned.into()));
    assert_eq!(
        refused(|c| c.committee = committee(&[(&bob, 1)])).await,
        (403, not_assigned.into())
    );
    assert_eq!(
        refused(|c| c.round = 8).await,
        (403, "the chain is in round 8 for this device".into())
    );
    assert_eq!(
        refused(|c| c.round_seed = [8; 32]).await,
        (
            403,
            "the chain has another seed for this round: one of the two nodes is on a fork".into()
        )
    );
    assert_eq!(
        refused(|c| c.profile = LIGHT).await,
        (403, "the chain asks for another profile".into())
    );
    assert_eq!(
        refused(|c| c.agent_key = [1; 32]).await,
        (403, "the device is registered with another agent's key".into())
    );
    let (status, text) = refused(|c| c.window = Window::new(now + 30, 120)).await;
    assert!(
        status == 403 && text.starts_with("the window of the round is from "),
        "{status} {text}"
    );
    let (status, _) = refused(|c| c.window = Window::new(now - 130, 120)).await;
    assert_eq!(status, 403);
    // The seat is Alice's, and its key another.
    assert_eq!(
        refused(|c| c.committee[0].key = [2; 32]).await,
        (401, "the signature is not the verifier's".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_to_this_device_is_refused() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    let request = alice.prepare(assignment(7));
    assert_refused!(
        running.post("/device/7/prepare", &request).await,
        403,
        "the chain asks for no challenge of this device now"
    );
    running.assign(&node, 7, &[(&alice, 1)]).await;
    assert_refused!(
        running.post("/device/9/prepare", &request).await,
        404,
        "device 9 is not here"
    );
    assert_refused!(
        running.post("/device/x/prepare", &request).await,
        404,
        "device x is not here"
    );
    assert_refused!(
        running
            .post("/device/7/prepare", &alice.prepare(assignment(8)))
            .await,
        400,
        "the message is about device 8"
    );
    assert_refused!(
        running.post("/device/7/prepare", &request[1..]).await,
        400,
        "no message of this step: it has 212 bytes and these are 211"
    );
    assert_refused!(
        running.post("/device/7/fill", &request).await,
        400,
        "no message of this step: it has 244 bytes and these are 212"
    );
    let mut foreign = assignment(7);
    foreign.genesis = [1; 32];
    assert_refused!(
        running.post("/device/7/prepare", &alice.prepare(foreign)).await,
        403,
        "the message is of another chain"
    );
    let forged = PrepareRequest {
        assignment: assignment(7),
        verifier: alice.account,
    };
    assert_refused!(
        running
            .post("/device/7/prepare", &sign(forged, &pair("//Mallory")).encode())
            .await,
        401,
        "the signature is not the verifier's"
    );
    assert_eq!(running.get("/device/7/prepare").await.status, 405);
    assert_eq!(running.post("/device/7/sing", &[]).await.status, 404);
    assert_eq!(running.get("/nothing").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_messages_must_come_in_turn_be_signed_and_belong_to_the_challenge() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    let impostor = Verifier {
        pair: pair("//Mallory"),
        account: alice.account,
    };
    running.assign(&node, 7, &[(&alice, 1)]).await;
    let fill = alice.fill(assignment(7), 1);
    assert_refused!(
        running.post("/device/7/fill", &fill).await,
        409,
        "no challenge is at this step"
    );
    let request = alice.prepare(assignment(7));
    let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
    assert_refused!(
        running
            .post("/device/7/fill", &impostor.fill(assignment(7), 1))
            .await,
        401,
        "the signature is not the verifier's"
    );
    let (filled, _) = running.post("/device/7/fill", &fill).await.joint::<FillAnswer>();
    let other = FillAnswer {
        state_root: [1; 32],
        ..filled
    };
    assert_refused!(
        running.post("/device/7/walk", &alice.walk(&other, 1)).await,
        409,
        "the message is about another seed or root than the device's"
    );
    let answer = running.post("/device/7/walk", &impostor.walk(&filled, 1)).await;
    assert_eq!(answer.status, 401);
    let (walked, _) = running
        .post("/device/7/walk", &alice.walk(&filled, 1))
        .await
        .joint::<WalkAnswer>();
    let answer = running.post("/device/7/open", &impostor.open(&walked, 1).1).await;
    assert_eq!(answer.status, 401);
    let mut other = walked;
    other.claim.walk_root = [1; 32];
    assert_refused!(
        running.post("/device/7/open", &alice.open(&other, 1).1).await,
        409,
        "the message is about another seed or root than the device's"
    );
    let (open, body) = alice.open(&walked, 1);
    check_opened(&walked.claim, &open, &running.post("/device/7/open", &body).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_checked_before_anything_else_is_done_for_it_and_the_node_is_never_asked() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    running.assign(&node, 7, &[(&alice, 1)]).await;
    let questions = node.questions();
    // Of another round, and unsigned: nobody waits for anything.
    let mut unknown = assignment(7);
    unknown.round = 8;
    let forged = PrepareRequest {
        assignment: assignment(7),
        verifier: alice.account,
    };
    let forged = sign(forged, &pair("//Mallory")).encode();
    let began = Instant::now();
    let mut checked = 0;
    for _ in 0..10 {
        let bodies = [vec![alice.prepare(unknown); 4], vec![forged.clone(); 10]].concat();
        let answers = running.post_all("/device/7/prepare", bodies).await;
        assert!(answers[..4].iter().all(|answer| answer.status == 403));
        assert!(
            answers[4..]
                .iter()
                .all(|answer| [401, 429].contains(&answer.status))
        );
        checked += answers.iter().filter(|answer| answer.status == 401).count();
    }
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!((20..=80).contains(&checked), "{checked} were checked");
    assert_eq!(node.questions(), questions);
    assert!(!running.holds_memory(7));
    // From elsewhere, the verifier is answered meanwhile.
    let body = alice.prepare(assignment(7));
    let header = "x-forwarded-for: 203.0.113.9\r\n";
    let answer = post(running.address, "/device/7/prepare", header, &body).await;
    let _: PrepareAnswer = answer.message();
    assert_eq!(node.questions(), questions);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_is_asked_with_each_block_and_what_it_said_outlives_the_connection() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    running.assign(&node, 7, &[(&alice, 1)]).await;
    let questions = node.questions();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(node.questions(), questions);
    node.make_block();
    let one_block = questions + 2;
    running.wait_until(|_| node.questions() == one_block).await;
    node.handle.stop().unwrap();
    node.handle.clone().stopped().await;
    let link = running.link.clone().unwrap();
    running.wait_until(|_| link.connection().is_none()).await;
    challenge(&running, assignment(7), &[(&alice, 1)], 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_fails_says_so_and_frees_its_memory() {
    for (defect, step) in [(Defect::Fails, 2), (Defect::Panics, 2), (Defect::Full, 0)] {
        let node = Node::start("127.0.0.1:0").await;
        let devices = vec![(7, defective(defect))];
        let running = Running::start(Some(node.address), devices, ServerLimits::default()).await;
        let alice = Verifier::new("//Alice");
        running.assign(&node, 7, &[(&alice, 1)]).await;
        let answer = running
            .post("/device/7/prepare", &alice.prepare(assignment(7)))
            .await;
        let answer = if step == 0 {
            answer
        } else {
            let fill = alice.fill(assignment(7), 1);
            let (filled, _) = running.post("/device/7/fill", &fill).await.joint::<FillAnswer>();
            assert!(running.holds_memory(7));
            running.post("/device/7/walk", &alice.walk(&filled, 1)).await
        };
        assert_refused!(answer, 503, "the device cannot do it");
        running.wait_until(|running| !running.holds_memory(7)).await;
        assert!(!running.agent.is_busy());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_node_nobody_is_answered_until_there_is_one() {
    let node = Node::start("127.0.0.1:0").await;
    let running = Running::start(Some(node.address), vec![(7, cpu())], ServerLimits::default()).await;
    let address = node.address.to_string();
    node.handle.stop().unwrap();
    node.handle.stopped().await;
    let alice = Verifier::new("//Alice");
    let health = |running: &Running| {
        loopin_agent::http::Handler::page(running.agent.as_ref(), "health")
            .unwrap()
            .status
    };
    running.wait_until(|running| health(running) == 503).await;
    let request = alice.prepare(assignment(7));
    assert_refused!(
        running.post("/device/7/prepare", &request).await,
        503,
        "the agent has no connection to a node of the chain"
    );
    let node = Node::start(&address).await;
    running.wait_until(|running| health(running) == 200).await;
    running.assign(&node, 7, &[(&alice, 1)]).await;
    challenge(&running, assignment(7), &[(&alice, 1)], 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_stops_begins_nothing_new_and_ends_what_it_has_begun() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    running.assign(&node, 7, &[(&alice, 1)]).await;
    let request = alice.prepare(assignment(7));
    let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
    running.agent.stop();
    challenge(&running, assignment(7), &[(&alice, 1)], 1).await;
    let mut newer = assignment(7);
    newer.round += 1;
    running
        .ask(&node, 7, |challenge| {
            challenge.round = newer.round;
            challenge.committee = committee(&[(&alice, 1)]);
        })
        .await;
    assert_refused!(
        running.post("/device/7/prepare", &alice.prepare(newer)).await,
        503,
        "the agent is stopping"
    );
}

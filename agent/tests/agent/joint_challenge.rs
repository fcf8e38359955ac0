//! All verifiers of a device challenge it together.

use crate::{assert_refused, common::*};
use loopin_agent::{chain::unix_seconds, http::ServerLimits};
use loopin_challenge::{
    classes::LIGHT,
    joint,
    messages::{FillAnswer, FillRequest, Message, PrepareAnswer, WalkAnswer},
};
use loopin_primitives::Window;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// A device with five seats, prepared: Alice has two, Bob two, Charlie one.
async fn prepared(defect: Option<Defect>) -> (Node, Running, [Verifier; 3]) {
    let node = Node::start("127.0.0.1:0").await;
    let device = defect.map_or_else(cpu, defective);
    let running = Running::start(Some(node.address), vec![(7, device)], ServerLimits::default()).await;
    let verifiers = ["//Alice", "//Bob", "//Charlie"].map(Verifier::new);
    let [alice, bob, charlie] = &verifiers;
    running
        .assign(&node, 7, &[(alice, 2), (bob, 2), (charlie, 1)])
        .await;
    let request = alice.prepare(assignment(7));
    let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
    (node, running, verifiers)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minority_does_not_start_the_device_and_a_majority_does() {
    let (_node, running, [alice, bob, charlie]) = prepared(None).await;
    // Two of five seats, however early and however long.
    let fill = alice.fill(assignment(7), 1);
    let waiting = timeout(Duration::from_millis(500), running.post("/device/7/fill", &fill));
    assert!(waiting.await.is_err());
    let (filled, contributions) = running
        .post("/device/7/fill", &charlie.fill(assignment(7), 3))
        .await
        .joint::<FillAnswer>();
    // The nonce that came before is among them, though its sender had hung up.
    let contributors = joint::contributors(&contributions);
    let mut expected = vec![(alice.account, [1; 32]), (charlie.account, [3; 32])];
    expected.sort();
    assert_eq!(contributors, expected);
    // The late one gets the same root, at once.
    let late = running.post("/device/7/fill", &bob.fill(assignment(7), 2)).await;
    let (root, same) = late.joint::<FillAnswer>();
    assert_eq!((root, same), (filled, contributions));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_or_early_minority_holds_nobody_up() {
    let (_node, running, [alice, bob, charlie]) = prepared(None).await;
    let path = "/device/7/fill";
    // Bob sends early and says no more after that.
    let fill = bob.fill(assignment(7), 9);
    let early = timeout(Duration::from_millis(100), running.post(path, &fill));
    assert!(early.await.is_err());
    let fills = vec![alice.fill(assignment(7), 1), charlie.fill(assignment(7), 1)];
    let answers = running.post_all(path, fills).await;
    let (filled, _) = answers[0].joint::<FillAnswer>();
    let walks = vec![alice.walk(&filled, 1), charlie.walk(&filled, 1)];
    let answers = running.post_all("/device/7/walk", walks).await;
    let (walked, contributions) = answers[1].joint::<WalkAnswer>();
    assert_eq!(contributions.len(), 2);
    for verifier in [&alice, &charlie] {
        let (open, body) = verifier.open(&walked, 1);
        let opened = running.post("/device/7/open", &body).await;
        check_opened(&walked.claim, &open, &opened);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_nonce_is_refused_with_the_first_in_every_step() {
    let (_node, running, [alice, bob, charlie]) = prepared(None).await;
    let path = "/device/7/fill";
    let fills = [&alice, &bob].map(|verifier| verifier.fill(assignment(7), 1));
    let (filled, _) = running.post_all(path, fills.into()).await[0].joint::<FillAnswer>();
    let first = running
        .post(path, &alice.fill(assignment(7), 2))
        .await
        .first_nonce();
    assert_eq!((first.verifier, first.nonce), (alice.account, [1; 32]));
    // It proves that the key of the verifier has sent it.
    let request = FillRequest {
        assignment: assignment(7),
        verifier: alice.account,
        nonce: first.nonce,
    };
    assert!(is_signed(&first.signature, &request.digest(), &alice.key()));
    // One that came late is known, too.
    running
        .post(path, &charlie.fill(assignment(7), 5))
        .await
        .joint::<FillAnswer>();
    let first = running
        .post(path, &charlie.fill(assignment(7), 6))
        .await
        .first_nonce();
    assert_eq!((first.verifier, first.nonce), (charlie.account, [5; 32]));

    let walks = [&alice, &bob].map(|verifier| verifier.walk(&filled, 1));
    let (walked, _) = running.post_all("/device/7/walk", walks.into()).await[0].joint::<WalkAnswer>();
    let first = running
        .post("/device/7/walk", &bob.walk(&filled, 2))
        .await
        .first_nonce();
    assert_eq!((first.verifier, first.nonce), (bob.account, [1; 32]));

    let (open, body) = alice.open(&walked, 1);
    let opened = running.post("/device/7/open", &body).await;
    check_opened(&walked.claim, &open, &opened);
    let (_, other) = alice.open(&walked, 2);
    let first = running.post("/device/7/open", &other).await.first_nonce();
    assert_eq!((first.verifier, first.nonce), (alice.account, [1; 32]));
    assert!(is_signed(&first.signature, &open.digest(), &alice.key()));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_openings_are_withheld() {
    let (_node, running, [alice, bob, _]) = prepared(Some(Defect::Flips)).await;
    let fills = [&alice, &bob].map(|verifier| verifier.fill(assignment(7), 1));
    let (filled, _) = running.post_all("/device/7/fill", fills.into()).await[0].joint::<FillAnswer>();
    let walks = [&alice, &bob].map(|verifier| verifier.walk(&filled, 1));
    let (walked, _) = running.post_all("/device/7/walk", walks.into()).await[0].joint::<WalkAnswer>();
    let (_, body) = alice.open(&walked, 1);
    for _ in 0..2 {
        assert_refused!(
            running.post("/device/7/open", &body).await,
            503,
            "the device cannot open it"
        );
    }
    let metrics = running.get("/metrics").await.text();
    let line = "loopin_agent_withheld_openings_total{device=\"7\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_round_takes_the_place_of_an_older_one_whatever_that_is_doing() {
    let (node, running, [alice, bob, charlie]) = prepared(Some(Defect::Slow)).await;
    let address = running.address;
    // The device is at the state of the old round, and somebody waits for it.
    let fills = [&alice, &bob].map(|verifier| verifier.fill(assignment(7), 1));
    let old: Vec<_> = fills
        .into_iter()
        .map(|body| tokio::spawn(async move { post(address, "/device/7/fill", "", &body).await }))
        .collect();
    sleep(Duration::from_millis(200)).await;
    let mut newer = assignment(7);
    newer.round += 1;
    running
        .ask(&node, 7, |challenge| {
            challenge.round = newer.round;
            challenge.committee = committee(&[(&charlie, 1)]);
        })
        .await;
    let began = Instant::now();
    let request = charlie.prepare(newer);
    let ready: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
    assert_eq!(ready.assignment, newer);
    // It waits for what is left of the step of a second, and no longer.
    assert!(
        began.elapsed() < Duration::from_millis(950),
        "{:?}",
        began.elapsed()
    );
    for old in old {
        assert_refused!(old.await.unwrap(), 409, "no challenge is at this step");
    }
    challenge(&running, newer, &[(&charlie, 1)], 2).await;
    assert_refused!(
        running
            .post("/device/7/fill", &alice.fill(assignment(7), 1))
            .await,
        403,
        "the chain is in round 8 for this device"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_that_changes_its_key_does_not_end_the_challenge_of_the_others() {
    let (node, running, [alice, bob, charlie]) = prepared(None).await;
    let mut changed = committee(&[(&alice, 2), (&bob, 2), (&charlie, 1)]);
    let charlies = changed
        .iter_mut()
        .find(|member| member.verifier == charlie.account);
    charlies.unwrap().key = [1; 32];
    running
        .ask(&node, 7, |challenge| challenge.committee = changed)
        .await;
    let fills = [&alice, &bob].map(|verifier| verifier.fill(assignment(7), 1));
    running.post_all("/device/7/fill", fills.into()).await[0].joint::<FillAnswer>();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_rents_the_device_or_gives_it_back_meanwhile_does_not_keep_it_from_answering() {
    for is_light in [false, true] {
        let (node, running, [alice, bob, _]) = prepared(None).await;
        // The chain asks for another challenge now, or for none of this device.
        running
            .ask(&node, 7, |challenge| {
                challenge.profile = if is_light { LIGHT } else { challenge.profile };
                challenge.round_seed = if is_light { challenge.round_seed } else { [9; 32] };
            })
            .await;
        let fills = [&alice, &bob].map(|verifier| verifier.fill(assignment(7), 1));
        running.post_all("/device/7/fill", fills.into()).await[0].joint::<FillAnswer>();
        // Nobody begins anything else with it than what the chain asks for.
        let mut other = assignment(7);
        other.round += 1;
        let answer = running.post("/device/7/prepare", &alice.prepare(other)).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_ends_with_its_window() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let (alice, bob) = (Verifier::new("//Alice"), Verifier::new("//Bob"));
    let now = unix_seconds();
    running
        .ask(&node, 7, |challenge| {
            challenge.committee = committee(&[(&alice, 2), (&bob, 1)]);
            // With the five seconds that clocks may be apart, it closes in two.
            challenge.window = Window::new(now - 123, 120);
        })
        .await;
    let request = alice.prepare(assignment(7));
    let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
    assert!(running.holds_memory(7) && running.agent.is_busy());
    running.wait_until(|running| !running.holds_memory(7)).await;
    assert!(!running.agent.is_busy());
    let answer = running
        .post("/device/7/fill", &alice.fill(assignment(7), 1))
        .await;
    assert!(
        answer.text().starts_with("the window of the round is from "),
        "{}",
        answer.text()
    );
}

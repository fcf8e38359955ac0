//! What works.

use crate::common::*;
use codec::Encode;
use loopin_agent::http::ServerLimits;
use loopin_challenge::{
    Geometry,
    messages::{FillAnswer, PrepareAnswer, WalkAnswer},
    prover,
};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_round_passes_and_is_what_the_plain_prover_says() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let geometry = Geometry::new(PROFILE).unwrap();
    let verifiers = ["//Alice", "//Bob", "//Charlie", "//Dave"].map(Verifier::new);
    for number in 1..=verifiers.len() {
        let round = 6 + number as u64;
        let verifiers: Vec<_> = verifiers[..number].iter().map(|verifier| (verifier, 1)).collect();
        running
            .ask(&node, 7, |challenge| {
                challenge.round = round;
                challenge.committee = committee(&verifiers);
            })
            .await;
        let mut assignment = assignment(7);
        assignment.round = round;
        let (claim, opened) = challenge(&running, assignment, &verifiers, 1).await;
        let plain = prover::State::fill(&geometry, &claim.seed);
        let plain_walk = plain.walk(&claim.walk_seed);
        assert_eq!(claim, plain_walk.claim());
        for (open, openings) in opened {
            assert!(openings == plain_walk.open(&open.sample_seed()).encode());
        }
        running.wait_until(|running| !running.holds_memory(7)).await;
        assert!(!running.agent.is_busy());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gpus_are_challenged_at_once() {
    let node = Node::start("127.0.0.1:0").await;
    let devices = vec![(7, defective(Defect::Slow)), (8, defective(Defect::Slow))];
    let running = Running::start(Some(node.address), devices, ServerLimits::default()).await;
    let (alice, bob) = (Verifier::new("//Alice"), Verifier::new("//Bob"));
    let verifiers = [(&alice, 1), (&bob, 1)];
    running.assign(&node, 7, &verifiers).await;
    running.assign(&node, 8, &verifiers).await;
    let began = Instant::now();
    tokio::join!(
        challenge(&running, assignment(7), &verifiers, 1),
        challenge(&running, assignment(8), &verifiers, 2)
    );
    // Each sleeps for a second.
    assert!(
        began.elapsed() < Duration::from_millis(1_900),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_that_was_lost_is_given_again_until_the_window_closes() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    running.assign(&node, 7, &[(&alice, 1)]).await;
    let prepare = alice.prepare(assignment(7));
    let prepared = running.post("/device/7/prepare", &prepare).await;
    let fill = alice.fill(assignment(7), 1);
    let (filled, _) = running.post("/device/7/fill", &fill).await.joint::<FillAnswer>();
    let walk = alice.walk(&filled, 1);
    let (walked, _) = running.post("/device/7/walk", &walk).await.joint::<WalkAnswer>();
    let (open, open_body) = alice.open(&walked, 1);
    let opened = running.post("/device/7/open", &open_body).await;
    check_opened(&walked.claim, &open, &opened);
    // It is over, and the memory free.
    running.wait_until(|running| !running.holds_memory(7)).await;
    let again = running.post("/device/7/open", &open_body).await;
    assert_eq!((again.status, &again.body), (200, &opened.body));
    let again = running.post("/device/7/prepare", &prepare).await;
    assert_eq!((again.status, &again.body), (200, &prepared.body));
    let (again, _) = running.post("/device/7/fill", &fill).await.joint::<FillAnswer>();
    assert_eq!(again, filled);
    let (again, _) = running.post("/device/7/walk", &walk).await.joint::<WalkAnswer>();
    assert_eq!(again, walked);
    assert!(!running.holds_memory(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_asked_for_is_done_though_it_hangs_up() {
    let node = Node::start("127.0.0.1:0").await;
    let devices = vec![(7, defective(Defect::Slow))];
    let running = Running::start(Some(node.address), devices, ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    running.assign(&node, 7, &[(&alice, 1)]).await;
    let request = alice.prepare(assignment(7));
    let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
    let fill = alice.fill(assignment(7), 1);
    let hung_up = timeout(Duration::from_millis(200), running.post("/device/7/fill", &fill)).await;
    assert!(hung_up.is_err());
    sleep(Duration::from_millis(1_100)).await;
    // The work was not lost: the same request is answered at once.
    let began = Instant::now();
    let _ = running.post("/device/7/fill", &fill).await.joint::<FillAnswer>();
    assert!(began.elapsed() < Duration::from_millis(500));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_say_who_answers_and_how_it_is() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let (alice, bob) = (Verifier::new("//Alice"), Verifier::new("//Bob"));
    let verifiers = [(&alice, 1), (&bob, 1)];
    running.assign(&node, 7, &verifiers).await;
    challenge(&running, assignment(7), &verifiers, 1).await;
    assert_eq!(running.get("/health").await.text(), "ok");
    let info = running.get("/info").await;
    let info: serde_json::Value = serde_json::from_slice(&info.body).unwrap();
    assert_eq!(info["backend"], "cpu");
    assert_eq!(info["privacy"], 25);
    assert_eq!(info["genesis"], format!("0x{}", "c4".repeat(32)));
    assert_eq!(info["devices"][0]["id"], 7);
    assert_eq!(info["devices"][0]["round"], ROUND);
    let metrics = running.get("/metrics").await.text();
    for line in [
        "loopin_agent_challenges_total{device=\"7\",end=\"answered\"} 1",
        "loopin_agent_challenge_active{device=\"7\"} 0",
        "loopin_agent_node_connected 1",
        "loopin_agent_step_seconds_count{device=\"7\",step=\"walk\"} 2",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_chain_anyone_is_answered_where_that_is_wanted() {
    let running = Running::start(None, vec![(7, cpu())], ServerLimits::default()).await;
    let (mallory, alice) = (Verifier::new("//Mallory"), Verifier::new("//Alice"));
    challenge(&running, assignment(7), &[(&mallory, 1)], 1).await;
    challenge(&running, assignment(7), &[(&alice, 1)], 1).await;
}

//! The whole agent over real HTTP, with a node that is a small server of the test.

#![allow(clippy::unwrap_used)]

mod common;

use codec::Encode;
use common::*;
use loopin_agent::{chain::unix_seconds, http::ServerLimits, session::sign};
use loopin_challenge::{
    Geometry,
    classes::LIGHT,
    joint,
    messages::{FillAnswer, FillRequest, Message, PrepareAnswer, PrepareRequest, WalkAnswer},
    prover,
};
use loopin_primitives::{DeviceChallenge, Window};
use std::time::{Duration, Instant};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{sleep, timeout},
};

/// Asserts a refusal.
macro_rules! assert_refused {
    ($answer:expr, $status:literal, $text:literal) => {
        let answer = $answer;
        assert_eq!((answer.status, answer.text().as_str()), ($status, $text));
    };
}

mod success {
    use super::*;

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
}

/// All verifiers of a device challenge it together.
mod joint_challenge {
    use super::*;

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
}

mod refusals {
    use super::*;

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
        // All at once, of another round and unsigned: nobody waits for anything.
        let mut unknown = assignment(7);
        unknown.round = 8;
        let forged = PrepareRequest {
            assignment: assignment(7),
            verifier: alice.account,
        };
        let mut bodies = vec![alice.prepare(unknown); 40];
        bodies.extend(vec![sign(forged, &pair("//Mallory")).encode(); 100]);
        let began = Instant::now();
        let answers = running.post_all("/device/7/prepare", bodies).await;
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert!(answers[..40].iter().all(|answer| answer.status == 403));
        assert!(
            answers[40..]
                .iter()
                .all(|answer| [401, 429].contains(&answer.status))
        );
        let refused = answers.iter().filter(|answer| answer.status == 401).count();
        assert!((20..=40).contains(&refused), "{refused} were checked");
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
}

mod limits {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn too_long_a_body_is_refused_whether_or_not_it_says_so() {
        let (_node, running) = Running::with_node(ServerLimits::default()).await;
        assert_refused!(
            running.post("/device/7/prepare", &[0; 1_025]).await,
            413,
            "more than 1024 bytes: no message is as long"
        );
        let chunks = format!(
            "POST /device/7/prepare HTTP/1.1\r\nhost: agent\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n\
             400\r\n{}\r\n400\r\n{}\r\n0\r\n\r\n",
            "a".repeat(1_024),
            "b".repeat(1_024)
        );
        assert_eq!(running.raw(chunks.as_bytes()).await.status, 413);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn too_long_a_head_or_too_many_headers_are_refused() {
        let (_node, running) = Running::with_node(ServerLimits::default()).await;
        let long = format!("GET /health HTTP/1.1\r\nhost: {}\r\n\r\n", "a".repeat(20_000));
        assert_eq!(running.raw(long.as_bytes()).await.status, 431);
        let many = format!("GET /health HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(65));
        assert_eq!(running.raw(many.as_bytes()).await.status, 431);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_slow_head_and_a_slow_body_are_not_waited_for() {
        let limits = ServerLimits {
            read: Duration::from_secs(1),
            ..ServerLimits::default()
        };
        let (_node, running) = Running::with_node(limits).await;
        let answer = running
            .raw(b"POST /device/7/prepare HTTP/1.1\r\nhost: agent\r\ncontent-length: 212\r\n\r\nabc")
            .await;
        assert_refused!(answer, 408, "the request did not arrive within 1 seconds");
        let mut silent = TcpStream::connect(running.address).await.unwrap();
        silent.write_all(b"GET /hea").await.unwrap();
        let closed = timeout(Duration::from_secs(4), Answer::read(&mut silent)).await;
        assert_ne!(closed.expect("the server closes").status, 200);
        let mut mute = TcpStream::connect(running.address).await.unwrap();
        assert!(
            timeout(Duration::from_secs(4), Answer::read(&mut mute))
                .await
                .is_ok()
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_connection_that_has_lasted_long_enough_ends_after_the_answer_that_it_is_at() {
        let limits = ServerLimits {
            connection: Duration::from_secs(1),
            ..ServerLimits::default()
        };
        let (node, running) = Running::with_node(limits).await;
        let alice = Verifier::new("//Alice");
        running.assign(&node, 7, &[(&alice, 1)]).await;
        let body = alice.prepare(assignment(7));
        let head = format!(
            "POST /device/7/prepare HTTP/1.1\r\nhost: agent\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body[..100]).await.unwrap();
        sleep(Duration::from_millis(1_400)).await;
        stream.write_all(&body[100..]).await.unwrap();
        let answer = timeout(Duration::from_secs(4), Answer::read(&mut stream)).await;
        let ready: PrepareAnswer = answer.expect("the server closes").message();
        assert_eq!(ready.assignment, assignment(7));
        // One that says nothing is not kept, and neither is one that does not come to its end.
        let mut mute = TcpStream::connect(running.address).await.unwrap();
        let mut endless = TcpStream::connect(running.address).await.unwrap();
        endless.write_all(head.as_bytes()).await.unwrap();
        for stream in [&mut mute, &mut endless] {
            let closed = timeout(Duration::from_secs(4), Answer::read(stream)).await;
            assert_eq!(closed.expect("the server closes").status, 0);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn connections_beyond_the_limit_are_turned_away() {
        let limits = ServerLimits {
            connections: 3,
            ..ServerLimits::default()
        };
        let (_node, running) = Running::with_node(limits).await;
        let mut open = Vec::new();
        for _ in 0..3 {
            open.push(TcpStream::connect(running.address).await.unwrap());
        }
        sleep(Duration::from_millis(200)).await;
        assert_refused!(running.get("/health").await, 503, "too many connections");
        drop(open);
        sleep(Duration::from_millis(200)).await;
        assert_eq!(running.get("/health").await.status, 200);
    }
}

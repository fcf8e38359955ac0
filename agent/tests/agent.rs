//! The whole agent over real HTTP, with a node that is a small server of the test.

#![allow(clippy::unwrap_used)]

mod common;

use codec::Encode;
use common::*;
use loopin_agent::{chain::unix_seconds, http::ServerLimits, session::sign};
use loopin_challenge::{
    Geometry,
    classes::LIGHT,
    messages::{FillAnswer, PrepareAnswer, PrepareRequest, WalkAnswer},
    prover,
};
use loopin_primitives::DeviceChallenge;
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
        let (node, running) = Running::with_node(Setup::default()).await;
        let geometry = Geometry::new(PROFILE).unwrap();
        for (number, name) in (1..).zip(["//Alice", "//Bob", "//Charlie", "//Dave"]) {
            let verifier = Verifier::new(name);
            node.assign(7, &[&verifier]);
            let (walked, open, openings) = verifier.challenge(&running, 7, number).await;
            let plain = prover::State::fill(&geometry, &walked.claim.seed);
            let plain_walk = plain.walk(&walked.claim.walk_seed);
            assert_eq!(walked.claim, plain_walk.claim());
            assert!(openings == plain_walk.open(&open.sample_seed()).encode());
            running.wait_until(|running| !running.holds_memory(7)).await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_gpus_are_challenged_at_once() {
        let node = Node::start("127.0.0.1:0").await;
        let devices = vec![(7, defective(Defect::Slow)), (8, defective(Defect::Slow))];
        let running = Running::start(Some(node.address), devices, Setup::default()).await;
        let (alice, bob) = (Verifier::new("//Alice"), Verifier::new("//Bob"));
        node.assign(7, &[&alice]);
        node.assign(8, &[&bob]);
        let began = Instant::now();
        tokio::join!(alice.challenge(&running, 7, 1), bob.challenge(&running, 8, 2));
        // Each sleeps for a second.
        assert!(
            began.elapsed() < Duration::from_millis(1_900),
            "{:?}",
            began.elapsed()
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_assignment_that_the_node_learns_of_a_moment_later_is_waited_for() {
        let (node, running) = Running::with_node(Setup::default()).await;
        let alice = Verifier::new("//Alice");
        let request = alice.prepare(alice.assignment(7));
        let (answer, ()) = tokio::join!(running.post("/device/7/prepare", &request), async {
            sleep(Duration::from_millis(700)).await;
            node.assign(7, &[&alice]);
        });
        let _: PrepareAnswer = answer.message();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_that_was_lost_is_given_again() {
        let (node, running) = Running::with_node(Setup::default()).await;
        let alice = Verifier::new("//Alice");
        node.assign(7, &[&alice]);
        let request = alice.prepare(alice.assignment(7));
        let first = running.post("/device/7/prepare", &request).await;
        let again = running.post("/device/7/prepare", &request).await;
        assert_eq!((first.status, &first.body), (200, &again.body));
        let (_, fill) = alice.fill(alice.assignment(7), 1);
        let first = running.post("/device/7/fill", &fill).await;
        let again = running.post("/device/7/fill", &fill).await;
        assert_eq!((first.status, &first.body), (200, &again.body));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_client_that_hangs_up_leaves_the_device_usable() {
        let node = Node::start("127.0.0.1:0").await;
        let devices = vec![(7, defective(Defect::Slow))];
        let running = Running::start(Some(node.address), devices, Setup::default()).await;
        let alice = Verifier::new("//Alice");
        node.assign(7, &[&alice]);
        let request = alice.prepare(alice.assignment(7));
        let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
        let (_, fill) = alice.fill(alice.assignment(7), 1);
        let hung_up = timeout(Duration::from_millis(200), running.post("/device/7/fill", &fill)).await;
        assert!(hung_up.is_err());
        assert_refused!(
            running
                .post("/device/7/fill", &alice.fill(alice.assignment(7), 2).1)
                .await,
            409,
            "the device is still at the step before"
        );
        sleep(Duration::from_millis(1_200)).await;
        // The work was not lost: the same request is answered.
        let _: FillAnswer = running.post("/device/7/fill", &fill).await.message();
        // A second attempt begins anew.
        alice.challenge(&running, 7, 3).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn pages_say_who_answers_and_how_it_is() {
        let (node, running) = Running::with_node(Setup::default()).await;
        let alice = Verifier::new("//Alice");
        node.assign(7, &[&alice]);
        alice.challenge(&running, 7, 1).await;
        assert_eq!(running.get("/health").await.text(), "ok");
        let info = running.get("/info").await;
        let info: serde_json::Value = serde_json::from_slice(&info.body).unwrap();
        assert_eq!(info["backend"], "cpu");
        assert_eq!(info["privacy"], 25);
        assert_eq!(info["genesis"], format!("0x{}", "c4".repeat(32)));
        assert_eq!(info["devices"][0]["id"], 7);
        let metrics = running.get("/metrics").await.text();
        for line in [
            "loopin_agent_challenges_total{device=\"7\",end=\"answered\"} 1",
            "loopin_agent_challenge_active{device=\"7\"} 0",
            "loopin_agent_node_connected 1",
            "loopin_agent_step_seconds_count{device=\"7\",step=\"walk\"} 1",
        ] {
            assert!(metrics.contains(line), "{line} is not in {metrics}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_a_chain_anyone_is_answered_where_that_is_wanted() {
        let running = Running::start(None, vec![(7, cpu())], Setup::default()).await;
        Verifier::new("//Mallory").challenge(&running, 7, 1).await;
    }
}

mod refusals {
    use super::*;

    /// Asks for a challenge as `change` says and asserts how a request of Alice is refused.
    async fn refused(change: impl FnOnce(&mut DeviceChallenge)) -> (u16, String) {
        let (node, running) = Running::with_node(Setup::default()).await;
        let alice = Verifier::new("//Alice");
        let now = unix_seconds();
        node.ask(7, |challenge| {
            challenge.seats = vec![alice.seat(now, now + 60)];
            change(challenge);
        });
        let answer = running
            .post("/device/7/prepare", &alice.prepare(alice.assignment(7)))
            .await;
        assert!(!running.holds_memory(7));
        (answer.status, answer.text())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whom_the_chain_did_not_assign_is_refused() {
        let bob = Verifier::new("//Bob");
        let now = unix_seconds();
        let not_assigned = "the chain did not assign this verifier to this device";
        assert_eq!(refused(|c| c.seats.clear()).await, (403, not_assigned.into()));
        assert_eq!(
            refused(|c| c.seats = vec![bob.seat(now, now + 60)]).await,
            (403, not_assigned.into())
        );
        assert_eq!(
            refused(|c| c.round = 8).await,
            (403, "the chain is in round 8 for this device".into())
        );
        assert_eq!(
            refused(|c| c.profile = LIGHT).await,
            (403, "the chain asks for another profile".into())
        );
        assert_eq!(
            refused(|c| c.agent_key = [1; 32]).await,
            (403, "the device is registered with another agent's key".into())
        );
        let (status, text) = refused(|c| c.seats[0].opens_at += 30).await;
        assert!(
            status == 403 && text.starts_with("the verifier's slot is from "),
            "{status} {text}"
        );
        let (status, _) = refused(|c| c.seats[0].closes_at = now - 10).await;
        assert_eq!(status, 403);
        // The seat is Alice's, and its key another.
        assert_eq!(
            refused(|c| c.seats[0].key = [2; 32]).await,
            (401, "the signature is not the verifier's".into())
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_no_request_to_this_device_is_refused() {
        let (node, running) = Running::with_node(Setup::default()).await;
        let alice = Verifier::new("//Alice");
        let request = alice.prepare(alice.assignment(7));
        assert_refused!(
            running.post("/device/7/prepare", &request).await,
            403,
            "the chain asks for no challenge of this device now"
        );
        node.assign(7, &[&alice]);
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
                .post("/device/7/prepare", &alice.prepare(alice.assignment(8)))
                .await,
            400,
            "the message is about device 8"
        );
        assert_refused!(
            running.post("/device/7/prepare", &request[1..]).await,
            400,
            "no message of this step: it has 180 bytes and these are 179"
        );
        assert_refused!(
            running.post("/device/7/fill", &request).await,
            400,
            "no message of this step: it has 244 bytes and these are 180"
        );
        let mut foreign = alice.assignment(7);
        foreign.genesis = [1; 32];
        assert_refused!(
            running.post("/device/7/prepare", &alice.prepare(foreign)).await,
            403,
            "the message is of another chain"
        );
        let forged = PrepareRequest {
            assignment: alice.assignment(7),
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
    async fn later_messages_must_come_in_turn_and_belong_to_the_challenge() {
        let (node, running) = Running::with_node(Setup::default()).await;
        let (alice, mallory) = (Verifier::new("//Alice"), Verifier::new("//Mallory"));
        node.assign(7, &[&alice]);
        let assignment = alice.assignment(7);
        let out_of_turn = "no challenge is at this step";
        let (_, fill) = alice.fill(assignment, 1);
        assert_eq!(running.post("/device/7/fill", &fill).await.text(), out_of_turn);
        let request = alice.prepare(assignment);
        let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
        assert_refused!(
            running
                .post("/device/7/fill", &mallory.fill(assignment, 1).1)
                .await,
            401,
            "the signature is not the verifier's"
        );
        let filled: FillAnswer = running.post("/device/7/fill", &fill).await.message();
        assert_refused!(
            running.post("/device/7/fill", &alice.fill(assignment, 2).1).await,
            409,
            "no challenge is at this step"
        );
        let other = FillAnswer {
            state_root: [1; 32],
            ..filled
        };
        assert_refused!(
            running.post("/device/7/walk", &alice.walk(&other, 1).1).await,
            409,
            "the message is about another seed or root than the device's"
        );
        assert_eq!(
            running
                .post("/device/7/walk", &mallory.walk(&filled, 1).1)
                .await
                .status,
            401
        );
        let walked: WalkAnswer = running
            .post("/device/7/walk", &alice.walk(&filled, 1).1)
            .await
            .message();
        assert_eq!(
            running
                .post("/device/7/open", &mallory.open(&walked, 1).1)
                .await
                .status,
            401
        );
        assert_eq!(
            running
                .post("/device/7/open", &alice.open(&walked, 1).1)
                .await
                .status,
            200
        );
        // One sample is all that is ever opened.
        assert_refused!(
            running.post("/device/7/open", &alice.open(&walked, 2).1).await,
            409,
            "no challenge is at this step"
        );
        // Nobody else can begin with what Alice once sent.
        assert_refused!(
            running.post("/device/7/prepare", &request).await,
            409,
            "no challenge is at this step"
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_verifier_has_two_attempts_in_a_round() {
        let (node, running) = Running::with_node(Setup::default()).await;
        let alice = Verifier::new("//Alice");
        node.assign(7, &[&alice]);
        for _ in 0..2 {
            let request = alice.prepare(alice.assignment(7));
            let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
        }
        assert_refused!(
            running
                .post("/device/7/prepare", &alice.prepare(alice.assignment(7)))
                .await,
            429,
            "2 attempts in one round are all that a verifier has"
        );
        // What it refused did not disturb the challenge.
        let (_, fill) = alice.fill(alice.assignment(7), 1);
        let _: FillAnswer = running.post("/device/7/fill", &fill).await.message();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_device_is_at_one_challenge_at_a_time() {
        let (node, running) = Running::with_node(Setup::default()).await;
        let (alice, bob) = (Verifier::new("//Alice"), Verifier::new("//Bob"));
        node.assign(7, &[&alice, &bob]);
        let request = alice.prepare(alice.assignment(7));
        let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
        assert_refused!(
            running
                .post("/device/7/prepare", &bob.prepare(bob.assignment(7)))
                .await,
            503,
            "the device is being challenged by another verifier"
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_device_that_fails_says_so_and_frees_its_memory() {
        for (defect, step) in [(Defect::Fails, 2), (Defect::Panics, 2), (Defect::Full, 0)] {
            let node = Node::start("127.0.0.1:0").await;
            let running =
                Running::start(Some(node.address), vec![(7, defective(defect))], Setup::default()).await;
            let alice = Verifier::new("//Alice");
            node.assign(7, &[&alice]);
            let answer = running
                .post("/device/7/prepare", &alice.prepare(alice.assignment(7)))
                .await;
            let answer = if step == 0 {
                answer
            } else {
                let (_, fill) = alice.fill(alice.assignment(7), 1);
                let filled: FillAnswer = running.post("/device/7/fill", &fill).await.message();
                assert!(running.holds_memory(7));
                running.post("/device/7/walk", &alice.walk(&filled, 1).1).await
            };
            assert_refused!(answer, 503, "the device cannot do it");
            running.wait_until(|running| !running.holds_memory(7)).await;
            assert!(!running.agent.is_busy());
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_a_node_nobody_is_answered_until_there_is_one() {
        let node = Node::start("127.0.0.1:0").await;
        let running = Running::start(Some(node.address), vec![(7, cpu())], Setup::default()).await;
        let address = node.address.to_string();
        node.handle.stop().unwrap();
        node.handle.stopped().await;
        let alice = Verifier::new("//Alice");
        running
            .wait_until(|running| {
                let health = running.agent.as_ref();
                loopin_agent::http::Handler::page(health, "health")
                    .unwrap()
                    .status
                    == 503
            })
            .await;
        let request = alice.prepare(alice.assignment(7));
        assert_refused!(
            running.post("/device/7/prepare", &request).await,
            503,
            "the agent has no connection to a node of the chain"
        );
        let node = Node::start(&address).await;
        node.assign(7, &[&alice]);
        running
            .wait_until(|running| {
                loopin_agent::http::Handler::page(running.agent.as_ref(), "health")
                    .unwrap()
                    .status
                    == 200
            })
            .await;
        alice.challenge(&running, 7, 1).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_agent_that_stops_begins_nothing_new() {
        let (node, running) = Running::with_node(Setup::default()).await;
        let alice = Verifier::new("//Alice");
        node.assign(7, &[&alice]);
        running.agent.stop();
        assert_refused!(
            running
                .post("/device/7/prepare", &alice.prepare(alice.assignment(7)))
                .await,
            503,
            "the agent is stopping"
        );
    }
}

mod expiry {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_verifier_that_does_not_go_on_loses_its_challenge_and_the_memory_is_freed() {
        let setup = Setup {
            idle: Duration::from_millis(400),
            ..Setup::default()
        };
        let (node, running) = Running::with_node(setup).await;
        let (alice, bob) = (Verifier::new("//Alice"), Verifier::new("//Bob"));
        node.assign(7, &[&alice, &bob]);
        let request = alice.prepare(alice.assignment(7));
        let _: PrepareAnswer = running.post("/device/7/prepare", &request).await.message();
        assert!(running.holds_memory(7));
        running.wait_until(|running| !running.holds_memory(7)).await;
        assert!(!running.agent.is_busy());
        assert_refused!(
            running
                .post("/device/7/fill", &alice.fill(alice.assignment(7), 1).1)
                .await,
            409,
            "no challenge is at this step"
        );
        bob.challenge(&running, 7, 1).await;
    }
}

mod limits {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn too_long_a_body_is_refused_whether_or_not_it_says_so() {
        let (_node, running) = Running::with_node(Setup::default()).await;
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
        let (_node, running) = Running::with_node(Setup::default()).await;
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
        let (_node, running) = Running::with_node(Setup {
            limits,
            ..Setup::default()
        })
        .await;
        let answer = running
            .raw(b"POST /device/7/prepare HTTP/1.1\r\nhost: agent\r\ncontent-length: 180\r\n\r\nabc")
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
        let (node, running) = Running::with_node(Setup {
            limits,
            ..Setup::default()
        })
        .await;
        let alice = Verifier::new("//Alice");
        node.assign(7, &[&alice]);
        let body = alice.prepare(alice.assignment(7));
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
        assert_eq!(ready.assignment, alice.assignment(7));
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
        let (_node, running) = Running::with_node(Setup {
            limits,
            ..Setup::default()
        })
        .await;
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

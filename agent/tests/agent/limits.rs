//! How much of a connection and of a request is borne.

use crate::{assert_refused, common::*};
use loopin_agent::{connections::ConnectionLimits, http::ServerLimits};
use loopin_challenge::messages::PrepareAnswer;
use std::time::Duration;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{sleep, timeout},
};

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
        head: Duration::from_secs(1),
        body: Duration::from_secs(1),
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
        body: Duration::from_secs(20),
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
async fn the_oldest_silent_connection_makes_room_for_the_next() {
    let limits = ServerLimits {
        connections: ConnectionLimits {
            all: 6,
            per_address: 16,
        },
        ..ServerLimits::default()
    };
    let (_node, running) = Running::with_node(limits).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(TcpStream::connect(running.address).await.unwrap());
    }
    sleep(Duration::from_millis(200)).await;
    assert_eq!(running.get("/health").await.status, 200);
    // It was the first that went.
    let closed = timeout(Duration::from_millis(200), Answer::read(&mut open[0])).await;
    assert!(closed.is_ok());
    let kept = timeout(Duration::from_millis(200), Answer::read(&mut open[1])).await;
    assert!(kept.is_err());
}

//! Whatever strangers send, and however much of it: a verifier's conversation passes.

use crate::common::*;
use codec::Encode;
use loopin_agent::{connections::ConnectionLimits, http::ServerLimits, session::sign};
use loopin_challenge::messages::PrepareRequest;
use loopin_primitives::RoundId;
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

/// The stranger's address. All of 127.0.0.0/8 leads to this machine.
pub const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);

/// How long a verifier's whole conversation may take beside a flood on a busy machine. Alone it takes some hundredths of
/// a second.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn connect_from(from: Ipv4Addr, to: SocketAddr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(to).await.ok()
}

/// A request to prepare that is all right but for the signature.
pub fn forged(verifier: &Verifier) -> Vec<u8> {
    let request = PrepareRequest {
        assignment: assignment(7),
        verifier: verifier.account,
    };
    sign(request, &pair("//Mallory")).encode()
}

pub fn prepare_head(headers: &str) -> String {
    format!("POST /device/7/prepare HTTP/1.1\r\nhost: agent\r\n{headers}content-length: 212\r\n\r\n")
}

/// Keeps as many connections as there are requests, and sends each again and again, whatever is answered.
pub fn keep_alive_flood(to: SocketAddr, requests: Vec<Vec<u8>>) -> JoinSet<()> {
    let mut flood = JoinSet::new();
    for request in requests {
        flood.spawn(async move {
            let mut answer = [0; 4_096];
            loop {
                let Some(mut stream) = connect_from(STRANGER, to).await else {
                    continue;
                };
                while stream.write_all(&request).await.is_ok() {
                    match stream.read(&mut answer).await {
                        Ok(bytes) if bytes > 0 => {}
                        _ => break,
                    }
                }
            }
        });
    }
    flood
}

/// Runs ten rounds of two verifiers, from that one on, while the flood lasts.
pub async fn assert_rounds_pass(node: &Node, running: &Running, first: RoundId) {
    let (alice, bob) = (Verifier::new("//Alice"), Verifier::new("//Bob"));
    let verifiers = [(&alice, 1), (&bob, 1)];
    for round in first..first + 10 {
        running
            .ask(node, 7, |challenge| {
                challenge.round = round;
                challenge.committee = committee(&verifiers);
            })
            .await;
        let mut assignment = assignment(7);
        assignment.round = round;
        let began = Instant::now();
        challenge(running, assignment, &verifiers, 1).await;
        assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_hostile_keep_alive_connections_of_one_address_hold_nobody_up() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    running.assign(&node, 7, &[(&alice, 1)]).await;
    let mut other_round = assignment(7);
    other_round.round = 1;
    // Half of them are of a round that the agent does not know, half not signed.
    let requests = (0..40).map(|number| {
        let body = match number % 2 {
            0 => alice.prepare(other_round),
            _ => forged(&alice),
        };
        [prepare_head("").as_bytes(), &body].concat()
    });
    let _flood = keep_alive_flood(running.address, requests.collect());
    sleep(Duration::from_millis(300)).await;
    assert_rounds_pass(&node, &running, ROUND).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_bodies_that_never_come_hold_nobody_up() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let mut held = Vec::new();
    for _ in 0..300 {
        if let Some(mut stream) = connect_from(STRANGER, running.address).await {
            let _ = stream.write_all(prepare_head("").as_bytes()).await;
            held.push(stream);
        }
    }
    assert_rounds_pass(&node, &running, ROUND).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_they_behind_a_proxy() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let mut held = Vec::new();
    for _ in 0..300 {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let head = prepare_head("x-forwarded-for: 203.0.113.66\r\n");
        let _ = stream.write_all(head.as_bytes()).await;
        held.push(stream);
    }
    sleep(Duration::from_millis(200)).await;
    let mut open = 0;
    for stream in &mut held {
        let closed = timeout(Duration::from_millis(5), stream.read(&mut [0])).await;
        open += usize::from(closed.is_err());
    }
    assert!(open <= 16, "{open} are held");
    assert_rounds_pass(&node, &running, ROUND).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_at_line_speed_holds_nobody_up() {
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let address = running.address;
    let mut flood = JoinSet::new();
    for number in 0..20_u8 {
        flood.spawn(async move {
            let garbage: Vec<u8> = (0..=255_u8).map(|byte| byte.wrapping_mul(number | 1)).collect();
            loop {
                if let Some(mut stream) = connect_from(STRANGER, address).await {
                    while stream.write_all(&garbage).await.is_ok() {}
                }
            }
        });
    }
    sleep(Duration::from_millis(300)).await;
    assert_rounds_pass(&node, &running, ROUND).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_address_comes_in_and_stays_while_many_addresses_fight_for_the_rest() {
    let limits = ServerLimits {
        connections: ConnectionLimits {
            all: 16,
            per_address: 16,
        },
        ..ServerLimits::default()
    };
    let (node, running) = Running::with_node(limits).await;
    let alice = Verifier::new("//Alice");
    running.assign(&node, 7, &[(&alice, 1)]).await;
    let address = running.address;
    let request = [prepare_head("").as_bytes(), &alice.prepare(assignment(7))].concat();
    let mut kept = TcpStream::connect(address).await.unwrap();
    let mut answer = [0; 4_096];
    kept.write_all(&request).await.unwrap();
    assert!(kept.read(&mut answer).await.unwrap() > 0);
    let mut flood = JoinSet::new();
    for host in 2..40 {
        flood.spawn(async move {
            loop {
                if let Some(mut stream) = connect_from(Ipv4Addr::new(127, 0, 1, host), address).await {
                    let _ = stream.write_all(prepare_head("").as_bytes()).await;
                    let _ = stream.read(&mut [0]).await;
                }
            }
        });
    }
    sleep(Duration::from_millis(500)).await;
    // The connection is still there, and so is room for others of the same address.
    kept.write_all(&request).await.unwrap();
    assert!(kept.read(&mut answer).await.unwrap() > 0);
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert_rounds_pass(&node, &running, ROUND).await;
}

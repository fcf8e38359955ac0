//! The agent's log is the operator's: no stranger writes into it what looks like a line of the agent's own, nor what a
//! terminal obeys.

use crate::common::*;
use loopin_agent::http::ServerLimits;
use std::{
    io,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_strangers_text_is_escaped() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (node, running) = Running::with_node(ServerLimits::default()).await;
    let alice = Verifier::new("//Alice");
    running.assign(&node, 7, &[(&alice, 1)]).await;
    let body = alice.prepare(assignment(7));
    let evil = "7%0AFORGED%1B%5B31mRED%0D";
    for body in [&body[..], b"no message"] {
        let answer = running.post(&format!("/device/{evil}/prepare"), body).await;
        assert!([400, 404].contains(&answer.status));
    }
    running.get(&format!("/{evil}")).await;
    let headers = "x-forwarded-for: 1.2.3.4\x1b[31m, FORGED\r\nuser-agent: \x1b[31mRED\r\n";
    post(running.address, "/device/7/prepare", headers, &body).await;
    running.raw(b"GET /\n\x1b[31mFORGED HTTP/1.1\r\n\r\n").await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("Refused prepare of device 7"), "{text}");
    assert!(!text.contains('\x1b') && !text.contains('\r'), "{text:?}");
    assert!(text.lines().all(|line| !line.starts_with("FORGED")), "{text}");
}

//! The agent behind Caddy, set up as `docs/miner.md` says.

use crate::{common::*, floods};
use loopin_agent::http::ServerLimits;
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
};
use tokio::{
    io::AsyncWriteExt,
    time::{Duration, sleep},
};

/// A running Caddy. It ends with this.
struct Caddy {
    address: SocketAddr,
    directory: PathBuf,
    process: Child,
}

impl Caddy {
    /// Starts it with the configuration of the guide, but for the addresses and what only a public server needs.
    async fn start(agent: SocketAddr) -> Self {
        let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/miner.md");
        let guide = fs::read_to_string(guide).unwrap();
        let (_, rest) = guide.split_once("`/etc/caddy/Caddyfile`:\n\n```text\n").unwrap();
        let (configuration, _) = rest.split_once("```").unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let configuration = configuration
            .replacen("{\n", "{\n\tadmin off\n\tauto_https off\n", 1)
            .replace(
                "gpu-7.example.org:8443 {",
                &format!("http://:{port} {{\n\tbind 127.0.0.1"),
            )
            .replace("127.0.0.1:8444", &agent.to_string());
        assert!(configuration.contains(&agent.to_string()) && configuration.contains(&port.to_string()));
        let directory =
            std::env::temp_dir().join(format!("loopin-agent-proxy-{}-{port}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let file = directory.join("Caddyfile");
        fs::write(&file, configuration).unwrap();
        let log = fs::File::create(directory.join("log")).unwrap();
        let process = Command::new("caddy")
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(&file)
            .env("HOME", &directory)
            .env("XDG_DATA_HOME", &directory)
            .env("XDG_CONFIG_HOME", &directory)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("there is a caddy: scripts/setup.sh installs it");
        for _ in 0..300 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        Self {
            address,
            directory,
            process,
        }
    }
}

impl Drop for Caddy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_caddy_verifiers_are_answered_whatever_strangers_send() {
    let (node, mut running) = Running::with_node(ServerLimits::default()).await;
    let caddy = Caddy::start(running.address).await;
    running.address = caddy.address;
    assert_eq!(running.get("/health").await.text(), "ok");
    assert_eq!(running.get("/metrics").await.status, 404);
    floods::assert_rounds_pass(&node, &running, ROUND).await;

    // Bodies that never come, each in the name of somebody else: it is Caddy's word that counts.
    let mut held = Vec::new();
    for host in 0..300 {
        if let Some(mut stream) = floods::connect_from(floods::STRANGER, caddy.address).await {
            let headers = format!("x-forwarded-for: 203.0.{}.{}\r\n", host / 200, host % 200);
            let _ = stream.write_all(floods::prepare_head(&headers).as_bytes()).await;
            held.push(stream);
        }
    }
    floods::assert_rounds_pass(&node, &running, ROUND + 10).await;

    // And forgeries as fast as they go.
    let alice = Verifier::new("//Alice");
    let request = [floods::prepare_head("").as_bytes(), &floods::forged(&alice)].concat();
    let flood = floods::keep_alive_flood(caddy.address, vec![request; 40]);
    sleep(Duration::from_millis(300)).await;
    floods::assert_rounds_pass(&node, &running, ROUND + 20).await;
    drop((held, flood));
}

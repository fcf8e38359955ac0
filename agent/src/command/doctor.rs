//! `loopin-agent doctor`: looks at everything that has to be right before a device can pass, and says what to do
//! about what is not.

use super::devices::{assign, open};
use crate::{
    agent::address,
    chain::{Connection, DeviceRecord, unix_seconds},
    cli::{AgentOptions, DoctorOptions},
    key,
};
use axum::{body::Bytes, http::Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use loopin_challenge::Geometry;
use loopin_primitives::{DeviceId, Standing};
use sp_core::{Pair, bytes::to_hex, sr25519};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::Duration,
};
use tokio::time::timeout;

/// How old the newest block may be, in seconds.
const MAX_BLOCK_AGE_SECONDS: u64 = 60;
/// How far the clock may be behind the newest block, in seconds.
const MAX_CLOCK_LAG_SECONDS: u64 = 2;
/// How long an endpoint may take to answer.
const ENDPOINT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest information page that is read, in bytes.
const MAX_INFO_BYTES: usize = 256 * 1_024;

/// What was found.
#[derive(Default)]
struct Findings {
    wrong: usize,
}

impl Findings {
    fn good(&self, text: &str) {
        println!("ok     {text}");
    }

    fn wrong(&mut self, text: &str, remedy: &str) {
        self.wrong += 1;
        println!("WRONG  {text}");
        println!("       -> {remedy}");
    }
}

pub async fn run(options: DoctorOptions) -> Result<(), String> {
    let mut findings = Findings::default();
    let pair = check_key(&mut findings, &options.agent);
    let gpu_ids = check_devices(&mut findings, &options.agent, pair.as_ref());
    let mut endpoints: BTreeSet<String> = options.endpoint.into_iter().collect();
    let key = pair.map(|pair| pair.public());
    match Connection::open(&options.agent.node).await {
        Ok(connection) => {
            findings.good(&format!(
                "node {}, chain {}",
                options.agent.node,
                to_hex(connection.genesis(), false)
            ));
            check_node(&mut findings, &connection).await;
            for option in &options.agent.devices {
                let gpu_id = gpu_ids.get(&option.id).copied();
                endpoints.extend(check_device(&mut findings, &connection, option.id, key, gpu_id).await);
            }
        }
        Err(error) => findings.wrong(
            &format!("cannot connect to the node at {}: {error}", options.agent.node),
            "run a node next to the agent (loopin-node --chain ..), or pass --node with the address of one",
        ),
    }
    for endpoint in endpoints {
        check_endpoint(&mut findings, &endpoint, key).await;
    }
    match findings.wrong {
        0 => Ok(()),
        1 => Err("one thing is wrong, see above".into()),
        wrong => Err(format!("{wrong} things are wrong, see above")),
    }
}

fn check_key(findings: &mut Findings, options: &AgentOptions) -> Option<sr25519::Pair> {
    match key::read(&options.key_file) {
        Ok(pair) => {
            findings.good(&format!(
                "key {} ({})",
                to_hex(&pair.public().0, false),
                address(&pair.public().0)
            ));
            Some(pair)
        }
        Err(error) => {
            let (what, remedy) = error.split_once(": ").unwrap_or((&error, "see docs/miner.md"));
            findings.wrong(what, remedy);
            None
        }
    }
}

/// The identities of the GPUs that are given to devices.
fn check_devices(
    findings: &mut Findings,
    options: &AgentOptions,
    pair: Option<&sr25519::Pair>,
) -> BTreeMap<DeviceId, [u8; 32]> {
    let public = pair.map(sr25519::Pair::public).unwrap_or_default();
    let assigned = match assign(&options.devices) {
        Ok(assigned) => assigned
            .into_iter()
            .map(|(id, ordinal)| (Some(id), ordinal))
            .collect(),
        Err(error) => {
            let (what, remedy) = error.split_once(": ").unwrap_or((&error, "correct --device"));
            findings.wrong(what, remedy);
            // Whether a GPU works can be seen all the same.
            vec![(None, 0)]
        }
    };
    let mut gpu_ids = BTreeMap::new();
    for (id, ordinal) in assigned {
        match open(&options.backend, &public, ordinal) {
            Ok(device) => {
                let (gpu_id, free_mib) = (key::gpu_id(&device.uuid()), device.free_memory() >> 20);
                findings.good(&format!(
                    "GPU {ordinal}: {}, {free_mib} MiB free, gpuId {}",
                    device.name(),
                    to_hex(&gpu_id, false)
                ));
                // Without the key, the identity of a processor is not known.
                if let Some(id) = id.filter(|_| pair.is_some()) {
                    gpu_ids.insert(id, gpu_id);
                }
            }
            Err(error) => findings.wrong(
                &format!("GPU {ordinal} cannot be used: {error}"),
                "see that `nvidia-smi` shows it, and that this account may use it",
            ),
        }
    }
    gpu_ids
}

async fn check_node(findings: &mut Findings, connection: &Connection) {
    match connection.is_syncing().await {
        Ok(false) => findings.good("the node is up to date with its peers"),
        Ok(true) => findings.wrong(
            "the node is still catching up with the chain",
            "wait until its log says Idle: until then it does not know the present round",
        ),
        Err(error) => findings.wrong(
            &format!("the node does not say how it is: {error}"),
            "look at its log",
        ),
    }
    let now = unix_seconds();
    match connection.chain_time_ms().await {
        Ok(Some(chain_ms)) => {
            let chain = chain_ms / 1_000;
            if chain > now + MAX_CLOCK_LAG_SECONDS {
                findings.wrong(
                    &format!(
                        "this machine's clock is {} s behind the newest block",
                        chain - now
                    ),
                    "set it by NTP: `timedatectl set-ntp true`",
                );
            } else if now > chain + MAX_BLOCK_AGE_SECONDS {
                findings.wrong(
                    &format!("the newest block is {} s old", now - chain),
                    "set the clock by NTP (`timedatectl set-ntp true`); if it is right, see why the node gets no blocks",
                );
            } else {
                findings.good(&format!(
                    "the clock agrees with the chain's: the newest block is {} s old",
                    now.saturating_sub(chain)
                ));
            }
        }
        Ok(None) => findings.wrong(
            "the chain has no time",
            "pass --node with a node of the LooPIN chain",
        ),
        Err(error) => findings.wrong(
            &format!("the chain's time cannot be read: {error}"),
            "look at the node's log",
        ),
    }
}

/// Checks how a device is registered. Returns its endpoint.
async fn check_device(
    findings: &mut Findings,
    connection: &Connection,
    id: DeviceId,
    key: Option<sr25519::Public>,
    gpu_id: Option<[u8; 32]>,
) -> Option<String> {
    let record = match connection.record_of(id).await {
        Ok(Some(record)) => record,
        Ok(None) => {
            findings.wrong(
                &format!("device {id} is not registered on the chain"),
                "register it with devices.registerDevice, as `loopin-agent key inspect` and docs/miner.md show",
            );
            return None;
        }
        Err(error) => {
            findings.wrong(
                &format!("device {id} cannot be looked up: {error}"),
                "use an agent of the chain's version",
            );
            return None;
        }
    };
    check_record(findings, id, &record, key, gpu_id);
    match connection.challenge_of(id).await {
        Ok(None) => findings.good(&format!("device {id} is not asked for a challenge now")),
        Ok(Some(challenge)) => match Geometry::new(challenge.profile) {
            Ok(geometry) => findings.good(&format!(
                "device {id} is challenged in round {} by {} verifiers, {} MiB",
                challenge.round,
                challenge.committee.len(),
                geometry.state_bytes() >> 20
            )),
            Err(error) => findings.wrong(
                &format!("the profile of device {id}'s pool is unusable: {error}"),
                "tell the pool's creator",
            ),
        },
        Err(error) => findings.wrong(
            &format!("the chain does not say who challenges device {id}: {error}"),
            "use a node of the chain's present version",
        ),
    }
    Some(record.endpoint())
}

fn check_record(
    findings: &mut Findings,
    id: DeviceId,
    record: &DeviceRecord,
    key: Option<sr25519::Public>,
    gpu_id: Option<[u8; 32]>,
) {
    let before = findings.wrong;
    if key.is_some_and(|key| key.0 != record.agent_key) {
        findings.wrong(
            &format!(
                "device {id} is registered with another agent's key, {}",
                to_hex(&record.agent_key, false)
            ),
            "pass --key-file with that key, or give the device this one with devices.updateDevice",
        );
    }
    if gpu_id.is_some_and(|gpu_id| gpu_id != record.gpu_id) {
        findings.wrong(
            &format!(
                "device {id} is registered as another GPU, {}",
                to_hex(&record.gpu_id, false)
            ),
            "pass the right GPU's number, as --device ID=GPU; a new card is a new device: register it",
        );
    }
    if matches!(record.standing, Standing::Suspended | Standing::Ejected) {
        findings.wrong(
            &format!("device {id} is {:?}", record.standing),
            "correct what is wrong here: it is verified again in one of the next rounds",
        );
    }
    if findings.wrong == before {
        findings.good(&format!(
            "device {id} is in pool {}, {:?}",
            record.pool, record.standing
        ));
    }
}

/// Calls an agent as verifiers do, as far as possible from here.
async fn check_endpoint(findings: &mut Findings, endpoint: &str, key: Option<sr25519::Public>) {
    if let Err((what, remedy)) = check_address(endpoint) {
        findings.wrong(&format!("{endpoint} {what}"), remedy);
    }
    match read_info(endpoint).await {
        Ok(info) => {
            let answering = info.get("agentKey").and_then(serde_json::Value::as_str);
            let expected = key.map(|key| to_hex(&key.0, false));
            match (answering, expected) {
                (Some(answering), Some(expected)) if answering != expected => findings.wrong(
                    &format!("at {endpoint} answers an agent with another key, {answering}"),
                    "correct the reverse proxy or the registered endpoint",
                ),
                (Some(_), _) => findings.good(&format!(
                    "an agent answers at {endpoint}, as seen from this machine; try it from another network, too"
                )),
                (None, _) => findings.wrong(
                    &format!("what answers at {endpoint} is not an agent"),
                    "correct the reverse proxy or the registered endpoint",
                ),
            }
        }
        Err(error) => findings.wrong(
            &format!("no agent answers at {endpoint}: {error}"),
            "start `loopin-agent run`, and see that the proxy, the firewall and the name lead to it",
        ),
    }
}

/// Whether verifiers call such an address at all.
fn check_address(endpoint: &str) -> Result<(), (&'static str, &'static str)> {
    let correct = "write it as https://gpu-7.example.org:8443";
    let uri: Uri = endpoint.parse().map_err(|_| ("is not an address", correct))?;
    let host = uri.host().ok_or(("has no host", correct))?;
    let is_https = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err(("is neither https nor http", correct)),
    };
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) if !is_public(address) => Err((
            "is an address of a private network: verifiers of a public chain do not call it",
            "use a public address or name; for a chain on this machine alone, leave it",
        )),
        Err(_) if !is_https => Err((
            "is a host name without https: verifiers do not call it",
            "put a reverse proxy such as Caddy in front of the agent, as docs/miner.md shows, or use the public IP address",
        )),
        _ => Ok(()),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let is_shared = address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64;
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_broadcast()
                || address.is_documentation()
                || is_shared)
        }
        IpAddr::V6(address) => {
            !(address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_unique_local()
                || address.is_unicast_link_local())
        }
    }
}

async fn read_info(endpoint: &str) -> Result<serde_json::Value, String> {
    let uri: Uri = format!("{}/info", endpoint.trim_end_matches('/'))
        .parse()
        .map_err(|_| "it is not an address".to_string())?;
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| format!("this machine has no certificates of authorities: {error}"))?
        .https_or_http()
        .enable_http1()
        .build();
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let answer = timeout(ENDPOINT_TIMEOUT, async {
        let response = client.get(uri).await.map_err(|error| causes(&error))?;
        if response.status() != 200 {
            return Err(format!("HTTP status {}", response.status()));
        }
        let body = Limited::new(response.into_body(), MAX_INFO_BYTES).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    });
    answer
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", ENDPOINT_TIMEOUT.as_secs())))
}

/// An error with its causes: the outermost says only that something failed.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_verifiers_do_not_call_are_told() {
        for good in [
            "https://gpu-7.example.org:8443",
            "https://example.org/agent",
            "http://203.1.113.5:8443",
            "https://[2a01:4f8::1]:8443",
        ] {
            assert_eq!(check_address(good), Ok(()), "{good}");
        }
        for bad in [
            "http://gpu-7.example.org",
            "http://10.0.0.1:1",
            "http://127.0.0.1:8443",
            "https://[::1]",
            "http://100.64.1.1",
            "ftp://1.1.1.1",
            "example.org",
            "",
        ] {
            assert!(check_address(bad).is_err(), "{bad}");
        }
    }
}

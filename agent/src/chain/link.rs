//! The connection to a node: kept up for as long as the agent runs, and used no more than needed.

use super::DeviceRecord;
use crate::{metrics::Metrics, refusal::Refusal};
use codec::{Decode, Encode};
use jsonrpsee::{
    core::{DeserializeOwned, client::ClientT, params::ArrayParams},
    rpc_params,
    ws_client::{PingConfig, WsClient, WsClientBuilder},
};
use loopin_challenge::Hash;
use loopin_primitives::{DeviceChallenge, DeviceId};
use sp_core::{
    bytes::{from_hex, to_hex},
    sr25519,
};
use sp_crypto_hashing::twox_128;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Mutex, Semaphore, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tracing::{info, warn};

/// How long the node may take for one answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes.
const MAX_RESPONSE_BYTES: u32 = 1 << 20;
/// How long what the chain said about a device's challenge is good for, as long as it allows what is asked.
const CACHE_TIME: Duration = Duration::from_secs(3);
/// The least time between two questions about one device.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// How long to wait for the block with an assignment: the verifier's node may have it before ours.
const BLOCK_PATIENCE: Duration = Duration::from_millis(1_500);
/// Requests that may wait for answers about one device.
const MAX_WAITING: usize = 16;
/// How often the registration of the devices is looked up.
const RECORD_INTERVAL: Duration = Duration::from_secs(60);
/// The wait after the first failure to connect, and the longest one.
const RECONNECT_SECONDS: (u64, u64) = (1, 30);

/// A connection that is up.
#[derive(Clone)]
pub struct Connection {
    client: Arc<WsClient>,
    genesis: Hash,
}

impl Connection {
    /// Connects to a node.
    ///
    /// # Errors
    /// Why that is not possible, in words.
    pub async fn open(url: &str) -> Result<Self, String> {
        let client = WsClientBuilder::default()
            .connection_timeout(REQUEST_TIMEOUT)
            .request_timeout(REQUEST_TIMEOUT)
            .max_response_size(MAX_RESPONSE_BYTES)
            .enable_ws_ping(PingConfig::new())
            .build(url)
            .await
            .map_err(|error| error.to_string())?;
        let genesis: String = request(&client, "chain_getBlockHash", rpc_params![0]).await?;
        let genesis = from_hex(&genesis)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or("the node's answer is not a block hash: is it a node of the chain?")?;
        Ok(Self {
            client: Arc::new(client),
            genesis,
        })
    }

    /// Hash of the chain's first block.
    pub fn genesis(&self) -> &Hash {
        &self.genesis
    }

    /// The challenge of a device at the best block.
    ///
    /// # Errors
    /// The node's error, in words.
    pub async fn challenge_of(&self, device: DeviceId) -> Result<Option<DeviceChallenge>, String> {
        let params = rpc_params!["VerificationApi_challenge_of", to_hex(&device.encode(), false)];
        decode(&request::<String>(&self.client, "state_call", params).await?)
    }

    /// How a device is registered, at the best block.
    ///
    /// # Errors
    /// The node's error, in words.
    pub async fn record_of(&self, device: DeviceId) -> Result<Option<DeviceRecord>, String> {
        self.storage(&DeviceRecord::storage_key(device)).await
    }

    /// The chain's time at the best block, in milliseconds since 1970.
    ///
    /// # Errors
    /// The node's error, in words.
    pub async fn chain_time_ms(&self) -> Result<Option<u64>, String> {
        self.storage(&[twox_128(b"Timestamp"), twox_128(b"Now")].concat())
            .await
    }

    /// Whether the node is still catching up with the chain.
    ///
    /// # Errors
    /// The node's error, in words.
    pub async fn is_syncing(&self) -> Result<bool, String> {
        let health: serde_json::Value = request(&self.client, "system_health", rpc_params![]).await?;
        Ok(health.get("isSyncing").and_then(serde_json::Value::as_bool) == Some(true))
    }

    async fn storage<T: Decode>(&self, key: &[u8]) -> Result<Option<T>, String> {
        let params = rpc_params![to_hex(key, false)];
        let answer: Option<String> = request(&self.client, "state_getStorage", params).await?;
        answer.map(|answer| decode(&answer)).transpose()
    }
}

async fn request<T: DeserializeOwned>(
    client: &WsClient,
    method: &str,
    params: ArrayParams,
) -> Result<T, String> {
    client
        .request(method, params)
        .await
        .map_err(|error| error.to_string())
}

fn decode<T: Decode>(answer: &str) -> Result<T, String> {
    let bytes = from_hex(answer).map_err(|error| error.to_string())?;
    T::decode(&mut &bytes[..]).map_err(|error| {
        format!("the node's answer is not understood ({error}): agent and chain differ in version")
    })
}

/// What the chain said about a device's challenge, and when.
struct Look {
    at: Instant,
    challenge: Option<DeviceChallenge>,
}

struct Asked {
    look: Mutex<Option<Look>>,
    waiting: Semaphore,
}

struct Shared {
    devices: BTreeMap<DeviceId, Asked>,
    records: StdMutex<BTreeMap<DeviceId, DeviceRecord>>,
    connection: watch::Receiver<Option<Connection>>,
    /// The agent's key.
    agent_key: sr25519::Public,
}

/// The connection to a node, whether or not it is up.
#[derive(Clone)]
pub struct NodeLink {
    shared: Arc<Shared>,
}

impl NodeLink {
    /// Connects, and connects again whenever the connection is lost, for as long as the runtime lives. The agent with
    /// that key answers for the devices.
    pub fn start(
        url: String,
        devices: impl IntoIterator<Item = DeviceId>,
        agent_key: sr25519::Public,
        metrics: Metrics,
    ) -> Self {
        let (publish, connection) = watch::channel(None);
        let asked = |device| {
            let asked = Asked {
                look: Mutex::new(None),
                waiting: Semaphore::new(MAX_WAITING),
            };
            (device, asked)
        };
        let link = Self {
            shared: Arc::new(Shared {
                devices: devices.into_iter().map(asked).collect(),
                records: StdMutex::default(),
                connection,
                agent_key,
            }),
        };
        tokio::spawn(link.clone().keep_up(url, publish, metrics));
        link
    }

    /// The connection, if it is up.
    pub fn connection(&self) -> Option<Connection> {
        self.shared.connection.borrow().clone()
    }

    /// How the devices were registered when that was last looked up.
    pub fn records(&self) -> BTreeMap<DeviceId, DeviceRecord> {
        self.shared
            .records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks the chain about the challenge of a device until `decide` agrees, or patience ends.
    ///
    /// # Errors
    /// What `decide` says in the end, or that the chain cannot be asked.
    pub async fn wait_for<T>(
        &self,
        device: DeviceId,
        decide: impl Fn(&Hash, Option<&DeviceChallenge>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let asked = self
            .shared
            .devices
            .get(&device)
            .ok_or_else(|| Refusal::UnknownDevice(device.to_string()))?;
        let _permit = asked
            .waiting
            .try_acquire()
            .map_err(|_| Refusal::TooManyRequests)?;
        let began = Instant::now();
        let mut newer_than = began.checked_sub(CACHE_TIME).unwrap_or(began);
        loop {
            let (outcome, at) = self.look(asked, device, newer_than, &decide).await?;
            match outcome {
                Ok(allowed) => return Ok(allowed),
                // No block will change it, or it should have come by now.
                Err(refusal @ (Refusal::OtherChain | Refusal::OtherAgent)) => return Err(refusal),
                Err(refusal) if at >= began + BLOCK_PATIENCE => return Err(refusal),
                // What is known may be old: the first time, look at once.
                Err(_) if at < began => newer_than = began,
                Err(_) => {
                    newer_than = began + BLOCK_PATIENCE;
                    sleep_until(newer_than).await;
                }
            }
        }
    }

    /// Decides by what the chain says, not longer ago than `newer_than`.
    async fn look<T>(
        &self,
        asked: &Asked,
        device: DeviceId,
        newer_than: Instant,
        decide: &impl Fn(&Hash, Option<&DeviceChallenge>) -> Result<T, Refusal>,
    ) -> Result<(Result<T, Refusal>, Instant), Refusal> {
        let connection = self.connection().ok_or(Refusal::NoNode)?;
        // Held while the node is asked: all who wait get the same answer.
        let mut look = asked.look.lock().await;
        if let Some(look) = &*look
            && look.at >= newer_than
        {
            return Ok((decide(&connection.genesis, look.challenge.as_ref()), look.at));
        }
        if let Some(look) = &*look {
            sleep_until(look.at + LOOK_INTERVAL).await;
        }
        let at = Instant::now();
        let challenge = timeout(REQUEST_TIMEOUT, connection.challenge_of(device)).await;
        let challenge = challenge.unwrap_or_else(|_| Err("no answer in time".into()));
        let challenge = challenge.map_err(|error| {
            warn!("Cannot ask the node for the challenge of device {device}: {error}");
            Refusal::NoNode
        })?;
        let decision = decide(&connection.genesis, challenge.as_ref());
        *look = Some(Look { at, challenge });
        Ok((decision, at))
    }

    async fn keep_up(self, url: String, publish: watch::Sender<Option<Connection>>, metrics: Metrics) {
        let mut wait = RECONNECT_SECONDS.0;
        loop {
            match Connection::open(&url).await {
                Ok(connection) => {
                    info!("Connected to {url}, chain {}", short(&connection.genesis));
                    wait = RECONNECT_SECONDS.0;
                    publish.send_replace(Some(connection.clone()));
                    metrics.node_connected(true);
                    tokio::select! {
                        () = connection.client.on_disconnect() => warn!("Lost the connection to {url}"),
                        () = self.follow_records(&connection) => {}
                    }
                    publish.send_replace(None);
                    metrics.node_connected(false);
                    for asked in self.shared.devices.values() {
                        *asked.look.lock().await = None;
                    }
                }
                Err(error) => {
                    warn!(
                        "Cannot connect to {url}: {error}. No verifier can be answered; trying again in {wait} s"
                    );
                }
            }
            sleep(Duration::from_secs(wait)).await;
            wait = (wait * 2).min(RECONNECT_SECONDS.1);
        }
    }

    /// Looks up again and again how the devices are registered, and says what changed.
    async fn follow_records(&self, connection: &Connection) {
        loop {
            for &device in self.shared.devices.keys() {
                match connection.record_of(device).await {
                    Ok(record) => self.note(device, record),
                    Err(error) => warn!("Cannot look up device {device}: {error}"),
                }
            }
            sleep(RECORD_INTERVAL).await;
        }
    }

    fn note(&self, device: DeviceId, record: Option<DeviceRecord>) {
        let mut records = self.shared.records.lock().unwrap_or_else(PoisonError::into_inner);
        let before = records.get(&device);
        match record {
            Some(record) if before != Some(&record) => {
                info!(
                    "Device {device} is in pool {}, {:?}, and answers at {}",
                    record.pool,
                    record.standing,
                    record.endpoint()
                );
                if record.agent_key != self.shared.agent_key.0 {
                    warn!(
                        "Device {device} is registered with another agent's key: nothing that this one signs counts. \
                         See `loopin-agent doctor`"
                    );
                }
                records.insert(device, record);
            }
            None => {
                warn!("Device {device} is not registered on the chain: see `loopin-agent doctor`");
                records.remove(&device);
            }
            Some(_) => {}
        }
    }
}

/// The beginning of a hash, for people.
fn short(hash: &Hash) -> String {
    let text = to_hex(hash, false);
    format!("{}…", &text[..10])
}

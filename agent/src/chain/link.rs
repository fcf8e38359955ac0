//! The connection to a node: kept up for as long as the agent runs. What it says about the devices is learned from each of
//! its best blocks while a round can be open, and kept, also when the connection is lost.

use super::DeviceRecord;
use crate::metrics::Metrics;
use codec::{Decode, Encode};
use jsonrpsee::{
    core::{
        DeserializeOwned,
        client::{ClientT, Subscription, SubscriptionClientT},
        params::ArrayParams,
    },
    rpc_params,
    ws_client::{PingConfig, WsClient, WsClientBuilder},
};
use loopin_challenge::Hash;
use loopin_primitives::{DeviceChallenge, DeviceId, RoundId};
use sp_core::{
    bytes::{from_hex, to_hex},
    sr25519,
};
use sp_crypto_hashing::twox_128;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep},
};
use tracing::{info, warn};

/// How long the node may take for one answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes.
const MAX_RESPONSE_BYTES: u32 = 1 << 20;
/// How long after a round has begun it can still be open: the longest window.
const LONGEST_WINDOW: Duration = Duration::from_secs(600);
/// How long to wait before a question that failed is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(500);
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

    /// The number of the last round that has begun, at the best block.
    ///
    /// # Errors
    /// The node's error, in words.
    pub async fn current_round(&self) -> Result<RoundId, String> {
        let key = [twox_128(b"Verification"), twox_128(b"CurrentRound")].concat();
        Ok(self.storage(&key).await?.unwrap_or_default())
    }

    /// Tells of each block that becomes the best.
    async fn heads(&self) -> Result<Subscription<serde_json::Value>, String> {
        let subscribe = ("chain_subscribeNewHeads", "chain_unsubscribeNewHeads");
        let heads = self.client.subscribe(subscribe.0, rpc_params![], subscribe.1);
        heads.await.map_err(|error| error.to_string())
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

/// What the chain has said about the devices' challenges.
struct Known {
    /// Hash of the chain's first block.
    genesis: Hash,
    challenges: BTreeMap<DeviceId, Arc<DeviceChallenge>>,
}

struct Shared {
    devices: BTreeSet<DeviceId>,
    known: Mutex<Option<Known>>,
    records: Mutex<BTreeMap<DeviceId, DeviceRecord>>,
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
        let link = Self {
            shared: Arc::new(Shared {
                devices: devices.into_iter().collect(),
                known: Mutex::default(),
                records: Mutex::default(),
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

    /// What the chain said last: the hash of its first block, and how the device is challenged, if it is. `None` if it has
    /// said nothing yet.
    pub fn known(&self, device: DeviceId) -> Option<(Hash, Option<Arc<DeviceChallenge>>)> {
        let known = self.lock_known();
        let known = known.as_ref()?;
        Some((known.genesis, known.challenges.get(&device).cloned()))
    }

    fn lock_known(&self) -> MutexGuard<'_, Option<Known>> {
        // No code that can panic runs while it is held.
        self.shared.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the node's best blocks and learns from each of them while a round can be open. Ends when the node tells of
    /// no more blocks.
    async fn follow_heads(&self, connection: &Connection) {
        let mut heads = match connection.heads().await {
            Ok(heads) => heads,
            Err(error) => return warn!("The node does not tell of its blocks: {error}"),
        };
        let new_head = Notify::new();
        new_head.notify_one();
        let read = async {
            while let Some(Ok(_)) = heads.next().await {
                new_head.notify_one();
            }
        };
        let learn = async {
            let mut last: Option<(RoundId, Instant)> = None;
            loop {
                new_head.notified().await;
                match self.learn(connection, last).await {
                    Ok(learned) => last = Some(learned),
                    Err(error) => {
                        warn!("Cannot ask the node who challenges the devices: {error}");
                        // What was left out has to be made good, whether or not another block comes.
                        last = None;
                        sleep(ASK_AGAIN).await;
                        new_head.notify_one();
                    }
                }
            }
        };
        tokio::select! {
            () = read => warn!("The node tells of no more blocks"),
            () = learn => {}
        }
    }

    /// Asks how the devices are challenged, if that can have changed since the last round that was seen, and when it was
    /// seen first. Returns the same of the present round.
    async fn learn(
        &self,
        connection: &Connection,
        last: Option<(RoundId, Instant)>,
    ) -> Result<(RoundId, Instant), String> {
        let round = connection.current_round().await?;
        let (_, since) = last
            .filter(|(known, _)| *known == round)
            .unwrap_or_else(|| (round, Instant::now()));
        if last.is_none() {
            // Of another chain nothing is kept.
            let mut known = self.lock_known();
            if known
                .as_ref()
                .is_none_or(|known| known.genesis != connection.genesis)
            {
                *known = Some(Known {
                    genesis: connection.genesis,
                    challenges: BTreeMap::new(),
                });
            }
        }
        if since.elapsed() < LONGEST_WINDOW {
            let mut outcome = Ok(());
            for &device in &self.shared.devices {
                match connection.challenge_of(device).await {
                    Ok(challenge) => self.note_challenge(device, challenge),
                    // The others are asked for all the same.
                    Err(error) => outcome = outcome.and(Err(error)),
                }
            }
            outcome?;
        }
        Ok((round, since))
    }

    fn note_challenge(&self, device: DeviceId, challenge: Option<DeviceChallenge>) {
        if let Some(known) = &mut *self.lock_known() {
            match challenge {
                Some(challenge) => known.challenges.insert(device, Arc::new(challenge)),
                None => known.challenges.remove(&device),
            };
        }
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
                        () = self.follow_heads(&connection) => {}
                    }
                    publish.send_replace(None);
                    metrics.node_connected(false);
                }
                Err(error) => {
                    warn!(
                        "Cannot connect to {url}: {error}. No new round is learned of; trying again in {wait} s"
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
            for &device in &self.shared.devices {
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
                    record.endpoint().escape_debug()
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

//! The agent: whom it answers, and what it computes, signs and logs.

use crate::{
    backend::Backend,
    chain::Authority,
    connections::Client,
    device::{Answer, DeviceDescription, Ended, Identity, LocalDevice, Work},
    device_thread::DeviceThread,
    http::{Handler, Page},
    metrics::{End, Metrics},
    refusal::Refusal,
    session::Request,
    signatures::Signatures,
};
use axum::body::Bytes;
use loopin_challenge::{
    Geometry,
    messages::{Assignment, Step},
};
use loopin_primitives::DeviceId;
use serde_json::json;
use sp_core::{
    Pair,
    bytes::to_hex,
    crypto::{AccountId32, Ss58AddressFormat, Ss58Codec},
    sr25519,
};
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tracing::{error, info, warn};

/// The prefix of the chain's addresses.
pub const SS58_PREFIX: u16 = 7_355;
/// How often challenges are looked at for expiry.
const EXPIRY_INTERVAL: Duration = Duration::from_millis(250);
/// Refusals in a row that are logged before some are only counted, and how long it takes to forget one.
const REFUSAL_LOG: (u32, Duration) = (10, Duration::from_secs(6));

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct AgentSettings {
    /// The privacy that the agent states to offer, 0 to 100.
    pub privacy: u8,
    /// The kind of devices, for the information page.
    pub backend: &'static str,
}

/// The agent of some devices.
pub struct Agent {
    devices: BTreeMap<DeviceId, LocalDevice>,
    identity: Arc<Identity>,
    authority: Authority,
    signatures: Signatures,
    settings: AgentSettings,
    metrics: Metrics,
    is_stopping: AtomicBool,
    refusals: Mutex<RefusalLog>,
}

impl Agent {
    /// Starts the devices.
    ///
    /// # Errors
    /// The system cannot start threads.
    pub fn new(
        devices: impl IntoIterator<Item = (DeviceId, u32, Box<dyn Backend>)>,
        key: sr25519::Pair,
        authority: Authority,
        settings: AgentSettings,
        metrics: Metrics,
    ) -> io::Result<Self> {
        let identity = Arc::new(Identity {
            key,
            privacy: settings.privacy,
        });
        let devices = devices.into_iter().map(|(id, ordinal, backend)| {
            let description = DeviceDescription {
                id,
                ordinal,
                name: backend.name(),
                memory_bytes: backend.free_memory(),
                gpu_id: crate::key::gpu_id(&backend.uuid()),
            };
            let thread = DeviceThread::start(format!("device-{id}"), backend)?;
            Ok((id, LocalDevice::new(description, thread, Arc::clone(&identity))))
        });
        Ok(Self {
            devices: devices.collect::<io::Result<_>>()?,
            identity,
            authority,
            signatures: Signatures::start()?,
            settings,
            metrics,
            is_stopping: AtomicBool::new(false),
            refusals: Mutex::default(),
        })
    }

    /// The devices.
    pub fn devices(&self) -> impl Iterator<Item = &LocalDevice> {
        self.devices.values()
    }

    /// Answers no new challenge from now on.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
    }

    /// Whether a device is being challenged.
    pub fn is_busy(&self) -> bool {
        self.devices().any(|device| device.active().is_some())
    }

    /// Ends challenges whose window has closed, for as long as the runtime lives.
    pub async fn expire_challenges(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EXPIRY_INTERVAL).await;
            for (&id, device) in &self.devices {
                if let Some(ended) = device.expire() {
                    self.report_end(id, &ended, "its window has closed");
                }
            }
        }
    }

    /// Takes up a request, if it is one of a verifier that challenges the device now. What costs least is looked at first,
    /// and nothing is waited for, nor the chain asked, before the signature is found to be right.
    async fn take(
        self: Arc<Self>,
        client: Client,
        device: String,
        step: Step,
        body: Bytes,
    ) -> Result<(DeviceId, Answer), Refusal> {
        let request = Request::read(step, &body)?;
        let unknown =
            || Refusal::UnknownDevice(device.chars().take(20).flat_map(char::escape_debug).collect());
        let id: DeviceId = device.parse().map_err(|_| unknown())?;
        let device = self.devices.get(&id).ok_or_else(unknown)?;
        if request.assignment().device != u64::from(id) {
            return Err(Refusal::OtherDevice(request.assignment().device));
        }
        let expected = match (&self.authority, device.begun(&request)) {
            // What the chain said when it began holds to its end: whoever rents the device meanwhile, or gives it back, must
            // not keep it from answering.
            (Authority::Node(_), Some(begun)) => begun,
            _ => {
                let agent_key = self.identity.key.public().0;
                self.authority.expects(id, &agent_key, &request)?
            }
        };
        let request = match expected.key {
            Some(key) => {
                let request = self.signatures.check(&client, request, key).await?;
                client.vouch();
                request
            }
            None => request,
        };
        let taken = device.take(&request, &expected, !self.is_stopping.load(Ordering::Acquire))?;
        if let Some(before) = taken.before {
            self.report_end(id, &before, "a newer one has taken its place");
        }
        if let Some(work) = taken.work {
            if work.is_begin() {
                self.report_begin(id, &expected.assignment, expected.committee.len());
            }
            tokio::spawn(Arc::clone(&self).work(id, work));
        }
        Ok((id, taken.answer))
    }

    /// Has a device do what it has to do next, and says what came of it.
    async fn work(self: Arc<Self>, id: DeviceId, work: Work) {
        let Some(device) = self.devices.get(&id) else {
            return;
        };
        let worked = device.work(work).await;
        let reason = worked.failure.as_ref().map(Refusal::details).unwrap_or_default();
        if let Some(Refusal::WrongOpenings(_)) = &worked.failure {
            self.metrics.withheld(id);
            error!("Device {id}: {reason}");
        } else if worked.failure.is_some() && worked.ended.is_none() {
            warn!("Device {id}: {reason}");
        }
        if let Some(ended) = worked.ended {
            self.report_end(id, &ended, &reason);
        }
    }

    fn report_begin(&self, id: DeviceId, assignment: &Assignment, verifiers: usize) {
        self.metrics.began(id);
        let state_mib = Geometry::new(assignment.profile).map_or(0, |geometry| geometry.state_bytes() >> 20);
        info!(
            "Device {id}: challenge of round {} by {} begins, {state_mib} MiB",
            assignment.round,
            count_verifiers(verifiers)
        );
    }

    fn report_end(&self, id: DeviceId, ended: &Ended, reason: &str) {
        self.metrics.ended(id, ended.end);
        let round = ended.assignment.round;
        let verifiers = count_verifiers(ended.verifiers);
        let times: Vec<String> = ended
            .times
            .iter()
            .map(|(step, time)| format!("{} {} ms", step.name(), time.as_millis()))
            .collect();
        let times = times.join(", ");
        if ended.end == End::Answered {
            let fill_ms = ended.times.get(&Step::Fill).map_or(0, Duration::as_millis);
            let gops = Geometry::new(ended.assignment.profile)
                .map(|geometry| geometry.gops(fill_ms as u64))
                .unwrap_or_default();
            info!("Device {id}: challenge of round {round} by {verifiers} answered: {times}; {gops} Gop/s");
        } else {
            warn!(
                "Device {id}: challenge of round {round} by {verifiers} {}: {reason}; {} had all their answers ({times})",
                ended.end.label(),
                ended.answered
            );
        }
    }

    fn report_refusal(&self, device: &str, step: Step, refusal: &Refusal) {
        self.metrics.refused(refusal);
        let mut log = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(silent) = log.admit(Instant::now()) {
            let device: String = device.chars().filter(char::is_ascii_digit).take(20).collect();
            let more = if silent > 0 {
                format!(" ({silent} more were refused since the line before)")
            } else {
                String::new()
            };
            warn!(
                "Refused {} of device {device}: {}{more}",
                step.name(),
                refusal.details()
            );
        }
    }

    fn info(&self) -> serde_json::Value {
        let (genesis, records) = match &self.authority {
            Authority::Node(link) => {
                let genesis = link
                    .connection()
                    .map(|connection| to_hex(connection.genesis(), false));
                (genesis, link.records())
            }
            Authority::Anyone => (None, BTreeMap::new()),
        };
        let devices: Vec<_> = self
            .devices
            .iter()
            .map(|(id, device)| {
                let record = records.get(id);
                let known = match &self.authority {
                    Authority::Node(link) => link.known(*id).and_then(|(_, challenge)| challenge),
                    Authority::Anyone => None,
                };
                json!({
                    "id": id,
                    "name": device.description.name,
                    "memoryBytes": device.description.memory_bytes,
                    "gpuId": to_hex(&device.description.gpu_id, false),
                    "pool": record.map(|record| record.pool),
                    "standing": record.map(|record| format!("{:?}", record.standing)),
                    "challenged": device.active().is_some(),
                    "round": known.map(|challenge| challenge.round),
                })
            })
            .collect();
        let mut pools: Vec<_> = records.values().map(|record| record.pool).collect();
        pools.sort_unstable();
        pools.dedup();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "backend": self.settings.backend,
            "agentKey": to_hex(&self.identity.key.public().0, false),
            "privacy": self.settings.privacy,
            "genesis": genesis,
            "pools": pools,
            "devices": devices,
        })
    }

    /// What keeps the agent from answering, if anything.
    fn ailment(&self) -> Option<&'static str> {
        if self.is_stopping.load(Ordering::Acquire) {
            return Some("stopping");
        }
        match &self.authority {
            Authority::Node(link) if link.connection().is_none() => {
                Some("no connection to a node of the chain")
            }
            _ => None,
        }
    }
}

impl Handler for Agent {
    async fn answer(
        self: Arc<Self>,
        client: Client,
        device: String,
        step: Step,
        body: Bytes,
    ) -> Result<Bytes, Refusal> {
        let began = Instant::now();
        // What is taken up is taken up wholly, whether or not the client waits for the answer.
        let take = tokio::spawn(Arc::clone(&self).take(client, device.clone(), step, body));
        let outcome = match take.await.unwrap_or(Err(Refusal::Defect)) {
            Ok((id, answer)) => answer.wait().await.inspect(|_| {
                self.metrics.answered(id, step, began.elapsed());
            }),
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = &outcome {
            self.report_refusal(&device, step, refusal);
        }
        outcome
    }

    fn refused(&self, device: &str, step: Step, refusal: &Refusal) {
        self.report_refusal(device, step, refusal);
    }

    fn page(&self, name: &str) -> Option<Page> {
        let text = |status, content_type, body: Vec<u8>| Page {
            status,
            content_type,
            body,
        };
        match name {
            "info" => Some(text(
                200,
                "application/json",
                format!("{:#}\n", self.info()).into_bytes(),
            )),
            "health" => Some(match self.ailment() {
                None => text(200, "text/plain", b"ok\n".to_vec()),
                Some(ailment) => text(503, "text/plain", format!("{ailment}\n").into_bytes()),
            }),
            "metrics" => Some(text(200, "text/plain; version=0.0.4", self.metrics.text())),
            _ => None,
        }
    }
}

/// As `3 verifiers`.
fn count_verifiers(verifiers: usize) -> String {
    match verifiers {
        1 => "one verifier".into(),
        more => format!("{more} verifiers"),
    }
}

/// An account's address on the chain.
pub fn address(account: &[u8; 32]) -> String {
    AccountId32::new(*account).to_ss58check_with_version(Ss58AddressFormat::custom(SS58_PREFIX))
}

/// Keeps a flood of refusals out of the log: some in a row are written, then one now and then.
#[derive(Default)]
struct RefusalLog {
    written: u32,
    silent: u64,
    since: Option<Instant>,
}

impl RefusalLog {
    /// Whether to write a line now: then how many were left out before it.
    fn admit(&mut self, now: Instant) -> Option<u64> {
        let (most, forget) = REFUSAL_LOG;
        let since = *self.since.get_or_insert(now);
        let forgotten = now.duration_since(since).as_secs() / forget.as_secs();
        if forgotten > 0 {
            self.written = self
                .written
                .saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX));
            self.since = Some(now);
        }
        if self.written >= most {
            self.silent += 1;
            return None;
        }
        self.written += 1;
        Some(std::mem::take(&mut self.silent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_is_counted_and_not_written() {
        let mut log = RefusalLog::default();
        let start = Instant::now();
        let written = (0..1_000).filter(|_| log.admit(start).is_some()).count();
        assert_eq!(written, 10);
        assert_eq!(log.admit(start + Duration::from_secs(7)), Some(990));
        assert_eq!(log.admit(start + Duration::from_secs(7)), None);
    }

    #[test]
    fn addresses_have_the_prefix_of_the_chain() {
        let text = address(&[1; 32]);
        let (account, format) = AccountId32::from_ss58check_with_version(&text).unwrap();
        assert_eq!(
            (account, u16::from(format)),
            (AccountId32::new([1; 32]), SS58_PREFIX)
        );
    }
}

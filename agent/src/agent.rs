//! The agent: whom it answers, and what it computes, signs and logs.

use crate::{
    backend::Backend,
    chain::Authority,
    device::{DeviceDescription, Ended, LocalDevice, Turn},
    device_thread::DeviceThread,
    http::{Handler, Page},
    metrics::{End, Metrics},
    refusal::Refusal,
    session::{self, ChallengeSession, check_signature, sign},
};
use axum::body::Bytes;
use codec::{Decode, Encode, MaxEncodedLen};
use loopin_challenge::{
    Geometry, Seed,
    messages::{Assignment, FillRequest, Message, OpenRequest, PrepareRequest, Signed, Step, WalkRequest},
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
use tracing::{info, warn};

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
    /// How long a verifier may be silent between its messages before its challenge ends.
    pub idle: Duration,
    /// The kind of devices, for the information page.
    pub backend: &'static str,
}

/// The agent of some devices.
pub struct Agent {
    devices: BTreeMap<DeviceId, LocalDevice>,
    key: sr25519::Pair,
    authority: Authority,
    settings: AgentSettings,
    metrics: Metrics,
    is_stopping: AtomicBool,
    refusals: Mutex<RefusalLog>,
}

impl Agent {
    /// Starts the devices.
    ///
    /// # Errors
    /// The system cannot start a thread for a device.
    pub fn new(
        devices: impl IntoIterator<Item = (DeviceId, u32, Box<dyn Backend>)>,
        key: sr25519::Pair,
        authority: Authority,
        settings: AgentSettings,
        metrics: Metrics,
    ) -> io::Result<Self> {
        let devices = devices.into_iter().map(|(id, ordinal, backend)| {
            let description = DeviceDescription {
                id,
                ordinal,
                name: backend.name(),
                memory_bytes: backend.free_memory(),
                gpu_id: crate::key::gpu_id(&backend.uuid()),
            };
            let thread = DeviceThread::start(format!("device-{id}"), backend)?;
            Ok((id, LocalDevice::new(description, thread, settings.idle)))
        });
        Ok(Self {
            devices: devices.collect::<io::Result<_>>()?,
            key,
            authority,
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

    /// Ends challenges whose verifiers are gone, for as long as the runtime lives.
    pub async fn expire_challenges(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EXPIRY_INTERVAL).await;
            for (&id, device) in &self.devices {
                if let Some(ended) = device.expire() {
                    self.report_end(id, &ended, "its verifier did not go on");
                }
            }
        }
    }

    async fn step(&self, device: &str, step: Step, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let unknown = || Refusal::UnknownDevice(device.chars().take(20).collect());
        let id: DeviceId = device.parse().map_err(|_| unknown())?;
        let device = self.devices.get(&id).ok_or_else(unknown)?;
        let began = Instant::now();
        let answer = match step {
            Step::Prepare => self.prepare(id, device, body).await,
            Step::Fill => self.fill(id, device, body).await,
            Step::Walk => self.walk(id, device, body).await,
            Step::Open => self.open(id, device, body).await,
        }?;
        self.metrics.answered(id, step, began.elapsed());
        Ok(answer)
    }

    async fn prepare(&self, id: DeviceId, device: &LocalDevice, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let signed: Signed<PrepareRequest> = session::read(body)?;
        let assignment = signed.message.assignment;
        if assignment.device != u64::from(id) {
            return Err(Refusal::OtherDevice(assignment.device));
        }
        if self.is_stopping.load(Ordering::Acquire) {
            return Err(Refusal::Stopping);
        }
        let permission = self.authority.allow(id, &self.key.public(), &assignment).await?;
        if let Some(key) = &permission.verifier_key {
            check_signature(&signed, key)?;
        }
        let geometry = Geometry::new(assignment.profile)?;
        let (turn, before) = device.begin(
            body,
            &signed.signature,
            assignment,
            permission.verifier_key,
            permission.remaining,
        )?;
        if let Some(before) = before {
            self.report_end(id, &before, "another began");
        }
        let number = match turn {
            Turn::Repeat(answer) => return Ok(answer),
            Turn::Go(number, ()) => number,
        };
        self.metrics.began(id);
        info!(
            "Device {id}: challenge of round {} by {} begins, {} MiB",
            assignment.round,
            address(&assignment.verifier),
            geometry.state_bytes() >> 20
        );
        let began = Instant::now();
        let outcome = device.thread.prepare(geometry).await;
        self.leave(id, device, number, Step::Prepare, body, began, |session| {
            outcome?;
            Ok(sign(session.prepared(self.settings.privacy), &self.key).encode())
        })
    }

    async fn fill(&self, id: DeviceId, device: &LocalDevice, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (number, seed) = match enter::<FillRequest>(device, Step::Fill, body, ChallengeSession::fill)? {
            Turn::Repeat(answer) => return Ok(answer),
            Turn::Go(number, seed) => (number, seed),
        };
        let began = Instant::now();
        let outcome = device.thread.fill(seed).await;
        self.leave(id, device, number, Step::Fill, body, began, |session| {
            Ok(sign(session.filled(seed, outcome?), &self.key).encode())
        })
    }

    async fn walk(&self, id: DeviceId, device: &LocalDevice, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (number, seed) = match enter::<WalkRequest>(device, Step::Walk, body, ChallengeSession::walk)? {
            Turn::Repeat(answer) => return Ok(answer),
            Turn::Go(number, seed) => (number, seed),
        };
        let began = Instant::now();
        let outcome = device.thread.walk(seed).await;
        self.leave(id, device, number, Step::Walk, body, began, |session| {
            Ok(sign(session.walked(seed, outcome?)?, &self.key).encode())
        })
    }

    async fn open(&self, id: DeviceId, device: &LocalDevice, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (number, seed) = match enter::<OpenRequest>(device, Step::Open, body, ChallengeSession::open)? {
            Turn::Repeat(answer) => return Ok(answer),
            Turn::Go(number, seed) => (number, seed),
        };
        let began = Instant::now();
        let outcome = device.thread.open(seed).await;
        self.leave(id, device, number, Step::Open, body, began, |session| {
            let openings = outcome?;
            session.opened();
            Ok(openings)
        })
    }

    #[expect(clippy::too_many_arguments, reason = "it ends what four steps have in common")]
    fn leave(
        &self,
        id: DeviceId,
        device: &LocalDevice,
        number: u64,
        step: Step,
        body: &[u8],
        began: Instant,
        answer: impl FnOnce(&mut ChallengeSession) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Vec<u8>, Refusal> {
        let (outcome, ended) = device.leave(number, step, body, began.elapsed(), answer);
        if let Some(ended) = ended {
            let reason = outcome.as_ref().err().map(Refusal::details);
            self.report_end(id, &ended, &reason.unwrap_or_default());
        }
        outcome
    }

    fn report_end(&self, id: DeviceId, ended: &Ended, reason: &str) {
        self.metrics.ended(id, ended.end);
        let Assignment { round, verifier, .. } = ended.assignment;
        let verifier = address(&verifier);
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
            info!("Device {id}: challenge of round {round} by {verifier} answered: {times}; {gops} Gop/s");
        } else {
            warn!(
                "Device {id}: challenge of round {round} by {verifier} {}: {reason} ({times})",
                ended.end.label()
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
                json!({
                    "id": id,
                    "name": device.description.name,
                    "memoryBytes": device.description.memory_bytes,
                    "gpuId": to_hex(&device.description.gpu_id, false),
                    "pool": record.map(|record| record.pool),
                    "standing": record.map(|record| format!("{:?}", record.standing)),
                    "challenged": device.active().is_some(),
                })
            })
            .collect();
        let mut pools: Vec<_> = records.values().map(|record| record.pool).collect();
        pools.sort_unstable();
        pools.dedup();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "backend": self.settings.backend,
            "agentKey": to_hex(&self.key.public().0, false),
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
    async fn answer(self: Arc<Self>, device: String, step: Step, body: Bytes) -> Result<Vec<u8>, Refusal> {
        let outcome = self.step(&device, step, &body).await;
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

fn enter<M: Message + Decode + MaxEncodedLen>(
    device: &LocalDevice,
    step: Step,
    body: &[u8],
    check: impl FnOnce(&ChallengeSession, &Signed<M>) -> Result<Seed, Refusal>,
) -> Result<Turn<Seed>, Refusal> {
    let signed = session::read(body)?;
    device.enter(step, body, |session| check(session, &signed))
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

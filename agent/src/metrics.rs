//! What the agent counts, for Prometheus.

use crate::refusal::Refusal;
use loopin_challenge::messages::Step;
use loopin_primitives::DeviceId;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use std::time::Duration;

/// Seconds that a step may take: from a light profile to the slowest class.
const BUCKETS: [f64; 12] = [0.01, 0.03, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0];

/// All metrics.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    challenges: IntCounterVec,
    refusals: IntCounterVec,
    steps: HistogramVec,
    withheld: IntCounterVec,
    active: IntGaugeVec,
    node: IntGauge,
    connections: IntGauge,
}

/// How a challenge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All its verifiers have been answered everything that they asked for. What they make of it is on the chain.
    Answered,
    /// The device or the agent failed.
    Failed,
    /// The window closed before all of them had asked for everything.
    Partly,
    /// The window closed before any of them had asked for everything.
    Expired,
    /// A newer challenge took its place.
    Replaced,
}

impl End {
    /// One word for the metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::Partly => "partly",
            Self::Expired => "expired",
            Self::Replaced => "replaced",
        }
    }
}

impl Metrics {
    /// Metrics that are all zero.
    ///
    /// # Errors
    /// Two metrics have one name.
    pub fn new() -> Result<Self, prometheus::Error> {
        let name = |name: &str| format!("loopin_agent_{name}");
        let metrics = Self {
            registry: Registry::new(),
            challenges: IntCounterVec::new(
                Opts::new(
                    name("challenges_total"),
                    "Challenges that ended, by how they ended",
                ),
                &["device", "end"],
            )?,
            refusals: IntCounterVec::new(
                Opts::new(name("refusals_total"), "Requests that were refused, by reason"),
                &["reason"],
            )?,
            steps: HistogramVec::new(
                HistogramOpts::new(
                    name("step_seconds"),
                    "Time from a request to its answer, in seconds",
                )
                .buckets(BUCKETS.to_vec()),
                &["device", "step"],
            )?,
            withheld: IntCounterVec::new(
                Opts::new(
                    name("withheld_openings_total"),
                    "Openings that were wrong and not sent: the device's memory is at fault",
                ),
                &["device"],
            )?,
            active: IntGaugeVec::new(
                Opts::new(
                    name("challenge_active"),
                    "Whether the device is being challenged, 0 or 1",
                ),
                &["device"],
            )?,
            node: IntGauge::new(
                name("node_connected"),
                "Whether the agent is connected to a node of the chain, 0 or 1",
            )?,
            connections: IntGauge::new(name("connections"), "Open HTTP connections")?,
        };
        let registry = &metrics.registry;
        registry.register(Box::new(metrics.challenges.clone()))?;
        registry.register(Box::new(metrics.refusals.clone()))?;
        registry.register(Box::new(metrics.steps.clone()))?;
        registry.register(Box::new(metrics.withheld.clone()))?;
        registry.register(Box::new(metrics.active.clone()))?;
        registry.register(Box::new(metrics.node.clone()))?;
        registry.register(Box::new(metrics.connections.clone()))?;
        Ok(metrics)
    }

    /// A challenge of the device began.
    pub fn began(&self, device: DeviceId) {
        self.active.with_label_values(&[&device.to_string()]).set(1);
    }

    /// The challenge of the device ended.
    pub fn ended(&self, device: DeviceId, end: End) {
        let device = device.to_string();
        self.active.with_label_values(&[&device]).set(0);
        self.challenges.with_label_values(&[&device, end.label()]).inc();
    }

    /// A request was refused.
    pub fn refused(&self, refusal: &Refusal) {
        self.refusals.with_label_values(&[refusal.label()]).inc();
    }

    /// Openings were wrong and not sent.
    pub fn withheld(&self, device: DeviceId) {
        self.withheld.with_label_values(&[&device.to_string()]).inc();
    }

    /// A step was answered.
    pub fn answered(&self, device: DeviceId, step: Step, time: Duration) {
        self.steps
            .with_label_values(&[&device.to_string(), step.name()])
            .observe(time.as_secs_f64());
    }

    /// The connection to the node came or went.
    pub fn node_connected(&self, connected: bool) {
        self.node.set(connected.into());
    }

    /// Number of open HTTP connections.
    pub fn connections(&self) -> &IntGauge {
        &self.connections
    }

    /// All of it, in the text format of Prometheus.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        // Writing into memory cannot fail, and the registry has no metric without a name.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        text
    }
}

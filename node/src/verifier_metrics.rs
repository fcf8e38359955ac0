//! Prometheus metrics of how the verifiers whose keys this node holds are doing.

use crate::service::FullClient;
use futures::StreamExt;
use loopin_runtime::{
    AccountId, Hash,
    configs::SS58Prefix,
    constants::currency::LOOPIN,
    verification_api::{RoundView, VerificationApi},
};
use pallet_verification::{KEY_TYPE, Verifier};
use sc_client_api::BlockchainEvents;
use sp_api::ProvideRuntimeApi;
use sp_core::crypto::Ss58Codec;
use sp_keystore::KeystorePtr;
use std::sync::Arc;
use substrate_prometheus_endpoint::{Gauge, GaugeVec, Opts, PrometheusError, Registry, U64, register};

/// What is shown.
struct Metrics {
    round: Gauge<U64>,
    devices: Gauge<U64>,
    active: GaugeVec<U64>,
    bond: GaugeVec<U64>,
    strikes: GaugeVec<U64>,
    done: GaugeVec<U64>,
    missed: GaugeVec<U64>,
    contradicted: GaugeVec<U64>,
}

impl Metrics {
    fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let gauge = |name: &str, help: &str| {
            let gauge = Gauge::new(format!("loopin_verification_{name}"), help)?;
            register(gauge, registry)
        };
        let of_verifier = |name: &str, help: &str| {
            let options = Opts::new(format!("loopin_verifier_{name}"), help);
            register(GaugeVec::new(options, &["verifier"])?, registry)
        };
        Ok(Self {
            round: gauge("round", "The last round of verification that has begun")?,
            devices: gauge("devices", "Devices with lower numbers than this are in the round")?,
            active: of_verifier(
                "active",
                "1 if the verifier gets duties, 0 if it is suspended or has left",
            )?,
            bond: of_verifier("bond_loopin", "The verifier's bond, in whole LOOPIN")?,
            strikes: of_verifier("strikes", "What counts against the verifier; too many suspend it")?,
            done: of_verifier("duties_done", "Attestations that were not against the verdict")?,
            missed: of_verifier(
                "duties_missed",
                "Devices on which the verifier should have attested and did not",
            )?,
            contradicted: of_verifier("contradictions", "Attestations of the opposite of the verdict")?,
        })
    }

    fn show_round(&self, round: &RoundView) {
        self.round.set(round.round);
        self.devices.set(round.device_bound.into());
    }

    fn show_verifier(&self, account: &AccountId, verifier: &Verifier) {
        let name = account.to_ss58check_with_version(SS58Prefix::get().into());
        let show = |gauge: &GaugeVec<U64>, value: u64| gauge.with_label_values(&[&name]).set(value);
        let whole_loopin = verifier.bond / LOOPIN;
        show(&self.active, verifier.is_active().into());
        show(&self.bond, u64::try_from(whole_loopin).unwrap_or(u64::MAX));
        show(&self.strikes, verifier.strikes.into());
        show(&self.done, verifier.done);
        show(&self.missed, verifier.missed);
        show(&self.contradicted, verifier.contradicted);
    }
}

/// Shows after every best block how the verifiers whose keys this node holds are doing.
pub struct VerifierMetrics {
    client: Arc<FullClient>,
    keystore: KeystorePtr,
    metrics: Metrics,
}

impl VerifierMetrics {
    /// # Errors
    /// The registry already has metrics with these names.
    pub fn new(
        client: Arc<FullClient>,
        keystore: KeystorePtr,
        registry: &Registry,
    ) -> Result<Self, PrometheusError> {
        Ok(Self {
            client,
            keystore,
            metrics: Metrics::register(registry)?,
        })
    }

    /// Runs for as long as there are blocks.
    pub async fn run(self) {
        let mut blocks = self.client.import_notification_stream();
        while let Some(block) = blocks.next().await {
            if block.is_new_best
                && let Err(error) = self.show(block.hash)
            {
                log::debug!(
                    "Could not ask how the verifiers fare at {:?}: {error}",
                    block.hash
                );
            }
        }
    }

    fn show(&self, block: Hash) -> Result<(), sp_api::ApiError> {
        let api = self.client.runtime_api();
        if let Some(round) = api.current_round(block)? {
            self.metrics.show_round(&round);
        }
        for key in self.keystore.sr25519_public_keys(KEY_TYPE) {
            if let Some((account, verifier)) = api.verifier_of(block, key)? {
                self.metrics.show_verifier(&account, &verifier);
            }
        }
        Ok(())
    }
}

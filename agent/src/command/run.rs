//! `loopin-agent run`.

use super::devices::open_all;
use crate::{
    agent::{Agent, AgentSettings, address},
    chain::{Authority, NodeLink},
    cli::RunOptions,
    http::{self, ServerLimits},
    key,
    metrics::Metrics,
};
use sp_core::Pair;
use std::{io::IsTerminal, process::exit, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::{Instant, sleep},
};
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

/// How long a challenge that is under way may take after the agent was told to stop.
const STOP_PATIENCE: Duration = Duration::from_secs(30);

pub async fn run(options: RunOptions) -> Result<(), String> {
    let filter = EnvFilter::try_new(&options.log)
        .map_err(|error| format!("--log {}: {error}. Try --log info", options.log))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();

    let pair = key::read(&options.agent.key_file)?;
    let devices = open_all(&options.agent, &pair.public())?;
    let metrics = Metrics::new().map_err(|error| format!("the metrics are inconsistent: {error}"))?;
    let listener = TcpListener::bind(options.listen).await.map_err(|error| {
        format!(
            "cannot listen on {}: {error}. Choose another address or port with --listen",
            options.listen
        )
    })?;
    let authority = if options.unsafe_answer_anyone {
        warn!("Answering everybody, without asking the chain: for tests only");
        Authority::Anyone
    } else {
        let ids = devices.iter().map(|(id, _, _)| *id);
        Authority::Node(NodeLink::start(
            options.agent.node.clone(),
            ids,
            pair.public(),
            metrics.clone(),
        ))
    };
    let settings = AgentSettings {
        privacy: options.privacy,
        backend: options.agent.backend.backend.name(),
    };
    info!(
        "LooPIN agent {}, key {}",
        env!("CARGO_PKG_VERSION"),
        address(&pair.public().0)
    );
    let agent = Agent::new(devices, pair, authority, settings, metrics.clone())
        .map_err(|error| format!("cannot start threads: {error}"))?;
    for device in agent.devices() {
        let about = &device.description;
        info!(
            "Device {} is GPU {}: {}, {} MiB free",
            about.id,
            about.ordinal,
            about.name,
            about.memory_bytes >> 20
        );
    }
    let agent = Arc::new(agent);
    tokio::spawn(Arc::clone(&agent).expire_challenges());

    let (stop, stopped) = watch::channel(false);
    let connections = metrics.connections().clone();
    let serving = tokio::spawn(http::serve(
        listener,
        Arc::clone(&agent),
        ServerLimits::default(),
        connections,
        stopped,
    ));
    info!("Answering on http://{}", options.listen);
    wait_for_signal().await?;

    info!("Stopping");
    agent.stop();
    tokio::spawn(async {
        if wait_for_signal().await.is_ok() {
            exit(1);
        }
    });
    let patience_ends = Instant::now() + STOP_PATIENCE;
    while agent.is_busy() && Instant::now() < patience_ends {
        sleep(Duration::from_millis(100)).await;
    }
    // If this fails, the server has ended already.
    let _ = stop.send(true);
    let _ = serving.await;
    Ok(())
}

async fn wait_for_signal() -> Result<(), String> {
    let listen = |kind| signal(kind).map_err(|error| format!("cannot listen for signals: {error}"));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

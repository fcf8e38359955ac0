//! Carries out the command line.

use crate::{
    chain_spec,
    cli::{Cli, Subcommand},
    preflight, sealing,
    service::{self, Partial},
};
use loopin_runtime::opaque::Block;
use sc_cli::{Error, SubstrateCli};
use sc_network::config::NetworkBackendType;
use sc_service::ChainType;

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "LooPIN Node".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        "The node of the LooPIN chain, a market for GPU time.\n\nloopin-node --dev starts a development \
         chain; open https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:9944 to look at it."
            .into()
    }

    fn author() -> String {
        env!("CARGO_PKG_AUTHORS").into()
    }

    fn support_url() -> String {
        "the README's section on troubleshooting".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        // A node's key belongs to no chain, but the SDK asks for one.
        let is_node_key = matches!(
            self.subcommand,
            Some(Subcommand::Key(sc_cli::KeySubcommand::GenerateNodeKey(_)))
        );
        let id = if is_node_key && id.is_empty() {
            "production"
        } else {
            id
        };
        Ok(Box::new(chain_spec::load(id)?))
    }
}

/// Parses the command line and does what it says.
pub fn run() -> sc_cli::Result<()> {
    let cli = Cli::from_args();
    match &cli.subcommand {
        None => run_node(&cli),
        Some(Subcommand::Key(command)) => command.run(&cli),
        Some(Subcommand::ExportChainSpec(command)) => command.run(cli.load_spec(&command.chain)?),
        Some(Subcommand::CheckBlock(command)) => cli.create_runner(command)?.async_run(|config| {
            let Partial {
                client,
                task_manager,
                import_queue,
                ..
            } = service::new_partial(&config)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::ExportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let Partial {
                client, task_manager, ..
            } = service::new_partial(&config)?;
            Ok((command.run(client, config.database), task_manager))
        }),
        Some(Subcommand::ExportState(command)) => cli.create_runner(command)?.async_run(|config| {
            let Partial {
                client, task_manager, ..
            } = service::new_partial(&config)?;
            Ok((command.run(client, config.chain_spec), task_manager))
        }),
        Some(Subcommand::ImportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let Partial {
                client,
                task_manager,
                import_queue,
                ..
            } = service::new_partial(&config)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::PurgeChain(command)) => cli
            .create_runner(command)?
            .sync_run(|config| command.run(config.database)),
        Some(Subcommand::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
            let Partial {
                client,
                task_manager,
                backend,
                ..
            } = service::new_partial(&config)?;
            let revert_consensus =
                Box::new(|client: std::sync::Arc<service::FullClient>, backend, blocks| {
                    sc_consensus_babe::revert(client.clone(), backend, blocks)?;
                    sc_consensus_grandpa::revert(client, blocks)?;
                    Ok(())
                });
            Ok((command.run(client, backend, Some(revert_consensus)), task_manager))
        }),
        Some(Subcommand::ChainInfo(command)) => cli
            .create_runner(command)?
            .sync_run(|config| command.run::<Block>(&config)),
        #[cfg(feature = "runtime-benchmarks")]
        Some(Subcommand::Benchmark(command)) => crate::benchmarking::run(&cli, command),
    }
}

fn run_node(cli: &Cli) -> sc_cli::Result<()> {
    let sealing = cli.sealing;
    let storage_monitor = cli.storage_monitor.clone();
    let runner = cli.create_runner(&cli.run).inspect_err(|error| {
        // The command that the error recommends writes into this folder, and says so if it cannot.
        if let Error::NetworkKeyNotFound(key) = error
            && let Some(folder) = key.parent()
        {
            let _ = std::fs::create_dir_all(folder);
        }
    })?;
    runner.run_node_until_exit(|mut config| async move {
        preflight::check(&mut config, storage_monitor.threshold)?;
        if sealing.is_some() && config.chain_spec.chain_type() != ChainType::Development {
            return Err(Error::Input(format!(
                "--sealing is for development chains, and `{}` is none: pass --dev, or leave --sealing out",
                config.chain_spec.name()
            )));
        }

        let database = config.database.path().map(ToOwned::to_owned);
        let task_manager = match (sealing, config.network.network_backend) {
            (Some(sealing), _) => sealing::run(config, sealing)?,
            (None, NetworkBackendType::Libp2p) => service::run::<sc_network::NetworkWorker<_, _>>(config)?,
            (None, NetworkBackendType::Litep2p) => service::run::<sc_network::Litep2pNetworkBackend>(config)?,
        };
        if let Some(database) = database {
            sc_storage_monitor::StorageMonitorService::try_spawn(
                storage_monitor,
                database,
                &task_manager.spawn_essential_handle(),
            )
            .map_err(|error| Error::Application(error.into()))?;
        }
        Ok(task_manager)
    })
}

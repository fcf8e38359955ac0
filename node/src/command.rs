//! Carries out the command line.

use crate::{
    chain_spec,
    cli::{Cli, Subcommand},
    disk::DiskWatch,
    preflight, sealing,
    service::{self, Partial},
};
use loopin_runtime::opaque::Block;
use sc_cli::{Error, SubstrateCli};
use sc_network::config::NetworkBackendType;
use sc_service::Configuration;

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
        // A node's key does not belong to a chain, but the SDK asks for one.
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
    let mut cli = Cli::from_args();
    if cli.sealing.is_some() {
        sealing::quieten(&mut cli.run.shared_params.log);
    }
    match &cli.subcommand {
        None => run_node(&cli),
        Some(Subcommand::Key(command)) => command.run(&cli),
        Some(Subcommand::ExportChainSpec(command)) => {
            let mut spec = cli.load_spec(&command.chain)?;
            if command.raw {
                // Without a logger, what the runtime says about a genesis that it refuses would be lost.
                sc_cli::LoggerBuilder::new("").init()?;
                preflight::build_genesis(spec.as_mut(), &service::Executor::builder().build())?;
            }
            command.run(spec)
        }
        Some(Subcommand::CheckBlock(command)) => cli.create_runner(command)?.async_run(|config| {
            let (_, partial) = open(config)?;
            let run = command.run(partial.client, partial.import_queue);
            Ok((run, partial.task_manager))
        }),
        Some(Subcommand::ExportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let (config, partial) = open(config)?;
            let run = command.run(partial.client, config.database);
            Ok((run, partial.task_manager))
        }),
        Some(Subcommand::ExportState(command)) => cli.create_runner(command)?.async_run(|config| {
            let (config, partial) = open(config)?;
            let run = command.run(partial.client, config.chain_spec);
            Ok((run, partial.task_manager))
        }),
        Some(Subcommand::ImportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let (_, partial) = open(config)?;
            let run = command.run(partial.client, partial.import_queue);
            Ok((run, partial.task_manager))
        }),
        Some(Subcommand::PurgeChain(command)) => cli
            .create_runner(command)?
            .sync_run(|config| command.run(config.database)),
        Some(Subcommand::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
            let (_, partial) = open(config)?;
            let revert_consensus =
                Box::new(|client: std::sync::Arc<service::FullClient>, backend, blocks| {
                    sc_consensus_babe::revert(client.clone(), backend, blocks)?;
                    sc_consensus_grandpa::revert(client, blocks)?;
                    Ok(())
                });
            let run = command.run(partial.client, partial.backend, Some(revert_consensus));
            Ok((run, partial.task_manager))
        }),
        Some(Subcommand::ChainInfo(command)) => cli
            .create_runner(command)?
            .sync_run(|config| command.run::<Block>(&config)),
        #[cfg(feature = "runtime-benchmarks")]
        Some(Subcommand::Benchmark(command)) => crate::benchmarking::run(&cli, command),
    }
}

/// Opens the database of a subcommand that works on it.
pub fn open(mut config: Configuration) -> sc_cli::Result<(Configuration, Partial)> {
    let executor = preflight::check_chain(&mut config)?;
    let partial = service::new_partial(&config, executor)?;
    Ok((config, partial))
}

fn run_node(cli: &Cli) -> sc_cli::Result<()> {
    let runner = cli.create_runner(&cli.run).inspect_err(|error| {
        // The command that the error recommends writes into this folder, and says so if it cannot.
        if let Error::NetworkKeyNotFound(key) = error
            && let Some(folder) = key.parent()
        {
            let _ = std::fs::create_dir_all(folder);
        }
    })?;
    let disk = DiskWatch::new(runner.config(), &cli.storage_monitor);
    let outcome = runner.run_node_until_exit(|mut config| async {
        let executor = preflight::check(cli, &disk, &mut config)?;
        let task_manager = match (cli.sealing, config.network.network_backend) {
            (Some(sealing), _) => sealing::run(config, executor, sealing)?,
            (None, NetworkBackendType::Libp2p) => {
                service::run::<sc_network::NetworkWorker<_, _>>(config, executor)?
            }
            (None, NetworkBackendType::Litep2p) => {
                service::run::<sc_network::Litep2pNetworkBackend>(config, executor)?
            }
        };
        disk.watch(&task_manager);
        Ok(task_manager)
    });
    // What ended the node says only that it has ended.
    outcome.map_err(|error| disk.problem().map_or(error, Error::Input))
}

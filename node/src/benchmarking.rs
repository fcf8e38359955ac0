//! The `benchmark` subcommand.

use crate::{cli::Cli, command::open};
use frame_benchmarking_cli::{BenchmarkCmd, SUBSTRATE_REFERENCE_HARDWARE};
use loopin_runtime::opaque::Block;
use sc_cli::SubstrateCli;
use sp_runtime::traits::HashingFor;

/// Runs the benchmarks that `command` names.
pub fn run(cli: &Cli, command: &BenchmarkCmd) -> sc_cli::Result<()> {
    let runner = cli.create_runner(command)?;
    runner.sync_run(|config| match command {
        BenchmarkCmd::Pallet(command) => {
            command.run_with_spec::<HashingFor<Block>, ()>(Some(config.chain_spec))
        }
        BenchmarkCmd::Storage(command) => {
            let (config, partial) = open(config)?;
            let database = partial.backend.expose_db();
            let storage = partial.backend.expose_storage();
            let cache = partial.backend.expose_shared_trie_cache();
            command.run(config, partial.client, database, storage, cache)
        }
        BenchmarkCmd::Block(command) => {
            let (_, partial) = open(config)?;
            command.run(partial.client)
        }
        BenchmarkCmd::Overhead(command) => {
            command.run_with_default_builder_and_spec::<Block, ()>(Some(config.chain_spec))
        }
        BenchmarkCmd::Machine(command) => command.run(&config, SUBSTRATE_REFERENCE_HARDWARE.clone()),
        BenchmarkCmd::Extrinsic(_) => Err("use `benchmark overhead` or `benchmark pallet` instead".into()),
    })
}

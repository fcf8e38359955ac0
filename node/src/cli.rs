//! The command line.

use crate::sealing::Sealing;
use clap::Parser;
use sc_cli::RunCmd;

/// Everything that can be on the command line of `loopin-node`.
// Off-chain workers do nothing on a node without a verifier's key, and a verifier need not be a validator.
#[derive(Debug, Parser)]
#[command(mut_arg("enabled", |argument| argument.default_value("always").help(
    "Execute off-chain workers on every block. They challenge devices where this node holds a verifier's key"
)))]
pub struct Cli {
    /// What to do; without it, a node is run.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// Options of a running node.
    #[clap(flatten)]
    pub run: RunCmd,

    /// Make blocks on demand instead of every six seconds: `instant` (one per transaction), `manual` (by
    /// the RPC `engine_createBlock`) or a number of milliseconds between blocks. Blocks are final at once.
    /// The RPC `dev_jumpForward(seconds)` moves the chain's clock ahead.
    ///
    /// For development chains only (`--dev`).
    #[arg(long, value_name = "instant|manual|MILLISECONDS")]
    pub sealing: Option<Sealing>,

    /// When to stop for lack of disk space.
    #[clap(flatten)]
    pub storage_monitor: sc_storage_monitor::StorageMonitorParams,
}

/// What the node can do besides running.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Generate, inspect and store keys.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Write the spec of a chain as JSON.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Check a block by executing it again.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Write the state at a block as a raw chain spec.
    ExportState(sc_cli::ExportStateCmd),

    /// Read blocks from a file.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Delete the database of a chain. Keys are kept.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Take the chain back to an earlier block.
    Revert(sc_cli::RevertCmd),

    /// Show what the database knows about the chain.
    ChainInfo(sc_cli::ChainInfoCmd),

    /// Measure the runtime and the machine.
    #[cfg(feature = "runtime-benchmarks")]
    #[command(subcommand)]
    Benchmark(frame_benchmarking_cli::BenchmarkCmd),
}

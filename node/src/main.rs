//! `loopin-node`: the node of the LooPIN chain.
//!
//! - [`cli`] declares the command line, [`command`] carries it out;
//! - [`chain_spec`] knows the built-in chains, [`genesis`] builds the first block of any;
//! - [`preflight`] finds what is wrong before anything is touched, [`disk`] what goes wrong with the disk later;
//! - [`service`] builds and runs a node of a network, [`sealing`] a development chain that makes blocks
//!   on demand and can jump forward in time;
//! - [`equivocation`] reports validators that make two blocks in one slot;
//! - [`verifier_metrics`] shows in Prometheus how the node's verifiers are doing;
//! - [`memory`] keeps the allocator from hoarding;
//! - [`rpc`] is what clients can call.

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod chain_spec;
mod cli;
mod command;
mod disk;
mod equivocation;
mod error;
mod genesis;
mod memory;
mod preflight;
mod rpc;
mod sealing;
mod service;
mod verifier_metrics;

use std::process::ExitCode;

fn main() -> ExitCode {
    memory::give_back_what_is_freed();
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {}", error::explain(&error));
            ExitCode::FAILURE
        }
    }
}

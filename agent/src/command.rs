//! Carries out the command line.

mod benchmark;
mod devices;
mod doctor;
mod inspect;
mod run;

pub use devices::{assign, open};

use crate::cli::{Cli, Command, KeyCommand};
use crate::key;
use clap::Parser;
use std::future::Future;

/// Parses the command line and does what it says.
///
/// # Errors
/// One line that says what is wrong and what to do.
pub fn run() -> Result<(), String> {
    match Cli::parse().command {
        Command::Run(options) => block_on(run::run(options)),
        Command::Benchmark(options) => benchmark::run(&options),
        Command::Doctor(options) => block_on(doctor::run(options)),
        Command::Key(KeyCommand::Generate { file }) => {
            let pair = key::generate(&file)?;
            println!(
                "The new key is in {}: keep a copy in a safe place.",
                file.display()
            );
            inspect::show_key(&pair);
            Ok(())
        }
        Command::Key(KeyCommand::Inspect {
            file,
            backend,
            cpu_devices,
        }) => inspect::run(&key::read(&file)?, &backend, cpu_devices),
    }
}

fn block_on(command: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime
        .map_err(|error| format!("cannot start threads: {error}"))?
        .block_on(command)
}

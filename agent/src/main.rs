//! `loopin-agent`: the program that a miner runs next to its GPUs. All of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    match loopin_agent::command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use loopin_primitives::DeviceId;
use std::{net::SocketAddr, path::PathBuf, str::FromStr};

/// Answers the challenges of LooPIN's verifiers for the GPUs of this machine.
///
/// `loopin-agent doctor` says what is missing, `docs/miner.md` shows every step from a key to a registered device.
#[derive(Debug, Parser)]
#[command(name = "loopin-agent", version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the agent can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer verifiers until stopped.
    Run(RunOptions),
    /// Do a class's challenge on this machine and see how it would do. Needs no node and no key.
    Benchmark(BenchmarkOptions),
    /// Say what is missing for `run` with the same options, and what to do about it.
    Doctor(DoctorOptions),
    /// Make or show the agent's key.
    #[command(subcommand)]
    Key(KeyCommand),
}

/// Options of what computes.
#[derive(Clone, Debug, Args)]
pub struct BackendOptions {
    /// What computes the challenges.
    #[arg(long, value_enum, default_value_t = BackendKind::Cuda)]
    pub backend: BackendKind,

    /// Threads of each device of the cpu backend; 0 for one per core.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub threads: usize,
}

/// Kinds of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BackendKind {
    /// The processor: for development chains and pools of the class cpu-reference.
    Cpu,
    /// NVIDIA GPUs.
    Cuda,
}

impl BackendKind {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

/// Options of an agent.
#[derive(Clone, Debug, Args)]
pub struct AgentOptions {
    /// The WebSocket address of a node of the chain: the agent answers whom the chain assigns.
    #[arg(long, value_name = "URL", default_value = "ws://127.0.0.1:9944")]
    pub node: String,

    /// A device's number on the chain, and the GPU that it is: the GPU's number on this machine, from 0, as
    /// `nvidia-smi` shows it. Without it, GPUs are counted in the order of the devices. Give it once per device.
    #[arg(long = "device", value_name = "ID[=GPU]")]
    pub devices: Vec<DeviceOption>,

    /// The file with the agent's key, made by `loopin-agent key generate`.
    #[arg(long, value_name = "FILE", default_value = "agent.key")]
    pub key_file: PathBuf,

    /// What computes.
    #[command(flatten)]
    pub backend: BackendOptions,
}

/// Options of `run`.
#[derive(Clone, Debug, Args)]
pub struct RunOptions {
    /// What an agent needs.
    #[command(flatten)]
    pub agent: AgentOptions,

    /// Where to answer, as IP address and port. A reverse proxy for https belongs in front of it.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443")]
    pub listen: SocketAddr,

    /// The privacy that you offer to clients, from 0 to 100: 0 a process, 25 a container, 50 a virtual machine, 100
    /// confidential computing.
    #[arg(long, value_name = "0..100", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub privacy: u8,

    /// Answer everybody, without asking the chain and without checking signatures. For tests only: whoever reaches
    /// the agent can keep its GPUs busy.
    #[arg(long)]
    pub unsafe_answer_anyone: bool,

    /// What to log: error, warn, info, debug or trace, or filters such as `info,loopin_agent=debug`.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: String,
}

/// Options of `benchmark`.
#[derive(Clone, Debug, Args)]
pub struct BenchmarkOptions {
    /// What computes.
    #[command(flatten)]
    pub backend: BackendOptions,

    /// The GPU's number on this machine, from 0.
    #[arg(long, value_name = "GPU", default_value_t = 0)]
    pub gpu: u32,

    /// The class, as "RTX 4090". Without it: all whose challenge fits into the memory and would take less than
    /// --max-seconds.
    #[arg(long, value_name = "NAME")]
    pub class: Option<String>,

    /// Leave out classes whose challenge would take longer, in seconds, judged by the small one that is done first.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub max_seconds: u64,
}

/// Options of `doctor`.
#[derive(Clone, Debug, Args)]
pub struct DoctorOptions {
    /// What an agent needs.
    #[command(flatten)]
    pub agent: AgentOptions,

    /// Where verifiers are to call the agent, to be looked at before a device is registered, as
    /// `https://gpu-7.example.org:8443`. Endpoints that are registered are looked at in any case.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// What can be done with a key.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a new key in a new file that only you can read.
    Generate {
        /// Where to write it.
        #[arg(long, value_name = "FILE", default_value = "agent.key")]
        file: PathBuf,
    },
    /// Show the public key, and what to register each GPU of this machine with.
    Inspect {
        /// Where it is.
        #[arg(long, value_name = "FILE", default_value = "agent.key")]
        file: PathBuf,

        /// What computes.
        #[command(flatten)]
        backend: BackendOptions,

        /// Number of devices of the cpu backend to show.
        #[arg(long, value_name = "COUNT", default_value_t = 1)]
        cpu_devices: u32,
    },
}

/// A device on the chain, and which GPU it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceOption {
    /// Its number on the chain.
    pub id: DeviceId,
    /// The GPU's number on this machine.
    pub ordinal: Option<u32>,
}

impl FromStr for DeviceOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.parse()
                .map_err(|_| format!("`{text}` is not a number: write ID or ID=GPU, as 17=0"))
        };
        let (id, ordinal) = match text.split_once('=') {
            Some((id, ordinal)) => (id, Some(number(ordinal)?)),
            None => (text, None),
        };
        Ok(Self {
            id: number(id)?,
            ordinal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn devices_are_numbers_with_or_without_a_gpu() {
        let device = |id, ordinal| Ok(DeviceOption { id, ordinal });
        assert_eq!("17=3".parse(), device(17, Some(3)));
        assert_eq!("17".parse(), device(17, None));
        for text in ["", "=", "a", "1=", "1=b", "-1", "1=2=3"] {
            assert!(text.parse::<DeviceOption>().is_err(), "{text}");
        }
    }

    #[test]
    fn privacy_is_at_most_a_hundred() {
        assert!(Cli::try_parse_from(["loopin-agent", "run", "--privacy", "101"]).is_err());
        assert!(Cli::try_parse_from(["loopin-agent", "run", "--privacy", "100"]).is_ok());
    }
}

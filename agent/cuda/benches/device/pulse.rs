//! Pulses: alone, beside a program that fills the card with work and memory, and while that program is stopped.

use crate::{Failure, Setup, milliseconds, times};
use loopin_challenge::{Geometry, Profile};
use loopin_cuda::{CudaError, Prepared};
use serde_json::{Value, json};
use std::{
    env,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitCode, Stdio},
};

/// The argument with which this program is the load.
pub(crate) const LOAD: &str = "--load";
/// What the load says once it holds its memory and works.
const READY: &str = "loaded";
const ROUNDS: usize = 9;

pub(crate) fn pulse(setup: &Setup) -> Result<Value, Failure> {
    let device = setup.open()?;
    let geometry = setup.geometry(setup.class.pulse);
    // Reserved before the load comes, as before a client's program starts.
    let mut prepared = device.prepare(&geometry)?;
    let alone = measure(&mut prepared)?;
    let mut load = Load::start(setup)?;
    let beside = measure(&mut prepared)?;
    load.signal("STOP")?;
    let frozen = measure(&mut prepared)?;
    println!(
        "  pulse of {}: alone {alone:.1} ms, beside a load {beside:.1} ms, with the load stopped {frozen:.1} ms",
        setup.class.name
    );
    Ok(json!({
        "matrices": geometry.profile().matrices,
        "reserved_bytes": prepared.memory_bytes(),
        "alone_ms": alone,
        "beside_load_ms": beside,
        "load_stopped_ms": frozen,
        "limit_ms": setup.class.pulse.limits.fill_ms,
    }))
}

/// Fill, walk and openings; the median.
fn measure(prepared: &mut Prepared) -> Result<f64, CudaError> {
    let (median, _) = times(ROUNDS, |round| {
        prepared.fill(&[round; 32])?;
        prepared.walk(&[round + 1; 32])?;
        prepared.open(&[round + 2; 32]).map(drop)
    })?;
    Ok(milliseconds(median))
}

/// Another process that keeps the card busy. It ends with this.
struct Load(Child);

impl Load {
    fn start(setup: &Setup) -> Result<Self, Failure> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["--device", &setup.ordinal.to_string()]);
        if setup.is_rehearsal {
            command.arg("--rehearse");
        }
        let mut load = Self(
            command
                .arg(LOAD)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?,
        );
        let said = load.0.stdout.take().map(|said| BufReader::new(said).lines());
        let is_ready = said
            .into_iter()
            .flatten()
            .map_while(Result::ok)
            .any(|line| line == READY);
        is_ready
            .then_some(load)
            .ok_or_else(|| "the load did not start".into())
    }

    fn signal(&mut self, signal: &str) -> Result<(), Failure> {
        let arguments = [format!("-{signal}"), self.0.id().to_string()];
        let done = Command::new("kill").args(arguments).status()?;
        done.success()
            .then_some(())
            .ok_or_else(|| "the load cannot be stopped".into())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Is the load, until whoever started it ends.
pub(crate) fn load(setup: &Setup) -> ExitCode {
    // The other end of the pipe closes when the other process ends, however it does.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    match work(setup) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn work(setup: &Setup) -> Result<(), Failure> {
    let device = setup.open()?;
    let n: u32 = if setup.is_rehearsal { 128 } else { 8_192 };
    let most = if setup.is_rehearsal { 4 } else { u64::MAX };
    let matrices = (device.free_memory_bytes()? / 100 * 90 / u64::from(n).pow(2)).min(most) as u32;
    let geometry = Geometry::new(Profile {
        n,
        matrices,
        lanes: 8,
        entries: 3,
        ..setup.class.profile
    })?;
    let mut prepared = device.prepare_with(&geometry, false)?;
    prepared.time_steps(2, true)?;
    println!("{READY}");
    loop {
        prepared.fill(&[7; 32])?;
    }
}

//! What a GPU does in each step of the challenge, and in each part of the steps.
//!
//! ```text
//! cargo bench -p loopin-cuda -- --class "RTX 4090"          everything, on device 0
//! cargo bench -p loopin-cuda -- --class "RTX 4090" roots    one step: see STEPS
//! ```
//!
//! The class is named, as nothing tells an A100 from an H100 by its memory. `--device 1` takes another device, `--json FILE`
//! writes the figures there too, and `--rehearse` takes sizes that the emulator of the tests has time for.
//! `scripts/gpu-check.sh` runs step after step on a machine that has nothing but the driver.

mod challenge;
mod parts;
mod pulse;

use loopin_challenge::{
    Geometry, Profile,
    classes::{CLASSES, CPU_REFERENCE, Class, class},
};
use loopin_cuda::{CudaDevice, CudaError, KNOWN_ROOTS, KnownRoots, devices};
use serde_json::{Value, json};
use std::{
    env, fs,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Whatever ends a step.
type Failure = Box<dyn std::error::Error>;

/// What a step does: it gives what it found.
type Step = fn(&Setup) -> Result<Value, Failure>;

/// The steps, in their order.
const STEPS: [(&str, Step); 7] = [
    ("card", card),
    ("roots", challenge::roots),
    ("products", parts::products),
    ("walk", parts::walk),
    ("pulse", pulse::pulse),
    ("challenge", challenge::challenge),
    ("memory", challenge::memory),
];

/// What is measured, and how.
pub(crate) struct Setup {
    ordinal: u32,
    class: &'static Class,
    is_rehearsal: bool,
}

impl Setup {
    /// Opens the device.
    pub(crate) fn open(&self) -> Result<CudaDevice, CudaError> {
        if !self.is_rehearsal {
            return CudaDevice::open(self.ordinal);
        }
        let known_roots = self.known_roots().filter(|known| known.number == 0).collect();
        CudaDevice::open_checked_by(self.ordinal, known_roots)
    }

    /// The known roots that there is time for.
    pub(crate) fn known_roots(&self) -> impl Iterator<Item = KnownRoots> {
        let side = if self.is_rehearsal { 256 } else { u32::MAX };
        KNOWN_ROOTS.iter().filter(move |known| known.n <= side).copied()
    }

    /// What is measured of a profile.
    pub(crate) fn geometry(&self, profile: Profile) -> Geometry {
        let small = Profile {
            n: 128,
            matrices: 4,
            lanes: 128,
            entries: 5,
            ..profile
        };
        let profile = if self.is_rehearsal { small } else { profile };
        Geometry::new(profile).expect("profiles of known classes are usable")
    }
}

fn main() -> ExitCode {
    let mut setup = Setup {
        ordinal: 0,
        class: &CPU_REFERENCE,
        is_rehearsal: false,
    };
    let (mut json_file, mut wanted) = (None, Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), &mut arguments) {
            // Cargo passes it to every benchmark.
            ("--bench", _) => {}
            ("--rehearse", _) => setup.is_rehearsal = true,
            ("--device", rest) => match rest.next().and_then(|number| number.parse().ok()) {
                Some(ordinal) => setup.ordinal = ordinal,
                None => return refuse("--device takes the number of a device"),
            },
            ("--class", rest) => match rest.next().and_then(|name| class(&name)) {
                Some(class) => setup.class = class,
                None => {
                    let names: Vec<&str> = CLASSES.iter().map(|class| class.name).collect();
                    return refuse(&format!("--class takes one of: {}", names.join(", ")));
                }
            },
            ("--json", rest) => json_file = rest.next(),
            // What `pulse` starts beside itself.
            (pulse::LOAD, _) => return pulse::load(&setup),
            (step, _) => wanted.push(step.to_string()),
        }
    }
    let missing = match devices() {
        Err(error) => Some(error.to_string()),
        Ok(devices) => devices.is_empty().then(|| "the driver shows none".into()),
    };
    if let Some(missing) = missing {
        println!("no CUDA device: {missing}");
        // Whoever wants figures in a file counts on a device; `cargo bench` runs everywhere.
        return json_file.map_or(ExitCode::SUCCESS, |_| ExitCode::FAILURE);
    }
    if setup.class == &CPU_REFERENCE && !setup.is_rehearsal {
        return refuse("name the device's class: --class \"H100 SXM\"");
    }
    if let Some(unknown) = wanted
        .iter()
        .find(|wanted| STEPS.iter().all(|(name, _)| name != wanted))
    {
        let names = STEPS.map(|(name, _)| name).join(", ");
        return refuse(&format!("there is no step {unknown}: the steps are {names}"));
    }
    let mut results = serde_json::Map::new();
    let mut outcome = ExitCode::SUCCESS;
    for (name, step) in STEPS {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        println!("{name}");
        let result = step(&setup).unwrap_or_else(|error| {
            println!("  failed: {error}");
            outcome = ExitCode::FAILURE;
            json!({ "error": error.to_string() })
        });
        if result["wrong"].as_array().is_some_and(|wrong| !wrong.is_empty()) {
            outcome = ExitCode::FAILURE;
        }
        results.insert(name.into(), result);
        // What there is, is written: whatever comes next may end the process.
        if let Some(file) = &json_file
            && let Err(error) = fs::write(file, format!("{:#}\n", Value::Object(results.clone())))
        {
            return refuse(&format!("{file} cannot be written: {error}"));
        }
    }
    outcome
}

fn refuse(what: &str) -> ExitCode {
    eprintln!("{what}");
    ExitCode::FAILURE
}

/// What it is, how long it takes to open it, and whether cublasLt is there.
fn card(setup: &Setup) -> Result<Value, Failure> {
    let start = Instant::now();
    drop(setup.open()?);
    let first = start.elapsed();
    let start = Instant::now();
    let device = setup.open()?;
    let again = start.elapsed();
    let info = device.info();
    let library = device.library_missing().map(ToString::to_string);
    println!("  {info:?}");
    println!("  opened and checked in {first:.2?}, and again in {again:.2?}");
    println!("  cublasLt: {}", library.as_deref().unwrap_or("usable"));
    Ok(json!({
        "name": info.name,
        "compute_capability": [info.compute_capability.0, info.compute_capability.1],
        "memory_bytes": info.memory_bytes,
        "driver_cuda_version": info.driver_version,
        "multiprocessors": info.multiprocessors,
        "clock_khz": info.clock_khz,
        "peak_gops": info.peak_operations_per_second().map(|peak| peak / 1_000_000_000),
        "open_ms": milliseconds(first),
        "open_again_ms": milliseconds(again),
        "library_missing": library,
    }))
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// The median of a call's times, and the longest.
pub(crate) fn times(
    rounds: usize,
    mut call: impl FnMut(u8) -> Result<(), CudaError>,
) -> Result<(Duration, Duration), CudaError> {
    let mut times = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let start = Instant::now();
        call(round as u8)?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok((times[rounds / 2], times[rounds - 1]))
}

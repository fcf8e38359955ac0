//! Whole challenges: known roots, the class's own, and the memory that it takes.

use crate::{Failure, Setup, milliseconds, times};
use loopin_challenge::Seed;
use loopin_cuda::{CudaDevice, CudaError};
use serde_json::{Value, json};
use std::time::Instant;

const ROUNDS: usize = 5;

/// Challenges whose roots a processor computed, by each way to multiply. The device is opened without its own check, so
/// that one which computes wrongly is looked at as well.
pub(crate) fn roots(setup: &Setup) -> Result<Value, Failure> {
    let device = CudaDevice::open_checked_by(setup.ordinal, Vec::new())?;
    let (mut equal, mut wrong) = (0, Vec::new());
    for by_library in [false, true] {
        for known in setup.known_roots().filter(|known| !by_library || known.n >= 128) {
            let mut prepared = match device.prepare_with(&known.geometry(), by_library) {
                Err(CudaError::NoLibrary(why)) => {
                    println!("  without cublasLt: {why}");
                    break;
                }
                prepared => prepared?,
            };
            let found = (prepared.fill(&known.seed())?, prepared.walk(&known.walk_seed())?);
            if found == (known.state_root, known.walk_root) {
                equal += 1;
            } else {
                println!(
                    "  WRONG: n {}, seed {}, library {by_library}",
                    known.n, known.number
                );
                wrong.push(json!({ "n": known.n, "number": known.number, "library": by_library }));
            }
        }
    }
    println!("  {equal} equal, {} wrong", wrong.len());
    Ok(json!({ "equal": equal, "wrong": wrong }))
}

/// The full challenge of the class.
pub(crate) fn challenge(setup: &Setup) -> Result<Value, Failure> {
    let (device, class) = (setup.open()?, setup.class);
    let geometry = setup.geometry(class.profile);
    let start = Instant::now();
    let mut prepared = device.prepare(&geometry)?;
    let prepare = start.elapsed();
    let by_library = prepared.multiplies_by_library();
    let seed = |kind: u8, round: u8| -> Seed { [kind, round].repeat(16).try_into().unwrap_or([kind; 32]) };
    let fill = times(ROUNDS, |round| prepared.fill(&seed(1, round)).map(drop))?;
    let walk = times(ROUNDS, |round| prepared.walk(&seed(2, round)).map(drop))?;
    let open = times(ROUNDS, |round| prepared.open(&seed(3, round)).map(drop))?;
    let gops = geometry.operations() as f64 / fill.0.as_secs_f64() / 1e9;
    println!(
        "  {} by {}: prepared in {prepare:.2?}",
        class.name,
        multiplier(by_library)
    );
    println!("  fill {:.3?} (longest {:.3?}), {gops:.0} Gop/s", fill.0, fill.1);
    println!(
        "  walk {:.3?} (longest {:.3?}), open {:.3?} (longest {:.3?})",
        walk.0, walk.1, open.0, open.1
    );
    Ok(json!({
        "class": class.name,
        "basis": class.basis.name(),
        "multiplier": multiplier(by_library),
        "prepare_ms": milliseconds(prepare),
        "fill_ms": milliseconds(fill.0),
        "fill_longest_ms": milliseconds(fill.1),
        "walk_ms": milliseconds(walk.0),
        "walk_longest_ms": milliseconds(walk.1),
        "open_ms": milliseconds(open.0),
        "gops": gops.round(),
        "benchmark_gops": class.benchmark_gops,
        "class_fill_ms": class.fill_ms,
        "class_walk_ms": class.walk_ms,
        "limit_fill_ms": class.profile.limits.fill_ms,
        "limit_walk_ms": class.profile.limits.walk_ms,
    }))
}

fn multiplier(by_library: bool) -> &'static str {
    if by_library { "cublasLt" } else { "own kernel" }
}

/// What the class's challenge takes and gives back, and overwriting what is free.
pub(crate) fn memory(setup: &Setup) -> Result<Value, Failure> {
    let device = setup.open()?;
    let before = device.free_memory_bytes()?;
    let prepared = device.prepare(&setup.geometry(setup.class.profile))?;
    let (taken, during) = (prepared.memory_bytes(), device.free_memory_bytes()?);
    drop(prepared);
    let after = device.free_memory_bytes()?;
    let start = Instant::now();
    let overwritten = device.overwrite_free_memory()?;
    let overwriting = start.elapsed();
    println!("  free {before} bytes, {during} while prepared ({taken} asked for), {after} after");
    println!("  {overwritten} bytes overwritten in {overwriting:.3?}");
    Ok(json!({
        "total_bytes": device.info().memory_bytes,
        "free_before_bytes": before,
        "asked_for_bytes": taken,
        "free_prepared_bytes": during,
        "free_after_bytes": after,
        "overwritten_bytes": overwritten,
        "overwriting_ms": milliseconds(overwriting),
    }))
}

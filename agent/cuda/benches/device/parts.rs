//! The parts of a fill beside each other, and the walk by the size of the memory.

use crate::{Failure, Setup, milliseconds, times};
use loopin_challenge::{Geometry, Profile, profile::WALK_READS};
use loopin_cuda::{CudaError, Prepared};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long the device works before anything is measured.
const WARM_UP: Duration = Duration::from_secs(1);
/// Turns in which everything is measured once; the fastest of each counts.
const TURNS: u32 = 3;
/// Steps that one measurement is the mean of.
const STEPS: u32 = 8;

/// Times of one way to multiply.
#[derive(Clone, Copy)]
struct Times {
    bare: Duration,
    hashing: Duration,
    /// A product that leaves int32: cublasLt's own.
    plain: Option<Duration>,
}

/// Steps with and without hashing by the kernel and by cublasLt, beside cublasLt's plain product; hashing and the tree
/// alone. All at the sizes of the classes, in one run, in turns.
pub(crate) fn products(setup: &Setup) -> Result<Value, Failure> {
    let device = setup.open()?;
    let sides = if setup.is_rehearsal {
        [128, 256]
    } else {
        [8_192, 16_384]
    };
    let (steps, turns) = if setup.is_rehearsal {
        (2, 1)
    } else {
        (STEPS, TURNS)
    };
    let mut found = Vec::new();
    for n in sides {
        let geometry = Geometry::new(Profile {
            n,
            matrices: 4,
            lanes: 8,
            entries: 5,
            ..setup.class.profile
        })?;
        let mut ways = vec![("own kernel", device.prepare_with(&geometry, false)?)];
        if device.library_missing().is_none() {
            ways.push(("cublasLt", device.prepare_with(&geometry, true)?));
        }
        let began = Instant::now();
        while began.elapsed() < WARM_UP && !setup.is_rehearsal {
            ways.iter_mut()
                .try_for_each(|(_, prepared)| prepared.time_steps(steps, true).map(drop))?;
        }
        let mut best: Vec<Option<Times>> = vec![None; ways.len()];
        for _ in 0..turns {
            for ((_, prepared), best) in ways.iter_mut().zip(&mut best) {
                let now = measure(prepared, steps)?;
                *best = Some(best.map_or(now, |before| least(before, now)));
            }
        }
        let hashing = ways[0].1.time_hashing(steps)?;
        let tree = ways[0].1.time_tree()?;
        let operations = geometry.operations() as f64 / f64::from(geometry.profile().matrices);
        let gops = |time: Duration| (operations / time.as_secs_f64() / 1e9).round();
        let plain = best.iter().flatten().find_map(|times| times.plain);
        println!("  n {n}: hashing alone {hashing:.3?}, tree {tree:.3?}, plain cublasLt {plain:.3?}");
        for ((name, _), times) in ways.iter().zip(best.into_iter().flatten()) {
            // What hashing adds to a step, of what it takes alone.
            let added = times.hashing.saturating_sub(times.bare).as_secs_f64();
            let hidden = 100.0 * (1.0 - added / hashing.as_secs_f64()).max(0.0);
            let of_plain = plain.map(|plain| 100.0 * plain.as_secs_f64() / times.hashing.as_secs_f64());
            println!(
                "  n {n}, {name}: {:.3?}, with hashing {:.3?}: {} Gop/s, {hidden:.0} % of hashing hidden, {of_plain:.1?} % of plain",
                times.bare,
                times.hashing,
                gops(times.hashing)
            );
            found.push(json!({
                "n": n,
                "multiplier": name,
                "step_ms": milliseconds(times.bare),
                "step_with_hashing_ms": milliseconds(times.hashing),
                "gops": gops(times.hashing),
                "plain_cublaslt_ms": plain.map(milliseconds),
                "percent_of_plain": of_plain,
                "hashing_alone_ms": milliseconds(hashing),
                "percent_of_hashing_hidden": hidden,
                "tree_alone_ms": milliseconds(tree),
            }));
        }
    }
    Ok(Value::Array(found))
}

fn measure(prepared: &mut Prepared, steps: u32) -> Result<Times, CudaError> {
    Ok(Times {
        bare: prepared.time_steps(steps, false)?,
        hashing: prepared.time_steps(steps, true)?,
        plain: prepared
            .multiplies_by_library()
            .then(|| prepared.time_plain_products(steps))
            .transpose()?,
    })
}

fn least(one: Times, other: Times) -> Times {
    Times {
        bare: one.bare.min(other.bare),
        hashing: one.hashing.min(other.hashing),
        plain: one.plain.min(other.plain),
    }
}

/// The walk over an eighth of the memory up to most of it: addresses come from further apart, the more there is.
pub(crate) fn walk(setup: &Setup) -> Result<Value, Failure> {
    let device = setup.open()?;
    let n: u32 = if setup.is_rehearsal { 128 } else { 8_192 };
    let matrix_bytes = u64::from(n).pow(2);
    let free = if setup.is_rehearsal {
        16 * matrix_bytes
    } else {
        device.free_memory_bytes()?
    };
    let mut found = Vec::new();
    for percent in [12, 25, 50, 80] {
        let matrices = (free / 100 * percent / matrix_bytes).max(2) as u32;
        let chunk = n.min(1_024);
        let geometry = Geometry::new(Profile {
            n,
            matrices,
            lanes: matrices * (n / chunk) * n / 4,
            entries: 3,
            ..setup.class.profile
        })?;
        let mut prepared = device.prepare_with(&geometry, false)?;
        prepared.fill(&[1; 32])?;
        let (walk, longest) = times(3, |round| prepared.walk(&[round; 32]).map(drop))?;
        let read = f64::from(geometry.profile().lanes) * WALK_READS as f64 * geometry.chunk_len() as f64;
        let speed = (read / walk.as_secs_f64() / 1e9).round();
        let bytes = geometry.state_bytes();
        println!("  {bytes} bytes: {walk:.3?} (longest {longest:.3?}), {speed} GB/s");
        found.push(
            json!({ "state_bytes": bytes, "walk_ms": milliseconds(walk), "gigabytes_per_second": speed }),
        );
    }
    Ok(Value::Array(found))
}

//! `loopin-agent benchmark`: the challenge without a verifier.

use super::devices::open;
use crate::{
    backend::Backend,
    cli::{BackendKind, BenchmarkOptions},
};
use codec::Encode;
use loopin_challenge::{
    Claim, Geometry,
    classes::{self, Basis, CLASSES, CPU_REFERENCE, Class},
    verify,
};
use sp_core::sr25519;
use std::time::Instant;

/// The exponent of the work factor, and the shortfall that costs nothing: the chain's defaults.
const WORK_FACTOR: (f64, f64) = (7.324, 0.05);
/// What the network adds to every step on the verifier's clock, as the benchmark values assume, in milliseconds.
const NETWORK_MS: u64 = 100;
/// Each step's seed. What is measured does not depend on it.
const SEEDS: [[u8; 32]; 3] = [[1; 32], [2; 32], [3; 32]];

struct Measured {
    prepare_ms: u64,
    fill_ms: u64,
    walk_ms: u64,
    open_ms: u64,
    gops: u64,
}

pub fn run(options: &BenchmarkOptions) -> Result<(), String> {
    // Without a key of its own, any tells processors apart here.
    let device = open(&options.backend, &sr25519::Public::default(), options.gpu)?;
    println!("{}, {} MiB free", device.name(), device.free_memory() >> 20);
    if options.backend.backend == BackendKind::Cpu {
        println!(
            "A processor only ever fits the class cpu-reference; others show the arithmetic, not a purpose."
        );
    }
    println!(
        "\n{:15} {:>9} {:>11} {:>9} {:>9} {:>9} {:>9} {:>11} {:>9} {:>7}  result",
        "class", "memory", "prepare", "fill", "walk", "open", "work", "benchmark", "which is", "factor"
    );
    println!(
        "{:15} {:>9} {:>11} {:>9} {:>9} {:>9} {:>9} {:>11} {:>9} {:>7}",
        "", "MiB", "ms", "ms", "ms", "ms", "Gop/s", "Gop/s", "", ""
    );
    if let Some(name) = &options.class {
        let class = classes::class(name).ok_or_else(|| {
            let known: Vec<&str> = CLASSES.iter().map(|class| class.name).collect();
            format!(
                "there is no class `{name}`: the known ones are {}",
                known.join(", ")
            )
        })?;
        report(device.as_ref(), class)?;
        println!("{}", about(&[class]));
        return Ok(());
    }
    let reference = report(device.as_ref(), &CPU_REFERENCE)?;
    let mut fits = None;
    for class in CLASSES.iter().filter(|class| class.name != CPU_REFERENCE.name) {
        let geometry = geometry(class)?;
        let memory_mib = geometry.state_bytes() >> 20;
        let estimate_seconds = geometry.operations() / reference.gops.max(1) / 1_000_000_000;
        // The small challenge understates a GPU many times: only processors are judged by it.
        let is_too_long =
            options.backend.backend == BackendKind::Cpu && estimate_seconds > options.max_seconds;
        if geometry.state_bytes() > device.free_memory() {
            println!(
                "{:15} {memory_mib:>9}  left out: too little free memory",
                class.name
            );
        } else if is_too_long {
            println!(
                "{:15} {memory_mib:>9}  left out: about {estimate_seconds} s",
                class.name
            );
        } else if let Ok(measured) = report(device.as_ref(), class)
            && is_in_time(&measured, class)
            && measured.gops >= class.benchmark_gops
        {
            fits = Some(class.name);
        }
    }
    match fits {
        Some(name) => println!("\nThe largest class in the list that it fits in full: {name}"),
        None => println!("\nIt fits no class of GPU in full."),
    }
    println!("{}", about(&CLASSES.iter().collect::<Vec<_>>()));
    Ok(())
}

/// What is to be known of the benchmarks and limits of some classes.
fn about(classes: &[&Class]) -> String {
    let estimated = |class: &&&Class| class.basis == Basis::Estimated;
    let names: Vec<&str> = classes.iter().filter(estimated).map(|class| class.name).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "\nEstimated: nobody has measured a card of {}. Benchmarks and limits come from data sheets, and will change.",
        names.join(", ")
    )
}

/// Does the challenge of a class and prints a line about it.
fn report(device: &dyn Backend, class: &Class) -> Result<Measured, String> {
    let geometry = geometry(class)?;
    let memory_mib = geometry.state_bytes() >> 20;
    match measure(device, &geometry) {
        Ok(measured) => {
            let Measured {
                prepare_ms,
                fill_ms,
                walk_ms,
                open_ms,
                gops,
            } = measured;
            let result = if is_in_time(&measured, class) {
                "in time"
            } else {
                "too slow"
            };
            println!(
                "{:15} {memory_mib:>9} {prepare_ms:>11} {fill_ms:>9} {walk_ms:>9} {open_ms:>9} {gops:>9} {:>11} {:>9} {:>7.3}  {result}",
                class.name,
                class.benchmark_gops,
                class.basis.name(),
                work_factor(gops, class.benchmark_gops),
            );
            Ok(measured)
        }
        Err(error) => {
            println!("{:15} {memory_mib:>9}  {error}", class.name);
            Err(format!("the challenge of {} failed: {error}", class.name))
        }
    }
}

fn geometry(class: &Class) -> Result<Geometry, String> {
    Geometry::new(class.profile)
        .map_err(|error| format!("the profile of {} is unusable: {error}", class.name))
}

/// Does a challenge and checks it as a verifier does.
fn measure(device: &dyn Backend, geometry: &Geometry) -> Result<Measured, String> {
    let [seed, walk_seed, sample_seed] = SEEDS;
    let text = |error: crate::backend::BackendError| error.to_string();
    let (prover, prepare_ms) = timed(|| device.prepare(geometry));
    let mut prover = prover.map_err(text)?;
    let (state_root, fill_ms) = timed(|| prover.fill(&seed));
    let (walk_root, walk_ms) = timed(|| prover.walk(&walk_seed));
    let (openings, open_ms) = timed(|| prover.open(&sample_seed));
    let claim = Claim {
        seed,
        state_root: state_root.map_err(text)?,
        walk_seed,
        walk_root: walk_root.map_err(text)?,
    };
    let openings = openings.map_err(text)?.encode();
    verify(geometry, &claim, &sample_seed, &mut &openings[..])
        .map_err(|refusal| format!("the device computes wrongly: {refusal}"))?;
    Ok(Measured {
        prepare_ms,
        fill_ms,
        walk_ms,
        open_ms,
        gops: geometry.gops(fill_ms + NETWORK_MS),
    })
}

fn timed<T>(call: impl FnOnce() -> T) -> (T, u64) {
    let began = Instant::now();
    let outcome = call();
    (outcome, began.elapsed().as_millis() as u64)
}

fn is_in_time(measured: &Measured, class: &Class) -> bool {
    let limits = class.profile.limits;
    let is_within = |time_ms: u64, limit_ms: u32| time_ms + NETWORK_MS <= u64::from(limit_ms);
    is_within(measured.prepare_ms, limits.prepare_ms)
        && is_within(measured.fill_ms, limits.fill_ms)
        && is_within(measured.walk_ms, limits.walk_ms)
        && is_within(measured.open_ms, limits.open_ms)
}

/// About what the chain makes of the work in a pool of that benchmark. To be shown only: the chain's own
/// arithmetic is exact.
fn work_factor(gops: u64, benchmark_gops: u64) -> f64 {
    let (exponent, dead_band) = WORK_FACTOR;
    let shortfall = 1.0 - gops as f64 / benchmark_gops.max(1) as f64;
    if shortfall <= dead_band {
        1.0
    } else {
        (-exponent * shortfall).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::cpu::Cpu;

    #[test]
    fn the_factor_is_one_down_to_the_dead_band_and_falls_below() {
        assert_eq!(work_factor(200, 100), 1.0);
        assert_eq!(work_factor(96, 100), 1.0);
        assert!((work_factor(90, 100) - 0.481).abs() < 0.001);
        assert!(work_factor(0, 100) < 0.001);
    }

    #[test]
    fn estimated_classes_are_named_as_such() {
        let said = about(&CLASSES.iter().collect::<Vec<_>>());
        assert!(said.contains("RTX 3090") && said.contains("H200 SXM"), "{said}");
        assert!(!said.contains(CPU_REFERENCE.name), "{said}");
        assert_eq!(about(&[&CPU_REFERENCE]), "");
    }

    #[test]
    fn the_processor_passes_its_own_class() {
        let device = Cpu::new("CPU-test".into(), 2).unwrap();
        let measured = report(&device, &CPU_REFERENCE).unwrap();
        assert!(is_in_time(&measured, &CPU_REFERENCE));
    }
}

//! What a GPU does in each step of the challenge.
//!
//! ```text
//! cargo bench -p loopin-cuda                       every device, with the largest class that fits
//! cargo bench -p loopin-cuda -- "RTX 4090"         with that class
//! ```

use loopin_challenge::{
    Geometry, Seed,
    classes::{CLASSES, Class},
    profile::WALK_READS,
};
use loopin_cuda::{CudaDevice, CudaError, Prepared, devices};
use std::{
    env,
    time::{Duration, Instant},
};

const ROUNDS: usize = 5;

fn main() {
    let wanted = env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let listed = match devices() {
        Ok(listed) => listed,
        Err(error) => return println!("no CUDA device: {error}"),
    };
    if listed.is_empty() {
        println!("no CUDA device: the driver shows none");
    }
    for info in listed {
        println!("device {}: {info:?}", info.ordinal);
        if let Err(error) = measure_device(info.ordinal, wanted.as_deref()) {
            println!("  {error}");
        }
    }
}

fn measure_device(ordinal: u32, wanted: Option<&str>) -> Result<(), CudaError> {
    let start = Instant::now();
    let device = CudaDevice::open(ordinal)?;
    println!("  opened and checked in {:.2?}", start.elapsed());
    if let Some(missing) = device.library_missing() {
        println!("  cublasLt: {missing}");
    }
    let mut classes: Vec<&Class> = CLASSES
        .iter()
        .filter(|class| wanted.is_none_or(|wanted| wanted == class.name))
        .collect();
    classes.sort_by_key(|class| {
        let profile = class.profile;
        std::cmp::Reverse(u64::from(profile.n).pow(2) * u64::from(profile.matrices))
    });
    for class in classes {
        let geometry = Geometry::new(class.profile).expect("known classes are usable");
        let start = Instant::now();
        match device.prepare(&geometry) {
            Ok(prepared) => {
                println!("  {}: prepared in {:.2?}", class.name, start.elapsed());
                return measure_class(&device, class, prepared);
            }
            Err(CudaError::Memory { .. }) if wanted.is_none() => {}
            Err(error) => return Err(error),
        }
    }
    println!("  there is no such class");
    Ok(())
}

/// The median of a call's times, and the longest.
fn times(mut call: impl FnMut(u8) -> Result<(), CudaError>) -> Result<(Duration, Duration), CudaError> {
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let start = Instant::now();
        call(round as u8)?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok((times[ROUNDS / 2], times[ROUNDS - 1]))
}

fn measure_class(device: &CudaDevice, class: &Class, mut prepared: Prepared) -> Result<(), CudaError> {
    let geometry = *prepared.geometry();
    let (peak, total) = (
        device.info().peak_operations_per_second(),
        device.info().memory_bytes,
    );
    let taken = prepared.memory_bytes();
    let share = 100.0 * taken as f64 / total as f64;
    println!("  memory taken: {taken} bytes, {share:.1} % of the device's");

    let operations = geometry.operations() as f64;
    let of_peak = |speed: f64| match peak {
        Some(peak) => format!("{:.1} % of the int8 peak", 100.0 * speed / peak as f64),
        None => "peak unknown".into(),
    };
    let product_operations = operations / f64::from(geometry.profile().matrices);
    let speed = |time: Duration| product_operations / time.as_secs_f64();
    let product = prepared.product_times();
    let fused = speed(product.fused);
    println!(
        "  product and mask, own kernel: {:.2?}, {:.0} Gop/s, {}",
        product.fused,
        fused / 1e9,
        of_peak(fused)
    );
    if let Some(library) = product.library {
        let speed = speed(library);
        println!(
            "  product by cublasLt and mask: {library:.2?}, {:.0} Gop/s, {}; own kernel at {:.1} % of it",
            speed / 1e9,
            of_peak(speed),
            100.0 * fused / speed
        );
    }

    let seed = |kind: u8, round: u8| -> Seed {
        let mut seed = [kind; 32];
        seed[31] = round;
        seed
    };
    let (fill, longest) = times(|round| prepared.fill(&seed(1, round)).map(drop))?;
    println!(
        "  fill: {fill:.3?} (longest {longest:.3?}), {} Gop/s, {}; estimate {} ms, limit {} ms",
        geometry.gops(fill.as_millis() as u64),
        of_peak(operations / fill.as_secs_f64()),
        class.fill_ms,
        class.profile.limits.fill_ms
    );

    let read = f64::from(geometry.profile().lanes) * WALK_READS as f64 * geometry.chunk_len() as f64;
    let (walk, longest) = times(|round| prepared.walk(&seed(2, round)).map(drop))?;
    println!(
        "  walk: {walk:.3?} (longest {longest:.3?}), {:.0} GB/s; estimate {} ms, limit {} ms",
        read / walk.as_secs_f64() / 1e9,
        class.walk_ms,
        class.profile.limits.walk_ms
    );

    let (open, longest) = times(|round| prepared.open(&seed(3, round)).map(drop))?;
    println!(
        "  open: {open:.3?} (longest {longest:.3?}); limit {} ms",
        class.profile.limits.open_ms
    );
    Ok(())
}

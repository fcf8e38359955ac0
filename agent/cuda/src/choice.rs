//! Which way to multiply is faster on a device, at a profile's size.
//!
//! Both ways are measured as a fill uses them, with the rows hashed meanwhile; after the clocks have risen; and in
//! turns, so that whatever else slows the device down meets both.

use crate::{
    CudaError,
    engine::{Engine, Product},
    machine::Machine,
};
use loopin_challenge::{Seed, profile::FIRST_MATRIX};
use std::time::{Duration, Instant};

const SEED: Seed = [1; 32];
/// How long the device works before anything is measured: clocks rise within some tenths of a second.
const WARM_UP: Duration = Duration::from_millis(300);
/// Turns that are measured, of which the fastest counts.
const TURNS: u32 = 3;
/// How long they may take in all, but for the first.
const MEASURING: Duration = Duration::from_secs(2);
/// Steps of a turn that is measured: what hashing takes longer than the last product weighs little.
const STEPS: u32 = 4;
/// Steps of a turn that only warms the device up.
const WARM_UP_STEPS: u32 = 1;

/// How long one step took while preparing, at the profile's size: product, mask and hashing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductTimes {
    /// With the kernel of this crate.
    pub fused: Duration,
    /// With cublasLt; `None` where it was not tried, or failed.
    pub library: Option<Duration>,
}

impl ProductTimes {
    /// Whether cublasLt was faster, and multiplies.
    pub fn library_is_faster(&self) -> bool {
        self.library.is_some_and(|library| library < self.fused)
    }
}

/// Measures the kernel, and the library if there is one, and leaves the faster of them in the engine.
pub(crate) fn choose_product<M: Machine>(
    engine: &mut Engine<M>,
    library: Option<Product<M>>,
) -> Result<ProductTimes, CudaError> {
    engine.set_product(Product::Fused);
    engine.start(&SEED)?;
    let Some(mut other) = library else {
        time_steps(engine, WARM_UP_STEPS, true)?;
        let fused = time_steps(engine, STEPS, true)?;
        return Ok(ProductTimes { fused, library: None });
    };
    // The kernel is in the engine at the beginning and at the end of every turn.
    let mut turn = |engine: &mut Engine<M>, steps| -> Result<_, CudaError> {
        let fused = time_steps(engine, steps, true)?;
        other = engine.set_product(take(&mut other));
        let library = time_steps(engine, steps, true);
        other = engine.set_product(Product::Fused);
        Ok((fused, library))
    };
    let began = Instant::now();
    let (_, mut library) = turn(engine, WARM_UP_STEPS)?;
    while began.elapsed() < WARM_UP && library.is_ok() {
        (_, library) = turn(engine, WARM_UP_STEPS)?;
    }
    let began = Instant::now();
    let (mut fused, first) = turn(engine, STEPS)?;
    library = library.and(first);
    for _ in 1..TURNS {
        if began.elapsed() > MEASURING || library.is_err() {
            break;
        }
        let (fused_now, library_now) = turn(engine, STEPS)?;
        fused = fused.min(fused_now);
        library = library.and_then(|before| library_now.map(|now| before.min(now)));
    }
    let library = match library {
        Ok(time) => Some(time),
        // A library that fails here does not multiply. What is wrong with the device shows in the next step.
        Err(CudaError::Library { .. }) => None,
        Err(error) => return Err(error),
    };
    let times = ProductTimes { fused, library };
    if times.library_is_faster() {
        engine.set_product(other);
    }
    Ok(times)
}

fn take<M: Machine>(product: &mut Product<M>) -> Product<M> {
    std::mem::replace(product, Product::Fused)
}

/// How long a step takes with the engine's way to multiply, on average over some.
pub(crate) fn time_steps<M: Machine>(
    engine: &Engine<M>,
    steps: u32,
    hashing: bool,
) -> Result<Duration, CudaError> {
    engine.machine().wait()?;
    let start = Instant::now();
    for step in 0..steps {
        // There are two matrices at least, and the two before them lie elsewhere.
        let matrix = FIRST_MATRIX + step % 2;
        engine.step(matrix)?;
        if hashing {
            engine.hash_rows(matrix)?;
        }
    }
    engine.machine().join()?;
    engine.machine().wait()?;
    Ok(start.elapsed() / steps)
}

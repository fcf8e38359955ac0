//! What a device must do before it is trusted: a small challenge with the CPU's results, by each way to multiply,
//! and a measurement of which is faster.

use crate::{
    CudaError,
    engine::{Engine, Product},
    machine::Machine,
};
use loopin_challenge::{
    Geometry, Profile, Seed, classes::CPU_REFERENCE, profile::FIRST_MATRIX, prover::State,
};
use std::time::{Duration, Instant};

const SEED: Seed = [1; 32];
const WALK_SEED: Seed = [2; 32];
const SAMPLE_SEED: Seed = [3; 32];
/// Products timed, after one that is not.
const TIMED_PRODUCTS: u32 = 3;

/// The small challenge: several tiles, several chunks' worth of rows, all kernels. The CPU needs some 0.1
/// seconds for it.
const PROFILE: Profile = Profile {
    n: 256,
    matrices: 5,
    lanes: 320,
    entries: 6,
    opened_lanes: 4,
    ..CPU_REFERENCE.profile
};

/// The small challenge with the CPU's results.
pub(crate) struct Check {
    geometry: Geometry,
    state: State,
}

impl Check {
    /// Computes it on the CPU.
    pub(crate) fn new() -> Self {
        let geometry = Geometry::new(PROFILE).expect("every field of the constant is in its range; qed");
        Self {
            state: State::fill(&geometry, &SEED),
            geometry,
        }
    }

    /// Side of the small challenge's matrices.
    pub(crate) fn n(&self) -> u32 {
        self.geometry.n()
    }

    /// Compares a machine with the CPU: both roots and the openings.
    pub(crate) fn compare<M: Machine>(&self, machine: M, product: Product<M>) -> Result<(), CudaError> {
        let mut engine = Engine::new(machine, &self.geometry)?;
        engine.set_product(product);
        let same = |same: bool, what| same.then_some(()).ok_or(CudaError::WrongResult(what));
        let walk = self.state.walk(&WALK_SEED);
        same(engine.fill(&SEED)? == self.state.root(), "state")?;
        same(engine.walk(&WALK_SEED)? == walk.claim().walk_root, "walk")?;
        same(engine.open(&SAMPLE_SEED)? == walk.open(&SAMPLE_SEED), "openings")
    }
}

/// How long the engine takes for one product at its profile's size, with its way to multiply.
pub(crate) fn time_product<M: Machine>(engine: &mut Engine<M>) -> Result<Duration, CudaError> {
    engine.start(&SEED)?;
    engine.step(FIRST_MATRIX)?;
    engine.machine().wait()?;
    let start = Instant::now();
    for _ in 0..TIMED_PRODUCTS {
        engine.step(FIRST_MATRIX)?;
    }
    engine.machine().wait()?;
    Ok(start.elapsed() / TIMED_PRODUCTS)
}

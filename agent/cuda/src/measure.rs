//! The parts of a fill alone, for whoever measures a device: the challenge itself needs none of this.

use crate::{CudaError, Prepared, choice::time_steps, machine::Machine};
use loopin_challenge::{Seed, profile::FIRST_MATRIX};
use std::time::{Duration, Instant};

const SEED: Seed = [1; 32];

/// Each of these overwrites the state, so that a walk needs another fill.
impl Prepared {
    /// How long a step takes, on average over some of them: product and mask, and hashing meanwhile if wanted.
    ///
    /// # Errors
    /// The driver or the library refused something.
    pub fn time_steps(&mut self, steps: u32, hashing: bool) -> Result<Duration, CudaError> {
        self.engine.start(&SEED)?;
        time_steps(&self.engine, steps, hashing)
    }

    /// How long a product takes that only multiplies and leaves int32, where cublasLt multiplies; on average over some.
    ///
    /// # Errors
    /// The driver or the library refused something.
    pub fn time_plain_products(&mut self, products: u32) -> Result<Duration, CudaError> {
        self.engine.start(&SEED)?;
        self.engine.machine().wait()?;
        let start = Instant::now();
        for _ in 0..products {
            self.engine.multiply_plainly(FIRST_MATRIX)?;
        }
        self.engine.machine().wait()?;
        Ok(start.elapsed() / products)
    }

    /// How long hashing the rows of a matrix takes while nothing else runs, on average over some.
    ///
    /// # Errors
    /// The driver refused something.
    pub fn time_hashing(&mut self, matrices: u32) -> Result<Duration, CudaError> {
        self.engine.start(&SEED)?;
        self.engine.machine().wait()?;
        let start = Instant::now();
        for _ in 0..matrices {
            self.engine.hash_rows(FIRST_MATRIX)?;
        }
        self.engine.machine().join()?;
        self.engine.machine().wait()?;
        Ok(start.elapsed() / matrices)
    }

    /// How long the tree above all rows takes.
    ///
    /// # Errors
    /// The driver refused something.
    pub fn time_tree(&mut self) -> Result<Duration, CudaError> {
        let start = Instant::now();
        self.engine.build_tree()?;
        Ok(start.elapsed())
    }
}

//! The backend for the processor: all cores, blocked and vectorised. It is for development, for tests and for
//! pools whose class is `cpu-reference`; no processor keeps up with a GPU.

pub mod kernel;
mod state;

pub use state::State;

use crate::backend::{Backend, BackendError, Prover};
use loopin_challenge::{Geometry, Hash, Openings, Seed};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{fs, sync::Arc};

/// The processor as a device.
pub struct Cpu {
    uuid: String,
    pool: Arc<ThreadPool>,
}

impl Cpu {
    /// The processor with that many threads. `uuid` tells it from other devices.
    ///
    /// # Errors
    /// The system cannot start the threads.
    pub fn new(uuid: String, threads: usize) -> Result<Self, BackendError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("cpu-{number}"))
            .build()
            .map_err(|error| BackendError::Device(format!("cannot start threads: {error}")))?;
        Ok(Self {
            uuid,
            pool: Arc::new(pool),
        })
    }
}

impl Backend for Cpu {
    fn name(&self) -> String {
        let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = model
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map_or("processor", |rest| rest.trim_start_matches(['\t', ' ', ':']));
        format!("{model}, {} threads", self.pool.current_num_threads())
    }

    fn uuid(&self) -> String {
        self.uuid.clone()
    }

    fn free_memory(&self) -> u64 {
        free_memory()
    }

    fn prepare(&self, geometry: &Geometry) -> Result<Box<dyn Prover>, BackendError> {
        let state = State::reserve(geometry, Arc::clone(&self.pool))?;
        Ok(Box::new(CpuProver { state }))
    }

    /// The system clears the machine's memory before it gives any of it to another program.
    fn overwrite_free_memory(&self) -> Result<u64, BackendError> {
        Ok(0)
    }
}

struct CpuProver {
    state: State,
}

impl Prover for CpuProver {
    fn fill(&mut self, seed: &Seed) -> Result<Hash, BackendError> {
        Ok(self.state.fill(seed))
    }

    fn walk(&mut self, seed: &Seed) -> Result<Hash, BackendError> {
        self.state.walk(seed)
    }

    fn open(&mut self, sample_seed: &Seed) -> Result<Openings, BackendError> {
        self.state.open(sample_seed)
    }
}

/// Memory of the machine that programs can still have, in bytes. Where the system does not tell, all that an
/// address can reach.
fn free_memory() -> u64 {
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|kibibytes| kibibytes.trim().parse::<u64>().ok())
        .map_or(isize::MAX as u64, |kibibytes| kibibytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;
    use loopin_challenge::classes::{CPU_REFERENCE, class};

    fn geometry(profile: loopin_challenge::Profile) -> Geometry {
        Geometry::new(profile).unwrap()
    }

    #[test]
    fn a_pulse_is_reserved_and_done_again_and_again() {
        let processor = Cpu::new("CPU-test".into(), 1).unwrap();
        let pulse = geometry(CPU_REFERENCE.pulse);
        let mut reserved = processor.reserve(&pulse).unwrap();
        for round in 0..3 {
            let state = loopin_challenge::prover::State::fill(&pulse, &[round; 32]);
            let walk = state.walk(&[round + 10; 32]);
            assert_eq!(reserved.fill(&[round; 32]), Ok(state.root()));
            assert_eq!(reserved.walk(&[round + 10; 32]), Ok(walk.claim().walk_root));
            assert!(reserved.open(&[round + 20; 32]) == Ok(walk.open(&[round + 20; 32])));
        }
    }

    #[test]
    fn a_full_challenge_cannot_be_reserved_as_a_pulse() {
        let processor = Cpu::new("CPU-test".into(), 1).unwrap();
        let full = geometry(class("RTX 3090").unwrap().profile);
        let refused = processor.reserve(&full).err();
        assert!(
            matches!(refused, Some(BackendError::NoPulse { .. })),
            "{refused:?}"
        );
    }

    #[test]
    fn the_system_overwrites_the_processors_memory_by_itself() {
        let processor = Cpu::new("CPU-test".into(), 1).unwrap();
        assert_eq!(processor.overwrite_free_memory(), Ok(0));
    }
}

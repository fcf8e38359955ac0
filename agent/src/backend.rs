//! What computes the challenges: a trait for a device, and one for the challenge that it holds.
//!
//! A backend knows nothing of the chain, of signatures or of HTTP. Whatever it computes must be what the plain
//! prover of `loopin-challenge` computes, bit for bit.

pub mod cpu;
pub mod cuda;

use loopin_challenge::{Geometry, Hash, Openings, Seed, classes::MAX_PULSE_BYTES};

/// A device that can take challenges, one at a time.
pub trait Backend: Send + 'static {
    /// The model's name, as `NVIDIA GeForce RTX 4090`.
    fn name(&self) -> String;

    /// What identifies the device among all others: a GPU's UUID.
    fn uuid(&self) -> String;

    /// Memory that a challenge could take now, in bytes.
    fn free_memory(&self) -> u64;

    /// Takes the memory of a challenge, and makes everything ready for it. Dropping the prover frees it.
    ///
    /// # Errors
    /// The memory is not there, or the device does not work.
    fn prepare(&self, geometry: &Geometry) -> Result<Box<dyn Prover>, BackendError>;

    /// Takes the memory of the pulses that a device is asked for while somebody rents it, before the client's program
    /// starts. Whoever keeps the prover can fill, walk and open in every round of the rental, however full the client makes
    /// the device: nothing more is taken of its memory. Dropping the prover frees it.
    ///
    /// # Errors
    /// The challenge is larger than a pulse may be, the memory is not there, or the device does not work.
    fn reserve(&self, geometry: &Geometry) -> Result<Box<dyn Prover>, BackendError> {
        match geometry.bytes_with_operands() {
            ..=MAX_PULSE_BYTES => self.prepare(geometry),
            bytes => Err(BackendError::NoPulse { bytes }),
        }
    }

    /// Overwrites all memory of the device that nobody holds, so that nothing of a client is left in it for the next, and
    /// waits until that is done. Returns how many bytes that were. The client's programs must have ended: what they hold
    /// is not overwritten. Where the system clears memory before it gives it to another program, that is none.
    ///
    /// # Errors
    /// The device does not work: what the client left must be taken to be there still.
    fn overwrite_free_memory(&self) -> Result<u64, BackendError>;

    /// Opens the device again after a failure that it does not recover from by itself, [`BackendError::Lost`]. All of its
    /// provers must have been dropped.
    ///
    /// # Errors
    /// It does not work any more, as far as this process can see.
    fn reopen(&mut self) -> Result<(), BackendError> {
        Ok(())
    }
}

/// A challenge that a device is prepared for. It is created, used and dropped on one thread, that of its device:
/// it may be bound to it.
pub trait Prover {
    /// Computes the state that follows from a seed. Returns its root.
    ///
    /// # Errors
    /// The device does not work.
    fn fill(&mut self, seed: &Seed) -> Result<Hash, BackendError>;

    /// Walks the state. Returns the walk's root.
    ///
    /// # Errors
    /// The device does not work, or it has no state.
    fn walk(&mut self, seed: &Seed) -> Result<Hash, BackendError>;

    /// Opens what the seed of a sample asks for.
    ///
    /// # Errors
    /// The device does not work, or it has not walked.
    fn open(&mut self, sample_seed: &Seed) -> Result<Openings, BackendError>;
}

/// Why a device cannot do what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// There is too little free memory.
    #[error(
        "the challenge takes {needed} bytes of memory and {free} are free: stop what else uses the device"
    )]
    Memory {
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// The challenge is no pulse.
    #[error(
        "the challenge takes {bytes} bytes with its operands, where a pulse takes {MAX_PULSE_BYTES} at most"
    )]
    NoPulse {
        /// Bytes that it takes.
        bytes: u64,
    },
    /// The steps came in the wrong order.
    #[error("the device was asked for a step before the one that it builds on")]
    Order,
    /// The device or its driver reported an error.
    #[error("the device failed: {0}")]
    Device(String),
    /// The device failed, and refuses everything until it is opened again.
    #[error("the device failed and has to be opened again: {0}")]
    Lost(String),
}

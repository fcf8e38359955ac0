//! The backend for NVIDIA GPUs: the crate `loopin-cuda`, behind the agent's traits.

use crate::backend::{Backend, BackendError, Prover};
use loopin_challenge::{Geometry, Hash, Openings, Seed};
use loopin_cuda::{CudaDevice, CudaError, Prepared};

/// A GPU of this machine.
pub struct Cuda {
    device: CudaDevice,
}

impl Cuda {
    /// The GPU with that number. The first time on a machine this takes some seconds, as the driver compiles the kernels.
    ///
    /// # Errors
    /// There is no driver or no such GPU, it is too old, or it computes wrongly.
    pub fn open(ordinal: u32) -> Result<Self, CudaError> {
        Ok(Self {
            device: CudaDevice::open(ordinal)?,
        })
    }
}

/// How many GPUs the driver shows.
///
/// # Errors
/// There is no driver, or it is too old.
pub fn count() -> Result<u32, CudaError> {
    let devices = loopin_cuda::devices()?;
    Ok(u32::try_from(devices.len()).unwrap_or(u32::MAX))
}

impl Backend for Cuda {
    fn name(&self) -> String {
        self.device.info().name.clone()
    }

    fn uuid(&self) -> String {
        uuid_text(&self.device.info().uuid)
    }

    fn free_memory(&self) -> u64 {
        // Without an answer there is nothing to count on.
        self.device.free_memory_bytes().unwrap_or_default()
    }

    fn prepare(&self, geometry: &Geometry) -> Result<Box<dyn Prover>, BackendError> {
        let prepared = self.device.prepare(geometry)?;
        Ok(Box::new(CudaProver { prepared }))
    }
}

/// As `nvidia-smi -L` shows it.
fn uuid_text(uuid: &[u8; 16]) -> String {
    let mut text = String::from("GPU");
    for (index, byte) in uuid.iter().enumerate() {
        if matches!(index, 0 | 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

struct CudaProver {
    prepared: Prepared,
}

impl Prover for CudaProver {
    fn fill(&mut self, seed: &Seed) -> Result<Hash, BackendError> {
        Ok(self.prepared.fill(seed)?)
    }

    fn walk(&mut self, seed: &Seed) -> Result<Hash, BackendError> {
        Ok(self.prepared.walk(seed)?)
    }

    fn open(&mut self, sample_seed: &Seed) -> Result<Openings, BackendError> {
        Ok(self.prepared.open(sample_seed)?)
    }
}

impl From<CudaError> for BackendError {
    fn from(error: CudaError) -> Self {
        match error {
            CudaError::Memory { required, available } => Self::Memory {
                needed: required,
                free: available,
            },
            CudaError::Order(_) => Self::Order,
            error => Self::Device(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_written_as_nvidia_smi_does() {
        let uuid = core::array::from_fn(|index| 16 * (index as u8 % 16) + 1);
        assert_eq!(uuid_text(&uuid), "GPU-01112131-4151-6171-8191-a1b1c1d1e1f1");
    }

    #[test]
    fn without_a_driver_the_error_says_what_to_install() {
        match count() {
            Ok(count) => println!("{count} GPUs are here"),
            Err(error) => assert!(error.to_string().contains("driver"), "{error}"),
        }
    }
}

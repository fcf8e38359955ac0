//! The backend for NVIDIA GPUs: the crate `loopin-cuda`, behind the agent's traits.

use crate::backend::{Backend, BackendError, Prover};
use loopin_challenge::{Geometry, Hash, Openings, Seed};
use loopin_cuda::{CudaDevice, CudaDeviceInfo, CudaError, Prepared};

/// A GPU of this machine, or a slice of one.
pub struct Cuda {
    info: CudaDeviceInfo,
    /// None once it could not be opened again.
    device: Option<CudaDevice>,
}

impl Cuda {
    /// The GPU with that number. The first time on a machine this takes some seconds, as the driver compiles the kernels.
    ///
    /// # Errors
    /// There is no driver or no such GPU, it is too old, or it computes wrongly.
    pub fn open(ordinal: u32) -> Result<Self, CudaError> {
        let device = CudaDevice::open(ordinal)?;
        Ok(Self {
            info: device.info().clone(),
            device: Some(device),
        })
    }

    fn device(&self) -> Result<&CudaDevice, BackendError> {
        let lost = || BackendError::Lost("it could not be opened again after a failure".into());
        self.device.as_ref().ok_or_else(lost)
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
        self.info.name.clone()
    }

    fn uuid(&self) -> String {
        uuid_text(&self.info.uuid, self.info.is_slice)
    }

    fn free_memory(&self) -> u64 {
        // Without an answer there is nothing to count on.
        let device = self.device.as_ref();
        device
            .and_then(|device| device.free_memory_bytes().ok())
            .unwrap_or_default()
    }

    fn prepare(&self, geometry: &Geometry) -> Result<Box<dyn Prover>, BackendError> {
        let prepared = self.device()?.prepare(geometry)?;
        Ok(Box::new(CudaProver { prepared }))
    }

    fn overwrite_free_memory(&self) -> Result<u64, BackendError> {
        Ok(self.device()?.overwrite_free_memory()?)
    }

    fn reopen(&mut self) -> Result<(), BackendError> {
        // Its context goes with what was opened.
        self.device = None;
        self.device = Some(CudaDevice::reopen(&self.info)?);
        Ok(())
    }
}

/// As `nvidia-smi -L` shows it. Slices of a card (MIG) have UUIDs of their own.
fn uuid_text(uuid: &[u8; 16], is_slice: bool) -> String {
    let mut text = String::from(if is_slice { "MIG" } else { "GPU" });
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
            error if error.is_lost() => Self::Lost(error.to_string()),
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
        assert_eq!(
            uuid_text(&uuid, false),
            "GPU-01112131-4151-6171-8191-a1b1c1d1e1f1"
        );
        assert_eq!(uuid_text(&uuid, true), "MIG-01112131-4151-6171-8191-a1b1c1d1e1f1");
    }

    #[test]
    fn without_a_driver_the_error_says_what_to_install() {
        match count() {
            Ok(count) => println!("{count} GPUs are here"),
            Err(error) => assert!(error.to_string().contains("driver"), "{error}"),
        }
    }
}

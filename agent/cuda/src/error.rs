//! What can go wrong, and what the operator can do about it.

use crate::{CudaDeviceInfo, LibraryStatus};
use cudarc::driver::{DriverError, sys::CUresult};

/// Oldest version of CUDA that the driver must offer, as it counts them: 1000 for the first number, 10 for the
/// second. The kernels' PTX is of that version.
pub const DRIVER_VERSION: i32 = 12_000;

/// Oldest compute capability with what the kernels use: int8 tensor cores of Ampere, and asynchronous copies.
pub const COMPUTE_CAPABILITY: (i32, i32) = (8, 0);

/// Why a device could not do something.
#[derive(Debug, thiserror::Error)]
pub enum CudaError {
    /// There is no driver.
    #[error(
        "no NVIDIA driver: libcuda.so cannot be loaded; install the driver, version 525 or newer, and in a \
         container start it with the NVIDIA runtime"
    )]
    NoDriver,
    /// The driver is older than the kernels.
    #[error(
        "the NVIDIA driver offers CUDA {major}.{minor}, where 12.0 is needed; install driver 525 or newer",
        major = .0 / 1_000, minor = .0 % 1_000 / 10
    )]
    OldDriver(i32),
    /// The driver is there, and the device is not.
    #[error(
        "no CUDA device {ordinal}: the driver shows {count}; see `nvidia-smi -L` and CUDA_VISIBLE_DEVICES"
    )]
    NoDevice {
        /// The number asked for.
        ordinal: u32,
        /// How many devices there are.
        count: u32,
    },
    /// The device is older than the kernels.
    #[error(
        "{} has compute capability {}.{}, where {}.{} is needed: Ampere or newer",
        .0.name, .0.compute_capability.0, .0.compute_capability.1, COMPUTE_CAPABILITY.0, COMPUTE_CAPABILITY.1
    )]
    OldDevice(Box<CudaDeviceInfo>),
    /// The profile does not fit into the device.
    #[error(
        "the profile needs {required} bytes of GPU memory, and {available} are free; end other programs on the \
         GPU (see `nvidia-smi`), or choose a pool whose class this device is"
    )]
    Memory {
        /// Bytes needed for state, trees and keys.
        required: u64,
        /// Bytes free now.
        available: u64,
    },
    /// A kernel cannot be launched that wide: no profile that fits a device asks for it.
    #[error("{blocks} blocks are more than a device can be asked for at once: the profile is too large")]
    Blocks {
        /// Blocks needed.
        blocks: u64,
    },
    /// The device computed something else than a processor.
    #[error(
        "the device's {0} differs from the known one: the device must not answer challenges; check the card's \
         memory and clocks, and report driver and card if it persists"
    )]
    WrongResult(&'static str),
    /// The steps of a challenge were asked for in a wrong order.
    #[error("{0}")]
    Order(&'static str),
    /// The driver refused something.
    #[error("{doing}: {source}")]
    Driver {
        /// What was tried.
        doing: &'static str,
        /// The driver's answer.
        source: DriverError,
    },
    /// Another device has the number of the one that was open.
    #[error(
        "device {0} is another one than before: its number has moved; see `nvidia-smi -L`, and start the program again"
    )]
    Exchanged(u32),
    /// There is no cublasLt.
    #[error(
        "no libcublasLt of CUDA 13, 12 or 11 can be used ({0}); it is optional: where it is there (package \
         libcublas, or PyPI's nvidia-cublas with its folder in LD_LIBRARY_PATH), it is used if it is faster"
    )]
    NoLibrary(String),
    /// cublasLt refused something.
    #[error("{doing}: {source}")]
    Library {
        /// What was tried.
        doing: &'static str,
        /// The library's answer.
        source: LibraryStatus,
    },
}

impl CudaError {
    /// Whether the driver failed at something. After an Xid, a fault of a kernel or an error of the memory, it refuses
    /// whatever is asked of the device until the device is [opened again](crate::CudaDevice::reopen); so do
    /// that after any failure of the driver but a lack of memory.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Driver { source, .. } if source.0 != CUresult::CUDA_ERROR_OUT_OF_MEMORY)
    }
}

/// Says what was tried when an error came.
pub(crate) trait Doing<T> {
    /// Adds it to the error.
    fn doing(self, doing: &'static str) -> Result<T, CudaError>;
}

impl<T> Doing<T> for Result<T, DriverError> {
    fn doing(self, doing: &'static str) -> Result<T, CudaError> {
        self.map_err(|source| CudaError::Driver { doing, source })
    }
}

impl<T> Doing<T> for Result<T, LibraryStatus> {
    fn doing(self, doing: &'static str) -> Result<T, CudaError> {
        self.map_err(|source| CudaError::Library { doing, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_lost_by_what_the_driver_fails_at_and_not_by_a_lack_of_memory() {
        let error = |code| CudaError::Driver {
            doing: "waiting for the device",
            source: DriverError(code),
        };
        // An Xid that ended a kernel, an error of the memory that could not be corrected, and the bus.
        assert!(error(CUresult::CUDA_ERROR_LAUNCH_FAILED).is_lost());
        assert!(error(CUresult::CUDA_ERROR_ECC_UNCORRECTABLE).is_lost());
        assert!(error(CUresult::CUDA_ERROR_UNKNOWN).is_lost());
        assert!(!error(CUresult::CUDA_ERROR_OUT_OF_MEMORY).is_lost());
        assert!(!CudaError::WrongResult("state").is_lost());
        let memory = CudaError::Memory {
            required: 2,
            available: 1,
        };
        assert!(!memory.is_lost());
    }
}

//! What can go wrong, and what the operator can do about it.

use crate::CudaDeviceInfo;
use cudarc::{cublaslt::result::CublasError, driver::DriverError};

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
    /// The device computed something else than the CPU.
    #[error(
        "the device's {0} differs from the CPU's: the device must not answer challenges; check the card's \
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
    /// There is no cublasLt.
    #[error(
        "no libcublasLt.so, .so.12 or .so.11 can be loaded; it is optional: where it is there (package \
         libcublas, or PyPI's nvidia-cublas-cu12 with its folder in LD_LIBRARY_PATH), it is used if it is faster"
    )]
    NoLibrary,
    /// cublasLt refused something.
    #[error("{doing}: {source}")]
    Library {
        /// What was tried.
        doing: &'static str,
        /// The library's answer.
        source: CublasError,
    },
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

impl<T> Doing<T> for Result<T, CublasError> {
    fn doing(self, doing: &'static str) -> Result<T, CudaError> {
        self.map_err(|source| CudaError::Library { doing, source })
    }
}

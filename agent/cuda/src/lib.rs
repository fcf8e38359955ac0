//! The CUDA backend of the miner's agent: the challenge of [`loopin_challenge`] on NVIDIA GPUs, bit for bit.
//!
//! ```no_run
//! # use loopin_challenge::classes;
//! # use loopin_cuda::{CudaDevice, CudaError, devices};
//! # fn main() -> Result<(), CudaError> {
//! # let (seed, walk_seed, sample_seed) = ([1; 32], [2; 32], [3; 32]);
//! for device in devices()? {
//!     println!("{}: {}, {} bytes", device.ordinal, device.name, device.memory_bytes);
//! }
//! let device = CudaDevice::open(0)?; // once: compiles the kernels, and checks the device against the CPU
//! # let class = classes::class("RTX 4090").expect("known");
//! # let geometry = loopin_challenge::Geometry::new(class.profile).expect("usable");
//! let mut prepared = device.prepare(&geometry)?; // takes the memory
//! let state_root = prepared.fill(&seed)?;
//! let walk_root = prepared.walk(&walk_seed)?;
//! let openings = prepared.open(&sample_seed)?;
//! # Ok(())
//! # }
//! ```
//!
//! The methods have the shapes of the reference, `loopin_challenge::prover`. What is hot runs on the device:
//! operands, keys, products, masks, all hashing of fill and walk, the walk itself. Sampling, paths, the opened
//! lanes and the encoding are the challenge crate's own.
//!
//! Only the NVIDIA driver is needed: the kernels are in the binary, as PTX that the driver compiles for the card
//! (see `kernels/` and `scripts/build-ptx.sh`). Where cublasLt is installed too, it multiplies if it is faster
//! than the kernel of this crate at the profile's size and gave the CPU's results. Without driver or device, the
//! crate builds and runs all the same: [`devices`] says what is missing.

#[allow(unsafe_code, reason = "calls into cublasLt's C interface")]
mod cublaslt;
#[allow(
    unsafe_code,
    reason = "calls into the driver's C interface, and launches kernels"
)]
mod driver;

mod check;
mod engine;
mod error;
mod machine;
mod plan;
#[cfg(test)]
mod tests;
mod tree;

pub use error::CudaError;

use check::{Check, time_product};
use driver::Driver;
use engine::{Engine, Product};
use loopin_challenge::{Geometry, Hash, Openings, Seed};
use machine::Machine;
use std::time::Duration;

/// Smallest side of a matrix at which the library is tried: below, the time is not in the products.
const LEAST_LIBRARY_SIDE: u32 = 512;

/// A device, as the driver describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CudaDeviceInfo {
    /// Its number, from 0, among the devices that the driver shows to this process.
    pub ordinal: u32,
    /// The model's name, as in "NVIDIA GeForce RTX 4090".
    pub name: String,
    /// What NVIDIA calls the device's UUID.
    pub uuid: [u8; 16],
    /// Major and minor number of what the device can do.
    pub compute_capability: (i32, i32),
    /// All of its memory, in bytes.
    pub memory_bytes: u64,
    /// Version of CUDA that the driver offers: 12,040 is 12.4.
    pub driver_version: i32,
    /// Streaming multiprocessors.
    pub multiprocessors: u32,
    /// Highest clock of the multiprocessors, in kHz.
    pub clock_khz: u32,
}

impl CudaDeviceInfo {
    /// Dense int8 operations on tensor cores at the highest clock, in operations per second, by the data sheet of
    /// the architecture; `None` for one that this crate does not know.
    pub fn peak_operations_per_second(&self) -> Option<u64> {
        let per_clock = match self.compute_capability {
            (8, 0) => 4_096,
            (8, 6 | 9) | (12, 0) => 2_048,
            (9, 0) => 8_192,
            _ => return None,
        };
        Some(per_clock * u64::from(self.multiprocessors) * u64::from(self.clock_khz) * 1_000)
    }
}

/// The devices that the driver shows.
///
/// # Errors
/// There is no driver, or it is too old; where there is a driver without devices, the list is empty.
pub fn devices() -> Result<Vec<CudaDeviceInfo>, CudaError> {
    driver::devices()
}

/// A device with the kernels loaded, which gave the CPU's results in a small challenge.
pub struct CudaDevice {
    info: CudaDeviceInfo,
    driver: Driver,
    /// Why the library cannot be used, if so.
    library_missing: Option<CudaError>,
}

impl CudaDevice {
    /// Opens a device: loads the kernels and compares them with the CPU. Takes some seconds when the driver
    /// compiles the kernels for this card for the first time; it keeps them on disk.
    ///
    /// # Errors
    /// There is no driver or device with that number, it is too old, or it computes wrongly.
    pub fn open(ordinal: u32) -> Result<Self, CudaError> {
        let (driver, info) = Driver::open(ordinal)?;
        let check = Check::new();
        check.compare(driver.clone(), Product::Fused)?;
        let library =
            Product::library(&driver, check.n()).and_then(|library| check.compare(driver.clone(), library));
        Ok(Self {
            info,
            driver,
            library_missing: library.err(),
        })
    }

    /// What the driver says of it.
    pub fn info(&self) -> &CudaDeviceInfo {
        &self.info
    }

    /// Bytes of the device's memory that are free now.
    ///
    /// # Errors
    /// The driver refused to say.
    pub fn free_memory_bytes(&self) -> Result<u64, CudaError> {
        self.driver.available()
    }

    /// Why cublasLt is not used on this device whatever the profile, if so.
    pub fn library_missing(&self) -> Option<&CudaError> {
        self.library_missing.as_ref()
    }

    /// Takes the memory for a profile's challenges, and finds out who multiplies faster at its size.
    ///
    /// # Errors
    /// There is not enough free memory: the error says how much is needed and how much there is.
    pub fn prepare(&self, geometry: &Geometry) -> Result<Prepared, CudaError> {
        let mut engine = Engine::new(self.driver.clone(), geometry)?;
        let fused = time_product(&mut engine)?;
        let mut times = ProductTimes { fused, library: None };
        if self.library_missing.is_none() && geometry.n() >= LEAST_LIBRARY_SIDE {
            // Where the card is so full that the library finds no room, the kernel multiplies.
            if let Ok(library) = Product::library(&self.driver, geometry.n()) {
                engine.set_product(library);
                let time = time_product(&mut engine)?;
                times.library = Some(time);
                if time >= fused {
                    engine.set_product(Product::Fused);
                }
            }
        }
        Ok(Prepared { engine, times })
    }
}

/// How long one product and its masking took while preparing, at the profile's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductTimes {
    /// With the kernel of this crate.
    pub fused: Duration,
    /// With cublasLt; `None` where it was not tried.
    pub library: Option<Duration>,
}

impl ProductTimes {
    /// Whether cublasLt was faster, and multiplies.
    pub fn library_is_faster(&self) -> bool {
        self.library.is_some_and(|library| library < self.fused)
    }
}

/// The memory of one profile on a device, which is given back when this is dropped.
pub struct Prepared {
    engine: Engine<Driver>,
    times: ProductTimes,
}

impl Prepared {
    /// The geometry it was prepared for.
    pub fn geometry(&self) -> &Geometry {
        self.engine.geometry()
    }

    /// Bytes of the device's memory taken.
    pub fn memory_bytes(&self) -> u64 {
        self.engine.bytes()
    }

    /// What was measured while preparing.
    pub fn product_times(&self) -> ProductTimes {
        self.times
    }

    /// Computes the state that follows from a seed, and gives its root.
    ///
    /// # Errors
    /// The driver refused something.
    pub fn fill(&mut self, seed: &Seed) -> Result<Hash, CudaError> {
        self.engine.fill(seed)
    }

    /// Walks the state, and gives the root over the lanes.
    ///
    /// # Errors
    /// Nothing was filled yet, or the driver refused something.
    pub fn walk(&mut self, walk_seed: &Seed) -> Result<Hash, CudaError> {
        self.engine.walk(walk_seed)
    }

    /// Opens what the seed of a sample asks for, of the last state and the last walk over it.
    ///
    /// # Errors
    /// Nothing was walked yet, the driver refused something, or an opened lane, walked again on the CPU, is not
    /// the one that the device committed to.
    pub fn open(&self, sample_seed: &Seed) -> Result<Openings, CudaError> {
        self.engine.open(sample_seed)
    }
}

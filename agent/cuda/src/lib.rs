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
//! let device = CudaDevice::open(0)?; // once: compiles the kernels, and checks the device against known roots
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
//! than the kernel of this crate at the profile's size and gave the known results. Without driver or device, the
//! crate builds and runs all the same: [`devices`] says what is missing.

#[allow(unsafe_code, reason = "calls into cublasLt's C interface")]
mod cublaslt;
#[allow(
    unsafe_code,
    reason = "calls into the driver's C interface, and launches kernels"
)]
mod driver;

mod check;
mod choice;
mod engine;
mod error;
mod known_roots;
mod machine;
mod measure;
mod overwrite;
mod plan;
#[cfg(test)]
mod tests;
mod tree;

pub use choice::ProductTimes;
pub use cublaslt::LibraryStatus;
pub use error::CudaError;
pub use known_roots::{KNOWN_ROOTS, KnownRoots};

use choice::choose_product;
use driver::Driver;
use engine::{Engine, Product};
use loopin_challenge::{Geometry, Hash, Openings, Seed};
use machine::Machine;
use std::sync::OnceLock;

/// Smallest side of a matrix at which the library is tried: below, the time is not in the products.
const LEAST_LIBRARY_SIDE: u32 = 512;

/// A device, as the driver describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CudaDeviceInfo {
    /// Its number, from 0, among the devices that the driver shows to this process.
    pub ordinal: u32,
    /// The model's name, as in "NVIDIA GeForce RTX 4090".
    pub name: String,
    /// What NVIDIA calls the device's UUID: of a slice of a card (MIG), that of the slice.
    pub uuid: [u8; 16],
    /// Whether it is a slice of a card (MIG).
    pub is_slice: bool,
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

/// A device with the kernels loaded, which gave the processor's results.
pub struct CudaDevice {
    info: CudaDeviceInfo,
    driver: Driver,
    known_roots: Vec<KnownRoots>,
    /// Set once the device has given them: why the library cannot be used, if so.
    checked: OnceLock<Option<CudaError>>,
}

impl CudaDevice {
    /// Opens a device: loads the kernels, and has it do challenges whose roots were computed by a processor, at sizes and
    /// in ways of real ones. Takes some seconds when the driver compiles the kernels for this card for the first time; it
    /// keeps them on disk.
    ///
    /// Where somebody else has the device's memory, these challenges are done when it is first prepared.
    ///
    /// # Errors
    /// There is no driver or device with that number, it is too old, or it computes wrongly.
    pub fn open(ordinal: u32) -> Result<Self, CudaError> {
        Self::open_checked_by(ordinal, known_roots::start_up())
    }

    /// Opens a device as [`open`](Self::open) does, and holds it against roots of the caller's choice. For programs that
    /// test or measure: what answers challenges needs those of real sizes.
    ///
    /// # Errors
    /// As of [`open`](Self::open).
    pub fn open_checked_by(ordinal: u32, known_roots: Vec<KnownRoots>) -> Result<Self, CudaError> {
        let (driver, info) = Driver::open(ordinal)?;
        let device = Self {
            info,
            driver,
            known_roots,
            checked: OnceLock::new(),
        };
        match device.check() {
            Ok(_) | Err(CudaError::Memory { .. }) => Ok(device),
            Err(error) => Err(error),
        }
    }

    /// Opens a device again that [is lost](CudaError::is_lost). Whatever this process had of it must have been dropped:
    /// the device, and all that was prepared.
    ///
    /// # Errors
    /// The device is gone, another one has its number, or it does not work. Then only a new process may find it working,
    /// and often only a new start of the machine.
    pub fn reopen(info: &CudaDeviceInfo) -> Result<Self, CudaError> {
        Self::reopen_checked_by(info, known_roots::start_up())
    }

    fn reopen_checked_by(info: &CudaDeviceInfo, known_roots: Vec<KnownRoots>) -> Result<Self, CudaError> {
        let found = driver::devices()?;
        match found.get(info.ordinal as usize) {
            Some(found) if found.uuid == info.uuid => {}
            Some(_) => return Err(CudaError::Exchanged(info.ordinal)),
            None => {
                return Err(CudaError::NoDevice {
                    ordinal: info.ordinal,
                    count: found.len() as u32,
                });
            }
        }
        driver::reset(info.ordinal)?;
        Self::open_checked_by(info.ordinal, known_roots)
    }

    /// Has the device do the challenges of known roots, unless it has done so.
    fn check(&self) -> Result<&Option<CudaError>, CudaError> {
        if let Some(library_missing) = self.checked.get() {
            return Ok(library_missing);
        }
        let user = || self.driver.another();
        check::check_kernels(user, &self.known_roots)?;
        let library_missing = match check::check_library(user, &self.known_roots) {
            Ok(()) => None,
            // Nothing is known of the library while it finds no room, and nothing of a lost device.
            Err(error @ CudaError::Memory { .. }) => return Err(error),
            Err(error) if error.is_lost() => return Err(error),
            Err(error) => Some(error),
        };
        Ok(self.checked.get_or_init(|| library_missing))
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
        self.checked.get().and_then(Option::as_ref)
    }

    /// Writes zeros over all memory of the device that is free, so that nothing of who used it before is left there, and
    /// waits until that is done. Returns how many bytes that were.
    ///
    /// Memory that some program holds is not free: end the client's programs first. What is on the chip itself, such as
    /// registers and shared memory, is overwritten by whatever runs next, and not by this.
    ///
    /// # Errors
    /// The driver refused something.
    pub fn overwrite_free_memory(&self) -> Result<u64, CudaError> {
        overwrite::overwrite_free_memory(&self.driver.another()?)
    }

    /// Takes the memory for a profile's challenges, and finds out who multiplies faster at its size. After that, fill,
    /// walk and openings take no more memory, however full the device becomes.
    ///
    /// # Errors
    /// There is not enough free memory: the error says how much is needed and how much there is.
    pub fn prepare(&self, geometry: &Geometry) -> Result<Prepared, CudaError> {
        let mut engine = self.engine(geometry)?;
        let try_library = self.library_missing().is_none() && geometry.n() >= LEAST_LIBRARY_SIDE;
        // Where the card is so full that the library finds no room, the kernel multiplies.
        let library = try_library
            .then(|| Product::library(engine.machine(), geometry.n()).ok())
            .flatten();
        let times = choose_product(&mut engine, library)?;
        Ok(Prepared {
            engine,
            times: Some(times),
        })
    }

    /// Takes the memory as [`prepare`](Self::prepare) does, and has cublasLt multiply, or the kernel of this crate, whichever
    /// is faster. To measure both.
    ///
    /// # Errors
    /// As of [`prepare`](Self::prepare); there is no cublasLt.
    pub fn prepare_with(&self, geometry: &Geometry, by_library: bool) -> Result<Prepared, CudaError> {
        let mut engine = self.engine(geometry)?;
        if by_library {
            let library = Product::library(engine.machine(), geometry.n())?;
            engine.set_product(library);
        }
        Ok(Prepared { engine, times: None })
    }

    fn engine(&self, geometry: &Geometry) -> Result<Engine<Driver>, CudaError> {
        self.check()?;
        Engine::new(self.driver.another()?, geometry)
    }
}

/// The memory of one profile on a device, which is given back when this is dropped.
pub struct Prepared {
    engine: Engine<Driver>,
    times: Option<ProductTimes>,
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

    /// What was measured while preparing, if anything was.
    pub fn product_times(&self) -> Option<ProductTimes> {
        self.times
    }

    /// Whether cublasLt multiplies. A library that refuses a product in a fill is not asked again: the kernel of this
    /// crate goes on.
    pub fn multiplies_by_library(&self) -> bool {
        matches!(self.engine.product(), Product::Library { .. })
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

//! The CUDA driver as a [`Machine`].

use crate::{
    CudaDeviceInfo, CudaError,
    cublaslt::Library,
    error::{COMPUTE_CAPABILITY, DRIVER_VERSION, Doing},
    machine::{Address, Arguments, Kernel, Machine, Memory, Module},
};
use cudarc::{
    driver::{
        CudaContext, CudaEvent, CudaFunction, CudaStream, DriverError, LaunchConfig, PushKernelArg, result,
        sys,
    },
    nvrtc::Ptx,
};
use std::{collections::BTreeMap, mem::MaybeUninit, sync::Arc};
use sys::{CUdevice_attribute_enum as Attribute, CUfunction_attribute_enum as FunctionAttribute};

/// As much shared memory as a multiprocessor has, in percent: the rest is cache.
const MOST_SHARED_MEMORY: i32 = 100;
/// Most blocks of one launch.
const MAX_BLOCKS: u64 = (1 << 31) - 1;

/// Loads the driver, and counts the devices.
fn device_count() -> Result<u32, CudaError> {
    // SAFETY: this only opens the library, whose initialisers are NVIDIA's.
    if !unsafe { sys::is_culib_present() } {
        return Err(CudaError::NoDriver);
    }
    match result::init() {
        // The driver is installed, and finds no device or may use none.
        Err(error) if error.0 == sys::CUresult::CUDA_ERROR_NO_DEVICE => return Ok(0),
        done => done.doing("starting the driver")?,
    }
    if driver_version()? < DRIVER_VERSION {
        return Err(CudaError::OldDriver(driver_version()?));
    }
    let count = result::device::get_count().doing("counting the devices")?;
    Ok(count.unsigned_abs())
}

/// The version of CUDA that the driver offers.
fn driver_version() -> Result<i32, CudaError> {
    let mut version = 0;
    // SAFETY: the function writes one integer to a place that is ours.
    unsafe { sys::cuDriverGetVersion(&mut version) }
        .result()
        .doing("asking for the driver's version")?;
    Ok(version)
}

/// All devices that the driver shows.
pub(crate) fn devices() -> Result<Vec<CudaDeviceInfo>, CudaError> {
    (0..device_count()?).map(device_info).collect()
}

/// The UUID of a device, or of the slice of it (MIG) that the driver shows: all slices of a card have the card's by the
/// older function.
fn slice_uuid(device: sys::CUdevice) -> Result<sys::CUuuid, CudaError> {
    let mut uuid = MaybeUninit::uninit();
    // SAFETY: `device` comes from the driver, which writes all of the UUID where it reports success.
    unsafe {
        sys::cuDeviceGetUuid_v2(uuid.as_mut_ptr(), device)
            .result()
            .map(|()| uuid.assume_init())
    }
    .doing("asking for a device's UUID")
}

/// Ends everything that this process holds on a device, so that it can be opened again after a failure.
pub(crate) fn reset(ordinal: u32) -> Result<(), CudaError> {
    device_count()?;
    let device = result::device::get(ordinal as i32).doing("asking for a device")?;
    // SAFETY: `device` comes from the driver. What was in its context is not used any more: whoever resets a device has
    // dropped that.
    unsafe { sys::cuDevicePrimaryCtxReset_v2(device) }
        .result()
        .doing("resetting the device")
}

pub(crate) fn device_info(ordinal: u32) -> Result<CudaDeviceInfo, CudaError> {
    let device = result::device::get(ordinal as i32).doing("asking for a device")?;
    let attribute = |attribute| {
        // SAFETY: `device` comes from the driver.
        unsafe { result::device::get_attribute(device, attribute) }.doing("asking for a device's attribute")
    };
    let card = result::device::get_uuid(device).doing("asking for a device's UUID")?;
    let uuid = slice_uuid(device)?;
    // SAFETY: `device` comes from the driver.
    let memory = unsafe { result::device::total_mem(device) }.doing("asking for a device's memory")?;
    Ok(CudaDeviceInfo {
        ordinal,
        name: result::device::get_name(device).doing("asking for a device's name")?,
        uuid: uuid.bytes.map(|byte| byte as u8),
        is_slice: uuid.bytes != card.bytes,
        compute_capability: (
            attribute(Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?,
            attribute(Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?,
        ),
        memory_bytes: memory as u64,
        driver_version: driver_version()?,
        multiprocessors: attribute(Attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)?.unsigned_abs(),
        clock_khz: attribute(Attribute::CU_DEVICE_ATTRIBUTE_CLOCK_RATE)?.unsigned_abs(),
    })
}

/// An open device: its context and the kernels in it.
struct Opened {
    context: Arc<CudaContext>,
    functions: BTreeMap<Kernel, CudaFunction>,
}

/// A user of a device. Each has streams and an event of its own: two may work at once, from any threads, and neither
/// waits for what the other asked for.
pub(crate) struct Driver {
    opened: Arc<Opened>,
    stream: Arc<CudaStream>,
    /// For what is launched aside: its priority is lower, so its blocks run where those of `stream` leave room.
    aside: Arc<CudaStream>,
    /// To order what is in the two streams, and to wait without occupying a core.
    event: CudaEvent,
}

impl Driver {
    /// Opens a device, and has the driver compile the kernels for it. The driver keeps what it compiled on
    /// disk: this takes some seconds once.
    pub(crate) fn open(ordinal: u32) -> Result<(Self, CudaDeviceInfo), CudaError> {
        let count = device_count()?;
        if ordinal >= count {
            return Err(CudaError::NoDevice { ordinal, count });
        }
        let info = device_info(ordinal)?;
        if info.compute_capability < COMPUTE_CAPABILITY {
            return Err(CudaError::OldDevice(Box::new(info)));
        }
        let context = CudaContext::new(ordinal as usize).doing("opening the device")?;
        let modules = Module::ALL
            .into_iter()
            .map(|module| Ok((module, context.load_module(Ptx::from_src(module.ptx()))?)))
            .collect::<Result<BTreeMap<_, _>, DriverError>>()
            .doing("loading the kernels")?;
        let functions = Kernel::ALL
            .into_iter()
            .map(|kernel| Ok((kernel, modules[&kernel.module()].load_function(kernel.entry())?)))
            .collect::<Result<BTreeMap<_, _>, DriverError>>()
            .doing("finding a kernel")?;
        for (_, function) in functions
            .iter()
            .filter(|(kernel, _)| kernel.shares_multiprocessors())
        {
            function
                .set_attribute(
                    FunctionAttribute::CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT,
                    MOST_SHARED_MEMORY,
                )
                .doing("dividing the multiprocessors' memory")?;
        }
        let driver = Self::user(Arc::new(Opened { context, functions }))?;
        Ok((driver, info))
    }

    /// Another user of the same device.
    pub(crate) fn another(&self) -> Result<Self, CudaError> {
        Self::user(Arc::clone(&self.opened))
    }

    fn user(opened: Arc<Opened>) -> Result<Self, CudaError> {
        let context = &opened.context;
        context.bind_to_thread().doing("turning to the device")?;
        // The lower the number, the higher the priority.
        let (least, greatest) =
            result::stream::get_priority_range().doing("asking for the priorities of streams")?;
        let stream = |priority| {
            context
                .new_stream_with_priority(priority)
                .doing("making a stream")
        };
        Ok(Self {
            stream: stream(greatest)?,
            aside: stream(least)?,
            event: context
                .new_event(Some(sys::CUevent_flags::CU_EVENT_BLOCKING_SYNC))
                .doing("making an event")?,
            opened,
        })
    }

    /// The stream in which everything happens.
    pub(crate) fn stream(&self) -> &CudaStream {
        &self.stream
    }

    /// Has what is asked of one stream from now on wait for what was asked of another so far.
    fn order(&self, first: &CudaStream, then: &CudaStream) -> Result<(), CudaError> {
        self.event
            .record(first)
            .and_then(|()| then.wait(&self.event))
            .doing("ordering kernels")
    }

    fn launch_in(
        &self,
        stream: &CudaStream,
        kernel: Kernel,
        blocks: u64,
        arguments: &Arguments,
    ) -> Result<(), CudaError> {
        if blocks > MAX_BLOCKS {
            return Err(CudaError::Blocks { blocks });
        }
        let shape = LaunchConfig {
            grid_dim: (blocks as u32, 1, 1),
            block_dim: (kernel.threads(), 1, 1),
            shared_mem_bytes: 0,
        };
        let mut launch = stream.launch_builder(&self.opened.functions[&kernel]);
        launch.arg(arguments.words());
        // SAFETY: every kernel takes one structure of 8-byte fields that is no longer than the words (asserted in
        // the sources), with the fields in this order; the driver copies as much of it as the kernel takes before
        // it returns. The addresses are those of allocations of this device that the caller keeps, and the
        // kernels stay within them: the tests run them on a machine that would notice.
        unsafe { launch.launch(shape) }.doing("starting a kernel")?;
        Ok(())
    }

    /// The version of CUDA that the driver offers.
    pub(crate) fn version(&self) -> Result<i32, CudaError> {
        driver_version()
    }

    /// Makes the device the one that the calling thread means.
    pub(crate) fn bind(&self) -> Result<(), CudaError> {
        self.opened
            .context
            .bind_to_thread()
            .doing("turning to the device")
    }
}

impl Machine for Driver {
    type Memory = Allocation;
    type Library = Library;

    fn available(&self) -> Result<u64, CudaError> {
        let (free, _) = self
            .opened
            .context
            .mem_get_info()
            .doing("asking for free memory")?;
        Ok(free as u64)
    }

    fn allocate(&self, bytes: u64) -> Result<Allocation, CudaError> {
        self.bind()?;
        // The driver's own allocator, not a pool: what is dropped is free for others at once.
        // SAFETY: the memory is only ever named by its address, in launches and copies of this crate.
        match unsafe { result::malloc_sync(bytes as usize) } {
            Ok(address) => Ok(Allocation {
                context: Arc::clone(&self.opened.context),
                address,
            }),
            Err(error) if error.0 == sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY => Err(CudaError::Memory {
                required: bytes,
                available: self.available()?,
            }),
            Err(error) => Err(error).doing("taking memory"),
        }
    }

    fn launch(&self, kernel: Kernel, blocks: u64, arguments: &Arguments) -> Result<(), CudaError> {
        self.launch_in(&self.stream, kernel, blocks, arguments)
    }

    fn launch_aside(&self, kernel: Kernel, blocks: u64, arguments: &Arguments) -> Result<(), CudaError> {
        self.order(&self.stream, &self.aside)?;
        self.launch_in(&self.aside, kernel, blocks, arguments)
    }

    fn join(&self) -> Result<(), CudaError> {
        self.order(&self.aside, &self.stream)
    }

    fn clear(&self, from: Address, bytes: u64) -> Result<(), CudaError> {
        self.bind()?;
        // SAFETY: `from` and what follows is an allocation that the caller keeps.
        unsafe { result::memset_d8_async(from, 0, bytes as usize, self.stream.cu_stream()) }
            .doing("overwriting memory")
    }

    fn write(&self, to: Address, bytes: &[u8]) -> Result<(), CudaError> {
        self.bind()?;
        // SAFETY: `to` and what follows is an allocation that the caller keeps; `bytes` outlives the wait.
        unsafe { result::memcpy_htod_async(to, bytes, self.stream.cu_stream()) }
            .doing("copying to the device")?;
        self.wait()
    }

    fn read(&self, from: Address, bytes: &mut [u8]) -> Result<(), CudaError> {
        self.bind()?;
        // SAFETY: `from` and what follows is an allocation that the caller keeps; `bytes` outlives the wait.
        unsafe { result::memcpy_dtoh_async(bytes, from, self.stream.cu_stream()) }
            .doing("copying from the device")?;
        self.wait()
    }

    fn wait(&self) -> Result<(), CudaError> {
        self.event
            .record(&self.stream)
            .and_then(|()| self.event.synchronize())
            .doing("waiting for the device")
    }

    fn library(&self, n: u32, rows: u32) -> Result<Library, CudaError> {
        Library::new(self, n, rows)
    }

    fn multiply(
        &self,
        library: &Library,
        left: Address,
        right: Address,
        products: Address,
    ) -> Result<(), CudaError> {
        library.multiply(self, left, right, products)
    }
}

/// Memory of the device.
pub(crate) struct Allocation {
    context: Arc<CudaContext>,
    address: Address,
}

impl Memory for Allocation {
    fn address(&self) -> Address {
        self.address
    }
}

impl Drop for Allocation {
    fn drop(&mut self) {
        // SAFETY: the address came from the allocator, and is freed once, here. The driver waits for work in
        // flight before it frees. There is no one to tell of an error; the context is broken then, and with it
        // goes all of its memory.
        let _ = self
            .context
            .bind_to_thread()
            .and_then(|()| unsafe { result::free_sync(self.address) });
    }
}

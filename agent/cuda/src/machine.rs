//! What the backend asks of a device: memory, copies and kernels. The CUDA driver is one; the tests have
//! another, which runs the same kernels on a CPU.

use crate::CudaError;
use loopin_challenge::Seed;

/// Where something is in a device's memory.
pub(crate) type Address = u64;

/// Memory of a device. It is given back when this is dropped.
pub(crate) trait Memory {
    /// Where it begins: at a multiple of 16 at least.
    fn address(&self) -> Address;
}

/// A user of a device. Its copies and kernels happen in the order in which it asked for them, but for those launched
/// aside.
pub(crate) trait Machine {
    /// Its memory.
    type Memory: Memory;
    /// Multiplication by a library, prepared for one shape.
    type Library;

    /// Bytes that could be taken.
    fn available(&self) -> Result<u64, CudaError>;

    /// Takes memory. What is in it is undefined.
    fn allocate(&self, bytes: u64) -> Result<Self::Memory, CudaError>;

    /// Starts a kernel.
    fn launch(&self, kernel: Kernel, blocks: u64, arguments: &Arguments) -> Result<(), CudaError>;

    /// Starts a kernel that comes after everything asked for before, as [`launch`](Self::launch) does, but that
    /// nothing asked for later waits for, until [`join`](Self::join). It takes what the others leave idle.
    fn launch_aside(&self, kernel: Kernel, blocks: u64, arguments: &Arguments) -> Result<(), CudaError>;

    /// Has what is asked for from now on wait for all that was launched aside.
    fn join(&self) -> Result<(), CudaError>;

    /// Starts writing zeros over memory.
    fn clear(&self, from: Address, bytes: u64) -> Result<(), CudaError>;

    /// Copies to the device.
    fn write(&self, to: Address, bytes: &[u8]) -> Result<(), CudaError>;

    /// Copies from the device, after everything asked for before is done.
    fn read(&self, from: Address, bytes: &mut [u8]) -> Result<(), CudaError>;

    /// Waits until everything asked for is done.
    fn wait(&self) -> Result<(), CudaError>;

    /// Prepares a library to multiply `rows` rows by matrices of side `n`.
    fn library(&self, n: u32, rows: u32) -> Result<Self::Library, CudaError>;

    /// Starts the library's multiplication: `rows` rows of `left` by all rows of `right`, exact, as int32.
    fn multiply(
        &self,
        library: &Self::Library,
        left: Address,
        right: Address,
        products: Address,
    ) -> Result<(), CudaError>;
}

/// The kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kernel {
    Operands,
    Keys,
    Mask,
    Product,
    ProductSmall,
    RowNodes,
    Parents,
    Gather,
    Walk,
}

impl Kernel {
    /// All of them.
    pub(crate) const ALL: [Self; 9] = [
        Self::Operands,
        Self::Keys,
        Self::Mask,
        Self::Product,
        Self::ProductSmall,
        Self::RowNodes,
        Self::Parents,
        Self::Gather,
        Self::Walk,
    ];

    /// Name of the entry point.
    pub(crate) fn entry(self) -> &'static str {
        match self {
            Self::Operands => "operands",
            Self::Keys => "keys",
            Self::Mask => "mask",
            Self::Product => "product",
            Self::ProductSmall => "product_small",
            Self::RowNodes => "row_nodes",
            Self::Parents => "parents",
            Self::Gather => "gather",
            Self::Walk => "walk",
        }
    }

    /// The module that it is in.
    pub(crate) fn module(self) -> Module {
        match self {
            Self::Operands | Self::Keys | Self::Mask => Module::Fill,
            Self::Product | Self::ProductSmall => Module::Product,
            Self::RowNodes | Self::Parents | Self::Gather => Module::Tree,
            Self::Walk => Module::Walk,
        }
    }

    /// Threads of a block. The kernels' sources have these numbers too, as launch bounds.
    pub(crate) fn threads(self) -> u32 {
        match self {
            Self::Operands | Self::Keys | Self::Mask | Self::Walk => 256,
            Self::Product | Self::ProductSmall | Self::RowNodes | Self::Parents | Self::Gather => 128,
        }
    }

    /// Whether it runs at the same time as another one. Such kernels must ask for one division of a multiprocessor's
    /// memory into cache and shared memory: it cannot have two at once, and by itself the driver chooses, for each
    /// kernel, the least shared memory that its blocks alone fill.
    pub(crate) fn shares_multiprocessors(self) -> bool {
        matches!(self, Self::Product | Self::Mask | Self::RowNodes)
    }

    /// Blocks for that many threads.
    pub(crate) fn blocks(self, threads: u64) -> u64 {
        threads.div_ceil(u64::from(self.threads()))
    }
}

/// What is compiled and loaded as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Module {
    Fill,
    Product,
    Tree,
    Walk,
}

impl Module {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Fill, Self::Product, Self::Tree, Self::Walk];

    /// What NVRTC made of its source.
    pub(crate) fn ptx(self) -> &'static str {
        match self {
            Self::Fill => include_str!("../kernels/fill.ptx"),
            Self::Product => include_str!("../kernels/product.ptx"),
            Self::Tree => include_str!("../kernels/tree.ptx"),
            Self::Walk => include_str!("../kernels/walk.ptx"),
        }
    }
}

/// Most words in a kernel's structure of arguments: `ARGUMENT_BYTES` of the sources.
pub(crate) const ARGUMENT_WORDS: usize = 12;

/// A kernel's one argument, a structure of 8-byte fields, field after field. The rest is zero and not read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Arguments {
    words: [u64; ARGUMENT_WORDS],
    used: usize,
}

impl Arguments {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The next field. More than there is room for are a mistake in this crate, which the tests would show.
    pub(crate) fn word(mut self, word: impl Into<u64>) -> Self {
        self.words[self.used] = word.into();
        self.used += 1;
        self
    }

    /// The next four fields: a seed.
    pub(crate) fn seed(self, seed: &Seed) -> Self {
        seed.chunks_exact(8).fold(self, |arguments, part| {
            let word = part
                .iter()
                .rev()
                .fold(0, |word, &byte| word << 8 | u64::from(byte));
            arguments.word(word)
        })
    }

    /// All words.
    pub(crate) fn words(&self) -> &[u64; ARGUMENT_WORDS] {
        &self.words
    }
}

//! A challenge on a machine: fill, walk, open.

use crate::{
    CudaError,
    machine::{Address, Arguments, Kernel, Machine, Memory},
    plan::{MemoryPlan, WORKSPACE_BYTES, panel_rows, walk_key_bytes},
    tree::DeviceTree,
};
use loopin_challenge::{
    Geometry, Hash, Openings, Seed, merkle,
    opener::{self, Source},
    prng::{self, Domain},
    profile::FIRST_MATRIX,
    walk::{Trace, Walker},
};

/// Side of the product kernel's tile. Smaller matrices have a kernel of their own.
const TILE: u32 = 128;
/// Lanes of one block of the walk.
const LANES_PER_BLOCK: u64 = 32;

/// Who multiplies.
pub(crate) enum Product<M: Machine> {
    /// The kernel of this crate, which masks as well.
    Fused,
    /// A library, whose products are masked by a kernel of this crate.
    Library {
        /// Prepared for `rows` rows at once.
        library: M::Library,
        /// Rows at once.
        rows: u32,
        /// Where it leaves them.
        products: M::Memory,
    },
}

impl<M: Machine> Product<M> {
    /// Prepares the library for a matrix's side.
    pub(crate) fn library(machine: &M, n: u32) -> Result<Self, CudaError> {
        let rows = panel_rows(n);
        let bytes = u64::from(rows) * u64::from(n) * 4;
        let (required, available) = (bytes + WORKSPACE_BYTES, machine.available()?);
        if required > available {
            return Err(CudaError::Memory { required, available });
        }
        Ok(Self::Library {
            library: machine.library(n, rows)?,
            rows,
            products: machine.allocate(bytes)?,
        })
    }
}

/// What a walk leaves behind.
struct Walked {
    seed: Seed,
    walker: Walker,
}

/// The memory of one profile, and what was computed in it last.
pub(crate) struct Engine<M: Machine> {
    machine: M,
    geometry: Geometry,
    plan: MemoryPlan,
    product: Product<M>,
    state: M::Memory,
    rows: DeviceTree<M>,
    lanes: DeviceTree<M>,
    keys: M::Memory,
    walk_keys: M::Memory,
    /// Why the library does not multiply any more.
    refusal: Option<CudaError>,
    filled: bool,
    walked: Option<Walked>,
}

impl<M: Machine> Engine<M> {
    /// Takes the memory, or says how much is missing.
    pub(crate) fn new(machine: M, geometry: &Geometry) -> Result<Self, CudaError> {
        let plan = MemoryPlan::new(geometry);
        let (required, available) = (plan.bytes(), machine.available()?);
        if required > available {
            return Err(CudaError::Memory { required, available });
        }
        Ok(Self {
            state: machine.allocate(plan.state)?,
            rows: DeviceTree::allocate(&machine, geometry.rows())?,
            lanes: DeviceTree::allocate(&machine, geometry.profile().lanes.into())?,
            keys: machine.allocate(plan.keys)?,
            walk_keys: machine.allocate(plan.walk_keys)?,
            machine,
            geometry: *geometry,
            plan,
            product: Product::Fused,
            refusal: None,
            filled: false,
            walked: None,
        })
    }

    /// The geometry it was made for.
    pub(crate) fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Bytes taken.
    pub(crate) fn bytes(&self) -> u64 {
        let products = match &self.product {
            Product::Fused => 0,
            Product::Library { rows, .. } => {
                u64::from(*rows) * u64::from(self.geometry.n()) * 4 + WORKSPACE_BYTES
            }
        };
        self.plan.bytes() + products
    }

    /// Changes who multiplies, and gives back who did.
    pub(crate) fn set_product(&mut self, product: Product<M>) -> Product<M> {
        std::mem::replace(&mut self.product, product)
    }

    /// Who multiplies.
    pub(crate) fn product(&self) -> &Product<M> {
        &self.product
    }

    /// Why the library was replaced by the kernel in a fill, if it was.
    pub(crate) fn take_refusal(&mut self) -> Option<CudaError> {
        self.refusal.take()
    }

    /// Starts the library's product of a step alone, without a mask, where a library multiplies.
    pub(crate) fn multiply_plainly(&self, matrix: u32) -> Result<(), CudaError> {
        let Product::Library {
            library,
            rows,
            products,
        } = &self.product
        else {
            return Ok(());
        };
        let n = self.geometry.n();
        let (left, right) = (self.matrix(matrix - 1), self.matrix(matrix - 2));
        (0..n).step_by(*rows as usize).try_for_each(|first| {
            let offset = u64::from(first) * u64::from(n);
            self.machine
                .multiply(library, left + offset, right, products.address())
        })
    }

    /// The machine.
    pub(crate) fn machine(&self) -> &M {
        &self.machine
    }

    /// Where the state is.
    #[cfg(test)]
    pub(crate) fn state_address(&self) -> Address {
        self.state.address()
    }

    /// Bytes of one matrix.
    fn matrix_bytes(&self) -> u64 {
        u64::from(self.geometry.n()).pow(2)
    }

    /// Where a matrix is. `X_1` and `X_0` lie where the last two will be: they are done with by then, as there
    /// is room for four at least.
    fn matrix(&self, matrix: u32) -> Address {
        let bytes = self.matrix_bytes();
        let from_start = match matrix {
            0 => self.plan.state - bytes,
            1 => self.plan.state - 2 * bytes,
            _ => u64::from(matrix - FIRST_MATRIX) * bytes,
        };
        self.state.address() + from_start
    }

    /// Where the row keys of a step are, and its column keys.
    fn step_keys(&self, matrix: u32) -> (Address, Address) {
        let bytes = u64::from(self.geometry.n()) * 4;
        let row_keys = self.keys.address() + u64::from(matrix - FIRST_MATRIX) * 2 * bytes;
        (row_keys, row_keys + bytes)
    }

    /// Starts making `X_0`, `X_1` and all keys.
    pub(crate) fn start(&mut self, seed: &Seed) -> Result<(), CudaError> {
        (self.filled, self.walked) = (false, None);
        let (n, matrices) = (u64::from(self.geometry.n()), self.geometry.profile().matrices);
        let arguments = Arguments::new()
            .word(self.matrix(0))
            .word(self.matrix(1))
            .word(n)
            .seed(seed);
        let blocks = Kernel::Operands.blocks(2 * n * n.div_ceil(64));
        self.machine.launch(Kernel::Operands, blocks, &arguments)?;
        let arguments = Arguments::new()
            .word(self.keys.address())
            .word(n)
            .word(matrices)
            .seed(seed);
        let blocks = Kernel::Keys.blocks(u64::from(matrices) * 2 * n / 16);
        self.machine.launch(Kernel::Keys, blocks, &arguments)
    }

    /// Starts one step: `X_matrix` from the two before.
    pub(crate) fn step(&self, matrix: u32) -> Result<(), CudaError> {
        let n = self.geometry.n();
        let (left, right) = (self.matrix(matrix - 1), self.matrix(matrix - 2));
        let (row_keys, column_keys) = self.step_keys(matrix);
        match &self.product {
            Product::Fused => {
                let arguments = Arguments::new()
                    .word(left)
                    .word(right)
                    .word(self.matrix(matrix))
                    .word(row_keys)
                    .word(column_keys)
                    .word(n);
                if n < TILE {
                    self.machine.launch(Kernel::ProductSmall, 1, &arguments)
                } else {
                    let blocks = u64::from(n / TILE).pow(2);
                    self.machine.launch(Kernel::Product, blocks, &arguments)
                }
            }
            Product::Library {
                library,
                rows,
                products,
            } => {
                for first in (0..n).step_by(*rows as usize).map(u64::from) {
                    let offset = first * u64::from(n);
                    self.machine
                        .multiply(library, left + offset, right, products.address())?;
                    let arguments = Arguments::new()
                        .word(products.address())
                        .word(self.matrix(matrix) + offset)
                        .word(row_keys + first * 4)
                        .word(column_keys)
                        .word(n)
                        .word(*rows);
                    let threads = u64::from(*rows) * u64::from(n) / 16;
                    self.machine
                        .launch(Kernel::Mask, Kernel::Mask.blocks(threads), &arguments)?;
                }
                Ok(())
            }
        }
    }

    /// Where a library refuses a product, the kernel multiplies from then on: also what the library has begun.
    fn step_in_any_case(&mut self, matrix: u32) -> Result<(), CudaError> {
        match self.step(matrix) {
            Err(refusal @ CudaError::Library { .. }) => {
                self.product = Product::Fused;
                self.refusal = Some(refusal);
                self.step(matrix)
            }
            done => done,
        }
    }

    /// Starts hashing the rows of a matrix, while the next product is made: that one needs the tensor cores, this
    /// one integer arithmetic.
    pub(crate) fn hash_rows(&self, matrix: u32) -> Result<(), CudaError> {
        let n = u64::from(self.geometry.n());
        let arguments = Arguments::new()
            .word(self.matrix(matrix))
            .word(self.rows.leaf(self.geometry.row_index(matrix, 0)))
            .word(n)
            .word(n);
        let chunks = n * u64::from(self.geometry.chunks_per_row());
        self.machine
            .launch_aside(Kernel::RowNodes, Kernel::RowNodes.blocks(chunks), &arguments)
    }

    /// Computes the state that follows from a seed, and its root.
    pub(crate) fn fill(&mut self, seed: &Seed) -> Result<Hash, CudaError> {
        self.start(seed)?;
        for matrix in FIRST_MATRIX..=self.geometry.last_matrix() {
            self.step_in_any_case(matrix)?;
            self.hash_rows(matrix)?;
        }
        self.machine.join()?;
        let root = self.build_tree()?;
        self.filled = true;
        Ok(root)
    }

    /// Makes the levels above the rows' nodes, and gives the root.
    pub(crate) fn build_tree(&self) -> Result<Hash, CudaError> {
        self.rows.build(&self.machine)
    }

    /// Walks all lanes, and gives the root over them.
    pub(crate) fn walk(&mut self, walk_seed: &Seed) -> Result<Hash, CudaError> {
        if !self.filled {
            return Err(CudaError::Order("a walk needs a state: fill first"));
        }
        self.walked = None;
        let mut keys = vec![0; walk_key_bytes(&self.geometry)];
        prng::fill(walk_seed, Domain::WalkKey, 0, 0, 0, &mut keys);
        self.machine.write(self.walk_keys.address(), &keys)?;

        let lanes = u64::from(self.geometry.profile().lanes);
        let arguments = Arguments::new()
            .word(self.state.address())
            .word(self.walk_keys.address())
            .word(self.lanes.leaf(0))
            .word(self.geometry.chunk_len() as u64)
            .word(self.geometry.chunks())
            .word(lanes)
            .seed(walk_seed);
        self.machine
            .launch(Kernel::Walk, lanes.div_ceil(LANES_PER_BLOCK), &arguments)?;
        let root = self.lanes.build(&self.machine)?;
        self.walked = Some(Walked {
            seed: *walk_seed,
            walker: Walker::new(&self.geometry, walk_seed),
        });
        Ok(root)
    }

    /// Opens what the seed of a sample asks for.
    pub(crate) fn open(&self, sample_seed: &Seed) -> Result<Openings, CudaError> {
        let Some(Walked { seed, walker }) = &self.walked else {
            return Err(CudaError::Order("openings need a walk: walk first"));
        };
        let opened = Opened { engine: self, walker };
        opener::open(&self.geometry, seed, sample_seed, &opened)
    }

    /// Reads a piece of the state.
    fn piece(&self, index: u64, len: usize) -> Result<Vec<u8>, CudaError> {
        let mut piece = vec![0; len];
        self.machine
            .read(self.state.address() + index * len as u64, &mut piece)?;
        Ok(piece)
    }
}

/// The state and the walk as the opener reads them: about 200 rows and paths in all.
struct Opened<'a, M: Machine> {
    engine: &'a Engine<M>,
    walker: &'a Walker,
}

impl<M: Machine> Source for Opened<'_, M> {
    type Error = CudaError;

    fn row(&self, index: u64) -> Result<Vec<u8>, CudaError> {
        self.engine.piece(index, self.engine.geometry.row_len())
    }

    fn row_path(&self, index: u64) -> Result<Vec<Hash>, CudaError> {
        self.engine.rows.path(&self.engine.machine, index)
    }

    /// Walks the lane again, this time on the CPU: the device kept no trace but its leaf, which must be that of
    /// this one.
    fn trace(&self, lane: u32) -> Result<Trace, CudaError> {
        let chunk_len = self.engine.geometry.chunk_len();
        let trace = self
            .walker
            .trace(lane, |index| self.engine.piece(index, chunk_len))?;
        let leaf = self.engine.lanes.read_leaf(&self.engine.machine, lane.into())?;
        if leaf == merkle::lane_leaf(&trace) {
            Ok(trace)
        } else {
            Err(CudaError::WrongResult("walk"))
        }
    }

    fn lane_path(&self, lane: u32) -> Result<Vec<Hash>, CudaError> {
        self.engine.lanes.path(&self.engine.machine, lane.into())
    }
}

//! Filling, committing to, walking and opening a state on all cores.

use super::{free_memory, kernel};
use crate::backend::BackendError;
use loopin_challenge::{
    Claim, Geometry, Hash, Openings, Seed, merkle,
    opener::{self, Source, Tree},
    profile::FIRST_MATRIX,
    recurrence,
    walk::{Trace, Walker},
};
use rayon::{ThreadPool, prelude::*};
use std::{convert::Infallible, sync::Arc};

/// Most rows in a block: one task of one thread.
const MAX_BLOCK_ROWS: usize = 32;
/// Lanes that one task walks.
const LANES_PER_TASK: usize = 64;

/// The matrices of a challenge in memory. It gives what the plain prover gives, bit for bit.
pub struct State {
    geometry: Geometry,
    pool: Arc<ThreadPool>,
    /// `X_2 .. X_{N+1}`.
    bytes: Vec<u8>,
    /// The last three matrices, widened: two operands and what is made of them.
    wide: [Vec<i16>; 3],
    row_nodes: Vec<Hash>,
    filled: Option<Filled>,
    walked: Option<Walked>,
}

struct Filled {
    seed: Seed,
    rows: Tree,
}

struct Walked {
    seed: Seed,
    traces: Vec<Trace>,
    lanes: Tree,
}

impl State {
    /// Takes the memory for a state.
    ///
    /// # Errors
    /// The memory is not there.
    pub fn reserve(geometry: &Geometry, pool: Arc<ThreadPool>) -> Result<Self, BackendError> {
        let (needed, free) = (memory(geometry), free_memory());
        let no_memory = || BackendError::Memory { needed, free };
        // A system that promises more than it has would kill the agent later.
        if needed > free {
            return Err(no_memory());
        }
        let length = usize::try_from(geometry.state_bytes()).map_err(|_| no_memory())?;
        let matrix = geometry.row_len() * geometry.row_len();
        let rows = usize::try_from(geometry.rows()).map_err(|_| no_memory())?;
        let wide = || zeros(matrix, 0i16).ok_or_else(no_memory);
        Ok(Self {
            geometry: *geometry,
            pool,
            bytes: zeros(length, 0).ok_or_else(no_memory)?,
            wide: [wide()?, wide()?, wide()?],
            row_nodes: zeros(rows, [0; 32]).ok_or_else(no_memory)?,
            filled: None,
            walked: None,
        })
    }

    /// Computes the state that follows from a seed. Returns its root.
    pub fn fill(&mut self, seed: &Seed) -> Hash {
        let pool = Arc::clone(&self.pool);
        pool.install(|| self.compute(seed));
        let rows = Tree::new(self.row_nodes.clone());
        let root = rows.root();
        self.filled = Some(Filled { seed: *seed, rows });
        self.walked = None;
        root
    }

    fn compute(&mut self, seed: &Seed) {
        let (n, row_len) = (self.geometry.n(), self.geometry.row_len());
        let chunk_len = self.geometry.chunk_len();
        let matrix_len = row_len * row_len;
        let block_rows = block_rows(row_len, rayon::current_num_threads());
        let block_len = block_rows * row_len;
        for (matrix, wide) in (0..FIRST_MATRIX).zip(&mut self.wide) {
            wide.par_chunks_exact_mut(row_len).enumerate().for_each_init(
                || vec![0; row_len],
                |narrow, (row, wide)| {
                    recurrence::operand_row(seed, matrix, row as u32, narrow);
                    kernel::widen(narrow, wide);
                },
            );
        }
        let made = self.bytes.chunks_exact_mut(matrix_len);
        let nodes = self.row_nodes.chunks_exact_mut(row_len);
        for ((matrix, made), nodes) in (FIRST_MATRIX..).zip(made).zip(nodes) {
            let (row_keys, column_keys) = rayon::join(
                || recurrence::row_keys(seed, matrix, n),
                || recurrence::column_keys(seed, matrix, n),
            );
            let [right, left, next] = &mut self.wide;
            made.par_chunks_exact_mut(block_len)
                .zip(next.par_chunks_exact_mut(block_len))
                .zip(left.par_chunks_exact(block_len))
                .zip(nodes.par_chunks_exact_mut(block_rows))
                .zip(row_keys.par_chunks_exact(block_rows))
                .for_each_init(
                    || vec![0; block_len],
                    |products, ((((made, next), left), nodes), row_keys)| {
                        kernel::multiply(left, right, row_len, products);
                        let rows = products.chunks_exact(row_len).zip(made.chunks_exact_mut(row_len));
                        for (((products, made), row_key), node) in rows.zip(row_keys).zip(nodes) {
                            kernel::mask(products, *row_key, &column_keys, made);
                            *node = merkle::row_node(made, chunk_len);
                        }
                        kernel::widen(made, next);
                    },
                );
            self.wide.rotate_left(1);
        }
    }

    /// Walks all lanes. Returns the walk's root.
    ///
    /// # Errors
    /// There is no state yet.
    pub fn walk(&mut self, walk_seed: &Seed) -> Result<Hash, BackendError> {
        if self.filled.is_none() {
            return Err(BackendError::Order);
        }
        let walker = Walker::new(&self.geometry, walk_seed);
        let chunk_len = self.geometry.chunk_len();
        let (traces, leaves): (Vec<Trace>, Vec<Hash>) = self.pool.install(|| {
            (0..self.geometry.profile().lanes)
                .into_par_iter()
                .with_min_len(LANES_PER_TASK)
                .map(|lane| {
                    let Ok::<_, Infallible>(trace) = walker.trace(lane, |index| {
                        let start = index as usize * chunk_len;
                        Ok(&self.bytes[start..start + chunk_len])
                    });
                    (trace, merkle::lane_leaf(&trace))
                })
                .unzip()
        });
        let lanes = Tree::new(leaves);
        let root = lanes.root();
        self.walked = Some(Walked {
            seed: *walk_seed,
            traces,
            lanes,
        });
        Ok(root)
    }

    /// Opens what the seed of a sample asks for.
    ///
    /// # Errors
    /// There was no walk yet.
    pub fn open(&self, sample_seed: &Seed) -> Result<Openings, BackendError> {
        let (Some(filled), Some(walked)) = (&self.filled, &self.walked) else {
            return Err(BackendError::Order);
        };
        let source = Opened {
            state: self,
            filled,
            walked,
        };
        let Ok(openings) = opener::open(&self.geometry, &walked.seed, sample_seed, &source);
        Ok(openings)
    }

    /// What the device is bound to, after a walk.
    pub fn claim(&self) -> Option<Claim> {
        let (filled, walked) = (self.filled.as_ref()?, self.walked.as_ref()?);
        Some(Claim {
            seed: filled.seed,
            state_root: filled.rows.root(),
            walk_seed: walked.seed,
            walk_root: walked.lanes.root(),
        })
    }
}

/// Bytes that a challenge takes: the state, three widened matrices, and the trees with their traces.
pub fn memory(geometry: &Geometry) -> u64 {
    let wide = 6 * u64::from(geometry.n()).pow(2);
    let trees = geometry.rows() * 96 + u64::from(geometry.profile().lanes) * (256 + 96);
    geometry.state_bytes() + wide + trees
}

/// Memory that is there, not only promised: writing it makes it so.
fn zeros<T: Clone>(length: usize, zero: T) -> Option<Vec<T>> {
    let mut items = Vec::new();
    items.try_reserve_exact(length).ok()?;
    items.resize(length, zero);
    Some(items)
}

/// Rows that one task multiplies: enough tasks for all threads, and no row is left over.
fn block_rows(rows: usize, threads: usize) -> usize {
    let per_thread = (rows / threads.max(1)).max(kernel::LEFT_ROWS);
    // The largest power of two below, which divides the number of rows: that is one, too.
    (1 << per_thread.ilog2()).min(MAX_BLOCK_ROWS)
}

struct Opened<'a> {
    state: &'a State,
    filled: &'a Filled,
    walked: &'a Walked,
}

impl Source for Opened<'_> {
    type Error = Infallible;

    fn row(&self, index: u64) -> Result<Vec<u8>, Infallible> {
        let row_len = self.state.geometry.row_len();
        let start = index as usize * row_len;
        Ok(self.state.bytes[start..start + row_len].to_vec())
    }

    fn row_path(&self, index: u64) -> Result<Vec<Hash>, Infallible> {
        Ok(self.filled.rows.path(index))
    }

    fn trace(&self, lane: u32) -> Result<Trace, Infallible> {
        Ok(self.walked.traces[lane as usize])
    }

    fn lane_path(&self, lane: u32) -> Result<Vec<Hash>, Infallible> {
        Ok(self.walked.lanes.path(u64::from(lane)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use loopin_challenge::{Profile, classes::CPU_REFERENCE, prover, verify};
    use rayon::ThreadPoolBuilder;

    fn pool(threads: usize) -> Arc<ThreadPool> {
        Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
    }

    fn geometry(n: u32, matrices: u32, lanes: u32) -> Geometry {
        Geometry::new(Profile {
            n,
            matrices,
            lanes,
            entries: (matrices + 1).min(24),
            opened_lanes: lanes.min(4),
            ..CPU_REFERENCE.profile
        })
        .unwrap()
    }

    #[test]
    fn every_size_thread_count_and_seed_gives_what_the_plain_prover_gives() {
        let sizes = [
            (32, 2, 1),
            (32, 7, 65),
            (64, 30, 300),
            (128, 5, 1_000),
            (256, 9, 129),
            (1_024, 2, 70),
            // Two chunks a row.
            (2_048, 2, 8),
        ];
        for ((n, matrices, lanes), number) in sizes.into_iter().zip(1u8..) {
            let geometry = geometry(n, matrices, lanes);
            let (seed, walk_seed, sample_seed) = ([number; 32], [number + 1; 32], [number + 2; 32]);
            let plain = prover::State::fill(&geometry, &seed);
            let plain_walk = plain.walk(&walk_seed);
            for threads in [1, 3] {
                let what = format!("n {n}, {matrices} matrices, {threads} threads");
                let mut state = State::reserve(&geometry, pool(threads)).unwrap();
                assert_eq!(state.fill(&seed), plain.root(), "{what}");
                state.walk(&walk_seed).unwrap();
                assert_eq!(state.claim(), Some(plain_walk.claim()), "{what}");
                let openings = state.open(&sample_seed).unwrap();
                assert!(openings == plain_walk.open(&sample_seed), "{what}");
                let claim = state.claim().unwrap();
                assert_eq!(
                    verify(&geometry, &claim, &sample_seed, &mut &openings.encode()[..]),
                    Ok(())
                );
            }
        }
    }

    #[test]
    fn a_second_fill_forgets_the_first() {
        let geometry = geometry(32, 4, 20);
        let mut state = State::reserve(&geometry, pool(1)).unwrap();
        let first = state.fill(&[1; 32]);
        state.walk(&[2; 32]).unwrap();
        assert_ne!(state.fill(&[3; 32]), first);
        assert_eq!(state.open(&[4; 32]), Err(BackendError::Order));
        assert_eq!(state.fill(&[1; 32]), first);
    }

    #[test]
    fn the_steps_must_come_in_order() {
        let mut state = State::reserve(&geometry(32, 4, 20), pool(1)).unwrap();
        assert_eq!(state.walk(&[1; 32]), Err(BackendError::Order));
        assert_eq!(state.open(&[1; 32]), Err(BackendError::Order));
        assert_eq!(state.claim(), None);
    }

    #[test]
    fn memory_that_is_not_there_is_refused_before_it_is_taken() {
        let geometry = geometry(32_768, 65_535, 100);
        let error = State::reserve(&geometry, pool(1)).err().unwrap();
        assert!(
            matches!(error, BackendError::Memory { needed, .. } if needed > 64 << 40),
            "{error}"
        );
    }

    #[test]
    fn blocks_divide_the_rows_and_keep_all_threads_busy() {
        for (rows, threads, expected) in [(256, 1, 32), (256, 2, 32), (256, 64, 4), (32, 3, 8), (32, 100, 4)]
        {
            let block = block_rows(rows, threads);
            assert_eq!(block, expected, "{rows} rows, {threads} threads");
            assert_eq!((rows % block, block % kernel::LEFT_ROWS), (0, 0));
        }
    }
}

//! Devices that save work or memory, and how they are caught.

mod rates;

use codec::Encode;
use loopin_challenge::{
    Claim, Entry, Flaw, Geometry, Hash, Profile, Rejection, Sample, Seed,
    classes::CPU_REFERENCE,
    merkle,
    opener::{self, Source, Tree},
    prover::{State, Walk},
    recurrence, verify,
    walk::{Trace, Walker},
};
use rates::assert_rate;
use std::{collections::BTreeSet, convert::Infallible};

const SEED: Seed = [1; 32];
const WALK_SEED: Seed = [2; 32];

fn geometry(n: u32, matrices: u32, lanes: u32) -> Geometry {
    Geometry::new(Profile {
        n,
        matrices,
        lanes,
        ..CPU_REFERENCE.profile
    })
    .expect("usable")
}

fn sample_seed(trial: u32) -> Seed {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&trial.to_le_bytes());
    seed
}

/// A device's matrices from `X_0` on, made one by one, rightly or not.
struct Chain {
    n: u32,
    /// Whether entries are masked with row and column keys, as the challenge demands.
    masks: bool,
    matrices: Vec<Vec<u8>>,
}

impl Chain {
    fn new(n: u32, masks: bool) -> Self {
        let mut chain = Self {
            n,
            masks,
            matrices: Vec::new(),
        };
        for matrix in [0, 1] {
            let mut bytes = vec![0; (n * n) as usize];
            for (row, bytes) in (0..).zip(bytes.chunks_mut(n as usize)) {
                recurrence::operand_row(&SEED, matrix, row, bytes);
            }
            chain.matrices.push(bytes);
        }
        chain
    }

    fn row(&self, matrix: u32, row: u32) -> &[u8] {
        &self.matrices[matrix as usize][(row * self.n) as usize..][..self.n as usize]
    }

    fn product(&self, matrix: u32, row: u32, column: u32) -> i32 {
        recurrence::dot(self.row(matrix - 1, row), self.row(matrix - 2, column))
    }

    fn masked(&self, product: i32, matrix: u32, row: u32, column: u32) -> u8 {
        let (row_key, column_key) = if self.masks {
            (
                recurrence::row_key(&SEED, matrix, row),
                recurrence::column_key(&SEED, matrix, column),
            )
        } else {
            (0, 0)
        };
        recurrence::masked(product, row_key, column_key)
    }

    /// What follows from the two matrices before.
    fn follows(&self, Entry { matrix, row, column }: Entry) -> u8 {
        self.masked(self.product(matrix, row, column), matrix, row, column)
    }

    fn is_true(&self, entry: Entry) -> bool {
        self.row(entry.matrix, entry.row)[entry.column as usize] == self.follows(entry)
    }

    /// Appends a matrix, entry by entry.
    fn push(&mut self, entry: impl Fn(&Self, u32, u32, u32) -> u8) {
        let (matrix, n) = (self.matrices.len() as u32, self.n);
        let made = (0..n * n).map(|at| entry(self, matrix, at / n, at % n)).collect();
        self.matrices.push(made);
    }

    fn push_honest(&mut self) {
        self.push(|chain, matrix, row, column| chain.follows(Entry { matrix, row, column }));
    }

    /// A matrix of random bytes whose rows are all equal: no work at all.
    fn push_equal_rows(&mut self) {
        self.push(|_, matrix, _, column| {
            let mut row = [0; 64];
            recurrence::operand_row(&[9; 32], matrix, 0, &mut row);
            row[column as usize]
        });
    }

    /// Computes the first row and copies it: `1 / n` of the work.
    fn push_copied_row(&mut self) {
        self.push(|chain, matrix, _, column| {
            chain.follows(Entry {
                matrix,
                row: 0,
                column,
            })
        });
    }

    fn entries(&self, matrix: u32) -> impl Iterator<Item = Entry> + use<> {
        let n = self.n;
        (0..n * n).map(move |at| Entry {
            matrix,
            row: at / n,
            column: at % n,
        })
    }

    fn state(&self, geometry: &Geometry) -> State {
        State::from_bytes(geometry, &SEED, self.matrices[2..].concat()).expect("all matrices were made")
    }
}

/// One false matrix with equal rows, then nothing but copied rows.
fn rank_one(geometry: &Geometry, masks: bool, forged: u32) -> Chain {
    let mut chain = Chain::new(geometry.n(), masks);
    for matrix in 2..=geometry.last_matrix() {
        match matrix {
            _ if matrix < forged => chain.push_honest(),
            _ if matrix == forged => chain.push_equal_rows(),
            _ => chain.push_copied_row(),
        }
    }
    chain
}

#[test]
fn without_masks_one_false_matrix_makes_all_later_work_trivial_and_no_local_check_sees_it() {
    let geometry = geometry(64, 30, 480);
    let chain = rank_one(&geometry, false, 5);
    for matrix in 2..=geometry.last_matrix() {
        let all_true = chain.entries(matrix).all(|entry| chain.is_true(entry));
        assert_eq!(all_true, matrix != 5, "matrix {matrix}");
    }
    // The sample finds the device out only if it happens to look into the one false matrix: 22 of 29 times.
    let caught = |trial| {
        Sample::draw(&geometry, &sample_seed(trial))
            .entries
            .into_iter()
            .any(|entry| !chain.is_true(entry))
    };
    assert!((0..200).filter(|&trial| !caught(trial)).count() > 20);
}

#[test]
fn with_masks_the_same_device_is_always_caught() {
    let geometry = geometry(64, 30, 480);
    let chain = rank_one(&geometry, true, 5);
    for matrix in 6..=geometry.last_matrix() {
        let right = chain
            .entries(matrix)
            .filter(|&entry| chain.is_true(entry))
            .count();
        // The computed row, and about one of 256 of the other 4,032 entries by chance.
        assert!(
            (64..64 + 40).contains(&right),
            "matrix {matrix}: {right} entries are right"
        );
    }
    let state = chain.state(&geometry);
    let walk = state.walk(&WALK_SEED);
    for trial in 0..200 {
        let rejection =
            check(&geometry, &walk, &sample_seed(trial)).expect_err("nearly every matrix is false");
        assert!(matches!(rejection.flaw, Flaw::FalseEntry { .. }), "{rejection}");
    }
}

#[test]
fn with_masks_a_false_matrix_cheapens_itself_and_the_next_two_products_only() {
    let mut chain = Chain::new(64, true);
    chain.push_honest();
    chain.push_honest();
    chain.push_equal_rows();
    (0..3).for_each(|_| chain.push_honest());
    let distinct = |products: &mut dyn Iterator<Item = i32>| products.collect::<BTreeSet<_>>().len();
    // The first product after it has equal rows: each column holds one value.
    assert!((0..64).all(|column| distinct(&mut (0..64).map(|row| chain.product(5, row, column))) == 1));
    // The second has equal columns: each row holds one value.
    assert!((0..64).all(|row| distinct(&mut (0..64).map(|column| chain.product(6, row, column))) == 1));
    // The third is as hard as any.
    assert!((0..64).all(|column| distinct(&mut (0..64).map(|row| chain.product(7, row, column))) > 50));
    assert!((0..64).all(|row| distinct(&mut (0..64).map(|column| chain.product(7, row, column))) > 50));
}

fn check(geometry: &Geometry, walk: &Walk<'_>, sample_seed: &Seed) -> Result<(), Rejection> {
    let openings = walk.open(sample_seed).encode();
    verify(geometry, &walk.claim(), sample_seed, &mut &openings[..])
}

/// A device that committed to the whole state but walks without a part of it.
struct Forgetful<'a> {
    honest: &'a Walk<'a>,
    traces: Vec<Trace>,
    lanes: Tree,
}

impl<'a> Forgetful<'a> {
    /// Reads zeros wherever `lost` says so.
    fn new(geometry: &Geometry, state: &State, honest: &'a Walk<'a>, lost: impl Fn(u64) -> bool) -> Self {
        let walker = Walker::new(geometry, &WALK_SEED);
        let zeros = vec![0; geometry.chunk_len()];
        let chunks: Vec<&[u8]> = state.bytes().chunks(geometry.chunk_len()).collect();
        let chunk = |index| {
            Ok(if lost(index) {
                &zeros[..]
            } else {
                chunks[index as usize]
            })
        };
        let walk = |lane| {
            let Ok::<_, Infallible>(trace) = walker.trace(lane, chunk);
            trace
        };
        let traces: Vec<Trace> = (0..geometry.profile().lanes).map(walk).collect();
        let lanes = Tree::new(traces.iter().map(merkle::lane_leaf).collect());
        Self {
            honest,
            traces,
            lanes,
        }
    }

    fn claim(&self) -> Claim {
        Claim {
            walk_root: self.lanes.root(),
            ..self.honest.claim()
        }
    }
}

impl Source for Forgetful<'_> {
    type Error = Infallible;

    fn row(&self, index: u64) -> Result<Vec<u8>, Infallible> {
        self.honest.row(index)
    }

    fn row_path(&self, index: u64) -> Result<Vec<Hash>, Infallible> {
        self.honest.row_path(index)
    }

    fn trace(&self, lane: u32) -> Result<Trace, Infallible> {
        Ok(self.traces[lane as usize])
    }

    fn lane_path(&self, lane: u32) -> Result<Vec<Hash>, Infallible> {
        Ok(self.lanes.path(u64::from(lane)))
    }
}

#[test]
fn a_device_without_a_twentieth_of_the_memory_spoils_its_walk_and_can_be_proven_false() {
    let geometry = geometry(64, 64, 4_096);
    let state = State::fill(&geometry, &SEED);
    let honest = state.walk(&WALK_SEED);
    let forgetful = Forgetful::new(&geometry, &state, &honest, |address| address % 20 == 7);
    let claim = forgetful.claim();

    let spoiled = (0..4_096)
        .filter(|&lane| forgetful.trace(lane).expect("infallible") != honest.trace(lane).expect("infallible"))
        .count();
    // 205 of 4,096 chunks are lost, and a lane reads 32.
    let intact = (1.0 - 205.0 / 4_096.0f64).powi(32);
    assert_rate("spoiled lanes", spoiled, 4_096, 1.0 - intact);

    let mut caught = 0;
    for trial in 0..300 {
        let sample_seed = sample_seed(trial);
        let Ok(openings) = opener::open(&geometry, &WALK_SEED, &sample_seed, &forgetful);
        let Err(rejection) = verify(&geometry, &claim, &sample_seed, &mut &openings.encode()[..]) else {
            continue;
        };
        caught += 1;
        assert!(matches!(rejection.flaw, Flaw::FalseRead { .. }), "{rejection}");
        let proof = rejection.proof.expect("a false read is provable");
        assert_eq!(proof.check(&geometry, &claim), Ok(()));
    }
    let lucky = (1.0 - spoiled as f64 / 4_096.0).powi(4);
    assert_rate("caught by four lanes", caught, 300, 1.0 - lucky);
}

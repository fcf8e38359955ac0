//! How often a committee catches a device that skips work, against what the challenge promises.
//!
//! The device saves as much as the masks let it: a false matrix of equal rows costs nothing, and makes the next two
//! products cheap, whose entries then are true. All members of the committee challenge it together, with seeds to which
//! all have contributed, and each has openings of its own of the one state and walk.
//!
//! All nonces are fixed, so a run repeats the last one to the bit. `--nocapture` shows the table.

mod rates;

use codec::Encode;
use loopin_challenge::{
    Claim, Flaw, Geometry, Limits, Profile, Seed, joint,
    messages::{Assignment, Nonce, OpenRequest, VerifierAccount},
    prover::State,
    recurrence, verify,
};
use rates::assert_rate;

/// Committees that challenge each device. The openings of each member are one trial for its own rate.
const COMMITTEES: u32 = 300;
/// Members of a committee.
const MEMBERS: u32 = 5;
/// Side of the matrices: the smallest. How often a device is caught depends on the number of matrices alone.
const N: u32 = 32;
/// Matrices: some more than an RTX 5090 keeps. Of them 5, 10 and 20 % are thrice 2, 4 and 8.
const MATRICES: u32 = 120;
/// Entries that are checked in distinct matrices after the first.
const OTHER_ENTRIES: u32 = 22;

fn geometry() -> Geometry {
    let limits = Limits {
        prepare_ms: 1,
        fill_ms: 1,
        walk_ms: 1,
        open_ms: 1,
    };
    Geometry::new(Profile {
        n: N,
        matrices: MATRICES,
        lanes: 64,
        entries: OTHER_ENTRIES + 2,
        opened_lanes: 4,
        limits,
    })
    .expect("usable")
}

/// A state in which work was saved, and how much of it was done.
struct Saver {
    seed: Seed,
    bytes: Vec<u8>,
    /// Scalar products of two rows: the work.
    products: u64,
}

impl Saver {
    /// Fills a state whose matrices in `false_ones` are made up.
    fn fill(geometry: &Geometry, seed: Seed, false_ones: &[u32]) -> Self {
        let mut saver = Self {
            seed,
            bytes: Vec::new(),
            products: 0,
        };
        for matrix in 0..=geometry.last_matrix() {
            let is_false = |behind: u32| matrix >= behind && false_ones.contains(&(matrix - behind));
            if matrix < 2 || is_false(0) {
                saver.push_random(matrix, is_false(0));
            } else if is_false(1) {
                // All rows of the left operand are equal, so all rows of the product are.
                let row: Vec<i32> = (0..N).map(|column| saver.product(matrix, 0, column)).collect();
                saver.push_masked(matrix, |_, column| row[column as usize]);
            } else if is_false(2) {
                // All rows of the right operand are equal, so all columns of the product are.
                let column: Vec<i32> = (0..N).map(|row| saver.product(matrix, row, 0)).collect();
                saver.push_masked(matrix, |row, _| column[row as usize]);
            } else {
                let all: Vec<i32> = (0..N * N)
                    .map(|at| saver.product(matrix, at / N, at % N))
                    .collect();
                saver.push_masked(matrix, |row, column| all[(row * N + column) as usize]);
            }
        }
        saver.bytes.drain(..2 * (N * N) as usize);
        saver
    }

    /// An operand from the generator, or a made-up matrix: a row of noise, many times.
    fn push_random(&mut self, matrix: u32, is_equal_rows: bool) {
        for row in 0..N {
            let mut bytes = [0; N as usize];
            recurrence::operand_row(
                &self.seed,
                matrix,
                if is_equal_rows { 0 } else { row },
                &mut bytes,
            );
            self.bytes.extend(bytes);
        }
    }

    fn row(&self, matrix: u32, row: u32) -> &[u8] {
        &self.bytes[((matrix * N + row) * N) as usize..][..N as usize]
    }

    fn product(&mut self, matrix: u32, row: u32, column: u32) -> i32 {
        self.products += 1;
        recurrence::dot(self.row(matrix - 1, row), self.row(matrix - 2, column))
    }

    fn push_masked(&mut self, matrix: u32, product: impl Fn(u32, u32) -> i32) {
        let row_keys = recurrence::row_keys(&self.seed, matrix, N);
        let column_keys = recurrence::column_keys(&self.seed, matrix, N);
        for (row, &row_key) in (0..).zip(&row_keys) {
            for (column, &column_key) in (0..).zip(&column_keys) {
                let entry = recurrence::masked(product(row, column), row_key, column_key);
                self.bytes.push(entry);
            }
        }
    }
}

/// Bytes that no other trial uses: they stand for what a verifier draws at random.
fn nonce(percent: u32, committee: u32, member: u32, step: u32) -> [u8; 32] {
    let mut nonce = [0; 32];
    let numbers = [percent, committee, member, step];
    for (bytes, number) in nonce.chunks_mut(4).zip(numbers) {
        bytes.copy_from_slice(&number.to_le_bytes());
    }
    nonce
}

/// A committee challenges the device. What the device did of the work, and how many members caught it.
fn challenge(geometry: &Geometry, false_ones: &[u32], percent: u32, committee: u32) -> (u64, usize) {
    let assignment = Assignment {
        genesis: [1; 32],
        round: committee.into(),
        round_seed: [2; 32],
        device: 1,
        profile: *geometry.profile(),
    };
    let contributors = |step| -> Vec<(VerifierAccount, Nonce)> {
        (0..MEMBERS)
            .map(|member| {
                let of = |step| nonce(percent, committee, member, step);
                (of(0), of(step))
            })
            .collect()
    };
    let seed = joint::seed(&assignment, &contributors(1));
    let Saver { bytes, products, .. } = Saver::fill(geometry, seed, false_ones);
    let state = State::from_bytes(geometry, &seed, bytes).expect("all matrices were made");
    let walk = state.walk(&joint::walk_seed(&seed, &state.root(), &contributors(2)));
    let claim: Claim = walk.claim();
    let is_caught = |member: &u32| {
        let request = OpenRequest {
            assignment,
            verifier: nonce(percent, committee, *member, 0),
            claim: claim.hash(),
            nonce: nonce(percent, committee, *member, 3),
        };
        let sample_seed = request.sample_seed();
        let openings = walk.open(&sample_seed);
        let Err(rejection) = verify(geometry, &claim, &sample_seed, &mut &openings.encode()[..]) else {
            return false;
        };
        assert!(matches!(rejection.flaw, Flaw::FalseEntry { .. }), "{rejection}");
        let proof = rejection.proof.expect("a false entry is provable");
        assert_eq!(proof.check(geometry, &claim), Ok(()));
        true
    };
    (products, (0..MEMBERS).filter(is_caught).count())
}

/// How often an opening meets a wrong entry, where `forged` matrices after the first are false: the formula. Entries
/// are in distinct matrices, and of a false one all are wrong but one in 256.
fn detection(forged: u32) -> f64 {
    // The drawn matrices one after the other, over the distribution of how many false ones were met.
    let mut met = vec![1.0];
    for drawn in 0..OTHER_ENTRIES {
        let mut next = vec![0.0; met.len() + 1];
        for (hits, probability) in met.iter().enumerate() {
            let hit = f64::from(forged - (hits as u32).min(forged)) / f64::from(MATRICES - 1 - drawn);
            next[hits + 1] += probability * hit;
            next[hits] += probability * (1.0 - hit);
        }
        met = next;
    }
    let unseen: f64 = met
        .iter()
        .enumerate()
        .map(|(hits, probability)| probability / 256f64.powi(hits as i32))
        .sum();
    1.0 - unseen
}

/// How often more than half of a committee see it, where each does with that probability.
fn by_majority(one: f64) -> f64 {
    let ways =
        |seeing: u32| (0..seeing).fold(1.0, |ways, i| ways * f64::from(MEMBERS - i) / f64::from(i + 1));
    let exactly =
        |seeing: u32| ways(seeing) * one.powi(seeing as i32) * (1.0 - one).powi((MEMBERS - seeing) as i32);
    (MEMBERS / 2 + 1..=MEMBERS).map(exactly).sum()
}

/// What committees find out about a device that skips that share of the work, and that one verifier, any of five, and more
/// than half of five see it at these rates according to the documentation, in percent.
fn assert_caught(percent: u32, documented: [f64; 3]) {
    let geometry = geometry();
    let forged = MATRICES * percent / 100 / 3;
    let apart = (MATRICES - 3) / forged;
    let false_ones: Vec<u32> = (0..forged).map(|number| 4 + number * apart).collect();
    let all_products = u64::from(MATRICES * N * N);

    let (mut by_one, mut by_five, mut by_three) = (0, 0, 0);
    for committee in 0..COMMITTEES {
        let (products, caught) = challenge(&geometry, &false_ones, percent, committee);
        let skipped = (all_products - products) as f64 * 100.0 / all_products as f64;
        // One row or column of a cheap product is left to compute.
        assert!(
            (f64::from(percent) * 0.97..=f64::from(percent)).contains(&skipped),
            "{skipped} % skipped"
        );
        by_one += caught;
        by_five += usize::from(caught > 0);
        by_three += usize::from(2 * caught > MEMBERS as usize);
    }
    let one = detection(forged);
    let five = 1.0 - (1.0 - one).powi(MEMBERS as i32);
    let trials = [(COMMITTEES * MEMBERS) as usize, COMMITTEES as usize];
    for (who, count, trials, formula, documented) in [
        ("one verifier", by_one, trials[0], one, documented[0]),
        ("a committee of five", by_five, trials[1], five, documented[1]),
        (
            "a majority of five",
            by_three,
            trials[1],
            by_majority(one),
            documented[2],
        ),
    ] {
        let what = format!("{percent} % skipped, {who}");
        println!(
            "{what}: {:.2} %, formula {:.2} %, documented {documented} %",
            100.0 * count as f64 / trials as f64,
            100.0 * formula,
        );
        assert_rate(&what, count, trials, formula);
        assert_rate(
            &format!("{what}, as documented"),
            count,
            trials,
            documented / 100.0,
        );
    }
}

#[test]
fn skipping_a_twentieth_of_the_work_is_caught_as_often_as_promised() {
    assert_caught(5, [33.0, 87.0, 21.0]);
}

#[test]
fn skipping_a_tenth_of_the_work_is_caught_as_often_as_promised() {
    assert_caught(10, [56.0, 98.0, 62.0]);
}

#[test]
fn skipping_a_fifth_of_the_work_is_caught_as_often_as_promised() {
    assert_caught(20, [81.0, 99.97, 95.0]);
}

#[test]
fn a_device_that_skips_nothing_is_never_caught() {
    let geometry = geometry();
    for committee in 0..COMMITTEES {
        let (products, caught) = challenge(&geometry, &[], 0, committee);
        assert_eq!((products, caught), (u64::from(MATRICES * N * N), 0));
    }
}

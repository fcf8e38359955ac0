//! The processor's backend beside the plain prover of the challenge, the definition, and beside what the processor can
//! do: products of f32 matrices by the crates nalgebra and matrixmultiply, which multiply without hashing.
//!
//! `--write FILE` puts the results into a document.

use bench_report::{Case, conditions, medians, milliseconds, publish, ratio};
use loopin_agent::backend::cpu::State;
use loopin_challenge::{Geometry, Profile, classes::CPU_REFERENCE, prover};
use nalgebra::DMatrix;
use rayon::ThreadPoolBuilder;
use std::{cell::RefCell, fmt::Write, hint::black_box, sync::Arc, thread, time::Duration};

const ROUNDS: usize = 9;

fn state(geometry: &Geometry, threads: usize) -> RefCell<State> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = Arc::new(pool.expect("the system has threads"));
    let mut state = State::reserve(geometry, pool).expect("the system has memory");
    state.fill(&[1; 32]);
    RefCell::new(state)
}

fn main() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!(
        "{} Medians of {ROUNDS} rounds. Operations are additions and multiplications, and ratios those of speed.\n\n\
         | n | matrices | what | fill, ms | Gop/s | : plain prover | of a thread : f32 | walk, ms | : plain prover |\n\
         |--:|--:|---|--:|--:|--:|--:|--:|--:|\n",
        conditions()
    );
    for (n, matrices) in [(256, 64), (1_024, 8)] {
        let lanes = matrices * n * (n / n.min(1_024)) / 4;
        let geometry = Geometry::new(Profile {
            n,
            matrices,
            lanes,
            entries: matrices.min(24),
            ..CPU_REFERENCE.profile
        })
        .expect("the profile is usable");
        let plain = prover::State::fill(&geometry, &[1; 32]);
        let [one, all] = [1, cores].map(|threads| state(&geometry, threads));
        let operand = |seed: usize| {
            DMatrix::from_fn(n as usize, n as usize, |row, column| {
                ((row * 31 + column * 17 + seed) % 251) as f32
            })
        };
        let (left, right) = (operand(1), operand(2));
        let mut product = DMatrix::zeros(n as usize, n as usize);

        let fill = |state: &RefCell<State>| {
            black_box(state.borrow_mut().fill(&[1; 32]));
        };
        let walk = |state: &RefCell<State>| {
            black_box(state.borrow_mut().walk(&[2; 32])).expect("the state is filled");
        };
        let mut cases: [Case<'_>; 7] = [
            Box::new(|| drop(black_box(prover::State::fill(&geometry, &[1; 32])))),
            Box::new(|| drop(black_box(plain.walk(&[2; 32])))),
            Box::new(|| fill(&one)),
            Box::new(|| walk(&one)),
            Box::new(|| fill(&all)),
            Box::new(|| walk(&all)),
            Box::new(|| {
                for _ in 0..matrices {
                    left.mul_to(black_box(&right), &mut product);
                    black_box(&product);
                }
            }),
        ];
        let times = medians(ROUNDS, &mut cases);
        let float = times[6];
        let gops = |time: Duration| geometry.operations() as f64 / time.as_secs_f64() / 1e9;
        let backend = |threads: usize| format!("backend, {threads} threads");
        let rows = [
            ("plain prover".to_owned(), 1, times[0], times[1]),
            (backend(1).replace("threads", "thread"), 1, times[2], times[3]),
            (backend(cores), cores, times[4], times[5]),
        ];
        for (what, threads, fill, walk) in rows {
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "| {n} | {matrices} | {what} | {:.1} | {:.1} | {:.2} | {:.2} | {:.2} | {:.2} |",
                milliseconds(fill),
                gops(fill),
                ratio(times[0], fill),
                ratio(float, fill) / threads as f64,
                milliseconds(walk),
                ratio(times[1], walk),
            );
        }
        let _ = writeln!(
            text,
            "| {n} | {matrices} | f32, products alone, 1 thread | {:.1} | {:.1} | {:.2} | 1.00 | | |",
            milliseconds(float),
            gops(float),
            ratio(times[0], float),
        );
    }
    publish("agent-bench", &text);
}

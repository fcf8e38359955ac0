//! The processor's backend against the plain prover of the challenge, the definition.

use loopin_agent::backend::cpu::State;
use loopin_challenge::{Geometry, Profile, classes::CPU_REFERENCE, prover};
use rayon::ThreadPoolBuilder;
use std::{
    hint::black_box,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const RUNS: usize = 9;

/// The median time of a call.
fn median(mut call: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn main() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{:>6} {:>9} {:>8} {:>10} {:>9} {:>7} {:>10} {:>7}",
        "n", "matrices", "threads", "fill, ms", "Gop/s", "ratio", "walk, ms", "ratio"
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
        let report = |threads: &str, fill: Duration, walk: Duration, plain: (Duration, Duration)| {
            println!(
                "{n:>6} {matrices:>9} {threads:>8} {:>10.1} {:>9.1} {:>7.1} {:>10.2} {:>7.1}",
                fill.as_secs_f64() * 1e3,
                geometry.operations() as f64 / fill.as_secs_f64() / 1e9,
                plain.0.as_secs_f64() / fill.as_secs_f64(),
                walk.as_secs_f64() * 1e3,
                plain.1.as_secs_f64() / walk.as_secs_f64(),
            );
        };
        let plain = {
            let state = prover::State::fill(&geometry, &[1; 32]);
            let fill = median(|| drop(black_box(prover::State::fill(&geometry, &[1; 32]))));
            let walk = median(|| drop(black_box(state.walk(&[2; 32]))));
            (fill, walk)
        };
        report("plain", plain.0, plain.1, plain);
        for threads in [1, cores] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = Arc::new(pool.expect("the system has threads"));
            let mut state = State::reserve(&geometry, pool).expect("the system has memory");
            let fill = median(|| {
                black_box(state.fill(&[1; 32]));
            });
            let walk = median(|| {
                black_box(state.walk(&[2; 32])).expect("the state is filled");
            });
            report(&threads.to_string(), fill, walk, plain);
        }
    }
}

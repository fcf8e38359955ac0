//! The roots against which GPUs are checked (`loopin_cuda::KNOWN_ROOTS`) are those of the processor's backend, which is
//! held against the plain prover in its own tests.
//!
//! ```text
//! cargo test --release -p loopin-agent --test known_roots                            the smaller ones, in seconds
//! LOOPIN_KNOWN_ROOTS=all cargo test --release -p loopin-agent --test known_roots     all, in about 20 minutes
//! LOOPIN_KNOWN_ROOTS=write cargo test --release -p loopin-agent --test known_roots   writes the table
//! ```

#![allow(clippy::unwrap_used)]

use loopin_agent::backend::{Backend, cpu::Cpu};
use loopin_cuda::{KNOWN_ROOTS, KnownRoots};
use std::{env, fmt::Write, fs, thread};

const TABLE: &str = "cuda/src/known_roots.in";
/// Sides, numbers of matrices, and numbers of seeds.
const SIZES: [(u32, u32, u32); 6] = [
    (64, 3, 2),
    (256, 5, 2),
    (1_024, 4, 20),
    (2_048, 4, 20),
    (8_192, 3, 3),
    (16_384, 2, 3),
];
/// Largest side that is computed again whenever the tests run, and seeds of each.
const USUAL: (u32, u32) = (2_048, 2);

/// The challenges of the table, without their roots.
fn challenges() -> impl Iterator<Item = KnownRoots> {
    SIZES.into_iter().flat_map(|(n, matrices, seeds)| {
        (0..seeds).map(move |number| KnownRoots {
            n,
            matrices,
            number,
            state_root: [0; 32],
            walk_root: [0; 32],
        })
    })
}

fn compute(processor: &Cpu, challenge: KnownRoots) -> KnownRoots {
    let mut prover = processor.prepare(&challenge.geometry()).unwrap();
    KnownRoots {
        state_root: prover.fill(&challenge.seed()).unwrap(),
        walk_root: prover.walk(&challenge.walk_seed()).unwrap(),
        ..challenge
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn the_stored_roots_are_those_of_the_processor() {
    let processor = Cpu::new("CPU-test".into(), thread::available_parallelism().unwrap().into()).unwrap();
    let asked = env::var("LOOPIN_KNOWN_ROOTS").unwrap_or_default();
    if asked == "write" {
        let mut table =
            String::from("// Made by agent/tests/known_roots.rs, which says how; do not edit.\n[\n");
        for known in challenges().map(|challenge| compute(&processor, challenge)) {
            let (state, walk) = (hex(&known.state_root), hex(&known.walk_root));
            let KnownRoots {
                n, matrices, number, ..
            } = known;
            writeln!(
                table,
                "    known({n}, {matrices}, {number}, \"{state}\", \"{walk}\"),"
            )
            .unwrap();
        }
        return fs::write(TABLE, table + "]\n").unwrap();
    }
    assert_eq!(KNOWN_ROOTS.len(), challenges().count());
    for (known, challenge) in KNOWN_ROOTS.iter().zip(challenges()) {
        let (n, number) = (challenge.n, challenge.number);
        assert_eq!(
            (known.n, known.matrices, known.number),
            (n, challenge.matrices, number)
        );
        if asked == "all" || n <= USUAL.0 && number < USUAL.1 {
            assert_eq!(
                *known,
                compute(&processor, challenge),
                "seed {number} of side {n}"
            );
        }
    }
}

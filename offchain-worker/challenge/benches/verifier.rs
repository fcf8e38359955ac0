//! How long a verifier takes for one device of each class, and the chain for one dispute, natively on one
//! core.
//!
//! The proofs are synthetic: made for the sample, without the device's work. Verifying them is the real
//! thing.

use codec::Encode;
use loopin_challenge::{
    FraudProof, Geometry, Sample, Seed, classes::CLASSES, synthetic::SyntheticProof, verify,
};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const SAMPLE_SEED: Seed = [3; 32];
const RUNS: usize = 101;

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
    println!(
        "{:15} {:>15} {:>10} {:>15} {:>12}",
        "class", "openings, bytes", "verify, ms", "dispute, bytes", "dispute, ms"
    );
    for class in CLASSES {
        let geometry = Geometry::new(class.profile).expect("known classes are usable");
        let SyntheticProof { claim, openings } =
            SyntheticProof::new(&geometry, [1; 32], [2; 32], &SAMPLE_SEED);
        let bytes = openings.encode();
        let verification = median(|| {
            verify(black_box(&geometry), &claim, &SAMPLE_SEED, &mut &bytes[..]).expect("the proof is valid");
        });

        // The last entry drawn has two committed operands in every class but by rare chance: the dearest
        // dispute.
        let index = openings
            .entries
            .iter()
            .rposition(|opening| opening.right.is_some())
            .expect("22 of 24 have");
        let entry = Sample::draw(&geometry, &SAMPLE_SEED).entries[index];
        let proof = FraudProof::Entry {
            entry,
            opening: openings.entries[index].clone(),
        };
        let dispute = median(|| {
            // A true entry takes as long as a false one: all of it is checked before the verdict.
            assert_eq!(
                black_box(&proof).check(&geometry, &claim),
                Err(loopin_challenge::FraudError::Honest)
            );
        });
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "{:15} {:15} {:10.3} {:15} {:12.3}",
            class.name,
            bytes.len(),
            milliseconds(verification),
            proof.encoded_size(),
            milliseconds(dispute),
        );
    }
}

//! How long a verifier takes for the openings of one device of each class, which it checks and digests part by part, and
//! the chain for one dispute, natively on one core, beside hashing the same bytes once with the crate sha2.
//!
//! The proofs are synthetic: made for the sample, without the device's work. Verifying them is the real
//! thing. `--write FILE` puts the results into a document.

use bench_report::{Case, conditions, medians, milliseconds, publish, ratio};
use codec::Encode;
use loopin_challenge::{
    Checker, Claim, FraudError, FraudProof, Geometry, Hash, Sample, Seed, classes::CLASSES,
    messages::OpeningsDigest, synthetic::SyntheticProof,
};
use sha2::{Digest, Sha256};
use std::{fmt::Write, hint::black_box};

const SAMPLE_SEED: Seed = [3; 32];
const ROUNDS: usize = 51;

/// What a verifier does with openings: checks each part, and adds it to the digest that the device has to sign.
fn check_and_digest(geometry: &Geometry, claim: &Claim, openings: &[u8]) -> Hash {
    let mut checker = Checker::new(geometry, claim, &SAMPLE_SEED);
    let mut digest = OpeningsDigest::new(&SAMPLE_SEED);
    let mut rest = openings;
    while !checker.is_done() {
        let before = rest;
        checker.check_next(&mut rest).expect("the proof is valid");
        digest.add(&before[..before.len() - rest.len()]);
    }
    digest.finish()
}

fn main() {
    let mut text = format!(
        "{} Medians of {ROUNDS} rounds, on one core.\n\n\
         | class | openings, bytes | check and digest, ms | : sha2 of the openings | dispute, bytes | dispute, ms | : sha2 of the proof |\n\
         |---|--:|--:|--:|--:|--:|--:|\n",
        conditions()
    );
    for class in CLASSES {
        let geometry = Geometry::new(class.profile).expect("known classes are usable");
        let SyntheticProof { claim, openings } =
            SyntheticProof::new(&geometry, [1; 32], [2; 32], &SAMPLE_SEED);
        let bytes = openings.encode();
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
        let proof_bytes = proof.encode();

        let mut cases: [Case<'_>; 4] = [
            Box::new(|| {
                black_box(check_and_digest(black_box(&geometry), &claim, &bytes));
            }),
            Box::new(|| {
                black_box(Sha256::digest(black_box(&bytes)));
            }),
            Box::new(|| {
                // A true entry takes as long as a false one: all of it is checked before the verdict.
                let checked = black_box(&proof).check(&geometry, &claim);
                assert_eq!(checked, Err(FraudError::Honest));
            }),
            Box::new(|| {
                black_box(Sha256::digest(black_box(&proof_bytes)));
            }),
        ];
        let times = medians(ROUNDS, &mut cases);
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} | {:.2} | {} | {:.3} | {:.2} |",
            class.name,
            bytes.len(),
            milliseconds(times[0]),
            ratio(times[0], times[1]),
            proof_bytes.len(),
            milliseconds(times[2]),
            ratio(times[2], times[3]),
        );
    }
    publish("verifier-bench", &text);
}

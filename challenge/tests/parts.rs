//! Checking openings part by part, as they arrive.

use codec::Encode;
use loopin_challenge::{
    Checker, Claim, FraudProof, Geometry, Openings, Profile, Rejection, Seed,
    classes::{CPU_REFERENCE, class},
    prover::State,
    synthetic::SyntheticProof,
    verify,
};

const SAMPLE: Seed = [3; 32];

/// Checks openings that arrive with exactly the bytes of one part at a time.
fn check(geometry: &Geometry, claim: &Claim, openings: &Openings) -> Result<(), Rejection> {
    let bytes = openings.encode();
    let mut rest = &bytes[..];
    let mut checker = Checker::new(geometry, claim, &SAMPLE);
    while !checker.is_done() {
        let (mut part, after) = rest.split_at(checker.next_len());
        checker.check_next(&mut part)?;
        assert!(part.is_empty(), "a right part has exactly the expected length");
        rest = after;
    }
    assert!(rest.is_empty(), "nothing follows the last part");
    assert_eq!(checker.next_len(), 0);
    assert_eq!(checker.check_next(&mut rest), Ok(()));
    Ok(())
}

fn small() -> Geometry {
    Geometry::new(Profile {
        n: 32,
        matrices: 24,
        lanes: 64,
        ..CPU_REFERENCE.profile
    })
    .expect("usable")
}

/// Fills, lets `change` falsify the state and commits to it.
fn falsified(geometry: &Geometry, change: impl FnOnce(&mut Vec<u8>)) -> (State, State) {
    let honest = State::fill(geometry, &[1; 32]);
    let mut bytes = honest.bytes().to_vec();
    change(&mut bytes);
    let state = State::from_bytes(geometry, &[1; 32], bytes).expect("as long as before");
    (honest, state)
}

#[test]
fn right_openings_pass_in_parts_of_the_expected_lengths() {
    let geometry = Geometry::new(class("RTX 4090").expect("known").profile).expect("usable");
    let proof = SyntheticProof::new(&geometry, [1; 32], [2; 32], &SAMPLE);
    assert_eq!(check(&geometry, &proof.claim, &proof.openings), Ok(()));

    let geometry = small();
    let state = State::fill(&geometry, &[1; 32]);
    let walk = state.walk(&[2; 32]);
    assert_eq!(check(&geometry, &walk.claim(), &walk.open(&SAMPLE)), Ok(()));
}

#[test]
fn openings_of_pulses_pass_and_are_a_quarter_of_a_full_challenges() {
    for (name, bytes) in [("RTX 4090", 234_000), ("H100 SXM", 309_000)] {
        let geometry = Geometry::new(class(name).expect("known").pulse).expect("usable");
        let proof = SyntheticProof::new(&geometry, [1; 32], [2; 32], &SAMPLE);
        assert_eq!(check(&geometry, &proof.claim, &proof.openings), Ok(()));
        let length = proof.openings.encode().len();
        assert!(length.abs_diff(bytes) < 1_000, "{name}: {length}");
    }
}

#[test]
fn a_false_entry_comes_with_its_proof() {
    let geometry = small();
    let (_, state) = falsified(&geometry, |bytes| {
        bytes.iter_mut().for_each(|byte| *byte ^= 0x55);
    });
    let walk = state.walk(&[2; 32]);
    let rejection = check(&geometry, &walk.claim(), &walk.open(&SAMPLE)).expect_err("every entry is false");
    let openings = walk.open(&SAMPLE).encode();
    let at_once = verify(&geometry, &walk.claim(), &SAMPLE, &mut &openings[..]);
    assert_eq!(at_once.as_ref(), Err(&rejection));
    let proof = rejection.proof.expect("it is fraud");
    assert!(matches!(*proof, FraudProof::Entry { .. }));
    assert_eq!(proof.check(&geometry, &walk.claim()), Ok(()));
}

#[test]
fn a_false_read_comes_with_its_proof() {
    let geometry = small();
    let (honest, lost) = falsified(&geometry, |bytes| bytes.fill(0));
    // Walked over zeros, opened with the chunks that were committed to.
    let (walk, mut openings) = (lost.walk(&[2; 32]), honest.walk(&[2; 32]).open(&SAMPLE));
    let claim = Claim {
        walk_root: walk.claim().walk_root,
        ..honest.walk(&[2; 32]).claim()
    };
    for (lane, false_lane) in openings.lanes.iter_mut().zip(walk.open(&SAMPLE).lanes) {
        (lane.trace, lane.path) = (false_lane.trace, false_lane.path);
    }
    let rejection = check(&geometry, &claim, &openings).expect_err("the first read is false");
    let proof = rejection.proof.expect("it is fraud");
    assert!(matches!(*proof, FraudProof::Read { read: 0, .. }));
    assert_eq!(proof.check(&geometry, &claim), Ok(()));
}

#[test]
fn a_rejection_that_is_no_fraud_has_no_proof_and_stays() {
    let geometry = small();
    let state = State::fill(&geometry, &[1; 32]);
    let walk = state.walk(&[2; 32]);
    let claim = Claim {
        state_root: [9; 32],
        ..walk.claim()
    };
    let rejection = check(&geometry, &claim, &walk.open(&SAMPLE)).expect_err("another root");
    assert_eq!(rejection.proof, None);
    let mut checker = Checker::new(&geometry, &claim, &SAMPLE);
    for _ in 0..2 {
        assert!(checker.check_next(&mut &[0xff_u8][..]).is_err());
        assert!(!checker.is_done());
    }
}

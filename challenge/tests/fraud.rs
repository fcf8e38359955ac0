//! Fraud proofs: they convict who committed to something false, and nobody else.

use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use loopin_challenge::{
    Claim, Entry, Flaw, FraudError, FraudProof, Geometry, Openings, Part, Place, Profile, Sample, Seed,
    classes::{CPU_REFERENCE, class},
    prover::State,
    synthetic::SyntheticProof,
    verify,
};
use proptest::{prelude::*, sample::Index};
use std::sync::LazyLock;

const SEED: Seed = [1; 32];
const WALK_SEED: Seed = [2; 32];
const SAMPLE_SEED: Seed = [3; 32];

fn geometry() -> Geometry {
    Geometry::new(Profile {
        n: 32,
        matrices: 7,
        lanes: 50,
        entries: 8,
        opened_lanes: 2,
        ..CPU_REFERENCE.profile
    })
    .expect("usable")
}

/// What a device that changes `change` in its state claims and opens.
fn device(change: impl FnOnce(&mut [u8])) -> (Claim, Openings) {
    let geometry = geometry();
    let mut bytes = State::fill(&geometry, &SEED).bytes().to_vec();
    change(&mut bytes);
    let state = State::from_bytes(&geometry, &SEED, bytes).expect("the length is unchanged");
    let walk = state.walk(&WALK_SEED);
    (walk.claim(), walk.open(&SAMPLE_SEED))
}

fn honest() -> &'static (Claim, Openings) {
    static HONEST: LazyLock<(Claim, Openings)> = LazyLock::new(|| device(|_| ()));
    &HONEST
}

/// Proofs against the honest device, made of its own true openings.
fn accusations() -> Vec<FraudProof> {
    let (_, openings) = honest();
    let Sample { entries, lanes } = Sample::draw(&geometry(), &SAMPLE_SEED);
    let entries = entries
        .into_iter()
        .zip(openings.entries.clone())
        .map(|(entry, opening)| FraudProof::Entry { entry, opening });
    let lanes = lanes
        .into_iter()
        .zip(&openings.lanes)
        .flat_map(|(lane, opening)| {
            (0..)
                .zip(&opening.reads)
                .map(move |(read, chunk)| FraudProof::Read {
                    lane,
                    read,
                    trace: opening.trace,
                    path: opening.path.clone(),
                    chunk: chunk.clone(),
                })
        });
    entries.chain(lanes).collect()
}

#[test]
fn a_device_with_a_false_entry_is_convicted() {
    let Entry { matrix, row, column } = Sample::draw(&geometry(), &SAMPLE_SEED).entries[2];
    let at = geometry().row_index(matrix, row) as usize * 32 + column as usize;
    let (claim, openings) = device(|bytes| bytes[at] ^= 0x80);
    let rejection =
        verify(&geometry(), &claim, &SAMPLE_SEED, &mut &openings.encode()[..]).expect_err("a false entry");
    assert_eq!(
        rejection.place,
        Place::Entry {
            index: 2,
            entry: Entry { matrix, row, column }
        }
    );
    let Flaw::FalseEntry { follows, committed } = rejection.flaw else {
        panic!("{rejection}")
    };
    assert_eq!(follows ^ committed, i8::MIN);

    let proof = *rejection.proof.expect("a false entry is provable");
    assert_eq!(proof.check(&geometry(), &claim), Ok(()));
    assert_eq!(FraudProof::decode_all(&mut &proof.encode()[..]), Ok(proof));
}

#[test]
fn an_honest_device_is_never_convicted_by_its_own_openings() {
    let accusations = accusations();
    assert_eq!(accusations.len(), 8 + 2 * 32);
    for proof in accusations {
        assert_eq!(proof.check(&geometry(), &honest().0), Err(FraudError::Honest));
    }
}

#[test]
fn a_proof_against_one_claim_says_nothing_about_another() {
    let (claim, _) = honest();
    for proof in accusations() {
        for other in [
            Claim {
                state_root: [9; 32],
                ..*claim
            },
            Claim {
                walk_root: [9; 32],
                ..*claim
            },
        ] {
            match proof.check(&geometry(), &other) {
                // A root that the proof has no part in.
                Err(FraudError::Honest | FraudError::Unfounded(Flaw::NotCommitted(_))) => (),
                outcome => panic!("{outcome:?}"),
            }
        }
    }
}

#[test]
fn places_outside_the_profile_are_refused() {
    let (claim, openings) = honest();
    let opening = openings.entries[0].clone();
    for (matrix, row, column) in [
        (0, 0, 0),
        (1, 0, 0),
        (9, 0, 0),
        (u32::MAX, 0, 0),
        (2, 32, 0),
        (2, 0, 32),
        (2, u32::MAX, u32::MAX),
    ] {
        let proof = FraudProof::Entry {
            entry: Entry { matrix, row, column },
            opening: opening.clone(),
        };
        assert_eq!(
            proof.check(&geometry(), claim),
            Err(FraudError::OutOfRange),
            "{matrix} {row} {column}"
        );
    }
    let opening = &openings.lanes[0];
    for (lane, read) in [(50, 0), (u32::MAX, 0), (0, 32), (0, u8::MAX)] {
        let proof = FraudProof::Read {
            lane,
            read,
            trace: opening.trace,
            path: opening.path.clone(),
            chunk: opening.reads[0].clone(),
        };
        assert_eq!(
            proof.check(&geometry(), claim),
            Err(FraudError::OutOfRange),
            "lane {lane}, read {read}"
        );
    }
}

#[test]
fn another_row_cannot_pass_as_an_operand() {
    let (claim, openings) = honest();
    let sample = Sample::draw(&geometry(), &SAMPLE_SEED);
    let deep = sample
        .entries
        .iter()
        .position(|entry| entry.matrix >= 4)
        .expect("six are beyond the base");
    let mut opening = openings.entries[deep].clone();
    opening.left = opening.right.clone();
    let proof = FraudProof::Entry {
        entry: sample.entries[deep],
        opening,
    };
    let unfounded = FraudError::Unfounded(Flaw::NotCommitted(Part::Left));
    assert_eq!(proof.check(&geometry(), claim), Err(unfounded));
    assert_eq!(
        unfounded.to_string(),
        "the proof is not about this claim: the left row is not the one committed to"
    );
}

#[test]
fn proofs_for_real_profiles_take_20_to_36_kilobytes() {
    // Two rows, a chunk and three paths.
    for (name, expected) in [("RTX 4090", 35), ("H200 SXM", 19)] {
        let geometry = Geometry::new(class(name).expect("known").profile).expect("usable");
        let proof = SyntheticProof::new(&geometry, SEED, WALK_SEED, &SAMPLE_SEED);
        let sample = Sample::draw(&geometry, &SAMPLE_SEED);
        let largest = (0..24)
            .map(|index| FraudProof::Entry {
                entry: sample.entries[index],
                opening: proof.openings.entries[index].clone(),
            })
            .map(|proof| proof.encoded_size())
            .max();
        assert_eq!(largest.map(|size| size / 1_000), Some(expected), "{name}");
    }
    // The largest that any profile allows bounds what the chain accepts.
    let path = 1 + 36 * 32;
    let (row, chunk) = (1 + 4 + 32_768 + path, 2 + 1_024 + path);
    assert_eq!(FraudProof::max_encoded_len(), 1 + 12 + 2 * row + chunk);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn no_change_of_a_true_opening_convicts_an_honest_device(
        accusation: Index, changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let accusations = accusations();
        let mut bytes = accusation.get(&accusations).encode();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(proof) = FraudProof::decode(&mut &bytes[..]) {
            prop_assert!(proof.check(&geometry(), &honest().0).is_err());
        }
    }
}

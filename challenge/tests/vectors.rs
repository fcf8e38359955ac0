//! The crate against `vectors.json`, which `reference.py`, a second implementation, wrote.

use codec::Encode;
use loopin_challenge::{
    Checker, Claim, Entry, Geometry, Limits, Profile, Sample, Seed, joint, merkle,
    messages::{
        Assignment, FillAnswer, FillRequest, Message, Nonce, OpenAnswer, OpenRequest, OpeningsDigest,
        PrepareAnswer, PrepareRequest, VerifierAccount, WalkAnswer, WalkRequest,
    },
    opener::Source,
    prng::{self, Domain},
    prover::State,
    verify,
    walk::Walker,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// One conversation. Every field is compared, and none may be unknown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    n: u32,
    matrices: u32,
    lanes: u32,
    entries: u32,
    opened_lanes: u32,
    limits_ms: [u32; 4],
    genesis: String,
    round: u64,
    round_seed: String,
    device: u64,
    verifiers: [String; 3],
    fill_nonces: [String; 3],
    walk_nonces: [String; 3],
    open_nonce: String,
    seed: String,
    x0_row_0_first_block: String,
    row_keys_2_sha256: String,
    column_keys_2_sha256: String,
    x_sha256: Vec<String>,
    first_leaf: String,
    first_row_node: String,
    state_root: String,
    walk_seed: String,
    walk_keys_sha256: String,
    lane_0_start: String,
    lane_0_trace: Vec<String>,
    walk_root: String,
    claim: String,
    sample_seed: String,
    opened_entries: Vec<[u32; 3]>,
    opened_lane_numbers: Vec<u32>,
    openings_bytes: usize,
    openings_sha256: String,
    openings_digest: String,
    digests: Digests,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Digests {
    prepare_request: String,
    prepare_answer: String,
    fill_request: String,
    fill_answer: String,
    walk_request: String,
    walk_answer: String,
    open_request: String,
    open_answer: String,
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> [u8; 32] {
    let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("two hexadecimal digits");
    assert_eq!(text.len(), 64);
    core::array::from_fn(byte)
}

fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes))
}

/// `len` bytes of the key stream.
fn stream(seed: &Seed, domain: Domain, matrix: u32, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    prng::fill(seed, domain, matrix, 0, 0, &mut bytes);
    bytes
}

fn check(vector: &Vector) {
    let [prepare_ms, fill_ms, walk_ms, open_ms] = vector.limits_ms;
    let profile = Profile {
        n: vector.n,
        matrices: vector.matrices,
        lanes: vector.lanes,
        entries: vector.entries,
        opened_lanes: vector.opened_lanes,
        limits: Limits {
            prepare_ms,
            fill_ms,
            walk_ms,
            open_ms,
        },
    };
    let geometry = Geometry::new(profile).expect("the profile is usable");
    let verifiers = vector.verifiers.each_ref().map(|verifier| unhex(verifier));
    let contributors = |nonces: &[String; 3]| -> Vec<(VerifierAccount, Nonce)> {
        let nonces = nonces.iter().map(|nonce| unhex(nonce));
        verifiers.into_iter().zip(nonces).collect()
    };
    let verifier = verifiers[0];
    let assignment = Assignment {
        genesis: unhex(&vector.genesis),
        round: vector.round,
        round_seed: unhex(&vector.round_seed),
        device: vector.device,
        profile,
    };

    // Filling.
    let fill_request = FillRequest {
        assignment,
        verifier,
        nonce: unhex(&vector.fill_nonces[0]),
    };
    let seed = joint::seed(&assignment, &contributors(&vector.fill_nonces));
    assert_eq!(hex(seed), vector.seed);
    let x0 = stream(&seed, Domain::Operand, 0, vector.n as usize);
    assert_eq!(hex(&x0[..64]), vector.x0_row_0_first_block);
    let keys_len = 4 * vector.n as usize;
    assert_eq!(
        sha256(&stream(&seed, Domain::RowKey, 2, keys_len)),
        vector.row_keys_2_sha256
    );
    assert_eq!(
        sha256(&stream(&seed, Domain::ColumnKey, 2, keys_len)),
        vector.column_keys_2_sha256
    );
    let state = State::fill(&geometry, &seed);
    let matrix_len = geometry.row_len() * geometry.row_len();
    let made: Vec<String> = state.bytes().chunks(matrix_len).map(sha256).collect();
    assert_eq!(made, vector.x_sha256[2..]);
    for matrix in [0, 1] {
        let mut rows = vec![0; matrix_len];
        for (row, bytes) in (0..).zip(rows.chunks_mut(geometry.row_len())) {
            loopin_challenge::recurrence::operand_row(&seed, matrix, row, bytes);
        }
        assert_eq!(sha256(&rows), vector.x_sha256[matrix as usize]);
    }

    // Committing.
    let chunk_len = geometry.chunk_len();
    assert_eq!(
        hex(merkle::chunk_leaf(&state.bytes()[..chunk_len])),
        vector.first_leaf
    );
    assert_eq!(
        hex(merkle::row_node(&state.bytes()[..geometry.row_len()], chunk_len)),
        vector.first_row_node
    );
    assert_eq!(hex(state.root()), vector.state_root);

    // Walking.
    let walk_request = WalkRequest {
        assignment,
        verifier,
        seed,
        state_root: state.root(),
        nonce: unhex(&vector.walk_nonces[0]),
    };
    let walk_seed = joint::walk_seed(&seed, &state.root(), &contributors(&vector.walk_nonces));
    assert_eq!(hex(walk_seed), vector.walk_seed);
    assert_eq!(
        sha256(&stream(&walk_seed, Domain::WalkKey, 0, chunk_len + 4 * 1_020)),
        vector.walk_keys_sha256
    );
    let walk = state.walk(&walk_seed);
    assert_eq!(
        format!("{:016x}", Walker::new(&geometry, &walk_seed).start(0)),
        vector.lane_0_start
    );
    let Ok(trace) = walk.trace(0);
    assert_eq!(
        trace.map(|state| format!("{state:016x}")).to_vec(),
        vector.lane_0_trace
    );
    let claim = walk.claim();
    assert_eq!(hex(claim.walk_root), vector.walk_root);
    assert_eq!(
        claim,
        Claim {
            seed,
            state_root: state.root(),
            walk_seed,
            walk_root: claim.walk_root
        }
    );

    assert_eq!(hex(claim.hash()), vector.claim);

    // Opening.
    let open_request = OpenRequest {
        assignment,
        verifier,
        claim: claim.hash(),
        nonce: unhex(&vector.open_nonce),
    };
    let sample_seed = open_request.sample_seed();
    assert_eq!(hex(sample_seed), vector.sample_seed);
    let entries = vector
        .opened_entries
        .iter()
        .map(|&[matrix, row, column]| Entry { matrix, row, column });
    let sample = Sample {
        entries: entries.collect(),
        lanes: vector.opened_lane_numbers.clone(),
    };
    assert_eq!(Sample::draw(&geometry, &sample_seed), sample);
    let openings = walk.open(&sample_seed).encode();
    assert_eq!(openings.len(), vector.openings_bytes);
    assert_eq!(sha256(&openings), vector.openings_sha256);
    assert_eq!(
        verify(&geometry, &claim, &sample_seed, &mut &openings[..]),
        Ok(())
    );

    let mut digest = OpeningsDigest::new(&sample_seed);
    let mut checker = Checker::new(&geometry, &claim, &sample_seed);
    let mut rest = &openings[..];
    while !checker.is_done() {
        let before = rest;
        checker.check_next(&mut rest).expect("they are right");
        digest.add(&before[..before.len() - rest.len()]);
    }
    assert_eq!(hex(digest.finish()), vector.openings_digest);

    // Signing.
    let Digests {
        prepare_request,
        prepare_answer,
        fill_request: expected_fill_request,
        fill_answer,
        walk_request: expected_walk_request,
        walk_answer,
        open_request: expected_open_request,
        open_answer,
    } = &vector.digests;
    assert_eq!(
        &hex(PrepareRequest { assignment, verifier }.digest()),
        prepare_request
    );
    assert_eq!(
        &hex(PrepareAnswer {
            assignment,
            privacy: 25
        }
        .digest()),
        prepare_answer
    );
    assert_eq!(&hex(fill_request.digest()), expected_fill_request);
    assert_eq!(
        &hex(FillAnswer {
            assignment,
            seed,
            state_root: state.root()
        }
        .digest()),
        fill_answer
    );
    assert_eq!(&hex(walk_request.digest()), expected_walk_request);
    assert_eq!(&hex(WalkAnswer { assignment, claim }.digest()), walk_answer);
    assert_eq!(&hex(open_request.digest()), expected_open_request);
    let opened = OpenAnswer {
        assignment,
        verifier,
        claim: claim.hash(),
        openings: digest.finish(),
    };
    assert_eq!(&hex(opened.digest()), open_answer);
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("vectors.json")).expect("the file has the fields of a vector")
}

#[test]
fn both_implementations_agree_on_every_byte_where_rows_are_shorter_than_a_chunk() {
    let vectors = vectors();
    assert_eq!((vectors.len(), vectors[0].n), (2, 64), "{}", vectors[0].name);
    check(&vectors[0]);
}

#[test]
fn both_implementations_agree_on_every_byte_where_rows_have_several_chunks() {
    let vectors = vectors();
    assert_eq!((vectors.len(), vectors[1].n), (2, 2_048), "{}", vectors[1].name);
    check(&vectors[1]);
}

//! Openings that are not exactly the right ones: every one is refused, none makes the verifier panic.

use codec::{Compact, Decode, Encode};
use loopin_challenge::{
    Claim, Entry, EntryOpening, Flaw, Geometry, Openings, Part, Place, Profile, Rejection, Sample, Seed,
    classes::CPU_REFERENCE, prover::State, verify,
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

fn honest() -> &'static (Claim, Openings, Vec<u8>) {
    static HONEST: LazyLock<(Claim, Openings, Vec<u8>)> = LazyLock::new(|| {
        let state = State::fill(&geometry(), &SEED);
        let walk = state.walk(&WALK_SEED);
        let openings = walk.open(&SAMPLE_SEED);
        let encoded = openings.encode();
        (walk.claim(), openings, encoded)
    });
    &HONEST
}

fn check(bytes: &[u8]) -> Result<(), Rejection> {
    verify(&geometry(), &honest().0, &SAMPLE_SEED, &mut &bytes[..])
}

/// Asserts where and why the honest openings are refused after a change.
fn assert_refused(change: impl FnOnce(&mut Openings), place: Place, flaw: Flaw) {
    let mut openings = honest().1.clone();
    change(&mut openings);
    assert_eq!(check(&openings.encode()), Err(Rejection::unproven(place, flaw)));
}

fn count(expected: u32, found: u32) -> Flaw {
    Flaw::Count { expected, found }
}

fn length(part: Part, expected: usize, found: usize) -> Flaw {
    Flaw::Length {
        part,
        expected,
        found,
    }
}

/// The entry opened at `index`.
fn entry(index: usize) -> Place {
    Place::Entry {
        index,
        entry: Sample::draw(&geometry(), &SAMPLE_SEED).entries[index],
    }
}

/// The lane opened at `index`.
fn lane(index: usize) -> Place {
    Place::Lane {
        index,
        lane: Sample::draw(&geometry(), &SAMPLE_SEED).lanes[index],
    }
}

/// The number of an opened entry whose operands are both committed to.
fn deep() -> usize {
    let entries = Sample::draw(&geometry(), &SAMPLE_SEED).entries;
    entries
        .iter()
        .position(|Entry { matrix, .. }| *matrix >= 4)
        .expect("six of the eight are beyond the base")
}

#[test]
fn the_honest_openings_are_accepted_and_shorter_than_their_bound() {
    let (_, openings, bytes) = honest();
    assert_eq!(check(bytes), Ok(()));
    assert_eq!(Openings::decode(&mut &bytes[..]).as_ref(), Ok(openings));
    assert!(bytes.len() < Openings::max_encoded_len_for(&geometry()));
}

#[test]
fn the_bound_on_the_length_is_reached_by_openings_with_all_rows() {
    let (_, openings, _) = honest();
    let mut full = openings.clone();
    let template = openings.entries[deep()].clone();
    full.entries
        .iter_mut()
        .for_each(|opening| *opening = template.clone());
    assert_eq!(full.encoded_size(), Openings::max_encoded_len_for(&geometry()));
}

#[test]
fn every_single_changed_bit_is_refused() {
    let bytes = &honest().2;
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(check(&changed).is_err(), "bit {} of byte {at}", at % 8);
    }
}

#[test]
fn every_truncation_is_refused() {
    let bytes = &honest().2;
    for len in 0..bytes.len() {
        let Rejection { flaw, .. } = check(&bytes[..len]).expect_err("bytes are missing");
        assert_eq!(flaw, Flaw::Unreadable, "{len} bytes");
    }
}

#[test]
fn bytes_after_the_end_are_refused() {
    let mut bytes = honest().2.clone();
    bytes.push(0);
    let trailing = Rejection::unproven(Place::Message, Flaw::TrailingBytes);
    assert_eq!(check(&bytes), Err(trailing));
}

#[test]
fn a_wrong_number_of_openings_is_refused() {
    assert_refused(
        |openings| drop(openings.entries.pop()),
        Place::Message,
        count(8, 7),
    );
    let repeat = |openings: &mut Openings| {
        let lane = openings.lanes[0].clone();
        openings.lanes.try_push(lane).expect("below the bound");
    };
    assert_refused(repeat, Place::Message, count(2, 3));
}

#[test]
fn lengths_that_are_not_the_profiles_are_refused() {
    let (place, index) = (entry(deep()), deep());
    let shorten_row = |openings: &mut Openings| {
        let left = openings.entries[index].left.as_mut();
        left.expect("committed").row.truncate(31);
    };
    assert_refused(shorten_row, place, length(Part::Left, 32, 31));
    let lengthen_path = |openings: &mut Openings| {
        let right = openings.entries[index].right.as_mut();
        right
            .expect("committed")
            .path
            .try_push([0; 32])
            .expect("below the bound");
    };
    assert_refused(lengthen_path, place, length(Part::Right, 8, 9));
    let drop_chunk = |openings: &mut Openings| openings.entries[index].chunk.chunk.clear();
    assert_refused(drop_chunk, place, length(Part::Chunk, 32, 0));
    let drop_path = |openings: &mut Openings| openings.lanes[1].path.clear();
    assert_refused(drop_path, lane(1), length(Part::Trace, 6, 0));
    let lengthen_read = |openings: &mut Openings| {
        let chunk = &mut openings.lanes[1].reads[31].chunk;
        chunk.try_push(0).expect("below the bound");
    };
    assert_refused(lengthen_read, lane(1), length(Part::Read(31), 32, 33));
}

#[test]
fn lengths_beyond_any_profile_are_refused_before_anything_is_allocated() {
    // The first entry's operands come from the generator: its chunk's length follows directly.
    let start = [Compact(8u32).encode(), vec![0, 0], Compact(u32::MAX).encode()].concat();
    let unreadable = Rejection::unproven(entry(0), Flaw::Unreadable);
    assert_eq!(check(&start), Err(unreadable));
    let too_many = Rejection::unproven(Place::Message, count(8, u32::MAX));
    assert_eq!(check(&Compact(u32::MAX).encode()), Err(too_many));
}

#[test]
fn a_length_that_is_not_written_in_the_shortest_way_is_refused() {
    // The number of entries, 8, in two bytes, and in four.
    for longer in [vec![8 << 2 | 1, 0], vec![8 << 2 | 2, 0, 0, 0]] {
        let bytes = [longer, honest().2[1..].to_vec()].concat();
        let unreadable = Rejection::unproven(Place::Message, Flaw::Unreadable);
        assert_eq!(check(&bytes), Err(unreadable));
    }
}

#[test]
fn rows_must_be_present_exactly_where_they_are_committed_to() {
    let (place, index) = (entry(deep()), deep());
    assert_refused(
        |openings| openings.entries[index].left = None,
        place,
        Flaw::Missing(Part::Left),
    );
    assert_refused(
        |openings| openings.entries[index].right = None,
        place,
        Flaw::Missing(Part::Right),
    );
    let add_left = |openings: &mut Openings| openings.entries[0].left = openings.entries[index].left.clone();
    assert_refused(add_left, entry(0), Flaw::Superfluous(Part::Left));
    let add_right =
        |openings: &mut Openings| openings.entries[1].right = openings.entries[index].right.clone();
    assert_refused(add_right, entry(1), Flaw::Superfluous(Part::Right));
}

#[test]
fn parts_that_were_not_committed_to_are_refused_by_name() {
    let (place, index) = (entry(deep()), deep());
    let swap_operands = |openings: &mut Openings| {
        let EntryOpening { left, right, .. } = &mut openings.entries[index];
        std::mem::swap(left, right);
    };
    assert_refused(swap_operands, place, Flaw::NotCommitted(Part::Left));
    let change_row = |openings: &mut Openings| {
        openings.entries[index].right.as_mut().expect("committed").row[7] ^= 1;
    };
    assert_refused(change_row, place, Flaw::NotCommitted(Part::Right));
    let change_chunk = |openings: &mut Openings| openings.entries[index].chunk.chunk[0] ^= 1;
    assert_refused(change_chunk, place, Flaw::NotCommitted(Part::Chunk));
    let change_trace = |openings: &mut Openings| openings.lanes[0].trace[31] ^= 1;
    assert_refused(change_trace, lane(0), Flaw::NotCommitted(Part::Trace));
    let swap_reads = |openings: &mut Openings| openings.lanes[0].reads.swap(4, 5);
    assert_refused(swap_reads, lane(0), Flaw::NotCommitted(Part::Read(4)));
}

#[test]
fn an_answer_to_another_challenge_is_refused() {
    let (claim, _, bytes) = honest();
    for (change, sample_seed) in [
        ((|claim| claim.seed = [9; 32]) as fn(&mut Claim), SAMPLE_SEED),
        (|claim| claim.walk_seed = [9; 32], SAMPLE_SEED),
        (|claim| claim.state_root = [9; 32], SAMPLE_SEED),
        (|claim| claim.walk_root = [9; 32], SAMPLE_SEED),
        (|_| (), [9; 32]),
    ] {
        let mut claim = *claim;
        change(&mut claim);
        assert!(verify(&geometry(), &claim, &sample_seed, &mut &bytes[..]).is_err());
    }
}

#[test]
fn a_rejection_says_what_is_wrong_and_where() {
    let rejection = Rejection::unproven(
        Place::Entry {
            index: 5,
            entry: Entry {
                matrix: 9,
                row: 3,
                column: 7,
            },
        },
        Flaw::FalseEntry {
            follows: -4,
            committed: 11,
        },
    );
    assert_eq!(
        rejection.to_string(),
        "opening 5 of entries (matrix 9, row 3, column 7): the entry is 11, where -4 follows from its operands"
    );
    let rejection = Rejection::unproven(
        Place::Lane { index: 1, lane: 40 },
        Flaw::NotCommitted(Part::Read(6)),
    );
    assert_eq!(
        rejection.to_string(),
        "opening 1 of lanes (lane 40): the chunk of read 6 is not the one committed to"
    );
}

/// One way to spoil a message.
#[derive(Clone, Debug)]
enum Mutation {
    Set { at: Index, byte: u8 },
    Remove { from: Index, len: usize },
    Insert { at: Index, bytes: Vec<u8> },
    Repeat { from: Index, to: Index, len: usize },
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set { at, byte }),
        (any::<Index>(), 1usize..2_000).prop_map(|(from, len)| Mutation::Remove { from, len }),
        (any::<Index>(), prop::collection::vec(any::<u8>(), 1..100))
            .prop_map(|(at, bytes)| Mutation::Insert { at, bytes }),
        (any::<Index>(), any::<Index>(), 1usize..500).prop_map(|(from, to, len)| Mutation::Repeat {
            from,
            to,
            len
        }),
    ]
}

fn apply(bytes: &mut Vec<u8>, mutation: Mutation) {
    if bytes.is_empty() {
        return;
    }
    let end = |from: usize, len: usize| bytes.len().min(from + len);
    match mutation {
        Mutation::Set { at, byte } => {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        Mutation::Remove { from, len } => {
            let from = from.index(bytes.len());
            bytes.drain(from..end(from, len));
        }
        Mutation::Insert { at, bytes: inserted } => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, inserted);
        }
        Mutation::Repeat { from, to, len } => {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            let copied = bytes[from..end(from, len)].to_vec();
            let end = end(to, copied.len());
            bytes.splice(to..end, copied);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_mutation_is_refused_without_a_panic(mutations in prop::collection::vec(mutation(), 1..5)) {
        let honest = &honest().2;
        let mut bytes = honest.clone();
        mutations.into_iter().for_each(|mutation| apply(&mut bytes, mutation));
        prop_assume!(bytes != *honest);
        prop_assert!(check(&bytes).is_err());
    }

    #[test]
    fn garbage_is_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..5_000)) {
        prop_assert!(check(&bytes).is_err());
    }
}

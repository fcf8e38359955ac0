//! Every kernel, run on the CPU, against the challenge's definitions, bit for bit.

use super::{
    emulator::{EmulatedMemory, Emulator},
    seed,
};
use crate::machine::{Arguments, Kernel, Machine, Memory};
use loopin_challenge::{
    Hash, merkle,
    opener::Tree,
    prng::{self, Domain},
    recurrence,
    walk::{Trace, Walker},
};
use std::array;

const JUNK: u8 = 0xa5;

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes(word.try_into().expect("four bytes")))
        .collect()
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes
        .chunks_exact(32)
        .map(|hash| hash.try_into().expect("32 bytes"))
        .collect()
}

/// Random bytes.
fn noise(number: u32, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    prng::fill(&seed(number), Domain::Operand, 7, 7, 0, &mut bytes);
    bytes
}

#[test]
fn operands_are_those_of_the_generator() {
    let emulator = Emulator::new(1);
    for (number, n) in (0..).zip([32u32, 64, 128, 256, 1_024]) {
        let seed = seed(number);
        let len = (n * n) as usize;
        let matrices: [EmulatedMemory; 2] = array::from_fn(|_| emulator.upload(&vec![0; len]));
        let arguments = Arguments::new()
            .word(matrices[0].address())
            .word(matrices[1].address())
            .word(n)
            .seed(&seed);
        let blocks = Kernel::Operands.blocks(u64::from(2 * n * n.div_ceil(64)));
        emulator
            .launch(Kernel::Operands, blocks, &arguments)
            .expect("runs");
        for (number, matrix) in (0..).zip(&matrices) {
            let mut expected = vec![0; len];
            for (row, bytes) in (0..).zip(expected.chunks_exact_mut(n as usize)) {
                recurrence::operand_row(&seed, number, row, bytes);
            }
            assert!(
                emulator.download(matrix, len) == expected,
                "X_{number} of side {n}"
            );
        }
    }
}

#[test]
fn keys_are_those_of_the_generator() {
    let emulator = Emulator::new(2);
    for (number, (n, matrices)) in (0..).zip([(32u32, 2u32), (64, 9), (256, 5), (2_048, 3)]) {
        let seed = seed(number);
        let len = (matrices * 2 * n * 4) as usize;
        let keys = emulator.upload(&vec![0; len]);
        let arguments = Arguments::new()
            .word(keys.address())
            .word(n)
            .word(matrices)
            .seed(&seed);
        let blocks = Kernel::Keys.blocks(u64::from(matrices * 2 * n / 16));
        emulator.launch(Kernel::Keys, blocks, &arguments).expect("runs");
        let mut found = words(&emulator.download(&keys, len)).into_iter();
        for matrix in 2..2 + matrices {
            assert!((0..n).all(|row| found.next() == Some(recurrence::row_key(&seed, matrix, row))));
            assert!((0..n).all(|column| found.next() == Some(recurrence::column_key(&seed, matrix, column))));
        }
    }
}

/// The next matrix by the definition.
fn expected_product(n: usize, left: &[u8], right: &[u8], row_keys: &[u32], column_keys: &[u32]) -> Vec<u8> {
    let mut made = Vec::with_capacity(n * n);
    for (left_row, &row_key) in left.chunks_exact(n).zip(row_keys) {
        for (right_row, &column_key) in right.chunks_exact(n).zip(column_keys) {
            made.push(recurrence::masked(
                recurrence::dot(left_row, right_row),
                row_key,
                column_key,
            ));
        }
    }
    made
}

fn assert_product(chance: u64, n: usize, left: &[u8], right: &[u8]) {
    let emulator = Emulator::new(chance);
    let row_keys = noise(chance as u32 + 100, 4 * n);
    let column_keys = noise(chance as u32 + 200, 4 * n);
    let (kernel, blocks) = if n < 128 {
        (Kernel::ProductSmall, 1)
    } else {
        (Kernel::Product, (n as u64 / 128).pow(2))
    };
    let out = emulator.upload(&vec![JUNK; n * n]);
    let inputs = [left, right, &row_keys, &column_keys].map(|bytes| emulator.upload(bytes));
    let arguments = Arguments::new()
        .word(inputs[0].address())
        .word(inputs[1].address())
        .word(out.address())
        .word(inputs[2].address())
        .word(inputs[3].address())
        .word(n as u64);
    emulator.launch(kernel, blocks, &arguments).expect("runs");
    let expected = expected_product(n, left, right, &words(&row_keys), &words(&column_keys));
    let found = emulator.download(&out, n * n);
    let wrong = (0..n * n).find(|&at| found[at] != expected[at]);
    assert_eq!(
        wrong.map(|at| (at / n, at % n)),
        None,
        "first wrong entry of side {n}"
    );
}

#[test]
fn products_of_every_shape_are_exact() {
    // 128 is one tile in two steps, 256 fills the pipeline, 512 uses every stage more than once.
    for (chance, n) in (10..).zip([32, 64, 128, 256, 512]) {
        assert_product(chance, n, &noise(1, n * n), &noise(2, n * n));
    }
}

#[test]
fn products_do_not_depend_on_the_order_of_threads_and_copies() {
    for chance in 20..28 {
        assert_product(chance, 128, &noise(3, 128 * 128), &noise(4, 128 * 128));
        assert_product(chance, 64, &noise(3, 64 * 64), &noise(4, 64 * 64));
    }
}

#[test]
fn products_of_the_largest_entries_are_exact() {
    let (lowest, highest) = (vec![i8::MIN as u8; 256 * 256], vec![i8::MAX as u8; 256 * 256]);
    assert_product(30, 256, &lowest, &lowest);
    assert_product(31, 256, &lowest, &highest);
}

#[test]
fn each_entry_of_the_factors_meets_only_its_own() {
    // One entry that is not zero in each factor: one entry of the product is not zero.
    for (number, at) in (0..).zip([0, 1, 31, 127 * 128 + 64, 128 * 128 - 1]) {
        let (mut left, mut right) = (vec![0; 128 * 128], vec![0; 128 * 128]);
        left[at] = 1;
        right[(at + 77 * 128) % (128 * 128)] = 255;
        assert_product(40 + number, 128, &left, &right);
    }
}

#[test]
fn every_tile_is_made_by_one_block() {
    let emulator = Emulator::new(45);
    // Up to 256 tiles a side, of the longest rows; groups of 16 rows of tiles from 32 on.
    for side in [1u64, 2, 8, 16, 32, 64, 256] {
        let mut made = vec![false; (side * side) as usize];
        for block in 0..side * side {
            let (row, column) = emulator.tile_place(block, side);
            assert!(row < side && column < side);
            let before = std::mem::replace(&mut made[(row * side + column) as usize], true);
            assert!(!before, "({row}, {column}) of {side}");
        }
    }
}

#[test]
fn masks_of_products_in_memory_are_those_of_the_definition() {
    let emulator = Emulator::new(50);
    for n in [32usize, 256] {
        for rows in [n / 4, n] {
            let products = noise(5, 4 * rows * n);
            let (row_keys, column_keys) = (noise(6, 4 * rows), noise(7, 4 * n));
            let inputs = [&products, &row_keys, &column_keys].map(|bytes| emulator.upload(bytes));
            let out = emulator.upload(&vec![JUNK; rows * n]);
            let arguments = Arguments::new()
                .word(inputs[0].address())
                .word(out.address())
                .word(inputs[1].address())
                .word(inputs[2].address())
                .word(n as u64)
                .word(rows as u64);
            let blocks = Kernel::Mask.blocks((rows * n / 16) as u64);
            emulator.launch(Kernel::Mask, blocks, &arguments).expect("runs");
            let (products, row_keys, column_keys) = (words(&products), words(&row_keys), words(&column_keys));
            let expected: Vec<u8> = (0..rows * n)
                .map(|at| recurrence::masked(products[at] as i32, row_keys[at / n], column_keys[at % n]))
                .collect();
            assert!(
                emulator.download(&out, rows * n) == expected,
                "{rows} rows of {n}"
            );
        }
    }
}

#[test]
fn row_nodes_are_the_roots_over_the_chunks_of_rows() {
    let emulator = Emulator::new(60);
    let shapes = [
        (32usize, 32usize),
        (64, 130),
        (128, 7),
        (256, 1),
        (512, 5),
        (1_024, 200),
        (2_048, 67),
        (8_192, 17),
        (16_384, 9),
        (32_768, 5),
    ];
    for (number, (n, rows)) in (0..).zip(shapes) {
        let bytes = noise(number, n * rows);
        let (matrix, nodes) = (emulator.upload(&bytes), emulator.upload(&vec![JUNK; rows * 32]));
        let arguments = Arguments::new()
            .word(matrix.address())
            .word(nodes.address())
            .word(n as u64)
            .word(rows as u64);
        let chunk_len = n.min(1_024);
        let blocks = Kernel::RowNodes.blocks((rows * (n / chunk_len)) as u64);
        emulator
            .launch(Kernel::RowNodes, blocks, &arguments)
            .expect("runs");
        let expected: Vec<Hash> = bytes
            .chunks_exact(n)
            .map(|row| merkle::row_node(row, chunk_len))
            .collect();
        assert_eq!(
            hashes(&emulator.download(&nodes, rows * 32)),
            expected,
            "{rows} rows of {n}"
        );
    }
}

#[test]
fn parents_complete_an_odd_level_with_zeros() {
    let emulator = Emulator::new(70);
    for count in [2usize, 3, 4, 5, 255, 256, 257] {
        let level = noise(count as u32, count * 32);
        let parents = count.div_ceil(2);
        let (from, to) = (
            emulator.upload(&level),
            emulator.upload(&vec![JUNK; parents * 32]),
        );
        let arguments = Arguments::new()
            .word(from.address())
            .word(to.address())
            .word(count as u64);
        emulator
            .launch(
                Kernel::Parents,
                Kernel::Parents.blocks(parents as u64),
                &arguments,
            )
            .expect("runs");
        let expected: Vec<Hash> = hashes(&level)
            .chunks(2)
            .map(|pair| merkle::node(&pair[0], pair.get(1).unwrap_or(&merkle::MISSING)))
            .collect();
        assert_eq!(
            hashes(&emulator.download(&to, parents * 32)),
            expected,
            "{count} digests"
        );
    }
}

#[test]
fn pieces_are_gathered_in_order() {
    let emulator = Emulator::new(80);
    let bytes = noise(1, 16 * 1_000);
    let places: Vec<u64> = vec![0, 998, 3, 3, 500];
    let encoded: Vec<u8> = places.iter().flat_map(|place| place.to_le_bytes()).collect();
    let (from, at) = (emulator.upload(&bytes), emulator.upload(&encoded));
    let to = emulator.upload(&[JUNK; 5 * 32]);
    let arguments = Arguments::new()
        .word(from.address())
        .word(at.address())
        .word(to.address())
        .word(2u64)
        .word(places.len() as u64);
    emulator.launch(Kernel::Gather, 1, &arguments).expect("runs");
    let expected: Vec<u8> = places
        .iter()
        .flat_map(|&place| bytes[place as usize * 16..][..32].to_vec())
        .collect();
    assert_eq!(emulator.download(&to, 5 * 32), expected);
}

#[test]
fn lanes_walk_as_the_reference_and_leave_its_leaves() {
    let emulator = Emulator::new(90);
    // Lanes that fill blocks and that do not; chunks of every length.
    let shapes = [
        (32u32, 2u32, 1u32),
        (64, 3, 33),
        (256, 2, 32),
        (512, 2, 70),
        (1_024, 2, 64),
        (2_048, 2, 40),
    ];
    for (number, (n, matrices, lanes)) in (0..).zip(shapes) {
        let geometry = super::geometry(n, matrices, lanes);
        let (walk_seed, chunk_len) = (seed(number), geometry.chunk_len());
        let state = noise(number + 1, geometry.state_bytes() as usize);
        let mut keys = vec![0; chunk_len + 4 * 1_020];
        prng::fill(&walk_seed, Domain::WalkKey, 0, 0, 0, &mut keys);
        let inputs = [&state, &keys].map(|bytes| emulator.upload(bytes));
        let leaves = emulator.upload(&vec![JUNK; lanes as usize * 32]);
        let arguments = Arguments::new()
            .word(inputs[0].address())
            .word(inputs[1].address())
            .word(leaves.address())
            .word(chunk_len as u64)
            .word(geometry.chunks())
            .word(lanes)
            .seed(&walk_seed);
        emulator
            .launch(Kernel::Walk, lanes.div_ceil(32).into(), &arguments)
            .expect("runs");

        let walker = Walker::new(&geometry, &walk_seed);
        let expected: Vec<Hash> = (0..lanes)
            .map(|lane| {
                let mut now = walker.start(lane);
                let trace: Trace = array::from_fn(|_| {
                    let at = walker.address(now) as usize * chunk_len;
                    now = walker.next(now, &state[at..at + chunk_len]);
                    now
                });
                merkle::lane_leaf(&trace)
            })
            .collect();
        assert_eq!(
            hashes(&emulator.download(&leaves, lanes as usize * 32)),
            expected,
            "{lanes} lanes, side {n}"
        );
    }
}

#[test]
fn a_tree_on_the_device_is_that_of_the_reference() {
    let emulator = Emulator::new(100);
    for count in [1usize, 2, 3, 6, 37, 64] {
        let leaves = noise(count as u32, count * 32);
        let tree = crate::tree::DeviceTree::allocate(&emulator, count as u64).expect("there is memory");
        emulator.write(tree.leaf(0), &leaves).expect("runs");
        let expected = Tree::new(hashes(&leaves));
        assert_eq!(
            tree.build(&emulator).ok(),
            Some(expected.root()),
            "{count} leaves"
        );
        for index in 0..count as u64 {
            assert_eq!(
                tree.path(&emulator, index).ok(),
                Some(expected.path(index)),
                "leaf {index} of {count}"
            );
        }
    }
}

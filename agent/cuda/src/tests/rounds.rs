//! Whole challenges on the emulated machine, against the reference.

use super::{
    emulator::{EmulatedLibrary, Emulator},
    geometry, seed,
};
use crate::{
    CudaError, KNOWN_ROOTS, KnownRoots,
    check::{check, check_kernels, check_library},
    choice::choose_product,
    engine::{Engine, Product},
    machine::Machine,
    overwrite::overwrite_free_memory,
    plan::MemoryPlan,
};
use loopin_challenge::{Geometry, prover::State};
use proptest::prelude::*;

/// A round by the engine and by the reference.
fn assert_round(engine: &mut Engine<Emulator>, geometry: &Geometry, number: u32) {
    let (fill_seed, walk_seed, sample_seed) = (seed(number), seed(number + 1), seed(number + 2));
    let state = State::fill(geometry, &fill_seed);
    let walk = state.walk(&walk_seed);
    assert_eq!(engine.fill(&fill_seed).expect("fills"), state.root());
    assert_eq!(engine.walk(&walk_seed).expect("walks"), walk.claim().walk_root);
    for sample in 0..3 {
        let sample_seed = seed(number + sample * 1_000 + u32::from(sample_seed[5]));
        assert!(engine.open(&sample_seed).expect("opens") == walk.open(&sample_seed));
    }
}

#[test]
fn rounds_of_every_shape_give_the_references_roots_and_openings() {
    // Two and three matrices have less room than X_0 and X_1 need beside them.
    let shapes = [
        (32, 2, 1),
        (32, 30, 77),
        (64, 3, 40),
        (128, 4, 33),
        (256, 5, 96),
        (512, 2, 20),
    ];
    for (number, (n, matrices, lanes)) in (0..).zip(shapes) {
        let geometry = geometry(n, matrices, lanes);
        let mut engine = Engine::new(Emulator::new(number), &geometry).expect("fits");
        assert_round(&mut engine, &geometry, number as u32);
        // The same memory serves the next round.
        assert_round(&mut engine, &geometry, number as u32 + 50);
    }
}

#[test]
fn a_round_by_the_library_gives_the_same() {
    let geometry = geometry(128, 4, 33);
    let emulator = Emulator::new(7);
    let mut engine = Engine::new(emulator.clone(), &geometry).expect("fits");
    let product = Product::library(&emulator, 128).expect("there is a library");
    engine.set_product(product);
    assert_round(&mut engine, &geometry, 1);
    // In several panels, whose rows have keys of their own.
    engine.set_product(Product::Library {
        library: EmulatedLibrary::new(128, 32),
        rows: 32,
        products: emulator.allocate(128 * 32 * 4).expect("there is memory"),
    });
    assert_round(&mut engine, &geometry, 2);
}

/// Known roots that the emulator has time for.
fn small_known_roots() -> Vec<KnownRoots> {
    let is_small = |known: &&KnownRoots| known.n <= 256 && known.number == 0;
    KNOWN_ROOTS.iter().filter(is_small).copied().collect()
}

#[test]
fn the_check_of_a_device_passes_with_the_kernels_and_with_a_library() {
    let emulator = Emulator::new(8);
    let user = || Ok(emulator.clone());
    let known_roots = small_known_roots();
    assert_eq!(known_roots.len(), 2);
    check_kernels(user, &known_roots).expect("the kernels are right");
    check_library(user, &known_roots).expect("the library is right");
}

#[test]
fn the_check_of_a_device_finds_a_wrong_library_and_wrong_roots() {
    let emulator = Emulator::new(8);
    let known = small_known_roots()[1];
    // A library that leaves the last rows out, so that what was in the memory is masked.
    let wrong = Product::Library {
        library: EmulatedLibrary::new(known.n, known.n - 32),
        rows: known.n,
        products: emulator
            .allocate(u64::from(known.n).pow(2) * 4)
            .expect("there is memory"),
    };
    let found = check(emulator.clone(), wrong, &known);
    assert!(matches!(found, Err(CudaError::WrongResult("state"))), "{found:?}");
    // One that refuses, whose work the kernel does.
    let refusing = Product::Library {
        library: EmulatedLibrary::failing_after(known.n, known.n, 2),
        rows: known.n,
        products: emulator
            .allocate(u64::from(known.n).pow(2) * 4)
            .expect("there is memory"),
    };
    let found = check(emulator.clone(), refusing, &known);
    assert!(matches!(found, Err(CudaError::Library { .. })), "{found:?}");
    let other_state = KnownRoots {
        state_root: [1; 32],
        ..known
    };
    let found = check(emulator.clone(), Product::Fused, &other_state);
    assert!(matches!(found, Err(CudaError::WrongResult("state"))), "{found:?}");
    let other_walk = KnownRoots {
        walk_root: [1; 32],
        ..known
    };
    let found = check(emulator, Product::Fused, &other_walk);
    assert!(matches!(found, Err(CudaError::WrongResult("walk"))), "{found:?}");
}

#[test]
fn the_faster_way_to_multiply_is_left_in_the_engine() {
    let geometry = geometry(128, 2, 8);
    let emulator = Emulator::new(12);
    let mut engine = Engine::new(emulator.clone(), &geometry).expect("fits");
    let library = Product::library(&emulator, 128).expect("there is a library");
    let times = choose_product(&mut engine, Some(library)).expect("measures");
    // A plain product is many times faster than emulated threads.
    assert!(times.library_is_faster(), "{times:?}");
    assert!(matches!(engine.product(), Product::Library { .. }));
    assert_round(&mut engine, &geometry, 1);
    let times = choose_product(&mut engine, None).expect("measures");
    assert!(times.library.is_none() && matches!(engine.product(), Product::Fused));
    assert_round(&mut engine, &geometry, 2);
}

#[test]
fn a_library_that_fails_leaves_the_work_to_the_kernel() {
    let geometry = geometry(128, 4, 33);
    let emulator = Emulator::new(13);
    let mut engine = Engine::new(emulator.clone(), &geometry).expect("fits");
    // It fails while it is measured: it is not chosen.
    let failing = |products| Product::Library {
        library: EmulatedLibrary::failing_after(128, 64, products),
        rows: 64,
        products: emulator.allocate(64 * 128 * 4).expect("there is memory"),
    };
    let times = choose_product(&mut engine, Some(failing(1))).expect("measures");
    assert!(times.library.is_none() && matches!(engine.product(), Product::Fused));
    // It fails in the middle of a fill, and of a step.
    engine.set_product(failing(3));
    assert_round(&mut engine, &geometry, 1);
    assert!(matches!(engine.product(), Product::Fused));
    assert_round(&mut engine, &geometry, 2);
}

#[test]
fn free_memory_is_overwritten_whole_even_in_pieces() {
    let emulator = Emulator::with_memory(14, (24 << 20) + 4_096);
    let held = emulator.upload(&[0x5a; 64]);
    // Nobody gets more than a third at once.
    emulator.limit_pieces(8 << 20);
    assert_eq!(overwrite_free_memory(&emulator).expect("overwrites"), 24 << 20);
    assert_eq!(emulator.cleared(), 24 << 20);
    assert_eq!(emulator.available().expect("says"), (24 << 20) + 4_096 - 64);
    assert_eq!(emulator.download(&held, 64), [0x5a; 64]);
}

#[test]
fn a_round_takes_no_memory_once_it_is_prepared() {
    let geometry = geometry(64, 2, 8);
    let emulator = Emulator::new(15);
    let mut engine = Engine::new(emulator.clone(), &geometry).expect("fits");
    choose_product(&mut engine, None).expect("measures");
    emulator.take_the_rest();
    assert!(emulator.allocate(1).is_err());
    assert_round(&mut engine, &geometry, 1);
}

#[test]
fn steps_in_a_wrong_order_are_refused() {
    let geometry = geometry(32, 2, 8);
    let mut engine = Engine::new(Emulator::new(9), &geometry).expect("fits");
    assert!(matches!(engine.walk(&seed(1)), Err(CudaError::Order(_))));
    assert!(matches!(engine.open(&seed(1)), Err(CudaError::Order(_))));
    engine.fill(&seed(1)).expect("fills");
    assert!(matches!(engine.open(&seed(1)), Err(CudaError::Order(_))));
    engine.walk(&seed(2)).expect("walks");
    engine.open(&seed(3)).expect("opens");
    // Measuring overwrites the state.
    choose_product(&mut engine, None).expect("measures");
    assert!(matches!(engine.walk(&seed(2)), Err(CudaError::Order(_))));
}

#[test]
fn too_little_memory_is_refused_with_both_numbers() {
    let geometry = geometry(32, 2, 8);
    let needed = MemoryPlan::new(&geometry).bytes();
    assert!(Engine::new(Emulator::with_memory(1, needed), &geometry).is_ok());
    match Engine::new(Emulator::with_memory(1, needed - 1), &geometry) {
        Err(CudaError::Memory { required, available }) => {
            assert_eq!((required, available), (needed, needed - 1));
        }
        _ => panic!("it fits into less than it needs"),
    }
}

#[test]
fn a_device_that_changed_its_memory_after_the_walk_does_not_open_a_false_lane() {
    let geometry = geometry(32, 2, 8);
    let emulator = Emulator::new(11);
    let mut engine = Engine::new(emulator.clone(), &geometry).expect("fits");
    engine.fill(&seed(1)).expect("fills");
    engine.walk(&seed(2)).expect("walks");
    emulator
        .write(engine.state_address(), &[0; 32 * 32 * 2])
        .expect("writes");
    let found = engine.open(&seed(3));
    assert!(matches!(found, Err(CudaError::WrongResult("walk"))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_round_gives_the_references_results(
        chance: u64, number: u32, power in 5u32..8, matrices in 2u32..8, lanes in 1u32..80,
    ) {
        let geometry = geometry(1 << power, matrices, lanes);
        let mut engine = Engine::new(Emulator::new(chance), &geometry).expect("fits");
        assert_round(&mut engine, &geometry, number / 2);
    }
}

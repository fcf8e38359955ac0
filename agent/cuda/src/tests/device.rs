//! The kernels on a GPU, if there is one.

use super::{geometry, seed};
use crate::{CudaDevice, CudaDeviceInfo, CudaError, KnownRoots, devices, known_roots::start_up};
use loopin_challenge::{Geometry, classes::CPU_REFERENCE, prover::State};
use std::env;

/// The first device, or why there is none.
fn device() -> Option<CudaDevice> {
    match devices() {
        Ok(devices) if devices.is_empty() => println!("no CUDA device: the driver shows none"),
        Ok(devices) => {
            let opened = CudaDevice::open_checked_by(0, known_roots(&devices[0]));
            return Some(opened.expect("the device gives the known roots"));
        }
        Err(error @ CudaError::NoDriver) => println!("no CUDA device: {error}"),
        Err(error) => panic!("{error}"),
    }
    None
}

/// Whether the driver is the one of `emulator/libcuda.cpp`, for which real sizes are too large.
fn is_emulated(device: &CudaDevice) -> bool {
    device.info().name == EMULATOR
}

/// Those of a device's start, or as many as there is time for.
fn known_roots(device: &CudaDeviceInfo) -> Vec<KnownRoots> {
    let mut known_roots = start_up();
    if device.name == EMULATOR {
        known_roots.retain(|known| known.n <= 256);
    }
    known_roots
}

const EMULATOR: &str = "Emulator";

#[test]
fn rounds_on_a_device_give_the_references_roots_and_openings() {
    let Some(device) = device() else { return };
    let reference = Geometry::new(CPU_REFERENCE.profile).expect("usable");
    let mut shapes = vec![
        geometry(32, 30, 77),
        geometry(64, 3, 40),
        geometry(128, 4, 33),
        geometry(512, 2, 40),
    ];
    if !is_emulated(&device) {
        shapes.extend([geometry(512, 6, 500), geometry(2_048, 3, 1_001), reference]);
    }
    for geometry in shapes {
        let mut prepared = device.prepare(&geometry).expect("fits");
        let rounds = match geometry.n() {
            _ if is_emulated(&device) => 2,
            ..=512 => 10,
            _ => 1,
        };
        for round in 0..rounds {
            let (fill_seed, walk_seed) = (seed(round), seed(round + 100));
            let state = State::fill(&geometry, &fill_seed);
            let walk = state.walk(&walk_seed);
            assert_eq!(prepared.fill(&fill_seed).expect("fills"), state.root());
            assert_eq!(prepared.walk(&walk_seed).expect("walks"), walk.claim().walk_root);
            for sample in 0..5 {
                let sample_seed = seed(round + 1_000 * sample);
                assert!(prepared.open(&sample_seed).expect("opens") == walk.open(&sample_seed));
            }
        }
    }
}

#[test]
fn a_profile_that_does_not_fit_is_refused() {
    let Some(device) = device() else { return };
    let n = 32_768;
    let matrices = (device.info().memory_bytes >> 30) as u32 + 1;
    let refused = device.prepare(&geometry(n, matrices, 8)).err();
    assert!(matches!(refused, Some(CudaError::Memory { .. })), "{refused:?}");
}

#[test]
fn memory_is_given_back_and_other_threads_may_use_a_device() {
    let Some(device) = device() else { return };
    let geometry = geometry(512, 2, 40);
    let mut prepared = device.prepare(&geometry).expect("fits");
    assert!(prepared.memory_bytes() >= geometry.state_bytes());
    let root = prepared.fill(&seed(1)).expect("fills");
    let elsewhere = std::thread::spawn(move || {
        let root = prepared.fill(&seed(1)).expect("fills");
        drop(prepared);
        root
    });
    assert_eq!(elsewhere.join().expect("the thread ends"), root);
    // As often as it takes to run out of memory if any is kept.
    let large = super::geometry(4_096, (device.info().memory_bytes >> 25) as u32, 8);
    for _ in 0..if is_emulated(&device) { 0 } else { 4 } {
        device.prepare(&large).expect("fits");
    }
}

#[test]
fn the_library_is_measured_where_it_is_installed() {
    let Some(device) = device() else { return };
    let times = device
        .prepare(&geometry(512, 2, 40))
        .expect("fits")
        .product_times()
        .expect("it was measured");
    assert_eq!(times.library.is_some(), device.library_missing().is_none());
    assert!(
        !is_emulated(&device) || times.library.is_some(),
        "{:?}",
        device.library_missing()
    );
}

#[test]
fn two_users_of_a_device_work_at_once() {
    let Some(device) = device() else { return };
    let geometry = geometry(128, 2, 40);
    let root = State::fill(&geometry, &seed(1)).root();
    let users: Vec<_> = (0..2)
        .map(|_| device.prepare_with(&geometry, false).expect("fits"))
        .collect();
    // The emulated driver has one thread at a time.
    if is_emulated(&device) {
        users
            .into_iter()
            .for_each(|mut user| assert_eq!(user.fill(&seed(1)).expect("fills"), root));
        return;
    }
    let threads: Vec<_> = users
        .into_iter()
        .map(|mut user| std::thread::spawn(move || user.fill(&seed(1)).expect("fills")))
        .collect();
    for thread in threads {
        assert_eq!(thread.join().expect("the thread ends"), root);
    }
}

#[test]
fn a_round_passes_after_all_other_memory_was_taken() {
    let Some(device) = device() else { return };
    let geometry = geometry(128, 2, 40);
    let mut prepared = device.prepare(&geometry).expect("fits");
    // What is prepared now is what a client's program would take.
    let rest = device.free_memory_bytes().expect("says") >> 20;
    let side = if is_emulated(&device) { 2_048 } else { 8_192 };
    let matrices = (rest * 9 / 10 * (1 << 20) / (side * side)) as u32;
    let _client = device
        .prepare_with(&super::geometry(side as u32, matrices, 8), false)
        .expect("fits");
    let state = State::fill(&geometry, &seed(1));
    assert_eq!(prepared.fill(&seed(1)).expect("fills"), state.root());
    let walk = state.walk(&seed(2));
    assert_eq!(prepared.walk(&seed(2)).expect("walks"), walk.claim().walk_root);
    assert!(prepared.open(&seed(3)).expect("opens") == walk.open(&seed(3)));
}

#[test]
fn free_memory_is_overwritten_and_given_back() {
    let Some(device) = device() else { return };
    let free = device.free_memory_bytes().expect("says");
    let overwritten = device.overwrite_free_memory().expect("overwrites");
    assert!(overwritten <= free, "{overwritten} of {free}");
    assert!(overwritten >= free / 100 * 98, "{overwritten} of {free}");
    assert!(device.free_memory_bytes().expect("says") >= overwritten);
}

#[test]
fn the_parts_of_a_fill_can_be_measured_alone() {
    let Some(device) = device() else { return };
    for by_library in [false, true] {
        if by_library && device.library_missing().is_some() {
            continue;
        }
        let geometry = geometry(128, 2, 40);
        let mut prepared = device.prepare_with(&geometry, by_library).expect("fits");
        assert_eq!(prepared.multiplies_by_library(), by_library);
        prepared.time_steps(2, true).expect("measures");
        prepared.time_steps(2, false).expect("measures");
        prepared.time_plain_products(2).expect("measures");
        prepared.time_hashing(2).expect("measures");
        prepared.time_tree().expect("measures");
        assert!(matches!(prepared.walk(&seed(1)), Err(CudaError::Order(_))));
    }
}

/// Only where the driver is the emulated one, and told to fail.
#[test]
fn a_device_that_failed_is_lost_until_it_is_reopened() {
    if env::var_os("LOOPIN_EMULATED_FAULT").is_none() {
        return;
    }
    let info = devices().expect("there is a driver")[0].clone();
    // The check when it is opened walks before.
    let device = CudaDevice::open_checked_by(0, Vec::new()).expect("opens");
    let geometry = geometry(32, 2, 8);
    let mut prepared = device.prepare(&geometry).expect("fits");
    prepared.fill(&seed(1)).expect("fills");
    let fault = prepared.walk(&seed(2)).expect_err("the driver fails");
    assert!(fault.is_lost(), "{fault}");
    drop(prepared);
    let again = device.prepare(&geometry).err().expect("the device is lost");
    assert!(again.is_lost(), "{again}");
    drop(device);
    let other = CudaDeviceInfo {
        uuid: [0; 16],
        ..info.clone()
    };
    assert!(matches!(CudaDevice::reopen(&other), Err(CudaError::Exchanged(0))));
    let gone = CudaDeviceInfo {
        ordinal: 5,
        ..info.clone()
    };
    assert!(matches!(
        CudaDevice::reopen(&gone),
        Err(CudaError::NoDevice { .. })
    ));
    let device = CudaDevice::reopen_checked_by(&info, Vec::new()).expect("reopens");
    let mut prepared = device.prepare(&geometry).expect("fits");
    let state = State::fill(&geometry, &seed(1));
    assert_eq!(prepared.fill(&seed(1)).expect("fills"), state.root());
    let walk_root = prepared.walk(&seed(2)).expect("walks");
    assert_eq!(walk_root, state.walk(&seed(2)).claim().walk_root);
}

/// Only where the driver is the emulated one, and told to show a slice.
#[test]
fn a_slice_of_a_card_is_told_from_the_card() {
    let Ok(devices) = devices() else { return };
    let is_slice = env::var_os("LOOPIN_EMULATED_SLICE").is_some();
    assert!(
        devices
            .iter()
            .all(|device| device.is_slice == is_slice || device.name != EMULATOR)
    );
}

#[test]
fn without_a_driver_the_error_says_what_to_install() {
    if let Err(error) = devices() {
        assert!(error.to_string().contains("driver"), "{error}");
        assert!(CudaDevice::open(0).is_err());
    }
}

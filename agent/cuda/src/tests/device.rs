//! The kernels on a GPU, if there is one.

use super::{geometry, seed};
use crate::{CudaDevice, CudaError, devices};
use loopin_challenge::{Geometry, classes::CPU_REFERENCE, prover::State};

/// The first device, or why there is none.
fn device() -> Option<CudaDevice> {
    match devices() {
        Ok(devices) if devices.is_empty() => println!("no CUDA device: the driver shows none"),
        Ok(_) => return Some(CudaDevice::open(0).expect("the device gives the CPU's results")),
        Err(error @ CudaError::NoDriver) => println!("no CUDA device: {error}"),
        Err(error) => panic!("{error}"),
    }
    None
}

/// Whether the driver is the one of `emulator/libcuda.cpp`, for which real sizes are too large.
fn is_emulated(device: &CudaDevice) -> bool {
    device.info().name == "Emulator"
}

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
        .product_times();
    assert_eq!(times.library.is_some(), device.library_missing().is_none());
    assert!(
        !is_emulated(&device) || times.library.is_some(),
        "{:?}",
        device.library_missing()
    );
}

#[test]
fn without_a_driver_the_error_says_what_to_install() {
    if let Err(error) = devices() {
        assert!(error.to_string().contains("driver"), "{error}");
        assert!(CudaDevice::open(0).is_err());
    }
}

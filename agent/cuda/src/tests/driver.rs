//! The backend as it is, on the emulator behind a driver and a cublasLt of our own: what is between the backend and
//! the driver runs too.

use super::emulator::compile;
use std::{env, process::Command};

/// Runs some of the tests of a device on the emulated driver, with an environment.
fn run_on_emulated_driver(tests: &str, environment: &[(&str, &str)]) {
    let shared = ["-shared", "-fPIC"];
    let driver = compile("libcuda.so", &["libcuda.cpp", "machine.cpp"], &shared);
    // By the newest of the names that are looked for.
    compile("libcublasLt.so.13", &["libcublaslt.cpp"], &shared);
    let folder = driver.parent().expect("a file is in a folder");
    let output = Command::new(env::current_exe().expect("a test has an executable"))
        .args([tests, "--test-threads=1", "--nocapture"])
        .env("LD_LIBRARY_PATH", folder)
        .envs(environment.iter().copied())
        .output()
        .expect("the tests start");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && !said.contains("no CUDA device") && !said.contains("running 0 tests"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_tests_of_a_device_pass_on_an_emulated_driver() {
    run_on_emulated_driver("tests::device::", &[]);
}

#[test]
fn a_device_is_reopened_after_a_fault_of_the_emulated_driver() {
    run_on_emulated_driver(
        "tests::device::a_device_that_failed",
        &[("LOOPIN_EMULATED_FAULT", "0")],
    );
}

#[test]
fn the_slices_that_the_emulated_driver_shows_have_uuids_of_their_own() {
    run_on_emulated_driver("tests::device::a_slice", &[("LOOPIN_EMULATED_SLICE", "1")]);
}

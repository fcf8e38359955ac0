//! The backend as it is, on the emulator behind a driver and a cublasLt of our own: what is between the backend and
//! the driver runs too.

use super::emulator::compile;
use std::{env, process::Command};

#[test]
fn the_tests_of_a_device_pass_on_an_emulated_driver() {
    let shared = ["-shared", "-fPIC"];
    let driver = compile("libcuda.so", &["libcuda.cpp", "machine.cpp"], &shared);
    compile("libcublasLt.so", &["libcublaslt.cpp"], &shared);
    let folder = driver.parent().expect("a file is in a folder");
    let output = Command::new(env::current_exe().expect("a test has an executable"))
        .args(["tests::device::", "--test-threads=1", "--nocapture"])
        .env("LD_LIBRARY_PATH", folder)
        .output()
        .expect("the tests start");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && !said.contains("no CUDA device"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

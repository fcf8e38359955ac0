//! Tests without a GPU, but for those in [`device`], which run with one and, by [`driver`], without.

mod device;
mod driver;
mod emulator;
mod kernels;
mod ptx;
mod rounds;

use loopin_challenge::{Geometry, Profile, Seed, classes::CPU_REFERENCE};

/// Some seed.
fn seed(number: u32) -> Seed {
    let mut seed = [0xa7; 32];
    seed[5..9].copy_from_slice(&number.to_le_bytes());
    seed
}

fn geometry(n: u32, matrices: u32, lanes: u32) -> Geometry {
    Geometry::new(Profile {
        n,
        matrices,
        lanes,
        entries: 24.min(matrices + 1),
        opened_lanes: 4.min(lanes),
        ..CPU_REFERENCE.profile
    })
    .expect("usable")
}

//! Tests of the simulation. Each market in them is a chain of its own.

mod boundary;
mod data;
mod markets;
mod regions;

use crate::{Setting, chain::Genesis};

/// A chain before its first block.
fn genesis() -> Genesis {
    Genesis::new().expect("the genesis builds")
}

/// A world whose pool is less deep, so that sellers are done sooner.
fn small_world() -> Setting {
    let setting = Setting {
        anchor_hours: 120,
        ..Setting::default()
    };
    setting.check().expect("it can be simulated");
    setting
}

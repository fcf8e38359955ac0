//! Weights of `pallet_verification`.
//!
//! What is here are placeholders of the right shape, to develop with. `make bench` puts what it measures in their place,
//! which has to be done before a network of value runs this.

#![allow(missing_docs)]

use frame_support::weights::{Weight, constants::ParityDbWeight};

/// The weights that `pallet_verification` needs to know.
pub trait WeightInfo {
    fn bond() -> Weight;
    fn bond_extra() -> Weight;
    fn set_key() -> Weight;
    fn unbond() -> Weight;
    fn withdraw_bond() -> Weight;
    fn resume() -> Weight;
    fn attest() -> Weight;
    fn authorize_attest() -> Weight;
    /// `c`: seats of the committee.
    fn conclude(c: u32) -> Weight;
    fn authorize_conclude() -> Weight;
    /// Without the check of the proof.
    fn dispute() -> Weight;
    /// Without the check of the proof.
    fn report_fraud() -> Weight;
    fn authorize_report_fraud() -> Weight;
    /// `n`: side of the matrices.
    fn check_proof(n: u32) -> Weight;
    fn on_initialize() -> Weight;
    /// `v`: verifiers.
    fn begin_round(v: u32) -> Weight;
    /// `e`: entries removed.
    fn prune(e: u32) -> Weight;
}

// For tests, whose runtimes say nothing about their database.
impl WeightInfo for () {
    fn bond() -> Weight {
        placeholder(6, 5)
    }
    fn bond_extra() -> Weight {
        placeholder(3, 3)
    }
    fn set_key() -> Weight {
        placeholder(2, 3)
    }
    fn unbond() -> Weight {
        placeholder(4, 2)
    }
    fn withdraw_bond() -> Weight {
        placeholder(4, 4)
    }
    fn resume() -> Weight {
        placeholder(4, 2)
    }
    fn attest() -> Weight {
        placeholder(0, 1)
    }
    fn authorize_attest() -> Weight {
        placeholder(11, 0).saturating_add(Weight::from_parts(150_000_000, 0))
    }
    fn conclude(c: u32) -> Weight {
        placeholder(8, 2).saturating_add(placeholder(3, 4).saturating_mul(c.into()))
    }
    fn authorize_conclude() -> Weight {
        placeholder(24, 0)
    }
    fn dispute() -> Weight {
        placeholder(10, 3).saturating_add(Weight::from_parts(100_000_000, 0))
    }
    fn report_fraud() -> Weight {
        placeholder(12, 7).saturating_add(Weight::from_parts(100_000_000, 0))
    }
    fn authorize_report_fraud() -> Weight {
        placeholder(8, 0).saturating_add(Weight::from_parts(100_000_000, 0))
    }
    fn check_proof(n: u32) -> Weight {
        Weight::from_parts(30_000, 0)
            .saturating_mul(n.into())
            .saturating_add(Weight::from_parts(300_000_000, 0))
    }
    fn on_initialize() -> Weight {
        placeholder(9, 0)
    }
    fn begin_round(v: u32) -> Weight {
        placeholder(8, 4).saturating_add(Weight::from_parts(10_000, 64).saturating_mul(v.into()))
    }
    fn prune(e: u32) -> Weight {
        placeholder(3, 3).saturating_add(placeholder(1, 1).saturating_mul(e.into()))
    }
}

fn placeholder(reads: u64, writes: u64) -> Weight {
    Weight::from_parts(100_000_000, 10_000)
        .saturating_add(ParityDbWeight::get().reads(reads))
        .saturating_add(ParityDbWeight::get().writes(writes))
}

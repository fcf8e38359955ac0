//! The GPU challenge: what a device computes to show its throughput, memory and bandwidth, how it commits to
//! the result, and how a verifier checks it in milliseconds.
//!
//! A device fills its memory with a chain of masked int8 matrix products that starts from a seed ([`recurrence`],
//! [`prng`]), commits to it with a Merkle tree ([`merkle`]), walks it in dependent reads ([`walk`]) and opens
//! what a later seed asks for ([`sampling`], [`openings`]). The verifier checks the openings ([`verifier`]);
//! a false one is a proof for anyone ([`fraud`]). [`messages`] has what the two say and sign, and [`joint`] how several
//! verifiers make a seed together. How large all
//! of this is, and how long it may take, is a [`Profile`]; [`classes`] has those of known cards.
//!
//! Everything is exact integer arithmetic and defined to the byte in the modules above: the function is
//! fixed, the kernel is free. The crate does no input or output, knows no clock and no keys, and needs no
//! `std`: it serves the runtime, the off-chain worker and the miner's agent. With the feature `prover` it has
//! the plain CPU `prover`, which is the definition that other implementations are held against.

#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

pub mod classes;
pub mod fraud;
pub mod joint;
pub mod merkle;
pub mod messages;
#[cfg(feature = "prover")]
pub mod opener;
pub mod openings;
pub mod prng;
pub mod profile;
#[cfg(feature = "prover")]
pub mod prover;
pub mod recurrence;
pub mod sampling;
#[cfg(feature = "prover")]
pub mod synthetic;
pub mod verifier;
pub mod walk;

pub use fraud::{FraudError, FraudProof};
pub use messages::Claim;
pub use openings::{ChunkOpening, EntryOpening, LaneOpening, Openings, Path, RowOpening};
pub use profile::{Geometry, Limits, Profile, ProfileError};
pub use sampling::{Entry, Sample};
pub use verifier::{Checker, Flaw, Part, Place, Rejection, verify};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// What pseudo-random numbers are made from.
pub type Seed = [u8; 32];

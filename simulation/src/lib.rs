//! # The market, simulated
//!
//! Agents meet on the chain's own pallets: every pool, stake, sale, rental and reward in here is one of the real
//! [`loopin_runtime::Runtime`], run natively and in memory. No part of the market is computed a second time. Agents see
//! what the chain offers them, through its runtime APIs, and judge by what they have in the end.
//!
//! The result is the phase diagram of the project's second paper: for a price of GPU time in the pool and a reward, both
//! in units of what GPU time costs a seller, it says who provides, who sells, and who buys. `docs/simulation.md` explains
//! the model.
//!
//! - [`setting`]: what is the same for all markets of a diagram;
//! - [`chain`]: the runtime, its clock and its accounts;
//! - [`market`]: a pool at a price, and its governance;
//! - [`miners`], [`buyers`]: the agents;
//! - [`trials`]: what each choice of a miner earns over a staking period;
//! - [`regions`]: who does what when a market opens, and which region of the diagram that is;
//! - [`boundary`]: the reward from which on miners provide, by bisection;
//! - [`data`]: both as CSV;
//! - [`plot`]: both as SVG;
//! - [`workers`]: the processors;
//! - [`failure`]: why nothing came out.
//!
//! Money on the chain is counted in planck, in integers. Floats serve only to express it in units of the cost.

pub mod boundary;
pub mod buyers;
pub mod chain;
pub mod data;
pub mod failure;
pub mod market;
pub mod miners;
pub mod plot;
pub mod regions;
pub mod setting;
#[cfg(test)]
mod tests;
pub mod trials;
pub mod workers;

pub use failure::Failure;
pub use setting::{Fees, Setting};

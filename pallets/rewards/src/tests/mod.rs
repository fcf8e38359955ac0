//! What the pallet does, by what it is about.

mod epochs;
mod governance;
mod liquidity;
mod payment;
mod properties;
mod shares;
mod team;
mod verdicts;

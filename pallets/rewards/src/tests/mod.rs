//! What the pallet does, by what it is about.

mod caps;
mod epochs;
mod exploits;
mod governance;
mod liquidity;
mod loyalty;
mod payment;
mod properties;
mod shares;
mod team;
mod verdicts;

//! What the pallet does, by what it is about.

mod epochs;
mod findings;
mod governance;
mod payment;
mod properties;
mod provision;
mod shares;
mod team;

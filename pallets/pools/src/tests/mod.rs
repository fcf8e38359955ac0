//! Tests of the pallet's rules, by what somebody does.

mod create_pool;
mod genesis;
mod market;
mod marks;
mod properties;
mod sync;

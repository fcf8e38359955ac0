//! Tests of the pallet's rules, by what somebody does.

mod create_pool;
mod genesis;
mod marks;
mod metering;
mod properties;
mod sync;
mod trades;

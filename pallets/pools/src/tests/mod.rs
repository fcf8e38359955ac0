//! Tests of the pallet's rules, by what somebody does.

mod create_pool;
mod deepen;
mod genesis;
mod marks;
mod metering;
mod prices;
mod properties;
mod sync;
mod trades;

//! The benchmarks that `benchmark pallet` finds in a runtime built with `runtime-benchmarks`: those of
//! our own pallets. The SDK's pallets come with the SDK's weights.

use crate::{AllPalletsWithSystem, Devices, Pools, Rentals, Rewards, Stakes, Validators, Verification};
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};

frame_benchmarking::define_benchmarks!(
    [pallet_devices, Devices]
    [pallet_pools, Pools]
    [pallet_rentals, Rentals]
    [pallet_rewards, Rewards]
    [pallet_stakes, Stakes]
    [pallet_validators, Validators]
    [pallet_verification, Verification]
);

/// What there is to benchmark.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::<BenchmarkList>::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs the benchmark that `config` names.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::<BenchmarkBatch>::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}

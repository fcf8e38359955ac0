//! Weights of `pallet_verification`, measured by `make bench`.
//!
//! Date: 2026-11-21. Processor: Intel(R) Xeon(R) Processor. Execution: Compiled Wasm. Chain: None.
//! Steps: 10, repetitions: 10. substrate-benchmark-cli 64.0.0.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::{Weight, constants::ParityDbWeight}};
use core::marker::PhantomData;

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
	fn conclude(c: u32, ) -> Weight;
	fn authorize_conclude() -> Weight;
	fn dispute() -> Weight;
	fn report_fraud() -> Weight;
	fn authorize_report_fraud() -> Weight;
	fn check_proof(n: u32, ) -> Weight;
	fn on_initialize() -> Weight;
	fn begin_round(v: u32, ) -> Weight;
	fn prune(e: u32, ) -> Weight;
}

/// The weights of `pallet_verification` on this chain's runtime, with the database costs of the runtime `T`.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Verifiers` (r:1 w:1)
	/// Proof: `Verification::Verifiers` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Keys` (r:1 w:1)
	/// Proof: `Verification::Keys` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Active` (r:1 w:1)
	/// Proof: `Verification::Active` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
	fn bond() -> Weight {
		// Minimum execution time: 141_031_000 picoseconds.
		Weight::from_parts(151_306_000, 0)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Verification::Verifiers` (r:1 w:1)
	/// Proof: `Verification::Verifiers` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
	fn bond_extra() -> Weight {
		// Minimum execution time: 47_649_000 picoseconds.
		Weight::from_parts(55_314_000, 0)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Verification::Verifiers` (r:1 w:1)
	/// Proof: `Verification::Verifiers` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Keys` (r:1 w:2)
	/// Proof: `Verification::Keys` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	fn set_key() -> Weight {
		// Minimum execution time: 15_591_000 picoseconds.
		Weight::from_parts(20_574_000, 0)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Verification::Verifiers` (r:1 w:1)
	/// Proof: `Verification::Verifiers` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Active` (r:1 w:1)
	/// Proof: `Verification::Active` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
	fn unbond() -> Weight {
		// Minimum execution time: 146_555_000 picoseconds.
		Weight::from_parts(197_525_000, 0)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Verification::Verifiers` (r:1 w:1)
	/// Proof: `Verification::Verifiers` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Keys` (r:0 w:1)
	/// Proof: `Verification::Keys` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	fn withdraw_bond() -> Weight {
		// Minimum execution time: 44_016_000 picoseconds.
		Weight::from_parts(51_681_000, 0)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Verification::Verifiers` (r:1 w:1)
	/// Proof: `Verification::Verifiers` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Active` (r:1 w:1)
	/// Proof: `Verification::Active` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
	fn resume() -> Weight {
		// Minimum execution time: 120_397_000 picoseconds.
		Weight::from_parts(167_055_000, 0)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Verification::Attestations` (r:0 w:1)
	/// Proof: `Verification::Attestations` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	fn attest() -> Weight {
		// Minimum execution time: 59_347_000 picoseconds.
		Weight::from_parts(65_606_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Verification::Rounds` (r:1 w:0)
	/// Proof: `Verification::Rounds` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Attestations` (r:1 w:0)
	/// Proof: `Verification::Attestations` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Members` (r:1 w:0)
	/// Proof: `Verification::Members` (`max_values`: None, `max_size`: Some(8210), added: 10685, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Verifiers` (r:1 w:0)
	/// Proof: `Verification::Verifiers` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Devices::Devices` (r:1 w:0)
	/// Proof: `Devices::Devices` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Devices::FormerAgentKeys` (r:1 w:0)
	/// Proof: `Devices::FormerAgentKeys` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Rentals::RentedDevices` (r:1 w:0)
	/// Proof: `Rentals::RentedDevices` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
	/// Storage: `Pools::PoolInfos` (r:1 w:0)
	/// Proof: `Pools::PoolInfos` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
	fn authorize_attest() -> Weight {
		// Minimum execution time: 212_027_000 picoseconds.
		Weight::from_parts(226_919_000, 0)
			.saturating_add(T::DbWeight::get().reads(10_u64))
	}
	/// Storage: `Verification::Rounds` (r:1 w:0)
	/// Proof: `Verification::Rounds` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Verification::CurrentRound` (r:1 w:0)
	/// Proof: `Verification::CurrentRound` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Verification::LastVerdicts` (r:1 w:1)
	/// Proof: `Verification::LastVerdicts` (`max_values`: None, `max_size`: Some(39), added: 2514, mode: `MaxEncodedLen`)
	/// Storage: `Devices::Devices` (r:1 w:1)
	/// Proof: `Devices::Devices` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Devices::FormerAgentKeys` (r:1 w:0)
	/// Proof: `Devices::FormerAgentKeys` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Members` (r:1 w:0)
	/// Proof: `Verification::Members` (`max_values`: None, `max_size`: Some(8210), added: 10685, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Attestations` (r:16 w:0)
	/// Proof: `Verification::Attestations` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Rentals::RentedDevices` (r:1 w:0)
	/// Proof: `Rentals::RentedDevices` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
	/// Storage: `Stakes::StakeOf` (r:1 w:0)
	/// Proof: `Stakes::StakeOf` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Rentals::Reports` (r:1 w:0)
	/// Proof: `Rentals::Reports` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Verifiers` (r:16 w:16)
	/// Proof: `Verification::Verifiers` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:4 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:7 w:7)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:8 w:8)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Active` (r:1 w:1)
	/// Proof: `Verification::Active` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
	/// The range of component `c` is `[1, 16]`.
	fn conclude(c: u32, ) -> Weight {
		// Minimum execution time: 148_857_000 picoseconds.
		Weight::from_parts(126_575_424, 0)
			// Standard error: 1_559_396
			.saturating_add(Weight::from_parts(44_982_852, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(12_u64))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(c.into())))
	}
	/// Storage: `Verification::Rounds` (r:1 w:0)
	/// Proof: `Verification::Rounds` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Verification::CurrentRound` (r:1 w:0)
	/// Proof: `Verification::CurrentRound` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Verification::LastVerdicts` (r:1 w:0)
	/// Proof: `Verification::LastVerdicts` (`max_values`: None, `max_size`: Some(39), added: 2514, mode: `MaxEncodedLen`)
	/// Storage: `Devices::Devices` (r:1 w:0)
	/// Proof: `Devices::Devices` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Devices::FormerAgentKeys` (r:1 w:0)
	/// Proof: `Devices::FormerAgentKeys` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Members` (r:1 w:0)
	/// Proof: `Verification::Members` (`max_values`: None, `max_size`: Some(8210), added: 10685, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Attestations` (r:16 w:0)
	/// Proof: `Verification::Attestations` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Rentals::RentedDevices` (r:1 w:0)
	/// Proof: `Rentals::RentedDevices` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
	fn authorize_conclude() -> Weight {
		// Minimum execution time: 160_690_000 picoseconds.
		Weight::from_parts(172_028_000, 0)
			.saturating_add(T::DbWeight::get().reads(24_u64))
	}
	/// Storage: `Verification::Rounds` (r:1 w:0)
	/// Proof: `Verification::Rounds` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Verification::CurrentRound` (r:1 w:0)
	/// Proof: `Verification::CurrentRound` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Convictions` (r:1 w:1)
	/// Proof: `Verification::Convictions` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Members` (r:1 w:0)
	/// Proof: `Verification::Members` (`max_values`: None, `max_size`: Some(8210), added: 10685, mode: `MaxEncodedLen`)
	/// Storage: `Devices::Devices` (r:1 w:1)
	/// Proof: `Devices::Devices` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Devices::FormerAgentKeys` (r:1 w:0)
	/// Proof: `Devices::FormerAgentKeys` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Pools::PoolInfos` (r:1 w:0)
	/// Proof: `Pools::PoolInfos` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Stakes::StakeOf` (r:1 w:0)
	/// Proof: `Stakes::StakeOf` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Rentals::Reports` (r:1 w:0)
	/// Proof: `Rentals::Reports` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	/// Storage: `Verification::LastVerdicts` (r:1 w:1)
	/// Proof: `Verification::LastVerdicts` (`max_values`: None, `max_size`: Some(39), added: 2514, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	fn dispute() -> Weight {
		// Minimum execution time: 356_681_000 picoseconds.
		Weight::from_parts(380_463_000, 0)
			.saturating_add(T::DbWeight::get().reads(18_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Verification::Rounds` (r:1 w:0)
	/// Proof: `Verification::Rounds` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Verification::CurrentRound` (r:1 w:0)
	/// Proof: `Verification::CurrentRound` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Convictions` (r:1 w:1)
	/// Proof: `Verification::Convictions` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Members` (r:1 w:0)
	/// Proof: `Verification::Members` (`max_values`: None, `max_size`: Some(8210), added: 10685, mode: `MaxEncodedLen`)
	/// Storage: `Devices::Devices` (r:1 w:1)
	/// Proof: `Devices::Devices` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Devices::FormerAgentKeys` (r:1 w:0)
	/// Proof: `Devices::FormerAgentKeys` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Pools::PoolInfos` (r:1 w:0)
	/// Proof: `Pools::PoolInfos` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Stakes::StakeOf` (r:1 w:0)
	/// Proof: `Stakes::StakeOf` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Rentals::Reports` (r:1 w:0)
	/// Proof: `Rentals::Reports` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	/// Storage: `Verification::LastVerdicts` (r:1 w:1)
	/// Proof: `Verification::LastVerdicts` (`max_values`: None, `max_size`: Some(39), added: 2514, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	/// Storage: `Verification::FraudReports` (r:0 w:1)
	/// Proof: `Verification::FraudReports` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	fn report_fraud() -> Weight {
		// Minimum execution time: 371_814_000 picoseconds.
		Weight::from_parts(401_007_000, 0)
			.saturating_add(T::DbWeight::get().reads(18_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Verification::FraudReports` (r:1 w:0)
	/// Proof: `Verification::FraudReports` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Rounds` (r:1 w:0)
	/// Proof: `Verification::Rounds` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Verification::CurrentRound` (r:1 w:0)
	/// Proof: `Verification::CurrentRound` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Convictions` (r:1 w:0)
	/// Proof: `Verification::Convictions` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Members` (r:1 w:0)
	/// Proof: `Verification::Members` (`max_values`: None, `max_size`: Some(8210), added: 10685, mode: `MaxEncodedLen`)
	/// Storage: `Devices::Devices` (r:1 w:0)
	/// Proof: `Devices::Devices` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Devices::FormerAgentKeys` (r:1 w:0)
	/// Proof: `Devices::FormerAgentKeys` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Verifiers` (r:1 w:0)
	/// Proof: `Verification::Verifiers` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	fn authorize_report_fraud() -> Weight {
		// Minimum execution time: 156_534_000 picoseconds.
		Weight::from_parts(166_642_000, 0)
			.saturating_add(T::DbWeight::get().reads(11_u64))
	}
	/// The range of component `n` is `[32, 32768]`.
	fn check_proof(n: u32, ) -> Weight {
		// Minimum execution time: 31_184_000 picoseconds.
		Weight::from_parts(70_068_145, 0)
			// Standard error: 319
			.saturating_add(Weight::from_parts(14_501, 0).saturating_mul(n.into()))
	}
	/// Storage: `Verification::Active` (r:1 w:0)
	/// Proof: `Verification::Active` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
	/// Storage: `Verification::CurrentRound` (r:1 w:0)
	/// Proof: `Verification::CurrentRound` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Rounds` (r:1 w:0)
	/// Proof: `Verification::Rounds` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Validators::SessionSlots` (r:1 w:0)
	/// Proof: `Validators::SessionSlots` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Babe::AuthorVrfRandomness` (r:1 w:0)
	/// Proof: `Babe::AuthorVrfRandomness` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	/// Storage: `Babe::NextRandomness` (r:1 w:0)
	/// Proof: `Babe::NextRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	/// Storage: `Babe::EpochStart` (r:1 w:0)
	/// Proof: `Babe::EpochStart` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Verification::NextSeed` (r:1 w:0)
	/// Proof: `Verification::NextSeed` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	fn on_initialize() -> Weight {
		// Minimum execution time: 54_981_000 picoseconds.
		Weight::from_parts(62_326_000, 0)
			.saturating_add(T::DbWeight::get().reads(10_u64))
	}
	/// Storage: `Verification::NextSeed` (r:1 w:1)
	/// Proof: `Verification::NextSeed` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Active` (r:1 w:0)
	/// Proof: `Verification::Active` (`max_values`: Some(1), `max_size`: Some(8194), added: 8689, mode: `MaxEncodedLen`)
	/// Storage: `Verification::CurrentRound` (r:1 w:1)
	/// Proof: `Verification::CurrentRound` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:4 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Devices::NextDeviceId` (r:1 w:0)
	/// Proof: `Devices::NextDeviceId` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Rounds` (r:0 w:1)
	/// Proof: `Verification::Rounds` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Members` (r:0 w:1)
	/// Proof: `Verification::Members` (`max_values`: None, `max_size`: Some(8210), added: 10685, mode: `MaxEncodedLen`)
	/// The range of component `v` is `[1, 256]`.
	fn begin_round(v: u32, ) -> Weight {
		// Minimum execution time: 42_767_000 picoseconds.
		Weight::from_parts(108_635_122, 0)
			// Standard error: 46_563
			.saturating_add(Weight::from_parts(337_464, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Verification::FirstRound` (r:1 w:0)
	/// Proof: `Verification::FirstRound` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Verification::CurrentRound` (r:1 w:0)
	/// Proof: `Verification::CurrentRound` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Attestations` (r:100 w:100)
	/// Proof: `Verification::Attestations` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Rounds` (r:0 w:1)
	/// Proof: `Verification::Rounds` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Verification::Members` (r:0 w:1)
	/// Proof: `Verification::Members` (`max_values`: None, `max_size`: Some(8210), added: 10685, mode: `MaxEncodedLen`)
	/// The range of component `e` is `[0, 100]`.
	fn prune(e: u32, ) -> Weight {
		// Minimum execution time: 54_357_000 picoseconds.
		Weight::from_parts(65_311_491, 0)
			// Standard error: 48_902
			.saturating_add(Weight::from_parts(968_018, 0).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(e.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(e.into())))
	}
}

// For tests, whose runtimes say nothing about their database.
impl WeightInfo for () {
	fn bond() -> Weight {
		Weight::from_parts(151_306_000, 0)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn bond_extra() -> Weight {
		Weight::from_parts(55_314_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn set_key() -> Weight {
		Weight::from_parts(20_574_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn unbond() -> Weight {
		Weight::from_parts(197_525_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn withdraw_bond() -> Weight {
		Weight::from_parts(51_681_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn resume() -> Weight {
		Weight::from_parts(167_055_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn attest() -> Weight {
		Weight::from_parts(65_606_000, 0)
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn authorize_attest() -> Weight {
		Weight::from_parts(226_919_000, 0)
			.saturating_add(ParityDbWeight::get().reads(10_u64))
	}
	fn conclude(c: u32, ) -> Weight {
		Weight::from_parts(126_575_424, 0)
			.saturating_add(Weight::from_parts(44_982_852, 0).saturating_mul(c.into()))
			.saturating_add(ParityDbWeight::get().reads(12_u64))
			.saturating_add(ParityDbWeight::get().reads((3_u64).saturating_mul(c.into())))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
			.saturating_add(ParityDbWeight::get().writes((2_u64).saturating_mul(c.into())))
	}
	fn authorize_conclude() -> Weight {
		Weight::from_parts(172_028_000, 0)
			.saturating_add(ParityDbWeight::get().reads(24_u64))
	}
	fn dispute() -> Weight {
		Weight::from_parts(380_463_000, 0)
			.saturating_add(ParityDbWeight::get().reads(18_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn report_fraud() -> Weight {
		Weight::from_parts(401_007_000, 0)
			.saturating_add(ParityDbWeight::get().reads(18_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
	}
	fn authorize_report_fraud() -> Weight {
		Weight::from_parts(166_642_000, 0)
			.saturating_add(ParityDbWeight::get().reads(11_u64))
	}
	fn check_proof(n: u32, ) -> Weight {
		Weight::from_parts(70_068_145, 0)
			.saturating_add(Weight::from_parts(14_501, 0).saturating_mul(n.into()))
	}
	fn on_initialize() -> Weight {
		Weight::from_parts(62_326_000, 0)
			.saturating_add(ParityDbWeight::get().reads(10_u64))
	}
	fn begin_round(v: u32, ) -> Weight {
		Weight::from_parts(108_635_122, 0)
			.saturating_add(Weight::from_parts(337_464, 0).saturating_mul(v.into()))
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn prune(e: u32, ) -> Weight {
		Weight::from_parts(65_311_491, 0)
			.saturating_add(Weight::from_parts(968_018, 0).saturating_mul(e.into()))
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(e.into())))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
			.saturating_add(ParityDbWeight::get().writes((1_u64).saturating_mul(e.into())))
	}
}

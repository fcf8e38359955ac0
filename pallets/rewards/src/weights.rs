//! Weights of `pallet_rewards`, measured by `make bench`.
//!
//! Date: 2026-11-22. Processor: Intel(R) Xeon(R) Processor. Execution: Compiled Wasm. Chain: None.
//! Steps: 10, repetitions: 10. substrate-benchmark-cli 64.0.0.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::{Weight, constants::ParityDbWeight}};
use core::marker::PhantomData;

/// The weights that `pallet_rewards` needs to know.
pub trait WeightInfo {
	fn wait() -> Weight;
	fn close(p: u32, ) -> Weight;
	fn verdict_reached() -> Weight;
	fn credit() -> Weight;
	fn rented() -> Weight;
	fn round_began() -> Weight;
	fn settle() -> Weight;
	fn claim() -> Weight;
	fn set_parameters() -> Weight;
	fn set_listing() -> Weight;
	fn set_team() -> Weight;
	fn set_stopped() -> Weight;
	fn change_liquidity() -> Weight;
	fn set_payout() -> Weight;
	fn add_to_hold() -> Weight;
	fn release() -> Weight;
	fn pay_released() -> Weight;
	fn unlock_team() -> Weight;
}

/// The weights of `pallet_rewards` on this chain's runtime, with the database costs of the runtime `T`.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	fn wait() -> Weight {
		// Minimum execution time: 4_427_000 picoseconds.
		Weight::from_parts(5_417_000, 0)
			.saturating_add(T::DbWeight::get().reads(2_u64))
	}
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:1)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::RewardParameters` (r:1 w:0)
	/// Proof: `Rewards::RewardParameters` (`max_values`: Some(1), `max_size`: Some(128), added: 623, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Supply` (r:1 w:1)
	/// Proof: `Rewards::Supply` (`max_values`: Some(1), `max_size`: Some(192), added: 687, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Listings` (r:1 w:1)
	/// Proof: `Rewards::Listings` (`max_values`: Some(1), `max_size`: Some(5186), added: 5681, mode: `MaxEncodedLen`)
	/// Storage: `Pools::Pools` (r:64 w:64)
	/// Proof: `Pools::Pools` (`max_values`: None, `max_size`: Some(260), added: 2735, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::TotalShares` (r:1 w:0)
	/// Proof: `Rewards::TotalShares` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::PoolEpochs` (r:64 w:128)
	/// Proof: `Rewards::PoolEpochs` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Stopped` (r:1 w:0)
	/// Proof: `Rewards::Stopped` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Team` (r:1 w:0)
	/// Proof: `Rewards::Team` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	/// Storage: `Vesting::Vesting` (r:1 w:1)
	/// Proof: `Vesting::Vesting` (`max_values`: None, `max_size`: Some(1057), added: 3532, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Locks` (r:1 w:1)
	/// Proof: `Balances::Locks` (`max_values`: None, `max_size`: Some(1299), added: 3774, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Freezes` (r:1 w:0)
	/// Proof: `Balances::Freezes` (`max_values`: None, `max_size`: Some(67), added: 2542, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::EpochBudgets` (r:0 w:2)
	/// Proof: `Rewards::EpochBudgets` (`max_values`: None, `max_size`: Some(108), added: 2583, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[0, 64]`.
	fn close(p: u32, ) -> Weight {
		// Minimum execution time: 135_921_000 picoseconds.
		Weight::from_parts(178_753_066, 0)
			// Standard error: 284_529
			.saturating_add(Weight::from_parts(18_598_028, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(13_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(9_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(p.into())))
	}
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Miners` (r:1 w:1)
	/// Proof: `Rewards::Miners` (`max_values`: None, `max_size`: Some(1898), added: 4373, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Devices::Devices` (r:1 w:0)
	/// Proof: `Devices::Devices` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::PoolEpochs` (r:40 w:1)
	/// Proof: `Rewards::PoolEpochs` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Accounts` (r:1 w:1)
	/// Proof: `Rewards::Accounts` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:0)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Pools::PoolInfos` (r:1 w:0)
	/// Proof: `Pools::PoolInfos` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::RewardParameters` (r:1 w:0)
	/// Proof: `Rewards::RewardParameters` (`max_values`: Some(1), `max_size`: Some(128), added: 623, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Supply` (r:1 w:1)
	/// Proof: `Rewards::Supply` (`max_values`: Some(1), `max_size`: Some(192), added: 687, mode: `MaxEncodedLen`)
	fn verdict_reached() -> Weight {
		// Minimum execution time: 164_109_000 picoseconds.
		Weight::from_parts(233_965_000, 0)
			.saturating_add(T::DbWeight::get().reads(49_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Shares` (r:1 w:1)
	/// Proof: `Rewards::Shares` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::EpochBudgets` (r:1 w:1)
	/// Proof: `Rewards::EpochBudgets` (`max_values`: None, `max_size`: Some(108), added: 2583, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Supply` (r:1 w:1)
	/// Proof: `Rewards::Supply` (`max_values`: Some(1), `max_size`: Some(192), added: 687, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Accounts` (r:1 w:1)
	/// Proof: `Rewards::Accounts` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::TotalShares` (r:1 w:1)
	/// Proof: `Rewards::TotalShares` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	fn credit() -> Weight {
		// Minimum execution time: 24_418_000 picoseconds.
		Weight::from_parts(36_438_000, 0)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Miners` (r:1 w:1)
	/// Proof: `Rewards::Miners` (`max_values`: None, `max_size`: Some(1898), added: 4373, mode: `MaxEncodedLen`)
	fn rented() -> Weight {
		// Minimum execution time: 9_081_000 picoseconds.
		Weight::from_parts(12_892_000, 0)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Rewards::EpochRounds` (r:1 w:1)
	/// Proof: `Rewards::EpochRounds` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn round_began() -> Weight {
		Weight::from_parts(5_417_000, 0)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Rewards::Miners` (r:1 w:1)
	/// Proof: `Rewards::Miners` (`max_values`: None, `max_size`: Some(1898), added: 4373, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::PoolEpochs` (r:2 w:1)
	/// Proof: `Rewards::PoolEpochs` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Accounts` (r:1 w:1)
	/// Proof: `Rewards::Accounts` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Pools::PoolInfos` (r:1 w:0)
	/// Proof: `Pools::PoolInfos` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::RewardParameters` (r:1 w:0)
	/// Proof: `Rewards::RewardParameters` (`max_values`: Some(1), `max_size`: Some(128), added: 623, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Supply` (r:1 w:1)
	/// Proof: `Rewards::Supply` (`max_values`: Some(1), `max_size`: Some(192), added: 687, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Stopped` (r:1 w:0)
	/// Proof: `Rewards::Stopped` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// The range of component `e` is `[1, 40]`.
	fn settle() -> Weight {
		// Minimum execution time: 260_341_000 picoseconds.
		Weight::from_parts(306_429_029, 0)
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Shares` (r:2 w:2)
	/// Proof: `Rewards::Shares` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::EpochBudgets` (r:1 w:1)
	/// Proof: `Rewards::EpochBudgets` (`max_values`: None, `max_size`: Some(108), added: 2583, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Supply` (r:1 w:1)
	/// Proof: `Rewards::Supply` (`max_values`: Some(1), `max_size`: Some(192), added: 687, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Accounts` (r:1 w:1)
	/// Proof: `Rewards::Accounts` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Stopped` (r:1 w:0)
	/// Proof: `Rewards::Stopped` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim() -> Weight {
		// Minimum execution time: 66_013_000 picoseconds.
		Weight::from_parts(89_245_000, 0)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Rewards::RewardParameters` (r:0 w:1)
	/// Proof: `Rewards::RewardParameters` (`max_values`: Some(1), `max_size`: Some(128), added: 623, mode: `MaxEncodedLen`)
	fn set_parameters() -> Weight {
		// Minimum execution time: 4_641_000 picoseconds.
		Weight::from_parts(8_950_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Rewards::Listings` (r:1 w:1)
	/// Proof: `Rewards::Listings` (`max_values`: Some(1), `max_size`: Some(5186), added: 5681, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Pools::Pools` (r:1 w:0)
	/// Proof: `Pools::Pools` (`max_values`: None, `max_size`: Some(260), added: 2735, mode: `MaxEncodedLen`)
	fn set_listing() -> Weight {
		// Minimum execution time: 81_305_000 picoseconds.
		Weight::from_parts(133_077_000, 0)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Rewards::Team` (r:0 w:1)
	/// Proof: `Rewards::Team` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	fn set_team() -> Weight {
		// Minimum execution time: 4_950_000 picoseconds.
		Weight::from_parts(8_441_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Rewards::Stopped` (r:1 w:1)
	/// Proof: `Rewards::Stopped` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	fn set_stopped() -> Weight {
		// Minimum execution time: 5_382_000 picoseconds.
		Weight::from_parts(9_389_000, 0)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Rewards::Miners` (r:1 w:1)
	/// Proof: `Rewards::Miners` (`max_values`: None, `max_size`: Some(1898), added: 4373, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::Accounts` (r:1 w:1)
	/// Proof: `Rewards::Accounts` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Rewards::CurrentEpoch` (r:1 w:0)
	/// Proof: `Rewards::CurrentEpoch` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	fn change_liquidity() -> Weight {
		// Minimum execution time: 29_440_000 picoseconds.
		Weight::from_parts(149_880_000, 0)
			.saturating_add(T::DbWeight::get().reads(12_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	fn set_payout() -> Weight {
		Weight::from_parts(8_950_000, 0)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn add_to_hold() -> Weight {
		Weight::from_parts(89_245_000, 0)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	fn release() -> Weight {
		Weight::from_parts(89_245_000, 0)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	fn pay_released() -> Weight {
		Weight::from_parts(89_245_000, 0)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	fn unlock_team() -> Weight {
		Weight::from_parts(89_245_000, 0)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
}

// For tests, whose runtimes say nothing about their database.
impl WeightInfo for () {
	fn wait() -> Weight {
		Weight::from_parts(5_417_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
	}
	fn close(p: u32, ) -> Weight {
		Weight::from_parts(178_753_066, 0)
			.saturating_add(Weight::from_parts(18_598_028, 0).saturating_mul(p.into()))
			.saturating_add(ParityDbWeight::get().reads(13_u64))
			.saturating_add(ParityDbWeight::get().reads((2_u64).saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(9_u64))
			.saturating_add(ParityDbWeight::get().writes((3_u64).saturating_mul(p.into())))
	}
	fn verdict_reached() -> Weight {
		Weight::from_parts(233_965_000, 0)
			.saturating_add(ParityDbWeight::get().reads(49_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn credit() -> Weight {
		Weight::from_parts(36_438_000, 0)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn rented() -> Weight {
		Weight::from_parts(12_892_000, 0)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn round_began() -> Weight {
		Weight::from_parts(5_417_000, 0)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn settle() -> Weight {
		Weight::from_parts(306_429_029, 0)
			.saturating_add(ParityDbWeight::get().reads(10_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn claim() -> Weight {
		Weight::from_parts(89_245_000, 0)
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn set_parameters() -> Weight {
		Weight::from_parts(8_950_000, 0)
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_listing() -> Weight {
		Weight::from_parts(133_077_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_team() -> Weight {
		Weight::from_parts(8_441_000, 0)
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_stopped() -> Weight {
		Weight::from_parts(9_389_000, 0)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn change_liquidity() -> Weight {
		Weight::from_parts(149_880_000, 0)
			.saturating_add(ParityDbWeight::get().reads(12_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn set_payout() -> Weight {
		Weight::from_parts(8_950_000, 0)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn add_to_hold() -> Weight {
		Weight::from_parts(89_245_000, 0)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn release() -> Weight {
		Weight::from_parts(89_245_000, 0)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn pay_released() -> Weight {
		Weight::from_parts(89_245_000, 0)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn unlock_team() -> Weight {
		Weight::from_parts(89_245_000, 0)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
}

//! Who challenges devices, when, and what becomes of those who cheat.

use crate::{
    Rewards, Runtime,
    configs::{EpochDuration, governance::ToTreasury, parameters::dynamic_params::verification},
    constants::time::SLOT_MILLISECONDS,
};
use frame_support::traits::{ConstU32, Get};
use pallet_babe::{ParentBlockRandomness, RandomnessFromOneEpochAgo};
use sp_runtime::Percent;

/// Verifiers that can be active, at most.
pub const MAX_VERIFIERS: u32 = 1_024;
/// Seats of the committee for one device, at most.
pub const MAX_COMMITTEE: u32 = 15;

/// As many blocks as that part of a session has slots: rounds are about as long as sessions, so they are short on
/// development chains.
fn part_of_session(percent: Percent) -> u32 {
    // A session has at most some hundred slots.
    u32::try_from(percent.mul_ceil(EpochDuration::get())).unwrap_or(u32::MAX)
}

/// The fewest blocks from the beginning of one round to that of the next.
pub struct MinimumRoundBlocks;
impl Get<u32> for MinimumRoundBlocks {
    fn get() -> u32 {
        part_of_session(Percent::from_percent(60))
    }
}

/// The most. On a public network, where a session is an hour, there is a round about every 50 minutes.
pub struct MaximumRoundBlocks;
impl Get<u32> for MaximumRoundBlocks {
    fn get() -> u32 {
        MinimumRoundBlocks::get().saturating_add(part_of_session(Percent::from_percent(50)))
    }
}

/// As many seconds as that part of a session takes.
fn seconds_of_session(percent: Percent) -> u64 {
    u64::from(part_of_session(percent)).saturating_mul(SLOT_MILLISECONDS / 1_000)
}

/// For how many seconds the devices of a round are challenged.
pub struct WindowSeconds;
impl Get<u64> for WindowSeconds {
    fn get() -> u64 {
        verification::WindowSeconds::get().min(seconds_of_session(Percent::from_percent(50)))
    }
}

/// For how many seconds after that verifiers can attest.
pub struct GraceSeconds;
impl Get<u64> for GraceSeconds {
    fn get() -> u64 {
        verification::GraceSeconds::get().min(seconds_of_session(Percent::from_percent(20)))
    }
}

impl pallet_verification::Config for Runtime {
    type VerdictHooks = Rewards;
    type Randomness = ParentBlockRandomness<Self>;
    type FallbackRandomness = RandomnessFromOneEpochAgo<Self>;
    type Slash = ToTreasury;
    type MinimumBond = verification::MinimumBond;
    type UnbondingSeconds = verification::UnbondingSeconds;
    type StrikeLimit = verification::StrikeLimit;
    type ContradictionStrikes = verification::ContradictionStrikes;
    type SuspensionSeconds = verification::SuspensionSeconds;
    type SuspensionSlash = verification::SuspensionSlash;
    type MinimumRoundBlocks = MinimumRoundBlocks;
    type MaximumRoundBlocks = MaximumRoundBlocks;
    type CommitteeSize = verification::CommitteeSize;
    type WindowSeconds = WindowSeconds;
    type GraceSeconds = GraceSeconds;
    type DisputeRounds = verification::DisputeRounds;
    type ReporterShare = verification::ReporterShare;
    type MaxVerifiers = ConstU32<MAX_VERIFIERS>;
    type MaxCommittee = ConstU32<MAX_COMMITTEE>;
    type WeightInfo = pallet_verification::weights::SubstrateWeight<Runtime>;
}

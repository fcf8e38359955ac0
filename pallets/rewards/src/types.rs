//! What the pallet stores and reports, as types.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedBTreeMap, BoundedVec, traits::ConstU32};
use loopin_math::{Factors, MultiplierTerms, RewardCaps, RoundCount, Schedule, Split, time::DAY};
use loopin_primitives::{Balance, EpochId, LOOPIN, Moment, PoolId, PositionId};
use pallet_pools::PoolMark;
use scale_info::TypeInfo;
use sp_runtime::{FixedU128, Permill, Perquintill};

/// Pools that share in rewards, at most.
pub const MAX_LISTED_POOLS: u32 = 64;
/// For how many epochs after its end an epoch's rewards can be settled.
pub const HISTORY_EPOCHS: u32 = 40;
/// The longest that an epoch can last, in seconds. An epoch keeps its end, so one that never ended would be the last.
pub const MAX_EPOCH_SECONDS: u64 = 30 * DAY;
/// The least reference price of a listed pool, in planck for a GPU-hour: a millionth of a LOOPIN.
pub const MIN_REFERENCE_PRICE: Balance = LOOPIN / 1_000_000;
/// The largest reference price of a listed pool, in planck for a GPU-hour.
pub const MAX_REFERENCE_PRICE: Balance = 1_000 * LOOPIN;
/// The longest that a release can take, in seconds.
pub const MAX_RELEASE_SECONDS: u64 = 28 * DAY;
/// The most releases of one account that are not paid.
pub const MAX_RELEASES: u32 = 8;
/// The most batches of the team's share that one account can have locked.
pub const MAX_TEAM_LOCKS: u32 = 28;
/// The most intervals that are kept for one device: times in its pool for which its rewards are not settled.
pub const MAX_INTERVALS: u32 = 8;
/// The most verdicts of an epoch of whose work the median is taken: the last ones.
pub const MAX_WORKS: u32 = 31;

/// The pools that share in rewards.
pub type ListedPools = BoundedBTreeMap<PoolId, Listing, ConstU32<MAX_LISTED_POOLS>>;
/// A device of this runtime.
pub type MinerOf<T> = Miner<<T as frame_system::Config>::AccountId>;

/// What governance sets for rewards.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Parameters {
    /// What each of the first epochs emits, in planck. Emission of later epochs follows from it.
    pub initial_emission: Balance,
    /// Emission is halved after this many epochs, and again after as many more.
    pub halving_epochs: u32,
    /// Which part of an epoch's emission is for whom; together they are one whole.
    pub split: Split,
    /// What the multiplier of each device is made of.
    pub multiplier: MultiplierTerms,
    /// What bounds the standard reward of each device: idle time from a quarter to twice the reference price, rented time
    /// up to half of it.
    pub caps: RewardCaps,
    /// How long an epoch lasts, in seconds: from a minute to thirty days. The running one keeps its end.
    pub epoch_seconds: u64,
    /// How long after its release LOOPIN of the loyalty hold is paid, in seconds: from a minute to 28 days.
    pub release_seconds: u64,
}

impl Parameters {
    /// The schedule of emission, whose cap is not under governance.
    pub fn schedule(&self, cap: Balance) -> Schedule {
        Schedule {
            initial: self.initial_emission,
            halving_epochs: self.halving_epochs,
            cap,
        }
    }
}

impl Default for Parameters {
    /// Those of the protocol.
    fn default() -> Self {
        Self {
            initial_emission: 100_000 * LOOPIN,
            halving_epochs: 365,
            split: Split {
                miners: Permill::from_percent(60),
                clients: Permill::from_percent(5),
                verifiers: Permill::from_percent(5),
                treasury: Permill::from_percent(20),
                team: Permill::from_percent(10),
            },
            multiplier: MultiplierTerms {
                time_steepness: FixedU128::from_rational(2_303, 1_000),
                loyalty_steepness: FixedU128::from_rational(7_324, 1_000),
                privacy_steepness: FixedU128::from_rational(2_303, 1_000),
                work_steepness: FixedU128::from_rational(7_324, 1_000),
                full_age_seconds: 30 * DAY,
                work_dead_band: Permill::from_percent(5),
            },
            caps: RewardCaps {
                idle: FixedU128::from_rational(5, 4),
                rented: FixedU128::from_rational(1, 2),
            },
            epoch_seconds: DAY,
            release_seconds: 7 * DAY,
        }
    }
}

/// The running reward epoch.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Epoch {
    /// Its number, from 0.
    pub index: EpochId,
    /// When it began, in Unix seconds.
    pub start: Moment,
    /// When it ends, in Unix seconds. It is closed by the first block after that.
    pub end: Moment,
}

/// A pool that shares in rewards.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Listing {
    /// What a GPU-hour is worth where rewards are concerned, in planck, and not zero. Its price in the pool is another
    /// matter: whoever provides most of a pool can move that.
    pub reference_price: Balance,
    /// Where its running epoch began.
    pub mark: PoolMark,
}

/// What a pool got in a closed epoch.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PoolEpoch {
    /// When the epoch began for this pool, in Unix seconds.
    pub from: Moment,
    /// When it ended for this pool: a little later than the epoch, if something happened in the pool before its closing.
    pub until: Moment,
    /// The mean price of a GPU-hour in the pool, in planck. It is for readers.
    pub price: Balance,
    /// The price of a GPU-hour by which it was rewarded, in planck.
    pub reference_price: Balance,
    /// Seconds that its providers' devices were in it, all together.
    pub provider_seconds: u128,
    /// How many rounds of challenges began in the epoch.
    pub rounds: u32,
    /// Its part of the miners' budget, in planck.
    pub part: Balance,
    /// What that is for a provider-second, in planck times 2^64, rounded down: the most that any of them earns.
    pub rate: u128,
    /// What has not yet been settled of its part, in planck.
    pub left: Balance,
}

/// What a closed epoch has for the clients, or for the verifiers.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Budget {
    /// How much there is for all of them, in planck.
    pub amount: Balance,
    /// All shares: what clients consumed, in planck, or what verifiers did, in duties.
    pub total: u128,
    /// What has not yet been settled of the amount, in planck.
    pub left: Balance,
}

/// What a closed epoch has for those who share it pro rata.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Budgets {
    /// For clients.
    pub clients: Budget,
    /// For verifiers.
    pub verifiers: Budget,
}

/// Who shares a budget pro rata.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Party {
    /// Clients, by what they consumed.
    #[codec(index = 0)]
    Client,
    /// Verifiers, by the duties that they did.
    #[codec(index = 1)]
    Verifier,
}

/// All shares of the running epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ShareTotals {
    /// What clients consumed, in planck.
    pub clients: u128,
    /// How many duties verifiers did.
    pub verifiers: u128,
}

/// What one account has to show for an epoch.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Share {
    /// The epoch.
    pub epoch: EpochId,
    /// What it consumed as a client, in planck, or the duties that it did as a verifier.
    pub amount: u128,
    /// The most that it can get for that, in planck: for a client half of the fees that it burned.
    pub most: Balance,
}

/// LOOPIN that an account has earned, by source, in planck.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Earned {
    /// By providing liquidity.
    pub mining: Balance,
    /// By renting devices.
    pub renting: Balance,
    /// By verifying devices.
    pub verifying: Balance,
}

impl Earned {
    /// All together.
    pub fn total(&self) -> Balance {
        self.mining
            .saturating_add(self.renting)
            .saturating_add(self.verifying)
    }
}

/// What rewards know of an account. What is accrued, liquidity in listed pools, bonded and held counts for its loyalty.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Earnings {
    /// What it has earned and not yet been paid.
    pub accrued: Earned,
    /// What has been minted to it over its life, in planck.
    pub minted: Balance,
    /// What it has paid into listed pools as liquidity and not got back, in planck.
    pub liquidity: Balance,
    /// What it had bonded as a verifier or validator when rewards last looked, in planck.
    pub bonded: Balance,
    /// What it has on the loyalty hold and has not released, in planck.
    pub held: Balance,
    /// What was taken off the hold for liquidity in the running transaction, in planck. Zero between transactions.
    pub lent: Balance,
    /// What counted, and what had been minted, over time.
    pub reckoning: Reckoning,
}

/// The means of an epoch, kept as sums over time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reckoning {
    /// The epoch.
    pub epoch: EpochId,
    /// When it began, in Unix seconds.
    pub began: Moment,
    /// Until when it is reckoned, in Unix seconds.
    pub until: Moment,
    /// What has counted in it so far, in planck times seconds.
    pub counted_seconds: u128,
    /// What had been minted to the account, in planck times seconds.
    pub minted_seconds: u128,
    /// The mean of what counted in the epoch before, in planck.
    pub last_counted: Balance,
    /// The mean of what had been minted then, in planck.
    pub last_minted: Balance,
}

/// Where an account has its earnings paid to.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Payout {
    /// On the loyalty hold, where they count, and from where they come back some days after they have been released.
    #[default]
    #[codec(index = 0)]
    Hold,
    /// Free, where they do not count.
    #[codec(index = 1)]
    Free,
}

/// LOOPIN that leaves the loyalty hold. It no longer counts.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Release {
    /// How much, in planck.
    pub amount: Balance,
    /// When it can be paid, in Unix seconds.
    pub until: Moment,
}

/// A batch of the team's share that is locked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TeamLock {
    /// How much, in planck.
    pub amount: Balance,
    /// When it can be unlocked, in Unix seconds.
    pub until: Moment,
}

/// What of an account's LOOPIN counts for the loyalty of its devices. Amounts are in planck.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Loyalty {
    /// Earned and not yet paid. It counts.
    pub accrued: Balance,
    /// Paid into listed pools and not yet streamed back. It counts until it has.
    pub liquidity: Balance,
    /// Bonded as a verifier or validator. It counts until it is withdrawn.
    pub bonded: Balance,
    /// On the loyalty hold. It counts until it is released.
    pub held: Balance,
    /// All of these.
    pub counted: Balance,
    /// What has been minted to the account over its life.
    pub minted: Balance,
    /// The mean of what counted over the last epoch that is over: what the factor of loyalty is made of.
    pub last_counted: Balance,
    /// The mean of what had been minted then, by which it is measured.
    pub last_minted: Balance,
    /// When the running epoch ends, in Unix seconds: until then, what is released now still lowers its mean.
    pub epoch_end: Moment,
    /// Where earnings are paid to.
    pub payout: Payout,
    /// What has been released and not yet paid. It counts for nothing.
    pub releases: alloc::vec::Vec<Release>,
}

/// A device whose time is, or was, in a pool, and whose rewards are not all settled.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Miner<AccountId> {
    /// Whose it is.
    pub owner: AccountId,
    /// Its pool.
    pub pool: PoolId,
    /// When its time was in the pool.
    pub intervals: BoundedVec<Interval, ConstU32<MAX_INTERVALS>>,
    /// What it has shown in the last epoch in which anything was heard of it.
    pub performance: EpochPerformance,
    /// An earlier epoch in which it was judged, and which is not settled. There is never more than one: each verdict
    /// settles what was before.
    pub unsettled: Option<EpochRecord>,
    /// Whether it has failed, and not passed since.
    pub failing: bool,
    /// Whether its owner drains it.
    pub draining: bool,
    /// Who has it at present, if anybody has rented it.
    pub tenancy: Option<Tenancy>,
    /// What has come back of rentals beyond what was still counted as paid for them, in planck. What is paid next makes up
    /// for it before it counts.
    pub overpaid: Balance,
    /// Until when its time is counted in `performance`, in Unix seconds.
    pub counted_until: Moment,
}

/// A time during which a device was in its pool.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Interval {
    /// The position.
    pub position: PositionId,
    /// When it began, in Unix seconds.
    pub from: Moment,
    /// When it ends at the latest, or ended, in Unix seconds.
    pub until: Moment,
    /// What the owner has paid in and not got back, in planck. Zero if the pool was not listed.
    pub outstanding: Balance,
    /// What of the payment came from the loyalty hold and has not gone back there, in planck.
    pub from_hold: Balance,
    /// Whether the position is over.
    pub ended: bool,
}

/// A device's part in a rental, as far as it is not yet counted.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Tenancy {
    /// Until when the device is rented, in Unix seconds.
    pub until: Moment,
    /// What was paid to the pool for that time, in planck.
    pub paid: Balance,
}

/// What a device's time was used for, where it did not just wait in its pool.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TimeUsed {
    /// Seconds for which it was rented, and not drained.
    pub rented_seconds: u64,
    /// What was paid to the pool for these, in planck.
    pub paid: Balance,
    /// Seconds for which its owner drained it, so that it earned nothing.
    pub drained_seconds: u64,
}

/// What a device has shown in one epoch, verdict by verdict.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EpochPerformance {
    /// The epoch.
    pub epoch: EpochId,
    /// The work that it did in full challenges, 10⁹ operations per second, in the order of the verdicts.
    pub works: BoundedVec<u64, ConstU32<MAX_WORKS>>,
    /// The least privacy that it had in them, from 0 to 100.
    pub privacy: u8,
    /// Its age at the last verdict, in seconds.
    pub age_seconds: u64,
    /// The rounds that judged it.
    pub rounds: RoundCount,
    /// Whether a failure was confirmed, or a fraud proven: then all of the epoch's reward is lost.
    pub lost: bool,
    /// What its time was used for, as far as it is counted.
    pub time: TimeUsed,
}

/// What a device has shown, for its multiplier.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Performance {
    /// The median of its work in full challenges, 10⁹ operations per second. Of two in the middle, the lower.
    pub work_gops: u64,
    /// The least privacy that it had in them, from 0 to 100.
    pub privacy: u8,
    /// Its age at the last verdict, in seconds: how long ago it was verified for the first time.
    pub age_seconds: u64,
}

/// The last full challenge that a device has passed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FullChallenge {
    /// The work that it did, 10⁹ operations per second.
    pub work_gops: u64,
    /// The privacy that it offered, from 0 to 100.
    pub privacy: u8,
}

/// An epoch for which a device is to be rewarded, or not.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct EpochRecord {
    /// The epoch.
    pub epoch: EpochId,
    /// What the device has shown in it, or in its last full challenge if it was given none in this epoch.
    pub shown: Option<Performance>,
    /// The rounds that judged it.
    pub rounds: RoundCount,
    /// Whether its reward is lost.
    pub lost: bool,
    /// What its time was used for.
    pub time: TimeUsed,
}

/// What a device would bring its owner if it were settled now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DeviceRewards {
    /// What `settle` would make accrue to the owner for it, in planck.
    pub due: Balance,
    /// The part of the running epoch's standard reward that counts by the verdicts so far, in parts of 10¹⁸.
    pub proven: Perquintill,
    /// The factors by which it would be rewarded, in parts of 10¹⁸. Nothing if it has never passed a full challenge.
    pub factors: Option<Factors>,
    /// Their product, in parts of 10¹⁸.
    pub multiplier: Perquintill,
}

/// Where LOOPIN comes from. All amounts are in planck.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SupplyState {
    /// What existed at the genesis. It counts against the cap.
    pub endowed: Balance,
    /// What closed epochs emitted: the most that can be minted for them.
    pub emitted: Balance,
    /// What has been minted of that.
    pub minted: Minted,
    /// What will never be minted of that, although it was somebody's standard reward.
    pub withheld: Withheld,
    /// What is to be minted to the treasury as soon as possible.
    pub treasury_due: Balance,
    /// What is to be minted to the team with its next batch.
    pub team_due: Balance,
}

/// What has been minted, by purpose. All amounts are in planck.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Minted {
    /// To accounts, for providing liquidity, renting and verifying.
    pub earned: Earned,
    /// To the treasury.
    pub treasury: Balance,
    /// To the team, locked.
    pub team: Balance,
}

impl Minted {
    /// All together.
    pub fn total(&self) -> Balance {
        self.earned
            .total()
            .saturating_add(self.treasury)
            .saturating_add(self.team)
    }
}

/// Standard rewards that were burned before they were minted, by reason. All amounts are in planck.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Withheld {
    /// The multiplier was below one.
    pub multiplier: Balance,
    /// The device did not pass, or was not challenged often enough.
    pub unproven: Balance,
    /// A client burned less than twice as much in fees.
    pub capped: Balance,
}

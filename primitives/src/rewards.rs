//! Rewards, as the pallets of the market see them.

use crate::{Balance, DeviceId, Moment, PoolId, PoolTerms, PositionId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use loopin_math::PriceMark;
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult, Weight};

/// Number of a reward epoch, from 0.
pub type EpochId = u32;

/// A moment in the life of a pool from which its next epoch is reckoned.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PoolMark {
    /// The moment, Unix seconds.
    pub moment: Moment,
    /// The integral of the number of providers' positions until then, in device-seconds.
    pub provider_seconds: u128,
    /// From this the mean price since then can be taken.
    pub price: PriceMark,
}

/// The pools, as far as rewards need them.
pub trait RewardedPools {
    /// The present moment. Zero where the chain has not begun.
    fn now() -> Moment;

    /// The terms of a pool, or an error that says that there is no such pool.
    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError>;

    /// Marks the pool at the moment `at`, or where it has come further already, at the moment that it has come to.
    /// `at` must not lie in the future. Also returns the mean price since the last mark, in planck for a GPU-hour,
    /// which is the present one where no time has passed.
    fn mark(pool: PoolId, at: Moment, since: Option<&PoolMark>)
    -> Result<(PoolMark, Balance), DispatchError>;

    /// What bringing one pool up to date costs at most, beyond what marking a pool costs that has come that far.
    fn most_sync_weight() -> Weight;

    /// What marking has cost, beyond what marking a pool costs that has come that far: to be asked once after all
    /// marks, outside of calls that touch pools.
    fn take_sync_weight() -> Weight;

    /// A pool that can be marked.
    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark() -> Result<PoolId, DispatchError>;

    /// Makes `moment` the present.
    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment);
}

/// What rewards ask about devices.
pub trait DeviceAges {
    /// When the device passed verification for the first time since it was registered or last ejected, Unix
    /// seconds. Nothing where it has not, or is not registered.
    fn verified_since(device: DeviceId) -> Option<Moment>;
}

/// Who rewards those who provide the time of their devices: called by the stakes. Nothing of this fails, but for
/// what it says in its own errors; nobody's stake may depend on it.
pub trait ProviderRewards<AccountId> {
    /// The time of the device is in the pool from now on, until `until` at most. The owner has paid so much into the
    /// pool for that.
    fn provision_began(
        position: PositionId,
        owner: &AccountId,
        device: DeviceId,
        pool: PoolId,
        until: Moment,
        paid: Balance,
    );

    /// So much of what it has paid in has streamed back to the owner.
    fn streamed_back(position: PositionId, device: DeviceId, amount: Balance);

    /// The time of the device is not in the pool any more, from now on or from its end on, whichever was earlier.
    fn provision_ended(position: PositionId, device: DeviceId);

    /// Pays the owner of the device what is due by now. Returns how much that is, and what that has cost.
    fn pay(owner: &AccountId, device: DeviceId) -> (Balance, Weight);

    /// What [`provision_began`](Self::provision_began), [`streamed_back`](Self::streamed_back) or
    /// [`provision_ended`](Self::provision_ended) costs at most.
    fn change_weight() -> Weight;

    /// What [`pay`](Self::pay) costs at most.
    fn pay_weight() -> Weight;
}

impl<AccountId> ProviderRewards<AccountId> for () {
    fn provision_began(_: PositionId, _: &AccountId, _: DeviceId, _: PoolId, _: Moment, _: Balance) {}
    fn streamed_back(_: PositionId, _: DeviceId, _: Balance) {}
    fn provision_ended(_: PositionId, _: DeviceId) {}
    fn pay(_: &AccountId, _: DeviceId) -> (Balance, Weight) {
        (0, Weight::zero())
    }
    fn change_weight() -> Weight {
        Weight::zero()
    }
    fn pay_weight() -> Weight {
        Weight::zero()
    }
}

/// Who rewards clients, and miners for time that is rented: called by the rentals. It does not fail.
pub trait RentalRewards<AccountId> {
    /// The device is rented until then. Meanwhile nobody challenges it, or not with its pool's profile.
    fn rented(device: DeviceId, until: Moment);

    /// Now it is not rented any more, before that time.
    fn given_back(device: DeviceId);

    /// What [`rented`](Self::rented) or [`given_back`](Self::given_back) costs at most.
    fn rented_weight() -> Weight;

    /// Of what the client has paid, `amount` is consumed for good, planck, and `fees` have been burned.
    fn consumed(client: &AccountId, amount: Balance, fees: Balance);

    /// What [`consumed`](Self::consumed) costs at most.
    fn consumed_weight() -> Weight;
}

impl<AccountId> RentalRewards<AccountId> for () {
    fn rented(_: DeviceId, _: Moment) {}
    fn given_back(_: DeviceId) {}
    fn rented_weight() -> Weight {
        Weight::zero()
    }
    fn consumed(_: &AccountId, _: Balance, _: Balance) {}
    fn consumed_weight() -> Weight {
        Weight::zero()
    }
}

/// Why LOOPIN is burned.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum BurnReason {
    /// The fee of a trade with a pool.
    #[codec(index = 0)]
    SwapFee,
    /// A certificate for staking a device.
    #[codec(index = 1)]
    Certificate,
    /// The fee for leaving a pool early.
    #[codec(index = 2)]
    ExitFee,
    /// What is left of what the owner of an ejected device has lost.
    #[codec(index = 3)]
    Forfeit,
    /// The deposit for a report that a device fails, which it does not.
    #[codec(index = 4)]
    RefutedReport,
}

/// Who keeps account of what is burned. It does not fail, and costs the same for everybody.
pub trait BurnLog {
    /// So much has been burned, planck.
    fn burned(reason: BurnReason, amount: Balance);
}

impl BurnLog for () {
    fn burned(_: BurnReason, _: Balance) {}
}

/// Locks what has just been paid, so that it can be seen but not moved until a time that the lock knows.
pub trait PaymentLock<AccountId> {
    /// Locks so much in the account, which has it.
    fn lock(who: &AccountId, amount: Balance) -> DispatchResult;
}

impl<AccountId> PaymentLock<AccountId> for () {
    fn lock(_: &AccountId, _: Balance) -> DispatchResult {
        Ok(())
    }
}

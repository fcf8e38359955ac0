//! The hooks by which a lower pallet tells the higher ones what has happened.
//!
//! A pallet calls those below it directly: its `Config` says which they are. It tells those above it what concerns them
//! through a hook that the runtime plugs in.

use crate::{Balance, BurnReason, ChallengeKind, DeviceId, Moment, PoolId, PositionId, RentalId, Verdict};
use loopin_math::Contribution;
use sp_runtime::{DispatchError, DispatchResult, Weight};

/// From pools, stakes and rentals to whoever keeps account of what they burn. It does not fail, and always costs the same.
pub trait OnBurn {
    /// `amount` planck have been burned.
    fn burned(reason: BurnReason, amount: Balance);
}

/// From the registry of devices to those concerned with a device. The calls must not fail for a reason of a user's
/// making. Whoever is not concerned with something leaves it out.
pub trait DeviceHooks {
    /// The device passed a verification.
    fn passed(_device: DeviceId) -> DispatchResult {
        Ok(())
    }

    /// The device failed a verification for the first time in a row.
    fn suspended(_device: DeviceId) -> DispatchResult {
        Ok(())
    }

    /// The device failed again, or was proven to have lied: whatever stake and rental it has ends now.
    fn ejected(_device: DeviceId) -> DispatchResult {
        Ok(())
    }

    /// The device, which was not staked, is out of the registry. Its number never comes back. What this costs is
    /// measured with the call that removes it.
    fn removed(_device: DeviceId) {}

    /// What any of the others costs at most, but for syncing the device's pool.
    fn weight() -> Weight;
}

impl<First: DeviceHooks, Second: DeviceHooks> DeviceHooks for (First, Second) {
    fn passed(device: DeviceId) -> DispatchResult {
        First::passed(device)?;
        Second::passed(device)
    }
    fn suspended(device: DeviceId) -> DispatchResult {
        First::suspended(device)?;
        Second::suspended(device)
    }
    fn ejected(device: DeviceId) -> DispatchResult {
        First::ejected(device)?;
        Second::ejected(device)
    }
    fn removed(device: DeviceId) {
        First::removed(device);
        Second::removed(device);
    }
    fn weight() -> Weight {
        First::weight().saturating_add(Second::weight())
    }
}

/// A rental that a device did not serve to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedRental<AccountId> {
    /// The rental.
    pub rental: RentalId,
    /// Who rented the device.
    pub client: AccountId,
    /// Until when it was rented.
    pub until: Moment,
    /// What the client is due, in planck: the part of what was paid that falls to the time that is left.
    pub refund: Balance,
    /// What was paid into the pool's reserve for the device. Whatever is forfeited because of the failure comes first, and
    /// may pay all of the refund. The pool pays no more than what is left of this, nor more than giving the time back
    /// brings once the device has left.
    pub contribution: Contribution,
}

/// From the stakes to the rentals of their devices.
pub trait TenancyHooks<AccountId> {
    /// Until when the device is rented, if it is rented now.
    fn rented_until(device: DeviceId) -> Option<Moment>;

    /// The device has failed and leaves its pool: if it is rented, its part of the rental ends now, and the
    /// client's hour tokens for the rest are destroyed. The pool is not touched, and the refund is for the caller
    /// to pay.
    fn evict(device: DeviceId) -> Result<Option<FailedRental<AccountId>>, DispatchError>;
}

/// From the stakes to whoever rewards those who provide liquidity. None of this fails: nobody's stake may depend on it.
pub trait LiquidityHooks<AccountId> {
    /// The owner is about to pay `cost` planck as liquidity: what it has held back for that becomes free.
    fn fund_liquidity(owner: &AccountId, cost: Balance);

    /// The time of the device is in the pool from now on, until `until` at most. The owner has paid `paid` planck into
    /// the pool for that.
    fn liquidity_added(
        position: PositionId,
        owner: &AccountId,
        device: DeviceId,
        pool: PoolId,
        until: Moment,
        paid: Balance,
    );

    /// The owner drains the device, or no longer: it is not for rent, and earns nothing.
    fn drained(position: PositionId, device: DeviceId, draining: bool);

    /// `amount` planck of what the owner had paid in have streamed back.
    fn liquidity_streamed(position: PositionId, device: DeviceId, amount: Balance);

    /// The time of the device is no longer in the pool, from now on or from its end on, whichever was earlier.
    fn liquidity_ended(position: PositionId, device: DeviceId);

    /// The owner has been paid `amount` planck of liquidity that has just ended: what was held back goes back there.
    fn liquidity_returned(owner: &AccountId, amount: Balance);

    /// Pays the owner of the device what is due by now. Returns how much that is, and what that has cost.
    fn pay_rewards(owner: &AccountId, device: DeviceId) -> (Balance, Weight);

    /// What [`drained`](Self::drained), [`liquidity_streamed`](Self::liquidity_streamed), the two that add liquidity or the
    /// two that end it cost at most.
    fn change_weight() -> Weight;

    /// What [`pay_rewards`](Self::pay_rewards) costs at most.
    fn pay_weight() -> Weight;
}

/// From the rentals to whoever rewards clients, and miners for time that is rented. It does not fail.
pub trait RentalHooks<AccountId> {
    /// The device is rented, or longer than before, until then. For that `paid` planck have gone to its pool.
    fn rented(device: DeviceId, until: Moment, paid: Balance);

    /// The device is no longer rented, before that time has come. `refund` planck of what was paid for it have come back.
    fn given_back(device: DeviceId, refund: Balance);

    /// Of what the client has paid for devices of that pool, `amount` planck are consumed for good, and `fees` have been
    /// burned.
    fn consumed(pool: PoolId, client: &AccountId, amount: Balance, fees: Balance);

    /// What [`rented`](Self::rented) or [`given_back`](Self::given_back) costs at most.
    fn rented_weight() -> Weight;

    /// What [`consumed`](Self::consumed) costs at most.
    fn consumed_weight() -> Weight;
}

/// From verification to whoever rewards devices and verifiers. The calls do not fail, and always cost the same.
pub trait VerdictHooks<AccountId> {
    /// A round of challenges has begun. An epoch's rewards are for its rounds.
    fn round_began();

    /// A verdict has been reached, by that many votes for a pass and for a fail. There are none of either if it is a fraud
    /// that was proven. The device already stands as the verdict makes it stand.
    fn verdict_reached(device: DeviceId, verdict: Verdict, kind: ChallengeKind, passes: u32, fails: u32);

    /// A verifier has agreed, with that many votes, with the verdict on a staked device.
    fn duty_done(verifier: &AccountId, votes: u32);

    /// What [`round_began`](Self::round_began) costs at most.
    fn round_weight() -> Weight;

    /// What [`verdict_reached`](Self::verdict_reached) costs at most.
    fn verdict_weight() -> Weight;

    /// What [`duty_done`](Self::duty_done) costs at most.
    fn duty_weight() -> Weight;
}

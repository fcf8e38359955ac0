//! Pools, stakes and rentals, as the pallets of the market see each other.

use crate::{Balance, DeviceId, Moment, PoolId, PoolTerms, RentalId, TradeQuote};
use loopin_math::{Joined, Left, Pool, Provided, Trade, U256};
use sp_runtime::{DispatchError, DispatchResult, Weight};

/// The pools: reserves of LOOPIN, GPU time, and the money that goes in and out.
///
/// Every function that takes a pool brings it up to date first. LOOPIN that has left a reserve for somebody, but
/// is not paid out, stays in the pool's account as *owed* until [`pay`](Self::pay) or [`burn_owed`](Self::burn_owed).
/// Whatever fails leaves an undefined state behind, so callers run inside a storage transaction, as every call of
/// a pallet does.
pub trait Market<AccountId> {
    /// The present moment.
    fn now() -> Moment;

    /// The terms of a pool, or an error that says that there is no such pool.
    fn terms(pool: PoolId) -> Result<PoolTerms, DispatchError>;

    /// The pool as it is now, after everything that is due has happened.
    fn synced(pool: PoolId) -> Result<Pool, DispatchError>;

    /// What bringing a pool up to date costs at most, on top of what touching one that is up to date costs: to be
    /// charged in advance by every call that touches one.
    fn most_sync_weight() -> Weight;

    /// What that has really cost in this call: what remains of the charge is to be given back. Every call that
    /// touches a pool must ask for this in the end, and only once.
    fn take_sync_weight() -> Weight;

    /// Creates hour tokens in the account, which cannot move them.
    fn issue_hours(pool: PoolId, who: &AccountId, gpu_seconds: u128) -> DispatchResult;

    /// Destroys hour tokens in the account.
    fn retire_hours(pool: PoolId, who: &AccountId, gpu_seconds: u128) -> DispatchResult;

    /// `provider` puts the time of one device until `until` into the pool, with LOOPIN of its own of the same
    /// value, `max_cost` at most. The pool gets hour tokens for it.
    fn join(
        pool: PoolId,
        provider: &AccountId,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Joined, DispatchError>;

    /// What the stream index of the pool was at the moment `until`, at which a position ended, or is now, where
    /// it has not. Multiplied with the share rate of the position that is what it is owed: see
    /// [`Pool::streamed_to`].
    fn stream_index(pool: PoolId, until: Moment) -> Result<U256, DispatchError>;

    /// A position that ended at `until` has been paid out, so its stream index need not be kept.
    fn forget_ending(pool: PoolId, until: Moment) -> DispatchResult;

    /// A position ends before its time. What it returns is owed from now on, and the hour tokens of the idle
    /// time are destroyed. Where the device is rented the rental must have been ended first, and `rented_until`
    /// says until when it was to last.
    fn leave(
        pool: PoolId,
        position: &Provided,
        paid: Balance,
        gpu_seconds: u128,
        rented_until: Option<Moment>,
    ) -> Result<Left, DispatchError>;

    /// `seller` sells the time of one device until `until`: from now, or from `from` where the pool has it until
    /// then already. The seller gets the proceeds, at least `min_proceeds`, less the fee, which is burned.
    fn sell(
        pool: PoolId,
        seller: &AccountId,
        from: Option<Moment>,
        until: Moment,
        min_proceeds: Balance,
    ) -> Result<Trade, DispatchError>;

    /// A device whose time until `until` was sold leaves the pool. Returns the idle GPU-seconds that the pool
    /// loses. `rented_until` as for [`leave`](Self::leave).
    fn remove_sold(pool: PoolId, until: Moment, rented_until: Option<Moment>) -> Result<u128, DispatchError>;

    /// `client` rents `devices` idle devices until `until` for `max_cost` at most, the fee, which is burned,
    /// included. The client gets the hour tokens.
    fn rent(
        pool: PoolId,
        client: &AccountId,
        devices: u32,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Trade, DispatchError>;

    /// The rental of so many devices goes on from `from` until `until`, for `max_cost` at most.
    fn extend_rental(
        pool: PoolId,
        client: &AccountId,
        devices: u32,
        from: Moment,
        until: Moment,
        max_cost: Balance,
    ) -> Result<Trade, DispatchError>;

    /// `client` gives the time until `until` of so many devices back, and is refunded at the pool's price, with
    /// `min_refund` at least after the fee, which is burned. The hour tokens return to the pool.
    fn give_back(
        pool: PoolId,
        client: &AccountId,
        devices: u32,
        until: Moment,
        min_refund: Balance,
    ) -> Result<Trade, DispatchError>;

    /// What taking so many GPU-seconds out of the pool would cost, to have them until `until`.
    fn quote_rent(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError>;

    /// What selling so many GPU-seconds to the pool would bring, which would have them until `until`.
    fn quote_sell(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError>;

    /// What giving so many GPU-seconds back would bring, which the pool would have until `until`.
    fn quote_give_back(pool: PoolId, gpu_seconds: u128, until: Moment) -> Result<TradeQuote, DispatchError>;

    /// One rented device did not serve, but remains in the pool: its time until `until` returns to the pool,
    /// without a trade. The hour tokens of `client` go with it.
    fn return_unserved(pool: PoolId, client: &AccountId, until: Moment) -> DispatchResult;

    /// LOOPIN leaves the reserve, to be owed to a client whose device failed: as much of `amount` as the pool
    /// can pay. Returns what that is.
    fn refund(pool: PoolId, amount: Balance) -> Result<Balance, DispatchError>;

    /// LOOPIN that is owed becomes part of the reserve.
    fn compensate(pool: PoolId, amount: Balance) -> DispatchResult;

    /// LOOPIN from the free balance of `from` becomes owed, whether or not it is locked or frozen: this is for what
    /// has been forfeited, and nobody may escape that by voting or vesting.
    fn deposit_owed(pool: PoolId, from: &AccountId, amount: Balance) -> DispatchResult;

    /// Pays out what is owed.
    fn pay(pool: PoolId, to: &AccountId, amount: Balance) -> DispatchResult;

    /// Burns what is owed.
    fn burn_owed(pool: PoolId, amount: Balance) -> DispatchResult;

    /// A pool with time of which one device can be rented, and its number.
    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark(creator: &AccountId) -> Result<PoolId, DispatchError>;

    /// Makes `moment` the present.
    #[cfg(feature = "runtime-benchmarks")]
    fn set_now(moment: Moment);
}

/// The devices that miners have put into pools.
pub trait Supply {
    /// Until when the pool has the time of the device, where it can be rented or its rental be extended now.
    /// Otherwise an error that says why not.
    fn available_until(pool: PoolId, device: DeviceId) -> Result<Moment, DispatchError>;

    /// A device that can be rented until the moment returned.
    #[cfg(feature = "runtime-benchmarks")]
    fn create_available(pool: PoolId) -> Result<(DeviceId, Moment), DispatchError>;
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
    /// The part of what was paid for the time that is left, planck: the client is due that.
    pub refund: Balance,
    /// As much of that as the pool may pay, planck: what giving the time back would have brought. Whatever is
    /// forfeited because of the failure comes first, and may pay all.
    pub most_from_pool: Balance,
}

/// The rentals of devices.
pub trait Rented<AccountId> {
    /// Until when the device is rented, if it is rented now.
    fn rented_until(device: DeviceId) -> Option<Moment>;

    /// The device has failed and leaves its pool: if it is rented, its part of the rental ends now, and the
    /// client's hour tokens for the rest are destroyed. The pool is not touched, and the refund is for the caller
    /// to pay.
    fn fail(device: DeviceId) -> Result<Option<FailedRental<AccountId>>, DispatchError>;

    /// Rents the device, which can be rented, for the shortest time that its pool admits, and in such a way that
    /// its failure costs the most: it is the only device of the rental, and the client has reported it.
    #[cfg(feature = "runtime-benchmarks")]
    fn create_rental(device: DeviceId) -> DispatchResult;
}

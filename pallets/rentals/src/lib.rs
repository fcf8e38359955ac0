#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! This pallet knows who has rented which device until when. The money and the hour tokens are the business of
//! [`pallet_pools`], and [`pallet_stakes`] says which devices can be rented
//! ([`available_until`](pallet_stakes::Pallet::available_until)) and pays the refund for those that it takes out of the
//! pool ([`TenancyHooks::evict`](loopin_primitives::TenancyHooks::evict)).
//!
//! The deposit also keeps the client's account alive for as long as the rental.
//!
//! Used hour tokens are burned whenever the rental is touched; between two touches there are more of them than there is
//! time left.
//!
//! The pool's part of a refund has two limits. What giving the time back would bring makes no difference, but for
//! roundings, unless the price has fallen. Without it somebody with a device could drive the price up for a moment, rent the
//! device dearly from another account, let it fail, and take the difference out of the pool. What is left in the reserve of
//! what the rental has paid, its [`contribution`](Rental::contribution), also limits what is given back. Without it somebody
//! with liquidity could rent for a long time, let the rent stream to that liquidity until it ends, and get it a second time
//! out of what others have paid: see `loopin_math::Contribution`.
//!
//! # In the runtime
//!
//! - This pallet is the `TenancyHooks` of pallet-stakes, and one of the `DeviceHooks` of pallet-devices, before or after
//!   pallet-stakes.
//! - Calls that touch a pool are charged for the most that syncing it can cost, and those that depend on the number
//!   of devices for the most a rental can have. What was not needed is paid back.
//! - [`Config::RentalHooks`] is told which devices are rented and what was paid for them, which are given back early and
//!   for how much, and what a client has consumed and burned in fees, whenever that is added to its [`ClientTotals`].
//!
//! # Invariants
//!
//! `try_state` checks, and so does every test of this pallet after it has run:
//!
//! 1. What is on hold as [`HoldReason::RentalDeposit`] and as [`HoldReason::FailureReport`] is, for every account of
//!    the chain, exactly the sum of the deposits of its rentals, or of its reports.
//! 2. The numbers of rentals, also those named by devices and reports, are below [`NextRentalId`].
//! 3. A rental has a device, and none twice. It begins before it ends, at a whole minute, and its used hours are retired
//!    up to a moment between its beginning and its end that is not in the future.
//! 4. [`RentedDevices`] names for every device of a rental that rental and its end, unless that has passed. Whatever
//!    it names is a rental that has the device and ends then.
//! 5. No report was made in the future. If its rental is still there, it has the same client, and the device has
//!    not failed.
//! 6. What the reserve may refund of a rental is no more than what is left of what was paid for its devices: its
//!    contribution is at most that, and was made when no less of the pool's first reserve was left than now.
//!
//! The hour tokens of a client in a pool are what [`Pallet::unspent_gpu_seconds`] says and, if it is a miner as well,
//! those of its positions. A runtime can check that; the tests of this pallet do.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

mod access_key;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod end;
mod failure;
#[cfg(test)]
mod mock;
mod quotes;
mod rent;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

pub use access_key::{AccessKeyError, check_access_key};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// Calls, storage, events and errors.
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use loopin_primitives::{Balance, DeviceId, Moment, PoolId, RentalHooks, RentalId};
    use pallet_pools::Pallet as Pools;

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Rentals of devices.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime provides and sets.
    #[pallet::config]
    pub trait Config:
        pallet_stakes::Config
        + pallet_pools::Config<RuntimeHoldReason: From<HoldReason>>
        + frame_system::Config<RuntimeEvent: From<Event<Self>>>
    {
        /// Who rewards clients, and miners for time that is rented.
        type RentalHooks: RentalHooks<Self::AccountId>;

        /// What is put on hold for a rental, in planck, besides `DepositPerDevice` and `DepositPerKeyByte`.
        #[pallet::constant]
        type DepositBase: Get<Balance>;

        /// What is put on hold for each device of a rental, in planck.
        #[pallet::constant]
        type DepositPerDevice: Get<Balance>;

        /// What is put on hold for each byte of a rental's access key, in planck.
        #[pallet::constant]
        type DepositPerKeyByte: Get<Balance>;

        /// What is put on hold for a report that a device fails, in planck; burned if the device passes. Not below
        /// the existential deposit, so that a refund can always be paid out. Governance may change it at any
        /// time; reports that are open keep theirs.
        type ReportDeposit: Get<Balance>;

        /// How long a client must wait for a verdict before it can take its report back, in seconds. Governance
        /// may change it at any time; that also applies to reports that are open.
        type ReportPatience: Get<u64>;

        /// Weights of the calls, and of what verdicts on devices lead to.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The deposits of the account's rentals, until they end.
        #[codec(index = 0)]
        RentalDeposit,
        /// The deposits of the account's reports of devices that fail, until a verdict comes or the reports are
        /// withdrawn.
        #[codec(index = 1)]
        FailureReport,
    }

    /// The number that the next rental will have.
    #[pallet::storage]
    pub type NextRentalId<T: Config> = StorageValue<_, RentalId, ValueQuery>;

    /// All rentals that have not ended, or whose time is over but that nobody has completed, by their numbers.
    #[pallet::storage]
    pub type Rentals<T: Config> = StorageMap<_, Twox64Concat, RentalId, RentalOf<T>, OptionQuery>;

    /// The rental that each device was last part of, and until when: if that has not passed, it is rented now.
    #[pallet::storage]
    pub type RentedDevices<T: Config> = StorageMap<_, Twox64Concat, DeviceId, Occupation, OptionQuery>;

    /// Devices that a client has reported as failing, and that have not been verified since.
    #[pallet::storage]
    pub type Reports<T: Config> = StorageMap<_, Twox64Concat, DeviceId, ReportOf<T>, OptionQuery>;

    /// What each client has spent in all on rentals that are over, and on devices that have failed.
    #[pallet::storage]
    pub type ClientTotals<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Totals, ValueQuery>;

    /// What happened to rentals and reports.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Devices were rented.
        #[codec(index = 0)]
        Rented {
            /// The number of the rental.
            rental: RentalId,
            /// Who rented them.
            client: T::AccountId,
            /// The pool they belong to.
            pool: PoolId,
            /// The devices.
            devices: DeviceList,
            /// When the rental ends, in seconds since 1970.
            end: Moment,
            /// How much time that is for all devices together, in GPU-seconds.
            gpu_seconds: u128,
            /// What the client paid to the pool, in planck.
            amount: Balance,
            /// What was burned as a fee on top of that, in planck.
            fee: Balance,
            /// What was put on hold in the client's account, in planck.
            deposit: Balance,
        },
        /// A rental goes on for longer.
        #[codec(index = 1)]
        Extended {
            /// The rental.
            rental: RentalId,
            /// When it ends now, in seconds since 1970.
            end: Moment,
            /// How much time was added for all devices together, in GPU-seconds.
            gpu_seconds: u128,
            /// What the client paid to the pool for that, in planck.
            amount: Balance,
            /// What was burned as a fee on top of that, in planck.
            fee: Balance,
        },
        /// The hour tokens that a rental had used since it was last touched were retired.
        #[codec(index = 2)]
        UsedHoursRetired {
            /// The rental.
            rental: RentalId,
            /// How many, in GPU-seconds.
            gpu_seconds: u128,
        },
        /// A rental ended.
        #[codec(index = 3)]
        RentalEnded {
            /// The rental.
            rental: RentalId,
            /// Whose it was.
            client: T::AccountId,
            /// The pool its devices belong to.
            pool: PoolId,
            /// Why it ended.
            reason: EndReason,
            /// The time that was given back for all devices together, in GPU-seconds.
            gpu_seconds: u128,
            /// What the client got for that, in planck, the fee deducted. Refunds for devices that failed have
            /// events of their own.
            refund: Balance,
            /// What was burned of that as a fee, in planck.
            fee: Balance,
            /// What was released to the client's free balance, in planck.
            deposit: Balance,
        },
        /// A rented device failed, and its part of the rental ended.
        #[codec(index = 4)]
        DeviceFailed {
            /// The rental.
            rental: RentalId,
            /// The device.
            device: DeviceId,
            /// Whose rental it is.
            client: T::AccountId,
            /// The time that the device did not serve, in GPU-seconds.
            gpu_seconds: u128,
            /// What the client is due for that, in planck.
            refund: Balance,
        },
        /// The pool paid what a client was due for a device that failed, or as much of it as it could.
        #[codec(index = 5)]
        Refunded {
            /// The rental.
            rental: RentalId,
            /// The device that failed.
            device: DeviceId,
            /// Who was paid.
            client: T::AccountId,
            /// What the pool paid, in planck.
            amount: Balance,
        },
        /// A client reported that a device fails. The device will be verified out of turn.
        #[codec(index = 6)]
        FailureReported {
            /// The device.
            device: DeviceId,
            /// The rental.
            rental: RentalId,
            /// Who reported it.
            client: T::AccountId,
            /// What was put on hold in the client's account, in planck.
            deposit: Balance,
        },
        /// A report came to its end.
        #[codec(index = 7)]
        ReportClosed {
            /// The device.
            device: DeviceId,
            /// The rental that the device belonged to when it was reported.
            rental: RentalId,
            /// Who reported it.
            client: T::AccountId,
            /// How the report ended: the deposit was burned if it was refuted, and released otherwise.
            outcome: ReportOutcome,
            /// What was burned or released, in planck.
            deposit: Balance,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no rental with that number, or it has ended. Look it up in `rentals`.
        UnknownRental,
        /// The rental or the report belongs to another account. Sign with the client's.
        NotRentalClient,
        /// The time of the rental is over. `complete` clears it up.
        RentalOver,
        /// The time of the rental is not over. `rentals` says when it ends; its client can `terminate` it.
        RentalNotOver,
        /// No device is named. Name at least one.
        NoDevices,
        /// A rental has at most 64 devices. Make several rentals.
        TooManyDevices,
        /// A device is named twice. Name each only once.
        DuplicateDevice,
        /// A device is rented. `rentedDevices` says until when; choose another.
        DeviceRented,
        /// The stake of a device ends before the rental would. Choose another device, or a shorter time.
        StakeEndsSooner,
        /// The time is shorter than the pool's `rental_min_seconds`, or the extension is zero. Choose a longer one.
        TooShort,
        /// The rental would be longer than the pool's `rental_max_seconds`, extensions included. Choose a shorter
        /// time.
        TooLong,
        /// The access key is not accepted, for the reason given. Give the one line of the `.pub` file of an OpenSSH key.
        InvalidAccessKey(AccessKeyError),
        /// The deposit would be larger than any balance can be. Governance must lower its rates.
        DepositTooLarge,
        /// The total paid for the rental would be larger than any balance can be.
        CostTooLarge,
        /// The device is not part of the rental, or has failed already.
        NotInRental,
        /// The device has already been reported in this rental. Wait for the verdict.
        AlreadyReported,
        /// There is no open report for the device.
        UnknownReport,
        /// The verdict on the device may still come. You can withdraw the report once it is `ReportPatience` old.
        VerdictMayCome,
        /// All numbers for rentals have been used.
        NoNumberLeft,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Rent devices of a pool together.
        ///
        /// - `devices`: 1 to 64 devices that are verified, free and staked for long enough.
        /// - `seconds`: for how long, at least. The end is rounded up to a whole minute.
        /// - `max_cost`: the most that you are ready to pay, in planck, including the fee but not the deposit.
        /// - `access_key`: the line of your OpenSSH public key, such as `ssh-ed25519 AAAAC3... me@home`. It lets you
        ///   log in to the devices.
        ///
        /// The deposit comes back when the rental ends.
        #[pallet::call_index(0)]
        #[pallet::weight(Pools::<T>::at_most(Pallet::<T>::renting(
            <T as Config>::WeightInfo::rent,
            devices.len() as u32
        )))]
        pub fn rent(
            origin: OriginFor<T>,
            pool: PoolId,
            devices: DeviceList,
            seconds: u64,
            #[pallet::compact] max_cost: Balance,
            access_key: AccessKey,
        ) -> DispatchResultWithPostInfo {
            let client = ensure_signed(origin)?;
            let count = devices.len() as u32;
            Pools::<T>::metered(|| {
                Self::do_rent(&client, pool, devices, seconds, max_cost, access_key)?;
                Ok(Self::renting(<T as Config>::WeightInfo::rent, count))
            })
        }

        /// Let a rental of yours go on for `seconds` after its end, for at most `max_cost` planck, including the fee.
        /// The new end is rounded up to a whole minute.
        ///
        /// Every device must be staked until then, and not be suspended.
        #[pallet::call_index(1)]
        #[pallet::weight(Pools::<T>::at_most(Pallet::<T>::renting(<T as Config>::WeightInfo::extend, MAX_DEVICES)))]
        pub fn extend(
            origin: OriginFor<T>,
            rental: RentalId,
            seconds: u64,
            #[pallet::compact] max_cost: Balance,
        ) -> DispatchResultWithPostInfo {
            let client = ensure_signed(origin)?;
            Pools::<T>::metered(|| {
                let devices = Self::do_extend(&client, rental, seconds, max_cost)?;
                Ok(Self::renting(<T as Config>::WeightInfo::extend, devices))
            })
        }

        /// End a rental of yours now, and sell what is left of the time of all its devices back to the pool.
        ///
        /// You get the pool's price, but no more than what is left in the pool's reserve of what you paid, less the fee;
        /// nothing happens if that is below `min_refund` planck. The deposit comes back as well.
        #[pallet::call_index(2)]
        #[pallet::weight(Pools::<T>::at_most(Pallet::<T>::ending(<T as Config>::WeightInfo::terminate, MAX_DEVICES)))]
        pub fn terminate(
            origin: OriginFor<T>,
            rental: RentalId,
            #[pallet::compact] min_refund: Balance,
        ) -> DispatchResultWithPostInfo {
            let client = ensure_signed(origin)?;
            Pools::<T>::metered(|| {
                let devices = Self::do_terminate(&client, rental, min_refund)?;
                Ok(Self::ending(<T as Config>::WeightInfo::terminate, devices))
            })
        }

        /// Clear up a rental whose time is over: its client's deposit is released. Anybody may call this for
        /// anybody.
        #[pallet::call_index(3)]
        #[pallet::weight(Pallet::<T>::ending(<T as Config>::WeightInfo::complete, MAX_DEVICES))]
        pub fn complete(origin: OriginFor<T>, rental: RentalId) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let devices = Self::do_complete(rental)?;
            Ok(Some(Self::ending(<T as Config>::WeightInfo::complete, devices)).into())
        }

        /// Retire the hour tokens that a rental has used so far, to make their issuance exact. Anybody may call this for
        /// anybody; nothing depends on it.
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::retire_used_hours())]
        pub fn retire_used_hours(origin: OriginFor<T>, rental: RentalId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_retire_used_hours(rental)
        }

        /// Report that a device you have rented fails, so that it is verified out of turn.
        ///
        /// This puts `ReportDeposit` of your free balance on hold. If the device fails the verification, you get that
        /// back, and a refund for the time that is left; if the device passes, the deposit is burned.
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::report_failure())]
        pub fn report_failure(origin: OriginFor<T>, rental: RentalId, device: DeviceId) -> DispatchResult {
            Self::do_report_failure(&ensure_signed(origin)?, rental, device)
        }

        /// Take back a report of yours, and its deposit, if no verdict on the device has come within `ReportPatience`.
        #[pallet::call_index(6)]
        #[pallet::weight(<T as Config>::WeightInfo::withdraw_report())]
        pub fn withdraw_report(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
            Self::do_withdraw_report(&ensure_signed(origin)?, device)
        }
    }

    impl<T: Config> Pallet<T> {
        /// What renting that many devices weighs, including telling [`Config::RentalHooks`].
        fn renting(weight: impl FnOnce(u32) -> Weight, devices: u32) -> Weight {
            weight(devices).saturating_add(T::RentalHooks::rented_weight().saturating_mul(devices.into()))
        }

        /// What ending a rental of that many devices weighs, including telling [`Config::RentalHooks`].
        pub(crate) fn ending(weight: impl FnOnce(u32) -> Weight, devices: u32) -> Weight {
            Self::renting(weight, devices).saturating_add(T::RentalHooks::consumed_weight())
        }
    }
}

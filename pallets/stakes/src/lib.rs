#![doc = include_str!("../README.md")]
//!
//! # In the runtime
//!
//! - This pallet is one of the `DeviceHooks` of pallet-devices, before or after the rentals.
//! - The `ForceOrigin` of pallet-nfts has to admit the root origin.
//! - [`Config::LiquidityHooks`] is told what liquidity is about to cost, when it is added, when its device is drained, what
//!   has streamed back, when the position ends, and what its owner then got. It pays the owner whatever is due when a
//!   position is claimed, withdrawn or closed.
//!
//! # Invariants
//!
//! `try_state` checks, and so does every test of this pallet after it has run:
//!
//! 1. For every account of the chain, what is on hold for each [`HoldReason`] is exactly the sum over its
//!    certificates or positions.
//! 2. An account has at least as many hour tokens of a pool as its positions there say. (As a client it can have
//!    more.)
//! 3. The stake token of every position is in the pool's collection, and belongs to the position's owner.
//! 4. [`StakeOf`] and [`Positions`] name each other, and nothing else. The device is registered, for the
//!    position's pool and owner.
//! 5. A position begins before it ends, at a whole minute. Its uncommitted time is all of it, none where it is
//!    liquidity, or what follows the last sale. Only intent Provide has liquidity, without fee and collateral, and only
//!    intent Sell sells.
//! 6. The numbers of certificates and positions are below the next one to be given.
//! 7. What a provider has paid was paid when no less of its pool's first reserve was left than now, so that never more
//!    than all of it returns.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

mod availability;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod certificates;
mod commitment;
mod ejection;
mod ending;
#[cfg(test)]
mod mock;
mod quotes;
mod stake;
mod stake_token;
mod stream;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// Calls, storage, events and errors.
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{PalletId, pallet_prelude::*, traits::fungible::Inspect};
    use frame_system::pallet_prelude::*;
    use loopin_primitives::{
        Balance, CertificateId, DeviceId, LiquidityHooks, Moment, PoolId, PositionId, TenancyHooks,
    };
    use pallet_pools::{CurrencyOf, Pallet as Pools};
    use sp_runtime::{FixedU128, Permill};

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Certificates and stakes, and what becomes of them.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime provides and sets.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>>
        + pallet_pools::Config<RuntimeHoldReason: From<HoldReason>>
        + pallet_devices::Config
        + pallet_nfts::Config<CollectionId = CollectionId, ItemId = PositionId>
    {
        /// The rentals of devices.
        type TenancyHooks: TenancyHooks<Self::AccountId>;

        /// Who rewards providers.
        type LiquidityHooks: LiquidityHooks<Self::AccountId>;

        /// Names the account that owns the collections of stake tokens.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// What a certificate costs: the part of the time's value at the pool's price that is burned, rounded
        /// up. Governance may change it at any time.
        type CertificateBurn: Get<Permill>;

        /// For how many seconds a certificate can be used. Governance may change it at any time.
        type CertificateValidity: Get<u64>;

        /// The part of the time's value at the pool's price that is on hold while a device is staked with intent
        /// Sell, rounded up. Governance may change it at any time.
        type MaintenanceFee: Get<Permill>;

        /// The collateral for a sale, as a multiple of what the pool pays, rounded up; it should be above one.
        /// Governance may change it at any time.
        type Collateral: Get<FixedU128>;

        /// The part of what an early withdrawal returns that is burned, rounded up. Governance may change it at
        /// any time.
        type ExitFee: Get<Permill>;

        /// The part of what a provider's shares bring that is lost if the device is ejected, rounded up.
        /// Governance may change it at any time.
        type EjectionSlash: Get<Permill>;

        /// What is on hold for the room that a certificate takes, in planck. At least the existential deposit.
        #[pallet::constant]
        type CertificateDeposit: Get<Balance>;

        /// What is on hold for the room that a position takes, in planck. At least the existential deposit, so that
        /// what a closing position pays out always finds an account.
        #[pallet::constant]
        type PositionDeposit: Get<Balance>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;

        /// What the benchmarks need of the pallets above.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For the room that certificates take. Released with the certificate.
        #[codec(index = 0)]
        CertificateDeposit,
        /// For the room that positions take. Released with the position.
        #[codec(index = 1)]
        PositionDeposit,
        /// The maintenance fee of devices staked with intent Sell. Lost if the device is ejected.
        #[codec(index = 2)]
        MaintenanceFee,
        /// The collateral for hours sold. Lost if the device is ejected.
        #[codec(index = 3)]
        SaleCollateral,
    }

    /// The number of the next certificate.
    #[pallet::storage]
    pub type NextCertificateId<T: Config> = StorageValue<_, CertificateId, ValueQuery>;

    /// The certificates that have been neither used nor removed, by number.
    #[pallet::storage]
    pub type Certificates<T: Config> =
        StorageMap<_, Twox64Concat, CertificateId, CertificateOf<T>, OptionQuery>;

    /// The number of the next position.
    #[pallet::storage]
    pub type NextPositionId<T: Config> = StorageValue<_, PositionId, ValueQuery>;

    /// The positions that are not closed, by number.
    #[pallet::storage]
    pub type Positions<T: Config> = StorageMap<_, Twox64Concat, PositionId, PositionOf<T>, OptionQuery>;

    /// The position of each staked device.
    #[pallet::storage]
    pub type StakeOf<T: Config> = StorageMap<_, Twox64Concat, DeviceId, PositionId, OptionQuery>;

    /// The collection of pallet-nfts that each pool's stake tokens are in, from its first stake on.
    #[pallet::storage]
    pub type Collections<T: Config> = StorageMap<_, Twox64Concat, PoolId, CollectionId, OptionQuery>;

    /// What happened to certificates and positions. Amounts are in planck, moments in seconds since 1970.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// LOOPIN was burned for a certificate.
        CertificateIssued {
            /// The certificate.
            certificate: CertificateId,
            /// Who can use it.
            owner: T::AccountId,
            /// The pool for whose devices it is good.
            pool: PoolId,
            /// The longest stake that it is good for, in GPU-seconds.
            gpu_seconds: u128,
            /// What was burned.
            burned: Balance,
            /// What was put on hold.
            deposit: Balance,
            /// When it expires: it cannot be used from then on.
            expires_at: Moment,
        },
        /// A certificate was removed without having been used.
        CertificateRemoved {
            /// The certificate.
            certificate: CertificateId,
            /// Whose it was.
            owner: T::AccountId,
            /// What was released to the owner.
            deposit: Balance,
        },
        /// A device was staked for a pool for the first time, so the pool has a collection of stake tokens now.
        CollectionCreated {
            /// The pool.
            pool: PoolId,
            /// The collection in pallet-nfts.
            collection: CollectionId,
        },
        /// A device was staked.
        Staked {
            /// The position, and the stake token in the pool's collection.
            position: PositionId,
            /// Who staked the device.
            owner: T::AccountId,
            /// The device.
            device: DeviceId,
            /// The pool.
            pool: PoolId,
            /// What the owner means to do with the device's time.
            intent: Intent,
            /// When the stake ends.
            end: Moment,
            /// Hour tokens that the owner got, in GPU-seconds.
            gpu_seconds: u128,
            /// The certificate that was used.
            certificate: CertificateId,
            /// The certificate's deposit, which was released.
            certificate_deposit: Balance,
            /// The position's deposit, which was put on hold.
            deposit: Balance,
            /// The maintenance fee that was put on hold.
            maintenance_fee: Balance,
        },
        /// The time of a device was added to its pool as liquidity, with LOOPIN of the same value.
        LiquidityAdded {
            /// The position.
            position: PositionId,
            /// GPU-seconds that the pool got.
            gpu_seconds: u128,
            /// What the owner paid into the reserve.
            paid: Balance,
            /// Shares of the reserve that the position gives up per second.
            share_rate: u128,
            /// Hour tokens of the owner that were destroyed, in GPU-seconds: those that the pool got in their
            /// place, and those that had run off.
            retired_gpu_seconds: u128,
        },
        /// Time of a device was sold to its pool.
        HoursSold {
            /// The position.
            position: PositionId,
            /// GPU-seconds that the pool bought.
            gpu_seconds: u128,
            /// What the pool paid, the fee included.
            amount: Balance,
            /// The part of it that was burned.
            fee: Balance,
            /// The collateral that was put on hold.
            collateral: Balance,
            /// Until when the pool has the device.
            sold_until: Moment,
            /// Hour tokens of the owner that were destroyed, in GPU-seconds: those that the pool got in their
            /// place, and those that had run off.
            retired_gpu_seconds: u128,
        },
        /// What had streamed to a position was paid out.
        Claimed {
            /// The position.
            position: PositionId,
            /// Who got it: the owner.
            owner: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// A device can be neither rented nor have its rental extended until its owner says otherwise.
        Draining {
            /// The position.
            position: PositionId,
            /// The device.
            device: DeviceId,
        },
        /// A device can be rented again.
        DrainingEnded {
            /// The position.
            position: PositionId,
            /// The device.
            device: DeviceId,
        },
        /// A provider withdrew its liquidity before the end. The position is closed.
        LiquidityWithdrawn {
            /// The position.
            position: PositionId,
            /// Whose it was.
            owner: T::AccountId,
            /// The device, which can be staked again.
            device: DeviceId,
            /// The rest of the stream, which was paid to the owner.
            streamed: Balance,
            /// What the liquidity returned, the exit fee included.
            returned: Balance,
            /// The part of it that was burned; the rest was paid to the owner.
            exit_fee: Balance,
            /// GPU-seconds that the pool lost.
            gpu_seconds: u128,
            /// The deposit that was released.
            deposit: Balance,
        },
        /// A stake is over, and its position closed.
        Closed {
            /// The position.
            position: PositionId,
            /// Whose it was.
            owner: T::AccountId,
            /// The device, which can be staked again.
            device: DeviceId,
            /// The rest of the stream, which was paid to the owner.
            streamed: Balance,
            /// The maintenance fee that was released.
            maintenance_fee: Balance,
            /// The collateral that was released.
            collateral: Balance,
            /// The deposit that was released.
            deposit: Balance,
            /// Hour tokens that had not been committed to anything and were destroyed, in GPU-seconds.
            retired_gpu_seconds: u128,
        },
        /// The device of a position failed a verification. The position is stuck until the next verdict.
        Suspended {
            /// The position.
            position: PositionId,
            /// The device.
            device: DeviceId,
        },
        /// The device of a position passed a verification.
        Verified {
            /// The position.
            position: PositionId,
            /// The device.
            device: DeviceId,
        },
        /// The device of a position failed again. The position is closed.
        Ejected {
            /// The position.
            position: PositionId,
            /// Whose it was.
            owner: T::AccountId,
            /// The device.
            device: DeviceId,
            /// Where the money went.
            account: EjectionAccountOf<T>,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no certificate with that number. It may have been used or removed.
        UnknownCertificate,
        /// The certificate belongs to somebody else. Only its owner can use it, or remove it before it expires.
        NotCertificateOwner,
        /// The certificate has expired. Burn for another one; `remove_certificate` returns the deposit of this one.
        CertificateExpired,
        /// The certificate is good for fewer GPU-seconds than the stake takes. Stake for a shorter time, or burn
        /// for a larger certificate.
        CertificateTooSmall,
        /// The certificate is for a pool other than the one that the device is registered for.
        WrongCertificatePool,
        /// The burn is larger than `max_burn`. The price may have risen; raise the bound.
        BurnAboveMaximum,
        /// No GPU time was asked for. Give a number of GPU-seconds.
        NoGpuSeconds,
        /// The device has not passed its last verification. Wait for the next.
        NotVerified,
        /// The device is already staked. Its position must be closed first.
        AlreadyStaked,
        /// The terms of the pool do not allow this duration: it must be exactly `provide_seconds` with intent
        /// Provide, a multiple of `sell_unit_seconds` up to `sell_max_seconds` with intent Sell.
        WrongDuration,
        /// There is no position with that number. It may have been closed.
        UnknownPosition,
        /// The position belongs to somebody else.
        NotPositionOwner,
        /// The device was staked with the other intent. Liquidity is added with intent Provide, hours are sold
        /// with intent Sell.
        WrongIntent,
        /// The position's liquidity has already been added.
        LiquidityAlreadyAdded,
        /// The position has no liquidity in its pool. Add it first.
        NoLiquidity,
        /// The stake is over. Close the position.
        StakeOver,
        /// The stake is not over yet.
        StakeNotOver,
        /// All the time until the end of the stake has already been sold.
        AllTimeSold,
        /// Nothing has streamed since the last claim.
        NothingToClaim,
        /// The device is rented. Drain it, and wait for the rental's end.
        DeviceRented,
        /// The device failed its last verification. Wait for the next verdict.
        DeviceSuspended,
        /// After the exit fee, less than `min_returned` would be returned, or nothing at all. Wait, or lower the bound.
        ReturnedBelowMinimum,
        /// The device is in no pool, or its time there is over.
        NotInPool,
        /// The device is staked for another pool.
        WrongPool,
        /// The device's owner refuses new rentals and extensions.
        DeviceDraining,
        /// The device already refuses rentals.
        AlreadyDraining,
        /// The device does not refuse rentals.
        NotDraining,
        /// All numbers have been used.
        NoNumberLeft,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            let existential_deposit = CurrencyOf::<T>::minimum_balance();
            assert!(
                T::CertificateDeposit::get() >= existential_deposit,
                "CertificateDeposit must not be below the existential deposit"
            );
            assert!(
                T::PositionDeposit::get() >= existential_deposit,
                "PositionDeposit must not be below the existential deposit"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Burn LOOPIN for a certificate, with which a device of `pool` can be staked for up to `gpu_seconds`
        /// seconds.
        ///
        /// It costs `CertificateBurn` of the value of that time at the pool's price, rounded up, but at most
        /// `max_burn` planck. `CertificateDeposit` is put on hold until the certificate is used or removed. Only you
        /// can use it, for `CertificateValidity` seconds.
        #[pallet::call_index(0)]
        #[pallet::weight(Pools::<T>::at_most(<T as Config>::WeightInfo::burn_for_certificate()))]
        pub fn burn_for_certificate(
            origin: OriginFor<T>,
            #[pallet::compact] pool: PoolId,
            #[pallet::compact] gpu_seconds: u128,
            #[pallet::compact] max_burn: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Pools::<T>::metered(|| {
                Self::do_burn_for_certificate(&who, pool, gpu_seconds, max_burn)?;
                Ok(<T as Config>::WeightInfo::burn_for_certificate())
            })
        }

        /// Remove a certificate, and release its deposit to its owner. What was burned for it is lost.
        ///
        /// The owner can do this at any time, and anybody after the certificate has expired.
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::remove_certificate())]
        pub fn remove_certificate(
            origin: OriginFor<T>,
            #[pallet::compact] certificate: CertificateId,
        ) -> DispatchResult {
            Self::do_remove_certificate(&ensure_signed(origin)?, certificate)
        }

        /// Stake your verified device with your certificate for `duration_seconds`, rounded up to the next whole
        /// minute.
        ///
        /// With intent Provide the duration must be the pool's `provide_seconds`. With intent Sell it must be a
        /// multiple of `sell_unit_seconds` up to `sell_max_seconds`, and `MaintenanceFee` of the value of the
        /// time at the pool's price is put on hold. `PositionDeposit` is put on hold in any case. You get the
        /// stake token and hour tokens, which run off from now on.
        #[pallet::call_index(2)]
        #[pallet::weight(Pools::<T>::at_most(<T as Config>::WeightInfo::stake()))]
        pub fn stake(
            origin: OriginFor<T>,
            #[pallet::compact] device: DeviceId,
            #[pallet::compact] certificate: CertificateId,
            #[pallet::compact] duration_seconds: u64,
            intent: Intent,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Pools::<T>::metered(|| {
                Self::do_stake(&who, device, certificate, duration_seconds, intent)?;
                Ok(<T as Config>::WeightInfo::stake())
            })
        }

        /// Add the time of your staked device, until the end of the stake, to its pool as liquidity, with LOOPIN of
        /// the same value, at most `max_loopin` planck. For intent Provide.
        ///
        /// The device can be rented from now on, and what you paid streams back to you: see `claim`.
        #[pallet::call_index(3)]
        #[pallet::weight(Pools::<T>::at_most(Pallet::<T>::add_liquidity_weight()))]
        pub fn add_liquidity(
            origin: OriginFor<T>,
            #[pallet::compact] position: PositionId,
            #[pallet::compact] max_loopin: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Pools::<T>::metered(|| {
                Self::do_add_liquidity(&who, position, max_loopin)?;
                Ok(Self::add_liquidity_weight())
            })
        }

        /// Sell time of your staked device to its pool, for at least `min_proceeds` planck after the fee. For
        /// intent Sell.
        ///
        /// `gpu_seconds` are sold, rounded up to the next whole minute, but at most what is left of the stake.
        /// They begin now, or at the end of the time that the pool already has. `Collateral` times what the pool
        /// pays is put on hold until the position is closed.
        #[pallet::call_index(4)]
        #[pallet::weight(Pools::<T>::at_most(<T as Config>::WeightInfo::sell_hours()))]
        pub fn sell_hours(
            origin: OriginFor<T>,
            #[pallet::compact] position: PositionId,
            #[pallet::compact] gpu_seconds: u64,
            #[pallet::compact] min_proceeds: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Pools::<T>::metered(|| {
                Self::do_sell_hours(&who, position, gpu_seconds, min_proceeds)?;
                Ok(<T as Config>::WeightInfo::sell_hours())
            })
        }

        /// Pay the owner of a position what has streamed since the last claim, and the rewards that are due. Anybody
        /// may call this.
        #[pallet::call_index(5)]
        #[pallet::weight(Pallet::<T>::at_most_with_rewards(<T as Config>::WeightInfo::claim()))]
        pub fn claim(
            origin: OriginFor<T>,
            #[pallet::compact] position: PositionId,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Pools::<T>::metered(|| {
                let rewards_weight = Self::do_claim(position)?;
                Ok(<T as Config>::WeightInfo::claim().saturating_add(rewards_weight))
            })
        }

        /// Refuse new rentals of your device, and extensions of the present one, so that its liquidity can be
        /// withdrawn when that is over. It earns no rewards from now on. Only for devices with liquidity: time that was sold belongs to the pool.
        #[pallet::call_index(6)]
        #[pallet::weight(<T as Config>::WeightInfo::drain().saturating_add(T::LiquidityHooks::change_weight()))]
        pub fn drain(origin: OriginFor<T>, #[pallet::compact] device: DeviceId) -> DispatchResult {
            Self::do_set_draining(&ensure_signed(origin)?, device, true)
        }

        /// Admit rentals of your device again. It earns rewards again.
        #[pallet::call_index(7)]
        #[pallet::weight(<T as Config>::WeightInfo::undrain().saturating_add(T::LiquidityHooks::change_weight()))]
        pub fn undrain(origin: OriginFor<T>, #[pallet::compact] device: DeviceId) -> DispatchResult {
            Self::do_set_draining(&ensure_signed(origin)?, device, false)
        }

        /// Withdraw your liquidity before the end of the stake. Your device must be neither rented nor suspended. The
        /// position is closed.
        ///
        /// You get what has streamed, and the rewards that are due. Your liquidity returns the lesser of your shares'
        /// part of the reserve and the unspent part of what you paid; less if rentals have raised the price, since the
        /// time of your device is then worth more. `ExitFee` of that is burned, and you get the rest. The rest must be
        /// at least `min_returned` planck, and the call is refused if nothing would be returned.
        #[pallet::call_index(8)]
        #[pallet::weight(Pallet::<T>::at_most_with_rewards(<T as Config>::WeightInfo::withdraw_liquidity()))]
        pub fn withdraw_liquidity(
            origin: OriginFor<T>,
            #[pallet::compact] position: PositionId,
            #[pallet::compact] min_returned: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Pools::<T>::metered(|| {
                let rewards_weight = Self::do_withdraw_liquidity(&who, position, min_returned)?;
                Ok(<T as Config>::WeightInfo::withdraw_liquidity().saturating_add(rewards_weight))
            })
        }

        /// Close a position whose stake is over: its owner gets the rest of the stream, the rewards that are due,
        /// the maintenance fee, the collateral and the deposit, and the device is free again. Anybody may call
        /// this.
        ///
        /// While the device is suspended this has to wait for the next verdict.
        #[pallet::call_index(9)]
        #[pallet::weight(
            Pallet::<T>::at_most_with_rewards(
                <T as Config>::WeightInfo::close_provider().max(<T as Config>::WeightInfo::close_seller())
            )
        )]
        pub fn close(
            origin: OriginFor<T>,
            #[pallet::compact] position: PositionId,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Pools::<T>::metered(|| {
                let (state, rewards_weight) = Self::do_close(position)?;
                let weight = match state {
                    PositionState::Providing(_) => <T as Config>::WeightInfo::close_provider(),
                    PositionState::Staked | PositionState::Selling(_) => {
                        <T as Config>::WeightInfo::close_seller()
                    }
                };
                Ok(weight.saturating_add(rewards_weight))
            })
        }
    }

    impl<T: Config> Pallet<T> {
        pub(crate) fn add_liquidity_weight() -> Weight {
            <T as Config>::WeightInfo::add_liquidity().saturating_add(T::LiquidityHooks::change_weight())
        }

        /// What a call is charged in advance if it weighs so much when the pool is synced and no rewards are due.
        fn at_most_with_rewards(weight: Weight) -> Weight {
            Pools::<T>::at_most(weight)
                .saturating_add(T::LiquidityHooks::change_weight())
                .saturating_add(T::LiquidityHooks::pay_weight())
        }
    }
}

#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! The arithmetic is that of [`loopin_math`]. Stakes and rentals call this pallet's public functions, which never check
//! who asks.
//!
//! Outside the pools' accounts, the whole balance of hour tokens is frozen as [`FreezeReason::HourTokens`]. (A hold would
//! do the same, but pallet-assets leaves one unit of every balance free of holds, and wallets do not show holds.)
//!
//! A sync costs what it passes: the pages of the agenda, one for each hour, since the last one, and never more than those
//! of the longest stake, however long nobody came.
//!
//! # Invariants
//!
//! `try_state` checks for every pool, and so does every test of this pallet after it has run:
//!
//! 1. The pool's account can pay the reserve and everything that is owed, and keeps the existential deposit.
//! 2. The pool's account has as many hour tokens as the pool has idle GPU-seconds.
//! 3. Every other account's balance of hour tokens is frozen as a whole.
//! 4. What the agenda will do adds up to what the pool is: when the last change has happened no device is idle, no
//!    position is left, no shares but the anchor's, and no GPU-seconds but the anchor's.
//! 5. Pages of the agenda lie neither before the pool's moment nor after the end of its agenda, and none is empty.
//! 6. Endings that are kept have positions that have not been paid out.
//! 7. What is left of the first reserve is a proper number, with all bits of its mantissa. The pallets of stakes and
//!    rentals check it against what their positions and rentals have paid.
//! 8. The symbol of every pool, in capitals, names that pool and no other.
//! 9. A price mark is kept under its hour, which the pool has reached, and its integrals are no larger than the pool's.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod create;
mod hours;
mod liquidity;
mod metering;
#[cfg(test)]
mod mock;
mod owed;
mod prices;
mod quote;
mod stored_agenda;
mod sync;
#[cfg(test)]
mod tests;
mod trades;
mod try_state;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use quote::TradeQuote;
pub use types::*;
pub use weights::WeightInfo;

/// Target of this pallet's log lines.
const LOG_TARGET: &str = "runtime::pools";

/// Calls, storage, events and errors.
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use frame_support::{
        PalletId,
        pallet_prelude::*,
        traits::{
            UnixTime,
            fungible::{Balanced, BalancedHold, InspectHold, Mutate, MutateHold},
            fungibles,
        },
    };
    use frame_system::pallet_prelude::*;
    use loopin_math::{HourMark, Page, time::MINUTE};
    use loopin_primitives::{Balance, Moment, OnBurn, PoolId, PoolTerms, TermsError};
    use sp_runtime::Permill;

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Dissipative pools of GPU time.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime provides and sets.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// LOOPIN. The pallets that build on this one pay and hold it too: see [`CurrencyOf`].
        type Currency: Balanced<Self::AccountId, Balance = Balance>
            + BalancedHold<Self::AccountId>
            + Mutate<Self::AccountId>
            + InspectHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + MutateHold<Self::AccountId>;

        /// The runtime's reasons for holds.
        type RuntimeHoldReason: From<HoldReason>;

        /// Hour tokens. The pallets that build on this one read them.
        type Assets: fungibles::Create<Self::AccountId, AssetId = PoolId, Balance = Balance>
            + fungibles::Mutate<Self::AccountId>
            + fungibles::metadata::Mutate<Self::AccountId>
            + fungibles::metadata::MetadataDeposit<Balance>;

        /// What keeps hour tokens where they are.
        type Freezer: fungibles::freeze::Mutate<
                Self::AccountId,
                AssetId = PoolId,
                Balance = Balance,
                Id = Self::RuntimeFreezeReason,
            >;

        /// The runtime's reasons for freezes.
        type RuntimeFreezeReason: From<FreezeReason>;

        /// The time of day.
        type Time: UnixTime;

        /// Who keeps account of what is burned, here and in the pallets that build on this one.
        type OnBurn: OnBurn;

        /// Part of every trade that is burned as a fee. Governance may change it at any time.
        type SwapFee: Get<Permill>;

        /// The smallest anchor of a new pool, in planck. Governance may change it at any time.
        type MinimumAnchor: Get<Balance>;

        /// What is on hold in the account of a pool's creator for as long as the pool exists, in planck.
        #[pallet::constant]
        type PoolDeposit: Get<Balance>;

        /// The longest stake that the terms of a pool may allow, in seconds; whole minutes. It bounds the number of
        /// pages that a pool's agenda can have.
        #[pallet::constant]
        type LongestStake: Get<u64>;

        /// The pools' accounts are derived from this.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;

        /// How benchmarks let time pass.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The deposit of a pool's creator.
        #[codec(index = 0)]
        PoolDeposit,
    }

    /// Why this pallet freezes assets.
    #[pallet::composite_enum]
    pub enum FreezeReason {
        /// Hour tokens belong to a stake or a rental, and run off with it.
        #[codec(index = 0)]
        HourTokens,
    }

    /// The number of the next pool, unless an asset with that number exists already.
    #[pallet::storage]
    pub type NextPoolId<T: Config> = StorageValue<_, PoolId, ValueQuery>;

    /// What was laid down for a pool when it was created, and never changes.
    #[pallet::storage]
    pub type PoolInfos<T: Config> = StorageMap<_, Twox64Concat, PoolId, PoolInfo<T::AccountId>, OptionQuery>;

    /// The state of a pool as of its last sync. The runtime API `MarketApi.pool` gives it as of now.
    #[pallet::storage]
    pub type Pools<T: Config> = StorageMap<_, Twox64Concat, PoolId, PoolState, OptionQuery>;

    /// The pool of each symbol, in capitals: no two pools may be mistaken for one another.
    #[pallet::storage]
    pub type PoolOfSymbol<T: Config> =
        StorageMap<_, Blake2_128Concat, BoundedVec<u8, MaxSymbolLength>, PoolId, OptionQuery>;

    /// What mean prices of a pool are computed from: a mark for each hour in which it was synced for the first time, as of
    /// its beginning. The key is the hour, counted from 1970, modulo 256, so those of the last ten days are kept; the mark
    /// says which hour it is. The runtime APIs `MarketApi.meanPrice` and `MarketApi.priceChart` read them.
    #[pallet::storage]
    pub type PriceMarks<T: Config> =
        StorageDoubleMap<_, Twox64Concat, PoolId, Twox64Concat, u32, HourMark, OptionQuery>;

    /// What is going to happen to a pool: for each hour, counted from 1970, the minutes in which rentals, sales
    /// and positions end.
    #[pallet::storage]
    pub type Agendas<T: Config> =
        StorageDoubleMap<_, Twox64Concat, PoolId, Twox64Concat, u32, Page, ValueQuery>;

    /// When those positions of providers ended that have not been paid out yet: for each hour, counted from 1970,
    /// the minutes, how many positions, and what the stream index of the pool was.
    #[pallet::storage]
    pub type Endings<T: Config> =
        StorageDoubleMap<_, Twox64Concat, PoolId, Twox64Concat, u32, EndingsOfHour, ValueQuery>;

    /// What syncing has cost so far in the present call. Every call that syncs a pool measures that, so it never outlives
    /// the call: see `metering.rs`.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub(crate) type SyncWeight<T: Config> = StorageValue<_, Weight, ValueQuery>;

    /// The pools that exist from genesis on.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// They are created in this order; their creators' accounts pay for the anchors.
        pub pools: Vec<GenesisPool<T::AccountId>>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for pool in &self.pools {
                // A genesis that cannot be built has to stop the node from starting.
                Pallet::<T>::build_genesis_pool(pool)
                    .unwrap_or_else(|error| panic!("the pool {} cannot be created: {error:?}", pool.symbol));
            }
        }
    }

    /// What happened to pools. The pallets of stakes and rentals say for whom.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A pool was created.
        PoolCreated {
            /// Its number, and that of its hour token.
            pool: PoolId,
            /// Who created it.
            creator: T::AccountId,
            /// The symbol of its class of device.
            symbol: Vec<u8>,
            /// LOOPIN locked in it for ever, in planck.
            anchor: Balance,
            /// Virtual GPU-seconds that the anchor stands against.
            anchor_gpu_seconds: u128,
            /// Initial price of a GPU-hour, in planck, rounded down.
            price_per_gpu_hour: Balance,
        },
        /// Time passed in a pool.
        Synced {
            /// The pool.
            pool: PoolId,
            /// The moment that the pool has reached, in Unix seconds.
            moment: Moment,
            /// GPU-seconds that ran off; their hour tokens are gone.
            dissipated_gpu_seconds: u128,
            /// LOOPIN that went from the reserve to providers, who can claim it, in planck.
            streamed: Balance,
        },
        /// The reserves of a pool were changed by something other than time.
        ReservesChanged {
            /// The pool.
            pool: PoolId,
            /// LOOPIN in reserve, in planck.
            reserve: Balance,
            /// GPU-seconds in the pool, the anchor's included.
            gpu_seconds: u128,
            /// Price of a GPU-hour, in planck, rounded down.
            price_per_gpu_hour: Balance,
        },
        /// Somebody has locked LOOPIN in a pool for ever, so that trades move its price less.
        Deepened {
            /// The pool.
            pool: PoolId,
            /// Who has paid it.
            who: T::AccountId,
            /// How much, in planck.
            amount: Balance,
            /// Virtual GPU-seconds that the anchor has got for it.
            gpu_seconds: u128,
        },
        /// LOOPIN was burned.
        Burned {
            /// The pool in whose business it was burned.
            pool: PoolId,
            /// How much, in planck.
            amount: Balance,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no pool with that number. `pools.poolInfos` lists all pools.
        UnknownPool,
        /// The anchor is below `MinimumAnchor`.
        AnchorTooSmall,
        /// The price is zero, or so high that the anchor does not buy one GPU-second.
        PriceOutOfRange,
        /// Name and symbol must be printable ASCII, and not empty.
        InvalidName,
        /// `provideSeconds` must be whole minutes, not zero, and not above `LongestStake`.
        InvalidProvideSeconds,
        /// `sellUnitSeconds` and `sellMaxSeconds` must be whole minutes, not zero, and not above `LongestStake`;
        /// the maximum must be a multiple of the unit.
        InvalidSellSeconds,
        /// `rentalMinSeconds` must be neither zero nor above `rentalMaxSeconds`, and the latter not above
        /// `LongestStake`.
        InvalidRentalSeconds,
        /// There is a pool with that symbol, if capitals and small letters count as the same. Choose another: a pool must
        /// not be mistaken for another.
        SymbolTaken,
        /// The challenge profile cannot be used: see the limits of its fields.
        InvalidChallenge,
        /// The benchmark must not be zero.
        InvalidBenchmark,
        /// The privacy limit must be from 0 to 100.
        InvalidPrivacyLimit,
        /// The next numbers are taken by assets that governance has created.
        NoNumberLeft,
        /// The amount is larger than any that can exist.
        Overflow,
        /// The amount is zero, or so small that it rounds to zero.
        ZeroAmount,
        /// The end must lie in the future, and that of a mean price after its beginning, with known time in between.
        InvalidTime,
        /// The pool has only just begun, and has no mean price yet. Try again in the next block.
        PoolTooYoung,
        /// The pool has less idle time than you asked for.
        NotEnoughIdleTime,
        /// It would cost more than the maximum that you gave. Ask for a new quote.
        CostAboveMaximum,
        /// It would bring less than the minimum that you gave. Ask for a new quote.
        ProceedsBelowMinimum,
        /// The pool contradicts itself. Please report this: it must not happen.
        InconsistentPool,
    }

    impl<T: Config> From<TermsError> for Error<T> {
        fn from(error: TermsError) -> Self {
            match error {
                TermsError::ProvideSeconds => Self::InvalidProvideSeconds,
                TermsError::SellSeconds => Self::InvalidSellSeconds,
                TermsError::RentalSeconds => Self::InvalidRentalSeconds,
                TermsError::Challenge => Self::InvalidChallenge,
                TermsError::Benchmark => Self::InvalidBenchmark,
                TermsError::Privacy => Self::InvalidPrivacyLimit,
            }
        }
    }

    impl<T: Config> From<loopin_math::MathError> for Error<T> {
        fn from(error: loopin_math::MathError) -> Self {
            use loopin_math::MathError;
            match error {
                MathError::Overflow => Self::Overflow,
                MathError::Zero => Self::ZeroAmount,
                MathError::InvalidTime => Self::InvalidTime,
                MathError::NotEnoughIdleTime => Self::NotEnoughIdleTime,
                MathError::TooYoung => Self::PoolTooYoung,
                MathError::InThePast | MathError::Inconsistent => Self::InconsistentPool,
            }
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(
                T::LongestStake::get() > 0 && T::LongestStake::get().is_multiple_of(MINUTE),
                "LongestStake must be a positive number of whole minutes"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Create a pool for a class of device.
        ///
        /// You pay the anchor, the deposit for the metadata of the hour token, and the existential deposit of the
        /// pool's account, and never get them back. `PoolDeposit` is on hold in your account for as long as the pool
        /// exists.
        ///
        /// - `name`: what the class is called, such as "NVIDIA GeForce RTX 4090"; printable ASCII.
        /// - `symbol`: the same in short, such as "RTX4090"; no other pool may have it.
        /// - `anchor`: LOOPIN to lock, in planck, at least `MinimumAnchor`. The larger it is, the less the price moves.
        /// - `price_per_gpu_hour`: the initial price, in planck.
        /// - `terms`: durations, the challenge, and what is expected of a device.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create_pool())]
        pub fn create_pool(
            origin: OriginFor<T>,
            name: BoundedVec<u8, MaxNameLength>,
            symbol: BoundedVec<u8, MaxSymbolLength>,
            #[pallet::compact] anchor: Balance,
            #[pallet::compact] price_per_gpu_hour: Balance,
            terms: PoolTerms,
        ) -> DispatchResult {
            let creator = ensure_signed(origin)?;
            ensure!(anchor >= T::MinimumAnchor::get(), Error::<T>::AnchorTooSmall);
            let now = Self::now();
            Self::do_create_pool(creator, name, symbol, anchor, price_per_gpu_hour, terms, now)?;
            Ok(())
        }

        /// Sync a pool: let everything happen to it that is due. Anybody may do this and nobody has to, as every other
        /// call that touches the pool does it first.
        #[pallet::call_index(1)]
        #[pallet::weight(Pallet::<T>::at_most(T::WeightInfo::sync(0)))]
        pub fn sync(origin: OriginFor<T>, pool: PoolId) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Self::metered(|| {
                Self::sync_now(pool)?;
                Ok(T::WeightInfo::sync(0))
            })
        }

        /// Deepen a pool: lock `amount` planck in it for ever, at its present price, or at the mean price of a week, if that
        /// is higher. Anybody may do this.
        ///
        /// You never get it back, and have no share of what others pay. The deeper a pool is, the less trades move its
        /// price.
        #[pallet::call_index(2)]
        #[pallet::weight(Pallet::<T>::at_most(T::WeightInfo::deepen()))]
        pub fn deepen(
            origin: OriginFor<T>,
            pool: PoolId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            Self::metered(|| {
                Self::do_deepen(&who, pool, amount)?;
                Ok(T::WeightInfo::deepen())
            })
        }
    }
}

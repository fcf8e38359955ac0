#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! The arithmetic is that of [`loopin_math`]; the multiplier is [`loopin_math::Factors`]. Nothing iterates over positions,
//! clients or verifiers: an epoch costs what the listed pools cost.
//!
//! A pool's epoch ends when the epoch does or, if somebody has dealt with the pool between that and the closing of the
//! epoch, at that moment: the pool knows the sums until then and no earlier ones. Its next epoch begins there, so nothing
//! is counted twice, and a position's seconds are counted between the same two moments ([`PoolEpoch::from`],
//! [`PoolEpoch::until`]). A longer epoch brings a pool no larger part: it counts with its mean number of providers over
//! the length of the chain's epoch. If the chain stood still, that can leave a pool's made-up epochs without a second;
//! but then nobody verified its devices either.
//!
//! Minting fails, and what is due remains due, where it would go beyond what was emitted or above the cap.
//!
//! # In the runtime
//!
//! | in the configuration of | set |
//! |---|---|
//! | this pallet | `BondReasons`, for which bonds are on hold, and for how long the team's share is locked |
//! | the pools | `OnBurn = Rewards` |
//! | the stakes | `LiquidityHooks = Rewards` |
//! | the rentals | `RentalHooks = Rewards` |
//! | the verification | `VerdictHooks = Rewards` |
//! | the devices | `DeviceHooks` includes `Rewards` |
//!
//! An account has room for [`MAX_TEAM_LOCKS`] batches of the team's share: as many as one lock lasts must fit. A bond has to
//! take longer to come back than an epoch, or it could count for several owners in turn.
//!
//! # Invariants
//!
//! `try_state` checks, and so does every test of this pallet after it has run:
//!
//! 1. What was endowed and what epochs emitted are together no more than the cap, unless the genesis was.
//! 2. What was minted, what is due to treasury and team, and what has accrued are together no more than was emitted.
//! 3. What was minted to accounts is what [`Supply`] says was minted for mining, renting and verifying.
//! 4. There is no more LOOPIN than was endowed and minted, less what [`Burned`] says, and no more than the cap.
//! 5. No more has been settled of a pool's part or of a budget than there was, and none is older than can be settled.
//! 6. What an account has paid into listed pools is the sum over its devices' positions. What is on hold as
//!    [`HoldReason::Loyalty`] is, for every account of the chain, what counts as held and what has been released and is not
//!    paid; as [`HoldReason::TeamShare`], the batches of the team's share. Nothing is lent.
//! 7. A device's intervals begin before they end and follow each other, and only the last one runs. Only then is it rented
//!    or drained. Its record is of an epoch before the one of its performance, which is not after the running one.
//! 8. The shares of the running epoch add up to [`TotalShares`]. None is of a later epoch.
//! 9. Listed pools have a reference price. The running epoch begins before it ends. The parameters are valid.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod epoch;
mod governance;
mod liquidity;
mod loyalty;
#[cfg(test)]
mod mock;
mod payment;
mod settle;
mod shares;
mod team;
#[cfg(test)]
mod tests;
mod time;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod verdicts;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// Target of this pallet's log lines.
const LOG_TARGET: &str = "runtime::rewards";

/// Calls, storage, events and errors.
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
    use frame_system::pallet_prelude::*;
    use loopin_math::{Factors, Parts};
    use loopin_primitives::{Balance, BurnReason, DeviceId, EpochId, Moment, PoolId};
    use pallet_pools::{Pallet as Pools, PoolMark};
    use sp_runtime::Perquintill;

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Emission, and who gets it.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime provides and sets.
    #[pallet::config]
    pub trait Config:
        pallet_devices::Config
        + pallet_pools::Config<RuntimeHoldReason: From<HoldReason>>
        + frame_system::Config<RuntimeEvent: From<Event<Self>>>
    {
        /// Who changes parameters and lists pools.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Who can stop all minting, and let it go on.
        type EmergencyOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The account of the treasury.
        type Treasury: Get<Self::AccountId>;

        /// Why the bonds of verifiers and validators are on hold: they count for their owners' loyalty.
        type BondReasons: Get<Vec<<Self as pallet_pools::Config>::RuntimeHoldReason>>;

        /// For how long each batch of the team's share is locked, in seconds.
        #[pallet::constant]
        type TeamLockSeconds: Get<u64>;

        /// For how many epochs the team's share is minted and locked together. As wallets show each batch, and an
        /// account can have only so many, this should be some months.
        #[pallet::constant]
        type TeamBatchEpochs: Get<u32>;

        /// There will never be more LOOPIN than this, in planck.
        #[pallet::constant]
        type SupplyCap: Get<Balance>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// What governance has set.
    #[pallet::storage]
    pub type RewardParameters<T: Config> = StorageValue<_, Parameters, ValueQuery>;

    /// The running epoch. There is none before the first block that knows the time.
    #[pallet::storage]
    pub type CurrentEpoch<T: Config> = StorageValue<_, Epoch, OptionQuery>;

    /// The pools that share in rewards.
    #[pallet::storage]
    pub type Listings<T: Config> = StorageValue<_, ListedPools, ValueQuery>;

    /// What each pool got in closed epochs, for `HISTORY_EPOCHS` epochs.
    #[pallet::storage]
    pub type PoolEpochs<T: Config> =
        StorageDoubleMap<_, Twox64Concat, EpochId, Twox64Concat, PoolId, PoolEpoch, OptionQuery>;

    /// What closed epochs have for clients and verifiers, for `HISTORY_EPOCHS` epochs.
    #[pallet::storage]
    pub type EpochBudgets<T: Config> = StorageMap<_, Twox64Concat, EpochId, Budgets, OptionQuery>;

    /// How many rounds of challenges have begun in the running epoch.
    #[pallet::storage]
    pub type EpochRounds<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The last full challenge that each registered device has passed.
    #[pallet::storage]
    pub type LastFullChallenge<T: Config> = StorageMap<_, Twox64Concat, DeviceId, FullChallenge, OptionQuery>;

    /// All shares of the running epoch.
    #[pallet::storage]
    pub type TotalShares<T: Config> = StorageValue<_, ShareTotals, ValueQuery>;

    /// What clients and verifiers have to show for the last epoch in which they did something.
    #[pallet::storage]
    pub type Shares<T: Config> =
        StorageDoubleMap<_, Twox64Concat, Party, Blake2_128Concat, T::AccountId, Share, OptionQuery>;

    /// The devices that are in their pools, or have rewards that are not settled.
    #[pallet::storage]
    pub type Miners<T: Config> = StorageMap<_, Twox64Concat, DeviceId, MinerOf<T>, OptionQuery>;

    /// What accounts have earned, what has been minted to them, and what of their LOOPIN counts.
    #[pallet::storage]
    pub type Accounts<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Earnings, ValueQuery>;

    /// Where accounts have their earnings paid to.
    #[pallet::storage]
    pub type Payouts<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Payout, ValueQuery>;

    /// What accounts have released from the loyalty hold, and is not paid.
    #[pallet::storage]
    pub type Releases<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        BoundedVec<Release, ConstU32<MAX_RELEASES>>,
        ValueQuery,
    >;

    /// The batches of the team's share that are locked, by whom they were minted to.
    #[pallet::storage]
    pub type TeamLocks<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        BoundedVec<TeamLock, ConstU32<MAX_TEAM_LOCKS>>,
        ValueQuery,
    >;

    /// Where LOOPIN comes from.
    #[pallet::storage]
    pub type Supply<T: Config> = StorageValue<_, SupplyState, ValueQuery>;

    /// What has been burned since the first epoch began, by reason, in planck. Transaction fees, slashes of validators
    /// and the dust of removed accounts are not included.
    #[pallet::storage]
    pub type Burned<T: Config> = StorageMap<_, Twox64Concat, BurnReason, Balance, ValueQuery>;

    /// Whose the team's share is. Nothing is minted for the team while there is nobody.
    #[pallet::storage]
    pub type Team<T: Config> = StorageValue<_, T::AccountId, OptionQuery>;

    /// Whether all minting is stopped.
    #[pallet::storage]
    pub type Stopped<T: Config> = StorageValue<_, bool, ValueQuery>;

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// It is to count for its owner's loyalty. Released by its owner, and paid some days later.
        #[codec(index = 0)]
        Loyalty,
        /// The team's share, locked for years. No bond stands in for it.
        #[codec(index = 1)]
        TeamShare,
    }

    /// How rewards begin.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// How long an epoch lasts, in seconds: from a minute to thirty days. A day if nothing is given.
        pub epoch_seconds: Option<u64>,
        /// How long a release from the loyalty hold takes, in seconds: from a minute to 28 days. Seven days if nothing is
        /// given.
        pub release_seconds: Option<u64>,
        /// Pools that share in rewards, and their reference prices of a GPU-hour, in planck.
        pub listings: Vec<(PoolId, Balance)>,
        /// Whose the team's share is.
        pub team: Option<T::AccountId>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let mut parameters = Parameters::default();
            parameters.epoch_seconds = self.epoch_seconds.unwrap_or(parameters.epoch_seconds);
            parameters.release_seconds = self.release_seconds.unwrap_or(parameters.release_seconds);
            // A genesis that cannot be built has to stop the node from starting.
            if let Err(error) = Pallet::<T>::check_parameters(&parameters) {
                panic!("the parameters of rewards cannot be used: {error:?}");
            }
            RewardParameters::<T>::put(parameters);
            let mut listings = ListedPools::new();
            for (pool, reference_price) in &self.listings {
                let listing = Listing {
                    reference_price: *reference_price,
                    // The first epoch begins later, and marks the pool then.
                    mark: PoolMark::default(),
                };
                assert!(
                    Pallet::<T>::check_reference_price(*reference_price).is_ok(),
                    "the reference price of pool {pool} is out of range"
                );
                assert!(
                    listings.try_insert(*pool, listing).is_ok(),
                    "more than {MAX_LISTED_POOLS} pools are listed"
                );
            }
            Listings::<T>::put(listings);
            if let Some(team) = &self.team {
                Team::<T>::put(team);
            }
        }
    }

    /// What happened to rewards. Amounts are in planck.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The first epoch began.
        #[codec(index = 0)]
        EpochBegan {
            /// Its number.
            epoch: EpochId,
            /// When, in Unix seconds.
            start: Moment,
        },
        /// An epoch ended, and its emission was split.
        #[codec(index = 1)]
        EpochClosed {
            /// The epoch.
            epoch: EpochId,
            /// What it emitted.
            emission: Balance,
            /// How that was split: each part is the most that can be minted.
            parts: Parts,
        },
        /// A pool got its part of a closed epoch.
        #[codec(index = 2)]
        PoolRewarded {
            /// The pool.
            pool: PoolId,
            /// The epoch.
            epoch: EpochId,
            /// The reference price of a GPU-hour by which it was rewarded.
            reference_price: Balance,
            /// Seconds that its providers' devices were in it, all together.
            provider_seconds: u128,
            /// Its part.
            part: Balance,
        },
        /// The reward of a device for an epoch was settled.
        #[codec(index = 3)]
        DeviceRewarded {
            /// The device.
            device: DeviceId,
            /// Whose it is.
            owner: T::AccountId,
            /// Its pool.
            pool: PoolId,
            /// The epoch.
            epoch: EpochId,
            /// For how many seconds it waited in its pool for a client.
            idle_seconds: u64,
            /// For how many seconds it was rented.
            rented_seconds: u64,
            /// Its standard reward.
            standard: Balance,
            /// The part of that which counts, by the rounds that it passed, in parts of 10¹⁸.
            proven: Perquintill,
            /// The factors of its multiplier, in parts of 10¹⁸. Nothing if it has proven nothing.
            factors: Option<Factors>,
            /// What accrued to the owner.
            paid: Balance,
            /// The rest, which will never be minted.
            burned: Balance,
        },
        /// What a client or a verifier gets for an epoch was settled.
        #[codec(index = 4)]
        ShareRewarded {
            /// Whether it was rewarded as a client or as a verifier.
            party: Party,
            /// The client or verifier.
            who: T::AccountId,
            /// The epoch.
            epoch: EpochId,
            /// What it consumed as a client, in planck, or the duties that it did as a verifier.
            share: u128,
            /// Its part of the budget.
            standard: Balance,
            /// What accrued to it.
            paid: Balance,
            /// The rest, which will never be minted: a client gets no more than half of the fees that it burned.
            burned: Balance,
        },
        /// What had accrued to an account was minted.
        #[codec(index = 5)]
        Paid {
            /// The account.
            who: T::AccountId,
            /// For providing liquidity.
            mining: Balance,
            /// For renting devices.
            renting: Balance,
            /// For verifying devices.
            verifying: Balance,
            /// How much of all of that went on the loyalty hold: all that could, or nothing if the account has it paid
            /// freely.
            held: Balance,
        },
        /// The treasury's part was minted.
        #[codec(index = 6)]
        TreasuryPaid {
            /// How much.
            amount: Balance,
        },
        /// The team's part was minted, and locked.
        #[codec(index = 7)]
        TeamPaid {
            /// To whom.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Governance changed the parameters.
        #[codec(index = 8)]
        ParametersChanged {
            /// What they are now.
            parameters: Parameters,
        },
        /// Governance changed the listing of a pool.
        #[codec(index = 9)]
        ListingChanged {
            /// The pool.
            pool: PoolId,
            /// Its reference price of a GPU-hour; zero if it is no longer listed.
            reference_price: Balance,
        },
        /// Governance changed whose the team's share is.
        #[codec(index = 10)]
        TeamChanged {
            /// Whose it is now.
            team: Option<T::AccountId>,
        },
        /// Nothing is minted until emission is resumed.
        #[codec(index = 11)]
        EmissionStopped,
        /// Everything that is due can be minted again.
        #[codec(index = 12)]
        EmissionResumed,
        /// Somebody put LOOPIN on the loyalty hold, where it counts from now on.
        #[codec(index = 13)]
        HoldIncreased {
            /// Who.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Somebody released LOOPIN from the loyalty hold: it no longer counts.
        #[codec(index = 14)]
        ReleaseBegan {
            /// Who.
            who: T::AccountId,
            /// How much.
            amount: Balance,
            /// When it can be paid, in Unix seconds.
            until: Moment,
        },
        /// What had been released was paid: it is free.
        #[codec(index = 15)]
        Released {
            /// To whom.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
        /// Somebody has its earnings paid elsewhere from now on.
        #[codec(index = 16)]
        PayoutChanged {
            /// Who.
            who: T::AccountId,
            /// Where to.
            payout: Payout,
        },
        /// Batches of the team's share were unlocked, as their time was over.
        #[codec(index = 17)]
        TeamUnlocked {
            /// Whose they are.
            who: T::AccountId,
            /// How much.
            amount: Balance,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The parts of the split do not make up a whole. They must add up to 1,000,000 millionths.
        SplitNotWhole,
        /// An epoch must last at least a minute.
        EpochTooShort,
        /// Emission must be halved at some time: `halvingEpochs` must not be zero.
        NoHalving,
        /// One epoch cannot emit more than the cap, `supplyCap`.
        EmissionAboveCap,
        /// The list of pools is full. Take one off it first.
        TooManyPools,
        /// The pool is not listed, so it cannot be taken off the list.
        NotListed,
        /// Emission is already stopped.
        AlreadyStopped,
        /// Emission is not stopped, so it cannot be resumed.
        NotStopped,
        /// An epoch must last at most thirty days: a running one keeps its end, and could not be cut short.
        EpochTooLong,
        /// The cap on the reward of idle time, `caps.idle`, must be from 0.25 to 2 times the reference price.
        IdleCapOutOfRange,
        /// The cap on the reward of rented time, `caps.rented`, must be at most 0.5: else whoever rents its own devices to
        /// hide them would gain.
        RentedCapOutOfRange,
        /// A reference price must be from a millionth of a LOOPIN to 1,000 LOOPIN for a GPU-hour, or zero to take the pool
        /// off the list.
        ReferencePriceOutOfRange,
        /// A reference price can be at most doubled or halved at a time. Change it in several steps.
        ReferencePriceMovesTooFar,
        /// A release from the loyalty hold must take from a minute to 28 days.
        ReleaseOutOfRange,
        /// An amount of zero does nothing. Name a larger one.
        NoAmount,
        /// There is not so much on the loyalty hold that has not been released: see `rewardsApi.loyalty`.
        NotSoMuchOnHold,
        /// Too many releases are waiting. Have those that are due paid with `payReleased`, or wait for the next.
        TooManyReleases,
        /// Nothing that has been released is due yet: `releases` of the account says when.
        NothingToPay,
        /// The account has as many locked batches of the team's share as it can. Unlock those whose time is over.
        TooManyTeamLocks,
        /// No batch of the team's share is due for that account: `teamLocks` says when.
        NothingToUnlock,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Self::begin_block()
        }

        fn integrity_test() {
            assert!(
                T::TeamBatchEpochs::get() > 0,
                "the team's share must be minted at times"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Settle what a device has earned in closed epochs, and pay its owner everything that has accrued. Anybody
        /// may call this.
        ///
        /// Claiming or closing a position does the same. This is for what comes later: the last epoch of a closed
        /// position.
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::settle())]
        pub fn settle(origin: OriginFor<T>, #[pallet::compact] device: DeviceId) -> DispatchResult {
            ensure_signed(origin)?;
            let owner = Miners::<T>::get(device).map(|miner| miner.owner);
            Self::settle_device(device);
            if let Some(owner) = owner {
                Self::pay_out(&owner);
            }
            Ok(())
        }

        /// Pay an account everything that has accrued to it, and what it has earned as a client and as a verifier.
        /// Anybody may call this.
        ///
        /// It is paid onto the account's loyalty hold, where it counts for the loyalty of its devices, unless the account
        /// has said otherwise with `setPayout`.
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::claim())]
        pub fn claim(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::settle_share(Party::Client, &who);
            Self::settle_share(Party::Verifier, &who);
            Self::pay_out(&who);
            Self::pay_released_to(&who)?;
            Ok(())
        }

        /// Change the parameters of rewards. For governance.
        ///
        /// They apply from now on: to epochs that are closed later, and to what is settled later. The running epoch
        /// keeps its end.
        #[pallet::call_index(2)]
        #[pallet::weight(<T as Config>::WeightInfo::set_parameters())]
        pub fn set_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_set_parameters(parameters)
        }

        /// List a pool, so that its providers share in rewards, or change its reference price, or take it off the list
        /// with a price of zero. For governance.
        ///
        /// The reference price says what a GPU-hour is worth, in planck. It divides the miners' budget among pools, and
        /// bounds what an hour is rewarded with. It can be at most doubled or halved at a time, and applies to the running
        /// epoch too. A pool that is listed during an epoch shares in it from then on. One that is taken off the list gets
        /// nothing of the running epoch.
        #[pallet::call_index(3)]
        #[pallet::weight(Pools::<T>::at_most(<T as Config>::WeightInfo::set_listing()))]
        pub fn set_listing(
            origin: OriginFor<T>,
            #[pallet::compact] pool: PoolId,
            #[pallet::compact] reference_price: Balance,
        ) -> DispatchResultWithPostInfo {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Pools::<T>::metered(|| {
                Self::do_set_listing(pool, reference_price)?;
                Ok(<T as Config>::WeightInfo::set_listing())
            })
        }

        /// Say who gets the team's share from now on, or that nobody does: then it remains due. For governance.
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::set_team())]
        pub fn set_team(origin: OriginFor<T>, team: Option<T::AccountId>) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Team::<T>::set(team.clone());
            Self::deposit_event(Event::TeamChanged { team });
            Ok(())
        }

        /// Stop all minting, or let it go on. For emergencies.
        ///
        /// While it is stopped, epochs go on and rewards accrue: nothing is lost, and what is due can be paid afterwards.
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::set_stopped())]
        pub fn set_stopped(origin: OriginFor<T>, stopped: bool) -> DispatchResult {
            T::EmergencyOrigin::ensure_origin(origin)?;
            Self::do_set_stopped(stopped)
        }

        /// Say where you have your earnings paid to from now on: `Hold`, the loyalty hold, where they count for the reward
        /// of your devices; or `Free`, where you can spend them at once and they do not count.
        #[pallet::call_index(6)]
        #[pallet::weight(<T as Config>::WeightInfo::set_payout())]
        pub fn set_payout(origin: OriginFor<T>, payout: Payout) -> DispatchResult {
            let who = ensure_signed(origin)?;
            match payout {
                Payout::Hold => Payouts::<T>::remove(&who),
                Payout::Free => Payouts::<T>::insert(&who, payout),
            }
            Self::deposit_event(Event::PayoutChanged { who, payout });
            Ok(())
        }

        /// Put free LOOPIN of yours on the loyalty hold. It counts from now on, for as long as it stays: the mean over each
        /// whole epoch matters.
        #[pallet::call_index(7)]
        #[pallet::weight(<T as Config>::WeightInfo::add_to_hold())]
        pub fn add_to_hold(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            Self::do_add_to_hold(&ensure_signed(origin)?, amount)
        }

        /// Release LOOPIN from your loyalty hold. It counts no longer from now on, and can be paid after `releaseSeconds`:
        /// by `payReleased`, or with the next `claim`.
        #[pallet::call_index(8)]
        #[pallet::weight(<T as Config>::WeightInfo::release())]
        pub fn release(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            Self::do_release(&ensure_signed(origin)?, amount)
        }

        /// Pay an account what it has released from its loyalty hold and has waited for. Anybody may call this.
        #[pallet::call_index(9)]
        #[pallet::weight(<T as Config>::WeightInfo::pay_released())]
        pub fn pay_released(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            ensure!(Self::pay_released_to(&who)? > 0, Error::<T>::NothingToPay);
            Ok(())
        }

        /// Unlock the batches of the team's share that were minted to an account, and whose time is over. Anybody may call
        /// this.
        #[pallet::call_index(10)]
        #[pallet::weight(<T as Config>::WeightInfo::unlock_team())]
        pub fn unlock_team(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_unlock_team(&who)
        }
    }
}

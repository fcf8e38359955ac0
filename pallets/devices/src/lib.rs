#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! The registry keeps no money but deposits, and knows nothing of stakes and rentals: those call it, and
//! [`DeviceHooks`](loopin_primitives::DeviceHooks) tells them what verification has found out.
//!
//! Another agent leaves the standing as it is: one that does not prove the same GPU fails the next verification.
//!
//! Removing a device gains nothing. Whoever registers it again begins as an ejected device does: without age, and unable
//! to do anything until it passes a verification. The old number, with everything that events say of it, never comes back.
//!
//! A GPU's identifier is its owner's word, and only this owner cannot register it twice: if it were unique on the chain, anybody
//! could register somebody else's first. That one card is not several devices is shown by verification, which has all
//! devices compute at the same moments.
//!
//! # In the runtime
//!
//! - [`Config::VerdictOrigin`], which may call [`record_verdict`](Call::record_verdict), is for governance and tests.
//!   Verification itself calls [`Pallet::apply_verdict`] and [`Pallet::convict`].
//! - [`DeviceHooks::weight`](loopin_primitives::DeviceHooks::weight) is what the hooks cost at worst. Syncing the device's
//!   pool comes on top: see [`pallet_pools::Pallet::at_most`].
//!
//! # Invariants
//!
//! `try_state` checks, and so does every test of this pallet after it has run:
//!
//! 1. What is on hold as [`HoldReason::DeviceRegistration`] is, for every account of the chain, exactly the sum of
//!    the deposits of its devices.
//! 2. Every device's number is below [`NextDeviceId`].
//! 3. [`GpuIds`] names every device under its owner and GPU, and nothing else.
//! 4. A device has an age if it is verified or suspended, and only then; the age does not begin before the
//!    registration, and neither lies in the future.
//! 5. [`FormerAgentKeys`] are of registered devices, and of no later moment than now.
//! 6. Every endpoint is one that [`EndpointUrl::parse`](loopin_primitives::EndpointUrl::parse) accepts, and no agent's key is zero.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
#[cfg(test)]
mod mock;
mod registration;
mod registry;
mod standing;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// Calls, storage, events and errors.
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
    use frame_system::pallet_prelude::*;
    use loopin_primitives::{Balance, DeviceHooks, DeviceId, EndpointError, PoolId, Standing, Verdict};
    use pallet_pools::Pallet as Pools;
    use sp_core::{H256, sr25519};

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// The registry of devices.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime provides and sets.
    #[pallet::config]
    pub trait Config:
        pallet_pools::Config<RuntimeHoldReason: From<HoldReason>>
        + frame_system::Config<RuntimeEvent: From<Event<Self>>>
    {
        /// Who may record verdicts by hand.
        type VerdictOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Who is told that a device passed, was suspended or ejected, or is gone.
        type DeviceHooks: DeviceHooks;

        /// What is put on hold for a device, in planck, besides `DepositPerByte`.
        #[pallet::constant]
        type DepositBase: Get<Balance>;

        /// For how many seconds an agent's key cannot change again: for as long as a lie can be proven.
        #[pallet::constant]
        type AgentKeyInterval: Get<u64>;

        /// What is put on hold for each byte of a device's endpoint, in planck.
        #[pallet::constant]
        type DepositPerByte: Get<Balance>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The deposits of the account's devices, until `remove_device` releases them.
        #[codec(index = 0)]
        DeviceRegistration,
    }

    /// The number that the next device will have.
    #[pallet::storage]
    pub type NextDeviceId<T: Config> = StorageValue<_, DeviceId, ValueQuery>;

    /// All devices, by their numbers.
    #[pallet::storage]
    pub type Devices<T: Config> = StorageMap<_, Twox64Concat, DeviceId, DeviceOf<T>, OptionQuery>;

    /// The device as which an owner has registered a GPU, by the hash of the GPU's UUID.
    #[pallet::storage]
    pub type GpuIds<T: Config> =
        StorageDoubleMap<_, Twox64Concat, T::AccountId, Blake2_128Concat, H256, DeviceId, OptionQuery>;

    /// The keys with which devices' agents signed before they got their present ones, by number of the device.
    #[pallet::storage]
    pub type FormerAgentKeys<T: Config> = StorageMap<_, Twox64Concat, DeviceId, FormerKey, OptionQuery>;

    /// What happened to devices.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A device was registered. It can do nothing until it passes a verification.
        #[codec(index = 0)]
        DeviceRegistered {
            /// The number of the device.
            device: DeviceId,
            /// Whose it is.
            owner: T::AccountId,
            /// The pool for which it was registered.
            pool: PoolId,
            /// The hash of the GPU's UUID.
            gpu_id: H256,
            /// The key with which its agent signs.
            agent_key: sr25519::Public,
            /// Where its agent answers.
            endpoint: Endpoint,
            /// What was put on hold in the owner's account, in planck.
            deposit: Balance,
        },
        /// A device got another agent.
        #[codec(index = 1)]
        DeviceUpdated {
            /// The device.
            device: DeviceId,
            /// The key with which its agent signs from now on.
            agent_key: sr25519::Public,
            /// Where its agent answers from now on.
            endpoint: Endpoint,
            /// What is on hold for it in all, in planck.
            deposit: Balance,
        },
        /// A device was taken out of the registry. Its GPU can be registered anew.
        #[codec(index = 2)]
        DeviceRemoved {
            /// The device.
            device: DeviceId,
            /// Whose it was.
            owner: T::AccountId,
            /// The hash of the GPU's UUID.
            gpu_id: H256,
            /// Its standing when it was removed.
            standing: Standing,
            /// What was released to the owner's free balance, in planck.
            deposit: Balance,
        },
        /// A verdict was reached.
        #[codec(index = 3)]
        VerdictRecorded {
            /// The device.
            device: DeviceId,
            /// What was decided.
            verdict: Verdict,
            /// The device's standing before.
            before: Standing,
            /// Its standing now.
            standing: Standing,
        },
        /// A device was staked. It cannot be removed until that stake is over.
        #[codec(index = 4)]
        DeviceStaked {
            /// The device.
            device: DeviceId,
        },
        /// The stake of a device is over. It can be removed.
        #[codec(index = 5)]
        DeviceUnstaked {
            /// The device.
            device: DeviceId,
        },
        /// A device is to be verified out of turn.
        #[codec(index = 6)]
        CheckRequested {
            /// The device.
            device: DeviceId,
        },
        /// A device was proven to have lied in a verification. It is ejected, and no longer has a deposit.
        #[codec(index = 7)]
        DeviceConvicted {
            /// The device.
            device: DeviceId,
            /// Its standing before.
            before: Standing,
            /// Who brought the proof.
            reporter: T::AccountId,
            /// What became of the deposit.
            conviction: Conviction,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no device with that number. Look it up in `devices`.
        UnknownDevice,
        /// The device belongs to another account. Sign with its owner's.
        NotDeviceOwner,
        /// You have already registered this GPU, as the device that `gpuIds` names. Remove it first, while it is not
        /// staked.
        GpuAlreadyRegistered,
        /// The agent's key is zero, with which anybody could sign. Give the agent's public key.
        AgentKeyZero,
        /// The endpoint is not an address that verifiers can call, for the reason given. Give one like
        /// `https://gpu-7.example.org:8443`.
        InvalidEndpoint(EndpointError),
        /// The device is staked. Wait for the end of its stake.
        DeviceStaked,
        /// The device is not staked, so there is no stake of it to end.
        DeviceNotStaked,
        /// The deposit would be larger than any balance can be. Governance must lower the price of a byte.
        DepositTooLarge,
        /// All numbers for devices have been used.
        NoNumberLeft,
        /// The agent's key was changed less than `AgentKeyInterval` seconds ago: `formerAgentKeys` says when. Wait, or
        /// leave the key as it is.
        AgentKeyChangedRecently,
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
        /// Register a GPU of yours for a pool, so that it can be verified and then staked.
        ///
        /// This puts `DepositBase`, and `DepositPerByte` for each byte of the endpoint, of your free balance on hold.
        ///
        /// - `pool`: the pool of the GPU's class. It stays the same for as long as the device is registered.
        /// - `agent_key`: the sr25519 public key with which the agent on the machine signs.
        /// - `endpoint`: where the agent answers, such as `https://gpu-7.example.org:8443`.
        /// - `gpu_id`: the hash of the GPU's UUID, as the agent shows it. You can register each GPU only once.
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::register_device())]
        pub fn register_device(
            origin: OriginFor<T>,
            pool: PoolId,
            agent_key: sr25519::Public,
            endpoint: Endpoint,
            gpu_id: H256,
        ) -> DispatchResult {
            Self::do_register_device(&ensure_signed(origin)?, pool, agent_key, endpoint, gpu_id)?;
            Ok(())
        }

        /// Give a device of yours another agent: its key, its endpoint, or both.
        ///
        /// The deposit is adjusted to the length of the endpoint and to today's rates. The standing of the device
        /// does not change, staked or not: make sure that the new agent answers before the next verification.
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::update_device())]
        pub fn update_device(
            origin: OriginFor<T>,
            device: DeviceId,
            agent_key: sr25519::Public,
            endpoint: Endpoint,
        ) -> DispatchResult {
            Self::do_update_device(&ensure_signed(origin)?, device, agent_key, endpoint)
        }

        /// Take a device of yours that is not staked out of the registry, and get the deposit back.
        ///
        /// If its GPU is registered again, it gets another number, has no age, and must be verified anew.
        #[pallet::call_index(2)]
        #[pallet::weight(<T as Config>::WeightInfo::remove_device())]
        pub fn remove_device(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
            Self::do_remove_device(&ensure_signed(origin)?, device)
        }

        /// Record a verdict on a device by hand. Only for the origin that the runtime admits.
        ///
        /// A verified device that fails is suspended, and ejected if it fails again before it passes.
        #[pallet::call_index(3)]
        #[pallet::weight(Pools::<T>::at_most(Pallet::<T>::verdict_weight()))]
        pub fn record_verdict(
            origin: OriginFor<T>,
            device: DeviceId,
            verdict: Verdict,
        ) -> DispatchResultWithPostInfo {
            T::VerdictOrigin::ensure_origin(origin)?;
            Pools::<T>::metered(|| {
                Self::apply_verdict(device, verdict)?;
                Ok(Self::verdict_weight())
            })
        }
    }
}

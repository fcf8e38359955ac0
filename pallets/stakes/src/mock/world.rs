//! What the world around the pallet keeps, in storage, so that it is rolled back with everything else.

use super::{AccountId, Rental};
use frame_support::pallet_prelude::*;
use loopin_math::{MathError, Page, Pool, U256};
use loopin_primitives::{Balance, DeviceId, DeviceInfo, Moment, PoolId, Standing};

pub use pallet::*;

/// A device, and whether it is staked.
#[derive(Clone, Encode, Decode, TypeInfo)]
pub struct Device {
    pub owner: AccountId,
    pub pool: PoolId,
    pub standing: Standing,
    pub staked: bool,
}

impl From<Device> for DeviceInfo<AccountId> {
    fn from(device: Device) -> Self {
        Self {
            owner: device.owner,
            pool: device.pool,
            standing: device.standing,
        }
    }
}

#[frame_support::pallet]
#[allow(missing_docs)]
pub mod pallet {
    use super::*;

    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// The present moment.
    #[pallet::storage]
    pub type Now<T: Config> = StorageValue<_, Moment, ValueQuery>;

    #[pallet::storage]
    pub type Pools<T: Config> = StorageMap<_, Twox64Concat, PoolId, Pool>;

    /// What is owed in each pool's account.
    #[pallet::storage]
    pub type Owed<T: Config> = StorageMap<_, Twox64Concat, PoolId, Balance, ValueQuery>;

    /// The agendas of the pools, by hour.
    #[pallet::storage]
    pub type Pages<T: Config> = StorageDoubleMap<_, Twox64Concat, PoolId, Twox64Concat, u64, Page>;

    /// How many positions that ended at a moment have not been paid out, and the stream index of that moment.
    #[pallet::storage]
    pub type Endings<T: Config> =
        StorageDoubleMap<_, Twox64Concat, PoolId, Twox64Concat, Moment, (u32, U256)>;

    /// What bringing pools up to date has cost in this call so far.
    #[pallet::storage]
    pub type SyncWeight<T: Config> = StorageValue<_, Weight, ValueQuery>;

    #[pallet::storage]
    pub type Devices<T: Config> = StorageMap<_, Twox64Concat, DeviceId, Device>;

    #[pallet::storage]
    pub type Rentals<T: Config> = StorageMap<_, Twox64Concat, DeviceId, Rental>;

    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        NoSuchPool,
        CostAboveMaximum,
        ProceedsBelowMinimum,
        NotOwed,
        NoSuchEnding,
        NoSuchDevice,
        Overflow,
        Zero,
        InvalidTime,
        InThePast,
        NotEnoughIdleTime,
        TradeTooLarge,
        Inconsistent,
    }

    impl<T> From<MathError> for Error<T> {
        fn from(error: MathError) -> Self {
            match error {
                MathError::Overflow => Self::Overflow,
                MathError::Zero => Self::Zero,
                MathError::InvalidTime => Self::InvalidTime,
                MathError::InThePast => Self::InThePast,
                MathError::NotEnoughIdleTime => Self::NotEnoughIdleTime,
                MathError::TradeTooLarge => Self::TradeTooLarge,
                MathError::Inconsistent => Self::Inconsistent,
            }
        }
    }
}

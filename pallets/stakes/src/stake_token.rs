//! The stake tokens: one collection for each pool, one token for each staked device.

use crate::{CollectionId, Collections, Config, Event, Pallet};
use alloc::vec::Vec;
use core::marker::PhantomData;
use frame_support::traits::{
    Get, Incrementable,
    fungibles::metadata::Inspect as InspectMetadata,
    tokens::nonfungibles_v2::{Inspect, Mutate, Transfer},
};
use frame_system::RawOrigin;
use loopin_primitives::{PoolId, PositionId};
use pallet_nfts::{CollectionConfig, CollectionSetting, CollectionSettings, ItemConfig, MintSettings};
use sp_runtime::{
    DispatchError, DispatchResult,
    traits::{AccountIdConversion, StaticLookup},
};

/// What the name of a pool's hour token begins with in the name of its stake tokens.
const NAME_PREFIX: &[u8] = b"st-";

/// Tokens that show who has staked a device. Nobody can transfer or burn one but this pallet.
pub trait StakeTokens<AccountId> {
    /// Creates a collection called `name` that belongs to `owner`, without a deposit.
    fn create_collection(owner: &AccountId, name: &[u8]) -> Result<CollectionId, DispatchError>;

    /// Creates the token of a position in the account of `owner`, without a deposit.
    fn mint(collection: CollectionId, position: PositionId, owner: &AccountId) -> DispatchResult;

    /// Destroys the token of a position.
    fn burn(collection: CollectionId, position: PositionId) -> DispatchResult;

    /// Who has the token of a position.
    fn owner(collection: CollectionId, position: PositionId) -> Option<AccountId>;
}

/// Stake tokens as non-fungible tokens of pallet-nfts, whose `ForceOrigin` must admit the root origin.
///
/// A collection made by force is the only one that needs no deposits. Its items cannot be transferred. The items
/// themselves have every setting on, since pallet-nfts keeps the settings of an item for ever where one is off;
/// what keeps the owner from burning one is the attribute by which pallets disable transfers.
pub struct NftStakeTokens<T>(PhantomData<T>);

impl<T> StakeTokens<T::AccountId> for NftStakeTokens<T>
where
    T: pallet_nfts::Config<CollectionId = CollectionId, ItemId = PositionId>,
{
    fn create_collection(owner: &T::AccountId, name: &[u8]) -> Result<CollectionId, DispatchError> {
        // The number that `force_create` takes.
        let collection = pallet_nfts::NextCollectionId::<T>::get()
            .or(CollectionId::initial_value())
            .ok_or(pallet_nfts::Error::<T>::UnknownCollection)?;
        pallet_nfts::Pallet::<T>::force_create(
            RawOrigin::Root.into(),
            T::Lookup::unlookup(owner.clone()),
            CollectionConfig {
                settings: CollectionSettings::from_disabled(
                    CollectionSetting::TransferableItems | CollectionSetting::DepositRequired,
                ),
                max_supply: None,
                mint_settings: MintSettings::default(),
            },
        )?;
        <pallet_nfts::Pallet<T> as Mutate<_, _>>::set_collection_metadata(None, &collection, name)?;
        Ok(collection)
    }

    fn mint(collection: CollectionId, position: PositionId, owner: &T::AccountId) -> DispatchResult {
        <pallet_nfts::Pallet<T> as Mutate<_, _>>::mint_into(
            &collection,
            &position,
            owner,
            &ItemConfig::default(),
            true,
        )?;
        <pallet_nfts::Pallet<T> as Transfer<_>>::disable_transfer(&collection, &position)
    }

    fn burn(collection: CollectionId, position: PositionId) -> DispatchResult {
        <pallet_nfts::Pallet<T> as Transfer<_>>::enable_transfer(&collection, &position)?;
        <pallet_nfts::Pallet<T> as Mutate<_, _>>::burn(&collection, &position, None)
    }

    fn owner(collection: CollectionId, position: PositionId) -> Option<T::AccountId> {
        <pallet_nfts::Pallet<T> as Inspect<_>>::owner(&collection, &position)
    }
}

impl<T: Config> Pallet<T> {
    /// The account that owns the collections of stake tokens. It needs no balance.
    pub fn account_id() -> T::AccountId {
        T::PalletId::get().into_account_truncating()
    }

    /// The collection of the pool's stake tokens, which is created where there is none yet.
    pub(crate) fn collection_of(pool: PoolId) -> Result<CollectionId, DispatchError> {
        if let Some(collection) = Collections::<T>::get(pool) {
            return Ok(collection);
        }
        let mut name = Vec::from(NAME_PREFIX);
        name.extend(T::HourTokens::symbol(pool));
        let collection = T::StakeTokens::create_collection(&Self::account_id(), &name)?;
        Collections::<T>::insert(pool, collection);
        Self::deposit_event(Event::CollectionCreated { pool, collection });
        Ok(collection)
    }
}

//! The stake tokens: one collection of pallet-nfts for each pool, one token for each staked device.
//!
//! Only a collection made by force needs no deposits, so the `ForceOrigin` of pallet-nfts must admit the root origin. Its
//! items cannot be transferred. The items themselves have every setting on, since pallet-nfts keeps the settings of an
//! item for ever if one is off; what keeps the owner from burning one is the attribute by which pallets disable transfers.

use crate::{CollectionId, Collections, Config, Event, Pallet};
use alloc::vec::Vec;
use frame_support::traits::{
    Get, Incrementable,
    fungibles::metadata::Inspect,
    tokens::nonfungibles_v2::{Mutate, Transfer},
};
use frame_system::RawOrigin;
use loopin_primitives::{PoolId, PositionId};
use pallet_nfts::{
    CollectionConfig, CollectionSetting, CollectionSettings, ItemConfig, MintSettings, Pallet as Nfts,
};
use sp_runtime::{
    DispatchError, DispatchResult,
    traits::{AccountIdConversion, StaticLookup},
};

/// What the name of a pool's hour token begins with in the name of its stake tokens.
const NAME_PREFIX: &[u8] = b"st-";

impl<T: Config> Pallet<T> {
    /// The account that owns the collections of stake tokens. It needs no balance.
    pub fn account_id() -> T::AccountId {
        <T as Config>::PalletId::get().into_account_truncating()
    }

    /// Creates the token of a position in the account of `owner`, without a deposit.
    pub(crate) fn mint_stake_token(
        pool: PoolId,
        position: PositionId,
        owner: &T::AccountId,
    ) -> DispatchResult {
        let collection = Self::collection_of(pool)?;
        Nfts::<T>::mint_into(&collection, &position, owner, &ItemConfig::default(), true)?;
        Nfts::<T>::disable_transfer(&collection, &position)
    }

    /// Destroys the token of a position.
    pub(crate) fn burn_stake_token(pool: PoolId, position: PositionId) -> DispatchResult {
        let collection = Self::collection_of(pool)?;
        Nfts::<T>::enable_transfer(&collection, &position)?;
        <Nfts<T> as Mutate<_, _>>::burn(&collection, &position, None)
    }

    /// The collection of the pool's stake tokens, which is created if there is none yet.
    fn collection_of(pool: PoolId) -> Result<CollectionId, DispatchError> {
        if let Some(collection) = Collections::<T>::get(pool) {
            return Ok(collection);
        }
        // The number that `force_create` takes.
        let collection = pallet_nfts::NextCollectionId::<T>::get()
            .or(CollectionId::initial_value())
            .ok_or(pallet_nfts::Error::<T>::UnknownCollection)?;
        Nfts::<T>::force_create(
            RawOrigin::Root.into(),
            T::Lookup::unlookup(Self::account_id()),
            CollectionConfig {
                settings: CollectionSettings::from_disabled(
                    CollectionSetting::TransferableItems | CollectionSetting::DepositRequired,
                ),
                max_supply: None,
                mint_settings: MintSettings::default(),
            },
        )?;
        let mut name = Vec::from(NAME_PREFIX);
        name.extend(T::Assets::symbol(pool));
        <Nfts<T> as Mutate<_, _>>::set_collection_metadata(None, &collection, &name)?;
        Collections::<T>::insert(pool, collection);
        Self::deposit_event(Event::CollectionCreated { pool, collection });
        Ok(collection)
    }
}

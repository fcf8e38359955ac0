//! What the presets put into the first block.

use super::{preset, with_genesis};
use crate::{
    AccountId, AllPalletsWithSystem, Balances, Runtime, Session, Validators,
    configs::{CouncilCollective, EpochDuration, MAX_AUTHORITIES, TreasuryAccount},
    constants::currency::LOOPIN,
    genesis_config_presets::{PRODUCTION_RUNTIME_PRESET, preset_names},
};
use frame_support::traits::{Get, StorageInfoTrait, fungible::Inspect};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring;

#[test]
fn every_preset_builds_a_genesis_whose_invariants_hold() {
    for name in preset_names() {
        with_genesis(preset(name.as_ref()), || {
            assert!(Balances::total_issuance() > 0, "{name:?} endows somebody");
        });
    }
}

#[test]
fn an_unknown_preset_is_none() {
    assert!(crate::genesis_config_presets::get_preset(&"mainnet".into()).is_none());
}

#[test]
fn the_development_chain_has_one_validator_and_sudo() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        let alice = Sr25519Keyring::Alice.to_account_id();
        assert_eq!(Session::validators(), vec![alice.clone()]);
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(alice));
        assert_eq!(EpochDuration::get(), 10, "a session is a minute");
    });
}

#[test]
fn the_local_network_has_three_validators() {
    with_genesis(preset(LOCAL_TESTNET_RUNTIME_PRESET), || {
        let expected: Vec<AccountId> = [
            Sr25519Keyring::Alice,
            Sr25519Keyring::Bob,
            Sr25519Keyring::Charlie,
        ]
        .map(|validator| validator.to_account_id())
        .to_vec();
        assert_eq!(Session::validators(), expected);
        assert_eq!(pallet_babe::Authorities::<Runtime>::get().len(), 3);
    });
}

#[test]
fn the_production_shape_has_no_sudo_and_no_account_that_anybody_knows() {
    with_genesis(preset(PRODUCTION_RUNTIME_PRESET), || {
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
        for known in Sr25519Keyring::iter() {
            assert_eq!(
                Balances::total_balance(&known.to_account_id()),
                0,
                "{known} owns nothing"
            );
        }
        assert_eq!(Balances::total_issuance(), 1_000_000 * LOOPIN);
        assert_eq!(Balances::free_balance(TreasuryAccount::get()), 1_000_000 * LOOPIN);
        assert!(Session::validators().is_empty());
        assert!(pallet_collective::Members::<Runtime, CouncilCollective>::get().is_empty());
        assert_eq!(EpochDuration::get(), 600, "a session is an hour");
    });
}

#[test]
fn no_two_storage_items_share_a_prefix() {
    let mut prefixes: Vec<(Vec<u8>, String)> = AllPalletsWithSystem::storage_info()
        .into_iter()
        .map(|item| {
            let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (
                item.prefix,
                format!("{}::{}", name(&item.pallet_name), name(&item.storage_name)),
            )
        })
        .collect();
    assert!(
        prefixes.len() > 100,
        "the runtime stores more than {} items",
        prefixes.len()
    );
    prefixes.sort();
    for pair in prefixes.windows(2) {
        assert!(
            !pair[1].0.starts_with(&pair[0].0),
            "{} lies under {}",
            pair[1].1,
            pair[0].1
        );
    }
}

#[test]
fn a_session_has_room_for_all_validators_that_can_be() {
    assert_eq!(
        <<Runtime as pallet_babe::Config>::MaxAuthorities as Get<u32>>::get(),
        MAX_AUTHORITIES
    );
    assert_eq!(
        <<Runtime as pallet_grandpa::Config>::MaxAuthorities as Get<u32>>::get(),
        MAX_AUTHORITIES
    );
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        assert_eq!(Validators::session_slots(), 10);
        assert_eq!(
            pallet_collective::Members::<Runtime, CouncilCollective>::get().len(),
            3
        );
    });
}

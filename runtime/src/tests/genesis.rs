//! What the presets put into the first block.

use super::{preset, with_genesis};
use crate::{
    AccountId, AllPalletsWithSystem, Balances, Pools, Runtime, Session, Validators,
    configs::{CouncilCollective, EpochDuration, MAX_AUTHORITIES, TreasuryAccount},
    constants::currency::{LOOPIN, MILLI},
    genesis_config_presets::{PRODUCTION_RUNTIME_PRESET, preset_names},
};
use frame_support::traits::{Get, StorageInfoTrait, fungible::Inspect};
use loopin_challenge::Profile;
use loopin_math::time::{DAY, HOUR, MINUTE};
use loopin_primitives::PoolTerms;
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
        let pools: Vec<AccountId> = pallet_pools::Pools::<Runtime>::iter_keys()
            .map(Pools::account_of)
            .collect();
        let total = |who: &AccountId| Balances::total_balance(who);
        assert_eq!(
            total(&TreasuryAccount::get()) + pools.iter().map(total).sum::<u128>(),
            1_000_000 * LOOPIN,
            "all LOOPIN is the treasury's or locked in the pools it created"
        );
        assert!(Session::validators().is_empty());
        assert!(pallet_collective::Members::<Runtime, CouncilCollective>::get().is_empty());
        assert_eq!(EpochDuration::get(), 600, "a session is an hour");
    });
}

#[test]
fn every_chain_begins_with_the_pools_and_prices_of_the_original_network() {
    let mut expected = vec![
        ("RTX5090", 850),
        ("RTX4090", 547),
        ("RTX3090", 295),
        ("A100", 1_305),
        ("A5000", 293),
        ("A6000", 824),
        ("H100", 3_998),
    ];
    let pools = || {
        let mut pools: Vec<_> = pallet_pools::PoolInfos::<Runtime>::iter().collect();
        pools.sort_by_key(|(id, _)| *id);
        pools
            .into_iter()
            .map(|(id, info)| {
                let state = pallet_pools::Pools::<Runtime>::get(id).unwrap();
                let symbol = String::from_utf8(info.symbol.to_vec()).unwrap();
                // The anchor buys whole GPU-seconds, so the price is not always a round number.
                let milli = (state.pool.price_per_gpu_hour() + MILLI / 2) / MILLI;
                (symbol, milli, info.terms)
            })
            .collect::<Vec<_>>()
    };
    let names = |pools: &[(String, u128, PoolTerms)]| -> Vec<(String, u128)> {
        pools
            .iter()
            .map(|(symbol, price, _)| (symbol.clone(), *price))
            .collect()
    };
    let owned = |list: &[(&str, u128)]| -> Vec<(String, u128)> {
        list.iter()
            .map(|(symbol, price)| (symbol.to_string(), *price))
            .collect()
    };
    with_genesis(preset(PRODUCTION_RUNTIME_PRESET), || {
        assert_eq!(names(&pools()), owned(&expected));
        for (symbol, _, terms) in pools() {
            assert_eq!(
                (terms.provide_seconds, terms.rental_min_seconds),
                (7 * DAY, HOUR),
                "{symbol}"
            );
            let Profile { n, matrices, .. } = terms.challenge;
            let operations = 2 * u128::from(n).pow(3) * u128::from(matrices);
            let expected_ms = operations / u128::from(terms.benchmark_gops) / 1_000_000;
            let limit = u128::from(terms.challenge.limits.fill_ms);
            assert!(
                limit >= expected_ms * 19 / 10 && limit <= expected_ms * 21 / 10,
                "{symbol} may take twice the time of a device at the benchmark, {expected_ms} ms, not {limit} ms"
            );
        }
    });
    expected.push(("cpu", 100));
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        assert_eq!(names(&pools()), owned(&expected));
        assert!(
            pools()
                .iter()
                .all(|(_, _, terms)| terms.provide_seconds == 10 * MINUTE)
        );
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

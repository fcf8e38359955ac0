//! The first block of each kind of chain.
//!
//! | preset | for | validators, verifiers | sudo |
//! |---|---|---|---|
//! | `development` | one person, one node: `loopin-node --dev` | Alice | Alice |
//! | `local_testnet` | three validators on one machine: `--chain local` | Alice, Bob, Charlie | Alice |
//! | `production` | the shape of a public network, to be completed with its operators' own keys | none | none |
//!
//! The verifiers' bonds are on the stash accounts: `//Alice//stash` and so on.

use crate::{
    AccountId, BABE_GENESIS_EPOCH_CONFIG, BabeConfig, Balance, BalancesConfig, CouncilConfig, PoolsConfig,
    RewardsConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys, SudoConfig, ValidatorsConfig,
    VerificationConfig,
    configs::TreasuryAccount,
    constants::currency::LOOPIN,
    genesis_pools::{Durations, genesis_pools},
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use loopin_primitives::PoolId;
use sp_core::sr25519;
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET, PresetId};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// Name of the preset of a public network.
pub const PRODUCTION_RUNTIME_PRESET: &str = "production";

/// Slots in a session of the development chains: one minute.
const DEVELOPMENT_SESSION_SLOTS: u32 = 10;
/// Slots in a session of a public network: one hour.
const PRODUCTION_SESSION_SLOTS: u32 = 600;
/// Length of a reward epoch on the development chains: five minutes.
const DEVELOPMENT_EPOCH_SECONDS: u64 = 300;
/// How long a release from the loyalty hold takes on the development chains: ten minutes.
const DEVELOPMENT_RELEASE_SECONDS: u64 = 600;
/// What each well-known account of the development chains owns.
const DEVELOPMENT_ENDOWMENT: Balance = 1_000_000 * LOOPIN;
/// The bond of each verifier of the development chains.
const VERIFIER_BOND: Balance = 10_000 * LOOPIN;
/// What the treasury owns at the genesis of a public network; it counts against the supply cap.
const TREASURY_ENDOWMENT: Balance = 1_000_000 * LOOPIN;

fn session_keys(seed: Sr25519Keyring) -> SessionKeys {
    // The same well-known secret phrase on both curves.
    let grandpa = match seed {
        Sr25519Keyring::Bob => Ed25519Keyring::Bob,
        Sr25519Keyring::Charlie => Ed25519Keyring::Charlie,
        _ => Ed25519Keyring::Alice,
    };
    SessionKeys {
        babe: seed.public().into(),
        grandpa: grandpa.public().into(),
    }
}

/// The validator's node verifies as well, with the same secret phrase; the bond is its stash account's.
fn genesis_verifier(validator: &Sr25519Keyring) -> (AccountId, Balance, sr25519::Public) {
    let stash = stash_of(*validator).to_account_id();
    (stash, VERIFIER_BOND, validator.public())
}

fn stash_of(validator: Sr25519Keyring) -> Sr25519Keyring {
    match validator {
        Sr25519Keyring::Bob => Sr25519Keyring::BobStash,
        Sr25519Keyring::Charlie => Sr25519Keyring::CharlieStash,
        _ => Sr25519Keyring::AliceStash,
    }
}

/// All genesis pools share in rewards. What they begin with is what their time is worth.
fn listings(durations: Durations) -> Vec<(PoolId, Balance)> {
    (0..)
        .zip(genesis_pools(&TreasuryAccount::get(), durations))
        .map(|(number, pool)| (number, pool.price_per_gpu_hour))
        .collect()
}

fn development_chain(validators: &[Sr25519Keyring]) -> serde_json::Value {
    let accounts: Vec<AccountId> = Sr25519Keyring::well_known()
        .filter(|account| {
            use Sr25519Keyring::*;
            matches!(account, Alice | Bob | Charlie | Dave | Eve | Ferdie)
        })
        .map(|account| account.to_account_id())
        .collect();
    let stashes: Vec<AccountId> = validators
        .iter()
        .map(|validator| validator.to_account_id())
        .collect();
    let treasury = TreasuryAccount::get();

    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: accounts
                .iter()
                .cloned()
                .chain([treasury.clone()])
                .map(|account| (account, DEVELOPMENT_ENDOWMENT))
                .chain(
                    validators
                        .iter()
                        .map(|validator| (stash_of(*validator).to_account_id(), 2 * VERIFIER_BOND))
                )
                .collect::<Vec<_>>(),
        },
        babe: BabeConfig {
            epoch_config: BABE_GENESIS_EPOCH_CONFIG
        },
        validators: ValidatorsConfig {
            invulnerables: stashes,
            session_slots: DEVELOPMENT_SESSION_SLOTS
        },
        session: SessionConfig {
            keys: validators
                .iter()
                .map(|validator| (
                    validator.to_account_id(),
                    validator.to_account_id(),
                    session_keys(*validator)
                ))
                .collect::<Vec<_>>(),
        },
        pools: PoolsConfig {
            pools: genesis_pools(&treasury, Durations::Development)
        },
        rewards: RewardsConfig {
            epoch_seconds: Some(DEVELOPMENT_EPOCH_SECONDS),
            release_seconds: Some(DEVELOPMENT_RELEASE_SECONDS),
            listings: listings(Durations::Development),
            team: Some(Sr25519Keyring::Ferdie.to_account_id()),
        },
        verification: VerificationConfig {
            verifiers: validators.iter().map(genesis_verifier).collect::<Vec<_>>(),
            private_network: true,
        },
        council: CouncilConfig {
            members: accounts.iter().take(3).cloned().collect::<Vec<_>>()
        },
        sudo: SudoConfig {
            key: Some(Sr25519Keyring::Alice.to_account_id())
        },
    })
}

/// A public network: no sudo, no account with a publicly known secret, one-hour sessions. Its lists of validators,
/// session keys and council members are empty on purpose: `chain-specs/README.md` shows how operators fill in their
/// own.
fn production() -> serde_json::Value {
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: vec![(TreasuryAccount::get(), TREASURY_ENDOWMENT)]
        },
        babe: BabeConfig {
            epoch_config: BABE_GENESIS_EPOCH_CONFIG
        },
        validators: ValidatorsConfig {
            invulnerables: Vec::<AccountId>::new(),
            session_slots: PRODUCTION_SESSION_SLOTS,
        },
        session: SessionConfig {
            keys: Vec::<(AccountId, AccountId, SessionKeys)>::new()
        },
        pools: PoolsConfig {
            pools: genesis_pools(&TreasuryAccount::get(), Durations::Production)
        },
        // Governance says who gets the team's share.
        rewards: RewardsConfig {
            epoch_seconds: None,
            release_seconds: None,
            listings: listings(Durations::Production),
            team: None,
        },
        verification: VerificationConfig {
            verifiers: Vec::<(AccountId, Balance, sr25519::Public)>::new(),
            private_network: false,
        },
        council: CouncilConfig {
            members: Vec::<AccountId>::new()
        },
        sudo: SudoConfig { key: None },
    })
}

/// The JSON patch of the preset `id` over the default genesis.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let patch = match id.as_ref() {
        DEV_RUNTIME_PRESET => development_chain(&[Sr25519Keyring::Alice]),
        LOCAL_TESTNET_RUNTIME_PRESET => development_chain(&[
            Sr25519Keyring::Alice,
            Sr25519Keyring::Bob,
            Sr25519Keyring::Charlie,
        ]),
        PRODUCTION_RUNTIME_PRESET => production(),
        _ => return None,
    };
    Some(
        serde_json::to_string(&patch)
            .expect("a JSON value is valid JSON")
            .into_bytes(),
    )
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        PresetId::from(DEV_RUNTIME_PRESET),
        PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET),
        PresetId::from(PRODUCTION_RUNTIME_PRESET),
    ]
}

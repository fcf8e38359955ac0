//! Tests of the runtime as a whole: what only shows when the pallets are wired together.

mod accounts;
mod equivocation;
mod fees;
mod genesis;
mod governance;
mod market;

use crate::{AllPalletsWithSystem, Runtime, RuntimeGenesisConfig, genesis_config_presets};
use frame_support::{
    genesis_builder_helper::build_state,
    traits::{TryState, TryStateSelect},
};
use sp_io::TestExternalities;

/// The JSON patch of a preset.
fn preset(name: &str) -> serde_json::Value {
    let patch = genesis_config_presets::get_preset(&name.into()).expect("the preset exists");
    serde_json::from_slice(&patch).expect("a preset is JSON")
}

/// The state of a genesis with `patch` merged over the default.
fn genesis(patch: serde_json::Value) -> TestExternalities {
    let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default is JSON");
    merge(&mut config, patch);
    let mut externalities = TestExternalities::new_empty();
    externalities.execute_with(|| {
        let config = serde_json::to_vec(&config).expect("a JSON value is JSON");
        build_state::<RuntimeGenesisConfig>(config).expect("the genesis builds");
    });
    externalities
}

/// Runs `test` on the state of a genesis with `patch` merged over the default, then checks every
/// pallet's invariants.
fn with_genesis(patch: serde_json::Value, test: impl FnOnce()) {
    genesis(patch).execute_with(|| {
        frame_system::Pallet::<Runtime>::set_block_number(1);
        test();
        AllPalletsWithSystem::try_state(1, TryStateSelect::All).expect("every pallet's invariants hold");
    });
}

fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
    match (into, patch) {
        (serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (into, patch) => *into = patch,
    }
}

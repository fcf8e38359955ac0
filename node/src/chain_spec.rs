//! The chains that the node knows by name.

use loopin_runtime::{
    WASM_BINARY,
    configs::SS58Prefix,
    constants::currency::{DECIMALS, SYMBOL},
    genesis_config_presets::{PRODUCTION_RUNTIME_PRESET, get_preset},
};
use sc_service::{ChainType, GenericChainSpec, Properties};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use std::path::Path;

/// Spec of a LooPIN chain.
pub type ChainSpec = GenericChainSpec;

/// Names that `--chain` takes besides the path of a file.
const BUILT_IN: &str = "`dev` (one node), `local` (three validators on one machine) or \
     `production` (the shape of a public network, for export-chain-spec only)";

fn built_in(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
    let code = WASM_BINARY.ok_or(
        "this binary was built with SKIP_WASM_BUILD and has no runtime in it: pass --chain FILE, or build \
         again without that variable",
    )?;
    // To get a preset by name, the Wasm runtime would have to be compiled: seconds, at every start.
    let patch = get_preset(&preset.into())
        .and_then(|patch| serde_json::from_slice(&patch).ok())
        .ok_or_else(|| format!("the runtime has no preset `{preset}`"))?;
    let mut properties = Properties::new();
    properties.insert("ss58Format".into(), SS58Prefix::get().into());
    properties.insert("tokenDecimals".into(), DECIMALS.into());
    properties.insert("tokenSymbol".into(), SYMBOL.into());

    Ok(ChainSpec::builder(code, None)
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_protocol_id("loopin")
        .with_properties(properties)
        .with_genesis_config_patch(patch)
        .build())
}

/// The spec that `--chain` names: a built-in chain or a JSON file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
    match id {
        "" => Err(format!(
            "no chain was named: pass --dev for a development chain, or --chain with the file of your \
             network's spec, or one of {BUILT_IN}"
        )),
        "dev" => built_in(
            "LooPIN Development",
            "loopin_dev",
            ChainType::Development,
            DEV_RUNTIME_PRESET,
        ),
        "local" => built_in(
            "LooPIN Local",
            "loopin_local",
            ChainType::Local,
            LOCAL_TESTNET_RUNTIME_PRESET,
        ),
        "production" => built_in("LooPIN", "loopin", ChainType::Live, PRODUCTION_RUNTIME_PRESET),
        path if Path::new(path).is_file() => ChainSpec::from_json_file(path.into()).map_err(|error| {
            format!(
                "`{path}` is not a chain spec: {error}. Export one with `loopin-node export-chain-spec`, \
                 or fetch it again from where your network publishes it"
            )
        }),
        other => Err(format!(
            "there is no chain `{other}` and no file of that name: --chain takes the path of a chain spec, \
             or {BUILT_IN}"
        )),
    }
}

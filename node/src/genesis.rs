//! Builds the genesis of a chain with the chain's own runtime.
//!
//! The SDK's way compiles the runtime for this alone, and if the runtime refuses its genesis, prints the panic. Here the
//! executor that later runs the node does it, and the runtime's reason becomes the error.

use crate::service::Executor;
use codec::{Decode, Encode};
use sc_chain_spec::json_merge;
use sc_service::ChainSpec;
use serde_json::Value;
use sp_core::{
    bytes,
    storage::{Storage, well_known_keys},
    traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
};
use sp_crypto_hashing::blake2_256;
use sp_genesis_builder::PresetId;
use sp_state_machine::BasicExternalities;
use std::sync::{Arc, Mutex};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// What a chain spec says about the first block.
pub enum Genesis {
    /// The storage as it is.
    Raw(Storage),
    /// Settings from which the runtime makes the storage.
    Plain {
        /// The runtime.
        code: Vec<u8>,
        /// The settings.
        settings: Settings,
    },
}

/// Settings of the pallets, in the runtime's JSON.
pub enum Settings {
    /// All of them.
    Full(Value),
    /// Those that differ from the defaults.
    Patch(Value),
}

impl Genesis {
    /// Reads the genesis of a spec, without running anything.
    pub fn read(spec: &dyn ChainSpec) -> Result<Self, String> {
        let spec_json = spec.as_json(false)?;
        let mut json: Value = serde_json::from_str(&spec_json).map_err(|error| error.to_string())?;
        let Some(mut plain) = json.pointer_mut("/genesis/runtimeGenesis").map(Value::take) else {
            return spec.as_storage_builder().build_storage().map(Genesis::Raw);
        };
        let code = plain.get("code").and_then(Value::as_str).unwrap_or_default();
        let code =
            bytes::from_hex(code).map_err(|error| format!("its runtime is no hexadecimal: {error}"))?;
        let settings = match (
            plain.get_mut("config").map(Value::take),
            plain.get_mut("patch").map(Value::take),
        ) {
            (Some(config), _) => Settings::Full(config),
            (None, Some(patch)) => Settings::Patch(patch),
            (None, None) => return Err("it has neither a `config` nor a `patch`".into()),
        };
        Ok(Genesis::Plain { code, settings })
    }

    /// The runtime of the first block.
    pub fn code(&self) -> Option<&[u8]> {
        match self {
            Genesis::Raw(storage) => storage.top.get(well_known_keys::CODE).map(Vec::as_slice),
            Genesis::Plain { code, .. } => Some(code.as_slice()).filter(|code| !code.is_empty()),
        }
    }

    /// The storage of the first block.
    pub fn build(self, executor: &Executor) -> Result<Storage, String> {
        let (code, settings) = match self {
            Genesis::Raw(storage) => return Ok(storage),
            Genesis::Plain { code, settings } => (code, settings),
        };
        let settings = match settings {
            Settings::Full(config) => config,
            Settings::Patch(patch) => {
                let (defaults, _) = call(
                    executor,
                    &code,
                    "GenesisBuilder_get_preset",
                    &None::<PresetId>.encode(),
                )?;
                let defaults = Option::<Vec<u8>>::decode(&mut &*defaults)
                    .map_err(|error| format!("the runtime's default genesis cannot be decoded: {error}"))?
                    .ok_or("the runtime has no default genesis")?;
                let mut settings: Value = serde_json::from_slice(&defaults)
                    .map_err(|error| format!("the runtime's default genesis is not JSON: {error}"))?;
                json_merge(&mut settings, patch);
                settings
            }
        };
        let (answer, mut storage) = call(
            executor,
            &code,
            "GenesisBuilder_build_state",
            &settings.to_string().into_bytes().encode(),
        )?;
        sp_genesis_builder::Result::decode(&mut &*answer)
            .map_err(|error| format!("the runtime's answer cannot be decoded: {error}"))?
            // Nobody has seen the line that the position is in: it is the whole genesis.
            .map_err(|error| error.split(" at line ").next().unwrap_or(&error).to_owned())?;
        storage.top.insert(well_known_keys::CODE.to_vec(), code);
        Ok(storage)
    }
}

/// Calls the runtime on an empty storage. Returns its answer and what it stored.
fn call(executor: &Executor, code: &[u8], method: &str, input: &[u8]) -> Result<(Vec<u8>, Storage), String> {
    let wrapped = WrappedRuntimeCode(code.into());
    // The executor finds the compiled runtime again by the hash of the stored code.
    let runtime = RuntimeCode {
        code_fetcher: &wrapped,
        hash: blake2_256(code).to_vec(),
        heap_pages: None,
    };
    let mut storage = BasicExternalities::new_empty();
    let last_words = LastWords::default();
    let (answer, _) = tracing::subscriber::with_default(last_words.clone(), || {
        executor.call(&mut storage, &runtime, method, input, CallContext::Offchain)
    });
    match answer {
        Ok(answer) => Ok((answer, storage.into_storages())),
        Err(error) => Err(last_words.reason().unwrap_or_else(|| error.to_string())),
    }
}

/// Keeps what the runtime logs as errors on this thread from the terminal: a panic's message, which the
/// executor's error does not have.
#[derive(Clone, Default)]
struct LastWords(Arc<Mutex<Option<String>>>);

impl LastWords {
    /// The message of the last panic, without the place in the code.
    fn reason(&self) -> Option<String> {
        let words = self.0.lock().ok()?.take()?;
        let message = words
            .split_once('\n')
            .map_or(&*words, |(_place, message)| message);
        Some(message.trim().to_owned())
    }
}

impl Subscriber for LastWords {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for LastWords {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message"
            && let Ok(mut words) = self.0.lock()
        {
            *words = Some(format!("{value:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sc_executor::WasmExecutor;

    #[test]
    fn the_genesis_is_the_one_that_the_sdk_builds() {
        let executor = WasmExecutor::builder().build();
        let spec = crate::chain_spec::load("local").unwrap();
        let ours = Genesis::read(&spec).unwrap().build(&executor).unwrap();
        let theirs = sp_runtime::BuildStorage::build_storage(&spec).unwrap();
        assert_eq!(ours.top, theirs.top);
        assert!(ours.children_default.is_empty() && theirs.children_default.is_empty());
    }

    #[test]
    fn last_words_are_the_message_of_the_panic() {
        let last_words = LastWords::default();
        assert_eq!(last_words.reason(), None);
        tracing::subscriber::with_default(last_words.clone(), || {
            tracing::error!("panicked at /runtime/lib.rs:1:1:\nthe session has no slots");
            tracing::info!("nothing of importance");
        });
        assert_eq!(last_words.reason().as_deref(), Some("the session has no slots"));
    }
}

//! What became of the calls.

use crate::RuntimeCall;
use frame_support::traits::GetCallMetadata;
use sp_runtime::DispatchError;
use std::{collections::BTreeMap, fmt};

/// How often each call succeeded, and why it was refused.
#[derive(Default)]
pub struct Tally(BTreeMap<Name, Outcomes>);

/// The names of a pallet and of a call.
pub type Name = (&'static str, &'static str);

#[derive(Default)]
struct Outcomes {
    accepted: u64,
    refused: BTreeMap<String, u64>,
}

/// The name of a call.
pub fn name_of(call: &RuntimeCall) -> Name {
    let metadata = call.get_call_metadata();
    (metadata.pallet_name, metadata.function_name)
}

impl Tally {
    /// Takes down what became of a call.
    pub fn count(&mut self, name: Name, result: Result<(), DispatchError>) {
        let outcomes = self.0.entry(name).or_default();
        match result {
            Ok(()) => outcomes.accepted += 1,
            Err(DispatchError::Module(error)) => {
                let reason = error.message.unwrap_or("an error without a name");
                *outcomes.refused.entry(reason.to_owned()).or_default() += 1;
            }
            Err(error) => *outcomes.refused.entry(format!("{error:?}")).or_default() += 1,
        }
    }

    /// Takes down that a call was not admitted to a block.
    pub fn count_unadmitted(&mut self, name: Name, reason: String) {
        *self.0.entry(name).or_default().refused.entry(reason).or_default() += 1;
    }

    /// All calls that were made.
    pub fn total(&self) -> u64 {
        let all = |outcomes: &Outcomes| outcomes.accepted + outcomes.refused.values().sum::<u64>();
        self.0.values().map(all).sum()
    }

    /// The calls that never succeeded.
    pub fn never_accepted(&self) -> Vec<Name> {
        self.0
            .iter()
            .filter(|(_, outcomes)| outcomes.accepted == 0)
            .map(|(name, _)| *name)
            .collect()
    }

    /// How often a call succeeded.
    pub fn accepted(&self, name: Name) -> u64 {
        self.0.get(&name).map_or(0, |outcomes| outcomes.accepted)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((pallet, function), outcomes) in &self.0 {
            write!(f, "{pallet}.{function}: {}", outcomes.accepted)?;
            for (reason, times) in &outcomes.refused {
                write!(f, ", {reason} {times}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

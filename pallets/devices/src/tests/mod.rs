//! What holds of the registry, of endpoints and of verdicts.

mod endpoints;
mod properties;
mod register;
mod remove;
mod stakes;
mod update;
mod verdicts;

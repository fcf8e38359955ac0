//! What holds of the registry, of endpoints, of verdicts and of convictions.

mod convictions;
mod properties;
mod register;
mod remove;
mod stakes;
mod update;
mod verdicts;

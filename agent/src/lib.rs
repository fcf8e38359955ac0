//! The agent of a miner: it answers the challenges of LooPIN's verifiers for the GPUs of a machine.
//!
//! - [`backend`] computes: the processor's is here, a GPU's fits the same traits;
//! - [`conversation`] knows which message may come next and what is answered: nothing else;
//! - [`worker`] is the thread of a device, [`device`] makes sure that it is at one challenge at a time;
//! - [`chain`] asks a node whom the chain has assigned, [`refusal`] is what others are told;
//! - [`agent`] puts these together, [`http`] serves it, or any other [`Handler`](http::Handler), to the world;
//! - [`cli`] declares the command line, [`command`] carries it out, [`key`] keeps the key, [`metrics`] count.

pub mod agent;
pub mod backend;
pub mod chain;
pub mod cli;
pub mod command;
pub mod conversation;
pub mod device;
pub mod http;
pub mod key;
pub mod metrics;
pub mod refusal;
pub mod worker;

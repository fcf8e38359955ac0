//! The miner's agent: it answers the challenges of LooPIN's verifiers for the GPUs of a machine. What these ask and what it
//! has to answer is specified in `challenge/README.md`.
//!
//! - [`backend`] computes: the processor's is here, a GPU's fits the same traits;
//! - [`session`] knows which message may come next and what is answered: nothing else;
//! - [`device_thread`] is the thread of a device, [`device`] sees to it that it takes one challenge at a time, and
//!   [`opening`] that nothing wrong is opened;
//! - [`chain`] learns from a node whom the chain has assigned, [`signatures`] sees that it is they who ask, [`refusal`] is
//!   what everybody else is told;
//! - [`agent`] puts these together, [`http`] serves it, or any other [`Handler`](http::Handler), to the world,
//!   and [`connections`] sees to it that nobody takes all of them;
//! - [`cli`] declares the command line, [`command`] carries it out, [`key`] keeps the key, [`metrics`] count.

pub mod agent;
pub mod backend;
pub mod chain;
pub mod cli;
pub mod command;
pub mod connections;
pub mod device;
pub mod device_thread;
pub mod http;
pub mod key;
pub mod metrics;
pub mod opening;
pub mod refusal;
pub mod session;
pub mod signatures;

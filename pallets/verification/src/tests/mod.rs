//! What holds of verifiers, rounds, attestations, verdicts and frauds.

mod attest;
mod conclude;
mod duty;
mod fraud;
mod hostile;
mod properties;
mod pruning;
mod reads;
mod rounds;
mod verifiers;

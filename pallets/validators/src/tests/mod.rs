//! What holds of candidates, invulnerables, sessions and offences.

mod bond;
mod genesis;
mod inactivity;
mod invulnerables;
mod leave;
mod offences;
mod properties;
mod rebond;
mod sessions;

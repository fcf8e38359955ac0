//! How each pallet is set up, grouped by what it is for.

mod accounts;
mod consensus;
mod governance;
mod market;
pub mod parameters;
mod rewards;
mod system;
mod tokens;
mod verification;

pub use accounts::ProxyType;
pub use consensus::{EpochDuration, MAX_AUTHORITIES, MAX_CANDIDATES, MAX_INVULNERABLES};
pub use governance::{CouncilCollective, RootOrTwoThirdsOfCouncil, TreasuryAccount};
pub use rewards::SupplyCap;
pub use system::{BlockLength, BlockWeights, SS58Prefix, ToAuthor};

//! What holds of certificates, stakes and their ends.

mod availability;
mod certificates;
mod claim;
mod close;
mod drain;
mod ejection;
mod liquidity;
mod properties;
mod rewards;
mod sale;
mod stake;
mod value;
mod weights;
mod withdraw;

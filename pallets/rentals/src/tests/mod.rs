//! What holds of rentals, reports and refunds.

mod access_keys;
mod burn_used_hours;
mod complete;
mod ejection;
mod extend;
mod properties;
mod rent;
mod reports;
mod terminate;
mod verdicts;
mod weights;

//! What holds of rentals, reports and refunds.

mod access_keys;
mod complete;
mod drained_reserve;
mod ejection;
mod extend;
mod properties;
mod rent;
mod reports;
mod retire_used_hours;
mod terminate;
mod verdicts;
mod weights;

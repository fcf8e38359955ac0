//! What was measured, as a part of a document.

use crate::{IDLE_HOURS, measure::Reading, world::STAKES};
use bench_report::ratio;
use pallet_rewards::MAX_LISTED_POOLS;
use std::{
    fmt::{self, Write},
    time::Duration,
};

/// How many times as long as a swap a trade may take.
const SWAPS_ALLOWED: f64 = 2.0;
/// How many times as long a call may take with 100,000 stakes in the pool as with 10.
const GROWTH_ALLOWED: f64 = 1.1;
/// How long the end of an epoch may take with as many pools as can share in rewards.
const EPOCH_CHANGE_ALLOWED: Duration = Duration::from_millis(10);

/// What was measured in one way.
pub struct Tables {
    /// Where the calls read from.
    pub reading: Reading,
    /// From LOOPIN to the asset, and back.
    pub swaps: Vec<Duration>,
    /// Calls, and for each the pools.
    pub calls: Vec<[Duration; STAKES.len()]>,
    /// Idle hours, and for each the pools.
    pub syncs: Vec<[Duration; STAKES.len()]>,
    /// The end of an epoch with as many pools as can share in rewards.
    pub epoch_change: Duration,
}

/// The results, and under which conditions they were measured.
pub fn markdown(tables: &[Tables], names: &[&str], conditions: &str, set_up: Duration) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut text, tables, names, conditions, set_up);
    text
}

fn write_all(
    text: &mut String,
    tables: &[Tables],
    names: &[&str],
    conditions: &str,
    set_up: Duration,
) -> fmt::Result {
    writeln!(
        text,
        "{conditions} {}. Making the state took {} s. Times are in microseconds: \
         the median of all rounds, in each of which the fastest of five repetitions counts.",
        if cfg!(debug_assertions) {
            "Debug assertions were on"
        } else {
            "All was optimised and without debug assertions"
        },
        set_up.as_secs(),
    )?;
    for tables in tables {
        write_tables(text, tables, names)?;
    }
    Ok(())
}

fn write_tables(text: &mut String, tables: &Tables, names: &[&str]) -> fmt::Result {
    let (title, [to_asset, to_native]) = (
        match tables.reading {
            Reading::Trie => "Every read from the trie",
            Reading::Cache => "Reads through the node's cache",
        },
        [tables.swaps[0], tables.swaps[1]],
    );
    writeln!(text, "\n### {title}\n")?;
    writeln!(
        text,
        "A swap takes {} from LOOPIN to the asset, and {} back.\n",
        micros(to_asset),
        micros(to_native)
    )?;
    writeln!(
        text,
        "| call | 10 stakes | 1,000 | 100,000 | 100,000 : 10 | : swap | bounds |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|--:|---|")?;
    for (name, times) in names.iter().zip(&tables.calls) {
        // Whoever sells is compared with whoever gets LOOPIN for an asset.
        let swap = match *name {
            "sell_hours" | "terminate" | "claim" | "settle" => to_native,
            _ => to_asset,
        };
        let slowest = times.iter().max().copied().unwrap_or_default();
        let is_trade = name.starts_with("rent") || *name == "sell_hours";
        let of_swap = ratio(slowest, swap);
        let growth = ratio(times[times.len() - 1], times[0]);
        let is_met = growth <= GROWTH_ALLOWED && (!is_trade || of_swap <= SWAPS_ALLOWED);
        write_row(text, &title_of(name), times)?;
        writeln!(text, " {growth:.2} | {of_swap:.2} | {} |", verdict(is_met))?;
    }
    writeln!(
        text,
        "\n| `sync` after | 10 stakes | 1,000 | 100,000 | 100,000 : 10 |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|")?;
    for (hours, times) in IDLE_HOURS.iter().zip(&tables.syncs) {
        write_row(text, &format!("{hours} h"), times)?;
        writeln!(text, " {:.2} |", ratio(times[times.len() - 1], times[0]))?;
    }
    writeln!(
        text,
        "\nAn epoch of rewards with {MAX_LISTED_POOLS} pools ends in {}: the bound of {} ms is {}.",
        micros(tables.epoch_change),
        EPOCH_CHANGE_ALLOWED.as_millis(),
        verdict(tables.epoch_change <= EPOCH_CHANGE_ALLOWED)
    )
}

/// Calls are set as code, and what happens by itself is not.
fn title_of(name: &str) -> String {
    if name.starts_with("an ") {
        name.to_owned()
    } else {
        format!("`{name}`")
    }
}

fn write_row(text: &mut String, name: &str, times: &[Duration]) -> fmt::Result {
    write!(text, "| {name} |")?;
    for time in times {
        write!(text, " {} |", micros(*time))?;
    }
    Ok(())
}

fn micros(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e6)
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}

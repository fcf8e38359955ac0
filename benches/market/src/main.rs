//! Measures the calls of the market and of rewards side by side with a swap of pallet-asset-conversion.
//!
//! Everything is compiled natively and measured in one process on the same state, so that only the ratios mean
//! something. What a call costs on the chain, in Wasm, is what the pallets' weights say.
//!
//! Arguments: `--write FILE` puts the results into a document, between the two lines that mark them there.

mod measure;
mod report;
mod runtime;
mod world;

use measure::{Case, Reading, State, measure};
use runtime::RuntimeOrigin;
use std::time::Instant;
use world::{BLOCK, Fixtures, STAKES};

/// How often each call is measured.
const ROUNDS: usize = 200;
/// How often each long sync is measured.
const SYNC_ROUNDS: usize = 40;
/// After how many hours a pool is synced.
pub const IDLE_HOURS: [u64; 4] = [0, 1, 24, 168];

/// What is measured of each pool, in the order of [`market_cases`].
const MARKET_CALLS: [&str; 10] = [
    "rent",
    "rent (a client's first)",
    "extend",
    "terminate",
    "sell_hours",
    "add_liquidity",
    "claim",
    "sync",
    "settle",
    "an epoch of rewards ends",
];

fn swap_cases() -> Vec<Case> {
    let [native, asset] = world::swapped();
    let there = [native.clone(), asset.clone()];
    let back = [asset, native];
    [there, back]
        .into_iter()
        .map(|path| {
            let trader = world::trader();
            let call = pallet_asset_conversion::Call::swap_exact_tokens_for_tokens {
                path: path.map(Box::new).to_vec(),
                amount_in: 10 * runtime::LOOPIN,
                amount_out_min: 1,
                send_to: trader.clone(),
                keep_alive: true,
            };
            Case::new(call, RuntimeOrigin::signed(trader), BLOCK)
        })
        .collect()
}

fn market_cases(of: &Fixtures) -> Vec<Case> {
    use loopin_math::time::DAY;
    let case = |call: runtime::RuntimeCall, who: &runtime::AccountId| {
        Case::new(call, RuntimeOrigin::signed(who.clone()), BLOCK)
    };
    let rent = world::rent(of.pool, of.free_device);
    let extend = pallet_rentals::Call::extend {
        rental: of.rental,
        seconds: DAY,
        max_cost: u128::MAX,
    };
    let terminate = pallet_rentals::Call::terminate {
        rental: of.rental,
        min_refund: 0,
    };
    let sell_hours = pallet_stakes::Call::sell_hours {
        position: of.unsold,
        gpu_seconds: DAY,
        min_proceeds: 0,
    };
    let add_liquidity = pallet_stakes::Call::add_liquidity {
        position: of.unprovided,
        max_loopin: u128::MAX,
    };
    let claim = pallet_stakes::Call::claim {
        position: of.providing,
    };
    let sync = pallet_pools::Call::sync { pool: of.pool };
    let settle = pallet_rewards::Call::settle { device: of.unsettled };
    vec![
        case(rent.clone().into(), &of.client),
        case(rent.into(), &of.new_client),
        case(extend.into(), &of.client),
        case(terminate.into(), &of.client),
        case(sell_hours.into(), &of.seller),
        case(add_liquidity.into(), &of.provider),
        case(claim.into(), &of.provider),
        case(sync.into(), &of.client),
        case(settle.into(), &of.client),
        Case::epoch_change(Some(of.pool)),
    ]
}

fn sync_cases(of: &Fixtures) -> Vec<Case> {
    IDLE_HOURS
        .iter()
        .map(|hours| {
            let sync = pallet_pools::Call::sync { pool: of.pool };
            Case::new(sync, RuntimeOrigin::signed(of.client.clone()), hours * 3_600)
        })
        .collect()
}

fn main() {
    // Before this program itself is what keeps the machine busy.
    let conditions = bench_report::conditions();
    let begin = Instant::now();
    let (externalities, fixtures) = world::build();
    let state = State::of(externalities);
    let set_up = begin.elapsed();
    eprintln!("set up in {} s", set_up.as_secs());

    let mut calls: Vec<_> = swap_cases();
    calls.extend(fixtures.iter().flat_map(market_cases));
    let mut syncs: Vec<_> = fixtures.iter().flat_map(sync_cases).collect();
    let mut epoch_change = [Case::epoch_change(None)];
    let tables: Vec<_> = [Reading::Trie, Reading::Cache]
        .into_iter()
        .map(|reading| {
            measure(&state, reading, ROUNDS, &mut calls);
            measure(&state, reading, SYNC_ROUNDS, &mut syncs);
            measure(&state, reading, ROUNDS, &mut epoch_change);
            let (swaps, market) = calls.split_at(2);
            report::Tables {
                reading,
                swaps: swaps.iter().map(Case::median).collect(),
                calls: rows(market, MARKET_CALLS.len()),
                syncs: rows(&syncs, IDLE_HOURS.len()),
                epoch_change: epoch_change[0].median(),
            }
        })
        .collect();

    let text = report::markdown(&tables, &MARKET_CALLS, &conditions, set_up);
    bench_report::publish("market-bench", &text);
}

/// The medians by call, and for each by pool. The cases come by pool, and for each by call.
fn rows(cases: &[Case], width: usize) -> Vec<[std::time::Duration; STAKES.len()]> {
    (0..width)
        .map(|call| std::array::from_fn(|pool| cases[pool * width + call].median()))
        .collect()
}

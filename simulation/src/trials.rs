//! What each choice earns a miner, if all miners make it: measured on a chain of its own, from the opening of the
//! market until everything is paid out.
//!
//! In both trials genuine buyers rent now and then. The pool's anchor stands for the liquidity that is always there.

use crate::{
    Failure, Setting,
    buyers::Buyer,
    chain::{Genesis, START, begin_block_at},
    market::Market,
    miners::{Miner, total_gain},
    setting::PERIOD_SECONDS,
};
use loopin_math::{Region, time::HOUR};
use loopin_primitives::{Balance, PositionId};
use pallet_stakes::Intent;

/// What providing came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Provided {
    /// What a miner has gained for each hour of its device, in units of the cost.
    pub gain_per_hour: f64,
    /// The region in which the chain itself says that the market is, judging by its first epoch.
    pub region_by_chain: Region,
}

/// What selling came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sold {
    /// What a miner has gained for each hour that it sold, less what was lost by those whose devices failed, in units of
    /// the cost.
    pub gain_per_hour: f64,
    /// The hours that all miners have sold.
    pub hours: f64,
}

/// All miners provide for a staking period, for that reward per hour, in planck.
pub fn provide(
    genesis: &Genesis,
    setting: &Setting,
    price: Balance,
    reward: Balance,
) -> Result<Provided, Failure> {
    genesis
        .begin(|| {
            let market = Market::open(setting, price)?;
            let miners = Miner::several(&market, "miner", setting.miners)?;
            let mut client = Buyer::genuine(&market)?;
            let hours = u64::from(setting.miners).saturating_mul(PERIOD_SECONDS / HOUR);
            market.reward(reward, hours)?;
            market.begin();
            let positions: Vec<PositionId> = miners
                .iter()
                .map(|miner| miner.provide(&market))
                .collect::<Result<_, _>>()?;

            if let Some(lots) = setting.lots_between_buyers {
                let pause = setting.lot_seconds.saturating_mul(u64::from(lots).max(1));
                // The last one leaves in time.
                let last = PERIOD_SECONDS.saturating_sub(setting.lot_seconds);
                for passed in (0..=last).step_by(usize::try_from(pause).unwrap_or(usize::MAX)) {
                    begin_block_at(START + passed);
                    client.rent(&market)?;
                }
            }
            for miner in &miners {
                miner.pass_full_challenge();
            }
            begin_block_at(START + PERIOD_SECONDS);
            let region_by_chain = market.stability()?.region;
            for (miner, position) in miners.iter().zip(positions) {
                miner.close(position)?;
            }
            Ok(Provided {
                gain_per_hour: setting.in_costs(total_gain(&miners)) / hours as f64,
                region_by_chain,
            })
        })
        .map_err(|failure: Failure| failure.during("providing"))
}

/// All miners sell, lot by lot, until a lot of one of them would not bring what its time costs. Nothing if not even the
/// first lots do.
///
/// They first find out how long that takes, and then stake for as long.
pub fn sell(genesis: &Genesis, setting: &Setting, price: Balance) -> Result<Option<Sold>, Failure> {
    let sell = |rounds| {
        genesis
            .begin(|| sell_for(setting, price, rounds))
            .map_err(|failure: Failure| failure.during("selling"))
    };
    let whole_period = PERIOD_SECONDS / setting.lot_seconds;
    let rounds = sell(whole_period)?.rounds;
    if rounds == 0 {
        return Ok(None);
    }
    let sales = sell(rounds)?;
    if sales.rounds != rounds {
        return Err(Failure::new("sellers did not sell what they had planned to"));
    }
    let gpu_seconds = rounds * setting.lot_seconds * u64::from(setting.miners);
    let hours = gpu_seconds as f64 / HOUR as f64;
    Ok(Some(Sold {
        gain_per_hour: setting.in_costs(sales.gain) / hours,
        hours,
    }))
}

/// What came of the sales.
struct Sales {
    /// How many lots every miner sold.
    rounds: u64,
    /// What all miners have gained, in planck.
    gain: i128,
}

fn sell_for(setting: &Setting, price: Balance, rounds: u64) -> Result<Sales, Failure> {
    let market = Market::open(setting, price)?;
    let miners = Miner::several(&market, "miner", setting.miners)?;
    let mut client = Buyer::genuine(&market)?;
    market.begin();
    let staked_seconds = rounds.saturating_mul(setting.lot_seconds);
    let positions: Vec<PositionId> = miners
        .iter()
        .map(|miner| miner.stake(&market, staked_seconds, Intent::Sell))
        .collect::<Result<_, _>>()?;

    let mut sold_rounds: u64 = 0;
    'selling: for round in 0..rounds {
        begin_block_at(START + round * setting.lot_seconds);
        for (miner, position) in miners.iter().zip(&positions) {
            if !miner.sell_lot(&market, *position)? {
                break 'selling;
            }
        }
        sold_rounds += 1;
        let buyer_comes = |lots: u32| round.is_multiple_of(u64::from(lots).max(1));
        if setting.lots_between_buyers.is_some_and(buyer_comes) {
            client.rent(&market)?;
        }
    }

    // Those whose devices fail do so at the very end, so that what they lose is for all the time that they sold.
    begin_block_at(START + staked_seconds - 1);
    let failing = usize::try_from(setting.failing_devices()).unwrap_or(usize::MAX);
    for miner in miners.iter().take(failing) {
        miner.fail()?;
    }
    begin_block_at(START + staked_seconds);
    for (miner, position) in miners.iter().zip(positions).skip(failing) {
        miner.close(position)?;
    }
    Ok(Sales {
        rounds: sold_rounds,
        gain: total_gain(&miners),
    })
}

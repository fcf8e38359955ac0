//! Who does what when a market opens, and which region of the phase diagram that is.
//!
//! First the miners choose what earns most, as the trials of all choices have shown. Then the market opens for an hour:
//! the miners do what they have chosen, beside as many earlier ones who already provide, and buyers rent what is good
//! enough for them. What happened is read from the chain.

use crate::{
    Failure, Setting,
    buyers::Buyer,
    chain::{Genesis, START, begin_block_at},
    market::Market,
    miners::Miner,
    setting::PERIOD_SECONDS,
    trials::{Provided, Sold, provide},
};
use loopin_math::{Region, time::HOUR};
use loopin_primitives::{Balance, PositionId};
use pallet_stakes::Intent;

/// For how long an opening is watched, in seconds.
const OPENING_SECONDS: u64 = HOUR;

/// What a miner can do with the time of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Provide it to the pool.
    Provide,
    /// Sell it to the pool.
    Sell,
    /// Sell it elsewhere.
    Outside,
}

/// What an hour of a device has earned in the trials, in units of the cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Earnings {
    /// Provided to the pool.
    pub provide: f64,
    /// Sold to the pool. Nothing if no lot brought what it costs.
    pub sell: Option<f64>,
    /// Sold elsewhere.
    pub outside: f64,
}

impl Earnings {
    /// What earns most. If several earn the same, the first of providing, selling and the outside.
    pub fn best(&self) -> Choice {
        let sell = self.sell.unwrap_or(f64::NEG_INFINITY);
        if self.provide >= sell && self.provide >= self.outside {
            Choice::Provide
        } else if sell >= self.outside {
            Choice::Sell
        } else {
            Choice::Outside
        }
    }

    /// Whether selling to the pool earns no less than selling elsewhere.
    pub fn selling_pays(&self) -> bool {
        self.sell.is_some_and(|sell| sell >= self.outside)
    }
}

/// What happened in the first moments of a market, and in its first hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Behaviour {
    /// Devices that joined those already provided.
    pub joined: u32,
    /// Hours that miners sold in the first hour.
    pub sold_hours: f64,
    /// Whether a genuine buyer rented at once.
    pub genuine_buyer: bool,
    /// Hours that genuine buyers rented in the first hour.
    pub genuine_hours: f64,
    /// Whether a speculating buyer rented at once.
    pub speculator: bool,
    /// Hours that speculating buyers rented in the first hour.
    pub speculated_hours: f64,
}

/// A point of the diagram, and everything that was found out about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The price in the pool, in units of the cost.
    pub x: f64,
    /// The reward of an hour, in units of the cost.
    pub y: f64,
    /// What the choices earned.
    pub earnings: Earnings,
    /// What happened.
    pub behaviour: Behaviour,
    /// The region to which the behaviour belongs.
    pub observed: Region,
    /// The region by the formula.
    pub expected: Region,
    /// The region that the chain reported after an epoch in which all miners provided.
    pub by_chain: Region,
}

/// Which region it is if miners and buyers do that.
pub fn classify(earnings: &Earnings, behaviour: &Behaviour) -> Region {
    let has_sellers = behaviour.sold_hours > 0.0;
    let has_newcomers = behaviour.joined > 0;
    match (has_sellers, has_newcomers) {
        (true, _) if behaviour.genuine_buyer => Region::SellersAndBuyers,
        (true, _) => Region::SellersOnly,
        // Miners who provide although they could sell at a gain.
        (false, true) if earnings.selling_pays() && behaviour.genuine_buyer => Region::Balanced,
        (false, true) if earnings.selling_pays() => Region::ProvidersOnly,
        (false, true) => Region::ProvidersAndBuyers,
        // Nobody comes to the pool, and those who buy from it to sell elsewhere take what there is.
        (false, false) if behaviour.speculator => Region::Drained,
        (false, false) => Region::NoArbitrage,
    }
}

/// The letter of a region in the diagram.
pub fn letter(region: Region) -> char {
    match region {
        Region::ProvidersAndBuyers => 'A',
        Region::Drained => 'B',
        Region::NoArbitrage => 'C',
        Region::SellersAndBuyers => 'D',
        Region::SellersOnly => 'E',
        Region::ProvidersOnly => 'F',
        Region::Balanced => 'G',
    }
}

/// All regions, in the order of their letters.
pub const REGIONS: [Region; 7] = [
    Region::ProvidersAndBuyers,
    Region::Drained,
    Region::NoArbitrage,
    Region::SellersAndBuyers,
    Region::SellersOnly,
    Region::ProvidersOnly,
    Region::Balanced,
];

/// Looks at one point, where `sold` is what selling has come to at that price.
///
/// A seller gets nothing of the reward, so what selling earns need not be tried for each reward.
pub fn observe(
    genesis: &Genesis,
    setting: &Setting,
    x: f64,
    y: f64,
    sold: Option<Sold>,
) -> Result<Point, Failure> {
    let (price, reward) = (setting.planck(x), setting.planck(y));
    let Provided {
        gain_per_hour,
        region_by_chain,
    } = provide(genesis, setting, price, reward)?;
    let conditions = setting.conditions(price, reward);
    let earnings = Earnings {
        provide: gain_per_hour,
        sell: sold.map(|sold| sold.gain_per_hour),
        // The supply of LOOPIN has 67 bits.
        outside: setting.in_costs(setting.external_price as i128),
    };
    let behaviour = genesis
        .begin(|| open(setting, price, earnings.best()))
        .map_err(|failure| failure.during("opening the market"))?;
    Ok(Point {
        x,
        y,
        earnings,
        behaviour,
        observed: classify(&earnings, &behaviour),
        expected: conditions.region(),
        by_chain: region_by_chain,
    })
}

/// The first hour of a market, in which the miners do what they have chosen.
fn open(setting: &Setting, price: Balance, choice: Choice) -> Result<Behaviour, Failure> {
    let market = Market::open(setting, price)?;
    let earlier = Miner::several(&market, "earlier miner", setting.miners)?;
    let miners = Miner::several(&market, "miner", setting.miners)?;
    let mut client = Buyer::genuine(&market)?;
    let mut speculator = Buyer::speculating(&market)?;
    market.begin();
    for miner in &earlier {
        miner.provide(&market)?;
    }
    let sellers: Vec<(&Miner, PositionId)> = match choice {
        Choice::Provide => {
            for miner in &miners {
                miner.provide(&market)?;
            }
            Vec::new()
        }
        Choice::Sell => miners
            .iter()
            .map(|miner| Ok((miner, miner.stake(&market, PERIOD_SECONDS, Intent::Sell)?)))
            .collect::<Result<_, Failure>>()?,
        Choice::Outside => Vec::new(),
    };

    let mut behaviour = Behaviour::default();
    let mut lots: u64 = 0;
    for passed in (0..OPENING_SECONDS).step_by(usize::try_from(setting.lot_seconds).unwrap_or(usize::MAX)) {
        begin_block_at(START + passed);
        // Genuine buyers look at the price at which the market opens, before sellers move it.
        let rented = client.rent(&market)?;
        for (miner, position) in &sellers {
            lots += u64::from(miner.sell_lot(&market, *position)?);
        }
        // Speculating buyers take all that is worth taking.
        while speculator.rent(&market)? {}
        if passed == 0 {
            behaviour.genuine_buyer = rented;
            behaviour.speculator = speculator.rented_gpu_seconds > 0;
        }
    }
    let hours = |gpu_seconds: u64| gpu_seconds as f64 / HOUR as f64;
    behaviour.joined = market.view()?.provider_devices.saturating_sub(setting.miners);
    behaviour.sold_hours = hours(lots.saturating_mul(setting.lot_seconds));
    behaviour.genuine_hours = hours(client.rented_gpu_seconds);
    behaviour.speculated_hours = hours(speculator.rented_gpu_seconds);
    Ok(behaviour)
}

/// The values in the middles of that many equal parts of the interval from zero to `end`.
pub fn middles(parts: u32, end: f64) -> Vec<f64> {
    (0..parts)
        .map(|part| (f64::from(part) + 0.5) * end / f64::from(parts))
        .collect()
}

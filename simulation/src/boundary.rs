//! The boundary of providing: the reward from which on miners provide, found on the chain by bisection.

use crate::{
    Failure, Setting,
    chain::Genesis,
    trials::{provide, sell},
};

/// Halvings of the interval in which the reward is sought: it is found to less than a ten-thousandth of the cost.
const HALVINGS: u32 = 15;
/// No reward above this many times the cost is sought.
const LARGEST_REWARD: f64 = 2.0;

/// One point of the boundary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    /// The price in the pool, in units of the cost.
    pub x: f64,
    /// The reward from which on providing earns most, as measured, in units of the cost.
    pub measured: f64,
    /// The same by the formula.
    pub formula: f64,
    /// What an hour earned with what miners would do instead, in units of the cost.
    pub alternative: f64,
    /// The hours that sellers sold until the price had fallen to the cost. Zero if nobody sold.
    pub sold_hours: f64,
}

impl Crossing {
    /// By what part of the formula's reward the measured one differs from it.
    pub fn deviation(&self) -> f64 {
        self.measured / self.formula - 1.0
    }
}

/// `y*(x) = (x - 1)/ln x - (1 - s)` for `x` above one, and `s` for others.
pub fn formula(setting: &Setting, x: f64) -> f64 {
    let s = setting.in_costs(setting.external_price as i128);
    if x <= 1.0 {
        s
    } else {
        (x - 1.0) / x.ln() - (1.0 - s)
    }
}

/// Seeks the reward from which on providing earns no less than the better of selling to the pool and selling outside.
pub fn cross(genesis: &Genesis, setting: &Setting, x: f64) -> Result<Crossing, Failure> {
    let price = setting.planck(x);
    let sold = sell(genesis, setting, price)?;
    let outside = setting.in_costs(setting.external_price as i128);
    let alternative = sold.map_or(outside, |sold| sold.gain_per_hour.max(outside));
    let (mut too_little, mut enough) = (0.0, LARGEST_REWARD);
    for _ in 0..HALVINGS {
        let middle = (too_little + enough) / 2.0;
        if provide(genesis, setting, price, setting.planck(middle))?.gain_per_hour >= alternative {
            enough = middle;
        } else {
            too_little = middle;
        }
    }
    Ok(Crossing {
        x,
        measured: enough,
        formula: formula(setting, x),
        alternative,
        sold_hours: sold.map_or(0.0, |sold| sold.hours),
    })
}

//! What is the same for all markets of a diagram.

use loopin_math::{Conditions, time::DAY, time::MINUTE};
use loopin_primitives::Balance;
use loopin_runtime::constants::currency::LOOPIN;
use sp_runtime::Permill;

/// How long miners stake their devices, and how long a reward epoch lasts, in seconds.
pub const PERIOD_SECONDS: u64 = DAY;

/// What the chain takes for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Part of every trade that is burned.
    pub swap: Permill,
    /// Part of the value of a stake's time that is burned for its certificate.
    pub certificate: Permill,
}

impl Fees {
    /// None, as in the paper.
    pub fn none() -> Self {
        Self {
            swap: Permill::zero(),
            certificate: Permill::zero(),
        }
    }

    /// Those that the chain begins with.
    pub fn of_the_chain() -> Self {
        Self {
            swap: Permill::from_parts(3_000),
            certificate: Permill::from_percent(1),
        }
    }
}

/// A world of markets that differ only in price and reward. Prices are those of a GPU-hour, in planck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `c`: what GPU time costs a seller. It is what it brings outside, and what a seller loses on average.
    pub cost: Balance,
    /// `b`: what GPU time brings outside.
    pub external_price: Balance,
    /// What governance says that GPU time is worth: rewards go up to five quarters of it.
    pub reference_price: Balance,
    /// `d`: the highest price that genuine buyers pay.
    pub buyers_limit: Balance,
    /// `p`: the part of the sellers' devices that fail verification.
    pub failure_probability: Permill,
    /// Miners who choose, each with one device.
    pub miners: u32,
    /// The hours that the anchor stands for: how deep the pool is.
    pub anchor_hours: u32,
    /// How much time sellers sell and genuine buyers rent at once, in seconds; whole minutes.
    pub lot_seconds: u64,
    /// After how many lots of time a genuine buyer comes each time, or never.
    pub lots_between_buyers: Option<u32>,
    /// What the chain takes.
    pub fees: Fees,
}

impl Default for Setting {
    /// That of the paper's figure, `s = 0.7`, with genuine buyers who pay twice the cost.
    fn default() -> Self {
        Self {
            cost: LOOPIN,
            external_price: LOOPIN * 7 / 10,
            // So high that no reward of the diagram is capped.
            reference_price: 2 * LOOPIN,
            buyers_limit: 2 * LOOPIN,
            failure_probability: Permill::from_percent(30),
            miners: 10,
            anchor_hours: 200,
            lot_seconds: MINUTE,
            lots_between_buyers: Some(10),
            fees: Fees::none(),
        }
    }
}

impl Setting {
    /// `q`: what a seller whose device fails loses for each hour: what makes the time cost `c` on average.
    pub fn loss(&self) -> Balance {
        self.failure_probability
            .saturating_reciprocal_mul(self.cost.saturating_sub(self.external_price))
    }

    /// That many times the cost, in planck. For a negative number, zero.
    pub fn planck(&self, in_costs: f64) -> Balance {
        // A float that is too large or negative becomes the nearest integer that there is.
        (in_costs * self.cost as f64).round() as Balance
    }

    /// The largest reward of an idle hour, in units of the cost, where the reference price is what time brings outside.
    pub fn largest_reward(&self) -> f64 {
        let cap = pallet_rewards::Parameters::default().caps.idle;
        cap.to_float() * self.in_costs(self.external_price as i128)
    }

    /// Planck in units of the cost.
    pub fn in_costs(&self, planck: i128) -> f64 {
        planck as f64 / self.cost as f64
    }

    /// What the stability check needs to know of a market.
    pub fn conditions(&self, pool_price: Balance, reward: Balance) -> Conditions {
        Conditions {
            pool_price,
            external_price: self.external_price,
            failure_probability: self.failure_probability,
            collateral: self.loss(),
            buyers_limit: self.buyers_limit,
            reward,
        }
    }

    /// Whether such a world can be simulated.
    pub fn check(&self) -> Result<(), crate::Failure> {
        let refuse = |what: &str| Err(crate::Failure::new(what));
        if self.external_price >= self.cost || self.failure_probability.is_zero() {
            return refuse("time must cost a seller more than it brings outside, because some devices fail");
        }
        if self.miners == 0 || self.anchor_hours == 0 {
            return refuse("there must be miners, and a pool");
        }
        if self.lot_seconds == 0 || !self.lot_seconds.is_multiple_of(MINUTE) {
            return refuse("a lot must be a number of whole minutes");
        }
        let failing = self.failing_devices();
        if self.failure_probability != Permill::from_rational(failing, self.miners) {
            return refuse("the part of the devices that fail must be a whole number of devices");
        }
        Ok(())
    }

    /// How many of the sellers' devices fail.
    pub fn failing_devices(&self) -> u32 {
        self.failure_probability * self.miners
    }
}

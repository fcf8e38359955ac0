//! One market: a pool at a price, under the governance that the simulated world needs.

use crate::{
    Failure, Setting,
    chain::{account, ask, begin_block_at, endow, govern, submit},
    setting::PERIOD_SECONDS,
};
use frame_support::{BoundedVec, traits::Get};
use loopin_challenge::{Limits, Profile};
use loopin_math::{
    MultiplierTerms, Split,
    time::{HOUR, MINUTE},
};
use loopin_primitives::{Balance, PoolId, PoolTerms};
use loopin_runtime::{
    Block, Runtime,
    configs::parameters::{RuntimeParameters, dynamic_params::market as parameters},
    constants::currency::{LOOPIN, MILLI},
    market_api::{PoolView, runtime_decl_for_market_api::MarketApi},
    rewards_api::{StabilityView, runtime_decl_for_rewards_api::RewardsApi},
};
use pallet_rewards::{Parameters as RewardParameters, RewardParameters as StoredRewardParameters};
use sp_runtime::{FixedPointNumber, FixedU128, Permill, traits::Zero};

/// What the pool's creator needs besides the anchor.
const CREATORS_UPKEEP: Balance = 1_000 * LOOPIN;

/// A market of the simulated world.
pub struct Market<'a> {
    /// The world.
    pub setting: &'a Setting,
    /// Its pool.
    pub pool: PoolId,
    /// The price that a GPU-hour had when it opened, in planck.
    pub price: Balance,
}

impl<'a> Market<'a> {
    /// Creates the pool with that price of a GPU-hour, and lists it for rewards.
    pub fn open(setting: &'a Setting, price: Balance) -> Result<Self, Failure> {
        set_parameters(setting, price)?;
        let creator = account("creator", 0);
        let anchor = price.saturating_mul(setting.anchor_hours.into());
        endow(&creator, anchor.saturating_add(CREATORS_UPKEEP))?;
        let pool = pallet_pools::NextPoolId::<Runtime>::get();
        submit(
            &creator,
            pallet_pools::Call::create_pool {
                name: text("Simulated GPU"),
                symbol: text("SIM"),
                anchor,
                price_per_gpu_hour: price,
                terms: terms(),
            },
        )
        .map_err(|failure| failure.during("creating the pool"))?;
        govern(pallet_rewards::Call::set_listing {
            pool,
            reference_price: setting.reference_price,
        })?;
        Ok(Self { setting, pool, price })
    }

    /// The first block: from now on the first reward epoch runs.
    pub fn begin(&self) {
        begin_block_at(crate::chain::START);
    }

    /// Sets what an epoch emits so that miners get that reward for each hour, in planck, if together they provide that
    /// many hours.
    pub fn reward(&self, per_hour: Balance, hours: u64) -> Result<(), Failure> {
        let mut parameters: RewardParameters = StoredRewardParameters::<Runtime>::get();
        parameters.initial_emission = per_hour.saturating_mul(hours.into());
        govern(pallet_rewards::Call::set_parameters { parameters })
    }

    /// The pool as the chain's readers see it.
    pub fn view(&self) -> Result<PoolView, Failure> {
        ask(|| Ok(<Runtime as MarketApi<Block>>::pool(self.pool)))?
            .ok_or_else(|| Failure::new("there is no pool"))
    }

    /// What the chain says about the market's stability, after its first epoch.
    pub fn stability(&self) -> Result<StabilityView, Failure> {
        let conditions = self.setting.conditions(0, 0);
        ask(|| {
            Ok(<Runtime as RewardsApi<Block>>::stability(
                self.pool,
                conditions.external_price,
                conditions.failure_probability,
                conditions.collateral,
                conditions.buyers_limit,
            ))
        })?
        .ok_or_else(|| Failure::new("the chain has no view of the pool's stability"))
    }
}

/// What governance sets before the market opens.
fn set_parameters(setting: &Setting, price: Balance) -> Result<(), Failure> {
    // What a seller can lose is the same for each hour, whatever the price: as much of it as the price allows is the
    // maintenance fee, and the rest is collateral.
    let loss = setting.loss();
    let collateral = loss.saturating_sub(price);
    let maintenance_fee = Permill::from_rational(loss.min(price), price);
    let collateral = FixedU128::checked_from_rational(collateral, price).unwrap_or_default();
    let market = [
        parameters::Parameters::SwapFee(parameters::SwapFee, Some(setting.fees.swap)),
        parameters::Parameters::CertificateBurn(parameters::CertificateBurn, Some(setting.fees.certificate)),
        parameters::Parameters::MaintenanceFee(parameters::MaintenanceFee, Some(maintenance_fee)),
        parameters::Parameters::Collateral(parameters::Collateral, Some(collateral)),
        parameters::Parameters::MinimumAnchor(parameters::MinimumAnchor, Some(MILLI)),
    ];
    for parameter in market {
        govern(pallet_parameters::Call::set_parameter {
            key_value: RuntimeParameters::Market(parameter),
        })?;
    }
    // All emission is for miners, and every device gets the standard reward.
    let rewards = RewardParameters {
        initial_emission: 0,
        split: Split {
            miners: Permill::one(),
            clients: Permill::zero(),
            verifiers: Permill::zero(),
            treasury: Permill::zero(),
            team: Permill::zero(),
        },
        multiplier: MultiplierTerms {
            time_steepness: FixedU128::zero(),
            loyalty_steepness: FixedU128::zero(),
            privacy_steepness: FixedU128::zero(),
            work_steepness: FixedU128::zero(),
            ..RewardParameters::default().multiplier
        },
        epoch_seconds: PERIOD_SECONDS,
        ..RewardParameters::default()
    };
    govern(pallet_rewards::Call::set_parameters { parameters: rewards })
}

fn terms() -> PoolTerms {
    PoolTerms {
        provide_seconds: PERIOD_SECONDS,
        sell_unit_seconds: MINUTE,
        sell_max_seconds: PERIOD_SECONDS,
        rental_min_seconds: MINUTE,
        rental_max_seconds: 12 * HOUR,
        // Nobody is challenged here.
        challenge: Profile {
            n: 64,
            matrices: 4,
            lanes: 8,
            entries: 3,
            opened_lanes: 2,
            limits: Limits {
                prepare_ms: 5_000,
                fill_ms: 5_000,
                walk_ms: 5_000,
                open_ms: 5_000,
            },
        },
        benchmark_gops: 1,
        privacy_limit: 0,
    }
}

/// Text of a length that fits.
pub(crate) fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
    BoundedVec::truncate_from(text.as_bytes().to_vec())
}

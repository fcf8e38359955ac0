//! Calls of those who ask for their rewards, and of those who govern them.

use super::{Dice, OTHER_POOL, Proposal, Run};
use crate::{
    AccountId, Runtime, RuntimeCall, RuntimeOrigin,
    configs::{SupplyCap, parameters::RuntimeParameters, parameters::dynamic_params},
    constants::currency::LOOPIN,
    tests::market::POOL,
};
use loopin_math::time::{DAY, HOUR};
use loopin_primitives::Moment;
use pallet_rewards::{Parameters, Payout};
use sp_runtime::{FixedU128, Perbill, Permill, traits::Zero};

/// Somebody asks for what a device or an account has earned, or decides what becomes of it.
pub fn rewards_call(dice: &mut Dice) -> Proposal {
    if dice.one_in(3) {
        return (hold_call(dice), None);
    }
    if dice.one_in(2) {
        // Those included that nobody has, and those that are long gone.
        let next = pallet_devices::NextDeviceId::<Runtime>::get();
        let device = if dice.one_in(5) {
            dice.below(next.into()) as u32
        } else {
            dice.device()
        };
        return (pallet_rewards::Call::settle { device }.into(), None);
    }
    let who = if dice.one_in(10) {
        AccountId::new([dice.below(4) as u8; 32])
    } else {
        dice.account()
    };
    (pallet_rewards::Call::claim { who }.into(), None)
}

/// Somebody puts LOOPIN on the loyalty hold, or takes some off.
fn hold_call(dice: &mut Dice) -> RuntimeCall {
    let amount = u128::from(dice.below(50)) * LOOPIN;
    match dice.below(4) {
        0 => pallet_rewards::Call::add_to_hold { amount }.into(),
        1 => pallet_rewards::Call::release { amount }.into(),
        2 => pallet_rewards::Call::pay_released { who: dice.account() }.into(),
        _ => {
            let payout = dice.pick(&[Payout::Hold, Payout::Hold, Payout::Free]);
            pallet_rewards::Call::set_payout { payout }.into()
        }
    }
}

impl Run {
    /// Governance decides something. Now and then somebody tries who has no say.
    pub fn govern(&mut self) {
        let dice = &mut self.dice;
        let call: RuntimeCall = match dice.below(20) {
            0..=4 => pallet_rewards::Call::set_parameters {
                parameters: parameters(dice),
            }
            .into(),
            5..=9 => {
                let pool = if dice.one_in(2) {
                    dice.pick(&[*POOL, OTHER_POOL])
                } else {
                    dice.pool()
                };
                let reference_price = dice.pick(&[0, LOOPIN / 10, LOOPIN / 10, LOOPIN, u128::MAX]);
                pallet_rewards::Call::set_listing {
                    pool,
                    reference_price,
                }
                .into()
            }
            10..=11 => {
                let team = if dice.one_in(3) {
                    None
                } else {
                    Some(dice.account())
                };
                pallet_rewards::Call::set_team { team }.into()
            }
            // A stop does not last.
            12..=13 => pallet_rewards::Call::set_stopped { stopped: true }.into(),
            14..=16 => pallet_rewards::Call::set_stopped { stopped: false }.into(),
            _ => pallet_parameters::Call::set_parameter {
                key_value: market_parameter(dice),
            }
            .into(),
        };
        let origin = if dice.one_in(10) {
            RuntimeOrigin::signed(dice.account())
        } else {
            RuntimeOrigin::root()
        };
        self.make(origin, call);
    }
}

/// Mostly those of the protocol, as the run is to get to the halvings.
fn parameters(dice: &mut Dice) -> Parameters {
    let mut parameters = Parameters::default();
    match dice.below(16) {
        0 => parameters.split.miners = Permill::from_percent(61),
        1 => parameters.epoch_seconds = 59,
        2 => parameters.halving_epochs = 0,
        3 => parameters.initial_emission = SupplyCap::get() + 1,
        4 => parameters.epoch_seconds = dice.pick(&[DAY / 2, 2 * DAY]),
        5 => parameters.initial_emission = u128::from(dice.below(200_000)) * LOOPIN,
        6 => {
            parameters.split.miners = Permill::from_percent(30);
            parameters.split.clients = Permill::from_percent(35);
        }
        7 => parameters.caps.idle = FixedU128::from_rational(dice.below(25).into(), 10),
        8 => parameters.epoch_seconds = u64::MAX,
        10 => parameters.release_seconds = dice.pick(&[0, HOUR, DAY, u64::MAX]),
        // Valid, and of little use.
        9 => {
            parameters.multiplier.loyalty_steepness = FixedU128::from_inner(u128::MAX);
            parameters.multiplier.work_steepness = FixedU128::zero();
            parameters.multiplier.full_age_seconds = u64::MAX;
            parameters.multiplier.work_dead_band = Permill::one();
        }
        _ => (),
    }
    parameters
}

/// What trades cost and verifiers do.
fn market_parameter(dice: &mut Dice) -> RuntimeParameters {
    use dynamic_params::{market, verification};
    let small = Permill::from_parts(dice.below(30_000) as u32);
    let seconds: Moment = HOUR * (1 + dice.below(48));
    match dice.below(9) {
        0 => RuntimeParameters::Market(market::Parameters::SwapFee(market::SwapFee, Some(small))),
        1 => RuntimeParameters::Market(market::Parameters::CertificateBurn(
            market::CertificateBurn,
            Some(small),
        )),
        2 => RuntimeParameters::Market(market::Parameters::ExitFee(market::ExitFee, Some(small))),
        3 => RuntimeParameters::Market(market::Parameters::MaintenanceFee(
            market::MaintenanceFee,
            Some(small),
        )),
        4 => RuntimeParameters::Market(market::Parameters::ReportPatience(
            market::ReportPatience,
            Some(seconds),
        )),
        5 => RuntimeParameters::Market(market::Parameters::CertificateValidity(
            market::CertificateValidity,
            Some(seconds),
        )),
        6 => RuntimeParameters::Verification(verification::Parameters::CommitteeSize(
            verification::CommitteeSize,
            Some(1 + dice.below(7) as u32),
        )),
        7 => RuntimeParameters::Verification(verification::Parameters::StrikeLimit(
            verification::StrikeLimit,
            Some(4 + dice.below(12) as u32),
        )),
        _ => RuntimeParameters::Verification(verification::Parameters::ReporterShare(
            verification::ReporterShare,
            Some(Perbill::from_percent(dice.below(101) as u32)),
        )),
    }
}

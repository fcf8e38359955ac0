use super::{genesis, small_world};
use crate::{Fees, Setting, trials::provide};
use frame_support::traits::Get;
use loopin_runtime::configs::parameters::dynamic_params::market::{CertificateBurn, SwapFee};
use sp_runtime::Permill;

#[test]
fn a_provider_gains_the_reward_where_nobody_rents() {
    let setting = Setting {
        lots_between_buyers: None,
        ..small_world()
    };
    let provided = provide(&genesis(), &setting, setting.planck(1.5), setting.planck(0.8))
        .expect("the market can be simulated");
    assert!((provided.gain_per_hour - 0.8).abs() < 1e-6, "{provided:?}");
}

#[test]
fn a_provider_gains_more_where_buyers_rent() {
    let setting = small_world();
    let provided = provide(&genesis(), &setting, setting.planck(1.5), setting.planck(0.8))
        .expect("the market can be simulated");
    assert!(provided.gain_per_hour > 0.8, "{provided:?}");
}

#[test]
fn a_seller_whose_device_fails_loses_what_makes_time_cost_more_than_outside() {
    let setting = Setting::default();
    assert_eq!(setting.loss(), setting.cost);
    assert_eq!(setting.conditions(0, 0).sellers_cost(), setting.cost);
}

#[test]
fn a_world_in_which_parts_of_devices_fail_is_refused() {
    let setting = Setting {
        failure_probability: Permill::from_percent(25),
        ..Setting::default()
    };
    assert!(setting.check().is_err());
}

#[test]
fn the_fees_of_the_chain_are_those_that_it_begins_with() {
    let fees = genesis().begin(|| Fees {
        swap: SwapFee::get(),
        certificate: CertificateBurn::get(),
    });
    assert_eq!(fees, Fees::of_the_chain());
}

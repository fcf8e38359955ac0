use super::{genesis, small_world};
use crate::{regions::observe, trials::sell};
use loopin_math::Region;

/// What the agents' behaviour shows at that point is the region, and formula and chain agree.
fn assert_region(x: f64, y: f64, region: Region) {
    let (genesis, setting) = (genesis(), small_world());
    let sold = sell(&genesis, &setting, setting.planck(x)).expect("selling can be simulated");
    let point = observe(&genesis, &setting, x, y, sold).expect("the market can be simulated");
    assert_eq!(point.observed, region, "{point:?}");
    assert_eq!(point.expected, region, "{point:?}");
    assert_eq!(point.by_chain, region, "{point:?}");
}

#[test]
fn a_low_price_and_a_good_reward_have_providers_and_buyers_and_no_sellers() {
    assert_region(0.5, 0.9, Region::ProvidersAndBuyers);
}

#[test]
fn a_low_price_and_a_low_reward_let_speculating_buyers_drain_the_pool() {
    assert_region(0.4, 0.4, Region::Drained);
}

#[test]
fn between_the_price_outside_and_the_cost_nobody_can_speculate() {
    assert_region(0.85, 0.4, Region::NoArbitrage);
}

#[test]
fn a_low_reward_and_a_price_that_buyers_pay_have_sellers_and_buyers() {
    assert_region(1.5, 0.5, Region::SellersAndBuyers);
}

#[test]
fn a_low_reward_and_a_price_that_nobody_pays_have_only_sellers() {
    assert_region(2.5, 0.8, Region::SellersOnly);
}

#[test]
fn a_good_reward_and_a_price_that_nobody_pays_have_only_providers() {
    assert_region(2.2, 1.45, Region::ProvidersOnly);
}

#[test]
fn a_good_reward_and_a_price_that_buyers_pay_are_in_balance() {
    assert_region(1.5, 1.2, Region::Balanced);
}

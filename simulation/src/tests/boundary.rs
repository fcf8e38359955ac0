use super::{genesis, small_world};
use crate::{
    Fees, Setting,
    boundary::{cross, formula},
    trials::sell,
};

#[test]
fn the_formula_is_that_of_the_stability_check() {
    let setting = Setting::default();
    for x in [0.2, 1.0, 1.001, 1.3, 2.0, 3.0] {
        let exact = setting.conditions(setting.planck(x), 0).least_reward();
        assert!(
            (setting.in_costs(exact as i128) - formula(&setting, x)).abs() < 1e-9,
            "{x}"
        );
    }
}

#[test]
fn providing_beats_selling_from_the_reward_on_that_the_formula_says() {
    let (genesis, setting) = (genesis(), small_world());
    for x in [1.1, 1.5, 2.5] {
        let crossing = cross(&genesis, &setting, x).expect("the market can be simulated");
        assert!(crossing.deviation().abs() < 0.03, "{crossing:?}");
    }
}

#[test]
fn providing_beats_the_outside_from_its_price_on_where_nobody_sells() {
    let crossing = cross(&genesis(), &small_world(), 0.5).expect("the market can be simulated");
    assert_eq!(crossing.sold_hours, 0.0);
    assert!(crossing.deviation().abs() < 0.03, "{crossing:?}");
}

#[test]
fn sellers_sell_until_the_price_has_fallen_to_what_their_time_costs() {
    let setting = small_world();
    let sold = sell(&genesis(), &setting, setting.planck(2.0))
        .expect("the market can be simulated")
        .expect("the price is above the cost");
    // The reserve falls exponentially with the hours that are sold, but for what buyers bring.
    let expected = f64::from(setting.anchor_hours) * 2.0_f64.ln();
    assert!(
        (sold.hours / expected - 1.0).abs() < 0.05,
        "{} hours, {expected}",
        sold.hours
    );
}

#[test]
fn nobody_sells_where_a_lot_brings_less_than_it_costs() {
    let setting = small_world();
    let sold = sell(&genesis(), &setting, setting.planck(0.99)).expect("the market can be simulated");
    assert_eq!(sold, None);
}

#[test]
fn fees_of_trades_make_providing_better() {
    let genesis = genesis();
    let without = small_world();
    let with = Setting {
        fees: Fees::of_the_chain(),
        ..without.clone()
    };
    let gain = |setting: &Setting| {
        sell(&genesis, setting, setting.planck(1.5))
            .expect("the market can be simulated")
            .expect("the price is above the cost")
            .gain_per_hour
    };
    assert!(gain(&with) < gain(&without));
}

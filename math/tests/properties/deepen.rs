//! Deepening a pool after its price has been pushed down.

use crate::common::Calendar;
use loopin_math::{
    Pool, PriceMark,
    time::{DAY, MINUTE},
};
use sp_arithmetic::Permill;

const LOOPIN: u128 = 1_000_000_000_000;
const START: u64 = 1_800_000_000;

/// What somebody gains who sells three times the time that a pool has, deepens it with `amount`, and buys its time back. The
/// mean price that counts is that of a day, or that of the last minute, in which it was already low.
fn gain_by_deepening_a_dumped_pool(amount: u128, of_a_day: bool) -> i128 {
    let mut calendar = Calendar::default();
    let mut pool = Pool::new(10_000 * LOOPIN, LOOPIN / 2, START).expect("a usual pool");
    let now = START + DAY;
    pool.sync(now, &mut calendar).expect("time passes");
    let end = now + 7 * DAY;
    let fee = Permill::from_parts(3_000);
    let mut received = 0;
    for _ in 0..360 {
        received += pool
            .sell(end, fee, &mut calendar)
            .expect("it can be sold")
            .proceeds();
    }
    let mark = if of_a_day {
        PriceMark::default()
    } else {
        pool.price_mark()
    };
    pool.sync(now + MINUTE, &mut calendar).expect("time passes");
    pool.deepen(amount, &mark).expect("a minute has passed");
    let spent = pool
        .rent(360, end, fee, &mut calendar)
        .expect("it is idle")
        .cost()
        + amount;
    received as i128 - spent as i128
}

#[test]
fn who_deepens_a_pool_that_it_has_dumped_gains_at_the_present_price_and_loses_at_the_mean() {
    let amount = 2_500 * LOOPIN;
    let gain = gain_by_deepening_a_dumped_pool(amount, false);
    assert!(gain > 1_000 * LOOPIN as i128, "{gain}");
    for amount in [LOOPIN, 100 * LOOPIN, amount, 100_000 * LOOPIN] {
        let gain = gain_by_deepening_a_dumped_pool(amount, true);
        assert!(gain < 0, "{gain} with {amount}");
    }
}

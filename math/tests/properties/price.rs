//! Pools without trades: the price stays, and providers get back what they paid.

use crate::{SUPPLY, any_duration, any_magnitude, any_start, common::Calendar, config};
use loopin_math::{Pool, U256, time::scheduled_end};
use proptest::prelude::*;

/// The inverse of a number, times 2^64, rounded up.
fn inverse(number: u128) -> U256 {
    (U256::one() << 64) / U256::from(number) + U256::one()
}

/// A number times another, which has 64 bits after the point, rounded up.
fn product(number: u128, scaled: U256) -> U256 {
    ((U256::from(number) * scaled) >> 64) + U256::one()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn without_trades_the_price_stays_and_providers_get_back_what_they_paid(
        reserve in any_magnitude(60),
        price_per_gpu_hour in any_magnitude(56),
        start in any_start(),
        steps in prop::collection::vec((any_duration(), any_duration(), any::<bool>()), 1..40),
    ) {
        let Ok(mut pool) = Pool::new(reserve, price_per_gpu_hour, start) else {
            return Ok(());
        };
        let anchor = pool.anchor_gpu_seconds;
        let mut calendar = Calendar::default();
        let mut positions = Vec::new();
        // By how much roundings may have lifted the price: that of the reserve to whole planck, at which the next
        // provider pays, and that of what it pays.
        let mut lift = U256::zero();
        for (staked, passes, joins) in steps {
            if joins {
                let until = scheduled_end(pool.updated_at, staked).unwrap();
                if pool.quote_add_liquidity((until - pool.updated_at).into()).unwrap() > SUPPLY {
                    continue;
                }
                lift += inverse(pool.gpu_seconds);
                positions.push((pool.add_liquidity(until, &mut calendar).unwrap(), until));
                lift += inverse(pool.gpu_seconds);
            } else {
                let now = pool.updated_at + passes;
                pool.sync(now, &mut calendar).unwrap();
            }
            let usual = U256::from(reserve) * U256::from(pool.gpu_seconds);
            let actual = U256::from(pool.reserve) * U256::from(anchor);
            prop_assert!(actual >= usual);
            let excess = (actual - usual) / U256::from(anchor);
            prop_assert!(excess <= product(pool.gpu_seconds, lift) + U256::one());
        }
        pool.sync(pool.agenda_end.max(pool.updated_at), &mut calendar).unwrap();
        prop_assert!(pool.reserve >= reserve);
        prop_assert!(U256::from(pool.reserve - reserve) <= product(anchor, lift) + U256::one());
        for (added, until) in &positions {
            let (_, index) = calendar.endings[until];
            let streamed = Pool::streamed_to(added.share_rate, added.stream_index, index).unwrap();
            prop_assert!(streamed + 2 >= added.paid, "{streamed} of {}", added.paid);
            let gain = U256::from(streamed.saturating_sub(added.paid));
            prop_assert!(gain <= product(added.gpu_seconds, lift) + U256::one());
        }
    }
}

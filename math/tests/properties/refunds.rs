//! Refunds: never more than what is left in the reserve of what was paid.

use crate::{SUPPLY, common::Calendar};
use loopin_math::{
    AddedLiquidity, Contribution, Pool, U256,
    time::{DAY, HOUR},
};
use sp_arithmetic::Permill;

const LOOPIN: u128 = 1_000_000_000_000;
const START: u64 = 1_800_000_000;

const SWAP_FEE: Permill = Permill::from_parts(3_000);

/// What somebody with `own` devices gains who rents ten devices of others until these end, lets its own liquidity run
/// out half-way, and gives the rental back for no more than `most` makes of it.
fn gain_by_letting_liquidity_run_out(own: usize, most: impl Fn(Contribution) -> Contribution) -> i128 {
    let mut calendar = Calendar::default();
    let mut pool = Pool::new(1_000 * LOOPIN, LOOPIN / 2, START).expect("a usual pool");
    let mut spent = 0;
    let (own_end, others_end) = (START + 7 * DAY, START + 14 * DAY);
    for _ in 0..10 {
        pool.add_liquidity(others_end, &mut calendar).expect("room");
    }
    let mut positions = Vec::new();
    for _ in 0..own {
        let added = pool.add_liquidity(own_end, &mut calendar).expect("room");
        spent += added.paid;
        positions.push(added);
    }
    let rental = pool.rent(10, others_end, SWAP_FEE, &mut calendar).expect("idle");
    let contribution = pool.contribution(rental.amount);
    spent += rental.cost();

    pool.sync(own_end, &mut calendar).expect("time passes");
    let back = pool
        .give_back(10, others_end, &most(contribution), SWAP_FEE, &mut calendar)
        .expect("it can be ended");
    let streamed = |added: &AddedLiquidity| {
        Pool::streamed_to(added.share_rate, added.stream_index, pool.stream_index).expect("it only grows")
    };
    let received = positions.iter().map(streamed).sum::<u128>() + back.proceeds();
    received as i128 - spent as i128
}

#[test]
fn who_rents_and_lets_its_liquidity_run_out_gains_without_the_bound_and_loses_with_it() {
    let unbounded = |contribution| Contribution {
        // As if nothing had streamed since.
        kept: u128::MAX,
        ..contribution
    };
    for own in [50, 200] {
        let gain = gain_by_letting_liquidity_run_out(own, unbounded);
        assert!(
            gain > 200 * LOOPIN as i128,
            "{own} devices gain {gain} without the bound"
        );
        let gain = gain_by_letting_liquidity_run_out(own, |contribution| contribution);
        assert!(gain < 0, "{own} devices gain {gain} with the bound");
    }
}

#[test]
fn an_extension_keeps_what_is_left_and_a_part_takes_its_share_out() {
    let mut calendar = Calendar::default();
    let mut pool = Pool::new(1_000 * LOOPIN, LOOPIN / 2, START).expect("a usual pool");
    pool.add_liquidity(START + 7 * DAY, &mut calendar).expect("room");
    let first = pool.contribution(1_000);
    let before = pool.shares;
    pool.sync(START + DAY, &mut calendar).expect("time passes");
    let left = pool.left_of(&first);
    assert_eq!(left, 1_000 * pool.shares / before);
    let mut grown = first.grown(500, &pool.retention).expect("no overflow");
    assert_eq!((grown.kept, grown.retention), (left + 500, pool.retention));
    let part = grown.take_part(3);
    assert_eq!(part.kept, (left + 500) / 3);
    assert_eq!(grown.kept, left + 500 - part.kept);
    assert_eq!(grown.take_part(0).kept, 0);
    let all = grown.kept;
    assert_eq!(grown.take_part(1).kept, all);
    assert_eq!(grown.kept, 0);
}

#[test]
fn ten_years_of_syncs_wear_nothing_out() {
    // GPU-hours of the anchor, and devices that join for an hour in every hour: a 85th of all shares runs off in it, a
    // twentieth, or nineteen twentieths.
    for (anchor, devices) in [(84, 1), (19, 1), (1, 19)] {
        let mut calendar = Calendar::default();
        let mut pool = Pool::new(anchor * LOOPIN, LOOPIN, 0).expect("a small pool");
        let first = pool.contribution(SUPPLY);
        for hour in 1..=10 * 365 * 24 {
            for _ in 0..devices {
                pool.add_liquidity(hour * HOUR, &mut calendar)
                    .expect("there is room");
            }
            let (before, paid) = (pool.clone(), pool.contribution(SUPPLY));
            pool.sync(hour * HOUR, &mut calendar).expect("time passes");
            assert!(pool.retention.is_normal() && before.retention.is_at_least(&pool.retention));
            let exact = part_left(SUPPLY, &before, &pool);
            let left = pool.left_of(&paid);
            assert!(
                left <= exact && left + 1 >= exact,
                "{left} instead of {exact} in hour {hour}"
            );
        }
        assert_eq!(pool.left_of(&first), 0);
        // A fixed point of 128 bits would long have been zero.
        assert!(pool.retention.exponent > 1_000, "{:?}", pool.retention);
    }
}

/// `amount·L_after/L_before`, rounded down, where nothing but time has passed.
fn part_left(amount: u128, before: &Pool, after: &Pool) -> u128 {
    (U256::from(amount) * U256::from(after.shares) / U256::from(before.shares)).low_u128()
}

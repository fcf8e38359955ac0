//! Pools of up to a million devices.

use crate::{SUPPLY, any_magnitude, any_start, common::Calendar, config};
use loopin_math::{
    Pool, U256,
    time::{HOUR, MINUTE, scheduled_end},
};
use proptest::prelude::*;
use sp_arithmetic::Permill;

/// The most devices.
const CROWD: u32 = 1_000_000;

/// Devices that come one after the other and go together.
#[derive(Clone, Debug)]
struct Group {
    /// Parts in a million of the crowd.
    part: u32,
    minutes: u64,
}

/// A position: its share rate, when it ends, and the stream index when it began.
type Position = (u128, u64, U256);

/// From one to a million; a million often enough.
fn any_crowd() -> impl Strategy<Value = u32> {
    prop_oneof![
        1 => Just(CROWD),
        7 => any_magnitude(20).prop_map(|crowd| u32::try_from(crowd).unwrap_or(CROWD).min(CROWD)),
    ]
}

fn any_group() -> impl Strategy<Value = Group> {
    (1..=1_000_000u32, 1..10_080u64).prop_map(|(part, minutes)| Group { part, minutes })
}

/// What all positions are owed now.
fn owed(positions: &[Position], pool: &Pool, calendar: &Calendar) -> u128 {
    let owed = |(share_rate, until, since): &Position| {
        let index = match calendar.endings.get(until) {
            Some((_, index)) => *index,
            None => pool.stream_index,
        };
        Pool::streamed_to(*share_rate, *since, index).expect("the index only grows")
    };
    positions.iter().map(owed).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases.div_ceil(16), ..config() })]

    #[test]
    fn a_crowd_is_owed_no_more_than_has_streamed(
        crowd in any_crowd(),
        reserve in any_magnitude(66),
        anchor_gpu_seconds in any_magnitude(46),
        start in any_start(),
        groups in prop::collection::vec(any_group(), 1..5),
        rented in (0..=333_333u32, 1..10_080u64),
        passes in 1..604_800u64,
    ) {
        let price_per_gpu_hour = (reserve.min(SUPPLY) * 3_600 / anchor_gpu_seconds).max(1);
        let Ok(mut pool) = Pool::new(reserve.min(SUPPLY), price_per_gpu_hour, start) else {
            return Ok(());
        };
        let mut calendar = Calendar::default();
        let mut positions: Vec<Position> = Vec::new();
        'crowd: for group in &groups {
            let until = scheduled_end(start, group.minutes * MINUTE).expect("not at the end of time");
            for _ in 0..(u64::from(crowd) * u64::from(group.part)).div_ceil(1_000_000) {
                // As many as there is LOOPIN for.
                let cost = pool.quote_add_liquidity((until - start).into()).expect("a quote");
                if pool.reserve + cost > SUPPLY || positions.len() == CROWD as usize {
                    break 'crowd;
                }
                let added = pool.add_liquidity(until, &mut calendar).expect("there is room");
                positions.push((added.share_rate, until, added.stream_index));
            }
        }
        prop_assert_eq!(pool.idle_devices as usize, positions.len());
        let (part, minutes) = rented;
        let devices = u64::from(pool.idle_devices) * u64::from(part) / 1_000_000;
        if devices > 0 {
            let first = positions.iter().map(|(_, until, _)| *until).min().expect("there are some");
            let until = scheduled_end(start, minutes * MINUTE).expect("not at the end of time").min(first);
            let devices = u32::try_from(devices).expect("fewer than there are");
            let (mut other, mut other_calendar) = (pool.clone(), calendar.clone());
            let rental = other.rent(devices, until, Permill::zero(), &mut other_calendar);
            let rental = rental.expect("a third can be rented");
            let (mut undone, mut undone_calendar) = (other.clone(), other_calendar.clone());
            let paid = undone.contribution(rental.amount);
            let back = undone.give_back(devices, until, &paid, Permill::zero(), &mut undone_calendar).expect("it is there");
            prop_assert!(back.amount <= rental.amount);
            prop_assert_eq!(&undone_calendar, &calendar);
            (pool, calendar) = (other, other_calendar);
        }

        let before = pool.clone();
        let (mut timely, mut timely_calendar) = (pool.clone(), calendar.clone());
        for now in [start + passes, pool.agenda_end.max(start + passes)] {
            pool.sync(now, &mut calendar).expect("time can always pass");
            while timely.updated_at < now {
                let next = (timely.updated_at + HOUR).min(now);
                timely.sync(next, &mut timely_calendar).expect("time can always pass");
            }
            prop_assert!(timely.reserve.abs_diff(pool.reserve) <= 1);
            prop_assert!(timely.reserve >= pool.reserve);
            for (pool, calendar) in [(&pool, &calendar), (&timely, &timely_calendar)] {
                let streamed = before.reserve - pool.reserve;
                let owed = owed(&positions, pool, calendar);
                prop_assert!(owed <= streamed, "{owed} of {streamed}");
                prop_assert!(streamed - owed <= positions.len() as u128);
            }
        }
        prop_assert_eq!(pool.gpu_seconds, pool.anchor_gpu_seconds);
        prop_assert_eq!(pool.shares, pool.anchor_shares);
        prop_assert_eq!((pool.idle_devices, pool.provider_devices, pool.share_rate), (0, 0, 0));
        prop_assert!(calendar.pages.is_empty() && pool.reserve >= 1);
    }
}

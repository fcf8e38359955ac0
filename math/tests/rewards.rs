//! What always holds of the arithmetic of rewards.

use loopin_math::{
    Conditions, MultiplierTerms, Record, Region, RewardCaps, RewardedTime, RoundCount, Schedule, Split,
    capped_part, exponential_of_minus, logarithmic_mean, parts_by_weight, pool_weight, rate_per_second,
    reward_at_rate, seconds_that_count,
};
use proptest::{collection::vec, prelude::*};
use sp_arithmetic::{FixedU128, Permill, Perquintill};

const LOOPIN: u128 = 1_000_000_000_000;

/// That of the protocol.
const SCHEDULE: Schedule = Schedule {
    initial: 100_000 * LOOPIN,
    halving_epochs: 365,
    cap: 73_000_000 * LOOPIN,
};

const TERMS: MultiplierTerms = MultiplierTerms {
    time_steepness: FixedU128::from_rational(2_303, 1_000),
    loyalty_steepness: FixedU128::from_rational(7_324, 1_000),
    privacy_steepness: FixedU128::from_rational(2_303, 1_000),
    work_steepness: FixedU128::from_rational(7_324, 1_000),
    full_age_seconds: 30 * 86_400,
    work_dead_band: Permill::from_percent(5),
};

/// Extremes, powers of two and their neighbours, and anything between.
fn any_u128() -> impl Strategy<Value = u128> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(u128::MAX),
        (0..128u32, 0..3u128).prop_map(|(bits, offset)| (1u128 << bits).wrapping_add(offset).wrapping_sub(1)),
        (0..128u32, any::<u128>()).prop_map(|(bits, value)| value >> bits),
    ]
}

fn any_u64() -> impl Strategy<Value = u64> {
    any_u128().prop_map(|value| value as u64)
}

fn any_permill() -> impl Strategy<Value = Permill> {
    (0..=1_000_000u32).prop_map(Permill::from_parts)
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    (any_u128(), any_u128(), 0..1_000u32, any_u128()).prop_map(|(initial, cap, halving_epochs, odd)| {
        Schedule {
            initial,
            halving_epochs: if halving_epochs == 999 {
                odd as u32
            } else {
                halving_epochs
            },
            cap,
        }
    })
}

prop_compose! {
    fn any_record()(
        age_seconds in any_u64(),
        kept in any_u128(),
        minted in any_u128(),
        privacy in any::<u8>(),
        privacy_limit in any::<u8>(),
        work_gops in any_u64(),
        benchmark_gops in any_u64(),
    ) -> Record {
        Record { age_seconds, kept, minted, privacy, privacy_limit, work_gops, benchmark_gops }
    }
}

prop_compose! {
    fn any_terms()(
        steepness in any::<[u128; 4]>(),
        shift in 0..128u32,
        full_age_seconds in any_u64(),
        work_dead_band in any_permill(),
    ) -> MultiplierTerms {
        let [time, loyalty, privacy, work] = steepness.map(|inner| FixedU128::from_inner(inner >> shift));
        MultiplierTerms {
            time_steepness: time,
            loyalty_steepness: loyalty,
            privacy_steepness: privacy,
            work_steepness: work,
            full_age_seconds,
            work_dead_band,
        }
    }
}

prop_compose! {
    fn any_conditions()(
        prices in [any_u128(), any_u128(), any_u128(), any_u128(), any_u128()],
        failure_probability in any_permill(),
    ) -> Conditions {
        let [pool_price, external_price, collateral, buyers_limit, reward] = prices;
        Conditions { pool_price, external_price, failure_probability, collateral, buyers_limit, reward }
    }
}

mod emission {
    use super::*;

    #[test]
    fn a_century_stays_below_the_cap() {
        let century = 36_525;
        let all: u128 = (0..century).map(|epoch| SCHEDULE.uncapped_emission(epoch)).sum();
        assert!(all < SCHEDULE.cap);
        assert_eq!(SCHEDULE.emission_before(century, 0), all);
        // 2·initial·365 is the cap. What is missing was rounded away in halvings: a planck per epoch for each bit.
        assert_eq!(
            SCHEDULE.cap - all,
            u128::from(SCHEDULE.initial.count_ones()) * 365
        );
        assert_eq!(SCHEDULE.uncapped_emission(century), 0);
        assert_eq!(SCHEDULE.emission_before(u64::MAX, 0), all);
    }

    #[test]
    fn what_is_endowed_counts_to_the_last_planck() {
        let endowed = 10_000_000 * LOOPIN + 1;
        let mut taken = endowed;
        let mut last = 0;
        for epoch in 0..36_525 {
            assert_eq!(SCHEDULE.emission_before(epoch, endowed), taken - endowed);
            let emitted = SCHEDULE.emission(epoch, taken);
            taken += emitted;
            if emitted > 0 {
                last = emitted;
            }
        }
        assert_eq!(taken, SCHEDULE.cap);
        // The last emission is not a whole one.
        assert!(!(SCHEDULE.initial).is_multiple_of(last));
        assert_eq!(SCHEDULE.emission(36_525, taken), 0);
        assert_eq!(SCHEDULE.emission(0, u128::MAX), 0);
    }

    #[test]
    fn emission_is_halved_on_time() {
        assert_eq!(SCHEDULE.uncapped_emission(0), 100_000 * LOOPIN);
        assert_eq!(SCHEDULE.uncapped_emission(364), 100_000 * LOOPIN);
        assert_eq!(SCHEDULE.uncapped_emission(365), 50_000 * LOOPIN);
        assert_eq!(SCHEDULE.uncapped_emission(730), 25_000 * LOOPIN);
        assert_eq!(SCHEDULE.uncapped_emission(u64::MAX), 0);
        let constant = Schedule {
            halving_epochs: 0,
            ..SCHEDULE
        };
        assert_eq!(constant.uncapped_emission(u64::MAX), 100_000 * LOOPIN);
        assert_eq!(constant.emission_before(729, 0), 72_900_000 * LOOPIN);
        assert_eq!(constant.emission_before(u64::MAX, 0), SCHEDULE.cap);
    }

    proptest! {
        #[test]
        fn the_closed_form_is_the_sum(schedule in any_schedule(), endowed in any_u128(), epoch in any_u64()) {
            let before = schedule.emission_before(epoch, endowed);
            let emitted = schedule.emission(epoch, endowed.saturating_add(before));
            prop_assert!(endowed.saturating_add(before).saturating_add(emitted) <= schedule.cap.max(endowed));
            if let Some(next) = epoch.checked_add(1) {
                let after = schedule.emission_before(next, endowed);
                prop_assert_eq!(after, before.saturating_add(emitted).min(schedule.cap));
                prop_assert!(schedule.uncapped_emission(next) <= schedule.uncapped_emission(epoch));
            }
        }

        #[test]
        fn parts_are_never_more_than_the_whole(shares in any::<[u32; 5]>(), amount in any_u128()) {
            let [miners, clients, verifiers, treasury, team] = shares.map(Permill::from_parts);
            let split = Split { miners, clients, verifiers, treasury, team };
            let parts = split.parts(amount);
            prop_assert!(parts.total() <= amount);
            if split.is_whole() {
                prop_assert!(amount - parts.total() <= 4);
            }
        }
    }

    #[test]
    fn a_split_that_is_no_whole_is_told() {
        let split = Split {
            miners: Permill::from_percent(60),
            clients: Permill::from_percent(5),
            verifiers: Permill::from_percent(5),
            treasury: Permill::from_percent(20),
            team: Permill::from_percent(10),
        };
        assert!(split.is_whole());
        let less = Split {
            team: Permill::from_parts(99_999),
            ..split
        };
        assert!(!less.is_whole());
        let more = Split {
            team: Permill::one(),
            ..split
        };
        assert!(!more.is_whole());
        assert_eq!(more.parts(100).team, 10);
    }
}

mod exponential {
    use super::*;

    fn exponential(x: u128) -> u64 {
        exponential_of_minus(FixedU128::from_inner(x)).deconstruct()
    }

    #[test]
    fn the_ends_are_exact() {
        assert_eq!(exponential(0), 1_000_000_000_000_000_000);
        assert_eq!(exponential(1), 999_999_999_999_999_998);
        // exp(-20) is 2.0611536224385578e-9.
        assert!((2_061_153_619..=2_061_153_622).contains(&exponential(20 * 10u128.pow(18))));
        assert_eq!(exponential(42 * 10u128.pow(18)), 0);
        assert_eq!(exponential(u128::MAX), 0);
    }

    #[test]
    fn it_does_not_rise_where_the_range_reduction_begins_anew() {
        // Multiples of ln 2, and a hundred neighbours to each side.
        for halvings in 1..60u128 {
            let middle = halvings * 693_147_180_559_945_309;
            for x in middle - 100..middle + 100 {
                assert!(exponential(x) >= exponential(x + 1), "{x}");
            }
        }
    }

    proptest! {
        #[test]
        fn it_never_rises(x in any_u128(), more in any_u128()) {
            prop_assert!(exponential(x) >= exponential(x.saturating_add(more)));
        }

        #[test]
        fn it_never_rises_from_one_number_to_the_next(x in 0..20_000_000_000_000_000_000u128) {
            prop_assert!(exponential(x) >= exponential(x + 1));
        }

        #[test]
        fn a_sum_becomes_a_product(x in 0..10_000_000_000_000_000_000u128, y in 0..10_000_000_000_000_000_000u128) {
            let product = u128::from(exponential(x)) * u128::from(exponential(y)) / 10u128.pow(18);
            prop_assert!(product.abs_diff(exponential(x + y).into()) <= 10);
        }
    }
}

mod multiplier {
    use super::*;

    const FULL: Record = Record {
        age_seconds: 30 * 86_400,
        kept: 5,
        minted: 5,
        privacy: 25,
        privacy_limit: 25,
        work_gops: 950,
        benchmark_gops: 1_000,
    };

    fn near(factor: Perquintill, expected_parts_per_million: u32) -> bool {
        (factor.deconstruct() / 1_000_000_000_000).abs_diff(expected_parts_per_million.into()) <= 1
    }

    #[test]
    fn who_reaches_every_reference_is_paid_in_full() {
        let factors = TERMS.factors(&FULL);
        assert_eq!(factors.product(), Perquintill::one());
        assert_eq!(
            (factors.apply(u128::MAX).paid, factors.apply(7).burned),
            (u128::MAX, 0)
        );
    }

    #[test]
    fn a_new_device_is_paid_a_tenth() {
        let record = Record {
            age_seconds: 0,
            ..FULL
        };
        assert!(near(TERMS.factors(&record).time, 99_958));
    }

    #[test]
    fn who_keeps_half_is_paid_a_fortieth() {
        let record = Record {
            kept: 50,
            minted: 100,
            ..FULL
        };
        assert!(near(TERMS.factors(&record).loyalty, 25_681));
    }

    #[test]
    fn work_within_the_dead_band_is_full_and_below_it_counts_as_it_is() {
        let of = |work_gops| TERMS.factors(&Record { work_gops, ..FULL }).work;
        assert_eq!(of(2_000), Perquintill::one());
        assert_eq!(of(950), Perquintill::one());
        assert!(near(of(949), 688_304));
        assert!(near(of(0), 659));
    }

    #[test]
    fn a_reference_of_zero_asks_for_nothing() {
        let record = Record {
            age_seconds: 0,
            kept: 0,
            minted: 0,
            privacy: 0,
            privacy_limit: 0,
            work_gops: 0,
            benchmark_gops: 0,
        };
        let terms = MultiplierTerms {
            full_age_seconds: 0,
            ..TERMS
        };
        assert_eq!(terms.factors(&record).product(), Perquintill::one());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_added(
            terms in any_terms(),
            record in any_record(),
            standard in any_u128(),
        ) {
            let factors = terms.factors(&record);
            let reward = factors.apply(standard);
            prop_assert_eq!(reward.paid.checked_add(reward.burned), Some(standard));
            let product = factors.product();
            for factor in [factors.time, factors.loyalty, factors.privacy, factors.work] {
                prop_assert!(product <= factor);
            }
        }

        #[test]
        fn better_values_never_pay_less(
            terms in any_terms(),
            record in any_record(),
            better in any_record(),
            standard in any_u128(),
        ) {
            let better = Record {
                age_seconds: record.age_seconds.max(better.age_seconds),
                kept: record.kept.max(better.kept),
                privacy: record.privacy.max(better.privacy),
                work_gops: record.work_gops.max(better.work_gops),
                ..record
            };
            let paid = |record| terms.factors(record).apply(standard).paid;
            prop_assert!(paid(&record) <= paid(&better));
        }
    }
}

mod stability {
    use super::*;

    const CONDITIONS: Conditions = Conditions {
        pool_price: 1_000,
        external_price: 700,
        failure_probability: Permill::from_percent(30),
        collateral: 1_000,
        buyers_limit: 2_000,
        reward: 0,
    };

    #[test]
    fn the_regions_meet_where_the_paper_says() {
        let region = |pool_price, reward| {
            Conditions {
                pool_price,
                reward,
                ..CONDITIONS
            }
            .region()
        };
        assert_eq!(CONDITIONS.sellers_cost(), 1_000);
        assert_eq!(region(699, 700), Region::ProvidersAndBuyers);
        assert_eq!(region(699, 699), Region::Drained);
        assert_eq!(region(700, 699), Region::NoArbitrage);
        assert_eq!(region(999, 699), Region::NoArbitrage);
        assert_eq!(region(1_000, 699), Region::SellersAndBuyers);
        assert_eq!(region(1_000, 700), Region::Balanced);
        // (2 - 1)/ln 2 = 1.4427, less 0.3.
        assert_eq!(region(2_000, 1_141), Region::SellersAndBuyers);
        assert_eq!(region(2_000, 1_142), Region::Balanced);
        assert_eq!(region(2_001, 1_141), Region::SellersOnly);
        assert_eq!(region(2_001, 1_143), Region::ProvidersOnly);
    }

    #[test]
    fn the_reward_has_its_bounds() {
        let conditions = Conditions {
            pool_price: 2_000,
            buyers_limit: 4_000,
            ..CONDITIONS
        };
        assert_eq!(conditions.least_reward(), 1_142);
        // (4 - 1)/ln 4 = 2.164.
        assert_eq!(conditions.largest_reward(), Some(1_864));
        let balanced = |reward| Conditions { reward, ..conditions }.is_balanced();
        assert!(!balanced(699) && balanced(700) && balanced(1_864) && !balanced(1_865));
        let poor = Conditions {
            buyers_limit: 999,
            ..CONDITIONS
        };
        assert_eq!(poor.largest_reward(), None);
    }

    #[test]
    fn the_mean_is_continuous_where_its_formula_is_not_defined() {
        let cost = 10u128.pow(18);
        let mut before = logarithmic_mean(cost - 1, cost);
        assert_eq!(before, cost);
        for price in cost..cost + 10_000 {
            let mean = logarithmic_mean(price, cost);
            // It grows by half of what the price does.
            assert!(mean >= before && mean - before <= 1);
            assert!(mean >= cost + (price - cost) / 2 - u128::from(price > cost));
            before = mean;
        }
    }

    #[test]
    fn a_seller_without_cost_leaves_no_question() {
        let conditions = Conditions {
            external_price: 0,
            collateral: 0,
            ..CONDITIONS
        };
        assert_eq!(conditions.least_reward(), 0);
        assert_eq!(conditions.region(), Region::Balanced);
        assert_eq!(logarithmic_mean(u128::MAX, 0), 0);
    }

    proptest! {
        #[test]
        fn the_mean_lies_between_and_never_falls(a in any_u128(), more in any_u128(), b in any_u128()) {
            let mean = logarithmic_mean(a, b);
            prop_assert!(mean >= b && mean <= a.max(b));
            prop_assert!(logarithmic_mean(a.saturating_add(more), b) >= mean);
            prop_assert!(logarithmic_mean(a.saturating_add(1), b) >= mean);
        }

        #[test]
        fn bounds_are_in_order(conditions in any_conditions()) {
            prop_assert!(conditions.least_reward() >= conditions.external_price);
            if let Some(largest) = conditions.largest_reward() {
                prop_assert!(largest >= conditions.external_price);
                if conditions.pool_price <= conditions.buyers_limit {
                    prop_assert!(largest >= conditions.least_reward());
                }
            }
            let region = conditions.region();
            let is_rewarded = matches!(
                region,
                Region::ProvidersAndBuyers | Region::ProvidersOnly | Region::Balanced
            );
            prop_assert_eq!(is_rewarded, conditions.reward >= conditions.least_reward());
            if conditions.is_balanced() {
                prop_assert!(matches!(region, Region::Balanced | Region::SellersAndBuyers));
            }
        }
    }
}

mod parts {
    use super::*;

    #[test]
    fn a_long_epoch_counts_with_its_mean() {
        assert_eq!(seconds_that_count(300, 100, 100), 300);
        assert_eq!(seconds_that_count(300, 60, 100), 300);
        assert_eq!(seconds_that_count(300, 300, 100), 100);
        assert_eq!(seconds_that_count(100, 3, 2), 66);
        assert_eq!(
            seconds_that_count(u128::MAX, u64::MAX, 1),
            u128::MAX / u128::from(u64::MAX)
        );
        assert_eq!(seconds_that_count(7, 1, 0), 0);
    }

    proptest! {
        #[test]
        fn pools_get_no_more_than_the_budget(
            budget in any_u128(),
            pools in vec((any_u128(), any_u128()), 0..65),
        ) {
            let weights: Vec<_> =
                pools.iter().map(|(price, seconds)| pool_weight(*price, *seconds)).collect();
            let parts: Vec<_> = parts_by_weight(budget, &weights).collect();
            prop_assert_eq!(parts.len(), pools.len());
            let total = parts.iter().try_fold(0u128, |total, part| total.checked_add(*part));
            let total = total.expect("no more than the budget");
            prop_assert!(total <= budget);
            if weights.iter().any(|weight| *weight > 0) {
                prop_assert!(budget - total <= parts.len() as u128);
            } else {
                prop_assert_eq!(total, 0);
            }
            for (index, (price, _)) in pools.iter().enumerate() {
                prop_assert!(*price > 0 || parts[index] == 0);
            }
        }

        #[test]
        fn positions_get_no_more_than_the_part(part in any_u128(), seconds in vec(0..1u64 << 40, 1..100)) {
            let all: u128 = seconds.iter().copied().map(u128::from).sum();
            let rate = rate_per_second(part, all);
            let mut paid = 0u128;
            for seconds in &seconds {
                paid = paid.checked_add(reward_at_rate(rate, *seconds)).expect("no more than the part");
            }
            prop_assert!(paid <= part);
            if part < 1 << 64 && all > 0 {
                // A planck for each position, and a planck that the rate rounds away in 2^64 seconds.
                prop_assert!(part - paid <= seconds.len() as u128 + 1);
            }
        }

        #[test]
        fn nothing_panics_at_any_rate(part in any_u128(), seconds in any_u128(), mine in any_u64()) {
            let rate = rate_per_second(part, seconds);
            if u128::from(mine) <= seconds {
                prop_assert!(reward_at_rate(rate, mine) <= part);
            }
            prop_assert!(reward_at_rate(rate, mine) <= reward_at_rate(rate, mine.saturating_add(1)));
        }

        #[test]
        fn capped_parts_are_never_more_than_the_budget(
            budget in any_u128(),
            shares in vec((0..u128::MAX / 100, any_u128()), 1..100),
            extra in any_u128(),
        ) {
            let all: u128 = shares.iter().map(|(share, _)| *share).sum();
            let total = all.saturating_add(extra);
            let mut paid = 0u128;
            for (share, most) in &shares {
                let part = capped_part(budget, *share, total, *most);
                prop_assert!(part <= *most);
                paid = paid.checked_add(part).expect("no more than the budget");
            }
            prop_assert!(paid <= budget);
            prop_assert!(capped_part(budget, extra, all, u128::MAX) <= budget);
        }
    }
}

mod caps {
    use super::*;

    /// Those of the protocol.
    const CAPS: RewardCaps = RewardCaps {
        idle: FixedU128::from_rational(5, 4),
        rented: FixedU128::from_rational(1, 2),
    };

    /// A rate of so many LOOPIN an hour.
    fn hourly(loopin: u128) -> u128 {
        rate_per_second(loopin * LOOPIN, 3_600)
    }

    fn any_fixed() -> impl Strategy<Value = FixedU128> {
        any_u128().prop_map(FixedU128::from_inner)
    }

    #[test]
    fn an_hour_earns_what_the_protocol_says() {
        let standard = |rate, idle_hours: u64, rented_hours: u64, paid| {
            let time = RewardedTime {
                idle_seconds: idle_hours * 3_600,
                rented_seconds: rented_hours * 3_600,
                paid,
            };
            CAPS.standard_reward(rate, 4 * LOOPIN, &time)
        };
        // The rate, where it is below the cap.
        assert_eq!(standard(hourly(3), 1, 0, 0), 3 * LOOPIN - 1);
        assert_eq!(standard(hourly(1), 0, 1, 4 * LOOPIN), LOOPIN - 1);
        // Five quarters of the reference price, and half of it.
        assert_eq!(standard(hourly(100), 1, 0, 0), 5 * LOOPIN - 1);
        assert_eq!(standard(hourly(100), 0, 1, 1_000 * LOOPIN), 2 * LOOPIN - 1);
        // Half of what was paid, where that is less.
        assert_eq!(standard(hourly(100), 0, 1, LOOPIN), LOOPIN / 2);
        assert_eq!(standard(hourly(100), 0, 1, 0), 0);
        assert_eq!(
            standard(hourly(100), 1, 1, 3 * LOOPIN),
            5 * LOOPIN - 1 + 3 * LOOPIN / 2
        );
    }

    proptest! {
        #[test]
        fn no_cap_ever_raises_a_reward(
            (idle, rented) in (any_fixed(), any_fixed()),
            (rate, reference) in (any_u128(), any_u128()),
            (idle_seconds, rented_seconds, paid) in (0..1u64 << 40, 0..1u64 << 40, any_u128()),
        ) {
            let caps = RewardCaps { idle, rented };
            let time = RewardedTime { idle_seconds, rented_seconds, paid };
            let standard = caps.standard_reward(rate, reference, &time);
            prop_assert!(standard <= reward_at_rate(rate, idle_seconds + rented_seconds));
            let alone = RewardedTime { idle_seconds: 0, ..time };
            prop_assert!(caps.standard_reward(rate, reference, &alone) <= standard);
        }

        #[test]
        fn what_is_rented_earns_at_most_half_of_what_was_paid(
            (rate, reference, rented_seconds, paid) in (any_u128(), any_u128(), any_u64(), any_u128()),
        ) {
            let time = RewardedTime { idle_seconds: 0, rented_seconds, paid };
            prop_assert!(CAPS.standard_reward(rate, reference, &time) <= paid / 2);
        }
    }
}

mod rounds {
    use super::*;

    fn rounds(votes: &[(u32, u32)], fails: u32) -> RoundCount {
        let mut rounds = RoundCount::default();
        votes
            .iter()
            .for_each(|(passes, fails)| rounds.pass(*passes, *fails));
        (0..fails).for_each(|_| rounds.fail());
        rounds
    }

    #[test]
    fn who_passes_everything_has_proven_everything() {
        assert_eq!(rounds(&[(1, 0), (5, 0), (3, 0)], 0).proven(3), Perquintill::one());
        // Half of the rounds are enough, and no number of rounds before the first is counted.
        assert_eq!(rounds(&[(1, 0), (5, 0)], 0).proven(4), Perquintill::one());
        assert_eq!(rounds(&[(5, 0)], 0).proven(0), Perquintill::one());
    }

    #[test]
    fn who_is_challenged_seldom_has_proven_little() {
        assert_eq!(
            rounds(&[(5, 0)], 0).proven(24),
            Perquintill::from_rational(1u64, 12)
        );
        assert_eq!(
            rounds(&[(5, 0)], 0).proven(5),
            Perquintill::from_rational(2u64, 5)
        );
    }

    #[test]
    fn a_pass_counts_by_its_votes_and_a_fail_not_at_all() {
        assert_eq!(rounds(&[(4, 1)], 0).proven(1), Perquintill::from_percent(80));
        assert_eq!(
            rounds(&[(3, 2), (5, 0)], 0).proven(2),
            Perquintill::from_percent(80)
        );
        assert_eq!(rounds(&[(5, 0)], 3).proven(4), Perquintill::from_percent(25));
    }

    #[test]
    fn none_of_none_is_nothing() {
        assert_eq!(rounds(&[], 0).proven(0), Perquintill::zero());
        assert_eq!(rounds(&[(0, 0)], 0), RoundCount::default());
    }

    proptest! {
        #[test]
        fn nobody_proves_more_than_everything(
            votes in vec((any::<u32>(), any::<u32>()), 0..40), fails in 0..40u32, of in any::<u32>(),
        ) {
            let count = rounds(&votes, fails);
            let proven = count.proven(of);
            prop_assert!(proven <= Perquintill::one());
            prop_assert!(rounds(&votes, fails + 1).proven(of) <= proven);
            prop_assert!(count.proven(of.saturating_add(1)) <= proven);
        }

        #[test]
        fn nothing_panics_at_any_count(judged in any::<u32>(), passed in any_u64(), of in any::<u32>()) {
            let _ = RoundCount { judged, passed }.proven(of);
        }
    }
}

//! What always holds of the arithmetic of rewards.

use loopin_math::{
    Conditions, MultiplierTerms, Record, Region, Schedule, Split, capped_part, exponential_of_minus,
    logarithmic_mean, parts_by_weight, pool_weight, rate_per_second, reward_at_rate, seconds_that_count,
    usable_price,
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
        balance in any_u128(),
        minted in any_u128(),
        privacy in any::<u8>(),
        privacy_limit in any::<u8>(),
        work_gops in any_u64(),
        benchmark_gops in any_u64(),
    ) -> Record {
        Record { age_seconds, balance, minted, privacy, privacy_limit, work_gops, benchmark_gops }
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
        balance: 5,
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
            balance: 50,
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
            balance: 0,
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
                balance: record.balance.max(better.balance),
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
    fn a_price_moves_a_tenth_and_never_gets_stuck() {
        let tenth = Permill::from_percent(10);
        assert_eq!(usable_price(7, None, tenth), 7);
        assert_eq!(usable_price(1_200, Some(1_000), tenth), 1_100);
        assert_eq!(usable_price(800, Some(1_000), tenth), 900);
        assert_eq!(usable_price(1_050, Some(1_000), tenth), 1_050);
        assert_eq!(usable_price(9, Some(3), tenth), 4);
        assert_eq!(usable_price(9, Some(0), tenth), 1);
        assert_eq!(usable_price(0, Some(u128::MAX), Permill::one()), 0);
    }

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
        fn a_price_is_between_the_mean_and_the_one_before(
            mean in any_u128(),
            previous in any_u128(),
            largest_change in any_permill(),
        ) {
            let used = usable_price(mean, Some(previous), largest_change);
            prop_assert!(used >= mean.min(previous) && used <= mean.max(previous));
            prop_assert!(used.abs_diff(previous) <= largest_change.mul_floor(previous).max(1));
            prop_assert!(used != previous || mean == previous);
        }

        #[test]
        fn pools_get_no_more_than_the_budget(
            budget in any_u128(),
            pools in vec((any::<u32>(), any_u128(), any_u128()), 0..65),
        ) {
            let weights: Vec<_> =
                pools.iter().map(|(listing, price, seconds)| pool_weight(*listing, *price, *seconds)).collect();
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
            for (index, (listing, _, _)) in pools.iter().enumerate() {
                prop_assert!(*listing > 0 || parts[index] == 0);
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

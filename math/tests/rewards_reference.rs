//! The arithmetic of rewards against an independent model of it.
//!
//! `reference/rewards.py` computes with exact fractions and sixty digits, and `reference/rewards.json` holds what came
//! out. To write it again, or to check it:
//!
//! ```sh
//! python3 math/reference/rewards.py --write
//! python3 math/reference/rewards.py --check
//! ```
//!
//! ## How closely both agree
//!
//! * Emission, splits, parts and standard rewards: exactly.
//! * What rounds prove: never above, at most a billionth below.
//! * Exponentials: never above, and at most 4·10⁻¹⁸ below, where the protocol asks for 10⁻⁹.
//! * Factors: never above, at most 10⁻¹⁶ below. What is paid: never more; less by at most 10⁻¹⁵ of the standard
//!   reward, and a planck.
//! * Bounds of the reward: never above, at most one planck below. Regions: exactly, but for rewards within a planck of
//!   the curve, which the vectors leave out.

#![allow(clippy::unwrap_used)] // A test that cannot go on fails there.

use loopin_math::{
    Conditions, MultiplierTerms, Record, Region, RewardCaps, RewardedTime, RoundCount, Schedule, Split,
    capped_part, exponential_of_minus, parts_by_weight, pool_weight, rate_per_second,
};
use serde::{Deserialize, Deserializer};
use sp_arithmetic::{FixedU128, Permill};

/// A number too large for JSON, in decimal digits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Large(u128);

impl<'de> Deserialize<'de> for Large {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        digits.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

#[derive(Deserialize)]
struct Vectors {
    emission: Vec<Emission>,
    split: Vec<Division>,
    /// What is to be exponentiated, times 10^18, and the result, times 10^27.
    exponential: Vec<(Large, Large)>,
    multiplier: Vec<Multiplier>,
    stability: Vec<Stability>,
    pool_parts: Vec<PoolParts>,
    rounds: Vec<Rounds>,
    /// Budget, share, total, cap, part.
    capped_parts: Vec<[Large; 5]>,
}

#[derive(Deserialize)]
struct Emission {
    initial: Large,
    halving_epochs: u32,
    cap: Large,
    endowed: Large,
    /// Epoch, what it emits, and what the epochs before it do.
    epochs: Vec<(u64, Large, Large)>,
}

#[derive(Deserialize)]
struct Division {
    shares: [u32; 5],
    amount: Large,
    parts: [Large; 5],
}

#[derive(Deserialize)]
struct Multiplier {
    k: [Large; 4],
    full_age_seconds: u64,
    work_dead_band: u32,
    record: Measured,
    factors: [Large; 4],
    standard: Large,
    paid: Large,
}

#[derive(Deserialize)]
struct Measured {
    age_seconds: Large,
    kept: Large,
    minted: Large,
    privacy: Large,
    privacy_limit: Large,
    work_gops: Large,
    benchmark_gops: Large,
}

#[derive(Deserialize)]
struct Stability {
    a: Large,
    b: Large,
    p: u32,
    q: Large,
    d: Large,
    y: Large,
    least: Large,
    largest: Option<Large>,
    region: Option<char>,
}

#[derive(Deserialize)]
struct PoolParts {
    budget: Large,
    /// Times 10^18.
    idle_cap: Large,
    rented_cap: Large,
    pools: Vec<PoolRow>,
}

#[derive(Deserialize)]
struct PoolRow {
    /// The reference price, provider-seconds, and the pool's part.
    reference: Large,
    seconds: Large,
    part: Large,
    /// One position's seconds, what was paid for those that were rented, and the standard reward.
    idle: Large,
    rented: Large,
    paid: Large,
    reward: Large,
}

#[derive(Deserialize)]
struct Rounds {
    /// Passes and fails of each round that was passed.
    passes: Vec<(u32, u32)>,
    /// Rounds that were failed.
    fails: u32,
    /// Rounds of the epoch.
    of: u32,
    /// Times 10^18.
    proven: Large,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../reference/rewards.json")).unwrap()
}

#[test]
fn emission_is_what_going_through_all_epochs_gives() {
    for vector in vectors().emission {
        let schedule = Schedule {
            initial: vector.initial.0,
            halving_epochs: vector.halving_epochs,
            cap: vector.cap.0,
        };
        for (epoch, emitted, before) in vector.epochs {
            assert_eq!(schedule.emission_before(epoch, vector.endowed.0), before.0);
            let taken = vector.endowed.0 + before.0;
            assert_eq!(schedule.emission(epoch, taken), emitted.0, "epoch {epoch}");
        }
    }
}

#[test]
fn emission_is_split_exactly() {
    for vector in vectors().split {
        let [miners, clients, verifiers, treasury, team] = vector.shares.map(Permill::from_parts);
        let split = Split {
            miners,
            clients,
            verifiers,
            treasury,
            team,
        };
        assert!(split.is_whole());
        let parts = split.parts(vector.amount.0);
        let actual = [
            parts.miners,
            parts.clients,
            parts.verifiers,
            parts.treasury,
            parts.team,
        ];
        assert_eq!(actual, vector.parts.map(|part| part.0));
        assert!((vector.amount.0.saturating_sub(4)..=vector.amount.0).contains(&parts.total()));
    }
}

#[test]
fn exponentials_are_as_exact_as_they_say() {
    let mut furthest = 0;
    for (x, expected) in vectors().exponential {
        let actual = exponential_of_minus(FixedU128::from_inner(x.0)).deconstruct();
        let actual = u128::from(actual) * 1_000_000_000;
        // The model's is rounded down too.
        assert!(
            actual <= expected.0,
            "exp of minus {x:?}: {actual} instead of {expected:?}"
        );
        furthest = furthest.max(expected.0 - actual);
    }
    println!("at most {furthest}e-27 below");
    assert!(furthest <= 4_000_000_000);
}

#[test]
fn factors_are_those_of_the_protocol() {
    for vector in vectors().multiplier {
        let [time, loyalty, privacy, work] = vector.k.map(|k| FixedU128::from_inner(k.0));
        let terms = MultiplierTerms {
            time_steepness: time,
            loyalty_steepness: loyalty,
            privacy_steepness: privacy,
            work_steepness: work,
            full_age_seconds: vector.full_age_seconds,
            work_dead_band: Permill::from_parts(vector.work_dead_band),
        };
        let measured = vector.record;
        let factors = terms.factors(&Record {
            age_seconds: measured.age_seconds.0.try_into().unwrap(),
            kept: measured.kept.0,
            minted: measured.minted.0,
            privacy: measured.privacy.0.try_into().unwrap(),
            privacy_limit: measured.privacy_limit.0.try_into().unwrap(),
            work_gops: measured.work_gops.0.try_into().unwrap(),
            benchmark_gops: measured.benchmark_gops.0.try_into().unwrap(),
        });
        let actual = [factors.time, factors.loyalty, factors.privacy, factors.work];
        for (actual, expected) in actual.into_iter().zip(vector.factors) {
            let actual = u128::from(actual.deconstruct());
            assert!(
                actual <= expected.0 && expected.0 - actual <= 100,
                "{actual} instead of {expected:?}"
            );
        }
        let standard = vector.standard.0;
        let reward = factors.apply(standard);
        assert!(reward.paid <= vector.paid.0);
        assert!(vector.paid.0 - reward.paid <= standard / 1_000_000_000_000_000 + 1);
        assert_eq!(reward.paid + reward.burned, standard);
    }
}

#[test]
fn bounds_of_the_reward_and_regions_are_those_of_the_paper() {
    let mut found = std::collections::BTreeMap::new();
    for vector in vectors().stability {
        let conditions = Conditions {
            pool_price: vector.a.0,
            external_price: vector.b.0,
            failure_probability: Permill::from_parts(vector.p),
            collateral: vector.q.0,
            buyers_limit: vector.d.0,
            reward: vector.y.0,
        };
        let close = |actual: u128, expected: u128| actual <= expected && expected - actual <= 1;
        let least = conditions.least_reward();
        assert!(
            close(least, vector.least.0),
            "{least} instead of {:?}",
            vector.least
        );
        match (conditions.largest_reward(), vector.largest) {
            (None, None) => {}
            (Some(largest), Some(expected)) => assert!(close(largest, expected.0)),
            (largest, expected) => panic!("{largest:?} instead of {expected:?}"),
        }
        if let Some(region) = vector.region {
            let actual = match conditions.region() {
                Region::ProvidersAndBuyers => 'A',
                Region::Drained => 'B',
                Region::NoArbitrage => 'C',
                Region::SellersAndBuyers => 'D',
                Region::SellersOnly => 'E',
                Region::ProvidersOnly => 'F',
                Region::Balanced => 'G',
            };
            assert_eq!(actual, region, "{conditions:?}");
            *found.entry(region).or_insert(0) += 1;
        }
    }
    println!("{found:?}");
    assert_eq!(found.len(), 7, "all regions occur");
}

#[test]
fn pools_and_positions_get_their_parts() {
    for vector in vectors().pool_parts {
        let weights: Vec<_> = vector
            .pools
            .iter()
            .map(|row| pool_weight(row.reference.0, row.seconds.0))
            .collect();
        let parts: Vec<_> = parts_by_weight(vector.budget.0, &weights).collect();
        for (actual, row) in parts.into_iter().zip(&vector.pools) {
            assert_eq!(actual, row.part.0);
            let caps = RewardCaps {
                idle: FixedU128::from_inner(vector.idle_cap.0),
                rented: FixedU128::from_inner(vector.rented_cap.0),
            };
            let time = RewardedTime {
                idle_seconds: row.idle.0.try_into().unwrap(),
                rented_seconds: row.rented.0.try_into().unwrap(),
                paid: row.paid.0,
            };
            let rate = rate_per_second(actual, row.seconds.0);
            let reward = caps.standard_reward(rate, row.reference.0, &time);
            assert_eq!(reward, row.reward.0);
        }
    }
}

#[test]
fn rounds_prove_what_they_should() {
    for vector in vectors().rounds {
        let mut count = RoundCount::default();
        for (passes, fails) in vector.passes {
            count.pass(passes, fails);
        }
        (0..vector.fails).for_each(|_| count.fail());
        let proven = u128::from(count.proven(vector.of).deconstruct());
        // Each round is rounded down to a billionth.
        let exact = vector.proven.0;
        assert!(
            proven <= exact && exact - proven <= 1_000_000_000,
            "{proven} instead of {exact}"
        );
    }
}

#[test]
fn capped_parts_are_exact() {
    for [budget, share, total, most, part] in vectors().capped_parts {
        assert_eq!(capped_part(budget.0, share.0, total.0, most.0), part.0);
    }
}

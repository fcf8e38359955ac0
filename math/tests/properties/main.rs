//! Random histories of a pool, kept by a bookkeeper who knows each device and each planck.

#[path = "../common/mod.rs"]
mod common;
mod crowd;
mod deepen;
mod instant;
mod price;
mod refunds;
mod world;

use crate::world::{Action, World};
use loopin_math::time::DAY;
use proptest::{prelude::*, sample::Index, test_runner::TestCaseError};
use sp_arithmetic::Permill;

/// All LOOPIN that there will ever be, in planck.
pub const SUPPLY: u128 = 73_000_000_000_000_000_000;

/// As often as PROPTEST_CASES says.
pub fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// From 1 to `2^bits`, each order of magnitude as often as any other.
pub fn any_magnitude(bits: u32) -> impl Strategy<Value = u128> {
    (0..bits, any::<u128>()).prop_map(|(bits, value)| (1 << bits) + value % (1 << bits))
}

/// When a pool is made.
pub fn any_start() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(1_800_000_000), 0..4_000_000_000u64]
}

/// How long something lasts: seldom more than a week.
pub fn any_duration() -> impl Strategy<Value = u64> {
    prop_oneof![
        1..120u64,
        1..2 * 3_600u64,
        1..7 * DAY,
        (1..=7u64).prop_map(|days| days * DAY)
    ]
}

fn any_passage() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => 1..120u64,
        4 => 1..3 * 3_600u64,
        4 => 1..2 * DAY,
        1 => 1..100 * DAY,
    ]
}

fn any_fee() -> impl Strategy<Value = Permill> {
    prop_oneof![
        Just(Permill::zero()),
        Just(Permill::from_parts(3_000)),
        (0..=1_000_000u32).prop_map(Permill::from_parts),
    ]
}

fn any_action() -> impl Strategy<Value = Action> {
    let pick = any::<Index>;
    prop_oneof![
        10 => (any_passage(), any::<bool>()).prop_map(|(seconds, late)| Action::Pass { seconds, late }),
        6 => any_duration().prop_map(|seconds| Action::AddLiquidity { seconds }),
        4 => any_duration().prop_map(|seconds| Action::Sell { seconds }),
        1 => (pick(), any_duration()).prop_map(|(which, seconds)| Action::ExtendSale { which, seconds }),
        8 => (pick(), any::<Index>(), prop::option::of(any_duration()))
            .prop_map(|(which, devices, seconds)| Action::Rent { which, devices, seconds }),
        2 => (pick(), prop::option::of(any_duration()))
            .prop_map(|(which, seconds)| Action::ExtendRental { which, seconds }),
        2 => (pick(), pick()).prop_map(|(which, devices)| Action::GiveBack { which, devices }),
        1 => (pick(), pick()).prop_map(|(which, device)| Action::ReturnUnserved { which, device }),
        2 => pick().prop_map(|which| Action::Claim { which }),
        2 => pick().prop_map(|which| Action::RemoveLiquidity { which }),
        1 => pick().prop_map(|which| Action::RemoveSold { which }),
        1 => any_magnitude(66).prop_map(|amount| Action::Compensate { amount }),
        1 => any_magnitude(66).prop_map(|amount| Action::Deepen { amount }),
    ]
}

fn live(world: &mut World, actions: &[Action]) -> Result<(), TestCaseError> {
    world.audit()?;
    for action in actions {
        world.perform(action)?;
        world.audit()?;
        world.try_round_trips()?;
    }
    world.run_out()?;
    world.audit()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_books_of_any_pool_balance_after_every_step(
        reserve in any_magnitude(66),
        price_per_gpu_hour in any_magnitude(78),
        start in any_start(),
        swap_fee in any_fee(),
        actions in prop::collection::vec(any_action(), 1..60),
    ) {
        if let Some(mut world) = World::new(reserve.min(SUPPLY), price_per_gpu_hour, start, swap_fee)? {
            live(&mut world, &actions)?;
        }
    }

    #[test]
    fn the_books_of_a_usual_pool_balance_after_every_step(
        loopin in 10..100_000u128,
        milli_loopin_per_gpu_hour in 10..10_000u128,
        actions in prop::collection::vec(any_action(), 60..120),
    ) {
        let world = World::new(
            loopin * 1_000_000_000_000,
            milli_loopin_per_gpu_hour * 1_000_000_000,
            1_800_000_007,
            Permill::from_parts(3_000),
        )?;
        live(&mut world.expect("a usual pool can be made"), &actions)?;
    }
}

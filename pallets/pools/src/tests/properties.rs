//! Random sequences of everything that stakes and rentals do: the invariants hold after each step.

use crate::mock::*;
use frame_support::storage::with_storage_layer;
use loopin_math::{
    Contribution, LiquidityPosition,
    time::{HOUR, MINUTE, scheduled_end},
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Join { minutes: u64 },
    Sell { minutes: u64 },
    Rent { minutes: u64 },
    GiveBack(prop::sample::Index),
    Leave(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..3 * HOUR).prop_map(Step::Wait),
        (1..10_080u64).prop_map(|minutes| Step::Join { minutes }),
        (1..10_080u64).prop_map(|minutes| Step::Sell { minutes }),
        (1..600u64).prop_map(|minutes| Step::Rent { minutes }),
        any::<prop::sample::Index>().prop_map(Step::GiveBack),
        any::<prop::sample::Index>().prop_map(Step::Leave),
    ]
}

/// A device of the model, the end of its time in the pool, and that of its rental.
#[derive(Clone)]
struct Device {
    end: u64,
    provided: Option<(loopin_math::AddedLiquidity,)>,
    rented_until: Option<u64>,
    paid: Contribution,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold_over_random_histories(steps in prop::collection::vec(step(), 1..120)) {
        run(|| {
            let pool = create_pool();
            let mut devices: Vec<Device> = Vec::new();
            for step in steps {
                devices.retain(|device| device.end > now());
                for device in &mut devices {
                    device.rented_until = device.rented_until.filter(|until| *until > now());
                }
                match step {
                    Step::Wait(seconds) => wait(seconds),
                    Step::Join { minutes } => {
                        let end = scheduled_end(now(), minutes * MINUTE).unwrap();
                        if let Ok(joined) = with_storage_layer(|| DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX)) {
                            devices.push(Device { end, provided: Some((joined,)), rented_until: None, paid: Contribution::default() });
                        }
                    }
                    Step::Sell { minutes } => {
                        let end = scheduled_end(now(), minutes * MINUTE).unwrap();
                        if with_storage_layer(|| DissipativePools::sell(pool, &BOB, None, end, 0)).is_ok() {
                            devices.push(Device { end, provided: None, rented_until: None, paid: Contribution::default() });
                        }
                    }
                    Step::Rent { minutes } => {
                        let end = scheduled_end(now(), minutes * MINUTE).unwrap();
                        let idle = devices.iter_mut()
                            .find(|device| device.rented_until.is_none() && device.end >= end);
                        if let Some(device) = idle
                            && let Ok((_, paid)) =
                                with_storage_layer(|| DissipativePools::rent(pool, &CAROL, 1, end, u128::MAX))
                        {
                            device.rented_until = Some(end);
                            device.paid = paid;
                        }
                    }
                    Step::GiveBack(index) => {
                        let mut rented: Vec<_> =
                            devices.iter_mut().filter(|device| device.rented_until.is_some()).collect();
                        if !rented.is_empty() {
                            let count = rented.len();
                            let device = &mut rented[index.index(count)];
                            let until = device.rented_until.take().unwrap();
                            // What has been used was burned by whoever keeps the rentals.
                            let kept = u128::from(until - now());
                            let balance = Assets::balance(pool, CAROL);
                            assert!(balance >= kept);
                            let paid = device.paid;
                            let back = with_storage_layer(|| {
                                DissipativePools::give_back(pool, &CAROL, 1, until, &paid, 0)
                            });
                            assert!(back.unwrap().amount <= paid.kept);
                        }
                    }
                    Step::Leave(index) => {
                        if !devices.is_empty() {
                            let device = devices.remove(index.index(devices.len()));
                            match device.provided {
                                Some((joined,)) => {
                                    let position =
                                        LiquidityPosition { share_rate: joined.share_rate, until: device.end };
                                    let left = with_storage_layer(|| DissipativePools::remove_liquidity(
                                        pool, &position, &joined.contribution, joined.gpu_seconds, device.rented_until
                                    )).unwrap();
                                    DissipativePools::burn_owed(pool, left.returned).unwrap();
                                }
                                None => {
                                    with_storage_layer(|| DissipativePools::remove_sold(
                                        pool, device.end, device.rented_until
                                    )).unwrap();
                                }
                            }
                        }
                    }
                }
                DissipativePools::do_try_state().unwrap();
            }
        });
    }
}

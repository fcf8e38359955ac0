//! `add_liquidity`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use loopin_primitives::{Balance, PositionId};
use sp_runtime::TokenError;

fn add_at_most(position: PositionId, max_loopin: Balance) -> DispatchResult {
    call(MINER, Call::add_liquidity { position, max_loopin })
}

mod success {
    use super::*;

    #[test]
    fn time_and_loopin_of_the_same_value_go_to_the_pool() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            let before = free(MINER);
            let gpu_seconds = position(id).uncommitted_gpu_seconds;
            let paid = pool(POOL).value(gpu_seconds).unwrap();
            take_events();
            assert_ok!(add_liquidity(MINER, id));

            let state = pool(POOL);
            assert_eq!(state.idle_devices, 1);
            assert_eq!(state.provider_devices, 1);
            assert_eq!(state.reserve, 10_000 * LOOPIN + paid);
            assert_eq!(state.idle_gpu_seconds(), gpu_seconds);
            assert_eq!(free(MINER), before - paid);
            assert_eq!(hours(POOL, MINER), 0);
            assert_eq!(
                position(id).state,
                PositionState::Providing(Liquidity {
                    share_rate: 1 << 40,
                    paid,
                    retention: state.retention,
                    gpu_seconds,
                    stream_index: state.stream_index,
                    claimed: 0,
                    draining: false,
                })
            );
            assert_eq!(position(id).uncommitted_gpu_seconds, 0);
            assert_eq!(
                take_events(),
                [Event::LiquidityAdded {
                    position: id,
                    gpu_seconds,
                    paid,
                    share_rate: 1 << 40,
                    retired_gpu_seconds: gpu_seconds,
                }]
            );
        });
    }

    #[test]
    fn time_that_has_run_off_is_destroyed_and_not_added() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            let issued = position(id).uncommitted_gpu_seconds;
            wait(3 * DAY);
            take_events();
            assert_ok!(add_liquidity(MINER, id));
            let left = issued - u128::from(3 * DAY);
            assert_eq!(liquidity(id).gpu_seconds, left);
            assert_eq!(hours(POOL, MINER), 0);
            assert!(matches!(
                take_events()[..],
                [Event::LiquidityAdded {
                    gpu_seconds,
                    retired_gpu_seconds,
                    ..
                }] if gpu_seconds == left && retired_gpu_seconds == issued
            ));
        });
    }

    #[test]
    fn the_last_second_can_be_added() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            wait_until(position(id).end - 1);
            assert_ok!(add_liquidity(MINER, id));
            assert_eq!(liquidity(id).gpu_seconds, 1);
            wait(1);
            assert_ok!(close(STRANGER, id));
        });
    }

    #[test]
    fn the_bound_is_exact_to_the_planck() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            let cost = pool(POOL).value(position(id).uncommitted_gpu_seconds).unwrap();
            assert_noop!(
                add_at_most(id, cost - 1),
                pallet_pools::Error::<Test>::CostAboveMaximum
            );
            assert_noop!(add_at_most(id, 0), pallet_pools::Error::<Test>::CostAboveMaximum);
            assert_ok!(add_at_most(id, cost));
        });
    }

    #[test]
    fn the_hour_tokens_of_other_positions_are_left_alone() {
        execute(|| {
            let other = staked(2, DAY, Intent::Sell);
            provided(1);
            assert_eq!(hours(POOL, MINER), position(other).uncommitted_gpu_seconds);
        });
    }
}

mod refused {
    use super::*;

    #[test]
    fn the_position_of_another_owner_is_refused() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            assert_noop!(add_liquidity(OTHER, id), Error::<Test>::NotPositionOwner);
        });
    }

    #[test]
    fn an_unknown_position_is_refused() {
        execute(|| {
            assert_noop!(add_liquidity(MINER, 0), Error::<Test>::UnknownPosition);
            assert_noop!(add_liquidity(MINER, u32::MAX), Error::<Test>::UnknownPosition);
        });
    }

    #[test]
    fn a_device_staked_for_sale_is_refused() {
        execute(|| {
            let id = staked(1, 7 * DAY, Intent::Sell);
            assert_noop!(add_liquidity(MINER, id), Error::<Test>::WrongIntent);
        });
    }

    #[test]
    fn liquidity_is_added_once() {
        execute(|| {
            let id = provided(1);
            for _ in 0..2 {
                assert_noop!(add_liquidity(MINER, id), Error::<Test>::LiquidityAlreadyAdded);
            }
        });
    }

    #[test]
    fn a_stake_that_is_over_is_refused() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            wait_until(position(id).end);
            assert_noop!(add_liquidity(MINER, id), Error::<Test>::StakeOver);
            wait(DAY);
            assert_noop!(add_liquidity(MINER, id), Error::<Test>::StakeOver);
        });
    }

    #[test]
    fn a_suspended_device_is_refused_until_it_passes() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            fail(1);
            assert_noop!(add_liquidity(MINER, id), Error::<Test>::NotVerified);
            pass(1);
            assert_ok!(add_liquidity(MINER, id));
        });
    }

    #[test]
    fn loopin_that_the_owner_does_not_have_is_refused() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            let cost = pool(POOL).value(position(id).uncommitted_gpu_seconds).unwrap();
            set_free(MINER, cost + EXISTENTIAL_DEPOSIT - 1);
            assert_noop!(add_liquidity(MINER, id), TokenError::Frozen);
            set_free(MINER, cost + EXISTENTIAL_DEPOSIT);
            assert_ok!(add_liquidity(MINER, id));
            assert_eq!(free(MINER), EXISTENTIAL_DEPOSIT);
        });
    }
}

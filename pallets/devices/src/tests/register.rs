//! `register_device`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use loopin_primitives::{EndpointError, Standing};
use sp_core::{H256, sr25519};
use sp_runtime::{DispatchError, TokenError};

fn register_with(
    owner: AccountId,
    pool: u32,
    agent_key: sr25519::Public,
    address: &str,
    gpu_id: H256,
) -> DispatchResult {
    Registry::register_device(
        RuntimeOrigin::signed(owner),
        pool,
        agent_key,
        endpoint(address),
        gpu_id,
    )
}

mod success {
    use super::*;

    #[test]
    fn a_device_is_registered_unverified_with_its_deposit_on_hold() {
        run(|| {
            assert_ok!(register_with(1, 1, key(9), ENDPOINT, gpu(7)));
            assert_eq!(
                entry(0),
                Device {
                    owner: 1,
                    pool: 1,
                    agent_key: key(9),
                    endpoint: endpoint(ENDPOINT),
                    gpu_id: gpu(7),
                    standing: Standing::Unverified,
                    staked: false,
                    check_requested: false,
                    deposit: DEPOSIT,
                    registered_at: START,
                    verified_since: None,
                }
            );
            assert_eq!(GpuIds::<Test>::get(1, gpu(7)), Some(0));
            assert_eq!(held(1), DEPOSIT);
            assert_eq!(Balances::free_balance(1), ENDOWMENT - DEPOSIT);
            assert_eq!(
                take_events(),
                [Event::DeviceRegistered {
                    device: 0,
                    owner: 1,
                    pool: 1,
                    gpu_id: gpu(7),
                    agent_key: key(9),
                    endpoint: endpoint(ENDPOINT),
                    deposit: DEPOSIT,
                }]
            );
            assert_eq!(
                Registry::device(0),
                Some(DeviceInfo {
                    owner: 1,
                    pool: 1,
                    standing: Standing::Unverified,
                })
            );
        });
    }

    #[test]
    fn devices_of_one_machine_share_agent_and_endpoint() {
        run(|| {
            for index in 0..8 {
                assert_eq!(register(1, index), u32::from(index));
            }
            assert_eq!(held(1), 8 * DEPOSIT);
            assert_eq!(NextDeviceId::<Test>::get(), 8);
        });
    }

    #[test]
    fn the_deposit_may_take_all_but_the_existential_deposit() {
        run(|| {
            let most = ENDOWMENT - EXISTENTIAL_DEPOSIT - DEVICE_DEPOSIT;
            DepositPerByte::set(most / 8);
            assert_ok!(register_with(2, 0, key(1), "http://a", gpu(7)));
            assert_eq!(Balances::free_balance(2), EXISTENTIAL_DEPOSIT + most % 8);
        });
    }

    #[test]
    fn the_longest_endpoint_fits() {
        run(|| {
            let longest = format!("http://a/{}", "b".repeat(247));
            assert_eq!(longest.len(), MAX_ENDPOINT_BYTES as usize);
            assert_ok!(register_with(1, 0, key(1), &longest, gpu(7)));
            assert_eq!(held(1), DEVICE_DEPOSIT + 256 * BYTE_DEPOSIT);
            assert!(Endpoint::try_from(format!("{longest}b").into_bytes()).is_err());
        });
    }
}

#[test]
fn who_registers_somebody_elses_gpu_is_not_in_its_owners_way() {
    run(|| {
        let squatter = register(2, 7);
        let device = register(1, 7);
        assert_eq!(GpuIds::<Test>::get(1, gpu(7)), Some(device));
        assert_eq!(GpuIds::<Test>::get(2, gpu(7)), Some(squatter));
        assert_ok!(Registry::remove_device(RuntimeOrigin::signed(2), squatter));
        assert_eq!(GpuIds::<Test>::get(1, gpu(7)), Some(device));
    });
}

mod refusals {
    use super::*;

    #[test]
    fn nobody_registers_a_gpu_twice() {
        run(|| {
            register(1, 7);
            assert_noop!(
                register_with(1, 1, key(2), "http://b", gpu(7)),
                Error::<Test>::GpuAlreadyRegistered
            );
        });
    }

    #[test]
    fn a_pool_that_does_not_exist_is_refused() {
        run(|| {
            for pool in [POOLS.end, u32::MAX] {
                assert_noop!(
                    register_with(1, pool, key(1), ENDPOINT, gpu(7)),
                    pallet_pools::Error::<Test>::UnknownPool
                );
            }
        });
    }

    #[test]
    fn an_endpoint_that_nobody_can_call_is_refused() {
        run(|| {
            assert_noop!(
                register_with(1, 0, key(1), "", gpu(7)),
                Error::<Test>::InvalidEndpoint(EndpointError::Scheme)
            );
            assert_noop!(
                register_with(1, 0, key(1), "http://a@b", gpu(7)),
                Error::<Test>::InvalidEndpoint(EndpointError::UserInfo)
            );
        });
    }

    #[test]
    fn a_key_of_zeros_is_refused() {
        run(|| {
            assert_noop!(
                register_with(1, 0, key(0), ENDPOINT, gpu(7)),
                Error::<Test>::AgentKeyZero
            );
        });
    }

    #[test]
    fn a_deposit_that_the_account_cannot_pay_is_refused() {
        run(|| {
            // The existential deposit must stay free.
            DepositPerByte::set((ENDOWMENT - DEVICE_DEPOSIT) / 8);
            assert_noop!(
                register_with(2, 0, key(1), "http://a", gpu(7)),
                TokenError::FundsUnavailable
            );
            assert_noop!(
                register_with(99, 0, key(1), ENDPOINT, gpu(7)),
                TokenError::FundsUnavailable
            );
        });
    }

    #[test]
    fn a_deposit_beyond_all_balances_is_refused() {
        run(|| {
            DepositPerByte::set(u128::MAX / 20);
            assert_noop!(
                register_with(1, 0, key(1), ENDPOINT, gpu(7)),
                Error::<Test>::DepositTooLarge
            );
            DepositPerByte::set(u128::MAX);
            assert_noop!(
                register_with(1, 0, key(1), ENDPOINT, gpu(7)),
                Error::<Test>::DepositTooLarge
            );
        });
    }

    #[test]
    fn the_last_number_is_not_given_twice() {
        run(|| {
            NextDeviceId::<Test>::put(u32::MAX - 1);
            assert_eq!(register(1, 7), u32::MAX - 1);
            assert_noop!(
                register_with(1, 0, key(1), ENDPOINT, gpu(8)),
                Error::<Test>::NoNumberLeft
            );
        });
    }

    #[test]
    fn nobody_registers_without_a_signature() {
        run(|| {
            for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
                assert_noop!(
                    Registry::register_device(origin, 0, key(1), endpoint(ENDPOINT), gpu(7)),
                    DispatchError::BadOrigin
                );
            }
        });
    }
}

//! `burn_for_certificate` and `remove_certificate`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use loopin_math::time::HOUR;
use loopin_primitives::{Balance, PoolId};
use sp_runtime::{ArithmeticError, Permill, TokenError};

fn burn_at_most(pool: PoolId, gpu_seconds: u128, max_burn: Balance) -> DispatchResult {
    call(
        MINER,
        Call::burn_for_certificate {
            pool,
            gpu_seconds,
            max_burn,
        },
    )
}

mod burning {
    use super::*;

    #[test]
    fn a_hundredth_of_the_value_is_burned_for_a_certificate() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, 100 * u128::from(HOUR)));
            let certificate = Certificate {
                owner: MINER,
                pool: POOL,
                gpu_seconds: 360_000,
                expires_at: START + DAY,
                deposit: CERTIFICATE_DEPOSIT,
            };
            assert_eq!(Certificates::<Test>::get(0), Some(certificate));
            assert_eq!(burned(), LOOPIN);
            assert_eq!(held(MINER, HoldReason::CertificateDeposit), CERTIFICATE_DEPOSIT);
            assert_eq!(free(MINER), ENDOWMENT - LOOPIN - CERTIFICATE_DEPOSIT);
            assert_eq!(
                take_events(),
                [Event::CertificateIssued {
                    certificate: 0,
                    owner: MINER,
                    pool: POOL,
                    gpu_seconds: 360_000,
                    burned: LOOPIN,
                    deposit: CERTIFICATE_DEPOSIT,
                    expires_at: START + DAY,
                }]
            );
        });
    }

    #[test]
    fn value_and_burn_are_rounded_up() {
        execute(|| {
            // 277,777,777.8 planck a second, and a hundredth of 277,777,778.
            assert_ok!(burn(MINER, POOL, 1));
            assert_eq!(burned(), 2_777_778);
        });
    }

    #[test]
    fn the_bound_is_exact_to_the_planck() {
        execute(|| {
            let gpu_seconds = 100 * u128::from(HOUR);
            assert_noop!(
                burn_at_most(POOL, gpu_seconds, LOOPIN - 1),
                Error::<Test>::BurnAboveMaximum
            );
            assert_noop!(
                burn_at_most(POOL, gpu_seconds, 0),
                Error::<Test>::BurnAboveMaximum
            );
            assert_ok!(burn_at_most(POOL, gpu_seconds, LOOPIN));
        });
    }

    #[test]
    fn the_price_is_that_of_the_moment() {
        execute(|| {
            for device in [1, 2, 4] {
                provided(device);
            }
            let before = burned();
            rent(1, 3 * DAY);
            let rental_fee = burned() - before;
            let value = pool(POOL).value(3_600).unwrap();
            assert!(value > LOOPIN);
            assert_ok!(burn(MINER, POOL, 3_600));
            assert_eq!(burned(), before + rental_fee + value.div_ceil(100));
        });
    }

    #[test]
    fn certificates_of_one_block_have_their_own_numbers() {
        execute(|| {
            for _ in 0..3 {
                assert_ok!(burn(MINER, POOL, 60));
            }
            assert_ok!(burn(OTHER, OTHER_POOL, 60));
            assert_eq!(Certificates::<Test>::iter().count(), 4);
            assert_eq!(NextCertificateId::<Test>::get(), 4);
            assert_eq!(
                held(MINER, HoldReason::CertificateDeposit),
                3 * CERTIFICATE_DEPOSIT
            );
        });
    }

    #[test]
    fn changed_parameters_apply_to_new_certificates() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, 3_600));
            CertificateBurn::set(Permill::from_percent(50));
            CertificateValidity::set(60);
            assert_ok!(burn(MINER, POOL, 3_600));
            assert_eq!(burned(), LOOPIN / 100 + LOOPIN / 2);
            assert_eq!(Certificates::<Test>::get(0).unwrap().expires_at, START + DAY);
            assert_eq!(Certificates::<Test>::get(1).unwrap().expires_at, START + 60);
        });
    }

    #[test]
    fn a_burn_of_nothing_is_possible_where_governance_wants_none() {
        execute(|| {
            CertificateBurn::set(Permill::zero());
            assert_ok!(burn_at_most(POOL, 3_600, 0));
            assert_eq!(burned(), 0);
        });
    }

    #[test]
    fn a_validity_without_end_does_not_overflow() {
        execute(|| {
            CertificateValidity::set(u64::MAX);
            assert_ok!(burn(MINER, POOL, 3_600));
            assert_eq!(Certificates::<Test>::get(0).unwrap().expires_at, u64::MAX);
        });
    }

    #[test]
    fn no_time_is_refused() {
        execute(|| {
            assert_noop!(burn(MINER, POOL, 0), Error::<Test>::NoGpuSeconds);
        });
    }

    #[test]
    fn more_time_than_any_balance_can_pay_is_refused() {
        execute(|| {
            assert_noop!(burn(MINER, POOL, u128::MAX), ArithmeticError::Overflow);
            assert_noop!(burn(MINER, POOL, 1 << 96), TokenError::FundsUnavailable);
        });
    }

    #[test]
    fn an_unknown_pool_is_refused() {
        execute(|| {
            assert_noop!(burn(MINER, 9, 60), pallet_pools::Error::<Test>::UnknownPool);
        });
    }

    #[test]
    fn the_existential_deposit_stays_free() {
        execute(|| {
            let needed = LOOPIN + CERTIFICATE_DEPOSIT + EXISTENTIAL_DEPOSIT;
            set_free(MINER, needed - 1);
            assert_noop!(burn(MINER, POOL, 360_000), TokenError::FundsUnavailable);
            set_free(MINER, LOOPIN);
            assert_noop!(burn(MINER, POOL, 360_000), TokenError::FundsUnavailable);
            set_free(MINER, needed);
            assert_ok!(burn(MINER, POOL, 360_000));
            assert_eq!(free(MINER), EXISTENTIAL_DEPOSIT);
        });
    }

    #[test]
    fn when_all_numbers_have_been_given_there_are_no_more() {
        execute(|| {
            NextCertificateId::<Test>::put(u32::MAX);
            assert_noop!(burn(MINER, POOL, 60), Error::<Test>::NoNumberLeft);
        });
    }
}

mod removing {
    use super::*;

    #[test]
    fn the_owner_removes_a_certificate_at_any_time() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, 3_600));
            let before = free(MINER);
            take_events();
            assert_ok!(remove_certificate(MINER, 0));
            assert_eq!(Certificates::<Test>::get(0), None);
            assert_eq!(held(MINER, HoldReason::CertificateDeposit), 0);
            assert_eq!(free(MINER), before + CERTIFICATE_DEPOSIT);
            assert_eq!(
                take_events(),
                [Event::CertificateRemoved {
                    certificate: 0,
                    owner: MINER,
                    deposit: CERTIFICATE_DEPOSIT,
                }]
            );
        });
    }

    #[test]
    fn anybody_removes_an_expired_certificate_and_the_owner_gets_the_deposit() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, 3_600));
            let before = free(MINER);
            wait(DAY - 1);
            assert_noop!(
                remove_certificate(STRANGER, 0),
                Error::<Test>::NotCertificateOwner
            );
            wait(1);
            assert_ok!(remove_certificate(STRANGER, 0));
            assert_eq!(free(MINER), before + CERTIFICATE_DEPOSIT);
            assert_eq!(free(STRANGER), ENDOWMENT);
        });
    }

    #[test]
    fn a_certificate_is_removed_once() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, 3_600));
            assert_ok!(remove_certificate(MINER, 0));
            assert_noop!(remove_certificate(MINER, 0), Error::<Test>::UnknownCertificate);
            assert_noop!(
                remove_certificate(MINER, u32::MAX),
                Error::<Test>::UnknownCertificate
            );
        });
    }

    #[test]
    fn a_used_certificate_cannot_be_removed() {
        execute(|| {
            staked(1, PROVIDE_SECONDS, Intent::Provide);
            assert_noop!(remove_certificate(MINER, 0), Error::<Test>::UnknownCertificate);
        });
    }
}

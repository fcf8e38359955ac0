//! `stake`, and the stake token.

use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    traits::tokens::nonfungibles_v2::{Inspect, InspectEnumerable},
};
use sp_runtime::{TokenError, traits::Zero};

/// Seconds from the tests' start to the end of a stake of seven days, which is a whole minute.
const WEEK_FROM_START: u64 = 7 * DAY + REST_OF_MINUTE;

mod success {
    use super::*;

    #[test]
    fn a_device_is_staked_to_be_provided_without_a_fee() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, PROVIDE_SECONDS.into()));
            let burned_before = burned();
            take_events();
            assert_ok!(stake(MINER, 1, 0, PROVIDE_SECONDS, Intent::Provide));
            let end = START + WEEK_FROM_START;
            assert!(end.is_multiple_of(60));
            assert_eq!(
                position(0),
                Position {
                    owner: MINER,
                    device: 1,
                    pool: POOL,
                    intent: Intent::Provide,
                    start: START,
                    end,
                    deposit: POSITION_DEPOSIT,
                    maintenance_fee: 0,
                    collateral: 0,
                    uncommitted_gpu_seconds: WEEK_FROM_START.into(),
                    state: PositionState::Staked,
                }
            );
            assert_eq!(StakeOf::<Test>::get(1), Some(0));
            assert!(is_staked(1));
            assert_eq!(hours(POOL, MINER), WEEK_FROM_START.into());
            assert_eq!(Certificates::<Test>::get(0), None);
            assert_eq!(held(MINER, HoldReason::CertificateDeposit), 0);
            assert_eq!(held(MINER, HoldReason::PositionDeposit), POSITION_DEPOSIT);
            assert_eq!(held(MINER, HoldReason::MaintenanceFee), 0);
            assert_eq!(burned(), burned_before);
            assert_eq!(
                take_events(),
                [
                    Event::CollectionCreated {
                        pool: POOL,
                        collection: 0,
                    },
                    Event::Staked {
                        position: 0,
                        owner: MINER,
                        device: 1,
                        pool: POOL,
                        intent: Intent::Provide,
                        end,
                        gpu_seconds: WEEK_FROM_START.into(),
                        certificate: 0,
                        certificate_deposit: CERTIFICATE_DEPOSIT,
                        deposit: POSITION_DEPOSIT,
                        maintenance_fee: 0,
                    }
                ]
            );
        });
    }

    #[test]
    fn a_device_is_staked_for_sale_with_the_maintenance_fee_on_hold() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, DAY.into()));
            take_events();
            assert_ok!(stake(MINER, 1, 0, DAY, Intent::Sell));
            let gpu_seconds = u128::from(DAY + REST_OF_MINUTE);
            // 5 % of the value, both rounded up.
            let fee = pool(POOL).value(gpu_seconds).unwrap().div_ceil(20);
            assert_eq!(position(0).maintenance_fee, fee);
            assert_eq!(held(MINER, HoldReason::MaintenanceFee), fee);
            assert!(matches!(
                take_events()[..],
                [
                    Event::CollectionCreated { .. },
                    Event::Staked {
                        intent: Intent::Sell,
                        maintenance_fee,
                        ..
                    }
                ] if maintenance_fee == fee
            ));
        });
    }

    #[test]
    fn every_allowed_duration_of_a_sale_is_accepted() {
        execute(|| {
            for days in 1..=7 {
                staked(1, days * DAY, Intent::Sell);
                wait(8 * DAY);
                assert_ok!(close(STRANGER, days as u32 - 1));
            }
        });
    }

    #[test]
    fn a_certificate_may_be_larger_than_the_stake() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, u128::from(DAY) + 1));
            assert_ok!(stake(MINER, 1, 0, DAY, Intent::Sell));
        });
    }

    #[test]
    fn a_certificate_can_be_used_until_the_last_second() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, DAY.into()));
            wait(DAY - 1);
            assert_ok!(stake(MINER, 1, 0, DAY, Intent::Sell));
        });
    }

    #[test]
    fn the_deposit_of_the_certificate_helps_to_pay_that_of_the_position() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, PROVIDE_SECONDS.into()));
            set_free(
                MINER,
                POSITION_DEPOSIT - CERTIFICATE_DEPOSIT + EXISTENTIAL_DEPOSIT - 1,
            );
            assert_noop!(
                stake(MINER, 1, 0, PROVIDE_SECONDS, Intent::Provide),
                TokenError::FundsUnavailable
            );
            set_free(
                MINER,
                POSITION_DEPOSIT - CERTIFICATE_DEPOSIT + EXISTENTIAL_DEPOSIT,
            );
            assert_ok!(stake(MINER, 1, 0, PROVIDE_SECONDS, Intent::Provide));
        });
    }

    #[test]
    fn several_devices_can_be_staked_at_once() {
        execute(|| {
            for (index, device) in [1, 2, 3].into_iter().enumerate() {
                assert_eq!(staked(device, DAY, Intent::Sell), index as u32);
            }
            assert_eq!(hours(POOL, MINER), 3 * (u128::from(DAY + REST_OF_MINUTE)));
        });
    }
}

mod refused {
    use super::*;

    #[test]
    fn a_certificate_of_another_owner_is_refused() {
        execute(|| {
            assert_ok!(burn(OTHER, POOL, PROVIDE_SECONDS.into()));
            assert_noop!(
                stake(MINER, 1, 0, PROVIDE_SECONDS, Intent::Provide),
                Error::<Test>::NotCertificateOwner
            );
        });
    }

    #[test]
    fn a_certificate_for_another_pool_is_refused() {
        execute(|| {
            assert_ok!(burn(MINER, OTHER_POOL, PROVIDE_SECONDS.into()));
            assert_noop!(
                stake(MINER, 1, 0, PROVIDE_SECONDS, Intent::Provide),
                Error::<Test>::WrongCertificatePool
            );
        });
    }

    #[test]
    fn an_expired_certificate_is_refused() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, PROVIDE_SECONDS.into()));
            wait(DAY);
            assert_noop!(
                stake(MINER, 1, 0, PROVIDE_SECONDS, Intent::Provide),
                Error::<Test>::CertificateExpired
            );
        });
    }

    #[test]
    fn a_certificate_that_is_a_second_too_small_is_refused() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, u128::from(PROVIDE_SECONDS) - 1));
            assert_noop!(
                stake(MINER, 1, 0, PROVIDE_SECONDS, Intent::Provide),
                Error::<Test>::CertificateTooSmall
            );
        });
    }

    #[test]
    fn a_certificate_is_used_once() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, PROVIDE_SECONDS.into()));
            assert_ok!(stake(MINER, 1, 0, PROVIDE_SECONDS, Intent::Provide));
            assert_noop!(
                stake(MINER, 2, 0, PROVIDE_SECONDS, Intent::Provide),
                Error::<Test>::UnknownCertificate
            );
        });
    }

    #[test]
    fn an_unknown_device_is_refused() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, PROVIDE_SECONDS.into()));
            assert_noop!(
                stake(MINER, 99, 0, PROVIDE_SECONDS, Intent::Provide),
                pallet_devices::Error::<Test>::UnknownDevice
            );
        });
    }

    #[test]
    fn a_device_of_another_owner_is_refused() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, PROVIDE_SECONDS.into()));
            assert_noop!(
                stake(MINER, 4, 0, PROVIDE_SECONDS, Intent::Provide),
                pallet_devices::Error::<Test>::NotDeviceOwner
            );
        });
    }

    #[test]
    fn a_device_that_has_not_passed_its_last_verification_is_refused() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, PROVIDE_SECONDS.into()));
            let unverified = register_device(MINER, POOL);
            // The one is suspended now, the other ejected.
            fail(1);
            eject(2);
            for device in [unverified, 1, 2] {
                assert_noop!(
                    stake(MINER, device, 0, PROVIDE_SECONDS, Intent::Provide),
                    Error::<Test>::NotVerified
                );
            }
        });
    }

    #[test]
    fn a_device_is_staked_once() {
        execute(|| {
            staked(1, PROVIDE_SECONDS, Intent::Provide);
            assert_ok!(burn(MINER, POOL, PROVIDE_SECONDS.into()));
            for _ in 0..2 {
                assert_noop!(
                    stake(MINER, 1, 1, PROVIDE_SECONDS, Intent::Provide),
                    Error::<Test>::AlreadyStaked
                );
            }
        });
    }

    #[test]
    fn durations_that_the_terms_do_not_allow_are_refused() {
        execute(|| {
            CertificateBurn::set(Zero::zero());
            assert_ok!(burn(MINER, POOL, 1 << 64));
            for seconds in [0, DAY, PROVIDE_SECONDS - 1, PROVIDE_SECONDS + 1, u64::MAX] {
                assert_noop!(
                    stake(MINER, 1, 0, seconds, Intent::Provide),
                    Error::<Test>::WrongDuration
                );
            }
            for seconds in [0, 1, DAY - 1, DAY + 1, 8 * DAY, u64::MAX, u64::MAX / DAY * DAY] {
                assert_noop!(
                    stake(MINER, 1, 0, seconds, Intent::Sell),
                    Error::<Test>::WrongDuration
                );
            }
        });
    }

    #[test]
    fn a_fee_that_the_owner_cannot_pay_is_refused() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, DAY.into()));
            let fee = pool(POOL)
                .value(u128::from(DAY + REST_OF_MINUTE))
                .unwrap()
                .div_ceil(20);
            let needed = POSITION_DEPOSIT - CERTIFICATE_DEPOSIT + fee + EXISTENTIAL_DEPOSIT;
            set_free(MINER, needed - 1);
            assert_noop!(
                stake(MINER, 1, 0, DAY, Intent::Sell),
                TokenError::FundsUnavailable
            );
            set_free(MINER, needed);
            assert_ok!(stake(MINER, 1, 0, DAY, Intent::Sell));
        });
    }

    #[test]
    fn when_all_numbers_have_been_given_there_are_no_more() {
        execute(|| {
            assert_ok!(burn(MINER, POOL, DAY.into()));
            NextPositionId::<Test>::put(u32::MAX);
            assert_noop!(stake(MINER, 1, 0, DAY, Intent::Sell), Error::<Test>::NoNumberLeft);
        });
    }
}

mod token {
    use super::*;
    use pallet_nfts::{CollectionConfigOf, CollectionSetting, Error as NftsError};

    fn nfts(who: AccountId, call: pallet_nfts::Call<Test>) -> frame_support::dispatch::DispatchResult {
        use sp_runtime::traits::Dispatchable;
        RuntimeCall::Nfts(call)
            .dispatch(RuntimeOrigin::signed(who))
            .map(|_| ())
            .map_err(|error| error.error)
    }

    #[test]
    fn the_owner_has_a_token_in_the_collection_that_is_named_after_the_pool() {
        execute(|| {
            let first = staked(6, PROVIDE_SECONDS, Intent::Provide);
            let second = staked(1, PROVIDE_SECONDS, Intent::Provide);
            // Numbers are pallet-nfts' own.
            assert_eq!(Collections::<Test>::get(OTHER_POOL), Some(0));
            assert_eq!(Collections::<Test>::get(POOL), Some(1));
            assert_eq!(Nfts::collection_attribute(&0, b""), Some(b"st-H100".to_vec()));
            assert_eq!(Nfts::collection_attribute(&1, b""), Some(b"st-RTX4090".to_vec()));
            assert_eq!(Nfts::owner(0, first), Some(MINER));
            assert_eq!(Nfts::owner(1, second), Some(MINER));
            assert_eq!(Nfts::owned(&MINER).count(), 2);
            assert_eq!(Nfts::collection_owner(0), Some(Stakes::account_id()));
            // Nobody paid anything for it.
            assert_eq!(wealth(Stakes::account_id()), 0);
            assert_eq!(wealth(MINER) - free(MINER), 2 * POSITION_DEPOSIT);
        });
    }

    #[test]
    fn a_collection_is_created_once() {
        execute(|| {
            staked(1, PROVIDE_SECONDS, Intent::Provide);
            staked(4, PROVIDE_SECONDS, Intent::Provide);
            assert_eq!(Nfts::collections().count(), 1);
            assert_eq!(Nfts::items(&0).count(), 2);
        });
    }

    #[test]
    fn collections_that_governance_makes_do_not_get_in_the_way() {
        execute(|| {
            staked(1, PROVIDE_SECONDS, Intent::Provide);
            let config = CollectionConfigOf::<Test>::get(0).unwrap();
            assert_ok!(Nfts::force_create(RuntimeOrigin::root(), STRANGER, config));
            staked(6, PROVIDE_SECONDS, Intent::Provide);
            assert_eq!(Collections::<Test>::get(OTHER_POOL), Some(2));
        });
    }

    #[test]
    fn the_owner_can_neither_transfer_nor_burn_nor_sell_it() {
        execute(|| {
            let item = staked(1, PROVIDE_SECONDS, Intent::Provide);
            let config = CollectionConfigOf::<Test>::get(0).unwrap();
            assert!(!config.is_setting_enabled(CollectionSetting::TransferableItems));
            assert!(!Nfts::can_transfer(&0, &item));
            assert_noop!(
                nfts(
                    MINER,
                    pallet_nfts::Call::transfer {
                        collection: 0,
                        item,
                        dest: OTHER,
                    }
                ),
                NftsError::<Test>::ItemLocked
            );
            assert_noop!(
                nfts(MINER, pallet_nfts::Call::burn { collection: 0, item }),
                NftsError::<Test>::ItemLocked
            );
            assert_noop!(
                nfts(
                    MINER,
                    pallet_nfts::Call::set_price {
                        collection: 0,
                        item,
                        price: Some(1),
                        whitelisted_buyer: None,
                    }
                ),
                NftsError::<Test>::ItemsNonTransferable
            );
            assert_noop!(
                nfts(
                    MINER,
                    pallet_nfts::Call::approve_transfer {
                        collection: 0,
                        item,
                        delegate: OTHER,
                        maybe_deadline: None,
                    }
                ),
                NftsError::<Test>::ItemsNonTransferable
            );
        });
    }

    #[test]
    fn nobody_can_make_one_or_unlock_one() {
        execute(|| {
            let item = staked(1, PROVIDE_SECONDS, Intent::Provide);
            assert_noop!(
                nfts(
                    MINER,
                    pallet_nfts::Call::mint {
                        collection: 0,
                        item: 77,
                        mint_to: MINER,
                        witness_data: None,
                    }
                ),
                NftsError::<Test>::NoPermission
            );
            let key = pallet_nfts::PalletAttributes::<u32>::TransferDisabled;
            assert_noop!(
                nfts(
                    MINER,
                    pallet_nfts::Call::clear_attribute {
                        collection: 0,
                        maybe_item: Some(item),
                        namespace: pallet_nfts::AttributeNamespace::Pallet,
                        key: codec::Encode::encode(&key).try_into().unwrap(),
                    }
                ),
                NftsError::<Test>::NoPermission
            );
        });
    }

    #[test]
    fn an_offer_to_swap_it_comes_to_nothing_and_leaves_nothing_behind() {
        execute(|| {
            let item = staked(1, DAY, Intent::Sell);
            let other = staked(4, DAY, Intent::Sell);
            assert_ok!(nfts(
                MINER,
                pallet_nfts::Call::create_swap {
                    offered_collection: 0,
                    offered_item: item,
                    desired_collection: 0,
                    maybe_desired_item: Some(other),
                    maybe_price: None,
                    duration: 100,
                }
            ));
            assert_noop!(
                nfts(
                    OTHER,
                    pallet_nfts::Call::claim_swap {
                        send_collection: 0,
                        send_item: other,
                        receive_collection: 0,
                        receive_item: item,
                        witness_price: None,
                    }
                ),
                NftsError::<Test>::ItemLocked
            );
            wait(2 * DAY);
            assert_ok!(close(STRANGER, item));
            assert!(!pallet_nfts::PendingSwapOf::<Test>::contains_key(0, item));
        });
    }

    #[test]
    fn closing_leaves_nothing_of_it_behind() {
        execute(|| {
            let item = staked(1, DAY, Intent::Sell);
            wait(2 * DAY);
            assert_ok!(close(STRANGER, item));
            assert_eq!(Nfts::owner(0, item), None);
            assert_eq!(pallet_nfts::ItemConfigOf::<Test>::iter().count(), 0);
            assert_eq!(pallet_nfts::Attribute::<Test>::iter().count(), 0);
            assert_eq!(pallet_nfts::Account::<Test>::iter().count(), 0);
            let details = pallet_nfts::Collection::<Test>::get(0).unwrap();
            assert_eq!(details.items, 0);
            assert_eq!(details.item_configs, 0);
            assert_eq!(details.attributes, 0);
        });
    }

    #[test]
    fn what_the_owner_writes_on_it_does_not_keep_it_from_being_closed() {
        execute(|| {
            let item = staked(1, DAY, Intent::Sell);
            assert_ok!(nfts(
                MINER,
                pallet_nfts::Call::set_attribute {
                    collection: 0,
                    maybe_item: Some(item),
                    namespace: pallet_nfts::AttributeNamespace::ItemOwner,
                    key: b"name".to_vec().try_into().unwrap(),
                    value: b"mine".to_vec().try_into().unwrap(),
                }
            ));
            wait(2 * DAY);
            assert_ok!(close(STRANGER, item));
        });
    }
}

//! Ejection: every kind of position, rented or idle, early or late.

use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok, assert_storage_noop,
    traits::{LockableCurrency, WithdrawReasons},
};
use loopin_math::time::HOUR;
use loopin_primitives::{Balance, DeviceHooks, DeviceId, PositionId};
use sp_runtime::Permill;

/// What the device's position leaves behind: nothing.
fn assert_gone(id: PositionId, device: DeviceId, owner: AccountId) {
    assert_eq!(Positions::<Test>::get(id), None);
    assert_eq!(StakeOf::<Test>::get(device), None);
    assert!(!is_staked(device));
    assert_eq!(Nfts::owner(0, id), None);
    assert_eq!(wealth(owner), free(owner));
    assert_eq!(hours(POOL, owner), 0);
}

/// 20 %, rounded up.
fn slash_of(returned: Balance) -> Balance {
    returned.div_ceil(5)
}

/// An ejection in which nothing happens.
fn nothing() -> EjectionAccountOf<Test> {
    EjectionAccount {
        streamed: 0,
        returned: 0,
        slash: 0,
        maintenance_fee: 0,
        collateral: 0,
        deposit: POSITION_DEPOSIT,
        client: None,
        refund_from_forfeits: 0,
        refund_from_pool: 0,
        shortfall: 0,
        lost_gpu_seconds: 0,
        compensation: 0,
        burned: 0,
    }
}

mod providers {
    use super::*;

    fn an_idle_provider_is_ejected_after(seconds: u64) {
        execute(|| {
            let id = provided(1);
            wait(seconds);
            let returned = quote_removal(id);
            let streamed = Stakes::position_value(id).unwrap().streamed_unclaimed;
            let lost = pool(POOL).idle_gpu_seconds();
            let (before, burned_before) = (wealth(MINER), burned());
            take_events();
            eject(1);
            let slash = slash_of(returned);
            assert_eq!(
                take_events(),
                [
                    Event::Suspended {
                        position: id,
                        device: 1
                    },
                    Event::Ejected {
                        position: id,
                        owner: MINER,
                        device: 1,
                        account: EjectionAccount {
                            streamed,
                            returned,
                            slash,
                            lost_gpu_seconds: lost,
                            burned: slash,
                            ..nothing()
                        },
                    }
                ]
            );
            assert_eq!(wealth(MINER), before + streamed + returned - slash);
            assert_eq!(burned(), burned_before + slash);
            assert_gone(id, 1, MINER);
            let state = pool(POOL);
            assert_eq!((state.idle_devices, state.provider_devices), (0, 0));
            assert_eq!(state.idle_gpu_seconds(), 0);
        });
    }

    #[test]
    fn in_the_block_of_its_liquidity_an_idle_one_loses_the_slash() {
        an_idle_provider_is_ejected_after(0);
    }

    #[test]
    fn early_an_idle_one_loses_the_slash_of_much() {
        an_idle_provider_is_ejected_after(HOUR);
    }

    #[test]
    fn late_an_idle_one_loses_the_slash_of_little() {
        an_idle_provider_is_ejected_after(7 * DAY + REST_OF_MINUTE - 1);
    }

    #[test]
    fn what_was_claimed_is_not_paid_again() {
        let outcome = |claims: bool| {
            let mut outcome = 0;
            execute(|| {
                let id = provided(1);
                wait(DAY);
                if claims {
                    assert_ok!(claim(MINER, id));
                }
                eject(1);
                outcome = wealth(MINER);
            });
            outcome
        };
        assert_eq!(outcome(true), outcome(false));
    }

    #[test]
    fn early_a_rented_ones_client_is_refunded_out_of_the_slash() {
        execute(|| {
            let id = provided(1);
            provided(4);
            let rental = rent(1, 10 * HOUR);
            wait(HOUR);
            let refund = rental.cost * u128::from(rental.until - now()) / rental.gpu_seconds;
            let returned = quote_removal(id);
            let streamed = Stakes::position_value(id).unwrap().streamed_unclaimed;
            let (before, clients) = (wealth(MINER), wealth(CLIENT));
            let end = position(id).end;
            take_events();
            eject(1);
            let slash = slash_of(returned);
            assert!(refund < slash);
            assert_eq!(
                ejection_account(),
                EjectionAccount {
                    streamed,
                    returned,
                    slash,
                    client: Some(CLIENT),
                    refund_from_forfeits: refund,
                    // The rented time is not in the pool.
                    lost_gpu_seconds: u128::from(end - rental.until),
                    burned: slash - refund,
                    ..nothing()
                }
            );
            assert_eq!(wealth(MINER), before + streamed + returned - slash);
            assert_eq!(wealth(CLIENT), clients + refund);
            assert_eq!(hours(POOL, CLIENT), 0);
            assert_gone(id, 1, MINER);
            assert_eq!(pool(POOL).idle_devices, 1);
        });
    }

    #[test]
    fn where_the_slash_is_not_enough_the_pool_refunds_the_rest() {
        execute(|| {
            let id = provided(1);
            provided(4);
            // Little is left to slash, and all of what is left is rented.
            wait(5 * DAY);
            provided(5);
            let rental = rent(1, 2 * DAY);
            wait(HOUR);
            let refund = rental.cost * u128::from(rental.until - now()) / rental.gpu_seconds;
            let slash = slash_of(quote_removal(id));
            let clients = wealth(CLIENT);
            take_events();
            eject(1);
            assert!(refund > slash);
            let account = ejection_account();
            assert_eq!(account.slash, slash);
            assert_eq!(account.refund_from_forfeits, slash);
            assert_eq!(account.refund_from_pool, refund - slash);
            assert_eq!(account.shortfall, 0);
            assert_eq!(account.burned, 0);
            assert_eq!(wealth(CLIENT), clients + refund);
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn late_a_rented_ones_client_is_refunded_to_the_last_second_of_the_rental() {
        execute(|| {
            let id = provided(1);
            provided(4);
            wait_until(position(id).end - 2 * HOUR);
            provided(5);
            let rental = rent(1, 2 * HOUR);
            assert_eq!(rental.until, position(id).end);
            wait_until(rental.until - 1);
            let clients = wealth(CLIENT);
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.client, Some(CLIENT));
            assert_eq!(account.lost_gpu_seconds, 0);
            let refund = rental.cost / rental.gpu_seconds;
            assert_eq!(wealth(CLIENT), clients + refund);
            assert_eq!(account.refund_from_forfeits + account.refund_from_pool, refund);
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn a_rental_that_is_over_is_not_refunded() {
        execute(|| {
            let id = provided(1);
            provided(4);
            let rental = rent(1, HOUR);
            wait_until(rental.until);
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.client, None);
            assert_eq!(account.burned, account.slash);
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn a_draining_one_is_ejected_all_the_same() {
        execute(|| {
            let id = provided(1);
            assert_ok!(drain(MINER, 1));
            eject(1);
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn after_the_end_the_stream_is_paid_in_full_and_nothing_is_slashed() {
        execute(|| {
            let id = provided(1);
            let paid = liquidity(id).paid;
            wait(8 * DAY);
            let before = wealth(MINER);
            take_events();
            eject(1);
            let streamed = wealth(MINER) - before;
            assert!(streamed <= paid && paid - streamed <= 2);
            assert_eq!(
                ejection_account(),
                EjectionAccount {
                    streamed,
                    ..nothing()
                }
            );
            assert_gone(id, 1, MINER);
            assert_eq!(unpaid_endings(), 0);
        });
    }

    #[test]
    fn one_that_never_provided_has_nothing_to_lose() {
        execute(|| {
            let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
            wait(DAY);
            let before = wealth(MINER);
            take_events();
            eject(1);
            assert_eq!(ejection_account(), nothing());
            assert_eq!(wealth(MINER), before);
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn without_a_slash_the_pool_refunds_the_client() {
        execute(|| {
            EjectionSlash::set(Permill::zero());
            provided(1);
            provided(4);
            let rental = rent(1, 10 * HOUR);
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.refund_from_forfeits, 0);
            // What giving the time back brings once the device has left.
            let refund = account.refund_from_pool;
            let reserve = pool(POOL).reserve + refund;
            let hours = rental.gpu_seconds;
            assert_eq!(refund, reserve * hours / (pool(POOL).gpu_seconds + hours));
            assert!(refund < rental.contribution.kept && refund > rental.contribution.kept * 99 / 100);
            assert_eq!(account.shortfall, rental.cost - refund);
            assert_eq!(account.burned, 0);
        });
    }

    #[test]
    fn the_pool_refunds_no_more_than_is_left_of_what_the_client_paid_but_the_forfeits_do() {
        execute(|| {
            provided(1);
            provided(4);
            let rental = rent(1, 10 * HOUR);
            change_rental(1, |rental| rental.contribution.kept = 1_000);
            EjectionSlash::set(Permill::from_parts(1_000));
            take_events();
            eject(1);
            let account = ejection_account();
            assert!(account.slash > 1_000);
            assert_eq!(account.refund_from_forfeits, account.slash);
            assert_eq!(account.refund_from_pool, 1_000);
            assert_eq!(account.shortfall, rental.cost - account.slash - 1_000);
        });
    }

    #[test]
    fn with_a_slash_of_everything_only_the_stream_is_paid() {
        execute(|| {
            EjectionSlash::set(Permill::one());
            let id = provided(1);
            wait(DAY);
            let before = wealth(MINER);
            let streamed = Stakes::position_value(id).unwrap().streamed_unclaimed;
            eject(1);
            assert_eq!(wealth(MINER), before + streamed);
        });
    }
}

mod sellers {
    use super::*;

    /// What the pool paid for so much of the time, rounded up.
    fn price_paid(sale: &Sale, gpu_seconds: u128) -> Balance {
        (sale.amount * gpu_seconds).div_ceil(sale.gpu_seconds)
    }

    fn an_idle_seller_is_ejected_after(seconds: u64) {
        execute(|| {
            let id = sold(1, 7, 2 * DAY);
            wait(seconds);
            let sale = sale(id);
            let Position {
                maintenance_fee,
                collateral,
                ..
            } = position(id);
            let lost = u128::from(sale.sold_until - now());
            let compensation = price_paid(&sale, lost);
            let reserve = pool(POOL).reserve;
            let (before, burned_before) = (wealth(MINER), burned());
            take_events();
            eject(1);
            let burned_now = maintenance_fee + collateral - compensation;
            assert_eq!(
                take_events(),
                [
                    Event::Suspended {
                        position: id,
                        device: 1
                    },
                    Event::Ejected {
                        position: id,
                        owner: MINER,
                        device: 1,
                        account: EjectionAccount {
                            maintenance_fee,
                            collateral,
                            lost_gpu_seconds: lost,
                            compensation,
                            burned: burned_now,
                            ..nothing()
                        },
                    }
                ]
            );
            assert_eq!(wealth(MINER), before - maintenance_fee - collateral);
            assert_eq!(burned(), burned_before + burned_now);
            assert_gone(id, 1, MINER);
            let state = pool(POOL);
            assert_eq!(state.reserve, reserve + compensation);
            assert_eq!(state.idle_devices, 0);
            assert_eq!(state.idle_gpu_seconds(), 0);
        });
    }

    #[test]
    fn in_the_block_of_the_sale_an_idle_one_gives_the_pool_all_that_it_paid() {
        an_idle_seller_is_ejected_after(0);
    }

    #[test]
    fn early_an_idle_one_makes_the_pool_whole() {
        an_idle_seller_is_ejected_after(HOUR);
    }

    #[test]
    fn late_an_idle_one_makes_the_pool_whole_for_a_second() {
        an_idle_seller_is_ejected_after(2 * DAY + REST_OF_MINUTE - 1);
    }

    #[test]
    fn early_a_rented_ones_client_comes_first_and_the_pool_second() {
        execute(|| {
            let id = sold(1, 7, 2 * DAY);
            sold(4, 7, 7 * DAY);
            let rental = rent(1, 10 * HOUR);
            wait(HOUR);
            let sale = sale(id);
            let Position {
                maintenance_fee,
                collateral,
                ..
            } = position(id);
            let refund = rental.cost * u128::from(rental.until - now()) / rental.gpu_seconds;
            let lost = u128::from(sale.sold_until - rental.until);
            let compensation = price_paid(&sale, lost);
            let (before, clients) = (wealth(MINER), wealth(CLIENT));
            let reserve = pool(POOL).reserve;
            take_events();
            eject(1);
            assert_eq!(
                ejection_account(),
                EjectionAccount {
                    maintenance_fee,
                    collateral,
                    client: Some(CLIENT),
                    refund_from_forfeits: refund,
                    lost_gpu_seconds: lost,
                    compensation,
                    burned: maintenance_fee + collateral - refund - compensation,
                    ..nothing()
                }
            );
            assert_eq!(wealth(MINER), before - maintenance_fee - collateral);
            assert_eq!(wealth(CLIENT), clients + refund);
            assert_eq!(pool(POOL).reserve, reserve + compensation);
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn where_the_client_takes_nearly_everything_the_pool_gets_what_is_left() {
        execute(|| {
            let id = sold(1, 7, 2 * DAY);
            sold(4, 7, 7 * DAY);
            rent(1, 10 * HOUR);
            let forfeits = position(id).maintenance_fee + position(id).collateral;
            change_rental(1, |rental| rental.cost = forfeits - 7);
            let clients = wealth(CLIENT);
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.refund_from_forfeits, forfeits - 7);
            assert_eq!(account.refund_from_pool, 0);
            assert_eq!(account.compensation, 7);
            assert_eq!(account.burned, 0);
            assert_eq!(wealth(CLIENT), clients + forfeits - 7);
        });
    }

    #[test]
    fn where_the_client_takes_everything_the_pool_gets_nothing_and_pays() {
        execute(|| {
            let id = sold(1, 7, 2 * DAY);
            sold(4, 7, 7 * DAY);
            rent(1, 10 * HOUR);
            let forfeits = position(id).maintenance_fee + position(id).collateral;
            change_rental(1, |rental| rental.cost = forfeits + 7);
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.refund_from_forfeits, forfeits);
            assert_eq!(account.refund_from_pool, 7);
            assert_eq!(account.compensation, 0);
            assert_eq!(account.burned, 0);
        });
    }

    #[test]
    fn late_a_device_that_is_rented_to_the_end_of_the_sale_costs_the_pool_nothing() {
        execute(|| {
            let id = sold(1, 7, DAY);
            sold(4, 7, 7 * DAY);
            let rental = rent(1, 2 * DAY);
            assert_eq!(rental.until, sale(id).sold_until);
            wait_until(rental.until - 60);
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.lost_gpu_seconds, 0);
            assert_eq!(account.compensation, 0);
            assert_eq!(
                account.refund_from_forfeits,
                rental.cost * 60 / rental.gpu_seconds
            );
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn between_sales_fee_and_collateral_are_lost_and_burned() {
        execute(|| {
            let id = sold(1, 7, DAY);
            wait(2 * DAY);
            let Position {
                maintenance_fee,
                collateral,
                ..
            } = position(id);
            take_events();
            eject(1);
            assert_eq!(
                ejection_account(),
                EjectionAccount {
                    maintenance_fee,
                    collateral,
                    burned: maintenance_fee + collateral,
                    ..nothing()
                }
            );
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn an_extended_sale_counts_as_one() {
        execute(|| {
            let id = sold(1, 7, DAY);
            wait(HOUR);
            assert_ok!(sell_hours(MINER, id, 2 * DAY));
            let sale = sale(id);
            let lost = u128::from(sale.sold_until - now());
            let collateral = position(id).collateral;
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.collateral, collateral);
            assert_eq!(account.lost_gpu_seconds, lost);
            assert_eq!(account.compensation, price_paid(&sale, lost));
        });
    }

    #[test]
    fn after_a_second_sale_the_pool_is_made_whole_for_that_one() {
        execute(|| {
            let id = sold(1, 7, DAY);
            wait(3 * DAY);
            assert_ok!(sell_hours(MINER, id, DAY));
            let sale = sale(id);
            wait(HOUR);
            let lost = u128::from(sale.sold_until - now());
            let Position {
                maintenance_fee,
                collateral,
                ..
            } = position(id);
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.compensation, price_paid(&sale, lost));
            // The collateral of the first sale is lost as well.
            assert_eq!(account.collateral, collateral);
            assert_eq!(
                account.burned,
                maintenance_fee + collateral - account.compensation
            );
        });
    }

    #[test]
    fn one_that_never_sold_loses_the_fee() {
        execute(|| {
            let id = staked(1, DAY, Intent::Sell);
            let maintenance_fee = position(id).maintenance_fee;
            let before = wealth(MINER);
            take_events();
            eject(1);
            assert_eq!(
                ejection_account(),
                EjectionAccount {
                    maintenance_fee,
                    burned: maintenance_fee,
                    ..nothing()
                }
            );
            assert_eq!(wealth(MINER), before - maintenance_fee);
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn after_the_end_fee_and_collateral_are_lost_and_burned() {
        execute(|| {
            let id = sold(1, 1, DAY);
            wait(3 * DAY);
            let Position {
                maintenance_fee,
                collateral,
                ..
            } = position(id);
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.burned, maintenance_fee + collateral);
            assert_eq!(account.compensation, 0);
            assert_gone(id, 1, MINER);
        });
    }

    #[test]
    fn without_collateral_the_pool_gets_what_there_is() {
        execute(|| {
            Collateral::set(sp_runtime::FixedU128::from_u32(0));
            let id = sold(1, 1, DAY);
            let fee = position(id).maintenance_fee;
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.collateral, 0);
            assert_eq!(account.compensation, fee);
            assert_eq!(account.burned, 0);
        });
    }
}

mod whatever_the_circumstances {
    use super::*;

    #[test]
    fn locks_on_the_owners_account_hinder_nothing() {
        execute(|| {
            let ids = [sold(1, 7, 2 * DAY), provided(2), staked(3, DAY, Intent::Sell)];
            // For instance by voting with all one has.
            Balances::set_lock(*b"democrac", &MINER, wealth(MINER), WithdrawReasons::all());
            wait(HOUR);
            for (id, device) in ids.into_iter().zip([1, 2, 3]) {
                eject(device);
                assert_eq!(Positions::<Test>::get(id), None);
            }
            assert_eq!(wealth(MINER), free(MINER));
        });
    }

    #[test]
    fn an_owner_with_nothing_else_keeps_the_existential_deposit() {
        execute(|| {
            let id = sold(1, 1, DAY);
            set_free(MINER, EXISTENTIAL_DEPOSIT);
            eject(1);
            assert_gone(id, 1, MINER);
            assert_eq!(free(MINER), EXISTENTIAL_DEPOSIT + POSITION_DEPOSIT);
        });
    }

    #[test]
    fn amounts_below_the_existential_deposit_are_paid_too() {
        execute(|| {
            let id = staked(1, DAY, Intent::Sell);
            wait_until(position(id).end - 1);
            // A second, for less than the existential deposit.
            assert_ok!(sell_hours(MINER, id, 1));
            let other = provided(2);
            wait(1);
            assert_ok!(close(STRANGER, id));
            wait_until(position(other).end - 1);
            assert_ok!(claim(STRANGER, other));
            take_events();
            eject(2);
            let account = ejection_account();
            assert!(account.returned > 0 && account.returned < EXISTENTIAL_DEPOSIT);
            assert!(account.slash > 0);
        });
    }

    #[test]
    fn a_client_whose_account_is_gone_does_not_stop_it() {
        execute(|| {
            const GONE: AccountId = 77;
            let id = sold(1, 7, 2 * DAY);
            sold(4, 7, 7 * DAY);
            rent(1, HOUR);
            let forfeits = position(id).maintenance_fee + position(id).collateral;
            change_rental(1, |rental| {
                rental.client = GONE;
                rental.cost = EXISTENTIAL_DEPOSIT - 1;
            });
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.client, Some(GONE));
            assert_eq!(account.refund_from_forfeits, 0);
            assert_eq!(account.refund_from_pool, 0);
            assert_eq!(account.shortfall, EXISTENTIAL_DEPOSIT - 1);
            assert_eq!(account.compensation + account.burned, forfeits);
            assert_eq!(wealth(GONE), 0);
        });
    }

    #[test]
    fn a_client_whose_account_is_gone_gets_the_existential_deposit() {
        execute(|| {
            const GONE: AccountId = 77;
            sold(1, 7, 2 * DAY);
            sold(4, 7, 7 * DAY);
            rent(1, HOUR);
            change_rental(1, |rental| {
                rental.client = GONE;
                rental.cost = EXISTENTIAL_DEPOSIT;
            });
            eject(1);
            assert_eq!(wealth(GONE), EXISTENTIAL_DEPOSIT);
        });
    }

    #[test]
    fn where_a_refund_of_the_pool_reaches_nobody_the_pool_keeps_it() {
        execute(|| {
            EjectionSlash::set(Permill::zero());
            provided(1);
            provided(4);
            rent(1, HOUR);
            change_rental(1, |rental| {
                rental.client = 77;
                rental.cost = 1_000;
            });
            let reserve = pool(POOL).reserve;
            let returned = quote_removal(0);
            take_events();
            eject(1);
            let account = ejection_account();
            assert_eq!(account.refund_from_pool, 0);
            assert_eq!(account.shortfall, 1_000);
            assert_eq!(pool(POOL).reserve, reserve - returned);
        });
    }

    #[test]
    fn what_neither_the_forfeits_nor_the_pool_pay_is_reported_as_shortfall() {
        execute(|| {
            provided(1);
            provided(4);
            let contribution = rent(1, HOUR).contribution;
            change_rental(1, |rental| rental.cost = 1_000_000 * LOOPIN);
            let clients = wealth(CLIENT);
            take_events();
            eject(1);
            let account = ejection_account();
            let paid = account.refund_from_forfeits + account.refund_from_pool;
            assert_eq!(account.refund_from_forfeits, account.slash);
            assert_eq!(wealth(CLIENT), clients + paid);
            assert!(account.shortfall > 900_000 * LOOPIN);
            assert!(account.refund_from_pool <= contribution.kept);
        });
    }

    #[test]
    fn a_client_who_rents_its_own_device_gains_nothing() {
        execute(|| {
            let id = provided(1);
            provided(4);
            let before = wealth(MINER);
            rent(1, HOUR);
            change_rental(1, |rental| rental.client = MINER);
            let returned = quote_removal(id);
            take_events();
            eject(1);
            let account = ejection_account();
            let gained = wealth(MINER) - before;
            assert_eq!(gained, returned - account.slash + account.refund_from_forfeits);
            assert!(gained <= returned);
        });
    }

    #[test]
    fn a_device_is_ejected_once() {
        execute(|| {
            let id = provided(1);
            eject(1);
            assert_storage_noop!(assert_ok!(Stakes::ejected(1)));
            assert_noop!(close(MINER, id), Error::<Test>::UnknownPosition);
            assert_noop!(claim(MINER, id), Error::<Test>::UnknownPosition);
            assert_noop!(withdraw(MINER, id), Error::<Test>::UnknownPosition);
        });
    }

    #[test]
    fn other_devices_are_left_alone() {
        execute(|| {
            provided(1);
            let others = [provided(2), sold(3, 7, DAY), provided(4)];
            wait(DAY);
            eject(1);
            for id in others {
                assert!(Positions::<Test>::contains_key(id));
            }
            wait(7 * DAY);
            for id in others {
                assert_ok!(close(STRANGER, id));
            }
        });
    }

    #[test]
    fn a_device_that_is_verified_anew_can_be_staked_again() {
        execute(|| {
            provided(1);
            eject(1);
            pass(1);
            provided(1);
        });
    }
}

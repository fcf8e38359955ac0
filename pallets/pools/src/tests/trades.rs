//! What stakes and rentals do with a pool. The arithmetic has tests of its own in `loopin-math`; here it is about
//! the money and the tokens that move.

use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    traits::{LockableCurrency, WithdrawReasons, fungibles::Inspect as _},
};
use loopin_math::{
    Contribution, LiquidityPosition, Pool,
    time::{DAY, HOUR, scheduled_end},
};
use sp_runtime::TokenError;

fn in_days(days: u64) -> u64 {
    scheduled_end(now(), days * DAY).unwrap()
}

fn state(pool: PoolId) -> PoolState {
    Pools::<Test>::get(pool).unwrap()
}

#[test]
fn a_provider_gets_back_what_it_put_in_when_nothing_is_rented() {
    run(|| {
        let pool = create_pool();
        let end = in_days(7);
        let joined = DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX).unwrap();
        assert_eq!(Balances::free_balance(BOB), ENDOWMENT - joined.paid);
        wait(100 * DAY);
        let index = DissipativePools::stream_index(pool, end).unwrap();
        let owed = Pool::streamed_to(joined.share_rate, joined.stream_index, index).unwrap();
        assert!(owed <= joined.paid && joined.paid - owed < joined.paid / 1_000_000_000);
        assert_ok!(DissipativePools::pay(pool, &BOB, owed));
        assert_ok!(DissipativePools::forget_ending(pool, end));
        assert_noop!(
            DissipativePools::forget_ending(pool, end),
            Error::<Test>::InconsistentPool
        );
        assert_eq!(Balances::free_balance(BOB), ENDOWMENT - joined.paid + owed);
        assert!(state(pool).owed <= 1);
    });
}

#[test]
fn providing_for_more_than_the_bound_is_refused() {
    run(|| {
        let pool = create_pool();
        let cost = DissipativePools::synced(pool)
            .unwrap()
            .quote_add_liquidity((in_days(7) - now()).into())
            .unwrap();
        frame_support::storage::with_storage_layer(|| {
            assert_noop!(
                frame_support::storage::with_storage_layer(|| DissipativePools::add_liquidity(
                    pool,
                    &BOB,
                    in_days(7),
                    cost - 1
                )),
                Error::<Test>::CostAboveMaximum
            );
            DissipativePools::add_liquidity(pool, &BOB, in_days(7), cost)
        })
        .unwrap();
    });
}

#[test]
fn two_positions_that_end_in_the_same_minute_are_both_paid_at_their_end() {
    run(|| {
        let pool = create_pool();
        let end = in_days(7);
        let first = DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX).unwrap();
        let second = DissipativePools::add_liquidity(pool, &CAROL, end, u128::MAX).unwrap();
        wait(8 * DAY);
        let third = DissipativePools::add_liquidity(pool, &CAROL, in_days(7), u128::MAX).unwrap();
        wait(DAY);
        for (who, joined) in [(BOB, first), (CAROL, second)] {
            let index = DissipativePools::stream_index(pool, end).unwrap();
            let owed = Pool::streamed_to(joined.share_rate, joined.stream_index, index).unwrap();
            assert_ok!(DissipativePools::pay(pool, &who, owed));
            assert_ok!(DissipativePools::forget_ending(pool, end));
        }
        assert!(DissipativePools::stream_index(pool, now() + 1).unwrap() > third.stream_index);
        assert_eq!(Endings::<Test>::iter_prefix(pool).count(), 0);
    });
}

#[test]
fn a_client_pays_the_amount_to_the_pool_and_burns_the_fee() {
    run(|| {
        let pool = create_pool();
        DissipativePools::add_liquidity(pool, &BOB, in_days(7), u128::MAX).unwrap();
        let issuance = Balances::total_issuance();
        let reserve = state(pool).pool.reserve;
        let end = scheduled_end(now(), 5 * HOUR).unwrap();
        let (trade, _) = DissipativePools::rent(pool, &CAROL, 1, end, u128::MAX).unwrap();
        assert_eq!(trade.fee, SwapFee::get().mul_ceil(trade.amount));
        assert_eq!(
            Balances::free_balance(CAROL),
            ENDOWMENT - trade.amount - trade.fee
        );
        assert_eq!(Balances::total_issuance(), issuance - trade.fee);
        assert_eq!(fees_burned(), trade.fee);
        assert_eq!(state(pool).pool.reserve, reserve + trade.amount);
        assert_eq!(state(pool).rented_volume, trade.amount);
        assert_eq!(Assets::balance(pool, CAROL), u128::from(end - now()));
        System::assert_has_event(
            Event::Burned {
                pool,
                amount: trade.fee,
            }
            .into(),
        );
    });
}

#[test]
fn rented_time_cannot_be_moved_by_the_client() {
    run(|| {
        let pool = create_pool();
        DissipativePools::add_liquidity(pool, &BOB, in_days(7), u128::MAX).unwrap();
        let end = scheduled_end(now(), 5 * HOUR).unwrap();
        DissipativePools::rent(pool, &CAROL, 1, end, u128::MAX).unwrap();
        assert_noop!(
            Assets::transfer(RuntimeOrigin::signed(CAROL), pool, BOB, 1),
            pallet_assets::Error::<Test>::BalanceLow
        );
        assert_ok!(DissipativePools::retire_hours(pool, &CAROL, (end - now()).into()));
        assert_eq!(Assets::total_balance(pool, &CAROL), 0);
        assert_ok!(DissipativePools::issue_hours(pool, &CAROL, (end - now()).into()));
    });
}

#[test]
fn a_rental_above_the_bound_or_beyond_the_idle_time_is_refused() {
    run(|| {
        let pool = create_pool();
        DissipativePools::add_liquidity(pool, &BOB, in_days(7), u128::MAX).unwrap();
        let end = scheduled_end(now(), 5 * HOUR).unwrap();
        let quote = DissipativePools::synced(pool).unwrap();
        let cost = quote
            .quote_rent((end - now()).into(), SwapFee::get())
            .unwrap()
            .cost();
        let rent = |until, devices, max| {
            frame_support::storage::with_storage_layer(|| {
                DissipativePools::rent(pool, &CAROL, devices, until, max)
            })
        };
        assert_noop!(rent(end, 1, cost - 1), Error::<Test>::CostAboveMaximum);
        assert_noop!(rent(in_days(8), 1, u128::MAX), Error::<Test>::NotEnoughIdleTime);
        assert_noop!(rent(end, 200, u128::MAX), Error::<Test>::NotEnoughIdleTime);
        assert_noop!(rent(end, 2, u128::MAX), Error::<Test>::NotEnoughIdleTime);
        assert_noop!(rent(end, 0, u128::MAX), Error::<Test>::ZeroAmount);
        assert_noop!(rent(now(), 1, u128::MAX), Error::<Test>::InvalidTime);
        assert_noop!(
            rent(u64::MAX - 15, 1, u128::MAX),
            Error::<Test>::NotEnoughIdleTime
        );
        assert_ok!(rent(end, 1, cost));
    });
}

#[test]
fn one_trade_may_take_all_the_idle_time_and_bring_more_than_there_is() {
    run(|| {
        let pool = create_pool();
        let end = in_days(7);
        DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX).unwrap();
        DissipativePools::rent(pool, &CAROL, 1, end, u128::MAX).unwrap();
        assert_eq!(state(pool).pool.idle_gpu_seconds(), 0);
        let before = state(pool).pool.gpu_seconds;
        let trade = DissipativePools::sell(pool, &BOB, None, now() - now() % 60 + 120 * DAY, 0).unwrap();
        assert!(trade.gpu_seconds > before);
    });
}

#[test]
fn time_that_is_given_back_is_paid_from_the_reserve_less_the_burned_fee() {
    run(|| {
        let pool = create_pool();
        DissipativePools::add_liquidity(pool, &BOB, in_days(7), u128::MAX).unwrap();
        let end = scheduled_end(now(), 5 * HOUR).unwrap();
        let (_, paid) = DissipativePools::rent(pool, &CAROL, 1, end, u128::MAX).unwrap();
        let (balance, issuance) = (Balances::free_balance(CAROL), Balances::total_issuance());
        let trade = DissipativePools::give_back(pool, &CAROL, 1, end, &paid, 0).unwrap();
        assert_eq!(Balances::free_balance(CAROL), balance + trade.amount - trade.fee);
        assert_eq!(Balances::total_issuance(), issuance - trade.fee);
        assert_eq!(Assets::balance(pool, CAROL), 0);
        assert_eq!(state(pool).pool.idle_devices, 1);
    });
}

#[test]
fn giving_back_for_less_than_demanded_is_refused() {
    run(|| {
        let pool = create_pool();
        DissipativePools::add_liquidity(pool, &BOB, in_days(7), u128::MAX).unwrap();
        let end = scheduled_end(now(), 5 * HOUR).unwrap();
        let (_, paid) = DissipativePools::rent(pool, &CAROL, 1, end, u128::MAX).unwrap();
        let proceeds = state(pool)
            .pool
            .quote_give_back((end - now()).into(), &paid, SwapFee::get())
            .unwrap()
            .proceeds();
        let give_back = |min| {
            frame_support::storage::with_storage_layer(|| {
                DissipativePools::give_back(pool, &CAROL, 1, end, &paid, min)
            })
        };
        assert_noop!(give_back(proceeds + 1), Error::<Test>::ProceedsBelowMinimum);
        assert_ok!(give_back(proceeds));
    });
}

#[test]
fn no_more_is_given_back_than_is_left_of_what_was_paid() {
    run(|| {
        let pool = create_pool();
        for days in [1, 7] {
            DissipativePools::add_liquidity(pool, &BOB, in_days(days), u128::MAX).unwrap();
        }
        let end = in_days(2);
        let (trade, paid) = DissipativePools::rent(pool, &CAROL, 1, end, u128::MAX).unwrap();
        assert_eq!(paid, state(pool).pool.contribution(trade.amount));
        wait(HOUR);
        let synced = DissipativePools::synced(pool).unwrap();
        let left = synced.left_of(&paid);
        assert!(left < trade.amount && left > trade.amount * 9 / 10);
        let (longer, grown) =
            DissipativePools::extend_rental(pool, &CAROL, 1, (end, in_days(3)), &paid, u128::MAX).unwrap();
        assert_eq!(grown.kept, left + longer.amount);
        let bound = Contribution { kept: 1_000, ..grown };
        assert_eq!(
            DissipativePools::give_back(pool, &CAROL, 1, in_days(3), &bound, 0)
                .unwrap()
                .amount,
            1_000
        );
    });
}

#[test]
fn a_seller_is_paid_from_the_reserve_less_the_burned_fee() {
    run(|| {
        let pool = create_pool();
        let issuance = Balances::total_issuance();
        let first = DissipativePools::sell(pool, &BOB, None, in_days(1), 0).unwrap();
        assert_eq!(Balances::free_balance(BOB), ENDOWMENT + first.proceeds());
        let second = DissipativePools::sell(pool, &BOB, Some(in_days(1)), in_days(2), 0).unwrap();
        assert_eq!(
            Balances::free_balance(BOB),
            ENDOWMENT + first.proceeds() + second.proceeds()
        );
        assert_eq!(Balances::total_issuance(), issuance - first.fee - second.fee);
        assert_eq!(fees_burned(), first.fee + second.fee);
        assert_eq!(
            state(pool).pool.reserve,
            1_000 * LOOPIN - first.amount - second.amount
        );
        assert_eq!(state(pool).pool.idle_devices, 1);
        assert_eq!(state(pool).sold_volume, first.amount + second.amount);
        assert_eq!(Assets::total_supply(pool), u128::from(in_days(2) - now()));
    });
}

#[test]
fn whoever_leaves_early_is_owed_no_more_than_it_has_not_used() {
    run(|| {
        let pool = create_pool();
        let end = in_days(7);
        let joined = DissipativePools::add_liquidity(pool, &BOB, end, u128::MAX).unwrap();
        wait(DAY);
        let position = LiquidityPosition {
            share_rate: joined.share_rate,
            until: end,
        };
        let left = DissipativePools::remove_liquidity(
            pool,
            &position,
            &joined.contribution,
            joined.gpu_seconds,
            None,
        )
        .unwrap();
        let unspent = joined.paid * u128::from(end - now()) / joined.gpu_seconds;
        assert!(left.returned <= unspent && unspent - left.returned <= 1_000);
        assert_eq!(Assets::total_supply(pool), 0);
        let fee = left.returned / 100;
        assert_ok!(DissipativePools::burn_owed(pool, fee));
        assert_ok!(DissipativePools::pay(pool, &BOB, left.returned - fee));
        assert_noop!(
            DissipativePools::pay(pool, &BOB, 2 * joined.paid),
            Error::<Test>::InconsistentPool
        );
    });
}

#[test]
fn a_failed_device_that_stays_brings_its_time_back_and_the_pool_refunds() {
    run(|| {
        let pool = create_pool();
        DissipativePools::add_liquidity(pool, &BOB, in_days(7), u128::MAX).unwrap();
        let end = scheduled_end(now(), 5 * HOUR).unwrap();
        let (trade, _) = DissipativePools::rent(pool, &CAROL, 1, end, u128::MAX).unwrap();
        assert_ok!(DissipativePools::return_unserved(pool, &CAROL, end));
        assert_eq!(DissipativePools::refund(pool, trade.amount), Ok(trade.amount));
        assert_ok!(DissipativePools::pay(pool, &CAROL, trade.amount));
        assert_eq!(Balances::free_balance(CAROL), ENDOWMENT - trade.fee);
        assert_eq!(Assets::balance(pool, CAROL), 0);
    });
}

#[test]
fn forfeits_become_reserve_or_are_burned() {
    run(|| {
        let pool = create_pool();
        let issuance = Balances::total_issuance();
        assert_ok!(DissipativePools::deposit_owed(pool, &BOB, 100));
        assert_ok!(DissipativePools::compensate(pool, 60));
        assert_ok!(DissipativePools::burn_owed(pool, 40));
        assert_eq!(state(pool).pool.reserve, 1_000 * LOOPIN + 60);
        assert_eq!(state(pool).owed, 0);
        assert_eq!(Balances::total_issuance(), issuance - 40);
        // Why is the callers' business.
        assert_eq!(fees_burned(), 0);
    });
}

#[test]
fn a_lock_does_not_keep_what_is_forfeited() {
    run(|| {
        let pool = create_pool();
        <Balances as LockableCurrency<_>>::set_lock(*b"testlock", &BOB, ENDOWMENT, WithdrawReasons::all());
        assert_ok!(DissipativePools::deposit_owed(pool, &BOB, 100));
        assert_eq!(Balances::free_balance(BOB), ENDOWMENT - 100);
        assert_eq!(state(pool).owed, 100);
    });
}

#[test]
fn a_client_keeps_its_existential_deposit() {
    run(|| {
        let pool = create_pool();
        DissipativePools::add_liquidity(pool, &BOB, in_days(7), u128::MAX).unwrap();
        let end = scheduled_end(now(), 5 * HOUR).unwrap();
        let cost = state(pool)
            .pool
            .quote_rent((end - now()).into(), SwapFee::get())
            .unwrap()
            .cost();
        let rent = || {
            frame_support::storage::with_storage_layer(|| DissipativePools::rent(pool, &9, 1, end, u128::MAX))
        };
        assert_ok!(Balances::transfer_keep_alive(
            RuntimeOrigin::signed(ALICE),
            9,
            cost + EXISTENTIAL_DEPOSIT - 1
        ));
        assert_noop!(rent(), TokenError::FundsUnavailable);
        assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(ALICE), 9, 1));
        assert_ok!(rent());
        assert_eq!(Balances::free_balance(9), EXISTENTIAL_DEPOSIT);
    });
}

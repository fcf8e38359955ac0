//! `claim`.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use loopin_math::time::HOUR;
use sp_runtime::TokenError;

#[test]
fn anybody_claims_and_the_owner_is_paid_what_has_streamed() {
    execute(|| {
        let id = provided(1);
        let Liquidity {
            paid, gpu_seconds, ..
        } = liquidity(id);
        let before = free(MINER);
        wait(DAY);
        take_events();
        assert_ok!(claim(STRANGER, id));
        let amount = free(MINER) - before;
        // Nobody has rented, so what was paid comes back second by second.
        let expected = paid * u128::from(DAY) / gpu_seconds;
        assert!(
            amount <= expected && expected - amount <= 2,
            "{amount} of {expected}"
        );
        assert_eq!(liquidity(id).claimed, amount);
        assert_eq!(liquidity(id).stream_index, pool(POOL).stream_index);
        assert_eq!(free(STRANGER), ENDOWMENT);
        assert_eq!(
            take_events(),
            [Event::Claimed {
                position: id,
                owner: MINER,
                amount,
            }]
        );
    });
}

#[test]
fn a_claim_in_the_block_of_the_last_has_nothing_to_claim() {
    execute(|| {
        let id = provided(1);
        assert_noop!(claim(MINER, id), Error::<Test>::NothingToClaim);
        wait(6);
        assert_ok!(claim(MINER, id));
        for _ in 0..2 {
            assert_noop!(claim(MINER, id), Error::<Test>::NothingToClaim);
        }
    });
}

#[test]
fn many_claims_bring_no_more_than_one() {
    let total = |claims: u64| {
        let mut total = 0;
        execute(|| {
            let id = provided(1);
            for _ in 0..claims {
                wait(DAY / claims);
                assert_ok!(claim(MINER, id));
            }
            total = liquidity(id).claimed;
        });
        total
    };
    let (one, many) = (total(1), total(1_440));
    assert!(many <= one && one - many < 2 * 1_440, "{many} instead of {one}");
}

#[test]
fn after_the_end_the_rest_can_be_claimed_and_nothing_streams_any_more() {
    execute(|| {
        let id = provided(1);
        let other = {
            wait(DAY);
            provided(4)
        };
        wait_until(position(id).end + HOUR);
        assert_ok!(claim(STRANGER, id));
        let Liquidity { paid, claimed, .. } = liquidity(id);
        assert!(claimed <= paid && paid - claimed <= 3, "{claimed} of {paid}");
        wait(HOUR);
        assert_noop!(claim(STRANGER, id), Error::<Test>::NothingToClaim);
        assert_ok!(claim(STRANGER, other));
        assert_ok!(close(STRANGER, id));
        assert_eq!(held(MINER, HoldReason::PositionDeposit), 0);
    });
}

#[test]
fn what_clients_pay_streams_to_the_providers() {
    execute(|| {
        let ids = [provided(1), provided(2), provided(4)];
        rent(1, 3 * DAY);
        wait(7 * DAY + REST_OF_MINUTE);
        for id in ids {
            assert_ok!(claim(STRANGER, id));
            let Liquidity { paid, claimed, .. } = liquidity(id);
            assert!(claimed > paid);
        }
    });
}

#[test]
fn an_owner_with_nothing_but_the_existential_deposit_is_paid() {
    execute(|| {
        let id = provided(1);
        set_free(MINER, EXISTENTIAL_DEPOSIT);
        // A second streams a quarter of the existential deposit.
        wait(1);
        assert_ok!(claim(STRANGER, id));
        assert!(free(MINER) > EXISTENTIAL_DEPOSIT && free(MINER) < 2 * EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn an_owner_cannot_leave_its_account_behind_and_with_it_its_claims() {
    execute(|| {
        let id = provided(1);
        assert_ok!(Balances::transfer_all(
            RuntimeOrigin::signed(MINER),
            STRANGER,
            false
        ));
        assert_eq!(free(MINER), EXISTENTIAL_DEPOSIT);
        assert_noop!(
            Balances::transfer_allow_death(RuntimeOrigin::signed(MINER), STRANGER, 1),
            TokenError::Frozen
        );
        assert_noop!(
            Balances::burn(RuntimeOrigin::signed(MINER), EXISTENTIAL_DEPOSIT, false),
            TokenError::FundsUnavailable
        );
        wait(1);
        let streamed = Stakes::position_value(id).unwrap().streamed_unclaimed;
        assert!(streamed > 0 && streamed < EXISTENTIAL_DEPOSIT);
        assert_ok!(claim(STRANGER, id));
        assert_eq!(free(MINER), EXISTENTIAL_DEPOSIT + streamed);
    });
}

#[test]
fn positions_without_liquidity_are_refused() {
    execute(|| {
        let staked = staked(1, PROVIDE_SECONDS, Intent::Provide);
        let sold = sold(2, 1, DAY);
        wait(HOUR);
        assert_noop!(claim(MINER, staked), Error::<Test>::NoLiquidity);
        assert_noop!(claim(MINER, sold), Error::<Test>::NoLiquidity);
        assert_noop!(claim(MINER, 7), Error::<Test>::UnknownPosition);
    });
}

//! What rewards are told, and what they pay; and what is told of burns.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use loopin_primitives::{BurnReason, PositionId};

#[test]
fn they_are_told_what_liquidity_is_added() {
    execute(|| {
        let id = staked(1, PROVIDE_SECONDS, Intent::Provide);
        assert_eq!(take_told(), []);
        assert_ok!(add_liquidity(MINER, id));
        assert_eq!(
            take_told(),
            [Told::Added {
                position: id,
                owner: MINER,
                device: 1,
                pool: POOL,
                until: position(id).end,
                paid: liquidity(id).paid,
            }]
        );
    });
}

#[test]
fn a_claim_pays_them() {
    execute(|| {
        let id = provided(1);
        wait(DAY);
        take_told();
        let before = free(MINER);
        set_due(5 * LOOPIN);
        assert_ok!(claim(STRANGER, id));
        let streamed = liquidity(id).claimed;
        assert_eq!(free(MINER), before + streamed + 5 * LOOPIN);
        assert_eq!(
            take_told(),
            [Told::Streamed(id, 1, streamed), Told::Pay(MINER, 1)]
        );
        // They are worth a claim by themselves.
        set_due(LOOPIN);
        assert_ok!(claim(STRANGER, id));
        assert_eq!(free(MINER), before + streamed + 6 * LOOPIN);
        assert_noop!(claim(STRANGER, id), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn whatever_leaves_the_pool_is_the_owners_before_they_look_at_what_it_has() {
    type End = fn(PositionId) -> DispatchResult;
    let ends: [(u64, End); 3] = [
        (DAY, |id| claim(STRANGER, id)),
        (DAY, |id| withdraw(MINER, id)),
        (PROVIDE_SECONDS + DAY, |id| close(STRANGER, id)),
    ];
    for (seconds, end) in ends {
        execute(|| {
            let id = provided(1);
            wait(seconds);
            assert_ok!(end(id));
            // Nothing was due, so the owner has got nothing since then.
            assert_eq!(free_when_paid(), free(MINER));
        });
    }
}

#[test]
fn closing_ends_and_pays_them() {
    execute(|| {
        let id = provided(1);
        wait(PROVIDE_SECONDS + DAY);
        take_told();
        let before = wealth(MINER);
        set_due(5 * LOOPIN);
        take_events();
        assert_ok!(close(STRANGER, id));
        assert_eq!(take_told(), [Told::Ended(id, 1), Told::Pay(MINER, 1)]);
        let streamed = take_events()
            .into_iter()
            .find_map(|event| match event {
                Event::Closed { streamed, .. } => Some(streamed),
                _ => None,
            })
            .unwrap();
        assert_eq!(wealth(MINER), before + streamed + 5 * LOOPIN);
    });
}

#[test]
fn withdrawing_ends_and_pays_them() {
    execute(|| {
        let id = provided(1);
        wait(DAY);
        take_told();
        assert_ok!(withdraw(MINER, id));
        assert_eq!(take_told(), [Told::Ended(id, 1), Told::Pay(MINER, 1)]);
    });
}

#[test]
fn an_ejection_ends_them() {
    execute(|| {
        let id = provided(1);
        wait(DAY);
        take_told();
        eject(1);
        assert_eq!(take_told(), [Told::Ended(id, 1)]);
    });
}

#[test]
fn sold_time_is_no_business_of_theirs() {
    execute(|| {
        let id = sold(1, 1, DAY);
        eject(1);
        let other = sold(4, 1, DAY);
        wait(DAY + 60);
        assert_ok!(close(STRANGER, other));
        assert_ne!(id, other);
        assert_eq!(take_told(), []);
    });
}

#[test]
fn what_is_burned_is_told_by_reason() {
    execute(|| {
        let before = burned();
        let id = provided(1);
        let certificates = burned() - before;
        assert!(certificates > 0);
        assert_eq!(logged(BurnReason::Certificate), certificates);
        wait(DAY);
        assert_ok!(withdraw(MINER, id));
        assert_eq!(logged(BurnReason::ExitFee), burned() - before - certificates);

        provided(2);
        wait(DAY);
        take_events();
        eject(2);
        assert_eq!(logged(BurnReason::Forfeit), ejection_account().burned);
        let all: u128 = [BurnReason::Certificate, BurnReason::ExitFee, BurnReason::Forfeit]
            .map(logged)
            .iter()
            .sum();
        assert_eq!(all, burned() - before);
    });
}

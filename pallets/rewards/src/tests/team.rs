//! The team's share.

use crate::{mock::*, *};
use frame_support::traits::tokens::{Fortitude, Preservation};
use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use sp_runtime::TokenError;

#[test]
fn it_is_minted_in_batches_and_locked() {
    execute(|| {
        end_epoch();
        end_epoch();
        assert_eq!(wealth(TEAM), 0);
        assert_eq!(Supply::<Test>::get().team_due, 20 * LOOPIN);
        take_events();
        end_epoch();
        assert_eq!(
            take_events().last(),
            Some(&Event::TeamPaid {
                who: TEAM,
                amount: 30 * LOOPIN
            })
        );
        assert_eq!(wealth(TEAM), 30 * LOOPIN);
        assert_eq!(
            Balances::reducible_balance(&TEAM, Preservation::Expendable, Fortitude::Polite),
            0
        );
        assert_noop!(
            Balances::transfer_allow_death(RuntimeOrigin::signed(TEAM), STRANGER, 1),
            TokenError::Frozen
        );
    });
}

#[test]
fn each_batch_is_free_when_its_time_is_over() {
    execute(|| {
        for _ in 0..TEAM_BATCH {
            end_epoch();
        }
        let first = System::block_number();
        System::set_block_number(first + 1_000);
        for _ in 0..TEAM_BATCH {
            end_epoch();
        }
        let free = || {
            assert_ok!(Vesting::vest(RuntimeOrigin::signed(TEAM)));
            Balances::reducible_balance(&TEAM, Preservation::Expendable, Fortitude::Polite)
        };
        System::set_block_number(first + LOCK_BLOCKS);
        assert_eq!(free(), 0);
        System::set_block_number(first + LOCK_BLOCKS + 1);
        assert_eq!(free(), 30 * LOOPIN);
        System::set_block_number(first + LOCK_BLOCKS + 2_000);
        assert_eq!(free(), 60 * LOOPIN);
    });
}

#[test]
fn without_a_team_it_remains_due() {
    execute(|| {
        assert_ok!(Rewards::set_team(RuntimeOrigin::root(), None));
        for _ in 0..TEAM_BATCH {
            end_epoch();
        }
        assert_eq!(Supply::<Test>::get().team_due, 30 * LOOPIN);
        assert_ok!(Rewards::set_team(RuntimeOrigin::root(), Some(TEAM)));
        for _ in 0..TEAM_BATCH {
            end_epoch();
        }
        assert_eq!(wealth(TEAM), 60 * LOOPIN);
    });
}

#[test]
fn what_cannot_be_locked_is_not_minted() {
    execute(|| {
        // No more schedules fit than an account can have.
        for _ in 0..29 * TEAM_BATCH {
            end_epoch();
        }
        assert_eq!(Supply::<Test>::get().team_due, 30 * LOOPIN);
        assert_eq!(wealth(TEAM), 28 * 30 * LOOPIN);
        // The first of them is over, and makes room.
        System::set_block_number(System::block_number() + LOCK_BLOCKS);
        assert_ok!(Vesting::vest(RuntimeOrigin::signed(TEAM)));
        for _ in 0..TEAM_BATCH {
            end_epoch();
        }
        assert_eq!(Supply::<Test>::get().team_due, 0);
    });
}

//! The team's share.

use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{Inspect, Mutate, MutateHold},
        tokens::{Fortitude, Precision, Preservation},
    },
};
use loopin_primitives::Balance;
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
        // But for what any account has to keep.
        assert_eq!(free(TEAM), EXISTENTIAL_DEPOSIT);
        assert_noop!(
            Balances::transfer_allow_death(RuntimeOrigin::signed(TEAM), STRANGER, 2 * EXISTENTIAL_DEPOSIT),
            TokenError::FundsUnavailable
        );
    });
}

/// Somebody has all it can on hold for something else, as a bond is, and then sends all it can away. Returns how much.
fn bond_and_send(who: AccountId, own: Balance) -> Balance {
    let reason = pallet_devices::HoldReason::DeviceRegistration.into();
    Balances::hold(&reason, &who, own).unwrap();
    let spendable = Balances::reducible_balance(&who, Preservation::Expendable, Fortitude::Polite);
    if spendable > EXISTENTIAL_DEPOSIT {
        Balances::transfer(&who, &CLIENT, spendable, Preservation::Expendable).unwrap();
    }
    Balances::release(&reason, &who, own, Precision::Exact).unwrap();
    spendable
}

#[test]
fn no_bond_stands_in_for_the_lock() {
    execute(|| {
        let share = 30 * LOOPIN;
        // A freeze, as pallet-vesting makes it, is met by whatever is on hold: all that is frozen can be sent away.
        Balances::transfer(&CREATOR, &STRANGER, share, Preservation::Preserve).unwrap();
        let until = System::block_number() + 1_000_000;
        <Vesting as frame_support::traits::VestingSchedule<AccountId>>::add_vesting_schedule(
            &STRANGER, share, share, until,
        )
        .unwrap();
        assert_eq!(bond_and_send(STRANGER, ENDOWMENT), share - EXISTENTIAL_DEPOSIT);

        (0..TEAM_BATCH).for_each(|_| end_epoch());
        Balances::transfer(&CREATOR, &TEAM, share, Preservation::Preserve).unwrap();
        assert_eq!(free(TEAM), share + EXISTENTIAL_DEPOSIT);
        // What is locked cannot be bonded, and a bond of other LOOPIN frees none of it.
        let reason = pallet_devices::HoldReason::DeviceRegistration.into();
        assert_noop!(
            Balances::hold(&reason, &TEAM, share + 1),
            TokenError::FundsUnavailable
        );
        assert!(bond_and_send(TEAM, share) <= EXISTENTIAL_DEPOSIT);
        assert_eq!(wealth(TEAM), 2 * share);
    });
}

#[test]
fn each_batch_is_free_when_its_time_is_over() {
    execute(|| {
        (0..TEAM_BATCH).for_each(|_| end_epoch());
        let first = now();
        (0..TEAM_BATCH).for_each(|_| end_epoch());
        let second = now();
        let unlock = || Rewards::unlock_team(RuntimeOrigin::signed(STRANGER), TEAM);
        wait_until(first + LOCK_SECONDS - 1);
        assert_noop!(unlock(), Error::<Test>::NothingToUnlock);
        wait_until(first + LOCK_SECONDS);
        take_events();
        assert_ok!(unlock());
        assert_eq!(
            take_events(),
            [Event::TeamUnlocked {
                who: TEAM,
                amount: 30 * LOOPIN - EXISTENTIAL_DEPOSIT
            }]
        );
        assert_eq!(free(TEAM), 30 * LOOPIN);
        wait_until(second + LOCK_SECONDS);
        assert_ok!(unlock());
        assert_eq!(free(TEAM), 60 * LOOPIN);
        assert_noop!(unlock(), Error::<Test>::NothingToUnlock);
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
        // No more batches fit than an account can have.
        (0..(MAX_TEAM_LOCKS + 1) * TEAM_BATCH).for_each(|_| end_epoch());
        assert_eq!(Supply::<Test>::get().team_due, 30 * LOOPIN);
        assert_eq!(wealth(TEAM), u128::from(MAX_TEAM_LOCKS) * 30 * LOOPIN);
        // The first of them is over, and makes room.
        wait_until(now() + LOCK_SECONDS);
        assert_ok!(Rewards::unlock_team(RuntimeOrigin::signed(STRANGER), TEAM));
        // The epochs that were missed meanwhile are made up, block by block.
        for _ in 0..TEAM_BATCH {
            next_block();
        }
        assert_eq!(Supply::<Test>::get().team_due, 0);
    });
}

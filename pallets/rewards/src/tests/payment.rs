//! Minting, and its emergency stop.

use crate::{mock::*, *};
use loopin_primitives::{BurnReason, OnBurn, VerdictHooks};

/// A device earns for an epoch.
fn earn(device: u32) {
    full(device, GOOD);
    end_epoch();
}

#[test]
fn what_has_accrued_is_minted_when_somebody_asks() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        earn(1);
        full(1, GOOD);
        let due = mined(MINER);
        let (before, issuance) = (wealth(MINER), Balances::total_issuance());
        take_events();
        claim(MINER);
        assert_eq!(wealth(MINER), before + due);
        assert_eq!(on_loyalty_hold(MINER), due);
        assert_eq!(Balances::total_issuance(), issuance + due);
        assert_eq!(accrued(MINER), Earned::default());
        assert_eq!(Accounts::<Test>::get(MINER).minted, due);
        assert_eq!(
            take_events(),
            [Event::Paid {
                who: MINER,
                mining: due,
                renting: 0,
                verifying: 0,
                held: due
            }]
        );
        // There is nothing more.
        claim(MINER);
        assert_eq!(take_events(), []);
    });
}

#[test]
fn stopping_emission_loses_nothing() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        earn(1);
        set_stopped(true);
        let issuance = Balances::total_issuance();
        earn(1);
        Rewards::duty_done(&VERIFIER, 1);
        earn(1);
        settle(1);
        claim(VERIFIER);
        assert_eq!(Balances::total_issuance(), issuance);
        assert_eq!(index(), 3);
        assert_eq!(Supply::<Test>::get().treasury_due, 40 * LOOPIN);
        assert_eq!(Supply::<Test>::get().team_due, 30 * LOOPIN);

        set_stopped(false);
        settle(1);
        claim(VERIFIER);
        assert!(Accounts::<Test>::get(MINER).minted.abs_diff(180 * LOOPIN) <= 3);
        assert_eq!(wealth(VERIFIER), ENDOWMENT + 5 * LOOPIN);
        end_epoch();
        assert_eq!(wealth(TREASURY), ENDOWMENT + 80 * LOOPIN);
        assert_eq!(wealth(TEAM), 0);
        end_epoch();
        end_epoch();
        assert_eq!(wealth(TEAM), 60 * LOOPIN);
    });
}

#[test]
fn nothing_is_minted_above_the_cap_even_if_everything_else_were_wrong() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        earn(1);
        full(1, GOOD);
        let due = accrued(MINER);
        SupplyCap::set(Balances::total_issuance() + due.total() - 1);
        let before = wealth(MINER);
        claim(MINER);
        assert_eq!(wealth(MINER), before);
        assert_eq!(accrued(MINER), due);
        SupplyCap::set(73_000_000 * LOOPIN);
        // Nor more than was emitted.
        Supply::<Test>::mutate(|supply| supply.emitted -= 50 * LOOPIN);
        claim(MINER);
        assert_eq!(wealth(MINER), before);
        Supply::<Test>::mutate(|supply| supply.emitted += 50 * LOOPIN);
        claim(MINER);
        assert_eq!(wealth(MINER), before + due.total());
    });
}

#[test]
fn too_little_to_bring_an_account_back_remains_due() {
    execute(|| {
        let nobody = 77;
        Rewards::credit(Party::Client, &nobody, LOOPIN, EXISTENTIAL_DEPOSIT - 1);
        end_epoch();
        claim(nobody);
        assert_eq!(wealth(nobody), 0);
        assert_eq!(accrued(nobody).renting, EXISTENTIAL_DEPOSIT - 1);
        Rewards::credit(Party::Client, &nobody, LOOPIN, 1);
        end_epoch();
        claim(nobody);
        assert_eq!(wealth(nobody), EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn the_supply_says_what_was_burned() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        earn(1);
        settle(1);
        assert_eq!(Rewards::supply().1, 0);
        burn(MINER, 7 * LOOPIN);
        Rewards::burned(BurnReason::SwapFee, 3 * LOOPIN);
        Rewards::burned(BurnReason::SwapFee, 2 * LOOPIN);
        Rewards::burned(BurnReason::Certificate, LOOPIN);
        Rewards::burned(BurnReason::ExitFee, 0);
        let (supply, burned) = Rewards::supply();
        assert_eq!(burned, 7 * LOOPIN);
        assert_eq!(Burned::<Test>::get(BurnReason::SwapFee), 5 * LOOPIN);
        assert_eq!(Burned::<Test>::get(BurnReason::Certificate), LOOPIN);
        assert_eq!(Burned::<Test>::iter().count(), 2);
        assert_eq!(
            supply.endowed + supply.minted.total() - burned,
            Balances::total_issuance()
        );
    });
}

#[test]
fn settling_an_unknown_device_does_nothing() {
    execute(|| {
        take_events();
        settle(99);
        assert_eq!(take_events(), []);
    });
}

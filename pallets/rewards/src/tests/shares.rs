//! What clients and verifiers get.

use crate::{mock::*, *};
use loopin_primitives::{RentalHooks, VerdictHooks};

#[test]
fn clients_share_by_what_they_consumed() {
    execute(|| {
        Rewards::consumed(POOL, &CLIENT, 300 * LOOPIN, 10 * LOOPIN);
        Rewards::consumed(POOL, &STRANGER, 50 * LOOPIN, 10 * LOOPIN);
        Rewards::consumed(POOL, &STRANGER, 50 * LOOPIN, 10 * LOOPIN);
        end_epoch();
        take_events();
        claim(CLIENT);
        claim(STRANGER);
        assert_eq!(wealth(CLIENT), ENDOWMENT + 3_750 * LOOPIN / 1_000);
        assert_eq!(wealth(STRANGER), ENDOWMENT + 1_250 * LOOPIN / 1_000);
        assert_eq!(
            take_events()[0],
            Event::ShareRewarded {
                party: Party::Client,
                who: CLIENT,
                epoch: 0,
                share: 300 * LOOPIN,
                standard: 3_750 * LOOPIN / 1_000,
                paid: 3_750 * LOOPIN / 1_000,
                burned: 0
            }
        );
        assert_eq!(EpochBudgets::<Test>::get(0).unwrap().clients.left, 0);
    });
}

#[test]
fn a_client_gets_no_more_than_half_of_the_fees_that_it_burned() {
    execute(|| {
        Rewards::consumed(POOL, &CLIENT, 300 * LOOPIN, LOOPIN);
        end_epoch();
        take_events();
        claim(CLIENT);
        assert_eq!(wealth(CLIENT), ENDOWMENT + LOOPIN / 2);
        assert_eq!(Supply::<Test>::get().withheld.capped, 4_500 * LOOPIN / 1_000);
        // What is withheld is nobody else's.
        assert_eq!(EpochBudgets::<Test>::get(0).unwrap().clients.left, 0);
    });
}

#[test]
fn who_rents_in_a_pool_that_is_not_listed_gets_nothing() {
    execute(|| {
        Rewards::consumed(UNLISTED_POOL, &CLIENT, 300 * LOOPIN, 10 * LOOPIN);
        Rewards::consumed(POOL, &STRANGER, LOOPIN, 10 * LOOPIN);
        end_epoch();
        claim(CLIENT);
        claim(STRANGER);
        assert_eq!(wealth(CLIENT), ENDOWMENT);
        assert_eq!(wealth(STRANGER), ENDOWMENT + 5 * LOOPIN);
    });
}

#[test]
fn whoever_rents_from_itself_for_the_clients_budget_loses() {
    execute(|| {
        // All of the budget is for whoever burns fees, as nobody else rents: a tenth of a LOOPIN each time.
        for _ in 0..40 {
            burn(CLIENT, LOOPIN / 10);
            Rewards::consumed(POOL, &CLIENT, 33 * LOOPIN, LOOPIN / 10);
        }
        end_epoch();
        claim(CLIENT);
        assert_eq!(wealth(CLIENT), ENDOWMENT - 2 * LOOPIN);
    });
}

#[test]
fn verifiers_share_by_their_duties() {
    execute(|| {
        for _ in 0..3 {
            Rewards::duty_done(&VERIFIER, 1);
        }
        Rewards::duty_done(&STRANGER, 1);
        end_epoch();
        claim(VERIFIER);
        assert_eq!(wealth(VERIFIER), ENDOWMENT + 3_750 * LOOPIN / 1_000);
        claim(STRANGER);
        assert_eq!(wealth(STRANGER), ENDOWMENT + 1_250 * LOOPIN / 1_000);
        assert_eq!(
            Supply::<Test>::get().minted.earned,
            Earned {
                mining: 0,
                renting: 0,
                verifying: 5 * LOOPIN
            }
        );
    });
}

#[test]
fn an_epoch_without_them_is_not_minted() {
    execute(|| {
        end_epoch();
        claim(VERIFIER);
        claim(CLIENT);
        assert_eq!(wealth(VERIFIER), ENDOWMENT);
        assert_eq!(Supply::<Test>::get().minted.earned, Earned::default());
    });
}

#[test]
fn the_running_epoch_is_not_paid() {
    execute(|| {
        Rewards::duty_done(&VERIFIER, 1);
        claim(VERIFIER);
        assert_eq!(wealth(VERIFIER), ENDOWMENT);
        assert!(Shares::<Test>::contains_key(Party::Verifier, VERIFIER));
        end_epoch();
        claim(VERIFIER);
        assert_eq!(wealth(VERIFIER), ENDOWMENT + 5 * LOOPIN);
        assert!(!Shares::<Test>::contains_key(Party::Verifier, VERIFIER));
        // Only once.
        claim(VERIFIER);
        assert_eq!(wealth(VERIFIER), ENDOWMENT + 5 * LOOPIN);
    });
}

#[test]
fn doing_something_again_settles_what_was_before() {
    execute(|| {
        Rewards::duty_done(&VERIFIER, 1);
        end_epoch();
        end_epoch();
        Rewards::duty_done(&VERIFIER, 1);
        assert_eq!(accrued(VERIFIER).verifying, 5 * LOOPIN);
        end_epoch();
        claim(VERIFIER);
        assert_eq!(wealth(VERIFIER), ENDOWMENT + 10 * LOOPIN);
    });
}

#[test]
fn who_asks_too_late_gets_nothing() {
    execute(|| {
        Rewards::duty_done(&VERIFIER, 1);
        for _ in 0..=HISTORY_EPOCHS {
            end_epoch();
        }
        claim(VERIFIER);
        assert_eq!(wealth(VERIFIER), ENDOWMENT);
        assert!(!Shares::<Test>::contains_key(Party::Verifier, VERIFIER));
    });
}

#[test]
fn who_asks_at_the_last_moment_is_paid() {
    execute(|| {
        Rewards::duty_done(&VERIFIER, 1);
        for _ in 0..HISTORY_EPOCHS {
            end_epoch();
        }
        claim(VERIFIER);
        assert_eq!(wealth(VERIFIER), ENDOWMENT + 5 * LOOPIN);
    });
}

#[test]
fn duties_before_the_first_epoch_are_not_counted() {
    sp_io::TestExternalities::new_empty().execute_with(|| {
        Rewards::duty_done(&VERIFIER, 1);
        Rewards::consumed(POOL, &CLIENT, 1, 1);
        assert_eq!(Shares::<Test>::iter().count(), 0);
    });
}

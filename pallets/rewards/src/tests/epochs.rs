//! How epochs begin and end, and what pools get.

use crate::{mock::*, *};
use frame_support::weights::Weight;
use loopin_math::Parts;
use loopin_primitives::{LiquidityHooks, VerdictHooks};

fn closed() -> Vec<(u32, u128)> {
    take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::EpochClosed { epoch, emission, .. } => Some((epoch, emission)),
            _ => None,
        })
        .collect()
}

#[test]
fn nothing_begins_before_there_is_a_time() {
    sp_io::TestExternalities::new_empty().execute_with(|| {
        assert_eq!(next_block(), <() as WeightInfo>::wait());
        assert_eq!(CurrentEpoch::<Test>::get(), None);
    });
}

#[test]
fn the_first_epoch_begins_with_the_first_block_that_knows_the_time() {
    execute(|| {
        assert_eq!(
            CurrentEpoch::<Test>::get(),
            Some(Epoch {
                index: 0,
                start: BEGIN,
                end: BEGIN + DAY
            })
        );
        assert_eq!(
            take_events(),
            [Event::EpochBegan {
                epoch: 0,
                start: BEGIN
            }]
        );
        // What exists counts, and listed pools are reckoned from here.
        assert_eq!(Supply::<Test>::get().endowed, Balances::total_issuance());
        assert!(
            Listings::<Test>::get()
                .values()
                .all(|listing| listing.mark.moment == BEGIN)
        );
    });
}

#[test]
fn an_epoch_ends_with_the_first_block_after_it() {
    execute(|| {
        pass(DAY - 1);
        assert_eq!(index(), 0);
        take_events();
        pass(1);
        assert_eq!(index(), 1);
        let parts = Parts {
            miners: 60 * LOOPIN,
            clients: 5 * LOOPIN,
            verifiers: 5 * LOOPIN,
            treasury: 20 * LOOPIN,
            team: 10 * LOOPIN,
        };
        let events = take_events();
        assert_eq!(
            events[0],
            Event::EpochClosed {
                epoch: 0,
                emission: EMISSION,
                parts
            }
        );
        assert_eq!(events.last(), Some(&Event::TreasuryPaid { amount: 20 * LOOPIN }));
        assert_eq!(wealth(TREASURY), ENDOWMENT + 20 * LOOPIN);
        let supply = Supply::<Test>::get();
        assert_eq!((supply.emitted, supply.team_due), (EMISSION, 10 * LOOPIN));
        assert_eq!(supply.minted.total(), 20 * LOOPIN);
    });
}

#[test]
fn a_late_block_does_not_move_the_epochs() {
    execute(|| {
        pass(DAY + 1_000);
        let epoch = CurrentEpoch::<Test>::get().unwrap();
        assert_eq!((epoch.start, epoch.end), (BEGIN + DAY, BEGIN + 2 * DAY));
    });
}

#[test]
fn missed_epochs_are_made_up_one_by_one() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        pass(4 * DAY + HOUR);
        take_events();
        for made_up in 1..4 {
            assert_eq!(index(), made_up);
            next_block();
            assert_eq!(closed(), [(made_up, EMISSION)]);
        }
        next_block();
        assert_eq!(index(), 4);
        assert_eq!(closed(), []);
        // Nobody has touched the pool, so each epoch is as if it had been in time.
        for epoch in 0..4 {
            let closed = pool_epoch(epoch, POOL);
            let end = BEGIN + u64::from(epoch + 1) * DAY;
            assert_eq!((closed.from, closed.until), (end - DAY, end));
            assert_eq!(closed.provider_seconds, u128::from(DAY));
        }
    });
}

#[test]
fn the_miners_budget_is_divided_by_reference_price_and_provider_seconds() {
    execute(|| {
        // Reference prices 6 and 2, seconds 1 and 1.5.
        add_liquidity(1, 7 * DAY);
        add_liquidity(5, 7 * DAY);
        add_liquidity(6, 7 * DAY);
        pass(DAY / 2);
        withdraw(6);
        end_epoch();
        let (one, other) = (pool_epoch(0, POOL), pool_epoch(0, OTHER_POOL));
        assert_eq!(one.provider_seconds, u128::from(DAY));
        assert_eq!(other.provider_seconds, u128::from(DAY) * 3 / 2);
        assert_eq!((one.part, other.part), (40 * LOOPIN, 20 * LOOPIN));
        assert_eq!(one.rate, (one.part << 64) / u128::from(DAY));
        assert_eq!(one.left, one.part);
        assert_eq!((one.reference_price, one.rounds), (REFERENCE, 0));
    });
}

#[test]
fn rented_and_drained_time_counts_for_the_pools_part_like_any_other() {
    execute(|| {
        let position = add_liquidity(1, 7 * DAY);
        add_liquidity(3, 7 * DAY);
        rent(1, DAY, LOOPIN);
        Rewards::drained(position, 1, true);
        end_epoch();
        assert_eq!(pool_epoch(0, POOL).provider_seconds, 2 * u128::from(DAY));
        full(3, GOOD);
        end_epoch();
        settle(3);
        // What nobody gets for the other device raises nobody's rate.
        assert_eq!(take_settled()[0].2, 30 * LOOPIN - 1);
    });
}

#[test]
fn an_epoch_knows_how_many_rounds_it_had() {
    execute(|| {
        (0..3).for_each(|_| Rewards::round_began());
        end_epoch();
        Rewards::round_began();
        end_epoch();
        end_epoch();
        let rounds: Vec<_> = (0..3).map(|epoch| pool_epoch(epoch, POOL).rounds).collect();
        assert_eq!(rounds, [3, 1, 0]);
    });
}

#[test]
fn a_budget_without_providers_is_not_minted() {
    execute(|| {
        end_epoch();
        assert_eq!(pool_epoch(0, POOL).part, 0);
        let supply = Supply::<Test>::get();
        assert_eq!(supply.minted.total(), 20 * LOOPIN);
        assert_eq!(supply.minted.earned, Earned::default());
    });
}

#[test]
fn the_market_price_is_told_and_brings_nothing() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        add_liquidity(5, 7 * DAY);
        end_epoch();
        donate(POOL, 10_000 * LOOPIN);
        end_epoch();
        let (before, after) = (pool_epoch(0, POOL), pool_epoch(1, POOL));
        assert!(after.price > before.price * 19 / 10);
        assert_eq!(after.part, before.part);
    });
}

#[test]
fn a_pool_touched_between_an_epochs_end_and_its_closing_ends_its_epoch_then() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        add_liquidity(5, 7 * DAY);
        // A transaction of the block that comes six seconds after the end.
        wait_until(BEGIN + DAY + 6);
        touch(POOL);
        next_block();
        let (touched, other) = (pool_epoch(0, POOL), pool_epoch(0, OTHER_POOL));
        assert_eq!((touched.from, touched.until), (BEGIN, BEGIN + DAY + 6));
        assert_eq!(touched.provider_seconds, u128::from(DAY) + 6);
        assert_eq!(other.until, BEGIN + DAY);
        end_epoch();
        let touched = pool_epoch(1, POOL);
        assert_eq!((touched.from, touched.until), (BEGIN + DAY + 6, BEGIN + 2 * DAY));
        assert_eq!(touched.provider_seconds, u128::from(DAY) - 6);
    });
}

#[test]
fn a_pool_that_ends_its_epoch_late_gets_no_more_for_it() {
    let part_of_other = |touches: bool| {
        let mut part = 0;
        execute(|| {
            add_liquidity(1, 7 * DAY);
            add_liquidity(5, 7 * DAY);
            // The chain has stood still for two days, and somebody is quick when it goes on.
            wait_until(BEGIN + 3 * DAY);
            if touches {
                touch(POOL);
            }
            next_block();
            let (touched, other) = (pool_epoch(0, POOL), pool_epoch(0, OTHER_POOL));
            let lasted = if touches { 3 * DAY } else { DAY };
            assert_eq!(touched.provider_seconds, u128::from(lasted));
            assert!(touched.part + other.part <= EMISSION * 6 / 10);
            part = other.part;
        });
        part
    };
    let (honest, late) = (part_of_other(false), part_of_other(true));
    // But for the price, which has been taken over another time.
    assert!(
        honest.abs_diff(late) <= honest / 1_000,
        "{late} instead of {honest}"
    );
}

#[test]
fn nothing_is_emitted_beyond_the_cap() {
    execute(|| {
        let endowed = Supply::<Test>::get().endowed;
        SupplyCap::set(endowed + 2 * EMISSION + 7);
        for _ in 0..4 {
            end_epoch();
        }
        assert_eq!(Supply::<Test>::get().emitted, 2 * EMISSION + 7);
        assert_eq!(
            closed()
                .into_iter()
                .map(|(_, emission)| emission)
                .collect::<Vec<_>>(),
            [EMISSION, EMISSION, 7, 0]
        );
        // 20 % of seven planck, rounded down.
        assert_eq!(wealth(TREASURY), ENDOWMENT + 40 * LOOPIN + 1);
    });
}

#[test]
fn emission_is_halved() {
    execute(|| {
        change_parameters(|parameters| parameters.halving_epochs = 2);
        for _ in 0..5 {
            end_epoch();
        }
        assert_eq!(
            closed()
                .into_iter()
                .map(|(_, emission)| emission)
                .collect::<Vec<_>>(),
            [EMISSION, EMISSION, EMISSION / 2, EMISSION / 2, EMISSION / 4]
        );
    });
}

#[test]
fn what_is_too_old_is_forgotten() {
    execute(|| {
        for _ in 0..HISTORY_EPOCHS + 2 {
            end_epoch();
        }
        assert_eq!(PoolEpochs::<Test>::iter_prefix(1).count(), 0);
        assert_eq!(PoolEpochs::<Test>::iter_prefix(2).count(), 2);
        assert_eq!(PoolEpochs::<Test>::iter().count(), 2 * HISTORY_EPOCHS as usize);
        assert_eq!(EpochBudgets::<Test>::iter().count(), HISTORY_EPOCHS as usize);
    });
}

#[test]
fn a_new_length_applies_to_the_next_epoch() {
    execute(|| {
        change_parameters(|parameters| parameters.epoch_seconds = HOUR);
        end_epoch();
        let epoch = CurrentEpoch::<Test>::get().unwrap();
        assert_eq!((epoch.start, epoch.end), (BEGIN + DAY, BEGIN + DAY + HOUR));
    });
}

#[test]
fn a_block_weighs_what_it_does() {
    execute(|| {
        add_liquidity(1, 7 * DAY);
        assert_eq!(next_block(), <() as WeightInfo>::wait());
        wait_until(BEGIN + DAY);
        let sync_weight = next_block() - <() as WeightInfo>::close(2);
        // A day of agenda of the pool with a provider; the other one has no agenda.
        assert!(sync_weight.all_gte(weight_of_pages(24)), "{sync_weight}");
        assert!(sync_weight.all_lte(weight_of_pages(28)), "{sync_weight}");
        assert_eq!(next_block(), <() as WeightInfo>::wait());
    });
}

#[test]
fn a_pool_that_cannot_be_marked_gets_nothing_and_stops_nobody() {
    execute(|| {
        Listings::<Test>::mutate(|listings| {
            let listing = Listing {
                reference_price: 1_000 * LOOPIN,
                mark: Default::default(),
            };
            listings.try_insert(77, listing).unwrap()
        });
        add_liquidity(1, 7 * DAY);
        end_epoch();
        assert_eq!(pool_epoch(0, 77).part, 0);
        assert_eq!(pool_epoch(0, POOL).part, 60 * LOOPIN);
        assert_ne!(next_block(), Weight::zero());
    });
}

//! A quote is what the call then comes to, and the tightest bound that it accepts.

use super::*;
use crate::{
    Rentals, Stakes,
    market_api::{PoolView, RentQuote},
};
use frame_support::{
    assert_noop,
    storage::{TransactionOutcome, with_transaction},
};
use loopin_math::time::HOUR;
use sp_runtime::DispatchError;

const MINER: usize = 1;
const CLIENT: usize = 3;

/// What a runtime API does: asks, and drops what that changed.
pub fn ask<R>(question: impl FnOnce() -> R) -> R {
    with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(question())))
        .expect("a question does not fail as a transaction")
}

#[test]
fn a_rental_costs_what_was_quoted() {
    on_development_chain(|| {
        fill_pool(4);
        pass(15);
        let quote = ask(|| RentQuote::of(*POOL, 1, 90)).expect("there is enough");
        let before = ask(|| PoolView::of(*POOL)).expect("there is the pool");
        assert_eq!(quote.trade.price_before, before.price_per_gpu_hour);
        assert_eq!(quote.trade.until % MINUTE, 0);

        assert_noop!(
            signed(CLIENT, rent_call(&quote.devices, 90, quote.trade.total - 1)).map_err(|error| error.error),
            pallet_pools::Error::<Runtime>::CostAboveMaximum
        );
        let balance_before = balance(CLIENT);
        submit(CLIENT, rent_call(&quote.devices, 90, quote.trade.total));
        assert_eq!(balance_before - balance(CLIENT), quote.trade.total);
        let after = ask(|| PoolView::of(*POOL)).expect("there is the pool");
        assert_eq!(after.price_per_gpu_hour, quote.trade.price_after);
        assert_eq!(after.rented_volume, quote.trade.amount);
    });
}

#[test]
fn an_extension_and_its_end_come_to_what_was_quoted() {
    on_development_chain(|| {
        fill_pool(4);
        let rental = rented(CLIENT, &[0], 90);
        pass(20);
        let quote = ask(|| Rentals::quote_extend(rental, 61)).expect("there is enough");
        let before = balance(CLIENT);
        let extend = |max_cost| pallet_rentals::Call::extend {
            rental,
            seconds: 61,
            max_cost,
        };
        assert_noop!(
            signed(CLIENT, extend(quote.total - 1)).map_err(|error| error.error),
            pallet_pools::Error::<Runtime>::CostAboveMaximum
        );
        submit(CLIENT, extend(quote.total));
        assert_eq!(before - balance(CLIENT), quote.total);

        pass(20);
        let quote = ask(|| Rentals::quote_terminate(rental)).expect("it runs");
        let before = balance(CLIENT);
        let terminate = |min_refund| pallet_rentals::Call::terminate { rental, min_refund };
        assert_noop!(
            signed(CLIENT, terminate(quote.total + 1)).map_err(|error| error.error),
            pallet_pools::Error::<Runtime>::ProceedsBelowMinimum
        );
        submit(CLIENT, terminate(quote.total));
        assert_eq!(balance(CLIENT) - before, quote.total);
    });
}

#[test]
fn certificate_liquidity_and_sale_come_to_what_was_quoted() {
    on_development_chain(|| {
        let certificate =
            ask(|| Stakes::quote_certificate(*POOL, STAKE_SECONDS.into())).expect("there is the pool");
        let burn = |max_burn| pallet_stakes::Call::burn_for_certificate {
            pool: *POOL,
            gpu_seconds: STAKE_SECONDS.into(),
            max_burn,
        };
        assert_noop!(
            signed(MINER, burn(certificate - 1)).map_err(|error| error.error),
            pallet_stakes::Error::<Runtime>::BurnAboveMaximum
        );
        submit(MINER, burn(certificate));

        let provider = staked(MINER, verified_device(MINER), Intent::Provide);
        pass(100);
        let cost = ask(|| Stakes::quote_add_liquidity(provider)).expect("it is staked");
        let add = |max_loopin| pallet_stakes::Call::add_liquidity {
            position: provider,
            max_loopin,
        };
        assert_noop!(
            signed(MINER, add(cost - 1)).map_err(|error| error.error),
            pallet_pools::Error::<Runtime>::CostAboveMaximum
        );
        submit(MINER, add(cost));

        let seller = staked(MINER, verified_device(MINER), Intent::Sell);
        for _ in 0..2 {
            pass(10);
            let quote = ask(|| Stakes::quote_sell(seller, 150)).expect("it is staked");
            let sell = |min_proceeds| pallet_stakes::Call::sell_hours {
                position: seller,
                gpu_seconds: 150,
                min_proceeds,
            };
            assert_noop!(
                signed(MINER, sell(quote.total + 1)).map_err(|error| error.error),
                pallet_pools::Error::<Runtime>::ProceedsBelowMinimum
            );
            let before = balance(MINER);
            submit(MINER, sell(quote.total));
            assert_eq!(balance(MINER) - before, quote.total);
        }
    });
}

#[test]
fn devices_whose_time_ends_soonest_are_proposed_first_and_never_busy_ones() {
    on_development_chain(|| {
        let devices: Vec<_> = (0..5)
            .map(|_| {
                let (device, _) = provided(MINER);
                pass(MINUTE);
                device
            })
            .collect();
        // Those that end last let the others be rented for long.
        fill_pool(10);
        // The one that ends soonest is rented, the next is suspended, the next refuses rentals.
        rented(CLIENT, &[devices[0]], MINUTE);
        record(devices[1], Verdict::Failed);
        submit(MINER, pallet_stakes::Call::drain { device: devices[2] });
        let quote = ask(|| RentQuote::of(*POOL, 2, MINUTE)).expect("there is enough");
        assert_eq!(quote.devices, [devices[3], devices[4]]);

        // The fourth was staked two minutes ago and ends with the ninth from now, as stakes end on whole minutes.
        let quote = ask(|| RentQuote::of(*POOL, 2, 8 * MINUTE + 50)).expect("there is enough");
        assert_eq!(quote.devices, [devices[4], devices[4] + 1]);
    });
}

#[test]
fn prices_of_a_genesis_pool_are_known_from_its_first_hour_on() {
    on_development_chain(|| {
        let view = || ask(|| PoolView::of(*POOL)).expect("there is the pool");
        let usual = view().price_per_gpu_hour;
        let began = now();
        fill_pool(4);
        let quote = ask(|| RentQuote::of(*POOL, 1, 8 * MINUTE)).expect("there is enough");
        submit(CLIENT, rent_call(&quote.devices, 8 * MINUTE, quote.trade.total));
        pass(4 * MINUTE);
        // A mean since 1970 would not have moved by a planck.
        let mean = view().mean_price_per_gpu_hour;
        assert!(
            mean > usual && mean <= quote.trade.price_after,
            "{mean} of {usual}"
        );

        pass(2 * HOUR);
        let mean = ask(|| Pools::mean_price(*POOL, began, now())).expect("time has passed");
        assert_eq!((mean.from, mean.until), (began, now()));
        let chart = ask(|| Pools::price_chart(*POOL, began, now())).expect("time has passed");
        assert_eq!(chart.first().map(|mean| mean.from), Some(began));
        assert_eq!(chart.last().map(|mean| mean.until), Some(now()));
    });
}

#[test]
fn what_cannot_be_quoted_has_the_error_of_the_call() {
    on_development_chain(|| {
        use pallet_rentals::Error as RentalError;
        provided(MINER);
        assert_eq!(ask(|| PoolView::of(99)), None);
        let refused = |pool, devices, seconds| ask(|| RentQuote::of(pool, devices, seconds)).unwrap_err();
        assert_eq!(
            refused(99, 1, MINUTE),
            pallet_pools::Error::<Runtime>::UnknownPool.into()
        );
        assert_eq!(
            refused(*POOL, 0, MINUTE),
            RentalError::<Runtime>::NoDevices.into()
        );
        assert_eq!(
            refused(*POOL, 65, MINUTE),
            RentalError::<Runtime>::TooManyDevices.into()
        );
        assert_eq!(
            refused(*POOL, 1, MINUTE - 1),
            RentalError::<Runtime>::TooShort.into()
        );
        assert_eq!(
            refused(*POOL, 1, u64::MAX),
            RentalError::<Runtime>::TooLong.into()
        );
        assert_eq!(
            refused(*POOL, 64, 9 * MINUTE),
            pallet_pools::Error::<Runtime>::NotEnoughIdleTime.into()
        );
        assert_eq!(
            ask(|| Rentals::quote_extend(7, MINUTE)).unwrap_err(),
            RentalError::<Runtime>::UnknownRental.into()
        );
    });
}

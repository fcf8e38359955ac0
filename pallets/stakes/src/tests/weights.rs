//! What calls are charged, and what of it they get back.

use crate::{mock::*, *};
use frame_support::{
    dispatch::{DispatchErrorWithPostInfo, GetDispatchInfo, extract_actual_weight},
    weights::Weight,
};
use loopin_math::time::HOUR;
use loopin_primitives::{Balance, DeviceHooks};
use pallet_pools::WeightInfo as _;
use sp_runtime::traits::Dispatchable;

type Weights = ();

/// What a call is charged in advance.
fn charge(call: Call<Test>) -> Weight {
    call.get_dispatch_info().call_weight
}

/// Lets `who` call this, and returns what that cost in the end.
fn cost(who: AccountId, call: Call<Test>) -> Weight {
    let info = call.get_dispatch_info();
    let outcome = RuntimeCall::Stakes(call).dispatch(RuntimeOrigin::signed(who));
    assert!(outcome.is_ok(), "{outcome:?}");
    extract_actual_weight(&outcome, &info)
}

/// What it costs to sync a pool that has to pass that many pages of its agenda.
fn sync_weight(pages: u32) -> Weight {
    Weights::sync(pages) - Weights::sync(0)
}

fn burn_call() -> Call<Test> {
    Call::burn_for_certificate {
        pool: POOL,
        gpu_seconds: DAY.into(),
        max_burn: Balance::MAX,
    }
}

fn stake_call(certificate: u32) -> Call<Test> {
    Call::stake {
        device: 1,
        certificate,
        duration_seconds: DAY,
        intent: Intent::Sell,
    }
}

fn add_liquidity_call(position: u32) -> Call<Test> {
    Call::add_liquidity {
        position,
        max_loopin: Balance::MAX,
    }
}

fn sell_hours_call(position: u32) -> Call<Test> {
    Call::sell_hours {
        position,
        gpu_seconds: HOUR,
        min_proceeds: 0,
    }
}

fn withdraw_call(position: u32) -> Call<Test> {
    Call::withdraw_liquidity {
        position,
        min_returned: 0,
    }
}

#[test]
fn every_call_on_a_pool_is_charged_for_syncing_it() {
    execute(|| {
        let closing = Weights::close_provider().max(Weights::close_seller());
        let rewards = CHANGE_WEIGHT + PAY_WEIGHT;
        for (call, weight) in [
            (burn_call(), Weights::burn_for_certificate()),
            (stake_call(0), Weights::stake()),
            (add_liquidity_call(0), Weights::add_liquidity() + CHANGE_WEIGHT),
            (sell_hours_call(0), Weights::sell_hours()),
            (Call::claim { position: 0 }, Weights::claim() + rewards),
            (withdraw_call(0), Weights::withdraw_liquidity() + rewards),
            (Call::close { position: 0 }, closing + rewards),
        ] {
            assert_eq!(charge(call), weight + Pools::most_sync_weight());
        }
        assert_eq!(
            <Stakes as DeviceHooks>::weight(),
            (Weights::eject_provider() + CHANGE_WEIGHT).max(Weights::eject_seller())
        );
    });
}

#[test]
fn calls_on_no_pool_are_not() {
    execute(|| {
        for (call, weight) in [
            (
                Call::remove_certificate { certificate: 0 },
                Weights::remove_certificate(),
            ),
            (Call::drain { device: 1 }, Weights::drain() + CHANGE_WEIGHT),
            (Call::undrain { device: 1 }, Weights::undrain() + CHANGE_WEIGHT),
        ] {
            assert_eq!(charge(call), weight);
        }
    });
}

#[test]
fn what_was_not_needed_is_given_back() {
    execute(|| {
        // A sale that ends six hours and 37 seconds from now gives the agenda seven pages to pass, and an hour is marked.
        let other = staked(5, DAY, Intent::Sell);
        sell_hours(OTHER, other, 6 * HOUR).unwrap();
        assert_eq!(cost(MINER, burn_call()), Weights::burn_for_certificate());
        wait(7 * HOUR);
        assert_eq!(
            cost(MINER, burn_call()),
            Weights::burn_for_certificate() + sync_weight(7 + 1)
        );
        assert_eq!(cost(MINER, stake_call(1)), Weights::stake());
        let seller = NextPositionId::<Test>::get() - 1;
        assert_eq!(cost(MINER, sell_hours_call(seller)), Weights::sell_hours());

        let provider = staked(2, PROVIDE_SECONDS, Intent::Provide);
        let paid = CHANGE_WEIGHT + PAY_WEIGHT / 2;
        assert_eq!(
            cost(MINER, add_liquidity_call(provider)),
            Weights::add_liquidity() + CHANGE_WEIGHT
        );
        wait(HOUR);
        assert_eq!(
            cost(STRANGER, Call::claim { position: provider }),
            Weights::claim() + paid + sync_weight(2 + 1)
        );
        assert_eq!(
            cost(MINER, withdraw_call(provider)),
            Weights::withdraw_liquidity() + paid
        );
    });
}

#[test]
fn closing_costs_what_such_a_position_costs() {
    execute(|| {
        let provider = provided(1);
        let seller = sold(2, 7, DAY);
        let idle = staked(3, PROVIDE_SECONDS, Intent::Provide);
        wait(8 * DAY);
        // The pages of 168 hours, and that in which they begin, and the mark of an hour.
        assert_eq!(
            cost(STRANGER, Call::close { position: provider }),
            Weights::close_provider() + CHANGE_WEIGHT + PAY_WEIGHT / 2 + sync_weight(169 + 1)
        );
        for position in [seller, idle] {
            assert_eq!(cost(STRANGER, Call::close { position }), Weights::close_seller());
        }
    });
}

#[test]
fn after_months_it_costs_no_more_than_was_charged() {
    execute(|| {
        let position = provided(1);
        wait(200 * DAY);
        let call = Call::close { position };
        let most = charge(call.clone());
        assert!(cost(STRANGER, call).all_lte(most));
    });
}

#[test]
fn what_is_refused_gets_nothing_back() {
    execute(|| {
        let outcome =
            RuntimeCall::Stakes(Call::claim { position: 0 }).dispatch(RuntimeOrigin::signed(STRANGER));
        let Err(DispatchErrorWithPostInfo { post_info, .. }) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(post_info.actual_weight, None);
    });
}

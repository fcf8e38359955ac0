//! What governance can do, and what nobody else can.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use loopin_primitives::Balance;
use sp_runtime::{DispatchError, FixedU128, Permill, Perquintill, traits::Zero};

#[test]
fn nobody_else_decides() {
    execute(|| {
        let stranger = || RuntimeOrigin::signed(STRANGER);
        let parameters = RewardParameters::<Test>::get();
        assert_noop!(
            Rewards::set_parameters(stranger(), parameters),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Rewards::set_listing(stranger(), POOL, REFERENCE),
            DispatchError::BadOrigin
        );
        assert_noop!(Rewards::set_team(stranger(), None), DispatchError::BadOrigin);
        assert_noop!(Rewards::set_stopped(stranger(), true), DispatchError::BadOrigin);
        assert_noop!(
            Rewards::settle(RuntimeOrigin::root(), 1),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Rewards::claim(RuntimeOrigin::root(), MINER),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn parameters_must_make_sense() {
    execute(|| {
        let refused = |change: fn(&mut Parameters), error: Error<Test>| {
            let mut parameters = RewardParameters::<Test>::get();
            change(&mut parameters);
            assert_noop!(Rewards::set_parameters(RuntimeOrigin::root(), parameters), error);
        };
        refused(
            |parameters| parameters.split.team = Permill::from_percent(11),
            Error::SplitNotWhole,
        );
        refused(|parameters| parameters.epoch_seconds = 59, Error::EpochTooShort);
        refused(
            |parameters| parameters.release_seconds = 59,
            Error::ReleaseOutOfRange,
        );
        refused(
            |parameters| parameters.release_seconds = 28 * DAY + 1,
            Error::ReleaseOutOfRange,
        );
        refused(
            |parameters| parameters.epoch_seconds = 30 * DAY + 1,
            Error::EpochTooLong,
        );
        refused(
            |parameters| parameters.epoch_seconds = u64::MAX,
            Error::EpochTooLong,
        );
        refused(|parameters| parameters.halving_epochs = 0, Error::NoHalving);
        refused(
            |parameters| parameters.initial_emission = 73_000_001 * LOOPIN,
            Error::EmissionAboveCap,
        );
        let least = FixedU128::from_rational(1, 4);
        for idle in [
            FixedU128::from_inner(least.into_inner() - 1),
            FixedU128::from_float(2.1),
        ] {
            let mut parameters = RewardParameters::<Test>::get();
            parameters.caps.idle = idle;
            assert_noop!(
                Rewards::set_parameters(RuntimeOrigin::root(), parameters),
                Error::<Test>::IdleCapOutOfRange
            );
        }
        refused(
            |parameters| parameters.caps.rented = FixedU128::from_float(0.6),
            Error::RentedCapOutOfRange,
        );
        change_parameters(|parameters| {
            (parameters.caps.idle, parameters.caps.rented) = (FixedU128::from_u32(2), FixedU128::zero());
        });
    });
}

#[test]
fn parameters_apply_from_then_on() {
    execute(|| {
        take_events();
        change_parameters(|parameters| {
            parameters.split.miners = Permill::from_percent(50);
            parameters.split.treasury = Permill::from_percent(30);
            parameters.initial_emission = 10 * LOOPIN;
        });
        let parameters = RewardParameters::<Test>::get();
        assert_eq!(take_events(), [Event::ParametersChanged { parameters }]);
        end_epoch();
        assert_eq!(wealth(TREASURY), ENDOWMENT + 3 * LOOPIN);
        assert_eq!(Supply::<Test>::get().emitted, 10 * LOOPIN);
    });
}

#[test]
fn the_default_parameters_are_those_of_the_protocol() {
    let parameters = Parameters::default();
    assert!(parameters.split.is_whole());
    assert_eq!(parameters.initial_emission, 100_000 * LOOPIN);
    assert_eq!((parameters.halving_epochs, parameters.epoch_seconds), (365, DAY));
    assert_eq!(
        loopin_math::Factors::FULL.product(),
        Perquintill::one(),
        "nobody is paid more than the standard"
    );
}

#[test]
fn pools_are_listed_and_taken_off() {
    execute(|| {
        take_events();
        assert_ok!(Rewards::set_listing(
            RuntimeOrigin::root(),
            UNLISTED_POOL,
            7 * LOOPIN
        ));
        assert_ok!(Rewards::set_listing(RuntimeOrigin::root(), POOL, 4 * LOOPIN));
        assert_ok!(Rewards::set_listing(RuntimeOrigin::root(), OTHER_POOL, 0));
        let prices: Vec<_> = Listings::<Test>::get()
            .iter()
            .map(|(pool, listing)| (*pool, listing.reference_price))
            .collect();
        assert_eq!(prices, [(POOL, 4 * LOOPIN), (UNLISTED_POOL, 7 * LOOPIN)]);
        let changes = [(UNLISTED_POOL, 7 * LOOPIN), (POOL, 4 * LOOPIN), (OTHER_POOL, 0)];
        assert_eq!(
            take_events(),
            changes.map(|(pool, reference_price)| Event::ListingChanged {
                pool,
                reference_price
            })
        );
    });
}

#[test]
fn listings_that_make_no_sense_are_refused() {
    execute(|| {
        assert_noop!(
            Rewards::set_listing(RuntimeOrigin::root(), UNLISTED_POOL, 0),
            Error::<Test>::NotListed
        );
        assert_noop!(
            Rewards::set_listing(RuntimeOrigin::root(), 1_234, LOOPIN),
            pallet_pools::Error::<Test>::UnknownPool
        );
        Listings::<Test>::mutate(|listings| {
            let listing = *listings.get(&POOL).unwrap();
            for pool in 1_000..1_000 + MAX_LISTED_POOLS - 2 {
                listings.try_insert(pool, listing).unwrap();
            }
        });
        assert_noop!(
            Rewards::set_listing(RuntimeOrigin::root(), UNLISTED_POOL, LOOPIN),
            Error::<Test>::TooManyPools
        );
    });
}

#[test]
fn a_reference_price_moves_by_half_or_twice_at_most() {
    execute(|| {
        let set = |price| Rewards::set_listing(RuntimeOrigin::root(), POOL, price);
        assert_noop!(set(2 * REFERENCE + 1), Error::<Test>::ReferencePriceMovesTooFar);
        assert_noop!(set(REFERENCE / 2 - 1), Error::<Test>::ReferencePriceMovesTooFar);
        assert_ok!(set(2 * REFERENCE));
        assert_ok!(set(REFERENCE));
        assert_ok!(set(REFERENCE / 2));
        for price in [1, LOOPIN / 1_000_000 - 1, 1_000 * LOOPIN + 1, Balance::MAX] {
            assert_noop!(set(price), Error::<Test>::ReferencePriceOutOfRange);
            assert_noop!(
                Rewards::set_listing(RuntimeOrigin::root(), UNLISTED_POOL, price),
                Error::<Test>::ReferencePriceOutOfRange
            );
        }
    });
}

#[test]
fn listing_a_pool_costs_what_syncing_it_costs() {
    execute(|| {
        let listed = |pool| {
            Rewards::set_listing(RuntimeOrigin::root(), pool, REFERENCE)
                .unwrap()
                .actual_weight
        };
        assert_eq!(listed(POOL), Some(<() as WeightInfo>::set_listing()));
        add_liquidity(1, 7 * DAY);
        pass(5 * HOUR);
        assert_ok!(Rewards::set_listing(RuntimeOrigin::root(), POOL, 0));
        let weight = listed(POOL).unwrap() - <() as WeightInfo>::set_listing();
        assert!(weight.all_gte(weight_of_pages(5)) && weight.all_lte(weight_of_pages(7)));
    });
}

#[test]
fn emission_is_stopped_and_resumed_once() {
    execute(|| {
        take_events();
        assert_noop!(
            Rewards::set_stopped(RuntimeOrigin::root(), false),
            Error::<Test>::NotStopped
        );
        set_stopped(true);
        assert_noop!(
            Rewards::set_stopped(RuntimeOrigin::root(), true),
            Error::<Test>::AlreadyStopped
        );
        set_stopped(false);
        assert_eq!(take_events(), [Event::EmissionStopped, Event::EmissionResumed]);
    });
}

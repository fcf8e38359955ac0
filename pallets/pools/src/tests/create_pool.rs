//! Creating a pool.

use crate::{mock::*, *};
use frame_support::{
    assert_noop, assert_ok,
    traits::{fungible::InspectHold, fungibles::metadata::Inspect as _},
};
use loopin_math::time::{DAY, MINUTE};
use loopin_primitives::PoolTerms;
use sp_runtime::TokenError;

fn create(anchor: Balance, price: Balance, terms: PoolTerms) -> sp_runtime::DispatchResult {
    DissipativePools::create_pool(
        RuntimeOrigin::signed(ALICE),
        text("A class"),
        text(&format!("CLASS{}", NextPoolId::<Test>::get())),
        anchor,
        price,
        terms,
    )
}
use loopin_primitives::Balance;

#[test]
fn the_creator_pays_for_the_anchor_the_deposits_and_the_account() {
    run(|| {
        let pool = create_pool();
        assert_eq!(
            Balances::free_balance(ALICE),
            ENDOWMENT - 1_000 * LOOPIN - 10 * LOOPIN - METADATA_DEPOSIT - EXISTENTIAL_DEPOSIT
        );
        assert_eq!(
            Balances::balance_on_hold(&HoldReason::PoolDeposit.into(), &ALICE),
            10 * LOOPIN
        );
        let account = DissipativePools::account_of(pool);
        assert_eq!(
            Balances::free_balance(account),
            1_000 * LOOPIN + EXISTENTIAL_DEPOSIT
        );
        assert_eq!(Balances::reserved_balance(account), METADATA_DEPOSIT);
        assert_eq!(Balances::total_issuance(), 3 * ENDOWMENT);
        System::assert_has_event(
            Event::PoolCreated {
                pool,
                creator: ALICE,
                symbol: b"RTX4090".to_vec(),
                anchor: 1_000 * LOOPIN,
                anchor_gpu_seconds: 7_200_000,
                price_per_gpu_hour: LOOPIN / 2,
            }
            .into(),
        );
    });
}

#[test]
fn the_hour_token_is_an_asset_of_the_pool_s_number() {
    run(|| {
        assert_eq!(create_pool(), 0);
        let pool = create_pool();
        assert_eq!(pool, 1);
        assert_eq!(
            Assets::name(pool),
            b"LooPIN GPU-seconds NVIDIA GeForce RTX 4090".to_vec()
        );
        assert_eq!(Assets::symbol(pool), b"RTX4090-1".to_vec());
        assert_eq!(Assets::decimals(pool), 0);
        assert_eq!(Assets::total_supply(pool), 0);
    });
}

#[test]
fn a_number_that_governance_gave_to_an_asset_is_left_out() {
    run(|| {
        assert_ok!(Assets::force_create(RuntimeOrigin::root(), 0, ALICE, true, 1));
        assert_ok!(create(1_000 * LOOPIN, LOOPIN, terms()));
        assert!(!Pools::<Test>::contains_key(0));
        assert!(Pools::<Test>::contains_key(1));
        assert_eq!(NextPoolId::<Test>::get(), 2);
    });
}

#[test]
fn where_the_next_sixteen_numbers_are_taken_there_is_an_error() {
    run(|| {
        for number in 0..16 {
            assert_ok!(Assets::force_create(
                RuntimeOrigin::root(),
                number,
                ALICE,
                true,
                1
            ));
        }
        assert_noop!(
            create(1_000 * LOOPIN, LOOPIN, terms()),
            Error::<Test>::NoNumberLeft
        );
    });
}

#[test]
fn an_anchor_below_the_minimum_is_refused() {
    run(|| {
        let minimum = MinimumAnchor::get();
        assert_noop!(
            create(minimum - 1, LOOPIN, terms()),
            Error::<Test>::AnchorTooSmall
        );
        assert_noop!(create(0, LOOPIN, terms()), Error::<Test>::AnchorTooSmall);
        assert_ok!(create(minimum, LOOPIN, terms()));
    });
}

#[test]
fn an_anchor_that_the_creator_cannot_afford_is_refused() {
    run(|| {
        assert_noop!(create(ENDOWMENT, LOOPIN, terms()), TokenError::FundsUnavailable);
        assert_noop!(
            create(Balance::MAX, LOOPIN, terms()),
            Error::<Test>::PriceOutOfRange
        );
    });
}

#[test]
fn a_price_of_zero_or_beyond_the_anchor_is_refused() {
    run(|| {
        let anchor = MinimumAnchor::get();
        assert_noop!(create(anchor, 0, terms()), Error::<Test>::PriceOutOfRange);
        assert_noop!(
            create(anchor, Balance::MAX, terms()),
            Error::<Test>::PriceOutOfRange
        );
        assert_noop!(
            create(anchor, anchor * 3_600 + 1, terms()),
            Error::<Test>::PriceOutOfRange
        );
        assert_ok!(create(anchor, anchor * 3_600, terms()));
        assert_ok!(create(anchor, 1, terms()));
    });
}

#[test]
fn no_two_pools_have_the_same_symbol_whatever_its_case() {
    run(|| {
        let create = |symbol| {
            DissipativePools::create_pool(
                RuntimeOrigin::signed(BOB),
                text("NVIDIA GeForce RTX 4090"),
                text(symbol),
                1_000 * LOOPIN,
                LOOPIN,
                terms(),
            )
        };
        create_pool();
        for symbol in ["RTX4090", "rtx4090", "Rtx4090"] {
            assert_noop!(create(symbol), Error::<Test>::SymbolTaken);
        }
        assert_ok!(create("RTX4090D"));
        assert_noop!(create("RTX4090d"), Error::<Test>::SymbolTaken);
    });
}

#[test]
fn a_name_must_be_printable() {
    run(|| {
        for name in ["", " CLASS", "CLASS ", "A\nB", "\u{e9}"] {
            assert_noop!(
                DissipativePools::create_pool(
                    RuntimeOrigin::signed(ALICE),
                    text(name),
                    text("CLASS"),
                    1_000 * LOOPIN,
                    LOOPIN,
                    terms()
                ),
                Error::<Test>::InvalidName
            );
            assert_noop!(
                DissipativePools::create_pool(
                    RuntimeOrigin::signed(ALICE),
                    text("CLASS"),
                    text(name),
                    1_000 * LOOPIN,
                    LOOPIN,
                    terms()
                ),
                Error::<Test>::InvalidName
            );
        }
    });
}

#[test]
fn every_term_out_of_its_range_is_refused_by_name() {
    run(|| {
        let refused = |change: fn(&mut PoolTerms), error: Error<Test>| {
            let mut terms = terms();
            change(&mut terms);
            assert_noop!(create(1_000 * LOOPIN, LOOPIN, terms), error);
        };
        refused(|terms| terms.provide_seconds = 0, Error::InvalidProvideSeconds);
        refused(
            |terms| terms.provide_seconds = MINUTE + 1,
            Error::InvalidProvideSeconds,
        );
        refused(
            |terms| terms.provide_seconds = 7 * DAY + MINUTE,
            Error::InvalidProvideSeconds,
        );
        refused(
            |terms| terms.provide_seconds = u64::MAX,
            Error::InvalidProvideSeconds,
        );
        refused(|terms| terms.sell_unit_seconds = 0, Error::InvalidSellSeconds);
        refused(
            |terms| terms.sell_unit_seconds = DAY + 1,
            Error::InvalidSellSeconds,
        );
        refused(
            |terms| terms.sell_max_seconds = 7 * DAY + MINUTE,
            Error::InvalidSellSeconds,
        );
        refused(
            |terms| terms.sell_max_seconds = DAY + MINUTE,
            Error::InvalidSellSeconds,
        );
        refused(|terms| terms.sell_max_seconds = 0, Error::InvalidSellSeconds);
        refused(|terms| terms.rental_min_seconds = 0, Error::InvalidRentalSeconds);
        refused(
            |terms| terms.rental_min_seconds = 7 * DAY + 1,
            Error::InvalidRentalSeconds,
        );
        refused(
            |terms| terms.rental_max_seconds = 7 * DAY + 1,
            Error::InvalidRentalSeconds,
        );
        refused(|terms| terms.challenge.n = 63, Error::InvalidChallenge);
        refused(|terms| terms.benchmark_gops = 0, Error::InvalidBenchmark);
        refused(|terms| terms.privacy_limit = 101, Error::InvalidPrivacyLimit);
    });
}

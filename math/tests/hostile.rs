//! No panic, whatever the numbers are: those of the pool, of its agenda, and of the request.

mod common;

use codec::{Decode, Encode};
use common::Calendar;
use loopin_math::{
    Agenda, Change, Contribution, LiquidityPosition, MathError, Page, Pool, PriceMark, Retention, Trade,
    U256,
    time::{self, HOUR},
};
use proptest::{collection::vec, prelude::*};
use sp_arithmetic::Permill;

/// Extremes, powers of two and their neighbours, and anything between.
fn any_u128() -> impl Strategy<Value = u128> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(u128::MAX),
        (0..128u32, 0..3u128).prop_map(|(bits, offset)| (1u128 << bits).wrapping_add(offset).wrapping_sub(1)),
        (0..128u32, any::<u128>()).prop_map(|(bits, value)| value >> bits),
    ]
}

fn any_u64() -> impl Strategy<Value = u64> {
    any_u128().prop_map(|value| value as u64)
}

fn any_u32() -> impl Strategy<Value = u32> {
    any_u128().prop_map(|value| value as u32)
}

fn any_u256() -> impl Strategy<Value = U256> {
    (any_u128(), any_u128()).prop_map(|(high, low)| (U256::from(high) << 128) + U256::from(low))
}

/// A moment that may well be a whole minute near to the pool's.
fn any_moment(pool: &Pool) -> impl Strategy<Value = u64> + use<> {
    let now = pool.updated_at;
    prop_oneof![
        any_u64(),
        (0..20_000u64).prop_map(move |minutes| (now / 60).saturating_add(minutes).saturating_mul(60)),
        Just(pool.agenda_end),
    ]
}

prop_compose! {
    fn any_retention()(
        mantissa in prop_oneof![any_u128(), (1u128 << 127)..],
        exponent in any_u64(),
    ) -> Retention {
        Retention { mantissa, exponent }
    }
}

prop_compose! {
    fn any_pool()(
        reserve in any_u128(),
        gpu_seconds in any_u128(),
        shares in any_u128(),
        anchors in any::<[u128; 2]>(),
        idle_devices in any_u32(),
        provider_devices in any_u32(),
        share_rate in any_u128(),
        updated_at in any_u64(),
        agenda_hours in prop_oneof![Just(0), 0..1_000u64],
        stream_index in any_u256(),
        streamed_fraction in any_u128(),
        retention in any_retention(),
        integrals in any::<[u128; 3]>(),
    ) -> Pool {
        Pool {
            reserve,
            gpu_seconds,
            shares,
            anchor_gpu_seconds: anchors[0],
            anchor_shares: anchors[1],
            idle_devices,
            provider_devices,
            share_rate,
            updated_at,
            // Further away it would only take longer.
            agenda_end: updated_at.saturating_add(agenda_hours * HOUR),
            stream_index,
            streamed_fraction,
            retention,
            reserve_integral_doubled: integrals[0],
            gpu_seconds_integral_doubled: integrals[1],
            provider_seconds: integrals[2],
        }
    }
}

// A pool that can hardly be told from a real one.
prop_compose! {
    fn plausible_pool()(
        reserve in any_u128(),
        price in any_u128(),
        idle_gpu_seconds in 0..1u128 << 60,
        shares in 0..1u128 << 100,
        pool in any_pool(),
    ) -> Pool {
        match Pool::new(reserve, price, pool.updated_at) {
            Ok(fresh) => Pool {
                gpu_seconds: fresh.gpu_seconds.saturating_add(idle_gpu_seconds),
                shares: fresh.shares.saturating_add(shares),
                share_rate: pool.share_rate % (1 << 60),
                idle_devices: pool.idle_devices,
                provider_devices: pool.provider_devices,
                streamed_fraction: pool.streamed_fraction,
                agenda_end: pool.agenda_end,
                ..fresh
            },
            Err(_) => pool,
        }
    }
}

fn any_change() -> impl Strategy<Value = Change> {
    (any_u32(), any_u32(), any_u32(), any_u128()).prop_map(
        |(idle_joining, idle_leaving, providers_leaving, share_rate_leaving)| Change {
            idle_joining,
            idle_leaving,
            providers_leaving,
            share_rate_leaving,
        },
    )
}

/// Any page that can be decoded: the minutes need not be in order, nor be minutes of an hour.
fn any_page() -> impl Strategy<Value = Page> {
    vec((any::<u8>(), any_change()), 0..60)
        .prop_map(|entries| Page::decode(&mut &entries.encode()[..]).expect("no more than a page holds"))
}

/// An agenda that says the same in every hour, and that forgets.
#[derive(Clone)]
struct Stubborn(Page);

impl Agenda for Stubborn {
    fn page(&self, _: u64) -> Page {
        self.0.clone()
    }

    fn set_page(&mut self, _: u64, _: Page) {}

    fn record_endings(&mut self, _: u64, _: &[loopin_math::Ending]) {}
}

fn any_fee() -> impl Strategy<Value = Permill> {
    (0..=1_000_000u32).prop_map(Permill::from_parts)
}

#[derive(Clone, Debug)]
struct Request {
    moment: u64,
    other_moment: Option<u64>,
    devices: u32,
    gpu_seconds: u128,
    amount: u128,
    retention: Retention,
    share_rate: u128,
    index: U256,
    mark: PriceMark,
    swap_fee: Permill,
}

fn any_request(pool: &Pool) -> impl Strategy<Value = Request> + use<> {
    (
        any_moment(pool),
        prop::option::of(any_moment(pool)),
        any_u32(),
        any_u128(),
        (any_u128(), any_retention()),
        any_u128(),
        any_u256(),
        any::<[u128; 2]>(),
        any_fee(),
    )
        .prop_map(
            |(
                moment,
                other_moment,
                devices,
                gpu_seconds,
                (amount, retention),
                share_rate,
                index,
                mark,
                swap_fee,
            )| Request {
                moment,
                other_moment,
                devices,
                gpu_seconds,
                amount,
                retention,
                share_rate,
                index,
                mark: PriceMark {
                    reserve_integral_doubled: mark[0],
                    gpu_seconds_integral_doubled: mark[1],
                },
                swap_fee,
            },
        )
}

/// Asks for everything that can be asked for, each time of the same pool. Results do not matter.
fn ask_for_everything(pool: &Pool, agenda: &(impl Agenda + Clone), request: &Request) {
    let Request {
        moment,
        other_moment,
        devices,
        gpu_seconds,
        amount,
        retention,
        share_rate,
        index,
        mark,
        swap_fee,
    } = request;
    let mut contribution = Contribution {
        kept: *amount,
        retention: *retention,
    };
    let from = other_moment.unwrap_or_default();
    let position = LiquidityPosition {
        share_rate: *share_rate,
        until: *moment,
    };
    let fresh = || (pool.clone(), agenda.clone());

    pool.price_per_gpu_hour();
    pool.idle_gpu_seconds();
    let _ = pool.value(*gpu_seconds);
    let _ = pool.mean_price_per_gpu_hour(mark);
    let _ = pool.mean_price_per_gpu_hour(&PriceMark::default());
    let _ = mark.mean_price_per_gpu_hour(&pool.price_mark());
    let _ = pool.quote_add_liquidity(*gpu_seconds);
    let _ = pool.quote_remove_liquidity(&position, &contribution, *gpu_seconds, *other_moment);
    let _ = Pool::streamed_to(*share_rate, *index, pool.stream_index);
    for trade in [
        pool.quote_rent(*gpu_seconds, *swap_fee),
        pool.quote_sell(*gpu_seconds, *swap_fee),
        pool.quote_give_back(*gpu_seconds, &contribution, *swap_fee),
    ]
    .into_iter()
    .flatten()
    {
        trade.cost();
        trade.proceeds();
    }

    let (mut pool, mut agenda) = fresh();
    let _ = pool.sync(*moment, &mut agenda);
    let (mut pool, mut agenda) = fresh();
    let _ = pool.add_liquidity(*moment, &mut agenda);
    let (mut pool, mut agenda) = fresh();
    let _ = pool.remove_liquidity(&position, &contribution, *gpu_seconds, *other_moment, &mut agenda);
    let (mut pool, mut agenda) = fresh();
    let _ = pool.remove_sold(*moment, *other_moment, &mut agenda);
    let (mut pool, mut agenda) = fresh();
    let _ = pool.return_unserved(*moment, &mut agenda);
    let (mut pool, _) = fresh();
    let _ = pool.compensate(*amount);
    let (mut pool, _) = fresh();
    let _ = pool.deepen(*amount, mark);
    let (mut pool, _) = fresh();
    let paid = pool.refund(*amount);
    assert!(paid <= *amount);
    let (mut pool, mut agenda) = fresh();
    let _ = pool.sell(*moment, *swap_fee, &mut agenda);
    let (mut pool, mut agenda) = fresh();
    let _ = pool.extend_sale(from, *moment, *swap_fee, &mut agenda);
    let (mut pool, mut agenda) = fresh();
    let _ = pool.rent(*devices, *moment, *swap_fee, &mut agenda);
    let (mut pool, mut agenda) = fresh();
    let _ = pool.extend_rental(*devices, from, *moment, *swap_fee, &mut agenda);
    let (mut pool, mut agenda) = fresh();
    let _ = pool.give_back(*devices, *moment, &contribution, *swap_fee, &mut agenda);
    let _ = contribution.grown(*share_rate, &pool.retention);
    let part = contribution.take_part(*devices);
    assert_eq!(part.kept.checked_add(contribution.kept), Some(*amount));
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        cases: 8 * ProptestConfig::default().cases,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_request_makes_any_pool_panic(
        (pool, request) in prop_oneof![any_pool(), plausible_pool()]
            .prop_flat_map(|pool| {
                let request = any_request(&pool);
                (Just(pool), request)
            }),
        page in any_page(),
    ) {
        ask_for_everything(&pool, &Stubborn(page), &request);
        ask_for_everything(&pool, &Calendar::default(), &request);
    }

    #[test]
    fn no_pool_comes_to_life_with_numbers_that_make_it_panic(
        reserve in any_u128(),
        price in any_u128(),
        now in any_u64(),
    ) {
        match Pool::new(reserve, price, now) {
            Ok(pool) => {
                prop_assert!(pool.reserve > 0 && pool.gpu_seconds > 0);
                // What the anchor has for its LOOPIN is rounded down, so the price is no lower than asked for.
                prop_assert!(U256::from(pool.reserve) * U256::from(HOUR)
                    >= U256::from(price) * U256::from(pool.gpu_seconds));
            }
            Err(error) => prop_assert!(matches!(error, MathError::Zero | MathError::Overflow)),
        }
    }

    #[test]
    fn no_moment_makes_the_clockwork_panic(start in any_u64(), seconds in any_u64(), minute in any::<u8>()) {
        if let Ok(end) = time::scheduled_end(start, seconds) {
            prop_assert!(end % 60 == 0 && end >= start && end - start >= seconds && end - start - seconds < 60);
            prop_assert_eq!(time::moment_of(time::hour_of(end), time::minute_of(end)), end);
        }
        prop_assert!(time::moment_of(start, minute) >= minute.into());
    }

    #[test]
    fn no_terms_of_a_trade_make_their_sums_panic(gpu_seconds in any_u128(), amount in any_u128(), fee in any_u128()) {
        let trade = Trade { gpu_seconds, amount, fee };
        prop_assert!(trade.cost() >= amount);
        prop_assert!(trade.proceeds() <= amount);
    }
}

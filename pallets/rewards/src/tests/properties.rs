//! Random histories of everything that can happen.

use crate::{mock::*, *};
use loopin_primitives::{ChallengeKind, LiquidityHooks, RentalHooks, Verdict, VerdictHooks};
use proptest::{prelude::*, test_runner::TestCaseError};

/// Something that happens.
#[derive(Clone, Debug)]
enum Action {
    Wait {
        seconds: u64,
    },
    Touch {
        pool: u32,
    },
    AddLiquidity {
        device: u32,
        seconds: u64,
    },
    EndLiquidity {
        device: u32,
    },
    Stream {
        device: u32,
        amount: u128,
    },
    Verdict {
        device: u32,
        verdict: Verdict,
        kind: ChallengeKind,
    },
    Rent {
        device: u32,
        seconds: u64,
        paid: u128,
    },
    GiveBack {
        device: u32,
        refund: u128,
    },
    Drain {
        device: u32,
        draining: bool,
    },
    Round,
    Duty {
        who: AccountId,
    },
    Consume {
        who: AccountId,
        amount: u128,
        fees: u128,
    },
    Settle {
        device: u32,
    },
    Claim {
        who: AccountId,
    },
    Give {
        who: AccountId,
    },
    Hold {
        who: AccountId,
        amount: u128,
    },
    Release {
        who: AccountId,
        amount: u128,
    },
    SetPayout {
        who: AccountId,
        payout: Payout,
    },
    List {
        pool: u32,
        price: u128,
    },
    Stop {
        stopped: bool,
    },
    SetLength {
        seconds: u64,
    },
    SetEmission {
        initial: u128,
        halving_epochs: u32,
    },
    SetTeam {
        team: Option<AccountId>,
    },
    Donate {
        pool: u32,
        amount: u128,
    },
}

fn any_device() -> impl Strategy<Value = u32> {
    1..=6u32
}

fn any_account() -> impl Strategy<Value = AccountId> {
    // The last one has no account.
    *ACCOUNTS.start()..=ACCOUNTS.end() + 1
}

fn any_pool() -> impl Strategy<Value = u32> {
    POOL..=UNLISTED_POOL
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        6 => (0..2_000u64, 0..=100u8).prop_map(|(work_gops, privacy)| Verdict::Passed { work_gops, privacy }),
        6 => Just(GOOD),
        1 => Just(Verdict::Failed),
        1 => Just(Verdict::Inconclusive),
    ]
}

fn any_kind() -> impl Strategy<Value = ChallengeKind> {
    prop_oneof![4 => Just(ChallengeKind::Full), 1 => Just(ChallengeKind::Light)]
}

fn any_action() -> impl Strategy<Value = Action> {
    let passage = prop_oneof![4 => 1..2 * DAY, 4 => 1..HOUR, 1 => 1..20 * DAY];
    prop_oneof![
        10 => passage.prop_map(|seconds| Action::Wait { seconds }),
        2 => any_pool().prop_map(|pool| Action::Touch { pool }),
        6 => (any_device(), 60..7 * DAY).prop_map(|(device, seconds)| Action::AddLiquidity { device, seconds }),
        4 => any_device().prop_map(|device| Action::EndLiquidity { device }),
        2 => (any_device(), 0..10 * LOOPIN).prop_map(|(device, amount)| Action::Stream { device, amount }),
        12 => (any_device(), any_verdict(), any_kind())
            .prop_map(|(device, verdict, kind)| Action::Verdict { device, verdict, kind }),
        3 => (any_device(), prop_oneof![HOUR..2 * DAY, HOUR..20 * DAY], 0..100 * LOOPIN)
            .prop_map(|(device, seconds, paid)| Action::Rent { device, seconds, paid }),
        1 => (any_device(), 0..100 * LOOPIN).prop_map(|(device, refund)| Action::GiveBack { device, refund }),
        1 => (any_device(), any::<bool>()).prop_map(|(device, draining)| Action::Drain { device, draining }),
        4 => Just(Action::Round),
        2 => any_account().prop_map(|who| Action::Duty { who }),
        2 => (any_account(), 0..100 * LOOPIN, 0..LOOPIN)
            .prop_map(|(who, amount, fees)| Action::Consume { who, amount, fees }),
        3 => any_device().prop_map(|device| Action::Settle { device }),
        3 => any_account().prop_map(|who| Action::Claim { who }),
        1 => any_account().prop_map(|who| Action::Give { who }),
        1 => (any_account(), 0..100 * LOOPIN).prop_map(|(who, amount)| Action::Hold { who, amount }),
        1 => (any_account(), 0..100 * LOOPIN).prop_map(|(who, amount)| Action::Release { who, amount }),
        1 => (any_account(), prop_oneof![Just(Payout::Hold), Just(Payout::Free)])
            .prop_map(|(who, payout)| Action::SetPayout { who, payout }),
        1 => (any_pool(), prop_oneof![Just(0), LOOPIN / 2..8 * LOOPIN])
            .prop_map(|(pool, price)| Action::List { pool, price }),
        1 => any::<bool>().prop_map(|stopped| Action::Stop { stopped }),
        1 => (60..3 * DAY).prop_map(|seconds| Action::SetLength { seconds }),
        1 => (0..50_000_000 * LOOPIN, 1..20u32)
            .prop_map(|(initial, halving_epochs)| Action::SetEmission { initial, halving_epochs }),
        1 => prop::option::of(Just(TEAM)).prop_map(|team| Action::SetTeam { team }),
        1 => (any_pool(), 0..10_000 * LOOPIN).prop_map(|(pool, amount)| Action::Donate { pool, amount }),
    ]
}

/// Lets it happen. Whatever is refused changes nothing.
fn perform(action: &Action) {
    match action.clone() {
        Action::Wait { seconds } => pass(seconds),
        Action::Touch { pool } => touch(pool),
        Action::AddLiquidity { device, seconds } => {
            let can_pay = free(owner_and_pool(device).0) > ENDOWMENT / 2;
            if position(device).is_none() && can_pay {
                add_liquidity(device, seconds);
            }
        }
        Action::EndLiquidity { device } => match position(device) {
            Some(position) if position.until <= now() => close(device),
            Some(_) => withdraw(device),
            None => {}
        },
        Action::Stream { device, amount } => {
            if let Some(position) = position(device) {
                Rewards::liquidity_streamed(position.id, device, amount);
            }
        }
        Action::Verdict {
            device,
            verdict,
            kind,
        } => {
            let passes = u32::from(verdict != Verdict::Failed) * 3;
            Rewards::verdict_reached(device, verdict, kind, passes, 2);
        }
        Action::Rent {
            device,
            seconds,
            paid,
        } => Rewards::rented(device, now() + seconds, paid),
        Action::GiveBack { device, refund } => Rewards::given_back(device, refund),
        Action::Drain { device, draining } => {
            if let Some(position) = position(device) {
                Rewards::drained(position.id, device, draining);
            }
        }
        Action::Round => Rewards::round_began(),
        Action::Duty { who } => Rewards::duty_done(&who, 1),
        Action::Consume { who, amount, fees } => Rewards::consumed(POOL, &who, amount, fees),
        Action::Settle { device } => settle(device),
        Action::Claim { who } => claim(who),
        Action::Give { who } => {
            if who != STRANGER && free(who) > ENDOWMENT / 2 + EXISTENTIAL_DEPOSIT {
                give_away(who, free(who) / 3);
            }
        }
        Action::Hold { who, amount } => {
            let _ = Rewards::add_to_hold(RuntimeOrigin::signed(who), amount);
        }
        Action::Release { who, amount } => {
            let _ = Rewards::release(RuntimeOrigin::signed(who), amount);
        }
        Action::SetPayout { who, payout } => {
            Rewards::set_payout(RuntimeOrigin::signed(who), payout).unwrap();
        }
        Action::List { pool, price } => {
            let _ = Rewards::set_listing(RuntimeOrigin::root(), pool, price);
        }
        Action::Stop { stopped } => {
            let _ = Rewards::set_stopped(RuntimeOrigin::root(), stopped);
        }
        Action::SetLength { seconds } => change_parameters(|parameters| parameters.epoch_seconds = seconds),
        Action::SetEmission {
            initial,
            halving_epochs,
        } => change_parameters(|parameters| {
            parameters.initial_emission = initial.min(SupplyCap::get());
            parameters.halving_epochs = halving_epochs;
        }),
        Action::SetTeam { team } => Rewards::set_team(RuntimeOrigin::root(), team).unwrap(),
        Action::Donate { pool, amount } => donate(pool, amount),
    }
}

/// What the pools know of all providers is what their devices' intervals say, between the last mark and now.
fn audit_seconds() -> Result<(), TestCaseError> {
    for (pool, listing) in Listings::<Test>::get() {
        let counted: u64 = Miners::<Test>::iter_values()
            .filter(|miner| miner.pool == pool)
            .flat_map(|miner| miner.intervals.into_inner())
            .map(|interval| {
                interval
                    .until
                    .min(now())
                    .saturating_sub(interval.from.max(listing.mark.moment))
            })
            .sum();
        let known = provider_seconds(pool) - listing.mark.provider_seconds;
        // Who adds liquidity too often loses the first times.
        prop_assert!(u128::from(counted) <= known);
        let is_complete = Miners::<Test>::iter_values().all(|miner| miner.intervals.len() < 8);
        prop_assert!(!is_complete || u128::from(counted) == known, "{counted} {known}");
    }
    Ok(())
}

fn audit() -> Result<(), TestCaseError> {
    prop_assert_eq!(Rewards::do_try_state(), Ok(()));
    prop_assert_eq!(Pools::do_try_state(), Ok(()));
    prop_assert_eq!(Devices::do_try_state(), Ok(()));
    prop_assert!(Balances::total_issuance() <= SupplyCap::get());
    Ok(())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_is_lost_and_nothing_made_whatever_happens(
        actions in prop::collection::vec(any_action(), 1..80),
        room in prop_oneof![Just(60_000_000 * LOOPIN), 0..1_000_000 * LOOPIN],
    ) {
        new_externalities().execute_with(|| {
            SupplyCap::set(Supply::<Test>::get().endowed + room);
            change_parameters(|parameters| {
                parameters.initial_emission = parameters.initial_emission.min(SupplyCap::get());
            });
            let endowed = Supply::<Test>::get().endowed;
            for action in &actions {
                perform(action);
                audit()?;
                audit_seconds()?;
            }
            // In the end everybody is paid, and nobody more than there was.
            let _ = Rewards::set_stopped(RuntimeOrigin::root(), false);
            for device in 1..=6 {
                settle(device);
            }
            for who in 1..=6 {
                claim(who);
            }
            audit()?;
            let supply = Supply::<Test>::get();
            prop_assert_eq!(endowed + supply.minted.total(), Balances::total_issuance());
            prop_assert!(supply.minted.total() <= room);
            Ok::<_, TestCaseError>(())
        })?;
    }
}

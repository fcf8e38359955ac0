//! Random sequences of everything that can happen.

use super::fraud;
use crate::{mock::*, *};
use frame_support::{dispatch::DispatchResult, traits::Hooks};
use loopin_primitives::{Balance, ChallengeKind, RentalId, RoundId, Standing, Verdict};
use proptest::{prelude::*, test_runner::TestCaseError};
use sp_core::Pair;
use sp_runtime::Weight;
use std::collections::BTreeMap;

/// Something that happens.
#[derive(Clone, Debug)]
enum Action {
    Bond {
        who: u8,
        amount: Balance,
    },
    BondExtra {
        who: u8,
        amount: Balance,
    },
    SetKey {
        who: u8,
        key: u8,
    },
    Unbond {
        who: u8,
    },
    Withdraw {
        who: u8,
    },
    Resume {
        who: u8,
    },
    Register,
    Remove {
        device: u32,
    },
    Update {
        device: u32,
        key: u8,
    },
    /// The device is rented, after the pool has got its time if it does not have it; or given back if it is rented.
    Rent {
        device: u32,
    },
    /// The client of a rental asks for a check.
    Report {
        device: u32,
    },
    Blocks {
        number: u8,
    },
    Wait {
        seconds: u64,
    },
    /// Somebody attests something, entitled or not, while devices compute or at another time.
    Attest {
        who: u8,
        device: u32,
        answer: Answer,
        in_window: bool,
    },
    /// A committee does what it must: for a device that its client has reported, if there is one and it is to be that.
    Committee {
        device: u32,
        is_check: bool,
        most: Answer,
        others: [Option<Answer>; 5],
        is_concluded: bool,
        is_pool_missing: bool,
    },
    Conclude {
        device: u32,
        rounds_ago: RoundId,
        is_pool_missing: bool,
    },
    Lie {
        device: u32,
        seat: usize,
        is_report: bool,
        is_true: bool,
        is_pool_missing: bool,
    },
    SetParameters {
        minimum: Balance,
        committee: u32,
        strikes: u32,
        remembered: u32,
    },
}

fn any_ballot() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => (0..3_000u64, 0..110u8).prop_map(|(work, privacy)| Answer::Pass(work, privacy)),
        7 => Just(Answer::Pass(100, 25)),
        1 => Just(Answer::LightPass),
        1 => (0..3_000u64).prop_map(Answer::PassOfOtherClaim),
        4 => Just(Answer::Fail),
        1 => Just(Answer::FailToOpen),
        1 => Just(Answer::LightFail),
        1 => Just(Answer::Unknown),
        1 => Just(Answer::Silence),
    ]
}

fn any_who() -> impl Strategy<Value = u8> {
    0..12u8
}

fn any_device() -> impl Strategy<Value = u32> {
    0..6u32
}

fn is_rare() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.2)
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        2 => (any_who(), 0..3 * BOND).prop_map(|(who, amount)| Action::Bond { who, amount }),
        1 => (any_who(), 0..BOND / 2).prop_map(|(who, amount)| Action::BondExtra { who, amount }),
        1 => (any_who(), any_who()).prop_map(|(who, key)| Action::SetKey { who, key }),
        1 => any_who().prop_map(|who| Action::Unbond { who }),
        1 => any_who().prop_map(|who| Action::Withdraw { who }),
        2 => any_who().prop_map(|who| Action::Resume { who }),
        3 => Just(Action::Register),
        1 => any_device().prop_map(|device| Action::Remove { device }),
        1 => (any_device(), 198..202u8).prop_map(|(device, key)| Action::Update { device, key }),
        2 => any_device().prop_map(|device| Action::Rent { device }),
        6 => any_device().prop_map(|device| Action::Report { device }),
        6 => (1..30u8).prop_map(|number| Action::Blocks { number }),
        1 => (1..UNBONDING).prop_map(|seconds| Action::Wait { seconds }),
        4 => (any_who(), any_device(), any_ballot(), any::<bool>())
            .prop_map(|(who, device, answer, in_window)| Action::Attest { who, device, answer, in_window }),
        8 => (
            any_device(),
            any::<bool>(),
            any_ballot(),
            prop::array::uniform5(prop::option::weighted(0.3, any_ballot())),
            any::<bool>(),
            is_rare(),
        )
            .prop_map(|(device, is_check, most, others, is_concluded, is_pool_missing)| {
                Action::Committee { device, is_check, most, others, is_concluded, is_pool_missing }
            }),
        8 => (any_device(), 0..3u64, is_rare()).prop_map(|(device, rounds_ago, is_pool_missing)| {
            Action::Conclude { device, rounds_ago, is_pool_missing }
        }),
        2 => (any_device(), 0..5usize, any::<bool>(), any::<bool>(), is_rare()).prop_map(
            |(device, seat, is_report, is_true, is_pool_missing)| {
                Action::Lie { device, seat, is_report, is_true, is_pool_missing }
            }
        ),
        1 => (0..2 * BOND, 0..6u32, 0..6u32, 0..4u32).prop_map(
            |(minimum, committee, strikes, remembered)| {
                Action::SetParameters { minimum, committee, strikes, remembered }
            }
        ),
    ]
}

/// The rental that the device is in now.
fn rental_of(device: u32) -> Option<RentalId> {
    Rentals::rented_until(device)?;
    Some(pallet_rentals::RentedDevices::<Test>::get(device)?.rental)
}

/// The same vote, on the challenge that the device is given now.
fn fitting(device: u32, answer: Answer) -> Answer {
    let is_light =
        Verification::challenge_of(device).is_some_and(|challenge| challenge.kind == ChallengeKind::Light);
    match answer {
        Answer::Pass(..) if is_light => Answer::LightPass,
        Answer::Fail if is_light => Answer::LightFail,
        other => other,
    }
}

fn with_pool_unless(is_pool_missing: bool, happen: impl FnOnce()) {
    if is_pool_missing {
        without_pool(happen);
    } else {
        happen();
    }
}

/// Lets `action` happen. A call may well be refused; what it leaves behind is what matters.
fn perform(action: &Action) -> DispatchResult {
    match action.clone() {
        Action::Bond { who, amount } => Verification::bond(origin(who), amount, pair(who).public())?,
        Action::BondExtra { who, amount } => Verification::bond_extra(origin(who), amount)?,
        Action::SetKey { who, key } => Verification::set_key(origin(who), pair(key).public())?,
        Action::Unbond { who } => Verification::unbond(origin(who))?,
        Action::Withdraw { who } => Verification::withdraw_bond(origin(who))?,
        Action::Resume { who } => Verification::resume(origin(who))?,
        Action::Register => {
            register();
        }
        Action::Remove { device } => Devices::remove_device(origin(OWNER), device)?,
        Action::Update { device, key } => {
            Devices::update_device(origin(OWNER), device, pair(key).public(), endpoint())?;
        }
        Action::Rent { device } => match rental_of(device) {
            Some(rental) => give_back(rental),
            None if standing_of(device) == Some(Standing::Verified) => {
                if !is_staked(device) {
                    provide(device);
                }
                if Stakes::available_until(POOL, device).is_ok_and(|until| now() + 2 * 3_600 < until) {
                    rent(device);
                }
            }
            None => (),
        },
        Action::Report { device } => {
            let rental = rental_of(device).unwrap_or_default();
            Rentals::report_failure(origin(CLIENT), rental, device)?;
        }
        Action::Blocks { number } => (0..number).for_each(|_| next_block()),
        Action::Wait { seconds } => wait(seconds),
        Action::Attest {
            who,
            device,
            answer,
            in_window,
        } => {
            if let Some((_, round)) = Verification::current_round() {
                if in_window && now() < round.closes_at {
                    enter_window();
                }
                if let Some(attestation) = attestation(device, who, answer) {
                    let _ = submit(attest_call(attestation, who));
                }
            }
        }
        Action::Committee {
            device,
            is_check,
            most,
            others,
            is_concluded,
            is_pool_missing,
        } => {
            let reported = || pallet_rentals::Reports::<Test>::iter_keys().next();
            let device = is_check.then(reported).flatten().unwrap_or(device);
            if active().is_empty() {
                return Ok(());
            }
            if Verification::current_round().is_none_or(|(_, round)| round.window.fill_at <= now()) {
                begin_any_round();
            }
            for (seat, (_, other)) in seats(device).into_iter().zip(others).enumerate() {
                let _ = vote(device, seat, other.unwrap_or(fitting(device, most)));
            }
            end_round();
            if is_concluded {
                with_pool_unless(is_pool_missing, || {
                    let _ = conclude(device);
                });
            }
        }
        Action::Conclude {
            device,
            rounds_ago,
            is_pool_missing,
        } => {
            let round = CurrentRound::<Test>::get().saturating_sub(rounds_ago);
            with_pool_unless(is_pool_missing, || {
                let _ = submit(Call::conclude { round, device });
            });
        }
        Action::Lie {
            device,
            seat,
            is_report,
            is_true,
            is_pool_missing,
        } => {
            if Verification::current_round().is_some() && seat < seats(device).len() {
                with_pool_unless(is_pool_missing, || {
                    fraud::accuse(device, seat, is_report, is_true);
                });
            }
        }
        Action::SetParameters {
            minimum,
            committee,
            strikes,
            remembered,
        } => {
            MinimumBond::set(minimum);
            CommitteeSize::set(committee);
            StrikeLimit::set(strikes);
            DisputeRounds::set(remembered);
        }
    }
    Ok(())
}

/// What a bookkeeper outside the pallet knows.
struct Books {
    issued: Balance,
    /// What this pallet and the registry have burned: slashes, and parts of deposits.
    burned: Balance,
    /// The round of the last verdict on each device, as told by events.
    verdicts: BTreeMap<u32, RoundId>,
}

impl Books {
    /// Notes what the events say.
    fn keep(&mut self) -> Result<(), TestCaseError> {
        for event in take_events() {
            match event {
                Event::Suspended { slashed, .. } => self.burned += slashed,
                Event::FraudProven {
                    device, conviction, ..
                } => {
                    self.burned += conviction.burned;
                    prop_assert_eq!(standing(device), Standing::Ejected);
                }
                Event::Concluded {
                    round,
                    device,
                    verdict,
                    passed,
                    failed,
                    inconclusive,
                    silent,
                    ..
                } => {
                    let last = self.verdicts.insert(device, round).unwrap_or_default();
                    prop_assert!(last < round, "a verdict of round {round} after one of {last}");
                    let half = (passed + failed + inconclusive + silent) / 2;
                    match verdict {
                        Verdict::Passed { privacy, .. } => prop_assert!(passed > half && privacy <= 100),
                        Verdict::Failed => prop_assert!(failed > half),
                        Verdict::Inconclusive => (),
                    }
                }
                _ => (),
            }
        }
        Ok(())
    }

    /// What must hold at any time, beyond what `try_state` checks.
    fn audit(&self) -> Result<(), TestCaseError> {
        audit();
        prop_assert_eq!(
            Balances::total_issuance(),
            self.issued - self.burned - Burned::get()
        );
        Ok(())
    }
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        cases: 128,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn bonds_rounds_and_verdicts_stay_sound_whatever_happens(
        actions in prop::collection::vec(any_action(), 1..120),
        verifiers in 0..6u8,
    ) {
        ExternalityBuilder::default().verifiers(verifiers).build().execute_with(|| {
            for _ in 0..4 {
                register_verified();
            }
            let mut books = Books {
                issued: Balances::total_issuance(),
                burned: 0,
                verdicts: BTreeMap::new(),
            };
            for action in &actions {
                let _ = perform(action);
                books.keep()?;
                books.audit()?;
            }
            // Whatever remains, rounds go on.
            <Verification as Hooks<u64>>::on_idle(0, Weight::MAX);
            books.audit()
        })?;
    }
}

//! Random sequences of everything that can happen.

use super::fraud;
use crate::{mock::*, *};
use frame_support::{dispatch::DispatchResult, traits::Hooks};
use loopin_primitives::{Balance, Devices as _, Finding, RoundId, Standing};
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
    Rent {
        device: u32,
    },
    RequestCheck {
        device: u32,
    },
    Blocks {
        number: u8,
    },
    Wait {
        seconds: u64,
    },
    /// Somebody attests something, entitled or not, at the time of a seat or at another.
    Attest {
        who: u8,
        device: u32,
        vote: Vote,
        in_slot: bool,
    },
    /// A committee does what it must.
    Committee {
        device: u32,
        most: Vote,
        others: [Option<Vote>; 5],
        is_concluded: bool,
    },
    Conclude {
        device: u32,
        rounds_ago: RoundId,
    },
    Lie {
        device: u32,
        seat: usize,
        is_report: bool,
        is_true: bool,
    },
    Break {
        listeners: bool,
    },
    SetParameters {
        minimum: Balance,
        committee: u32,
        strikes: u32,
        remembered: u32,
    },
}

fn any_vote() -> impl Strategy<Value = Vote> {
    prop_oneof![
        4 => (0..3_000u64, 0..110u8).prop_map(|(work, privacy)| Vote::Pass(work, privacy)),
        3 => Just(Vote::Pass(100, 25)),
        1 => Just(Vote::LightPass),
        4 => Just(Vote::Fail),
        1 => Just(Vote::Unknown),
        1 => Just(Vote::Silence),
    ]
}

fn any_who() -> impl Strategy<Value = u8> {
    0..12u8
}

fn any_device() -> impl Strategy<Value = u32> {
    0..6u32
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        2 => (any_who(), 0..3_000u128).prop_map(|(who, amount)| Action::Bond { who, amount }),
        1 => (any_who(), 0..500u128).prop_map(|(who, amount)| Action::BondExtra { who, amount }),
        1 => (any_who(), any_who()).prop_map(|(who, key)| Action::SetKey { who, key }),
        1 => any_who().prop_map(|who| Action::Unbond { who }),
        1 => any_who().prop_map(|who| Action::Withdraw { who }),
        2 => any_who().prop_map(|who| Action::Resume { who }),
        3 => Just(Action::Register),
        1 => any_device().prop_map(|device| Action::Remove { device }),
        1 => (any_device(), 198..202u8).prop_map(|(device, key)| Action::Update { device, key }),
        2 => any_device().prop_map(|device| Action::Rent { device }),
        1 => any_device().prop_map(|device| Action::RequestCheck { device }),
        6 => (1..30u8).prop_map(|number| Action::Blocks { number }),
        1 => (1..UNBONDING).prop_map(|seconds| Action::Wait { seconds }),
        4 => (any_who(), any_device(), any_vote(), any::<bool>())
            .prop_map(|(who, device, vote, in_slot)| Action::Attest { who, device, vote, in_slot }),
        8 => (any_device(), any_vote(), prop::array::uniform5(prop::option::weighted(0.3, any_vote())), any::<bool>())
            .prop_map(|(device, most, others, is_concluded)| {
                Action::Committee { device, most, others, is_concluded }
            }),
        8 => (any_device(), 0..3u64)
            .prop_map(|(device, rounds_ago)| Action::Conclude { device, rounds_ago }),
        2 => (any_device(), 0..5usize, any::<bool>(), any::<bool>()).prop_map(
            |(device, seat, is_report, is_true)| Action::Lie { device, seat, is_report, is_true }
        ),
        1 => prop::bool::weighted(0.2).prop_map(|listeners| Action::Break { listeners }),
        1 => (0..2_000u128, 0..6u32, 0..6u32, 0..4u32).prop_map(
            |(minimum, committee, strikes, remembered)| {
                Action::SetParameters { minimum, committee, strikes, remembered }
            }
        ),
    ]
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
        Action::Remove { device } => Registry::remove_device(origin(OWNER), device)?,
        Action::Update { device, key } => {
            Registry::update_device(origin(OWNER), device, pair(key).public(), endpoint())?;
        }
        Action::Rent { device } => RentedNow::mutate(|rented| {
            if rented.contains(&device) {
                rented.retain(|other| *other != device);
            } else {
                rented.push(device);
            }
        }),
        Action::RequestCheck { device } => Registry::request_check(device)?,
        Action::Blocks { number } => (0..number).for_each(|_| next_block()),
        Action::Wait { seconds } => Now::mutate(|now| *now += seconds),
        Action::Attest {
            who,
            device,
            vote,
            in_slot,
        } => {
            if let Some((_, round)) = Verification::current_round() {
                if in_slot && Now::get() < round.slot_opens_at(0) {
                    enter_slot(0);
                }
                if let Some(attestation) = attestation(device, who, vote) {
                    let _ = submit(attest_call(attestation, who));
                }
            }
        }
        Action::Committee {
            device,
            most,
            others,
            is_concluded,
        } => {
            if active().is_empty() {
                return Ok(());
            }
            if Verification::current_round().is_none_or(|(_, round)| round.slot_opens_at(0) <= Now::get()) {
                begin_round();
            }
            for (seat, (_, other)) in seats(device).into_iter().zip(others).enumerate() {
                let _ = vote(device, seat, other.unwrap_or(most));
            }
            end_round();
            if is_concluded {
                let _ = conclude(device);
            }
        }
        Action::Conclude { device, rounds_ago } => {
            let round = CurrentRound::<Test>::get().saturating_sub(rounds_ago);
            let _ = submit(Call::conclude { round, device });
        }
        Action::Lie {
            device,
            seat,
            is_report,
            is_true,
        } => {
            if Verification::current_round().is_some() && seat < seats(device).len() {
                fraud::accuse(device, seat, is_report, is_true);
            }
        }
        Action::Break { listeners } => ListenersFail::set(listeners),
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
    /// What was burned: slashes, and parts of deposits.
    burned: Balance,
    /// The last verdict on each device, as told by events.
    findings: BTreeMap<u32, RoundId>,
}

impl Books {
    /// Takes down what the events say.
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
                    finding,
                    passed,
                    failed,
                    inconclusive,
                    silent,
                    ..
                } => {
                    let last = self.findings.insert(device, round).unwrap_or_default();
                    prop_assert!(last < round, "a verdict of round {round} after one of {last}");
                    let half = (passed + failed + inconclusive + silent) / 2;
                    match finding {
                        Finding::Passed { privacy, .. } => prop_assert!(passed > half && privacy <= 100),
                        Finding::Failed => prop_assert!(failed > half),
                        Finding::Inconclusive => (),
                    }
                }
                _ => (),
            }
        }
        Ok(())
    }

    /// What must hold at any time, beyond what `try_state` checks.
    fn audit(&self) -> Result<(), TestCaseError> {
        prop_assert_eq!(Verification::do_try_state(), Ok(()));
        prop_assert_eq!(Registry::do_try_state(), Ok(()));
        prop_assert!(!is_sync_weight_left());
        prop_assert_eq!(Balances::total_issuance(), self.issued - self.burned);
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
                findings: BTreeMap::new(),
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

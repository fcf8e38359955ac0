//! Random sequences of everything that can happen.

use crate::{mock::*, *};
use frame_support::dispatch::DispatchResult;
use loopin_primitives::{Balance, DeviceId, RentalId};
use pallet_devices::Verdict;
use proptest::{prelude::*, test_runner::TestCaseError};
use std::collections::BTreeMap;

/// Something that happens to rentals, or around them.
#[derive(Clone, Debug)]
enum Action {
    Rent {
        client: AccountId,
        devices: Vec<DeviceId>,
        seconds: u64,
        max_cost: Balance,
    },
    Extend {
        client: Option<AccountId>,
        rental: RentalId,
        seconds: u64,
    },
    Terminate {
        client: Option<AccountId>,
        rental: RentalId,
        min_refund: Balance,
    },
    Complete {
        rental: RentalId,
    },
    Settle {
        rental: RentalId,
    },
    Report {
        client: Option<AccountId>,
        device: DeviceId,
    },
    Withdraw {
        client: Option<AccountId>,
        device: DeviceId,
    },
    Verdict {
        device: DeviceId,
        verdict: Verdict,
    },
    Stake {
        device: DeviceId,
        hours: u64,
    },
    Close {
        device: DeviceId,
    },
    Drain {
        device: DeviceId,
    },
    Pass {
        seconds: u64,
    },
    SetRates {
        per_device: Balance,
        report: Balance,
    },
}

fn any_client() -> impl Strategy<Value = AccountId> {
    // The last one does not exist.
    *CLIENTS.start()..=CLIENTS.end() + 1
}

/// Whose rental it is, or somebody.
fn any_caller() -> impl Strategy<Value = Option<AccountId>> {
    prop_oneof![8 => Just(None), 1 => any_client().prop_map(Some)]
}

fn any_device() -> impl Strategy<Value = DeviceId> {
    // Rarely one of another pool, or one that does not exist.
    prop_oneof![12 => DEVICES, 1 => FOREIGN_DEVICE..=FOREIGN_DEVICE + 1]
}

/// Some devices, mostly each of them once.
fn any_devices() -> impl Strategy<Value = Vec<DeviceId>> {
    prop_oneof![
        8 => prop::sample::subsequence(DEVICES.collect::<Vec<_>>(), 1..4),
        1 => prop::collection::vec(any_device(), 0..4)
    ]
}

/// Which of those that there are.
fn any_rental() -> impl Strategy<Value = RentalId> {
    0..12u32
}

fn any_seconds() -> impl Strategy<Value = u64> {
    prop_oneof![12 => RENTAL_MIN..8 * HOUR, 2 => 0..=RENTAL_MAX + 60, 1 => any::<u64>()]
}

fn any_bound() -> impl Strategy<Value = Balance> {
    prop_oneof![6 => Just(Balance::MAX), 1 => 0..10 * UNIT]
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        4 => Just(Verdict::Passed),
        3 => Just(Verdict::Failed),
        1 => Just(Verdict::Inconclusive)
    ]
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        10 => (any_client(), any_devices(), any_seconds(), any_bound())
            .prop_map(|(client, devices, seconds, max_cost)| Action::Rent {
                client, devices, seconds, max_cost
            }),
        4 => (any_caller(), any_rental(), any_seconds())
            .prop_map(|(client, rental, seconds)| Action::Extend { client, rental, seconds }),
        3 => (any_caller(), any_rental(), any_bound())
            .prop_map(|(client, rental, bound)| Action::Terminate {
                client, rental, min_refund: Balance::MAX - bound
            }),
        4 => any_rental().prop_map(|rental| Action::Complete { rental }),
        3 => any_rental().prop_map(|rental| Action::Settle { rental }),
        5 => (any_caller(), any_device()).prop_map(|(client, device)| Action::Report { client, device }),
        2 => (any_caller(), any_device())
            .prop_map(|(client, device)| Action::Withdraw { client, device }),
        6 => (any_device(), any_verdict())
            .prop_map(|(device, verdict)| Action::Verdict { device, verdict }),
        6 => (any_device(), 20..400u64).prop_map(|(device, hours)| Action::Stake { device, hours }),
        2 => any_device().prop_map(|device| Action::Close { device }),
        1 => any_device().prop_map(|device| Action::Drain { device }),
        8 => prop_oneof![12 => 0..HOUR, 6 => 0..10 * HOUR, 1 => 0..2 * STAKE]
            .prop_map(|seconds| Action::Pass { seconds }),
        1 => (0..UNIT, EXISTENTIAL_DEPOSIT..10 * UNIT)
            .prop_map(|(per_device, report)| Action::SetRates { per_device, report }),
    ]
}

/// The number of one of the rentals that there are, or of one that there is not.
fn number(choice: RentalId) -> RentalId {
    let mut numbers: Vec<_> = Rentals::<Test>::iter_keys().collect();
    numbers.sort_unstable();
    numbers.push(NextRentalId::<Test>::get());
    numbers[choice as usize % numbers.len()]
}

/// Who calls: whoever has the rental, unless somebody is named.
fn caller(client: Option<AccountId>, rental: RentalId) -> AccountId {
    client
        .or_else(|| Rentals::<Test>::get(rental).map(|entry| entry.client))
        .unwrap_or(1)
}

/// Lets `action` happen. A call may well be refused; what it leaves behind is what matters.
fn perform(action: &Action) -> DispatchResult {
    let plain = |outcome: frame_support::dispatch::DispatchResultWithPostInfo| {
        outcome.map(|_| ()).map_err(|error| error.error)
    };
    match action.clone() {
        Action::Rent {
            client,
            devices,
            seconds,
            max_cost,
        } => plain(try_rent(client, &devices, seconds, max_cost)),
        Action::Extend {
            client,
            rental,
            seconds,
        } => {
            let rental = number(rental);
            let origin = RuntimeOrigin::signed(caller(client, rental));
            plain(Renting::extend(origin, rental, seconds, Balance::MAX))
        }
        Action::Terminate {
            client,
            rental,
            min_refund,
        } => {
            let rental = number(rental);
            let origin = RuntimeOrigin::signed(caller(client, rental));
            plain(Renting::terminate(origin, rental, min_refund))
        }
        Action::Complete { rental } => plain(Renting::complete(RuntimeOrigin::signed(99), number(rental))),
        Action::Settle { rental } => plain(Renting::settle(RuntimeOrigin::signed(99), number(rental))),
        Action::Report { client, device } => {
            let rental = RentedDevices::<Test>::get(device).map_or(0, |occupation| occupation.rental);
            let origin = RuntimeOrigin::signed(caller(client, rental));
            Renting::report_failure(origin, rental, device)
        }
        Action::Withdraw { client, device } => {
            let client = client
                .or_else(|| Reports::<Test>::get(device).map(|report| report.client))
                .unwrap_or(1);
            Renting::withdraw_report(RuntimeOrigin::signed(client), device)
        }
        Action::Verdict { device, verdict } => {
            let outcome = Registry::record_verdict(RuntimeOrigin::root(), device, verdict);
            // Nothing that a user does keeps verification from its work.
            assert!(outcome.is_ok() || device > FOREIGN_DEVICE);
            plain(outcome)
        }
        Action::Stake { device, hours } => frame_support::storage::with_storage_layer(|| {
            let _ = Miners::close(device);
            Miners::stake(device, Now::get().next_multiple_of(60) + hours * HOUR)
        }),
        Action::Close { device } => frame_support::storage::with_storage_layer(|| Miners::close(device)),
        Action::Drain { device } => {
            Miners::drain(device);
            Ok(())
        }
        Action::Pass { seconds } => {
            pass(seconds);
            Ok(())
        }
        Action::SetRates { per_device, report } => {
            DepositPerDevice::set(per_device);
            ReportDeposit::set(report);
            Ok(())
        }
    }
}

/// What a bookkeeper outside the pallet knows from the events.
#[derive(Default)]
struct Books {
    /// What each client has, everything included.
    wealth: BTreeMap<AccountId, i128>,
    /// What was burned.
    burned: Balance,
    /// What each client has paid to pools and as fees, and has got back.
    spent: BTreeMap<AccountId, i128>,
}

impl Books {
    fn spends(&mut self, client: AccountId, amount: Balance) {
        *self.wealth.entry(client).or_default() -= amount as i128;
        *self.spent.entry(client).or_default() += amount as i128;
    }

    fn gets(&mut self, client: AccountId, amount: Balance) {
        *self.wealth.entry(client).or_default() += amount as i128;
        *self.spent.entry(client).or_default() -= amount as i128;
    }

    /// Takes down what the events say.
    fn keep(&mut self) {
        let mut due = BTreeMap::new();
        for event in take_events() {
            match event {
                Event::Rented {
                    client, amount, fee, ..
                } => {
                    self.spends(client, amount + fee);
                    self.burned += fee;
                }
                Event::Extended {
                    rental, amount, fee, ..
                } => {
                    self.spends(entry(rental).client, amount + fee);
                    self.burned += fee;
                }
                Event::RentalEnded {
                    client, refund, fee, ..
                } => {
                    self.gets(client, refund);
                    self.burned += fee;
                }
                Event::DeviceFailed {
                    rental,
                    device,
                    client,
                    refund,
                    ..
                } => {
                    due.insert((rental, device), (client, refund));
                }
                Event::Refunded {
                    rental,
                    device,
                    client,
                    amount,
                } => {
                    assert_eq!(due.remove(&(rental, device)), Some((client, amount)));
                    self.gets(client, amount);
                }
                Event::ReportClosed {
                    client,
                    outcome: ReportOutcome::Refuted,
                    deposit,
                    ..
                } => {
                    *self.wealth.entry(client).or_default() -= deposit as i128;
                    self.burned += deposit;
                }
                _ => {}
            }
        }
        // Whoever ejects a device pays these; in these tests there is always enough.
        for (client, refund) in due.into_values() {
            self.gets(client, refund);
        }
    }
}

fn anything_can_happen(actions: &[Action]) -> Result<(), TestCaseError> {
    ExternalityBuilder.build().execute_with(|| {
        let issuance = Balances::total_issuance();
        let mut books = Books::default();
        let mut check = || {
            books.keep();
            prop_assert_eq!(audit(), Ok(()));
            prop_assert_eq!(Balances::total_issuance(), issuance - books.burned);
            for client in CLIENTS {
                let change = books.wealth.get(&client).copied().unwrap_or_default();
                prop_assert_eq!(balance(client) as i128, ENDOWMENT as i128 + change);
            }
            Ok(())
        };
        for action in actions {
            let _ = perform(action);
            check()?;
        }
        // In the end everybody gets out.
        pass(10 * STAKE);
        let rentals: Vec<_> = Rentals::<Test>::iter_keys().collect();
        for rental in rentals {
            prop_assert!(Renting::complete(RuntimeOrigin::signed(99), rental).is_ok());
        }
        let reports: Vec<_> = Reports::<Test>::iter().collect();
        for (device, report) in reports {
            prop_assert_eq!(
                Renting::withdraw_report(RuntimeOrigin::signed(report.client), device),
                Ok(())
            );
        }
        check()?;
        prop_assert_eq!(RentedDevices::<Test>::iter().count(), 0);
        prop_assert_eq!(all_hours(), []);
        prop_assert!(pages(POOL).is_empty() && pages(OTHER_POOL).is_empty());
        for client in CLIENTS {
            prop_assert_eq!(held_for_rentals(client) + held_for_reports(client), 0);
            // What was spent was consumed or burned, but for what a dearer sale has brought.
            let Totals {
                consumed_amount,
                fees_burned,
            } = totals(client);
            let spent = books.spent.get(&client).copied().unwrap_or_default();
            prop_assert!((consumed_amount + fees_burned) as i128 >= spent);
        }
        Ok(())
    })
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
    fn rentals_money_and_hours_stay_sound_whatever_happens(
        actions in prop::collection::vec(any_action(), 1..80),
    ) {
        anything_can_happen(&actions)?;
    }
}

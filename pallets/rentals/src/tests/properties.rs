//! Random sequences of everything that can happen.

use crate::{mock::*, *};
use frame_support::{
    dispatch::{DispatchResult, DispatchResultWithPostInfo},
    storage::with_storage_layer,
};
use loopin_primitives::{Balance, BurnReason, DeviceId, RentalId, Verdict};
use pallet_stakes::Event as StakesEvent;
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
    BurnUsedHours {
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
        /// How many are sold, if not all are provided.
        sold_hours: Option<u64>,
    },
    Close {
        device: DeviceId,
    },
    /// Or the other way round, if the device is already drained.
    Drain {
        device: DeviceId,
    },
    Wait {
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

/// One of those that there are.
fn any_rental() -> impl Strategy<Value = RentalId> {
    0..12u32
}

fn any_seconds() -> impl Strategy<Value = u64> {
    prop_oneof![12 => RENTAL_MIN..DAY, 2 => 0..=RENTAL_MAX + 60, 1 => any::<u64>()]
}

fn any_bound() -> impl Strategy<Value = Balance> {
    prop_oneof![6 => Just(Balance::MAX), 1 => 0..10 * LOOPIN]
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        4 => Just(PASSED),
        3 => Just(Verdict::Failed),
        1 => Just(Verdict::Inconclusive)
    ]
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        14 => (any_client(), any_devices(), any_seconds(), any_bound())
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
        3 => any_rental().prop_map(|rental| Action::BurnUsedHours { rental }),
        5 => (any_caller(), any_device()).prop_map(|(client, device)| Action::Report { client, device }),
        2 => (any_caller(), any_device())
            .prop_map(|(client, device)| Action::Withdraw { client, device }),
        8 => (any_device(), any_verdict())
            .prop_map(|(device, verdict)| Action::Verdict { device, verdict }),
        6 => (any_device(), prop::option::of(1..STAKE / HOUR))
            .prop_map(|(device, sold_hours)| Action::Stake { device, sold_hours }),
        2 => any_device().prop_map(|device| Action::Close { device }),
        1 => any_device().prop_map(|device| Action::Drain { device }),
        8 => prop_oneof![12 => 0..HOUR, 6 => 0..10 * HOUR, 1 => 0..2 * STAKE]
            .prop_map(|seconds| Action::Wait { seconds }),
        1 => (0..LOOPIN, EXISTENTIAL_DEPOSIT..10 * LOOPIN)
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
    let plain = |outcome: DispatchResultWithPostInfo| outcome.map(|_| ()).map_err(|error| error.error);
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
        Action::BurnUsedHours { rental } => {
            Renting::retire_used_hours(RuntimeOrigin::signed(99), number(rental))
        }
        Action::Report { client, device } => {
            let rental = RentedDevices::<Test>::get(device).map_or(0, |occupation| occupation.rental);
            try_report(caller(client, rental), rental, device)
        }
        Action::Withdraw { client, device } => {
            let client = client
                .or_else(|| Reports::<Test>::get(device).map(|report| report.client))
                .unwrap_or(1);
            Renting::withdraw_report(RuntimeOrigin::signed(client), device)
        }
        Action::Verdict { device, verdict } => {
            let outcome = Devices::record_verdict(RuntimeOrigin::root(), device, verdict);
            // Nothing that a user does keeps verification from its work.
            assert!(outcome.is_ok() || device > FOREIGN_DEVICE);
            plain(outcome)
        }
        Action::Stake { device, sold_hours } => with_storage_layer(|| {
            let _ = close(device);
            if !pallet_stakes::StakeOf::<Test>::contains_key(device) {
                Devices::apply_verdict(device, PASSED)?;
            }
            stake(device, sold_hours.map(|hours| hours * HOUR))
        }),
        Action::Close { device } => plain(close(device)),
        Action::Drain { device } => {
            drain(device).or_else(|_| Stakes::undrain(RuntimeOrigin::signed(MINER), device))
        }
        Action::Wait { seconds } => {
            wait(seconds);
            Ok(())
        }
        Action::SetRates { per_device, report } => {
            DepositPerDevice::set(per_device);
            ReportDeposit::set(report);
            Ok(())
        }
    }
}

/// What a bookkeeper knows from the events.
#[derive(Default)]
struct Books {
    /// What each client has, everything included.
    wealth: BTreeMap<AccountId, i128>,
    /// What each client has paid to pools and as fees, and has got back or should have.
    spent: BTreeMap<AccountId, i128>,
    /// What was burned as fees of trades, by miners for certificates and because of ejections, and for reports.
    fees: Balance,
    certificates: Balance,
    forfeits: Balance,
    refuted_reports: Balance,
}

impl Books {
    fn spends(&mut self, client: AccountId, amount: Balance) {
        *self.wealth.entry(client).or_default() -= amount as i128;
        *self.spent.entry(client).or_default() += amount as i128;
    }

    fn gets(&mut self, client: AccountId, paid: Balance, due: Balance) {
        *self.wealth.entry(client).or_default() += paid as i128;
        *self.spent.entry(client).or_default() -= due as i128;
    }

    /// Notes what the events say.
    fn keep(&mut self) {
        let of_stakes = System::read_events_for_pallet::<StakesEvent<Test>>();
        let mut due = BTreeMap::new();
        for event in take_events() {
            match event {
                Event::Rented {
                    client, amount, fee, ..
                } => {
                    self.spends(client, amount + fee);
                    self.fees += fee;
                }
                Event::Extended {
                    rental, amount, fee, ..
                } => {
                    self.spends(entry(rental).client, amount + fee);
                    self.fees += fee;
                }
                Event::RentalEnded {
                    client, refund, fee, ..
                } => {
                    self.gets(client, refund, refund);
                    self.fees += fee;
                }
                Event::DeviceFailed {
                    device,
                    client,
                    refund,
                    ..
                } => {
                    due.insert(device, (client, refund));
                }
                Event::Refunded {
                    device,
                    client,
                    amount,
                    ..
                } => {
                    assert_eq!(due.remove(&device), Some((client, amount)));
                    self.gets(client, amount, amount);
                }
                Event::ReportClosed {
                    client,
                    outcome: ReportOutcome::Refuted,
                    deposit,
                    ..
                } => {
                    *self.wealth.entry(client).or_default() -= deposit as i128;
                    self.refuted_reports += deposit;
                }
                _ => {}
            }
        }
        for event in of_stakes {
            match event {
                StakesEvent::CertificateIssued { burned, .. } => self.certificates += burned,
                StakesEvent::HoursSold { fee, .. } => self.fees += fee,
                StakesEvent::Ejected { device, account, .. } => {
                    let paid = account.refund_from_forfeits + account.refund_from_pool;
                    let client_and_due = account.client.map(|client| (client, paid + account.shortfall));
                    assert_eq!(due.remove(&device), client_and_due);
                    if let Some((client, due)) = client_and_due {
                        self.gets(client, paid, due);
                    }
                    self.forfeits += account.burned;
                }
                _ => {}
            }
        }
        assert!(due.is_empty(), "a client is due what nobody has paid");
    }
}

fn anything_can_happen(actions: &[Action]) -> Result<(), TestCaseError> {
    new_test_ext().execute_with(|| {
        let mut books = Books {
            certificates: burned(BurnReason::Certificate),
            ..Books::default()
        };
        let issuance = Balances::total_issuance() + books.certificates;
        let mut check = || {
            books.keep();
            prop_assert_eq!(audit(), Ok(()));
            let mut all_burned = 0;
            for (reason, amount) in [
                (BurnReason::SwapFee, books.fees),
                (BurnReason::Certificate, books.certificates),
                (BurnReason::Forfeit, books.forfeits),
                (BurnReason::RefutedReport, books.refuted_reports),
            ] {
                prop_assert_eq!(burned(reason), amount);
                all_burned += amount;
            }
            prop_assert_eq!(Balances::total_issuance(), issuance - all_burned);
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
        wait(10 * STAKE);
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
        prop_assert_eq!(hours_of_clients(), BTreeMap::new());
        prop_assert_eq!(pallet_pools::Agendas::<Test>::iter().count(), 0);
        for client in CLIENTS {
            prop_assert_eq!(held_for_rentals(client) + held_for_reports(client), 0);
            // What was spent was consumed or burned: nobody gets more back than it has paid.
            let Totals {
                consumed_amount,
                fees_burned,
            } = totals(client);
            let spent = books.spent.get(&client).copied().unwrap_or_default();
            prop_assert_eq!((consumed_amount + fees_burned) as i128, spent);
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

//! Random sequences of everything that can happen.

use crate::{mock::*, *};
use frame_support::dispatch::DispatchResult;
use loopin_math::time::HOUR;
use loopin_primitives::{Balance, CertificateId, DeviceId, PoolId, PositionId};
use proptest::{prelude::*, test_runner::TestCaseError};
use sp_runtime::{FixedU128, Permill};
use std::collections::BTreeMap;

/// Something that happens to the pallet or around it.
#[derive(Clone, Debug)]
enum Action {
    Burn {
        who: AccountId,
        pool: PoolId,
        gpu_seconds: u128,
    },
    RemoveCertificate {
        who: AccountId,
        certificate: CertificateId,
    },
    /// A device of its owner is staked with a new certificate.
    StakeAnew {
        device: DeviceId,
        seconds: u64,
        intent: Intent,
    },
    Stake {
        who: AccountId,
        device: DeviceId,
        certificate: CertificateId,
        seconds: u64,
        intent: Intent,
    },
    AddLiquidity {
        position: PositionId,
        max_loopin: Balance,
    },
    SellHours {
        position: PositionId,
        gpu_seconds: u64,
    },
    Claim {
        position: PositionId,
    },
    SetDraining {
        device: DeviceId,
        draining: bool,
    },
    Withdraw {
        position: PositionId,
    },
    Close {
        position: PositionId,
    },
    Rent {
        device: DeviceId,
        seconds: u64,
    },
    Fail {
        device: DeviceId,
    },
    Pass {
        device: DeviceId,
    },
    Eject {
        device: DeviceId,
    },
    Wait {
        seconds: u64,
    },
    SetRates {
        burn: Permill,
        fee: Permill,
        collateral: FixedU128,
        exit_fee: Permill,
        slash: Permill,
    },
}

fn any_account() -> impl Strategy<Value = AccountId> {
    prop_oneof![4 => Just(MINER), 2 => Just(OTHER), 1 => Just(STRANGER)]
}

/// One of those that are registered, or another.
fn any_device() -> impl Strategy<Value = DeviceId> {
    1..=7u32
}

/// Stands for one of those that are there then, as [`existing`] says.
fn any_position() -> impl Strategy<Value = PositionId> {
    0..30u32
}

fn any_rate() -> impl Strategy<Value = Permill> {
    (0..=1_000_000u32).prop_map(Permill::from_parts)
}

fn any_intent() -> impl Strategy<Value = Intent> {
    prop_oneof![Just(Intent::Provide), Just(Intent::Sell)]
}

/// Durations that make sense for the intent, mostly.
fn any_stake() -> impl Strategy<Value = (u64, Intent)> {
    prop_oneof![
        5 => Just((PROVIDE_SECONDS, Intent::Provide)),
        5 => (1..=7u64).prop_map(|days| (days * DAY, Intent::Sell)),
        1 => (0..10 * DAY, any_intent()),
    ]
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => (any_account(), 0..4u32, prop_oneof![0..10 * u128::from(DAY), any::<u128>()])
            .prop_map(|(who, pool, gpu_seconds)| Action::Burn { who, pool, gpu_seconds }),
        1 => (any_account(), 0..20u32)
            .prop_map(|(who, certificate)| Action::RemoveCertificate { who, certificate }),
        6 => (any_device(), any_stake())
            .prop_map(|(device, (seconds, intent))| Action::StakeAnew { device, seconds, intent }),
        1 => (any_account(), any_device(), 0..20u32, any_stake()).prop_map(
            |(who, device, certificate, (seconds, intent))| {
                Action::Stake { who, device, certificate, seconds, intent }
            }
        ),
        6 => (any_position(), prop_oneof![9 => Just(Balance::MAX), 1 => 0..300 * LOOPIN])
            .prop_map(|(position, max_loopin)| Action::AddLiquidity { position, max_loopin }),
        6 => (any_position(), prop_oneof![9 => 0..8 * DAY, 1 => any::<u64>()])
            .prop_map(|(position, gpu_seconds)| Action::SellHours { position, gpu_seconds }),
        4 => any_position().prop_map(|position| Action::Claim { position }),
        2 => (any_device(), any::<bool>())
            .prop_map(|(device, draining)| Action::SetDraining { device, draining }),
        2 => any_position().prop_map(|position| Action::Withdraw { position }),
        3 => any_position().prop_map(|position| Action::Close { position }),
        6 => (any_device(), 1..4 * DAY).prop_map(|(device, seconds)| Action::Rent { device, seconds }),
        1 => DEVICES.prop_map(|device| Action::Fail { device }),
        4 => DEVICES.prop_map(|device| Action::Pass { device }),
        1 => DEVICES.prop_map(|device| Action::Eject { device }),
        8 => prop_oneof![3 => 1..HOUR, 3 => 1..DAY, 1 => 1..9 * DAY]
            .prop_map(|seconds| Action::Wait { seconds }),
        1 => (any_rate(), any_rate(), 0..2_000u128, any_rate(), any_rate()).prop_map(
            |(burn, fee, collateral, exit_fee, slash)| Action::SetRates {
                burn,
                fee,
                collateral: FixedU128::from_rational(collateral, 1_000),
                exit_fee,
                slash,
            }
        ),
    ]
}

/// The position that this number stands for: mostly one that exists.
fn existing(number: PositionId) -> PositionId {
    let mut positions: Vec<_> = Positions::<Test>::iter_keys().collect();
    positions.sort_unstable();
    match number as usize % (positions.len() + 1) {
        0 => NextPositionId::<Test>::get() + number,
        index => positions[index - 1],
    }
}

/// The owner of a position, or whoever.
fn owner_of(position: PositionId) -> AccountId {
    Positions::<Test>::get(position).map_or(STRANGER, |position| position.owner)
}

/// Lets `action` happen. A call may well be refused; what it leaves behind is what matters.
fn perform(action: &Action) -> DispatchResult {
    match action.clone() {
        Action::Burn {
            who,
            pool,
            gpu_seconds,
        } => burn(who, pool, gpu_seconds),
        Action::RemoveCertificate { who, certificate } => remove_certificate(who, certificate),
        Action::StakeAnew {
            device,
            seconds,
            intent,
        } => {
            let who = owner_of_device(device);
            let pool = if device == 6 { OTHER_POOL } else { POOL };
            let certificate = NextCertificateId::<Test>::get();
            burn(who, pool, seconds.into())?;
            stake(who, device, certificate, seconds, intent)
        }
        Action::Stake {
            who,
            device,
            certificate,
            seconds,
            intent,
        } => stake(who, device, certificate, seconds, intent),
        Action::AddLiquidity { position, max_loopin } => {
            let position = existing(position);
            call(owner_of(position), Call::add_liquidity { position, max_loopin })
        }
        Action::SellHours {
            position,
            gpu_seconds,
        } => {
            let position = existing(position);
            sell_hours(owner_of(position), position, gpu_seconds)
        }
        Action::Claim { position } => claim(STRANGER, existing(position)),
        Action::SetDraining { device, draining } => {
            let who = owner_of_device(device);
            if draining {
                drain(who, device)
            } else {
                undrain(who, device)
            }
        }
        Action::Withdraw { position } => {
            let position = existing(position);
            withdraw(owner_of(position), position)
        }
        Action::Close { position } => close(STRANGER, existing(position)),
        Action::Rent { device, seconds } => try_rent(device, seconds),
        // Verification must not be refused.
        Action::Fail { device } => {
            fail(device);
            Ok(())
        }
        Action::Pass { device } => {
            pass(device);
            Ok(())
        }
        Action::Eject { device } => {
            eject(device);
            Ok(())
        }
        Action::Wait { seconds } => {
            wait(seconds);
            Ok(())
        }
        Action::SetRates {
            burn,
            fee,
            collateral,
            exit_fee,
            slash,
        } => {
            CertificateBurn::set(burn);
            MaintenanceFee::set(fee);
            Collateral::set(collateral);
            ExitFee::set(exit_fee);
            EjectionSlash::set(slash);
            Ok(())
        }
    }
}

/// What a bookkeeper outside the pallet knows.
#[derive(Default)]
struct Books {
    /// What each position that provides paid for its liquidity, and has claimed.
    provided: BTreeMap<PositionId, (Balance, Balance)>,
    /// What this pallet says was burned, and what the pool burned as fees of sales.
    burned: Balance,
}

impl Books {
    /// Takes down what the events say, and checks that each adds up.
    fn keep(&mut self) -> Result<(), TestCaseError> {
        for event in take_events() {
            match event {
                Event::CertificateIssued { burned, .. } => self.burned += burned,
                Event::LiquidityAdded { position, paid, .. } => {
                    self.provided.insert(position, (paid, 0));
                }
                Event::HoursSold { fee, .. } => self.burned += fee,
                Event::Claimed { position, amount, .. } => {
                    let entry = self.provided.get_mut(&position);
                    entry.expect("only providers claim").1 += amount;
                }
                Event::LiquidityWithdrawn {
                    position,
                    returned,
                    exit_fee,
                    ..
                } => {
                    let (paid, _) = self.provided.remove(&position).unwrap_or_default();
                    prop_assert!(
                        returned <= paid,
                        "withdrawing early brought more than adding cost"
                    );
                    self.burned += exit_fee;
                }
                Event::Closed { position, .. } => {
                    self.provided.remove(&position);
                }
                Event::Ejected {
                    position, account, ..
                } => {
                    prop_assert_eq!(
                        account.slash + account.maintenance_fee + account.collateral,
                        account.refund_from_forfeits + account.compensation + account.burned
                    );
                    prop_assert!(account.slash <= account.returned);
                    prop_assert_eq!(account.shortfall, 0);
                    let (paid, _) = self.provided.remove(&position).unwrap_or_default();
                    prop_assert!(account.returned <= paid);
                    self.burned += account.burned;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What the pallet says of its providers, in the same form.
    fn of_the_pallet() -> BTreeMap<PositionId, (Balance, Balance)> {
        Positions::<Test>::iter()
            .filter_map(|(id, position)| match position.state {
                PositionState::Providing(liquidity) => Some((id, (liquidity.paid, liquidity.claimed))),
                _ => None,
            })
            .collect()
    }
}

fn anything_can_happen(actions: &[Action]) -> Result<(), TestCaseError> {
    new_externalities().execute_with(|| {
        let mut books = Books::default();
        let mut rental_fees = 0;
        for action in actions {
            let before = burned();
            let outcome = perform(action);
            if matches!(action, Action::Rent { .. }) && outcome.is_ok() {
                rental_fees += burned() - before;
            }
            books.keep()?;
            check_everything();
            prop_assert_eq!(&books.provided, &Books::of_the_pallet());
            // Nothing vanishes but what is reported.
            prop_assert_eq!(burned(), books.burned + rental_fees);
            prop_assert!(
                owed_to_positions() <= owed(),
                "the pools do not have what they owe"
            );
            // Owners in this test are no clients.
            for (who, pool) in [(MINER, POOL), (MINER, OTHER_POOL), (OTHER, POOL)] {
                prop_assert_eq!(hours(pool, who), uncommitted(who, pool));
            }
        }
        // In the end everybody gets out.
        wait(8 * DAY);
        for device in DEVICES {
            pass(device);
        }
        let positions: Vec<_> = Positions::<Test>::iter_keys().collect();
        for position in positions {
            prop_assert_eq!(close(STRANGER, position), Ok(()));
        }
        let certificates: Vec<_> = Certificates::<Test>::iter_keys().collect();
        for certificate in certificates {
            let owner = Certificates::<Test>::get(certificate).map(|certificate| certificate.owner);
            prop_assert_eq!(remove_certificate(owner.unwrap_or_default(), certificate), Ok(()));
        }
        check_everything();
        for who in ACCOUNTS {
            prop_assert_eq!(wealth(who), free(who));
        }
        prop_assert_eq!(unpaid_endings(), 0);
        Ok(())
    })
}

/// What has streamed to all positions and is not claimed.
fn owed_to_positions() -> Balance {
    let ids: Vec<_> = Positions::<Test>::iter_keys().collect();
    ids.into_iter()
        .map(|id| Stakes::position_value(id).unwrap().streamed_unclaimed)
        .sum()
}

fn uncommitted(who: AccountId, pool: PoolId) -> u128 {
    Positions::<Test>::iter_values()
        .filter(|position| position.owner == who && position.pool == pool)
        .map(|position| position.uncommitted_gpu_seconds)
        .sum()
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
    fn money_hours_and_positions_stay_sound_whatever_happens(
        actions in prop::collection::vec(any_action(), 1..100),
    ) {
        anything_can_happen(&actions)?;
    }
}

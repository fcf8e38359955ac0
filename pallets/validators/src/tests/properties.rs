//! Random sequences of everything that can happen.

use super::offences::report;
use crate::{mock::*, *};
use frame_support::{dispatch::DispatchResult, traits::fungible::Inspect};
use proptest::{prelude::*, test_runner::TestCaseError};
use sp_runtime::Perbill;
use sp_staking::SessionIndex;
use std::collections::BTreeMap;

/// Something that happens to the pallet.
#[derive(Clone, Debug)]
enum Action {
    Bond {
        who: AccountId,
        value: Balance,
    },
    BondMore {
        who: AccountId,
        additional: Balance,
    },
    Leave {
        who: AccountId,
    },
    Withdraw {
        who: AccountId,
    },
    Rebond {
        who: AccountId,
        additional: Balance,
    },
    SetInvulnerables {
        invulnerables: Vec<AccountId>,
    },
    PurgeKeys {
        who: AccountId,
    },
    SetKeys {
        who: AccountId,
    },
    /// Blocks by one validator, the others being away: less than two sessions.
    MakeBlocks {
        number: u64,
        author: usize,
    },
    /// An offence of somebody who served in a session so far, or is planned to.
    Offence {
        entry: usize,
        fraction: Perbill,
    },
    SetParameters {
        bond: Balance,
        unbonding: u32,
        validators: u32,
        slash: Perbill,
        inactive: u32,
    },
}

fn any_account() -> impl Strategy<Value = AccountId> {
    *ACCOUNTS.start()..=KEYLESS
}

fn any_fraction() -> impl Strategy<Value = Perbill> {
    (0u32..=100).prop_map(Perbill::from_percent)
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (any_account(), 0..3_000u64).prop_map(|(who, value)| Action::Bond { who, value }),
        2 => (any_account(), 0..3_000u64).prop_map(|(who, additional)| Action::BondMore { who, additional }),
        2 => any_account().prop_map(|who| Action::Leave { who }),
        2 => any_account().prop_map(|who| Action::Withdraw { who }),
        2 => (any_account(), 0..1_000u64).prop_map(|(who, additional)| Action::Rebond { who, additional }),
        1 => prop::collection::vec(any_account(), 0..5)
            .prop_map(|invulnerables| Action::SetInvulnerables { invulnerables }),
        1 => any_account().prop_map(|who| Action::PurgeKeys { who }),
        2 => any_account().prop_map(|who| Action::SetKeys { who }),
        8 => (1..2 * SESSION_BLOCKS, any::<usize>())
            .prop_map(|(number, author)| Action::MakeBlocks { number, author }),
        3 => (any::<usize>(), any_fraction())
            .prop_map(|(entry, fraction)| Action::Offence { entry, fraction }),
        1 => (0..500u64, 0..6u32, 0..8u32, any_fraction(), 0..5u32).prop_map(
            |(bond, unbonding, validators, slash, inactive)| {
                Action::SetParameters { bond, unbonding, validators, slash, inactive }
            }
        ),
    ]
}

/// What a bookkeeper outside the pallet knows.
struct Books {
    /// Whether governance leaves `UnbondingSessions` as it is.
    fixed_window: bool,
    /// Everything issued at the start.
    issued: Balance,
    /// The bond with which each validator answered in each session.
    served: BTreeMap<(SessionIndex, AccountId), Balance>,
    /// What offences in each session cost each validator.
    slashed: BTreeMap<(SessionIndex, AccountId), Balance>,
}

impl Books {
    fn open(fixed_window: bool) -> Self {
        let issued = Balances::total_issuance();
        let mut books = Self {
            fixed_window,
            issued,
            served: BTreeMap::new(),
            slashed: BTreeMap::new(),
        };
        books.keep();
        books
    }

    /// Lets `action` happen. A call may well be refused; what it leaves behind is what matters.
    fn perform(&self, action: &Action) -> DispatchResult {
        match action.clone() {
            Action::Bond { who, value } => Validators::bond(RuntimeOrigin::signed(who), value)?,
            Action::BondMore { who, additional } => {
                Validators::bond_more(RuntimeOrigin::signed(who), additional)?;
            }
            Action::Leave { who } => Validators::leave(RuntimeOrigin::signed(who))?,
            Action::Withdraw { who } => Validators::withdraw(RuntimeOrigin::signed(1), who)?,
            Action::Rebond { who, additional } => {
                Validators::rebond(RuntimeOrigin::signed(who), additional)?;
            }
            Action::SetInvulnerables { invulnerables } => {
                Validators::set_invulnerables(RuntimeOrigin::root(), invulnerables)?;
            }
            Action::PurgeKeys { who } => Session::purge_keys(RuntimeOrigin::signed(who))?,
            Action::SetKeys { who } => register_keys(who, who),
            Action::MakeBlocks { number, author } => {
                for _ in 0..number {
                    let validators = Session::validators();
                    make_block(validators.get(author % validators.len().max(1)).copied());
                }
            }
            Action::Offence { entry, fraction } => {
                let (&(session, who), &exposure) = self.served.iter().nth(entry % self.served.len()).unwrap();
                report(who, exposure, fraction, session);
            }
            Action::SetParameters {
                bond,
                unbonding,
                validators,
                slash,
                inactive,
            } => {
                MinimumBond::set(bond);
                if !self.fixed_window {
                    UnbondingSessions::set(unbonding);
                }
                MaximumValidators::set(validators);
                MinimumSlash::set(slash);
                InactiveBlocks::set(inactive);
            }
        }
        Ok(())
    }

    /// Notes who serves with which bond, and what was slashed.
    fn keep(&mut self) {
        for (session, who, bond) in Exposures::<Test>::iter() {
            self.served.insert((session, who), bond);
        }
        for event in take_events() {
            if let Event::Slashed {
                who, session, value, ..
            } = event
            {
                *self.slashed.entry((session, who)).or_default() += value;
            }
        }
    }

    /// What must hold at any time, beyond what `try_state` checks.
    fn audit(&self) -> Result<(), TestCaseError> {
        prop_assert_eq!(Validators::do_try_state(), Ok(()));
        prop_assert!(!Session::validators().is_empty(), "the chain has no validators");

        let slashed_of = |who| -> Balance {
            self.slashed
                .iter()
                .filter(|((_, offender), _)| *offender == who)
                .map(|(_, value)| value)
                .sum()
        };
        prop_assert_eq!(TotalSlashed::get(), self.slashed.values().sum::<Balance>());
        prop_assert_eq!(Balances::total_issuance(), self.issued - TotalSlashed::get());
        for who in ACCOUNTS {
            prop_assert_eq!(Balances::total_balance(&who), ENDOWMENT - slashed_of(who));
        }
        for (entry, value) in &self.slashed {
            prop_assert!(*value <= self.served[entry], "{entry:?} lost more than its bond");
        }
        if self.fixed_window {
            // Nobody gets away: as long as an offence can be reported, the bond is there or was slashed.
            for (&(session, who), &bond) in self.served.range((Validators::first_reportable_session(), 0)..) {
                prop_assert!(
                    held(who) + slashed_of(who) >= bond,
                    "{who} got away with session {session}"
                );
            }
        }
        Ok(())
    }
}

fn anything_can_happen(
    actions: &[Action],
    invulnerables: u64,
    fixed_window: bool,
) -> Result<(), TestCaseError> {
    let invulnerables: Vec<_> = (1..=invulnerables).collect();
    ExternalityBuilder::default()
        .invulnerables(&invulnerables)
        .candidates(&[(4, 1_000), (5, 700), (6, 300)])
        .build()
        .execute_with(|| {
            let mut books = Books::open(fixed_window);
            for action in actions {
                let _ = books.perform(action);
                books.keep();
                books.audit()?;
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
    fn bonds_and_lists_stay_sound_whatever_happens(
        actions in prop::collection::vec(any_action(), 1..80),
        invulnerables in 0..=2u64,
    ) {
        anything_can_happen(&actions, invulnerables, false)?;
    }

    #[test]
    fn a_bond_stays_slashable_as_long_as_its_sessions_can_be_reported(
        actions in prop::collection::vec(any_action(), 1..80),
        invulnerables in 0..=2u64,
    ) {
        anything_can_happen(&actions, invulnerables, true)?;
    }
}

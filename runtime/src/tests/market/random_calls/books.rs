//! What a bookkeeper knows who reads nothing but events, and what must hold of it.

use crate::{
    Balance, Balances, Runtime, RuntimeEvent, System,
    configs::SupplyCap,
    tests::market::{invariants, now},
};
use loopin_primitives::{ChallengeKind, DeviceId, EpochId, Moment, PoolId, PositionId, RentalId, Verdict};
use pallet_rewards::{Earned, Event, HISTORY_EPOCHS, Minted, Parameters, Party, Withheld};
use std::collections::{BTreeMap, BTreeSet};

/// The books.
pub struct Books {
    began: Moment,
    /// What existed when the first epoch began.
    endowed: Balance,
    /// The parameters that the next epoch is closed with.
    parameters: Parameters,
    emitted: Balance,
    /// Epochs that are over.
    pub epochs: EpochId,
    /// How often emission had been halved in the last of them.
    pub halvings: u32,
    minted: Minted,
    /// What was settled in somebody's favour.
    settled: Earned,
    withheld: Withheld,
    /// What was burned without being rewards' business: by hand, and of liars' deposits.
    burned_elsewhere: Balance,
    /// Devices that were settled for an epoch: once.
    devices: BTreeSet<(EpochId, DeviceId)>,
    /// What each rental has paid to its pool, less what the reserve has refunded of it.
    rentals: BTreeMap<RentalId, Balance>,
    /// Devices that failed in a rental whose client is still to be refunded.
    failed: BTreeMap<DeviceId, RentalId>,
    /// What each provider has paid to its pool.
    liquidity: BTreeMap<PositionId, Balance>,
    /// What is left of the pools' parts.
    pools: BTreeMap<(EpochId, PoolId), Balance>,
    /// What is left of the budgets of clients and of verifiers.
    budgets: BTreeMap<EpochId, [Balance; 2]>,
    /// How often something happened that is not all of a call's making.
    pub seen: BTreeMap<&'static str, u64>,
}

/// What a run must have seen, or it shows nothing about it.
pub const TO_BE_SEEN: [&str; 11] = [
    "a device passed a full challenge",
    "a device passed a light challenge",
    "a device failed",
    "no verdict was reached",
    "a verifier was suspended",
    "a fraud was proven",
    "a position was ejected",
    "a device was rewarded",
    "a device lost its reward",
    "a client was rewarded",
    "a verifier was rewarded",
];

impl Books {
    /// Books of a chain on which nothing has happened.
    pub fn open() -> Self {
        Self {
            began: now(),
            endowed: Balances::total_issuance(),
            parameters: pallet_rewards::RewardParameters::<Runtime>::get(),
            emitted: 0,
            epochs: 0,
            halvings: 0,
            minted: Minted::default(),
            settled: Earned::default(),
            withheld: Withheld::default(),
            burned_elsewhere: 0,
            devices: BTreeSet::new(),
            rentals: BTreeMap::new(),
            failed: BTreeMap::new(),
            liquidity: BTreeMap::new(),
            pools: BTreeMap::new(),
            budgets: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Somebody has burned its own LOOPIN.
    pub fn burned_by_hand(&mut self, amount: Balance) {
        self.burned_elsewhere += amount;
    }

    /// For how many days this goes on.
    pub fn days(&self) -> u64 {
        (now() - self.began) / loopin_math::time::DAY
    }

    /// Takes down what the events of the block say.
    pub fn keep(&mut self) {
        for record in System::events() {
            match record.event {
                RuntimeEvent::Rewards(event) => self.keep_rewards(event),
                RuntimeEvent::Verification(event) => self.keep_verification(event),
                RuntimeEvent::Stakes(event) => self.keep_stakes(event),
                RuntimeEvent::Rentals(event) => self.keep_rentals(event),
                _ => (),
            }
        }
        self.parameters = pallet_rewards::RewardParameters::<Runtime>::get();
    }

    fn see(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    /// Nobody gets more back out of a reserve than it has paid in.
    fn keep_stakes(&mut self, event: pallet_stakes::Event<Runtime>) {
        use pallet_stakes::Event;
        match event {
            Event::LiquidityAdded { position, paid, .. } => {
                self.liquidity.insert(position, paid);
            }
            Event::LiquidityWithdrawn {
                position, returned, ..
            } => {
                let paid = self.liquidity.remove(&position);
                assert!(
                    paid.is_some_and(|paid| returned <= paid),
                    "{returned} of {paid:?}"
                );
            }
            Event::Ejected {
                position,
                device,
                account,
                ..
            } => {
                self.see("a position was ejected");
                let paid = self.liquidity.remove(&position).unwrap_or_default();
                assert!(account.returned <= paid, "{account:?} of {paid}");
                if let Some(rental) = self.failed.remove(&device) {
                    self.refunded(rental, account.refund_from_pool);
                }
            }
            _ => (),
        }
    }

    fn keep_rentals(&mut self, event: pallet_rentals::Event<Runtime>) {
        use pallet_rentals::Event;
        match event {
            Event::Rented { rental, amount, .. } => {
                self.rentals.insert(rental, amount);
            }
            Event::Extended { rental, amount, .. } => {
                *self.rentals.get_mut(&rental).expect("it was made") += amount;
            }
            Event::DeviceFailed { rental, device, .. } => {
                self.failed.insert(device, rental);
            }
            Event::Refunded {
                rental,
                device,
                amount,
                ..
            } => {
                assert_eq!(self.failed.remove(&device), Some(rental));
                self.refunded(rental, amount);
            }
            Event::RentalEnded {
                rental, refund, fee, ..
            } => self.refunded(rental, refund + fee),
            _ => (),
        }
    }

    fn refunded(&mut self, rental: RentalId, amount: Balance) {
        let paid = self.rentals.get_mut(&rental).expect("it was made");
        *paid = paid
            .checked_sub(amount)
            .expect("no more is refunded than was paid");
    }

    fn keep_verification(&mut self, event: pallet_verification::Event<Runtime>) {
        use pallet_verification::Event;
        match event {
            Event::FraudProven { conviction, .. } => {
                self.burned_elsewhere += conviction.burned;
                self.see("a fraud was proven");
            }
            Event::Suspended { .. } => self.see("a verifier was suspended"),
            Event::Concluded { verdict, kind, .. } => self.see(match (verdict, kind) {
                (Verdict::Passed { .. }, ChallengeKind::Full) => "a device passed a full challenge",
                (Verdict::Passed { .. }, ChallengeKind::Light) => "a device passed a light challenge",
                (Verdict::Failed, _) => "a device failed",
                (Verdict::Inconclusive, _) => "no verdict was reached",
            }),
            Event::VerdictRefused {
                round, device, error, ..
            } => {
                panic!("the market refused the verdict of round {round} on device {device}: {error:?}");
            }
            _ => (),
        }
    }

    fn keep_rewards(&mut self, event: Event<Runtime>) {
        match event {
            Event::EpochClosed {
                epoch,
                emission,
                parts,
            } => {
                assert_eq!(epoch, self.epochs, "epochs are closed one after the other");
                self.halvings = epoch / self.parameters.halving_epochs;
                let planned = self.parameters.initial_emission >> self.halvings;
                let room = SupplyCap::get() - self.endowed - self.emitted;
                assert_eq!(emission, planned.min(room), "what epoch {epoch} emits");
                let all = parts.miners + parts.clients + parts.verifiers + parts.treasury + parts.team;
                assert!(all <= emission && emission - all < 5, "{parts:?} of {emission}");
                self.epochs = epoch + 1;
                self.emitted += emission;
                self.budgets.insert(epoch, [parts.clients, parts.verifiers]);
                self.forget();
            }
            Event::PoolRewarded {
                pool, epoch, part, ..
            } => {
                assert_eq!(self.pools.insert((epoch, pool), part), None);
            }
            Event::DeviceRewarded {
                device,
                pool,
                epoch,
                standard,
                proven,
                factors,
                paid,
                burned,
                ..
            } => {
                assert!(epoch < self.epochs, "epoch {epoch} is not over");
                assert!(
                    self.devices.insert((epoch, device)),
                    "device {device} was rewarded for epoch {epoch} before"
                );
                assert_eq!(standard, paid + burned);
                let left = self.pools.get_mut(&(epoch, pool)).expect("the pool had a part");
                *left = left.checked_sub(standard).expect("the pool's part is enough");
                self.settled.mining += paid;
                let counted = proven.mul_floor(standard);
                self.withheld.unproven += standard - counted;
                self.withheld.multiplier += counted - paid;
                if factors.is_some() {
                    self.see("a device was rewarded");
                } else {
                    self.see("a device lost its reward");
                    assert_eq!(paid, 0, "nothing is paid where there is no evidence");
                }
            }
            Event::ShareRewarded {
                party,
                epoch,
                standard,
                paid,
                burned,
                ..
            } => {
                assert_eq!(standard, paid + burned);
                let budgets = self.budgets.get_mut(&epoch).expect("the epoch had a budget");
                let left = &mut budgets[usize::from(party == Party::Verifier)];
                *left = left.checked_sub(standard).expect("the budget is enough");
                match party {
                    Party::Client => {
                        self.see("a client was rewarded");
                        self.settled.renting += paid;
                    }
                    Party::Verifier => {
                        self.see("a verifier was rewarded");
                        self.settled.verifying += paid;
                    }
                }
                self.withheld.capped += burned;
            }
            Event::Paid {
                mining,
                renting,
                verifying,
                ..
            } => {
                self.minted.earned.mining += mining;
                self.minted.earned.renting += renting;
                self.minted.earned.verifying += verifying;
            }
            Event::TreasuryPaid { amount } => self.minted.treasury += amount,
            Event::TeamPaid { amount, .. } => self.minted.team += amount,
            _ => (),
        }
    }

    /// Forgets epochs that nobody can have settled any more.
    fn forget(&mut self) {
        let first = self.epochs.saturating_sub(HISTORY_EPOCHS + 1);
        self.devices = self.devices.split_off(&(first, 0));
        self.pools = self.pools.split_off(&(first, 0));
        self.budgets = self.budgets.split_off(&first);
    }

    /// Checks that the chain says the same, and all invariants.
    pub fn audit(&self) {
        invariants::check();
        let supply = pallet_rewards::Supply::<Runtime>::get();
        assert_eq!(supply.endowed, self.endowed);
        assert_eq!(supply.emitted, self.emitted);
        assert_eq!(supply.minted, self.minted, "what was minted");
        assert_eq!(supply.withheld, self.withheld, "what was withheld");
        let mut settled = supply.minted.earned;
        for account in pallet_rewards::Accounts::<Runtime>::iter_values() {
            settled.mining += account.accrued.mining;
            settled.renting += account.accrued.renting;
            settled.verifying += account.accrued.verifying;
        }
        assert_eq!(settled, self.settled, "what was settled is paid or due");
        let burned: Balance = pallet_rewards::Burned::<Runtime>::iter_values().sum();
        assert_eq!(
            Balances::total_issuance(),
            self.endowed + supply.minted.total() - burned - self.burned_elsewhere,
            "LOOPIN comes from epochs alone, and whatever is burned is accounted for"
        );
        assert!(Balances::total_issuance() <= SupplyCap::get());
    }
}

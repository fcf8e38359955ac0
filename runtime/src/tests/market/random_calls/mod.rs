//! Random calls of several accounts on the real pallets, over years.
//!
//! Miners, clients, verifiers, their governance and people who only move money make calls that may or may not make
//! sense, in blocks with all pallets' hooks, while time passes: at times some seconds, at times days. Again and again
//! all invariants are checked, and that the chain says of itself what its events say. At the end everybody leaves.
//!
//! `LOOPIN_RANDOM_CALLS` says how many calls; the README says how many are made every night. `LOOPIN_RANDOM_SEED`
//! says which. `--nocapture` shows what became of them.

mod books;
mod chain;
mod dice;
mod farewell;
mod market_calls;
mod money_calls;
mod rewards_calls;
mod tally;
mod verification_calls;

use super::*;
use books::{Books, TO_BE_SEEN};
use codec::Decode;
use dice::Dice;
use frame_support::traits::Authorize;
use loopin_math::time::DAY;
use sp_core::Pair;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError};
use std::sync::LazyLock;
use tally::{Name, Tally, name_of};

/// Calls that `make test` makes.
const CALLS: u64 = 60_000;
/// So many calls last for years.
const MANY_CALLS: u64 = 1_000_000;
/// Steps between two looks at all invariants, after which what has changed is written to the state.
const STEPS_BETWEEN_CHECKS: u64 = 500;
/// Looks at all invariants after which somebody clears up what is over.
const CHECKS_BETWEEN_SWEEPS: u64 = 10;
/// Devices that are registered at most, so that most calls concern some that exist.
const DEVICES: u64 = 40;
/// The longest stake, and the one for intent Provide.
const LONGEST_STAKE: u64 = 7 * DAY;
/// A second pool with devices, whose class is another.
const OTHER_POOL: PoolId = 1;

/// What nobody can do, however often it is tried: hour tokens and stake tokens stay with whom they were given to.
const IMPOSSIBLE: [Name; 12] = [
    ("Assets", "burn"),
    ("Assets", "mint"),
    ("Assets", "transfer"),
    ("Assets", "transfer_approved"),
    ("Assets", "transfer_keep_alive"),
    ("Nfts", "approve_transfer"),
    ("Nfts", "burn"),
    ("Nfts", "buy_item"),
    ("Nfts", "set_metadata"),
    ("Nfts", "set_price"),
    ("Nfts", "transfer"),
    ("Nfts", "unlock_item_transfer"),
];

/// A call, and the account that should make it, where it matters.
type Proposal = (RuntimeCall, Option<AccountId>);

/// One run, from the genesis until everybody has left.
struct Run {
    dice: Dice,
    tally: Tally,
    books: Books,
}

/// The accounts that take part.
fn accounts() -> [AccountId; 6] {
    std::array::from_fn(account)
}

/// The two agents that devices have.
static AGENTS: LazyLock<[sr25519::Pair; 2]> =
    LazyLock::new(|| [100, 101].map(|number| sr25519::Pair::from_seed(&[number; 32])));

/// What miners, clients and verifiers do.
fn random_call(dice: &mut Dice) -> Proposal {
    match dice.below(100) {
        0..=8 => market_calls::device_call(dice),
        9..=53 => market_calls::stake_call(dice),
        54..=78 => market_calls::rental_call(dice),
        79..=82 => market_calls::pool_call(dice),
        83..=91 => rewards_calls::rewards_call(dice),
        _ => verification_calls::verifier_call(dice),
    }
}

impl Run {
    /// Makes a call, and takes down what came of it.
    fn make(&mut self, origin: RuntimeOrigin, call: impl Into<RuntimeCall>) -> bool {
        let call = call.into();
        let name = name_of(&call);
        let burned = match &call {
            RuntimeCall::Balances(pallet_balances::Call::burn { value, .. }) => *value,
            _ => 0,
        };
        let result = dispatch(origin, call).map(|_| ()).map_err(|error| error.error);
        if result.is_ok() {
            self.books.burned_by_hand(burned);
        }
        self.tally.count(name, result);
        result.is_ok()
    }

    /// Puts a call that needs no account into the block, where it is admitted. Then it must succeed.
    fn make_feeless(&mut self, call: impl Into<RuntimeCall>) {
        let call = call.into();
        let admission = call
            .authorize(TransactionSource::InBlock)
            .expect("the call needs no account");
        match admission {
            Ok(_) => {
                let description = format!("{call:?}");
                let origin = frame_system::RawOrigin::Authorized.into();
                assert!(self.make(origin, call), "{description} was admitted");
            }
            Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(number))) => {
                let error = pallet_verification::Error::<Runtime>::decode(&mut &[number][..])
                    .expect("the number is that of an error");
                self.tally.count_unadmitted(name_of(&call), format!("{error:?}"));
            }
            Err(error) => panic!("{call:?}: {error:?}"),
        }
    }

    /// Somebody does something.
    fn step(&mut self) {
        let dice = &mut self.dice;
        if dice.one_in(150) {
            return self.govern();
        }
        if dice.one_in(40) {
            let device = dice.device();
            let verdict = dice.pick(&[PASSED, PASSED, PASSED, Verdict::Failed, Verdict::Inconclusive]);
            let call = pallet_devices::Call::record_verdict { device, verdict };
            self.make(RuntimeOrigin::root(), call);
            return;
        }
        let (call, whose) = match dice.below(100) {
            0..=83 => random_call(dice),
            84..=88 => money_calls::nested_call(dice),
            _ => money_calls::money_call(dice),
        };
        let who = match whose {
            Some(owner) if !dice.one_in(10) => owner,
            _ => dice.account(),
        };
        self.make(RuntimeOrigin::signed(who), call);
    }

    /// Time passes, and with it rounds of verification: some are played, of others nobody takes notice.
    fn pass_time(&mut self) {
        let round = pallet_verification::CurrentRound::<Runtime>::get();
        let seconds = self.dice.pause();
        self.end_block();
        let is_new = pallet_verification::CurrentRound::<Runtime>::get() > round;
        let is_played = is_new && self.dice.one_in(3);
        chain::begin_block(now() + if is_played { 6 } else { seconds });
        self.dice.look_around();
        if is_played {
            self.play_round();
        }
    }

    /// Closes every stake and rental that is over. Those of suspended devices are refused, and wait.
    fn sweep(&mut self) {
        let anybody = || RuntimeOrigin::signed(account(0));
        for position in pallet_stakes::Positions::<Runtime>::iter_keys().collect::<Vec<_>>() {
            self.make(anybody(), pallet_stakes::Call::close { position });
        }
        for rental in pallet_rentals::Rentals::<Runtime>::iter_keys().collect::<Vec<_>>() {
            self.make(anybody(), pallet_rentals::Call::complete { rental });
        }
        for certificate in pallet_stakes::Certificates::<Runtime>::iter_keys().collect::<Vec<_>>() {
            self.make(anybody(), pallet_stakes::Call::remove_certificate { certificate });
        }
    }

    /// Some steps, and then a look at all invariants.
    fn go_on(&mut self) {
        for _ in 0..STEPS_BETWEEN_CHECKS {
            self.step();
            if self.dice.one_in(20) {
                self.pass_time();
            }
        }
        // The books are of whole blocks.
        self.end_block();
        self.books.audit();
        chain::begin_block(now() + 6);
    }
}

/// A number of the environment.
fn setting(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn no_sequence_of_calls_breaks_an_invariant() {
    let calls = setting("LOOPIN_RANDOM_CALLS").unwrap_or(CALLS);
    let seed = setting("LOOPIN_RANDOM_SEED").unwrap_or(2026);
    let mut externalities = chain::externalities();
    let mut run = externalities.execute_with(|| Run {
        dice: Dice::new(seed),
        tally: Tally::default(),
        books: Books::open(),
    });
    // The first epoch begins with the first block that knows the time.
    externalities.execute_with(|| run.next_block(6));
    for check in 1.. {
        externalities.execute_with(|| {
            run.go_on();
            if check % CHECKS_BETWEEN_SWEEPS == 0 {
                run.sweep();
            }
        });
        // Otherwise every key that there ever was would be looked at again and again.
        externalities.commit_all().expect("no transaction is open");
        externalities.backend.backend_storage_mut().purge();
        if run.tally.total() >= calls {
            break;
        }
    }
    externalities.execute_with(|| run.farewell());

    println!("{}", run.tally);
    let days = externalities.execute_with(|| run.books.days());
    println!(
        "{} calls in {days} days, {} epochs, {} halvings",
        run.tally.total(),
        run.books.epochs,
        run.books.halvings,
    );
    let supply = externalities.execute_with(pallet_rewards::Supply::<Runtime>::get);
    println!("{supply:#?}\n{:#?}", run.books.seen);
    // A sequence in which some call never succeeds would show nothing about it.
    let mut never = run.tally.never_accepted();
    never.retain(|name| !IMPOSSIBLE.contains(name));
    assert!(never.is_empty(), "{never:?} never succeeded");
    for name in IMPOSSIBLE {
        assert_eq!(run.tally.accepted(name), 0, "{name:?} is not to succeed");
    }
    for what in TO_BE_SEEN {
        assert!(run.books.seen.contains_key(what), "it never happened that {what}");
    }
    // Nor would one in which nobody is paid, or everybody in full.
    let (earned, withheld) = (supply.minted.earned, supply.withheld);
    assert!(earned.mining > 0 && earned.renting > 0 && earned.verifying > 0);
    assert!(withheld.multiplier > 0 && withheld.unproven > 0 && withheld.capped > 0);
    assert!(supply.minted.treasury > 0);
    if calls >= MANY_CALLS {
        assert!(supply.minted.team > 0);
        assert!(days > 3 * 365 && run.books.halvings >= 3, "more time has to pass");
    }
}

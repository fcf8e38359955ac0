//! What the market earns those who take part in it.

use super::{quotes::ask, *};
use crate::{
    Rewards,
    configs::TreasuryAccount,
    rewards_api::{StabilityView, SupplyView, emission},
};
use frame_support::traits::Hooks;
use loopin_math::Region;
use loopin_primitives::{ChallengeKind, VerdictHooks};
use pallet_rewards::{Accounts, Burned, CurrentEpoch, PoolEpochs, Supply};
use sp_runtime::Permill;

const MINER: usize = 1;
const SELLER: usize = 2;
const CLIENT: usize = 3;
const STRANGER: usize = 4;
const TEAM: usize = 5;

fn next_block() {
    let number = System::block_number() + 1;
    System::set_block_number(number);
    Rewards::on_initialize(number);
}

fn end_epoch() {
    let end = CurrentEpoch::<Runtime>::get().expect("an epoch runs").end;
    set_now(end);
    next_block();
}

fn minted(who: usize) -> Balance {
    Accounts::<Runtime>::get(account(who)).minted
}

/// Whether an amount is another but for a thousandth of it.
fn is_about(amount: Balance, expected: Balance) -> bool {
    amount.abs_diff(expected) <= expected / 1_000
}

#[test]
fn a_provider_gets_a_tenth_of_the_standard_reward_for_a_new_device() {
    on_development_chain(|| {
        next_block();
        let (device, position) = provided(MINER);
        Rewards::verdict_reached(device, PASSED, ChallengeKind::Full, 1, 0);
        end_epoch();
        let treasury = Balances::total_balance(&TreasuryAccount::get());
        assert!(treasury > 20_000 * LOOPIN);
        let asked = ask(|| Rewards::device_rewards(device)).expect("it has earned something");
        let before = balance(MINER);
        submit(STRANGER, pallet_stakes::Call::claim { position });
        assert_eq!(minted(MINER), asked.due);
        // Five quarters of the reference price, a tenth of a LOOPIN an hour, for five minutes, times exp(-2.303).
        let expected = LOOPIN / 8 / 12 * 9_996 / 100_000;
        assert!(is_about(minted(MINER), expected), "{}", minted(MINER));
        assert!(balance(MINER) >= before + minted(MINER));
        let withheld = Supply::<Runtime>::get().withheld;
        assert!(withheld.multiplier + minted(MINER) <= LOOPIN / 8 / 12);

        // The rest comes when the position is closed, and when its last epoch is over.
        Rewards::verdict_reached(device, PASSED, ChallengeKind::Full, 1, 0);
        pass(STAKE_SECONDS);
        next_block();
        submit(STRANGER, pallet_stakes::Call::close { position });
        let paid = minted(MINER);
        assert!(is_about(paid, 2 * expected), "{paid}");
        assert_eq!(Accounts::<Runtime>::get(account(MINER)).liquidity, 0);
    });
}

#[test]
fn sold_time_is_not_rewarded() {
    on_development_chain(|| {
        next_block();
        let (device, _) = sold(SELLER);
        Rewards::verdict_reached(device, PASSED, ChallengeKind::Full, 1, 0);
        end_epoch();
        assert_eq!(
            PoolEpochs::<Runtime>::get(0, *POOL).map(|epoch| epoch.part),
            Some(0)
        );
        submit(STRANGER, pallet_rewards::Call::settle { device });
        assert_eq!(minted(SELLER), 0);
    });
}

#[test]
fn a_client_gets_back_no_more_than_half_of_the_fees_that_it_burned() {
    on_development_chain(|| {
        next_block();
        fill_pool(8);
        let (device, _) = provided(MINER);
        let rental = rented(CLIENT, &[device], 3 * MINUTE);
        let fees = pallet_rentals::Rentals::<Runtime>::get(rental)
            .expect("it runs")
            .fees;
        pass(4 * MINUTE);
        submit(STRANGER, pallet_rentals::Call::complete { rental });
        end_epoch();
        let client = account(CLIENT);
        submit(STRANGER, pallet_rewards::Call::claim { who: client });
        assert!(fees > 0);
        assert_eq!(minted(CLIENT), fees / 2);
    });
}

#[test]
fn everything_that_the_market_burns_is_accounted_for() {
    on_development_chain(|| {
        next_block();
        fill_pool(8);
        let (device, position) = provided(MINER);
        rented(CLIENT, &[device], 2 * MINUTE);
        let (failing, _) = sold(SELLER);
        pass(3 * MINUTE);
        record(failing, Verdict::Failed);
        record(failing, Verdict::Failed);
        submit(
            MINER,
            pallet_stakes::Call::withdraw_liquidity {
                position,
                min_returned: 0,
            },
        );
        let (_, burned) = Rewards::supply();
        assert!(burned > 0);
        assert_eq!(Burned::<Runtime>::iter_values().sum::<Balance>(), burned);
        assert_eq!(Burned::<Runtime>::iter().count(), 4);
    });
}

#[test]
fn a_bonded_team_can_spend_none_of_its_share_before_its_time() {
    on_development_chain(|| {
        next_block();
        let own = balance(TEAM);
        (0..91).for_each(|_| end_epoch());
        let locked = 91 * 10_000 * LOOPIN;
        assert_eq!(balance(TEAM), own + locked);
        // It bonds all that it has beside its share.
        let key = sr25519::Public::from_raw([9; 32]);
        let bond = own - 10 * LOOPIN;
        submit(TEAM, pallet_verification::Call::bond { amount: bond, key });
        let transfer = |value| pallet_balances::Call::transfer_allow_death {
            dest: account(STRANGER).into(),
            value,
        };
        assert!(signed(TEAM, transfer(10 * LOOPIN)).is_err());
        submit(TEAM, transfer(9 * LOOPIN));
        // Nor can it be bonded itself.
        let more = pallet_verification::Call::bond_extra { additional: LOOPIN };
        assert!(signed(TEAM, more).is_err());
        let early = pallet_rewards::Call::unlock_team { who: account(TEAM) };
        assert!(signed(STRANGER, early).is_err());
        pass(5 * 365 * loopin_math::time::DAY);
        submit(STRANGER, pallet_rewards::Call::unlock_team { who: account(TEAM) });
        submit(TEAM, transfer(locked));
    });
}

#[test]
fn bonds_and_held_earnings_count_for_loyalty() {
    on_development_chain(|| {
        next_block();
        let alice = sp_keyring::Sr25519Keyring::AliceStash.to_account_id();
        // It is a verifier from the beginning.
        submit(STRANGER, pallet_rewards::Call::add_to_hold { amount: LOOPIN });
        let (known, verifier) = (
            ask(|| Rewards::loyalty(&account(STRANGER))),
            ask(|| Rewards::loyalty(&alice)),
        );
        assert_eq!((known.held, known.counted), (LOOPIN, LOOPIN));
        assert!(verifier.bonded >= 1_000 * LOOPIN);
        submit(STRANGER, pallet_rewards::Call::release { amount: LOOPIN });
        pass(10 * MINUTE);
        submit(
            CLIENT,
            pallet_rewards::Call::pay_released {
                who: account(STRANGER),
            },
        );
    });
}

#[test]
fn readers_can_ask_about_supply_and_stability() {
    on_development_chain(|| {
        next_block();
        provided(MINER);
        end_epoch();
        let supply = SupplyView::now();
        assert_eq!(supply.cap, 73_000_000 * LOOPIN);
        assert_eq!(supply.state.emitted, 100_000 * LOOPIN);
        assert_eq!(
            supply.state.endowed + supply.state.minted.total() - supply.burned,
            Balances::total_issuance()
        );
        assert_eq!((emission(0), emission(365)), (100_000 * LOOPIN, 50_000 * LOOPIN));

        let price = PoolEpochs::<Runtime>::get(0, *POOL).expect("it is listed").price;
        let view = Rewards::conditions(*POOL, price, Permill::from_percent(1), price, 2 * price)
            .map(StabilityView::of)
            .expect("an epoch is closed");
        // The reward of the only device is far above its price.
        assert_eq!(view.region, Region::ProvidersAndBuyers);
        assert_eq!(view.least_reward, price);
        assert!(!view.is_balanced);
    });
}

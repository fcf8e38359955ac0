//! What transactions and storage cost, and who gets it.

use super::{preset, with_genesis};
use crate::{
    Balance, Balances, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System, TransactionPayment,
    configs::{BlockWeights, TreasuryAccount},
    constants::{
        currency::{EXISTENTIAL_DEPOSIT, LOOPIN, MICRO, MILLI, deposit},
        time,
    },
};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchClass, GetDispatchInfo},
    traits::{
        OnFinalize, OnUnbalanced,
        fungible::{Balanced, Inspect},
    },
    weights::WeightToFee,
};
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{DigestItem, TokenError};

fn transfer(value: Balance) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Sr25519Keyring::Bob.to_account_id().into(),
        value,
    })
}

#[test]
fn a_transfer_costs_about_a_thousandth_of_a_loopin() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        let call = transfer(LOOPIN);
        // 150 bytes are what a signed transfer takes.
        let fee = TransactionPayment::compute_fee(150, &call.get_dispatch_info(), 0);
        assert!(
            (300 * MICRO..5 * MILLI).contains(&fee),
            "a transfer costs {fee} planck"
        );
    });
}

#[test]
fn filling_blocks_for_an_hour_costs_more_than_a_thousand_loopin() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        let ordinary = BlockWeights::get()
            .get(DispatchClass::Normal)
            .max_total
            .expect("there is a limit");
        let block = <Runtime as pallet_transaction_payment::Config>::WeightToFee::weight_to_fee(&ordinary);
        let hour = block * Balance::from(time::HOURS);
        assert!(
            hour > 1_000 * LOOPIN,
            "an hour of full blocks costs {hour} planck even at the lowest fees"
        );
    });
}

#[test]
fn the_author_of_a_block_gets_the_fees_of_its_transactions() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        let alice = Sr25519Keyring::Alice.to_account_id();
        let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
            authority_index: 0,
            slot: 1.into(),
        });
        System::deposit_log(<DigestItem as CompatibleDigestItem>::babe_pre_digest(pre_digest));
        let before = Balances::free_balance(&alice);
        let issued = Balances::total_issuance();
        crate::configs::ToAuthor::on_unbalanced(Balances::issue(5 * MILLI));
        assert_eq!(Balances::free_balance(&alice), before + 5 * MILLI);
        assert_eq!(Balances::total_issuance(), issued + 5 * MILLI);
    });
}

#[test]
fn an_account_below_the_existential_deposit_cannot_be_made() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        assert_eq!(EXISTENTIAL_DEPOSIT, 1_000_000_000);
        let alice = RuntimeOrigin::signed(Sr25519Keyring::Alice.to_account_id());
        let nobody = sp_runtime::AccountId32::from([9; 32]);
        assert_noop!(
            Balances::transfer_keep_alive(alice.clone(), nobody.clone().into(), EXISTENTIAL_DEPOSIT - 1),
            TokenError::BelowMinimum
        );
        assert_ok!(Balances::transfer_keep_alive(
            alice,
            nobody.clone().into(),
            EXISTENTIAL_DEPOSIT
        ));
        assert_eq!(Balances::free_balance(&nobody), EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn dust_goes_to_the_treasury() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        let somebody = sp_runtime::AccountId32::from([9; 32]);
        let alice = RuntimeOrigin::signed(Sr25519Keyring::Alice.to_account_id());
        assert_ok!(Balances::transfer_keep_alive(
            alice,
            somebody.clone().into(),
            LOOPIN
        ));
        let treasury = Balances::free_balance(TreasuryAccount::get());
        let issued = Balances::total_issuance();

        let dust = EXISTENTIAL_DEPOSIT - 1;
        assert_ok!(Balances::transfer_allow_death(
            RuntimeOrigin::signed(somebody.clone()),
            Sr25519Keyring::Bob.to_account_id().into(),
            LOOPIN - dust
        ));
        assert_eq!(Balances::total_balance(&somebody), 0);
        assert_eq!(Balances::free_balance(TreasuryAccount::get()), treasury + dust);
        assert_eq!(Balances::total_issuance(), issued);
        System::assert_has_event(RuntimeEvent::Balances(pallet_balances::Event::DustLost {
            account: somebody,
            amount: dust,
        }));
    });
}

#[test]
fn storing_a_kilobyte_costs_a_loopin_of_deposit() {
    assert_eq!(deposit(1, 900), LOOPIN);
    assert_eq!(deposit(0, 1), MILLI);
}

#[test]
fn fees_rise_while_blocks_are_full_and_never_fall_below_the_weight() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        let lowest = TransactionPayment::next_fee_multiplier();
        TransactionPayment::on_finalize(1);
        assert_eq!(
            TransactionPayment::next_fee_multiplier(),
            lowest,
            "an empty block cannot lower it"
        );
        let ordinary = BlockWeights::get()
            .get(DispatchClass::Normal)
            .max_total
            .expect("there is a limit");
        System::set_block_consumed_resources(ordinary, 0);
        TransactionPayment::on_finalize(1);
        assert!(TransactionPayment::next_fee_multiplier() > lowest);
    });
}

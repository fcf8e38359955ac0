//! What the council and referenda can do, and what they cannot.

use super::{preset, with_genesis};
use crate::{
    AccountId, Balances, Council, Parameters, Runtime, RuntimeCall, RuntimeOrigin, Treasury,
    configs::{
        CouncilCollective, TreasuryAccount,
        parameters::{RuntimeParameters, dynamic_params::validators},
    },
    constants::currency::LOOPIN,
};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::GetDispatchInfo,
    traits::{Bounded, Get, schedule::DispatchTime},
};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave};
use sp_runtime::{
    DispatchError,
    traits::{BlakeTwo256, Hash},
};

fn signed(who: Sr25519Keyring) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.to_account_id())
}

fn set_minimum_bond(value: u128) -> RuntimeCall {
    RuntimeCall::Parameters(pallet_parameters::Call::set_parameter {
        key_value: RuntimeParameters::Validators(validators::Parameters::MinimumBond(
            validators::MinimumBond,
            Some(value),
        )),
    })
}

/// The three members of the council propose `call`, vote as given, and close the vote.
fn council_decides(call: RuntimeCall, ayes: &[Sr25519Keyring]) {
    let length = codec::Encode::encoded_size(&call) as u32;
    let hash = BlakeTwo256::hash_of(&call);
    let weight = call.get_dispatch_info().call_weight;
    assert_ok!(Council::propose(signed(Alice), 2, Box::new(call), length));
    for member in [Alice, Bob, Charlie] {
        assert_ok!(Council::vote(signed(member), hash, 0, ayes.contains(&member)));
    }
    assert_ok!(Council::close(
        signed(Dave),
        hash,
        0,
        weight.saturating_mul(2),
        length
    ));
}

#[test]
fn two_thirds_of_the_council_set_a_parameter() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        assert_eq!(<validators::MinimumBond as Get<u128>>::get(), 10_000 * LOOPIN);
        council_decides(set_minimum_bond(LOOPIN), &[Alice, Bob]);
        assert_eq!(<validators::MinimumBond as Get<u128>>::get(), LOOPIN);
    });
}

#[test]
fn a_minority_of_the_council_sets_nothing() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        council_decides(set_minimum_bond(LOOPIN), &[Alice]);
        assert_eq!(<validators::MinimumBond as Get<u128>>::get(), 10_000 * LOOPIN);
    });
}

#[test]
fn nobody_sets_a_parameter_alone() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        let RuntimeCall::Parameters(pallet_parameters::Call::set_parameter { key_value }) =
            set_minimum_bond(1)
        else {
            unreachable!("it is that call")
        };
        assert_noop!(
            Parameters::set_parameter(signed(Alice), key_value),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn the_council_spends_from_the_treasury() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        let beneficiary = AccountId::from([7; 32]);
        let treasury = Balances::free_balance(TreasuryAccount::get());
        council_decides(
            RuntimeCall::Treasury(pallet_treasury::Call::spend {
                asset_kind: Box::new(()),
                amount: 500 * LOOPIN,
                beneficiary: Box::new(beneficiary.clone()),
                valid_from: None,
            }),
            &[Alice, Bob, Charlie],
        );
        assert_ok!(Treasury::payout(signed(Dave), 0));
        assert_eq!(Balances::free_balance(&beneficiary), 500 * LOOPIN);
        assert_eq!(
            Balances::free_balance(TreasuryAccount::get()),
            treasury - 500 * LOOPIN
        );
    });
}

#[test]
fn a_referendum_wants_a_member_of_the_council_as_sponsor() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        // A member of the council speaks as such by `council.execute`.
        let submit = |who| {
            let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![1] });
            let call = RuntimeCall::Referenda(pallet_referenda::Call::submit {
                proposal_origin: Box::new(frame_system::RawOrigin::Root.into()),
                proposal: Bounded::Inline(codec::Encode::encode(&remark).try_into().expect("it is short")),
                enactment_moment: DispatchTime::After(1),
            });
            let length = codec::Encode::encoded_size(&call) as u32;
            Council::execute(signed(who), Box::new(call), length)
        };
        assert_noop!(
            submit(Dave),
            pallet_collective::Error::<Runtime, CouncilCollective>::NotMember
        );
        let bob = Bob.to_account_id();
        let free = Balances::free_balance(&bob);
        assert_ok!(submit(Bob));
        assert_eq!(
            Balances::free_balance(&bob),
            free - 10 * LOOPIN,
            "the sponsor pays the deposit"
        );
        assert_eq!(pallet_referenda::ReferendumCount::<Runtime>::get(), 1);
    });
}

#[test]
fn the_council_is_not_root() {
    with_genesis(preset(DEV_RUNTIME_PRESET), || {
        let code_before = sp_io::storage::get(sp_core::storage::well_known_keys::CODE);
        council_decides(
            RuntimeCall::System(frame_system::Call::set_code_without_checks { code: vec![1, 2, 3] }),
            &[Alice, Bob, Charlie],
        );
        assert_eq!(
            sp_io::storage::get(sp_core::storage::well_known_keys::CODE),
            code_before
        );
    });
}

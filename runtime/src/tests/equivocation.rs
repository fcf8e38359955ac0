//! A validator that makes two blocks in one slot is reported, slashed and disabled.

use super::{merge, preset, with_genesis};
use crate::{
    AccountId, Babe, Balances, Header, Historical, Runtime, RuntimeOrigin, Session, Validators,
    configs::TreasuryAccount, constants::currency::LOOPIN,
};
use frame_support::{
    assert_noop, assert_ok,
    traits::{DisabledValidators, KeyOwnerProofSystem},
};
use serde_json::json;
use sp_consensus_babe::{
    AuthorityId, AuthorityPair, EquivocationProof, KEY_TYPE,
    digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
};
use sp_core::{Pair, crypto::ByteArray};
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::{
    Digest, DigestItem,
    traits::{Header as HeaderT, Keccak256},
};

const BOND: u128 = 20_000 * LOOPIN;
/// A slot of the second session; each has ten.
const SLOT: u64 = 17;

/// The local network with Dave as a bonded candidate beside its three validators.
fn with_dave(test: impl FnOnce()) {
    let dave = Sr25519Keyring::Dave.to_account_id();
    let mut patch = preset(LOCAL_TESTNET_RUNTIME_PRESET);
    let mut keys = patch["session"]["keys"]
        .as_array()
        .expect("keys are a list")
        .clone();
    keys.push(json!([
        dave,
        dave,
        { "babe": AuthorityId::from(Sr25519Keyring::Dave.public()),
          "grandpa": sp_consensus_grandpa::AuthorityId::from(Ed25519Keyring::Dave.public()) }
    ]));
    merge(
        &mut patch,
        json!({ "session": { "keys": keys }, "validators": { "candidates": [[dave, BOND]] } }),
    );
    with_genesis(patch, test)
}

fn dave() -> AccountId {
    Sr25519Keyring::Dave.to_account_id()
}

/// Two different blocks by `author` for one slot, signed with its key.
fn equivocation(author: Sr25519Keyring, slot: u64) -> EquivocationProof<Header> {
    let authorities = Babe::authorities();
    let authority: AuthorityId = author.public().into();
    let index = authorities
        .iter()
        .position(|(id, _)| *id == authority)
        .expect("it is a validator") as u32;
    let pair = AuthorityPair::from_string(&author.to_seed(), None).expect("the seed is valid");
    let block = |extrinsics: &[u8]| {
        let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
            authority_index: index,
            slot: slot.into(),
        });
        let mut header = Header::new(
            1,
            <Keccak256 as sp_core::Hasher>::hash(extrinsics),
            Default::default(),
            Default::default(),
            Digest {
                logs: vec![<DigestItem as CompatibleDigestItem>::babe_pre_digest(pre_digest)],
            },
        );
        let seal = pair.sign(header.hash().as_ref());
        header
            .digest_mut()
            .push(<DigestItem as CompatibleDigestItem>::babe_seal(seal));
        header
    };
    EquivocationProof {
        offender: AuthorityId::from_slice(authority.as_ref()).expect("it is a key"),
        slot: slot.into(),
        first_header: block(b"one"),
        second_header: block(b"another"),
    }
}

fn report(author: Sr25519Keyring, slot: u64) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let key: AuthorityId = author.public().into();
    let proof = Historical::prove((KEY_TYPE, key)).expect("it is a validator of this session");
    Babe::report_equivocation_unsigned(RuntimeOrigin::none(), Box::new(equivocation(author, slot)), proof)
}

#[test]
fn the_bond_is_slashed_to_the_treasury_and_the_offender_is_disabled() {
    with_dave(|| {
        Session::rotate_session();
        assert_eq!(Session::validators().len(), 4);
        let issued = Balances::total_issuance();
        let treasury = Balances::free_balance(TreasuryAccount::get());
        assert_eq!(Balances::reserved_balance(dave()), held_for_keys() + BOND);

        assert_ok!(report(Sr25519Keyring::Dave, SLOT));

        // One offender of four: min((3 * 1 / 4)^2, 1) = 9/16 of the bond.
        let slashed = BOND * 9 / 16;
        assert_eq!(Balances::free_balance(TreasuryAccount::get()), treasury + slashed);
        assert_eq!(
            Balances::reserved_balance(dave()),
            held_for_keys() + BOND - slashed
        );
        assert_eq!(Balances::total_issuance(), issued);
        assert_eq!(pallet_session::DisabledValidators::<Runtime>::get().len(), 1);
        assert!(pallet_validators::Candidates::<Runtime>::get().is_empty());
    });
}

#[test]
fn the_same_equivocation_is_punished_once() {
    with_dave(|| {
        Session::rotate_session();
        assert_ok!(report(Sr25519Keyring::Dave, SLOT));
        let held = Balances::reserved_balance(dave());
        assert_noop!(
            report(Sr25519Keyring::Dave, SLOT),
            pallet_babe::Error::<Runtime>::DuplicateOffenceReport
        );
        assert_eq!(Balances::reserved_balance(dave()), held);
    });
}

#[test]
fn the_offender_is_no_validator_two_sessions_later() {
    with_dave(|| {
        Session::rotate_session();
        assert_ok!(report(Sr25519Keyring::Dave, SLOT));
        Session::rotate_session();
        // It was planned already, and stays disabled.
        let index = Session::validators()
            .iter()
            .position(|validator| *validator == dave());
        if let Some(index) = index {
            assert!(Session::is_disabled(index as u32));
        }
        Session::rotate_session();
        assert!(!Session::validators().contains(&dave()));
        assert_eq!(Session::validators().len(), 3);
    });
}

#[test]
fn an_invulnerable_offender_loses_its_seat() {
    with_dave(|| {
        Session::rotate_session();
        let bob = Sr25519Keyring::Bob.to_account_id();
        assert_ok!(report(Sr25519Keyring::Bob, SLOT));
        assert!(!pallet_validators::Invulnerables::<Runtime>::get().contains(&bob));
        assert_eq!(Validators::session_slots(), 10);
    });
}

#[test]
fn two_equal_blocks_are_no_equivocation() {
    with_dave(|| {
        Session::rotate_session();
        let mut proof = equivocation(Sr25519Keyring::Dave, SLOT);
        proof.second_header = proof.first_header.clone();
        let owner = Historical::prove((KEY_TYPE, proof.offender.clone())).expect("it is a validator");
        assert_noop!(
            Babe::report_equivocation_unsigned(RuntimeOrigin::none(), Box::new(proof), owner),
            pallet_babe::Error::<Runtime>::InvalidEquivocationProof
        );
        assert_eq!(pallet_offences::Reports::<Runtime>::iter().count(), 0);
    });
}

/// What the genesis holds for Dave's session keys.
fn held_for_keys() -> u128 {
    use frame_support::traits::fungible::InspectHold;
    Balances::balance_on_hold(
        &crate::RuntimeHoldReason::Session(pallet_session::HoldReason::Keys),
        &dave(),
    )
}

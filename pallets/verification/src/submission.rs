//! For the offchain worker: keys of verifiers, and transactions that need no account.

use crate::{Accusation, AttestationOf, Call, Config, Pallet, Rounds};
use alloc::boxed::Box;
use frame_system::offchain::SubmitTransaction;
use loopin_challenge::FraudProof;
use loopin_primitives::{DeviceId, RoundId};
use sp_core::{H256, crypto::KeyTypeId, sr25519};

/// The type of verifiers' keys in a node's keystore.
pub const KEY_TYPE: KeyTypeId = KeyTypeId(*b"lpvf");

/// The keys with which verifiers' nodes sign, as the keystore knows them.
pub mod crypto {
    mod app {
        use super::super::KEY_TYPE;
        use sp_runtime::app_crypto::{app_crypto, sr25519};

        app_crypto!(sr25519, KEY_TYPE);
    }

    sp_runtime::app_crypto::with_pair! {
        /// A verifier's key pair.
        pub type Pair = app::Pair;
    }
    /// A verifier's public key.
    pub type Public = app::Public;
    /// A signature by a verifier's key.
    pub type Signature = app::Signature;
}

/// The transaction pool has refused a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

impl<T: Config> Pallet<T> {
    /// Sends an attestation, signed with the verifier's key, to the transaction pool.
    pub fn submit_attestation(
        attestation: AttestationOf<T>,
        signature: sr25519::Signature,
    ) -> Result<(), Refused> {
        Self::submit(Call::attest {
            attestation,
            signature,
        })
    }

    /// Sends a request to conclude to the transaction pool.
    pub fn submit_conclusion(round: RoundId, device: DeviceId) -> Result<(), Refused> {
        Self::submit(Call::conclude { round, device })
    }

    /// Sends the report of a fraud, signed with the verifier's key, to the transaction pool.
    pub fn submit_fraud_report(
        verifier: T::AccountId,
        accusation: Accusation,
        proof: FraudProof,
        signature: sr25519::Signature,
    ) -> Result<(), Refused> {
        Self::submit(Call::report_fraud {
            verifier,
            accusation,
            proof: Box::new(proof),
            signature,
        })
    }

    /// What a verifier's key signs to attest this.
    pub fn attestation_digest(attestation: &AttestationOf<T>) -> [u8; 32] {
        // Of a round that is not known, nothing is accepted anyway.
        let seed = Rounds::<T>::get(attestation.round).map_or_else(H256::zero, |round| round.seed);
        attestation.digest(&Self::genesis_hash(), &seed)
    }

    /// What a verifier's key signs to report this.
    pub fn fraud_report_digest(
        verifier: &T::AccountId,
        accusation: &Accusation,
        proof: &FraudProof,
    ) -> [u8; 32] {
        accusation.digest(verifier, proof, &Self::genesis_hash())
    }

    fn submit(call: Call<T>) -> Result<(), Refused> {
        let transaction = T::create_authorized_transaction(call.into());
        SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).map_err(|()| Refused)
    }
}

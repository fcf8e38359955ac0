//! What all conversations of one verifier in a round have in common: its moments, its nonces and its signature.

use crate::{Appointment, Signer, clock::Millis, ending::Ending, exchange::Limit};
use alloc::{boxed::Box, vec::Vec};
use codec::{DecodeAll, Encode};
use loopin_challenge::{
    joint::Member,
    messages::{Contribution, Message, Nonce, Signature, Signed, Step},
};
use loopin_primitives::{DeviceId, InconclusiveReason};
use sp_core::sr25519;
use sp_io::{crypto, hashing};

/// How late a verifier may be at a common moment, in milliseconds. Later than that it says nothing at all, as others may
/// know a seed by then.
pub const PUNCTUAL_MS: Millis = 500;

/// The moments of a round's window by the machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// From when on devices are asked to prepare.
    pub opens_at: Millis,
    /// When they are told to fill.
    pub fill_at: Millis,
    /// When they are told to walk.
    pub walk_at: Millis,
    /// When all is over.
    pub closes_at: Millis,
}

/// What all conversations of one verifier in a round have in common.
pub struct Context<'a, S> {
    /// What the verifier has to do.
    pub appointment: &'a Appointment,
    /// When.
    pub moments: Moments,
    /// Whether devices had at least half of the time to prepare: this run began early enough for that.
    pub began_in_time: bool,
    signer: &'a S,
    secret: [u8; 32],
}

impl<'a, S> Context<'a, S> {
    /// What a run that begins `now` has in common. All nonces follow from `secret`.
    pub fn new(appointment: &'a Appointment, signer: &'a S, secret: [u8; 32], now: Millis) -> Self {
        let moments = appointment.moments();
        let Moments {
            opens_at, fill_at, ..
        } = moments;
        let half = fill_at.saturating_sub(opens_at) / 2;
        Self {
            appointment,
            moments,
            began_in_time: now <= opens_at.saturating_add(half),
            signer,
            secret,
        }
    }

    /// The limit of a step that may take `step_ms`, and ends with the window.
    pub fn limit(&self, step_ms: u32) -> Limit {
        Limit {
            step_ms: step_ms.into(),
            ends_at: self.moments.closes_at,
        }
    }

    /// What this verifier contributes to that step of that device's challenge: the same after a restart, and known to
    /// nobody else before it is sent.
    pub fn nonce(&self, step: Step, device: DeviceId) -> Nonce {
        let name = step.name().as_bytes();
        let of = [
            b"loopin/verifier/nonce/",
            name,
            &[0],
            &self.secret,
            &device.to_le_bytes(),
        ];
        hashing::sha2_256(&of.concat())
    }

    /// Whether what a device answers when it refuses proves that another node speaks for this verifier: it holds this
    /// verifier's signature of a request that this node has not made. `request` makes the request with a nonce.
    pub fn is_rivalled<M: Message>(
        &self,
        refusal: &[u8],
        committee: &[Member],
        own: &Nonce,
        request: impl FnOnce(Nonce) -> M,
    ) -> bool {
        let verifier = self.appointment.verifier;
        let Ok(contribution) = Contribution::decode_all(&mut &refusal[..]) else {
            return false;
        };
        let Some(member) = committee.iter().find(|member| member.verifier == verifier) else {
            return false;
        };
        contribution.verifier == verifier
            && contribution.nonce != *own
            && is_signed(
                &contribution.signature,
                &request(contribution.nonce).digest(),
                &member.key,
            )
    }
}

impl<S: Signer> Context<'_, S> {
    /// A message as it is sent.
    pub fn signed<M: Message>(&self, message: M) -> Result<Vec<u8>, Box<Ending>> {
        let signature = self.signer.sign(&message.digest()).ok_or_else(|| {
            Ending::inconclusive(
                InconclusiveReason::Interrupted,
                "the verifier's key is not in the keystore any more",
            )
        })?;
        Ok(Signed { message, signature }.encode())
    }
}

/// Whether the owner of a key, of sr25519, has signed these 32 bytes.
pub fn is_signed(signature: &Signature, digest: &[u8; 32], key: &[u8; 32]) -> bool {
    let signature = sr25519::Signature::from_raw(*signature);
    crypto::sr25519_verify(&signature, digest, &sr25519::Public::from_raw(*key))
}

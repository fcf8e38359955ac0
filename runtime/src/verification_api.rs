//! What a reader of the chain can ask about verification: in polkadot-js `api.call.verificationApi.*`. Devices' agents
//! ask the same, and so does whoever wants to recompute who challenges whom.
//!
//! Answers are for the present moment, and change nothing. Moments are Unix seconds.

use crate::{AccountId, Runtime, Verification};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use loopin_primitives::{DeviceChallenge, DeviceId, Moment, PoolId, RoundId, Standing, Window};
use pallet_verification::{AssignmentPage, Ballot, VerdictRecord, Verifier};
use scale_info::TypeInfo;
use sp_core::{H256, sr25519};

/// A round of verification.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RoundView {
    /// Its number.
    pub round: RoundId,
    /// When it began, in Unix seconds.
    pub started_at: Moment,
    /// What its committees are drawn from.
    pub seed: H256,
    /// When all devices are challenged.
    pub window: Window,
    /// From when on nobody can attest any more, in Unix seconds. It may have passed.
    pub closes_at: Moment,
    /// How many verifiers are in it.
    pub verifiers: u32,
    /// How many seats the committee for each device has.
    pub seats: u32,
    /// Devices with numbers below this one are in it.
    pub device_bound: DeviceId,
}

/// A device, and how it stands with verification.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DeviceStatus {
    /// Whose it is.
    pub owner: AccountId,
    /// The pool for which it is registered.
    pub pool: PoolId,
    /// Its standing.
    pub standing: Standing,
    /// Whether it is staked.
    pub staked: bool,
    /// Whether it is to be verified out of turn.
    pub check_requested: bool,
    /// Until when it is rented, in Unix seconds, if it is rented now.
    pub rented_until: Option<Moment>,
    /// Since when it has been verified, in Unix seconds: its age counts from then.
    pub verified_since: Option<Moment>,
    /// The last verdict on it.
    pub last_verdict: Option<VerdictRecord>,
}

sp_api::decl_runtime_apis! {
    /// Verification of devices, at the present moment.
    pub trait VerificationApi {
        /// The last round that has begun, if there was one.
        fn current_round() -> Option<RoundView>;
        /// How the device is challenged in the present round, and by whom. Nothing if the round is over, or the device
        /// is not challenged now.
        fn challenge_of(device: DeviceId) -> Option<DeviceChallenge>;
        /// What the verifier has to challenge in the present round, among the `limit` devices, at most 1,000, from
        /// `from` on.
        fn assignments(verifier: AccountId, from: DeviceId, limit: u32) -> AssignmentPage;
        /// The committee for the device in a round that is remembered, with the seats and the vote of each member.
        fn ballots(round: RoundId, device: DeviceId) -> Option<Vec<Ballot<AccountId>>>;
        /// The verifier with that account, if there is one.
        fn verifier(verifier: AccountId) -> Option<Verifier>;
        /// The verifier whose node signs with that key, if there is one.
        fn verifier_of(key: sr25519::Public) -> Option<(AccountId, Verifier)>;
        /// The device with that number, if there is one.
        fn device_status(device: DeviceId) -> Option<DeviceStatus>;
    }
}

impl RoundView {
    /// The last round that has begun.
    pub(crate) fn current() -> Option<Self> {
        let (round, details) = Verification::current_round()?;
        Some(Self {
            round,
            started_at: details.started_at,
            seed: details.seed,
            window: details.window,
            closes_at: details.closes_at,
            verifiers: details.verifiers,
            seats: details.seats,
            device_bound: details.device_bound,
        })
    }
}

impl DeviceStatus {
    /// The device with that number.
    pub(crate) fn of(device: DeviceId) -> Option<Self> {
        let entry = pallet_devices::Devices::<Runtime>::get(device)?;
        Some(Self {
            owner: entry.owner,
            pool: entry.pool,
            standing: entry.standing,
            staked: entry.staked,
            check_requested: entry.check_requested,
            rented_until: crate::Rentals::rented_until(device),
            verified_since: entry.verified_since,
            last_verdict: Verification::last_verdict(device),
        })
    }
}

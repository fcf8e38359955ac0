//! What the pallet stores and reports, as types.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use loopin_primitives::{Balance, Moment, PoolId, Standing};
use scale_info::TypeInfo;
use sp_core::{H256, sr25519};

/// The longest address of an agent, in bytes.
pub const MAX_ENDPOINT_BYTES: u32 = 256;

/// Where the agent of a device answers: an address that [`EndpointUrl::parse`](loopin_primitives::EndpointUrl::parse) accepts.
pub type Endpoint = BoundedVec<u8, ConstU32<MAX_ENDPOINT_BYTES>>;

/// A device of this runtime.
pub type DeviceOf<T> = Device<<T as frame_system::Config>::AccountId>;

/// One GPU.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Device<AccountId> {
    /// Whose it is, and in whose account the deposit is on hold.
    pub owner: AccountId,
    /// The pool it was registered for.
    pub pool: PoolId,
    /// The key with which its agent signs. An agent may serve several devices.
    pub agent_key: sr25519::Public,
    /// Where its agent answers. Devices of one machine share it.
    pub endpoint: Endpoint,
    /// The hash of the GPU's UUID.
    pub gpu_id: H256,
    /// How it stands with verification.
    pub standing: Standing,
    /// Whether it is staked, and so cannot be removed.
    pub staked: bool,
    /// Whether somebody has asked for it to be verified out of turn, and no verdict has come since.
    pub check_requested: bool,
    /// What is on hold for it in the owner's account, in planck.
    pub deposit: Balance,
    /// When it was registered, in seconds since 1970.
    pub registered_at: Moment,
    /// When it passed its first verification since it was registered or last ejected, in seconds since 1970:
    /// the beginning of its age.
    pub verified_since: Option<Moment>,
}

/// What others need to know of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo<AccountId> {
    /// Whose it is.
    pub owner: AccountId,
    /// The pool it was registered for.
    pub pool: PoolId,
    /// How it stands with verification.
    pub standing: Standing,
}

/// A device, as seen by those who challenge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeTarget {
    /// The pool it was registered for.
    pub pool: PoolId,
    /// Whether it is staked.
    pub is_staked: bool,
    /// The key with which its agent signs.
    pub agent_key: [u8; 32],
    /// The key with which its agent signed before.
    pub former_key: Option<FormerKey>,
    /// Where its agent answers.
    pub endpoint: Vec<u8>,
    /// Whether somebody has asked for it to be verified out of turn.
    pub check_requested: bool,
}

/// A key that an agent had.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FormerKey {
    /// The key.
    pub key: [u8; 32],
    /// When another key took its place, in Unix seconds.
    pub until: Moment,
}

/// What became of the deposit of a device that was convicted of fraud.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Conviction {
    /// What whoever brought the proof got, in planck.
    pub reward: Balance,
    /// What was burned, in planck.
    pub burned: Balance,
}

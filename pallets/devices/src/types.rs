//! What the pallet stores and reports, as types.

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
    /// Whether it is staked, so that it cannot be removed.
    pub staked: bool,
    /// Whether somebody has asked for it to be verified out of turn, and no verdict has come since.
    pub check_requested: bool,
    /// What is on hold for it in the owner's account, planck.
    pub deposit: Balance,
    /// When it was registered, in seconds since 1970.
    pub registered_at: Moment,
    /// When it passed its first verification since it was registered or last ejected, in seconds since 1970:
    /// the beginning of its age.
    pub verified_since: Option<Moment>,
}

/// What a verification found out about a device.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum Verdict {
    /// The device is there and does what its class promises.
    #[codec(index = 0)]
    Passed,
    /// The device did not answer, or did not do what its class promises.
    #[codec(index = 1)]
    Failed,
    /// The verification found out nothing.
    #[codec(index = 2)]
    Inconclusive,
}

//! What the pallet stores and reports, as types.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use loopin_math::{Contribution, LiquidityPosition, Retention, U256};
use loopin_primitives::{Balance, DeviceId, Moment, PoolId};
use scale_info::TypeInfo;

/// Number of a collection of stake tokens in pallet-nfts.
pub type CollectionId = u32;
/// A certificate of this runtime.
pub type CertificateOf<T> = Certificate<<T as frame_system::Config>::AccountId>;
/// A position of this runtime.
pub type PositionOf<T> = Position<<T as frame_system::Config>::AccountId>;
/// Where the money of an ejection on this runtime went.
pub type EjectionAccountOf<T> = EjectionAccount<<T as frame_system::Config>::AccountId>;

/// LOOPIN was burned for the right to stake one device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Certificate<AccountId> {
    /// Who burned it, and can use the certificate.
    pub owner: AccountId,
    /// The pool for whose devices it is good.
    pub pool: PoolId,
    /// The longest stake that it is good for, in GPU-seconds.
    pub gpu_seconds: u128,
    /// When it expires, in seconds since 1970: it cannot be used from then on.
    pub expires_at: Moment,
    /// What is on hold in the owner's account for the room that the certificate takes, in planck.
    pub deposit: Balance,
}

/// What the owner of a device means to do with its time.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Intent {
    /// Provide it: add it to the pool as liquidity, together with LOOPIN, for a share of the reserve.
    #[codec(index = 0)]
    Provide,
    /// Sell it to the pool for LOOPIN.
    #[codec(index = 1)]
    Sell,
}

/// A staked device, and what its owner has done with its time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Position<AccountId> {
    /// Who staked the device: the owner of the stake token.
    pub owner: AccountId,
    /// The device.
    pub device: DeviceId,
    /// The pool for which it is staked.
    pub pool: PoolId,
    /// What the owner means to do with the device's time.
    pub intent: Intent,
    /// When it was staked, in seconds since 1970.
    pub start: Moment,
    /// When the stake ends, in seconds since 1970; a whole minute.
    pub end: Moment,
    /// What is on hold for the room that the position takes, in planck.
    pub deposit: Balance,
    /// The maintenance fee that is on hold, in planck; zero for intent Provide.
    pub maintenance_fee: Balance,
    /// The collateral of all sales so far that is on hold, in planck; zero for intent Provide.
    pub collateral: Balance,
    /// Hour tokens of this stake in the owner's account, in GPU-seconds: as many as the device had left to spend
    /// when the position was last touched. They run off, but are not destroyed until it is touched again.
    pub uncommitted_gpu_seconds: u128,
    /// What has become of the device's time.
    pub state: PositionState,
}

/// What has become of the time of a staked device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum PositionState {
    /// Nothing yet: the owner has all of it, and it runs off.
    #[codec(index = 0)]
    Staked,
    /// The pool has all of it, and LOOPIN of the same value, for a share of the reserve.
    #[codec(index = 1)]
    Providing(Liquidity),
    /// The pool has bought some of it.
    #[codec(index = 2)]
    Selling(Sale),
}

/// A position's part in its pool: the device's time, and LOOPIN of its owner.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Liquidity {
    /// Shares of the reserve that the position gives up per second.
    pub share_rate: u128,
    /// LOOPIN that was paid into the reserve, in planck.
    pub paid: Balance,
    /// The pool's retention when that was paid: by how much less it is now, so much less is left of that in the reserve.
    pub retention: Retention,
    /// GPU-seconds that were put into the pool.
    pub gpu_seconds: u128,
    /// The pool's stream index up to which the stream has been paid out.
    pub stream_index: U256,
    /// What has been paid out of the stream so far, in planck.
    pub claimed: Balance,
    /// Whether the owner refuses new rentals and extensions.
    pub draining: bool,
}

impl Liquidity {
    /// The same as the pool sees it, ending at `until`.
    pub(crate) fn until(&self, until: Moment) -> LiquidityPosition {
        LiquidityPosition {
            share_rate: self.share_rate,
            until,
        }
    }

    /// What was paid, as what is left of it is followed.
    pub(crate) fn contribution(&self) -> Contribution {
        Contribution {
            kept: self.paid,
            retention: self.retention,
        }
    }
}

/// The last sale of time to a pool, with all its extensions.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Sale {
    /// Until when the pool has the device, in seconds since 1970; a whole minute.
    pub sold_until: Moment,
    /// GPU-seconds that the pool bought.
    pub gpu_seconds: u128,
    /// What the pool paid for them, the burned fee included, in planck.
    pub amount: Balance,
}

/// Where the money went when a device was ejected. All amounts are in planck.
///
/// `slash + maintenance_fee + collateral`, the forfeits, is always `refund_from_forfeits + compensation + burned`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EjectionAccount<AccountId> {
    /// What had streamed to the owner and was not claimed yet. It was paid to the owner.
    pub streamed: Balance,
    /// What the owner's liquidity returned, the slash included.
    pub returned: Balance,
    /// The part of `returned` that the owner lost; the rest was paid to the owner.
    pub slash: Balance,
    /// The maintenance fee that the owner lost.
    pub maintenance_fee: Balance,
    /// The collateral that the owner lost.
    pub collateral: Balance,
    /// The deposit of the position. It was released to the owner.
    pub deposit: Balance,
    /// Who had rented the device, if anybody had.
    pub client: Option<AccountId>,
    /// What the client got back out of the forfeits.
    pub refund_from_forfeits: Balance,
    /// What the client got back out of the pool, since the forfeits were not enough.
    pub refund_from_pool: Balance,
    /// What the client was due and did not get: what the forfeits lacked and the pool did not have, or would not
    /// pay as the price has fallen since or as less is left of what was paid; or all of it, if it is less than the existential deposit and the
    /// client's account is gone.
    pub shortfall: Balance,
    /// GPU-seconds that left the pool with the device.
    pub lost_gpu_seconds: u128,
    /// What the pool got out of the forfeits for those GPU-seconds, if it had bought them.
    pub compensation: Balance,
    /// What was burned.
    pub burned: Balance,
}

/// What a position is worth now. All amounts are in planck.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PositionValue {
    /// What `claim` would pay now.
    pub streamed_unclaimed: Balance,
    /// What has been claimed of the stream so far.
    pub claimed: Balance,
    /// What `withdraw_liquidity` would pay now besides the stream and the deposit, the exit fee subtracted.
    /// Zero if there is nothing to withdraw. While the device is rented this must wait for the rental's end.
    pub returned_if_withdrawn: Balance,
    /// The exit fee that `withdraw_liquidity` would burn now.
    pub exit_fee: Balance,
    /// The maintenance fee on hold, which comes back when the stake is closed.
    pub maintenance_fee: Balance,
    /// The collateral on hold, which comes back when the stake is closed.
    pub collateral: Balance,
    /// The deposit on hold, which comes back when the position closes, however that happens.
    pub deposit: Balance,
    /// GPU-seconds until the end of the stake that the pool does not have.
    pub uncommitted_gpu_seconds: u128,
    /// Until when the device is rented, if it is, in seconds since 1970.
    pub rented_until: Option<Moment>,
}

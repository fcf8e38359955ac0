//! How the team's share is locked.

use core::marker::PhantomData;
use frame_support::traits::{Currency, Get, VestingSchedule};
use frame_system::pallet_prelude::BlockNumberFor;
use loopin_primitives::{Balance, PaymentLock};
use sp_runtime::{DispatchResult, traits::Saturating};

/// Locks a payment with pallet-vesting, which wallets understand: nothing of it is free before `Blocks` blocks have
/// passed, and then all of it is.
pub struct VestingLock<T, Vesting, Blocks>(PhantomData<(T, Vesting, Blocks)>);

impl<T, Vesting, Blocks> PaymentLock<T::AccountId> for VestingLock<T, Vesting, Blocks>
where
    T: frame_system::Config,
    Vesting: VestingSchedule<T::AccountId, Moment = BlockNumberFor<T>>,
    Vesting::Currency: Currency<T::AccountId, Balance = Balance>,
    Blocks: Get<BlockNumberFor<T>>,
{
    fn lock(who: &T::AccountId, amount: Balance) -> DispatchResult {
        let until = frame_system::Pallet::<T>::block_number().saturating_add(Blocks::get());
        // All of it in one block.
        Vesting::add_vesting_schedule(who, amount, amount, until)
    }
}

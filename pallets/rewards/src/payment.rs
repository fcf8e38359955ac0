//! How LOOPIN is minted.

use crate::{
    Accounts, Burned, Config, CurrentEpoch, Earned, Event, LOG_TARGET, Pallet, Stopped, Supply, SupplyState,
};
use frame_support::{
    storage::with_storage_layer,
    traits::{
        Get,
        fungible::{Inspect, Mutate},
    },
};
use loopin_primitives::{Balance, BurnReason, OnBurn};
use pallet_pools::CurrencyOf;
use sp_runtime::{DispatchError, DispatchResult, TokenError};

impl<T: Config> OnBurn for Pallet<T> {
    fn burned(reason: BurnReason, amount: Balance) {
        // What was burned earlier no longer existed when the first epoch began.
        if amount > 0 && CurrentEpoch::<T>::exists() {
            Burned::<T>::mutate(reason, |burned| *burned = burned.saturating_add(amount));
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Pays an account what it has earned, unless emission is stopped. Returns how much that is. What cannot be paid,
    /// because the account is gone and the amount is too small to bring it back, remains due.
    pub(crate) fn pay_out(who: &T::AccountId) -> Balance {
        let accrued = Accounts::<T>::get(who).accrued;
        let amount = accrued.total();
        if amount == 0 || Stopped::<T>::get() {
            return 0;
        }
        let minted = with_storage_layer::<(), DispatchError, _>(|| {
            Self::mint(who, amount, |supply| {
                let earned = &mut supply.minted.earned;
                earned.mining = earned.mining.saturating_add(accrued.mining);
                earned.renting = earned.renting.saturating_add(accrued.renting);
                earned.verifying = earned.verifying.saturating_add(accrued.verifying);
            })?;
            Self::change_account(who, |account| {
                account.accrued = Earned::default();
                account.minted = account.minted.saturating_add(amount);
            });
            let held = Self::put_on_hold(who, amount);
            Self::deposit_event(Event::Paid {
                who: who.clone(),
                mining: accrued.mining,
                renting: accrued.renting,
                verifying: accrued.verifying,
                held,
            });
            Ok(())
        });
        minted.map_or(0, |()| amount)
    }

    /// Pays the treasury what it is due, unless emission is stopped.
    pub(crate) fn pay_treasury() {
        let amount = Supply::<T>::get().treasury_due;
        if amount == 0 || Stopped::<T>::get() {
            return;
        }
        let who = T::Treasury::get();
        let paid = with_storage_layer::<(), DispatchError, _>(|| {
            Self::mint(&who, amount, |supply| {
                supply.treasury_due = 0;
                supply.minted.treasury = supply.minted.treasury.saturating_add(amount);
            })
        });
        match paid {
            Ok(()) => Self::deposit_event(Event::TreasuryPaid { amount }),
            Err(error) => log::warn!(target: LOG_TARGET, "the treasury cannot be paid: {error:?}"),
        }
    }

    /// Mints, and notes for what. Never more than closed epochs have emitted, and never above the cap.
    pub(crate) fn mint(
        who: &T::AccountId,
        amount: Balance,
        take_down: impl FnOnce(&mut SupplyState),
    ) -> DispatchResult {
        let mut supply = Supply::<T>::get();
        let minted = supply.minted.total().checked_add(amount);
        let issuance = CurrencyOf::<T>::total_issuance().checked_add(amount);
        if minted.is_none_or(|minted| minted > supply.emitted)
            || issuance.is_none_or(|issuance| issuance > T::SupplyCap::get())
        {
            log::error!(target: LOG_TARGET, "minting {amount} would go beyond the supply");
            return Err(TokenError::CannotCreate.into());
        }
        CurrencyOf::<T>::mint_into(who, amount)?;
        take_down(&mut supply);
        Supply::<T>::put(supply);
        Ok(())
    }
}

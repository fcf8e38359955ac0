//! The invariants of the pallet's state, as listed in the crate's documentation.

use crate::{
    Certificates, Collections, Config, HoldReason, Intent, NextCertificateId, NextPositionId, Pallet,
    PositionOf, PositionState, Positions, StakeOf,
};
use alloc::collections::BTreeMap;
use frame_support::{
    ensure,
    traits::{fungible::InspectHold, fungibles::Inspect},
};
use loopin_math::time::MINUTE;
use loopin_primitives::{Balance, PoolId};
use pallet_devices::Pallet as Devices;
use pallet_nfts::Pallet as Nfts;
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::TryRuntimeError;

/// What an account should have on hold.
#[derive(Default)]
struct Expected {
    certificate_deposits: Balance,
    position_deposits: Balance,
    maintenance_fees: Balance,
    collateral: Balance,
}

impl<T: Config> Pallet<T> {
    /// Checks every invariant that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_holds()?;
        Self::check_hour_tokens()?;
        Self::check_stake_tokens()?;
        Self::check_devices()?;
        Self::check_positions()?;
        Self::check_numbers()
    }

    /// Invariant 1.
    fn check_holds() -> Result<(), TryRuntimeError> {
        let mut expected: BTreeMap<T::AccountId, Expected> = BTreeMap::new();
        for certificate in Certificates::<T>::iter_values() {
            expected
                .entry(certificate.owner)
                .or_default()
                .certificate_deposits += certificate.deposit;
        }
        for position in Positions::<T>::iter_values() {
            let entry = expected.entry(position.owner).or_default();
            entry.position_deposits += position.deposit;
            entry.maintenance_fees += position.maintenance_fee;
            entry.collateral += position.collateral;
        }
        for who in frame_system::Account::<T>::iter_keys() {
            let sums = expected.remove(&who).unwrap_or_default();
            for (reason, sum) in [
                (HoldReason::CertificateDeposit, sums.certificate_deposits),
                (HoldReason::PositionDeposit, sums.position_deposits),
                (HoldReason::MaintenanceFee, sums.maintenance_fees),
                (HoldReason::SaleCollateral, sums.collateral),
            ] {
                ensure!(
                    CurrencyOf::<T>::balance_on_hold(&reason.into(), &who) == sum,
                    "a hold does not match the certificates and positions"
                );
            }
        }
        ensure!(
            expected.is_empty(),
            "the owner of a certificate or position has no account"
        );
        Ok(())
    }

    /// Invariant 2.
    fn check_hour_tokens() -> Result<(), TryRuntimeError> {
        let mut uncommitted: BTreeMap<(PoolId, T::AccountId), u128> = BTreeMap::new();
        for position in Positions::<T>::iter_values() {
            *uncommitted.entry((position.pool, position.owner)).or_default() +=
                position.uncommitted_gpu_seconds;
        }
        for ((pool, owner), gpu_seconds) in uncommitted {
            ensure!(
                T::Assets::total_balance(pool, &owner) >= gpu_seconds,
                "an owner lacks hour tokens"
            );
        }
        Ok(())
    }

    /// Invariant 3.
    fn check_stake_tokens() -> Result<(), TryRuntimeError> {
        for (id, position) in Positions::<T>::iter() {
            let collection =
                Collections::<T>::get(position.pool).ok_or("a pool with positions has no collection")?;
            ensure!(
                Nfts::<T>::owner(collection, id) == Some(position.owner),
                "a stake token is not the owner's"
            );
        }
        Ok(())
    }

    /// Invariant 4.
    fn check_devices() -> Result<(), TryRuntimeError> {
        for (device, id) in StakeOf::<T>::iter() {
            let position = Positions::<T>::get(id).ok_or("a device is staked in no position")?;
            ensure!(
                position.device == device,
                "a device is staked in another's position"
            );
        }
        for (id, position) in Positions::<T>::iter() {
            ensure!(
                StakeOf::<T>::get(position.device) == Some(id),
                "the device of a position is not staked"
            );
            let info =
                Devices::<T>::device(position.device).ok_or("the device of a position is not registered")?;
            ensure!(
                info.pool == position.pool && info.owner == position.owner,
                "the device of a position has another pool or owner"
            );
        }
        Ok(())
    }

    /// Invariants 5 and 7.
    fn check_positions() -> Result<(), TryRuntimeError> {
        for position in Positions::<T>::iter_values() {
            ensure!(
                position.start < position.end && position.end.is_multiple_of(MINUTE),
                "a position ends at no proper time"
            );
            Self::check_state(&position)?;
        }
        Ok(())
    }

    fn check_state(position: &PositionOf<T>) -> Result<(), TryRuntimeError> {
        if position.intent == Intent::Provide {
            ensure!(
                position.maintenance_fee == 0 && position.collateral == 0,
                "a provider has a fee or collateral on hold"
            );
        }
        let (intent, committed_until) = match &position.state {
            PositionState::Staked => {
                ensure!(
                    position.collateral == 0,
                    "there is collateral although nothing was sold"
                );
                (position.intent, position.start)
            }
            PositionState::Providing(liquidity) => {
                ensure!(
                    Pools::<T>::can_have(position.pool, &liquidity.contribution()),
                    "more may return of a position than is left of what was paid for it"
                );
                (Intent::Provide, position.end)
            }
            PositionState::Selling(sale) => {
                ensure!(
                    position.start < sale.sold_until
                        && sale.sold_until <= position.end
                        && sale.sold_until.is_multiple_of(MINUTE),
                    "a sale ends at no proper time"
                );
                (Intent::Sell, sale.sold_until)
            }
        };
        ensure!(
            position.intent == intent,
            "the time of a position went where it was not meant to"
        );
        ensure!(
            position.uncommitted_gpu_seconds == u128::from(position.end - committed_until),
            "the uncommitted time of a position is wrong"
        );
        Ok(())
    }

    /// Invariant 6.
    fn check_numbers() -> Result<(), TryRuntimeError> {
        let next = NextCertificateId::<T>::get();
        ensure!(
            Certificates::<T>::iter_keys().all(|id| id < next),
            "a certificate has a number that was not given"
        );
        let next = NextPositionId::<T>::get();
        ensure!(
            Positions::<T>::iter_keys().all(|id| id < next),
            "a position has a number that was not given"
        );
        Ok(())
    }
}

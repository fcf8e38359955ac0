//! Staking a device.

use crate::{
    Config, Error, Event, HoldReason, Intent, NextPositionId, Pallet, Position, PositionOf, PositionState,
    Positions, StakeOf,
};
use frame_support::{
    ensure,
    traits::{Get, fungible::MutateHold, tokens::Precision},
};
use loopin_math::time::scheduled_end;
use loopin_primitives::{Balance, CertificateId, DeviceId, PoolId, PoolTerms, PositionId, Standing};
use pallet_devices::Pallet as Devices;
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Makes a position of a device and a certificate of `who`.
    pub(crate) fn do_stake(
        who: &T::AccountId,
        device: DeviceId,
        certificate: CertificateId,
        duration_seconds: u64,
        intent: Intent,
    ) -> DispatchResult {
        let info = Devices::<T>::device(device).ok_or(pallet_devices::Error::<T>::UnknownDevice)?;
        ensure!(info.owner == *who, pallet_devices::Error::<T>::NotDeviceOwner);
        ensure!(!StakeOf::<T>::contains_key(device), Error::<T>::AlreadyStaked);
        ensure!(info.standing == Standing::Verified, Error::<T>::NotVerified);
        let pool = info.pool;
        let terms = Pools::<T>::terms(pool)?;
        ensure!(
            Self::is_allowed(&terms, duration_seconds, intent),
            Error::<T>::WrongDuration
        );
        let certificate_deposit = Self::use_certificate(who, certificate, pool, duration_seconds)?;

        let start = Pools::<T>::now();
        let end = scheduled_end(start, duration_seconds).map_err(|_| ArithmeticError::Overflow)?;
        // The end is after the start.
        let gpu_seconds = u128::from(end.saturating_sub(start));
        let maintenance_fee = match intent {
            Intent::Provide => 0,
            Intent::Sell => T::MaintenanceFee::get().mul_ceil(Self::value_of(pool, gpu_seconds)?),
        };
        let deposit = T::PositionDeposit::get();
        Self::hold(HoldReason::PositionDeposit, who, deposit)?;
        Self::hold(HoldReason::MaintenanceFee, who, maintenance_fee)?;

        let position = NextPositionId::<T>::get();
        let next = position.checked_add(1).ok_or(Error::<T>::NoNumberLeft)?;
        NextPositionId::<T>::put(next);
        Self::mint_stake_token(pool, position, who)?;
        Pools::<T>::issue_hours(pool, who, gpu_seconds)?;
        Devices::<T>::set_staked(device, true)?;
        StakeOf::<T>::insert(device, position);
        Positions::<T>::insert(
            position,
            Position {
                owner: who.clone(),
                device,
                pool,
                intent,
                start,
                end,
                deposit,
                maintenance_fee,
                collateral: 0,
                uncommitted_gpu_seconds: gpu_seconds,
                state: PositionState::Staked,
            },
        );
        Self::deposit_event(Event::Staked {
            position,
            owner: who.clone(),
            device,
            pool,
            intent,
            end,
            gpu_seconds,
            certificate,
            certificate_deposit,
            deposit,
            maintenance_fee,
        });
        Ok(())
    }

    /// Puts part of the free balance of `who` on hold.
    pub(crate) fn hold(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        CurrencyOf::<T>::hold(&reason.into(), who, amount)
    }

    /// Returns what is on hold to the free balance of `who`.
    pub(crate) fn release(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        CurrencyOf::<T>::release(&reason.into(), who, amount, Precision::Exact)?;
        Ok(())
    }

    /// The value of GPU time at the pool's price now, in planck, rounded up.
    pub(crate) fn value_of(pool: PoolId, gpu_seconds: u128) -> Result<Balance, DispatchError> {
        let value = Pools::<T>::synced(pool)?.value(gpu_seconds);
        Ok(value.map_err(|_| ArithmeticError::Overflow)?)
    }

    /// The position, if there is one with that number.
    pub(crate) fn position(position: PositionId) -> Result<PositionOf<T>, DispatchError> {
        Ok(Positions::<T>::get(position).ok_or(Error::<T>::UnknownPosition)?)
    }

    /// The position, if it belongs to `who`.
    pub(crate) fn position_of(
        who: &T::AccountId,
        position: PositionId,
    ) -> Result<PositionOf<T>, DispatchError> {
        let position = Self::position(position)?;
        ensure!(position.owner == *who, Error::<T>::NotPositionOwner);
        Ok(position)
    }

    /// How the device stands with verification. One that is not registered has never been verified.
    pub(crate) fn standing(device: DeviceId) -> Standing {
        Devices::<T>::device(device).map_or(Standing::Unverified, |info| info.standing)
    }

    fn is_allowed(terms: &PoolTerms, seconds: u64, intent: Intent) -> bool {
        match intent {
            Intent::Provide => seconds == terms.provide_seconds,
            Intent::Sell => {
                seconds > 0
                    && seconds <= terms.sell_max_seconds
                    && seconds.is_multiple_of(terms.sell_unit_seconds)
            }
        }
    }

    /// Uses up a certificate, and returns the deposit that was released.
    fn use_certificate(
        who: &T::AccountId,
        id: CertificateId,
        pool: PoolId,
        seconds: u64,
    ) -> Result<Balance, DispatchError> {
        let certificate = Self::take_certificate(id)?;
        ensure!(certificate.owner == *who, Error::<T>::NotCertificateOwner);
        ensure!(!Self::has_expired(&certificate), Error::<T>::CertificateExpired);
        ensure!(certificate.pool == pool, Error::<T>::WrongCertificatePool);
        ensure!(
            certificate.gpu_seconds >= u128::from(seconds),
            Error::<T>::CertificateTooSmall
        );
        Ok(certificate.deposit)
    }
}

//! Burn certificates.

use crate::{
    Certificate, CertificateOf, Certificates, Config, Error, Event, HoldReason, NextCertificateId, Pallet,
};
use frame_support::{
    ensure,
    traits::{
        Get,
        fungible::Mutate,
        tokens::{Fortitude, Precision, Preservation},
    },
};
use loopin_primitives::{Balance, BurnReason, CertificateId, OnBurn, PoolId};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Burns LOOPIN of `who` for a certificate.
    pub(crate) fn do_burn_for_certificate(
        who: &T::AccountId,
        pool: PoolId,
        gpu_seconds: u128,
        max_burn: Balance,
    ) -> DispatchResult {
        let burned = Self::quote_certificate(pool, gpu_seconds)?;
        ensure!(burned <= max_burn, Error::<T>::BurnAboveMaximum);
        CurrencyOf::<T>::burn_from(
            who,
            burned,
            Preservation::Preserve,
            Precision::Exact,
            Fortitude::Polite,
        )?;
        T::OnBurn::burned(BurnReason::Certificate, burned);
        let deposit = T::CertificateDeposit::get();
        Self::hold(HoldReason::CertificateDeposit, who, deposit)?;

        let certificate = NextCertificateId::<T>::get();
        let next = certificate.checked_add(1).ok_or(Error::<T>::NoNumberLeft)?;
        NextCertificateId::<T>::put(next);
        let expires_at = Pools::<T>::now().saturating_add(T::CertificateValidity::get());
        Certificates::<T>::insert(
            certificate,
            Certificate {
                owner: who.clone(),
                pool,
                gpu_seconds,
                expires_at,
                deposit,
            },
        );
        Self::deposit_event(Event::CertificateIssued {
            certificate,
            owner: who.clone(),
            pool,
            gpu_seconds,
            burned,
            deposit,
            expires_at,
        });
        Ok(())
    }

    /// Removes a certificate that `who` owns, or that has expired.
    pub(crate) fn do_remove_certificate(who: &T::AccountId, id: CertificateId) -> DispatchResult {
        let certificate = Self::take_certificate(id)?;
        ensure!(
            certificate.owner == *who || Self::has_expired(&certificate),
            Error::<T>::NotCertificateOwner
        );
        Self::deposit_event(Event::CertificateRemoved {
            certificate: id,
            owner: certificate.owner,
            deposit: certificate.deposit,
        });
        Ok(())
    }

    /// Takes the certificate away, and releases its deposit.
    pub(crate) fn take_certificate(id: CertificateId) -> Result<CertificateOf<T>, DispatchError> {
        let certificate = Certificates::<T>::take(id).ok_or(Error::<T>::UnknownCertificate)?;
        Self::release(
            HoldReason::CertificateDeposit,
            &certificate.owner,
            certificate.deposit,
        )?;
        Ok(certificate)
    }

    /// Whether the certificate can no longer be used.
    pub(crate) fn has_expired(certificate: &CertificateOf<T>) -> bool {
        certificate.expires_at <= Pools::<T>::now()
    }
}

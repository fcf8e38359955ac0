//! How devices enter the registry, change and leave it.

use crate::{
    Config, Device, DeviceOf, Devices, Endpoint, Error, Event, FormerAgentKeys, FormerKey, GpuIds,
    HoldReason, NextDeviceId, Pallet,
};
use core::cmp::Ordering;
use frame_support::{
    ensure,
    traits::{Get, fungible::MutateHold, tokens::Precision},
};
use loopin_primitives::{Balance, DeviceHooks, DeviceId, EndpointUrl, PoolId, Standing};
use pallet_pools::{CurrencyOf, Pallet as Pools};
use sp_core::{H256, sr25519};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Registers a device of `owner`, with its deposit on hold, and returns its number.
    pub(crate) fn do_register_device(
        owner: &T::AccountId,
        pool: PoolId,
        agent_key: sr25519::Public,
        endpoint: Endpoint,
        gpu_id: H256,
    ) -> Result<DeviceId, DispatchError> {
        Self::ensure_contact(&agent_key, &endpoint)?;
        ensure!(
            !GpuIds::<T>::contains_key(owner, gpu_id),
            Error::<T>::GpuAlreadyRegistered
        );
        // A pool that does not exist has no terms.
        Pools::<T>::terms(pool)?;

        let device = NextDeviceId::<T>::get();
        NextDeviceId::<T>::put(device.checked_add(1).ok_or(Error::<T>::NoNumberLeft)?);
        let deposit = Self::deposit_for(&endpoint)?;
        CurrencyOf::<T>::hold(&HoldReason::DeviceRegistration.into(), owner, deposit)?;
        GpuIds::<T>::insert(owner, gpu_id, device);
        Devices::<T>::insert(
            device,
            Device {
                owner: owner.clone(),
                pool,
                agent_key,
                endpoint: endpoint.clone(),
                gpu_id,
                standing: Standing::Unverified,
                staked: false,
                check_requested: false,
                deposit,
                registered_at: Pools::<T>::now(),
                verified_since: None,
            },
        );
        Self::deposit_event(Event::DeviceRegistered {
            device,
            owner: owner.clone(),
            pool,
            gpu_id,
            agent_key,
            endpoint,
            deposit,
        });
        Ok(device)
    }

    /// Gives a device of `owner` another agent, and adjusts the deposit.
    pub(crate) fn do_update_device(
        owner: &T::AccountId,
        device: DeviceId,
        agent_key: sr25519::Public,
        endpoint: Endpoint,
    ) -> DispatchResult {
        let mut entry = Self::owned(owner, device)?;
        Self::ensure_contact(&agent_key, &endpoint)?;
        if agent_key != entry.agent_key {
            Self::remember_key(device, &entry.agent_key)?;
        }
        let deposit = Self::deposit_for(&endpoint)?;
        let reason = HoldReason::DeviceRegistration.into();
        match deposit.cmp(&entry.deposit) {
            Ordering::Greater => {
                CurrencyOf::<T>::hold(&reason, owner, deposit.saturating_sub(entry.deposit))?;
            }
            Ordering::Less => {
                let surplus = entry.deposit.saturating_sub(deposit);
                CurrencyOf::<T>::release(&reason, owner, surplus, Precision::Exact)?;
            }
            Ordering::Equal => (),
        }
        entry.agent_key = agent_key;
        entry.endpoint = endpoint.clone();
        entry.deposit = deposit;
        Devices::<T>::insert(device, entry);
        Self::deposit_event(Event::DeviceUpdated {
            device,
            agent_key,
            endpoint,
            deposit,
        });
        Ok(())
    }

    /// Takes a device of `owner` that is not staked out of the registry, and releases its deposit.
    pub(crate) fn do_remove_device(owner: &T::AccountId, device: DeviceId) -> DispatchResult {
        let entry = Self::owned(owner, device)?;
        ensure!(!entry.staked, Error::<T>::DeviceStaked);
        CurrencyOf::<T>::release(
            &HoldReason::DeviceRegistration.into(),
            owner,
            entry.deposit,
            Precision::Exact,
        )?;
        GpuIds::<T>::remove(owner, entry.gpu_id);
        FormerAgentKeys::<T>::remove(device);
        Devices::<T>::remove(device);
        T::DeviceHooks::removed(device);
        Self::deposit_event(Event::DeviceRemoved {
            device,
            owner: entry.owner,
            gpu_id: entry.gpu_id,
            standing: entry.standing,
            deposit: entry.deposit,
        });
        Ok(())
    }

    /// Keeps the key that is replaced, so that nobody escapes what was signed with it.
    fn remember_key(device: DeviceId, key: &sr25519::Public) -> DispatchResult {
        let now = Pools::<T>::now();
        if let Some(former) = FormerAgentKeys::<T>::get(device) {
            let free_at = former.until.saturating_add(T::AgentKeyInterval::get());
            ensure!(free_at <= now, Error::<T>::AgentKeyChangedRecently);
        }
        FormerAgentKeys::<T>::insert(
            device,
            FormerKey {
                key: key.0,
                until: now,
            },
        );
        Ok(())
    }

    /// The device with that number, which `owner` must own.
    fn owned(owner: &T::AccountId, device: DeviceId) -> Result<DeviceOf<T>, DispatchError> {
        let entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
        ensure!(entry.owner == *owner, Error::<T>::NotDeviceOwner);
        Ok(entry)
    }

    /// Refuses an agent that verifiers could not call, or whose signature would prove nothing.
    fn ensure_contact(agent_key: &sr25519::Public, endpoint: &Endpoint) -> DispatchResult {
        // The neutral element of the curve: anybody can sign for it.
        ensure!(
            agent_key.0.iter().any(|byte| *byte != 0),
            Error::<T>::AgentKeyZero
        );
        EndpointUrl::parse(endpoint).map_err(Error::<T>::InvalidEndpoint)?;
        Ok(())
    }

    /// What is put on hold for a device with that endpoint, in planck.
    pub(crate) fn deposit_for(endpoint: &Endpoint) -> Result<Balance, DispatchError> {
        // A bounded vector has no more bytes than a u32 counts.
        let bytes = Balance::from(endpoint.len() as u32);
        T::DepositPerByte::get()
            .checked_mul(bytes)
            .and_then(|deposit| deposit.checked_add(T::DepositBase::get()))
            .ok_or(Error::<T>::DepositTooLarge.into())
    }
}

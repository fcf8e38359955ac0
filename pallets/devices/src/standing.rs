//! How devices stand with verification, and what verdicts make of that.

use crate::{Config, Devices, Error, Event, FormerAgentKeys, HoldReason, Pallet, Verdict, WeightInfo};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{
        Get,
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
    },
};
use loopin_primitives::{
    Balance, ChallengeTarget, Conviction, DeviceEvents, DeviceId, DeviceInfo, DeviceRegistry, Finding,
    Market, Standing,
};
use sp_runtime::{DispatchError, DispatchResult, Perbill, Weight};

impl<T: Config> Pallet<T> {
    /// Records what a verification found out about `device`, and tells [`Config::Events`] what follows from it.
    /// Where that fails, nothing has happened. What bringing the device's pool up to date has cost is for the caller
    /// to take from the [`Market`] and to charge.
    pub fn apply_verdict(device: DeviceId, verdict: Verdict) -> DispatchResult {
        with_storage_layer(|| {
            let before = Self::record(device, verdict)?;
            // The registry is up to date by now: whoever is told may ask it.
            match (before, verdict) {
                (_, Verdict::Passed) => T::Events::passed(device),
                (Standing::Verified, Verdict::Failed) => T::Events::suspended(device),
                (Standing::Suspended, Verdict::Failed) => T::Events::ejected(device),
                (Standing::Unverified | Standing::Ejected, Verdict::Failed) | (_, Verdict::Inconclusive) => {
                    Ok(())
                }
            }
        })
    }

    /// Takes the verdict down, and returns how the device stood before.
    fn record(device: DeviceId, verdict: Verdict) -> Result<Standing, DispatchError> {
        let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
        let before = entry.standing;
        entry.standing = standing_after(before, verdict);
        match entry.standing {
            Standing::Verified => {
                entry.verified_since.get_or_insert_with(T::Market::now);
            }
            Standing::Ejected => entry.verified_since = None,
            Standing::Unverified | Standing::Suspended => (),
        }
        entry.check_requested &= verdict == Verdict::Inconclusive;
        let standing = entry.standing;
        Devices::<T>::insert(device, entry);
        Self::deposit_event(Event::VerdictRecorded {
            device,
            verdict,
            before,
            standing,
        });
        Ok(before)
    }

    /// `reporter` has proven that the device lied: it is ejected, and its deposit is forfeited. Where that fails,
    /// nothing has happened.
    pub(crate) fn do_convict(
        device: DeviceId,
        reporter: &T::AccountId,
        reward: Perbill,
    ) -> Result<Conviction, DispatchError> {
        with_storage_layer(|| {
            let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
            let before = entry.standing;
            let conviction = Self::forfeit_deposit(&entry.owner, entry.deposit, reporter, reward)?;
            entry.deposit = 0;
            entry.standing = Standing::Ejected;
            entry.verified_since = None;
            entry.check_requested = false;
            Devices::<T>::insert(device, entry);
            Self::deposit_event(Event::DeviceConvicted {
                device,
                before,
                reporter: reporter.clone(),
                conviction,
            });
            if matches!(before, Standing::Verified | Standing::Suspended) {
                T::Events::ejected(device)?;
            }
            Ok(conviction)
        })
    }

    /// Gives `reporter` its part of a deposit, rounded down, and burns the rest. An account that is gone, and cannot
    /// come back for so little, gets nothing.
    fn forfeit_deposit(
        owner: &T::AccountId,
        deposit: Balance,
        reporter: &T::AccountId,
        reward: Perbill,
    ) -> Result<Conviction, DispatchError> {
        let reason = HoldReason::DeviceRegistration.into();
        let due = reward.mul_floor(deposit);
        let paid = with_storage_layer(|| {
            T::Currency::transfer_on_hold(
                &reason,
                owner,
                reporter,
                due,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Force,
            )
        });
        let reward = if paid.is_ok() { due } else { 0 };
        // The reward is a part of the deposit.
        let burned = deposit.saturating_sub(reward);
        if burned > 0 {
            T::Currency::burn_held(&reason, owner, burned, Precision::Exact, Fortitude::Force)?;
        }
        Ok(Conviction { reward, burned })
    }
}

/// How a device stands after a verdict.
fn standing_after(before: Standing, verdict: Verdict) -> Standing {
    match (before, verdict) {
        (_, Verdict::Inconclusive) => before,
        (_, Verdict::Passed) => Standing::Verified,
        (Standing::Unverified, Verdict::Failed) => Standing::Unverified,
        (Standing::Verified, Verdict::Failed) => Standing::Suspended,
        (Standing::Suspended | Standing::Ejected, Verdict::Failed) => Standing::Ejected,
    }
}

impl<T: Config> loopin_primitives::Devices<T::AccountId> for Pallet<T> {
    fn device(device: DeviceId) -> Option<DeviceInfo<T::AccountId>> {
        Devices::<T>::get(device).map(|entry| DeviceInfo {
            owner: entry.owner,
            pool: entry.pool,
            standing: entry.standing,
        })
    }

    fn set_staked(device: DeviceId, staked: bool) -> DispatchResult {
        let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
        if staked {
            ensure!(!entry.staked, Error::<T>::DeviceStaked);
        } else {
            ensure!(entry.staked, Error::<T>::DeviceNotStaked);
        }
        entry.staked = staked;
        Devices::<T>::insert(device, entry);
        Self::deposit_event(if staked {
            Event::DeviceStaked { device }
        } else {
            Event::DeviceUnstaked { device }
        });
        Ok(())
    }

    fn request_check(device: DeviceId) -> DispatchResult {
        let mut entry = Devices::<T>::get(device).ok_or(Error::<T>::UnknownDevice)?;
        if !entry.check_requested {
            entry.check_requested = true;
            Devices::<T>::insert(device, entry);
            Self::deposit_event(Event::CheckRequested { device });
        }
        Ok(())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn create_verified(
        owner: &T::AccountId,
        pool: loopin_primitives::PoolId,
    ) -> Result<DeviceId, DispatchError> {
        let device = crate::benchmarking::register::<T>(owner, pool)?;
        // Nobody needs to be told of a device that is not staked.
        Self::record(device, Verdict::Passed)?;
        Ok(device)
    }
}

impl<T: Config> DeviceRegistry<T::AccountId> for Pallet<T> {
    fn next_device() -> DeviceId {
        crate::NextDeviceId::<T>::get()
    }

    fn target(device: DeviceId) -> Option<ChallengeTarget> {
        let entry = Devices::<T>::get(device)?;
        if entry.deposit == 0 && Self::deposit_for(&entry.endpoint) != Ok(0) {
            return None;
        }
        Some(ChallengeTarget {
            pool: entry.pool,
            standing: entry.standing,
            agent_key: entry.agent_key.0,
            former_key: FormerAgentKeys::<T>::get(device),
            endpoint: entry.endpoint.into_inner(),
            check_requested: entry.check_requested,
        })
    }

    fn apply_finding(device: DeviceId, finding: Finding) -> DispatchResult {
        let verdict = match finding {
            Finding::Passed { .. } => Verdict::Passed,
            Finding::Failed => Verdict::Failed,
            Finding::Inconclusive => Verdict::Inconclusive,
        };
        Self::apply_verdict(device, verdict)
    }

    fn finding_weight() -> Weight {
        T::WeightInfo::record_verdict().saturating_add(T::EventsWeight::get())
    }

    fn convict(
        device: DeviceId,
        reporter: &T::AccountId,
        reward: Perbill,
    ) -> Result<Conviction, DispatchError> {
        Self::do_convict(device, reporter, reward)
    }

    fn conviction_weight() -> Weight {
        T::WeightInfo::convict().saturating_add(T::EventsWeight::get())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn set_agent_keys(
        device: DeviceId,
        agent_key: [u8; 32],
        former: loopin_primitives::FormerKey,
    ) -> DispatchResult {
        FormerAgentKeys::<T>::insert(device, former);
        Devices::<T>::try_mutate(device, |entry| {
            let entry = entry.as_mut().ok_or(Error::<T>::UnknownDevice)?;
            entry.agent_key = sp_core::sr25519::Public::from_raw(agent_key);
            Ok(())
        })
    }
}

impl<T: Config> loopin_primitives::DeviceAges for Pallet<T> {
    fn verified_since(device: DeviceId) -> Option<loopin_primitives::Moment> {
        Devices::<T>::get(device)?.verified_since
    }
}

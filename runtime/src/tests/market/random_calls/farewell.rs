//! The end: everybody takes back what is theirs, and leaves.

use super::{LONGEST_STAKE, Run, accounts};
use crate::{
    AccountId, Assets, Runtime, RuntimeCall, RuntimeHoldReason, RuntimeOrigin,
    configs::parameters::dynamic_params::verification::UnbondingSeconds,
    tests::market::{PASSED, now, record},
};
use frame_support::traits::{Get, fungibles::Inspect as _};
use pallet_rewards::HISTORY_EPOCHS;

impl Run {
    /// Every stake and rental ends, devices and verifiers leave, and what was on hold for them is free again. A pool
    /// is what its creator has locked, and what others have left behind.
    pub fn farewell(&mut self) {
        self.next_block(LONGEST_STAKE.max(UnbondingSeconds::get()) + 60);
        let devices: Vec<_> = pallet_devices::Devices::<Runtime>::iter().collect();
        // Nobody else than verifiers could help a device that is suspended.
        for (device, _) in &devices {
            record(*device, PASSED);
        }
        for rental in pallet_rentals::Rentals::<Runtime>::iter_keys().collect::<Vec<_>>() {
            self.must(&accounts()[0], pallet_rentals::Call::complete { rental });
        }
        for position in pallet_stakes::Positions::<Runtime>::iter_keys().collect::<Vec<_>>() {
            self.must(&accounts()[0], pallet_stakes::Call::close { position });
        }
        for certificate in pallet_stakes::Certificates::<Runtime>::iter_keys().collect::<Vec<_>>() {
            let call = pallet_stakes::Call::remove_certificate { certificate };
            self.must(&accounts()[0], call);
        }
        for (device, entry) in devices {
            self.must(&entry.owner, pallet_devices::Call::remove_device { device });
        }
        for verifier in pallet_verification::Verifiers::<Runtime>::iter_keys().collect::<Vec<_>>() {
            // Some have begun to leave.
            let unbond = pallet_verification::Call::unbond {};
            self.make(RuntimeOrigin::signed(verifier), unbond);
        }
        self.next_block(UnbondingSeconds::get() + 60);
        for verifier in pallet_verification::Verifiers::<Runtime>::iter_keys().collect::<Vec<_>>() {
            self.must(&verifier, pallet_verification::Call::withdraw_bond {});
        }
        for (pool, _) in pallet_pools::PoolInfos::<Runtime>::iter() {
            self.must(&accounts()[0], pallet_pools::Call::sync { pool });
            assert_eq!(Assets::total_issuance(pool), 0, "hours of pool {pool}");
        }
        for (who, holds) in pallet_balances::Holds::<Runtime>::iter() {
            for hold in holds {
                // Of whom a pool is, its deposit stays.
                let is_pools = matches!(
                    hold.id,
                    RuntimeHoldReason::Pools(_)
                        | RuntimeHoldReason::Session(_)
                        | RuntimeHoldReason::Rewards(_)
                );
                assert!(is_pools, "{who:?} has {hold:?}");
            }
        }
        self.collect_rewards();
        self.end_block();
        self.books.audit();
    }

    /// When so much time has passed that nothing more can be settled, everybody asks once more. Then nobody is owed
    /// anything, and rewards know no device any more.
    fn collect_rewards(&mut self) {
        if pallet_rewards::Stopped::<Runtime>::get() {
            let resume = pallet_rewards::Call::set_stopped { stopped: false };
            assert!(self.make(RuntimeOrigin::root(), resume));
        }
        for _ in 0..=HISTORY_EPOCHS {
            let epoch = pallet_rewards::CurrentEpoch::<Runtime>::get().expect("an epoch runs");
            let left = epoch.end.saturating_sub(now());
            self.next_block(left.max(6));
            // The hook sees the time of the block before.
            self.next_block(6);
            let next = pallet_rewards::CurrentEpoch::<Runtime>::get().expect("an epoch runs");
            assert!(next.index > epoch.index, "epoch {} does not end", epoch.index);
        }
        for device in pallet_rewards::Miners::<Runtime>::iter_keys().collect::<Vec<_>>() {
            self.must(&accounts()[0], pallet_rewards::Call::settle { device });
        }
        assert_eq!(pallet_rewards::Miners::<Runtime>::iter_keys().next(), None);
        for who in pallet_rewards::Accounts::<Runtime>::iter_keys().collect::<Vec<_>>() {
            let call = pallet_rewards::Call::claim { who: who.clone() };
            self.must(&accounts()[0], call);
            let owed = pallet_rewards::Accounts::<Runtime>::get(&who).accrued;
            assert_eq!(owed.total(), 0, "{who:?} is owed {owed:?}");
        }
        assert_eq!(pallet_rewards::Shares::<Runtime>::iter_keys().next(), None);
    }

    /// Makes a call that must succeed.
    fn must(&mut self, who: &AccountId, call: impl Into<RuntimeCall>) {
        let call = call.into();
        let description = format!("{call:?}");
        assert!(
            self.make(RuntimeOrigin::signed(who.clone()), call),
            "{description} is refused"
        );
    }
}

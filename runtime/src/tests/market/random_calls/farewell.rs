//! The end: everybody takes back what is theirs, and leaves.

use super::{LONGEST_STAKE, Run, accounts};
use crate::{
    AccountId, Assets, Runtime, RuntimeCall, RuntimeHoldReason, RuntimeOrigin,
    configs::parameters::dynamic_params::verification::UnbondingSeconds, tests::market::record,
};
use frame_support::traits::{Get, fungibles::Inspect as _};
use pallet_devices::Verdict;

impl Run {
    /// Every stake and rental ends, devices and verifiers leave, and what was on hold for them is free again. A pool
    /// is what its creator has locked, and what others have left behind.
    pub fn farewell(&mut self) {
        self.next_block(LONGEST_STAKE.max(UnbondingSeconds::get()) + 60);
        let devices: Vec<_> = pallet_devices::Devices::<Runtime>::iter().collect();
        // Nobody else than verifiers could help a device that is suspended.
        for (device, _) in &devices {
            record(*device, Verdict::Passed);
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
                    RuntimeHoldReason::Pools(_) | RuntimeHoldReason::Session(_)
                );
                assert!(is_pools, "{who:?} has {hold:?}");
            }
        }
        self.end_block();
        self.books.audit();
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

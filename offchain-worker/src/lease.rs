//! Which of a node's workers works for a verifier.
//!
//! The node runs one worker for every new block, each on a thread of its own, and a round takes longer than a block.
//! So the first one takes a lease, renews it while it works, and every other one returns. If the node stops or the
//! worker breaks off, the lease runs out by itself some seconds later.
//!
//! `sp_runtime`'s `StorageLock` does not know who holds it: a worker that overslept its lock, in a machine that was
//! suspended, would extend the lock of the next one and later remove it, and both would work. A lease has its
//! holder's mark, and a worker that has lost it is told so.

use crate::clock::{self, Millis};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use sp_io::offchain;
use sp_runtime::offchain::storage::StorageValueRef;

/// How long a lease lasts without being renewed, in milliseconds.
const LEASE_MS: Millis = 15_000;
/// How long after the last time a lease is renewed, in milliseconds.
const RENEW_AFTER_MS: Millis = 3_000;

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Holder {
    mark: [u8; 32],
    until: Millis,
}

/// The right to work for a verifier, until it is dropped or not renewed.
#[derive(Debug)]
pub struct Lease {
    key: Vec<u8>,
    mark: [u8; 32],
    renewed_at: Millis,
}

/// The lease was lost to another worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

impl Lease {
    /// Takes the lease that is stored under `key`, unless another worker has it.
    pub fn take(key: Vec<u8>) -> Option<Self> {
        let (now, mark) = (clock::now(), offchain::random_seed());
        let taken = StorageValueRef::persistent(&key).mutate(|holder| match holder {
            // A lease never reaches further than LEASE_MS: beyond, the clock was set back.
            Ok(Some(Holder { until, .. })) if now < until && until <= now.saturating_add(LEASE_MS) => Err(()),
            _ => Ok(Holder {
                mark,
                until: now.saturating_add(LEASE_MS),
            }),
        });
        taken.ok().map(|_: Holder| Self {
            key,
            mark,
            renewed_at: now,
        })
    }

    /// Renews the lease if it is time to.
    ///
    /// # Errors
    /// Another worker has it now: this one must stop.
    pub fn renew(&mut self, now: Millis) -> Result<(), Lost> {
        // The clock may have been set back.
        if now.abs_diff(self.renewed_at) < RENEW_AFTER_MS {
            return Ok(());
        }
        self.hold_until(now.saturating_add(LEASE_MS))?;
        self.renewed_at = now;
        Ok(())
    }

    /// Changes how long the lease lasts, unless another worker has it.
    fn hold_until(&self, until: Millis) -> Result<(), Lost> {
        let mark = self.mark;
        StorageValueRef::persistent(&self.key)
            .mutate(|holder: Result<Option<Holder>, _>| match holder {
                Ok(Some(holder)) if holder.mark == mark => Ok(Holder { mark, until }),
                _ => Err(()),
            })
            .map(|_| ())
            .map_err(|_| Lost)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // A worker that took it over keeps it.
        let _ = self.hold_until(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Host, with_host};

    fn take() -> Option<Lease> {
        Lease::take(b"lease".to_vec())
    }

    fn at(host: &Host, now: Millis, seed: u8) {
        host.set_time(now);
        host.set_seed([seed; 32]);
    }

    #[test]
    fn one_worker_has_it_until_it_is_dropped() {
        with_host(|host| {
            at(host, 1_000, 1);
            let lease = take().expect("nobody has it");
            at(host, 1_000 + LEASE_MS - 1, 2);
            assert!(take().is_none());
            drop(lease);
            assert!(take().is_some());
        });
    }

    #[test]
    fn it_runs_out_unless_it_is_renewed() {
        with_host(|host| {
            at(host, 1_000, 1);
            let mut lease = take().expect("nobody has it");
            assert_eq!(lease.renew(1_000 + RENEW_AFTER_MS), Ok(()));
            at(host, 1_000 + LEASE_MS + 1, 2);
            assert!(take().is_none(), "it was renewed");
            at(host, 1_000 + RENEW_AFTER_MS + LEASE_MS, 2);
            assert!(take().is_some(), "it ran out");
            core::mem::forget(lease);
        });
    }

    #[test]
    fn a_worker_that_overslept_is_told_so_and_leaves_the_next_one_alone() {
        with_host(|host| {
            at(host, 1_000, 1);
            let mut overslept = take().expect("nobody has it");
            let later = 1_000 + 2 * LEASE_MS;
            at(host, later, 2);
            let mut next = take().expect("it ran out");
            assert_eq!(overslept.renew(later), Err(Lost));
            drop(overslept);
            at(host, later + RENEW_AFTER_MS, 3);
            assert!(take().is_none(), "the next one still has it");
            assert_eq!(next.renew(later + RENEW_AFTER_MS), Ok(()));
        });
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_lock_for_ever() {
        with_host(|host| {
            at(host, 1_000_000, 1);
            core::mem::forget(take().expect("nobody has it"));
            at(host, 1_000, 2);
            assert!(take().is_some());
        });
    }

    #[test]
    fn bytes_that_are_no_lease_do_not_lock() {
        with_host(|host| {
            at(host, 1_000, 1);
            StorageValueRef::persistent(b"lease").set(&7u8);
            assert!(take().is_some());
        });
    }
}

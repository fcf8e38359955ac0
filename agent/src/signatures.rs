//! Signatures are checked on threads of their own, and no sender has many checked in vain: whoever floods the agent with
//! forgeries takes neither the threads that serve requests nor the turn of a verifier.

use crate::{connections::Client, refusal::Refusal, session::Request};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use tokio::sync::{Semaphore, oneshot};

/// Threads that check signatures.
const THREADS: usize = 2;
/// Requests that may wait for their check; each takes about 0.05 ms. Strangers have half of the places.
const MAX_QUEUED: usize = 256;
/// Checks that one sender has in a second, if its signatures are wrong.
pub const CHECKS_A_SECOND: u32 = 20;
/// Checks that one sender has in a second, if its signatures are right: verifiers challenge all devices of a machine at
/// the same moment, and several may share an address.
pub const RIGHT_CHECKS_A_SECOND: u32 = 200;
/// Senders that are remembered.
const MAX_SENDERS: usize = 4_096;

/// Who has sent something, as far as limits go: an IPv4 address, or the /64 of an IPv6 address, which is what one
/// subscriber has at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sender(IpAddr);

impl From<IpAddr> for Sender {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                IpAddr::V6(network.into())
            }
            address => address,
        })
    }
}

/// Checks signatures.
pub struct Signatures {
    pool: ThreadPool,
    queue: Arc<Semaphore>,
    allowances: Mutex<Allowances>,
}

impl Signatures {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system cannot start them.
    pub fn start() -> io::Result<Self> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(THREADS)
            .thread_name(|number| format!("signatures-{number}"))
            .build()
            .map_err(io::Error::other)?;
        Ok(Self {
            pool,
            queue: Arc::new(Semaphore::new(MAX_QUEUED)),
            allowances: Mutex::default(),
        })
    }

    /// Whether a request is signed with that key. The request comes back.
    ///
    /// # Errors
    /// It is not, the sender has used up its checks, or too many wait.
    pub async fn check(&self, client: &Client, request: Request, key: [u8; 32]) -> Result<Request, Refusal> {
        self.allowances().take(client.sender(), Instant::now())?;
        if self.queue.available_permits() <= MAX_QUEUED / 2 && !client.is_known() {
            return Err(Refusal::TooManyRequests);
        }
        let place = Arc::clone(&self.queue)
            .try_acquire_owned()
            .map_err(|_| Refusal::TooManyRequests)?;
        let (reply, answer) = oneshot::channel();
        self.pool.spawn(move || {
            let is_right = request.is_signed_by(&key);
            drop(place);
            // Nobody may be waiting any more.
            let _ = reply.send(is_right.then_some(request));
        });
        let request = answer.await.ok().flatten().ok_or(Refusal::WrongSignature)?;
        self.allowances().give_back(client.sender());
        Ok(request)
    }

    fn allowances(&self) -> std::sync::MutexGuard<'_, Allowances> {
        // No code that can panic runs while it is held.
        self.allowances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What each sender may still have checked now, in parts of a check.
#[derive(Default)]
struct Allowances {
    by_sender: HashMap<Sender, Allowance>,
}

struct Allowance {
    parts: u32,
    since: Instant,
}

/// Parts of a check: what a right one costs.
const PARTS: u32 = RIGHT_CHECKS_A_SECOND / CHECKS_A_SECOND;
/// What a sender has in a second, and at most at once.
const ALL_PARTS: u32 = RIGHT_CHECKS_A_SECOND;

impl Allowances {
    fn take(&mut self, sender: Sender, now: Instant) -> Result<(), Refusal> {
        if self.by_sender.len() >= MAX_SENDERS && !self.by_sender.contains_key(&sender) {
            // The one that has been silent for longest makes room: no number of senders shuts others out.
            let longest = self.by_sender.iter().min_by_key(|(_, allowance)| allowance.since);
            if let Some(sender) = longest.map(|(sender, _)| *sender) {
                self.by_sender.remove(&sender);
            }
        }
        let allowance = self.by_sender.entry(sender).or_insert(Allowance {
            parts: ALL_PARTS,
            since: now,
        });
        let elapsed_ms = now.duration_since(allowance.since).as_millis().min(1_000) as u32;
        let regained = elapsed_ms * ALL_PARTS / 1_000;
        if regained > 0 {
            allowance.parts = (allowance.parts + regained).min(ALL_PARTS);
            allowance.since = now;
        }
        allowance.parts = allowance
            .parts
            .checked_sub(PARTS)
            .ok_or(Refusal::TooManyChecks(CHECKS_A_SECOND))?;
        Ok(())
    }

    /// The check went well: it costs little.
    fn give_back(&mut self, sender: Sender) {
        if let Some(allowance) = self.by_sender.get_mut(&sender) {
            allowance.parts = (allowance.parts + PARTS - 1).min(ALL_PARTS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn sender(address: &str) -> Sender {
        Sender::from(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn a_sender_has_twenty_wrong_checks_a_second_and_no_more() {
        let (mut allowances, start) = (Allowances::default(), Instant::now());
        let mut count = |now| {
            (0..1_000)
                .filter(|_| allowances.take(sender("1.2.3.4"), now).is_ok())
                .count()
        };
        assert_eq!(count(start), 20);
        assert_eq!(count(start), 0);
        assert_eq!(count(start + Duration::from_millis(500)), 10);
        assert_eq!(count(start + Duration::from_secs(100)), 20);
    }

    #[test]
    fn right_checks_cost_a_tenth() {
        let (mut allowances, now) = (Allowances::default(), Instant::now());
        let right = (0..1_000)
            .take_while(|_| {
                let is_allowed = allowances.take(sender("1.2.3.4"), now).is_ok();
                allowances.give_back(sender("1.2.3.4"));
                is_allowed
            })
            .count();
        assert!((181..=200).contains(&right), "{right}");
    }

    #[test]
    fn a_subscriber_is_one_sender_whatever_its_address() {
        assert_eq!(sender("2001:db8::1"), sender("2001:db8::ffff:1:2:3"));
        assert_ne!(sender("2001:db8::1"), sender("2001:db8:0:1::1"));
        assert_eq!(sender("::ffff:1.2.3.4"), sender("1.2.3.4"));
        assert_ne!(sender("1.2.3.4"), sender("1.2.3.5"));
    }

    #[test]
    fn any_number_of_senders_takes_bounded_memory_and_shuts_nobody_out() {
        let (mut allowances, start) = (Allowances::default(), Instant::now());
        for number in 0..10_000_u32 {
            let address = IpAddr::V4((number + 1).into());
            let now = start + Duration::from_micros(number.into());
            assert_eq!(allowances.take(address.into(), now), Ok(()));
        }
        assert_eq!(allowances.by_sender.len(), MAX_SENDERS);
    }
}

//! Who may hold how many connections. Strangers share one half of them, with few for each address, and when there is no
//! room the one that has been silent for longest makes it. The other half is for whoever has shown a verifier's signature,
//! and for the addresses from which such have come.

use crate::signatures::Sender;
use axum::http::HeaderMap;
use prometheus::IntGauge;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// How long an address is known by a signature that came from it.
const KNOWN_TIME: Duration = Duration::from_secs(24 * 3_600);
/// Addresses that are known at most: more than a chain has verifiers.
const MAX_KNOWN: usize = 1_024;

/// How many there may be.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Open connections. Strangers have half of them.
    pub all: usize,
    /// Open connections of strangers from one address.
    pub per_address: usize,
}

/// All open connections.
pub struct Connections {
    limits: ConnectionLimits,
    gauge: IntGauge,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    begun: u64,
    open: BTreeMap<u64, Open>,
    /// From where signatures have come, and when last.
    known: HashMap<Sender, Instant>,
}

struct Open {
    /// Whose request it carries, or carried last.
    sender: Sender,
    /// Whether it counts against its address. One from this machine does not before its first request: it may be a
    /// proxy's, which speaks for others. Nor does a proxy's between requests.
    is_counted: bool,
    /// Whether it is a proxy's.
    is_forwarded: bool,
    /// Whether it has carried a verifier's signature, or comes from where one has come from.
    is_authentic: bool,
    /// Whether a request is being answered.
    is_busy: bool,
    /// When it last began or ended to do something.
    since: Instant,
    evicted: Arc<Notify>,
}

impl Open {
    /// The less this is, the sooner it makes room: silent ones before others, then the oldest. Last come those that a
    /// proxy keeps in store: whoever is next to send something through it would lose that.
    fn rank(&self) -> (u8, Instant) {
        let class = match (self.is_busy, self.is_forwarded) {
            (false, false) => 0,
            (true, _) => 1,
            (false, true) => 2,
        };
        (class, self.since)
    }
}

/// An open connection. It counts until this is dropped.
pub struct Connection {
    handle: Handle,
    evicted: Arc<Notify>,
}

/// A connection as those know it who serve its requests.
#[derive(Clone)]
pub struct Handle {
    all: Arc<Connections>,
    number: u64,
    peer: IpAddr,
}

/// Who sent a request: the other end of the connection, or whom a proxy on this machine forwards for.
#[derive(Clone)]
pub struct Client {
    sender: Sender,
    handle: Handle,
}

impl Connections {
    /// No connections.
    pub fn new(limits: ConnectionLimits, gauge: IntGauge) -> Arc<Self> {
        Arc::new(Self {
            limits,
            gauge,
            state: Mutex::default(),
        })
    }

    /// Counts a new connection, and ends another if that is necessary. `None` if there is no room for it.
    pub fn open(self: &Arc<Self>, peer: IpAddr) -> Option<Connection> {
        let peer = peer.to_canonical();
        let sender = Sender::from(peer);
        let evicted = Arc::new(Notify::new());
        let mut state = self.lock();
        state.begun += 1;
        let number = state.begun;
        let open = Open {
            sender,
            is_counted: !peer.is_loopback(),
            is_forwarded: false,
            is_authentic: state.is_known(sender),
            is_busy: false,
            since: Instant::now(),
            evicted: Arc::clone(&evicted),
        };
        state.open.insert(number, open);
        let has_room = state.make_room(number, &self.limits);
        if !has_room {
            state.open.remove(&number);
        }
        self.gauge.set(state.open.len() as i64);
        has_room.then(|| Connection {
            handle: Handle {
                all: Arc::clone(self),
                number,
                peer,
            },
            evicted,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// What serves its requests.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Waits until it has to make room.
    pub async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let all = &self.handle.all;
        let mut state = all.lock();
        state.open.remove(&self.handle.number);
        all.gauge.set(state.open.len() as i64);
    }
}

impl Handle {
    /// A request begins. Says whose it is.
    pub fn begin_request(&self, headers: &HeaderMap) -> Client {
        let forwarded = forwarded_for(self.peer, headers).map(Sender::from);
        let sender = forwarded.unwrap_or_else(|| Sender::from(self.peer));
        let mut state = self.all.lock();
        let is_known = state.is_known(sender);
        if let Some(open) = state.open.get_mut(&self.number) {
            // What a proxy sends is now of this client and now of that one.
            open.is_authentic = is_known || (open.is_authentic && forwarded.is_none());
            open.sender = sender;
            open.is_counted = true;
            open.is_forwarded = forwarded.is_some();
            open.is_busy = true;
            open.since = Instant::now();
            // There is room: it is open already.
            state.make_room(self.number, &self.all.limits);
            self.all.gauge.set(state.open.len() as i64);
        }
        Client {
            sender,
            handle: self.clone(),
        }
    }

    /// The request has been answered. Whether the connection is still to be used: a proxy that had an answer on one that
    /// ends would send the next request on it.
    pub fn end_request(&self) -> bool {
        let mut state = self.all.lock();
        let Some(open) = state.open.get_mut(&self.number) else {
            return false;
        };
        open.is_busy = false;
        open.is_counted = !open.is_forwarded;
        open.since = Instant::now();
        true
    }
}

impl Client {
    /// Who it is as far as limits go.
    pub fn sender(&self) -> Sender {
        self.sender
    }

    /// Whether a verifier's signature has come from there, not long ago.
    pub fn is_known(&self) -> bool {
        self.handle.all.lock().is_known(self.sender)
    }

    /// A verifier's signature has come from there.
    pub fn vouch(&self) {
        let mut state = self.handle.all.lock();
        state.remember(self.sender);
        if let Some(open) = state.open.get_mut(&self.handle.number) {
            open.is_authentic = true;
        }
    }
}

/// For whom a proxy on this machine forwards. The last entry of the header is the proxy's own word.
fn forwarded_for(peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    if !peer.is_loopback() {
        return None;
    }
    let header = headers.get_all("x-forwarded-for").iter().next_back()?;
    header.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

impl State {
    fn is_known(&self, sender: Sender) -> bool {
        let since = self.known.get(&sender);
        since.is_some_and(|since| since.elapsed() < KNOWN_TIME)
    }

    fn remember(&mut self, sender: Sender) {
        if self.known.len() >= MAX_KNOWN && !self.known.contains_key(&sender) {
            let oldest = self.known.iter().min_by_key(|(_, since)| **since);
            if let Some(sender) = oldest.map(|(sender, _)| *sender) {
                self.known.remove(&sender);
            }
        }
        self.known.insert(sender, Instant::now());
    }

    /// Keeps to the limits now that this connection is what it is: ends another where there is one too many. Whether that
    /// was possible.
    fn make_room(&mut self, number: u64, limits: &ConnectionLimits) -> bool {
        let Some(this) = self.open.get(&number) else {
            return false;
        };
        let (sender, is_counted, is_authentic) = (this.sender, this.is_counted, this.is_authentic);
        if !is_authentic {
            let is_of_address = |open: &Open| !open.is_authentic && open.is_counted && open.sender == sender;
            if is_counted && self.count(is_of_address) > limits.per_address {
                self.evict_oldest(number, is_of_address);
            }
            if self.count(|open| !open.is_authentic) > limits.all / 2 {
                self.evict_oldest(number, |open| !open.is_authentic);
            }
        }
        self.open.len() <= limits.all
            || self.evict_oldest(number, |open| !open.is_authentic)
            || self.evict_of_largest(number)
    }

    fn count(&self, which: impl Fn(&Open) -> bool) -> usize {
        self.open.values().filter(|open| which(open)).count()
    }

    /// Ends the one that has been silent for longest, but not that with the number given. Whether there was one.
    fn evict_oldest(&mut self, but: u64, which: impl Fn(&Open) -> bool) -> bool {
        let candidates = self
            .open
            .iter()
            .filter(|(number, open)| **number != but && which(open));
        let oldest = candidates.min_by_key(|(_, open)| open.rank());
        let oldest = oldest.map(|(number, _)| *number);
        oldest.is_some_and(|number| self.evict(number))
    }

    /// Of the address that holds most, ends the connection that has been silent for longest: so that no verifier shuts the
    /// others out.
    fn evict_of_largest(&mut self, but: u64) -> bool {
        let mut held: HashMap<Sender, usize> = HashMap::new();
        for open in self.open.values() {
            *held.entry(open.sender).or_default() += 1;
        }
        let candidates = self.open.iter().filter(|(number, _)| **number != but);
        let victim = candidates.min_by_key(|(_, open)| {
            let holds = held.get(&open.sender).copied().unwrap_or_default();
            (Reverse(holds), open.rank())
        });
        let victim = victim.map(|(number, _)| *number);
        victim.is_some_and(|number| self.evict(number))
    }

    fn evict(&mut self, number: u64) -> bool {
        let evicted = self.open.remove(&number);
        if let Some(open) = &evicted {
            open.evicted.notify_one();
        }
        evicted.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(all: usize, per_address: usize) -> Arc<Connections> {
        let gauge = IntGauge::new("open", "open").unwrap();
        Connections::new(ConnectionLimits { all, per_address }, gauge)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn is_open(connection: &Connection) -> bool {
        let Handle { all, number, .. } = &connection.handle;
        all.lock().open.contains_key(number)
    }

    fn forwarding(text: &str) -> HeaderMap {
        HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), text.parse().unwrap())])
    }

    #[test]
    fn of_one_address_a_few_are_kept_the_latest() {
        let all = connections(256, 16);
        let strangers: Vec<_> = (0..40).map(|_| all.open(address("192.0.2.1")).unwrap()).collect();
        assert!(strangers[..24].iter().all(|one| !is_open(one)));
        assert!(strangers[24..].iter().all(is_open));
        // An IPv6 subscriber is one address.
        let strangers: Vec<_> = (0..40)
            .map(|host| all.open(address(&format!("2001:db8::{host:x}"))).unwrap())
            .collect();
        assert_eq!(strangers.iter().filter(|one| is_open(one)).count(), 16);
    }

    #[test]
    fn strangers_have_one_half_and_the_oldest_silent_one_makes_room() {
        let all = connections(8, 16);
        let first = all.open(address("192.0.2.1")).unwrap();
        // It is at a request, and all others are silent.
        first.handle().begin_request(&HeaderMap::new());
        let strangers: Vec<_> = (2..12)
            .map(|host| all.open(address(&format!("192.0.2.{host}"))).unwrap())
            .collect();
        assert!(is_open(&first));
        assert_eq!(strangers.iter().filter(|one| is_open(one)).count(), 3);
        assert!(strangers[7..].iter().all(is_open));
    }

    #[test]
    fn who_has_shown_a_signature_stays_and_comes_back_whatever_strangers_do() {
        let all = connections(8, 16);
        let verifier = all.open(address("198.51.100.1")).unwrap();
        verifier.handle().begin_request(&HeaderMap::new()).vouch();
        verifier.handle().end_request();
        let mut strangers = Vec::new();
        for host in 1..100 {
            strangers.push(all.open(address(&format!("192.0.2.{host}"))).unwrap());
        }
        assert!(is_open(&verifier));
        let again: Vec<_> = (0..3)
            .map(|_| all.open(address("198.51.100.1")).unwrap())
            .collect();
        assert!(again.iter().all(is_open));
        // Nor do verifiers shut each other out.
        let greedy: Vec<_> = (0..50)
            .map(|_| all.open(address("198.51.100.1")).unwrap())
            .collect();
        let other = all.open(address("198.51.100.2")).unwrap();
        other.handle().begin_request(&HeaderMap::new()).vouch();
        for _ in 0..50 {
            all.open(address("198.51.100.1"));
        }
        assert!(is_open(&other));
        drop(greedy);
    }

    #[test]
    fn behind_a_proxy_each_client_counts_for_itself() {
        let all = connections(256, 2);
        let proxied: Vec<_> = (0..6).map(|_| all.open(address("127.0.0.1")).unwrap()).collect();
        assert!(proxied.iter().all(is_open));
        for one in &proxied[..5] {
            // Whatever the client itself has written comes before what the proxy adds.
            let client = one.handle().begin_request(&forwarding("1.1.1.1, 192.0.2.1"));
            assert_eq!(client.sender(), Sender::from(address("192.0.2.1")));
        }
        let other = proxied[5].handle().begin_request(&forwarding("192.0.2.2"));
        assert_eq!(other.sender(), Sender::from(address("192.0.2.2")));
        let open: Vec<_> = proxied.iter().map(is_open).collect();
        assert_eq!(open, [false, false, false, true, true, true]);
        // What one client has shown does not count for the next on the same connection.
        other.vouch();
        assert!(other.is_known());
        proxied[5].handle().end_request();
        let next = proxied[5].handle().begin_request(&forwarding("192.0.2.1"));
        assert!(!next.is_known() && !all.lock().open[&proxied[5].handle.number].is_authentic);
        next.handle.end_request();
        // What the proxy keeps in store is nobody's, and nobody's flood ends it.
        for _ in 0..10 {
            let one = all.open(address("127.0.0.1")).unwrap();
            one.handle().begin_request(&forwarding("192.0.2.1"));
            assert!(is_open(&proxied[5]));
            std::mem::forget(one);
        }
        // Somebody elsewhere cannot say that it forwards.
        let direct = all.open(address("192.0.2.9")).unwrap();
        let client = direct.handle().begin_request(&forwarding("192.0.2.2"));
        assert_eq!(client.sender(), Sender::from(address("192.0.2.9")));
    }

    #[test]
    fn this_machine_has_no_more_than_others_unless_it_forwards() {
        let all = connections(256, 2);
        let local: Vec<_> = (0..5).map(|_| all.open(address("127.0.0.1")).unwrap()).collect();
        for one in &local {
            one.handle().begin_request(&HeaderMap::new());
        }
        assert_eq!(local.iter().filter(|one| is_open(one)).count(), 2);
    }
}

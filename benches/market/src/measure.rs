//! Measuring how long calls take.

use crate::{
    runtime::{Rewards, RuntimeCall, RuntimeOrigin, System},
    world::{self, BLOCK, PRESENT, begin_block},
};
use frame_support::traits::Hooks;
use loopin_primitives::PoolId;
use sp_core::Blake2Hasher;
use sp_io::TestExternalities;
use sp_runtime::traits::Dispatchable;
use sp_state_machine::{Ext, InMemoryBackend, OverlayedChanges, TrieBackendBuilder};
use sp_trie::cache::{CacheSize, SharedTrieCache};
use std::time::{Duration, Instant};

/// The size of the cache, which all of the state that the calls touch fits into.
const CACHE_BYTES: usize = 64 * 1_024 * 1_024;

/// How often a call is made in each round.
const REPETITIONS: usize = 5;

/// Where the calls read from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Every read goes down the trie, and those of the same key again.
    Trie,
    /// As a node that has lately looked at what the calls touch: through its cache of the trie.
    Cache,
}

/// The state that all repetitions start from.
pub struct State {
    backend: InMemoryBackend<Blake2Hasher>,
    cache: SharedTrieCache<Blake2Hasher>,
}

impl State {
    /// What has been committed.
    pub fn of(externalities: TestExternalities) -> Self {
        Self {
            backend: externalities.backend,
            cache: SharedTrieCache::new(CacheSize::new(CACHE_BYTES), None),
        }
    }

    /// Does something as in the first extrinsic of a block that comes that many seconds after the present, and forgets
    /// what that has changed.
    fn in_block<R>(&self, idle_seconds: u64, reading: Reading, run: impl FnOnce() -> R) -> R {
        let run = || {
            begin_block((PRESENT + idle_seconds) * 1_000);
            run()
        };
        let mut overlay = OverlayedChanges::default();
        match reading {
            Reading::Trie => {
                let mut externalities = Ext::new(&mut overlay, &self.backend, None);
                sp_externalities::set_and_run_with_externalities(&mut externalities, run)
            }
            Reading::Cache => {
                let local = self.cache.local_cache_trusted();
                let backend = TrieBackendBuilder::wrap(&self.backend).with_cache(local).build();
                let mut externalities = Ext::new(&mut overlay, &backend, None);
                sp_externalities::set_and_run_with_externalities(&mut externalities, run)
            }
        }
    }
}

/// What is done.
enum Action {
    /// A call is made, which has to succeed.
    Call(Box<RuntimeCall>, RuntimeOrigin),
    /// An epoch of rewards is closed, in which that pool alone shared, or all of them.
    CloseEpoch(Option<PoolId>),
}

/// Something to be measured, and how long it has taken so far.
pub struct Case {
    action: Action,
    idle_seconds: u64,
    times: Vec<Duration>,
}

impl Case {
    /// A call in a block that many seconds after everything else.
    pub fn new(call: impl Into<RuntimeCall>, origin: RuntimeOrigin, idle_seconds: u64) -> Self {
        Self {
            action: Action::Call(Box::new(call.into()), origin),
            idle_seconds,
            times: Vec::new(),
        }
    }

    /// The end of an epoch in which that pool alone shared in rewards, or all of them.
    pub fn epoch_change(of: Option<PoolId>) -> Self {
        Self {
            action: Action::CloseEpoch(of),
            idle_seconds: BLOCK,
            times: Vec::new(),
        }
    }

    /// Does it once.
    fn run(&self, state: &State, reading: Reading) -> Duration {
        state.in_block(self.idle_seconds, reading, || match &self.action {
            Action::Call(call, origin) => {
                let (dispatched, origin) = (call.clone(), origin.clone());
                let begin = Instant::now();
                let result = dispatched.dispatch(origin);
                let time = begin.elapsed();
                if let Err(error) = result {
                    panic!("{call:?}: {error:?}");
                }
                time
            }
            Action::CloseEpoch(pool) => {
                if let Some(pool) = pool {
                    world::list_only(*pool);
                }
                let epoch = world::epoch();
                let begin = Instant::now();
                // As in the block that comes next: the epoch has just ended.
                let _weight = Rewards::on_initialize(System::block_number());
                let time = begin.elapsed();
                assert_eq!(world::epoch(), epoch + 1, "no epoch was closed");
                time
            }
        })
    }

    /// The median.
    pub fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times[times.len() / 2]
    }
}

/// Repeats all cases, one after the other in each round, so that what else happens on the machine meets all alike.
/// In a round each is made several times, of which the fastest counts: the first finds in the processor's caches what
/// others have left there, and any can be interrupted.
pub fn measure(state: &State, reading: Reading, rounds: usize, cases: &mut [Case]) {
    for case in &mut *cases {
        case.times.clear();
    }
    for _ in 0..rounds {
        for case in &mut *cases {
            let times = (0..REPETITIONS).map(|_| case.run(state, reading));
            case.times.extend(times.min());
        }
    }
}

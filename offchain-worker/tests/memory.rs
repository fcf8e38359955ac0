//! How much memory a whole process takes, verifier, HTTP client and servers, while servers send without an end.

#![allow(unsafe_code)] // An allocator that counts is unsafe to implement.

#[path = "end_to_end/node.rs"]
mod node;

use loopin_challenge::{
    Limits, Profile,
    classes::CPU_REFERENCE,
    joint::Member,
    messages::{Signature, Step},
};
use loopin_hostile_agents::{Fault, TestAgent, Trick};
use loopin_offchain_worker::{Appointment, Attendance, Duty, Policy, Signer, Target, attend};
use loopin_primitives::{ChallengeKind, Window};
use node::Node;
use sp_core::{Pair, sr25519};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::{Duration, SystemTime},
};

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(NOW.fetch_add(layout.size(), SeqCst) + layout.size(), SeqCst);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), SeqCst);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Key(sr25519::Pair);

impl Signer for Key {
    fn sign(&self, digest: &[u8; 32]) -> Option<Signature> {
        Some(self.0.sign(digest).0)
    }
}

#[test]
fn servers_that_send_without_an_end_do_not_fill_the_memory() {
    let limit = 2_000;
    let profile = Profile {
        n: 32,
        matrices: 24,
        lanes: 64,
        limits: Limits {
            prepare_ms: limit,
            fill_ms: limit,
            walk_ms: limit,
            open_ms: limit,
        },
        ..CPU_REFERENCE.profile
    };
    // One honest but slow device keeps the run going while the others send.
    let slow = Fault::Late(Duration::from_millis(u64::from(limit) / 2));
    let mut agents: Vec<TestAgent> = (1..)
        .zip(Step::ALL)
        .map(|(device, step)| TestAgent::start(device, vec![Trick::new(step, Fault::Endless)]))
        .collect();
    agents.push(TestAgent::start(
        9,
        vec![Trick::new(Step::Walk, slow.clone()), Trick::new(Step::Fill, slow)],
    ));
    agents.push(TestAgent::start(
        10,
        vec![Trick::new(Step::Prepare, Fault::HugeHeaders)],
    ));
    let key = sr25519::Pair::from_seed(&[1; 32]);
    let account = key.public().0;
    let devices: Vec<Target> = agents
        .iter()
        .map(|agent| Target {
            device: agent.device() as u32,
            profile,
            kind: ChallengeKind::Full,
            agent_key: TestAgent::key(agent.device()).public().0,
            endpoint: agent.endpoint().into_bytes(),
            committee: vec![Member {
                verifier: account,
                key: account,
                seats: 1,
            }],
        })
        .collect();
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let appointment = Appointment {
        round: 1,
        round_seed: [2; 32],
        window: Window {
            opens_at: now,
            fill_at: now + 3,
            walk_at: now + 6,
            closes_at: now + 12,
        },
        verifier: account,
        genesis: [1; 32],
        clock_lead_seconds: 0,
        clock_offset_ms: None,
    };
    let policy = Policy {
        allow_private_addresses: true,
        openings_at_once: 64,
    };
    let node = Node::start();
    // The client reads the machine's certificates when it is used first.
    node.run(|| ());
    let before = NOW.load(SeqCst);
    PEAK.store(before, SeqCst);
    let attendance = node.run(move || {
        let duty = Duty {
            appointment,
            devices,
            signer: &Key(key),
        };
        attend(&[duty], &policy)
    });
    let peak = PEAK.load(SeqCst) - before;
    assert!(matches!(attendance[..], [Attendance::Done(_)]));
    println!("{peak} bytes at most");
    // Some hundred kilobytes are each connection's, and two megabytes are the long headers on the server's side.
    assert!(peak < 8 << 20, "{peak} bytes");
}

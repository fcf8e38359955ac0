//! An honest device at its benchmark passes: the real agent with its backend for the processor, and the real verifier
//! in the SDK's own off-chain worker, over HTTP and by the machine's clock.
//!
//! `LOOPIN_ROUNDS` says how many rounds; twenty without it. `make test-rounds` does a thousand.

mod miner;
#[path = "../end_to_end/node.rs"]
mod node;

use loopin_agent::backend::Backend;
use loopin_challenge::{Geometry, Limits, Profile, classes::CPU_REFERENCE, messages::Signature};
use loopin_offchain_worker::{Attendance, Duty, LOG_TARGET, Policy, Signer, Slot, Target};
use loopin_primitives::{ChallengeKind, FailReason, InconclusiveReason, Pass, Vote};
use miner::{DEVICE, GENESIS, Miner};
use node::Node;
use sp_core::{Pair, sr25519};
use std::{
    fmt::Display,
    time::{Duration, Instant},
};

/// Rounds without another number in `LOOPIN_ROUNDS`.
const SHORT: u64 = 20;
/// How many of these may be too late, or not be timed at all: a machine that tests is rarely idle.
const SHORT_MISSES: usize = 2;
/// How long the device has for itself after it was late.
const AFTER_MISS: Duration = Duration::from_secs(5);
/// Measurements that make a benchmark.
const BENCHMARK_RUNS: u8 = 9;
/// What the known classes allow for the network in every step, in milliseconds, and how many times as long as the
/// class itself takes.
const NETWORK_MS: u64 = 100;
const SLACK: u64 = 2;
/// How far below the benchmark the chain still pays in full.
const DEAD_BAND_PERCENT: u64 = 5;

const POLICY: Policy = Policy {
    allow_private_addresses: true,
    devices_at_once: 64,
    // Little more than the time for which the request to fill is announced.
    prepare_ms: 600,
};

/// 16 MiB, whose filling takes a processor some hundred milliseconds.
const SIZE: Profile = Profile {
    n: 512,
    matrices: 64,
    lanes: 64 * 512 / 4,
    ..CPU_REFERENCE.profile
};

struct Key(sr25519::Pair);

impl Signer for Key {
    fn sign(&self, digest: &[u8; 32]) -> Option<Signature> {
        Some(self.0.sign(digest).0)
    }
}

/// Prints what the verifier warns of: why a device did not pass.
struct Warnings;

impl log::Log for Warnings {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target() == LOG_TARGET && metadata.level() <= log::Level::Warn
    }
    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            println!("{}", record.args());
        }
    }
    fn flush(&self) {}
}

/// What the device can do, and what is allowed to it therefore.
struct Benchmark {
    fill_ms: u64,
    walk_ms: u64,
    gops: u64,
    profile: Profile,
}

impl Benchmark {
    /// Measures the device without a verifier, as `loopin-agent benchmark` does, and derives benchmark and limits as
    /// those of the known classes are derived. The fastest run counts, as nothing disturbed it.
    fn measure() -> Self {
        let geometry = Geometry::new(SIZE).expect("it is usable");
        let device = miner::processor();
        let mut prover = device.prepare(&geometry).expect("there is memory");
        let (mut fills, mut walks) = (vec![], vec![]);
        for run in 0..BENCHMARK_RUNS {
            fills.push(timed(|| prover.fill(&[run; 32]).expect("the device works")));
            walks.push(timed(|| prover.walk(&[run; 32]).expect("the device works")));
        }
        let [fill_ms, walk_ms] = [fills, walks].map(|times| rank(times, 0).as_millis() as u64);
        let gops = geometry.gops(fill_ms + NETWORK_MS);
        let benchmark_ms = geometry.operations() / 1_000_000 / gops;
        let limit = |own_ms: u64| (NETWORK_MS + SLACK * own_ms) as u32;
        let profile = Profile {
            limits: Limits {
                fill_ms: limit(benchmark_ms),
                walk_ms: limit(walk_ms),
                ..SIZE.limits
            },
            ..SIZE
        };
        Self {
            fill_ms,
            walk_ms,
            gops,
            profile,
        }
    }
}

fn timed<T>(call: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    drop(call());
    begun.elapsed()
}

/// What `percent` of the values are below.
fn rank<T: Ord>(mut values: Vec<T>, percent: usize) -> T {
    values.sort_unstable();
    let index = (values.len() * percent / 100).min(values.len() - 1);
    values.swap_remove(index)
}

fn print_spread<T: Ord + Copy + Display>(what: &str, values: &[T]) {
    let at = |percent| rank(values.to_vec(), percent);
    println!(
        "{what}: {} least, {} median, {} above 99 of 100, {} most",
        at(0),
        at(50),
        at(99),
        at(100)
    );
}

/// How the machine is loaded, to explain what was late.
struct Strain {
    at: Instant,
    /// Clock ticks, of a hundredth of a second, that agent and verifier have had.
    own_ticks: u64,
    /// For how long somebody has waited for a processor, in microseconds.
    waited_us: u64,
}

impl Strain {
    /// Since the machine was started; zero where the system does not tell.
    fn now() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        // User and system time are the 14th and 15th field; the name in brackets is the second.
        let own = read("/proc/self/stat");
        let fields = own.rsplit(')').next().unwrap_or_default().split_whitespace();
        let pressure = read("/proc/pressure/cpu");
        let waited = pressure
            .split("total=")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        Self {
            at: Instant::now(),
            own_ticks: fields
                .skip(11)
                .take(2)
                .filter_map(|ticks| ticks.parse::<u64>().ok())
                .sum(),
            waited_us: waited.and_then(|us| us.parse().ok()).unwrap_or_default(),
        }
    }

    /// What has happened since.
    fn since(&self) -> String {
        let now = Self::now();
        format!(
            "in {} ms, agent and verifier had a processor for {} ms, and somebody waited for one for {} ms",
            (now.at - self.at).as_millis(),
            (now.own_ticks - self.own_ticks) * 10,
            (now.waited_us - self.waited_us) / 1_000,
        )
    }
}

/// One round: what the verifier says of the device.
fn challenge(node: &Node, miner: &Miner, profile: Profile, round: u64) -> Vote {
    let verifier = sr25519::Pair::from_seed(&[1; 32]);
    let account = verifier.public().0;
    let (opens_at, closes_at) = miner.assign(round, profile, account);
    let slot = Slot {
        round,
        opens_at,
        closes_at,
        verifier: account,
        genesis: GENESIS,
        block: [2; 32],
        clock_lead_seconds: 0,
    };
    let device = Target {
        device: DEVICE,
        profile,
        kind: ChallengeKind::Full,
        agent_key: miner.key(),
        endpoint: miner.endpoint().into_bytes(),
    };
    let attendances = node.run(move || {
        let duty = Duty {
            slot,
            devices: vec![device],
            signer: &Key(verifier),
        };
        loopin_offchain_worker::attend(&[duty], &POLICY)
    });
    match &attendances[..] {
        [Attendance::Done(reports)] => reports[0].vote,
        other => panic!("the slot is over at once: {other:?}"),
    }
}

/// Whether an vote only says that something took long.
fn is_of_time(vote: &Vote) -> bool {
    matches!(
        vote,
        Vote::Fail(FailReason::Late) | Vote::Inconclusive(InconclusiveReason::Interrupted)
    )
}

#[test]
fn an_honest_device_at_its_benchmark_passes_every_round() {
    let _ = log::set_logger(&Warnings).map(|()| log::set_max_level(log::LevelFilter::Warn));
    let asked = std::env::var("LOOPIN_ROUNDS").ok();
    let rounds: u64 = asked
        .as_ref()
        .map_or(SHORT, |rounds| rounds.parse().expect("LOOPIN_ROUNDS is a number"));
    let benchmark = Benchmark::measure();
    let limits = benchmark.profile.limits;
    println!(
        "benchmark: {} Gop/s, filled in {} ms (limit {}), walked in {} ms (limit {})",
        benchmark.gops, benchmark.fill_ms, limits.fill_ms, benchmark.walk_ms, limits.walk_ms
    );

    let (node, miner) = (Node::start(), Miner::start());
    let begun = Instant::now();
    let (mut passes, mut misses): (Vec<Pass>, Vec<Vote>) = (vec![], vec![]);
    for round in 1..=rounds {
        let strain = Strain::now();
        match challenge(&node, &miner, benchmark.profile, round) {
            Vote::Pass(pass) => passes.push(pass),
            other => {
                println!("round {round}: {other:?}; {}", strain.since());
                misses.push(other);
                // What was not in time is done now: in the chain's rounds, the next verifier comes half a minute later.
                std::thread::sleep(AFTER_MISS);
            }
        }
    }
    println!(
        "{} of {rounds} rounds passed, in {} s",
        passes.len(),
        begun.elapsed().as_secs()
    );
    assert!(!passes.is_empty(), "{misses:?}");
    let works: Vec<u64> = passes.iter().map(|pass| pass.work_gops).collect();
    let walks: Vec<u32> = passes.iter().map(|pass| pass.walk_ms).collect();
    print_spread("work, Gop/s", &works);
    print_spread("walk, ms", &walks);
    let enough = benchmark.gops * (100 - DEAD_BAND_PERCENT) / 100;
    let paid_in_full = works.iter().filter(|&&work| work >= enough).count();
    println!("{paid_in_full} did at least the benchmark less {DEAD_BAND_PERCENT} %");

    let wrong: Vec<_> = misses.iter().filter(|vote| !is_of_time(vote)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let allowed = if asked.is_some() { 0 } else { SHORT_MISSES };
    assert!(misses.len() <= allowed, "{misses:?}");
}

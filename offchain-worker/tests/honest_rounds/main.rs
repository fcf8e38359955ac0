//! An honest device at its benchmark passes: the real agent with its backend for the processor, and five real verifiers
//! in the SDK's own off-chain worker, over HTTP and by the machine's clock.
//!
//! `LOOPIN_ROUNDS` says how many rounds; twenty without it. `make test-rounds` does a thousand.

mod miner;
#[path = "../end_to_end/node.rs"]
mod node;

use loopin_agent::backend::Backend;
use loopin_challenge::{
    Geometry, Hash, Limits, Profile, classes::CPU_REFERENCE, joint::Member, messages::Signature,
};
use loopin_offchain_worker::{Appointment, Attendance, Duty, LOG_TARGET, Policy, Signer, Target};
use loopin_primitives::{ChallengeKind, FailReason, InconclusiveReason, Pass, Vote, Window};
use miner::{DEVICE, GENESIS, Miner};
use node::Node;
use sp_core::{Pair, sr25519};
use std::{
    fmt::Display,
    time::{Duration, Instant, SystemTime},
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
    openings_at_once: VERIFIERS as u32,
};

/// The device's verifiers, one seat each.
const VERIFIERS: usize = 5;
/// How long the device has to prepare, in seconds.
const PREPARE_SECONDS: u64 = 1;
const ROUND_SEED: Hash = [2; 32];

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

/// A window that opens with the next second, and is no longer than it must be.
fn next_window(profile: &Profile) -> Window {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970");
    let opens_at = now.as_secs() + 1;
    let seconds = |limits_ms: u32| u64::from(limits_ms).div_ceil(1_000);
    let limits = &profile.limits;
    let fill_at = opens_at + PREPARE_SECONDS;
    let walk_at = fill_at + seconds(limits.fill_ms);
    Window {
        opens_at,
        fill_at,
        walk_at,
        closes_at: walk_at + seconds(limits.walk_ms + limits.open_ms) + 1,
    }
}

/// One round: what each verifier says of the device.
fn challenge(node: &Node, miner: &Miner, profile: Profile, round: u64) -> Vec<Vote> {
    let keys: Vec<Key> = (1..=VERIFIERS as u8)
        .map(|number| Key(sr25519::Pair::from_seed(&[number; 32])))
        .collect();
    let mut committee: Vec<Member> = keys
        .iter()
        .map(|key| Member {
            verifier: key.0.public().0,
            key: key.0.public().0,
            seats: 1,
        })
        .collect();
    committee.sort_by_key(|member| member.verifier);
    let window = next_window(&profile);
    miner.assign(round, ROUND_SEED, profile, window, committee.clone());
    let device = Target {
        device: DEVICE,
        profile,
        kind: ChallengeKind::Full,
        agent_key: miner.key(),
        endpoint: miner.endpoint().into_bytes(),
        committee,
    };
    let attendances = node.run(move || {
        let duties: Vec<_> = keys
            .iter()
            .map(|key| Duty {
                appointment: Appointment {
                    round,
                    round_seed: ROUND_SEED,
                    window,
                    verifier: key.0.public().0,
                    genesis: GENESIS,
                    clock_lead_seconds: 0,
                    clock_offset_ms: None,
                },
                devices: vec![device.clone()],
                signer: key,
            })
            .collect();
        loopin_offchain_worker::attend(&duties, &POLICY)
    });
    let vote = |attendance| match attendance {
        Attendance::Done(reports) => match &reports[..] {
            [report] => report.vote,
            other => panic!("one verifier on one device: {other:?}"),
        },
        other => panic!("the window is near: {other:?}"),
    };
    attendances.into_iter().map(vote).collect()
}

/// Whether a vote only says that something took long.
fn is_of_time(vote: &Vote) -> bool {
    match vote {
        Vote::Pass(_) => true,
        Vote::Fail(failure) => failure.reason == FailReason::Late,
        Vote::Inconclusive(reason) => matches!(
            reason,
            InconclusiveReason::Interrupted | InconclusiveReason::Clock
        ),
    }
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
    // A round counts as passed if it did with every verifier.
    let (mut passes, mut misses): (Vec<Pass>, Vec<Vec<Vote>>) = (vec![], vec![]);
    for round in 1..=rounds {
        let strain = Strain::now();
        let votes = challenge(&node, &miner, benchmark.profile, round);
        let passed = votes.iter().filter_map(|vote| match vote {
            Vote::Pass(pass) => Some(*pass),
            _ => None,
        });
        let passed: Vec<Pass> = passed.collect();
        assert!(
            passed
                .iter()
                .all(|pass| (pass.claim, pass.privacy) == (passed[0].claim, passed[0].privacy)),
            "one claim for all verifiers: {passed:?}"
        );
        if passed.len() < VERIFIERS {
            println!("round {round}: {votes:?}; {}", strain.since());
            misses.push(votes);
            // What was not in time is done now: in the chain's rounds there are minutes to the next one.
            std::thread::sleep(AFTER_MISS);
        }
        passes.extend(passed);
    }
    println!(
        "{} of {rounds} rounds passed with all of {VERIFIERS} verifiers, in {} s",
        rounds - misses.len() as u64,
        begun.elapsed().as_secs()
    );
    assert!(!passes.is_empty(), "{misses:?}");
    let works: Vec<u64> = passes.iter().map(|pass| pass.work_gops).collect();
    let walks: Vec<u32> = passes.iter().map(|pass| pass.walk_ms).collect();
    print_spread("work, Gop/s", &works);
    print_spread("walk, ms", &walks);
    let enough = benchmark.gops * (100 - DEAD_BAND_PERCENT) / 100;
    let paid_in_full = works.iter().filter(|&&work| work >= enough).count();
    println!(
        "{paid_in_full} of {} votes say at least the benchmark less {DEAD_BAND_PERCENT} %",
        works.len()
    );

    let wrong: Vec<_> = misses.iter().flatten().filter(|vote| !is_of_time(vote)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let allowed = if asked.is_some() { 0 } else { SHORT_MISSES };
    assert!(misses.len() <= allowed, "{misses:?}");
}

//! Profiles of known classes of device. A pool copies one of these; the chain holds it as data.
//!
//! **Every time and benchmark of a class whose [`Basis`] is `Estimated` is an estimate from the cards' data sheets:
//! nobody has measured one.** Calibrate before money depends on them. A GPU's `n` and `N` fill about 85 % of its memory.
//!
//! Source of the estimates: filling at 70 to 76 % of the card's dense int8 peak (Ampere, Ada, Blackwell) or
//! 56 % (Hopper), walking at 85 % of its memory bandwidth.
//!
//! A limit is twice the time of a device at the benchmark, which is two and a half to three times the estimate: wide, so
//! that no honest card fails for an estimate that is wrong, and so wide that a card may answer for more than itself.
//! The limit of a measured class is to be one and a half times the measured time.

use crate::profile::{Limits, MAX_CHUNK, Profile, WALK_READS};

/// Entries checked in one round.
const ENTRIES: u32 = 24;
/// Lanes checked in one round.
const OPENED_LANES: u32 = 4;
/// How often the walk reads the whole state.
const WALK_PASSES: u32 = 8;
/// What a verifier allows for the network in every timed step, in milliseconds. The round trip is never
/// measured and subtracted: the device could inflate it.
const NETWORK_MS: u32 = 100;
/// The factor between the time of a device at the benchmark, or for the walk of its class, and the limit: 1.6
/// made honest devices fail elsewhere, 2 did not. A device slower than the benchmark but within the limit passes, and
/// is paid less.
const SLACK: u32 = 2;
/// How long a device may take to take its memory, load what it needs and raise its clocks, in milliseconds.
const PREPARE_MS: u32 = 10_000;
/// How long it may take to send a megabyte of openings, in milliseconds.
const OPEN_MS: u32 = 10_000;

/// How long a pulse may take to fill its state, and to walk it, in milliseconds.
const PULSE_MS: u32 = 1_000;
/// Most bytes of a pulse's state and operands: what an agent keeps back from a device's client for as long as it rents.
pub const MAX_PULSE_BYTES: u64 = 3 << 29;

/// What the times of a class come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The card's data sheet. Nobody has measured one.
    Estimated,
    /// Measurements of such a device, which `docs/performance.md` has.
    Measured,
}

impl Basis {
    /// As a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Estimated => "estimated",
            Self::Measured => "measured",
        }
    }
}

/// A class of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// Name of the class, as in a pool's metadata.
    pub name: &'static str,
    /// Memory of the card by its name, GiB. The driver shows some percent less.
    pub memory_gib: u64,
    /// What its devices are asked to do.
    pub profile: Profile,
    /// What they are asked to do in a round while somebody rents them.
    pub pulse: Profile,
    /// Throughput at which the reward's work factor is 1, in Gop/s. Provisional.
    pub benchmark_gops: u64,
    /// How long the class takes to fill its state, in milliseconds.
    pub fill_ms: u32,
    /// How long the class takes for the walk, in milliseconds.
    pub walk_ms: u32,
    /// What benchmark and times come from.
    pub basis: Basis,
}

impl Class {
    /// How long a device at the benchmark takes to fill the state of a pulse, in microseconds, rounded up. It is as sure
    /// as the benchmark is.
    pub const fn pulse_fill_us(&self) -> u64 {
        operations(&self.pulse).div_ceil(self.benchmark_gops * 1_000)
    }
}

/// The known classes.
pub const CLASSES: [Class; 9] = [
    gpu("RTX 3090", 24, 8_192, 320, SHORT_PULSE, 1_650, 220, 155_000),
    gpu("RTX 4090", 24, 16_384, 80, SHORT_PULSE, 1_500, 200, 341_000),
    gpu("RTX 5090", 32, 16_384, 108, SHORT_PULSE, 1_500, 150, 463_000),
    gpu("RTX A5000", 24, 8_192, 320, SHORT_PULSE, 2_100, 260, 121_000),
    gpu("RTX A6000", 48, 8_192, 640, SHORT_PULSE, 3_050, 530, 169_000),
    gpu("A100 80 GB", 80, 8_192, 1_008, SHORT_PULSE, 2_400, 310, 338_000),
    gpu("H100 SXM", 80, 16_384, 252, LONG_PULSE, 2_000, 190, 788_000),
    gpu("H200 SXM", 141, 8_192, 1_784, LONG_PULSE, 1_800, 240, 747_000),
    CPU_REFERENCE,
];

/// The pulse of cards up to the A100 and the RTX 5090: `N` = 2.
///
/// - `n` = 16,384, so that the work is in products of the size in which tensor cores reach their rate, and not in starting
///   kernels: 17.6 tera-operations, 0.04 to 0.15 s at the classes' benchmarks.
/// - With the operands it is 1 GiB: what the card lacks for its client is 1 to 4 % of its memory.
/// - Three entries are checked, all that two matrices have: both of the base, and one in the last matrix. With
///   four lanes the openings are 234 KB, a quarter of a full challenge's.
/// - The walk reads the state eight times over as in a full challenge: 4 GiB, some milliseconds.
/// - The limit is a second for the fill and one for the walk. What a pulse takes while the client's program is frozen and
///   its memory stays is not known before somebody has measured it, so the limit is many times the time alone. Within
///   a second a card at its benchmark answers for 6 devices (RTX A5000) to 26 (RTX 5090), one after the other: a pulse
///   shows that a card is there, and not that it is there for one device alone.
const SHORT_PULSE: Profile = pulse(2);

/// The pulse of Hopper cards, which are two to six times as fast: `N` = 4, twice the work (35.2 tera-operations, 0.05 s),
/// in 1.5 GiB with the operands, which is the most there may be. Five entries, 309 KB of openings.
const LONG_PULSE: Profile = pulse(4);

const fn pulse(matrices: u32) -> Profile {
    Profile {
        n: 16_384,
        matrices,
        lanes: lanes(16_384, matrices),
        entries: matrices + 1,
        opened_lanes: OPENED_LANES,
        limits: Limits {
            prepare_ms: PREPARE_MS,
            fill_ms: PULSE_MS,
            walk_ms: PULSE_MS,
            open_ms: OPEN_MS,
        },
    }
}

/// A state small enough for one CPU core in a fraction of a second: for development and tests. Its limits and
/// its benchmark are wide enough for a busy machine, so they tell nothing about the CPU.
pub const CPU_REFERENCE: Class = Class {
    name: "cpu-reference",
    memory_gib: 8,
    profile: REFERENCE,
    // As wide as its limits.
    pulse: LIGHT,
    benchmark_gops: 1,
    fill_ms: 250,
    walk_ms: 50,
    basis: Basis::Measured,
};

const REFERENCE: Profile = Profile {
    n: 256,
    matrices: 64,
    lanes: lanes(256, 64),
    entries: ENTRIES,
    opened_lanes: OPENED_LANES,
    limits: Limits {
        prepare_ms: PREPARE_MS,
        fill_ms: 6_000,
        walk_ms: 4_000,
        open_ms: OPEN_MS,
    },
};

/// What a device is asked to do while somebody rents it, when its client has reported it: too little to be in the
/// client's way, so it shows that the device answers and computes, and neither its speed nor its memory.
pub const LIGHT: Profile = Profile {
    matrices: 32,
    lanes: lanes(256, 32),
    ..REFERENCE
};

/// Lanes that read the state [`WALK_PASSES`] times over.
const fn lanes(n: u32, matrices: u32) -> u32 {
    let chunk = if n < MAX_CHUNK { n } else { MAX_CHUNK };
    matrices * (n / chunk) * n / (WALK_READS as u32 / WALK_PASSES)
}

/// Operations of filling a profile's state.
const fn operations(profile: &Profile) -> u64 {
    2 * (profile.n as u64).pow(3) * profile.matrices as u64
}

/// A class that nobody has measured.
#[allow(clippy::too_many_arguments, reason = "a row of the table above")]
const fn gpu(
    name: &'static str,
    memory_gib: u64,
    n: u32,
    matrices: u32,
    pulse: Profile,
    fill_ms: u32,
    walk_ms: u32,
    benchmark_gops: u64,
) -> Class {
    let gigaoperations = 2 * (n as u64).pow(3) / 1_000_000 * matrices as u64 / 1_000;
    let benchmark_ms = (gigaoperations * 1_000 / benchmark_gops) as u32;
    let limits = Limits {
        prepare_ms: PREPARE_MS,
        fill_ms: NETWORK_MS + SLACK * benchmark_ms,
        walk_ms: NETWORK_MS + SLACK * walk_ms,
        open_ms: OPEN_MS,
    };
    let profile = Profile {
        n,
        matrices,
        lanes: lanes(n, matrices),
        entries: ENTRIES,
        opened_lanes: OPENED_LANES,
        limits,
    };
    Class {
        name,
        memory_gib,
        profile,
        pulse,
        benchmark_gops,
        fill_ms,
        walk_ms,
        basis: Basis::Estimated,
    }
}

/// The class of that name.
pub fn class(name: &str) -> Option<&'static Class> {
    CLASSES.iter().find(|class| class.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Geometry;

    fn geometry(name: &str) -> Geometry {
        Geometry::new(class(name).expect("a known class").profile).expect("known classes are usable")
    }

    #[test]
    fn every_known_class_is_usable_and_read_eight_times_by_the_walk() {
        for class in CLASSES {
            let geometry = Geometry::new(class.profile).expect("known classes are usable");
            let read = u64::from(class.profile.lanes) * WALK_READS as u64 * geometry.chunk_len() as u64;
            assert_eq!(read, 8 * geometry.state_bytes(), "{}", class.name);
        }
        assert_eq!(
            class("RTX 4090").map(|class| class.profile.lanes),
            Some(5_242_880)
        );
        assert_eq!(
            class("cpu-reference").map(|class| class.profile.lanes),
            Some(4_096)
        );
        assert_eq!(class("GeForce 256"), None);
    }

    #[test]
    fn the_light_profile_is_usable_and_takes_two_mebibytes() {
        let geometry = Geometry::new(LIGHT).expect("it is usable");
        assert_eq!(geometry.state_bytes(), 2 << 20);
    }

    #[test]
    fn every_pulse_is_usable_within_its_memory_and_read_eight_times_by_the_walk() {
        for class in CLASSES {
            let pulse = Geometry::new(class.pulse).expect("pulses are usable");
            assert!(pulse.bytes_with_operands() <= MAX_PULSE_BYTES, "{}", class.name);
            let read = u64::from(class.pulse.lanes) * WALK_READS as u64 * pulse.chunk_len() as u64;
            assert_eq!(read, 8 * pulse.state_bytes(), "{}", class.name);
        }
        let bytes = |name| {
            let pulse = class(name).expect("a known class").pulse;
            Geometry::new(pulse).expect("usable").bytes_with_operands()
        };
        assert_eq!(bytes("RTX 3090"), 1 << 30);
        assert_eq!(bytes("H100 SXM"), MAX_PULSE_BYTES);
    }

    #[test]
    fn a_pulse_checks_as_many_entries_as_it_can() {
        for class in CLASSES {
            let more = Profile {
                entries: class.pulse.entries + 1,
                ..class.pulse
            };
            assert!(class.pulse.entries <= class.pulse.matrices + 1, "{}", class.name);
            assert!(
                class.pulse.entries == ENTRIES || Geometry::new(more).is_err(),
                "{}",
                class.name
            );
        }
    }

    #[test]
    fn a_card_at_its_benchmark_takes_a_sixth_of_a_pulses_limit_at_most() {
        let gpus = CLASSES.iter().filter(|class| class.name != CPU_REFERENCE.name);
        for class in gpus {
            let limit_us = u64::from(class.pulse.limits.fill_ms) * 1_000;
            assert!(class.pulse_fill_us() * 6 <= limit_us, "{}", class.name);
        }
        // 17.6 tera-operations at 155,000 Gop/s, and 35.2 at 788,000.
        assert_eq!(class("RTX 3090").map(Class::pulse_fill_us), Some(113_498));
        assert_eq!(class("H100 SXM").map(Class::pulse_fill_us), Some(44_651));
    }

    #[test]
    fn a_class_that_nobody_measured_says_so() {
        for class in CLASSES {
            let is_reference = class.name == CPU_REFERENCE.name;
            assert_eq!(class.basis == Basis::Measured, is_reference, "{}", class.name);
        }
        assert_eq!(
            [Basis::Estimated, Basis::Measured].map(Basis::name),
            ["estimated", "measured"]
        );
    }

    #[test]
    fn states_fit_their_cards_and_fill_most_of_them() {
        for class in CLASSES.iter().filter(|class| class.name != CPU_REFERENCE.name) {
            let percent = geometry(class.name).state_bytes() * 100 / (class.memory_gib << 30);
            assert!((76..=88).contains(&percent), "{}: {percent} %", class.name);
        }
    }

    #[test]
    fn operations_are_those_of_the_published_table() {
        let tera_operations = [
            ("RTX 3090", 352),
            ("RTX 4090", 704),
            ("RTX 5090", 950),
            ("RTX A5000", 352),
            ("RTX A6000", 704),
            ("A100 80 GB", 1_108),
            ("H100 SXM", 2_217),
            ("H200 SXM", 1_962),
        ];
        for (name, tera) in tera_operations {
            assert_eq!(
                (geometry(name).operations() + 500_000_000_000) / 1_000_000_000_000,
                tera,
                "{name}"
            );
        }
        assert_eq!(geometry("cpu-reference").operations(), 2_147_483_648);
    }

    #[test]
    fn a_card_at_its_estimate_beats_its_benchmark_within_its_limits() {
        for class in CLASSES {
            let geometry = Geometry::new(class.profile).expect("known classes are usable");
            let elapsed = u64::from(class.fill_ms + NETWORK_MS);
            assert!(geometry.gops(elapsed) >= class.benchmark_gops, "{}", class.name);
            assert!(
                class.profile.limits.fill_ms >= class.fill_ms * SLACK,
                "{}",
                class.name
            );
            assert!(
                class.profile.limits.walk_ms >= class.walk_ms * SLACK,
                "{}",
                class.name
            );
        }
    }
}

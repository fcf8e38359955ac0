//! Profiles of known classes of device. A pool copies one of these; the chain holds it as data.
//!
//! **Every time and benchmark here is an estimate from the cards' data sheets until measured on a card.**
//! Calibrate before money depends on them. A GPU's `n` and `N` fill about 85 % of its memory.
//!
//! Source of the estimates: filling at 70 to 76 % of the card's dense int8 peak (Ampere, Ada, Blackwell) or
//! 56 % (Hopper), walking at 85 % of its memory bandwidth.

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

/// A class of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// Name of the class, as in a pool's metadata.
    pub name: &'static str,
    /// Memory of the card by its name, GiB. The driver shows some percent less.
    pub memory_gib: u64,
    /// What its devices are asked to do.
    pub profile: Profile,
    /// Throughput at which the reward's work factor is 1, in Gop/s. Provisional.
    pub benchmark_gops: u64,
    /// How long the class takes to fill its state, in milliseconds. An estimate.
    pub fill_ms: u32,
    /// How long the class takes for the walk, in milliseconds. An estimate.
    pub walk_ms: u32,
}

/// The known classes.
pub const CLASSES: [Class; 9] = [
    gpu("RTX 3090", 24, 8_192, 320, 1_650, 220, 155_000),
    gpu("RTX 4090", 24, 16_384, 80, 1_500, 200, 341_000),
    gpu("RTX 5090", 32, 16_384, 108, 1_500, 150, 463_000),
    gpu("RTX A5000", 24, 8_192, 320, 2_100, 260, 121_000),
    gpu("RTX A6000", 48, 8_192, 640, 3_050, 530, 169_000),
    gpu("A100 80 GB", 80, 8_192, 1_008, 2_400, 310, 338_000),
    gpu("H100 SXM", 80, 16_384, 252, 2_000, 190, 788_000),
    gpu("H200 SXM", 141, 8_192, 1_784, 1_800, 240, 747_000),
    CPU_REFERENCE,
];

/// A state small enough for one CPU core in a fraction of a second: for development and tests. Its limits and
/// its benchmark are wide enough for a busy machine, so they tell nothing about the CPU.
pub const CPU_REFERENCE: Class = Class {
    name: "cpu-reference",
    memory_gib: 8,
    profile: Profile {
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
    },
    benchmark_gops: 1,
    fill_ms: 250,
    walk_ms: 50,
};

/// What a device is asked to do while somebody rents it, when its client has reported it: too little to be in the
/// client's way, so it shows that the device answers and computes, and neither its speed nor its memory.
pub const LIGHT: Profile = Profile {
    matrices: 32,
    lanes: lanes(256, 32),
    ..CPU_REFERENCE.profile
};

/// Lanes that read the state [`WALK_PASSES`] times over.
const fn lanes(n: u32, matrices: u32) -> u32 {
    let chunk = if n < MAX_CHUNK { n } else { MAX_CHUNK };
    matrices * (n / chunk) * n / (WALK_READS as u32 / WALK_PASSES)
}

const fn gpu(
    name: &'static str,
    memory_gib: u64,
    n: u32,
    matrices: u32,
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
        benchmark_gops,
        fill_ms,
        walk_ms,
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

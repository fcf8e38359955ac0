//! Who challenges a device: a function of the round alone, which anybody can recompute.

use crate::RoundMember;
use alloc::vec::Vec;
use codec::Encode;
use loopin_primitives::DeviceId;
use sp_core::H256;
use sp_io::hashing::blake2_256;

/// Tells these hashes from all others.
const DOMAIN: &[u8; 31] = b"loopin/verification/1/committee";

/// Who has the seats of the committee for `device` in the round with that seed: for each seat, a place among the members.
/// There are none where the members have no bonds.
///
/// Seats are drawn by bonds, and one by one as if the others had not been drawn, so that splitting a bond over several
/// accounts changes nothing: a member may have several seats, and then has as many votes. Seat `j` is that of the
/// first member of whom `bonds_until` is above `draw * bonds / 2^64`, where `bonds` is that of the last member, and the
/// draw is the `u64` number `j mod 4`, little-endian, of the hash
///
/// ```text
/// BLAKE2b-256("loopin/verification/1/committee" || seed || device u32 || j / 4 u32)
/// ```
pub fn seats<AccountId>(
    seed: &H256,
    device: DeviceId,
    members: &[RoundMember<AccountId>],
    seats: u32,
) -> Vec<u32> {
    let bonds = members.last().map_or(0, |last| last.bonds_until);
    if bonds == 0 {
        return Vec::new();
    }
    (0..seats.div_ceil(4))
        .flat_map(|block| {
            let hash = (DOMAIN, seed, device, block).using_encoded(blake2_256);
            // 32 bytes are four times eight.
            let word = |word: &[u8]| word.try_into().map(u64::from_le_bytes).unwrap_or_default();
            let draws: Vec<u64> = hash.chunks_exact(8).map(word).collect();
            draws
        })
        .take(seats as usize)
        .map(|draw| {
            // Below `bonds`, and so below the sum of the last member.
            let point = (u128::from(draw).wrapping_mul(u128::from(bonds)) >> 64) as u64;
            members.partition_point(|member| member.bonds_until <= point) as u32
        })
        .collect()
}

/// The same by members: each place that has seats, in order, with how many it has.
pub fn committee<AccountId>(
    seed: &H256,
    device: DeviceId,
    members: &[RoundMember<AccountId>],
    number: u32,
) -> Vec<(u32, u32)> {
    let mut places = seats(seed, device, members, number);
    places.sort_unstable();
    places
        .chunk_by(|place, next| place == next)
        .filter_map(|chunk| Some((*chunk.first()?, chunk.len() as u32)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sp_core::sr25519;

    /// Members with these bonds.
    fn members(bonds: &[u64]) -> Vec<RoundMember<u32>> {
        let mut bonds_until = 0;
        let member = |(account, bond): (usize, &u64)| {
            bonds_until += bond;
            RoundMember {
                account: account as u32,
                key: sr25519::Public::from_raw([account as u8; 32]),
                bonds_until,
            }
        };
        bonds.iter().enumerate().map(member).collect()
    }

    #[test]
    fn seats_are_what_anybody_computes_from_the_seed() {
        // Computed by hand from the hashes, bond by bond.
        let bonds = [3, 1, 10, 6];
        let mut bytes = DOMAIN.to_vec();
        bytes.extend([7; 32]);
        bytes.extend(3u32.to_le_bytes());
        let mut expected = Vec::new();
        for block in 0..3u32 {
            let hash = blake2_256(&[bytes.as_slice(), &block.to_le_bytes()].concat());
            for word in hash.chunks(8) {
                let draw = u64::from_le_bytes(word.try_into().unwrap());
                let mut point = (u128::from(draw) * 20) >> 64;
                let mut place = 0;
                while point >= bonds[place].into() {
                    point -= u128::from(bonds[place]);
                    place += 1;
                }
                expected.push(place as u32);
            }
        }
        let seed = H256::repeat_byte(7);
        assert_eq!(seats(&seed, 3, &members(&bonds), 10), expected[..10]);
        assert_eq!(seats(&seed, 3, &members(&bonds), 1), expected[..1]);
    }

    #[test]
    fn one_verifier_has_all_seats_and_none_has_none() {
        let seed = H256::repeat_byte(1);
        assert_eq!(committee(&seed, 0, &members(&[1_000]), 5), [(0, 5)]);
        assert_eq!(committee(&seed, 0, &members(&[]), 5), []);
        assert_eq!(committee(&seed, 0, &members(&[1_000]), 0), []);
    }

    #[test]
    fn seats_go_by_bonds() {
        let members = members(&[1_000, 3_000, 4_000]);
        let (number, devices) = (5, 8_000);
        let mut counts = [0u32; 3];
        for device in 0..devices {
            for place in seats(&H256::repeat_byte(9), device, &members, number) {
                counts[place as usize] += 1;
            }
        }
        // 5,000, 15,000 and 20,000, with standard deviations of 66, 97 and 100.
        for (count, expected) in counts.into_iter().zip([5_000u32, 15_000, 20_000]) {
            assert!(count.abs_diff(expected) < 400, "{counts:?}");
        }
    }

    proptest! {
        #[test]
        fn splitting_a_bond_over_several_accounts_changes_nothing(
            seed: [u8; 32],
            device: u32,
            before in prop::collection::vec(1..5_000u64, 0..4),
            parts in prop::collection::vec(1..5_000u64, 1..6),
            after in prop::collection::vec(1..5_000u64, 0..4),
            number in 1..20u32,
        ) {
            let whole = [&before[..], &[parts.iter().sum()], &after].concat();
            let split = [&before[..], &parts, &after].concat();
            let of_whole = seats(&H256(seed), device, &members(&whole), number)
                .into_iter()
                .map(|place| place as usize == before.len());
            let own = before.len()..before.len() + parts.len();
            let of_parts = seats(&H256(seed), device, &members(&split), number)
                .into_iter()
                .map(|place| own.contains(&(place as usize)));
            prop_assert!(of_whole.eq(of_parts));
        }

        #[test]
        fn every_seat_is_somebodys_and_counted_once(
            seed: [u8; 32], device: u32, bonds in prop::collection::vec(1..5_000u64, 1..50), number in 0..50u32,
        ) {
            let committee = committee(&H256(seed), device, &members(&bonds), number);
            prop_assert!(committee.is_sorted_by(|(place, _), (next, _)| place < next));
            prop_assert!(committee.iter().all(|(place, seats)| (*place as usize) < bonds.len() && *seats > 0));
            prop_assert_eq!(committee.iter().map(|(_, seats)| seats).sum::<u32>(), number);
        }
    }
}

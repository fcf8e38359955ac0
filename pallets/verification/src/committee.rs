//! Who challenges a device: a function of the round alone, which anybody can recompute.

use alloc::vec::Vec;
use codec::Encode;
use loopin_primitives::DeviceId;
use sp_core::H256;
use sp_io::hashing::blake2_256;

/// Tells these hashes from all others.
const DOMAIN: &[u8; 31] = b"loopin/verification/1/committee";

/// The committee for `device` in the round with that seed: `seats` different numbers below `verifiers`, or all of
/// them if there are not so many. The order is that of the time slots.
///
/// A partial Fisher-Yates shuffle of `0..verifiers`: place `j` swaps contents with place
/// `j + draw * (verifiers - j) / 2^64`. The draws are the `u64`, little-endian, of the hashes
///
/// ```text
/// BLAKE2b-256("loopin/verification/1/committee" || seed || device u32 || block u32)        block = 0, 1, ..
/// ```
pub fn committee(seed: &H256, device: DeviceId, verifiers: u32, seats: u32) -> Vec<u32> {
    let mut draws = Draws::new(seed, device);
    // The places whose contents are no longer their own numbers: few, since only the first places are dealt.
    let mut moved: Vec<(u32, u32)> = Vec::new();
    let mut dealt = Vec::new();
    for place in 0..seats.min(verifiers) {
        let other = place.saturating_add(draws.below(verifiers.saturating_sub(place)));
        dealt.push(content(&moved, other));
        // Nobody looks at `place` again.
        let stays = content(&moved, place);
        moved.retain(|(at, _)| *at != other);
        moved.push((other, stays));
    }
    dealt
}

/// What lies at a place.
fn content(moved: &[(u32, u32)], place: u32) -> u32 {
    moved
        .iter()
        .find(|(at, _)| *at == place)
        .map_or(place, |(_, content)| *content)
}

/// Pseudo-random numbers of a device in a round.
struct Draws<'a> {
    seed: &'a H256,
    device: DeviceId,
    block: u32,
    left: Vec<u64>,
}

impl<'a> Draws<'a> {
    fn new(seed: &'a H256, device: DeviceId) -> Self {
        Self {
            seed,
            device,
            block: 0,
            left: Vec::new(),
        }
    }

    /// A number below `bound`, which is not zero. Its bias is below 2⁻³², as `bound` is a `u32`.
    fn below(&mut self, bound: u32) -> u32 {
        let draw = self.left.pop().unwrap_or_else(|| self.refill());
        // The product is below `bound * 2^64`.
        (u128::from(draw).wrapping_mul(u128::from(bound)) >> 64) as u32
    }

    /// Draws four more numbers, keeps three of them for later, and returns the first.
    fn refill(&mut self) -> u64 {
        let hash = (DOMAIN, self.seed, self.device, self.block).using_encoded(blake2_256);
        self.block = self.block.wrapping_add(1);
        let mut words = hash
            .chunks_exact(8)
            // A chunk has eight bytes.
            .map(|word| word.try_into().map(u64::from_le_bytes).unwrap_or_default());
        let first = words.next().unwrap_or_default();
        self.left = words.rev().collect();
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_committee_is_what_anybody_computes_from_the_seed() {
        // Computed by hand from the first hash, with the whole shuffle written out.
        let seed = H256::repeat_byte(7);
        let mut bytes = DOMAIN.to_vec();
        bytes.extend([7; 32]);
        bytes.extend(3u32.to_le_bytes());
        let mut stream = Vec::new();
        for block in 0..3u32 {
            let hash = blake2_256(&[bytes.as_slice(), &block.to_le_bytes()].concat());
            stream.extend(
                hash.chunks(8)
                    .map(|word| u64::from_le_bytes(word.try_into().unwrap())),
            );
        }
        let mut places: Vec<u32> = (0..20).collect();
        for (j, word) in stream.iter().enumerate().take(10) {
            let other = j + ((*word as u128 * (20 - j as u128)) >> 64) as usize;
            places.swap(j, other);
        }
        assert_eq!(committee(&seed, 3, 20, 10), places[..10]);
    }

    #[test]
    fn small_committees_are_everybody() {
        let seed = H256::repeat_byte(1);
        assert_eq!(committee(&seed, 0, 0, 5), Vec::<u32>::new());
        assert_eq!(committee(&seed, 0, 1, 5), [0]);
        assert_eq!(BTreeSet::from_iter(committee(&seed, 0, 3, 5)).len(), 3);
        assert_eq!(committee(&seed, 0, 3, 0), Vec::<u32>::new());
    }

    #[test]
    fn every_verifier_is_drawn_equally_often_for_every_seat() {
        let (verifiers, seats, devices) = (8, 3, 8_000);
        let mut counts = [[0u32; 8]; 3];
        for device in 0..devices {
            for (seat, member) in committee(&H256::repeat_byte(9), device, verifiers, seats)
                .into_iter()
                .enumerate()
            {
                counts[seat][member as usize] += 1;
            }
        }
        // 1,000 each, with a standard deviation of 30.
        for count in counts.as_flattened() {
            assert!((850..1_150).contains(count), "{counts:?}");
        }
    }

    proptest! {
        #[test]
        fn members_are_different_and_exist(
            seed: [u8; 32], device: u32, verifiers in 0u32..300, seats in 0u32..20,
        ) {
            let members = committee(&H256(seed), device, verifiers, seats);
            prop_assert_eq!(members.len() as u32, seats.min(verifiers));
            prop_assert!(members.iter().all(|member| *member < verifiers));
            prop_assert_eq!(BTreeSet::from_iter(&members).len(), members.len());
        }
    }
}

//! Pseudo-random numbers that can be read at any position: the ChaCha8 key stream, addressed by
//! (domain, matrix, row, block).
//!
//! The sixteen 32-bit words of the ChaCha state before the rounds:
//!
//! | words | content |
//! |---|---|
//! | 0 to 3 | the constants `61707865 3320646e 79622d32 6b206574` |
//! | 4 to 11 | the 32-byte seed, as eight little-endian words |
//! | 12 | block |
//! | 13 | row |
//! | 14 | matrix |
//! | 15 | domain |
//!
//! Eight rounds (four double rounds), the start added, and each word written little-endian: 64 bytes a block.
//! This is the ChaCha of RFC 8439 with 8 rounds, block counter `block` and nonce `row, matrix, domain`.

use crate::Seed;
use chacha20::{
    ChaCha8,
    cipher::{KeyIvInit, StreamCipher, StreamCipherSeek},
};

/// Bytes in one block of the key stream.
pub const BLOCK_BYTES: usize = 64;

/// What numbers are for. Each use reads its own part of the key stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Domain {
    /// Rows of `X_0` and `X_1`: matrix 0 or 1, the row's number, one byte an entry. Keyed with the
    /// challenge's seed.
    Operand = 1,
    /// Row keys: matrix `i`, row 0, one `u32` for each row. Keyed with the challenge's seed.
    RowKey = 2,
    /// Column keys: matrix `i`, row 0, one `u32` for each column. Keyed with the challenge's seed.
    ColumnKey = 3,
    /// Keys of the walk's hash: matrix 0, row 0, a table of `u32`. Keyed with the walk's seed.
    WalkKey = 4,
    /// Where lanes start: matrix 0, row 0, one `u64` for each lane. Keyed with the walk's seed.
    LaneStart = 5,
    /// Draws of what to open: matrix 0, row 0, `u64` after `u64`. Keyed with the seed of the sample.
    Sample = 6,
}

/// Fills `out` with the key stream at (`domain`, `matrix`, `row`), from block `block` on.
pub fn fill(seed: &Seed, domain: Domain, matrix: u32, row: u32, block: u32, out: &mut [u8]) {
    let mut nonce = [0; 12];
    nonce[..4].copy_from_slice(&row.to_le_bytes());
    nonce[4..8].copy_from_slice(&matrix.to_le_bytes());
    nonce[8..].copy_from_slice(&(domain as u32).to_le_bytes());
    let mut cipher = ChaCha8::new(seed.into(), &nonce.into());
    cipher.seek(u64::from(block) * BLOCK_BYTES as u64);
    out.fill(0);
    cipher.apply_keystream(out);
}

/// The `index`-th little-endian `u32` at (`domain`, `matrix`, row 0).
pub fn word(seed: &Seed, domain: Domain, matrix: u32, index: u32) -> u32 {
    let mut block = [0; BLOCK_BYTES];
    fill(seed, domain, matrix, 0, index / 16, &mut block);
    let at = (index % 16) as usize * 4;
    little_endian(&block[at..])
}

/// The `index`-th little-endian `u64` at (`domain`, matrix 0, row 0).
pub fn long_word(seed: &Seed, domain: Domain, index: u32) -> u64 {
    let mut block = [0; BLOCK_BYTES];
    fill(seed, domain, 0, 0, index / 8, &mut block);
    let at = (index % 8) as usize * 8;
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&block[at..at + 8]);
    u64::from_le_bytes(bytes)
}

/// The first four bytes as a little-endian word.
pub(crate) fn little_endian(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// Maps a uniform `draw` to `0 .. bound` by the high half of their product. Each value's probability is off
/// by less than `bound / 2^64` of itself.
pub fn below(draw: u64, bound: u64) -> u64 {
    ((u128::from(draw) * u128::from(bound)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::{
        ChaCha8Rng,
        rand_core::{RngCore, SeedableRng},
    };

    const DOMAINS: [Domain; 6] = [
        Domain::Operand,
        Domain::RowKey,
        Domain::ColumnKey,
        Domain::WalkKey,
        Domain::LaneStart,
        Domain::Sample,
    ];

    /// `rand_chacha` has a 64-bit counter in words 12 and 13 and a 64-bit stream number in words 14 and 15.
    fn oracle(seed: &Seed, domain: Domain, matrix: u32, row: u32, block: u32, out: &mut [u8]) {
        let mut rng = ChaCha8Rng::from_seed(*seed);
        rng.set_stream(u64::from(domain as u32) << 32 | u64::from(matrix));
        rng.set_word_pos((u128::from(row) << 32 | u128::from(block)) * 16);
        rng.fill_bytes(out);
    }

    proptest! {
        #[test]
        fn every_address_agrees_with_rand_chacha(
            seed: Seed, domain in 0usize..6, matrix: u32, row: u32, block in 0u32..=u32::MAX - 8,
            len in 0usize..400,
        ) {
            let (mut ours, mut theirs) = (vec![1; len], vec![2; len]);
            fill(&seed, DOMAINS[domain], matrix, row, block, &mut ours);
            oracle(&seed, DOMAINS[domain], matrix, row, block, &mut theirs);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn words_are_slices_of_the_same_stream(seed: Seed, matrix: u32, index in 0u32..1_000) {
            let mut stream = vec![0; 8_000];
            fill(&seed, Domain::RowKey, matrix, 0, 0, &mut stream);
            let at = index as usize * 4;
            let ours = word(&seed, Domain::RowKey, matrix, index).to_le_bytes();
            prop_assert_eq!(&ours[..], &stream[at..at + 4]);
            fill(&seed, Domain::Sample, 0, 0, 0, &mut stream);
            let at = index as usize * 8;
            let ours = long_word(&seed, Domain::Sample, index).to_le_bytes();
            prop_assert_eq!(&ours[..], &stream[at..at + 8]);
        }

        #[test]
        fn a_bounded_draw_is_below_its_bound_and_monotone(draw: u64, bound in 1u64..) {
            prop_assert!(below(draw, bound) < bound);
            prop_assert!(below(draw, bound) <= below(draw.saturating_add(1), bound));
        }
    }

    #[test]
    fn bounded_draws_reach_both_ends() {
        assert_eq!(below(0, 7), 0);
        assert_eq!(below(u64::MAX, 7), 6);
        assert_eq!(below(u64::MAX, 1), 0);
    }

    #[test]
    fn the_last_block_of_a_row_is_readable() {
        let (mut ours, mut theirs) = ([0; BLOCK_BYTES], [0; BLOCK_BYTES]);
        // One block before the counter's end: the cipher refuses to produce the block that would make it
        // overflow.
        fill(&[7; 32], Domain::Operand, 1, 2, u32::MAX - 1, &mut ours);
        oracle(&[7; 32], Domain::Operand, 1, 2, u32::MAX - 1, &mut theirs);
        assert_eq!(ours, theirs);
    }
}

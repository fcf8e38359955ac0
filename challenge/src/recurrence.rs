//! One step of the recurrence: operands, keys, the exact product and the mask.
//!
//! For `i = 2 .. N + 1`, with int8 matrices of `n * n` entries:
//!
//! ```text
//! C         = X_{i-1} * transpose(X_{i-2})              exact, in int32
//! h         = mix(C[r][c] + rk_i[r])                    u32, wrapping
//! h         = mix(h + ck_i[c])
//! X_i[r][c] = h >> 24                                   as int8
//! ```
//!
//! Both operands of an entry are rows: row `r` of `X_{i-1}`, the *left* one, and row `c` of `X_{i-2}`, the
//! *right* one. The row and column keys are not decoration. Without them one false matrix whose rows are all
//! equal makes every later product rank 1, and all of the work trivial, while every entry still follows from
//! its operands.

use crate::{
    Seed,
    prng::{self, Domain},
};
use alloc::{vec, vec::Vec};

/// Row `row` of `X_0` or `X_1`.
pub fn operand_row(seed: &Seed, matrix: u32, row: u32, out: &mut [u8]) {
    prng::fill(seed, Domain::Operand, matrix, row, 0, out);
}

/// Key of row `row` in the step that makes `X_matrix`.
pub fn row_key(seed: &Seed, matrix: u32, row: u32) -> u32 {
    prng::word(seed, Domain::RowKey, matrix, row)
}

/// Key of column `column` in the step that makes `X_matrix`.
pub fn column_key(seed: &Seed, matrix: u32, column: u32) -> u32 {
    prng::word(seed, Domain::ColumnKey, matrix, column)
}

/// Keys of all `n` rows in the step that makes `X_matrix`.
pub fn row_keys(seed: &Seed, matrix: u32, n: u32) -> Vec<u32> {
    keys(seed, Domain::RowKey, matrix, n)
}

/// Keys of all `n` columns in the step that makes `X_matrix`.
pub fn column_keys(seed: &Seed, matrix: u32, n: u32) -> Vec<u32> {
    keys(seed, Domain::ColumnKey, matrix, n)
}

fn keys(seed: &Seed, domain: Domain, matrix: u32, n: u32) -> Vec<u32> {
    let mut bytes = vec![0; n as usize * 4];
    prng::fill(seed, domain, matrix, 0, 0, &mut bytes);
    bytes.chunks_exact(4).map(prng::little_endian).collect()
}

/// A bijection of `u32` whose output bits all depend on all input bits: Chris Wellons' `lowbias32`.
pub fn mix(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x7feb_352d);
    h ^= h >> 15;
    h = h.wrapping_mul(0x846c_a68b);
    h ^ (h >> 16)
}

/// Inner product of two rows of int8 entries, given as bytes in two's complement.
///
/// Exact for rows of up to 131,071 entries, four times the longest: `2^14` each at most. Wrapping additions
/// only tell the compiler so, which lets it use vector instructions in builds that check for overflow.
pub fn dot(left: &[u8], right: &[u8]) -> i32 {
    left.iter().zip(right).fold(0, |sum: i32, (&a, &b)| {
        sum.wrapping_add((i32::from(a as i8)).wrapping_mul(i32::from(b as i8)))
    })
}

/// The entry that follows from a product and its two keys.
pub fn masked(product: i32, row_key: u32, column_key: u32) -> u8 {
    let h = mix((product as u32).wrapping_add(row_key));
    (mix(h.wrapping_add(column_key)) >> 24) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::MAX_N;
    use proptest::prelude::*;

    #[test]
    fn the_largest_product_does_not_overflow() {
        let lowest = vec![i8::MIN as u8; MAX_N as usize];
        let highest = vec![i8::MAX as u8; MAX_N as usize];
        assert_eq!(dot(&lowest, &lowest), 32_768 * 16_384);
        assert_eq!(dot(&lowest, &highest), -32_768 * 16_256);
    }

    proptest! {
        #[test]
        fn the_product_is_that_of_the_definition(
            rows in prop::collection::vec((any::<i8>(), any::<i8>()), 0..300)
        ) {
            let expected: i64 = rows.iter().map(|&(a, b)| i64::from(a) * i64::from(b)).sum();
            let (left, right): (Vec<u8>, Vec<u8>) = rows.iter().map(|&(a, b)| (a as u8, b as u8)).unzip();
            prop_assert_eq!(i64::from(dot(&left, &right)), expected);
        }

        #[test]
        fn mix_can_be_undone(h: u32) {
            // Inverse multipliers modulo 2^32.
            let mut g = mix(h);
            g ^= g >> 16;
            g = g.wrapping_mul(0x4302_1123);
            g ^= (g >> 15) ^ (g >> 30);
            g = g.wrapping_mul(0x1d69_e2a5);
            prop_assert_eq!(g ^ (g >> 16), h);
        }
    }
}

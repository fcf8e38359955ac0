//! Products of blocks of rows, with the widest vector instructions that the processor has.
//!
//! Rows of int8 are widened to `i16` once; then one instruction multiplies pairs and adds neighbours into `i32`
//! (`pmaddwd`). A tile of rows of the left and of the right operand is multiplied at a time, so that every value
//! loaded serves several products, and the sums stay in registers.
//!
//! Neither can overflow: a pair adds up to at most `2 * 2^14`, an entry to `2^29`.

use pulp::{Arch, NullaryFnOnce};

/// Rows of the left operand that are multiplied at a time: blocks have a multiple of this.
pub const LEFT_ROWS: usize = 4;
/// Rows of the right operand that are multiplied at a time.
const RIGHT_ROWS: usize = 4;

/// Widens int8 entries.
pub fn widen(narrow: &[u8], wide: &mut [i16]) {
    for (wide, &narrow) in wide.iter_mut().zip(narrow) {
        *wide = i16::from(narrow as i8);
    }
}

/// Multiplies a block of rows of the left operand with all rows of the right one. Both have rows of `n` entries, a
/// power of two from 32. `products` gets a row of as many entries as `right` has rows for each row of `left`.
pub fn multiply(left: &[i16], right: &[i16], n: usize, products: &mut [i32]) {
    #[cfg(target_arch = "x86_64")]
    match Arch::new() {
        Arch::V4(simd) => simd.vectorize(Block::<_, LEFT_ROWS> {
            vectors: vectors::Wide(simd),
            left,
            right,
            n,
            products,
        }),
        Arch::V3(simd) => simd.vectorize(Block::<_, 2> {
            vectors: vectors::Half(simd),
            left,
            right,
            n,
            products,
        }),
        _ => plain(left, right, n, products),
    }
    #[cfg(not(target_arch = "x86_64"))]
    plain(left, right, n, products);
}

fn plain(left: &[i16], right: &[i16], n: usize, products: &mut [i32]) {
    Arch::new().dispatch(Block::<_, 2> {
        vectors: Plain,
        left,
        right,
        n,
        products,
    });
}

/// Turns products into entries of the matrix, for one row: the challenge's mask.
pub fn mask(products: &[i32], row_key: u32, column_keys: &[u32], made: &mut [u8]) {
    Arch::new().dispatch(Mask {
        products,
        row_key,
        column_keys,
        made,
    });
}

// What is compiled for certain instructions has to become part of a function that is: a type with a method that
// is always inlined does, a closure does not.

struct Mask<'a> {
    products: &'a [i32],
    row_key: u32,
    column_keys: &'a [u32],
    made: &'a mut [u8],
}

impl NullaryFnOnce for Mask<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for ((entry, product), column_key) in self.made.iter_mut().zip(self.products).zip(self.column_keys) {
            let h = mix((*product as u32).wrapping_add(self.row_key));
            *entry = (mix(h.wrapping_add(*column_key)) >> 24) as u8;
        }
    }
}

struct Block<'a, V, const LEFT: usize> {
    vectors: V,
    left: &'a [i16],
    right: &'a [i16],
    n: usize,
    products: &'a mut [i32],
}

impl<V: Vectors, const LEFT: usize> NullaryFnOnce for Block<'_, V, LEFT> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        block::<V, LEFT>(self.vectors, self.left, self.right, self.n, self.products);
    }
}

/// The challenge's mix, here so that it becomes part of the vectorised loop. A test holds it against the
/// definition.
#[inline(always)]
fn mix(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x7feb_352d);
    h ^= h >> 15;
    h = h.wrapping_mul(0x846c_a68b);
    h ^ (h >> 16)
}

/// Instructions for sums of products.
trait Vectors: Copy {
    /// Partial sums, one vector of them.
    type Sums: Copy;
    /// As many `i16` as one instruction takes, in memory.
    type Piece: Copy;
    /// The same in a register.
    type Vector: Copy;

    /// No sums yet.
    fn zero() -> Self::Sums;
    /// Cuts a row into pieces. Rows are a multiple of the piece's length.
    fn pieces(row: &[i16]) -> &[Self::Piece];
    /// Reads a piece.
    fn load(piece: &Self::Piece) -> Self::Vector;
    /// Adds the products of two pieces.
    fn add(self, sums: Self::Sums, left: Self::Vector, right: Self::Vector) -> Self::Sums;
    /// All partial sums together.
    fn total(sums: Self::Sums) -> i32;
}

#[inline(always)]
fn block<V: Vectors, const LEFT: usize>(
    vectors: V,
    left: &[i16],
    right: &[i16],
    n: usize,
    products: &mut [i32],
) {
    let columns = right.len() / n;
    let right_tiles = right.chunks_exact(n * RIGHT_ROWS);
    for (right_tile, right_rows) in right_tiles.enumerate() {
        let left_tiles = left.chunks_exact(n * LEFT);
        let made = products.chunks_exact_mut(columns * LEFT);
        for (left_rows, made) in left_tiles.zip(made) {
            let sums = tile::<V, LEFT>(vectors, left_rows, right_rows, n);
            for (made, sums) in made.chunks_exact_mut(columns).zip(sums) {
                let made = &mut made[right_tile * RIGHT_ROWS..][..RIGHT_ROWS];
                for (product, sums) in made.iter_mut().zip(sums) {
                    *product = V::total(sums);
                }
            }
        }
    }
}

#[inline(always)]
fn tile<V: Vectors, const LEFT: usize>(
    vectors: V,
    left: &[i16],
    right: &[i16],
    n: usize,
) -> [[V::Sums; RIGHT_ROWS]; LEFT] {
    let mut sums = [[V::zero(); RIGHT_ROWS]; LEFT];
    let mut left_rows = [V::pieces(&left[..n]); LEFT];
    for (pieces, row) in left_rows.iter_mut().zip(left.chunks_exact(n)) {
        *pieces = V::pieces(row);
    }
    let mut right_rows = [V::pieces(&right[..n]); RIGHT_ROWS];
    for (pieces, row) in right_rows.iter_mut().zip(right.chunks_exact(n)) {
        *pieces = V::pieces(row);
    }
    // All have the same length; said in a way that the compiler sees, too.
    let count = left_rows[0].len();
    for row in left_rows.iter_mut().chain(&mut right_rows) {
        *row = &row[..count];
    }
    for piece in 0..count {
        let mut columns = [V::load(&right_rows[0][piece]); RIGHT_ROWS];
        for (column, row) in columns.iter_mut().zip(right_rows) {
            *column = V::load(&row[piece]);
        }
        for (sums, row) in sums.iter_mut().zip(left_rows) {
            let left = V::load(&row[piece]);
            for (sum, right) in sums.iter_mut().zip(columns) {
                *sum = vectors.add(*sum, left, right);
            }
        }
    }
    sums
}

/// All partial sums together.
#[inline(always)]
fn total(sums: &[i32]) -> i32 {
    let mut total = 0i32;
    for sum in sums {
        total = total.wrapping_add(*sum);
    }
    total
}

/// For every processor: whatever vector instructions the compiler finds for it.
#[derive(Clone, Copy)]
struct Plain;

impl Vectors for Plain {
    type Sums = [i32; 4];
    type Piece = [i16; 8];
    type Vector = [i16; 8];

    #[inline(always)]
    fn zero() -> Self::Sums {
        [0; 4]
    }

    #[inline(always)]
    fn pieces(row: &[i16]) -> &[Self::Piece] {
        pulp::as_arrays(row).0
    }

    #[inline(always)]
    fn load(piece: &Self::Piece) -> Self::Vector {
        *piece
    }

    #[inline(always)]
    fn add(self, sums: Self::Sums, left: Self::Vector, right: Self::Vector) -> Self::Sums {
        let mut sums = sums;
        for (sum, (left, right)) in sums
            .iter_mut()
            .zip(left.chunks_exact(2).zip(right.chunks_exact(2)))
        {
            let first = i32::from(left[0]).wrapping_mul(i32::from(right[0]));
            let second = i32::from(left[1]).wrapping_mul(i32::from(right[1]));
            *sum = sum.wrapping_add(first.wrapping_add(second));
        }
        sums
    }

    #[inline(always)]
    fn total(sums: Self::Sums) -> i32 {
        total(&sums)
    }
}

#[cfg(target_arch = "x86_64")]
mod vectors {
    use super::{Vectors, total};
    use pulp::{
        bytemuck::{bytes_of, pod_read_unaligned},
        cast,
        x86::{V3, V4},
    };
    use std::arch::x86_64::{__m256i, __m512i};

    /// AVX-512.
    #[derive(Clone, Copy)]
    pub struct Wide(pub V4);

    impl Vectors for Wide {
        type Sums = __m512i;
        type Piece = [i16; 32];
        type Vector = __m512i;

        #[inline(always)]
        fn zero() -> Self::Sums {
            cast([0i32; 16])
        }

        #[inline(always)]
        fn pieces(row: &[i16]) -> &[Self::Piece] {
            pulp::as_arrays(row).0
        }

        #[inline(always)]
        fn load(piece: &Self::Piece) -> Self::Vector {
            pod_read_unaligned(bytes_of(piece))
        }

        #[inline(always)]
        fn add(self, sums: Self::Sums, left: Self::Vector, right: Self::Vector) -> Self::Sums {
            let products = self.0.avx512bw._mm512_madd_epi16(left, right);
            self.0.avx512f._mm512_add_epi32(sums, products)
        }

        #[inline(always)]
        fn total(sums: Self::Sums) -> i32 {
            total(&cast::<_, [i32; 16]>(sums))
        }
    }

    /// AVX2.
    #[derive(Clone, Copy)]
    pub struct Half(pub V3);

    impl Vectors for Half {
        type Sums = __m256i;
        type Piece = [i16; 16];
        type Vector = __m256i;

        #[inline(always)]
        fn zero() -> Self::Sums {
            cast([0i32; 8])
        }

        #[inline(always)]
        fn pieces(row: &[i16]) -> &[Self::Piece] {
            pulp::as_arrays(row).0
        }

        #[inline(always)]
        fn load(piece: &Self::Piece) -> Self::Vector {
            pod_read_unaligned(bytes_of(piece))
        }

        #[inline(always)]
        fn add(self, sums: Self::Sums, left: Self::Vector, right: Self::Vector) -> Self::Sums {
            let products = self.0.avx2._mm256_madd_epi16(left, right);
            self.0.avx2._mm256_add_epi32(sums, products)
        }

        #[inline(always)]
        fn total(sums: Self::Sums) -> i32 {
            total(&cast::<_, [i32; 8]>(sums))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loopin_challenge::recurrence;
    use proptest::prelude::*;

    fn rows(bytes: &[u8]) -> Vec<i16> {
        let mut wide = vec![0; bytes.len()];
        widen(bytes, &mut wide);
        wide
    }

    fn expected(left: &[u8], right: &[u8], n: usize) -> Vec<i32> {
        left.chunks_exact(n)
            .flat_map(|left| right.chunks_exact(n).map(|right| recurrence::dot(left, right)))
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn all_instructions_give_the_products_of_the_definition(
            left in prop::collection::vec(any::<u8>(), 8 * 128),
            right in prop::collection::vec(any::<u8>(), 12 * 128),
        ) {
            let n = 128;
            let expected = expected(&left, &right, n);
            let (left, right) = (rows(&left), rows(&right));
            let mut products = vec![0; expected.len()];
            multiply(&left, &right, n, &mut products);
            prop_assert_eq!(&products, &expected);
            products.fill(0);
            plain(&left, &right, n, &mut products);
            prop_assert_eq!(&products, &expected);
            #[cfg(target_arch = "x86_64")]
            if let Some(simd) = pulp::x86::V3::try_new() {
                products.fill(0);
                simd.vectorize(Block::<_, 2> {
                    vectors: vectors::Half(simd),
                    left: &left,
                    right: &right,
                    n,
                    products: &mut products,
                });
                prop_assert_eq!(&products, &expected);
            }
        }

        #[test]
        fn the_mask_is_that_of_the_definition(products: [i32; 40], row_key: u32, column_keys: [u32; 40]) {
            let mut made = [0; 40];
            mask(&products, row_key, &column_keys, &mut made);
            for ((made, product), column_key) in made.iter().zip(products).zip(column_keys) {
                prop_assert_eq!(*made, recurrence::masked(product, row_key, column_key));
            }
        }
    }

    #[test]
    fn the_largest_products_do_not_overflow() {
        let n = 32_768;
        let lowest = vec![i16::from(i8::MIN); n * 4];
        let mut products = [0; 16];
        multiply(&lowest, &lowest, n, &mut products);
        assert_eq!(products, [1 << 29; 16]);
    }
}

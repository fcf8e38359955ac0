//! Exponentials and logarithms in fixed point.
//!
//! Both are made of steps, each of which is monotone although it is rounded: sums, products and shifts of numbers
//! that are not negative. So the functions are certain to be monotone, to the last digit, without any argument about
//! the size of errors.

use crate::arithmetic::multiply_divide_up;
use primitive_types::U256;
use sp_arithmetic::{FixedPointNumber, FixedU128, Perquintill};

/// Bits after the binary point within [`exponential_of_minus`].
const EXPONENTIAL_BITS: u32 = 63;
/// The natural logarithm of two, rounded down, with as many bits after the point.
const EXPONENTIAL_LN_2: u128 = 6_393_154_322_601_327_829;
/// The first term of the series that is left out, `ln(2)^n/n!`, is less than a thousandth of the last bit.
const EXPONENTIAL_TERMS: u128 = 21;

/// Bits after the binary point of [`natural_logarithm`].
pub(crate) const LOGARITHM_BITS: u32 = 96;
/// The natural logarithm of two, rounded down, with as many bits after the point.
const LOGARITHM_LN_2: u128 = 54_916_777_467_707_473_351_141_471_128;
/// Bits after the binary point within it: just so many that the square of a number below two has at most 256 bits.
const MANTISSA_BITS: u32 = 126;

/// `exp(-x)`, in parts of 10¹⁸, for any `x` that is not negative.
///
/// It is never above the true value, and at most 4·10⁻¹⁸ below. It never grows when `x` does. It is one if `x` is zero,
/// and zero from `x = 42` on, where the true value is less than 10⁻¹⁸.
pub fn exponential_of_minus(x: FixedU128) -> Perquintill {
    let one = FixedU128::DIV;
    // Rounded up, so that the result is rounded down. Whatever does not fit is far beyond the end.
    let Ok(x) = multiply_divide_up(x.into_inner(), 1 << EXPONENTIAL_BITS, one) else {
        return Perquintill::zero();
    };
    // exp(-x) = exp(rest) / 2^halvings with 0 <= rest < ln 2.
    let halvings = x.div_ceil(EXPONENTIAL_LN_2);
    let Some(rest) = halvings
        .checked_mul(EXPONENTIAL_LN_2)
        .and_then(|above| above.checked_sub(x))
    else {
        return Perquintill::zero();
    };
    // 1 + rest·(1 + rest/2·(1 + rest/3·(...))): every step grows with `rest` and is rounded down, so the sum is at
    // most exp(ln 2) = 2, and `rest` times it has at most 127 bits. As it is at most two where the number of
    // halvings grows by one, the result is monotone there too.
    let unit = 1u128 << EXPONENTIAL_BITS;
    let sum = (1..=EXPONENTIAL_TERMS)
        .rev()
        .fold(unit, |sum, n| unit + ((rest * sum) >> EXPONENTIAL_BITS) / n);
    // 65 bits and 60 bits.
    let scaled = sum * one;
    let parts = u32::try_from(halvings)
        .ok()
        .and_then(|halvings| scaled.checked_shr(halvings.saturating_add(EXPONENTIAL_BITS)))
        .unwrap_or(0);
    // It is at most one; the type sees to that too.
    Perquintill::from_parts(u64::try_from(parts).unwrap_or(u64::MAX))
}

/// `ln(numerator/denominator)` with [`LOGARITHM_BITS`] bits after the point, rounded down: at most four units of the last
/// digit too low. Zero if the quotient is less than one, or the denominator is zero. It never falls when the quotient
/// grows.
pub(crate) fn natural_logarithm(numerator: u128, denominator: u128) -> U256 {
    if numerator < denominator || denominator == 0 {
        return U256::zero();
    }
    // At least one, with at most 254 bits.
    let quotient = (U256::from(numerator) << MANTISSA_BITS) / U256::from(denominator);
    let exponent = (quotient.bits() as u32).saturating_sub(MANTISSA_BITS + 1);
    // From one to two. Squaring it doubles its binary logarithm, whose next digit is whether the square is above two.
    let mut mantissa = quotient >> exponent;
    let two = U256::from(2) << MANTISSA_BITS;
    let mut binary_logarithm = U256::from(exponent);
    for _ in 0..LOGARITHM_BITS {
        // A number below two with 126 bits after the point has 127 bits, and its square 254.
        mantissa = (mantissa * mantissa) >> MANTISSA_BITS;
        binary_logarithm <<= 1;
        if mantissa >= two {
            mantissa >>= 1;
            binary_logarithm |= U256::one();
        }
    }
    // At most 128, with 96 bits after the point, times 96 bits.
    (binary_logarithm * U256::from(LOGARITHM_LN_2)) >> LOGARITHM_BITS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn logarithms_of_known_numbers_are_known() {
        assert_eq!(natural_logarithm(7, 7), U256::zero());
        assert_eq!(natural_logarithm(6, 7), U256::zero());
        assert_eq!(natural_logarithm(6, 0), U256::zero());
        assert_eq!(natural_logarithm(14, 7), U256::from(LOGARITHM_LN_2));
        // ln(3) and ln(2^128 - 1), times 2^96.
        for (numerator, expected) in [
            (3, "87041032946764879767665216853"),
            (u128::MAX, "7029347515866556588946108304385"),
        ] {
            let expected = U256::from_dec_str(expected).unwrap();
            let logarithm = natural_logarithm(numerator, 1);
            assert!(logarithm <= expected);
            assert!(
                expected - logarithm <= U256::from(128 + 4),
                "{numerator}: {logarithm}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_logarithm_grows_with_the_quotient(
            numerator in any::<u128>(),
            more in any::<u128>(),
            (denominator, bits) in (1u128.., 0..128u32),
        ) {
            let numerator = numerator >> bits;
            let more = numerator.saturating_add(more >> (127 - bits));
            prop_assert!(natural_logarithm(numerator, denominator) <= natural_logarithm(more, denominator));
            prop_assert!(natural_logarithm(denominator, more.max(1)) <= natural_logarithm(denominator, numerator.max(1)));
        }
    }
}

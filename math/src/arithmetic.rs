//! Products and quotients whose intermediate results need 256 bits.

use crate::MathError;
use primitive_types::U256;

/// `a * b / divisor`, rounded down.
pub(crate) fn multiply_divide_down(a: u128, b: u128, divisor: u128) -> Result<u128, MathError> {
    // Two factors of 128 bits fit in 256.
    let product = U256::from(a) * U256::from(b);
    narrow(product.checked_div(divisor.into()).ok_or(MathError::Overflow)?)
}

/// `a * b / divisor`, rounded up.
pub(crate) fn multiply_divide_up(a: u128, b: u128, divisor: u128) -> Result<u128, MathError> {
    let product = U256::from(a) * U256::from(b);
    let divisor = U256::from(divisor);
    let quotient = product.checked_div(divisor).ok_or(MathError::Overflow)?;
    // The remainder exists if the quotient does.
    let is_exact = (quotient * divisor) == product;
    let rounded = if is_exact {
        quotient
    } else {
        quotient.checked_add(U256::one()).ok_or(MathError::Overflow)?
    };
    narrow(rounded)
}

pub(crate) fn narrow(value: U256) -> Result<u128, MathError> {
    u128::try_from(value).map_err(|_| MathError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_as_the_names_say() {
        assert_eq!(multiply_divide_down(7, 3, 2), Ok(10));
        assert_eq!(multiply_divide_up(7, 3, 2), Ok(11));
        assert_eq!(multiply_divide_up(6, 3, 2), Ok(9));
        assert_eq!(
            multiply_divide_down(u128::MAX, u128::MAX, u128::MAX),
            Ok(u128::MAX)
        );
        assert_eq!(
            multiply_divide_up(u128::MAX, u128::MAX, u128::MAX - 1),
            Err(MathError::Overflow)
        );
        assert_eq!(multiply_divide_down(1, 1, 0), Err(MathError::Overflow));
        assert_eq!(multiply_divide_up(1, 1, 0), Err(MathError::Overflow));
    }
}

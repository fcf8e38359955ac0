//! How much of what was once paid into a pool's reserve is still there.
//!
//! The reserve streams away to providers as their shares run off. So what somebody paid for a week of a device is, after
//! half a week, partly in other hands, and a refund of all of it would come out of what others paid. This module
//! follows every payment, without touching any when time passes.
//!
//! ## The rule
//!
//! While only time passes, `B/L` stays the same (see [`Pool::sync`]): of every planck in the reserve, whoever paid it, the
//! part `L_after/L_before` remains. The pool multiplies its [`Retention`] `s` by that, and by nothing else. Somebody who
//! pays `a` at the moment at which the pool's retention is `s_at` makes a [`Contribution`], and of it the reserve still has
//! `a·s/s_at`. More than that, rounded down, no refund takes out of the reserve.
//!
//! ## Why nobody's refund is at the cost of others
//!
//! Think of the reserve as layers: what was there at the beginning, and one for each payment since. When time passes each
//! layer shrinks by the same factor, and all of them together by as much as the reserve does; so without sales of time to
//! the pool, the layers are the reserve. A refund takes no more than its own layer, and what it leaves of that falls to
//! the others. So after any history of joins, rentals, refunds and departures each layer is whole, and can be paid.
//!
//! A sale takes LOOPIN out of the reserve for time that comes in, at a price, which is no layer's. So after sales
//! the layers can be more than the reserve, by what is left in the same sense of what sellers were paid. That
//! is why the bound is never what a refund pays by itself: it is the most, and what the time is worth at the pool's present
//! price is another bound.
//!
//! Why not let sales and departures shrink the layers as well? Then a large provider that leaves and joins again, and loses
//! nothing by it, would shrink what the clients get.
//!
//! ## Why the integers keep it
//!
//! `s` is a mantissa of 128 bits and an exponent. Each multiplication rounds the mantissa down, so between any two moments
//! `s` falls by no less than the exact product, and what is left of a contribution, which is rounded down once more, is
//! never above the exact value. A multiplication loses less than 2⁻¹²⁷ of it: after a sync in every second of ten years,
//! fewer than 2²⁹ of them, less than 2⁻⁹⁸, of 2⁶⁷ planck, which are more than there can be, much less than one. So what
//! is left is the exact value rounded down, or one planck less where the exact value is whole, or all but.
//!
//! The exponent makes sure that `s` is never zero however long the pool lives. A fixed point would not do: where a tenth of
//! the shares runs off in an hour, 128 bits have been used up after five weeks.

use crate::{MathError, Pool};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::U256;
use scale_info::TypeInfo;

/// Bits of the mantissa.
const MANTISSA_BITS: u32 = 128;
/// Bits of the integers in which intermediate results are.
const U256_BITS: u32 = 256;

/// `s`: the part that is left of what was in a pool's reserve when the pool began, `mantissa·2⁻¹²⁷⁻ᵉˣᵖᵒⁿᵉⁿᵗ`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Retention {
    /// At least 2^127.
    pub mantissa: u128,
    /// How often the number has been halved, roughly.
    pub exponent: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self::ONE
    }
}

impl Retention {
    /// Everything is left.
    pub const ONE: Self = Self {
        mantissa: 1 << (MANTISSA_BITS - 1),
        exponent: 0,
    };

    /// Whether the mantissa uses all its bits, as it always does.
    pub fn is_normal(&self) -> bool {
        self.mantissa >= Self::ONE.mantissa
    }

    /// Whether at least as much is left as with `later`. Both must be normal.
    pub fn is_at_least(&self, later: &Self) -> bool {
        self.exponent < later.exponent || (self.exponent == later.exponent && self.mantissa >= later.mantissa)
    }

    /// This, times `after/before`, rounded down. `after` must be positive and no more than `before`.
    pub(crate) fn shrunk(&self, after: u128, before: u128) -> Result<Self, MathError> {
        if after == before {
            return Ok(*self);
        }
        if after == 0 || after > before || !self.is_normal() {
            return Err(MathError::Inconsistent);
        }
        // Two factors of 128 bits fit in 256, and neither is zero.
        let product = U256::from(self.mantissa) * U256::from(after);
        let raised = product.leading_zeros();
        // At least 2^255 divided by less than 2^128, so it has at least as many bits as a mantissa. Those that it has
        // beyond are cut off: rounding down twice is rounding down once.
        let quotient = (product << raised)
            .checked_div(before.into())
            .ok_or(MathError::Inconsistent)?;
        let surplus = (U256_BITS - quotient.leading_zeros()).saturating_sub(MANTISSA_BITS);
        let mantissa = (quotient >> surplus).low_u128();
        // The number has not grown, so its exponent has not fallen. It would take longer than the universe has lasted
        // to make this overflow: each time adds at most 128.
        let exponent = self
            .exponent
            .checked_add(raised.into())
            .and_then(|exponent| exponent.checked_sub(surplus.into()))
            .ok_or(MathError::Overflow)?;
        Ok(Self { mantissa, exponent })
    }
}

/// What somebody has paid into the reserve of a pool, of which ever less is left there. The default is nothing.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Contribution {
    /// What of it was in the reserve when it last grew, in planck.
    pub kept: u128,
    /// The pool's retention at that moment.
    pub retention: Retention,
}

impl Contribution {
    /// What is left of it in the reserve of a pool whose retention is `now`: `kept·s/s_at`, rounded down, and never
    /// more than `kept`.
    pub fn left(&self, now: &Retention) -> u128 {
        // Two factors of 128 bits fit in 256.
        let product = U256::from(self.kept) * U256::from(now.mantissa);
        let halvings = now.exponent.saturating_sub(self.retention.exponent);
        // Where there are more halvings than bits, nothing is left.
        let halvings = u32::try_from(halvings).unwrap_or(u32::MAX);
        product
            .checked_div(self.retention.mantissa.into())
            .map(|quotient| quotient >> halvings)
            .and_then(|left| u128::try_from(left).ok())
            .map_or(self.kept, |left| left.min(self.kept))
    }

    /// What it is after `amount` more has been paid, when the pool's retention is `now`.
    pub fn grown(&self, amount: u128, now: &Retention) -> Result<Self, MathError> {
        Ok(Self {
            kept: self.left(now).checked_add(amount).ok_or(MathError::Overflow)?,
            retention: *now,
        })
    }

    /// Takes one of `parts` equal parts out of it, rounded down. There is no part of none.
    pub fn take_part(&mut self, parts: u32) -> Self {
        let kept = self.kept.checked_div(parts.into()).unwrap_or_default();
        // The part is no more than the whole.
        self.kept = self.kept.saturating_sub(kept);
        Self { kept, ..*self }
    }
}

impl Pool {
    /// What somebody who has just paid `amount` into the reserve has contributed.
    pub fn contribution(&self, amount: u128) -> Contribution {
        Contribution {
            kept: amount,
            retention: self.retention,
        }
    }

    /// What is left of a contribution to this pool, rounded down: the most that the reserve gives back of it.
    pub fn left_of(&self, contribution: &Contribution) -> u128 {
        contribution.left(&self.retention)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitive_types::U512;
    use proptest::prelude::*;

    fn any_part() -> impl Strategy<Value = (u128, u128)> {
        (0..128u32, any::<u128>(), 0..128u32, any::<u128>()).prop_map(|(few, after, fewer, before)| {
            let (after, before) = ((after >> few).max(1), (before >> fewer).max(1));
            (after.min(before), before.max(after))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_left_is_the_exact_part_rounded_down_or_a_planck_less(
            amount in any::<u128>(),
            earlier in any_part(),
            parts in prop::collection::vec(any_part(), 0..=3),
        ) {
            let at = Retention::ONE.shrunk(earlier.0, earlier.1).expect("a part");
            let paid = Contribution { kept: amount, retention: at };
            let mut now = at;
            // One factor of 128 bits and three more fit in 512.
            let (mut product, mut divisor) = (U512::from(amount), U512::one());
            for (after, before) in parts {
                let next = now.shrunk(after, before).expect("a part");
                prop_assert!(next.is_normal() && now.is_at_least(&next));
                now = next;
                product *= U512::from(after);
                divisor *= U512::from(before);
            }
            let exact = product / divisor;
            let left = U512::from(paid.left(&now));
            prop_assert!(left <= exact && exact <= left + U512::one(), "{left} instead of {exact}");
        }

        #[test]
        fn no_numbers_make_what_is_left_more_than_was_paid(
            kept in any::<u128>(),
            then in any::<(u128, u64)>(),
            now in any::<(u128, u64)>(),
        ) {
            let retention = |(mantissa, exponent)| Retention { mantissa, exponent };
            let paid = Contribution { kept, retention: retention(then) };
            prop_assert!(paid.left(&retention(now)) <= kept);
        }
    }

    #[test]
    fn a_part_that_is_none_contradicts_the_pool() {
        for (after, before) in [(0, 1), (2, 1), (1, 0)] {
            assert_eq!(Retention::ONE.shrunk(after, before), Err(MathError::Inconsistent));
        }
        let worn = Retention {
            mantissa: 1,
            exponent: 0,
        };
        assert_eq!(worn.shrunk(1, 2), Err(MathError::Inconsistent));
        let last = Retention {
            exponent: u64::MAX,
            ..Retention::ONE
        };
        assert_eq!(last.shrunk(1, 3), Err(MathError::Overflow));
    }
}

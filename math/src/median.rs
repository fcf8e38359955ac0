//! The median by which verdicts and rewards are reckoned.

use alloc::vec::Vec;

/// The median; of an even number of values, the lower of the two in the middle. Nothing if there are none.
pub fn lower_median<Number: Ord + Copy>(values: impl IntoIterator<Item = Number>) -> Option<Number> {
    let mut values: Vec<_> = values.into_iter().collect();
    let middle = values.len().checked_sub(1)? / 2;
    let (_, median, _) = values.select_nth_unstable(middle);
    Some(*median)
}

#[cfg(test)]
mod tests {
    use super::lower_median;

    #[test]
    fn the_median_is_in_the_middle_and_the_lower_one_of_two() {
        assert_eq!(lower_median::<u8>([]), None);
        assert_eq!(lower_median([7]), Some(7));
        assert_eq!(lower_median([9, 1, 5]), Some(5));
        assert_eq!(lower_median([9, 1, 5, 7]), Some(5));
    }
}

//! Whether this machine's clock agrees with those of the authors of blocks.
//!
//! A block bears the time at which its author began to make it. It arrives later than that, but by less than half the time
//! between two blocks, or there would hardly be a chain. So a clock by which blocks come before they are made is slow, and
//! one by which most of them take longer is fast.

use alloc::vec::Vec;
use sp_runtime::offchain::storage::StorageValueRef;

/// Where the last lags are kept, in the node's own storage.
const KEY: &[u8] = b"loopin/verifier/lags";
/// How many blocks are remembered.
const BLOCKS: usize = 16;
/// Fewer say nothing.
const LEAST_BLOCKS: usize = 8;
/// How long a block may take from its author's clock to this machine, in milliseconds.
const USUAL_LAG_MS: i64 = 3_000;

/// Notes when the last block came, and says how many milliseconds this machine's clock is ahead of where the last blocks
/// say that it should be, if enough of them have come.
pub(crate) fn offset_after_block(machine_ms: u64, block_ms: u64) -> Option<i64> {
    let lag = machine_ms.cast_signed().saturating_sub(block_ms.cast_signed());
    let stored = StorageValueRef::persistent(KEY).mutate(|lags| {
        let mut lags: Vec<i64> = lags.ok().flatten().unwrap_or_default();
        lags.push(lag);
        let superfluous = lags.len().saturating_sub(BLOCKS);
        lags.drain(..superfluous);
        Ok::<_, ()>(lags)
    });
    // Where the workers of two blocks come together, the next one knows.
    offset(stored.ok()?)
}

/// How far the median of these lags is out of what is usual, in milliseconds.
fn offset(mut lags: Vec<i64>) -> Option<i64> {
    if lags.len() < LEAST_BLOCKS {
        return None;
    }
    lags.sort_unstable();
    let median = *lags.get(lags.len() / 2)?;
    Some(median.saturating_sub(median.clamp(0, USUAL_LAG_MS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_core::offchain::{OffchainDbExt, testing::TestOffchainExt};

    fn after(lags: impl IntoIterator<Item = i64>) -> Option<i64> {
        let mut externalities = sp_io::TestExternalities::default();
        externalities.register_extension(OffchainDbExt::new(TestOffchainExt::new().0));
        externalities.execute_with(|| {
            let mut last = None;
            for (number, lag) in lags.into_iter().enumerate() {
                let block_ms = 1_000_000 + 6_000 * number as u64;
                last = offset_after_block(block_ms.saturating_add_signed(lag), block_ms);
            }
            last
        })
    }

    #[test]
    fn a_clock_by_which_blocks_take_a_while_is_right() {
        assert_eq!(after([400; 16]), Some(0));
        assert_eq!(after([0; 16]), Some(0));
        assert_eq!(after([3_000; 16]), Some(0));
    }

    #[test]
    fn a_clock_by_which_blocks_come_before_they_are_made_is_slow() {
        assert_eq!(after([-700; 16]), Some(-700));
    }

    #[test]
    fn a_clock_by_which_blocks_take_too_long_is_fast() {
        assert_eq!(after([4_200; 16]), Some(1_200));
    }

    #[test]
    fn some_blocks_of_authors_whose_clocks_are_wrong_change_nothing() {
        let lags = (0..16).map(|number| if number % 3 == 0 { -60_000 } else { 500 });
        assert_eq!(after(lags), Some(0));
    }

    #[test]
    fn a_few_blocks_say_nothing_and_old_ones_are_forgotten() {
        assert_eq!(after([-700; 7]), None);
        assert_eq!(after([-700; 8]), Some(-700));
        assert_eq!(after([-700; 40].into_iter().chain([400; 16])), Some(0));
    }
}

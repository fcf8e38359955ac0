//! The walk: dependent reads that need the whole state at hand, and all of its memory's bandwidth.
//!
//! Each lane is a `u64` state `s`. Its start is the lane's word of [`Domain::LaneStart`]. It then does 32
//! times:
//!
//! ```text
//! chunk = chunk number floor(s * chunks / 2^64) of the state       counted as the leaves of the state's tree
//! w     = the chunk as little-endian u32 words
//! k     = the walk's key table from word 4 * (s mod 256) on
//! z     = s + sum over j of u64(w[2j] + k[2j]) * u64(w[2j+1] + k[2j+1])
//! z     = (z ^ (z >> 30)) * bf58476d1ce4e5b9
//! z     = (z ^ (z >> 27)) * 94d049bb133111eb
//! s     = z ^ (z >> 31)
//! ```
//!
//! The additions in brackets wrap at 2^32, everything else at 2^64. The key table has `chunk / 4 + 1,020`
//! words.
//!
//! The sum is the universal hash NH of UMAC (Black, Halevi, Krawczyk, Krovetz, Rogaway 1999; RFC 4418): for
//! keys unknown when the state was fixed, two different chunks agree with probability at most `2^-32`. So a
//! device that kept less than the chunk cannot tell the next state. The offset into the key table (Toeplitz,
//! as in UMAC) makes 256 different hashes of each chunk: their results together are twice as long as the
//! chunk, so computing them ahead, in one pass over the memory, saves nothing. The sum can be taken in any
//! order, by any number of threads.

use crate::{
    Seed,
    prng::{self, Domain, little_endian},
    profile::{Geometry, WALK_READS},
};
use alloc::{vec, vec::Vec};

/// Different places in the key table where the keys of a read may begin.
const OFFSETS: usize = 256;
/// Words between two such places: 16 bytes, one vector load.
const OFFSET_WORDS: usize = 4;

/// States of a lane, after each of its reads.
pub type Trace = [u64; WALK_READS];

/// A walk's seed turned into keys.
#[derive(Clone, Debug)]
pub struct Walker {
    seed: Seed,
    chunks: u64,
    keys: Vec<u32>,
}

impl Walker {
    /// Prepares the walk with that seed.
    pub fn new(geometry: &Geometry, seed: &Seed) -> Self {
        let words = geometry.chunk_len() / 4 + (OFFSETS - 1) * OFFSET_WORDS;
        let mut bytes = vec![0; words * 4];
        prng::fill(seed, Domain::WalkKey, 0, 0, 0, &mut bytes);
        let keys = bytes.chunks_exact(4).map(little_endian).collect();
        Self {
            seed: *seed,
            chunks: geometry.chunks(),
            keys,
        }
    }

    /// State of a lane before its first read.
    pub fn start(&self, lane: u32) -> u64 {
        prng::long_word(&self.seed, Domain::LaneStart, lane)
    }

    /// State of a lane before read `read`, below [`WALK_READS`], given the states after each.
    pub fn before(&self, lane: u32, trace: &Trace, read: usize) -> u64 {
        if read == 0 {
            self.start(lane)
        } else {
            trace[read - 1]
        }
    }

    /// Walks a lane: its states after each read, where `chunk` gives a chunk by its number.
    ///
    /// # Errors
    /// The first error of `chunk`.
    pub fn trace<Chunk: AsRef<[u8]>, Error>(
        &self,
        lane: u32,
        mut chunk: impl FnMut(u64) -> Result<Chunk, Error>,
    ) -> Result<Trace, Error> {
        let mut trace = [0; WALK_READS];
        let mut now = self.start(lane);
        for state in &mut trace {
            now = self.next(now, chunk(self.address(now))?.as_ref());
            *state = now;
        }
        Ok(trace)
    }

    /// Number of the chunk that a lane in state `state` reads next.
    pub fn address(&self, state: u64) -> u64 {
        prng::below(state, self.chunks)
    }

    /// State of a lane after it was in `state` and read `chunk`, which has the geometry's length.
    pub fn next(&self, state: u64, chunk: &[u8]) -> u64 {
        let offset = (state % OFFSETS as u64) as usize * OFFSET_WORDS;
        let sum = chunk
            .chunks_exact(8)
            .zip(self.keys[offset..].chunks_exact(2))
            .fold(state, |sum, (words, keys)| {
                let first = little_endian(&words[..4]).wrapping_add(keys[0]);
                let second = little_endian(&words[4..]).wrapping_add(keys[1]);
                sum.wrapping_add(u64::from(first) * u64::from(second))
            });
        finish(sum)
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection of `u64`.
fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classes::class;
    use proptest::prelude::*;

    fn walker(name: &str, seed: Seed) -> (Geometry, Walker) {
        let geometry = Geometry::new(class(name).expect("a known class").profile).expect("usable");
        (geometry, Walker::new(&geometry, &seed))
    }

    #[test]
    fn the_key_table_reaches_to_the_last_offset() {
        for name in ["cpu-reference", "RTX 4090"] {
            let (geometry, walker) = walker(name, [1; 32]);
            assert_eq!(walker.keys.len(), geometry.chunk_len() / 4 + 1_020);
            // A state of all ones uses the last offset: every word of the chunk must still change the result.
            let zeros = vec![0; geometry.chunk_len()];
            let base = walker.next(u64::MAX, &zeros);
            for at in 0..geometry.chunk_len() {
                let mut changed = zeros.clone();
                changed[at] = 1;
                assert_ne!(walker.next(u64::MAX, &changed), base, "byte {at}");
            }
        }
    }

    #[test]
    fn addresses_cover_the_state_and_nothing_more() {
        let (geometry, walker) = walker("H200 SXM", [1; 32]);
        assert_eq!(walker.address(0), 0);
        assert_eq!(walker.address(u64::MAX), geometry.chunks() - 1);
    }

    #[test]
    fn the_finaliser_has_the_published_values() {
        // The first outputs of SplitMix64 seeded with 0 are the finaliser of multiples of its increment.
        assert_eq!(finish(0x9e37_79b9_7f4a_7c15), 0xe220_a839_7b1d_cdaf);
        assert_eq!(finish(0x3c6e_f372_fe94_f82a), 0x6e78_9e6a_a1b9_65f4);
    }

    proptest! {
        #[test]
        fn any_change_of_a_chunk_or_a_state_changes_the_next_state(
            seed: Seed, state: u64, byte in 0usize..1_024, flip in 1u8.., fill: u8,
        ) {
            let (_, walker) = walker("RTX 4090", seed);
            let chunk = vec![fill; 1_024];
            let mut other = chunk.clone();
            other[byte] ^= flip;
            prop_assert_ne!(walker.next(state, &chunk), walker.next(state, &other));
            prop_assert_ne!(walker.next(state, &chunk), walker.next(state ^ 1 << 63, &chunk));
        }
    }
}

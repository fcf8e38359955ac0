//! The agent checks what it opens before it sends it: a bit that flips in memory without error correction must not
//! convict an honest card.

use loopin_challenge::{
    Checker, Claim, Flaw, Geometry, Hash, Place, Rejection, Seed, messages::OpeningsDigest,
};

/// Whether openings are what a verifier will accept. Returns their digest.
///
/// # Errors
/// The first opening that is wrong.
pub fn check(
    geometry: &Geometry,
    claim: &Claim,
    sample_seed: &Seed,
    openings: &[u8],
) -> Result<Hash, Rejection> {
    let mut checker = Checker::new(geometry, claim, sample_seed);
    let mut digest = OpeningsDigest::new(sample_seed);
    let mut rest = openings;
    while !checker.is_done() {
        let before = rest;
        checker.check_next(&mut rest)?;
        digest.add(&before[..before.len() - rest.len()]);
    }
    if rest.is_empty() {
        Ok(digest.finish())
    } else {
        Err(Rejection::unproven(Place::Message, Flaw::TrailingBytes))
    }
}

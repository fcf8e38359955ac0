//! Seeds to which a majority of a device's committee has contributed.
//!
//! All verifiers of a device challenge it at the same two moments, and each sends a nonce of its own. The device begins
//! as soon as it has those of verifiers with more than half of the seats, and makes the seed of exactly these: so no
//! minority knows the seed before, and none can hold the device up. What it answers shows the requests that the seed was
//! made of, and each verifier checks them.

use crate::{
    Hash, Seed,
    messages::{
        Assignment, Contribution, FillRequest, Message, Nonce, Signature, VerifierAccount, WalkRequest, hash,
    },
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A verifier in the committee of a device.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Member {
    /// The verifier's account.
    pub verifier: VerifierAccount,
    /// The key, of sr25519, with which the verifier's node signs.
    pub key: [u8; 32],
    /// How many of the committee's seats are the verifier's: so many votes it has.
    pub seats: u32,
}

/// Whether that many seats are more than half of the committee's.
pub fn is_majority(seats: u32, committee: &[Member]) -> bool {
    u64::from(seats).saturating_mul(2) > all_seats(committee)
}

/// The seats of a committee.
fn all_seats(committee: &[Member]) -> u64 {
    committee
        .iter()
        .fold(0, |sum, member| u64::saturating_add(sum, member.seats.into()))
}

/// The seed of the state: `SHA-256("loopin/challenge/2/seed" || 00 || assignment || contributors)`, where the
/// contributors are as SCALE encodes a list of accounts and nonces, sorted by account.
pub fn seed(assignment: &Assignment, contributors: &[(VerifierAccount, Nonce)]) -> Seed {
    hash(b"loopin/challenge/2/seed", &(assignment, contributors))
}

/// The seed of the walk: `SHA-256("loopin/challenge/2/walk-seed" || 00 || seed || state root || contributors)`.
pub fn walk_seed(seed: &Seed, state_root: &Hash, contributors: &[(VerifierAccount, Nonce)]) -> Seed {
    hash(b"loopin/challenge/2/walk-seed", &(seed, state_root, contributors))
}

/// Accounts and nonces of contributions.
pub fn contributors(contributions: &[Contribution]) -> Vec<(VerifierAccount, Nonce)> {
    let contributor = |contribution: &Contribution| (contribution.verifier, contribution.nonce);
    contributions.iter().map(contributor).collect()
}

/// Why contributions make no seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContributionError {
    /// They are not sorted by verifier, or one is there twice.
    #[error("contributions are not sorted by verifier, each once")]
    Unsorted,
    /// One is of a verifier that is not in the committee.
    #[error("a contribution is of a verifier that has no seat")]
    NoSeat,
    /// One is not signed by its verifier for this challenge.
    #[error("a contribution is not signed by its verifier")]
    WrongSignature,
    /// They are not of more than half of the seats.
    #[error("contributions are of {seats} seats only, which is not a majority")]
    NoMajority {
        /// The seats that they are of.
        seats: u32,
    },
}

/// Whether these are contributions of a majority to the state's seed. `verify` checks a signature over a digest by a key.
///
/// # Errors
/// They are not. No signature is checked unless all else is right.
pub fn check_fill(
    assignment: &Assignment,
    committee: &[Member],
    contributions: &[Contribution],
    verify: impl Fn(&Signature, &Hash, &[u8; 32]) -> bool,
) -> Result<(), ContributionError> {
    check(committee, contributions, verify, |contribution| {
        let request = FillRequest {
            assignment: *assignment,
            verifier: contribution.verifier,
            nonce: contribution.nonce,
        };
        request.digest()
    })
}

/// Whether these are contributions of a majority to the seed of the walk over that state. `verify` checks a signature
/// over a digest by a key.
///
/// # Errors
/// They are not. No signature is checked unless all else is right.
pub fn check_walk(
    assignment: &Assignment,
    seed: &Seed,
    state_root: &Hash,
    committee: &[Member],
    contributions: &[Contribution],
    verify: impl Fn(&Signature, &Hash, &[u8; 32]) -> bool,
) -> Result<(), ContributionError> {
    check(committee, contributions, verify, |contribution| {
        let request = WalkRequest {
            assignment: *assignment,
            verifier: contribution.verifier,
            seed: *seed,
            state_root: *state_root,
            nonce: contribution.nonce,
        };
        request.digest()
    })
}

fn check(
    committee: &[Member],
    contributions: &[Contribution],
    verify: impl Fn(&Signature, &Hash, &[u8; 32]) -> bool,
    digest: impl Fn(&Contribution) -> Hash,
) -> Result<(), ContributionError> {
    if !contributions.is_sorted_by(|one, next| one.verifier < next.verifier) {
        return Err(ContributionError::Unsorted);
    }
    let members = contributions
        .iter()
        .map(|contribution| {
            let member = committee
                .iter()
                .find(|member| member.verifier == contribution.verifier);
            member.ok_or(ContributionError::NoSeat)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let seats = members
        .iter()
        .fold(0, |sum, member| u32::saturating_add(sum, member.seats));
    if !is_majority(seats, committee) {
        return Err(ContributionError::NoMajority { seats });
    }
    let is_signed = |(contribution, member): (&Contribution, &&Member)| {
        verify(&contribution.signature, &digest(contribution), &member.key)
    };
    if contributions.iter().zip(&members).all(is_signed) {
        Ok(())
    } else {
        Err(ContributionError::WrongSignature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classes::CPU_REFERENCE;
    use std::collections::BTreeSet;

    fn assignment() -> Assignment {
        Assignment {
            genesis: [1; 32],
            round: 2,
            round_seed: [3; 32],
            device: 4,
            profile: CPU_REFERENCE.profile,
        }
    }

    /// Five seats: Alice has two, Bob has two, Carol one.
    fn committee() -> Vec<Member> {
        [(1, 2), (2, 2), (3, 1)]
            .map(|(name, seats)| Member {
                verifier: [name; 32],
                key: [name + 100; 32],
                seats,
            })
            .into()
    }

    /// A signature as the tests have it: the digest, and the key.
    fn sign(digest: Hash, name: u8) -> Signature {
        let mut signature = [name + 100; 64];
        signature[..32].copy_from_slice(&digest);
        signature
    }

    fn verify(signature: &Signature, digest: &Hash, key: &[u8; 32]) -> bool {
        signature[..32] == digest[..] && signature[32..] == key[..]
    }

    fn filled(name: u8) -> Contribution {
        let request = FillRequest {
            assignment: assignment(),
            verifier: [name; 32],
            nonce: [name + 10; 32],
        };
        Contribution {
            verifier: request.verifier,
            nonce: request.nonce,
            signature: sign(request.digest(), name),
        }
    }

    fn walked(name: u8) -> Contribution {
        let request = WalkRequest {
            assignment: assignment(),
            verifier: [name; 32],
            seed: [5; 32],
            state_root: [6; 32],
            nonce: [name + 10; 32],
        };
        Contribution {
            verifier: request.verifier,
            nonce: request.nonce,
            signature: sign(request.digest(), name),
        }
    }

    fn check_filled(contributions: &[Contribution]) -> Result<(), ContributionError> {
        check_fill(&assignment(), &committee(), contributions, verify)
    }

    fn check_walked(contributions: &[Contribution]) -> Result<(), ContributionError> {
        check_walk(
            &assignment(),
            &[5; 32],
            &[6; 32],
            &committee(),
            contributions,
            verify,
        )
    }

    #[test]
    fn contributions_of_more_than_half_of_the_seats_make_a_seed() {
        assert_eq!(check_filled(&[filled(1), filled(2)]), Ok(()));
        assert_eq!(check_filled(&[filled(1), filled(3)]), Ok(()));
        assert_eq!(check_filled(&[filled(1), filled(2), filled(3)]), Ok(()));
        assert_eq!(check_walked(&[walked(2), walked(3)]), Ok(()));
    }

    #[test]
    fn a_minority_a_stranger_or_the_same_one_twice_makes_none() {
        let too_few = |seats| Err(ContributionError::NoMajority { seats });
        assert_eq!(check_filled(&[]), too_few(0));
        assert_eq!(check_filled(&[filled(1)]), too_few(2));
        assert_eq!(
            check_filled(&[filled(1), filled(4)]),
            Err(ContributionError::NoSeat)
        );
        assert_eq!(
            check_filled(&[filled(1), filled(1)]),
            Err(ContributionError::Unsorted)
        );
        assert_eq!(
            check_filled(&[filled(2), filled(1)]),
            Err(ContributionError::Unsorted)
        );
    }

    #[test]
    fn half_of_an_even_committee_is_no_majority() {
        let committee = &committee()[..2];
        assert!(!is_majority(2, committee));
        assert!(is_majority(3, committee));
        assert!(!is_majority(0, &[]));
    }

    #[test]
    fn what_a_verifier_signed_for_anything_else_makes_none() {
        let wrong = Err(ContributionError::WrongSignature);
        assert_eq!(check_filled(&[filled(1), walked(2)]), wrong);
        assert_eq!(check_walked(&[filled(1), walked(2)]), wrong);
        let mut other_nonce = filled(2);
        other_nonce.nonce[0] ^= 1;
        assert_eq!(check_filled(&[filled(1), other_nonce]), wrong);
        let mut other_round = assignment();
        other_round.round += 1;
        let contributions = [filled(1), filled(2)];
        assert_eq!(
            check_fill(&other_round, &committee(), &contributions, verify),
            wrong
        );
    }

    #[test]
    fn no_signature_is_checked_of_contributions_that_make_no_seed_anyway() {
        let never = |_: &Signature, _: &Hash, _: &[u8; 32]| -> bool { panic!("a signature is checked") };
        let contributions = [filled(1)];
        assert!(check_fill(&assignment(), &committee(), &contributions, never).is_err());
    }

    #[test]
    fn the_seeds_depend_on_everything_that_goes_into_them() {
        let contributors = contributors(&[filled(1), filled(2)]);
        let changed = |change: fn(&mut Assignment)| {
            let mut other = assignment();
            change(&mut other);
            seed(&other, &contributors)
        };
        let seeds = BTreeSet::from([
            seed(&assignment(), &contributors),
            seed(&assignment(), &contributors[..1]),
            seed(&assignment(), &[([1; 32], [99; 32]), contributors[1]]),
            changed(|assignment| assignment.genesis[0] ^= 1),
            changed(|assignment| assignment.round += 1),
            changed(|assignment| assignment.round_seed[0] ^= 1),
            changed(|assignment| assignment.device += 1),
            changed(|assignment| assignment.profile.limits.open_ms += 1),
            walk_seed(&[5; 32], &[6; 32], &contributors),
            walk_seed(&[7; 32], &[6; 32], &contributors),
            walk_seed(&[5; 32], &[7; 32], &contributors),
            walk_seed(&[5; 32], &[6; 32], &contributors[..1]),
        ]);
        assert_eq!(seeds.len(), 12);
    }
}

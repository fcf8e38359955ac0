//! What runtime APIs and the offchain worker ask.

use crate::{
    mock::{Answer::*, *},
    *,
};
use frame_support::assert_ok;
use loopin_challenge::joint::Member;
use loopin_primitives::{ChallengeKind, DeviceChallenge};
use sp_core::Pair;

#[test]
fn a_challenge_says_what_is_asked_by_whom_and_when() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register_verified();
        assert_eq!(Verification::challenge_of(device), None);
        begin_round();
        let committee = committee_of(device)
            .into_iter()
            .map(|(who, seats)| Member {
                verifier: [who; 32],
                key: pair(who).public().0,
                seats,
            })
            .collect();
        let challenge = DeviceChallenge {
            now: now(),
            round: 1,
            round_seed: round().seed.0,
            device,
            profile: profile(ChallengeKind::Full),
            kind: ChallengeKind::Full,
            agent_key: pair(AGENT).public().0,
            endpoint: endpoint().into_inner(),
            window: round().window,
            committee,
        };
        assert_eq!(Verification::challenge_of(device), Some(challenge.clone()));

        provide(device);
        let rental = rent(device);
        assert_eq!(Verification::challenge_of(device), None);
        report(rental, device);
        assert_eq!(
            Verification::challenge_of(device),
            Some(DeviceChallenge {
                profile: profile(ChallengeKind::Light),
                kind: ChallengeKind::Light,
                ..challenge
            })
        );
        assert_eq!(Verification::challenge_of(register()), None);
        end_round();
        assert_eq!(Verification::challenge_of(device), None);
    });
}

#[test]
fn the_duties_of_all_are_all_duties() {
    ExternalityBuilder::default().build_and_execute(|| {
        for _ in 0..20 {
            register();
        }
        begin_round();
        let mut found = 0;
        for who in 0..5 {
            let page = Verification::assignments(&account(who), 0, 100);
            assert_eq!(page.next, None);
            for duty in page.assignments {
                assert_eq!(
                    Some(&duty.challenge),
                    Verification::challenge_of(duty.challenge.device).as_ref()
                );
                let committee = &duty.challenge.committee;
                let own = committee.iter().find(|member| member.verifier == [who; 32]);
                assert_eq!(own.map(|member| member.seats), Some(duty.seats));
                assert!(!duty.attested);
                found += duty.seats;
            }
        }
        assert_eq!(found, 20 * 3);
        let nothing = AssignmentPage {
            assignments: vec![],
            next: None,
        };
        assert_eq!(Verification::assignments(&account(BYSTANDER), 0, 100), nothing);
        end_round();
        assert_eq!(Verification::assignments(&account(0), 0, 100), nothing);
    });
}

#[test]
fn pages_of_duties_follow_each_other() {
    ExternalityBuilder::default().build_and_execute(|| {
        for _ in 0..20 {
            register();
        }
        begin_round();
        let whole = Verification::assignments(&account(0), 0, 100).assignments;
        let (mut paged, mut from, mut pages) = (Vec::new(), Some(0), 0);
        while let Some(device) = from {
            let page = Verification::assignments(&account(0), device, 7);
            paged.extend(page.assignments);
            from = page.next;
            pages += 1;
        }
        assert_eq!((paged, pages), (whole, 3));
        // A page of nothing would never end.
        assert_eq!(Verification::assignments(&account(0), 3, 0).next, Some(4));
        assert_eq!(Verification::assignments(&account(0), u32::MAX, 5).next, None);
    });
}

#[test]
fn a_duty_that_is_done_says_so() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register();
        begin_round();
        assert_ok!(vote(device, 0, Fail));
        let who = account(seats(device)[0]);
        assert!(Verification::assignments(&who, 0, 1).assignments[0].attested);
    });
}

#[test]
fn rented_devices_are_no_duties() {
    ExternalityBuilder::default().verifiers(3).build_and_execute(|| {
        let (rented, reported) = (register_verified(), register_verified());
        begin_round();
        for device in [rented, reported] {
            provide(device);
            let rental = rent(device);
            if device == reported {
                report(rental, device);
            }
        }
        let duties = Verification::assignments(&account(0), 0, 100).assignments;
        assert_eq!(duties.len(), 1);
        assert_eq!(duties[0].challenge.device, reported);
        assert_eq!(duties[0].challenge.kind, ChallengeKind::Light);
    });
}

#[test]
fn whoever_wants_can_see_who_has_voted_how() {
    ExternalityBuilder::default().build_and_execute(|| {
        let device = register();
        begin_round();
        assert_ok!(vote(device, 1, Fail));
        let voter = seats(device)[1];
        let answers = Verification::ballots(1, device).unwrap();
        let expected: Vec<_> = committee_of(device)
            .into_iter()
            .map(|(who, seats)| crate::Ballot {
                member: account(who),
                seats,
                cast: Attestations::<Test>::get((1, device, account(who))),
            })
            .collect();
        assert_eq!(answers, expected);
        assert!(
            answers
                .iter()
                .all(|answer| answer.cast.is_some() == (answer.member == account(voter)))
        );
        assert_eq!(Verification::ballots(2, device), None);
        assert_eq!(Verification::ballots(1, device + 1), None);
    });
}

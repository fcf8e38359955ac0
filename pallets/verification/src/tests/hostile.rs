//! A minority of a committee is hostile, round after round: verdicts are what they are without it, and it is punished.
//! Two of five verifiers are, whatever seats they draw.

use super::fraud::accuse;
use crate::{
    mock::{Answer::*, *},
    *,
};
use frame_support::{assert_noop, assert_ok, assert_storage_noop};
use loopin_primitives::{DeviceId, Standing, Verdict};

/// The verifiers that are hostile.
const HOSTILE: [u8; 2] = [3, 4];
/// Rounds that are played at most.
const ROUNDS: u32 = 30;
/// How honest verifiers vote on a device that works, and what comes of it.
const PASS: Answer = Pass(100, 25);
const VERDICT_OF_PASSES: Verdict = Verdict::Passed {
    work_gops: 100,
    privacy: 25,
};

fn is_hostile(who: u8) -> bool {
    HOSTILE.contains(&who)
}

/// Rounds pass until both hostile verifiers are suspended. In each, every member of the device's committee has its turn:
/// honest ones vote `honest`, hostile ones do what `attack` says. Each verdict is `verdict`.
fn play(is_working: bool, attack: impl Fn(DeviceId, usize, u8)) {
    ExternalityBuilder::default().build_and_execute(|| {
        CommitteeSize::set(5);
        let device = register_staked();
        let (honest, verdict) = if is_working {
            (PASS, VERDICT_OF_PASSES)
        } else {
            (Fail, Verdict::Failed)
        };
        let mut played = 0;
        while HOSTILE.iter().any(|&who| verifier(who).is_active()) {
            played += 1;
            assert!(played <= ROUNDS, "they go unpunished");
            begin_round();
            enter_window();
            for (seat, who) in seats(device).into_iter().enumerate() {
                if is_hostile(who) {
                    attack(device, seat, who);
                } else {
                    assert_ok!(vote(device, seat, honest));
                }
            }
            end_round();
            assert_ok!(conclude(device));
            assert_eq!(last_verdict(device), Some(verdict), "round {played}");
            // A device that has failed is suspended: somebody puts it right for the next round.
            if !is_working {
                record(device, &[PASSED]);
            }
        }
        assert_eq!(standing(device), Standing::Verified);
        for who in 0..5 {
            let slashed = if is_hostile(who) { BOND / 10 } else { 0 };
            assert_eq!(held(who), BOND - slashed, "verifier {who}");
            assert_eq!(verifier(who).strikes, 0, "verifier {who}");
            assert_eq!(active().contains(&who), !is_hostile(who), "verifier {who}");
        }
    });
}

/// Whatever a hostile verifier sends is refused, and changes nothing.
fn is_refused(call: Call<Test>, error: Error<Test>) {
    assert_noop!(submit(call), refused(error).unwrap_err());
}

#[test]
fn whoever_copies_a_pass_is_refused_and_counts_as_silent() {
    play(true, |device, seat, thief| {
        // What the members before have sent can be seen by everybody.
        for honest in seats(device)
            .into_iter()
            .take(seat)
            .filter(|&who| !is_hostile(who))
        {
            let mut copied = attestation(device, honest, PASS).expect("it is not silent");
            copied.verifier = account(thief);
            is_refused(attest_call(&copied, thief), Error::WrongAgentSignature);
        }
    });
}

#[test]
fn whoever_says_that_a_failing_device_passes_contradicts_the_verdict() {
    // The device is in league with them: its agent signs what they want.
    play(false, |device, seat, _| {
        assert_ok!(vote(device, seat, Pass(2_000, 100)));
    });
}

#[test]
fn whoever_says_that_a_working_device_fails_contradicts_the_verdict() {
    play(true, |device, seat, _| {
        assert_ok!(vote(device, seat, Fail));
    });
}

#[test]
fn whoever_overstates_or_understates_the_work_changes_no_median_and_gets_no_more() {
    ExternalityBuilder::default().build_and_execute(|| {
        CommitteeSize::set(5);
        for work in [1, 2_000] {
            let device = register_verified();
            let answer = |who: u8| if is_hostile(who) { Pass(work, 100) } else { PASS };
            begin_round();
            let answers: Vec<_> = seats(device).into_iter().map(answer).collect();
            votes(device, &answers);
            assert_ok!(conclude(device));
            assert_eq!(last_verdict(device), Some(VERDICT_OF_PASSES));
        }
    });
}

#[test]
fn whoever_is_silent_misses_duties() {
    for is_working in [true, false] {
        play(is_working, |_, _, _| ());
    }
}

#[test]
fn spam_is_refused_before_it_is_in_a_block_and_its_sender_counts_as_silent() {
    play(true, |device, _, spammer| {
        let sent = |change: fn(&mut AttestationOf<Test>)| {
            let mut attestation = attestation(device, spammer, Fail).expect("it is not silent");
            change(&mut attestation);
            attest_call(attestation, spammer)
        };
        // Of other rounds and devices, and of somebody who is no verifier.
        is_refused(sent(|attestation| attestation.round += 1), Error::UnknownRound);
        is_refused(sent(|attestation| attestation.device += 100), Error::NotInRound);
        is_refused(
            sent(|attestation| attestation.verifier = account(19)),
            Error::NotInCommittee,
        );
        // Before devices compute, after the round, and in the name of the others.
        let moment = now();
        set_now(round().window.fill_at - 1);
        is_refused(sent(|_| ()), Error::TooEarly);
        set_now(round().closes_at);
        is_refused(sent(|_| ()), Error::TooLate);
        set_now(moment);
        for victim in seats(device).into_iter().filter(|&other| other != spammer) {
            let in_its_name = attestation(device, victim, Fail).expect("it is not silent");
            assert_storage_noop!(assert!(submit(attest_call(in_its_name, spammer)).is_err()));
        }
        let round = CurrentRound::<Test>::get();
        is_refused(Call::conclude { round, device }, Error::RoundNotOver);
    });
}

#[test]
fn an_attestation_is_one_however_often_it_is_sent() {
    play(true, |device, seat, spammer| {
        assert_ok!(vote(device, seat, Fail));
        for repeated in [Fail, PASS, Unknown] {
            let again = attestation(device, spammer, repeated).expect("it is not silent");
            is_refused(attest_call(again, spammer), Error::AlreadyAttested);
        }
    });
}

#[test]
fn whoever_accuses_honest_devices_is_struck_once_for_each() {
    play(true, |device, seat, _| {
        // Each duty done forgives one strike; the false report costs two.
        assert_ok!(vote(device, seat, PASS));
        for _ in 0..3 {
            accuse(device, seat, true, false);
        }
    });
}

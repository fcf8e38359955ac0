//! What the calls, their authorisation and the hooks cost, each measured at its worst.
//!
//! What a verdict or a conviction does to the device's registration is measured with the call, and charged once more as
//! the registry states it: that errs on the safe side.

use crate::*;
use alloc::{boxed::Box, vec::Vec};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
    BoundedVec,
    pallet_prelude::{Authorize, TransactionSource},
    traits::{
        Get, UnfilteredDispatchable,
        fungible::{Balanced, Inspect},
        tokens::Precision,
    },
};
use frame_system::RawOrigin;
use loopin_challenge::{
    Claim, FraudProof, Geometry, Profile, Sample,
    classes::{CPU_REFERENCE, class},
    messages::{Assignment, Message, OpenAnswer, WalkAnswer},
    synthetic::SyntheticProof,
};
use loopin_primitives::{Balance, ChallengeKind, DeviceId, FailReason, LOOPIN, Moment, Pass, Vote, Window};
use pallet_devices::{
    FormerKey, Pallet as Devices,
    benchmarking::{create_verified, set_agent_keys},
};
use pallet_pools::{BenchmarkHelper as _, CurrencyOf, benchmarking::create_pool};
use sp_core::{H256, sr25519};
use sp_io::crypto::{sr25519_generate, sr25519_sign};
use sp_runtime::DispatchError;

/// The time at which the benchmarks begin.
const NOW: Moment = 1_900_000_000;
/// The number of the round in which they take place.
const ROUND: u64 = 1;

/// Sets the time.
fn set_now<T: Config>(moment: Moment) {
    <T as pallet_pools::Config>::BenchmarkHelper::set_now(moment);
}

/// An account that can bond.
fn rich_account<T: Config>(name: &'static str, index: u32) -> Result<T::AccountId, DispatchError> {
    let who = account(name, index, 0);
    let funds: Balance = T::MinimumBond::get()
        .max(CurrencyOf::<T>::minimum_balance())
        .max(LOOPIN)
        .saturating_mul(1_000);
    // The imbalance is the issuance's.
    drop(CurrencyOf::<T>::deposit(&who, funds, Precision::Exact)?);
    Ok(who)
}

fn bond_of<T: Config>() -> Balance {
    T::MinimumBond::get().max(LOOPIN)
}

/// A key of this node.
fn new_key() -> sr25519::Public {
    sr25519_generate(KEY_TYPE, None)
}

/// A verifier whose key is this node's.
fn new_verifier<T: Config>(index: u32) -> Result<T::AccountId, DispatchError> {
    let who = rich_account::<T>("verifier", index)?;
    Pallet::<T>::do_bond(&who, bond_of::<T>(), new_key())?;
    Ok(who)
}

/// Active verifiers, until there are that many.
fn fill<T: Config>(verifiers: u32) -> Result<(), DispatchError> {
    for index in Active::<T>::decode_len().unwrap_or_default() as u32..verifiers {
        new_verifier::<T>(index)?;
    }
    Ok(())
}

/// A signature by a key of this node.
fn sign(key: &sr25519::Public, digest: &[u8; 32]) -> Result<sr25519::Signature, BenchmarkError> {
    sr25519_sign(KEY_TYPE, key, digest).ok_or(BenchmarkError::Stop("the key is not in the keystore"))
}

/// A device in a round with all the verifiers that there can be.
struct Stage<T: Config> {
    device: DeviceId,
    /// The key with which its agent signed when the round began, which is not the one that it has now.
    agent: sr25519::Public,
    geometry: Geometry,
    /// Whoever has seats, each once.
    committee: Vec<RoundMember<T::AccountId>>,
}

impl<T: Config> Stage<T> {
    /// With a committee of that many seats, which as many verifiers have as can be.
    fn set(seats: u32) -> Result<Self, BenchmarkError> {
        set_now::<T>(NOW);
        fill::<T>(T::MaxVerifiers::get())?;
        let owner = rich_account::<T>("owner", 0)?;
        let pool = create_pool::<T>(&rich_account::<T>("creator", 0)?)?;
        let device = create_verified::<T>(&owner, pool)?;
        let agent = new_key();
        let former = FormerKey {
            key: agent.0,
            until: NOW,
        };
        set_agent_keys::<T>(device, new_key().0, former)?;

        let members: MembersOf<T> =
            BoundedVec::truncate_from(RoundMember::all(&Active::<T>::get()).collect());
        let window = Window::new(NOW, 40);
        let mut round = Round {
            block: 0u32.into(),
            started_at: NOW,
            seed: H256::repeat_byte(7),
            verifiers: members.len() as u32,
            seats,
            window,
            closes_at: window.closes_at.saturating_add(10),
            device_bound: Devices::<T>::next_device(),
        };
        // Seats are drawn one by one, and some verifier may have two of them.
        let committee = |round: &RoundOf<T>| Pallet::<T>::committee(round, device, &members);
        round.seed = (0..1_000)
            .map(H256::from_low_u64_be)
            .max_by_key(|seed| {
                let drawn = Round {
                    seed: *seed,
                    ..round.clone()
                };
                committee(&drawn).len()
            })
            .unwrap_or_default();
        let committee = committee(&round).into_iter().map(|(member, _)| member).collect();
        set_now::<T>(round.window.closes_at);
        Members::<T>::insert(ROUND, members);
        Rounds::<T>::insert(ROUND, round);
        CurrentRound::<T>::put(ROUND);
        Ok(Self {
            device,
            agent,
            geometry: Pallet::<T>::geometry(pool, ChallengeKind::Full)
                .map_err(|_| BenchmarkError::Stop("the pool has an unusable profile"))?,
            committee,
        })
    }

    /// The last member of the committee.
    fn member(&self) -> Result<&RoundMember<T::AccountId>, BenchmarkError> {
        self.committee
            .last()
            .ok_or(BenchmarkError::Stop("there is no committee"))
    }

    /// What the device's agent has signed in the round, whose digest this is.
    fn agent_signature(
        &self,
        message: impl FnOnce(Assignment) -> [u8; 32],
    ) -> Result<[u8; 64], BenchmarkError> {
        let round = Rounds::<T>::get(ROUND).ok_or(BenchmarkError::Stop("there is no round"))?;
        let assignment = Pallet::<T>::assignment(ROUND, &round, self.device, *self.geometry.profile());
        Ok(sign(&self.agent, &message(assignment))?.0)
    }

    /// That member attests that the device passes.
    fn attestation(&self) -> Result<(AttestationOf<T>, sr25519::Signature), BenchmarkError> {
        let (claim, openings) = ([1; 32], [2; 32]);
        let verifier = self.member()?.account.clone();
        let signature = self.agent_signature(|assignment| {
            let answer = OpenAnswer {
                assignment,
                verifier: verifier.clone().into(),
                claim,
                openings,
            };
            answer.digest()
        })?;
        let attestation = Attestation {
            round: ROUND,
            device: self.device,
            verifier,
            kind: ChallengeKind::Full,
            vote: Vote::Pass(Pass {
                work_gops: self.geometry.gops(self.geometry.profile().limits.fill_ms.into()),
                walk_ms: 1,
                privacy: 0,
                claim,
                openings,
                agent_key: self.agent.0,
                signature,
            }),
        };
        let signature = sign(
            &self.member()?.key,
            &Pallet::<T>::attestation_digest(&attestation),
        )?;
        Ok((attestation, signature))
    }

    /// The device is accused, rightly.
    fn accusation(&self) -> Result<(Accusation, FraudProof), BenchmarkError> {
        let (claim, proof) = lie(&self.geometry)?;
        let signature = self.agent_signature(|assignment| WalkAnswer { assignment, claim }.digest())?;
        let accusation = Accusation {
            round: ROUND,
            device: self.device,
            kind: ChallengeKind::Full,
            claim,
            agent_key: self.agent.0,
            signature,
        };
        Ok((accusation, proof))
    }

    /// That member reports it.
    fn report(&self) -> Result<Call<T>, BenchmarkError> {
        let (accusation, proof) = self.accusation()?;
        let RoundMember { account, key, .. } = self.member()?;
        let digest = Pallet::<T>::fraud_report_digest(account, &accusation, &proof);
        Ok(Call::report_fraud {
            verifier: account.clone(),
            accusation,
            proof: Box::new(proof),
            signature: sign(key, &digest)?,
        })
    }

    /// All have voted; a minority has voted against the others, and is suspended for it.
    fn vote(&self) {
        let majority = self.committee.len() / 2 + 1;
        for (place, RoundMember { account: who, .. }) in self.committee.iter().enumerate() {
            let vote = if place < majority {
                CountedVote::Pass {
                    work_gops: 1,
                    walk_ms: 1,
                    privacy: 1,
                    claim: [1; 32],
                }
            } else {
                Verifiers::<T>::mutate_extant(who, |verifier| {
                    verifier.strikes = T::StrikeLimit::get();
                });
                CountedVote::Fail {
                    reason: FailReason::Late,
                    is_committed: false,
                }
            };
            let kind = ChallengeKind::Full;
            Attestations::<T>::insert((ROUND, self.device, who), CastVote { kind, vote });
        }
    }
}

/// A false claim, and a proof that it is false, both rows of which are of the state.
fn lie(geometry: &Geometry) -> Result<(Claim, FraudProof), BenchmarkError> {
    for seed in 0..=u8::MAX {
        let sample_seed = [seed; 32];
        let honest = SyntheticProof::new(geometry, [1; 32], [2; 32], &sample_seed);
        // Another seed leads to other entries.
        let claim = Claim {
            seed: [9; 32],
            ..honest.claim
        };
        let sample = Sample::draw(geometry, &sample_seed);
        let proof = sample
            .entries
            .iter()
            .zip(honest.openings.entries)
            .filter(|(entry, _)| entry.matrix >= 4)
            .map(|(entry, opening)| FraudProof::Entry {
                entry: *entry,
                opening,
            })
            .find(|proof| proof.check(geometry, &claim).is_ok());
        if let Some(proof) = proof {
            return Ok((claim, proof));
        }
    }
    Err(BenchmarkError::Stop("no sample has a false entry"))
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn bond() -> Result<(), BenchmarkError> {
        // It takes the place of another.
        fill::<T>(T::MaxVerifiers::get())?;
        let who = rich_account::<T>("new", 0)?;
        let key = new_key();

        #[extrinsic_call]
        _(
            RawOrigin::Signed(who.clone()),
            bond_of::<T>().saturating_mul(2),
            key,
        );

        assert_eq!(Keys::<T>::get(key), Some(who));
        Ok(())
    }

    #[benchmark]
    fn bond_extra() -> Result<(), BenchmarkError> {
        fill::<T>(T::MaxVerifiers::get().saturating_sub(1))?;
        let who = new_verifier::<T>(u32::MAX)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), bond_of::<T>());

        assert_eq!(Pallet::<T>::known(&who)?.bond, bond_of::<T>().saturating_mul(2));
        Ok(())
    }

    #[benchmark]
    fn set_key() -> Result<(), BenchmarkError> {
        fill::<T>(T::MaxVerifiers::get().saturating_sub(1))?;
        let who = new_verifier::<T>(u32::MAX)?;
        let key = new_key();

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), key);

        assert_eq!(Pallet::<T>::known(&who)?.key, key);
        Ok(())
    }

    #[benchmark]
    fn unbond() -> Result<(), BenchmarkError> {
        fill::<T>(T::MaxVerifiers::get().saturating_sub(1))?;
        let who = new_verifier::<T>(u32::MAX)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(Pallet::<T>::known(&who)?.unbonding_until.is_some());
        Ok(())
    }

    #[benchmark]
    fn withdraw_bond() -> Result<(), BenchmarkError> {
        set_now::<T>(NOW);
        let who = new_verifier::<T>(0)?;
        Pallet::<T>::do_unbond(&who)?;
        set_now::<T>(NOW.saturating_add(T::UnbondingSeconds::get()));

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert_eq!(Pallet::<T>::verifier(&who), None);
        Ok(())
    }

    #[benchmark]
    fn resume() -> Result<(), BenchmarkError> {
        fill::<T>(T::MaxVerifiers::get().saturating_sub(1))?;
        let who = new_verifier::<T>(u32::MAX)?;
        Pallet::<T>::do_bond_extra(&who, bond_of::<T>())?;
        Pallet::<T>::do_unbond(&who)?;
        // It takes the place of another.
        fill::<T>(T::MaxVerifiers::get())?;

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(Pallet::<T>::known(&who)?.is_active());
        Ok(())
    }

    #[benchmark]
    fn attest() -> Result<(), BenchmarkError> {
        let stage = Stage::<T>::set(T::MaxCommittee::get())?;
        let (attestation, signature) = stage.attestation()?;

        #[extrinsic_call]
        _(RawOrigin::Authorized, attestation, signature);

        assert!(Attestations::<T>::contains_key((
            ROUND,
            stage.device,
            &stage.member()?.account
        )));
        Ok(())
    }

    #[benchmark]
    fn authorize_attest() -> Result<(), BenchmarkError> {
        let (attestation, signature) = Stage::<T>::set(T::MaxCommittee::get())?.attestation()?;
        let call = Call::<T>::attest {
            attestation,
            signature,
        };

        #[block]
        {
            call.authorize(TransactionSource::InBlock)
                .ok_or("the call can be authorised")??;
        }

        Ok(())
    }

    /// `c`: seats of the committee, as many of whom are suspended as can be.
    #[benchmark]
    fn conclude(c: Linear<1, { T::MaxCommittee::get() }>) -> Result<(), BenchmarkError> {
        let stage = Stage::<T>::set(c)?;
        stage.vote();

        #[extrinsic_call]
        _(RawOrigin::Authorized, ROUND, stage.device);

        assert!(Pallet::<T>::last_verdict(stage.device).is_some());
        Ok(())
    }

    #[benchmark]
    fn authorize_conclude() -> Result<(), BenchmarkError> {
        let stage = Stage::<T>::set(T::MaxCommittee::get())?;
        stage.vote();
        let call = Call::<T>::conclude {
            round: ROUND,
            device: stage.device,
        };

        #[block]
        {
            call.authorize(TransactionSource::InBlock)
                .ok_or("the call can be authorised")??;
        }

        Ok(())
    }

    #[benchmark]
    fn dispute() -> Result<(), BenchmarkError> {
        let stage = Stage::<T>::set(T::MaxCommittee::get())?;
        let (accusation, proof) = stage.accusation()?;
        let reporter = rich_account::<T>("reporter", 0)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(reporter), accusation, Box::new(proof));

        assert!(Convictions::<T>::contains_key(ROUND, stage.device));
        Ok(())
    }

    #[benchmark]
    fn report_fraud() -> Result<(), BenchmarkError> {
        let stage = Stage::<T>::set(T::MaxCommittee::get())?;
        let call = stage.report()?;

        #[block]
        {
            call.dispatch_bypass_filter(RawOrigin::Authorized.into())
                .map_err(|error| error.error)?;
        }

        assert!(Convictions::<T>::contains_key(ROUND, stage.device));
        Ok(())
    }

    #[benchmark]
    fn authorize_report_fraud() -> Result<(), BenchmarkError> {
        let stage = Stage::<T>::set(T::MaxCommittee::get())?;
        let call = stage.report()?;

        #[block]
        {
            call.authorize(TransactionSource::InBlock)
                .ok_or("the call can be authorised")??;
        }

        Ok(())
    }

    /// `n`: side of the matrices. Profiles have powers of two, so the next one is measured.
    #[benchmark]
    fn check_proof(n: Linear<32, 32_768>) -> Result<(), BenchmarkError> {
        let geometry = Geometry::new(Profile {
            n: n.next_power_of_two(),
            matrices: 1_000,
            lanes: 1_000,
            entries: 4,
            opened_lanes: 1,
            ..CPU_REFERENCE.profile
        })
        .map_err(|_| BenchmarkError::Stop("the profile is unusable"))?;
        let (claim, proof) = lie(&geometry)?;
        let result;

        #[block]
        {
            result = proof.check(&geometry, &claim);
        }

        assert_eq!(result, Ok(()));
        Ok(())
    }

    /// What a verifier's offchain worker checks of one device whose matrices have 16,384 columns. No call does this, so
    /// it is only measured when `--extra` asks for it.
    #[benchmark(extra)]
    fn verify_device() -> Result<(), BenchmarkError> {
        let class = class("RTX 4090").ok_or(BenchmarkError::Stop("there is no such class"))?;
        let geometry =
            Geometry::new(class.profile).map_err(|_| BenchmarkError::Stop("the profile is unusable"))?;
        let sample_seed = [3; 32];
        let SyntheticProof { claim, openings } =
            SyntheticProof::new(&geometry, [1; 32], [2; 32], &sample_seed);
        let bytes = openings.encode();
        let result;

        #[block]
        {
            result = loopin_challenge::verify(&geometry, &claim, &sample_seed, &mut &bytes[..]);
        }

        assert_eq!(result, Ok(()));
        Ok(())
    }

    /// Where the randomness is asked for, and no round may be in the way.
    #[benchmark]
    fn on_initialize() -> Result<(), BenchmarkError> {
        Stage::<T>::set(T::MaxCommittee::get())?;
        set_now::<T>(NOW.saturating_add(1_000_000));
        let block = T::MinimumRoundBlocks::get().saturating_add(1);

        #[block]
        {
            Pallet::<T>::decide_round(block.into());
            // The end of the block asks for it.
            NextSeed::<T>::get();
        }

        Ok(())
    }

    /// `v`: verifiers.
    #[benchmark]
    fn begin_round(v: Linear<1, { T::MaxVerifiers::get() }>) -> Result<(), BenchmarkError> {
        fill::<T>(v)?;
        NextSeed::<T>::put(H256::repeat_byte(7));
        let last = CurrentRound::<T>::get();

        #[block]
        {
            Pallet::<T>::begin_decided_round(1u32.into());
        }

        assert_eq!(CurrentRound::<T>::get(), last.saturating_add(1));
        Ok(())
    }

    /// `e`: entries removed.
    #[benchmark]
    fn prune(e: Linear<0, { PAGE }>) -> Result<(), BenchmarkError> {
        let stage = Stage::<T>::set(T::MaxCommittee::get())?;
        let vote = CastVote {
            kind: ChallengeKind::Full,
            vote: CountedVote::Fail {
                reason: FailReason::Late,
                is_committed: false,
            },
        };
        for index in 0..e {
            let key = (ROUND, index, &stage.member()?.account);
            Attestations::<T>::insert(key, vote);
        }
        CurrentRound::<T>::put(u64::from(T::DisputeRounds::get()).saturating_add(10));

        #[block]
        {
            Pallet::<T>::prune(frame_support::weights::Weight::MAX);
        }

        assert_eq!(Attestations::<T>::iter_prefix((ROUND,)).count(), 0);
        Ok(())
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::ExternalityBuilder::default().verifiers(0).build(),
        crate::mock::Test
    );
}

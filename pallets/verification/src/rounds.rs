//! When rounds begin, and whom they concern.

use crate::{
    Active, Config, CurrentRound, Error, Event, Members, NextSeed, Pallet, Round, RoundMember, RoundOf,
    Rounds, WeightInfo,
    committee::{committee, seats},
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
    BoundedVec,
    traits::{Get, Randomness},
    weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use loopin_primitives::{DeviceId, RoundId, VerdictHooks, Window};
use pallet_devices::Pallet as Devices;
use pallet_pools::Pallet as Pools;
use sp_core::H256;
use sp_io::hashing::{blake2_128, blake2_256};
use sp_runtime::{
    SaturatedConversion, Saturating,
    traits::{One, Zero},
};

impl<T: Config> Pallet<T> {
    /// Decides whether a round begins with this block. Returns the weight of that, and of beginning it at the end of
    /// the block.
    pub(crate) fn decide_round(block: BlockNumberFor<T>) -> Weight {
        let idle = <T as Config>::WeightInfo::on_initialize();
        let Some((chances, randomness)) = Self::chance(block) else {
            return idle;
        };
        let draw = (b"loopin/verification/1/begin", randomness, block).using_encoded(blake2_128);
        // One block in `chances`. The bias of the remainder is below 2⁻⁹⁶, as `chances` is a `u32`.
        if !u128::from_le_bytes(draw).is_multiple_of(chances.into()) {
            return idle;
        }
        let number = CurrentRound::<T>::get().saturating_add(1);
        let seed = (b"loopin/verification/1/round", randomness, number).using_encoded(blake2_256);
        NextSeed::<T>::put(H256(seed));
        idle.saturating_add(<T as Config>::WeightInfo::begin_round(T::MaxVerifiers::get()))
            .saturating_add(T::VerdictHooks::round_weight())
    }

    /// In how many blocks, including this one, the next round can begin, and the randomness to choose by. `None` if it
    /// cannot begin with this block.
    fn chance(block: BlockNumberFor<T>) -> Option<(u32, H256)> {
        if Active::<T>::decode_len().unwrap_or_default() == 0 {
            return None;
        }
        let last = Rounds::<T>::get(CurrentRound::<T>::get());
        // The present block's time is not yet known; that of the block before is no later.
        if last
            .as_ref()
            .is_some_and(|round| Pools::<T>::now() < round.closes_at)
        {
            return None;
        }
        let began = last.map_or_else(BlockNumberFor::<T>::zero, |round| round.block);
        let elapsed: u32 = block.saturating_sub(began).saturated_into();
        let minimum = T::MinimumRoundBlocks::get();
        if elapsed < minimum {
            return None;
        }
        // With this, every block from the first possible one to the last is as likely as any other.
        let chances = T::MaximumRoundBlocks::get()
            .saturating_sub(elapsed)
            .saturating_add(1);
        Some((chances, Self::randomness(block)))
    }

    /// Randomness of the block before, which nobody could have known long in advance.
    fn randomness(block: BlockNumberFor<T>) -> H256 {
        let subject = b"loopin/verification";
        T::Randomness::random(subject).0.unwrap_or_else(|| {
            let (fallback, _) = T::FallbackRandomness::random(subject);
            let parent = frame_system::Pallet::<T>::block_hash(block.saturating_sub(One::one()));
            H256((fallback, parent).using_encoded(blake2_256))
        })
    }

    /// Begins the round that `decide_round` has decided on, now that the block's time is known.
    pub(crate) fn begin_decided_round(block: BlockNumberFor<T>) {
        let Some(seed) = NextSeed::<T>::take() else {
            return;
        };
        let members = BoundedVec::truncate_from(RoundMember::all(&Active::<T>::get()).collect());
        let verifiers = members.len() as u32;
        if verifiers == 0 {
            // The last one has left in this block.
            return;
        }
        let number = CurrentRound::<T>::get().saturating_add(1);
        let started_at = Pools::<T>::now();
        let window = Window::new(started_at, T::WindowSeconds::get());
        // Odd, so that the votes cannot be even.
        let seats = T::CommitteeSize::get()
            .clamp(1, T::MaxCommittee::get())
            .saturating_sub(1)
            | 1;
        let round = Round {
            block,
            started_at,
            seed,
            verifiers,
            seats,
            window,
            closes_at: window.closes_at.saturating_add(T::GraceSeconds::get()),
            device_bound: Devices::<T>::next_device(),
        };
        Self::deposit_event(Event::RoundBegan {
            round: number,
            window,
            closes_at: round.closes_at,
            verifiers,
            seats,
            device_bound: round.device_bound,
        });
        CurrentRound::<T>::put(number);
        Members::<T>::insert(number, members);
        Rounds::<T>::insert(number, round);
        T::VerdictHooks::round_began();
    }

    /// The round with that number, which has the device in it.
    pub(crate) fn round_with(number: RoundId, device: DeviceId) -> Result<RoundOf<T>, Error<T>> {
        let round = Rounds::<T>::get(number).ok_or(Error::<T>::UnknownRound)?;
        if device < round.device_bound {
            Ok(round)
        } else {
            Err(Error::<T>::NotInRound)
        }
    }

    /// The member of a round with that account, if it has a seat in the committee for the device.
    pub(crate) fn member(
        number: RoundId,
        round: &RoundOf<T>,
        device: DeviceId,
        account: &T::AccountId,
    ) -> Result<RoundMember<T::AccountId>, Error<T>> {
        let members = Members::<T>::get(number).unwrap_or_default();
        let place = members
            .binary_search_by(|member| member.account.cmp(account))
            .map_err(|_| Error::<T>::NotInCommittee)?;
        if seats(&round.seed, device, &members, round.seats).contains(&(place as u32)) {
            // It was found there.
            members.get(place).cloned().ok_or(Error::<T>::NotInCommittee)
        } else {
            Err(Error::<T>::NotInCommittee)
        }
    }

    /// The committee for the device: its members, sorted by account, each with its seats.
    pub(crate) fn committee(
        round: &RoundOf<T>,
        device: DeviceId,
        members: &[RoundMember<T::AccountId>],
    ) -> Vec<(RoundMember<T::AccountId>, u32)> {
        committee(&round.seed, device, members, round.seats)
            .into_iter()
            .filter_map(|(place, seats)| Some((members.get(place as usize)?.clone(), seats)))
            .collect()
    }
}

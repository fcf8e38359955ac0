//! How much LOOPIN is created, epoch by epoch, and for whom.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Permill;

/// The schedule of emission: a certain amount per epoch, half of it after a certain number of epochs, half of that after
/// as many more, until the cap is reached or a half rounds down to nothing.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Schedule {
    /// What is emitted in each of the first epochs, in planck.
    pub initial: u128,
    /// Emission is halved after this many epochs, and again after as many more. Zero: never.
    pub halving_epochs: u32,
    /// What exists from the beginning and what is emitted are together never more than this, in planck.
    pub cap: u128,
}

impl Schedule {
    /// What an epoch emits as long as the cap is far away, the first being epoch 0: in planck, rounded down to whole
    /// ones in each halving.
    pub fn uncapped_emission(&self, epoch: u64) -> u128 {
        match epoch.checked_div(self.halving_epochs.into()) {
            None => self.initial,
            // What is shifted out entirely is zero.
            Some(halvings) => u32::try_from(halvings)
                .ok()
                .and_then(|halvings| self.initial.checked_shr(halvings))
                .unwrap_or(0),
        }
    }

    /// What an epoch emits if so much of the cap is already taken, by what existed from the beginning and by earlier
    /// emission: no more than the cap leaves, to the last planck.
    pub fn emission(&self, epoch: u64, taken: u128) -> u128 {
        self.uncapped_emission(epoch).min(self.cap.saturating_sub(taken))
    }

    /// What all epochs before this one emit together, if `endowed` existed from the beginning.
    ///
    /// The work grows with the halvings until then, of which no more than 128 matter.
    pub fn emission_before(&self, epoch: u64, endowed: u128) -> u128 {
        let room = self.cap.saturating_sub(endowed);
        let halving_epochs = u64::from(self.halving_epochs);
        let Some(halvings) = epoch.checked_div(halving_epochs) else {
            return self.initial.saturating_mul(epoch.into()).min(room);
        };
        let whole: u128 = (0..halvings.min(u128::BITS.into()))
            .map(|halving| (self.initial >> halving).saturating_mul(halving_epochs.into()))
            .fold(0, u128::saturating_add);
        let begun = epoch.checked_rem(halving_epochs).unwrap_or(0);
        whole
            .saturating_add(self.uncapped_emission(epoch).saturating_mul(begun.into()))
            .min(room)
    }
}

/// Which part of an epoch's emission is for whom.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Split {
    /// For miners whose devices are in the pools.
    pub miners: Permill,
    /// For clients who rent.
    pub clients: Permill,
    /// For verifiers.
    pub verifiers: Permill,
    /// For the treasury.
    pub treasury: Permill,
    /// For the team.
    pub team: Permill,
}

/// The parts of one epoch's emission, in planck.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Parts {
    /// For miners whose devices are in the pools.
    pub miners: u128,
    /// For clients who rent.
    pub clients: u128,
    /// For verifiers.
    pub verifiers: u128,
    /// For the treasury.
    pub treasury: u128,
    /// For the team.
    pub team: u128,
}

impl Split {
    /// Whether the parts make up a whole.
    pub fn is_whole(&self) -> bool {
        let shares = [
            self.miners,
            self.clients,
            self.verifiers,
            self.treasury,
            self.team,
        ];
        // Five million fit easily into 32 bits.
        shares.iter().map(|share| share.deconstruct()).sum::<u32>() == Permill::one().deconstruct()
    }

    /// The parts of an amount, each rounded down: at most four planck of it remain. Together they are never more than the
    /// amount, even if the split is not a whole: then those named first come first.
    pub fn parts(&self, amount: u128) -> Parts {
        let mut remaining = amount;
        let mut part = |share: Permill| {
            let part = share.mul_floor(amount).min(remaining);
            remaining = remaining.saturating_sub(part);
            part
        };
        Parts {
            miners: part(self.miners),
            clients: part(self.clients),
            verifiers: part(self.verifiers),
            treasury: part(self.treasury),
            team: part(self.team),
        }
    }
}

impl Parts {
    /// All of them together.
    pub fn total(&self) -> u128 {
        [
            self.miners,
            self.clients,
            self.verifiers,
            self.treasury,
            self.team,
        ]
        .into_iter()
        .fold(0, u128::saturating_add)
    }
}

//! The chain on which it all happens: its genesis, its blocks, and time.

use super::{LONGEST_STAKE, Run};
use crate::{
    AllPalletsWithSystem, Runtime, RuntimeOrigin, System, Timestamp,
    configs::BlockWeights,
    constants::time::SLOT_MILLISECONDS,
    tests::{
        genesis,
        market::{START, now},
        preset,
    },
};
use codec::Encode;
use frame_support::traits::{OnFinalize, OnIdle, OnInitialize};
use loopin_math::time::{DAY, HOUR};
use loopin_primitives::Moment;
use sp_consensus_babe::{
    BABE_ENGINE_ID,
    digests::{PreDigest, SecondaryPlainPreDigest},
};
use sp_io::{TestExternalities, hashing::blake2_256};
use sp_runtime::{Digest, DigestItem, Weight};

/// A development chain that has the pace of a public one: stakes of a week, and epochs of a day.
pub fn externalities() -> TestExternalities {
    let mut patch = preset("development");
    let pools = patch["pools"]["pools"]
        .as_array_mut()
        .expect("a genesis has pools");
    for pool in pools {
        for (key, seconds) in [
            ("provideSeconds", LONGEST_STAKE),
            ("sellUnitSeconds", DAY),
            ("sellMaxSeconds", LONGEST_STAKE),
            ("rentalMinSeconds", HOUR),
            ("rentalMaxSeconds", LONGEST_STAKE),
        ] {
            let term = pool["terms"].get_mut(key).expect("terms are named so");
            *term = seconds.into();
        }
    }
    patch["rewards"]["epochSeconds"] = DAY.into();
    let mut externalities = genesis(patch);
    externalities.execute_with(|| begin_block(START));
    externalities
}

impl Run {
    /// Ends the block, and begins the next one that many seconds later.
    pub fn next_block(&mut self, seconds: u64) {
        self.end_block();
        begin_block(now() + seconds);
    }

    /// What happens at the end of a block. Then the books are brought up to date.
    pub fn end_block(&mut self) {
        let number = System::block_number();
        System::note_finished_extrinsics();
        let remaining = if self.dice.one_in(10) {
            Weight::zero()
        } else {
            BlockWeights::get().max_block
        };
        let used = AllPalletsWithSystem::on_idle(number, remaining);
        assert!(used.all_lte(remaining), "{used:?} of {remaining:?} were used");
        AllPalletsWithSystem::on_finalize(number);
        self.books.keep();
    }
}

/// What happens at the beginning of a block: all pallets' hooks, as the runtime calls them, and the inherent that
/// sets the time. Blocks are numbered as if there had been one every slot.
pub fn begin_block(moment: Moment) {
    let milliseconds = moment * 1_000;
    let slots = (moment.saturating_sub(now()) * 1_000 / SLOT_MILLISECONDS) as u32;
    let number = if System::block_number() == 0 {
        1
    } else {
        System::block_number() + slots.max(1)
    };
    let slot = SecondaryPlainPreDigest {
        authority_index: 0,
        slot: (milliseconds / SLOT_MILLISECONDS).into(),
    };
    let digest = Digest {
        logs: vec![DigestItem::PreRuntime(
            BABE_ENGINE_ID,
            PreDigest::SecondaryPlain(slot).encode(),
        )],
    };
    System::reset_events();
    System::set_block_number(number - 1);
    // Nobody knows the hash of a block before there is the block: it is what rounds are drawn from here.
    System::initialize(&number, &blake2_256(&number.to_le_bytes()).into(), &digest);
    // Nothing is scheduled here, which nobody has to find out for every block that was left out.
    pallet_scheduler::IncompleteSince::<Runtime>::kill();
    AllPalletsWithSystem::on_initialize(number);
    System::note_finished_initialize();
    Timestamp::set(RuntimeOrigin::none(), milliseconds).expect("time goes on");
}

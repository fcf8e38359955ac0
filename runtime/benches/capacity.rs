//! How many devices one chain can have verified, by the weights that its calls are charged with and what its blocks may
//! hold. Nothing is timed here: it is arithmetic on what the benchmarks of the pallets measured.
//!
//! `--write FILE` puts the results into a document.

use bench_report::{date, publish};
use codec::Encode;
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    traits::Get,
    weights::Weight,
};
use frame_system::offchain::CreateAuthorizedTransaction;
use loopin_primitives::{ChallengeKind, Pass, Vote};
use loopin_runtime::{
    AccountId, Runtime, RuntimeCall, UncheckedExtrinsic,
    configs::{BlockLength, BlockWeights, EpochDuration},
    constants::{currency::LOOPIN, time},
};
use pallet_verification::{Attestation, Config};
use std::fmt::Write;

/// Picoseconds in a microsecond.
const MICROSECOND: u64 = 1_000_000;

/// What one transaction takes of a block.
struct Share {
    picoseconds: u64,
    bytes: u64,
}

impl Share {
    fn of(extrinsic: &UncheckedExtrinsic) -> Self {
        let weight = BlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
        Self {
            picoseconds: weight
                .saturating_add(extrinsic.get_dispatch_info().total_weight())
                .ref_time(),
            bytes: extrinsic.encoded_size() as u64,
        }
    }

    /// With another weight of the call itself: what it has cost, and not what it was charged with at first.
    fn with_call_weight(self, charged: Weight, really: Weight) -> Self {
        let picoseconds = self.picoseconds - charged.ref_time() + really.ref_time();
        Self { picoseconds, ..self }
    }

    /// How many of these a block can have.
    fn per_block(&self) -> u64 {
        let by_time = block_picoseconds() / self.picoseconds;
        by_time.min(block_bytes() / self.bytes)
    }
}

/// What ordinary transactions may take of a block.
fn block_picoseconds() -> u64 {
    let limits = BlockWeights::get();
    let ordinary = limits.get(DispatchClass::Normal).max_total;
    ordinary.unwrap_or(limits.max_block).ref_time()
}

fn block_bytes() -> u64 {
    u64::from(*BlockLength::get().max.get(DispatchClass::Normal))
}

/// A transaction that needs no account.
fn unsigned(call: pallet_verification::Call<Runtime>) -> UncheckedExtrinsic {
    <Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_authorized_transaction(call.into())
}

fn attestation() -> Share {
    let attestation = Attestation {
        round: u64::MAX,
        device: u32::MAX,
        verifier: AccountId::from([1; 32]),
        kind: ChallengeKind::Full,
        vote: Vote::Pass(Pass {
            work_gops: 1,
            walk_ms: 1,
            privacy: 0,
            claim: [1; 32],
            openings: [1; 32],
            agent_key: [1; 32],
            signature: [1; 64],
        }),
    };
    Share::of(&unsigned(pallet_verification::Call::attest {
        attestation,
        signature: sp_core::sr25519::Signature::from_raw([1; 64]),
    }))
}

/// A verdict of a committee of that size, in a pool that is up to date. What is charged in advance for more seats and for a
/// pool that is not is given back; what an ejection would cost at its worst is not.
fn verdict(committee: u32) -> Share {
    let call = pallet_verification::Call::conclude {
        round: u64::MAX,
        device: u32::MAX,
    };
    let charged = RuntimeCall::from(call.clone()).get_dispatch_info().call_weight;
    let really = pallet_verification::Pallet::<Runtime>::conclusion_weight(committee);
    Share::of(&unsigned(call)).with_call_weight(charged, really)
}

/// An ordinary transfer, signed, to compare with.
fn transfer() -> Share {
    let call = pallet_balances::Call::transfer_keep_alive {
        dest: AccountId::from([1; 32]).into(),
        value: LOOPIN,
    };
    let extension = <Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_extension();
    let signature = sp_core::sr25519::Signature::from_raw([1; 64]);
    let extrinsic = UncheckedExtrinsic::new_signed(
        call.into(),
        AccountId::from([1; 32]).into(),
        signature.into(),
        extension,
    );
    Share::of(&extrinsic)
}

fn results() -> String {
    pallet_validators::SessionSlots::<Runtime>::put(time::HOURS);
    let committee = <Runtime as Config>::CommitteeSize::get();
    // Devices answer from the moment of walking on, and votes are accepted until the grace is over.
    let voting_seconds =
        <Runtime as Config>::WindowSeconds::get() / 2 + <Runtime as Config>::GraceSeconds::get();
    let voting_blocks = voting_seconds * 1_000 / time::SLOT_MILLISECONDS;
    let session_blocks = EpochDuration::get();
    let [shortest, longest] = [
        <Runtime as Config>::MinimumRoundBlocks::get(),
        <Runtime as Config>::MaximumRoundBlocks::get(),
    ];

    let (attestation, verdict, transfer) = (attestation(), verdict(committee), transfer());
    let device = u64::from(committee) * attestation.picoseconds + verdict.picoseconds;
    let per_hour = u64::from(time::HOURS) * block_picoseconds() / device;
    let per_round = u64::from(shortest) * block_picoseconds() / device;
    let per_window = voting_blocks * attestation.per_block() / u64::from(committee);

    let mut text = format!(
        "Computed on {}, from the weights that the pallets' `weights.rs` had then.\n\n\
         | transaction | microseconds of a block | bytes | in a block | : transfers |\n\
         |---|--:|--:|--:|--:|\n",
        date()
    );
    for (name, share) in [
        ("transfer of LOOPIN", &transfer),
        ("attestation", &attestation),
        ("verdict", &verdict),
    ] {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {:.2} |",
            share.picoseconds / MICROSECOND,
            share.bytes,
            share.per_block(),
            share.per_block() as f64 / transfer.per_block() as f64,
        );
    }
    let _ = write!(
        text,
        "\nA block has {} ms and {} bytes for ordinary transactions, and comes every {} s. A device takes {committee} \
         attestations and a verdict in a round, {} microseconds in all:\n\n\
         | what bounds it | devices |\n\
         |---|--:|\n\
         | all blocks of an hour, with nothing else in them | {per_hour} an hour |\n\
         | all blocks of the shortest round, {shortest} of {session_blocks} in a session | {per_round} a round |\n\
         | attestations of one round, sent within {voting_blocks} blocks | {per_window} a round |\n\n\
         The last is the bound: all devices of a round are challenged at the same moments. With \
         rounds of {shortest} to {longest} blocks, that is {} to {} devices an hour.\n",
        block_picoseconds() / MICROSECOND / 1_000,
        block_bytes(),
        time::SLOT_MILLISECONDS / 1_000,
        device / MICROSECOND,
        per_window * u64::from(time::HOURS) / u64::from(longest),
        per_window * u64::from(time::HOURS) / u64::from(shortest),
    );
    text
}

fn main() {
    let text = sp_io::TestExternalities::default().execute_with(results);
    publish("chain-bench", &text);
}

//! The chain: the real runtime, its clock, and its accounts.

use crate::Failure;
use frame_support::{
    storage::{TransactionOutcome, with_transaction},
    traits::{
        Hooks,
        fungible::{Inspect, Mutate},
    },
};
use loopin_primitives::{Balance, Moment};
use loopin_runtime::{
    AccountId, BABE_GENESIS_EPOCH_CONFIG, BabeConfig, Balances, Rewards, RewardsConfig, Runtime, RuntimeCall,
    RuntimeGenesisConfig, RuntimeOrigin, SudoConfig, System, ValidatorsConfig,
};
use sp_core::storage::Storage;
use sp_io::{TestExternalities, hashing::blake2_256};
use sp_runtime::{
    BuildStorage, DispatchError,
    traits::{Dispatchable, Zero},
};

/// When every simulation begins, in Unix seconds: a whole hour.
pub const START: Moment = 1_800_000_000;
/// Slots in a session. No session ends here.
const SESSION_SLOTS: u32 = 600;

/// A chain before its first block. Any number of chains can begin from it.
pub struct Genesis(Storage);

impl Genesis {
    /// A chain with nothing in it but somebody who may record verdicts.
    pub fn new() -> Result<Self, Failure> {
        let config = RuntimeGenesisConfig {
            babe: BabeConfig {
                epoch_config: BABE_GENESIS_EPOCH_CONFIG,
                ..Default::default()
            },
            validators: ValidatorsConfig {
                session_slots: SESSION_SLOTS,
                ..Default::default()
            },
            rewards: RewardsConfig {
                epoch_seconds: Some(crate::setting::PERIOD_SECONDS),
                ..Default::default()
            },
            sudo: SudoConfig {
                key: Some(account("sudo", 0)),
            },
            ..Default::default()
        };
        config.build_storage().map(Self).map_err(Failure::new)
    }

    /// Runs something on a new chain, at its beginning.
    pub fn begin<R>(&self, run: impl FnOnce() -> R) -> R {
        TestExternalities::new(self.0.clone()).execute_with(|| {
            set_now(START);
            run()
        })
    }
}

/// The account of that role and number.
pub fn account(role: &str, number: u32) -> AccountId {
    AccountId::new(blake2_256(format!("{role} {number}").as_bytes()))
}

/// Unix seconds.
pub fn now() -> Moment {
    pallet_timestamp::Now::<Runtime>::get() / 1_000
}

fn set_now(moment: Moment) {
    // Bypassing BABE, which demands that the slot agrees with the time.
    pallet_timestamp::Now::<Runtime>::put(moment.saturating_mul(1_000));
}

/// Lets time pass until that moment, when a block begins.
pub fn begin_block_at(moment: Moment) {
    let number = System::block_number().saturating_add(1);
    System::reset_events();
    System::set_block_number(number);
    set_now(moment);
    Rewards::on_initialize(number);
}

/// Sends a call, which must succeed.
pub fn submit(who: &AccountId, call: impl Into<RuntimeCall>) -> Result<(), Failure> {
    dispatch(RuntimeOrigin::signed(who.clone()), call.into())
}

/// Makes a call as governance, which must succeed.
pub fn govern(call: impl Into<RuntimeCall>) -> Result<(), Failure> {
    dispatch(RuntimeOrigin::root(), call.into())
}

fn dispatch(origin: RuntimeOrigin, call: RuntimeCall) -> Result<(), Failure> {
    call.dispatch(origin)
        .map(|_| ())
        .map_err(|refused| Failure::from(refused.error))
}

/// Asks the runtime something, as a reader of the chain would: nothing changes.
pub fn ask<R>(question: impl FnOnce() -> Result<R, DispatchError>) -> Result<R, DispatchError> {
    with_transaction(|| TransactionOutcome::Rollback(question()))
}

/// Gives an account LOOPIN, as if it had had it from the beginning.
pub fn endow(who: &AccountId, amount: Balance) -> Result<(), Failure> {
    if !amount.is_zero() {
        Balances::mint_into(who, amount)?;
    }
    Ok(())
}

/// Everything that an account has in LOOPIN, free or on hold.
pub fn wealth(who: &AccountId) -> Balance {
    <Balances as Inspect<AccountId>>::total_balance(who)
}

//! Random sequences of everything that can happen.

use crate::{mock::*, *};
use frame_support::dispatch::DispatchResult;
use loopin_primitives::{Standing, Verdict};
use proptest::{prelude::*, test_runner::TestCaseError};
use sp_runtime::Perbill;

/// Something that happens to the registry.
#[derive(Clone, Debug)]
enum Action {
    Register {
        owner: AccountId,
        pool: u32,
        address: &'static str,
        gpu_seed: u8,
    },
    Update {
        owner: AccountId,
        device: u32,
        address: &'static str,
    },
    Remove {
        owner: AccountId,
        device: u32,
    },
    Record {
        device: u32,
        verdict: Verdict,
    },
    SetStaked {
        device: u32,
        staked: bool,
    },
    RequestCheck {
        device: u32,
    },
    Convict {
        device: u32,
        reporter: AccountId,
    },
    Pass {
        seconds: u64,
    },
    SetRate {
        per_byte: u128,
    },
}

fn any_owner() -> impl Strategy<Value = AccountId> {
    // The last one does not exist.
    *ACCOUNTS.start()..=ACCOUNTS.end() + 1
}

fn any_device() -> impl Strategy<Value = u32> {
    0..12u32
}

fn any_address() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "http://a",
        ENDPOINT,
        "https://gpu-7.example.org:8443/agent/of/a/large/machine",
        "http://a@b",
    ])
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        2 => Just(PASSED),
        3 => Just(Verdict::Failed),
        1 => Just(Verdict::Inconclusive)
    ]
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (any_owner(), 0..=POOLS.end, any_address(), 0..6u8).prop_map(
            |(owner, pool, address, gpu_seed)| Action::Register { owner, pool, address, gpu_seed }
        ),
        2 => (any_owner(), any_device(), any_address())
            .prop_map(|(owner, device, address)| Action::Update { owner, device, address }),
        2 => (any_owner(), any_device()).prop_map(|(owner, device)| Action::Remove { owner, device }),
        6 => (any_device(), any_verdict()).prop_map(|(device, verdict)| Action::Record { device, verdict }),
        2 => (any_device(), any::<bool>()).prop_map(|(device, staked)| Action::SetStaked { device, staked }),
        1 => any_device().prop_map(|device| Action::RequestCheck { device }),
        1 => (any_device(), any_owner()).prop_map(|(device, reporter)| Action::Convict { device, reporter }),
        2 => (0..10_000u64).prop_map(|seconds| Action::Pass { seconds }),
        1 => (0..100u128).prop_map(|per_byte| Action::SetRate { per_byte }),
    ]
}

/// Lets `action` happen. A call may well be refused; what it leaves behind is what matters.
fn perform(action: &Action) -> DispatchResult {
    match action.clone() {
        Action::Register {
            owner,
            pool,
            address,
            gpu_seed,
        } => Registry::register_device(
            RuntimeOrigin::signed(owner),
            pool,
            key(1),
            endpoint(address),
            gpu(gpu_seed),
        ),
        Action::Update {
            owner,
            device,
            address,
        } => Registry::update_device(RuntimeOrigin::signed(owner), device, key(2), endpoint(address)),
        Action::Remove { owner, device } => Registry::remove_device(RuntimeOrigin::signed(owner), device),
        Action::Record { device, verdict } => {
            Registry::record_verdict(RuntimeOrigin::root(), device, verdict)
                .map(|_| ())
                .map_err(|error| error.error)
        }
        Action::SetStaked { device, staked } => {
            // Only what is verified can be staked.
            if !staked || Registry::device(device).is_some_and(|info| info.standing == Standing::Verified) {
                Registry::set_staked(device, staked)?;
            }
            Ok(())
        }
        Action::RequestCheck { device } => Registry::request_check(device),
        Action::Convict { device, reporter } => {
            Registry::convict(device, &reporter, Perbill::from_percent(50)).map(|_| ())
        }
        Action::Pass { seconds } => {
            wait(seconds);
            Ok(())
        }
        Action::SetRate { per_byte } => {
            DepositPerByte::set(per_byte);
            Ok(())
        }
    }
}

/// What must hold at any time, beyond what `try_state` checks, when that much LOOPIN is left.
fn audit(issuance: u128) -> Result<(), TestCaseError> {
    prop_assert_eq!(Registry::do_try_state(), Ok(()));
    prop_assert_eq!(Balances::total_issuance(), issuance);
    for device in crate::Devices::<Test>::iter_values() {
        prop_assert!(!device.staked || matches!(device.standing, Standing::Verified | Standing::Suspended));
    }
    Ok(())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_registry_stays_sound_whatever_happens(actions in prop::collection::vec(any_action(), 1..60)) {
        new_test_ext().execute_with(|| {
            let mut issuance = Balances::total_issuance();
            for action in &actions {
                let _ = perform(action);
                for event in take_events() {
                    if let Event::DeviceConvicted { conviction, .. } = event {
                        issuance -= conviction.burned;
                    }
                }
                audit(issuance)?;
            }
            Ok::<_, TestCaseError>(())
        })?;
    }
}

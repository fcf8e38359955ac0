//! The state in which everything is measured: three pools with 10, 1,000 and 100,000 stakes, as many more with one
//! stake as can share in rewards, and a pool of pallet-asset-conversion.
//!
//! All are in one state, so that what differs is the number of stakes in a pool and not the size of the chain's
//! state. Time passes while it is made: the stakes of each pool begin evenly over a whole week, so that their ends
//! are spread over the next one. Meanwhile 41 epochs of rewards are closed, and the next one ends six seconds after
//! the present. One device of each pool has passed in the last epoch, and is not settled.

use crate::runtime::{
    AccountId, Assets, Balances, LOOPIN, Rewards, Runtime, RuntimeCall, RuntimeOrigin, System, Timestamp,
};
use frame_support::{
    BoundedVec,
    traits::{
        Hooks,
        fungible::{Mutate, NativeOrWithId},
        fungibles,
    },
};
use loopin_challenge::{Limits, Profile};
use loopin_math::time::{DAY, HOUR, MINUTE};
use loopin_primitives::{
    Balance, CertificateId, ChallengeKind, DeviceId, EpochId, Moment, PoolId, PoolTerms, PositionId,
    RentalId, Verdict, VerdictHooks,
};
use pallet_rewards::{CurrentEpoch, HISTORY_EPOCHS, Listings, MAX_LISTED_POOLS, Parameters};
use pallet_stakes::Intent;
use sp_core::{H256, sr25519};
use sp_io::{TestExternalities, hashing::blake2_256};
use sp_runtime::traits::Dispatchable;

/// Stakes in the pools, in the order of the pools.
pub const STAKES: [u32; 3] = [10, 1_000, 100_000];
/// How many devices one miner has.
const DEVICES_OF_A_MINER: u32 = 10;
/// When the first stakes begin: half a minute after a whole hour.
const BEGIN: Moment = 1_800_000_000 + MINUTE / 2;
/// The moment of the state that is measured: the first of the stakes end in the next minute.
pub const PRESENT: Moment = BEGIN + 7 * DAY - BLOCK;
/// The time between two blocks.
pub const BLOCK: u64 = 6;
/// How long an epoch of rewards lasts: so that more of them pass in a week than can be settled at once.
const EPOCH_SECONDS: u64 = 4 * HOUR;
/// How many stakes are made in a block, after which the changes are written to the state.
const BATCH: u32 = 1_000;

/// The asset that is swapped for LOOPIN.
const ASSET: u32 = 1_000_000;

/// What there is of each pool to be measured.
pub struct Fixtures {
    /// The pool.
    pub pool: PoolId,
    /// A provider with a stake that is not provided yet.
    pub provider: AccountId,
    /// That stake.
    pub unprovided: PositionId,
    /// A miner with a stake whose time is not sold yet.
    pub seller: AccountId,
    /// That stake.
    pub unsold: PositionId,
    /// A position that provides.
    pub providing: PositionId,
    /// A device that can be rented.
    pub free_device: DeviceId,
    /// Somebody who has rented a device of the pool.
    pub client: AccountId,
    /// That rental.
    pub rental: RentalId,
    /// Somebody who has never rented anything.
    pub new_client: AccountId,
    /// A device whose rewards of the last epoch are to be settled.
    pub unsettled: DeviceId,
}

/// The verdict on a device that is as good as its pool expects.
const GOOD: Verdict = Verdict::Passed {
    work_gops: 1,
    privacy: 25,
};

/// Verifiers see the device do all of its work, in the last epoch but the present one.
fn verify(device: DeviceId) {
    if epoch() == HISTORY_EPOCHS {
        Rewards::verdict_reached(device, GOOD, ChallengeKind::Full, 5, 0);
    }
}

/// The epoch of rewards that runs.
pub fn epoch() -> EpochId {
    CurrentEpoch::<Runtime>::get().map_or(0, |epoch| epoch.index)
}

/// Takes all pools but this one off the list of those that share in rewards.
pub fn list_only(pool: PoolId) {
    Listings::<Runtime>::mutate(|listings| listings.retain(|listed, _| *listed == pool));
}

/// The account of that role and number.
pub fn account(role: &str, number: u32) -> AccountId {
    AccountId::new(blake2_256(format!("{role} {number}").as_bytes()))
}

/// Who swaps.
pub fn trader() -> AccountId {
    account("trader", 0)
}

/// LOOPIN and the asset that is swapped for it.
pub fn swapped() -> [NativeOrWithId<u32>; 2] {
    [NativeOrWithId::Native, NativeOrWithId::WithId(ASSET)]
}

/// A key that clients log in with.
pub fn access_key() -> pallet_rentals::AccessKey {
    let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvZ0cYp7oLZbE8k1nRrD3S4nW1cXq5y0m2b4c6d8e0f me@home";
    text(line)
}

/// Begins a block at that moment, as its first extrinsics find it.
pub fn begin_block(milliseconds: u64) {
    System::reset_events();
    let number = System::block_number() + 1;
    System::initialize(&number, &H256::zero(), &Default::default());
    let _weight = Rewards::on_initialize(number);
    Timestamp::set_timestamp(milliseconds);
}

/// Makes the state, and says what is in it of each pool.
pub fn build() -> (TestExternalities, Vec<Fixtures>) {
    let mut externalities = TestExternalities::new_empty();
    externalities.execute_with(|| {
        begin_block(BEGIN * 1_000);
        must(
            pallet_rewards::Call::set_parameters {
                parameters: Parameters {
                    epoch_seconds: EPOCH_SECONDS,
                    ..Parameters::default()
                },
            },
            RuntimeOrigin::root(),
        );
        for number in 0..MAX_LISTED_POOLS {
            create_pool(number);
            must(
                pallet_rewards::Call::set_listing {
                    pool: number,
                    reference_price: LOOPIN / 2,
                },
                RuntimeOrigin::root(),
            );
        }
        create_conversion_pool();
    });
    let most = STAKES[STAKES.len() - 1];
    // Spread evenly, to the millisecond.
    let moment = |number: u32| BEGIN * 1_000 + 7 * DAY * 1_000 * u64::from(number) / u64::from(most);
    let mut miners = vec![0; STAKES.len()];
    let mut unsettled: Vec<DeviceId> = Vec::new();
    for batch in 0..most / BATCH {
        externalities.execute_with(|| {
            begin_block(moment(batch * BATCH));
            if batch == 0 {
                provide_in_other_pools();
            }
            unsettled.iter().for_each(|device| verify(*device));
            for number in batch * BATCH..(batch + 1) * BATCH {
                Timestamp::set_timestamp(moment(number));
                for (pool, stakes) in STAKES.iter().enumerate() {
                    if number.is_multiple_of(most / stakes) {
                        let count: &mut u32 = &mut miners[pool];
                        let is_first = *count == 0;
                        let miner = if is_first {
                            // Who has something to be paid has nothing else.
                            account("rewarded miner", pool as u32)
                        } else {
                            account(&format!("miner of {pool}"), *count / DEVICES_OF_A_MINER)
                        };
                        let (device, _) = stake(pool as PoolId, &miner, Intent::Provide);
                        provide(&miner);
                        if is_first {
                            unsettled.push(device);
                        }
                        *count += 1;
                    }
                }
            }
        });
        externalities.commit_all().expect("no transaction is open");
    }
    let fixtures = externalities.execute_with(|| {
        begin_block(PRESENT * 1_000);
        (0..STAKES.len() as PoolId)
            .zip(&unsettled)
            .map(|(pool, unsettled)| {
                check_unsettled(*unsettled);
                make_fixtures(pool, *unsettled)
            })
            .collect()
    });
    externalities.commit_all().expect("no transaction is open");
    (externalities, fixtures)
}

/// The device has something to be settled.
fn check_unsettled(device: DeviceId) {
    let miner = pallet_rewards::Miners::<Runtime>::get(device).expect("it is provided");
    assert_eq!(miner.performance.epoch, HISTORY_EPOCHS);
    assert!(miner.performance.rounds.judged > 0);
    assert_eq!(epoch(), HISTORY_EPOCHS + 1);
}

/// One stake in each pool that is there for rewards only.
fn provide_in_other_pools() {
    for pool in STAKES.len() as PoolId..MAX_LISTED_POOLS {
        let miner = account("miner of another pool", pool);
        stake(pool, &miner, Intent::Provide);
        provide(&miner);
    }
}

/// Dispatches a call that has to succeed.
pub fn must(call: impl Into<RuntimeCall>, origin: RuntimeOrigin) {
    let call = call.into();
    if let Err(error) = call.clone().dispatch(origin) {
        panic!("{call:?}: {error:?}");
    }
}

fn text<S: frame_support::traits::Get<u32>>(text: &str) -> BoundedVec<u8, S> {
    BoundedVec::truncate_from(text.as_bytes().to_vec())
}

fn endow(who: &AccountId, amount: Balance) {
    Balances::mint_into(who, amount).expect("there is not so much LOOPIN that it overflows");
}

fn create_pool(number: u32) {
    let creator = account("creator", number);
    endow(&creator, 100_000 * LOOPIN);
    must(
        pallet_pools::Call::create_pool {
            name: text("NVIDIA GeForce RTX 4090"),
            symbol: text(&format!("RTX4090-{number}")),
            anchor: 10_000 * LOOPIN,
            price_per_gpu_hour: LOOPIN / 2,
            terms: PoolTerms {
                provide_seconds: 7 * DAY,
                sell_unit_seconds: DAY,
                sell_max_seconds: 7 * DAY,
                rental_min_seconds: HOUR,
                rental_max_seconds: 7 * DAY,
                challenge: Profile {
                    n: 64,
                    matrices: 4,
                    lanes: 8,
                    entries: 3,
                    opened_lanes: 2,
                    limits: Limits {
                        prepare_ms: 5_000,
                        fill_ms: 5_000,
                        walk_ms: 5_000,
                        open_ms: 5_000,
                    },
                },
                benchmark_gops: 1,
                privacy_limit: 25,
            },
        },
        RuntimeOrigin::signed(creator),
    );
}

/// A pool of as much LOOPIN and of as many units of the asset.
fn create_conversion_pool() {
    let trader = trader();
    endow(&trader, 2_000_000 * LOOPIN);
    must(
        pallet_assets::Call::<Runtime>::force_create {
            id: ASSET,
            owner: trader.clone().into(),
            is_sufficient: true,
            min_balance: 1,
        },
        RuntimeOrigin::root(),
    );
    <Assets as fungibles::Mutate<_>>::mint_into(ASSET, &trader, 2_000_000 * LOOPIN)
        .expect("the asset exists");
    let [native, asset] = swapped().map(Box::new);
    must(
        pallet_asset_conversion::Call::create_pool {
            asset1: native.clone(),
            asset2: asset.clone(),
        },
        RuntimeOrigin::signed(trader.clone()),
    );
    must(
        pallet_asset_conversion::Call::add_liquidity {
            asset1: native,
            asset2: asset,
            amount1_desired: 1_000_000 * LOOPIN,
            amount2_desired: 1_000_000 * LOOPIN,
            amount1_min: 1,
            amount2_min: 1,
            mint_to: trader.clone(),
        },
        RuntimeOrigin::signed(trader),
    );
}

/// Registers a device, lets it pass, and stakes it for a week. Returns the device and the position.
fn stake(pool: PoolId, miner: &AccountId, intent: Intent) -> (DeviceId, PositionId) {
    let origin = || RuntimeOrigin::signed(miner.clone());
    endow(miner, 1_000 * LOOPIN);
    let device = pallet_devices::NextDeviceId::<Runtime>::get();
    must(
        pallet_devices::Call::register_device {
            pool,
            agent_key: sr25519::Public::from_raw([1; 32]),
            endpoint: text("https://agent.example.org:8443"),
            gpu_id: H256(blake2_256(&device.to_le_bytes())),
        },
        origin(),
    );
    must(
        pallet_devices::Call::record_verdict {
            device,
            verdict: GOOD,
        },
        RuntimeOrigin::root(),
    );
    let certificate: CertificateId = pallet_stakes::NextCertificateId::<Runtime>::get();
    must(
        pallet_stakes::Call::burn_for_certificate {
            pool,
            gpu_seconds: (7 * DAY).into(),
            max_burn: Balance::MAX,
        },
        origin(),
    );
    let position = pallet_stakes::NextPositionId::<Runtime>::get();
    must(
        pallet_stakes::Call::stake {
            device,
            certificate,
            duration_seconds: 7 * DAY,
            intent,
        },
        origin(),
    );
    (device, position)
}

/// Provides the stake that was made last.
fn provide(miner: &AccountId) -> PositionId {
    let position = pallet_stakes::NextPositionId::<Runtime>::get() - 1;
    must(
        pallet_stakes::Call::add_liquidity {
            position,
            max_loopin: Balance::MAX,
        },
        RuntimeOrigin::signed(miner.clone()),
    );
    position
}

fn make_fixtures(pool: PoolId, unsettled: DeviceId) -> Fixtures {
    let mut positions: Vec<_> = pallet_stakes::Positions::<Runtime>::iter()
        .filter(|(_, position)| position.pool == pool)
        .collect();
    positions.sort_by_key(|(id, _)| *id);
    assert_eq!(positions.len(), STAKES[pool as usize] as usize);
    // The last two have the longest to go.
    let [.., (providing, providing_position), (_, rented_position)] = positions.as_slice() else {
        panic!("a pool has fewer than two positions");
    };
    let provider = account("provider", pool);
    let (_, unprovided) = stake(pool, &provider, Intent::Provide);
    let seller = account("seller", pool);
    let (_, unsold) = stake(pool, &seller, Intent::Sell);
    let client = account("client", pool);
    let new_client = account("new client", pool);
    endow(&client, 1_000 * LOOPIN);
    endow(&new_client, 1_000 * LOOPIN);
    let rental = pallet_rentals::NextRentalId::<Runtime>::get();
    must(
        rent(pool, rented_position.device),
        RuntimeOrigin::signed(client.clone()),
    );
    Fixtures {
        pool,
        provider,
        unprovided,
        seller,
        unsold,
        providing: *providing,
        free_device: providing_position.device,
        client,
        rental,
        new_client,
        unsettled,
    }
}

/// A rental of one device for a day.
pub fn rent(pool: PoolId, device: DeviceId) -> pallet_rentals::Call<Runtime> {
    pallet_rentals::Call::rent {
        pool,
        devices: BoundedVec::truncate_from(vec![device]),
        seconds: DAY,
        max_cost: Balance::MAX,
        access_key: access_key(),
    }
}

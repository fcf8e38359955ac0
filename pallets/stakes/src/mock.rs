//! A runtime for the tests: real LOOPIN, hour tokens and stake tokens, and a world of pools, devices and rentals
//! around the pallet.

mod devices;
mod market;
mod rentals;
mod rewards;
mod world;

use crate::{self as pallet_stakes, *};
use frame_support::{
    PalletId, derive_impl,
    dispatch::DispatchResult,
    parameter_types,
    storage::with_storage_layer,
    traits::{
        AsEnsureOriginWithArg, ConstU32, ConstU64, ConstU128, VariantCountOf,
        fungible::{Inspect, InspectHold},
        fungibles,
    },
    weights::Weight,
};
use frame_system::{EnsureNever, EnsureRoot};
use loopin_math::time::{DAY, HOUR};
use loopin_primitives::{
    Balance, CertificateId, DeviceEvents, DeviceId, Devices, Moment, PoolId, PositionId, Standing,
};
use pallet_nfts::PalletFeatures;
use sp_runtime::{
    BuildStorage, FixedU128, Permill,
    testing::{TestSignature, UintAuthorityId},
    traits::{Dispatchable, IdentityLookup},
};

pub use rentals::{Rental, change as change_rental};
pub use rewards::{CHANGE_WEIGHT, PAY_WEIGHT, Told, free_when_paid, logged, set_due, take_told};
pub use world::Error as WorldError;

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(2)]
    pub type Assets = pallet_assets::Pallet<Test>;
    #[runtime::pallet_index(3)]
    pub type Nfts = pallet_nfts::Pallet<Test>;
    #[runtime::pallet_index(4)]
    pub type World = world::Pallet<Test>;
    #[runtime::pallet_index(5)]
    pub type Stakes = pallet_stakes::Pallet<Test>;
}

/// One LOOPIN in planck.
pub const LOOPIN: Balance = 1_000_000_000_000;
/// The existential deposit.
pub const EXISTENTIAL_DEPOSIT: Balance = LOOPIN / 1_000;
/// What every account of the tests has at the start.
pub const ENDOWMENT: Balance = 100_000 * LOOPIN;
/// Accounts that exist.
pub const ACCOUNTS: core::ops::RangeInclusive<AccountId> = 1..=6;
/// A miner, owner of the devices 1 to 3 and 6.
pub const MINER: AccountId = 1;
/// Another miner, owner of the devices 4 and 5.
pub const OTHER: AccountId = 2;
/// A client. It has no part in the supply.
pub const CLIENT: AccountId = 5;
/// Somebody who has nothing to do with anything.
pub const STRANGER: AccountId = 6;
/// The moment at which the tests begin: seventeen seconds after a whole hour.
pub const START: Moment = 1_800_000_017;
/// The pool that most devices belong to: 10,000 LOOPIN at 1 LOOPIN for a GPU-hour.
pub const POOL: PoolId = 1;
/// The pool that device 6 belongs to.
pub const OTHER_POOL: PoolId = 2;
/// For how long a device is staked that is provided.
pub const PROVIDE_SECONDS: u64 = 7 * DAY;
/// What is on hold for a certificate.
pub const CERTIFICATE_DEPOSIT: Balance = LOOPIN / 100;
/// What is on hold for a position.
pub const POSITION_DEPOSIT: Balance = LOOPIN / 10;
/// The weight of passing one page of a pool's agenda.
pub const PAGE_WEIGHT: Weight = Weight::from_parts(1_000_000, 100);
/// Pages that are passed at once, at most: the hours of the longest stake, and those at its ends.
pub const MOST_PAGES: u64 = PROVIDE_SECONDS / HOUR + 2;

parameter_types! {
    pub const StakesPalletId: PalletId = PalletId(*b"lp/stake");
    pub NftFeatures: PalletFeatures = PalletFeatures::all_enabled();
    pub static CertificateBurn: Permill = Permill::from_percent(1);
    pub static CertificateValidity: u64 = DAY;
    pub static MaintenanceFee: Permill = Permill::from_percent(5);
    pub static Collateral: FixedU128 = FixedU128::from_rational(110, 100);
    pub static ExitFee: Permill = Permill::from_percent(1);
    pub static EjectionSlash: Permill = Permill::from_percent(20);
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
    type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
    type Balance = Balance;
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
}

// As in the chain's runtime: deposits are due for whatever users make.
impl pallet_nfts::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type CollectionId = u32;
    type ItemId = u32;
    type Currency = Balances;
    type ForceOrigin = EnsureRoot<AccountId>;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
    type Locker = ();
    type CollectionDeposit = ConstU128<LOOPIN>;
    type ItemDeposit = ConstU128<LOOPIN>;
    type MetadataDepositBase = ConstU128<LOOPIN>;
    type AttributeDepositBase = ConstU128<LOOPIN>;
    type DepositPerByte = ConstU128<LOOPIN>;
    type StringLimit = ConstU32<256>;
    type KeyLimit = ConstU32<64>;
    type ValueLimit = ConstU32<256>;
    type ApprovalsLimit = ConstU32<20>;
    type ItemAttributesApprovalsLimit = ConstU32<20>;
    type MaxTips = ConstU32<10>;
    type MaxDeadlineDuration = ConstU64<1_000>;
    type MaxAttributesPerCall = ConstU32<10>;
    type Features = NftFeatures;
    type OffchainSignature = TestSignature;
    type OffchainPublic = UintAuthorityId;
    #[cfg(feature = "runtime-benchmarks")]
    type Helper = NoHelp;
    type WeightInfo = ();
    type BlockNumberProvider = System;
}

/// pallet-nfts is not measured here, and needs no signatures.
#[cfg(feature = "runtime-benchmarks")]
pub struct NoHelp;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_nfts::BenchmarkHelper<u32, u32, UintAuthorityId, AccountId, TestSignature> for NoHelp {
    fn collection(number: u16) -> u32 {
        number.into()
    }
    fn item(number: u16) -> u32 {
        number.into()
    }
    fn signer() -> (UintAuthorityId, AccountId) {
        (UintAuthorityId(MINER), MINER)
    }
    fn sign(signer: &UintAuthorityId, message: &[u8]) -> TestSignature {
        TestSignature(signer.0, message.to_vec())
    }
}

impl world::Config for Test {}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Market = World;
    type Devices = World;
    type Rented = World;
    type Rewards = rewards::Recorder;
    type Burns = rewards::Recorder;
    type StakeTokens = NftStakeTokens<Test>;
    type HourTokens = Assets;
    type PalletId = StakesPalletId;
    type CertificateBurn = CertificateBurn;
    type CertificateValidity = CertificateValidity;
    type MaintenanceFee = MaintenanceFee;
    type Collateral = Collateral;
    type ExitFee = ExitFee;
    type EjectionSlash = EjectionSlash;
    type CertificateDeposit = ConstU128<CERTIFICATE_DEPOSIT>;
    type PositionDeposit = ConstU128<POSITION_DEPOSIT>;
    type WeightInfo = ();
}

/// The state in which a test starts.
pub fn new_externalities() -> sp_io::TestExternalities {
    let pools = [(POOL, 10_000 * LOOPIN), (OTHER_POOL, 2_000 * LOOPIN)];
    let storage = RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: ACCOUNTS
                .map(|who| (who, ENDOWMENT))
                .chain(pools.map(|(pool, reserve)| (market::account(pool), reserve)))
                .collect(),
            ..Default::default()
        },
        assets: AssetsConfig {
            assets: pools
                .map(|(pool, _)| (pool, market::account(pool), false, 1))
                .into(),
            metadata: vec![
                (POOL, b"RTX 4090 hours".to_vec(), b"RTX4090".to_vec(), 0),
                (OTHER_POOL, b"H100 hours".to_vec(), b"H100".to_vec(), 0),
            ],
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .unwrap();
    let mut externalities = sp_io::TestExternalities::new(storage);
    externalities.execute_with(|| {
        System::set_block_number(1);
        world::Now::<Test>::put(START);
        for (pool, reserve) in pools {
            market::create(pool, reserve, LOOPIN);
        }
        for (device, owner, pool) in [
            (1, MINER, POOL),
            (2, MINER, POOL),
            (3, MINER, POOL),
            (4, OTHER, POOL),
            (5, OTHER, POOL),
            (6, MINER, OTHER_POOL),
        ] {
            devices::register(device, owner, pool);
        }
        // What the tests can change lives longer than the state of one test.
        CertificateBurn::set(Permill::from_percent(1));
        CertificateValidity::set(DAY);
        MaintenanceFee::set(Permill::from_percent(5));
        Collateral::set(FixedU128::from_rational(110, 100));
        ExitFee::set(Permill::from_percent(1));
        EjectionSlash::set(Permill::from_percent(20));
        set_due(0);
        take_told();
    });
    externalities
}

/// Runs a test, and checks afterwards what must hold at any time.
pub fn execute(test: impl FnOnce()) {
    new_externalities().execute_with(|| {
        test();
        check_everything();
    });
}

/// What must hold at any time, of this pallet and of the world around it.
pub fn check_everything() {
    assert_eq!(Stakes::do_try_state(), Ok(()));
    market::check();
}

/// What a call comes to that `who` sends, as on the chain: what fails changes nothing.
pub fn call(who: AccountId, call: Call<Test>) -> DispatchResult {
    RuntimeCall::Stakes(call)
        .dispatch(RuntimeOrigin::signed(who))
        .map(|_| ())
        .map_err(|error| error.error)
}

/// `burn_for_certificate` with no bound.
pub fn burn(who: AccountId, pool: PoolId, gpu_seconds: u128) -> DispatchResult {
    call(
        who,
        Call::burn_for_certificate {
            pool,
            gpu_seconds,
            max_burn: Balance::MAX,
        },
    )
}

/// `remove_certificate`.
pub fn remove_certificate(who: AccountId, certificate: CertificateId) -> DispatchResult {
    call(who, Call::remove_certificate { certificate })
}

/// `stake`.
pub fn stake(
    who: AccountId,
    device: DeviceId,
    certificate: CertificateId,
    duration_seconds: u64,
    intent: Intent,
) -> DispatchResult {
    call(
        who,
        Call::stake {
            device,
            certificate,
            duration_seconds,
            intent,
        },
    )
}

/// `add_liquidity` with no bound.
pub fn add_liquidity(who: AccountId, position: PositionId) -> DispatchResult {
    call(
        who,
        Call::add_liquidity {
            position,
            max_loopin: Balance::MAX,
        },
    )
}

/// `sell_hours` with no bound.
pub fn sell_hours(who: AccountId, position: PositionId, gpu_seconds: u64) -> DispatchResult {
    call(
        who,
        Call::sell_hours {
            position,
            gpu_seconds,
            min_proceeds: 0,
        },
    )
}

/// `claim`.
pub fn claim(who: AccountId, position: PositionId) -> DispatchResult {
    call(who, Call::claim { position })
}

/// `drain`.
pub fn drain(who: AccountId, device: DeviceId) -> DispatchResult {
    call(who, Call::drain { device })
}

/// `undrain`.
pub fn undrain(who: AccountId, device: DeviceId) -> DispatchResult {
    call(who, Call::undrain { device })
}

/// `withdraw_liquidity` with no bound.
pub fn withdraw(who: AccountId, position: PositionId) -> DispatchResult {
    call(
        who,
        Call::withdraw_liquidity {
            position,
            min_returned: 0,
        },
    )
}

/// `close`.
pub fn close(who: AccountId, position: PositionId) -> DispatchResult {
    call(who, Call::close { position })
}

/// Burns for a certificate of the device's pool, and stakes the device. Returns the position.
pub fn staked(device: DeviceId, seconds: u64, intent: Intent) -> PositionId {
    let info = World::device(device).unwrap();
    let certificate = NextCertificateId::<Test>::get();
    burn(info.owner, info.pool, seconds.into()).unwrap();
    stake(info.owner, device, certificate, seconds, intent).unwrap();
    StakeOf::<Test>::get(device).unwrap()
}

/// Stakes the device and provides its time. Returns the position.
pub fn provided(device: DeviceId) -> PositionId {
    let position = staked(device, PROVIDE_SECONDS, Intent::Provide);
    add_liquidity(World::device(device).unwrap().owner, position).unwrap();
    position
}

/// Stakes the device for some days and sells so many seconds of its time. Returns the position.
pub fn sold(device: DeviceId, days: u64, gpu_seconds: u64) -> PositionId {
    let position = staked(device, days * DAY, Intent::Sell);
    sell_hours(World::device(device).unwrap().owner, position, gpu_seconds).unwrap();
    position
}

/// The client rents the device. Returns what that came to.
pub fn rent(device: DeviceId, seconds: u64) -> Rental {
    with_storage_layer(|| rentals::rent(CLIENT, device, seconds)).unwrap()
}

/// The client tries to rent the device.
pub fn try_rent(device: DeviceId, seconds: u64) -> DispatchResult {
    with_storage_layer(|| rentals::rent(CLIENT, device, seconds).map(|_| ()))
}

/// How the device stands with verification from now on.
pub fn set_standing(device: DeviceId, standing: Standing) {
    devices::set_standing(device, standing);
}

/// The device fails for the second time in a row.
pub fn eject(device: DeviceId) {
    set_standing(device, Standing::Ejected);
    with_storage_layer(|| Stakes::ejected(device)).unwrap();
}

/// Time passes.
pub fn wait(seconds: u64) {
    wait_until(now() + seconds);
}

/// Time passes until `moment`.
pub fn wait_until(moment: Moment) {
    world::Now::<Test>::put(moment);
}

/// The present moment.
pub fn now() -> Moment {
    world::Now::<Test>::get()
}

/// The pool as it is now.
pub fn pool(pool: PoolId) -> loopin_math::Pool {
    market::synced(pool).unwrap()
}

/// The position, which exists.
pub fn position(id: PositionId) -> PositionOf<Test> {
    Positions::<Test>::get(id).unwrap()
}

/// The provision of a position that provides.
pub fn provision(id: PositionId) -> Provision {
    match position(id).state {
        PositionState::Providing(provision) => provision,
        state => panic!("{state:?}"),
    }
}

/// The sale of a position that sells.
pub fn sale(id: PositionId) -> Sale {
    match position(id).state {
        PositionState::Selling(sale) => sale,
        state => panic!("{state:?}"),
    }
}

/// Whether the registry knows the device as staked.
pub fn is_staked(device: DeviceId) -> bool {
    devices::is_staked(device)
}

/// What `who` has on hold for that reason.
pub fn held(who: AccountId, reason: HoldReason) -> Balance {
    Balances::balance_on_hold(&reason.into(), &who)
}

/// What `who` can spend.
pub fn free(who: AccountId) -> Balance {
    Balances::balance(&who)
}

/// All that `who` has.
pub fn wealth(who: AccountId) -> Balance {
    Balances::total_balance(&who)
}

/// The hour tokens of `who`.
pub fn hours(pool: PoolId, who: AccountId) -> u128 {
    <Assets as fungibles::Inspect<_>>::balance(pool, &who)
}

/// Gives `who` exactly so much to spend.
pub fn set_free(who: AccountId, amount: Balance) {
    Balances::force_set_balance(RuntimeOrigin::root(), who, amount).unwrap();
}

/// What has been burned so far of what the tests' genesis issued.
pub fn burned() -> Balance {
    let issued = Balance::from(ACCOUNTS.count() as u64) * ENDOWMENT + 12_000 * LOOPIN;
    issued - Balances::total_issuance()
}

/// What all pools owe to anybody.
pub fn owed() -> Balance {
    world::Owed::<Test>::iter_values().sum()
}

/// How many moments there are at which positions ended that have not been paid out.
pub fn unpaid_endings() -> usize {
    world::Endings::<Test>::iter().count()
}

/// The events of this pallet so far; they are forgotten afterwards.
pub fn take_events() -> Vec<Event<Test>> {
    let events = System::read_events_for_pallet::<Event<Test>>();
    System::reset_events();
    events
}

/// The settlement of the only ejection so far.
pub fn settlement() -> SettlementOf<Test> {
    let mut settlements = take_events().into_iter().filter_map(|event| match event {
        Event::Ejected { settlement, .. } => Some(settlement),
        _ => None,
    });
    let settlement = settlements.next().unwrap();
    assert_eq!(settlements.next(), None);
    settlement
}

//! # The lower part of the runtimes in which pallets are tested
//!
//! A pallet is tested on the real pallets below it. Only what it tells those above it, its hooks, is recorded by mocks of
//! the pallet's own. What all these runtimes have in common is here, once, as macros: each configures some pallets of a
//! runtime, and brings what tests need to use them. They write only what the caller could have written itself, with the
//! caller's own dependencies, so a pallet can use them in its own tests.
//!
//! A pallet's mock has a runtime `Test` whose pallets are called `System`, `Timestamp`, `Balances`, `Assets`,
//! `AssetsFreezer`, `Pools`, `Nfts`, `Devices`, `Stakes`, `Rentals`, as far as there are any, and in its scope the crates
//! under their names (the pallet under test as `use crate as pallet_pools`).
//!
//! | macro | configures | needs |
//! |---|---|---|
//! | [`mock_money!`] | System, Timestamp, Balances, Assets, AssetsFreezer | the type of accounts |
//! | [`mock_pools!`] | Pools | who implements `OnBurn` |
//! | [`mock_devices!`] | Devices | who implements `DeviceHooks` |
//! | [`mock_stakes!`] | Nfts, Stakes | who implements `TenancyHooks` and `LiquidityHooks` |
//! | [`mock_rentals!`] | Rentals | who implements `RentalHooks` |

/// Money and time: System, Timestamp, Balances, Assets and AssetsFreezer, and the functions that let time pass.
///
/// Accounts should have 16 bytes or more, as `u128` has: in fewer there is no room for what tells the accounts of two
/// pools from each other.
#[macro_export]
macro_rules! mock_money {
    ($account:ty) => {
        use frame_support::derive_impl;

        /// Accounts of the tests.
        pub type AccountId = $account;
        /// The smallest unit is a planck.
        pub const LOOPIN: u128 = 1_000_000_000_000;
        /// The least that an account has.
        pub const EXISTENTIAL_DEPOSIT: u128 = LOOPIN / 1_000;
        /// What the metadata of an hour token cost the creator of its pool as a deposit.
        pub const METADATA_DEPOSIT: u128 = LOOPIN / 10;
        /// The moment at which every test starts: some way into an hour, and no whole minute.
        pub const START: u64 = 1_800_000_000 + 17 * 60 + 23;

        #[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
        impl frame_system::Config for Test {
            type Block = frame_system::mocking::MockBlock<Test>;
            type AccountId = AccountId;
            type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
            type AccountData = pallet_balances::AccountData<u128>;
        }

        #[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
        impl pallet_timestamp::Config for Test {}

        #[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
        impl pallet_balances::Config for Test {
            type Balance = u128;
            type AccountStore = System;
            type ExistentialDeposit = frame_support::traits::ConstU128<EXISTENTIAL_DEPOSIT>;
            type RuntimeHoldReason = RuntimeHoldReason;
            type RuntimeFreezeReason = RuntimeFreezeReason;
            type FreezeIdentifier = RuntimeFreezeReason;
            type MaxFreezes = frame_support::traits::VariantCountOf<RuntimeFreezeReason>;
        }

        #[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
        impl pallet_assets::Config for Test {
            type Balance = u128;
            type AssetId = u32;
            type AssetIdParameter = u32;
            type Currency = Balances;
            type CreateOrigin =
                frame_support::traits::AsEnsureOriginWithArg<frame_system::EnsureNever<AccountId>>;
            type ForceOrigin = frame_system::EnsureRoot<AccountId>;
            type MetadataDepositBase = frame_support::traits::ConstU128<METADATA_DEPOSIT>;
            type MetadataDepositPerByte = frame_support::traits::ConstU128<0>;
            type AssetDeposit = frame_support::traits::ConstU128<0>;
            type AssetAccountDeposit = frame_support::traits::ConstU128<0>;
            type ApprovalDeposit = frame_support::traits::ConstU128<0>;
            type StringLimit = frame_support::traits::ConstU32<80>;
            type Freezer = AssetsFreezer;
        }

        impl pallet_assets_freezer::Config for Test {
            type RuntimeFreezeReason = RuntimeFreezeReason;
            type RuntimeEvent = RuntimeEvent;
        }

        /// The present moment.
        pub fn now() -> u64 {
            Timestamp::get() / 1_000
        }

        /// Lets that many seconds pass.
        pub fn wait(seconds: u64) {
            wait_until(now() + seconds);
        }

        /// Lets time pass until that moment.
        pub fn wait_until(moment: u64) {
            assert!(moment >= now(), "time does not go back");
            Timestamp::set_timestamp(moment * 1_000);
            System::set_block_number(System::block_number() + 1);
        }

        /// A chain at its first block, at [`START`], on which these accounts have the given balances.
        pub fn chain_with(
            accounts: impl IntoIterator<Item = AccountId>,
            endowment: u128,
        ) -> sp_io::TestExternalities {
            use sp_runtime::BuildStorage;
            let mut storage = frame_system::GenesisConfig::<Test>::default()
                .build_storage()
                .unwrap();
            pallet_balances::GenesisConfig::<Test> {
                balances: accounts.into_iter().map(|who| (who, endowment)).collect(),
                ..Default::default()
            }
            .assimilate_storage(&mut storage)
            .unwrap();
            let mut externalities = sp_io::TestExternalities::new(storage);
            externalities.execute_with(|| {
                System::set_block_number(1);
                Timestamp::set_timestamp(START * 1_000);
            });
            externalities
        }
    };
}

/// Pools, with the swap fee of the chain; what governance can change is a static that tests can set.
#[macro_export]
macro_rules! mock_pools {
    ($on_burn:ty) => {
        frame_support::parameter_types! {
            pub static SwapFee: sp_runtime::Permill = sp_runtime::Permill::from_parts(3_000);
            pub static MinimumAnchor: u128 = 100 * LOOPIN;
            pub const PoolsPalletId: frame_support::PalletId = frame_support::PalletId(*b"loopin/p");
        }

        impl pallet_pools::Config for Test {
            type Currency = Balances;
            type RuntimeHoldReason = RuntimeHoldReason;
            type Assets = Assets;
            type Freezer = AssetsFreezer;
            type RuntimeFreezeReason = RuntimeFreezeReason;
            type Time = Timestamp;
            type OnBurn = $on_burn;
            type SwapFee = SwapFee;
            type MinimumAnchor = MinimumAnchor;
            type PoolDeposit = frame_support::traits::ConstU128<{ 10 * LOOPIN }>;
            type LongestStake = frame_support::traits::ConstU64<{ 7 * 86_400 }>;
            type PalletId = PoolsPalletId;
            type WeightInfo = ();
            #[cfg(feature = "runtime-benchmarks")]
            type BenchmarkHelper = Clock;
        }

        /// The clock of benchmarks.
        #[cfg(feature = "runtime-benchmarks")]
        pub struct Clock;

        #[cfg(feature = "runtime-benchmarks")]
        impl pallet_pools::BenchmarkHelper for Clock {
            fn set_now(moment: u64) {
                wait_until(moment);
            }
        }

        /// Terms that anybody could lay down: stakes of up to a week, rentals from an hour on.
        pub fn terms() -> loopin_primitives::PoolTerms {
            loopin_primitives::PoolTerms {
                provide_seconds: 7 * 86_400,
                sell_unit_seconds: 86_400,
                sell_max_seconds: 7 * 86_400,
                rental_min_seconds: 3_600,
                rental_max_seconds: 7 * 86_400,
                challenge: loopin_challenge::Profile {
                    n: 64,
                    matrices: 4,
                    lanes: 8,
                    entries: 3,
                    opened_lanes: 2,
                    limits: loopin_challenge::Limits {
                        prepare_ms: 5_000,
                        fill_ms: 5_000,
                        walk_ms: 5_000,
                        open_ms: 5_000,
                    },
                },
                benchmark_gops: 1,
                privacy_limit: 25,
            }
        }

        /// The symbol of the pool with that number.
        pub fn symbol_of<S: frame_support::traits::Get<u32>>(
            pool: loopin_primitives::PoolId,
        ) -> frame_support::BoundedVec<u8, S> {
            let suffix = if pool == 0 {
                String::new()
            } else {
                format!("-{pool}")
            };
            format!("RTX4090{suffix}").into_bytes().try_into().unwrap()
        }

        /// `creator` creates a pool with that anchor, in planck, at half a LOOPIN per GPU-hour. Its symbol is RTX4090, and
        /// that of later ones has their number.
        pub fn create_pool_of(creator: AccountId, anchor: u128) -> loopin_primitives::PoolId {
            let pool = pallet_pools::NextPoolId::<Test>::get();
            pallet_pools::Pallet::<Test>::create_pool(
                RuntimeOrigin::signed(creator),
                b"NVIDIA GeForce RTX 4090".to_vec().try_into().unwrap(),
                symbol_of(pool),
                anchor,
                LOOPIN / 2,
                terms(),
            )
            .unwrap();
            pool
        }
    };
}

/// Devices. Verdicts by hand are root's.
#[macro_export]
macro_rules! mock_devices {
    ($device_hooks:ty) => {
        /// What is put on hold for a device, and for each byte of its endpoint, unless a test changes that.
        pub const DEVICE_DEPOSIT: u128 = LOOPIN;
        pub const BYTE_DEPOSIT: u128 = LOOPIN / 100;
        /// For how many seconds an agent's key cannot change again.
        pub const KEY_INTERVAL: u64 = 86_400;

        frame_support::parameter_types! {
            pub static DepositPerByte: u128 = BYTE_DEPOSIT;
        }

        impl pallet_devices::Config for Test {
            type VerdictOrigin = frame_system::EnsureRoot<AccountId>;
            type DeviceHooks = $device_hooks;
            type DepositBase = frame_support::traits::ConstU128<DEVICE_DEPOSIT>;
            type DepositPerByte = DepositPerByte;
            type AgentKeyInterval = frame_support::traits::ConstU64<KEY_INTERVAL>;
            type WeightInfo = ();
        }

        /// The verdict that a device passed.
        pub const PASSED: loopin_primitives::Verdict = loopin_primitives::Verdict::Passed {
            work_gops: 1,
            privacy: 25,
        };

        /// `owner` registers a device for the pool, with a GPU that nobody has registered.
        pub fn register_device(
            owner: AccountId,
            pool: loopin_primitives::PoolId,
        ) -> loopin_primitives::DeviceId {
            let device = pallet_devices::NextDeviceId::<Test>::get();
            pallet_devices::Pallet::<Test>::register_device(
                RuntimeOrigin::signed(owner),
                pool,
                sp_core::sr25519::Public::from_raw([1; 32]),
                b"http://10.0.0.7:8000".to_vec().try_into().unwrap(),
                sp_core::H256::from_low_u64_be(u64::from(device) + 1),
            )
            .unwrap();
            device
        }

        /// A device of `owner` for the pool that has passed a verification.
        pub fn verified_device(
            owner: AccountId,
            pool: loopin_primitives::PoolId,
        ) -> loopin_primitives::DeviceId {
            let device = register_device(owner, pool);
            pallet_devices::Pallet::<Test>::apply_verdict(device, PASSED).unwrap();
            device
        }
    };
}

/// Nfts and Stakes; what governance can change is a static that tests can set. Nothing is ever signed, so accounts may be
/// of any type, unless the types of signatures and signers are given.
#[macro_export]
macro_rules! mock_stakes {
    ($tenancy_hooks:ty, $liquidity_hooks:ty) => {
        $crate::mock_stakes!($tenancy_hooks, $liquidity_hooks, Nobody, Nobody, Nobody);

        /// Who signs, and with what.
        #[derive(
            Clone,
            Debug,
            PartialEq,
            Eq,
            codec::Encode,
            codec::Decode,
            codec::DecodeWithMemTracking,
            scale_info::TypeInfo,
        )]
        pub struct Nobody;

        impl sp_runtime::traits::IdentifyAccount for Nobody {
            type AccountId = AccountId;
            fn into_account(self) -> AccountId {
                Default::default()
            }
        }

        impl sp_runtime::traits::Verify for Nobody {
            type Signer = Self;
            fn verify<L: sp_runtime::traits::Lazy<[u8]>>(&self, _: L, _: &AccountId) -> bool {
                false
            }
        }

        #[cfg(feature = "runtime-benchmarks")]
        impl pallet_nfts::BenchmarkHelper<u32, u32, Nobody, AccountId, Nobody> for Nobody {
            fn collection(number: u16) -> u32 {
                number.into()
            }
            fn item(number: u16) -> u32 {
                number.into()
            }
            fn signer() -> (Nobody, AccountId) {
                (Nobody, Default::default())
            }
            fn sign(_: &Nobody, _: &[u8]) -> Nobody {
                Nobody
            }
        }
    };
    ($tenancy_hooks:ty, $liquidity_hooks:ty, $signature:ty, $signer:ty, $nfts_helper:ty) => {
        frame_support::parameter_types! {
            pub static CertificateBurn: sp_runtime::Permill = sp_runtime::Permill::from_percent(1);
            pub static CertificateValidity: u64 = 86_400;
            pub static MaintenanceFee: sp_runtime::Permill = sp_runtime::Permill::from_percent(5);
            pub static Collateral: sp_runtime::FixedU128 = sp_runtime::FixedU128::from_rational(11, 10);
            pub static ExitFee: sp_runtime::Permill = sp_runtime::Permill::from_percent(1);
            pub static EjectionSlash: sp_runtime::Permill = sp_runtime::Permill::from_percent(20);
            pub const StakesPalletId: frame_support::PalletId = frame_support::PalletId(*b"loopin/s");
            pub NftFeatures: pallet_nfts::PalletFeatures = pallet_nfts::PalletFeatures::all_enabled();
        }
        /// What is put on hold for the room that a certificate or a position takes.
        pub const CERTIFICATE_DEPOSIT: u128 = LOOPIN / 10;
        pub const POSITION_DEPOSIT: u128 = LOOPIN / 2;

        impl pallet_nfts::Config for Test {
            type RuntimeEvent = RuntimeEvent;
            type CollectionId = u32;
            type ItemId = u32;
            type Currency = Balances;
            type ForceOrigin = frame_system::EnsureRoot<AccountId>;
            type CreateOrigin =
                frame_support::traits::AsEnsureOriginWithArg<frame_system::EnsureNever<AccountId>>;
            type Locker = ();
            type CollectionDeposit = frame_support::traits::ConstU128<LOOPIN>;
            type ItemDeposit = frame_support::traits::ConstU128<LOOPIN>;
            type MetadataDepositBase = frame_support::traits::ConstU128<LOOPIN>;
            type AttributeDepositBase = frame_support::traits::ConstU128<LOOPIN>;
            type DepositPerByte = frame_support::traits::ConstU128<LOOPIN>;
            type StringLimit = frame_support::traits::ConstU32<256>;
            type KeyLimit = frame_support::traits::ConstU32<64>;
            type ValueLimit = frame_support::traits::ConstU32<256>;
            type ApprovalsLimit = frame_support::traits::ConstU32<1>;
            type ItemAttributesApprovalsLimit = frame_support::traits::ConstU32<1>;
            type MaxTips = frame_support::traits::ConstU32<1>;
            type MaxDeadlineDuration = frame_support::traits::ConstU64<1_000>;
            type MaxAttributesPerCall = frame_support::traits::ConstU32<1>;
            type Features = NftFeatures;
            type OffchainSignature = $signature;
            type OffchainPublic = $signer;
            type WeightInfo = ();
            type BlockNumberProvider = System;
            #[cfg(feature = "runtime-benchmarks")]
            type Helper = $nfts_helper;
        }

        impl pallet_stakes::Config for Test {
            type TenancyHooks = $tenancy_hooks;
            type LiquidityHooks = $liquidity_hooks;
            type PalletId = StakesPalletId;
            type CertificateBurn = CertificateBurn;
            type CertificateValidity = CertificateValidity;
            type MaintenanceFee = MaintenanceFee;
            type Collateral = Collateral;
            type ExitFee = ExitFee;
            type EjectionSlash = EjectionSlash;
            type CertificateDeposit = frame_support::traits::ConstU128<CERTIFICATE_DEPOSIT>;
            type PositionDeposit = frame_support::traits::ConstU128<POSITION_DEPOSIT>;
            type WeightInfo = ();
            #[cfg(feature = "runtime-benchmarks")]
            type BenchmarkHelper = $tenancy_hooks;
        }

        /// A verified device of `owner`, whose time the pool has for a week, and its position.
        pub fn provided_device(
            owner: AccountId,
            pool: loopin_primitives::PoolId,
        ) -> (loopin_primitives::DeviceId, loopin_primitives::PositionId) {
            let device = verified_device(owner.clone(), pool);
            let certificate = pallet_stakes::NextCertificateId::<Test>::get();
            let position = pallet_stakes::NextPositionId::<Test>::get();
            let signed = || RuntimeOrigin::signed(owner.clone());
            let seconds = terms().provide_seconds;
            pallet_stakes::Pallet::<Test>::burn_for_certificate(signed(), pool, seconds.into(), u128::MAX)
                .unwrap();
            pallet_stakes::Pallet::<Test>::stake(
                signed(),
                device,
                certificate,
                seconds,
                pallet_stakes::Intent::Provide,
            )
            .unwrap();
            pallet_stakes::Pallet::<Test>::add_liquidity(signed(), position, u128::MAX).unwrap();
            (device, position)
        }
    };
}

/// Rentals; what governance can change is a static that tests can set.
#[macro_export]
macro_rules! mock_rentals {
    ($rental_hooks:ty) => {
        frame_support::parameter_types! {
            pub static DepositPerDevice: u128 = RENTED_DEVICE_DEPOSIT;
            pub static ReportDeposit: u128 = 10 * LOOPIN;
            pub static ReportPatience: u64 = 86_400;
        }
        /// What is put on hold for a rental, for each of its devices, and for each byte of its access key.
        pub const RENTAL_DEPOSIT: u128 = LOOPIN / 2;
        pub const RENTED_DEVICE_DEPOSIT: u128 = LOOPIN / 10;
        pub const KEY_BYTE_DEPOSIT: u128 = LOOPIN / 1_000;

        impl pallet_rentals::Config for Test {
            type RentalHooks = $rental_hooks;
            type DepositBase = frame_support::traits::ConstU128<RENTAL_DEPOSIT>;
            type DepositPerDevice = DepositPerDevice;
            type DepositPerKeyByte = frame_support::traits::ConstU128<KEY_BYTE_DEPOSIT>;
            type ReportDeposit = ReportDeposit;
            type ReportPatience = ReportPatience;
            type WeightInfo = ();
        }
    };
}

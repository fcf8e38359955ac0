//! What makes accounts convenient: batches, multisigs and proxies.

use crate::{
    Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, System, constants::currency::deposit,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::{ConstU32, ConstU128, InstanceFilter};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = ConstU128<{ deposit(1, 88) }>;
    type DepositFactor = ConstU128<{ deposit(0, 32) }>;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
    type BlockNumberProvider = System;
}

/// What a proxy may do for the account that named it.
#[derive(
    Copy,
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ProxyType {
    /// Everything.
    #[default]
    Any,
    /// Everything that does not move LOOPIN or other assets out of the account.
    NonTransfer,
    /// Votes, referenda and the council.
    Governance,
    /// Bond and session keys of a validator.
    Validator,
    /// Nothing but rejecting announced proxy calls.
    CancelProxy,
    /// Devices, stakes and rentals: for a program that minds them for the account. It can spend the account's LOOPIN on
    /// them, but cannot send it to anybody.
    Market,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            ProxyType::Any => true,
            ProxyType::NonTransfer => matches!(
                call,
                RuntimeCall::System(..)
                    | RuntimeCall::Session(..)
                    | RuntimeCall::Validators(..)
                    | RuntimeCall::Council(..)
                    | RuntimeCall::ConvictionVoting(..)
                    | RuntimeCall::Referenda(..)
                    | RuntimeCall::Preimage(..)
                    | RuntimeCall::Multisig(..)
                    | RuntimeCall::Proxy(..)
                    | RuntimeCall::Utility(..)
                    | RuntimeCall::Vesting(
                        pallet_vesting::Call::vest { .. } | pallet_vesting::Call::vest_other { .. }
                    )
            ),
            ProxyType::Governance => matches!(
                call,
                RuntimeCall::Council(..)
                    | RuntimeCall::ConvictionVoting(..)
                    | RuntimeCall::Referenda(..)
                    | RuntimeCall::Preimage(..)
                    | RuntimeCall::Utility(..)
            ),
            ProxyType::Validator => matches!(
                call,
                RuntimeCall::Validators(..) | RuntimeCall::Session(..) | RuntimeCall::Utility(..)
            ),
            ProxyType::CancelProxy => {
                matches!(
                    call,
                    RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. })
                )
            }
            ProxyType::Market => matches!(
                call,
                RuntimeCall::Pools(..)
                    | RuntimeCall::Devices(..)
                    | RuntimeCall::Stakes(..)
                    | RuntimeCall::Rentals(..)
                    | RuntimeCall::Utility(..)
            ),
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (one, another) if one == another => true,
            (ProxyType::Any, _) => true,
            (_, ProxyType::Any) => false,
            (ProxyType::NonTransfer, ProxyType::Market) => false,
            (ProxyType::NonTransfer, _) => true,
            _ => false,
        }
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ConstU128<{ deposit(1, 8) }>;
    type ProxyDepositFactor = ConstU128<{ deposit(0, 33) }>;
    type MaxProxies = ConstU32<32>;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
    type MaxPending = ConstU32<32>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = ConstU128<{ deposit(1, 8) }>;
    type AnnouncementDepositFactor = ConstU128<{ deposit(0, 66) }>;
    type BlockNumberProvider = System;
}

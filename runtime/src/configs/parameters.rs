//! The runtime parameters that governance can change without an upgrade, with their defaults.
//!
//! In polkadot-js: `parameters.setParameter` by governance, read back under
//! `parameters.parameters(key)`; a key that was never set has the default given here.

use crate::{Balance, Runtime, RuntimeEvent, configs::RootOrTwoThirdsOfCouncil, constants::currency::LOOPIN};
use frame_support::{
    dynamic_params::{dynamic_pallet_params, dynamic_params},
    traits::AsEnsureOriginWithArg,
};
use loopin_math::time::DAY;
use sp_runtime::{FixedU128, Perbill, Permill};

/// The parameters, by the pallet that they steer.
#[allow(missing_docs)]
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
    use super::*;

    /// Who may be a validator, and what misbehaviour costs.
    #[dynamic_pallet_params]
    #[codec(index = 0)]
    pub mod validators {
        /// The smallest bond of a new candidate, in planck.
        #[codec(index = 0)]
        pub static MinimumBond: Balance = 10_000 * LOOPIN;
        /// For how many sessions the bond of a former validator stays on hold and can be slashed: seven days of
        /// one-hour sessions.
        #[codec(index = 1)]
        pub static UnbondingSessions: u32 = 168;
        /// The most validators that a session has, invulnerables included.
        #[codec(index = 2)]
        pub static MaximumValidators: u32 = 100;
        /// The part of the bond that an equivocation costs at least.
        #[codec(index = 3)]
        pub static MinimumSlash: Perbill = Perbill::from_percent(5);
        /// A candidate that made none of the last blocks, this many for each active validator, counts as gone and
        /// loses its seat.
        #[codec(index = 4)]
        pub static InactiveBlocks: u32 = 20;
    }

    /// What trades cost, and what miners pay and risk.
    #[dynamic_pallet_params]
    #[codec(index = 1)]
    pub mod market {
        /// The part of every trade with a pool that is burned as a fee.
        #[codec(index = 0)]
        pub static SwapFee: Permill = Permill::from_parts(3_000);
        /// The least LOOPIN that the creator of a pool locks in it, in planck.
        #[codec(index = 2)]
        pub static MinimumAnchor: Balance = 10_000 * LOOPIN;
        /// The part of the value of a stake's time that is burned for its certificate.
        #[codec(index = 3)]
        pub static CertificateBurn: Permill = Permill::from_percent(1);
        /// For how many seconds a certificate can be used.
        #[codec(index = 4)]
        pub static CertificateValidity: u64 = DAY;
        /// The part of the value of a stake's time that a miner who sells puts on hold.
        #[codec(index = 5)]
        pub static MaintenanceFee: Permill = Permill::from_percent(5);
        /// What a miner puts on hold for each planck that a pool pays for time.
        #[codec(index = 6)]
        pub static Collateral: FixedU128 = FixedU128::from_rational(110, 100);
        /// The part of what an early withdrawal returns that is burned.
        #[codec(index = 7)]
        pub static ExitFee: Permill = Permill::from_percent(1);
        /// The part of what an ejected provider's shares bring that is lost.
        #[codec(index = 8)]
        pub static EjectionSlash: Permill = Permill::from_percent(20);
        /// What a client puts on hold to report that a device fails, in planck.
        #[codec(index = 9)]
        pub static ReportDeposit: Balance = 10 * LOOPIN;
        /// How many seconds a client waits for the verdict on its report before it can take the report back.
        #[codec(index = 10)]
        pub static ReportPatience: u64 = DAY;
    }

    /// Who may challenge devices, how often, and what misbehaviour costs.
    #[dynamic_pallet_params]
    #[codec(index = 2)]
    pub mod verification {
        /// The smallest bond of a verifier, in planck.
        #[codec(index = 0)]
        pub static MinimumBond: Balance = 1_000 * LOOPIN;
        /// For how many seconds the bond of a former verifier stays on hold and can be slashed.
        #[codec(index = 1)]
        pub static UnbondingSeconds: u64 = 7 * DAY;
        /// How many seats the committee has that challenges a device in a round: odd, or it counts as one less.
        #[codec(index = 2)]
        pub static CommitteeSize: u32 = 5;
        /// For how many seconds the devices of a round are challenged: a quarter to prepare, a quarter to fill, which is
        /// enough for the slowest class, and half to walk and open. At most half of a session.
        #[codec(index = 3)]
        pub static WindowSeconds: u64 = 120;
        /// For how many seconds after that a verifier can still attest. At most a fifth of a session.
        #[codec(index = 4)]
        pub static GraceSeconds: u64 = 18;
        /// The number of strikes at which a verifier is suspended. A missed duty is one; each duty done takes one off.
        #[codec(index = 5)]
        pub static StrikeLimit: u32 = 12;
        /// How many strikes there are for an attestation against the verdict, or for a false report of a fraud.
        #[codec(index = 6)]
        pub static ContradictionStrikes: u32 = 3;
        /// For how many seconds a verifier is suspended, at least.
        #[codec(index = 7)]
        pub static SuspensionSeconds: u64 = DAY;
        /// The part of the bond that a suspension costs.
        #[codec(index = 8)]
        pub static SuspensionSlash: Perbill = Perbill::from_percent(10);
        /// For how many rounds a device's lie can be proven. All of them together must be shorter than the day for which
        /// an agent's key cannot change again.
        #[codec(index = 9)]
        pub static DisputeRounds: u32 = 20;
        /// The part of a liar's deposit that goes to whoever proves the lie. The rest is burned.
        #[codec(index = 10)]
        pub static ReporterShare: Perbill = Perbill::from_percent(50);
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
    fn default() -> Self {
        RuntimeParameters::Validators(dynamic_params::validators::Parameters::MinimumBond(
            dynamic_params::validators::MinimumBond,
            Some(LOOPIN),
        ))
    }
}

impl pallet_parameters::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeParameters = RuntimeParameters;
    type AdminOrigin = AsEnsureOriginWithArg<RootOrTwoThirdsOfCouncil>;
    // The pallet does not export its weights for other databases than RocksDB, whose are the higher ones.
    type WeightInfo = ();
}

//! The runtime parameters that governance can change without an upgrade, with their defaults.
//!
//! In polkadot-js: `parameters.setParameter` by governance, read back under
//! `parameters.parameters(key)`; a key that was never set has the default given here.

use crate::{Balance, Runtime, RuntimeEvent, configs::RootOrTwoThirdsOfCouncil, constants::currency::LOOPIN};
use frame_support::{
    dynamic_params::{dynamic_pallet_params, dynamic_params},
    traits::AsEnsureOriginWithArg,
};
use sp_runtime::Perbill;

/// The parameters, by the pallet that they steer.
#[allow(missing_docs)]
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
    use super::*;

    /// Who may be a validator, and what misbehaviour costs.
    #[dynamic_pallet_params]
    #[codec(index = 0)]
    pub mod validators {
        /// Least bond of a new candidate, in planck.
        #[codec(index = 0)]
        pub static MinimumBond: Balance = 10_000 * LOOPIN;
        /// Sessions for which the bond of a former validator stays on hold and can be slashed: seven days
        /// of one-hour sessions.
        #[codec(index = 1)]
        pub static UnbondingSessions: u32 = 168;
        /// Validators of a session, at most, invulnerables included.
        #[codec(index = 2)]
        pub static MaximumValidators: u32 = 100;
        /// Part of the bond that an equivocation costs at least.
        #[codec(index = 3)]
        pub static MinimumSlash: Perbill = Perbill::from_percent(5);
        /// A candidate that made none of the last so many blocks per active validator counts as gone and
        /// loses its seat.
        #[codec(index = 4)]
        pub static InactiveBlocks: u32 = 20;
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

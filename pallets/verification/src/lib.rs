#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! ## How a round begins
//!
//! Every block from [`Config::MinimumRoundBlocks`] to [`Config::MaximumRoundBlocks`] after the last beginning is equally
//! likely, as drawn from the randomness of the block before. A round does not begin before the last one is over, nor
//! while there is no verifier. The decision is made in `on_initialize`, and the round in `on_finalize`: only there is the
//! block's own time known, and transactions of the same block cannot use what is drawn. [`committee`](mod@committee) says
//! who has which seat.
//!
//! ## What is challenged
//!
//! Devices that were registered when the round began, and have a deposit. All verifiers of a device challenge it together,
//! at the same two moments for all devices: who has one card for two devices has to compute for both at once.
//!
//! A rental may begin or end while a round lasts. A full challenge is accepted while the device is not rented, a light
//! one while a check is asked for, whether or not the rental has just ended: an honest verifier, which goes by what
//! holds when it begins, is not refused because the rental ends meanwhile. If a rental begins meanwhile, its vote
//! is refused, which does not count against it, as the device is rented when the round is concluded. A dishonest
//! minority gains nothing by choosing the light one: a verdict is a full one only if more than half of the committee
//! had the device pass the full challenge.
//!
//! ## Who is struck
//!
//! Where more than half of the seats could find out, whoever was silent could have; if the device is not rented at the end
//! either, there is no excuse. The price is that half of a committee together can be silent, and a committee of one.
//!
//! Nobody is struck, or paid, for what becomes of a device that is not staked: such a device has nothing to lose, and its
//! owner could let it answer only some of a committee, to frame the others.
//!
//! A device that is staked could still open to some of its verifiers only. Who is not shown what the device had committed
//! to brings along its signed word for that, and is not struck for having the device fail.
//!
//! ## Fraud
//!
//! What the agent has signed is a [`WalkAnswer`](loopin_challenge::messages::WalkAnswer), the same for all verifiers,
//! rebuilt here from the chain's own data and the claim.
//!
//! ## Feeless transactions
//!
//! [`attest`](Call::attest), [`conclude`](Call::conclude) and [`report_fraud`](Call::report_fraud) are refused with
//! `InvalidTransaction::Custom(number)`: the number is that of the [`Error`]. Each leaves a mark even if what it leads to
//! fails, so it is valid once, and cannot be repeated at the chain's expense.
//!
//! # In the runtime
//!
//! - List this pallet after the currency, whose genesis it needs, and after the registry of devices.
//! - `DeviceHooks` of `pallet_devices` must include it, so that it forgets devices that leave the registry.
//! - `TxExtension` begins with `frame_system::AuthorizeCall`.
//! - [`Config::DisputeRounds`] times [`Config::MaximumRoundBlocks`] must be shorter than
//!   `pallet_devices::Config::AgentKeyInterval`, or an agent that changes its key twice escapes.
//! - [`Config::UnbondingSeconds`] must be longer than two rounds, or verifiers escape their strikes.
//!
//! # Invariants
//!
//! `try_state` checks, and so does every test of this pallet after it has run:
//!
//! 1. What is on hold as [`HoldReason::VerifierBond`] is, for every account of the chain, exactly its bond.
//! 2. [`Active`] has all active verifiers, sorted by account, with their keys and bonds, and no others.
//! 3. [`Keys`] names every verifier under its key, and nothing else; no key is zero.
//! 4. [`Rounds`] and [`Members`] have the rounds from [`FirstRound`] to [`CurrentRound`], and no others; the round before
//!    is over when one begins.
//! 5. The members of a round are sorted, as many as the round says, and each has a bond. Its committees have an odd
//!    number of seats. Its device bound is no later than the registry's.
//! 6. [`Attestations`], [`FraudReports`] and [`Convictions`] are of rounds that are remembered and of devices in them, and
//!    those who voted or reported are in the committee.
//! 7. [`LastVerdicts`] are of registered devices, of rounds that have begun, and of no later moment than now.
//! 8. Nothing remains of [`NextSeed`] between blocks.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(test), deny(clippy::float_arithmetic))]

extern crate alloc;

mod attestations;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod clock;
pub mod committee;
mod conclusion;
mod fraud;
#[cfg(test)]
mod mock;
mod offchain;
mod pruning;
mod reads;
mod rounds;
mod submission;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod verifiers;
pub mod weights;

pub use fraud::proof_side;
pub use pallet::*;
pub use pruning::PAGE;
pub use submission::{KEY_TYPE, crypto};
pub use types::*;
pub use weights::WeightInfo;

/// Target of this pallet's log lines.
const LOG_TARGET: &str = "runtime::verification";

/// Calls, storage, events and errors.
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::{boxed::Box, vec::Vec};
    use frame_support::{
        dispatch::Pays,
        pallet_prelude::*,
        traits::{OnUnbalanced, Randomness},
    };
    use frame_system::{ensure_authorized, offchain::CreateAuthorizedTransaction, pallet_prelude::*};
    use loopin_challenge::FraudProof;
    use loopin_primitives::{
        Balance, ChallengeKind, DeviceHooks, DeviceId, Moment, RoundId, Verdict, VerdictHooks, Window,
    };
    use pallet_devices::Conviction;
    use pallet_pools::Pallet as Pools;
    use sp_core::{H256, sr25519};
    use sp_runtime::Perbill;

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Verifiers, rounds and verdicts.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime provides and sets. Governance may change whatever is not a constant at any time; a change holds
    /// for rounds that begin afterwards, and for what happens afterwards.
    #[pallet::config]
    pub trait Config:
        pallet_rentals::Config
        + pallet_pools::Config<RuntimeHoldReason: From<HoldReason>>
        + CreateAuthorizedTransaction<Call<Self>>
        + frame_system::Config<
            RuntimeEvent: From<Event<Self>>,
            AccountId: From<[u8; 32]> + Into<[u8; 32]>,
            Hash = H256,
        >
    {
        /// Who is told of verdicts, and of verifiers who have done their duty.
        type VerdictHooks: VerdictHooks<Self::AccountId>;

        /// Randomness of the block before, if it has any.
        type Randomness: Randomness<Option<H256>, BlockNumberFor<Self>>;

        /// Randomness to use if it has none. It is mixed with the hash of the block before.
        type FallbackRandomness: Randomness<H256, BlockNumberFor<Self>>;

        /// Who receives what is slashed.
        type Slash: OnUnbalanced<CreditOf<Self>>;

        /// The smallest bond of a verifier, in planck.
        type MinimumBond: Get<Balance>;

        /// For how many seconds a bond stays on hold after its owner has left.
        type UnbondingSeconds: Get<u64>;

        /// The number of strikes at which a verifier is suspended. Zero counts as one.
        type StrikeLimit: Get<u32>;

        /// How many strikes a verifier gets for a vote against the verdict, or for reporting a fraud that was none. A
        /// silent member gets one.
        type ContradictionStrikes: Get<u32>;

        /// For how many seconds a verifier is suspended at least.
        type SuspensionSeconds: Get<u64>;

        /// The part of its bond that a suspension costs, rounded down.
        type SuspensionSlash: Get<Perbill>;

        /// How many blocks there are from the beginning of one round to that of the next, at least.
        type MinimumRoundBlocks: Get<u32>;

        /// How many blocks there are from the beginning of one round to that of the next, at most, unless there is no
        /// verifier or the round takes longer.
        type MaximumRoundBlocks: Get<u32>;

        /// How many seats the committee for each device has; at most `MaxCommittee`. Zero counts as one, and any other
        /// even number as one less.
        type CommitteeSize: Get<u32>;

        /// How many seconds all devices of a round are challenged for, from its beginning on.
        type WindowSeconds: Get<u64>;

        /// For how many seconds after that attestations are accepted.
        type GraceSeconds: Get<u64>;

        /// For how many rounds after a round its lies can be proven.
        type DisputeRounds: Get<u32>;

        /// The part of a liar's deposit that whoever proves the lie gets, rounded down. The rest is burned.
        type ReporterShare: Get<Perbill>;

        /// How many verifiers can be active, at most. Lowering it needs a migration.
        #[pallet::constant]
        type MaxVerifiers: Get<u32>;

        /// How many seats a committee can have, at most.
        #[pallet::constant]
        type MaxCommittee: Get<u32>;

        /// Weights of the calls, of their authorisation, and of the work in every block.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The bond of a verifier, until `withdraw_bond` releases it.
        #[codec(index = 0)]
        VerifierBond,
    }

    /// All verifiers, including those that are suspended or whose bond is unbonding.
    #[pallet::storage]
    pub type Verifiers<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, Verifier, OptionQuery>;

    /// The verifiers that get duties when the next round begins, sorted by account, with their keys and bonds.
    #[pallet::storage]
    pub type Active<T: Config> = StorageValue<_, ActiveOf<T>, ValueQuery>;

    /// The verifier that each key belongs to.
    #[pallet::storage]
    pub type Keys<T: Config> = StorageMap<_, Twox64Concat, sr25519::Public, T::AccountId, OptionQuery>;

    /// The last round that has begun. Zero before the first.
    #[pallet::storage]
    pub type CurrentRound<T: Config> = StorageValue<_, RoundId, ValueQuery>;

    /// The number of the first round.
    #[pallet::type_value]
    pub fn FirstRoundEver() -> RoundId {
        1
    }

    /// The oldest round that is remembered.
    #[pallet::storage]
    pub type FirstRound<T: Config> = StorageValue<_, RoundId, ValueQuery, FirstRoundEver>;

    /// The rounds that are remembered.
    #[pallet::storage]
    pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, RoundId, RoundOf<T>, OptionQuery>;

    /// The verifiers from whom the committees of a round are drawn, sorted by account: those that were active when it
    /// began, with the keys they had then and the sums of their bonds.
    #[pallet::storage]
    pub type Members<T: Config> = StorageMap<_, Twox64Concat, RoundId, MembersOf<T>, OptionQuery>;

    /// The seed of the round that begins with this block. Between blocks there is none.
    #[pallet::storage]
    pub type NextSeed<T: Config> = StorageValue<_, H256, OptionQuery>;

    /// The votes: by round, device and verifier.
    #[pallet::storage]
    pub type Attestations<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Twox64Concat, RoundId>,
            NMapKey<Twox64Concat, DeviceId>,
            NMapKey<Twox64Concat, T::AccountId>,
        ),
        CastVote,
        OptionQuery,
    >;

    /// Who has reported a fraud with `report_fraud`, true or not: by round, device and verifier.
    #[pallet::storage]
    pub type FraudReports<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Twox64Concat, RoundId>,
            NMapKey<Twox64Concat, DeviceId>,
            NMapKey<Twox64Concat, T::AccountId>,
        ),
        (),
        OptionQuery,
    >;

    /// Devices that were convicted of a lie in a round, and what became of their deposits.
    #[pallet::storage]
    pub type Convictions<T: Config> =
        StorageDoubleMap<_, Twox64Concat, RoundId, Twox64Concat, DeviceId, Conviction, OptionQuery>;

    /// The last verdict on each device, inconclusive ones included.
    #[pallet::storage]
    pub type LastVerdicts<T: Config> = StorageMap<_, Twox64Concat, DeviceId, VerdictRecord, OptionQuery>;

    /// Whether verifiers call devices in their own networks: at loopback, private and link-local addresses, and at host
    /// names without `https`. Set at genesis, for chains of one machine or one building.
    #[pallet::storage]
    pub type PrivateNetwork<T: Config> = StorageValue<_, bool, ValueQuery>;

    /// The first verifiers.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Account, bond and key of each. The bonds are put on hold; they need not reach `MinimumBond`.
        pub verifiers: Vec<(T::AccountId, Balance, sr25519::Public)>,
        /// Whether verifiers call devices in their own networks: only for chains of one machine or one building.
        pub private_network: bool,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Pallet::<T>::build_genesis(self);
        }
    }

    /// What happened to verifiers and in rounds.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account became a verifier. It gets duties from the next round on.
        #[codec(index = 0)]
        Bonded {
            /// The verifier.
            who: T::AccountId,
            /// Its bond, now on hold, in planck.
            bond: Balance,
            /// The key with which its node signs.
            key: sr25519::Public,
        },
        /// A verifier added to its bond.
        #[codec(index = 1)]
        BondIncreased {
            /// The verifier.
            who: T::AccountId,
            /// Its whole bond, in planck.
            bond: Balance,
        },
        /// A verifier's node got another key.
        #[codec(index = 2)]
        KeySet {
            /// The verifier.
            who: T::AccountId,
            /// The key with which its node signs from now on.
            key: sr25519::Public,
        },
        /// A verifier has left. It still has its duties in the round that has begun.
        #[codec(index = 3)]
        Unbonded {
            /// The verifier.
            who: T::AccountId,
            /// Its bond, which stays on hold, in planck.
            bond: Balance,
            /// When `withdraw_bond` releases it, in Unix seconds.
            until: Moment,
        },
        /// A former verifier's bond was released.
        #[codec(index = 4)]
        BondWithdrawn {
            /// The former verifier.
            who: T::AccountId,
            /// What was released to its free balance, in planck.
            bond: Balance,
        },
        /// A verifier that was suspended, or had left, is active again.
        #[codec(index = 5)]
        Resumed {
            /// The verifier.
            who: T::AccountId,
            /// Its bond, in planck.
            bond: Balance,
        },
        /// Something counts against a verifier.
        #[codec(index = 6)]
        Struck {
            /// The verifier.
            who: T::AccountId,
            /// Why.
            misconduct: Misconduct,
            /// The round in which it happened.
            round: RoundId,
            /// The device concerned.
            device: DeviceId,
            /// How many strikes the verifier has now.
            strikes: u32,
        },
        /// A verifier had too many strikes and was suspended. It gets no more duties until it resumes.
        #[codec(index = 7)]
        Suspended {
            /// The verifier.
            who: T::AccountId,
            /// What was slashed, in planck.
            slashed: Balance,
            /// What is left of its bond, in planck.
            bond: Balance,
            /// When it can resume, in Unix seconds.
            until: Moment,
        },
        /// A round began.
        #[codec(index = 8)]
        RoundBegan {
            /// The round.
            round: RoundId,
            /// When all devices are challenged.
            window: Window,
            /// From when on nobody can attest any more, in Unix seconds.
            closes_at: Moment,
            /// How many verifiers are in it.
            verifiers: u32,
            /// How many seats the committee for each device has.
            seats: u32,
            /// Devices with numbers below this one are in it.
            device_bound: DeviceId,
        },
        /// A verifier voted.
        #[codec(index = 9)]
        Attested {
            /// The round.
            round: RoundId,
            /// The device.
            device: DeviceId,
            /// The verifier.
            verifier: T::AccountId,
            /// Which challenge the device was given.
            kind: ChallengeKind,
            /// What the verifier says of it.
            vote: CountedVote,
        },
        /// A committee has come to a verdict.
        #[codec(index = 10)]
        Concluded {
            /// The round.
            round: RoundId,
            /// The device.
            device: DeviceId,
            /// The verdict.
            verdict: Verdict,
            /// Which challenge it rests on. Of an inconclusive verdict this means nothing.
            kind: ChallengeKind,
            /// With how many seats the committee says that the device passed.
            passed: u32,
            /// With how many it says that it failed.
            failed: u32,
            /// With how many it could not find out.
            inconclusive: u32,
            /// With how many it was silent.
            silent: u32,
        },
        /// A verdict could not be carried out, as what it leads to was refused. It counts as inconclusive.
        #[codec(index = 11)]
        VerdictRefused {
            /// The round.
            round: RoundId,
            /// The device.
            device: DeviceId,
            /// The verdict.
            verdict: Verdict,
            /// Why it was refused.
            error: DispatchError,
        },
        /// A device was proven to have committed to something false. It is ejected, and its deposit is forfeited.
        #[codec(index = 12)]
        FraudProven {
            /// The round.
            round: RoundId,
            /// The device.
            device: DeviceId,
            /// Who brought the proof.
            reporter: T::AccountId,
            /// What became of the deposit.
            conviction: Conviction,
        },
        /// A verifier's report of a fraud led to nothing.
        #[codec(index = 13)]
        ReportRefused {
            /// The round.
            round: RoundId,
            /// The device.
            device: DeviceId,
            /// The verifier.
            verifier: T::AccountId,
            /// Why: the proof proves nothing, or the conviction was refused.
            error: DispatchError,
        },
        /// There were as many verifiers as there can be, and somebody with a larger bond took this one's place. It still has
        /// its duties in the round that has begun. With a larger bond it can resume.
        #[codec(index = 14)]
        Displaced {
            /// The verifier.
            who: T::AccountId,
        },
    }

    /// Why a call was refused. A feeless transaction gives the number of the error as `InvalidTransaction::Custom`.
    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        /// The bond is below `MinimumBond`, or zero. Bond more.
        BondTooLow,
        /// The bond would be larger than any balance can be. Choose a smaller amount.
        BondTooLarge,
        /// The account already has a bond. Add to it with `bond_extra`, or return to duty with `resume`.
        AlreadyBonded,
        /// The account is not a verifier. Become one with `bond`.
        NotVerifier,
        /// The bond is unbonding. Return to duty with `resume`.
        Unbonding,
        /// The bond is not unbonding. Leave with `unbond` first.
        NotUnbonding,
        /// The bond is still on hold: `verifiers` says until when.
        UnbondingNotOver,
        /// The verifier is active. There is nothing to resume.
        AlreadyActive,
        /// The suspension is not over: `verifiers` says until when it lasts.
        SuspensionNotOver,
        /// There are already `MaxVerifiers` active verifiers, none with a smaller bond. Bond more, or try again when one has
        /// left.
        TooManyVerifiers,
        /// Zero cannot be added to a bond. Give an amount.
        NothingToAdd,
        /// The key is zero, with which anybody could sign. Give the key of your node.
        KeyZero,
        /// The key already belongs to a verifier. Each node needs a key of its own.
        KeyTaken,
        /// The round has not begun, or is no longer remembered.
        UnknownRound,
        /// The device cannot be challenged: it is not registered, was not registered when the round began, or has no
        /// deposit.
        NotInRound,
        /// The account is not in the committee for the device. `assignments` says what its duties are.
        NotInCommittee,
        /// The devices of the round have not been told to compute yet: wait until `fillAt` of its window.
        TooEarly,
        /// The time in which votes of the round are accepted is over.
        TooLate,
        /// The verifier has already voted.
        AlreadyAttested,
        /// The device is rented, and nobody has asked for a check, so it is not challenged.
        DeviceRented,
        /// The light challenge is only for devices whose clients have asked for a check.
        LightNotAllowed,
        /// The signature is not that of the verifier's key.
        WrongVerifierSignature,
        /// The signature is not that of the device's agent over this, in this round and for this verifier.
        WrongAgentSignature,
        /// The key is not that of the device's agent, and was not in this round.
        WrongAgentKey,
        /// No device that passes can have done so much work, taken so long, or have such privacy.
        ImpossibleMeasurement,
        /// The pool's challenge cannot be used.
        UnusableProfile,
        /// The round is not over, and some of the committee have not voted.
        RoundNotOver,
        /// This round, or a later one, has already been concluded for the device.
        AlreadyConcluded,
        /// The round is too old for a verdict.
        RoundTooOld,
        /// The device is rented and nobody has voted.
        NothingToConclude,
        /// The device has already been convicted for this round.
        AlreadyConvicted,
        /// The verifier has already reported the device in this round.
        AlreadyReported,
        /// The proof leads to roots other than those of the claim, or to places that do not exist.
        UnfoundedProof,
        /// What was opened is right: the device did not lie.
        DeviceHonest,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(block: BlockNumberFor<T>) -> Weight {
            Self::decide_round(block)
        }

        fn on_finalize(block: BlockNumberFor<T>) {
            Self::begin_decided_round(block);
        }

        fn on_idle(_block: BlockNumberFor<T>, remaining: Weight) -> Weight {
            Self::prune(remaining)
        }

        fn offchain_worker(_block: BlockNumberFor<T>) {
            Self::work_for_local_verifiers();
        }

        fn integrity_test() {
            assert!(T::MaxVerifiers::get() > 0, "MaxVerifiers must not be zero");
            assert!(T::MaxCommittee::get() > 0, "MaxCommittee must not be zero");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Become a verifier: put `amount` planck of your free balance on hold as a bond.
        ///
        /// You get duties from the next round on. Have your node running by then, with `--offchain-worker always`, and
        /// with the key in its keystore as type `lpvf`.
        ///
        /// - `key`: the sr25519 public key with which your node signs.
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::bond())]
        pub fn bond(
            origin: OriginFor<T>,
            #[pallet::compact] amount: Balance,
            key: sr25519::Public,
        ) -> DispatchResult {
            Self::do_bond(&ensure_signed(origin)?, amount, key)
        }

        /// Add `additional` planck of your free balance to your bond as a verifier.
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::bond_extra())]
        pub fn bond_extra(origin: OriginFor<T>, #[pallet::compact] additional: Balance) -> DispatchResult {
            Self::do_bond_extra(&ensure_signed(origin)?, additional)
        }

        /// Give your node another key. It counts from the next round on: keep the old one until the present round is over.
        #[pallet::call_index(2)]
        #[pallet::weight(<T as Config>::WeightInfo::set_key())]
        pub fn set_key(origin: OriginFor<T>, key: sr25519::Public) -> DispatchResult {
            Self::do_set_key(&ensure_signed(origin)?, key)
        }

        /// Stop being a verifier.
        ///
        /// You get no more duties, but keep those of the round that has begun. Your bond stays on hold, and can be
        /// slashed, for `UnbondingSeconds`.
        #[pallet::call_index(3)]
        #[pallet::weight(<T as Config>::WeightInfo::unbond())]
        pub fn unbond(origin: OriginFor<T>) -> DispatchResult {
            Self::do_unbond(&ensure_signed(origin)?)
        }

        /// Release your bond when its time has come.
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::withdraw_bond())]
        pub fn withdraw_bond(origin: OriginFor<T>) -> DispatchResult {
            Self::do_withdraw_bond(&ensure_signed(origin)?)
        }

        /// Be active again once a suspension is over, or after `unbond`. The bond must be at least `MinimumBond`: if it
        /// is not, add to it with `bond_extra` first.
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::resume())]
        pub fn resume(origin: OriginFor<T>) -> DispatchResult {
            Self::do_resume(&ensure_signed(origin)?)
        }

        /// Vote on a device, with all your seats. For verifiers' nodes: it takes no fee and no account's signature, only that of the
        /// verifier's key.
        ///
        /// - `signature`: over BLAKE2b-256 of `"loopin/verification/2/attestation"`, the hash of the chain's first
        ///   block, the seed of the round, and the attestation.
        #[pallet::call_index(6)]
        #[pallet::weight(<T as Config>::WeightInfo::attest())]
        #[pallet::authorize(Self::authorize_attest)]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_attest())]
        pub fn attest(
            origin: OriginFor<T>,
            attestation: AttestationOf<T>,
            signature: sr25519::Signature,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            // Checked with the transaction.
            let _ = signature;
            Self::store_attestation(attestation);
            Ok(())
        }

        /// Come to a verdict on a device, once all of its committee have voted or the round is over. Anybody may do
        /// this, without a fee.
        #[pallet::call_index(7)]
        #[pallet::weight(Pools::<T>::at_most(Pallet::<T>::conclusion_weight(T::MaxCommittee::get())))]
        #[pallet::authorize(Self::authorize_conclude)]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_conclude())]
        pub fn conclude(
            origin: OriginFor<T>,
            round: RoundId,
            device: DeviceId,
        ) -> DispatchResultWithPostInfo {
            if ensure_authorized(origin.clone()).is_err() {
                ensure_signed(origin)?;
            }
            let mut info = Pools::<T>::metered(|| Self::do_conclude(round, device))?;
            info.pays_fee = Pays::No;
            Ok(info)
        }

        /// Prove that a device has committed to something false. You get `ReporterShare` of its deposit, and the fee
        /// back.
        ///
        /// - `accusation`: what the device's agent has signed, and when. Anybody can have it from an attestation or a verifier.
        /// - `proof`: the entry or the read that is false.
        #[pallet::call_index(8)]
        #[pallet::weight(Pools::<T>::at_most(Pallet::<T>::dispute_weight(proof_side(proof))))]
        pub fn dispute(
            origin: OriginFor<T>,
            accusation: Accusation,
            proof: Box<FraudProof>,
        ) -> DispatchResultWithPostInfo {
            let reporter = ensure_signed(origin)?;
            let mut info = Pools::<T>::metered(|| Self::do_dispute(&reporter, &accusation, &proof))?;
            info.pays_fee = Pays::No;
            Ok(info)
        }

        /// Prove that a device has committed to something false, as a member of its committee.
        /// For verifiers' nodes: like `dispute`, but it takes no fee and no account's signature, only that of the
        /// verifier's key. It can be done once for each duty. A report that proves nothing costs strikes.
        ///
        /// - `verifier`: the member.
        /// - `signature`: over BLAKE2b-256 of `"loopin/verification/1/fraud-report"`, the hash of the chain's first
        ///   block, the verifier, the accusation, and the BLAKE2b-256 of the proof.
        #[pallet::call_index(9)]
        #[pallet::weight(Pools::<T>::at_most(Pallet::<T>::report_fraud_weight(proof)))]
        #[pallet::authorize(|source, verifier, accusation, proof, signature| {
            Self::authorize_report_fraud(source, verifier, accusation, proof, signature)
        })]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_report_fraud())]
        pub fn report_fraud(
            origin: OriginFor<T>,
            verifier: T::AccountId,
            accusation: Accusation,
            proof: Box<FraudProof>,
            signature: sr25519::Signature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            // Checked with the transaction.
            let _ = signature;
            Pools::<T>::metered(|| Ok(Self::do_report_fraud(&verifier, &accusation, &proof)))
        }
    }

    impl<T: Config> DeviceHooks for Pallet<T> {
        fn removed(device: DeviceId) {
            LastVerdicts::<T>::remove(device);
        }

        fn weight() -> Weight {
            Weight::zero()
        }
    }
}

//! Miners: each has one device, and chooses what to do with its time.

use crate::{
    Failure,
    chain::{account, ask, endow, govern, now, submit, wealth},
    market::{Market, text},
    setting::PERIOD_SECONDS,
};
use loopin_math::time::HOUR;
use loopin_primitives::{Balance, ChallengeKind, DeviceId, PositionId, Verdict, VerdictHooks};
use loopin_runtime::{
    AccountId, Block, Rewards, Runtime, constants::currency::LOOPIN,
    market_api::runtime_decl_for_market_api::MarketApi,
};
use pallet_pools::TradeQuote;
use pallet_stakes::Intent;
use sp_core::{H256, sr25519};
use sp_io::hashing::blake2_256;

/// What every miner owns: enough for a day at any price of the diagram.
const ENDOWMENT: Balance = 1_000 * LOOPIN;
/// What verification finds out about a device that is as good as its pool expects.
const GOOD: Verdict = Verdict::Passed {
    work_gops: u64::MAX,
    privacy: 100,
};

/// A miner with a device that has passed a verification.
pub struct Miner {
    account: AccountId,
    device: DeviceId,
}

impl Miner {
    /// That many miners of that role, with their devices.
    pub fn several(market: &Market, role: &str, count: u32) -> Result<Vec<Self>, Failure> {
        (0..count)
            .map(|number| Self::new(market, account(role, number)))
            .collect()
    }

    fn new(market: &Market, account: AccountId) -> Result<Self, Failure> {
        endow(&account, ENDOWMENT)?;
        let device = pallet_devices::NextDeviceId::<Runtime>::get();
        submit(
            &account,
            pallet_devices::Call::register_device {
                pool: market.pool,
                agent_key: sr25519::Public::from_raw([1; 32]),
                endpoint: text("https://agent.example.org:8443"),
                gpu_id: H256(blake2_256(&device.to_le_bytes())),
            },
        )?;
        govern(pallet_devices::Call::record_verdict {
            device,
            verdict: GOOD,
        })?;
        Ok(Self { account, device })
    }

    /// Stakes the device.
    pub fn stake(&self, market: &Market, seconds: u64, intent: Intent) -> Result<PositionId, Failure> {
        let certificate = pallet_stakes::NextCertificateId::<Runtime>::get();
        submit(
            &self.account,
            pallet_stakes::Call::burn_for_certificate {
                pool: market.pool,
                gpu_seconds: seconds.into(),
                max_burn: Balance::MAX,
            },
        )?;
        let position = pallet_stakes::NextPositionId::<Runtime>::get();
        submit(
            &self.account,
            pallet_stakes::Call::stake {
                device: self.device,
                certificate,
                duration_seconds: seconds,
                intent,
            },
        )?;
        Ok(position)
    }

    /// Provides the device for a whole period.
    pub fn provide(&self, market: &Market) -> Result<PositionId, Failure> {
        let position = self.stake(market, PERIOD_SECONDS, Intent::Provide)?;
        submit(
            &self.account,
            pallet_stakes::Call::add_liquidity {
                position,
                max_loopin: Balance::MAX,
            },
        )?;
        Ok(position)
    }

    /// Sells one lot of the position's time, if that is worth it: if it brings at least what the time brings
    /// outside, and what may be lost for it. Says whether it did.
    pub fn sell_lot(&self, market: &Market, position: PositionId) -> Result<bool, Failure> {
        let setting = market.setting;
        let quote: TradeQuote =
            ask(|| <Runtime as MarketApi<Block>>::quote_sell(position, setting.lot_seconds))?;
        let cost = setting.conditions(0, 0).sellers_cost();
        if quote.total.saturating_mul(HOUR.into()) < cost.saturating_mul(quote.gpu_seconds) {
            return Ok(false);
        }
        submit(
            &self.account,
            pallet_stakes::Call::sell_hours {
                position,
                gpu_seconds: setting.lot_seconds,
                min_proceeds: quote.total,
            },
        )?;
        Ok(true)
    }

    /// Verification finds the device as good as it should be.
    pub fn pass_full_challenge(&self) {
        Rewards::verdict_reached(self.device, GOOD, ChallengeKind::Full, 1, 0);
    }

    /// Verification finds the device gone, twice: it is ejected.
    pub fn fail(&self) -> Result<(), Failure> {
        for _ in 0..2 {
            govern(pallet_devices::Call::record_verdict {
                device: self.device,
                verdict: Verdict::Failed,
            })?;
        }
        Ok(())
    }

    /// Closes the position, which is over: everything that is due is paid.
    pub fn close(&self, position: PositionId) -> Result<(), Failure> {
        submit(&self.account, pallet_stakes::Call::close { position })
            .map_err(|failure| failure.during(&format!("closing position {position} at {}", now())))
    }

    /// What the miner has now beyond what it had at first, in planck, including deposits on hold.
    pub fn gain(&self) -> i128 {
        // Both are far below the largest integer: the supply has 67 bits.
        wealth(&self.account) as i128 - ENDOWMENT as i128
    }
}

/// What all of them have gained, in planck.
pub fn total_gain(miners: &[Miner]) -> i128 {
    miners.iter().map(Miner::gain).sum()
}

//! Buyers: genuine ones, who use GPU time, and speculating ones, who resell it outside.

use crate::{
    Failure,
    chain::{account, ask, endow, submit, wealth},
    market::{Market, text},
};
use loopin_math::time::HOUR;
use loopin_primitives::Balance;
use loopin_runtime::{
    AccountId, Block, Runtime,
    constants::currency::LOOPIN,
    market_api::{RentQuote, runtime_decl_for_market_api::MarketApi},
};

/// What a buyer owns.
const ENDOWMENT: Balance = 10_000 * LOOPIN;
/// For how long speculating buyers rent, in seconds.
const SPECULATORS_SECONDS: u64 = HOUR;
/// The key with which clients log in.
const ACCESS_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g client";

/// Somebody who rents.
pub struct Buyer {
    account: AccountId,
    seconds: u64,
    /// The highest price that it pays for a GPU-hour, in planck.
    limit: Balance,
    /// Whether the price has to be below the limit.
    must_gain: bool,
    /// What it has rented so far, in GPU-seconds.
    pub rented_gpu_seconds: u64,
}

impl Buyer {
    /// A genuine buyer: it rents a lot whenever that costs no more than it is worth to it.
    pub fn genuine(market: &Market) -> Result<Self, Failure> {
        let setting = market.setting;
        Self::new("client", setting.lot_seconds, setting.buyers_limit, false)
    }

    /// A speculating buyer: it rents whenever that costs less than the time brings outside.
    pub fn speculating(market: &Market) -> Result<Self, Failure> {
        Self::new(
            "speculator",
            SPECULATORS_SECONDS,
            market.setting.external_price,
            true,
        )
    }

    fn new(role: &str, seconds: u64, limit: Balance, must_gain: bool) -> Result<Self, Failure> {
        let account = account(role, 0);
        endow(&account, ENDOWMENT)?;
        Ok(Self {
            account,
            seconds,
            limit,
            must_gain,
            rented_gpu_seconds: 0,
        })
    }

    /// Rents one device if it is offered at a price that is good enough. Says whether it did.
    pub fn rent(&mut self, market: &Market) -> Result<bool, Failure> {
        // If the pool has too little time for it, the quote is an error.
        let offered = ask(|| <Runtime as MarketApi<Block>>::quote_rent(market.pool, 1, self.seconds));
        let Ok(RentQuote { trade, devices }) = offered else {
            return Ok(false);
        };
        let cost = trade.total.saturating_mul(HOUR.into());
        let worth = self.limit.saturating_mul(trade.gpu_seconds);
        let is_good = if self.must_gain {
            cost < worth
        } else {
            cost <= worth
        };
        if devices.is_empty() || !is_good || trade.total > wealth(&self.account) / 2 {
            return Ok(false);
        }
        submit(
            &self.account,
            pallet_rentals::Call::rent {
                pool: market.pool,
                devices: frame_support::BoundedVec::truncate_from(devices),
                seconds: self.seconds,
                max_cost: trade.total,
                access_key: text(ACCESS_KEY),
            },
        )?;
        self.rented_gpu_seconds = self.rented_gpu_seconds.saturating_add(self.seconds);
        Ok(true)
    }
}

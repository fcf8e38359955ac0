//! A pool, and a bookkeeper who follows every device and every planck.

use crate::{SUPPLY, common::Calendar};
use loopin_math::{
    Change, Contribution, HourMark, LiquidityPosition, MathError, Pool, PriceMark, Retention,
    SHARES_PER_ANCHOR_GPU_SECOND, Trade, U256,
    time::{MINUTE, moment_of, scheduled_end},
};
use proptest::{prelude::*, sample::Index, test_runner::TestCaseError};
use sp_arithmetic::Permill;
use std::collections::BTreeMap;

type Outcome = Result<(), TestCaseError>;

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Action {
    /// Time passes; `late` says whether the pool hears of it only at the end.
    Pass {
        seconds: u64,
        late: bool,
    },
    AddLiquidity {
        seconds: u64,
    },
    Sell {
        seconds: u64,
    },
    ExtendSale {
        which: Index,
        seconds: u64,
    },
    /// `seconds` of none means until the device leaves.
    Rent {
        which: Index,
        devices: Index,
        seconds: Option<u64>,
    },
    ExtendRental {
        which: Index,
        seconds: Option<u64>,
    },
    GiveBack {
        which: Index,
        devices: Index,
    },
    ReturnUnserved {
        which: Index,
        device: Index,
    },
    Claim {
        which: Index,
    },
    /// A provider goes before its time, rented or not.
    RemoveLiquidity {
        which: Index,
    },
    RemoveSold {
        which: Index,
    },
    Compensate {
        amount: u128,
    },
    /// Somebody locks LOOPIN in the pool for ever.
    Deepen {
        amount: u128,
    },
}

#[derive(Clone, Debug)]
struct Position {
    share_rate: u128,
    contribution: Contribution,
    gpu_seconds: u128,
    claimed_at: U256,
}

#[derive(Clone, Debug)]
struct Device {
    until: u64,
    rented_until: Option<u64>,
    /// None where the time was sold.
    position: Option<Position>,
}

#[derive(Clone, Debug)]
struct Rental {
    devices: Vec<u32>,
    until: u64,
    contribution: Contribution,
}

/// A pool and all who deal with it.
#[derive(Clone, Debug)]
pub struct World {
    pool: Pool,
    calendar: Calendar,
    swap_fee: Permill,
    devices: BTreeMap<u32, Device>,
    rentals: BTreeMap<u32, Rental>,
    next_number: u32,
    /// LOOPIN of everybody but the pool.
    outside: u128,
    /// LOOPIN in the account of the pool.
    account: u128,
    /// The part of it that has streamed and was not paid out.
    owed: u128,
    burned: u128,
    /// Hour tokens that exist, in GPU-seconds: those of the pool, and those that clients have not used up yet.
    hour_tokens: u128,
    /// What sellers were paid out of the reserve, followed as if they had paid it in.
    sales: Vec<Contribution>,
    /// How often a position was paid: each time may leave less than a planck behind.
    payments: u128,
}

impl World {
    /// None where such a pool cannot be made.
    pub fn new(
        reserve: u128,
        price_per_gpu_hour: u128,
        start: u64,
        swap_fee: Permill,
    ) -> Result<Option<Self>, TestCaseError> {
        let pool = match Pool::new(reserve, price_per_gpu_hour, start) {
            Ok(pool) => pool,
            Err(error) => {
                let anchor = U256::from(reserve) * U256::from(3_600) / U256::from(price_per_gpu_hour);
                prop_assert_eq!(error, MathError::Zero);
                prop_assert!(anchor.is_zero());
                return Ok(None);
            }
        };
        Ok(Some(Self {
            pool,
            calendar: Calendar::default(),
            swap_fee,
            devices: BTreeMap::new(),
            rentals: BTreeMap::new(),
            next_number: 0,
            outside: SUPPLY - reserve,
            account: reserve,
            owed: 0,
            burned: 0,
            hour_tokens: 0,
            sales: Vec::new(),
            payments: 0,
        }))
    }

    /// Lets `action` happen, if it makes sense now.
    pub fn perform(&mut self, action: &Action) -> Outcome {
        match action.clone() {
            Action::Pass { seconds, late } => self.pass(seconds, late),
            Action::AddLiquidity { seconds } => self.add_liquidity(self.end(seconds)?),
            Action::Sell { seconds } => self.sell(self.end(seconds)?),
            Action::ExtendSale { which, seconds } => self.extend_sale(which, seconds),
            Action::Rent {
                which,
                devices,
                seconds,
            } => self.rent(which, devices, seconds),
            Action::ExtendRental { which, seconds } => self.extend_rental(which, seconds),
            Action::GiveBack { which, devices } => self.give_back(which, devices),
            Action::ReturnUnserved { which, device } => self.return_unserved(which, device),
            Action::Claim { which } => self.claim(which),
            Action::RemoveLiquidity { which } => self.remove_liquidity(which),
            Action::RemoveSold { which } => self.remove_sold(which),
            Action::Compensate { amount } => {
                let amount = amount.min(self.outside);
                prop_assert_eq!(self.pool.compensate(amount), Ok(()));
                self.outside -= amount;
                self.account += amount;
                Ok(())
            }
            Action::Deepen { amount } => self.deepen(amount),
        }
    }

    fn deepen(&mut self, amount: u128) -> Outcome {
        let amount = amount.min(self.outside);
        if amount == 0 {
            return Ok(());
        }
        let before = self.pool.clone();
        let Some(deepened) = self.attempt(|pool, _, _| pool.deepen(amount, &PriceMark::default()))? else {
            return Ok(());
        };
        let after = &self.pool;
        prop_assert_eq!(after.reserve, before.reserve + amount);
        prop_assert_eq!(after.idle_gpu_seconds(), before.idle_gpu_seconds());
        prop_assert_eq!(after.anchor_shares, before.anchor_shares + deepened.shares);
        prop_assert_eq!(after.retention, before.retention);
        // The price does not fall, nor does what a share is worth, nor the pool's depth for its shares.
        prop_assert!(!falls(
            (before.reserve, before.gpu_seconds),
            (after.reserve, after.gpu_seconds)
        ));
        prop_assert!(!falls(
            (before.gpu_seconds, before.shares),
            (after.gpu_seconds, after.shares)
        ));
        check_value_of_shares(&before, after)?;
        self.outside -= amount;
        self.account += amount;
        Ok(())
    }

    /// Lets time pass until nobody is left.
    pub fn run_out(&mut self) -> Outcome {
        let end = changes(&self.calendar).keys().last().copied();
        if let Some(end) = end {
            self.pass(end - self.pool.updated_at, true)?;
        }
        prop_assert_eq!(self.pool.gpu_seconds, self.pool.anchor_gpu_seconds);
        prop_assert_eq!(self.pool.shares, self.pool.anchor_shares);
        prop_assert!(self.devices.is_empty() && self.rentals.is_empty());
        prop_assert!(changes(&self.calendar).is_empty());
        // All positions have been paid, so what is left is dust.
        prop_assert!(self.owed <= self.payments);
        Ok(())
    }

    fn end(&self, seconds: u64) -> Result<u64, TestCaseError> {
        let now = self.pool.updated_at;
        let end = scheduled_end(now, seconds).expect("within the age of the universe");
        prop_assert!(end >= now + seconds && end < now + seconds + MINUTE && end.is_multiple_of(MINUTE));
        Ok(end)
    }

    fn number(&mut self) -> u32 {
        self.next_number += 1;
        self.next_number
    }

    fn pass(&mut self, seconds: u64, late: bool) -> Outcome {
        let now = self.pool.updated_at + seconds;
        let before = self.pool.clone();
        let (mut late_pool, mut late_calendar) = (self.pool.clone(), self.calendar.clone());
        let synced = late_pool
            .sync(now, &mut late_calendar)
            .expect("time can always pass");
        let late_streamed = synced.streamed;
        prop_assert_eq!(before.reserve - late_pool.reserve, late_streamed);
        prop_assert_eq!(
            before.gpu_seconds - late_pool.gpu_seconds,
            synced.dissipated_gpu_seconds
        );
        let last = now.min(before.agenda_end).max(before.updated_at);
        prop_assert!(u64::from(synced.pages) <= last / 3_600 - before.updated_at / 3_600 + 1);

        let (mut pool, mut calendar) = (self.pool.clone(), self.calendar.clone());
        let (mut streamed, mut dissipated) = (0, 0);
        let mut syncs = 0u32;
        while pool.updated_at < now {
            // Once nothing is scheduled any more, nothing but time passes.
            let step = if pool.updated_at < pool.agenda_end {
                MINUTE
            } else {
                10 * 24 * 60 * MINUTE
            };
            let next = (pool.updated_at + step).min(now);
            let synced = pool.sync(next, &mut calendar).expect("time can always pass");
            streamed += synced.streamed;
            dissipated += synced.dissipated_gpu_seconds;
            syncs += 1;
        }
        prop_assert_eq!(synced.dissipated_gpu_seconds, dissipated);
        self.check_mark(&before, synced.hour, now)?;
        self.hour_tokens -= dissipated + self.used_until(now);
        compare(&before, &late_pool, &pool, syncs)?;
        prop_assert_eq!(changes(&late_calendar), changes(&calendar));
        prop_assert!(late_calendar.endings.keys().eq(calendar.endings.keys()));
        check_price(&before, &late_pool, &self.devices)?;

        if late {
            (self.pool, self.calendar) = (late_pool, late_calendar);
            self.owed += late_streamed;
        } else {
            (self.pool, self.calendar) = (pool, calendar);
            self.owed += streamed;
        }
        self.take_down_endings()
    }

    /// The last whole hour is marked as it would be if the pool were synced then.
    fn check_mark(&self, before: &Pool, marked: Option<HourMark>, now: u64) -> Outcome {
        let hour = now / 3_600;
        prop_assert_eq!(marked.is_some(), hour > before.updated_at / 3_600);
        let Some(marked) = marked else {
            return Ok(());
        };
        prop_assert_eq!(u64::from(marked.hour), hour);
        let (mut pool, mut calendar) = (before.clone(), self.calendar.clone());
        let timely = pool
            .sync(hour * 3_600, &mut calendar)
            .expect("time can always pass");
        prop_assert_eq!(timely.hour, Some(marked));
        prop_assert_eq!(marked.mark, pool.price_mark());
        Ok(())
    }

    /// GPU-seconds that clients use until then.
    fn used_until(&self, moment: u64) -> u128 {
        let used =
            |rental: &Rental| rental.devices.len() as u128 * self.seconds_until(rental.until.min(moment));
        self.rentals.values().map(used).sum()
    }

    fn seconds_until(&self, moment: u64) -> u128 {
        u128::from(moment - self.pool.updated_at)
    }

    /// Rentals and stakes that are over.
    fn take_down_endings(&mut self) -> Outcome {
        let now = self.pool.updated_at;
        self.rentals.retain(|_, rental| rental.until > now);
        for device in self.devices.values_mut() {
            device.rented_until = device.rented_until.filter(|until| *until > now);
        }
        let ended: Vec<_> = self
            .devices
            .iter()
            .filter(|(_, device)| device.until <= now)
            .map(|(number, _)| *number)
            .collect();
        let mut positions: BTreeMap<u64, u32> = BTreeMap::new();
        for number in ended {
            let device = self.devices.remove(&number).expect("just found");
            if let Some(position) = device.position {
                let index = self.calendar.endings.get(&device.until);
                let (_, index) = *index.expect("the end of a position is recorded");
                self.pay(&position, index)?;
                *positions.entry(device.until).or_default() += 1;
            }
        }
        for (until, ended) in positions {
            prop_assert_eq!(
                self.calendar.endings.get(&until).map(|(positions, _)| *positions),
                Some(ended)
            );
        }
        Ok(())
    }

    fn pay(&mut self, position: &Position, index: U256) -> Outcome {
        let due = Pool::streamed_to(position.share_rate, position.claimed_at, index);
        let due = due.expect("the index only grows");
        prop_assert!(due <= self.owed, "{due} are due, {} are there", self.owed);
        self.owed -= due;
        self.account -= due;
        self.outside += due;
        self.payments += 1;
        Ok(())
    }

    /// What a trade with the pool comes to, or None where it is refused for a reason that there may be.
    fn attempt<T>(
        &mut self,
        change: impl FnOnce(&mut Pool, &mut Calendar, Permill) -> Result<T, MathError>,
    ) -> Result<Option<T>, TestCaseError> {
        let (mut pool, mut calendar) = (self.pool.clone(), self.calendar.clone());
        match change(&mut pool, &mut calendar, self.swap_fee) {
            Ok(outcome) => {
                (self.pool, self.calendar) = (pool, calendar);
                Ok(Some(outcome))
            }
            // No share for so much time, in a pool whose shares are worth far more than its anchor's.
            Err(MathError::Zero) => {
                let is_worth_nothing = self.pool.shares < self.pool.gpu_seconds;
                // Nor a GPU-second for so little LOOPIN.
                let is_dear = |reserve: u128, gpu_seconds: u128| reserve > gpu_seconds;
                let pool = &self.pool;
                prop_assert!(
                    is_worth_nothing
                        || is_dear(pool.reserve, pool.gpu_seconds)
                        || is_dear(pool.reserve_integral_doubled, pool.gpu_seconds_integral_doubled)
                );
                Ok(None)
            }
            Err(MathError::TooYoung) => {
                let has_price = self.pool.reserve_integral_doubled > 0;
                prop_assert!(!has_price || self.pool.gpu_seconds_integral_doubled == 0);
                Ok(None)
            }
            Err(MathError::Overflow) => {
                prop_assert!(self.pool.shares > 1 << 100, "{:?}", self.pool);
                Ok(None)
            }
            Err(error) => Err(TestCaseError::fail(format!("refused: {error}"))),
        }
    }

    fn receive(&mut self, before: &Pool, trade: &Trade) -> Outcome {
        check_trade(before, &self.pool, trade)?;
        prop_assert_eq!(self.pool.reserve, before.reserve + trade.amount);
        self.outside -= trade.cost();
        self.account += trade.amount;
        self.burned += trade.fee;
        Ok(())
    }

    fn spend(&mut self, before: &Pool, trade: &Trade) -> Outcome {
        prop_assert_eq!(self.pool.reserve, before.reserve - trade.amount);
        self.account -= trade.amount;
        self.outside += trade.proceeds();
        self.burned += trade.fee;
        Ok(())
    }

    fn add_liquidity(&mut self, until: u64) -> Outcome {
        let before = self.pool.clone();
        let seconds = u128::from(until - before.updated_at);
        if before
            .quote_add_liquidity(seconds)
            .is_ok_and(|cost| cost > self.outside)
        {
            return Ok(());
        }
        let Some(added) = self.attempt(|pool, calendar, _| pool.add_liquidity(until, calendar))? else {
            return Ok(());
        };
        prop_assert_eq!(added.gpu_seconds, seconds);
        prop_assert_eq!(Ok(added.paid), before.quote_add_liquidity(seconds));
        prop_assert!(!falls(
            (before.reserve, before.gpu_seconds),
            (self.pool.reserve, self.pool.gpu_seconds)
        ));
        check_value_of_shares(&before, &self.pool)?;
        self.hour_tokens += added.gpu_seconds;
        self.outside -= added.paid;
        self.account += added.paid;
        let number = self.number();
        self.devices.insert(
            number,
            Device {
                until,
                rented_until: None,
                position: Some(Position {
                    share_rate: added.share_rate,
                    contribution: added.contribution,
                    gpu_seconds: added.gpu_seconds,
                    claimed_at: added.stream_index,
                }),
            },
        );
        Ok(())
    }

    fn sell(&mut self, until: u64) -> Outcome {
        let before = self.pool.clone();
        let trade = self.attempt(|pool, calendar, swap_fee| pool.sell(until, swap_fee, calendar))?;
        if let Some(trade) = trade {
            check_trade(&before, &self.pool, &trade)?;
            self.spend(&before, &trade)?;
            self.sales.push(self.pool.contribution(trade.amount));
            self.hour_tokens += trade.gpu_seconds;
            let number = self.number();
            self.devices.insert(
                number,
                Device {
                    until,
                    rented_until: None,
                    position: None,
                },
            );
        }
        Ok(())
    }

    fn extend_sale(&mut self, which: Index, seconds: u64) -> Outcome {
        let Some(number) = self.pick_device(which, |device| device.position.is_none()) else {
            return Ok(());
        };
        let from = self.devices[&number].until;
        let until = scheduled_end(from, seconds).expect("far from the end of time");
        let before = self.pool.clone();
        let trade =
            self.attempt(|pool, calendar, swap_fee| pool.extend_sale(from, until, swap_fee, calendar))?;
        if let Some(trade) = trade {
            check_trade(&before, &self.pool, &trade)?;
            self.spend(&before, &trade)?;
            self.sales.push(self.pool.contribution(trade.amount));
            self.hour_tokens += trade.gpu_seconds;
            self.device(number).until = until;
        }
        Ok(())
    }

    fn rent(&mut self, which: Index, devices: Index, seconds: Option<u64>) -> Outcome {
        let Some(first) = self.pick_device(which, |device| device.rented_until.is_none()) else {
            return Ok(());
        };
        let latest = self.devices[&first].until;
        let until = match seconds {
            Some(seconds) => self.end(seconds)?.min(latest),
            None => latest,
        };
        let mut rented: Vec<_> = self
            .devices
            .iter()
            .filter(|(_, device)| device.rented_until.is_none() && device.until >= until)
            .map(|(number, _)| *number)
            .collect();
        rented.truncate(devices.index(rented.len()) + 1);
        let count = u32::try_from(rented.len()).expect("few");
        let gpu_seconds = u128::from(count) * u128::from(until - self.pool.updated_at);
        let before = self.pool.clone();
        let quote = before.quote_rent(gpu_seconds, self.swap_fee);
        if quote.is_ok_and(|trade| trade.cost() > self.outside) {
            return Ok(());
        }
        let trade = self.attempt(|pool, calendar, swap_fee| pool.rent(count, until, swap_fee, calendar))?;
        prop_assert_eq!(trade, quote.ok());
        if let Some(trade) = trade {
            self.receive(&before, &trade)?;
            for number in &rented {
                self.device(*number).rented_until = Some(until);
            }
            let number = self.number();
            self.rentals.insert(
                number,
                Rental {
                    devices: rented,
                    until,
                    contribution: self.pool.contribution(trade.amount),
                },
            );
        }
        Ok(())
    }

    fn extend_rental(&mut self, which: Index, seconds: Option<u64>) -> Outcome {
        let Some(number) = pick(&self.rentals, which, |_| true) else {
            return Ok(());
        };
        let Rental {
            devices,
            until: from,
            contribution,
        } = self.rentals[&number].clone();
        let latest = devices.iter().map(|device| self.devices[device].until).min();
        let latest = latest.expect("a rental has devices");
        let until = match seconds {
            Some(seconds) => scheduled_end(from, seconds)
                .expect("not at the end of time")
                .min(latest),
            None => latest,
        };
        if until == from {
            return Ok(());
        }
        let count = u32::try_from(devices.len()).expect("few");
        let before = self.pool.clone();
        let quote = before.quote_rent(u128::from(count) * u128::from(until - from), self.swap_fee);
        if quote.is_ok_and(|trade| trade.cost() > self.outside) {
            return Ok(());
        }
        let trade = self
            .attempt(|pool, calendar, swap_fee| pool.extend_rental(count, from, until, swap_fee, calendar))?;
        prop_assert_eq!(trade, quote.ok());
        if let Some(trade) = trade {
            self.receive(&before, &trade)?;
            for device in devices {
                self.device(device).rented_until = Some(until);
            }
            let grown = contribution.grown(trade.amount, &self.pool.retention);
            let rental = self.rentals.get_mut(&number).expect("just found");
            rental.until = until;
            rental.contribution = grown.expect("no more than there is");
        }
        Ok(())
    }

    fn give_back(&mut self, which: Index, devices: Index) -> Outcome {
        let Some(number) = pick(&self.rentals, which, |_| true) else {
            return Ok(());
        };
        let until = self.rentals[&number].until;
        let held = self.rentals[&number].devices.len();
        let count = u32::try_from(devices.index(held) + 1).expect("few");
        let mut contribution = Contribution::default();
        for _ in 0..count {
            let (device, part) = self.take_from_rental(number, None);
            self.device(device).rented_until = None;
            contribution = Contribution {
                kept: contribution.kept + part.kept,
                ..part
            };
        }
        let before = self.pool.clone();
        let left = before.left_of(&contribution);
        let trade = self.attempt(|pool, calendar, swap_fee| {
            pool.give_back(count, until, &contribution, swap_fee, calendar)
        })?;
        let trade = trade.expect("a rental can always be given back");
        if trade.amount < left {
            check_trade(&before, &self.pool, &trade)?;
        } else {
            prop_assert_eq!(trade.amount, left);
            check_product(&before, &self.pool)?;
        }
        self.spend(&before, &trade)
    }

    /// One device of a rental does not serve, and the client is refunded.
    fn return_unserved(&mut self, which: Index, device: Index) -> Outcome {
        let Some(number) = pick(&self.rentals, which, |_| true) else {
            return Ok(());
        };
        let until = self.rentals[&number].until;
        let device = device.index(self.rentals[&number].devices.len());
        let (device, part) = self.take_from_rental(number, Some(device));
        let seconds = self.seconds_until(until);
        let due = self.pool.quote_give_back(seconds, &part, self.swap_fee);
        let returned = self.pool.return_unserved(until, &mut self.calendar);
        prop_assert_eq!(returned, Ok(seconds));
        self.device(device).rented_until = None;
        self.refund(due.expect("it can be quoted").amount, &part)
    }

    /// Takes a device out of a rental, the last one or that with the index, and its part of what was paid.
    fn take_from_rental(&mut self, number: u32, index: Option<usize>) -> (u32, Contribution) {
        let rental = self.rentals.get_mut(&number).expect("it is there");
        let devices = rental.devices.len();
        let part = rental
            .contribution
            .take_part(u32::try_from(devices).expect("few"));
        let device = rental.devices.remove(index.unwrap_or(devices - 1));
        self.drop_empty_rentals();
        (device, part)
    }

    /// The reserve pays a refund of no more than what is left of what was paid.
    fn refund(&mut self, due: u128, paid: &Contribution) -> Outcome {
        let before = self.pool.reserve;
        let refunded = self.pool.refund(due);
        prop_assert_eq!(refunded, due.min(before - 1));
        prop_assert!(refunded <= paid.kept && refunded <= self.pool.left_of(paid));
        self.account -= refunded;
        self.outside += refunded;
        Ok(())
    }

    fn claim(&mut self, which: Index) -> Outcome {
        if let Some(number) = self.pick_device(which, |device| device.position.is_some()) {
            let index = self.pool.stream_index;
            let position = self.device(number).position.as_mut().expect("just chosen so");
            let paid = position.clone();
            position.claimed_at = index;
            self.pay(&paid, index)?;
        }
        Ok(())
    }

    fn remove_liquidity(&mut self, which: Index) -> Outcome {
        let Some(number) = self.pick_device(which, |device| device.position.is_some()) else {
            return Ok(());
        };
        let device = self.devices.remove(&number).expect("just found");
        let position = device.position.expect("just chosen so");
        self.pay(&position, self.pool.stream_index)?;
        let rented = self.end_rental_of(number);
        let liquidity = LiquidityPosition {
            share_rate: position.share_rate,
            until: device.until,
        };
        let before = self.pool.clone();
        let quote = before.quote_remove_liquidity(
            &liquidity,
            &position.contribution,
            position.gpu_seconds,
            device.rented_until,
        );
        let removed = self
            .pool
            .remove_liquidity(
                &liquidity,
                &position.contribution,
                position.gpu_seconds,
                device.rented_until,
                &mut self.calendar,
            )
            .expect("liquidity can always be removed");
        prop_assert_eq!(Ok(removed.returned), quote);
        prop_assert_eq!(before.reserve - self.pool.reserve, removed.returned);
        prop_assert_eq!(before.gpu_seconds - self.pool.gpu_seconds, removed.gpu_seconds);
        let remaining = U256::from(device.until - before.updated_at);
        let returned = U256::from(removed.returned);
        let paid = U256::from(position.contribution.kept);
        prop_assert!(returned * U256::from(position.gpu_seconds) <= paid * remaining);
        prop_assert!(removed.returned <= before.left_of(&position.contribution));
        let shares = U256::from(position.share_rate) * remaining;
        prop_assert!(returned * U256::from(before.shares) <= U256::from(before.reserve) * shares);
        check_value_of_shares(&before, &self.pool)?;
        self.hour_tokens -=
            removed.gpu_seconds + device.rented_until.map_or(0, |until| self.seconds_until(until));
        self.account -= removed.returned;
        self.outside += removed.returned;
        self.refund_evicted(rented)
    }

    fn remove_sold(&mut self, which: Index) -> Outcome {
        let Some(number) = self.pick_device(which, |device| device.position.is_none()) else {
            return Ok(());
        };
        let device = self.devices.remove(&number).expect("just found");
        let rented = self.end_rental_of(number);
        let before = self.pool.gpu_seconds;
        let removed = self
            .pool
            .remove_sold(device.until, device.rented_until, &mut self.calendar);
        let removed = removed.expect("time that was sold can always go");
        prop_assert_eq!(removed, before - self.pool.gpu_seconds);
        self.hour_tokens -= removed + device.rented_until.map_or(0, |until| self.seconds_until(until));
        self.refund_evicted(rented)
    }

    /// Until when the device was rented, if it was, and its part of what was paid for that.
    fn end_rental_of(&mut self, device: u32) -> Option<(u64, Contribution)> {
        let (number, index) = self.rentals.iter().find_map(|(number, rental)| {
            let index = rental.devices.iter().position(|other| *other == device)?;
            Some((*number, index))
        })?;
        let until = self.rentals[&number].until;
        let (_, part) = self.take_from_rental(number, Some(index));
        Some((until, part))
    }

    /// The client of a device that has left is refunded what giving the time back brings after that.
    fn refund_evicted(&mut self, rented: Option<(u64, Contribution)>) -> Outcome {
        let Some((until, part)) = rented else {
            return Ok(());
        };
        let due = self
            .pool
            .quote_give_back(self.seconds_until(until), &part, self.swap_fee);
        self.refund(due.expect("it can be quoted").amount, &part)
    }

    fn drop_empty_rentals(&mut self) {
        self.rentals.retain(|_, rental| !rental.devices.is_empty());
    }

    fn device(&mut self, number: u32) -> &mut Device {
        self.devices
            .get_mut(&number)
            .expect("a device of that number is there")
    }

    fn pick_device(&self, which: Index, suits: impl Fn(&Device) -> bool) -> Option<u32> {
        pick(&self.devices, which, suits)
    }

    /// Everything that must hold at any time.
    pub fn audit(&self) -> Outcome {
        let pool = &self.pool;
        let now = pool.updated_at;
        let positions = || {
            self.devices
                .values()
                .filter_map(|device| Some((device.until, device.position.as_ref()?)))
        };

        // LOOPIN: not a planck appears or disappears, and what is owed is there.
        prop_assert!(pool.reserve >= 1);
        prop_assert_eq!(self.account, pool.reserve + self.owed);
        prop_assert_eq!(self.outside + self.account + self.burned, SUPPLY);
        let due: u128 = positions()
            .map(|(_, position)| {
                Pool::streamed_to(position.share_rate, position.claimed_at, pool.stream_index)
                    .expect("the index only grows")
            })
            .sum();
        let live = u128::try_from(positions().count()).expect("few");
        prop_assert!(self.owed >= due, "owed {} of {due}", self.owed);
        prop_assert!(
            self.owed - due <= live + self.payments,
            "{} of dust",
            self.owed - due
        );

        // Refunds: all that can be got back is there, but for what sellers were paid, rounded up.
        let rentals = self.rentals.values().map(|rental| &rental.contribution);
        let most: u128 = rentals
            .chain(positions().map(|(_, position)| &position.contribution))
            .map(|contribution| pool.left_of(contribution))
            .sum();
        let sold: u128 = self.sales.iter().map(|sale| pool.left_of(sale) + 2).sum();
        prop_assert!(
            most <= pool.reserve + sold,
            "{most} of {} and {sold}",
            pool.reserve
        );

        // GPU time: all but the anchor's is the idle time of devices.
        let idle_from = |device: &Device| device.rented_until.unwrap_or(now);
        let idle: u128 = self
            .devices
            .values()
            .map(|device| u128::from(device.until - idle_from(device)))
            .sum();
        prop_assert_eq!(pool.gpu_seconds - pool.anchor_gpu_seconds, idle);
        prop_assert_eq!(pool.idle_gpu_seconds(), idle);
        prop_assert_eq!(self.hour_tokens, idle + self.used_until(u64::MAX));
        let idle_devices = self
            .devices
            .values()
            .filter(|device| device.rented_until.is_none());
        prop_assert_eq!(u128::from(pool.idle_devices), idle_devices.count() as u128);

        // Shares: all but the anchor's are what positions will give up.
        let shares: u128 = positions()
            .map(|(until, position)| position.share_rate * u128::from(until - now))
            .sum();
        prop_assert_eq!(pool.shares - pool.anchor_shares, shares);
        prop_assert_eq!(
            pool.share_rate,
            positions().map(|(_, position)| position.share_rate).sum::<u128>()
        );
        prop_assert_eq!(u128::from(pool.provider_devices), live);

        // The agenda holds the ends of all rentals and stakes, and nothing else.
        let mut due: BTreeMap<u64, Change> = BTreeMap::new();
        let mut schedule = |at: u64, change: Change| {
            let entry = due.entry(at).or_default();
            *entry = entry.checked_add(&change).expect("few");
        };
        for rental in self.rentals.values() {
            schedule(
                rental.until,
                Change::rental_ends(u32::try_from(rental.devices.len()).expect("few")),
            );
        }
        for device in self.devices.values() {
            schedule(
                device.until,
                match &device.position {
                    Some(position) => Change::liquidity_ends(position.share_rate),
                    None => Change::sale_ends(),
                },
            );
        }
        prop_assert!(due.keys().last().is_none_or(|last| *last <= pool.agenda_end));
        prop_assert_eq!(changes(&self.calendar), due);
        Ok(())
    }

    /// Whoever undoes at once what it did has not gained, not even without fees.
    pub fn try_round_trips(&self) -> Outcome {
        for swap_fee in [self.swap_fee, Permill::zero()] {
            self.rent_and_give_back(swap_fee)?;
            self.sell_and_rent_back(swap_fee)?;
        }
        self.add_and_remove_liquidity()
    }

    fn rent_and_give_back(&self, swap_fee: Permill) -> Outcome {
        for device in self
            .devices
            .values()
            .filter(|device| device.rented_until.is_none())
        {
            for until in [device.until, self.end(1)?] {
                let (mut pool, mut calendar) = (self.pool.clone(), self.calendar.clone());
                if let Ok(rented) = pool.rent(1, until, swap_fee, &mut calendar) {
                    let paid = pool.contribution(rented.amount);
                    let back = pool.give_back(1, until, &paid, swap_fee, &mut calendar);
                    let back = back.expect("a rental can always be given back");
                    prop_assert!(back.proceeds() <= rented.cost());
                    prop_assert!(back.amount <= rented.amount);
                }
            }
        }
        Ok(())
    }

    fn sell_and_rent_back(&self, swap_fee: Permill) -> Outcome {
        for seconds in [1, 3_600, 604_800] {
            let until = self.end(seconds)?;
            let (mut pool, mut calendar) = (self.pool.clone(), self.calendar.clone());
            if let Ok(sold) = pool.sell(until, swap_fee, &mut calendar)
                && let Ok(rented) = pool.rent(1, until, swap_fee, &mut calendar)
            {
                prop_assert!(sold.proceeds() <= rented.cost());
                prop_assert!(sold.amount <= rented.amount);
            }
        }
        Ok(())
    }

    fn add_and_remove_liquidity(&self) -> Outcome {
        for seconds in [1, 3_600, 604_800] {
            let until = self.end(seconds)?;
            let (mut pool, mut calendar) = (self.pool.clone(), self.calendar.clone());
            if let Ok(added) = pool.add_liquidity(until, &mut calendar) {
                let position = LiquidityPosition {
                    share_rate: added.share_rate,
                    until,
                };
                let removed = pool.remove_liquidity(
                    &position,
                    &added.contribution,
                    added.gpu_seconds,
                    None,
                    &mut calendar,
                );
                prop_assert!(removed.expect("liquidity can always be removed").returned <= added.paid);
                prop_assert_eq!(&calendar, &self.calendar);
                prop_assert_eq!(pool.gpu_seconds, self.pool.gpu_seconds);
                prop_assert_eq!(pool.shares, self.pool.shares);
                prop_assert!(pool.reserve >= self.pool.reserve);
            }
        }
        Ok(())
    }
}

/// All that is scheduled, by moment.
fn changes(calendar: &Calendar) -> BTreeMap<u64, Change> {
    let mut changes = BTreeMap::new();
    for (hour, page) in &calendar.pages {
        for (minute, change) in page.iter() {
            changes.insert(moment_of(*hour, *minute), *change);
        }
    }
    changes
}

fn pick<T>(from: &BTreeMap<u32, T>, which: Index, suits: impl Fn(&T) -> bool) -> Option<u32> {
    let suitable: Vec<_> = from
        .iter()
        .filter(|(_, item)| suits(item))
        .map(|(number, _)| *number)
        .collect();
    (!suitable.is_empty()).then(|| suitable[which.index(suitable.len())])
}

/// Whether the first number is a larger part of the second in `before` than in `after`.
fn falls(before: (u128, u128), after: (u128, u128)) -> bool {
    U256::from(after.0) * U256::from(before.1) < U256::from(before.0) * U256::from(after.1)
}

/// `B·A` has not fallen, by a trade that took all that it could.
fn check_trade(before: &Pool, after: &Pool, trade: &Trade) -> Outcome {
    check_product(before, after)?;
    // A planck less for the pool, and it would have fallen.
    prop_assert!(product(after) - product(before) < U256::from(after.gpu_seconds));
    prop_assert_eq!(before.gpu_seconds.abs_diff(after.gpu_seconds), trade.gpu_seconds);
    prop_assert_eq!(before.shares, after.shares);
    Ok(())
}

fn product(pool: &Pool) -> U256 {
    U256::from(pool.reserve) * U256::from(pool.gpu_seconds)
}

/// `B·A` has not fallen.
fn check_product(before: &Pool, after: &Pool) -> Outcome {
    prop_assert!(product(after) >= product(before));
    Ok(())
}

/// A share is worth no less than before.
fn check_value_of_shares(before: &Pool, after: &Pool) -> Outcome {
    prop_assert!(!falls(
        (before.reserve, before.shares),
        (after.reserve, after.shares)
    ));
    Ok(())
}

/// Two pools that came from `before` to the same moment, one at once, one in so many steps.
fn compare(before: &Pool, late: &Pool, timely: &Pool, syncs: u32) -> Outcome {
    let exact = |pool: &Pool| Pool {
        reserve: 0,
        stream_index: U256::zero(),
        streamed_fraction: 0,
        retention: Retention::ONE,
        reserve_integral_doubled: 0,
        ..pool.clone()
    };
    prop_assert_eq!(exact(late), exact(timely));
    // Of all LOOPIN that there is, the same part is left, to a planck.
    let paid = before.contribution(SUPPLY);
    let part = U256::from(SUPPLY) * U256::from(late.shares) / U256::from(before.shares);
    for pool in [late, timely] {
        let left = U256::from(pool.left_of(&paid));
        prop_assert!(left <= part && part <= left + 1, "{left} instead of {part}");
    }
    // Each synchronisation rounds B/L down, so less streams: of all shares not a planck.
    prop_assert!(
        timely.reserve >= late.reserve,
        "{} {}",
        timely.reserve,
        late.reserve
    );
    prop_assert!(timely.reserve - late.reserve <= 1);
    let seconds = U256::from(late.updated_at - before.updated_at);
    let syncs = U256::from(syncs);
    let index_difference = late.stream_index.abs_diff(timely.stream_index);
    let shrunk = U256::from(before.shares / late.shares + 1);
    prop_assert!(index_difference <= seconds * syncs * shrunk);
    let integral_difference = late
        .reserve_integral_doubled
        .abs_diff(timely.reserve_integral_doubled);
    // A planck at most is the difference between the reserves at any time, and each synchronisation rounds.
    prop_assert!(U256::from(integral_difference) <= seconds + seconds + syncs);
    let (mean_late, mean_timely) = (mean_price(before, late), mean_price(before, timely));
    let passed = late.gpu_seconds_integral_doubled - before.gpu_seconds_integral_doubled;
    let allowed = integral_difference.saturating_mul(3_600) / passed + 1;
    prop_assert!(mean_late.abs_diff(mean_timely) <= allowed);
    Ok(())
}

fn mean_price(before: &Pool, after: &Pool) -> u128 {
    after
        .mean_price_per_gpu_hour(&before.price_mark())
        .expect("the moments are in order")
}

/// Where every device is position and idle, the passing of time does not move the price.
fn check_price(before: &Pool, after: &Pool, devices: &BTreeMap<u32, Device>) -> Outcome {
    let is_settled = before.shares == before.gpu_seconds * SHARES_PER_ANCHOR_GPU_SECOND
        && devices
            .values()
            .all(|device| device.position.is_some() && device.rented_until.is_none());
    if is_settled {
        let (a, b) = (U256::from(before.gpu_seconds), U256::from(after.gpu_seconds));
        // Both reserves are rounded up to whole planck.
        prop_assert!(U256::from(after.reserve) * a <= U256::from(before.reserve) * b + a + a);
        prop_assert!(U256::from(after.reserve) * a + b >= U256::from(before.reserve) * b);
    }
    Ok(())
}

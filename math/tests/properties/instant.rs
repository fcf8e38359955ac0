//! What can be done and undone in one moment.

use crate::{any_magnitude, common::Calendar, config};
use loopin_math::{
    Contribution, LiquidityPosition, MathError, Pool, PriceMark,
    time::{MINUTE, scheduled_end},
};
use primitive_types::U512;
use proptest::prelude::*;
use sp_arithmetic::Permill;

/// One thing that somebody does, or undoes.
#[derive(Clone, Debug)]
enum Step {
    AddLiquidity { minutes: u64 },
    RemoveLiquidity { which: usize },
    Rent { which: usize, minutes: u64 },
    GiveBack { which: usize },
    Sell { minutes: u64 },
    RentSold { which: usize },
    Deepen { amount: u128 },
}

fn any_step() -> impl Strategy<Value = Step> {
    let pick = any::<usize>;
    prop_oneof![
        (1..10_080u64).prop_map(|minutes| Step::AddLiquidity { minutes }),
        pick().prop_map(|which| Step::RemoveLiquidity { which }),
        (pick(), 1..10_080u64).prop_map(|(which, minutes)| Step::Rent { which, minutes }),
        pick().prop_map(|which| Step::GiveBack { which }),
        (1..10_080u64).prop_map(|minutes| Step::Sell { minutes }),
        pick().prop_map(|which| Step::RentSold { which }),
        any_magnitude(60).prop_map(|amount| Step::Deepen { amount }),
    ]
}

/// Somebody with many devices and all the LOOPIN that it takes, and what is not undone yet.
struct Dealer {
    pool: Pool,
    calendar: Calendar,
    swap_fee: Permill,
    positions: Vec<(LiquidityPosition, Contribution, u128)>,
    /// Ends of other people's idle devices.
    idle: Vec<u64>,
    /// Ends of rentals, and of the devices, and what was paid.
    rentals: Vec<(u64, u64, Contribution)>,
    /// Ends of the devices whose time was sold, as long as nobody rents them.
    sold: Vec<u64>,
    spent: u128,
    received: u128,
    /// LOOPIN that was locked for ever, and the GPU-seconds and shares for it.
    locked: u128,
    deepened: (u128, u128),
}

impl Dealer {
    fn end(&self, minutes: u64) -> u64 {
        scheduled_end(self.pool.updated_at, minutes * MINUTE).expect("not at the end of time")
    }

    /// Does as it is told; what the pool refuses changes nothing.
    fn deal(&mut self, step: &Step) -> Result<(), MathError> {
        match step {
            Step::AddLiquidity { minutes } => {
                let until = self.end(*minutes);
                let (mut pool, mut calendar) = (self.pool.clone(), self.calendar.clone());
                let added = pool.add_liquidity(until, &mut calendar)?;
                (self.pool, self.calendar) = (pool, calendar);
                self.spent += added.paid;
                let position = LiquidityPosition {
                    share_rate: added.share_rate,
                    until,
                };
                self.positions
                    .push((position, added.contribution, added.gpu_seconds));
            }
            Step::Rent { which, minutes } if !self.idle.is_empty() => {
                let (mut pool, mut calendar) = (self.pool.clone(), self.calendar.clone());
                let which = which % self.idle.len();
                let end = self.idle[which];
                let until = self.end(*minutes).min(end);
                let trade = pool.rent(1, until, self.swap_fee, &mut calendar)?;
                (self.pool, self.calendar) = (pool, calendar);
                self.spent += trade.cost();
                self.idle.swap_remove(which);
                let paid = self.pool.contribution(trade.amount);
                self.rentals.push((until, end, paid));
            }
            Step::Sell { minutes } => {
                let until = self.end(*minutes);
                let (mut pool, mut calendar) = (self.pool.clone(), self.calendar.clone());
                let trade = pool.sell(until, self.swap_fee, &mut calendar)?;
                (self.pool, self.calendar) = (pool, calendar);
                self.received += trade.proceeds();
                self.sold.push(until);
            }
            Step::RemoveLiquidity { which } if !self.positions.is_empty() => {
                let which = which % self.positions.len();
                let (position, contribution, gpu_seconds) = self.positions[which];
                // Nobody goes where that would bring nothing: see Pool::quote_remove_liquidity.
                if self
                    .pool
                    .quote_remove_liquidity(&position, &contribution, gpu_seconds, None)?
                    == 0
                {
                    return Ok(());
                }
                self.positions.swap_remove(which);
                let left = self.pool.remove_liquidity(
                    &position,
                    &contribution,
                    gpu_seconds,
                    None,
                    &mut self.calendar,
                )?;
                self.received += left.returned;
            }
            Step::GiveBack { which } if !self.rentals.is_empty() => {
                let which = which % self.rentals.len();
                let (until, end, paid) = self.rentals.swap_remove(which);
                let trade = self
                    .pool
                    .give_back(1, until, &paid, self.swap_fee, &mut self.calendar)?;
                self.received += trade.proceeds();
                self.idle.push(end);
            }
            Step::RentSold { which } if !self.sold.is_empty() => {
                let which = which % self.sold.len();
                let trade = self
                    .pool
                    .rent(1, self.sold[which], self.swap_fee, &mut self.calendar)?;
                self.spent += trade.cost();
                self.sold.swap_remove(which);
            }
            Step::Deepen { amount } => {
                let mut pool = self.pool.clone();
                let deepened = pool.deepen(*amount, &PriceMark::default())?;
                self.pool = pool;
                self.spent += amount;
                self.locked += amount;
                self.deepened.0 += deepened.gpu_seconds;
                self.deepened.1 += deepened.shares;
            }
            Step::RemoveLiquidity { .. }
            | Step::Rent { .. }
            | Step::GiveBack { .. }
            | Step::RentSold { .. } => {}
        }
        Ok(())
    }

    /// `B·A` and `L²`, whose quotient nothing that is done in one moment may lower.
    fn liquidity(&self) -> (U512, U512) {
        let product = U512::from(self.pool.reserve) * U512::from(self.pool.gpu_seconds);
        (product, U512::from(self.pool.shares).pow(2.into()))
    }

    fn has_at_least(&self, (product, square): (U512, U512)) -> bool {
        let (product_now, square_now) = self.liquidity();
        product_now * square >= product * square_now
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8 * config().cases, ..config() })]

    /// Anybody may do many things at once and undo them in another order: with liquidity brought before a trade
    /// and taken away before its opposite, for one.
    #[test]
    fn whoever_undoes_in_any_order_what_it_did_in_the_same_moment_has_not_gained(
        reserve in any_magnitude(60),
        anchor_minutes in 1..100_000u128,
        others in prop::collection::vec((1..10_080u64, any::<bool>()), 1..6),
        rented in prop::collection::vec(1..10_080u64, 0..3),
        later in 1..7_200u64,
        swap_fee in prop_oneof![Just(0), 0..10_000u32],
        steps in prop::collection::vec(any_step(), 1..16),
    ) {
        let price_per_gpu_hour = (reserve * 60 / anchor_minutes).max(1);
        let Ok(pool) = Pool::new(reserve, price_per_gpu_hour, 1_800_000_000) else {
            return Ok(());
        };
        let mut dealer = Dealer {
            pool,
            calendar: Calendar::default(),
            swap_fee: Permill::zero(),
            positions: Vec::new(),
            idle: Vec::new(),
            rentals: Vec::new(),
            sold: Vec::new(),
            spent: 0,
            received: 0,
            locked: 0,
            deepened: (0, 0),
        };
        // Others come, and some devices are rented.
        for (minutes, provides) in others {
            let _ = dealer.deal(&if provides { Step::AddLiquidity { minutes } } else { Step::Sell { minutes } });
        }
        let position = dealer.positions.drain(..).map(|(position, ..)| position.until);
        dealer.idle = position.chain(dealer.sold.drain(..)).collect();
        for minutes in rented {
            let _ = dealer.deal(&Step::Rent { which: 0, minutes });
        }
        let now = dealer.pool.updated_at + later;
        prop_assert!(dealer.pool.sync(now, &mut dealer.calendar).is_ok());
        dealer.idle.retain(|end| *end > now);
        let over = dealer.rentals.drain(..).filter(|(until, end, _)| *until <= now && *end > now);
        dealer.idle.extend(over.map(|(_, end, _)| end));

        dealer.swap_fee = Permill::from_parts(swap_fee);
        (dealer.spent, dealer.received) = (0, 0);
        let before = dealer.pool.clone();
        for step in &steps {
            let liquidity = dealer.liquidity();
            let _ = dealer.deal(step);
            prop_assert!(dealer.has_at_least(liquidity), "{step:?}");
        }
        // First the rentals, so that all the time is there that is rented next.
        let undo = [
            vec![Step::GiveBack { which: 0 }; dealer.rentals.len()],
            vec![Step::RentSold { which: 0 }; dealer.sold.len()],
            vec![Step::RemoveLiquidity { which: 0 }; dealer.positions.len()],
        ];
        for step in undo.concat() {
            let liquidity = dealer.liquidity();
            prop_assert_eq!(dealer.deal(&step), Ok(()));
            prop_assert!(dealer.has_at_least(liquidity), "{step:?}");
        }
        if !dealer.positions.is_empty() {
            return Ok(());
        }
        prop_assert_eq!(dealer.pool.gpu_seconds, before.gpu_seconds + dealer.deepened.0);
        prop_assert_eq!(dealer.pool.shares, before.shares + dealer.deepened.1);
        prop_assert!(dealer.received <= dealer.spent, "{} for {}", dealer.received, dealer.spent);
        prop_assert!(dealer.pool.reserve >= before.reserve);
    }
}

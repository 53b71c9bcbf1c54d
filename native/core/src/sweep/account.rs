//! One account of one instrument: targets become orders, orders fills, fills money, exactly as in the event-driven graph.
//!
//! `decide` is sizing and the checks that no config leaves out (`operators/risk`: instrument, funds); `execute` is the venue on
//! candles with its filter of small orders and its slippage; `fill` is the ledger and the book of round trips. Where the graph
//! counts in doubles, so does this, in the same order of operations.

use super::money::{add, part_of, share, subtract, units};
use super::{Series, Terms, lots_within};

/// What an order of contracts may be worth, in multiples of equity: the default of the check `funds`.
const LEVERAGE: f64 = 20.0;
/// What a purchase of spot keeps back for its fee: the default of the same check.
const FEE_RESERVE: f64 = 0.001;
/// What is under the smallest value by an error of the arithmetic is not: `operators/execution/filters.ts`.
const MOST: f64 = 1.0 + 1e-12;
/// No price has as many ticks.
const HIGHEST: i64 = 1 << 52;

/// Lots are whole numbers in doubles.
const SAFE: u64 = (1 << 53) - 1;

/// An exit and a signal may come with one bar.
const ORDERS: usize = 2;

pub struct Account<'a> {
    series: &'a Series,
    terms: &'a Terms,
    /// Bars whose all is done.
    next: usize,
    lots: i64,
    cost: i64,
    balance: i64,
    pub fees: i64,
    fills: i32,
    pub trips: i32,
    pub wins: i32,
    /// Profit and fees of the trip that is open.
    gross: i64,
    trip_fees: i64,
    /// Orders on their way, signed lots, and the close that was the mark when they were decided.
    pending: [i64; ORDERS],
    orders: usize,
    mark: f64,
    /// Closes, in ticks, at or beyond which an exit ends the position.
    low: f64,
    high: f64,
    exits: bool,
    days: &'a [usize],
    pub marks: Vec<f64>,
    overflow: bool,
}

impl<'a> Account<'a> {
    pub fn new(series: &'a Series, terms: &'a Terms, days: &'a [usize]) -> Self {
        Self {
            series,
            terms,
            next: 0,
            lots: 0,
            cost: 0,
            balance: terms.cash,
            fees: 0,
            fills: 0,
            trips: 0,
            wins: 0,
            gross: 0,
            trip_fees: 0,
            pending: [0; ORDERS],
            orders: 0,
            mark: f64::NAN,
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
            exits: !terms.stop.is_nan() || !terms.target.is_nan(),
            days,
            marks: Vec::with_capacity(days.len()),
            overflow: false,
        }
    }

    pub fn lots_of(&self, size: f64) -> i64 {
        lots_within(self.terms, size)
    }

    /// A strategy asks for a position of so many signed lots at the close of a bar. Bars come in order, none twice.
    pub fn target(&mut self, bar: usize, lots: i64) {
        self.until(bar);
        self.open(bar);
        self.exit(bar);
        self.decide(bar, lots);
        self.close(bar);
    }

    /// The end of the series.
    pub fn end(&mut self) {
        self.until(self.series.len());
    }

    /// At the last close, 10⁻⁸.
    pub fn equity(&self) -> i64 {
        self.equity_after(self.series.len()).unwrap_or(0)
    }

    /// −1 when its money does not fit.
    pub fn fills(&self) -> i32 {
        if self.overflow || self.equity_after(self.series.len()).is_none() { -1 } else { self.fills }
    }

    /// Everything before a bar: what was ordered is filled, exits close what they close, days end.
    fn until(&mut self, bar: usize) {
        while let Some(&day) = self.days.get(self.marks.len()).filter(|day| **day <= bar) {
            self.pass(day);
            let equity = self.equity_after(day);
            self.overflow |= equity.is_none();
            self.marks.push(units(equity.unwrap_or(0)));
        }
        self.pass(bar);
    }

    fn pass(&mut self, bar: usize) {
        while self.next < bar {
            if self.orders > 0 {
                let at = self.next;
                self.open(at);
                self.exit(at);
                self.close(at);
            } else if self.exits && self.lots != 0 {
                match self.beyond(self.next, bar) {
                    Some(at) => {
                        self.next = at;
                        self.exit(at);
                        self.close(at);
                    }
                    None => self.next = bar,
                }
            } else {
                self.next = bar;
            }
        }
    }

    /// The first bar of a range whose close an exit answers.
    fn beyond(&self, from: usize, to: usize) -> Option<usize> {
        self.series.beyond(from, to, self.low, self.high)
    }

    fn open(&mut self, bar: usize) {
        if self.orders > 0 {
            self.execute(self.series.open[bar]);
        }
    }

    fn exit(&mut self, bar: usize) {
        let close = self.series.close(bar);
        if self.exits && self.lots != 0 && (close <= self.low || close >= self.high) {
            self.decide(bar, 0);
        }
    }

    fn close(&mut self, bar: usize) {
        if self.orders > 0 && !self.terms.next_open {
            self.execute(self.series.close(bar));
        }
        self.next = bar + 1;
    }

    /// Sizing and the checks that are always asked: an order, or none.
    fn decide(&mut self, bar: usize, target: i64) {
        let close = self.series.close(bar);
        let coming: i64 = self.pending[..self.orders].iter().sum();
        let reach = self.lots + coming;
        let wanted = if self.terms.spot && reach > 0 { target.max(0) } else { target };
        let change = wanted.saturating_sub(reach);
        if change == 0 || self.overflow || !self.is_allowed(close, change) {
            return;
        }
        self.mark = close;
        self.pending[self.orders] = change;
        self.orders += 1;
    }

    fn is_allowed(&self, close: f64, change: i64) -> bool {
        let terms = self.terms;
        let size_of = |lots: i64| lots as f64 * terms.lot_numerator / terms.lot_denominator;
        let value_of = |lots: i64| terms.scale.value(close as i64, lots).map(units);
        if change.unsigned_abs() > SAFE {
            return false;
        }
        let Some(value) = value_of(change.abs()) else { return false };
        let notional = if terms.scale.inverse { size_of(change.abs()) * terms.contract_size } else { value };
        if notional < terms.min_notional {
            return false;
        }
        let open = |buys: bool| -> i64 {
            self.pending[..self.orders].iter().filter(|lots| (**lots > 0) == buys).map(|lots| lots.abs()).sum()
        };
        let same = open(change > 0);
        if terms.spot {
            if change < 0 {
                return size_of(-change + same) <= size_of(self.lots.max(0));
            }
            let mut spent = 0.0;
            for lots in self.pending[..self.orders].iter().filter(|lots| **lots > 0) {
                spent += value_of(*lots).unwrap_or(f64::NAN);
            }
            let needs = (value + spent) * (1.0 + FEE_RESERVE);
            return subtract(self.balance, self.cost).is_some_and(|free| needs <= units(free));
        }
        let opposite = if change > 0 { self.lots < 0 } else { self.lots > 0 };
        if opposite && same + change.abs() <= self.lots.abs() {
            return true;
        }
        let bought = self.lots + open(true) + change.max(0);
        let sold = self.lots - open(false) + change.min(0);
        let after = if bought.abs() >= sold.abs() { bought } else { sold };
        let (Some(exposure), Some(equity)) = (value_of(after.abs()), self.equity_at(close)) else { return false };
        exposure / LEVERAGE <= units(equity)
    }

    /// The venue takes what was ordered, at a price.
    fn execute(&mut self, price: f64) {
        for order in 0..self.orders {
            let lots = self.pending[order];
            if self.is_too_small(lots) {
                continue;
            }
            let worse = (price * self.terms.slippage_bps / 10_000.0).ceil();
            let ticks = if lots > 0 { price + worse } else { (price - worse).max(1.0) };
            let ticks = if worse == 0.0 { price } else { ticks };
            if self.fill(ticks as i64, lots).is_none() {
                self.overflow = true;
            }
        }
        self.orders = 0;
        if self.exits {
            self.watch();
        }
    }

    fn is_too_small(&self, lots: i64) -> bool {
        let terms = self.terms;
        // A sale of spot only reduces.
        if terms.min_notional == 0.0 || (terms.spot && lots < 0) {
            return false;
        }
        let price = if terms.scale.inverse { 1.0 } else { self.mark * terms.tick_size };
        let value = lots.abs() as f64 * terms.lot_size * terms.contract_size * price;
        value * MOST < terms.min_notional
    }

    /// `None` when money does not fit.
    fn fill(&mut self, ticks: i64, lots: i64) -> Option<()> {
        let scale = &self.terms.scale;
        let worth = scale.worth(ticks, lots)?;
        let value = scale.value(ticks, lots.abs())?;
        let fee = share(value, self.terms.fee_top, self.terms.fee_bottom)?;
        let held = self.lots;
        let mut profit = 0;
        let opposite = held != 0 && (held > 0) != (lots > 0);
        if !opposite {
            self.cost = add(self.cost, worth)?;
            if held == 0 {
                (self.gross, self.trip_fees) = (0, 0);
            }
            self.trip_fees += fee;
        } else {
            let closed = lots.abs().min(held.abs());
            let taken = share(self.cost, closed, held.abs())?;
            let brought = scale.worth(ticks, if held > 0 { closed } else { -closed })?;
            profit = subtract(brought, taken)?;
            self.cost = if lots.abs() > closed { add(worth, brought)? } else { subtract(self.cost, taken)? };
            let own = part_of(fee, closed, lots.abs());
            self.gross += profit;
            self.trip_fees += own;
            if closed == held.abs() {
                self.trips += 1;
                self.wins += i32::from(self.gross > self.trip_fees);
                (self.gross, self.trip_fees) = (0, fee - own);
            }
        }
        self.lots = held + lots;
        self.fees = add(self.fees, fee)?;
        self.balance = add(self.balance, subtract(profit, fee)?)?;
        self.fills += 1;
        Some(())
    }

    /// After so many bars.
    fn equity_after(&self, bars: usize) -> Option<i64> {
        if bars == 0 { Some(self.balance) } else { self.equity_at(self.series.close(bars - 1)) }
    }

    fn equity_at(&self, close: f64) -> Option<i64> {
        if self.lots == 0 {
            return Some(self.balance);
        }
        add(self.balance, subtract(self.terms.scale.worth(close as i64, self.lots)?, self.cost)?)
    }

    /// The closes that end the position that is held now. An exit asks of each whether side × (price / entry − 1) is at most −stop or
    /// at least target; that only grows, or only falls, with the price, so that there is a last, or first, tick.
    fn watch(&mut self) {
        (self.low, self.high) = (f64::NEG_INFINITY, f64::INFINITY);
        if self.lots == 0 {
            return;
        }
        let Terms { stop, target, tick_numerator, tick_denominator, .. } = *self.terms;
        let entry = self.entry();
        let side = if self.lots > 0 { 1.0 } else { -1.0 };
        let gain = |ticks: i64| side * (ticks as f64 * tick_numerator / tick_denominator / entry - 1.0);
        let stops = |ticks: i64| gain(ticks) <= -stop;
        let gains = |ticks: i64| target > 0.0 && gain(ticks) >= target;
        let near = |share: f64| entry * (1.0 + share) * tick_denominator / tick_numerator;
        // Low prices are the ones before the first that is none.
        if self.lots > 0 {
            self.low = (first(near(-stop), |ticks| !stops(ticks)) - 1) as f64;
            self.high = first(near(target), gains) as f64;
        } else {
            self.high = first(near(stop), stops) as f64;
            self.low = (first(near(-target), |ticks| !gains(ticks)) - 1) as f64;
        }
    }

    /// Mean price of the open size: `entryPrice` of `operators/portfolio/holding.ts`.
    fn entry(&self) -> f64 {
        let scale = &self.terms.scale;
        let (top, bottom) = (scale.numerator as f64, scale.denominator as f64);
        let (lots, size, amount) = (self.lots.abs(), self.lots.abs() as f64, (self.cost as f64).abs());
        let mean = if scale.inverse { size * top / (amount * bottom) } else { amount * bottom / (size * top) };
        let nearest = if mean - mean.floor() >= 0.5 { mean.floor() + 1.0 } else { mean.floor() };
        let is_on_tick = nearest > 0.0
            && nearest < HIGHEST as f64
            && scale.value(nearest as i64, lots).is_some_and(|value| value < 1 << 53 && value == self.cost.abs());
        (if is_on_tick { nearest } else { mean }) * self.terms.tick_numerator / self.terms.tick_denominator
    }
}

/// The first whole number from 0 on of which something holds that holds of all after it; `HIGHEST` when of none. It is looked for
/// around a guess first, which may be any number.
fn first(guess: f64, holds: impl Fn(i64) -> bool) -> i64 {
    let (mut from, mut to) = (0, HIGHEST);
    let guess = guess as i64;
    let (before, after) = (guess.saturating_sub(2), guess.saturating_add(2));
    if before > 0 && after < HIGHEST && !holds(before) && holds(after) {
        (from, to) = (before + 1, after);
    }
    while from < to {
        let middle = (from + to) / 2;
        if holds(middle) { to = middle } else { from = middle + 1 }
    }
    from
}

//! One account of one instrument, or the part of an account that is one of its instruments: targets become orders, orders fills,
//! fills money, exactly as in the event-driven graph.
//!
//! `wish` is sizing and the checks of the order alone, `is_covered` that of the account's money: those that no config leaves out
//! (`operators/risk`: instrument, funds). `execute` is the venue on candles with its filter of small orders and its slippage; `fill` is
//! the ledger and the book of round trips. Where the graph counts in doubles, so does this, in the same order of operations.

use super::money::{add, nearest, part_of, share, subtract, units};
use super::{Asked, Day, Market, Series, Terms};

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
    /// Bars up to and with that of the last fill.
    pub filled: usize,
    lots: i64,
    cost: i64,
    balance: i64,
    pub fees: i64,
    pub fills: i32,
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
    days: &'a [Day],
    pub marks: Vec<f64>,
    /// Its money does not fit.
    pub overflow: bool,
}

/// What other instruments of the account count for where one of them asks for money.
#[derive(Default)]
pub struct Others {
    /// Their part of its cash, and of its equity at mark.
    pub free: i64,
    pub equity: i64,
    /// What their positions would be worth if open orders were filled, contracts alone, and what open buys of spot still spend; units.
    pub exposure: f64,
    pub spent: f64,
}

impl Asked for Account<'_> {
    fn target(&mut self, bar: usize, lots: i64) {
        self.until(bar);
        let close = self.begin(bar);
        if let Some(change) = self.wish(close, lots)
            && (!self.adds(change) || self.is_covered(close, change, &Others::default()))
        {
            self.send(close, change);
        }
        self.finish(bar, close);
    }
}

impl<'a> Account<'a> {
    /// Days may be none: then nobody is told how they ended.
    pub fn new(Market { series, terms }: &'a Market, cash: i64, days: &'a [Day]) -> Self {
        Self {
            series,
            terms,
            next: 0,
            filled: 0,
            lots: 0,
            cost: 0,
            balance: cash,
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

    /// The end of the series.
    pub fn end(&mut self) {
        self.until(self.series.len());
    }

    /// Everything before a bar, and how the days ended that were over then.
    fn until(&mut self, bar: usize) {
        while let Some(day) = self.days.get(self.marks.len()).filter(|day| day.over <= bar) {
            self.pass(day.over);
            let equity = self.equity(day.told.max(self.filled));
            self.overflow |= equity.is_none();
            self.marks.push(units(equity.unwrap_or(0)));
        }
        self.pass(bar);
    }

    /// Everything before a bar: what was ordered is filled, exits close what they close.
    pub fn pass(&mut self, bar: usize) {
        while self.next < bar {
            let happens = if self.orders > 0 {
                Some(self.next)
            } else if self.exits && self.lots != 0 {
                self.series.beyond(self.next, bar, self.low, self.high)
            } else {
                None
            };
            match happens {
                Some(at) => {
                    let close = self.begin(at);
                    self.finish(at, close);
                }
                None => self.next = bar,
            }
        }
    }

    /// A bar up to where the strategy hears of it: its open, and the exits at its close, which it gives, ticks.
    pub fn begin(&mut self, bar: usize) -> f64 {
        self.next = bar;
        if self.orders > 0 {
            self.execute(self.series.open[bar]);
        }
        let close = self.series.close(bar);
        if self.exits
            && self.lots != 0
            && (close <= self.low || close >= self.high)
            && let Some(change) = self.wish(close, 0)
        {
            // Nothing is on its way: it only takes from the position, and needs no money.
            self.send(close, change);
        }
        close
    }

    /// The rest of a bar.
    pub fn finish(&mut self, bar: usize, close: f64) {
        if self.orders > 0 && !self.terms.next_open {
            self.execute(close);
        }
        self.next = bar + 1;
    }

    /// Sizing and the checks of the order alone: signed lots to trade so that a position is so large; none where there is nothing to do.
    pub fn wish(&self, close: f64, target: i64) -> Option<i64> {
        let terms = self.terms;
        let coming: i64 = self.pending[..self.orders].iter().sum();
        let reach = self.lots + coming;
        let wanted = if terms.spot && reach > 0 { target.max(0) } else { target };
        let change = wanted.saturating_sub(reach);
        if change == 0 || self.overflow || change.unsigned_abs() > SAFE {
            return None;
        }
        let size_of = |lots: i64| lots as f64 * terms.lot_numerator / terms.lot_denominator;
        let value = units(self.value(close, change)?);
        let notional = if terms.scale.inverse { size_of(change.abs()) * terms.contract_size } else { value };
        // No more of an asset is sold than there is.
        let has = !terms.spot || change > 0 || size_of(self.open(false) - change) <= size_of(self.lots.max(0));
        (notional >= terms.min_notional && has).then_some(change)
    }

    /// Lots of open orders of a side, unsigned.
    fn open(&self, buys: bool) -> i64 {
        self.pending[..self.orders].iter().filter(|lots| (**lots > 0) == buys).map(|lots| lots.abs()).sum()
    }

    /// What a change does beside taking from the position has to be covered.
    pub fn adds(&self, change: i64) -> bool {
        if self.terms.spot {
            return change > 0;
        }
        let is_opposite = if change > 0 { self.lots < 0 } else { self.lots > 0 };
        !is_opposite || self.open(change > 0) + change.abs() > self.lots.abs()
    }

    /// Cash for a purchase of spot, of which none is open in this instrument; equity for contracts.
    pub fn is_covered(&self, close: f64, change: i64, others: &Others) -> bool {
        if self.terms.spot {
            let (Some(value), Some(own)) = (self.value(close, change), self.free()) else { return false };
            let needs = (units(value) + others.spent) * (1.0 + FEE_RESERVE);
            return add(own, others.free).is_some_and(|free| needs <= units(free));
        }
        let (Some(value), Some(own)) = (self.value(close, self.worst(change)), self.equity_at(close)) else {
            return false;
        };
        let exposure = others.exposure + units(value);
        add(own, others.equity).is_some_and(|equity| exposure / LEVERAGE <= units(equity))
    }

    /// The position if all open orders of one side were filled, and a change with them: the side that makes it larger; signed lots.
    fn worst(&self, change: i64) -> i64 {
        let bought = self.lots + self.open(true) + change.max(0);
        let sold = self.lots - self.open(false) + change.min(0);
        if bought.abs() >= sold.abs() { bought } else { sold }
    }

    fn value(&self, close: f64, lots: i64) -> Option<i64> {
        self.terms.scale.value(close as i64, lots.abs())
    }

    pub fn send(&mut self, close: f64, change: i64) {
        self.mark = close;
        self.pending[self.orders] = change;
        self.orders += 1;
    }

    /// What its worst position is worth after so many bars, 10⁻⁸ as a double; 0 of spot, which is paid for.
    pub fn exposure(&self, bars: usize) -> Option<f64> {
        let lots = self.worst(0);
        if self.terms.spot || lots == 0 {
            return Some(0.0);
        }
        Some(nearest(units(self.value(self.series.close(bars - 1), lots)?) * 1e8))
    }

    /// What a buy of spot that is on its way still spends, units, and the bar at which it was sent.
    pub fn spending(&self) -> Option<(usize, f64)> {
        let lots = if self.terms.spot { self.open(true) } else { 0 };
        (lots > 0).then(|| (self.next - 1, self.value(self.mark, lots).map_or(f64::NAN, units)))
    }

    /// Its part of the cash, 10⁻⁸.
    pub fn free(&self) -> Option<i64> {
        if self.terms.spot { subtract(self.balance, self.cost) } else { Some(self.balance) }
    }

    /// At the close of the last of so many bars, 10⁻⁸.
    pub fn equity(&self, bars: usize) -> Option<i64> {
        if bars == 0 { Some(self.balance) } else { self.equity_at(self.series.close(bars - 1)) }
    }

    fn equity_at(&self, close: f64) -> Option<i64> {
        if self.lots == 0 {
            return Some(self.balance);
        }
        add(self.balance, subtract(self.terms.scale.worth(close as i64, self.lots)?, self.cost)?)
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
        self.filled = self.next + 1;
        Some(())
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
        let ticks = nearest(mean);
        let is_on_tick = ticks > 0.0
            && ticks < HIGHEST as f64
            && scale.value(ticks as i64, lots).is_some_and(|value| value < 1 << 53 && value == self.cost.abs());
        (if is_on_tick { ticks } else { mean }) * self.terms.tick_numerator / self.terms.tick_denominator
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

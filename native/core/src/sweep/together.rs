//! One account of several instruments: a part for each, in the order in which the event-driven graph sees their bars.
//!
//! Fills and exits of an instrument hang on it alone. What it asks for beyond taking from its position hangs on the money of all, at
//! the prices that were known then; so does equity. Only there are the others brought up to the same row.

use std::sync::Arc;

use super::account::{Account, Others};
use super::calendar::{Calendar, Day, Row};
use super::money::{add, units};
use super::{Asked, Market};

pub struct Together<'a> {
    calendar: &'a Calendar,
    pub parts: Vec<Account<'a>>,
    /// The market whose kernel is at work, and what kernels asked for since they were last heard, signed lots.
    market: usize,
    asks: Vec<(Row, i64)>,
    days: &'a [Day],
    pub marks: Vec<f64>,
    cash: i64,
    overflow: bool,
}

impl Asked for Together<'_> {
    /// Only noted: what the others ask for before that is not known yet.
    fn target(&mut self, bar: usize, lots: i64) {
        self.asks.push((self.calendar.row(self.market, bar), lots));
    }
}

impl<'a> Together<'a> {
    /// The cash lies with the first: only the sum of all parts counts.
    pub fn new(markets: &'a [Arc<Market>], calendar: &'a Calendar, days: &'a [Day]) -> Self {
        let cash = markets[0].terms.cash;
        let part = |(at, market): (usize, &'a Arc<Market>)| Account::new(market, if at == 0 { cash } else { 0 }, &[]);
        Self {
            calendar,
            parts: markets.iter().enumerate().map(part).collect(),
            market: 0,
            asks: Vec::new(),
            days,
            marks: Vec::with_capacity(days.len()),
            cash,
            overflow: false,
        }
    }

    /// Now the kernel of this market asks.
    pub fn turn(&mut self, market: usize) {
        self.market = market;
    }

    /// Does what was asked for up to an instant by all markets.
    pub fn hear(&mut self) {
        let mut asks = std::mem::take(&mut self.asks);
        asks.sort_unstable_by_key(|(row, _)| *row);
        for (row, lots) in asks.drain(..) {
            self.serve(row, lots);
        }
        self.asks = asks;
    }

    /// The end of all series: equity at the last closes, 10⁻⁸; none where its money did not fit.
    pub fn end(&mut self) -> Option<i64> {
        let instants = self.calendar.times.len();
        self.until(instants);
        self.pass(instants);
        let is_sound = !self.overflow && self.parts.iter().all(|part| !part.overflow);
        let bars = |market| self.calendar.bars(market, instants);
        self.sum(|market, part| part.equity(bars(market))).filter(|_| is_sound)
    }

    fn serve(&mut self, row: Row, lots: i64) {
        self.until(row.instant as usize);
        let market = row.market as usize;
        let bar = self.calendar.seen(market, row) - 1;
        let part = &mut self.parts[market];
        part.pass(bar);
        let close = part.begin(bar);
        if let Some(change) = part.wish(close, lots) {
            let is_allowed = !part.adds(change)
                || self.others(row).is_some_and(|others| self.parts[market].is_covered(close, change, &others));
            if is_allowed {
                self.parts[market].send(close, change);
            }
        }
        self.parts[market].finish(bar, close);
    }

    /// How the days ended that were over before an instant.
    fn until(&mut self, instant: usize) {
        while let Some(day) = self.days.get(self.marks.len()).filter(|day| day.over <= instant) {
            self.pass(day.over);
            let calendar = self.calendar;
            let filled = self.parts.iter().enumerate().filter(|(_, part)| part.filled > 0);
            let last = filled.map(|(market, part)| calendar.row(market, part.filled - 1)).max();
            let told = (day.told > 0).then(|| calendar.told(day.told - 1));
            let equity = match told.max(last) {
                Some(row) => self.sum(|market, part| part.equity(calendar.seen(market, row))),
                None => Some(self.cash),
            };
            self.overflow |= equity.is_none();
            self.marks.push(units(equity.unwrap_or(0)));
        }
    }

    fn pass(&mut self, instants: usize) {
        for (market, part) in self.parts.iter_mut().enumerate() {
            part.pass(self.calendar.bars(market, instants));
        }
    }

    fn sum(&self, of: impl Fn(usize, &Account) -> Option<i64>) -> Option<i64> {
        let mut parts = self.parts.iter().enumerate();
        parts.try_fold(0, |sum, (market, part)| add(sum, of(market, part)?))
    }

    /// What the others are worth to the market that asks at a row.
    fn others(&mut self, row: Row) -> Option<Others> {
        let mut others = Others::default();
        let (mut exposure, mut own) = (0.0, 0.0);
        let mut spending = Vec::new();
        for (market, part) in self.parts.iter_mut().enumerate() {
            let bars = self.calendar.seen(market, row);
            let is_own = market == row.market as usize;
            if !is_own {
                part.pass(bars);
            }
            let held = part.exposure(bars)?;
            exposure += held;
            if is_own {
                own = held;
                continue;
            }
            others.free = add(others.free, part.free()?)?;
            others.equity = add(others.equity, part.equity(bars)?)?;
            spending.extend(part.spending().map(|(bar, value)| (self.calendar.row(market, bar), value)));
        }
        // Doubles, added up in the order in which the graph does: what its own was is taken away again.
        others.exposure = (exposure - own) / 1e8;
        spending.sort_unstable_by_key(|(sent, _)| *sent);
        others.spent = spending.iter().map(|(_, value)| value).sum();
        Some(others)
    }
}

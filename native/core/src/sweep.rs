//! Thousands of parameter sets over the candles of one account: what each would have come to, as the event-driven graph says it.
//!
//! A kernel finds the bars at which a strategy asks for a position; `account` does with them what sizing, risk, venue and portfolio
//! of the graph do, and `together` where several instruments share it. Bars are gone through in blocks that stay in the cache, all
//! trials of a thread in each block, so that what they share (sums, channels, scores by window) is computed once. Trials know nothing of
//! each other: threads and chunks never show.

mod account;
mod breakout;
mod calendar;
mod money;
mod reversion;
mod series;
mod sma;
mod targets;
#[cfg(test)]
mod tests;
mod together;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub use breakout::Breakout;
pub use money::Scale;
pub use reversion::Reversion;
pub use series::{Needs, Prices, Series, least_step};
pub use sma::SmaCross;
pub use targets::Targets;

use account::Account;
use calendar::{Calendar, Day, days};
use together::Together;

/// Bars of a block: three columns of it lie in the first-level cache.
const BLOCK: usize = 2048;

/// Parts that the trials of a call are cut into, a thread.
const PARTS: usize = 4;

/// What every trial shares: an instrument, its venue and the account. Steps are exact fractions, as `operators/instrument.ts` makes them.
#[derive(Clone)]
pub struct Terms {
    /// Of the whole account at the start, 10⁻⁸.
    pub cash: i64,
    pub scale: Scale,
    /// Bought for cash rather than settled by profit and loss; it cannot be held short.
    pub spot: bool,
    pub tick_size: f64,
    pub tick_numerator: f64,
    pub tick_denominator: f64,
    pub lot_size: f64,
    pub lot_numerator: f64,
    pub lot_denominator: f64,
    pub contract_size: f64,
    pub min_notional: f64,
    /// The taker's rate as a fraction.
    pub fee_top: i64,
    pub fee_bottom: i64,
    /// 0: none.
    pub slippage_bps: f64,
    /// Shares of the entry price; NaN: none.
    pub stop: f64,
    pub target: f64,
    /// Fills at the next bar's open rather than at the close that gave the signal.
    pub next_open: bool,
}

/// Candles, and the terms on which they are traded.
pub struct Market {
    pub series: Series,
    pub terms: Terms,
}

/// Markets of one account, and when its equity is asked for.
pub struct Markets {
    of: Vec<Arc<Market>>,
    /// Of several; one needs none.
    calendar: Calendar,
    days: Vec<Day>,
}

impl Markets {
    /// In the order in which the graph sees bars of one instant. `opens` are the times at which bars opened, `ends` those at which
    /// equity is asked for; both rise; µs.
    pub fn new(of: Vec<Arc<Market>>, opens: &[&[f64]], interval: f64, ends: &[f64]) -> Self {
        let is_one = of.len() == 1;
        let calendar = Calendar::new(if is_one { &[] } else { opens });
        let days = days(if is_one { opens[0] } else { &calendar.times }, interval, ends);
        Self { of, calendar, days }
    }

    /// How many bars each has.
    pub fn bars(&self) -> Vec<usize> {
        self.of.iter().map(|market| market.series.len()).collect()
    }
}

/// What trials came to, in their order.
#[derive(Default)]
pub struct Results {
    /// At the last close, 10⁻⁸.
    pub equity: Vec<i64>,
    /// −1 for a trial whose money does not fit 64 bits.
    pub fills: Vec<i32>,
    pub trips: Vec<i32>,
    pub wins: Vec<i32>,
    pub fees: Vec<i64>,
    /// Equity when it was asked for, a trial after the other.
    pub days: Vec<f64>,
}

/// Who hears a strategy ask for a position of so many signed lots at the close of a bar. Bars come in order, none twice.
trait Asked {
    fn target(&mut self, bar: usize, lots: i64);
}

/// Trials of one strategy at work on a market, on a thread.
trait Kernel {
    /// The bars `from..to`, of all trials: what each asks for is heard by its own.
    fn block(&mut self, from: usize, to: usize, asked: &mut [impl Asked]);
}

/// The parameters of trials by strategy.
pub enum Trials {
    SmaCross(Vec<SmaCross>),
    Reversion(Vec<Reversion>),
    Breakout(Vec<Breakout>),
    Targets(Targets),
}

impl Trials {
    pub fn len(&self) -> usize {
        match self {
            Trials::SmaCross(trials) => trials.len(),
            Trials::Reversion(trials) => trials.len(),
            Trials::Breakout(trials) => trials.len(),
            Trials::Targets(targets) => targets.trials,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Runs trials on that many threads, 0 for one a core; the results hang on neither their number nor on which trials are run together.
///
/// # Panics
/// If a series lacks columns that the kernel needs: a bug in the caller.
pub fn run(markets: &Markets, trials: &Trials, threads: usize) -> Results {
    let count = trials.len();
    let cores = || thread::available_parallelism().map_or(1, |cores| cores.get());
    let threads = if threads == 0 { cores() } else { threads };
    // Smaller parts than there are threads: one that is kept waiting by others on its core holds up little.
    let each = count.div_ceil(threads * PARTS).max(1);
    let parts: Vec<Range<usize>> = (0..count).step_by(each).map(|from| from..(from + each).min(count)).collect();
    let work = |part: Range<usize>| match trials {
        Trials::SmaCross(all) => trade(markets, &part, |market, _| sma::Crossing::new(market, &all[part.clone()])),
        Trials::Reversion(all) => {
            trade(markets, &part, |market, _| reversion::Reverting::new(market, &all[part.clone()]))
        }
        Trials::Breakout(all) => trade(markets, &part, |market, _| breakout::Breaking::new(market, &all[part.clone()])),
        Trials::Targets(all) => trade(markets, &part, |market, at| targets::Following::new(market, at, all, &part)),
    };
    let next = AtomicUsize::new(0);
    let some = || -> Vec<(usize, Results)> {
        let places = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        places.take_while(|place| *place < parts.len()).map(|place| (place, work(parts[place].clone()))).collect()
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(parts.len())).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        done.extend(others.into_iter().flat_map(|other| other.join().expect("a trial that panicked is a bug")));
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    let mut all = Results::default();
    for (_, part) in done {
        all.equity.extend(part.equity);
        all.fills.extend(part.fills);
        all.trips.extend(part.trips);
        all.wins.extend(part.wins);
        all.fees.extend(part.fees);
        all.days.extend(part.days);
    }
    all
}

/// Some of the trials, with a kernel for each market.
fn trade<'a, K: Kernel>(
    markets: &'a Markets,
    trials: &Range<usize>,
    kernel: impl Fn(&'a Market, usize) -> K,
) -> Results {
    let Markets { of, calendar, days } = markets;
    let mut kernels: Vec<K> = of.iter().enumerate().map(|(at, market)| kernel(market, at)).collect();
    let mut results = Results::default();
    if let [market] = &of[..] {
        let mut accounts: Vec<_> = trials.clone().map(|_| Account::new(market, market.terms.cash, days)).collect();
        let bars = market.series.len();
        for from in (0..bars).step_by(BLOCK) {
            kernels[0].block(from, (from + BLOCK).min(bars), &mut accounts);
        }
        for mut account in accounts {
            account.end();
            let equity = account.equity(bars).filter(|_| !account.overflow);
            let marks = std::mem::take(&mut account.marks);
            results.push(equity, marks, std::slice::from_ref(&account));
        }
        return results;
    }
    let mut accounts: Vec<_> = trials.clone().map(|_| Together::new(of, calendar, days)).collect();
    let instants = calendar.times.len();
    for from in (0..instants).step_by(BLOCK) {
        let to = (from + BLOCK).min(instants);
        for (market, kernel) in kernels.iter_mut().enumerate() {
            accounts.iter_mut().for_each(|account| account.turn(market));
            let (first, last) = (calendar.bars(market, from), calendar.bars(market, to));
            // It may begin later, pause, or have no bar at all.
            if first < last {
                kernel.block(first, last, &mut accounts);
            }
        }
        accounts.iter_mut().for_each(Together::hear);
    }
    for mut account in accounts {
        let equity = account.end();
        results.push(equity, account.marks, &account.parts);
    }
    results
}

impl Results {
    /// A trial: its equity, none where its money did not fit, and the parts of its account.
    fn push(&mut self, equity: Option<i64>, mut marks: Vec<f64>, parts: &[Account]) {
        let sum = |of: fn(&Account) -> i32| parts.iter().map(of).sum();
        let fees = parts.iter().try_fold(0, |sum, part| money::add(sum, part.fees));
        let is_sound = equity.is_some() && fees.is_some();
        self.equity.push(equity.unwrap_or(0));
        self.fills.push(if is_sound { sum(|part| part.fills) } else { -1 });
        self.trips.push(sum(|part| part.trips));
        self.wins.push(sum(|part| part.wins));
        self.fees.push(fees.unwrap_or(0));
        self.days.append(&mut marks);
    }
}

/// The most whole lots within a size, with its sign: `lotsWithin` of `operators/sizing/rounding.ts`.
fn lots_within(terms: &Terms, size: f64) -> i64 {
    let wanted = size.abs();
    let size_of = |lots: f64| lots * terms.lot_numerator / terms.lot_denominator;
    let mut lots = (wanted / terms.lot_size).floor();
    if size_of(lots + 1.0) <= wanted {
        lots += 1.0;
    } else if size_of(lots) > wanted {
        lots -= 1.0;
    }
    if size < 0.0 { -(lots as i64) } else { lots as i64 }
}

//! Thousands of parameter sets over one series of candles: what each would have come to, as the event-driven graph says it.
//!
//! A kernel finds the bars at which a strategy asks for a position; `account` does with them what sizing, risk, venue and portfolio
//! of the graph do. Bars are gone through in blocks that stay in the cache, all trials of a thread in each block, so that what they
//! share (sums, channels, scores by window) is computed once. Trials know nothing of each other: threads and chunks never show.

mod account;
mod breakout;
mod money;
mod reversion;
mod series;
mod sma;
mod targets;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub use account::Account;
pub use breakout::Breakout;
pub use money::Scale;
pub use reversion::Reversion;
pub use series::{Needs, Prices, Series, least_step};
pub use sma::SmaCross;
pub use targets::Targets;

/// Bars of a block: three columns of it lie in the first-level cache.
const BLOCK: usize = 2048;

/// Parts that the trials of a call are cut into, a thread.
const PARTS: usize = 4;

/// What every trial of a sweep shares: instrument, venue and account. Steps are exact fractions, as `operators/instrument.ts` makes them.
#[derive(Clone)]
pub struct Terms {
    /// At the start, 10⁻⁸.
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
    /// Equity at mark at the end of each day of the series, a trial after the other; empty unless asked for.
    pub days: Vec<f64>,
}

/// Trials of one strategy at work on a thread.
trait Kernel<'a> {
    /// The bars `from..to`, of all trials.
    fn block(&mut self, from: usize, to: usize);
    /// Their accounts, in order.
    fn accounts(self) -> Vec<Account<'a>>;
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
            Trials::Targets(trials) => trials.count(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Runs trials on that many threads, 0 for one a core; the results hang on neither their number nor on which trials are run together.
///
/// # Panics
/// If the series lacks columns that the kernel needs: a bug in the caller.
pub fn run(series: &Series, terms: &Terms, trials: &Trials, threads: usize, with_days: bool) -> Results {
    let count = trials.len();
    let cores = || thread::available_parallelism().map_or(1, |cores| cores.get());
    let threads = if threads == 0 { cores() } else { threads };
    // Smaller parts than there are threads: one that is kept waiting by others on its core holds up little.
    let each = count.div_ceil(threads * PARTS).max(1);
    let parts: Vec<(usize, usize)> = (0..count).step_by(each).map(|from| (from, (from + each).min(count))).collect();
    let days: &[usize] = if with_days { &series.days } else { &[] };
    let work = |&(from, to): &(usize, usize)| {
        let accounts = (from..to).map(|_| Account::new(series, terms, days)).collect();
        match trials {
            Trials::SmaCross(all) => finish(sma::Crossing::new(series, &all[from..to], accounts), series),
            Trials::Reversion(all) => finish(reversion::Reverting::new(series, &all[from..to], accounts), series),
            Trials::Breakout(all) => finish(breakout::Breaking::new(series, &all[from..to], accounts), series),
            Trials::Targets(all) => finish(targets::Following::new(all, from, accounts), series),
        }
    };
    let next = AtomicUsize::new(0);
    let some = || -> Vec<(usize, Results)> {
        let places = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        places.take_while(|place| *place < parts.len()).map(|place| (place, work(&parts[place]))).collect()
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

fn finish<'a>(mut kernel: impl Kernel<'a>, series: &Series) -> Results {
    let bars = series.len();
    for from in (0..bars).step_by(BLOCK) {
        kernel.block(from, (from + BLOCK).min(bars));
    }
    let mut results = Results::default();
    for mut account in kernel.accounts() {
        account.end();
        results.equity.push(account.equity());
        results.fills.push(account.fills());
        results.trips.push(account.trips);
        results.wins.push(account.wins);
        results.fees.push(account.fees);
        results.days.append(&mut account.marks);
    }
    results
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

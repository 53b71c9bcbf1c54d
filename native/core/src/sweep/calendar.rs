//! When bars of several markets closed: the order in which the event-driven graph sees them, and when it tells of equity.

/// Rows of an account are at most one a minute, but for its fills; µs.
const MINUTE: f64 = 60_000_000.0;

/// A close: rows come in the order of instants, those of one instant in that of their markets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub instant: u32,
    pub market: u32,
}

/// The closes of several markets. Each has at most one at an instant.
pub struct Calendar {
    markets: usize,
    /// When the bars that close at an instant opened, µs: all bars are of one length.
    pub times: Vec<f64>,
    /// By market, of each bar.
    instants: Vec<Vec<u32>>,
    /// By instant and market, how many bars have closed: up to and with that instant.
    closed: Vec<u32>,
}

impl Calendar {
    /// Of the times at which bars opened, µs, rising in each market.
    pub fn new(opens: &[&[f64]]) -> Self {
        let markets = opens.len();
        let mut next = vec![0; markets];
        let mut calendar = Self {
            markets,
            times: Vec::new(),
            instants: opens.iter().map(|times| Vec::with_capacity(times.len())).collect(),
            closed: Vec::new(),
        };
        loop {
            let waiting = opens.iter().zip(&next).filter_map(|(times, next)| times.get(*next));
            let Some(time) = waiting.copied().reduce(f64::min) else { return calendar };
            for market in 0..markets {
                if opens[market].get(next[market]) == Some(&time) {
                    calendar.instants[market].push(calendar.times.len() as u32);
                    next[market] += 1;
                }
                calendar.closed.push(next[market] as u32);
            }
            calendar.times.push(time);
        }
    }

    pub fn row(&self, market: usize, bar: usize) -> Row {
        Row { instant: self.instants[market][bar], market: market as u32 }
    }

    /// Bars of a market that closed in so many instants.
    pub fn bars(&self, market: usize, instants: usize) -> usize {
        if instants == 0 { 0 } else { self.closed[(instants - 1) * self.markets + market] as usize }
    }

    /// Bars of a market that closed up to and with a row.
    pub fn seen(&self, market: usize, row: Row) -> usize {
        self.bars(market, row.instant as usize + usize::from(market <= row.market as usize))
    }

    /// The first row of an instant, or the last that there is where the instant is the last.
    pub fn told(&self, instant: usize) -> Row {
        let is_last = instant + 1 == self.times.len();
        let closes = |market: &usize| self.bars(*market, instant + 1) > self.bars(*market, instant);
        let market = if is_last { None } else { (0..self.markets).find(closes) };
        Row { instant: instant as u32, market: market.unwrap_or(self.markets - 1) as u32 }
    }
}

/// A time at which equity is asked for, in instants; of one market these are its bars.
pub struct Day {
    /// Those that were over then.
    pub over: usize,
    /// Those up to and with the last whose first row told of the account; 0: none did. Only fills tell more, and the end tells all.
    pub told: usize,
}

/// Of the times at which bars opened, and ends that rise, µs.
pub fn days(opens: &[f64], interval: f64, ends: &[f64]) -> Vec<Day> {
    let minute = |open: f64| ((open + interval) / MINUTE).floor();
    let day = |end: &f64| {
        let over = opens.partition_point(|open| open + interval <= *end);
        if over == 0 || over == opens.len() {
            return Day { over, told: over };
        }
        let last = minute(opens[over - 1]);
        let first = opens.partition_point(|open| minute(*open) < last);
        // The minute that a run begins in has no row, unless it begins with it.
        let is_told = first > 0 || (opens[0] + interval) % MINUTE == 0.0;
        Day { over, told: if is_told { first + 1 } else { 0 } }
    };
    ends.iter().map(day).collect()
}

//! `operators/strategies/momentum-breakout.ts`: channels by window, once for all trials of that window, and the state of each trial.

use std::collections::VecDeque;

use super::{Account, BLOCK, Kernel, Series};

#[derive(Clone, Copy)]
pub struct Breakout {
    pub bars: usize,
    pub beyond: f64,
    /// 0: any volume.
    pub volume_factor: f64,
    pub exit_bars: usize,
    /// 0: none.
    pub trail: f64,
    pub size: f64,
    pub short: bool,
}

struct Trial<'a> {
    of: Breakout,
    long: i64,
    short: i64,
    /// 1 long, −1 short, 0 neither.
    side: i8,
    /// Best price since it entered.
    best: f64,
    account: Account<'a>,
}

pub struct Breaking<'a> {
    series: &'a Series,
    /// By window, ascending.
    channels: Vec<Channel>,
    /// With the places of its channels, for entries and for exits.
    trials: Vec<(usize, usize, Trial<'a>)>,
}

impl<'a> Breaking<'a> {
    pub fn new(series: &'a Series, trials: &[Breakout], accounts: Vec<Account<'a>>) -> Self {
        let mut windows: Vec<usize> = trials.iter().flat_map(|trial| [trial.bars, trial.exit_bars]).collect();
        windows.sort_unstable();
        windows.dedup();
        let place = |bars: usize| windows.binary_search(&bars).expect("one of the windows");
        let trials = trials.iter().zip(accounts).map(|(&of, account)| {
            let (long, short) = (account.lots_of(of.size), account.lots_of(-of.size));
            let trial = Trial { of, long, short, side: 0, best: 0.0, account };
            (place(of.bars), place(of.exit_bars), trial)
        });
        let trials = trials.collect();
        Self { series, channels: windows.into_iter().map(Channel::new).collect(), trials }
    }
}

impl<'a> Kernel<'a> for Breaking<'a> {
    fn block(&mut self, from: usize, to: usize) {
        let stored = &self.series.stored;
        let (highs, lows, closes) = (&stored.high[from..to], &stored.low[from..to], &stored.close[from..to]);
        let ratios = &stored.volume_ratio[from..to];
        for channel in &mut self.channels {
            channel.step(&stored.high, &stored.low, from, to);
        }
        for (enter, exit, trial) in &mut self.trials {
            let (enter, exit) = (&self.channels[*enter], &self.channels[*exit]);
            let mut bar = 0;
            while bar < closes.len() {
                if trial.side == 0 {
                    match trial.next(&closes[bar..], &ratios[bar..], &enter.highs[bar..], &enter.lows[bar..]) {
                        Some(after) => bar += after,
                        None => break,
                    }
                }
                let seen = Seen { high: highs[bar], low: lows[bar], close: closes[bar], ratio: ratios[bar] };
                trial.step(from + bar, &seen, enter.at(bar), exit.at(bar));
                bar += 1;
            }
        }
    }

    fn accounts(self) -> Vec<Account<'a>> {
        self.trials.into_iter().map(|(_, _, trial)| trial.account).collect()
    }
}

struct Seen {
    high: f64,
    low: f64,
    close: f64,
    ratio: f64,
}

impl Trial<'_> {
    #[inline]
    fn step(&mut self, bar: usize, seen: &Seen, enter: (f64, f64), exit: (f64, f64)) {
        let was = self.side;
        if was != 0 {
            self.leave(seen, exit);
        }
        if self.side == 0 {
            // A bar that ended a position may turn it over, but not begin it again.
            let broken = self.breakout(seen, enter);
            if broken != 0 && broken != was {
                self.side = broken;
                self.best = seen.close;
            }
        }
        if self.side != was {
            let lots = if self.side == 0 {
                0
            } else if self.side > 0 {
                self.long
            } else {
                self.short
            };
            self.account.target(bar, lots);
        }
    }

    /// The first bar of some that may be a breakout; nothing comes of those before it while nothing is held.
    fn next(&self, closes: &[f64], ratios: &[f64], highs: &[f64], lows: &[f64]) -> Option<usize> {
        let Breakout { volume_factor, beyond, .. } = self.of;
        let (up, down) = (1.0 + beyond, 1.0 - beyond);
        let is_any = volume_factor <= 0.0;
        closes.iter().zip(ratios).zip(highs.iter().zip(lows)).position(|((close, ratio), (high, low))| {
            // Without a branch each: which of them holds cannot be foretold.
            (is_any | (*ratio >= volume_factor)) & ((*close >= high * up) | (*close <= low * down))
        })
    }

    fn leave(&mut self, &Seen { high, low, close, .. }: &Seen, exit: (f64, f64)) {
        let trail = self.of.trail;
        let is_long = self.side > 0;
        self.best = if is_long { self.best.max(high) } else { self.best.min(low) };
        let is_out = if is_long { close < exit.1 } else { close > exit.0 };
        let is_trailed = trail > 0.0
            && (if is_long { close <= self.best * (1.0 - trail) } else { close >= self.best * (1.0 + trail) });
        if is_out || is_trailed {
            self.side = 0;
        }
    }

    fn breakout(&self, &Seen { close, ratio, .. }: &Seen, (high, low): (f64, f64)) -> i8 {
        let Breakout { volume_factor, beyond, short, .. } = self.of;
        // A ratio that is not known yet is NaN.
        let is_loud = volume_factor <= 0.0 || ratio >= volume_factor;
        if !is_loud {
            0
        } else if close >= high * (1.0 + beyond) {
            1
        } else if short && close <= low * (1.0 - beyond) {
            -1
        } else {
            0
        }
    }
}

/// Highest high and lowest low of so many bars before each bar of a block; what no close is beyond while there are fewer.
struct Channel {
    bars: usize,
    /// Bars that may still be the highest, or the lowest, each with the ones behind it that are worse.
    rising: VecDeque<usize>,
    falling: VecDeque<usize>,
    highs: Vec<f64>,
    lows: Vec<f64>,
}

impl Channel {
    fn new(bars: usize) -> Self {
        let empty = || Vec::with_capacity(BLOCK);
        Self { bars, rising: VecDeque::new(), falling: VecDeque::new(), highs: empty(), lows: empty() }
    }

    fn at(&self, bar: usize) -> (f64, f64) {
        (self.highs[bar], self.lows[bar])
    }

    fn step(&mut self, high: &[f64], low: &[f64], from: usize, to: usize) {
        self.highs.clear();
        self.lows.clear();
        for bar in from..to {
            let oldest = bar.saturating_sub(self.bars);
            while self.rising.front().is_some_and(|first| *first < oldest) {
                self.rising.pop_front();
            }
            while self.falling.front().is_some_and(|first| *first < oldest) {
                self.falling.pop_front();
            }
            let is_known = bar >= self.bars;
            self.highs.push(if is_known { high[self.rising[0]] } else { f64::INFINITY });
            self.lows.push(if is_known { low[self.falling[0]] } else { f64::NEG_INFINITY });
            while self.rising.back().is_some_and(|last| high[*last] <= high[bar]) {
                self.rising.pop_back();
            }
            self.rising.push_back(bar);
            while self.falling.back().is_some_and(|last| low[*last] >= low[bar]) {
                self.falling.pop_back();
            }
            self.falling.push_back(bar);
        }
    }
}

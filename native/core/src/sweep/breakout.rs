//! `operators/strategies/momentum-breakout.ts`: channels by window, once for all trials of that window, and the state of each trial.

use super::{Asked, BLOCK, Kernel, Market, Series, lots_within};

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

struct Trial {
    of: Breakout,
    long: i64,
    short: i64,
    /// 1 long, −1 short, 0 neither.
    side: i8,
    /// Best price since it entered.
    best: f64,
}

pub struct Breaking<'a> {
    series: &'a Series,
    highs: Levels,
    lows: Levels,
    /// By window, ascending.
    channels: Vec<Channel>,
    /// With the places of its channels, for entries and for exits.
    trials: Vec<(usize, usize, Trial)>,
}

impl<'a> Breaking<'a> {
    pub fn new(Market { series, terms }: &'a Market, trials: &[Breakout]) -> Self {
        let mut windows: Vec<usize> = trials.iter().flat_map(|trial| [trial.bars, trial.exit_bars]).collect();
        windows.sort_unstable();
        windows.dedup();
        let place = |bars: usize| windows.binary_search(&bars).expect("one of the windows");
        let trials = trials.iter().map(|&of| {
            let (long, short) = (lots_within(terms, of.size), lots_within(terms, -of.size));
            let trial = Trial { of, long, short, side: 0, best: 0.0 };
            (place(of.bars), place(of.exit_bars), trial)
        });
        let trials = trials.collect();
        let channels = windows.into_iter().map(Channel::new).collect();
        Self { series, highs: Levels::default(), lows: Levels::default(), channels, trials }
    }
}

impl Kernel for Breaking<'_> {
    fn block(&mut self, from: usize, to: usize, asked: &mut [impl Asked]) {
        let stored = &self.series.stored;
        let (highs, lows, closes) = (&stored.high[from..to], &stored.low[from..to], &stored.close[from..to]);
        let ratios = &stored.volume_ratio[from..to];
        let longest = self.channels.last().map_or(1, |channel| channel.bars);
        let stretch = (from.saturating_sub(longest), to);
        self.highs.fill(&stored.high, stretch, longest, higher);
        self.lows.fill(&stored.low, stretch, longest, lower);
        for Channel { bars, highs, lows } in &mut self.channels {
            self.highs.window(*bars, (from, to), f64::INFINITY, higher, highs);
            self.lows.window(*bars, (from, to), f64::NEG_INFINITY, lower, lows);
        }
        for ((enter, exit, trial), asked) in self.trials.iter_mut().zip(asked) {
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
                if let Some(lots) = trial.step(&seen, enter.at(bar), exit.at(bar)) {
                    asked.target(from + bar, lots);
                }
                bar += 1;
            }
        }
    }
}

struct Seen {
    high: f64,
    low: f64,
    close: f64,
    ratio: f64,
}

impl Trial {
    /// The position that it asks for, signed lots.
    #[inline]
    fn step(&mut self, seen: &Seen, enter: (f64, f64), exit: (f64, f64)) -> Option<i64> {
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
        let lots = if self.side == 0 {
            0
        } else if self.side > 0 {
            self.long
        } else {
            self.short
        };
        (self.side != was).then_some(lots)
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
    highs: Vec<f64>,
    lows: Vec<f64>,
}

impl Channel {
    fn new(bars: usize) -> Self {
        Self { bars, highs: Vec::with_capacity(BLOCK), lows: Vec::with_capacity(BLOCK) }
    }

    fn at(&self, bar: usize) -> (f64, f64) {
        (self.highs[bar], self.lows[bar])
    }
}

/// The best of 1, 2, 4, … values from each place of a stretch on: any window is two of these, which may overlap.
#[derive(Default)]
struct Levels {
    /// Where the stretch begins.
    from: usize,
    of: Vec<Vec<f64>>,
}

impl Levels {
    /// Of the values from `from` to before `to`, for windows of up to `longest`.
    fn fill(&mut self, column: &[f64], (from, to): (usize, usize), longest: usize, best: impl Fn(f64, f64) -> f64) {
        self.from = from;
        self.of.resize_with(longest.ilog2() as usize + 1, Vec::new);
        self.of[0].clear();
        self.of[0].extend_from_slice(&column[from..to]);
        for level in 1..self.of.len() {
            let (shorter, rest) = self.of.split_at_mut(level);
            let shorter = &shorter[level - 1];
            let later = shorter.get(1 << (level - 1)..).unwrap_or(&[]);
            rest[0].clear();
            rest[0].extend(shorter.iter().zip(later).map(|(a, b)| best(*a, *b)));
        }
    }

    /// The best of the `bars` values before each bar of `from..to`; `unknown` where there are fewer.
    fn window(
        &self,
        bars: usize,
        (from, to): (usize, usize),
        unknown: f64,
        best: impl Fn(f64, f64) -> f64,
        out: &mut Vec<f64>,
    ) {
        let level = bars.ilog2() as usize;
        let first = from.max(bars).min(to);
        out.clear();
        out.resize(first - from, unknown);
        if first == to {
            return;
        }
        let start = first - bars - self.from;
        let early = &self.of[level][start..start + (to - first)];
        let start = start + bars - (1 << level);
        let late = &self.of[level][start..start + (to - first)];
        out.extend(early.iter().zip(late).map(|(a, b)| best(*a, *b)));
    }
}

fn higher(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

fn lower(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

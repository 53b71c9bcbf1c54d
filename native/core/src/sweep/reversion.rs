//! `operators/strategies/mean-reversion.ts`: scores by window, once for all trials of that window, and the state of each trial.

use super::{Asked, BLOCK, Kernel, Market, Series, lots_within};

#[derive(Clone, Copy)]
pub struct Reversion {
    pub bars: usize,
    pub entry: f64,
    pub edge: f64,
    pub exit: f64,
    /// 0: none, as the one below.
    pub stop: f64,
    pub max_bars: f64,
    pub size: f64,
    pub short: bool,
}

struct Trial {
    of: Reversion,
    long: i64,
    short: i64,
    /// 1 long, −1 short, 0 neither.
    side: f64,
    /// Close that it entered on, ticks.
    entered: f64,
    held: f64,
    /// The side that must not be entered before the close was back at the mean; 0 none.
    spent: f64,
}

pub struct Reverting<'a> {
    series: &'a Series,
    /// By window, ascending.
    scores: Vec<Scores>,
    /// With the place of its window.
    trials: Vec<(usize, Trial)>,
}

impl<'a> Reverting<'a> {
    pub fn new(Market { series, terms }: &'a Market, trials: &[Reversion]) -> Self {
        let mut windows: Vec<usize> = trials.iter().map(|trial| trial.bars).collect();
        windows.sort_unstable();
        windows.dedup();
        let trials = trials.iter().map(|&of| {
            let place = windows.binary_search(&of.bars).expect("one of the windows");
            let (long, short) = (lots_within(terms, of.size), lots_within(terms, -of.size));
            (place, Trial { of, long, short, side: 0.0, entered: 0.0, held: 0.0, spent: 0.0 })
        });
        let trials = trials.collect();
        Self { series, scores: windows.into_iter().map(Scores::new).collect(), trials }
    }
}

impl Kernel for Reverting<'_> {
    fn block(&mut self, from: usize, to: usize, asked: &mut [impl Asked]) {
        let close = &self.series.closes[from..to];
        for scores in &mut self.scores {
            scores.step(close);
        }
        for ((place, trial), asked) in self.trials.iter_mut().zip(asked) {
            let Scores { means, scores, bars, .. } = &self.scores[*place];
            let mut bar = (bars - 1).saturating_sub(from).min(close.len());
            while bar < close.len() {
                if trial.side == 0.0 && trial.spent == 0.0 {
                    // Nothing comes of a bar that is not far enough away.
                    let entry = trial.of.entry;
                    match scores[bar..].iter().position(|score| score.abs() >= entry) {
                        Some(after) => bar += after,
                        None => break,
                    }
                }
                if let Some(lots) = trial.step(close[bar], means[bar], scores[bar]) {
                    asked.target(from + bar, lots);
                }
                bar += 1;
            }
        }
    }
}

impl Trial {
    /// The position that it asks for, signed lots.
    #[inline]
    fn step(&mut self, ticks: f64, mean: f64, score: f64) -> Option<i64> {
        let was = self.side;
        self.leave(ticks, score);
        if self.side == 0.0 {
            self.enter(ticks, mean, score);
        }
        let lots = if self.side == 0.0 {
            0
        } else if self.side > 0.0 {
            self.long
        } else {
            self.short
        };
        (self.side != was).then_some(lots)
    }

    fn leave(&mut self, ticks: f64, score: f64) {
        let Reversion { exit, stop, max_bars, .. } = self.of;
        if self.spent * score >= -exit {
            self.spent = 0.0;
        }
        if self.side == 0.0 {
            return;
        }
        self.held += 1.0;
        let is_back = self.side * score >= -exit;
        let is_lost = stop > 0.0 && self.side * (ticks - self.entered) <= -stop * self.entered;
        let is_late = max_bars > 0.0 && self.held >= max_bars;
        if !is_back && !is_lost && !is_late {
            return;
        }
        if !is_back {
            self.spent = self.side;
        }
        self.side = 0.0;
    }

    fn enter(&mut self, ticks: f64, mean: f64, score: f64) {
        let Reversion { entry, edge, short, .. } = self.of;
        if score.abs() < entry || (ticks - mean).abs() < edge * mean {
            return;
        }
        let side = if score < 0.0 { 1.0 } else { -1.0 };
        if side == self.spent || (side < 0.0 && !short) {
            return;
        }
        self.side = side;
        self.entered = ticks;
        self.held = 0.0;
    }
}

/// Bars at once, a lane each.
const LANES: usize = 8;

/// Mean and score of the last closes, at each bar of a block.
///
/// The strategy keeps its closes in a ring and adds their squares in the ring's order; so does this, for eight bars at once: every
/// place of the ring has a lane a bar, which differ only where one of the eight came in.
struct Scores {
    bars: usize,
    /// Closes so far.
    count: usize,
    ring: Vec<[f64; LANES]>,
    sum: f64,
    squares: Squares,
    means: Vec<f64>,
    scores: Vec<f64>,
}

impl Scores {
    fn new(bars: usize) -> Self {
        let empty = || Vec::with_capacity(BLOCK);
        let ring = vec![[0.0; LANES]; bars];
        Self { bars, count: 0, ring, sum: 0.0, squares: squares(), means: empty(), scores: empty() }
    }

    fn step(&mut self, close: &[f64]) {
        self.means.clear();
        self.scores.clear();
        let width = if self.bars < LANES { 1 } else { LANES };
        for some in close.chunks(width) {
            self.group(some);
        }
    }

    /// So many closes that none of them takes another's place.
    fn group(&mut self, closes: &[f64]) {
        let Self { bars, ring, .. } = self;
        let bars = *bars;
        let first = self.count % bars;
        let mut means = [0.0; LANES];
        for (lane, &close) in closes.iter().enumerate() {
            let slot = &mut ring[(first + lane) % bars];
            self.sum += close - slot[LANES - 1];
            slot[lane..].fill(close);
            // Whole numbers: as exact as a sum from the beginning.
            means[lane] = self.sum / bars as f64;
        }
        let squares = (self.squares)(ring, &means);
        for (lane, &close) in closes.iter().enumerate() {
            let slot = &mut ring[(first + lane) % bars];
            *slot = [close; LANES];
            let deviation = (squares[lane] / bars as f64).sqrt();
            self.means.push(means[lane]);
            self.scores.push(if deviation > 0.0 { (close - means[lane]) / deviation } else { 0.0 });
        }
        self.count += closes.len();
    }
}

/// The squared distances of a ring's values from the mean of each lane, added in the ring's order.
type Squares = fn(&[[f64; LANES]], &[f64; LANES]) -> [f64; LANES];

fn squares() -> Squares {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has it.
        return |ring, means| unsafe { squares_wide(ring, means) };
    }
    squares_of
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn squares_wide(ring: &[[f64; LANES]], means: &[f64; LANES]) -> [f64; LANES] {
    squares_of(ring, means)
}

/// Lanes side by side, and nothing fused: the same bits however many of them a processor takes at once.
#[inline(always)]
fn squares_of(ring: &[[f64; LANES]], means: &[f64; LANES]) -> [f64; LANES] {
    let mut squares = [0.0; LANES];
    for slot in ring {
        for lane in 0..LANES {
            squares[lane] += (slot[lane] - means[lane]) * (slot[lane] - means[lane]);
        }
    }
    squares
}

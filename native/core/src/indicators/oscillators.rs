//! Where the price stands in its recent range, and how fast it moves.

use super::averages::Sma;
use super::window::{Extremes, Window, best_of};
use super::{Bar, NOTHING};

/// Wilder's relative strength index, 0 … 100; 0 when the price does not move at all. State: bars seen, the price before,
/// average gain, average loss.
#[derive(Clone, Copy, Debug)]
pub struct Rsi {
    period: f64,
    weight: f64,
}

impl Rsi {
    pub const fn new(period: usize) -> Self {
        Self { period: period as f64, weight: 1.0 / period as f64 }
    }

    pub const fn state_len(&self) -> usize {
        4
    }

    pub fn update(&self, state: &mut [f64], value: f64) -> f64 {
        let change = value - state[1];
        state[1] = value;
        let (gain, loss) = if change < 0.0 { (0.0, -change) } else { (change, 0.0) };
        if state[0] > self.period {
            state[2] += (gain - state[2]) * self.weight;
            state[3] += (loss - state[3]) * self.weight;
        } else {
            state[0] += 1.0;
            if state[0] == 1.0 {
                return f64::NAN;
            }
            state[2] += gain;
            state[3] += loss;
            if state[0] <= self.period {
                return f64::NAN;
            }
            state[2] /= self.period;
            state[3] /= self.period;
        }
        let total = state[2] + state[3];
        if total < NOTHING { 0.0 } else { 100.0 * (state[2] / total) }
    }
}

/// Rate of change over `period` values, in percent; 0 when the value then was 0.
#[derive(Clone, Copy, Debug)]
pub struct Roc {
    window: Window,
}

impl Roc {
    pub const fn new(period: usize) -> Self {
        Self { window: Window::new(period) }
    }

    pub const fn state_len(&self) -> usize {
        self.window.state_len()
    }

    pub fn update(&self, state: &mut [f64], value: f64) -> f64 {
        let was_full = self.window.is_full(state);
        let then = self.window.push(state, value);
        match (was_full, then == 0.0) {
            (false, _) => f64::NAN,
            (true, true) => 0.0,
            (true, false) => (value / then - 1.0) * 100.0,
        }
    }
}

/// Slow stochastic: the close in the range of the last `fast_k` bars, in percent, smoothed by a simple average of `slow_k`
/// (slowk), and that by one of `slow_d` (slowd). A range of nothing counts as 0.
#[derive(Clone, Copy, Debug)]
pub struct Stoch {
    range: Extremes,
    slow_k: Sma,
    slow_d: Sma,
}

impl Stoch {
    pub const fn new(fast_k: usize, slow_k: usize, slow_d: usize) -> Self {
        Self { range: Extremes::new(fast_k), slow_k: Sma::new(slow_k), slow_d: Sma::new(slow_d) }
    }

    pub const fn state_len(&self) -> usize {
        self.range.state_len() + self.slow_k.state_len() + self.slow_d.state_len()
    }

    /// `[slowk, slowd]`; both begin at the same bar.
    pub fn update(&self, state: &mut [f64], high: f64, low: f64, close: f64) -> [f64; 2] {
        let (range, averages) = state.split_at_mut(self.range.state_len());
        let (k, d) = averages.split_at_mut(self.slow_k.state_len());
        let (highest, lowest) = self.range.update(range, high, low);
        if highest.is_nan() {
            return [f64::NAN; 2];
        }
        let percent = (highest - lowest) / 100.0;
        let slow_k = self.slow_k.update(k, if percent == 0.0 { 0.0 } else { (close - lowest) / percent });
        if slow_k.is_nan() {
            return [f64::NAN; 2];
        }
        let slow_d = self.slow_d.update(d, slow_k);
        if slow_d.is_nan() { [f64::NAN; 2] } else { [slow_k, slow_d] }
    }
}

/// Williams %R, −100 … 0: how far the close lies below the highest high of the last bars; 0 in a range of nothing.
#[derive(Clone, Copy, Debug)]
pub struct Willr {
    range: Extremes,
}

impl Willr {
    pub const fn new(period: usize) -> Self {
        Self { range: Extremes::new(period) }
    }

    pub const fn state_len(&self) -> usize {
        self.range.state_len()
    }

    pub fn update(&self, state: &mut [f64], high: f64, low: f64, close: f64) -> f64 {
        let (highest, lowest) = self.range.update(state, high, low);
        let percent = (highest - lowest) / -100.0;
        if percent == 0.0 { 0.0 } else { (highest - close) / percent }
    }
}

/// Commodity channel index: the typical price against its average, in units of 0.015 mean deviations; 0 in a flat window.
/// State: how many typical prices in a row were equal, the last one, and the window.
#[derive(Clone, Copy, Debug)]
pub struct Cci {
    window: Window,
    period: f64,
}

impl Cci {
    pub const fn new(period: usize) -> Self {
        Self { window: Window::new(period), period: period as f64 }
    }

    pub const fn state_len(&self) -> usize {
        2 + self.window.state_len()
    }

    pub fn update(&self, state: &mut [f64], bar: &Bar) -> f64 {
        let (head, window) = state.split_at_mut(2);
        let typical = bar.typical();
        self.window.push(window, typical);
        head[0] = if typical == head[1] { head[0] + 1.0 } else { 1.0 };
        head[1] = typical;
        if !self.window.is_full(window) {
            return f64::NAN;
        }
        let average = self.window.sum(window) / self.period;
        let deviations = distances(self.window.values(window), average);
        let distance = typical - average;
        if head[0] >= self.period || distance.abs() < NOTHING || deviations < NOTHING {
            return 0.0;
        }
        distance / (0.015 * (deviations / self.period))
    }
}

/// Sum of |value − centre|, in four lanes: the order of additions is fixed here, not by the compiler.
fn distances(values: &[f64], centre: f64) -> f64 {
    let mut lanes = [0.0; 4];
    let chunks = values.chunks_exact(4);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += (value - centre).abs();
        }
    }
    let whole = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    whole + rest.iter().map(|value| (value - centre).abs()).sum::<f64>()
}

/// Aroon: how lately the lowest low and the highest high of `period` + 1 bars were, 100 for the newest bar, 0 for the oldest;
/// of equal ones the latest. State: bars seen, where the next goes, age of the highest and of the lowest, the highs, the lows.
#[derive(Clone, Copy, Debug)]
pub struct Aroon {
    period: usize,
}

impl Aroon {
    pub const fn new(period: usize) -> Self {
        Self { period }
    }

    pub const fn state_len(&self) -> usize {
        4 + 2 * (self.period + 1)
    }

    /// `[down, up]`.
    pub fn update(&self, state: &mut [f64], high: f64, low: f64) -> [f64; 2] {
        let bars = self.period + 1;
        let (head, rings) = state.split_at_mut(4);
        let (highs, lows) = rings.split_at_mut(bars);
        let at = head[1] as u32 as usize;
        head[1] = if at + 1 == bars { 0.0 } else { head[1] + 1.0 };
        (highs[at], lows[at]) = (high, low);
        if head[0] < bars as f64 {
            head[0] += 1.0;
            if head[0] < bars as f64 {
                return [f64::NAN; 2];
            }
            // Both count as lost, so that they are looked for below.
            (head[2], head[3]) = (bars as f64, bars as f64);
        } else {
            head[2] += 1.0;
            head[3] += 1.0;
        }
        head[2] = age(highs, at, head[2], |new, best| new > best);
        head[3] = age(&lows[..bars], at, head[3], |new, best| new < best);
        let (n, factor) = (self.period as f64, 100.0 / self.period as f64);
        [factor * (n - head[3]), factor * (n - head[2])]
    }
}

/// Bars since the extreme of a ring whose newest value stands at `at`, where it was `age` bars ago until this one came.
fn age(ring: &[f64], at: usize, age: f64, beats: impl Fn(f64, f64) -> bool) -> f64 {
    let bars = ring.len();
    if age < bars as f64 {
        let back = age as u32 as usize;
        let extreme = ring[if back <= at { at - back } else { at + bars - back }];
        return if beats(ring[at], extreme) || ring[at] == extreme { 0.0 } else { age };
    }
    let extreme = best_of(ring, beats);
    let (newer, older) = ring.split_at(at + 1);
    let is_it = |value: &f64| *value == extreme;
    let back = newer.iter().rev().position(is_it).or_else(|| Some(at + 1 + older.iter().rev().position(is_it)?));
    back.expect("the extreme of a ring is in it") as f64
}

//! How far prices spread.

use super::Bar;
use super::window::Spread;

/// Population standard deviation of the last `period` values, times `deviations`.
#[derive(Clone, Copy, Debug)]
pub struct Stddev {
    spread: Spread,
    deviations: f64,
}

impl Stddev {
    pub const fn new(period: usize, deviations: f64) -> Self {
        Self { spread: Spread::new(period), deviations }
    }

    pub const fn state_len(&self) -> usize {
        self.spread.state_len()
    }

    pub fn update(&self, state: &mut [f64], value: f64) -> f64 {
        self.spread.update(state, value).1.sqrt() * self.deviations
    }
}

/// Bollinger bands: the simple average of the last `period` values, and lines so many population standard deviations above
/// and below it.
#[derive(Clone, Copy, Debug)]
pub struct Bbands {
    spread: Spread,
    up: f64,
    down: f64,
}

impl Bbands {
    pub const fn new(period: usize, up: f64, down: f64) -> Self {
        Self { spread: Spread::new(period), up, down }
    }

    pub const fn state_len(&self) -> usize {
        self.spread.state_len()
    }

    /// `[upper, middle, lower]`.
    pub fn update(&self, state: &mut [f64], value: f64) -> [f64; 3] {
        let (mean, variance) = self.spread.update(state, value);
        let deviation = variance.sqrt();
        [mean + self.up * deviation, mean, mean - self.down * deviation]
    }
}

/// Wilder's average true range; it begins as the mean of the first `period` true ranges. State: bars seen, the close before,
/// the sum of those, then the average.
#[derive(Clone, Copy, Debug)]
pub struct Atr {
    period: f64,
    weight: f64,
}

impl Atr {
    pub const fn new(period: usize) -> Self {
        Self { period: period as f64, weight: 1.0 / period as f64 }
    }

    pub const fn state_len(&self) -> usize {
        3
    }

    pub fn update(&self, state: &mut [f64], bar: &Bar) -> f64 {
        let range = bar.true_range(state[1]);
        state[1] = bar.close;
        if state[0] > self.period {
            state[2] += (range - state[2]) * self.weight;
            return state[2];
        }
        state[0] += 1.0;
        if state[0] == 1.0 {
            return f64::NAN;
        }
        state[2] += range;
        if state[0] <= self.period {
            return f64::NAN;
        }
        state[2] /= self.period;
        state[2]
    }
}

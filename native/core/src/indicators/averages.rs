//! Moving averages, and the difference of two of them.

use super::window::Window;

/// Simple moving average: the mean of the last `period` values.
#[derive(Clone, Copy, Debug)]
pub struct Sma {
    window: Window,
    period: f64,
}

impl Sma {
    pub const fn new(period: usize) -> Self {
        Self { window: Window::new(period), period: period as f64 }
    }

    pub const fn state_len(&self) -> usize {
        self.window.state_len()
    }

    pub fn update(&self, state: &mut [f64], value: f64) -> f64 {
        self.window.push(state, value);
        if self.window.is_full(state) { self.window.sum(state) / self.period } else { f64::NAN }
    }
}

/// Exponential moving average with the weight 2 / (period + 1) for the newest value; it begins as the mean of the first
/// `period` values. State: how many of those were seen; their sum, then the average.
#[derive(Clone, Copy, Debug)]
pub struct Ema {
    period: f64,
    weight: f64,
}

impl Ema {
    pub const fn new(period: usize) -> Self {
        Self { period: period as f64, weight: 2.0 / (period as f64 + 1.0) }
    }

    pub const fn state_len(&self) -> usize {
        2
    }

    pub fn update(&self, state: &mut [f64], value: f64) -> f64 {
        if state[0] == self.period {
            state[1] += (value - state[1]) * self.weight;
            return state[1];
        }
        state[0] += 1.0;
        state[1] += value;
        if state[0] < self.period {
            return f64::NAN;
        }
        state[1] /= self.period;
        state[1]
    }
}

/// Linearly weighted moving average: weights 1 … `period`, the newest has the most. State: the weighted sum, and the window.
#[derive(Clone, Copy, Debug)]
pub struct Wma {
    window: Window,
    period: usize,
}

impl Wma {
    pub const fn new(period: usize) -> Self {
        Self { window: Window::new(period), period }
    }

    pub const fn state_len(&self) -> usize {
        1 + self.window.state_len()
    }

    pub fn update(&self, state: &mut [f64], value: f64) -> f64 {
        let n = self.period as f64;
        let (weighted, window) = state.split_at_mut(1);
        let (was_full, sum) = (self.window.is_full(window), self.window.sum(window));
        self.window.push(window, value);
        if was_full {
            // Each of the old values weighs one less, the oldest nothing.
            weighted[0] += n * value - sum;
        } else {
            weighted[0] += window[0] * value;
        }
        if was_full && window[1] == 0.0 {
            // The window has turned over, so its values stand in order: take the sum anew.
            weighted[0] = self.window.values(window).iter().zip(1..).map(|(v, weight)| v * f64::from(weight)).sum();
        }
        if self.window.is_full(window) { weighted[0] / (n * (n + 1.0) / 2.0) } else { f64::NAN }
    }
}

/// Moving average convergence/divergence. State: bars seen, and the three averages.
#[derive(Clone, Copy, Debug)]
pub struct Macd {
    fast: Ema,
    slow: Ema,
    signal: Ema,
    /// Bars before the fast average begins, so that both averages have their first value at the same bar.
    skip: f64,
}

impl Macd {
    /// The longer of `fast` and `slow` is the slow one, in whichever order they are given.
    pub const fn new(fast: usize, slow: usize, signal: usize) -> Self {
        let (fast, slow) = if slow < fast { (slow, fast) } else { (fast, slow) };
        Self { fast: Ema::new(fast), slow: Ema::new(slow), signal: Ema::new(signal), skip: (slow - fast) as f64 }
    }

    pub const fn state_len(&self) -> usize {
        7
    }

    /// `[macd, signal, histogram]`; all three begin at the same bar.
    pub fn update(&self, state: &mut [f64], value: f64) -> [f64; 3] {
        let slow = self.slow.update(&mut state[3..5], value);
        if state[0] < self.skip {
            state[0] += 1.0;
            return [f64::NAN; 3];
        }
        let fast = self.fast.update(&mut state[1..3], value);
        if slow.is_nan() {
            return [f64::NAN; 3];
        }
        let macd = fast - slow;
        let signal = self.signal.update(&mut state[5..7], macd);
        if signal.is_nan() { [f64::NAN; 3] } else { [macd, signal, macd - signal] }
    }
}

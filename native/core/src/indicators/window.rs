//! What moving figures rest on: the last `period` values, with their sum, their spread, or their extremes.

/// The last values and their sum. State: how many, where the next goes, their sum, the values.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    period: usize,
}

/// Numbers of a window's state before its values.
const HEAD: usize = 3;

impl Window {
    pub const fn new(period: usize) -> Self {
        Self { period }
    }

    pub const fn state_len(&self) -> usize {
        HEAD + self.period
    }

    /// Takes `value` in, and the oldest out once the window is full. Returns what left (0 while it fills).
    pub fn push(&self, state: &mut [f64], value: f64) -> f64 {
        let (head, ring) = state.split_at_mut(HEAD);
        let at = head[1] as u32 as usize;
        let left = ring[at];
        ring[at] = value;
        head[2] += value - left;
        if head[0] < self.period as f64 {
            head[0] += 1.0;
        }
        if at + 1 == self.period {
            head[1] = 0.0;
            head[2] = ring[..self.period].iter().sum();
        } else {
            head[1] += 1.0;
        }
        left
    }

    pub fn is_full(&self, state: &[f64]) -> bool {
        state[0] == self.period as f64
    }

    pub fn sum(&self, state: &[f64]) -> f64 {
        state[2]
    }

    /// The values, in no order that means anything once the window is full.
    pub fn values<'a>(&self, state: &'a [f64]) -> &'a [f64] {
        &state[HEAD..HEAD + self.period]
    }
}

/// Mean and population variance of the last values. State: an anchor, the sum and the sum of squares of the distances
/// from it, how many values in a row were equal, the last value, and the window.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    window: Window,
}

const SPREAD_HEAD: usize = 5;

impl Spread {
    pub const fn new(period: usize) -> Self {
        Self { window: Window::new(period) }
    }

    pub const fn state_len(&self) -> usize {
        SPREAD_HEAD + self.window.state_len()
    }

    /// Mean and variance with `value` as the newest; NaN until the window is full.
    ///
    /// Squares are of distances from an anchor near the prices, not of the prices: the difference of two sums of squared
    /// prices would keep only half of the digits. A window of equal values has a variance of exactly 0.
    pub fn update(&self, state: &mut [f64], value: f64) -> (f64, f64) {
        let (head, ring) = state.split_at_mut(SPREAD_HEAD);
        let left = self.window.push(ring, value);
        head[3] = if value == head[4] { head[3] + 1.0 } else { 1.0 };
        head[4] = value;
        if !self.window.is_full(ring) {
            return (f64::NAN, f64::NAN);
        }
        let n = self.window.period as f64;
        let mean = self.window.sum(ring) / n;
        if head[3] >= n {
            (head[0], head[1], head[2]) = (value, 0.0, 0.0);
            return (value, 0.0);
        }
        // The window has just turned over (or filled): begin anew, so that rounding errors do not pile up.
        if ring[1] == 0.0 {
            self.anchor(head, ring, mean);
        } else {
            let (new, old) = (value - head[0], left - head[0]);
            head[1] += new - old;
            head[2] += new * new - old * old;
        }
        let distance = head[1] / n;
        let square = head[2] / n;
        let variance = square - distance * distance;
        if variance > 1e-3 * square {
            return (mean, variance);
        }
        // The prices have moved away from the anchor: too many digits would cancel.
        self.anchor(head, ring, mean);
        let distance = head[1] / n;
        (mean, (head[2] / n - distance * distance).max(0.0))
    }

    fn anchor(&self, head: &mut [f64], ring: &[f64], anchor: f64) {
        head[0] = anchor;
        (head[1], head[2]) = (0.0, 0.0);
        for value in self.window.values(ring) {
            let distance = value - anchor;
            head[1] += distance;
            head[2] += distance * distance;
        }
    }
}

/// The highest high and the lowest low of the last bars. State: how many, where the next goes, both extremes, the highs,
/// the lows.
#[derive(Clone, Copy, Debug)]
pub struct Extremes {
    period: usize,
}

const EXTREMES_HEAD: usize = 4;

impl Extremes {
    pub const fn new(period: usize) -> Self {
        Self { period }
    }

    pub const fn state_len(&self) -> usize {
        EXTREMES_HEAD + 2 * self.period
    }

    /// Highest and lowest with this bar as the newest; NaN until the window is full.
    pub fn update(&self, state: &mut [f64], high: f64, low: f64) -> (f64, f64) {
        let (head, rings) = state.split_at_mut(EXTREMES_HEAD);
        let (highs, lows) = rings.split_at_mut(self.period);
        let at = head[1] as u32 as usize;
        head[1] = if at + 1 == self.period { 0.0 } else { head[1] + 1.0 };
        let filling = head[0] < self.period as f64;
        if filling {
            head[0] += 1.0;
        }
        let first = filling && head[0] == 1.0;
        let (old_high, old_low) = (highs[at], lows[at]);
        (highs[at], lows[at]) = (high, low);
        if first || high >= head[2] {
            head[2] = high;
        } else if !filling && old_high == head[2] {
            head[2] = best_of(highs, |new, best| new > best);
        }
        if first || low <= head[3] {
            head[3] = low;
        } else if !filling && old_low == head[3] {
            head[3] = best_of(&lows[..self.period], |new, best| new < best);
        }
        if head[0] < self.period as f64 { (f64::NAN, f64::NAN) } else { (head[2], head[3]) }
    }
}

/// The value that no other one beats, in four lanes that the processor can compare side by side.
pub fn best_of(values: &[f64], beats: impl Fn(f64, f64) -> bool) -> f64 {
    let mut lanes = [values[0]; 4];
    let chunks = values.chunks_exact(4);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if beats(*value, *lane) { *value } else { *lane };
        }
    }
    let better = |best: f64, value: f64| if beats(value, best) { value } else { best };
    rest.iter().copied().fold(lanes.into_iter().reduce(better).unwrap_or(values[0]), better)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prices that wander and jump, from a generator that needs no crate.
    fn prices(count: usize) -> Vec<f64> {
        let mut seed = 7_u64;
        let mut price = 40_000.0;
        (0..count)
            .map(|i| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                price += ((seed >> 33) % 201) as f64 - 100.0;
                if i % 97 == 0 { price * 1.5 } else { price }
            })
            .collect()
    }

    #[test]
    fn a_spread_is_that_of_its_window_alone_however_long_it_has_run() {
        for period in [2, 3, 7, 20, 64] {
            let spread = Spread::new(period);
            let mut state = vec![0.0; spread.state_len()];
            let values = prices(3_000);
            for (i, value) in values.iter().enumerate() {
                let (mean, variance) = spread.update(&mut state, *value);
                if i + 1 < period {
                    assert!(mean.is_nan() && variance.is_nan());
                    continue;
                }
                let window = &values[i + 1 - period..=i];
                let n = period as f64;
                let expected_mean = window.iter().sum::<f64>() / n;
                let expected = window.iter().map(|v| (v - expected_mean) * (v - expected_mean)).sum::<f64>() / n;
                assert!((mean - expected_mean).abs() <= 1e-9);
                assert!((variance - expected).abs() <= 1e-9 * expected + 1e-9, "{period} {i}: {variance} {expected}");
            }
        }
    }

    #[test]
    fn a_window_of_equal_values_has_no_spread_after_any_jump() {
        let spread = Spread::new(5);
        let mut state = vec![0.0; spread.state_len()];
        for value in [1e9, 3.0, 1e-7, 0.1, 0.1, 0.1, 0.1] {
            spread.update(&mut state, value);
        }
        assert_eq!(spread.update(&mut state, 0.1).1, 0.0);
        assert!(spread.update(&mut state, 0.2).1 > 0.0);
    }

    #[test]
    fn extremes_are_those_of_the_window() {
        for period in [1, 2, 5, 14] {
            let extremes = Extremes::new(period);
            let mut state = vec![0.0; extremes.state_len()];
            let values = prices(500);
            for (i, value) in values.iter().enumerate() {
                let (high, low) = extremes.update(&mut state, *value, *value - 1.0);
                if i + 1 >= period {
                    let window = &values[i + 1 - period..=i];
                    assert_eq!(high, window.iter().copied().fold(f64::MIN, f64::max));
                    assert_eq!(low, window.iter().copied().fold(f64::MAX, f64::min) - 1.0);
                } else {
                    assert!(high.is_nan());
                }
            }
        }
    }
}

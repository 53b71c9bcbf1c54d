//! What the volume says of the price.

use super::Bar;
use super::window::Window;

/// On-balance volume: the sum of volumes, counted for a higher close and against a lower one; it begins with the first
/// bar's volume. State: bars seen (0 or 1), the close before, the sum.
#[derive(Clone, Copy, Debug)]
pub struct Obv;

impl Obv {
    pub const fn state_len(&self) -> usize {
        3
    }

    pub fn update(&self, state: &mut [f64], close: f64, volume: f64) -> f64 {
        if state[0] == 0.0 {
            (state[0], state[2]) = (1.0, volume);
        } else if close > state[1] {
            state[2] += volume;
        } else if close < state[1] {
            state[2] -= volume;
        }
        state[1] = close;
        state[2]
    }
}

/// Money flow index, 0 … 100: the share of the money (typical price × volume) that came while the typical price rose; 0 when
/// none flowed. State: bars seen (0 or 1), the typical price before, bars in a row without a flow, and the flows up and down.
#[derive(Clone, Copy, Debug)]
pub struct Mfi {
    window: Window,
    period: f64,
}

/// Two typical prices closer than this part of their sum are equal.
const SAME: f64 = 1e-14;

impl Mfi {
    pub const fn new(period: usize) -> Self {
        Self { window: Window::new(period), period: period as f64 }
    }

    pub const fn state_len(&self) -> usize {
        3 + 2 * self.window.state_len()
    }

    pub fn update(&self, state: &mut [f64], bar: &Bar) -> f64 {
        let (head, windows) = state.split_at_mut(3);
        let (ups, downs) = windows.split_at_mut(self.window.state_len());
        let typical = bar.typical();
        let (first, before) = (head[0] == 0.0, head[1]);
        (head[0], head[1]) = (1.0, typical);
        if first {
            return f64::NAN;
        }
        let change = typical - before;
        let flow = if change.abs() <= SAME * (typical + before) { 0.0 } else { typical * bar.volume };
        let (up, down) = if change < 0.0 { (0.0, flow) } else { (flow, 0.0) };
        self.window.push(ups, up);
        self.window.push(downs, down);
        head[2] = if flow == 0.0 { head[2] + 1.0 } else { 0.0 };
        if !self.window.is_full(ups) {
            return f64::NAN;
        }
        let total = self.window.sum(ups) + self.window.sum(downs);
        // A window without a flow is known by its count: sums from which values were taken out keep a rest.
        if head[2] >= self.period || total <= 0.0 {
            return 0.0;
        }
        100.0 * (self.window.sum(ups).clamp(0.0, total) / total)
    }
}

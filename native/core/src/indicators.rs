//! Technical indicators, one bar at a time, with TA-Lib's values.
//!
//! A kernel is its parameters; what it remembers stands in a slice that the caller owns: `state_len()` numbers, all 0
//! for a fresh start. Saving a kernel is copying that slice. `update` takes the next value or bar and answers NaN until
//! it has seen enough. Inputs are finite; nothing is allocated.
//!
//! Definitions, seeds and zero rules are TA-Lib's (0.8), written from the formulas. Sums over a window are taken anew
//! each time the window has turned over once, so that no rounding error outlives two windows.

mod averages;
mod oscillators;
mod program;
mod ranges;
mod trend;
mod volume;
mod window;

pub use averages::{Ema, Macd, Sma, Wma};
pub use oscillators::{Aroon, Cci, Roc, Rsi, Stoch, Willr};
pub use program::{Bars, columns, run, state_len};
pub use ranges::{Atr, Bbands, Stddev};
pub use trend::Adx;
pub use volume::{Mfi, Obv};

/// Below this TA-Lib takes a sum of price differences for nothing.
const NOTHING: f64 = 1e-14;

/// One closed bar, as far as an indicator looks at it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bar {
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
}

impl Bar {
    /// Mean of high, low and close.
    pub fn typical(&self) -> f64 {
        (self.high + self.low + self.close) / 3.0
    }

    /// The true range: how far the price went, counted from the close before when that lies outside.
    fn true_range(&self, close_before: f64) -> f64 {
        let above = (self.high - close_before).abs();
        let below = (self.low - close_before).abs();
        (self.high - self.low).max(above).max(below)
    }
}

//! Positions that a strategy asks for, bar by bar, worked out elsewhere.

use std::ops::Range;

use super::{Asked, Kernel, Market, Terms, lots_within};

/// For each market, and in it for each trial, a signed size a bar, in the exchange's unit, a trial after the other; NaN asks for nothing.
/// All are finite otherwise.
pub struct Targets {
    pub trials: usize,
    pub sizes: Vec<Vec<f64>>,
}

pub struct Following<'a> {
    sizes: &'a [f64],
    bars: usize,
    terms: &'a Terms,
}

impl<'a> Following<'a> {
    /// Some of the trials, in the market of that number.
    pub fn new(
        Market { series, terms }: &'a Market,
        number: usize,
        targets: &'a Targets,
        trials: &Range<usize>,
    ) -> Self {
        let bars = series.len();
        Self { sizes: &targets.sizes[number][trials.start * bars..trials.end * bars], bars, terms }
    }
}

impl Kernel for Following<'_> {
    fn block(&mut self, from: usize, to: usize, asked: &mut [impl Asked]) {
        for (asked, sizes) in asked.iter_mut().zip(self.sizes.chunks_exact(self.bars)) {
            for (bar, size) in (from..to).zip(&sizes[from..to]) {
                if !size.is_nan() {
                    asked.target(bar, lots_within(self.terms, *size));
                }
            }
        }
    }
}

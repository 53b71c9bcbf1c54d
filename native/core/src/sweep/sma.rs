//! `operators/strategies/sma-cross.ts`: two sums of closes by differences of one column, held against each other without rounding.

use super::{Asked, Kernel, Market, Series, lots_within};

/// Whole numbers, fast below slow.
#[derive(Clone, Copy)]
pub struct SmaCross {
    pub fast: usize,
    pub slow: usize,
    pub size: f64,
    pub short: bool,
}

struct Trial {
    fast: usize,
    slow: usize,
    /// What a cross up asks for, and a cross down, in lots.
    up: i64,
    down: i64,
    /// Whether the fast mean was above, or below, at the bar before.
    above: bool,
    below: bool,
}

pub struct Crossing<'a> {
    series: &'a Series,
    trials: Vec<Trial>,
    find: Find,
}

impl<'a> Crossing<'a> {
    pub fn new(Market { series, terms }: &'a Market, trials: &[SmaCross]) -> Self {
        let trials = trials.iter().map(|&SmaCross { fast, slow, size, short }| {
            let up = lots_within(terms, size);
            let down = if short { lots_within(terms, -size) } else { 0 };
            Trial { fast, slow, up, down, above: false, below: false }
        });
        Self { series, trials: trials.collect(), find: finder() }
    }
}

impl Kernel for Crossing<'_> {
    fn block(&mut self, from: usize, to: usize, asked: &mut [impl Asked]) {
        for (trial, asked) in self.trials.iter_mut().zip(asked) {
            let mut bar = from.max(trial.slow - 1);
            while bar < to {
                let count = (to - bar).min(64);
                let (above, below) = (self.find)(&self.series.sums, bar + 1, count, trial.fast, trial.slow);
                let up = above & !(above << 1 | u64::from(trial.above));
                let down = below & !(below << 1 | u64::from(trial.below));
                let mut crosses = up | down;
                while crosses != 0 {
                    let at = crosses.trailing_zeros();
                    let lots = if up >> at & 1 == 1 { trial.up } else { trial.down };
                    asked.target(bar + at as usize, lots);
                    crosses &= crosses - 1;
                }
                trial.above = above >> (count - 1) & 1 == 1;
                trial.below = below >> (count - 1) & 1 == 1;
                bar += count;
            }
        }
    }
}

/// For up to 64 places from `at` on, a bit each: is the fast mean of the closes before it above the slow one, is it below?
type Find = fn(&[f64], usize, usize, usize, usize) -> (u64, u64);

fn finder() -> Find {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has it.
        return |sums, at, count, fast, slow| unsafe { wide::find(sums, at, count, fast, slow) };
    }
    find
}

/// On any processor. Comparisons of whole numbers: equal on all of them.
pub fn find(sums: &[f64], at: usize, count: usize, fast: usize, slow: usize) -> (u64, u64) {
    let ends = &sums[at..at + count];
    let fasts = &sums[at - fast..at - fast + count];
    let slows = &sums[at - slow..at - slow + count];
    let (by_fast, by_slow) = (fast as f64, slow as f64);
    let (mut above, mut below) = (0, 0);
    for bit in 0..count {
        let quick = (ends[bit] - fasts[bit]) * by_slow;
        let long = (ends[bit] - slows[bit]) * by_fast;
        above |= u64::from(quick > long) << bit;
        below |= u64::from(quick < long) << bit;
    }
    (above, below)
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx2")]
    pub fn find(sums: &[f64], at: usize, count: usize, fast: usize, slow: usize) -> (u64, u64) {
        if count < 64 {
            return super::find(sums, at, count, fast, slow);
        }
        let ends: &[f64; 64] = sums[at..at + 64].try_into().expect("64 of them");
        let fasts: &[f64; 64] = sums[at - fast..at - fast + 64].try_into().expect("64 of them");
        let slows: &[f64; 64] = sums[at - slow..at - slow + 64].try_into().expect("64 of them");
        let by_fast = _mm256_set1_pd(fast as f64);
        let by_slow = _mm256_set1_pd(slow as f64);
        let (mut above, mut below) = (0, 0);
        for four in 0..16 {
            // SAFETY: four numbers from 4 × `four` on, of 64.
            let load = |column: &[f64; 64]| unsafe { _mm256_loadu_pd(column.as_ptr().add(4 * four)) };
            let end = load(ends);
            let quick = _mm256_mul_pd(_mm256_sub_pd(end, load(fasts)), by_slow);
            let long = _mm256_mul_pd(_mm256_sub_pd(end, load(slows)), by_fast);
            let more = _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_GT_OQ>(quick, long)) as u64;
            let less = _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LT_OQ>(quick, long)) as u64;
            above |= more << (4 * four);
            below |= less << (4 * four);
        }
        (above, below)
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
pub fn find_wide(sums: &[f64], at: usize, count: usize, fast: usize, slow: usize) -> Option<(u64, u64)> {
    // SAFETY: the processor has it.
    is_x86_feature_detected!("avx2").then(|| unsafe { wide::find(sums, at, count, fast, slow) })
}

//! Many indicators over many bars in one call.
//!
//! A program is four numbers an indicator: its code (the order of `Kernel::of`) and up to three parameters. Its state is the
//! kernels' states one after the other.

use super::{Adx, Aroon, Atr, Bar, Bbands, Cci, Ema, Macd, Mfi, Obv, Roc, Rsi, Sma, Stddev, Stoch, Willr, Wma};

/// Numbers of a program that describe one indicator.
pub const STRIDE: usize = 4;

/// Columns of bars, all of one length.
#[derive(Clone, Copy, Debug)]
pub struct Bars<'a> {
    pub high: &'a [f64],
    pub low: &'a [f64],
    pub close: &'a [f64],
    pub volume: &'a [f64],
}

impl Bars<'_> {
    fn at(&self, row: usize) -> Bar {
        Bar { high: self.high[row], low: self.low[row], close: self.close[row], volume: self.volume[row] }
    }
}

/// How many numbers a program's state has.
///
/// # Panics
/// If the program is not one: a bug in the caller.
pub fn state_len(program: &[f64]) -> usize {
    kernels(program).map(|kernel| kernel.state_len()).sum()
}

/// How many output columns a program has.
pub fn columns(program: &[f64]) -> usize {
    kernels(program).map(|kernel| kernel.outputs()).sum()
}

/// Runs every indicator over every bar: `out` gets column after column, NaN before an indicator's warm-up.
///
/// # Panics
/// If a length does not fit: a bug in the caller.
pub fn run(program: &[f64], state: &mut [f64], bars: &Bars, out: &mut [f64]) {
    let rows = bars.close.len();
    assert!([bars.high, bars.low, bars.volume].iter().all(|column| column.len() == rows), "columns of one length");
    let (mut state, mut out) = (state, out);
    for kernel in kernels(program) {
        let (own_state, other_states) = state.split_at_mut(kernel.state_len());
        let (own_out, other_outs) = out.split_at_mut(kernel.outputs() * rows);
        kernel.run(own_state, bars, own_out);
        (state, out) = (other_states, other_outs);
    }
    assert!(state.is_empty() && out.is_empty(), "the state and the output of this program");
}

fn kernels(program: &[f64]) -> impl Iterator<Item = Kernel> {
    assert!(program.len().is_multiple_of(STRIDE), "{STRIDE} numbers an indicator");
    program.chunks_exact(STRIDE).map(Kernel::of)
}

enum Kernel {
    Sma(Sma),
    Ema(Ema),
    Wma(Wma),
    Macd(Macd),
    Rsi(Rsi),
    Roc(Roc),
    Stoch(Stoch),
    Willr(Willr),
    Cci(Cci),
    Aroon(Aroon),
    Stddev(Stddev),
    Bbands(Bbands),
    Atr(Atr),
    Adx(Adx),
    Obv(Obv),
    Mfi(Mfi),
}

impl Kernel {
    #[inline]
    fn of(numbers: &[f64]) -> Self {
        let [a, b, c] = [1, 2, 3].map(|at| numbers[at] as u32 as usize);
        match numbers[0] as u32 {
            0 => Self::Sma(Sma::new(a)),
            1 => Self::Ema(Ema::new(a)),
            2 => Self::Wma(Wma::new(a)),
            3 => Self::Macd(Macd::new(a, b, c)),
            4 => Self::Rsi(Rsi::new(a)),
            5 => Self::Roc(Roc::new(a)),
            6 => Self::Stoch(Stoch::new(a, b, c)),
            7 => Self::Willr(Willr::new(a)),
            8 => Self::Cci(Cci::new(a)),
            9 => Self::Aroon(Aroon::new(a)),
            10 => Self::Stddev(Stddev::new(a, numbers[2])),
            11 => Self::Bbands(Bbands::new(a, numbers[2], numbers[3])),
            12 => Self::Atr(Atr::new(a)),
            13 => Self::Adx(Adx::new(a)),
            14 => Self::Obv(Obv),
            15 => Self::Mfi(Mfi::new(a)),
            code => panic!("no indicator has the code {code}"),
        }
    }

    fn state_len(&self) -> usize {
        match self {
            Self::Sma(kernel) => kernel.state_len(),
            Self::Ema(kernel) => kernel.state_len(),
            Self::Wma(kernel) => kernel.state_len(),
            Self::Macd(kernel) => kernel.state_len(),
            Self::Rsi(kernel) => kernel.state_len(),
            Self::Roc(kernel) => kernel.state_len(),
            Self::Stoch(kernel) => kernel.state_len(),
            Self::Willr(kernel) => kernel.state_len(),
            Self::Cci(kernel) => kernel.state_len(),
            Self::Aroon(kernel) => kernel.state_len(),
            Self::Stddev(kernel) => kernel.state_len(),
            Self::Bbands(kernel) => kernel.state_len(),
            Self::Atr(kernel) => kernel.state_len(),
            Self::Adx(kernel) => kernel.state_len(),
            Self::Obv(kernel) => kernel.state_len(),
            Self::Mfi(kernel) => kernel.state_len(),
        }
    }

    fn outputs(&self) -> usize {
        match self {
            Self::Macd(_) | Self::Bbands(_) => 3,
            Self::Stoch(_) | Self::Aroon(_) => 2,
            _ => 1,
        }
    }

    fn run(&self, state: &mut [f64], bars: &Bars, out: &mut [f64]) {
        match self {
            Self::Sma(kernel) => one(bars, out, |bar| kernel.update(state, bar.close)),
            Self::Ema(kernel) => one(bars, out, |bar| kernel.update(state, bar.close)),
            Self::Wma(kernel) => one(bars, out, |bar| kernel.update(state, bar.close)),
            Self::Macd(kernel) => several(bars, out, |bar| kernel.update(state, bar.close)),
            Self::Rsi(kernel) => one(bars, out, |bar| kernel.update(state, bar.close)),
            Self::Roc(kernel) => one(bars, out, |bar| kernel.update(state, bar.close)),
            Self::Stoch(kernel) => several(bars, out, |bar| kernel.update(state, bar.high, bar.low, bar.close)),
            Self::Willr(kernel) => one(bars, out, |bar| kernel.update(state, bar.high, bar.low, bar.close)),
            Self::Cci(kernel) => one(bars, out, |bar| kernel.update(state, bar)),
            Self::Aroon(kernel) => several(bars, out, |bar| kernel.update(state, bar.high, bar.low)),
            Self::Stddev(kernel) => one(bars, out, |bar| kernel.update(state, bar.close)),
            Self::Bbands(kernel) => several(bars, out, |bar| kernel.update(state, bar.close)),
            Self::Atr(kernel) => one(bars, out, |bar| kernel.update(state, bar)),
            Self::Adx(kernel) => one(bars, out, |bar| kernel.update(state, bar)),
            Self::Obv(kernel) => one(bars, out, |bar| kernel.update(state, bar.close, bar.volume)),
            Self::Mfi(kernel) => one(bars, out, |bar| kernel.update(state, bar)),
        }
    }
}

fn one(bars: &Bars, out: &mut [f64], mut update: impl FnMut(&Bar) -> f64) {
    for (row, value) in out.iter_mut().enumerate() {
        *value = update(&bars.at(row));
    }
}

fn several<const N: usize>(bars: &Bars, out: &mut [f64], mut update: impl FnMut(&Bar) -> [f64; N]) {
    let rows = bars.close.len();
    for row in 0..rows {
        for (column, value) in update(&bars.at(row)).into_iter().enumerate() {
            out[column * rows + row] = value;
        }
    }
}

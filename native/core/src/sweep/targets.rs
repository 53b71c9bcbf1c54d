//! Positions that a strategy asks for, bar by bar, worked out elsewhere.

use super::{Account, Kernel};

/// For each trial a signed size a bar, in the exchange's unit, a trial after the other; NaN asks for nothing. All are finite otherwise.
pub struct Targets {
    pub sizes: Vec<f64>,
    pub bars: usize,
}

impl Targets {
    pub fn count(&self) -> usize {
        self.sizes.len().checked_div(self.bars).unwrap_or(0)
    }
}

pub struct Following<'a> {
    sizes: &'a [f64],
    bars: usize,
    accounts: Vec<Account<'a>>,
}

impl<'a> Following<'a> {
    /// Trials from `from` on, as many as there are accounts.
    pub fn new(targets: &'a Targets, from: usize, accounts: Vec<Account<'a>>) -> Self {
        let Targets { sizes, bars } = targets;
        Self { sizes: &sizes[from * bars..(from + accounts.len()) * bars], bars: *bars, accounts }
    }
}

impl<'a> Kernel<'a> for Following<'a> {
    fn block(&mut self, from: usize, to: usize) {
        for (account, sizes) in self.accounts.iter_mut().zip(self.sizes.chunks_exact(self.bars)) {
            for (bar, size) in (from..to).zip(&sizes[from..to]) {
                if !size.is_nan() {
                    let lots = account.lots_of(*size);
                    account.target(bar, lots);
                }
            }
        }
    }

    fn accounts(self) -> Vec<Account<'a>> {
        self.accounts
    }
}

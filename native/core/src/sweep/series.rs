//! The candles of a sweep, with what every trial reads of them.

/// Columns as they were stored, oldest bar first. What a kernel does not need may be empty.
pub struct Prices<'a> {
    pub open: &'a [f64],
    pub high: &'a [f64],
    pub low: &'a [f64],
    pub close: &'a [f64],
    /// The feature `volume_ratio` as of each bar.
    pub volume_ratio: &'a [f64],
}

/// Which columns to make.
#[derive(Clone, Copy, Default)]
pub struct Needs {
    pub open: bool,
    pub sums: bool,
    /// High, low and close as stored, and the volume ratio.
    pub prices: bool,
}

/// Candles of one instrument; prices in whole ticks unless said otherwise.
pub struct Series {
    pub open: Vec<f64>,
    pub close: Vec<f64>,
    /// The sum of the closes before each bar, and of all behind them: whole numbers below 2⁵³.
    pub sums: Vec<f64>,
    pub stored: Stored,
    /// For each day the number of bars that had closed when it ended.
    pub days: Vec<usize>,
}

/// As the exchange spells them.
#[derive(Default)]
pub struct Stored {
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
    pub volume_ratio: Vec<f64>,
}

impl Series {
    /// `None` for prices that no money can be counted on: whole ticks are above 0, and their sums exact.
    ///
    /// # Panics
    /// If a column that is needed is of another length than the closes: a bug in the caller.
    pub fn new(prices: &Prices, tick_size: f64, days: Vec<usize>, needs: Needs) -> Option<Self> {
        let bars = prices.close.len();
        let wanted = |column: &[f64], is_needed: bool| {
            assert!(!is_needed || column.len() == bars, "columns of one length");
            if is_needed { column.to_vec() } else { Vec::new() }
        };
        assert!(!needs.open || prices.open.len() == bars, "columns of one length");
        let stored = Stored {
            high: wanted(prices.high, needs.prices),
            low: wanted(prices.low, needs.prices),
            close: wanted(prices.close, needs.prices),
            volume_ratio: wanted(prices.volume_ratio, needs.prices),
        };
        let is_finite = |column: &[f64]| column.iter().all(|price| price.is_finite());
        let close = ticks(prices.close, tick_size)?;
        let open = if needs.open { ticks(prices.open, tick_size)? } else { Vec::new() };
        let sums = if needs.sums { sums(&close)? } else { Vec::new() };
        (is_finite(&stored.high) && is_finite(&stored.low)).then_some(Self { open, close, sums, stored, days })
    }

    pub fn len(&self) -> usize {
        self.close.len()
    }

    pub fn is_empty(&self) -> bool {
        self.close.is_empty()
    }
}

/// Prices above this many ticks do not round as doubles do in JavaScript.
const LIMIT: f64 = 2_251_799_813_685_248.0; // 2⁵¹

/// As JavaScript's `Math.round(price / tick)`: halves go up. Without `floor`, which is a call where the processor may be an old one.
fn ticks(prices: &[f64], tick_size: f64) -> Option<Vec<f64>> {
    const WHOLE: f64 = 4_503_599_627_370_496.0; // 2⁵²: what is added to it has no fraction left
    let mut is_sound = true;
    let round = |price: &f64| {
        let exact = price / tick_size;
        let even = (exact + WHOLE) - WHOLE;
        let ticks = if exact - even == 0.5 { even + 1.0 } else { even };
        is_sound &= (1.0..LIMIT).contains(&ticks);
        ticks
    };
    let ticks = prices.iter().map(round).collect();
    is_sound.then_some(ticks)
}

fn sums(close: &[f64]) -> Option<Vec<f64>> {
    let mut sum = 0.0;
    let mut sums = Vec::with_capacity(close.len() + 1);
    sums.push(sum);
    sums.extend(close.iter().map(|ticks| {
        sum += ticks;
        sum
    }));
    (sum < 4.0 * LIMIT).then_some(sums)
}

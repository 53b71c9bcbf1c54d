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
    bars: usize,
    pub open: Vec<f64>,
    /// Empty where there are sums, of which closes are the differences.
    pub closes: Vec<f64>,
    /// The sum of the closes before each bar, and of all behind them: whole numbers below 2⁵³.
    pub sums: Vec<f64>,
    pub stored: Stored,
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
    pub fn new(prices: &Prices, tick_size: f64, needs: Needs) -> Option<Self> {
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
        let open = if needs.open { ticks(prices.open, tick_size)? } else { Vec::new() };
        let (closes, sums) = match needs.sums {
            true => (Vec::new(), sums(prices.close, tick_size)?),
            false => (ticks(prices.close, tick_size)?, Vec::new()),
        };
        let is_sound = is_finite(&stored.high) && is_finite(&stored.low);
        is_sound.then_some(Self { bars, open, closes, sums, stored })
    }

    pub fn len(&self) -> usize {
        self.bars
    }

    pub fn is_empty(&self) -> bool {
        self.bars == 0
    }

    /// What its columns take.
    pub fn bytes(&self) -> usize {
        let Stored { high, low, close, volume_ratio } = &self.stored;
        let columns = [&self.open, &self.closes, &self.sums, high, low, close, volume_ratio];
        columns.iter().map(|column| size_of_val(column.as_slice())).sum()
    }

    /// The close of a bar, ticks.
    #[inline]
    pub fn close(&self, bar: usize) -> f64 {
        if self.closes.is_empty() { self.sums[bar + 1] - self.sums[bar] } else { self.closes[bar] }
    }

    /// The first bar of a range whose close is at most `low` or at least `high`.
    pub fn beyond(&self, from: usize, to: usize, low: f64, high: f64) -> Option<usize> {
        let is_beyond = |close: f64| close <= low || close >= high;
        let after = if self.closes.is_empty() {
            self.sums[from..=to].windows(2).position(|pair| is_beyond(pair[1] - pair[0]))
        } else {
            self.closes[from..to].iter().position(|close| is_beyond(*close))
        };
        after.map(|bars| from + bars)
    }
}

/// The smallest step from one time to the next; NaN where one is not after the one before it, infinite where there are none.
pub fn least_step(times: &[f64]) -> f64 {
    let mut least = f64::INFINITY;
    let mut is_rising = true;
    for pair in times.windows(2) {
        let step = pair[1] - pair[0];
        is_rising &= step > 0.0;
        least = if step < least { step } else { least };
    }
    if is_rising { least } else { f64::NAN }
}

/// Prices above this many ticks do not round as doubles do in JavaScript.
const LIMIT: f64 = 2_251_799_813_685_248.0; // 2⁵¹

/// As JavaScript's `Math.round(price / tick)`: halves go up. Without `floor`, which is a call where the processor may be an old one.
#[inline]
fn rounded(price: f64, tick_size: f64) -> f64 {
    const WHOLE: f64 = 4_503_599_627_370_496.0; // 2⁵²: what is added to it has no fraction left
    let exact = price / tick_size;
    let even = (exact + WHOLE) - WHOLE;
    if exact - even == 0.5 { even + 1.0 } else { even }
}

fn is_price(ticks: f64) -> bool {
    (1.0..LIMIT).contains(&ticks)
}

fn ticks(prices: &[f64], tick_size: f64) -> Option<Vec<f64>> {
    let mut is_sound = true;
    let ticks = prices.iter().map(|price| {
        let ticks = rounded(*price, tick_size);
        is_sound &= is_price(ticks);
        ticks
    });
    let ticks = ticks.collect();
    is_sound.then_some(ticks)
}

fn sums(prices: &[f64], tick_size: f64) -> Option<Vec<f64>> {
    let (mut sum, mut is_sound) = (0.0, true);
    let sums = prices.iter().map(|price| {
        let ticks = rounded(*price, tick_size);
        is_sound &= is_price(ticks);
        sum += ticks;
        sum
    });
    let sums: Vec<f64> = std::iter::once(0.0).chain(sums).collect();
    (is_sound && sum < 4.0 * LIMIT).then_some(sums)
}

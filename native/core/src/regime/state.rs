//! Where everything stands in the state of one instrument: one flat slice, so that its bytes are all there is to save.

use super::ladders::SIZES;
use super::windows::{high_len, sums_len};

/// Bars of RSI (Wilder) and of the Bollinger bands; the bands' is also the least that volatility is measured over.
pub const RSI_BARS: f64 = 14.0;
pub const BAND_BARS: usize = 20;

pub const HOUR_US: f64 = 3_600e6;
pub const DAY_US: f64 = 24.0 * HOUR_US;
/// Length of the horizons 1m, 1h, 24h; `risk` has the last one's.
const HORIZONS_US: [f64; 4] = [60e6, HOUR_US, DAY_US, DAY_US];

// One number each.
/// Bars since the beginning, absent ones included.
pub const COUNT: usize = 0;
pub const TIME: usize = 1;
pub const CLOSE: usize = 2;
pub const GAIN: usize = 3;
pub const LOSS: usize = 4;
/// Bars that were not later than the one before: they changed nothing.
pub const LATE: usize = 5;
/// Of the last CRASH: the highest before it, the lowest since, and when RECOVERY ends.
pub const HIGH: usize = 6;
pub const LOW: usize = 7;
pub const UNTIL: usize = 8;
/// Of each horizon: regime (NaN before warm-up), confidence, since, bars for which it was not reached.
pub const REGIMES: usize = 9;
pub const REGIME: usize = 0;
pub const CONFIDENCE: usize = 1;
pub const SINCE: usize = 2;
pub const WAITED: usize = 3;
pub const REGIME_LEN: usize = 4;
/// Transitions, from × to, of each horizon.
pub const COUNTS: usize = REGIMES + 4 * REGIME_LEN;
/// Closes of the bands, twice, so that the last ones always stand in one piece.
pub const BAND: usize = counts_at(4);
pub const RING: usize = BAND + 1 + 2 * BAND_BARS;

/// Where the transitions of a horizon begin.
pub const fn counts_at(horizon: usize) -> usize {
    let mut at = COUNTS;
    let mut one = 0;
    while one < horizon {
        at += SIZES[one] * SIZES[one];
        one += 1;
    }
    at
}

/// What follows from the length of a bar.
#[derive(Clone, Copy)]
pub struct Layout {
    pub bar_us: f64,
    /// Bars of each horizon, 0 where a bar is longer, and of its window.
    pub lookback: [usize; 4],
    pub window: [usize; 4],
    /// From the volatility of a bar to that of the horizon.
    pub scale: [f64; 4],
    /// Where the ring ends and the sums of each horizon, then the highs, stand.
    pub sums: [usize; 3],
    pub highs: usize,
    /// Doubles of an instrument.
    pub stride: usize,
}

impl Layout {
    pub fn new(bar_us: f64) -> Layout {
        assert!(bar_us > 0.0 && bar_us <= DAY_US, "a bar is at most a day long");
        let mut layout =
            Layout { bar_us, lookback: [0; 4], window: [0; 4], scale: [0.0; 4], sums: [0; 3], highs: 0, stride: 0 };
        for (horizon, length_us) in HORIZONS_US.into_iter().enumerate() {
            if bar_us > length_us {
                continue;
            }
            let bars = (length_us / bar_us + 0.5) as usize;
            layout.lookback[horizon] = bars;
            layout.window[horizon] = bars.max(BAND_BARS);
            layout.scale[horizon] = (bars as f64).sqrt();
        }
        let mut at = RING + 1 + layout.lookback[2] + 1;
        for horizon in 0..3 {
            layout.sums[horizon] = at;
            at += if layout.lookback[horizon] > 0 { sums_len(layout.window[horizon]) } else { 0 };
        }
        layout.highs = at;
        layout.stride = at + high_len(layout.window[2]);
        layout
    }

    pub fn ring_end(&self) -> usize {
        self.sums[0]
    }
}

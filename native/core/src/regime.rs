//! Regimes of instruments from their closed bars: the ladders of S0 §6 over 1m, 1h and 24h, and the risk regimes of S3 §4.2.
//! `docs/regimes.md` says every rule in words; `native/regime.ts` what goes in and comes out.

mod confidence;
mod follow;
mod ladders;
mod state;
mod windows;

use crate::math::ln;
use ladders::{Measures, RISK_HORIZON, SIZES};
use state::*;
use windows::{push_high, push_ring, push_sums, ring_at};

/// Doubles that a bar gives: regime, confidence, strength, since of each horizon, then the probabilities of each.
pub const OUT: usize = 16 + 4 + 7 + 4 + 6;

/// Stands in the place of a regime where a horizon has none.
pub const NONE: f64 = -1.0;

/// S0: a funding rate of 1 % a day is the limit; rates are paid every eight hours.
const FUNDING_LIMIT: f64 = 0.01 / 3.0;

/// Doubles of the state of one instrument; zeros are one that has seen nothing.
pub fn stride(bar_us: f64) -> usize {
    Layout::new(bar_us).stride
}

/// Columns that a bar comes in: instrument, time, close, volume, funding rate as of the bar (NaN where none is known).
pub const IN: usize = 5;

/// Takes each bar of `rows`, in the order in which they closed, changes the state of its instrument and writes `OUT` doubles: NaN,
/// and `NONE` as regime, for a horizon without one; NaN alone for a bar that changes nothing. `bars` has its columns one after another.
///
/// # Panics
/// If an array is too short or an instrument has no state: a bug in the caller.
pub fn step(state: &mut [f64], bar_us: f64, rows: usize, bars: &[f64], out: &mut [f64]) {
    assert!(bars.len() >= rows * IN && out.len() >= rows * OUT, "as many of each as bars");
    let layout = Layout::new(bar_us);
    let [instrument, time, close, volume, funding] = [0, 1, 2, 3, 4].map(|column| &bars[column * rows..][..rows]);
    for row in 0..rows {
        let at = instrument[row] as usize * layout.stride;
        let own = &mut state[at..at + layout.stride];
        let out = &mut out[row * OUT..(row + 1) * OUT];
        bar(own, &layout, time[row], close[row], volume[row], funding[row], out);
    }
}

fn bar(own: &mut [f64], layout: &Layout, time: f64, close: f64, volume: f64, funding: f64, out: &mut [f64]) {
    out.fill(f64::NAN);
    let is_first = own[COUNT] == 0.0;
    let can_be = close > 0.0 && close < f64::INFINITY && time.is_finite();
    if !can_be || (!is_first && time <= own[TIME]) {
        own[LATE] += 1.0;
        return;
    }
    for horizon in 0..4 {
        out[horizon * 4] = NONE;
    }
    if !is_first {
        absent(own, layout, time);
    }
    let volume = if volume > 0.0 && volume < f64::INFINITY { volume } else { 0.0 };
    let seen = push(own, layout, close, volume);
    own[TIME] = time;
    let mut measures = Measures {
        rsi: rsi(own),
        bollinger: bollinger(own),
        funding: (funding / FUNDING_LIMIT).clamp(-1.0, 1.0),
        ..Measures::default()
    };
    let hour = if layout.lookback[1] > 0 { seen.change(own, layout, 1) } else { f64::NAN };
    for horizon in 0..4 {
        if layout.lookback[horizon] == 0 || own[COUNT] <= layout.window[horizon] as f64 {
            continue;
        }
        // The risk horizon is as long as the one before it, and is warm when that is.
        if horizon != RISK_HORIZON {
            let [sum, squares, volumes] = seen.sums[horizon];
            let bars = layout.window[horizon] as f64;
            measures.change = seen.change(own, layout, horizon);
            measures.volatility = ((squares - sum * sum / bars).max(0.0) / bars).sqrt() * layout.scale[horizon];
            measures.volume = if volumes > 0.0 { volume * bars / volumes } else { f64::NAN };
        }
        if horizon == RISK_HORIZON {
            measures.hour = hour;
            measures.fall = 1.0 - close / seen.highest;
            follow::remember(own, close, seen.highest);
            measures.regained = follow::regained(own, close);
        }
        let strength = follow::follow(own, horizon, &measures, time, seen.highest);
        write(own, horizon, strength, out);
    }
}

/// What the windows say at a bar.
struct Seen {
    close: f64,
    sums: [[f64; 3]; 3],
    highest: f64,
}

impl Seen {
    /// Simple return over a horizon.
    fn change(&self, own: &[f64], layout: &Layout, horizon: usize) -> f64 {
        self.close / ring_at(&own[RING..layout.ring_end()], layout.lookback[horizon]) - 1.0
    }
}

/// Bars that are missing had no trades: they close where the one before closed, without volume. A hole longer than the
/// longest window says nothing about the market: everything but the transitions begins anew.
fn absent(own: &mut [f64], layout: &Layout, time: f64) {
    let missing = ((time - own[TIME]) / layout.bar_us + 0.5) as usize;
    let missing = missing.saturating_sub(1);
    if missing > layout.window[2] {
        let kept = own[LATE];
        own[..COUNTS].fill(0.0);
        own[BAND..].fill(0.0);
        own[LATE] = kept;
        return;
    }
    for _ in 0..missing {
        push(own, layout, own[CLOSE], 0.0);
    }
}

/// Puts a bar into every window.
fn push(own: &mut [f64], layout: &Layout, close: f64, volume: f64) -> Seen {
    let is_first = own[COUNT] == 0.0;
    if is_first {
        for horizon in 0..4 {
            own[REGIMES + horizon * REGIME_LEN + REGIME] = f64::NAN;
        }
    }
    let value = if is_first || close == own[CLOSE] { 0.0 } else { ln(close / own[CLOSE]) };
    let mut seen = Seen { close, sums: [[0.0; 3]; 3], highest: 0.0 };
    if !is_first {
        wilder(own, close - own[CLOSE]);
    }
    own[COUNT] += 1.0;
    own[CLOSE] = close;
    let at = own[BAND] as usize;
    own[BAND + 1 + at] = close;
    own[BAND + 1 + BAND_BARS + at] = close;
    own[BAND] = if at + 1 == BAND_BARS { 0.0 } else { (at + 1) as f64 };
    push_ring(&mut own[RING..layout.ring_end()], close);
    for horizon in 0..3 {
        if layout.lookback[horizon] > 0 {
            let bars = layout.window[horizon];
            seen.sums[horizon] = push_sums(&mut own[layout.sums[horizon]..], bars, value, volume);
        }
    }
    seen.highest = push_high(&mut own[layout.highs..], layout.window[2], close);
    seen
}

/// Wilder's means of gains and losses: plain means of the first 14 changes, then 13 parts of the old and one of the new.
fn wilder(own: &mut [f64], change: f64) {
    let (gain, loss) = if change > 0.0 { (change, 0.0) } else { (0.0, -change) };
    let changes = own[COUNT];
    if changes <= RSI_BARS {
        own[GAIN] += gain / RSI_BARS;
        own[LOSS] += loss / RSI_BARS;
    } else {
        own[GAIN] = (own[GAIN] * (RSI_BARS - 1.0) + gain) / RSI_BARS;
        own[LOSS] = (own[LOSS] * (RSI_BARS - 1.0) + loss) / RSI_BARS;
    }
}

/// 100 × gains / (gains + losses); 50 where nothing moved.
fn rsi(own: &[f64]) -> f64 {
    let total = own[GAIN] + own[LOSS];
    if total > 0.0 { 100.0 * own[GAIN] / total } else { 50.0 }
}

/// Distance of the close from the mean of 20, in two standard deviations; 0 where nothing moved.
fn bollinger(own: &[f64]) -> f64 {
    let closes = &own[BAND + 1 + own[BAND] as usize..][..BAND_BARS];
    // Four lanes in a fixed order: the same bits everywhere, and a quarter of the waiting.
    let mut lanes = [0.0; 4];
    for four in closes.chunks_exact(4) {
        for lane in 0..4 {
            lanes[lane] += four[lane];
        }
    }
    let mean = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) / BAND_BARS as f64;
    let mut lanes = [0.0; 4];
    for four in closes.chunks_exact(4) {
        for lane in 0..4 {
            let away = four[lane] - mean;
            lanes[lane] += away * away;
        }
    }
    let deviation = (((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) / BAND_BARS as f64).sqrt();
    // Twenty equal closes may have a mean that is not equal to them.
    if deviation > mean * 1e-12 { (own[CLOSE] - mean) / (2.0 * deviation) } else { 0.0 }
}

/// The regime of a horizon into its place of the row, with what may come next by how often it came so far (and once more each).
fn write(own: &[f64], horizon: usize, strength: f64, out: &mut [f64]) {
    let kept = &own[REGIMES + horizon * REGIME_LEN..][..REGIME_LEN];
    out[horizon * 4..][..4].copy_from_slice(&[kept[REGIME], kept[CONFIDENCE], strength, kept[SINCE]]);
    let regimes = SIZES[horizon];
    let counts = &own[counts_at(horizon) + kept[REGIME] as usize * regimes..][..regimes];
    let share = 1.0 / counts.iter().fold(regimes as f64, |sum, count| sum + count);
    let from = 16 + [0, 4, 11, 15][horizon];
    for (probability, count) in out[from..from + regimes].iter_mut().zip(counts) {
        *probability = (count + 1.0) * share;
    }
}

#[cfg(test)]
mod tests;

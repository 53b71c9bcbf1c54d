//! Features of closed bars: what is said of price, volume and indicators each time a bar closes.
//!
//! Names, formulas, units and sources stand in `operators/features`. Windows of price and volume are summed anew at each
//! bar, oldest value first: nothing drifts, and a value is the same whether its bar is the 100th or the 100,000,000th.

use crate::indicators::{Bar, Bars, Bbands, Macd, Rsi, Stoch, Willr};

/// Values a bar, in their order: 5 of price, 5 of volume, 9 technical.
pub const VALUES: usize = 19;

/// Bars of the windows: changes of `volatility`, volumes of `volume_ratio` and `volume_spike`, and `vwap_deviation`.
const WINDOW: usize = 20;
/// Bars back of `momentum`. Divides `WINDOW`, so that one place serves all rings.
const MOMENTUM: usize = 10;

const RSI: Rsi = Rsi::new(14);
const MACD: Macd = Macd::new(12, 26, 9);
const STOCH: Stoch = Stoch::new(14, 3, 3);
const BBANDS: Bbands = Bbands::new(20, 2.0, 2.0);
const WILLR: Willr = Willr::new(14);

// Where things stand in the state of an instrument: first what is NaN until it is known, then the kernels'.
const PLACE: usize = 0;
const CLOSE: usize = 1;
const CHANGE: usize = 2;
const VOLUME: usize = 3;
const CLOSES: usize = 4;
const CHANGES: usize = CLOSES + MOMENTUM;
const VOLUMES: usize = CHANGES + 2 * WINDOW;
const VALUE: usize = VOLUMES + 2 * WINDOW;
const KERNELS: usize = VALUE + 2 * WINDOW;

/// Numbers that the state of an instrument takes.
pub const STATE: usize =
    KERNELS + RSI.state_len() + MACD.state_len() + STOCH.state_len() + BBANDS.state_len() + WILLR.state_len();

/// Makes each of `states` that of an instrument without bars. What is not known yet is NaN, and makes NaN of what rests on it.
///
/// # Panics
/// If the length is not one of whole states: a bug in the caller.
pub fn start(states: &mut [f64]) {
    assert!(states.len().is_multiple_of(STATE), "whole states");
    for state in states.chunks_exact_mut(STATE) {
        state[..KERNELS].fill(f64::NAN);
        state[KERNELS..].fill(0.0);
        state[PLACE] = 0.0;
    }
}

/// Writes `VALUES` features a bar into `out`, row after row; NaN before their warm-up. Row i is a bar of instrument
/// `instruments[i]`, whose state is the one of that number in `states`; the bars of each come oldest first.
///
/// NaN throughout, and nothing changed, for a row of an instrument that has no state, and for a bar that cannot be: a price
/// that is not above 0, a close outside of low and high, a volume below 0, a number that is none.
///
/// # Panics
/// If the lengths do not fit: a bug in the caller.
pub fn bar_features(states: &mut [f64], instruments: &[u32], bars: &Bars, out: &mut [f64]) {
    let rows = instruments.len();
    assert!([bars.high, bars.low, bars.close, bars.volume].iter().all(|column| column.len() == rows), "of one length");
    assert!(out.len() == rows * VALUES && states.len().is_multiple_of(STATE), "as many values as bars take");
    for (row, values) in out.chunks_exact_mut(VALUES).enumerate() {
        let bar = Bar { high: bars.high[row], low: bars.low[row], close: bars.close[row], volume: bars.volume[row] };
        let from = instruments[row] as usize * STATE;
        match states.get_mut(from..from + STATE) {
            Some(state) if can_be(&bar) => step(state, &bar, values),
            _ => values.fill(f64::NAN),
        }
    }
}

fn can_be(bar: &Bar) -> bool {
    let Bar { high, low, close, volume } = *bar;
    low > 0.0 && low <= close && close <= high && high < f64::INFINITY && (0.0..f64::INFINITY).contains(&volume)
}

fn step(state: &mut [f64], bar: &Bar, values: &mut [f64]) {
    let (windows, kernels) = state.split_at_mut(KERNELS);
    let (of_price_and_volume, technical) = values.split_at_mut(10);
    price_and_volume(windows, bar, of_price_and_volume);
    indicators(kernels, bar, technical);
}

fn price_and_volume(state: &mut [f64], bar: &Bar, values: &mut [f64]) {
    let Bar { high, low, close, volume } = *bar;
    let place = state[PLACE] as u32 as usize;
    let momentum = close / state[CLOSES + place % MOMENTUM] - 1.0;
    let price_change = close / state[CLOSE] - 1.0;
    let acceleration = price_change - state[CHANGE];
    let volume_change = if state[VOLUME] == 0.0 { 0.0 } else { volume / state[VOLUME] - 1.0 };
    let volumes = window(state, VOLUMES, place);
    let (usual, spread) = spread(volumes);
    let volume_ratio = if usual == 0.0 { 1.0 } else { volume / usual };
    let volume_spike = if spread == 0.0 { 0.0 } else { (volume - usual) / spread };

    push(state, CHANGES, place, price_change);
    push(state, VOLUMES, place, volume);
    push(state, VALUE, place, bar.typical() * volume);
    state[CLOSES + place % MOMENTUM] = close;
    (state[CLOSE], state[CHANGE], state[VOLUME]) = (close, price_change, volume);
    let place = if place + 1 == WINDOW { 0 } else { place + 1 };
    state[PLACE] = place as f64;

    let (_, volatility) = self::spread(window(state, CHANGES, place));
    let traded = sum(window(state, VOLUMES, place));
    let vwap = sum(window(state, VALUE, place)) / traded;
    let vwap_deviation = if traded == 0.0 { 0.0 } else { close / vwap - 1.0 };
    values.copy_from_slice(&[
        price_change,
        momentum,
        volatility,
        acceleration,
        (high - low) / close,
        volume,
        volume_change,
        volume_ratio,
        vwap_deviation,
        volume_spike,
    ]);
}

fn indicators(state: &mut [f64], bar: &Bar, values: &mut [f64]) {
    let Bar { high, low, close, .. } = *bar;
    let (rsi, state) = state.split_at_mut(RSI.state_len());
    let (macd, state) = state.split_at_mut(MACD.state_len());
    let (stoch, state) = state.split_at_mut(STOCH.state_len());
    let (bbands, willr) = state.split_at_mut(BBANDS.state_len());
    let rsi = RSI.update(rsi, close);
    let [macd, macd_signal, _] = MACD.update(macd, close);
    let [stoch_k, stoch_d] = STOCH.update(stoch, high, low, close);
    let [upper, _, lower] = BBANDS.update(bbands, close);
    let position = if upper == lower { 0.5 } else { (close - lower) / (upper - lower) };
    let willr = WILLR.update(willr, high, low, close);
    values.copy_from_slice(&[rsi, macd, macd_signal, stoch_k, stoch_d, upper, lower, position, willr]);
}

/// The last `WINDOW` values of a ring, oldest first. Each stands twice, `WINDOW` apart, so that they always lie in one piece.
fn window(state: &[f64], ring: usize, place: usize) -> &[f64; WINDOW] {
    state[ring + place..ring + place + WINDOW].try_into().expect("a window")
}

fn push(state: &mut [f64], ring: usize, place: usize, value: f64) {
    state[ring + place] = value;
    state[ring + place + WINDOW] = value;
}

/// Four sums side by side, then theirs: the order is fixed, and no addition waits for nineteen others.
fn sum(values: &[f64; WINDOW]) -> f64 {
    let mut sums = [0.0; 4];
    for four in values.chunks_exact(4) {
        for (sum, value) in sums.iter_mut().zip(four) {
            *sum += value;
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// Mean and standard deviation of a sample (n − 1 below). Taken as distances from the first value: of equal values the mean
/// is that value and the deviation 0, to the last bit.
fn spread(values: &[f64; WINDOW]) -> (f64, f64) {
    let distances = values.map(|value| value - values[0]);
    let mean = sum(&distances) / WINDOW as f64;
    let squares = distances.map(|distance| (distance - mean) * (distance - mean));
    (values[0] + mean, (sum(&squares) / (WINDOW - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars that wander, some of them without volume or range, from a generator that needs no crate.
    fn market(count: usize) -> Vec<Bar> {
        let mut seed = 11_u64;
        let mut draw = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((seed >> 33) % below) as f64
        };
        let mut close = 60_000.0;
        (0..count)
            .map(|_| {
                close += (draw(201) - 100.0) / 10.0;
                let (up, down, volume) = (draw(30) / 10.0, draw(30) / 10.0, draw(5) * draw(1_000) / 1_000.0);
                Bar { high: close + up, low: close - down, close, volume }
            })
            .collect()
    }

    fn features(states: &mut [f64], instruments: &[u32], bars: &[Bar]) -> Vec<f64> {
        let column = |of: fn(&Bar) -> f64| bars.iter().map(of).collect::<Vec<_>>();
        let (high, low) = (column(|bar| bar.high), column(|bar| bar.low));
        let (close, volume) = (column(|bar| bar.close), column(|bar| bar.volume));
        let bars = Bars { high: &high, low: &low, close: &close, volume: &volume };
        let mut out = vec![0.0; instruments.len() * VALUES];
        bar_features(states, instruments, &bars, &mut out);
        out
    }

    fn fresh(instruments: usize) -> Vec<f64> {
        let mut states = vec![0.0; STATE * instruments];
        start(&mut states);
        states
    }

    fn of_one(bars: &[Bar]) -> Vec<f64> {
        features(&mut fresh(1), &vec![0; bars.len()], bars)
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn price_and_volume_know_nothing_of_bars_older_than_their_windows() {
        let bars = market(100_000);
        let whole = of_one(&bars);
        let part = of_one(&bars[bars.len() - 40..]);
        for row in 21..40 {
            let (late, early) = (&whole[(bars.len() - 40 + row) * VALUES..], &part[row * VALUES..]);
            assert_eq!(bits(&late[..10]), bits(&early[..10]));
        }
    }

    #[test]
    fn interleaved_instruments_have_the_features_that_each_has_alone() {
        let (first, second) = (market(200), market(400).split_off(200));
        let mixed: Vec<Bar> = first.iter().zip(&second).flat_map(|(a, b)| [*a, *b]).collect();
        let instruments: Vec<u32> = (0..400).map(|row| row % 2).collect();
        let together = features(&mut fresh(2), &instruments, &mixed);
        let (alone, other) = (of_one(&first), of_one(&second));
        for row in 0..200 {
            let at = |of: &[f64], row: usize| bits(&of[row * VALUES..][..VALUES]);
            assert_eq!(at(&together, 2 * row), at(&alone, row));
            assert_eq!(at(&together, 2 * row + 1), at(&other, row));
        }
    }

    #[test]
    fn a_flat_market_without_volume_has_finite_features() {
        for volume in [0.0, 0.1] {
            let flat = vec![Bar { high: 0.3, low: 0.3, close: 0.3, volume }; 60];
            let values = of_one(&flat);
            let last = &values[59 * VALUES..];
            let of_price_and_volume = [0.0, 0.0, 0.0, 0.0, 0.0, volume, 0.0, 1.0, 0.0, 0.0];
            let technical = [0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.3, 0.5, 0.0];
            for (value, expected) in last.iter().zip(of_price_and_volume.iter().chain(&technical)) {
                assert!((value - expected).abs() < 1e-15, "{last:?}");
            }
            // What something is divided by, or told apart from nothing, is nothing to the last bit.
            assert_eq!((last[2], last[9], last[17]), (0.0, 0.0, 0.5));
        }
    }

    #[test]
    fn a_bar_that_cannot_be_and_an_unknown_instrument_change_nothing() {
        let bars = market(80);
        let expected = of_one(&bars);
        let mut states = fresh(1);
        let mut got = features(&mut states, &[0; 50], &bars[..50]);
        let before = bits(&states);
        let good = bars[50];
        for bad in [
            Bar { close: f64::NAN, ..good },
            Bar { low: 0.0, ..good },
            Bar { high: f64::INFINITY, ..good },
            Bar { close: good.high + 1.0, ..good },
            Bar { volume: -1.0, ..good },
            Bar { volume: f64::NAN, ..good },
        ] {
            assert!(features(&mut states, &[0], &[bad]).iter().all(|value| value.is_nan()));
        }
        for instrument in [1, u32::MAX] {
            assert!(features(&mut states, &[instrument], &[good]).iter().all(|value| value.is_nan()));
        }
        assert_eq!(bits(&states), before);
        got.extend(features(&mut states, &[0; 30], &bars[50..]));
        assert_eq!(bits(&got), bits(&expected));
    }
}

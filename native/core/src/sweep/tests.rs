//! Kernels and money against the plainest form of each. That a trial equals a backtest is held in `operators/research/vectorized`.

use super::calendar::Row;
use super::money::{Scale, share};
use super::*;

/// Closes that wander, with highs and lows around them, from a generator that needs no crate.
struct Walk {
    close: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    ratio: Vec<f64>,
}

fn walk(bars: usize, seed: u32) -> Walk {
    let mut state = seed;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from((state >> 8) % below)
    };
    let mut price = 5_000.0;
    let mut walk = Walk { close: vec![], high: vec![], low: vec![], ratio: vec![] };
    for _ in 0..bars {
        // Often the same again, so that means touch.
        price = (price + draw(7) - 3.0_f64).max(100.0);
        walk.close.push(price);
        walk.high.push(price + draw(5));
        walk.low.push(price - draw(5));
        walk.ratio.push(draw(40) / 10.0);
    }
    walk
}

/// With the sums that crossovers need, or with the columns of the others.
fn series(walk: &Walk, sums: bool) -> Series {
    let Walk { close, high, low, ratio } = walk;
    let prices = Prices { open: close, high, low, close, volume_ratio: ratio };
    Series::new(&prices, 1.0, Needs { open: true, sums, prices: !sums }).expect("sound prices")
}

const MINUTE: f64 = 60e6;

/// A bar a minute; equity is asked for after so many bars.
fn alone(series: Series, terms: Terms, days: &[usize]) -> Markets {
    let opens: Vec<f64> = (0..series.len()).map(|bar| bar as f64 * MINUTE).collect();
    let ends: Vec<f64> = days.iter().map(|bars| *bars as f64 * MINUTE).collect();
    Markets::new(vec![Arc::new(Market { series, terms })], &[&opens], MINUTE, &ends)
}

fn terms() -> Terms {
    Terms {
        cash: 1_000_000_000_000_000,
        scale: Scale { numerator: 100_000, denominator: 1, inverse: false },
        spot: false,
        tick_size: 1.0,
        tick_numerator: 1.0,
        tick_denominator: 1.0,
        lot_size: 0.001,
        lot_numerator: 1.0,
        lot_denominator: 1000.0,
        contract_size: 1.0,
        min_notional: 0.0,
        fee_top: 4,
        fee_bottom: 10_000,
        slippage_bps: 0.0,
        stop: f64::NAN,
        target: f64::NAN,
        next_open: false,
    }
}

/// Trials by the targets that a plain loop finds.
fn by_targets(markets: &Markets, sizes: Vec<f64>) -> Results {
    let trials = sizes.len() / markets.bars()[0];
    run(markets, &Trials::Targets(Targets { trials, sizes: vec![sizes] }), 1)
}

fn assert_equal(a: &Results, b: &Results) {
    assert_eq!(
        (&a.equity, &a.fills, &a.trips, &a.wins, &a.fees, &a.days),
        (&b.equity, &b.fills, &b.trips, &b.wins, &b.fees, &b.days),
    );
}

#[test]
fn comparing_sums_is_the_same_on_any_processor() {
    let series = series(&walk(1000, 1), true);
    for (fast, slow) in [(1, 2), (3, 7), (10, 30), (64, 128), (5, 900)] {
        for at in [slow, slow + 1, 936] {
            for count in [1, 17, 63, 64] {
                let plain = sma::find(&series.sums, at, count, fast, slow);
                assert_eq!(plain.0 & plain.1, 0, "no mean is above and below another");
                #[cfg(target_arch = "x86_64")]
                if let Some(wide) = sma::find_wide(&series.sums, at, count, fast, slow) {
                    assert_eq!(wide, plain, "{fast}/{slow} at {at}, {count} of them");
                }
            }
        }
    }
}

#[test]
fn crosses_are_those_of_sums_made_anew_at_each_bar() {
    let walk = walk(5000, 2);
    let markets = alone(series(&walk, true), terms(), &[1000, 4096, 5000]);
    let trials: Vec<_> = [(1, 2, true), (10, 30, false), (50, 700, true), (3, 5001, true)]
        .map(|(fast, slow, short)| SmaCross { fast, slow, size: 0.5, short })
        .to_vec();
    let sizes = trials.iter().flat_map(|&SmaCross { fast, slow, size, short }| {
        let mut before = 0;
        let walk = &walk;
        (0..walk.close.len()).map(move |bar| {
            if bar + 1 < slow {
                return f64::NAN;
            }
            let sum = |bars: usize| walk.close[bar + 1 - bars..=bar].iter().sum::<f64>();
            let (quick, long) = (sum(fast) * slow as f64, sum(slow) * fast as f64);
            let sign = if quick > long {
                1
            } else if quick < long {
                -1
            } else {
                0
            };
            let was = std::mem::replace(&mut before, sign);
            match (was, sign) {
                (..=0, 1) => size,
                (0.., -1) => {
                    if short {
                        -size
                    } else {
                        0.0
                    }
                }
                _ => f64::NAN,
            }
        })
    });
    let plain = by_targets(&markets, sizes.collect());
    let swept = run(&markets, &Trials::SmaCross(trials), 2);
    assert_equal(&swept, &plain);
    assert!(swept.fills[..3].iter().all(|fills| *fills > 3) && swept.fills[3] == 0);
}

#[test]
fn scores_are_those_of_a_ring_that_is_summed_in_its_own_order() {
    let walk = walk(3000, 3);
    let markets = alone(series(&walk, false), terms(), &[]);
    let mut fills = 0;
    for bars in [2, 3, 7, 8, 9, 20, 61] {
        let of =
            Reversion { bars, entry: 1.3, edge: 0.0, exit: 0.2, stop: 0.001, max_bars: 40.0, size: 1.0, short: true };
        let mut ring = vec![0.0; bars];
        let (mut side, mut entered, mut held, mut spent) = (0.0, 0.0, 0.0, 0.0);
        let mut sizes = Vec::new();
        for (bar, &close) in walk.close.iter().enumerate() {
            ring[bar % bars] = close;
            if bar + 1 < bars {
                sizes.push(f64::NAN);
                continue;
            }
            let mean = ring.iter().sum::<f64>() / bars as f64;
            let squares: f64 = ring.iter().map(|one| (one - mean) * (one - mean)).sum();
            let deviation = (squares / bars as f64).sqrt();
            let score = if deviation > 0.0 { (close - mean) / deviation } else { 0.0 };
            let was = side;
            if spent * score >= -of.exit {
                spent = 0.0;
            }
            if side != 0.0 {
                held += 1.0;
                let back = side * score >= -of.exit;
                if back || side * (close - entered) <= -of.stop * entered || held >= of.max_bars {
                    spent = if back { spent } else { side };
                    side = 0.0;
                }
            }
            let wish = if score < 0.0 { 1.0 } else { -1.0 };
            if side == 0.0 && score.abs() >= of.entry && wish != spent {
                (side, entered, held) = (wish, close, 0.0);
            }
            sizes.push(if side == was { f64::NAN } else { side });
        }
        let swept = run(&markets, &Trials::Reversion(vec![of]), 1);
        assert_equal(&swept, &by_targets(&markets, sizes));
        fills += swept.fills[0];
    }
    assert!(fills > 100);
}

#[test]
fn channels_are_those_of_windows_looked_through_at_each_bar() {
    let walk = walk(6000, 4);
    let markets = alone(series(&walk, false), terms(), &[]);
    let mut fills = 0;
    for (bars, exit_bars) in [(2, 1), (20, 10), (5, 300)] {
        let of = Breakout { bars, beyond: 0.0001, volume_factor: 1.5, exit_bars, trail: 0.01, size: 1.0, short: true };
        let (mut side, mut best) = (0, 0.0_f64);
        let mut sizes = Vec::new();
        for bar in 0..6000 {
            let channel = |bars: usize| {
                if bar < bars {
                    return (f64::INFINITY, f64::NEG_INFINITY);
                }
                let high = walk.high[bar - bars..bar].iter().copied().fold(f64::MIN, f64::max);
                (high, walk.low[bar - bars..bar].iter().copied().fold(f64::MAX, f64::min))
            };
            let (close, was) = (walk.close[bar], side);
            if side != 0 {
                let exit = channel(exit_bars);
                best = if side > 0 { best.max(walk.high[bar]) } else { best.min(walk.low[bar]) };
                let trailed = if side > 0 { close <= best * 0.99 } else { close >= best * 1.01 };
                if trailed || if side > 0 { close < exit.1 } else { close > exit.0 } {
                    side = 0;
                }
            }
            if side == 0 && walk.ratio[bar] >= 1.5 {
                let (high, low) = channel(bars);
                let broken = i32::from(close >= high * 1.0001) - i32::from(close <= low * 0.9999);
                if broken != 0 && broken != was {
                    (side, best) = (broken, close);
                }
            }
            sizes.push(if side == was { f64::NAN } else { f64::from(side) });
        }
        let swept = run(&markets, &Trials::Breakout(vec![of]), 1);
        assert_equal(&swept, &by_targets(&markets, sizes));
        fills += swept.fills[0];
    }
    assert!(fills > 100);
}

#[test]
fn threads_never_show() {
    let markets = alone(series(&walk(5000, 5), true), terms(), &[100, 5000]);
    let trials = (1..40).map(|fast| SmaCross { fast, slow: fast + 17, size: 1.0, short: true });
    let trials = Trials::SmaCross(trials.collect());
    let one = run(&markets, &trials, 1);
    for threads in [2, 3, 39, 100] {
        assert_equal(&run(&markets, &trials, threads), &one);
    }
    assert_eq!((one.days.len(), one.equity.len()), (78, 39));
}

#[test]
fn an_exit_closes_at_the_first_close_beyond_its_share_and_not_before() {
    let close = [100.0, 101.0, 99.0, 98.0, 97.0, 100.0, 103.0, 104.0];
    let walk = Walk { close: close.to_vec(), high: close.to_vec(), low: close.to_vec(), ratio: close.to_vec() };
    let mut sizes = vec![f64::NAN; 8];
    (sizes[0], sizes[5]) = (1.0, 1.0);
    let stopped = Terms { stop: 0.02, target: 0.03, fee_top: 0, ..terms() };
    for sums in [false, true] {
        let markets = alone(series(&walk, sums), stopped.clone(), &[1, 2, 3, 4, 5, 6, 7, 8]);
        let results = by_targets(&markets, sizes.clone());
        // Bought at 100, stopped at 98; bought at 100, gone at 103.
        let start = 10_000_000.0;
        assert_eq!(results.days, [0.0, 1.0, -1.0, -2.0, -2.0, -2.0, 1.0, 1.0].map(|gain| start + gain));
        assert_eq!((results.fills[0], results.trips[0], results.wins[0]), (4, 2, 1));
    }
}

#[test]
fn money_is_rounded_half_away_from_zero_and_told_when_it_does_not_fit() {
    let half = Scale { numerator: 1, denominator: 2, inverse: false };
    assert_eq!([1, 3, 4].map(|ticks| half.value(ticks, 1)), [Some(1), Some(2), Some(2)]);
    assert_eq!([1, 3, 4].map(|ticks| half.value(ticks, -1)), [Some(-1), Some(-2), Some(-2)]);
    let inverse = Scale { numerator: 7, denominator: 1, inverse: true };
    assert_eq!((inverse.value(2, 1), inverse.worth(2, 1)), (Some(4), Some(-4)));
    let large = Scale { numerator: 1_000_000_007, denominator: 1_000_000_007, inverse: false };
    assert_eq!(large.value(1 << 40, 1 << 20), Some(1 << 60));
    assert_eq!(large.value(1 << 40, 1 << 23), None);
    assert_eq!(
        (share(10, 1, 4), share(-10, 1, 4), share(i64::MAX, 1 << 40, 1 << 41)),
        (Some(3), Some(-3), Some(1 << 62))
    );
}

#[test]
fn bars_are_seen_by_instant_and_in_it_by_market() {
    let (first, second): (&[f64], &[f64]) = (&[0.0, 120e6, 180e6], &[60e6, 120e6]);
    let calendar = Calendar::new(&[first, second]);
    assert_eq!(calendar.times, [0.0, 60e6, 120e6, 180e6]);
    let mut rows: Vec<Row> =
        (0..3).map(|bar| calendar.row(0, bar)).chain((0..2).map(|bar| calendar.row(1, bar))).collect();
    rows.sort_unstable();
    let seen = |row: &Row| [calendar.seen(0, *row), calendar.seen(1, *row)];
    assert_eq!(rows.iter().map(seen).collect::<Vec<_>>(), [[1, 0], [1, 1], [2, 1], [2, 2], [3, 2]]);
    // The first row of an instant tells of equity, and the last of all.
    assert_eq!([0, 1, 2, 3].map(|instant| seen(&calendar.told(instant))), [[1, 0], [1, 1], [2, 1], [3, 2]]);
}

#[test]
fn a_day_is_told_of_by_the_first_row_of_its_last_minute() {
    let opens: Vec<f64> = (0..6).map(|bar| f64::from(bar) * 25e6).collect();
    let told = days(&opens, 25e6, &[10e6, 50e6, 75e6, 119e6, 149e6, 150e6]);
    // Closes at 25, 50, 75, 100, 125 and 150 s; the minute that it begins in has no row.
    let told: Vec<_> = told.iter().map(|day| (day.over, day.told)).collect();
    assert_eq!(told, [(0, 0), (2, 0), (3, 3), (4, 3), (5, 5), (6, 6)]);
}

/// Two markets of a bar a minute in one account; the second begins three bars later.
fn both(walks: [&Walk; 2], terms: &Terms, days: &[usize]) -> Markets {
    let opens = walks.map(|walk| (0..walk.close.len()).map(|bar| bar as f64 * MINUTE).collect::<Vec<f64>>());
    let late: Vec<f64> = opens[1].iter().map(|open| open + 3.0 * MINUTE).collect();
    let ends: Vec<f64> = days.iter().map(|bars| *bars as f64 * MINUTE).collect();
    let of = walks.map(|walk| Arc::new(Market { series: series(walk, true), terms: terms.clone() }));
    Markets::new(of.to_vec(), &[&opens[0], &late], MINUTE, &ends)
}

#[test]
fn instruments_that_lack_no_money_come_to_the_sum_of_what_each_comes_to_alone() {
    let (one, other) = (walk(5000, 6), walk(4000, 7));
    let terms = Terms { stop: 0.01, target: 0.02, next_open: true, ..terms() };
    let trials: Vec<_> = (1..40).map(|fast| SmaCross { fast, slow: fast + 17, size: 1.0, short: true }).collect();
    let trials = Trials::SmaCross(trials);
    let together = run(&both([&one, &other], &terms, &[5000]), &trials, 2);
    let alone = [&one, &other].map(|walk| run(&alone(series(walk, true), terms.clone(), &[]), &trials, 1));
    for trial in 0..39 {
        let sum = |of: fn(&Results, usize) -> i64| of(&alone[0], trial) + of(&alone[1], trial);
        assert_eq!(together.equity[trial], sum(|of, trial| of.equity[trial]) - terms.cash);
        assert_eq!(together.days[trial], together.equity[trial] as f64 / 1e8);
        assert_eq!(together.fees[trial], sum(|of, trial| of.fees[trial]));
        let counts = |of: &Results, trial: usize| [of.fills[trial], of.trips[trial], of.wins[trial]];
        let (a, b) = (counts(&alone[0], trial), counts(&alone[1], trial));
        assert_eq!(counts(&together, trial), [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
    }
}

#[test]
fn money_goes_to_who_asks_first_and_equity_of_a_day_knows_no_later_price() {
    let walk = |bars: usize| {
        let close: Vec<f64> = (0..bars).map(|bar| [100.0, 110.0, 120.0][bar.clamp(3, 5) - 3]).collect();
        Walk { close: close.clone(), high: close.clone(), low: close.clone(), ratio: close }
    };
    // Enough for one of them: 100 at twenty times.
    let terms = Terms { cash: 600_000_000, fee_top: 0, ..terms() };
    let markets = both([&walk(9), &walk(6)], &terms, &[5, 8, 9]);
    let empty = both([&walk(9), &walk(0)], &terms, &[]);
    let alone = Targets { trials: 1, sizes: vec![vec![1.0; 9], vec![]] };
    assert_eq!(run(&empty, &Trials::Targets(alone), 1).equity, [2_600_000_000]);
    let of = |first: usize, second: usize| {
        let ask = |at: usize, bars: usize| (0..bars).map(|bar| if bar == at { 1.0 } else { f64::NAN }).collect();
        let targets = Targets { trials: 1, sizes: vec![ask(first, 9), ask(second, 6)] };
        let Results { equity, fills, days, .. } = run(&markets, &Trials::Targets(targets), 1);
        (fills[0], equity[0], days)
    };
    // At one instant the first market comes first.
    assert_eq!(of(3, 0), (1, 2_600_000_000, vec![16.0, 26.0, 26.0]));
    // The second rises at the instants 7 and 8, of which the first market's row is seen first.
    assert_eq!(of(5, 0), (1, 2_600_000_000, vec![6.0, 6.0, 26.0]));
}

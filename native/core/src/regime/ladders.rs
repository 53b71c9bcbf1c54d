//! The regimes of each horizon with their thresholds, and how far a market is from them.
//! Source: S0 §6, "Volatility Regime Classification"; the risk regimes are S3 §4.2's with S0's thresholds.

/// What is known of a market at a bar. `hour` is NaN where bars are longer; the rest of it is of one horizon.
#[derive(Clone, Copy, Default)]
pub struct Measures {
    /// Simple return over the horizon.
    pub change: f64,
    /// Standard deviation of the bars' log returns, scaled to the horizon.
    pub volatility: f64,
    /// Volume of the bar over the mean of the window; NaN where nothing was traded.
    pub volume: f64,
    /// 0…100.
    pub rsi: f64,
    /// −1 at the lower band, 1 at the upper one.
    pub bollinger: f64,
    /// Funding rate over the one that S0 calls the limit, within ±1; NaN where it is not known.
    pub funding: f64,
    /// Of `risk` alone: simple return of the last hour, and how far the close is below the highest of the window, as a share of it.
    pub hour: f64,
    pub fall: f64,
    /// Of `risk` alone: share of the fall of the last crash that was regained, 0…1.
    pub regained: f64,
}

/// Which way a regime points.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Way {
    Up,
    Down,
    /// A trend either way: that of the return.
    Along,
    /// Much movement, wherever to.
    Either,
    /// Little movement.
    Calm,
}

pub struct Rung {
    pub way: Way,
    /// The more extreme one wins where several are reached.
    pub severity: u8,
    /// Thresholds: absolute return over the horizon, volatility over the horizon.
    pub change: f64,
    pub volatility: f64,
    /// Where strength is 1, as multiples of the thresholds: at the next rung, or twice where there is none. Of a calm rung: where it ends.
    pub change_end: f64,
    pub volatility_end: f64,
    /// 1 / the thresholds, and 1 / what lies between them and the ends: every regime is asked about at every bar, and a division
    /// costs four multiplications.
    pub per_change: f64,
    pub per_volatility: f64,
    pub per_change_span: f64,
    pub per_volatility_span: f64,
}

const fn rung(way: Way, severity: u8, change: f64, volatility: f64, change_end: f64, volatility_end: f64) -> Rung {
    Rung {
        way,
        severity,
        change,
        volatility,
        change_end,
        volatility_end,
        per_change: 1.0 / change,
        per_volatility: 1.0 / volatility,
        per_change_span: 1.0 / (change_end - change),
        per_volatility_span: 1.0 / (volatility_end - volatility),
    }
}

/// FLASH_CRASH, FLASH_PUMP, HIGH_VOLATILITY, NORMAL.
pub static MINUTE: [Rung; 4] = [
    rung(Way::Down, 2, 0.10, 0.20, 0.20, 0.40),
    rung(Way::Up, 2, 0.10, 0.20, 0.20, 0.40),
    rung(Way::Either, 1, 0.03, 0.08, 0.10, 0.20),
    rung(Way::Calm, 0, 0.01, 0.03, 0.03, 0.08),
];

/// EXTREME_BULL, STRONG_BULL, BULL, RANGING, BEAR, STRONG_BEAR, EXTREME_BEAR.
pub static HOUR: [Rung; 7] = [
    rung(Way::Up, 3, 0.20, 0.15, 0.40, 0.30),
    rung(Way::Up, 2, 0.10, 0.10, 0.20, 0.15),
    rung(Way::Up, 1, 0.05, 0.07, 0.10, 0.10),
    rung(Way::Calm, 0, 0.02, 0.05, 0.05, 0.07),
    rung(Way::Down, 1, 0.05, 0.07, 0.10, 0.10),
    rung(Way::Down, 2, 0.10, 0.10, 0.20, 0.15),
    rung(Way::Down, 3, 0.20, 0.15, 0.40, 0.30),
];

/// PARABOLIC, STRONG_TREND, TRENDING, CONSOLIDATING.
pub static DAY: [Rung; 4] = [
    rung(Way::Along, 3, 0.50, 0.30, 1.00, 0.60),
    rung(Way::Along, 2, 0.20, 0.15, 0.50, 0.30),
    rung(Way::Along, 1, 0.10, 0.10, 0.20, 0.15),
    rung(Way::Calm, 0, 0.05, 0.08, 0.10, 0.10),
];

/// NORMAL, VOLATILE, TRENDING, CRASH, BULL_RUN, RECOVERY. RECOVERY is never reached by thresholds, see `follow.rs`.
pub static RISK: [Rung; 6] = [
    rung(Way::Calm, 0, 0.05, 0.08, 0.10, 0.10),
    rung(Way::Either, 2, 0.05, 0.10, 0.10, 0.20),
    rung(Way::Along, 1, 0.10, 0.10, 0.20, 0.15),
    rung(Way::Down, 4, 0.20, 0.15, 0.40, 0.30),
    rung(Way::Up, 3, 0.20, 0.15, 0.40, 0.30),
    rung(Way::Up, 0, 0.20, 0.10, 0.40, 0.20),
];
pub const VOLATILE: usize = 1;
pub const CRASH: usize = 3;
pub const BULL_RUN: usize = 4;
pub const RECOVERY: usize = 5;

/// Return of an hour that is a CRASH however the day was, and one that ends a BULL_RUN: S0's STRONG_BEAR and BEAR.
pub const HOUR_CRASH: f64 = 0.10;
pub const HOUR_BEAR: f64 = 0.05;

/// 4, 7, 4, 6 regimes of the horizons 1m, 1h, 24h, risk.
pub static LADDERS: [&[Rung]; 4] = [&MINUTE, &HOUR, &DAY, &RISK];
/// How many regimes each has.
pub const SIZES: [usize; 4] = [4, 7, 4, 6];
pub const RISK_HORIZON: usize = 3;

/// A return is rounded: 90 after 100 is −0.09999999999999998.
const ROUNDING: f64 = 1e-12;

/// How far a regime is reached: 1 at its threshold, by whichever of its measures is further; 0 and less when the market
/// goes the other way. Of a calm regime 1: it is always reached.
pub fn reached(horizon: usize, regime: usize, seen: &Measures) -> f64 {
    let rung = &LADDERS[horizon][regime];
    let Measures { change, volatility, hour, fall, .. } = *seen;
    if horizon == RISK_HORIZON {
        match regime {
            CRASH => return (fall * rung.per_change).max(-hour * (1.0 / HOUR_CRASH)),
            VOLATILE => return (volatility * rung.per_volatility).max(hour.abs() * rung.per_change),
            BULL_RUN if hour <= -HOUR_BEAR + ROUNDING => return 0.0,
            _ => {}
        }
    }
    match rung.way {
        Way::Up => change * rung.per_change,
        Way::Down => -change * rung.per_change,
        Way::Along => change.abs() * rung.per_change,
        Way::Either => (change.abs() * rung.per_change).max(volatility * rung.per_volatility),
        Way::Calm => 1.0,
    }
}

/// The most extreme regime whose threshold is reached, else the calm one.
pub fn classify(horizon: usize, seen: &Measures) -> usize {
    let ladder = LADDERS[horizon];
    let mut best = 0;
    let mut severity = -1;
    for (regime, rung) in ladder.iter().enumerate() {
        if i32::from(rung.severity) <= severity || (horizon == RISK_HORIZON && regime == RECOVERY) {
            continue;
        }
        if is_reached(reached(horizon, regime, seen), 1.0) {
            best = regime;
            severity = i32::from(rung.severity);
        }
    }
    best
}

/// `share` of a threshold, with what rounding takes granted.
pub fn is_reached(ratio: f64, share: f64) -> bool {
    ratio >= share - ROUNDING
}

/// How extreme within the regime, 0…1: 0 at its threshold, 1 at that of the next (at twice its own where it is the last).
/// Of a calm one: 1 when nothing moves, 0 where the next begins. Of RECOVERY: the share of the fall that was regained.
pub fn strength(horizon: usize, regime: usize, seen: &Measures) -> f64 {
    let rung = &LADDERS[horizon][regime];
    let is_risk = horizon == RISK_HORIZON;
    if is_risk && regime == RECOVERY {
        return seen.regained;
    }
    let inside = match rung.way {
        Way::Calm => {
            let others =
                (0..LADDERS[horizon].len()).filter(|other| *other != regime && !(is_risk && *other == RECOVERY));
            1.0 - others.map(|other| reached(horizon, other, seen)).fold(0.0, f64::max)
        }
        Way::Either => {
            let change = if is_risk { seen.hour } else { seen.change };
            let by_change = (change.abs() - rung.change) * rung.per_change_span;
            by_change.max((seen.volatility - rung.volatility) * rung.per_volatility_span)
        }
        _ => (reached(horizon, regime, seen) - 1.0) * rung.change * rung.per_change_span,
    };
    inside.clamp(0.0, 1.0)
}

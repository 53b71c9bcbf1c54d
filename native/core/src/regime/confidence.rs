//! How sure a regime is: the weighted mean of six opinions, each in [0, 1], of those that are known.

use super::ladders::{CRASH, LADDERS, Measures, RECOVERY, RISK_HORIZON, Way, reached};

/// S0 §11 weighs return, volatility, volume and funding so. RSI and Bollinger position are asked as much as funding is.
const CHANGE: f64 = 0.4;
const VOLATILITY: f64 = 0.3;
const VOLUME: f64 = 0.2;
const FUNDING: f64 = 0.1;
const RSI: f64 = 0.1;
const BOLLINGER: f64 = 0.1;

/// A regime is held until it is reached to this share only: S0's sensitivity.
pub const HOLD: f64 = 0.8;

/// Confidence in [0, 1] that `regime` is the market's.
pub fn confidence(horizon: usize, regime: usize, seen: &Measures) -> f64 {
    let way = match LADDERS[horizon][regime].way {
        Way::Along if seen.change < 0.0 => Way::Down,
        Way::Along => Way::Up,
        way => way,
    };
    let mut sum = CHANGE * change_fits(horizon, regime, seen) + VOLATILITY * volatility_fits(horizon, regime, seen);
    sum += RSI * agrees(way, (seen.rsi - 50.0) * (1.0 / 20.0)) + BOLLINGER * agrees(way, seen.bollinger);
    let mut weight = CHANGE + VOLATILITY + RSI + BOLLINGER;
    if !seen.volume.is_nan() {
        sum += VOLUME * (if way == Way::Calm { 2.0 - seen.volume } else { seen.volume / 2.0 }).clamp(0.0, 1.0);
        weight += VOLUME;
    }
    if !seen.funding.is_nan() {
        sum += FUNDING
            * match way {
                Way::Up => 0.5 + 0.5 * seen.funding,
                Way::Down => 0.5 - 0.5 * seen.funding,
                _ => agrees(way, seen.funding),
            };
        weight += FUNDING;
    }
    (sum / weight).clamp(0.0, 1.0)
}

/// Whether an indicator, 0 where it says nothing and ±1 where it says all, speaks for that way.
fn agrees(way: Way, indicator: f64) -> f64 {
    match way {
        Way::Up => indicator.clamp(0.0, 1.0),
        Way::Down => (-indicator).clamp(0.0, 1.0),
        Way::Calm => 1.0 - indicator.abs().min(1.0),
        Way::Either | Way::Along => indicator.abs().min(1.0),
    }
}

/// 1 from the threshold on, 0 where the regime would be left; of a calm regime 1 within its own return, 0 where the next begins;
/// of RECOVERY 1 where CRASH would be left, 0 at its threshold.
fn change_fits(horizon: usize, regime: usize, seen: &Measures) -> f64 {
    let rung = &LADDERS[horizon][regime];
    if horizon == RISK_HORIZON && regime == RECOVERY {
        return ((1.0 - reached(horizon, CRASH, seen)) * (1.0 / (1.0 - HOLD))).clamp(0.0, 1.0);
    }
    let fit = match rung.way {
        Way::Calm => (rung.change_end - seen.change.abs()) * rung.per_change_span,
        _ => (reached(horizon, regime, seen) - HOLD) * (1.0 / (1.0 - HOLD)),
    };
    fit.clamp(0.0, 1.0)
}

/// The share of its volatility that the market has; of a calm regime, and of RECOVERY, 1 within it, 0 at its end.
fn volatility_fits(horizon: usize, regime: usize, seen: &Measures) -> f64 {
    let rung = &LADDERS[horizon][regime];
    let wants_calm = rung.way == Way::Calm || (horizon == RISK_HORIZON && regime == RECOVERY);
    let fit = if wants_calm {
        (rung.volatility_end - seen.volatility) * rung.per_volatility_span
    } else {
        seen.volatility * rung.per_volatility
    };
    fit.clamp(0.0, 1.0)
}

//! From one bar's regime to the next: when it changes, and when it is held (hysteresis).

use super::confidence::{HOLD, confidence};
use super::ladders::*;
use super::state::*;

/// S0's confidence threshold: a calmer regime that is as sure as this is taken at once, another waits.
const SURE: f64 = 0.7;
/// S0's smoothing factor: the part of a new confidence in the one that is given.
const SMOOTHING: f64 = 0.1;
/// Bars that a regime is kept at most after it stopped being reached: 1 / SMOOTHING.
const WAIT: f64 = 10.0;
/// RECOVERY ends when the close is as near as this to the high before the crash (S0's CONSOLIDATING), or after a day.
const RECOVERED: f64 = 0.05;

/// Moves a horizon by a bar and gives the strength of its regime.
pub fn follow(own: &mut [f64], horizon: usize, seen: &Measures, time: f64, highest: f64) -> f64 {
    let at = REGIMES + horizon * REGIME_LEN;
    let before = own[at + REGIME];
    let wanted = classify(horizon, seen);
    let regime = if before.is_nan() { wanted } else { next(own, horizon, before as usize, wanted, seen, time) };
    let sure = confidence(horizon, regime, seen);
    if before == regime as f64 {
        own[at + CONFIDENCE] += SMOOTHING * (sure - own[at + CONFIDENCE]);
    } else {
        own[at + CONFIDENCE] = sure;
        own[at + REGIME] = regime as f64;
        own[at + SINCE] = time;
        own[at + WAITED] = 0.0;
        if horizon == RISK_HORIZON {
            enter(own, before, regime, time, highest);
        }
    }
    if !before.is_nan() {
        let regimes = SIZES[horizon];
        own[counts_at(horizon) + before as usize * regimes + regime] += 1.0;
    }
    strength(horizon, regime, seen)
}

/// A more extreme regime, or one the other way, comes at once. A calmer one comes when the present one is not reached to
/// 0.8 of its threshold any more and either the calmer one is sure, or the market turned the other way, or ten bars went by.
fn next(own: &mut [f64], horizon: usize, before: usize, wanted: usize, seen: &Measures, time: f64) -> usize {
    let waited = REGIMES + horizon * REGIME_LEN + WAITED;
    let is_risk = horizon == RISK_HORIZON;
    if is_risk && before == RECOVERY {
        let ends = wanted == CRASH || time >= own[UNTIL] || has_recovered(own);
        return if ends { wanted } else { RECOVERY };
    }
    let ladder = LADDERS[horizon];
    if wanted == before || ladder[wanted].severity >= ladder[before].severity {
        own[waited] = 0.0;
        return wanted;
    }
    let ratio = reached(horizon, before, seen);
    if is_reached(ratio, HOLD) {
        own[waited] = 0.0;
        return before;
    }
    // A crash is followed by a recovery, unless all of it was regained.
    let after = if is_risk && before == CRASH && !has_recovered(own) { RECOVERY } else { wanted };
    own[waited] += 1.0;
    let leaves = ratio <= 0.0 || own[waited] >= WAIT || confidence(horizon, after, seen) >= SURE;
    if leaves { after } else { before }
}

/// While a crash or its recovery lasts: the high before it and the low since. Called before `follow`.
pub fn remember(own: &mut [f64], close: f64, highest: f64) {
    let regime = own[REGIMES + RISK_HORIZON * REGIME_LEN + REGIME];
    if regime == CRASH as f64 {
        own[HIGH] = own[HIGH].max(highest);
        own[LOW] = own[LOW].min(close);
    } else if regime == RECOVERY as f64 {
        own[HIGH] = own[HIGH].max(close);
        own[LOW] = own[LOW].min(close);
    }
}

/// The part of the fall from high to low that is regained at `close`, 0…1.
pub fn regained(own: &[f64], close: f64) -> f64 {
    let fall = own[HIGH] - own[LOW];
    if fall > 0.0 { ((close - own[LOW]) / fall).clamp(0.0, 1.0) } else { 0.0 }
}

fn has_recovered(own: &[f64]) -> bool {
    own[CLOSE] >= (1.0 - RECOVERED) * own[HIGH]
}

/// What a change of the risk regime leaves behind.
fn enter(own: &mut [f64], before: f64, regime: usize, time: f64, highest: f64) {
    match regime {
        CRASH if before == RECOVERY as f64 => own[HIGH] = own[HIGH].max(highest),
        CRASH => {
            own[HIGH] = highest;
            own[LOW] = own[CLOSE];
        }
        RECOVERY => own[UNTIL] = time + DAY_US,
        _ => {}
    }
}

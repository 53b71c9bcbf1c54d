//! Whether the price goes one way.

use super::{Bar, NOTHING};

/// Wilder's average directional index, 0 … 100. State: bars seen, high, low and close of the bar before, smoothed movement
/// down and up, smoothed true range, the sum of the first `period` indices, then their average.
#[derive(Clone, Copy, Debug)]
pub struct Adx {
    period: f64,
    weight: f64,
}

impl Adx {
    pub const fn new(period: usize) -> Self {
        Self { period: period as f64, weight: 1.0 / period as f64 }
    }

    pub const fn state_len(&self) -> usize {
        8
    }

    pub fn update(&self, state: &mut [f64], bar: &Bar) -> f64 {
        let [seen, high, low, close, down, up, range, adx] = state else {
            panic!("eight numbers are the state of an ADX")
        };
        let (rise, fall) = (bar.high - *high, *low - bar.low);
        let true_range = bar.true_range(*close);
        (*high, *low, *close) = (bar.high, bar.low, bar.close);
        if *seen <= 2.0 * self.period {
            *seen += 1.0;
        }
        if *seen == 1.0 {
            return f64::NAN;
        }
        // The first period − 1 movements are added up; from then on the past fades.
        if *seen > self.period {
            *down -= *down * self.weight;
            *up -= *up * self.weight;
            *range -= *range * self.weight;
        }
        if fall > 0.0 && rise < fall {
            *down += fall;
        } else if rise > 0.0 && rise > fall {
            *up += rise;
        }
        *range += true_range;
        if *seen <= self.period {
            return f64::NAN;
        }
        // Without movement there is no index: the sum gets nothing, the average stays.
        let index = index(*down, *up, *range);
        if *seen > 2.0 * self.period {
            *adx += (index.unwrap_or(*adx) - *adx) * self.weight;
            return *adx;
        }
        *adx += index.unwrap_or(0.0);
        if *seen < 2.0 * self.period {
            return f64::NAN;
        }
        *adx /= self.period;
        *adx
    }
}

/// The directional index; none when nothing moved.
fn index(down: f64, up: f64, range: f64) -> Option<f64> {
    if range.abs() < NOTHING {
        return None;
    }
    let (minus, plus) = (100.0 * (down / range), 100.0 * (up / range));
    let total = minus + plus;
    if total.abs() < NOTHING { None } else { Some(100.0 * ((minus - plus).abs() / total)) }
}

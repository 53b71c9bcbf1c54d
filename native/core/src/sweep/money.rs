//! Whole 10⁻⁸, exact: what `operators/portfolio/money.ts` gives, in 64 bits, by way of 128 where a product needs them.

/// What turns ticks × lots (inverse: lots / ticks) into 10⁻⁸: a fraction in lowest terms, both below 2⁵³.
#[derive(Clone)]
pub struct Scale {
    pub numerator: i64,
    pub denominator: i64,
    pub inverse: bool,
}

impl Scale {
    /// The value of lots at a price, rounded half away from zero; `None` past 64 bits. Ticks above 0.
    pub fn value(&self, ticks: i64, lots: i64) -> Option<i64> {
        if self.inverse {
            return rounded(wide(lots, self.numerator), wide(ticks, self.denominator));
        }
        // Products of 128 bits take ten times as long, and are hardly ever needed.
        if let Some(product) = ticks.checked_mul(lots).and_then(|count| count.checked_mul(self.numerator)) {
            return Some(quotient(product, self.denominator));
        }
        rounded(wide(ticks, lots).checked_mul(i128::from(self.numerator))?, i128::from(self.denominator))
    }

    /// The same, so that worth at mark − cost is profit, of inverse contracts too.
    pub fn worth(&self, ticks: i64, lots: i64) -> Option<i64> {
        let value = self.value(ticks, lots)?;
        Some(if self.inverse { -value } else { value })
    }
}

/// amount × part / whole, rounded half away from zero. Whole above 0.
pub fn share(amount: i64, part: i64, whole: i64) -> Option<i64> {
    if part == whole {
        return Some(amount);
    }
    match amount.checked_mul(part) {
        Some(product) => Some(quotient(product, whole)),
        None => rounded(wide(amount, part), i128::from(whole)),
    }
}

/// amount × part / whole, rounded towards zero.
pub fn part_of(amount: i64, part: i64, whole: i64) -> i64 {
    if part == whole { amount } else { (wide(amount, part) / i128::from(whole)) as i64 }
}

fn wide(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

/// To the nearest whole number, halves away from zero. The divisor is above 0.
fn quotient(dividend: i64, divisor: i64) -> i64 {
    if divisor == 1 {
        return dividend;
    }
    let (whole, rest) = (dividend / divisor, dividend % divisor);
    let up = rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs();
    if up { whole + dividend.signum() } else { whole }
}

/// The same; `None` from 2⁶³ on.
fn rounded(dividend: i128, divisor: i128) -> Option<i64> {
    let (whole, rest) = (dividend / divisor, dividend % divisor);
    let up = rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs();
    fits(if up { whole + dividend.signum() } else { whole })
}

/// An amount that an account can hold: |amount| < 2⁶³.
fn fits(amount: i128) -> Option<i64> {
    i64::try_from(amount).ok().filter(|amount| *amount != i64::MIN)
}

pub fn add(a: i64, b: i64) -> Option<i64> {
    a.checked_add(b).filter(|sum| *sum != i64::MIN)
}

pub fn subtract(a: i64, b: i64) -> Option<i64> {
    a.checked_sub(b).filter(|rest| *rest != i64::MIN)
}

/// Whole units as a double, as the graph's checks and curves see money.
pub fn units(amount: i64) -> f64 {
    amount as f64 / 1e8
}

/// As JavaScript's `Math.round`: halves go up.
pub fn nearest(value: f64) -> f64 {
    let floor = value.floor();
    if value - floor >= 0.5 { floor + 1.0 } else { floor }
}

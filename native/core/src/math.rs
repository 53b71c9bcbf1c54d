//! Transcendental functions with the same bits on every machine.
//!
//! V8, glibc and the macOS library round `exp`, `ln`, `pow`, `sin` and `cos` differently in the last place, which would
//! change the hash of a run. These are the ports of musl's in the crate `libm`: plain IEEE 754 operations in a fixed
//! order, no fused multiply-add. Within 1 unit in the last place of the true value.

pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// Natural logarithm: NaN below 0, -inf at 0.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Sine of `x` radians.
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine of `x` radians.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// Hyperbolic tangent.
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}

/// Writes `function` of each value into `out`.
///
/// # Panics
/// If the lengths differ: a bug in the caller.
pub fn each(values: &[f64], out: &mut [f64], function: impl Fn(f64) -> f64) {
    assert_eq!(values.len(), out.len(), "as many results as values");
    for (value, result) in values.iter().zip(out) {
        *result = function(*value);
    }
}

/// Whether each value is a whole number of steps, `per_unit` of which are one.
pub fn fits_step(values: &[f64], per_unit: f64) -> bool {
    values.iter().all(|value| {
        let steps = value * per_unit;
        let below = steps.floor();
        // As Math.round: a half goes up.
        let whole = if steps - below >= 0.5 { below + 1.0 } else { below };
        whole / per_unit == *value
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits made once on x86-64; a machine or a version of `libm` that gives others would change the hashes of runs.
    #[test]
    fn the_bits_are_those_of_every_other_machine() {
        let bits =
            [exp(1.0), exp(-0.001), ln(10.0), ln(0.999), pow(1.5, 2.5), pow(10.0, -8.0), sin(1e5), cos(0.5), tanh(0.3)]
                .map(|value| format!("{:016x}", value.to_bits()));
        assert_eq!(
            bits.join(" "),
            "4005bf0a8b14576a 3feff7cfe56f1a9e 40026bb1bbb55516 bf5064670d979b73 40060b9fd68a4554 \
             3e45798ee2308c3a 3fa24daa9c527e96 3fec1528065b7d50 3fd2a4dda7d914f9"
        );
    }

    #[test]
    fn results_stand_within_one_unit_of_the_system_library() {
        let units_apart = |a: f64, b: f64| (a.to_bits() as i64 - b.to_bits() as i64).abs();
        for step in 1..20_000 {
            let x = f64::from(step) * 0.00137;
            assert!(units_apart(exp(x), x.exp()) <= 1, "exp {x}");
            assert!(units_apart(ln(x), x.ln()) <= 1, "ln {x}");
            assert!(units_apart(pow(x, 1.7), x.powf(1.7)) <= 1, "pow {x}");
            assert!(units_apart(sin(x), x.sin()) <= 1, "sin {x}");
            assert!(units_apart(cos(x), x.cos()) <= 1, "cos {x}");
            assert!(units_apart(tanh(x), x.tanh()) <= 2, "tanh {x}");
        }
    }

    #[test]
    fn the_edges_are_those_of_ieee_754() {
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(710.0), f64::INFINITY);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert!(ln(-1.0).is_nan());
        assert_eq!(pow(f64::NAN, 0.0), 1.0);
        assert!(exp(f64::NAN).is_nan());
    }

    #[test]
    fn the_array_form_gives_what_the_scalar_gives() {
        let values = [0.0, -1.5, 3.25, f64::NAN];
        let mut out = [0.0; 4];
        each(&values, &mut out, exp);
        assert_eq!(out.map(f64::to_bits), values.map(exp).map(f64::to_bits));
    }

    #[test]
    #[should_panic(expected = "as many results as values")]
    fn arrays_of_different_lengths_are_a_bug() {
        each(&[1.0], &mut [], exp);
    }

    #[test]
    fn values_that_are_whole_numbers_of_steps_fit() {
        assert!(fits_step(&[61800.2, 0.1, 0.0, 1e15], 10.0));
        assert!(fits_step(&[], 1.0));
        assert!(!fits_step(&[61800.2, 61800.25], 10.0));
        assert!(!fits_step(&[f64::NAN], 10.0));
        // Odd, and too large to add a half to.
        assert!(fits_step(&[4503599627370497.0], 1.0));
    }
}

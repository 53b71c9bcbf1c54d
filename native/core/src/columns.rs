//! What the log asks of a column before it writes it.

/// Whether value i is exactly the first one + i × the first step, and none is −0, which that would not give back.
pub fn is_spaced(mut values: impl Iterator<Item = f64> + Clone) -> bool {
    let all = values.clone();
    let (Some(first), Some(second)) = (values.next(), values.next()) else { return false };
    let step = second - first;
    let mut at = 0.0;
    for value in all {
        if value != first + at * step || (value == 0.0 && value.is_sign_negative()) {
            return false;
        }
        at += 1.0;
    }
    true
}

/// How values follow each other: 2 when each is greater than the one before, 1 when none is less, 0 otherwise.
pub fn rising(values: &[f64]) -> u32 {
    let mut least = 2;
    for pair in values.windows(2) {
        if pair[1] > pair[0] {
            continue;
        }
        if pair[1] == pair[0] {
            least = 1;
        } else {
            return 0;
        }
    }
    least
}

/// Whole numbers, exact in a double, as 64 bits.
pub fn to_i64(values: &[f64], out: &mut [i64]) {
    for (to, value) in out.iter_mut().zip(values) {
        *to = *value as i64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly_spaced_values_are_told_from_others() {
        let spaced = |values: &[f64]| is_spaced(values.iter().copied());
        assert!(spaced(&[5.0, 7.0, 9.0]) && spaced(&[3.0, 2.0, 1.0]) && spaced(&[0.0, 0.0]));
        assert!(!spaced(&[0.0, -0.0]) && !spaced(&[1.0, 2.0, 4.0]) && !spaced(&[f64::NAN, f64::NAN]));
        assert!(!spaced(&[1.0]) && !spaced(&[]));
    }

    #[test]
    fn an_order_is_rising_level_or_neither() {
        assert_eq!(
            [&[1.0, 2.0][..], &[1.0], &[], &[1.0, 1.0, 2.0], &[2.0, 1.0], &[1.0, f64::NAN]].map(rising),
            [2, 2, 2, 1, 0, 0]
        );
    }

    #[test]
    fn whole_numbers_keep_their_value() {
        let mut out = [1; 4];
        to_i64(&[-0.0, -5.0, 9007199254740991.0, -9007199254740991.0], &mut out);
        assert_eq!(out, [0, -5, 9007199254740991, -9007199254740991]);
    }
}
